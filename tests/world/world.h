/* The world made of the tables: keys, signed certificates, counts.
 *
 *   rng_init(seed);
 *   struct world *w = world_make();    CAs and their certificates
 *   leaves_make(w);                    leaves of the tables, counted at their CA
 *   leaves_scale(w, n, file);          n further leaves straight into a bundle
 *   world_free(w); */
#ifndef WORLD_WORLD_H
#define WORLD_WORLD_H

#include "cert.h"
#include "model.h"

struct ca {
	const struct ca_def *def;
	const struct owner_def *owner;
	EVP_PKEY *key;
	struct der name, spki;
	uint8_t id[32];
	size_t certs, issued, unexpired;
	char first_nb[16], last_nb[16], last_na[16]; /* of its leaves; may be empty */
};

struct cert {
	const struct cert_def *def;
	const char *nick;
	struct ca *subject, *issuer;
	const struct cert *parent; /* NULL for an orphan, itself for a root */
	struct der der;
	uint8_t serial[40];
	size_t serial_len;
	uint8_t sha256[32], sha1[20];
};

/* One file's certificate of a leaf; a leaf has one or two. */
struct leaf_cert {
	char nick[48];
	const struct leaf_def *def; /* NULL: of a batch, in more-leaves.pem */
	int precert;
	struct der der;
	uint8_t sha256[32];
	uint8_t serial[40];
	size_t serial_len;
};

struct world {
	struct ca *cas;
	struct cert *certs;
	struct leaf_cert *leaves;
	size_t leaf_n, leaf_cap;
	struct der leaf_spki[4]; /* the last is RSA */
	EVP_PKEY *leaf_key[4];
	size_t issued, unexpired, unknown, unknown_unexpired;
};

struct world *world_make(void);
void world_free(struct world *w);
void leaves_make(struct world *w);
void leaves_scale(struct world *w, unsigned long n, FILE *f);

struct ca *world_ca(const struct world *w, const char *nick);
const struct cert *world_cert(const struct world *w, const char *nick);
const struct root_def *root_of(const struct cert *c); /* by the topmost parent; may be NULL */
const struct cert *top_of(const struct cert *c);

/* 16 octets from the nickname, or the hex digits as they are. */
size_t serial_make(const char *hex, const char *nick, uint8_t out[40]);

#endif
