#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "tests/unit/real_data.h"
#include "tests/unit/survive.h"

#define ONES "1111111111111111111111111111111111111111111111111111111111111111"
#define HASH "sha256_hex: \"" ONES "\"\n"

/* ---- listening: what an anchor says, as one line ---- */

struct heard {
	int64_t version;
	size_t anchors, additional, tls, sets, problems;
	struct strbuf text; /* of all anchors */
	struct strbuf what; /* "LINE: PROBLEM\n" */
	uint8_t first_hash[32];
	uint32_t major;
	struct box box[8];
	size_t boxes;
	bool unevaluated;
	int r;
	struct err err;
};

static void say(struct strbuf *b, const char *name, const char *value)
{
	if (value)
		strbuf_addf(b, " %s(%s)", name, value);
}

static void say_limit(struct strbuf *b, const char *name, const struct chromestore_limit *l)
{
	if (l->set)
		strbuf_addf(b, " %s=%lld", name, (long long)l->sec);
}

static void say_set(struct strbuf *b, const struct chromestore_set *s)
{
	strbuf_addstr(b, " {");
	say_limit(b, "sct<=", &s->sct_not_after);
	say_limit(b, "sct>", &s->sct_all_after);
	say_limit(b, "nb<=", &s->starts_not_after);
	say_limit(b, "nb>", &s->starts_after);
	say(b, "min", s->min_version);
	say(b, "max", s->max_version);
	say(b, "dns", s->dns_names);
	say(b, "unevaluated", s->unevaluated);
	strbuf_addstr(b, " }");
}

static int hear_anchor(void *ctx, const struct chromestore_anchor *a)
{
	struct heard *h = ctx;

	if (!h->anchors++)
		memcpy(h->first_hash, a->sha256, sizeof(h->first_hash));
	h->additional += a->additional;
	h->tls += chromestore_is_tls_anchor(a);
	h->sets += a->n_sets;
	strbuf_addf(&h->text, "%zu:%s%s%s%s%s", a->line, a->additional ? " additional" : "", a->eutl ? " eutl" : "",
		a->tls_trust_anchor ? " tls" : "", a->enforce_anchor_expiry ? " expiry" : "",
		a->enforce_anchor_constraints ? " constraints" : "");
	say(&h->text, "name", a->name);
	say(&h->text, "ev", a->ev_policies);
	say(&h->text, "unevaluated", a->unevaluated);
	for (size_t i = 0; i < a->n_sets; i++)
		say_set(&h->text, &a->sets[i]);
	strbuf_addch(&h->text, '\n');
	if (a->n_sets < 8)
		h->boxes = chromestore_boxes(a, h->major, h->box, &h->unevaluated);
	return 0;
}

static void hear_version(void *ctx, int64_t version)
{
	((struct heard *)ctx)->version = version;
}

static void hear_problem(void *ctx, size_t line, const char *what)
{
	struct heard *h = ctx;

	h->problems++;
	strbuf_addf(&h->what, "%zu: %s\n", line, what);
}

static struct heard hear_bytes(const char *text, size_t n, uint32_t major)
{
	struct heard h = { .text = STRBUF_INIT, .what = STRBUF_INIT, .major = major };

	h.r = chromestore_read(
		text, n, &(struct chromestore_handler){ &h, hear_version, hear_anchor, hear_problem }, &h.err);
	return h;
}

static void forget(struct heard *h)
{
	strbuf_release(&h->text);
	strbuf_release(&h->what);
}

/* What is heard of the text must be these anchors and problems. */
static void says(const char *text, const char *anchors, const char *problems)
{
	struct heard h = hear_bytes(text, strlen(text), 140);

	assert_string_equal(h.what.buf, problems);
	assert_string_equal(h.text.buf, anchors);
	forget(&h);
}

/* ---- reading ---- */

static void anchors_are_read(void **state)
{
	static const char text[] =
		"# a store\nversion_major: 36\n\n"
		"trust_anchors {\n  " HASH
		"  crs_root_id: 3\n  ev_policy_oids: \"2.23.140.1.1\"\n  ev_policy_oids: \"1.2.3\" # why\n"
		"  eutl: true\n  trust_anchor_id: \"\\x82\\xdf\\x13\\x02\\x01\"\n}\n"
		"additional_certs {\n" HASH "tls_trust_anchor: true enforce_anchor_expiry: 1\n"
		"enforce_anchor_constraints: t display_name: 'N\\303\\xAD'\n}"
		"additional_certs { " HASH " eutl: true }\n";
	struct heard h = hear_bytes(text, strlen(text), 140);

	(void)state;
	assert_string_equal(h.what.buf, "");
	assert_string_equal(h.text.buf, "4: eutl ev(2.23.140.1.1, 1.2.3)\n"
					"12: additional tls expiry constraints name(N\xC3\xAD)\n"
					"16: additional eutl\n");
	assert_int_equal(h.version, 36);
	assert_int_equal(h.tls, 2);
	assert_int_equal(h.first_hash[31], 0x11);
	forget(&h);
}

