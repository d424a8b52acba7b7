#include "cli/tops.h"

#include <stdlib.h>

#include "cli/cli.h"

size_t tops_of_store(const struct graph *g, const struct store *s, enum purpose purpose, uint32_t **ret)
{
	bool *seen = xcalloc(g->ca.n + 1, sizeof(*seen));
	uint32_t *top = xcalloc(g->ca.n + 1, sizeof(*top));
	size_t n = 0;

	for (size_t i = 0; i < s->n_rules; i++) {
		uint32_t ca = g->cert.v[s->rule[i].cert].ca;

		if (s->rule[i].purpose != purpose || seen[ca])
			continue;
		seen[ca] = true;
		top[n++] = ca;
	}
	free(seen);
	*ret = top;
	return n;
}

static bool has_parent_outside(const struct graph *g, uint32_t ca)
{
	const struct ca *v = &g->ca.v[ca];

	for (uint32_t i = 0; i < v->n_certs; i++) {
		const struct ca_cert *c = &g->cert.v[g->ca_certs[v->first_cert + i]];

		for (uint32_t k = 0; k < c->n_issuers; k++) {
			if (g->ca.v[g->issuers[c->first_issuer + k]].component != v->component)
				return true;
		}
	}
	return false;
}

size_t tops_of_all(const struct graph *g, const uint64_t *subtree_unexpired, uint32_t **ret)
{
	uint32_t *top = xcalloc(g->n_components + 1, sizeof(*top));
	size_t n = 0;

	for (uint32_t k = 0; k < g->n_components; k++) {
		uint32_t first = g->component_first[k], end = g->component_first[k + 1], best = NO_INDEX;
		bool below = false;

		for (uint32_t i = first; i < end; i++) {
			uint32_t ca = g->component_cas[i];

			below |= has_parent_outside(g, ca);
			if (best == NO_INDEX || ca_compare(g, subtree_unexpired, ca, best) < 0)
				best = ca;
		}
		if (!below && best != NO_INDEX)
			top[n++] = best;
	}
	*ret = top;
	return n;
}
