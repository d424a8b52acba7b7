#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/view.h"

/* A mark, or one on each root of an owner. */
struct mark_set {
	VEC(struct user_mark) mark;
	size_t hidden; /* roots of the owner that the filter does not let through */
};

static struct user_mark mark_of(const struct tui *t, const struct target *x, int action)
{
	const struct graph *g = t->model.g;
	struct user_mark m = { .action = action, .is_cert = x->cert != NO_INDEX, .day = t->model.day, .since = MARK_ALWAYS };

	m.at = m.is_cert ? x->cert : x->ca;
	memcpy(m.id, m.is_cert ? g->cert.v[x->cert].sha256 : g->ca.v[x->ca].id, 32);
	return m;
}

/* The roots of an owner that the program has, or is assumed to have: what is shown among all roots may be others. */
static bool is_root_of(const struct tui *t, uint32_t ca, const char *owner)
{
	const struct model *m = &t->model;

	return !strcmp(m->g->ca.v[ca].owner, owner) && m->store &&
	       (model_anchor(m->store, m->g, ca, m->purpose) || marks_assume_ca(&m->marks, m->g, ca));
}

static struct mark_set marks_of(const struct tui *t, const struct target *x, int action)
{
	const struct rows *r = &t->rows;
	struct mark_set set = { 0 };

	if (!x->owner) {
		vec_push(&set.mark, mark_of(t, x, action));
		return set;
	}
	for (size_t i = 0; i < r->roots.n; i++) {
		struct target root = { r->roots.v[i], NO_INDEX, NO_INDEX, NULL };

		if (!is_root_of(t, root.ca, x->owner))
			continue;
		if (r->shows[root.ca])
			vec_push(&set.mark, mark_of(t, &root, action));
		else
			set.hidden++;
	}
	return set;
}

static void mark_set_release(struct mark_set *set)
{
	vec_release(&set->mark);
}

static size_t marked(const struct tui *t, const struct mark_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->mark.n; i++)
		n += marks_find(&t->model.marks, &set->mark.v[i]) != NULL;
	return n;
}

static int usual_action(const struct tui *t, const struct target *x)
{
	const struct model *m = &t->model;

	if (!strcmp(program_find(m->program)->usual_action, mark_action_names[MARK_BLOCK]))
		return MARK_BLOCK;
	if (x->owner)
		return MARK_REMOVE;
	if (x->cert != NO_INDEX ? store_anchor(m->store, x->cert, m->purpose) || marks_assume_cert(&m->marks, m->g, x->cert)
				: model_anchor(m->store, m->g, x->ca, m->purpose) || marks_assume_ca(&m->marks, m->g, x->ca))
		return MARK_REMOVE;
	return MARK_REVOKE;
}

/* Shown ones: what is hidden is not marked. */
static bool has_roots(const struct tui *t, const char *owner)
{
	for (size_t i = 0; i < t->rows.roots.n; i++)
		if (t->rows.shows[t->rows.roots.v[i]] && is_root_of(t, t->rows.roots.v[i], owner))
			return true;
	return false;
}

static bool can_mark(struct tui *t, struct target *x)
{
	tui_target(t, x);
	if (!t->model.store)
		tui_complain(t, "a scenario asks a root program, and this index has no store of one");
	else if (x->owner && !has_roots(t, x->owner))
		tui_complain(t, "none of these is a root of %s for %s", t->model.program, purpose_names[t->model.purpose]);
	else if (x->ca == NO_INDEX && !x->owner)
		tui_complain(t, "no CA here to mark");
	else
		return true;
	return false;
}

#define BESIDE_OWNER 48 /* columns of a question about an owner's roots … */
#define BESIDE_SOME 70  /* … of which the program has but some */

/* Cut so that the rest of the sentence is seen. */
static void add_owner(struct strbuf *out, const char *owner, int beside)
{
	int rows, cols, took;
	size_t n;

	screen_size(&rows, &cols);
	n = text_clip(owner, cols - beside, &took);
	strbuf_add(out, owner, n);
	strbuf_addstr(out, !*owner ? "an unknown owner" : owner[n] ? glyph(G_ELLIPSIS) : "");
}

