/* RAND_METHOD is the only hook of OpenSSL 3.0 that reaches ECDSA nonces. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "keys.h"

#include <stdio.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "out.h"

static struct {
	uint64_t seed, counter;
	uint8_t key[SHA256_DIGEST_LENGTH];
} rng;

static void put64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

static void next_block(uint8_t out[SHA256_DIGEST_LENGTH])
{
	uint8_t in[sizeof(rng.key) + 8];

	memcpy(in, rng.key, sizeof(rng.key));
	put64(in + sizeof(rng.key), rng.counter++);
	SHA256(in, sizeof(in), out);
}

void rng_bytes(void *p, size_t n)
{
	uint8_t block[SHA256_DIGEST_LENGTH], *out = p;

	while (n) {
		size_t take = n < sizeof(block) ? n : sizeof(block);

		next_block(block);
		memcpy(out, block, take);
		out += take;
		n -= take;
	}
}

static int method_bytes(unsigned char *p, int n)
{
	if (n < 0)
		return 0;
	rng_bytes(p, (size_t)n);
	return 1;
}

static int method_status(void)
{
	return 1;
}

static const RAND_METHOD method = {
	.bytes = method_bytes,
	.pseudorand = method_bytes,
	.status = method_status,
};

void rng_seed(const char *what, const void *label, size_t n)
{
	uint8_t digest[SHA256_DIGEST_LENGTH], head[8 + 32 + sizeof(digest)] = { 0 };

	SHA256(label, n, digest);
	put64(head, rng.seed);
	snprintf((char *)head + 8, 32, "%s", what);
	memcpy(head + 40, digest, sizeof(digest));
	SHA256(head, sizeof(head), rng.key);
	rng.counter = 0;
}

void rng_init(uint64_t seed)
{
	rng.seed = seed;
	rng_seed("start", "", 0);
	if (!RAND_set_rand_method(&method))
		die("cannot install the random generator");
}

static const struct {
	int type, bits, curve;
} kinds[KEY_KINDS] = {
	[KEY_P256] = { EVP_PKEY_EC, 0, NID_X9_62_prime256v1 },
	[KEY_P384] = { EVP_PKEY_EC, 0, NID_secp384r1 },
	[KEY_RSA2048] = { EVP_PKEY_RSA, 2048, 0 },
	[KEY_RSA1024] = { EVP_PKEY_RSA, 1024, 0 },
};

static int key_params(EVP_PKEY_CTX *ctx, enum key_kind kind)
{
	if (kinds[kind].bits)
		return EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, kinds[kind].bits);
	return EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, kinds[kind].curve);
}

EVP_PKEY *key_make(const char *label, enum key_kind kind)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(kinds[kind].type, NULL);
	EVP_PKEY *key = NULL;

	rng_seed("key", label, strlen(label));
	if (!ctx || EVP_PKEY_keygen_init(ctx) <= 0 || key_params(ctx, kind) <= 0 || EVP_PKEY_keygen(ctx, &key) <= 0)
		die("cannot make key '%s'", label);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

void key_spki(EVP_PKEY *key, struct der *out)
{
	unsigned char *p = NULL;
	int n = i2d_PUBKEY(key, &p);

	if (n <= 0)
		die("cannot encode a public key");
	der_bytes(out, p, (size_t)n);
	OPENSSL_free(p);
}
