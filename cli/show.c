#include "cli/show.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"

static const struct opt options[] = {
	OPTION_DB,
	OPTION_AS_OF,
	OPTION_FORMAT("table|json|md|html"),
	OPTION_PROGRAM("say only how this program trusts it (default: all that have a store)"),
	{ 0, "purpose", OPT_CHOICE, "tls|email", "say only how it is trusted for this (default: both)", ARG(purpose),
		"tls|email" },
	OPTION_CHROME_VERSION,
	OPTION_NO_COLOR,
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

/* ---- gathering ---- */

/* slot[ca] is 1 + the place of ca in the list. */
static void add_kin(struct show_kins *v, uint32_t *slot, uint32_t ca, uint32_t cert)
{
	if (!slot[ca]) {
		vec_push(v, (struct show_kin){ .ca = ca });
		slot[ca] = (uint32_t)v->n;
	}
	vec_push(&v->v[slot[ca] - 1].cert, cert);
}

static int kin_compare(const void *a, const void *b, void *ctx)
{
	const struct show *s = ctx;

	return ca_compare(s->g, s->tally.unexpired, ((const struct show_kin *)a)->ca, ((const struct show_kin *)b)->ca);
}

static void sort_kins(struct show *s, struct show_kins *v)
{
	if (v->n)
		qsort_r(v->v, v->n, sizeof(*v->v), kin_compare, s);
}

static void add_certs(struct show *s)
{
	const struct ca *ca = &s->g->ca.v[s->ca];

	for (uint32_t i = 0; i < ca->n_certs; i++) {
		uint32_t cert = s->g->ca_certs[ca->first_cert + i];

		if (s->only == NO_INDEX || s->only == cert)
			vec_push(&s->cert, cert);
	}
}

static void add_parents(struct show *s)
{
	uint32_t *slot = xcalloc(s->g->ca.n + 1, sizeof(*slot));

	for (size_t i = 0; i < s->cert.n; i++) {
		const struct ca_cert *c = &s->g->cert.v[s->cert.v[i]];

		for (uint32_t k = 0; k < c->n_issuers; k++) {
			uint32_t issuer = s->g->issuers[c->first_issuer + k];

			if (issuer != s->ca)
				add_kin(&s->parent, slot, issuer, s->cert.v[i]);
		}
	}
	free(slot);
	sort_kins(s, &s->parent);
}

static void add_children(struct show *s)
{
	const struct ca *ca = &s->g->ca.v[s->ca];
	uint32_t *slot = xcalloc(s->g->ca.n + 1, sizeof(*slot));

	for (uint32_t i = 0; i < ca->n_children; i++) {
		uint32_t cert = s->g->child_certs[ca->first_child + i];

		if (s->g->cert.v[cert].ca != s->ca)
			add_kin(&s->child, slot, s->g->cert.v[cert].ca, cert);
	}
	free(slot);
	sort_kins(s, &s->child);
}

struct explain {
	struct show *show;
	struct show_trust *trust;
};

static bool add_path(void *ctx, const struct path_report *r)
{
	struct explain *e = ctx;
	struct show_path p = { .n = r->n, .at = r->at, .reason = r->reason, .box = r->before };

	if (e->show->only != NO_INDEX && (!r->n || r->certs[0] != e->show->only))
		return true;
	p.certs = arena_dup(&e->show->arena, r->certs, r->n * sizeof(*r->certs));
	vec_push(&e->trust->path, p);
	return true;
}

static void add_trust(struct show *s, const char *program, enum purpose purpose)
{
	const struct store *store = index_store(s->cli->index, program, s->cli->day);
	struct show_trust t = { .program = program, .store = store, .purpose = purpose };
	struct trust_query q = { .graph = s->g, .store = store, .purpose = purpose, .day = s->cli->day };
	struct trust *trust = trust_compute(&q);
	struct explain e = { s, &t };

	t.acceptance = trust_before(trust, s->ca);
	t.unevaluated = trust_unevaluated(trust, s->ca);
	if (t.acceptance != ACCEPT_NONE)
		t.n_via = trust_via(trust, s->ca, false, t.via, sizeof(t.via) / sizeof(*t.via));
	t.more = trust_explain(&q, s->ca, SHOW_PATHS, add_path, &e) >= SHOW_PATHS;
	trust_free(trust);
	vec_push(&s->trust, t);
}

static int add_trusts(struct show *s, struct err *err)
{
	const char *const *name;
	size_t n = index_programs(s->cli->index, &name);
	const struct store *store;
	const struct args *a = &s->cli->args;

	if (a->program && cli_store(s->cli, a->program, &store, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (a->program && strcmp(a->program, name[i]) != 0)
			continue;
		for (unsigned p = 0; p < PURPOSE_COUNT; p++) {
			if (!a->purpose || strcmp(a->purpose, purpose_names[p]) == 0)
				add_trust(s, name[i], (enum purpose)p);
		}
	}
	return 0;
}

static int show_open(struct show *s, struct cli *c, struct err *err)
{
	*s = (struct show){ .cli = c, .g = c->graph };
	if (cli_resolve_one(c, c->operands.v[0], &s->ca, &s->only, err) < 0)
		return -1;
	if (tallies_open(&s->tally, c, true, err) < 0 || index_sites(c->index, c->day, &s->tally.sites, err) < 0 ||
	    index_validations(c->index, &s->use, err) < 0 || index_leaf_crls(c->index, s->ca, &s->crls, err) < 0)
		return -1;
	add_certs(s);
	add_parents(s);
	add_children(s);
	return add_trusts(s, err);
}

static void kins_release(struct show_kins *v)
{
	for (size_t i = 0; i < v->n; i++)
		vec_release(&v->v[i].cert);
	vec_release(v);
}

static void show_close(struct show *s)
{
	for (size_t i = 0; i < s->trust.n; i++)
		vec_release(&s->trust.v[i].path);
	vec_release(&s->trust);
	vec_release(&s->cert);
	kins_release(&s->parent);
	kins_release(&s->child);
	tallies_close(&s->tally);
	validations_release(&s->use);
	arena_release(&s->arena);
}

/* ---- for people: numbers and dates ---- */

static const char *number(char buf[32], bool known, uint64_t n, const struct style *st)
{
	return known ? num_group(buf, n) : style_unknown(st);
}

static const char *span(struct strbuf *b, const struct span *s, const struct style *st)
{
	strbuf_reset(b);
	span_text(st, b, s, false);
	return b->buf;
}

/* A sum over the subtree: a lower bound where a CA in it is not counted. */
static const char *subtree_sum(struct strbuf *b, const struct show *s, bool known, uint64_t n, const struct style *st)
{
	const struct span sum = { .low = n, .high = n, .open = s->tally.subtree[s->ca].open, .known = known };

	return known ? span(b, &sum, st) : style_unknown(st);
}

static void figure_field(struct report *r, const struct show *s)
{
	const struct ca *ca = &s->g->ca.v[s->ca];
	const struct figure *stale = ca_stale_figure(s->g, s->ca);
	struct strbuf b = STRBUF_INIT;
	char date[DATE_BUF];

	if (ca->figure == NO_INDEX && !stale)
		return;
	const struct figure *f = stale ? stale : &s->g->figure.v[ca->figure];
	struct span all = figure_span(f);
	span_words(&b, &all, false);
	if (f->n_cas > 1)
		strbuf_addf(&b, " unexpired of %u CAs together", f->n_cas);
	else
		strbuf_addstr(&b, " unexpired");
	strbuf_addf(&b, " on %s (%s)", date_format(date, f->as_of), f->source);
	if (stale) {
		strbuf_addstr(&b, ", ");
		figure_why_stale(f, s->cli->day, &b);
		strbuf_addstr(&b, ": not counted");
	}
	report_field(r, "figure", "%s", b.buf);
	strbuf_release(&b);
}

static void coverage_field(struct report *r, const struct show *s)
{
	enum coverage coverage = ca_coverage(s->g, s->ca);
	char date[DATE_BUF];
	int32_t day;
	const char *source = ca_count_source(s->g, s->tally.beyond, s->ca, &day);

	if (*source)
		report_field(r, "coverage", "%s, counted from %s as of %s", coverage_names[coverage], source, date_format(date, day));
	else
		report_field(r, "coverage", "%s", coverage_names[coverage]);
}

/* "its CRL of 2026-05-28 (the next one was due by 2026-06-04)", "2 CRLs, the oldest of …" */
static const char *crls_text(struct strbuf *b, const struct show *s)
{
	const struct leaf_crls *l = &s->crls;
	char n[32], date[DATE_BUF];

	if (l->n > 1)
		strbuf_addf(b, "%s CRLs, the oldest", num_group(n, l->n));
	else
		strbuf_addstr(b, "its CRL");
	if (l->this_update != TIME_UNKNOWN)
		strbuf_addf(b, " of %s", date_format(date, date_of_time(l->this_update)));
	if (l->next_update != TIME_UNKNOWN && l->next_update < date_start(s->cli->day))
		strbuf_addf(b, " (the next one was due by %s)", date_format(date, date_of_time(l->next_update)));
	return b->buf;
}

/* Which leaves are revoked is known of CAs whose list was fetched and whose leaves are held one by one. */
static void revoked_field(struct report *r, const struct show *s)
{
	struct strbuf crls = STRBUF_INIT;
	uint64_t valid;
	char a[32], b[32];
	bool counted = ca_counted(&s->g->ca.v[s->ca]) && tallies_valid(&s->tally, s->ca, &valid);

	if (counted)
		report_field(r, "revoked", "%s of its unexpired leaves, by %s; %s valid",
			num_group(a, (uint64_t)s->tally.revoked[s->ca]), crls_text(&crls, s), num_group(b, valid));
	else if (s->tally.has_crl[s->ca])
		report_field(r, "revoked", "not known: it has CRLs, but its leaves are not held one by one");
	else
		report_field(r, "revoked", "not known: no verified CRL of it speaks of leaves");
	strbuf_release(&crls);
}

static void counts_section(struct report *r, const struct show *s)
{
	const struct ca *ca = &s->g->ca.v[s->ca];
	bool sub = s->tally.subtree_issued_known[s->ca] > 0;
	struct strbuf n = STRBUF_INIT, below = STRBUF_INIT, good = STRBUF_INIT;
	char date[3][DATE_BUF], a[32];
	uint64_t issued, valid;
	bool told = ca_issued(s->g, s->ca, &issued), read = tallies_subtree_valid(&s->tally, s->ca, &valid);

	report_section(r, "leaves on %s", date_format(date[0], s->cli->day));
	report_field(r, "own", "%s issued, %s unexpired", number(a, told, issued, r->style),
		span(&n, &s->tally.own[s->ca], r->style));
	report_field(r, "subtree", "%s issued, %s unexpired, %s valid",
		subtree_sum(&below, s, sub, s->tally.subtree_issued[s->ca], r->style),
		span(&n, &s->tally.subtree[s->ca], r->style), subtree_sum(&good, s, read, valid, r->style));
	revoked_field(r, s);
	if (ca_counted(ca) && ca->issued)
		report_field(r, "issuance", "first notBefore %s, last %s, last notAfter %s",
			date_format(date[0], ca->first_nb_day), date_format(date[1], ca->last_nb_day),
			date_format(date[2], ca->last_na_day));
	coverage_field(r, s);
	figure_field(r, s);
	if (ca->unproven)
		report_field(r, "unproven", "%s of the issued ones: only logs without a verified head show them",
			number(a, true, ca->unproven, r->style));
	strbuf_release(&n);
	strbuf_release(&below);
	strbuf_release(&good);
}

static void use_field(struct report *r, const struct show *s)
{
	char percent[16], date[DATE_SOURCE_BUF];
	uint64_t n;

	if (s->use.total && validations_of_ca(&s->use, s->g, s->ca, &n))
		report_field(r, "Firefox", "%s of its validations ended here, whatever the path (telemetry of %s; issuance is not use)",
			num_percent(percent, n, s->use.total), date_source(date, s->use.day, s->cli->day));
}

static const char *short_hash(const struct graph *g, uint32_t cert, struct strbuf *b)
{
	strbuf_reset(b);
	strbuf_addhex(b, g->cert.v[cert].sha256, 6);
	return b->buf;
}

/* ---- for people: certificates ---- */

static void validity_field(struct report *r, const struct show *s, const struct ca_cert *c)
{
	char nb[TIME_BUF], na[TIME_BUF];
	const char *state = "";

	if (c->not_before == TIME_UNKNOWN || c->not_after == TIME_UNKNOWN) {
		report_field(r, "validity", "cannot be read");
		return;
	}
	if (!cert_valid_on(c, s->cli->day))
		state = c->not_after < date_start(s->cli->day) ? " (expired)" : " (not yet valid)";
	report_field(r, "validity", "%s to %s%s", time_format(nb, c->not_before), time_format(na, c->not_after), state);
}

static bool has_anchors(const struct store *store, unsigned purpose)
{
	for (size_t i = 0; i < store->n_rules; i++) {
		if (store->rule[i].purpose == purpose)
			return true;
	}
	return false;
}

size_t show_enforced_by(const struct show *s, enum revocation_source source, const char **ret, size_t max)
{
	const char *const *name;
	size_t n_programs = index_programs(s->cli->index, &name), n = 0;
	struct arena *arena = (struct arena *)(uintptr_t)&s->arena;

	for (size_t i = 0; i < n_programs; i++) {
		for (unsigned p = 0; p < PURPOSE_COUNT && n < max; p++) {
			struct strbuf b = STRBUF_INIT;

			if (!(program_find(name[i])->enforced[p] & (1u << source)) ||
				!has_anchors(index_store(s->cli->index, name[i], s->cli->day), p))
				continue;
			strbuf_addf(&b, "%s %s", name[i], purpose_names[p]);
			ret[n++] = arena_strdup(arena, b.buf);
			strbuf_release(&b);
		}
	}
	return n;
}

/* "onecrl since 2015-03-01T00:00:00Z, lifted 2020-…; enforced by mozilla tls" */
static void revocation_field(struct report *r, const struct show *s, const struct revocation *rev)
{
	const char *by[ENFORCED_MAX];
	size_t n = show_enforced_by(s, (enum revocation_source)rev->source, by, ENFORCED_MAX);
	struct strbuf b = STRBUF_INIT;
	char t[TIME_BUF];

	strbuf_addstr(&b, revocation_names[rev->source]);
	if (rev->from != INT64_MIN)
		strbuf_addf(&b, " since %s", time_format(t, rev->from));
	if (rev->lifted)
		strbuf_addf(&b, ", lifted %s", time_format(t, rev->lifted));
	if (!revocation_holds(rev, s->cli->day))
		strbuf_addstr(&b, ", not on this day");
	strbuf_addstr(&b, n ? "; enforced by " : "; not enforced by any program here");
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&b, "%s%s", i ? ", " : "", by[i]);
	report_field(r, "revoked", "by %s", b.buf);
	strbuf_release(&b);
}

static void revocation_fields(struct report *r, const struct show *s, uint32_t cert)
{
	size_t n;
	const struct revocation *rev = cert_revocations(s->g, cert, &n);

	for (size_t i = 0; i < n; i++)
		revocation_field(r, s, &rev[i]);
}

static void ccadb_fields(struct report *r, const struct cert_detail *d)
{
	static const char *const names[4] = { "Mozilla", "Chrome", "Apple", "Microsoft" };
	struct strbuf b = STRBUF_INIT;

	report_given(r, "CCADB name", d->ccadb_name);
	report_given(r, "CCADB owner", d->owner);
	report_given(r, "CCADB sub-owner", d->sub_owner);
	report_given(r, "CCADB status", d->ccadb_status);
	report_given(r, "CCADB revocation", d->revocation_status);
	for (int i = 0; i < 4; i++) {
		if (d->status[i] && *d->status[i])
			strbuf_addf(&b, "%s%s: %s", b.len ? "; " : "", names[i], d->status[i]);
	}
	report_given(r, "CCADB says", b.buf);
	strbuf_release(&b);
}

static void constraint_fields(struct report *r, const struct ca_cert *c, const struct cert_detail *d)
{
	if (c->path_len >= 0)
		report_field(r, "pathLen", "%d", c->path_len);
	if (c->flags & CERT_NO_BC)
		report_field(r, "basicConstraints", "absent");
	report_given(r, "key usage", d->key_usage);
	report_given(r, "EKU", d->eku);
	report_given(r, "names", d->name_constraints);
	if (c->flags & CERT_CONSTRAINED_OUTSIDE)
		report_field(r, "constrained", "by a program, from outside the certificate; not judged");
	report_given(r, "policies", d->policies);
	report_given(r, "CRL", d->crl_urls);
	report_given(r, "caIssuers", d->ca_issuers);
}

static int cert_section(struct report *r, const struct show *s, uint32_t cert, struct err *err)
{
	const struct ca_cert *c = &s->g->cert.v[cert];
	struct cert_detail d;
	char hex[2 * 32 + 1], sha1[2 * 20 + 1];

	if (index_cert_detail(s->cli->index, cert, &d, err) < 0)
		return -1;
	hex_encode(c->sha256, 32, hex);
	hex_encode(c->sha1, 20, sha1);
	report_section(r, "certificate %s", hex);
	report_field(r, "sha1", "%s", sha1);
	report_given(r, "serial", d.serial);
	report_given(r, "subject", d.subject);
	report_given(r, "issuer", d.issuer);
	validity_field(r, s, c);
	report_field(r, "key", "%s, signed with %s", d.key_alg, d.sig_alg);
	report_given(r, "SKI", d.ski);
	report_given(r, "AKI", d.aki);
	constraint_fields(r, c, &d);
	revocation_fields(r, s, cert);
	report_field(r, "disclosed", "%s", c->flags & CERT_DISCLOSED ? "in CCADB" : "not in CCADB");
	ccadb_fields(r, &d);
	report_given(r, "crt.sh", d.crtsh_id);
	report_given(r, "seen in", d.seen_in);
	cert_detail_release(&d);
	return 0;
}

/* ---- for people: kin and trust ---- */

static const struct column kin_columns[] = {
	{ "ca_id", COL_HASH, "ca_id", NULL, 0, NULL },
	{ "unexpired", COL_COUNT, "unexpired", NULL, 0, NULL },
	{ "subtree_unexpired", COL_COUNT, "subtree", NULL, 0, NULL },
	{ "certs", COL_COUNT, "certs", NULL, 0, NULL },
	{ "name", COL_TEXT, "CA", NULL, 60, NULL },
	{ "owner", COL_TEXT, "owner", NULL, 32, NULL },
	COLUMN_END,
};

static void kin_section(struct report *r, const struct show *s, const char *title, const struct show_kins *v)
{
	struct out *o;

	report_section(r, "%s (%zu)", title, v->n);
	if (!v->n)
		return;
	o = report_table(r, kin_columns, title);
	for (size_t i = 0; i < v->n; i++) {
		const struct ca *ca = &s->g->ca.v[v->v[i].ca];

		out_hash(o, ca->id, sizeof(ca->id));
		out_span(o, &s->tally.own[v->v[i].ca], false);
		out_span(o, &s->tally.subtree[v->v[i].ca], false);
		out_count(o, v->v[i].cert.n);
		out_text(o, ca->name);
		out_text_or_null(o, ca->owner);
		out_row(o);
	}
	out_end(o);
}

static const struct column site_columns[] = {
	{ "rank", COL_COUNT, "rank", NULL, 0, NULL },
	{ "domain", COL_TEXT, "site", NULL, 60, NULL },
	{ "leaves", COL_COUNT, "unexpired", NULL, 0, NULL },
	{ "last_not_after", COL_DATE, "last expiry", NULL, 0, NULL },
	COLUMN_END,
};

static void site_section(struct report *r, const struct show *s)
{
	const struct site_uses *u = &s->tally.sites;
	uint32_t first = u->first[s->ca], n = u->first[s->ca + 1] - first;
	struct out *o;

	if (u->coverage[s->ca] == COVERAGE_NONE)
		return;
	report_section(r, "ranked sites (%s%u)", u->coverage[s->ca] == COVERAGE_COMPLETE ? "" : "at least ", n);
	if (!n)
		return;
	o = report_table(r, site_columns, "sites of the rank list that unexpired leaves name");
	for (uint32_t i = first; i < first + n && i < first + SHOW_SITES; i++) {
		out_count(o, u->v[i].rank);
		out_text(o, u->v[i].domain);
		out_count(o, u->v[i].leaves);
		out_day(o, u->v[i].last_na_day);
		out_row(o);
	}
	out_end(o);
	if (n > SHOW_SITES)
		report_line(r, "%u more; --format json has all", n - SHOW_SITES);
}

void show_box(const struct box *b, struct strbuf *out)
{
	char t[TIME_BUF];
	const char *lead = "";

	if (b->nb_lo > INT64_MIN) {
		strbuf_addf(out, "notBefore from %s", time_format(t, b->nb_lo));
		lead = ", ";
	}
	if (b->nb_hi < INT64_MAX) {
		strbuf_addf(out, "%snotBefore up to %s", lead, time_format(t, b->nb_hi));
		lead = ", ";
	}
	if (b->sct_lo > INT64_MIN) {
		strbuf_addf(out, "%searliest SCT from %s", lead, time_format(t, b->sct_lo));
		lead = ", ";
	}
	if (b->sct_hi < INT64_MAX)
		strbuf_addf(out, "%searliest SCT up to %s", lead, time_format(t, b->sct_hi));
}

static void add_chain(const struct show *s, const uint32_t *cert, size_t n, const struct style *st, struct strbuf *b)
{
	struct strbuf hash = STRBUF_INIT;

	for (size_t i = 0; i < n; i++) {
		strbuf_addf(b, "%s%s ", i ? " > " : "", short_hash(s->g, cert[i], &hash));
		style_text(st, b, s->g->ca.v[s->g->cert.v[cert[i]].ca].name, 40);
	}
	strbuf_release(&hash);
}

/* Who revoked what of the path: first what the program's clients enforce, also where the path fails for another reason. */
static void add_revokers(
	const struct show *s, const struct show_trust *t, const struct show_path *p, bool enforced, struct strbuf *b)
{
	unsigned those = program_find(t->program)->enforced[t->purpose];
	struct strbuf hash = STRBUF_INIT;

	for (size_t i = 0; i < p->n; i++) {
		for (unsigned by = 0; by < REVOCATION_SOURCES; by++) {
			if (!(those & (1u << by)) == enforced)
				continue;
			if (cert_revoked_by(s->g, p->certs[i], (enum revocation_source)by, s->cli->day))
				strbuf_addf(b, "; %s revoked by %s, %senforced", short_hash(s->g, p->certs[i], &hash),
					revocation_names[by], enforced ? "" : "not ");
		}
	}
	strbuf_release(&hash);
}

static void path_item(
	struct report *r, const struct show *s, const struct show_trust *t, const struct show_path *p)
{
	struct strbuf chain = STRBUF_INIT, box = STRBUF_INIT, at = STRBUF_INIT;

	add_chain(s, p->certs, p->n, r->style, &chain);
	add_revokers(s, t, p, true, &chain);
	add_revokers(s, t, p, false, &chain);
	if (p->reason == PATH_OK) {
		show_box(&p->box, &box);
		report_item(r, "trusted%s%s: %s", box.len ? ", leaves with " : "", box.buf, chain.buf);
	} else if (p->n) {
		report_item(r, "%s at %s: %s", path_reason_names[p->reason],
			short_hash(s->g, p->certs[p->at < p->n ? p->at : p->n - 1], &at), chain.buf);
	} else {
		report_item(r, "%s", path_reason_names[p->reason]);
	}
	strbuf_release(&chain);
	strbuf_release(&box);
	strbuf_release(&at);
}

bool show_is_anchor(const struct show *s, const struct show_trust *t, const struct anchor_rule *rule)
{
	if (rule->purpose != t->purpose || s->g->cert.v[rule->cert].ca != s->ca)
		return false;
	return s->only == NO_INDEX || s->only == rule->cert;
}

/* The rules of the store on the CA's own certificates; several of one certificate are alternatives. */
static void anchor_items(struct report *r, const struct show *s, const struct show_trust *t)
{
	struct strbuf box = STRBUF_INIT, hash = STRBUF_INIT, notes = STRBUF_INIT;

	for (size_t i = 0; i < t->store->n_rules; i++) {
		const struct anchor_rule *rule = &t->store->rule[i];

		if (!show_is_anchor(s, t, rule))
			continue;
		strbuf_reset(&box);
		show_box(&rule->box, &box);
		report_item(r, "anchor %s: %s%s%s", short_hash(s->g, rule->cert, &hash),
			box.len ? "leaves with " : "no date limits", box.buf,
			rule->unevaluated ? "; a rule on it is not evaluated and was taken as met" : "");
		strbuf_reset(&notes);
		index_anchor_notes(s->cli->index, t->store, rule->cert, t->purpose, &notes);
		if (notes.len && !(i && show_is_anchor(s, t, rule - 1) && rule[-1].cert == rule->cert))
			report_item(r, "anchor %s: shown and not judged: %s", hash.buf, notes.buf);
	}
	strbuf_release(&box);
	strbuf_release(&hash);
	strbuf_release(&notes);
}

static void trust_section(struct report *r, const struct show *s, const struct show_trust *t)
{
	char date[STORE_DAY_BUF], version[40];
	static const char *const said[] = { "not trusted", "some leaves are trusted", "trusted" };

	report_section(r, "%s %s: %s (store of %s%s)", t->program, purpose_names[t->purpose], said[t->acceptance],
		store_day(date, t->store), cli_for_version(s->cli, t->program, version));
	if (!program_find(t->program)->revocation_modelled)
		report_item(r, "revocation by %s's clients is not modelled", t->program);
	anchor_items(r, s, t);
	if (t->unevaluated)
		report_item(r, "a rule on an anchor above is not evaluated and was taken as met");
	for (size_t i = 0; i < t->path.n; i++)
		path_item(r, s, t, &t->path.v[i]);
	if (t->more)
		report_item(r, "more paths exist; these are the first %d", SHOW_PATHS);
}

static int show_report(const struct show *s, struct err *err)
{
	const struct ca *ca = &s->g->ca.v[s->ca];
	struct report r = report_begin(stdout, s->cli->format, &s->cli->style);
	char hex[2 * 32 + 1];

	report_title(&r, "%s", *ca->name ? ca->name : ca->subject);
	hex_encode(ca->id, 32, hex);
	report_field(&r, "ca_id", "%s", hex);
	report_given(&r, "subject", ca->subject);
	report_given(&r, "owner", ca->owner);
	hex_encode(ca->spki_sha256, 32, hex);
	report_field(&r, "spki_sha256", "%s", hex);
	report_field(&r, "certificates", "%u", ca->n_certs);
	counts_section(&r, s);
	use_field(&r, s);
	site_section(&r, s);
	for (size_t i = 0; i < s->cert.n; i++) {
		if (cert_section(&r, s, s->cert.v[i], err) < 0)
			return -1;
	}
	kin_section(&r, s, "parents", &s->parent);
	kin_section(&r, s, "children", &s->child);
	for (size_t i = 0; i < s->trust.n; i++)
		trust_section(&r, s, &s->trust.v[i]);
	report_end(&r);
	return 0;
}

static int run(struct cli *c, struct err *err)
{
	struct show s;
	int rc;

	if (cli_open(c, err) < 0)
		return -1;
	rc = show_open(&s, c, err);
	if (rc == 0)
		rc = c->format == FORMAT_JSON ? show_json(&s, err) : show_report(&s, err);
	show_close(&s);
	return rc;
}

const struct command command_show = {
	.name = "show",
	.operands = "REF",
	.summary = "one CA or certificate: names, keys, dates, constraints, parents, children, trust, why",
	.min_operands = 1,
	.max_operands = 1,
	.options = options,
	.text = "Tells all that the index holds of one CA, or of the one certificate whose fingerprint REF is: "
		"its counts, its certificates with their dates, constraints and revocations, the CAs above and "
		"below it, and for each program with a store and each purpose whether it is trusted, by which "
		"paths, and why every other path fails. Where the CA is an anchor itself the date limits of each rule "
		"on it are told; several rules on one certificate are alternatives. A revocation says by whom, "
		"since when, and which programs' clients enforce it. Where a rank list of sites is indexed, those that "
		"its unexpired leaves name are listed (canopy help counts tells how they are found). How many of its leaves are revoked is "
		"said where a CRL of it that its key verifies is indexed; else it is not known.\n\n"
		"A path is written from the CA's own certificate up. What of it is revoked is told behind it, first what the program's "
		"clients enforce, also where the path fails for another reason. Name constraints, and constraints that a "
		"program imposes from outside the certificate, are shown and not judged.\n\n"
		"There is no csv and no ndjson, for the answer is no rows: counts, tree and check give those. JSON is one object. Its keys are those of counts --subtree, then certificates, parents, "
		"child_cas, trust, sites_coverage, sites, then validations_share and validations_as_of, as in counts --use: which "
		"part of the validations in Firefox ended in this root; then crls, crl_this_update and crl_next_update: how many verified "
		"CRLs speak of its leaves, and the earliest of their dates.\n\n"
		"Examples:\n\n"
		"    canopy show 'Alder Root CA'\n"
		"    canopy show --program mozilla --purpose tls 'Cedar Root E1'",
	.run = run,
};
