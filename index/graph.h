/* The hierarchy in memory: CAs, CA certificates (edges), leaf buckets, stores.
 *
 * A CA is one pair (subject Name DER, SubjectPublicKeyInfo DER). A CA
 * certificate is an edge from each CA whose name it names as issuer and whose
 * key verifies its signature to its subject CA. So the graph has several
 * parents and cycles. Indices (uint32_t) are dense and stable within one load.
 *
 *	struct graph g;
 *	graph_init(&g);
 *	uint32_t root = graph_add_ca(&g, &(struct ca){ .name = "R", .key = 0 });
 *	uint32_t cert = graph_add_cert(&g, &(struct ca_cert){ .ca = root, ... });
 *	graph_add_edge(&g, cert, root);          // self-signed
 *	graph_add_bucket(&g, root, &(struct bucket){ ... });
 *	graph_finish(&g);                         // now the lists below may be read
 *	graph_release(&g); */
#ifndef INDEX_GRAPH_H
#define INDEX_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

#define NO_INDEX UINT32_MAX
/* Times are Unix seconds UTC, days are days since 1970 (base/date.h). */
#define TIME_UNKNOWN INT64_MIN /* a validity that could not be read: the certificate is never usable */
#define SCT_NONE INT64_MAX     /* neither an embedded SCT nor a log's timestamp */
#define SCT_DAY_NONE INT32_MAX

enum purpose { PURPOSE_TLS, PURPOSE_EMAIL, PURPOSE_COUNT };
extern const char *const purpose_names[PURPOSE_COUNT]; /* "tls", "email" */

/* Extended key usages, as bits. 0 means that the extension is absent: all purposes. */
enum {
	EKU_TLS = 1,
	EKU_EMAIL = 2,
	EKU_ANY = 4,
	EKU_OCSP = 8,
	EKU_OTHER = 16, /* some other purpose; also set for an unreadable or empty extension */
};

enum {
	CERT_CA_TRUE = 1 << 0,      /* basicConstraints CA:TRUE */
	CERT_NO_BC = 1 << 1,        /* no basicConstraints at all */
	CERT_SELF_ISSUED = 1 << 2,  /* subject and issuer are the same name (RFC 5280 7.1) */
	CERT_SELF_SIGNED = 1 << 3,  /* and its own key verifies it */
	CERT_KU = 1 << 4,           /* has keyUsage */
	CERT_KU_CERTSIGN = 1 << 5,  /* keyUsage has keyCertSign */
	CERT_WEAK_SIG = 1 << 6,     /* signed with SHA-1, MD5 or older */
	CERT_DISCLOSED = 1 << 7,    /* listed in CCADB */
	CERT_NAME_CONSTRAINTS = 1 << 8,
	CERT_V1 = 1 << 9,           /* X.509 version 1 or 2 */
	CERT_CONSTRAINED_OUTSIDE = 1 << 10, /* a program constrains it from outside; shown, not judged */
};

struct ca_cert {
	uint8_t sha256[32];
	uint8_t sha1[20];
	int64_t db_id;
	uint32_t ca;                   /* its subject CA */
	uint32_t flags;                /* CERT_… */
	int64_t not_before, not_after; /* both inclusive; TIME_UNKNOWN when unreadable */
	int32_t path_len;              /* pathLenConstraint, -1 = none */
	uint8_t eku;                   /* EKU_… bits, 0 = no extension */
	/* filled by graph_finish; issuers are the CAs that issued it (verified), into graph.issuers */
	uint32_t first_issuer, n_issuers;
	uint32_t first_revocation, n_revocations; /* into graph.revocation */
};

/* n leaves of one CA that are alike to the day. */
struct bucket {
	int32_t nb_day, na_day; /* of the earliest notBefore, of the latest notAfter */
	int32_t sct_day;        /* of the earliest SCT, SCT_DAY_NONE without */
	uint8_t eku;            /* EKU_… bits, 0 = no extension */
	uint8_t kind;           /* enum leaf_kind */
	uint32_t n;
	bool log_time;          /* sct_day is of a log's time: no certificate of these leaves embeds an SCT */
};
enum leaf_kind { LEAF_OTHER, LEAF_DV, LEAF_OV, LEAF_EV };

enum coverage { COVERAGE_NONE, COVERAGE_PARTIAL, COVERAGE_COMPLETE };
extern const char *const coverage_names[]; /* "none", "partial", "complete" */

struct ca {
	uint8_t id[32];          /* SHA-256(subject Name DER | SPKI DER) */
	uint8_t spki_sha256[32];
	int64_t db_id;
	const char *name;    /* CN, else OU, else O; cleaned UTF-8; "" when none */
	const char *subject; /* RFC 2253 with UTF-8, cleaned */
	const char *owner;   /* CCADB's subordinate CA owner, else CA owner; "" unknown */
	const char *ca_owner; /* CCADB's CA owner, whoever runs the CA: of a certificate that no other runs, else of the newest; "" unknown */
	uint32_t key;        /* dense number of its public key: equal keys, equal numbers */
	uint8_t coverage;    /* enum coverage */
	const char *count_source;       /* "ct", "import", "crtsh" or "" */
	int32_t source_day;             /* how old its counts are; meaningful with a source */
	int32_t first_nb_day, last_nb_day, last_na_day; /* over all leaves; meaningful when issued > 0 */
	uint64_t issued;
	uint32_t figure;     /* the figure that counts on the graph's day, NO_INDEX none; see figures_choose */
	uint32_t stale_figure; /* without a figure near enough to the day: the best of those that are not, NO_INDEX none */
	uint64_t unproven;   /* of issued: no signed head of a log with a known key shows them, nor were they imported */
	/* filled by graph_finish */
	uint32_t first_cert, n_certs;   /* its own CA certificates, into graph.ca_certs */
	uint32_t first_child, n_children; /* CA certificates it issued (also self-signed ones), into graph.child_certs */
	uint32_t first_bucket, n_buckets; /* into graph.buckets */
	uint32_t component;             /* strongly connected component; parents have LOWER numbers than children */
};

