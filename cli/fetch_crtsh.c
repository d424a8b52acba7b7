#include "cli/fetch_crtsh.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/path.h"
#include "base/progress.h"
#include "base/vec.h"
#include "cli/import.h"
#include "cli/stop.h"
#include "fetch/crtshfile.h"
#include "fetch/meta.h"
#include "fetch/url.h"
#include "index/tried.h"

struct keys {
	uint8_t (*v)[32];
	size_t n;
};

static void add_key(struct keys *k, bool *seen, const struct ca *ca)
{
	if (!seen[ca->key])
		memcpy(k->v[k->n++], ca->spki_sha256, 32);
	seen[ca->key] = true;
}

/* A CA and, with --subtree, all that it certified, usable or not. */
static void add_below(const struct cli *c, struct keys *k, bool *seen, uint32_t start)
{
	const struct graph *g = c->graph;
	bool *met = xcalloc(g->ca.n + 1, sizeof(*met));
	VEC(uint32_t) todo = { 0 };

	vec_push(&todo, start);
	while (todo.n) {
		const struct ca *ca = &g->ca.v[todo.v[--todo.n]];

		if (met[ca - g->ca.v])
			continue;
		met[ca - g->ca.v] = true;
		add_key(k, seen, ca);
		for (uint32_t i = 0; c->args.subtree && i < ca->n_children; i++)
			vec_push(&todo, g->cert.v[g->child_certs[ca->first_child + i]].ca);
	}
	vec_release(&todo);
	free(met);
}

static int add_exact(struct cli *c, const char *text, struct keys *k, bool *seen, struct err *err)
{
	struct ref r;

	if (cli_resolve(c, text, &r, err) < 0)
		return -1;
	for (size_t i = 0; i < (r.is_cert ? 1 : r.n_cas); i++)
		add_below(c, k, seen, r.is_cert ? c->graph->cert.v[r.cert].ca : r.ca[i]);
	ref_release(&r);
	return 0;
}

/* Each key once, whatever the number of names it has: of all CAs, or of those of --exact. The index is closed again: it
 * is about to be written. */
static int find_keys(struct cli *c, struct keys *ret, struct err *err)
{
	int rc = cli_open(c, err);

	if (rc < 0)
		return -1;
	const struct graph *g = c->graph;
	bool *seen = xcalloc(g->n_keys + 1, sizeof(*seen));
	ret->v = xcalloc(g->n_keys + 1, 32);
	for (size_t i = 0; rc == 0 && i < c->args.exact.n; i++)
		rc = add_exact(c, c->args.exact.v[i], ret, seen, err);
	for (uint32_t i = 0; !c->args.exact.n && i < g->ca.n; i++)
		add_key(ret, seen, &g->ca.v[i]);
	free(seen);
	index_close(c->index);
	c->index = NULL;
	c->graph = NULL;
	return rc;
}

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct progress *p = ctx;

	p->total = total;
	progress_at(p, done);
}

static void tell(const struct cli *c, const struct crtsh_result *r, size_t keys)
{
	char n[32], k[32];

	if (r->asked)
		cli_note(c, "crtsh: counters of %s CA%s for %s key%s", num_group(n, r->cas), r->cas == 1 ? "" : "s",
			num_group(k, keys), keys == 1 ? "" : "s");
	else
		cli_note(c, "crtsh: young enough not to be asked for");
}

static struct crtsh_limits limits_of(const struct config *config)
{
	struct crtsh_limits l = crtsh_limits_default;
	struct config_crtsh set = config_crtsh(config);

	if (set.batch)
		l.batch = (uint32_t)set.batch;
	if (set.seconds)
		l.statement_ms = (uint32_t)set.seconds * 1000;
	return l;
}

/* ---- --exact ---- */

struct documents {
	VEC(char *) path;
	VEC(const char *) from;
};

static int keep_document(void *ctx, const char *path, struct err *err)
{
	struct documents *d = ctx;

	(void)err;
	vec_push(&d->path, xstrdup(path));
	vec_push(&d->from, "crt.sh");
	return 0;
}

static void sum_up(const struct cli *c, const struct import_result *r)
{
	struct strbuf b = STRBUF_INIT;

	fetch_sum(&b, r, true);
	cli_note(c, "crtsh: %s", b.buf);
	strbuf_release(&b);
}

/* What came before a failure is indexed. */
static int import_documents(const struct cli *c, struct documents *d, size_t *failed, struct err *err)
{
	struct import_options o = { .source = "crtsh", .from = d->from.v, .quiet = c->args.quiet };
	struct import_result r = { .held_day = INT32_MIN };
	int rc = d->path.n ? import_into(c, d->path.v, d->path.n, &o, &r, err) : 0;

	if (rc == 0 && r.refused) {
		++*failed;
		cli_warn("crtsh: %s", r.first_refusal.msg);
	}
	if (rc == 0 && d->path.n)
		sum_up(c, &r);
	for (size_t i = 0; i < d->path.n; i++)
		free(d->path.v[i]);
	vec_release(&d->path);
	vec_release(&d->from);
	return rc;
}

static void watch(struct crtsh_request *rq, const struct crtsh_hooks *hooks, struct progress *p, const struct cli *c)
{
	rq->hooks = hooks;
	rq->progress = on_progress;
	rq->ctx = p;
	progress_start(p, PROGRESS_ASK, "asking", rq->n, c->args.quiet);
	stop_on_interrupt();
}

