/* Charts as inline SVG for a page of html.h, whose classes colour them. All
 * coordinates are whole and inside the viewBox, whatever the numbers. Labels are
 * cleaned, escaped and clipped here; numbers stand beside what is drawn, so that
 * nothing is said by length or colour alone.
 *
 *	struct chart c = { .f = stdout, .id = "loss", .title = "leaves lost by CA", .desc = "the longest bar is …" };
 *	chart_bars(&c, bar, n); */
#ifndef CLI_CHART_H
#define CLI_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct chart {
	FILE *f;
	const char *id; /* of its title and description; one of the page */
	const char *title;
	const char *desc;        /* for those who do not see it */
	const struct chart_key { /* what the colours of bars mean */
		const char *kind, *text; /* a kind of part, or of chart_series_kind */
	} * key;
	size_t n_keys;
};
/* One value, drawn in one colour or in parts of several. */
struct chart_part {
	const char *kind; /* class: "same", "kept" and "lost" side by side, "loss" where it stands alone */
	uint64_t value;
};
#define CHART_UNKNOWN UINT64_MAX
struct chart_bar {
	const char *label;
	const char *sign; /* before its number: "≥ ", "~", … or "" */
	uint64_t value;    /* the number beside it; CHART_UNKNOWN: "not known" stands there */
	struct chart_part part[3];
};
/* Horizontal bars, one below the other, on one scale from 0. */
void chart_bars(const struct chart *c, const struct chart_bar *bar, size_t n);
struct chart_point {
	int x; /* days from the first */
	uint64_t y;
	const char *date;
};
/* One of several lines over the same days. */
struct chart_series {
	const char *label;
	const char *sign; /* before its numbers: "≥ ", "~", … or "" */
	unsigned dash;     /* how it is drawn: 0 in one, 1 … 4 in pieces; more begin anew */
	bool other;        /* in the second colour */
	const struct chart_point *point;
};
/* n points of each, their days the same. Its key says which line is whose: of kind chart_series_kind. */
void chart_lines(const struct chart *c, const struct chart_series *series, size_t n_series, size_t n, const char *x_title,
	const char *y_title);
/* "curve", "curve dash2", "curve other dash1" … */
const char *chart_series_kind(const struct chart_series *s);
/* A day with a word of its own: a vertical line. */
struct chart_flag {
	int x;
	const char *label; /* short */
	const char *text;  /* all of it */
};
/* What is drawn between the points that have numbers: a value stands until the next one. */
struct chart_steps {
	const struct chart_point *step; /* x ascending from 0; what lies past the last point is not drawn */
	size_t n;
	const struct chart_flag *flag;
	size_t n_flags;
};
/* Points, the first at x = 0, x ascending, on the line of the steps; with NULL joined by straight lines. */
void chart_line(const struct chart *c, const struct chart_point *point, size_t n, const struct chart_steps *steps,
	const char *sign, const char *x_title, const char *y_title);

#endif
