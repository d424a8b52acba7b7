#include "db/leafrun.h"

#include "db/query.h"

/* ---- issuers and names ---- */

int db_ct_issuer(struct db *db, const uint8_t hash[32], bool by_cert, struct db_blob name, int64_t *ret_id, int64_t *ret_named,
                 struct err *err)
{
	bool found;

	*ret_named = 0;
	if (query_pair(db, Q_FIND_CT_ISSUER, &found, ret_id, ret_named, err, "hb", hash, name.p, name.n) < 0)
		return -1;
	if (found)
		return 0;
	if (query_run(db, Q_ADD_CT_ISSUER, err, "hbi", hash, name.p, name.n, (int64_t)by_cert) < 0)
		return -1;
	*ret_id = sqlite3_last_insert_rowid(db->handle);
	return 0;
}

int db_add_ct_name(struct db *db, int64_t issuer, struct leaf_key key, struct db_blob serial, const char *names, int64_t *named,
                   struct err *err)
{
	if (query_run(db, Q_ADD_CT_NAME, err, "iiibt", issuer, (int64_t)key.key, (int64_t)key.content, serial.p, serial.n, names) < 0)
		return -1;
	*named += sqlite3_changes64(db->handle);
	return 0;
}

int db_drop_ct_names(struct db *db, int64_t issuer, struct err *err)
{
	if (query_run(db, Q_MISS_CT_NAMES, err, "i", issuer) < 0)
		return -1;
	return query_run(db, Q_DROP_CT_NAMES, err, "i", issuer);
}

int db_set_ct_named(struct db *db, int64_t issuer, int64_t named, struct err *err)
{
	return query_run(db, Q_SET_CT_NAMED, err, "ii", issuer, named);
}

int db_keep_ct_names_of(struct db *db, const uint8_t spki_sha256[32], struct err *err)
{
	return query_run(db, Q_KEEP_CT_NAMES_OF, err, "h", spki_sha256);
}

struct hash_reader {
	int (*fn)(void *ctx, const uint8_t hash[32]);
	void *ctx;
};

static int hash_row(void *ctx, sqlite3_stmt *row)
{
	struct hash_reader *to = ctx;
	const uint8_t *hash = column_hash(row, 0, 32);

	return hash ? to->fn(to->ctx, hash) : 0;
}

int db_each_ct_names_of(struct db *db, int (*fn)(void *ctx, const uint8_t spki_sha256[32]), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CT_NAMES_OF, hash_row, &(struct hash_reader){ fn, ctx }, err, "");
}

int db_drop_unproven(struct db *db, int64_t log, int64_t verified, struct err *err)
{
	return query_run(db, Q_DROP_UNPROVEN, err, "ii", log, verified);
}

int db_each_missing_issuer(struct db *db, int (*fn)(void *ctx, const uint8_t sha256[32]), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_MISSING_ISSUER, hash_row, &(struct hash_reader){ fn, ctx }, err, "");
}

int db_each_ct_unread(struct db *db, int32_t day, bool *listed, int (*fn)(void *ctx, const uint8_t log_id[32]), void *ctx,
                      struct err *err)
{
	int64_t one;

	if (query_number(db, Q_HAS_LOG_LIST, listed, &one, err, "") < 0)
		return -1;
	return query_each(db, Q_EACH_CT_UNREAD, hash_row, &(struct hash_reader){ fn, ctx }, err, "i", (int64_t)day);
}

struct issuer_reader {
	int (*fn)(void *ctx, const struct db_ct_issuer *i);
	void *ctx;
};

static int issuer_row(void *ctx, sqlite3_stmt *r)
{
	struct issuer_reader *to = ctx;
	struct db_ct_issuer i = { sqlite3_column_int64(r, 0), sqlite3_column_int64(r, 1), column_hash(r, 2, 32),
		                  sqlite3_column_int(r, 4) != 0, column_blob(r, 3) };

	return to->fn(to->ctx, &i);
}

int db_each_ct_issuer(struct db *db, int (*fn)(void *ctx, const struct db_ct_issuer *i), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CT_ISSUER, issuer_row, &(struct issuer_reader){ fn, ctx }, err, "");
}