enum revocation_source { REVOKED_CCADB, REVOKED_CRL, REVOKED_ONECRL, REVOKED_CRLSET, REVOCATION_SOURCES };
extern const char *const revocation_names[REVOCATION_SOURCES]; /* "ccadb", "crl", "onecrl", "crlset" */
struct revocation {
	uint32_t cert;
	uint8_t source;
	int64_t from;   /* revocationDate; INT64_MIN when the source gives none: revoked on every day */
	int64_t lifted; /* a later snapshot of the source no longer has it: first second it is gone; 0 never */
};

/* What others counted, of one CA or of several together. Numbers are FIGURE_UNKNOWN where not known. */
#define FIGURE_UNKNOWN (-1)
struct figure {
	uint32_t first_ca, n_cas; /* into graph.figure_cas */
	int64_t issued;
	int64_t low, high;  /* bounds of the unexpired leaves of all its CAs, each leaf once */
	bool about;         /* rounded: low and high are near the number and no bounds */
	bool whole;         /* false: it is also of CAs that the index does not have */
	bool chosen;        /* it counts on the graph's day */
	bool bounds;        /* and its upper bound is not below what the index holds: else it says nothing of what more exists */
	int32_t as_of;
	const char *kind, *source; /* "figure" or "crtsh"; who counted, in words, cleaned */
};

struct graph_edge {
	uint32_t cert, issuer;
};
struct graph_bucket {
	uint32_t ca;
	struct bucket b;
};

struct graph {
	VEC(struct ca) ca;
	VEC(struct ca_cert) cert;
	VEC(struct revocation) revocation; /* ascending by cert after graph_finish */
	VEC(struct figure) figure;
	VEC(uint32_t) figure_cas;
	uint32_t n_keys;
	/* after graph_finish */
	uint32_t *ca_certs;    /* grouped by subject CA */
	uint32_t *issuers;     /* grouped by certificate */
	uint32_t *child_certs; /* grouped by issuer CA */
	struct bucket *buckets; /* grouped by CA */
	uint32_t *key_first, *key_cas; /* CAs of key k: key_cas[key_first[k] .. key_first[k + 1]) */
	uint32_t n_components;
	uint32_t *component_first, *component_cas; /* CAs of component c, as for keys; parents before children */
	struct map by_sha256;  /* certificates; graph_name_certs */
	struct arena strings;  /* owns what name, subject, owner… point to when graph_add_ca copied them */
	/* Rows behind a bucket, for limits inside a day; NULL: buckets are exact enough.
	 * Calls each() once a leaf with exact seconds (sct SCT_NONE without). */
	int (*leaf_rows)(void *ctx, const struct graph *g, uint32_t ca, const struct bucket *b,
	                 void (*each)(void *each_ctx, int64_t nb, int64_t na, int64_t sct), void *each_ctx);
	void *leaf_ctx;
	/* while building */
	VEC(struct graph_edge) edge;
	VEC(struct graph_bucket) raw_bucket;
};

void graph_init(struct graph *g);
/* Copies the strings of *ca. Returns the new index. */
uint32_t graph_add_ca(struct graph *g, const struct ca *ca);
uint32_t graph_add_cert(struct graph *g, const struct ca_cert *cert);
/* The signature of cert verifies under issuer's key and the names fit. */
void graph_add_edge(struct graph *g, uint32_t cert, uint32_t issuer);
void graph_add_bucket(struct graph *g, uint32_t ca, const struct bucket *b);
void graph_add_revocation(struct graph *g, const struct revocation *r);
/* Sorts everything into the lists above. Call once, after the last add. */
void graph_finish(struct graph *g);
void graph_release(struct graph *g);
/* Certificates are found by their SHA-256 from then on; apart from graph_finish because few graphs need it. */
void graph_name_certs(struct graph *g);
/* NO_INDEX: the graph has none. CAs are found when they were added ascending by id. An index's graph finds both. */
uint32_t graph_find_ca(const struct graph *g, const uint8_t id[32]);
uint32_t graph_find_cert(const struct graph *g, const uint8_t sha256[32]);

/* Valid on the day by the contract: notBefore < end of day and notAfter >= its start. */
bool cert_valid_on(const struct ca_cert *c, int32_t day);
static inline bool bucket_unexpired_on(const struct bucket *b, int32_t day)
{
	return b->nb_day <= day && b->na_day >= day;
}
/* Does the revocation hold on the day (from its day on, and not lifted by the day's end)? */
bool revocation_holds(const struct revocation *r, int32_t day);
/* Revoked by the given source on the day. */
bool cert_revoked_by(const struct graph *g, uint32_t cert, enum revocation_source source, int32_t day);
/* The revocations of cert: first row and count. */
const struct revocation *cert_revocations(const struct graph *g, uint32_t cert, size_t *n);
/* Other CAs with at least one certificate that verifies under this CA, usable or not. */
uint32_t ca_child_count(const struct graph *g, uint32_t ca);

#endif
