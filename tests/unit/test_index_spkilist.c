#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/date.h"
#include "tests/unit/survive.h"

#define HEAD "# blocked SPKIs\n"
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct heard {
	struct strbuf text, what;
	int r;
	struct err err;
};

static int hear_key(void *ctx, const uint8_t spki_sha256[32], const char *name)
{
	struct heard *h = ctx;

	strbuf_addhex(&h->text, spki_sha256 + 30, 2);
	strbuf_addf(&h->text, " '%s'\n", name);
	return 0;
}

static void hear_problem(void *ctx, size_t line, const char *what)
{
	struct heard *h = ctx;

	strbuf_addf(&h->what, "%zu: %s\n", line, what);
}

static void says(const char *text, int r, const char *keys, const char *problems)
{
	struct heard h = { .text = STRBUF_INIT, .what = STRBUF_INIT };

	h.r = spkilist_read(text, strlen(text), &(struct spkilist_handler){ &h, hear_key, hear_problem }, &h.err);
	assert_string_equal(h.what.buf, problems);
	assert_string_equal(h.text.buf, keys);
	assert_int_equal(h.r, r);
	assert_int_equal(h.err.kind, r ? ERR_INPUT : ERR_NONE);
	strbuf_release(&h.text);
	strbuf_release(&h.what);
}

static void keys_are_read_with_their_names(void **state)
{
	(void)state;
	says(HEAD HASH "\n\n  " HASH "  # A \033[31m\r\n" HASH "\t#\n# " HASH "\n" HASH, 0,
		"cdef ''\ncdef 'A \xEF\xBF\xBD[31m'\ncdef ''\ncdef ''\n", "");
	says(HEAD "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789ABCDEF", 0, "cdef ''\n", "");
}

static void broken_lines_are_told_and_the_others_go_on(void **state)
{
	(void)state;
	says(HEAD "0123\n" HASH "0\n" HASH "#A\n" HASH " A\n" HASH " # A\n", 0, "cdef 'A'\n",
		"2: no SHA-256 in hex\n3: no SHA-256 in hex\n4: no SHA-256 in hex\n5: no SHA-256 in hex\n");
}

static void a_list_without_keys_is_refused(void **state)
{
	(void)state;
	says("", -1, "", "");
	says(HEAD, -1, "", "");
	says(HEAD "x\n", -1, "", "2: no SHA-256 in hex\n");
}

/* Other files of hashes look alike but for the first line. */
static void the_first_line_names_it(void **state)
{
	(void)state;
	assert_true(spkilist_recognise(HEAD, strlen(HEAD)));
	assert_false(spkilist_recognise(HASH "  file\n", strlen(HASH) + 7));
	assert_false(spkilist_recognise("# blocked", 9));
}

static void what_it_adds_to_is_a_date_or_nothing(void **state)
{
	int32_t day = 0, want;

	(void)state;
	assert_int_equal(date_parse("2026-05-21", &want), 0);
	assert_true(spkilist_adds_to(HEAD "# adds to 2026-05-21\r\n", strlen(HEAD) + 22, &day));
	assert_int_equal(day, want);
	assert_false(spkilist_adds_to(HEAD "# adds to 2026-02-30\n", strlen(HEAD) + 21, &day));
	assert_false(spkilist_adds_to(HEAD HASH, strlen(HEAD HASH), &day));
}

static void what_is_written_is_read_back(void **state)
{
	struct strbuf b = STRBUF_INIT;
	const uint8_t key[32] = { [30] = 0xab, [31] = 0x01 };
	int32_t day = 20000, found;

	(void)state;
	spkilist_write_head(&b, &day);
	spkilist_write_key(&b, key, "A # \"B\"");
	spkilist_write_key(&b, key, "");
	assert_true(spkilist_recognise(b.buf, b.len));
	assert_true(spkilist_adds_to(b.buf, b.len, &found));
	assert_int_equal(found, day);
	says(b.buf, 0, "ab01 'A # \"B\"'\nab01 ''\n", "");
	strbuf_reset(&b);
	spkilist_write_head(&b, NULL);
	assert_false(spkilist_adds_to(b.buf, b.len, &found));
	strbuf_release(&b);
}

static int stop_at_once(void *ctx, const uint8_t spki_sha256[32], const char *name)
{
	(void)spki_sha256;
	(void)name;
	++*(size_t *)ctx;
	return -1;
}

static void a_callback_can_stop(void **state)
{
	struct err err = { 0 };
	size_t calls = 0;

	(void)state;
	assert_int_equal(spkilist_read(HEAD HASH "\n" HASH, strlen(HEAD HASH "\n" HASH),
				 &(struct spkilist_handler){ .ctx = &calls, .key = stop_at_once }, &err),
		-1);
	assert_int_equal(calls, 1);
	assert_int_equal(err.kind, ERR_NONE);
}

static void damaged_files_are_survived(void **state)
{
	static const char text[] = HEAD "# adds to 2026-05-21\n" HASH "  # A\n" HASH "\n";

	(void)state;
	survive_damage((const uint8_t *)text, sizeof(text) - 1, 20000, survive_spkilist);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_read_with_their_names),
		cmocka_unit_test(broken_lines_are_told_and_the_others_go_on),
		cmocka_unit_test(a_list_without_keys_is_refused),
		cmocka_unit_test(the_first_line_names_it),
		cmocka_unit_test(what_it_adds_to_is_a_date_or_nothing),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(a_callback_can_stop),
		cmocka_unit_test(damaged_files_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
