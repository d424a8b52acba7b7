#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "tui/fmt.h"

static void assert_cut(const char *name, int columns, const char *expected)
{
	struct strbuf b = STRBUF_INIT;

	fmt_name(&b, name, columns);
	assert_string_equal(b.buf, expected);
	strbuf_release(&b);
}

static void a_name_that_is_too_long_keeps_what_tells_it_from_its_siblings(void **state)
{
	(void)state;
	assert_cut("Sectigo Public Server Authentication Root R46", 24, "Sectigo Public Serve…R46");
	assert_cut("Sectigo Public Server Authentication Root E46", 24, "Sectigo Public Serve…E46");
	assert_cut("Sectigo Public Server Authentication Root R46", 36, "Sectigo Public Server Authe…Root R46");
	assert_cut("Sectigo Public Server Authentication Root R46", 45, "Sectigo Public Server Authentication Root R46");
	assert_cut("Hellenic Academic and Research Institutions RootCA 2015", 24, "Hellenic Academic a…2015");
	assert_cut("Example_Commercial_Root_Class_3_CA_2_2009", 20, "Example_Comme…2_2009");
	/* no end of a word that says nothing, but of a number */
	assert_cut("Alder Transport Validation Authority", 20, "Alder Transport Val…");
	assert_cut("Alder Transport Validation Secure CA", 20, "Alder Transport Val…");
	assert_cut("Alder Root Certification 20260102", 20, "Alder Root Ce…260102");
}

static void a_name_is_cut_between_characters(void **state)
{
	(void)state;
	/* the accent goes with the letter below it */
	assert_cut("abcdefghijklmnopqrstuvwx1e\xcc\x81\xcc\x81""23", 12, "abcdefgh…e\xcc\x81\xcc\x81""23");
	assert_cut("abcdefghijklmnopqrstuvwx1e\xcc\x81\xcc\x81""23", 9, "abcdef…23");
	/* two columns a character, and each a word */
	assert_cut("政府根憑證管理中心根憑證機構", 13, "政府根憑…機構");
	assert_cut("政府根憑證管理中心根憑證機構", 12, "政府根憑…構");
	assert_cut("政府", 3, "政…");
	assert_cut("\xcc\x81\xcc\x81 a b c d e f g h i j 1", 6, "\xcc\x81\xcc\x81 a b…1");
}

static void no_name_is_wider_than_its_room(void **state)
{
	static const char *const names[] = { "", " ", "          ", "a", "Alder Root 2026", "\xcc\x81\xcc\x81\xcc\x81", "政府根憑證管理中心 G2",
		"e\xcc\x81 e\xcc\x81 e\xcc\x81 e\xcc\x81 1", "- - - - - - - - 1", "\xf0\x9f\x94\x92\xf0\x9f\x94\x92\xf0\x9f\x94\x92 X1" };

	(void)state;
	for (int ascii = 0; ascii < 2; ascii++) {
		fmt_ascii(ascii);
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			for (int columns = -1; columns < 30; columns++) {
				struct strbuf b = STRBUF_INIT;
				fmt_name(&b, names[i], columns);
				assert_true(text_width(b.buf) <= (columns > 0 ? columns : 0));
				assert_true(text_is_clean(b.buf, b.len));
				strbuf_release(&b);
			}
	}
	assert_cut("Sectigo Public Server Authentication Root R46", 24, "Sectigo Public Serv..R46");
	fmt_ascii(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_is_too_long_keeps_what_tells_it_from_its_siblings),
		cmocka_unit_test(a_name_is_cut_between_characters),
		cmocka_unit_test(no_name_is_wider_than_its_room),
	};

	return cmocka_run_group_tests_name("tui_fmt", tests, NULL, NULL);
}
