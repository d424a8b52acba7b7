#include "index/import.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/date.h"
#include "base/map.h"
#include "base/path.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/vec.h"
#include "fetch/zips.h"
#include "index/ccadb.h"
#include "index/certdata.h"
#include "index/chromestore.h"
#include "index/countscsv.h"
#include "index/crl.h"
#include "index/crlset.h"
#include "index/crtsh.h"
#include "index/doccheck.h"
#include "index/loglist.h"
#include "index/onecrl.h"
#include "index/pem.h"
#include "index/pkcs7.h"
#include "index/sites.h"
#include "index/spkilist.h"
#include "index/telemetry.h"
#include "index/x509.h"

/* No single document of the Web PKI comes near; CCADB's largest report has 60 MB. */
#define DOCUMENT_MAX ((size_t)1 << 30)
#define MAPPED_LEAST ((uint64_t)1 << 20)

void sha256_of(const void *p, size_t n, uint8_t out[32])
{
	EVP_Digest(p, n, out, NULL, EVP_sha256(), NULL);
}

/* ---- problems: kept and counted ---- */

void import_problem(struct import *im, struct document *d, const char *place, const char *what)
{
	struct strbuf clean_place = STRBUF_INIT, clean_what = STRBUF_INIT;

	text_clean(&clean_place, place, strlen(place));
	text_clean(&clean_what, what, strlen(what));
	if (db_add_problem(im->db, d->id, d->problems++, clean_place.buf, clean_what.buf, im->err) < 0)
		im->failed = true;
	if (!d->first_problem[0])
		snprintf(d->first_problem, sizeof(d->first_problem), "%s%s%s", clean_place.buf, *place ? ": " : "",
		         clean_what.buf);
	strbuf_release(&clean_place);
	strbuf_release(&clean_what);
}

void import_line_problem(struct import *im, struct document *d, size_t line, const char *what)
{
	char place[48];

	snprintf(place, sizeof(place), "line %zu", line);
	import_problem(im, d, line ? place : "", what);
}

/* ---- progress ---- */

/* What a zip holds is longer than the zip: the share of what was unpacked is the share of the file. */
static void show_progress(struct import *im, const struct document *d)
{
	double share = d->n ? (double)d->at / (double)d->n : 0;

	progress_at(&im->progress, im->through + (uint64_t)(share * (double)(im->file_size ? im->file_size : d->n)));
}

static uint64_t size_of_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

/* 0: a folder is among them. */
static uint64_t size_of_files(char *const *paths, size_t n)
{
	uint64_t all = 0;

	for (size_t i = 0; i < n; i++) {
		if (path_is_dir(paths[i]))
			return 0;
		all += size_of_file(paths[i]);
	}
	return all;
}

void import_record(struct import *im, struct document *d)
{
	d->records++;
	im->progress.rows++;
	show_progress(im, d);
}

/* ---- certificates ---- */

int import_certificate(struct import *im, struct document *d, const uint8_t *der, size_t n, const char *place,
                       struct x509_cert *cert, uint8_t sha256[32])
{
	struct err why = { 0 };
	int64_t id;
	bool is_new;

	if (x509_parse(der, n, cert, &why) < 0) {
		import_problem(im, d, place, why.msg);
		return im->failed ? -1 : 0;
	}
	sha256_of(cert->der.p, cert->der.n, sha256);
	if (cert->trailing)
		import_problem(im, d, place, "bytes behind the certificate, ignored");
	if (db_add_certificate(im->db, sha256, cert->der.p, cert->der.n, &id, &is_new, im->err) < 0 ||
	    db_add_seen(im->db, d->id, id, im->err) < 0)
		return -1;
	import_record(im, d);
	return im->failed ? -1 : 1;
}

/* ---- PEM, DER, stores ---- */

static int add_store_anchor(struct import *im, struct document *d, const uint8_t sha256[32])
{
	struct db_anchor a = { .sha256 = sha256 };

	for (a.purpose = 0; a.purpose < PURPOSE_COUNT; a.purpose++)
		if (db_add_anchor(im->db, d->snapshot, d->id, d->rules++, &a, im->err) < 0)
			return -1;
	return 0;
}

static int take_certificate(struct import *im, struct document *d, const uint8_t *der, size_t n, const char *place)
{
	struct x509_cert cert;
	uint8_t sha256[32];
	int rc = import_certificate(im, d, der, n, place, &cert, sha256);

	if (rc <= 0 || !im->o->store)
		return rc < 0 ? -1 : 0;
	if (!(cert.has_bc ? cert.bc_ca : cert.self_issued)) {
		import_problem(im, d, place, "no CA certificate, so no anchor of the store");
		return im->failed ? -1 : 0;
	}
	return add_store_anchor(im, d, sha256);
}

static int pem_block(void *ctx, const struct pem_block *b)
{
	struct reading *r = ctx;
	char place[48];

	if (b->kind == PEM_CRL && !r->im->o->store) {
		struct err why = { 0 };
		if (import_crl_bytes(r->im, r->d, b->der, b->len, &why) == 0)
			return 0;
		if (r->im->failed || why.kind == ERR_NONE)
			return -1;
		import_line_problem(r->im, r->d, b->line, why.msg);
		return r->im->failed ? -1 : 0;
	}
	if (b->kind != PEM_CERTIFICATE) {
		import_line_problem(r->im, r->d, b->line, "no certificate but another kind of PEM block, ignored");
		return r->im->failed ? -1 : 0;
	}
	snprintf(place, sizeof(place), "line %zu", b->line);
	return take_certificate(r->im, r->d, b->der, b->len, place);
}

