/* What holds of every scenario whatever the hierarchy, on random small worlds: each property of
 * several scenarios of one world, asked of the index; and of mutants, which it must catch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "worlds.h"

/* Who answers: the index, or the oracle with a mistake. */
struct answerer {
	const char *name;
	enum oracle_mutant mutant;
	void (*misread)(struct oracle_world *w);   /* what it takes the question for, or NULL */
	void (*miscount)(struct oracle_answers *a); /* what it makes of the right answer, or NULL */
};
static const struct answerer the_index = { "the index", MUTANT_NONE, NULL, NULL };

static void answer_by_index(const struct oracle_world *w, bool with_decay, struct oracle_answers *ret)
{
	struct rig r;

	rig_init(&r, w);
	struct impact *im = impact_compute(&r.query, with_decay);
	index_answers(&r, im, ret);
	impact_free(im);
	rig_release(&r);
}

static void answer(const struct answerer *by, const struct oracle_world *w, bool with_decay, struct oracle_answers *ret)
{
	struct oracle_world as_read = *w;

	if (by == &the_index) {
		answer_by_index(w, with_decay, ret);
		return;
	}
	if (by->misread)
		by->misread(&as_read);
	struct oracle_paths paths = oracle_find_paths(&as_read, by->mutant);
	oracle_answer(&as_read, &paths, by->mutant, ret);
	oracle_paths_release(&paths);
	if (by->miscount)
		by->miscount(ret);
}

/* One world, and who is asked about it. */
struct question {
	const struct oracle_world *w;
	const struct answerer *by;
	struct oracle_answers base; /* of the world's own scenario */
	bool telling;               /* the property compared things that differ, or are something at all */
};

static void ask(const struct question *k, const struct oracle_world *w, struct oracle_answers *ret)
{
	answer(k->by, w, false, ret);
}

static bool is_lost(const struct oracle_answers *a, int leaf)
{
	return a->leaf[leaf].before && !a->leaf[leaf].after;
}

/* Is everything that `less` loses lost by `more` as well: each leaf, each CA, the whole? */
static bool loses_within(struct question *k, const struct oracle_answers *less, const struct oracle_answers *more)
{
	bool within = less->total.lost <= more->total.lost;

	for (int i = 0; i < k->w->n_leaves; i++)
		within &= !is_lost(less, i) || is_lost(more, i);
	for (int i = 0; i < k->w->n_cas; i++)
		within &= less->ca[i].tally.lost <= more->ca[i].tally.lost && less->ca[i].after >= more->ca[i].after;
	k->telling |= less->total.lost < more->total.lost;
	return within;
}

static bool same_tally(const struct oracle_tally *a, const struct oracle_tally *b)
{
	return a->unexpired == b->unexpired && a->trusted == b->trusted && a->lost == b->lost && a->kept == b->kept;
}

static bool same_answers(struct question *k, const struct oracle_answers *a, const struct oracle_answers *b)
{
	bool same = same_tally(&a->total, &b->total) && a->changed_cas == b->changed_cas;

	for (int i = 0; i < k->w->n_leaves; i++)
		same &= a->leaf[i].before == b->leaf[i].before && a->leaf[i].after == b->leaf[i].after &&
			a->leaf[i].cut == b->leaf[i].cut;
	for (int i = 0; i < k->w->n_cas; i++)
		same &= a->ca[i].before == b->ca[i].before && a->ca[i].after == b->ca[i].after &&
			a->ca[i].changed == b->ca[i].changed && a->ca[i].touched == b->ca[i].touched &&
			same_tally(&a->ca[i].tally, &b->ca[i].tally);
	k->telling |= a->total.lost > 0;
	return same;
}

/* Changing the question */

static void drop_mark(struct oracle_world *w, int i)
{
	memmove(&w->mark[i], &w->mark[i + 1], sizeof(w->mark[0]) * (size_t)(w->n_marks - i - 1));
	w->n_marks--;
}

/* The world with this mark alone. */
static struct oracle_world with_mark(const struct oracle_world *w, enum oracle_action action, int target)
{
	struct oracle_world other = *w;

	other.n_marks = 1;
	other.mark[0] = (struct oracle_mark){ .action = action, .target = target };
	return other;
}

