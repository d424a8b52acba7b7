#include "index/decay.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"

/* The exact seconds of the leaves of one bucket. */
struct seconds {
	int64_t nb, sct;
};
struct rows {
	VEC(struct seconds) v;
};

/* A CA below a mark that has leaves of the purpose, or may have some that nobody counted. */
struct target {
	uint32_t ca;
	uint32_t first; /* of its buckets, in sweep.lost and sweep.rows */
	bool unknown;   /* accepts less than before, and is not counted to the end */
	bool changed;   /* accepts less than before */
};

/* On this day the trust of a CA and of what is below it may become another. */
struct change {
	int32_t day;
	uint32_t ca;
};

struct unknown_change {
	int32_t day, by;
};

struct sweep {
	const struct trust_query *q;
	const struct graph *g;
	const struct program *program;
	struct decay *ret;
	VEC(struct target) target;
	uint32_t *target_of; /* by CA: its number among them, or NO_INDEX */
	uint8_t *matters;    /* by CA: a target or above one */
	uint32_t n_buckets;  /* of all targets */
	uint32_t *lost;      /* of each of their buckets, on the day that the sweep has reached */
	struct rows **rows;  /* the same, read when a limit falls inside a day of theirs */
	int32_t last;        /* the last day of the last of these leaves */
	int64_t *delta;      /* by day from the query's: how many more are lost than on the day before */
	VEC(struct unknown_change) unknown;
	VEC(struct decay_change) uncounted;
	VEC(struct change) change;
	/* for one round: */
	uint8_t *met;        /* by CA */
	uint32_t *local_ca, *local_cert, *local_key; /* number in the part, NO_INDEX outside (certificates: of its CAs only) */
	VEC(uint32_t) list;  /* CAs met */
};

/* The CAs of one round as a graph of their own, with the query for it. */
struct part {
	struct graph g;
	struct store store;
	struct trust_query q;
	VEC(struct anchor_rule) rule;
	VEC(struct distrust_rule) distrust;
	VEC(struct mark) mark;
	VEC(uint32_t) exempt, assume;
};

/* ---- walking ---- */

static void meet(struct sweep *s, uint32_t ca)
{
	if (s->met[ca])
		return;
	s->met[ca] = 1;
	vec_push(&s->list, ca);
}

static void forget(struct sweep *s)
{
	for (size_t i = 0; i < s->list.n; i++)
		s->met[s->list.v[i]] = 0;
	s->list.n = 0;
}

/* Everything below what was met; with `matters` only CAs that do. */
static void meet_below(struct sweep *s, const uint8_t *matters)
{
	for (size_t i = 0; i < s->list.n; i++) {
		const struct ca *c = &s->g->ca.v[s->list.v[i]];

		for (uint32_t k = 0; k < c->n_children; k++) {
			uint32_t ca = s->g->cert.v[s->g->child_certs[c->first_child + k]].ca;

			if (!matters || matters[ca])
				meet(s, ca);
		}
	}
}

/* All ancestors too, whether or not their certificates are good today: they may become so, and a component is cut nowhere. */
static void meet_above(struct sweep *s)
{
	for (size_t i = 0; i < s->list.n; i++) {
		const struct ca *c = &s->g->ca.v[s->list.v[i]];

		for (uint32_t k = 0; k < c->n_certs; k++) {
			const struct ca_cert *e = &s->g->cert.v[s->g->ca_certs[c->first_cert + k]];

			for (uint32_t n = 0; n < e->n_issuers; n++)
				meet(s, s->g->issuers[e->first_issuer + n]);
		}
	}
}

/* Calls fn for each CA that has the certificate, or the key, of the mark. */
static void each_marked(struct sweep *s, const struct mark *m, void (*fn)(struct sweep *s, uint32_t ca, int32_t day))
{
	const struct graph *g = s->g;

	if (m->action != MARK_BLOCK) {
		fn(s, g->cert.v[m->target].ca, m->since);
		return;
	}
	for (uint32_t i = g->key_first[m->target]; i < g->key_first[m->target + 1]; i++)
		fn(s, g->key_cas[i], m->since);
}

/* ---- what is to be judged ---- */

static bool counts(const struct sweep *s, const struct bucket *b)
{
	return bucket_unexpired_on(b, s->q->day) && eku_allows_leaf(s->program, b->eku, s->q->purpose);
}

