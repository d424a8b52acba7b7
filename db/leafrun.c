#include "db/leafrun.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/date.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "db/query.h"
#include "db/siterows.h"

/* Rows of one BLOB: what one cursor of a merge holds in memory. */
#define CHUNK_ROWS 32768
/* 40-bit seconds reach 17,000 years to either side; the ends stand for what is no time. */
#define TIME_BYTES 5
#define TIME_LOWEST (-((int64_t)1 << 39))
#define BUCKET_SCT_NONE INT32_MAX
#define COUNTED_BY_CT 1

/* ---- the form of a row ---- */

static void put_number(uint8_t *to, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_number(const uint8_t *from, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)from[i] << (8 * i);
	return v;
}

static void put_time(uint8_t *to, int64_t t)
{
	if (t == LEAF_TIME_UNKNOWN || t < TIME_LOWEST)
		t = TIME_LOWEST;
	else if (t >= -TIME_LOWEST)
		t = -TIME_LOWEST - 1;
	put_number(to, (uint64_t)t, TIME_BYTES);
}

static int64_t get_time(const uint8_t *from)
{
	int64_t t = (int64_t)(get_number(from, TIME_BYTES) << 24) >> 24;

	return t == TIME_LOWEST ? LEAF_TIME_UNKNOWN : t;
}

static void pack(uint8_t *to, const struct leaf_row *r)
{
	put_number(to, r->key, 8);
	put_time(to + 8, r->nb);
	put_time(to + 13, r->na);
	put_time(to + 18, r->sct);
	put_number(to + 23, r->content, 4);
	put_number(to + 27, r->log, 2);
	put_number(to + 29, r->index, 5);
	to[34] = r->flags;
	to[35] = (uint8_t)((r->eku & 31) | r->kind << 5);
}

static void unpack(const uint8_t *from, struct leaf_row *r)
{
	*r = (struct leaf_row){
		.key = get_number(from, 8),
		.nb = get_time(from + 8),
		.na = get_time(from + 13),
		.sct = get_time(from + 18),
		.content = (uint32_t)get_number(from + 23, 4),
		.log = (uint16_t)get_number(from + 27, 2),
		.index = get_number(from + 29, 5),
		.flags = from[34],
		.eku = from[35] & 31,
		.kind = from[35] >> 5,
	};
}

/* ---- one leaf of several rows ---- */

static void merge_sct(struct leaf_row *to, const struct leaf_row *by)
{
	bool to_log = to->flags & LEAF_LOG_TIME, by_log = by->flags & LEAF_LOG_TIME;

	if (by->sct == LEAF_TIME_UNKNOWN)
		return;
	/* the log's time serves only where no certificate of the leaf embeds one */
	if (to->sct != LEAF_TIME_UNKNOWN && to_log == by_log ? by->sct < to->sct : to->sct == LEAF_TIME_UNKNOWN || to_log) {
		to->sct = by->sct;
		to->flags = (uint8_t)((to->flags & ~LEAF_LOG_TIME) | (by->flags & LEAF_LOG_TIME));
	}
}

static void merge_into(struct leaf_row *to, const struct leaf_row *by)
{
	merge_sct(to, by);
	if (by->nb != LEAF_TIME_UNKNOWN && (to->nb == LEAF_TIME_UNKNOWN || by->nb < to->nb))
		to->nb = by->nb;
	if (by->na != LEAF_TIME_UNKNOWN && by->na > to->na)
		to->na = by->na;
	/* contents are not known of imported certificates */
	if (to->content && by->content && to->content != by->content)
		to->flags |= LEAF_CONFLICT;
	if (!to->content)
		to->content = by->content;
	if (!to->log || (by->log && (by->log < to->log || (by->log == to->log && by->index < to->index)))) {
		to->log = by->log;
		to->index = by->index;
	}
	/* without extension every purpose is allowed, and stays so */
	to->eku = to->eku == 0 || by->eku == 0 ? 0 : to->eku | by->eku;
	to->kind = by->kind > to->kind ? by->kind : to->kind;
	to->flags |= by->flags & ~LEAF_LOG_TIME;
}

