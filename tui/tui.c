#include "tui/tui.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/terminal.h"
#include "tui/view.h"

const struct view_ops *const views[] = { &view_tree, &view_detail, &view_impact, &view_help, &view_findings, &view_sources,
	&view_source, NULL };

/* ---- the stack of views ---- */

#define STACK_MAX 64 /* who walks further loses the first views of the way */

struct view *tui_view(struct tui *t)
{
	struct view *top = t->stack.v[t->stack.n - 1];

	return top->ops == &view_tree && t->pane && t->pane_focus ? t->pane : top;
}

struct view *view_new(const struct view_ops *ops)
{
	struct view *v = xcalloc(1, sizeof(*v));

	v->ops = ops;
	strbuf_init(&v->held.line, 0);
	v->stale = true;
	return v;
}

void view_free(struct tui *t, struct view *v)
{
	if (!v)
		return;
	if (v->ops->close)
		v->ops->close(t, v);
	doc_release(&v->doc);
	strbuf_release(&v->held.line);
	free(v);
}

struct view *tui_push(struct tui *t, const struct view_ops *ops, uint32_t ca)
{
	struct view *v = view_new(ops);

	if (t->stack.n && ops != &view_help)
		history_mark(t);
	if (t->stack.n == STACK_MAX) {
		view_free(t, t->stack.v[1]);
		memmove(&t->stack.v[1], &t->stack.v[2], (t->stack.n - 2) * sizeof(*t->stack.v));
		t->stack.n--;
	}
	if (ca != NO_INDEX) {
		memcpy(v->id, t->model.g->ca.v[ca].id, sizeof(v->id));
		v->has_id = true;
	}
	vec_push(&t->stack, v);
	return v;
}

void tui_pop(struct tui *t)
{
	if (t->stack.n > 1)
		view_free(t, t->stack.v[--t->stack.n]);
}

void tui_stale(struct tui *t)
{
	for (size_t i = 0; i < t->stack.n; i++)
		t->stack.v[i]->stale = true;
	if (t->pane)
		t->pane->stale = true;
}

void tui_stale_views(struct tui *t, const struct view_ops *ops)
{
	for (size_t i = 0; i < t->stack.n; i++)
		t->stack.v[i]->stale |= t->stack.v[i]->ops == ops;
}

__attribute__((format(printf, 3, 0))) static void set_message(struct tui *t, bool error, const char *fmt, va_list ap)
{
	strbuf_reset(&t->message);
	strbuf_vaddf(&t->message, fmt, ap);
	t->error = error;
}

void tui_say(struct tui *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_message(t, false, fmt, ap);
	va_end(ap);
}

void tui_complain(struct tui *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_message(t, true, fmt, ap);
	va_end(ap);
}

void tui_target(struct tui *t, struct target *ret)
{
	struct view *v = tui_view(t);

	*ret = (struct target)TARGET_NONE;
	if (v->ops->target)
		v->ops->target(t, v, ret);
}

void view_doc_act(struct tui *t, struct view *v, enum motion move)
{
	struct doc *d = &v->doc;
	const uint32_t was = d->cursor;

	(void)t;
	d->cursor = motion_apply(move, was, (uint32_t)d->line.n, d->rows ? d->rows : v->area.h);
	d->top = motion_turn(move, d->top, was, d->cursor);
}

void view_doc_status(struct tui *t, struct view *v, struct strbuf *out)
{
	(void)t;
	strbuf_addf(out, "%u/%zu", v->doc.cursor + 1, v->doc.line.n);
}

void view_next_section(struct tui *t, struct view *v)
{
	if (!doc_next_section(&v->doc, 1))
		tui_say(t, "the last section");
}

void view_previous_section(struct tui *t, struct view *v)
{
	if (!doc_next_section(&v->doc, -1))
		tui_say(t, "the first section");
}

/* ---- general keys ---- */

static void move(struct tui *t, struct view *v, enum motion m)
{
	v->ops->act(t, v, m);
}

static void go_up(struct tui *t, struct view *v)
{
	move(t, v, MOVE_UP);
}

static void go_down(struct tui *t, struct view *v)
{
	move(t, v, MOVE_DOWN);
}

static void page_up(struct tui *t, struct view *v)
{
	move(t, v, MOVE_PAGE_UP);
}

static void page_down(struct tui *t, struct view *v)
{
	move(t, v, MOVE_PAGE_DOWN);
}

static void half_up(struct tui *t, struct view *v)
{
	move(t, v, MOVE_HALF_UP);
}

static void half_down(struct tui *t, struct view *v)
{
	move(t, v, MOVE_HALF_DOWN);
}

static void go_home(struct tui *t, struct view *v)
{
	move(t, v, MOVE_HOME);
}

static void go_end(struct tui *t, struct view *v)
{
	move(t, v, MOVE_END);
}

