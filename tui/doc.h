/* A text of lines that scrolls: what detail, impact and help show. A line is
 * made of spans with roles and may lead to a CA or a certificate.
 *
 *	doc_begin(&d, width);
 *	doc_line(&d); doc_add(&d, R_SECTION, "Parents");
 *	doc_field(&d, "serial", hex);           // wraps
 *	doc_link(&d, LINK_CA, ca);
 *	doc_draw(&d, &area, true);
 *	doc_release(&d); */
#ifndef TUI_DOC_H
#define TUI_DOC_H

#include <stdint.h>
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "tui/screen.h"

enum link { LINK_NONE, LINK_CA, LINK_CERT };
enum motion { MOVE_UP, MOVE_DOWN, MOVE_PAGE_UP, MOVE_PAGE_DOWN, MOVE_HALF_UP, MOVE_HALF_DOWN, MOVE_HOME, MOVE_END };

struct doc_span {
	enum role role;
	int column; /* -1: behind the span before */
	bool name;  /* of a CA, which is cut as fmt_name() does */
	const char *text;
};
struct doc_line {
	uint32_t first, n;
	enum link kind;
	uint32_t target;
};
struct doc {
	struct arena arena;
	VEC(struct doc_span) span;
	VEC(struct doc_line) line;
	int width;
	uint32_t cursor, top;
	int rows;   /* that were drawn last; 0: not yet */
	char *find; /* stands out where it occurs; heap, NULL: nothing */
};
/* Empties it; the cursor stays on its line. */
void doc_begin(struct doc *d, int width);
void doc_line(struct doc *d);
void doc_add(struct doc *d, enum role role, const char *text);
void doc_addf(struct doc *d, enum role role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* At a column, for tables; `right` ends there. */
void doc_at(struct doc *d, int column, enum role role, const char *text);
void doc_right(struct doc *d, int column, enum role role, const char *text);
/* The name of a CA, in at most so many columns. */
void doc_name(struct doc *d, int column, enum role role, const char *name, int columns);
void doc_link(struct doc *d, enum link kind, uint32_t target);
/* A blank line (but not at the start) and a heading. */
void doc_section(struct doc *d, const char *title);
/* A new line "label  text", wrapped under itself; nothing when text is empty. */
void doc_field(struct doc *d, const char *label, const char *text);
void doc_field_as(struct doc *d, enum role role, const char *label, const char *text);
void doc_fieldf(struct doc *d, const char *label, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Running text from a column of the line on, wrapped under itself. */
void doc_on(struct doc *d, int column, enum role role, const char *text);
/* A new line of running text, wrapped with an indent. */
void doc_wrap(struct doc *d, enum role role, int indent, const char *text);
/* The end of a list that is not shown whole: "and 12 more; where". Nothing when `left` is 0. */
void doc_more(struct doc *d, int indent, size_t left, const char *where);

void doc_draw(struct doc *d, const struct area *a, bool focused);
/* Draws text that is no part of it as screen_text() does, what is searched for in it set off. Returns the columns used. */
int doc_text(const struct doc *d, int y, int x, int w, enum role role, bool selected, const char *text);
/* How far a motion moves on n lines of a window of h. */
uint32_t motion_apply(enum motion move, uint32_t at, uint32_t n, int h);
/* The first visible line after a motion: a page turns at once, not when the cursor has gone through what is seen. */
uint32_t motion_turn(enum motion move, uint32_t top, uint32_t was, uint32_t cursor);
/* The first visible line so that the cursor is inside. */
uint32_t motion_scroll(uint32_t top, uint32_t cursor, uint32_t n, int h);
const struct doc_line *doc_at_cursor(const struct doc *d);
/* Puts the cursor on the next line (by: +1 or -1) that has the text; false when none. */
bool doc_find(struct doc *d, const char *text, uint32_t from, int by);
/* To the next heading (by: +1 or -1), which comes to the top; false when there is none. */
bool doc_next_section(struct doc *d, int by);
/* What stands in a line, without columns. */
void doc_line_text(const struct doc *d, uint32_t line, struct strbuf *out);
/* The text of the cursor's line, and, after the doc was made anew, the cursor on the nearest line that has it, as far
 * from the top as before. */
void doc_keep(const struct doc *d, struct strbuf *line);
void doc_seek(struct doc *d, const struct strbuf *line);
void doc_release(struct doc *d);

#endif
