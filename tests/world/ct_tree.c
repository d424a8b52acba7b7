#include <string.h>

#include <openssl/sha.h>

#include "ct.h"
#include "keys.h"
#include "out.h"

void put_be(struct der *d, uint64_t value, int octets)
{
	while (octets-- > 0) {
		uint8_t b = (uint8_t)(value >> (8 * octets));

		der_bytes(d, &b, 1);
	}
}

void ct_timestamped(const struct ct_log *log, size_t i, struct der *out)
{
	const struct ct_entry *e = &log->entry[i];
	uint8_t key_hash[32];

	put_be(out, e->ms, 8);
	put_be(out, e->form == CT_PRECERT, 2);
	if (e->form == CT_PRECERT) {
		SHA256(e->ca->spki.p, e->ca->spki.n, key_hash);
		der_bytes(out, key_hash, sizeof(key_hash));
	}
	put_be(out, e->cert->n, 3);
	der_bytes(out, e->cert->p, e->cert->n);
	if (!log->tiled) {
		put_be(out, 0, 2);
		return;
	}
	put_be(out, 8, 2); /* one extension: leaf_index, of 5 octets */
	put_be(out, 0, 1);
	put_be(out, 5, 2);
	put_be(out, i, 5);
}

void ct_range_root(const uint8_t (*hash)[32], size_t n, uint8_t out[32])
{
	uint8_t node[65] = { 1 };
	size_t k = 1;

	if (n == 0) {
		SHA256(node, 0, out);
		return;
	}
	if (n == 1) {
		memcpy(out, hash[0], 32);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	ct_range_root(hash, k, node + 1);
	ct_range_root(hash + k, n - k, node + 33);
	SHA256(node, sizeof(node), out);
}

void ct_root(const struct ct_log *log, size_t n, uint8_t out[32])
{
	ct_range_root((const uint8_t(*)[32])log->hash, n, out);
}

void ct_sign(const struct ct_log *log, uint64_t ms, size_t n, const uint8_t root[32], struct der *out)
{
	struct der head = { 0 };
	uint8_t sig[128];
	size_t len = sizeof(sig);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	put_be(&head, 1, 2); /* version 1, tree_hash */
	put_be(&head, ms, 8);
	put_be(&head, n, 8);
	der_bytes(&head, root, 32);
	rng_seed("signature", head.p, head.n);
	if (!ctx || EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, log->key, NULL) <= 0 ||
		EVP_DigestSign(ctx, sig, &len, head.p, head.n) <= 0)
		die("cannot sign a tree head");
	EVP_MD_CTX_free(ctx);
	der_release(&head);
	put_be(out, 0x0403, 2);
	put_be(out, len, 2);
	der_bytes(out, sig, len);
}