static bool is_date(const struct oracle_mark *m)
{
	return m->action == A_DISTRUST_AFTER || m->action == A_SCT_NOT_AFTER;
}

/* The properties */

static bool more_marks_never_lose_fewer(struct question *k)
{
	bool holds = true;

	for (int i = 0; i < k->w->n_marks; i++) {
		struct oracle_world fewer = *k->w;
		struct oracle_answers a;
		drop_mark(&fewer, i);
		ask(k, &fewer, &a);
		holds &= loses_within(k, &a, &k->base);
	}
	return holds;
}

static bool exempting_never_loses_more(struct question *k)
{
	struct oracle_world none = *k->w, more = *k->w;
	struct oracle_answers without, with;

	none.n_exempt = 0;
	ask(k, &none, &without);
	if (more.n_exempt < ORACLE_EXEMPT)
		more.exempt[more.n_exempt++] = (int)(k->w->seed % (uint64_t)k->w->n_cas);
	ask(k, &more, &with);
	bool more_spares = loses_within(k, &with, &k->base);

	return loses_within(k, &k->base, &without) && more_spares;
}

static bool within_block_of_key(struct question *k, enum oracle_action action, int cert)
{
	struct oracle_world one = with_mark(k->w, action, cert);
	struct oracle_world key = with_mark(k->w, A_BLOCK, k->w->ca[k->w->cert[cert].ca].key);
	struct oracle_answers a, b;

	ask(k, &one, &a);
	ask(k, &key, &b);
	return loses_within(k, &a, &b);
}

static bool remove_loses_within_block(struct question *k)
{
	bool holds = true;

	for (int i = 0; i < k->w->n_rules; i++)
		if (i == 0 || k->w->rule[i].cert != k->w->rule[i - 1].cert)
			holds &= within_block_of_key(k, A_REMOVE, k->w->rule[i].cert);
	return holds;
}

static bool revoke_loses_within_block(struct question *k)
{
	bool holds = true;

	for (uint64_t i = 0; i < 4; i++)
		holds &= within_block_of_key(k, A_REVOKE, (int)((k->w->seed + 5 * i) % (uint64_t)k->w->n_certs));
	return holds;
}

/* Backwards, and turned by one: together these reach every order of neighbours. */
static bool order_of_marks_does_not_matter(struct question *k)
{
	struct oracle_world back = *k->w, turned = *k->w;
	struct oracle_answers a, b;
	int n = k->w->n_marks;

	if (n < 2)
		return true;
	for (int i = 0; i < n; i++) {
		back.mark[i] = k->w->mark[n - 1 - i];
		turned.mark[i] = k->w->mark[(i + 1) % n];
	}
	ask(k, &back, &a);
	ask(k, &turned, &b);
	bool backwards = same_answers(k, &k->base, &a);

	return same_answers(k, &k->base, &b) && backwards;
}

static bool later_date_never_loses_more(struct question *k)
{
	static const int64_t later[] = { 1, ORACLE_DAY, 100 * (int64_t)ORACLE_DAY };
	bool holds = true;

	for (int i = 0; i < k->w->n_marks; i++)
		for (int s = 0; s < 3 && is_date(&k->w->mark[i]); s++) {
			struct oracle_world other = *k->w;
			struct oracle_answers a;
			other.mark[i].limit += later[s];
			ask(k, &other, &a);
			holds &= loses_within(k, &a, &k->base);
		}
	return holds;
}

static bool assume_never_takes_acceptance(struct question *k)
{
	struct oracle_world without = *k->w;
	struct oracle_answers a, b;

	without.n_assume = 0;
	struct oracle_world with = without;
	with.assume[with.n_assume++] = (int)(k->w->seed % (uint64_t)k->w->n_certs);
	ask(k, &without, &a);
	ask(k, &with, &b);
	bool holds = a.total.trusted <= b.total.trusted;
	for (int i = 0; i < k->w->n_leaves; i++)
		holds &= !a.leaf[i].before || b.leaf[i].before;
	for (int i = 0; i < k->w->n_cas; i++)
		holds &= a.ca[i].before <= b.ca[i].before && a.ca[i].tally.trusted <= b.ca[i].tally.trusted;
	k->telling |= a.total.trusted < b.total.trusted && a.total.trusted > 0;
	return holds;
}

