#include "fetch/fetch.h"

#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/date.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "fetch/meta.h"
#include "fetch/url.h"

#define SLOW_MS 3000
#define SLOW_FACTOR 4

static struct {
	bool ready;
} global;

/* What a host's last document came to. */
enum trouble {
	TROUBLE_NONE,
	TROUBLE_ONCE, /* failed after all retries: do not insist with the others */
	TROUBLE_DONE, /* no connection, or it wants to be left alone for long: not asked again */
};

/* Its documents that are not asked for yet, in their order. */
struct host {
	char *name; /* "" for files */
	enum trouble trouble;
	bool busy;
	VEC(size_t) queue;
	size_t taken; /* of the queue */
};

/* What came of a document, kept until those before it are known. */
struct outcome {
	bool settled;
	enum fetch_state state;
	long status;
	char *error; /* of FETCH_FAILED */
};

/* A document that is being downloaded. */
struct slot {
	struct run *r;
	struct http_transfer *transfer;
	struct http_hooks hooks;
	size_t item, host;
	char *path;
	uint64_t done;
};

/* One run over the documents of a source. */
struct run {
	const struct fetch_request *rq;
	struct fetch_summary *sum;
	struct http_client *client; /* made for the first document that needs it */
	char *folder;
	struct source_list list;
	struct outcome *outcome; /* of each of the list */
	size_t told;             /* so many of them, from the first */
	VEC(struct host) hosts;
	struct map host_of; /* 1 + number, by name */
	VEC(struct slot *) slots;
	uint64_t through_bytes;
	struct fetch_progress progress;
};

/* ---- libcurl ---- */

static bool knows_https(void)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
	for (const char *const *p = v->protocols; *p; p++)
		if (strcmp(*p, "https") == 0)
			return true;
	return false;
}

int fetch_global_init(struct err *err)
{
	if (global.ready)
		return 0;
	CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
	if (code != CURLE_OK)
		return err_set(err, ERR_NETWORK, "cannot start libcurl: %s", curl_easy_strerror(code));
	if (!knows_https()) {
		curl_global_cleanup();
		return err_set(err, ERR_NETWORK, "this libcurl knows no https");
	}
	global.ready = true;
	return 0;
}

void fetch_global_cleanup(void)
{
	if (global.ready)
		curl_global_cleanup();
	global.ready = false;
}

/* ---- telling ---- */

const char *fetch_state_name(enum fetch_state state)
{
	static const char *const names[] = {
		[FETCH_CHANGED] = "changed",
		[FETCH_UNCHANGED] = "unchanged",
		[FETCH_SKIPPED] = "skipped",
		[FETCH_PLANNED] = "planned",
		[FETCH_FAILED] = "failed",
	};
	return names[state];
}

static void count(struct fetch_summary *sum, const struct fetched_document *d)
{
	size_t *const counters[] = {
		[FETCH_CHANGED] = &sum->changed,
		[FETCH_UNCHANGED] = &sum->unchanged,
		[FETCH_SKIPPED] = &sum->skipped,
		[FETCH_PLANNED] = &sum->planned,
		[FETCH_FAILED] = &sum->failed,
	};
	++*counters[d->state];
	sum->bytes += d->bytes;
}

static int tell(struct run *r, const struct fetched_document *d, struct err *err)
{
	count(r->sum, d);
	return r->rq->document ? r->rq->document(r->rq->ctx, d, err) : 0;
}

static void show_progress(struct run *r)
{
	r->progress.done = r->through_bytes;
	for (size_t i = 0; i < r->slots.n; i++)
		r->progress.done += r->slots.v[i]->done;
	if (r->rq->progress)
		r->rq->progress(r->rq->ctx, &r->progress);
}

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct slot *s = ctx;
	s->done = done;
	s->r->progress.document = s->r->list.v[s->item].name;
	s->r->progress.total = s->r->list.n == 1 ? total : 0;
	show_progress(s->r);
}

static bool is_cancelled(const struct run *r)
{
	return r->rq->cancelled && r->rq->cancelled(r->rq->ctx);
}

static bool on_cancelled(void *ctx)
{
	const struct slot *s = ctx;
	return is_cancelled(s->r);
}

static int on_check(void *ctx, const char *path, struct err *err)
{
	const struct slot *s = ctx;
	return s->r->rq->check(s->r->rq->ctx, s->r->list.v[s->item].name, path, err);
}