int db_set_ct_issuer_ca(struct db *db, int64_t issuer, struct db_int ca, struct err *err)
{
	return query_run(db, Q_SET_CT_ISSUER_CA, err, "io", issuer, ca);
}

struct name_reader {
	void (*fn)(void *ctx, struct db_blob serial, const char *names);
	void *ctx;
	bool found;
};

static int name_row(void *ctx, sqlite3_stmt *r)
{
	struct name_reader *to = ctx;

	to->found = true;
	to->fn(to->ctx, column_blob(r, 0), column_text(r, 1));
	return 1;
}

int db_ct_name(struct db *db, int64_t ca, const struct leaf_row *row, bool *found,
               void (*fn)(void *ctx, struct db_blob serial, const char *names), void *ctx, struct err *err)
{
	struct name_reader to = { fn, ctx, false };
	struct db_int content = row->flags & LEAF_CONFLICT ? DB_NULL : DB_INT(row->content);
	int rc = query_each(db, Q_CT_NAME, name_row, &to, err, "iio", ca, (int64_t)row->key, content);

	*found = to.found;
	return rc;
}

struct name_of_reader {
	int (*fn)(void *ctx, struct leaf_key key, const char *names);
	void *ctx;
};

static int name_of_row(void *ctx, sqlite3_stmt *r)
{
	struct name_of_reader *to = ctx;
	struct leaf_key key = { (uint64_t)sqlite3_column_int64(r, 0), (uint32_t)sqlite3_column_int64(r, 1) };

	return to->fn(to->ctx, key, column_text(r, 2));
}

int db_each_name_of(struct db *db, int64_t ca, int (*fn)(void *ctx, struct leaf_key key, const char *names), void *ctx,
                    struct err *err)
{
	return query_each(db, Q_CT_NAMES_OF_CA, name_of_row, &(struct name_of_reader){ fn, ctx }, err, "i", ca);
}

struct der_of_reader {
	int (*fn)(void *ctx, struct db_blob serial, struct db_blob der);
	void *ctx;
};

static int der_of_row(void *ctx, sqlite3_stmt *r)
{
	struct der_of_reader *to = ctx;

	return to->fn(to->ctx, column_blob(r, 0), column_blob(r, 1));
}

int db_each_der_of(struct db *db, int64_t ca, int (*fn)(void *ctx, struct db_blob serial, struct db_blob der), void *ctx,
                   struct err *err)
{
	return query_each(db, Q_LEAF_DERS_OF, der_of_row, &(struct der_of_reader){ fn, ctx }, err, "i", ca);
}

struct nameless_reader {
	int (*fn)(void *ctx, int64_t ca);
	void *ctx;
};

static int nameless_row(void *ctx, sqlite3_stmt *r)
{
	struct nameless_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0));
}

int db_each_nameless(struct db *db, int (*fn)(void *ctx, int64_t ca), void *ctx, struct err *err)
{
	return query_each(db, Q_NAMELESS_CAS, nameless_row, &(struct nameless_reader){ fn, ctx }, err, "");
}

/* ---- logs ---- */

int db_touch_file(struct db *db, const struct db_file *f, int64_t *ret_id, struct err *err)
{
	bool found;

	if (query_number(db, Q_FIND_FILE, &found, ret_id, err, "tt", f->kind, f->part) < 0)
		return -1;
	if (!found)
		return db_replace_file(db, f, ret_id, err);
	return query_run(db, Q_TOUCH_FILE, err, "itthiiii", *ret_id, f->source, f->origin, f->sha256, (int64_t)f->source_day,
	                 f->source_time, f->fetched_at, f->bytes);
}

int db_add_ct_known(struct db *db, int64_t file, int64_t n, const struct db_ct_known *k, struct err *err)
{
	return query_run(db, Q_ADD_CT_KNOWN, err, "iihttttiibiooo" "h", file, n, k->log_id, k->name, k->operator, k->url,
	                 k->submission, (int64_t)k->tiled, (int64_t)k->test, k->key.p, k->key.n, (int64_t)k->state, k->starts,
	                 k->ends, k->final_size, k->final_root);
}

