/* What of Certificate Transparency is imported from files: log lists, folders laid out as logs, saved pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "db/leafrun.h"
#include "fetch/zips.h"
#include "index/ct.h"
#include "index/ctentry.h"
#include "index/ctread.h"
#include "index/import.h"
#include "index/loglist.h"

#define DESCRIPTION_MAX ((size_t)1 << 20)

/* ---- log lists ---- */

static void list_problem(void *ctx, const char *place, const char *what)
{
	struct reading *r = ctx;

	import_problem(r->im, r->d, place, what);
}

static int keep_log(struct import *im, struct document *d, const struct log_info *log)
{
	struct db_ct_known k = {
		.log_id = log->id,
		.name = log->name,
		.operator = log->operator,
		.url = log->url,
		.submission = log->submission,
		.tiled = log->tiled,
		.test = log->test,
		.key = { log->key.p, log->key.n },
		.state = (int)log->state,
		.starts = time_or_null(log->start),
		.ends = time_or_null(log->end),
		.final_size = log->has_final ? DB_INT((int64_t)log->final_size) : DB_NULL,
		.final_root = log->has_final ? log->final_root : NULL,
	};

	return db_add_ct_known(im->db, d->id, d->records++, &k, im->err);
}

/* A list is replaced by its next version; a log's own description is that log's. */
void import_part_loglist(const struct import *im, struct document *d, char part[256])
{
	struct log_list list = { 0 };
	struct err why = { 0 };
	char hex[65];

	import_part_by_name(im, d, part);
	if (log_list_read(&list, d->data, d->n, NULL, NULL, &why) == 0) {
		if (list.timestamp != TIME_UNKNOWN) {
			d->time = list.timestamp;
			d->day = date_of_time(d->time);
		} else if (list.log.n == 1) {
			hex_encode(list.log.v[0].id, 32, hex);
			snprintf(part, 256, "log %s", hex);
		}
	}
	log_list_release(&list);
}

int import_loglist(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };
	struct log_list list = { 0 };
	int rc = log_list_read(&list, d->data, d->n, list_problem, &r, err);

	for (size_t i = 0; rc == 0 && i < list.log.n; i++)
		rc = keep_log(im, d, &list.log.v[i]);
	log_list_release(&list);
	return rc == 0 && im->failed ? -1 : rc;
}

/* ---- folders ---- */

static bool is_tile_part(const char *p)
{
	return (p[0] >= '0' && p[0] <= '9' && p[1] == '/') || strncmp(p, "data/", 5) == 0 || strncmp(p, "names/", 6) == 0 ||
	       strncmp(p, "entries/", 8) == 0;
}

static void add_root(struct import *im, const char *path, size_t n)
{
	for (size_t i = 0; i < im->log_folder.n; i++)
		if (strlen(im->log_folder.v[i]) == n && memcmp(im->log_folder.v[i], path, n) == 0)
			return;
	struct strbuf b = STRBUF_INIT;
	strbuf_add(&b, path, n);
	vec_push(&im->log_folder, strbuf_detach(&b));
}

bool import_is_of_log(struct import *im, const char *path)
{
	for (const char *p = strstr(path, "/tile/"); p; p = strstr(p + 1, "/tile/")) {
		if (is_tile_part(p + 6)) {
			add_root(im, path, (size_t)(p - path));
			return true;
		}
	}
	if (strcmp(path_base(path), "checkpoint") != 0)
		return false;
	size_t folder = (size_t)(path_base(path) - path);
	struct strbuf tiles = STRBUF_INIT;
	strbuf_add(&tiles, path, folder);
	strbuf_addstr(&tiles, "tile");
	bool is_log = path_is_dir(tiles.buf);
	strbuf_release(&tiles);
	return is_log;
}

/* Zips of a folder that are named by digits are one archive; of those that were named themselves, several are. */
bool import_is_archive(struct import *im, const char *path, char *const *named, size_t n)
{
	size_t folder = (size_t)(path_base(path) - path), siblings = 0;

	if (im->o->store || !zips_is_zip(path))
		return false;
	for (size_t i = 0; i < n; i++)
		siblings += zips_is_part(named[i]) && (size_t)(path_base(named[i]) - named[i]) == folder && memcmp(named[i], path, folder) == 0;
	if (!zips_is_part(path) || (n && siblings < 2))
		add_root(im, path, strlen(path));
	else if (folder)
		add_root(im, path, folder > 1 ? folder - 1 : 1);
	else
		add_root(im, ".", 1);
	return true;
}

