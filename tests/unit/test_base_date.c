#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/date.h"

static void civil_dates_become_days(void **state)
{
	(void)state;
	assert_int_equal(date_from_civil(1970, 1, 1), 0);
	assert_int_equal(date_from_civil(1969, 12, 31), -1);
	assert_int_equal(date_from_civil(2000, 2, 29), 11016);
	assert_int_equal(date_from_civil(2000, 3, 1), 11017);
	assert_int_equal(date_from_civil(2038, 1, 19), 24855);
	assert_int_equal(date_from_civil(0, 1, 1), -719528);
	assert_int_equal(date_from_civil(9999, 12, 31), 2932896);
}

/* Against counting: every day from year 0 to 9999 follows the one before. */
static void every_day_goes_both_ways(void **state)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int32_t want = -719528;
	int y, m, d;

	(void)state;
	for (int year = 0; year <= 9999; year++) {
		int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

		for (int month = 1; month <= 12; month++) {
			for (int day = 1; day <= lengths[month - 1] + (month == 2 && leap); day++, want++) {
				date_to_civil(want, &y, &m, &d);
				if (y != year || m != month || d != day || date_from_civil(y, m, d) != want)
					fail_msg("%04d-%02d-%02d", year, month, day);
			}
		}
	}
	assert_int_equal(want, 2932897);
}

static void days_of_times_round_down(void **state)
{
	(void)state;
	assert_int_equal(date_of_time(0), 0);
	assert_int_equal(date_of_time(86399), 0);
	assert_int_equal(date_of_time(86400), 1);
	assert_int_equal(date_of_time(-1), -1);
	assert_int_equal(date_of_time(-86400), -1);
	assert_int_equal(date_of_time(-86401), -2);
	assert_int_equal(date_of_time(INT64_MAX), 2932896);
	assert_int_equal(date_of_time(INT64_MIN), -719528);
}

static void a_day_has_its_seconds(void **state)
{
	(void)state;
	assert_int_equal(date_start(-1), -86400);
	assert_int_equal(date_end(-1), -1);
	assert_int_equal(date_start(20000), 1728000000);
	assert_int_equal(date_end(20000), 1728086399);
	assert_int_equal(date_end(2932896), 253402300799);
	assert_int_equal(date_of_time(date_end(2932896)), 2932896);
}

static void strict_dates_exist_and_have_one_form(void **state)
{
	static const char *const bad[] = { "", "2026", "2026-06", "2026-6-01", "2026-06-1", "2026-13-01", "2026-00-01",
		"2026-06-00", "2026-06-31", "2025-02-29", "1900-02-29", "2026-06-011", " 2026-06-01", "2026-06-01 ",
		"2026/06/01", "2026-06-0x", "+026-06-01", "-026-06-01", "2026-06-01T00:00:00Z", "today" };
	int32_t day = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (date_parse(bad[i], &day) == 0)
			fail_msg("'%s' was accepted", bad[i]);
	}
	assert_int_equal(day, 77);
	assert_int_equal(date_parse("1970-01-01", &day), 0);
	assert_int_equal(day, 0);
	assert_int_equal(date_parse("2000-02-29", &day), 0);
	assert_int_equal(day, 11016);
	assert_int_equal(date_parse("0000-01-01", &day), 0);
	assert_int_equal(day, -719528);
	assert_int_equal(date_parse("9999-12-31", &day), 0);
	assert_int_equal(day, 2932896);
}

static void assert_loose(const char *s, const char *want)
{
	char buf[DATE_BUF];
	int32_t day;

	if (date_parse_loose(s, &day) < 0)
		fail_msg("'%s' was refused", s);
	assert_string_equal(date_format(buf, day), want);
}

static void loose_dates_are_those_of_ccadb(void **state)
{
	static const char *const bad[] = { "", "2014", "2014 Jul", "2014 Jux 23", "2014 Jul 32", "Jul 23 2014",
		"2014-07/23", "2014.02.30", "2014 Jul 23 x", "20140723", "2014--07-23", "14.07.23", "2014 07 233" };
	int32_t day = 77;

	(void)state;
	assert_loose("2011.09.22", "2011-09-22");
	assert_loose("2014 Jul 23", "2014-07-23");
	assert_loose("2005/08/17", "2005-08-17");
	assert_loose("2005-08-17", "2005-08-17");
	assert_loose("2016 feb 29", "2016-02-29");
	assert_loose(" 2014 Jul 3 ", "2014-07-03");
	assert_loose("1969.12.31", "1969-12-31");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (date_parse_loose(bad[i], &day) == 0)
			fail_msg("'%s' was accepted", bad[i]);
	}
	assert_int_equal(day, 77);
}