static void add_target(struct sweep *s, uint32_t ca)
{
	const struct ca *c = &s->g->ca.v[ca];
	bool wanted = c->coverage != COVERAGE_COMPLETE;

	for (uint32_t i = 0; i < c->n_buckets; i++) {
		const struct bucket *b = &s->g->buckets[c->first_bucket + i];

		if (!counts(s, b))
			continue;
		wanted = true;
		s->last = b->na_day > s->last ? b->na_day : s->last;
	}
	if (!wanted)
		return;
	s->target_of[ca] = (uint32_t)s->target.n;
	vec_push(&s->target, (struct target){ .ca = ca, .first = s->n_buckets });
	s->n_buckets += c->n_buckets;
}

static void meet_marked(struct sweep *s, uint32_t ca, int32_t day)
{
	(void)day;
	meet(s, ca);
}

static void find_targets(struct sweep *s)
{
	for (size_t i = 0; i < s->q->n_marks; i++)
		each_marked(s, &s->q->marks[i], meet_marked);
	meet_below(s, NULL);
	for (size_t i = 0; i < s->list.n; i++)
		add_target(s, s->list.v[i]);
	forget(s);
	for (size_t i = 0; i < s->target.n; i++)
		meet(s, s->target.v[i].ca);
	meet_above(s);
	for (size_t i = 0; i < s->list.n; i++)
		s->matters[s->list.v[i]] = 1;
}

/* ---- when it is to be judged ---- */

static void add_change(struct sweep *s, uint32_t ca, int32_t day)
{
	if (s->matters[ca] && day > s->q->day)
		vec_push(&s->change, (struct change){ day, ca });
}

static void change_at(struct sweep *s, uint32_t ca, int64_t t, int32_t days_later)
{
	if (t > date_start(s->q->day - 1) && t < date_start(INT32_MAX - 1))
		add_change(s, ca, date_of_time(t) + days_later);
}

static void change_on(struct sweep *s, uint32_t ca, int32_t day)
{
	add_change(s, ca, day);
}

static void cert_changes(struct sweep *s, uint32_t cert)
{
	const struct ca_cert *c = &s->g->cert.v[cert];
	size_t n;
	const struct revocation *r = cert_revocations(s->g, cert, &n);

	if (c->not_before != TIME_UNKNOWN && c->not_after != TIME_UNKNOWN) {
		change_at(s, c->ca, c->not_before, 0);
		change_at(s, c->ca, c->not_after, 1);
	}
	for (size_t i = 0; i < n; i++) {
		change_at(s, c->ca, r[i].from, 0);
		change_at(s, c->ca, r[i].lifted, 0);
	}
}

static int by_day(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return x->ca < y->ca ? -1 : x->ca > y->ca;
}

static void find_changes(struct sweep *s)
{
	for (size_t i = 0; i < s->list.n; i++) {
		const struct ca *c = &s->g->ca.v[s->list.v[i]];

		for (uint32_t k = 0; k < c->n_certs; k++)
			cert_changes(s, s->g->ca_certs[c->first_cert + k]);
	}
	for (size_t i = 0; i < s->q->n_marks; i++)
		each_marked(s, &s->q->marks[i], change_on);
	forget(s);
	if (s->change.n)
		qsort(s->change.v, s->change.n, sizeof(*s->change.v), by_day);
}

