/* The configuration, $XDG_CONFIG_HOME/canopy/config: `key = value` lines, `#`
 * begins a comment line, a later line wins.
 *
 *	contact = ops@example.org
 *	names-limit = 50000
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

#include <stdint.h>
#include "base/err.h"

struct config;

/* A missing file is an empty configuration. Errors are ERR_INPUT and name file and line. */
int config_load(const char *path, struct config **ret, struct err *err);
void config_free(struct config *c);
/* NULL when not set. */
const char *config_contact(const struct config *c);
/* The configured URL of a source, else its default; NULL for an unknown source. */
/* 0: not set. */
uint64_t config_names_limit(const struct config *c);
const char *config_url(const struct config *c, const char *source);
/* The command line's `--url SOURCE=URL` above the file. ERR_USAGE. */
int config_set_url(struct config *c, const char *assignment, struct err *err);

#endif
