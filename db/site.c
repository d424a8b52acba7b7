#include "db/site.h"

#include "db/query.h"
#include "db/siterows.h"

int db_add_site_rank(struct db *db, int64_t file, int64_t n, int64_t rank, const char *domain, struct err *err)
{
	if (query_run(db, Q_ADD_SITE, err, "t", domain) < 0)
		return -1;
	return query_run(db, Q_ADD_SITE_RANK, err, "iiit", file, n, rank, domain);
}

int db_has_ranks(struct db *db, bool *ret, struct err *err)
{
	int64_t one;

	return query_number(db, Q_HAS_RANKS, ret, &one, err, "");
}

struct site_reader {
	int (*fn)(void *ctx, int64_t site, const char *domain);
	void *ctx;
};

static int site_row(void *ctx, sqlite3_stmt *r)
{
	struct site_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), column_text(r, 2));
}

int db_each_ranked_site(struct db *db, int (*fn)(void *ctx, int64_t site, const char *domain), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_RANKED_SITE, site_row, &(struct site_reader){ fn, ctx }, err, "");
}

int db_add_leaf_site(struct db *db, int64_t certificate, int64_t site, struct err *err)
{
	return query_run(db, Q_ADD_LEAF_SITE, err, "ii", certificate, site);
}

int db_clear_leaf_sites(struct db *db, struct err *err)
{
	return query_run(db, Q_CLEAR_LEAF_SITE, err, "");
}

struct der_reader {
	int (*fn)(void *ctx, int64_t certificate, struct db_blob der);
	void *ctx;
};

static int der_row(void *ctx, sqlite3_stmt *r)
{
	struct der_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), column_blob(r, 1));
}

int db_each_leaf_der(struct db *db, int (*fn)(void *ctx, int64_t certificate, struct db_blob der), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_LEAF_DER, der_row, &(struct der_reader){ fn, ctx }, err, "");
}

/* SQLite compares signed numbers; rows ascend by unsigned keys. */
static int64_t ordered(uint64_t key)
{
	return (int64_t)(key ^ (uint64_t)1 << 63);
}

int db_add_ct_site(struct db *db, int64_t issuer, struct leaf_key key, int64_t site, struct err *err)
{
	return query_run(db, Q_ADD_CT_SITE, err, "iiii", issuer, ordered(key.key), (int64_t)key.content, site);
}

struct ct_name_reader {
	int (*fn)(void *ctx, int64_t issuer, struct leaf_key key, const char *names);
	void *ctx;
};

static int ct_name_row(void *ctx, sqlite3_stmt *r)
{
	struct ct_name_reader *to = ctx;

	struct leaf_key key = { (uint64_t)sqlite3_column_int64(r, 1), (uint32_t)sqlite3_column_int64(r, 2) };

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), key, column_text(r, 3));
}

int db_each_ct_name(struct db *db, int (*fn)(void *ctx, int64_t issuer, struct leaf_key key, const char *names), void *ctx,
                    struct err *err)
{
	return query_each(db, Q_EACH_CT_NAME, ct_name_row, &(struct ct_name_reader){ fn, ctx }, err, "");
}

int db_mark_siteless(struct db *db, struct err *err)
{
	return query_run(db, Q_MARK_SITELESS, err, "");
}

struct use_reader {
	int (*fn)(void *ctx, const struct db_site_use *u);
	void *ctx;
};

static int use_row(void *ctx, sqlite3_stmt *r)
{
	struct use_reader *to = ctx;
	struct db_site_use u = {
		.ca = sqlite3_column_int64(r, 0),
		.rank = sqlite3_column_int64(r, 1),
		.domain = column_text(r, 2),
		.leaves = sqlite3_column_int64(r, 3),
		.last_na_day = sqlite3_column_int64(r, 4),
		.site = sqlite3_column_int64(r, 5),
	};

	return to->fn(to->ctx, &u);
}

int db_each_site_use(struct db *db, int32_t day, int (*fn)(void *ctx, const struct db_site_use *u), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_SITE_USE, use_row, &(struct use_reader){ fn, ctx }, err, "i", (int64_t)day);
}

struct bucket_reader {
	int (*fn)(void *ctx, int64_t site, const struct db_bucket *b);
	void *ctx;
	int64_t ca;
};

static int bucket_row(void *ctx, sqlite3_stmt *r)
{
	struct bucket_reader *to = ctx;
	struct db_bucket b = {
		.ca = to->ca,
		.nb_day = sqlite3_column_int(r, 1),
		.na_day = sqlite3_column_int(r, 2),
		.sct_day = sqlite3_column_int(r, 3),
		.eku = (uint8_t)sqlite3_column_int(r, 4),
		.kind = (uint8_t)sqlite3_column_int(r, 5),
		.n = (uint32_t)sqlite3_column_int64(r, 6),
	};

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), &b);
}

int db_each_site_bucket(struct db *db, int64_t ca, int32_t day, int (*fn)(void *ctx, int64_t site, const struct db_bucket *b),
                        void *ctx, struct err *err)
{
	return query_each(db, Q_SITE_BUCKETS_OF, bucket_row, &(struct bucket_reader){ fn, ctx, ca }, err, "ii", ca, (int64_t)day);
}

struct site_of_reader {
	void (*fn)(void *ctx, int64_t rank, const char *domain);
	void *ctx;
};

