/* What CCADB's reports say of a root in a program: the columns, and how they are read. Stores are derived from it
 * (derive.c), and stores of other files are compared with it (storedoubt.c).
 *
 *	const struct inclusion_program *p = &inclusion_programs[i];
 *	if (inclusion_holds(row->field[p->status]) && inclusion_allows(p, row->field[p->bits], PURPOSE_TLS)) … */
#ifndef INDEX_INCLUSION_H
#define INDEX_INCLUSION_H

#include "db/db.h"
#include "index/graph.h"

#define INCLUSION_PROGRAMS 4
/* Of a derived store's snapshot: apart from any store file of the same day, and older than it. */
#define INCLUSION_VERSION (-1)

struct inclusion_program {
	const char *program;
	enum db_ccadb_field status, bits; /* bits = DB_CCADB_FIELDS: it has none, the program is for tls */
	bool own_file_first;              /* a store is derived only when no file of the program is indexed */
};
extern const struct inclusion_program inclusion_programs[INCLUSION_PROGRAMS];

/* Is it the status of a root that is in the program's store? */
bool inclusion_holds(const char *status);
/* Do its trust bits (NULL or "": not told, for everything) allow the purpose? */
bool inclusion_allows(const struct inclusion_program *p, const char *bits, int purpose);

#endif
