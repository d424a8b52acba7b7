#include "index/trust.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "index/judge.h"

const char *const mark_action_names[MARK_ACTIONS] = { "remove", "block", "revoke", "distrust-after", "sct-not-after" };
const char *const revocation_mode_names[3] = { "enforced", "all", "none" };
const char *const acceptance_names[3] = { "none", "some", "all" };

struct cas {
	uint32_t *v;
	size_t n, cap;
};

static void meet(struct cas *list, uint8_t *met, uint32_t ca)
{
	if (met[ca])
		return;
	met[ca] = 1;
	vec_push(list, ca);
}

const uint32_t *mark_cas(const struct graph *g, const struct mark *m, size_t *n)
{
	*n = 1;
	if (m->action != MARK_BLOCK)
		return &g->cert.v[m->target].ca;
	*n = g->key_first[m->target + 1] - g->key_first[m->target];
	return &g->key_cas[g->key_first[m->target]];
}

size_t marks_below(const struct graph *g, const struct mark *marks, size_t n, uint32_t **ret)
{
	uint8_t *met = xcalloc(g->ca.n + 1, 1);
	struct cas list = { xcalloc(1, sizeof(*list.v)), 0, 1 };

	for (size_t i = 0; i < n; i++) {
		size_t n_marked;
		const uint32_t *ca = mark_cas(g, &marks[i], &n_marked);
		for (size_t k = 0; k < n_marked; k++)
			meet(&list, met, ca[k]);
	}
	for (size_t i = 0; i < list.n; i++) {
		const struct ca *c = &g->ca.v[list.v[i]];
		for (uint32_t k = 0; k < c->n_children; k++)
			meet(&list, met, g->cert.v[g->child_certs[c->first_child + k]].ca);
	}
	free(met);
	*ret = list.v;
	return list.n;
}

/* One way from an anchor down to a certificate of a CA, as far as it can be observed from below. There are more of them
 * than certificates, so they are small: boxes are few and stand in trust.box, once each. */
struct state {
	uint32_t before, after; /* numbers of boxes */
	uint32_t cert;          /* the CA's own certificate at the lower end */
	uint32_t above;         /* state it continues, NO_INDEX for an anchor */
	uint32_t next;          /* further state of the same CA */
	int32_t budget;         /* certificates not self-issued that may still follow */
	uint32_t length;
	bool exempt : 1;        /* an exempt CA is on the way: marks no longer act */
	bool unevaluated : 1;   /* its anchor has a rule that was taken as met */
	bool through : 1;       /* a certificate of the query's `through` is on the way */
	bool hidden : 1;        /* who has only a leaf does not find `cert` */
	bool dead : 1;          /* dominated by a later state */
};

/* One that is tried, with the members of the CA's component on the way: none in components of one. */
struct trial {
	struct state s;
	uint64_t visited;
};

enum { BOX_WHOLE }; /* the number of BOX_ALL */

struct trust {
	struct judge judge;
	VEC(struct box) box;
	struct map box_number;
	VEC(struct state) state;
	uint32_t *first;  /* by CA: its states, newest first, as number + 1 */
	uint16_t *alive;  /* by CA: how many of them are not dead */
	uint8_t *inexact; /* by CA */
	/* of the component at hand: */
	uint32_t n_members, first_state;
	VEC(uint64_t) visited; /* by state from first_state on, where there are several members */
	size_t work, work_limit; /* extensions tried */
	uint32_t *local;  /* by CA: its number among several */
	VEC(uint32_t) todo;
};

/* A component of mutually certified CAs can have exponentially many simple paths; real ones have 2 or 3
 * CAs. Beyond these limits the answer is said to be not exact. */
#define MEMBERS_MAX 64
#define STATES_MAX 4096
#define WORK_MAX 200000

static const struct box *before_of(const struct trust *t, uint32_t state)
{
	return &t->box.v[t->state.v[state].before];
}

static const struct box *after_of(const struct trust *t, uint32_t state)
{
	return &t->box.v[t->state.v[state].after];
}

static uint32_t number_of_box(struct trust *t, const struct box *b)
{
	bool is_new;
	uint64_t *n = map_at(&t->box_number, b, sizeof(*b), &is_new);

	if (is_new) {
		*n = t->box.n;
		vec_push(&t->box, *b);
	}
	return (uint32_t)*n;
}