/* Counted leaf by leaf, the tallies by buckets. */
static bool lost_and_left_are_trusted(struct question *k)
{
	const struct oracle_world *w = k->w;
	const struct oracle_answers *a = &k->base;
	uint64_t left[ORACLE_CAS] = { 0 }, trusted = 0, lost = 0, all_left = 0;
	bool holds = true;

	for (int i = 0; i < w->n_leaves; i++) {
		const struct oracle_leaf *l = &w->leaf[i];
		if (l->nb < start_of(w->day + 1) && l->na >= start_of(w->day) && oracle_leaf_has_purpose(w, l))
			left[l->ca] += a->leaf[i].before && a->leaf[i].after;
	}
	for (int i = 0; i < w->n_cas; i++) {
		const struct oracle_tally *t = &a->ca[i].tally;
		holds &= t->lost + left[i] == t->trusted && t->kept <= left[i] && t->trusted <= t->unexpired;
		trusted += t->trusted;
		lost += t->lost;
		all_left += left[i];
	}
	k->telling = lost > 0 && all_left > 0;
	return holds && a->total.trusted == trusted && a->total.lost == lost && lost + all_left == trusted;
}

/* All certificates of the CA revoked; false where the scenario has no room for them. */
static bool revoke_ca(struct oracle_world *w, int ca)
{
	w->n_marks = 0;
	for (int c = 0; c < w->n_certs; c++) {
		if (w->cert[c].ca != ca)
			continue;
		if (w->n_marks == ORACLE_MARKS)
			return false;
		w->mark[w->n_marks++] = (struct oracle_mark){ .action = A_REVOKE, .target = c };
	}
	return true;
}

static bool only_here_is_impact_of_just_that(struct question *k)
{
	struct only_here only[ORACLE_CAS];
	struct rig r;
	bool holds = true;

	rig_init(&r, k->w);
	impact_only_here(&r.query, only);
	rig_release(&r);
	for (int ca = 0; ca < k->w->n_cas; ca++) {
		struct oracle_world w = *k->w;
		struct oracle_answers a;
		uint64_t counted = 0;
		if (!revoke_ca(&w, ca))
			continue;
		ask(k, &w, &a);
		for (int i = 0; i < w.n_cas; i++)
			counted += a.ca[i].changed && w.ca[i].coverage != 0;
		holds &= only[ca].lost == a.total.lost && only[ca].cas == (uint64_t)a.changed_cas &&
			 only[ca].unknown_cas == (uint64_t)a.unknown_cas && only[ca].counted == counted;
		k->telling |= a.total.lost > a.ca[ca].tally.lost;
	}
	return holds;
}

/* Of each day of decay: what the scenario loses when it is asked on that day of the leaves there are today. */
static bool decay_is_impact_on_that_day(struct question *k)
{
	struct oracle_world w = *k->w;
	struct oracle_answers all, a;
	int n = 0;

	answer(k->by, k->w, true, &all);
	for (int i = 0; i < w.n_leaves; i++)
		if (w.leaf[i].nb < start_of(w.day + 1))
			w.leaf[n++] = w.leaf[i];
	w.n_leaves = n;
	bool holds = all.decay[0] == all.total.lost;
	for (int i = 0; i < ORACLE_DECAY; i++) {
		w.day = k->w->day + oracle_decay_days[i];
		ask(k, &w, &a);
		holds &= all.decay[i] == a.total.lost;
		k->telling |= i > 0 && all.decay[i] > 0 && all.decay[i] != all.decay[0];
	}
	return holds;
}

static bool mark_twice_is_once(struct question *k)
{
	bool holds = true;

	for (int i = 0; i < k->w->n_marks && k->w->n_marks < ORACLE_MARKS; i++) {
		struct oracle_world twice = *k->w;
		struct oracle_answers a;
		twice.mark[twice.n_marks++] = twice.mark[i];
		ask(k, &twice, &a);
		holds &= same_answers(k, &k->base, &a);
	}
	return holds;
}

/* The mutants' mistakes */

