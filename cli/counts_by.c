#include <stdlib.h>
#include <string.h>

#include "cli/counts.h"
#include "cli/tops.h"

/* clang-format off */
#define KEY_CA                                                                                                         \
	{ "ca_id", COL_HASH, "ca_id", "", 0, NULL },                                                                   \
	{ "name", COL_TEXT, "CA", "", 48, NULL },                                                                      \
	{ "subject", COL_TEXT, NULL, "", 0, NULL },                                                                    \
	{ "spki_sha256", COL_HASH, NULL, "", 0, NULL },                                                                \
	{ "owner", COL_TEXT, "owner", "", 32, NULL }
#define KEY_OWNER                                                                                                      \
	{ "owner", COL_TEXT, "owner", "", 48, NULL }
#define KEY_PROGRAM                                                                                                    \
	{ "program", COL_TEXT, "program", "", 0, NULL },                                                               \
	{ "purpose", COL_TEXT, "purpose", "", 0, NULL },                                                               \
	{ "store_date", COL_DATE, "store", "", 0, NULL },                                                              \
	{ "anchors", COL_COUNT, "anchors", "", 0, NULL }
#define SUMS                                                                                                           \
	{ "cas", COL_COUNT, "CAs", "", 0, NULL },                                                                      \
	{ "issued", COL_COUNT, "issued", "", 0, NULL },                                                                \
	{ "unexpired", COL_COUNT, "unexpired", "", 0, NULL },                                                          \
	{ "unexpired_high", COL_COUNT, NULL, "", 0, NULL },                                                            \
	{ "revoked", COL_COUNT, NULL, "", 0, NULL },                                                                   \
	{ "valid", COL_COUNT, NULL, "", 0, NULL },                                                                     \
	{ "ca_certs", COL_COUNT, "certs", "", 0, NULL },                                                               \
	{ "first_not_before", COL_DATE, NULL, "", 0, NULL },                                                           \
	{ "last_not_before", COL_DATE, "newest", "", 0, NULL },                                                        \
	{ "last_not_after", COL_DATE, "last expiry", "", 0, NULL },                                                    \
	{ "coverage", COL_TEXT, "coverage", "", 0, NULL },                                                             \
	{ "cas_counted", COL_COUNT, "counted CAs", "", 0, NULL }
/* clang-format on */

/* clang-format off */
#define SUMS_LAST                                                                                                      \
	{ "cas_by_figure", COL_COUNT, NULL, "", 0, NULL },                                                             \
	{ "approximate", COL_BOOL, NULL, "", 0, NULL }
/* clang-format on */

#define TRUSTED                                                                                                        \
	{ "trusted", COL_COUNT, "trusted", "", 0, NULL },                                                              \
	{ "cas_unevaluated", COL_COUNT, NULL, "", 0, NULL }

static const struct column last_columns[] = { SUMS_LAST, COLUMN_END };
static const struct column owner_columns[] = { KEY_OWNER, SUMS, COLUMN_END };
static const struct column root_columns[] = { KEY_CA, SUMS, COLUMN_END };
static const struct column program_columns[] = { KEY_PROGRAM, SUMS, TRUSTED, COLUMN_END };

/* How many CAs of a figure a row has. */
struct met {
	uint32_t figure, cas;
};

/* One row: a sum over some CAs. */
struct group {
	uint32_t ca; /* of a root, or one CA of the owner */
	const char *program;
	enum purpose purpose;
	int32_t store_day;
	uint64_t anchors, cas, counted, issued_known, complete, issued, unexpired, revoked, unread, ca_certs, trusted, unevaluated;
	int32_t first_nb, last_nb, last_na;
	struct span span;      /* unexpired, with figures */
	uint64_t open_figures; /* figures in it without an upper bound */
	uint64_t by_figure;    /* CAs that nothing but a figure counts */
	VEC(struct met) met;   /* figures of several CAs */
	bool dated; /* some leaf was issued: the days hold */
	uint64_t compared, all_compared; /* CAs whose leaves were compared with the rank list: some of them, all of them */
	VEC(struct site_use) site;
	struct only_here only;
};
struct groups {
	struct cli *cli;
	const struct graph *g;
	const bool *chosen; /* by CA, NULL for all */
	struct tallies tally;
	struct trust_query only; /* with --only-here: whose leaves would be lost */
	VEC(struct group) v;
};

