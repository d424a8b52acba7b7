#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/view.h"

#define MAX_PATHS 64  /* looked at, a program */
#define SHOWN_PATHS 4 /* drawn for the chosen program; one for each other */
#define MAX_LISTED 200
#define MAX_RELATED 256

static const struct ca *about(const struct tui *t, uint32_t ca)
{
	return &t->model.g->ca.v[ca];
}

static void short_hex(char buf[24], const uint8_t *bytes)
{
	hex_encode(bytes, 4, buf);
	snprintf(buf + 8, 16, "%s", glyph(G_ELLIPSIS));
}

/* ---- who ---- */

static void add_key(struct tui *t, struct doc *d, const struct ca *c)
{
	struct cert_detail x;
	struct err err = { 0 };

	if (!c->n_certs || index_cert_detail(t->model.index, t->model.g->ca_certs[c->first_cert], &x, &err) < 0)
		return;
	doc_field(d, "key", x.key_alg);
	doc_field(d, "SKI", x.ski);
	cert_detail_release(&x);
}

static void add_identity(struct tui *t, struct doc *d, uint32_t ca)
{
	const struct ca *c = about(t, ca);
	char hex[65];

	doc_line(d);
	doc_add(d, R_SECTION, model_name(&t->model, ca));
	doc_link(d, LINK_CA, ca);
	doc_field(d, "subject", c->subject);
	doc_field(d, "owner", *c->owner ? c->owner : "unknown (not in CCADB)");
	add_key(t, d, c);
	hex_encode(c->spki_sha256, 32, hex);
	doc_field(d, "SPKI SHA-256", hex);
	hex_encode(c->id, 32, hex);
	doc_field(d, "ca_id", hex);
}

/* ---- when: the buckets by month ---- */

#define MONTHS 24

struct months {
	uint64_t n[MONTHS], sum;
};

/* Months after January 1970. */
static int month_of(int32_t day)
{
	int y, m, d;

	date_to_civil(day, &y, &m, &d);
	return (y - 1970) * 12 + m - 1;
}

static void count_months(const struct tui *t, uint32_t ca, int first, bool expiry, struct months *ret)
{
	const struct graph *g = t->model.g;

	*ret = (struct months){ 0 };
	for (uint32_t i = 0; i < g->ca.v[ca].n_buckets; i++) {
		const struct bucket *b = &g->buckets[g->ca.v[ca].first_bucket + i];
		int at = month_of(expiry ? b->na_day : b->nb_day) - first;
		if (at < 0 || at >= MONTHS || (expiry && !bucket_unexpired_on(b, t->model.day)))
			continue;
		ret->n[at] += b->n;
		ret->sum += b->n;
	}
}

static void add_chart(struct doc *d, const char *label, int first, const struct months *m)
{
	static const char *const steps[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }, *const ascii = "123456789";
	uint64_t most = 0;
	struct strbuf b = STRBUF_INIT;
	char buf[32];

	for (int i = 0; i < MONTHS; i++)
		most = m->n[i] > most ? m->n[i] : most;
	for (int i = 0; i < MONTHS; i++) {
		if (!m->n[i])
			strbuf_addstr(&b, fmt_is_ascii() ? "." : "·");
		else if (fmt_is_ascii())
			strbuf_addch(&b, ascii[(m->n[i] * 9 - 1) / most]);
		else
			strbuf_addstr(&b, steps[(m->n[i] * 8 - 1) / most]);
	}
	doc_line(d);
	doc_at(d, 2, R_LABEL, label);
	doc_at(d, 18, R_DIM, "");
	doc_addf(d, R_DIM, "%04d-%02d ", 1970 + first / 12, first % 12 + 1);
	doc_add(d, R_BAR, b.buf);
	doc_addf(d, R_DIM, " %04d-%02d", 1970 + (first + MONTHS - 1) / 12, (first + MONTHS - 1) % 12 + 1);
	doc_addf(d, R_DIM, "  at most %s a month", num_group(buf, most));
	strbuf_release(&b);
}

