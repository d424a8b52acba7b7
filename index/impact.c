#include "index/impact.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"

const int decay_days[DECAY_STEPS] = { 0, 30, 47, 60, 90, 100, 180, 200, 365, 398 };

/* ---- what a sum takes in of each CA ---- */

enum taken part_all(void *ctx, uint32_t ca)
{
	(void)ctx, (void)ca;
	return TAKEN_ALL;
}

enum taken part_trusted(void *ctx, uint32_t ca)
{
	static const enum taken of[] = {
		[ACCEPT_NONE] = TAKEN_NONE, [ACCEPT_SOME] = TAKEN_SOME, [ACCEPT_ALL] = TAKEN_ALL
	};

	return of[trust_before(ctx, ca)];
}

enum taken part_lost(void *ctx, uint32_t ca)
{
	if (trust_before(ctx, ca) == ACCEPT_NONE || !trust_changed(ctx, ca))
		return TAKEN_NONE;
	return trust_before(ctx, ca) == ACCEPT_ALL && trust_after(ctx, ca) == ACCEPT_NONE ? TAKEN_ALL : TAKEN_SOME;
}

enum taken part_kept(void *ctx, uint32_t ca)
{
	if (trust_after(ctx, ca) == ACCEPT_NONE || !trust_touched(ctx, ca))
		return TAKEN_NONE;
	return trust_after(ctx, ca) == ACCEPT_ALL && trust_all_cut(ctx, ca) ? TAKEN_ALL : TAKEN_SOME;
}

/* The numbers of a tally in one order. */
enum { UNEXPIRED, TRUSTED, LOST, KEPT, NUMBERS };
static enum taken (*const parts[NUMBERS])(void *ctx, uint32_t ca) = { part_all, part_trusted, part_lost, part_kept };

static void spread(struct leaf_spans *s, const struct leaf_tally *t, struct span *to[NUMBERS], uint64_t n[NUMBERS])
{
	to[UNEXPIRED] = &s->unexpired;
	to[TRUSTED] = &s->trusted;
	to[LOST] = &s->lost;
	to[KEPT] = &s->kept;
	n[UNEXPIRED] = t->unexpired;
	n[TRUSTED] = t->trusted;
	n[LOST] = t->lost;
	n[KEPT] = t->kept;
}

void leaf_spans_add_ca(const struct trust *t, uint32_t ca, const struct leaf_tally *tally, struct leaf_spans *sum)
{
	const struct graph *g = trust_query(t)->graph;
	bool counted = g->ca.v[ca].coverage != COVERAGE_NONE;
	struct span *to[NUMBERS];
	uint64_t n[NUMBERS];

	spread(sum, tally, to, n);
	for (int i = 0; i < NUMBERS; i++) { /* which part matters only where nobody counts, and asking takes time */
		span_add_ca(g, ca, counted ? TAKEN_ALL : parts[i]((void *)t, ca), n[i], to[i]);
		to[i]->known |= counted;
	}
}

/* Of one number of a sum that takes in only a part. */
struct within {
	const struct trust *trust;
	enum taken (*part)(void *ctx, uint32_t ca);
	enum taken (*within)(void *ctx, uint32_t ca);
	void *ctx;
};

static enum taken part_within(void *ctx, uint32_t ca)
{
	const struct within *w = ctx;
	enum taken in = w->within(w->ctx, ca), part = in == TAKEN_NONE ? TAKEN_NONE : w->part((void *)w->trust, ca);

	return in == TAKEN_SOME && part == TAKEN_ALL && w->part != part_all ? TAKEN_SOME : part;
}

void leaf_spans_add_figure(const struct trust *t, const struct beyond *beyond, uint32_t f,
	enum taken (*within)(void *ctx, uint32_t ca), void *ctx, struct leaf_spans *sum)
{
	const struct graph *g = trust_query(t)->graph;
	struct leaf_tally none = { 0 };
	struct span *to[NUMBERS];
	uint64_t n[NUMBERS];

	if (figure_part(g, f, within, ctx) == TAKEN_NONE)
		return;
	spread(sum, &none, to, n);
	for (int i = 0; i < NUMBERS; i++) {
		struct within w = { t, parts[i], within, ctx };
		enum taken part = figure_part(g, f, part_within, &w);

		span_add_figure(g, beyond, f, part, to[i]);
		to[i]->known |= part == TAKEN_NONE;
	}
}

