/* Signed tree heads: RFC 6962's get-sth answer (3.5, 4.3) and static-ct-api's checkpoint, read to one type and
 * verified with the log's key.
 *
 *	struct ct_head h;
 *	if (ct_head_checkpoint(&h, origin, log_id, text, n, err) < 0) …   // or ct_head_sth(&h, json, n, err)
 *	if (ct_head_verify(&h, key, err) < 0) …                            // a lie: the evidence is text itself */
#ifndef INDEX_CTHEAD_H
#define INDEX_CTHEAD_H

#include <openssl/evp.h>
#include "base/err.h"
#include "index/x509.h"

#define CT_SIGNATURE_MAX 1024
struct ct_head {
	uint64_t size;
	int64_t timestamp; /* milliseconds */
	uint8_t root[32];
	uint8_t hash_alg, sig_alg; /* of DigitallySigned: 4 SHA-256; 1 RSA, 3 ECDSA */
	uint8_t signature[CT_SIGNATURE_MAX];
	size_t signature_n;
};
/* {"tree_size":…,"timestamp":…,"sha256_root_hash":"…","tree_head_signature":"…"}; jansson. ERR_INPUT. */
int ct_head_sth(struct ct_head *ret, const char *json, size_t n, struct err *err);
/* A signed note: origin LF size LF b64 root LF LF { em dash SP name SP b64 LF }+. Of its signatures the one by `origin` with
 * the key id SHA-256(origin | 0A | 05 | log id)[0:4] counts, all others are ignored. A missing one, another origin, a size
 * with leading zeros: ERR_INPUT. origin NULL: the note's own first line is taken (the key still decides). */
int ct_head_checkpoint(struct ct_head *ret, const char *origin, const uint8_t log_id[32], const char *text, size_t n,
                       struct err *err);
/* The same without looking for a signature, for a log whose key is not known: it proves nothing. */
int ct_head_unsigned(struct ct_head *ret, const char *text, size_t n, struct err *err);
/* 0 when the signature over version, type, timestamp, size and root verifies; -1 ERR_INPUT. */
int ct_head_verify(const struct ct_head *h, EVP_PKEY *key, struct err *err);
/* SHA-256 of the key's SubjectPublicKeyInfo. */
void ct_log_id(struct slice spki, uint8_t ret[32]);

#endif
