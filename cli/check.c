#include "cli/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "base/num.h"
#include "cli/cli.h"

static const struct opt options[] = {
	OPTION_DB,
	{ 0, "kind", OPT_LIST, "KIND", "only findings of this kind; may be repeated", ARG(kind), NULL },
	{ 0, "since", OPT_DATE, "YYYY-MM-DD", "of new-ca and status-changed only what changed on this day or later", ARG(since), NULL },
	OPTION_AS_OF,
	OPTION_CHROME_VERSION,
	OPTION_FORMAT(ROW_FORMATS),
	OPTION_NO_COLOR,
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

static const struct column columns[] = {
	{ "kind", COL_TEXT, "kind", "what was found: one of the kinds above", 0, NULL },
	{ "severity", COL_TEXT, "severity", "high, medium or low", 0, NULL },
	{ "ca_id", COL_HASH, "ca_id", "the CA, empty where it is about none", 0, NULL },
	{ "cert_sha256", COL_HASH, "certificate", "the CA certificate, empty where it is about none", 0, NULL },
	{ "subject", COL_TEXT, "subject", "the CA's Name", 0, NULL },
	{ "detail", COL_TEXT, "detail", "the evidence", 0, NULL },
	{ "source", COL_TEXT, "source", "where the evidence stands", 0, NULL },
	COLUMN_END,
};

/* For people: who it is about, and as much as a line bears … */
static const struct column table_columns[] = {
	{ "kind", COL_TEXT, "kind", NULL, 0, NULL },
	{ "severity", COL_TEXT, "severity", NULL, 0, NULL },
	{ "ca_id", COL_HASH, "ca_id", NULL, 0, NULL },
	{ "cert_sha256", COL_HASH, "certificate", NULL, 0, NULL },
	{ "subject", COL_TEXT, "subject", NULL, 48, NULL },
	{ "owner", COL_TEXT, "owner", NULL, 30, NULL },
	{ "detail", COL_TEXT, "detail", NULL, 0, NULL },
	{ "source", COL_TEXT, "source", NULL, 60, NULL },
	COLUMN_END,
};

/* … or what a mail must say whole, for its reader has no index. */
static const struct column md_columns[] = {
	{ "kind", COL_TEXT, "kind", NULL, 0, NULL },
	{ "severity", COL_TEXT, "severity", NULL, 0, NULL },
	{ "ca_id", COL_TEXT, "ca_id", NULL, 0, NULL },
	{ "cert_sha256", COL_TEXT, "certificate", NULL, 0, NULL },
	{ "subject", COL_TEXT, "subject", NULL, 0, NULL },
	{ "detail", COL_TEXT, "detail", NULL, 0, NULL },
	{ "source", COL_TEXT, "source", NULL, 0, NULL },
	{ "name", COL_TEXT, "name", NULL, 0, NULL },
	{ "owner", COL_TEXT, "owner", NULL, 0, NULL },
	COLUMN_END,
};

static bool kind_value(size_t i, const char **name, const char **help)
{
	for (size_t k = 0; k <= i; k++) {
		if (!check_kinds[k].name)
			return false;
	}
	*name = check_kinds[i].name;
	*help = check_kinds[i].help;
	return true;
}

/* ---- what is asked for ---- */

/* What the operands name: a CA with all that is its own, or one certificate. NULL without operands. */
struct subjects {
	bool *ca, *cert;
};

static void add_subject(struct subjects *s, const struct ref *r)
{
	if (r->is_cert)
		s->cert[r->cert] = true;
	for (size_t i = 0; !r->is_cert && i < r->n_cas; i++)
		s->ca[r->ca[i]] = true;
}

static int subjects_open(struct cli *c, struct subjects *s, struct err *err)
{
	s->ca = xcalloc(c->graph->ca.n + 1, sizeof(*s->ca));
	s->cert = xcalloc(c->graph->cert.n + 1, sizeof(*s->cert));
	for (size_t i = 0; i < c->operands.n; i++) {
		struct ref r = { 0 };

		if (cli_resolve(c, c->operands.v[i], &r, err) < 0)
			return -1;
		add_subject(s, &r);
		ref_release(&r);
	}
	return 0;
}

static void subjects_close(struct subjects *s)
{
	free(s->ca);
	free(s->cert);
}

static uint32_t ca_of(const struct graph *g, const struct finding *f)
{
	return f->ca == NO_INDEX && f->cert != NO_INDEX ? g->cert.v[f->cert].ca : f->ca;
}

static bool is_wanted(const struct cli *c, const struct subjects *s, const struct finding *f)
{
	uint32_t ca = ca_of(c->graph, f);

	if (!cli_kind_wanted(c, f->kind))
		return false;
	if (c->args.since.set && f->day != INT32_MIN && f->day < c->args.since.day)
		return false;
	return !c->operands.n || (ca != NO_INDEX && s->ca[ca]) || (f->cert != NO_INDEX && s->cert[f->cert]);
}

/* ---- rows ---- */

static const char *owner_of(const struct finding_cells *f)
{
	return !f->ca_id ? NULL : *f->owner ? f->owner : "not known";
}

static void put_stable(struct out *o, const struct finding_cells *f)
{
	out_text(o, f->kind);
	out_text(o, severity_names[f->severity]);
	out_hash_or_null(o, f->ca_id);
	out_hash_or_null(o, f->sha256);
	out_text_or_null(o, f->subject);
	out_text_or_null(o, f->detail);
	out_text_or_null(o, f->source);
	out_row(o);
}

static void put_table(struct out *o, const struct finding_cells *f)
{
	out_text(o, f->kind);
	out_text(o, severity_names[f->severity]);
	out_hash_or_null(o, f->ca_id);
	out_hash_or_null(o, f->sha256);
	out_text_or_null(o, f->subject);
	out_text(o, owner_of(f));
	out_text_or_null(o, f->detail);
	out_text_or_null(o, f->source);
	out_row(o);
}

static void put_whole_hash(struct out *o, const uint8_t *hash)
{
	struct strbuf hex = STRBUF_INIT;

	if (hash)
		strbuf_addhex(&hex, hash, 32);
	out_text_or_null(o, hex.buf);
	strbuf_release(&hex);
}

static void put_md(struct out *o, const struct finding_cells *f)
{
	out_text(o, f->kind);
	out_text(o, severity_names[f->severity]);
	put_whole_hash(o, f->ca_id);
	put_whole_hash(o, f->sha256);
	out_text_or_null(o, f->subject);
	out_text_or_null(o, f->detail);
	out_text_or_null(o, f->source);
	out_text_or_null(o, f->name);
	out_text(o, owner_of(f));
	out_row(o);
}

/* ---- above the rows, in Markdown ---- */

static void add_count(struct strbuf *out, size_t n, const char *one, const char *many)
{
	char buf[32];

	strbuf_addf(out, "%s %s", num_group(buf, n), n == 1 ? one : many);
}

/* "3 findings about 2 CAs" */
static void add_counts(struct strbuf *out, const struct finding_list *l)
{
	struct map cas = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		bool is_new = false;

		if (l->v[i].ca_id)
			map_at(&cas, l->v[i].ca_id, 32, &is_new);
		n += is_new;
	}
	add_count(out, l->n, "finding", "findings");
	strbuf_addstr(out, n ? " about " : "");
	if (n)
		add_count(out, n, "CA", "CAs");
	map_release(&cas);
}

