#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/date.h"
#include "tests/unit/real_data.h"
#include "tests/unit/survive.h"

/* ---- listening ---- */

struct heard {
	size_t certs, trusts, problems;
	struct certdata_cert cert[4];
	struct certdata_trust trust[4];
	char labels[4][64];
	size_t problem_lines[8];
	char what[8][128];
	size_t levels[2][4], dated_certs, dated_trusts;
	int r;
	struct err err;
};

static int hear_cert(void *ctx, const struct certdata_cert *c)
{
	struct heard *h = ctx;

	if (h->certs < 4) {
		h->cert[h->certs] = *c;
		snprintf(h->labels[h->certs], sizeof(h->labels[0]), "%s", c->label);
	}
	h->dated_certs += c->server_distrust_after != DISTRUST_NEVER;
	h->certs++;
	return 0;
}

static int hear_trust(void *ctx, const struct certdata_trust *t)
{
	struct heard *h = ctx;

	if (h->trusts < 4)
		h->trust[h->trusts] = *t;
	h->levels[0][t->server]++;
	h->levels[1][t->email]++;
	h->dated_trusts += t->server_distrust_after != DISTRUST_NEVER;
	h->trusts++;
	return 0;
}

static void hear_problem(void *ctx, size_t line, const char *what)
{
	struct heard *h = ctx;

	if (h->problems < 8) {
		h->problem_lines[h->problems] = line;
		snprintf(h->what[h->problems], sizeof(h->what[0]), "%s", what);
	}
	h->problems++;
}

static struct heard hear_bytes(const char *text, size_t n)
{
	struct heard h = { 0 };

	h.r = certdata_read(text, n, &(struct certdata_handler){ &h, hear_cert, hear_trust, hear_problem }, &h.err);
	return h;
}

static struct heard hear(const char *text)
{
	return hear_bytes(text, strlen(text));
}

#define CERT "CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n"
#define TRUST "CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST\n"
#define VALUE "CKA_VALUE MULTILINE_OCTAL\n\\060\\000\nEND\n"
#define WHOSE                                                                                                          \
	"CKA_ISSUER MULTILINE_OCTAL\n\\060\\000\nEND\n"                                                                \
	"CKA_SERIAL_NUMBER MULTILINE_OCTAL\n\\002\\002\\000\n\\377\nEND\n"

static void certificates_are_read(void **state)
{
	struct heard h = hear(
		"# comment\nCKA_CLASS ignored\nBEGINDATA\n\n" CERT
		"CKA_LABEL UTF8 \"Ra\\xC3\\xADz \\\"1\\\"\"\r\n" VALUE "CKA_NSS_MOZILLA_CA_POLICY CK_BBOOL CK_TRUE\n"
		"# For Server Distrust After: Sat Nov 30 23:59:59 2024\n"
		"CKA_NSS_SERVER_DISTRUST_AFTER MULTILINE_OCTAL\n"
		"\\062\\064\\061\\061\\063\\060\\062\\063\\065\\071\\065\\071\\132\nEND\n"
		"CKA_NSS_EMAIL_DISTRUST_AFTER CK_BBOOL CK_FALSE\n" CERT VALUE
		"CKA_NSS_EMAIL_DISTRUST_AFTER MULTILINE_OCTAL\n"
		"\\062\\060\\065\\060\\060\\061\\060\\061\\060\\060\\060\\060\\060\\060\\132\nEND");

	(void)state;
	assert_int_equal(h.r, 0);
	assert_int_equal(h.problems, 0);
	assert_int_equal(h.certs, 2);
	assert_string_equal(h.labels[0], "Ra\xC3\xADz \"1\"");
	assert_int_equal(h.cert[0].line, 5);
	assert_int_equal(h.cert[0].der.n, 2);
	assert_true(h.cert[0].mozilla_policy && !h.cert[1].mozilla_policy);
	assert_int_equal(h.cert[0].server_distrust_after, 1733011199);
	assert_true(h.cert[0].email_distrust_after == DISTRUST_NEVER);
	assert_true(h.cert[1].server_distrust_after == DISTRUST_NEVER);
	assert_int_equal(h.cert[1].email_distrust_after, 2524608000);
}

