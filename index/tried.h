/* How fetching went, document by document: the last try, its error, and when the source last confirmed what is cached.
 *
 *	struct tries t = { .source = "crl", .whole = true };
 *	tries_add(&t, (struct tried){ .document = "a.crl", .url = url, .tried_at = time_now(), .error = "…" });
 *	rc = index_note_tries(db_path, &t, err);
 *	tries_release(&t); */
#ifndef INDEX_TRIED_H
#define INDEX_TRIED_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/mem.h"
#include "base/vec.h"

struct index;

struct tried {
	const char *source;
	const char *document;  /* as the cache names it; "" the source as a whole */
	const char *url;       /* index_source.from, once it is indexed */
	const char *error;     /* of the last try, "" when it was fine */
	int64_t tried_at;      /* TIME_UNKNOWN when noting: not asked for this time */
	int64_t confirmed_at;  /* TIME_UNKNOWN: never */
	long status;           /* HTTP; 0 none */
};
struct tries {
	const char *source; /* when noting */
	bool whole;         /* all documents of the source are here: what is known of others goes */
	VEC(struct tried) v;
	struct arena strings;
};
/* Copies the texts, cleaned. */
void tries_add(struct tries *t, struct tried one);
void tries_release(struct tries *t);
/* In a transaction of its own; an index that is not there is not made. */
int index_note_tries(const char *db_path, const struct tries *t, struct err *err);
/* By source and document. */
int index_tries(struct index *ix, struct tries *ret, struct err *err);

#endif
