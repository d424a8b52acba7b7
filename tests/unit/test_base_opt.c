#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/opt.h"

#define ARGS(...) ((const char *[]){ __VA_ARGS__ }), sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)

struct args {
	bool quiet, no_color, turn;
	const char *db, *format;
	struct str_list marks;
	struct opt_date as_of;
	struct opt_number limit;
};
static const struct opt table[] = {
	{ 0, "db", OPT_STR, "FILE", "the index", offsetof(struct args, db), NULL },
	{ 'q', "quiet", OPT_FLAG, NULL, "no messages", offsetof(struct args, quiet), NULL },
	{ 0, "no-color", OPT_FLAG, NULL, "no colours", offsetof(struct args, no_color), NULL },
	{ 'm', "mark", OPT_LIST, "REF=ACTION", "a mark; may be repeated", offsetof(struct args, marks), NULL },
	{ 0, "as-of", OPT_DATE, "YYYY-MM-DD", "the day that answers are for", offsetof(struct args, as_of), NULL },
	{ 'n', "limit", OPT_NUMBER, "N", "at most N rows", offsetof(struct args, limit), NULL },
	{ 'f', "format", OPT_CHOICE, NULL, "how to write", offsetof(struct args, format), "table|csv|json" },
	{ 't', NULL, OPT_FLAG, NULL, "a letter alone", offsetof(struct args, turn), NULL },
	OPT_END,
};
static struct args got;
static struct str_list operands;
static struct err err;

static int parse(const char *const *argv, size_t argc)
{
	vec_release(&got.marks);
	vec_release(&operands);
	got = (struct args){ 0 };
	err = (struct err){ 0 };
	return opt_parse(table, &got, (int)argc, (char *const *)argv, &operands, &err);
}

static int release(void **state)
{
	(void)state;
	vec_release(&got.marks);
	vec_release(&operands);
	return 0;
}

static void options_and_operands_mix(void **state)
{
	(void)state;
	assert_int_equal(parse(ARGS("one", "--db", "x.db", "-q", "two", "--format=csv", "-", "-n", "20")), 0);
	assert_string_equal(got.db, "x.db");
	assert_true(got.quiet);
	assert_false(got.no_color);
	assert_string_equal(got.format, "csv");
	assert_true(got.limit.set);
	assert_int_equal(got.limit.n, 20);
	assert_false(got.as_of.set);
	assert_int_equal(operands.n, 3);
	assert_string_equal(operands.v[0], "one");
	assert_string_equal(operands.v[1], "two");
	assert_string_equal(operands.v[2], "-");
}

static void nothing_is_fine(void **state)
{
	(void)state;
	assert_int_equal(opt_parse(table, &got, 0, NULL, &operands, &err), 0);
	assert_int_equal(operands.n, 0);
}

static void values_may_hold_anything(void **state)
{
	(void)state;
	assert_int_equal(parse(ARGS("--db", "--quiet", "-m", "a=b=c", "--mark=x=block", "--mark", "-m")), 0);
	assert_string_equal(got.db, "--quiet");
	assert_false(got.quiet);
	assert_int_equal(got.marks.n, 3);
	assert_string_equal(got.marks.v[0], "a=b=c");
	assert_string_equal(got.marks.v[1], "x=block");
	assert_string_equal(got.marks.v[2], "-m");
	assert_int_equal(parse(ARGS("--db=")), 0);
	assert_string_equal(got.db, "");
}

static void two_dashes_end_options(void **state)
{
	(void)state;
	assert_int_equal(parse(ARGS("-q", "--", "--db", "-x", "--")), 0);
	assert_int_equal(operands.n, 3);
	assert_string_equal(operands.v[0], "--db");
	assert_string_equal(operands.v[2], "--");
	assert_null(got.db);
}

static void the_last_of_repeated_options_holds(void **state)
{
	(void)state;
	assert_int_equal(parse(ARGS("--as-of", "2020-02-29", "--as-of=1970-01-02", "-q", "-q")), 0);
	assert_int_equal(got.as_of.day, 1);
	assert_true(got.as_of.set);
}

static void flags_with_no_are_those_of_the_table(void **state)
{
	(void)state;
	assert_int_equal(parse(ARGS("--no-color", "-t")), 0);
	assert_true(got.no_color);
	assert_true(got.turn);
	assert_int_equal(parse(ARGS("--no-quiet")), -1);
	assert_string_equal(err.msg, "unknown option '--no-quiet'");
}

