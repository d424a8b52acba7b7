/* Leaves of Certificate Transparency as rows of 36 bytes, in runs that ascend by key: BLOBs of one issuer in the
 * one SQLite file. The same leaf may stand in many runs (precertificate, final certificate, several logs); walking all
 * runs of a CA merges them, one call a distinct leaf, in memory that depends on the number of runs and not on that of rows.
 *
 *	db_ct_issuer(db, spki_sha256, name, &issuer, &err);
 *	db_add_run(db, issuer, log, ends, rows, n, &err);    // rows in any order; sorted and merged in place
 *	db_each_ct_leaf(db, ca, fn, ctx, &err); */
#ifndef DB_LEAFRUN_H
#define DB_LEAFRUN_H

#include "db/db.h"

#define LEAF_ROW_BYTES 36

enum { /* flags of a row; five bits of EKU_ and two of enum leaf_kind stand above them */
	LEAF_PRECERT = 1 << 0,
	LEAF_FINAL = 1 << 1,
	LEAF_LOG_TIME = 1 << 2, /* sct is the log's time: no certificate of the leaf embeds one */
	LEAF_WILDCARD = 1 << 3,
	LEAF_CONFLICT = 1 << 4, /* certificates with different contents share the serial number */
	LEAF_PROVEN = 1 << 5,   /* by the signed head of a log whose key is known, or by its issuer's signature when it was imported */
};
struct leaf_row {
	uint64_t key;           /* keyed hash of the serial number */
	int64_t nb, na;         /* seconds; LEAF_TIME_UNKNOWN unreadable */
	int64_t sct;            /* earliest embedded SCT, else earliest log time, in seconds */
	uint64_t index;         /* an entry of the log that shows it */
	uint32_t content;       /* hash of the contents */
	uint16_t log;           /* row id of ct_log */
	uint8_t flags, eku, kind;
};
/* Which certificate of an issuer: what has this serial number and these contents. */
struct leaf_key {
	uint64_t key;
	uint32_t content;
};
static inline struct leaf_key leaf_key_of(const struct leaf_row *r)
{
	return (struct leaf_key){ r->key, r->content };
}
#define LEAF_TIME_UNKNOWN INT64_MIN

/* The key of a serial number in this index. */
int db_leaf_key_seed(struct db *db, uint64_t seed[2], struct err *err);

/* by_cert: the hash is that of the issuer's certificate, which is not known (yet). */
int db_ct_issuer(struct db *db, const uint8_t hash[32], bool by_cert, struct db_blob name, int64_t *ret_id, int64_t *ret_named,
                 struct err *err);
/* Fingerprints of such certificates that the index does not have. */
int db_each_missing_issuer(struct db *db, int (*fn)(void *ctx, const uint8_t sha256[32]), void *ctx, struct err *err);
/* Sorts rows by key and merges equal ones in place; their number after it. */
size_t leaf_rows_merge(struct leaf_row *rows, size_t n);
int db_add_run(struct db *db, int64_t issuer, int64_t log, int64_t ends, struct leaf_row *rows, size_t n, struct err *err);
/* So many runs of an issuer of about one size become one: few are left, and a row is written again only when its run
 * grows so many times. db_settle_runs looks at those of a log that are not proven yet, inside a transaction; it is enough
 * to call it for every LEAF_RUNS_SAME-th run. */
#define LEAF_RUNS_SAME 32
int db_settle_runs(struct db *db, int64_t issuer, int64_t log, struct err *err);
/* Keeps a serial number and names; *named counts on. */
int db_add_ct_name(struct db *db, int64_t issuer, struct leaf_key key, struct db_blob serial, const char *names, int64_t *named,
                   struct err *err);
/* No names of this issuer any more. */
int db_drop_ct_names(struct db *db, int64_t issuer, struct err *err);
int db_set_ct_named(struct db *db, int64_t issuer, int64_t named, struct err *err);
/* The names of this key's leaves are kept however many they are. */
int db_keep_ct_names_of(struct db *db, const uint8_t spki_sha256[32], struct err *err);
int db_each_ct_names_of(struct db *db, int (*fn)(void *ctx, const uint8_t spki_sha256[32]), void *ctx, struct err *err);
/* Forgets rows of a log that no head proved. */
int db_drop_unproven(struct db *db, int64_t log, int64_t verified, struct err *err);

struct db_ct_issuer {
	int64_t id, ca; /* 0 none */
	const uint8_t *hash;
	bool by_cert; /* hash is that of the issuer's certificate, else of its key */
	struct db_blob name;
};
int db_each_ct_issuer(struct db *db, int (*fn)(void *ctx, const struct db_ct_issuer *i), void *ctx, struct err *err);
int db_set_ct_issuer_ca(struct db *db, int64_t issuer, struct db_int ca, struct err *err);

/* Every counted leaf of a CA, imported certificates merged in, ascending by key. ca 0: of the issuers without a CA.
 * fn: 0 goes on, < 0 stops. */
