#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vec.h"

#define READ_STEP 65536
#define WALK_DEPTH 64

static const char *home(void)
{
	const char *dir = getenv("HOME");
	const struct passwd *user;

	if (dir && *dir)
		return dir;
	user = getpwuid(getuid());
	return user && user->pw_dir ? user->pw_dir : "/";
}

char *path_xdg(enum xdg which, const char *name)
{
	static const struct {
		const char *variable, *fallback;
	} places[] = {
		[XDG_DATA] = { "XDG_DATA_HOME", ".local/share" },
		[XDG_CACHE] = { "XDG_CACHE_HOME", ".cache" },
		[XDG_CONFIG] = { "XDG_CONFIG_HOME", ".config" },
		[XDG_STATE] = { "XDG_STATE_HOME", ".local/state" },
	};
	const char *dir = getenv(places[which].variable);
	struct strbuf b = STRBUF_INIT;

	/* The specification says that a relative path here is to be ignored. */
	if (dir && dir[0] == '/')
		strbuf_addf(&b, "%s/canopy", dir);
	else
		strbuf_addf(&b, "%s/%s/canopy", home(), places[which].fallback);
	if (name && *name)
		strbuf_addf(&b, "/%s", name);
	return strbuf_detach(&b);
}

char *path_join(const char *dir, const char *name)
{
	struct strbuf b = STRBUF_INIT;

	if (name[0] != '/') {
		strbuf_addstr(&b, dir);
		if (b.len && b.buf[b.len - 1] != '/')
			strbuf_addch(&b, '/');
	}
	strbuf_addstr(&b, name);
	return strbuf_detach(&b);
}

const char *path_base(const char *path)
{
	size_t i = strlen(path);

	while (i > 1 && path[i - 1] == '/')
		i--;
	if (i == 1)
		return path; /* "/" too */
	while (i > 0 && path[i - 1] != '/')
		i--;
	return path + i;
}

bool path_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

bool path_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int64_t path_mtime(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_mtime : -1;
}

/* One step; somebody else may make the same folder at the same time. */
static int make_dir(const char *dir, struct err *err)
{
	if (mkdir(dir, 0777) == 0)
		return 0;
	int reason = errno;
	if (path_is_dir(dir))
		return 0;
	errno = reason;
	return err_errno(err, ERR_INDEX, "cannot make folder '%s'", dir);
}

int path_mkdirs(const char *dir, struct err *err)
{
	char *copy, *slash;
	int rc = 0;

	if (!*dir || path_is_dir(dir))
		return 0;
	copy = xstrdup(dir);
	for (slash = strchr(copy + 1, '/'); slash && rc == 0; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		rc = make_dir(copy, err);
		*slash = '/';
	}
	if (rc == 0)
		rc = make_dir(copy, err);
	free(copy);
	return rc;
}

/* The folder that holds path, on the heap. */
static char *parent_of(const char *path)
{
	const char *name = path_base(path);

	return name == path ? xstrdup(".") : xstrndup(path, (size_t)(name - path));
}

int path_mkdirs_for(const char *path, struct err *err)
{
	char *dir = parent_of(path);
	int rc = path_mkdirs(dir, err);

	free(dir);
	return rc;
}

static int read_all(int fd, const char *path, struct strbuf *b, size_t max, struct err *err)
{
	ssize_t n;

	do {
		char chunk[READ_STEP];

		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno != EINTR)
			return err_errno(err, ERR_INPUT, "cannot read '%s'", path);
		if (n > 0 && (size_t)n > max - b->len)
			return err_set(err, ERR_INPUT, "cannot read '%s': larger than %zu bytes", path, max);
		if (n > 0)
			strbuf_add(b, chunk, (size_t)n);
	} while (n);
	return 0;
}

/* Opens without waiting for a writer, should path be a pipe. */
static int open_regular(const char *path, struct stat *st, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_errno(err, ERR_INPUT, "cannot read '%s'", path);
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	close(fd);
	return err_set(err, ERR_INPUT, "cannot read '%s': %s", path,
		S_ISDIR(st->st_mode) ? "is a folder" : "not a regular file");
}

int path_read(const char *path, size_t max, uint8_t **ret, size_t *ret_len, struct err *err)
{
	struct strbuf b = STRBUF_INIT;
	struct stat st = { 0 };
	int fd = open_regular(path, &st, err), rc;

	if (fd < 0)
		return -1;
	rc = read_all(fd, path, &b, max, err);
	close(fd);
	if (rc == 0) {
		*ret_len = b.len;
		*ret = (uint8_t *)strbuf_detach(&b);
	}
	strbuf_release(&b);
	return rc;
}

