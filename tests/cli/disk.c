/* Stands between a program and its disk, preloaded: makes it full, and writes down what it was told to keep.
 *
 *	DISK_BELOW=/folder        only it and what is below it are meant
 *	DISK_FULL_AFTER=12        the thirteenth step fails, half done if it is a write, and what follows it
 *	DISK_FULL_FOR=1           only so many fail, then there is room again; one alone is not half done
 *	DISK_DEAD_AFTER=12        the program is killed instead of taking the thirteenth step
 *	DISK_RECORD=/elsewhere    every step is appended to this file, as disk.py reads it
 *	DISK_PAGES=10             SQLite keeps so few pages in memory that it writes in the middle of transactions
 *
 * What a full disk refuses: writing, syncing, growing, making and renaming. Removing always works. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

int __open64_2(const char *path, int flags);
int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *ctx, char **err);

typedef int exec_fn(void *, const char *, int (*)(void *, int, char **, char **), void *, char **);

static struct {
	const char *below, *pages;
	long after, most, dead, steps;
	int record;
	int (*open)(const char *, int, ...);
	ssize_t (*write)(int, const void *, size_t);
	ssize_t (*pwrite)(int, const void *, size_t, off_t);
	int (*ftruncate)(int, off_t);
	int (*fsync)(int);
	int (*fdatasync)(int);
	int (*unlink)(const char *);
	int (*rename)(const char *, const char *);
	int (*mkdir)(const char *, mode_t);
	exec_fn *exec;
} disk = { .record = -1 };
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static long number(const char *variable, long otherwise)
{
	const char *s = getenv(variable);

	return s ? strtol(s, NULL, 10) : otherwise;
}

static void find(void *ret, const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);

	memcpy(ret, &p, sizeof(p));
}

static void begin(void)
{
	const char *path = getenv("DISK_RECORD");

	find(&disk.open, "open64");
	find(&disk.write, "write");
	find(&disk.pwrite, "pwrite64");
	find(&disk.ftruncate, "ftruncate64");
	find(&disk.fsync, "fsync");
	find(&disk.fdatasync, "fdatasync");
	find(&disk.unlink, "unlink");
	find(&disk.rename, "rename");
	find(&disk.mkdir, "mkdir");
	find(&disk.exec, "sqlite3_exec");
	disk.below = getenv("DISK_BELOW");
	disk.pages = getenv("DISK_PAGES");
	disk.after = number("DISK_FULL_AFTER", LONG_MAX);
	disk.dead = number("DISK_DEAD_AFTER", LONG_MAX);
	disk.most = number("DISK_FULL_FOR", LONG_MAX - disk.after);
	if (path)
		disk.record = disk.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static bool is_meant(const char *path)
{
	pthread_once(&once, begin);
	size_t n = disk.below ? strlen(disk.below) : 0;
	return n && strncmp(path, disk.below, n) == 0 && (path[n] == '/' || !path[n]);
}

static bool path_of(int fd, char path[PATH_MAX])
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, PATH_MAX - 1);
	path[n < 0 ? 0 : n] = '\0';
	return is_meant(path);
}

enum outcome { GOES, HALF, FULL };

static enum outcome step(void)
{
	pthread_mutex_lock(&lock);
	if (disk.steps == disk.dead)
		kill(getpid(), SIGKILL);
	long n = ++disk.steps - disk.after;
	pthread_mutex_unlock(&lock);
	return n < 1 || n > disk.most ? GOES : n == 1 && disk.most > 1 ? HALF : FULL;
}

/* kind, length of the path, offset or size, length of the data; path; data: numbers in 8 octets as they lie in memory */
static void record(char kind, const char *path, uint64_t at, const void *data, size_t n)
{
	uint64_t head[4] = { (uint64_t)kind, strlen(path), at, n };
	struct iovec part[] = { { head, sizeof(head) }, { (void *)(uintptr_t)path, strlen(path) }, { (void *)(uintptr_t)data, n } };

	if (disk.record >= 0 && writev(disk.record, part, 3) < 0)
		abort();
}

