#include "db/query.h"

#include <string.h>

int db_file_known(struct db *db, const uint8_t sha256[32], const char *kind, const char *part, bool *known, struct err *err)
{
	int64_t time;

	return query_number(db, Q_FILE_KNOWN, known, &time, err, "htt", sha256, kind, part);
}

int db_file_imported(struct db *db, const uint8_t sha256[32], const char *kind, const char *part, bool *imported, struct err *err)
{
	int64_t time;

	return query_number(db, Q_FILE_IMPORTED, imported, &time, err, "htt", sha256, kind, part);
}

int db_file_time(struct db *db, const char *kind, const char *part, bool *found, int64_t *time, struct err *err)
{
	return query_number(db, Q_FILE_TIME, found, time, err, "tt", kind, part);
}

/* Each reader below turns a row into a typed one and hands it on. */
#define READER(name, ctx_fn)                                                                                           \
	struct name##_reader {                                                                                         \
		int(*fn) ctx_fn;                                                                                       \
		void *ctx;                                                                                             \
	}

READER(file, (void *, const struct db_file *));
static int file_row(void *ctx, sqlite3_stmt *r)
{
	struct file_reader *to = ctx;
	struct db_file f = {
		.id = sqlite3_column_int64(r, 0),
		.source = column_text(r, 1),
		.kind = column_text(r, 2),
		.part = column_text(r, 3),
		.origin = column_text(r, 4),
		.sha256 = column_hash(r, 5, 32),
		.source_day = sqlite3_column_int(r, 6),
		.fetched_at = sqlite3_column_int64(r, 7),
		.bytes = sqlite3_column_int64(r, 8),
		.records = sqlite3_column_int64(r, 9),
		.problems = sqlite3_column_int64(r, 10),
		.added = column_int(r, 11),
		.changed = column_int(r, 12),
		.gone = column_int(r, 13),
	};

	return to->fn(to->ctx, &f);
}

int db_each_file(struct db *db, int (*fn)(void *ctx, const struct db_file *f), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_FILE, file_row, &(struct file_reader){ fn, ctx }, err, "");
}

int db_newest_day(struct db *db, struct db_int *ret, struct err *err)
{
	*ret = DB_NULL;
	return query_number(db, Q_NEWEST_DAY, &ret->set, &ret->v, err, "");
}

static int sum_row(void *ctx, sqlite3_stmt *r)
{
	*(struct db_source_sum *)ctx = (struct db_source_sum){
		.files = sqlite3_column_int64(r, 0),
		.records = sqlite3_column_int64(r, 1),
		.problems = sqlite3_column_int64(r, 2),
		.newest_day = sqlite3_column_int(r, 3),
		.fetched_at = sqlite3_column_int64(r, 4),
	};
	return 0;
}

int db_source_sum(struct db *db, const char *source, struct db_source_sum *ret, struct err *err)
{
	*ret = (struct db_source_sum){ 0 };
	return query_each(db, Q_SOURCE_SUM, sum_row, ret, err, "t", source);
}

READER(problem, (void *, const char *, const char *, const char *));
static int problem_row(void *ctx, sqlite3_stmt *r)
{
	struct problem_reader *to = ctx;

	return to->fn(to->ctx, column_text(r, 0), column_text(r, 1), column_text(r, 2));
}

int db_each_problem(struct db *db, int (*fn)(void *ctx, const char *origin, const char *place, const char *what),
                    void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_PROBLEM, problem_row, &(struct problem_reader){ fn, ctx }, err, "");
}

READER(certificate, (void *, const struct db_certificate *));
static int certificate_row(void *ctx, sqlite3_stmt *r)
{
	struct certificate_reader *to = ctx;
	struct db_certificate c = {
		.id = sqlite3_column_int64(r, 0),
		.sha256 = column_hash(r, 1, 32),
		.class = (enum db_class)sqlite3_column_int(r, 2),
		.disclosed = sqlite3_column_int(r, 3) != 0,
		.der = column_blob(r, 4),
	};

	return to->fn(to->ctx, &c);
}

int db_each_unsettled(struct db *db, int (*fn)(void *ctx, const struct db_certificate *c), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_UNSETTLED, certificate_row, &(struct certificate_reader){ fn, ctx }, err, "");
}

