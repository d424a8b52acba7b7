#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "base/num.h"
#include "cli/cli.h"
#include "index/ct.h"
#include "index/tried.h"

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
	{ "new", COL_COUNT, "new", "records that the document of its kind before it did not have", 0, NULL },
	{ "changed", COL_COUNT, "changed", "records that said something else there", 0, NULL },
	{ "gone", COL_COUNT, "gone", "records that only that one had", 0, NULL },
	{ "tried_at", COL_TIME, "tried", "when fetch last asked for it", 0, NULL },
	{ "confirmed_at", COL_TIME, "confirmed", "when the source last gave it or said that it is unchanged", 0, NULL },
	{ "http_status", COL_COUNT, NULL, "of the last try", 0, NULL },
	COLUMN_END,
};

static const struct column problem_columns[] = {
	{ "from", COL_TEXT, "from", "file or URL", 60, NULL },
	{ "place", COL_TEXT, "place", "row, line or byte", 0, NULL },
	{ "what", COL_TEXT, "problem", "what is wrong with it", 0, NULL },
	COLUMN_END,
};

static const struct column log_columns[] = {
	{ "log", COL_TEXT, "log", "its name", 36, NULL },
	{ "operator", COL_TEXT, NULL, "who runs it", 0, NULL },
	{ "kind", COL_TEXT, "kind", "static or rfc6962", 0, NULL },
	{ "state", COL_TEXT, "state", "as the list says", 0, NULL },
	{ "wanted", COL_BOOL, "wanted", "it can hold leaves that are unexpired today", 0, NULL },
	{ "size", COL_COUNT, "size", "entries by its newest signed head", 0, NULL },
	{ "read", COL_COUNT, "read", "entries stored, from entry `from` on", 0, NULL },
	{ "counted", COL_COUNT, "counted", "entries proven by a signed head; empty for a log that was read unverified", 0, NULL },
	{ "pending", COL_COUNT, "pending", "entries not read yet", 0, NULL },
	{ "malformed", COL_COUNT, "malformed", "entries that could not be read", 0, NULL },
	{ "per_second", COL_COUNT, "per s", "entries a second of the last run", 0, NULL },
	{ "seconds_left", COL_COUNT, "s left", "at that speed", 0, NULL },
	{ "head_time", COL_TIME, "head", "of the newest signed head", 0, NULL },
	{ "read_at", COL_TIME, NULL, "when it was last read", 0, NULL },
	{ "unverified", COL_BOOL, "unverified", "some of what is counted was read without proof", 0, NULL },
	{ "expiry_from", COL_TIME, NULL, "it takes certificates whose notAfter is from here on …", 0, NULL },
	{ "expiry_before", COL_TIME, NULL, "… and before this", 0, NULL },
	{ "url", COL_TEXT, NULL, "where it is read", 0, NULL },
	{ "from", COL_COUNT, NULL, "the first entry that was read", 0, NULL },
	{ "broken_from", COL_COUNT, "broken from", "entries from here on are taken without proof, because somebody said so", 0, NULL },
	{ "error", COL_TEXT, "error", "of the last run, empty when it was fine", 60, NULL },
	COLUMN_END,
};

static void put_log(struct out *o, const struct ct_log_row *l)
{
	uint64_t pending = l->size > l->position ? l->size - l->position : 0;
	bool has_speed = l->has_size && l->per_second >= 1;

	out_text(o, l->name);
	out_text_or_null(o, l->operator);
	out_text_or_null(o, l->kind);
	out_text_or_null(o, l->state);
	out_bool(o, l->wanted);
	out_count_if(o, l->has_size, l->size);
	out_count_if(o, l->read_at != TIME_UNKNOWN, l->position - l->from);
	out_count_if(o, l->read_at != TIME_UNKNOWN && !l->unverified, l->verified - l->from);
	out_count_if(o, l->has_size, pending);
	out_count_if(o, l->read_at != TIME_UNKNOWN, l->malformed);
	out_count_if(o, has_speed, (uint64_t)l->per_second);
	out_count_if(o, has_speed, (uint64_t)((double)pending / (has_speed ? l->per_second : 1)));
	out_time_if(o, l->head_time != TIME_UNKNOWN, l->head_time);
	out_time_if(o, l->read_at != TIME_UNKNOWN, l->read_at);
	out_bool(o, l->unverified);
	out_time_if(o, l->starts != TIME_UNKNOWN, l->starts);
	out_time_if(o, l->ends != TIME_UNKNOWN, l->ends);
	out_text(o, l->url);
	out_count_if(o, l->read_at != TIME_UNKNOWN, l->from);
	out_count_if(o, l->broken_from != UINT64_MAX, l->broken_from);
	out_text_or_null(o, l->error);
	out_row(o);
}

