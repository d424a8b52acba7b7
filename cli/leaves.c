#include "cli/leaves.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/path.h"
#include "cli/counts.h"
#include "fetch/config.h"
#include "index/crl.h"

static const struct opt options[] = {
	OPTION_DB,
	OPTION_AS_OF,
	OPTION_FORMAT(ROW_FORMATS),
	{ 0, "by", OPT_CHOICE, LEAVES_BY, "one row for each of these, by whom to write to", ARG(by), LEAVES_BY },
	{ 0, "lost", OPT_FLAG, NULL, "only leaves that the marks lose, which is what marks ask for anyway", ARG(lost), NULL },
	{ 0, "unexpired", OPT_FLAG, NULL, "only leaves that are unexpired on the day", ARG(unexpired), NULL },
	OPTION_PROGRAM("whose store and rules the marks change (default: mozilla)"),
	OPTION_PURPOSE,
	OPTION_CHROME_VERSION,
	OPTIONS_SCENARIO,
	{ 0, "offline", OPT_FLAG, NULL, "ask no log: serial numbers and names that are not kept stay unknown", ARG(offline), NULL },
	OPTION_NO_COLOR,
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

/* clang-format off */
#define LEAF_COLUMNS                                                                                                   \
	{ "serial", COL_TEXT, "serial", "the content octets of the serial number in hex; unknown (empty, null) where it is not kept and no log gave it", 40, NULL }, \
	{ "not_before", COL_TIME, "notBefore", "the earliest of its certificates; empty when it cannot be read", 0, NULL }, \
	{ "not_after", COL_TIME, "notAfter", "the latest of its certificates; empty when it cannot be read", 0, NULL }, \
	{ "first_sct", COL_TIME, "first SCT", "the earliest embedded SCT, else the earliest time of a log", 0, NULL }, \
	{ "names", COL_TEXT, "names", "SAN names, comma and blank between, of all its certificates that are known, each once; unknown as serial numbers are", 60, NULL }, \
	{ "where", COL_TEXT, NULL, "the files that gave it and an entry of a log that shows it, semicolon and blank between", 0, NULL }, \
	{ "kind", COL_TEXT, "kind", "DV, OV or EV by its policies, else empty", 0, NULL },                             \
	{ "eku", COL_LIST, NULL, "extended key usages: tls, email, any, ocsp, other; empty without the extension", 0, " " }, \
	{ "precert", COL_BOOL, NULL, "its precertificate was seen", 0, NULL },                                         \
	{ "final", COL_BOOL, NULL, "the certificate itself was seen", 0, NULL },                                       \
	{ "unexpired", COL_BOOL, "unexpired", "on the day; no where a date cannot be read, as such a leaf is not counted as unexpired", 0, NULL }, \
	{ "ca_id", COL_HASH, NULL, "its issuer", 0, NULL },                                                            \
	{ "ca_name", COL_TEXT, NULL, "the issuer's name", 0, NULL }
#define REVOKED_COLUMNS                                                                                                \
	{ "revoked", COL_BOOL, "revoked", "by the day, by a fetched and verified CRL of its CA; no only where such a list was read that " \
		"would have it; unknown (empty, null) otherwise", 0, NULL },                                            \
	{ "revoked_at", COL_TIME, NULL, "its revocationDate; empty unless it is revoked, and where that cannot be read", 0, NULL }, \
	{ "revocation_reason", COL_TEXT, NULL, "as the list gives it, \"unspecified\" without; empty unless it is revoked", 0, NULL }
#define COVERED_COLUMN                                                                                                 \
	{ "covered", COL_BOOL, "covered", "with a scenario: every name also stands in a leaf that stays trusted; unknown where " \
		"such a leaf was not seen and the index does not hold all names", 0, NULL }
/* clang-format on */

static const struct column columns[] = { LEAF_COLUMNS, REVOKED_COLUMNS, COVERED_COLUMN, COLUMN_END };
static const struct column plain_columns[] = { LEAF_COLUMNS, REVOKED_COLUMNS, COLUMN_END };

/* Which leaves are written, and where to. */
struct listing {
	struct cli *cli;
	const struct trust *trust; /* NULL: without a scenario */
	struct cover *cover;       /* of its names, NULL without */
	struct out *out;           /* a row each … */
	struct outreach *groups;   /* … or a row a group, else NULL */
	uint32_t *cas;
	size_t n_cas;
	uint32_t ca;
	struct err *err;
	bool failed;
};

static bool is_lost(const struct listing *ls, const struct leaf_info *l)
{
	struct verdict v;

	if (!leaf_is_judged(ls->trust, l->not_before, l->not_after, l->eku))
		return false;
	v = trust_leaf(ls->trust, ls->ca, l->not_before, l->sct);
	return v.before && !v.after;
}

static bool is_wanted(void *ctx, const struct leaf_info *l)
{
	const struct listing *ls = ctx;
	bool unexpired = leaf_is_unexpired(l->not_before, l->not_after, ls->cli->day);

	return (!ls->cli->args.unexpired || unexpired) && (!ls->trust || is_lost(ls, l));
}

static void eku_cell(struct out *o, uint8_t eku)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} names[] = {
		{ EKU_TLS, "tls" },
		{ EKU_EMAIL, "email" },
		{ EKU_ANY, "any" },
		{ EKU_OCSP, "ocsp" },
		{ EKU_OTHER, "other" },
	};
	const char *has[sizeof(names) / sizeof(*names)];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (eku & names[i].bit)
			has[n++] = names[i].name;
	}
	out_list(o, has, n);
}

