#include "index/ct.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/text.h"
#include "fetch/logclient.h"
#include "fetch/url.h"
#include "fetch/zips.h"
#include "index/ctknown.h"
#include "index/ctread.h"
#include "index/import.h"
#include "index/state.h"

/* Runs of one issuer that are left to be merged while counting. */
#define LIST_MAX ((size_t)16 << 20)

/* ---- a log that no list names ---- */

static int ask_self(struct ct_known *all, const struct ct_options *o, const char *url, struct log_info *ret, struct err *err)
{
	struct log_client_options co = { .contact = o->contact, .root = url, .limits = o->limits, .cancelled = o->cancelled, .ctx = o->ctx };
	struct log_client *c;
	struct log_body b = { 0 };

	if (log_client_new(&co, &c, err) < 0)
		return -1;
	char *own = url_join(url, "log.v3.json"), *checkpoint = url_join(url, "checkpoint");
	bool told = log_client_get(c, own, LIST_MAX, &b, NULL) == 0 && (b.status == 200 || b.status == 0) &&
	            ct_known_describe(all, url, b.data, b.n, ret) == 0;
	log_body_release(&b);
	if (!told) {
		bool tiled = log_client_get(c, checkpoint, LIST_MAX, &b, NULL) == 0 && (b.status == 200 || b.status == 0);
		log_body_release(&b);
		ct_known_nameless(all, url, tiled, ret);
	}
	free(own);
	free(checkpoint);
	log_client_free(c);
	return 0;
}

static int find_log(struct ct_known *all, const struct ct_options *o, const char *text, struct log_info *ret, struct err *err)
{
	size_t n;
	const struct log_info *log = log_list_find(&all->list, text, &n);
	struct url_info info;
	const char *why;

	if (log) {
		*ret = *log;
		return 0;
	}
	if (!strstr(text, "://"))
		return all->list.log.n ? err_set(err, ERR_USAGE, n ? "'%s' fits %zu logs" : "no known log fits '%s'", text, n) :
		                         err_set(err, ERR_NETWORK, "no log list is indexed that could tell which log '%s' is", text);
	why = url_refusal(text, &info);
	if (why)
		return err_set(err, ERR_USAGE, "log '%s': %s", text, why);
	char *url = url_join(text, "");
	const char *kept = arena_strdup(&all->list.strings, url);
	free(url);
	return ask_self(all, o, kept, ret, err);
}

/* ---- reading ---- */

struct fetching {
	struct db *db;
	const struct ct_options *o;
	struct ct_result *ret;
	VEC(struct log_info) log;
};

static bool is_cancelled(const struct ct_options *o)
{
	return o->cancelled && o->cancelled(o->ctx);
}

static int choose_logs(struct fetching *f, struct ct_known *all, struct err *err)
{
	const struct str_list *named = f->o->logs;

	for (size_t i = 0; named && i < named->n; i++) {
		struct log_info log;
		bool again = false;
		if (find_log(all, f->o, named->v[i], &log, err) < 0)
			return -1;
		for (size_t k = 0; k < f->log.n; k++)
			again |= memcmp(f->log.v[k].id, log.id, 32) == 0;
		if (!again)
			vec_push(&f->log, log);
	}
	if (named && named->n)
		return 0;
	for (size_t i = 0; i < all->list.log.n; i++)
		if (log_is_wanted(&all->list.log.v[i], date_today()))
			vec_push(&f->log, all->list.log.v[i]);
	if (!f->log.n)
		return err_set(err, ERR_NETWORK, "no log list is indexed, or none of its logs can hold unexpired certificates");
	return 0;
}

