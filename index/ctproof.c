#include "index/ctproof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TILE_LEVELS 8 /* of the tree in one tile */
#define TILE_WIDTH 256

void ct_tile_path(uint64_t number, unsigned width, char ret[64])
{
	char groups[48];
	size_t n = 0;
	uint64_t scale = 1;

	while (number / scale >= 1000)
		scale *= 1000;
	for (; scale >= 1000; scale /= 1000)
		n += (size_t)snprintf(groups + n, sizeof(groups) - n, "x%03u/", (unsigned)(number / scale % 1000));
	snprintf(groups + n, sizeof(groups) - n, "%03u", (unsigned)(number % 1000));
	if (width < TILE_WIDTH)
		snprintf(ret, 64, "%s.p/%u", groups, width);
	else
		snprintf(ret, 64, "%s", groups);
}

struct proving {
	const struct merkle *m;
	uint64_t size;
	size_t used; /* of m->hash: whole subtrees of the prefix come from the left */
	ct_hash_tile_fn *tile;
	void *ctx;
	struct merkle_hasher *h;
	struct err *err;
};

/* Largest power of two below n, which is at least 2. */
static uint64_t split(uint64_t n)
{
	uint64_t k = 1;

	while (k < n - k)
		k *= 2;
	return k;
}

/* The root of the complete subtree of 2^level leaves that begins at leaf `from`. */
static int subtree(struct proving *p, unsigned level, uint64_t from, uint8_t ret[32])
{
	unsigned tile_level = level / TILE_LEVELS, inside = level % TILE_LEVELS;
	uint64_t first = from >> (tile_level * TILE_LEVELS), nodes = p->size >> (tile_level * TILE_LEVELS);
	uint64_t number = first / TILE_WIDTH, width = nodes - number * TILE_WIDTH;
	uint8_t *hashes;

	if (width > TILE_WIDTH)
		width = TILE_WIDTH;
	if (p->tile(p->ctx, tile_level, number, (unsigned)width, &hashes, p->err) < 0)
		return -1;
	merkle_root_of(p->h, (const uint8_t(*)[32])(hashes + first % TILE_WIDTH * 32), (size_t)1 << inside, ret);
	free(hashes);
	return 0;
}

/* The root of the leaves [from, to): RFC 6962 2.1's tree of them. The prefix gives what lies inside it. */
static int range_root(struct proving *p, uint64_t from, uint64_t to, uint8_t ret[32])
{
	uint64_t n = to - from;
	uint8_t both[2][32];

	if (to <= p->m->size) {
		memcpy(ret, p->m->hash[p->used++], 32);
		return 0;
	}
	if ((n & (n - 1)) == 0 && from >= p->m->size)
		return subtree(p, (unsigned)__builtin_ctzll(n), from, ret);
	uint64_t k = split(n);
	if (range_root(p, from, from + k, both[0]) < 0 || range_root(p, from + k, to, both[1]) < 0)
		return -1;
	merkle_root_of(p->h, (const uint8_t(*)[32])both, 2, ret);
	return 0;
}

int ct_prove_by_tiles(const struct merkle *m, uint64_t size, const uint8_t root[32], ct_hash_tile_fn *tile, void *ctx,
                      struct merkle_hasher *h, struct err *err)
{
	struct proving p = { .m = m, .size = size, .tile = tile, .ctx = ctx, .h = h, .err = err };
	uint8_t got[32];

	if (m->size == size)
		merkle_root(h, m, got);
	else if (range_root(&p, 0, size, got) < 0)
		return -1;
	return memcmp(got, root, 32) == 0;
}

int ct_edge_by_tiles(struct merkle *ret, uint64_t n, uint64_t size, ct_hash_tile_fn *tile, void *ctx, struct merkle_hasher *h,
                     struct err *err)
{
	struct proving p = { .size = size, .tile = tile, .ctx = ctx, .h = h, .err = err };
	size_t used = 0;

	ret->size = n;
	for (unsigned level = 64; level-- > 0;) {
		if (!(n >> level & 1))
			continue;
		uint64_t from = n & ~(((uint64_t)2 << level) - 1);
		if (subtree(&p, level, from, ret->hash[used++]) < 0)
			return -1;
	}
	return 0;
}

static void join(struct merkle_hasher *h, const uint8_t left[32], const uint8_t right[32], uint8_t ret[32])
{
	uint8_t both[2][32];

	memcpy(both[0], left, 32);
	memcpy(both[1], right, 32);
	merkle_root_of(h, (const uint8_t(*)[32])both, 2, ret);
}

bool ct_consistent(uint64_t before, const uint8_t own[32], uint64_t size, const uint8_t root[32], const uint8_t (*proof)[32],
                   size_t n, struct merkle_hasher *h)
{
	uint64_t first = before - 1, last = size - 1;
	uint8_t old[32], new[32];
	size_t at = 0;

	if (before == size)
		return n == 0 && memcmp(own, root, 32) == 0;
	while (first & 1) {
		first >>= 1;
		last >>= 1;
	}
	/* a complete subtree is its own first hash */
	if ((before & (before - 1)) == 0)
		memcpy(old, own, 32);
	else if (n == 0)
		return false;
	else
		memcpy(old, proof[at++], 32);
	memcpy(new, old, 32);
	for (; at < n; at++) {
		if (last == 0)
			return false;
		if ((first & 1) || first == last) {
			join(h, proof[at], old, old);
			join(h, proof[at], new, new);
			while (first && !(first & 1)) {
				first >>= 1;
				last >>= 1;
			}
		} else {
			join(h, new, proof[at], new);
		}
		first >>= 1;
		last >>= 1;
	}
	return last == 0 && memcmp(old, own, 32) == 0 && memcmp(new, root, 32) == 0;
}

bool ct_prove_by_consistency(const struct merkle *m, uint64_t size, const uint8_t root[32], const uint8_t (*proof)[32],
                             size_t n, struct merkle_hasher *h)
{
	uint8_t own[32];

	merkle_root(h, m, own);
	return ct_consistent(m->size, own, size, root, proof, n, h);
}
