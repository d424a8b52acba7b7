#include "index/ctnames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "fetch/config.h"
#include "fetch/logclient.h"
#include "fetch/url.h"
#include "index/ctbatch.h"
#include "index/ctproof.h"
#include "index/import.h"
#include "index/name.h"
#include "index/state.h"
#include "index/x509.h"

#define TILE_ENTRIES 256
#define BODY_MAX ((size_t)64 << 20)
#define WINDOW 16

struct known_log {
	int64_t id;
	char *name, *url;
	bool tiled, is_file, failed;
	uint64_t size; /* of its newest head, 0 none */
	struct log_client *client; /* opened when it is first asked */
};
/* A tile or an entry to be read, and the rows that want it: want[first .. first + n). */
struct object {
	struct known_log *log;
	uint64_t start; /* first entry in it */
	size_t first, n;
	char *url;
	bool whole; /* a full tile was asked for instead of a partial one */
};
struct want {
	const struct leaf_row *row;
	struct ct_leaf_name *to;
};
struct ct_names {
	const struct ct_names_options *o;
	struct merkle_hasher *hasher;
	uint64_t seed[2];
	VEC(struct known_log) log;
	VEC(struct want) want;
	VEC(struct object) object;
	struct arena *arena;
};

static int take_log(void *ctx, const struct db_ct_log *l)
{
	struct ct_names *s = ctx;

	vec_push(&s->log, (struct known_log){ .id = l->id, .name = xstrdup(l->name), .url = xstrdup(l->url), .tiled = l->tiled,
	                                      .is_file = url_is_file(l->url), .size = (uint64_t)l->head_size });
	return 0;
}

int index_names_open(struct index *ix, const struct ct_names_options *o, struct ct_names **ret, struct err *err)
{
	struct ct_names *s = xcalloc(1, sizeof(*s));

	s->o = o;
	s->hasher = merkle_hasher_new();
	if (db_each_ct_log(ix->db, take_log, s, err) < 0 || db_leaf_key_seed(ix->db, s->seed, err) < 0) {
		ct_names_close(s);
		return -1;
	}
	*ret = s;
	return 0;
}

void ct_names_close(struct ct_names *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->log.n; i++) {
		free(s->log.v[i].name);
		free(s->log.v[i].url);
		log_client_free(s->log.v[i].client);
	}
	vec_release(&s->log);
	vec_release(&s->want);
	vec_release(&s->object);
	merkle_hasher_free(s->hasher);
	free(s);
}

static int open_client(struct ct_names *s, struct known_log *log, struct err *err)
{
	struct config_log manners = s->o->config ? config_log(s->o->config, log->name, log->url) : (struct config_log){ 0 };
	struct log_client_options o = {
		.contact = s->o->contact,
		.root = log->url,
		.limits = s->o->limits,
		.window = manners.window ? manners.window : WINDOW,
		.per_second = manners.per_second,
		.keeps_gzip = true,
		.cancelled = s->o->cancelled,
		.ctx = s->o->ctx,
	};

	return log->client ? 0 : log_client_new(&o, &log->client, err);
}

/* ---- what is asked for ---- */

static struct known_log *log_of(struct ct_names *s, int64_t id)
{
	for (size_t i = 0; i < s->log.n; i++)
		if (s->log.v[i].id == id)
			return &s->log.v[i];
	return NULL;
}

