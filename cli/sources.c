#include <stdlib.h>

#include "base/date.h"
#include "base/num.h"
#include "cli/cli.h"

static const struct opt options[] = {
	OPTION_DB,
	{ 0, "problems", OPT_FLAG, NULL, "list what could not be read, one row each", ARG(problems), NULL },
	OPTION_FORMAT(ROW_FORMATS),
	OPTION_NO_COLOR,
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

static const struct column columns[] = {
	{ "source", COL_TEXT, "source", "ccadb, mozilla, import and so on", 0, NULL },
	{ "kind", COL_TEXT, "kind", "what the document is", 0, NULL },
	{ "part", COL_TEXT, "part", "which of its kind: report and year, store and day", 40, NULL },
	{ "source_as_of", COL_DATE, "as of", "the day of the contents", 0, NULL },
	{ "fetched_at", COL_TIME, "read", "when it was fetched or imported", 0, NULL },
	{ "records", COL_COUNT, "records", "what it holds", 0, NULL },
	{ "problems", COL_COUNT, "problems", "what of it could not be read", 0, NULL },
	{ "bytes", COL_COUNT, "bytes", "its size", 0, NULL },
	{ "from", COL_TEXT, "from", "path or URL", 60, NULL },
	{ "sha256", COL_TEXT, NULL, "of its bytes", 0, NULL },
	{ "error", COL_TEXT, "error", "of the last try, empty when it was fine", 60, NULL },
	COLUMN_END,
};

static const struct column problem_columns[] = {
	{ "from", COL_TEXT, "from", "file or URL", 60, NULL },
	{ "place", COL_TEXT, "place", "row, line or byte", 0, NULL },
	{ "what", COL_TEXT, "problem", "what is wrong with it", 0, NULL },
	COLUMN_END,
};

static void put_source(struct out *o, const struct index_source *s)
{
	out_text(o, s->source);
	out_text(o, s->kind);
	out_text_or_null(o, s->part);
	out_day_if(o, s->source_day != INT32_MIN, s->source_day);
	out_time(o, s->fetched_at);
	out_count(o, s->records);
	out_count(o, s->problems);
	out_count(o, s->bytes);
	out_text(o, s->from);
	out_text(o, s->sha256);
	out_text_or_null(o, s->error);
	out_row(o);
}

/* Leaves that are in no CA's row are still told of. */
static void tell_rest(const struct cli *c)
{
	char n[32];

	if (!c->stats.unknown_issuer_leaves)
		return;
	num_group(n, c->stats.unknown_issuer_leaves);
	if (c->format == FORMAT_TABLE || c->format == FORMAT_MD)
		printf("\n%s leaves of unknown issuers are in no CA's count\n", n);
	else
		cli_note(c, "%s leaves of unknown issuers are in no CA's count", n);
}

static int list_sources(struct cli *c, struct err *err)
{
	struct index_source *s;
	struct out *o;
	size_t n;

	if (index_sources(c->index, &s, &n, err) < 0)
		return -1;
	o = out_begin(stdout, c->format, columns, &c->style);
	for (size_t i = 0; i < n; i++)
		put_source(o, &s[i]);
	out_end(o);
	free(s);
	tell_rest(c);
	return 0;
}

static int list_problems(struct cli *c, struct err *err)
{
	struct index_problem *p;
	struct out *o;
	size_t n;

	if (index_problems(c->index, &p, &n, err) < 0)
		return -1;
	o = out_begin(stdout, c->format, problem_columns, &c->style);
	for (size_t i = 0; i < n; i++) {
		out_text(o, p[i].from);
		out_text_or_null(o, p[i].place);
		out_text(o, p[i].what);
		out_row(o);
	}
	out_end(o);
	free(p);
	return 0;
}

static int run(struct cli *c, struct err *err)
{
	if (cli_open(c, err) < 0)
		return -1;
	cli_note_empty(c);
	return c->args.problems ? list_problems(c, err) : list_sources(c, err);
}

const struct command command_sources = {
	.name = "sources",
	.operands = "",
	.summary = "each source: when, from where, how many records, how old",
	.options = options,
	.columns = columns,
	.text = "Writes one row for each document that the index was made from. Leaves whose issuer is not in the "
		"index are in no CA's count; how many there are is said below the table, and on stderr with the "
		"other formats.\n\n"
		"With --problems the rows are what could not be read, with the columns from, place and what.\n\n"
		"Examples:\n\n"
		"    canopy sources\n"
		"    canopy sources --problems --format csv",
	.run = run,
};
