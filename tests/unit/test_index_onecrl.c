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

#define NAME "\"MAA=\"" /* an empty Name */
#define HASH "\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\""
#define BY_SERIAL "\"issuerName\":" NAME ",\"serialNumber\":\"AP8=\""
#define BY_KEY "\"subject\":" NAME ",\"pubKeyHash\":" HASH

struct heard {
	size_t records, disabled, by_key, problems;
	struct strbuf text, what;
	int r;
	struct err err;
};

static int hear_record(void *ctx, const struct onecrl_record *r)
{
	struct heard *h = ctx;

	h->records++;
	h->disabled += !r->enabled;
	h->by_key += r->form == ONECRL_SUBJECT_KEY;
	strbuf_addf(&h->text, "%zu:", r->number);
	if (r->form == ONECRL_SUBJECT_KEY) {
		strbuf_addstr(&h->text, " key ");
		strbuf_addhex(&h->text, r->spki_sha256, 2);
	} else {
		strbuf_addstr(&h->text, " serial ");
		strbuf_addhex(&h->text, r->serial.p, r->serial.n);
	}
	strbuf_addf(&h->text, "%s at %lld '%s' '%s' '%s'\n", r->enabled ? "" : " disabled", (long long)r->last_modified,
		r->id, r->bug, r->why);
	assert_true(r->form == ONECRL_SUBJECT_KEY ? r->subject.n && !r->issuer.n : r->issuer.n && !r->subject.n);
	return 0;
}

static void hear_problem(void *ctx, size_t number, const char *what)
{
	struct heard *h = ctx;

	h->problems++;
	strbuf_addf(&h->what, "%zu: %s\n", number, what);
}

static struct heard hear_bytes(const char *text, size_t n)
{
	struct heard h = { .text = STRBUF_INIT, .what = STRBUF_INIT };

	h.r = onecrl_read(text, n, &(struct onecrl_handler){ &h, hear_record, hear_problem }, &h.err);
	return h;
}

static void forget(struct heard *h)
{
	strbuf_release(&h->text);
	strbuf_release(&h->what);
}

static void says(const char *text, const char *records, const char *problems)
{
	struct heard h = hear_bytes(text, strlen(text));

	assert_string_equal(h.err.msg, "");
	assert_string_equal(h.what.buf, problems);
	assert_string_equal(h.text.buf, records);
	forget(&h);
}

static void records_of_both_forms_are_read(void **state)
{
	(void)state;
	says("{\"data\":[{" BY_SERIAL ",\"enabled\":false,\"last_modified\":1793208925525,\"id\":\"i\","
	     "\"details\":{\"bug\":\"https://b.example/1\",\"why\":\"lost \\u202e\",\"created\":\"\"}},"
	     "{" BY_KEY ",\"enabled\":true},{" BY_SERIAL ",\"subject\":\"\",\"pubKeyHash\":null}],\"timestamp\":1}",
		"1: serial 00ff disabled at 1793208925 'i' 'https://b.example/1' 'lost \xEF\xBF\xBD'\n"
		"2: key 0101 at 0 '' '' ''\n3: serial 00ff at 0 '' '' ''\n",
		"");
	says("{\"changes\":[{" BY_KEY "}]}", "1: key 0101 at 0 '' '' ''\n", "");
	says("{\"data\":[]}", "", "");
}

static void deviations_are_told_and_the_others_go_on(void **state)
{
	(void)state;
	says("{\"data\":[7,{},{\"issuerName\":" NAME "},{\"issuerName\":\"A!\",\"serialNumber\":\"AQ==\"},"
	     "{\"issuerName\":\"AQID\",\"serialNumber\":1},{\"subject\":" NAME ",\"pubKeyHash\":\"AQID\"},"
	     "{" BY_SERIAL ",\"enabled\":\"no\",\"last_modified\":\"x\",\"details\":[]},"
	     "{\"issuerName\":\" \",\"serialNumber\":\"AQ==\"},{" BY_SERIAL "}]}",
		"7: serial 00ff at 0 '' '' ''\n9: serial 00ff at 0 '' '' ''\n",
		"1: the record is no object\n2: the record names no certificate\n3: the record names no certificate\n"
		"4: issuerName is no base64\n4: the record names no certificate\n"
		"5: issuerName is no Name\n5: serialNumber is no string\n5: the record names no certificate\n"
		"6: pubKeyHash is no SHA-256\n6: the record names no certificate\n"
		"7: enabled is neither true nor false\n7: last_modified is no number\n7: details is no object\n"
		"8: issuerName is blank\n8: the record names no certificate\n");
}

static void a_record_of_both_forms_is_read_as_firefox_does(void **state)
{
	(void)state;
	says("{\"data\":[{" BY_SERIAL "," BY_KEY "},{\"issuerName\":" NAME "," BY_KEY "},"
	     "{\"issuerName\":\"!\",\"serialNumber\":\"AQ==\"," BY_KEY "}]}",
		"1: serial 00ff at 0 '' '' ''\n2: key 0101 at 0 '' '' ''\n",
		"1: the record has parts of both forms\n2: the record has parts of both forms\n"
		"3: issuerName is no base64\n3: the record has parts of both forms\n"
		"3: the record names no certificate\n");
}