static int by_key(const void *a, const void *b)
{
	const struct leaf_row *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* Keys are hashes, so the upper half orders nearly all; the few neighbours it does not are put right by insertion. */
static void order_neighbours(struct leaf_row *rows, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct leaf_row row = rows[i];
		size_t k = i;
		for (; k && rows[k - 1].key > row.key; k--)
			rows[k] = rows[k - 1];
		if (k < i)
			rows[k] = row;
	}
}

/* Radix sort by the upper 32 bits of the key, the lowest byte first; qsort is quicker on a few rows. */
static void sort_rows(struct leaf_row *rows, size_t n)
{
	if (n < 2048) {
		qsort(rows, n, sizeof(*rows), by_key);
		return;
	}
	struct leaf_row *from = rows, *to = xreallocarray(NULL, n, sizeof(*to)), *spare = to;
	for (int shift = 32; shift < 64; shift += 8) {
		size_t at[257] = { 0 };
		for (size_t i = 0; i < n; i++)
			at[(from[i].key >> shift & 255) + 1]++;
		for (int i = 0; i < 256; i++)
			at[i + 1] += at[i];
		for (size_t i = 0; i < n; i++)
			to[at[from[i].key >> shift & 255]++] = from[i];
		struct leaf_row *swap = from;
		from = to;
		to = swap;
	}
	free(spare);
	order_neighbours(rows, n);
}

size_t leaf_rows_merge(struct leaf_row *rows, size_t n)
{
	size_t m = 0;

	sort_rows(rows, n);
	for (size_t i = 0; i < n; i++) {
		if (m && rows[m - 1].key == rows[i].key)
			merge_into(&rows[m - 1], &rows[i]);
		else
			rows[m++] = rows[i];
	}
	return m;
}

/* ---- writing runs ---- */

struct writer {
	struct db *db;
	struct err *err;
	int64_t issuer, run, ends;
	struct db_int log;
	uint8_t *bytes;
	size_t n;
};

static int writer_start(struct writer *w, struct db *db, int64_t issuer, struct db_int log, int64_t ends, struct err *err)
{
	bool found;

	*w = (struct writer){ .db = db, .err = err, .issuer = issuer, .ends = ends, .log = log };
	w->bytes = xreallocarray(NULL, CHUNK_ROWS, LEAF_ROW_BYTES);
	return query_number(db, Q_NEXT_RUN, &found, &w->run, err, "");
}

static int writer_flush(struct writer *w)
{
	size_t n = w->n;

	w->n = 0;
	if (!n)
		return 0;
	return query_run(w->db, Q_ADD_RUN, w->err, "iioiib", w->issuer, w->run, w->log, w->ends, (int64_t)n,
	                 (const void *)w->bytes, n * LEAF_ROW_BYTES);
}

static int writer_add(void *ctx, const struct leaf_row *row)
{
	struct writer *w = ctx;

	pack(w->bytes + w->n++ * LEAF_ROW_BYTES, row);
	return w->n == CHUNK_ROWS ? writer_flush(w) : 0;
}

static int writer_end(struct writer *w, int rc)
{
	if (rc == 0)
		rc = writer_flush(w);
	free(w->bytes);
	return rc;
}

int db_add_run(struct db *db, int64_t issuer, int64_t log, int64_t ends, struct leaf_row *rows, size_t n, struct err *err)
{
	struct writer w;
	int rc = writer_start(&w, db, issuer, DB_INT(log), ends, err);

	n = leaf_rows_merge(rows, n);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = writer_add(&w, &rows[i]);
	return writer_end(&w, rc);
}

/* ---- merging runs ---- */

struct cursor {
	sqlite3_stmt *rows; /* chunks of a run; NULL: `own` is all */
	struct leaf_row *own;
	const uint8_t *chunk;
	size_t at, n;
	struct leaf_row row;
};
struct walk {
	struct db *db;
	struct err *err;
	VEC(struct cursor) cursor;
	VEC(size_t) heap; /* of cursors, smallest key first */
	VEC(int64_t) run;
	VEC(struct leaf_row) imported;
	uint64_t seed[2];
};

/* 1 a row, 0 the end. */
static int cursor_next(struct walk *w, struct cursor *c)
{
	if (!c->rows) {
		if (c->at == c->n)
			return 0;
		c->row = c->own[c->at++];
		return 1;
	}
	while (c->at == c->n) {
		int code = sqlite3_step(c->rows);
		if (code == SQLITE_DONE)
			return 0;
		if (code != SQLITE_ROW)
			return query_error(w->db, w->err);
		struct db_blob b = column_blob(c->rows, 0);
		c->chunk = b.p;
		c->n = b.n / LEAF_ROW_BYTES;
		c->at = 0;
	}
	unpack(c->chunk + c->at++ * LEAF_ROW_BYTES, &c->row);
	return 1;
}

