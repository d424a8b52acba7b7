#include "index/alternatives.h"

#include <stdlib.h>
#include <string.h>

#include "index/alternating.h"

const char *const keeper_kind_names[KEEPER_KINDS] = { "anchor", "cross-certificate", "certificate of the same key",
	                                              "intermediate" };

void links_init(struct links *l, const struct trust *t)
{
	const struct graph *g = trust_query(t)->graph;

	judge_init(&l->judge, trust_query(t));
	l->below = xcalloc(g->cert.n + 1, 1);
	l->anchor = xcalloc(g->cert.n + 1, 1);
	l->seen = xcalloc(g->ca.n + 1, sizeof(*l->seen));
	l->walk = 0;
	for (uint32_t i = 0; i < g->cert.n; i++)
		l->below[i] = judge_link(&l->judge, i) == PATH_OK;
	for (size_t i = 0; i < l->judge.n_rules; i++)
		l->anchor[l->judge.rule[i].cert] |= judge_anchor(&l->judge, &l->judge.rule[i]) == PATH_OK;
}

void links_release(struct links *l)
{
	judge_release(&l->judge);
	vec_release(&l->todo);
	free(l->below);
	free(l->anchor);
	free(l->seen);
}

struct box links_marked(const struct links *l, uint32_t cert, bool as_anchor)
{
	struct box after = BOX_ALL;

	judge_marks(&l->judge, cert, as_anchor, &after);
	return after;
}

static bool is_marked(const struct links *l, uint32_t cert, bool as_anchor)
{
	struct box after = links_marked(l, cert, as_anchor);

	return !box_is_all(&after);
}

void links_start(struct links *l)
{
	l->walk++;
	l->todo.n = 0;
}

void links_pass(struct links *l, uint32_t ca)
{
	l->seen[ca] = l->walk;
}

void links_up(struct links *l, uint32_t cert)
{
	const struct graph *g = l->judge.q.graph;
	const struct ca_cert *c = &g->cert.v[cert];

	for (uint32_t i = 0; i < c->n_issuers; i++) {
		uint32_t issuer = g->issuers[c->first_issuer + i];
		if (l->seen[issuer] == l->walk)
			continue;
		l->seen[issuer] = l->walk;
		vec_push(&l->todo, issuer);
	}
}

bool links_next(struct links *l, uint32_t *ca)
{
	if (!l->todo.n)
		return false;
	*ca = l->todo.v[--l->todo.n];
	return true;
}

/* Ways upwards that are tried: real CAs have a handful of them, a hostile graph shall not keep us. */
#define STEPS_MAX 100000
#define DEPTH_MAX 256

/* Does a way from the CA up to an anchor, no CA twice, meet a mark, or has it met one already? */
static bool meets_mark(struct links *l, uint32_t ca, bool met, uint32_t depth, uint32_t *steps)
{
	const struct graph *g = l->judge.q.graph;
	bool found = false;

	l->seen[ca] = l->walk;
	for (uint32_t i = 0; i < g->ca.v[ca].n_certs && !found; i++) {
		uint32_t cert = g->ca_certs[g->ca.v[ca].first_cert + i];
		const struct ca_cert *c = &g->cert.v[cert];
		bool met_here = met || is_marked(l, cert, false);

		found = l->anchor[cert] && (met || is_marked(l, cert, true));
		for (uint32_t k = 0; l->below[cert] && depth < DEPTH_MAX && k < c->n_issuers && !found && *steps < STEPS_MAX; k++) {
			uint32_t issuer = g->issuers[c->first_issuer + k];

			++*steps;
			found = l->seen[issuer] != l->walk && meets_mark(l, issuer, met_here, depth + 1, steps);
		}
	}
	l->seen[ca] = 0;
	return found;
}

/* Is a mark on the certificate, or above it on a way to an anchor that does not come back to its CA? */
static bool stands_under_mark(struct links *l, uint32_t cert)
{
	const struct graph *g = l->judge.q.graph;
	const struct ca_cert *c = &g->cert.v[cert];
	bool found = is_marked(l, cert, false);
	uint32_t steps = 0;

	links_start(l);
	links_pass(l, c->ca);
	for (uint32_t i = 0; i < c->n_issuers && !found; i++) {
		uint32_t issuer = g->issuers[c->first_issuer + i];
		found = issuer != c->ca && meets_mark(l, issuer, false, 1, &steps);
	}
	return found;
}