static void put_line(FILE *f, const struct style *style, const char *label, const char *text)
{
	struct strbuf b = STRBUF_INIT;

	style_markdown(style, &b, text, 0);
	fprintf(f, "- %s%s\n", label, b.buf);
	strbuf_release(&b);
}

/* What the kinds that are there mean, as the list's order has them. */
static void put_kinds(FILE *f, const struct style *style, const struct finding_list *l)
{
	for (size_t k = 0; check_kinds[k].name; k++) {
		struct strbuf b = STRBUF_INIT;
		size_t i = 0;

		while (i < l->n && l->v[i].kind != check_kinds[k].name)
			i++;
		strbuf_addf(&b, "%s: %s", check_kinds[k].name, check_kinds[k].help);
		if (i < l->n)
			put_line(f, style, "", b.buf);
		strbuf_release(&b);
	}
}

/* "revoked-not-everywhere, unrevoked, sibling-alive", of those that were asked for; c NULL: of all. */
#define NO_REVOCATIONS "no source of revocations is indexed (OneCRL, CRLSet, CRLs, CCADB's revocation status): nothing is known of "
static void add_unknown_kinds(const struct cli *c, struct strbuf *out)
{
	for (size_t k = 0; check_kinds[k].name; k++)
		if (check_rests_on_revocations(check_kinds[k].name) && (!c || cli_kind_wanted(c, check_kinds[k].name)))
			strbuf_addf(out, "%s%s", out->len ? ", " : "", check_kinds[k].name);
}