static void add_days(struct group *to, const struct ca *ca)
{
	if (!to->dated || ca->first_nb_day < to->first_nb)
		to->first_nb = ca->first_nb_day;
	if (!to->dated || ca->last_nb_day > to->last_nb)
		to->last_nb = ca->last_nb_day;
	if (!to->dated || ca->last_na_day > to->last_na)
		to->last_na = ca->last_na_day;
	to->dated = true;
}

static void add_sites(struct group *to, const struct site_uses *u, uint32_t ca)
{
	to->compared += u->coverage[ca] != COVERAGE_NONE;
	to->all_compared += u->coverage[ca] == COVERAGE_COMPLETE;
	for (uint32_t i = u->first[ca]; i < u->first[ca + 1]; i++)
		vec_push(&to->site, u->v[i]);
}

static void meet(struct group *to, uint32_t figure)
{
	size_t i = 0;

	while (i < to->met.n && to->met.v[i].figure != figure)
		i++;
	if (i == to->met.n)
		vec_push(&to->met, (struct met){ figure, 0 });
	to->met.v[i].cas++;
}

/* Its unexpired leaves; a figure of several CAs waits until all of the row's are known. */
static void add_span(const struct groups *gs, struct group *to, uint32_t i)
{
	const struct ca *ca = &gs->g->ca.v[i];
	const struct span *own = &gs->tally.own[i];

	to->span.low += own->low;
	to->span.high += own->high;
	to->span.about |= own->about;
	to->span.about_low |= own->about_low;
	to->open_figures += ca_has_numbers(gs->g, i) && !span_bounded(own);
	to->by_figure += ca->coverage == COVERAGE_NONE && ca->figure != NO_INDEX;
	if (ca->figure != NO_INDEX && !ca_own_figure(gs->g, i))
		meet(to, ca->figure);
}

static void add_met(const struct groups *gs, struct group *to)
{
	for (size_t i = 0; i < to->met.n; i++) {
		const struct figure *f = &gs->g->figure.v[to->met.v[i].figure];
		bool whole = to->met.v[i].cas == f->n_cas;
		struct span s = { 0 };

		span_add_figure(gs->g, gs->tally.beyond, to->met.v[i].figure, whole ? TAKEN_ALL : TAKEN_SOME, &s);
		to->span.low += s.low;
		to->span.high += s.high;
		to->span.about |= s.about;
		to->span.about_low |= s.about_low;
		to->open_figures += s.open;
		to->span.known |= whole && f->low != FIGURE_UNKNOWN;
	}
	to->unread += to->met.n;
	vec_release(&to->met);
	to->unexpired = to->span.low;
	to->span.open = to->open_figures;
	to->span.known |= to->counted > 0;
}

static void add_ca(const struct groups *gs, struct group *to, uint32_t i)
{
	const struct ca *ca = &gs->g->ca.v[i];
	uint64_t issued;

	to->cas++;
	to->ca_certs += ca->n_certs;
	add_span(gs, to, i);
	if (!ca_has_numbers(gs->g, i))
		return;
	to->counted++;
	to->complete += ca->coverage == COVERAGE_COMPLETE;
	to->issued_known += ca_issued(gs->g, i, &issued);
	to->issued += issued;
	if (gs->tally.revoked[i] >= 0)
		to->revoked += (uint64_t)gs->tally.revoked[i];
	else
		to->unread += gs->tally.unexpired[i] > 0 || ca_own_figure(gs->g, i);
	if (ca->issued)
		add_days(to, ca);
	if (gs->tally.has_sites)
		add_sites(to, &gs->tally.sites, i);
}

/* ---- owners ---- */

static int by_owner(const void *a, const void *b, void *ctx)
{
	const struct graph *g = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = strcmp(g->ca.v[x].owner, g->ca.v[y].owner);

	return order ? order : (x < y ? -1 : x > y);
}

/* ca: those of the first owner's row, then those of the next one's. */
static void lose_owners(struct groups *gs, const uint32_t *ca, size_t n)
{
	for (size_t i = 0, row = 0; i < n; row++) {
		struct group *to = &gs->v.v[row];
		struct mark *marks;
		size_t used = impact_mark_cas(gs->g, ca + i, to->cas, &marks);
		to->only = impact_lost_with(&gs->only, gs->tally.beyond, marks, used);
		free(marks);
		i += to->cas;
	}
}