static int keep_names_of(struct fetching *f, struct err *err)
{
	int rc = 0;

	if (!f->o->n_names_of)
		return 0;
	if (db_begin(f->db, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < f->o->n_names_of; i++)
		rc = db_keep_ct_names_of(f->db, f->o->names_of[i], err);
	if (rc == 0)
		rc = db_commit(f->db, err);
	if (rc < 0)
		db_rollback(f->db);
	return rc;
}

/* A log that fails does not stop the others. */
static int read_logs(struct fetching *f, struct err *err)
{
	for (size_t i = 0; i < f->log.n && !is_cancelled(f->o); i++) {
		struct err why = { 0 };
		uint64_t entries = 0, verified = 0;
		int rc = ct_read_log(f->db, &f->log.v[i], f->o, false, f->ret, &entries, &verified, &why);
		f->ret->logs++;
		if (rc < 0 && why.kind == ERR_INDEX) {
			*err = why;
			return -1;
		}
		f->ret->failed += rc < 0 && !is_cancelled(f->o);
		if (f->o->log_done)
			f->o->log_done(f->o->ctx, f->log.v[i].name, entries, verified, rc < 0 ? &why : NULL);
	}
	f->ret->cancelled = is_cancelled(f->o);
	return 0;
}

/* What was read is counted; also when a log failed. */
static int count_all(struct fetching *f, struct err *err)
{
	struct link_result linked;
	bool uncounted;

	if (db_ct_uncounted(f->db, &uncounted, err) < 0)
		return -1;
	if (!uncounted && !f->ret->entries && !f->ret->issuers)
		return 0;
	if (db_compact(f->db, false, f->o->cancelled, f->o->ctx, err) < 0 || db_begin(f->db, err) < 0)
		return -1;
	int rc = link_certificates(f->db, true, &linked, err);
	if (rc == 0)
		rc = db_commit(f->db, err);
	if (rc < 0)
		db_rollback(f->db);
	return rc;
}

/* Answers, and what is read of them, have sizes that malloc would map and give back one by one, which is a page fault for
 * every 4 KiB of the log: kept instead, they are the same few megabytes all the time. For the whole process. */
static void keep_memory(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

int ct_fetch(const char *db_path, const struct ct_options *o, struct ct_result *ret, struct err *err)
{
	struct fetching f = { .o = o, .ret = ret };
	struct ct_known all = { 0 };
	int rc = -1, lock;

	*ret = (struct ct_result){ 0 };
	keep_memory();
	if (path_mkdirs_for(db_path, err) < 0 || (lock = index_lock(db_path, err)) < 0)
		return -1;
	if (db_open(db_path, DB_WRITE, &f.db, err) == 0 && ct_known_load(f.db, &all, err) == 0 && choose_logs(&f, &all, err) == 0 &&
	    keep_names_of(&f, err) == 0)
		rc = read_logs(&f, err);
	if (rc == 0)
		rc = count_all(&f, err);
	vec_release(&f.log);
	ct_known_release(&all);
	db_close(f.db);
	close(lock);
	return rc;
}

/* ---- what is known of the logs ---- */

struct listing {
	struct ct_logs *ret;
	struct arena *a;
	struct map at; /* log id to row */
	VEC(struct ct_log_row) v;
};

static int list_read(void *ctx, const struct db_ct_log *l)
{
	struct listing *ls = ctx;
	bool is_new;
	uint64_t *at = map_at(&ls->at, l->log_id, 32, &is_new);

	if (is_new) {
		*at = ls->v.n;
		vec_push(&ls->v, (struct ct_log_row){ .name = arena_strdup(ls->a, l->name), .operator = "", .url = arena_strdup(ls->a, l->url),
		                                      .kind = "", .state = "", .starts = TIME_UNKNOWN, .ends = TIME_UNKNOWN, .broken_from = UINT64_MAX });
	}
	struct ct_log_row *row = &ls->v.v[*at];
	row->has_size = l->head_size > 0 || l->head_time.set;
	row->size = (uint64_t)l->head_size;
	row->from = (uint64_t)l->read_from;
	row->broken_from = l->broken_from.set ? (uint64_t)l->broken_from.v : UINT64_MAX;
	if (!*row->kind)
		row->kind = l->tiled ? "static" : "rfc6962";
	/* files without a head have no position, only entries */
	row->position = (uint64_t)(l->position || row->has_size ? l->position : l->entries);
	row->verified = l->unverified ? row->from : (uint64_t)l->verified;
	row->malformed = (uint64_t)l->malformed;
	row->unverified = l->unverified;
	row->head_time = l->head_time.set ? l->head_time.v / 1000 : TIME_UNKNOWN;
	row->read_at = l->read_at.set ? l->read_at.v : TIME_UNKNOWN;
	row->per_second = l->seconds > 0 ? (double)l->entries / l->seconds : 0;
	row->error = arena_strdup(ls->a, l->error);
	return 0;
}

static void list_known(struct listing *ls, const struct log_info *log, int32_t day)
{
	*map_at(&ls->at, log->id, 32, NULL) = ls->v.n;
	vec_push(&ls->v, (struct ct_log_row){
	                         .name = arena_strdup(ls->a, log->name),
	                         .operator = arena_strdup(ls->a, log->operator),
	                         .url = arena_strdup(ls->a, log->url),
	                         .kind = log->tiled ? "static" : "rfc6962",
	                         .state = log_state_names[log->state],
	                         .wanted = log_is_wanted(log, day),
	                         .starts = log->start,
	                         .ends = log->end,
	                         .head_time = TIME_UNKNOWN,
	                         .read_at = TIME_UNKNOWN,
	                         .broken_from = UINT64_MAX,
	                         .error = "",
	                 });
}

int index_ct_logs(struct index *ix, struct ct_logs *ret, struct err *err)
{
	struct listing ls = { .ret = ret, .a = xcalloc(1, sizeof(struct arena)) };
	struct ct_known all = { 0 };
	int rc = ct_known_load(ix->db, &all, err);

	for (size_t i = 0; rc == 0 && i < all.list.log.n; i++)
		list_known(&ls, &all.list.log.v[i], date_today());
	if (rc == 0)
		rc = db_each_ct_log(ix->db, list_read, &ls, err);
	ct_known_release(&all);
	map_release(&ls.at);
	*ret = (struct ct_logs){ ls.v.v, ls.v.n, ls.a };
	return rc;
}

void ct_logs_release(struct ct_logs *l)
{
	free(l->v);
	if (l->arena)
		arena_release(l->arena);
	free(l->arena);
	*l = (struct ct_logs){ 0 };
}

/* ---- a folder or a zip ---- */

/* "tile/data/x001/x234/067" or "…/067.p/12": the number. */
static bool tile_number(const char *name, uint64_t *ret)
{
	const char *p = name + strlen("tile/data/");
	uint64_t n = 0, group;
	char digits[4];

	if (strncmp(name, "tile/data/", strlen("tile/data/")) != 0)
		return false;
	for (; *p; p += *p == '/') {
		bool more = *p == 'x';
		p += more;
		snprintf(digits, sizeof(digits), "%.3s", p);
		if (num_parse_u64(digits, &group) < 0 || n > UINT64_MAX / 1000 - 1)
			return false;
		n = n * 1000 + group;
		p += strnlen(p, 3);
		if (!more)
			break;
	}
	*ret = n;
	return *p == '\0' || strncmp(p, ".p/", 3) == 0;
}

struct tile_files {
	VEC(struct ct_loose_tile) v;
	size_t root; /* bytes of a path before the name in the log */
};

static int take_name(void *ctx, const char *name)
{
	struct tile_files *f = ctx;
	uint64_t n;

	if (tile_number(name, &n))
		vec_push(&f->v, (struct ct_loose_tile){ xstrdup(name), n });
	return 0;
}

static int take_tile(void *ctx, const char *path, struct err *err)
{
	(void)err;
	return take_name(ctx, path + ((struct tile_files *)ctx)->root);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct ct_loose_tile *)a)->name, ((const struct ct_loose_tile *)b)->name);
}