READER(blob, (void *, struct db_blob));
static int blob_row(void *ctx, sqlite3_stmt *r)
{
	struct blob_reader *to = ctx;

	return to->fn(to->ctx, column_blob(r, 0));
}

int db_certificate_der(struct db *db, int64_t certificate, int (*fn)(void *ctx, struct db_blob der), void *ctx,
                       struct err *err)
{
	return query_each(db, Q_CERTIFICATE_DER, blob_row, &(struct blob_reader){ fn, ctx }, err, "i", certificate);
}

int db_each_issued_der(struct db *db, int64_t ca, int64_t since, int (*fn)(void *ctx, struct db_blob der), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_ISSUED_DER, blob_row, &(struct blob_reader){ fn, ctx }, err, "ii", ca, since);
}

int db_certificate_of(struct db *db, const uint8_t sha256[32], int (*fn)(void *ctx, struct db_blob der), void *ctx, struct err *err)
{
	return query_each(db, Q_CERTIFICATE_OF, blob_row, &(struct blob_reader){ fn, ctx }, err, "h", sha256);
}

READER(text, (void *, const char *));
static int text_row(void *ctx, sqlite3_stmt *r)
{
	struct text_reader *to = ctx;

	return to->fn(to->ctx, column_text(r, 0));
}

int db_each_origin(struct db *db, int64_t certificate, int (*fn)(void *ctx, const char *origin), void *ctx,
                   struct err *err)
{
	return query_each(db, Q_EACH_ORIGIN, text_row, &(struct text_reader){ fn, ctx }, err, "i", certificate);
}

int db_origin_gave(struct db *db, const char *origin, int64_t certificate, bool *read, bool *gave, struct err *err)
{
	int64_t one;

	if (query_number(db, Q_GAVE_CERTIFICATE, gave, &one, err, "ti", origin, certificate) < 0)
		return -1;
	*read = *gave;
	return *gave ? 0 : query_number(db, Q_HAS_ORIGIN, read, &one, err, "t", origin);
}

READER(record, (void *, const struct db_ccadb_row *));
static int record_row(void *ctx, sqlite3_stmt *r)
{
	struct record_reader *to = ctx;
	struct db_ccadb_row row = {
		.sha256 = column_hash(r, 0, 32),
		.file = sqlite3_column_int64(r, DB_CCADB_FIELDS + 1),
		.day = sqlite3_column_int(r, DB_CCADB_FIELDS + 2),
		.derived = sqlite3_column_int(r, DB_CCADB_FIELDS + 3) != 0,
	};

	for (int i = 0; i < DB_CCADB_FIELDS; i++)
		row.field[i] = (const char *)sqlite3_column_text(r, i + 1);
	return row.sha256 ? to->fn(to->ctx, &row) : 0;
}

int db_each_ccadb_record(struct db *db, int (*fn)(void *ctx, const struct db_ccadb_row *r), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CCADB_RECORD, record_row, &(struct record_reader){ fn, ctx }, err, "");
}

int db_each_ccadb_root_record(struct db *db, int (*fn)(void *ctx, const struct db_ccadb_row *r), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CCADB_ROOT_RECORD, record_row, &(struct record_reader){ fn, ctx }, err, "");
}

int db_each_ccadb_own_root_record(struct db *db, int32_t from, int32_t to, int (*fn)(void *ctx, const struct db_ccadb_row *r),
                                  void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CCADB_OWN_ROOT_RECORD, record_row, &(struct record_reader){ fn, ctx }, err, "ii", (int64_t)from,
	                  (int64_t)to);
}

int db_ccadb_records_of(struct db *db, const uint8_t sha256[32], int (*fn)(void *ctx, const struct db_ccadb_row *r),
                        void *ctx, struct err *err)
{
	return query_each(db, Q_CCADB_RECORDS_OF, record_row, &(struct record_reader){ fn, ctx }, err, "h", sha256);
}

READER(snapshot, (void *, int64_t, const char *, int32_t, int64_t));
static int snapshot_row(void *ctx, sqlite3_stmt *r)
{
	struct snapshot_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), column_text(r, 1), sqlite3_column_int(r, 2), sqlite3_column_int64(r, 3));
}

