#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/evp.h>

#include "emit.h"
#include "out.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const char *const columns_v5[] = {
	"CA Owner",
	"Salesforce Record ID",
	"Certificate Name",
	"Parent Salesforce Record ID",
	"Parent Certificate Name",
	"Certificate Record Type",
	"Subordinate CA Owner",
	"Apple Status",
	"Chrome Status",
	"Microsoft Status",
	"Mozilla Status",
	"Status of Root Cert",
	"Revocation Status",
	"SHA-256 Fingerprint",
	"Parent SHA-256 Fingerprint",
	"Valid From (GMT)",
	"Valid To (GMT)",
	"Authority Key Identifier",
	"Subject Key Identifier",
	"Technically Constrained",
	"Trust Bits for Root Cert",
	"EV OIDs for Root Cert",
	"Derived Trust Bits",
	"JSON Array of All Full CRL URLs",
	"JSON Array of Partitioned CRLs",
	"DV ACME Directory URL(s)",
	"OV ACME Directory URL(s)",
	"EV ACME Directory URL(s)",
	"IV ACME Directory URL(s)",
	"Audit Firm",
	"Audit Firm Location",
	"Audits Same as Parent",
	"Standard Audit URL",
	"Standard Audit Type",
	"Standard Audit Statement Date",
	"Standard Audit Period Start Date",
	"Standard Audit Period End Date",
	"NetSec Audit URL",
	"NetSec Audit Type",
	"NetSec Audit Statement Date",
	"NetSec Audit Period Start Date",
	"NetSec Audit Period End Date",
	"TLS BR Audit URL",
	"TLS BR Audit Type",
	"TLS BR Audit Statement Date",
	"TLS BR Audit Period Start Date",
	"TLS BR Audit Period End Date",
	"TLS EVG Audit URL",
	"TLS EVG Audit Type",
	"TLS EVG Audit Statement Date",
	"TLS EVG Audit Period Start Date",
	"TLS EVG Audit Period End Date",
	"Code Signing Audit URL",
	"Code Signing Audit Type",
	"Code Signing Audit Statement Date",
	"Code Signing Audit Period Start Date",
	"Code Signing Audit Period End Date",
	"S/MIME BR Audit URL",
	"S/MIME BR Audit Type",
	"S/MIME BR Audit Statement Date",
	"S/MIME BR Audit Period Start Date",
	"S/MIME BR Audit Period End Date",
	"VMC Audit URL",
	"VMC Audit Type",
	"VMC Audit Statement Date",
	"VMC Audit Period Start Date",
	"VMC Audit Period End Date",
	"Policy Documentation",
	"CA Document Repository",
	"CP Same as Parent",
	"Certificate Policy (CP) URL",
	"CP Effective Date",
	"CPS Same as Parent",
	"Certificate Practice Statement (CPS) URL",
	"CPS Effective Date",
	"CP/CPS Same as Parent",
	"Certificate Practice & Policy Statement",
	"CP/CPS Effective Date",
	"MD/AsciiDoc CP/CPS Same as Parent",
	"MD/AsciiDoc CP/CPS URL",
	"MD/AsciiDoc CP/CPS Effective Date",
	"Test Website URL - Valid",
	"Test Website URL - Expired",
	"Test Website URL - Revoked",
	"TLS Capable",
	"TLS EV Capable",
	"Code Signing Capable",
	"S/MIME Capable",
	"Country",
};