static uint64_t heap_key(const struct walk *w, size_t i)
{
	return w->cursor.v[w->heap.v[i]].row.key;
}

static void heap_down(struct walk *w, size_t i)
{
	for (;;) {
		size_t least = i;
		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < w->heap.n; child++)
			if (heap_key(w, child) < heap_key(w, least))
				least = child;
		if (least == i)
			return;
		size_t swap = w->heap.v[i];
		w->heap.v[i] = w->heap.v[least];
		w->heap.v[least] = swap;
		i = least;
	}
}

static int walk_start(struct walk *w)
{
	for (size_t i = 0; i < w->cursor.n; i++) {
		int rc = cursor_next(w, &w->cursor.v[i]);
		if (rc < 0)
			return -1;
		if (rc)
			vec_push(&w->heap, i);
	}
	for (size_t i = w->heap.n; i-- > 0;)
		heap_down(w, i);
	return 0;
}

/* The smallest row leaves; the heap is in order again. */
static int walk_pop(struct walk *w, struct leaf_row *ret)
{
	struct cursor *c = &w->cursor.v[w->heap.v[0]];

	*ret = c->row;
	int rc = cursor_next(w, c);
	if (rc < 0)
		return -1;
	if (!rc)
		w->heap.v[0] = w->heap.v[--w->heap.n];
	heap_down(w, 0);
	return 0;
}

static int walk_each(struct walk *w, int (*fn)(void *ctx, const struct leaf_row *row), void *ctx)
{
	struct leaf_row row, next;

	if (walk_start(w) < 0)
		return -1;
	while (w->heap.n) {
		if (walk_pop(w, &row) < 0)
			return -1;
		while (w->heap.n && heap_key(w, 0) == row.key) {
			if (walk_pop(w, &next) < 0)
				return -1;
			merge_into(&row, &next);
		}
		if (fn(ctx, &row) < 0)
			return -1;
	}
	return 0;
}

static void walk_release(struct walk *w)
{
	for (size_t i = 0; i < w->cursor.n; i++)
		sqlite3_finalize(w->cursor.v[i].rows);
	vec_release(&w->cursor);
	vec_release(&w->heap);
	vec_release(&w->run);
	vec_release(&w->imported);
}

static int take_run(void *ctx, sqlite3_stmt *row)
{
	struct walk *w = ctx;

	vec_push(&w->run, sqlite3_column_int64(row, 0));
	return 0;
}

static int open_runs(struct walk *w)
{
	for (size_t i = 0; i < w->run.n; i++) {
		sqlite3_stmt *s = query_fresh(w->db, Q_RUN_CHUNKS, w->err);
		if (!s)
			return -1;
		sqlite3_bind_int64(s, 1, w->run.v[i]);
		vec_push(&w->cursor, (struct cursor){ .rows = s });
	}
	return 0;
}

static int64_t time_of(struct db_int t)
{
	return t.set ? t.v : LEAF_TIME_UNKNOWN;
}

static int take_imported(void *ctx, sqlite3_stmt *row)
{
	struct walk *w = ctx;
	struct db_blob serial = column_blob(row, 0);

	vec_push(&w->imported, (struct leaf_row){
	                               .key = hash_bytes(w->seed, serial.p, serial.n),
	                               .nb = time_of(column_int(row, 1)),
	                               .na = time_of(column_int(row, 2)),
	                               .sct = time_of(column_int(row, 3)),
	                               .eku = (uint8_t)sqlite3_column_int(row, 4),
	                               .kind = (uint8_t)sqlite3_column_int(row, 5),
	                               .flags = sqlite3_column_int(row, 6) ? LEAF_PRECERT : LEAF_FINAL,
	                       });
	return 0;
}

