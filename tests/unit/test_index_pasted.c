#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "index/pasted.h"

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define COLONS "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F"
#define BASE64 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

/* hex: NULL where the text is nothing of the kind. */
static void reads(const char *text, const char *hex)
{
	struct strbuf b = STRBUF_INIT;

	if (pasted_hex(text, &b) != (hex != NULL) || strcmp(b.buf, hex ? hex : "") != 0)
		fail_msg("'%s': '%s', not '%s'", text, b.buf, hex ? hex : "");
	strbuf_release(&b);
}

static void hex_is_read_whatever_stands_between(void **state)
{
	(void)state;
	reads(HEX, HEX);
	reads(COLONS, HEX);
	reads("  AA BB CC DD ", "aabbccdd");
	reads("aa-bb-cc-dd", "aabbccdd");
	reads("AABB:CCDD:EEFF", "aabbccddeeff");
	reads("0xAABBCCDD", "aabbccdd");
	reads("\"AA:BB:CC:DD\",", "aabbccdd");
	reads("aabbccd", NULL);
	reads("aabbccdg", NULL);
	reads("", NULL);
	reads(HEX HEX, HEX HEX);
	reads(HEX HEX "0", NULL);
}

static void a_label_is_passed_over(void **state)
{
	(void)state;
	reads("SHA256 Fingerprint=" COLONS, HEX);
	reads("sha256 Fingerprint=" COLONS, HEX);
	reads("SHA-256: " COLONS, HEX);
	reads("SHA-256 " COLONS, HEX);
	reads("Serial Number: 83:be:05:64", "83be0564");
	reads("serial=83BE0564", "83be0564");
	reads("X509v3 Subject Key Identifier: AA:BB:CC:DD", "aabbccdd");
	reads("keyid:AA:BB:CC:DD", "aabbccdd");
	reads("spki:aabbccdd", "aabbccdd");
	reads("Fingerprint AA:BB:CC:DD:EE:FF", NULL);
	reads("SHA1: Fingerprint: AA:BB:CC:DD", "aabbccdd");
	reads("name: beef", NULL);
	reads("Root CA 20150101", NULL);
	reads("owner:Alder Trust", NULL);
}

static void pins_are_read(void **state)
{
	(void)state;
	reads("sha256/" BASE64, HEX);
	reads("sha256//" BASE64, HEX);
	reads("pin-sha256=\"" BASE64 "\";", HEX);
	reads(BASE64, HEX);
	reads("sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", NULL);
	reads("sha256/" BASE64 "x", NULL);
}

static void addresses_are_read(void **state)
{
	(void)state;
	reads("https://crt.sh/?q=" HEX, HEX);
	reads("http://crt.sh/?sha256=" HEX "&opt=cablint", HEX);
	reads("crt.sh/?spkisha256=" HEX, HEX);
	reads("https://crt.sh/?opt=x&ski=aabbccdd", "aabbccdd");
	reads("https://crt.sh/?serial=83BE0564", "83be0564");
	reads("https://crt.sh/?sha1=000102030405060708090a0b0c0d0e0f10111213", "000102030405060708090a0b0c0d0e0f10111213");
	reads("https://search.censys.io/certificates/" HEX "/", HEX);
	reads("https://crt.sh/?id=12345678", NULL);
	reads("https://crt.sh/?q=12345678", NULL);
	reads("https://crt.sh/?q=alder.example", NULL);
	reads("https://crt.sh/?", NULL);
	reads("https://", NULL);
	assert_true(pasted_crtsh_number("https://crt.sh/?id=12345678"));
	assert_true(pasted_crtsh_number("https://crt.sh/?caid=12"));
	assert_true(pasted_crtsh_number("crt.sh/?q=12345678"));
	assert_false(pasted_crtsh_number("https://crt.sh/?q=" HEX));
	assert_false(pasted_crtsh_number("https://example.com/?id=1"));
	assert_false(pasted_crtsh_number("12345678"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_is_read_whatever_stands_between),
		cmocka_unit_test(a_label_is_passed_over),
		cmocka_unit_test(pins_are_read),
		cmocka_unit_test(addresses_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
