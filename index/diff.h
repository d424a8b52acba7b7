/* What changed between two indexes, or between two snapshots of a program's store. CAs are matched by ca_id,
 * certificates by SHA-256, documents by kind and part. Both sides are judged on one day; what one side does
 * not know is NULL there. Comparing the other way round gives the same rows with new and gone, before and
 * after exchanged.
 *
 *	struct diff d;
 *	if (index_diff(before, after, day, &d, &err) < 0) …
 *	d.v[0].kind …
 *	diff_release(&d); */
#ifndef INDEX_DIFF_H
#define INDEX_DIFF_H

#include "index/index.h"

enum diff_kind {
	DIFF_SOURCE_CHANGED,
	DIFF_CA_NEW,
	DIFF_CA_GONE,
	DIFF_CERTIFICATE_NEW,
	DIFF_CERTIFICATE_GONE,
	DIFF_OWNER_CHANGED,
	DIFF_STORE_CHANGED,
	DIFF_ANCHOR_NEW,
	DIFF_ANCHOR_GONE,
	DIFF_RULE_CHANGED,
	DIFF_DISTRUST_NEW,
	DIFF_DISTRUST_GONE,
	DIFF_REVOCATION_NEW,
	DIFF_REVOCATION_GONE,
	DIFF_TRUST_CHANGED,
	DIFF_COUNT_CHANGED,
	DIFF_KINDS
};
/* By enum diff_kind; ends with a NULL name. */
struct diff_kind_info {
	const char *name;
	const char *help; /* one line, lower case */
};
extern const struct diff_kind_info diff_kinds[DIFF_KINDS + 1];

/* Hashes are 32 bytes; NULL is what the change is not about, or what is not known. */
struct change {
	enum diff_kind kind;
	const uint8_t *ca_id, *cert_sha256;
	const char *name, *program, *purpose;
	const char *what; /* which part of it: documented with the command */
	const char *before, *after;
};
struct diff {
	struct change *v; /* by kind, program, name, ca_id, certificate, purpose, what */
	size_t n;
	struct arena arena; /* owns what the changes point to */
};

/* Both indexes stay open and unchanged; *ret is released also on failure. */
int index_diff(struct index *before, struct index *after, int32_t day, struct diff *ret, struct err *err);
/* The snapshots of one program that index_store() has for the two days: kinds store-changed, anchor-…, rule-changed
 * and distrust-…. ERR_USAGE when the program has no store. */
int index_diff_stores(
	struct index *ix, const char *program, int32_t before, int32_t after, struct diff *ret, struct err *err);
void diff_release(struct diff *d);

#endif