static void assert_in_name(const char *name, const char *want)
{
	char buf[DATE_BUF];
	int32_t day;

	if (date_in_name(name, &day) < 0)
		fail_msg("no date in '%s'", name);
	assert_string_equal(date_format(buf, day), want);
}

static void names_of_files_hold_dates(void **state)
{
	static const char *const bad[] = { "", "certdata.txt", "x-12024-01-15", "2024-01-150", "2024-01-99", "2024-13",
		"2024-1", "2024-01b", "4567-12ab-9999", "2024-02-3" };
	int32_t day = 77;

	(void)state;
	assert_in_name("certdata-2024-01-15.txt", "2024-01-15");
	assert_in_name("2024-01-15", "2024-01-15");
	assert_in_name("store2024-01-15T0000.pem", "2024-01-15");
	assert_in_name("certdata-2019-07.txt", "2019-07-01");
	assert_in_name("report 2019-07", "2019-07-01");
	assert_in_name("a-2019-02-30-b-2020-02-29.csv", "2020-02-29");
	assert_in_name("2018-05_2020-02-29.csv", "2018-05-01");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (date_in_name(bad[i], &day) == 0)
			fail_msg("a date in '%s'", bad[i]);
	}
	assert_int_equal(day, 77);
}

static void times_are_rfc_3339(void **state)
{
	char buf[TIME_BUF];

	(void)state;
	assert_string_equal(time_format(buf, 0), "1970-01-01T00:00:00Z");
	assert_string_equal(time_format(buf, -1), "1969-12-31T23:59:59Z");
	assert_string_equal(time_format(buf, 951827696), "2000-02-29T12:34:56Z");
	assert_string_equal(time_format(buf, 253402300799), "9999-12-31T23:59:59Z");
	assert_string_equal(time_format(buf, INT64_MAX), "9999-12-31T23:59:59Z");
	assert_string_equal(time_format(buf, INT64_MIN), "0000-01-01T00:00:00Z");
}

static void dates_out_of_range_are_pinned(void **state)
{
	char buf[DATE_BUF];

	(void)state;
	assert_string_equal(date_format(buf, INT32_MAX), "9999-12-31");
	assert_string_equal(date_format(buf, INT32_MIN), "0000-01-01");
}

static void a_source_after_the_day_says_so(void **state)
{
	char buf[DATE_SOURCE_BUF];

	(void)state;
	assert_string_equal(date_source(buf, 31, 31), "1970-02-01");
	assert_string_equal(date_source(buf, 31, 32), "1970-02-01");
	assert_string_equal(date_source(buf, 31, 30), "1970-02-01, later than 1970-01-31");
	assert_string_equal(date_source(buf, INT32_MAX, INT32_MIN), "9999-12-31, later than 0000-01-01");
}

static void clocks_run(void **state)
{
	uint64_t before = clock_ns();

	(void)state;
	assert_true(time_now() > 1700000000);
	assert_int_equal(date_today(), date_of_time(time_now()));
	assert_true(clock_ns() >= before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(civil_dates_become_days),
		cmocka_unit_test(every_day_goes_both_ways),
		cmocka_unit_test(days_of_times_round_down),
		cmocka_unit_test(a_day_has_its_seconds),
		cmocka_unit_test(strict_dates_exist_and_have_one_form),
		cmocka_unit_test(loose_dates_are_those_of_ccadb),
		cmocka_unit_test(names_of_files_hold_dates),
		cmocka_unit_test(times_are_rfc_3339),
		cmocka_unit_test(dates_out_of_range_are_pinned),
		cmocka_unit_test(a_source_after_the_day_says_so),
		cmocka_unit_test(clocks_run),
	};

	return cmocka_run_group_tests_name("base_date", tests, NULL, NULL);
}
