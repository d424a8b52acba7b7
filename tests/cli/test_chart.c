/* Charts of numbers that no fictional world has: nothing leaves the viewBox, nothing loops, what is not 0 is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/chart.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

static char *text;
static size_t len;

static struct chart begin(void)
{
	return (struct chart){ .f = open_memstream(&text, &len), .id = "x", .title = "<t>", .desc = "\"d\"" };
}

/* The number after each `name`, handed to see. */
static void each(const char *name, void (*see)(long n, void *ctx), void *ctx)
{
	for (const char *p = text; (p = strstr(p, name)); p++)
		see(strtol(p + strlen(name), NULL, 10), ctx);
}

static void at_most(long n, void *ctx)
{
	assert_in_range(n, 0, *(long *)ctx);
}

static void count(long n, void *ctx)
{
	assert_in_range(n, 1, 10000);
	++*(size_t *)ctx;
}

static void check_inside(void)
{
	const char *box = strstr(text, "viewBox=\"0 0 ");
	long width, height;
	char *end;

	assert_non_null(box);
	width = strtol(box + strlen("viewBox=\"0 0 "), &end, 10);
	height = strtol(end, NULL, 10);
	each(" x=\"", at_most, &width);
	each(" cx=\"", at_most, &width);
	each(" y=\"", at_most, &height);
	each(" cy=\"", at_most, &height);
}

static void bars_of_any_size_stay_inside(void **state)
{
	static const uint64_t values[] = { UINT64_MAX, UINT64_MAX / 2, 1, 0 };
	struct chart_bar bar[N(values)];
	struct chart c = begin();
	size_t drawn = 0;

	(void)state;
	for (size_t i = 0; i < N(values); i++)
		bar[i] = (struct chart_bar){ "bar", "", values[i], { { "loss", values[i] } } };
	chart_bars(&c, bar, N(values));
	fclose(c.f);
	check_inside();
	each("<rect class=\"loss\" x=\"260\" y=\"8\" width=\"", count, &drawn);
	each("<rect class=\"loss\" x=\"260\" y=\"34\" width=\"", count, &drawn);
	each("<rect class=\"loss\" x=\"260\" y=\"60\" width=\"", count, &drawn);
	assert_int_equal(drawn, 3); /* the one is seen, the nothing is not */
	assert_null(strstr(text, "y=\"86\" width"));
	free(text);
}

static void a_small_part_is_seen_beside_a_large_one(void **state)
{
	struct chart_bar bar = { "bar", "", 7, { { "same", 1000000000 }, { "kept", 1 }, { "lost", 1 } } };
	struct chart c = begin();
	size_t drawn = 0;

	(void)state;
	chart_bars(&c, &bar, 1);
	fclose(c.f);
	check_inside();
	for (const char *p = text; (p = strstr(p, "<rect class=\"")); p++)
		drawn++;
	assert_int_equal(drawn, 3);
	assert_null(strstr(text, " width=\"0\""));
	free(text);
}

static void a_line_of_any_height_stays_inside(void **state)
{
	static const uint64_t highest[] = { 0, 1, 7, 999, 5000000000, UINT64_MAX / 4, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < N(highest); i++) {
		struct chart_point p[] = { { 0, highest[i], "a" }, { 1, highest[i] / 2, "b" }, { 400, 0, "c" } };
		struct chart c = begin();

		chart_line(&c, p, N(p), NULL, "≥ ", "x", "y");
		fclose(c.f);
		check_inside();
		assert_non_null(strstr(text, "<title id=\"x-title\">&lt;t&gt;</title>"));
		assert_non_null(strstr(text, ">&quot;d&quot;</desc>"));
		free(text);
	}
}

static void a_number_that_is_not_known_is_said_and_has_no_sign(void **state)
{
	struct chart_bar bar[] = { { "none", "≥ ", CHART_UNKNOWN, { { "loss", 0 } } }, { "one", "≥ ", 1, { { "loss", 1 } } } };
	struct chart c = begin();

	(void)state;
	chart_bars(&c, bar, N(bar));
	fclose(c.f);
	assert_non_null(strstr(text, "<title>none: not known</title>"));
	assert_non_null(strstr(text, "y=\"21\">not known</text></g>"));
	assert_non_null(strstr(text, "<title>one: ≥ 1</title>"));
	free(text);
}

static void a_label_fits_before_its_bar_and_is_escaped(void **state)
{
	char wide[300];
	struct chart_bar bar[] = { { wide, "", 1, { { "loss", 1 } } }, { "<\"&'>\033", "", 1, { { "loss", 1 } } } };
	struct chart c = begin();
	const char *label;

	(void)state;
	memset(wide, 'W', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	chart_bars(&c, bar, N(bar));
	fclose(c.f);
	label = strstr(text, "text-anchor=\"end\">WWW");
	assert_non_null(label);
	assert_in_range(strstr(label, "…") - label, 20, 45);
	assert_non_null(strstr(text, "<title>&lt;&quot;&amp;&#39;&gt;\xef\xbf\xbd: 1</title>"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_of_any_size_stay_inside),
		cmocka_unit_test(a_small_part_is_seen_beside_a_large_one),
		cmocka_unit_test(a_line_of_any_height_stays_inside),
		cmocka_unit_test(a_number_that_is_not_known_is_said_and_has_no_sign),
		cmocka_unit_test(a_label_fits_before_its_bar_and_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
