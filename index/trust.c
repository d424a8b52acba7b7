#include "index/trust.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "index/judge.h"

const char *const mark_action_names[MARK_ACTIONS] = { "remove", "block", "revoke", "distrust-after", "sct-not-after" };
const char *const revocation_mode_names[3] = { "enforced", "all", "none" };
const char *const acceptance_names[3] = { "none", "some", "all" };

/* One way from an anchor down to a certificate of a CA, as far as it can be observed from below. */
struct state {
	struct box before, after;
	uint32_t cert;    /* the CA's own certificate at the lower end */
	uint32_t above;   /* state it continues, NO_INDEX for an anchor */
	uint32_t next;    /* further state of the same CA */
	int32_t budget;   /* certificates not self-issued that may still follow */
	uint32_t length;
	uint64_t visited; /* members of the CA's component on the way; 0 in components of one */
	bool exempt;      /* an exempt CA is on the way: marks no longer act */
	bool unevaluated; /* its anchor has a rule that was taken as met */
	bool dead;        /* dominated by a later state */
};

struct trust {
	struct judge judge;
	VEC(struct state) state;
	uint32_t *first;  /* by CA: its states, newest first */
	uint16_t *alive;  /* by CA: how many of them are not dead */
	uint8_t *inexact; /* by CA */
	size_t work, work_limit; /* extensions tried in the component at hand */
	uint32_t *local;  /* by CA: its number within its component */
	VEC(uint32_t) todo;
};

/* A component of mutually certified CAs can have exponentially many simple paths; real ones have 2 or 3
 * CAs. Beyond these limits the answer is said to be not exact. */
#define MEMBERS_MAX 64
#define STATES_MAX 4096
#define WORK_MAX 200000

/* Does keeping `by` make `s` unobservable, now and after any common continuation? The boxes must be
 * wider, and what the scenario cuts from s must be cut from `by` too, for `kept` counts cut paths. */
static bool dominated(const struct state *s, const struct state *by)
{
	if (by->budget < s->budget || by->exempt != s->exempt || (by->unevaluated && !s->unevaluated))
		return false;
	/* a shorter path is the better example, see trust_via */
	if (by->length > s->length || (by->visited & ~s->visited))
		return false;
	if (!box_inside(&s->before, &by->before) || !box_inside(&s->after, &by->after))
		return false;
	if (box_inside(&s->before, &s->after))
		return true;
	struct box alive = box_and(&s->before, &by->after);
	return box_inside(&alive, &s->after);
}

static bool keep_state(struct trust *t, uint32_t ca, const struct state *s)
{
	for (uint32_t i = t->first[ca]; i != NO_INDEX; i = t->state.v[i].next) {
		const struct state *old = &t->state.v[i];
		if (!old->dead && dominated(s, old))
			return false;
	}
	for (uint32_t i = t->first[ca]; i != NO_INDEX; i = t->state.v[i].next) {
		struct state *old = &t->state.v[i];
		if (!old->dead && dominated(old, s)) {
			old->dead = true;
			t->alive[ca]--;
		}
	}
	return true;
}

static void add_state(struct trust *t, uint32_t ca, const struct state *s)
{
	if (box_empty(&s->before) || !keep_state(t, ca, s))
		return;
	if (t->alive[ca] >= STATES_MAX) {
		t->inexact[ca] = 1;
		return;
	}
	uint32_t n = (uint32_t)t->state.n;
	vec_push(&t->state, *s);
	t->state.v[n].next = t->first[ca];
	t->first[ca] = n;
	t->alive[ca]++;
	vec_push(&t->todo, n);
}

static uint64_t member_bit(const struct trust *t, uint32_t ca)
{
	const struct graph *g = t->judge.q.graph;
	uint32_t c = g->ca.v[ca].component;
	uint32_t members = g->component_first[c + 1] - g->component_first[c];

	return members == 1 || members > MEMBERS_MAX ? 0 : 1ULL << t->local[ca];
}

