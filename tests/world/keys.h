/* Random bytes that only depend on the seed, and the keys made from them.
 * libcrypto is given our generator, so that key generation and the nonces of
 * ECDSA are the same on every run. The generator is started again for every
 * key and every signature: adding one certificate changes no other.
 *
 *   rng_init(1);
 *   rng_seed("key", "alder-root", 10);
 *   EVP_PKEY *k = key_make("alder-root", KEY_P256); */
#ifndef WORLD_KEYS_H
#define WORLD_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "der.h"

enum key_kind { KEY_P256, KEY_P384, KEY_RSA2048, KEY_RSA1024, KEY_KINDS };

void rng_init(uint64_t seed);
void rng_seed(const char *what, const void *label, size_t n);
void rng_bytes(void *p, size_t n);

EVP_PKEY *key_make(const char *label, enum key_kind kind);
void key_spki(EVP_PKEY *key, struct der *out);

#endif