static void add_lengths(const struct tui *t, struct doc *d, uint32_t ca)
{
	static const int limits[] = { 10, 47, 100, 200, 398 };
	enum { N = sizeof(limits) / sizeof(limits[0]) };
	const struct graph *g = t->model.g;
	uint64_t n[N + 1] = { 0 };
	struct strbuf b = STRBUF_INIT;
	char buf[32];

	for (uint32_t i = 0; i < g->ca.v[ca].n_buckets; i++) {
		const struct bucket *k = &g->buckets[g->ca.v[ca].first_bucket + i];
		int at = 0;
		while (at < N && k->na_day - k->nb_day > limits[at])
			at++;
		n[at] += bucket_unexpired_on(k, t->model.day) ? k->n : 0;
	}
	for (int i = 0; i <= N; i++) {
		if (!n[i])
			continue;
		strbuf_addstr(&b, b.len ? ", " : "");
		if (i < N)
			strbuf_addf(&b, "up to %d days: %s", limits[i], num_group(buf, n[i]));
		else
			strbuf_addf(&b, "longer: %s", num_group(buf, n[i]));
	}
	doc_field(d, "validity", b.buf);
	strbuf_release(&b);
}

static void add_months(const struct tui *t, struct doc *d, uint32_t ca)
{
	int now = month_of(t->model.day);
	struct months m;

	count_months(t, ca, now - MONTHS + 1, false, &m);
	if (m.sum)
		add_chart(d, "by issuance", now - MONTHS + 1, &m);
	count_months(t, ca, now, true, &m);
	if (m.sum)
		add_chart(d, "by expiry", now, &m);
	add_lengths(t, d, ca);
}

/* ---- how much ---- */

static struct number own_count(const struct tui *t, uint32_t ca, bool trusted)
{
	const struct model *m = &t->model;
	struct leaf_tally tally = { 0 };
	enum taken part = trusted && m->impact ? part_trusted(m->impact->trust, ca) : TAKEN_ALL;

	if (m->impact)
		trust_tally(m->impact->trust, ca, m->day, &tally);
	struct span s = ca_span(m->g, m->beyond, ca, part, trusted ? tally.trusted : tally.unexpired);
	/* What is not trusted at all adds exactly nothing. */
	if (trusted && (!m->impact || part == TAKEN_NONE))
		return (struct number){ .n = s.low };
	return fmt_span(&s, ca_alone_unbounded(m->g, ca));
}

static void add_figure(const struct model *m, struct doc *d, const struct ca *c)
{
	char a[NUMBER_BUF], date[DATE_BUF];

	if (c->figure == NO_INDEX)
		return;
	const struct figure *f = &m->g->figure.v[c->figure];
	struct span all = { f->low == FIGURE_UNKNOWN ? 0 : (uint64_t)f->low, f->high == FIGURE_UNKNOWN ? 0 : (uint64_t)f->high,
		f->high == FIGURE_UNKNOWN, f->low != FIGURE_UNKNOWN, f->about };
	struct number n = fmt_span(&all, false);
	doc_fieldf(d, "figure", "%s unexpired of %u CA%s on %s: %s", fmt_number(a, &n), f->n_cas, f->n_cas == 1 ? "" : "s together",
		date_format(date, f->as_of), f->source);
}

static void add_source(const struct model *m, struct doc *d, uint32_t ca)
{
	char date[DATE_BUF];
	int32_t day;
	const char *source = ca_count_source(m->g, m->beyond, ca, &day);

	if (*source)
		doc_fieldf(d, "counted by", "%s, as of %s, %s", source, date_format(date, day), coverage_names[ca_coverage(m->g, ca)]);
	add_figure(m, d, &m->g->ca.v[ca]);
}

static void add_last_issued(const struct model *m, struct doc *d, uint32_t ca)
{
	bool to_the_end = m->g->ca.v[ca].coverage == COVERAGE_COMPLETE;
	char date[DATE_BUF];
	int32_t last;

	if (m->g->ca.v[ca].coverage == COVERAGE_NONE)
		return;
	if (!ca_last_issued(m->g, ca, m->day, &last))
		doc_fieldf(d, "last issued", "no leaf up to the day%s", to_the_end ? ": dormant" : ", as far as counted");
	else if (last < m->day - DORMANT_DAYS)
		doc_fieldf(d, "last issued", "%s: dormant, nothing in the last %d days%s", date_format(date, last), DORMANT_DAYS,
			to_the_end ? "" : " as far as counted");
	else
		doc_field(d, "last issued", date_format(date, last));
}