/* The scenario's marks on s->cert. */
static void apply_marks(const struct trust *t, struct state *s, uint32_t ca, bool as_anchor)
{
	if (t->judge.exempt[ca])
		s->exempt = true;
	if (s->exempt)
		s->after = s->before;
	else
		judge_marks(&t->judge, s->cert, as_anchor, &s->after);
}

static void add_anchor(struct trust *t, const struct anchor_rule *rule)
{
	uint32_t ca = t->judge.q.graph->cert.v[rule->cert].ca;

	if (judge_anchor(&t->judge, rule) != PATH_OK)
		return;
	struct state s = {
		.before = rule->box,
		.after = rule->box,
		.cert = rule->cert,
		.above = NO_INDEX,
		.budget = judge_open_budget(judge_anchor_path_len(&t->judge, rule)),
		.length = 1,
		.visited = member_bit(t, ca),
		.unevaluated = rule->unevaluated,
	};
	apply_marks(t, &s, ca, true);
	add_state(t, ca, &s);
}

/* The path of state `from` (of an issuer of cert) continued by cert. */
static void extend(struct trust *t, uint32_t from, uint32_t cert, bool same_component)
{
	const struct graph *g = t->judge.q.graph;
	uint32_t ca = g->cert.v[cert].ca;
	struct state s = t->state.v[from];
	uint64_t bit = member_bit(t, ca);

	if (s.dead || (same_component && (s.visited & bit)))
		return;
	s.budget = judge_budget(&t->judge, s.budget, cert);
	if (s.budget < 0)
		return;
	s.visited = same_component ? s.visited | bit : bit;
	s.cert = cert;
	s.above = from;
	s.length++;
	apply_marks(t, &s, ca, false);
	add_state(t, ca, &s);
}

/* States of `ca` that come from issuers in components above. */
static void enter_from_above(struct trust *t, uint32_t ca)
{
	const struct graph *g = t->judge.q.graph;
	const struct ca *c = &g->ca.v[ca];

	for (uint32_t i = 0; i < c->n_certs; i++) {
		uint32_t cert = g->ca_certs[c->first_cert + i];
		const struct ca_cert *e = &g->cert.v[cert];
		if (judge_link(&t->judge, cert) != PATH_OK)
			continue;
		for (uint32_t k = 0; k < e->n_issuers; k++) {
			uint32_t issuer = g->issuers[e->first_issuer + k];
			if (g->ca.v[issuer].component == c->component)
				continue;
			t->inexact[ca] |= t->inexact[issuer];
			for (uint32_t s = t->first[issuer]; s != NO_INDEX; s = t->state.v[s].next)
				extend(t, s, cert, false);
		}
	}
}

static void spread_inside(struct trust *t, uint32_t component)
{
	const struct graph *g = t->judge.q.graph;

	while (t->todo.n && t->work <= t->work_limit) {
		uint32_t from = t->todo.v[--t->todo.n];
		const struct ca *c = &g->ca.v[g->cert.v[t->state.v[from].cert].ca];
		for (uint32_t i = 0; i < c->n_children; i++) {
			uint32_t cert = g->child_certs[c->first_child + i];
			uint32_t below = g->cert.v[cert].ca;
			if (g->ca.v[below].component != component || &g->ca.v[below] == c)
				continue;
			t->work++;
			if (judge_link(&t->judge, cert) == PATH_OK)
				extend(t, from, cert, true);
		}
	}
}

static void run_component(struct trust *t, uint32_t component)
{
	const struct graph *g = t->judge.q.graph;
	uint32_t first = g->component_first[component], end = g->component_first[component + 1];
	bool inexact = end - first > MEMBERS_MAX;

	t->work = 0;
	for (uint32_t i = first; i < end; i++)
		enter_from_above(t, g->component_cas[i]);
	if (end - first > 1) {
		spread_inside(t, component);
		inexact |= t->todo.n > 0;
		for (uint32_t i = first; i < end; i++)
			inexact |= t->inexact[g->component_cas[i]];
		for (uint32_t i = first; inexact && i < end; i++)
			t->inexact[g->component_cas[i]] = 1;
	}
	t->todo.n = 0;
}