static void trust_is_read_with_old_and_new_names(void **state)
{
	struct heard h = hear(
		"BEGINDATA\n" CERT VALUE TRUST WHOSE "CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_TRUSTED_DELEGATOR\n"
		"CKA_TRUST_EMAIL_PROTECTION CK_TRUST CKT_NSS_MUST_VERIFY_TRUST\n"
		"CKA_CLASS CK_OBJECT_CLASS CKO_TRUST\n" WHOSE "CKA_TRUST_SERVER_AUTH CK_TRUST CKT_TRUST_ANCHOR\n"
		"CKA_TRUST_EMAIL_PROTECTION CK_TRUST CKT_NOT_TRUSTED\n" TRUST "CKA_CERT_SHA1_HASH MULTILINE_OCTAL\n"
		"\\001\\002\\003\\004\\005\\006\\007\\010\\011\\012\n"
		"\\013\\014\\015\\016\\017\\020\\021\\022\\023\\024\nEND\n"
		"CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_NOT_TRUSTED\n"
		"CKA_TRUST_EMAIL_PROTECTION CK_TRUST CKT_NSS_TRUST_UNKNOWN\n");

	(void)state;
	assert_int_equal(h.problems, 0);
	assert_int_equal(h.trusts, 3);
	assert_int_equal(h.trust[0].server, TRUST_ANCHOR);
	assert_int_equal(h.trust[0].email, TRUST_MUST_VERIFY);
	assert_int_equal(h.trust[0].issuer.n, 2);
	assert_int_equal(h.trust[0].serial.n, 2); /* the INTEGER's content octets */
	assert_int_equal(h.trust[1].server, TRUST_ANCHOR);
	assert_int_equal(h.trust[1].email, TRUST_NOT_TRUSTED);
	assert_false(h.trust[1].has_sha1);
	assert_int_equal(h.trust[2].server, TRUST_NOT_TRUSTED);
	assert_int_equal(h.trust[2].email, TRUST_UNKNOWN);
	assert_true(h.trust[2].has_sha1);
	assert_int_equal(h.trust[2].sha1[19], 20);
}

/* Serial numbers of every form of length; a label's quotes, escapes and bytes outside ASCII. */
static void trust_that_is_written_is_read_back(void **state)
{
	static const size_t lengths[] = { 1, 127, 128, 255, 256, 300, 65535, 65536 };
	static const uint8_t name[] = { 0x30, 0x00 };
	static uint8_t octets[65536];

	(void)state;
	memset(octets, 0x5a, sizeof(octets));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct certdata_trust t = { .issuer = { name, 2 },
			.serial = { octets, lengths[i] },
			.label = "Ra\xC3\xADz \"1\\",
			.has_sha1 = true,
			.sha1 = { 1, 2, 3 },
			.server = i % 2 ? TRUST_NOT_TRUSTED : TRUST_ANCHOR,
			.email = i % 2 ? TRUST_UNKNOWN : TRUST_MUST_VERIFY };
		struct strbuf b = STRBUF_INIT;
		struct heard h;

		certdata_write_head(&b);
		certdata_write_trust(&b, &t);
		strbuf_addstr(&b, CERT VALUE);
		assert_true(certdata_recognise(b.buf, b.len));
		assert_non_null(strstr(b.buf, "\nCKA_LABEL UTF8 \"Ra\\xC3\\xADz \\\"1\\\\\"\n"));
		h = hear(b.buf);
		assert_int_equal(h.r, 0);
		assert_int_equal(h.problems, 0);
		assert_int_equal(h.trusts, 1);
		assert_int_equal(h.trust[0].serial.n, lengths[i]);
		assert_int_equal(h.trust[0].issuer.n, 2);
		assert_true(h.trust[0].has_sha1 && h.trust[0].sha1[2] == 3);
		assert_int_equal(h.trust[0].server, t.server);
		assert_int_equal(h.trust[0].email, t.email);
		strbuf_release(&b);
	}
}

static void broken_objects_are_told_and_the_others_go_on(void **state)
{
	struct heard h = hear("BEGINDATA\n"
		/* 2 */ CERT "CKA_LABEL UTF8 \"a\"\nCKA_VALUE MULTILINE_OCTAL\n\\060\\0\nEND\n"
		/* 7 */ CERT "CKA_VALUE MULTILINE_OCTAL\n\\060\\000\nCKA_ID UTF8 \"0\"\n"
		/* 11 */ CERT VALUE
			/* 15 */ TRUST WHOSE "CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_PERHAPS\n"
		/* 24 */ TRUST "junk\n");

	(void)state;
	assert_int_equal(h.r, 0);
	assert_int_equal(h.certs, 1);
	assert_int_equal(h.cert[0].line, 11);
	assert_int_equal(h.trusts, 1);
	assert_int_equal(h.trust[0].server, TRUST_UNKNOWN);
	assert_int_equal(h.problems, 7);
	assert_int_equal(h.problem_lines[0], 5);
	assert_string_equal(h.what[0], "broken octal in CKA_VALUE");
	assert_int_equal(h.problem_lines[1], 2);
	assert_string_equal(h.what[1], "certificate 'a' without a readable CKA_VALUE");
	assert_int_equal(h.problem_lines[2], 8);
	assert_string_equal(h.what[2], "no END behind CKA_VALUE");
	assert_int_equal(h.problem_lines[3], 7);
	assert_int_equal(h.problem_lines[4], 23);
	assert_string_equal(h.what[4], "unknown trust 'CKT_NSS_PERHAPS'");
	assert_int_equal(h.problem_lines[5], 25);
	assert_int_equal(h.problem_lines[6], 24);
}