static void every_way_of_writing_is_understood(void **state)
{
	(void)state;
	says("trust_anchors < sha256_hex: '1111111111111111' \"11111111111111111111111111111111\"\n"
	     "  # between\n  '\\061\\x31\\X311111\\61\\x31\\u0031111111' ; constraints: < min_version: \"1\" >,\n"
	     "  constraints [ { max_version_exclusive: '2' }, < > ] constraints: [] }",
		"", "4: '}' where a field should stand\n");
	says("trust_anchors: [ { " HASH " }, { " HASH " constraints < sct_not_after_sec: -5 > } ]\n"
	     "trust_anchors { sha256_hex: '1111111111111111' \"11111111111111111111111111111111\"\n"
	     "  # between\n  '\\061\\x31\\X311111\\61\\x31\\u0031111111' ; constraints: < min_version: \"1\" >,\n"
	     "  constraints [ { max_version_exclusive: '2' }, < > ] constraints: [] }",
		"1:\n2: { sct<==-5 }\n4: { min(1) } { max(2) } { }\n", "");
	says("trust_anchors{" HASH "permitted_dns_names:'x' constraints{permitted_dns_names:['a.example','b.example']"
	     "permitted_dns_names:\"c.example\"}}",
		"1: unevaluated(permitted_dns_names) { dns(a.example, b.example, c.example) }\n",
		"2: a rule that is not evaluated: permitted_dns_names\n");
}

