#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/evp.h>

#include "tests/unit/real_data.h"
#include "tests/unit/survive.h"

/* ---- listening ---- */

struct heard {
	enum ccadb_report report;
	bool has[CCADB_FIELDS];
	size_t records, with_der, mismatches, problems;
	size_t rows[8], lines[8];
	char *fields[8][CCADB_FIELDS];
	bool has_sha256[8];
	char place[8][64], what[8][256];
	int r;
	struct err err;
};

static int hear_header(void *ctx, enum ccadb_report report, const bool has[CCADB_FIELDS])
{
	struct heard *h = ctx;

	h->report = report;
	memcpy(h->has, has, sizeof(h->has));
	return 0;
}

static int hear_record(void *ctx, const struct ccadb_record *rec)
{
	struct heard *h = ctx;

	if (h->records < 8) {
		h->rows[h->records] = rec->row;
		h->lines[h->records] = rec->line;
		h->has_sha256[h->records] = rec->has_sha256;
		for (int f = 0; f < CCADB_FIELDS; f++)
			h->fields[h->records][f] = rec->field[f] ? xstrdup(rec->field[f]) : NULL;
	}
	h->with_der += rec->der != NULL;
	h->mismatches += rec->mismatch;
	h->records++;
	return 0;
}

static void hear_problem(void *ctx, const char *place, const char *what)
{
	struct heard *h = ctx;

	if (h->problems < 8) {
		snprintf(h->place[h->problems], sizeof(h->place[0]), "%s", place);
		snprintf(h->what[h->problems], sizeof(h->what[0]), "%s", what);
	}
	h->problems++;
}

static struct heard *hear_bytes(const char *csv, size_t n)
{
	struct heard *h = xcalloc(1, sizeof(*h));

	h->r = ccadb_read(csv, n, &(struct ccadb_handler){ h, hear_header, hear_record, hear_problem, NULL }, &h->err);
	return h;
}

static struct heard *hear(const char *csv)
{
	return hear_bytes(csv, strlen(csv));
}

static void forget(struct heard *h)
{
	for (size_t i = 0; i < 8; i++) {
		for (int f = 0; f < CCADB_FIELDS; f++)
			free(h->fields[i][f]);
	}
	free(h);
}

#define FP "2930BD09A07126BDC17288D4F2AD84645EC948607907A97B5ED0B0B05879EF69"
#define RECORDS "CA Owner,SHA-256 Fingerprint,Certificate Record Type,Certificate Name,Revocation Status"

/* Any bytes do for a certificate here: {"MAA=", "30 00"}. */
#define PEM "-----BEGIN CERTIFICATE-----\r\nMAA=\r\n-----END CERTIFICATE-----"

static void pem_row(struct strbuf *out, const char *pem)
{
	uint8_t sha256[32];
	unsigned int n;

	EVP_Digest("\x30\x00", 2, sha256, &n, EVP_sha256(), NULL);
	strbuf_addhex(out, sha256, sizeof(sha256));
	strbuf_addf(out, ",\"%s\"\n", pem);
}

/* ---- tests ---- */

static void columns_are_found_by_name_in_any_order(void **state)
{
	struct heard *h = hear("\xEF\xBB\xBF\"Revocation Status\",\"New Column\",\"SHA-256 Fingerprint\","
			       "\"Certificate Name\",\"Certificate Record Type\",\"CA Owner\"\n"
			       "\"Not Revoked\",\"?\",\"" FP "\",\"N \"\"1\"\"\",\"Root Certificate\",\"A, B\nC\"\n"
			       "\"\",\"?\",\"" FP "\",\"\",\"\",\"last\"");

	(void)state;
	assert_int_equal(h->r, 0);
	assert_int_equal(h->report, CCADB_RECORDS);
	assert_int_equal(h->problems, 0);
	assert_int_equal(h->records, 2);
	assert_string_equal(h->fields[0][CCADB_CA_OWNER], "A, B\nC");
	assert_string_equal(h->fields[0][CCADB_NAME], "N \"1\"");
	assert_string_equal(h->fields[1][CCADB_REVOCATION_STATUS], "");
	assert_null(h->fields[0][CCADB_SKI]);
	assert_false(h->has[CCADB_SKI]);
	assert_true(h->has_sha256[0]);
	assert_int_equal(h->rows[0], 2);
	assert_int_equal(h->lines[0], 2);
	assert_int_equal(h->rows[1], 3);
	assert_int_equal(h->lines[1], 4);
	forget(h);
}

static void older_names_of_columns_are_known(void **state)
{
	struct heard *h = hear("\"Owner\",\"Common Name or Certificate Name\",\"SHA-256 Fingerprint\","
			       "\"Valid From [GMT]\",\"Trust Bits\",\"Distrust for TLS After Date\"\n"
			       "\"A\",\"N\",\"" FP "\",\"2014 Jul 23\",\"Websites;Email\",\"2024.11.30\"\n");

	(void)state;
	assert_int_equal(h->r, 0);
	assert_int_equal(h->report, CCADB_MOZILLA_ROOTS);
	assert_string_equal(h->fields[0][CCADB_CA_OWNER], "A");
	assert_string_equal(h->fields[0][CCADB_NAME], "N");
	assert_string_equal(h->fields[0][CCADB_VALID_FROM], "2014 Jul 23");
	assert_string_equal(h->fields[0][CCADB_DISTRUST_TLS_AFTER], "2024.11.30");
	forget(h);
}

