/* A sorted set of 64-bit ids, small and copied whole:
 *
 *	struct idset s = {0};
 *	idset_add(&s, 7);
 *	idset_release(&s); */
#ifndef TUI_IDSET_H
#define TUI_IDSET_H

#include <stdbool.h>
#include <stdint.h>
#include "base/vec.h"

struct idset {
	VEC(uint64_t) id;
};
bool idset_has(const struct idset *s, uint64_t id);
void idset_add(struct idset *s, uint64_t id);
void idset_remove(struct idset *s, uint64_t id);
/* After ids were pushed by hand, also twice. */
void idset_sort(struct idset *s);
bool idset_same(const struct idset *a, const struct idset *b);
void idset_clear(struct idset *s);
void idset_copy(struct idset *to, const struct idset *from);
void idset_release(struct idset *s);

#endif