/* ---- a part of the graph ---- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void part_rules(struct sweep *s, struct part *p, uint32_t cert, uint32_t local)
{
	const struct store *store = s->q->store;
	const struct anchor_rule *r = store_anchor(store, cert, s->q->purpose);

	for (; r && r < store->rule + store->n_rules && r->cert == cert; r++) {
		if (r->purpose != s->q->purpose)
			continue;
		vec_push(&p->rule, *r);
		p->rule.v[p->rule.n - 1].cert = local;
	}
	if (store_distrusts(store, cert, s->q->purpose))
		vec_push(&p->distrust, (struct distrust_rule){ local, (uint8_t)s->q->purpose });
}

static void part_cert(struct sweep *s, struct part *p, uint32_t cert)
{
	struct ca_cert own = s->g->cert.v[cert];
	size_t n;
	const struct revocation *r = cert_revocations(s->g, cert, &n);
	uint32_t local;

	own.ca = s->local_ca[own.ca];
	local = s->local_cert[cert] = graph_add_cert(&p->g, &own);
	for (uint32_t i = 0; i < own.n_issuers; i++)
		graph_add_edge(&p->g, local, s->local_ca[s->g->issuers[own.first_issuer + i]]);
	for (size_t i = 0; i < n; i++) {
		struct revocation copy = r[i];

		copy.cert = local;
		graph_add_revocation(&p->g, &copy);
	}
	part_rules(s, p, cert, local);
}

static void part_graph(struct sweep *s, struct part *p)
{
	graph_init(&p->g);
	/* in the order of the whole, so that what is the same there is the same here */
	qsort(s->list.v, s->list.n, sizeof(*s->list.v), by_number);
	for (size_t i = 0; i < s->list.n; i++) {
		const struct ca *c = &s->g->ca.v[s->list.v[i]];

		if (s->local_key[c->key] == NO_INDEX)
			s->local_key[c->key] = p->g.n_keys;
		s->local_ca[s->list.v[i]] = graph_add_ca(&p->g, &(struct ca){ .key = s->local_key[c->key] });
	}
	for (size_t i = 0; i < s->list.n; i++) {
		const struct ca *c = &s->g->ca.v[s->list.v[i]];

		for (uint32_t k = 0; k < c->n_certs; k++)
			part_cert(s, p, s->g->ca_certs[c->first_cert + k]);
	}
	graph_finish(&p->g);
}

static void part_marks(struct sweep *s, struct part *p)
{
	for (size_t i = 0; i < s->q->n_marks; i++) {
		struct mark m = s->q->marks[i];

		if (m.action == MARK_BLOCK)
			m.target = s->local_key[m.target];
		else if (s->local_ca[s->g->cert.v[m.target].ca] == NO_INDEX)
			continue;
		else
			m.target = s->local_cert[m.target];
		if (m.target != NO_INDEX)
			vec_push(&p->mark, m);
	}
	for (size_t i = 0; i < s->q->n_exempt; i++)
		if (s->local_ca[s->q->exempt[i]] != NO_INDEX)
			vec_push(&p->exempt, s->local_ca[s->q->exempt[i]]);
	for (size_t i = 0; i < s->q->n_assume; i++)
		if (s->local_ca[s->g->cert.v[s->q->assume[i]].ca] != NO_INDEX)
			vec_push(&p->assume, s->local_cert[s->q->assume[i]]);
}

/* Of the CAs met, which are all ancestors of each. */
static void part_init(struct sweep *s, struct part *p, int32_t day)
{
	*p = (struct part){ .q = *s->q, .store = *s->q->store };
	part_graph(s, p);
	part_marks(s, p);
	p->store.rule = p->rule.v;
	p->store.n_rules = p->rule.n;
	p->store.distrust = p->distrust.v;
	p->store.n_distrusts = p->distrust.n;
	p->q.graph = &p->g;
	p->q.store = &p->store;
	p->q.day = day;
	p->q.marks = p->mark.v;
	p->q.n_marks = p->mark.n;
	p->q.exempt = p->exempt.v;
	p->q.n_exempt = p->exempt.n;
	p->q.assume = p->assume.v;
	p->q.n_assume = p->assume.n;
}

static void part_release(struct sweep *s, struct part *p)
{
	for (size_t i = 0; i < s->list.n; i++) {
		s->local_ca[s->list.v[i]] = NO_INDEX;
		s->local_key[s->g->ca.v[s->list.v[i]].key] = NO_INDEX;
	}
	graph_release(&p->g);
	vec_release(&p->rule);
	vec_release(&p->distrust);
	vec_release(&p->mark);
	vec_release(&p->exempt);
	vec_release(&p->assume);
}

/* ---- leaves ---- */

static void take_row(void *ctx, int64_t nb, int64_t na, int64_t sct)
{
	struct rows *r = ctx;

	(void)na;
	vec_push(&r->v, (struct seconds){ nb, sct });
}

/* NULL when they cannot be read: then days must do. */
static const struct rows *rows_of(struct sweep *s, uint32_t ca, const struct bucket *b, struct rows **rows)
{
	if (!*rows) {
		*rows = xcalloc(1, sizeof(**rows));
		if (s->g->leaf_rows(s->g->leaf_ctx, s->g, ca, b, take_row, *rows) < 0)
			vec_release(&(*rows)->v);
	}
	return (*rows)->v.n ? *rows : NULL;
}