static void sum_owners(struct groups *gs, const struct trust *trust)
{
	uint32_t *ca = xcalloc(gs->g->ca.n + 1, sizeof(*ca));
	size_t n = 0;

	for (uint32_t i = 0; i < gs->g->ca.n; i++) {
		if ((!gs->chosen || gs->chosen[i]) && (!trust || trust_before(trust, i) != ACCEPT_NONE))
			ca[n++] = i;
	}
	qsort_r(ca, n, sizeof(*ca), by_owner, (void *)(uintptr_t)gs->g);
	for (size_t i = 0; i < n; i++) {
		if (!i || strcmp(gs->g->ca.v[ca[i]].owner, gs->g->ca.v[ca[i - 1]].owner) != 0)
			vec_push(&gs->v, (struct group){ .ca = ca[i] });
		add_ca(gs, &gs->v.v[gs->v.n - 1], ca[i]);
	}
	if (gs->only.store)
		lose_owners(gs, ca, n);
	free(ca);
}

static int run_owners(struct groups *gs, struct err *err)
{
	struct trust *trust = NULL;
	struct scope s;

	if (gs->cli->args.program && cli_scope(gs->cli, &s, err) < 0)
		return -1;
	if (gs->cli->args.program)
		trust = scope_trust(gs->cli, &s);
	sum_owners(gs, trust);
	trust_free(trust);
	return 0;
}

/* ---- roots ---- */

/* Every CA below top, each once; seen[] holds the number of the walk. */
static void sum_below(struct groups *gs, struct group *to, const bool *usable, uint32_t *seen, uint32_t walk)
{
	const struct graph *g = gs->g;
	uint32_t *stack = xcalloc(g->ca.n + 1, sizeof(*stack));
	size_t n = 0;

	stack[n++] = to->ca;
	seen[to->ca] = walk;
	while (n) {
		const struct ca *ca = &g->ca.v[stack[--n]];

		add_ca(gs, to, stack[n]);
		for (uint32_t i = 0; i < ca->n_children; i++) {
			uint32_t cert = g->child_certs[ca->first_child + i], below = g->cert.v[cert].ca;

			if (!usable[cert] || seen[below] == walk)
				continue;
			seen[below] = walk;
			stack[n++] = below;
		}
	}
	free(stack);
}

static void sum_roots(struct groups *gs, const uint32_t *top, size_t n)
{
	const struct graph *g = gs->g;
	bool *usable = certs_usable_on(g, gs->cli->day);
	uint32_t *seen = xcalloc(g->ca.n + 1, sizeof(*seen));

	for (size_t i = 0; i < n; i++) {
		if (gs->chosen && !gs->chosen[top[i]])
			continue;
		vec_push(&gs->v, (struct group){ .ca = top[i] });
		sum_below(gs, &gs->v.v[gs->v.n - 1], usable, seen, (uint32_t)i + 1);
		if (gs->only.store)
			gs->v.v[gs->v.n - 1].only = impact_root_here(&gs->only, gs->tally.beyond, top[i]);
	}
	free(usable);
	free(seen);
}

/* The anchors of --program, else of mozilla where it has a store, else every CA without a parent. */
static int run_roots(struct groups *gs, struct err *err)
{
	struct cli *c = gs->cli;
	const struct store *s = NULL;
	uint32_t *top;
	size_t n;

	if (c->args.program && cli_store(c, c->args.program, &s, err) < 0)
		return -1;
	if (!s)
		s = index_store(c->index, "mozilla", c->day);
	if (s)
		n = tops_of_store(gs->g, s, cli_purpose(c), &top);
	else
		n = tops_of_all(gs->g, gs->tally.subtree_unexpired, &top);
	sum_roots(gs, top, n);
	free(top);
	return 0;
}

/* ---- programs ---- */

static uint64_t count_anchors(const struct store *s, enum purpose purpose)
{
	uint64_t n = 0;
	uint32_t last = NO_INDEX;

	for (size_t i = 0; i < s->n_rules; i++) { /* ascending by certificate */
		if (s->rule[i].purpose != purpose || s->rule[i].cert == last)
			continue;
		last = s->rule[i].cert;
		n++;
	}
	return n;
}

struct accepted {
	const struct groups *gs;
	const struct trust *trust;
};

static enum taken part_accepted(void *ctx, uint32_t ca)
{
	const struct accepted *a = ctx;

	return a->gs->chosen && !a->gs->chosen[ca] ? TAKEN_NONE : part_trusted((void *)(uintptr_t)a->trust, ca);
}

/* What figures add to the leaves that the program accepts, at least. */
static uint64_t trusted_by_figures(const struct groups *gs, const struct trust *trust)
{
	struct accepted a = { gs, trust };
	struct span sum = { 0 };

	for (uint32_t f = 0; f < gs->g->figure.n; f++)
		span_add_figure(gs->g, gs->tally.beyond, f, figure_part(gs->g, f, part_accepted, &a), &sum);
	return sum.low;
}

