/* Two judges of the real hierarchy that are not the index. OpenSSL reads the certificates on its own, and
 * X509_verify_cert confirms each path that the index trusts and asks why where it alone trusts one. What a program
 * holds as anchors and refuses beyond that the test tells in its rules, from its own reading of the files.
 *
 *	real_put_pems(&w, text, n, true); …
 *	real_sort(&w);
 *	real_match(&w, index_graph(ix));
 *	judging_start(&j, &w, &rules, &query);
 *	judge_all(&j, "chrome tls");
 *	judging_end(&j); */
#ifndef TESTS_UNIT_REAL_JUDGE_H
#define TESTS_UNIT_REAL_JUDGE_H

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/map.h"
#include "base/vec.h"
#include "index/index.h"

enum {
	PATH_MAX_LINKS = 32,
	SHOWN_MAX = 8, /* differences told before the test fails */
};

/* ---- what OpenSSL reads by itself ---- */

struct seen { /* one certificate of the files */
	uint8_t sha256[32];
	X509 *x;
	bool is_ca;
	uint32_t cert; /* of the graph matched last, NO_INDEX: none */
};
struct real {
	VEC(struct seen) seen;
	struct map seen_at;       /* SHA-256 to seen */
	VEC(uint32_t) by_subject; /* seen CA certificates by subject */
	const struct graph *g;    /* matched last */
	X509 **x;                 /* by its certificates; NULL: in no file that was read */
};
void real_put(struct real *w, const uint8_t *der, long n, bool disclosed);
void real_put_pems(struct real *w, const char *text, size_t n_text, bool disclosed);
/* After the last one was put. */
void real_sort(struct real *w);
void real_match(struct real *w, const struct graph *g);
void real_release(struct real *w);

int64_t real_seconds(const ASN1_TIME *t);
bool real_weakly_signed(X509 *x);
/* Removes the database with what SQLite may leave beside it. */
void real_remove_db(const char *db);

/* ---- two sets told by two sides ---- */

struct rows { /* of `size` bytes each, 32 or more */
	VEC(uint8_t) v;
	size_t size;
};
void rows_add(struct rows *r, const uint8_t *a, const uint8_t *b);
/* Both sets, sorted; the differences are told and counted. Both are released. */
size_t rows_compare(struct rows *ours, struct rows *theirs, const char *who);

/* ---- X509_verify_cert ---- */

enum { JUDGES_VALIDITY = 1, JUDGES_CONSTRAINTS = 2 };
struct judging;
struct judging_rules {
	bool (*is_anchor)(const struct judging *j, uint32_t cert);
	/* PATH_REVOKED or PATH_DISTRUSTED, wherever it stands in the path; NULL: never */
	enum path_reason (*refused)(const struct judging *j, uint32_t cert);
	/* JUDGES_ bits: by what the anchor's own certificate is judged; NULL: by both */
	int (*judges_anchor)(const struct judging *j, uint32_t cert);
	bool any_eku; /* anyExtendedKeyUsage allows the purpose */
	const void *ctx;
};
struct judging { /* one day and purpose */
	struct trust_query q;
	const struct real *w;
	const struct judging_rules *rules;
	struct trust *trust;
	X509_STORE *all; /* every anchor of the day and purpose */
	X509_STORE *fit; /* those that the contract accepts */
	X509_STORE_CTX *ctx;
	STACK_OF(X509) * above;     /* certificates that may stand above the one at hand */
	STACK_OF(X509) * fit_above; /* those of them that have no fault of their own */
	uint8_t *unfit;             /* by seen */
	uint32_t *stamp, now;       /* by seen: last walk that met it */
	size_t accepted, confirmed, in_two_steps, not_at_noon, not_confirmed, asked;
	size_t refused[PATH_REASONS], other_path, overlooked;
};
void judging_start(
	struct judging *j, const struct real *w, const struct judging_rules *rules, const struct trust_query *q);
void judging_end(struct judging *j);
/* Every CA: what the index accepts is confirmed, what it does not is asked for. The numbers are told and stay in *j;
 * all is well when `confirmed` is `accepted`, and `not_confirmed` and `overlooked` are 0. */
void judge_all(struct judging *j, const char *title);
/* X509_V_OK, or why not. The chain stays in j->ctx until the next call. */
int judged(struct judging *j, X509_STORE *store, X509 *target, STACK_OF(X509) * others, int64_t at);
X509_STORE *judging_new_store(void);
/* All CA certificates that can stand above it by their names alone, added to j->above. */
void judging_gather(struct judging *j, X509 *x);
/* The chain of the last judged() as certificates of the graph; their number. */
size_t judging_chain(const struct judging *j, uint32_t path[PATH_MAX_LINKS]);
/* What is wrong with the path by rules that X509_verify_cert does not know, or NULL. */
const char *judging_fault(const struct judging *j, const uint32_t *path, size_t n);

#endif
