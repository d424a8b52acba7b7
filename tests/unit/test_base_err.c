#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/text.h"

static void set_tells_kind_and_sentence(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_set(&err, ERR_INPUT, "'%s' has %d bytes", "a.pem", 7), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_string_equal(err.msg, "'a.pem' has 7 bytes");
}

static void context_goes_in_front_and_keeps_the_kind(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, ERR_NETWORK, "connection refused");
	assert_int_equal(err_context(&err, "cannot fetch '%s'", "ccadb"), -1);
	assert_int_equal(err.kind, ERR_NETWORK);
	assert_string_equal(err.msg, "cannot fetch 'ccadb': connection refused");
}

static void errno_is_said_in_lower_case(void **state)
{
	struct err err = { 0 };

	(void)state;
	errno = EACCES;
	assert_int_equal(err_errno(&err, ERR_INDEX, "cannot open '%s'", "x"), -1);
	assert_int_equal(err.kind, ERR_INDEX);
	assert_string_equal(err.msg, "cannot open 'x': permission denied");
	errno = EREMOTEIO;
	err_errno(&err, ERR_INDEX, "x");
	assert_string_equal(err.msg, "x: remote I/O error");
	errno = 99999;
	err_errno(&err, ERR_INDEX, "x");
	assert_string_equal(err.msg, "x: error 99999");
}

static void nobody_needs_to_listen(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_INPUT, "x"), -1);
	assert_int_equal(err_context(NULL, "x"), -1);
	assert_int_equal(err_errno(NULL, ERR_INPUT, "x"), -1);
}

static void outside_text_is_cleaned(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, ERR_INPUT, "bad name '%s'", "\x1b[2J\n\xC2\x9B\xE2\x80\xAE");
	assert_string_equal(err.msg, "bad name '\xEF\xBF\xBD[2J\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD'");
	err_context(&err, "%s", "\x07");
	assert_true(text_is_clean(err.msg, strlen(err.msg)));
	errno = ENOENT;
	err_errno(&err, ERR_INPUT, "%s", "\r");
	assert_string_equal(err.msg, "\xEF\xBF\xBD: no such file or directory");
}

static void long_messages_are_cut_between_characters(void **state)
{
	struct err err = { 0 };
	char name[9000];

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		memset(name, 'a', sizeof(name));
		for (size_t i = shift; i + 4 < sizeof(name); i += 4)
			memcpy(name + i, "\xF0\x9F\x8C\xB2", 4);
		name[sizeof(name) - 1] = '\0';
		err_set(&err, ERR_INPUT, "%s", name);
		assert_in_range(strlen(err.msg), sizeof(err.msg) - 12, sizeof(err.msg) - 1);
		assert_true(text_is_clean(err.msg, strlen(err.msg)));
		err_context(&err, "%s", name);
		assert_in_range(strlen(err.msg), sizeof(err.msg) - 12, sizeof(err.msg) - 1);
		err_context(&err, "cannot import");
		assert_memory_equal(err.msg, "cannot import: ", 15);
		errno = ENOENT;
		err_errno(&err, ERR_INPUT, "%s", name);
		assert_true(text_is_clean(err.msg, strlen(err.msg)));
	}
}

static void a_long_message_keeps_its_beginning_and_its_end(void **state)
{
	struct err err = { 0 };
	char name[9000];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	err_set(&err, ERR_USAGE, "mark '%s' needs a date", name);
	assert_memory_equal(err.msg, "mark 'aaa", 9);
	assert_string_equal(err.msg + strlen(err.msg) - 16, "aa' needs a date");
	assert_non_null(strstr(err.msg, "aa\xE2\x80\xA6" "aa"));
	err_context(&err, "line 7");
	assert_memory_equal(err.msg, "line 7: mark 'aaa", 17);
	assert_string_equal(err.msg + strlen(err.msg) - 16, "aa' needs a date");
	name[1000] = '\0';
	err_set(&err, ERR_USAGE, "%s", name);
	assert_string_equal(err.msg, name);
}

static void a_message_may_quote_itself(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, ERR_INPUT, "one");
	err_set(&err, ERR_INPUT, "%s, %s", err.msg, err.msg);
	assert_string_equal(err.msg, "one, one");
	err_context(&err, "%s", err.msg);
	assert_string_equal(err.msg, "one, one: one, one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_tells_kind_and_sentence),
		cmocka_unit_test(context_goes_in_front_and_keeps_the_kind),
		cmocka_unit_test(errno_is_said_in_lower_case),
		cmocka_unit_test(nobody_needs_to_listen),
		cmocka_unit_test(outside_text_is_cleaned),
		cmocka_unit_test(long_messages_are_cut_between_characters),
		cmocka_unit_test(a_long_message_keeps_its_beginning_and_its_end),
		cmocka_unit_test(a_message_may_quote_itself),
	};

	return cmocka_run_group_tests_name("base_err", tests, NULL, NULL);
}
