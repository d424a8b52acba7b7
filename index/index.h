/* The index as a whole: open it, import into it, look things up in it.
 *
 *	struct index *ix;
 *	if (index_open(path, INDEX_READ, &ix, &err) < 0) …
 *	const struct graph *g = index_graph(ix);     // loaded at open
 *	const struct store *s = index_store(ix, "mozilla", day);
 *	index_close(ix); */
#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include "base/err.h"
#include "base/opt.h"
#include "base/strbuf.h"
#include "index/impact.h"
#include "index/scenario.h"

struct index;

enum index_mode {
	INDEX_READ,   /* an absent file opens as an empty index; nothing is written */
	INDEX_WRITE,  /* created when absent; one writer at a time */
};
/* The default place: $CANOPY_DB, else $XDG_DATA_HOME/canopy/canopy.db; heap. */
char *index_default_path(void);
int index_open(const char *path, enum index_mode mode, struct index **ret, struct err *err);
/* What the path leads to now, for another thread: what it is asked touches nothing of `of`. Chrome's version is the same one.
 * ERR_INDEX also when it is gone. */
int index_open_beside(const struct index *of, struct index **ret, struct err *err);
/* The same with the graph of `of`, so that numbers of both are the same: asked nothing any more when `of` is read anew or
 * closed. ERR_INDEX also when the path leads to another file by now. */
int index_share(const struct index *of, struct index **ret, struct err *err);
void index_close(struct index *ix);
/* The graph, loaded on first use. Valid until index_take or index_close. */
const struct graph *index_graph(struct index *ix);
/* Has another process changed the file since it was read? It is read anew beside, in whatever thread, and then taken:
 *
 *	index_open_beside(ix, &fresh, &err);
 *	struct graph *g = index_graph_of_day(fresh, day);
 *	index_drop_day(index_take_day(fresh, g));    // fresh is of that day, too
 *	index_take(ix, fresh, g);
 *	index_close(fresh);                          // which is what ix was: when nobody asks the graph before any more
 *	free(g); */
int index_changed(struct index *ix, bool *changed, struct err *err);
/* Has another process numbered certificates and CAs anew since the file was read, as an import does? So much cheaper than
 * index_changed() that it may be asked between two frames. What is read of them by number is an error from then on, never
 * another's; index_take() helps. False also where it cannot be told. */
bool index_renumbered(struct index *ix);
/* Swaps what both have read, but not their paths and versions, which other threads may look at. */
void index_take(struct index *ix, struct index *fresh, struct graph *g);

/* ---- what is in it ---- */
struct index_stats {
	uint64_t ca_certs, cas, leaves, leaf_certs, unknown_issuer_leaves, problems, files;
	int32_t newest_day;   /* date of the newest source, or INT32_MIN when empty */
	int64_t indexed_at;   /* last change, Unix seconds */
	char sha256[65];      /* hash over what was indexed: equal contents, equal hash */
};
int index_stats(struct index *ix, struct index_stats *ret, struct err *err);
/* Of the stats the one day, without a look at the rest. */
int index_newest_day(struct index *ix, int32_t *ret, struct err *err);

struct index_size {
	uint64_t bytes, runs, rows; /* of the file; leaf rows of logs and the runs they stand in */
};
int index_measure(struct index *ix, struct index_size *ret, struct err *err);
/* Merges the leaf runs of each issuer to one, dropping what several logs show, and writes the file anew without holes.
 * What is merged when it is cancelled stays so. ERR_INDEX also when another canopy reads logs into it. */
int index_compact(const char *db_path, bool (*cancelled)(void *ctx), void *ctx, struct index_size *before,
                  struct index_size *after, struct err *err);
/* Derives CAs, edges, revocations, stores, sites and counts anew from what was fetched, all signatures checked again; one
 * transaction. */
struct index_rebuilt {
	uint64_t ca_certs, signatures;
};
int index_rebuild(const char *db_path, bool quiet, struct index_rebuilt *ret, struct err *err);

