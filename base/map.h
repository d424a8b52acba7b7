/* Hash map from byte strings to 64-bit values. Keys are copied. Seeded once a
 * process, so hostile keys cannot pile up.
 *
 *	struct map m = {0};
 *	bool is_new;
 *	*map_at(&m, key, 32, &is_new) = 7;
 *	const uint64_t *v = map_get(&m, key, 32);
 *	map_release(&m); */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/mem.h"

struct map_slot;
struct map {
	struct map_slot *slots;
	size_t n, cap; /* entries; slots (a power of two) */
	struct arena keys;
};
/* The value of key, or NULL. Valid until the next map_at. */
const uint64_t *map_get(const struct map *m, const void *key, size_t len);
/* The value of key, inserted as 0 when absent; *is_new may be NULL. */
uint64_t *map_at(struct map *m, const void *key, size_t len, bool *is_new);
void map_release(struct map *m);

/* SipHash-1-3 under a seed of one's own; never 0. */
uint64_t hash_bytes(const uint64_t seed[2], const void *key, size_t len);

/* A hash of 32 bits of a long text in pieces, for finding differences: a polynomial modulo 2^61 - 1 in a secret number, so
 * that two texts chosen without the seed collide with a chance of about 2^-31. Several times as fast as SHA-256.
 *
 *	content_hash_init(&h, seed); content_hash_add(&h, p, n); … ; content_hash_end(&h) */
struct content_hash {
	uint64_t key[4], last, sum, total; /* powers of the secret number */
	uint8_t wait[7];
	unsigned waiting;
};
void content_hash_init(struct content_hash *h, const uint64_t secret[2]);
void content_hash_add(struct content_hash *h, const void *p, size_t n);
uint32_t content_hash_end(struct content_hash *h);

#endif
