#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/num.h"

static void unsigned_numbers_are_whole_strings(void **state)
{
	static const char *const bad[] = { "", "-1", "-0", "+1", " 1", "1 ", "1x", "0x10", "1.0", "1e3", "1,000",
		"18446744073709551616", "18446744073709551620", "99999999999999999999", "184467440737095516150" };
	uint64_t n = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (num_parse_u64(bad[i], &n) == 0)
			fail_msg("'%s' was accepted", bad[i]);
	}
	assert_int_equal(n, 77);
	assert_int_equal(num_parse_u64("0", &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(num_parse_u64("007", &n), 0);
	assert_int_equal(n, 7);
	assert_int_equal(num_parse_u64("18446744073709551615", &n), 0);
	assert_true(n == UINT64_MAX);
}

static void signed_numbers_reach_both_ends(void **state)
{
	static const char *const bad[] = { "", "-", "--1", "+1", "- 1", "9223372036854775808", "-9223372036854775809",
		"-18446744073709551616" };
	int64_t n = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (num_parse_i64(bad[i], &n) == 0)
			fail_msg("'%s' was accepted", bad[i]);
	}
	assert_int_equal(n, 77);
	assert_int_equal(num_parse_i64("9223372036854775807", &n), 0);
	assert_true(n == INT64_MAX);
	assert_int_equal(num_parse_i64("-9223372036854775808", &n), 0);
	assert_true(n == INT64_MIN);
	assert_int_equal(num_parse_i64("-42", &n), 0);
	assert_int_equal(n, -42);
	assert_int_equal(num_parse_i64("-0", &n), 0);
	assert_int_equal(n, 0);
}

static void groups_are_of_three(void **state)
{
	char buf[32];
	uint64_t n;

	(void)state;
	assert_string_equal(num_group(buf, 0), "0");
	assert_int_equal(num_parse_grouped("1,000", &n), 0);
	assert_int_equal(n, 1000);
	assert_int_equal(num_parse_grouped("1000", &n), 0);
	assert_int_equal(num_parse_grouped("18,446,744,073,709,551,615", &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(num_parse_grouped("18,446,744,073,709,551,616", &n), -1);
	assert_int_equal(num_parse_grouped("10,00", &n), -1);
	assert_int_equal(num_parse_grouped(",100", &n), -1);
	assert_int_equal(num_parse_grouped("1,00,0", &n), -1);
	assert_int_equal(num_parse_grouped("", &n), -1);
	assert_string_equal(num_group(buf, 999), "999");
	assert_string_equal(num_group(buf, 1000), "1,000");
	assert_string_equal(num_group(buf, 2914113), "2,914,113");
	assert_string_equal(num_group(buf, UINT64_MAX), "18,446,744,073,709,551,615");
}

static void short_numbers_round_once(void **state)
{
	static const struct {
		uint64_t n;
		const char *want;
	} cases[] = {
		{ 0, "0" },
		{ 999, "999" },
		{ 9999, "9,999" },
		{ 10000, "10 k" },
		{ 61200, "61 k" },
		{ 61500, "62 k" },
		{ 999499, "999 k" },
		{ 999500, "1.0 M" },
		{ 18249999, "18.2 M" },
		{ 18250000, "18.3 M" },
		{ 99949999, "99.9 M" },
		{ 99950000, "100 M" },
		{ 999499999, "999 M" },
		{ 999500000, "1.0 G" },
		{ 1234000000000, "1.2 T" },
		{ UINT64_MAX, "18.4 E" },
	};
	char buf[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(num_short(buf, cases[i].n), cases[i].want);
}

static void short_numbers_take_six_columns(void **state)
{
	char buf[16];

	(void)state;
	for (uint64_t n = 1; n < UINT64_MAX / 3; n = n * 3 / 2 + 1) {
		if (strlen(num_short(buf, n)) > 6)
			fail_msg("%s", buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unsigned_numbers_are_whole_strings),
		cmocka_unit_test(signed_numbers_reach_both_ends),
		cmocka_unit_test(groups_are_of_three),
		cmocka_unit_test(short_numbers_round_once),
		cmocka_unit_test(short_numbers_take_six_columns),
	};

	return cmocka_run_group_tests_name("base_num", tests, NULL, NULL);
}