static void covered_cell(struct out *o, enum covered covered)
{
	if (covered == COVERED_UNKNOWN)
		out_null(o);
	else
		out_bool(o, covered == COVERED_YES);
}

static void revocation_cells(struct out *o, const struct leaf_revocation *r)
{
	bool yes = r->revoked == LEAF_REVOKED_YES;

	if (r->revoked == LEAF_REVOKED_UNKNOWN)
		out_null(o);
	else
		out_bool(o, yes);
	out_time_if(o, yes && r->since != TIME_UNKNOWN, r->since);
	out_text_or_null(o, yes ? crl_reason_name(r->reason) : "");
}

static bool put_leaf(void *ctx, const struct leaf_info *l)
{
	static const char *const kinds[] = { NULL, "DV", "OV", "EV" };
	const struct listing *ls = ctx;
	const struct ca *ca = &ls->cli->graph->ca.v[ls->ca];
	struct out *o = ls->out;

	out_text(o, l->serial); /* NULL: not known */
	out_time_if(o, l->not_before != TIME_UNKNOWN, l->not_before);
	out_time_if(o, l->not_after != TIME_UNKNOWN, l->not_after);
	out_time_if(o, l->sct != SCT_NONE, l->sct);
	out_text(o, l->names);
	out_text(o, l->where);
	out_text(o, l->kind < sizeof(kinds) / sizeof(*kinds) ? kinds[l->kind] : NULL);
	eku_cell(o, l->eku);
	out_bool(o, l->precert);
	out_bool(o, l->final);
	out_bool(o, leaf_is_unexpired(l->not_before, l->not_after, ls->cli->day));
	out_hash(o, ca->id, sizeof(ca->id));
	out_text(o, ca->name);
	revocation_cells(o, &l->revocation);
	if (ls->cover)
		covered_cell(o, cover_of(ls->cover, l->names));
	out_row(o);
	return !ferror(stdout);
}

static bool note_names(void *ctx, const struct leaf_info *l)
{
	struct listing *ls = ctx;

	cover_add(ls->cover, l->names);
	return true;
}

static bool group_leaf(void *ctx, const struct leaf_info *l)
{
	struct listing *ls = ctx;
	enum covered covered = ls->cover ? cover_of(ls->cover, l->names) : COVERED_UNKNOWN;

	ls->failed = outreach_add(ls->groups, ls->ca, l, covered, ls->err) < 0;
	return !ls->failed;
}

/* ---- what only the logs know ---- */

struct rereading {
	struct config *config;
	char *cache;
	struct ct_names_options o;
	struct ct_names *reader;
	uint64_t unread;
	struct err why;
	bool organization; /* more is asked for than is ever kept */
};