static void errors_name_the_argument(void **state)
{
	static const struct {
		const char *arg, *want;
	} cases[] = {
		{ "--foo", "unknown option '--foo'" },
		{ "--foo=secret", "unknown option '--foo'" },
		{ "--qui", "unknown option '--qui'; did you mean '--quiet'?" },
		{ "--fromat=csv", "unknown option '--fromat'; did you mean '--format'?" },
		{ "--bd", "unknown option '--bd'; did you mean '--db'?" },
		{ "-x", "unknown option '-x'" },
		{ "-qt", "unknown option '-qt'" },
		{ "--=x", "unknown option '--'" },
		{ "--as-of", "option '--as-of' needs a value" },
		{ "-m", "option '-m' needs a value" },
		{ "--quiet=1", "option '--quiet' takes no value" },
		{ "--as-of=2026-13-01", "'2026-13-01' is no date (YYYY-MM-DD) for '--as-of'" },
		{ "--as-of=", "'' is no date (YYYY-MM-DD) for '--as-of'" },
		{ "--limit=-1", "'-1' is no number for '--limit'" },
		{ "--format=xml", "'xml' is none of table|csv|json for '--format'" },
		{ "--format=", "'' is none of table|csv|json for '--format'" },
		{ "--format=csv|json", "'csv|json' is none of table|csv|json for '--format'" },
		{ "--format=tab", "'tab' is none of table|csv|json for '--format'" },
		{ "--\x1b[2J", "unknown option '--\xEF\xBF\xBD[2J'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(ARGS("-q", cases[i].arg)), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_string_equal(err.msg, cases[i].want);
	}
}

static void help_lists_the_table(void **state)
{
	static const char want[] = "      --db FILE          the index\n"
				   "  -q, --quiet            no messages\n"
				   "      --no-color         no colours\n"
				   "  -m, --mark REF=ACTION  a mark; may be repeated\n"
				   "      --as-of YYYY-MM-DD\n"
				   "                         the day that answers are for\n"
				   "  -n, --limit N          at most N rows\n"
				   "  -f, --format table|csv|json\n"
				   "                         how to write\n"
				   "  -t                     a letter alone\n";
	struct strbuf b = STRBUF_INIT;

	(void)state;
	opt_help(table, &b);
	assert_string_equal(b.buf, want);
	strbuf_release(&b);
}

static void help_wraps_at_79_columns(void **state)
{
	static const struct opt two[] = {
		{ 'x', "x", OPT_FLAG, NULL, "aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee ffff to 79", 0, NULL },
		{ 'y', "y", OPT_FLAG, NULL,
			"aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffff "
			"and-one-that-is-far-longer-than-all-the-room-that-there-is-on-one-line end",
			0, NULL },
		OPT_END,
	};
	static const char want[] =
		"  -x, --x                aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee ffff\n"
		"                         to 79\n"
		"  -y, --y                aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee\n"
		"                         fffff\n"
		"                         and-one-that-is-far-longer-than-all-the-room-that-there-is-on-one-line\n"
		"                         end\n";
	struct strbuf b = STRBUF_INIT;

	(void)state;
	opt_help(two, &b);
	assert_string_equal(b.buf, want);
	strbuf_release(&b);
}

static void the_nearest_name_is_suggested(void **state)
{
	static const char *const names[] = { "fetch", "import", "tree", "show", "counts", "check", "diff", "index" };
	static const char *const kinds[] = { "sibling-alive", "weak-key", "at-path" };
	char endless[1000];

	(void)state;
	assert_string_equal(opt_nearest("fecth", names, 8), "fetch"); /* a swap is one slip */
	assert_string_equal(opt_nearest("chekc", names, 8), "check");
	assert_string_equal(opt_nearest("count", names, 8), "counts");
	assert_string_equal(opt_nearest("trees", names, 8), "tree");
	assert_string_equal(opt_nearest("ndx", names, 8), "index");
	assert_string_equal(opt_nearest("siblng", kinds, 3), "sibling-alive"); /* near the beginning of a long one */
	assert_string_equal(opt_nearest("wek-key", kinds, 3), "weak-key");
	assert_null(opt_nearest("pth", kinds, 3)); /* of too few letters to be near to */
	assert_null(opt_nearest("alive", kinds, 3));
	assert_null(opt_nearest("", names, 8));
	assert_null(opt_nearest("xyz", names, 8));
	assert_null(opt_nearest("xy", (const char *const[]){ "db" }, 1));
	assert_null(opt_nearest("help", names, 0));
	memset(endless, 'a', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	assert_null(opt_nearest(endless, names, 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(options_and_operands_mix, release),
		cmocka_unit_test_teardown(nothing_is_fine, release),
		cmocka_unit_test_teardown(values_may_hold_anything, release),
		cmocka_unit_test_teardown(two_dashes_end_options, release),
		cmocka_unit_test_teardown(the_last_of_repeated_options_holds, release),
		cmocka_unit_test_teardown(flags_with_no_are_those_of_the_table, release),
		cmocka_unit_test_teardown(errors_name_the_argument, release),
		cmocka_unit_test(help_lists_the_table),
		cmocka_unit_test(help_wraps_at_79_columns),
		cmocka_unit_test(the_nearest_name_is_suggested),
	};

	return cmocka_run_group_tests_name("base_opt", tests, NULL, NULL);
}