static enum taken part_in(void *ctx, uint32_t ca)
{
	const bool *in = ctx;

	return !in || in[ca] ? TAKEN_ALL : TAKEN_NONE;
}

static void add_figures(const struct trust *t, const struct beyond *beyond, const bool *in, struct leaf_spans *sum)
{
	for (uint32_t f = 0; f < trust_query(t)->graph->figure.n; f++)
		leaf_spans_add_figure(t, beyond, f, part_in, (void *)in, sum);
}

static const struct leaf_spans nothing = {
	.unexpired = { .known = true },
	.trusted = { .known = true },
	.lost = { .known = true },
	.kept = { .known = true },
};

struct leaf_spans impact_sum(const struct impact *im, const bool *in)
{
	const struct trust_query *q = trust_query(im->trust);
	struct beyond *beyond = figures_beyond(q->graph, q->day);
	struct leaf_spans sum = nothing;

	for (uint32_t ca = 0; ca < q->graph->ca.n; ca++) {
		struct leaf_tally tally = { 0 };
		if (in && !in[ca])
			continue;
		trust_tally(im->trust, ca, q->day, &tally);
		leaf_spans_add_ca(im->trust, ca, &tally, &sum);
	}
	add_figures(im->trust, beyond, in, &sum);
	free(beyond);
	return sum;
}

/* ---- rows and totals ---- */

void leaf_spans_lows(const struct leaf_spans *s, struct leaf_tally *to)
{
	to->unexpired = s->unexpired.low;
	to->trusted = s->trusted.low;
	to->lost = s->lost.low;
	to->kept = s->kept.low;
}

static void row_spans(const struct trust *t, const struct beyond *beyond, struct impact_row *r)
{
	struct span *to[NUMBERS];
	uint64_t n[NUMBERS];

	const struct graph *g = trust_query(t)->graph;

	spread(&r->span, &r->leaves, to, n);
	for (int i = 0; i < NUMBERS; i++)
		*to[i] = ca_span(g, beyond, r->ca, parts[i]((void *)t, r->ca), n[i]);
	spread(&r->alone, &r->leaves, to, n);
	for (int i = 0; i < NUMBERS; i++)
		*to[i] = ca_span_alone(g, beyond, r->ca, parts[i]((void *)t, r->ca), n[i]);
	r->shared = ca_bounded_by_several(g, r->ca);
	r->unbounded = ca_alone_unbounded(g, r->ca) && !r->shared;
	leaf_spans_lows(&r->span, &r->leaves);
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
	if (x->alone.lost.high != y->alone.lost.high)
		return x->alone.lost.high > y->alone.lost.high ? -1 : 1;
	if (x->leaves.trusted != y->leaves.trusted)
		return x->leaves.trusted > y->leaves.trusted ? -1 : 1;
	return memcmp(g->ca.v[x->ca].id, g->ca.v[y->ca].id, sizeof(g->ca.v[x->ca].id));
}

/* A row that figures bear on: which, and whether anything else tells a number of it. */
static void note_figure(struct impact *im, const struct graph *g, const struct impact_row *r, bool *seen)
{
	const struct ca *ca = &g->ca.v[r->ca];

	im->unbounded_cas += r->changed && ca_unbounded(g, r->ca);
	im->open_cas += r->changed && ca->coverage == COVERAGE_NONE &&
			(ca->figure == NO_INDEX || g->figure.v[ca->figure].high == FIGURE_UNKNOWN);
	if (ca->figure == NO_INDEX)
		return;
	im->figures += !seen[ca->figure];
	im->figure_cas += r->changed && ca->coverage == COVERAGE_NONE;
	seen[ca->figure] = true;
}