/* Who reads it has neither the command nor the index. */
static void put_head(FILE *f, const struct style *style, const struct finding_list *l)
{
	struct strbuf counts = STRBUF_INIT, kinds = STRBUF_INIT;
	char day[DATE_BUF];

	add_counts(&counts, l);
	fprintf(f, "# findings about the hierarchy on %s\n\n", date_format(day, l->day));
	put_line(f, style, "", counts.buf);
	put_line(f, style, "filter: ", *l->filter ? l->filter : "none, these are all findings");
	put_line(f, style, "programs: every one, for tls and email, by its store: ", *l->of->stores ? l->of->stores : "none is indexed");
	put_line(f, style, "index: its newest source is of ",
		l->of->newest_day == INT32_MIN ? "no known day" : date_format(day, l->of->newest_day));
	if (!l->of->revocations) {
		add_unknown_kinds(NULL, &kinds);
		put_line(f, style, NO_REVOCATIONS, kinds.buf);
	}
	put_kinds(f, style, l);
	fputc('\n', f);
	strbuf_release(&kinds);
	strbuf_release(&counts);
}

static int by_hash(const uint8_t *a, const uint8_t *b)
{
	return a && b ? memcmp(a, b, 32) : (a == NULL) - (b == NULL);
}

/* People read by name, as the list comes; for programs rows of one kind and severity stand by ca_id, as all rows do. */
static int for_programs(const void *a, const void *b)
{
	const struct finding_cells *x = a, *y = b;
	int r = 0;

	for (size_t k = 0; !r && x->kind != y->kind; k++)
		r = check_kinds[k].name == x->kind ? -1 : check_kinds[k].name == y->kind;
	if (!r)
		r = (x->severity < y->severity) - (x->severity > y->severity);
	if (!r)
		r = by_hash(x->ca_id, y->ca_id);
	if (!r)
		r = by_hash(x->sha256, y->sha256);
	if (!r)
		r = strcmp(x->detail, y->detail);
	return r ? r : strcmp(x->source, y->source);
}

void check_write(FILE *f, enum format format, const struct style *style, const struct finding_list *l)
{
	bool md = format == FORMAT_MD, table = format == FORMAT_TABLE;
	struct finding_cells *v = xmemdup(l->v, l->n * sizeof(*v));
	struct out *o;

	if (!md && !table)
		qsort(v, l->n, sizeof(*v), for_programs);
	if (md)
		put_head(f, style, l);
	o = out_begin(f, format, md ? md_columns : table ? table_columns : columns, style);
	for (size_t i = 0; i < l->n; i++)
		(md ? put_md : table ? put_table : put_stable)(o, &v[i]);
	out_end(o);
	free(v);
}

static struct finding_cells cells_of(const struct graph *g, const struct finding *f)
{
	uint32_t ca = ca_of(g, f);

	return (struct finding_cells){
		.kind = f->kind,
		.severity = f->severity,
		.ca_id = ca == NO_INDEX ? NULL : g->ca.v[ca].id,
		.sha256 = f->cert == NO_INDEX ? NULL : g->cert.v[f->cert].sha256,
		.name = ca == NO_INDEX ? "" : finding_name(g, ca),
		.owner = ca == NO_INDEX ? "" : g->ca.v[ca].owner,
		.subject = ca == NO_INDEX ? "" : g->ca.v[ca].subject,
		.detail = f->detail,
		.source = f->source,
	};
}

/* What was asked for, "kind:weak-key", as the browser's filter spells it. */
static void add_asked(const struct cli *c, struct strbuf *out)
{
	char day[DATE_BUF];

	for (size_t i = 0; i < c->args.kind.n; i++)
		strbuf_addf(out, "%skind:%s", out->len ? " or " : "", c->args.kind.v[i]);
	if (c->args.since.set)
		strbuf_addf(out, "%sof new-ca and status-changed what changed since %s", out->len ? ", " : "",
			date_format(day, c->args.since.day));
	for (size_t i = 0; i < c->operands.n; i++)
		strbuf_addf(out, "%s%s'%s'", out->len ? ", " : "", i ? "" : "about ", c->operands.v[i]);
}

