/* Inside index/: is a whole document in the format that its reader knows?
 *
 *	if (document_check("certdata", data, n, err) < 0)
 *		the older copy stays */
#ifndef INDEX_DOCCHECK_H
#define INDEX_DOCCHECK_H

#include <stddef.h>
#include "base/err.h"

/* 0, also for kinds whose readers take any content; -1 with ERR_INPUT. */
int document_check(const char *kind, const char *data, size_t n, struct err *err);

#endif
