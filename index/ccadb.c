#include "index/ccadb.h"

#include <csv.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/vec.h"
#include "index/pem.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define ALIASES 5
#define NO_FIELD (-1)

const char *const ccadb_report_names[CCADB_REPORTS] = {
	[CCADB_RECORDS] = "records",
	[CCADB_PEMS] = "pems",
	[CCADB_INCLUDED_ROOTS] = "included-roots",
	[CCADB_MOZILLA_ROOTS] = "mozilla-roots",
	[CCADB_MOZILLA_INTERMEDIATES] = "mozilla-intermediates",
	[CCADB_INTERMEDIATES] = "intermediates",
};

/* Names of each column, newest first; where a report has two of them the earlier one here is read. */
static const char *const names[CCADB_FIELDS][ALIASES] = {
	[CCADB_CA_OWNER] = { "CA Owner", "Owner" },
	[CCADB_SUB_OWNER] = { "Subordinate CA Owner" },
	[CCADB_RECORD_ID] = { "Salesforce Record ID" },
	[CCADB_NAME] = { "Certificate Name", "Common Name or Certificate Name", "Certificate Subject Common Name" },
	[CCADB_PARENT_ID] = { "Parent Salesforce Record ID" },
	[CCADB_PARENT_NAME] = { "Parent Certificate Name", "Parent Name" },
	[CCADB_RECORD_TYPE] = { "Certificate Record Type" },
	[CCADB_APPLE_STATUS] = { "Apple Status" },
	[CCADB_CHROME_STATUS] = { "Chrome Status", "Google Chrome Status" },
	[CCADB_MICROSOFT_STATUS] = { "Microsoft Status" },
	[CCADB_MOZILLA_STATUS] = { "Mozilla Status" },
	[CCADB_STATUS_OF_ROOT] = { "Status of Root Cert" },
	[CCADB_REVOCATION_STATUS] = { "Revocation Status" },
	[CCADB_SHA256] = { "SHA-256 Fingerprint", "SHA256 Fingerprint", "SHA-256", "SHA256" },
	[CCADB_PARENT_SHA256] = { "Parent SHA-256 Fingerprint" },
	[CCADB_VALID_FROM] = { "Valid From (GMT)", "Valid From [GMT]", "Valid From" },
	[CCADB_VALID_TO] = { "Valid To (GMT)", "Valid To [GMT]", "Valid To" },
	[CCADB_AKI] = { "Authority Key Identifier" },
	[CCADB_SKI] = { "Subject Key Identifier" },
	[CCADB_TECHNICALLY_CONSTRAINED] = { "Technically Constrained" },
	[CCADB_TRUST_BITS] = { "Trust Bits for Root Cert", "Trust Bits" },
	[CCADB_APPLE_TRUST_BITS] = { "Apple Trust Bits" },
	[CCADB_MOZILLA_TRUST_BITS] = { "Mozilla Trust Bits" },
	[CCADB_MICROSOFT_EKUS] = { "Microsoft EKUs For DTBs", "Microsoft EKUs" },
	[CCADB_DISTRUST_TLS_AFTER] = { "Distrust for TLS After Date" },
	[CCADB_DISTRUST_EMAIL_AFTER] = { "Distrust for S/MIME After Date" },
	[CCADB_EV_OIDS] = { "EV OIDs for Root Cert", "EV Policy OID(s)" },
	[CCADB_DERIVED_TRUST_BITS] = { "Derived Trust Bits" },
	[CCADB_FULL_CRL_URLS] = { "JSON Array of All Full CRL URLs", "Full CRL Issued By This CA" },
	[CCADB_PARTITIONED_CRLS] = { "JSON Array of Partitioned CRLs" },
	[CCADB_COUNTRY] = { "Country", "Geographic Focus" },
	[CCADB_TLS_CAPABLE] = { "TLS Capable" },
	[CCADB_EMAIL_CAPABLE] = { "S/MIME Capable" },
	[CCADB_DATE_OF_REVOCATION] = { "Date of Revocation" },
	[CCADB_REASON_OF_REVOCATION] = { "RFC 5280 Revocation Reason Code", "Reason for Revocation" },
	[CCADB_SUBJECT] = { "Subject" },
	[CCADB_ISSUER] = { "Issuer" },
	[CCADB_SERIAL] = { "Certificate Serial Number" },
	[CCADB_PEM] = { "X.509 Certificate (PEM)", "X.509 Certificate [PEM]", "PEM Info", "PEM" },
};