static void next_program(struct tui *t, struct view *v)
{
	const struct model *m = &t->model;
	struct wanted *w = asking_question(t);
	size_t at = 0;

	(void)v;
	if (m->column.n < 2) {
		tui_complain(t, m->program ? "this index has the store of one program only" : "this index has no store of a root program");
		return;
	}
	while (at + 1 < m->column.n && strcmp(m->column.v[at].program, w->program) != 0)
		at++;
	w->program = m->column.v[(at + 1) % m->column.n].program;
	asking_send(t, ASK_MODEL, NULL);
}

static void program_chosen(struct tui *t, int item)
{
	const struct column *c = &t->model.column.v[item];

	if (!c->store) {
		tui_complain(t, "%s has no store in this index on this day", c->program);
		return;
	}
	asking_question(t)->program = c->program;
	asking_send(t, ASK_MODEL, NULL);
}

static void choose_program(struct tui *t, struct view *v)
{
	const struct model *m = &t->model;
	char text[64], day[DATE_BUF];

	(void)v;
	if (!m->column.n) {
		tui_complain(t, "this index has no store of a root program");
		return;
	}
	menu_open(t, "root program", "", program_chosen);
	for (size_t i = 0; i < m->column.n; i++) {
		const struct column *c = &m->column.v[i];

		if (c->store)
			snprintf(text, sizeof(text), "%s, store of %s%s%s%s", c->title, date_format(day, c->store->day),
				model_store_doubtful(m, i) ? ", " : "", model_store_note(m, i),
				model_store_doubtful(m, i) ? " " DOUBTFUL_SIGN : "");
		else
			snprintf(text, sizeof(text), "%s, no store on this day", c->title);
		menu_add(t, menu_letter(t, c->program), c->program, text, "");
	}
	t->menu.cursor = (int)m->chosen;
}

static void next_purpose(struct tui *t, struct view *v)
{
	(void)v;
	asking_question(t)->purpose = (enum purpose)((asking_question(t)->purpose + 1) % PURPOSE_COUNT);
	asking_send(t, ASK_MODEL, NULL);
}

static void next_revocation(struct tui *t, struct view *v)
{
	static const char *const says[] = {
		[REVOCATION_ENFORCED] = "revocation: what the program's clients enforce",
		[REVOCATION_ALL] = "revocation: CRLs and CCADB count too, for every program",
		[REVOCATION_NONE] = "revocation: none counts",
	};
	struct wanted *w = asking_question(t);

	(void)v;
	w->revocation = (enum revocation_mode)((w->revocation + 1) % (sizeof(says) / sizeof(says[0])));
	tui_say(t, "%s", says[w->revocation]);
	asking_send(t, ASK_MODEL, NULL);
}

static const char no_further[] = "no further: dates go from 1970 to 2200";

static bool is_day(int32_t day)
{
	return day >= 0 && day <= date_from_civil(2200, 1, 1);
}

static void set_day(struct tui *t, int32_t day)
{
	if (!is_day(day)) {
		tui_complain(t, "%s", no_further);
		return;
	}
	asking_question(t)->day = day;
	asking_send(t, ASK_MODEL, NULL);
}

static void month_back(struct tui *t, struct view *v)
{
	(void)v;
	set_day(t, month_step(asking_question(t)->day, -1));
}

static void month_forward(struct tui *t, struct view *v)
{
	(void)v;
	set_day(t, month_step(asking_question(t)->day, 1));
}

static void day_back(struct tui *t, struct view *v)
{
	(void)v;
	set_day(t, asking_question(t)->day - 1);
}

static void day_forward(struct tui *t, struct view *v)
{
	(void)v;
	set_day(t, asking_question(t)->day + 1);
}

static void date_entered(struct tui *t, const char *text)
{
	int32_t day;

	if (!prompt_day(t, text, &day))
		return;
	if (is_day(day))
		set_day(t, day);
	else
		prompt_refuse(t, "%s", no_further);
}

static void ask_date(struct tui *t, struct view *v)
{
	char day[DATE_BUF];

	(void)v;
	prompt_date(t, "as of:", date_format(day, asking_question(t)->day), date_entered);
}

static void show_impact(struct tui *t, struct view *v)
{
	if (v->ops == &view_impact)
		tui_say(t, "this is the impact view; q leaves it");
	else if (!t->model.store)
		tui_complain(t, "impact asks a root program, and this index has no store of one");
	else
		tui_push(t, &view_impact, NO_INDEX);
}

static void show_help(struct tui *t, struct view *v)
{
	if (v->ops == &view_help)
		tui_say(t, "this is the help; q leaves it, / finds in it");
	else
		tui_push(t, &view_help, NO_INDEX)->about = v;
}

void tui_copy(struct tui *t, const uint8_t sha256[32])
{
	char hex[65];

	hex_encode(sha256, 32, hex);
	screen_copy(hex);
	tui_say(t, "copied %s", hex);
}

static bool is_by(const struct graph *g, const struct ca_cert *c, uint32_t ca)
{
	for (uint32_t i = 0; i < c->n_issuers; i++)
		if (g->issuers[c->first_issuer + i] == ca)
			return true;
	return false;
}

