#include "tui/doc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "tui/fmt.h"

#define LABEL_COLUMNS 16

void doc_begin(struct doc *d, int width)
{
	arena_release(&d->arena);
	d->arena = (struct arena){ 0 };
	d->span.n = d->line.n = 0;
	d->width = width;
}

void doc_line(struct doc *d)
{
	vec_push(&d->line, (struct doc_line){ .first = (uint32_t)d->span.n });
}

static void add_span(struct doc *d, int column, enum role role, const char *text)
{
	if (!d->line.n)
		doc_line(d);
	vec_push(&d->span, (struct doc_span){ .role = role, .column = column, .text = arena_strdup(&d->arena, text) });
	d->line.v[d->line.n - 1].n++;
}

void doc_add(struct doc *d, enum role role, const char *text)
{
	add_span(d, -1, role, text);
}

void doc_addf(struct doc *d, enum role role, const char *fmt, ...)
{
	struct strbuf b = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	add_span(d, -1, role, b.buf);
	strbuf_release(&b);
}

void doc_at(struct doc *d, int column, enum role role, const char *text)
{
	add_span(d, column, role, text);
}

void doc_right(struct doc *d, int column, enum role role, const char *text)
{
	int w = text_width(text);

	add_span(d, w < column ? column - w : 0, role, text);
}

/* The text as far as there is room for it, with the sign that it is cut. */
static void clip(struct strbuf *out, const char *text, int columns)
{
	int took;

	strbuf_add(out, text, text_clip(text, columns - text_width(glyph(G_ELLIPSIS)), &took));
	strbuf_addstr(out, glyph(G_ELLIPSIS));
}

void doc_name(struct doc *d, int column, enum role role, const char *name, int columns)
{
	struct strbuf b = STRBUF_INIT;

	fmt_name(&b, name, columns);
	add_span(d, column, role, b.buf);
	d->span.v[d->span.n - 1].name = true;
	strbuf_release(&b);
}

void doc_link(struct doc *d, enum link kind, uint32_t target)
{
	d->line.v[d->line.n - 1].kind = kind;
	d->line.v[d->line.n - 1].target = target;
}

void doc_section(struct doc *d, const char *title)
{
	if (d->line.n)
		doc_line(d);
	doc_line(d);
	doc_add(d, R_SECTION, title);
}

#define HASH_DIGITS 64 /* of a SHA-256 in hex */

/* Where a word that is longer than a line is cut of n bytes: behind a slash or another sign that shows that it goes on. */
static size_t cut_word(const char *s, size_t n)
{
	static const char *const signs[] = { "/", ",;&?=:" };

	for (size_t k = 0; k < sizeof(signs) / sizeof(*signs); k++)
		for (size_t i = n; i > n / 2; i--)
			if (strchr(signs[k], s[i - 1]))
				return i;
	return n;
}

/* Bytes of s that fit, cut at a blank where there is one; a hash in its middle. */
static size_t wrap_at(const char *s, int columns)
{
	int took;
	size_t len = text_clip(s, columns, &took), cut = len;

	if (!s[len])
		return len;
	if (columns >= HASH_DIGITS / 2 && len < HASH_DIGITS && strspn(s, "0123456789abcdef") == HASH_DIGITS)
		return HASH_DIGITS / 2;
	while (cut > 0 && s[cut] != ' ')
		cut--;
	if (cut)
		return cut;
	return len ? cut_word(s, len) : 1;
}

static void add_wrapped(struct doc *d, enum role role, int indent, const char *text)
{
	int columns = d->width - indent - 1 < 8 ? 8 : d->width - indent - 1;
	const char *s = text;

	for (;;) {
		size_t len = wrap_at(s, columns);
		char *part = arena_dup(&d->arena, s, len + 1);
		part[len] = '\0';
		add_span(d, indent, role, part);
		s += len;
		s += strspn(s, " ");
		if (!*s)
			return;
		doc_line(d);
	}
}

void doc_on(struct doc *d, int column, enum role role, const char *text)
{
	add_wrapped(d, role, column, text);
}

void doc_wrap(struct doc *d, enum role role, int indent, const char *text)
{
	doc_line(d);
	add_wrapped(d, role, indent, text);
}

void doc_more(struct doc *d, int indent, size_t left, const char *where)
{
	struct strbuf b = STRBUF_INIT;
	char n[32];

	if (left) {
		strbuf_addf(&b, "and %s more; %s", num_group(n, left), where);
		doc_wrap(d, R_DIM, indent, b.buf);
	}
	strbuf_release(&b);
}

