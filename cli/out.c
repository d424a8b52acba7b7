#include "cli/out.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "base/vec.h"
#include "cli/json.h"

#define SHORT_HASH 6 /* bytes that people see of a fingerprint */
#define GAP "  "

const char *const format_names[FORMATS] = { "table", "csv", "json", "ndjson", "md", "html" };
const struct style html_style = { .utf8 = true };

struct out {
	FILE *f;
	enum format format;
	const struct column *columns;
	const struct style *style;
	const char *caption;
	bool *dropped; /* by column; NULL: none is */
	size_t n_columns, at, n_rows;
	struct strbuf line; /* the row being made, for programs */
	struct json json;
	struct arena arena;     /* cells of a table */
	VEC(const char *) cell; /* of all rows, n_columns each */
};

size_t column_count(const struct column *c)
{
	size_t n = 0;

	while (c[n].name)
		n++;
	return n;
}

/* ---- texts for people ---- */

const char *style_unknown(const struct style *s)
{
	return s->utf8 ? "–" : "-";
}

const char *style_ellipsis(const struct style *s)
{
	return s->utf8 ? "…" : "...";
}

const char *style_least(const struct style *s)
{
	return s->utf8 ? "≥" : ">=";
}

static void add_plain(const struct style *s, struct strbuf *out, const char *text, size_t len)
{
	uint32_t cp;
	int n;

	if (!s->ascii_only) {
		text_clean(out, text, len);
		return;
	}
	for (; (n = text_decode(text, len, &cp)) > 0; text += n, len -= (size_t)n)
		strbuf_addch(out, cp >= 0x20 && cp < 0x7F ? (char)cp : '?');
}

void style_text(const struct style *s, struct strbuf *out, const char *text, int max)
{
	struct strbuf clean = STRBUF_INIT;
	int took;

	add_plain(s, &clean, text, strlen(text));
	if (max && text_width(clean.buf) > max) {
		strbuf_setlen(&clean, text_clip(clean.buf, max - text_width(style_ellipsis(s)), &took));
		strbuf_addstr(&clean, style_ellipsis(s));
	}
	strbuf_add(out, clean.buf, clean.len);
	strbuf_release(&clean);
}

void style_markdown(const struct style *s, struct strbuf *out, const char *text, int max)
{
	struct strbuf plain = STRBUF_INIT;

	style_text(s, &plain, text, max);
	for (const char *p = plain.buf; *p; p++) {
		if (strchr("\\`*_{}[]<>|&#~", *p))
			strbuf_addch(out, '\\');
		strbuf_addch(out, *p);
	}
	strbuf_release(&plain);
}

void style_html(struct strbuf *out, const char *text, int max)
{
	static const struct {
		char c;
		const char *entity;
	} special[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" } };
	struct strbuf plain = STRBUF_INIT;

	style_text(&html_style, &plain, text, max);
	for (const char *p = plain.buf; *p; p++) {
		const char *entity = NULL;

		for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++)
			entity = special[i].c == *p ? special[i].entity : entity;
		if (entity)
			strbuf_addstr(out, entity);
		else
			strbuf_addch(out, *p);
	}
	strbuf_release(&plain);
}

/* ---- the start and the end ---- */

static bool for_people(const struct out *o)
{
	return o->format == FORMAT_TABLE || o->format == FORMAT_MD || o->format == FORMAT_HTML;
}

static void csv_header(struct out *o)
{
	for (size_t i = 0; i < o->n_columns; i++)
		strbuf_addf(&o->line, "%s%s", i ? "," : "", o->columns[i].name);
	strbuf_addch(&o->line, '\n');
	fwrite(o->line.buf, 1, o->line.len, o->f);
	strbuf_reset(&o->line);
}

struct out *out_begin(FILE *f, enum format format, const struct column *columns, const struct style *style)
{
	struct out *o = xcalloc(1, sizeof(*o));

	o->f = f;
	o->format = format;
	o->columns = columns;
	o->style = format == FORMAT_HTML ? &html_style : style;
	o->n_columns = column_count(columns);
	strbuf_init(&o->line, 0);
	o->json.out = &o->line;
	if (format == FORMAT_CSV)
		csv_header(o);
	return o;
}

void out_caption(struct out *o, const char *caption)
{
	o->caption = caption;
}

void out_drop_unknown(struct out *o)
{
	if (o->format == FORMAT_MD || o->format == FORMAT_HTML)
		o->dropped = xcalloc(o->n_columns, sizeof(*o->dropped));
}

/* ---- cells ---- */

