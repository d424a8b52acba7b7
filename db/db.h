/* The one SQLite file. Only this folder speaks SQL; others call functions named
 * for what they ask and get typed rows. Text and blobs handed to a row callback
 * are borrowed and live until it returns.
 *
 *	struct db *db;
 *	if (db_open(path, DB_WRITE, &db, &err) < 0) …
 *	db_begin(db, &err);              // IMMEDIATE: one writer at a time
 *	db_add_certificate(db, sha256, der, n, &id, &is_new, &err);
 *	db_commit(db, &err);             // or db_rollback(db)
 *	db_close(db); */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

/* Used by one thread at a time. */
struct db;
enum db_mode {
	DB_READ,  /* an absent file opens as an empty database in memory */
	DB_WRITE, /* created when absent */
};
int db_open(const char *path, enum db_mode mode, struct db **ret, struct err *err);
void db_close(struct db *db);
int db_begin(struct db *db, struct err *err);
/* A consistent view for several reads; ends with db_commit. */
int db_begin_read(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err);
/* Inside a transaction: what was done since db_savepoint is undone by db_undo, or kept by db_keep. */
int db_savepoint(struct db *db, struct err *err);
int db_undo(struct db *db, struct err *err);
int db_keep(struct db *db, struct err *err);
void db_rollback(struct db *db);
/* Outside a transaction: the file is written anew without what was deleted. */
int db_vacuum(struct db *db, struct err *err);
/* Inside a transaction: an index that an earlier canopy made gets the views of this one. */
int db_renew_views(struct db *db, struct err *err);
/* Bytes of the database as it stands, its log written back. */
int db_file_bytes(struct db *db, int64_t *ret, struct err *err);
/* Changes whenever another connection commits. */
int db_data_version(struct db *db, int64_t *ret, struct err *err);
/* What certificates, CAs and stores are numbered by has a name, which no other numbering has, of this file or of another:
 * while it is the same their row ids mean the same. Whoever gives or takes ids names it anew, in the same transaction. Of a
 * file in which nobody did it is told from the last ids there are. */
#define DB_NUMBERING 128
int db_numbering(struct db *db, char ret[DB_NUMBERING], struct err *err);
int db_renumber(struct db *db, struct err *err);

struct db_blob {
	const void *p;
	size_t n;
};
/* An optional number. */
struct db_int {
	bool set;
	int64_t v;
};
#define DB_INT(x) ((struct db_int){ true, (x) })
#define DB_NULL ((struct db_int){ false, 0 })

/* ---- files and problems ---- */
struct db_file {
	int64_t id;
	const char *source, *kind, *part, *origin;
	const uint8_t *sha256;
	int32_t source_day;
	int64_t source_time; /* of the contents; when written */
	bool derived;        /* only fills gaps; when written */
	int64_t fetched_at;
	int64_t bytes, records, problems;
	struct db_int added, changed, gone; /* when read: records, beside the file that it came after */
};
/* Is a file with these bytes indexed as this kind and part? */
int db_file_known(struct db *db, const uint8_t sha256[32], const char *kind, const char *part, bool *known, struct err *err);
/* That it is, from a file that somebody imported: no source gave it. */
int db_file_imported(struct db *db, const uint8_t sha256[32], const char *kind, const char *part, bool *imported, struct err *err);
/* The time of the contents of the file indexed as (kind, part); *found says whether there is one. */
int db_file_time(struct db *db, const char *kind, const char *part, bool *found, int64_t *time, struct err *err);
/* Removes what an earlier file of the same kind and part gave, and adds this one. */
int db_replace_file(struct db *db, const struct db_file *f, int64_t *ret_id, struct err *err);
/* The file that the next one of (kind, part) comes after: that of the same part, which is kept under another name until
 * db_drop_aside, or for lists of which each day is kept (by_day) the newest not later than time. */
