#include "base/mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_MIN 1024
#define BLOCK_MAX 65536

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	alignas(max_align_t) unsigned char data[];
};

static void (*die_hook)(void);

void mem_set_die_hook(void (*hook)(void))
{
	die_hook = hook;
}

static _Noreturn void out_of_memory(void)
{
	static const char msg[] = "canopy: out of memory\n";

	if (die_hook)
		die_hook();
	if (write(STDERR_FILENO, msg, sizeof(msg) - 1) < 0)
		_exit(5);
	_exit(5);
}

void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = n && size ? calloc(n, size) : calloc(1, 1);

	if (!p)
		out_of_memory();
	return p;
}

void *xrealloc(void *p, size_t size)
{
	void *q = realloc(p, size ? size : 1);

	if (!q)
		out_of_memory();
	return q;
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		out_of_memory();
	return xrealloc(p, total);
}

char *xstrdup(const char *s)
{
	return xmemdup(s, strlen(s) + 1);
}

char *xstrndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = xmalloc(len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

void *xmemdup(const void *p, size_t n)
{
	void *q = xmalloc(n);

	if (n)
		memcpy(q, p, n);
	return q;
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *b;

	if (size > SIZE_MAX - sizeof(*b))
		out_of_memory();
	b = xcalloc(1, sizeof(*b) + size);
	b->size = size;
	return b;
}

static void *block_take(struct arena_block *b, size_t size, size_t align)
{
	size_t at = (b->used + align - 1) & ~(align - 1);

	if (at > b->size || size > b->size - at)
		return NULL;
	b->used = at + size;
	return b->data + at;
}

static void *arena_take(struct arena *a, size_t size, size_t align)
{
	size_t next = a->head && a->head->size >= BLOCK_MIN ? a->head->size * 2 : BLOCK_MIN;
	struct arena_block *b;
	void *p = a->head ? block_take(a->head, size, align) : NULL;

	a->used += size;
	if (p)
		return p;
	if (next > BLOCK_MAX)
		next = BLOCK_MAX;
	if (a->head && size > next / 4) {
		/* A block of its own, behind the head, which has room left for small things. */
		b = block_new(size);
		b->next = a->head->next;
		a->head->next = b;
	} else {
		b = block_new(size > next ? size : next);
		b->next = a->head;
		a->head = b;
	}
	return block_take(b, size, align);
}

void *arena_alloc(struct arena *a, size_t size)
{
	return arena_take(a, size, alignof(max_align_t));
}

void *arena_dup(struct arena *a, const void *p, size_t n)
{
	void *q = arena_alloc(a, n);

	if (n)
		memcpy(q, p, n);
	return q;
}

char *arena_strdup(struct arena *a, const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(arena_take(a, n, 1), s, n);
}

void arena_release(struct arena *a)
{
	struct arena_block *b = a->head, *next;

	for (; b; b = next) {
		next = b->next;
		free(b);
	}
	a->head = NULL;
	a->used = 0;
}