int db_each_ct_leaf(struct db *db, int64_t ca, int (*fn)(void *ctx, const struct leaf_row *row), void *ctx, struct err *err)
{
	struct walk w = { .db = db, .err = err };
	int rc = db_leaf_key_seed(db, w.seed, err);

	if (rc == 0)
		rc = query_each(db, Q_LEAF_CERTIFICATES_OF, take_imported, &w, err, "i", ca);
	if (rc == 0)
		rc = query_each(db, Q_EACH_RUN_OF_CA, take_run, &w, err, "i", ca);
	if (rc == 0)
		rc = open_runs(&w);
	if (w.imported.n) {
		w.imported.n = leaf_rows_merge(w.imported.v, w.imported.n);
		vec_push(&w.cursor, (struct cursor){ .own = w.imported.v, .n = w.imported.n });
	}
	if (rc == 0)
		rc = walk_each(&w, fn, ctx);
	walk_release(&w);
	return rc;
}

static int each_of_issuer(struct walk *w, int64_t issuer, int (*fn)(void *ctx, const struct leaf_row *row), void *ctx)
{
	if (query_each(w->db, Q_EACH_RUN_OF_ISSUER, take_run, w, w->err, "i", issuer) < 0 || open_runs(w) < 0)
		return -1;
	return walk_each(w, fn, ctx);
}

struct two_numbers {
	bool found;
	int64_t a, b;
};

static int take_two(void *ctx, sqlite3_stmt *row)
{
	struct two_numbers *t = ctx;

	*t = (struct two_numbers){ true, sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1) };
	return 1;
}

int db_run_totals(struct db *db, int64_t *runs, int64_t *rows, struct err *err)
{
	struct two_numbers t = { 0 };

	if (query_each(db, Q_RUN_TOTALS, take_two, &t, err, "") < 0)
		return -1;
	*runs = t.a;
	*rows = t.b;
	return 0;
}

/* ---- compaction ---- */

static int compact_one(struct db *db, int64_t issuer, struct err *err)
{
	struct walk w = { .db = db, .err = err };
	struct writer out;
	int rc = writer_start(&out, db, issuer, DB_NULL, 0, err);

	if (rc == 0)
		rc = each_of_issuer(&w, issuer, writer_add, &out);
	rc = writer_end(&out, rc);
	for (size_t i = 0; i < w.cursor.n; i++)
		sqlite3_reset(w.cursor.v[i].rows);
	for (size_t i = 0; rc == 0 && i < w.run.n; i++)
		rc = query_run(db, Q_DROP_RUN, err, "i", w.run.v[i]);
	walk_release(&w);
	return rc;
}

int db_compact(struct db *db, size_t most, bool (*cancelled)(void *ctx), void *ctx, struct err *err)
{
	struct walk list = { .db = db };
	int rc = query_each(db, Q_EACH_CROWDED_ISSUER, take_run, &list, err, "i", (int64_t)most);

	for (size_t i = 0; rc == 0 && i < list.run.n && !(cancelled && cancelled(ctx)); i++) {
		rc = db_begin(db, err);
		if (rc < 0)
			break;
		rc = compact_one(db, list.run.v[i], err);
		if (rc == 0)
			rc = db_commit(db, err);
		else
			db_rollback(db);
	}
	walk_release(&list);
	return rc;
}

/* ---- issuers and names ---- */

static int take_text(void *ctx, sqlite3_stmt *row)
{
	snprintf(ctx, 40, "%.39s", column_text(row, 0));
	return 1;
}

int db_leaf_key_seed(struct db *db, uint64_t seed[2], struct err *err)
{
	char text[40] = "";

	if (query_each(db, Q_GET_META, take_text, text, err, "t", "leaf-key-seed") < 0)
		return -1;
	if (sscanf(text, "%16" SCNx64 "%16" SCNx64, &seed[0], &seed[1]) == 2)
		return 0;
	seed[0] = seed[1] = 0;
	if (sqlite3_db_readonly(db->handle, "main") == 1 || sqlite3_get_autocommit(db->handle))
		return 0; /* no row depends on it yet */
	if (getrandom(seed, 2 * sizeof(*seed), 0) != 2 * (ssize_t)sizeof(*seed))
		return err_set(err, ERR_INDEX, "no random numbers");
	snprintf(text, sizeof(text), "%016" PRIx64 "%016" PRIx64, seed[0], seed[1]);
	return query_run(db, Q_SET_META, err, "tt", "leaf-key-seed", text);
}

