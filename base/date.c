#include "base/date.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DAYS_400_YEARS 146097
#define DAY_MIN (-719528) /* 0000-01-01 */
#define DAY_MAX 2932896   /* 9999-12-31 */

static int32_t in_range(int64_t day)
{
	return (int32_t)(day < DAY_MIN ? DAY_MIN : day > DAY_MAX ? DAY_MAX : day);
}

/* Years are counted from March here, so that the leap day is the last one. */
int32_t date_from_civil(int year, int month, int day)
{
	int y = year - (month <= 2), era, of_era, of_year;

	era = (y >= 0 ? y : y - 399) / 400;
	of_era = y - era * 400;
	of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	return era * DAYS_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void date_to_civil(int32_t day, int *year, int *month, int *mday)
{
	int from_march = in_range(day) + 719468, era, of_era, y, of_year, m;

	era = (from_march >= 0 ? from_march : from_march - (DAYS_400_YEARS - 1)) / DAYS_400_YEARS;
	of_era = from_march - era * DAYS_400_YEARS;
	y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * y + y / 4 - y / 100);
	m = (5 * of_year + 2) / 153;
	*mday = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = y + era * 400 + (*month <= 2);
}

int32_t date_of_time(int64_t t)
{
	return in_range(t / DAY_SECONDS - (t % DAY_SECONDS < 0));
}

int64_t date_start(int32_t day)
{
	return (int64_t)day * DAY_SECONDS;
}

int64_t date_end(int32_t day)
{
	return date_start(day) + DAY_SECONDS - 1;
}

/* Between min and max digits; returns how many, or 0. */
static int digits(const char *s, int min, int max, int *ret)
{
	int n = 0;

	for (*ret = 0; n < max && isdigit((unsigned char)s[n]); n++)
		*ret = *ret * 10 + (s[n] - '0');
	return n < min ? 0 : n;
}

static int checked(int year, int month, int mday, int32_t *ret)
{
	int y, m, d;
	int32_t day;

	if (month < 1 || month > 12 || mday < 1 || mday > 31)
		return -1;
	day = date_from_civil(year, month, mday);
	date_to_civil(day, &y, &m, &d);
	if (d != mday)
		return -1;
	*ret = day;
	return 0;
}

/* YYYY-MM-DD at the start of s. */
static int parse_iso(const char *s, int32_t *ret)
{
	int y, m, d;

	if (!digits(s, 4, 4, &y) || s[4] != '-' || !digits(s + 5, 2, 2, &m) || s[7] != '-' || !digits(s + 8, 2, 2, &d))
		return -1;
	return checked(y, m, d, ret);
}

int date_parse(const char *s, int32_t *ret)
{
	return strlen(s) == DATE_BUF - 1 ? parse_iso(s, ret) : -1;
}

/* "07", "7" or "Jul"; returns the length, or 0. */
static int month_of(const char *s, int *ret)
{
	static const char names[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
		"Dec" };

	for (int i = 0; i < 12; i++) {
		if (strncasecmp(s, names[i], 3) == 0) {
			*ret = i + 1;
			return 3;
		}
	}
	return digits(s, 1, 2, ret);
}

int date_parse_loose(const char *s, int32_t *ret)
{
	int y, m, d, n;
	char sep;

	while (*s == ' ')
		s++;
	if (!digits(s, 4, 4, &y))
		return -1;
	sep = s[4];
	if (!sep || !strchr("-./ ", sep))
		return -1;
	s += 5;
	n = month_of(s, &m);
	if (!n || s[n] != sep)
		return -1;
	s += n + 1;
	n = digits(s, 1, 2, &d);
	if (!n || s[n + strspn(s + n, " ")])
		return -1;
	return checked(y, m, d, ret);
}

/* YYYY-MM that is not the beginning of something longer. */
static int parse_month(const char *s, int32_t *ret)
{
	int y, m, d;

	if (!digits(s, 4, 4, &y) || s[4] != '-' || !digits(s + 5, 2, 2, &m) || isalnum((unsigned char)s[7]))
		return -1;
	if (s[7] == '-' && digits(s + 8, 1, 2, &d))
		return -1;
	return checked(y, m, 1, ret);
}

int date_in_name(const char *name, int32_t *ret)
{
	int32_t day;

	for (const char *s = name; *s; s++) {
		if (s > name && isdigit((unsigned char)s[-1]))
			continue;
		if ((parse_iso(s, &day) == 0 && !isdigit((unsigned char)s[10])) || parse_month(s, &day) == 0) {
			*ret = day;
			return 0;
		}
	}
	return -1;
}

char *date_format(char buf[DATE_BUF], int32_t day)
{
	int y, m, d;

	date_to_civil(day, &y, &m, &d);
	snprintf(buf, DATE_BUF, "%04u-%02u-%02u", (unsigned)y % 10000, (unsigned)m % 100, (unsigned)d % 100);
	return buf;
}

char *date_source(char buf[DATE_SOURCE_BUF], int32_t day, int32_t asked)
{
	char than[DATE_BUF];

	date_format(buf, day);
	if (day > asked)
		snprintf(buf + DATE_BUF - 1, DATE_SOURCE_BUF - DATE_BUF + 1, ", later than %s", date_format(than, asked));
	return buf;
}

char *time_format(char buf[TIME_BUF], int64_t t)
{
	int32_t day = date_of_time(t);
	int64_t rest = t - date_start(day);
	unsigned second;

	/* Out of the years we know: the first or the last second there is. */
	second = rest < 0 ? 0 : rest >= DAY_SECONDS ? DAY_SECONDS - 1 : (unsigned)rest;
	date_format(buf, day);
	snprintf(buf + DATE_BUF - 1, TIME_BUF - DATE_BUF + 1, "T%02u:%02u:%02uZ", second / 3600 % 24, second / 60 % 60,
		second % 60);
	return buf;
}

int64_t time_now(void)
{
	return (int64_t)time(NULL);
}

int32_t date_today(void)
{
	return date_of_time(time_now());
}

uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