static void pem_problem(void *ctx, size_t line, const char *what)
{
	struct reading *r = ctx;

	import_line_problem(r->im, r->d, line, what);
}

static int start_store(struct import *im, struct document *d)
{
	if (!im->o->store)
		return 0;
	return db_store_snapshot(im->db, im->o->store, d->day, 0, DB_NULL, &d->snapshot, im->err);
}

static int read_pem(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };

	(void)err;
	if (start_store(im, d) < 0)
		return -1;
	return pem_each(d->data, d->n, &(struct pem_handler){ &r, pem_block, pem_problem });
}

static int read_der(struct import *im, struct document *d, struct err *err)
{
	(void)err;
	if (start_store(im, d) < 0)
		return -1;
	return take_certificate(im, d, (const uint8_t *)d->data, d->n, "");
}

/* ---- PKCS #7 ---- */

static int bag_certificate(void *ctx, size_t number, const uint8_t *der, size_t n)
{
	struct reading *r = ctx;
	char place[48];

	if (number == 1 && start_store(r->im, r->d) < 0)
		return -1;
	snprintf(place, sizeof(place), "certificate %zu", number);
	return take_certificate(r->im, r->d, der, n, place);
}

static void bag_problem(void *ctx, const char *what)
{
	struct reading *r = ctx;

	import_problem(r->im, r->d, "", what);
}

static int read_pkcs7(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };

	return pkcs7_each(d->data, d->n, &(struct pkcs7_handler){ &r, bag_certificate, bag_problem }, err);
}

/* ---- CCADB ---- */

static const enum ccadb_field ccadb_kept[DB_CCADB_FIELDS] = {
	[DB_CCADB_OWNER] = CCADB_CA_OWNER,
	[DB_CCADB_SUB_OWNER] = CCADB_SUB_OWNER,
	[DB_CCADB_RECORD_ID] = CCADB_RECORD_ID,
	[DB_CCADB_NAME] = CCADB_NAME,
	[DB_CCADB_TYPE] = CCADB_RECORD_TYPE,
	[DB_CCADB_MOZILLA] = CCADB_MOZILLA_STATUS,
	[DB_CCADB_CHROME] = CCADB_CHROME_STATUS,
	[DB_CCADB_APPLE] = CCADB_APPLE_STATUS,
	[DB_CCADB_MICROSOFT] = CCADB_MICROSOFT_STATUS,
	[DB_CCADB_REVOCATION] = CCADB_REVOCATION_STATUS,
	[DB_CCADB_TRUST_BITS] = CCADB_TRUST_BITS,
	[DB_CCADB_CONSTRAINED] = CCADB_TECHNICALLY_CONSTRAINED,
	[DB_CCADB_CRL_URLS] = CCADB_FULL_CRL_URLS,
	[DB_CCADB_APPLE_BITS] = CCADB_APPLE_TRUST_BITS,
	[DB_CCADB_MOZILLA_BITS] = CCADB_MOZILLA_TRUST_BITS,
	[DB_CCADB_MICROSOFT_EKUS] = CCADB_MICROSOFT_EKUS,
	[DB_CCADB_PARTITIONED_CRLS] = CCADB_PARTITIONED_CRLS,
};

static int keep_record(struct import *im, struct document *d, const struct ccadb_record *rec)
{
	struct strbuf clean[DB_CCADB_FIELDS];
	const char *field[DB_CCADB_FIELDS];

	for (int i = 0; i < DB_CCADB_FIELDS; i++) {
		const char *raw = rec->field[ccadb_kept[i]];
		strbuf_init(&clean[i], 0);
		if (raw)
			text_clean(&clean[i], raw, strlen(raw));
		field[i] = raw ? clean[i].buf : NULL;
	}
	/* Mozilla's own report lists what is included, without saying so in a column */
	if (d->mozilla_roots) {
		field[DB_CCADB_MOZILLA] = CCADB_OWN_LIST;
		field[DB_CCADB_MOZILLA_BITS] = field[DB_CCADB_TRUST_BITS];
		field[DB_CCADB_TRUST_BITS] = NULL;
	}
	int rc = db_add_ccadb_record(im->db, d->id, (int64_t)rec->row, rec->has_sha256 ? rec->sha256 : NULL, field, im->err);
	for (int i = 0; i < DB_CCADB_FIELDS; i++)
		strbuf_release(&clean[i]);
	return rc;
}

static int ccadb_record(void *ctx, const struct ccadb_record *rec)
{
	struct reading *r = ctx;
	bool has_field = false;

	if (rec->der) {
		struct x509_cert cert;
		uint8_t sha256[32];
		char place[48];
		snprintf(place, sizeof(place), "row %zu, line %zu", rec->row, rec->line);
		if (import_certificate(r->im, r->d, rec->der, rec->der_len, place, &cert, sha256) < 0)
			return -1;
	}
	for (int i = 0; i < DB_CCADB_FIELDS; i++)
		has_field |= rec->field[ccadb_kept[i]] != NULL;
	if (has_field && keep_record(r->im, r->d, rec) < 0)
		return -1;
	if (!rec->der)
		import_record(r->im, r->d);
	return r->im->failed ? -1 : 0;
}

