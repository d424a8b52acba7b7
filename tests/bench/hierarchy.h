/* The shape of the synthetic hierarchies: acyclic, a hundredth roots, a tenth intermediates, the rest issuing CAs;
 * every third intermediate has two parents. Each CA has one bucket of leaves. */
#ifndef TESTS_HIERARCHY_H
#define TESTS_HIERARCHY_H

#include "index/graph.h"
#include "index/trust.h"

#define HIERARCHY_DAY 20000

struct hierarchy {
	uint32_t (*add_ca)(struct graph *g, uint32_t n);
	uint32_t (*add_cert)(struct graph *g, uint32_t subject, uint32_t issuer);
	uint64_t (*leaves)(uint32_t n); /* of the n-th CA */
};
/* Fills g, which is empty, with n CAs and finishes it. Returns the number of anchors, one a root and purpose; *rules:
 * heap. */
size_t hierarchy_build(struct graph *g, uint32_t n, const struct hierarchy *h, struct anchor_rule **rules);

#endif