int db_each_snapshot(struct db *db, int (*fn)(void *ctx, int64_t id, const char *program, int32_t day, int64_t version),
                     void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_SNAPSHOT, snapshot_row, &(struct snapshot_reader){ fn, ctx }, err, "");
}

READER(anchor, (void *, const struct db_anchor *));
static int anchor_row(void *ctx, sqlite3_stmt *r)
{
	struct anchor_reader *to = ctx;
	struct db_anchor a = {
		.sha256 = column_hash(r, 0, 32),
		.purpose = sqlite3_column_int(r, 1),
		.nb_lo = column_int(r, 2),
		.nb_hi = column_int(r, 3),
		.sct_lo = column_int(r, 4),
		.sct_hi = column_int(r, 5),
		.judge_validity = sqlite3_column_int(r, 6) != 0,
		.judge_constraints = sqlite3_column_int(r, 7) != 0,
		.unevaluated = sqlite3_column_int(r, 8) != 0,
		.min_version = (const char *)sqlite3_column_text(r, 9),
		.max_version = (const char *)sqlite3_column_text(r, 10),
		.note = column_text(r, 11),
	};

	return a.sha256 ? to->fn(to->ctx, &a) : 0;
}

int db_each_anchor(struct db *db, int64_t snapshot, int (*fn)(void *ctx, const struct db_anchor *a), void *ctx,
                   struct err *err)
{
	return query_each(db, Q_EACH_ANCHOR, anchor_row, &(struct anchor_reader){ fn, ctx }, err, "i", snapshot);
}

int db_source_of_snapshot(struct db *db, int64_t snapshot, int (*fn)(void *ctx, const char *source), void *ctx, struct err *err)
{
	return query_each(db, Q_SOURCE_OF_SNAPSHOT, text_row, &(struct text_reader){ fn, ctx }, err, "i", snapshot);
}

READER(pair, (void *, int64_t, int));
static int pair_row(void *ctx, sqlite3_stmt *r)
{
	struct pair_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), sqlite3_column_int(r, 1));
}

int db_each_distrusted(struct db *db, int64_t snapshot, int (*fn)(void *ctx, int64_t certificate, int purpose), void *ctx,
                       struct err *err)
{
	return query_each(db, Q_EACH_DISTRUSTED, pair_row, &(struct pair_reader){ fn, ctx }, err, "i", snapshot);
}

int db_each_certdata_certificate(struct db *db, int64_t snapshot, int (*fn)(void *ctx, const struct db_certificate *c), void *ctx,
                                 struct err *err)
{
	return query_each(db, Q_EACH_CERTDATA_CERTIFICATE, certificate_row, &(struct certificate_reader){ fn, ctx }, err, "i", snapshot);
}

READER(distrust, (void *, const struct db_distrust *));
static int distrust_row(void *ctx, sqlite3_stmt *r)
{
	struct distrust_reader *to = ctx;
	struct db_distrust d = {
		.issuer_sha256 = column_hash(r, 0, 32),
		.serial = column_blob(r, 1),
		.purpose = sqlite3_column_int(r, 2),
		.of_issuer = column_blob(r, 3),
	};

	return d.issuer_sha256 ? to->fn(to->ctx, &d) : 0;
}

int db_each_other_distrust(struct db *db, int64_t snapshot, int (*fn)(void *ctx, const struct db_distrust *d), void *ctx,
                           struct err *err)
{
	return query_each(db, Q_EACH_OTHER_DISTRUST, distrust_row, &(struct distrust_reader){ fn, ctx }, err, "i", snapshot);
}

READER(id, (void *, int64_t));
static int id_row(void *ctx, sqlite3_stmt *r)
{
	struct id_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0));
}

int db_each_ccadb_revocable(struct db *db, bool derived, int (*fn)(void *ctx, int64_t certificate), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CCADB_REVOCABLE, id_row, &(struct id_reader){ fn, ctx }, err, "i", (int64_t)derived);
}

int db_has_ccadb_revocable(struct db *db, bool *ret, struct err *err)
{
	int64_t one;

	return query_number(db, Q_HAS_CCADB_REVOCABLE, ret, &one, err, "");
}

