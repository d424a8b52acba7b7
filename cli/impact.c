#include "cli/counts.h"
#include "cli/impact_kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "index/breakdown.h"

#define BY_CHOICES "ca|owner|operator|root|kind|validity"

static const struct opt options[] = {
	OPTION_DB,
	OPTION_PROGRAM("whose store and rules (default: mozilla); several with commas between; all: every one with a store"),
	{ 0, "purpose", OPT_STR, "tls|email|all", "what the certificates are for (default: tls); all is both", ARG(purpose),
		"tls|email|all" },
	OPTION_CHROME_VERSION,
	OPTION_AS_OF,
	OPTIONS_SCENARIO,
	{ 0, "why-kept", OPT_FLAG, NULL, "instead: which single certificates keep leaves trusted", ARG(why_kept), NULL },
	{ 0, "suggest", OPT_FLAG, NULL, "instead: marks that are missing, so that nothing is kept through a marked key",
		ARG(suggest), NULL },
	{ 0, "by", OPT_CHOICE, BY_CHOICES, "one row for each of these (default: ca)", ARG(by), BY_CHOICES },
	{ 0, "days", OPT_FLAG, NULL, "one row for each day on which the number of lost leaves changes or a stage begins", ARG(days), NULL },
	{ 0, "until", OPT_NUMBER, "N", "from which day on fewer than N leaves are lost", ARG(until), NULL },
	{ 0, "report", OPT_FLAG, NULL, "the whole report, also with --until", ARG(report), NULL },
	{ 0, "beside", OPT_STR, "P[,P…]|all", "in the report also what the same marks do in these programs", ARG(beside), NULL },
	{ 0, "sites", OPT_FLAG, NULL, "one row a site of the rank list that loses a leaf, instead of one a CA", ARG(sites), NULL },
	OPTION_FORMAT(ROW_FORMATS "|html"),
	{ 0, "basis", OPT_STR, "FILE", "also write to FILE, as JSON, what the answer rests on: for rows, which do not say it", ARG(basis),
		NULL },
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
		"whether a client finds that path: ccadb (all of it is disclosed), aia (caIssuers URLs lead to the rest), "
		"neither (a certificate is neither disclosed nor pointed to), empty when not known",
		0, NULL },
	{ "no_sct", COL_COUNT, NULL, "leaves that an SCT rule judged by a log's time, or by none", 0, NULL },
	{ "exact", COL_BOOL, NULL, "false where the paths were too many to look at all", 0, NULL },
	{ "unevaluated", COL_BOOL, NULL, "true where a rule that canopy does not evaluate was taken as met", 0, NULL },
	{ "last_not_before", COL_DATE, NULL,
		"day of the newest notBefore up to the day asked for, of the leaves that are counted: later ones may exist unless coverage is "
		"complete; empty when no leaf is known", 0, NULL },
	{ "unexpired_high", COL_COUNT, NULL, "upper bound, the same number where counted; empty where nothing bounds it", 0,
		NULL },
	{ "trusted_high", COL_COUNT, NULL, "of trusted, likewise", 0, NULL },
	{ "lost_high", COL_COUNT, NULL, "of lost, likewise", 0, NULL },
	{ "kept_high", COL_COUNT, NULL, "of kept, likewise", 0, NULL },
	FIGURE_COLUMNS,
	{ "source", COL_TEXT, NULL, "where its numbers come from, as in counts; empty when not counted", 0, NULL },
	{ "source_as_of", COL_DATE, NULL, "the day they are of", 0, NULL },
	{ "program", COL_TEXT, "program", "whose answer the row is of", 0, NULL },
	{ "purpose", COL_TEXT, "purpose", "tls or email", 0, NULL },
	COLUMN_END,
};

/* ---- what the writers share ---- */

size_t answer_via(const struct answer *a, const struct impact_row *r, uint32_t via[VIA_MAX])
{
	return r->after == ACCEPT_NONE ? 0 : reach_via(a->reach, r->ca, via, VIA_MAX);
}

const char *answer_no_effect(const struct scenario_mark *m)
{
	return m->why;
}

bool answer_last_issued(const struct answer *a, uint32_t ca, int32_t *day)
{
	return ca_counted(&a->g->ca.v[ca]) && ca_last_issued(a->g, ca, a->cli->day, day);
}

