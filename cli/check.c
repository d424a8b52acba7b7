#include "cli/check.h"

#include <stdlib.h>
#include <string.h>

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
	{ "subject", COL_TEXT, "subject", "the CA's Name", 48, NULL },
	{ "detail", COL_TEXT, "detail", "the evidence", 0, NULL },
	{ "source", COL_TEXT, "source", "where the evidence stands", 60, NULL },
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

static void put_finding(struct out *o, const struct finding_cells *f)
{
	out_text(o, f->kind);
	out_text(o, severity_names[f->severity]);
	if (f->ca_id)
		out_hash(o, f->ca_id, 32);
	else
		out_null(o);
	if (f->sha256)
		out_hash(o, f->sha256, 32);
	else
		out_null(o);
	out_text_or_null(o, f->subject);
	out_text_or_null(o, f->detail);
	out_text_or_null(o, f->source);
	out_row(o);
}

void check_write(FILE *f, enum format format, const struct style *style, const struct finding_cells *v, size_t n)
{
	struct out *o = out_begin(f, format, columns, style);

	for (size_t i = 0; i < n; i++)
		put_finding(o, &v[i]);
	out_end(o);
}

static struct finding_cells cells_of(const struct graph *g, const struct finding *f)
{
	uint32_t ca = ca_of(g, f);

	return (struct finding_cells){
		.kind = f->kind,
		.severity = f->severity,
		.ca_id = ca == NO_INDEX ? NULL : g->ca.v[ca].id,
		.sha256 = f->cert == NO_INDEX ? NULL : g->cert.v[f->cert].sha256,
		.subject = ca == NO_INDEX ? "" : g->ca.v[ca].subject,
		.detail = f->detail,
		.source = f->source,
	};
}

static size_t put_findings(const struct cli *c, const struct subjects *s, const struct check_result *r)
{
	struct finding_cells *v = xcalloc(r->n + 1, sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (is_wanted(c, s, &r->finding[i]))
			v[n++] = cells_of(c->graph, &r->finding[i]);
	check_write(stdout, c->format, &c->style, v, n);
	free(v);
	return n;
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
		"the name of the CA and the certificate's fingerprint. With REFs only findings about these CAs and certificates are written: a REF that names a "
		"CA stands for all its certificates. What could not be read in a file belongs to no CA.\n\n"
		"new-ca and status-changed tell what CCADB's newer reports said otherwise than the ones they replaced: "
		"each change by itself, with the days of both reports. A first import has nothing to compare with. "
		"They stay; --since leaves out what is known already.\n\n"
		"A file with '.derived.' in its name, put together from other files, is no word of CCADB: store-contradicts-ccadb does not "
		"ask it, and revoked-not-everywhere says where nothing else tells of a certificate.\n\n"
		"Stores are judged as they are used on the day. store-shrank compares with the store before it of the same program, "
		"however its roots were exchanged. store-contradicts-ccadb compares a store that was not derived from CCADB's reports "
		"with those of at most 60 days before or after it that include any root for the program: one row for each root that the "
		"report includes and the store does not have, that the store has and the report does not include, or whose trust bits "
		"differ. Reports lag, so a few are nothing. Where they are more than a fifth, one row says how many: then one of both is "
		"not whole, and every answer about the program rests on it.\n\n"
		"The exit status is 0 when nothing was found and 1 when there are findings, of those asked for.\n\n"
		"Examples:\n\n"
		"    canopy check --format csv > findings.csv\n\n"
		"    canopy check --kind undisclosed --kind sibling-alive\n\n"
		"    canopy check --kind new-ca --kind status-changed --since 2026-05-01\n\n"
		"    canopy check 'Alder Root CA' --quiet && echo 'nothing found'",
	.run = run,
};
