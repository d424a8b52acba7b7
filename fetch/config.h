/* The configuration, $XDG_CONFIG_HOME/canopy/config: `key = value` lines, `#`
 * begins a comment line, a later line wins.
 *
 *	contact = ops@example.org
 *	names-limit = 50000
 *	timeout = 60
 *	retries = 2
 *	hosts = 8
 *	log-window = 8
 *	log-rate.ct.example.org = 2.5
 *	url.ccadb = file:///srv/ccadb/
 *
 *	struct config *c;
 *	if (config_load(path, &c, err) < 0)
 *		return -1;
 *	if (config_set_url(c, "mozilla=file:///tmp/certdata.txt", err) < 0)
 *		return -1;
 *	fetch from config_url(c, "mozilla") */
#ifndef FETCH_CONFIG_H
#define FETCH_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct config;

/* A missing file is an empty configuration. Errors are ERR_INPUT and name file and line. */
int config_load(const char *path, struct config **ret, struct err *err);
void config_free(struct config *c);
/* NULL when not set. */
const char *config_contact(const struct config *c);
struct http_limits;
/* How patient fetching is: `timeout` (seconds without data, or until a connection stands), `retries`; and `hosts`, that are asked at once. NULL
 * when none is set. */
const struct http_limits *config_limits(const struct config *c);
/* 0: not set. */
uint64_t config_names_limit(const struct config *c);
/* How a log may be asked: `log-window` and `log-rate` are for all logs, `log-window.TEXT` and `log-rate.TEXT` for those
 * with TEXT in their name or URL, whatever its case. The last line that fits a log wins, and one with a TEXT always wins
 * over one without. 0: not set. */
struct config_log {
	unsigned window;   /* requests under way at once */
	double per_second; /* requests a second at most */
};
struct config_log config_log(const struct config *c, const char *name, const char *url);
/* How crt.sh's database is asked: `crtsh-batch` keys a statement, `crtsh-timeout` seconds for it. 0: not set. */
struct config_crtsh {
	uint64_t batch, seconds;
};
struct config_crtsh config_crtsh(const struct config *c);
/* The configured URL of a source, else its default; NULL for an unknown source. */
const char *config_url(const struct config *c, const char *source);
/* Is it fetched when no source is named? `enabled.SOURCE = yes|no`, else as the table of sources says. */
struct source;
bool config_enabled(const struct config *c, const struct source *s);
/* The command line's `--url SOURCE=URL` above the file. ERR_USAGE. */
int config_set_url(struct config *c, const char *assignment, struct err *err);

#endif