static void ccadb_problem(void *ctx, const char *place, const char *what)
{
	struct reading *r = ctx;

	import_problem(r->im, r->d, place, what);
}

static int ccadb_header(void *ctx, enum ccadb_report report, const bool has[CCADB_FIELDS])
{
	struct reading *r = ctx;

	(void)has;
	r->d->mozilla_roots = report == CCADB_MOZILLA_ROOTS;
	return 0;
}

static int read_ccadb(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };
	struct ccadb_handler h = { .ctx = &r, .header = ccadb_header, .record = ccadb_record, .problem = ccadb_problem,
		                   .at = &d->at };

	return ccadb_read(d->data, d->n, &h, err);
}

/* ---- certdata.txt ---- */

struct anchor_cert { /* a certificate object, kept until the trust objects are known */
	uint8_t sha256[32], issuer_sha256[32];
	struct slice serial;
	int64_t after[PURPOSE_COUNT];
};
struct trust_object {
	uint8_t issuer_sha256[32];
	uint8_t *serial;
	size_t serial_len;
	enum certdata_trust_level level[PURPOSE_COUNT];
	size_t line;
};
struct certdata_reading {
	struct reading r;
	VEC(struct anchor_cert) cert;
	VEC(struct trust_object) trust;
	struct arena arena;
};

static int certdata_cert(void *ctx, const struct certdata_cert *c)
{
	struct certdata_reading *cr = ctx;
	struct anchor_cert a = { .after = { c->server_distrust_after, c->email_distrust_after } };
	struct x509_cert cert;
	char place[48];

	snprintf(place, sizeof(place), "line %zu", c->line);
	int rc = import_certificate(cr->r.im, cr->r.d, c->der.p, c->der.n, place, &cert, a.sha256);
	if (rc <= 0)
		return rc;
	sha256_of(cert.issuer.p, cert.issuer.n, a.issuer_sha256);
	a.serial.p = arena_dup(&cr->arena, cert.serial.p, cert.serial.n);
	a.serial.n = cert.serial.n;
	vec_push(&cr->cert, a);
	return 0;
}

static int certdata_trust(void *ctx, const struct certdata_trust *t)
{
	struct certdata_reading *cr = ctx;
	struct trust_object o = { .level = { t->server, t->email }, .line = t->line, .serial_len = t->serial.n };

	sha256_of(t->issuer.p, t->issuer.n, o.issuer_sha256);
	o.serial = arena_dup(&cr->arena, t->serial.p, t->serial.n);
	vec_push(&cr->trust, o);
	if (t->server_distrust_after != DISTRUST_NEVER || t->email_distrust_after != DISTRUST_NEVER)
		import_line_problem(cr->r.im, cr->r.d, t->line,
		             "a distrust-after date in the trust object, where NSS does not read it: not applied");
	return cr->r.im->failed ? -1 : 0;
}

static void certdata_problem(void *ctx, size_t line, const char *what)
{
	struct certdata_reading *cr = ctx;

	import_line_problem(cr->r.im, cr->r.d, line, what);
}

static const struct anchor_cert *cert_of_trust(const struct certdata_reading *cr, const struct trust_object *t)
{
	for (size_t i = 0; i < cr->cert.n; i++) {
		const struct anchor_cert *c = &cr->cert.v[i];
		if (c->serial.n == t->serial_len && memcmp(c->issuer_sha256, t->issuer_sha256, 32) == 0 &&
		    (t->serial_len == 0 || memcmp(c->serial.p, t->serial, t->serial_len) == 0))
			return c;
	}
	return NULL;
}

static int store_trust(struct certdata_reading *cr, const struct trust_object *t)
{
	struct import *im = cr->r.im;
	struct document *d = cr->r.d;
	const struct anchor_cert *c = cert_of_trust(cr, t);

	for (int p = 0; p < PURPOSE_COUNT; p++) {
		if (t->level[p] == TRUST_NOT_TRUSTED) {
			if (db_add_distrust(im->db, d->snapshot, d->id, d->rules++, t->issuer_sha256,
			                    (struct db_blob){ t->serial, t->serial_len }, p, im->err) < 0)
				return -1;
		} else if (t->level[p] == TRUST_ANCHOR && c) {
			struct db_anchor a = { .sha256 = c->sha256, .purpose = p };
			if (c->after[p] != DISTRUST_NEVER)
				a.nb_hi = DB_INT(c->after[p]);
			if (db_add_anchor(im->db, d->snapshot, d->id, d->rules++, &a, im->err) < 0)
				return -1;
		} else if (t->level[p] == TRUST_ANCHOR) {
			import_line_problem(im, d, t->line, "trust in a certificate that is not in the file");
		}
	}
	return im->failed ? -1 : 0;
}

