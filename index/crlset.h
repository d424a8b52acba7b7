/* Chrome's CRLSet: the raw file (header JSON, then keys and serial numbers),
 * or the CRX3 or zip that it travels in. The CRX's own signature is not
 * verified. Everything is given in the order of the file.
 *
 *	struct crlset_handler h = { .ctx = x, .header = …, .key = …, .parent = …, .serial = … };
 *	if (crlset_recognise(data, n))
 *		r = crlset_read(data, n, &h, &err); */
#ifndef INDEX_CRLSET_H
#define INDEX_CRLSET_H

#include "base/err.h"
#include "index/x509.h"

/* What unpacking may give at most. */
#define CRLSET_MAX ((size_t)64 << 20)

enum crlset_list {
	CRLSET_BLOCKED,              /* BlockedSPKIs: the key is rejected wherever it stands in a path */
	CRLSET_KNOWN_INTERCEPTION,   /* KnownInterceptionSPKIs: told to the user, not rejected */
	CRLSET_BLOCKED_INTERCEPTION, /* BlockedInterceptionSPKIs: rejected */
	CRLSET_LISTS,
};
extern const char *const crlset_list_names[CRLSET_LISTS]; /* as in the file */

struct crlset_header {
	int64_t sequence;
	int64_t parents;   /* as the header says */
	int64_t not_after; /* seconds: the set expires; 0 without */
	int64_t limited;   /* LimitedSubjects: subjects that only certain keys may use; counted, not given */
};
struct crlset_handler {
	void *ctx;
	int (*header)(void *ctx, const struct crlset_header *header);                /* < 0 stops */
	int (*key)(void *ctx, enum crlset_list list, const uint8_t spki_sha256[32]); /* < 0 stops */
	int (*parent)(void *ctx, const uint8_t spki_sha256[32], uint32_t serials);   /* < 0 stops */
	/* Content octets of the serial number, as a certificate states it: the file has no sign octet, here it is. */
	int (*serial)(void *ctx, const uint8_t parent_spki_sha256[32], struct slice serial); /* < 0 stops */
	void (*problem)(void *ctx, const char *what);
}; /* each may be NULL */
/* 0; -1 with ERR_INPUT, also when the body is cut off (what was whole has been given); or -1 when a callback stopped.
 */
int crlset_read(const uint8_t *data, size_t n, const struct crlset_handler *h, struct err *err);
bool crlset_recognise(const uint8_t *data, size_t n);

#endif
