/* What an index was made from, at the end of a report: for a page each document, elsewhere a row a kind. */
#include "cli/impact_out.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/num.h"
#include "index/sourcelist.h"

#define FEW 50 /* documents of one kind that a page lists one by one */

static const struct column columns[] = {
	{ "source", COL_TEXT, "source", NULL, 0, NULL },
	{ "kind", COL_TEXT, "kind", NULL, 0, NULL },
	{ "part", COL_TEXT, "part", NULL, 120, NULL },
	{ "source_as_of", COL_DATE, "as of", NULL, 0, NULL },
	{ "records", COL_COUNT, "records", NULL, 0, NULL },
	{ "problems", COL_COUNT, "problems", NULL, 0, NULL },
	{ "sha256", COL_TEXT, "sha256", NULL, 0, NULL },
	COLUMN_END,
};

/* A hash is long, and breaks where it must. */
static const struct column page_columns[] = {
	{ "source", COL_TEXT, "source", NULL, 0, NULL },
	{ "kind", COL_TEXT, "kind", NULL, 0, NULL },
	{ "part", COL_TEXT, "part", NULL, 120, NULL },
	{ "source_as_of", COL_DATE, "as of", NULL, 0, NULL },
	{ "records", COL_COUNT, "records", NULL, 0, NULL },
	{ "problems", COL_COUNT, "problems", NULL, 0, NULL },
	{ "sha256", COL_HASH, "sha256", NULL, 0, NULL },
	COLUMN_END,
};

static const char what[] = "what the index was made from; 'canopy sources' tells from where; the hash of several documents is "
			   "that of their hashes, sorted, one a line";

/* "2026-05-01", "2026-05-01 to 2026-06-01", "" when no day is known */
static void add_days(struct strbuf *out, const struct source_group *g)
{
	char date[DATE_BUF];

	if (g->newest_day == INT32_MIN)
		return;
	strbuf_addstr(out, date_format(date, g->oldest_day));
	if (g->oldest_day != g->newest_day)
		strbuf_addf(out, " to %s", date_format(date, g->newest_day));
}

/* One document, or several of a kind as one row. */
static void put_group(struct out *o, const struct source_group *g)
{
	struct strbuf days = STRBUF_INIT, part = STRBUF_INIT;
	char n[32];

	add_days(&days, g);
	if (g->n > 1)
		strbuf_addf(&part, "%s documents", num_group(n, g->n));
	else
		strbuf_addstr(&part, g->part);
	out_text(o, g->source);
	out_text(o, g->kind);
	out_text_or_null(o, part.buf);
	out_text_or_null(o, days.buf);
	out_count(o, g->records);
	out_count(o, g->problems);
	out_text(o, g->sha256);
	out_row(o);
	strbuf_release(&part);
	strbuf_release(&days);
}

static void put_documents(struct out *o, const struct source_group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		struct source_group one = source_group_of(&g->first[i], 1);

		put_group(o, &one);
	}
}

void impact_sources(struct report *r, const struct answers *all)
{
	bool page = r->format == FORMAT_HTML;
	struct source_group *group;
	size_t n = source_groups(all->gaps.source, all->gaps.n_sources, &group);
	struct out *o;

	report_section(r, "sources (%zu)", all->gaps.n_sources);
	if (!page)
		report_line(r, "%s", what);
	o = report_table(r, page ? page_columns : columns, what);
	out_drop_unknown(o);
	for (size_t i = 0; i < n; i++) {
		if (page && group[i].n <= FEW)
			put_documents(o, &group[i]);
		else
			put_group(o, &group[i]);
	}
	out_end(o);
	free(group);
}

void impact_sources_json(struct json *j, const struct answers *all)
{
	struct source_group *group;
	size_t n = source_groups(all->gaps.source, all->gaps.n_sources, &group);

	json_open(j, "sources", '[');
	for (size_t i = 0; i < n; i++) {
		const struct source_group *g = &group[i];

		json_open(j, NULL, '{');
		json_str(j, "source", g->source);
		json_str(j, "kind", g->kind);
		json_str_or_null(j, "part", g->part);
		json_day_if(j, "date", g->newest_day != INT32_MIN, g->newest_day);
		json_str(j, "sha256", g->sha256);
		json_uint(j, "documents", g->n);
		json_day_if(j, "oldest_date", g->oldest_day != INT32_MIN, g->oldest_day);
		json_uint(j, "records", g->records);
		json_uint(j, "problems", g->problems);
		json_close(j, '}');
	}
	json_close(j, ']');
	free(group);
}
