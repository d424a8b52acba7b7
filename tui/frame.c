#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "index/counted.h"
#include "tui/view.h"

#define MIN_ROWS 12
#define MIN_COLS 60

static void dot(struct strbuf *out)
{
	strbuf_addf(out, " %s ", glyph(G_DOT));
}

/* ---- the top line ---- */

/* What is asked, from the widest on: with the store's day, with the browser's name, without, with an abbreviation. */
enum asked { ASKED_STORE, ASKED_NAMED, ASKED_BARE, ASKED_SHORT, ASKED_WAYS };
#define PROGRAM_MIN 6 /* columns, where a name is longer than there is room for */

static void add_clipped(struct strbuf *out, const char *s, int columns)
{
	int took, more = text_width(s) > columns ? text_width(glyph(G_ELLIPSIS)) : 0;

	strbuf_add(out, s, text_clip(s, columns - more, &took));
	strbuf_addstr(out, more ? glyph(G_ELLIPSIS) : "");
}

static void question(const struct tui *t, struct strbuf *out, enum asked how, int program_columns)
{
	char day[DATE_BUF], store[DATE_BUF];
	const struct model *m = &t->model;

	strbuf_reset(out);
	if (how <= ASKED_NAMED)
		strbuf_addstr(out, "canopy   ");
	add_clipped(out, m->program ? m->program : "no root program", program_columns);
	if (how == ASKED_STORE && m->store)
		strbuf_addf(out, " (store of %s)", date_format(store, m->store->day));
	dot(out);
	strbuf_addstr(out, purpose_names[m->purpose]);
	dot(out);
	strbuf_addstr(out, date_format(day, m->day));
	if (m->revocation != REVOCATION_ENFORCED) {
		dot(out);
		strbuf_addf(out, how == ASKED_SHORT ? "rev. %s" : "revocation %s", revocation_mode_names[m->revocation]);
	}
}

/* How the size and age of the index are written, from the widest on. Leaves are unexpired ones in the whole browser. */
enum brevity { FULL, SHORT, BRIEF, BRIEFER, BRIEFEST, BREVITIES };
/* Of the size and age alone, where not even that has room. */
#define TERSE BREVITIES
#define TERSER (BREVITIES + 1)
#define TERSEST (BREVITIES + 2)

static void index_size(const struct tui *t, struct strbuf *out, int how)
{
	const struct model *m = &t->model;
	const struct number cas = { .n = m->g->ca.n };
	char buf[NUMBER_BUF];

	strbuf_reset(out);
	strbuf_addstr(out, how >= BRIEFER ? "" : "index: ");
	if (how == TERSEST)
		strbuf_addf(out, "%s %s", fmt_number_short(buf, &cas), cas.n == 1 ? "CA" : "CAs");
	else
		fmt_plural(out, m->g->ca.n, "CA", "CAs");
	if (how < BRIEFEST) {
		dot(out);
		if (m->counted_cas)
			strbuf_addf(out, "%s %sleaves",
				how == FULL ? fmt_number(buf, &m->total) : fmt_number_short(buf, &m->total), how >= BRIEF ? "" : "unexpired ");
		else
			strbuf_addstr(out, "no leaf counts");
	}
	if (m->newest_day == INT32_MIN)
		return;
	if (how <= TERSE)
		dot(out);
	else
		strbuf_addstr(out, " ");
	if (how >= TERSE)
		fmt_age_short(out, m->today - m->newest_day);
	else
		fmt_age(out, m->today - m->newest_day);
}

/* All of what the line is for, in as many words as there is room for. */
static void top_texts(const struct tui *t, int columns, struct strbuf *left, struct strbuf *right)
{
	int room = columns;

	for (int asked = columns >= 130 ? ASKED_STORE : ASKED_NAMED; asked < ASKED_WAYS; asked++) {
		question(t, left, (enum asked)asked, columns);
		room = columns - text_width(left->buf) - 4;
		for (int how = FULL; how <= TERSEST; how++) {
			index_size(t, right, how);
			if (text_width(right->buf) <= room)
				return;
		}
	}
	/* somebody's own program of a long name */
	room += text_width(t->model.program ? t->model.program : "") - text_width(right->buf);
	question(t, left, ASKED_SHORT, room < PROGRAM_MIN ? PROGRAM_MIN : room);
}

