#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/view.h"

#define COUNT_COLUMN 32 /* where the counts end */

static const enum role severity_roles[3] = { R_DIM, R_SOME, R_BAD };

/* ---- being computed ---- */

static bool is_current(const struct tui *t)
{
	return checking_current(&t->checking, &t->model, t->version);
}

static const struct checked *result(const struct tui *t)
{
	return t->checking.last && !t->checking.last->err.msg[0] ? t->checking.last : NULL;
}

/* Asks for what is shown, and takes up what came. */
static void refresh(struct tui *t, struct view *v)
{
	struct findings *f = &t->findings;
	const struct checked *r = result(t);

	checking_ask(&t->checking, &t->model, t->version, CHECK_FINDINGS);
	if (r && (f->of != r || v->stale))
		findings_build(f, r, &t->model);
	else if (!r) {
		f->of = NULL;
		f->row.n = 0;
	}
	v->stale = false;
}

/* ---- lines around the rows ---- */

/* "3 high, 12 low", with CAs "3 high about 2 CAs, 12 low about 7" */
static void say_counts(struct strbuf *out, const size_t n[3], const size_t cas[3])
{
	char a[32];
	bool first = true;

	for (int s = SEVERITY_HIGH; s >= SEVERITY_LOW; s--) {
		if (!n[s])
			continue;
		strbuf_addf(out, "%s%s %s", first ? "" : ", ", num_group(a, n[s]), severity_names[s]);
		if (cas && cas[s])
			strbuf_addf(out, " about %s%s", num_group(a, cas[s]),
				!first        ? ""
				: cas[s] == 1 ? " CA"
					      : " CAs");
		first = false;
	}
}

static int title_rows(const struct area *a)
{
	return a->h >= 18 ? 2 : 1;
}

/* Whatever program is chosen, check asks all: the list says so, unless a filter says what is shown. */
static void say_findings(const struct findings *f, const struct checked *r, struct strbuf *out)
{
	char n[32];

	if (f->term.n)
		strbuf_addf(out, "%s of ", num_group(n, f->fit));
	fmt_plural(out, r->check.n, "finding", "findings");
	if (f->fit_cas) {
		strbuf_addstr(out, " about ");
		fmt_plural(out, f->fit_cas, "CA", "CAs");
	}
}

static void draw_counts(const struct findings *f, const struct checked *r, const struct area *a)
{
	struct strbuf b = STRBUF_INIT;

	if (title_rows(a) < 2)
		return;
	screen_fill(a->y + 1, a->x, a->w, R_HEADER, false);
	if (r)
		say_counts(&b, f->n, f->cas);
	screen_text(a->y + 1, a->x + 1, a->w - 2, R_HEADER, false, b.buf);
	strbuf_release(&b);
}

/* A number that is cut reads as another: what has no room goes as a whole, from the last on. */
static void fit_parts(struct strbuf *b, int room)
{
	size_t at = b->len;

	if (text_width(b->buf) <= room)
		return;
	while (at > 1 && text_width(b->buf) >= room) {
		while (at > 1 && (b->buf[at - 2] != ',' || b->buf[at - 1] != ' '))
			at--;
		strbuf_setlen(b, at > 1 ? at : b->len);
		at--;
	}
	strbuf_addstr(b, glyph(G_ELLIPSIS));
}

static void draw_title(struct tui *t, const struct area *a)
{
	const struct findings *f = &t->findings;
	struct strbuf b = STRBUF_INIT, right = STRBUF_INIT;
	const struct checked *r = result(t);
	char day[DATE_BUF];
	int x = 1;

	if (is_current(t) && r)
		strbuf_addf(&right, "as of %s", date_format(day, r->day));
	else if (r)
		strbuf_addf(&right, "as of %s, being computed anew%s", date_format(day, r->day), glyph(G_ELLIPSIS));
	screen_fill(a->y, a->x, a->w, R_HEADER, false);
	draw_counts(f, r, a);
	if (r && !t->model.g->ca.n) {
		screen_text(a->y, a->x + x, a->w - x, R_HEADER, false, "the index is empty: there is nothing to check");
	} else if (r) {
		say_findings(f, r, &b);
		if (f->term.n && f->text)
			strbuf_addf(&b, ", & %s%s", f->text, title_rows(a) == 1 && f->fit ? ": " : "");
		else if (title_rows(a) > 1)
			strbuf_addstr(&b, ", for every program");
		else if (f->fit)
			strbuf_addstr(&b, ": ");
		if (title_rows(a) == 1)
			say_counts(&b, f->n, NULL);
		/* where the counts have no row of their own the day gives way */
		int room = a->w - x - (title_rows(a) > 1 ? text_width(right.buf) + 3 : 0);
		if (title_rows(a) == 1)
			fit_parts(&b, room);
		x += screen_text(a->y, a->x + x, room, R_HEADER, false, b.buf) + 2;
	}
	if (title_rows(a) > 1 || text_width(right.buf) <= a->w - x - 1) /* no part of a date */
		screen_right(a->y, a->x + x, a->w - x - 1, R_HEADER_ON, false, right.buf);
	strbuf_release(&right);
	strbuf_release(&b);
}

