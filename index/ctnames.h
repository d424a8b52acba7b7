/* Inside index/: serial numbers and names of leaves that the index does not hold, read again from the logs that show
 * them, or from the copies of an earlier time. What a log gives is believed only when its serial number has the key
 * of the row.
 *
 *	if (index_names_open(ix, &options, &names, err) < 0) …
 *	ct_names_read(names, rows, n, found, &arena, err);
 *	ct_names_close(names); */
#ifndef INDEX_CTNAMES_H
#define INDEX_CTNAMES_H

#include "base/mem.h"
#include "db/leafrun.h"
#include "index/index.h"

struct ct_leaf_name {
	bool asked;                  /* by the caller: this row's */
	const char *serial, *names;  /* hex, and as x509_names_text; NULL: not found */
	const char *organization;    /* O of the subject, "" without; NULL: no log was asked or gave it */
};
/* Fills what is asked for; texts live in arena. What cannot be had is counted in the options' unread; -1 only when
 * the index failed or the caller cancelled. */
int ct_names_read(struct ct_names *s, const struct leaf_row *rows, size_t n, struct ct_leaf_name *found, struct arena *arena,
                  struct err *err);

#endif
