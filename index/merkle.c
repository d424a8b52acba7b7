#include "index/merkle.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct merkle_hasher {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
};

struct merkle_hasher *merkle_hasher_new(void)
{
	struct merkle_hasher *h = xcalloc(1, sizeof(*h));

	/* fetched once: finding it anew for each hash costs a third */
	h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	h->ctx = EVP_MD_CTX_new();
	if (!h->md || !h->ctx)
		abort();
	return h;
}

void merkle_hasher_free(struct merkle_hasher *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	EVP_MD_free(h->md);
	free(h);
}

void merkle_leaf_hash(struct merkle_hasher *h, const void *prefix, size_t prefix_n, const void *data, size_t n, uint8_t ret[32])
{
	static const uint8_t leaf = 0;

	EVP_DigestInit_ex2(h->ctx, h->md, NULL);
	EVP_DigestUpdate(h->ctx, &leaf, 1);
	EVP_DigestUpdate(h->ctx, prefix, prefix_n);
	EVP_DigestUpdate(h->ctx, data, n);
	EVP_DigestFinal_ex(h->ctx, ret, NULL);
}

void merkle_sha256(struct merkle_hasher *h, const void *data, size_t n, uint8_t ret[32])
{
	EVP_DigestInit_ex2(h->ctx, h->md, NULL);
	EVP_DigestUpdate(h->ctx, data, n);
	EVP_DigestFinal_ex(h->ctx, ret, NULL);
}

/* ret may be left or right. */
static void node(struct merkle_hasher *h, const uint8_t left[32], const uint8_t right[32], uint8_t ret[32])
{
	uint8_t both[65] = { 1 };

	memcpy(both + 1, left, 32);
	memcpy(both + 33, right, 32);
	merkle_sha256(h, both, sizeof(both), ret);
}

static unsigned count(uint64_t size)
{
	return (unsigned)__builtin_popcountll(size);
}

void merkle_append_subtree(struct merkle_hasher *h, struct merkle *m, unsigned level, const uint8_t hash[32])
{
	unsigned n = count(m->size);
	uint8_t top[32];

	memcpy(top, hash, 32);
	/* equal subtrees join, as a carry runs through the bits of the size */
	for (; m->size >> level & 1; level++) {
		node(h, m->hash[--n], top, top);
		m->size &= ~((uint64_t)1 << level);
	}
	memcpy(m->hash[n], top, 32);
	m->size |= (uint64_t)1 << level;
}

void merkle_append(struct merkle_hasher *h, struct merkle *m, const uint8_t leaf_hash[32])
{
	merkle_append_subtree(h, m, 0, leaf_hash);
}

void merkle_root_of(struct merkle_hasher *h, const uint8_t (*hash)[32], size_t n, uint8_t ret[32])
{
	struct merkle m = MERKLE_INIT;

	for (size_t i = 0; i < n; i++)
		merkle_append(h, &m, hash[i]);
	merkle_root(h, &m, ret);
}

void merkle_root(struct merkle_hasher *h, const struct merkle *m, uint8_t ret[32])
{
	unsigned n = count(m->size);

	if (!n) {
		merkle_sha256(h, "", 0, ret);
		return;
	}
	memcpy(ret, m->hash[--n], 32);
	while (n)
		node(h, m->hash[--n], ret, ret);
}

size_t merkle_bytes(const struct merkle *m)
{
	return (size_t)count(m->size) * 32;
}

bool merkle_load(struct merkle *m, uint64_t size, const void *bytes, size_t n)
{
	*m = (struct merkle)MERKLE_INIT;
	if (n != (size_t)count(size) * 32)
		return false;
	m->size = size;
	if (n)
		memcpy(m->hash, bytes, n);
	return true;
}
