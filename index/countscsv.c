#include "index/countscsv.h"

#include <csv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/vec.h"

enum column { COLUMN_CA, COLUMN_ISSUED, COLUMN_LOW, COLUMN_HIGH, COLUMN_SOURCE, COLUMN_AS_OF, COLUMNS };
static const char *const column_names[COLUMNS] = { "ca", "issued", "unexpired", "unexpired_high", "source", "as_of" };

#define BIT(column) (1u << (column))
#define NUMBERS (BIT(COLUMN_ISSUED) | BIT(COLUMN_LOW) | BIT(COLUMN_HIGH))
#define NO_COLUMN (-1)
#define LINE_MAX_BYTES ((size_t)1 << 20)

struct reader {
	const struct countscsv_handler *h;
	struct err *err;
	struct strbuf text; /* the line's fields, each with its NUL */
	VEC(size_t) cell;   /* where each field begins in text */
	VEC(int) column;    /* enum column, or NO_COLUMN for one of an unknown name */
	VEC(const char *) ref;
	size_t line, figures;
	bool have_header;
};

static void problem(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void problem(struct reader *r, const char *fmt, ...)
{
	struct strbuf clean = STRBUF_INIT;
	va_list ap;

	if (!r->h || !r->h->problem)
		return;
	va_start(ap, fmt);
	text_clean_vf(&clean, fmt, ap);
	va_end(ap);
	r->h->problem(r->h->ctx, r->line, clean.buf);
	strbuf_release(&clean);
}

static char *trimmed(char *s)
{
	s += strspn(s, " \t\r");
	for (size_t n = strlen(s); n && strchr(" \t\r", s[n - 1]);)
		s[--n] = '\0';
	return s;
}

/* ---- one line as CSV ---- */

static void on_field(void *s, size_t n, void *ctx)
{
	struct reader *r = ctx;

	vec_push(&r->cell, r->text.len);
	strbuf_add(&r->text, s, n);
	strbuf_addch(&r->text, '\0');
}

/* The fields of a line; false when it is no CSV by itself. */
static bool split(struct reader *r, const char *p, size_t n)
{
	struct csv_parser csv;

	r->cell.n = 0;
	strbuf_reset(&r->text);
	if (n > LINE_MAX_BYTES || memchr(p, '\0', n))
		return false;
	csv_init(&csv, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_realloc_func(&csv, xrealloc);
	csv_set_free_func(&csv, free);
	bool good = csv_parse(&csv, p, n, on_field, NULL, r) == n && csv_fini(&csv, on_field, NULL, r) == 0;
	csv_free(&csv);
	return good;
}

/* ---- the header ---- */

static int column_named(const char *name)
{
	for (int c = 0; c < COLUMNS; c++)
		if (strcasecmp(name, column_names[c]) == 0)
			return c;
	return NO_COLUMN;
}

static unsigned map_columns(struct reader *r)
{
	unsigned present = 0;

	for (size_t i = 0; i < r->cell.n; i++) {
		int c = column_named(trimmed(r->text.buf + r->cell.v[i]));
		if (c != NO_COLUMN && present & BIT(c))
			c = NO_COLUMN;
		vec_push(&r->column, c);
		present |= c == NO_COLUMN ? 0 : BIT(c);
	}
	return present;
}

/* A column that is not read might be one that changes what a figure means. */
static int read_header(struct reader *r)
{
	unsigned present = map_columns(r), needed = BIT(COLUMN_CA) | BIT(COLUMN_SOURCE) | BIT(COLUMN_AS_OF);

	r->have_header = true;
	for (size_t i = 0; i < r->column.n; i++) {
		if (r->column.v[i] == NO_COLUMN)
			return err_set(r->err, ERR_INPUT, "a counts file with '%.60s' twice or as an unknown column",
			               trimmed(r->text.buf + r->cell.v[i]));
	}
	for (int c = 0; c < COLUMNS; c++)
		if (needed & ~present & BIT(c))
			return err_set(r->err, ERR_INPUT, "a counts file without the column '%s'", column_names[c]);
	if (!(present & NUMBERS))
		return err_set(r->err, ERR_INPUT, "a counts file without the column 'unexpired'");
	return 0;
}

/* ---- the figures ---- */

/* "", "3499", "~2200" */
static bool read_number(struct reader *r, enum column column, const char *text, int64_t *ret, bool *about)
{
	uint64_t n;

	*ret = COUNT_UNKNOWN;
	if (!*text)
		return true;
	if (*text == '~') {
		*about = true;
		text += 1 + strspn(text + 1, " ");
	}
	if (num_parse_u64(text, &n) < 0 || n > (uint64_t)COUNT_MAX) {
		problem(r, "'%.60s' is no number for '%s'", text, column_names[column]);
		return false;
	}
	*ret = (int64_t)n;
	return true;
}

static bool read_refs(struct reader *r, char *text)
{
	r->ref.n = 0;
	for (char *next = text; next;) {
		char *ref = next;
		next = strchr(ref, ';');
		if (next)
			*next++ = '\0';
		ref = trimmed(ref);
		if (*ref)
			vec_push(&r->ref, ref);
	}
	if (r->ref.n && r->ref.n <= FIGURE_REFS_MAX)
		return true;
	problem(r, r->ref.n ? "more than %d CAs" : "no CA is named", FIGURE_REFS_MAX);
	return false;
}

static bool read_numbers(struct reader *r, char *const cell[COLUMNS], struct countscsv_figure *f)
{
	if (!read_number(r, COLUMN_ISSUED, cell[COLUMN_ISSUED], &f->issued, &f->about) ||
	    !read_number(r, COLUMN_LOW, cell[COLUMN_LOW], &f->low, &f->about) ||
	    !read_number(r, COLUMN_HIGH, cell[COLUMN_HIGH], &f->high, &f->about))
		return false;
	if (f->about && f->high == COUNT_UNKNOWN)
		f->high = f->low;
	if (f->issued == COUNT_UNKNOWN && f->low == COUNT_UNKNOWN && f->high == COUNT_UNKNOWN)
		problem(r, "no number");
	else if (f->high != COUNT_UNKNOWN && f->low > f->high)
		problem(r, "unexpired is more than unexpired_high");
	else if (f->issued != COUNT_UNKNOWN && f->low > f->issued)
		problem(r, "more unexpired than issued");
	else
		return true;
	return false;
}

static int read_figure(struct reader *r)
{
	static char empty[] = "";
	char *cell[COLUMNS] = { empty, empty, empty, empty, empty, empty };
	struct countscsv_figure f = { .line = r->line };

	if (r->cell.n != r->column.n) {
		problem(r, "%zu fields where the header has %zu", r->cell.n, r->column.n);
		return 0;
	}
	for (size_t i = 0; i < r->cell.n; i++)
		cell[r->column.v[i]] = trimmed(r->text.buf + r->cell.v[i]);
	if (date_parse(cell[COLUMN_AS_OF], &f.as_of) < 0)
		problem(r, "'%.60s' is no date (YYYY-MM-DD) for 'as_of'", cell[COLUMN_AS_OF]);
	else if (!*cell[COLUMN_SOURCE])
		problem(r, "no source is named");
	else if (read_numbers(r, cell, &f) && read_refs(r, cell[COLUMN_CA])) {
		f.ref = r->ref.v;
		f.n_refs = r->ref.n;
		f.source = cell[COLUMN_SOURCE];
		r->figures++;
		return r->h->figure ? r->h->figure(r->h->ctx, &f) : 0;
	}
	return 0;
}

static int read_line(struct reader *r, const char *p, size_t n)
{
	if (!split(r, p, n)) {
		if (!r->have_header)
			return err_set(r->err, ERR_INPUT, "a counts file whose header is no CSV");
		problem(r, "not CSV: a NUL, a quote in the wrong place, or too long");
		return 0;
	}
	return r->have_header ? read_figure(r) : read_header(r);
}

/* The next line that is neither blank nor a comment; false at the end. */
static bool next_line(const char **at, const char *end, const char **line, size_t *n, size_t *number)
{
	while (*at < end) {
		const char *p = *at, *nl = memchr(p, '\n', (size_t)(end - p));
		*n = (size_t)((nl ? nl : end) - p);
		*at = nl ? nl + 1 : end;
		++*number;
		if (*n && p[*n - 1] == '\r')
			--*n;
		if (!*n || *p == '#')
			continue;
		*line = p;
		return true;
	}
	return false;
}

static const char *behind_mark(const char *data, size_t n)
{
	return n >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? data + 3 : data;
}

static void release(struct reader *r)
{
	strbuf_release(&r->text);
	vec_release(&r->cell);
	vec_release(&r->column);
	vec_release(&r->ref);
}

int countscsv_read(const char *data, size_t n, const struct countscsv_handler *h, struct err *err)
{
	struct reader r = { .h = h, .err = err, .text = STRBUF_INIT };
	const char *at = behind_mark(data, n), *end = data + n, *line;
	size_t len;
	int rc = 0;

	while (rc == 0 && next_line(&at, end, &line, &len, &r.line))
		rc = read_line(&r, line, len);
	if (rc == 0 && !r.have_header)
		rc = err_set(err, ERR_INPUT, "a counts file without a header");
	release(&r);
	return rc;
}

bool countscsv_recognise(const char *data, size_t n)
{
	struct reader r = { .text = STRBUF_INIT };
	const char *at = behind_mark(data, n), *line;
	size_t len, number = 0;
	unsigned present = 0;

	if (next_line(&at, data + n, &line, &len, &number) && len < 4096 && split(&r, line, len))
		present = map_columns(&r);
	release(&r);
	return present & BIT(COLUMN_CA) && present & BIT(COLUMN_AS_OF) && present & NUMBERS;
}