static void draw_nothing(struct tui *t, const struct area *a)
{
	struct strbuf b = STRBUF_INIT;
	int y = a->y + 1;
	char day[DATE_BUF];

	if (t->checking.last && t->checking.last->err.msg[0] && is_current(t))
		strbuf_addstr(&b, t->checking.last->err.msg);
	else if (!result(t))
		strbuf_addf(&b, "being computed: what canopy check finds on %s%s", date_format(day, t->model.day),
			glyph(G_ELLIPSIS));
	else
		strbuf_addstr(&b, "No finding fits the filter; & changes it.");
	screen_text(y++, a->x + 4, a->w - 5, R_LABEL, false, b.buf);
	strbuf_reset(&b);
	if (result(t) && t->findings.vain.word)
		filter_vain_say(&t->findings.vain, true, &b);
	if (b.len)
		screen_text(y++, a->x + 4, a->w - 5, R_LABEL, false, b.buf);
	strbuf_reset(&b);
	if (result(t) && t->findings.undecided) {
		strbuf_addstr(&b, "Of ");
		fmt_plural(&b, t->findings.undecided, "finding", "findings");
		strbuf_addstr(&b, " it is not known: the CAs' leaves are not all counted.");
		screen_text(y, a->x + 4, a->w - 5, R_LABEL, false, b.buf);
	}
	strbuf_release(&b);
}

/* ---- rows ---- */

/* Of the longest counts, so that what the kinds mean begins right of all of them. */
static int counts_width(const struct findings *f)
{
	struct strbuf b = STRBUF_INIT;
	int w = 0;

	for (int i = 0; i < f->n_groups; i++) {
		strbuf_reset(&b);
		say_counts(&b, f->group[i].n, NULL);
		if (b.len && text_width(b.buf) > w)
			w = text_width(b.buf);
	}
	strbuf_release(&b);
	return w;
}

#define NO_REVOCATIONS "no source of revocations is indexed"
/* An empty kind is not told as empty where nobody could have said so. */
static bool is_unknown(const struct tui *t, const struct finding_group *g)
{
	const struct checked *r = result(t);

	return r && t->model.g->ca.n && !r->check.revocations && check_rests_on_revocations(g->name);
}

/* Where nothing is drawn, words say what the sign does. */
#define OPENED 6 /* columns of the word that says it */
#define HELP_LEAST 30 /* of it, or it only disturbs */
static void draw_heading(const struct tui *t, const struct finding_group *g, const struct doc *found,
	const struct area *a, int y, int counts, bool selected)
{
	size_t n = g->n[0] + g->n[1] + g->n[2];
	struct strbuf b = STRBUF_INIT;
	enum role role = n ? R_SECTION : R_DIM;
	bool unknown = !n && is_unknown(t, g);
	char count[32];
	int end = COUNT_COLUMN + (t->opt->plain ? OPENED : 0), name = 3, x = end + 2;

	if (t->opt->plain && n)
		name += screen_text(y, a->x + name, OPENED, R_GUIDE, selected, g->open ? "open, " : "shut, ");
	else
		screen_text(y, a->x + 1, 1, R_LABEL, selected, !n ? " " : glyph(g->open ? G_OPEN : G_SHUT));
	doc_text(found, y, a->x + name, end - 6 - name, role, selected, g->name);
	screen_right(y, a->x + end - 6, 6, n ? R_NUMBER : R_DIM, selected, unknown ? "?" : num_group(count, n));
	say_counts(&b, g->n, NULL);
	if (unknown) {
		strbuf_addstr(&b, NO_REVOCATIONS);
		counts = (int)sizeof(NO_REVOCATIONS) - 1 > counts ? (int)sizeof(NO_REVOCATIONS) - 1 : counts;
	}
	screen_text(y, a->x + x, a->w - x - 1, R_LABEL, selected, b.buf);
	x += counts + 2;
	if (a->w - x - 1 >= HELP_LEAST)
		doc_text(found, y, a->x + x, a->w - x - 1, R_DIM, selected, g->help);
	strbuf_release(&b);
}