#define BIT(field) (UINT64_C(1) << (field))
#define ONLY_PEM (BIT(CCADB_SHA256) | BIT(CCADB_PEM))

/* The first row that fits is the report: a header with any of `any` and none but `only`. */
static const struct kind {
	enum ccadb_report report;
	uint64_t any, only, needs;
} kinds[] = {
	{ CCADB_PEMS, ONLY_PEM, ONLY_PEM, ONLY_PEM },
	{ CCADB_RECORDS, BIT(CCADB_RECORD_ID) | BIT(CCADB_RECORD_TYPE) | BIT(CCADB_PARENT_ID), UINT64_MAX,
		BIT(CCADB_SHA256) | BIT(CCADB_CA_OWNER) | BIT(CCADB_NAME) | BIT(CCADB_RECORD_TYPE) |
			BIT(CCADB_REVOCATION_STATUS) },
	{ CCADB_INCLUDED_ROOTS,
		BIT(CCADB_APPLE_TRUST_BITS) | BIT(CCADB_MICROSOFT_EKUS) | BIT(CCADB_APPLE_STATUS) |
			BIT(CCADB_MICROSOFT_STATUS),
		UINT64_MAX,
		BIT(CCADB_SHA256) | BIT(CCADB_APPLE_STATUS) | BIT(CCADB_APPLE_TRUST_BITS) |
			BIT(CCADB_MICROSOFT_STATUS) | BIT(CCADB_MICROSOFT_EKUS) },
	{ CCADB_MOZILLA_ROOTS, BIT(CCADB_TRUST_BITS) | BIT(CCADB_DISTRUST_TLS_AFTER), UINT64_MAX,
		BIT(CCADB_SHA256) | BIT(CCADB_TRUST_BITS) },
	{ CCADB_MOZILLA_INTERMEDIATES, BIT(CCADB_SUBJECT) | BIT(CCADB_ISSUER), UINT64_MAX,
		BIT(CCADB_SHA256) | BIT(CCADB_PEM) },
	{ CCADB_INTERMEDIATES, UINT64_MAX, UINT64_MAX, BIT(CCADB_SHA256) },
};

struct reader {
	const struct ccadb_handler *h;
	struct err *err;
	struct csv_parser csv;
	struct strbuf text; /* the row's fields, each with its NUL */
	VEC(size_t) cell;   /* where each field begins in text */
	VEC(int) column;    /* enum ccadb_field or NO_FIELD */
	bool has[CCADB_FIELDS];
	enum ccadb_report report;
	size_t row, line, row_line;
	size_t left;           /* bytes that may still be read */
	const char *row_start; /* NULL between rows */
	bool header_only;      /* stop behind the header: somebody only asks what this is */
	bool have_header, done, failed;
	bool lost; /* after a broken row: what does not fit is its remains, and told already */
};

const char *ccadb_field_name(enum ccadb_field field)
{
	return names[field][0];
}