static void on_wait(void *ctx, uint64_t ms)
{
	const struct slot *s = ctx;
	s->r->rq->wait(s->r->rq->ctx, ms);
}

/* ---- the cache ---- */

static void read_meta(const char *path, struct meta *m)
{
	struct strbuf b = STRBUF_INIT;
	strbuf_addf(&b, "%s.meta", path);
	meta_load(b.buf, m);
	strbuf_release(&b);
}

/* Fills in what the cache knows of d->path; the meta lends its strings. */
static void look_up(struct fetched_document *d, struct meta *m)
{
	struct stat st;
	d->cached = stat(d->path, &st) == 0 && S_ISREG(st.st_mode);
	d->bytes = d->cached ? (uint64_t)st.st_size : 0;
	d->fetched_at = d->last_modified = -1;
	read_meta(d->path, m);
	if (!d->cached || m->bytes != st.st_size) {
		meta_release(m);
		return;
	}
	d->fetched_at = m->fetched_at;
	d->last_modified = m->modified_at;
}

static bool is_young(const struct run *r, const struct fetched_document *d, const struct meta *m)
{
	struct url_info info;
	int64_t age = time_now() - m->fetched_at;
	if (r->rq->force || !m->url || strcmp(m->url, d->url) != 0)
		return false;
	if (url_refusal_signed(d->url, &info) || info.scheme == URL_FILE)
		return false;
	return age >= 0 && age < r->rq->source->min_interval;
}

