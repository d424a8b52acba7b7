#include "cli/fetch_crtsh.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/path.h"
#include "base/progress.h"
#include "cli/import.h"
#include "cli/stop.h"
#include "fetch/crtshfile.h"
#include "fetch/meta.h"
#include "index/tried.h"

struct keys {
	uint8_t (*v)[32];
	size_t n;
};

/* Each key once, whatever the number of names it has. The index is closed again: it is about to be written. */
static int find_keys(struct cli *c, struct keys *ret, struct err *err)
{
	if (cli_open(c, err) < 0)
		return -1;
	const struct graph *g = c->graph;
	ret->v = xcalloc(g->n_keys + 1, 32);
	for (uint32_t k = 0; k < g->n_keys; k++)
		memcpy(ret->v[ret->n++], g->ca.v[g->key_cas[g->key_first[k]]].spki_sha256, 32);
	index_close(c->index);
	c->index = NULL;
	c->graph = NULL;
	return 0;
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

static int import_counters(const struct cli *c, const char *path, const char *from, size_t *failed, struct err *err)
{
	struct import_options o = { .source = "crtsh", .from = &from, .quiet = c->args.quiet };
	struct import_result r = { 0 };
	char *paths[] = { (char *)path };

	if (import_paths(c, "crtsh", paths, 1, &o, &r, err) < 0)
		return -1;
	if (r.refused) {
		++*failed;
		cli_warn("crtsh: %s", r.first_refusal.msg);
	}
	return 0;
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

static int ask(const struct cli *c, struct crtsh_request *rq, struct crtsh_result *ret, struct err *err)
{
	const struct crtsh_hooks hooks = { .cancelled = stop_asked };
	struct progress progress;

	rq->hooks = &hooks;
	rq->progress = on_progress;
	rq->ctx = &progress;
	progress_start(&progress, "crtsh", rq->n, c->args.quiet);
	stop_on_interrupt();
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
	out_text(o, config_url(f->config, s->name));
	out_row(o);
	meta_release(&m);
}

int fetch_crtsh(struct fetching *f, const struct source *s, struct err *err)
{
	struct cli *c = f->cli;
	const struct crtsh_limits limits = limits_of(f->config);
	struct keys keys = { 0 };
	struct crtsh_result r;
	struct err why = { 0 };
	size_t failed = 0;

	if (f->plan) {
		plan(f, s);
		return 0;
	}
	if (find_keys(c, &keys, err) < 0)
		return -1;
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
	int rc = ask(c, &rq, &r, &why);
	if (rc == 0) {
		tell(c, &r, keys.n);
	} else if (why.kind != ERR_USAGE) {
		failed++;
		cli_warn("crtsh: %s%s", why.msg, r.path ? "; the older counters are used" : "");
		rc = 0;
	} else {
		*err = why;
	}
	if (rc == 0 && r.path)
		rc = import_counters(c, r.path, "crt.sh", &failed, err);
	if (rc == 0 && !c->args.offline)
		rc = note_try(f, &r, why.kind == ERR_NONE ? "" : why.msg, err);
	f->failed += failed > 0;
	free(r.path);
	free(keys.v);
	return rc;
}