int db_each_ca_cert_named(struct db *db, const uint8_t issuer_sha256[32], struct db_blob serial,
                          int (*fn)(void *ctx, int64_t certificate), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CA_CERT_NAMED, id_row, &(struct id_reader){ fn, ctx }, err, "bh", serial.p, serial.n,
	                  issuer_sha256);
}

int db_each_list_day(struct db *db, int source, int (*fn)(void *ctx, int64_t day), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_LIST_DAY, id_row, &(struct id_reader){ fn, ctx }, err, "i", (int64_t)source);
}

int db_crl_signer(struct db *db, const char *part, int (*fn)(void *ctx, struct db_blob der), void *ctx, struct err *err)
{
	return query_each(db, Q_CRL_SIGNER, blob_row, &(struct blob_reader){ fn, ctx }, err, "t", part);
}

READER(crl, (void *, const struct db_crl *));
static int crl_row(void *ctx, sqlite3_stmt *r)
{
	struct crl_reader *to = ctx;
	struct db_crl c = {
		.file = sqlite3_column_int64(r, 0),
		.n = sqlite3_column_int64(r, 1),
		.applies = (enum db_crl_scope)sqlite3_column_int(r, 2),
		.this_update = column_int(r, 3),
		.next_update = column_int(r, 4),
		.ca = column_int(r, 5),
		.origin = column_text(r, 6),
		.der = column_blob(r, 7),
		.digest = column_blob(r, 8),
	};

	return to->fn(to->ctx, &c);
}

int db_each_crl(struct db *db, int (*fn)(void *ctx, const struct db_crl *c), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CRL, crl_row, &(struct crl_reader){ fn, ctx }, err, "");
}

int db_crl_held(struct db *db, const char *part, int (*fn)(void *ctx, const struct db_crl *c), void *ctx, struct err *err)
{
	return query_each(db, Q_CRL_HELD, crl_row, &(struct crl_reader){ fn, ctx }, err, "t", part);
}

int db_each_unverified_crl(struct db *db, int (*fn)(void *ctx, const struct db_crl *c), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_UNVERIFIED_CRL, crl_row, &(struct crl_reader){ fn, ctx }, err, "");
}

int db_each_crl_of_leaves(struct db *db, int64_t ca, int (*fn)(void *ctx, const struct db_crl *c), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CRL_OF_LEAVES, crl_row, &(struct crl_reader){ fn, ctx }, err, "i", ca);
}

static int crl_dates_row(void *ctx, sqlite3_stmt *r)
{
	*(struct db_crl_dates *)ctx = (struct db_crl_dates){ sqlite3_column_int64(r, 0), column_int(r, 1), column_int(r, 2) };
	return 0;
}

int db_crl_dates_of(struct db *db, int64_t ca, struct db_crl_dates *ret, struct err *err)
{
	*ret = (struct db_crl_dates){ 0 };
	return query_each(db, Q_CRL_DATES_OF, crl_dates_row, ret, err, "i", ca);
}

READER(crl_entry, (void *, const struct db_crl_entry *));
static int crl_entry_row(void *ctx, sqlite3_stmt *r)
{
	struct crl_entry_reader *to = ctx;
	struct db_crl_entry e = { column_blob(r, 0), column_int(r, 1), sqlite3_column_int(r, 2) };

	return to->fn(to->ctx, &e);
}

int db_each_crl_entry_of(struct db *db, int64_t ca, int32_t day, int (*fn)(void *ctx, const struct db_crl_entry *e), void *ctx,
                         struct err *err)
{
	return query_each(db, Q_EACH_CRL_ENTRY_OF, crl_entry_row, &(struct crl_entry_reader){ fn, ctx }, err, "ii", ca, (int64_t)day);
}

struct crl_entry_found {
	struct db_crl_entry *ret;
	bool found;
};

static int keep_crl_entry(void *ctx, const struct db_crl_entry *e)
{
	struct crl_entry_found *f = ctx;

	f->found = true;
	*f->ret = (struct db_crl_entry){ .since = e->since, .reason = e->reason };
	return 0;
}

