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
	else if (x->ca == NO_INDEX)
		tui_complain(t, "no CA here to mark");
	else
		return true;
	return false;
}

static void rescore(struct tui *t)
{
	model_marks(&t->model);
	if (t->rows.filter.term.n)
		rows_build(&t->rows, &t->model);
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
	strbuf_addf(&b, " %s: ", model_name(&t->model, ca));
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
		prompt_confirm(t, "clear all marks? (y or any other key)", clear);
}

void marking_undo(struct tui *t, struct view *v)
{
	struct strbuf b = STRBUF_INIT;

	(void)v;
	if (!marks_undo(&t->model.marks)) {
		tui_complain(t, "nothing to undo");
		return;
	}
	rescore(t);
	fmt_plural(&b, t->model.marks.now.n, "mark", "marks");
	tui_say(t, "undone: %s", b.buf);
	strbuf_release(&b);
}

/* ---- the menu ---- */

void marking_menu(struct tui *t, struct view *v)
{
	struct target x;

	(void)v;
	if (!can_mark(t, &x))
		return;
	t->menu.on = true;
	t->menu.target = x;
	t->menu.cursor = usual_action(t, &x);
}

static void dated(struct tui *t, const char *text)
{
	struct user_mark m = mark_of(t, &t->menu.target, t->menu.cursor);

	if (date_parse(text, &m.day) < 0) {
		tui_complain(t, "'%s' is no date (YYYY-MM-DD)", text);
		return;
	}
	marks_set(&t->model.marks, &m);
	rescore(t);
	say_mark(t, &m, true);
}

static void choose(struct tui *t, int action)
{
	char day[DATE_BUF];

	t->menu.on = false;
	t->menu.cursor = action;
	if (!actions[action].dated) {
		toggle(t, &t->menu.target, action);
		return;
	}
	prompt_open(t,
		action == MARK_DISTRUST_AFTER ? "accept leaves with notBefore until:"
					      : "accept leaves with an SCT until:",
		date_format(day, t->model.day), dated);
}

void menu_key(struct tui *t, int key)
{
	for (int i = 0; i < ACTIONS; i++) {
		if (key == actions[i].letter || key == (actions[i].letter | 0x20)) {
			choose(t, i);
			return;
		}
	}
	if (key == '\r' || key == ' ')
		choose(t, t->menu.cursor);
	else if (key == 'j' || key == key_parse("Down", 4))
		t->menu.cursor = (t->menu.cursor + 1) % ACTIONS;
	else if (key == 'k' || key == key_parse("Up", 2))
		t->menu.cursor = (t->menu.cursor + ACTIONS - 1) % ACTIONS;
	else if (key == 'q' || key == 27 || key == 'm')
		t->menu.on = false;
}

static void menu_title(const struct tui *t, struct strbuf *out)
{
	const struct target *x = &t->menu.target;
	char hex[9];

	if (x->cert == NO_INDEX) {
		strbuf_addstr(out, model_name(&t->model, x->ca));
		return;
	}
	hex_encode(t->model.g->cert.v[x->cert].sha256, 4, hex);
	strbuf_addf(out, "certificate %s%s of %s", hex, glyph(G_ELLIPSIS), model_name(&t->model, x->ca));
}

static void draw_item(struct tui *t, int i, const struct area *a)
{
	struct user_mark m = mark_of(t, &t->menu.target, i);
	size_t hits = mark_hits(&m, t->model.g, t->model.store, t->model.purpose);
	bool on = i == t->menu.cursor;
	enum role role = on ? R_BOX_ON : R_BOX;
	char letter[2] = { actions[i].letter, 0 }, count[32];
	int y = a->y + 2 + i;

	screen_fill(y, a->x, a->w, role, false);
	screen_text(y, a->x + 1, 1, role, false, on ? (fmt_is_ascii() ? ">" : "›") : " ");
	screen_text(y, a->x + 3, 1, role, false, letter);
	screen_text(y, a->x + 6, 14, role, false, actions[i].name);
	screen_text(y, a->x + 22, a->w - 28, role, false, actions[i].help);
	if (i != ACTION_EXEMPT)
		screen_right(y, a->x + a->w - 6, 4, role, false, num_short(count, hits));
	if (on)
		t->menu.y = y;
}

/* A frame of letters' width around it, so that the rows below do not touch it. */
static void draw_frame(const struct area *a)
{
	for (int i = -1; i <= a->h; i++)
		screen_fill(a->y + i, a->x - 2, a->w + 4, R_TEXT, false);
	for (int i = 0; i < a->h; i++)
		screen_fill(a->y + i, a->x, a->w, R_BOX, false);
}

void menu_draw(struct tui *t, const struct area *whole)
{
	struct strbuf title = STRBUF_INIT;
	struct area a = { 0, 0, ACTIONS + 4, whole->w < 66 ? whole->w - 4 : 62 };

	a.y = whole->y + 1 + (whole->h > a.h + 2 ? (whole->h - a.h) / 3 : 0);
	a.x = whole->x + (whole->w - a.w) / 2;
	if (whole->h < a.h + 2)
		a.y = whole->y;
	draw_frame(&a);
	menu_title(t, &title);
	screen_text(a.y, a.x + 1, a.w - 20, R_BOX, false, title.buf);
	screen_right(a.y, a.x + 1, a.w - 3, R_BOX, false, "certificates");
	for (int i = 0; i < ACTIONS; i++)
		draw_item(t, i, &a);
	screen_text(a.y + a.h - 1, a.x + 1, a.w - 2, R_BOX, false, "letter or enter marks, esc leaves");
	strbuf_release(&title);
}