struct widths {
	int name, owner, kind, hex;
};

/* Names repeat: the fingerprint tells siblings, and only the narrowest go without. */
static struct widths lay_out(const struct tui *t, int w)
{
	struct widths l = { 0 };

	l.name = w >= 150 ? 40 : w >= 110 ? 32 : w >= 76 ? 26 : 20;
	l.owner = w >= 150 ? 26 : 0;
	l.kind = t->findings.by_severity && w >= 76 ? 22 : 0;
	l.hex = w >= 72 ? 8 : 0;
	if (l.kind && w < 110)
		l.name = 20;
	return l;
}

static int put(const struct doc *d, int y, int x, int w, enum role role, bool selected, const char *text)
{
	if (!w)
		return x;
	doc_text(d, y, x, w, role, selected, text);
	return x + w + 1;
}

static void draw_finding(
	struct tui *t, const struct doc *found, const struct found *f, const struct area *a, int y, bool selected)
{
	const struct widths l = lay_out(t, a->w);
	const struct finding *d = f->finding;
	char hex[9] = "", letter[2] = { 0 };
	enum role role = f->ca == NO_INDEX ? R_DIM : model_lost(&t->model, f->ca) ? R_LOST : R_NAME;
	int x = a->x + 3;

	if (f->ca != NO_INDEX)
		letter[0] = marks_letter(&t->model.marks, t->model.g, f->ca, t->model.day);
	if (f->has_cert)
		hex_encode(f->sha256, 4, hex);
	screen_text(y, a->x + 1, 1, R_MARK, selected, letter);
	x = put(found, y, x, 6, severity_roles[d->severity], selected, severity_names[d->severity]);
	x = put(found, y, x, l.kind, R_LABEL, selected, d->kind);
	x = put(found, y, x, l.name, role, selected, f->has_ca ? f->name : glyph(G_DASH));
	x = put(found, y, x, l.owner, R_OWNER, selected, f->owner);
	x = put(found, y, x, l.hex, R_LABEL, selected, hex);
	doc_text(found, y, x, a->x + a->w - x - 1, R_TEXT, selected, d->detail);
}

static void draw_rows(struct tui *t, const struct doc *found, const struct area *a)
{
	struct findings *f = &t->findings;
	const int counts = counts_width(f);

	f->top = motion_scroll(f->top, f->cursor, (uint32_t)f->row.n, a->h);
	for (int i = 0; i < a->h && f->top + (uint32_t)i < f->row.n; i++) {
		uint32_t at = f->top + (uint32_t)i;
		const struct finding_row *r = &f->row.v[at];
		bool selected = at == f->cursor;
		if (selected) {
			screen_fill(a->y + i, a->x, a->w, R_TEXT, true);
			t->cursor_y = a->y + i;
		}
		if (r->at == NO_INDEX)
			draw_heading(t, &f->group[r->group], found, a, a->y + i, counts, selected);
		else
			draw_finding(t, found, &f->of->v[r->at], a, a->y + i, selected);
	}
}

/* ---- the finding under the cursor, in full ---- */

static void tell_finding(struct doc *d, const struct found *x)
{
	const struct check_kind *kind = check_kinds;
	struct strbuf b = STRBUF_INIT;
	char hex[65];

	while (kind->name != x->finding->kind)
		kind++;
	doc_line(d);
	doc_add(d, R_NAME, x->has_ca ? x->name : "about no CA of the index");
	if (*x->owner)
		doc_addf(d, R_OWNER, "  %s", x->owner);
	if (x->has_cert) {
		hex_encode(x->sha256, 32, hex);
		doc_line(d);
		doc_addf(d, R_LABEL, "certificate %s", hex);
	}
	/* which may name others */
	doc_wrap(d, R_TEXT, 0, x->finding->detail);
	strbuf_addf(&b, "%s: %s (source: %s)", kind->name, kind->help, x->finding->source);
	doc_wrap(d, R_DIM, 0, b.buf);
	strbuf_release(&b);
}

