#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "emit.h"
#include "out.h"

struct snapshot {
	const char *path;
	int old;
};

static const char head[] = "#\n"
			   "# Fictional data for tests, in the format of NSS's certdata.txt.\n"
			   "#\n"
			   "# certdata.txt\n"
			   "#\n"
			   "#  -- Attribute --               -- type --          -- value --\n"
			   "#  CKA_CLASS                     CK_OBJECT_CLASS     CKO_CERTIFICATE\n"
			   "#  CKA_VALUE                     DER+base64          (varies)\n"
			   "#  CKA_NSS_SERVER_DISTRUST_AFTER DER+base64          (varies)\n"
			   "#  CKA_NSS_EMAIL_DISTRUST_AFTER  DER+base64          (varies)\n"
			   "#\n"
			   "\n"
			   "#\n"
			   "# The object to tell NSS that this is a root list and we don't\n"
			   "# have to go looking for others.\n"
			   "#\n"
			   "BEGINDATA\n"
			   "CKA_CLASS CK_OBJECT_CLASS CKO_NSS_BUILTIN_ROOT_LIST\n"
			   "CKA_TOKEN CK_BBOOL CK_TRUE\n"
			   "CKA_PRIVATE CK_BBOOL CK_FALSE\n"
			   "CKA_MODIFIABLE CK_BBOOL CK_FALSE\n"
			   "CKA_LABEL UTF8 \"Mozilla Builtin Roots\"\n";

static const char object_head[] = "CKA_TOKEN CK_BBOOL CK_TRUE\n"
				  "CKA_PRIVATE CK_BBOOL CK_FALSE\n"
				  "CKA_MODIFIABLE CK_BBOOL CK_FALSE\n";

static void put_octal(FILE *f, const char *attribute, const void *data, size_t n)
{
	const uint8_t *p = data;

	fprintf(f, "%s MULTILINE_OCTAL\n", attribute);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "\\%03o%s", p[i], i % 16 == 15 || i + 1 == n ? "\n" : "");
	fputs("END\n", f);
}

static void put_serial(FILE *f, const struct cert *c)
{
	struct der d = { 0 };

	der_tlv(&d, TAG_INT, c->serial, c->serial_len);
	put_octal(f, "CKA_SERIAL_NUMBER", d.p, d.n);
	der_release(&d);
}

static void put_date(FILE *f, const char *label, const char *when)
{
	struct tm tm = { 0 };
	char text[64];

	if (!strptime(when, "%Y%m%d%H%M%S", &tm))
		die("not a time: '%s'", when);
	strftime(text, sizeof(text), "%a %b %d %H:%M:%S %Y", &tm);
	fprintf(f, "# %s: %s\n", label, text);
}

static void put_fingerprint(FILE *f, const char *label, const uint8_t *p, size_t n)
{
	fprintf(f, "# Fingerprint (%s): ", label);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s%02X", i ? ":" : "", p[i]);
	fputc('\n', f);
}

static void put_comment(FILE *f, const struct cert *c)
{
	const struct ca *issuer = c->issuer, *subject = c->subject;

	fprintf(f, "# Issuer: CN=%s,O=%s,C=ZZ\n# Serial Number:", issuer->def->cn.p, issuer->owner->org);
	for (size_t i = 0; i < c->serial_len; i++)
		fprintf(f, "%s%02x", i ? ":" : "", c->serial[i]);
	fprintf(f, "\n# Subject: CN=%s,O=%s,C=ZZ\n", subject->def->cn.p, subject->owner->org);
	put_date(f, "Not Valid Before", c->def->nb);
	put_date(f, "Not Valid After ", c->def->na);
	put_fingerprint(f, "SHA-256", c->sha256, 32);
	put_fingerprint(f, "SHA1", c->sha1, 20);
}

/* One label is written with escapes, as NSS does outside ASCII. */
static const char *label_of(const struct root_def *r, const struct cert *c)
{
	return strcmp(r->cert, "elm-root") ? c->subject->def->cn.p : "\\xC3\\x89lm Government Root 2055";
}

static void put_rule(FILE *f, const char *word, const char *attribute, const char *when)
{
	char full[32];

	if (!when) {
		fprintf(f, "%s CK_BBOOL CK_FALSE\n", attribute);
		return;
	}
	snprintf(full, sizeof(full), "20%.12s", when);
	put_date(f, word, full);
	put_octal(f, attribute, when, strlen(when));
}