const char *answer_reach(const struct answer *a, const struct impact_row *r)
{
	enum reach reach = r->after == ACCEPT_NONE ? REACH_UNKNOWN : reach_of(a->reach, r->ca);

	return reach == REACH_UNKNOWN ? NULL : reach_names[reach];
}

bool *answer_figures(const struct answer *a)
{
	bool *used = xcalloc(a->g->figure.n + 1, sizeof(*used));

	for (size_t i = 0; i < a->impact->n_rows; i++) {
		uint32_t f = a->g->ca.v[a->impact->row[i].ca].figure;

		if (f != NO_INDEX)
			used[f] = true;
	}
	return used;
}

/* ---- rows ---- */

static void put_row(const struct answer *a, struct out *o, const struct impact_row *r)
{
	const struct ca *ca = &a->g->ca.v[r->ca];
	bool known = ca_counted(ca), issued;
	struct hex_list hex = { 0 };
	uint32_t via[VIA_MAX];
	int32_t day = 0;

	out_hash(o, ca->id, sizeof(ca->id));
	out_text(o, ca->name);
	out_text_or_null(o, ca->owner);
	out_span(o, &r->span.unexpired, false);
	out_span(o, &r->span.trusted, false);
	out_span(o, &r->span.lost, false);
	out_span(o, &r->span.kept, false);
	out_text(o, acceptance_names[r->before]);
	out_text(o, acceptance_names[r->after]);
	hex_list_certs(&hex, a->g, via, answer_via(a, r, via));
	out_list(o, hex.v, hex.n);
	hex_list_release(&hex);
	out_text(o, coverage_names[ca_coverage(a->g, r->ca)]);
	out_text(o, answer_reach(a, r));
	out_count_if(o, known, r->leaves.no_sct);
	out_bool(o, r->exact);
	out_bool(o, r->unevaluated);
	issued = answer_last_issued(a, r->ca, &day);
	out_day_if(o, issued, day);
	out_span_high(o, &r->span.unexpired);
	out_span_high(o, &r->span.trusted);
	out_span_high(o, &r->span.lost);
	out_span_high(o, &r->span.kept);
	figure_cells(o, a->g, r->ca);
	answer_source_cells(o, a, r->ca);
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

int answer_by_name(const struct graph *g, uint32_t a, uint32_t b)
{
	const struct ca *x = &g->ca.v[a], *y = &g->ca.v[b];
	int c = text_order(x->name, y->name);

	return c ? c : memcmp(x->id, y->id, sizeof(x->id));
}

static int by_loss(const void *a, const void *b, void *ctx)
{
	const struct order *o = ctx;
	const struct impact_row *x = &o->answer->impact->row[*(const uint32_t *)a], *y = &o->answer->impact->row[*(const uint32_t *)b];

	if (x->leaves.lost != y->leaves.lost)
		return x->leaves.lost > y->leaves.lost ? -1 : 1;
	if (x->alone.lost.high != y->alone.lost.high)
		return x->alone.lost.high > y->alone.lost.high ? -1 : 1;
	return answer_by_name(o->answer->g, x->ca, y->ca);
}

/* For programs by unexpired leaves like all rows; for people by loss. */
static void order_rows(struct answer *a)
{
	const struct impact *im = a->impact;
	struct order o = { a, NULL };

	a->row = xcalloc(im->n_rows + 1, sizeof(*a->row));
	for (uint32_t i = 0; i < im->n_rows; i++)
		a->row[i] = i;
	if (!im->n_rows)
		return;
	if (is_report(a->cli->format)) {
		qsort_r(a->row, im->n_rows, sizeof(*a->row), by_loss, &o);
		return;
	}
	o.unexpired = xcalloc(a->g->ca.n + 1, sizeof(*o.unexpired));
	for (uint32_t i = 0; i < im->n_rows; i++)
		o.unexpired[im->row[i].ca] = im->row[i].leaves.unexpired;
	qsort_r(a->row, im->n_rows, sizeof(*a->row), by_order, &o);
	free(o.unexpired);
}

static void note_marks(const struct answer *a)
{
	bool stages_are_said = a->cli->format == FORMAT_JSON || a->cli->args.days || a->cli->args.until.set;
	char date[DATE_BUF];

	for (size_t i = 0; i < a->scenario->mark.n; i++) {
		const struct scenario_mark *m = &a->scenario->mark.v[i];
		const char *why = answer_no_effect(m);
		int32_t day = m->since > a->cli->day ? m->since : a->cli->day;
		char *text;

		if (!why && (day == a->cli->day || stages_are_said))
			continue;
		text = scenario_mark_text(m);
		date_format(date, day);
		if (why)
			cli_note(a->cli, "'%s' changes nothing in %s for %s on %s: %s", text, a->scenario->program,
				purpose_names[a->scenario->purpose], date, why);
		else
			cli_note(a->cli, "'%s' is in force from %s on, which is later than the day that is asked of",
				text, date);
		free(text);
	}
}

/* ---- other rows than one a CA ---- */

struct mode {
	const char *option;
	bool (*asked)(const struct cli *c);
	const struct column *(*columns)(const struct cli *c);
	void (*rows)(const struct answer *a, struct out *o);
	void (*report)(const struct answer *a); /* for people, NULL: the rows */
	const char *instead;                     /* what html has of it */
};

static bool asks_why_kept(const struct cli *c)
{
	return c->args.why_kept;
}

static const struct column *columns_of_kept(const struct cli *c)
{
	(void)c;
	return kept_columns;
}

static bool asks_suggest(const struct cli *c)
{
	return c->args.suggest;
}

static const struct column *columns_of_suggest(const struct cli *c)
{
	(void)c;
	return suggest_columns;
}

static bool asks_by(const struct cli *c)
{
	return c->args.by && strcmp(c->args.by, "ca") != 0;
}

static const struct column *columns_of_by(const struct cli *c)
{
	return impact_by_columns(c->args.by);
}

static void rows_by(const struct answer *a, struct out *o)
{
	impact_by(a, a->cli->args.by, o);
}

static bool asks_sites(const struct cli *c)
{
	return c->args.sites;
}

static const struct column *columns_of_sites(const struct cli *c)
{
	(void)c;
	return impact_site_columns;
}

static bool asks_days(const struct cli *c)
{
	return c->args.days;
}

static const struct column *columns_of_days(const struct cli *c)
{
	(void)c;
	return impact_days_columns;
}

static bool asks_until(const struct cli *c)
{
	return c->args.until.set;
}

static const struct column *columns_of_until(const struct cli *c)
{
	(void)c;
	return impact_until_columns;
}

static const struct mode modes[] = {
	{ "--why-kept", asks_why_kept, columns_of_kept, impact_kept_rows, impact_why_kept, NULL },
	{ "--suggest", asks_suggest, columns_of_suggest, impact_suggest_rows, impact_suggest, NULL },
	{ "--by", asks_by, columns_of_by, rows_by, NULL, "the report has tables of them" },
	{ "--sites", asks_sites, columns_of_sites, impact_site_rows, NULL, "the report has a section of them" },
	{ "--days", asks_days, columns_of_days, impact_days, NULL, "the page without it draws every day" },
	{ "--until", asks_until, columns_of_until, impact_until, impact_until_line, NULL },
};

static bool is_beside_the_rest(const struct cli *c)
{
	return c->format == FORMAT_JSON || c->format == FORMAT_HTML || c->args.report;
}

/* The first that is asked for; --until is an answer of its own, and beside the others in json, html and with --report. */
static const struct mode *find_mode(const struct cli *c)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (modes[i].asked(c) && (modes[i].rows != impact_until || !is_beside_the_rest(c)))
			return &modes[i];
	return NULL;
}