static void a_missing_column_is_named(void **state)
{
	static const struct {
		const char *csv, *column;
	} cases[] = {
		{ "CA Owner,Certificate Record Type,Certificate Name,Revocation Status\na,b,c,d\n",
			"SHA-256 Fingerprint" },
		{ "SHA-256 Fingerprint,Certificate Record Type,Certificate Name,Revocation Status\n", "CA Owner" },
		{ "SHA-256 Fingerprint,CA Owner,Certificate Record Type,Certificate Name\n", "Revocation Status" },
		{ "SHA-256 Fingerprint\n" FP "\n", "X.509 Certificate (PEM)" },
		{ "Subject,Issuer,PEM\n", "SHA-256 Fingerprint" },
		{ "CA Owner,Apple Status,Apple Trust Bits,Microsoft Status,SHA-256 Fingerprint\n",
			"Microsoft EKUs For DTBs" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct heard *h = hear(cases[i].csv);

		assert_true(ccadb_recognise(cases[i].csv, strlen(cases[i].csv)));
		assert_int_equal(h->r, -1);
		assert_int_equal(h->err.kind, ERR_INPUT);
		assert_non_null(strstr(h->err.msg, cases[i].column));
		assert_int_equal(h->records, 0);
		forget(h);
	}
}

static void what_is_no_report_is_not_recognised(void **state)
{
	static const char *const others[] = { "", "1,google.com\n2,facebook.com\n",
		"ca_id,name,subject,spki_sha256,owner\n", "a \"quote\" inside,b\n", "\"", "{\"data\":[]}",
		"-----BEGIN CERTIFICATE-----\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct heard *h = hear(others[i]);

		assert_false(ccadb_recognise(others[i], strlen(others[i])));
		assert_int_equal(h->r < 0 || !h->records, 1);
		forget(h);
	}
}

static void a_ragged_row_is_told_and_the_others_go_on(void **state)
{
	struct heard *h = hear(RECORDS "\na," FP ",b,c,d\na," FP ",b\na," FP ",b,c,d,e\n\na," FP ",b,c,d\n");

	(void)state;
	assert_int_equal(h->r, 0);
	assert_int_equal(h->records, 2);
	assert_int_equal(h->problems, 2);
	assert_string_equal(h->place[0], "row 3, line 3");
	assert_string_equal(h->what[0], "3 fields where the header has 5");
	assert_string_equal(h->place[1], "row 4, line 4");
	assert_int_equal(h->lines[1], 6);
	forget(h);
}

static void a_stray_quote_costs_one_row(void **state)
{
	struct heard *h = hear(RECORDS "\na," FP ",b,c,d\n\"a," FP ",b,c,d\n\"b\"," FP ",b,c,d\nc," FP
				       ",b,c,d\nx\"y," FP ",b,c,d\nd," FP ",b,c,d\n\"e," FP ",b,c,d\nf," FP ",b,c,d\n");

	(void)state;
	assert_int_equal(h->r, 0);
	assert_int_equal(h->problems, 3);
	assert_int_equal(h->records, 5);
	assert_string_equal(h->place[0], "row 3, line 3");
	assert_string_equal(h->fields[1][CCADB_CA_OWNER], "b");
	assert_string_equal(h->fields[3][CCADB_CA_OWNER], "d");
	assert_string_equal(h->fields[4][CCADB_CA_OWNER], "f");
	forget(h);
}

static void a_bad_fingerprint_is_told(void **state)
{
	struct heard *h =
		hear(RECORDS "\na,12\x1B"
			     "34,b,c,d\na," FP "00,b,c,d\na,,b,c,d\n"
			     "a,29:30:BD:09:A0:71:26:BD:C1:72:88:D4:F2:AD:84:64:5e:c9:48:60:79:07:a9:7b:5e:d0:"
			     "b0:b0:58:79:ef:69,b,c,d\n");

	(void)state;
	assert_int_equal(h->records, 4);
	assert_int_equal(h->problems, 3);
	assert_string_equal(h->what[0], "'12\xEF\xBF\xBD"
					"34' is no SHA-256 fingerprint");
	assert_false(h->has_sha256[0] || h->has_sha256[1] || h->has_sha256[2]);
	assert_true(h->has_sha256[3]);
	forget(h);
}

static void pem_columns_are_decoded_and_checked(void **state)
{
	struct strbuf csv = STRBUF_INIT;
	struct heard *h;

	(void)state;
	strbuf_addstr(&csv, "SHA-256 Fingerprint,X.509 Certificate (PEM)\n");
	pem_row(&csv, PEM);
	pem_row(&csv, "'" PEM "'");
	strbuf_addstr(&csv, FP ",\"" PEM "\"\n");
	pem_row(&csv, "");
	pem_row(&csv, "-----BEGIN CERTIFICATE-----\nM!A=\n-----END CERTIFICATE-----");
	strbuf_setlen(&csv, csv.len - 1);
	h = hear_bytes(csv.buf, csv.len);
	assert_int_equal(h->report, CCADB_PEMS);
	assert_int_equal(h->records, 5);
	assert_int_equal(h->with_der, 3);
	assert_int_equal(h->mismatches, 1);
	assert_int_equal(h->problems, 3);
	assert_string_equal(h->place[0], "row 4, line 8");
	assert_non_null(strstr(h->what[0], FP));
	assert_string_equal(h->place[1], "row 5, line 11");
	assert_string_equal(h->place[2], "row 6, line 12");
	strbuf_release(&csv);
	forget(h);
}

static void many_open_quotes_do_not_take_forever(void **state)
{
	struct strbuf csv = STRBUF_INIT;
	struct heard *h;

	(void)state;
	strbuf_addstr(&csv, RECORDS "\n");
	for (int i = 0; i < 20000; i++)
		strbuf_addstr(&csv, "\"\"\"\"\"a\"\"\"\n\",\"\n");
	strbuf_addstr(&csv, "\"");
	h = hear_bytes(csv.buf, csv.len);
	assert_true(h->problems > 0);
	strbuf_release(&csv);
	forget(h);
}

static int refuse_header(void *ctx, enum ccadb_report report, const bool has[CCADB_FIELDS])
{
	(void)report;
	(void)has;
	return err_set(ctx, ERR_INDEX, "stop");
}

static void a_handler_can_stop(void **state)
{
	static const char csv[] = RECORDS "\na," FP ",b,c,d\n";
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		ccadb_read(csv, sizeof(csv) - 1, &(struct ccadb_handler){ &err, refuse_header, NULL, NULL, NULL }, &err), -1);
	assert_string_equal(err.msg, "stop");
}