/* One indexed file or document (rows of `canopy sources`). Strings borrowed until index_close. */
struct index_source {
	const char *source;  /* "ccadb", "mozilla", "import" … */
	const char *kind;    /* "ccadb-report", "certdata", "pem", "der", "unknown" */
	const char *part;    /* report and year, store and date … */
	const char *from;    /* path or URL */
	const char *sha256;  /* hex */
	int32_t source_day;  /* date of the contents */
	int64_t fetched_at;  /* or imported */
	uint64_t bytes, records, problems;
	bool compared;       /* it came after another one, or was the first: */
	uint64_t added, changed, gone; /* records */
};
int index_sources(struct index *ix, struct index_source **ret, size_t *n, struct err *err); /* free() */
struct index_problem {
	const char *from;   /* file or URL */
	const char *place;  /* "row 17", "line 1204", "byte 300" or "" */
	const char *what;
};
int index_problems(struct index *ix, struct index_problem **ret, size_t *n, struct err *err); /* free() */

/* ---- programs ---- */
/* Names of the programs that have a store in this index, known programs first. Borrowed. */
size_t index_programs(struct index *ix, const char *const **ret);
/* The snapshot used on a day: the newest not later than it, else the oldest; NULL when the
 * program has none. Borrowed, kept until index_take or index_close. */
const struct store *index_store(struct index *ix, const char *program, int32_t day);
/* 0, or why something that was asked for so far could not be read: a graph or a store without it is not the whole. */
int index_read_error(const struct index *ix, struct err *err);
/* Chrome's rules are those for this major version of the browser; UINT32_MAX, the default, is the newest. Stores
 * handed out before are gone. */
void index_set_chrome_version(struct index *ix, uint32_t major);
/* Adds what the rules of an anchor say beyond dates, "; " between: constraints that are shown and not judged, and why a
 * rule is not evaluated. Clean text; adds nothing where there is nothing to say. */
void index_anchor_notes(struct index *ix, const struct store *s, uint32_t cert, enum purpose purpose, struct strbuf *out);
/* `coverage` of CAs that logs show is for this day; after index_open it is for today. */
void index_set_day(struct index *ix, int32_t day);

/* ---- a question beside others ----
 * While one thread shows the index, another may ask for another day:
 *
 *	index_rows_beside(ix);                      // in the thread
 *	struct graph *g = index_graph_of_day(ix, day);
 *	… trust_compute(), impact_compute() of g …
 *	index_rows_beside(NULL);
 *	old = index_take_day(ix, g);                // in the first one
 *	index_drop_day(old);                        // when nobody asks of the day before any more
 *	free(g);                                    // when nobody asks g any more
 *
 * or index_drop_day(g) when nobody wants it. Neither may reload the index meanwhile. */
/* From now on this thread reads the rows behind buckets by a connection of its own; NULL: it does so no longer, and the
 * connection is closed. Borrows the index's path. */
void index_rows_beside(const struct index *of);
/* The index's graph as after index_set_day(), which the index's own does not change by. It shares all but that. */
struct graph *index_graph_of_day(const struct index *ix, int32_t day);
/* The index is of that day, too, and g shares all with it: only g itself is still to be freed. Returns what the index was. */
struct graph *index_take_day(struct index *ix, struct graph *g);
void index_drop_day(struct graph *g);
/* Dates of all snapshots of a program, oldest first. */
size_t index_store_days(struct index *ix, const char *program, const int32_t **ret);

/* ---- certificates ---- */
struct cert_detail { /* cleaned text; owned by the detail's arena */
	const char *subject, *issuer, *serial; /* serial: lower-case hex of the content octets */
	const char *sig_alg, *key_alg;         /* "sha256WithRSAEncryption", "RSA 2048", "EC P-256" */
	const char *ski, *aki;                 /* hex or "" */
	const char *key_usage, *eku;           /* "keyCertSign, cRLSign" */
	const char *name_constraints, *ca_issuers, *crl_urls, *policies;
	const char *owner, *sub_owner, *ccadb_name, *ccadb_status, *revocation_status; /* as CCADB says, "" unknown */
	const char *status[4];                 /* Mozilla, Chrome, Apple, Microsoft as CCADB says */
	const char *seen_in;                   /* files that gave it, "; " between */
	const char *crtsh_id;
	struct arena arena;
};
int index_cert_detail(struct index *ix, uint32_t cert, struct cert_detail *ret, struct err *err);
void cert_detail_release(struct cert_detail *d);
/* The public key of a CA; -1 where it cannot be read, *ret is filled all the same. Reads one certificate: some 10 us. */
struct key_info;
int index_ca_key(struct index *ix, uint32_t ca, struct key_info *ret);
/* DER of a CA certificate (heap). */
int index_cert_der(struct index *ix, uint32_t cert, uint8_t **ret, size_t *len, struct err *err);