static void problem(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void problem(struct reader *r, const char *fmt, ...)
{
	struct strbuf clean = STRBUF_INIT;
	char place[64];
	va_list ap;

	if (!r->h || !r->h->problem)
		return;
	snprintf(place, sizeof(place), "row %zu, line %zu", r->row, r->row_line ? r->row_line : r->line);
	va_start(ap, fmt);
	text_clean_vf(&clean, fmt, ap);
	va_end(ap);
	r->h->problem(r->h->ctx, place, clean.buf);
	strbuf_release(&clean);
}

static void stop(struct reader *r, bool failed)
{
	r->done = true;
	r->failed = failed;
}

/* ---- the header ---- */

static int field_named(const char *name, int (*compare)(const char *, const char *), int *rank)
{
	for (int f = 0; f < CCADB_FIELDS; f++) {
		for (*rank = 0; *rank < ALIASES && names[f][*rank]; (*rank)++) {
			if (compare(name, names[f][*rank]) == 0)
				return f;
		}
	}
	return NO_FIELD;
}

static char *trimmed(char *s)
{
	s += strspn(s, " \t\r\n");
	for (size_t n = strlen(s); n && strchr(" \t\r\n", s[n - 1]);)
		s[--n] = '\0';
	return s;
}

static uint64_t map_columns(struct reader *r)
{
	int best[CCADB_FIELDS], at[CCADB_FIELDS], rank;
	uint64_t present = 0;

	for (size_t i = 0; i < r->cell.n; i++) {
		int field = field_named(trimmed(r->text.buf + r->cell.v[i]), strcasecmp, &rank);

		vec_push(&r->column, field);
		if (field == NO_FIELD)
			continue;
		if (r->has[field] && best[field] <= rank) {
			r->column.v[i] = NO_FIELD;
			continue;
		}
		if (r->has[field])
			r->column.v[at[field]] = NO_FIELD;
		r->has[field] = true;
		best[field] = rank;
		at[field] = (int)i;
		present |= BIT(field);
	}
	return present;
}

static const struct kind *kind_of(uint64_t present)
{
	for (size_t i = 0; i < LENGTH(kinds); i++) {
		if (present & kinds[i].any && !(present & ~kinds[i].only))
			return &kinds[i];
	}
	return NULL;
}

static void read_header(struct reader *r)
{
	uint64_t present = map_columns(r);
	const struct kind *kind = kind_of(present);

	r->have_header = true;
	if (!kind) {
		err_set(r->err, ERR_INPUT, "not a CCADB report: no known column in its header row");
		stop(r, true);
		return;
	}
	for (int f = 0; f < CCADB_FIELDS; f++) {
		if (kind->needs & ~present & BIT(f)) {
			err_set(r->err, ERR_INPUT, "CCADB report '%s' without the column '%s'",
				ccadb_report_names[kind->report], names[f][0]);
			stop(r, true);
			return;
		}
	}
	r->report = kind->report;
	if (r->h->header && r->h->header(r->h->ctx, r->report, r->has) < 0)
		stop(r, true);
}

/* ---- the rows ---- */

/* Upper- or lower-case hex, also with colons and blanks. */
static bool read_fingerprint(const char *s, uint8_t ret[32])
{
	char hex[64];
	size_t n = 0;

	for (; *s; s++) {
		if (*s == ':' || *s == ' ')
			continue;
		if (n == sizeof(hex))
			return false;
		hex[n++] = *s;
	}
	return n == sizeof(hex) && hex_decode(hex, n, ret) == 0;
}

/* The PEM of the row, on the heap; NULL without. */
static uint8_t *read_pem(struct reader *r, struct ccadb_record *rec)
{
	const char *pem = rec->field[CCADB_PEM];
	uint8_t *der, sha256[32];
	unsigned int n;

	if (!pem || (!*pem && r->report != CCADB_PEMS))
		return NULL;
	if (pem_first_certificate(pem, strlen(pem), &der, &rec->der_len) < 0) {
		problem(r, "no readable certificate in the column '%s'", names[CCADB_PEM][0]);
		return NULL;
	}
	rec->der = der;
	if (!rec->has_sha256 || !EVP_Digest(der, rec->der_len, sha256, &n, EVP_sha256(), NULL))
		return der;
	rec->mismatch = memcmp(sha256, rec->sha256, sizeof(sha256)) != 0;
	if (rec->mismatch)
		problem(r, "the fingerprint %s is not that of the PEM beside it", rec->field[CCADB_SHA256]);
	return der;
}

static void read_record(struct reader *r)
{
	struct ccadb_record rec = { .row = r->row, .line = r->row_line ? r->row_line : r->line };
	uint8_t *der;

	for (size_t i = 0; i < r->cell.n; i++) {
		if (r->column.v[i] != NO_FIELD)
			rec.field[r->column.v[i]] = r->text.buf + r->cell.v[i];
	}
	rec.has_sha256 = read_fingerprint(rec.field[CCADB_SHA256], rec.sha256);
	if (!rec.has_sha256)
		problem(r, "'%.100s' is no SHA-256 fingerprint", rec.field[CCADB_SHA256]);
	der = read_pem(r, &rec);
	if (r->h->record(r->h->ctx, &rec) < 0)
		stop(r, true);
	free(der);
}

static void read_row(struct reader *r)
{
	r->row++;
	if (!r->have_header) {
		if (r->header_only)
			r->have_header = true;
		else
			read_header(r);
	} else if (r->cell.n != r->column.n) {
		if (!r->lost)
			problem(r, "%zu fields where the header has %zu", r->cell.n, r->column.n);
	} else {
		r->lost = false;
		read_record(r);
	}
}

/* ---- the CSV ---- */

static void on_field(void *s, size_t n, void *ctx)
{
	struct reader *r = ctx;

	vec_push(&r->cell, r->text.len);
	strbuf_add(&r->text, s, n);
	strbuf_addch(&r->text, '\0');
}

static void forget_row(struct reader *r)
{
	r->cell.n = 0;
	strbuf_reset(&r->text);
	r->row_line = 0;
	r->row_start = NULL;
}

static void on_row(int terminator, void *ctx)
{
	struct reader *r = ctx;

	(void)terminator;
	if (r->done)
		return;
	read_row(r);
	if (r->header_only)
		r->done = true;
	else
		forget_row(r);
}

static void open_csv(struct reader *r)
{
	csv_init(&r->csv, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_realloc_func(&r->csv, xrealloc);
	csv_set_free_func(&r->csv, free);
}

/* A stray quote would swallow the rows behind it: tell it once and read on behind the line where its row began. */
static const char *recover(struct reader *r, const char *from, const char *end)
{
	const char *start = r->row_start ? r->row_start : from, *nl;

	r->row++;
	if (!r->have_header) {
		err_set(r->err, ERR_INPUT, "not a CCADB report: its header row is no CSV");
		stop(r, true);
	} else {
		problem(r, "not CSV: a quote in the wrong place");
	}
	r->lost = true;
	nl = memchr(start, '\n', (size_t)(end - start));
	if (r->row_line)
		r->line = r->row_line;
	forget_row(r);
	csv_free(&r->csv);
	open_csv(r);
	r->line++;
	return nl ? nl + 1 : end;
}

/* Line by line, because the parser does not tell where it is. Returns where to go on. */
static const char *feed_line(struct reader *r, const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));
	size_t n = (size_t)((nl ? nl + 1 : end) - p);

	if (!r->row_start && *p != '\n' && *p != '\r') {
		r->row_start = p;
		r->row_line = r->line;
	}
	r->left -= n < r->left ? n : r->left;
	if (csv_parse(&r->csv, p, n, on_field, on_row, r) != n)
		return recover(r, p, end);
	r->line++;
	return p + n;
}

