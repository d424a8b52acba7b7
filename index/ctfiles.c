#include "index/ctrun.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "index/import.h"
#include "index/key.h"

/* ---- tiles and pages without a head ---- */

static int read_loose(struct run *r, struct ct_batch *b)
{
	b->most = UINT64_MAX;
	b->log = (uint16_t)r->row.id;
	memcpy(b->seed, r->seed, sizeof(b->seed));
	b->sites = r->sites;
	ct_batch_read(b, r->hasher);
	int rc = run_take_batch(r, b);
	if (rc == 0 && b->err.kind != ERR_NONE) {
		r->malformed++;
		vec_push(&r->note, (struct pending_note){ b->start + b->held, arena_strdup(&r->arena, b->err.msg) });
	}
	ct_batch_free(b);
	r->m = (struct merkle)MERKLE_INIT; /* nothing is proven by it */
	return rc;
}

static int get_tile(struct run *r, const struct ct_loose_tile *t, struct log_body *ret)
{
	char *url = run_url(r, t->name);
	int rc = log_client_get(r->client, url, BODY_MAX, ret, r->err);

	free(url);
	if (rc == 0 && !run_answered(ret))
		rc = err_set(r->err, ERR_INPUT, "'%s' is gone", t->name);
	if (rc < 0)
		log_body_release(ret);
	return rc;
}

/* Names and bytes of all tiles. */
static int hash_tiles(struct run *r, const struct ct_loose_tile *tile, size_t n, uint8_t ret[32])
{
	struct strbuf all = STRBUF_INIT;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct log_body b = { 0 };
		uint8_t hash[32];
		rc = get_tile(r, &tile[i], &b);
		if (rc < 0)
			break;
		sha256_of(b.data, b.n, hash);
		log_body_release(&b);
		strbuf_addf(&all, "%s ", tile[i].name);
		strbuf_addhex(&all, hash, 32);
	}
	sha256_of(all.buf, all.len, ret);
	strbuf_release(&all);
	return rc;
}

static int read_tile(struct run *r, const struct ct_loose_tile *t)
{
	struct log_body body = { 0 };

	if (get_tile(r, t, &body) < 0)
		return -1;
	struct ct_batch *b = xcalloc(1, sizeof(*b));
	b->body = body.data;
	b->n = body.n;
	b->is_tile = true;
	b->start = t->number * TILE_ENTRIES;
	return read_loose(r, b);
}

static int loose_begin(struct run *r)
{
	r->hasher = merkle_hasher_new();
	r->pool = ct_pool_new(1);
	if (run_load(r) < 0)
		return -1;
	r->row.unverified = true;
	return 0;
}

static int loose_end(struct run *r, int rc, struct ct_result *ret)
{
	uint64_t malformed = r->malformed;

	if (rc == 0)
		rc = run_commit(r);
	if (r->row.id)
		rc = run_note_end(r, rc, clock_ns());
	ret->entries += r->entries;
	ret->malformed += malformed;
	run_release(r);
	return rc;
}

int ct_read_loose(struct db *db, const struct log_info *log, const struct ct_loose_tile *tile, size_t n, struct ct_result *ret,
                  struct err *err)
{
	struct ct_options o = { .unverified = true };
	struct run r = { .db = db, .o = &o, .log = log, .sum = ret, .err = err, .inside = true, .tiled = true,
		         .name = xstrdup(log->name) };
	char part[65];
	bool known = false;

	hex_encode(log->id, 32, part);
	int rc = run_open_client(&r);
	if (rc == 0)
		rc = hash_tiles(&r, tile, n, r.head_root); /* what the file row is known by */
	if (rc == 0)
		rc = db_file_known(db, r.head_root, "ct-log", part, &known, err);
	if (rc < 0 || known) {
		run_release(&r);
		return rc;
	}
	rc = loose_begin(&r);
	if (rc == 0)
		rc = db_drop_unproven(db, r.row.id, -1, err); /* what these files held before */
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = read_tile(&r, &tile[i]);
	return loose_end(&r, rc, ret);
}