static bool same_target(const struct oracle_mark *a, const struct oracle_mark *b)
{
	return a->target == b->target && (a->action == A_BLOCK) == (b->action == A_BLOCK);
}

/* A second mark on a target takes the place of the first. */
static void last_mark_wins(struct oracle_world *w)
{
	for (int i = 0; i < w->n_marks; i++)
		for (int j = i + 1; j < w->n_marks; j++)
			if (same_target(&w->mark[i], &w->mark[j])) {
				drop_mark(w, i--);
				break;
			}
}

static void same_marks_cancel(struct oracle_world *w)
{
	for (int i = 0; i < w->n_marks; i++)
		for (int j = i + 1; j < w->n_marks; j++)
			if (same_target(&w->mark[i], &w->mark[j]) && w->mark[i].action == w->mark[j].action) {
				drop_mark(w, j);
				drop_mark(w, i--);
				break;
			}
}

static void exempt_hides_other_marks(struct oracle_world *w)
{
	if (w->n_exempt == 0 && w->n_marks > 0)
		w->n_marks--;
}

static void limits_run_backwards(struct oracle_world *w)
{
	for (int i = 0; i < w->n_marks; i++)
		w->mark[i].limit = 2 * start_of(w->day - 200) - w->mark[i].limit;
}

static void assumed_replace_the_store(struct oracle_world *w)
{
	if (w->n_assume)
		w->n_rules = 0;
}

static void last_mark_is_forgotten(struct oracle_world *w)
{
	w->n_marks -= w->n_marks > 0;
}

static void kept_counts_as_lost(struct oracle_answers *a)
{
	a->total.lost += a->total.kept;
	for (int i = 0; i < ORACLE_CAS; i++)
		a->ca[i].tally.lost += a->ca[i].tally.kept;
}

enum { MUTANTS_MAX = 3 };

static const struct property {
	const char *name;
	bool (*holds)(struct question *k);
	struct answerer mutant[MUTANTS_MAX]; /* up to the first without a name */
} properties[] = {
	{ "more marks never lose fewer leaves", more_marks_never_lose_fewer,
		{ { "the last mark on a target wins", MUTANT_NONE, last_mark_wins, NULL },
			{ "two equal marks cancel each other", MUTANT_NONE, same_marks_cancel, NULL } } },
	{ "exempting never loses more", exempting_never_loses_more,
		{ { "all marks act only with an exempt CA", MUTANT_NONE, exempt_hides_other_marks, NULL } } },
	{ "remove loses within block", remove_loses_within_block,
		{ { "block spares the anchor", MUTANT_BLOCK_SPARES_ANCHOR, NULL, NULL } } },
	{ "revoke loses within block", revoke_loses_within_block,
		{ { "block hits one certificate", MUTANT_BLOCK_ONE_CERT, NULL, NULL } } },
	{ "the order of marks does not matter", order_of_marks_does_not_matter,
		{ { "the last mark on a target wins", MUTANT_NONE, last_mark_wins, NULL } } },
	{ "a later date never loses more", later_date_never_loses_more,
		{ { "limits run backwards", MUTANT_NONE, limits_run_backwards, NULL } } },
	{ "assume never takes acceptance away", assume_never_takes_acceptance,
		{ { "assumed anchors replace the store", MUTANT_NONE, assumed_replace_the_store, NULL } } },
	{ "lost and left are trusted", lost_and_left_are_trusted,
		{ { "kept counts as lost", MUTANT_NONE, NULL, kept_counts_as_lost } } },
	{ "only-here is the impact of just that", only_here_is_impact_of_just_that,
		{ { "the last mark is forgotten", MUTANT_NONE, last_mark_is_forgotten, NULL },
			{ "each CA visited once", MUTANT_VISIT_ONCE, NULL, NULL },
			{ "no paths inside cycles", MUTANT_NO_CYCLES, NULL, NULL } } },
	{ "decay is the impact on that day", decay_is_impact_on_that_day,
		{ { "CA certificates do not expire in decay", MUTANT_DECAY_WITHOUT_CAS, NULL, NULL } } },
	{ "a mark twice is a mark once", mark_twice_is_once,
		{ { "two equal marks cancel each other", MUTANT_NONE, same_marks_cancel, NULL } } },
};
enum { PROPERTIES = sizeof(properties) / sizeof(properties[0]) };

