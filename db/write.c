#include "db/query.h"

#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/vec.h"
#include "db/leafrun.h"

static int64_t last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int db_replace_file(struct db *db, const struct db_file *f, int64_t *ret_id, struct err *err)
{
	if (query_run(db, Q_DROP_FILE, err, "tt", f->kind, f->part) < 0 ||
	    query_run(db, Q_ADD_FILE, err, "tttthiiiii", f->source, f->kind, f->part, f->origin, f->sha256,
	              (int64_t)f->source_day, f->source_time, (int64_t)f->derived, f->fetched_at, f->bytes) < 0)
		return -1;
	*ret_id = last_id(db);
	return 0;
}

int db_set_aside(struct db *db, const char *kind, const char *part, bool by_day, int64_t time, struct db_before *ret, struct err *err)
{
	int64_t day = 0;

	*ret = (struct db_before){ 0 };
	if (query_pair(db, Q_FILE_OF_PART, &ret->aside, &ret->file, &day, err, "tt", kind, part) < 0)
		return -1;
	ret->day = (int32_t)day;
	if (ret->aside)
		return query_run(db, Q_SET_ASIDE, err, "i", ret->file);
	bool found;
	int rc = by_day ? query_number(db, Q_FILE_BEFORE, &found, &ret->file, err, "ti", kind, time) : 0;
	if (rc < 0 || !by_day || !found)
		ret->file = 0;
	return rc;
}

static int add_change(void *ctx, sqlite3_stmt *row)
{
	int64_t *sum = ctx;

	for (int i = 0; i < 3; i++)
		sum[i] += sqlite3_column_int64(row, i);
	return 0;
}

int db_compare_file(struct db *db, int64_t file, const struct db_before *before, struct db_file_change *ret, struct err *err)
{
	static const enum query q[] = { Q_COMPARE_RECORDS, Q_COMPARE_CRLS, Q_COMPARE_SITES };
	int64_t sum[3] = { 0 };

	for (size_t i = 0; i < sizeof(q) / sizeof(*q); i++)
		if (query_each(db, q[i], add_change, sum, err, "ii", before->file, file) < 0)
			return -1;
	*ret = (struct db_file_change){ sum[0], sum[1], sum[2] };
	return query_run(db, Q_SET_CHANGE, err, "iiii", file, sum[0], sum[1], sum[2]);
}

int db_drop_aside(struct db *db, const struct db_before *before, const char *part, struct err *err)
{
	if (!before->aside)
		return 0;
	/* by themselves first, and in pieces: SQLite keeps in memory what one statement takes away */
	do {
		if (query_run(db, Q_DROP_SOME_CRL_ENTRIES, err, "i", before->file) < 0)
			return -1;
	} while (sqlite3_changes(db->handle) > 0);
	return query_run(db, Q_DROP_FILE, err, "tt", "replaced", part);
}

int db_drop_file(struct db *db, const char *kind, const char *part, struct err *err)
{
	return query_run(db, Q_DROP_FILE, err, "tt", kind, part);
}

int db_finish_file(struct db *db, int64_t file, int64_t records, int64_t problems, struct err *err)
{
	return query_run(db, Q_FINISH_FILE, err, "iii", file, records, problems);
}

int db_add_problem(struct db *db, int64_t file, int64_t n, const char *place, const char *what, struct err *err)
{
	return query_run(db, Q_ADD_PROBLEM, err, "iitt", file, n, place, what);
}

int db_add_certificate(struct db *db, const uint8_t sha256[32], const void *der, size_t n, int64_t *ret_id, bool *is_new,
                       struct err *err)
{
	bool found;

	if (query_number(db, Q_FIND_CERTIFICATE, &found, ret_id, err, "h", sha256) < 0)
		return -1;
	*is_new = !found;
	if (found)
		return 0;
	if (query_run(db, Q_ADD_CERTIFICATE, err, "hb", sha256, der, n) < 0)
		return -1;
	*ret_id = last_id(db);
	return 0;
}

