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

static uint32_t content(const uint8_t *p, size_t n, const uint64_t seed[2], size_t piece)
{
	struct content_hash h;

	content_hash_init(&h, seed);
	for (size_t at = 0; at < n; at += piece)
		content_hash_add(&h, p + at, n - at < piece ? n - at : piece);
	return content_hash_end(&h);
}

static void content_hashes_do_not_depend_on_the_pieces(void **state)
{
	static const uint64_t seed[2] = { 0x9e3779b97f4a7c15, 0xa4093822299f31d0 }, other[2] = { 0x9e3779b97f4a7c16, 0xa4093822299f31d0 };
	uint8_t text[257];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 31 + 7);
	for (size_t n = 0; n <= sizeof(text); n++) {
		uint32_t whole = content(text, n, seed, 1000);
		for (size_t piece = 1; piece < 20; piece++)
			assert_int_equal(content(text, n, seed, piece), whole);
		if (n)
			assert_int_not_equal(content(text, n, other, 1000), whole);
	}
}

static void content_hashes_differ_where_texts_do(void **state)
{
	static const uint64_t seed[2] = { 0x243f6a8885a308d3, 0x13198a2e03707344 };
	uint8_t text[64] = { 0 };
	uint32_t seen[65 + 64 * 8];
	size_t n = 0;

	(void)state;
	for (size_t length = 0; length <= sizeof(text); length++) /* zero bytes only */
		seen[n++] = content(text, length, seed, 1000);
	for (size_t bit = 0; bit < sizeof(text) * 8; bit++) {
		text[bit / 8] = (uint8_t)(1 << bit % 8);
		seen[n++] = content(text, sizeof(text), seed, 1000);
		text[bit / 8] = 0;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(seen[i], seen[k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_hashes_do_not_depend_on_the_pieces),
		cmocka_unit_test(content_hashes_differ_where_texts_do),
		cmocka_unit_test(an_empty_map_has_nothing),
		cmocka_unit_test(keys_are_bytes_with_a_length),
		cmocka_unit_test(keys_are_copied_and_values_start_at_zero),
		cmocka_unit_test(many_keys_are_all_found),
	};

	return cmocka_run_group_tests_name("base_map", tests, NULL, NULL);
}
