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

static struct {
	bool ready;
} global;

/* What a host's last document came to. */
enum trouble {
	TROUBLE_NONE,
	TROUBLE_ONCE, /* failed after all retries: do not insist with the others */
	TROUBLE_DONE, /* no connection, or it wants to be left alone for long: not asked again */
};

/* One run over the documents of a source. */
struct run {
	const struct fetch_request *rq;
	struct fetch_summary *sum;
	struct http_client *client; /* made for the first document that needs it */
	char *folder;
	struct source_list list;
	struct fetch_progress progress;
	struct map trouble; /* enum trouble of a host */
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

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct run *r = ctx;
	r->progress.done = done;
	r->progress.total = total;
	if (r->rq->progress)
		r->rq->progress(r->rq->ctx, &r->progress);
}

static bool on_cancelled(void *ctx)
{
	const struct run *r = ctx;
	return r->rq->cancelled && r->rq->cancelled(r->rq->ctx);
}

static int on_check(void *ctx, const char *path, struct err *err)
{
	const struct run *r = ctx;
	return r->rq->check(r->rq->ctx, r->progress.document, path, err);
}

static void on_wait(void *ctx, uint64_t ms)
{
	const struct run *r = ctx;
	r->rq->wait(r->rq->ctx, ms);
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

static void remember(uint64_t *trouble, const struct http_result *res, bool failed, const struct http_limits *l)
{
	*trouble = TROUBLE_NONE;
	if (!failed || !res->transient)
		return;
	bool leave_alone = res->retry_after > l->wait_max_ms / 1000;
	*trouble = res->status == 0 || leave_alone ? TROUBLE_DONE : TROUBLE_ONCE;
}

static int download(struct run *r, struct fetched_document *d, struct err *err)
{
	const struct http_hooks hooks = { on_progress, on_cancelled, r->rq->wait ? on_wait : NULL,
		r->rq->check ? on_check : NULL, r };
	char *host = url_host(d->url);
	uint64_t *trouble = map_at(&r->trouble, host, strlen(host), NULL);
	const char *why = item_refusal(r, d);
	if (!why && *host && *trouble == TROUBLE_DONE)
		why = "not asked for, because the host gave no answer before";
	free(host);
	if (why) {
		d->state = FETCH_FAILED;
		return err_set(err, ERR_NETWORK, "cannot fetch '%s': %s", d->url, why);
	}
	const struct http_request rq = {
		.url = d->url,
		.path = d->path,
		.max_bytes = r->rq->source->max_bytes,
		.once = *trouble == TROUBLE_ONCE,
		.is_signed = r->rq->source->is_signed,
		.hooks = &hooks,
	};
	struct http_result res;
	int rc = http_download(r->client, &rq, &res, err);
	d->status = res.status;
	remember(trouble, &res, rc < 0, r->rq->limits ? r->rq->limits : &http_limits_default);
	r->sum->cancelled = res.cancelled;
	if (rc < 0) {
		d->state = FETCH_FAILED;
		return -1;
	}
	d->state = res.unchanged ? FETCH_UNCHANGED : FETCH_CHANGED;
	d->cached = true;
	d->bytes = res.bytes;
	d->fetched_at = res.fetched_at;
	d->last_modified = res.last_modified;
	return 0;
}

static int one(struct run *r, size_t i, struct err *err)
{
	const struct source_item *item = &r->list.v[i];
	struct fetched_document d = {
		.source = r->rq->source,
		.document = item->name,
		.url = item->url,
		.origin = item->origin && strcmp(item->origin, item->url) != 0 ? item->origin : item->url,
	};
	struct meta m = META_INIT;
	struct err why = { 0 };
	char *path = path_join(r->folder, item->name);
	d.path = path;
	look_up(&d, &m);
	r->progress.document = item->name;
	r->progress.index = i;
	if (r->rq->offline)
		d.url = d.origin = m.url;
	if (r->rq->offline || is_young(r, &d, &m))
		d.state = FETCH_SKIPPED;
	else if (r->rq->dry_run)
		d.state = FETCH_PLANNED;
	else if (download(r, &d, &why) < 0)
		d.err = &why;
	int rc = r->sum->cancelled ? 0 : tell(r, &d, err);
	meta_release(&m);
	free(path);
	return rc;
}

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

int fetch_source(const struct fetch_request *rq, struct fetch_summary *ret, struct err *err)
{
	struct run r = { .rq = rq, .sum = ret, .progress = { .source = rq->source } };
	*ret = (struct fetch_summary){ 0 };
	int rc = prepare(&r, err);
	ret->documents = r.progress.count = rc < 0 ? 0 : r.list.n;
	for (size_t i = 0; rc == 0 && i < r.list.n && !ret->cancelled; i++) {
		ret->cancelled = on_cancelled(&r);
		if (!ret->cancelled)
			rc = one(&r, i, err);
	}
	http_client_free(r.client);
	map_release(&r.trouble);
	source_list_release(&r.list);
	free(r.folder);
	return rc < 0 ? -1 : 0;
}
