#include "index/ctread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "fetch/url.h"
#include "index/ctproof.h"
#include "index/ctrun.h"

/* A page of 256 entries is a megabyte, which stays in a core's cache and below the 4 MiB at which some logs' answers
 * break. Where it is requests that are scarce, more are asked for at once: CTFE, which most RFC 6962 logs run, gives 1,000
 * at most unless it is told otherwise, and cuts to its own alignment. */
#define PAGE_ENTRIES 256
#define BODY_TRIES 3
/* Requests under way at first, and where the width need not grow further: no window is larger. */
#define WIDTH_FIRST 4
#define WIDTH_MOST 256
#define STARVED_NS 5000000
#define STARVED_TIMES 4
/* Answers in full after which a log that failed at large ranges is asked for larger ones again. */
#define CALM_PAGES 256

/* ---- asking ---- */

/* An entry's number has 40 bits, as in the logs' leaf_index. */
#define TAG_BITS 40

static uint64_t range_tag(uint64_t start, uint64_t end)
{
	return start | (end - start) << TAG_BITS;
}

static uint64_t tag_start(uint64_t tag)
{
	return tag & (((uint64_t)1 << TAG_BITS) - 1);
}

/* Ranges end where a tile or an aligned page ends, so that all clients ask for the same ones. */
static uint64_t range_end(const struct run *r, uint64_t start)
{
	uint64_t step = r->tiled ? TILE_ENTRIES : r->page, end = (start / step + 1) * step;

	return end < r->target ? end : r->target;
}

static void ask(struct run *r)
{
	char what[128], path[64];
	uint64_t at = r->asked, end = range_end(r, at);

	if (r->tiled) {
		uint64_t tile = at / TILE_ENTRIES, size = (uint64_t)r->row.head_size;
		ct_tile_path(tile, (tile + 1) * TILE_ENTRIES <= size ? TILE_ENTRIES : (unsigned)(size % TILE_ENTRIES), path);
		snprintf(what, sizeof(what), "tile/data/%s", path);
	} else {
		snprintf(what, sizeof(what), "ct/v1/get-entries?start=%llu&end=%llu", (unsigned long long)at,
		         (unsigned long long)(end - 1));
	}
	r->asked = end;
	char *url = run_url(r, what);
	log_client_submit(r->client, url, BODY_MAX, range_tag(at, end));
	r->flying++;
	free(url);
}

/* What is under way is forgotten, and asked for again from the position on. */
static void restart(struct run *r)
{
	struct ct_batch *b;

	while ((b = ct_pool_take(r->pool)) != NULL)
		ct_batch_free(b);
	r->asked = r->m.size;
	r->flying = 0;
	log_client_drop(r->client);
}

static struct ct_batch *batch_of(struct run *r, struct log_body *body)
{
	struct ct_batch *b = xcalloc(1, sizeof(*b));
	uint64_t start = tag_start(body->tag);

	b->body = body->data;
	b->n = body->n;
	b->is_tile = r->tiled;
	b->start = r->tiled ? start / TILE_ENTRIES * TILE_ENTRIES : start;
	b->skip = start - b->start;
	b->most = body->tag >> TAG_BITS;
	b->log = (uint16_t)r->row.id;
	memcpy(b->seed, r->seed, sizeof(b->seed));
	b->sites = r->sites;
	body->data = NULL;
	return b;
}

/* A partial tile may be gone once the full one is there. */
static int full_instead(struct run *r, struct log_body *body)
{
	char what[128], path[64];
	uint64_t tag = body->tag;

	log_body_release(body);
	ct_tile_path(tag_start(tag) / TILE_ENTRIES, TILE_ENTRIES, path);
	snprintf(what, sizeof(what), "tile/data/%s", path);
	char *url = run_url(r, what);
	int rc = log_client_get(r->client, url, BODY_MAX, body, r->err);
	free(url);
	body->tag = tag;
	return rc;
}