static uint32_t lost_of(struct sweep *s, const struct trust *t, uint32_t ca, const struct bucket *b, struct rows **rows)
{
	uint32_t local = s->local_ca[ca], n = 0;
	const struct rows *exact = s->g->leaf_rows && trust_divides(t, local, b) ? rows_of(s, ca, b, rows) : NULL;

	if (!exact) {
		struct verdict v = trust_leaf(t, local, date_start(b->nb_day),
			b->sct_day == SCT_DAY_NONE ? SCT_NONE : date_start(b->sct_day));
		return v.before && !v.after ? b->n : 0;
	}
	for (size_t i = 0; i < exact->v.n; i++) {
		struct verdict v = trust_leaf(t, local, exact->v.v[i].nb, exact->v.v[i].sct);
		n += v.before && !v.after;
	}
	return n;
}

static void set_lost(struct sweep *s, uint32_t i, const struct bucket *b, int32_t day, uint32_t lost)
{
	int64_t more = (int64_t)lost - s->lost[i];

	s->delta[day - s->q->day] += more;
	s->delta[b->na_day + 1 - s->q->day] -= more;
	s->lost[i] = lost;
}

static void judge_target(struct sweep *s, struct target *t, const struct trust *trust, int32_t day)
{
	const struct ca *c = &s->g->ca.v[t->ca];
	uint32_t local = s->local_ca[t->ca];
	bool touched = trust_touched(trust, local), changed = touched && trust_changed(trust, local);
	bool unknown = changed && c->coverage != COVERAGE_COMPLETE; /* a figure bounds nothing here: only what is held is summed */

	if (changed != t->changed && c->coverage != COVERAGE_COMPLETE)
		vec_push(&s->uncounted, (struct decay_change){ day, t->ca, changed });
	t->changed = changed;
	if (unknown != t->unknown)
		vec_push(&s->unknown, (struct unknown_change){ day, unknown ? 1 : -1 });
	t->unknown = unknown;
	s->ret->counted |= changed && c->coverage != COVERAGE_NONE;
	s->ret->complete |= changed && c->coverage == COVERAGE_COMPLETE;
	s->ret->exact &= trust_exact(trust, local);
	for (uint32_t i = 0; i < c->n_buckets; i++) {
		const struct bucket *b = &s->g->buckets[c->first_bucket + i];
		uint32_t n = t->first + i;

		if (b->na_day >= day && counts(s, b))
			set_lost(s, n, b, day, touched ? lost_of(s, trust, t->ca, b, &s->rows[n]) : 0);
	}
}

/* ---- the sweep ---- */

/* Judges these targets anew; the trust of the others stays as it was. */
static void judge(struct sweep *s, const uint32_t *target, size_t n, int32_t day)
{
	struct part p;

	for (size_t i = 0; i < n; i++)
		meet(s, s->target.v[target[i]].ca);
	meet_above(s);
	part_init(s, &p, day);
	struct trust *t = trust_compute(&p.q);
	for (size_t i = 0; i < n; i++)
		judge_target(s, &s->target.v[target[i]], t, day);
	trust_free(t);
	part_release(s, &p);
	forget(s);
}

/* All changes of one day. */
static void judge_changes(struct sweep *s, const struct change *c, size_t n)
{
	VEC(uint32_t) target = { 0 };

	for (size_t i = 0; i < n; i++)
		meet(s, c[i].ca);
	meet_below(s, s->matters);
	for (size_t i = 0; i < s->list.n; i++)
		if (s->target_of[s->list.v[i]] != NO_INDEX)
			vec_push(&target, s->target_of[s->list.v[i]]);
	forget(s);
	judge(s, target.v, target.n, c->day);
	vec_release(&target);
}

static void sweep_days(struct sweep *s)
{
	VEC(uint32_t) all = { 0 };
	bool complete = true;

	for (uint32_t i = 0; i < s->target.n; i++) {
		vec_push(&all, i);
		complete &= s->g->ca.v[s->target.v[i].ca].coverage == COVERAGE_COMPLETE;
	}
	judge(s, all.v, all.n, s->q->day);
	vec_release(&all);
	for (size_t i = 0, n; i < s->change.n; i += n) {
		for (n = 1; i + n < s->change.n && s->change.v[i + n].day == s->change.v[i].day; n++)
			;
		/* leaves that nobody counted may be there for as long as anybody's */
		if (!complete || s->change.v[i].day <= s->last)
			judge_changes(s, &s->change.v[i], n);
	}
}