static void collect_rows(struct impact *im, const struct graph *g, int32_t day)
{
	struct beyond *beyond = figures_beyond(g, day);
	bool *seen = xcalloc(g->figure.n + 1, sizeof(*seen));
	VEC(struct impact_row) rows = { 0 };

	im->span = nothing;

	for (uint32_t ca = 0; ca < g->ca.n; ca++) {
		struct leaf_tally tally = { 0 };
		struct impact_row r;
		trust_tally(im->trust, ca, day, &tally);
		leaf_spans_add_ca(im->trust, ca, &tally, &im->span);
		im->total.no_sct += tally.no_sct;
		if (!trust_touched(im->trust, ca))
			continue;
		fill_row(im->trust, ca, &tally, &r);
		row_spans(im->trust, beyond, &r);
		note_figure(im, g, &r, seen);
		im->changed_cas += r.changed;
		im->unknown_cas += r.changed && g->ca.v[ca].coverage != COVERAGE_COMPLETE;
		vec_push(&rows, r);
	}
	add_figures(im->trust, beyond, NULL, &im->span);
	leaf_spans_lows(&im->span, &im->total);
	free(seen);
	free(beyond);
	im->row = rows.v;
	im->n_rows = rows.n;
	if (im->n_rows)
		qsort_r(im->row, im->n_rows, sizeof(*im->row), by_loss, (void *)g);
}

/* ---- later days ---- */

/* Who loses leaves on a day, of the CAs that are not counted to the end, and what figures have beyond of these. */
struct losing {
	const struct graph *g;
	const struct beyond *beyond;
	bool *now;    /* by CA */
	uint32_t *of; /* by figure: how many of its CAs */
	uint64_t high, open, about, figures, unbounded;
};

static void count(uint64_t *n, uint64_t by, bool more)
{
	*n = more ? *n + by : *n - by;
}

static void change_losing(struct losing *l, uint32_t ca, bool loses)
{
	const struct ca *c = &l->g->ca.v[ca];
	uint32_t f = c->figure;

	if (l->now[ca] == loses)
		return;
	l->now[ca] = loses;
	count(&l->unbounded, ca_unbounded(l->g, ca), loses);
	if (f == NO_INDEX) {
		count(&l->open, c->coverage == COVERAGE_NONE, loses);
		return;
	}
	l->of[f] = loses ? l->of[f] + 1 : l->of[f] - 1;
	if (l->of[f] != loses)
		return; /* it was so before, or is still */
	count(&l->figures, 1, loses);
	count(&l->high, l->beyond[f].high, loses);
	count(&l->open, !l->beyond[f].bounded, loses);
	count(&l->about, l->g->figure.v[f].about, loses);
}

static struct lost_day day_of(const struct losing *l, const struct decay_step *s, int32_t day)
{
	return (struct lost_day){
		.day = day,
		.lost = { s->lost, s->lost + l->high, l->open, true, l->about > 0, false },
		.least = s->least,
		.unbounded = l->unbounded > 0,
		.figured = l->figures > 0,
	};
}

static bool same_loss(const struct lost_day *a, const struct lost_day *b)
{
	bool bounded = span_bounded(&a->lost);

	return a->lost.low == b->lost.low && bounded == span_bounded(&b->lost) &&
	       (!bounded || (a->lost.high == b->lost.high && a->lost.about == b->lost.about)) && a->least == b->least &&
	       a->unbounded == b->unbounded;
}

/* The first stage that begins after the day, else INT32_MAX. */
static int32_t next_stage(const struct trust_query *q, int32_t day)
{
	int32_t next = INT32_MAX;

	for (size_t i = 0; i < q->n_marks; i++)
		if (q->marks[i].since > day && q->marks[i].since < next)
			next = q->marks[i].since;
	return next;
}

static void collect_days(struct impact *im, const struct trust_query *q, const struct beyond *beyond)
{
	const struct graph *g = q->graph;
	const struct decay *d = &im->by_day;
	struct losing l = { .g = g, .beyond = beyond };
	VEC(struct lost_day) days = { 0 };
	size_t step = 0, change = 0;

	l.now = xcalloc(g->ca.n + 1, sizeof(*l.now));
	l.of = xcalloc(g->figure.n + 1, sizeof(*l.of));
	for (int32_t last = q->day;;) {
		int32_t stage = next_stage(q, last), day = stage;

		if (step < d->n && d->step[step].day < day)
			day = d->step[step].day;
		if (change < d->n_changes && d->change[change].day < day)
			day = d->change[change].day;
		if (day == INT32_MAX)
			break;
		for (; change < d->n_changes && d->change[change].day <= day; change++)
			change_losing(&l, d->change[change].ca, d->change[change].loses);
		step += step < d->n && d->step[step].day == day;
		struct lost_day next = day_of(&l, decay_on(d, day), day);
		bool second = days.n == 1 && days.v[0].figured; /* from the day after on at least nothing of it */
		if (second && day > days.v[0].day + 1) {
			vec_push(&days, days.v[0]);
			days.v[1].day++;
		}
		if (!days.n || (second && days.n == 1) || day == stage || !same_loss(&days.v[days.n - 1], &next))
			vec_push(&days, next);
		last = day;
	}
	days.v[0].lost = im->span.lost;
	days.v[0].unbounded = im->unbounded_cas > 0;
	im->day = days.v;
	im->n_days = days.n;
	free(l.now);
	free(l.of);
}

