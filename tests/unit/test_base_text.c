#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>
#include <cmocka.h>

#include "base/text.h"

#define BYTES(s) (s), sizeof(s) - 1
#define FFFD "\xEF\xBF\xBD"

static void assert_cleans(const char *in, size_t len, const char *want)
{
	struct strbuf b = STRBUF_INIT;

	text_clean(&b, in, len);
	assert_string_equal(b.buf, want);
	assert_int_equal(b.len, strlen(want));
	assert_true(text_is_clean(b.buf, b.len));
	assert_int_equal(text_is_clean(in, len), strlen(want) == len && memcmp(in, want, len) == 0);
	strbuf_release(&b);
}

static void clean_keeps_what_people_write(void **state)
{
	(void)state;
	assert_cleans(BYTES(""), "");
	assert_cleans(BYTES("Alder Root X1"), "Alder Root X1");
	assert_cleans(BYTES("T\xC3\x9C"
			    "RKTRUST \xE4\xB8\xAD\xE5\x9B\xBD e\xCC\x81 \xF0\x9F\x8C\xB2"),
		"T\xC3\x9C"
		"RKTRUST \xE4\xB8\xAD\xE5\x9B\xBD e\xCC\x81 \xF0\x9F\x8C\xB2");
	assert_cleans(BYTES("=1+1,\"<b>&"), "=1+1,\"<b>&");
	assert_cleans(BYTES(FFFD), FFFD);
	assert_cleans(BYTES("\xF4\x8F\xBF\xBD\xEE\x80\x80\xC2\xA0~"), "\xF4\x8F\xBF\xBD\xEE\x80\x80\xC2\xA0~");
}

static void clean_replaces_controls(void **state)
{
	(void)state;
	assert_cleans(BYTES("a\x1b[2Jb"), "a" FFFD "[2Jb");
	assert_cleans(BYTES("a\0b\r\n\tc\x7f"), "a" FFFD "b" FFFD FFFD FFFD "c" FFFD);
	assert_cleans(BYTES("\xC2\x80\xC2\x9B\xC2\x9F"), FFFD FFFD FFFD); /* C1, with its CSI */
}

static void clean_replaces_every_invalid_byte(void **state)
{
	(void)state;
	assert_cleans(BYTES("\x80"), FFFD);
	assert_cleans(BYTES("\xFF\xFE"), FFFD FFFD);
	assert_cleans(BYTES("\xC0\x80"), FFFD FFFD);          /* overlong NUL */
	assert_cleans(BYTES("\xC1\x9B"), FFFD FFFD);          /* overlong '[' */
	assert_cleans(BYTES("\xE0\x80\x9B"), FFFD FFFD FFFD); /* overlong ESC */
	assert_cleans(BYTES("\xF0\x80\x80\x9B"), FFFD FFFD FFFD FFFD);
	assert_cleans(BYTES("\xED\xA0\x80"), FFFD FFFD FFFD);          /* surrogate */
	assert_cleans(BYTES("\xF4\x90\x80\x80"), FFFD FFFD FFFD FFFD); /* past U+10FFFF */
	assert_cleans(BYTES("\xC3"), FFFD);
	assert_cleans(BYTES("\xE4\xB8"), FFFD FFFD);
	assert_cleans(BYTES("\xF0\x9F\x8C"), FFFD FFFD FFFD);
	assert_cleans(BYTES("\xC3\x1b"), FFFD FFFD); /* a lead byte does not swallow the ESC */
	assert_cleans(BYTES("\xE4\xB8z"), FFFD FFFD "z");
}

/* Every code point that text_clean names, encoded by hand, becomes one U+FFFD. */
static void clean_replaces_listed_code_points(void **state)
{
	static const uint32_t ranges[][2] = {
		{ 0x00, 0x1F },
		{ 0x7F, 0x9F },
		{ 0xAD, 0xAD },
		{ 0x61C, 0x61C },
		{ 0x180E, 0x180E },
		{ 0x200B, 0x200F },
		{ 0x2028, 0x202E },
		{ 0x2060, 0x206F },
		{ 0xFDD0, 0xFDEF },
		{ 0xFEFF, 0xFEFF },
		{ 0xFFF9, 0xFFFB },
		{ 0xFFFE, 0xFFFF },
		{ 0x1FFFE, 0x1FFFF },
		{ 0x10FFFE, 0x10FFFF },
		{ 0x1BCA0, 0x1BCA3 },
		{ 0x1D173, 0x1D17A },
		{ 0xE0000, 0xE007F },
	};
	struct strbuf b = STRBUF_INIT;
	size_t i = 0;

	(void)state;
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		bool hostile = false;

		if (cp >= 0xD800 && cp <= 0xDFFF)
			continue;
		for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
			hostile |= cp >= ranges[i][0] && cp <= ranges[i][1];
		hostile |= (cp & 0xFFFF) >= 0xFFFE;
		strbuf_reset(&b);
		text_encode(&b, cp);
		if (text_is_clean(b.buf, b.len) == hostile)
			fail_msg("U+%04X", (unsigned)cp);
	}
	strbuf_release(&b);
}