/* ---- leaves of one CA, one call a leaf ----
 * They come by notBefore, unreadable ones first, then by serial number, its octets compared; of one second those whose
 * serial number is not known come last, by name of the log and entry. Memory: ARCHITECTURE.md. */
struct http_limits;
struct config;
/* No is said only where a fetched and verified CRL of the CA would list the leaf. */
enum leaf_revoked { LEAF_REVOKED_UNKNOWN, LEAF_REVOKED_NO, LEAF_REVOKED_YES };
struct leaf_revocation {
	enum leaf_revoked revoked;
	int64_t since; /* revocationDate of one that is; TIME_UNKNOWN when unreadable */
	int reason;    /* CRLReason; crl_reason_name() */
};
struct leaf_info {
	const char *serial; /* hex; NULL when not known */
	int64_t not_before, not_after; /* TIME_UNKNOWN when unreadable */
	int64_t sct;                   /* SCT_NONE without */
	uint8_t eku, kind;
	bool precert, final; /* which forms were seen */
	const char *names;   /* SAN names of all its certificates, cleaned, ", " between; NULL when not known */
	const char *where;   /* files, and an entry of a log, "; " between */
	const char *organization; /* O of its subject, cleaned, "" without; NULL when not asked for or not known */
	struct leaf_revocation revocation; /* unknown when not asked for */
};
/* How serial numbers and names that the index does not hold are read again from the logs. */
struct ct_names_options {
	const char *contact;              /* as for http_client_new */
	const struct http_limits *limits; /* NULL = defaults */
	const struct config *config;      /* how each log may be asked; NULL = as usual */
	const char *cache;                /* folder that keeps what was read; NULL: none */
	bool offline;                     /* only from there and from files */
	bool (*cancelled)(void *ctx);
	void *ctx;
	uint64_t *unread; /* counts leaves whose names could not be had */
	struct err *why;  /* of the first of them */
};
struct ct_names;
int index_names_open(struct index *ix, const struct ct_names_options *o, struct ct_names **ret, struct err *err);
void ct_names_close(struct ct_names *s);
struct leaf_query {
	bool (*wants)(void *ctx, const struct leaf_info *l); /* without serial, names and where; NULL: all */
	bool (*each)(void *ctx, const struct leaf_info *l);  /* false ends it */
	void *ctx;
	struct ct_names *names; /* NULL: what the index does not hold is NULL */
	const int32_t *revoked_on; /* a day; NULL: revocation is not asked for */
	bool organization;      /* wanted, which the index holds of imported leaves alone */
};
int index_leaves(struct index *ix, uint32_t ca, const struct leaf_query *q, struct err *err);

/* ---- ranked sites ---- */
/* One CA and one site of the rank list that an unexpired leaf of the day names. */
struct site_use {
	uint32_t ca;
	int64_t site;        /* equal sites, equal numbers */
	uint64_t rank, leaves;
	const char *domain;
	int32_t last_na_day; /* of those leaves */
};
struct site_uses {
	struct site_use *v;  /* by CA, then rank */
	size_t n;
	uint32_t *first;     /* those of ca: v[first[ca] .. first[ca + 1]) */
	uint8_t *coverage;   /* enum coverage, of ca: were the names of all its counted leaves compared with the list? */
	bool ranked;         /* a rank list is indexed at all */
	struct arena strings;
};
int index_sites(struct index *ix, int32_t day, struct site_uses *ret, struct err *err);
void site_uses_release(struct site_uses *u);