const struct lost_day *impact_on(const struct impact *im, int32_t day)
{
	size_t i = 0;

	while (i + 1 < im->n_days && im->day[i + 1].day <= day)
		i++;
	return &im->day[i];
}

/* What would be lost on later days among the leaves issued by the query's day. */
static void compute_decay(struct impact *im, const struct trust_query *q)
{
	struct beyond *beyond = figures_beyond(q->graph, q->day);

	decay_compute(q, &im->by_day);
	collect_days(im, q, beyond);
	for (int i = 1; i < DECAY_STEPS; i++) {
		const struct lost_day *on = impact_on(im, q->day + decay_days[i]);

		im->decay_span[i] = on->lost;
		im->decay_unbounded[i] = on->unbounded;
		im->decay[i] = im->decay_span[i].low;
	}
	free(beyond);
}

struct impact *impact_compute(const struct trust_query *q, bool with_decay)
{
	struct impact *im = xcalloc(1, sizeof(*im));

	im->trust = trust_compute(q);
	collect_rows(im, q->graph, q->day);
	im->has_decay = with_decay;
	im->decay[0] = im->total.lost;
	im->decay_span[0] = im->span.lost;
	im->decay_unbounded[0] = im->unbounded_cas > 0;
	if (with_decay)
		compute_decay(im, q);
	return im;
}

void impact_free(struct impact *im)
{
	if (!im)
		return;
	trust_free(im->trust);
	decay_release(&im->by_day);
	free(im->day);
	free(im->row);
	free(im);
}

