/* The writers against text that no index gives them: cleaning is theirs too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/json.h"
#include "cli/out.h"
#include "cli/report.h"

static const char hostile[] = "a\033[31m\x9b\"\\\xe2\x80\xae\xe2\x80\x8b\n\xf3\xa0\x80\x81|<b>,=";

static const struct column columns[] = {
	{ "name", COL_TEXT, "name", "", 0, NULL },
	{ "n", COL_COUNT, "n", "", 0, NULL },
	{ "hidden", COL_HASH, NULL, "", 0, NULL },
	{ "list", COL_LIST, "list", "", 0, " > " },
	{ "pairs", COL_PAIRS, "pairs", "", 0, NULL },
	{ "yes", COL_BOOL, "yes", "", 0, NULL },
	COLUMN_END,
};

static void put_rows(FILE *f, enum format format, const struct style *style, size_t rows)
{
	static const char *const items[] = { "one", "two" }, *const names[] = { "a" }, *const values[] = { "b" };
	struct out *o = out_begin(f, format, columns, style);

	for (size_t i = 0; i < rows; i++) {
		out_text(o, i ? NULL : hostile);
		out_count_if(o, i == 0, 1234567);
		out_hash(o, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
		out_list(o, items, i ? 0 : 2);
		out_pairs(o, names, values, 1);
		out_bool(o, i == 0);
		out_row(o);
	}
	out_end(o);
}

/* Two rows as they are written; free(). */
static char *written(enum format format, struct style style, size_t rows)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	put_rows(f, format, &style, rows);
	fclose(f);
	return text;
}

static void check(enum format format, struct style style, const char *wanted)
{
	char *text = written(format, style, 2);

	assert_string_equal(text, wanted);
	free(text);
}

#define BAD "\xef\xbf\xbd"
#define CLEAN "a" BAD "[31m" BAD "\"\\" BAD BAD BAD BAD "|<b>,="

static void csv_is_cleaned_and_quoted_where_it_must_be(void **state)
{
	(void)state;
	check(FORMAT_CSV, (struct style){ 0 },
		"name,n,hidden,list,pairs,yes\n"
		"\"a" BAD "[31m" BAD "\"\"\\" BAD BAD BAD BAD "|<b>,=\",1234567,0102030405060708,one > two,a=b,true\n"
		",,0102030405060708,,a=b,false\n");
}

static void json_escapes_what_it_must_not_show(void **state)
{
	(void)state;
	check(FORMAT_JSON, (struct style){ 0 },
		"[\n"
		"{\"name\":\"a\\u001b[31m" BAD "\\\"\\\\\\u202e\\u200b\\u000a\\udb40\\udc01|<b>,=\",\"n\":1234567,"
		"\"hidden\":\"0102030405060708\",\"list\":[\"one\",\"two\"],\"pairs\":{\"a\":\"b\"},\"yes\":true},\n"
		"{\"name\":null,\"n\":null,\"hidden\":\"0102030405060708\",\"list\":[],\"pairs\":{\"a\":\"b\"},"
		"\"yes\":false}\n]\n");
}

static void ndjson_has_a_line_a_row(void **state)
{
	char *text = written(FORMAT_NDJSON, (struct style){ 0 }, 2);
	size_t lines = 0;

	(void)state;
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 2);
	assert_null(strchr(text, '\033'));
	free(text);
}

static void a_table_is_aligned_and_grouped(void **state)
{
	(void)state;
	check(FORMAT_TABLE, (struct style){ .utf8 = true },
		"name                         n  list       pairs  yes\n" CLEAN "  1,234,567  one > two  a=b    yes\n"
		"–                            –             a=b    no\n");
}

static void a_terminal_without_utf8_gets_ascii(void **state)
{
	char *text = written(FORMAT_TABLE, (struct style){ .ascii_only = true }, 2);

	(void)state;
	for (const char *p = text; *p; p++)
		assert_true(*p == '\n' || (*p >= 0x20 && *p < 0x7f));
	assert_non_null(strstr(text, "a?[31m?"));
	free(text);
}

static void markdown_keeps_its_cells(void **state)
{
	(void)state;
	check(FORMAT_MD, (struct style){ .utf8 = true },
		"| name | n | list | pairs | yes |\n|---|---:|---|---|---|\n"
		"| a" BAD "\\[31m" BAD "\"\\\\" BAD BAD BAD BAD "\\|\\<b\\>,= | 1,234,567 | one \\> two | a=b | yes |\n"
		"| – | – |  | a=b | no |\n");
}

#define HTML_HEAD                                                                                                      \
	"<div class=\"table\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">name</th><th scope=\"col\" class=\"n\">n</th>"       \
	"<th scope=\"col\">list</th><th scope=\"col\">pairs</th><th scope=\"col\">yes</th></tr></thead>\n<tbody>\n"

static void html_keeps_its_cells(void **state)
{
	(void)state;
	check(FORMAT_HTML, (struct style){ .ascii_only = true },
		HTML_HEAD "<tr><th scope=\"row\">a" BAD "[31m" BAD "&quot;\\" BAD BAD BAD BAD
			  "|&lt;b&gt;,=</th><td class=\"n\">1,234,567</td><td>one &gt; two</td><td>a=b</td><td>yes</td></tr>\n"
			  "<tr><th scope=\"row\">–</th><td class=\"n\">–</td><td></td><td>a=b</td><td>no</td></tr>\n"
			  "</tbody>\n</table></div>\n");
}

