/* Firefox's validations by root, as telemetry gives them: counts by the number of a root, and which root has which number.
 *
 *	db_add_validations(db, file, n, bin, validations, &err);       // inside the caller's transaction
 *	db_add_validation_root(db, file, n, bin, sha256, &err); */
#ifndef DB_VALIDATION_H
#define DB_VALIDATION_H

#include "db/db.h"

int db_add_validations(struct db *db, int64_t file, int64_t n, int64_t bin, int64_t validations, struct err *err);
int db_add_validation_root(struct db *db, int64_t file, int64_t n, int64_t bin, const uint8_t sha256[32], struct err *err);
/* All validations counted and the day that they are of; *found says whether any are indexed. */
int db_validations(struct db *db, bool *found, int64_t *total, int64_t *day, struct err *err);
/* Those of each CA certificate whose number is known and was counted, 0 too. */
int db_each_validated_root(struct db *db, int (*fn)(void *ctx, int64_t certificate, int64_t validations), void *ctx,
                           struct err *err);

#endif