bool key_is_marked(const struct trust_query *q, uint32_t key)
{
	const struct graph *g = q->graph;

	for (size_t i = 0; i < q->n_marks; i++) {
		const struct mark *m = &q->marks[i];
		if (mark_in_force(m, q->day) && key == (m->action == MARK_BLOCK ? m->target : g->ca.v[g->cert.v[m->target].ca].key))
			return true;
	}
	return false;
}

static bool has_several_issuers(const struct graph *g, uint32_t ca)
{
	uint32_t first = NO_INDEX;

	for (uint32_t i = 0; i < g->ca.v[ca].n_certs; i++) {
		const struct ca_cert *c = &g->cert.v[g->ca_certs[g->ca.v[ca].first_cert + i]];
		for (uint32_t k = 0; k < c->n_issuers; k++) {
			uint32_t issuer = g->issuers[c->first_issuer + k];
			if (first != NO_INDEX && issuer != first)
				return true;
			first = issuer;
		}
	}
	return false;
}

static enum keeper_kind kind_of(const struct trust_query *q, uint32_t cert, bool as_anchor)
{
	uint32_t ca = q->graph->cert.v[cert].ca;

	if (as_anchor)
		return KEEPER_ANCHOR;
	if (key_is_marked(q, q->graph->ca.v[ca].key))
		return KEEPER_SAME_KEY;
	return has_several_issuers(q->graph, ca) ? KEEPER_CROSS : KEEPER_INTERMEDIATE;
}

struct trust *trust_with(const struct trust_query *q, const struct mark *more, size_t n, const uint8_t *through)
{
	struct mark *marks = xcalloc(q->n_marks + n + 1, sizeof(*marks));
	struct trust_query with = *q;

	if (q->n_marks)
		memcpy(marks, q->marks, q->n_marks * sizeof(*marks));
	if (n)
		memcpy(marks + q->n_marks, more, n * sizeof(*marks));
	with.marks = marks;
	with.n_marks = q->n_marks + n;
	with.through = through;
	struct trust *t = trust_compute(&with);
	free(marks);
	return t;
}

struct loss_sum loss_begin(const struct trust_query *q)
{
	return (struct loss_sum){ .sum = figure_sum_begin(q->graph), .beyond = figures_beyond(q->graph, q->day) };
}

void loss_add(struct loss_sum *s, uint32_t ca, enum taken part, uint64_t leaves)
{
	figure_sum_add(&s->sum, ca, part, leaves);
	s->loss.cas++;
	s->loss.unbounded_cas += ca_unbounded(s->sum.g, ca);
}

struct leaf_loss loss_end(struct loss_sum *s)
{
	struct leaf_loss loss = s->loss;

	loss.leaves = figure_sum_end(&s->sum, s->beyond);
	loss.leaves.known |= !loss.cas;
	s->loss = (struct leaf_loss){ 0 };
	return loss;
}

void loss_release(struct loss_sum *s)
{
	figure_sum_release(&s->sum);
	free(s->beyond);
}

int loss_compare(const struct leaf_loss *a, const struct leaf_loss *b)
{
	if (a->leaves.low != b->leaves.low)
		return a->leaves.low > b->leaves.low ? -1 : 1;
	if (a->leaves.high != b->leaves.high)
		return a->leaves.high > b->leaves.high ? -1 : 1;
	return a->cas > b->cas ? -1 : a->cas < b->cas;
}

enum taken part_of_kept(const struct trust *now, uint32_t ca, bool all)
{
	return all && part_kept((void *)(uintptr_t)now, ca) == TAKEN_ALL ? TAKEN_ALL : TAKEN_SOME;
}

/* What `now` keeps and `with` no longer accepts. */
static struct leaf_loss kept_and_lost(
	struct loss_sum *sum, const struct trust *now, const struct trust *with, const uint32_t *cas, size_t n)
{
	const struct trust *both[] = { now, with };