/* Of the owner under the cursor: roots of all CAs may be shown, of which the program need not have each. */
static bool has_other_roots(const struct tui *t, const struct mark_set *set)
{
	const struct row *row = rows_at(&t->rows);

	return row && row->ca == NO_INDEX && row->n_roots > set->mark.n + set->hidden;
}

/* "Alder Root CA", "the 7 roots of Alder Trust", "the 3 shown of 7 roots of Alder Trust", "the 2 that mozilla has of 6 roots of …" */
static void add_target(const struct tui *t, struct strbuf *out, const struct target *x, const struct mark_set *set)
{
	if (!x->owner) {
		const struct user_mark *m = &set->mark.v[0];

		strbuf_addstr(out, model_name(&t->model, m->is_cert ? t->model.g->cert.v[m->at].ca : m->at));
		return;
	}
	if (!set->hidden && has_other_roots(t, set)) {
		strbuf_addf(out, "the %zu that %s has of %u roots of ", set->mark.n, t->model.program, (unsigned)rows_at(&t->rows)->n_roots);
		add_owner(out, x->owner, BESIDE_SOME);
		return;
	}
	if (set->hidden)
		strbuf_addf(out, "the %zu shown of %zu roots of ", set->mark.n, set->mark.n + set->hidden);
	else if (set->mark.n == 1)
		strbuf_addstr(out, "the only root of ");
	else
		strbuf_addf(out, "the %zu roots of ", set->mark.n);
	add_owner(out, x->owner, BESIDE_OWNER);
}

static void add_hits(const struct tui *t, struct strbuf *out, const struct mark_set *set, int action)
{
	size_t hits = marks_hits(set->mark.v, set->mark.n, &t->model.marks, t->model.g, t->model.store, t->model.purpose);

	if (!hits) {
		strbuf_addstr(out, " (changes nothing: no anchor here)");
		return;
	}
	strbuf_addstr(out, " (");
	fmt_plural(out, hits, action == MARK_REMOVE ? "anchor" : "certificate", action == MARK_REMOVE ? "anchors" : "certificates");
	if (action == MARK_BLOCK)
		strbuf_addf(out, " of %s", set->mark.n == 1 ? "this key" : "these keys");
	strbuf_addch(out, ')');
}

/* "marked: remove (1 anchor) Alder Root CA": by name, as the cursor may be further on; a long one is cut, not the number. */
static void say_marks(struct tui *t, const struct target *x, const struct mark_set *set, bool added)
{
	const struct user_mark *m = &set->mark.v[0];
	struct strbuf b = STRBUF_INIT;
	char day[DATE_BUF];

	strbuf_addf(&b, "%s: %s", added ? "marked" : "no longer marked", actions[m->action].name);
	if (added && actions[m->action].dated)
		strbuf_addf(&b, " %s", date_format(day, m->day));
	if (added && m->since != MARK_ALWAYS)
		strbuf_addf(&b, " from %s on", date_format(day, m->since));
	if (added)
		add_hits(t, &b, set, m->action);
	strbuf_addch(&b, ' ');
	add_target(t, &b, x, set);
	tui_say(t, "%s", b.buf);
	strbuf_release(&b);
}

/* Where some are not marked, all are afterwards. */
static void toggle(struct tui *t, const struct target *x, int action)
{
	struct mark_set set = marks_of(t, x, action);
	bool add = marked(t, &set) < set.mark.n;

	if (add)
		marks_set(&t->model.marks, set.mark.v, set.mark.n);
	else
		marks_take(&t->model.marks, set.mark.v, set.mark.n);
	asking_marks(t);
	if (set.mark.n)
		say_marks(t, x, &set, add);
	mark_set_release(&set);
}