/* What stands under the cursor, whole. */
static void make_panel(const struct tui *t, const struct area *a, struct doc *d)
{
	const struct findings *f = &t->findings;
	const struct found *x = findings_at(f);

	doc_begin(d, a->w - 2);
	if (x) {
		tell_finding(d, x);
	} else if (f->cursor < f->row.n) {
		doc_wrap(d, R_LABEL, 0, f->group[f->row.v[f->cursor].group].help);
		if (title_rows(a) > 1)
			doc_wrap(d, R_DIM, 0,
				"asked of every program and purpose, whichever p and P choose; & program:chrome shows "
				"what names one; x writes these to a file");
	}
	d->cursor = 0;
}

#define CUT_PANEL "and more: Enter shows its CA with all of it"

/* As many as it has, up to half of the screen or what a short list leaves free. */
static int panel_rows(const struct tui *t, const struct area *a)
{
	int least = a->h >= 18 ? 7 : a->h >= 9 ? 3 : 0, most = a->h >= 18 ? a->h / 2 : least, rows;
	size_t room = (size_t)(a->h - title_rows(a)), list = t->findings.row.n;
	struct doc d = { 0 };

	make_panel(t, a, &d);
	rows = (int)d.line.n + 1;
	doc_release(&d);
	if (least && list < room && (int)(room - list) > most)
		most = (int)(room - list);
	return rows < least ? least : rows > most ? most : rows;
}

static void draw_panel(struct tui *t, const struct area *a, int rows)
{
	struct area inner = { a->y + a->h - rows + 1, a->x + 1, rows - 1, a->w - 2 };
	struct doc d = { 0 };

	frame_rule(t, inner.y - 1, a->x, a->w);
	make_panel(t, a, &d);
	doc_draw(&d, &inner, false);
	if (rows >= 7 && (int)d.line.n >= rows) {
		screen_fill(inner.y + inner.h - 1, inner.x, inner.w, R_TEXT, false);
		screen_text(inner.y + inner.h - 1, inner.x, inner.w, R_LABEL, false, CUT_PANEL);
	}
	doc_release(&d);
}

/* Between the title and the panel. */
static int list_rows(const struct tui *t, const struct area *a)
{
	return a->h - title_rows(a) - panel_rows(t, a);
}

static void draw(struct tui *t, struct view *v, const struct area *a, bool focused)
{
	(void)focused;
	refresh(t, v);
	int below = panel_rows(t, a), above = title_rows(a);
	struct area rows = { a->y + above, a->x, a->h - above - below, a->w };

	draw_title(t, a);
	if (!t->findings.row.n)
		draw_nothing(t, &rows);
	draw_rows(t, &v->doc, &rows);
	if (below)
		draw_panel(t, a, below);
}

/* ---- keys ---- */

static void act(struct tui *t, struct view *v, enum motion move)
{
	struct findings *f = &t->findings;
	const uint32_t was = f->cursor;

	f->cursor = motion_apply(move, was, (uint32_t)f->row.n, list_rows(t, &v->area));
	f->top = motion_turn(move, f->top, was, f->cursor);
}

static void target(struct tui *t, struct view *v, struct target *ret)
{
	const struct found *x = findings_at(&t->findings);

	(void)v;
	if (x)
		ret->ca = x->ca;
}

static void status(struct tui *t, struct view *v, struct strbuf *out)
{
	const struct findings *f = &t->findings;
	char a[32], b[32];

	(void)v;
	if (f->term.n)
		strbuf_addf(out, "& %s  ", f->text);
	strbuf_addf(out, "%s/%s", num_group(a, f->row.n ? f->cursor + 1 : 0), num_group(b, f->row.n));
}

/* The heading under the cursor; -1: none. */
static int heading(const struct findings *f)
{
	if (f->cursor >= f->row.n || f->row.v[f->cursor].at != NO_INDEX)
		return -1;
	return f->row.v[f->cursor].group;
}

static void set_open(struct tui *t, int group, bool open)
{
	findings_open(&t->findings, group, open);
	findings_build(&t->findings, t->findings.of, &t->model);
}

/* Nothing would be seen of it. */
static bool is_empty(struct tui *t, int group)
{
	const struct findings *f = &t->findings;
	const size_t *n = f->group[group].n;

	if (n[0] || n[1] || n[2])
		return false;
	if (is_unknown(t, &f->group[group]))
		tui_say(t, "not known: " NO_REVOCATIONS);
	else
		tui_say(t, "no finding of this %s", f->by_severity ? "severity" : "kind");
	return true;
}