static void add_use(struct model *m, struct doc *d, uint32_t ca)
{
	const struct validations *use = model_use(m);
	char percent[16], date[DATE_BUF];
	uint64_t n;

	if (use->total && validations_of_ca(use, m->g, ca, &n))
		doc_fieldf(d, "Firefox", "%s of its validations ended here, whatever the path (telemetry of %s)",
			num_percent(percent, n, use->total), date_format(date, use->day));
}

static void add_counts(struct tui *t, struct doc *d, uint32_t ca)
{
	struct model *m = &t->model;
	const struct ca *c = about(t, ca);
	struct number own = own_count(t, ca, false), trusted = own_count(t, ca, true), below = model_count(m, ca), only;
	char a[NUMBER_BUF], b[NUMBER_BUF], from[DATE_BUF], to[DATE_BUF];
	uint64_t cas;

	doc_section(d, "Leaves");
	if (!ca_has_numbers(m->g, ca))
		doc_field(d, "this CA", "not counted by any source: its numbers are unknown, not 0");
	else
		doc_fieldf(d, "this CA", "%s unexpired, %s of them trusted by %s", fmt_number(a, &own),
			fmt_number(b, &trusted), m->program ? m->program : "nobody");
	doc_fieldf(d, "with all below", "%s %s, CAs below: %s", fmt_number(a, &below),
		m->all_leaves || !m->impact ? "unexpired" : "trusted", num_group(b, m->cas[ca] ? m->cas[ca] - 1 : 0));
	if (c->issued)
		doc_fieldf(d, "issued", "%s, from %s to %s",
			fmt_number(a, &(struct number){ .n = c->issued, .low = c->coverage != COVERAGE_COMPLETE }),
			date_format(from, c->first_nb_day), date_format(to, c->last_nb_day));
	add_last_issued(m, d, ca);
	add_months(t, d, ca);
	add_source(m, d, ca);
	add_use(m, d, ca);
	if (!m->store)
		return;
	only = model_only_here(m, ca, &cas);
	if (m->counted_cas)
		doc_fieldf(d, "only here", "%s leaves lost and %s CA%s without trust if exactly this CA went",
			fmt_number(a, &only), num_group(b, cas), cas == 1 ? "" : "s");
	else
		doc_fieldf(d, "only here", "%s CA%s without trust if exactly this CA went", num_group(b, cas), cas == 1 ? "" : "s");
}

/* ---- why ---- */

struct why {
	struct tui *t;
	struct doc *d;
	size_t shown, most, good, all;
	bool only_good;
};

static void add_limits(struct doc *d, const struct box *b)
{
	char day[DATE_BUF];

	if (b->nb_hi != INT64_MAX)
		doc_addf(d, R_SOME, ", leaves issued until %s", date_format(day, date_of_time(b->nb_hi)));
	if (b->nb_lo != INT64_MIN)
		doc_addf(d, R_SOME, ", leaves issued from %s", date_format(day, date_of_time(b->nb_lo)));
	if (b->sct_hi != INT64_MAX)
		doc_addf(d, R_SOME, ", SCTs until %s", date_format(day, date_of_time(b->sct_hi)));
	if (b->sct_lo != INT64_MIN)
		doc_addf(d, R_SOME, ", SCTs from %s", date_format(day, date_of_time(b->sct_lo)));
}

static void add_verdict(struct why *w, const struct path_report *r)
{
	bool ok = r->reason == PATH_OK, cut = ok && r->has_after && box_empty(&r->after);

	doc_line(w->d);
	doc_at(w->d, 4, ok && !cut ? R_GOOD : R_BAD, glyph(ok && !cut ? G_OK : G_BAD));
	doc_addf(w->d, ok && !cut ? R_TEXT : R_BAD, " %s", cut ? "cut by the marks" : path_reason_names[r->reason]);
	if (ok)
		add_limits(w->d, r->has_after && !cut ? &r->after : &r->before);
}