static void put_certificate(FILE *f, const struct root_def *r, const struct cert *c, int old)
{
	const char *label = label_of(r, c);

	fprintf(f, "\n#\n# Certificate \"%s\"\n#\n", label);
	put_comment(f, c);
	fprintf(f, "CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n%sCKA_LABEL UTF8 \"%s\"\n", object_head, label);
	fputs("CKA_CERTIFICATE_TYPE CK_CERTIFICATE_TYPE CKC_X_509\n", f);
	put_octal(f, "CKA_SUBJECT", c->subject->name.p, c->subject->name.n);
	fputs("CKA_ID UTF8 \"0\"\n", f);
	put_octal(f, "CKA_ISSUER", c->issuer->name.p, c->issuer->name.n);
	put_serial(f, c);
	put_octal(f, "CKA_VALUE", c->der.p, c->der.n);
	fprintf(f, "CKA_NSS_MOZILLA_CA_POLICY CK_BBOOL %s\n", r->tls == TRUST_NOT_TRUSTED ? "CK_FALSE" : "CK_TRUE");
	put_rule(
		f, "For Server Distrust After", "CKA_NSS_SERVER_DISTRUST_AFTER", old ? r->tls_after_old : r->tls_after);
	put_rule(f, "For Email Distrust After", "CKA_NSS_EMAIL_DISTRUST_AFTER",
		old ? r->email_after_old : r->email_after);
}

static const char *const levels[] = {
	[TRUST_DELEGATOR] = "CKT_NSS_TRUSTED_DELEGATOR",
	[TRUST_MUST_VERIFY] = "CKT_NSS_MUST_VERIFY_TRUST",
	[TRUST_NOT_TRUSTED] = "CKT_NSS_NOT_TRUSTED",
};

static void put_trust(FILE *f, const struct root_def *r, const struct cert *c)
{
	const char *label = label_of(r, c);
	uint8_t md5[16];

	fprintf(f, "\n# %s \"%s\"\n", r->without_cert ? "Distrust" : "Trust for", label);
	put_comment(f, c);
	fprintf(f, "CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST\n%sCKA_LABEL UTF8 \"%s\"\n", object_head, label);
	if (!r->without_cert) {
		put_octal(f, "CKA_CERT_SHA1_HASH", c->sha1, 20);
		EVP_Digest(c->der.p, c->der.n, md5, NULL, EVP_md5(), NULL);
		put_octal(f, "CKA_CERT_MD5_HASH", md5, sizeof(md5));
	}
	put_octal(f, "CKA_ISSUER", c->issuer->name.p, c->issuer->name.n);
	put_serial(f, c);
	fprintf(f, "CKA_TRUST_SERVER_AUTH CK_TRUST %s\n", levels[r->tls]);
	fprintf(f, "CKA_TRUST_EMAIL_PROTECTION CK_TRUST %s\n", levels[r->email]);
	fprintf(f, "CKA_TRUST_CODE_SIGNING CK_TRUST %s\n",
		r->tls == TRUST_NOT_TRUSTED ? levels[TRUST_NOT_TRUSTED] : levels[TRUST_MUST_VERIFY]);
	fputs("CKA_TRUST_STEP_UP_APPROVED CK_BBOOL CK_FALSE\n", f);
}

static void emit_snapshot(const struct world *w, const struct snapshot *s)
{
	FILE *f = out_open("%s", s->path);

	fputs(head, f);
	for (size_t i = 0; i < root_count; i++) {
		const struct root_def *r = &root_defs[i];
		const struct cert *c = world_cert(w, r->cert);

		if (!(s->old ? r->in_old : r->in_new))
			continue;
		if (!r->without_cert)
			put_certificate(f, r, c, s->old);
		put_trust(f, r, c);
	}
	out_close(f);
}

void emit_certdata(const struct world *w)
{
	static const struct snapshot snapshots[] = {
		{ "mozilla/certdata.2026-05-15.txt", 0 },
		{ "mozilla/certdata.2024-06-30.txt", 1 },
	};

	for (size_t i = 0; i < sizeof(snapshots) / sizeof(*snapshots); i++)
		emit_snapshot(w, &snapshots[i]);
}
