#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/view.h"

static struct user_mark mark_of(const struct tui *t, const struct target *x, int action)
{
	const struct graph *g = t->model.g;
	struct user_mark m = { .action = action, .is_cert = x->cert != NO_INDEX, .day = t->model.day, .since = MARK_ALWAYS };

	m.at = m.is_cert ? x->cert : x->ca;
	memcpy(m.id, m.is_cert ? g->cert.v[x->cert].sha256 : g->ca.v[x->ca].id, 32);
	return m;
}

static int usual_action(const struct tui *t, const struct target *x)
{
	const struct model *m = &t->model;

	if (!strcmp(program_find(m->program)->usual_action, mark_action_names[MARK_BLOCK]))
		return MARK_BLOCK;
	if (x->cert != NO_INDEX ? store_anchor(m->store, x->cert, m->purpose) != NULL
				: model_anchor(m->store, m->g, x->ca, m->purpose) != NULL)
		return MARK_REMOVE;
	return MARK_REVOKE;
}

static bool can_mark(struct tui *t, struct target *x)
{
	tui_target(t, x);
	if (!t->model.store)
		tui_complain(t, "a scenario asks a root program, and this index has no store of one");
	else if (x->ca == NO_INDEX && tui_view(t)->ops == &view_tree && t->rows.row.n)
		tui_complain(t, "an owner, no CA: l opens it, then mark each of its roots");
	else if (x->ca == NO_INDEX)
		tui_complain(t, "no CA here to mark");
	else
		return true;
	return false;
}

static void rescore(struct tui *t)
{
	asking_halt(t);
	model_marks(&t->model);
	if (asking_how(t)->filter.term.n) {
		asking_rows(t);
		asking_send(t, ASK_ROWS, NULL);
	}
	tui_stale(t);
}

static void say_mark(struct tui *t, const struct user_mark *m, bool added)
{
	struct strbuf b = STRBUF_INIT;
	char day[DATE_BUF];
	size_t hits = mark_hits(m, t->model.g, t->model.store, t->model.purpose);
	uint32_t ca = m->is_cert ? t->model.g->cert.v[m->at].ca : m->at;

	if (!added)
		strbuf_addstr(&b, "no longer ");
	strbuf_addstr(&b, actions[m->action].name);
	if (actions[m->action].dated)
		strbuf_addf(&b, " %s", date_format(day, m->day));
	strbuf_addf(&b, " %s", model_name(&t->model, ca));
	if (added && m->since != MARK_ALWAYS)
		strbuf_addf(&b, " from %s on", date_format(day, m->since));
	strbuf_addstr(&b, ": ");
	if (!hits)
		strbuf_addstr(&b, "changes nothing, it is no anchor here");
	else
		fmt_plural(&b, hits, m->action == MARK_REMOVE ? "anchor" : "certificate",
			m->action == MARK_REMOVE ? "anchors" : "certificates");
	if (m->action == MARK_BLOCK)
		strbuf_addstr(&b, hits == 1 ? " carries this key" : " carry this key");
	tui_say(t, "%s", b.buf);
	strbuf_release(&b);
}

static void toggle(struct tui *t, const struct target *x, int action)
{
	struct user_mark m = mark_of(t, x, action);
	bool added = marks_toggle(&t->model.marks, &m);

	rescore(t);
	say_mark(t, &m, added);
}

void marking_usual(struct tui *t, struct view *v)
{
	struct target x;

	if (!can_mark(t, &x))
		return;
	toggle(t, &x, usual_action(t, &x));
	v->ops->act(t, v, MOVE_DOWN);
}