static int reread_open(struct cli *c, struct rereading *r, struct err *err)
{
	char *path = path_xdg(XDG_CONFIG, "config");

	memset(r, 0, sizeof(*r));
	int rc = config_load(path, &r->config, err);
	free(path);
	if (rc < 0)
		return -1;
	r->cache = path_xdg(XDG_CACHE, "");
	r->o = (struct ct_names_options){
		.contact = config_contact(r->config),
		.config = r->config,
		.cache = r->cache,
		.offline = c->args.offline,
		.unread = &r->unread,
		.why = &r->why,
	};
	return index_names_open(c->index, &r->o, &r->reader, err);
}

/* Rows that lack what a log should have given are an answer with a hole, which a script must be able to see: a failure,
 * unless nobody was to be asked. */
static int reread_tell(const struct cli *c, const struct rereading *r, struct err *err)
{
	const char *leaves = r->unread == 1 ? "leaf" : "leaves", *what = r->organization ? "subject" : "serial number and names";
	const char *are = r->organization ? "is" : "are";
	char n[32];

	if (!r->unread)
		return 0;
	num_group(n, r->unread);
	if (c->args.offline) {
		cli_note(c, "%s of %s %s %s not kept, and no log was asked", what, n, leaves, are);
		return 0;
	}
	if (r->why.kind == ERR_NONE)
		return err_set(err, ERR_NETWORK, "%s of %s %s %s not kept, and the logs do not give them any more", what, n, leaves, are);
	return err_set(err, ERR_NETWORK, "%s of %s %s could not be read again: %s", what, n, leaves, r->why.msg);
}

static void reread_close(struct rereading *r)
{
	ct_names_close(r->reader);
	free(r->cache);
	config_free(r->config);
}

/* ---- listing ---- */

static int walk(struct listing *ls, const struct leaf_query *q, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < ls->n_cas && rc == 0 && !ls->failed; i++) {
		ls->ca = ls->cas[i];
		rc = index_leaves(ls->cli->index, ls->ca, q, err);
	}
	return ls->failed ? -1 : rc;
}

/* All is read once for the names alone: what covers them must be known before the first row. */
static int find_cover(struct listing *ls, struct rereading *names, struct err *err)
{
	struct leaf_query q = { .wants = is_wanted, .each = note_names, .ctx = ls, .names = names->reader };
	int rc;

	ls->cover = cover_new(ls->cli->index, ls->trust);
	rc = walk(ls, &q, err);
	names->unread = 0;
	return rc == 0 ? cover_find(ls->cover, err) : -1;
}

static int write_leaves(struct listing *ls, const struct rereading *names, struct err *err)
{
	struct leaf_query q = { .wants = is_wanted, .each = put_leaf, .ctx = ls, .names = names->reader,
		                .revoked_on = &ls->cli->day };
	int rc;

	ls->out = out_begin(stdout, ls->cli->format, ls->cover ? columns : plain_columns, &ls->cli->style);
	rc = walk(ls, &q, err);
	out_end(ls->out);
	return rc;
}

/* What "no" rests on, which is seldom all that there is; false when it is not. */
static bool tell_basis(const struct listing *ls)
{
	struct cover_basis b = cover_basis(ls->cover);
	char n[32], all[32];

	if (b.incomplete)
		cli_note(ls->cli, "covered knows what the index holds: %s of the %s CAs that stay trusted are not counted to the end",
			num_group(n, b.incomplete), num_group(all, b.cas));
	if (b.nameless)
		cli_note(ls->cli, "names of leaves of %s CA%s that stay%s trusted are not kept: uncovered is not known",
			num_group(n, b.nameless), b.nameless == 1 ? "" : "s", b.nameless == 1 ? "s" : "");
	return !b.incomplete && !b.nameless;
}

