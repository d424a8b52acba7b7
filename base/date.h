/* UTC only. A day is days since 1970-01-01 (int32_t), a time is Unix seconds
 * (int64_t); day = floor(time / 86400). Years 0000 to 9999. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdint.h>

#define DAY_SECONDS 86400
#define DATE_BUF 11 /* "YYYY-MM-DD" */
#define TIME_BUF 21 /* "YYYY-MM-DDTHH:MM:SSZ" */

int32_t date_from_civil(int year, int month, int day);
void date_to_civil(int32_t day, int *year, int *month, int *mday);
/* floor, also for times before 1970 */
int32_t date_of_time(int64_t t);
/* First and last second of a day. */
int64_t date_start(int32_t day);
int64_t date_end(int32_t day);
/* Exactly "YYYY-MM-DD" and a day that exists. 0 or -1. */
int date_parse(const char *s, int32_t *ret);
/* Also "2011.09.22", "2014 Jul 23", "2005/08/17" as CCADB writes them. 0 or -1. */
int date_parse_loose(const char *s, int32_t *ret);
/* The first YYYY-MM-DD (or YYYY-MM, meaning its first day) inside a file's name. 0 or -1. */
int date_in_name(const char *name, int32_t *ret);
char *date_format(char buf[DATE_BUF], int32_t day);
#define DATE_SOURCE_BUF 34
/* "2026-11-30", or "2026-11-30, later than 2026-11-23" of a source from after the day that is asked. */
char *date_source(char buf[DATE_SOURCE_BUF], int32_t day, int32_t asked);
char *time_format(char buf[TIME_BUF], int64_t t);
int64_t time_now(void);
int32_t date_today(void);
/* Monotonic nanoseconds, for measuring. */
uint64_t clock_ns(void);

#endif
