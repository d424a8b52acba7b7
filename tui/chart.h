/* Columns over time, drawn into a text (doc.h) in eighths of a cell, in ASCII with three signs: the most on top, 0 at
 * the axis, ticks with labels below it. What is not 0 is never drawn as nothing.
 *
 *	struct chart c = { .title = "by issuance", .v = per_month, .n = 24, .left = 18, .step = chart_step(60, 24),
 *.rows = 4 }; chart_month_ticks(&c, first_month); chart_draw(&d, &c, 1); chart_release(&c); */
#ifndef TUI_CHART_H
#define TUI_CHART_H

#include "tui/doc.h"

struct chart_tick {
	size_t at; /* value it stands below */
	char label[12];
};
struct chart {
	const char *title, *note; /* on a line of their own above; NULL: no such line */
	const uint64_t *v;
	size_t n;
	int left;   /* column of the first value; CHART_MARGIN of them before it are the chart's, too */
	int step;   /* columns a value */
	int rows;   /* lines without title and axis */
	bool least; /* more may exist than the numbers say */
	bool old;   /* counted long ago: about so many */
	VEC(struct chart_tick) tick; /* ascending; a label that has no room is left out */
};
#define CHART_MARGIN 16
/* Columns a value may take when n of them have so much room: at least 1. */
int chart_step(int room, size_t n);
/* Months are counted from January 1970. */
int chart_month_of(int32_t day);
/* Where years begin, and the months between where there is room. */
void chart_month_ticks(struct chart *c, int first_month);
/* The same where every value is that of so many days (a fraction, too) from a day on. */
void chart_day_ticks(struct chart *c, int32_t first, double days);
/* The most on an axis of numbers, and how much of `rows` lines a value fills, in eighths. */
uint64_t chart_most(const struct chart *c);
/* Charts side by side: their lines are the same, their columns must not meet. */
void chart_draw(struct doc *d, const struct chart *c, size_t n);
/* The numbers in words, "2026-03: 12", of those that are not 0. */
void chart_months_text(struct strbuf *out, const uint64_t *v, size_t n, int first_month);
void chart_release(struct chart *c);

#endif