/* What a world must have for a property to be asked of it in earnest. */
struct census {
	uint64_t cycles, sct_rules, exempt, assumed, lost, kept;
	uint64_t telling[PROPERTIES];
};

static bool has_sct_rule(const struct oracle_world *w)
{
	for (int i = 0; i < w->n_rules; i++)
		if (w->rule[i].box.sct_lo != ORACLE_OPEN_LO || w->rule[i].box.sct_hi != ORACLE_OPEN_HI)
			return true;
	for (int i = 0; i < w->n_marks; i++)
		if (w->mark[i].action == A_SCT_NOT_AFTER)
			return true;
	return false;
}

static void take_census(struct census *c, const struct question *k, const struct oracle_paths *paths)
{
	const struct oracle_world *w = k->w;
	bool cycle = false;

	for (size_t i = 0; i < paths->n && !cycle; i++)
		cycle = oracle_path_in_cycle(w, &paths->path[i]);
	c->cycles += cycle;
	c->sct_rules += has_sct_rule(w);
	c->exempt += w->n_exempt > 0;
	c->assumed += w->n_assume > 0;
	c->lost += k->base.total.lost > 0;
	c->kept += k->base.total.kept > 0;
}

static void fail_on(const struct property *p, const struct oracle_world *w)
{
	struct strbuf text = STRBUF_INIT;

	say_world(&text, w);
	say_lines(text.buf);
	strbuf_release(&text);
	fail_msg("%s: not so in the world of seed %llu", p->name, (unsigned long long)w->seed);
}

static void ask_of_index(struct census *c, const struct oracle_world *w, const struct oracle_paths *paths)
{
	struct question k = { .w = w, .by = &the_index };

	ask(&k, w, &k.base);
	take_census(c, &k, paths);
	for (int i = 0; i < PROPERTIES; i++) {
		k.telling = false;
		if (!properties[i].holds(&k))
			fail_on(&properties[i], w);
		c->telling[i] += k.telling;
	}
}

static uint64_t enough(const char *what, uint64_t n, uint64_t least)
{
	print_message("# %6llu worlds: %s\n", (unsigned long long)n, what);
	return n < least;
}

/* Every property of every world; and the worlds are such that it says something. */
static void properties_hold(void **state)
{
	struct census c = { 0 };
	struct oracle_world w;
	struct oracle_paths paths;
	uint64_t n = n_worlds(), few = 0;

	(void)state;
	for (uint64_t i = 0; i < n; i++) {
		make_world(first_seed() + i, &w, &paths);
		ask_of_index(&c, &w, &paths);
		oracle_paths_release(&paths);
	}
	few += enough("a path inside a cycle", c.cycles, n / 10);
	few += enough("an SCT rule", c.sct_rules, n / 10);
	few += enough("an exempt CA", c.exempt, n / 10);
	few += enough("an assumed anchor", c.assumed, n / 10);
	few += enough("leaves lost", c.lost, n / 10);
	few += enough("leaves kept", c.kept, n / 20);
	for (int i = 0; i < PROPERTIES; i++)
		few += enough(properties[i].name, c.telling[i], n / 50);
	if (n >= WORLDS_FOR_EVENTS)
		assert_int_equal(few, 0);
}

enum { ENOUGH = 3 }; /* worlds that catch a mutant */

/* In how many of the first worlds does the property not hold of the mutant? Stops at ENOUGH. */
static int catches(const struct property *p, const struct answerer *mutant)
{
	struct oracle_world w;
	struct oracle_paths paths;
	int caught = 0;

	for (uint64_t i = 0; i < n_worlds() && caught < ENOUGH; i++) {
		struct question k = { .w = &w, .by = mutant };
		make_world(first_seed() + i, &w, &paths);
		oracle_paths_release(&paths);
		ask(&k, &w, &k.base);
		caught += !p->holds(&k);
	}
	return caught;
}