static int full(void)
{
	errno = ENOSPC;
	return -1;
}

static int open_at(const char *path, int flags, mode_t mode)
{
	bool meant = is_meant(path), makes = meant && flags & O_CREAT && access(path, F_OK) < 0;

	if (makes && step() != GOES)
		return full();
	int fd = disk.open(path, flags, mode);
	if (makes && fd >= 0)
		record('c', path, 0, NULL, 0);
	else if (meant && fd >= 0 && flags & O_TRUNC)
		record('t', path, 0, NULL, 0);
	return fd;
}

int open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_at(path, flags, mode);
}

int __open64_2(const char *path, int flags)
{
	return open_at(path, flags, 0);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
	char path[PATH_MAX];

	if (!path_of(fd, path))
		return disk.pwrite(fd, data, n, at);
	enum outcome o = step();
	if (o == FULL || (o == HALF && n < 2))
		return full();
	ssize_t done = disk.pwrite(fd, data, o == HALF ? n / 2 : n, at);
	if (done > 0)
		record('w', path, (uint64_t)at, data, (size_t)done);
	return done;
}

ssize_t write(int fd, const void *data, size_t n)
{
	char path[PATH_MAX];

	if (!path_of(fd, path))
		return disk.write(fd, data, n);
	enum outcome o = step();
	if (o == FULL || (o == HALF && n < 2))
		return full();
	off_t at = lseek(fd, 0, SEEK_CUR);
	ssize_t done = disk.write(fd, data, o == HALF ? n / 2 : n);
	if (done > 0)
		record('w', path, (uint64_t)at, data, (size_t)done);
	return done;
}

int ftruncate(int fd, off_t size)
{
	char path[PATH_MAX];
	struct stat st;

	if (!path_of(fd, path))
		return disk.ftruncate(fd, size);
	if (step() != GOES && fstat(fd, &st) == 0 && size > st.st_size)
		return full();
	int rc = disk.ftruncate(fd, size);
	if (rc == 0)
		record('t', path, (uint64_t)size, NULL, 0);
	return rc;
}

static int sync_with(int (*fn)(int), int fd)
{
	char path[PATH_MAX];

	if (!path_of(fd, path))
		return fn(fd);
	if (step() != GOES)
		return full();
	/* it is the tests that lose power: what was synced is what the record says */
	record('s', path, 0, NULL, 0);
	return 0;
}

int fsync(int fd)
{
	pthread_once(&once, begin);
	return sync_with(disk.fsync, fd);
}

int fdatasync(int fd)
{
	pthread_once(&once, begin);
	return sync_with(disk.fdatasync, fd);
}

int unlink(const char *path)
{
	bool meant = is_meant(path);
	int rc = disk.unlink(path);

	if (meant && rc == 0) {
		step();
		record('u', path, 0, NULL, 0);
	}
	return rc;
}

int rename(const char *from, const char *to)
{
	bool meant = is_meant(from);

	if (meant && step() != GOES)
		return full();
	int rc = disk.rename(from, to);
	if (meant && rc == 0)
		record('r', from, 0, to, strlen(to));
	return rc;
}

int mkdir(const char *path, mode_t mode)
{
	bool meant = is_meant(path) && access(path, F_OK) < 0;

	if (meant && step() != GOES)
		return full();
	int rc = disk.mkdir(path, mode);
	if (meant && rc == 0)
		record('m', path, 0, NULL, 0);
	return rc;
}

int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *ctx, char **err)
{
	char few[64];

	pthread_once(&once, begin);
	int rc = disk.exec(db, sql, row, ctx, err);
	if (disk.pages && rc == 0 && strstr(sql, "cache_size")) {
		snprintf(few, sizeof(few), "PRAGMA cache_size = %ld", strtol(disk.pages, NULL, 10));
		disk.exec(db, few, NULL, NULL, NULL);
	}
	return rc;
}