int ct_read_page(struct db *db, const char *origin, const char *json, size_t n, struct ct_result *ret, struct err *err)
{
	struct log_info log = { .name = origin, .operator = "", .url = origin, .submission = "" };
	struct ct_options o = { .unverified = true };
	struct run r = { .db = db, .o = &o, .log = &log, .sum = ret, .err = err, .inside = true, .name = xstrdup(origin) };
	struct ct_batch *b = xcalloc(1, sizeof(*b));

	sha256_of(json, n, log.id);
	b->body = xmemdup(json, n);
	b->n = n;
	int rc = loose_begin(&r);
	if (rc == 0)
		rc = read_loose(&r, b);
	else
		ct_batch_free(b);
	return loose_end(&r, rc, ret);
}

/* ---- saved pages with their head ---- */

/* *end: where the page before it ended. */
static int read_saved_page(struct run *r, const struct ct_saved_page *p, uint64_t *end)
{
	uint64_t start = p->has_start ? p->start : *end;
	uint8_t *data;
	size_t n;

	if (start > r->m.size)
		return err_set(r->err, ERR_INPUT, "entries %llu to %llu, before '%s', are in no page", (unsigned long long)r->m.size,
		               (unsigned long long)start - 1, path_base(p->path));
	if (path_read(p->path, BODY_MAX, &data, &n, r->err) < 0)
		return -1;
	struct ct_batch *b = xcalloc(1, sizeof(*b));
	b->body = (char *)data;
	b->n = n;
	b->start = start;
	b->skip = r->m.size - start;
	b->most = r->target - r->m.size;
	b->log = (uint16_t)r->row.id;
	memcpy(b->seed, r->seed, sizeof(b->seed));
	b->sites = r->sites;
	ct_batch_read(b, r->hasher);
	*end = start + b->held;
	int rc = run_take_batch(r, b);
	if (rc == 0 && b->err.kind != ERR_NONE)
		rc = err_set(r->err, ERR_INPUT, "'%s': %s", path_base(p->path), b->err.msg);
	ct_batch_free(b);
	if (rc == 0 && r->in_window >= WINDOW_ENTRIES)
		rc = run_commit(r);
	return rc;
}

static int read_saved_pages(struct run *r, const struct ct_saved_log *s, bool *more)
{
	uint64_t end = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n && !*more; i++) {
		if (r->m.size == r->target && i)
			*more = true;
		else
			rc = read_saved_page(r, &s->page[i], &end);
		*more |= end > r->target;
	}
	return rc;
}

/* A head proves its tree as a whole: there are no hash tiles here. */
static int read_saved_log(struct run *r, const struct ct_saved_log *s, bool *more)
{
	struct log_body text = { .data = xmemdup(s->head, s->head_n), .n = s->head_n };
	struct ct_head h;
	struct err why = { 0 };

	if (run_take_head(r, &text, &h) < 0)
		return -1;
	r->target = h.size;
	if (r->m.size >= h.size && r->verified.size >= h.size)
		return 0;
	if ((int64_t)h.size < r->row.head_size)
		return err_set(r->err, ERR_INPUT, "an older head, of %llu entries, than the index has, of %lld", (unsigned long long)h.size,
		               (long long)r->row.head_size);
	int rc = read_saved_pages(r, s, more);
	if (rc < 0 && r->err)
		why = *r->err;
	if (why.kind == ERR_INDEX || run_commit(r) < 0)
		return -1;
	if (rc < 0 && r->err)
		*r->err = why;
	if (rc == 0 && r->m.size < r->target && !r->o->unverified)
		return err_set(r->err, ERR_INPUT,
		               "its pages hold %llu of the %lld entries that its head signs, which proves them only all together (--unverified counts them all the same)",
		               (unsigned long long)r->m.size, (long long)r->row.head_size);
	if (r->m.size < r->target) {
		r->proven = false;
		r->row.unverified |= rc == 0;
	}
	return rc < 0 ? -1 : run_settle(r);
}

int ct_read_saved(struct db *db, const struct log_info *log, const struct ct_saved_log *s, bool *more, struct ct_result *ret,
                  struct err *err)
{
	struct ct_options o = { .unverified = s->unverified };
	struct run r = { .db = db, .o = &o, .log = log, .sum = ret, .err = err, .inside = true, .name = xstrdup(log->name) };
	uint64_t started = clock_ns();

	*more = false;
	r.hasher = merkle_hasher_new();
	r.pool = ct_pool_new(1);
	int rc = run_load(&r);
	if (rc == 0)
		rc = read_saved_log(&r, s, more);
	if (r.row.id)
		rc = run_note_end(&r, rc, started);
	ret->entries += r.entries;
	ret->malformed += r.malformed;
	run_release(&r);
	return rc;
}
