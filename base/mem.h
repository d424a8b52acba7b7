/* Memory that never fails: out of memory calls the hook (which restores the
 * terminal) and ends the program. An arena holds many small things that die
 * together:
 *
 *	struct arena a = {0};
 *	char *s = arena_strdup(&a, "x");
 *	arena_release(&a); */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void mem_set_die_hook(void (*hook)(void));
void *xmalloc(size_t size) __attribute__((malloc));
void *xcalloc(size_t n, size_t size) __attribute__((malloc));
void *xrealloc(void *p, size_t size);
/* realloc of n elements of size bytes, overflow checked */
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
void *xmemdup(const void *p, size_t n);

struct arena_block;
struct arena {
	struct arena_block *head;
	size_t used; /* bytes handed out, for the memory figures */
};
/* Zeroed, aligned for any type; lives until arena_release. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_dup(struct arena *a, const void *p, size_t n);
char *arena_strdup(struct arena *a, const char *s);
void arena_release(struct arena *a);

#endif
