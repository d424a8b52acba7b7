/* What is fetched is read to its end before it takes the place of an older copy: a reader whose callbacks keep nothing says
 * whether the format is still the one that it knows. */
#include "index/doccheck.h"

#include <stdio.h>
#include <string.h>

#include "index/ccadb.h"
#include "index/certdata.h"
#include "index/chromestore.h"
#include "index/crl.h"
#include "index/crlset.h"
#include "index/onecrl.h"
#include "index/pem.h"
#include "index/telemetry.h"
#include "index/x509.h"

struct seen {
	size_t good;     /* records of use */
	char first[128]; /* what is unknown, or cannot be read */
};

static int skip_onecrl(void *ctx, const struct onecrl_record *r)
{
	(void)ctx, (void)r;
	return 0;
}

static int check_onecrl(const char *data, size_t n, struct err *err)
{
	return onecrl_read(data, n, &(struct onecrl_handler){ NULL, skip_onecrl, NULL }, err);
}

static int skip_ccadb(void *ctx, const struct ccadb_record *r)
{
	(void)ctx, (void)r;
	return 0;
}

static int check_ccadb(const char *data, size_t n, struct err *err)
{
	return ccadb_read(data, n, &(struct ccadb_handler){ .record = skip_ccadb }, err);
}

static int check_crlset(const char *data, size_t n, struct err *err)
{
	return crlset_read((const uint8_t *)data, n, &(struct crlset_handler){ 0 }, err);
}

/* ---- stores ---- */

static int count_trust(void *ctx, const struct certdata_trust *t)
{
	struct seen *s = ctx;

	s->good += t->server == TRUST_ANCHOR || t->email == TRUST_ANCHOR;
	return 0;
}

static int check_certdata(const char *data, size_t n, struct err *err)
{
	struct seen s = { 0 };

	if (certdata_read(data, n, &(struct certdata_handler){ .ctx = &s, .trust = count_trust }, err) < 0)
		return -1;
	return s.good ? 0 : err_set(err, ERR_INPUT, "a certdata.txt in which no trust object trusts anything");
}

static int count_anchor(void *ctx, const struct chromestore_anchor *a)
{
	struct seen *s = ctx;

	s->good += !a->additional;
	return 0;
}

/* Fields come and go; a message that nobody knows may hold anchors, or constrain them. */
static void note_message(void *ctx, size_t line, const char *what)
{
	static const char unknown[] = "unknown message ", merkle[] = "unknown message mtc_anchors";
	struct seen *s = ctx;

	if (!*s->first && strncmp(what, unknown, sizeof(unknown) - 1) == 0 && strcmp(what, merkle) != 0)
		snprintf(s->first, sizeof(s->first), "line %zu: %s", line, what);
}

static int check_chromestore(const char *data, size_t n, struct err *err)
{
	struct seen s = { 0 };
	const struct chromestore_handler h = { .ctx = &s, .anchor = count_anchor, .problem = note_message };

	if (chromestore_read(data, n, &h, err) < 0)
		return -1;
	if (!s.good)
		return err_set(err, ERR_INPUT, "a Chrome root store without a field 'trust_anchors'");
	return *s.first ? err_set(err, ERR_INPUT, "%s: the format has changed", s.first) : 0;
}

/* ---- signed documents ---- */

static int check_crl(const char *data, size_t n, struct err *err)
{
	return crl_read((const uint8_t *)data, n, &(struct crl_handler){ 0 }, err);
}

static int check_der(const char *data, size_t n, struct err *err)
{
	struct x509_cert cert;

	return x509_parse((const uint8_t *)data, n, &cert, err);
}

static int count_block(void *ctx, const struct pem_block *b)
{
	struct seen *s = ctx;
	struct x509_cert cert;

	s->good += b->kind == PEM_CERTIFICATE && x509_parse(b->der, b->len, &cert, NULL) == 0;
	return 0;
}

static int check_pem(const char *data, size_t n, struct err *err)
{
	struct seen s = { 0 };

	if (pem_each(data, n, &(struct pem_handler){ .ctx = &s, .block = count_block }) < 0)
		return -1;
	return s.good ? 0 : err_set(err, ERR_INPUT, "no certificate in the PEM text can be read");
}

/* ---- telemetry ---- */

static int count_root(void *ctx, uint32_t bin, const uint8_t sha256[32])
{
	struct seen *s = ctx;

	(void)bin, (void)sha256;
	s->good++;
	return 0;
}

static int check_roots(const char *data, size_t n, struct err *err)
{
	struct seen s = { 0 };

	if (telemetry_roots_read(data, n, &(struct telemetry_handler){ .ctx = &s, .root = count_root }, err) < 0)
		return -1;
	return s.good ? 0 : err_set(err, ERR_INPUT, "a table of roots without a single root");
}

static int check_validations(const char *data, size_t n, struct err *err)
{
	return telemetry_read(data, n, &(struct telemetry_handler){ 0 }, err);
}

int document_check(const char *kind, const char *data, size_t n, struct err *err)
{
	static const struct {
		const char *kind;
		int (*check)(const char *data, size_t n, struct err *err);
	} checks[] = {
		{ "ccadb-report", check_ccadb }, { "certdata", check_certdata }, { "chrome-store", check_chromestore },
		{ "onecrl", check_onecrl }, { "crlset", check_crlset }, { "crl", check_crl }, { "der", check_der },
		{ "pem", check_pem }, { "validations", check_validations }, { "validation-roots", check_roots },
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		if (strcmp(checks[i].kind, kind) == 0)
			return checks[i].check(data, n, err);
	return 0;
}
