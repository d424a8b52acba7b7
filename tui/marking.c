#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/view.h"

/* A mark, or one on each root of an owner. */
struct mark_set {
	VEC(struct user_mark) mark;
	size_t shown, hidden; /* roots of the owner that the filter lets through, and other ones that would be meant */
};

#define ACTION_USUAL (-1) /* of each root its own */

/* Of the program, or assumed to be one. */
static bool is_anchor(const struct tui *t, uint32_t ca)
{
	const struct model *m = &t->model;

	return m->store && (model_anchor(m->store, m->g, ca, m->purpose) || marks_assume_ca(&m->marks, m->g, ca));
}

static bool is_root_of(const struct tui *t, uint32_t ca, const char *owner)
{
	return !strcmp(t->model.g->ca.v[ca].owner, owner);
}

/* Shown ones: what is hidden is not marked. */
static bool has_anchors(const struct tui *t, const char *owner)
{
	const struct rows *r = &t->rows;

	for (size_t i = 0; i < r->roots.n; i++)
		if (r->shows[r->roots.v[i]] && is_root_of(t, r->roots.v[i], owner) && is_anchor(t, r->roots.v[i]))
			return true;
	return false;
}

static int usual_action(const struct tui *t, const struct target *x)
{
	const struct model *m = &t->model;
	bool anchor;

	if (!strcmp(program_find(m->program)->usual_action, mark_action_names[MARK_BLOCK]))
		return MARK_BLOCK;
	if (x->owner)
		anchor = has_anchors(t, x->owner);
	else if (x->cert != NO_INDEX)
		anchor = store_anchor(m->store, x->cert, m->purpose) || marks_assume_cert(&m->marks, m->g, x->cert);
	else
		anchor = is_anchor(t, x->ca);
	return anchor ? MARK_REMOVE : MARK_REVOKE;
}

static struct user_mark mark_of(const struct tui *t, const struct target *x, int action)
{
	const struct graph *g = t->model.g;
	struct user_mark m = { .action = action, .is_cert = x->cert != NO_INDEX, .day = t->model.day, .since = MARK_ALWAYS };

	if (action == ACTION_USUAL)
		m.action = usual_action(t, x);
	m.at = m.is_cert ? x->cert : x->ca;
	memcpy(m.id, m.is_cert ? g->cert.v[x->cert].sha256 : g->ca.v[x->ca].id, 32);
	return m;
}

/* Of an owner the roots that the program has; all of them where it has none, or where all are asked for. */
static struct mark_set marks_of(const struct tui *t, const struct target *x, int action)
{
	const struct rows *r = &t->rows;
	struct mark_set set = { 0 };
	bool all;

