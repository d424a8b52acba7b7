#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "tui/names.h"

/* ---- columns ---- */

struct tree_column {
	const char *title;
	int width;
	int from; /* columns that the screen must have */
	int sort; /* enum sort; -1: none */
	void (*draw)(struct tui *t, const struct cell *c);
};

static void draw_mark(struct tui *t, const struct cell *c)
{
	char letter[2] = { 0 };

	letter[0] = marking_letter(t, c->row);
	if (letter[0])
		screen_text(c->y, c->x, 1, R_MARK, c->selected, letter);
}

static void draw_count(struct tui *t, const struct cell *c)
{
	const struct number *n = &c->row->count;
	struct number digits = *n;
	char buf[NUMBER_BUF];
	int w;

	(void)t;
	digits.low = n->low && !n->n;
	if (text_width(fmt_number(buf, &digits)) > c->w - 2)
		fmt_number_short(buf, &digits);
	w = screen_right(c->y, c->x, c->w, digits.low || n->old ? R_DIM : cell_fade(c, R_NUMBER), c->selected, buf);
	/* A sign on most rows is kept from shouting. */
	if (n->low && n->n)
		screen_right(c->y, c->x, c->w - w, R_DIM, c->selected, glyph(G_GE));
}

static uint64_t weight(const struct tui *t, const struct row *r)
{
	if (r->apart)
		return 0;
	if (!t->model.shares_of_cas)
		return r->count.n;
	return r->ca == NO_INDEX ? r->cas : r->cas + 1;
}

static void draw_percent(struct tui *t, const struct cell *c)
{
	char buf[16];

	if ((t->share == DRAWN_BAR && !t->opt->plain) || !weight(t, c->row))
		return;
	screen_right(
		c->y, c->x, c->w, cell_fade(c, R_OWNER), c->selected, fmt_percent(buf, weight(t, c->row), c->row->whole));
}

static void draw_bar(struct tui *t, const struct cell *c)
{
	struct strbuf b = STRBUF_INIT;

	if (t->share != DRAWN_PERCENT)
		fmt_bar(&b, weight(t, c->row), c->row->largest, c->w);
	screen_text(c->y, c->x, c->w, R_BAR, c->selected, b.buf);
	strbuf_release(&b);
}

static void draw_cas(struct tui *t, const struct cell *c)
{
	char buf[32];

	(void)t;
	if (c->row->cas)
		screen_right(c->y, c->x, c->w, cell_fade(c, R_OWNER), c->selected, num_short(buf, c->row->cas));
}

static void draw_issued(struct tui *t, const struct cell *c)
{
	struct number n = { 0 };
	char buf[NUMBER_BUF];

	n = (struct number){ .n = c->row->issued, .low = c->row->count.low || c->row->count.range };
	n = fmt_old(n, c->row->count.old || (c->row->ca != NO_INDEX && model_is_old(&t->model, c->row->ca)));
	screen_right(c->y, c->x, c->w, n.n ? cell_fade(c, R_OWNER) : R_DIM, c->selected, fmt_number_short(buf, &n));
}

static bool is_root_row(const struct tui *t, const struct row *r)
{
	return r->parent == NO_INDEX || t->rows.row.v[r->parent].ca == NO_INDEX;
}

static void draw_only(struct tui *t, const struct cell *c)
{
	struct number n;
	char buf[NUMBER_BUF];

	if (c->row->ca == NO_INDEX)
		return;
	if (!model_only_known(&t->model, c->row->ca, is_root_row(t, c->row), &n))
		screen_right(c->y, c->x, c->w, R_DIM, c->selected, glyph(G_ELLIPSIS));
	else
		screen_right(c->y, c->x, c->w, n.n ? cell_fade(c, R_NUMBER) : R_DIM, c->selected, fmt_number_short(buf, &n));
}

static void draw_newest(struct tui *t, const struct cell *c)
{
	char buf[16];

	if (c->row->newest == INT32_MIN)
		return;
	screen_text(c->y, c->x, c->w, cell_fade(c, R_OWNER), c->selected, fmt_recent(buf, c->row->newest, t->model.day));
}

static void draw_programs(struct tui *t, const struct cell *c)
{
	static const struct {
		enum glyph glyph;
		enum role role;
	} look[] = {
		[STANDS_ALL] = { G_ALL, R_GOOD },
		[STANDS_SOME] = { G_SOME, R_SOME },
		[STANDS_NOT] = { G_NONE, R_DIM },
		[STANDS_REVOKED] = { G_REVOKED, R_BAD },
		[STANDS_ASSUMED] = { G_ASSUMED, R_SOME },
		[STANDS_UNKNOWN] = { G_ELLIPSIS, R_DIM },
	};

	if (c->row->ca == NO_INDEX)
		return;
	for (size_t i = 0; i < t->model.column.n && (int)i * 3 + 2 <= c->w; i++) {
		enum standing s = model_standing(&t->model, i, c->row->ca);
		screen_text(c->y, c->x + (int)i * 3, 2, look[s].role, c->selected, glyph(look[s].glyph));
	}
}

#define ONLY_FROM 130 /* columns; without the key */
#define ISSUED_BESIDE_ONLY 150
#define BAR_BESIDE_ONLY 100