/* A folder that was not named itself and cannot be used is told of like a file of no known kind. */
static int keep_folder_problem(struct import *im, const char *folder, const char *why)
{
	struct document d = { .path = folder };
	struct strbuf origin = STRBUF_INIT;
	struct db_file f = { .source = "import", .kind = "refused", .fetched_at = time_now(), .source_day = date_today() };
	char part[256];

	text_clean(&origin, folder, strlen(folder));
	snprintf(part, sizeof(part), "%.255s", origin.buf);
	f.origin = origin.buf;
	f.part = part;
	sha256_of(folder, strlen(folder), d.sha256);
	f.sha256 = d.sha256;
	f.source_time = date_start(f.source_day);
	int rc = db_replace_file(im->db, &f, &d.id, im->err);
	if (rc == 0) {
		import_problem(im, &d, "", why);
		rc = im->failed ? -1 : db_finish_file(im->db, d.id, 0, 1, im->err);
	}
	im->ret->problems++;
	im->ret->skipped++;
	im->changed = true;
	strbuf_release(&origin);
	return rc;
}

static bool same_place(const char *a, const char *b)
{
	char *x = realpath(a, NULL), *y = realpath(b, NULL);
	bool same = x && y && strcmp(x, y) == 0;

	free(x);
	free(y);
	return same;
}

/* One of several zips that were named. */
static bool is_part_of(const char *folder, const char *path)
{
	size_t n = (size_t)(path_base(path) - path);
	char *up = n ? xstrndup(path, n) : xstrdup(".");
	bool part = zips_is_part(path) && same_place(folder, up);

	free(up);
	return part;
}

/* What a log in zips says of itself is a document, as it is beside unpacked tiles. What is wrong with the zip is said by
 * whoever reads its tiles. */
static int import_description(struct import *im, const char *archive)
{
	char *path = path_join(archive, "log.v3.json");
	struct zips *z = path_exists(path) ? NULL : zips_open(archive);
	struct strbuf b = STRBUF_INIT;
	int rc = 0;

	if (z && zips_read(z, "log.v3.json", DESCRIPTION_MAX, &b, NULL) == 1 && log_list_recognise(b.buf, b.len))
		rc = import_bytes(im, path, archive, b.buf, b.len, false);
	strbuf_release(&b);
	zips_free(z);
	free(path);
	return rc;
}

/* What came of a log that was read with *why. */
static int tell_log(struct import *im, const char *folder, bool named, const struct ct_result *sum, int rc, struct err *why)
{
	im->ret->records += sum->entries;
	im->ret->problems += sum->malformed;
	im->ret->files += sum->entries > 0;
	im->ret->unchanged += rc == 0 && sum->entries == 0;
	im->changed |= sum->entries > 0;
	if (rc == 0)
		return 0;
	if (why->kind == ERR_INDEX) {
		*im->err = *why;
		return -1;
	}
	err_context(why, "'%s'", folder);
	if (!named)
		return keep_folder_problem(im, folder, why->msg);
	import_refuse(im, why->msg);
	return 0;
}

static int import_folder(struct import *im, const char *folder, bool named)
{
	struct ct_result sum = { 0 };
	struct err why = { 0 };

	if (import_description(im, folder) < 0)
		return -1;
	int rc = ct_import_folder(im->db, folder, im->o->unverified, &sum, &why);
	return tell_log(im, folder, named, &sum, rc, &why);
}

int import_log_folders(struct import *im, char *const *paths, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < im->log_folder.n; i++) {
		bool named = false;
		for (size_t k = 0; k < n; k++)
			named |= same_place(im->log_folder.v[i], paths[k]) || is_part_of(im->log_folder.v[i], paths[k]);
		if (rc == 0)
			rc = import_folder(im, im->log_folder.v[i], named);
		free(im->log_folder.v[i]);
	}
	vec_release(&im->log_folder);
	return rc;
}

/* ---- saved pages of get-entries ---- */

bool import_is_page(const char *data, size_t n)
{
	const char *p = data, *end = data + n;

	while (p < end && strchr(" \t\r\n{", *p))
		p++;
	return (size_t)(end - p) > 9 && memcmp(p, "\"entries\"", 9) == 0 && memmem(p, n < 4096 ? (size_t)(end - p) : 4096, "\"leaf_input\"", 12);
}