/* From the top down, each link under the one that issued it. */
static void add_path(struct why *w, const struct path_report *r)
{
	const struct graph *g = w->t->model.g;
	char hex[24], day[DATE_BUF];

	for (size_t i = r->n; i-- > 0;) {
		const struct ca_cert *c = &g->cert.v[r->certs[i]];
		bool fails = r->reason != PATH_OK && i == r->at;
		int depth = r->n - 1 - i > 12 ? 12 : (int)(r->n - 1 - i);
		doc_line(w->d);
		if (depth)
			doc_at(w->d, 3 + 3 * depth, R_GUIDE, glyph(G_ELBOW));
		doc_at(w->d, 6 + 3 * depth, fails ? R_BAD : R_TEXT, model_name(&w->t->model, c->ca));
		short_hex(hex, c->sha256);
		doc_addf(w->d, R_DIM, "  %s", hex);
		if (c->not_after != TIME_UNKNOWN)
			doc_addf(w->d, R_DIM, " until %s", date_format(day, date_of_time(c->not_after)));
		if (r->reason == PATH_OK && i == r->n - 1)
			doc_add(w->d, R_DIM, ", anchor");
		if (fails)
			doc_addf(w->d, R_BAD, "  %s %s", glyph(G_BAD), path_reason_names[r->reason]);
		doc_link(w->d, LINK_CA, c->ca);
	}
}

static bool add_report(void *ctx, const struct path_report *r)
{
	struct why *w = ctx;

	w->all++;
	w->good += r->reason == PATH_OK;
	if ((r->reason == PATH_OK) != w->only_good || w->shown >= w->most)
		return true;
	w->shown++;
	add_verdict(w, r);
	add_path(w, r);
	return true;
}

static void add_standing(struct tui *t, struct doc *d, size_t column, uint32_t ca)
{
	static const struct {
		enum glyph glyph;
		enum role role;
		const char *text;
	} look[] = {
		[STANDS_ALL] = { G_ALL, R_GOOD, "trusted" },
		[STANDS_SOME] = { G_SOME, R_SOME, "trusted with a date rule" },
		[STANDS_NOT] = { G_NONE, R_DIM, "not trusted" },
		[STANDS_REVOKED] = { G_REVOKED, R_BAD, "revoked or blocked" },
	};
	const struct column *c = &t->model.column.v[column];
	enum standing s = model_standing(&t->model, column, ca);
	char day[DATE_BUF];

	doc_line(d);
	doc_at(d, 2, look[s].role, glyph(look[s].glyph));
	doc_at(d, 4, R_NAME, c->program);
	doc_at(d, 16, look[s].role, look[s].text);
	if (c->store)
		doc_addf(d, R_DIM, "   store of %s", date_format(day, c->store->day));
	if (!program_find(c->program)->revocation_modelled)
		doc_add(d, R_DIM, "; revocation not modelled");
}

static void add_program(struct tui *t, struct doc *d, size_t column, uint32_t ca)
{
	struct why w = { .t = t, .d = d, .only_good = true, .most = column == t->model.chosen ? SHOWN_PATHS : 1 };
	struct mark_query marks = { 0 };
	struct trust_query q;

	add_standing(t, d, column, ca);
	if (!t->model.column.v[column].store)
		return;
	if (column == t->model.chosen)
		marks_query(&t->model.marks, t->model.g, &marks);
	q = model_query(&t->model, column, &marks);
	trust_explain(&q, ca, MAX_PATHS, add_report, &w);
	if (w.shown < w.most && w.good < w.all) {
		w.only_good = false;
		w.all = w.good = 0;
		trust_explain(&q, ca, MAX_PATHS, add_report, &w);
	}
	if (w.all > w.shown) {
		doc_line(d);
		doc_at(d, 4, R_DIM, "");
		doc_addf(d, R_DIM, "%s%zu more path%s", w.all >= MAX_PATHS ? "at least " : "", w.all - w.shown,
			w.all - w.shown == 1 ? "" : "s");
	}
	mark_query_release(&marks);
}

static void add_trust(struct tui *t, struct doc *d, uint32_t ca)
{
	char title[96], day[DATE_BUF];

	snprintf(title, sizeof(title), "Trust for %s on %s", purpose_names[t->model.purpose],
		date_format(day, t->model.day));
	doc_section(d, title);
	for (size_t i = 0; i < t->model.column.n; i++)
		add_program(t, d, (t->model.chosen + i) % t->model.column.n, ca);
	if (!t->model.column.n)
		doc_wrap(d, R_LABEL, 2, "no store of a root program in this index");
}

