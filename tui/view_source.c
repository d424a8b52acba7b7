/* The documents of one source. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "index/ct.h"
#include "tui/view.h"

#define MAX_SHOWN 2000
#define MAX_PROBLEMS 200

static void add_doubts(struct tui *t, struct doc *d, const struct source_row *r)
{
	const struct store_doubts *all = &t->doubting.last;
	const struct store_doubt *x;
	struct strbuf b = STRBUF_INIT;
	size_t at = 0;

	while ((x = source_doubt(all, r, &at))) {
		strbuf_reset(&b);
		store_doubt_text(x, &b);
		doc_field(d, "suspect", b.buf);
	}
	for (at = 0; strbuf_reset(&b), source_store_text(&t->model, r->name, &at, &b);)
		doc_field(d, "store " DOUBTFUL_SIGN, b.buf);
	if (t->doubting.err.msg[0])
		doc_fieldf(d, "suspect", "not known: %s", t->doubting.err.msg);
	strbuf_release(&b);
}

/* How many of each kind, and of which days. */
static void add_kinds(struct doc *d, const struct source_row *r)
{
	char a[32], first[DATE_BUF], last[DATE_BUF];

	for (size_t i = 0, n; r->held > 1 && i < r->held; i += n) {
		const struct index_source *newest = r->doc.v[i].held, *oldest = newest;
		struct strbuf b = STRBUF_INIT;

		for (n = 0; i + n < r->held && strcmp(r->doc.v[i + n].held->kind, newest->kind) == 0; n++)
			if (r->doc.v[i + n].held->source_day != INT32_MIN)
				oldest = r->doc.v[i + n].held;
		strbuf_addf(&b, "%s %s", num_group(a, n), newest->kind);
		if (newest->source_day != INT32_MIN)
			strbuf_addf(&b, ", as of %s", date_format(first, oldest->source_day));
		if (oldest->source_day != newest->source_day)
			strbuf_addf(&b, " to %s", date_format(last, newest->source_day));
		doc_field(d, i ? "" : "of them", b.buf);
		strbuf_release(&b);
	}
}

static void add_head(struct tui *t, struct doc *d, const struct source_row *r)
{
	char a[32], day[DATE_BUF], first[DATE_BUF], time[TIME_BUF];

	if (r->known)
		doc_wrap(d, R_LABEL, 2, r->known->help);
	doc_fieldf(d, "documents", "%s", num_group(a, r->held));
	add_kinds(d, r);
	doc_fieldf(d, "records", "%s", num_group(a, r->records));
	doc_fieldf(d, "problems", "%s", num_group(a, r->problems));
	if (r->newest != INT32_MIN && r->newest == r->oldest)
		doc_fieldf(d, "as of", "%s", date_format(day, r->newest));
	else if (r->newest != INT32_MIN)
		doc_fieldf(d, "as of", "%s to %s", date_format(first, r->oldest), date_format(day, r->newest));
	if (source_is_old(r, t->model.day, t->model.today))
		doc_field(d, "old", "its newest contents are more than a month older than the question");
	add_doubts(t, d, r);
	if (r->fetched_at != TIME_UNKNOWN)
		doc_fieldf(d, "read", "%s", time_format(time, r->fetched_at));
	if (r->tried_at != TIME_UNKNOWN)
		doc_fieldf(d, "last try", "%s", time_format(time, r->tried_at));
	if (r->confirmed_at != TIME_UNKNOWN)
		doc_fieldf(d, "confirmed", "%s", time_format(time, r->confirmed_at));
	if (r->known)
		doc_fieldf(d, "asked again", r->known->min_interval / 3600 == 1 ? "after %s hour at the earliest" : "after %s hours at the earliest",
			num_group(a, (uint64_t)r->known->min_interval / 3600));
}

static void add_changes(struct doc *d, const struct index_source *s)
{
	char a[32], b[32], c[32];

	if (s->compared)
		doc_addf(d, R_DIM, "  %s new, %s changed, %s gone", num_group(a, s->added), num_group(b, s->changed),
			num_group(c, s->gone));
}

static void add_document(struct doc *d, const struct source_doc *x)
{
	const struct index_source *s = x->held;
	struct strbuf why = STRBUF_INIT;
	char a[32], day[DATE_BUF];

	doc_line(d);
	if (!s) {
		doc_at(d, 2, R_BAD, "never had");
		doc_at(d, 27, R_TEXT, *x->tried->document ? x->tried->document : x->tried->url);
	} else {
		doc_at(d, 2, R_TEXT, s->source_day == INT32_MIN ? "" : date_format(day, s->source_day));
		doc_right(d, 24, R_NUMBER, num_group(a, s->records));
		doc_at(d, 27, R_NAME, s->kind);
		if (*s->part && strcmp(s->part, s->sha256) != 0)
			doc_addf(d, R_TEXT, "  %s", s->part);
		if (s->problems)
			doc_addf(d, R_SOME, "  %s problem%s", num_group(a, s->problems), s->problems == 1 ? "" : "s");
		add_changes(d, s);
		doc_wrap(d, R_DIM, 27, s->from);
		doc_wrap(d, R_DIM, d->width > 27 + (int)strlen(s->sha256) ? 27 : 2, s->sha256);
	}
	if (x->tried && *x->tried->error) {
		source_reason(x->tried->error, &why);
		doc_wrap(d, R_BAD, 27, why.buf);
	}
	strbuf_release(&why);
}

