#include "cli/impact_out.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"

static const struct opt options[] = {
	OPTION_DB,
	OPTION_PROGRAM("whose store and rules (default: mozilla); several with commas between; all: every one with a store"),
	{ 0, "purpose", OPT_STR, "tls|email|all", "what the certificates are for (default: tls); all is both", ARG(purpose),
		"tls|email|all" },
	OPTION_CHROME_VERSION,
	OPTION_AS_OF,
	OPTIONS_SCENARIO,
	OPTION_FORMAT(ROW_FORMATS "|html"),
	OPTION_NO_COLOR,
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

static const struct column columns[] = {
	{ "ca_id", COL_HASH, "ca_id", "the CA", 0, NULL },
	{ "name", COL_TEXT, "CA", "its CN, else OU, else O", 0, NULL },
	{ "owner", COL_TEXT, "owner", "CCADB's subordinate CA owner, else CA owner", 0, NULL },
	{ "unexpired", COL_COUNT, "unexpired", "unexpired leaves whatever their purpose; empty when not counted", 0,
		NULL },
	{ "trusted", COL_COUNT, "trusted", "those trusted before", 0, NULL },
	{ "lost", COL_COUNT, "lost", "trusted before and not after", 0, NULL },
	{ "kept", COL_COUNT, "kept", "trusted before and after although a path that accepted the leaf no longer does",
		0, NULL },
	{ "before", COL_TEXT, "before", "which leaves are accepted: all, some (a date rule), none", 0, NULL },
	{ "after", COL_TEXT, "after", "the same under the scenario", 0, NULL },
	{ "via", COL_LIST, NULL, "the surviving path, from the CA's certificate to the anchor", 0, " > " },
	{ "coverage", COL_TEXT, "coverage", "complete, partial or none, as in counts", 0, NULL },
	{ "reach", COL_TEXT, NULL,
		"whether a client finds that path: ccadb (all of it is disclosed), neither (a "
		"certificate is neither disclosed nor pointed to), empty when not known",
		0, NULL },
	{ "no_sct", COL_COUNT, NULL, "leaves that an SCT rule judged by a log's time, or by none", 0, NULL },
	{ "exact", COL_BOOL, NULL, "false where the paths were too many to look at all", 0, NULL },
	{ "unevaluated", COL_BOOL, NULL, "true where a rule that canopy does not evaluate was taken as met", 0, NULL },
	{ "program", COL_TEXT, "program", "whose answer the row is of", 0, NULL },
	{ "purpose", COL_TEXT, "purpose", "tls or email", 0, NULL },
	COLUMN_END,
};

/* ---- what the writers share ---- */

size_t answer_via(const struct answer *a, const struct impact_row *r, uint32_t via[VIA_MAX])
{
	return r->after == ACCEPT_NONE ? 0 : trust_via(a->impact->trust, r->ca, true, via, VIA_MAX);
}

const char *answer_no_effect(const struct scenario_mark *m)
{
	if (!m->no_effect)
		return NULL;
	if (m->action == MARK_REMOVE)
		return "it is no anchor there";
	return m->certs ? "all of it that is accepted stays so" : "it hits no certificate";
}

/* NULL when nothing can be said: where a caIssuers URL leads is not known. */
static const char *reach_of(const struct answer *a, const uint32_t *via, size_t n)
{
	const char *found = n ? "ccadb" : NULL;

	for (size_t i = 0; i + 1 < n; i++) {
		struct cert_detail d;

		if (a->g->cert.v[via[i]].flags & CERT_DISCLOSED)
			continue;
		found = NULL;
		if (i == 0 || index_cert_detail(a->cli->index, via[i - 1], &d, NULL) < 0)
			continue;
		if (!*d.ca_issuers)
			found = "neither";
		cert_detail_release(&d);
		if (found)
			return found;
	}
	return found;
}

const char *answer_reach(const struct answer *a, const struct impact_row *r)
{
	uint32_t via[VIA_MAX];

	return reach_of(a, via, answer_via(a, r, via));
}

/* ---- rows ---- */

static void put_row(const struct answer *a, struct out *o, const struct impact_row *r)
{
	const struct ca *ca = &a->g->ca.v[r->ca];
	bool known = ca_counted(ca);
	struct hex_list hex = { 0 };
	uint32_t via[VIA_MAX];

	out_hash(o, ca->id, sizeof(ca->id));
	out_text(o, ca->name);
	out_text_or_null(o, ca->owner);
	out_count_if(o, known, r->leaves.unexpired);
	out_count_if(o, known, r->leaves.trusted);
	out_count_if(o, known, r->leaves.lost);
	out_count_if(o, known, r->leaves.kept);
	out_text(o, acceptance_names[r->before]);
	out_text(o, acceptance_names[r->after]);
	hex_list_certs(&hex, a->g, via, answer_via(a, r, via));
	out_list(o, hex.v, hex.n);
	hex_list_release(&hex);
	out_text(o, coverage_names[ca->coverage]);
	out_text(o, answer_reach(a, r));
	out_count_if(o, known, r->leaves.no_sct);
	out_bool(o, r->exact);
	out_bool(o, r->unevaluated);
	out_text(o, answer_program(a));
	out_text(o, answer_purpose(a));
	out_row(o);
}

static void put_rows(const struct answers *all)
{
	struct out *o = out_begin(stdout, all->cli->format, columns, &all->cli->style);

	for (size_t i = 0; i < all->n; i++) {
		const struct answer *a = &all->v[i];

		for (size_t k = 0; k < a->impact->n_rows; k++)
			put_row(a, o, &a->impact->row[a->row[k]]);
	}
	out_end(o);
}

/* ---- the command ---- */

struct order {
	const struct answer *answer;
	uint64_t *unexpired;
};

static int by_order(const void *a, const void *b, void *ctx)
{
	const struct order *o = ctx;
	const struct impact_row *row = o->answer->impact->row;

	return ca_compare(o->answer->g, o->unexpired, row[*(const uint32_t *)a].ca, row[*(const uint32_t *)b].ca);
}

static bool is_report(enum format f)
{
	return f == FORMAT_TABLE || f == FORMAT_MD || f == FORMAT_HTML;
}

/* For programs by unexpired leaves like all rows; for people impact's own order, by loss. */
static void order_rows(struct answer *a)
{
	const struct impact *im = a->impact;
	struct order o = { a, NULL };

	a->row = xcalloc(im->n_rows + 1, sizeof(*a->row));
	for (uint32_t i = 0; i < im->n_rows; i++)
		a->row[i] = i;
	if (is_report(a->cli->format) || !im->n_rows)
		return;
	o.unexpired = xcalloc(a->g->ca.n + 1, sizeof(*o.unexpired));
	for (uint32_t i = 0; i < im->n_rows; i++)
		o.unexpired[im->row[i].ca] = im->row[i].leaves.unexpired;
	qsort_r(a->row, im->n_rows, sizeof(*a->row), by_order, &o);
	free(o.unexpired);
}

static void note_marks(const struct answer *a)
{
	char date[DATE_BUF];

	for (size_t i = 0; i < a->scenario->mark.n; i++) {
		const char *why = answer_no_effect(&a->scenario->mark.v[i]);
		char *text;

		if (!why)
			continue;
		text = scenario_mark_text(&a->scenario->mark.v[i]);
		cli_note(a->cli, "'%s' changes nothing in %s for %s on %s: %s", text, a->scenario->program,
			purpose_names[a->scenario->purpose], date_format(date, a->cli->day), why);
		free(text);
	}
}

static int write_answers(struct answers *all, struct err *err)
{
	const struct cli *c = all->cli;
	bool report = is_report(c->format), json = c->format == FORMAT_JSON;

	if ((report || json) && index_gaps(c->index, c->day, date_today(), &all->gaps, err) < 0)
		return -1;
	for (size_t i = 0; i < all->n; i++) {
		order_rows(&all->v[i]);
		if (report || json)
			unknowns_find(&all->gaps, all->v[i].query, all->v[i].impact, &all->v[i].unknown);
	}
	if (report)
		impact_report(all);
	else if (json)
		impact_json(all);
	else
		put_rows(all);
	for (size_t i = 0; i < all->n && !report; i++)
		note_marks(&all->v[i]);
	return 0;
}

static int run(struct cli *c, struct err *err)
{
	struct answers all;
	int rc;

	if (cli_open(c, err) < 0)
		return -1;
	rc = answers_compute(c, &all, err);
	if (rc == 0)
		rc = write_answers(&all, err);
	answers_release(&all);
	return rc;
}

static const struct help_part parts[] = {
	{ "Several programs",
		"--program takes one, several with commas between, or all: every program with a store in the index, in the "
		"order mozilla, chrome, apple, microsoft, stores of one's own. --purpose takes tls, email or all. The scenario is "
		"asked of each program and purpose by itself, program by program in the order given, tls before email; what "
		"its REFs name is the same for all, whether a mark changes anything is judged in each.\n\n"
		"table, md and html show them side by side: totals by program, then the CAs of all with a column for each program. "
		"There a number is followed by x (no leaf of the CA is accepted any more), ~ (some are) or = (all are, by another "
		"path); 'same' is accepted as before, 'no' was not accepted beforehand. json is an array of objects as soon as "
		"several are asked for; rows name their program and purpose." },
	{ "What is written",
		"JSON is one object: program, purpose, as_of, marks, total, cas, decay, then store_date, "
		"revocation, revocation_modelled, exempt, assume, changed_cas, index_sha256, chrome_version (null "
		"for the newest), unknowns, command, version and sources. csv and ndjson "
		"have one row a CA whose acceptance changes or is kept by another path. In these rows come by "
		"unexpired leaves, most first, then by ca_id; table, md, a report to paste into a mail or bug, and html "
		"begin with the largest loss. html is one page that needs nothing but itself, with charts and the "
		"sources of the index, to read, print or attach. Decay says what would be lost on later days among the leaves issued "
		"by the day; no issuance after it is assumed.\n\n"
		"Every report ends with the command, the hash of the index, the version of canopy and the sources. In md and json "
		"the documents of one source and kind are one line; its sha256 is then that over their own: 'canopy sources --format "
		"csv', column sha256 of that source and kind, through 'sort | sha256sum'. html has each document." },
	{ "What is not known",
		"Not every CA need be counted, nor to the end. In table, md and html 'at least' and ≥ stand before a "
		"number that such a CA may raise. In the other formats each row has its coverage, and "
		"total.unknown_cas is not 0 where that holds of 'lost'.\n\n"
		"Reports have a section and JSON an object unknowns with what holds of: changed CAs without counts (those with the "
		"most CAs below them are named) or not counted to the end, and the logs that can hold their unexpired leaves and are "
		"not read; leaves that no signed head proves; stores, lists, reports of CCADB and counts that are more than 30 "
		"days older than the day, or than today if that is earlier; CA certificates of changed CAs that CCADB does not "
		"list; leaves of unknown issuers; S/MIME certificates, which no public log shows; revocation that is not modelled; "
		"rules and paths that were not judged to the end." },
	{ NULL, NULL },
};

const struct command command_impact = {
	.name = "impact",
	.operands = "",
	.summary = "what stops validating under a scenario",
	.options = options,
	.columns = columns,
	.text = "Judges every CA of the index twice for a program, purpose and day: as things stand, and under "
		"the marks. A mark is an action on what REF names; it is split at its last '='.\n\n"
		"    remove               that root certificate is no trust anchor any more\n"
		"    block                every certificate with that public key is rejected\n"
		"    revoke               that one CA certificate is rejected\n"
		"    distrust-after@DATE  paths through it accept only leaves with notBefore up to the end of DATE\n"
		"    sct-not-after@DATE   the same, judged by the leaf's earliest SCT, else its log's time\n\n"
		"A REF that names a CA stands for all its certificates, for block for its key. A mark that "
		"changes nothing is accepted and said.\n\n"
		"--scenario takes a scenario file, or the name of a scenario that the index keeps or that comes with canopy; "
		"'canopy help scenario' tells what stands in it. Options stand above it; marks of both are taken.\n\n"
		"Revocations count as the program's clients enforce them: mozilla by OneCRL and its own distrust, "
		"chrome by CRLSet and blocked keys; for apple and microsoft that is not modelled. '--revocation "
		"all' also takes CRLs and CCADB's word, 'none' takes nothing.\n\n"
		"Chrome's rules differ from version to version; --chrome-version asks for those of an older "
		"one.\n\n"
		"A program without a store in the index is bad usage: exit 2.\n\n"
		"Examples:\n\n"
		"    canopy impact --program mozilla --mark 'Alder Root CA=remove' --as-of 2026-06-01\n"
		"    canopy impact --program chrome --scenario cut.txt --format md > report.md\n"
		"    canopy impact --mark 'Alder Root CA=remove' --format html > report.html\n"
		"    canopy impact --program all --purpose all --mark 'Alder Root CA=remove' --as-of 2026-06-01\n"
		"    canopy impact --program chrome --chrome-version 130 --mark 'Cedar Root E1=block'",
	.parts = parts,
	.run = run,
};