static const char *const columns_v4[] = {
	"CA Owner",
	"Salesforce Record ID",
	"Certificate Name",
	"Parent Salesforce Record ID",
	"Parent Certificate Name",
	"Certificate Record Type",
	"Subordinate CA Owner",
	"Apple Status",
	"Chrome Status",
	"Microsoft Status",
	"Mozilla Status",
	"Status of Root Cert",
	"Revocation Status",
	"SHA-256 Fingerprint",
	"Parent SHA-256 Fingerprint",
	"Valid From (GMT)",
	"Valid To (GMT)",
	"Authority Key Identifier",
	"Subject Key Identifier",
	"Technically Constrained",
	"Trust Bits for Root Cert",
	"EV OIDs for Root Cert",
	"Derived Trust Bits",
	"Full CRL Issued By This CA",
	"JSON Array of Partitioned CRLs",
	"Audit Firm",
	"Audit Firm Location",
	"Audits Same as Parent",
	"Standard Audit URL",
	"Standard Audit Type",
	"Standard Audit Statement Date",
	"Standard Audit Period Start Date",
	"Standard Audit Period End Date",
	"NetSec Audit URL",
	"NetSec Audit Type",
	"NetSec Audit Statement Date",
	"NetSec Audit Period Start Date",
	"NetSec Audit Period End Date",
	"TLS BR Audit URL",
	"TLS BR Audit Type",
	"TLS BR Audit Statement Date",
	"TLS BR Audit Period Start Date",
	"TLS BR Audit Period End Date",
	"TLS EVG Audit URL",
	"TLS EVG Audit Type",
	"TLS EVG Audit Statement Date",
	"TLS EVG Audit Period Start Date",
	"TLS EVG Audit Period End Date",
	"Code Signing Audit URL",
	"Code Signing Audit Type",
	"Code Signing Audit Statement Date",
	"Code Signing Audit Period Start Date",
	"Code Signing Audit Period End Date",
	"S/MIME BR Audit URL",
	"S/MIME BR Audit Type",
	"S/MIME BR Audit Statement Date",
	"S/MIME BR Audit Period Start Date",
	"S/MIME BR Audit Period End Date",
	"VMC Audit URL",
	"VMC Audit Type",
	"VMC Audit Statement Date",
	"VMC Audit Period Start Date",
	"VMC Audit Period End Date",
	"Policy Documentation",
	"CP Same as Parent",
	"Certificate Policy (CP) URL",
	"CP Effective Date",
	"CPS Same as Parent",
	"Certificate Practice Statement (CPS) URL",
	"CPS Effective Date",
	"CP/CPS Same as Parent",
	"Certificate Practice & Policy Statement",
	"CP/CPS Effective Date",
	"MD/AsciiDoc CP/CPS Same as Parent",
	"MD/AsciiDoc CP/CPS URL",
	"MD/AsciiDoc CP/CPS Effective Date",
	"Test Website URL - Valid",
	"Test Website URL - Expired",
	"Test Website URL - Revoked",
	"TLS Capable",
	"TLS EV Capable",
	"Code Signing Capable",
	"S/MIME Capable",
	"Country",
};

enum field {
	F_OWNER,
	F_ID,
	F_NAME,
	F_PARENT_ID,
	F_PARENT_NAME,
	F_TYPE,
	F_SUB_OWNER,
	F_APPLE,
	F_CHROME,
	F_MICROSOFT,
	F_MOZILLA,
	F_ROOT_STATUS,
	F_REVOCATION,
	F_SHA256,
	F_PARENT_SHA256,
	F_FROM,
	F_TO,
	F_AKI,
	F_SKI,
	F_CONSTRAINED,
	F_BITS,
	F_CRL_JSON,
	F_CRL_FULL,
	F_AUDIT_FIRM,
	F_SAME,
	F_POLICY_DOC,
	F_TLS,
	F_TLS_EV,
	F_CODE,
	F_SMIME,
	F_COUNTRY,
	FIELDS,
};

