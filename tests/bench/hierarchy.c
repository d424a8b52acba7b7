#include "hierarchy.h"

#include "base/mem.h"

static void certify(
	struct graph *g, uint32_t i, uint32_t ca, uint32_t roots, uint32_t inters, const struct hierarchy *h)
{
	if (i >= roots + inters) {
		h->add_cert(g, ca, roots + i % inters);
		return;
	}
	h->add_cert(g, ca, i % roots);
	if (i % 3 == 0)
		h->add_cert(g, ca, (i + 1) % roots);
}

size_t hierarchy_build(struct graph *g, uint32_t n, const struct hierarchy *h, struct anchor_rule **rules)
{
	uint32_t roots = n / 100, inters = n / 10;
	size_t used = 0;

	*rules = xcalloc(PURPOSE_COUNT * (size_t)roots, sizeof(**rules));
	for (uint32_t i = 0; i < n; i++) {
		uint32_t ca = h->add_ca(g, i), cert = i < roots ? h->add_cert(g, ca, ca) : NO_INDEX;

		for (uint8_t p = 0; cert != NO_INDEX && p < PURPOSE_COUNT; p++)
			(*rules)[used++] = (struct anchor_rule){ .cert = cert, .purpose = p, .box = BOX_ALL };
		if (cert == NO_INDEX)
			certify(g, i, ca, roots, inters, h);
		graph_add_bucket(g, ca,
			&(struct bucket){ HIERARCHY_DAY - 30, HIERARCHY_DAY + 60, HIERARCHY_DAY - 30, EKU_TLS, LEAF_DV,
				h->leaves(i), false });
	}
	graph_finish(g);
	return used;
}