static void enter(struct tui *t, struct view *v)
{
	struct findings *f = &t->findings;
	const struct found *x = findings_at(f);
	int g = heading(f);

	(void)v;
	if (g >= 0 && !is_empty(t, g))
		set_open(t, g, !f->group[g].open);
	else if (x && x->ca != NO_INDEX)
		tui_push(t, &view_detail, x->ca);
	else if (x)
		tui_say(t, x->has_ca ? "that CA is not in the index as it was read; F5 reads it anew"
				     : "this finding is about no CA");
}

static void expand(struct tui *t, struct view *v)
{
	struct findings *f = &t->findings;
	int g = heading(f);

	if (g >= 0 && is_empty(t, g))
		return;
	if (g >= 0 && !f->group[g].open)
		set_open(t, g, true);
	else if (g >= 0)
		act(t, v, MOVE_DOWN);
	else
		enter(t, v);
}

static void collapse(struct tui *t, struct view *v)
{
	struct findings *f = &t->findings;
	int g = heading(f);

	(void)v;
	if (f->cursor >= f->row.n)
		return;
	if (g >= 0 && !f->group[g].open)
		tui_say(t, "shut already");
	else if (g >= 0)
		set_open(t, g, false);
	else
		while (heading(f) < 0)
			f->cursor--;
}

static void all(struct tui *t, struct view *v)
{
	struct findings *f = &t->findings;
	bool any = false;

	(void)v;
	for (int g = 0; g < f->n_groups; g++)
		any |= f->group[g].open;
	for (int g = 0; f->of && g < f->n_groups; g++)
		findings_open(f, g, !any);
	if (f->of)
		findings_build(f, f->of, &t->model);
}

static void regroup(struct tui *t, struct view *v)
{
	struct findings *f = &t->findings;

	f->by_severity = !f->by_severity;
	f->severity_open[0] = true; /* the high ones */
	f->of = NULL;
	f->row.n = 0;
	f->cursor = f->top = 0;
	v->stale = true;
	tui_say(t, f->by_severity ? "by severity" : "by kind, as canopy check sorts");
}

static void copy(struct tui *t, struct view *v)
{
	const struct found *x = findings_at(&t->findings);

	(void)v;
	if (x && x->has_cert)
		tui_copy(t, x->sha256);
	else
		tui_complain(t, "no certificate here to copy");
}

/* ---- the filter ---- */

static void apply(struct tui *t)
{
	struct findings *f = &t->findings;

	if (f->of)
		findings_build(f, f->of, &t->model);
}

static void before_filter(struct tui *t)
{
	findings_filter(&t->findings, t->filter_before.buf, NULL, NULL);
	apply(t);
}

/* The beginning of a word that turns out to be wrong was not meant as text to look for, as in the tree. */
static void without_wrong(struct tui *t, const char *text, const struct filter_place *place)
{
	char *right = filter_right_part(text, place);

	findings_filter(&t->findings, right ? right : t->filter_before.buf, NULL, NULL);
	apply(t);
	free(right);
}

/* While it is typed: what is wrong stands out in the text, and beside it what would be right. */
static void typed(struct tui *t, const char *text)
{
	struct prompt *p = &t->prompt;
	struct filter_place place = { 0 };
	struct findings f = { 0 };
	struct err err = { 0 };

	strbuf_reset(&p->note);
	p->bad = p->bad_len = 0;
	if (findings_filter(&f, text, &place, &err) < 0) {
		prompt_wrong(p, &place, err.msg);
		if (place.unfinished)
			findings_suggest(text, &p->note);
		else
			without_wrong(t, text, &place);
		return;
	}
	findings_release(&f);
	findings_suggest(text, &p->note);
	if (findings_begins(text))
		return;
	findings_filter(&t->findings, text, NULL, NULL);
	apply(t);
	if (t->findings.of && t->findings.vain.word && (t->findings.vain.near || t->findings.fit)) {
		p->bad = t->findings.vain.place.at;
		p->bad_len = t->findings.vain.place.len;
		strbuf_reset(&p->note);
		filter_vain_say(&t->findings.vain, false, &p->note);
	}
	if (!p->note.len)
		fmt_plural(&p->note, t->findings.fit, "finding", "findings");
}

