#include "cli/fetch_ct.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/num.h"
#include "base/progress.h"
#include "index/ct.h"

#define JOBS_DEFAULT 2
#define JOBS_MOST 64

/* Written by the signal handler alone. */
static struct {
	volatile sig_atomic_t stop;
} asked;

static void on_interrupt(int number)
{
	(void)number;
	/* the second one ends the program as if nobody listened */
	signal(SIGINT, SIG_DFL);
	asked.stop = 1;
}

static bool is_cancelled(void *ctx)
{
	(void)ctx;
	return asked.stop;
}

struct showing {
	const struct cli *cli;
	struct progress line;
	bool open;
};

static void on_progress(void *ctx, const struct ct_progress *p)
{
	struct showing *s = ctx;

	if (!s->open)
		progress_start(&s->line, p->log, p->total, s->cli->args.quiet);
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
	else if (asked.stop)
		cli_note(s->cli, "%s: stopped after %s entries; the next run goes on there", log, n);
	else
		cli_warn("%s: %s", log, err->msg);
}

bool fetch_ct_needs_list(const struct cli *c)
{
	for (size_t i = 0; i < c->args.log.n; i++)
		if (!strstr(c->args.log.v[i], "://"))
			return true;
	return c->args.log.n == 0;
}

int fetch_ct(const struct cli *c, const struct config *config, size_t *failed, struct err *err)
{
	struct showing s = { .cli = c };
	struct ct_options o = {
		.contact = config_contact(config),
		.logs = &c->args.log,
		.to = c->args.to.set ? c->args.to.n : UINT64_MAX,
		.most = c->args.max_entries.set ? c->args.max_entries.n : UINT64_MAX,
		.jobs = c->args.jobs.set ? (unsigned)c->args.jobs.n : JOBS_DEFAULT,
		.unverified = c->args.unverified,
		.cancelled = is_cancelled,
		.progress = on_progress,
		.log_done = on_log,
		.ctx = &s,
	};
	struct ct_result r;

	if (c->args.jobs.set && (c->args.jobs.n < 1 || c->args.jobs.n > JOBS_MOST))
		return err_set(err, ERR_USAGE, "'--jobs' takes a number from 1 to %d", JOBS_MOST);
	signal(SIGINT, on_interrupt);
	int rc = ct_fetch(c->db_path, &o, &r, err);
	signal(SIGINT, SIG_DFL);
	if (rc < 0)
		return -1;
	*failed += r.failed > 0;
	return 0;
}
