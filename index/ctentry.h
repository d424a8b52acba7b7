/* Entries of a Certificate Transparency log as slices into the bytes that the log gave: data tiles of
 * static-ct-api and answers of RFC 6962's get-entries. Nothing is counted from what a log does not sign: issuer,
 * serial and dates come from the MerkleTreeLeaf, never from the submitted precertificate.
 *
 *	struct ct_tile t;
 *	ct_tile_init(&t, data, n);
 *	while ((rc = ct_tile_next(&t, &e, err)) == 1) {
 *		merkle leaf hash: SHA-256(00 | 00 00 | e.timestamped), for a page too
 *		if (ct_leaf_read(&e, &leaf) == CT_LEAF_OK) …
 *	}
 *
 * Formats: RFC 6962 3.1, 3.4, 4.6; c2sp.org/static-ct-api "Log Entries". */
#ifndef INDEX_CTENTRY_H
#define INDEX_CTENTRY_H

#include "base/mem.h"
#include "index/x509.h"

enum ct_type { CT_X509 = 0, CT_PRECERT = 1 };

struct ct_entry {
	struct slice timestamped;     /* TimestampedEntry: what a MerkleTreeLeaf holds behind its first two bytes */
	int64_t timestamp;            /* milliseconds since 1970 */
	enum ct_type type;
	struct slice issuer_key_hash; /* 32 bytes, of a precertificate entry; else empty */
	struct slice cert;            /* x509: the certificate; precert: the TBSCertificate. May have trailing bytes */
	struct slice precert;         /* the submitted precertificate; empty for x509 entries */
	struct slice fingerprints;    /* static: SHA-256 of the chain's certificates, 32 bytes each */
	struct slice chain;           /* page: (u24 length, DER)* of the chain, issuer first */
	int64_t leaf_index;           /* from the extension; -1 where there is none (archived RFC 6962 entries) */
};

struct ct_tile {
	struct slice rest;
	size_t n, size; /* entries read so far; bytes of the tile */
};
void ct_tile_init(struct ct_tile *t, const uint8_t *data, size_t n);
/* 1 an entry, 0 the end, -1 ERR_INPUT with entry number and byte: the rest is not read. */
int ct_tile_next(struct ct_tile *t, struct ct_entry *ret, struct err *err);

/* A page of get-entries: {"entries":[{"leaf_input":b64,"extra_data":b64}…]}, scanned by its fixed shape (white space
 * and either order of the two keys are fine). Decoded bytes live in the page until ct_page_release. */
struct ct_page {
	const char *p, *end;
	size_t n, size;
	uint8_t *bytes; /* decoded entries */
	size_t used, cap;
	/* Set behind ct_page_init: submitted precertificates are not decoded (e.precert stays empty), and an entry whose
	 * chain is written like that of an entry before mostly has the same slice. */
	bool chains_only;
	struct ct_page_chain {
		struct slice text, chain;
		size_t phase;
	} chain[16];
};
int ct_page_init(struct ct_page *pg, const char *json, size_t n, struct err *err);
int ct_page_next(struct ct_page *pg, struct ct_entry *ret, struct err *err); /* as ct_tile_next */
void ct_page_release(struct ct_page *pg);

/* The next certificate of e->chain; false at its end or where the lengths do not fit. */
bool ct_chain_next(struct slice *chain, struct slice *ret_der);

/* What is counted of one entry. Times in Unix seconds, TIME_UNKNOWN when unreadable. */
struct ct_leaf {
	struct slice issuer;  /* Name DER */
	struct slice serial;  /* content octets as they stand */
	int64_t not_before, not_after;
	int64_t sct;          /* earliest embedded SCT, SCT_NONE without */
	uint8_t eku, kind;    /* EKU_ bits of graph.h, enum leaf_kind */
	bool wildcard;        /* a SAN name begins with "*." */
	bool is_ca;           /* basicConstraints CA:TRUE: never a leaf */
	struct x509_cert cert; /* borrowed slices, names by x509_names_each */
};
enum ct_read { CT_LEAF_OK, CT_LEAF_UNPARSABLE };
/* Never calls d2i_X509. Reads e->cert only. *err (may be NULL) says why it is unparsable. */
enum ct_read ct_leaf_read(const struct ct_entry *e, struct ct_leaf *ret, struct err *err);
/* A keyed hash (content_hash of base/map.h) of the TBSCertificate without poison and SCT list, re-encoded: equal for a
 * certificate and its precertificate, different for different ones but for one pair in thousands of millions. */
uint32_t ct_leaf_content(const struct ct_leaf *leaf, const uint64_t seed[2]);

#endif