static void sum_program(struct groups *gs, const struct store *s, enum purpose purpose)
{
	struct scope scope = { s->program, purpose, s };
	struct group to = { .ca = NO_INDEX, .program = s->program, .purpose = purpose, .store_day = s->day };
	struct leaf_tally tally = { 0 };
	struct trust *trust;

	to.anchors = count_anchors(s, purpose);
	if (!to.anchors && !gs->cli->args.purpose)
		return;
	trust = scope_trust(gs->cli, &scope);
	for (uint32_t i = 0; i < gs->g->ca.n; i++) {
		if ((gs->chosen && !gs->chosen[i]) || trust_before(trust, i) == ACCEPT_NONE)
			continue;
		add_ca(gs, &to, i);
		trust_tally(trust, i, gs->cli->day, &tally);
		to.unevaluated += trust_unevaluated(trust, i);
	}
	to.trusted = tally.trusted + trusted_by_figures(gs, trust);
	trust_free(trust);
	vec_push(&gs->v, to);
}

static int run_programs(struct groups *gs, struct err *err)
{
	const struct args *a = &gs->cli->args;
	const struct store *s;
	const char *const *name;
	size_t n = index_programs(gs->cli->index, &name);

	if (a->program && cli_store(gs->cli, a->program, &s, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		s = index_store(gs->cli->index, name[i], gs->cli->day);
		if (!s || (a->program && strcmp(a->program, name[i]) != 0))
			continue;
		for (unsigned p = 0; p < PURPOSE_COUNT; p++) {
			if (!a->purpose || strcmp(a->purpose, purpose_names[p]) == 0)
				sum_program(gs, s, (enum purpose)p);
		}
	}
	return 0;
}

/* ---- rows ---- */

static void owner_key(const struct groups *gs, struct out *o, const struct group *r)
{
	out_text_or_null(o, gs->g->ca.v[r->ca].owner);
}

static void root_key(const struct groups *gs, struct out *o, const struct group *r)
{
	const struct ca *ca = &gs->g->ca.v[r->ca];

	out_hash(o, ca->id, sizeof(ca->id));
	out_text(o, ca->name);
	out_text(o, ca->subject);
	out_hash(o, ca->spki_sha256, sizeof(ca->spki_sha256));
	out_text_or_null(o, ca->owner);
}

static void program_key(const struct groups *gs, struct out *o, const struct group *r)
{
	(void)gs;
	out_text(o, r->program);
	out_text(o, purpose_names[r->purpose]);
	out_day(o, r->store_day);
	out_count(o, r->anchors);
}

static enum coverage group_coverage(const struct group *r)
{
	if (!r->counted)
		return COVERAGE_NONE;
	return r->complete == r->cas ? COVERAGE_COMPLETE : COVERAGE_PARTIAL;
}

static void sum_cells(struct out *o, const struct group *r)
{
	/* of CAs that nobody counts there is no sum, not one of nothing */
	static const struct span nothing = { .open = 1 };
	bool known = r->counted > 0;
	const struct span *span = known || r->by_figure ? &r->span : &nothing;

	out_count(o, r->cas);
	out_count_if(o, r->issued_known > 0, r->issued);
	out_span(o, span, false);
	out_count_if(o, span_bounded(span), span->high);
	/* one CA with leaves and without a fetched CRL leaves the sum unknown */
	out_count_if(o, known && !r->unread, r->revoked);
	out_count_if(o, known && !r->unread, r->unexpired - r->revoked);
	out_count(o, r->ca_certs);
	out_day_if(o, r->dated, r->first_nb);
	out_day_if(o, r->dated, r->last_nb);
	out_day_if(o, r->dated, r->last_na);
	out_text(o, coverage_names[group_coverage(r)]);
	out_count(o, r->counted);
}

static int by_rank(const void *a, const void *b)
{
	const struct site_use *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

/* Each site once, whatever the number of CAs that serve it. */
static void group_sites(struct out *o, struct group *r)
{
	enum coverage coverage = r->compared ? COVERAGE_PARTIAL : COVERAGE_NONE;
	size_t n = 0;

	if (r->compared && r->all_compared == r->cas)
		coverage = COVERAGE_COMPLETE;
	if (r->site.n)
		qsort(r->site.v, r->site.n, sizeof(*r->site.v), by_rank);
	for (size_t i = 0; i < r->site.n; i++)
		if (!n || r->site.v[n - 1].site != r->site.v[i].site)
			r->site.v[n++] = r->site.v[i];
	r->site.n = n;
	site_cells(o, r->site.v, n, coverage);
}

static int by_size(const void *a, const void *b, void *ctx)
{
	const struct group *x = a, *y = b;
	const struct graph *g = ctx;

	if (x->span.known != y->span.known)
		return x->span.known ? -1 : 1;
	if (x->unexpired != y->unexpired)
		return x->unexpired > y->unexpired ? -1 : 1;
	if (x->program && strcmp(x->program, y->program) != 0)
		return strcmp(x->program, y->program);
	if (x->program)
		return (int)x->purpose - (int)y->purpose;
	return memcmp(g->ca.v[x->ca].id, g->ca.v[y->ca].id, sizeof(g->ca.v[x->ca].id));
}

static int owners_by_size(const void *a, const void *b, void *ctx)
{
	const struct group *x = a, *y = b;
	const struct graph *g = ctx;

	if (x->span.known == y->span.known && x->unexpired == y->unexpired)
		return strcmp(g->ca.v[x->ca].owner, g->ca.v[y->ca].owner);
	return by_size(a, b, ctx);
}

static const struct by {
	const char *name;
	const struct column *columns;
	int (*run)(struct groups *gs, struct err *err);
	void (*key)(const struct groups *gs, struct out *o, const struct group *r);
	int (*order)(const void *a, const void *b, void *ctx);
} bys[] = {
	{ "root", root_columns, run_roots, root_key, by_size },
	{ "owner", owner_columns, run_owners, owner_key, owners_by_size },
	{ "program", program_columns, run_programs, program_key, by_size },
};

static void put_groups(const struct groups *gs, const struct by *by)
{
	bool sites = gs->tally.has_sites;
	bool only = gs->cli->args.only_here;
	const struct column *const part[] = { by->columns, sites ? counts_site_columns : NULL, only ? counts_only_columns : NULL,
		                              last_columns,
		                              gs->tally.has_use ? counts_use_columns : NULL,
		                              only ? counts_only_high_columns : NULL };
	struct out *o = out_begin(stdout, gs->cli->format, columns_joined(part, sizeof(part) / sizeof(*part)), &gs->cli->style);

	for (size_t i = 0; i < gs->v.n; i++) {
		struct group *r = &gs->v.v[i];

		by->key(gs, o, r);
		sum_cells(o, r);
		if (by->columns == program_columns) {
			out_count_if(o, r->counted > 0, r->trusted);
			out_count(o, r->unevaluated);
		}
		if (sites)
			group_sites(o, r);
		if (only)
			only_cells(o, &r->only);
		out_count(o, r->by_figure);
		out_bool(o, r->span.about);
		if (gs->tally.has_use)
			use_cells(o, &gs->tally, gs->g, r->ca);
		if (only)
			only_high_cells(o, &r->only);
		out_row(o);
	}
	out_end(o);
}

static int open_only(struct groups *gs, struct err *err)
{
	struct scope s;

	if (cli_scope(gs->cli, &s, err) < 0)
		return -1;
	gs->only = (struct trust_query){ .graph = gs->g, .store = s.store, .purpose = s.purpose, .day = gs->cli->day };
	return 0;
}

int counts_by(struct cli *c, const bool *chosen, struct err *err)
{
	struct groups gs = { .cli = c, .g = c->graph, .chosen = chosen };
	const struct by *by = bys;
	int rc;

	while (strcmp(by->name, c->args.by) != 0)
		by++;
	if (tallies_open(&gs.tally, c, by->run == run_roots, err) < 0)
		return -1;
	rc = c->args.sites ? tallies_add_sites(&gs.tally, c, err) : 0;
	if (rc == 0 && c->args.use)
		rc = tallies_add_use(&gs.tally, c, err);
	if (rc == 0 && c->args.only_here)
		rc = open_only(&gs, err);
	if (rc == 0)
		rc = by->run(&gs, err);
	for (size_t i = 0; i < gs.v.n; i++)
		add_met(&gs, &gs.v.v[i]);
	if (rc == 0 && gs.v.n)
		qsort_r(gs.v.v, gs.v.n, sizeof(*gs.v.v), by->order, (void *)(uintptr_t)gs.g);
	if (rc == 0)
		put_groups(&gs, by);
	for (size_t i = 0; i < gs.v.n; i++)
		vec_release(&gs.v.v[i].site);
	vec_release(&gs.v);
	tallies_close(&gs.tally);
	return rc;
}
