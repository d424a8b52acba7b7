#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "index/nearest.h"

static const char *const named[][2] = {
	{ "AC Camerfirma, S.A. - 2009", "AC Camerfirma, S.A." },
	{ "CAMERFIRMA Express", "AC Camerfirma, S.A." },
	{ "Let's Encrypt R13", "Internet Security Research Group" },
	{ "Alder Root CA", "Alder Trust" },
	{ "Alter Root CA", "" },
	{ "Elder Root CA", "" },
	{ "Aldor Root CA", "" },
	{ "Académie Générale", "" },
	{ "", "" },
};

static void make(struct graph *g)
{
	*g = (struct graph){ 0 };
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		vec_push(&g->ca, (struct ca){ .name = named[i][0], .owner = named[i][1] });
}

/* What is near: the names with a bar between them, "…" where there are more, else the word in quotes. */
static void gives(const char *text, const char *expected)
{
	struct strbuf b = STRBUF_INIT;
	struct nearest near;
	struct graph g;

	make(&g);
	assert_true(nearest_find(&g, text, NULL, NULL, &near));
	for (size_t i = 0; i < near.n; i++) {
		bool found = false;
		strbuf_addf(&b, "%s%s", i ? "|" : "", near.name[i]);
		for (size_t k = 0; k < g.ca.n; k++) /* as a search would */
			found |= text_contains(g.ca.v[k].name, near.name[i]) || text_contains(g.ca.v[k].owner, near.name[i]);
		assert_true(found);
	}
	if (near.more)
		strbuf_addstr(&b, "|…");
	if (near.word)
		strbuf_addf(&b, "'%s'", near.word);
	if (strcmp(b.buf, expected) != 0)
		fail_msg("'%s' gives '%s', not '%s'", text, b.buf, expected);
	strbuf_release(&b);
	nearest_release(&near);
	vec_release(&g.ca);
}

static void a_letter_or_two_may_be_wrong(void **state)
{
	(void)state;
	gives("camerfrima", "Camerfirma");
	gives("camerfima", "Camerfirma");
	gives("camrefrima", "Camerfirma");
	gives("CAmerfirma", "Camerfirma");
	gives("camarfrimo", "");
	gives("exprss", "Express");
	gives("exprs", "");
	gives("academie", "Académie");
	gives("zzzz", "");
}

static void short_words_have_to_be_the_same(void **state)
{
	(void)state;
	gives("R14", "");
	gives("camerfrima, s.a.", "Camerfirma, S.A");
	gives("camerfrima, s.b.", "Camerfirma");
	gives("ca", "");
}

static void words_are_looked_for_side_by_side_then_alone(void **state)
{
	(void)state;
	gives("AC Camerfrima", "AC Camerfirma");
	gives("lets encript", "Let's Encrypt");
	gives("let's encript r13", "Let's Encrypt R13");
	gives("camerfrima root", "Camerfirma");
	gives("camerfirma fluff", "'camerfirma'");
	gives("qqqqqqqqq express", "'express'");
	gives("'' -- ..", "");
	gives("", "");
}

static void only_the_nearest_ones_come(void **state)
{
	(void)state;
	gives("alderr root", "Alder Root");
	gives("ulder", "Alder|Elder");
	gives("alxer", "Alder|Alter");
	gives("al-dex", "");
}

static void blanks_and_signs_are_not_compared(void **state)
{
	(void)state;
	gives("letsencrypt", "Let's Encrypt");
	gives("LetsEncryptR13", "Let's Encrypt R13");
	gives("letsencript", "Let's Encrypt");
	gives("lets-en-crypt", "Let's Encrypt");
	gives("accamerfirmasa", "AC Camerfirma, S.A");
	gives("alderroot", "Alder Root");
	gives("al-der", "Alder");
	gives("ald er", "Alder");
	gives("a b", "");
	gives("letsencryptcamerfirmaexpress", "");
}

static void what_is_no_name_has_nothing_near(void **state)
{
	(void)state;
	gives("abcdef01", "");
	gives("AB:CD:EF:01:23:45", "");
	gives("https://crt.sh/?id=12345", "");
	gives("a b c d e f g h camerfrima", "");
	gives("camerfirmacamerfirmacamerfirma", "");
}

static bool at_once(void *ctx)
{
	(void)ctx;
	return true;
}

static void who_is_cancelled_gives_nothing(void **state)
{
	struct nearest near;
	struct graph g;

	(void)state;
	make(&g);
	assert_false(nearest_find(&g, "camerfrima", at_once, NULL, &near));
	assert_int_equal(near.n, 0);
	assert_null(near.word);
	vec_release(&g.ca);
}

static void more_than_are_listed_are_told_of(void **state)
{
	static const char *const names[] = { "Falder", "Calder", "Walder", "Balder", "falder" };
	struct graph g = { 0 };
	struct nearest near;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		vec_push(&g.ca, (struct ca){ .name = names[i], .owner = "" });
	assert_true(nearest_find(&g, "halder", NULL, NULL, &near));
	assert_int_equal(near.n, NEAREST_MAX);
	assert_true(near.more);
	nearest_release(&near);
	g.ca.n = 3;
	g.ca.v[2].name = "FALDER"; /* the same but for case */
	assert_true(nearest_find(&g, "halder", NULL, NULL, &near));
	assert_int_equal(near.n, 2);
	assert_false(near.more);
	nearest_release(&near);
	vec_release(&g.ca);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_or_two_may_be_wrong),
		cmocka_unit_test(short_words_have_to_be_the_same),
		cmocka_unit_test(words_are_looked_for_side_by_side_then_alone),
		cmocka_unit_test(only_the_nearest_ones_come),
		cmocka_unit_test(blanks_and_signs_are_not_compared),
		cmocka_unit_test(what_is_no_name_has_nothing_near),
		cmocka_unit_test(who_is_cancelled_gives_nothing),
		cmocka_unit_test(more_than_are_listed_are_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
