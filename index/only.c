#include <stdlib.h>
#include <string.h>

#include "index/impact.h"

static void add_ca(struct only_here *to, const struct graph *g, uint32_t ca, enum taken part, uint64_t lost)
{
	enum coverage coverage = g->ca.v[ca].coverage;

	span_add_ca(g, ca, part, lost, &to->span);
	to->span.known |= coverage != COVERAGE_NONE;
	to->cas++;
	to->counted += coverage != COVERAGE_NONE;
	to->unknown_cas += coverage != COVERAGE_COMPLETE;
	to->unbounded_cas += ca_unbounded(g, ca);
}

static struct only_here finish(struct only_here *o)
{
	o->span.known |= o->cas == 0;
	o->lost = o->span.low;
	return *o;
}

/* Is it the first CA of its figure that loses something? Then the figure is added with it, and once. */
static bool is_first_of_figure(const struct graph *g, const struct trust *t, uint32_t ca)
{
	const struct figure *f = &g->figure.v[g->ca.v[ca].figure];
	const uint32_t *of = &g->figure_cas.v[f->first_ca];
	uint32_t i = 0;

	while (of[i] != ca && part_lost((void *)(uintptr_t)t, of[i]) == TAKEN_NONE)
		i++;
	return of[i] == ca;
}

struct only_here impact_lost_with(
	const struct trust_query *q, const struct beyond *beyond, const struct mark *marks, size_t n)
{
	const struct graph *g = q->graph;
	struct trust_query cut = *q;
	struct only_here ret = { 0 };
	uint32_t *below;

	cut.marks = marks;
	cut.n_marks = n;
	cut.n_asked = marks_below(g, marks, n, &below);
	cut.asked = below;
	struct trust *t = trust_compute(&cut);
	for (size_t i = 0; i < cut.n_asked; i++) {
		struct leaf_tally tally = { 0 };
		uint32_t ca = below[i], f = g->ca.v[ca].figure;
		if (!trust_changed(t, ca))
			continue;
		trust_tally(t, ca, q->day, &tally);
		add_ca(&ret, g, ca, part_lost(t, ca), tally.lost);
		if (f != NO_INDEX && is_first_of_figure(g, t, ca))
			span_add_figure(g, beyond, f, figure_part(g, f, part_lost, t), &ret.span);
	}
	trust_free(t);
	free(below);
	return finish(&ret);
}

/* On every certificate of these CAs. */
static size_t mark_certs(const struct graph *g, const uint32_t *cas, size_t n, enum mark_action action, struct mark **ret)
{
	struct mark *marks;
	size_t used = 0, all = 0;

	for (size_t i = 0; i < n; i++)
		all += g->ca.v[cas[i]].n_certs;
	marks = xcalloc(all + 1, sizeof(*marks));
	for (size_t i = 0; i < n; i++) {
		const struct ca *c = &g->ca.v[cas[i]];
		for (uint32_t k = 0; k < c->n_certs; k++)
			marks[used++] = (struct mark){
				.action = action, .target = g->ca_certs[c->first_cert + k], .since = MARK_ALWAYS
			};
	}
	*ret = marks;
	return used;
}

size_t impact_mark_cas(const struct graph *g, const uint32_t *cas, size_t n, struct mark **ret)
{
	return mark_certs(g, cas, n, MARK_REVOKE, ret);
}

size_t impact_mark_root(const struct graph *g, uint32_t ca, struct mark **ret)
{
	return mark_certs(g, &ca, 1, MARK_REMOVE, ret);
}

struct only_here impact_root_here(const struct trust_query *q, const struct beyond *beyond, uint32_t ca)
{
	struct mark *marks;
	size_t n = impact_mark_root(q->graph, ca, &marks);
	struct only_here ret = impact_lost_with(q, beyond, marks, n);

	free(marks);
	return ret;
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

struct only_here impact_only_here_of(
	const struct trust_query *q, const struct trust *t, const struct beyond *beyond, uint32_t ca)
{
	const struct graph *g = q->graph;
	struct only_here ret = { 0 };
	struct mark *marks;

	if (trust_before(t, ca) == ACCEPT_NONE)
		return finish(&ret);
	/* all its paths are its own, and none is spared: everything accepted is lost, and no other CA's */
	if (!q->n_exempt && !has_accepted_below(g, t, ca)) {
		uint32_t f = g->ca.v[ca].figure;
		struct leaf_tally tally = { 0 };
		enum taken part = part_trusted((void *)(uintptr_t)t, ca);
		trust_tally(t, ca, q->day, &tally);
		add_ca(&ret, g, ca, part, tally.trusted);
		if (f != NO_INDEX)
			span_add_figure(g, beyond, f, g->figure.v[f].n_cas == 1 ? part : TAKEN_SOME, &ret.span);
		return finish(&ret);
	}
	size_t n = impact_mark_cas(g, &ca, 1, &marks);
	ret = impact_lost_with(q, beyond, marks, n);
	free(marks);
	return ret;
}

void impact_only_here(const struct trust_query *q, struct only_here *ret)
{
	struct beyond *beyond = figures_beyond(q->graph, q->day);
	struct trust *t = trust_compute(q);

	for (uint32_t ca = 0; ca < q->graph->ca.n; ca++)
		ret[ca] = impact_only_here_of(q, t, beyond, ca);
	trust_free(t);
	free(beyond);
}