static bool inside(const struct trust *t, uint32_t inner, uint32_t outer)
{
	return inner == outer || outer == BOX_WHOLE || box_inside(&t->box.v[inner], &t->box.v[outer]);
}

/* Does keeping `by` make `s` unobservable, now and after any common continuation? The boxes must be
 * wider, and what the scenario cuts from s must be cut from `by` too, for `kept` counts cut paths. */
static bool dominated(const struct trust *t, const struct trial *x, const struct trial *y)
{
	const struct state *s = &x->s, *by = &y->s;

	if (by->budget < s->budget || by->exempt != s->exempt || (by->unevaluated && !s->unevaluated))
		return false;
	if (s->through && !by->through)
		return false;
	/* what is found from here on hangs on the certificate, and whether it is an anchor */
	if (t->judge.q.finds && (by->cert != s->cert || (by->above == NO_INDEX) != (s->above == NO_INDEX)))
		return false;
	/* a shorter path is the better example, see trust_via */
	if (by->length > s->length || (y->visited & ~x->visited))
		return false;
	if (!inside(t, s->before, by->before) || !inside(t, s->after, by->after))
		return false;
	if (inside(t, s->before, s->after))
		return true;
	struct box alive = box_and(&t->box.v[s->before], &t->box.v[by->after]);
	return box_inside(&alive, &t->box.v[s->after]);
}

static struct trial trial_of(const struct trust *t, uint32_t state)
{
	return (struct trial){ t->state.v[state], t->n_members > 1 ? t->visited.v[state - t->first_state] : 0 };
}

static bool keep_state(struct trust *t, uint32_t ca, const struct trial *x)
{
	for (uint32_t i = t->first[ca] - 1; i != NO_INDEX; i = t->state.v[i].next) {
		struct trial old = trial_of(t, i);
		if (!old.s.dead && dominated(t, x, &old))
			return false;
	}
	for (uint32_t i = t->first[ca] - 1; i != NO_INDEX; i = t->state.v[i].next) {
		struct trial old = trial_of(t, i);
		if (!old.s.dead && dominated(t, &old, x)) {
			t->state.v[i].dead = true;
			t->alive[ca]--;
		}
	}
	return true;
}

static void add_state(struct trust *t, uint32_t ca, struct trial *x)
{
	if (box_empty(&t->box.v[x->s.before]) || !keep_state(t, ca, x))
		return;
	if (t->alive[ca] >= STATES_MAX) {
		t->inexact[ca] = 1;
		return;
	}
	uint32_t n = (uint32_t)t->state.n;
	x->s.next = t->first[ca] - 1;
	vec_push(&t->state, x->s);
	t->first[ca] = n + 1;
	t->alive[ca]++;
	if (t->n_members > 1) {
		vec_push(&t->visited, x->visited);
		vec_push(&t->todo, n);
	}
}

static uint64_t member_bit(const struct trust *t, uint32_t ca)
{
	return t->n_members == 1 || t->n_members > MEMBERS_MAX ? 0 : 1ULL << t->local[ca];
}

/* The scenario's marks on s->cert. */
static void apply_marks(struct trust *t, struct state *s, uint32_t ca, bool as_anchor)
{
	if (t->judge.exempt[ca])
		s->exempt = true;
	if (s->exempt) {
		s->after = s->before;
		return;
	}
	if (!t->judge.q.n_marks)
		return;
	struct box before = t->box.v[s->after], after = before;
	judge_marks(&t->judge, s->cert, as_anchor, &after);
	if (memcmp(&after, &before, sizeof(after)) != 0)
		s->after = number_of_box(t, &after);
}

/* What the query asks of paths besides the rules. */
static void apply_questions(const struct trust *t, struct state *s)
{
	const struct trust_query *q = &t->judge.q;

	s->through |= q->through && q->through[s->cert];
	s->hidden = q->finds && s->above != NO_INDEX && !q->finds(q->finds_ctx, s->cert, NO_INDEX);
}

