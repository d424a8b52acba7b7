#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"

void series_add(struct series *s, uint64_t started_ns)
{
	if (s->n < ROUNDS_MAX)
		s->ms[s->n++] = (double)(clock_ns() - started_ns) / 1e6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double series_median(const struct series *s)
{
	double sorted[ROUNDS_MAX];

	memcpy(sorted, s->ms, sizeof(sorted));
	qsort(sorted, (size_t)s->n, sizeof(*sorted), by_value);
	return s->n ? sorted[s->n / 2] : 0;
}

void bench_line(const char *what, const struct series *s, const char *against, const struct series *base)
{
	printf("%-44s %10.2f ms", what, series_median(s));
	if (base)
		printf("   %8.3f x %s", series_median(s) / series_median(base), against);
	printf("\n");
	fflush(stdout);
}
