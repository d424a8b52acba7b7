/* What a page of HTML has besides the text of the report. */
#include "cli/impact_out.h"

#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "cli/chart.h"

#define BARS 15 /* CAs with a bar of their own */
#define FEW 50  /* documents of one kind that are listed one by one */

static const char *least(bool yes)
{
	return yes ? "≥ " : "";
}

/* For descriptions, which are read aloud. */
static const char *at_least(bool yes)
{
	return yes ? "at least " : "";
}

/* Bars and lines are drawn for what is lost or kept at the least. */
static bool low(bool unbounded, const struct span *s)
{
	return unbounded || s->low != s->high || s->about;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* ---- accepted before and after ---- */

void impact_chart_accepted(struct report *r, const struct answer *a)
{
	const struct leaf_tally *t = &a->impact->total;
	const struct leaf_spans *s = &a->impact->span;
	bool trusted = low(a->least.trusted, &s->trusted), kept = low(a->least.kept, &s->kept);
	bool lost = low(a->least.lost, &s->lost);
	const char *any = least(trusted);
	uint64_t after = less(t->trusted, t->lost), same = less(after, t->kept);
	struct strbuf text[3] = { STRBUF_INIT, STRBUF_INIT, STRBUF_INIT }, desc = STRBUF_INIT;
	struct chart_bar bar[] = {
		{ "accepted before", any, t->trusted, { { "same", t->trusted } } },
		{ "accepted after", any, after, { { "same", same }, { "kept", t->kept }, { "lost", t->lost } } },
	};
	char n[32], m[32];

	strbuf_addf(&text[0], "accepted as before: %s%s", any, num_group(n, same));
	strbuf_addf(&text[1], "kept by another path: %s%s", least(kept), num_group(n, t->kept));
	strbuf_addf(&text[2], "lost: %s%s", least(lost), num_group(n, t->lost));
	strbuf_addf(&desc, "Two bars. Of %s%s leaves accepted before, %s%s are accepted after, ",
		at_least(trusted), num_group(n, t->trusted), at_least(trusted), num_group(m, after));
	strbuf_addf(&desc, "%s%s of them by another path; %s%s are lost.", at_least(kept),
		num_group(n, t->kept), at_least(lost), num_group(m, t->lost));
	struct chart_key key[] = { { "same", text[0].buf }, { "kept", text[1].buf }, { "lost", text[2].buf } };
	struct chart c = { r->f, "accepted", "leaves accepted before and after", desc.buf, key, 3 };

	report_close_list(r);
	chart_bars(&c, bar, 2);
	for (size_t i = 0; i < 3; i++)
		strbuf_release(&text[i]);
	strbuf_release(&desc);
}

/* ---- losses by CA ---- */

static const struct impact_row *row_at(const struct answer *a, size_t i)
{
	return &a->impact->row[a->row[i]];
}

static bool complete(const struct answer *a, size_t i)
{
	return !low(ca_alone_unbounded(a->g, row_at(a, i)->ca), &row_at(a, i)->span.lost);
}

/* The rows from the i-th on as one bar. */
static struct chart_bar others(const struct answer *a, size_t i, struct strbuf *label)
{
	struct chart_bar b = { .least = "" };
	size_t n = 0;

	for (; i < a->impact->n_rows; i++) {
		n += row_at(a, i)->leaves.lost > 0;
		b.value += row_at(a, i)->leaves.lost;
		if (!complete(a, i))
			b.least = least(true);
	}
	strbuf_addf(label, "%zu others", n);
	b.label = label->buf;
	b.part[0] = (struct chart_part){ "loss", b.value };
	return b;
}

static void loss_notes(struct report *r, const struct answer *a)
{
	size_t n = 0;
	char buf[32];

	for (size_t i = 0; i < a->impact->n_rows; i++)
		n += row_at(a, i)->changed && !row_at(a, i)->span.lost.known;
	if (n)
		report_line(r, "%s CA%s that change%s %s not counted: %s no bar", num_group(buf, n), n == 1 ? "" : "s",
			n == 1 ? "s" : "", n == 1 ? "is" : "are", n == 1 ? "it has" : "they have");
}

void impact_chart_losses(struct report *r, const struct answer *a)
{
	struct chart_bar bar[BARS + 1];
	struct strbuf label = STRBUF_INIT, desc = STRBUF_INIT;
	size_t n = 0, end = a->impact->n_rows;
	char buf[32];

	/* rows come by their loss */
	for (; n < end && n < BARS && row_at(a, n)->leaves.lost; n++) {
		const struct ca *ca = &a->g->ca.v[row_at(a, n)->ca];
		uint64_t lost = row_at(a, n)->leaves.lost;

		bar[n] = (struct chart_bar){ *ca->name ? ca->name : ca->subject, least(!complete(a, n)), lost,
			{ { "loss", lost } } };
	}
	if (n < end && row_at(a, n)->leaves.lost) {
		bar[n] = others(a, n, &label);
		n++;
	}
	if (n) {
		strbuf_addf(&desc,
			"%zu bars, the longest first: %s lost %s%s leaves. The table below has every number.", n,
			bar[0].label, at_least(*bar[0].least), num_group(buf, bar[0].value));
		struct chart c = { r->f, "losses", "leaves lost by CA", desc.buf, NULL, 0 };

		report_close_list(r);
		chart_bars(&c, bar, n);
	}
	loss_notes(r, a);
	strbuf_release(&label);
	strbuf_release(&desc);
}

/* ---- decay ---- */

void impact_chart_decay(struct report *r, const struct answer *a)
{
	struct chart_point point[DECAY_STEPS];
	char date[DECAY_STEPS][DATE_BUF], n[32], m[32];
	uint64_t sum = 0;
	struct strbuf desc = STRBUF_INIT, axis = STRBUF_INIT;
	bool bound = a->least.decay;

	for (size_t i = 0; i < DECAY_STEPS; i++)
		point[i] = (struct chart_point){ decay_days[i], a->impact->decay[i],
			date_format(date[i], a->cli->day + decay_days[i]) };
	for (size_t i = 0; i < DECAY_STEPS; i++) {
		sum |= point[i].y;
		bound |= low(false, &a->impact->decay_span[i]);
	}
	if (!sum) /* a line along the axis says nothing that the table does not */
		return;
	strbuf_addf(&desc, "A line from %s%s lost leaves on %s to %s%s on %s. The table below has every number.",
		at_least(bound), num_group(n, point[0].y), date[0], at_least(bound),
		num_group(m, point[DECAY_STEPS - 1].y), date[DECAY_STEPS - 1]);
	strbuf_addf(&axis, "days after %s (judged on the marked days, straight lines between)", date[0]);
	struct chart c = { r->f, "decay", "lost leaves that are still unexpired on later days", desc.buf, NULL, 0 };

	report_close_list(r);
	chart_line(&c, point, DECAY_STEPS, least(bound), axis.buf, "leaves lost");
	strbuf_release(&axis);
	strbuf_release(&desc);
}

/* ---- sources ---- */

static const struct column source_columns[] = {
	{ "source", COL_TEXT, "source", NULL, 0, NULL },
	{ "kind", COL_TEXT, "kind", NULL, 0, NULL },
	{ "part", COL_TEXT, "part", NULL, 120, NULL },
	{ "source_as_of", COL_DATE, "as of", NULL, 0, NULL },
	{ "records", COL_COUNT, "records", NULL, 0, NULL },
	{ "problems", COL_COUNT, "problems", NULL, 0, NULL },
	{ "sha256", COL_HASH, "sha256", NULL, 0, NULL },
	COLUMN_END,
};

static bool same_kind(const struct index_source *a, const struct index_source *b)
{
	return strcmp(a->source, b->source) == 0 && strcmp(a->kind, b->kind) == 0;
}

/* "2026-05-01", "2026-05-01 to 2026-06-01", "" when no day is known */
static void add_days(struct strbuf *out, const struct index_source *s, size_t n)
{
	int32_t first = INT32_MAX, last = INT32_MIN;
	char date[DATE_BUF];

	for (size_t i = 0; i < n; i++) {
		if (s[i].source_day == INT32_MIN)
			continue;
		first = s[i].source_day < first ? s[i].source_day : first;
		last = s[i].source_day > last ? s[i].source_day : last;
	}
	if (last == INT32_MIN)
		return;
	strbuf_addstr(out, date_format(date, first));
	if (first != last)
		strbuf_addf(out, " to %s", date_format(date, last));
}

/* One document, or several of a kind as one row. */
static void source_row(struct out *o, const struct index_source *s, size_t n)
{
	struct strbuf days = STRBUF_INIT, part = STRBUF_INIT;
	uint64_t records = 0, problems = 0;
	char buf[32];

	for (size_t i = 0; i < n; i++) {
		records += s[i].records;
		problems += s[i].problems;
	}
	add_days(&days, s, n);
	if (n > 1)
		strbuf_addf(&part, "%s documents", num_group(buf, n));
	else if (strcmp(s->part, s->sha256) != 0) /* a file that replaces no other is a part by its hash */
		strbuf_addstr(&part, s->part);
	out_text(o, s->source);
	out_text(o, s->kind);
	out_text_or_null(o, part.buf);
	out_text_or_null(o, days.buf);
	out_count(o, records);
	out_count(o, problems);
	out_text_or_null(o, n == 1 ? s->sha256 : NULL);
	out_row(o);
	strbuf_release(&part);
	strbuf_release(&days);
}

void impact_sources(struct report *r, const struct index_source *s, size_t n)
{
	struct out *o;

	report_section(r, "sources (%zu)", n);
	if (!n)
		return;
	o = report_table(r, source_columns, "what the index was made from; 'canopy sources' tells from where");
	for (size_t i = 0, run; i < n; i += run) {
		for (run = 1; i + run < n && same_kind(&s[i], &s[i + run]); run++)
			;
		if (run > FEW)
			source_row(o, &s[i], run);
		else
			for (size_t k = 0; k < run; k++)
				source_row(o, &s[i + k], 1);
	}
	out_end(o);
}