static void a_page_is_cleaned_and_escaped(void **state)
{
	struct style style = { .ascii_only = true, .bold = true };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	struct report r = report_begin(f, FORMAT_HTML, &style);

	(void)state;
	report_field(&r, "name", "%s", hostile);
	report_item(&r, "%s", "'&'");
	report_line(&r, "–");
	report_close_list(&r);
	fclose(f);
	assert_string_equal(text, "<dl>\n<div><dt>name</dt><dd>a" BAD "[31m" BAD "&quot;\\" BAD BAD BAD BAD
				  "|&lt;b&gt;,=</dd></div>\n</dl>\n<ul>\n<li>&#39;&amp;&#39;</li>\n</ul>\n<p>–</p>\n");
	free(text);
}

static void no_rows_are_an_empty_answer(void **state)
{
	static const char *const wanted[FORMATS] = {
		[FORMAT_TABLE] = "name  n  list  pairs  yes\n",
		[FORMAT_CSV] = "name,n,hidden,list,pairs,yes\n",
		[FORMAT_JSON] = "[]\n",
		[FORMAT_NDJSON] = "",
		[FORMAT_MD] = "| name | n | list | pairs | yes |\n|---|---:|---|---|---|\n",
		[FORMAT_HTML] = HTML_HEAD "</tbody>\n</table></div>\n",
	};

	(void)state;
	for (int i = 0; i < FORMATS; i++) {
		char *text = written((enum format)i, (struct style){ 0 }, 0);

		assert_string_equal(text, wanted[i]);
		free(text);
	}
}

static void text_is_clipped_between_characters(void **state)
{
	struct style style = { .utf8 = true };
	struct strbuf b = STRBUF_INIT;

	(void)state;
	style_text(&style, &b, "e\xcc\x81銀行銀行", 6);
	assert_string_equal(b.buf, "e\xcc\x81銀行…");
	strbuf_release(&b);
}

static void a_report_is_cleaned_and_escaped(void **state)
{
	struct style style = { .utf8 = true };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	struct report r = report_begin(f, FORMAT_MD, &style);

	(void)state;
	report_title(&r, "%s", hostile);
	report_field(&r, "name", "%s", hostile);
	fclose(f);
	assert_string_equal(text, "# a" BAD "\\[31m" BAD "\"\\\\" BAD BAD BAD BAD "\\|\\<b\\>,=\n\n- name: a" BAD
				  "\\[31m" BAD "\"\\\\" BAD BAD BAD BAD "\\|\\<b\\>,=\n");
	free(text);
}

/* What is written of two lower bounds, one of them exact, and of one that is not known. */
static void check_least(enum format format, bool utf8, const char *wanted)
{
	static const struct column one[] = { { "n", COL_COUNT, "n", "", 0, NULL }, COLUMN_END };
	struct style style = { .utf8 = utf8 };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	struct out *o;

	assert_non_null(f);
	o = out_begin(f, format, one, &style);
	for (int i = 0; i < 3; i++) {
		out_count_least(o, i < 2, i == 1, 1234);
		out_row(o);
	}
	out_end(o);
	fclose(f);
	assert_string_equal(text, wanted);
	free(text);
}

static void a_lower_bound_says_so_to_people_only(void **state)
{
	(void)state;
	check_least(FORMAT_TABLE, true, "      n\n≥ 1,234\n  1,234\n      –\n");
	check_least(FORMAT_MD, false, "| n |\n|---:|\n| >= 1,234 |\n| 1,234 |\n| - |\n");
	check_least(FORMAT_HTML, false,
		"<div class=\"table\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\" class=\"n\">n</th></tr></thead>\n<tbody>\n"
		"<tr><th scope=\"row\" class=\"n\">≥ 1,234</th></tr>\n<tr><th scope=\"row\" class=\"n\">1,234</th></tr>\n"
		"<tr><th scope=\"row\" class=\"n\">–</th></tr>\n</tbody>\n</table></div>\n");
	check_least(FORMAT_CSV, true, "n\n1234\n1234\n\n");
	check_least(FORMAT_NDJSON, true, "{\"n\":1234}\n{\"n\":1234}\n{\"n\":null}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_is_cleaned_and_quoted_where_it_must_be),
		cmocka_unit_test(json_escapes_what_it_must_not_show),
		cmocka_unit_test(ndjson_has_a_line_a_row),
		cmocka_unit_test(a_table_is_aligned_and_grouped),
		cmocka_unit_test(a_terminal_without_utf8_gets_ascii),
		cmocka_unit_test(markdown_keeps_its_cells),
		cmocka_unit_test(html_keeps_its_cells),
		cmocka_unit_test(a_page_is_cleaned_and_escaped),
		cmocka_unit_test(no_rows_are_an_empty_answer),
		cmocka_unit_test(text_is_clipped_between_characters),
		cmocka_unit_test(a_report_is_cleaned_and_escaped),
		cmocka_unit_test(a_lower_bound_says_so_to_people_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
