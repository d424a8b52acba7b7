#include "base/num.h"

#include <stdio.h>
#include <string.h>

int num_parse_u64(const char *s, uint64_t *ret)
{
	uint64_t n = 0;

	if (!*s)
		return -1;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
			return -1;
	}
	*ret = n;
	return 0;
}

int num_parse_i64(const char *s, int64_t *ret)
{
	int negative = *s == '-';
	uint64_t n;

	if (num_parse_u64(s + negative, &n) < 0 || n > (uint64_t)INT64_MAX + (uint64_t)negative)
		return -1;
	*ret = negative ? (int64_t)(0 - n) : (int64_t)n;
	return 0;
}

char *num_group(char *buf, uint64_t n)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%ju", (uintmax_t)n), at = 0;

	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf[at++] = ',';
		buf[at++] = digits[i];
	}
	buf[at] = '\0';
	return buf;
}

int num_parse_grouped(const char *s, uint64_t *ret)
{
	char digits[32], again[32];
	size_t n = 0;

	for (const char *c = s; *c && n < sizeof(digits); c++)
		if (*c != ',')
			digits[n++] = *c;
	if (n == sizeof(digits))
		return -1;
	digits[n] = '\0';
	if (num_parse_u64(digits, ret) < 0)
		return -1;
	return !strchr(s, ',') || strcmp(num_group(again, *ret), s) == 0 ? 0 : -1;
}

/* n / unit, rounded half up; unit is even. */
static uint64_t rounded(uint64_t n, uint64_t unit)
{
	return n / unit + (n % unit >= unit / 2);
}

char *num_percent(char *buf, uint64_t part, uint64_t whole)
{
	double percent = 100 * (double)part / (double)whole;

	if (part == 0 || part == whole)
		snprintf(buf, 16, part ? "100 %%" : "0 %%");
	else if (percent < 0.1)
		snprintf(buf, 16, "< 0.1 %%");
	else if (percent > 99.9)
		snprintf(buf, 16, "> 99.9 %%");
	else
		snprintf(buf, 16, "%.1f %%", percent);
	return buf;
}

char *num_share(char *buf, uint64_t part, uint64_t whole)
{
	snprintf(buf, 16, "%.9f", (double)part / (double)whole);
	return buf;
}

char *num_short(char *buf, uint64_t n)
{
	static const char letters[] = "kMGTPE";
	uint64_t unit = 1000;
	const char *letter = letters;

	if (n < 10000)
		return num_group(buf, n);
	while (letter[1] && rounded(n, unit) >= 1000) {
		unit *= 1000;
		letter++;
	}
	if (*letter == 'k' || rounded(n, unit / 10) >= 1000)
		snprintf(buf, 16, "%u %c", (unsigned)rounded(n, unit), *letter);
	else
		snprintf(buf, 16, "%u.%u %c", (unsigned)(rounded(n, unit / 10) / 10),
			(unsigned)(rounded(n, unit / 10) % 10), *letter);
	return buf;
}