static size_t put_findings(const struct cli *c, const struct subjects *s, const struct check_result *r)
{
	struct finding_cells *v = xcalloc(r->n + 1, sizeof(*v));
	struct strbuf asked = STRBUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (is_wanted(c, s, &r->finding[i]))
			v[n++] = cells_of(c->graph, &r->finding[i]);
	add_asked(c, &asked);
	check_write(stdout, c->format, &c->style, &(struct finding_list){ v, n, asked.buf, c->day, r });
	strbuf_release(&asked);
	free(v);
	return n;
}

/* "Nothing found" must not read as if somebody had said so. */
static void note_no_revocations(const struct cli *c, const struct check_result *r)
{
	struct strbuf kinds = STRBUF_INIT;

	if (!r->revocations && c->graph->ca.n)
		add_unknown_kinds(c, &kinds);
	if (kinds.len)
		cli_note(c, NO_REVOCATIONS "%s", kinds.buf);
	strbuf_release(&kinds);
}

static int run(struct cli *c, struct err *err)
{
	struct check_result r = { 0 };
	struct subjects s = { 0 };
	int rc = -1;

	if (cli_kinds(c, "finding", err) < 0 || cli_open(c, err) < 0)
		return -1;
	if (subjects_open(c, &s, err) == 0)
		rc = index_check(c->index, c->day, &r, err);
	if (rc == 0) {
		c->status = put_findings(c, &s, &r) ? ERR_ANSWER_NO : ERR_NONE;
		cli_note_empty(c);
		note_no_revocations(c, &r);
	}
	check_release(&r);
	subjects_close(&s);
	return rc;
}

const struct command command_check = {
	.name = "check",
	.operands = "[REF…]",
	.summary = "findings about the hierarchy",
	.max_operands = ANY_OPERANDS,
	.options = options,
	.columns = columns,
	.values_of = "kind",
	.value = kind_value,
	.text = "Writes one row for each finding on the day, by kind as listed here, then by severity, then by "
		"the name of the CA and the certificate's fingerprint; in csv, json and ndjson by ca_id instead of the name. With REFs only findings about these CAs and certificates are written: a REF that names a "
		"CA stands for all its certificates. What could not be read in a file belongs to no CA.\n\n"
		"Where the index has no source of revocations, neither OneCRL nor a CRLSet, a CRL or CCADB's revocation status, nothing is known of "
		"revoked-not-everywhere, unrevoked and sibling-alive: a line on standard error says so, and so does md.\n\n"
		"new-ca and status-changed tell what CCADB's newer reports said otherwise than the ones they replaced: "
		"each change by itself, with the days of both reports. A first import has nothing to compare with. "
		"They stay; --since leaves out what is known already.\n\n"
		"A file with '.derived.' in its name, put together from other files, is no word of CCADB: store-contradicts-ccadb does not "
		"ask it, and revoked-not-everywhere says where nothing else tells of a certificate. That kind names all "
		"who revoke the certificate; a CRLSet, which never has all, is asked of none that it lacks.\n\n"
		"Stores are judged as they are used on the day. store-shrank compares with the store before it of the same program, "
		"however its roots were exchanged. store-contradicts-ccadb compares a store that was not derived from CCADB's reports "
		"with those of at most 60 days before or after it that include any root for the program: one row for each root that the "
		"report includes and the store does not have, that the store has and the report does not include, or whose trust bits "
		"differ. Reports lag, so a few are nothing. Where they are more than a fifth, one row says how many: then one of both is "
		"not whole, and every answer about the program rests on it.\n\n"
		"sibling-alive tells of each revoked certificate who revoked it and when, undated where the source gives no day, and "
		"which certificates of the same key are trusted, nobody having revoked them: fingerprint, last day and where; an expired anchor is where the "
		"program does not judge its dates. Where a certificate has more paths than are followed, this kind and undisclosed say that "
		"it is not known whether a program accepts it, and are as severe as if it did. md is to be "
		"sent: it begins with the day, the filter, the stores asked and the meaning of the kinds, and shortens nothing; the owner "
		"has a column there and in table; elsewhere 'canopy counts' has it by the ca_id.\n\n"
		"The exit status is 0 when nothing was found and 1 when there are findings, of those asked for.\n\n"
		"Examples:\n\n"
		"    canopy check --format csv > findings.csv\n\n"
		"    canopy check --kind undisclosed --kind sibling-alive\n\n"
		"    canopy check --kind new-ca --kind status-changed --since 2026-05-01\n\n"
		"    canopy check 'Alder Root CA' --quiet && echo 'nothing found'",
	.run = run,
};