static void draw_top(const struct tui *t, int w)
{
	struct strbuf left = STRBUF_INIT, right = STRBUF_INIT, asked = STRBUF_INIT;
	int x = 1;

	top_texts(t, w, &left, &right);
	asking_tell(t, &asked);
	screen_fill(0, 0, w, R_TITLE, false);
	x += screen_text(0, x, w - x, R_TITLE, false, left.buf) + 2;
	if (asked.len) {
		x += screen_text(0, x, w - x, R_TITLE_DIM, false, asked.buf) + 2;
		for (int how = FULL; how <= TERSEST && text_width(right.buf) > w - x - 1; how++)
			index_size(t, &right, how);
	}
	if (text_width(right.buf) <= w - x - 1) /* half a word tells nobody anything */
		screen_right(0, x, w - x - 1, R_TITLE_DIM, false, right.buf);
	strbuf_release(&asked);
	strbuf_release(&left);
	strbuf_release(&right);
}

/* ---- the scenario ---- */

/* Never silent: what is trusted then is not what the program trusts. */
static void say_assumed(const struct model *m, struct strbuf *out, enum brevity how)
{
	size_t n = marks_assumed(&m->marks);

	if (n)
		strbuf_addf(out, how == FULL ? ", %zu assumed to be %s" : ", %zu assumed", n, n == 1 ? "an anchor" : "anchors");
}

static void say_nothing_marked(const struct model *m, struct strbuf *out, enum brevity how)
{
	char a[32], b[32], c[NUMBER_BUF];

	if (!m->store) {
		strbuf_addstr(out, "no store of a root program in this index, so nothing is trusted");
		return;
	}
	strbuf_addstr(out, "no marks");
	say_assumed(m, out, how);
	if (how == BRIEFEST)
		return;
	dot(out);
	if (model_scoring(m)) {
		strbuf_addstr(out, "computing");
		return;
	}
	strbuf_addf(out, "%s%s %s %s of %s CAs", m->program,
		model_store_doubtful(m, m->chosen) ? " " DOUBTFUL_SIGN : "", model_assumes(m) ? "would trust" : "trusts", num_group(a, m->trusted_cas),
		num_group(b, m->g->ca.n));
	if (how == FULL)
		strbuf_addf(out, " for %s", purpose_names[m->purpose]);
	if (how >= BRIEF)
		return;
	if (m->counted_cas)
		strbuf_addf(out, ", %s leaves", fmt_number(c, &m->trusted));
	else
		strbuf_addstr(out, "; no leaves are counted");
}

/* Why it is not known how many leaves are lost. */
static void say_unknown(const struct model *m, struct strbuf *out, enum brevity how)
{
	uint64_t changed = m->impact->changed_cas, nobody = counted_by_nobody(m->impact, m->g);
	uint64_t partial = m->impact->unknown_cas - nobody - m->impact->figure_cas;
	char a[32], b[32];

	strbuf_addstr(out, "loss unknown");
	if (how == BRIEFEST)
		return;
	if (how == BRIEFER)
		strbuf_addstr(out, ": CAs uncounted");
	else if (nobody == changed)
		strbuf_addstr(out, changed == 1 ? ": nobody counts this CA" : ": nobody counts these CAs");
	else if (nobody)
		strbuf_addf(out, ": nobody counts %s of %s CAs", num_group(a, nobody), num_group(b, changed));
	else
		strbuf_addstr(out, changed == 1 ? ": this CA is not counted to the end" : ": these CAs are not counted to the end");
	if (how == FULL && nobody && partial)
		strbuf_addf(out, ", %s not to the end", num_group(a, partial));
}

/* False where they are not known. */
static bool say_leaves(const struct model *m, struct strbuf *out, enum brevity how)
{
	/* what is kept, and of how many, is told by CAs that do not change, too */
	struct number lost = fmt_old(fmt_span(&m->impact->span.lost, m->score.unbounded), m->score.old);
	struct number kept =
		fmt_old(fmt_span(&m->impact->span.kept, impact_kept_unbounded(m->impact, m->g)), m->score.old_touched);
	struct number touched = fmt_old(fmt_span(&m->score.touched, m->score.unbounded_touched), m->score.old_touched);
	char a[NUMBER_BUF], b[NUMBER_BUF];

	if (lost.low && !lost.n) {
		say_unknown(m, out, how);
		return false;
	}
	/* "of ?" would tell nothing, and "of" the only leaves that are known would read as all that the program trusts */
	if ((touched.low && !touched.n) || model_share_open(m))
		strbuf_addf(out, "%s leaves lost", fmt_number(a, &lost));
	else
		strbuf_addf(out, how == FULL ? "%s leaves lost of %s trusted" : "%s of %s leaves lost", fmt_number(a, &lost),
			fmt_number(b, &touched));
	if ((kept.n || kept.range) && how != BRIEFEST)
		strbuf_addf(out, how == FULL ? ", %s kept by another path" : ", %s kept", fmt_number(a, &kept));
	return true;
}