/* --report and --beside are of the whole answer. */
static int check_whole(const struct cli *c, struct err *err)
{
	const struct mode *m = find_mode(c);
	const char *option = c->args.report ? "--report" : "--beside";

	if (!c->args.report && !c->args.beside)
		return 0;
	if (c->format == FORMAT_CSV || c->format == FORMAT_NDJSON)
		return err_set(err, ERR_USAGE, "'%s' does not go with '--format %s', which is rows", option, format_names[c->format]);
	if (m && m->rows == impact_until)
		return err_set(err, ERR_USAGE, "'--until' is one line here, which '--beside' has no place in: add '--report'");
	if (m)
		return err_set(err, ERR_USAGE, "'%s' and '%s' are two questions: ask one of them", m->option, option);
	return 0;
}

static int check_modes(const struct cli *c, struct err *err)
{
	const struct mode *first = NULL;

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		const struct mode *m = &modes[i];

		if (!m->asked(c))
			continue;
		if (first)
			return err_set(err, ERR_USAGE, "'%s' and '%s' are two questions: ask one of them", first->option, m->option);
		if (c->format == FORMAT_HTML && m->instead)
			return err_set(err, ERR_USAGE, "'%s%s%s' does not go with '--format html': %s", m->option,
				m->rows == rows_by ? " " : "", m->rows == rows_by ? c->args.by : "", m->instead);
		first = m;
	}
	if (c->args.until.set && !c->args.until.n)
		return err_set(err, ERR_USAGE, "'--until 0': never are fewer than 0 leaves lost; 1 asks when none is");
	return check_whole(c, err);
}