struct known_reader {
	int (*fn)(void *ctx, const struct db_ct_known *k);
	void *ctx;
};

static int known_row(void *ctx, sqlite3_stmt *r)
{
	struct known_reader *to = ctx;
	struct db_ct_known k = {
		.log_id = column_hash(r, 0, 32),
		.name = column_text(r, 1),
		.operator = column_text(r, 2),
		.url = column_text(r, 3),
		.submission = column_text(r, 4),
		.tiled = sqlite3_column_int(r, 5),
		.test = sqlite3_column_int(r, 6),
		.key = column_blob(r, 7),
		.state = sqlite3_column_int(r, 8),
		.starts = column_int(r, 9),
		.ends = column_int(r, 10),
		.final_size = column_int(r, 11),
		.final_root = column_hash(r, 12, 32),
	};

	return to->fn(to->ctx, &k);
}

int db_each_ct_known(struct db *db, int (*fn)(void *ctx, const struct db_ct_known *k), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CT_KNOWN, known_row, &(struct known_reader){ fn, ctx }, err, "");
}

struct log_reader {
	int (*fn)(void *ctx, const struct db_ct_log *l);
	void *ctx;
};

static int log_row(void *ctx, sqlite3_stmt *r)
{
	struct log_reader *to = ctx;
	struct db_ct_log l = {
		.id = sqlite3_column_int64(r, 0),
		.log_id = column_hash(r, 1, 32),
		.file = sqlite3_column_int64(r, 2),
		.name = column_text(r, 3),
		.url = column_text(r, 4),
		.unverified = sqlite3_column_int(r, 5),
		.read_from = sqlite3_column_int64(r, 6),
		.position = sqlite3_column_int64(r, 7),
		.verified = sqlite3_column_int64(r, 8),
		.merkle = column_blob(r, 9),
		.verified_merkle = column_blob(r, 10),
		.head_size = sqlite3_column_int64(r, 11),
		.head_time = column_int(r, 12),
		.head_root = column_blob(r, 13),
		.malformed = sqlite3_column_int64(r, 14),
		.read_at = column_int(r, 15),
		.seconds = sqlite3_column_double(r, 16),
		.entries = sqlite3_column_int64(r, 17),
		.error = column_text(r, 18),
		.tiled = sqlite3_column_int(r, 19),
		.broken_from = column_int(r, 20),
		.verified_malformed = sqlite3_column_int64(r, 21),
	};

	return to->fn(to->ctx, &l);
}

int db_each_ct_log(struct db *db, int (*fn)(void *ctx, const struct db_ct_log *l), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CT_LOG, log_row, &(struct log_reader){ fn, ctx }, err, "");
}

int db_put_ct_log(struct db *db, struct db_ct_log *l, struct err *err)
{
	if (!l->id) {
		if (query_run(db, Q_ADD_CT_LOG, err, "hitt", l->log_id, l->file, l->name, l->url) < 0)
			return -1;
		l->id = sqlite3_last_insert_rowid(db->handle);
	}
	return query_run(db, Q_UPDATE_CT_LOG, err, "ittiiiibbiobioiitioi", l->id, l->name, l->url, (int64_t)l->unverified, l->read_from,
	                 l->position, l->verified, l->merkle.p, l->merkle.n, l->verified_merkle.p, l->verified_merkle.n, l->head_size,
	                 l->head_time, l->head_root.p, l->head_root.n, l->malformed, l->read_at, (int64_t)(l->seconds * 1000),
	                 l->entries, l->error ? l->error : "", (int64_t)l->tiled, l->broken_from, l->verified_malformed);
}

int db_set_evidence(struct db *db, int64_t log, struct db_blob evidence, struct err *err)
{
	return query_run(db, Q_SET_EVIDENCE, err, "ib", log, evidence.p, evidence.n);
}

int db_put_problem(struct db *db, int64_t file, int64_t n, const char *place, const char *what, struct err *err)
{
	return query_run(db, Q_PUT_PROBLEM, err, "iitt", file, n, place, what);
}