int db_ct_issuer(struct db *db, const uint8_t spki_sha256[32], struct db_blob name, int64_t *ret_id, int64_t *ret_named,
                 struct err *err)
{
	struct two_numbers t = { 0 };

	if (query_each(db, Q_FIND_CT_ISSUER, take_two, &t, err, "hb", spki_sha256, name.p, name.n) < 0)
		return -1;
	if (!t.found) {
		if (query_run(db, Q_ADD_CT_ISSUER, err, "hb", spki_sha256, name.p, name.n) < 0)
			return -1;
		t.a = sqlite3_last_insert_rowid(db->handle);
	}
	*ret_id = t.a;
	*ret_named = t.b;
	return 0;
}

int db_add_ct_name(struct db *db, int64_t issuer, uint64_t key, struct db_blob serial, const char *names, int64_t *named,
                   struct err *err)
{
	if (query_run(db, Q_ADD_CT_NAME, err, "iibt", issuer, (int64_t)key, serial.p, serial.n, names) < 0)
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

struct issuer_reader {
	int (*fn)(void *ctx, const struct db_ct_issuer *i);
	void *ctx;
};

static int issuer_row(void *ctx, sqlite3_stmt *r)
{
	struct issuer_reader *to = ctx;
	struct db_ct_issuer i = { sqlite3_column_int64(r, 0), sqlite3_column_int64(r, 1), column_hash(r, 2, 32), column_blob(r, 3) };

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

int db_ct_name(struct db *db, int64_t ca, uint64_t key, bool *found,
               void (*fn)(void *ctx, struct db_blob serial, const char *names), void *ctx, struct err *err)
{
	struct name_reader to = { fn, ctx, false };
	int rc = query_each(db, Q_CT_NAME, name_row, &to, err, "ii", ca, (int64_t)key);

	*found = to.found;
	return rc;
}

/* ---- counting ---- */

struct day_key {
	int32_t nb, na, sct;
	uint8_t eku, kind, pad[2];
};
struct site_key {
	int64_t site;
	struct day_key day;
};
struct site_bucket {
	struct site_key key;
	int64_t n;
};
struct counting {
	struct db *db;
	struct err *err;
	int64_t ca, issued;
	struct map buckets; /* day_key to place in `bucket` */
	VEC(struct db_bucket) bucket;
	struct site_rows sites;
	struct map site_buckets; /* site_key to their number */
	VEC(struct site_bucket) site_bucket;
	struct db_int first_nb, last_nb, last_na;
};

static void widen(struct db_int *to, int64_t by, bool low)
{
	if (!to->set || (low ? by < to->v : by > to->v))
		*to = DB_INT(by);
}

/* So many wait in memory before they are added up in the index. */
#define SITE_BUCKETS_MOST 500000

static int flush_sites(struct counting *c)
{
	for (size_t i = 0; i < c->site_bucket.n; i++) {
		const struct site_bucket *b = &c->site_bucket.v[i];
		const struct day_key *k = &b->key.day;
		if (query_run(c->db, Q_ADD_SITE_BUCKET, c->err, "iiiiiiii", c->ca, b->key.site, (int64_t)k->nb, (int64_t)k->na,
		              (int64_t)k->sct, (int64_t)k->eku, (int64_t)k->kind, b->n) < 0)
			return -1;
	}
	c->site_bucket.n = 0;
	map_release(&c->site_buckets);
	return 0;
}

static int count_sites(struct counting *c, uint64_t key, const struct day_key *day)
{
	if (site_rows_at(&c->sites, key, c->err) < 0)
		return -1;
	for (size_t i = 0; i < c->sites.found.n; i++) {
		struct site_key k = { c->sites.found.v[i], *day };
		bool is_new;
		uint64_t *at = map_at(&c->site_buckets, &k, sizeof(k), &is_new);
		if (is_new) {
			*at = c->site_bucket.n;
			vec_push(&c->site_bucket, (struct site_bucket){ k, 0 });
		}
		c->site_bucket.v[*at].n++;
	}
	return c->site_bucket.n > SITE_BUCKETS_MOST ? flush_sites(c) : 0;
}

static int count_row(void *ctx, const struct leaf_row *r)
{
	struct counting *c = ctx;
	bool is_new;

	c->issued++;
	if ((r->flags & LEAF_CONFLICT) &&
	    query_run(c->db, Q_ADD_CT_DUPLICATE, c->err, "ii", c->ca, (int64_t)r->key) < 0)
		return -1;
	if (r->nb != LEAF_TIME_UNKNOWN) {
		widen(&c->first_nb, date_of_time(r->nb), true);
		widen(&c->last_nb, date_of_time(r->nb), false);
	}
	if (r->na != LEAF_TIME_UNKNOWN)
		widen(&c->last_na, date_of_time(r->na), false);
	if (r->nb == LEAF_TIME_UNKNOWN || r->na == LEAF_TIME_UNKNOWN)
		return 0;
	struct day_key k = { date_of_time(r->nb), date_of_time(r->na), BUCKET_SCT_NONE, r->eku, r->kind, { 0 } };
	if (r->sct != LEAF_TIME_UNKNOWN)
		k.sct = date_of_time(r->sct);
	if (r->flags & LEAF_LOG_TIME)
		k.kind |= DB_BUCKET_LOG_TIME;
	uint64_t *at = map_at(&c->buckets, &k, sizeof(k), &is_new);
	if (is_new) {
		*at = c->bucket.n;
		vec_push(&c->bucket, (struct db_bucket){ c->ca, k.nb, k.na, k.sct, k.eku, k.kind, 0 });
	}
	c->bucket.v[*at].n++;
	return count_sites(c, r->key, &k);
}

static int put_counts(struct counting *c, int64_t source_day)
{
	if (query_run(c->db, Q_DROP_BUCKETS_OF, c->err, "i", c->ca) < 0 || flush_sites(c) < 0)
		return -1;
	for (size_t i = 0; i < c->bucket.n; i++) {
		const struct db_bucket *b = &c->bucket.v[i];
		if (query_run(c->db, Q_ADD_BUCKET, c->err, "iiiiiii", c->ca, (int64_t)b->nb_day, (int64_t)b->na_day,
		              (int64_t)b->sct_day, (int64_t)b->eku, (int64_t)b->kind, (int64_t)b->n) < 0)
			return -1;
	}
	return query_run(c->db, Q_PUT_COUNT, c->err, "iiooo" "i", c->ca, c->issued, c->first_nb, c->last_nb, c->last_na, source_day);
}

static int count_ca(struct db *db, int64_t ca, int64_t source_day, struct err *err)
{
	struct counting c = { .db = db, .err = err, .ca = ca };
	int rc = query_run(db, Q_DROP_SITE_BUCKETS_OF, err, "i", ca);

	if (rc == 0)
		rc = site_rows_start(&c.sites, db, ca, err);
	if (rc == 0)
		rc = db_each_ct_leaf(db, ca, count_row, &c, err);
	if (rc == 0 && c.issued)
		rc = put_counts(&c, source_day);
	site_rows_end(&c.sites);
	map_release(&c.site_buckets);
	vec_release(&c.site_bucket);
	map_release(&c.buckets);
	vec_release(&c.bucket);
	return rc;
}

static int count_orphans(struct db *db, int64_t *ret, struct err *err);

/* What the next commands want to know without a walk: leaves without a CA, and the state that was counted. */
static int note_count(struct db *db, struct err *err)
{
	char text[40] = "";
	int64_t orphans;

	if (count_orphans(db, &orphans, err) < 0 || query_each(db, Q_CT_STATE, take_text, text, err, "") < 0 ||
	    query_run(db, Q_SET_META, err, "tt", "ct-counted", text) < 0)
		return -1;
	snprintf(text, sizeof(text), "%" PRId64, orphans);
	return query_run(db, Q_SET_META, err, "tt", "ct-orphans", text);
}

int db_ct_uncounted(struct db *db, bool *ret, struct err *err)
{
	char counted[40] = "0 0", now[40] = "";

	if (query_each(db, Q_GET_META, take_text, counted, err, "t", "ct-counted") < 0 ||
	    query_each(db, Q_CT_STATE, take_text, now, err, "") < 0)
		return -1;
	*ret = strcmp(counted, now) != 0;
	return 0;
}

int db_ct_complete_from(struct db *db, int32_t *ret, struct err *err)
{
	int64_t day = INT32_MAX;
	bool found;

	if (query_number(db, Q_CT_COMPLETE_FROM, &found, &day, err, "") < 0)
		return -1;
	*ret = day < INT32_MIN ? INT32_MIN : day > INT32_MAX ? INT32_MAX : (int32_t)day;
	return 0;
}

int db_ct_orphans(struct db *db, int64_t *ret, struct err *err)
{
	char text[40] = "0";

	if (query_each(db, Q_GET_META, take_text, text, err, "t", "ct-orphans") < 0)
		return -1;
	return num_parse_i64(text, ret) < 0 ? err_set(err, ERR_INDEX, "index '%s': a damaged count", db->path) : 0;
}

int db_count_ct(struct db *db, struct err *err)
{
	struct walk list = { .db = db };
	int64_t day = 0;
	bool found;

	if (query_run(db, Q_CLEAR_CT_DUPLICATE, err, "") < 0 || query_number(db, Q_CT_SOURCE_DAY, &found, &day, err, "") < 0 ||
	    query_each(db, Q_EACH_CT_CA, take_run, &list, err, "") < 0)
		return -1;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < list.run.n; i++)
		rc = count_ca(db, list.run.v[i], day, err);
	walk_release(&list);
	return rc == 0 ? note_count(db, err) : -1;
}

static int count_orphan(void *ctx, const struct leaf_row *row)
{
	(void)row;
	++*(int64_t *)ctx;
	return 0;
}

struct orphans {
	VEC(int64_t) issuer;
};

static int take_orphan(void *ctx, const struct db_ct_issuer *i)
{
	struct orphans *o = ctx;

	if (!i->ca)
		vec_push(&o->issuer, i->id);
	return 0;
}

static int count_orphans(struct db *db, int64_t *ret, struct err *err)
{
	struct orphans o = { 0 };
	int rc = db_each_ct_issuer(db, take_orphan, &o, err);

	*ret = 0;
	for (size_t i = 0; rc == 0 && i < o.issuer.n; i++) {
		struct walk w = { .db = db, .err = err };
		rc = each_of_issuer(&w, o.issuer.v[i], count_orphan, ret);
		walk_release(&w);
	}
	vec_release(&o.issuer);
	return rc;
}

struct duplicate_reader {
	int (*fn)(void *ctx, int64_t ca, struct db_blob serial);
	void *ctx;
};

static int duplicate_row(void *ctx, sqlite3_stmt *r)
{
	struct duplicate_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), column_blob(r, 1));
}