int import_page(struct import *im, struct document *d, struct err *err)
{
	struct ct_result sum = { 0 };

	if (!im->o->unverified)
		return err_set(err, ERR_INPUT, "entries of a log without its signed head: nothing in it can be proven (--unverified reads it all the same)");
	int rc = ct_read_page(im->db, d->origin, d->data, d->n, &sum, err);
	if (rc < 0 && err->kind == ERR_INDEX) {
		*im->err = *err;
		im->failed = true;
		return -1;
	}
	d->records = (int64_t)sum.entries;
	d->problems += (int64_t)sum.malformed;
	return rc;
}

/* ---- saved pages with the head that signs them ---- */

bool import_is_head(const char *data, size_t n)
{
	size_t head = n < 65536 ? n : 65536, i = 0;

	while (i < n && strchr(" \t\r\n", data[i]))
		i++;
	return i < n && data[i] == '{' && memmem(data, head, "\"tree_size\"", 11) && memmem(data, head, "\"sha256_root_hash\"", 18);
}

int import_head(struct import *im, struct document *d, struct err *err)
{
	(void)im;
	(void)d;
	return err_set(err, ERR_INPUT, "a log's signed head without entries of it in the same folder");
}

static size_t folder_length(const char *path)
{
	return (size_t)(path_base(path) - path);
}

static int by_folder(const void *a, const void *b)
{
	const struct saved_answer *x = a, *y = b;
	size_t n = folder_length(x->path), m = folder_length(y->path);
	int order = memcmp(x->path, y->path, n < m ? n : m);

	if (order || n != m)
		return order ? order : n < m ? -1 : 1;
	return strcmp(x->path, y->path);
}

static char *folder_of(const char *path)
{
	size_t n = folder_length(path);

	return n ? xstrndup(path, n > 1 ? n - 1 : 1) : xstrdup(".");
}

/* Where the head proves nothing because of what is missing, who asked for unproven entries gets what is there. */
static bool read_without_head(struct import *im, const char *folder, const struct err *why)
{
	if (!im->o->unverified || why->kind != ERR_INPUT)
		return false;
	strbuf_addf(&im->notes, "%s: %s; the pages are read one by one\n", folder, why->msg);
	return true;
}

/* answer[first .. last) are of one folder. */
static int import_saved(struct import *im, size_t first, size_t last, char *const *paths, size_t n)
{
	VEC(char *) head = { 0 }, page = { 0 };
	char *folder = folder_of(im->answer.v[first].path);
	struct ct_result sum = { 0 };
	struct err why = { 0 };
	bool named = false, more = false;
	int rc = 0;

	for (size_t i = first; i < last; i++) {
		struct saved_answer *a = &im->answer.v[i];
		named |= a->named;
		if (i > first && strcmp(a->path, a[-1].path) == 0) /* given twice */
			continue;
		if (a->head)
			vec_push(&head, a->path);
		else
			vec_push(&page, a->path);
	}
	for (size_t i = 0; i < n; i++)
		named |= same_place(folder, paths[i]);
	struct ct_saved_files f = { folder, head.v, page.v, head.n, page.n, im->o->unverified };
	bool together = head.n && page.n, apart = !together;
	if (together) {
		rc = ct_import_saved(im->db, &f, &more, &sum, &why);
		if (more)
			strbuf_addf(&im->notes, "%s: its pages hold more entries than its head signs, which are not read\n", folder);
		apart = rc < 0 && read_without_head(im, folder, &why);
		rc = apart ? 0 : tell_log(im, folder, named, &sum, rc, &why);
	}
	for (size_t i = first; rc == 0 && apart && i < last; i++)
		if (!together || !im->answer.v[i].head)
			rc = import_file(im, im->answer.v[i].path, im->answer.v[i].named);
	vec_release(&head);
	vec_release(&page);
	free(folder);
	return rc;
}

int import_answers(struct import *im, char *const *paths, size_t n)
{
	size_t first = 0;
	int rc = 0;

	im->reading_answers = true;
	if (im->answer.n)
		qsort(im->answer.v, im->answer.n, sizeof(*im->answer.v), by_folder);
	for (size_t i = 0; rc == 0 && i < im->answer.n; i++) {
		const char *path = im->answer.v[i].path, *next = i + 1 < im->answer.n ? im->answer.v[i + 1].path : "";
		size_t len = folder_length(path);
		if (*next && folder_length(next) == len && memcmp(path, next, len) == 0)
			continue;
		rc = import_saved(im, first, i + 1, paths, n);
		first = i + 1;
	}
	for (size_t i = 0; i < im->answer.n; i++)
		free(im->answer.v[i].path);
	vec_release(&im->answer);
	return rc;
}