/* Rows that swallow others are read again at most this often; then the rest of the file is given up. */
#define READINGS 4

static void feed(struct reader *r, const char *data, size_t n)
{
	const char *p = data, *end = data + n;

	if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
		p += 3;
	r->line = 1;
	r->left = n * READINGS;
	while (!r->done) {
		while (p < end && r->left && !r->done) {
			if (r->h && r->h->at)
				*r->h->at = (size_t)(p - data);
			p = feed_line(r, p, end);
		}
		if (r->done || !r->left || csv_fini(&r->csv, on_field, on_row, r) == 0)
			break;
		p = recover(r, end, end);
	}
	if (!r->left && p < end)
		problem(r, "too many stray quotes: the rest was not read");
}

static void reader_release(struct reader *r)
{
	csv_free(&r->csv);
	strbuf_release(&r->text);
	vec_release(&r->cell);
	vec_release(&r->column);
}

int ccadb_read(const char *data, size_t n, const struct ccadb_handler *h, struct err *err)
{
	struct reader r = { .h = h, .err = err, .text = STRBUF_INIT };

	open_csv(&r);
	feed(&r, data, n);
	if (!r.failed && !r.have_header) {
		err_set(err, ERR_INPUT, "not a CCADB report: empty");
		r.failed = true;
	}
	reader_release(&r);
	return r.failed ? -1 : 0;
}

/* A header row with more bytes than this is none of CCADB's. */
#define HEADER_MAX 65536

bool ccadb_recognise(const char *data, size_t n)
{
	struct reader r = { .text = STRBUF_INIT, .header_only = true };
	size_t known = 0;
	int rank;

	open_csv(&r);
	feed(&r, data, n < HEADER_MAX ? n : HEADER_MAX);
	for (size_t i = 0; i < r.cell.n; i++) {
		/* In exact case here: "subject" and "owner" are columns of others' tables, too. */
		int field = field_named(trimmed(r.text.buf + r.cell.v[i]), strcmp, &rank);

		known += field != NO_FIELD;
		known += rank == 0 && (field == CCADB_SHA256 || field == CCADB_PEM);
	}
	reader_release(&r);
	return known >= 2;
}
