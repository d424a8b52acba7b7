#include "cli/fetch_ahead.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/progress.h"
#include "cli/stop.h"
#include "fetch/config.h"
#include "fetch/url.h"
#include "index/index.h"

#define WAIT_NS 100000000

/* One source: what came of it, and how far it is, for the thread that waits. */
struct one {
	struct fetched_ahead r;
	const struct fetching *f;
	struct progress progress; /* of the thread that waits */
	atomic_uint_fast64_t done, total, through, count;
};
/* The sources of one host, one after another. */
struct host {
	char *name;
	VEC(struct one *) one;
	pthread_t thread;
	bool threaded;
	atomic_bool over;
};
struct ahead {
	VEC(struct host *) host;
	VEC(struct progress *) progress; /* of each source */
};

/* ---- in the threads ---- */

static int keep(void *ctx, const struct fetched_document *d, struct err *err)
{
	struct one *o = ctx;
	struct fetched_document kept = *d;
	struct arena *a = &o->r.strings;

	(void)err;
	kept.document = arena_strdup(a, d->document);
	kept.url = d->url ? arena_strdup(a, d->url) : NULL;
	kept.origin = d->origin ? arena_strdup(a, d->origin) : NULL;
	kept.path = arena_strdup(a, d->path);
	kept.err = d->err ? arena_dup(a, d->err, sizeof(*d->err)) : NULL;
	vec_push(&o->r.document, kept);
	return 0;
}

static void note_progress(void *ctx, const struct fetch_progress *p)
{
	struct one *o = ctx;

	atomic_store(&o->done, p->done);
	atomic_store(&o->total, p->total);
	atomic_store(&o->through, p->through);
	atomic_store(&o->count, p->count);
}

static int check(void *ctx, const char *document, const char *path, struct err *err)
{
	const struct one *o = ctx;

	(void)document;
	return index_check_document(o->r.source->name, path, err);
}

static void ask(struct one *o)
{
	struct fetch_request rq = {
		.source = o->r.source,
		.url = config_url(o->f->config, o->r.source->name),
		.cache = o->f->cache,
		.contact = config_contact(o->f->config),
		.limits = config_limits(o->f->config),
		.force = o->f->cli->args.force,
		.progress = note_progress,
		.cancelled = stop_asked,
		.check = check,
		.document = keep,
		.ctx = o,
	};

	o->r.rc = fetch_source(&rq, &o->r.sum, &o->r.err);
}

static void *ask_host(void *ctx)
{
	struct host *h = ctx;

	for (size_t i = 0; i < h->one.n; i++)
		ask(h->one.v[i]);
	atomic_store(&h->over, true);
	return NULL;
}

/* ---- before and meanwhile ---- */

/* What is read together with what the index or another answer says is asked for in its turn. */
static bool may_go_ahead(const struct fetching *f, const struct source *s)
{
	const char *url = config_url(f->config, s->name);

	return url && s->shape != SOURCE_DATABASE && !s->is_signed && strcmp(s->name, "ct") != 0 &&
	       strcmp(s->name, "crlset") != 0 && !url_is_file(url);
}

static void add(struct ahead *a, const struct fetching *f, const struct source *s)
{
	char *name = url_host(config_url(f->config, s->name));
	struct one *o = xcalloc(1, sizeof(*o));
	size_t i = 0;

	while (i < a->host.n && strcmp(a->host.v[i]->name, name) != 0)
		i++;
	if (i == a->host.n) {
		struct host *h = xcalloc(1, sizeof(*h));
		h->name = name;
		vec_push(&a->host, h);
	} else {
		free(name);
	}
	o->f = f;
	o->r.source = s;
	vec_push(&a->host.v[i]->one, o);
}

/* True when all are through. */
static bool show(const struct ahead *a, struct progress_group *g)
{
	bool over = true;

	for (size_t i = 0; i < a->host.n; i++) {
		over &= atomic_load(&a->host.v[i]->over);
		for (size_t k = 0; k < a->host.v[i]->one.n; k++) {
			struct one *o = a->host.v[i]->one.v[k];
			struct progress *p = &o->progress;

			p->done = atomic_load(&o->done);
			p->total = atomic_load(&o->total);
			p->documents = atomic_load(&o->through);
			p->documents_total = atomic_load(&o->count);
		}
	}
	progress_group_at(g, a->progress.v, a->progress.n);
	return over;
}

static void begin(struct ahead *a, struct host *h, bool quiet)
{
	for (size_t k = 0; k < h->one.n; k++) {
		struct one *o = h->one.v[k];
		progress_start(&o->progress, PROGRESS_DOWNLOAD, "downloading", 0, quiet);
		o->progress.source = o->r.source->name;
		vec_push(&a->progress, &o->progress);
	}
	h->threaded = pthread_create(&h->thread, NULL, ask_host, h) == 0;
	if (!h->threaded)
		ask_host(h);
}

static void run_all(struct ahead *a, bool quiet)
{
	const struct timespec nap = { .tv_nsec = WAIT_NS };
	struct progress_group g = { 0 };

	stop_on_interrupt();
	for (size_t i = 0; i < a->host.n; i++)
		begin(a, a->host.v[i], quiet);
	while (!show(a, &g))
		nanosleep(&nap, NULL);
	for (size_t i = 0; i < a->host.n; i++)
		if (a->host.v[i]->threaded)
			pthread_join(a->host.v[i]->thread, NULL);
	progress_group_end(&g, a->progress.v, a->progress.n);
	stop_end();
}

void fetch_ahead_start(struct fetching *f, const struct source *const *sources, size_t n)
{
	struct ahead *a = xcalloc(1, sizeof(*a));

	for (size_t i = 0; i < n; i++)
		if (may_go_ahead(f, sources[i]))
			add(a, f, sources[i]);
	f->ahead = a;
	if (a->host.n < 2)
		fetch_ahead_end(f);
	else
		run_all(a, f->cli->args.quiet);
}

const struct fetched_ahead *fetch_ahead_of(const struct fetching *f, const struct source *s)
{
	for (size_t i = 0; f->ahead && i < f->ahead->host.n; i++)
		for (size_t k = 0; k < f->ahead->host.v[i]->one.n; k++)
			if (f->ahead->host.v[i]->one.v[k]->r.source == s)
				return &f->ahead->host.v[i]->one.v[k]->r;
	return NULL;
}

void fetch_ahead_end(struct fetching *f)
{
	struct ahead *a = f->ahead;

	for (size_t i = 0; a && i < a->host.n; i++) {
		struct host *h = a->host.v[i];
		for (size_t k = 0; k < h->one.n; k++) {
			vec_release(&h->one.v[k]->r.document);
			arena_release(&h->one.v[k]->r.strings);
			free(h->one.v[k]);
		}
		vec_release(&h->one);
		free(h->name);
		free(h);
	}
	if (a) {
		vec_release(&a->host);
		vec_release(&a->progress);
	}
	free(a);
	f->ahead = NULL;
}