static void say_cas(const struct model *m, struct strbuf *out, enum brevity how)
{
	bool limited = !m->score.lost_cas && m->score.less_cas; /* none lost would pass for all there is */
	char a[32];

	fmt_plural(out, limited ? m->score.less_cas : m->score.lost_cas, "CA", "CAs");
	if (limited)
		strbuf_addstr(out, " limited");
	else
		strbuf_addstr(out, how >= BRIEF ? " lost" : m->score.lost_cas == 1 ? " loses trust" : " lose trust");
	if (how >= BRIEFER)
		return;
	if (m->score.less_cas && !limited)
		strbuf_addf(out, ", %s limited", num_group(a, m->score.less_cas));
	if (m->score.kept_cas)
		strbuf_addf(out, ", %s kept", num_group(a, m->score.kept_cas));
	if (m->score.unknown_cas && how == FULL)
		strbuf_addf(out, " (%s not fully counted)", num_group(a, m->score.unknown_cas));
}

/* Sites of the rank list; nothing until they are known, or without a list. */
static void say_sites(const struct model *m, struct strbuf *out, enum brevity how)
{
	char a[NUMBER_BUF];

	if (!answer_made(m, ANSWER_SITES) || !m->answer->sites.ranked || how >= BRIEFER)
		return;
	const struct site_losses *s = &m->answer->sites;
	struct number n = fmt_old((struct number){ .n = s->n, .low = s->uncompared || s->incomplete }, m->score.old);
	if (n.low && !n.n)
		return;
	dot(out);
	strbuf_addf(out, "%s %s%s", fmt_number(a, &n), how == FULL ? "ranked " : "", n.n == 1 && !n.low ? "site" : "sites");
}

/* Marks of later days change nothing yet. */
static void say_stage(const struct model *m, struct strbuf *out, enum brevity how)
{
	int32_t next = marks_next_stage(&m->marks, m->day);
	char day[DATE_BUF];

	if (next == MARK_ALWAYS || how == BRIEFEST)
		return;
	dot(out);
	strbuf_addf(out, how == FULL ? "next stage %s" : "stage %s", date_format(day, next));
}

/* What is said below rests on a store that is not the day's, or not whole. */
static void say_doubt(const struct model *m, struct strbuf *out, enum brevity how)
{
	char day[DATE_BUF];

	if (!model_store_doubtful(m, m->chosen))
		return;
	if (model_store_later(m, m->chosen) && how < BRIEF) {
		dot(out);
		strbuf_addf(out, how == FULL ? "by a store of %s, later" : "store %s, later", date_format(day, m->store->day));
	} else if (how == FULL || model_store_later(m, m->chosen)) {
		dot(out);
		strbuf_addf(out, "%s store", model_store_note(m, m->chosen));
	}
	strbuf_addstr(out, " " DOUBTFUL_SIGN);
}

static void scenario(const struct model *m, struct strbuf *out, enum brevity how)
{
	strbuf_reset(out);
	if (m->marks.now.n == marks_assumed(&m->marks) || !m->impact) {
		say_nothing_marked(m, out, how);
		return;
	}
	marks_count(&m->marks, out);
	say_assumed(m, out, how);
	say_doubt(m, out, how);
	dot(out);
	if (model_scoring(m)) {
		strbuf_addstr(out, how == FULL ? "computing what is lost" : "computing");
		say_stage(m, out, how);
		return;
	}
	if (!m->impact->n_rows) {
		strbuf_addstr(out, !impact_unanswered(m) ? "nothing changes"
			: how == FULL ? "loss unknown: the store trusts none of what is marked" : "loss unknown");
		say_stage(m, out, how);
		return;
	}
	bool leaves = say_leaves(m, out, how);
	/* that the store is later comes before how many CAs are lost */
	if (!leaves || how < BRIEFEST || !model_store_later(m, m->chosen)) {
		dot(out);
		say_cas(m, out, how);
	}
	say_sites(m, out, how);
	say_stage(m, out, how);
}

