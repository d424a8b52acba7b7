#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/real_data.h"
#include "tests/unit/survive.h"

#define FOUR "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ="
#define FIVE "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU="
#define METRIC "\"metric\":\"cert_validation_success_by_ca\""

struct heard {
	struct strbuf text, what;
	uint64_t total, bins;
	int r;
	struct err err;
};

static int hear_bin(void *ctx, uint32_t bin, uint64_t validations)
{
	struct heard *h = ctx;

	h->bins++;
	h->total += validations;
	strbuf_addf(&h->text, "%u:%llu ", bin, (unsigned long long)validations);
	return 0;
}

static int hear_root(void *ctx, uint32_t bin, const uint8_t sha256[32])
{
	struct heard *h = ctx;

	h->bins++;
	strbuf_addf(&h->text, "%u:", bin);
	strbuf_addhex(&h->text, sha256, 2);
	strbuf_addch(&h->text, ' ');
	return 0;
}

static void hear_problem(void *ctx, const char *place, const char *what)
{
	struct heard *h = ctx;

	strbuf_addf(&h->what, "%s: %s\n", place, what);
}

static struct heard hear(const char *text, size_t n, bool roots)
{
	struct heard h = { .text = STRBUF_INIT, .what = STRBUF_INIT };
	const struct telemetry_handler to = { &h, hear_bin, hear_root, hear_problem };

	h.r = (roots ? telemetry_roots_read : telemetry_read)(text, n, &to, &h.err);
	return h;
}

static void expect(const char *text, bool roots, const char *wanted, const char *problems)
{
	struct heard h = hear(text, strlen(text), roots);

	assert_int_equal(h.r, 0);
	assert_string_equal(h.text.buf, wanted);
	assert_string_equal(h.what.buf, problems);
	strbuf_release(&h.text);
	strbuf_release(&h.what);
}

static void refuse(const char *text, bool roots, const char *why)
{
	struct heard h = hear(text, strlen(text), roots);

	assert_int_equal(h.r, -1);
	assert_int_equal(h.err.kind, ERR_INPUT);
	assert_string_equal(h.err.msg, why);
	assert_string_equal(h.text.buf, "");
	strbuf_release(&h.text);
	strbuf_release(&h.what);
}

static void counts_of_versions_are_summed(void **state)
{
	(void)state;
	expect("{\"data\":[{\"version\":1,\"os\":\"*\"," METRIC ",\"non_norm_histogram\":[{\"bin\":0,\"value\":7},{\"bin\":4,\"value\":100},"
	       "{\"bin\":9,\"value\":0}]},{\"version\":2," METRIC ",\"histogram\":[{\"bin\":4,\"value\":0.5}],"
	       "\"non_norm_histogram\":[{\"bin\":4,\"value\":11}]}]}",
	       false, "0:7 4:111 9:0 ", "");
}

static void what_may_be_counted_twice_is_not_used(void **state)
{
	(void)state;
	expect("{\"data\":[{\"version\":1,\"os\":\"Fictional\"," METRIC ",\"non_norm_histogram\":[{\"bin\":4,\"value\":1}]},"
	       "{\"version\":1," METRIC ",\"non_norm_histogram\":[{\"bin\":4,\"value\":2}]},"
	       "{\"version\":1," METRIC ",\"non_norm_histogram\":[{\"bin\":4,\"value\":4}]}]}",
	       false, "4:2 ", "entry 1: counts of one os, not used: they may be in others\nentry 3: version 1 once more, not used\n");
}

static void other_metrics_are_refused(void **state)
{
	(void)state;
	refuse("{\"data\":[{\"version\":1,\"metric\":\"cert_validation_success_by_ca_2\",\"non_norm_histogram\":[{\"bin\":4,\"value\":1}]}]}",
	       false, "telemetry: entry 1: the metric is 'cert_validation_success_by_ca_2', whose numbers of roots are not known");
	refuse("{\"data\":[]}", false, "telemetry: no entry with counts over all users");
	refuse("{\"data\":7}", false, "telemetry: no list of entries under \"data\"");
}