static void add_anchor(struct trust *t, const struct anchor_rule *rule)
{
	uint32_t ca = t->judge.q.graph->cert.v[rule->cert].ca;

	if (judge_anchor(&t->judge, rule) != PATH_OK)
		return;
	uint32_t box = number_of_box(t, &rule->box);
	struct trial x = {
		.s = { .before = box,
		       .after = box,
		       .cert = rule->cert,
		       .above = NO_INDEX,
		       .budget = judge_open_budget(judge_anchor_path_len(&t->judge, rule)),
		       .length = 1,
		       .unevaluated = rule->unevaluated },
		.visited = member_bit(t, ca),
	};
	apply_questions(t, &x.s);
	apply_marks(t, &x.s, ca, true);
	add_state(t, ca, &x);
}

/* The path of state `from` (of an issuer of cert) continued by cert. */
static void extend(struct trust *t, uint32_t from, uint32_t cert, bool same_component)
{
	const struct graph *g = t->judge.q.graph;
	uint32_t ca = g->cert.v[cert].ca;
	uint64_t bit = member_bit(t, ca);
	struct trial x = { t->state.v[from], same_component ? t->visited.v[from - t->first_state] : 0 };

	if (x.s.dead || (x.visited & bit))
		return;
	if (t->judge.q.finds && x.s.above != NO_INDEX && !t->judge.q.finds(t->judge.q.finds_ctx, x.s.cert, cert))
		return;
	x.s.budget = judge_budget(&t->judge, x.s.budget, cert);
	if (x.s.budget < 0)
		return;
	x.visited |= bit;
	x.s.cert = cert;
	x.s.above = from;
	x.s.length++;
	apply_questions(t, &x.s);
	apply_marks(t, &x.s, ca, false);
	add_state(t, ca, &x);
}