struct db_before {
	int64_t file; /* 0: none */
	int32_t day;  /* of its contents; where it is set aside */
	bool aside;
};
int db_set_aside(struct db *db, const char *kind, const char *part, bool by_day, int64_t time, struct db_before *ret, struct err *err);
/* Counts the records that came, say something else now, and went, and keeps the numbers with the file. */
struct db_file_change {
	int64_t added, changed, gone;
};
int db_compare_file(struct db *db, int64_t file, const struct db_before *before, struct db_file_change *ret, struct err *err);
int db_drop_aside(struct db *db, const struct db_before *before, const char *part, struct err *err);
/* What is indexed of a source: of lists of which each day is kept, the newest. */
struct db_source_sum {
	int64_t files, records, problems, fetched_at;
	int32_t newest_day; /* meaningful with files */
};
int db_source_sum(struct db *db, const char *source, struct db_source_sum *ret, struct err *err);
int db_drop_file(struct db *db, const char *kind, const char *part, struct err *err);
int db_finish_file(struct db *db, int64_t file, int64_t records, int64_t problems, struct err *err);
int db_add_problem(struct db *db, int64_t file, int64_t n, const char *place, const char *what, struct err *err);
int db_each_file(struct db *db, int (*fn)(void *ctx, const struct db_file *f), void *ctx, struct err *err);
/* The day of the newest source; null: there is none. */
int db_newest_day(struct db *db, struct db_int *ret, struct err *err);
int db_each_problem(struct db *db, int (*fn)(void *ctx, const char *origin, const char *place, const char *what),
                    void *ctx, struct err *err);

/* ---- certificates ---- */
int db_add_certificate(struct db *db, const uint8_t sha256[32], const void *der, size_t n, int64_t *ret_id, bool *is_new,
                       struct err *err);
int db_add_seen(struct db *db, int64_t file, int64_t certificate, struct err *err);
/* Certificates that no file gives any more go. *gone counts them. */
int db_drop_unseen(struct db *db, uint64_t *gone, struct err *err);
enum db_class { DB_CLASS_NEW, DB_CLASS_CA, DB_CLASS_LEAF, DB_CLASS_LEAF_ORPHAN };
struct db_certificate {
	int64_t id;
	const uint8_t *sha256;
	enum db_class class;
	bool disclosed; /* listed in CCADB */
	struct db_blob der;
};
/* All but leaves whose issuer is known (those only once CCADB lists them), by id. */
int db_each_unsettled(struct db *db, int (*fn)(void *ctx, const struct db_certificate *c), void *ctx, struct err *err);
/* The key spki_sha256 has one more CA: where ca_id is new, the leaves and CRLs of the key's CAs are to be placed anew. *ret_any:
 * there are such leaves, and db_each_unsettled() gives them. */
int db_unsettle_key(struct db *db, const uint8_t ca_id[32], const uint8_t spki_sha256[32], bool *ret_any, struct err *err);
/* The same of the leaves of a CA that is none any more. */
int db_unsettle_ca(struct db *db, int64_t ca, bool *ret_any, struct err *err);
/* The same of all precertificates, where other ones than `signers` (a digest) signed them for others at the last call. */
int db_unsettle_precerts(struct db *db, const char *signers, bool *ret_any, struct err *err);
/* How many certificates are of each class. */
int db_class_counts(struct db *db, int64_t count[4], struct err *err);
int db_set_class(struct db *db, int64_t certificate, enum db_class class, struct err *err);
int db_certificate_der(struct db *db, int64_t certificate, int (*fn)(void *ctx, struct db_blob der), void *ctx,
                       struct err *err);
/* Origins of the files that gave it, one call each. */
int db_each_origin(struct db *db, int64_t certificate, int (*fn)(void *ctx, const char *origin), void *ctx,
                   struct err *err);

/* *read: is a file from this place there at all? *gave: did one of them give the certificate? */
int db_origin_gave(struct db *db, const char *origin, int64_t certificate, bool *read, bool *gave, struct err *err);

/* ---- CCADB records ---- */
enum db_ccadb_field {
	DB_CCADB_OWNER, DB_CCADB_SUB_OWNER, DB_CCADB_RECORD_ID, DB_CCADB_NAME, DB_CCADB_TYPE,
	DB_CCADB_MOZILLA, DB_CCADB_CHROME, DB_CCADB_APPLE, DB_CCADB_MICROSOFT,
	DB_CCADB_REVOCATION, DB_CCADB_TRUST_BITS, DB_CCADB_CONSTRAINED, DB_CCADB_CRL_URLS,
	DB_CCADB_APPLE_BITS, DB_CCADB_MOZILLA_BITS, DB_CCADB_MICROSOFT_EKUS, DB_CCADB_PARTITIONED_CRLS,
	DB_CCADB_FIELDS
};
int db_add_ccadb_record(struct db *db, int64_t file, int64_t row, const uint8_t *sha256 /* or NULL */,
                        const char *const field[DB_CCADB_FIELDS], struct err *err);
