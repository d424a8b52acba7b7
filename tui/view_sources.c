#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/view.h"

#define BAR_COLUMNS 30
#define MOMENT_BUF 24

/* ---- what is told of a source ---- */

const struct source_table *sources_of(struct tui *t)
{
	const struct source_table *s = t->sources;

	if (s && s->taken && doubting_current(&t->doubting, &t->model, t->version))
		return s;
	t->wants_sources = true;
	return NULL;
}

static void watch(const struct source_table *s, bool on)
{
	screen_watch(work_fd(s->work), on);
}

void sources_forget(struct tui *t)
{
	if (t->sources && !t->sources->taken)
		watch(t->sources, false);
	source_table_free(t->sources);
	t->sources = NULL;
}

bool sources_step(struct tui *t, bool wait)
{
	if (!t->wants_sources)
		return false;
	if (!t->sources) {
		t->sources = source_table_begin(t->model.index);
		t->sources_since = clock_ns();
		watch(t->sources, true);
	}
	if (!work_ready(t->sources->work, wait))
		return false;
	t->wants_sources = false;
	if (t->sources->taken)
		return false; /* what speaks against the stores is to come, of another day */
	watch(t->sources, false);
	t->sources->taken = true;
	tui_stale_views(t, &view_sources);
	tui_stale_views(t, &view_source);
	return true;
}

const char *sources_failed(const struct tui *t)
{
	return t->sources->err.msg[0] ? t->sources->err.msg : t->doubting.err.msg[0] ? t->doubting.err.msg : NULL;
}

bool sources_read(const struct tui *t)
{
	return t->sources && !work_made(t->sources->work);
}

/* "2026-11-29 07:31" */
static char *moment(char buf[MOMENT_BUF], int64_t at)
{
	char text[TIME_BUF];

	time_format(text, at);
	snprintf(buf, MOMENT_BUF, "%.10s %.5s", text, text + 11);
	return buf;
}

/* "today", "3 days" */
static void say_age(struct strbuf *out, int32_t days)
{
	if (days <= 0)
		strbuf_addstr(out, days < 0 ? "ahead" : "today");
	else
		fmt_plural(out, (uint64_t)days, "day", "days");
}

static bool is_fetched_now(const struct tui *t, const struct source_row *r)
{
	return fetching_runs(&t->fetching) && r->known && strcmp(t->fetching.now.source, r->name) == 0;
}

static bool gave_doubtful(const struct tui *t, const struct source_row *r)
{
	struct strbuf b = STRBUF_INIT;
	bool is = source_store_text(&t->model, r->name, &(size_t){ 0 }, &b);

	strbuf_release(&b);
	return is;
}

/* The word for how a source stands, and its role. */
static const char *state_of(struct tui *t, const struct source_row *r, enum role *role)
{
	*role = R_SOME;
	if (is_fetched_now(t, r))
		return t->fetching.state == FETCH_STOPPING ? "stopping" : "fetching";
	if (r->failed) {
		*role = R_BAD;
		return r->held ? "failed in part" : "failed";
	}
	if (!r->held) {
		*role = R_DIM;
		return r->tried_at == TIME_UNKNOWN ? "never fetched" : "not held";
	}
	if (source_is_old(r, t->model.day, t->model.today))
		return "old";
	if (source_doubt(&t->doubting.last, r, &(size_t){ 0 }))
		return "suspect";
	if (gave_doubtful(t, r))
		return "stores " DOUBTFUL_SIGN;
	*role = R_GOOD;
	return "ok";
}

/* ---- the table ---- */

struct columns {
	int state, day, age, docs, records, problems, fetched, tried,
		text; /* columns; 0: not shown; numbers end there */
};

static struct columns lay_out(int w)
{
	struct columns p = { .state = 10, .day = 25, .age = 44, .docs = 49, .records = 58 };

	if (w >= 76) {
		p = (struct columns){ .state = 12, .day = 27, .age = 46, .docs = 52, .records = 63 };
		p.problems = 73;
	}
	if (w >= 100)
		p.fetched = 77;
	if (w >= 120)
		p.tried = 89;
	if (w >= 130)
		p.text = 102;
	return p;
}

static void draw_titles(const struct area *a)
{
	const struct columns p = lay_out(a->w);
	const struct {
		int at;
		bool right;
		const char *title;
	} titles[] = {
		{ 1, false, "source" },
		{ p.state + 1, false, "state" },
		{ p.day + 1, false, "as of" },
		{ p.age + 1, true, "age" },
		{ p.docs + 1, true, "docs" },
		{ p.records + 1, true, "records" },
		{ p.problems + 1, true, "problems" },
		{ p.fetched + 1, false, "fetched" },
		{ p.tried + 1, false, "last try" },
		{ p.text + 1, false, "error" },
	};

	screen_fill(a->y, a->x, a->w, R_HEADER, false);
	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++) {
		if (i && titles[i].at == 1)
			continue;
		if (titles[i].right)
			screen_right(a->y, a->x, titles[i].at, R_HEADER, false, titles[i].title);
		else
			screen_text(a->y, a->x + titles[i].at, 12, R_HEADER, false, titles[i].title);
	}
}

