#include "cli/fetch_ct.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/num.h"
#include "base/progress.h"
#include "base/vec.h"
#include "cli/stop.h"
#include "index/ct.h"

#define JOBS_DEFAULT 2
#define JOBS_MOST 64

struct showing {
	const struct cli *cli;
	struct progress line;
	bool open;
};

static void on_progress(void *ctx, const struct ct_progress *p)
{
	struct showing *s = ctx;

	if (!s->open)
		progress_start(&s->line, PROGRESS_LOG, p->log, p->total, s->cli->args.quiet);
	s->open = true;
	s->line.total = p->total;
	progress_at(&s->line, p->done);
}

static void on_log(void *ctx, const char *log, uint64_t entries, uint64_t verified, const struct err *err)
{
	struct showing *s = ctx;
	char n[32], v[32];

	if (s->open)
		progress_end(&s->line);
	s->open = false;
	num_group(n, entries);
	num_group(v, verified);
	if (!err)
		cli_note(s->cli, "%s: %s entries read, %s counted in all", log, n, v);
	else if (stop_asked(NULL))
		cli_note(s->cli, "%s: stopped after %s entries; the next run goes on there", log, n);
	else
		cli_warn("%s: %s", log, err->msg);
}

int fetch_ct_check(const struct cli *c, struct err *err)
{
	const struct args *a = &c->args;

	if (a->jobs.set && (a->jobs.n < 1 || a->jobs.n > JOBS_MOST))
		return err_set(err, ERR_USAGE, "'--jobs' takes a number from 1 to %d", JOBS_MOST);
	if (a->broken_from.set && a->log.n != 1)
		return err_set(err, ERR_USAGE, "'--broken-from' needs the one '--log' that is broken");
	if (a->from.set && a->to.set && a->from.n >= a->to.n)
		return err_set(err, ERR_USAGE, "nothing lies between '--from %llu' and '--to %llu'", (unsigned long long)a->from.n,
			(unsigned long long)a->to.n);
	return 0;
}

bool fetch_ct_needs_list(const struct cli *c)
{
	for (size_t i = 0; i < c->args.log.n; i++)
		if (!strstr(c->args.log.v[i], "://"))
			return true;
	return c->args.log.n == 0;
}

/* The keys of the CAs that --names names. */
struct keys {
	VEC(uint8_t) v; /* 32 bytes each */
};

static int add_keys(struct cli *c, const char *text, struct keys *ret, struct err *err)
{
	struct ref r;

	if (cli_resolve(c, text, &r, err) < 0)
		return -1;
	for (size_t i = 0; i < (r.is_cert ? 1 : r.n_cas); i++) {
		uint32_t ca = r.is_cert ? c->graph->cert.v[r.cert].ca : r.ca[i];
		vec_reserve(&ret->v, ret->v.n + 32);
		memcpy(ret->v.v + ret->v.n, c->graph->ca.v[ca].spki_sha256, 32);
		ret->v.n += 32;
	}
	ref_release(&r);
	return 0;
}

/* The index is closed again: it is about to be written. */
static int find_keys(struct cli *c, struct keys *ret, struct err *err)
{
	int rc = 0;

	if (!c->args.names.n)
		return 0;
	rc = cli_open(c, err);
	for (size_t i = 0; rc == 0 && i < c->args.names.n; i++)
		rc = add_keys(c, c->args.names.v[i], ret, err);
	index_close(c->index);
	c->index = NULL;
	c->graph = NULL;
	return rc;
}

int fetch_ct(struct cli *c, const struct config *config, size_t *failed, struct err *err)
{
	struct keys keys = { 0 };
	struct showing s = { .cli = c };
	struct ct_options o = {
		.contact = config_contact(config),
		.logs = &c->args.log,
		.from = c->args.from.set ? c->args.from.n : 0,
		.to = c->args.to.set ? c->args.to.n : UINT64_MAX,
		.most = c->args.max_entries.set ? c->args.max_entries.n : UINT64_MAX,
		.jobs = c->args.jobs.set ? (unsigned)c->args.jobs.n : JOBS_DEFAULT,
		.unverified = c->args.unverified,
		.broken = c->args.broken_from.set,
		.broken_from = c->args.broken_from.n,
		.names_limit = config_names_limit(config),
		.config = config,
		.cancelled = stop_asked,
		.progress = on_progress,
		.log_done = on_log,
		.ctx = &s,
	};
	struct ct_result r;

	int rc = find_keys(c, &keys, err);
	if (rc == 0) {
		o.names_of = (const uint8_t(*)[32])keys.v.v;
		o.n_names_of = keys.v.n / 32;
		stop_on_interrupt();
		rc = ct_fetch(c->db_path, &o, &r, err);
		stop_end();
	}
	vec_release(&keys.v);
	if (rc < 0)
		return -1;
	*failed += r.failed > 0;
	return 0;
}