/* ---- certificates ---- */

static const char *time_text(char buf[TIME_BUF], int64_t time)
{
	return time == TIME_UNKNOWN ? "unreadable" : time_format(buf, time);
}

static void add_constraints(struct doc *d, const struct ca_cert *c, const struct cert_detail *x)
{
	struct strbuf b = STRBUF_INIT;

	if (c->flags & CERT_CA_TRUE)
		strbuf_addstr(&b, "CA");
	else
		strbuf_addstr(&b, c->flags & CERT_NO_BC ? "no basicConstraints" : "CA:FALSE");
	if (c->path_len >= 0)
		strbuf_addf(&b, ", path length %d", (int)c->path_len);
	if (c->flags & CERT_V1)
		strbuf_addstr(&b, ", X.509 v1");
	if (c->flags & CERT_CONSTRAINED_OUTSIDE)
		strbuf_addstr(&b, ", constrained from outside by a program (shown, not judged)");
	doc_field(d, "constraints", b.buf);
	doc_field(d, "key usage", x->key_usage);
	doc_field(d, "EKU", x->eku);
	doc_field(d, "name limits", x->name_constraints);
	strbuf_release(&b);
}

static void add_revocation(struct tui *t, struct doc *d, uint32_t cert)
{
	struct strbuf b = STRBUF_INIT;
	char day[DATE_BUF];
	size_t n;
	const struct revocation *r = cert_revocations(t->model.g, cert, &n);

	for (size_t i = 0; i < n; i++) {
		strbuf_addf(&b, "%s%s", i ? ", " : "", revocation_names[r[i].source]);
		if (r[i].from != INT64_MIN)
			strbuf_addf(&b, " from %s", date_format(day, date_of_time(r[i].from)));
	}
	if (n) {
		doc_line(d);
		doc_at(d, 2, R_LABEL, "revoked by");
		doc_at(d, 18, R_BAD, b.buf);
	} else {
		doc_field(d, "revoked by", "no source in this index");
	}
	strbuf_release(&b);
}

static void add_ccadb(struct doc *d, const struct ca_cert *c, const struct cert_detail *x)
{
	static const char *const programs[] = { "Mozilla", "Chrome", "Apple", "Microsoft" };
	struct strbuf b = STRBUF_INIT;

	strbuf_addstr(&b, c->flags & CERT_DISCLOSED ? "disclosed" : "not disclosed");
	for (int i = 0; i < 4; i++)
		if (*x->status[i])
			strbuf_addf(&b, ", %s: %s", programs[i], x->status[i]);
	if (*x->revocation_status)
		strbuf_addf(&b, ", revocation: %s", x->revocation_status);
	doc_field(d, "CCADB", b.buf);
	strbuf_release(&b);
}

static void add_cert_title(struct tui *t, struct doc *d, uint32_t cert, size_t i)
{
	const struct ca_cert *c = &t->model.g->cert.v[cert];
	char hex[65];
	bool valid = cert_valid_on(c, t->model.day);

	hex_encode(c->sha256, 32, hex);
	doc_line(d);
	doc_line(d);
	doc_addf(d, R_LABEL, "%zu ", i + 1);
	if (d->width >= 72)
		doc_at(d, 3, R_NAME, hex);
	else
		doc_addf(d, R_NAME, "%.16s%s", hex, glyph(G_ELLIPSIS));
	doc_addf(d, valid ? R_GOOD : R_BAD, "  %s", valid ? "valid" : "not valid");
	doc_link(d, LINK_CERT, cert);
}

static void add_issuers(struct tui *t, struct doc *d, const struct ca_cert *c)
{
	const struct graph *g = t->model.g;

	for (uint32_t i = 0; i < c->n_issuers; i++) {
		uint32_t issuer = g->issuers[c->first_issuer + i];
		doc_field(d, "signed by", issuer == c->ca ? "itself" : model_name(&t->model, issuer));
		if (issuer != c->ca)
			doc_link(d, LINK_CA, issuer);
	}
}