static void csv_cell(struct strbuf *line, const char *s)
{
	struct strbuf clean = STRBUF_INIT;

	text_clean(&clean, s, strlen(s));
	/* a first character that a spreadsheet takes for a formula is no reason to change the data */
	if (!strpbrk(clean.buf, ",\"\r\n")) {
		strbuf_add(line, clean.buf, clean.len);
	} else {
		strbuf_addch(line, '"');
		for (const char *p = clean.buf; *p; p++) {
			if (*p == '"')
				strbuf_addch(line, '"');
			strbuf_addch(line, *p);
		}
		strbuf_addch(line, '"');
	}
	strbuf_release(&clean);
}

static const struct column *next_column(struct out *o)
{
	const struct column *c = &o->columns[o->at];

	if (o->at == 0 && (o->format == FORMAT_JSON || o->format == FORMAT_NDJSON)) {
		o->json.comma = false;
		json_open(&o->json, NULL, '{');
	} else if (o->at > 0 && o->format == FORMAT_CSV) {
		strbuf_addch(&o->line, ',');
	}
	o->at++;
	return c;
}

static void people_cell(struct out *o, const struct column *c, const char *s)
{
	struct strbuf b = STRBUF_INIT;

	if (o->format == FORMAT_MD)
		style_markdown(o->style, &b, s, c->max);
	else if (o->format == FORMAT_HTML)
		style_html(&b, s, c->max);
	else
		style_text(o->style, &b, s, c->max);
	vec_push(&o->cell, arena_strdup(&o->arena, b.buf));
	strbuf_release(&b);
}

/* One value that is the same text in every format but JSON, where it is a string. */
static void string_cell(struct out *o, const char *s)
{
	const struct column *c = next_column(o);

	if (for_people(o))
		people_cell(o, c, s);
	else if (o->format == FORMAT_CSV)
		csv_cell(&o->line, s);
	else
		json_str(&o->json, c->name, s);
}

bool out_for_people(const struct out *o)
{
	return for_people(o);
}

const struct style *out_style(const struct out *o)
{
	return o->style;
}

void out_null(struct out *o)
{
	const struct column *c = next_column(o);

	if (for_people(o))
		vec_push(&o->cell, style_unknown(o->style));
	else if (o->format != FORMAT_CSV)
		json_null(&o->json, c->name);
}

void out_text(struct out *o, const char *s)
{
	if (s)
		string_cell(o, s);
	else
		out_null(o);
}

void out_text_or_null(struct out *o, const char *s)
{
	out_text(o, s && *s ? s : NULL);
}

void out_count(struct out *o, uint64_t n)
{
	const struct column *c = next_column(o);
	char buf[32];

	if (for_people(o))
		vec_push(&o->cell, arena_strdup(&o->arena, num_group(buf, n)));
	else if (o->format == FORMAT_CSV)
		strbuf_addf(&o->line, "%llu", (unsigned long long)n);
	else
		json_uint(&o->json, c->name, n);
}

void out_signed(struct out *o, int64_t n)
{
	struct strbuf b = STRBUF_INIT;
	const struct column *c;
	char buf[32];

	if (n >= 0) {
		out_count(o, (uint64_t)n);
		return;
	}
	c = next_column(o);
	if (for_people(o)) {
		strbuf_addf(&b, "-%s", num_group(buf, 0 - (uint64_t)n));
		vec_push(&o->cell, arena_strdup(&o->arena, b.buf));
	} else if (o->format == FORMAT_CSV) {
		strbuf_addf(&o->line, "%lld", (long long)n);
	} else {
		json_int(&o->json, c->name, n);
	}
	strbuf_release(&b);
}

void out_count_if(struct out *o, bool known, uint64_t n)
{
	if (known)
		out_count(o, n);
	else
		out_null(o);
}

void out_count_least(struct out *o, bool known, bool complete, uint64_t n)
{
	struct strbuf b = STRBUF_INIT;
	char buf[32];

	if (!known || complete || !for_people(o)) {
		out_count_if(o, known, n);
		return;
	}
	next_column(o);
	strbuf_addf(&b, "%s %s", style_least(o->style), num_group(buf, n));
	vec_push(&o->cell, arena_strdup(&o->arena, b.buf));
	strbuf_release(&b);
}

void out_share(struct out *o, bool known, uint64_t part, uint64_t whole)
{
	char buf[16];

	if (!known || !whole) {
		out_null(o);
		return;
	}
	const struct column *c = next_column(o);
	if (for_people(o))
		people_cell(o, c, num_percent(buf, part, whole));
	else if (o->format == FORMAT_CSV)
		strbuf_addstr(&o->line, num_share(buf, part, whole));
	else
		json_share(&o->json, c->name, part, whole);
}