static int write_groups(struct listing *ls, const struct rereading *names, struct err *err)
{
	enum outreach_by by = leaves_by(ls->cli->args.by);
	struct leaf_query q = { .wants = is_wanted, .each = group_leaf, .ctx = ls, .names = names->reader,
		                .organization = names->organization };
	int rc;

	if (outreach_new(ls->cli->index, by, &ls->groups, err) < 0)
		return -1;
	ls->err = err;
	rc = walk(ls, &q, err);
	if (rc == 0) {
		bool complete = ls->cover && tell_basis(ls);
		leaves_by_rows(ls->cli, ls->groups, by, ls->trust, complete);
	}
	outreach_free(ls->groups);
	return rc;
}

static int choose_cas(struct listing *ls, const bool *chosen, struct err *err)
{
	const struct graph *g = ls->cli->graph;
	struct tallies t;

	if (tallies_open(&t, ls->cli, false, err) < 0)
		return -1;
	ls->cas = xcalloc(g->ca.n + 1, sizeof(*ls->cas));
	for (uint32_t i = 0; i < g->ca.n; i++) {
		if ((!chosen || chosen[i]) && (!ls->trust || trust_changed(ls->trust, i)))
			ls->cas[ls->n_cas++] = i;
	}
	ca_sort(g, t.unexpired, ls->cas, ls->n_cas);
	tallies_close(&t);
	return 0;
}

/* An empty list of a CA that nobody counts is not one of nothing. */
static void tell_uncounted(const struct listing *ls)
{
	size_t none = 0;
	char n[32], all[32];

	for (size_t i = 0; i < ls->n_cas; i++)
		none += !ca_counted(&ls->cli->graph->ca.v[ls->cas[i]]);
	if (none && ls->n_cas == 1)
		cli_note(ls->cli, "no source counts this CA: which leaves it has is not known");
	else if (none)
		cli_note(ls->cli, "no source counts %s of these %s CAs: their leaves are not listed", num_group(n, none),
			num_group(all, ls->n_cas));
}

static int list(struct cli *c, const bool *chosen, const struct trust *trust, struct err *err)
{
	struct listing ls = { .cli = c, .trust = trust };
	struct rereading names;
	int rc = reread_open(c, &names, err);

	names.organization = c->args.by && leaves_by(c->args.by) == OUTREACH_ORGANIZATION;
	if (rc == 0)
		rc = choose_cas(&ls, chosen, err);
	if (rc == 0 && trust)
		rc = find_cover(&ls, &names, err);
	if (rc == 0)
		rc = (c->args.by ? write_groups : write_leaves)(&ls, &names, err);
	if (rc == 0)
		tell_uncounted(&ls);
	if (rc == 0)
		rc = reread_tell(c, &names, err);
	reread_close(&names);
	cover_free(ls.cover);
	free(ls.cas);
	return rc;
}

static int list_lost(struct cli *c, const bool *chosen, struct err *err)
{
	struct arena arena = { 0 };
	struct trust_query q = { 0 };
	struct scenario s;
	struct trust *trust;
	int rc = cli_scenario(c, &s, &arena, &q, err);

	if (rc == 0) {
		trust = trust_compute(&q);
		rc = list(c, chosen, trust, err);
		trust_free(trust);
	}
	scenario_release(&s);
	arena_release(&arena);
	return rc;
}

static int run(struct cli *c, struct err *err)
{
	const struct args *a = &c->args;
	bool lost = a->mark.n || a->stage.n || a->scenario, *chosen;
	int rc;

	if (!lost && a->lost)
		return err_set(err, ERR_USAGE, "'--lost' needs '--mark', '--stage' or '--scenario'");
	if (!lost && !c->operands.n)
		return err_set(err, ERR_USAGE, "'leaves' needs a REF or '--mark'");
	if (!lost && (a->program || a->purpose || a->revocation || a->exempt.n || a->assume.n))
		return err_set(err, ERR_USAGE,
			"a program, a purpose, '--exempt', '--assume' and '--revocation' need '--mark'");
	if (cli_open(c, err) < 0 || cli_chosen(c, &chosen, err) < 0)
		return -1;
	rc = lost ? list_lost(c, chosen, err) : list(c, chosen, NULL, err);
	free(chosen);
	return rc;
}

