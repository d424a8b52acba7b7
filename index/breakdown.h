/* The numbers of impact.h by owner, operator, root, kind of leaf or validity, and as shares.
 *
 *	struct breakdown *b = breakdown_compute(im, BY_OWNER);
 *	b->row[i].leaves.lost …                     // rows of owners, operators, kinds, validities add up to im->total
 *	breakdown_free(b); */
#ifndef INDEX_BREAKDOWN_H
#define INDEX_BREAKDOWN_H

#include "base/strbuf.h"
#include "index/impact.h"

enum breakdown_by { BY_OWNER, BY_OPERATOR, BY_ROOT, BY_KIND, BY_VALIDITY, BREAKDOWNS };
extern const char *const breakdown_names[BREAKDOWNS]; /* "owner", "operator", "root", "kind", "validity" */

#define LEAF_KINDS 4 /* of enum leaf_kind */
/* Classes of validity, by notAfter's day less notBefore's day: up to max days, and more than the class before it. A
 * certificate as long as a rule allows is in the class of that rule: 47, 100 and 200 days are the steps of ballot SC-081v3,
 * 398 and 825 the limits before it. */
#define VALIDITY_CLASSES 6
extern const int32_t validity_max[VALIDITY_CLASSES]; /* 47, 100, 200, 398, 825, INT32_MAX */
unsigned validity_class(int32_t nb_day, int32_t na_day);

struct breakdown_row {
	uint32_t ca;             /* of an owner or operator any of its CAs; of a root its CA */
	unsigned class;          /* enum leaf_kind, or of validity_max */
	uint64_t cas;            /* CAs that are summed: of a root those that it accepts before, of a class those with such leaves */
	uint64_t changed, unknown; /* … whose acceptance changes, and those of them without complete coverage */
	/* … of which more leaves may exist than count and figure say: all, those accepted before, those that are kept,
	 * those whose acceptance changes. Not 0 makes `unexpired`, `trusted`, `kept` and `lost` lower bounds only. */
	uint64_t partial, trusted_partial, kept_partial, changed_partial;
	uint64_t incomplete;      /* … that are not counted to the end, whatever figures say: `last_nb_day` is a lower bound then */
	uint64_t trusted_incomplete; /* … and accepted before: `trusted` may be more by any number */
	struct leaf_tally leaves; /* at least so many */
	struct leaf_spans span;   /* with the bounds that figures give; of a class figures say nothing */
	bool dated;
	int32_t last_nb_day;     /* newest notBefore up to the query's day, with `dated` */
};
struct breakdown {
	enum breakdown_by by;
	struct breakdown_row *row; /* by lost, then trusted (most first), then name (text_order); classes ascend, all are there */
	size_t n;
	uint64_t incomplete;       /* CAs that the program accepts before that are not counted to the end */
	uint64_t trusted;          /* leaves that the program trusts before, of all CAs: at least so many, of classes those counted */
};
/* Rows of owners and operators are over all CAs of the graph. A figure of CAs of several rows is an upper bound in each. Rows of roots are those roots that accept a CA of im->row
 * before: a leaf is in the row of each root that accepts it before, so that these rows overlap. */
struct breakdown *breakdown_compute(const struct impact *im, enum breakdown_by by);
void breakdown_free(struct breakdown *b);
/* Whose row a CA is in: its owner or operator. */
const char *breakdown_owner(const struct ca *ca, enum breakdown_by by);

/* Newest notBefore among the leaves of the CA up to the day; false when it has none. */
bool ca_last_issued(const struct graph *g, uint32_t ca, int32_t day, int32_t *ret);

/* Of the changed CAs: who issued nothing in the 398 days up to the query's day. */
#define DORMANT_DAYS 398
struct dormant {
	uint64_t cas;         /* counted, and without a leaf in that time */
	uint64_t never;       /* … of them: without any leaf up to the day */
	uint64_t incomplete;  /* … of cas: not counted to the end, so that a newer leaf may exist */
	uint64_t not_counted; /* of these nothing is known */
};
struct dormant impact_dormant(const struct impact *im);

/* What is lost of some of the leaves that are trusted, or of all that are unexpired. */
enum share_of { SHARE_ROOTS, SHARE_OWNERS, SHARE_PROGRAM, SHARE_INDEX, SHARES };
extern const char *const share_names[SHARES]; /* "marked_roots", "owners", "program", "index" */
struct share {
	bool known;       /* false: no root is marked, no owner known */
	uint64_t lost, of; /* lost among the leaves that `of` counts */
	uint64_t unknown; /* CAs with such leaves that are not counted to the end */
};
/* Of what is known from below, figures included. roots: leaves trusted before through an anchor that a mark hits; owners: trusted leaves of all CAs of the CA owners of
 * what the marks hit; program: all trusted leaves; index: all unexpired ones. */
void impact_shares(const struct impact *im, struct share ret[SHARES]);
/* SHARE_PROGRAM alone, at once. */
struct share impact_program_share(const struct impact *im);
/* "3.1 % of the 192 leaves that mozilla is known to trust beforehand; 2 CAs with such leaves …", or why no share is known;
 * nothing where none is told. */
void share_text(const struct share *of_program, const char *program, struct strbuf *out);
/* May it be told? "0 %" of what is not counted would be believed. */
bool share_is_told(const struct share *s);
/* All that is known is lost, while CAs are not counted: 100 % would be believed, and the share may be any. */
bool share_is_open(const struct share *s);
/* May the row's share of what it, or all, trusts be told, by these rules? Nothing lost is told where nothing can be. */
bool breakdown_share_is_told(const struct breakdown_row *r, uint64_t of, uint64_t incomplete);
/* CAs with an anchor that a mark of the query hits, ascending; free(). */
size_t impact_marked_roots(const struct impact *im, uint32_t **ret);

#endif
