/* Characters and numbers as the browser writes them. Every sign has an ASCII
 * twin; fmt_ascii() chooses once, at the start.
 *
 *	fmt_ascii(true);
 *	glyph(G_ALL);               // "Y"
 *	fmt_number(buf, &number);   // "12,004", ">=12", "?" */
#ifndef TUI_FMT_H
#define TUI_FMT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/strbuf.h"

enum glyph {
	G_OPEN,
	G_SHUT,
	G_LEAF,
	G_CYCLE,
	G_SEVERAL,
	G_DOT,
	G_GE,
	G_ELLIPSIS,
	G_TEE,
	G_ELBOW,
	G_PIPE,
	G_DASH,
	G_ALL,
	G_SOME,
	G_NONE,
	G_REVOKED,
	G_ASSUMED,
	G_OK,
	G_BAD,
	G_TO,
	G_LEFT,
	G_UNDER,
	G_FALLING, /* sorted from the largest on */
	G_RISING,
	G_COUNT
};
void fmt_ascii(bool ascii);
bool fmt_is_ascii(void);
const char *glyph(enum glyph g);

/* A count that may be a lower bound: `low` when some CA in it is not counted completely. */
struct number {
	uint64_t n;
	bool low;
	bool range;    /* by figures: from n to high, or about so many; not with `low` */
	bool about;    /* rounded by who counted; also of what is in a lower bound */
	bool old;      /* counted long before the index's newest source: about so many; not with `low` */
	uint64_t high;
};
struct span;
/* least: more may exist than its bounds say. */
struct number fmt_span(const struct span *s, bool least);
/* The same number, of which some part was counted long ago, or not. */
struct number fmt_old(struct number n, bool old);
#define NUMBER_BUF 40
/* At most 14 columns: "?" when nothing is known, a sign before a lower bound; "≤3,499", "200–3,499", "~2,200" where it is rounded or old, "≥~650". */
char *fmt_number(char buf[NUMBER_BUF], const struct number *n);
/* The same in at most 8 columns. */
char *fmt_number_short(char buf[NUMBER_BUF], const struct number *n);
/* "1 leaf", "2 leaves" */
void fmt_plural(struct strbuf *out, uint64_t n, const char *one, const char *many);
/* At most 7 columns, relative to the as-of day: "today", "Nov 02", "2024-11". */
char *fmt_recent(char buf[16], int32_t day, int32_t as_of);
/* The text in so many columns, if what stands in 'quotes' can give way for it: its middle does. */
void fmt_fit(struct strbuf *out, const char *s, int columns);
/* The name of a CA in so many columns: what is too long gives way before its last words, by which siblings differ
 * ("Sectigo Public Serve…R46"), as long as they are short beside the beginning; else the end does. */
void fmt_name(struct strbuf *out, const char *name, int columns);
/* "2 days old" */
void fmt_age(struct strbuf *out, int32_t days);
/* A bar of `columns` columns for part / whole, in eighths where the signs exist. */
void fmt_bar(struct strbuf *out, uint64_t part, uint64_t whole, int columns);
/* " 67.6%"; blanks when there is no whole. */
char *fmt_percent(char buf[16], uint64_t part, uint64_t whole);

#endif
