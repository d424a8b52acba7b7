#include "cli/fetch_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/path.h"
#include "base/progress.h"
#include "cli/fetch_ahead.h"
#include "cli/import.h"
#include "cli/stop.h"
#include "fetch/fetch.h"
#include "fetch/url.h"
#include "index/crxupdate.h"
#include "index/tried.h"

#define FAILURES_TOLD 10
#define UPDATE_MAX ((size_t)1 << 20)
#define POINTED_AT "crlset.crx"

const struct column fetch_plan_columns[] = {
	{ "source", COL_TEXT, "source", "its name", 0, NULL },
	{ "document", COL_TEXT, "document", "as the cache names it", 48, NULL },
	{ "due", COL_BOOL, "due", "it would be asked for", 0, NULL },
	{ "fetched_at", COL_TIME, "fetched", "when the source last confirmed the cached copy", 0, NULL },
	{ "age_hours", COL_COUNT, "hours old", "since then", 0, NULL },
	{ "bytes", COL_COUNT, "bytes", "of the cached copy", 0, NULL },
	{ "url", COL_TEXT, "url", "where it would be asked for", 0, NULL },
	COLUMN_END,
};

/* The documents of one source that are in the cache and go into the index. */
struct job {
	struct fetching *f;
	struct progress progress;
	bool showing;  /* progress was started, of this: */
	char what[64];
	const char *source;
	struct arena strings;
	VEC(char *) path;
	VEC(const char *) url;
	size_t failed;
	bool stopped; /* before all were asked for */
	struct fetch_summary sum;
	bool points;              /* the source's document may tell where another one is, */
	struct crx_update update; /* with a url: this one */
	struct tries tries;
};

/* ---- what is told meanwhile ---- */

static void on_progress(void *ctx, const struct fetch_progress *p)
{
	struct job *j = ctx;

	if (!j->showing) {
		snprintf(j->what, sizeof(j->what), "%.40s", p->count == 1 ? p->document : "downloading");
		progress_start(&j->progress, PROGRESS_DOWNLOAD, j->what, p->total, j->f->cli->args.quiet);
	}
	j->showing = true;
	j->progress.total = p->total;
	j->progress.documents = p->through;
	j->progress.documents_total = p->count;
	progress_at(&j->progress, p->done);
}

static void tell_failure(struct job *j, const struct fetched_document *d)
{
	j->failed++;
	if (j->showing)
		progress_hide(&j->progress);
	if (j->failed <= FAILURES_TOLD)
		cli_warn("%s: %s: %s%s", d->source->name, d->document, d->err->msg, d->cached ? "; the older copy is used" : "");
}

/* Where it is from, as the index keeps it. An address in a certificate is no secret, and is looked up by what it is. */
static const char *origin_of(struct job *j, const struct fetched_document *d)
{
	if (!d->origin || d->source->is_signed)
		return arena_strdup(&j->strings, d->origin ? d->origin : d->path);
	char *shown = url_shown(d->origin);
	const char *kept = arena_strdup(&j->strings, shown);
	free(shown);
	return kept;
}

static void note_try(struct job *j, const struct fetched_document *d)
{
	tries_add(&j->tries, (struct tried){
		.document = d->document,
		.url = origin_of(j, d),
		.error = d->err ? d->err->msg : "",
		.tried_at = d->state == FETCH_SKIPPED ? TIME_UNKNOWN : time_now(),
		.confirmed_at = d->fetched_at >= 0 ? d->fetched_at : TIME_UNKNOWN,
		.status = d->status,
	});
}

/* What went wrong with the source as a whole. */
static void note_failure(struct job *j, const char *why)
{
	const char *url = config_url(j->f->config, j->source);
	char *shown = url ? url_shown(url) : NULL;

	tries_add(&j->tries, (struct tried){ .url = shown, .error = why, .tried_at = time_now(), .confirmed_at = TIME_UNKNOWN });
	free(shown);
}

static void plan_document(const struct job *j, const struct fetched_document *d)
{
	struct out *o = j->f->plan;
	int64_t age = time_now() - d->fetched_at;

	out_text(o, d->source->name);
	out_text(o, d->document);
	out_bool(o, d->state == FETCH_PLANNED);
	out_time_if(o, d->fetched_at >= 0, d->fetched_at);
	out_count_if(o, d->fetched_at >= 0 && age >= 0, (uint64_t)age / 3600);
	out_count_if(o, d->cached, d->bytes);
	char *url = url_shown(d->url);
	out_text(o, url);
	free(url);
	out_row(o);
}

/* ---- the update server's answer, which names the CRLSet ---- */