int db_add_seen(struct db *db, int64_t file, int64_t certificate, struct err *err)
{
	return query_run(db, Q_ADD_SEEN, err, "ii", file, certificate);
}

int db_drop_unseen(struct db *db, uint64_t *gone, struct err *err)
{
	if (query_run(db, Q_DROP_UNSEEN, err, "") < 0)
		return -1;
	*gone = (uint64_t)sqlite3_changes64(db->handle);
	return 0;
}

int db_drop_empty_snapshots(struct db *db, struct err *err)
{
	return query_run(db, Q_DROP_EMPTY_SNAPSHOTS, err, "");
}

int db_set_class(struct db *db, int64_t certificate, enum db_class class, struct err *err)
{
	if (class != DB_CLASS_LEAF && query_run(db, Q_DROP_LEAF_CERTIFICATE, err, "i", certificate) < 0)
		return -1;
	return query_run(db, Q_SET_CLASS, err, "ii", certificate, (int64_t)class);
}

int db_unsettle_key(struct db *db, const uint8_t ca_id[32], const uint8_t spki_sha256[32], bool *ret_any, struct err *err)
{
	bool found;
	int64_t id;

	*ret_any = false;
	if (query_number(db, Q_FIND_CA, &found, &id, err, "h", ca_id) < 0)
		return -1;
	if (found)
		return 0;
	if (query_run(db, Q_UNSETTLE_LEAVES, err, "h", spki_sha256) < 0)
		return -1;
	*ret_any = sqlite3_changes64(db->handle) > 0;
	return query_run(db, Q_UNSETTLE_CRLS, err, "h", spki_sha256);
}

int db_unsettle_ca(struct db *db, int64_t ca, bool *ret_any, struct err *err)
{
	if (query_run(db, Q_UNSETTLE_LEAVES_OF, err, "i", ca) < 0)
		return -1;
	*ret_any = sqlite3_changes64(db->handle) > 0;
	return 0;
}

int db_unsettle_precerts(struct db *db, const char *signers, bool *ret_any, struct err *err)
{
	char before[80] = "";

	*ret_any = false;
	if (query_text(db, Q_GET_META, before, sizeof(before), err, "t", "precert-signers") < 0)
		return -1;
	if (strcmp(before, signers) == 0)
		return 0;
	if (query_run(db, Q_UNSETTLE_PRECERTS, err, "") < 0)
		return -1;
	*ret_any = sqlite3_changes64(db->handle) > 0;
	return query_run(db, Q_SET_META, err, "tt", "precert-signers", signers);
}

int db_add_ccadb_record(struct db *db, int64_t file, int64_t row, const uint8_t *sha256,
                        const char *const f[DB_CCADB_FIELDS], struct err *err)
{
	return query_run(db, Q_ADD_CCADB_RECORD, err, "iihttttttttttttttttt", file, row, sha256, f[DB_CCADB_OWNER],
	                 f[DB_CCADB_SUB_OWNER], f[DB_CCADB_RECORD_ID], f[DB_CCADB_NAME], f[DB_CCADB_TYPE],
	                 f[DB_CCADB_MOZILLA], f[DB_CCADB_CHROME], f[DB_CCADB_APPLE], f[DB_CCADB_MICROSOFT],
	                 f[DB_CCADB_REVOCATION], f[DB_CCADB_TRUST_BITS], f[DB_CCADB_CONSTRAINED], f[DB_CCADB_CRL_URLS],
	                 f[DB_CCADB_APPLE_BITS], f[DB_CCADB_MOZILLA_BITS], f[DB_CCADB_MICROSOFT_EKUS],
	                 f[DB_CCADB_PARTITIONED_CRLS]);
}

