/* Files that lie in zips: one zip, or the zips of a folder that are named by digits alone (000.zip, 001.zip …), which
 * together are one archive. Nothing is unpacked to the disk. A few zips are open at once, whose lists of names are all that
 * is in memory of them, with some bytes a name of each other one.
 *
 *	struct zips *z = zips_open(path);                     // NULL where there is no zip
 *	int rc = zips_read(z, "tile/0/000", max, &buf, err);  // 1 read, 0 no zip has it
 *	zips_free(z);
 *
 * A zip is outside bytes. It is refused as a whole, at its first use, when it holds a name twice or one that leads out of
 * it, anything encrypted, compressed other than by deflate or larger than ZIPS_FILE_MAX, or more than ZIPS_NAMES_MAX names.
 * Whatever is read has its checksum verified. All errors are ERR_INPUT and name the zip and the file in it. */
#ifndef FETCH_ZIPS_H
#define FETCH_ZIPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/strbuf.h"

/* The largest body that a log may give, and twice the names that a subtree of 2^24 entries has. */
#define ZIPS_FILE_MAX ((uint64_t)64 << 20)
#define ZIPS_NAMES_MAX 300000

struct zips;
/* path is looked at, no zip is opened yet. A folder without such zips or that cannot be listed, or nothing there: NULL. */
struct zips *zips_open(const char *path);
void zips_free(struct zips *z);
/* The file's bytes are added to b: 1. No zip has a file of that name: 0. Larger than max, damaged, or a zip that is
 * refused on the way: -1; b may hold a part then. */
int zips_read(struct zips *z, const char *name, size_t max, struct strbuf *b, struct err *err);
/* Calls fn for each name, zip after zip, until it returns < 0: that is returned. A name that several zips hold comes several
 * times. fn may read from z, and has the name until then. */
int zips_each(struct zips *z, int (*fn)(void *ctx, const char *name), void *ctx, struct err *err);

/* Is it a regular file that begins like a zip? */
bool zips_is_zip(const char *path);
/* Is the file's name made of digits and ".zip"? */
bool zips_is_part(const char *path);

#endif