static void clear(struct tui *t, const char *text)
{
	(void)text;
	marks_clear(&t->model.marks);
	rescore(t);
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

static void say_count(struct tui *t, const char *what)
{
	struct strbuf b = STRBUF_INIT;

	/* An older list may hold what another load had at other places. */
	marks_bind(&t->model.marks, &t->model.ca_ids, &t->model.cert_ids);
	rescore(t);
	fmt_plural(&b, t->model.marks.now.n, "mark", "marks");
	tui_say(t, "%s: %s", what, b.buf);
	strbuf_release(&b);
}

void marking_undo(struct tui *t, struct view *v)
{
	(void)v;
	if (marks_undo(&t->model.marks))
		say_count(t, "undone");
	else
		tui_complain(t, "nothing to undo");
}

void marking_redo(struct tui *t, struct view *v)
{
	(void)v;
	if (marks_redo(&t->model.marks))
		say_count(t, "redone");
	else
		tui_complain(t, "nothing to redo");
}

/* ---- the menu ---- */

static void dated(struct tui *t, const char *text)
{
	struct user_mark m = mark_of(t, &t->menu.target, t->menu.action);

	if (date_parse(text, &m.day) < 0) {
		tui_complain(t, "'%s' is no date (YYYY-MM-DD)", text);
		return;
	}
	marks_set(&t->model.marks, &m);
	rescore(t);
	m = *marks_find(&t->model.marks, &m); /* with the stage it had */
	say_mark(t, &m, true);
}

static const char *limit_label(int action)
{
	return action == MARK_DISTRUST_AFTER ? "accept leaves with notBefore until:" : "accept leaves with an SCT until:";
}

static void choose(struct tui *t, int action)
{
	struct user_mark m = mark_of(t, &t->menu.target, action);
	const struct user_mark *old = marks_find(&t->model.marks, &m);
	char day[DATE_BUF];

	t->menu.action = action;
	if (!actions[action].dated) {
		toggle(t, &t->menu.target, action);
		return;
	}
	prompt_date(t, limit_label(action), date_format(day, old ? old->day : t->model.day), dated);
}

/* ---- stages: marks that are in force from a day on ---- */

static void stage_entered(struct tui *t, const char *text)
{
	struct user_mark m = mark_of(t, &t->menu.target, t->menu.action);

	m.day = t->menu.day;
	if (*text && date_parse(text, &m.since) < 0) {
		tui_complain(t, "'%s' is no date (YYYY-MM-DD)", text);
		return;
	}
	marks_stage(&t->model.marks, &m);
	rescore(t);
	say_mark(t, &m, true);
}

static void ask_stage(struct tui *t, int32_t since)
{
	char day[DATE_BUF];

	prompt_date(t, "in force from (empty: always):", date_format(day, since == MARK_ALWAYS ? t->model.day : since), stage_entered);
}

static void limit_entered(struct tui *t, const char *text)
{
	if (date_parse(text, &t->menu.day) < 0)
		tui_complain(t, "'%s' is no date (YYYY-MM-DD)", text);
	else
		ask_stage(t, MARK_ALWAYS);
}

static bool menu_stage(struct tui *t, int action, int key)
{
	struct user_mark m;
	const struct user_mark *old;
	char day[DATE_BUF];

	if (key != 'f' && key != 'F')
		return false;
	menu_shut(t);
	if (action == ACTION_EXEMPT) {
		tui_complain(t, "an exemption has no stage: it holds on every day");
		return true;
	}
	m = mark_of(t, &t->menu.target, action);
	old = marks_find(&t->model.marks, &m);
	t->menu.action = action;
	t->menu.day = old ? old->day : m.day;
	if (actions[action].dated && !old)
		prompt_date(t, limit_label(action), date_format(day, m.day), limit_entered);
	else
		ask_stage(t, old ? old->since : MARK_ALWAYS);
	return true;
}

/* ---- the menu, opened ---- */

static void menu_title(const struct tui *t, const struct target *x, struct strbuf *out)
{
	char hex[9];

	if (x->cert == NO_INDEX) {
		strbuf_addstr(out, model_name(&t->model, x->ca));
		return;
	}
	hex_encode(t->model.g->cert.v[x->cert].sha256, 4, hex);
	strbuf_addf(out, "certificate %s%s of %s", hex, glyph(G_ELLIPSIS), model_name(&t->model, x->ca));
}

/* What an action means, or, where its mark is set, with which dates. */
static void item_help(const struct user_mark *old, int action, struct strbuf *out)
{
	char day[DATE_BUF];

	if (!old) {
		strbuf_addstr(out, actions[action].help);
		return;
	}
	strbuf_addstr(out, "marked");
	if (actions[action].dated)
		strbuf_addf(out, " %s", date_format(day, old->day));
	if (old->since != MARK_ALWAYS)
		strbuf_addf(out, actions[action].dated ? ", from %s" : ", from %s on", date_format(day, old->since));
}

void marking_menu(struct tui *t, struct view *v)
{
	struct strbuf text = STRBUF_INIT;
	struct target x;
	int at = ACTIONS; /* the first action that is marked */

	(void)v;
	if (!can_mark(t, &x))
		return;
	menu_title(t, &x, &text);
	menu_open(t, text.buf, "certificates", choose);
	t->menu.other = menu_stage;
	t->menu.foot = "letter or enter chooses, f from a day on, esc leaves";
	for (int i = 0; i < ACTIONS; i++) {
		struct user_mark m = mark_of(t, &x, i);
		const struct user_mark *old = marks_find(&t->model.marks, &m);
		char count[32] = "";

		if (old && at == ACTIONS)
			at = i;
		strbuf_reset(&text);
		item_help(old, i, &text);
		if (i != ACTION_EXEMPT)
			num_short(count, mark_hits(&m, t->model.g, t->model.store, t->model.purpose));
		menu_add(t, actions[i].letter, actions[i].name, text.buf, count);
	}
	t->menu.cursor = at == ACTIONS ? usual_action(t, &x) : at;
	t->menu.target = x;
	strbuf_release(&text);
}