static void a_certificate_may_stand_for_its_hash(void **state)
{
	static const char text[] = "trust_anchors { der: \"abc\" }";
	struct heard h = hear_bytes(text, strlen(text), 140);
	uint8_t abc[32];

	(void)state;
	assert_int_equal(hex_decode("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 64, abc), 0);
	assert_int_equal(h.anchors, 1);
	assert_memory_equal(h.first_hash, abc, 32);
	forget(&h);
}

static void what_is_not_evaluated_is_told_and_flagged(void **state)
{
	(void)state;
	says("trust_anchors {\n" HASH "new_rule { deep { er: [1, {}] } < > }\n[ext.rule]: 5\n"
	     "constraints { index_after: 7\n sct_not_after_sec: 5\n max_depth: \"x\" }\n"
	     "constraints { sct_not_after_sec: soon min_version: \"x1\" }\n eutl: maybe }",
		"1: unevaluated(new_rule, [ext.rule], eutl) { sct<==5 unevaluated(index_after, max_depth) }"
		" { min(x1) unevaluated(sct_not_after_sec, min_version) }\n",
		"3: a rule that is not evaluated: new_rule\n4: a rule that is not evaluated: [ext.rule]\n"
		"5: a rule that is not evaluated: index_after\n7: a rule that is not evaluated: max_depth\n"
		"8: sct_not_after_sec cannot be read: 'soon'\n8: min_version cannot be read: 'x1'\n"
		"9: eutl cannot be read: 'maybe'\n");
	says("mtc_anchors { log_id: \"x\" }\nversion_major: \"7\"\ntrust_anchors {" HASH "eutl: 1 eutl: 0 }", "3:\n",
		"1: unknown message mtc_anchors\n2: version_major is no number\n"
		"4: eutl stands there twice: the last one counts\n");
}

static void a_broken_anchor_is_told_and_the_others_go_on(void **state)
{
	(void)state;
	says("trust_anchors {\n sha256_hex: \"" ONES "\n}\ntrust_anchors { " HASH " eutl true }\n"
	     "trust_anchors {" HASH "constraints { sct_not_after_sec: 5\n"
	     "trust_anchors { eutl: true }\ntrust_anchors { sha256_hex: \"11\" }\n"
	     "} junk\ntrust_anchors { " HASH " display_name: \"a\\q\" }\n; trust_anchors {" HASH "}\ntrust_anchors {",
		"4: eutl\n13:\n",
		"2: '\"" ONES "' where a value should stand\n"
		"8: 'trust_anchors' where a field should stand\n"
		"8: an anchor without a readable sha256_hex\n"
		"9: sha256_hex cannot be read: '11'\n9: an anchor without a readable sha256_hex\n"
		"10: '}' where a field should stand\n"
		"12: an escape that is none in a string\n"
		"15: the text ends where a field should stand\n");
}

static void what_is_no_store_is_refused(void **state)
{
	static const char *const bad[] = { "", "# x", "version_major: 1", "trust_anchors", "trust_anchors {", "\"",
		"\\", "trust_anchors { }", "trust_anchors { sha256_hex: 11 }", "{}", "[", "trust_anchors: [",
		"a:", "[a", "x {" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct heard h = hear_bytes(bad[i], strlen(bad[i]), 140);

		assert_int_equal(h.r, -1);
		assert_int_equal(h.err.kind, ERR_INPUT);
		assert_false(chromestore_recognise(bad[i], strlen(bad[i])) && i != 8);
		forget(&h);
	}
	assert_true(chromestore_recognise("trust_anchors {" HASH, strlen("trust_anchors {" HASH)));
}

static void what_is_written_is_read_back(void **state)
{
	const struct chromestore_set sets[] = {
		{ .sct_not_after = { true, 100 }, .sct_all_after = { true, 0 }, .min_version = "131.0.1" },
		{ .starts_not_after = { true, -5 }, .starts_after = { true, 7 }, .max_version = "131",
			.dns_names = "a.example, b.example" },
		{ .unevaluated = "new_rule" },
	};
	struct chromestore_anchor a = { .enforce_anchor_expiry = true, .name = "N \"\\\" }", .sets = sets, .n_sets = 3 };
	struct chromestore_anchor below = { .additional = true, .tls_trust_anchor = true, .eutl = true,
		.enforce_anchor_constraints = true, .unevaluated = "odd" };
	struct strbuf b = STRBUF_INIT;

	(void)state;
	memset(a.sha256, 0x11, sizeof(a.sha256));
	chromestore_write_anchor(&b, &a);
	chromestore_write_anchor(&b, &below);
	assert_true(chromestore_recognise(b.buf, b.len));
	says(b.buf,
		"1: expiry name(N \"\\\" }) { sct<==100 sct>=0 min(131.0.1) }"
		" { nb<==-5 nb>=7 max(131) dns(a.example, b.example) } { }\n"
		"21: additional eutl tls constraints\n",
		"");
	strbuf_release(&b);
}

static int stop_at_once(void *ctx, const struct chromestore_anchor *a)
{
	(void)a;
	++*(size_t *)ctx;
	return -1;
}

static void a_callback_can_stop(void **state)
{
	static const char text[] = "trust_anchors: [ {" HASH "}, {" HASH "} ] trust_anchors {" HASH "}";
	struct err err = { 0 };
	size_t calls = 0;

	(void)state;
	assert_int_equal(chromestore_read(text, strlen(text),
				 &(struct chromestore_handler){ .ctx = &calls, .anchor = stop_at_once }, &err),
		-1);
	assert_int_equal(calls, 1);
}

/* ---- what the rules mean ---- */

static void rules_are_boxes_to_the_second(void **state)
{
	static const char text[] = "trust_anchors {" HASH "constraints { sct_not_after_sec: 100 sct_all_after_sec: 50\n"
				   "validity_starts_not_after_sec: 20 validity_starts_after_sec: 10 } }";
	struct heard h = hear_bytes(text, strlen(text), 140);
	const struct box *b = &h.box[0];

	(void)state;
	assert_int_equal(h.boxes, 1);
	assert_true(box_has(b, 11, 51) && box_has(b, 20, 100));
	assert_false(box_has(b, 10, 51) || box_has(b, 21, 51) || box_has(b, 11, 50) || box_has(b, 11, 101));
	assert_false(box_has(b, 11, SCT_NONE));
	forget(&h);
}

/* Which of Entrust's alternatives is meant, and that a set for no version leaves nothing. */
static void versions_choose_the_alternatives(void **state)
{
	static const char text[] =
		"trust_anchors {" HASH "constraints { sct_not_after_sec: 1731369599 min_version: \"131\" }\n"
		"constraints { max_version_exclusive: \"131\" } }";
	struct heard now = hear_bytes(text, strlen(text), 131), before = hear_bytes(text, strlen(text), 130);

	(void)state;
	assert_int_equal(now.boxes, 1);
	assert_int_equal(now.box[0].sct_hi, 1731369599);
	assert_int_equal(before.boxes, 1);
	assert_true(box_is_all(&before.box[0]));
	forget(&now);
	forget(&before);
	assert_true(chromestore_versions_apply("125.0.6368.2", "126", 125));
	assert_false(chromestore_versions_apply(NULL, "125.0.6368.2", 125));
	assert_true(chromestore_versions_apply(NULL, "125.0.6368.2", 124));
	assert_true(chromestore_versions_apply("x", "", 1));
	assert_true(chromestore_versions_apply(NULL, NULL, 0));
}

static void boxes_say_what_the_anchor_accepts(void **state)
{
	static const char *const texts[] = { "trust_anchors {" HASH "}",
		"trust_anchors {" HASH "constraints { min_version: '141' new_rule: 1 } }",
		"trust_anchors {" HASH "constraints { sct_not_after_sec: 5 new_rule: 1 } }",
		"trust_anchors {" HASH "constraints { sct_not_after_sec: 5 } new_rule: 1 }" };
	static const struct {
		size_t boxes;
		bool all, unevaluated;
	} want[] = { { 1, true, false }, { 0, true, false }, { 1, true, true }, { 1, false, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct heard h = hear_bytes(texts[i], strlen(texts[i]), 140);

		assert_int_equal(h.boxes, want[i].boxes);
		assert_int_equal(h.unevaluated, want[i].unevaluated);
		assert_true(!h.boxes || box_is_all(&h.box[0]) == want[i].all);
		forget(&h);
	}
}

static void damaged_files_are_survived(void **state)
{
	static const char text[] =
		"version_major: 36\ntrust_anchors {" HASH "ev_policy_oids: [\"1.2\", '3\\x41']\n"
		"constraints: { sct_not_after_sec: 1754006399 min_version: \"139\" }\n"
		"constraints < new [ { a: 1 }, < > ] permitted_dns_names: 'a\\303\\255' >, eutl: true }\n"
		"# end\nadditional_certs: [ {" HASH "} ]\n";

	(void)state;
	survive_damage((const uint8_t *)text, sizeof(text) - 1, 20000, survive_chromestore);
}

/* Bytes that would be looked at again and again by a reader that starts anew at each of them. */
static void nested_beginnings_cost_linear_time(void **state)
{
	struct strbuf b = STRBUF_INIT;

	(void)state;
	for (int i = 0; i < 200000; i++)
		strbuf_addstr(&b, i % 2 ? "trust_anchors { x {\n" : "constraints [ {\n");
	survive_chromestore((const uint8_t *)b.buf, b.len);
	strbuf_release(&b);
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
	assert_true(chromestore_recognise((const char *)data, n));
	h = hear_bytes((const char *)data, n, 140);
	if (h.r < 0 || h.problems)
		fail_msg("%s: %s %s", path, h.err.msg, h.what.buf);
	free(data);
	return h;
}

static void the_derived_store_is_read(void **state)
{
	char *path = real_data("chrome/root_store.derived.textproto");
	struct heard h;

	(void)state;
	if (skipped_without(path))
		return;
	h = hear_file(path);
	assert_int_equal(h.version, 31);
	assert_int_equal(h.anchors, 112);
	assert_int_equal(h.tls, 112);
	assert_int_equal(h.sets, 6);
	forget(&h);
	free(path);
}

static void the_real_excerpt_is_read(void **state)
{
	char *path = real_data("chrome/root_store.v36.excerpt.textproto");
	struct heard h;

	(void)state;
	if (skipped_without(path))
		return;
	h = hear_file(path);
	assert_int_equal(h.version, 36);
	assert_int_equal(h.anchors, 7);
	assert_int_equal(h.additional, 2);
	assert_int_equal(h.tls, 6);
	assert_int_equal(h.sets, 4);
	forget(&h);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anchors_are_read),
		cmocka_unit_test(every_way_of_writing_is_understood),
		cmocka_unit_test(a_certificate_may_stand_for_its_hash),
		cmocka_unit_test(what_is_not_evaluated_is_told_and_flagged),
		cmocka_unit_test(a_broken_anchor_is_told_and_the_others_go_on),
		cmocka_unit_test(what_is_no_store_is_refused),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(a_callback_can_stop),
		cmocka_unit_test(rules_are_boxes_to_the_second),
		cmocka_unit_test(versions_choose_the_alternatives),
		cmocka_unit_test(boxes_say_what_the_anchor_accepts),
		cmocka_unit_test(damaged_files_are_survived),
		cmocka_unit_test(nested_beginnings_cost_linear_time),
		cmocka_unit_test(the_derived_store_is_read),
		cmocka_unit_test(the_real_excerpt_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