static void owner_marked(struct tui *t, const char *yes)
{
	struct view *v = tui_view(t);

	(void)yes;
	toggle(t, &t->menu.target, t->menu.action);
	v->ops->act(t, v, MOVE_DOWN);
}

/* Several roots at one key: not without a question. */
static void ask_owner(struct tui *t, const struct target *x)
{
	struct mark_set set = marks_of(t, x, usual_action(t, x));
	struct strbuf question = STRBUF_INIT;

	t->menu.target = *x;
	t->menu.action = usual_action(t, x);
	strbuf_addstr(&question, marked(t, &set) < set.mark.n ? "mark " : "unmark ");
	add_target(t, &question, x, &set);
	strbuf_addstr(&question, "? (y; any other key: no)");
	prompt_confirm(t, question.buf, owner_marked);
	strbuf_release(&question);
	mark_set_release(&set);
}

void marking_usual(struct tui *t, struct view *v)
{
	struct target x;

	if (!can_mark(t, &x))
		return;
	if (x.owner) {
		ask_owner(t, &x);
		return;
	}
	toggle(t, &x, usual_action(t, &x));
	v->ops->act(t, v, MOVE_DOWN);
}

char marking_letter(const struct tui *t, const struct row *row)
{
	const struct rows *r = &t->rows;
	char letter = 0;

	if (row->ca != NO_INDEX)
		return marks_letter(&t->model.marks, t->model.g, row->ca, t->model.day);
	for (size_t i = 0; t->model.marks.now.n && i < r->roots.n; i++) {
		char of_root;

		if (!r->shows[r->roots.v[i]] || !is_root_of(t, r->roots.v[i], row->owner))
			continue;
		of_root = marks_letter(&t->model.marks, t->model.g, r->roots.v[i], t->model.day);
		if (!of_root || (letter && of_root != letter))
			return 0;
		letter = of_root;
	}
	return letter;
}

static void clear(struct tui *t, const char *text)
{
	(void)text;
	marks_clear(&t->model.marks);
	asking_marks(t);
	tui_say(t, "all marks cleared; u brings them back");
}

void marking_clear(struct tui *t, struct view *v)
{
	(void)v;
	if (!t->model.marks.now.n)
		tui_complain(t, "no marks to clear");
	else
		prompt_confirm(t, "clear all marks? (y; any other key: no)", clear);
}

/* "Alder Root CA (remove) is back", "3 marks are gone" */
static void add_changed(const struct tui *t, size_t n, const struct user_mark *m, const char *how, struct strbuf *out)
{
	const struct graph *g = t->model.g;

	if (!n)
		return;
	strbuf_addstr(out, out->len ? ", " : "");
	if (n > 1) {
		fmt_plural(out, n, "mark", "marks");
		strbuf_addf(out, " are %s", how);
		return;
	}
	/* the index may have been read anew since it was there */
	uint32_t at = m->is_cert ? graph_find_cert(g, m->id) : graph_find_ca(g, m->id);
	strbuf_addf(out, "%s (%s) is %s", at == NO_INDEX ? "what is no longer in the index" : model_name(&t->model, m->is_cert ? g->cert.v[at].ca : at),
		actions[m->action].name, how);
}

/* What another step than one of loading made of the marks `was`. */
static void add_step(const struct tui *t, const struct mark_list *was, struct strbuf *out)
{
	const struct mark_list now = marks_listed(&t->model.marks);
	const struct user_mark *back = NULL, *gone = NULL;
	size_t more = marks_lacking(&now, was, &back), less = marks_lacking(was, &now, &gone);

	if (more == 1 && less == 1 && back->action == gone->action && !memcmp(back->id, gone->id, sizeof(back->id))) {
		add_changed(t, 1, back, "of another day", out);
		return;
	}
	add_changed(t, more, back, "back", out);
	add_changed(t, less, gone, "gone", out);
	if (!more && !less)
		marks_tell(&t->model.marks, out);
}