void doc_field_as(struct doc *d, enum role role, const char *label, const char *text)
{
	int indent = 2 + LABEL_COLUMNS, whole = d->width - 1 - text_width(text);

	if (!*text)
		return;
	/* what has no blank is kept whole where it nearly fits */
	if (whole < indent && whole > 2 + text_width(label) && !strchr(text, ' '))
		indent = whole;
	doc_line(d);
	add_span(d, 2, R_LABEL, label);
	add_wrapped(d, role, indent, text);
}

void doc_field(struct doc *d, const char *label, const char *text)
{
	doc_field_as(d, R_TEXT, label, text);
}

void doc_fieldf(struct doc *d, const char *label, const char *fmt, ...)
{
	struct strbuf b = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	doc_field(d, label, b.buf);
	strbuf_release(&b);
}

uint32_t motion_apply(enum motion move, uint32_t at, uint32_t n, int h)
{
	int64_t page = h > 2 ? h - 1 : 1, half = h > 3 ? h / 2 : 1;
	int64_t to = at;

	switch (move) {
	case MOVE_UP:
		to -= 1;
		break;
	case MOVE_DOWN:
		to += 1;
		break;
	case MOVE_PAGE_UP:
		to -= page;
		break;
	case MOVE_PAGE_DOWN:
		to += page;
		break;
	case MOVE_HALF_UP:
		to -= half;
		break;
	case MOVE_HALF_DOWN:
		to += half;
		break;
	case MOVE_HOME:
		to = 0;
		break;
	case MOVE_END:
		to = n;
		break;
	}
	if (to >= n)
		to = (int64_t)n - 1;
	return to < 0 ? 0 : (uint32_t)to;
}

uint32_t motion_turn(enum motion move, uint32_t top, uint32_t was, uint32_t cursor)
{
	if (move == MOVE_PAGE_DOWN)
		return top + (cursor - was);
	if (move == MOVE_PAGE_UP)
		return top - (top < was - cursor ? top : was - cursor);
	return top;
}

uint32_t motion_scroll(uint32_t top, uint32_t cursor, uint32_t n, int h)
{
	uint32_t rows = h > 0 ? (uint32_t)h : 1;

	if (cursor < top)
		top = cursor;
	if (cursor >= top + rows)
		top = cursor - rows + 1;
	if (n <= rows)
		return 0;
	return top > n - rows ? n - rows : top;
}

static int draw_found(const struct doc *d, int y, int x, int w, enum role role, bool selected, const char *text)
{
	const char *hit;
	int used = 0;
	size_t len;

	while (d->find && *d->find && used < w && (hit = text_find(text, d->find, &len)) != NULL && len) {
		char *before = xstrndup(text, (size_t)(hit - text)), *part = xstrndup(hit, len);

		used += screen_text(y, x + used, w - used, role, selected, before);
		used += screen_text(y, x + used, w - used, R_MATCH, selected, part);
		free(before);
		free(part);
		text = hit + len;
	}
	return used + screen_text(y, x + used, w - used, role, selected, text);
}

int doc_text(const struct doc *d, int y, int x, int w, enum role role, bool selected, const char *text)
{
	struct strbuf cut = STRBUF_INIT;
	int used;

	/* before what is found is drawn apart, which may end where the room does */
	if (text_width(text) > w && w > text_width(glyph(G_ELLIPSIS))) {
		clip(&cut, text, w);
		text = cut.buf;
	}
	used = draw_found(d, y, x, w, role, selected, text);
	strbuf_release(&cut);
	return used;
}

/* Columns from x on that a part of a line has: up to the next one that stands at a column of its own. */
static int span_room(const struct doc *d, const struct doc_line *l, uint32_t i, int x, int w)
{
	const struct doc_span *next = i + 1 < l->n ? &d->span.v[l->first + i + 1] : NULL;

	if (next && next->column > x + 1 && next->column < w && *next->text && text_width(d->span.v[l->first + i].text) > next->column - x)
		return next->column - x - 1;
	return w - x;
}

static int draw_span(const struct doc *d, const struct doc_span *s, int y, int x, int w, bool selected)
{
	struct strbuf cut = STRBUF_INIT;
	int used;

	if (s->name)
		fmt_name(&cut, s->text, w);
	used = doc_text(d, y, x, w, s->role, selected, s->name ? cut.buf : s->text);
	strbuf_release(&cut);
	return used;
}