static int by_component(const struct trust *t, uint32_t rule)
{
	const struct graph *g = t->judge.q.graph;

	return (int)g->ca.v[g->cert.v[t->judge.rule[rule].cert].ca].component;
}

/* Anchor rules grouped by component, so that each component meets its own. */
static uint32_t *rules_by_component(const struct trust *t, uint32_t **ret_first)
{
	uint32_t n = t->judge.q.graph->n_components;
	uint32_t *first = xcalloc((size_t)n + 2, sizeof(*first));
	uint32_t *order = xcalloc(t->judge.n_rules + 1, sizeof(*order));

	for (uint32_t i = 0; i < t->judge.n_rules; i++)
		first[by_component(t, i) + 2]++;
	for (uint32_t i = 0; i < n; i++)
		first[i + 2] += first[i + 1];
	for (uint32_t i = 0; i < t->judge.n_rules; i++)
		order[first[by_component(t, i) + 1]++] = i;
	*ret_first = first;
	return order;
}

static void number_members(struct trust *t)
{
	const struct graph *g = t->judge.q.graph;

	for (uint32_t c = 0; c < g->n_components; c++)
		for (uint32_t i = g->component_first[c]; i < g->component_first[c + 1]; i++)
			t->local[g->component_cas[i]] = i - g->component_first[c];
}

struct trust *trust_compute(const struct trust_query *q)
{
	struct trust *t = xcalloc(1, sizeof(*t));
	size_t n = q->graph->ca.n;
	uint32_t *first_rule;

	judge_init(&t->judge, q);
	t->first = xreallocarray(NULL, n + 1, sizeof(*t->first));
	memset(t->first, 0xff, (n + 1) * sizeof(*t->first));
	t->alive = xcalloc(n + 1, sizeof(*t->alive));
	t->inexact = xcalloc(n + 1, 1);
	t->local = xcalloc(n + 1, sizeof(*t->local));
	t->work_limit = WORK_MAX;
	number_members(t);
	uint32_t *rule = rules_by_component(t, &first_rule);
	for (uint32_t c = 0; c < q->graph->n_components; c++) {
		for (uint32_t i = first_rule[c]; i < first_rule[c + 1]; i++)
			add_anchor(t, &t->judge.rule[rule[i]]);
		run_component(t, c);
	}
	free(rule);
	free(first_rule);
	return t;
}

void trust_free(struct trust *t)
{
	if (!t)
		return;
	judge_release(&t->judge);
	vec_release(&t->state);
	vec_release(&t->todo);
	free(t->first);
	free(t->alive);
	free(t->inexact);
	free(t->local);
	free(t);
}

const struct trust_query *trust_query(const struct trust *t)
{
	return &t->judge.q;
}

static uint32_t next_alive(const struct trust *t, uint32_t s)
{
	while (s != NO_INDEX && t->state.v[s].dead)
		s = t->state.v[s].next;
	return s;
}

#define FOR_EACH_STATE(t, ca, s)                                                                                       \
	for (uint32_t s = next_alive(t, (t)->first[ca]); s != NO_INDEX; s = next_alive(t, (t)->state.v[s].next))

/* The boxes of a CA's states, not the empty ones; caller frees. */
static struct box *boxes_of(const struct trust *t, uint32_t ca, bool after, size_t *n)
{
	struct box *box = xcalloc((size_t)t->alive[ca] + 1, sizeof(*box));

	*n = 0;
	FOR_EACH_STATE(t, ca, s)
	{
		const struct box *b = after ? &t->state.v[s].after : &t->state.v[s].before;
		if (!box_empty(b))
			box[(*n)++] = *b;
	}
	return box;
}

static enum acceptance acceptance_of(const struct trust *t, uint32_t ca, bool after)
{
	const struct box all = BOX_ALL;
	size_t n;
	struct box *box = boxes_of(t, ca, after, &n);
	enum acceptance a = n == 0 ? ACCEPT_NONE : box_covered(&all, box, n) ? ACCEPT_ALL : ACCEPT_SOME;