/* What lies there as files, and what its zips hold, each name once. */
static int find_tiles(struct tile_files *f, const char *path, struct err *err)
{
	char *data = path_join(path, "tile/data");
	struct zips *z = zips_open(path);
	int rc = 0;

	f->root = strlen(data) - strlen("tile/data");
	if (path_is_dir(data))
		rc = path_walk(data, take_tile, f, err);
	if (rc == 0 && z)
		rc = zips_each(z, take_name, f, err);
	zips_free(z);
	free(data);
	if (f->v.n)
		qsort(f->v.v, f->v.n, sizeof(*f->v.v), by_name);
	size_t n = 0;
	for (size_t i = 0; i < f->v.n; i++) {
		if (n && strcmp(f->v.v[i].name, f->v.v[n - 1].name) == 0)
			free(f->v.v[i].name);
		else
			f->v.v[n++] = f->v.v[i];
	}
	f->v.n = n;
	return rc;
}

/* Nothing signed is there. */
static int read_tiles_of(struct db *db, const struct log_info *log, const char *path, bool unverified, struct ct_result *ret,
                         struct err *err)
{
	struct tile_files f = { 0 };
	int rc = find_tiles(&f, path, err);

	if (rc == 0 && f.v.n == 0)
		rc = err_set(err, ERR_INPUT, "no log: neither a checkpoint nor data tiles");
	else if (rc == 0 && !unverified)
		rc = err_set(err, ERR_INPUT, "a log without a checkpoint: nothing in it can be proven (--unverified reads it all the same)");
	else if (rc == 0)
		rc = ct_read_loose(db, log, f.v.v, f.v.n, ret, err);
	for (size_t i = 0; i < f.v.n; i++)
		free(f.v.v[i].name);
	vec_release(&f.v);
	return rc;
}