/* ---- Firefox's validations ---- */
/* How many validations in Firefox ended in which root, by Mozilla's telemetry: what was visited, not what was issued. */
struct validations {
	bool indexed;      /* some are */
	int32_t day;       /* date of the telemetry */
	uint64_t total;    /* all that were counted, those in no root of Firefox's own too */
	uint64_t *of_cert; /* by certificate of the graph; meaningful where … */
	uint8_t *known;    /* … telemetry has a number for it */
};
int index_validations(struct index *ix, struct validations *ret, struct err *err);
/* Of all certificates of the CA that telemetry knows; false: of none. */
bool validations_of_ca(const struct validations *v, const struct graph *g, uint32_t ca, uint64_t *ret);
void validations_release(struct validations *v);

struct leaf_crls { /* verified lists that speak of leaves, and the earliest dates of them; TIME_UNKNOWN */
	uint64_t n;
	int64_t this_update, next_update;
};
int index_leaf_crls(struct index *ix, uint32_t ca, struct leaf_crls *ret, struct err *err);
/* revoked[ca]: unexpired leaves of the day that stand on a fetched and verified CRL of ca; -1 where none was
 * fetched. One element a CA of the graph. */
int index_revoked_leaves(struct index *ix, int32_t day, int64_t *revoked, struct err *err);

/* ---- REF (contract.md "Commands") ---- */
struct ref {
	bool is_cert;    /* one certificate; else CAs */
	uint32_t cert;
	uint32_t *ca;    /* one, or several for owner: and spki: */
	size_t n_cas;
};
/* Unknown or ambiguous: ERR_USAGE, the candidates are listed one a line in *candidates (may be NULL). */
int index_resolve(struct index *ix, const char *text, struct ref *ret, struct strbuf *candidates, struct err *err);
void ref_release(struct ref *r);
/* Has a CA of unknown owner the text in its name or subject? Such a CA is not taken for an owner's because it is called so, but said. */
bool index_may_own(const struct ca *ca, const char *text);
/* Interactive search: CAs whose name or owner contains text (case-smart), or that own a certificate whose SHA-256, SHA-1,
 * SPKI, SKI or serial in hex begins with it, as people paste it (pasted.h). Where that is nobody: CAs that issued a leaf whose
 * SHA-256 begins with it (*of_leaf). Else those whose subject contains it. Ascending by index; free(). False: it was cancelled, which is asked now and then (NULL:
 * nobody does). May be called in a thread, see index_rows_beside(). */
bool index_search(struct index *ix, const char *text, bool (*cancelled)(void *ctx), void *ctx, uint32_t **ret, size_t *ret_n,
                  bool *of_leaf);

/* ---- import ---- */
struct import_options {
	const char *store;       /* --store NAME or NULL */
	bool has_day;            /* --source-date */
	int32_t day;
	const char *source;      /* "import", or the fetched source's name */
	const char *const *from; /* URLs that stand for the paths, one each; or NULL */
	bool quiet;
	bool unverified;         /* also leaves of logs that no signed head proves */
};
struct import_result {
	uint64_t files, unchanged, skipped, ca_certs_new, ca_certs, leaves_new, leaves, records, problems, edges_checked;
	uint64_t gone;
	uint64_t added, altered, dropped; /* records, beside the files that those read came after */
	uint64_t held, held_problems;     /* records and problems of all that is indexed of the source … */
	int32_t held_day;                 /* … and the newest day of it, INT32_MIN without any */
	bool refused;            /* a file named by the caller could not be read or was rejected */
	struct err first_refusal;
	char *notes;             /* lines for people about files not used; heap, the caller frees it */
};
/* Can the file be a document of that fetched source? ERR_INPUT says what it lacks. */
int index_check_document(const char *source, const char *path, struct err *err);
/* Opens the index for writing by itself; one transaction: all or nothing. Files of no known kind inside
 * folders are skipped and kept as problems; a named file of no known kind sets `refused`. */
int index_import(const char *db_path, char *const *paths, size_t n, const struct import_options *o,
                 struct import_result *ret, struct err *err);

#endif