int db_store_snapshot(struct db *db, const char *program, int32_t day, int64_t version, struct db_int report,
                      int64_t *ret_id, struct err *err)
{
	bool found;

	if (query_number(db, Q_FIND_SNAPSHOT, &found, ret_id, err, "tii", program, (int64_t)day, version) < 0)
		return -1;
	if (found)
		return 0;
	if (query_run(db, Q_ADD_SNAPSHOT, err, "tiio", program, (int64_t)day, version, report) < 0)
		return -1;
	*ret_id = last_id(db);
	return 0;
}

int db_add_anchor(struct db *db, int64_t snapshot, int64_t file, int64_t n, const struct db_anchor *a, struct err *err)
{
	return query_run(db, Q_ADD_ANCHOR, err, "iiihioooo" "iiittt", snapshot, file, n, a->sha256, (int64_t)a->purpose, a->nb_lo, a->nb_hi,
	                 a->sct_lo, a->sct_hi, (int64_t)a->judge_validity, (int64_t)a->judge_constraints,
	                 (int64_t)a->unevaluated, a->min_version, a->max_version, a->note ? a->note : "");
}

int db_drop_derived_stores(struct db *db, struct err *err)
{
	return query_run(db, Q_DROP_DERIVED_STORES, err, "");
}

int db_drop_derived_store(struct db *db, const char *program, struct err *err)
{
	if (query_run(db, Q_DROP_DERIVED_STORE, err, "t", program) < 0)
		return -1;
	return query_run(db, Q_DROP_EMPTY_PAST, err, "");
}

int db_has_snapshot(struct db *db, const char *program, int32_t day, int64_t version, bool *ret, struct err *err)
{
	int64_t id;

	return query_number(db, Q_FIND_SNAPSHOT, ret, &id, err, "tii", program, (int64_t)day, version);
}

int db_has_own_store(struct db *db, const char *program, bool *ret, struct err *err)
{
	int64_t one;

	return query_number(db, Q_HAS_OWN_STORE, ret, &one, err, "t", program);
}

static struct db_int flag(bool set)
{
	return DB_INT(set);
}

int db_add_statement(struct db *db, int64_t file, int64_t n, const struct db_statement *s, struct err *err)
{
	return query_run(db, Q_ADD_STATEMENT, err, "iiihhbhhot", file, n, (int64_t)s->source, s->issuer_sha256,
	                 s->issuer_spki_sha256, s->serial.p, s->serial.n, s->subject_sha256, s->spki_sha256, flag(s->enabled),
	                 s->note ? s->note : "");
}

int db_add_crl(struct db *db, const struct db_crl *c, struct err *err)
{
	return query_run(db, Q_ADD_CRL, err, "iiooobb", c->file, c->n, c->this_update, c->next_update, DB_INT(c->applies), c->der.p,
	                 c->der.n, c->digest.p, c->digest.n);
}

int db_add_crl_entry(struct db *db, int64_t file, int64_t n, struct db_blob serial, struct db_int since, int reason,
                     struct err *err)
{
	return query_run(db, Q_ADD_CRL_ENTRY, err, "iiboi", file, n, serial.p, serial.n, since, (int64_t)reason);
}

int db_set_crl_ca(struct db *db, int64_t file, int64_t n, struct db_int ca, struct err *err)
{
	return query_run(db, Q_SET_CRL_CA, err, "iio", file, n, ca);
}

int db_apply_revocations(struct db *db, int crl_source, struct err *err)
{
	static const enum query q[] = { Q_REVOKE_BY_SERIAL, Q_REVOKE_BY_KEY, Q_REVOKE_BY_ISSUER_KEY };

	for (size_t i = 0; i < sizeof(q) / sizeof(*q); i++)
		if (query_run(db, q[i], err, "") < 0)
			return -1;
	return query_run(db, Q_REVOKE_BY_CRL, err, "i", (int64_t)crl_source);
}