static int site_of_row(void *ctx, sqlite3_stmt *r)
{
	struct site_of_reader *to = ctx;

	if (sqlite3_column_type(r, 0) != SQLITE_NULL)
		to->fn(to->ctx, sqlite3_column_int64(r, 0), column_text(r, 1));
	return 0;
}

int db_site_of(struct db *db, int64_t site, void (*fn)(void *ctx, int64_t rank, const char *domain), void *ctx, struct err *err)
{
	return query_each(db, Q_SITE_OF, site_of_row, &(struct site_of_reader){ fn, ctx }, err, "i", site);
}

int db_rank_of(struct db *db, const char *domain, bool *found, int64_t *rank, struct err *err)
{
	return query_number(db, Q_RANK_OF, found, rank, err, "t", domain);
}

int db_ranks_day(struct db *db, bool *found, int64_t *day, struct err *err)
{
	return query_number(db, Q_RANKS_DAY, found, day, err, "");
}

struct ca_reader {
	int (*fn)(void *ctx, int64_t ca);
	void *ctx;
};

static int ca_row(void *ctx, sqlite3_stmt *r)
{
	struct ca_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0));
}

int db_each_siteless(struct db *db, int (*fn)(void *ctx, int64_t ca), void *ctx, struct err *err)
{
	return query_each(db, Q_SITELESS_CAS, ca_row, &(struct ca_reader){ fn, ctx }, err, "");
}

/* ---- beside a walk of leaf rows ---- */

static int take_imported(void *ctx, sqlite3_stmt *r)
{
	struct site_rows *s = ctx;
	struct db_blob serial = column_blob(r, 0);

	vec_push(&s->imported, (struct site_row){ .key = hash_bytes(s->seed, serial.p, serial.n), .site = sqlite3_column_int64(r, 1) });
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct site_row *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->site < y->site ? -1 : x->site > y->site;
}

int site_rows_start(struct site_rows *s, struct db *db, int64_t ca, struct err *err)
{
	bool some;

	*s = (struct site_rows){ .db = db };
	if (db_has_ranks(db, &some, err) < 0)
		return -1;
	if (!some)
		return 0;
	if (db_leaf_key_seed(db, s->seed, err) < 0 || query_each(db, Q_SITES_OF_LEAVES, take_imported, s, err, "i", ca) < 0)
		return -1;
	if (s->imported.n)
		qsort(s->imported.v, s->imported.n, sizeof(*s->imported.v), by_key);
	s->rows = query_fresh(db, Q_SITES_OF_ROWS, err);
	if (!s->rows)
		return -1;
	sqlite3_bind_int64(s->rows, 1, ca);
	return 0;
}

/* The row that the statement stands on, stepped to when it is not there yet. */
static int peek(struct site_rows *s, struct err *err)
{
	if (s->has_next || !s->rows)
		return 0;
	int code = sqlite3_step(s->rows);
	if (code == SQLITE_ROW) {
		s->next = (struct site_row){ .key = (uint64_t)sqlite3_column_int64(s->rows, 0) ^ (uint64_t)1 << 63,
			                     .content = (uint32_t)sqlite3_column_int64(s->rows, 1),
			                     .site = sqlite3_column_int64(s->rows, 2) };
		s->has_next = true;
		return 0;
	}
	sqlite3_finalize(s->rows);
	s->rows = NULL;
	return code == SQLITE_DONE ? 0 : query_error(s->db, err);
}

static void add(struct site_rows *s, int64_t site)
{
	for (size_t i = 0; i < s->found.n; i++)
		if (s->found.v[i] == site)
			return;
	vec_push(&s->found, site);
}

int site_rows_at(struct site_rows *s, const struct leaf_row *row, struct err *err)
{
	uint64_t key = row->key;

	s->found.n = 0;
	for (; s->at < s->imported.n && s->imported.v[s->at].key <= key; s->at++)
		if (s->imported.v[s->at].key == key)
			add(s, s->imported.v[s->at].site);
	for (;;) {
		if (peek(s, err) < 0)
			return -1;
		if (!s->has_next || s->next.key > key)
			return 0;
		if (s->next.key == key && (s->next.content == row->content || (row->flags & LEAF_CONFLICT)))
			add(s, s->next.site);
		s->has_next = false;
	}
}

void site_rows_end(struct site_rows *s)
{
	sqlite3_finalize(s->rows);
	vec_release(&s->imported);
	vec_release(&s->found);
}

struct site_leaf_reader {
	int (*fn)(void *ctx, const struct leaf_row *row, const int64_t *site, size_t n);
	void *ctx;
	struct site_rows sites;
	struct err *err;
};

static int site_leaf_row(void *ctx, const struct leaf_row *row)
{
	struct site_leaf_reader *to = ctx;

	if (site_rows_at(&to->sites, row, to->err) < 0)
		return -1;
	return to->sites.found.n ? to->fn(to->ctx, row, to->sites.found.v, to->sites.found.n) : 0;
}

int db_each_site_leaf(struct db *db, int64_t ca, int (*fn)(void *ctx, const struct leaf_row *row, const int64_t *site, size_t n),
                      void *ctx, struct err *err)
{
	struct site_leaf_reader to = { .fn = fn, .ctx = ctx, .err = err };
	int rc = site_rows_start(&to.sites, db, ca, err);

	if (rc == 0)
		rc = db_each_ct_leaf(db, ca, site_leaf_row, &to, err);
	site_rows_end(&to.sites);
	return rc;
}
