/* root_store.textproto, the source of the Chrome Root Store. The certificates
 * themselves stand beside it, in root_store.certs (PEM, index/pem.h). Constraint
 * sets of one anchor are alternatives; inside one set everything must hold:
 *
 *	field                          holds when
 *	sct_not_after_sec              earliest SCT <= it           sct_hi = it
 *	sct_all_after_sec              earliest SCT > it            sct_lo = it + 1
 *	validity_starts_not_after_sec  notBefore <= it              nb_hi = it
 *	validity_starts_after_sec      notBefore > it               nb_lo = it + 1
 *	min_version                    browser >= it
 *	max_version_exclusive          browser < it
 *	permitted_dns_names            shown, not judged
 *	index_after, index_not_after, and what is unknown: not evaluated
 *
 * to the second, as in box of index/program.h: a leaf without SCT fails both SCT
 * rules. A set with a field that is not evaluated is taken as met. A syntax error
 * costs the anchor it stands in and is told with its line; the others go on.
 *
 *	struct chromestore_handler h = { .ctx = x, .version = …, .anchor = …, .problem = … };
 *	if (chromestore_recognise(data, n))
 *		r = chromestore_read(data, n, &h, &err);
 *	…
 *	if (chromestore_is_tls_anchor(a))
 *		n = chromestore_boxes(a, 140, box, &unevaluated); */
#ifndef INDEX_CHROMESTORE_H
#define INDEX_CHROMESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/strbuf.h"
#include "index/program.h"

struct chromestore_limit {
	bool set;
	int64_t sec;
};
/* Texts are cleaned; NULL without. */
struct chromestore_set {
	struct chromestore_limit sct_not_after, sct_all_after, starts_not_after, starts_after;
	const char *min_version, *max_version; /* "139", "125.0.6368.2" */
	const char *dns_names;                 /* "a.example, b.example" */
	const char *unevaluated;               /* names of the fields that are not evaluated: "index_after, new_rule" */
	size_t line;
};
/* Borrowed for the call. */
struct chromestore_anchor {
	bool additional; /* from additional_certs */
	uint8_t sha256[32];
	bool eutl, tls_trust_anchor, enforce_anchor_expiry, enforce_anchor_constraints;
	const struct chromestore_set *sets;
	size_t n_sets;
	const char *name;        /* display_name */
	const char *ev_policies; /* "2.23.140.1.1, 1.2.3" */
	const char *unevaluated; /* as in a set, of the anchor's own fields */
	size_t line;
};
struct chromestore_handler {
	void *ctx;
	void (*version)(void *ctx, int64_t version_major);                 /* may be NULL */
	int (*anchor)(void *ctx, const struct chromestore_anchor *anchor); /* < 0 stops */
	void (*problem)(void *ctx, size_t line, const char *what);         /* may be NULL */
};
/* 0; -1 with ERR_INPUT when there is no anchor in it; or -1 when a callback stopped. */
int chromestore_read(const char *data, size_t n, const struct chromestore_handler *h, struct err *err);
bool chromestore_recognise(const char *data, size_t n);

/* The same as text, appended: the element of trust_anchors or additional_certs with what *a tells. What is only named in
 * `unevaluated` stands as a comment. */
void chromestore_write_anchor(struct strbuf *out, const struct chromestore_anchor *a);

/* A TLS anchor: all trust_anchors, and those of additional_certs that say so. eutl alone makes none. */
bool chromestore_is_tls_anchor(const struct chromestore_anchor *a);
/* Is the set for Chrome `major`? What is asked about is the newest release of that major version, so that only the
 * first component decides. A version that cannot be read is no limit (and stands in `unevaluated`). */
bool chromestore_applies(const struct chromestore_set *s, uint32_t major);
/* The same of versions that were kept as text; NULL is no limit. */
bool chromestore_versions_apply(const char *min_version, const char *max_version, uint32_t major);
/* What the set says about dates; BOX_ALL when it has a field that is not evaluated. */
struct box chromestore_box(const struct chromestore_set *s);
/* The alternatives for Chrome `major` into ret, which has room for max(n_sets, 1). 1 and BOX_ALL for an anchor without
 * sets; 0 when it has some and none is for that version: then the anchor accepts no leaf. *unevaluated (may be NULL):
 * a field of the anchor or of one of those sets is not evaluated. */
size_t chromestore_boxes(const struct chromestore_anchor *a, uint32_t major, struct box *ret, bool *unevaluated);

#endif