static void what_is_no_list_is_refused(void **state)
{
	static const char *const bad[] = { "", "{", "[]", "7", "{\"data\":7}", "{\"data\":[{]}", "{\"records\":[]}" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct heard h = hear_bytes(bad[i], strlen(bad[i]));

		assert_int_equal(h.r, -1);
		assert_int_equal(h.err.kind, ERR_INPUT);
		assert_false(onecrl_recognise(bad[i], strlen(bad[i])));
		forget(&h);
	}
	assert_true(onecrl_recognise(" \n{\"data\":[{\"pubKeyHash\"", 25));
	assert_false(onecrl_recognise("[\"data\",\"issuerName\"]", 21));
}

/* What is written is what is read; names of any kind stay in their quotes and in ASCII. */
static void what_is_written_is_read_back(void **state)
{
	static const uint8_t name[] = { 0x30, 0x00 }, serial[] = { 0x00, 0xff };
	struct onecrl_record by_serial = { .form = ONECRL_ISSUER_SERIAL,
		.issuer = { name, 2 },
		.serial = { serial, 2 },
		.enabled = true,
		.why = "revoke" };
	struct onecrl_record by_key = { .form = ONECRL_SUBJECT_KEY, .subject = { name, 2 }, .why = "block" };
	struct strbuf b = STRBUF_INIT;
	int32_t day = 7, found = 0;

	(void)state;
	memset(by_key.spki_sha256, 1, sizeof(by_key.spki_sha256));
	onecrl_write_begin(&b, &day);
	onecrl_write_record(&b, &by_serial, "R\xC3\xADz \"}]\\");
	onecrl_write_record(&b, &by_key, "");
	onecrl_write_end(&b);
	assert_true(onecrl_recognise(b.buf, b.len));
	says(b.buf, "1: serial 00ff at 0 '' '' 'revoke'\n2: key 0101 disabled at 0 '' '' 'block'\n", "");
	assert_true(onecrl_adds_to(b.buf, b.len, &found));
	assert_int_equal(found, 7);
	for (size_t i = 0; i < b.len; i++)
		assert_true((unsigned char)b.buf[i] < 0x7f);
	strbuf_reset(&b);
	onecrl_write_begin(&b, NULL);
	onecrl_write_end(&b);
	says(b.buf, "", "");
	assert_false(onecrl_adds_to(b.buf, b.len, &found));
	strbuf_release(&b);
}

static void what_it_adds_to_is_a_date_or_nothing(void **state)
{
	static const char *const none[] = { "{\"data\":[],\"adds_to\":7}", "{\"data\":[],\"adds_to\":\"2026-02-30\"}",
		"{\"data\":[{\"adds_to\":\"2026-02-03\"}]}", "[\"adds_to\"]", "{\"adds_to\"" };
	int32_t day;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(onecrl_adds_to(none[i], strlen(none[i]), &day));
}

static int stop_at_once(void *ctx, const struct onecrl_record *r)
{
	(void)r;
	++*(size_t *)ctx;
	return -1;
}

static void a_callback_can_stop(void **state)
{
	static const char text[] = "{\"data\":[{" BY_SERIAL "},{" BY_SERIAL "}]}";
	struct err err = { 0 };
	size_t calls = 0;

	(void)state;
	assert_int_equal(onecrl_read(text, strlen(text),
				 &(struct onecrl_handler){ .ctx = &calls, .record = stop_at_once }, &err),
		-1);
	assert_int_equal(calls, 1);
}

static void damaged_files_are_survived(void **state)
{
	static const char text[] =
		"{\"data\":[{" BY_SERIAL ",\"details\":{\"bug\":\"b\"}},{" BY_KEY ",\"enabled\":true}]}";

	(void)state;
	survive_damage((const uint8_t *)text, sizeof(text) - 1, 20000, survive_onecrl);
}

static void the_real_list_is_read(void **state)
{
	char *path = real_data("onecrl/onecrl.json");
	struct err err = { 0 };
	uint8_t *data;
	size_t n;
	struct heard h;

	(void)state;
	if (skipped_without(path))
		return;
	if (path_read(path, SIZE_MAX / 2, &data, &n, &err) < 0)
		fail_msg("%s", err.msg);
	assert_true(onecrl_recognise((const char *)data, n));
	h = hear_bytes((const char *)data, n);
	if (h.r < 0 || h.problems)
		fail_msg("%s: %s %s", path, h.err.msg, h.what.buf);
	assert_int_equal(h.records, 1918);
	assert_int_equal(h.disabled, 656);
	assert_int_equal(h.by_key, 9);
	forget(&h);
	free(data);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_both_forms_are_read),
		cmocka_unit_test(deviations_are_told_and_the_others_go_on),
		cmocka_unit_test(a_record_of_both_forms_is_read_as_firefox_does),
		cmocka_unit_test(what_is_no_list_is_refused),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(what_it_adds_to_is_a_date_or_nothing),
		cmocka_unit_test(a_callback_can_stop),
		cmocka_unit_test(damaged_files_are_survived),
		cmocka_unit_test(the_real_list_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
