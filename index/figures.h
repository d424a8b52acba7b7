/* Figures in sums. What the index holds of a CA is counted leaf by leaf; a figure is what others counted, of one CA or
 * of several together, as bounds. A figure never lowers a count: of its leaves those that the index holds are counted
 * exactly, and only what the figure has beyond them is a bound. It is in a sum once: whole where the sum takes in all
 * leaves of all its CAs, else as at least nothing and at most all of it.
 *
 *	figures_choose(&g, day);
 *	struct beyond *beyond = figures_beyond(&g, day);
 *	struct span sum = { .known = true };
 *	for each CA:     span_add_ca(&g, ca, TAKEN_ALL, own[ca], &sum);
 *	for each figure: span_add_figure(&g, beyond, f, figure_part(&g, f, part), &sum);
 *	free(beyond); */
#ifndef INDEX_FIGURES_H
#define INDEX_FIGURES_H

#include "base/strbuf.h"
#include "index/graph.h"

/* A figure stands for days up to so many before and after its own. Of other days it says nothing: who counted saw neither
 * when the leaves end nor what was issued later. A leaf of TLS lives 398 days at most, so that beyond them none of those
 * counted is left. The view figure_today has the same number. */
#define FIGURE_DAYS 398

/* How many leaves of a CA a sum takes in. */
enum taken { TAKEN_NONE, TAKEN_SOME, TAKEN_ALL };

struct span {
	uint64_t low, high; /* high: without what nothing bounds from above */
	uint64_t open;      /* how much of it nothing bounds from above: CAs that nobody counts, figures without upper bound */
	bool known;         /* low is; else nothing is known from below */
	bool about;         /* a figure in it is rounded */
	bool about_low;     /* … and not in its upper bound alone */
};
/* Nothing bounds it from above where this is false. */
static inline bool span_bounded(const struct span *s)
{
	return s->open == 0;
}

/* Which figures count on a day, into graph.figure and ca.figure: those that stand for it, are the best for each of their
 * CAs, and of which some CA is not counted completely. The better of two is the newest not later than the day, else the
 * oldest; of one day that of fewer CAs, of two from crt.sh one without a gap between its bounds, then that of an
 * imported file before crt.sh's, the last file by name, of crt.sh's the one asked last, and the last line. After graph_finish. */
void figures_choose(struct graph *g, int32_t day);
bool figure_stands(const struct figure *f, int32_t day);
/* The figure of a CA that does not count because its day is too far from the one asked for, where that leaves something
 * unknown; NULL without. Which it is, in words that go on after its day: "too old for 2025-01-01". */
const struct figure *ca_stale_figure(const struct graph *g, uint32_t ca);
void figure_why_stale(const struct figure *f, int32_t day, struct strbuf *out);

/* Unexpired leaves of a figure beyond those that the index holds. */
struct beyond {
	uint64_t low, high;
	bool bounded; /* high is known */
};
/* One element a figure, heap; held leaves are those unexpired on the day. */
struct beyond *figures_beyond(const struct graph *g, int32_t day);
/* Leaves of a CA that the index holds and that are unexpired on the day. */
uint64_t held_on(const struct graph *g, uint32_t ca, int32_t day);

/* Adds what the index holds: n leaves of ca, of which the sum takes in that part. */
void span_add_ca(const struct graph *g, uint32_t ca, enum taken part, uint64_t n, struct span *to);
/* Adds what figure f has beyond; the sum becomes known where that is a lower bound. */
void span_add_figure(const struct graph *g, const struct beyond *beyond, uint32_t f, enum taken part, struct span *to);
/* What a sum takes in of a figure, from what it takes in of each CA. */
enum taken figure_part(const struct graph *g, uint32_t f, enum taken (*part)(void *ctx, uint32_t ca), void *ctx);

/* A sum over CAs that come one by one, each once: every figure that they have is in it once.
 *
 *	struct figure_sum s = figure_sum_begin(g);
 *	for each CA: figure_sum_add(&s, ca, TAKEN_SOME, n);
 *	sum = figure_sum_end(&s, beyond);               // s is empty again
 *	figure_sum_release(&s); */
struct figure_sum {
	const struct graph *g;
	struct span span; /* `known` by what is counted of the CAs */
	struct figure_met {
		uint32_t all, some;
	} * met;              /* by figure: how many of its CAs are in the sum, whole and in part */
	VEC(uint32_t) figure; /* those met */
};
struct figure_sum figure_sum_begin(const struct graph *g);
/* Of the CA the sum takes in that part, and n of the leaves that the index holds. */
void figure_sum_add(struct figure_sum *s, uint32_t ca, enum taken part, uint64_t n);
struct span figure_sum_end(struct figure_sum *s, const struct beyond *beyond);
void figure_sum_release(struct figure_sum *s);

/* What a figure says of the unexpired leaves of all its CAs. */
struct span figure_span(const struct figure *f);

/* Figures in use that are not of the day: leaves may have ended since, others been issued. All are in the total of what is
 * unexpired, whatever is asked; *first, *last: their days, meaningful where there are some. */
size_t figures_of_other_days(const struct graph *g, int32_t day, int32_t *first, int32_t *last);
/* The figure of this CA alone that counts, NULL without. */
const struct figure *ca_own_figure(const struct graph *g, uint32_t ca);
/* Its own numbers are known: the index holds leaves of it, or a figure is of it alone. */
bool ca_has_numbers(const struct graph *g, uint32_t ca);
/* As `coverage` says it. */
enum coverage ca_coverage(const struct graph *g, uint32_t ca);
/* More leaves of it may exist than count and figure say: in a sum, and (ca_alone) where only its own numbers are shown,
 * which a figure of several CAs does not bound. */
bool ca_unbounded(const struct graph *g, uint32_t ca);
bool ca_alone_unbounded(const struct graph *g, uint32_t ca);
/* One CA by itself, unexpired on the day. */
struct span ca_span(const struct graph *g, const struct beyond *beyond, uint32_t ca, enum taken part, uint64_t held);
/* A figure of several CAs, this one among them, that bounds it. */
bool ca_bounded_by_several(const struct graph *g, uint32_t ca);
/* ca_span(), at most all of such a figure: where the CA stands by itself, for its leaves are in no sum of such spans once. */
struct span ca_span_alone(const struct graph *g, const struct beyond *beyond, uint32_t ca, enum taken part, uint64_t held);
/* Where its numbers come from and of which day; "" without. */
const char *ca_count_source(const struct graph *g, const struct beyond *beyond, uint32_t ca, int32_t *day);
/* Issued by it; false: not known. */
bool ca_issued(const struct graph *g, uint32_t ca, uint64_t *ret);

struct db;
struct err;
/* Which CAs the REFs of all figures name, anew; what names none is kept with the reason. After linking. */
int figures_resolve(struct db *db, struct err *err);

#endif