/* What a list that is not empty does not tell. */
static void tell_more(struct tui *t)
{
	const struct findings *f = &t->findings;
	struct strbuf b = STRBUF_INIT;
	char n[32];

	if (f->fit && f->vain.word)
		filter_vain_say(&f->vain, false, &b);
	if (f->fit && f->undecided)
		strbuf_addf(&b, "%sof %s more it is not known: the leaves of their CAs are not all counted", b.len ? " " : "",
			num_group(n, f->undecided));
	if (b.len)
		tui_say(t, "%s", b.buf);
	strbuf_release(&b);
}

static void filtered(struct tui *t, const char *text)
{
	struct filter_place place = { 0 };
	struct err err = { 0 };

	if (findings_filter(&t->findings, text, &place, &err) < 0) {
		prompt_refuse_part(t, &place, err.msg);
		return;
	}
	apply(t);
	tell_more(t);
}

static void ask(struct tui *t, const char *text)
{
	prompt_open(t, "&", text, filtered);
	t->prompt.changed = typed;
	t->prompt.cancelled = before_filter;
	t->prompt.complete = findings_complete;
}

static void ask_filter(struct tui *t, struct view *v)
{
	const char *text = t->findings.text ? t->findings.text : "";

	(void)v;
	strbuf_reset(&t->filter_before);
	strbuf_addstr(&t->filter_before, text);
	ask(t, text);
}

/* Esc takes the filter away before it leaves. */
static void escape(struct tui *t, struct view *v)
{
	if (writing_runs(t) || !t->findings.term.n) {
		tui_escape(t, v);
		return;
	}
	findings_filter(&t->findings, "", NULL, NULL);
	apply(t);
	tui_say(t, "filter off");
}

static bool find(struct tui *t, struct view *v, const char *text, bool here, int by)
{
	(void)v;
	return findings_find(&t->findings, &t->model, text, here, by);
}

static char *row(struct tui *t, struct view *v)
{
	(void)v;
	findings_keep(&t->findings);
	return t->findings.kept ? xstrdup(t->findings.kept) : NULL;
}

static void go(struct tui *t, struct view *v, const char *row)
{
	struct findings *f = &t->findings;

	(void)v;
	findings_go(f, row);
	if (!result(t))
		return;
	findings_build(f, result(t), &t->model);
	if (!f->kept || strcmp(f->kept, row) != 0)
		tui_say(t, f->term.n ? "the finding is not among those shown: the filter hides it"
				     : "the finding is there no longer");
}

static void click(struct tui *t, struct view *v, int y, int x)
{
	struct findings *f = &t->findings;
	int first = title_rows(&v->area);
	uint32_t at = f->top + (uint32_t)(y - first);

	(void)x;
	if (y < first || y >= first + list_rows(t, &v->area) || at >= f->row.n)
		return;
	if (at == f->cursor)
		enter(t, v);
	else
		f->cursor = at;
}

static const struct binding keymap[] = {
	{ "Enter", enter, "open", "open or shut a kind; of a finding: the details of its CA" },
	{ "l Right +", expand, NULL, "open, step in" },
	{ "h Left -", collapse, NULL, "shut, or go to the heading" },
	{ "*", all, NULL, "open all kinds, or shut them" },
	{ "& F4", ask_filter, "filter", "filter: words, kind:KIND, severity:high and those below" },
	{ "x", writing_findings, "write",
		"write what the filter leaves to a file, as canopy check does: CSV, JSON, Markdown, text" },
	{ "o", regroup, "by severity", "sort by kind, as canopy check does, or by severity" },
	{ "y", copy, NULL, "copy the SHA-256 fingerprint of the finding's certificate (OSC 52)" },
	{ "Esc", escape, NULL, "filter off, or back" },
	{ NULL, NULL, NULL, NULL },
};

static bool lacks(struct tui *t, struct view *v)
{
	(void)v;
	return !t->checking.last;
}

const struct view_ops view_findings = {
	.name = "findings",
	.keymap = keymap,
	.lacks = lacks,
	.draw = draw,
	.act = act,
	.status = status,
	.target = target,
	.click = click,
	.find = find,
	.row = row,
	.go = go,
};

void show_findings(struct tui *t, struct view *v)
{
	if (v->ops == &view_findings) {
		tui_say(t, "these are the findings; q leaves them");
		return;
	}
	tui_push(t, &view_findings, NO_INDEX);
	checking_ask(&t->checking, &t->model, t->version, CHECK_FINDINGS);
}