static void add_cert(struct tui *t, struct doc *d, uint32_t cert, size_t i)
{
	const struct ca_cert *c = &t->model.g->cert.v[cert];
	char from[TIME_BUF], to[TIME_BUF];
	struct cert_detail x;
	struct err err = { 0 };

	add_cert_title(t, d, cert, i);
	doc_fieldf(d, "valid", "%s to %s", time_text(from, c->not_before), time_text(to, c->not_after));
	if (index_cert_detail(t->model.index, cert, &x, &err) < 0) {
		doc_wrap(d, R_BAD, 2, err.msg);
		return;
	}
	if (!c->n_issuers)
		doc_fieldf(d, "issuer", "%s (not in the index, or its signature does not verify)", x.issuer);
	add_issuers(t, d, c);
	doc_field(d, "serial", x.serial);
	doc_fieldf(d, "signature", "%s%s", x.sig_alg, c->flags & CERT_WEAK_SIG ? " (weak)" : "");
	add_constraints(d, c, &x);
	doc_field(d, "policies", x.policies);
	add_revocation(t, d, cert);
	add_ccadb(d, c, &x);
	doc_field(d, "AKI", x.aki);
	doc_field(d, "CRL", x.crl_urls);
	doc_field(d, "CA issuers", x.ca_issuers);
	doc_field(d, "crt.sh", x.crtsh_id);
	doc_field(d, "seen in", x.seen_in);
	cert_detail_release(&x);
}

static void add_certs(struct tui *t, struct doc *d, uint32_t ca)
{
	const struct ca *c = about(t, ca);
	char title[64];

	snprintf(title, sizeof(title), "Certificates (%u)", c->n_certs);
	doc_section(d, title);
	for (uint32_t i = 0; i < c->n_certs; i++)
		add_cert(t, d, t->model.g->ca_certs[c->first_cert + i], i);
	if (!c->n_certs)
		doc_wrap(d, R_LABEL, 2, "none in the index; the CA is known from what it issued");
}

/* ---- relatives ---- */

static void add_relative(struct tui *t, struct doc *d, uint32_t ca)
{
	struct number n = model_count(&t->model, ca);
	char buf[NUMBER_BUF];
	int x = 18;

	doc_line(d);
	doc_right(d, 14, R_NUMBER, fmt_number(buf, &n));
	for (size_t i = 0; i < t->model.column.n && i < 6; i++, x += 2) {
		static const enum glyph glyphs[] = { G_ALL, G_SOME, G_NONE, G_REVOKED };
		doc_at(d, x - 2, R_OWNER, glyph(glyphs[model_standing(&t->model, i, ca)]));
	}
	doc_at(d, x, model_lost(&t->model, ca) ? R_LOST : R_LINK, model_name(&t->model, ca));
	doc_link(d, LINK_CA, ca);
}

static void add_list(struct tui *t, struct doc *d, const char *what, uint32_t *list, size_t n)
{
	char title[64];

	snprintf(title, sizeof(title), "%s (%zu)", what, n);
	doc_section(d, title);
	for (size_t i = 0; i < n && i < MAX_LISTED; i++)
		add_relative(t, d, list[i]);
	if (n > MAX_LISTED)
		doc_wrap(d, R_DIM, 2, "and more, in the tree");
}

static int by_count(const void *a, const void *b, void *ctx)
{
	const struct model *m = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (m->count[x].low != m->count[y].low)
		return m->count[x].low > m->count[y].low ? -1 : 1;
	if (x == y)
		return 0;
	int c = strcmp(model_name(m, x), model_name(m, y));
	return c ? c : (x > y) - (x < y);
}

static size_t ca_children(const struct model *m, uint32_t ca, uint32_t *list)
{
	const struct ca *c = &m->g->ca.v[ca];
	size_t n = 0, kept = 0;

	for (uint32_t i = 0; i < c->n_children; i++) {
		uint32_t child = m->g->cert.v[m->g->child_certs[c->first_child + i]].ca;
		if (child != ca)
			list[n++] = child;
	}
	if (n)
		qsort_r(list, n, sizeof(*list), by_count, (void *)m);
	for (size_t i = 0; i < n; i++)
		if (!i || list[i] != list[i - 1])
			list[kept++] = list[i];
	return kept;
}

static void add_relatives(struct tui *t, struct doc *d, uint32_t ca)
{
	uint32_t parents[MAX_RELATED];
	uint32_t *children = xcalloc(about(t, ca)->n_children + 1u, sizeof(*children));

	add_list(t, d, "Parents", parents, ca_parents(t->model.g, ca, parents, MAX_RELATED));
	add_list(t, d, "Children", children, ca_children(&t->model, ca, children));
	free(children);
}