void frame_scenario(struct tui *t, struct strbuf *out, int columns)
{
	int how = FULL;

	do {
		scenario(&t->model, out, (enum brevity)how);
	} while (text_width(out->buf) > columns && ++how < BREVITIES);
}

/* The fetch that runs; in `room` columns also how to stop it, which the sources say themselves. */
static void say_fetch(const struct tui *t, const struct view *v, int room, struct strbuf *out)
{
	static const char how[] = ", Esc in s stops it";

	fetching_brief(&t->fetching, out);
	if (t->fetching.state == FETCH_RUNS && v->ops != &view_sources && text_width(out->buf) + text_width(how) <= room)
		strbuf_addstr(out, how);
}

/* The scenario and, right of it, a fetch that runs and where one is. */
static int fit_scenario(struct tui *t, const char *where, const struct strbuf *fetch, int w, struct strbuf *left, struct strbuf *right)
{
	int room;

	strbuf_reset(right);
	strbuf_addf(right, "%s%s%s", fetch->buf, fetch->len && *where ? "  " : "", where);
	room = text_width(right->buf);
	frame_scenario(t, left, w - room - 4);
	return room;
}

static void draw_scenario(struct tui *t, int y, int w)
{
	struct strbuf left = STRBUF_INIT, right = STRBUF_INIT, status = STRBUF_INIT, fetch = STRBUF_INIT;
	struct view *v = tui_view(t);
	const char *where, *next;
	int room;

	if (v->ops->status)
		v->ops->status(t, v, &status);
	where = status.buf;
	scenario(&t->model, &left, FULL);
	say_fetch(t, v, w - 6 - text_width(left.buf) - text_width(status.buf), &fetch);
	room = fit_scenario(t, where, &fetch, w, &left, &right);
	/* where one is gives way, its last part at last; a fetch that runs does not, but in how it is stopped */
	while (*where && room + text_width(left.buf) + 4 > w) {
		next = strstr(where, "  ");
		where = next ? next + 2 : "";
		if (!*where) {
			strbuf_reset(&fetch);
			fetching_brief(&t->fetching, &fetch);
		}
		room = fit_scenario(t, where, &fetch, w, &left, &right);
	}
	screen_fill(y, 0, w, R_STATUS, false);
	screen_text(y, 1, w - 2 - (room ? room + 2 : 0), R_STATUS, false, left.buf);
	if (room)
		screen_right(y, w - room - 1, room, R_TITLE_DIM, false, right.buf);
	strbuf_release(&fetch);
	strbuf_release(&status);
	strbuf_release(&left);
	strbuf_release(&right);
}

void frame_rule(const struct tui *t, int y, int x, int w)
{
	if (t->opt->plain) /* an empty line is read faster */
		return;
	for (int i = 0; i < w; i++)
		screen_text(y, x + i, 1, R_GUIDE, false, glyph(G_UNDER));
}

/* ---- the way here ---- */

void frame_way(struct tui *t, const struct area *a)
{
	struct strbuf before = STRBUF_INIT, here = STRBUF_INIT, keys = STRBUF_INIT;
	const struct history *h = &t->history;
	int x = a->x + 1, room;

	strbuf_addf(&keys, "%s%s", h->at && h->place.n ? " ( back" : "", h->at + 1 < h->place.n ? " ) forward" : "");
	room = a->w - 3 - (a->w >= 72 ? text_width(keys.buf) : 0);
	history_way(t, room, &before, &here);
	x += screen_text(a->y, x, room, R_LABEL, false, before.buf);
	screen_text(a->y, x, a->x + 1 + room - x, R_SECTION, false, here.buf);
	if (a->w >= 72)
		screen_right(a->y, a->x + 1, a->w - 2, R_DIM, false, keys.buf);
	strbuf_release(&before);
	strbuf_release(&here);
	strbuf_release(&keys);
}

/* ---- the keys ---- */

struct footer {
	int y, x, w;
	bool dry; /* only measure */
};