static const struct {
	const char *column;
	enum field field;
} known[] = {
	{ "CA Owner", F_OWNER },
	{ "Salesforce Record ID", F_ID },
	{ "Certificate Name", F_NAME },
	{ "Parent Salesforce Record ID", F_PARENT_ID },
	{ "Parent Certificate Name", F_PARENT_NAME },
	{ "Certificate Record Type", F_TYPE },
	{ "Subordinate CA Owner", F_SUB_OWNER },
	{ "Apple Status", F_APPLE },
	{ "Chrome Status", F_CHROME },
	{ "Microsoft Status", F_MICROSOFT },
	{ "Mozilla Status", F_MOZILLA },
	{ "Status of Root Cert", F_ROOT_STATUS },
	{ "Revocation Status", F_REVOCATION },
	{ "SHA-256 Fingerprint", F_SHA256 },
	{ "Parent SHA-256 Fingerprint", F_PARENT_SHA256 },
	{ "Valid From (GMT)", F_FROM },
	{ "Valid To (GMT)", F_TO },
	{ "Authority Key Identifier", F_AKI },
	{ "Subject Key Identifier", F_SKI },
	{ "Technically Constrained", F_CONSTRAINED },
	{ "Trust Bits for Root Cert", F_BITS },
	{ "JSON Array of All Full CRL URLs", F_CRL_JSON },
	{ "Full CRL Issued By This CA", F_CRL_FULL },
	{ "Audit Firm", F_AUDIT_FIRM },
	{ "Audits Same as Parent", F_SAME },
	{ "CP Same as Parent", F_SAME },
	{ "CPS Same as Parent", F_SAME },
	{ "CP/CPS Same as Parent", F_SAME },
	{ "MD/AsciiDoc CP/CPS Same as Parent", F_SAME },
	{ "Policy Documentation", F_POLICY_DOC },
	{ "TLS Capable", F_TLS },
	{ "TLS EV Capable", F_TLS_EV },
	{ "Code Signing Capable", F_CODE },
	{ "S/MIME Capable", F_SMIME },
	{ "Country", F_COUNTRY },
};

struct report {
	const char *path;
	const char *const *columns;
	size_t column_count;
	int old;
};

struct row {
	char text[FIELDS][512];
};

const struct owner_def *owner_of(const struct cert *c)
{
	return top_of(c)->subject->owner;
}

const struct owner_def *sub_owner_of(const struct cert *c)
{
	return c->subject->owner == owner_of(c) ? NULL : c->subject->owner;
}

static void set(struct row *r, enum field f, const char *s)
{
	snprintf(r->text[f], sizeof(r->text[f]), "%s", s ? s : "");
}

static void set_base64(struct row *r, enum field f, const struct der *spki)
{
	uint8_t id[20];

	key_id(spki, id);
	EVP_EncodeBlock((unsigned char *)r->text[f], id, sizeof(id));
}

static void set_hex(struct row *r, enum field f, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		snprintf(r->text[f] + 2 * i, 3, "%02X", p[i]);
}

static void set_date(struct row *r, enum field f, const char *when, int old)
{
	char sep = old ? '.' : '-';

	snprintf(r->text[f], sizeof(r->text[f]), "%.4s%c%.2s%c%.2s", when, sep, when + 4, sep, when + 6);
}

/* Salesforce's record numbers: certificates by row, owners from 900001. */
static void set_id(const struct world *w, struct row *r, enum field f, const struct cert *c)
{
	if (c)
		snprintf(r->text[f], sizeof(r->text[f]), "A%06zu", (size_t)(c - w->certs) + 101);
}

static int is_utf8(struct bytes b)
{
	unsigned long c;

	for (size_t i = 0; i < b.n;) {
		int n = UTF8_getc((const unsigned char *)b.p + i, (int)(b.n - i), &c);

		if (n <= 0)
			return 0;
		i += (size_t)n;
	}
	return 1;
}

static void set_name(struct row *r, enum field f, const struct ca_def *ca)
{
	size_t n = 0;

	if (!ca->cn.n) {
		set(r, f, ca->ou);
		return;
	}
	/* CCADB holds UTF-8: names in other encodings are told by nickname. */
	if (!is_utf8(ca->cn)) {
		snprintf(r->text[f], sizeof(r->text[f]), "%s (other encoding)", ca->nick);
		return;
	}
	for (size_t i = 0; i < ca->cn.n && n + 1 < sizeof(r->text[f]); i++)
		if (ca->cn.p[i])
			r->text[f][n++] = ca->cn.p[i];
}

static const char *owner_name(const struct owner_def *o, int old)
{
	return !o ? "" : old && o->ccadb_old ? o->ccadb_old : o->ccadb;
}