/* 1: asked again in smaller pieces, or for the fourth time; -1 not any more. */
static int again(struct run *r, const char *why)
{
	if (log_client_cancelled(r->client))
		return -1;
	/* half of what was really asked for: the end of the log may be nearer than a page */
	uint64_t asked = range_end(r, r->m.size) - r->m.size;
	if (!r->tiled && asked > 16) {
		r->page = asked / 2;
		r->calm = 0;
	} else if (++r->tries > BODY_TRIES) {
		return err_set(r->err, ERR_NETWORK, "entries from %llu on: %s", (unsigned long long)r->m.size, why);
	}
	if (r->err)
		r->err->kind = ERR_NONE;
	restart(r);
	return 1;
}

static void came_in_full(struct run *r)
{
	r->tries = 0;
	r->last_short = 0;
	if (r->page == r->page_most && r->page_most < r->log_most && log_client_complaints(r->client) > r->complaints) {
		r->page = r->page_most = 2 * r->page < r->log_most ? 2 * r->page : r->log_most;
		r->complaints = log_client_complaints(r->client);
	} else if (r->page < r->page_most && ++r->calm == CALM_PAGES) {
		r->page = 2 * r->page < r->page_most ? 2 * r->page : r->page_most;
		r->calm = 0;
	}
}

/* One short answer may be an accident; two of one length tell how much the log gives at once, and two of different lengths
 * that it counts bytes. */
static void came_in_short(struct run *r, uint64_t got)
{
	if (r->last_short && got < r->page)
		r->page = got;
	if (r->last_short == got)
		r->log_most = r->page_most = r->page;
	r->last_short = got;
	r->calm = 0;
}

/* 1 goes on, -1. */
static int drain_one(struct run *r)
{
	struct ct_batch *b = ct_pool_take(r->pool);
	int rc = 1;

	if (!b)
		return 1;
	bool cut = b->entries < b->most;
	uint64_t got = b->entries;
	char why[sizeof(b->err.msg)];
	snprintf(why, sizeof(why), "%s", b->err.kind ? b->err.msg : "fewer entries than the log's size says");
	if ((got || !cut) && b->start + b->skip == r->m.size) {
		rc = run_take_batch(r, b) < 0 ? -1 : 1;
		if (!cut)
			came_in_full(r);
	}
	bool broken = b->err.kind != ERR_NONE;
	ct_batch_free(b);
	if (rc < 0 || !cut)
		return rc;
	if (!r->tiled && got && !broken) {
		came_in_short(r, got);
		restart(r);
		return 1;
	}
	return again(r, why);
}

/* What came before something that did not is not asked for again. */
static int drain_all(struct run *r)
{
	while (ct_pool_pending(r->pool))
		if (drain_one(r) < 0)
			return -1;
	return 0;
}

/* Bodies that wait for a thread only push others out of the cores' caches, so few are asked for at once; where threads wait
 * for bodies, because the log is far away, twice as many, up to the window. */
static int wait_for(struct run *r, struct log_body *body, struct err *why)
{
	uint64_t since = clock_ns();
	int rc = log_client_next(r->client, body, why);

	if (r->width < WIDTH_MOST && clock_ns() - since > STARVED_NS && ct_pool_idle(r->pool) && ++r->starved == STARVED_TIMES) {
		r->starved = 0;
		r->width *= 2;
	}
	return rc;
}

/* 1 goes on, -1. */
static int feed(struct run *r)
{
	struct log_body body = { 0 };
	struct err why = { 0 };

	while (r->asked < r->target && r->flying < r->width && log_client_room(r->client))
		ask(r);
	int rc = wait_for(r, &body, &why);
	r->flying -= rc == 1;
	if (rc == 1 && r->tiled && run_is_gone(body.status))
		rc = full_instead(r, &body) < 0 ? -1 : 1;
	if (rc == 1 && !run_answered(&body)) {
		if (run_is_file(r))
			err_set(&why, ERR_NETWORK, "they are not there");
		else
			err_set(&why, ERR_NETWORK, "HTTP status %ld", body.status);
		rc = -1;
	}
	if (rc < 0) {
		log_body_release(&body);
		if (why.kind == ERR_NONE && r->err)
			why = *r->err;
		if (r->err)
			*r->err = why;
		return drain_all(r) < 0 ? -1 : again(r, why.msg);
	}
	if (rc == 1)
		ct_pool_give(r->pool, batch_of(r, &body));
	return 1;
}