static void damage_ccadb(const uint8_t *p, size_t n)
{
	survive_ccadb(p, n);
}

static void damaged_reports_are_survived(void **state)
{
	struct strbuf csv = STRBUF_INIT;

	(void)state;
	strbuf_addstr(&csv, "\xEF\xBB\xBF\"SHA-256 Fingerprint\",\"PEM Info\",\"CA Owner\"\r\n");
	for (int i = 0; i < 3; i++)
		strbuf_addstr(&csv, FP ",\"'" PEM "'\",\"a \"\"b\"\"\"\r\n");
	survive_damage((const uint8_t *)csv.buf, csv.len, 3000, damage_ccadb);
	strbuf_release(&csv);
}

/* ---- real data ---- */

struct totals {
	size_t files, records, with_der, problems, of_report[CCADB_REPORTS];
};

static int read_report(void *ctx, const char *path, struct err *err)
{
	struct totals *t = ctx;
	uint8_t *data;
	size_t n;
	struct heard *h;

	if (path_read(path, SIZE_MAX / 2, &data, &n, err) < 0)
		return -1;
	assert_true(ccadb_recognise((const char *)data, n));
	h = hear_bytes((const char *)data, n);
	if (h->r < 0)
		fail_msg("%s: %s", path, h->err.msg);
	t->files++;
	t->records += h->records;
	t->with_der += h->with_der;
	t->problems += h->problems;
	t->of_report[h->report] += h->records;
	forget(h);
	free(data);
	return 0;
}

static void real_reports_are_read_without_a_problem(void **state)
{
	char *dir = real_data("ccadb");
	struct totals t = { 0 };
	struct err err = { 0 };

	(void)state;
	if (skipped_without(dir))
		return;
	if (path_walk(dir, read_report, &t, &err) < 0)
		fail_msg("%s", err.msg);
	printf("# %zu reports, %zu rows\n", t.files, t.records);
	assert_int_equal(t.problems, 0);
	assert_int_equal(t.of_report[CCADB_PEMS], 10229);
	assert_int_equal(t.of_report[CCADB_RECORDS], 3);
	assert_int_equal(t.of_report[CCADB_INCLUDED_ROOTS], 318);
	assert_int_equal(t.of_report[CCADB_MOZILLA_ROOTS], 165);
	assert_int_equal(t.of_report[CCADB_MOZILLA_INTERMEDIATES], 1268);
	assert_int_equal(t.with_der, 10229 + 1268);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_found_by_name_in_any_order),
		cmocka_unit_test(older_names_of_columns_are_known),
		cmocka_unit_test(a_missing_column_is_named),
		cmocka_unit_test(what_is_no_report_is_not_recognised),
		cmocka_unit_test(a_ragged_row_is_told_and_the_others_go_on),
		cmocka_unit_test(a_stray_quote_costs_one_row),
		cmocka_unit_test(a_bad_fingerprint_is_told),
		cmocka_unit_test(pem_columns_are_decoded_and_checked),
		cmocka_unit_test(many_open_quotes_do_not_take_forever),
		cmocka_unit_test(a_handler_can_stop),
		cmocka_unit_test(damaged_reports_are_survived),
		cmocka_unit_test(real_reports_are_read_without_a_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
