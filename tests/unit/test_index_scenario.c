#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/date.h"
#include "index/index.h"

#define ID_A "abababababababababababababababababababababababababababababababab"
#define ID_B "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static int read_text(struct scenario *s, const char *text, struct err *err)
{
	scenario_init(s);
	return scenario_read(s, "'cut.txt'", text, strlen(text), err);
}

static void every_word_is_read(void **state)
{
	struct scenario s;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(read_text(&s,
				 "\xef\xbb\xbf# a comment\r\n\n  program chrome\npurpose\temail \nrevocation none\n"
				 "mark =odd= name=block\nmark b=distrust-after@2024-02-29\nexempt c d\nassume e\n"
				 "ref " ID_A " =odd= name\nprogram apple",
				 &err),
		0);
	assert_string_equal(s.program, "apple");
	assert_int_equal(s.purpose, PURPOSE_EMAIL);
	assert_int_equal(s.revocation, REVOCATION_NONE);
	assert_int_equal(s.mark.n, 2);
	assert_string_equal(s.mark.v[0].ref, "=odd= name");
	assert_int_equal(s.mark.v[0].action, MARK_BLOCK);
	assert_int_equal(s.mark.v[1].action, MARK_DISTRUST_AFTER);
	assert_int_equal(s.mark.v[1].day, date_from_civil(2024, 2, 29));
	assert_int_equal(s.exempt.n, 1);
	assert_string_equal(s.exempt.v[0], "c d");
	assert_int_equal(s.assume.n, 1);
	assert_string_equal(s.assume.v[0], "e");
	assert_int_equal(s.name.n, 1);
	assert_string_equal(s.name.v[0].ref, "=odd= name");
	assert_string_equal(s.name.v[0].id, ID_A);
	scenario_release(&s);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "frob x", "'cut.txt' line 1: unknown word 'frob'" },
		{ "\n# x\nmark", "'cut.txt' line 3: 'mark' needs a value" },
		{ "exempt \t \n", "'cut.txt' line 1: 'exempt' needs a value" },
		{ "purpose web", "'cut.txt' line 1: 'web' is no purpose (tls, email)" },
		{ "revocation some", "'cut.txt' line 1: 'some' is none of enforced, all, none" },
		{ "mark a=remove@2024-01-01", "'cut.txt' line 1: mark 'a=remove@2024-01-01': remove takes no date" },
		{ "mark a=distrust-after@2023-02-29",
			"'cut.txt' line 1: mark 'a=distrust-after@2023-02-29': '2023-02-29' is no date (YYYY-MM-DD)" },
		{ "ref " ID_A " a\nref " ID_B " a", "'cut.txt' line 2: 'a' names " ID_A " already" },
		{ "ref abab a", "'cut.txt' line 1: 'abab a' is not of the form HEX REF, HEX a certificate's SHA-256 or "
				"a ca_id" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scenario s;
		struct err err = { 0 };

		assert_int_equal(read_text(&s, cases[i].text, &err), -1);
		assert_string_equal(err.msg, cases[i].says);
		assert_int_equal(err.kind, ERR_INPUT);
		scenario_release(&s);
	}
}

static void a_ref_is_the_same_whatever_blanks_are_at_its_ends(void **state)
{
	struct scenario s;

	(void)state;
	scenario_init(&s);
	assert_int_equal(scenario_add_name(&s, "a b ", ID_A, NULL), 0);
	assert_int_equal(scenario_add_name(&s, "\ta b", ID_A, NULL), 0);
	assert_int_equal(s.name.n, 1);
	assert_int_equal(scenario_add_name(&s, " a b", ID_B, NULL), -1);
	assert_int_equal(scenario_add_name(&s, "a", ID_B, NULL), 0);
	assert_int_equal(scenario_add_name(&s, "a b c", ID_B, NULL), 0);
	assert_int_equal(s.name.n, 3);
	scenario_release(&s);
}

static void names_are_printable_and_short(void **state)
{
	char name[SCENARIO_NAME_MAX + 2];
	struct err err = { 0 };

	(void)state;
	memset(name, 'x', sizeof(name));
	name[SCENARIO_NAME_MAX] = '\0';
	assert_int_equal(scenario_check_name(name, &err), 0);
	assert_int_equal(scenario_check_name("Schnitt – M\xc3\xa4rz", &err), 0);
	name[SCENARIO_NAME_MAX] = 'x';
	name[SCENARIO_NAME_MAX + 1] = '\0';
	for (const char *const *bad =
			(const char *const[]){ name, "", "a/b", " a", "a ", "a\tb", "\xff", "\xe2\x80\xae", NULL };
		*bad; bad++) {
		assert_int_equal(scenario_check_name(*bad, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_is_read),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(a_ref_is_the_same_whatever_blanks_are_at_its_ends),
		cmocka_unit_test(names_are_printable_and_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
