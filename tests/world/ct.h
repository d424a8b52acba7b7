/* Two fictional logs of Certificate Transparency, a static one and one of RFC 6962,
 * and the leaves that stand in them and nowhere else in the world.
 *
 *   struct ct *ct = ct_make(w);     leaves, entries, signed heads' keys
 *   ct->log[CT_A].entry[i] …
 *   ct_root(&ct->log[CT_A], n, root);
 *   ct_free(ct); */
#ifndef WORLD_CT_H
#define WORLD_CT_H

#include "world.h"

enum { CT_A, CT_B, CT_LOGS };
enum { CT_FINAL = 1, CT_PRECERT = 2 };
enum { CT_TILE = 256, CT_PAGE = 64, CT_CHAIN = 4 };

struct ct_leaf {
	struct ca *ca;
	int by_signer; /* its precertificate comes of a precertificate signing certificate */
	char name[32], nb[16], na[16];
	uint64_t ms; /* of its precertificate in log a */
	uint8_t serial[40];
	size_t serial_len;
	struct der tbs, precert, final;
	unsigned forms[CT_LOGS]; /* CT_FINAL | CT_PRECERT: what of it stands in each log */
};

struct ct_entry {
	uint64_t ms;
	unsigned form, order;
	const struct ca *ca; /* issuer, of a precertificate */
	const struct der *cert, *precert;
	const struct der *chain[CT_CHAIN];
	size_t chain_n;
};

struct ct_log {
	const char *description, *origin;
	EVP_PKEY *key;
	struct der spki;
	uint8_t id[32];
	int tiled;
	uint64_t ms; /* of its head */
	struct ct_entry *entry;
	size_t n, cap, small;
	size_t ca_certs, broken; /* entries that are no leaves */
	uint8_t (*hash)[32];
};

struct ct {
	const struct world *w;
	struct ct_leaf *leaf;
	size_t leaf_n;
	EVP_PKEY *signer_key;
	struct der signer, broken; /* a precertificate signing certificate; a certificate cut short */
	struct ct_log log[CT_LOGS];
};

struct ct *ct_make(const struct world *w);
void ct_free(struct ct *ct);

void put_be(struct der *d, uint64_t value, int octets);
/* TimestampedEntry, in a static log with its leaf_index. */
void ct_timestamped(const struct ct_log *log, size_t i, struct der *out);
void ct_root(const struct ct_log *log, size_t n, uint8_t out[32]);
void ct_range_root(const uint8_t (*hash)[32], size_t n, uint8_t out[32]);
/* DigitallySigned over a tree head. */
void ct_sign(const struct ct_log *log, uint64_t ms, size_t n, const uint8_t root[32], struct der *out);

void ct_facts(const struct ct *ct); /* ct/facts.json */

#endif