static int read_certdata(struct import *im, struct document *d, struct err *err)
{
	struct certdata_reading cr = { .r = { im, d } };
	struct certdata_handler h = { &cr, certdata_cert, certdata_trust, certdata_problem };
	int rc = db_store_snapshot(im->db, "mozilla", d->day, 0, DB_NULL, &d->snapshot, im->err);

	if (rc == 0)
		rc = certdata_read(d->data, d->n, &h, err);
	for (size_t i = 0; rc == 0 && i < cr.trust.n; i++)
		rc = store_trust(&cr, &cr.trust.v[i]);
	vec_release(&cr.cert);
	vec_release(&cr.trust);
	arena_release(&cr.arena);
	return rc;
}

/* ---- parts ---- */

/* "YYYY-MM-DD" or "YYYY-MM" at p: its length, 0 for neither. */
static size_t date_length(const char *p)
{
	static const char pattern[] = "dddd-dd-dd";
	size_t n = 0;

	while (pattern[n] && (pattern[n] == '-' ? p[n] == '-' : p[n] >= '0' && p[n] <= '9'))
		n++;
	if (n != 7 && n != 10)
		return 0;
	return p[n] >= '0' && p[n] <= '9' ? 0 : n;
}

void import_part_by_name(const struct import *im, struct document *d, char part[256])
{
	const char *name = path_base(d->origin);
	size_t n = 0;

	(void)im;
	while (*name && n < 255) {
		size_t date = strchr("._-", *name) ? date_length(name + 1) : 0;
		if (date) {
			name += 1 + date;
			continue;
		}
		/* "?" and "=" of a URL stand as "_" in a saved file's name */
		part[n++] = *name == '?' || *name == '=' ? '_' : *name;
		name++;
	}
	part[n] = '\0';
	char *dot = strrchr(part, '.');
	if (dot && dot != part && strlen(dot) <= 5)
		*dot = '\0';
}

void import_part_of_day(const struct import *im, struct document *d, char part[256])
{
	(void)im;
	date_format(part, d->day);
}

/* Certificates given by hand add up; a store's files are replaced together. */
static void part_by_hash(const struct import *im, struct document *d, char part[256])
{
	char day[DATE_BUF], hex[65];

	hex_encode(d->sha256, 32, hex);
	if (im->o->store) {
		snprintf(part, 256, "%.60s@%s/%s", im->o->store, date_format(day, d->day), hex);
	} else if (im->o->source && strcmp(im->o->source, "aia") == 0) {
		/* what an address leads to, whether or not another one leads there too */
		uint8_t hash[32];
		sha256_of(d->origin, strlen(d->origin), hash);
		hex_encode(hash, 8, hex);
		snprintf(part, 256, "%.200s %.16s", d->origin, hex);
	} else {
		snprintf(part, 256, "%s", hex);
	}
}

/* One at a time. */
static void part_of_kind(const struct import *im, struct document *d, char part[256])
{
	(void)im;
	snprintf(part, 256, "%s", d->kind->name);
}

/* One list at a time. */
static void part_ranks(const struct import *im, struct document *d, char part[256])
{
	(void)im;
	(void)d;
	snprintf(part, 256, "sites");
}

static void part_unknown(const struct import *im, struct document *d, char part[256])
{
	(void)im;
	snprintf(part, 256, "%.255s", d->origin);
}

static bool recognise_der(const char *data, size_t n)
{
	return x509_recognise((const uint8_t *)data, n);
}

/* A PEM text with certificates as well is read as such, its CRLs among them. */
static bool recognise_crl(const char *data, size_t n)
{
	static const char certificate[] = "CERTIFICATE-----";

	if (!crl_recognise((const uint8_t *)data, n))
		return false;
	return !pem_recognise(data, n) || !memmem(data, n, certificate, sizeof(certificate) - 1);
}

static bool recognise_crlset(const char *data, size_t n)
{
	return crlset_recognise((const uint8_t *)data, n);
}

static const struct import_kind kinds[] = {
	{ "certdata", certdata_recognise, import_part_of_day, read_certdata, false, true },
	{ "chrome-store", chromestore_recognise, import_part_chromestore, import_chromestore, false, true },
	{ "spki-list", spkilist_recognise, import_part_spkilist, import_spkilist, false, true },
	{ "crl", recognise_crl, import_part_crl, import_crl, true, false },
	{ "crlset", recognise_crlset, import_part_of_day, import_crlset, false, true },
	{ "log-list", log_list_recognise, import_part_loglist, import_loglist, true, false },
	{ "ct-entries", import_is_page, part_by_hash, import_page, false, false },
	{ "ct-head", import_is_head, part_by_hash, import_head, false, false },
	{ "ranks", ranks_recognise, part_ranks, import_ranks, true, false },
	{ "validations", telemetry_recognise, part_of_kind, import_validations, true, false },
	{ "validation-roots", telemetry_roots_recognise, part_of_kind, import_validation_roots, true, false },
	{ "crtsh", crtsh_recognise, import_part_crtsh, import_crtsh, true, false },
	{ "crtsh-days", crtsh_days_recognise, import_part_crtsh_days, import_crtsh_days, true, false },
	{ "counts", countscsv_recognise, import_part_figures, import_figures, false, false },
	{ "onecrl", onecrl_recognise, import_part_onecrl, import_onecrl, false, true },
	{ "ccadb-report", ccadb_recognise, import_part_by_name, read_ccadb, true, false },
	{ "pkcs7", pkcs7_recognise, part_by_hash, read_pkcs7, false, false },
	{ "der", recognise_der, part_by_hash, read_der, false, false },
	{ "pem", pem_recognise, part_by_hash, read_pem, false, false },
};
static const struct import_kind kind_unknown = { "unknown", NULL, part_unknown, NULL, false, false };

