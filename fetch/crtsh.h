/* crt.sh's PostgreSQL database: how many certificates each CA has there. The only user of libpq; where the program was
 * built without it (meson option `crtsh`), crtsh_open() says so.
 *
 * Manners of a guest: one connection, read-only, short statements one after another, each a transaction of its own with a
 * timeout (a pooler stands in front, so nothing is set for the session). A replica cancels statements that are in its
 * way, and poolers close connections: such a batch is asked again, later and smaller.
 *
 *	struct crtsh *c;
 *	if (crtsh_open("host=crt.sh user=guest dbname=certwatch", NULL, NULL, &c, err) < 0)
 *		return -1;
 *	int rc = crtsh_counters(c, keys, n, on_counter, &job, err);
 *	crtsh_close(c);
 *
 * All errors are ERR_NETWORK, but for a URL that is no connection string (ERR_USAGE). */
#ifndef FETCH_CRTSH_H
#define FETCH_CRTSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

struct crtsh;

struct crtsh_limits {
	uint32_t connect_ms;
	uint32_t statement_ms; /* of a batch of counters, told to the server */
	uint32_t days_ms;      /* of crtsh_days(), which reads every certificate of a CA */
	uint32_t retries;      /* further attempts after a failure that may pass */
	uint32_t backoff_ms;   /* before the first, doubled each time */
	uint32_t backoff_max_ms;
	uint32_t batch;        /* keys a statement */
};
extern const struct crtsh_limits crtsh_limits_default;

struct crtsh_hooks {
	bool (*cancelled)(void *ctx);
	void (*wait)(void *ctx, uint64_t ms); /* instead of sleeping */
	void *ctx;
};

#define CRTSH_UNKNOWN (-1)
enum { CRTSH_CERTS, CRTSH_PRECERTS, CRTSH_FORMS };
/* A row of its table `ca`. Counts include CA certificates, and each leaf of which both forms are known is in both. */
struct crtsh_counter {
	int64_t id;
	const char *spki_sha256;      /* 64 lower-case hex digits */
	const char *name;             /* subject Name as crt.sh writes it, UTF-8 in lower-case hex */
	int64_t issued[CRTSH_FORMS];  /* CRTSH_UNKNOWN where crt.sh has no number */
	int64_t expired[CRTSH_FORMS]; /* as a worker of crt.sh counted them up to last_not_after */
	int64_t last_not_after;       /* times; CRTSH_UNKNOWN */
	int64_t next_not_after;       /* when the next certificate expires; past: `expired` lags behind */
};

/* hooks and limits may be NULL. */
int crtsh_open(const char *conninfo, const struct crtsh_limits *limits, const struct crtsh_hooks *hooks, struct crtsh **ret,
               struct err *err);
void crtsh_close(struct crtsh *c);
/* The CAs with these keys, batch by batch. `batch` is called when all rows of keys [from, to) were given; each may stop
 * with < 0. Keys that
 * crt.sh does not know give no row; the rows of a batch ascend by key, then id. */
struct crtsh_taker {
	int (*counter)(void *ctx, const struct crtsh_counter *row, struct err *err);
	int (*batch)(void *ctx, size_t from, size_t to, struct err *err);
	void *ctx;
};
int crtsh_counters(struct crtsh *c, const uint8_t (*spki_sha256)[32], size_t n, const struct crtsh_taker *to, struct err *err);
/* Leaves of one CA of crt.sh by days of validity, each serial number once, those that expire after `day`. */
int crtsh_days(struct crtsh *c, int64_t id, int32_t day,
               int (*fn)(void *ctx, int32_t nb_day, int32_t na_day, int64_t n, struct err *err), void *ctx, struct err *err);

#endif