void out_day(struct out *o, int32_t day)
{
	char buf[DATE_BUF];

	string_cell(o, date_format(buf, day));
}

void out_day_if(struct out *o, bool known, int32_t day)
{
	if (known)
		out_day(o, day);
	else
		out_null(o);
}

void out_time(struct out *o, int64_t t)
{
	char buf[TIME_BUF];

	string_cell(o, time_format(buf, t));
}

void out_time_if(struct out *o, bool known, int64_t t)
{
	if (known)
		out_time(o, t);
	else
		out_null(o);
}

void out_hash(struct out *o, const void *data, size_t n)
{
	struct strbuf hex = STRBUF_INIT;

	strbuf_addhex(&hex, data, for_people(o) && n > SHORT_HASH ? SHORT_HASH : n);
	string_cell(o, hex.buf);
	strbuf_release(&hex);
}

void out_hash_or_null(struct out *o, const uint8_t *sha256)
{
	if (sha256)
		out_hash(o, sha256, 32);
	else
		out_null(o);
}

void out_bool(struct out *o, bool b)
{
	const struct column *c;

	if (o->format == FORMAT_JSON || o->format == FORMAT_NDJSON) {
		c = next_column(o);
		json_bool(&o->json, c->name, b);
		return;
	}
	string_cell(o, for_people(o) ? (b ? "yes" : "no") : (b ? "true" : "false"));
}

void out_list(struct out *o, const char *const *items, size_t n)
{
	const struct column *c = &o->columns[o->at];
	struct strbuf all = STRBUF_INIT;

	if (o->format == FORMAT_JSON || o->format == FORMAT_NDJSON) {
		next_column(o);
		json_open(&o->json, c->name, '[');
		for (size_t i = 0; i < n; i++)
			json_str(&o->json, NULL, items[i]);
		json_close(&o->json, ']');
		return;
	}
	for (size_t i = 0; i < n; i++) {
		strbuf_addstr(&all, i ? c->separator : "");
		strbuf_addstr(&all, items[i]);
	}
	string_cell(o, all.buf);
	strbuf_release(&all);
}

void out_pairs(struct out *o, const char *const *names, const char *const *values, size_t n)
{
	struct strbuf all = STRBUF_INIT;
	const struct column *c;

	if (o->format == FORMAT_JSON || o->format == FORMAT_NDJSON) {
		c = next_column(o);
		json_open(&o->json, c->name, '{');
		for (size_t i = 0; i < n; i++)
			json_str(&o->json, names[i], values[i]);
		json_close(&o->json, '}');
		return;
	}
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&all, "%s%s=%s", i ? " " : "", names[i], values[i]);
	string_cell(o, all.buf);
	strbuf_release(&all);
}

/* ---- rows ---- */

void out_row(struct out *o)
{
	o->at = 0;
	o->n_rows++;
	if (for_people(o))
		return;
	if (o->format != FORMAT_CSV)
		json_close(&o->json, '}');
	if (o->format == FORMAT_JSON)
		fputs(o->n_rows == 1 ? "[\n" : ",\n", o->f);
	else
		strbuf_addch(&o->line, '\n');
	fwrite(o->line.buf, 1, o->line.len, o->f);
	strbuf_reset(&o->line);
}

static bool right_aligned(const struct column *c)
{
	return c->kind == COL_COUNT || c->kind == COL_SHARE;
}

static int *measure(const struct out *o)
{
	int *width = xcalloc(o->n_columns, sizeof(*width));

	for (size_t i = 0; i < o->n_columns; i++)
		width[i] = o->columns[i].title ? text_width(o->columns[i].title) : 0;
	for (size_t i = 0; i < o->cell.n; i++) {
		int w = text_width(o->cell.v[i]);

		if (w > width[i % o->n_columns])
			width[i % o->n_columns] = w;
	}
	return width;
}

/* No blanks at a line's end: the last shown column is not padded. */
static void put_line(const struct out *o, const char *const *cell, const int *width)
{
	size_t last = o->n_columns, pad = 0;

	while (last && !o->columns[last - 1].title)
		last--;
	for (size_t i = 0; i < last; i++) {
		bool right = right_aligned(&o->columns[i]);
		size_t space;

		if (!o->columns[i].title)
			continue;
		space = (size_t)(width[i] - text_width(cell[i]));
		if (right)
			pad += space;
		if (*cell[i])
			fprintf(o->f, "%*s%s", (int)pad, "", cell[i]);
		pad = (*cell[i] ? 0 : pad) + (right ? 0 : space) + strlen(GAP);
	}
	fputc('\n', o->f);
}