static void clean_survives_any_bytes(void **state)
{
	struct strbuf b = STRBUF_INIT;
	unsigned char noise[64];
	uint32_t x = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		for (size_t i = 0; i < sizeof(noise); i++) {
			x = x * 1664525 + 1013904223;
			noise[i] = (unsigned char)(x >> 24);
		}
		strbuf_reset(&b);
		text_clean(&b, (char *)noise, round % sizeof(noise));
		assert_true(text_is_clean(b.buf, b.len));
		assert_int_equal(strlen(b.buf), b.len);
	}
	strbuf_release(&b);
}

static void clean_dup_is_terminated(void **state)
{
	struct arena a = { 0 };

	(void)state;
	assert_string_equal(text_clean_dup(&a, BYTES("a\0b")), "a" FFFD "b");
	assert_string_equal(text_clean_dup(&a, "", 0), "");
	arena_release(&a);
}

static void decode_undoes_encode(void **state)
{
	struct strbuf b = STRBUF_INIT;
	uint32_t got;

	(void)state;
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		if (cp >= 0xD800 && cp <= 0xDFFF)
			continue;
		strbuf_reset(&b);
		text_encode(&b, cp);
		assert_int_equal(text_decode(b.buf, b.len, &got), b.len);
		assert_int_equal(got, cp);
		for (size_t cut = 1; cut < b.len; cut++)
			assert_int_equal(text_decode(b.buf, cut, &got), 1);
	}
	strbuf_reset(&b);
	text_encode(&b, 0xD800);
	text_encode(&b, 0x110000);
	assert_string_equal(b.buf, FFFD FFFD);
	assert_int_equal(text_decode("", 0, &got), 0);
	strbuf_release(&b);
}

static void width_knows_wide_and_combining(void **state)
{
	(void)state;
	assert_int_equal(text_cp_width('a'), 1);
	assert_int_equal(text_cp_width(0xAD), 1);
	assert_int_equal(text_cp_width(0x301), 0);
	assert_int_equal(text_cp_width(0x4E2D), 2);
	assert_int_equal(text_cp_width(0xAC00), 2);
	assert_int_equal(text_cp_width(0x1161), 0); /* Hangul vowel, joins */
	assert_int_equal(text_cp_width(0xFF21), 2); /* full width A */
	assert_int_equal(text_cp_width(0xFF71), 1); /* half width katakana */
	assert_int_equal(text_cp_width(0x1F332), 2);
	assert_int_equal(text_cp_width(0x20DD), 0); /* enclosing circle */
	assert_int_equal(text_cp_width(0x5D0), 1);  /* Hebrew */
	assert_int_equal(text_cp_width(0xFFFD), 1);
	assert_int_equal(text_width("e\xCC\x81\xE4\xB8\xAD!"), 4);
	assert_int_equal(text_width(""), 0);
}

/* curses asks the C library: where the two disagree, columns drift. */
static void width_agrees_with_libc(void **state)
{
	int differ = 0;

	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	for (uint32_t cp = 0x20; cp <= 0x10FFFF; cp++) {
		int w = wcwidth((wchar_t)cp);

		if (w >= 0 && w != text_cp_width(cp))
			differ++;
	}
	setlocale(LC_CTYPE, "C");
	assert_int_equal(differ, 0);
}

static void assert_clips(const char *s, int columns, const char *want, int want_columns)
{
	int took = -1;
	size_t n = text_clip(s, columns, &took);

	assert_int_equal(n, strlen(want));
	assert_memory_equal(s, want, n);
	assert_int_equal(took, want_columns);
}