/* What a fetched source gives, and what is missing in a document that is something else: a changed format, or a page that
 * says sorry. */
static const struct {
	const char *source, *kinds[3], *lacks;
} given[] = {
	{ "ccadb", { "ccadb-report" }, "no CCADB report: no known column in its header row" },
	{ "mozilla", { "certdata" }, "no certdata.txt: no line BEGINDATA" },
	{ "chrome", { "chrome-store", "pem" }, "no Chrome root store: neither a field 'trust_anchors' with 'sha256_hex' nor certificates in PEM" },
	{ "onecrl", { "onecrl" }, "no OneCRL: no list 'data' of records with 'issuerName' or 'pubKeyHash'" },
	{ "crlset", { "crlset" }, "no CRLSet: neither a file 'crl-set' in a CRX nor a header of ContentType CRLSet" },
	{ "tranco", { "ranks" }, "no list of ranks: its lines are not 'rank,domain'" },
	{ "telemetry", { "validations", "validation-roots" },
		"no telemetry of Firefox: neither counts of cert_validation_success_by_ca nor a table of roots" },
	{ "crl", { "crl" }, "no CRL, neither DER nor PEM" },
	{ "aia", { "der", "pem", "pkcs7" }, "no certificate: neither DER nor PEM nor PKCS #7" },
};

/* NULL, or what the document lacks to be one of its source. */
static const char *lacks(const char *source, const struct document *d)
{
	for (size_t i = 0; source && i < sizeof(given) / sizeof(*given); i++) {
		if (strcmp(given[i].source, source) != 0)
			continue;
		for (size_t k = 0; k < 3 && given[i].kinds[k]; k++)
			if (strcmp(given[i].kinds[k], d->kind->name) == 0)
				return NULL;
		return given[i].lacks;
	}
	return NULL;
}

/* ---- one file ---- */

static const struct import_kind *recognise(const struct document *d)
{
	for (size_t i = 0; d->mapped && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].read == import_crl) /* nothing else is mapped, and others look at every byte */
			return &kinds[i];
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].recognise(d->data, d->n))
			return &kinds[i];
	return &kind_unknown;
}

/* Its SHA-256, in pieces that a mapped one need not hold. */
static void sum_document(struct document *d)
{
	EVP_MD_CTX *sum = EVP_MD_CTX_new();
	const size_t most = (size_t)1 << 20;

	EVP_DigestInit_ex(sum, EVP_sha256(), NULL);
	for (size_t at = 0, some; at < d->n; at += some) {
		const uint8_t *p = (const uint8_t *)d->data + at;
		some = d->n - at < most ? d->n - at : most;
		EVP_DigestUpdate(sum, p, some);
		if (d->mapped)
			path_map_passed(p, p + some);
	}
	EVP_DigestFinal_ex(sum, d->sha256, NULL);
	EVP_MD_CTX_free(sum);
}

/* A list with millions of entries is not taken into memory. True: data is mapped, and is one. */
static bool map_crl(const char *path, const uint8_t **data, size_t *n)
{
	if (size_of_file(path) < MAPPED_LEAST || path_map(path, DOCUMENT_MAX, data, n, NULL) < 0)
		return false;
	if (crl_is_der(*data, *n))
		return true;
	path_unmap(*data, *n);
	return false;
}

static void pass_mapped(void *ctx, const uint8_t *from, const uint8_t *upto)
{
	(void)ctx;
	path_map_passed(from, upto);
}

int index_check_document(const char *source, const char *path, struct err *err)
{
	struct document d = { .path = path };
	const uint8_t *mapped;
	uint8_t *data;

	if (zips_is_zip(path)) /* its inside is seen when it is read */
		return 0;
	if (map_crl(path, &mapped, &d.n)) {
		d.kind = &(struct import_kind){ .name = "crl" };
		const char *missing = lacks(source, &d);
		int rc = missing ? err_set(err, ERR_INPUT, "%s", missing)
				 : crl_read(mapped, d.n, &(struct crl_handler){ .passed = pass_mapped }, err);
		path_unmap(mapped, d.n);
		return rc;
	}
	if (path_read(path, DOCUMENT_MAX, &data, &d.n, err) < 0)
		return -1;
	d.data = (const char *)data;
	d.kind = recognise(&d);
	const char *missing = lacks(source, &d);
	int rc = missing ? err_set(err, ERR_INPUT, "%s", missing) : document_check(d.kind->name, d.data, d.n, err);
	free(data);
	return rc;
}

/* Date of the contents: in the file's name, else --source-date, else when it was written. */
static int32_t day_of_file(const struct import_options *o, const char *path)
{
	int32_t day;

	if (date_in_name(path_base(path), &day) == 0)
		return day;
	if (o->has_day)
		return o->day;
	int64_t t = path_mtime(path);
	return t < 0 ? date_today() : date_of_time(t);
}

void import_refuse(struct import *im, const char *why)
{
	im->ret->refused = true;
	if (im->ret->first_refusal.kind == ERR_NONE)
		err_set(&im->ret->first_refusal, ERR_INPUT, "%s", why);
	else
		strbuf_addf(&im->notes, "%s\n", why);
}

