#include "cli/counts.h"

#include <stdlib.h>
#include <string.h>

#define BY_CHOICES "ca|root|owner|program"

static const struct opt options[] = {
	OPTION_DB,
	OPTION_AS_OF,
	OPTION_FORMAT(ROW_FORMATS),
	{ 0, "by", OPT_CHOICE, BY_CHOICES, "one row for each of these (default: ca)", ARG(by), BY_CHOICES },
	{ 0, "subtree", OPT_FLAG, NULL, "also the sums over each CA and all CAs below it", ARG(subtree), NULL },
	{ 0, "only-here", OPT_FLAG, NULL, "also what a program would lose if exactly that CA, root or owner went", ARG(only_here), NULL },
	{ 0, "sites", OPT_FLAG, NULL, "also the sites of the rank list that unexpired leaves name", ARG(sites), NULL },
	{ 0, "use", OPT_FLAG, NULL, "also the share of Firefox's validations that ended in each root", ARG(use), NULL },
	OPTION_PROGRAM("only CAs that this program accepts on the day; with --by root, its roots"),
	OPTION_PURPOSE,
	OPTION_CHROME_VERSION,
	OPTION_NO_COLOR,
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

/* The contract's order: columns are only ever added behind the last. */
/* clang-format off */
#define COUNTS_COLUMNS                                                                                                 \
	{ "ca_id", COL_HASH, "ca_id", "SHA-256 of subject Name and SubjectPublicKeyInfo, both DER", 0, NULL },         \
	{ "name", COL_TEXT, "CA", "its CN, else OU, else O", 48, NULL },                                               \
	{ "subject", COL_TEXT, NULL, "the whole Name (RFC 2253, UTF-8)", 0, NULL },                                    \
	{ "spki_sha256", COL_HASH, NULL, "SHA-256 of its SubjectPublicKeyInfo", 0, NULL },                             \
	{ "owner", COL_TEXT, "owner", "CCADB's subordinate CA owner, else CA owner", 32, NULL },                       \
	{ "issued", COL_COUNT, "issued", "all leaves in the index, each once, whatever the day", 0, NULL },            \
	{ "unexpired", COL_COUNT, "unexpired", "those issued by the end of the day that are not expired on it", 0,     \
		NULL },                                                                                                \
	{ "unexpired_high", COL_COUNT, NULL, "upper bound; the same number where the count is exact", 0, NULL },       \
	{ "revoked", COL_COUNT, NULL, "unexpired leaves on a fetched CRL of the CA; empty when none was", 0, NULL },   \
	{ "valid", COL_COUNT, NULL, "unexpired less revoked; empty when revoked is", 0, NULL },                        \
	{ "ca_certs", COL_COUNT, "certs", "CA certificates of this CA", 0, NULL },                                     \
	{ "children", COL_COUNT, "children", "other CAs with a certificate that verifies under this one", 0, NULL },   \
	{ "first_not_before", COL_DATE, NULL, "earliest notBefore of an issued leaf", 0, NULL },                       \
	{ "last_not_before", COL_DATE, "newest", "latest notBefore of an issued leaf", 0, NULL },                      \
	{ "last_not_after", COL_DATE, "last expiry", "latest notAfter of an issued leaf", 0, NULL },                   \
	{ "source", COL_TEXT, NULL, "where the counts come from", 0, NULL },                                           \
	{ "source_as_of", COL_DATE, NULL, "the day of that source", 0, NULL },                                         \
	{ "coverage", COL_TEXT, "coverage", "complete, partial (more leaves may exist) or none (not counted: "         \
		"its numbers are empty, never 0)", 0, NULL }
/* clang-format on */

/* clang-format off */
#define SUBTREE_COLUMNS                                                                                                \
	{ "subtree_issued", COL_COUNT, "subtree issued", "with --subtree: issued, over the CA and all CAs below", 0,   \
		NULL },                                                                                                \
	{ "subtree_unexpired", COL_COUNT, "subtree unexpired", "with --subtree: unexpired, likewise", 0, NULL },       \
	{ "subtree_valid", COL_COUNT, NULL, "with --subtree: valid, likewise", 0, NULL }
/* clang-format on */

/* clang-format off */
#define LAST_COLUMNS                                                                                                   \
	{ "unproven", COL_COUNT, NULL, "of issued: leaves that only logs show whose heads no known key signed", 0, NULL }, \
	FIGURE_COLUMNS
#define SUBTREE_LAST_COLUMNS                                                                                           \
	{ "subtree_unexpired_high", COL_COUNT, NULL, "with --subtree: upper bound; empty where a CA or a figure in it has none", \
		0, NULL },                                                                                             \
	{ "subtree_approximate", COL_BOOL, NULL, "with --subtree: true where a rounded figure is in the sum", 0, NULL }
/* clang-format on */

const struct column counts_columns[] = { COUNTS_COLUMNS, SUBTREE_COLUMNS, SITE_COLUMNS, ONLY_COLUMNS, LAST_COLUMNS,
	SUBTREE_LAST_COLUMNS, USE_COLUMNS, ONLY_HIGH_COLUMNS, COLUMN_END };
const struct column counts_site_columns[] = { SITE_COLUMNS, COLUMN_END }, counts_only_columns[] = { ONLY_COLUMNS, COLUMN_END },
                    counts_only_high_columns[] = { ONLY_HIGH_COLUMNS, COLUMN_END }, counts_use_columns[] = { USE_COLUMNS, COLUMN_END };
static const struct column first_columns[] = { COUNTS_COLUMNS, COLUMN_END };
static const struct column subtree_columns[] = { SUBTREE_COLUMNS, COLUMN_END };
static const struct column last_columns[] = { LAST_COLUMNS, COLUMN_END };
static const struct column subtree_last_columns[] = { SUBTREE_LAST_COLUMNS, COLUMN_END };

const struct column *columns_joined(const struct column *const *part, size_t n)
{
	static const struct column end[] = { COLUMN_END };
	static struct column all[64];
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		for (const struct column *c = part[i]; c && c->name && used < sizeof(all) / sizeof(*all) - 1; c++)
			all[used++] = *c;
	all[used] = end[0];
	return all;
}

static const struct column *columns_of(const struct args *a)
{
	const struct column *const part[] = { first_columns, a->subtree ? subtree_columns : NULL, a->sites ? counts_site_columns : NULL,
		                              a->only_here ? counts_only_columns : NULL, last_columns,
		                              a->subtree ? subtree_last_columns : NULL,
		                              a->use ? counts_use_columns : NULL,
		                              a->only_here ? counts_only_high_columns : NULL };

	return columns_joined(part, sizeof(part) / sizeof(*part));
}

/* ---- numbers ---- */

static uint64_t *subtree_of(const struct graph *g, int32_t day, const uint64_t *own)
{
	uint64_t *sum = xcalloc(g->ca.n + 1, sizeof(*sum));

	tally_subtree(g, day, own, sum);
	return sum;
}

static void open_subtree(struct tallies *t, const struct graph *g, int32_t day)
{
	uint64_t *own = xcalloc(g->ca.n + 1, sizeof(*own)), valid;
	bool *usable = certs_usable_on(g, day);

	t->subtree = xcalloc(g->ca.n + 1, sizeof(*t->subtree));
	t->subtree_unexpired = xcalloc(g->ca.n + 1, sizeof(*t->subtree_unexpired));
	for (uint32_t i = 0; i < g->ca.n; i++)
		own[i] = held_on(g, i, day);
	tally_subtree_spans(g, usable, own, t->beyond, part_all, NULL, t->subtree);
	free(usable);
	for (uint32_t i = 0; i < g->ca.n; i++)
		if (!ca_issued(g, i, &own[i]))
			own[i] = 0;
	t->subtree_issued = subtree_of(g, day, own);
	for (uint32_t i = 0; i < g->ca.n; i++)
		own[i] = ca_issued(g, i, &valid);
	t->subtree_issued_known = subtree_of(g, day, own);
	for (uint32_t i = 0; i < g->ca.n; i++)
		own[i] = ca_has_numbers(g, i);
	t->subtree_known = subtree_of(g, day, own);
	for (uint32_t i = 0; i < g->ca.n; i++) {
		t->subtree_unexpired[i] = t->subtree[i].low;
		t->subtree_known[i] += t->subtree[i].known;
	}
	for (uint32_t i = 0; i < g->ca.n; i++)
		own[i] = tallies_valid(t, i, &valid) ? valid : 0;
	t->subtree_valid = subtree_of(g, day, own);
	for (uint32_t i = 0; i < g->ca.n; i++)
		own[i] = t->revoked[i] < 0 && (t->unexpired[i] > 0 || ca_own_figure(g, i));
	t->subtree_unread = subtree_of(g, day, own);
	/* nor which of those that a figure of several CAs adds */
	uint64_t *low = subtree_of(g, day, t->unexpired);
	for (uint32_t i = 0; i < g->ca.n; i++)
		t->subtree_unread[i] += t->subtree[i].low != low[i];
	free(low);
	for (uint32_t i = 0; i < g->ca.n; i++)
		own[i] = g->ca.v[i].coverage != COVERAGE_COMPLETE;
	t->subtree_partial = subtree_of(g, day, own);
	for (uint32_t i = 0; i < g->ca.n; i++)
		own[i] = ca_unbounded(g, i);
	t->subtree_least = subtree_of(g, day, own);
	free(own);
}

static void open_own(struct tallies *t, const struct graph *g, int32_t day)
{
	t->beyond = figures_beyond(g, day);
	t->own = xcalloc(g->ca.n + 1, sizeof(*t->own));
	for (uint32_t i = 0; i < g->ca.n; i++) {
		uint64_t held = held_on(g, i, day);
		t->own[i] = ca_span(g, t->beyond, i, TAKEN_ALL, held);
		t->unexpired[i] = t->own[i].low;
		/* which of a figure's leaves a CRL revokes nobody knows */
		if (t->own[i].low != held || t->own[i].high != held)
			t->revoked[i] = -1;
	}
}

int tallies_open(struct tallies *t, struct cli *c, bool subtree, struct err *err)
{
	const struct graph *g = c->graph;

	memset(t, 0, sizeof(*t));
	t->unexpired = xcalloc(g->ca.n + 1, sizeof(*t->unexpired));
	t->revoked = xcalloc(g->ca.n + 1, sizeof(*t->revoked));
	if (index_revoked_leaves(c->index, c->day, t->revoked, err) < 0) {
		tallies_close(t);
		return -1;
	}
	t->has_crl = xcalloc(g->ca.n + 1, sizeof(*t->has_crl));
	for (uint32_t i = 0; i < g->ca.n; i++)
		t->has_crl[i] = t->revoked[i] >= 0;
	open_own(t, g, c->day);
	if (subtree)
		open_subtree(t, g, c->day);
	return 0;
}

bool tallies_valid(const struct tallies *t, uint32_t ca, uint64_t *valid)
{
	if (t->revoked[ca] < 0)
		return false;
	*valid = t->unexpired[ca] - (uint64_t)t->revoked[ca];
	return true;
}

bool tallies_subtree_valid(const struct tallies *t, uint32_t ca, uint64_t *valid)
{
	*valid = t->subtree_valid[ca];
	return t->subtree_known[ca] > 0 && t->subtree_unread[ca] == 0;
}

int tallies_add_sites(struct tallies *t, struct cli *c, struct err *err)
{
	if (index_sites(c->index, c->day, &t->sites, err) < 0)
		return -1;
	t->has_sites = true;
	if (!t->sites.ranked)
		cli_note_unranked(c);
	return 0;
}

void tallies_close(struct tallies *t)
{
	site_uses_release(&t->sites);
	validations_release(&t->use);
	free(t->unexpired);
	free(t->beyond);
	free(t->own);
	free(t->subtree);
	free(t->subtree_issued_known);
	free(t->subtree_least);
	free(t->subtree_issued);
	free(t->subtree_unexpired);
	free(t->subtree_known);
	free(t->revoked);
	free(t->has_crl);
	free(t->subtree_valid);
	free(t->subtree_unread);
	free(t->subtree_partial);
	free(t->only);
}

/* ---- rows ---- */

static void leaf_cells(struct out *o, const struct graph *g, const struct tallies *t, uint32_t i)
{
	bool read = ca_counted(&g->ca.v[i]) && t->revoked[i] >= 0;
	uint64_t issued, valid = 0;
	bool told = ca_issued(g, i, &issued);

	out_count_if(o, told, issued);
	out_span(o, &t->own[i], false);
	out_span_high(o, &t->own[i]);
	tallies_valid(t, i, &valid);
	out_count_if(o, read, read ? (uint64_t)t->revoked[i] : 0);
	out_count_if(o, read, valid);
}

void figure_cells(struct out *o, const struct graph *g, uint32_t ca)
{
	const struct figure *f = g->ca.v[ca].figure == NO_INDEX ? NULL : &g->figure.v[g->ca.v[ca].figure];
	struct span s = { 0 };

	if (f)
		s = figure_span(f);
	out_count_if(o, f, f ? f->n_cas : 0);
	out_count_if(o, s.known, s.low);
	out_count_if(o, f && span_bounded(&s), s.high);
	out_text(o, f ? f->source : NULL);
	out_day_if(o, f, f ? f->as_of : 0);
	if (f)
		out_bool(o, f->about);
	else
		out_null(o);
	const struct figure *stale = ca_stale_figure(g, ca);
	out_day_if(o, stale, stale ? stale->as_of : 0);
}

void site_cells(struct out *o, const struct site_use *v, size_t n, enum coverage coverage)
{
	const char *top[TOP_SITES];
	size_t shown = n < TOP_SITES ? n : TOP_SITES;
	bool known = coverage != COVERAGE_NONE;

	for (size_t i = 0; i < shown; i++)
		top[i] = v[i].domain;
	out_count_if(o, known, n);
	out_count_if(o, known && n, n ? v[0].rank : 0);
	if (known)
		out_list(o, top, shown);
	else
		out_null(o);
	out_text(o, coverage_names[coverage]);
}

void only_cells(struct out *o, const struct only_here *v)
{
	out_span(o, &v->span, v->unbounded_cas > 0);
	out_count(o, v->cas);
	out_count(o, v->unknown_cas);
}

void only_high_cells(struct out *o, const struct only_here *v)
{
	out_span_high(o, &v->span);
	out_bool(o, v->span.about);
}

int tallies_add_use(struct tallies *t, struct cli *c, struct err *err)
{
	if (index_validations(c->index, &t->use, err) < 0)
		return -1;
	t->has_use = true;
	if (!t->use.indexed)
		cli_note(c, "no telemetry of Firefox's validations is indexed: 'canopy import' its export and KnownRootHashes.json");
	return 0;
}

void use_cells(struct out *o, const struct tallies *t, const struct graph *g, uint32_t ca)
{
	uint64_t n;
	bool known = t->use.indexed && validations_of_ca(&t->use, g, ca, &n);

	out_share(o, known, known ? n : 0, t->use.total);
	out_day_if(o, known, t->use.day);
}

static void source_cells(struct out *o, const struct graph *g, const struct tallies *t, uint32_t i)
{
	int32_t day;
	const char *source = ca_count_source(g, t->beyond, i, &day);

	out_text_or_null(o, source);
	out_day_if(o, *source, day);
	out_text(o, coverage_names[ca_coverage(g, i)]);
}

static void subtree_cells(struct out *o, const struct tallies *t, uint32_t i)
{
	uint64_t valid;

	out_count_if(o, t->subtree_issued_known[i] > 0, t->subtree_issued[i]);
	out_span(o, &t->subtree[i], false);
	bool known = tallies_subtree_valid(t, i, &valid);
	out_count_if(o, known, valid);
}

void counts_row(struct out *o, const struct graph *g, const struct tallies *t, uint32_t i)
{
	const struct ca *ca = &g->ca.v[i];
	bool any = ca_counted(ca) && ca->issued > 0;

	out_hash(o, ca->id, sizeof(ca->id));
	out_text(o, ca->name);
	out_text(o, ca->subject);
	out_hash(o, ca->spki_sha256, sizeof(ca->spki_sha256));
	out_text_or_null(o, ca->owner);
	leaf_cells(o, g, t, i);
	out_count(o, ca->n_certs);
	out_count(o, ca_child_count(g, i));
	out_day_if(o, any, ca->first_nb_day);
	out_day_if(o, any, ca->last_nb_day);
	out_day_if(o, any, ca->last_na_day);
	source_cells(o, g, t, i);
	if (t->subtree)
		subtree_cells(o, t, i);
	if (t->has_sites) {
		const struct site_uses *u = &t->sites;
		site_cells(o, u->n ? &u->v[u->first[i]] : NULL, u->first[i + 1] - u->first[i], u->coverage[i]);
	}
	if (t->only)
		only_cells(o, &t->only[i]);
	out_count_if(o, ca_counted(ca), ca->unproven);
	figure_cells(o, g, i);
	if (t->subtree) {
		out_span_high(o, &t->subtree[i]);
		out_bool(o, t->subtree[i].about);
	}
	if (t->has_use)
		use_cells(o, t, g, i);
	if (t->only)
		only_high_cells(o, &t->only[i]);
	out_row(o);
}

/* ---- the command ---- */

/* Which CAs are written, in order. */
static uint32_t *pick(
	const struct graph *g, const struct tallies *t, const bool *chosen, const struct trust *trust, size_t *n)
{
	uint32_t *ca = xcalloc(g->ca.n + 1, sizeof(*ca));

	*n = 0;
	for (uint32_t i = 0; i < g->ca.n; i++) {
		if (chosen && !chosen[i])
			continue;
		if (!trust || trust_before(trust, i) != ACCEPT_NONE)
			ca[(*n)++] = i;
	}
	ca_sort(g, t->unexpired, ca, *n);
	return ca;
}

static void add_only(struct tallies *t, const struct cli *c, const struct scope *s)
{
	struct trust_query q = { .graph = c->graph, .store = s->store, .purpose = s->purpose, .day = c->day };

	t->only = xcalloc(c->graph->ca.n + 1, sizeof(*t->only));
	impact_only_here(&q, t->only);
}

static int write_rows(struct cli *c, const bool *chosen, const struct scope *s, const struct trust *trust, struct err *err)
{
	struct tallies t;
	struct out *o;
	uint32_t *ca;
	size_t n;

	if (tallies_open(&t, c, c->args.subtree, err) < 0)
		return -1;
	if ((c->args.sites && tallies_add_sites(&t, c, err) < 0) || (c->args.use && tallies_add_use(&t, c, err) < 0)) {
		tallies_close(&t);
		return -1;
	}
	if (c->args.only_here)
		add_only(&t, c, s);
	ca = pick(c->graph, &t, chosen, trust, &n);
	o = out_begin(stdout, c->format, columns_of(&c->args), &c->style);
	for (size_t i = 0; i < n; i++)
		counts_row(o, c->graph, &t, ca[i]);
	out_end(o);
	free(ca);
	tallies_close(&t);
	return 0;
}

static int by_ca(struct cli *c, const bool *chosen, struct err *err)
{
	struct trust *trust = NULL;
	struct scope s;

	if ((c->args.program || c->args.only_here) && cli_scope(c, &s, err) < 0)
		return -1;
	if (c->args.program)
		trust = scope_trust(c, &s);
	int rc = write_rows(c, chosen, &s, trust, err);
	trust_free(trust);
	return rc;
}

static int check_options(const struct args *a, bool by_others, struct err *err)
{
	bool scoped = by_others && strcmp(a->by, "owner") != 0;

	if (a->subtree && by_others)
		return err_set(err, ERR_USAGE, "'--subtree' does not go with '--by %s'", a->by);
	if (a->only_here && by_others && strcmp(a->by, "program") == 0)
		return err_set(err, ERR_USAGE, "'--only-here' does not go with '--by program'");
	if (a->use && by_others && strcmp(a->by, "root") != 0)
		return err_set(err, ERR_USAGE, "'--use' does not go with '--by %s'", a->by);
	if (a->purpose && !a->program && !scoped && !a->only_here)
		return err_set(err, ERR_USAGE, "'--purpose' needs '--program'");
	return 0;
}

static int run(struct cli *c, struct err *err)
{
	bool by_others = c->args.by && strcmp(c->args.by, "ca") != 0, *chosen;
	int rc;

	if (check_options(&c->args, by_others, err) < 0)
		return -1;
	if (cli_open(c, err) < 0 || cli_chosen(c, &chosen, err) < 0)
		return -1;
	rc = by_others ? counts_by(c, chosen, err) : by_ca(c, chosen, err);
	if (rc == 0) {
		cli_note_empty(c);
		cli_note_stale(c);
	}
	free(chosen);
	return rc;
}

static const struct help_part parts[] = {
	{ "Only here",
		"With --only-here each row tells what would die if exactly it went: unexpired leaves that the program (default: "
		"mozilla) accepts by no path but through it. Of a CA each certificate is rejected, of a root (--by root) the anchors "
		"are removed, of an owner the row's CAs are rejected together. Rows overlap. Figures are in it as in the totals of 'canopy "
		"impact': one whose CAs all lose everything counts whole, else as nothing to all of it; only_here_high is the upper bound." },
	{ "Use in Firefox",
		"With --use, also by root, each root tells which part of all validations in Firefox ended in it, whatever the path, by Mozilla's "
		"telemetry where that was imported: a GLAM export of cert.validation_success_by_ca and KnownRootHashes.json of "
		"Firefox's source. It is what was visited by those who send telemetry, not what was issued. The whole is all "
		"validations counted, those in roots of a user's or a company's own too. CAs without a number in telemetry stay "
		"unknown; the numbers 1 to 3, by which Firefox counts such other roots too, are no root's." },
	{ "Figures",
		"Where a figure that others counted was imported ('canopy help import') and says more than the leaves that the index "
		"holds, unexpired and unexpired_high are its bounds, source is 'figure', and coverage partial. A figure for several CAs "
		"tells no number of each: it stands in figure_unexpired, figure_unexpired_high and beside them, and is once in every "
		"sum that takes in all of these CAs, as an upper bound alone in one that takes in some of them. Tables show bounds as "
		"200–250, ≤ 3,499 and ≥ 200, rounded figures with ~; a number is empty where nothing bounds it on that side. A figure that is more than 398 days from the day asked for does "
		"not count; its day stands in stale_figure_as_of where nothing nearer counts the CA to the end. The last columns "
		"of --by are\n\n"
		"    cas_by_figure        CAs that nothing but a figure counts\n"
		"    approximate          true where a rounded figure is in the sum" },
	{ NULL, NULL },
};

const struct command command_counts = {
	.name = "counts",
	.operands = "[REF…]",
	.summary = "one row a CA: how many certificates it issued and how many of them are unexpired",
	.max_operands = ANY_OPERANDS,
	.options = options,
	.columns = counts_columns,
	.text = "Writes one row for each CA of the index, or for those that the REFs name. Rows come by unexpired "
		"leaves, most first, CAs that no source counts last, then by ca_id.\n\n"
		"A leaf is an end-entity certificate and counts once for its issuer and serial number, however "
		"many copies, precertificates and log entries of it there are. It belongs to the CA whose name it "
		"names and whose key signed it; a precertificate that the key of a Precertificate Signing Certificate "
		"signed, and no other CA certificate has that name and key, belongs to the CA that signed that one.\n\n"
		"coverage is complete where every Certificate Transparency log of the indexed list that can hold "
		"leaves unexpired on the day was read, from its first entry to a signed head (pending and "
		"rejected ones aside), and every issuer's certificate is known; source_as_of is the day of the "
		"oldest such head. Leaves that no log shows (most S/MIME certificates) are in no log's count. unproven tells how many "
		"of issued are known only from logs whose heads nobody could verify ('fetch ct --unverified').\n\n"
		"With --program only CAs are written that the program accepts on the day for the purpose, wholly "
		"or for some of their leaves. The numbers stay the same: all leaves, trusted or not.\n\n"
		"With --sites the names of the unexpired leaves are compared with the rank list that was imported or fetched "
		"(Tranco's, or any file of 'rank,domain' lines). A name is a site's when it is the site's domain or a wildcard "
		"right below it, or when the site is its registrable domain by the Public Suffix List. What logs showed before "
		"the list was indexed is compared where its names are kept; sites_coverage says where they are not.\n\n"
		"A table shows some of the columns, shortened; csv, json, ndjson have all of them. Unknown "
		"numbers are empty (null in JSON).\n\n"
		"With --by the rows are sums, each CA counted once in a row. Owner: over the CAs of each owner, those "
		"of no known owner in one row without a name; with --program over those that it accepts. Root: "
		"over each CA that owns an anchor of the program (default: mozilla; without a store of it every "
		"CA without a parent) and all CAs below it through certificates usable on the day; CAs below "
		"several roots are in each of their rows. Program: over the CAs that each program accepts for "
		"each purpose, with the date of its store, the number of its anchors, and in 'trusted' those of "
		"the unexpired leaves that it accepts. REFs restrict what is summed, or which roots are "
		"written.\n\n"
		"The columns of --by are those that name the row: by owner its name; by root ca_id to owner, as above; "
		"by program\n\n"
		"    program              whose store it is\n"
		"    purpose              tls or email\n"
		"    store_date           the day of the store's snapshot\n"
		"    anchors              trust anchors for the purpose\n\n"
		"Then come:\n\n"
		"    cas                  CAs that are summed\n"
		"    issued … valid       sums over those of them that are counted, as above; empty when none is\n"
		"    ca_certs             their certificates\n"
		"    first_not_before …   earliest and latest days of their leaves, as above\n"
		"    coverage             complete: every CA is; none: no CA is counted; else partial, and the\n"
		"                         sums are lower bounds\n"
		"    cas_counted          how many of the CAs are counted at all\n"
		"    trusted              by program: unexpired leaves that it accepts\n"
		"    cas_unevaluated      by program: CAs accepted by a rule that canopy does not evaluate and\n"
		"                         takes as met\n"
		"    sites …              with --sites, as above, each site once in a row\n"
		"    only_here …          with --only-here, as above, by root and by owner; its upper bound comes last\n"
		"    cas_by_figure …      below\n\n"
		"Examples:\n\n"
		"    canopy counts --format csv > counts.csv\n"
		"    canopy counts --subtree --program mozilla --as-of 2026-06-01\n"
		"    canopy counts 'owner:Alder Trust Services (fictional)'\n"
		"    canopy counts --by root --only-here --as-of 2026-06-01\n"
		"    canopy counts --by owner --format csv\n"
		"    canopy counts --by program --as-of 2026-06-01",
	.parts = parts,
	.run = run,
};