/* How well the certificate stands for the CA in its place: below a CA that by which it is there, else the program's anchor. */
static int fits_place(const struct model *m, const struct target *x, uint32_t cert)
{
	const struct ca_cert *c = &m->g->cert.v[cert];
	bool there = x->parent != NO_INDEX ? is_by(m->g, c, x->parent) : m->store && store_anchor(m->store, cert, m->purpose);

	return 4 * there + 2 * (m->usable && m->usable[cert]) + cert_valid_on(c, m->day);
}

/* Of several that fit as well the one that lasts longest. */
static uint32_t cert_of_place(const struct model *m, const struct target *x)
{
	const struct ca *ca = &m->g->ca.v[x->ca];
	uint32_t best = NO_INDEX;
	int most = -1;

	for (uint32_t i = 0; i < ca->n_certs; i++) {
		uint32_t cert = m->g->ca_certs[ca->first_cert + i];
		int fits = fits_place(m, x, cert);
		if (fits < most || (fits == most && m->g->cert.v[cert].not_after <= m->g->cert.v[best].not_after))
			continue;
		best = cert;
		most = fits;
	}
	return best;
}

static void say_copied_of(struct tui *t, uint32_t cert, uint32_t n)
{
	const struct model *m = &t->model;
	const bool anchor = m->store && store_anchor(m->store, cert, m->purpose);
	int rows, cols, took = text_width(t->message.buf);
	struct strbuf b = STRBUF_INIT;

	if (n < 2)
		return;
	screen_size(&rows, &cols);
	strbuf_addf(&b, ", %sone of its %u certificates", anchor ? "the anchor, " : "", n);
	if (took + text_width(b.buf) > cols - 2) {
		strbuf_reset(&b);
		strbuf_addf(&b, " of %u", n);
	}
	strbuf_addstr(&t->message, b.buf);
	strbuf_release(&b);
}

static void copy(struct tui *t, struct view *v)
{
	const struct graph *g = t->model.g;
	struct target x;
	uint32_t cert;

	(void)v;
	tui_target(t, &x);
	if (x.ca == NO_INDEX || (x.cert == NO_INDEX && !g->ca.v[x.ca].n_certs)) {
		tui_complain(t, "no certificate here to copy");
		return;
	}
	cert = x.cert != NO_INDEX ? x.cert : cert_of_place(&t->model, &x);
	tui_copy(t, g->cert.v[cert].sha256);
	if (x.cert == NO_INDEX)
		say_copied_of(t, cert, g->ca.v[x.ca].n_certs);
}

void tui_index_taken(struct tui *t)
{
	sources_forget(t);
	t->version++;
	checking_bind(&t->checking, &t->model, t->version);
	tui_stale(t);
}

static void reload(struct tui *t, struct view *v)
{
	(void)v;
	asking_index(t);
}

/* For the help: tui_key() does it before all others. */
static void repaint(struct tui *t, struct view *v)
{
	(void)t;
	(void)v;
	screen_repaint();
}

static void suspend(struct tui *t, struct view *v)
{
	(void)t;
	(void)v;
	screen_suspend();
}

static void quit(struct tui *t, struct view *v)
{
	(void)v;
	t->quit = true;
}

static void really_quit(struct tui *t, const char *yes)
{
	(void)yes;
	t->quit = true;
}

/* The question before what is not finished goes; NULL: nothing is lost. As wide as the smallest screen at most. */
static const char *lost_with(const struct tui *t)
{
	bool marks = marks_unsaved(&t->model.marks);

	if (fetching_runs(&t->fetching))
		return marks ? "quit, stop the fetch, lose the marks? (y; any other key: no)"
			     : "a fetch runs: quit, and stop it? (y; any other key: no)";
	return marks ? "quit and lose the unsaved marks? (y; any other key: no)" : NULL;
}

/* Asks first where something would be lost. */
static void leave(struct tui *t)
{
	if (keeping_saves(t) && !fetching_runs(&t->fetching)) {
		t->leaving = true;
		tui_say(t, "leaving when '%s' is saved", t->kept->name);
	} else if (lost_with(t)) {
		prompt_confirm(t, lost_with(t), really_quit);
	} else {
		t->quit = true;
	}
}

/* Is something to be seen that is not there yet, and may be meant by a C-c? */
static bool works_on_shown(struct tui *t)
{
	struct view *top = t->stack.v[t->stack.n - 1];

	return t->asking.what || rows_await_keys(&t->rows, &t->model) || (top->ops->lacks && top->ops->lacks(t, top));
}

static void interrupt(struct tui *t, struct view *v)
{
	(void)v;
	if (ahead_just_played(t) && !t->leaving) {
		t->ahead.played = 0;
		tui_say(t, "what was typed ahead is done already; C-c again quits");
	} else if (works_on_shown(t) && !lost_with(t) && !keeping_saves(t)) {
		prompt_confirm(t, "still at work on that: quit? (y; any other key: no)", really_quit);
	} else {
		leave(t);
	}
}

