/* What stops validating under a scenario: trust before and after, counted.
 *
 *	struct impact *im = impact_compute(&q);
 *	im->total.lost …
 *	impact_free(im); */
#ifndef INDEX_IMPACT_H
#define INDEX_IMPACT_H

#include "index/decay.h"
#include "index/figures.h"
#include "index/trust.h"

#define DECAY_STEPS 10
extern const int decay_days[DECAY_STEPS]; /* 0, 30, 47, 60, 90, 100, 180, 200, 365, 398 */

/* A tally with the bounds that figures give (figures.h). Where no figure counts low is high is the tally. Purposes of a
 * figure's leaves are not known: they are taken as fit where the CA's certificates allow the purpose. */
struct leaf_spans {
	struct span unexpired, trusted, lost, kept;
};

struct impact_row { /* one CA whose acceptance changed or that is kept by another path */
	uint32_t ca;
	struct leaf_tally leaves; /* at least so many */
	struct leaf_spans span;   /* with a figure of this CA alone; what a figure of several says is in total only */
	struct leaf_spans alone;  /* for people: at most all of such a figure. Rows of it do not add up */
	bool unbounded;           /* more leaves may exist than `alone` says */
	bool shared;              /* a figure of several CAs is in `alone` */
	enum acceptance before, after;
	bool changed, exact, unevaluated;
};
/* What is lost from a day on, up to the next one's day. */
struct lost_day {
	int32_t day;
	struct span lost; /* on a later day than the query's a figure may have expired, or not: at least nothing of it */
	bool least;       /* a CA that is not counted to the end accepts less than before */
	bool unbounded;   /* … and more may be lost than `lost` says */
	bool figured;     /* a figure is in it */
};
struct impact {
	struct trust *trust;          /* at the query's day */
	struct impact_row *row;       /* by lost, its upper bound, trusted (most first), then ca_id */
	size_t n_rows;
	struct leaf_tally total;      /* over all CAs of the graph: at least so many */
	struct leaf_spans span;       /* the same with upper bounds */
	uint64_t figures;             /* that touch a row: in lost or kept or perhaps so */
	uint64_t figure_cas;          /* changed CAs that nothing but figures counts */
	uint64_t unbounded_cas;       /* changed CAs of which more leaves may exist than count and figure say */
	uint64_t open_cas;            /* changed CAs that nothing bounds from above, by count or by figure */
	uint64_t unknown_cas;         /* changed CAs whose coverage is not complete */
	uint64_t changed_cas;
	uint64_t decay[DECAY_STEPS];  /* lost on that day among the leaves issued by the query's day: at least so many */
	struct span decay_span[DECAY_STEPS]; /* a figure may have expired by then, or not: at least nothing of it */
	bool decay_unbounded[DECAY_STEPS]; /* … and more, of CAs of which nothing bounds the leaves that are not counted */
	struct decay by_day;          /* lost on every day, at least so many */
	struct lost_day *day;         /* the same with figures, where anything of it changes or a stage begins; the first is the query's day */
	size_t n_days;
	bool has_decay;               /* these are known */
};
struct impact *impact_compute(const struct trust_query *q, bool with_decay);
void impact_free(struct impact *im);
/* What is lost on a day not before the query's; has_decay. */
const struct lost_day *impact_on(const struct impact *im, int32_t day);
/* The same over some CAs; in: by CA. */
struct leaf_spans impact_sum(const struct impact *im, const bool *in);
/* The same piece by piece, into sums that begin empty, and become `known` by what is counted or told: a CA with its tally,
 * then each figure once. within: what the sum takes in of a CA; of unexpired leaves all unless TAKEN_NONE. */
void leaf_spans_add_ca(const struct trust *t, uint32_t ca, const struct leaf_tally *tally, struct leaf_spans *sum);
void leaf_spans_add_figure(const struct trust *t, const struct beyond *beyond, uint32_t f,
                           enum taken (*within)(void *ctx, uint32_t ca), void *ctx, struct leaf_spans *sum);
void leaf_spans_lows(const struct leaf_spans *s, struct leaf_tally *to);

/* ---- what hangs on one CA alone ---- */

