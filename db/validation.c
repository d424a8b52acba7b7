#include "db/validation.h"

#include "db/query.h"

int db_add_validations(struct db *db, int64_t file, int64_t n, int64_t bin, int64_t validations, struct err *err)
{
	return query_run(db, Q_ADD_VALIDATIONS, err, "iiii", file, n, bin, validations);
}

int db_add_validation_root(struct db *db, int64_t file, int64_t n, int64_t bin, const uint8_t sha256[32], struct err *err)
{
	return query_run(db, Q_ADD_VALIDATION_ROOT, err, "iiih", file, n, bin, sha256);
}

int db_validations(struct db *db, bool *found, int64_t *total, int64_t *day, struct err *err)
{
	return query_pair(db, Q_VALIDATIONS, found, total, day, err, "");
}

struct root_reader {
	int (*fn)(void *ctx, int64_t certificate, int64_t validations);
	void *ctx;
};

static int root_row(void *ctx, sqlite3_stmt *r)
{
	struct root_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), sqlite3_column_int64(r, 1));
}

int db_each_validated_root(struct db *db, int (*fn)(void *ctx, int64_t certificate, int64_t validations), void *ctx,
                           struct err *err)
{
	return query_each(db, Q_EACH_VALIDATED_ROOT, root_row, &(struct root_reader){ fn, ctx }, err, "");
}