static void put_key(struct footer *f, const struct binding *b, const char *label)
{
	size_t len = strcspn(b->keys, " ");
	char key[24];
	int need;

	snprintf(key, sizeof(key), "%.*s", (int)len, b->keys);
	if (!strcmp(key, "Space") || !strcmp(key, "Enter"))
		key[0] |= 0x20;
	need = text_width(key) + 1 + text_width(label) + 2;
	if (f->x + need > f->w)
		return;
	if (!f->dry) {
		f->x += screen_text(f->y, f->x, f->w - f->x, R_KEY, false, key) + 1;
		f->x += screen_text(f->y, f->x, f->w - f->x, R_KEY_TEXT, false, label) + 2;
	} else {
		f->x += need;
	}
}

static void put_general_keys(struct footer *f, const struct tui *t, const struct view *v)
{
	for (const struct binding *b = general_keys; b->keys; b++) {
		const char *label = tui_general_label(t, v, b);
		if (label)
			put_key(f, b, label);
	}
}

static void put_own_keys(struct footer *f, const struct tui *t, const struct view *v)
{
	for (const struct binding *b = v->ops->keymap; b->keys; b++) {
		const char *label = v->ops->label ? v->ops->label(t, v, b) : b->label;
		if (label)
			put_key(f, b, label);
	}
}

/* The view's own keys give way to the general ones, which are the way out. */
static void draw_keys(struct tui *t, int y, int w)
{
	struct footer measure = { .w = 10000, .dry = true };
	struct footer f = { .y = y, .x = 1 };
	const struct view *v = tui_view(t);

	put_general_keys(&measure, t, v);
	f.w = w - measure.x > 1 ? w - measure.x : 1;
	put_own_keys(&f, t, v);
	f.w = w;
	put_general_keys(&f, t, v);
}

/* What one needs to begin with. */
static void draw_first_keys(int y, int w)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b, "%s opens %s space marks %s i shows what breaks %s ? help", fmt_is_ascii() ? "l" : "→",
		glyph(G_DOT), glyph(G_DOT), glyph(G_DOT));
	screen_fill(y, 0, w, R_PROMPT, false);
	screen_text(y, 1, w - 2, R_PROMPT, false, b.buf);
	strbuf_release(&b);
}

static void draw_bottom(struct tui *t, int y, int w)
{
	struct strbuf fit = STRBUF_INIT;

	if (t->prompt.on) {
		prompt_draw(t, y, w);
		return;
	}
	if (t->message.len) {
		screen_fill(y, 0, w, t->error ? R_ERROR : R_PROMPT, false);
		fmt_fit(&fit, t->message.buf, w - 2);
		screen_text(y, 1, w - 2, t->error ? R_ERROR : R_PROMPT, false, fit.buf);
		strbuf_release(&fit);
		return;
	}
	if (t->fresh && t->model.g->ca.n)
		draw_first_keys(y, w);
	else
		draw_keys(t, y, w);
}

static void draw_too_small(int rows, int cols)
{
	char text[80];

	screen_begin();
	snprintf(text, sizeof(text), "too small: %dx%d", cols, rows);
	screen_text(rows / 2, 0, cols, R_TEXT, false, text);
	snprintf(text, sizeof(text), "needs %dx%d", MIN_COLS, MIN_ROWS);
	screen_text(rows / 2 + 1, 0, cols, R_TEXT, false, text);
	screen_end(0, 0, false);
}

static void draw_view(struct tui *t, struct view *v, const struct area *a)
{
	v->area = *a;
	v->ops->draw(t, v, a, true);
}

void frame_draw(struct tui *t)
{
	int rows, cols;
	struct area a;

	screen_size(&rows, &cols);
	if (rows < MIN_ROWS || cols < MIN_COLS) {
		draw_too_small(rows, cols);
		return;
	}
	a = (struct area){ 1, 0, rows - 3, cols };
	screen_begin();
	t->cursor_y = 1;
	draw_top(t, cols);
	draw_view(t, t->stack.v[t->stack.n - 1], &a);
	draw_scenario(t, rows - 2, cols);
	draw_bottom(t, rows - 1, cols);
	if (t->menu.on)
		menu_draw(t, &a);
	if (t->prompt.on)
		screen_end(rows - 1, t->prompt.x, true);
	else
		screen_end(t->menu.on ? t->menu.y : t->cursor_y, 0, false);
}
