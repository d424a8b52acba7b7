/* How asking for the documents of the sources went. An index from before this was kept has none.
 *
 *	db_start_tried(db, &run, err);                   // inside the caller's transaction
 *	db_put_tried(db, &t, run, err);
 *	db_know_tried(db, "crl", "a.crl", run, err);     // it was not asked for, and still is one of the source's
 *	db_drop_unknown_tried(db, "crl", run, err);      // the others are no more */
#ifndef DB_TRIED_H
#define DB_TRIED_H

#include "db/db.h"

struct db_tried {
	const char *source, *document, *url; /* document "": the source as a whole */
	int64_t tried_at;
	struct db_int status, confirmed_at;
	const char *error; /* "" fine */
};
/* By source and document. */
int db_each_tried(struct db *db, int (*fn)(void *ctx, const struct db_tried *t), void *ctx, struct err *err);
/* Gives the run a number. */
int db_start_tried(struct db *db, int64_t *ret_run, struct err *err);
/* In the place of what is known of this document or this address. */
int db_put_tried(struct db *db, const struct db_tried *t, int64_t run, struct err *err);
int db_know_tried(struct db *db, const char *source, const char *document, int64_t run, struct err *err);
int db_drop_unknown_tried(struct db *db, const char *source, int64_t run, struct err *err);

#endif
