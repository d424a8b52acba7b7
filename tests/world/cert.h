/* Certificates as octets: names, extensions, TBSCertificate, signature.
 *
 *   struct cert_in in = { .serial = …, .issuer = …, .subject = …, … };
 *   in.exts: the Extension elements, made with the ext_* functions
 *   cert_sign(&in, issuer_key, SIG_OWN, &der); */
#ifndef WORLD_CERT_H
#define WORLD_CERT_H

#include <openssl/evp.h>

#include "der.h"
#include "model.h"

struct name_in {
	const char *org; /* NULL: no O and no C */
	const char *ou;
	struct bytes cn;
	int cn_tag;
	size_t cn_pad;
	int folded; /* other string types, case and spaces, the same name */
};

struct cert_in {
	struct bytes serial;
	struct der issuer, subject, spki, exts; /* exts empty: none */
	const char *nb, *na;
	int v1, gentime;
};

enum sig { SIG_OWN, SIG_SHA1 }; /* the key's own algorithm, or SHA-1 with RSA */

void name_der(const struct name_in *in, struct der *out);

void ext_basic(struct der *d, int ca, int path_len);
/* bits as in the first octet of the KeyUsage BIT STRING */
void ext_key_usage(struct der *d, unsigned bits);
void ext_eku(struct der *d, unsigned eku);
void ext_ski(struct der *d, const struct der *spki);
void ext_aki(struct der *d, const struct der *spki);
void ext_aki_serial(struct der *d, const struct der *issuer, struct bytes serial);
void ext_policy(struct der *d, const char *oid);
void ext_san(struct der *d, const char *san);
void ext_crl(struct der *d, const char *url);
void ext_ca_issuers(struct der *d, const char *url);
void ext_poison(struct der *d);
void ext_scts(struct der *d, const uint64_t when[2]);

/* The first 20 octets of SHA-256 over the SPKI serve as key identifier. */
void key_id(const struct der *spki, uint8_t out[20]);

/* For other things that are signed: the key's AlgorithmIdentifier, and algorithm and signature behind what
 * stands from tbs on. */
void alg_der(struct der *d, EVP_PKEY *key);
void signature_der(struct der *d, size_t tbs, EVP_PKEY *key, int corrupt);

void cert_sign(const struct cert_in *in, EVP_PKEY *key, enum sig sig, int corrupt, struct der *out);

#endif
