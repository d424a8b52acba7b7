/* Inside db/: the sites of leaf rows, beside a walk that ascends by key.
 *
 *	site_rows_start(&s, db, ca, err);
 *	for each row: site_rows_at(&s, row, err); s.found
 *	site_rows_end(&s); */
#ifndef DB_SITEROWS_H
#define DB_SITEROWS_H

#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "db/leafrun.h"
#include "db/query.h"
#include "db/site.h"

struct site_row {
	uint64_t key;
	uint32_t content; /* of the certificate that names it; 0 of an imported one */
	int64_t site;
};
struct site_rows {
	struct db *db;
	sqlite3_stmt *rows;
	bool has_next;
	struct site_row next;
	VEC(struct site_row) imported; /* ascending */
	size_t at;
	uint64_t seed[2];
	VEC(int64_t) found; /* distinct sites of the key asked for last */
};
/* Without a rank list nothing is ever found. */
int site_rows_start(struct site_rows *s, struct db *db, int64_t ca, struct err *err);
/* Keys must ascend. */
int site_rows_at(struct site_rows *s, const struct leaf_row *row, struct err *err);
void site_rows_end(struct site_rows *s);

#endif