int db_each_ct_duplicate(struct db *db, int (*fn)(void *ctx, int64_t ca, struct db_blob serial), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CT_DUPLICATE, duplicate_row, &(struct duplicate_reader){ fn, ctx }, err, "");
}

/* ---- revoked ones: serial numbers are not in the rows, their keys are ---- */

struct revoked {
	uint64_t seed[2];
	struct map keys;
	int64_t n, from, until; /* of the day */
};

static int take_serial(void *ctx, sqlite3_stmt *row)
{
	struct revoked *r = ctx;
	struct db_blob serial = column_blob(row, 0);
	uint64_t key = hash_bytes(r->seed, serial.p, serial.n);

	map_at(&r->keys, &key, sizeof(key), NULL);
	return 0;
}

static int count_revoked(void *ctx, const struct leaf_row *l)
{
	struct revoked *r = ctx;

	if (l->nb != LEAF_TIME_UNKNOWN && l->na != LEAF_TIME_UNKNOWN && l->nb < r->until && l->na >= r->from &&
	    map_get(&r->keys, &l->key, sizeof(l->key)))
		r->n++;
	return 0;
}

int db_ct_revoked(struct db *db, int64_t ca, int32_t day, bool *has_rows, int64_t *ret, struct err *err)
{
	struct revoked r = { .from = date_start(day), .until = date_start(day) + 86400 };
	int64_t one;

	if (query_number(db, Q_CA_HAS_RUNS, has_rows, &one, err, "i", ca) < 0)
		return -1;
	if (!*has_rows)
		return 0;
	int rc = db_leaf_key_seed(db, r.seed, err);
	if (rc == 0)
		rc = query_each(db, Q_EACH_CRL_SERIAL_OF, take_serial, &r, err, "ii", ca, (int64_t)day);
	if (rc == 0)
		rc = db_each_ct_leaf(db, ca, count_revoked, &r, err);
	*ret = r.n;
	map_release(&r.keys);
	return rc;
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
