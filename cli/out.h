/* Rows with typed columns, written in one of six formats. Cells are put in
 * the order of the columns; a row must fill all of them:
 *
 *	static const struct column columns[] = {
 *		{ "ca_id", COL_HASH, "ca_id", "the CA", 0 },
 *		{ "issued", COL_COUNT, "issued", "its leaves", 0 },
 *		COLUMN_END };
 *	struct out *o = out_begin(stdout, FORMAT_CSV, columns, style);
 *	out_hash(o, id, 32);
 *	out_count_if(o, known, n);
 *	out_row(o);
 *	out_end(o);
 *
 * FORMAT_TABLE, FORMAT_MD and FORMAT_HTML (a table for a page that others begin) show the columns that have a title: aligned,
 * thousands grouped, fingerprints shortened, `–` where nothing is known. The
 * others are for programs and never change: every column, nothing shortened,
 * unknown is empty (CSV) or null. Outside text is cleaned on the way. */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/strbuf.h"

enum format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON, FORMAT_NDJSON, FORMAT_MD, FORMAT_HTML, FORMATS };
extern const char *const format_names[FORMATS]; /* as `--format` spells them */

enum column_kind {
	COL_TEXT,
	COL_COUNT, /* grouped for people */
	COL_SHARE, /* a fraction of 1; percent for people */
	COL_DATE,
	COL_TIME,
	COL_HASH, /* bytes as hex; their first 12 digits for people */
	COL_BOOL,
	COL_LIST,  /* several texts; in CSV with `separator` between */
	COL_PAIRS, /* names with values: an object in JSON, `name=value` with blanks between elsewhere */
};
struct column {
	const char *name; /* CSV column and JSON key */
	enum column_kind kind;
	const char *title; /* heading for people; NULL: not shown to them */
	const char *help;  /* for the manual */
	int max;           /* columns that people get of it, 0 = no limit */
	const char *separator;
};
#define COLUMN_END                                                                                                     \
	{                                                                                                              \
		NULL, COL_TEXT, NULL, NULL, 0, NULL                                                                    \
	}
size_t column_count(const struct column *c);

/* How things are drawn for people. */
struct style {
	bool utf8;       /* the terminal's or pipe's character set takes box drawing */
	bool bold;       /* headings may be set off */
	bool ascii_only; /* a terminal that cannot show UTF-8: others become '?' */
};
const char *style_unknown(const struct style *s); /* "–" or "-" */
const char *style_ellipsis(const struct style *s);
const char *style_least(const struct style *s); /* "≥" or ">=" */
/* Adds s cleaned, clipped to `max` columns (0: not) with an ellipsis. */
void style_text(const struct style *s, struct strbuf *out, const char *text, int max);
/* The same with Markdown's own characters made harmless. */
void style_markdown(const struct style *s, struct strbuf *out, const char *text, int max);
/* The same for text and quoted attributes of HTML and SVG, which are UTF-8 whatever the terminal takes. */
void style_html(struct strbuf *out, const char *text, int max);
extern const struct style html_style;

struct out;
struct out *out_begin(FILE *f, enum format format, const struct column *columns, const struct style *style);
/* What the table is; only HTML shows it. Kept by the caller until out_end. */
void out_caption(struct out *o, const char *caption);
/* In Markdown and HTML columns are left out of which no row knows anything. Before the first row. */
void out_drop_unknown(struct out *o);
void out_null(struct out *o);
void out_text(struct out *o, const char *s);         /* NULL is unknown */
void out_text_or_null(struct out *o, const char *s); /* "" is unknown too */
void out_count(struct out *o, uint64_t n);
void out_count_if(struct out *o, bool known, uint64_t n);
void out_signed(struct out *o, int64_t n); /* in a column of counts */
/* A lower bound: "≥ 7" for people, the number alone in the formats that have a column for coverage. */
void out_count_least(struct out *o, bool known, bool complete, uint64_t n);
/* Unknown when whole is 0, too. */
void out_share(struct out *o, bool known, uint64_t part, uint64_t whole);
bool out_for_people(const struct out *o);
const struct style *out_style(const struct out *o);
void out_day(struct out *o, int32_t day);
void out_day_if(struct out *o, bool known, int32_t day);
void out_time(struct out *o, int64_t t);
void out_time_if(struct out *o, bool known, int64_t t);
void out_hash(struct out *o, const void *data, size_t n);
void out_hash_or_null(struct out *o, const uint8_t *sha256); /* NULL is unknown */
void out_bool(struct out *o, bool b);
void out_list(struct out *o, const char *const *items, size_t n);
void out_pairs(struct out *o, const char *const *names, const char *const *values, size_t n);
void out_row(struct out *o);
/* Writes what is left; frees o. */
void out_end(struct out *o);

#endif
