/* Inside db/ only: statements prepared once, bound by a type string, run.
 *
 *	query_run(db, Q_ADD_SEEN, err, "ii", file, certificate);
 *	query_each(db, Q_EACH_EDGE, row_fn, &ctx, err, "");
 *
 * Types: i int64_t, t const char * (NULL allowed), b const void * + size_t, h const uint8_t * of 32 bytes
 * (NULL allowed), o struct db_int. */
#ifndef DB_QUERY_H
#define DB_QUERY_H

#include <sqlite3.h>

#include "base/vec.h"
#include "db/db.h"

enum query {
#define QUERY(id, text) id,
#include "db/queries.inc"
#undef QUERY
	QUERIES
};

struct db {
	sqlite3 *handle;
	sqlite3_stmt *stmt[QUERIES];
	char *path;
	bool in_memory;
};

/* Those of user.sql that are not there yet. */
int db_make_user_tables(struct db *db, struct err *err);
/* ERR_INDEX with SQLite's reason; -1. */
int query_error(struct db *db, struct err *err);
int query_run(struct db *db, enum query id, struct err *err, const char *types, ...);
/* fn returns 0 to go on, < 0 to stop with -1 (and its own error), > 0 to stop with 0. */
typedef int query_row_fn(void *ctx, sqlite3_stmt *row);
int query_each(struct db *db, enum query id, query_row_fn *fn, void *ctx, struct err *err, const char *types, ...);
/* A statement of one's own, for several walks at once: sqlite3_finalize. NULL with *err. */
sqlite3_stmt *query_fresh(struct db *db, enum query id, struct err *err);
/* First column of the first row; *found = false without a row. */
int query_number(struct db *db, enum query id, bool *found, int64_t *ret, struct err *err, const char *types, ...);
/* First two columns of the first row; *found = false, and zeros, without a row. */
int query_pair(struct db *db, enum query id, bool *found, int64_t *a, int64_t *b, struct err *err, const char *types, ...);
/* First column of the first row, cut to n - 1 bytes; ret is left as it is without a row. */
int query_text(struct db *db, enum query id, char *ret, size_t n, struct err *err, const char *types, ...);
/* For query_each: adds the first column to a struct id_list. */
struct id_list {
	VEC(int64_t) id;
};
int take_id(void *ctx, sqlite3_stmt *row);

/* Columns of a row. */
const char *column_text(sqlite3_stmt *row, int i); /* "" for NULL */
const uint8_t *column_hash(sqlite3_stmt *row, int i, size_t n); /* NULL unless a blob of n bytes */
struct db_blob column_blob(sqlite3_stmt *row, int i);
struct db_int column_int(sqlite3_stmt *row, int i);

#endif