static void back(struct tui *t, struct view *v)
{
	if (v == t->pane && t->pane_focus)
		t->pane_focus = false;
	else if (t->stack.n > 1) {
		const bool leaves = v->ops == &view_sources && t->fetching.state == FETCH_RUNS;

		if (v->ops != &view_help)
			history_mark(t);
		tui_pop(t);
		if (leaves)
			tui_say(t, "the fetch goes on; s and Esc there stop it");
	} else {
		leave(t);
	}
}

/* The row of the cursor stays in sight where only the filter had opened the way to it. */
static void keep_in_sight(struct tui *t)
{
	uint32_t ca = model_find_ca(&t->model, t->filter_at.ca), parent = NO_INDEX;
	const struct row *row = rows_at(&t->rows);

	if (t->filter_at.has_parent)
		parent = model_find_ca(&t->model, t->filter_at.parent);
	if (ca != NO_INDEX && (!row || row->ca != ca))
		rows_reveal(&t->rows, &t->model, ca, parent);
}

static void filter_off(struct tui *t)
{
	const struct row *row = rows_at(&t->rows), *up = row && row->parent != NO_INDEX ? &t->rows.row.v[row->parent] : NULL;
	bool on_ca = row && row->ca != NO_INDEX;

	strbuf_reset(&t->filter_left);
	strbuf_addstr(&t->filter_left, asking_how(t)->filter.text);
	if (on_ca)
		memcpy(t->filter_at.ca, t->model.g->ca.v[row->ca].id, 32);
	t->filter_at.has_parent = on_ca && up && up->ca != NO_INDEX;
	if (t->filter_at.has_parent)
		memcpy(t->filter_at.parent, t->model.g->ca.v[up->ca].id, 32);
	filter_release(&asking_rows(t)->filter);
	asking_send(t, ASK_ROWS, on_ca ? keep_in_sight : NULL);
}

void tui_escape(struct tui *t, struct view *v)
{
	if (writing_cancel(t))
		tui_say(t, "stopped; nothing is written");
	else if (t->stack.n > 1 || v == t->pane)
		back(t, v);
	else if (search_narrow(t))
		tui_say(t, "back among the roots of %s", t->model.program);
	else if (asking_how(t)->filter.term.n) {
		filter_off(t);
		tui_say(t, "filter off; & has it again");
	} else {
		tui_say(t, "nothing to leave here; q quits");
	}
}

const char *tui_general_label(const struct tui *t, const struct view *v, const struct binding *b)
{
	if (v->ops == &view_tree && !t->model.g->ca.n && b->act != back && b->act != show_help)
		return b->act == show_sources ? "sources" : NULL; /* nothing to walk, mark or find yet */
	if (b->act == back)
		return v == t->pane || t->stack.n > 1 ? "back" : b->label;
	if ((b->act == marking_usual && !v->ops->target) || (b->act == show_impact && v->ops == &view_impact) ||
		(b->act == show_help && v->ops == &view_help))
		return NULL;
	return b->label;
}

const struct binding general_keys[] = {
	{ "j Down", go_down, NULL, "down" },
	{ "k Up", go_up, NULL, "up" },
	{ "PgDn C-f", page_down, NULL, "page down" },
	{ "PgUp C-b", page_up, NULL, "page up" },
	{ "C-d", half_down, NULL, "half a page down" },
	{ "C-u", half_up, NULL, "half a page up" },
	{ "g Home", go_home, NULL, "to the start" },
	{ "G End", go_end, NULL, "to the end" },
	{ "Space", marking_usual, "mark", "mark with the program's usual action, or unmark; moves down" },
	{ "/ F3", search_open, "find", "find names, owners, else subjects, hex, crt.sh address; on a page: in it" },
	{ "& F4", filter_of_tree, NULL, "filter the tree, from a page back in it; the findings have a filter of their own" },
	{ "n", search_next, NULL, "next found" },
	{ "N", search_previous, NULL, "previous found" },
	{ "m", marking_menu, NULL, "mark: menu of all actions, with dates" },
	{ "U", marking_clear, NULL, "clear all marks" },
	{ "u", marking_undo, NULL, "undo the last change of the marks, or L with all it changed" },
	{ "C-r", marking_redo, NULL, "redo what was undone" },
	{ "w S", keeping_save, NULL, "save marks, program, purpose, revocation, day as a scenario" },
	{ "L", loading_ask, NULL, "load a scenario of the index or a file, or delete one" },
	{ "x", writing_report, NULL, "write the report to a file: Markdown, HTML, CSV, JSON, text" },
	{ "X", writing_export, NULL, "export what the marks mean: OneCRL, certdata.txt, Graphviz, …" },
	{ "i", show_impact, "impact", "impact: what the marks break" },
	{ "f", show_findings, NULL, "findings: what canopy check finds" },
	{ "s", show_sources, NULL, "sources: how old and complete they are; fetch from there" },
	{ "p", next_program, "program", "next root program" },
	{ "T", choose_program, NULL, "choose the root program" },
	{ "P", next_purpose, NULL, "other purpose: tls, email" },
	{ "V", next_revocation, NULL, "revocations that count: enforced, all, none" },
	{ "[", month_back, NULL, "as-of date a month back" },
	{ "]", month_forward, NULL, "as-of date a month forward" },
	{ "{", day_back, NULL, "a day back" },
	{ "}", day_forward, NULL, "a day forward" },
	{ "D", ask_date, NULL, "set the as-of date" },
	{ "y", copy, NULL, "copy the SHA-256 fingerprint (OSC 52)" },
	{ "( Backspace C-o A-Left", history_back, NULL, "back to the place where one was before" },
	{ ") A-Right", history_forward, NULL, "forward again" },
	{ "F5", reload, NULL, "read the index anew" },
	{ "C-l", repaint, NULL, "repaint" },
	{ "C-z", suspend, NULL, "suspend" },
	{ "? F1", show_help, "help", "the help: keys, questions, columns, signs, filters" },
	{ "q", back, "quit", "back, or quit" },
	{ "Esc", tui_escape, NULL, "back; filter, or all roots of a search, off; stop writing" },
	{ "C-c", interrupt, NULL, "quit, asking where something is lost or still worked on; gives up what is searched and typed ahead; in a line as Esc" },
	{ "Q F10", quit, NULL, "quit at once" },
	{ NULL, NULL, NULL, NULL },
};

