#include <string.h>

#include <openssl/sha.h>

#include "emit.h"
#include "lists.h"
#include "out.h"

static void fact_hex(FILE *f, const char *key, const char *nick, const uint8_t *p, size_t n)
{
	fprintf(f, "%s.%s\t", key, nick);
	out_hex(f, p, n, 0);
	fputc('\n', f);
}

static void fact_number(FILE *f, const char *key, const char *nick, size_t n)
{
	fprintf(f, "%s.%s\t%zu\n", key, nick, n);
}

/* Tabs, newlines and backslashes of a value are escaped. */
static void fact_text(FILE *f, const char *key, const char *nick, const char *text)
{
	fprintf(f, "%s.%s\t", key, nick);
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", f);
		else if (*text == '\t')
			fputs("\\t", f);
		else if (*text == '\\')
			fputs("\\\\", f);
		else
			fputc(*text, f);
	}
	fputc('\n', f);
}

static void fact_day(FILE *f, const char *key, const char *nick, const char *when)
{
	if (*when)
		fprintf(f, "%s.%s\t%.4s-%.2s-%.2s\n", key, nick, when, when + 4, when + 6);
}

static int edge(const struct cert *c, const struct ca *issuer, const struct ca *subject)
{
	return c->issuer == issuer && c->subject == subject && !(c->def->flags & CERT_CORRUPT);
}

static size_t children(const struct world *w, const struct ca *ca)
{
	size_t n = 0;

	for (size_t i = 0; i < ca_count; i++) {
		int found = 0;

		for (size_t k = 0; k < cert_count && &w->cas[i] != ca; k++)
			found |= edge(&w->certs[k], ca, &w->cas[i]);
		n += (size_t)found;
	}
	return n;
}

static const struct cert *disclosed_cert(const struct world *w, const struct ca *ca)
{
	for (size_t i = 0; i < cert_count; i++)
		if (w->certs[i].subject == ca &&
			!(w->certs[i].def->flags & (CERT_UNDISCLOSED | CERT_STORE | CERT_SINGLE)))
			return &w->certs[i];
	return NULL;
}

static void fact_ca(FILE *f, const struct world *w, const struct ca *ca)
{
	const char *nick = ca->def->nick;
	const struct cert *c = disclosed_cert(w, ca);
	uint8_t digest[SHA256_DIGEST_LENGTH];

	SHA256(ca->spki.p, ca->spki.n, digest);
	fact_hex(f, "ca", nick, ca->id, 32);
	fact_hex(f, "spki", nick, digest, 32);
	fact_number(f, "issued", nick, ca->issued);
	fact_number(f, "unexpired", nick, ca->unexpired);
	fact_number(f, "ca_certs", nick, ca->certs);
	fact_number(f, "children", nick, children(w, ca));
	fact_day(f, "first_not_before", nick, ca->first_nb);
	fact_day(f, "last_not_before", nick, ca->last_nb);
	fact_day(f, "last_not_after", nick, ca->last_na);
	if (c) {
		fact_text(f, "owner", nick, sub_owner_of(c) ? sub_owner_of(c)->ccadb : owner_of(c)->ccadb);
		fact_text(f, "ca_owner", nick, owner_of(c)->ccadb);
	}
}

static void fact_leaf(FILE *f, const struct leaf_cert *l)
{
	int broken = l->def && (l->def->flags & LEAF_BROKEN);

	fact_hex(f, broken ? "broken" : l->precert ? "precert" : "leaf", l->nick, l->sha256, 32);
	if (!l->precert || (l->def && l->def->flags & LEAF_FINAL_MISSING))
		fact_hex(f, "serial", l->nick, l->serial, l->serial_len);
}

static void fact_anchors(FILE *f)
{
	size_t n[2][2] = { { 0 } };

	for (size_t i = 0; i < root_count; i++) {
		const struct root_def *r = &root_defs[i];

		n[0][0] += r->in_new && r->tls == TRUST_DELEGATOR;
		n[0][1] += r->in_new && r->email == TRUST_DELEGATOR;
		n[1][0] += r->in_old && r->tls == TRUST_DELEGATOR;
		n[1][1] += r->in_old && r->email == TRUST_DELEGATOR;
	}
	fprintf(f, "anchors.2026-05-15.tls\t%zu\n", n[0][0]);
	fprintf(f, "anchors.2026-05-15.email\t%zu\n", n[0][1]);
	fprintf(f, "anchors.2024-06-30.tls\t%zu\n", n[1][0]);
	fprintf(f, "anchors.2024-06-30.email\t%zu\n", n[1][1]);
}

static void fact_totals(FILE *f, const struct world *w)
{
	size_t cas = 0, records = 0;

	for (size_t i = 0; i < ca_count; i++)
		cas += w->cas[i].certs > 0;
	for (size_t i = 0; i < cert_count; i++)
		records += !(cert_defs[i].flags & (CERT_UNDISCLOSED | CERT_STORE | CERT_SINGLE | CERT_OLD_REPORT_ONLY));
	fprintf(f, "total.leaves\t%zu\n", w->issued);
	fprintf(f, "total.unexpired\t%zu\n", w->unexpired);
	fprintf(f, "total.unknown_issuer_leaves\t%zu\n", w->unknown);
	fprintf(f, "total.unknown_issuer_unexpired\t%zu\n", w->unknown_unexpired);
	fprintf(f, "total.ca_certs\t%zu\n", cert_count);
	fprintf(f, "total.cas\t%zu\n", cas);
	fprintf(f, "total.v5_records\t%zu\n", records);
}

void emit_facts(const struct world *w)
{
	FILE *f = out_open("facts.tsv");

	fputs("world.today\t2026-06-01\n", f);
	fact_totals(f, w);
	fact_anchors(f);
	for (size_t i = 0; i < cert_count; i++) {
		fact_hex(f, "cert", w->certs[i].nick, w->certs[i].sha256, 32);
		fact_hex(f, "sha1", w->certs[i].nick, w->certs[i].sha1, 20);
	}
	for (size_t i = 0; i < ca_count; i++)
		if (w->cas[i].certs)
			fact_ca(f, w, &w->cas[i]);
	for (size_t i = 0; i < w->leaf_n; i++)
		fact_leaf(f, &w->leaves[i]);
	facts_lists(f, w);
	out_close(f);
}