/* a: what it changed besides the marks, or NULL. */
static void say_step(struct tui *t, const char *what, const struct mark_list *was, struct marks_asked *a)
{
	struct strbuf b = STRBUF_INIT, besides = STRBUF_INIT;

	asking_marks(t);
	if (a)
		marks_tell(&t->model.marks, &b);
	else
		add_step(t, was, &b);
	if (a)
		loading_exchange(t, a, &besides);
	if (a)
		tui_say(t, "%s: loading '%s'; %s%s%s", what, a->name, b.buf, besides.len ? "," : "", besides.buf);
	else
		tui_say(t, "%s: %s", what, b.buf);
	strbuf_release(&besides);
	strbuf_release(&b);
}

void marking_undo(struct tui *t, struct view *v)
{
	struct marks *k = &t->model.marks;

	(void)v;
	if (marks_undo(k))
		say_step(t, "undone", &k->future.v[k->future.n - 1], marks_undone(k));
	else
		tui_complain(t, "nothing to undo");
}

void marking_redo(struct tui *t, struct view *v)
{
	struct marks *k = &t->model.marks;

	(void)v;
	if (marks_redo(k))
		say_step(t, "redone", &k->past.v[k->past.n - 1], marks_redone(k));
	else
		tui_complain(t, "nothing to redo");
}

/* ---- the menu ---- */

/* The mark as it is in the scenario, with the stage or date that it had. */
static void say_kept(struct tui *t, const struct mark_set *set)
{
	for (size_t i = 0; i < set->mark.n; i++)
		set->mark.v[i] = *marks_find(&t->model.marks, &set->mark.v[i]);
	asking_marks(t);
	say_marks(t, &t->menu.target, set, true);
}

static void dated(struct tui *t, const char *text)
{
	struct mark_set set;
	int32_t day;

	if (!prompt_day(t, text, &day))
		return;
	set = marks_of(t, &t->menu.target, t->menu.action);
	for (size_t i = 0; i < set.mark.n; i++)
		set.mark.v[i].day = day;
	marks_set(&t->model.marks, set.mark.v, set.mark.n);
	say_kept(t, &set);
	mark_set_release(&set);
}

static const char *limit_label(int action)
{
	return action == MARK_DISTRUST_AFTER ? "accept leaves with notBefore until:" : "accept leaves with an SCT until:";
}

/* The first of the marks that is set, or NULL. */
static const struct user_mark *first_set(const struct tui *t, const struct mark_set *set)
{
	const struct user_mark *old = NULL;

	for (size_t i = 0; i < set->mark.n && !old; i++)
		old = marks_find(&t->model.marks, &set->mark.v[i]);
	return old;
}

static void choose(struct tui *t, int action)
{
	struct mark_set set = marks_of(t, &t->menu.target, action);
	const struct user_mark *old = first_set(t, &set);
	char day[DATE_BUF];

	t->menu.action = action;
	if (!actions[action].dated)
		toggle(t, &t->menu.target, action);
	else
		prompt_date(t, limit_label(action), date_format(day, old ? old->day : t->model.day), dated);
	mark_set_release(&set);
}

/* ---- stages: marks that are in force from a day on ---- */

static void stage_entered(struct tui *t, const char *text)
{
	int32_t since = MARK_ALWAYS;
	struct mark_set set;

	if (*text && !prompt_day(t, text, &since))
		return;
	set = marks_of(t, &t->menu.target, t->menu.action);
	for (size_t i = 0; i < set.mark.n; i++) {
		set.mark.v[i].day = t->menu.day;
		set.mark.v[i].since = since;
	}
	marks_stage(&t->model.marks, set.mark.v, set.mark.n);
	say_kept(t, &set);
	mark_set_release(&set);
}

static void ask_stage(struct tui *t, int32_t since)
{
	char day[DATE_BUF];

	prompt_date(t, "in force from (empty: always):", date_format(day, since == MARK_ALWAYS ? t->model.day : since), stage_entered);
}