/* ---- keys ---- */

static bool is_in(const struct area *a, int y, int x)
{
	return y >= a->y && y < a->y + a->h && x >= a->x && x < a->x + a->w;
}

/* The pane's lines move, for its cursor is not seen from the tree. */
static void scroll_pane(struct doc *d, int by)
{
	const uint32_t n = (uint32_t)d->line.n, rows = d->rows > 0 ? (uint32_t)d->rows : 1, last = n > rows ? n - rows : 0;
	const uint32_t to = by < 0 && d->top < (uint32_t)-by ? 0 : d->top + (uint32_t)by;

	d->top = to > last ? last : to;
	if (d->cursor < d->top)
		d->cursor = d->top;
	else if (d->cursor >= d->top + rows)
		d->cursor = d->top + rows - 1;
}

#define WHEEL_LINES 3

static void wheel(struct tui *t, struct view *v, int by)
{
	if (v == t->pane)
		scroll_pane(&v->doc, by * WHEEL_LINES);
	else
		for (int i = 0; i < WHEEL_LINES; i++)
			move(t, v, by < 0 ? MOVE_UP : MOVE_DOWN);
}

/* The first click on a pane goes there, and opens nothing; one beside it comes back. */
static void click(struct tui *t, struct view *v, int y, int x)
{
	bool comes = v == t->pane && !t->pane_focus;

	if (!v->ops->click || !is_in(&v->area, y, x))
		return;
	t->pane_focus = v == t->pane;
	if (!comes || v->doc.top + (uint32_t)(y - v->area.y) != v->doc.cursor)
		v->ops->click(t, v, y - v->area.y, x - v->area.x);
}

static void mouse(struct tui *t)
{
	struct view *v = t->stack.v[t->stack.n - 1];
	int y, x, key;

	if (!screen_mouse(&y, &x, &key) || t->prompt.on)
		return;
	if (t->menu.on) {
		if (key == KEY_CLICK)
			menu_click(t, y, x);
		return;
	}
	if (v->ops == &view_tree && t->pane && is_in(&t->pane->area, y, x))
		v = t->pane;
	if (key == KEY_CLICK)
		click(t, v, y, x);
	else
		wheel(t, v, key == KEY_WHEEL_UP ? -1 : 1);
}

static bool keys_elsewhere(int key)
{
	for (const struct view_ops *const *v = views; *v; v++)
		if (keys_find((*v)->keymap, key))
			return true;
	return false;
}

static void command(struct tui *t, int key)
{
	struct view *v = tui_view(t);
	const struct binding *b = keys_find(v->ops->keymap, key);

	/* Behind a notice, and without an index, the keys to begin with come to be seen. */
	if (t->fresh && !t->message.len && t->model.g->ca.n) {
		t->fresh = false;
		if (t->opt->begun)
			t->opt->begun();
	}
	strbuf_reset(&t->message);
	t->leaving = t->says_until = t->shows_until = false;
	if (!b)
		b = keys_find(general_keys, key);
	if (b)
		b->act(t, v);
	else if (key > 0)
		tui_complain(t, keys_elsewhere(key) ? "no such key here; ? shows those of this view" : "no such key; ? shows them all");
}

void tui_key(struct tui *t, int key)
{
	if (key == KEY_WOKEN)
		return;
	if (key == KEY_NOTHING || key == key_parse("Resize", 6)) {
		tui_stale(t);
		return;
	}
	t->loads_at_once = false;
	if (key == ('l' & 0x1f) || !ahead_keeps(t, key))
		tui_act(t, key);
}