void tally_own(const struct graph *g, const struct trust *t, int32_t day, uint64_t *own)
{
	for (uint32_t ca = 0; ca < g->ca.n; ca++) {
		struct leaf_tally tally = { 0 };
		if (t)
			trust_tally(t, ca, day, &tally);
		own[ca] = t ? tally.trusted : held_on(g, ca, day);
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
	int32_t day;
	const bool *usable; /* by certificate; NULL: looked at on the way, on the day */
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

void descent_each(struct descent *d, const uint32_t *roots, size_t n, void (*each)(void *ctx, uint32_t ca), void *ctx)
{
	d->walk++;
	for (size_t i = 0; i < n; i++)
		visit(d, roots[i]);
	while (d->stack.n) {
		uint32_t ca = d->stack.v[--d->stack.n];
		const struct ca *c = &d->g->ca.v[ca];
		each(ctx, ca);
		for (uint32_t i = 0; i < c->n_children; i++) {
			uint32_t cert = d->g->child_certs[c->first_child + i];
			if (d->usable ? d->usable[cert] : cert_usable_on(d->g, cert, d->day))
				visit(d, d->g->cert.v[cert].ca);
		}
	}
}

/* Calls each() for every CA of the subtree, once. */
static void walk_below(struct descent *d, uint32_t start, void (*each)(void *ctx, uint32_t ca), void *ctx)
{
	descent_each(d, &start, 1, each, ctx);
}

bool *certs_usable_on(const struct graph *g, int32_t day)
{
	bool *usable = xcalloc(g->cert.n + 1, sizeof(*usable));

	for (uint32_t i = 0; i < g->cert.n; i++)
		usable[i] = cert_usable_on(g, i, day);
	return usable;
}

static void descent_open(struct descent *d, const struct graph *g, const bool *usable)
{
	*d = (struct descent){ .g = g, .usable = usable, .seen = xcalloc(g->ca.n + 1, sizeof(uint32_t)) };
}

static void descent_close(struct descent *d)
{
	vec_release(&d->stack);
	free(d->seen);
}

struct descent *descent_new(const struct graph *g, const bool *usable)
{
	struct descent *d = xcalloc(1, sizeof(*d));

	descent_open(d, g, usable);
	return d;
}

void descent_free(struct descent *d)
{
	descent_close(d);
	free(d);
}

struct plain_sums {
	const uint64_t *const *own;
	size_t n;
	uint64_t sum[TALLIES_MAX];
};

static void add_own(void *ctx, uint32_t ca)
{
	struct plain_sums *s = ctx;

	for (size_t i = 0; i < s->n; i++)
		s->sum[i] += s->own[i][ca];
}

void tally_subtrees(const struct graph *g, const bool *usable, size_t n, const uint64_t *const *own, uint64_t *const *subtree)
{
	struct descent d;

	descent_open(&d, g, usable);
	for (uint32_t ca = 0; ca < g->ca.n; ca++) {
		struct plain_sums s = { .own = own, .n = n };
		walk_below(&d, ca, add_own, &s);
		for (size_t i = 0; i < n; i++)
			subtree[i][ca] = s.sum[i];
	}
	descent_close(&d);
}

void tally_subtree(const struct graph *g, int32_t day, const uint64_t *own, uint64_t *subtree)
{
	bool *usable = certs_usable_on(g, day);

	tally_subtrees(g, usable, 1, &own, &subtree);
	free(usable);
}

/* A subtree with figures. */
struct subtree_sum {
	struct figure_sum sum;
	int32_t day;
	const uint64_t *own; /* NULL: all that is held on the day */
	enum taken (*part)(void *ctx, uint32_t ca);
	void *ctx;
};

static void add_with_figure(void *ctx, uint32_t ca)
{
	struct subtree_sum *s = ctx;

	figure_sum_add(&s->sum, ca, s->part(s->ctx, ca), s->own ? s->own[ca] : held_on(s->sum.g, ca, s->day));
}

void tally_subtree_spans(const struct graph *g, const bool *usable, const uint64_t *own, const struct beyond *beyond,
	enum taken (*part)(void *ctx, uint32_t ca), void *ctx, struct span *span)
{
	struct subtree_sum s = { .sum = figure_sum_begin(g), .own = own, .part = part, .ctx = ctx };
	struct descent d;

	descent_open(&d, g, usable);
	for (uint32_t ca = 0; ca < g->ca.n; ca++) {
		walk_below(&d, ca, add_with_figure, &s);
		span[ca] = figure_sum_end(&s.sum, beyond);
	}
	descent_close(&d);
	figure_sum_release(&s.sum);
}

struct one_subtree {
	struct subtree_sum sum;
	struct subtree ret;
};

static void add_to_subtree(void *ctx, uint32_t ca)
{
	struct one_subtree *s = ctx;
	const struct graph *g = s->sum.sum.g;
	uint64_t n;

	add_with_figure(&s->sum, ca);
	s->ret.cas++;
	s->ret.unbounded |= ca_unbounded(g, ca);
	s->ret.partial |= ca_coverage(g, ca) != COVERAGE_COMPLETE;
	if (ca_issued(g, ca, &n)) {
		s->ret.issued += n;
		s->ret.told = true;
	}
}

struct subtree tally_one_subtree(const struct graph *g, int32_t day, const struct beyond *beyond, uint32_t ca)
{
	struct one_subtree s = { .sum = { .sum = figure_sum_begin(g), .day = day, .part = part_all } };
	struct descent d = { .g = g, .day = day, .seen = xcalloc(g->ca.n + 1, sizeof(uint32_t)) };

	walk_below(&d, ca, add_to_subtree, &s);
	s.ret.unexpired = figure_sum_end(&s.sum.sum, beyond);
	descent_close(&d);
	figure_sum_release(&s.sum.sum);
	return s.ret;
}

bool impact_kept_unbounded(const struct impact *im, const struct graph *g)
{
	for (size_t i = 0; i < im->n_rows; i++) {
		if (im->row[i].after != ACCEPT_NONE && ca_unbounded(g, im->row[i].ca))
			return true;
	}
	return false;
}