static int put_mode(const struct answers *all, const struct mode *m, struct err *err)
{
	const struct cli *c = all->cli;

	if (m->report && is_report(c->format)) {
		if (c->format == FORMAT_HTML && all->n > 1)
			return err_set(err, ERR_USAGE, "'%s' makes a page of its own for each program and purpose: ask for one", m->option);
		for (size_t i = 0; i < all->n; i++)
			m->report(&all->v[i]);
		return 0;
	}
	struct out *o = out_begin(stdout, c->format, m->columns(c), &c->style);
	for (size_t i = 0; i < all->n; i++)
		m->rows(&all->v[i], o);
	out_end(o);
	return 0;
}

/* ---- the answers ---- */

/* Only what tells unknowns asks what speaks against the stores. */
static int find_gaps(struct answers *all, bool unknowns, struct err *err)
{
	size_t beside = all->beside ? all->beside->n : 0, n = 0;
	const char **program = xcalloc(all->n + beside + 1, sizeof(*program));
	int rc;

	for (size_t i = 0; unknowns && i < all->n; i++)
		program[n++] = all->v[i].query->store->program;
	for (size_t i = 0; unknowns && i < beside; i++)
		program[n++] = all->beside->v[i].query->store->program;
	rc = index_gaps(all->cli->index, all->cli->day, date_today(), program, n, &all->gaps, err);
	free(program);
	return rc;
}

/* What reports and JSON say besides. */
static int prepare(struct answers *all, struct err *err)
{
	const struct cli *c = all->cli;
	bool whole = is_report(c->format) || c->format == FORMAT_JSON;

	if ((whole || c->args.basis) && find_gaps(all, whole, err) < 0)
		return -1;
	for (size_t i = 0; all->beside && i < all->beside->n; i++)
		unknowns_find(&all->gaps, all->beside->v[i].query, all->beside->v[i].impact, &all->beside->v[i].unknown);
	for (size_t i = 0; i < all->n; i++) {
		struct answer *a = &all->v[i];

		order_rows(a);
		if (whole && !find_mode(c))
			answer_find_only(a);
		if (whole)
			unknowns_find(&all->gaps, a->query, a->impact, &a->unknown);
		if (whole && answer_find_use(a, err) < 0)
			return -1;
		if ((whole || c->args.sites) && index_site_losses(c->index, a->impact->trust, &a->sites, err) < 0)
			return -1;
	}
	if (c->args.sites && all->n && !all->v->sites.ranked)
		cli_note_unranked(c);
	return 0;
}

static int write_answers(struct answers *all, struct err *err)
{
	struct cli *c = all->cli;
	const struct mode *mode = find_mode(c);
	bool report = !mode && is_report(c->format);

	if (prepare(all, err) < 0 || (c->args.basis && impact_basis(all, c->args.basis, err) < 0))
		return -1;
	if (mode && put_mode(all, mode, err) < 0)
		return -1;
	if (report)
		impact_report(all);
	else if (!mode && c->format == FORMAT_JSON)
		impact_json(all);
	else if (!mode)
		put_rows(all);
	for (size_t i = 0; i < all->n && !report; i++)
		note_marks(&all->v[i]);
	for (size_t i = 0; i < all->n && c->args.until.set; i++)
		c->status |= !impact_until_known(&all->v[i]);
	return 0;
}

