#include "db/query.h"

static int note(struct db *db, enum query id, const struct db_before *past, int64_t file, const char *part, int32_t day,
                struct err *err)
{
	return query_run(db, id, err, "iitii", past->file, file, part, (int64_t)past->day, (int64_t)day);
}

static int note_changes(struct db *db, const struct db_before *past, int64_t file, const char *part, int32_t day, struct err *err)
{
	if (note(db, Q_NOTE_NEW, past, file, part, day, err) < 0 || note(db, Q_NOTE_GONE, past, file, part, day, err) < 0 ||
	    note(db, Q_NOTE_CHANGED, past, file, part, day, err) < 0)
		return -1;
	return query_run(db, Q_DROP_TAKEN_BACK, err, "ti", part, (int64_t)day);
}

static int keep_stores(struct db *db, const struct db_before *past, struct err *err)
{
	if (query_run(db, Q_KEEP_PAST_SNAPSHOTS, err, "ii", past->file, (int64_t)past->day) < 0 ||
	    query_run(db, Q_DROP_SAME_SNAPSHOTS, err, "i", past->file) < 0)
		return -1;
	return query_run(db, Q_KEEP_PAST_ANCHORS, err, "i", past->file);
}

int db_end_past(struct db *db, const struct db_before *past, int64_t file, const char *part, int32_t day, struct err *err)
{
	static const enum query rest[] = { Q_EMPTY_PAST_RECORDS, Q_EMPTY_PAST_SEEN, Q_EMPTY_PAST_PROBLEMS, Q_EMPTY_PAST_FILE };

	if (!past->aside)
		return 0;
	if (query_run(db, Q_MAKE_PAST, err, "i", past->file) < 0 || note_changes(db, past, file, part, day, err) < 0)
		return -1;
	if (day == past->day) /* its stores are derived anew */
		return query_run(db, Q_DROP_PAST, err, "i", past->file);
	if (keep_stores(db, past, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++)
		if (query_run(db, rest[i], err, "i", past->file) < 0)
			return -1;
	return query_run(db, Q_DROP_EMPTY_PAST, err, "");
}

struct change_reader {
	int (*fn)(void *ctx, const struct db_change *c);
	void *ctx;
};

static const char *text_or_null(sqlite3_stmt *r, int i)
{
	return sqlite3_column_type(r, i) == SQLITE_NULL ? NULL : column_text(r, i);
}

static int change_row(void *ctx, sqlite3_stmt *r)
{
	struct change_reader *to = ctx;
	struct db_change c = {
		.sha256 = column_hash(r, 0, 32),
		.part = column_text(r, 1),
		.field = column_text(r, 2),
		.day = sqlite3_column_int(r, 3),
		.since = sqlite3_column_int(r, 4),
		.old = text_or_null(r, 5),
		.new = text_or_null(r, 6),
	};

	return c.sha256 ? to->fn(to->ctx, &c) : 0;
}

int db_each_change(struct db *db, int32_t day, int (*fn)(void *ctx, const struct db_change *c), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CHANGE, change_row, &(struct change_reader){ fn, ctx }, err, "i", (int64_t)day);
}