static void add_number(struct doc *d, int column, enum role role, bool known, uint64_t n)
{
	char text[32];

	if (column)
		doc_right(d, column, known ? role : R_DIM, known ? num_group(text, n) : glyph(G_DASH));
}

static void add_day(struct doc *d, int column, bool known, int32_t day)
{
	char text[DATE_BUF];

	if (column)
		doc_at(d, column, known ? R_TEXT : R_DIM, known ? date_format(text, day) : glyph(G_DASH));
}

static void add_row(struct tui *t, struct doc *d, const struct source_row *r)
{
	const struct columns p = lay_out(d->width);
	struct strbuf age = STRBUF_INIT;
	bool dated = r->newest != INT32_MIN;
	enum role role;
	const char *state = state_of(t, r, &role);

	doc_line(d);
	doc_at(d, 0, R_NAME, r->name);
	doc_at(d, p.state, role, state);
	add_day(d, p.day, dated, r->newest);
	if (dated)
		say_age(&age, t->model.today - r->newest);
	doc_right(d, p.age, source_is_old(r, t->model.day, t->model.today) ? R_SOME : R_TEXT, age.buf);
	add_number(d, p.docs, R_TEXT, r->held != 0, r->held);
	add_number(d, p.records, R_NUMBER, r->held != 0, r->records);
	add_number(d, p.problems, r->problems ? R_SOME : R_DIM, r->held != 0, r->problems);
	add_day(d, p.fetched, r->fetched_at != TIME_UNKNOWN,
		r->fetched_at != TIME_UNKNOWN ? date_of_time(r->fetched_at) : 0);
	add_day(d, p.tried, r->tried_at != TIME_UNKNOWN, r->tried_at != TIME_UNKNOWN ? date_of_time(r->tried_at) : 0);
	if (p.text && r->error) {
		strbuf_reset(&age);
		source_reason(r->error, &age);
		doc_at(d, p.text, R_BAD, age.buf);
	}
	strbuf_release(&age);
}

static void open(struct tui *t, struct view *v)
{
	const struct source_table *s = sources_of(t);

	if (!s)
		return; /* what was is better than nothing */
	doc_begin(&v->doc, v->area.w - 1);
	v->stale = false;
	for (size_t i = 0; i < s->n; i++)
		add_row(t, &v->doc, &s->v[i]);
}

static const struct source_row *at_cursor(struct tui *t, const struct view *v)
{
	const struct source_table *s = sources_of(t);

	return s && v->doc.cursor < s->n ? &s->v[v->doc.cursor] : NULL;
}

/* ---- below the table ---- */

static void say_try(const struct source_row *r, struct strbuf *out, enum role *role)
{
	char at[MOMENT_BUF];

	*role = R_LABEL;
	if (!r->known) {
		strbuf_addstr(out, "comes from files that were imported; there is nothing to fetch");
		return;
	}
	if (r->tried_at == TIME_UNKNOWN) {
		strbuf_addstr(out, "fetch never asked for it");
		return;
	}
	strbuf_addf(out, "last try %s: ", moment(at, r->tried_at));
	if (!r->failed) {
		strbuf_addstr(out, r->held ? "fine" : "fine, but nothing of it is held: it was empty, or older than what was imported");
		return;
	}
	*role = R_BAD;
	fmt_plural(out, r->failed, "document", "documents");
	strbuf_addstr(out, " failed: ");
	source_reason(r->error, out);
}

static void say_amount(const struct fetch_step *s, struct strbuf *out)
{
	char a[32], b[32];
	int share = fetch_step_share(s);

	if (share >= 0)
		strbuf_addf(out, " %3d %%", share / 10);
	if (s->done != UINT64_MAX)
		strbuf_addf(out, "  %s", num_short(a, s->done));
	if (s->done != UINT64_MAX && s->total != UINT64_MAX)
		strbuf_addf(out, " of %s", num_short(b, s->total));
	if (s->done != UINT64_MAX)
		strbuf_addf(out, " %s", s->unit);
	if (s->documents != UINT64_MAX && s->documents_total != UINT64_MAX)
		strbuf_addf(out, "  %s of %s documents", num_group(a, s->documents), num_group(b, s->documents_total));
	if (s->seconds_left != UINT64_MAX && s->seconds_left < 360000)
		strbuf_addf(out, "  %u:%02u left", (unsigned)(s->seconds_left / 60), (unsigned)(s->seconds_left % 60));
}