/* States of `ca` that come from issuers in components above. */
static void enter_from_above(struct trust *t, uint32_t ca)
{
	const struct graph *g = t->judge.q.graph;
	const struct ca *c = &g->ca.v[ca];

	for (uint32_t i = 0; i < c->n_certs; i++) {
		uint32_t cert = g->ca_certs[c->first_cert + i];
		const struct ca_cert *e = &g->cert.v[cert];
		bool good = false;
		for (uint32_t k = 0; k < e->n_issuers; k++) {
			uint32_t issuer = g->issuers[e->first_issuer + k];
			if (issuer == ca || (t->n_members > 1 && g->ca.v[issuer].component == c->component))
				continue;
			/* most of what nobody trusts need not be judged */
			if (!t->first[issuer] && !t->inexact[issuer])
				continue;
			good = good || judge_link(&t->judge, cert) == PATH_OK;
			if (!good)
				break;
			t->inexact[ca] |= t->inexact[issuer];
			for (uint32_t s = t->first[issuer] - 1; s != NO_INDEX; s = t->state.v[s].next)
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

static void start_component(struct trust *t, uint32_t component)
{
	const struct graph *g = t->judge.q.graph;
	uint32_t first = g->component_first[component];

	t->n_members = g->component_first[component + 1] - first;
	t->first_state = (uint32_t)t->state.n;
	t->visited.n = t->todo.n = 0;
	t->work = 0;
	for (uint32_t i = 0; t->n_members > 1 && i < t->n_members; i++)
		t->local[g->component_cas[first + i]] = i;
}

static void run_component(struct trust *t, uint32_t component)
{
	const struct graph *g = t->judge.q.graph;
	uint32_t first = g->component_first[component], end = g->component_first[component + 1];
	bool inexact = t->n_members > MEMBERS_MAX;

	for (uint32_t i = first; i < end; i++)
		enter_from_above(t, g->component_cas[i]);
	if (t->n_members == 1)
		return;
	spread_inside(t, component);
	inexact |= t->todo.n > 0;
	for (uint32_t i = first; i < end; i++)
		inexact |= t->inexact[g->component_cas[i]];
	for (uint32_t i = first; inexact && i < end; i++)
		t->inexact[g->component_cas[i]] = 1;
}

struct rule_place {
	uint32_t component, rule;
};

static int by_component(const void *a, const void *b)
{
	const struct rule_place *x = a, *y = b;

	if (x->component != y->component)
		return x->component < y->component ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* Anchor rules in the order of components, so that each component meets its own. */
static struct rule_place *rules_by_component(const struct trust *t)
{
	const struct graph *g = t->judge.q.graph;
	size_t n = t->judge.n_rules;
	struct rule_place *ret = xcalloc(n + 1, sizeof(*ret));

	for (uint32_t i = 0; i < n; i++)
		ret[i] = (struct rule_place){ g->ca.v[g->cert.v[t->judge.rule[i].cert].ca].component, i };
	qsort(ret, n, sizeof(*ret), by_component);
	return ret;
}

/* Components as bits: those of the CAs that are asked about and of all above them. */
static void ask_for(uint64_t *bits, const struct graph *g, uint32_t ca, struct cas *list)
{
	uint32_t c = g->ca.v[ca].component;

	if (bits[c / 64] >> c % 64 & 1)
		return;
	bits[c / 64] |= 1ULL << c % 64;
	for (uint32_t i = g->component_first[c]; i < g->component_first[c + 1]; i++)
		vec_push(list, g->component_cas[i]);
}

static uint64_t *asked_components(const struct trust_query *q)
{
	const struct graph *g = q->graph;
	uint64_t *bits = xcalloc(g->n_components / 64 + 1, sizeof(*bits));
	struct cas list = { 0 };

	for (size_t i = 0; i < q->n_asked; i++)
		ask_for(bits, g, q->asked[i], &list);
	for (size_t i = 0; i < list.n; i++) {
		const struct ca *c = &g->ca.v[list.v[i]];
		for (uint32_t k = 0; k < c->n_certs; k++) {
			const struct ca_cert *e = &g->cert.v[g->ca_certs[c->first_cert + k]];
			for (uint32_t n = 0; n < e->n_issuers; n++)
				ask_for(bits, g, g->issuers[e->first_issuer + n], &list);
		}
	}
	vec_release(&list);
	return bits;
}

/* The next component from c on that is asked for; bits NULL: all are. */
static uint32_t next_component(const uint64_t *bits, uint32_t c, uint32_t n)
{
	while (bits && c < n && !(bits[c / 64] >> c % 64 & 1))
		c = bits[c / 64] >> c % 64 ? c + 1 : (c / 64 + 1) * 64;
	return c < n ? c : n;
}

static void run_components(struct trust *t, const uint64_t *bits)
{
	uint32_t n = t->judge.q.graph->n_components;
	struct rule_place *rule = rules_by_component(t);
	size_t at = 0;

	for (uint32_t c = next_component(bits, 0, n); c < n; c = next_component(bits, c + 1, n)) {
		start_component(t, c);
		while (at < t->judge.n_rules && rule[at].component < c)
			at++;
		for (; at < t->judge.n_rules && rule[at].component == c; at++)
			add_anchor(t, &t->judge.rule[rule[at].rule]);
		run_component(t, c);
	}
	free(rule);
}

struct trust *trust_compute(const struct trust_query *q)
{
	struct trust *t = xcalloc(1, sizeof(*t));
	size_t n = q->graph->ca.n;
	uint64_t *bits = q->asked ? asked_components(q) : NULL;

	judge_init(&t->judge, q);
	t->judge.q.asked = NULL;
	t->judge.q.n_asked = 0;
	number_of_box(t, &BOX_ALL);
	/* zeroed, not filled: what nobody asks for is then never touched */
	t->first = xcalloc(n + 1, sizeof(*t->first));
	t->alive = xcalloc(n + 1, sizeof(*t->alive));
	t->inexact = xcalloc(n + 1, 1);
	t->local = xcalloc(n + 1, sizeof(*t->local));
	t->work_limit = WORK_MAX;
	if (!bits)
		vec_reserve(&t->state, q->graph->cert.n + t->judge.n_rules);
	run_components(t, bits);
	t->visited.n = t->todo.n = 0;
	free(bits);
	return t;
}

void trust_free(struct trust *t)
{
	if (!t)
		return;
	judge_release(&t->judge);
	map_release(&t->box_number);
	vec_release(&t->box);
	vec_release(&t->state);
	vec_release(&t->visited);
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
	while (s != NO_INDEX && (t->state.v[s].dead || t->state.v[s].hidden))
		s = t->state.v[s].next;
	return s;
}

#define FOR_EACH_STATE(t, ca, s)                                                                                       \
	for (uint32_t s = next_alive(t, (t)->first[ca] - 1); s != NO_INDEX; s = next_alive(t, (t)->state.v[s].next))

/* The boxes of a CA's states, not the empty ones; caller frees. */
static struct box *boxes_of(const struct trust *t, uint32_t ca, bool after, size_t *n)
{
	struct box *box = xcalloc((size_t)t->alive[ca] + 1, sizeof(*box));

	*n = 0;
	FOR_EACH_STATE(t, ca, s)
	{
		const struct box *b = after ? after_of(t, s) : before_of(t, s);
		if (!box_empty(b))
			box[(*n)++] = *b;
	}
	return box;
}

static enum acceptance acceptance_of(const struct trust *t, uint32_t ca, bool after)
{
	const struct box all = BOX_ALL;
	bool some = false;

	FOR_EACH_STATE(t, ca, s)
	{
		uint32_t b = after ? t->state.v[s].after : t->state.v[s].before;
		if (b == BOX_WHOLE)
			return ACCEPT_ALL;
		some |= !box_empty(&t->box.v[b]);
	}
	if (!some || t->alive[ca] == 1)
		return some ? ACCEPT_SOME : ACCEPT_NONE;
	size_t n;
	struct box *box = boxes_of(t, ca, after, &n);
	enum acceptance a = box_covered(&all, box, n) ? ACCEPT_ALL : ACCEPT_SOME;
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
	if (!inside(t, t->state.v[s].before, t->state.v[s].after))
		return true;
	return false;
}

bool trust_all_cut(const struct trust *t, uint32_t ca)
{
	const struct box all = BOX_ALL;

	FOR_EACH_STATE(t, ca, s)
	if (box_inside(&all, before_of(t, s)) && box_empty(after_of(t, s)))
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
	changed |= !box_covered(before_of(t, s), after, n);
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
		sure |= !t->state.v[other].unevaluated && box_inside(before_of(t, s), before_of(t, other)) &&
		        box_inside(after_of(t, s), after_of(t, other));
		found |= !sure;
	}
	return found;
}

struct verdict trust_leaf(const struct trust *t, uint32_t ca, int64_t nb, int64_t sct)
{
	struct verdict v = { false, false, false };

	FOR_EACH_STATE(t, ca, s)
	{
		if (!box_has(before_of(t, s), nb, sct))
			continue;
		bool after = box_has(after_of(t, s), nb, sct);
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
		struct box before = *before_of(t, s), after = *after_of(t, s);
		if (nb < before.nb_lo || nb > before.nb_hi)
			continue;
		if (before.sct_lo != INT64_MIN || before.sct_hi != INT64_MAX)
			return true;
		if (nb >= after.nb_lo && nb <= after.nb_hi && (after.sct_lo != INT64_MIN || after.sct_hi != INT64_MAX))
			return true;
	}
	return false;
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
	if (box_divides(before_of(t, s), k) || box_divides(after_of(t, s), k))
		return true;
	return false;
}

struct verdict trust_bucket(const struct trust *t, uint32_t ca, const struct bucket *k)
{
	return trust_leaf(t, ca, date_start(k->nb_day), k->sct_day == SCT_DAY_NONE ? SCT_NONE : date_start(k->sct_day));
}

/* Leaves of one CA that are alike, as far as these trusts can tell; more of their limits in *box. */
struct leaves {
	const struct trust *const *trust;
	const struct box *box;
	size_t n_trusts, n_boxes;
	int32_t issued_by;
	/* no_sct: none of their certificates embeds one, sct is a log's time or SCT_NONE. */
	void (*fn)(void *ctx, int64_t nb, int64_t sct, bool no_sct, uint64_t n);
	void (*other)(void *ctx); /* the bucket's leaves are of another purpose; may be NULL */
	void *ctx;
	const struct bucket *bucket; /* at hand */
};

static void each_row(void *ctx, int64_t nb, int64_t na, int64_t sct)
{
	const struct leaves *l = ctx;

	(void)na;
	l->fn(l->ctx, nb, sct, l->bucket->log_time || sct == SCT_NONE, 1);
}

static bool divided(const struct leaves *l, uint32_t ca)
{
	for (size_t i = 0; i < l->n_trusts; i++)
		if (trust_divides(l->trust[i], ca, l->bucket))
			return true;
	for (size_t i = 0; i < l->n_boxes; i++)
		if (box_divides(&l->box[i], l->bucket))
			return true;
	return false;
}

/* Those of one bucket, with the exact rows where a limit falls inside a day. */
static void each_of_bucket(struct leaves *l, uint32_t ca)
{
	const struct graph *g = l->trust[0]->judge.q.graph;
	const struct bucket *k = l->bucket;

	if (g->leaf_rows && divided(l, ca) && g->leaf_rows(g->leaf_ctx, g, ca, k, each_row, l) == 0)
		return;
	l->fn(l->ctx, date_start(k->nb_day), k->sct_day == SCT_DAY_NONE ? SCT_NONE : date_start(k->sct_day),
	      k->log_time || k->sct_day == SCT_DAY_NONE, k->n);
}

/* Unexpired on the day and of the purpose of the first trust's query. */
static void each_leaf(struct leaves *l, uint32_t ca)
{
	const struct judge *j = &l->trust[0]->judge;
	const struct ca *c = &j->q.graph->ca.v[ca];

	for (uint32_t i = 0; i < c->n_buckets; i++) {
		l->bucket = &j->q.graph->buckets[c->first_bucket + i];
		if (!bucket_unexpired_on(l->bucket, j->q.day) || l->bucket->nb_day > l->issued_by)
			continue;
		if (l->trust[0]->alive[ca] && eku_allows_leaf(j->program, l->bucket->eku, j->q.purpose))
			each_of_bucket(l, ca);
		else if (l->other)
			l->other(l->ctx);
	}
}

struct giving {
	const struct leaves *leaves;
	const struct trust *t, *beside;
	uint32_t ca;
	void (*each)(void *ctx, const struct tally_part *part);
	void *ctx;
};

static void give_part(void *ctx, int64_t nb, int64_t sct, bool no_sct, uint64_t n)
{
	const struct giving *v = ctx;
	struct tally_part part = { .bucket = v->leaves->bucket, .n = n, .verdict = trust_leaf(v->t, v->ca, nb, sct) };

	part.beside = v->beside && trust_leaf(v->beside, v->ca, nb, sct).before;
	part.no_sct = no_sct && judged_by_sct(v->t, v->ca, nb);
	v->each(v->ctx, &part);
}

static void give_other(void *ctx)
{
	const struct giving *v = ctx;

	v->each(v->ctx, &(struct tally_part){ .bucket = v->leaves->bucket, .n = v->leaves->bucket->n });
}

void trust_each(const struct trust *t, const struct trust *beside, uint32_t ca, int32_t issued_by,
                void (*each)(void *ctx, const struct tally_part *part), void *ctx)
{
	const struct trust *const trusts[] = { t, beside };
	struct giving giving = { NULL, t, beside, ca, each, ctx };
	struct leaves l = { .trust = trusts, .n_trusts = beside ? 2 : 1, .issued_by = issued_by, .fn = give_part,
		            .other = give_other, .ctx = &giving };

	giving.leaves = &l;
	each_leaf(&l, ca);
}

void tally_add_part(struct leaf_tally *sum, const struct tally_part *part)
{
	const struct verdict *v = &part->verdict;

	sum->unexpired += part->n;
	sum->trusted += v->before ? part->n : 0;
	sum->lost += v->before && !v->after ? part->n : 0;
	sum->kept += v->after && v->cut ? part->n : 0;
	sum->no_sct += part->no_sct ? part->n : 0;
}

static void add_part(void *ctx, const struct tally_part *part)
{
	tally_add_part(ctx, part);
}

/* Every leaf is accepted before and after, by every path: as most CAs are under most scenarios. */
static bool accepts_everything(const struct trust *t, uint32_t ca)
{
	bool any = false;

	FOR_EACH_STATE(t, ca, s)
	{
		if (t->state.v[s].before != BOX_WHOLE || t->state.v[s].after != BOX_WHOLE)
			return false;
		any = true;
	}
	return any;
}

static void tally_everything(const struct trust *t, uint32_t ca, int32_t issued_by, struct leaf_tally *tally)
{
	const struct trust_query *q = &t->judge.q;
	const struct ca *c = &q->graph->ca.v[ca];

	for (uint32_t i = 0; i < c->n_buckets; i++) {
		const struct bucket *b = &q->graph->buckets[c->first_bucket + i];
		if (!bucket_unexpired_on(b, q->day) || b->nb_day > issued_by)
			continue;
		tally->unexpired += b->n;
		tally->trusted += eku_allows_leaf(t->judge.program, b->eku, q->purpose) ? b->n : 0;
	}
}

void trust_tally(const struct trust *t, uint32_t ca, int32_t issued_by, struct leaf_tally *tally)
{
	if (!t->judge.q.graph->ca.v[ca].n_buckets)
		return;
	if (accepts_everything(t, ca))
		tally_everything(t, ca, issued_by, tally);
	else
		trust_each(t, NULL, ca, issued_by, add_part, tally);
}

static const struct box *example_box(const struct trust *t, uint32_t state, bool after)
{
	return after ? after_of(t, state) : before_of(t, state);
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

/* ---- what keeps leaves ---- */

/* Calls fn with each box of leaves that a state accepted, and some state still accepts; what of it the first one
 * still accepts by itself, *own, is not kept. Until fn returns true. */
static bool any_kept(const struct trust *t, uint32_t ca,
                     bool (*fn)(void *ctx, const struct box *accepted, const struct box *own), void *ctx)
{
	FOR_EACH_STATE(t, ca, s)
	{
		const struct box *own = after_of(t, s);
		if (inside(t, t->state.v[s].before, t->state.v[s].after))
			continue;
		FOR_EACH_STATE(t, ca, u)
		{
			struct box accepted = box_and(before_of(t, s), after_of(t, u));
			if (!box_empty(after_of(t, u)) && !box_inside(&accepted, own) && fn(ctx, &accepted, own))
				return true;
		}
	}
	return false;
}

static bool is_kept(void *ctx, const struct box *accepted, const struct box *own)
{
	(void)ctx;
	return !box_covered(accepted, own, 1);
}

bool trust_keeps(const struct trust *t, uint32_t ca)
{
	return any_kept(t, ca, is_kept, NULL);
}

/* Boxes that hold what is still accepted, with room for one more. */
struct left {
	struct box *box;
	size_t n;
};

static bool not_left(void *ctx, const struct box *accepted, const struct box *own)
{
	const struct left *left = ctx;

	left->box[left->n] = *own;
	return !box_covered(accepted, left->box, left->n + 1);
}

static bool has_on_path(const struct trust *t, uint32_t state, uint32_t cert, bool as_anchor)
{
	for (; state != NO_INDEX; state = t->state.v[state].above)
		if (t->state.v[state].cert == cert && (!as_anchor || t->state.v[state].above == NO_INDEX))
			return true;
	return false;
}

bool trust_needs(const struct trust *t, uint32_t ca, uint32_t cert, bool as_anchor)
{
	struct left left = { xcalloc((size_t)t->alive[ca] + 2, sizeof(struct box)), 0 };

	FOR_EACH_STATE(t, ca, s)
	if (!box_empty(after_of(t, s)) && !has_on_path(t, s, cert, as_anchor))
		left.box[left.n++] = *after_of(t, s);
	bool needs = any_kept(t, ca, not_left, &left);
	free(left.box);
	return needs;
}

void trust_survivors(const struct trust *t, uint32_t ca, uint8_t *below, uint8_t *anchor)
{
	FOR_EACH_STATE(t, ca, s)
	{
		if (box_empty(after_of(t, s)))
			continue;
		for (uint32_t up = s; up != NO_INDEX; up = t->state.v[up].above)
			(t->state.v[up].above == NO_INDEX ? anchor : below)[t->state.v[up].cert] = 1;
	}
}

/* Of a trust that tells paths apart, only those that it is asked about. */
static bool asked_for(const struct trust *t, uint32_t state)
{
	return !t->judge.q.through || t->state.v[state].through;
}

bool trust_keeps_less(const struct trust *now, const struct trust *with, uint32_t ca)
{
	struct left left = { xcalloc((size_t)with->alive[ca] + 2, sizeof(struct box)), 0 };

	FOR_EACH_STATE(with, ca, s)
	if (asked_for(with, s) && !box_empty(after_of(with, s)))
		left.box[left.n++] = *after_of(with, s);
	bool less = any_kept(now, ca, not_left, &left);
	free(left.box);
	return less;
}

struct by {
	const struct trust *with;
	uint32_t ca;
	struct left less;
};

static bool kept_by(void *ctx, const struct box *accepted, const struct box *own)
{
	const struct by *by = ctx;

	FOR_EACH_STATE(by->with, by->ca, s)
	{
		struct box both = box_and(accepted, after_of(by->with, s));
		if (asked_for(by->with, s) && !box_empty(after_of(by->with, s)) && not_left((void *)&by->less, &both, own))
			return true;
	}
	return false;
}

bool trust_keeps_by(const struct trust *now, const struct trust *less, const struct trust *with, uint32_t ca)
{
	struct by by = { with, ca, { xcalloc((less ? less->alive[ca] : 0) + 2u, sizeof(struct box)), 0 } };

	if (less)
		FOR_EACH_STATE(less, ca, s)
		if (!box_empty(after_of(less, s)))
			by.less.box[by.less.n++] = *after_of(less, s);
	bool by_it = any_kept(now, ca, kept_by, &by);
	free(by.less.box);
	return by_it;
}

/* Do the states that `of` picks accept every leaf? */
static bool all_of(const struct trust *t, uint32_t ca, bool (*of)(const struct trust *t, uint32_t state))
{
	struct box *box = xcalloc((size_t)t->alive[ca] + 1, sizeof(*box));
	const struct box all = BOX_ALL;
	size_t n = 0;

	FOR_EACH_STATE(t, ca, s)
	if (of(t, s) && !box_empty(after_of(t, s)))
		box[n++] = *after_of(t, s);
	bool covered = n && box_covered(&all, box, n);
	free(box);
	return covered;
}

bool trust_all_by(const struct trust *with, uint32_t ca)
{
	return all_of(with, ca, asked_for);
}

struct keeping {
	const struct trust *now;
	const struct trust *const *with;
	size_t n;
	uint32_t ca;
	uint64_t *still;
};

static void tally_still(void *ctx, int64_t nb, int64_t sct, bool no_sct, uint64_t n)
{
	const struct keeping *k = ctx;
	struct verdict v = trust_leaf(k->now, k->ca, nb, sct);

	(void)no_sct;
	for (size_t i = 0; v.after && v.cut && i < k->n; i++) {
		bool accepts = false;
		FOR_EACH_STATE(k->with[i], k->ca, s)
		accepts |= asked_for(k->with[i], s) && box_has(after_of(k->with[i], s), nb, sct);
		k->still[i] += accepts ? n : 0;
	}
}

void trust_tally_kept(const struct trust *now, uint32_t ca, const struct trust *const *with, size_t n, uint64_t *still)
{
	const struct trust **all = xcalloc(n + 1, sizeof(*all));
	struct keeping k = { now, with, n, ca, still };
	struct leaves l = { .trust = all, .n_trusts = n + 1, .issued_by = INT32_MAX, .fn = tally_still, .ctx = &k };

	all[0] = now;
	for (size_t i = 0; i < n; i++)
		all[i + 1] = with[i];
	each_leaf(&l, ca);
	free(all);
}

static bool asked_to_end(const struct trust *t, uint32_t state)
{
	return t->state.v[state].through && !t->state.v[state].exempt;
}

bool trust_open(const struct trust *t, uint32_t ca, const struct box *allowed)
{
	FOR_EACH_STATE(t, ca, s)
	if (asked_to_end(t, s) && (!allowed || !box_inside(after_of(t, s), allowed)))
		return true;
	return false;
}

bool trust_all_open(const struct trust *t, uint32_t ca)
{
	return all_of(t, ca, asked_to_end);
}

struct opening {
	const struct trust *const *t;
	const struct box *allowed;
	size_t n;
	uint32_t ca;
	uint64_t sum;
};

static void tally_open(void *ctx, int64_t nb, int64_t sct, bool no_sct, uint64_t n)
{
	struct opening *o = ctx;
	bool open = false;

	(void)no_sct;
	for (size_t i = 0; i < o->n && !open; i++) {
		if (box_has(&o->allowed[i], nb, sct))
			continue;
		FOR_EACH_STATE(o->t[i], o->ca, s)
		open |= asked_to_end(o->t[i], s) && box_has(after_of(o->t[i], s), nb, sct);
	}
	o->sum += open ? n : 0;
}

uint64_t trust_tally_open(const struct trust *const *t, const struct box *allowed, size_t n, uint32_t ca)
{
	struct opening o = { t, allowed, n, ca, 0 };
	struct leaves l = { .trust = t, .box = allowed, .n_trusts = n, .n_boxes = n, .issued_by = INT32_MAX,
		            .fn = tally_open, .ctx = &o };

	if (n)
		each_leaf(&l, ca);
	return o.sum;
}