static void properties_catch_mutants(void **state)
{
	int missed = 0;

	(void)state;
	for (int i = 0; i < PROPERTIES; i++)
		for (int m = 0; m < MUTANTS_MAX && properties[i].mutant[m].name; m++) {
			if (catches(&properties[i], &properties[i].mutant[m]) == ENOUGH)
				continue;
			print_message("'%s' does not catch: %s\n", properties[i].name, properties[i].mutant[m].name);
			missed++;
		}
	if (n_worlds() >= WORLDS_FOR_EVENTS)
		assert_int_equal(missed, 0);
}

/* The oracle without a mistake has every property: what catches a mutant catches its mistake. */
static void oracle_has_the_properties(void **state)
{
	static const struct answerer oracle = { "the oracle", MUTANT_NONE, NULL, NULL };
	struct oracle_world w;
	struct oracle_paths paths;

	(void)state;
	for (uint64_t i = 0; i < n_worlds() / 20; i++) {
		struct question k = { .w = &w, .by = &oracle };
		make_world(first_seed() + i, &w, &paths);
		oracle_paths_release(&paths);
		ask(&k, &w, &k.base);
		for (int p = 0; p < PROPERTIES; p++)
			if (!properties[p].holds(&k))
				fail_on(&properties[p], &w);
	}
}

/* Trust of some CAs alone */

static bool same_of(const struct trust *all, const struct trust *some, uint32_t ca)
{
	uint32_t x[ORACLE_CAS], y[ORACLE_CAS];
	bool same = trust_before(all, ca) == trust_before(some, ca) && trust_after(all, ca) == trust_after(some, ca) &&
	            trust_touched(all, ca) == trust_touched(some, ca) && trust_changed(all, ca) == trust_changed(some, ca) &&
	            trust_exact(all, ca) == trust_exact(some, ca) && trust_same_after(all, some, ca);

	for (int after = 0; after < 2; after++) {
		size_t n = trust_via(all, ca, after, x, ORACLE_CAS);
		same &= n == trust_via(some, ca, after, y, ORACLE_CAS) && memcmp(x, y, n * sizeof(*x)) == 0;
	}
	return same;
}

/* What is left out makes no difference to what is asked, and what is asked for is enough. */
static void asked_cas_are_answered_as_of_all(void **state)
{
	struct oracle_world w;
	struct oracle_paths paths;

	(void)state;
	for (uint64_t i = 0; i < n_worlds() / 5; i++) {
		struct rig r;
		make_world(first_seed() + i, &w, &paths);
		oracle_paths_release(&paths);
		rig_init(&r, &w);
		struct trust *all = trust_compute(&r.query);
		for (uint32_t ca = 0; ca < r.g.ca.n; ca++) {
			r.query.asked = &ca;
			r.query.n_asked = 1;
			struct trust *some = trust_compute(&r.query);
			assert_true(same_of(all, some, ca));
			trust_free(some);
		}
		trust_free(all);
		rig_release(&r);
	}
}

static void marks_touch_only_what_is_below_them(void **state)
{
	struct oracle_world w;
	struct oracle_paths paths;
	unsigned touched = 0, spared = 0;

	(void)state;
	for (uint64_t i = 0; i < n_worlds() / 5; i++) {
		struct rig r;
		uint8_t below[ORACLE_CAS] = { 0 };
		uint32_t *list;
		make_world(first_seed() + i, &w, &paths);
		oracle_paths_release(&paths);
		rig_init(&r, &w);
		size_t n = marks_below(&r.g, r.query.marks, r.query.n_marks, &list);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(below[list[k]]++, 0);
		struct trust *t = trust_compute(&r.query);
		for (uint32_t ca = 0; ca < r.g.ca.n; ca++) {
			assert_true(below[ca] || !trust_touched(t, ca));
			touched += trust_touched(t, ca);
			spared += !below[ca];
		}
		trust_free(t);
		free(list);
		rig_release(&r);
	}
	assert_true(n_worlds() < WORLDS_FOR_EVENTS || (touched > 0 && spared > 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked_cas_are_answered_as_of_all),
		cmocka_unit_test(marks_touch_only_what_is_below_them),
		cmocka_unit_test(oracle_has_the_properties),
		cmocka_unit_test(properties_catch_mutants),
		cmocka_unit_test(properties_hold),
	};

	return cmocka_run_group_tests_name("trust_properties", tests, NULL, NULL);
}
