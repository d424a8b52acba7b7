#include "fetch/fetch.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/progress.h"
#include "cli/cli.h"
#include "cli/fetch_crtsh.h"
#include "cli/fetch_ct.h"
#include "cli/import.h"
#include "fetch/config.h"
#include "fetch/sources.h"

#define SOURCES_MAX 32

static const struct opt options[] = {
	OPTION_DB,
	{ 0, "url", OPT_LIST, "SOURCE=URL", "take that source from there; may be repeated; file:// works", ARG(url),
		NULL },
	{ 0, "force", OPT_FLAG, NULL, "ask also for what was fetched a short time ago", ARG(force), NULL },
	{ 0, "offline", OPT_FLAG, NULL, "index what was downloaded before, ask nobody", ARG(offline), NULL },
	{ 0, "list", OPT_FLAG, NULL, "only list the sources, one row each", ARG(list), NULL },
	{ 0, "log", OPT_LIST, "NAME|URL", "ct: that log (part of its name is enough); may be repeated (otherwise all that can "
		"hold unexpired certificates)", ARG(log), NULL },
	{ 0, "from", OPT_NUMBER, "N", "ct: begin a log that was never read at entry N; what lies before is not counted", ARG(from),
		NULL },
	{ 0, "to", OPT_NUMBER, "N", "ct: read entries before number N only", ARG(to), NULL },
	{ 0, "max-entries", OPT_NUMBER, "N", "ct: read at most so many entries of each log now", ARG(max_entries), NULL },
	{ 0, "jobs", OPT_NUMBER, "N", "ct: threads that read entries (default: 2)", ARG(jobs), NULL },
	{ 0, "names", OPT_LIST, "REF", "ct: keep serial numbers and names of that CA's leaves, however many it has; may be "
		"repeated, and holds from now on", ARG(names), NULL },
	{ 0, "broken-from", OPT_NUMBER, "N", "ct: the log that --log names is known to be broken from entry N on: take what comes "
		"there without proof; 'canopy sources ct' says so ever after", ARG(broken_from), NULL },
	{ 0, "unverified", OPT_FLAG, NULL, "ct: read also a log whose key nobody knows; 'canopy sources ct' says so ever after",
		ARG(unverified), NULL },
	OPTION_FORMAT(ROW_FORMATS),
	OPTION_NO_COLOR,
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

static const struct column columns[] = {
	{ "source", COL_TEXT, "source", "its name", 0, NULL },
	{ "enabled", COL_BOOL, "enabled", "fetched when no source is named", 0, NULL },
	{ "hours", COL_COUNT, "hours", "during which a document is not asked for again", 0, NULL },
	{ "url", COL_TEXT, "url", "where it is fetched from, as configured", 0, NULL },
	{ "gives", COL_TEXT, "gives", "what it is good for", 0, NULL },
	COLUMN_END,
};

/* The documents of one source that are in the cache and go into the index. */
struct job {
	const struct cli *cli;
	struct progress progress;
	size_t showing; /* 1 + number of the document whose progress is drawn */
	struct arena strings;
	VEC(char *) path;
	VEC(const char *) url;
	size_t failed;
};

/* ---- what is fetched ---- */

static int unknown_source(const char *name, struct err *err)
{
	const char *names[SOURCES_MAX], *near;
	struct strbuf all = STRBUF_INIT;
	size_t n = 0;

	for (; source_at(n) && n < SOURCES_MAX; n++) {
		names[n] = source_at(n)->name;
		strbuf_addf(&all, "%s%s", n ? ", " : "", names[n]);
	}
	near = opt_nearest(name, names, n);
	if (near)
		err_set(err, ERR_USAGE, "unknown source '%s'; did you mean '%s'?", name, near);
	else
		err_set(err, ERR_USAGE, "unknown source '%s' (there is %s)", name, all.buf);
	strbuf_release(&all);
	return -1;
}

static int check_sources(const struct cli *c, struct err *err)
{
	for (size_t i = 0; i < c->operands.n; i++) {
		if (!source_find(c->operands.v[i]))
			return unknown_source(c->operands.v[i], err);
	}
	return 0;
}

static bool is_wanted(const struct cli *c, const struct source *s)
{
	for (size_t i = 0; i < c->operands.n; i++) {
		if (strcmp(c->operands.v[i], s->name) == 0)
			return true;
	}
	return !c->operands.n && s->enabled;
}

static int load_config(const struct cli *c, struct config **ret, struct err *err)
{
	char *path = path_xdg(XDG_CONFIG, "config");
	int rc = config_load(path, ret, err);

	free(path);
	for (size_t i = 0; rc == 0 && i < c->args.url.n; i++)
		rc = config_set_url(*ret, c->args.url.v[i], err);
	return rc;
}

/* ---- one source ---- */

static void on_progress(void *ctx, const struct fetch_progress *p)
{
	struct job *j = ctx;

	if (j->showing != p->index + 1) {
		if (j->showing)
			progress_end(&j->progress);
		progress_start(&j->progress, p->document, p->total, j->cli->args.quiet);
		j->showing = p->index + 1;
	}
	j->progress.total = p->total;
	progress_at(&j->progress, p->done);
}

static int on_document(void *ctx, const struct fetched_document *d, struct err *err)
{
	struct job *j = ctx;

	(void)err;
	if (j->showing)
		progress_end(&j->progress);
	j->showing = 0;
	if (d->state == FETCH_FAILED) {
		j->failed++;
		cli_warn("%s: %s: %s%s", d->source->name, d->document, d->err->msg,
			d->cached ? "; the older copy is used" : "");
	}
	if (!d->cached)
		return 0;
	vec_push(&j->path, arena_strdup(&j->strings, d->path));
	vec_push(&j->url, arena_strdup(&j->strings, d->url ? d->url : d->path));
	return 0;
}

static int import_job(const struct cli *c, struct job *j, const char *source, struct err *err)
{
	struct import_options o = { .source = source, .from = j->url.v, .quiet = c->args.quiet };
	struct import_result r = { 0 };

	if (!j->path.n)
		return 0;
	if (import_paths(c, source, j->path.v, j->path.n, &o, &r, err) < 0)
		return -1;
	if (r.refused) {
		j->failed++;
		cli_warn("%s: %s", source, r.first_refusal.msg);
	}
	return 0;
}

static int fetch_one(const struct cli *c, const struct source *s, const struct config *config, const char *cache,
	size_t *failed, struct err *err)
{
	struct job j = { .cli = c };
	struct fetch_request rq = {
		.source = s,
		.url = config_url(config, s->name),
		.cache = cache,
		.contact = config_contact(config),
		.offline = c->args.offline,
		.force = c->args.force,
		.progress = on_progress,
		.document = on_document,
		.ctx = &j,
	};
	struct fetch_summary sum;
	struct err why = { 0 };
	int rc;

	if (fetch_source(&rq, &sum, &why) < 0) {
		cli_warn("%s: %s", s->name, why.msg);
		j.failed++;
	} else if (!j.failed) {
		cli_note(c, "%s: %zu documents, %zu changed, %zu unchanged, %zu young enough not to be asked for",
			s->name, sum.documents, sum.changed, sum.unchanged, sum.skipped);
	}
	rc = import_job(c, &j, s->name, err);
	*failed += j.failed > 0;
	vec_release(&j.path);
	vec_release(&j.url);
	arena_release(&j.strings);
	return rc;
}

static int fetch_all(struct cli *c, const struct config *config, struct err *err)
{
	char *cache = path_xdg(XDG_CACHE, "");
	size_t failed = 0, wanted = 0, before;
	int rc = path_mkdirs_for(c->db_path, err);

	for (size_t i = 0; rc == 0 && source_at(i); i++) {
		if (!is_wanted(c, source_at(i)))
			continue;
		wanted++;
		before = failed;
		bool logs = strcmp(source_at(i)->name, "ct") == 0;
		if (source_at(i)->shape == SOURCE_DATABASE)
			rc = fetch_crtsh(c, source_at(i), config, cache, &failed, err);
		else if (!logs || fetch_ct_needs_list(c))
			rc = fetch_one(c, source_at(i), config, cache, &failed, err);
		if (rc == 0 && logs && !c->args.offline)
			rc = fetch_ct(c, config, &failed, err);
		failed = failed > before ? before + 1 : before;
	}
	free(cache);
	if (rc == 0 && failed)
		rc = err_set(err, ERR_NETWORK, "%zu of %zu source%s failed", failed, wanted, wanted == 1 ? "" : "s");
	return rc;
}

/* ---- the command ---- */

static void list_sources(const struct cli *c, const struct config *config)
{
	struct out *o = out_begin(stdout, c->format, columns, &c->style);

	for (size_t i = 0; source_at(i); i++) {
		const struct source *s = source_at(i);

		if (c->operands.n && !is_wanted(c, s))
			continue;
		out_text(o, s->name);
		out_bool(o, s->enabled);
		out_count(o, (uint64_t)s->min_interval / 3600);
		out_text(o, config_url(config, s->name));
		out_text(o, s->help);
		out_row(o);
	}
	out_end(o);
}

static int run(struct cli *c, struct err *err)
{
	struct config *config = NULL;
	int rc = -1;

	if (check_sources(c, err) < 0 || fetch_ct_check(c, err) < 0 || load_config(c, &config, err) < 0)
		goto out;
	if (c->args.list) {
		list_sources(c, config);
		rc = 0;
		goto out;
	}
	signal(SIGPIPE, SIG_IGN); /* a server that hangs up is an error of that document */
	if (fetch_global_init(err) < 0)
		goto out;
	rc = fetch_all(c, config, err);
	fetch_global_cleanup();
out:
	config_free(config);
	return rc;
}

const struct command command_fetch = {
	.name = "fetch",
	.operands = "[SOURCE…]",
	.summary = "download and index; no SOURCE means every enabled one",
	.max_operands = ANY_OPERANDS,
	.options = options,
	.columns = columns,
	.text = "Asks each source for its documents, keeps them below $XDG_CACHE_HOME/canopy and indexes them. "
		"What did not change is not downloaded again, and what was fetched a short time ago is not even "
		"asked for, unless --force is given.\n\n"
		"A source's address can be changed in the configuration ('url.ccadb = file:///srv/ccadb/') or "
		"with --url. It is a folder, with a slash at its end, for ccadb, and a file for mozilla and ct (its log list).\n\n"
		"ct reads Certificate Transparency logs: first the list of logs, then entry after entry of those that can hold "
		"unexpired certificates, which is billions; --log and --max-entries make it less. Each distinct certificate is "
		"counted once, however many logs hold it and whether as precertificate or not. Entries are counted when the "
		"log's signed tree head proves them; a log that lies is refused and what it said kept. A run that is "
		"interrupted goes on where it stopped. How many requests a log gets at once and a second is in the "
		"configuration ('canopy help configuration').\n\n"
		"A log may lie in files, also as zips, as 'canopy help import' tells: --log file:///srv/log/ or file:///srv/000.zip, or a "
		"list of logs that says so.\n\n"
		"When a document fails its older copy is kept and the others are still fetched and indexed; then "
		"the exit status is 4.\n\n"
		"Every day by itself: 'systemctl --user enable --now canopy.timer', where ./dev install put canopy; "
		"'systemctl --user status canopy' says how it went. What CCADB changed between two fetches is told by "
		"'canopy check --kind new-ca --kind status-changed'.\n\n"
		"The columns are those of --list.\n\n"
		"Examples:\n\n"
		"    canopy fetch\n"
		"    canopy fetch ct --log 'Fictional log' --max-entries 1000000\n"
		"    canopy fetch mozilla --url \"mozilla=file://$PWD/certdata.txt\"",
	.run = run,
};