/* ---- the view ---- */

static void open(struct tui *t, struct view *v)
{
	uint32_t ca = v->has_id ? model_find_ca(&t->model, v->id) : NO_INDEX;
	struct doc *d = &v->doc;

	doc_begin(d, v->area.w);
	v->stale = false;
	if (ca == NO_INDEX) {
		doc_wrap(d, R_LABEL, 2, "this CA is no longer in the index");
		return;
	}
	add_identity(t, d, ca);
	add_counts(t, d, ca);
	add_trust(t, d, ca);
	add_relatives(t, d, ca);
	add_certs(t, d, ca);
}

static void draw(struct tui *t, struct view *v, const struct area *a, bool focused)
{
	struct area inner = { a->y, a->x + 1, a->h, a->w - 1 };

	if (v->stale || v->doc.width != a->w)
		open(t, v);
	doc_draw(&v->doc, &inner, focused);
	if (focused)
		t->cursor_y = a->y + (int)(v->doc.cursor - v->doc.top);
}

static void act(struct tui *t, struct view *v, enum motion move)
{
	(void)t;
	view_move_doc(v, move);
}

static void target(struct tui *t, struct view *v, struct target *ret)
{
	const struct doc_line *l = doc_at_cursor(&v->doc);

	ret->ca = v->has_id ? model_find_ca(&t->model, v->id) : NO_INDEX;
	if (l && l->kind == LINK_CA)
		ret->ca = l->target;
	if (l && l->kind == LINK_CERT)
		ret->cert = l->target;
}

static void status(struct tui *t, struct view *v, struct strbuf *out)
{
	const struct doc_line *l = doc_at_cursor(&v->doc);

	(void)t;
	if (l && l->kind == LINK_CERT)
		strbuf_addstr(out, "one certificate  ");
	strbuf_addf(out, "%u/%zu", v->doc.cursor + 1, v->doc.line.n);
}

static void enter(struct tui *t, struct view *v)
{
	const struct doc_line *l = doc_at_cursor(&v->doc);
	uint32_t ca = model_find_ca(&t->model, v->id);

	if (l && l->kind == LINK_CA && (l->target != ca || v == t->pane))
		tui_push(t, &view_detail, l->target);
	else if (l && l->kind == LINK_CERT)
		tui_say(t, "m marks this one certificate, y copies its fingerprint");
}

static void in_tree(struct tui *t, struct view *v)
{
	struct target x = { NO_INDEX, NO_INDEX, NO_INDEX };

	target(t, v, &x);
	while (t->stack.n > 1)
		tui_pop(t);
	t->pane_focus = false;
	if (x.ca != NO_INDEX && !rows_reveal(&t->rows, &t->model, x.ca, NO_INDEX))
		tui_say(t, "not below the roots shown; A shows all roots");
}

static void next_link(struct doc *d, int by)
{
	size_t n = d->line.n;

	for (size_t i = 1; i <= n; i++) {
		size_t at = (d->cursor + (by > 0 ? i : n - i)) % n;
		if (d->line.v[at].kind != LINK_NONE) {
			d->cursor = (uint32_t)at;
			return;
		}
	}
}

static void forward(struct tui *t, struct view *v)
{
	if (v == t->pane)
		t->pane_focus = false;
	else
		next_link(&v->doc, 1);
}

static void backward(struct tui *t, struct view *v)
{
	if (v == t->pane)
		t->pane_focus = false;
	else
		next_link(&v->doc, -1);
}

static const struct binding keymap[] = {
	{ "Enter l Right", enter, "go to", "to the CA on this line" },
	{ "h Left", in_tree, "in tree", "the CA of this line in the tree" },
	{ "Tab", forward, "next link", "next CA or certificate; from the pane back to the tree" },
	{ "S-Tab", backward, NULL, "the one before; from the pane back to the tree" },
	{ NULL, NULL, NULL, NULL },
};

const struct view_ops view_detail = {
	.name = "detail",
	.keymap = keymap,
	.open = open,
	.draw = draw,
	.act = act,
	.status = status,
	.target = target,
};
