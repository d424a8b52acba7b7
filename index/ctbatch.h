/* Inside index/: one body of a log (a data tile or a page of get-entries) made into rows, away from the
 * database, so that several threads can do it; and the threads. Batches come back in the order they were given.
 *
 *	struct ct_pool *p = ct_pool_new(jobs);
 *	ct_pool_give(p, b);                        // while ct_pool_pending(p) is small enough
 *	while ((b = ct_pool_take(p)) != NULL) { … ct_batch_free(b); } */
#ifndef INDEX_CTBATCH_H
#define INDEX_CTBATCH_H

#include "base/strbuf.h"
#include "base/vec.h"
#include "db/leafrun.h"
#include "index/ctentry.h"
#include "index/merkle.h"
#include "index/sites.h"

/* Whom entries name as their issuer. */
struct batch_issuer {
	bool by_key;      /* hash is of the key; else of the chain's first certificate */
	uint8_t hash[32]; /* all zero: the chain is empty */
	struct slice name;
};
struct batch_row {
	struct leaf_row row; /* the key is set by whoever knows the seed */
	uint32_t issuer;     /* of batch.issuer */
	struct x509_cert cert;
};
struct batch_site { /* that a row's leaf names */
	size_t row;
	int64_t site;
};
struct batch_note { /* an entry that is no leaf: why, or a CA certificate */
	uint64_t index;
	struct slice ca_cert; /* empty: unreadable */
	char why[160];
};
struct ct_batch {
	char *body; /* heap; the batch owns it */
	size_t n;
	bool is_tile;
	uint64_t start; /* index of the first entry that the body holds */
	uint64_t skip;  /* entries at its beginning that were read before */
	uint64_t most;  /* entries wanted behind those */
	uint16_t log;
	uint64_t seed[2];
	const struct sites *sites; /* that names are compared with, or NULL */
	/* filled in by a thread */
	struct ct_page page;
	struct err err;     /* why the rest of the body could not be cut */
	uint64_t held;      /* entries that the body holds */
	VEC(struct batch_issuer) issuer;
	VEC(struct batch_row) row;
	VEC(struct batch_site) site;
	VEC(struct batch_note) note;
	VEC(struct slice) chain; /* distinct certificates of chains: DER (page) or 32 bytes of fingerprint (tile) */
	uint8_t (*leaf)[32]; /* leaf hashes of the wanted entries */
	size_t n_leaves;
	uint64_t entries;
	bool whole;         /* 256 aligned entries: subtree is their root */
	uint8_t subtree[32];
	bool done;
};
/* Does the work of one batch. */
void ct_batch_read(struct ct_batch *b, struct merkle_hasher *h);
void ct_batch_free(struct ct_batch *b);

struct ct_pool;
/* jobs 0 or 1: the work is done by ct_pool_take itself. */
struct ct_pool *ct_pool_new(unsigned jobs);
void ct_pool_free(struct ct_pool *p);
/* Batches given and not taken; at most CT_POOL_MOST. */
#define CT_POOL_MOST 64
size_t ct_pool_pending(const struct ct_pool *p);
/* Nothing waits for a thread. */
bool ct_pool_idle(struct ct_pool *p);
void ct_pool_give(struct ct_pool *p, struct ct_batch *b);
/* The oldest batch, waited for; NULL when there is none. */
struct ct_batch *ct_pool_take(struct ct_pool *p);

#endif