	if (!x->owner) {
		vec_push(&set.mark, mark_of(t, x, action));
		return set;
	}
	all = x->all || !has_anchors(t, x->owner);
	for (size_t i = 0; i < r->roots.n; i++) {
		struct target root = { r->roots.v[i], NO_INDEX, NO_INDEX, NULL, false };
		bool shown = r->shows[root.ca];

		if (!is_root_of(t, root.ca, x->owner))
			continue;
		set.shown += shown;
		if (!all && !is_anchor(t, root.ca))
			continue;
		if (shown)
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

static bool can_mark(struct tui *t, struct target *x)
{
	tui_target(t, x);
	if (!t->model.store)
		tui_complain(t, "a scenario asks a root program, and this index has no store of one");
	else if (x->ca == NO_INDEX && !x->owner)
		tui_complain(t, "no CA here to mark");
	else
		return true;
	return false;
}

#define NAME_LEAST 6 /* columns that still tell a name from some */

static int screen_columns(void)
{
	int rows, cols;

	screen_size(&rows, &cols);
	return cols - 2;
}

/* Behind what is said already, in so many columns for all. */
static void add_name(struct strbuf *out, const char *name, int columns)
{
	int room = columns - text_width(out->buf);

	fmt_name(out, name, room < NAME_LEAST ? NAME_LEAST : room);
}

/* Where there is room for it: the row under the cursor has it. */
static void add_owner(struct strbuf *out, const char *owner, int columns)
{
	static const char of[] = " of ";
	const char *name = *owner ? owner : "an unknown owner";

	if (columns - text_width(out->buf) - text_width(of) < NAME_LEAST)
		return;
	strbuf_addstr(out, of);
	add_name(out, name, columns);
}

/* "Alder Root CA", "the 7 roots of Alder Trust", "the 3 shown of 7 roots of Alder Trust", "mozilla's 2 roots of …", "mozilla's 2 of 6 roots of …"; the
 * names give way for so many columns. */
static void add_target(const struct tui *t, struct strbuf *out, const struct target *x, const struct mark_set *set, int columns)
{
	const struct user_mark *m = &set->mark.v[0];

	if (!x->owner) {
		add_name(out, model_name(&t->model, m->is_cert ? t->model.g->cert.v[m->at].ca : m->at), columns);
		return;
	}
	if (set->shown > set->mark.n)
		strbuf_addf(out, "%s's %zu of %zu%s roots", t->model.program, set->mark.n, set->shown, set->hidden ? " shown" : "");
	else if (set->hidden)
		strbuf_addf(out, "the %zu shown of %u roots", set->mark.n, rows_all_of_owner(&t->rows, x->owner));
	else {
		/* else it might pass for all that the owner has */
		const bool of_program = !t->rows.all_roots && t->model.store;
		const uint32_t all = rows_all_of_owner(&t->rows, x->owner);

		if (of_program && all > set->mark.n)
			strbuf_addf(out, "%s's %zu of %u roots", t->model.program, set->mark.n, all);
		else if (set->mark.n == 1)
			strbuf_addstr(out, of_program ? "the root" : "the only root");
		else
			strbuf_addf(out, "%s%s %zu roots", of_program ? t->model.program : "the", of_program ? "'s" : "", set->mark.n);
	}
	add_owner(out, x->owner, columns);
}

/* Of those with this action. */
static size_t hits_of(const struct tui *t, const struct mark_set *set, int action, size_t *n)
{
	VEC(struct user_mark) of = { 0 };
	size_t hits;

	for (size_t i = 0; i < set->mark.n; i++)
		if (set->mark.v[i].action == action)
			vec_push(&of, set->mark.v[i]);
	hits = marks_hits(of.v, of.n, &t->model.marks, t->model.g, t->model.store, t->model.purpose);
	*n = of.n;
	vec_release(&of);
	return hits;
}

static void add_hits(struct strbuf *out, size_t hits, size_t marks, int action)
{
	if (!hits) {
		strbuf_addstr(out, " (changes nothing: no anchor here)");
		return;
	}
	strbuf_addstr(out, " (");
	fmt_plural(out, hits, action == MARK_REMOVE ? "anchor" : "certificate", action == MARK_REMOVE ? "anchors" : "certificates");
	if (action == MARK_BLOCK)
		strbuf_addf(out, " of %s", marks == 1 ? "this key" : "these keys");
	strbuf_addch(out, ')');
}

/* "remove (2 anchors), revoke (4 certificates)": an owner's roots need not all have the same. */
static void add_actions(const struct tui *t, struct strbuf *out, const struct mark_set *set, bool added)
{
	const struct user_mark *m = &set->mark.v[0];
	const char *between = "";
	char day[DATE_BUF];

	for (int action = 0; action < ACTIONS; action++) {
		size_t n, hits = hits_of(t, set, action, &n);

		if (!n)
			continue;
		strbuf_addf(out, "%s%s", between, actions[action].name);
		between = ", ";
		if (added && actions[action].dated)
			strbuf_addf(out, " %s", date_format(day, m->day));
		if (added && m->since != MARK_ALWAYS)
			strbuf_addf(out, " from %s on", date_format(day, m->since));
		if (added)
			add_hits(out, hits, n, action);
	}
}

/* "marked: remove (1 anchor) Alder Root CA": by name, as the cursor may be further on; a long one is cut, not the number. */
static void say_marks(struct tui *t, const struct target *x, const struct mark_set *set, bool added)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b, "%s: ", added ? "marked" : "no longer marked");
	add_actions(t, &b, set, added);
	strbuf_addch(&b, ' ');
	add_target(t, &b, x, set, screen_columns());
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
	toggle(t, &t->menu.target, ACTION_USUAL);
	v->ops->act(t, v, MOVE_DOWN);
}

static void all_marked(struct tui *t, const char *all)
{
	t->menu.target.all = true;
	owner_marked(t, all);
}

/* What answers the question about the set, of which the program does not have all. */
static void add_answers(const struct tui *t, const struct target *x, bool unmarks, struct strbuf *out)
{
	struct target every = *x;
	struct mark_set set;

	every.all = true;
	set = marks_of(t, &every, ACTION_USUAL);
	strbuf_addf(out, "? (y; a: %sall %zu; else no)", unmarks && marked(t, &set) < set.mark.n ? "mark " : "", set.mark.n);
	mark_set_release(&set);
}