	free(box);
	return a;
}

enum acceptance trust_before(const struct trust *t, uint32_t ca)
{
	return acceptance_of(t, ca, false);
}

enum acceptance trust_after(const struct trust *t, uint32_t ca)
{
	return acceptance_of(t, ca, true);
}

bool trust_touched(const struct trust *t, uint32_t ca)
{
	FOR_EACH_STATE(t, ca, s)
	if (!box_inside(&t->state.v[s].before, &t->state.v[s].after))
		return true;
	return false;
}

bool trust_changed(const struct trust *t, uint32_t ca)
{
	size_t n;
	bool changed = false;

	if (!trust_touched(t, ca))
		return false;
	struct box *after = boxes_of(t, ca, true, &n);
	FOR_EACH_STATE(t, ca, s)
	changed |= !box_covered(&t->state.v[s].before, after, n);
	free(after);
	return changed;
}

static bool all_covered(const struct box *inner, size_t n, const struct box *outer, size_t m)
{
	for (size_t i = 0; i < n; i++)
		if (!box_covered(&inner[i], outer, m))
			return false;
	return true;
}

bool trust_same_after(const struct trust *a, const struct trust *b, uint32_t ca)
{
	size_t n, m;
	struct box *x = boxes_of(a, ca, true, &n), *y = boxes_of(b, ca, true, &m);
	bool same = all_covered(x, n, y, m) && all_covered(y, m, x, n);

	free(x);
	free(y);
	return same;
}

bool trust_exact(const struct trust *t, uint32_t ca)
{
	return !t->inexact[ca];
}

bool trust_unevaluated(const struct trust *t, uint32_t ca)
{
	bool found = false;

	FOR_EACH_STATE(t, ca, s)
	{
		if (!t->state.v[s].unevaluated)
			continue;
		bool sure = false;
		FOR_EACH_STATE(t, ca, other)
		sure |= !t->state.v[other].unevaluated && box_inside(&t->state.v[s].before, &t->state.v[other].before) &&
		        box_inside(&t->state.v[s].after, &t->state.v[other].after);
		found |= !sure;
	}
	return found;
}

struct verdict trust_leaf(const struct trust *t, uint32_t ca, int64_t nb, int64_t sct)
{
	struct verdict v = { false, false, false };

	FOR_EACH_STATE(t, ca, s)
	{
		if (!box_has(&t->state.v[s].before, nb, sct))
			continue;
		bool after = box_has(&t->state.v[s].after, nb, sct);
		v.before = true;
		v.after |= after;
		v.cut |= !after;
	}
	return v;
}

/* Does an SCT rule judge leaves of this notBefore? */
static bool judged_by_sct(const struct trust *t, uint32_t ca, int64_t nb)
{
	FOR_EACH_STATE(t, ca, s)
	{
		struct box before = t->state.v[s].before, after = t->state.v[s].after;
		if (nb < before.nb_lo || nb > before.nb_hi)
			continue;
		if (before.sct_lo != INT64_MIN || before.sct_hi != INT64_MAX)
			return true;
		if (nb >= after.nb_lo && nb <= after.nb_hi && (after.sct_lo != INT64_MIN || after.sct_hi != INT64_MAX))
			return true;
	}
	return false;
}

/* no_sct: none of its certificates embeds one, sct is a log's time or SCT_NONE. */
static void tally_leaves(const struct trust *t, uint32_t ca, int64_t nb, int64_t sct, bool no_sct, uint64_t n,
                         struct leaf_tally *sum)
{
	struct verdict v = trust_leaf(t, ca, nb, sct);

	sum->trusted += v.before ? n : 0;
	sum->lost += v.before && !v.after ? n : 0;
	sum->kept += v.after && v.cut ? n : 0;
	sum->no_sct += no_sct && judged_by_sct(t, ca, nb) ? n : 0;
}

