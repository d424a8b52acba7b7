/* Root programs and their stores. A program's standing rules are rows
 * (anchor certificate, purpose, box): several rows of one anchor and purpose
 * are alternatives, as Chrome's constraint sets are. */
#ifndef INDEX_PROGRAM_H
#define INDEX_PROGRAM_H

#include "base/date.h"
#include "index/graph.h"

/* Leaves with nb_lo <= notBefore <= nb_hi and sct_lo <= earliest SCT <= sct_hi. A
 * leaf without SCT is only inside when both SCT limits are open. */
struct box {
	int64_t nb_lo, nb_hi, sct_lo, sct_hi;
};
#define BOX_ALL ((struct box){ INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX })
bool box_empty(const struct box *b);
bool box_is_all(const struct box *b);
struct box box_and(const struct box *a, const struct box *b);
bool box_inside(const struct box *inner, const struct box *outer); /* an empty box is inside any */
bool box_has(const struct box *b, int64_t nb, int64_t sct);
/* Is every leaf of `inner` in at least one of the n boxes? */
bool box_covered(const struct box *inner, const struct box *boxes, size_t n);

/* What is the same for every day and store of a program. */
struct program {
	const char *name;     /* "mozilla", …; NULL in the last row, which stands for stores of one's own */
	bool any_eku;         /* anyExtendedKeyUsage allows a purpose */
	bool ocsp_leaf_refused; /* leaves with OCSPSigning are refused */
	bool judge_anchor;    /* the anchor's own certificate is judged by the rules of a CA certificate */
	uint8_t enforced[PURPOSE_COUNT]; /* bits 1 << enum revocation_source that its clients enforce */
	bool revocation_modelled;
	const char *usual_action; /* what Space in the browser means on an anchor: "remove" or "block" */
};
const struct program *program_find(const char *name); /* never NULL */

struct anchor_rule {
	uint32_t cert;
	uint8_t purpose;        /* enum purpose */
	struct box box;         /* standing date rules, BOX_ALL without */
	bool judge_validity;    /* where the program does not judge anchors by itself (Chrome's enforce_…) */
	bool judge_constraints;
	bool unevaluated;       /* a rule that canopy does not evaluate stands on it */
};
struct distrust_rule { /* CKT_NSS_NOT_TRUSTED */
	uint32_t cert;
	uint8_t purpose;
};
struct gone_anchor {
	uint32_t cert;
	uint8_t purpose;
};
struct store {
	const char *program;
	int32_t day; /* date of the snapshot */
	int64_t version; /* of the store's own counting, 0 without */
	struct anchor_rule *rule; /* ascending by cert */
	size_t n_rules;
	struct distrust_rule *distrust; /* ascending by cert */
	size_t n_distrusts;
	/* Where the store before it has so much more that this one may not be whole: certificates in both, known or not, of whatever
	 * version, and those that are gone; else 0. */
	uint64_t anchors, before;
	struct gone_anchor *gone;
	size_t n_gone;
};
#define STORE_DAY_BUF (DATE_BUF + 32)
/* "2026-11-29 (version 36)": two of one day are told apart by that alone. */
const char *store_day(char buf[STORE_DAY_BUF], const struct store *s);
/* Any rule of cert for purpose? The first one, or NULL. */
const struct anchor_rule *store_anchor(const struct store *s, uint32_t cert, enum purpose purpose);
bool store_distrusts(const struct store *s, uint32_t cert, enum purpose purpose);

/* Does the EKU of a CA certificate / of a leaf allow the purpose in the program? */
bool eku_allows_ca(const struct program *p, uint8_t eku, enum purpose purpose);
bool eku_allows_leaf(const struct program *p, uint8_t eku, enum purpose purpose);

#endif