static int list_logs(struct cli *c, struct err *err)
{
	struct ct_logs logs;
	struct out *o;

	if (index_ct_logs(c->index, &logs, err) < 0)
		return -1;
	o = out_begin(stdout, c->format, log_columns, &c->style);
	for (size_t i = 0; i < logs.n; i++)
		put_log(o, &logs.v[i]);
	out_end(o);
	ct_logs_release(&logs);
	return 0;
}

static void put_try(struct out *o, const struct tried *t)
{
	out_time_if(o, t, t ? t->tried_at : 0);
	out_time_if(o, t && t->confirmed_at != TIME_UNKNOWN, t ? t->confirmed_at : 0);
	out_count_if(o, t && t->status, t ? (uint64_t)t->status : 0);
	out_row(o);
}

static void put_source(struct out *o, const struct index_source *s, const struct tried *t)
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
	out_text_or_null(o, t ? t->error : "");
	out_count_if(o, s->compared, s->added);
	out_count_if(o, s->compared, s->changed);
	out_count_if(o, s->compared, s->gone);
	put_try(o, t);
}

/* What is not in the index, because asking for it failed. */
static void put_missing(struct out *o, const struct tried *t)
{
	out_text(o, t->source);
	out_text_or_null(o, "");
	out_text_or_null(o, t->document);
	out_day_if(o, false, 0);
	out_time_if(o, false, 0);
	for (int i = 0; i < 3; i++)
		out_count_if(o, false, 0);
	out_text_or_null(o, t->url);
	out_text_or_null(o, "");
	out_text(o, t->error);
	for (int i = 0; i < 3; i++)
		out_count_if(o, false, 0);
	put_try(o, t);
}

/* 1 + its place in a list of tries, by source and address. */
static uint64_t *place_of(struct map *m, const char *source, const char *url)
{
	struct strbuf key = STRBUF_INIT;

	strbuf_addf(&key, "%s %s", source, url);
	uint64_t *place = map_at(m, key.buf, key.len, NULL);
	strbuf_release(&key);
	return place;
}

static void put_sources(struct out *o, const struct index_source *s, size_t n, const struct tries *tries)
{
	struct map place = { 0 };
	bool *shown = xcalloc(tries->v.n + 1, sizeof(*shown));

	for (size_t i = 0; i < tries->v.n; i++)
		*place_of(&place, tries->v.v[i].source, tries->v.v[i].url) = i + 1;
	for (size_t i = 0; i < n; i++) {
		size_t at = (size_t)*place_of(&place, s[i].source, s[i].from);
		put_source(o, &s[i], at ? &tries->v.v[at - 1] : NULL);
		shown[at ? at - 1 : tries->v.n] = true;
	}
	for (size_t i = 0; i < tries->v.n; i++)
		if (!shown[i] && *tries->v.v[i].error)
			put_missing(o, &tries->v.v[i]);
	map_release(&place);
	free(shown);
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
	struct tries tries;
	struct out *o;
	size_t n;

	if (index_sources(c->index, &s, &n, err) < 0 || index_tries(c->index, &tries, err) < 0)
		return -1;
	o = out_begin(stdout, c->format, columns, &c->style);
	put_sources(o, s, n, &tries);
	out_end(o);
	free(s);
	tries_release(&tries);
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
	bool logs = c->operands.n == 1 && strcmp(c->operands.v[0], "ct") == 0;

	if (c->operands.n && !logs)
		return err_set(err, ERR_USAGE, "'sources' lists all sources, or with 'ct' the logs; '%s' is neither", c->operands.v[0]);
	if (cli_open(c, err) < 0)
		return -1;
	cli_note_empty(c);
	if (logs)
		return list_logs(c, err);
	return c->args.problems ? list_problems(c, err) : list_sources(c, err);
}

const struct command command_sources = {
	.name = "sources",
	.operands = "[ct]",
	.max_operands = 1,
	.summary = "each source: when, from where, how many records, how old",
	.options = options,
	.columns = columns,
	.text = "Writes one row for each document that the index was made from. Leaves whose issuer is not in the "
		"index are in no CA's count; how many there are is said below the table, and on stderr with the "
		"other formats.\n\n"
		"With ct the rows are the Certificate Transparency logs of the indexed lists and those that were read, with the "
		"columns log, operator, kind, state, wanted, size, read, counted, pending, malformed, per_second, seconds_left, "
		"head_time, read_at, unverified, expiry_from, expiry_before, url, from, broken_from and error.\n\n"
		"error is that of the last try of 'fetch', which left the older copy where it was. What was never had stands behind the "
		"others, without kind. confirmed_at goes on when the source says that nothing changed; fetched_at does not.\n\n"
		"new, changed and gone count records beside the document of its kind that came before: the one it replaced, or the list "
		"of an earlier day. Actively distrusted certificates count among those of a certdata.txt.\n\n"
		"With --problems the rows are what could not be read, with the columns from, place and what.\n\n"
		"Examples:\n\n"
		"    canopy sources\n"
		"    canopy sources ct\n"
		"    canopy sources --problems --format csv",
	.run = run,
};