/* Was this part given by another file of this call already? */
static bool given_twice(struct import *im, const struct document *d, const char *part)
{
	struct strbuf key = STRBUF_INIT;
	bool is_new;

	strbuf_addf(&key, "%s %s", d->kind->name, part);
	map_at(&im->parts, key.buf, key.len, &is_new);
	strbuf_release(&key);
	return !is_new;
}

static int unused(struct import *im, const struct document *d, const char *why)
{
	strbuf_addf(&im->notes, "%s: %s, not used\n", d->path, why);
	im->ret->skipped++;
	return 1;
}

/* What somebody imported and a source gives as well is read once more, as that source's: it says for how long it holds. */
static int is_taken_over(struct import *im, const struct document *d, const char *part, bool *ret)
{
	*ret = false;
	if (!im->o->source || strcmp(im->o->source, "import") == 0)
		return 0;
	return db_file_imported(im->db, d->sha256, d->kind->name, part, ret, im->err);
}

/* 1: it is. */
static int is_known(struct import *im, const struct document *d, const char *part, bool named)
{
	bool known;

	if (db_file_known(im->db, d->sha256, d->kind->name, part, &known, im->err) < 0)
		return -1;
	/* what was named is refused anew, for its caller to see */
	if (!known && !named && db_file_known(im->db, d->sha256, "refused", d->origin, &known, im->err) < 0)
		return -1;
	im->ret->unchanged += known;
	return known;
}

/* 1: there is nothing to do. */
static int already_there(struct import *im, const struct document *d, char part[256], bool named)
{
	enum crl_place place = CRL_IN_TURN;
	bool twice, found, taken_over;
	int64_t held;

	if (is_taken_over(im, d, part, &taken_over) < 0)
		return -1;
	twice = given_twice(im, d, part);
	if (taken_over)
		return 0;
	int known = is_known(im, d, part, named);
	if (known || db_file_time(im->db, d->kind->name, part, &found, &held, im->err) < 0)
		return known ? known : -1;
	if (!found)
		return 0;
	if (d->kind->read == import_crl && import_crl_place(im, d, part, &place) < 0)
		return -1;
	if (place == CRL_BESIDE)
		return already_there(im, d, part, named);
	if (place == CRL_FORGED)
		return unused(im, d, "not signed by the key of the verified one that is indexed");
	if (place == CRL_FIRST)
		return 0;
	/* two files that contradict each other must not replace one another at each import */
	if (twice && held == d->time)
		return unused(im, d, "the same report of the same day as another file of this import");
	return d->kind->dated && held > d->time ? unused(im, d, "older than the indexed one") : 0;
}

/* A document refused as a whole leaves what an earlier one of its part gave; that it was refused is kept. */
static int keep_refusal(struct import *im, struct document *d, const struct db_file *read, const char *why)
{
	struct db_file f = *read;
	char part[256];

	snprintf(part, sizeof(part), "%.255s", d->origin);
	f.kind = "refused";
	f.part = part;
	d->problems = 0;
	if (db_replace_file(im->db, &f, &d->id, im->err) < 0)
		return -1;
	import_problem(im, d, "", why);
	im->ret->problems++;
	im->ret->skipped++;
	return im->failed ? -1 : db_finish_file(im->db, d->id, 0, d->problems, im->err);
}

/* Of a year that has just begun there may be no certificate yet; only where one was before, or is asked for by name, is a
 * report without any a broken one. */
static bool may_be_empty(const struct import *im, const struct db_before *before, const char *part)
{
	return im->o->source && !before->file && strstr(part, "NotBefore");
}

/* 1: the document is refused, *why says so. */
static int read_kind(struct import *im, struct document *d, bool empty_is_fine, struct err *why)
{
	const char *missing = lacks(im->o->source, d);

	if (missing)
		err_set(why, ERR_INPUT, "%s", missing);
	else if (!d->kind->read)
		err_set(why, ERR_INPUT, "no known kind of file");
	else if (im->o->store && d->kind->read != read_pem && d->kind->read != read_der && d->kind->read != read_pkcs7)
		err_set(why, ERR_INPUT, "no PEM or DER certificates, so nothing for a store");
	else if (d->kind->read(im, d, why) < 0 && (why->kind == ERR_NONE || im->failed))
		return -1;
	else if (why->kind == ERR_NONE && d->kind->dated && !d->records && d->kind->read == read_ccadb && !empty_is_fine)
		err_set(why, ERR_INPUT, "a report without a single row");
	else if (why->kind == ERR_NONE && d->problems && !d->records)
		err_set(why, ERR_INPUT, "%s%s", d->first_problem, d->problems > 1 ? ", and more" : "");
	return why->kind != ERR_NONE;
}

static int keep_change(struct import *im, const struct document *d, const struct db_before *before, const char *part)
{
	struct db_file_change c;

	if (db_compare_file(im->db, d->id, before, &c, im->err) < 0)
		return -1;
	im->ret->added += (uint64_t)c.added;
	im->ret->altered += (uint64_t)c.changed;
	im->ret->dropped += (uint64_t)c.gone;
	return d->kind->read == read_ccadb ? db_end_past(im->db, before, d->id, part, d->day, im->err) : 0;
}

