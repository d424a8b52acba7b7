#include "db/leafrun.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "db/query.h"

/* Rows of one BLOB, 288 KiB: what one cursor of a merge holds in memory. */
#define CHUNK_ROWS 8192
/* 40-bit seconds reach 17,000 years to either side; the ends stand for what is no time. */
#define TIME_BYTES 5
#define TIME_LOWEST (-((int64_t)1 << 39))
/* ---- the form of a row ---- */

/* n is known to the compiler, which makes of it what an odd width needs. */
static inline void put_number(uint8_t *to, uint64_t v, size_t n)
{
	v = htole64(v);
	memcpy(to, &v, n);
}

static inline uint64_t get_number(const uint8_t *from, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, from, n);
	return le64toh(v);
}

static inline void put_time(uint8_t *to, int64_t t)
{
	if (t == LEAF_TIME_UNKNOWN || t < TIME_LOWEST)
		t = TIME_LOWEST;
	else if (t >= -TIME_LOWEST)
		t = -TIME_LOWEST - 1;
	put_number(to, (uint64_t)t, TIME_BYTES);
}

static inline int64_t get_time(const uint8_t *from)
{
	int64_t t = (int64_t)(get_number(from, TIME_BYTES) << 24) >> 24;

	return t == TIME_LOWEST ? LEAF_TIME_UNKNOWN : t;
}