static void fill_names(const struct world *w, const struct cert *c, int old, struct row *r)
{
	const struct owner_def *owner = owner_of(c);
	int root = c->parent == c;

	set(r, F_OWNER, owner_name(owner, old));
	set(r, F_SUB_OWNER, owner_name(sub_owner_of(c), old));
	set_id(w, r, F_ID, c);
	set_name(r, F_NAME, c->subject->def);
	set(r, F_TYPE, root ? "Root Certificate" : "Intermediate Certificate");
	set_hex(r, F_SHA256, c->sha256, 32);
	set(r, F_COUNTRY, owner->country);
	if (root) {
		snprintf(r->text[F_PARENT_ID], sizeof(r->text[F_PARENT_ID]), "A9%05zu",
			(size_t)(owner - owner_defs) + 1);
		set(r, F_PARENT_NAME, owner_name(owner, old));
	} else if (c->parent) {
		set_id(w, r, F_PARENT_ID, c->parent);
		set_name(r, F_PARENT_NAME, c->parent->subject->def);
		set_hex(r, F_PARENT_SHA256, c->parent->sha256, 32);
	}
}

static void fill_status(const struct cert *c, int old, struct row *r)
{
	const struct root_def *def = root_of(c);
	const char *status[4] = { "Not Included", "Not Included", "Not Included", "Not Included" };
	int root = c->parent == c;

	if (def) {
		status[0] = def->apple;
		status[1] = def->chrome;
		status[2] = def->microsoft;
		status[3] = old && strcmp(def->mozilla, "Removed") == 0 ? "Included" : def->mozilla;
		set(r, F_BITS, def->bits);
	}
	for (int i = 0; i < 4; i++)
		set(r, F_APPLE + i, root ? status[i] : "Provided by CA");
	snprintf(r->text[F_ROOT_STATUS], sizeof(r->text[F_ROOT_STATUS]),
		"Apple: %s; Google Chrome: %s; Microsoft: %s; Mozilla: %s", status[0], status[1], status[2], status[3]);
	if (root)
		return;
	set(r, F_REVOCATION, c->def->revocation && !old ? c->def->revocation : "Not Revoked");
}

static void fill_certificate(const struct cert *c, int old, struct row *r)
{
	unsigned eku = c->def->eku;

	set_date(r, F_FROM, c->def->nb, old);
	set_date(r, F_TO, c->def->na, old);
	if (!(c->def->flags & CERT_V1))
		set_base64(r, F_SKI, &c->subject->spki);
	if (c->def->flags & CERT_WRONG_AKI)
		set_base64(r, F_AKI, &c->subject->name);
	else if (c->issuer != c->subject && !(c->def->flags & CERT_AKI_SERIAL))
		set_base64(r, F_AKI, &c->issuer->spki);
	set(r, F_CONSTRAINED, "False");
	set(r, F_TLS, !eku || eku & (EKU_SERVER | EKU_ANY) ? "True" : "False");
	set(r, F_TLS_EV, "False");
	set(r, F_CODE, !eku || eku & (EKU_CODE | EKU_ANY) ? "True" : "False");
	set(r, F_SMIME, !eku || eku & (EKU_EMAIL | EKU_ANY) ? "True" : "False");
}

/* Only the older report has a CRL address for the CAs of Birch. */
static void fill_documents(const struct cert *c, struct row *r)
{
	const struct ca *ca = c->subject;
	const char *host = ca->owner->host;

	snprintf(r->text[F_CRL_FULL], sizeof(r->text[F_CRL_FULL]), "http://crl.%s/%s.crl", host, ca->def->nick);
	if (strcmp(ca->owner->nick, "birch") != 0)
		snprintf(r->text[F_CRL_JSON], sizeof(r->text[F_CRL_JSON]), "[\"http://crl.%s/%s.crl\"]", host,
			ca->def->nick);
	set(r, F_AUDIT_FIRM, "Quince & Partners, \"Auditors\" (fictional)");
	set(r, F_SAME, c->parent == c ? "False" : "True");
	snprintf(r->text[F_POLICY_DOC], sizeof(r->text[F_POLICY_DOC]),
		"https://www.%s/cp.html\nhttps://www.%s/cps.html; https://www.%s/terms.html", host, host, host);
}

static void put_row(FILE *f, const struct report *rep, const struct row *r)
{
	for (size_t i = 0; i < rep->column_count; i++) {
		const char *text = "";

		for (size_t k = 0; k < COUNT(known); k++)
			if (strcmp(known[k].column, rep->columns[i]) == 0)
				text = r->text[known[k].field];
		if (i)
			fputc(',', f);
		out_csv(f, text);
	}
	fputc('\n', f);
}

