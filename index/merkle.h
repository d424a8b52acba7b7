/* The Merkle tree of RFC 6962 2.1 as a compact range: the hashes of the complete subtrees of the first `size`
 * leaves, largest first, popcount(size) of them. Its root proves that the leaves appended so far are exactly those of
 * the log's signed head; continuing a stored range proves consistency between runs.
 *
 *	struct merkle m = MERKLE_INIT;
 *	merkle_leaf_hash(ctx, prefix, 2, entry, n, hash);   // any thread, each with a context of its own
 *	merkle_append(&m, hash);                          // in order
 *	merkle_root(&m, root); */
#ifndef INDEX_MERKLE_H
#define INDEX_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct merkle {
	uint64_t size;
	uint8_t hash[64][32]; /* the first popcount(size) are used, largest subtree first */
};
#define MERKLE_INIT                                                                                                    \
	{                                                                                                              \
		0, { { 0 } }                                                                                           \
	}

/* A reusable SHA-256 with the algorithm fetched once; heap. Not shared between threads. */
struct merkle_hasher;
struct merkle_hasher *merkle_hasher_new(void);
void merkle_hasher_free(struct merkle_hasher *h);
/* SHA-256(00 | prefix | data) */
void merkle_leaf_hash(struct merkle_hasher *h, const void *prefix, size_t prefix_n, const void *data, size_t n,
                      uint8_t ret[32]);
/* Plain SHA-256. */
void merkle_sha256(struct merkle_hasher *h, const void *data, size_t n, uint8_t ret[32]);
void merkle_append(struct merkle_hasher *h, struct merkle *m, const uint8_t leaf_hash[32]);
/* Appends the root of a complete subtree of 2^level leaves; m->size must be a multiple of 2^level. */
void merkle_append_subtree(struct merkle_hasher *h, struct merkle *m, unsigned level, const uint8_t hash[32]);
/* Root of n hashes of complete, equally large subtrees (n >= 1), by RFC 6962 2.1. Destroys nothing. */
void merkle_root_of(struct merkle_hasher *h, const uint8_t (*hash)[32], size_t n, uint8_t ret[32]);
void merkle_root(struct merkle_hasher *h, const struct merkle *m, uint8_t ret[32]);
/* The stored form: popcount(size) * 32 bytes. */
size_t merkle_bytes(const struct merkle *m);
/* False when n does not fit size. */
bool merkle_load(struct merkle *m, uint64_t size, const void *bytes, size_t n);

#endif
