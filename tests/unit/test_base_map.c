#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/map.h"

static void an_empty_map_has_nothing(void **state)
{
	struct map m = { 0 };

	(void)state;
	assert_null(map_get(&m, "a", 1));
	assert_null(map_get(&m, "", 0));
	map_release(&m);
}

static void keys_are_bytes_with_a_length(void **state)
{
	static const struct {
		const char *key;
		size_t len;
	} keys[] = { { "", 0 }, { "\0", 1 }, { "\0\0", 2 }, { "a", 1 }, { "a\0", 2 }, { "ab", 2 }, { "12345678", 8 },
		{ "12345678\0", 9 } };
	size_t n = sizeof(keys) / sizeof(keys[0]);
	struct map m = { 0 };
	bool is_new;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		*map_at(&m, keys[i].key, keys[i].len, &is_new) = i + 100;
		assert_true(is_new);
	}
	assert_int_equal(m.n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(*map_get(&m, keys[i].key, keys[i].len), i + 100);
		assert_int_equal(*map_at(&m, keys[i].key, keys[i].len, &is_new), i + 100);
		assert_false(is_new);
	}
	assert_int_equal(m.n, n);
	map_release(&m);
}

static void keys_are_copied_and_values_start_at_zero(void **state)
{
	char key[] = "key";
	struct map m = { 0 };

	(void)state;
	assert_int_equal(*map_at(&m, key, 3, NULL), 0);
	key[0] = 'x';
	assert_non_null(map_get(&m, "key", 3));
	assert_null(map_get(&m, "xey", 3));
	map_release(&m);
}

static void many_keys_are_all_found(void **state)
{
	struct map m = { 0 };
	uint32_t key[3] = { 0 };
	bool is_new;

	(void)state;
	for (uint32_t i = 0; i < 300000; i++) {
		key[1] = i;
		*map_at(&m, key, sizeof(key), &is_new) = (uint64_t)i * i;
		if (!is_new)
			fail_msg("%u", i);
	}
	assert_int_equal(m.n, 300000);
	assert_true(m.n < m.cap);
	for (uint32_t i = 0; i < 300000; i++) {
		const uint64_t *v;

		key[1] = i;
		v = map_get(&m, key, sizeof(key));
		if (!v || *v != (uint64_t)i * i)
			fail_msg("%u", i);
	}
	key[1] = 300000;
	assert_null(map_get(&m, key, sizeof(key)));
	map_release(&m);
	assert_int_equal(m.n, 0);
	assert_null(map_get(&m, key, sizeof(key)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_map_has_nothing),
		cmocka_unit_test(keys_are_bytes_with_a_length),
		cmocka_unit_test(keys_are_copied_and_values_start_at_zero),
		cmocka_unit_test(many_keys_are_all_found),
	};

	return cmocka_run_group_tests_name("base_map", tests, NULL, NULL);
}
