#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/strbuf.h"

static void an_empty_buffer_is_a_string(void **state)
{
	struct strbuf b = STRBUF_INIT;
	char *s;

	(void)state;
	assert_string_equal(b.buf, "");
	strbuf_reset(&b);
	strbuf_setlen(&b, 0);
	strbuf_add(&b, "", 0);
	strbuf_addhex(&b, "", 0);
	strbuf_addf(&b, "%s", "");
	assert_string_equal(b.buf, "");
	s = strbuf_detach(&b);
	assert_string_equal(s, "");
	free(s);
	strbuf_release(&b);
	strbuf_release(&b);
}

static void pieces_come_together(void **state)
{
	struct strbuf b;

	(void)state;
	strbuf_init(&b, 0);
	strbuf_addstr(&b, "ab");
	strbuf_addch(&b, '-');
	strbuf_addf(&b, "%s:%04d", "x", 7);
	strbuf_addhex(&b, "\x00\xff", 2);
	strbuf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 16);
	assert_memory_equal(b.buf, "ab-x:000700ffa\0b", 17);
	strbuf_setlen(&b, 2);
	assert_string_equal(b.buf, "ab");
	strbuf_release(&b);
	assert_string_equal(b.buf, "");
}

static void long_texts_stay_whole(void **state)
{
	struct strbuf b = STRBUF_INIT;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		strbuf_addf(&b, "%d,", i % 10);
		assert_int_equal(b.buf[b.len], '\0');
	}
	assert_int_equal(b.len, 40000);
	assert_memory_equal(b.buf + 39998, "9,", 3);
	strbuf_addf(&b, "%5000d", 1);
	assert_int_equal(b.len, 45000);
	strbuf_release(&b);
}

static void the_maximum_is_kept(void **state)
{
	struct strbuf b;

	(void)state;
	strbuf_init(&b, 5);
	strbuf_addstr(&b, "12345");
	assert_false(b.overflow);
	strbuf_addch(&b, '6');
	assert_true(b.overflow);
	assert_string_equal(b.buf, "12345");
	strbuf_reset(&b);
	assert_false(b.overflow);
	strbuf_addstr(&b, "123");
	strbuf_addf(&b, "%d", 456);
	strbuf_addhex(&b, "abc", 3);
	strbuf_add(&b, "x", SIZE_MAX);
	assert_true(b.overflow);
	assert_string_equal(b.buf, "123");
	strbuf_addstr(&b, "45"); /* what fits may still come */
	assert_string_equal(b.buf, "12345");
	strbuf_release(&b);
	assert_int_equal(b.max, 5);
}

static void detach_gives_the_string_away(void **state)
{
	struct strbuf b = STRBUF_INIT;
	char *s;

	(void)state;
	strbuf_addstr(&b, "one");
	s = strbuf_detach(&b);
	strbuf_addstr(&b, "two");
	assert_string_equal(s, "one");
	assert_string_equal(b.buf, "two");
	free(s);
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_a_string),
		cmocka_unit_test(pieces_come_together),
		cmocka_unit_test(long_texts_stay_whole),
		cmocka_unit_test(the_maximum_is_kept),
		cmocka_unit_test(detach_gives_the_string_away),
	};

	return cmocka_run_group_tests_name("base_strbuf", tests, NULL, NULL);
}
