#include "index/pasted.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define LABELLED_MIN 16 /* digits behind a word without a sign between */

/* The rest of a line in hex with what may stand between the digits; how many digits, 0 where anything else is in it. */
static size_t digits(const char *s, size_t n, struct strbuf *ret)
{
	size_t start = ret->len;

	while (n && strchr(" \t\"'.,;", s[n - 1]))
		n--;
	while (n && strchr(" \t\"'", *s))
		s++, n--;
	if (n > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		s += 2, n -= 2;
	for (size_t i = 0; i < n; i++) {
		if (isxdigit((unsigned char)s[i]) && ret->len - start < PASTED_MAX)
			strbuf_addch(ret, (char)tolower((unsigned char)s[i]));
		else if (!strchr(": -\t", s[i])) {
			strbuf_setlen(ret, start);
			return 0;
		}
	}
	return ret->len - start;
}

static bool at_least(size_t min, const char *s, size_t n, struct strbuf *ret)
{
	size_t start = ret->len;

	if (digits(s, n, ret) >= min)
		return true;
	strbuf_setlen(ret, start);
	return false;
}

/* ---- pins ---- */

static bool from_pin(const char *s, struct strbuf *ret)
{
	static const char *const begins[] = { "pin-sha256=\"", "pin-sha256=", "sha256//", "sha256/", "" };
	uint8_t *key = NULL;
	size_t len = 0, i = 0, n;
	bool is_pin;

	while (strncasecmp(s, begins[i], strlen(begins[i])) != 0)
		i++;
	s += strlen(begins[i]);
	n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
	is_pin = n == 44 && s[43] == '=' && !s[n + strspn(s + n, "\"' ;")] && base64_decode(s, n, &key, &len) == 0 && len == 32;
	if (is_pin)
		strbuf_addhex(ret, key, len);
	free(key);
	return is_pin;
}

/* ---- addresses ---- */

static bool is_address(const char *s)
{
	return strstr(s, "://") || !strncmp(s, "crt.sh/", 7);
}

/* The value of a parameter of an address; NULL: it has none of that name. */
static const char *parameter(const char *s, const char *name, size_t *ret_len)
{
	size_t n = strlen(name);

	for (s = strchr(s, '?'); s; s = strchr(s, '&')) {
		s++;
		if (strncasecmp(s, name, n) != 0 || s[n] != '=')
			continue;
		*ret_len = strcspn(s + n + 1, "&# ");
		return s + n + 1;
	}
	return NULL;
}

#define NUMBER_MAX 15 /* digits of a number of crt.sh */

static bool is_number(const char *s, size_t n)
{
	return n && n <= NUMBER_MAX && strspn(s, "0123456789") >= n;
}

static bool from_address(const char *s, struct strbuf *ret)
{
	static const char *const names[] = { "q", "sha256", "sha1", "spkisha256", "ski", "serial" };
	const char *end = s + strcspn(s, "?#"), *value = end;
	size_t n;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = parameter(s, names[i], &n);
		if (value && (i || !is_number(value, n)) && at_least(PASTED_MIN, value, n, ret))
			return true;
	}
	/* A fingerprint as the last part of a path. */
	while (end > s && end[-1] == '/')
		end--;
	for (value = end; value > s && value[-1] != '/';)
		value--;
	return at_least(40, value, (size_t)(end - value), ret);
}

bool pasted_crtsh_number(const char *text)
{
	const char *value;
	size_t n;

	text += strspn(text, " \t");
	if (!is_address(text) || !strstr(text, "crt.sh/"))
		return false;
	value = parameter(text, "q", &n);
	return (value && is_number(value, n)) || parameter(text, "id", &n) || parameter(text, "caid", &n);
}

/* ---- with a word before ---- */

/* "AA" of "Fingerprint AA:BB" is no label. */
static bool is_label(const char *s, const char *sign)
{
	const char *word = sign;

	while (word > s && !strchr(" :=", word[-1]))
		word--;
	return strspn(word, "0123456789abcdefABCDEF") < (size_t)(sign - word);
}

static bool behind_label(const char *s, struct strbuf *ret)
{
	for (const char *word = strchr(s, ' '); word; word = strchr(word, ' ')) {
		word += strspn(word, " ");
		if (at_least(LABELLED_MIN, word, strlen(word), ret))
			return true;
	}
	for (const char *sign = strpbrk(s, "=:"); sign; sign = strpbrk(sign + 1, "=:"))
		if (is_label(s, sign) && at_least(PASTED_MIN, sign + 1, strlen(sign + 1), ret))
			return true;
	return false;
}

bool pasted_hex(const char *text, struct strbuf *ret)
{
	text += strspn(text, " \t");
	if (is_address(text))
		return from_address(text, ret);
	return at_least(PASTED_MIN, text, strlen(text), ret) || from_pin(text, ret) || behind_label(text, ret);
}
