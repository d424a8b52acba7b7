#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdalign.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/vec.h"

static void copies_are_one_s_own(void **state)
{
	char *s = xstrdup("abc"), *part = xstrndup("abcdef", 3), *whole = xstrndup("ab", 9), *raw = xmemdup("a\0b", 3);

	(void)state;
	assert_string_equal(s, "abc");
	assert_string_equal(part, "abc");
	assert_string_equal(whole, "ab");
	assert_memory_equal(raw, "a\0b", 3);
	free(s);
	free(part);
	free(whole);
	free(raw);
}

static void nothing_is_still_a_pointer(void **state)
{
	void *a = xmalloc(0), *b = xcalloc(0, 8), *c = xmemdup(NULL, 0), *d = xreallocarray(NULL, 0, 8);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
	assert_non_null(d);
	d = xrealloc(d, 0);
	assert_non_null(d);
	free(a);
	free(b);
	free(c);
	free(d);
}

static void hook_exits(void)
{
	_exit(42);
}

/* What a child that asks for too much exits with. */
static int exit_of(void (*ask)(void), void (*hook)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		mem_set_die_hook(hook);
		ask();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void ask_too_many(void)
{
	free(xreallocarray(NULL, SIZE_MAX / 2, 3));
}

static void ask_arena_for_everything(void)
{
	struct arena a = { 0 };

	arena_alloc(&a, SIZE_MAX - 8);
}

static void out_of_memory_calls_the_hook_and_ends(void **state)
{
	(void)state;
	assert_int_equal(exit_of(ask_too_many, NULL), 5);
	assert_int_equal(exit_of(ask_too_many, hook_exits), 42);
	assert_int_equal(exit_of(ask_arena_for_everything, NULL), 5);
}

static void arena_gives_zeroed_aligned_memory(void **state)
{
	struct arena a = { 0 };
	size_t sum = 0;

	(void)state;
	for (size_t size = 0; size < 3000; size += 7) {
		unsigned char *p = arena_alloc(&a, size);

		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xAA, size);
		arena_strdup(&a, "odd");
		sum += size + 4;
	}
	assert_int_equal(a.used, sum);
	arena_release(&a);
	assert_int_equal(a.used, 0);
	assert_null(a.head);
}

static void arena_keeps_what_it_gave(void **state)
{
	struct arena a = { 0 };
	char *first = arena_strdup(&a, "first"), *big, *small;

	(void)state;
	big = arena_alloc(&a, 1 << 20);
	memset(big, 'b', 1 << 20);
	small = arena_dup(&a, "sm\0ll", 6);
	for (int i = 0; i < 10000; i++)
		memset(arena_alloc(&a, 100), 'x', 100);
	assert_string_equal(first, "first");
	assert_memory_equal(small, "sm\0ll", 6);
	assert_int_equal(big[(1 << 20) - 1], 'b');
	assert_non_null(arena_dup(&a, NULL, 0));
	arena_release(&a);
	arena_release(&a);
}

struct pair {
	int a, b;
};

static void vec_grows_and_releases(void **state)
{
	VEC(uint32_t) v = { 0 };
	VEC(struct pair) pairs = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		vec_push(&v, i * 3);
	assert_int_equal(v.n, 1000);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(v.v[i], i * 3);
	vec_reserve(&v, 5000);
	assert_true(v.cap >= 5000);
	assert_int_equal(v.v[999], 2997);
	vec_release(&v);
	assert_null(v.v);
	vec_push(&v, 1u);
	assert_int_equal(v.n, 1);
	vec_release(&v);
	vec_push(&pairs, (struct pair){ 1, 2 });
	assert_int_equal(pairs.v[0].b, 2);
	vec_release(&pairs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_one_s_own),
		cmocka_unit_test(nothing_is_still_a_pointer),
		cmocka_unit_test(out_of_memory_calls_the_hook_and_ends),
		cmocka_unit_test(arena_gives_zeroed_aligned_memory),
		cmocka_unit_test(arena_keeps_what_it_gave),
		cmocka_unit_test(vec_grows_and_releases),
	};

	return cmocka_run_group_tests_name("base_mem", tests, NULL, NULL);
}
