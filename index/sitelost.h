/* Sites of the rank list that lose leaves under a scenario.
 *
 *	struct site_losses s;
 *	if (index_site_losses(ix, trust, &s, err) < 0) …
 *	for (size_t i = 0; i < s.n; i++) use(&s.v[i]);
 *	site_losses_release(&s); */
#ifndef INDEX_SITELOST_H
#define INDEX_SITELOST_H

#include "index/cover.h"

struct site_loss {
	int64_t site;
	uint64_t rank;
	const char *domain;
	uint64_t lost;       /* leaves that name it, trusted before and not after */
	uint64_t still;      /* those that stay trusted; known of what was compared with the list */
	int32_t last_na_day; /* of the lost ones */
	enum covered covered; /* COVERED_NO: the index holds none that stays trusted, though all names of the CAs that stay were
	                         compared with the list */
	VEC(uint32_t) ca;     /* that issued the lost ones, ascending */
};
struct site_losses {
	struct site_loss *v; /* by rank, then domain */
	size_t n;
	bool ranked;         /* a rank list is indexed at all */
	int32_t list_day;
	uint64_t covered;    /* of v: COVERED_YES */
	uint64_t unknown;    /* of v: COVERED_UNKNOWN */
	bool all_compared;   /* with the list: names of all counted CAs that stay trusted */
	bool still_exact;    /* and all these are counted to the end; else `still` is a lower bound */
	uint64_t uncompared; /* CAs that change and whose counted leaves were not all compared with the list … */
	uint64_t incomplete; /* … and that are not counted to the end: of both more sites may be lost */
	struct arena strings;
};
int index_site_losses(struct index *ix, const struct trust *t, struct site_losses *ret, struct err *err);
void site_losses_release(struct site_losses *s);
/* How many of them are among the first `rank` of the list. */
size_t site_losses_within(const struct site_losses *s, uint64_t rank);

#endif