static int read_update(struct job *j, const char *path, bool *is_one, struct err *err)
{
	uint8_t *data;
	size_t n;

	*is_one = false;
	if (path_read(path, UPDATE_MAX, &data, &n, NULL) < 0)
		return 0; /* longer: the CRLSet itself */
	*is_one = crx_update_recognise((const char *)data, n);
	int rc = *is_one ? crx_update_read((const char *)data, n, &j->update, err) : 0;
	free(data);
	return rc;
}

static int on_check(void *ctx, const char *document, const char *path, struct err *err)
{
	struct job *j = ctx;
	bool is_one = false;

	if (j->points && strcmp(document, POINTED_AT) == 0 && crx_update_check(&j->update, path, err) < 0)
		return -1;
	if (j->points && strcmp(document, POINTED_AT) != 0 && read_update(j, path, &is_one, err) < 0)
		return -1;
	return is_one ? 0 : index_check_document(j->source, path, err);
}

/* 1: the document is no list but tells where it is. */
static int is_pointer(struct job *j, const struct fetched_document *d)
{
	struct err why = { 0 };
	bool is_one = false;

	if (!j->points || strcmp(d->document, POINTED_AT) == 0)
		return 0;
	if (read_update(j, d->path, &is_one, &why) < 0 && !j->f->cli->args.offline) {
		j->failed++;
		cli_warn("%s: %s: %s", d->source->name, d->document, why.msg);
	}
	return is_one;
}

static int on_document(void *ctx, const struct fetched_document *d, struct err *err)
{
	struct job *j = ctx;

	(void)err;
	if (j->f->plan) {
		plan_document(j, d);
		return 0;
	}
	note_try(j, d);
	if (d->state == FETCH_FAILED)
		tell_failure(j, d);
	if (!d->cached || is_pointer(j, d))
		return 0;
	vec_push(&j->path, arena_strdup(&j->strings, d->path));
	vec_push(&j->url, origin_of(j, d));
	return 0;
}

/* ---- asking ---- */

static void ask(struct job *j, const struct source *s, const struct source_list *items)
{
	const struct args *a = &j->f->cli->args;
	struct fetch_request rq = {
		.source = s,
		.url = config_url(j->f->config, s->name),
		.items = items,
		.cache = j->f->cache,
		.contact = config_contact(j->f->config),
		.limits = config_limits(j->f->config),
		.offline = a->offline,
		.dry_run = a->dry_run,
		.force = a->force,
		.progress = on_progress,
		.cancelled = stop_asked,
		.check = on_check,
		.document = on_document,
		.ctx = j,
	};
	struct fetch_summary sum;
	struct err why = { 0 };
	const struct fetched_ahead *ahead = items ? NULL : fetch_ahead_of(j->f, s);
	int rc;

	if (ahead) {
		rc = ahead->rc;
		sum = ahead->sum;
		why = ahead->err;
		for (size_t i = 0; i < ahead->document.n; i++)
			on_document(j, &ahead->document.v[i], &why);
	} else {
		stop_on_interrupt();
		rc = fetch_source(&rq, &sum, &why);
		stop_end();
	}
	if (j->showing)
		progress_end(&j->progress);
	j->showing = false;
	if (rc < 0) {
		cli_warn("%s: %s", s->name, why.msg);
		note_failure(j, why.msg);
		j->tries.whole = false;
		j->failed++;
	}
	j->stopped |= sum.cancelled;
	j->tries.whole &= !sum.cancelled;
	j->sum.documents += sum.documents;
	j->sum.changed += sum.changed;
	j->sum.unchanged += sum.unchanged;
	j->sum.skipped += sum.skipped;
	j->sum.failed += sum.failed;
}

/* Does somebody's own folder of files stand for the addresses? */
static bool is_local(const char *url)
{
	return url && url_is_file(url);
}

/* An answer leads no further than a redirect may. */
static const char *pointer_refusal(const char *from, const char *to)
{
	struct url_info at, info;
	const char *why = url_refusal(from, &at);

	return why ? why : url_redirect_refusal(&at, to, &info);
}

static int ask_all(struct job *j, const struct source *s, struct err *err)
{
	const char *url = config_url(j->f->config, s->name);
	bool named = s->is_signed && !j->f->cli->args.offline && !is_local(url);
	struct source_list items = { 0 };

	if (named && !path_exists(j->f->cli->db_path)) {
		j->failed++;
		cli_warn("%s: there is no index yet that names CAs", s->name);
		return 0;
	}
	int rc = named ? fetch_named(j->f, s, url, &items, err) : 0;

	if (rc == 0 && (!named || items.n))
		ask(j, s, named ? &items : NULL);
	source_list_release(&items);
	if (rc < 0 || j->stopped || !*j->update.url || j->f->cli->args.offline)
		return rc;
	const char *refused = pointer_refusal(url, j->update.url);
	if (refused) {
		j->failed++;
		cli_warn("%s: the update server's answer is not followed: %s", s->name, refused);
		return 0;
	}
	struct source_item item = { (char[]){ POINTED_AT }, j->update.url, NULL };
	ask(j, s, &(struct source_list){ .v = &item, .n = 1 });
	return 0;
}