struct db_ccadb_row {
	const uint8_t *sha256;
	const char *field[DB_CCADB_FIELDS]; /* NULL: the report has no such column */
	int64_t file;
	int32_t day; /* of the report */
	bool derived; /* it was put together by somebody from others */
};
/* Every record with a fingerprint; within a certificate the newest report first, derived files last; of one
 * day by the reports' names, whichever was imported first. */
int db_each_ccadb_record(struct db *db, int (*fn)(void *ctx, const struct db_ccadb_row *r), void *ctx, struct err *err);
/* The same but for those of intermediates, which inherit what a program says of their roots and are no anchors. */
int db_each_ccadb_root_record(struct db *db, int (*fn)(void *ctx, const struct db_ccadb_row *r), void *ctx, struct err *err);
/* The same of reports of the days from … to alone, and not of derived files: what CCADB itself says there. */
int db_each_ccadb_own_root_record(struct db *db, int32_t from, int32_t to, int (*fn)(void *ctx, const struct db_ccadb_row *r),
                                  void *ctx, struct err *err);
/* Certificates of which a report of CCADB's own, or else a file derived from others, says whether they are revoked. */
int db_each_ccadb_revocable(struct db *db, bool derived, int (*fn)(void *ctx, int64_t certificate), void *ctx, struct err *err);
/* Is there any, derived or not? */
int db_has_ccadb_revocable(struct db *db, bool *ret, struct err *err);
/* Every record of one certificate, in the same order. */
int db_ccadb_records_of(struct db *db, const uint8_t sha256[32], int (*fn)(void *ctx, const struct db_ccadb_row *r),
                        void *ctx, struct err *err);

/* ---- what reports said before (history.c) ---- */
/* Of a report that was set aside: remembers what `file`, of this part and day, says otherwise; of a newer day, the stores
 * derived from the old one, too.
 * The rest of the old one goes. */
int db_end_past(struct db *db, const struct db_before *past, int64_t file, const char *part, int32_t day, struct err *err);
struct db_change {
	const uint8_t *sha256;
	const char *part, *field; /* "record": it came or went as a whole; else a column of ccadb_record */
	int32_t day, since;       /* of the newer and of the older report */
	const char *old, *new;    /* NULL: there was, or is, no record */
};
/* Those up to the day, oldest first. */
int db_each_change(struct db *db, int32_t day, int (*fn)(void *ctx, const struct db_change *c), void *ctx, struct err *err);

/* ---- stores ---- */
struct db_anchor {
	const uint8_t *sha256;
	int purpose;
	struct db_int nb_lo, nb_hi, sct_lo, sct_hi;
	bool judge_validity, judge_constraints, unevaluated;
	const char *min_version, *max_version; /* NULL: every version */
	const char *note;
};
/* The snapshot of (program, day, version), made when absent; version 0 where the store does not count. report: the CCADB report it is derived from, which keeps it
 * also when it has no anchor. */
int db_store_snapshot(struct db *db, const char *program, int32_t day, int64_t version, struct db_int report,
                      int64_t *ret_id, struct err *err);
int db_add_anchor(struct db *db, int64_t snapshot, int64_t file, int64_t n, const struct db_anchor *a, struct err *err);
int db_add_distrust(struct db *db, int64_t snapshot, int64_t file, int64_t n, const uint8_t issuer_sha256[32],
                    struct db_blob serial, int purpose, struct err *err);
int db_each_snapshot(struct db *db, int (*fn)(void *ctx, int64_t id, const char *program, int32_t day, int64_t version),
                     void *ctx, struct err *err);
int db_each_anchor(struct db *db, int64_t snapshot, int (*fn)(void *ctx, const struct db_anchor *a), void *ctx,
                   struct err *err);