int db_crl_entry_of(struct db *db, int64_t ca, int32_t day, struct db_blob serial, bool *found, struct db_crl_entry *ret,
                    struct err *err)
{
	struct crl_entry_found f = { ret, false };
	int rc = query_each(db, Q_CRL_ENTRY_OF, crl_entry_row, &(struct crl_entry_reader){ keep_crl_entry, &f }, err, "iib", ca,
	                    (int64_t)day, serial.p, serial.n);

	*found = f.found;
	return rc;
}

READER(edge, (void *, int64_t, int64_t));
static int revoked_count_row(void *ctx, sqlite3_stmt *r)
{
	struct edge_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), sqlite3_column_int64(r, 1));
}

int db_each_revoked_count(struct db *db, int32_t day, int (*fn)(void *ctx, int64_t ca, int64_t revoked), void *ctx,
                          struct err *err)
{
	return query_each(db, Q_EACH_REVOKED_COUNT, revoked_count_row, &(struct edge_reader){ fn, ctx }, err, "i", (int64_t)day);
}

READER(unrevoked, (void *, int64_t, int, int32_t));
static int unrevoked_row(void *ctx, sqlite3_stmt *r)
{
	struct unrevoked_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), sqlite3_column_int(r, 1), sqlite3_column_int(r, 2));
}

int db_each_unrevoked(struct db *db, int (*fn)(void *ctx, int64_t certificate, int source, int32_t day), void *ctx,
                      struct err *err)
{
	return query_each(db, Q_EACH_UNREVOKED, unrevoked_row, &(struct unrevoked_reader){ fn, ctx }, err, "");
}

READER(signature, (void *, int64_t, const uint8_t *, int));
static int signature_row(void *ctx, sqlite3_stmt *r)
{
	struct signature_reader *to = ctx;
	const uint8_t *spki = column_hash(r, 1, 32);

	return spki ? to->fn(to->ctx, sqlite3_column_int64(r, 0), spki, sqlite3_column_int(r, 2)) : 0;
}

int db_each_signature(struct db *db, int (*fn)(void *ctx, int64_t certificate, const uint8_t *spki_sha256, int good),
                      void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_SIGNATURE, signature_row, &(struct signature_reader){ fn, ctx }, err, "");
}

READER(leaf, (void *, const struct db_leaf *));
static int leaf_row(void *ctx, sqlite3_stmt *r)
{
	struct leaf_reader *to = ctx;
	int forms = sqlite3_column_int(r, 6);
	struct db_leaf l = {
		.serial = column_blob(r, 0),
		.not_before = column_int(r, 1),
		.not_after = column_int(r, 2),
		.sct = column_int(r, 3),
		.eku = (uint8_t)sqlite3_column_int(r, 4),
		.kind = (uint8_t)sqlite3_column_int(r, 5),
		.precert = (forms & 1) != 0,
		.final = (forms & 2) != 0,
	};

	return to->fn(to->ctx, &l);
}

int db_each_leaf(struct db *db, int64_t ca, int (*fn)(void *ctx, const struct db_leaf *l), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_LEAF, leaf_row, &(struct leaf_reader){ fn, ctx }, err, "i", ca);
}

READER(certificate_of_leaf, (void *, int64_t));
static int certificate_of_leaf_row(void *ctx, sqlite3_stmt *r)
{
	struct certificate_of_leaf_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0));
}

int db_each_certificate_of_leaf(struct db *db, int64_t ca, struct db_blob serial, int (*fn)(void *ctx, int64_t certificate),
                                void *ctx, struct err *err)
{
	return query_each(db, Q_CERTIFICATES_OF_LEAF, certificate_of_leaf_row, &(struct certificate_of_leaf_reader){ fn, ctx }, err, "ib",
	                  ca, serial.p, serial.n);
}

int db_each_origin_of_leaf(struct db *db, int64_t ca, struct db_blob serial, int (*fn)(void *ctx, const char *origin), void *ctx,
                           struct err *err)
{
	return query_each(db, Q_ORIGINS_OF_LEAF, text_row, &(struct text_reader){ fn, ctx }, err, "ib", ca, serial.p, serial.n);
}