static int run(struct cli *c, struct err *err)
{
	struct answers all;
	int rc;

	if (check_modes(c, err) < 0 || cli_open(c, err) < 0)
		return -1;
	rc = answers_compute(c, &all, err);
	if (rc == 0 && c->args.beside && all.several)
		rc = err_set(err, ERR_USAGE, "'--beside' is of the report on one program and purpose: of several totals stand side by side anyway");
	else if (rc == 0 && c->args.beside)
		rc = answers_beside(c, &all, err);
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
		"path); 'same' is accepted as before, 'no' was not accepted beforehand. A program in which marks have no effect, as where it "
		"anchors another certificate of the key, says so beside its totals, and why with the marks. The date of a store that is later than --as-of has 'later' behind it: "
		"the totals are by that store, and what the program had on the day is not known. 'old' is behind one of over 30 days before, "
		"'suspect' behind one that may not be whole. Where that or a later store trusts none of what is marked, the report says that "
		"the loss is not known, not that there is none: its numbers of leaves and of CAs that change are – there; csv and json have those of "
		"that store, and json answered, false there; --assume takes what is marked for an anchor beforehand. Figures are listed once. Shares, operators, roots, kinds, "
		"what keeps leaves, sites and every later day are in the report on one program and purpose. json is an array of objects as soon as "
		"several are asked for; rows name their program and purpose.\n\n"
		"--beside takes programs as --program does, and adds to the report on one program and purpose a table of what the same marks "
		"do in each of them for that purpose: lost, kept, trusted, the CAs that lose all, some or no trust, which marks have no effect "
		"and why, and what speaks against its store. json has it as beside, an array (null without --beside) of objects with program, "
		"purpose, store_date, answered, total, changed_cas, lost_cas, less_cas, kept_cas, marks (ref, action, no_effect, why) and store_doubts. The "
		"browser's key x writes the report with '--beside all', and with --report and --until where its key t was asked.\n\n"
		"    canopy impact --mark 'Alder Root CA=remove' --as-of 2026-06-01 --beside all --until 20 --report --format md" },
	{ "A report to send",
		"md and html begin with a few lines that say by themselves what is cut, in which program and for what, on which day; how much is "
		"lost and kept; what share that is; of how many CAs nothing or not all is known; and from when on nothing is lost. Marks "
		"are listed with the SHA-256 of the certificates that they hit, a block with the key's, spki:HEX, too, and with the CA's name where they "
		"are given by digits: each is a REF, so "
		"that the report can be made again from itself (at most 12 of a mark). CAs come by loss, then by name whatever its case, and columns of which "
		"nothing is known are left out. Where no leaf that is lost is known, and more may be, one sentence says so in place of numbers." },
	{ "What rows rest on",
		"md, html and json end with the command line, the hash of the index, its sources with their days and hashes and the version of "
		"canopy. csv and ndjson are rows and nothing else, so that any reader takes them; --basis FILE writes the same beside them, "
		"with any format, as a JSON object: command, version, as_of, index_sha256, answers (of each program and "
		"purpose program, purpose, store_date, revocation, revocation_modelled, revocation_missing) and sources, as in json. A file that is there is replaced.\n\n"
		"    canopy impact --mark 'Alder Root CA=block' --as-of 2026-06-01 --format csv --basis basis.json" },
	{ "Stages and time",
		"--stage DATE:REF=ACTION is a mark that is in force from DATE on, the rest as for --mark; it is split at its "
		"first ':'. Before its day nothing knows it: impact, leaves and export answer for --as-of with what is in "
		"force then. It is listed with its day, and has no effect only when it will have none on its day. So "
		"a plan in stages is one scenario: distrust-after now, remove later.\n\n"
		"What would be lost on later days is asked of each day by itself, as decay is: the trust of "
		"before and after is judged anew, with the store of --as-of and what is in force on that day, among the "
		"leaves issued by --as-of; no later issuance is assumed. Leaves expire, CA certificates too, "
		"revocations and stages begin, so the number may also rise.\n\n"
		"--days writes a row for each day on which the answer changes or a stage begins; what it says holds until the "
		"next row's day:\n\n"
		"    date     the day\n"
		"    lost     leaves that would be lost on it; empty when of no CA that accepts less leaves are counted,\n"
		"             and no figure says how many there are at least\n"
		"    gain     lost of the row before minus this one's; negative where more is lost; empty where a\n"
		"             figure is in one of them\n"
		"    least    true where a CA that accepts less than before is not counted to the end: lost may be larger\n"
		"    stage    marks that begin on it\n"
		"    lost_high\n"
		"             upper bound of lost; empty where neither count nor figure bounds it\n"
		"    program, purpose\n\n"
		"--until N asks from which day on fewer than N leaves are lost, on that day and all later ones; 1 "
		"asks when none is. table and md say it in one line, with the first day on which it is so where that is "
		"an earlier one, and with --report in the whole report; csv and ndjson have one row: fewer_than, from, first, least, "
		"surely_from, program, purpose. json has them as the object until, and html, as every whole report, says it in its decay. Where CAs that are not counted to the end accept less than before, the day is the "
		"earliest possible one: that is said, least is true, and the exit code is 0. It is 1 when "
		"no day is known, which is said, and from and first are empty: when no leaf of these CAs is counted, for figures tell "
		"how many there were on their day, not when they end, and when what is counted is fewer from the day asked on, for "
		"what is not counted may be more then. surely_from is the day from which on it is so whatever is not "
		"counted: when no CA that could lose more loses anything, or figures bound it; empty where there is none.\n\n"
		"The report says from which day on nothing is lost any more, and what a day of delay saves: "
		"leaves lost now less those lost in 30 days, and in 90, by day; not where a stage begins within these "
		"90 days, for its day would not move." },
	{ "What is written",
		"JSON is one object: program, purpose, as_of, marks (since is the day of a stage, else null; only_here …: next parts), total, cas, decay, then store_date, "
		"revocation, revocation_modelled, revocation_missing (see What is not known), answered (false: by a store later than the day, or one that may not be "
		"whole, that trusts none of what is marked), "
		"exempt, assume, changed_cas, index_sha256, chrome_version (null "
		"for the newest), figures, by_day (the rows of --days: date, lost, lost_high, least), nothing_lost_from (null where "
		"CAs that are not counted to the end may lose leaves then), until (null without --until), kept_reach, kept_by, sites, "
		"what the next parts tell, beside (null without --beside), unknowns, command, version and sources. csv and ndjson "
		"have one row a CA whose acceptance changes or is kept by another path. In these rows come by "
		"unexpired leaves, most first, then by ca_id; table, md, a report to paste into a mail or bug, and html "
		"begin with the largest loss. html is one page that needs nothing but itself, with charts and the "
		"sources of the index, to read, print or attach. Decay says what would be lost on later days among the leaves issued "
		"by the day; no issuance after it is assumed.\n\n"
		"Every report ends with the command, the hash of the index, the version of canopy and the sources. In md and json "
		"the documents of one source and kind are one line; its sha256 is then that over their own: 'canopy sources --format "
		"csv', column sha256 of that source and kind, through 'sort | sha256sum'. html has each document." },
	{ "Alternatives",
		"Leaves are kept when another path accepts them. JSON's kept_reach and the report split them by whether clients "
		"find the best such path: ccadb, aia, neither, unknown, and ccadb_high … as upper bounds. A caIssuers URL leads to a certificate when the index "
		"holds a file that was fetched from that very URL and gave it; a URL that nobody followed leaves it unknown.\n\n"
		"--why-kept tells what keeps them, as the report does for the first ten and JSON's kept_by for all: each "
		"certificate that stands on a surviving path and on or below no mark, and without which leaves that are kept "
		"would be lost. Its columns: cert_sha256, name, kind (anchor, cross-certificate, certificate of the same key, "
		"intermediate), issuer, keeps (leaves), cas, reach, keeps_high and approximate (see Figures), program, purpose. Leaves that either of two certificates "
		"would keep count for neither.\n\n"
		"--suggest tells which marks are missing. Meant are the keys that are marked: of every other certificate with "
		"such a key that still gives acceptance - another anchor, a cross-certificate, a certificate of the same CA or "
		"under another name - it writes the mark that refuses what the given ones do, what adds most first, and none "
		"that could be left out. Its columns: n, mark, why, name, adds (leaves lost more with it and all above), "
		"total_lost, cas, keeps, cert_sha256, adds_high, total_lost_high, keeps_high, approximate, program, purpose. Roots without a marked key that keep leaves even then "
		"come last, without n and mark; 'block' on a key makes suggestions for it needless. Exempt paths stay exempt.\n\n"
		"A mark that changes nothing, alone or beside the others, is said with the reason; JSON has effect (null where "
		"the marks are more than 32) and why. Reports also tell of each mark what would be lost if exactly the CAs that it names "
		"went, all their certificates, whatever the other marks are; for several programs that is a table. JSON has it as "
		"only_here, only_here_cas, only_here_unknown_cas, only_here_high and only_here_approximate of the mark, as --only-here of "
		"'canopy counts' (null where the marks are more than 32; only_here also where none of these CAs is counted)." },
	{ "Who and what",
		"With --by the rows are not CAs. owner: CCADB's CA Owner; operator: its Subordinate CA Owner where given, else the CA "
		"Owner (the owner of other rows); those of no known one in one row without a name. Both have all CAs of the index, so "
		"that lost, kept, trusted and unexpired add up to the total (but for a figure with CAs in several rows: it is an upper "
		"bound in each and a lower one in none). root: each CA whose anchors accept a CA beforehand that the marks touch; a leaf is in the row of each root that accepts it beforehand, so that rows overlap. kind: DV, OV, EV "
		"by the leaf's policies, other without. validity: by the days from notBefore to notAfter, 0 to 47, 48 to 100, 101 to "
		"200, 201 to 398, 399 to 825 and more; 200, 100 and 47 days are the steps of ballot SC-081v3. All rows of kind and "
		"validity are there and add up as well. Columns:\n\n"
		"    owner, operator, kind, validity  what names the row; by root ca_id, name, owner\n"
		"    min_days, max_days   bounds of the validity, max_days empty in the last row\n"
		"    cas                  CAs that are summed\n"
		"    unexpired … kept     as above, empty when none of them is counted and no figure tells\n"
		"    lost_share           lost, as a part of the row's trusted; a fraction of 1\n"
		"    program_share        lost, as a part of all leaves of the index that the program trusts; table, md and\n"
		"                         html tell no share where all that is known is lost and CAs are not counted\n"
		"                         to the end: it may be any\n"
		"    changed_cas          CAs whose acceptance changes, as in the browser's table; by kind and validity\n"
		"                         all of the answer\n"
		"    unknown_cas          those of them that are not counted to the end: lost may be larger\n"
		"    last_not_before      day of the newest notBefore up to the day asked for, of the leaves\n"
		"                         that are counted: where a CA of the row is not counted to the end,\n"
		"                         later ones may exist, and table, md and html have ≥ before the day\n"
		"    unexpired_high …     upper bounds, not by kind and validity: empty where nothing bounds them\n"
		"    program, purpose     whose answer it is\n\n"
		"JSON has the same rows as by_owner, by_operator, by_root, by_kind, by_validity. Its shares tell lost of the leaves "
		"trusted beforehand by the anchors that the marks hit (marked_roots), of those of all CAs of the CA Owners of what is "
		"marked (owners), of all that the program trusts (program), of all that are unexpired (index): 'of' is what 'lost' is "
		"a part of, and unknown_cas the CAs with such leaves that are not counted to the end. dormant counts the CAs that "
		"change, are counted and have no leaf with a notBefore since that day, 398 days before; never: those without any; "
		"not_complete: those not counted to the end; not_counted: CAs of which no leaf count is known, in none of the "
		"others." },
	{ "Use in Firefox",
		"Where Mozilla's telemetry is indexed (see 'canopy help counts'), the report for mozilla and tls, and "
		"shares.validations in JSON, say which part of all validations in Firefox ended in the marked roots, whatever the "
		"path: issuance is not use. Roots without a number in telemetry are in roots and not in roots_known." },
	{ "What is not known",
		"Not every CA need be counted, nor to the end. In table, md and html 'at least' and ≥ stand before a "
		"number that such a CA may raise. In the other formats each row has its coverage, and "
		"total.unknown_cas is not 0 where that holds of 'lost'.\n\n"
		"Reports have a section and JSON an object unknowns with what holds of: changed CAs without counts (those with the "
		"most CAs below them are named) or not counted to the end, and the logs that can hold their unexpired leaves and are "
		"not read; leaves that no signed head proves; a store that shrank or contradicts CCADB (store_doubts; 'canopy help "
		"check' tells when); stores, lists, reports of CCADB and counts that are more than 30 "
		"days older than the day, or than today if that is earlier; CA certificates of changed CAs that CCADB does not "
		"list; leaves of unknown issuers; S/MIME certificates, which no public log shows; revocation that is not modelled; "
		"a source of revocations that the answer would apply and of which the index has nothing; "
		"rules and paths that were not judged to the end. That source is onecrl for mozilla and tls, crlset for chrome, with --revocation all "
		"also crl and ccadb, with none nothing; JSON's revocation_missing names it, beside revocation_modelled." },
	{ "Figures",
		"A figure is what others counted ('canopy help import' tells how they are imported): bounds for one CA, or for several "
		"together. Where it says more than the leaves that the index holds, lost and the other numbers count at least its "
		"lower bound where all its CAs lose all, and nothing where only some of them do; each has beside it an upper bound "
		"(lost_high …), which is null where a CA of the sum has neither count nor figure or a figure has no upper bound. '~', "
		"in words 'about' and in the other formats approximate, says that a figure is rounded. Purposes of a figure's leaves are "
		"not known: they are taken as fit where the CA's certificates allow the purpose. A figure holds on its own day, which "
		"the report tells; on one up to 398 days before or after it is used as it stands, on one farther off not at all: the CA then "
		"counts as not counted, and stale_figure_as_of has the day of that figure. On the later days of the decay it is at least "
		"nothing and at most all of it, for its leaves end on days that nobody told. A figure of several CAs is in the totals and in rows of owners, operators and roots (in one that has only some of "
		"its CAs as an upper bound). Rows of CAs have it as an upper bound in table, md and html alone, where a line above them says so: they do "
		"not add up; in the other formats it stands in figure_unexpired_high of the row, not in lost_high. Shares are of the lower bounds. In --why-kept, --suggest, "
		"kept_by and kept_reach a figure is in each row that its CAs have a part in: whole where all of them have, with all their "
		"leaves, else as an upper bound. Rows of kind and validity are of the leaves that the index holds, without figures." },
	{ "Sites",
		"Where a rank list of sites is indexed (as for --sites of 'canopy help counts') the report has a section of "
		"those that lose a leaf, and JSON a key sites (else null): list_date, lost (how many sites), covered (of them, those with a leaf that stays "
		"trusted), covered_unknown, uncompared_cas and incomplete_cas (CAs that change, whose leaves were not all "
		"compared with the list, or that are not counted to the end: more sites may be lost), and top, the ten with the best "
		"ranks.\n\n"
		"With --sites there is one row a site instead of one a CA, by rank, best first:\n\n"
		"    rank, domain         in the list\n"
		"    leaves               lost ones that name it\n"
		"    last_not_after       when the last of them ends anyway\n"
		"    still                leaves that name it and stay trusted\n"
		"    covered              still is not 0; unknown (empty, null) where none was seen and some leaves of\n"
		"                         CAs that stay trusted were not compared with the list\n"
		"    ca                   names of the issuers of the lost ones\n"
		"    program, purpose     that were asked\n\n"
		"A site's leaf need not serve the site's own name: 'canopy leaves --by domain' compares name by name." },
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
		"    canopy impact --program chrome --chrome-version 130 --mark 'Cedar Root E1=block'\n"
		"    canopy impact --mark 'Alder Root CA=remove' --by operator --as-of 2026-06-01\n"
		"    canopy impact --mark 'Alder Root CA=remove' --as-of 2026-06-01 --why-kept\n"
		"    canopy impact --mark 'Alder Root CA=remove' --as-of 2026-06-01 --suggest\n"
		"    canopy impact --mark 'Alder Root CA=distrust-after@2026-06-30' --stage '2026-09-01:Alder Root "
		"CA=remove' --days --as-of 2026-06-01\n"
		"    canopy impact --mark 'Alder Root CA=remove' --until 20 --as-of 2026-06-01",
	.parts = parts,
	.run = run,
};