/* The source of the file that gave it; no call for a snapshot without anchors. */
int db_source_of_snapshot(struct db *db, int64_t snapshot, int (*fn)(void *ctx, const char *source), void *ctx, struct err *err);
/* Certificates that a snapshot distrusts, as far as the index has them. */
int db_each_distrusted(struct db *db, int64_t snapshot, int (*fn)(void *ctx, int64_t certificate, int purpose), void *ctx,
                       struct err *err);

/* What stands in the certdata.txt that gave the snapshot; nothing where another kind of file did. */
int db_each_certdata_certificate(struct db *db, int64_t snapshot, int (*fn)(void *ctx, const struct db_certificate *c), void *ctx,
                                 struct err *err);
struct db_distrust {
	const uint8_t *issuer_sha256;
	struct db_blob serial;
	int purpose;
	struct db_blob of_issuer; /* a CA certificate whose issuer has that name; empty: none is indexed */
};
/* Distrust that hits no CA certificate of the index, as the file has it. */
int db_each_other_distrust(struct db *db, int64_t snapshot, int (*fn)(void *ctx, const struct db_distrust *d), void *ctx,
                           struct err *err);

/* Snapshots without any rule go. */
int db_drop_empty_snapshots(struct db *db, struct err *err);
/* Those that db_store_snapshot made for a report that is still there. */
int db_drop_derived_stores(struct db *db, struct err *err);
/* All of the program that a report gave, past ones too; and the past reports that gave nothing else. */
int db_drop_derived_store(struct db *db, const char *program, struct err *err);
/* Is there a snapshot of (program, day, version)? */
int db_has_snapshot(struct db *db, const char *program, int32_t day, int64_t version, bool *ret, struct err *err);
/* Does the program have a store of its own files? */
int db_has_own_store(struct db *db, const char *program, bool *ret, struct err *err);

/* CA certificates with that issuer Name (its hash) and serial number (content octets). */
int db_each_ca_cert_named(struct db *db, const uint8_t issuer_sha256[32], struct db_blob serial,
                          int (*fn)(void *ctx, int64_t certificate), void *ctx, struct err *err);

/* ---- revocation lists ---- */
/* Days of the indexed lists of a source (enum revocation_source), oldest first; two lists of one day give it twice. */
int db_each_list_day(struct db *db, int source, int (*fn)(void *ctx, int64_t day), void *ctx, struct err *err);
struct db_statement {
	int source;
	const uint8_t *issuer_sha256, *issuer_spki_sha256, *subject_sha256, *spki_sha256; /* NULL: any */
	struct db_blob serial; /* with p NULL: any */
	bool enabled;
	const char *note;
};
int db_add_statement(struct db *db, int64_t file, int64_t n, const struct db_statement *s, struct err *err);
/* What a CRL's entries revoke: a list for CA certificates alone says nothing of leaves. */
enum db_crl_scope { DB_CRL_NOTHING, DB_CRL_ALL, DB_CRL_CAS };
struct db_crl {
	int64_t file, n;
	struct db_int this_update, next_update;
	enum db_crl_scope applies;
	struct db_int ca;
	const char *origin; /* when read */
	struct db_blob der, digest; /* digest empty: der is the whole list */
};
int db_add_crl(struct db *db, const struct db_crl *c, struct err *err);
int db_add_crl_entry(struct db *db, int64_t file, int64_t n, struct db_blob serial, struct db_int since, int reason,
                     struct err *err);
int db_each_crl(struct db *db, int (*fn)(void *ctx, const struct db_crl *c), void *ctx, struct err *err);
/* The verified lists of the CA that speak of leaves. */
int db_each_crl_of_leaves(struct db *db, int64_t ca, int (*fn)(void *ctx, const struct db_crl *c), void *ctx, struct err *err);
/* How many they are, and the earliest of their dates; NULL where one cannot be read or there is none. */
struct db_crl_dates {
	int64_t lists;
	struct db_int this_update, next_update;
};
int db_crl_dates_of(struct db *db, int64_t ca, struct db_crl_dates *ret, struct err *err);
struct db_crl_entry {
	struct db_blob serial;
	struct db_int since;
	int reason;
};
/* Their entries that hold on the day; of several lists a serial number may come several times. */
int db_each_crl_entry_of(struct db *db, int64_t ca, int32_t day, int (*fn)(void *ctx, const struct db_crl_entry *e), void *ctx,
                         struct err *err);