static int read_document(struct import *im, struct document *d, const char *part, bool named)
{
	struct err why = { 0 };
	struct db_file f = {
		.source = im->o->source ? im->o->source : "import",
		.kind = d->kind->name,
		.part = part,
		.origin = d->origin,
		.sha256 = d->sha256,
		.source_day = d->day,
		.source_time = d->time,
		.derived = strstr(path_base(d->origin), ".derived.") != NULL,
		.fetched_at = time_now(),
		.bytes = (int64_t)d->n,
	};

	struct db_before before;
	bool by_day = d->kind->by_day && !strchr(part, '+'); /* what adds to a list comes after nothing */

	if (db_savepoint(im->db, im->err) < 0 ||
	    db_set_aside(im->db, f.kind, part, by_day, f.source_time, &before, im->err) < 0 ||
	    db_replace_file(im->db, &f, &d->id, im->err) < 0)
		return -1;
	int refused = read_kind(im, d, may_be_empty(im, &before, part), &why);
	if (refused < 0)
		return -1;
	if (refused) {
		if (db_undo(im->db, im->err) < 0)
			return -1;
		if (named) {
			err_context(&why, "'%s'", d->path);
			import_refuse(im, why.msg);
			return 0;
		}
		im->changed = true;
		return keep_refusal(im, d, &f, why.msg);
	}
	im->changed = true;
	im->ret->files++;
	im->ret->records += (uint64_t)d->records;
	im->ret->problems += (uint64_t)d->problems;
	if (db_finish_file(im->db, d->id, d->records, d->problems, im->err) < 0 || keep_change(im, d, &before, part) < 0)
		return -1;
	/* not to be undone any more, or SQLite would keep in memory what goes */
	if (db_keep(im->db, im->err) < 0 || db_drop_aside(im->db, &before, part, im->err) < 0)
		return -1;
	return d->kind->read == import_crl ? import_crl_has_come(im, d, part) : 0;
}

/* What is read together with others of its folder. */
static bool is_put_off(struct import *im, const struct document *d, const char *path, bool named)
{
	bool head = d->kind->read == import_head;

	if (im->reading_answers || im->o->store || (!head && d->kind->read != import_page))
		return false;
	vec_push(&im->answer, (struct saved_answer){ xstrdup(path), named, head });
	return true;
}

/* file: that holds the bytes, whose time is theirs. */
static int import_document(struct import *im, struct document *d, const char *file, bool named)
{
	struct strbuf origin = STRBUF_INIT;
	char part[256];

	const char *from = im->from ? im->from : d->path;
	text_clean(&origin, from, strlen(from));
	d->origin = origin.buf;
	sum_document(d);
	d->kind = recognise(d);
	d->day = im->o->store ? im->store_day : day_of_file(im->o, file);
	d->time = date_start(d->day);
	d->kind->part(im, d, part);
	int rc = is_put_off(im, d, d->path, named) ? 1 : already_there(im, d, part, named);
	if (rc == 0)
		rc = read_document(im, d, part, named);
	strbuf_release(&origin);
	d->at = d->n;
	show_progress(im, d);
	im->through += im->file_size ? 0 : d->n;
	return rc < 0 ? -1 : 0;
}

int import_bytes(struct import *im, const char *path, const char *file, const char *data, size_t n, bool named)
{
	return import_document(im, &(struct document){ .path = path, .data = data, .n = n }, file, named);
}

int import_file(struct import *im, const char *path, bool named)
{
	struct err why = { 0 };
	const uint8_t *mapped;
	uint8_t *data;
	size_t n;

	if (map_crl(path, &mapped, &n)) {
		int rc = import_document(im, &(struct document){ .path = path, .data = (const char *)mapped, .n = n, .mapped = true },
		                         path, named);
		path_unmap(mapped, n);
		return rc;
	}
	if (path_read(path, DOCUMENT_MAX, &data, &n, &why) < 0) {
		import_refuse(im, why.msg);
		return 0;
	}
	int rc = import_bytes(im, path, path, (const char *)data, n, named);
	free(data);
	return rc;
}

static int import_walked(void *ctx, const char *path, struct err *err)
{
	(void)err;
	if (import_is_of_log(ctx, path))
		return 0;
	int rc = import_zipped_list(ctx, path, false);
	if (rc || import_is_archive(ctx, path, NULL, 0))
		return rc < 0 ? -1 : 0;
	return import_file(ctx, path, false);
}

/* One of the n that were named. */
static int import_path(struct import *im, const char *path, char *const *paths, size_t n, struct err *err)
{
	struct err why = { 0 };

	if (!path_is_dir(path)) {
		int rc = import_zipped_list(im, path, true);
		return rc ? (rc < 0 ? -1 : 0) : import_is_archive(im, path, paths, n) ? 0 : import_file(im, path, true);
	}
	if (path_walk(path, import_walked, im, &why) == 0)
		return 0;
	if (why.kind == ERR_INPUT && !im->failed) { /* a folder that cannot be read; the others were */
		import_refuse(im, why.msg);
		return 0;
	}
	if (err && err->kind == ERR_NONE)
		*err = why;
	return -1;
}

struct stale {
	struct import *im;
	char prefix[96];
	VEC(char *) part, kind;
};