static const struct tree_column columns[] = {
	{ "", 1, 0, -1, draw_mark },
	{ "trusted", 11, 0, SORT_COUNT, draw_count },
	{ "share", 6, 0, SORT_COUNT, draw_percent },
	{ "", 8, 76, -1, draw_bar },
	{ "CAs", 5, 70, SORT_CAS, draw_cas },
	{ "only here", 10, ONLY_FROM, SORT_ONLY, draw_only },
	{ "issued", 8, 126, SORT_ISSUED, draw_issued },
	{ "newest", 7, 104, SORT_NEWEST, draw_newest },
	{ "Mz", 0, 0, -1, draw_programs },
	{ "CA", 0, 0, SORT_NAME, name_draw },
	{ "owner", 0, 110, SORT_OWNER, name_draw_owner },
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct layout {
	int x[N_COLUMNS], w[N_COLUMNS];
	bool owner_beside; /* in the column of names */
};
#define OWNER_IN_NAMES 28 /* columns of these */
#define OWNER_BEHIND_NAMES 34

static int owner_width(int w)
{
	return w >= 170 ? 34 : w >= 140 ? 26 : 20;
}

static bool shows_only(const struct tui *t, int w)
{
	return t->model.impact && (w >= ONLY_FROM) != t->only_flipped;
}

/* Of a column that is as wide at any width of the screen. */
static int fixed_width(const struct tui *t, const struct tree_column *c, int w)
{
	int from = c->from;

	if (c->draw == draw_only)
		return shows_only(t, w) ? c->width : 0;
	if (c->draw == draw_bar && t->opt->plain)
		return 0;
	/* which would be '?' in every row, whatever is opened */
	if (c->draw == draw_count && !model_counts_known(&t->model))
		return 0;
	if ((c->draw == draw_issued || c->draw == draw_newest) && !t->model.any_issued)
		return 0;
	if (c->draw == draw_issued && shows_only(t, w))
		from = ISSUED_BESIDE_ONLY;
	if (c->draw == draw_bar && shows_only(t, w))
		from = BAR_BESIDE_ONLY;
	return w >= from ? c->width : 0;
}

static void lay_out(const struct tui *t, int w, struct layout *l)
{
	int x = 0, owner = w >= 110 ? owner_width(w) : 0;

	for (size_t i = 0; i < N_COLUMNS; i++) {
		const struct tree_column *c = &columns[i];
		int width = fixed_width(t, c, w);
		if (c->draw == draw_programs) {
			width = (int)t->model.column.n * 3 - 1;
			width = width > w / 4 ? w / 4 / 3 * 3 - 1 : width;
		} else if (c->draw == name_draw)
			width = w - x - (owner ? owner + 1 : 0);
		else if (c->draw == name_draw_owner)
			width = owner;
		else if (c->draw == draw_bar && width && w >= 140)
			width = 12;
		if (c->draw == name_draw)
			l->owner_beside = !owner && width >= (t->opt->plain ? OWNER_BEHIND_NAMES : OWNER_IN_NAMES);
		l->x[i] = x;
		l->w[i] = width;
		x += width ? width + 1 : 0;
	}
}

static const char *count_title(const struct tui *t)
{
	return t->model.all_leaves || !t->model.impact ? "unexpired" : "trusted";
}

static const char *column_title(const struct tui *t, const struct tree_column *c)
{
	if (c->draw == draw_count)
		return count_title(t);
	if (c->draw == draw_percent && t->model.shares_of_cas)
		return "%CAs";
	if (c->draw == draw_only && t->model.shares_of_cas)
		return "CAs here";
	return c->title;
}

/* Of no sibling of the row under the cursor leaves are known: how many CAs are below them is what orders them. */
static bool is_by_cas(const struct tui *t)
{
	const struct rows *r = &t->rows;
	const struct row *at = rows_at(r);

	if (!at || r->sort != SORT_COUNT || t->model.shares_of_cas || at->largest || !at->count.low || at->count.n)
		return false;
	return !at->last || r->cursor != (at->parent == NO_INDEX ? 0 : at->parent + 1);
}

/* The rows are sorted by what stands in it. */
static bool is_sorted(const struct tui *t, const struct tree_column *c)
{
	if (is_by_cas(t))
		return c->draw == draw_cas;
	if (c->draw == draw_count || c->draw == draw_percent)
		return (t->rows.sort == SORT_COUNT && (c->draw == draw_percent) == t->model.shares_of_cas) ||
		       (t->rows.sort == SORT_LEAVES && c->draw == draw_count);
	return c->sort == (int)t->rows.sort;
}

static const char *sort_sign(const struct rows *r)
{
	bool rising = r->sort == SORT_NAME || r->sort == SORT_OWNER;

	return glyph(rising != r->reverse ? G_RISING : G_FALLING);
}

static bool is_right(const struct tree_column *c)
{
	return c->draw == draw_count || c->draw == draw_percent || c->draw == draw_cas || c->draw == draw_issued || c->draw == draw_only;
}

static void draw_program_titles(const struct tui *t, int y, int x, int w)
{
	for (size_t k = 0; k < t->model.column.n && (int)k * 3 + 2 <= w; k++) {
		screen_text(y, x + (int)k * 3, 2, k == t->model.chosen ? R_HEADER_ON : R_HEADER, false,
			t->model.column.v[k].title);
		if (model_store_doubtful(&t->model, k))
			screen_text(y, x + (int)k * 3 + 2, 1, R_HEADER, false, DOUBTFUL_SIGN);
	}
}

/* The title by which the rows are sorted where it is not on the screen, else NULL. */
static const char *sorted_unseen(const struct tui *t, const struct layout *l)
{
	const char *title = NULL;

	for (size_t i = 0; i < N_COLUMNS; i++) {
		if (!is_sorted(t, &columns[i]))
			continue;
		if (l->w[i] || (columns[i].draw == name_draw_owner && l->owner_beside))
			return NULL;
		title = column_title(t, &columns[i]);
	}
	return title;
}

/* Of the programs' columns that of the one shown is by what the marks leave, the others are by all. */
static void say_marked_program(const struct tui *t, int room, struct strbuf *title)
{
	const struct model *m = &t->model;
	char note[48];

	if (!m->impact || m->column.n < 2 || m->marks.now.n == marks_assumed(&m->marks))
		return;
	snprintf(note, sizeof(note), "  (%s after marks)", m->column.v[m->chosen].title);
	if (text_width(title->buf) + text_width(note) <= room)
		strbuf_addstr(title, note);
}

/* Beside the title of names, as far as there is room: what columns that are not there would say. */
static void say_unseen(const struct tui *t, const struct layout *l, int room, struct strbuf *title)
{
	const char *by = is_by_cas(t) ? NULL : sorted_unseen(t, l);
	char uncounted[32];

	if (by)
		strbuf_addf(title, "  by %s%s%s", by, fmt_is_ascii() ? " " : "", sort_sign(&t->rows));
	say_marked_program(t, room, title);
	snprintf(uncounted, sizeof(uncounted), "  (%s leaves: ?)", count_title(t));
	if (!model_counts_known(&t->model) && text_width(title->buf) + text_width(uncounted) <= room)
		strbuf_addstr(title, uncounted);
}

#define OWNER_UNTOLD ", if not in the name"

/* Of the column of names, with the owner's where that has no column. */
static void draw_name_title(const struct tui *t, const struct area *a, const struct layout *l, int x, int w)
{
	const char *by_name = t->rows.sort == SORT_NAME ? sort_sign(&t->rows) : "";
	bool behind = l->owner_beside && t->opt->plain, beside = l->owner_beside && !t->opt->plain;
	struct strbuf title = STRBUF_INIT, owner = STRBUF_INIT;

	strbuf_addf(&owner, "%sowner", t->rows.sort == SORT_OWNER ? sort_sign(&t->rows) : "");
	strbuf_addf(&title, "CA%s", by_name);
	if (behind)
		strbuf_addf(&title, " / owner%s", t->rows.sort == SORT_OWNER ? sort_sign(&t->rows) : "");
	say_unseen(t, l, w - 2 - (beside ? text_width(owner.buf) + 2 : 0), &title);
	/* Most rows have none: their names tell it. */
	if (beside && text_width(title.buf) + text_width(owner.buf) + text_width(OWNER_UNTOLD) + 4 <= w)
		strbuf_addstr(&owner, OWNER_UNTOLD);
	screen_text(a->y, x + 2, w - 2, R_HEADER, false, title.buf);
	if (beside)
		screen_right(a->y, a->x, a->w - 1, R_HEADER, false, owner.buf);
	strbuf_release(&title);
	strbuf_release(&owner);
}

static void draw_titles(struct tui *t, const struct area *a, const struct layout *l)
{
	screen_fill(a->y, a->x, a->w, R_HEADER, false);
	for (size_t i = 0; i < N_COLUMNS; i++) {
		const struct tree_column *c = &columns[i];
		int x = a->x + l->x[i];
		const char *name = column_title(t, c), *sign = is_sorted(t, c) ? sort_sign(&t->rows) : "";
		char title[32];

		if (!l->w[i])
			continue;
		if (c->draw == draw_programs) {
			draw_program_titles(t, a->y, x, l->w[i]);
			continue;
		}
		if (c->draw == name_draw) {
			draw_name_title(t, a, l, x, l->w[i]);
			continue;
		}
		snprintf(title, sizeof(title), "%s%s", is_right(c) ? sign : name, is_right(c) ? name : sign);
		if (is_right(c))
			screen_right(a->y, x, l->w[i], R_HEADER, false, title);
		else
			screen_text(a->y, x, l->w[i], R_HEADER, false, title);
	}
}

static void draw_row(struct tui *t, const struct area *a, const struct layout *l, int y, uint32_t at)
{
	struct cell c = { .y = y, .row = &t->rows.row.v[at], .selected = at == t->rows.cursor };

	if (c.selected) {
		screen_fill(y, a->x, a->w, R_TEXT, true);
		t->cursor_y = y;
	}
	for (size_t i = 0; i < N_COLUMNS; i++) {
		c.x = a->x + l->x[i];
		c.w = l->w[i];
		c.with_owner = l->owner_beside;
		/* an owner's name has the owner's column, too, which is the last */
		if (columns[i].draw == name_draw && c.row->ca == NO_INDEX)
			c.w = a->w - l->x[i];
		if (c.w)
			columns[i].draw(t, &c);
	}
}

/* ---- an index without anything ---- */

/* Where it is too high for the screen, empty lines go first. */
static void draw_empty(struct tui *t, const struct area *a)
{
	static const struct {
		enum role role;
		const char *text;
	} page[] = {
		{ R_SECTION, "This index is empty." },
		{ R_TEXT, "" },
		{ R_TEXT, "Two ways fill it:" },
		{ R_TEXT, "" },
		{ R_KEY, "canopy import PATH..." },
		{ R_LABEL, "   certificates, CCADB reports, stores, CRLs from files" },
		{ R_KEY, "canopy fetch" },
		{ R_LABEL, "   from their sources: here r fetches all, s shows each" },
		{ R_TEXT, "" },
		{ R_LABEL, "Then F5 here, or start again. q leaves." },
		{ R_TEXT, "" },
	};
	const int n = (int)(sizeof(page) / sizeof(page[0])), file = t->opt->db_path != NULL, more = n + file - a->h;
	int y = a->y + (more < 0 ? -more / 3 : 0), spare = more, end = a->y + a->h;

	for (int i = 0; i < n && y < end; i++) {
		if (spare > 0 && !*page[i].text)
			spare--;
		else
			screen_text(y++, a->x + 4, a->w - 5, page[i].role, false, page[i].text);
	}
	if (file && y < end) {
		screen_text(y, a->x + 4, 6, R_LABEL, false, "file:");
		screen_text(y, a->x + 10, a->w - 11, R_LABEL, false, t->opt->db_path);
	}
}

static void draw_nothing(struct tui *t, const struct area *a)
{
	const struct rows *r = &t->rows;
	struct strbuf more[5] = { STRBUF_INIT, STRBUF_INIT, STRBUF_INIT, STRBUF_INIT, STRBUF_INIT };
	int y = a->y + 2;

	if (r->filter.term.n && filter_asks_marks(&r->filter) && t->model.marks.now.n == marks_assumed(&t->model.marks))
		strbuf_addstr(&more[0], "No marks, so no CA is lost; Esc takes the filter away.");
	else if (r->filter.term.n)
		strbuf_addf(&more[0], "No CA%s fits the filter; Esc takes it away.", r->elsewhere ? " below the roots shown" : "");
	else if (r->hide_empty || r->hide_expired)
		strbuf_addstr(&more[0], "Every CA is hidden: E shows expired ones, e those without leaves.");
	else
		strbuf_addstr(&more[0], "No anchor for this program, purpose and date. A shows the roots of all CAs.");
	if (r->vain.word)
		filter_vain_say(&r->vain, true, &more[1]);
	if (r->elsewhere) {
		fmt_plural(&more[2], r->elsewhere, "CA outside these roots fits it", "CAs outside these roots fit it");
		strbuf_addstr(&more[2], ": A shows the roots of all CAs.");
	}
	if (r->undecided) {
		strbuf_addstr(&more[3], "Of ");
		fmt_plural(&more[3], r->undecided, "CA", "CAs");
		strbuf_addstr(&more[3], " it is not known: their leaves are not all counted.");
	}
	if (r->unowned) {
		fmt_plural(&more[4], r->unowned, "CA of unknown owner has", "CAs of unknown owner have");
		strbuf_addstr(&more[4], " it in name or subject: try it without owner:");
	}
	for (int i = 0; i < 5; i++) {
		if (more[i].len)
			screen_text(y++, a->x + 4, a->w - 5, R_LABEL, false, more[i].buf);
		strbuf_release(&more[i]);
	}
}

static void draw_tree(struct tui *t, const struct area *a)
{
	struct rows *r = &t->rows;
	struct layout l;

	if (!t->model.g->ca.n) {
		draw_empty(t, a);
		return;
	}
	lay_out(t, a->w, &l);
	t->only_shown = shows_only(t, a->w);
	draw_titles(t, a, &l);
	if (!r->row.n)
		draw_nothing(t, a);
	r->top = motion_scroll(r->top, r->cursor, (uint32_t)r->row.n, a->h - 1);
	for (int i = 0; i < a->h - 1 && r->top + (uint32_t)i < r->row.n; i++)
		draw_row(t, a, &l, a->y + 1 + i, r->top + (uint32_t)i);
}

/* ---- the pane ---- */

/* Beside each other lines would be read as one. */
static void split(const struct tui *t, const struct area *a, struct area *tree, struct area *pane)
{
	*tree = *pane = *a;
	if (a->w >= 150 && !t->opt->plain) {
		pane->w = a->w * 2 / 5;
		tree->w = a->w - pane->w - 1;
		pane->x = a->x + tree->w + 1;
		return;
	}
	pane->h = a->h / 2;
	tree->h = a->h - pane->h - 1;
	pane->y = a->y + tree->h + 1;
}

static void draw_seam(const struct tui *t, const struct area *a, const struct area *tree, const struct area *pane)
{
	if (pane->x != a->x) {
		for (int y = a->y; y < a->y + a->h; y++)
			screen_text(y, pane->x - 1, 1, R_GUIDE, false, fmt_is_ascii() ? "|" : "│");
		return;
	}
	frame_rule(t, tree->y + tree->h, a->x, a->w);
}

/* What an owner's row counts, where a CA has its details. */
static void draw_owner_pane(const struct tui *t, const struct row *row, const struct area *a)
{
	const struct area inner = { a->y, a->x + 1, a->h, a->w - 1 };
	struct strbuf b = STRBUF_INIT;
	struct doc d = { 0 };
	char n[NUMBER_BUF];

	doc_begin(&d, a->w);
	doc_line(&d);
	doc_addf(&d, R_SECTION, "%s", *row->owner ? row->owner : "owner unknown");
	if (row->n_all > row->n_roots)
		strbuf_addf(&b, "%s of ", num_group(n, row->n_roots));
	fmt_plural(&b, row->n_all, "root", "roots");
	doc_field(&d, "shown", b.buf);
	doc_field(&d, t->model.all_leaves ? "unexpired" : "trusted", fmt_number(n, &row->count));
	strbuf_reset(&b);
	fmt_plural(&b, row->cas, "CA", "CAs");
	doc_field(&d, "counted", b.buf);
	doc_wrap(&d, R_LABEL, 2, OWNER_COUNTS);
	doc_draw(&d, &inner, false);
	doc_release(&d);
	strbuf_release(&b);
}

static void draw_pane(struct tui *t, const struct area *area)
{
	const struct row *row = rows_at(&t->rows);
	struct view *p = t->pane;

	p->area.h = 0; /* until it is drawn nothing of it can be clicked */
	if (row && row->ca == NO_INDEX)
		draw_owner_pane(t, row, area);
	if (!row || row->ca == NO_INDEX) {
		t->pane_focus = false; /* keys would act on the CA that it was about */
		return;
	}
	if (!p->has_id || memcmp(p->id, t->model.g->ca.v[row->ca].id, 32) != 0) {
		memcpy(p->id, t->model.g->ca.v[row->ca].id, 32);
		p->has_id = p->stale = true;
		p->doc.cursor = p->doc.top = 0;
	}
	p->area = *area;
	p->ops->draw(t, p, area, t->pane_focus);
}

static void draw(struct tui *t, struct view *v, const struct area *a, bool focused)
{
	struct area tree, pane;

	(void)focused;
	if (!t->pane) {
		draw_tree(t, a);
		return;
	}
	split(t, a, &tree, &pane);
	v->area = tree;
	draw_seam(t, a, &tree, &pane);
	draw_tree(t, &tree);
	draw_pane(t, &pane);
}

/* ---- keys ---- */

static void act(struct tui *t, struct view *v, enum motion move)
{
	struct rows *r = &t->rows;
	const uint32_t was = r->cursor;

	r->cursor = motion_apply(move, was, (uint32_t)r->row.n, v->area.h - 1);
	r->top = motion_turn(move, r->top, was, r->cursor);
}

static void target(struct tui *t, struct view *v, struct target *ret)
{
	const struct row *row = rows_at(&t->rows);

	(void)v;
	if (!row)
		return;
	ret->ca = row->ca;
	ret->owner = row->owner;
	if (row->parent != NO_INDEX)
		ret->parent = t->rows.row.v[row->parent].ca;
}

static void status(struct tui *t, struct view *v, struct strbuf *out)
{
	const struct rows *r = &t->rows;
	char a[32], b[32];
	uint32_t read, all;

	model_keys_progress(&t->model, &read, &all);
	if (r->filter.term.n && all)
		strbuf_addf(out, "reading keys%s %s of %s  ", glyph(G_ELLIPSIS), num_group(a, read), num_group(b, all));
	if (r->filter.term.n)
		strbuf_addf(out, "& %s  ", r->filter.text);
	if (r->hide_expired || r->hide_empty)
		strbuf_addf(out, "hiding%s%s  ", r->hide_expired ? " expired" : "", r->hide_empty ? " empty" : "");
	if (r->all_roots)
		strbuf_addf(out, "all roots%s  ", t->search.widened ? " (Esc: back)" : "");
	if (rows_at(r) && rows_at(r)->ca == NO_INDEX && v->area.w >= 80)
		strbuf_addstr(out, v->area.w >= 100 ? "below its roots, each CA once  " : "each CA once  ");
	if (is_by_cas(t))
		strbuf_addstr(out, v->area.w >= 100 ? "by CAs below: no leaves known  " : "by CAs: no leaves known  ");
	strbuf_addf(out, "%s/%s", num_group(a, r->row.n ? r->cursor + 1 : 0), num_group(b, r->row.n));
}

#define SEEN_BELOW 3 /* parts of the screen, of which what was opened gets one where it needs it */

/* What is opened on the last lines comes to be seen. */
static void open_here(struct tui *t, const struct view *v)
{
	struct rows *r = &t->rows;
	uint32_t lines = (uint32_t)(v->area.h - 1), at = r->cursor, below = 0;

	rows_open(r, &t->model, at);
	while (below < lines / SEEN_BELOW && at + below + 1 < r->row.n && r->row.v[at + below + 1].depth > r->row.v[at].depth)
		below++;
	if (at + below >= r->top + lines)
		r->top = at + below + 1 - lines;
}

static void enter(struct tui *t, struct view *v)
{
	const struct row *row = rows_at(&t->rows);

	if (!row || search_vain(t))
		return;
	if (row->ca != NO_INDEX)
		tui_push(t, &view_detail, row->ca);
	else if (row->open)
		rows_shut(&t->rows, &t->model, t->rows.cursor);
	else
		open_here(t, v);
}

static void expand(struct tui *t, struct view *v)
{
	const struct row *row = rows_at(&t->rows);

	if (!row)
		return;
	if (row->cycle)
		tui_say(t, "it stands above itself: a ring of CAs that certify each other");
	else if (!row->openable)
		tui_say(t, "no CA below this one");
	else if (!row->open)
		open_here(t, v);
	else
		t->rows.cursor++;
}

static void collapse(struct tui *t, struct view *v)
{
	const struct row *row = rows_at(&t->rows);

	(void)v;
	if (!row)
		return;
	if (row->open)
		rows_shut(&t->rows, &t->model, t->rows.cursor);
	else if (row->parent != NO_INDEX)
		t->rows.cursor = row->parent;
}

static void opened_all(struct tui *t)
{
	if (t->rows.truncated)
		tui_complain(t, "too many rows to open them all");
}

static void all(struct tui *t, struct view *v)
{
	const struct asking *a = &t->asking;
	bool opened = a->what && a->open != OPEN_AS_IS ? a->open == OPEN_ALL : t->rows.open.id.n;

	(void)v;
	asking_rows(t);
	t->asking.open = opened ? OPEN_NONE : OPEN_ALL;
	asking_send(t, ASK_ROWS, opened_all);
}

/* Where a CA stands: under each of its parents, and by itself (NO_INDEX) as a root. */
static size_t places(const struct tui *t, uint32_t ca, uint32_t *ret, size_t max)
{
	size_t n = ca_parents(t->model.g, ca, ret, max - 1);

	if (t->rows.is_root[ca])
		ret[n++] = NO_INDEX;
	return n;
}

/* Which of those to which the rows lead it is, and how many others there are. */
static void say_place(struct tui *t, uint32_t ca, uint32_t parent, const uint32_t *place, size_t n)
{
	struct strbuf b = STRBUF_INIT;
	size_t met[WAY_SHOWN + 1] = { 0 }, at = 0;

	for (size_t i = 0; i < n; i++) {
		met[rows_way(&t->rows, &t->model, ca, place[i])]++;
		if (place[i] == parent)
			at = met[WAY_SHOWN];
	}
	strbuf_addf(&b, "place %zu of %zu", at, met[WAY_SHOWN]);
	if (met[WAY_SHOWN] < n)
		strbuf_addstr(&b, " shown");
	if (met[WAY_NONE])
		strbuf_addf(&b, ", %zu more below other roots (A)", met[WAY_NONE]);
	if (met[WAY_HIDDEN])
		strbuf_addf(&b, ", %zu more below what is hidden (E)", met[WAY_HIDDEN]);
	strbuf_addf(&b, parent == NO_INDEX ? ": as a root%s" : ": under %s", parent == NO_INDEX ? "" : model_name(&t->model, parent));
	tui_say(t, "%s", b.buf);
	strbuf_release(&b);
}

static void next_parent(struct tui *t, struct view *v)
{
	struct target x = TARGET_NONE;
	uint32_t place[64];
	size_t n, at = 0;

	target(t, v, &x);
	n = x.ca == NO_INDEX ? 0 : places(t, x.ca, place, 64);
	for (size_t i = 0; i < n; i++)
		if (place[i] == x.parent)
			at = i + 1;
	if (n > 1)
		history_mark(t);
	for (size_t i = 0; i < n; i++) {
		uint32_t parent = place[(at + i) % n];
		if (parent == x.parent || rows_way(&t->rows, &t->model, x.ca, parent) != WAY_SHOWN ||
			!rows_reveal(&t->rows, &t->model, x.ca, parent))
			continue;
		say_place(t, x.ca, parent, place, n);
		return;
	}
	tui_say(t, n < 2 ? "this CA stands here only"
			 : "its other parents are not below the roots shown; A shows all roots");
}

static void sorted(struct tui *t, const struct rows *r)
{
	const bool of_cas = r->sort == SORT_COUNT && t->model.shares_of_cas;
	const char *also = "";

	if (r->sort == SORT_COUNT)
		also = of_cas ? ": too few leaves are known" : "; by CAs below where no leaves are known";
	tui_say(t, "sorted by %s%s%s%s", sort_names[r->sort], of_cas ? " of CAs" : "", r->reverse ? ", reversed" : "", also);
	asking_send(t, ASK_ROWS, NULL);
}

static void next_sort(struct tui *t, struct view *v)
{
	struct rows *r = asking_rows(t);

	(void)v;
	r->sort = (enum sort)((r->sort + 1) % SORTS);
	if (r->sort == SORT_LEAVES && !t->model.shares_of_cas)
		r->sort++;
	sorted(t, r);
}

static void reverse(struct tui *t, struct view *v)
{
	struct rows *r = asking_rows(t);

	(void)v;
	r->reverse = !r->reverse;
	sorted(t, r);
}

static void next_share(struct tui *t, struct view *v)
{
	(void)v;
	if (t->opt->plain)
		tui_say(t, "no bars with --plain; the percentage stays");
	else
		t->share = (enum drawn)((t->share + 1) % DRAWN);
}

static void flip_only(struct tui *t, struct view *v)
{
	(void)v;
	if (!t->model.impact) {
		tui_complain(t, "what is lost with a CA asks a root program, and this index has no store of one");
		return;
	}
	t->only_flipped = !t->only_flipped;
}

#define LIVE_CAS 100000 /* of an index with more the filter waits for Enter */

static void apply_filter(struct tui *t, const char *text, void (*then)(struct tui *t))
{
	if (filter_parse(&asking_rows(t)->filter, text, NULL, NULL) < 0)
		return;
	t->asking.unshut = t->asking.live = true;
	asking_send(t, ASK_ROWS, then);
}

static void filter_typed(struct tui *t, const char *text);

/* As filter_parse(), where somebody types. */
static int read_filter(struct filter *f, const char *text, struct filter_place *place, struct err *err)
{
	int rc = filter_parse(f, text, place, err);

	if (rc < 0)
		findings_claim(text, place, err);
	return rc;
}

/* What is typed is shown, if it is still typed. */
static void filter_shown(struct tui *t)
{
	struct prompt *p = &t->prompt;
	const struct filter_vain *v = &t->rows.vain;

	if (!p->on || p->changed != filter_typed || !v->word || strcmp(p->text.buf, t->rows.filter.text) != 0)
		return;
	if (!v->near && !t->rows.row.n)
		return; /* the page says enough */
	p->bad = v->place.at;
	p->bad_len = v->place.len;
	strbuf_reset(&p->note);
	strbuf_addf(&p->note, "no %s has it", v->what);
	if (v->near)
		strbuf_addf(&p->note, "; did you mean '%s'?", v->near);
}

/* The beginning of a word that turns out to be wrong was not meant as text to look for: what stands before it holds, else
 * what held when the line was opened. */
static void filter_without_wrong(struct tui *t, const char *text, const struct filter_place *place)
{
	char *right = filter_right_part(text, place);

	if (t->model.g->ca.n <= LIVE_CAS)
		apply_filter(t, right ? right : t->filter_before.buf, NULL);
	free(right);
}

/* While it is typed: what is wrong stands out in the text, and beside it what would be right. */
static void filter_typed(struct tui *t, const char *text)
{
	struct prompt *p = &t->prompt;
	struct filter f = { 0 };
	struct filter_place place = { 0 };
	struct err err = { 0 };

	strbuf_reset(&p->note);
	p->bad = p->bad_len = 0;
	if (read_filter(&f, text, &place, &err) < 0) {
		prompt_wrong(p, &place, err.msg);
		if (place.unfinished)
			filter_suggest(text, &p->note);
		else
			filter_without_wrong(t, text, &place);
		return;
	}
	filter_release(&f);
	filter_suggest(text, &p->note);
	if (t->model.g->ca.n > LIVE_CAS || filter_begins(text))
		return;
	apply_filter(t, text, filter_shown);
}

static void filter_cancelled(struct tui *t)
{
	apply_filter(t, t->filter_before.buf, NULL);
	history_seek_kept(t);
}

static const char *between(const struct strbuf *b)
{
	return !b->len ? "" : b->buf[b->len - 1] == '?' ? " " : "; ";
}

/* What a list that is not empty does not tell; of keys that are still being read, later. */
void filter_taken(struct tui *t)
{
	const struct rows *r = &t->rows;
	struct strbuf b = STRBUF_INIT;
	uint32_t read, all;
	char n[32];

	model_keys_progress(&t->model, &read, &all);
	t->fits_later = all;
	if (!r->row.n || all || !r->filter.term.n) /* which may be off again by then */
		return;
	if (r->vain.word)
		filter_vain_say(&r->vain, false, &b);
	strbuf_addstr(&b, between(&b));
	fmt_plural(&b, r->fitting, "CA fits", "CAs fit");
	if (r->elsewhere)
		strbuf_addf(&b, ", %s more outside these roots (A)", num_group(n, r->elsewhere));
	if (r->undecided) {
		strbuf_addf(&b, "%sof ", between(&b));
		fmt_plural(&b, r->undecided, "CA", "CAs");
		strbuf_addstr(&b, " it is not known");
	}
	if (r->unowned)
		strbuf_addf(&b, "%s%s of unknown owner called so", between(&b), num_group(n, r->unowned));
	tui_say(t, "%s", b.buf);
	strbuf_release(&b);
}

static void filtered(struct tui *t, const char *text);

static void open_filter(struct tui *t, const char *text)
{
	prompt_open(t, "&", text, filtered);
	t->prompt.changed = filter_typed;
	t->prompt.cancelled = filter_cancelled;
	t->prompt.complete = filter_complete;
}

static void filtered(struct tui *t, const char *text)
{
	struct filter_place place = { 0 };
	struct filter f = { 0 };
	struct err err = { 0 };

	if (read_filter(&f, text, &place, &err) < 0) {
		prompt_refuse_part(t, &place, err.msg);
		return;
	}
	filter_release(&f);
	strbuf_reset(&t->filter_left);
	apply_filter(t, text, filter_taken);
}

static void ask_filter(struct tui *t, struct view *v)
{
	const char *now = asking_how(t)->filter.text ? asking_how(t)->filter.text : "";

	(void)v;
	strbuf_reset(&t->filter_before);
	strbuf_addstr(&t->filter_before, now);
	history_keep(t);
	open_filter(t, *now ? now : t->filter_left.buf);
}

void filter_of_tree(struct tui *t, struct view *v)
{
	const bool fetches = v->ops == &view_sources && t->fetching.state == FETCH_RUNS;

	if (t->stack.n > 1)
		history_mark(t);
	while (t->stack.n > 1)
		tui_pop(t);
	t->pane_focus = false;
	ask_filter(t, v);
	if (fetches)
		strbuf_addstr(&t->prompt.note, "the fetch goes on");
}

static void flip(struct tui *t, bool *what, const char *on, const char *off)
{
	*what = !*what;
	tui_say(t, "%s", *what ? on : off);
	asking_send(t, ASK_ROWS, NULL);
}

static void hide_expired(struct tui *t, struct view *v)
{
	(void)v;
	flip(t, &asking_rows(t)->hide_expired, "expired CAs and certificates are hidden", "expired ones are shown");
}

static void hide_empty(struct tui *t, struct view *v)
{
	(void)v;
	flip(t, &asking_rows(t)->hide_empty, "CAs without leaves are hidden", "CAs without leaves are shown");
}

static void all_roots(struct tui *t, struct view *v)
{
	(void)v;
	t->search.widened = false;
	flip(t, &asking_rows(t)->all_roots, "roots of all CAs: every program's anchors, and what nobody else issued", "anchors of the program");
}

/* The way to the row of the cursor where rows are grouped the other way; false: there is no row. An owner's row, from which one
 * goes to a root, is gone back to from there. */
static bool regrouped(struct tui *t, bool grouped, struct seek *s)
{
	const struct rows *r = &t->rows;
	const struct row *row = rows_at(r);
	const bool leaves_owner = row && row->ca == NO_INDEX;
	uint32_t ca;

	s->way.v = rows_regrouped(r, &t->model, grouped, &s->way.n, &ca);
	s->way.cap = s->way.n;
	if (!s->way.v)
		return false;
	s->has_ca = true;
	memcpy(s->ca, t->model.g->ca.v[ca].id, sizeof(s->ca));
	if (grouped && t->owner_left.on && s->way.n == 2 && s->way.v[0] == t->owner_left.path && !memcmp(s->ca, t->owner_left.ca, sizeof(s->ca)))
		s->way.n = 1;
	t->owner_left.on = leaves_owner && !grouped;
	if (t->owner_left.on) {
		t->owner_left.path = row->path;
		memcpy(t->owner_left.ca, s->ca, sizeof(s->ca));
	}
	return true;
}

static void by_owner(struct tui *t, struct view *v)
{
	const struct rows *r = &t->rows;
	struct seek s = { .below_top = r->cursor > r->top ? r->cursor - r->top : 0, .lines = (uint32_t)(v->area.h - 1) };
	struct rows *how = asking_rows(t);

	how->by_owner = !how->by_owner;
	tui_say(t, "%s", how->by_owner ? "by owner: a row counts all below its roots, each CA once" : "not grouped");
	if (regrouped(t, how->by_owner, &s))
		asking_seek(t, &s);
	else
		asking_send(t, ASK_ROWS, NULL);
}

static void all_leaves(struct tui *t, struct view *v)
{
	(void)v;
	struct wanted *w = asking_question(t);

	w->all_leaves = !w->all_leaves;
	tui_say(t, w->all_leaves ? "counting all unexpired leaves, trusted or not"
				 : "counting leaves that the program trusts");
	asking_send(t, ASK_MODEL, NULL);
}

static void panes(struct tui *t, struct view *v)
{
	const struct row *row = rows_at(&t->rows);

	(void)v;
	if (!t->pane)
		t->pane = view_new(&view_detail);
	else if (row && row->ca != NO_INDEX)
		t->pane_focus = true;
	else
		tui_say(t, row ? "nothing to walk in the pane of an owner; l shows its roots" : "nothing to walk in the pane");
}

static void shut_pane(struct tui *t, struct view *v)
{
	(void)v;
	if (!t->pane)
		tui_say(t, "no pane to close; Tab opens one");
	view_free(t, t->pane);
	t->pane = NULL;
	t->pane_focus = false;
}

static void click(struct tui *t, struct view *v, int y, int x)
{
	struct layout l;
	uint32_t at = t->rows.top + (uint32_t)(y - 1);

	if (y > 0 && at < t->rows.row.n) {
		if (at == t->rows.cursor)
			enter(t, v);
		t->rows.cursor = at;
		return;
	}
	lay_out(t, v->area.w, &l);
	if (l.owner_beside) {
		l.x[N_COLUMNS - 1] = v->area.w - OWNER_BESIDE_NAME;
		l.w[N_COLUMNS - 1] = OWNER_BESIDE_NAME;
		l.w[N_COLUMNS - 2] -= OWNER_BESIDE_NAME;
	}
	for (size_t i = 0; y == 0 && i < N_COLUMNS; i++) {
		if (columns[i].sort < 0 || x < l.x[i] || x >= l.x[i] + l.w[i])
			continue;
		struct rows *r = asking_rows(t);
		r->reverse = (int)r->sort == columns[i].sort && !r->reverse;
		r->sort = (enum sort)columns[i].sort;
		asking_send(t, ASK_ROWS, NULL);
	}
}

static void fetch(struct tui *t, struct view *v)
{
	show_sources(t, v);
	if (!t->model.g->ca.n)
		sources_fetch(t, NULL);
}

static const struct binding keymap[] = {
	{ "l Right +", expand, "open", "open, or step in" },
	{ "h Left -", collapse, NULL, "close, or go to the parent" },
	{ "Enter", enter, NULL, "the CA in full: why trusted, certificates, relatives" },
	{ "& F4", ask_filter, "filter", "filter: names, owners, words for filters" },
	{ "o", next_sort, "sort", "sort by the next column" },
	{ "R", reverse, NULL, "reverse the order" },
	{ "*", all, NULL, "open all, or close all" },
	{ ">", next_parent, NULL, "the same CA under its next parent" },
	{ "%", next_share, NULL, "share as bar, percent, both" },
	{ "H", flip_only, NULL, "column only here: lost if exactly that row went" },
	{ "A", all_roots, NULL, "roots: the program's anchors, or with them those of all CAs" },
	{ "a", all_leaves, NULL, "count: leaves the program trusts, or all unexpired ones" },
	{ "O", by_owner, NULL, "group by owner: all below its roots, which m and Space mark" },
	{ "E", hide_expired, NULL, "hide what is expired" },
	{ "e", hide_empty, NULL, "hide CAs without leaves" },
	{ "r", fetch, NULL, "the sources, and while the index is empty: fetch them" },
	{ "Tab", panes, NULL, "a pane with the details; again: into it" },
	{ "S-Tab", shut_pane, NULL, "close the pane" },
	{ NULL, NULL, NULL, NULL },
};

static const char *label(const struct tui *t, const struct view *v, const struct binding *b)
{
	(void)v;
	if (t->model.g->ca.n)
		return b->label;
	return b->act == fetch && t->opt->fetch && !t->opt->fetch->refusal ? "fetch all" : NULL;
}

const struct view_ops view_tree = {
	.name = "tree",
	.keymap = keymap,
	.label = label,
	.draw = draw,
	.act = act,
	.status = status,
	.target = target,
	.click = click,
};
