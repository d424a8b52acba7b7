/* Scenarios that the user keeps: texts by name. An index from before there were any has none.
 *
 *	db_put_scenario(db, "cut", time_now(), text, err);     // inside the caller's transaction
 *	db_find_scenario(db, "cut", fn, ctx, err);
 *	db_drop_scenario(db, "cut", &found, err); */
#ifndef DB_SCENARIO_H
#define DB_SCENARIO_H

#include "db/db.h"

typedef int db_scenario_fn(void *ctx, const char *name, int64_t saved_at, const char *body);
/* By name. */
int db_each_scenario(struct db *db, db_scenario_fn *fn, void *ctx, struct err *err);
/* fn is not called when there is none of this name. */
int db_find_scenario(struct db *db, const char *name, db_scenario_fn *fn, void *ctx, struct err *err);
/* Takes the place of one of this name. */
int db_put_scenario(struct db *db, const char *name, int64_t saved_at, const char *body, struct err *err);
int db_drop_scenario(struct db *db, const char *name, bool *found, struct err *err);

#endif
