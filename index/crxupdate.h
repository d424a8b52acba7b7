/* The answer of Chrome's update server about one component: where its newest file is, how long, with which SHA-256.
 *
 *	if (crx_update_recognise(data, n) && crx_update_read(data, n, &u, &err) == 0)
 *		fetch u.url, then crx_update_check(&u, path, &err); */
#ifndef INDEX_CRXUPDATE_H
#define INDEX_CRXUPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

struct crx_update {
	char url[2048]; /* https also where the answer says http: the server has both */
	char sha256[65]; /* lower-case hex, "" when it is not told */
	uint64_t bytes;  /* 0 when it is not told */
};
bool crx_update_recognise(const char *data, size_t n);
/* ERR_INPUT names what is missing; *ret is empty then. */
int crx_update_read(const char *data, size_t n, struct crx_update *ret, struct err *err);
/* Is the file at path the one that was announced? */
int crx_update_check(const struct crx_update *u, const char *path, struct err *err);

#endif