/* The log whose checkpoint lies in the folder, by its first line. */
static void known_by_origin(struct ct_known *all, const char *checkpoint, const char *url, struct log_info *ret)
{
	size_t n = strcspn(checkpoint, "\n");

	for (size_t i = 0; i < all->list.log.n; i++) {
		const struct log_info *log = &all->list.log.v[i];
		const char *origin = *log->submission ? log->submission : log->url, *at = strstr(origin, "://");
		if (!at || strncmp(at + 3, checkpoint, n) != 0 || (strcmp(at + 3 + n, "/") != 0 && at[3 + n]))
			continue;
		*ret = *log;
		ret->submission = origin;
		ret->url = url;
		ret->tiled = true;
		return;
	}
}

/* What the log says of itself: its checkpoint (empty: there is none) and its description. */
static int read_self(struct ct_known *all, const char *url, struct log_body *checkpoint, struct log_info *ret, struct err *err)
{
	struct log_client_options co = { .root = url };
	struct log_client *c;
	struct log_body own = { 0 };

	if (log_client_new(&co, &c, err) < 0)
		return -1;
	char *own_url = url_join(url, "log.v3.json"), *checkpoint_url = url_join(url, "checkpoint");
	int rc = log_client_get(c, checkpoint_url, LIST_MAX, checkpoint, err);
	if (rc == 0)
		rc = log_client_get(c, own_url, LIST_MAX, &own, err);
	if (checkpoint->status == 404)
		log_body_release(checkpoint);
	if (rc == 0 && own.status == 0)
		ct_known_describe(all, url, own.data, own.n, ret);
	log_body_release(&own);
	free(own_url);
	free(checkpoint_url);
	log_client_free(c);
	return rc;
}

int ct_import_folder(struct db *db, const char *path, bool unverified, struct ct_result *ret, struct err *err)
{
	struct ct_options o = { .to = UINT64_MAX, .most = UINT64_MAX, .jobs = 2, .unverified = unverified };
	struct ct_known all = { 0 };
	struct log_info log;
	struct log_body checkpoint = { 0 };
	char *url = ct_file_url(path);
	uint64_t entries, verified;
	int rc = ct_known_load(db, &all, err);

	ct_known_nameless(&all, url, true, &log);
	if (rc == 0)
		rc = read_self(&all, url, &checkpoint, &log, err);
	if (rc == 0 && checkpoint.data && !log.key.n)
		known_by_origin(&all, checkpoint.data, url, &log);
	if (rc == 0 && checkpoint.data)
		rc = ct_read_log(db, &log, &o, true, ret, &entries, &verified, err);
	else if (rc == 0)
		rc = read_tiles_of(db, &log, path, unverified, ret, err);
	log_body_release(&checkpoint);
	free(url);
	ct_known_release(&all);
	return rc;
}
