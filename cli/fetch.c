#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/progress.h"
#include "cli/cli.h"
#include "cli/fetch_ahead.h"
#include "cli/fetch_crtsh.h"
#include "cli/fetch_ct.h"
#include "cli/fetch_run.h"
#include "cli/stop.h"
#include "fetch/fetch.h"
#include "fetch/url.h"

#define SOURCES_MAX 32

static const struct opt options[] = {
	OPTION_DB,
	{ 0, "url", OPT_LIST, "SOURCE=URL", "take that source from there; may be repeated; file:// works", ARG(url),
		NULL },
	{ 0, "force", OPT_FLAG, NULL, "ask also for what was fetched a short time ago", ARG(force), NULL },
	{ 0, "offline", OPT_FLAG, NULL, "index what was downloaded before, ask nobody", ARG(offline), NULL },
	{ 0, "dry-run", OPT_FLAG, NULL, "only list what would be asked for, and how old the cached copies are", ARG(dry_run), NULL },
	{ 0, "list", OPT_FLAG, NULL, "only list the sources, one row each", ARG(list), NULL },
	{ 0, "ca", OPT_LIST, "REF", "crl: the lists of that CA; may be repeated (otherwise of all CAs with unexpired leaves)", ARG(ca),
		NULL },
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
	{ 0, "exact", OPT_LIST, "REF", "crtsh: count that CA's unexpired leaves there one by one; may be repeated, and takes minutes for "
		"large CAs", ARG(exact), NULL },
	{ 0, "subtree", OPT_FLAG, NULL, "crtsh: with --exact, also all CAs below it", ARG(subtree), NULL },
	{ 0, "unverified", OPT_FLAG, NULL, "ct: read also a log whose key nobody knows; 'canopy sources ct' says so ever after",
		ARG(unverified), NULL },
	{ 0, "as-of", OPT_DATE, "YYYY-MM-DD", "crl, aia: what was unexpired on this UTC day (default: today)", ARG(as_of), NULL },
	{ 0, "progress", OPT_CHOICE, "auto|none|lines", "how far it is, on stderr: a bar on a terminal, nothing, or lines for programs "
		"(default: auto)", ARG(progress), "auto|none|lines" },
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

static bool is_wanted(const struct cli *c, const struct config *config, const struct source *s)
{
	for (size_t i = 0; i < c->operands.n; i++) {
		if (strcmp(c->operands.v[i], s->name) == 0)
			return true;
	}
	return !c->operands.n && config_enabled(config, s);
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

/* ---- all of them ---- */

static int fetch_logs(struct fetching *f, const struct source *s, struct err *err)
{
	struct cli *c = f->cli;
	size_t before = f->failed;
	int rc = fetch_ct_needs_list(c) ? fetch_run(f, s, err) : 0;

	if (rc == 0 && !c->args.offline && !f->plan)
		rc = fetch_ct(c, f->config, &f->failed, err);
	f->failed = f->failed > before ? before + 1 : before;
	return rc;
}

static size_t count_wanted(const struct cli *c, const struct config *config)
{
	size_t n = 0;

	for (size_t i = 0; source_at(i); i++)
		n += is_wanted(c, config, source_at(i));
	return n;
}

static void go_ahead(struct fetching *f)
{
	const struct source *wanted[SOURCES_MAX];
	size_t n = 0;

	for (size_t i = 0; source_at(i) && n < SOURCES_MAX; i++)
		if (is_wanted(f->cli, f->config, source_at(i)))
			wanted[n++] = source_at(i);
	fetch_ahead_start(f, wanted, n);
}

static int fetch_all(struct cli *c, const struct config *config, struct out *plan, struct err *err)
{
	char *cache = path_xdg(XDG_CACHE, "");
	struct fetching f = { .cli = c, .config = config, .cache = cache, .plan = plan };
	size_t wanted = 0, all = count_wanted(c, config);
	int rc = plan ? 0 : path_mkdirs_for(c->db_path, err);

	if (rc == 0 && !plan && !c->args.offline)
		go_ahead(&f);
	/* what came until then is indexed, and nobody else is asked */
	bool stopped = f.ahead && stop_asked(NULL);
	for (size_t i = 0; rc == 0 && source_at(i); i++) {
		const struct source *s = source_at(i);
		if (!is_wanted(c, config, s) || (stopped && !fetch_ahead_of(&f, s)))
			continue;
		size_t failed = f.failed;
		progress_source(s->name, wanted++, all);
		if (s->shape == SOURCE_DATABASE)
			rc = fetch_crtsh(&f, s, err);
		else
			rc = strcmp(s->name, "ct") == 0 ? fetch_logs(&f, s, err) : fetch_run(&f, s, err);
		progress_source_end(rc < 0 || f.failed > failed);
		if (!stopped && stop_asked(NULL))
			break;
	}
	if (rc == 0 && (stopped || stop_asked(NULL)))
		rc = err_set(err, ERR_NETWORK, "stopped; what came is kept, and the next run goes on there");
	fetch_ahead_end(&f);
	free(cache);
	if (rc == 0 && f.failed)
		rc = err_set(err, ERR_NETWORK, "%zu of %zu source%s failed", f.failed, wanted, wanted == 1 ? "" : "s");
	return rc;
}

/* ---- the command ---- */

static void list_sources(const struct cli *c, const struct config *config)
{
	struct out *o = out_begin(stdout, c->format, columns, &c->style);

	for (size_t i = 0; source_at(i); i++) {
		const struct source *s = source_at(i);

		if (c->operands.n && !is_wanted(c, config, s))
			continue;
		out_text(o, s->name);
		out_bool(o, config_enabled(config, s));
		out_count(o, (uint64_t)s->min_interval / 3600);
		char *url = url_shown(config_url(config, s->name) ? config_url(config, s->name) : "");
		out_text_or_null(o, url);
		free(url);
		out_text(o, s->help);
		out_row(o);
	}
	out_end(o);
}

static int run(struct cli *c, struct err *err)
{
	struct config *config = NULL;
	enum progress_mode mode;
	int rc = -1;

	progress_mode_parse(c->args.progress, &mode);
	progress_set_mode(mode);
	if (check_sources(c, err) < 0 || fetch_ct_check(c, err) < 0 || load_config(c, &config, err) < 0)
		goto out;
	if (c->args.list) {
		list_sources(c, config);
		rc = 0;
		goto out;
	}
	if (c->args.dry_run) {
		struct out *o = out_begin(stdout, c->format, fetch_plan_columns, &c->style);
		rc = fetch_all(c, config, o, err);
		out_end(o);
		goto out;
	}
	signal(SIGPIPE, SIG_IGN); /* a server that hangs up is an error of that document */
	if (fetch_global_init(err) < 0)
		goto out;
	rc = fetch_all(c, config, NULL, err);
	fetch_global_cleanup();
out:
	config_free(config);
	return rc;
}

static const struct help_part parts[] = {
	{ "CRLSet", "crlset asks Chrome's update server, whose answer names the newest file with its size and SHA-256; a file that is "
		"another one is refused. With --url it may also be the CRLSet itself, raw or as CRX." },
	{ "Revocation lists", "crl fetches the lists of the CAs that have unexpired leaves in the index, or of those that --ca names: "
		"from the addresses that CCADB's records give (full lists and parts), and those in the certificates that the CA issued. "
		"A list is believed when its CA's key verifies it. One that is older than the indexed one is not used; delta and indirect lists, and "
		"one whose thisUpdate lies more than a day in the future, are told by 'canopy sources --problems' and not applied. An address of this machine in a certificate is not followed.\n\n"
		"A folder given as its address with file:// holds lists to be read (*.crl); one of a server is a mirror, in which the "
		"list of http://crl.example/a.crl is crl.example/a.crl. The same holds for aia." },
	{ "Issuers", "aia fetches what the caIssuers addresses of unexpired CA certificates lead to, DER, PEM or PKCS #7, at most once in seven "
		"days, and only when it is named. Each is a document of its address, so that the index knows where a certificate was "
		"found." },
	{ "crt.sh", "crtsh asks crt.sh's public database how many certificates and precertificates each CA of the index has there. A "
		"certificate and its precertificate are one leaf, and crt.sh counts both: so there are at least as many unexpired leaves as "
		"the larger of the two numbers, and at most their sum; CA certificates that the index knows are taken out. 'canopy help "
		"counts' tells how such bounds are shown. Where crt.sh has not counted for a while what expired, the numbers are marked as "
		"rounded and have the day up to which it did. Its CAs are matched by key and name; others with a key of the index are in "
		"'canopy sources --problems'.\n\n"
		"It is asked over one connection, read-only, a hundred keys at a time (crtsh-batch and crtsh-timeout in the configuration), "
		"again where it is busy; a run that is interrupted goes on where it was, for a day. --exact has the unexpired leaves of a CA "
		"counted one by one instead: its figure then has no bounds but is of that day alone. The URL is a connection string of "
		"PostgreSQL." },
	{ "Logs", "ct reads Certificate Transparency logs: first the list of logs, then entry after entry of those that can hold "
		"unexpired certificates, which is billions; --log and --max-entries make it less. Each distinct certificate is "
		"counted once, however many logs hold it and whether as precertificate or not. Entries are counted when the "
		"log's signed tree head proves them; a log that lies is refused and what it said kept. A run that is "
		"interrupted goes on where it stopped. How many requests a log gets at once and a second is in the "
		"configuration ('canopy help configuration').\n\n"
		"A log may lie in files, also as zips, as 'canopy help import' tells: --log file:///srv/log/ or file:///srv/000.zip, or a "
		"list of logs that says so." },
	{ "Progress", "On a terminal a bar says how far a source is, with bytes, rows once they are read, and the time left where the end is "
		"known. --progress=none leaves it out, -q also the sums. --progress=lines writes it for programs, on stderr, with or without "
		"a terminal and -q: lines that begin with 'progress', then fields of the form key=value, all separated by tabs. A field whose "
		"value is not known is left out; further ones may be added. At most ten lines a second come of a step, besides its first "
		"and last:\n\n"
		"    source=NAME step=start sources=N sources_total=N\n"
		"    source=NAME step=STEP unit=UNIT done=N total=N rows=N documents=N\n"
		"                documents_total=N seconds_left=N what=TEXT\n"
		"    source=NAME step=end result=ok|failed\n\n"
		"sources is the number of those before it. Sources that are downloaded at once are told by turns, before their start: a line each on a "
		"terminal. STEP and UNIT are download and bytes, read and bytes (of files into the index, with "
		"the rows so far), link and certificates, ask and keys (of crt.sh), log and entries (TEXT is the log). documents are those "
		"that are through, where a source has several." },
	{ NULL, NULL },
};

const struct command command_fetch = {
	.name = "fetch",
	.operands = "[SOURCE…]",
	.summary = "download and index; no SOURCE means every enabled one",
	.max_operands = ANY_OPERANDS,
	.options = options,
	.columns = columns,
	.text = "Asks each source for its documents, keeps them below $XDG_CACHE_HOME/canopy and indexes them, source after source in "
		"the order of --list. What did not change is not downloaded again, and what was fetched a short time ago is not even "
		"asked for, unless --force is given. A download that broke off is resumed.\n\n"
		"For each source one line sums up: its records, how many are new, say something else or are gone beside the documents "
		"before, problems, and how old the contents are; 'canopy sources' tells the same later, document by document.\n\n"
		"When a document fails or is in a format that is not known, its older copy and what was indexed of it are kept, and the "
		"others are still fetched and indexed; then the exit status is 4. Ctrl-C ends it after what came is indexed, with exit "
		"status 4, too; a second one ends it at once, and the cache keeps each document that was complete. A host that gives no connection, or asks to be left "
		"alone for longer than two minutes, is not asked again by that run.\n\n"
		"Sources of different hosts are downloaded at once, then indexed in the order of --list; crlset, aia, crtsh, ct and crl come in "
		"their turn. crl and aia have documents on many hosts: several of them are asked at once (hosts in the configuration). A host is asked for one "
		"document at a time, and one that is slow or wants a pause holds up no other.\n\n"
		"A source's address can be changed in the configuration ('url.ccadb = file:///srv/ccadb/') or "
		"with --url. It is a folder, with a slash at its end, for ccadb, chrome, crl and aia, a connection string of PostgreSQL for "
		"crtsh, and a file for the others. http is "
		"only for this machine (but for crl and aia, whose documents are signed), file:// for all but crtsh.\n\n"
		"Every day by itself: 'systemctl --user enable --now canopy.timer', where ./dev install put canopy; "
		"'systemctl --user status canopy' says how it went. What CCADB changed between two fetches is told by "
		"'canopy check --kind new-ca --kind status-changed'.\n\n"
		"The columns are those of --list. Those of --dry-run are source, document, due, fetched_at, age_hours, bytes and url.\n\n"
		"Examples:\n\n"
		"    canopy fetch\n"
		"    canopy fetch --dry-run ccadb mozilla\n"
		"    canopy fetch crl --ca 'Alder TLS CA 1'\n"
		"    canopy fetch ct --log 'Fictional log' --max-entries 1000000\n"
		"    canopy fetch mozilla --url \"mozilla=file://$PWD/certdata.txt\"",
	.parts = parts,
	.run = run,
};