static void limit_entered(struct tui *t, const char *text)
{
	if (prompt_day(t, text, &t->menu.day))
		ask_stage(t, MARK_ALWAYS);
}

static bool menu_stage(struct tui *t, int action, int key)
{
	const struct user_mark *old;
	struct mark_set set;
	char day[DATE_BUF];

	if (key != 'f' && key != 'F')
		return false;
	menu_shut(t);
	if (action == ACTION_EXEMPT || action == ACTION_ASSUME) {
		tui_complain(t, "%s has no stage: it holds on every day", action == ACTION_EXEMPT ? "an exemption" : "an assumption");
		return true;
	}
	set = marks_of(t, &t->menu.target, action);
	old = first_set(t, &set);
	t->menu.action = action;
	t->menu.day = old ? old->day : t->model.day;
	if (actions[action].dated && marked(t, &set) < set.mark.n)
		prompt_date(t, limit_label(action), date_format(day, t->menu.day), limit_entered);
	else
		ask_stage(t, old ? old->since : MARK_ALWAYS);
	mark_set_release(&set);
	return true;
}

/* ---- the menu, opened ---- */

static void menu_title(const struct tui *t, const struct target *x, struct strbuf *out)
{
	struct mark_set set;
	char hex[9];

	if (x->cert == NO_INDEX) {
		set = marks_of(t, x, ACTION_EXEMPT);
		add_target(t, out, x, &set);
		mark_set_release(&set);
		return;
	}
	hex_encode(t->model.g->cert.v[x->cert].sha256, 4, hex);
	strbuf_addf(out, "certificate %s%s of %s", hex, glyph(G_ELLIPSIS), model_name(&t->model, x->ca));
}

/* What an action means, or, where its mark is set, with which dates. */
static void item_help(const struct tui *t, const struct mark_set *set, int action, struct strbuf *out)
{
	const struct user_mark *old = first_set(t, set);
	size_t n = marked(t, set);
	char day[DATE_BUF];

	strbuf_reset(out);
	if (!old) {
		strbuf_addstr(out, actions[action].help);
		return;
	}
	if (n < set->mark.n) {
		strbuf_addf(out, "%zu of %zu marked", n, set->mark.n);
		return;
	}
	strbuf_addstr(out, set->mark.n == 1 ? "marked" : "all marked");
	if (actions[action].dated)
		strbuf_addf(out, " %s", date_format(day, old->day));
	if (old->since != MARK_ALWAYS)
		strbuf_addf(out, actions[action].dated ? ", from %s" : ", from %s on", date_format(day, old->since));
}

/* False: the action is not marked. */
static bool add_item(struct tui *t, const struct target *x, int action)
{
	struct mark_set set = marks_of(t, x, action);
	bool any = first_set(t, &set) != NULL;
	struct strbuf help = STRBUF_INIT;
	char count[32] = "";

	item_help(t, &set, action, &help);
	if (action != ACTION_EXEMPT)
		num_short(count, marks_hits(set.mark.v, set.mark.n, &t->model.marks, t->model.g, t->model.store, t->model.purpose));
	menu_add(t, actions[action].letter, actions[action].name, help.buf, count);
	strbuf_release(&help);
	mark_set_release(&set);
	return any;
}

void marking_menu(struct tui *t, struct view *v)
{
	struct strbuf title = STRBUF_INIT;
	struct target x;
	int at = ACTIONS; /* the first action that is marked */

	(void)v;
	if (!can_mark(t, &x))
		return;
	menu_title(t, &x, &title);
	menu_open(t, title.buf, "certificates", choose);
	t->menu.other = menu_stage;
	t->menu.foot = "letter or enter chooses, f from a day on, esc leaves";
	for (int i = 0; i < ACTIONS; i++)
		if (add_item(t, &x, i) && at == ACTIONS)
			at = i;
	t->menu.cursor = at == ACTIONS ? usual_action(t, &x) : at;
	t->menu.target = x;
	strbuf_release(&title);
}