void tui_act(struct tui *t, int key)
{
	if (paste_run(t, key) || paste_key(t, key))
		return;
	if (key == ('l' & 0x1f))
		screen_repaint(); /* over a prompt and a menu, too */
	else if (key == key_parse("Mouse", 5))
		mouse(t);
	else if (t->prompt.on)
		prompt_key(t, key);
	else if (t->menu.on)
		menu_key(t, key);
	else
		command(t, key);
}

/* ---- open, run, close ---- */

static bool is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* term: of the terminal, NULL without one */
static int check_options(const struct tui_options *o, const char *term, struct screen_options *s, struct err *err)
{
	const char *no_color = getenv("NO_COLOR");

	s->mouse = o->mouse;
	s->plain = o->plain;
	if (theme_find(o->theme, &s->theme, err) < 0)
		return -1;
	if (o->no_color || o->plain || (no_color && *no_color))
		s->theme = theme_off();
	if (o->utf8 && (o->ascii || o->plain))
		return err_set(err, ERR_USAGE, "'--utf8' and '%s' exclude each other", o->plain ? "--plain" : "--ascii");
	if (o->utf8 && !is_utf8())
		return err_set(err, ERR_USAGE, "'--utf8' needs a locale of UTF-8, as LC_ALL=C.UTF-8 is one");
	fmt_ascii(o->ascii || o->plain || !is_utf8() || (term && !o->utf8 && terminal_lacks_signs(term)));
	return 0;
}

/* What has a place for every CA is mapped and given back one by one: zeroed memory that is never looked at then costs
 * nothing, and a thread's answer leaves no hole behind. For the whole process. */
static void map_large(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 4 << 20);
#endif
}

int tui_open(struct tui *t, const struct tui_options *o, struct err *err)
{
	map_large();
	*t = (struct tui){ .opt = o, .message = STRBUF_INIT, .scenario = STRBUF_INIT, .doomed = STRBUF_INIT, .filter_before = STRBUF_INIT, .filter_left = STRBUF_INIT, .fresh = o->first,
		.fetching = FETCHING_INIT };
	strbuf_init(&t->prompt.text, 0);
	strbuf_init(&t->prompt.note, 0);
	strbuf_init(&t->prompt.why, 0);
	strbuf_init(&t->search.text, 0);
	strbuf_init(&t->search.page, 0);
	strbuf_init(&t->paste.text, 0);
	if (model_open(&t->model, o, err) < 0)
		return -1;
	rows_build(&t->rows, &t->model);
	tui_push(t, &view_tree, NO_INDEX);
	if (o->notice)
		tui_say(t, "%s", o->notice);
	return 0;
}

void tui_close(struct tui *t)
{
	filling_drop(t->filling);
	t->filling = NULL;
	asking_release(t);
	while (t->stack.n)
		view_free(t, t->stack.v[--t->stack.n]);
	vec_release(&t->stack);
	view_free(t, t->pane);
	search_release(&t->search);
	strbuf_release(&t->paste.text);
	history_release(&t->history);
	prompt_release(&t->prompt);
	menu_shut(t);
	keeping_release(t);
	writing_release(t);
	strbuf_release(&t->message);
	strbuf_release(&t->scenario);
	strbuf_release(&t->doomed);
	strbuf_release(&t->filter_before);
	strbuf_release(&t->filter_left);
	vec_release(&t->ahead.key);
	fetching_release(&t->fetching);
	checking_release(&t->checking);
	doubting_release(&t->doubting);
	findings_release(&t->findings);
	sources_forget(t);
	rows_release(&t->rows);
	model_close(&t->model);
}

static struct {
	volatile sig_atomic_t caught, stop;
} signals;

static void on_end(int sig)
{
	signals.caught = sig;
}

/* curses' own handler would work on the screen in the midst of whatever is under way there. */
static void on_stop(int sig)
{
	(void)sig;
	signals.stop = true;
}

static void on_crash(int sig)
{
	screen_restore();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* Only wakes screen_key(). */
static void on_child(int sig)
{
	(void)sig;
}

static void handle(int sig, void (*handler)(int))
{
	struct sigaction a = { .sa_handler = handler };

	sigemptyset(&a.sa_mask);
	sigaction(sig, &a, NULL);
}

/* Those of a program's own doing, which cannot wait for the loop. */
static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP };

/* Does it end a program that does nothing about it? Of whatever is neither a crash nor known to do less, as signals of
 * real time are. */
static bool ends_by_default(int sig)
{
	static const int others[] = { SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGCHLD, SIGURG, SIGWINCH };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (sig == others[i])
			return false;
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		if (sig == crashes[i])
			return false;
	return true;
}

/* What is ignored stays so, the caller's wish, and so does what somebody else handles; but curses took two for itself. */
static bool is_ours(int sig, bool on)
{
	struct sigaction now;

	if (!ends_by_default(sig) || sigaction(sig, NULL, &now) < 0)
		return false;
	if (!on)
		return now.sa_handler == on_end;
	return now.sa_handler == SIG_DFL || (now.sa_handler != SIG_IGN && (sig == SIGINT || sig == SIGTERM));
}