static void clip_counts_columns(void **state)
{
	(void)state;
	assert_clips("abc", 2, "ab", 2);
	assert_clips("abc", 3, "abc", 3);
	assert_clips("abc", 9, "abc", 3);
	assert_clips("abc", 0, "", 0);
	assert_clips("abc", -1, "", 0);
	assert_clips("", 5, "", 0);
	assert_int_equal(text_clip("abc", 2, NULL), 2);
}

static void clip_never_halves_a_wide_character(void **state)
{
	(void)state;
	assert_clips("\xE4\xB8\xAD\xE5\x9B\xBD", 4, "\xE4\xB8\xAD\xE5\x9B\xBD", 4);
	assert_clips("\xE4\xB8\xAD\xE5\x9B\xBD", 3, "\xE4\xB8\xAD", 2);
	assert_clips("\xE4\xB8\xAD\xE5\x9B\xBD", 1, "", 0);
	assert_clips("a\xF0\x9F\x8C\xB2", 2, "a", 1);
}

static void clip_keeps_marks_with_their_character(void **state)
{
	(void)state;
	assert_clips("e\xCC\x81\xCC\xA3x", 1, "e\xCC\x81\xCC\xA3", 1);
	assert_clips("ab\xCC\x81"
		     "c",
		1, "a", 1);
	assert_clips("ab\xCC\x81"
		     "c",
		2, "ab\xCC\x81", 2);
	/* a mark stays away with the wide character that does not fit */
	assert_clips("a\xE4\xB8\xAD\xCC\x81", 2, "a", 1);
}

static void search_ignores_case_of_a_lower_case_needle(void **state)
{
	(void)state;
	assert_true(text_contains("Alder Root X1", "alder"));
	assert_true(text_contains("Alder Root X1", "x1"));
	assert_true(text_contains("Alder Root X1", ""));
	assert_true(text_contains("", ""));
	assert_false(text_contains("", "a"));
	assert_false(text_contains("Alder", "alders"));
	assert_true(text_contains("aaab", "aab"));
	assert_true(text_contains("T\xC3\x9CRKTRUST", "t\xC3\xBCrk"));                              /* Latin-1 */
	assert_true(text_contains("\xC5\x81\xC3\xB3\x64\xC5\xBA", "\xC5\x82\xC3\xB3\x64\xC5\xBA")); /* Łódź */
	assert_true(text_contains("\xCE\x95\xCE\xBB\xCE\xBB\xCE\xAC\xCF\x82", "\xCE\xB5\xCE\xBB")); /* Ελλάς */
	assert_true(text_contains("\xD0\x9A\xD0\xBE\xD1\x80\xD0\xB5\xD0\xBD\xD1\x8C", "\xD0\xBA\xD0\xBE")); /* Корень */
}

static void search_is_exact_with_a_capital(void **state)
{
	(void)state;
	assert_true(text_contains("Alder Root", "Root"));
	assert_false(text_contains("alder root", "Root"));
	assert_false(text_contains("T\xC3\xBCrk", "\xC3\x9C"));
}

static void lower_agrees_with_libc(void **state)
{
	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	for (uint32_t cp = 0; cp < 0x530; cp++) {
		if (cp >= 0x180 && cp < 0x370)
			continue;
		if (text_lower(cp) != (uint32_t)towlower((wint_t)cp))
			fail_msg("U+%04X", (unsigned)cp);
	}
	setlocale(LC_CTYPE, "C");
	assert_int_equal(text_lower(0x10FFFF), 0x10FFFF);
}

static void names_come_in_order_whatever_their_case(void **state)
{
	static const char *const sorted[] = { "", "Actalis", "Alibaba", "ATT", "att", "Att Wifi", "ATT WiFi 2", "Zeta", "\xC3\x89" "clair",
		"\xC3\xA9" "clairs", "\xC4\x8C" "esk" };
	int n = (int)(sizeof(sorted) / sizeof(*sorted));

	(void)state;
	for (int i = 0; i < n; i++) {
		for (int k = 0; k < n; k++) {
			int c = text_order(sorted[i], sorted[k]);

			if ((c > 0) - (c < 0) != (i > k) - (i < k))
				fail_msg("'%s' and '%s': %d", sorted[i], sorted[k], c);
		}
	}
}