READER(duplicate, (void *, int64_t, struct db_blob, int64_t));
static int duplicate_row(void *ctx, sqlite3_stmt *r)
{
	struct duplicate_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), column_blob(r, 1), sqlite3_column_int64(r, 2));
}

int db_each_duplicate_leaf(struct db *db, int (*fn)(void *ctx, int64_t ca, struct db_blob serial, int64_t certificates),
                           void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_DUPLICATE_LEAF, duplicate_row, &(struct duplicate_reader){ fn, ctx }, err, "");
}

struct bucket_leaf_reader {
	void (*fn)(void *, int64_t, int64_t, struct db_int);
	void *ctx;
};
static int bucket_leaf_row(void *ctx, sqlite3_stmt *r)
{
	struct bucket_leaf_reader *to = ctx;

	to->fn(to->ctx, sqlite3_column_int64(r, 0), sqlite3_column_int64(r, 1), column_int(r, 2));
	return 0;
}

int db_each_bucket_leaf(struct db *db, const struct db_bucket *b,
                        void (*fn)(void *ctx, int64_t nb, int64_t na, struct db_int sct), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_BUCKET_LEAF, bucket_leaf_row, &(struct bucket_leaf_reader){ fn, ctx }, err, "iiiiii", b->ca,
	                  (int64_t)b->nb_day, (int64_t)b->na_day, (int64_t)b->sct_day, (int64_t)b->eku, (int64_t)b->kind);
}

READER(ca, (void *, const struct db_ca *));
static int ca_row(void *ctx, sqlite3_stmt *r)
{
	struct ca_reader *to = ctx;
	struct db_ca ca = {
		.id = sqlite3_column_int64(r, 0),
		.ca_id = column_hash(r, 1, 32),
		.spki_sha256 = column_hash(r, 2, 32),
		.name = column_text(r, 3),
		.subject = column_text(r, 4),
		.owner = column_text(r, 5),
		.ca_owner = column_text(r, 6),
	};

	return ca.ca_id && ca.spki_sha256 ? to->fn(to->ctx, &ca) : 0;
}

int db_each_ca(struct db *db, int (*fn)(void *ctx, const struct db_ca *ca), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CA, ca_row, &(struct ca_reader){ fn, ctx }, err, "");
}

READER(ca_certificate, (void *, const struct db_ca_certificate *));
static int ca_certificate_row(void *ctx, sqlite3_stmt *r)
{
	struct ca_certificate_reader *to = ctx;
	struct db_ca_certificate c = {
		.certificate = sqlite3_column_int64(r, 0),
		.ca = sqlite3_column_int64(r, 1),
		.sha256 = column_hash(r, 2, 32),
		.sha1 = column_hash(r, 3, 20),
		.flags = (uint32_t)sqlite3_column_int64(r, 4),
		.not_before = column_int(r, 5),
		.not_after = column_int(r, 6),
		.path_len = sqlite3_column_int(r, 7),
		.eku = (uint8_t)sqlite3_column_int(r, 8),
	};

	return c.sha256 && c.sha1 ? to->fn(to->ctx, &c) : 0;
}

int db_each_ca_certificate(struct db *db, int (*fn)(void *ctx, const struct db_ca_certificate *c), void *ctx,
                           struct err *err)
{
	return query_each(db, Q_EACH_CA_CERTIFICATE, ca_certificate_row, &(struct ca_certificate_reader){ fn, ctx }, err, "");
}

static int edge_row(void *ctx, sqlite3_stmt *r)
{
	struct edge_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), sqlite3_column_int64(r, 1));
}

int db_each_edge(struct db *db, int (*fn)(void *ctx, int64_t certificate, int64_t issuer), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_EDGE, edge_row, &(struct edge_reader){ fn, ctx }, err, "");
}

READER(revocation, (void *, int64_t, int, struct db_int, struct db_int));
static int revocation_row(void *ctx, sqlite3_stmt *r)
{
	struct revocation_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), sqlite3_column_int(r, 1), column_int(r, 2), column_int(r, 3));
}

int db_each_revocation(struct db *db,
                       int (*fn)(void *ctx, int64_t certificate, int source, struct db_int since, struct db_int until),
                       void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_REVOCATION, revocation_row, &(struct revocation_reader){ fn, ctx }, err, "");
}