/* Several roots at one key: not without a question. */
static void ask_owner(struct tui *t, const struct target *x)
{
	struct mark_set set = marks_of(t, x, ACTION_USUAL);
	struct strbuf question = STRBUF_INIT, answers = STRBUF_INIT;
	const bool some = set.shown > set.mark.n, unmarks = marked(t, &set) == set.mark.n;

	t->menu.target = *x;
	if (some)
		add_answers(t, x, unmarks, &answers);
	else
		strbuf_addstr(&answers, "? (y; any other key: no)");
	strbuf_addstr(&question, unmarks ? "unmark " : "mark ");
	add_target(t, &question, x, &set, screen_columns() - text_width(answers.buf));
	strbuf_addstr(&question, answers.buf);
	prompt_confirm(t, question.buf, owner_marked);
	if (some)
		prompt_or(&t->prompt, 'a', all_marked);
	strbuf_release(&question);
	strbuf_release(&answers);
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
	const struct target x = { NO_INDEX, NO_INDEX, NO_INDEX, row->owner, false };
	struct mark_set set;
	char letter = 0;

	if (row->ca != NO_INDEX)
		return marks_letter(&t->model.marks, t->model.g, row->ca, t->model.day);
	if (!t->model.marks.now.n)
		return 0;
	set = marks_of(t, &x, ACTION_EXEMPT);
	for (size_t i = 0; i < set.mark.n; i++) {
		char of_root = marks_letter(&t->model.marks, t->model.g, set.mark.v[i].at, t->model.day);

		if (!i)
			letter = of_root;
		else if (of_root != letter)
			letter = 0;
		if (!letter)
			break;
	}
	mark_set_release(&set);
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
		tui_say(t, "%s: load '%s'; %s%s%s", what, a->name, b.buf, besides.len ? "," : "", besides.buf);
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

static void stage(struct tui *t, int action)
{
	const struct user_mark *old;
	struct mark_set set;
	char day[DATE_BUF];

	menu_shut(t);
	if (action == ACTION_EXEMPT || action == ACTION_ASSUME) {
		tui_complain(t, "%s has no stage: it holds on every day", action == ACTION_EXEMPT ? "an exemption" : "an assumption");
		return;
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
}

/* ---- the menu, opened ---- */

#define TITLE_BESIDE 20 /* columns of the menu that its title leaves */

static void menu_title(const struct tui *t, const struct target *x, const struct mark_set *set, struct strbuf *out)
{
	char hex[9];

	if (x->cert == NO_INDEX) {
		add_target(t, out, x, set, menu_columns() - TITLE_BESIDE);
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

static bool menu_other(struct tui *t, int action, int key);

/* Returns the first action that is marked, or ACTIONS. */
static int open_menu(struct tui *t, const struct target *x)
{
	struct mark_set set = marks_of(t, x, ACTION_EXEMPT);
	struct strbuf title = STRBUF_INIT;
	int at = ACTIONS;

	menu_title(t, x, &set, &title);
	menu_open(t, title.buf, "certificates", choose);
	t->menu.other = menu_other;
	t->menu.target = *x;
	t->menu.foot = "letter or enter chooses, f from a day on, esc leaves";
	if (x->all)
		t->menu.foot = "f from a day on, o only the program's, esc leaves";
	else if (set.shown > set.mark.n)
		t->menu.foot = "f from a day on, o all roots of the owner, esc leaves";
	for (int i = 0; i < ACTIONS; i++)
		if (add_item(t, x, i) && at == ACTIONS)
			at = i;
	strbuf_release(&title);
	mark_set_release(&set);
	return at;
}

/* All roots of an owner, or those alone that the program has. */
static bool other_roots(struct tui *t, int action)
{
	struct target x = t->menu.target;
	struct mark_set set = marks_of(t, &x, ACTION_EXEMPT);
	bool some = set.shown > set.mark.n;

	mark_set_release(&set);
	if (!x.all && !some)
		return false;
	x.all = !x.all;
	open_menu(t, &x);
	t->menu.cursor = action;
	return true;
}

static bool menu_other(struct tui *t, int action, int key)
{
	if (key == 'o' || key == 'O')
		return other_roots(t, action);
	if (key != 'f' && key != 'F')
		return false;
	stage(t, action);
	return true;
}

void marking_menu(struct tui *t, struct view *v)
{
	struct target x;
	int at;

	(void)v;
	if (!can_mark(t, &x))
		return;
	at = open_menu(t, &x);
	t->menu.cursor = at == ACTIONS ? usual_action(t, &x) : at;
}