static void put_table(const struct out *o)
{
	int *width = measure(o);
	const char **title = xcalloc(o->n_columns, sizeof(*title));

	for (size_t i = 0; i < o->n_columns; i++)
		title[i] = o->columns[i].title;
	fputs(o->style->bold ? "\033[1m" : "", o->f);
	put_line(o, title, width);
	fputs(o->style->bold ? "\033[0m" : "", o->f);
	for (size_t i = 0; i < o->n_rows; i++)
		put_line(o, o->cell.v + i * o->n_columns, width);
	free(title);
	free(width);
}

static bool shown(const struct out *o, size_t column)
{
	return o->columns[column].title && !(o->dropped && o->dropped[column]);
}

/* With no row at all nothing is left out: the headings tell what there could be. */
static void find_dropped(struct out *o)
{
	for (size_t i = 0; o->dropped && o->n_rows && i < o->n_columns; i++) {
		size_t k = i;

		while (k < o->cell.n && strcmp(o->cell.v[k], style_unknown(o->style)) == 0)
			k += o->n_columns;
		o->dropped[i] = k >= o->cell.n;
	}
}

static void put_markdown(const struct out *o)
{
	for (size_t i = 0; i < o->n_columns; i++) {
		if (shown(o, i))
			fprintf(o->f, "| %s ", o->columns[i].title);
	}
	fputs("|\n", o->f);
	for (size_t i = 0; i < o->n_columns; i++) {
		if (shown(o, i))
			fputs(right_aligned(&o->columns[i]) ? "|---:" : "|---", o->f);
	}
	fputs("|\n", o->f);
	for (size_t i = 0; i < o->cell.n; i++) {
		if (shown(o, i % o->n_columns))
			fprintf(o->f, "| %s ", o->cell.v[i]);
		if (i % o->n_columns == o->n_columns - 1)
			fputs("|\n", o->f);
	}
}

/* Of numbers, dates, hashes, and texts that may be long. */
static const char *html_class(const struct column *c)
{
	if (right_aligned(c))
		return " class=\"n\"";
	if (c->kind == COL_DATE)
		return " class=\"d\"";
	if (c->kind == COL_HASH)
		return " class=\"h\"";
	return c->max ? " class=\"t\"" : "";
}

/* The first shown column names its row. */
static void put_html_row(const struct out *o, const char *const *cell)
{
	const char *tag = "th";

	fputs("<tr>", o->f);
	for (size_t i = 0; i < o->n_columns; i++) {
		const struct column *c = &o->columns[i];

		if (!shown(o, i))
			continue;
		fprintf(o->f, "<%s%s%s>%s</%s>", tag, strcmp(tag, "th") == 0 ? " scope=\"row\"" : "", html_class(c),
			cell[i], tag);
		tag = "td";
	}
	fputs("</tr>\n", o->f);
}

static void put_html(const struct out *o)
{
	struct strbuf caption = STRBUF_INIT;

	/* where a table is wider than the window it scrolls, by keys too */
	style_html(&caption, o->caption ? o->caption : "", 0);
	if (caption.len)
		fprintf(o->f, "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table>\n<caption>%s</caption>\n",
			caption.buf, caption.buf);
	else
		fputs("<div class=\"table\" tabindex=\"0\"><table>\n", o->f);
	strbuf_release(&caption);
	fputs("<thead><tr>", o->f);
	for (size_t i = 0; i < o->n_columns; i++) {
		if (shown(o, i))
			fprintf(o->f, "<th scope=\"col\"%s>%s</th>", html_class(&o->columns[i]), o->columns[i].title);
	}
	fputs("</tr></thead>\n<tbody>\n", o->f);
	for (size_t i = 0; i < o->n_rows; i++)
		put_html_row(o, o->cell.v + i * o->n_columns);
	fputs("</tbody>\n</table></div>\n", o->f);
}

void out_end(struct out *o)
{
	find_dropped(o);
	if (o->format == FORMAT_TABLE)
		put_table(o);
	else if (o->format == FORMAT_MD)
		put_markdown(o);
	else if (o->format == FORMAT_HTML)
		put_html(o);
	else if (o->format == FORMAT_JSON)
		fputs(o->n_rows ? "\n]\n" : "[]\n", o->f);
	strbuf_release(&o->line);
	arena_release(&o->arena);
	vec_release(&o->cell);
	free(o->dropped);
	free(o);
}