static void draw_line(const struct doc *d, const struct doc_line *l, int y, const struct area *a, bool selected)
{
	const struct doc_span *cut = NULL;
	bool signed_off = false; /* it is said already */
	int x = 0;

	if (selected) /* as wide as in the tree: with the column that is left free before the text */
		screen_fill(y, a->x - 1, a->w + 1, R_TEXT, true);
	for (uint32_t i = 0; i < l->n; i++) {
		const struct doc_span *s = &d->span.v[l->first + i];
		if (s->column >= 0)
			x = s->column;
		if (x < a->w) {
			signed_off = text_width(s->text) > a->w - x;
			x += draw_span(d, s, y, a->x + x, span_room(d, l, i, x, a->w), selected);
		} else if (*s->text && !signed_off) {
			cut = s;
		}
	}
	if (cut) /* nothing of it has room */
		screen_right(y, a->x, a->w, cut->role, selected, glyph(G_ELLIPSIS));
}

void doc_draw(struct doc *d, const struct area *a, bool focused)
{
	uint32_t n = (uint32_t)d->line.n;

	if (d->cursor >= n)
		d->cursor = n ? n - 1 : 0;
	d->rows = a->h;
	d->top = motion_scroll(d->top, d->cursor, n, a->h);
	for (int i = 0; i < a->h && d->top + (uint32_t)i < n; i++) {
		uint32_t at = d->top + (uint32_t)i;
		draw_line(d, &d->line.v[at], a->y + i, a, focused && at == d->cursor);
	}
}

const struct doc_line *doc_at_cursor(const struct doc *d)
{
	return d->cursor < d->line.n ? &d->line.v[d->cursor] : NULL;
}

static void line_text(const struct doc *d, const struct doc_line *l, struct strbuf *out)
{
	strbuf_reset(out);
	for (uint32_t i = 0; i < l->n; i++) {
		strbuf_addstr(out, d->span.v[l->first + i].text);
		strbuf_addch(out, ' ');
	}
}

static bool line_has(const struct doc *d, const struct doc_line *l, const char *text)
{
	struct strbuf b = STRBUF_INIT;
	bool has;

	line_text(d, l, &b);
	has = text_contains(b.buf, text);
	strbuf_release(&b);
	return has;
}

bool doc_find(struct doc *d, const char *text, uint32_t from, int by)
{
	size_t n = d->line.n;

	for (size_t i = 0; i < n && *text; i++) {
		size_t at = (from + n + (by > 0 ? i : n - i)) % n;
		if (line_has(d, &d->line.v[at], text)) {
			d->cursor = (uint32_t)at;
			return true;
		}
	}
	return false;
}

static bool is_heading(const struct doc *d, const struct doc_line *l)
{
	return l->n && d->span.v[l->first].role == R_SECTION;
}

bool doc_next_section(struct doc *d, int by)
{
	for (int64_t at = (int64_t)d->cursor + by; at >= 0 && at < (int64_t)d->line.n; at += by) {
		if (!is_heading(d, &d->line.v[at]))
			continue;
		d->cursor = d->top = (uint32_t)at;
		return true;
	}
	return false;
}

void doc_line_text(const struct doc *d, uint32_t line, struct strbuf *out)
{
	line_text(d, &d->line.v[line], out);
}

void doc_keep(const struct doc *d, struct strbuf *line)
{
	strbuf_reset(line);
	if (d->cursor < d->line.n)
		line_text(d, &d->line.v[d->cursor], line);
}

static bool is_line(const struct doc *d, int64_t at, const struct strbuf *line, struct strbuf *own)
{
	if (at < 0 || at >= (int64_t)d->line.n)
		return false;
	line_text(d, &d->line.v[at], own);
	return strcmp(own->buf, line->buf) == 0;
}

void doc_seek(struct doc *d, const struct strbuf *line)
{
	struct strbuf own = STRBUF_INIT;
	int64_t n = (int64_t)d->line.n, at = d->cursor, found = -1;

	for (int64_t far = 0; line->len && far < n && found < 0; far++) {
		if (is_line(d, at + far, line, &own))
			found = at + far;
		else if (is_line(d, at - far, line, &own))
			found = at - far;
	}
	if (found >= 0) {
		d->top = (uint32_t)(found - at + d->top > 0 ? found - at + d->top : 0);
		d->cursor = (uint32_t)found;
	}
	strbuf_release(&own);
}

void doc_release(struct doc *d)
{
	arena_release(&d->arena);
	vec_release(&d->span);
	vec_release(&d->line);
	free(d->find);
	*d = (struct doc){ 0 };
}