static inline uint64_t get_key(const uint8_t *from)
{
	return get_number(from, 8);
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
		.key = get_key(from),
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

static bool differs(int64_t a, int64_t b)
{
	return a != b && a != LEAF_TIME_UNKNOWN && b != LEAF_TIME_UNKNOWN;
}

/* Contents are not known of imported certificates, whose own conflicts are found elsewhere; their validity is. */
static bool conflict(const struct leaf_row *a, const struct leaf_row *b)
{
	if (a->content && b->content)
		return a->content != b->content;
	return (a->content || b->content) && (differs(a->nb, b->nb) || differs(a->na, b->na));
}

static void merge_into(struct leaf_row *to, const struct leaf_row *by)
{
	if (conflict(to, by))
		to->flags |= LEAF_CONFLICT;
	merge_sct(to, by);
	if (by->nb != LEAF_TIME_UNKNOWN && (to->nb == LEAF_TIME_UNKNOWN || by->nb < to->nb))
		to->nb = by->nb;
	if (by->na != LEAF_TIME_UNKNOWN && by->na > to->na)
		to->na = by->na;
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
	int64_t issuer, run, ends, rows;
	struct db_int log;
	uint8_t *bytes;
	size_t n, room;
};

/* most: rows that may come, as far as is known. */
static int writer_start(struct writer *w, struct db *db, int64_t issuer, struct db_int log, int64_t ends, size_t most, struct err *err)
{
	bool found;

	*w = (struct writer){ .db = db, .err = err, .issuer = issuer, .ends = ends, .log = log };
	w->room = most < CHUNK_ROWS ? most + 1 : CHUNK_ROWS;
	w->bytes = xreallocarray(NULL, w->room, LEAF_ROW_BYTES);
	return query_number(db, Q_NEXT_RUN, &found, &w->run, err, "");
}

static int writer_flush(struct writer *w)
{
	size_t n = w->n;

	w->n = 0;
	w->rows += (int64_t)n;
	if (!n)
		return 0;
	return query_run(w->db, Q_ADD_RUN, w->err, "iioiib", w->issuer, w->run, w->log, w->ends, (int64_t)n,
	                 (const void *)w->bytes, n * LEAF_ROW_BYTES);
}

static int writer_add(void *ctx, const uint8_t *row)
{
	struct writer *w = ctx;

	memcpy(w->bytes + w->n++ * LEAF_ROW_BYTES, row, LEAF_ROW_BYTES);
	return w->n == w->room ? writer_flush(w) : 0;
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
	int rc = writer_start(&w, db, issuer, DB_INT(log), ends, n, err);
	uint8_t row[LEAF_ROW_BYTES];

	n = leaf_rows_merge(rows, n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		pack(row, &rows[i]);
		rc = writer_add(&w, row);
	}
	return writer_end(&w, rc);
}

/* ---- merging runs ---- */

struct cursor {
	sqlite3_stmt *rows; /* chunks of a run; NULL: one array is all */
	const uint8_t *at, *end;
};
struct next_row {
	uint64_t key;
	size_t cursor;
};
struct walk {
	struct db *db;
	struct err *err;
	VEC(struct cursor) cursor;
	VEC(struct next_row) heap; /* smallest key first */
	struct id_list run;
	VEC(struct leaf_row) imported;
	uint8_t *packed; /* the imported ones */
	uint64_t seed[2];
};
typedef int walk_fn(void *ctx, const uint8_t *row);

/* 1 a row is at c->at, 0 the end. */
static int cursor_fill(struct walk *w, struct cursor *c)
{
	while (c->at == c->end) {
		int code = c->rows ? sqlite3_step(c->rows) : SQLITE_DONE;
		if (code == SQLITE_DONE)
			return 0;
		if (code != SQLITE_ROW)
			return query_error(w->db, w->err);
		struct db_blob b = column_blob(c->rows, 0);
		c->at = b.p;
		c->end = c->at + b.n / LEAF_ROW_BYTES * LEAF_ROW_BYTES;
	}
	return 1;
}

/* `row` goes to where the heap is in order again; place i is free. */
static void heap_put(struct walk *w, size_t i, struct next_row row)
{
	for (;;) {
		size_t child = 2 * i + 1;
		if (child + 1 < w->heap.n && w->heap.v[child + 1].key < w->heap.v[child].key)
			child++;
		if (child >= w->heap.n || w->heap.v[child].key >= row.key)
			break;
		w->heap.v[i] = w->heap.v[child];
		i = child;
	}
	w->heap.v[i] = row;
}

static int walk_start(struct walk *w)
{
	for (size_t i = 0; i < w->cursor.n; i++) {
		int rc = cursor_fill(w, &w->cursor.v[i]);
		if (rc < 0)
			return -1;
		if (rc)
			vec_push(&w->heap, (struct next_row){ get_key(w->cursor.v[i].at), i });
	}
	for (size_t i = w->heap.n / 2; i-- > 0;)
		heap_put(w, i, w->heap.v[i]);
	return 0;
}

/* The smallest row leaves; the heap is in order again. */
static int walk_pop(struct walk *w, uint8_t *ret)
{
	struct next_row top = w->heap.v[0];
	struct cursor *c = &w->cursor.v[top.cursor];

	memcpy(ret, c->at, LEAF_ROW_BYTES);
	c->at += LEAF_ROW_BYTES;
	int rc = cursor_fill(w, c);
	if (rc < 0)
		return -1;
	if (rc)
		top.key = get_key(c->at);
	else
		top = w->heap.v[--w->heap.n];
	if (w->heap.n)
		heap_put(w, 0, top);
	return 0;
}

/* All rows with the key of this one become one. */
static int take_equals(struct walk *w, uint8_t *row)
{
	struct leaf_row all, one;
	uint8_t next[LEAF_ROW_BYTES];

	unpack(row, &all);
	while (w->heap.n && w->heap.v[0].key == all.key) {
		if (walk_pop(w, next) < 0)
			return -1;
		unpack(next, &one);
		merge_into(&all, &one);
	}
	pack(row, &all);
	return 0;
}

static int walk_each(struct walk *w, walk_fn *fn, void *ctx)
{
	uint8_t row[LEAF_ROW_BYTES];

	if (walk_start(w) < 0)
		return -1;
	while (w->heap.n) {
		if (walk_pop(w, row) < 0 || (w->heap.n && w->heap.v[0].key == get_key(row) && take_equals(w, row) < 0) || fn(ctx, row) < 0)
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
	vec_release(&w->run.id);
	vec_release(&w->imported);
	free(w->packed);
}

static int open_run(struct walk *w, int64_t run)
{
	sqlite3_stmt *s = query_fresh(w->db, Q_RUN_CHUNKS, w->err);

	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, run);
	vec_push(&w->cursor, (struct cursor){ .rows = s });
	return 0;
}

static int open_runs(struct walk *w)
{
	for (size_t i = 0; i < w->run.id.n; i++)
		if (open_run(w, w->run.id.v[i]) < 0)
			return -1;
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
	                               .flags = (sqlite3_column_int(row, 6) ? LEAF_PRECERT : LEAF_FINAL) | LEAF_PROVEN,
	                       });
	return 0;
}

