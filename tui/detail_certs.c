/* Every certificate of the CA. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "tui/detail.h"

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

/* ---- revocation ---- */

static bool has_anchors(const struct store *store, unsigned purpose)
{
	for (size_t i = 0; store && i < store->n_rules; i++)
		if (store->rule[i].purpose == purpose)
			return true;
	return false;
}

/* Programs and purposes whose clients enforce what that source revokes. */
static void say_enforced(const struct model *m, enum revocation_source source, struct strbuf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < m->column.n; i++) {
		const struct column *c = &m->column.v[i];
		for (unsigned p = 0; p < PURPOSE_COUNT; p++)
			if (program_find(c->program)->enforced[p] & 1U << source && has_anchors(c->store, p))
				strbuf_addf(
					out, "%s%s %s", n++ ? ", " : "; enforced by ", c->program, purpose_names[p]);
	}
	if (!n)
		strbuf_addstr(out, "; not enforced by any program here");
}

static void add_revocation(const struct detail *x, uint32_t cert)
{
	struct strbuf b = STRBUF_INIT;
	char time[TIME_BUF];
	size_t n;
	const struct revocation *r = cert_revocations(x->t->model.g, cert, &n);

	for (size_t i = 0; i < n; i++) {
		bool holds = revocation_holds(&r[i], x->t->model.day);
		strbuf_reset(&b);
		strbuf_addstr(&b, revocation_names[r[i].source]);
		if (r[i].from != INT64_MIN)
			strbuf_addf(&b, " since %s", time_format(time, r[i].from));
		if (r[i].lifted)
			strbuf_addf(&b, ", lifted %s", time_format(time, r[i].lifted));
		if (!holds)
			strbuf_addstr(&b, ", not on this day");
		say_enforced(&x->t->model, (enum revocation_source)r[i].source, &b);
		doc_field_as(x->d, holds ? R_BAD : R_SOME, "revoked by", b.buf);
	}
	if (!n)
		doc_field(x->d, "revoked by", "no source in this index");
	strbuf_release(&b);
}

/* ---- CCADB ---- */

static void add_ccadb(struct doc *d, const struct ca_cert *c, const struct cert_detail *x)
{
	static const char *const programs[] = { "Mozilla", "Chrome", "Apple", "Microsoft" };
	struct strbuf b = STRBUF_INIT;

	strbuf_addstr(&b, c->flags & CERT_DISCLOSED ? "disclosed" : "not disclosed");
	if (*x->ccadb_status)
		strbuf_addf(&b, ", %s", x->ccadb_status);
	for (int i = 0; i < 4; i++)
		if (*x->status[i])
			strbuf_addf(&b, ", %s: %s", programs[i], x->status[i]);
	if (*x->revocation_status)
		strbuf_addf(&b, ", revocation: %s", x->revocation_status);
	doc_field(d, "CCADB", b.buf);
	strbuf_reset(&b);
	strbuf_addstr(&b, x->ccadb_name);
	if (*x->owner)
		strbuf_addf(&b, "%sowner %s", b.len ? "; " : "", x->owner);
	if (*x->sub_owner)
		strbuf_addf(&b, "%ssubordinate CA owner %s", b.len ? "; " : "", x->sub_owner);
	doc_field(d, "named there", b.buf);
	strbuf_release(&b);
}

/* ---- one certificate ---- */

static void add_title(const struct detail *x, uint32_t cert, size_t i)
{
	const struct model *m = &x->t->model;
	const struct ca_cert *c = &m->g->cert.v[cert];
	bool valid = cert_valid_on(c, m->day);
	const char *state = valid ? "valid" : "validity unreadable";
	char hex[65];

	if (!valid && c->not_before != TIME_UNKNOWN && c->not_after != TIME_UNKNOWN)
		state = c->not_after < date_start(m->day) ? "expired" : "not yet valid";
	hex_encode(c->sha256, 32, hex);
	doc_line(x->d);
	doc_line(x->d);
	doc_addf(x->d, R_LABEL, "%zu ", i + 1);
	if (x->d->width >= 88)
		doc_at(x->d, i < 99 ? 3 : 5, R_NAME, hex);
	else
		doc_addf(x->d, R_NAME, "%.16s%s", hex, glyph(G_ELLIPSIS));
	doc_addf(x->d, valid ? R_GOOD : R_BAD, "  %s", state);
	doc_link(x->d, LINK_CERT, cert);
	if (x->d->width < 88)
		doc_field(x->d, "SHA-256", hex);
	hex_encode(c->sha1, 20, hex);
	doc_field(x->d, "SHA-1", hex);
}

static void add_issuers(const struct detail *x, const struct ca_cert *c)
{
	const struct graph *g = x->t->model.g;

	for (uint32_t i = 0; i < c->n_issuers; i++) {
		uint32_t issuer = g->issuers[c->first_issuer + i];
		doc_field(x->d, "signed by", issuer == c->ca ? "itself" : model_name(&x->t->model, issuer));
		if (issuer != c->ca)
			doc_link(x->d, LINK_CA, issuer);
	}
}

static void add_cert(const struct detail *x, uint32_t cert, size_t i)
{
	const struct ca_cert *c = &x->t->model.g->cert.v[cert];
	char from[TIME_BUF], to[TIME_BUF];
	struct cert_detail t;
	struct err err = { 0 };

	add_title(x, cert, i);
	doc_fieldf(x->d, "valid", "%s to %s", time_text(from, c->not_before), time_text(to, c->not_after));
	if (index_cert_detail(x->t->model.index, cert, &t, &err) < 0) {
		doc_wrap(x->d, R_BAD, 2, err.msg);
		return;
	}
	if (strcmp(t.subject, detail_ca(x)->subject) != 0)
		doc_field(x->d, "subject", t.subject);
	doc_fieldf(x->d, "issuer", "%s%s", t.issuer,
		c->n_issuers ? "" : " (not in the index, or its signature does not verify)");
	add_issuers(x, c);
	doc_field(x->d, "serial", t.serial);
	doc_fieldf(x->d, "signature", "%s%s", t.sig_alg, c->flags & CERT_WEAK_SIG ? " (weak)" : "");
	doc_field(x->d, "key", t.key_alg);
	add_constraints(x->d, c, &t);
	doc_field(x->d, "policies", t.policies);
	add_revocation(x, cert);
	add_ccadb(x->d, c, &t);
	doc_field(x->d, "SKI", t.ski);
	doc_field(x->d, "AKI", t.aki);
	doc_field(x->d, "CRL", t.crl_urls);
	doc_field(x->d, "CA issuers", t.ca_issuers);
	doc_field(x->d, "crt.sh", t.crtsh_id);
	doc_field(x->d, "seen in", t.seen_in);
	cert_detail_release(&t);
}

void detail_add_certs(const struct detail *x)
{
	const struct ca *c = detail_ca(x);
	char title[64];

	snprintf(title, sizeof(title), "Certificates (%u)", c->n_certs);
	doc_section(x->d, title);
	for (uint32_t i = 0; i < c->n_certs; i++)
		add_cert(x, x->t->model.g->ca_certs[c->first_cert + i], i);
	if (!c->n_certs)
		doc_wrap(x->d, R_LABEL, 2, "none in the index; the CA is known from what it issued");
}
