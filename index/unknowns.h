/* What an answer of impact does not know, each fact computed from the index and the answer: CAs without counts or not
 * counted to the end and why, what nobody proves, old sources, CA certificates that CCADB does not list.
 *
 *	struct index_gaps gaps;               // of the index on a day, once for all the programs asked about
 *	index_gaps(ix, day, today, programs, n, &gaps, &err);
 *	struct unknowns u;
 *	unknowns_find(&gaps, &query, im, &u);
 *	unknowns_release(&u);
 *	index_gaps_release(&gaps);
 *
 * Strings are borrowed from the index and live until index_close. */
#ifndef INDEX_UNKNOWNS_H
#define INDEX_UNKNOWNS_H

#include "index/storedoubt.h"

#define STALE_DAYS 30 /* a source is old when it is more days older than the day of the answer, or than today if that is earlier */

struct index_gaps {
	struct index *ix;
	struct index_stats stats;
	int32_t today;
	struct index_source *source; /* as index_sources */
	size_t n_sources;
	bool ccadb;                  /* some report of CCADB is indexed */
	uint8_t revocations;         /* bits 1 << enum revocation_source that are indexed, of whatever day */
	bool log_list;
	VEC(const char *) unread;    /* logs that can hold leaves unexpired on the day and are not read to a signed head, by name */
	struct store_doubts doubts;  /* of the programs, on the day */
	uint64_t missing_issuers;    /* certificates that entries of logs name as their issuer's and no source gave */
	struct arena strings;
};
/* unknowns_find() is then asked about these programs alone. */
int index_gaps(struct index *ix, int32_t day, int32_t today, const char *const *program, size_t n, struct index_gaps *ret,
	struct err *err);
void index_gaps_release(struct index_gaps *g);

struct stale_source {
	const char *source, *kind, *part;
	int32_t day;
};
struct partial_source {
	const char *source; /* as count_source: "ct", "import" … */
	uint64_t cas;
};
struct unknowns {
	VEC(uint32_t) uncounted;            /* changed CAs without counts, those with the most CAs certified first */
	VEC(struct partial_source) partial; /* changed CAs counted, but not to the end */
	uint64_t partial_cas;
	uint64_t unproven_leaves, unproven_cas; /* issued leaves of changed CAs that no signed head shows */
	VEC(struct stale_source) stale;     /* oldest first */
	uint64_t old_count_cas;             /* changed CAs whose counts are as old */
	int32_t oldest_count;               /* meaningful with old_count_cas */
	VEC(uint32_t) undisclosed;          /* certificates of changed CAs that CCADB does not list; none where it is not indexed */
	uint64_t undisclosed_cas;
	VEC(const struct store_doubt *) doubt; /* about the store of the answer; of the gaps */
	bool smime_unlogged;                /* purpose email: no public log shows S/MIME certificates */
	bool revocation_not_modelled;
	uint8_t revocation_missing;         /* as gaps.revocations: what the answer would apply and is not there */
	uint64_t inexact_cas, unevaluated_cas; /* changed or kept by another path */
};
/* Bits 1 << enum revocation_source of what revokes for the query and is not indexed: what it revokes is not known. */
uint8_t revocation_missing(const struct index_gaps *gaps, const struct trust_query *q);
/* One sentence of them, or nothing. */
void revocation_missing_text(uint8_t missing, const struct trust_query *q, struct strbuf *out);
/* "ccadb-report AllCertificateRecordsReport of 2026-10-01" */
void stale_source_text(const struct stale_source *s, struct strbuf *out);
void unknowns_find(const struct index_gaps *gaps, const struct trust_query *q, const struct impact *im, struct unknowns *ret);
void unknowns_release(struct unknowns *u);

#endif