/* The earliest one of a serial number; ret->serial is left out. */
int db_crl_entry_of(struct db *db, int64_t ca, int32_t day, struct db_blob serial, bool *found, struct db_crl_entry *ret,
                    struct err *err);
/* A certificate of the CA that verified the CRL indexed as this part; fn is not called when there is none. */
int db_crl_signer(struct db *db, const char *part, int (*fn)(void *ctx, struct db_blob der), void *ctx, struct err *err);
/* The CRL indexed as this part, verified or not; fn is not called when there is none. */
int db_crl_held(struct db *db, const char *part, int (*fn)(void *ctx, const struct db_crl *c), void *ctx, struct err *err);
/* Those that no key verified yet. */
int db_each_unverified_crl(struct db *db, int (*fn)(void *ctx, const struct db_crl *c), void *ctx, struct err *err);
int db_set_crl_ca(struct db *db, int64_t file, int64_t n, struct db_int ca, struct err *err);
/* Fills revocation from the lists and the verified CRLs, after certificates and edges are linked. */
int db_apply_revocations(struct db *db, int crl_source, struct err *err);
/* For each CA of which a verified CRL is indexed: its unexpired leaves of the day that stand on it by then. */
int db_each_revoked_count(struct db *db, int32_t day, int (*fn)(void *ctx, int64_t ca, int64_t revoked), void *ctx,
                          struct err *err);
/* Remembers what is revoked on this day, for db_each_unrevoked. */
int db_remember_revoked(struct db *db, int32_t day, struct err *err);
/* Was revoked by a source once, and is in none of its indexed lists, replaced ones included. */
int db_each_unrevoked(struct db *db, int (*fn)(void *ctx, int64_t certificate, int source, int32_t day), void *ctx,
                      struct err *err);

/* ---- linking ---- */
int db_each_signature(struct db *db, int (*fn)(void *ctx, int64_t certificate, const uint8_t *spki_sha256, int good),
                      void *ctx, struct err *err);
int db_add_signature(struct db *db, int64_t certificate, const uint8_t spki_sha256[32], int good, struct err *err);
/* No signature is known to be checked, and no leaf and no CRL to be of a CA: linking asks all of them anew. */
int db_forget_signatures(struct db *db, struct err *err);
/* Empties ca_certificate, edge and revocation, which the linker fills anew. */
int db_clear_links(struct db *db, struct err *err);
struct db_ca {
	int64_t id;
	const uint8_t *ca_id, *spki_sha256;
	const uint8_t *subject_sha256; /* when written */
	const char *name, *subject, *owner, *ca_owner;
};
/* Keeps the id of a CA that is there already. */
int db_put_ca(struct db *db, const struct db_ca *ca, int64_t *ret_id, struct err *err);
/* CAs without certificate go. */
int db_drop_empty_cas(struct db *db, struct err *err);
struct db_ca_certificate {
	int64_t certificate, ca;
	const uint8_t *sha256, *sha1;
	uint32_t flags;
	struct db_int not_before, not_after;
	int32_t path_len;
	uint8_t eku;
	struct db_blob serial, issuer_sha256, ski; /* written; who reads them all has no use for them */
};
int db_add_ca_certificate(struct db *db, const struct db_ca_certificate *c, struct err *err);
int db_add_edge(struct db *db, int64_t certificate, int64_t issuer, struct err *err);
/* since, until: first second it holds and first it no longer does; a source may list a certificate, drop it and list it again. */
int db_add_revocation(struct db *db, int64_t certificate, int source, struct db_int since, struct db_int until,
                      struct err *err);

