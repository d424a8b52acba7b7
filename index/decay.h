/* What a scenario breaks on every day from the query's on: contract.md's rule for decay. Before and after are judged anew
 * on each day among the leaves issued by the query's day, with its store; no later issuance is assumed.
 *
 * Trust changes only where the validity of a CA certificate, a revocation or a stage begins or ends, and leaves go after
 * the day of their notAfter. So trust is computed for the query's day in the part of the graph that matters (the CAs
 * below marks that have leaves, and all their ancestors), and on each later day of change only for what is below it.
 *
 *	struct decay d;
 *	decay_compute(&query, &d);
 *	decay_on(&d, query.day + 30)->lost …
 *	decay_release(&d); */
#ifndef INDEX_DECAY_H
#define INDEX_DECAY_H

#include "index/trust.h"

/* From `day` up to the next step's: a day on which `lost` or `least` changes. */
struct decay_step {
	int32_t day;
	uint64_t lost; /* of the leaves that the index holds */
	bool least; /* a CA that is not counted to the end accepts less than before: more may be lost */
};
/* From `day` on a CA that is not counted to the end accepts less than before, or no longer does so. */
struct decay_change {
	int32_t day;
	uint32_t ca;
	bool loses;
};
struct decay {
	struct decay_step *step; /* ascending; the first is the query's day, in the last nothing counted is lost */
	size_t n;
	struct decay_change *change; /* ascending */
	size_t n_changes;
	bool counted; /* some CA that accepts less on some day has leaves that were counted */
	bool complete; /* … is counted to the end */
	bool exact;   /* false where the paths of a hostile component were too many */
};
void decay_compute(const struct trust_query *q, struct decay *ret);
void decay_release(struct decay *d);
/* The step of a day; of an earlier day than the query's the first. */
const struct decay_step *decay_on(const struct decay *d, int32_t day);
/* First day from which on fewer than n counted leaves are lost on every day (n > 0; 1 asks for the end). *first is the first
 * day at all on which it is so, *least whether CAs that are not counted to the end may lose more from the day on. */
int32_t decay_below(const struct decay *d, uint64_t n, int32_t *first, bool *least);

#endif
