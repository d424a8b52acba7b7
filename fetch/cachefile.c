#include "fetch/cachefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"

struct cache_file {
	char *path, *meta_path, *part_path, *part_meta_path;
	struct meta meta, part_meta;
	int fd; /* the part */
	uint64_t size;
};

static char *suffixed(const char *path, const char *suffix)
{
	struct strbuf b = STRBUF_INIT;
	strbuf_addf(&b, "%s%s", path, suffix);
	return strbuf_detach(&b);
}

/* Between our open and our lock another canopy may have renamed the part into
 * place; then the lock is on the cached file itself, which must not be written. */
static bool still_named(int fd, const char *path)
{
	struct stat a, b;
	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static int open_locked(struct cache_file *f, struct err *err)
{
	for (int tries = 0; tries < 8; tries++) {
		int fd = open(f->part_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
		if (fd < 0)
			return err_errno(err, ERR_NETWORK, "cannot open '%s'", f->part_path);
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			close(fd);
			break;
		}
		if (still_named(fd, f->part_path)) {
			f->fd = fd;
			return 0;
		}
		close(fd);
	}
	return err_set(err, ERR_NETWORK, "'%s' is being downloaded by another program", f->path);
}

static void load_metas(struct cache_file *f)
{
	struct stat st;
	if (stat(f->path, &st) == 0 && S_ISREG(st.st_mode)) {
		meta_load(f->meta_path, &f->meta);
		if (f->meta.bytes != st.st_size)
			meta_release(&f->meta);
	}
	if (fstat(f->fd, &st) == 0 && st.st_size > 0) {
		f->size = (uint64_t)st.st_size;
		meta_load(f->part_meta_path, &f->part_meta);
	}
}

int cache_open(const char *path, struct cache_file **ret, struct err *err)
{
	if (path_mkdirs_for(path, err) < 0)
		return -1;
	struct cache_file *f = xcalloc(1, sizeof(*f));
	f->path = xstrdup(path);
	f->meta_path = suffixed(path, ".meta");
	f->part_path = suffixed(path, ".part");
	f->part_meta_path = suffixed(path, ".part.meta");
	f->meta = f->part_meta = (struct meta)META_INIT;
	f->fd = -1;
	if (open_locked(f, err) < 0) {
		cache_close(f);
		return -1;
	}
	load_metas(f);
	*ret = f;
	return 0;
}

void cache_close(struct cache_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0) {
		if (f->size == 0 || !f->part_meta.url) {
			unlink(f->part_path);
			unlink(f->part_meta_path);
		}
		close(f->fd);
	}
	meta_release(&f->meta);
	meta_release(&f->part_meta);
	free(f->path);
	free(f->meta_path);
	free(f->part_path);
	free(f->part_meta_path);
	free(f);
}

const struct meta *cache_meta(const struct cache_file *f)
{
	return &f->meta;
}

const struct meta *cache_part_meta(const struct cache_file *f)
{
	return &f->part_meta;
}

uint64_t cache_part_size(const struct cache_file *f)
{
	return f->size;
}

const char *cache_part_path(const struct cache_file *f)
{
	return f->part_path;
}

void cache_discard(struct cache_file *f)
{
	unlink(f->part_meta_path);
	meta_release(&f->part_meta);
	f->size = 0;
}

static char *dup_or_null(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

/* Truncated first, named second, filled third: whenever the program is killed,
 * the part is a prefix of what its meta names. */
int cache_begin(struct cache_file *f, const struct meta *m, struct err *err)
{
	cache_discard(f);
	if (ftruncate(f->fd, 0) < 0)
		return err_errno(err, ERR_NETWORK, "cannot write '%s'", f->part_path);
	if (!m->etag && !m->last_modified)
		return 0;
	if (meta_save(f->part_meta_path, m, err) < 0)
		return -1;
	f->part_meta = (struct meta){ dup_or_null(m->url), dup_or_null(m->etag), dup_or_null(m->last_modified),
		m->fetched_at, m->modified_at, m->bytes };
	return 0;
}

int cache_append(struct cache_file *f, const void *data, size_t n, struct err *err)
{
	const char *p = data;
	while (n > 0) {
		ssize_t w = pwrite(f->fd, p, n, (off_t)f->size);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return err_errno(err, ERR_NETWORK, "cannot write '%s'", f->part_path);
		p += w;
		n -= (size_t)w;
		f->size += (uint64_t)w;
	}
	return 0;
}

size_t cache_head(const struct cache_file *f, char *buf, size_t n)
{
	ssize_t r = pread(f->fd, buf, n, 0);
	return r < 0 ? 0 : (size_t)r;
}

/* True when the cached file holds the very bytes of the part. */
static bool same_bytes(const struct cache_file *f)
{
	static const size_t step = 65536;
	struct stat st;
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool same = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == f->size;
	char *a = xmalloc(step), *b = xmalloc(step);
	for (uint64_t at = 0; same && at < f->size;) {
		ssize_t n = pread(fd, a, step, (off_t)at), m = pread(f->fd, b, step, (off_t)at);
		same = n > 0 && n == m && memcmp(a, b, (size_t)n) == 0;
		at += same ? (uint64_t)n : 0;
	}
	free(a);
	free(b);
	close(fd);
	return same;
}

/* The old meta goes before the new file comes: a kill in between costs one
 * unconditional request, never a validator that names other bytes. */
static int replace(struct cache_file *f, const struct meta *m, struct err *err)
{
	if (m->modified_at >= 0) {
		const struct timespec at = { .tv_sec = (time_t)m->modified_at };
		futimens(f->fd, (const struct timespec[2]){ at, at });
	}
	if (fsync(f->fd) < 0)
		return err_errno(err, ERR_NETWORK, "cannot write '%s'", f->part_path);
	unlink(f->meta_path);
	if (rename(f->part_path, f->path) < 0)
		return err_errno(err, ERR_NETWORK, "cannot replace '%s'", f->path);
	return 0;
}

int cache_commit(struct cache_file *f, const struct meta *m, bool *ret_unchanged, struct err *err)
{
	bool unchanged = same_bytes(f);
	if (!unchanged && replace(f, m, err) < 0)
		return -1;
	struct meta stored = *m;
	stored.bytes = (int64_t)f->size;
	if (!unchanged) {
		/* The name PATH.part is free again and the lock is on the cached file: leave both alone. */
		unlink(f->part_meta_path);
		close(f->fd);
		f->fd = -1;
	}
	cache_discard(f);
	*ret_unchanged = unchanged;
	return meta_save(f->meta_path, &stored, err);
}

int cache_confirm(struct cache_file *f, const struct meta *m, struct err *err)
{
	cache_discard(f);
	return meta_save(f->meta_path, m, err);
}