static void handle_signals(bool on)
{
	struct sigaction stop;

	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (is_ours(sig, on))
			handle(sig, on ? on_end : SIG_DFL);
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		handle(crashes[i], on ? on_crash : SIG_DFL);
	handle(SIGCHLD, on ? on_child : SIG_DFL);
	if (sigaction(SIGTSTP, NULL, &stop) == 0 && stop.sa_handler != SIG_IGN)
		handle(SIGTSTP, on ? on_stop : SIG_DFL);
}

static void stale_details(struct tui *t)
{
	tui_stale_views(t, &view_detail);
	if (t->pane)
		t->pane->stale = true;
}

/* What details leave to a thread; true: something changed, or may have. */
static bool facts_beside(struct tui *t)
{
	const struct view *top = t->stack.v[t->stack.n - 1];

	if (top->ops != &view_detail && !(top->ops == &view_tree && t->pane))
		return false;
	/* findings that are being written are not replaced */
	if (writing_findings_run(t) || checking_there(&t->checking, &t->model, t->version) == (CHECK_FINDINGS | CHECK_SITES))
		return false;
	checking_ask(&t->checking, &t->model, t->version, CHECK_FINDINGS | CHECK_SITES);
	checking_wait(&t->checking, screen_input(), 50);
	beside_check(t, false);
	return true;
}

static void these_signals(sigset_t *set)
{
	static const int heard[] = { SIGCHLD, SIGWINCH, SIGTSTP };

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++)
		sigaddset(set, heard[i]);
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (ends_by_default(sig))
			sigaddset(set, sig);
}