/* Does the limit divide the day: is there a second of the day on either side? A lower limit is
 * given as the last second below it. */
static bool divides(int64_t last_inside, int32_t day)
{
	return last_inside >= date_start(day) && last_inside < date_end(day);
}

static bool box_divides(const struct box *b, const struct bucket *k)
{
	if (divides(b->nb_hi, k->nb_day) || (b->nb_lo != INT64_MIN && divides(b->nb_lo - 1, k->nb_day)))
		return true;
	if (k->sct_day == SCT_DAY_NONE)
		return false;
	return divides(b->sct_hi, k->sct_day) || (b->sct_lo != INT64_MIN && divides(b->sct_lo - 1, k->sct_day));
}

bool trust_divides(const struct trust *t, uint32_t ca, const struct bucket *k)
{
	FOR_EACH_STATE(t, ca, s)
	if (box_divides(&t->state.v[s].before, k) || box_divides(&t->state.v[s].after, k))
		return true;
	return false;
}

struct verdict trust_bucket(const struct trust *t, uint32_t ca, const struct bucket *k)
{
	return trust_leaf(t, ca, date_start(k->nb_day), k->sct_day == SCT_DAY_NONE ? SCT_NONE : date_start(k->sct_day));
}

struct row_tally {
	const struct trust *t;
	uint32_t ca;
	bool log_time;
	struct leaf_tally *sum;
};

static void tally_row(void *ctx, int64_t nb, int64_t na, int64_t sct)
{
	struct row_tally *r = ctx;

	(void)na;
	tally_leaves(r->t, r->ca, nb, sct, r->log_time || sct == SCT_NONE, 1, r->sum);
}

void trust_tally(const struct trust *t, uint32_t ca, int32_t issued_by, struct leaf_tally *tally)
{
	const struct graph *g = t->judge.q.graph;
	const struct ca *c = &g->ca.v[ca];

	for (uint32_t i = 0; i < c->n_buckets; i++) {
		const struct bucket *k = &g->buckets[c->first_bucket + i];
		if (!bucket_unexpired_on(k, t->judge.q.day) || k->nb_day > issued_by)
			continue;
		tally->unexpired += k->n;
		if (!t->alive[ca] || !eku_allows_leaf(t->judge.program, k->eku, t->judge.q.purpose))
			continue;
		struct row_tally rows = { t, ca, k->log_time, tally };
		if (g->leaf_rows && trust_divides(t, ca, k) && g->leaf_rows(g->leaf_ctx, g, ca, k, tally_row, &rows) == 0)
			continue;
		tally_leaves(t, ca, date_start(k->nb_day),
		             k->sct_day == SCT_DAY_NONE ? SCT_NONE : date_start(k->sct_day),
		             k->log_time || k->sct_day == SCT_DAY_NONE, k->n, tally);
	}
}

static const struct box *example_box(const struct trust *t, uint32_t state, bool after)
{
	return after ? &t->state.v[state].after : &t->state.v[state].before;
}

/* Does no other state of the CA accept all that this one accepts, and more? */
static bool widest(const struct trust *t, uint32_t ca, uint32_t state, bool after)
{
	const struct box *own = example_box(t, state, after);

	FOR_EACH_STATE(t, ca, s)
	if (box_inside(own, example_box(t, s, after)) && !box_inside(example_box(t, s, after), own))
		return false;
	return true;
}

size_t trust_via(const struct trust *t, uint32_t ca, bool after, uint32_t *certs, size_t max)
{
	uint32_t best = NO_INDEX;
	size_t n = 0;

	FOR_EACH_STATE(t, ca, s)
	{
		if (box_empty(example_box(t, s, after)) || !widest(t, ca, s, after))
			continue;
		if (best == NO_INDEX || t->state.v[s].length < t->state.v[best].length)
			best = s;
	}
	for (; best != NO_INDEX && n < max; best = t->state.v[best].above)
		certs[n++] = t->state.v[best].cert;
	return n;
}