static const struct help_part parts[] = {
	{ "Whom to write to",
		"With --by there is one row for each registrable domain (by the Public Suffix List; a wildcard and an e-mail "
		"address stand for their domain, an IP address for itself), top-level domain or organization (O of the "
		"subject) instead of one a leaf. A leaf counts once in each row that one of its names belongs to, so rows "
		"overlap. Leaves that belong nowhere (no name is a host's, an address or an e-mail address; the subject has no O) are in a row "
		"with an empty name, those of which it is not known in another: in JSON \"\" and null. Of leaves in logs "
		"the organization is never kept and is read from the logs, as names of large CAs are.\n\n"
		"Rows come by leaves that may have no cover, then by leaves, most first, then by rank and name. Their columns:\n\n"
		"    domain, tld or organization\n"
		"    country_code         by tld: two letters; unknown of names in other scripts\n"
		"    leaves               that name it\n"
		"    names, some_names    how many distinct ones, and the first five\n"
		"    first_not_after …    when the first and the last of the leaves end anyway\n"
		"    covered, uncovered   leaves with and without cover (below)\n"
		"    ca_ids, ca_names, owners  of the issuers\n"
		"    rank                 the best of its sites in the indexed rank list\n"
		"    program, purpose     of the scenario" },
	{ "What covers a leaf",
		"With a scenario covered says whether a site has another certificate already. A name is covered by a leaf "
		"that is unexpired on the day, good for the purpose and trusted after the scenario, and has the same name, or "
		"the wildcard that stands for its first label. A leaf is covered when all its names are.\n\n"
		"Only names in the index are looked at, whoever issued the leaf: those of imported leaves, and of leaves in "
		"logs where they are kept (--names of 'canopy help fetch'); no log is asked, and revocation of leaves does "
		"not matter. So yes is seen. No means that the index holds no such leaf though it holds all names of the "
		"counted CAs that stay trusted; a certificate that no source showed may exist all the same, which --by says on stderr. "
		"Unknown (empty, null) is what is left: no cover was seen, and the names of some CA that stays trusted are not "
		"kept, or those of the leaf are not known or there are none. In rows of --by covered counts what was seen, and "
		"uncovered is empty where one of the leaves is unknown.\n\n"
		"The lost leaves are read twice for it." },
	{ NULL, NULL },
};

const struct command command_leaves = {
	.name = "leaves",
	.operands = "[REF…]",
	.summary = "the leaves of a CA, or those that a scenario loses",
	.max_operands = ANY_OPERANDS,
	.options = options,
	.columns = columns,
	.text = "Writes one row for each leaf of the CAs that REF names: all that the index holds, with "
		"--unexpired those of the day. The leaves of a CA come by notBefore, unreadable ones first, then by serial "
		"number; of one second those whose serial number is unknown come last, by log and entry. How many of the CAs no source "
		"counts is said on stderr: of their leaves a list has none.\n\n"
		"Of a CA with many leaves in logs (more than 20,000, or names-limit in the configuration; see --names of "
		"'canopy help fetch') the index holds no serial numbers and names: they are read again from the logs, or from "
		"the copies that an earlier time left in the cache. Where that fails all rows are written with those cells "
		"unknown, and the exit status is 4. --offline asks nobody, and is no failure.\n\n"
		"revoked says what the CA's CRLs say that are indexed and verified: yes for what stands on one of them by the "
		"day, as in the counts of 'canopy counts'; no for what does not though it would. Where no list was fetched, or only lists of other "
		"distribution points or for some reasons, it is unknown. Programs do not ask CRLs of leaves, so impact does not either.\n\n"
		"With --mark or --scenario only leaves are written that the scenario loses: unexpired on the day, "
		"good for the purpose, trusted before and not after; --lost says so where a reader shall see it. Then REF may be left out: the leaves of all "
		"CAs. Marks are explained in 'canopy help impact'.\n\n"
		"Examples:\n\n"
		"    canopy leaves 'Alder TLS CA 1' --unexpired --format csv\n"
		"    canopy leaves --mark 'Alder Root CA=remove' --quiet --format ndjson\n"
		"    canopy leaves --mark 'Alder Root CA=remove' --by domain --as-of 2026-06-01 --quiet --format csv > outreach.csv",
	.parts = parts,
	.run = run,
};