int path_map(const char *path, size_t max, const uint8_t **ret, size_t *ret_len, struct err *err)
{
	struct stat st = { 0 };
	int fd = open_regular(path, &st, err), rc = 0;

	if (fd < 0)
		return -1;
	void *p = MAP_FAILED;
	if ((uint64_t)st.st_size > max)
		rc = err_set(err, ERR_INPUT, "'%s' is larger than %zu bytes", path, max);
	else if ((p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED)
		rc = err_errno(err, ERR_INPUT, "cannot read '%s'", path);
	close(fd);
	if (rc < 0)
		return -1;
	*ret = p;
	*ret_len = (size_t)st.st_size;
	return 0;
}

void path_unmap(const uint8_t *p, size_t n)
{
	if (p)
		munmap((void *)(uintptr_t)p, n);
}

void path_map_passed(const uint8_t *from, const uint8_t *upto)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = ((uintptr_t)from + page - 1) / page * page, last = (uintptr_t)upto / page * page;

	if (last > first)
		madvise((void *)first, last - first, MADV_DONTNEED);
}

static int write_all(int fd, const char *data, size_t n)
{
	while (n) {
		ssize_t wrote = write(fd, data, n);

		if (wrote < 0 && errno != EINTR)
			return -1;
		if (wrote > 0) {
			data += wrote;
			n -= (size_t)wrote;
		}
	}
	return fsync(fd);
}

/* A new file in dir. mkstemp would make it 0600, whatever the umask says. */
static int create_temporary(const char *dir, char **ret_path)
{
	static atomic_uint count;
	struct strbuf b = STRBUF_INIT;
	int fd;

	do {
		strbuf_reset(&b);
		strbuf_addf(&b, "%s/.canopy-%ld-%u.tmp", dir, (long)getpid(), atomic_fetch_add(&count, 1));
		fd = open(b.buf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	} while (fd < 0 && errno == EEXIST);
	*ret_path = strbuf_detach(&b);
	return fd;
}

/* The name of a file is safe on the disk only when its folder is. */
static void sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int path_write_atomic(const char *path, const void *data, size_t n, struct err *err)
{
	char *dir = parent_of(path), *temporary;
	int fd = create_temporary(dir, &temporary), rc = -1;

	if (fd < 0) {
		err_errno(err, ERR_INDEX, "cannot write '%s'", path);
		goto out;
	}
	rc = write_all(fd, data, n);
	if (close(fd) < 0)
		rc = -1;
	if (rc == 0)
		rc = rename(temporary, path);
	if (rc < 0) {
		err_errno(err, ERR_INDEX, "cannot write '%s'", path);
		unlink(temporary);
	} else {
		sync_dir(dir);
	}
out:
	free(temporary);
	free(dir);
	return rc;
}

struct walk {
	int (*fn)(void *ctx, const char *path, struct err *err);
	void *ctx;
	struct err *err;
	bool unreadable; /* a folder below could not be read; the walk goes on and says so at its end */
	struct err first;
};
struct names {
	char **v;
	size_t n, cap;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Folders get a '/' behind them, regular files none, others are left out; sorted like that
 * the names come in the order of the full paths. */
static void collect(DIR *dir, struct names *names)
{
	const struct dirent *e;
	struct stat st;

	while ((e = readdir(dir))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			vec_push(names, path_join(e->d_name, ""));
		else if (S_ISREG(st.st_mode))
			vec_push(names, xstrdup(e->d_name));
	}
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_name);
}

static int list_dir(const char *path, int depth, struct names *names, struct err *err)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (depth ? O_NOFOLLOW : 0), fd = open(path, flags);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		err_errno(err, ERR_INPUT, "cannot read folder '%s'", path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	collect(dir, names);
	closedir(dir);
	return 0;
}

/* Recursion ends at WALK_DEPTH. */
static int walk_dir(struct walk *w, const char *path, int depth)
{
	struct names names = { 0 };
	struct err why = { 0 };
	int rc = 0;

	if (list_dir(path, depth, &names, &why) < 0) {
		if (!w->unreadable)
			w->first = why;
		w->unreadable = true;
	}

	for (size_t i = 0; i < names.n && rc >= 0; i++) {
		char *full = path_join(path, names.v[i]);
		size_t len = strlen(full);

		if (full[len - 1] != '/') {
			rc = w->fn(w->ctx, full, w->err);
		} else if (depth < WALK_DEPTH) {
			full[len - 1] = '\0';
			rc = walk_dir(w, full, depth + 1);
		}
		free(full);
	}
	for (size_t i = 0; i < names.n; i++)
		free(names.v[i]);
	vec_release(&names);
	return rc < 0 ? -1 : 0;
}

int path_walk(const char *path, int (*fn)(void *ctx, const char *path, struct err *err), void *ctx, struct err *err)
{
	struct walk w = { .fn = fn, .ctx = ctx, .err = err };
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(err, ERR_INPUT, "cannot read '%s'", path);
	if (S_ISDIR(st.st_mode)) {
		if (walk_dir(&w, path, 0) < 0)
			return -1;
		return w.unreadable ? err_set(err, w.first.kind, "%s", w.first.msg) : 0;
	}
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INPUT, "cannot read '%s': neither a file nor a folder", path);
	return fn(ctx, path, err) < 0 ? -1 : 0;
}
