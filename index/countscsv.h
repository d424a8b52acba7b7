/* Figures: what somebody counted by other means, as a CSV with one figure a line. A figure is for one CA or for
 * several together, with what is known of it: bounds, a source in words, the day on which it held.
 *
 *	# counted by hand
 *	ca,unexpired,unexpired_high,source,as_of
 *	0a1b2c3d4e5f,200,250,a mail to the list,2026-05-01
 *	Fictional Sub CA 1; Fictional Sub CA 2,~2200,,a mail to the list,2026-05-01
 *
 * Columns stand in any order: ca, source, as_of and one at least of issued, unexpired, unexpired_high. An empty cell is
 * unknown, '~' before a number says that who counted rounded it. Lines that begin with '#' are comments; a field holds no
 * line break. A broken line is told with its number; the others go on.
 *
 *	struct countscsv_handler h = { .ctx = x, .figure = …, .problem = … };
 *	if (countscsv_recognise(data, n))
 *		r = countscsv_read(data, n, &h, &err); */
#ifndef INDEX_COUNTSCSV_H
#define INDEX_COUNTSCSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define COUNT_UNKNOWN (-1)
#define COUNT_MAX INT64_C(1000000000000) /* all of CT has a hundredth of it */
#define FIGURE_REFS_MAX 1000

struct countscsv_figure { /* text is borrowed and as it came */
	size_t line;
	const char *const *ref;
	size_t n_refs;
	int64_t issued, low, high; /* COUNT_UNKNOWN where not known; low <= high */
	bool about;                /* rounded: low and high are no bounds but near the number */
	const char *source;
	int32_t as_of;
};
struct countscsv_handler {
	void *ctx;
	int (*figure)(void *ctx, const struct countscsv_figure *f); /* < 0 stops */
	void (*problem)(void *ctx, size_t line, const char *what);  /* may be NULL */
};
/* 0; -1 with ERR_INPUT when its header does not fit; or -1 when a callback stopped. */
int countscsv_read(const char *data, size_t n, const struct countscsv_handler *h, struct err *err);
/* Its first line that is no comment has the columns ca and as_of and one of the numbers. */
bool countscsv_recognise(const char *data, size_t n);

#endif