/* ---- the answer ---- */

static void put_step(struct decay *d, size_t *cap, const struct decay_step *step)
{
	const struct decay_step *last = d->n ? &d->step[d->n - 1] : NULL;

	if (last && last->lost == step->lost && last->least == step->least)
		return;
	if (d->n == *cap) {
		*cap = *cap ? *cap * 2 : 16;
		d->step = xreallocarray(d->step, *cap, sizeof(*d->step));
	}
	d->step[d->n++] = *step;
}

static void add_up(struct sweep *s)
{
	int64_t lost = 0, unknown = 0;
	int32_t day = s->q->day;
	size_t at = 0, cap = 0;

	while (day <= s->last + 1 || at < s->unknown.n) {
		if (day <= s->last + 1)
			lost += s->delta[day - s->q->day];
		for (; at < s->unknown.n && s->unknown.v[at].day == day; at++)
			unknown += s->unknown.v[at].by;
		put_step(s->ret, &cap, &(struct decay_step){ day, (uint64_t)lost, unknown > 0 });
		if (day <= s->last)
			day++;
		else if (at < s->unknown.n)
			day = s->unknown.v[at].day;
		else
			break;
	}
}

static uint32_t *no_numbers(size_t n)
{
	uint32_t *v = xreallocarray(NULL, n + 1, sizeof(*v));

	memset(v, 0xff, (n + 1) * sizeof(*v));
	return v;
}

static void sweep_release(struct sweep *s)
{
	for (uint32_t i = 0; i < s->n_buckets; i++) {
		if (s->rows[i])
			vec_release(&s->rows[i]->v);
		free(s->rows[i]);
	}
	free(s->rows);
	free(s->lost);
	free(s->delta);
	free(s->target_of);
	free(s->matters);
	free(s->met);
	free(s->local_ca);
	free(s->local_cert);
	free(s->local_key);
	vec_release(&s->target);
	vec_release(&s->unknown);
	vec_release(&s->change);
	vec_release(&s->list);
}

void decay_compute(const struct trust_query *q, struct decay *ret)
{
	const struct graph *g = q->graph;
	struct sweep s = { .q = q, .g = g, .program = program_find(q->store->program), .ret = ret, .last = q->day };

	*ret = (struct decay){ .exact = true };
	s.target_of = no_numbers(g->ca.n);
	s.matters = xcalloc(g->ca.n + 1, 1);
	s.met = xcalloc(g->ca.n + 1, 1);
	find_targets(&s);
	find_changes(&s);
	s.local_ca = no_numbers(g->ca.n);
	s.local_cert = xcalloc(g->cert.n + 1, sizeof(*s.local_cert));
	s.local_key = no_numbers(g->n_keys);
	s.lost = xcalloc((size_t)s.n_buckets + 1, sizeof(*s.lost));
	s.rows = xcalloc((size_t)s.n_buckets + 1, sizeof(struct rows *));
	s.delta = xcalloc((size_t)(s.last - q->day) + 2, sizeof(*s.delta));
	if (s.target.n)
		sweep_days(&s);
	add_up(&s);
	ret->change = s.uncounted.v;
	ret->n_changes = s.uncounted.n;
	sweep_release(&s);
}

void decay_release(struct decay *d)
{
	free(d->step);
	free(d->change);
	*d = (struct decay){ 0 };
}

const struct decay_step *decay_on(const struct decay *d, int32_t day)
{
	size_t lo = 0, hi = d->n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (d->step[mid].day <= day)
			lo = mid;
		else
			hi = mid;
	}
	return &d->step[lo];
}

int32_t decay_below(const struct decay *d, uint64_t n, int32_t *first, bool *least)
{
	size_t at = 0, from = d->n - 1;

	while (d->step[at].lost >= n)
		at++;
	*least = d->step[from].least;
	while (from > 0 && d->step[from - 1].lost < n)
		*least |= d->step[--from].least;
	*first = d->step[at].day;
	return d->step[from].day;
}
