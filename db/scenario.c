#include "db/scenario.h"

#include "db/query.h"

static int has_table(struct db *db, bool *ret, struct err *err)
{
	int64_t one;

	return query_number(db, Q_HAS_SCENARIOS, ret, &one, err, "");
}

struct scenario_reader {
	db_scenario_fn *fn;
	void *ctx;
};

static int scenario_row(void *ctx, sqlite3_stmt *r)
{
	struct scenario_reader *to = ctx;

	return to->fn(to->ctx, column_text(r, 0), sqlite3_column_int64(r, 1), column_text(r, 2));
}

int db_each_scenario(struct db *db, db_scenario_fn *fn, void *ctx, struct err *err)
{
	bool has;

	if (has_table(db, &has, err) < 0)
		return -1;
	return has ? query_each(db, Q_EACH_SCENARIO, scenario_row, &(struct scenario_reader){ fn, ctx }, err, "") : 0;
}

int db_find_scenario(struct db *db, const char *name, db_scenario_fn *fn, void *ctx, struct err *err)
{
	bool has;

	if (has_table(db, &has, err) < 0)
		return -1;
	return has ? query_each(db, Q_FIND_SCENARIO, scenario_row, &(struct scenario_reader){ fn, ctx }, err, "t", name) : 0;
}

int db_put_scenario(struct db *db, const char *name, int64_t saved_at, const char *body, struct err *err)
{
	if (db_make_user_tables(db, err) < 0)
		return -1;
	return query_run(db, Q_PUT_SCENARIO, err, "tit", name, saved_at, body);
}

static int found_one(void *ctx, const char *name, int64_t saved_at, const char *body)
{
	(void)name;
	(void)saved_at;
	(void)body;
	*(bool *)ctx = true;
	return 0;
}

int db_drop_scenario(struct db *db, const char *name, bool *found, struct err *err)
{
	*found = false;
	if (db_find_scenario(db, name, found_one, found, err) < 0)
		return -1;
	return *found ? query_run(db, Q_DROP_SCENARIO, err, "t", name) : 0;
}
