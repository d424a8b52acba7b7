/* One cached document on disk: PATH and PATH.meta are complete and untouched
 * until a commit; PATH.part is what is being downloaded, locked against a second
 * canopy, and PATH.part.meta names the version of the document it is a prefix of.
 *
 *	struct cache_file *f;
 *	if (cache_open(path, &f, err) < 0)
 *		return -1;
 *	if (cache_begin(f, &meta, err) == 0 && cache_append(f, data, n, err) == 0)
 *		rc = cache_commit(f, &meta, &unchanged, err);
 *	cache_close(f);
 *
 * cache_close keeps a part only when it can be resumed. */
#ifndef FETCH_CACHEFILE_H
#define FETCH_CACHEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "fetch/meta.h"

struct cache_file;

int cache_open(const char *path, struct cache_file **ret, struct err *err);
void cache_close(struct cache_file *f);
/* What is known of the cached file; empty when there is none or it was changed by somebody else. */
const struct meta *cache_meta(const struct cache_file *f);
/* What is known of the part; its url is NULL when the part cannot be resumed. */
const struct meta *cache_part_meta(const struct cache_file *f);
uint64_t cache_part_size(const struct cache_file *f);
const char *cache_part_path(const struct cache_file *f);
/* Empties the part and starts it anew. m with neither etag nor last_modified: it cannot be resumed. */
int cache_begin(struct cache_file *f, const struct meta *m, struct err *err);
int cache_append(struct cache_file *f, const void *data, size_t n, struct err *err);
void cache_discard(struct cache_file *f);
/* The first bytes of the part, at most n; their number. */
size_t cache_head(const struct cache_file *f, char *buf, size_t n);
/* The part is complete: it becomes the cached file, which is left alone when its bytes are the same. */
int cache_commit(struct cache_file *f, const struct meta *m, bool *ret_unchanged, struct err *err);
/* The server said that the cached file is still right. */
int cache_confirm(struct cache_file *f, const struct meta *m, struct err *err);

#endif
