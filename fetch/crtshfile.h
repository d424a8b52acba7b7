/* crt.sh's counters as a document of the cache, CACHE/crtsh/counters.csv: one line a CA of crt.sh that has one of the
 * keys asked for, and for a key that crt.sh does not know a line with the key alone.
 *
 *	spki_sha256,name,crtsh_id,certs_issued,certs_expired,precerts_issued,precerts_expired,last_not_after,next_not_after,asked_at
 *
 * `name` is the subject Name as crt.sh writes it, its UTF-8 in hex; numbers that crt.sh does not have are empty, times are
 * Unix seconds. The document replaces the older one when all keys are asked for; what an interrupted run was told is taken
 * by the next one, if that comes within a day.
 *
 *	struct crtsh_request rq = { .conninfo = config_url(c, "crtsh"), .cache = cache, .key = keys, .n = n };
 *	struct crtsh_result r;
 *	if (crtsh_fetch(&rq, &r, err) < 0)
 *		return -1;
 *	import r.path
 *	free(r.path) */
#ifndef FETCH_CRTSHFILE_H
#define FETCH_CRTSHFILE_H

#include "fetch/crtsh.h"

#define CRTSH_DOCUMENT "crtsh/counters.csv"
#define CRTSH_COLUMNS                                                                                                  \
	"spki_sha256,name,crtsh_id,certs_issued,certs_expired,precerts_issued,precerts_expired,last_not_after,"        \
	"next_not_after,asked_at"

struct crtsh_request {
	const char *conninfo, *cache;
	const uint8_t (*key)[32]; /* SHA-256 of SubjectPublicKeyInfo, each once */
	size_t n;
	int64_t min_interval; /* seconds during which nobody is asked again */
	bool force, offline;
	const struct crtsh_limits *limits; /* NULL = defaults */
	const struct crtsh_hooks *hooks;   /* NULL = none */
	void (*progress)(void *ctx, uint64_t done, uint64_t total); /* keys */
	void *ctx;
};
struct crtsh_result {
	char *path;   /* of the document; heap, NULL where there is none */
	bool asked;   /* the server was */
	size_t taken; /* keys that an interrupted run had asked for */
	size_t cas;   /* lines with a CA, of what was asked now */
};
/* -1 where the document is what it was; *ret is filled in both cases. */
int crtsh_fetch(const struct crtsh_request *rq, struct crtsh_result *ret, struct err *err);

/* Leaves by days of validity, of each CA of crt.sh with one of these keys, into CACHE/crtsh/days-ID.csv: one line a pair of
 * days (since 1970), each serial number once, expired ones left out; a line without days where there is none.
 *
 *	spki_sha256,name,crtsh_id,nb_day,na_day,leaves,asked_at
 *
 * crt.sh reads every certificate of the CA for it: minutes for large ones. `document` gets each path; -1 at the first
 * failure, documents before it stay. */
#define CRTSH_DAYS_COLUMNS "spki_sha256,name,crtsh_id,nb_day,na_day,leaves,asked_at"
int crtsh_fetch_days(const struct crtsh_request *rq, int (*document)(void *ctx, const char *path, struct err *err), void *ctx,
                     struct err *err);

#endif