static void say_what(const struct fetching *f, struct strbuf *out)
{
	static const char *const turning[] = { "|", "/", "-", "\\" };
	const struct fetch_step *s = &f->now;
	char a[32], b[32];

	strbuf_addf(out, "%s %s %s", turning[clock_ns() / 150000000u % 4],
		f->state == FETCH_STOPPING ? "stopping" : "fetching",
		*s->source  ? s->source
		: *f->asked ? f->asked
			    : "all sources");
	if (s->sources != UINT64_MAX && s->sources_total != UINT64_MAX && s->sources_total > 1)
		strbuf_addf(out, ", %s of %s", num_group(a, s->sources + 1), num_group(b, s->sources_total));
	if (*s->what && strncmp(s->what, s->step, strlen(s->step)) == 0) /* "downloading" */
		strbuf_addf(out, ": %s", s->what);
	else if (*s->what)
		strbuf_addf(out, ": %s %s", s->step, s->what);
	if (f->state == FETCH_RUNS)
		strbuf_addf(out, " %s Esc stops it", glyph(G_DOT));
}

static void draw_bar(const struct fetching *f, int y, const struct area *a)
{
	struct strbuf bar = STRBUF_INIT, amount = STRBUF_INIT;
	int share = fetch_step_share(&f->now);

	if (share >= 0)
		fmt_bar(&bar, (uint64_t)share, 1000, BAR_COLUMNS);
	screen_fill(y, a->x + 1, BAR_COLUMNS, R_STATUS, false);
	screen_text(y, a->x + 1, BAR_COLUMNS, R_BAR, false, bar.buf);
	say_amount(&f->now, &amount);
	screen_text(y, a->x + 1 + BAR_COLUMNS, a->w - BAR_COLUMNS - 2, R_TEXT, false, amount.buf);
	strbuf_release(&bar);
	strbuf_release(&amount);
}

const char *sources_refusal(const struct tui *t)
{
	return t->opt->fetch ? t->opt->fetch->refusal : "nothing can be fetched from here";
}

static void draw_progress(struct tui *t, int y, const struct area *a)
{
	const struct fetching *f = &t->fetching;
	struct strbuf b = STRBUF_INIT;

	if (f->state == FETCH_ENDED) {
		screen_text(y, a->x + 1, a->w - 2, f->good || f->stopped ? R_GOOD : R_BAD, false, f->outcome.buf);
	} else if (fetching_runs(f)) {
		say_what(f, &b);
		screen_text(y, a->x + 1, a->w - 2, R_SOME, false, b.buf);
		draw_bar(f, y + 1, a);
	} else if (sources_refusal(t)) {
		screen_text(y, a->x + 1, a->w - 2, R_LABEL, false, sources_refusal(t));
	}
	strbuf_release(&b);
}

#define PROGRESS_ROWS 2

/* "184 documents, as of 2021-01-24 to 2026-11-29" */
static void say_documents(const struct source_row *r, struct strbuf *out)
{
	char first[DATE_BUF], last[DATE_BUF];

	fmt_plural(out, r->held, "document", "documents");
	if (r->newest != INT32_MIN && r->oldest != r->newest)
		strbuf_addf(out, ", as of %s to %s", date_format(first, r->oldest), date_format(last, r->newest));
}

static void add_stores(struct tui *t, const struct source_row *r, struct doc *d)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t at = 0; strbuf_addstr(&b, DOUBTFUL_SIGN " "), source_store_text(&t->model, r->name, &at, &b); strbuf_reset(&b))
		doc_wrap(d, R_SOME, 0, b.buf);
	strbuf_release(&b);
}

/* What is told of the source under the cursor, whole. */
static void make_panel(struct tui *t, const struct view *v, const struct area *a, struct doc *d)
{
	const struct source_row *r = at_cursor(t, v);
	const struct store_doubt *x;
	struct strbuf b = STRBUF_INIT;
	enum role role;
	size_t at = 0;

	doc_begin(d, a->w - 2);
	if (!r)
		return;
	if (a->h >= 14 && r->known)
		doc_wrap(d, R_LABEL, 0, r->known->help);
	add_stores(t, r, d);
	if (r->held > 1) {
		say_documents(r, &b);
		doc_wrap(d, R_LABEL, 0, b.buf);
		strbuf_reset(&b);
	}
	say_try(r, &b, &role);
	doc_wrap(d, role, 0, b.buf);
	while ((x = source_doubt(&t->doubting.last, r, &at))) {
		strbuf_reset(&b);
		store_doubt_short(x, &b);
		doc_wrap(d, R_SOME, 0, b.buf);
	}
	d->cursor = 0;
	strbuf_release(&b);
}

static int rows_of(const struct doc *d, const struct area *a)
{
	int least = a->h >= 14 ? 2 : 1, most = a->h / 3, n = (int)d->line.n;

	return 1 + (n < least ? least : n > most ? most : n) + PROGRESS_ROWS;
}