static int note_stale(void *ctx, const struct db_file *f)
{
	struct stale *s = ctx;

	struct strbuf key = STRBUF_INIT;

	strbuf_addf(&key, "%s %s", f->kind, f->part);
	if (strncmp(f->part, s->prefix, strlen(s->prefix)) == 0 && !map_get(&s->im->parts, key.buf, key.len)) {
		vec_push(&s->part, xstrdup(f->part));
		vec_push(&s->kind, xstrdup(f->kind));
	}
	strbuf_release(&key);
	return 0;
}

/* A store is replaced as a whole: files that an earlier import gave it for this day, and this one did not, go. */
static int drop_stale_store(struct import *im)
{
	struct stale s = { .im = im };
	char day[DATE_BUF];

	snprintf(s.prefix, sizeof(s.prefix), "%.60s@%s/", im->o->store, date_format(day, im->store_day));
	int rc = db_each_file(im->db, note_stale, &s, im->err);
	for (size_t i = 0; i < s.part.n; i++) {
		if (rc == 0)
			rc = db_drop_file(im->db, s.kind.v[i], s.part.v[i], im->err);
		im->changed = true;
		free(s.part.v[i]);
		free(s.kind.v[i]);
	}
	vec_release(&s.part);
	vec_release(&s.kind);
	return rc;
}

static int finish(struct import *im)
{
	struct link_result linked = { 0 };
	int64_t after[4];

	if (im->o->store && drop_stale_store(im) < 0)
		return -1;
	if (!im->changed)
		return 0;
	if (db_drop_unseen(im->db, &im->ret->gone, im->err) < 0 || (im->new_ranks && sites_compare(im->db, im->err) < 0) ||
	    link_certificates(im->db, im->o->quiet, &linked, im->err) < 0)
		return -1;
	im->ret->ca_certs = linked.ca_certs;
	im->ret->leaves = linked.leaves;
	if (db_class_counts(im->db, after, im->err) < 0)
		return -1;
	if (after[DB_CLASS_CA] > im->before[DB_CLASS_CA])
		im->ret->ca_certs_new = (uint64_t)(after[DB_CLASS_CA] - im->before[DB_CLASS_CA]);
	if (after[DB_CLASS_LEAF] > im->before[DB_CLASS_LEAF])
		im->ret->leaves_new = (uint64_t)(after[DB_CLASS_LEAF] - im->before[DB_CLASS_LEAF]);
	im->ret->leaves = (uint64_t)after[DB_CLASS_LEAF];
	im->ret->edges_checked = linked.signatures;
	if (linked.capped)
		strbuf_addf(&im->notes, "%llu certificates name an issuer with very many keys; not all were tried\n",
		            (unsigned long long)linked.capped);
	return 0;
}

static int sum_source(struct import *im)
{
	struct db_source_sum sum;

	if (db_source_sum(im->db, im->o->source, &sum, im->err) < 0)
		return -1;
	im->ret->held = (uint64_t)sum.records;
	im->ret->held_problems = (uint64_t)sum.problems;
	im->ret->held_day = sum.files ? sum.newest_day : INT32_MIN;
	return 0;
}

static int check_store_name(const char *store, struct err *err)
{
	static const char *const programs[] = { "mozilla", "chrome", "apple", "microsoft" };

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (strcmp(store, programs[i]) == 0)
			return err_set(err, ERR_USAGE, "'%s' is a root program's store and cannot be given to --store", store);
	/* "all" stands for every program, and a comma between several */
	if (!*store || strlen(store) > 60 || !text_is_clean(store, strlen(store)) || strchr(store, ',') || strcmp(store, "all") == 0)
		return err_set(err, ERR_USAGE, "'%s' cannot name a store", store);
	return 0;
}

int index_import(const char *db_path, char *const *paths, size_t n, const struct import_options *o,
                 struct import_result *ret, struct err *err)
{
	struct import im = { .o = o, .ret = ret, .err = err, .notes = STRBUF_INIT };
	int rc = 0;

	memset(ret, 0, sizeof(*ret));
	if (o->store && check_store_name(o->store, err) < 0)
		return -1;
	if (db_open(db_path, DB_WRITE, &im.db, err) < 0)
		return -1;
	if (o->store && n)
		im.store_day = day_of_file(o, paths[0]);
	rc = db_begin(im.db, err);
	if (rc == 0)
		rc = db_class_counts(im.db, im.before, err);
	progress_start(&im.progress, PROGRESS_READ, "reading files", size_of_files(paths, n), o->quiet);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		im.from = o->from ? o->from[i] : NULL;
		im.file_size = size_of_file(paths[i]);
		rc = import_path(&im, paths[i], paths, n, err);
		im.through += im.file_size;
	}
	im.from = NULL;
	im.file_size = 0;
	if (rc == 0)
		rc = import_answers(&im, paths, n);
	if (rc == 0)
		rc = import_log_folders(&im, paths, n);
	progress_end(&im.progress);
	if (rc == 0)
		rc = finish(&im);
	if (rc == 0 && o->source)
		rc = sum_source(&im);
	if (rc == 0)
		rc = db_commit(im.db, err);
	else
		db_rollback(im.db);
	db_close(im.db);
	map_release(&im.parts);
	ret->notes = strbuf_detach(&im.notes);
	return rc;
}