int db_remember_revoked(struct db *db, int32_t day, struct err *err)
{
	return query_run(db, Q_REMEMBER_REVOKED, err, "i", (int64_t)day);
}

int db_add_distrust(struct db *db, int64_t snapshot, int64_t file, int64_t n, const uint8_t issuer_sha256[32], struct db_blob serial,
                    int purpose, struct err *err)
{
	return query_run(db, Q_ADD_DISTRUST, err, "iiihbi", snapshot, file, n, issuer_sha256, serial.p, serial.n, (int64_t)purpose);
}

int db_add_signature(struct db *db, int64_t certificate, const uint8_t spki_sha256[32], int good, struct err *err)
{
	return query_run(db, Q_ADD_SIGNATURE, err, "ihi", certificate, spki_sha256, (int64_t)good);
}

static int run_all(struct db *db, const enum query *q, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (query_run(db, q[i], err, "") < 0)
			return -1;
	return 0;
}

int db_clear_links(struct db *db, struct err *err)
{
	static const enum query q[] = { Q_CLEAR_REVOCATION, Q_CLEAR_EDGE, Q_CLEAR_CA_CERTIFICATE };

	return run_all(db, q, sizeof(q) / sizeof(*q), err);
}

int db_put_ca(struct db *db, const struct db_ca *ca, int64_t *ret_id, struct err *err)
{
	bool found;

	if (query_number(db, Q_FIND_CA, &found, ret_id, err, "h", ca->ca_id) < 0)
		return -1;
	if (found)
		return query_run(db, Q_UPDATE_CA, err, "itttt", *ret_id, ca->name, ca->subject, ca->owner, ca->ca_owner);
	if (query_run(db, Q_ADD_CA, err, "hhhtttt", ca->ca_id, ca->spki_sha256, ca->subject_sha256, ca->name, ca->subject, ca->owner,
	              ca->ca_owner) < 0)
		return -1;
	*ret_id = last_id(db);
	return 0;
}

int db_drop_empty_cas(struct db *db, struct err *err)
{
	static const enum query q[] = { Q_UNLINK_LEAVES,      Q_DROP_UNLINKED_LEAVES, Q_DROP_EMPTY_LEAVES,
		                        Q_DROP_EMPTY_BUCKETS, Q_DROP_EMPTY_SITE_BUCKETS, Q_DROP_EMPTY_COUNTS, Q_DROP_EMPTY_CAS };

	return run_all(db, q, sizeof(q) / sizeof(*q), err);
}

int db_add_ca_certificate(struct db *db, const struct db_ca_certificate *c, struct err *err)
{
	return query_run(db, Q_ADD_CA_CERTIFICATE, err, "iihbiooiibbb", c->certificate, c->ca, c->sha256, (const void *)c->sha1,
	                 (size_t)20, (int64_t)c->flags, c->not_before, c->not_after, (int64_t)c->path_len, (int64_t)c->eku,
	                 c->serial.p, c->serial.n, c->issuer_sha256.p, c->issuer_sha256.n, c->ski.p, c->ski.n);
}

int db_add_edge(struct db *db, int64_t certificate, int64_t issuer, struct err *err)
{
	return query_run(db, Q_ADD_EDGE, err, "ii", certificate, issuer);
}

int db_add_revocation(struct db *db, int64_t certificate, int source, struct db_int since, struct db_int until,
                      struct err *err)
{
	return query_run(db, Q_ADD_REVOCATION, err, "iioo", certificate, (int64_t)source, since, until);
}

int db_add_leaf_certificate(struct db *db, const struct db_leaf_certificate *l, struct err *err)
{
	return query_run(db, Q_ADD_LEAF_CERTIFICATE, err, "iibooo" "iii", l->certificate, l->ca, l->serial.p, l->serial.n,
	                 l->not_before, l->not_after, l->sct, (int64_t)l->eku, (int64_t)l->kind, (int64_t)l->precert);
}

/* ---- merging the certificates of one leaf ---- */

