#include "fetch/crtshfile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/date.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "fetch/cachefile.h"

#define PART_MAX ((size_t)1 << 28)
#define PART_AGE DAY_SECONDS
/* What a part must be to be gone on with; a new form of lines needs a new one. */
#define FORM "crtsh counters 1"

struct run {
	const struct crtsh_request *rq;
	struct crtsh_result *ret;
	struct cache_file *file;
	struct strbuf lines; /* of the batch at hand */
	struct map seen;     /* keys with a line, 64 hex digits */
	uint8_t (*todo)[32];
	size_t n_todo;
	int64_t asked_at;
};

/* ---- lines ---- */

static void add_number(struct strbuf *b, int64_t n)
{
	strbuf_addch(b, ',');
	if (n != CRTSH_UNKNOWN)
		strbuf_addf(b, "%" PRId64, n);
}

static bool see(struct run *r, const char *hex)
{
	bool is_new;

	map_at(&r->seen, hex, 64, &is_new);
	return is_new;
}

static int on_counter(void *ctx, const struct crtsh_counter *c, struct err *err)
{
	struct run *r = ctx;

	(void)err;
	see(r, c->spki_sha256);
	r->ret->cas++;
	strbuf_addf(&r->lines, "%s,%s,%" PRId64, c->spki_sha256, c->name, c->id);
	for (int i = 0; i < CRTSH_FORMS; i++) {
		add_number(&r->lines, c->issued[i]);
		add_number(&r->lines, c->expired[i]);
	}
	add_number(&r->lines, c->last_not_after);
	add_number(&r->lines, c->next_not_after);
	add_number(&r->lines, r->asked_at);
	strbuf_addch(&r->lines, '\n');
	return 0;
}

/* Keys without a row get their line, and the batch is kept. */
static int on_batch(void *ctx, size_t from, size_t to, struct err *err)
{
	struct run *r = ctx;

	for (size_t i = from; i < to; i++) {
		struct strbuf hex = STRBUF_INIT;

		strbuf_addhex(&hex, r->todo[i], 32);
		if (see(r, hex.buf))
			strbuf_addf(&r->lines, "%s,,,,,,,,,%" PRId64 "\n", hex.buf, r->asked_at);
		strbuf_release(&hex);
	}
	int rc = cache_append(r->file, r->lines.buf, r->lines.len, err);
	strbuf_reset(&r->lines);
	if (r->rq->progress)
		r->rq->progress(r->rq->ctx, r->ret->taken + to, r->rq->n);
	return rc;
}

/* ---- what an interrupted run left ---- */

static bool fits(const struct meta *m)
{
	int64_t age = time_now() - m->fetched_at;

	return m->url && m->etag && strcmp(m->etag, FORM) == 0 && age >= 0 && age < PART_AGE;
}

/* How much of the part stands: its header and whole lines, but not those of the last key, of which more may have been to
 * come. */
static size_t good_lines(struct run *r, const char *data, size_t n)
{
	const char *last = NULL;
	size_t good = 0, at = 0;

	for (const char *nl; (nl = memchr(data + at, '\n', n - at)); at = (size_t)(nl - data) + 1) {
		const char *key = data + at;

		if (strspn(key, "0123456789abcdef") != 64 || (last && memcmp(last, key, 64) == 0))
			continue; /* the header */
		if (last && see(r, last))
			r->ret->taken++;
		good = at;
		last = key;
	}
	return good;
}

static void take_part(struct run *r, const char *path, struct strbuf *kept)
{
	struct strbuf part = STRBUF_INIT;
	uint8_t *data = NULL;
	size_t n;

	if (!fits(cache_part_meta(r->file)))
		return;
	strbuf_addf(&part, "%s.part", path);
	if (path_read(part.buf, PART_MAX, &data, &n, NULL) == 0)
		strbuf_add(kept, data, good_lines(r, (const char *)data, n));
	free(data);
	strbuf_release(&part);
}

static void find_todo(struct run *r)
{
	const struct crtsh_request *rq = r->rq;

	r->todo = xcalloc(rq->n + 1, 32);
	for (size_t i = 0; i < rq->n; i++) {
		struct strbuf hex = STRBUF_INIT;

		strbuf_addhex(&hex, rq->key[i], 32);
		if (!map_get(&r->seen, hex.buf, 64))
			memcpy(r->todo[r->n_todo++], rq->key[i], 32);
		strbuf_release(&hex);
	}
}

static int begin(struct run *r, const char *path, struct err *err)
{
	struct strbuf kept = STRBUF_INIT;
	struct meta m = META_INIT;

	take_part(r, path, &kept);
	if (!kept.len)
		strbuf_addstr(&kept, CRTSH_COLUMNS "\n");
	m.url = (char *)"crtsh"; /* a connection string may hold a password */
	m.etag = (char *)FORM;
	m.fetched_at = r->ret->taken ? cache_part_meta(r->file)->fetched_at : time_now();
	int rc = cache_begin(r->file, &m, err);
	if (rc == 0)
		rc = cache_append(r->file, kept.buf, kept.len, err);
	strbuf_release(&kept);
	return rc;
}

/* ---- the document ---- */