/* Signals are kept until the loop sleeps or asks for them: none comes a moment too early, none in the midst of curses. */
static void hold_signals(bool on)
{
	sigset_t set;

	these_signals(&set);
	sigprocmask(on ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

/* Did one end the browser? A stop is obeyed here. */
static bool signals_end(void)
{
	hold_signals(false);
	hold_signals(true);
	if (signals.stop) {
		signals.stop = false;
		screen_suspend();
	}
	return signals.caught;
}

bool tui_fill_step(struct tui *t, bool wait)
{
	struct filling *f = t->filling;
	enum filled what;

	if (!f || !work_ready(filling_work(f), wait))
		return false;
	t->filling = NULL;
	what = filling_take(f, &t->model);
	if (what == FILL_COLUMN)
		tui_stale(t);
	else if (what != FILL_ONLY)
		stale_details(t);
	if (what == FILL_ONLY && asking_how(t)->sort == SORT_ONLY && t->model.n_only == t->model.g->ca.n) {
		asking_rows(t);
		asking_send(t, ASK_ROWS, NULL);
	}
	return true;
}

static bool fill_beside(struct tui *t, unsigned wanted)
{
	if (tui_fill_step(t, false))
		return true;
	if (!t->filling && (t->asking.what || t->asking.marks || t->asking.index))
		return false; /* another question comes first */
	if (!t->filling)
		t->filling = filling_begin(&t->model, wanted);
	if (!t->filling)
		return false;
	work_wait(filling_work(t->filling), screen_input(), 50);
	tui_fill_step(t, false);
	return true;
}

/* Keys that a filter waits for. */
static bool keys_beside(struct tui *t)
{
	bool done = false;

	if (!model_work_keys(&t->model, &done))
		return false;
	asking_rows(t);
	t->asking.live = true;
	if (done)
		asking_send(t, ASK_ROWS, t->fits_later ? filter_taken : NULL);
	return true;
}

bool tui_work_beside(struct tui *t)
{
	const struct view *top = t->stack.v[t->stack.n - 1];

	if (ahead_step(t) || fill_beside(t, FILLS(FILL_COLUMN)) || search_beside(t) || asking_beside(t) || keys_beside(t))
		return true;
	if (t->quit)
		return false;
	if (fill_beside(t, FILLS(FILL_STANDING) | FILLS(FILL_HERE)) || facts_beside(t) || beside_impact(t))
		return true;
	return top->ops == &view_tree && (t->only_shown || t->rows.sort == SORT_ONLY) && fill_beside(t, FILLS(FILL_ONLY));
}

#define TYPED_NS 50000000

/* A text that is typed or pasted faster than it could be read is not drawn character by character. */
static bool wants_frame(struct tui *t, uint64_t *drawn)
{
	uint64_t now = clock_ns();

	if ((t->prompt.on || t->paste.on) && now - *drawn < TYPED_NS && (ahead_ready(t) || screen_key_waits()))
		return false;
	*drawn = now;
	return true;
}

static void take_key(struct tui *t)
{
	int key = screen_key(&t->quit);

	tui_fill_step(t, false); /* what is asked may wait for it, and is not taken while keys come */
	tui_key(t, key);
}

static void loop(struct tui *t)
{
	uint64_t drawn = 0;

	while (!t->quit && !signals_end()) {
		do {
			beside_step(t, false);
			if (wants_frame(t, &drawn))
				frame_draw(t);
		} while (!signals_end() && !ahead_ready(t) && !screen_key_waits() && tui_work_beside(t));
		if (signals.caught || t->quit)
			return;
		if (!ahead_step(t))
			take_key(t);
		asking_pause(t);
	}
}

int tui_run(const struct tui_options *o, struct err *err)
{
	struct screen_options s = { 0 };
	struct tui t;
	int r = -1;

	setlocale(LC_ALL, "");
	if (check_options(o, getenv("TERM"), &s, err) < 0)
		return -1;
	screen_ask_size();
	if (tui_open(&t, o, err) == 0 && screen_open(&s, err) == 0) {
		mem_set_die_hook(screen_restore);
		hold_signals(true);
		handle_signals(true);
		loop(&t);
		hold_signals(false);
		mem_set_die_hook(NULL);
		screen_close();
		handle_signals(false);
		r = 0;
	}
	tui_close(&t);
	if (signals.caught)
		raise(signals.caught);
	return r;
}

/* ---- without a terminal ---- */

struct script {
	struct tui *t;
	uint64_t worst_ns, piece_ns;
};

/* As if the user waited. */
static void settle(struct script *s)
{
	bool found = search_step(s->t, true);
	uint64_t start, took;

	if (asking_step(s->t, true) || found)
		frame_draw(s->t); /* what is shown asks for more */
	beside_step(s->t, true);
	frame_draw(s->t);
	start = clock_ns();
	while (tui_work_beside(s->t)) {
		took = clock_ns() - start;
		s->piece_ns = took > s->piece_ns ? took : s->piece_ns;
		frame_draw(s->t);
		start = clock_ns();
	}
}

static void feed(struct script *s, int key)
{
	uint64_t start = clock_ns(), took;

	if (s->t->quit)
		return;
	tui_key(s->t, key);
	frame_draw(s->t);
	took = clock_ns() - start;
	s->worst_ns = took > s->worst_ns ? took : s->worst_ns;
	settle(s);
}

static bool feed_resize(struct script *s, const char *name, size_t len)
{
	char text[32];
	uint64_t rows, cols;
	char *x;

	if (len < 8 || len >= sizeof(text) || strncmp(name, "resize:", 7) != 0)
		return false;
	memcpy(text, name + 7, len - 7);
	text[len - 7] = '\0';
	x = strchr(text, 'x');
	if (!x)
		return false;
	*x = '\0';
	if (num_parse_u64(text, &rows) < 0 || num_parse_u64(x + 1, &cols) < 0 || !rows || !cols || rows > 1000 ||
		cols > 1000)
		return false;
	screen_resize((int)rows, (int)cols);
	feed(s, key_parse("Resize", 6));
	return true;
}

/* 'quoted text' is typed character by character, up to the closing quote. */
static const char *feed_text(struct script *s, const char *text)
{
	uint32_t cp;

	while (*text && *text != '\'') {
		text += text_decode(text, strlen(text), &cp);
		feed(s, (int)cp);
	}
	return *text ? text + 1 : text;
}

static int feed_all(struct script *s, const char *keys, struct err *err)
{
	for (;;) {
		size_t len;
		int key;
		keys += strspn(keys, " \n");
		if (!*keys)
			return 0;
		if (*keys == '\'' && keys[1] && keys[1] != ' ') {
			keys = feed_text(s, keys + 1);
			continue;
		}
		len = strcspn(keys, " \n");
		key = key_parse(keys, len);
		if (key)
			feed(s, key);
		else if (!feed_resize(s, keys, len))
			return err_set(err, ERR_USAGE, "no key '%.*s'", (int)len, keys);
		keys += len;
	}
}

int tui_headless(const struct tui_options *o, struct tui_headless *h, FILE *out, struct err *err)
{
	struct screen_options s = { .rows = h->rows, .cols = h->cols };
	struct script script = { 0 };
	uint64_t start = clock_ns();
	struct tui t;
	int r = -1;

	if (check_options(o, NULL, &s, err) < 0)
		return -1;
	if (tui_open(&t, o, err) == 0 && screen_open(&s, err) == 0) {
		script.t = &t;
		frame_draw(&t);
		h->first_ns = clock_ns() - start;
		settle(&script);
		r = feed_all(&script, h->keys, err);
		h->worst_ns = script.worst_ns;
		h->piece_ns = script.piece_ns;
		if (r == 0)
			screen_dump(out, h->roles ? DUMP_ROLES : h->cells ? DUMP_CELLS : DUMP_TEXT);
		screen_close();
	}
	tui_close(&t);
	return r;
}

const char *tui_view_name(size_t n)
{
	return n < sizeof(views) / sizeof(views[0]) && views[n] ? views[n]->name : NULL;
}

bool tui_key_row(size_t n, struct tui_key *ret)
{
	const struct binding *b = general_keys;
	const char *view = NULL;

	for (size_t i = 0;; i++) {
		for (; b->keys && n; b++)
			n--;
		if (b->keys)
			break;
		if (!views[i])
			return false;
		b = views[i]->keymap;
		view = views[i]->name;
	}
	*ret = (struct tui_key){ view, b->keys, b->help };
	return true;
}