static int fetch_exact(const struct cli *c, struct crtsh_request *rq, size_t *failed, struct err *err)
{
	const struct crtsh_hooks hooks = { .cancelled = stop_asked };
	struct progress progress;
	struct documents d = { 0 };
	struct err why = { 0 };

	watch(rq, &hooks, &progress, c);
	int rc = crtsh_fetch_days(rq, keep_document, &d, &why);
	stop_end();
	progress_end(&progress);
	if (rc < 0) {
		++*failed;
		cli_warn("crtsh: %s", why.msg);
	} else {
		cli_note(c, "crtsh: leaves of %zu CA%s counted one by one", d.path.n, d.path.n == 1 ? "" : "s");
	}
	return import_documents(c, &d, failed, err);
}

static int ask(const struct cli *c, struct crtsh_request *rq, struct crtsh_result *ret, struct err *err)
{
	const struct crtsh_hooks hooks = { .cancelled = stop_asked };
	struct progress progress;

	watch(rq, &hooks, &progress, c);
	int rc = crtsh_fetch(rq, ret, err);
	stop_end();
	progress_end(&progress);
	return rc;
}

static void read_meta(const struct fetching *f, struct meta *m)
{
	char *path = path_join(f->cache, CRTSH_DOCUMENT);
	struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b, "%s.meta", path);
	meta_load(b.buf, m);
	strbuf_release(&b);
	free(path);
}

/* The address is not told: a connection string may hold a password. */
static int note_try(const struct fetching *f, const struct crtsh_result *r, const char *why, struct err *err)
{
	struct tries tries = { .source = "crtsh", .whole = true };
	struct meta m = META_INIT;

	read_meta(f, &m);
	tries_add(&tries, (struct tried){
		.document = path_base(CRTSH_DOCUMENT),
		.url = "crt.sh",
		.error = why,
		.tried_at = r->asked || *why ? time_now() : TIME_UNKNOWN,
		.confirmed_at = m.fetched_at >= 0 ? m.fetched_at : TIME_UNKNOWN,
	});
	int rc = index_note_tries(f->cli->db_path, &tries, err);
	tries_release(&tries);
	meta_release(&m);
	return rc;
}

/* Nobody is asked; the keys need not be known. */
static void plan(struct fetching *f, const struct source *s)
{
	struct meta m = META_INIT;
	struct out *o = f->plan;

	read_meta(f, &m);
	int64_t age = time_now() - m.fetched_at;
	bool known = m.fetched_at >= 0 && age >= 0;
	out_text(o, s->name);
	out_text(o, path_base(CRTSH_DOCUMENT));
	out_bool(o, !f->cli->args.offline && (f->cli->args.force || !known || age >= s->min_interval));
	out_time_if(o, known, m.fetched_at);
	out_count_if(o, known, (uint64_t)age / 3600);
	out_count_if(o, known && m.bytes >= 0, (uint64_t)m.bytes);
	char *url = url_shown(config_url(f->config, s->name));
	out_text(o, url);
	free(url);
	out_row(o);
	meta_release(&m);
}

/* Who did not ask for it, and cannot reach it, need not be told every day. */
static void tell_switch(const struct cli *c)
{
	char *path = path_xdg(XDG_CONFIG, "config");

	if (!c->operands.n && !stop_asked(NULL))
		cli_note(c, "crtsh: 'enabled.crtsh = no' in %s leaves it out", path);
	free(path);
}

static int fetch_counters(struct fetching *f, struct crtsh_request *rq, size_t *failed, struct err *err)
{
	const struct cli *c = f->cli;
	struct documents d = { 0 };
	struct crtsh_result r;
	struct err why = { 0 };
	int rc = ask(c, rq, &r, &why);

	if (rc == 0) {
		tell(c, &r, rq->n);
	} else if (why.kind != ERR_USAGE) {
		++*failed;
		cli_warn("crtsh: %s%s", why.msg, r.path ? "; the older counters are used" : "");
		tell_switch(c);
	} else {
		free(r.path);
		*err = why;
		return -1;
	}
	if (r.path)
		keep_document(&d, r.path, NULL);
	free(r.path);
	rc = import_documents(c, &d, failed, err);
	if (rc == 0 && !c->args.offline)
		rc = note_try(f, &r, why.kind == ERR_NONE ? "" : why.msg, err);
	return rc;
}

int fetch_crtsh(struct fetching *f, const struct source *s, struct err *err)
{
	struct cli *c = f->cli;
	const struct crtsh_limits limits = limits_of(f->config);
	struct keys keys = { 0 };
	size_t failed = 0;

	if (f->plan) {
		plan(f, s);
		return 0;
	}
	int rc = find_keys(c, &keys, err);
	struct crtsh_request rq = {
		.conninfo = config_url(f->config, s->name),
		.cache = f->cache,
		.key = (const uint8_t(*)[32])keys.v,
		.n = keys.n,
		.min_interval = s->min_interval,
		.force = c->args.force,
		.offline = c->args.offline,
		.limits = &limits,
	};
	if (rc == 0)
		rc = c->args.exact.n && !c->args.offline ? fetch_exact(c, &rq, &failed, err) : fetch_counters(f, &rq, &failed, err);
	f->failed += failed > 0;
	free(keys.v);
	return rc;
}