static void hex_goes_both_ways(void **state)
{
	uint8_t bytes[4];
	char text[9];

	(void)state;
	assert_int_equal(hex_decode("00fFA5b", 7, bytes), -1);
	assert_int_equal(hex_decode("00fFA57b", 8, bytes), 0);
	assert_memory_equal(bytes, "\x00\xff\xa5\x7b", 4);
	hex_encode(bytes, 4, text);
	assert_string_equal(text, "00ffa57b");
	hex_encode(bytes, 0, text);
	assert_string_equal(text, "");
	assert_int_equal(hex_decode("abc0", 3, bytes), -1);
	assert_int_equal(hex_decode("0g", 2, bytes), -1);
	assert_int_equal(hex_decode("g0", 2, bytes), -1);
	assert_int_equal(hex_decode(" 1", 2, bytes), -1);
	assert_int_equal(hex_decode("", 0, bytes), 0);
}

static void assert_decodes(const char *s, const char *want, size_t want_len)
{
	uint8_t *out = NULL;
	size_t len = 99;

	assert_int_equal(base64_decode(s, strlen(s), &out, &len), 0);
	assert_int_equal(len, want_len);
	assert_memory_equal(out, want, len + 1); /* with the NUL behind */
	free(out);
}

static void base64_decodes_the_rfc_vectors(void **state)
{
	(void)state;
	assert_decodes("", BYTES(""));
	assert_decodes("Zg==", BYTES("f"));
	assert_decodes("Zm8=", BYTES("fo"));
	assert_decodes("Zm9v", BYTES("foo"));
	assert_decodes("Zm9vYg==", BYTES("foob"));
	assert_decodes("Zm9vYmE=", BYTES("fooba"));
	assert_decodes("Zm9vYmFy", BYTES("foobar"));
	assert_decodes(" Zm9v\r\n\tYmFy\n", BYTES("foobar"));
	assert_decodes("+/+/", BYTES("\xfb\xff\xbf"));
}

static void base64_rejects_what_is_none(void **state)
{
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zm9", "Zm9v=", "Zg===", "Zg==Zg==", "Zg=g",
		"Z=g=", "Zm9v====", "=", "====", "Zm-_", "Zm9v!", "Z\x80==" };
	uint8_t *out = NULL;
	size_t len = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (base64_decode(bad[i], strlen(bad[i]), &out, &len) == 0)
			fail_msg("'%s' was accepted", bad[i]);
	}
	assert_null(out);
	assert_int_equal(base64_decode("Zm9v\0", 5, &out, &len), -1);
}

static void base64_goes_both_ways(void **state)
{
	struct strbuf b = STRBUF_INIT;
	uint8_t bytes[67], *back;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 37 + 200);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		strbuf_reset(&b);
		base64_encode(&b, bytes, n);
		assert_int_equal(b.len, (n + 2) / 3 * 4);
		assert_int_equal(base64_decode(b.buf, b.len, &back, &len), 0);
		assert_int_equal(len, n);
		assert_memory_equal(back, bytes, n);
		free(back);
	}
	strbuf_reset(&b);
	base64_encode(&b, "\xfb\xff", 2);
	assert_string_equal(b.buf, "+/8=");
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_keeps_what_people_write),
		cmocka_unit_test(clean_replaces_controls),
		cmocka_unit_test(clean_replaces_every_invalid_byte),
		cmocka_unit_test(clean_replaces_listed_code_points),
		cmocka_unit_test(clean_survives_any_bytes),
		cmocka_unit_test(clean_dup_is_terminated),
		cmocka_unit_test(decode_undoes_encode),
		cmocka_unit_test(width_knows_wide_and_combining),
		cmocka_unit_test(width_agrees_with_libc),
		cmocka_unit_test(clip_counts_columns),
		cmocka_unit_test(clip_never_halves_a_wide_character),
		cmocka_unit_test(clip_keeps_marks_with_their_character),
		cmocka_unit_test(search_ignores_case_of_a_lower_case_needle),
		cmocka_unit_test(search_is_exact_with_a_capital),
		cmocka_unit_test(lower_agrees_with_libc),
		cmocka_unit_test(names_come_in_order_whatever_their_case),
		cmocka_unit_test(hex_goes_both_ways),
		cmocka_unit_test(base64_decodes_the_rfc_vectors),
		cmocka_unit_test(base64_rejects_what_is_none),
		cmocka_unit_test(base64_goes_both_ways),
	};

	return cmocka_run_group_tests_name("base_text", tests, NULL, NULL);
}
