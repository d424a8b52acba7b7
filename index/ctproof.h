/* Inside index/: does a prefix of a log that was read belong to a signed head of a larger tree?
 *
 *	if (ct_prove_by_tiles(&m, head.size, head.root, get_tile, ctx, h, err) == 1) … */
#ifndef INDEX_CTPROOF_H
#define INDEX_CTPROOF_H

#include "base/err.h"
#include "index/merkle.h"

/* The hash tile of a level (0 .. 5) and number: its 32-byte hashes into *ret (heap). */
typedef int ct_hash_tile_fn(void *ctx, unsigned level, uint64_t number, unsigned width, uint8_t **ret, struct err *err);
/* static-ct-api: what is right of the prefix comes from hash tiles, and the root must be the head's. 1 it is, 0 it is
 * not, -1 a tile could not be had. m->size must be above 0 and at most size. */
int ct_prove_by_tiles(const struct merkle *m, uint64_t size, const uint8_t root[32], ct_hash_tile_fn *tile, void *ctx,
                      struct merkle_hasher *h, struct err *err);
/* The compact range of the first n leaves of a tree of `size`, from its hash tiles. Nothing proves it until a root that
 * is made of it is that of a signed head. -1 a tile could not be had. */
int ct_edge_by_tiles(struct merkle *ret, uint64_t n, uint64_t size, ct_hash_tile_fn *tile, void *ctx, struct merkle_hasher *h,
                     struct err *err);
/* RFC 6962 2.1.2: the n hashes of a get-sth-consistency answer prove it. */
bool ct_prove_by_consistency(const struct merkle *m, uint64_t size, const uint8_t root[32], const uint8_t (*proof)[32],
                             size_t n, struct merkle_hasher *h);
/* The same of two heads: that of `before` entries, above 0, is the beginning of that of `size`. */
bool ct_consistent(uint64_t before, const uint8_t own[32], uint64_t size, const uint8_t root[32], const uint8_t (*proof)[32],
                   size_t n, struct merkle_hasher *h);
/* "x001/x234/067", and ".p/W" behind it for a width below 256. */
void ct_tile_path(uint64_t number, unsigned width, char ret[64]);

#endif