static void add_documents(struct doc *d, const struct source_row *r)
{
	char title[48];

	snprintf(title, sizeof(title), "Documents (%zu)", r->doc.n);
	doc_section(d, title);
	if (!r->doc.n) {
		doc_wrap(d, R_LABEL, 2, "none is in the index");
		return;
	}
	doc_line(d);
	doc_at(d, 2, R_HEADER, "as of");
	doc_right(d, 24, R_HEADER, "records");
	doc_at(d, 27, R_HEADER, d->width < 76 ? "document" : "document, where it is from, SHA-256");
	for (size_t i = 0; i < r->doc.n && i < MAX_SHOWN; i++)
		add_document(d, &r->doc.v[i]);
	if (r->doc.n > MAX_SHOWN)
		doc_wrap(d, R_DIM, 2, "and more: canopy sources --format csv has them all");
}

static void add_log(struct doc *d, const struct ct_log_row *l)
{
	uint64_t read = l->read_at == TIME_UNKNOWN ? 0 : l->position - l->from;
	char a[32], b[32];

	doc_line(d);
	doc_at(d, 2, l->wanted ? R_NAME : R_DIM, l->name);
	doc_at(d, 44, read ? R_NUMBER : R_DIM, num_group(a, read));
	if (l->has_size)
		doc_addf(d, R_TEXT, " of %s", num_group(b, l->size));
	doc_add(d, R_DIM, " entries");
	if (l->unverified)
		doc_add(d, R_SOME, "  some without proof");
	if (l->error && *l->error)
		doc_wrap(d, R_BAD, 4, l->error);
}

static void add_logs(struct tui *t, struct doc *d)
{
	const struct source_table *s = t->sources;

	doc_section(d, "Logs");
	if (s->logs_err.kind != ERR_NONE) {
		doc_wrap(d, R_BAD, 2, s->logs_err.msg);
		return;
	}
	for (size_t i = 0; i < s->logs.n; i++)
		add_log(d, &s->logs.v[i]);
	if (!s->logs.n)
		doc_wrap(d, R_LABEL, 2, "no list of logs is indexed");
}

static bool is_from(const struct source_row *r, const char *from)
{
	for (size_t i = 0; i < r->doc.n; i++)
		if (r->doc.v[i].held && strcmp(r->doc.v[i].held->from, from) == 0)
			return true;
	return false;
}

static void add_problems(struct tui *t, struct doc *d, const struct source_row *r)
{
	size_t n = t->sources->n_problems, shown = 0;
	const struct index_problem *p = t->sources->problem;
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; r->problems && i < n && shown <= MAX_PROBLEMS; i++) {
		if (!is_from(r, p[i].from))
			continue;
		if (!shown++)
			doc_section(d, "What could not be read");
		strbuf_reset(&b);
		if (shown > MAX_PROBLEMS)
			strbuf_addstr(&b, "and more: canopy sources --problems has them all");
		else
			strbuf_addf(&b, "%s%s%s", p[i].place, *p[i].place ? ": " : "", p[i].what);
		doc_wrap(d, R_TEXT, 2, b.buf);
	}
	strbuf_release(&b);
}

static void add_said(struct tui *t, struct doc *d, const struct source_row *r)
{
	const struct fetching *f = &t->fetching;

	if (!f->line.n || (*f->asked && strcmp(f->asked, r->name) != 0))
		return;
	doc_section(d, "What the last fetch said");
	for (size_t i = 0; i < f->line.n; i++)
		doc_wrap(d, R_TEXT, 2, f->line.v[i]);
}

static void open(struct tui *t, struct view *v)
{
	const struct source_table *s = sources_of(t);
	const struct source_row *r = s ? source_table_find(s, v->source) : NULL;
	struct doc *d = &v->doc;
	struct strbuf at = STRBUF_INIT;

	if (!s)
		return; /* what was is better than nothing */
	doc_keep(d, &at);
	doc_begin(d, v->area.w);
	v->stale = false;
	if (!r) {
		doc_wrap(d, s->err.msg[0] ? R_BAD : R_LABEL, 2,
			s->err.msg[0] ? s->err.msg : "the index has nothing of this source any more");
	} else {
		add_head(t, d, r);
		add_said(t, d, r);
		if (strcmp(r->name, "ct") == 0)
			add_logs(t, d);
		add_documents(d, r);
		add_problems(t, d, r);
	}
	doc_seek(d, &at);
	strbuf_release(&at);
}

static void draw(struct tui *t, struct view *v, const struct area *a, bool focused)
{
	struct area inner = { a->y + 1, a->x + 1, a->h - 1, a->w - 1 };

	frame_way(t, a);
	if (v->stale || v->doc.width != a->w)
		open(t, v);
	v->area.y = inner.y;
	v->area.h = inner.h;
	if (!v->doc.line.n) {
		screen_text(inner.y, inner.x + 2, inner.w - 2, R_DIM, false, "being read");
		return;
	}
	doc_draw(&v->doc, &inner, focused);
	t->cursor_y = inner.y + (int)(v->doc.cursor - v->doc.top);
}

static void fetch(struct tui *t, struct view *v)
{
	if (source_find(v->source))
		sources_fetch(t, v->source);
	else
		tui_complain(t, "there is nothing to fetch: it comes from files that were imported");
}

static const char *label(const struct tui *t, const struct view *v, const struct binding *b)
{
	return b->act == fetch && (sources_refusal(t) || !source_find(v->source)) ? NULL : b->label;
}

static const struct binding keymap[] = {
	{ "r", fetch, "fetch", "fetch this source, while the browser goes on" },
	{ "Tab .", view_next_section, "section", "to the next section" },
	{ "S-Tab ,", view_previous_section, NULL, "to the section before" },
	{ NULL, NULL, NULL, NULL },
};

const struct view_ops view_source = {
	.name = "source",
	.keymap = keymap,
	.label = label,
	.open = open,
	.draw = draw,
	.act = view_doc_act,
	.status = view_doc_status,
};