/* Imported certificates stand beside the runs as one more of them. */
static void open_imported(struct walk *w)
{
	size_t n = leaf_rows_merge(w->imported.v, w->imported.n);

	w->packed = xreallocarray(NULL, n, LEAF_ROW_BYTES);
	for (size_t i = 0; i < n; i++)
		pack(w->packed + i * LEAF_ROW_BYTES, &w->imported.v[i]);
	vec_push(&w->cursor, (struct cursor){ .at = w->packed, .end = w->packed + n * LEAF_ROW_BYTES });
}

struct row_reader {
	int (*fn)(void *ctx, const struct leaf_row *row);
	void *ctx;
	uint64_t seed[2];
	struct map ca_certs; /* keys of the CA certificates that the CA issued */
};

/* What names one of them in a row: a leaf of its serial number, if a CA ever gives one twice, has other dates. */
struct ca_cert_key {
	uint64_t key;
	int64_t nb, na;
};

static int take_ca_cert(void *ctx, sqlite3_stmt *row)
{
	struct row_reader *to = ctx;
	struct db_blob serial = column_blob(row, 0);
	struct ca_cert_key k = { hash_bytes(to->seed, serial.p, serial.n), time_of(column_int(row, 1)), time_of(column_int(row, 2)) };

	map_at(&to->ca_certs, &k, sizeof(k), NULL);
	return 0;
}

/* Logs hold CA certificates too, and not all of them say so: those listed as CA certificates need no basicConstraints. */
static int read_row(void *ctx, const uint8_t *row)
{
	struct row_reader *to = ctx;
	struct leaf_row r;

	unpack(row, &r);
	struct ca_cert_key k = { r.key, r.nb, r.na };
	if (to->ca_certs.n && map_get(&to->ca_certs, &k, sizeof(k)))
		return 0;
	return to->fn(to->ctx, &r);
}

int db_each_ct_leaf(struct db *db, int64_t ca, int (*fn)(void *ctx, const struct leaf_row *row), void *ctx, struct err *err)
{
	struct walk w = { .db = db, .err = err };
	struct row_reader to = { fn, ctx, { 0 }, { 0 } };
	int rc = db_leaf_key_seed(db, w.seed, err);

	memcpy(to.seed, w.seed, sizeof(to.seed));
	if (rc == 0)
		rc = query_each(db, Q_CA_CERTIFICATES_BY, take_ca_cert, &to, err, "i", ca);
	if (rc == 0)
		rc = query_each(db, Q_LEAF_CERTIFICATES_OF, take_imported, &w, err, "i", ca);
	if (rc == 0)
		rc = query_each(db, Q_EACH_RUN_OF_CA, take_id, &w.run, err, "i", ca);
	if (rc == 0)
		rc = open_runs(&w);
	if (w.imported.n)
		open_imported(&w);
	if (rc == 0)
		rc = walk_each(&w, read_row, &to);
	walk_release(&w);
	map_release(&to.ca_certs);
	return rc;
}

int db_each_issuer_leaf(struct db *db, int64_t issuer, int (*fn)(void *ctx, const struct leaf_row *row), void *ctx, struct err *err)
{
	struct walk w = { .db = db, .err = err };
	int rc = query_each(db, Q_EACH_RUN_OF_ISSUER, take_id, &w.run, err, "i", issuer);

	if (rc == 0)
		rc = open_runs(&w);
	if (rc == 0)
		rc = walk_each(&w, read_row, &(struct row_reader){ fn, ctx, { 0 }, { 0 } });
	walk_release(&w);
	return rc;
}

int db_run_totals(struct db *db, int64_t *runs, int64_t *rows, struct err *err)
{
	bool found;

	return query_pair(db, Q_RUN_TOTALS, &found, runs, rows, err, "");
}

/* ---- fewer runs ---- */

struct stored_run {
	int64_t run, rows, ends;
};
struct stored_runs {
	VEC(struct stored_run) v;
};

static int take_stored(void *ctx, sqlite3_stmt *row)
{
	struct stored_runs *to = ctx;

	vec_push(&to->v, (struct stored_run){ sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2) });
	return 0;
}

