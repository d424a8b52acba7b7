#include "index/impact.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"

const int decay_days[DECAY_STEPS] = { 0, 30, 47, 60, 90, 100, 180, 200, 365, 398 };

static void add_tally(struct leaf_tally *sum, const struct leaf_tally *t)
{
	sum->unexpired += t->unexpired;
	sum->trusted += t->trusted;
	sum->lost += t->lost;
	sum->kept += t->kept;
	sum->no_sct += t->no_sct;
}

static void fill_row(const struct trust *t, uint32_t ca, const struct leaf_tally *tally, struct impact_row *r)
{
	*r = (struct impact_row){
		.ca = ca,
		.leaves = *tally,
		.before = trust_before(t, ca),
		.after = trust_after(t, ca),
		.changed = trust_changed(t, ca),
		.exact = trust_exact(t, ca),
		.unevaluated = trust_unevaluated(t, ca),
	};
}

static int by_loss(const void *a, const void *b, void *ctx)
{
	const struct impact_row *x = a, *y = b;
	const struct graph *g = ctx;

	if (x->leaves.lost != y->leaves.lost)
		return x->leaves.lost > y->leaves.lost ? -1 : 1;
	if (x->leaves.trusted != y->leaves.trusted)
		return x->leaves.trusted > y->leaves.trusted ? -1 : 1;
	return memcmp(g->ca.v[x->ca].id, g->ca.v[y->ca].id, sizeof(g->ca.v[x->ca].id));
}

static void collect_rows(struct impact *im, const struct graph *g, int32_t day)
{
	VEC(struct impact_row) rows = { 0 };

	for (uint32_t ca = 0; ca < g->ca.n; ca++) {
		struct leaf_tally tally = { 0 };
		struct impact_row r;
		trust_tally(im->trust, ca, day, &tally);
		add_tally(&im->total, &tally);
		if (!trust_touched(im->trust, ca))
			continue;
		fill_row(im->trust, ca, &tally, &r);
		im->changed_cas += r.changed;
		im->unknown_cas += r.changed && g->ca.v[ca].coverage != COVERAGE_COMPLETE;
		vec_push(&rows, r);
	}
	im->row = rows.v;
	im->n_rows = rows.n;
	if (im->n_rows)
		qsort_r(im->row, im->n_rows, sizeof(*im->row), by_loss, (void *)g);
}

/* What would be lost on each later day among the leaves issued by the query's day: only what a mark reaches can be. */
static void compute_decay(struct impact *im, const struct trust_query *q)
{
	struct trust *t = trust_for_days(q);

	for (int i = 1; i < DECAY_STEPS; i++) {
		struct leaf_tally sum = { 0 };
		trust_on_day(t, q->day + decay_days[i]);
		for (uint32_t ca = 0; ca < q->graph->ca.n; ca++)
			if (trust_reached(t, ca) && q->graph->ca.v[ca].n_buckets && trust_touched(t, ca))
				trust_tally(t, ca, q->day, &sum);
		im->decay[i] = sum.lost;
	}
	trust_free(t);
}

struct impact *impact_compute(const struct trust_query *q, bool with_decay)
{
	struct impact *im = xcalloc(1, sizeof(*im));

	im->trust = trust_compute(q);
	collect_rows(im, q->graph, q->day);
	im->has_decay = with_decay;
	im->decay[0] = im->total.lost;
	if (with_decay)
		compute_decay(im, q);
	return im;
}

void impact_free(struct impact *im)
{
	if (!im)
		return;
	trust_free(im->trust);
	free(im->row);
	free(im);
}

void tally_own(const struct graph *g, const struct trust *t, int32_t day, uint64_t *own)
{
	for (uint32_t ca = 0; ca < g->ca.n; ca++) {
		const struct ca *c = &g->ca.v[ca];
		struct leaf_tally tally = { 0 };
		own[ca] = 0;
		if (t) {
			trust_tally(t, ca, day, &tally);
			own[ca] = tally.trusted;
			continue;
		}
		for (uint32_t i = 0; i < c->n_buckets; i++)
			if (bucket_unexpired_on(&g->buckets[c->first_bucket + i], day))
				own[ca] += g->buckets[c->first_bucket + i].n;
	}
}

bool cert_usable_on(const struct graph *g, uint32_t cert, int32_t day)
{
	return cert_valid_on(&g->cert.v[cert], day) && !cert_revoked_by(g, cert, REVOKED_CRL, day) &&
	       !cert_revoked_by(g, cert, REVOKED_CCADB, day) && !cert_revoked_by(g, cert, REVOKED_ONECRL, day);
}

/* Depth-first below one CA; seen[] holds the number of the walk, so that it need not be cleared. */
struct descent {
	const struct graph *g;
	const uint8_t *usable; /* by certificate */
	uint32_t *seen, walk;
	VEC(uint32_t) stack;
};

static void visit(struct descent *d, uint32_t ca)
{
	if (d->seen[ca] == d->walk)
		return;
	d->seen[ca] = d->walk;
	vec_push(&d->stack, ca);
}

static uint64_t sum_below(struct descent *d, uint32_t start, const uint64_t *own)
{
	uint64_t sum = 0;

	d->walk++;
	visit(d, start);
	while (d->stack.n) {
		uint32_t ca = d->stack.v[--d->stack.n];
		const struct ca *c = &d->g->ca.v[ca];
		sum += own[ca];
		for (uint32_t i = 0; i < c->n_children; i++) {
			uint32_t cert = d->g->child_certs[c->first_child + i];
			if (d->usable[cert])
				visit(d, d->g->cert.v[cert].ca);
		}
	}
	return sum;
}

void tally_subtree(const struct graph *g, int32_t day, const uint64_t *own, uint64_t *subtree)
{
	uint8_t *usable = xcalloc(g->cert.n + 1, 1);
	struct descent d = { .g = g, .usable = usable, .seen = xcalloc(g->ca.n + 1, sizeof(uint32_t)) };

	for (uint32_t i = 0; i < g->cert.n; i++)
		usable[i] = cert_usable_on(g, i, day);
	for (uint32_t ca = 0; ca < g->ca.n; ca++)
		subtree[ca] = sum_below(&d, ca, own);
	vec_release(&d.stack);
	free(d.seen);
	free(usable);
}
