/* Measuring side by side: each thing is done in turn, several times over, and the medians are compared. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdint.h>

#define ROUNDS_MAX 15
struct series {
	double ms[ROUNDS_MAX];
	int n;
};
void series_add(struct series *s, uint64_t started_ns);
double series_median(const struct series *s);
/* "import    812.3 ms   0.74 x openssl" */
void bench_line(const char *what, const struct series *s, const char *against, const struct series *base);

#endif
