/* Public keys and signatures. Describing a key needs no decoder; loading one
 * costs some 100 us, so load each once and keep it. Safe in several threads,
 * each with EVP_PKEYs of its own.
 *
 *	EVP_PKEY *key = key_load(issuer.spki);
 *	if (key && x509_verify(&c, key) == 1) …
 *	EVP_PKEY_free(key); */
#ifndef INDEX_KEY_H
#define INDEX_KEY_H

#include <openssl/evp.h>
#include "index/x509.h"

enum key_type { KEY_UNKNOWN, KEY_RSA, KEY_EC, KEY_ED25519, KEY_ED448, KEY_DSA };
struct key_info {
	enum key_type type;
	int bits;  /* of the modulus, the field or p; 0 unknown */
	bool weak; /* RSA below 2048 bits or with an even exponent or one below 3, EC below 256, any DSA */
};
/* -1 when the SubjectPublicKeyInfo cannot be read; *ret is filled all the same. */
int key_info(struct slice spki, struct key_info *ret);
/* "RSA 2048", "EC P-256", "Ed25519", "DSA 1024", "unknown 1.2.3". */
void key_describe(struct slice spki, struct strbuf *out);
/* NULL when OpenSSL cannot use it. */
EVP_PKEY *key_load(struct slice spki);

/* 1 good, 0 bad, -1 the algorithm is not supported. */
int x509_verify(const struct x509_cert *c, EVP_PKEY *key);
/* The same for anything signed (CRLs): sig_alg is an AlgorithmIdentifier's DER. */
int key_verify(EVP_PKEY *key, struct slice sig_alg, struct slice signed_bytes, struct slice signature);
/* The hash that the algorithm signs: EVP_MD_free. NULL where it signs no hash made beforehand, or OpenSSL has it not. */
EVP_MD *sig_alg_hash(struct slice sig_alg);
/* As key_verify, of that hash of the signed bytes. */
int key_verify_digest(EVP_PKEY *key, struct slice sig_alg, struct slice digest, struct slice signature);

/* "sha256WithRSAEncryption", "ecdsa-with-SHA384", "rsassaPss", else dotted. */
void sig_alg_text(struct slice sig_alg, struct strbuf *out);
/* SHA-1, MD5 or older (also as the hash of RSA-PSS). */
bool sig_alg_weak(struct slice sig_alg);

#endif