/* ---- leaves ---- */
struct db_leaf_certificate {
	int64_t certificate, ca;
	struct db_blob serial;
	struct db_int not_before, not_after, sct;
	uint8_t eku, kind;
	bool precert;
};
int db_add_leaf_certificate(struct db *db, const struct db_leaf_certificate *l, struct err *err);
/* Merges leaf certificates to leaves, buckets and counts, all anew. day: date of the newest import. */
int db_count_leaves(struct db *db, struct err *err);
struct db_leaf {
	struct db_blob serial;
	struct db_int not_before, not_after, sct;
	uint8_t eku, kind;
	bool precert, final;
};
/* By notBefore, unreadable ones first, then by serial number. */
int db_each_leaf(struct db *db, int64_t ca, int (*fn)(void *ctx, const struct db_leaf *l), void *ctx, struct err *err);
/* The imported certificates of a CA's leaves that end at `since` or later. */
int db_each_issued_der(struct db *db, int64_t ca, int64_t since, int (*fn)(void *ctx, struct db_blob der), void *ctx, struct err *err);
/* The imported certificates of one leaf, final ones first, in an order that the order of imports does not change; and the
 * files that gave them, each once. */
int db_each_certificate_of_leaf(struct db *db, int64_t ca, struct db_blob serial, int (*fn)(void *ctx, int64_t certificate),
                                void *ctx, struct err *err);
int db_each_origin_of_leaf(struct db *db, int64_t ca, struct db_blob serial, int (*fn)(void *ctx, const char *origin), void *ctx,
                           struct err *err);
/* Serials that several different certificates of one form (precertificates, or final ones) share, or whose
 * certificates differ in validity. */
int db_each_duplicate_leaf(struct db *db, int (*fn)(void *ctx, int64_t ca, struct db_blob serial, int64_t certificates),
                           void *ctx, struct err *err);
/* In a bucket's kind: sct_day is that of a log's time, no certificate of these leaves embeds an SCT. */
#define DB_BUCKET_LOG_TIME 16
/* Exact seconds of the leaves of one bucket. */
struct db_bucket {
	int64_t ca;
	int32_t nb_day, na_day, sct_day;
	uint8_t eku, kind;
	uint32_t n;
};
int db_each_bucket_leaf(struct db *db, const struct db_bucket *b,
                        void (*fn)(void *ctx, int64_t nb, int64_t na, struct db_int sct), void *ctx, struct err *err);

/* The certificate of this fingerprint; fn is not called when the index has none. */
int db_certificate_of(struct db *db, const uint8_t sha256[32], int (*fn)(void *ctx, struct db_blob der), void *ctx, struct err *err);

/* ---- loading ---- */
int db_each_ca(struct db *db, int (*fn)(void *ctx, const struct db_ca *ca), void *ctx, struct err *err);
int db_each_ca_certificate(struct db *db, int (*fn)(void *ctx, const struct db_ca_certificate *c), void *ctx,
                           struct err *err);
int db_each_edge(struct db *db, int (*fn)(void *ctx, int64_t certificate, int64_t issuer), void *ctx, struct err *err);
int db_each_revocation(struct db *db,
                       int (*fn)(void *ctx, int64_t certificate, int source, struct db_int since, struct db_int until),
                       void *ctx, struct err *err);
int db_each_bucket(struct db *db, int (*fn)(void *ctx, const struct db_bucket *b), void *ctx, struct err *err);
struct db_count {
	int64_t ca;
	uint64_t issued;
	struct db_int first_nb_day, last_nb_day, last_na_day;
	const char *source;
	int32_t source_day;
	int coverage;
	uint64_t unproven; /* of issued: shown only by what nobody proves */
};
int db_each_count(struct db *db, int (*fn)(void *ctx, const struct db_count *c), void *ctx, struct err *err);
enum db_total { DB_TOTAL_LEAVES, DB_TOTAL_LEAF_CERTS, DB_TOTAL_ORPHANS, DB_TOTAL_PROBLEMS, DB_TOTALS };
int db_totals(struct db *db, int64_t total[DB_TOTALS], struct err *err);
/* The same for leaf certificates by SHA-256 (which = 'l'): fn gets the row id of the CA that issued it. Certificates
 * whose serial (which = 's') or SKI (which = 'k') begins with the n bytes; a half byte more
 * when nibble >= 0 (its upper four bits). */
int db_find_certificates(struct db *db, char which, const uint8_t *prefix, size_t n, int nibble,
                         int (*fn)(void *ctx, int64_t certificate), void *ctx, struct err *err);

#endif