/* Each class is LEAF_RUNS_SAME times as large as the one before. */
static unsigned size_class(int64_t rows)
{
	unsigned class = 0;

	for (; rows >= CHUNK_ROWS; rows /= LEAF_RUNS_SAME)
		class++;
	return class;
}

static int drop_runs(struct db *db, const struct stored_run *run, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (query_run(db, Q_DROP_RUN, err, "i", run[i].run) < 0)
			return -1;
	return 0;
}

/* They become one, which is *ret. log: not proven yet, whose they are and stay. */
static int merge_runs(struct db *db, int64_t issuer, struct db_int log, const struct stored_run *run, size_t n, struct stored_run *ret,
                      struct err *err)
{
	struct walk w = { .db = db, .err = err };
	struct writer out;
	int64_t ends = 0;

	for (size_t i = 0; log.set && i < n; i++)
		ends = run[i].ends > ends ? run[i].ends : ends;
	int rc = writer_start(&out, db, issuer, log, ends, CHUNK_ROWS, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = open_run(&w, run[i].run);
	if (rc == 0)
		rc = walk_each(&w, writer_add, &out);
	rc = writer_end(&out, rc);
	walk_release(&w);
	*ret = (struct stored_run){ out.run, out.rows, ends };
	return rc == 0 ? drop_runs(db, run, n, err) : -1;
}

static int by_class(const void *a, const void *b)
{
	const struct stored_run *x = a, *y = b;
	unsigned p = size_class(x->rows), q = size_class(y->rows);

	return p != q ? (p < q ? -1 : 1) : x->run < y->run ? -1 : x->run > y->run;
}

/* The smallest class first, as what is merged may be the last that the next class waited for. */
static int merge_classes(struct db *db, int64_t issuer, struct db_int log, struct stored_runs *all, struct err *err)
{
	size_t first = 0, n;

	while (first < all->v.n) {
		struct stored_run *run = all->v.v + first, merged;
		qsort(run, all->v.n - first, sizeof(*run), by_class);
		for (n = 1; first + n < all->v.n && size_class(run[n].rows) == size_class(run[0].rows);)
			n++;
		if (n >= LEAF_RUNS_SAME) {
			if (merge_runs(db, issuer, log, run, n, &merged, err) < 0)
				return -1;
			run[n - 1] = merged;
			n--;
		}
		first += n;
	}
	return 0;
}

int db_settle_runs(struct db *db, int64_t issuer, int64_t log, struct err *err)
{
	struct stored_runs all = { 0 };
	int rc = query_each(db, Q_UNPROVEN_RUNS, take_stored, &all, err, "ii", issuer, log);

	if (rc == 0)
		rc = merge_classes(db, issuer, DB_INT(log), &all, err);
	vec_release(&all.v);
	return rc;
}

static int compact_one(struct db *db, int64_t issuer, bool all_to_one, struct err *err)
{
	struct stored_runs all = { 0 };
	struct stored_run one;
	int rc = query_each(db, Q_PROVEN_RUNS, take_stored, &all, err, "i", issuer);

	if (rc == 0)
		rc = all_to_one ? merge_runs(db, issuer, DB_NULL, all.v.v, all.v.n, &one, err) : merge_classes(db, issuer, DB_NULL, &all, err);
	vec_release(&all.v);
	return rc;
}

int db_compact(struct db *db, bool all_to_one, bool (*cancelled)(void *ctx), void *ctx, struct err *err)
{
	struct id_list list = { 0 };
	int rc = query_each(db, Q_EACH_CROWDED_ISSUER, take_id, &list, err, "i", (int64_t)(all_to_one ? 1 : LEAF_RUNS_SAME - 1));

	for (size_t i = 0; rc == 0 && i < list.id.n && !(cancelled && cancelled(ctx)); i++) {
		rc = db_begin(db, err);
		if (rc < 0)
			break;
		rc = compact_one(db, list.id.v[i], all_to_one, err);
		if (rc == 0)
			rc = db_commit(db, err);
		else
			db_rollback(db);
	}
	vec_release(&list.id);
	return rc;
}

/* ---- the key of a serial number ---- */

int db_leaf_key_seed(struct db *db, uint64_t seed[2], struct err *err)
{
	char text[40] = "";

	if (query_text(db, Q_GET_META, text, sizeof(text), err, "t", "leaf-key-seed") < 0)
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
