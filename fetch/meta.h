/* The sidecar NAME.meta beside a cached file: where it came from and what the
 * server said to recognise it again, as `key: value` lines. It is a hint: absent
 * or damaged it reads as empty, and the document is then fetched whole.
 *
 *	struct meta m = META_INIT;
 *	meta_load(path, &m);
 *	if (m.etag)
 *		…
 *	meta_release(&m); */
#ifndef FETCH_META_H
#define FETCH_META_H

#include <stdint.h>
#include "base/err.h"

struct meta {
	char *url;           /* as asked for, before redirects */
	char *etag;          /* with its quotes; NULL when none */
	char *last_modified; /* as the server wrote it; NULL when none */
	int64_t fetched_at;  /* when the server last confirmed it; -1 unknown */
	int64_t modified_at; /* -1 unknown */
	int64_t bytes;       /* -1 unknown */
};
#define META_INIT                                                                                                      \
	{                                                                                                              \
		NULL, NULL, NULL, -1, -1, -1                                                                           \
	}

/* m must be META_INIT or released. */
void meta_load(const char *path, struct meta *m);
int meta_save(const char *path, const struct meta *m, struct err *err);
void meta_release(struct meta *m);

#endif