static int ask(struct run *r, const char *path, struct err *err)
{
	const struct crtsh_request *rq = r->rq;
	const struct crtsh_taker to = { on_counter, on_batch, r };
	struct meta m = META_INIT;
	struct crtsh *c = NULL;
	bool unchanged;
	int rc = crtsh_open(rq->conninfo, rq->limits, rq->hooks, &c, err);

	if (rc == 0)
		rc = begin(r, path, err);
	if (rc == 0) {
		find_todo(r);
		r->ret->asked = true;
		r->asked_at = time_now();
		rc = crtsh_counters(c, (const uint8_t(*)[32])r->todo, r->n_todo, &to, err);
	}
	crtsh_close(c);
	if (rc < 0)
		return -1;
	m.url = (char *)"crtsh";
	m.etag = (char *)FORM;
	m.fetched_at = time_now();
	return cache_commit(r->file, &m, &unchanged, err);
}

static bool is_young(const struct crtsh_request *rq, const struct meta *m)
{
	int64_t age = time_now() - m->fetched_at;

	return !rq->force && m->fetched_at >= 0 && age >= 0 && age < rq->min_interval;
}

int crtsh_fetch(const struct crtsh_request *rq, struct crtsh_result *ret, struct err *err)
{
	struct run r = { .rq = rq, .ret = ret };
	char *path = path_join(rq->cache, CRTSH_DOCUMENT);

	*ret = (struct crtsh_result){ 0 };
	int rc = rq->offline ? 0 : cache_open(path, &r.file, err);
	if (rc == 0 && r.file && !is_young(rq, cache_meta(r.file)))
		rc = ask(&r, path, err);
	cache_close(r.file);
	strbuf_release(&r.lines);
	map_release(&r.seen);
	free(r.todo);
	if (path_exists(path)) {
		ret->path = path;
		return rc;
	}
	free(path);
	if (rc == 0)
		rc = err_set(err, ERR_NETWORK, "nothing of 'crtsh' is in the cache, and canopy is offline");
	return rc;
}

/* ---- leaves by days ---- */

struct dated {
	int64_t id;
	char *key, *name;
};
struct days_run {
	VEC(struct dated) ca;
	const struct dated *at;
	struct strbuf text;
	int64_t asked_at;
};

static int keep_ca(void *ctx, const struct crtsh_counter *c, struct err *err)
{
	struct days_run *r = ctx;

	(void)err;
	vec_push(&r->ca, (struct dated){ c->id, xstrdup(c->spki_sha256), xstrdup(c->name) });
	return 0;
}

static int no_batch(void *ctx, size_t from, size_t to, struct err *err)
{
	(void)ctx;
	(void)from;
	(void)to;
	(void)err;
	return 0;
}

static int add_days(void *ctx, int32_t nb_day, int32_t na_day, int64_t n, struct err *err)
{
	struct days_run *r = ctx;

	(void)err;
	strbuf_addf(&r->text, "%s,%s,%" PRId64 ",%" PRId32 ",%" PRId32 ",%" PRId64 ",%" PRId64 "\n", r->at->key, r->at->name, r->at->id,
		nb_day, na_day, n, r->asked_at);
	return 0;
}

static int fetch_days_of(struct crtsh *c, struct days_run *r, const char *cache, char **path, struct err *err)
{
	struct strbuf name = STRBUF_INIT;

	strbuf_reset(&r->text);
	strbuf_addstr(&r->text, CRTSH_DAYS_COLUMNS "\n");
	r->asked_at = time_now();
	size_t head = r->text.len;
	if (crtsh_days(c, r->at->id, date_of_time(r->asked_at), add_days, r, err) < 0)
		return err_context(err, "CA %" PRId64, r->at->id);
	if (r->text.len == head)
		strbuf_addf(&r->text, "%s,%s,%" PRId64 ",,,0,%" PRId64 "\n", r->at->key, r->at->name, r->at->id, r->asked_at);
	strbuf_addf(&name, "crtsh/days-%" PRId64 ".csv", r->at->id);
	*path = path_join(cache, name.buf);
	strbuf_release(&name);
	int rc = path_mkdirs_for(*path, err);
	return rc < 0 ? rc : path_write_atomic(*path, r->text.buf, r->text.len, err);
}

static void days_release(struct days_run *r)
{
	for (size_t i = 0; i < r->ca.n; i++) {
		free(r->ca.v[i].key);
		free(r->ca.v[i].name);
	}
	vec_release(&r->ca);
	strbuf_release(&r->text);
}

int crtsh_fetch_days(const struct crtsh_request *rq, int (*document)(void *ctx, const char *path, struct err *err), void *ctx,
                     struct err *err)
{
	struct days_run r = { .text = STRBUF_INIT };
	const struct crtsh_taker to = { keep_ca, no_batch, &r };
	struct crtsh *c = NULL;
	int rc = crtsh_open(rq->conninfo, rq->limits, rq->hooks, &c, err);

	if (rc == 0)
		rc = crtsh_counters(c, rq->key, rq->n, &to, err);
	for (size_t i = 0; rc == 0 && i < r.ca.n; i++) {
		char *path = NULL;

		r.at = &r.ca.v[i];
		rc = fetch_days_of(c, &r, rq->cache, &path, err);
		if (rc == 0)
			rc = document(ctx, path, err);
		free(path);
		if (rq->progress)
			rq->progress(rq->ctx, i + 1, r.ca.n);
	}
	crtsh_close(c);
	days_release(&r);
	return rc;
}
