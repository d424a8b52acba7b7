#include <string.h>

#include "emit.h"
#include "lists.h"
#include "out.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void put_cells(FILE *f, const char *const *cells, size_t n, const char *eol)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			fputc(',', f);
		out_csv(f, cells[i]);
	}
	fputs(eol, f);
}

static const char *fingerprint(const struct cert *c, char out[65])
{
	for (size_t i = 0; i < 32; i++)
		snprintf(out + 2 * i, 3, "%02X", c->sha256[i]);
	return out;
}

/* ---- AllIncludedRootCertsCSV ---- */

static const char *const included_columns[] = { "CA Owner", "Certificate Name", "Apple Status", "Apple Trust Bits",
	"Google Chrome Status", "Microsoft Status", "Microsoft EKUs For DTBs", "Mozilla Status", "Mozilla Trust Bits",
	"SHA-256 Fingerprint" };

static void emit_included(const struct world *w)
{
	FILE *f = out_open("older/AllIncludedRootCertsCSV." INCLUDED_DAY ".csv");

	put_cells(f, included_columns, COUNT(included_columns), "");
	for (size_t i = 0; i < included_count; i++) {
		const struct included_def *d = &included_defs[i];
		const struct cert *c = world_cert(w, d->cert);
		char hex[65];
		const char *cells[] = { owner_of(c)->ccadb, c->subject->def->cn.p, d->apple, d->apple_bits, d->chrome,
			d->microsoft, d->microsoft_ekus, d->mozilla, d->mozilla_bits, fingerprint(c, hex) };

		fputc('\n', f);
		put_cells(f, cells, COUNT(cells), "");
	}
	out_close(f);
}

/* ---- Mozilla's IncludedCACertificateReport ---- */

static const char *const mozilla_columns[] = {
	"Owner",
	"Certificate Issuer Organization",
	"Certificate Issuer Organizational Unit",
	"Common Name or Certificate Name",
	"Certificate Serial Number",
	"SHA-256 Fingerprint",
	"Subject + SPKI SHA256",
	"Valid From [GMT]",
	"Valid To [GMT]",
	"Public Key Algorithm",
	"Signature Hash Algorithm",
	"Trust Bits",
	"Distrust for TLS After Date",
	"Distrust for S/MIME After Date",
	"EV Policy OID(s)",
	"Approval Bug",
	"NSS Release When First Included",
	"Firefox Release When First Included",
	"Test Website - Valid",
	"Test Website - Expired",
	"Test Website - Revoked",
	"Mozilla Applied Constraints",
	"Company Website",
	"Geographic Focus",
	"Certificate Policy (CP)",
	"Certification Practice Statement (CPS)",
	"Standard Audit",
	"BR Audit",
	"EV Audit",
	"Auditor",
	"Standard Audit Type",
	"Standard Audit Statement Dt",
};

enum { M_OWNER, M_ORG, M_NAME = 3, M_SERIAL, M_SHA256, M_CA, M_FROM, M_TO, M_BITS = 11, M_TLS_AFTER, M_FOCUS = 23, M_AUDIT = 31 };

static void dotted_day(const char *when, char out[16])
{
	snprintf(out, 16, "%.4s.%.2s.%.2s", when, when + 4, when + 6);
}

static void put_mozilla_root(FILE *f, const struct world *w, const struct included_def *d)
{
	const struct cert *c = world_cert(w, d->cert);
	const char *cells[COUNT(mozilla_columns)];
	char hex[65], id[65], serial[81], from[16], to[16];

	for (size_t i = 0; i < COUNT(cells); i++)
		cells[i] = "";
	for (size_t i = 0; i < c->serial_len; i++)
		snprintf(serial + 2 * i, 3, "%02X", c->serial[i]);
	for (size_t i = 0; i < 32; i++)
		snprintf(id + 2 * i, 3, "%02X", c->subject->id[i]);
	dotted_day(c->def->nb, from);
	dotted_day(c->def->na, to);
	cells[M_OWNER] = "An owner's name of 2025 (fictional)";
	cells[M_ORG] = c->subject->owner->org;
	cells[M_NAME] = c->subject->def->cn.p;
	cells[M_SERIAL] = serial;
	cells[M_SHA256] = fingerprint(c, hex);
	cells[M_CA] = id;
	cells[M_FROM] = from;
	cells[M_TO] = to;
	cells[M_BITS] = d->mozilla_bits;
	cells[M_TLS_AFTER] = strcmp(d->cert, "cedar-root") == 0 ? "2025.11.30" : "";
	cells[M_FOCUS] = owner_of(c)->country;
	cells[M_AUDIT] = "2025 Jan 23";
	put_cells(f, cells, COUNT(cells), "\n");
}

static void emit_mozilla_roots(const struct world *w)
{
	FILE *f = out_open("older/IncludedCACertificateReport.2025-07.csv");

	put_cells(f, mozilla_columns, COUNT(mozilla_columns), "\n");
	for (size_t i = 0; i < included_count; i++)
		if (strcmp(included_defs[i].mozilla, "Included") == 0)
			put_mozilla_root(f, w, &included_defs[i]);
	out_close(f);
}

/* ---- MozillaIntermediateCerts ---- */

static const char *const intermediate_columns[] = { "Subject", "Issuer", "SHA256", "Full CRL Issued By This CA", "PEM" };

static void set_subject(const struct ca *ca, char out[256])
{
	snprintf(out, 256, "CN=%s; O=%s; C=ZZ", ca->def->cn.p, ca->owner->org);
}

/* Rows end with LF, the PEM's lines with CR LF. */
static void emit_intermediates(const struct world *w)
{
	static const char *const nicks[] = { "alder-policy", "alder-tls-1", "birch-inter", "birch-issuing-2", "cedar-tls",
		"elm-tax", "hemlock-old" };
	FILE *f = out_open("older/MozillaIntermediateCerts.2025-03.csv");

	put_cells(f, intermediate_columns, COUNT(intermediate_columns), "\n");
	for (size_t i = 0; i < COUNT(nicks); i++) {
		const struct cert *c = world_cert(w, nicks[i]);
		char subject[256], issuer[256], hex[65], url[160];
		const char *cells[] = { subject, issuer, fingerprint(c, hex), url };

		set_subject(c->subject, subject);
		set_subject(c->issuer, issuer);
		snprintf(url, sizeof(url), "http://crl.%s/%s.crl", c->subject->owner->host, nicks[i]);
		put_cells(f, cells, COUNT(cells), ",\"");
		out_pem(f, c->der.p, c->der.n, "\r\n");
		fputs("\"\n", f);
	}
	out_close(f);
}

void emit_old_reports(const struct world *w)
{
	emit_included(w);
	emit_mozilla_roots(w);
	emit_intermediates(w);
}