READER(bucket, (void *, const struct db_bucket *));
static int bucket_row(void *ctx, sqlite3_stmt *r)
{
	struct bucket_reader *to = ctx;
	struct db_bucket b = {
		.ca = sqlite3_column_int64(r, 0),
		.nb_day = sqlite3_column_int(r, 1),
		.na_day = sqlite3_column_int(r, 2),
		.sct_day = sqlite3_column_int(r, 3),
		.eku = (uint8_t)sqlite3_column_int(r, 4),
		.kind = (uint8_t)sqlite3_column_int(r, 5),
		.n = (uint32_t)sqlite3_column_int64(r, 6),
	};

	return to->fn(to->ctx, &b);
}

int db_each_bucket(struct db *db, int (*fn)(void *ctx, const struct db_bucket *b), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_BUCKET, bucket_row, &(struct bucket_reader){ fn, ctx }, err, "");
}

READER(count, (void *, const struct db_count *));
static int count_row(void *ctx, sqlite3_stmt *r)
{
	struct count_reader *to = ctx;
	struct db_count c = {
		.ca = sqlite3_column_int64(r, 0),
		.issued = (uint64_t)sqlite3_column_int64(r, 1),
		.first_nb_day = column_int(r, 2),
		.last_nb_day = column_int(r, 3),
		.last_na_day = column_int(r, 4),
		.source = column_text(r, 5),
		.source_day = sqlite3_column_int(r, 6),
		.coverage = sqlite3_column_int(r, 7),
		.unproven = (uint64_t)sqlite3_column_int64(r, 8),
	};

	return to->fn(to->ctx, &c);
}

int db_each_count(struct db *db, int (*fn)(void *ctx, const struct db_count *c), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_COUNT, count_row, &(struct count_reader){ fn, ctx }, err, "");
}

static int class_row(void *ctx, sqlite3_stmt *r)
{
	int64_t *count = ctx;
	int class = sqlite3_column_int(r, 0);

	if (class >= 0 && class < 4)
		count[class] = sqlite3_column_int64(r, 1);
	return 0;
}

int db_class_counts(struct db *db, int64_t count[4], struct err *err)
{
	for (int i = 0; i < 4; i++)
		count[i] = 0;
	return query_each(db, Q_CLASS_COUNTS, class_row, count, err, "");
}

static int totals_row(void *ctx, sqlite3_stmt *r)
{
	int64_t *total = ctx;

	for (int i = 0; i < DB_TOTALS; i++)
		total[i] = sqlite3_column_int64(r, i);
	return 0;
}

int db_totals(struct db *db, int64_t total[DB_TOTALS], struct err *err)
{
	return query_each(db, Q_TOTALS, totals_row, total, err, "");
}

/* The smallest byte string behind all that begin with prefix and nibble, into high (n + 1 bytes).
 * Returns its length, 0 when there is none (all bits set). */
static size_t upper_bound(uint8_t *high, size_t n)
{
	while (n && high[n - 1] == 0xff)
		n--;
	if (n)
		high[n - 1]++;
	return n;
}

int db_find_certificates(struct db *db, char which, const uint8_t *prefix, size_t n, int nibble,
                         int (*fn)(void *ctx, int64_t certificate), void *ctx, struct err *err)
{
	enum query q = which == 's' ? Q_FIND_SERIAL : which == 'l' ? Q_FIND_LEAF : Q_FIND_SKI;
	uint8_t low[68], high[68];
	size_t len = n, high_len;

	if (n > 64)
		return 0;
	if (n)
		memcpy(low, prefix, n);
	if (nibble >= 0)
		low[len++] = (uint8_t)(nibble << 4);
	memcpy(high, low, len);
	if (nibble >= 0) {
		high[len - 1] |= 0x0f;
	}
	high_len = upper_bound(high, len);
	if (!high_len) { /* longer than any serial */
		memset(high, 0xff, sizeof(high));
		high_len = sizeof(high);
	}
	return query_each(db, q, id_row, &(struct id_reader){ fn, ctx }, err, "bb", (const void *)low, len, (const void *)high,
	                  high_len);
}