static void tell_progress(struct run *r)
{
	r->progress.done = r->entries + r->in_window;
	if (r->o->progress)
		r->o->progress(r->o->ctx, &r->progress);
}

/* Batches that may wait for their thread, or be worked on. */
static size_t pool_limit(const struct run *r)
{
	return r->o->jobs > 1 ? 4 * (size_t)r->o->jobs : 1;
}

static int read_entries(struct run *r)
{
	while (r->m.size < r->target) {
		bool more = r->asked < r->target || r->flying;
		int rc = 1;
		if (more && ct_pool_pending(r->pool) < pool_limit(r))
			rc = feed(r);
		else
			rc = drain_one(r);
		if (rc < 0)
			return -1;
		if (r->in_window >= WINDOW_ENTRIES && run_commit(r) < 0)
			return -1;
		tell_progress(r);
	}
	return 0;
}

/* ---- one log ---- */

/* Files have all that they will ever have: what they do have is proven, and counts. The error is that of the reading, but
 * where the signed head contradicts. */
static int settle_part(struct run *r)
{
	struct err why = r->err ? *r->err : (struct err){ 0 };
	bool known = r->m.size > r->verified.size && (!r->proven || run_prove(r) >= 0);

	if (known && run_settle(r) < 0)
		return -1;
	if (r->err)
		*r->err = why;
	return -1;
}

/* Reads and proves up to r->target. What is complete stays, whatever came then. */
static int read_to_target(struct run *r)
{
	struct err why = { 0 };
	int rc = read_entries(r);

	if (rc < 0 && r->err)
		why = *r->err;
	if (rc < 0 && why.kind == ERR_INDEX)
		return -1;
	if (run_commit(r) < 0)
		return -1;
	if (rc < 0 && r->err)
		*r->err = why;
	if (rc < 0 && run_is_file(r) && !log_client_cancelled(r->client))
		return settle_part(r);
	/* after Ctrl-C nothing more is asked for; the next run proves it */
	return rc < 0 ? -1 : run_settle(r);
}

static int read_all(struct run *r)
{
	struct ct_head h;
	uint64_t size, last;

	if (run_take_head(r, NULL, &h) < 0 || run_take_edge(r) < 0)
		return -1;
	size = (uint64_t)r->row.head_size;
	last = size < r->o->to ? size : r->o->to;
	if (last > r->m.size && r->o->most < last - r->m.size)
		last = r->m.size + r->o->most;
	r->progress.total = last > r->m.size ? last - r->m.size : 0;
	r->progress.started_ns = clock_ns();
	r->asked = r->m.size;
	uint64_t broken = r->row.broken_from.set ? (uint64_t)r->row.broken_from.v : UINT64_MAX;
	r->target = last < broken ? last : broken;
	if (r->m.size <= broken && read_to_target(r) < 0)
		return -1;
	if (last <= broken)
		return 0;
	/* nobody can prove the rest */
	r->proven = false;
	r->row.unverified = true;
	r->target = last;
	return read_to_target(r);
}

int ct_read_log(struct db *db, const struct log_info *log, const struct ct_options *o, bool inside, struct ct_result *ret,
                uint64_t *entries, uint64_t *verified, struct err *err)
{
	struct run r = { .db = db, .o = o, .log = log, .sum = ret, .err = err, .inside = inside, .tiled = log->tiled,
		         .page = PAGE_ENTRIES, .page_most = PAGE_ENTRIES, .log_most = PAGE_MOST, .width = WIDTH_FIRST, .name = xstrdup(log->name), .progress = { .log = log->name } };
	uint64_t started = clock_ns();

	r.hasher = merkle_hasher_new();
	r.pool = ct_pool_new(o->jobs);
	int rc = run_load(&r);
	if (rc == 0 && (rc = run_open_client(&r)) == 0)
		rc = read_all(&r);
	if (rc == 0)
		rc = run_ask_missing(&r);
	if (r.row.id)
		rc = run_note_end(&r, rc, started);
	ret->entries += r.entries;
	ret->malformed += r.malformed;
	*entries = r.entries;
	*verified = r.verified.size - (uint64_t)r.row.read_from;
	run_release(&r);
	return rc;
}