/* ---- the index ---- */

static int import_job(struct job *j, const char *source, struct import_result *r, struct err *err)
{
	const struct cli *c = j->f->cli;
	struct import_options o = { .source = source, .from = j->url.v, .quiet = c->args.quiet };

	r->held_day = INT32_MIN;
	if (!j->path.n)
		return 0;
	if (import_into(c, j->path.v, j->path.n, &o, r, err) < 0)
		return -1;
	if (r->refused) {
		j->failed++;
		note_failure(j, r->first_refusal.msg);
		cli_warn("%s: %s; what was indexed before is kept", source, r->first_refusal.msg);
	}
	return 0;
}

static void add_part(struct strbuf *b, const char *before, uint64_t n, const char *what)
{
	char text[32];

	strbuf_addf(b, "%s%s %s", before, num_group(text, n), what);
}

static void add_age(struct strbuf *b, int32_t day)
{
	char date[DATE_BUF], n[32];
	int64_t days = (int64_t)date_today() - day;

	strbuf_addf(b, ", as of %s", date_format(date, day));
	if (days > 0)
		strbuf_addf(b, " (%s day%s old)", num_group(n, (uint64_t)days), days == 1 ? "" : "s");
}

void fetch_sum(struct strbuf *b, const struct import_result *r, bool had_documents)
{
	add_part(b, "", r->held, r->held == 1 ? "record" : "records");
	if (r->files) {
		add_part(b, " (", r->added, "new, ");
		add_part(b, "", r->altered, "changed, ");
		add_part(b, "", r->dropped, "gone)");
	} else if (had_documents && !r->refused) {
		strbuf_addstr(b, ", nothing changed");
	}
	add_part(b, ", ", r->held_problems, r->held_problems == 1 ? "problem" : "problems");
	if (r->held_day != INT32_MIN)
		add_age(b, r->held_day);
}

/* "ccadb: 10,229 records (12 new, 3 changed, 1 gone), 11 problems, as of 2026-11-29; 34 documents, 2 changed" */
static void sum_up(const struct job *j, const char *source, const struct import_result *r)
{
	struct strbuf b = STRBUF_INIT;

	fetch_sum(&b, r, j->path.n > 0);
	add_part(&b, "; ", j->sum.documents, j->sum.documents == 1 ? "document" : "documents");
	add_part(&b, ", ", j->sum.changed, "fetched");
	add_part(&b, ", ", j->sum.unchanged, "unchanged");
	if (j->sum.skipped)
		add_part(&b, ", ", j->sum.skipped, j->f->cli->args.offline ? "from the cache" : "young enough not to be asked for");
	if (j->sum.failed)
		add_part(&b, ", ", j->sum.failed, "failed");
	size_t told = j->sum.changed + j->sum.unchanged + j->sum.skipped + j->sum.failed;
	if (told < j->sum.documents)
		add_part(&b, ", ", j->sum.documents - told, "left for the next run");
	cli_note(j->f->cli, "%s: %s", source, b.buf);
	strbuf_release(&b);
}

static void tell_beside(const struct job *j, const struct source *s)
{
	const struct args *a = &j->f->cli->args;

	if (s->beside && !a->offline && strcmp(config_url(j->f->config, s->name), s->url) == 0)
		cli_note(j->f->cli, "%s: this is the table of roots; the counts have no address: export cert_validation_success_by_ca "
			"from Mozilla's GLAM and name the file with --url %s=file:///PATH", s->name, s->name);
}

int fetch_run(struct fetching *f, const struct source *s, struct err *err)
{
	const struct args *a = &f->cli->args;
	struct job j = { .f = f, .source = s->name, .points = strcmp(s->name, "crlset") == 0 };
	struct import_result r = { 0 };

	j.tries.source = s->name;
	j.tries.whole = !a->ca.n;
	int rc = ask_all(&j, s, err);

	if (j.failed > FAILURES_TOLD)
		cli_warn("%s: and %zu more documents failed", s->name, j.failed - FAILURES_TOLD);
	if (rc == 0 && !f->plan)
		rc = import_job(&j, s->name, &r, err);
	if (rc == 0 && !f->plan && (j.path.n || !j.failed))
		sum_up(&j, s->name, &r);
	if (rc == 0 && !f->plan)
		tell_beside(&j, s);
	if (rc == 0 && !f->plan && !a->offline)
		rc = index_note_tries(f->cli->db_path, &j.tries, err);
	f->failed += j.failed > 0;
	tries_release(&j.tries);
	vec_release(&j.path);
	vec_release(&j.url);
	arena_release(&j.strings);
	return rc;
}