static void bad_counts_are_told(void **state)
{
	(void)state;
	expect("{\"data\":[{\"version\":1," METRIC ",\"non_norm_histogram\":[{\"bin\":-1,\"value\":1},{\"bin\":4,\"value\":-1},"
	       "{\"bin\":5,\"value\":0.5},{\"bin\":70000,\"value\":1},{\"bin\":6,\"value\":3}]}]}",
	       false, "6:3 ",
	       "entry 1: item 1 of non_norm_histogram is no number with a count\n"
	       "entry 1: item 2 of non_norm_histogram is no number with a count\n"
	       "entry 1: item 3 of non_norm_histogram is no number with a count\n"
	       "entry 1: item 4 of non_norm_histogram is no number with a count\n");
}

static void the_first_four_numbers_are_no_roots(void **state)
{
	(void)state;
	expect("// a licence\n// of two lines\n{\"roots\":[{\"binNumber\":3,\"sha256Fingerprint\":\"" FIVE "\"},"
	       "{\"binNumber\":4,\"sha256Fingerprint\":\"" FOUR "\"}]}",
	       true, "4:0404 ", "root 1: number 3 stands for what ends in no root of Firefox's: not used\n");
}

static void a_number_names_one_root(void **state)
{
	(void)state;
	expect("{\"roots\":[{\"binNumber\":4,\"sha256Fingerprint\":\"" FOUR "\"},{\"binNumber\":4,\"sha256Fingerprint\":\"" FIVE "\"},"
	       "{\"binNumber\":5,\"sha256Fingerprint\":\"" FOUR "\"},{\"binNumber\":6,\"sha256Fingerprint\":\"AAAA\"}]}",
	       true, "4:0404 ",
	       "root 2: number 4 or its fingerprint once more, not used\nroot 3: number 5 or its fingerprint once more, not used\n"
	       "root 4: no number with a SHA-256 fingerprint\n");
	refuse("{\"roots\":{}}", true, "table of roots: no list under \"roots\"");
}

static bool hear_file(const char *name, bool roots, struct heard *ret)
{
	uint8_t *data;
	size_t n;
	char *path = real_data(name);

	if (skipped_without(path))
		return false;
	assert_int_equal(path_read(path, (size_t)1 << 24, &data, &n, NULL), 0);
	assert_true((roots ? telemetry_roots_recognise : telemetry_recognise)((char *)data, n));
	assert_false((roots ? telemetry_recognise : telemetry_roots_recognise)((char *)data, n));
	*ret = hear((char *)data, n, roots);
	free(data);
	free(path);
	return true;
}

/* Of three versions; 154 numbers of roots, of which the first three are others' too. */
static void the_real_files_are_read(void **state)
{
	struct heard h;

	(void)state;
	if (!hear_file("telemetry/cert.validation_success_by_ca.json", false, &h))
		return;
	assert_int_equal(h.r, 0);
	assert_string_equal(h.what.buf, "");
	assert_true(h.total == UINT64_C(546099200209));
	assert_non_null(strstr(h.text.buf, " 89:74103820854 "));
	strbuf_release(&h.text);
	strbuf_release(&h.what);
	if (!hear_file("telemetry/KnownRootHashes.json", true, &h))
		return;
	assert_int_equal(h.r, 0);
	assert_int_equal(h.bins, 151);
	strbuf_release(&h.text);
	strbuf_release(&h.what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_of_versions_are_summed),
		cmocka_unit_test(what_may_be_counted_twice_is_not_used),
		cmocka_unit_test(other_metrics_are_refused),
		cmocka_unit_test(bad_counts_are_told),
		cmocka_unit_test(the_first_four_numbers_are_no_roots),
		cmocka_unit_test(a_number_names_one_root),
		cmocka_unit_test(the_real_files_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
