#include "tui/idset.h"

#include <string.h>

static size_t place(const struct idset *s, uint64_t id)
{
	size_t lo = 0, hi = s->id.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (s->id.v[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool idset_has(const struct idset *s, uint64_t id)
{
	size_t at = place(s, id);

	return at < s->id.n && s->id.v[at] == id;
}

void idset_add(struct idset *s, uint64_t id)
{
	size_t at = place(s, id);

	if (at < s->id.n && s->id.v[at] == id)
		return;
	vec_push(&s->id, id);
	memmove(&s->id.v[at + 1], &s->id.v[at], (s->id.n - 1 - at) * sizeof(id));
	s->id.v[at] = id;
}

void idset_remove(struct idset *s, uint64_t id)
{
	size_t at = place(s, id);

	if (at == s->id.n || s->id.v[at] != id)
		return;
	s->id.n--;
	memmove(&s->id.v[at], &s->id.v[at + 1], (s->id.n - at) * sizeof(id));
}

static int by_id(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void idset_sort(struct idset *s)
{
	size_t kept = 0;

	if (s->id.n)
		qsort(s->id.v, s->id.n, sizeof(*s->id.v), by_id);
	for (size_t i = 0; i < s->id.n; i++)
		if (!kept || s->id.v[i] != s->id.v[kept - 1])
			s->id.v[kept++] = s->id.v[i];
	s->id.n = kept;
}

bool idset_same(const struct idset *a, const struct idset *b)
{
	return a->id.n == b->id.n && (!a->id.n || memcmp(a->id.v, b->id.v, a->id.n * sizeof(*a->id.v)) == 0);
}

void idset_clear(struct idset *s)
{
	s->id.n = 0;
}

void idset_copy(struct idset *to, const struct idset *from)
{
	to->id.n = 0;
	for (size_t i = 0; i < from->id.n; i++)
		vec_push(&to->id, from->id.v[i]);
}

void idset_release(struct idset *s)
{
	vec_release(&s->id);
}