static void what_is_no_certdata_is_refused(void **state)
{
	static const char *const bad[] = { "", "\n\n", CERT VALUE, "BEGINDATA\n", "BEGINDATA\n" TRUST WHOSE,
		"BEGINDATA\n" CERT, "# BEGINDATA\n" CERT VALUE };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct heard h = hear(bad[i]);

		assert_int_equal(h.r, -1);
		assert_int_equal(h.err.kind, ERR_INPUT);
	}
	assert_true(certdata_recognise(CERT, strlen(CERT)));
	assert_false(certdata_recognise("BEGINDATA", 9));
}

static void a_bad_distrust_time_is_told(void **state)
{
	struct heard h = hear("BEGINDATA\n" CERT VALUE "CKA_NSS_SERVER_DISTRUST_AFTER MULTILINE_OCTAL\n\\132\nEND\n"
			      "CKA_NSS_EMAIL_DISTRUST_AFTER CK_BBOOL CK_TRUE\n");

	(void)state;
	assert_int_equal(h.certs, 1);
	assert_int_equal(h.problems, 2);
	assert_true(h.cert[0].server_distrust_after == DISTRUST_NEVER);
}

static void damage_certdata(const uint8_t *p, size_t n)
{
	survive_certdata(p, n);
}

static void damaged_files_are_survived(void **state)
{
	static const char text[] = "BEGINDATA\n" CERT "CKA_LABEL UTF8 \"a\\xC3\\xAD\"\n" VALUE
				   "CKA_NSS_SERVER_DISTRUST_AFTER MULTILINE_OCTAL\n\\062\\064\nEND\n" TRUST WHOSE
				   "CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_NOT_TRUSTED\n";

	(void)state;
	survive_damage((const uint8_t *)text, sizeof(text) - 1, 5000, damage_certdata);
}

/* ---- real data ---- */

static struct heard hear_file(const char *path)
{
	struct err err = { 0 };
	uint8_t *data;
	size_t n;
	struct heard h;

	if (path_read(path, SIZE_MAX / 2, &data, &n, &err) < 0)
		fail_msg("%s", err.msg);
	assert_true(certdata_recognise((const char *)data, n));
	h = hear_bytes((const char *)data, n);
	if (h.r < 0 || h.problems)
		fail_msg("%s: %s %s", path, h.err.msg, h.what[0]);
	free(data);
	return h;
}

static void the_newest_real_file_is_read(void **state)
{
	char *path = real_data("mozilla/certdata.txt");
	struct heard h;

	(void)state;
	if (skipped_without(path))
		return;
	h = hear_file(path);
	assert_int_equal(h.certs, 167);
	assert_int_equal(h.trusts, 167);
	assert_int_equal(h.levels[0][TRUST_ANCHOR], 121);
	assert_int_equal(h.levels[1][TRUST_ANCHOR], 90);
	assert_int_equal(h.dated_certs, 5);
	assert_int_equal(h.dated_trusts, 1); /* Izenpe's stands on the wrong object */
	free(path);
}

static int read_history(void *ctx, const char *path, struct err *err)
{
	struct heard h = hear_file(path);
	size_t *files = ctx;

	(void)err;
	assert_in_range(h.levels[0][TRUST_ANCHOR], 127, 155);
	(*files)++;
	return 0;
}

static void real_files_of_ten_years_are_read(void **state)
{
	char *dir = real_data("mozilla-history");
	struct err err = { 0 };
	size_t files = 0;

	(void)state;
	if (skipped_without(dir))
		return;
	if (path_walk(dir, read_history, &files, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(files, 10);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_are_read),
		cmocka_unit_test(trust_is_read_with_old_and_new_names),
		cmocka_unit_test(trust_that_is_written_is_read_back),
		cmocka_unit_test(broken_objects_are_told_and_the_others_go_on),
		cmocka_unit_test(what_is_no_certdata_is_refused),
		cmocka_unit_test(a_bad_distrust_time_is_told),
		cmocka_unit_test(damaged_files_are_survived),
		cmocka_unit_test(the_newest_real_file_is_read),
		cmocka_unit_test(real_files_of_ten_years_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
