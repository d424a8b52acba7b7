/* Inside index/: crt.sh's counters as fetch/crtshfile.h keeps them, a header and one line a CA.
 *
 *	struct crtsh_handler h = { .ctx = x, .row = …, .problem = … };
 *	if (crtsh_recognise(data, n))
 *		r = crtsh_read(data, n, &h, &err); */
#ifndef INDEX_CRTSH_H
#define INDEX_CRTSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define CRTSH_NONE (-1)
struct crtsh_row {
	uint8_t spki_sha256[32];
	const char *name; /* subject Name as crt.sh writes it, UTF-8, not cleaned */
	int64_t id;       /* CRTSH_NONE: crt.sh has no CA with this key, and no number either */
	/* Certificates and precertificates, CA certificates among them; CRTSH_NONE where crt.sh has no number. */
	int64_t issued[2], expired[2];
	int64_t last_not_after, next_not_after; /* times, or CRTSH_NONE */
	int64_t asked_at;
};
struct crtsh_handler {
	void *ctx;
	int (*row)(void *ctx, size_t line, const struct crtsh_row *row); /* < 0 stops */
	void (*problem)(void *ctx, size_t line, const char *what);       /* may be NULL */
};
/* 0; -1 with ERR_INPUT when no line can be read; or -1 when a callback stopped. */
int crtsh_read(const char *data, size_t n, const struct crtsh_handler *h, struct err *err);
bool crtsh_recognise(const char *data, size_t n);

/* The leaves of one CA by days, as crtsh_fetch_days() keeps them: their sum, all of them unexpired on asked_at's day. */
struct crtsh_exact {
	uint8_t spki_sha256[32];
	char *name; /* heap */
	int64_t id, leaves, asked_at;
};
/* All lines must be of one CA: ERR_INPUT with the line. */
int crtsh_days_read(const char *data, size_t n, struct crtsh_exact *ret, struct err *err);
bool crtsh_days_recognise(const char *data, size_t n);

struct db;
/* Makes the figures of all counters anew. After linking, inside the caller's transaction.
 *
 * CA certificates that the CA issued are taken out, those that CCADB discloses from the upper bound, for crt.sh has them,
 * and all that are known from the lower one. A leaf is in one of the two counters at least and in both at most, so that
 * there are max(certificates, precertificates) or more, and as many as both together at most. Where crt.sh has not yet
 * counted what expired, the figure is of the day up to which it did, and only about right. A CA that the index has
 * under no such name is told as a problem. */
int crtsh_derive(struct db *db, struct err *err);

/* A DER subject Name as crt.sh writes it: heap, or NULL when it is no Name. */
char *crtsh_name(const uint8_t *der, size_t n);

#endif