static int panel_rows(struct tui *t, const struct view *v, const struct area *a)
{
	struct doc d = { 0 };
	int rows;

	make_panel(t, v, a, &d);
	rows = rows_of(&d, a);
	doc_release(&d);
	return rows;
}

static void draw_panel(struct tui *t, struct view *v, const struct area *a, int rows)
{
	struct area inner = { a->y + a->h - rows + 1, a->x + 1, rows - 1 - PROGRESS_ROWS, a->w - 2 };
	struct doc d = { 0 };

	frame_rule(t, inner.y - 1, a->x, a->w);
	make_panel(t, v, a, &d);
	doc_draw(&d, &inner, false);
	doc_release(&d);
	draw_progress(t, inner.y + inner.h, a);
}

static void draw(struct tui *t, struct view *v, const struct area *a, bool focused)
{
	if (v->stale || v->doc.width != a->w - 1)
		open(t, v);
	int below = panel_rows(t, v, a);
	struct area rows = { a->y + 1, a->x + 1, a->h - 1 - below, a->w - 1 };

	const char *failed = sources_of(t) ? sources_failed(t) : NULL;

	draw_titles(a);
	if (failed) {
		screen_text(rows.y, rows.x, rows.w - 1, R_BAD, false, failed);
		rows.y++;
		rows.h--;
	}
	if (v->doc.line.n)
		doc_draw(&v->doc, &rows, focused);
	else if (!failed)
		screen_text(rows.y, rows.x + 1, rows.w - 1, R_DIM, false, "being read");
	t->cursor_y = rows.y + (int)(v->doc.cursor - v->doc.top);
	draw_panel(t, v, a, below);
}

/* ---- keys ---- */

void sources_fetch(struct tui *t, const char *source)
{
	struct err err = { 0 };

	if (fetching_start(&t->fetching, t->opt->fetch, source, &err) < 0)
		tui_complain(t, "%s", err.msg);
	tui_stale(t);
}

static void enter(struct tui *t, struct view *v)
{
	const struct source_row *r = at_cursor(t, v);

	if (r)
		snprintf(tui_push(t, &view_source, NO_INDEX)->source, sizeof(v->source), "%s", r->name);
}

static void fetch_one(struct tui *t, struct view *v)
{
	const struct source_row *r = at_cursor(t, v);

	if (r && r->known)
		sources_fetch(t, r->name);
	else if (!sources_of(t))
		tui_say(t, "the sources are still being read");
	else
		tui_complain(t, "there is nothing to fetch: it comes from files that were imported");
}

static void fetch_all(struct tui *t, struct view *v)
{
	(void)v;
	sources_fetch(t, NULL);
}

static void escape(struct tui *t, struct view *v)
{
	if (writing_runs(t) || t->fetching.state != FETCH_RUNS) {
		tui_escape(t, v);
		return;
	}
	fetching_stop(&t->fetching);
	tui_say(t, "stopping the fetch; what came is kept");
	tui_stale(t);
}

static void click(struct tui *t, struct view *v, int y, int x)
{
	uint32_t at = v->doc.top + (uint32_t)(y - 1);

	(void)x;
	if (y < 1 || y >= v->area.h - panel_rows(t, v, &v->area) || at >= v->doc.line.n)
		return;
	if (at == v->doc.cursor)
		enter(t, v);
	else
		v->doc.cursor = at;
}

static const char *label(const struct tui *t, const struct view *v, const struct binding *b)
{
	(void)v;
	return sources_refusal(t) && (b->act == fetch_one || b->act == fetch_all) ? NULL : b->label;
}

static const struct binding keymap[] = {
	{ "r", fetch_one, "fetch", "fetch the source under the cursor, while the browser goes on" },
	{ "F", fetch_all, "all", "fetch every source that is enabled" },
	{ "Enter l Right", enter, "documents", "the documents of the source" },
	{ "Esc", escape, NULL, "stop the fetch that runs (what came is kept), or back" },
	{ NULL, NULL, NULL, NULL },
};

static bool lacks(struct tui *t, struct view *v)
{
	return !v->doc.line.n && !sources_of(t);
}

const struct view_ops view_sources = {
	.name = "sources",
	.keymap = keymap,
	.lacks = lacks,
	.label = label,
	.open = open,
	.draw = draw,
	.act = view_doc_act,
	.status = view_doc_status,
	.click = click,
};

void show_sources(struct tui *t, struct view *v)
{
	if (v->ops == &view_sources || v->ops == &view_source)
		tui_say(t, "these are the sources; q leaves them");
	else {
		tui_push(t, &view_sources, NO_INDEX);
		if (!sources_of(t))
			sources_step(t, false);
	}
}