static int disclosed(const struct cert *c)
{
	return !(c->def->flags & (CERT_UNDISCLOSED | CERT_STORE | CERT_SINGLE));
}

static int in_report(const struct cert *c, const struct report *rep)
{
	if (!disclosed(c))
		return 0;
	if (rep->old)
		return strcmp(c->def->nb, "20240115") < 0;
	return !(c->def->flags & CERT_OLD_REPORT_ONLY);
}

static void emit_report(const struct world *w, const struct report *rep)
{
	FILE *f = out_open("%s", rep->path);

	for (size_t i = 0; i < rep->column_count; i++) {
		if (i)
			fputc(',', f);
		out_csv(f, rep->columns[i]);
	}
	fputc('\n', f);
	for (size_t i = 0; i < cert_count; i++) {
		const struct cert *c = &w->certs[i];
		struct row r = { 0 };

		if (!in_report(c, rep))
			continue;
		fill_names(w, c, rep->old, &r);
		fill_status(c, rep->old, &r);
		fill_certificate(c, rep->old, &r);
		fill_documents(c, &r);
		put_row(f, rep, &r);
	}
	out_close(f);
}

static const char pem_header[] = "SHA-256 Fingerprint,X.509 Certificate (PEM)";

static void put_pem_row(FILE *f, const struct cert *c, const char *eol, const char *quote)
{
	fputc('\n', f);
	out_hex(f, c->sha256, 32, 1);
	fprintf(f, ",\"%s", quote);
	out_pem(f, c->der.p, c->der.n, eol);
	fprintf(f, "%s\"", quote);
}

/* Real reports wrap in these ways too: see "odd" in README.txt. */
#define CRLF_YEAR "2016"
#define QUOTED_CERT "elm-aki"
#define DOUBLED_CERT "alder-root"

static void emit_pems(const struct world *w, const char *year)
{
	const char *eol = strcmp(year, CRLF_YEAR) == 0 ? "\r\n" : "\n";
	FILE *f = NULL;

	for (size_t i = 0; i < cert_count; i++) {
		const struct cert *c = &w->certs[i];

		if (!disclosed(c) || memcmp(c->def->nb, year, 4) != 0)
			continue;
		if (!f) {
			f = out_open("ccadb/AllCertificatePEMsCSVFormat_NotBeforeYear_%s.csv", year);
			fputs(pem_header, f);
		}
		put_pem_row(f, c, eol, strcmp(c->nick, QUOTED_CERT) ? "" : "'");
		if (strcmp(c->nick, DOUBLED_CERT) == 0)
			put_pem_row(f, c, eol, "");
	}
	if (!f)
		return;
	/* Real reports were seen with and without a last newline. */
	if (year[3] % 2 == 0)
		fputc('\n', f);
	out_close(f);
}

static void emit_broken_pems(const struct world *w)
{
	const struct cert *good = world_cert(w, "alder-policy");
	FILE *f = out_open("broken/AllCertificatePEMsCSVFormat_NotBeforeYear_1999.csv");

	fputs(pem_header, f);
	fprintf(f, "\n%064d,\"this is no certificate, \"\"quoted\"\"\nand has two lines\"", 0);
	fprintf(f, "\n%063d1,\"-----BEGIN CERTIFICATE-----\nMIIB!!!!\n-----END CERTIFICATE-----\"", 0);
	fprintf(f, "\n%063d2,\"-----BEGIN CERTIFICATE-----\n", 0);
	fputs("MAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END CERTIFICATE-----\"", f);
	put_pem_row(f, good, "\n", "");
	out_close(f);
}

void emit_ccadb(const struct world *w)
{
	static const struct report reports[] = {
		{ "ccadb/AllCertificateRecordsCSVFormatV5.2026-05-30.csv", columns_v5, COUNT(columns_v5), 0 },
		{ "older/AllCertificateRecordsCSVFormatV4.2024-01-15.csv", columns_v4, COUNT(columns_v4), 1 },
	};

	for (size_t i = 0; i < COUNT(reports); i++)
		emit_report(w, &reports[i]);
	for (unsigned year = 1990; year < 2027; year++) {
		char text[8];

		snprintf(text, sizeof(text), "%u", year);
		emit_pems(w, text);
	}
	emit_broken_pems(w);
}
