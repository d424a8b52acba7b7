/* Files and folders: XDG places, whole-file reading with a maximum, atomic
 * writing (temporary + fsync + rename), walking a tree in name order. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/strbuf.h"

enum xdg { XDG_DATA, XDG_CACHE, XDG_CONFIG, XDG_STATE };
/* "$XDG_…_HOME/canopy/NAME" (or the default below $HOME) on the heap. */
char *path_xdg(enum xdg which, const char *name);
char *path_join(const char *dir, const char *name);
/* The last component, borrowed from path. */
const char *path_base(const char *path);
bool path_exists(const char *path);
bool path_is_dir(const char *path);
/* mkdir -p */
int path_mkdirs(const char *dir, struct err *err);
/* mkdir -p of the folder that holds path */
int path_mkdirs_for(const char *path, struct err *err);
/* A regular file as bytes (heap, NUL after the end). ERR_INPUT with the path when it
 * cannot be read or is larger than max. */
int path_read(const char *path, size_t max, uint8_t **ret, size_t *ret_len, struct err *err);
/* The same without memory of one's own, read as it is walked; there is no NUL behind. path_unmap. */
int path_map(const char *path, size_t max, const uint8_t **ret, size_t *ret_len, struct err *err);
void path_unmap(const uint8_t *p, size_t n);
/* What lies between two bytes of a mapped file is not looked at again soon: what the process holds of it may go. */
void path_map_passed(const uint8_t *from, const uint8_t *upto);
/* Modification time in Unix seconds, or -1. */
int64_t path_mtime(const char *path);
int path_write_atomic(const char *path, const void *data, size_t n, struct err *err);
/* Calls fn for each regular file below path in strcmp order of the full path,
 * following no symbolic links below it (path itself may be one); stops at the first fn that returns < 0. A plain file
 * is visited itself. Folders nested deeper than 64 are not entered. A folder that cannot be
 * read is ERR_INPUT, said after all others were visited. */
int path_walk(const char *path, int (*fn)(void *ctx, const char *path, struct err *err), void *ctx, struct err *err);

#endif