/* What would be lost if exactly that went; marks of the query are ignored, its `assume` and `exempt` are not. */
struct only_here {
	uint64_t lost;        /* leaves trusted on the query's day that no other path accepts: at least so many */
	struct span span;     /* the same with the bounds that figures give; not known: no CA of it is counted, nor told of */
	uint64_t cas;         /* CAs whose accepted leaves become fewer */
	uint64_t unknown_cas; /* … of them without complete coverage */
	uint64_t unbounded_cas; /* … of them of which more leaves may exist than count and figure say */
	uint64_t counted;     /* … of them counted at all */
};
/* ret[ca], of graph->ca.n elements: every certificate of that CA is rejected. As impact_compute() with `revoke` on it.
 * beyond, here and below: figures_beyond() of the query's day. */
void impact_only_here(const struct trust_query *q, struct only_here *ret);
/* One CA of it; t: of the same query, with whatever marks. */
struct only_here impact_only_here_of(const struct trust_query *q, const struct trust *t, const struct beyond *beyond, uint32_t ca);
struct only_here impact_lost_with(const struct trust_query *q, const struct beyond *beyond, const struct mark *marks, size_t n);
/* `remove` on every certificate of the CA, so on its anchors: what other paths carry lives on. */
struct only_here impact_root_here(const struct trust_query *q, const struct beyond *beyond, uint32_t ca);
/* The marks of it; heap. */
size_t impact_mark_root(const struct graph *g, uint32_t ca, struct mark **ret);
/* `revoke` on every certificate of these CAs; heap. */
size_t impact_mark_cas(const struct graph *g, const uint32_t *cas, size_t n, struct mark **ret);

/* own[ca] = leaves of ca unexpired on the day that the store accepts (before);
 * with t NULL all unexpired ones. own has graph->ca.n elements. */
void tally_own(const struct graph *g, const struct trust *t, int32_t day, uint64_t *own);
/* By certificate: cert_usable_on(); heap. */
bool *certs_usable_on(const struct graph *g, int32_t day);
/* subtree[ca] = sum of own over ca and all CAs below it through certificates usable on
 * the day (edge verified, valid on the day, not revoked by CRL, CCADB or OneCRL), each CA once. */
void tally_subtree(const struct graph *g, int32_t day, const uint64_t *own, uint64_t *subtree);
/* n such sums, at most TALLIES_MAX, in one walk, through the certificates (by number) that are usable: certs_usable_on(),
 * or what somebody else has for usable. */
#define TALLIES_MAX 4
void tally_subtrees(const struct graph *g, const bool *usable, size_t n, const uint64_t *const *own, uint64_t *const *subtree);
/* The same with figures: span[ca] over ca and all below it. part says what the sum takes in of each CA. */
void tally_subtree_spans(const struct graph *g, const bool *usable, const uint64_t *own, const struct beyond *beyond,
                         enum taken (*part)(void *ctx, uint32_t ca), void *ctx, struct span *span);
/* For `part`: all of every CA; with a struct trust as ctx, what it accepts before, what it no longer accepts, and what it
 * keeps. */
enum taken part_all(void *ctx, uint32_t ca);
enum taken part_trusted(void *ctx, uint32_t ca);
enum taken part_lost(void *ctx, uint32_t ca);
enum taken part_kept(void *ctx, uint32_t ca);
/* One CA and all below it: all unexpired leaves, and how many were issued, as far as told of any. */
struct subtree {
	struct span unexpired;
	uint64_t issued;
	uint64_t cas; /* itself too */
	bool told;
	bool unbounded, partial; /* more unexpired ones may exist; some CA is not counted completely */
};
struct subtree tally_one_subtree(const struct graph *g, int32_t day, const struct beyond *beyond, uint32_t ca);
/* The CAs of several such subtrees together, each once; usable is borrowed:
 *
 *	struct descent *d = descent_new(g, usable);
 *	descent_each(d, roots, n, each, ctx);
 *	descent_free(d); */
struct descent;
struct descent *descent_new(const struct graph *g, const bool *usable);
void descent_each(struct descent *d, const uint32_t *roots, size_t n, void (*each)(void *ctx, uint32_t ca), void *ctx);
void descent_free(struct descent *d);
/* May more leaves be kept than the total says? Of a CA that loses all none is kept, counted or not. */
bool impact_kept_unbounded(const struct impact *im, const struct graph *g);
/* May the certificate be walked down on the day by the rule above? */
bool cert_usable_on(const struct graph *g, uint32_t cert, int32_t day);

#endif