static int by_place(const void *a, const void *b)
{
	const struct leaf_row *x = ((const struct want *)a)->row, *y = ((const struct want *)b)->row;

	if (x->log != y->log)
		return x->log < y->log ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static char *url_of(const struct object *o)
{
	char what[128], path[64];

	if (o->log->tiled) {
		uint64_t left = o->log->size > o->start ? o->log->size - o->start : TILE_ENTRIES;
		ct_tile_path(o->start / TILE_ENTRIES, left < TILE_ENTRIES && !o->whole ? (unsigned)left : TILE_ENTRIES, path);
		snprintf(what, sizeof(what), "tile/data/%s", path);
	} else {
		snprintf(what, sizeof(what), "ct/v1/get-entries?start=%llu&end=%llu", (unsigned long long)o->start,
		         (unsigned long long)o->start);
	}
	return url_join(o->log->url, what);
}

static void list_objects(struct ct_names *s)
{
	s->object.n = 0;
	for (size_t i = 0; i < s->want.n; i++) {
		const struct leaf_row *row = s->want.v[i].row;
		struct known_log *log = log_of(s, row->log);
		struct object *last = s->object.n ? &s->object.v[s->object.n - 1] : NULL;
		if (!log)
			continue;
		uint64_t start = log->tiled ? row->index / TILE_ENTRIES * TILE_ENTRIES : row->index;
		if (last && last->log == log && last->start == start) {
			last->n++;
			continue;
		}
		vec_push(&s->object, (struct object){ .log = log, .start = start, .first = i, .n = 1 });
	}
}

/* ---- what came ---- */

/* How many of the wanted ones it is. */
static size_t take_leaf(struct ct_names *s, const struct object *o, const struct batch_row *leaf)
{
	size_t found = 0;

	for (size_t i = o->first; i < o->first + o->n; i++) {
		const struct want *w = &s->want.v[i];
		bool other = w->row->content != leaf->row.content && !(w->row->flags & LEAF_CONFLICT);
		if (w->row->index != leaf->row.index || w->row->key != leaf->row.key || other || w->to->organization)
			continue;
		struct strbuf text = STRBUF_INIT;
		strbuf_addhex(&text, leaf->cert.serial.p, leaf->cert.serial.n);
		w->to->serial = arena_strdup(s->arena, text.buf);
		strbuf_reset(&text);
		x509_names_text(&leaf->cert, &text);
		w->to->names = arena_strdup(s->arena, text.buf);
		strbuf_reset(&text);
		x509_name_organization(leaf->cert.subject, &text);
		w->to->organization = arena_strdup(s->arena, text.buf);
		strbuf_release(&text);
		found++;
	}
	return found;
}

static char *cache_path(const struct ct_names *s, const struct object *o)
{
	struct strbuf path = STRBUF_INIT;
	uint8_t hash[32];
	char hex[65];

	sha256_of(o->url, strlen(o->url), hash);
	hex_encode(hash, 32, hex);
	strbuf_addf(&path, "%s/ct-entries/%.2s/%s", s->o->cache, hex, hex);
	return strbuf_detach(&path);
}

static bool has_cache(const struct ct_names *s, const struct object *o)
{
	return s->o->cache && !o->log->is_file;
}

/* A copy that cannot be kept is read again the next time. */
static void keep_copy(const struct ct_names *s, const struct object *o, const struct ct_batch *b)
{
	char *path = cache_path(s, o);

	if (path_mkdirs_for(path, NULL) == 0)
		path_write_atomic(path, b->body, b->n, NULL);
	free(path);
}

/* The bytes become the batch's. True when they hold all that is wanted of them; only then they are worth a copy. */
static bool take_body(struct ct_names *s, const struct object *o, char *data, size_t n, bool fresh)
{
	struct ct_batch *b = xcalloc(1, sizeof(*b));
	size_t found = 0;

	b->body = data;
	b->n = n;
	b->is_tile = o->log->tiled;
	b->start = o->start;
	b->most = UINT64_MAX;
	memcpy(b->seed, s->seed, sizeof(b->seed));
	ct_batch_read(b, s->hasher);
	for (size_t i = 0; i < b->row.n; i++)
		found += take_leaf(s, o, &b->row.v[i]);
	if (fresh && found == o->n && has_cache(s, o))
		keep_copy(s, o, b);
	ct_batch_free(b);
	return found == o->n;
}

static bool is_cached(struct ct_names *s, const struct object *o)
{
	uint8_t *data;
	size_t n;

	if (!has_cache(s, o))
		return false;
	char *path = cache_path(s, o);
	bool there = path_exists(path) && path_read(path, BODY_MAX, &data, &n, NULL) == 0;
	free(path);
	return there && take_body(s, o, (char *)data, n, false);
}

/* A log that fails once is not asked again. */
static void log_failed(struct ct_names *s, struct known_log *log, const struct err *why)
{
	log->failed = true;
	if (s->o->why && s->o->why->kind == ERR_NONE)
		*s->o->why = *why;
}

static void take_answer(struct ct_names *s, struct object *o, struct log_body *b)
{
	struct err why = { 0 };

	if (b->status == 404 && o->log->tiled && !o->whole) { /* the tile has filled since */
		struct log_body full = { 0 };
		free(o->url);
		o->whole = true;
		o->url = url_of(o);
		if (log_client_get(o->log->client, o->url, BODY_MAX, &full, &why) < 0) {
			log_failed(s, o->log, &why);
			return;
		}
		log_body_release(b);
		*b = full;
	}
	if (b->status != 200 && b->status != 0) {
		err_set(&why, ERR_NETWORK, "'%s': HTTP status %ld", o->url, b->status);
		log_failed(s, o->log, &why);
		return;
	}
	take_body(s, o, b->data, b->n, true);
	b->data = NULL;
}

/* One log is asked for what no copy has of object[first .. last). */
static int ask_log(struct ct_names *s, struct known_log *log, const bool *have, size_t first, size_t last, struct err *err)
{
	size_t asked = first;

	if ((s->o->offline && !log->is_file) || log->failed)
		return 0;
	if (open_client(s, log, err) < 0)
		return -1;
	for (;;) {
		struct log_body b = { 0 };
		struct err why = { 0 };
		for (; asked < last && log_client_room(log->client); asked++)
			if (!have[asked] && !log->failed)
				log_client_submit(log->client, s->object.v[asked].url, BODY_MAX, asked);
		int rc = log_client_next(log->client, &b, &why);
		if (rc < 0 && log_client_cancelled(log->client))
			return err_set(err, ERR_NETWORK, "stopped");
		if (rc == 0 && asked == last)
			return 0;
		if (rc == 1)
			take_answer(s, &s->object.v[b.tag], &b);
		else if (rc < 0)
			log_failed(s, log, &why);
		log_body_release(&b);
	}
}

static int ask_logs(struct ct_names *s, const bool *have, struct err *err)
{
	size_t first = 0, last = 0;

	for (; first < s->object.n; first = last) {
		struct known_log *log = s->object.v[first].log;
		while (last < s->object.n && s->object.v[last].log == log)
			last++;
		if (ask_log(s, log, have, first, last, err) < 0)
			return -1;
	}
	return 0;
}

int ct_names_read(struct ct_names *s, const struct leaf_row *rows, size_t n, struct ct_leaf_name *found, struct arena *arena,
                  struct err *err)
{
	s->arena = arena;
	s->want.n = 0;
	for (size_t i = 0; i < n; i++)
		if (found[i].asked)
			vec_push(&s->want, (struct want){ &rows[i], &found[i] });
	if (s->want.n)
		qsort(s->want.v, s->want.n, sizeof(*s->want.v), by_place);
	list_objects(s);
	bool *have = xcalloc(s->object.n + 1, sizeof(*have));
	for (size_t i = 0; i < s->object.n; i++) {
		s->object.v[i].url = url_of(&s->object.v[i]);
		have[i] = is_cached(s, &s->object.v[i]);
	}
	int rc = ask_logs(s, have, err);
	for (size_t i = 0; i < s->object.n; i++)
		free(s->object.v[i].url);
	for (size_t i = 0; i < s->want.n; i++)
		if (!s->want.v[i].to->organization && s->o->unread)
			++*s->o->unread;
	free(have);
	return rc;
}
