#include "db/tried.h"

#include "db/query.h"

struct tried_reader {
	int (*fn)(void *ctx, const struct db_tried *t);
	void *ctx;
};

static struct db_int int_or_null(sqlite3_stmt *r, int i)
{
	return sqlite3_column_type(r, i) == SQLITE_NULL ? DB_NULL : DB_INT(sqlite3_column_int64(r, i));
}

static int tried_row(void *ctx, sqlite3_stmt *r)
{
	struct tried_reader *to = ctx;
	struct db_tried t = {
		.source = column_text(r, 0),
		.document = column_text(r, 1),
		.url = column_text(r, 2),
		.tried_at = sqlite3_column_int64(r, 3),
		.status = int_or_null(r, 4),
		.error = column_text(r, 5),
		.confirmed_at = int_or_null(r, 6),
	};

	return to->fn(to->ctx, &t);
}

int db_each_tried(struct db *db, int (*fn)(void *ctx, const struct db_tried *t), void *ctx, struct err *err)
{
	int64_t one;
	bool has;

	if (query_number(db, Q_HAS_TRIED, &has, &one, err, "") < 0)
		return -1;
	return has ? query_each(db, Q_EACH_TRIED, tried_row, &(struct tried_reader){ fn, ctx }, err, "") : 0;
}

int db_start_tried(struct db *db, int64_t *ret_run, struct err *err)
{
	bool found;

	if (db_make_user_tables(db, err) < 0)
		return -1;
	return query_number(db, Q_NEXT_TRIED_RUN, &found, ret_run, err, "");
}

int db_put_tried(struct db *db, const struct db_tried *t, int64_t run, struct err *err)
{
	if (query_run(db, Q_DROP_TRIED, err, "ttt", t->source, t->document, t->url) < 0)
		return -1;
	return query_run(db, Q_PUT_TRIED, err, "tttiotoi", t->source, t->document, t->url, t->tried_at, t->status, t->error,
	                 t->confirmed_at, run);
}

int db_know_tried(struct db *db, const char *source, const char *document, int64_t run, struct err *err)
{
	return query_run(db, Q_KNOW_TRIED, err, "tti", source, document, run);
}

int db_drop_unknown_tried(struct db *db, const char *source, int64_t run, struct err *err)
{
	return query_run(db, Q_DROP_UNKNOWN_TRIED, err, "ti", source, run);
}