enum { FORM_PRECERT = 1, FORM_FINAL = 2 };

struct merge {
	struct db *db;
	struct err *err;
	bool open;
	int64_t ca, eku, kind, forms;
	VEC(uint8_t) serial;
	struct db_int nb, na, sct;
};

static void widen(struct db_int *to, struct db_int by, bool low)
{
	if (by.set && (!to->set || (low ? by.v < to->v : by.v > to->v)))
		*to = by;
}

static struct db_int day_of(struct db_int t)
{
	return t.set ? DB_INT(date_of_time(t.v)) : DB_NULL;
}

static int flush_leaf(struct merge *m)
{
	if (!m->open)
		return 0;
	m->open = false;
	return query_run(m->db, Q_ADD_LEAF, m->err, "iobooooo" "iii", m->ca, day_of(m->nb), m->serial.v, m->serial.n,
	                 day_of(m->na), day_of(m->sct), m->nb, m->na, m->sct, m->eku, m->kind, m->forms);
}

static void start_leaf(struct merge *m, int64_t ca, struct db_blob serial)
{
	m->open = true;
	m->ca = ca;
	m->serial.n = 0;
	vec_reserve(&m->serial, serial.n + 1);
	if (serial.n)
		memcpy(m->serial.v, serial.p, serial.n);
	m->serial.n = serial.n;
	m->nb = m->na = m->sct = DB_NULL;
	m->eku = -1;
	m->kind = m->forms = 0;
}

static int merge_row(void *ctx, sqlite3_stmt *row)
{
	struct merge *m = ctx;
	int64_t ca = sqlite3_column_int64(row, 0), eku = sqlite3_column_int64(row, 5), kind = sqlite3_column_int64(row, 6);
	struct db_blob serial = column_blob(row, 1);

	if (!m->open || ca != m->ca || serial.n != m->serial.n ||
	    (serial.n && memcmp(serial.p, m->serial.v, serial.n) != 0)) {
		if (flush_leaf(m) < 0)
			return -1;
		start_leaf(m, ca, serial);
	}
	widen(&m->nb, column_int(row, 2), true);
	widen(&m->na, column_int(row, 3), false);
	widen(&m->sct, column_int(row, 4), true);
	/* 0 allows every purpose, so it stays 0 once one certificate of the leaf has no EKU */
	m->eku = m->eku < 0 ? eku : m->eku == 0 || eku == 0 ? 0 : m->eku | eku;
	m->kind = kind > m->kind ? kind : m->kind;
	m->forms |= sqlite3_column_int(row, 7) ? FORM_PRECERT : FORM_FINAL;
	return 0;
}

int db_forget_signatures(struct db *db, struct err *err)
{
	static const enum query q[] = { Q_CLEAR_SIGNATURE, Q_UNSETTLE_ALL_LEAVES, Q_UNSETTLE_ALL_CRLS };

	return run_all(db, q, sizeof(q) / sizeof(*q), err);
}

int db_count_leaves(struct db *db, struct err *err)
{
	static const enum query clear[] = { Q_CLEAR_LEAF, Q_CLEAR_BUCKET, Q_CLEAR_SITE_BUCKET, Q_CLEAR_COUNT };
	static const enum query fill[] = { Q_FILL_BUCKETS, Q_FILL_SITE_BUCKETS, Q_FILL_COUNTS };
	struct merge m = { .db = db, .err = err };
	int rc = run_all(db, clear, sizeof(clear) / sizeof(*clear), err);

	if (rc == 0)
		rc = query_each(db, Q_EACH_LEAF_CERTIFICATE, merge_row, &m, err, "");
	if (rc == 0)
		rc = flush_leaf(&m);
	vec_release(&m.serial);
	if (rc == 0)
		rc = run_all(db, fill, sizeof(fill) / sizeof(*fill), err);
	return rc == 0 ? db_count_ct(db, err) : -1;
}
