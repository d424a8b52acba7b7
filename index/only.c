#include <stdlib.h>
#include <string.h>

#include "index/impact.h"

static void add_ca(struct only_here *to, const struct trust *t, uint32_t ca, int32_t day)
{
	struct leaf_tally tally = { 0 };
	enum coverage coverage = trust_query(t)->graph->ca.v[ca].coverage;

	trust_tally(t, ca, day, &tally);
	to->lost += tally.lost;
	to->cas++;
	to->counted += coverage != COVERAGE_NONE;
	to->unknown_cas += coverage != COVERAGE_COMPLETE;
}

struct only_here impact_lost_with(const struct trust_query *q, const struct mark *marks, size_t n)
{
	struct trust_query cut = *q;
	struct only_here ret = { 0 };

	cut.marks = marks;
	cut.n_marks = n;
	struct trust *t = trust_compute(&cut);
	for (uint32_t ca = 0; ca < q->graph->ca.n; ca++)
		if (trust_changed(t, ca))
			add_ca(&ret, t, ca, q->day);
	trust_free(t);
	return ret;
}

size_t impact_mark_cas(const struct graph *g, const uint32_t *cas, size_t n, struct mark **ret)
{
	struct mark *marks;
	size_t used = 0, all = 0;

	for (size_t i = 0; i < n; i++)
		all += g->ca.v[cas[i]].n_certs;
	marks = xcalloc(all + 1, sizeof(*marks));
	for (size_t i = 0; i < n; i++) {
		const struct ca *c = &g->ca.v[cas[i]];
		for (uint32_t k = 0; k < c->n_certs; k++)
			marks[used++] = (struct mark){ .action = MARK_REVOKE, .target = g->ca_certs[c->first_cert + k] };
	}
	*ret = marks;
	return used;
}

/* Some other CA that it certified is accepted: what happens to that one is not seen at a glance. */
static bool has_accepted_below(const struct graph *g, const struct trust *t, uint32_t ca)
{
	const struct ca *c = &g->ca.v[ca];

	for (uint32_t i = 0; i < c->n_children; i++) {
		uint32_t below = g->cert.v[g->child_certs[c->first_child + i]].ca;
		if (below != ca && trust_before(t, below) != ACCEPT_NONE)
			return true;
	}
	return false;
}

/* All its paths are its own: everything accepted is lost, and of no other CA anything. */
static struct only_here lost_alone(const struct trust *t, uint32_t ca, int32_t day)
{
	struct leaf_tally tally = { 0 };
	enum coverage coverage = trust_query(t)->graph->ca.v[ca].coverage;

	trust_tally(t, ca, day, &tally);
	return (struct only_here){ .lost = tally.trusted, .cas = 1, .counted = coverage != COVERAGE_NONE,
		                   .unknown_cas = coverage != COVERAGE_COMPLETE };
}

void impact_only_here(const struct trust_query *q, struct only_here *ret)
{
	const struct graph *g = q->graph;
	struct trust *t = trust_compute(q);

	for (uint32_t ca = 0; ca < g->ca.n; ca++) {
		struct mark *marks;
		ret[ca] = (struct only_here){ 0 };
		if (trust_before(t, ca) == ACCEPT_NONE)
			continue;
		if (!has_accepted_below(g, t, ca)) {
			ret[ca] = lost_alone(t, ca, q->day);
			continue;
		}
		size_t n = impact_mark_cas(g, &ca, 1, &marks);
		ret[ca] = impact_lost_with(q, marks, n);
		free(marks);
	}
	trust_free(t);
}