/* A document is what has a meta beside it; that leaves out parts and temporaries. */
static bool is_document(const char *folder, const char *name)
{
	struct strbuf b = STRBUF_INIT;
	size_t n = strlen(name);
	if (name[0] == '.' || (n > 5 && strcmp(name + n - 5, ".part") == 0))
		return false;
	strbuf_addf(&b, "%s/%s.meta", folder, name);
	bool yes = path_exists(b.buf);
	strbuf_release(&b);
	return yes;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int list_cache(struct run *r, struct err *err)
{
	struct dirent **names = NULL;
	int n = scandir(r->folder, &names, NULL, compare_names);
	if (n < 0 && errno != ENOENT)
		return err_errno(err, ERR_NETWORK, "cannot read the folder '%s'", r->folder);
	for (int i = 0; i < n; i++) {
		if (is_document(r->folder, names[i]->d_name))
			vec_push(&r->list, (struct source_item){ xstrdup(names[i]->d_name), NULL, NULL });
		free(names[i]);
	}
	free(names);
	if (r->list.n == 0)
		return err_set(err, ERR_NETWORK, "nothing of '%s' is in the cache, and canopy is offline",
			r->rq->source->name);
	return 0;
}

/* ---- one document ---- */

/* What certificates name is somebody else's choice: it must not lead to this machine, unless a mirror there was asked for. */
static const char *item_refusal(const struct run *r, const struct fetched_document *d)
{
	struct url_info info;
	const char *why = url_refusal_signed(d->url, &info);
	if (why || !r->rq->items || !r->rq->source->is_signed || d->origin != d->url)
		return why;
	return info.loopback || info.scheme == URL_FILE ? "a certificate may not point at this machine" : NULL;
}

/* The meta lends its strings. */
static struct fetched_document document_of(const struct run *r, size_t i, char *path, struct meta *m)
{
	const struct source_item *item = &r->list.v[i];
	struct fetched_document d = {
		.source = r->rq->source,
		.document = item->name,
		.url = item->url,
		.origin = item->origin && strcmp(item->origin, item->url) != 0 ? item->origin : item->url,
		.path = path,
	};
	look_up(&d, m);
	if (r->rq->offline)
		d.url = d.origin = m->url;
	return d;
}

static int tell_one(struct run *r, size_t i, struct err *err)
{
	const struct outcome *o = &r->outcome[i];
	char *path = path_join(r->folder, r->list.v[i].name);
	struct meta m = META_INIT;
	struct err why = { 0 };
	struct fetched_document d = document_of(r, i, path, &m);
	d.state = o->state;
	d.status = o->status;
	if (o->error) {
		err_set(&why, ERR_NETWORK, "%s", o->error);
		d.err = &why;
	}
	int rc = tell(r, &d, err);
	meta_release(&m);
	free(path);
	return rc;
}

/* All whose turn it is; at the end also those behind one that was never settled. */
static int tell_settled(struct run *r, bool at_end, struct err *err)
{
	for (; r->told < r->list.n; r->told++) {
		if (!r->outcome[r->told].settled && !at_end)
			break;
		if (r->outcome[r->told].settled && tell_one(r, r->told, err) < 0)
			return -1;
	}
	return 0;
}

static void settle(struct run *r, size_t i, enum fetch_state state, long status, const char *error)
{
	r->outcome[i] = (struct outcome){ true, state, status, error ? xstrdup(error) : NULL };
	r->progress.through++;
}

static void refuse(struct run *r, size_t i, const char *why)
{
	struct err err = { 0 };
	char *url = url_shown(r->list.v[i].url);
	err_set(&err, ERR_NETWORK, "cannot fetch '%s': %s", url, why);
	free(url);
	settle(r, i, FETCH_FAILED, 0, err.msg);
}

/* ---- the hosts ---- */

static void put_in_queue(struct run *r, size_t i)
{
	char *name = url_host(r->list.v[i].url);
	uint64_t *number = map_at(&r->host_of, name, strlen(name), NULL);
	if (*number) {
		free(name);
	} else {
		vec_push(&r->hosts, (struct host){ .name = name });
		*number = r->hosts.n;
	}
	vec_push(&r->hosts.v[*number - 1].queue, i);
}

/* Settled at once, or put into its host's queue. */
static void consider(struct run *r, size_t i)
{
	char *path = path_join(r->folder, r->list.v[i].name);
	struct meta m = META_INIT;
	struct fetched_document d = document_of(r, i, path, &m);
	const char *why = NULL;
	if (r->rq->offline || is_young(r, &d, &m))
		settle(r, i, FETCH_SKIPPED, 0, NULL);
	else if (r->rq->dry_run)
		settle(r, i, FETCH_PLANNED, 0, NULL);
	else if ((why = item_refusal(r, &d)) != NULL)
		refuse(r, i, why);
	else
		put_in_queue(r, i);
	meta_release(&m);
	free(path);
}

static void remember(struct host *h, const struct http_result *res, bool failed, const struct http_limits *l)
{
	h->trouble = TROUBLE_NONE;
	if (!failed || !res->transient)
		return;
	bool leave_alone = res->retry_after > l->wait_max_ms / 1000;
	h->trouble = res->status == 0 || leave_alone ? TROUBLE_DONE : TROUBLE_ONCE;
}

static void give_up(struct run *r, struct host *h)
{
	while (h->taken < h->queue.n)
		refuse(r, h->queue.v[h->taken++], "not asked for, because the host gave no answer before");
}

/* The one with the most documents left, so that it is not what all wait for at the end. */
static struct host *next_host(struct run *r)
{
	struct host *best = NULL;
	for (size_t i = 0; i < r->hosts.n; i++) {
		struct host *h = &r->hosts.v[i];
		if (!h->busy && h->taken < h->queue.n && (!best || h->queue.n - h->taken > best->queue.n - best->taken))
			best = h;
	}
	return best;
}

static void begin(struct run *r, struct host *h)
{
	struct slot *s = xcalloc(1, sizeof(*s));
	s->r = r;
	s->item = h->queue.v[h->taken++];
	s->host = (size_t)(h - r->hosts.v);
	s->path = path_join(r->folder, r->list.v[s->item].name);
	s->hooks = (struct http_hooks){ on_progress, on_cancelled, r->rq->wait ? on_wait : NULL,
		r->rq->check ? on_check : NULL, s };
	h->busy = true;
	vec_push(&r->slots, s);
	const struct http_request rq = {
		.url = r->list.v[s->item].url,
		.path = s->path,
		.max_bytes = r->rq->source->max_bytes,
		.once = h->trouble == TROUBLE_ONCE,
		.is_signed = r->rq->source->is_signed,
		.hooks = &s->hooks,
	};
	s->transfer = http_begin(r->client, &rq);
}

/* A host that is slow, or waits for another attempt, takes nobody's place. */
static void begin_some(struct run *r, const struct http_limits *l)
{
	size_t most = l->hosts ? l->hosts : http_limits_default.hosts;
	struct host *h;
	while (http_running(r->client) < most * SLOW_FACTOR && http_busy(r->client, SLOW_MS) < most && (h = next_host(r)))
		begin(r, h);
}

static struct slot *take_slot(struct run *r, const struct http_transfer *t)
{
	size_t i = 0;
	while (r->slots.v[i]->transfer != t)
		i++;
	struct slot *s = r->slots.v[i];
	r->slots.v[i] = r->slots.v[--r->slots.n];
	return s;
}

static void release_slot(struct slot *s)
{
	free(s->path);
	free(s);
}

static void finish(struct run *r, struct http_transfer *t, const struct http_limits *l)
{
	struct slot *s = take_slot(r, t);
	struct host *h = &r->hosts.v[s->host];
	struct http_result res;
	struct err why = { 0 };
	int rc = http_end(t, &res, &why);
	h->busy = false;
	r->sum->cancelled |= res.cancelled;
	r->through_bytes += s->done;
	if (!res.cancelled) {
		enum fetch_state state = rc < 0 ? FETCH_FAILED : res.unchanged ? FETCH_UNCHANGED : FETCH_CHANGED;
		settle(r, s->item, state, res.status, rc < 0 ? why.msg : NULL);
		remember(h, &res, rc < 0, l);
	}
	if (h->trouble == TROUBLE_DONE && *h->name)
		give_up(r, h);
	show_progress(r);
	release_slot(s);
}

static int run_queues(struct run *r, struct err *err)
{
	const struct http_limits *l = r->rq->limits ? r->rq->limits : &http_limits_default;
	int rc = 0;
	while (rc == 0 && !r->sum->cancelled) {
		begin_some(r, l);
		if (!http_running(r->client))
			break;
		struct http_transfer *t = http_turn(r->client);
		if (t)
			finish(r, t, l);
		rc = tell_settled(r, false, err);
		r->sum->cancelled |= is_cancelled(r);
	}
	return rc;
}

/* ---- the run ---- */

static void copy_items(struct run *r)
{
	const struct source_list *from = r->rq->items;
	for (size_t i = 0; i < from->n; i++) {
		const struct source_item *a = &from->v[i];
		vec_push(&r->list,
			(struct source_item){ xstrdup(a->name), xstrdup(a->url), a->origin ? xstrdup(a->origin) : NULL });
	}
}

static int prepare(struct run *r, struct err *err)
{
	const struct fetch_request *rq = r->rq;
	const char *url = rq->url ? rq->url : rq->source->url;
	r->folder = path_join(rq->cache, rq->source->name);
	if (rq->offline)
		return list_cache(r, err);
	if (rq->items)
		copy_items(r);
	else if (!url)
		return err_set(err, ERR_NETWORK, "'%s' has no documents of its own", rq->source->name);
	else if (source_documents(rq->source, url, &r->list, err) < 0)
		return -1;
	if (rq->dry_run)
		return 0;
	if (fetch_global_init(err) < 0)
		return -1;
	return http_client_new(rq->contact, rq->limits, &r->client, err);
}

static void release(struct run *r)
{
	http_client_free(r->client); /* before what its transfers borrow */
	for (size_t i = 0; i < r->slots.n; i++)
		release_slot(r->slots.v[i]);
	for (size_t i = 0; r->outcome && i < r->list.n; i++)
		free(r->outcome[i].error);
	for (size_t i = 0; i < r->hosts.n; i++) {
		free(r->hosts.v[i].name);
		vec_release(&r->hosts.v[i].queue);
	}
	vec_release(&r->slots);
	vec_release(&r->hosts);
	map_release(&r->host_of);
	free(r->outcome);
	source_list_release(&r->list);
	free(r->folder);
}

int fetch_source(const struct fetch_request *rq, struct fetch_summary *ret, struct err *err)
{
	struct run r = { .rq = rq, .sum = ret, .progress = { .source = rq->source } };
	*ret = (struct fetch_summary){ 0 };
	int rc = prepare(&r, err);
	ret->documents = r.progress.count = rc < 0 ? 0 : r.list.n;
	ret->cancelled = is_cancelled(&r);
	r.outcome = xcalloc(r.list.n + 1, sizeof(*r.outcome));
	for (size_t i = 0; rc == 0 && i < r.list.n && !ret->cancelled; i++)
		consider(&r, i);
	if (rc == 0)
		rc = tell_settled(&r, false, err);
	if (rc == 0 && r.client)
		rc = run_queues(&r, err);
	if (rc == 0)
		rc = tell_settled(&r, true, err);
	release(&r);
	return rc < 0 ? -1 : 0;
}