int db_each_ct_leaf(struct db *db, int64_t ca, int (*fn)(void *ctx, const struct leaf_row *row), void *ctx, struct err *err);
/* The same of one issuer, without what was imported. */
int db_each_issuer_leaf(struct db *db, int64_t issuer, int (*fn)(void *ctx, const struct leaf_row *row), void *ctx, struct err *err);
/* Serial number and names of a leaf; false when they are not kept. Of a leaf with conflicting contents one of them. */
int db_ct_name(struct db *db, int64_t ca, const struct leaf_row *row, bool *found,
               void (*fn)(void *ctx, struct db_blob serial, const char *names), void *ctx, struct err *err);
/* The names that are kept of a CA's leaves in logs, and the certificates of those that were imported. */
int db_each_name_of(struct db *db, int64_t ca, int (*fn)(void *ctx, struct leaf_key key, const char *names), void *ctx,
                    struct err *err);
int db_each_der_of(struct db *db, int64_t ca, int (*fn)(void *ctx, struct db_blob serial, struct db_blob der), void *ctx,
                   struct err *err);
/* CAs of whose leaves in logs not all names are kept. */
int db_each_nameless(struct db *db, int (*fn)(void *ctx, int64_t ca), void *ctx, struct err *err);
/* Leaves whose issuer is no CA of the index, as of the last count. */
int db_ct_orphans(struct db *db, int64_t *ret, struct err *err);
/* The first day D of which it is true, and of all later ones, that every listed log that can hold leaves unexpired on D is
 * read to a signed head; INT32_MAX never, INT32_MIN always. */
int db_ct_complete_from(struct db *db, int32_t *ret, struct err *err);
/* Listed logs that are not read to a signed head and can hold leaves unexpired on the day, by log id; *listed says whether
 * a list is indexed at all. */
int db_each_ct_unread(struct db *db, int32_t day, bool *listed, int (*fn)(void *ctx, const uint8_t log_id[32]), void *ctx,
                      struct err *err);
/* Was a log proven further since the last count? So it is when a run is killed before it counts. */
int db_ct_uncounted(struct db *db, bool *ret, struct err *err);
/* Buckets, counts and duplicates of every CA with rows; inside db_count_leaves. */
int db_count_ct(struct db *db, struct err *err);
/* Merges the proven runs of each issuer, a transaction each: by their sizes as above, or all to one. */
int db_compact(struct db *db, bool all_to_one, bool (*cancelled)(void *ctx), void *ctx, struct err *err);
/* Runs and rows as they are stored, counted or not. */
int db_run_totals(struct db *db, int64_t *runs, int64_t *rows, struct err *err);
int db_each_ct_duplicate(struct db *db, int (*fn)(void *ctx, int64_t ca, struct db_blob serial), void *ctx, struct err *err);

/* Unexpired leaves of the day that stand on a fetched CRL of the CA by then; *has_rows: the CA has rows at all. */
int db_ct_revoked(struct db *db, int64_t ca, int32_t day, bool *has_rows, int64_t *ret, struct err *err);

/* ---- logs ---- */
struct db_ct_known {
	const uint8_t *log_id;
	const char *name, *operator, *url, *submission;
	bool tiled, test;
	struct db_blob key;
	int state;
	struct db_int starts, ends, final_size;
	const uint8_t *final_root; /* NULL without */
};
int db_add_ct_known(struct db *db, int64_t file, int64_t n, const struct db_ct_known *k, struct err *err);
/* Newest list first; a log may come several times. */
int db_each_ct_known(struct db *db, int (*fn)(void *ctx, const struct db_ct_known *k), void *ctx, struct err *err);
struct db_ct_log {
	int64_t id;
	const uint8_t *log_id;
	int64_t file;
	const char *name, *url;
	bool tiled, unverified;
	struct db_int broken_from; /* entries from here on are taken without proof, because the user says so */
	int64_t read_from, position, verified;
	struct db_blob merkle, verified_merkle;
	int64_t head_size;
	struct db_int head_time;
	struct db_blob head_root; /* 32 bytes or none */
	int64_t malformed, verified_malformed;
	struct db_int read_at;
	double seconds;
	int64_t entries;
	const char *error;
};
int db_each_ct_log(struct db *db, int (*fn)(void *ctx, const struct db_ct_log *l), void *ctx, struct err *err);
/* Adds it when l->id is 0, and sets l->id. */
int db_put_ct_log(struct db *db, struct db_ct_log *l, struct err *err);
int db_set_evidence(struct db *db, int64_t log, struct db_blob evidence, struct err *err);
/* As db_add_problem; one of the same number is replaced. */
int db_put_problem(struct db *db, int64_t file, int64_t n, const char *place, const char *what, struct err *err);
/* The row of `file` that stands for a log; made when absent. */
int db_touch_file(struct db *db, const struct db_file *f, int64_t *ret_id, struct err *err);

#endif
