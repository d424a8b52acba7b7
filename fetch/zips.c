#include "fetch/zips.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/vec.h"

/* A request for the end of one zip and one for the beginning of the next come mixed. */
#define OPEN_MOST 3
/* 16 bits a name and 4 probes: one name in 400 is looked for in a zip that does not have it. */
#define FILTER_BITS 16
#define FILTER_PROBES 4
#define CHUNK 65536
/* Where a zip's directory is told: at its end, before a comment of up to 65,535 bytes. */
#define END_BYTES 22
#define END64_BYTES 20
#define TAIL_BYTES (65535 + END_BYTES + END64_BYTES)

struct zip_part {
	char *path;
	zip_t *zip;       /* NULL: not open */
	uint64_t used;    /* when, as a count of uses */
	uint64_t *filter; /* of its names; NULL: it was never open */
	uint64_t bits;    /* of the filter */
};
struct zips {
	VEC(struct zip_part) part; /* in the order of their names */
	size_t last;               /* that gave something */
	uint64_t uses;
};

/* Opening a pipe would wait for its other end. -1 also for what is no regular file. */
static int open_regular(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || (fstat(fd, st) == 0 && S_ISREG(st->st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

bool zips_is_zip(const char *path)
{
	char head[4];
	struct stat st;
	int fd = open_regular(path, &st);

	if (fd < 0)
		return false;
	ssize_t n = pread(fd, head, sizeof(head), 0);
	close(fd);
	/* a file's header, or the end of a zip that is empty */
	return n == 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0);
}

bool zips_is_part(const char *path)
{
	const char *name = path_base(path);
	size_t digits = strspn(name, "0123456789");

	return digits > 0 && strcmp(name + digits, ".zip") == 0;
}

/* ---- which zips ---- */

/* By number: 1000.zip comes after 999.zip. */
static int by_name(const void *a, const void *b)
{
	const char *x = ((const struct zip_part *)a)->path, *y = ((const struct zip_part *)b)->path;
	size_t n = strlen(x), m = strlen(y);

	return n != m ? (n < m ? -1 : 1) : strcmp(x, y);
}

static void list_folder(struct zips *z, const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		if (zips_is_part(e->d_name))
			vec_push(&z->part, (struct zip_part){ .path = path_join(path, e->d_name) });
	if (d)
		closedir(d);
	if (z->part.n)
		qsort(z->part.v, z->part.n, sizeof(*z->part.v), by_name);
}

struct zips *zips_open(const char *path)
{
	struct zips *z = xcalloc(1, sizeof(*z));
	char *bare = xstrdup(path);
	size_t n = strlen(bare);
	struct stat st;

	while (n > 1 && bare[n - 1] == '/')
		bare[--n] = '\0';
	bool there = stat(bare, &st) == 0;
	if (there && S_ISDIR(st.st_mode))
		list_folder(z, bare);
	else if (there && S_ISREG(st.st_mode))
		vec_push(&z->part, (struct zip_part){ .path = xstrdup(bare) });
	free(bare);
	if (z->part.n)
		return z;
	zips_free(z);
	return NULL;
}

static void close_part(struct zip_part *p)
{
	if (p->zip)
		zip_discard(p->zip);
	p->zip = NULL;
}

void zips_free(struct zips *z)
{
	if (!z)
		return;
	for (size_t i = 0; i < z->part.n; i++) {
		close_part(&z->part.v[i]);
		free(z->part.v[i].path);
		free(z->part.v[i].filter);
	}
	vec_release(&z->part);
	free(z);
}

/* ---- one zip ---- */

/* libzip's texts begin with a capital. */
static int refuse(const struct zip_part *p, const char *name, zip_error_t *why, struct err *err)
{
	const char *text = zip_error_strerror(why);
	bool lower = text[0] && !isupper((unsigned char)text[1]);

	if (name)
		return err_set(err, ERR_INPUT, "'%s': '%s': %c%s", p->path, name, lower ? tolower((unsigned char)text[0]) : text[0], text + 1);
	return err_set(err, ERR_INPUT, "'%s': %c%s", p->path, lower ? tolower((unsigned char)text[0]) : text[0], text + 1);
}

static uint64_t little(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

/* The number of names that the end record at `at` claims: libzip takes memory for them before it reads one. */
static uint64_t names_claimed(int fd, const uint8_t *tail, size_t at)
{
	const uint8_t *locator = at >= END64_BYTES ? tail + at - END64_BYTES : NULL;
	uint8_t record[56];

	if (!locator || memcmp(locator, "PK\6\7", 4) != 0)
		return little(tail + at + 10, 2);
	uint64_t place = little(locator + 8, 8);
	if (place > INT64_MAX || pread(fd, record, sizeof(record), (off_t)place) != (ssize_t)sizeof(record))
		return 0; /* libzip will not find it either */
	uint64_t here = little(record + 24, 8), all = little(record + 32, 8);
	return here > all ? here : all;
}

/* Any of the end records that the file's end seems to hold may be taken for the right one. */
static int check_size(const struct zip_part *p, struct err *err)
{
	struct stat st;
	int fd = open_regular(p->path, &st);

	if (fd < 0)
		return err_errno(err, ERR_INPUT, "cannot open '%s'", p->path);
	uint8_t *tail = xmalloc(TAIL_BYTES);
	off_t from = st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0;
	ssize_t n = pread(fd, tail, TAIL_BYTES, from);
	uint64_t most = 0;
	for (ssize_t i = 0; i + END_BYTES <= n; i++) {
		if (memcmp(tail + i, "PK\5\6", 4) == 0) {
			uint64_t claimed = names_claimed(fd, tail, (size_t)i);
			most = claimed > most ? claimed : most;
		}
	}
	free(tail);
	close(fd);
	if (most <= ZIPS_NAMES_MAX)
		return 0;
	return err_set(err, ERR_INPUT, "'%s': a zip of %llu files, which is more than %d", p->path, (unsigned long long)most,
	               ZIPS_NAMES_MAX);
}

static bool leads_out(const char *name)
{
	if (*name == '/' || strchr(name, '\\'))
		return true;
	for (const char *p = name; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL)
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || !p[2]))
			return true;
	return false;
}

static int check_file(const struct zip_part *p, zip_uint64_t i, const char *name, struct err *err)
{
	zip_stat_t st;

	if (zip_stat_index(p->zip, i, 0, &st) < 0)
		return refuse(p, name, zip_get_error(p->zip), err);
	if (leads_out(name))
		return err_set(err, ERR_INPUT, "'%s': '%s': a name that leads out of the zip", p->path, name);
	if (zip_name_locate(p->zip, name, 0) != (zip_int64_t)i)
		return err_set(err, ERR_INPUT, "'%s': '%s': two files of one name", p->path, name);
	if (!(st.valid & ZIP_STAT_ENCRYPTION_METHOD) || st.encryption_method != ZIP_EM_NONE)
		return err_set(err, ERR_INPUT, "'%s': '%s': encrypted", p->path, name);
	if (!(st.valid & ZIP_STAT_COMP_METHOD) || (st.comp_method != ZIP_CM_STORE && st.comp_method != ZIP_CM_DEFLATE))
		return err_set(err, ERR_INPUT, "'%s': '%s': neither stored nor deflated", p->path, name);
	if (!(st.valid & ZIP_STAT_SIZE) || st.size > ZIPS_FILE_MAX)
		return err_set(err, ERR_INPUT, "'%s': '%s': of %llu bytes, which is larger than the maximum", p->path, name,
		               (unsigned long long)st.size);
	return 0;
}

/* ---- which names ---- */

static uint64_t hash_name(const char *name)
{
	static const uint64_t seed[2] = { 0x7a697073, 1 };

	return hash_bytes(seed, name, strlen(name));
}

static uint64_t probe(const struct zip_part *p, uint64_t hash, unsigned i)
{
	return (hash + i * (hash >> 32 | 1)) % p->bits;
}

static bool may_hold(const struct zip_part *p, uint64_t hash)
{
	for (unsigned i = 0; i < FILTER_PROBES; i++) {
		uint64_t bit = probe(p, hash, i);
		if (!(p->filter[bit / 64] >> bit % 64 & 1))
			return false;
	}
	return true;
}

static int take_names(struct zip_part *p, struct err *err)
{
	zip_int64_t n = zip_get_num_entries(p->zip, 0);
	uint64_t words = (uint64_t)n * FILTER_BITS / 64 + 1;

	p->bits = words * 64;
	free(p->filter);
	p->filter = xcalloc(words, sizeof(*p->filter));
	for (zip_uint64_t i = 0; i < (zip_uint64_t)n; i++) {
		const char *name = zip_get_name(p->zip, i, 0);
		if (!name)
			return refuse(p, NULL, zip_get_error(p->zip), err);
		if (check_file(p, i, name, err) < 0)
			return -1;
		for (unsigned k = 0; k < FILTER_PROBES; k++) {
			uint64_t bit = probe(p, hash_name(name), k);
			p->filter[bit / 64] |= (uint64_t)1 << bit % 64;
		}
	}
	return 0;
}

static void make_room(struct zips *z)
{
	struct zip_part *oldest = NULL;
	size_t open = 0;

	for (size_t i = 0; i < z->part.n; i++) {
		struct zip_part *p = &z->part.v[i];
		if (!p->zip)
			continue;
		open++;
		if (!oldest || p->used < oldest->used)
			oldest = p;
	}
	if (open >= OPEN_MOST)
		close_part(oldest);
}

static int use(struct zips *z, struct zip_part *p, struct err *err)
{
	int code;

	p->used = ++z->uses;
	if (p->zip)
		return 0;
	if (check_size(p, err) < 0)
		return -1;
	make_room(z);
	p->zip = zip_open(p->path, ZIP_RDONLY, &code);
	if (!p->zip) {
		zip_error_t why;
		zip_error_init_with_code(&why, code);
		refuse(p, NULL, &why, err);
		zip_error_fini(&why);
		return -1;
	}
	if (take_names(p, err) == 0)
		return 0;
	close_part(p);
	free(p->filter);
	p->filter = NULL;
	return -1;
}

/* ---- reading ---- */

/* To the end, where libzip compares the checksum. */
static int read_all(const struct zip_part *p, zip_file_t *f, const zip_stat_t *st, struct strbuf *b, struct err *err)
{
	char chunk[CHUNK];
	zip_uint64_t got = 0;
	zip_int64_t n;

	while ((n = zip_fread(f, chunk, sizeof(chunk))) > 0) {
		got += (zip_uint64_t)n;
		if (got > st->size)
			break;
		strbuf_add(b, chunk, (size_t)n);
	}
	if (n < 0)
		return refuse(p, st->name, zip_file_get_error(f), err);
	if (got != st->size)
		return err_set(err, ERR_INPUT, "'%s': '%s': not of the %llu bytes that the zip tells", p->path, st->name,
		               (unsigned long long)st->size);
	return 1;
}

static int read_from(const struct zip_part *p, const char *name, size_t max, struct strbuf *b, struct err *err)
{
	zip_int64_t at = zip_name_locate(p->zip, name, 0);
	zip_stat_t st;

	if (at < 0)
		return 0;
	if (zip_stat_index(p->zip, (zip_uint64_t)at, 0, &st) < 0)
		return refuse(p, name, zip_get_error(p->zip), err);
	if (st.size > max)
		return err_set(err, ERR_INPUT, "'%s': '%s': of %llu bytes, which is larger than the maximum", p->path, name,
		               (unsigned long long)st.size);
	zip_file_t *f = zip_fopen_index(p->zip, (zip_uint64_t)at, 0);
	if (!f)
		return refuse(p, name, zip_get_error(p->zip), err);
	strbuf_reserve(b, (size_t)st.size);
	int rc = read_all(p, f, &st, b, err);
	zip_fclose(f);
	return rc;
}

/* A zip that cannot have the name is not opened for it. */
static int try_part(struct zips *z, size_t i, const char *name, size_t max, struct strbuf *b, struct err *err)
{
	struct zip_part *p = &z->part.v[i];

	if (p->filter && !may_hold(p, hash_name(name)))
		return 0;
	if (use(z, p, err) < 0)
		return -1;
	int rc = may_hold(p, hash_name(name)) ? read_from(p, name, max, b, err) : 0;
	if (rc == 1)
		z->last = i;
	return rc;
}

int zips_read(struct zips *z, const char *name, size_t max, struct strbuf *b, struct err *err)
{
	size_t from = z->last;

	/* the last one that had something, those behind it, those before it */
	for (size_t k = 0; k < z->part.n; k++) {
		int rc = try_part(z, (from + k) % z->part.n, name, max, b, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int zips_each(struct zips *z, int (*fn)(void *ctx, const char *name), void *ctx, struct err *err)
{
	for (size_t i = 0; i < z->part.n; i++) {
		struct zip_part *p = &z->part.v[i];
		for (zip_uint64_t k = 0;; k++) {
			if (use(z, p, err) < 0) /* fn may read, which may close it */
				return -1;
			if (k >= (zip_uint64_t)zip_get_num_entries(p->zip, 0))
				break;
			int rc = fn(ctx, zip_get_name(p->zip, k, 0));
			if (rc < 0)
				return rc;
		}
	}
	return 0;
}