	for (size_t i = 0; i < n; i++) {
		uint64_t still[2] = { 0, 0 };
		if (!trust_keeps_less(now, with, cas[i]))
			continue;
		trust_tally_kept(now, cas[i], both, 2, still);
		loss_add(sum, cas[i], part_of_kept(now, cas[i], trust_after(with, cas[i]) == ACCEPT_NONE), still[0] - still[1]);
	}
	return loss_end(sum);
}

size_t kept_cas(const struct impact *im, uint32_t **ret)
{
	size_t n = 0;

	*ret = xcalloc(im->n_rows + 1, sizeof(**ret));
	for (size_t i = 0; i < im->n_rows; i++)
		if (im->row[i].after != ACCEPT_NONE && trust_keeps(im->trust, im->row[i].ca))
			(*ret)[n++] = im->row[i].ca;
	return n;
}

struct search {
	const struct impact *im;
	struct links links;
	struct loss_sum sum;
	uint32_t *cas; /* that are kept */
	size_t n_cas;
	VEC(struct keeper) found;
};

/* Adds what keeps more than `least` does. */
static struct leaf_loss try_keeper(struct search *s, uint32_t cert, bool as_anchor, struct leaf_loss least)
{
	struct trust_query q = *trust_query(s->im->trust);
	struct mark m = { .action = as_anchor ? MARK_REMOVE : MARK_REVOKE, .target = cert };
	struct keeper k = { .cert = cert, .kind = kind_of(&q, cert, as_anchor) };
	bool needed = false;

	for (size_t i = 0; i < s->n_cas && !needed; i++)
		needed = trust_needs(s->im->trust, s->cas[i], cert, as_anchor);
	if (!needed || (as_anchor ? is_marked(&s->links, cert, true) : stands_under_mark(&s->links, cert)))
		return k.keeps;
	q.asked = s->cas;
	q.n_asked = s->n_cas;
	struct trust *with = trust_with(&q, &m, 1, NULL);
	k.keeps = kept_and_lost(&s->sum, s->im->trust, with, s->cas, s->n_cas);
	trust_free(with);
	if (k.keeps.cas > least.cas || loss_compare(&k.keeps, &least) < 0)
		vec_push(&s->found, k);
	return k.keeps;
}

int keeper_compare(const void *a, const void *b, void *ctx)
{
	const struct keeper *x = a, *y = b;
	const struct graph *g = ctx;

	int by_loss = loss_compare(&x->keeps, &y->keeps);

	if (by_loss)
		return by_loss;
	if ((x->kind == KEEPER_ANCHOR) != (y->kind == KEEPER_ANCHOR))
		return x->kind == KEEPER_ANCHOR ? 1 : -1;
	return memcmp(g->cert.v[x->cert].sha256, g->cert.v[y->cert].sha256, 32);
}

static bool has_other_issuer(const struct graph *g, uint32_t cert)
{
	const struct ca_cert *c = &g->cert.v[cert];

	for (uint32_t i = 0; i < c->n_issuers; i++)
		if (g->issuers[c->first_issuer + i] != c->ca)
			return true;
	return false;
}

size_t impact_keepers(const struct impact *im, struct keeper **ret)
{
	const struct graph *g = trust_query(im->trust)->graph;
	uint8_t *below = xcalloc(g->cert.n + 1, 1), *anchor = xcalloc(g->cert.n + 1, 1);
	struct search s = { .im = im };

	links_init(&s.links, im->trust);
	s.sum = loss_begin(trust_query(im->trust));
	s.n_cas = kept_cas(im, &s.cas);
	for (size_t i = 0; i < s.n_cas; i++)
		trust_survivors(im->trust, s.cas[i], below, anchor);
	for (uint32_t c = 0; s.n_cas && c < g->cert.n; c++) {
		struct leaf_loss none = { 0 }, as_anchor = { 0 };
		if (anchor[c])
			as_anchor = try_keeper(&s, c, true, none);
		/* where it is both, the longer path that goes on above it need not be kept in mind */
		if (below[c] || (anchor[c] && has_other_issuer(g, c)))
			try_keeper(&s, c, false, as_anchor);
	}
	if (s.found.n)
		qsort_r(s.found.v, s.found.n, sizeof(*s.found.v), keeper_compare, (void *)g);
	links_release(&s.links);
	loss_release(&s.sum);
	free(s.cas);
	free(below);
	free(anchor);
	*ret = s.found.v;
	return s.found.n;
}
