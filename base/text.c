#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/text_tables.h"

#define REPLACEMENT 0xFFFD
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Length and smallest code point of a sequence by its first byte; 0 = no first byte. */
static int sequence(unsigned char c, uint32_t *bits, uint32_t *least)
{
	if (c < 0xC2 || c > 0xF4)
		return 0;
	if (c < 0xE0) {
		*bits = c & 0x1Fu;
		*least = 0x80;
		return 2;
	}
	if (c < 0xF0) {
		*bits = c & 0x0Fu;
		*least = 0x800;
		return 3;
	}
	*bits = c & 0x07u;
	*least = 0x10000;
	return 4;
}

int text_decode(const char *s, size_t len, uint32_t *cp)
{
	const unsigned char *u = (const unsigned char *)s;
	uint32_t bits = 0, least = 0;
	int n;

	if (!len)
		return 0;
	*cp = u[0];
	if (u[0] < 0x80)
		return 1;
	*cp = REPLACEMENT;
	n = sequence(u[0], &bits, &least);
	if (!n || (size_t)n > len)
		return 1;
	for (int i = 1; i < n; i++) {
		if ((u[i] & 0xC0) != 0x80)
			return 1;
		bits = bits << 6 | (u[i] & 0x3Fu);
	}
	if (bits < least || bits > 0x10FFFF || (bits >= 0xD800 && bits <= 0xDFFF))
		return 1;
	*cp = bits;
	return n;
}

void text_encode(struct strbuf *out, uint32_t cp)
{
	char b[4];

	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = REPLACEMENT;
	if (cp < 0x80) {
		strbuf_addch(out, (char)cp);
	} else if (cp < 0x800) {
		b[0] = (char)(0xC0 | cp >> 6);
		b[1] = (char)(0x80 | (cp & 0x3F));
		strbuf_add(out, b, 2);
	} else if (cp < 0x10000) {
		b[0] = (char)(0xE0 | cp >> 12);
		b[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		b[2] = (char)(0x80 | (cp & 0x3F));
		strbuf_add(out, b, 3);
	} else {
		b[0] = (char)(0xF0 | cp >> 18);
		b[1] = (char)(0x80 | (cp >> 12 & 0x3F));
		b[2] = (char)(0x80 | (cp >> 6 & 0x3F));
		b[3] = (char)(0x80 | (cp & 0x3F));
		strbuf_add(out, b, 4);
	}
}

static bool in_ranges(const struct cp_range *ranges, size_t n, uint32_t cp)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (cp > ranges[mid].last)
			low = mid + 1;
		else if (cp < ranges[mid].first)
			high = mid;
		else
			return true;
	}
	return false;
}

static bool is_hostile(uint32_t cp)
{
	static const struct cp_range hostile[] = {
		{ 0x0000, 0x001F },   /* C0 */
		{ 0x007F, 0x009F },   /* DEL, C1 */
		{ 0x00AD, 0x00AD },   /* soft hyphen: shown by some, not by others */
		{ 0x061C, 0x061C },   /* Arabic letter mark */
		{ 0x180E, 0x180E },   /* Mongolian vowel separator */
		{ 0x200B, 0x200F },   /* zero width; left-to-right and right-to-left marks */
		{ 0x2028, 0x202E },   /* line, paragraph; bidirectional embeddings and overrides */
		{ 0x2060, 0x206F },   /* word joiner, invisible operators, bidirectional isolates, deprecated formats */
		{ 0xD800, 0xDFFF },   /* surrogates */
		{ 0xFDD0, 0xFDEF },   /* non-characters */
		{ 0xFEFF, 0xFEFF },   /* zero width no-break space */
		{ 0xFFF9, 0xFFFB },   /* interlinear annotation */
		{ 0x1BCA0, 0x1BCA3 }, /* shorthand format controls */
		{ 0x1D173, 0x1D17A }, /* musical format controls */
		{ 0xE0000, 0xE007F }, /* tags */
	};

	if (cp >= 0x20 && cp < 0x7F)
		return false;
	return (cp & 0xFFFE) == 0xFFFE || in_ranges(hostile, LENGTH(hostile), cp);
}

/* Bytes at the start of s that text_clean would keep. */
static size_t clean_prefix(const char *s, size_t len)
{
	size_t at = 0;
	uint32_t cp;
	int n;

	while ((n = text_decode(s + at, len - at, &cp)) > 0) {
		if ((n == 1 && cp == REPLACEMENT) || is_hostile(cp))
			break;
		at += (size_t)n;
	}
	return at;
}

void text_clean(struct strbuf *out, const char *s, size_t len)
{
	uint32_t cp;

	while (len) {
		size_t n = clean_prefix(s, len);

		strbuf_add(out, s, n);
		s += n;
		len -= n;
		if (len) {
			n = (size_t)text_decode(s, len, &cp);
			text_encode(out, REPLACEMENT);
			s += n;
			len -= n;
		}
	}
}

void text_clean_vf(struct strbuf *out, const char *fmt, va_list ap)
{
	struct strbuf raw = STRBUF_INIT;

	strbuf_vaddf(&raw, fmt, ap);
	text_clean(out, raw.buf, raw.len);
	strbuf_release(&raw);
}

char *text_clean_dup(struct arena *a, const char *s, size_t len)
{
	struct strbuf b = STRBUF_INIT;
	char *copy;

	text_clean(&b, s, len);
	copy = arena_strdup(a, b.buf);
	strbuf_release(&b);
	return copy;
}

bool text_is_clean(const char *s, size_t len)
{
	return clean_prefix(s, len) == len;
}

int text_cp_width(uint32_t cp)
{
	if (cp < 0x300)
		return 1;
	if (in_ranges(cp_zero_width, LENGTH(cp_zero_width), cp))
		return 0;
	return in_ranges(cp_wide, LENGTH(cp_wide), cp) ? 2 : 1;
}

int text_width(const char *s)
{
	size_t len = strlen(s);
	uint32_t cp;
	int n, width = 0;

	for (; (n = text_decode(s, len, &cp)) > 0; s += n, len -= (size_t)n)
		width += text_cp_width(cp);
	return width;
}

size_t text_clip(const char *s, int columns, int *took)
{
	size_t at = 0, len = strlen(s);
	uint32_t cp;
	int n, width = 0;

	while ((n = text_decode(s + at, len - at, &cp)) > 0) {
		int w = text_cp_width(cp);

		/* Going on at width == columns collects the marks of the last character. */
		if (width + w > columns)
			break;
		width += w;
		at += (size_t)n;
	}
	if (took)
		*took = width;
	return at;
}

/* first..last, every step-th from first on, are capitals; their small letter is delta further. */
static const struct letters {
	uint16_t first, last, step;
	int16_t delta;
} capitals[] = {
	{ 'A', 'Z', 1, 32 },
	{ 0x00C0, 0x00D6, 1, 32 },
	{ 0x00D8, 0x00DE, 1, 32 },
	{ 0x0100, 0x012E, 2, 1 },
	{ 0x0130, 0x0130, 1, -199 },
	{ 0x0132, 0x0136, 2, 1 },
	{ 0x0139, 0x0147, 2, 1 },
	{ 0x014A, 0x0176, 2, 1 },
	{ 0x0178, 0x0178, 1, -121 },
	{ 0x0179, 0x017D, 2, 1 },
	{ 0x0370, 0x0372, 2, 1 },
	{ 0x0376, 0x0376, 1, 1 },
	{ 0x037F, 0x037F, 1, 116 },
	{ 0x0386, 0x0386, 1, 38 },
	{ 0x0388, 0x038A, 1, 37 },
	{ 0x038C, 0x038C, 1, 64 },
	{ 0x038E, 0x038F, 1, 63 },
	{ 0x0391, 0x03A1, 1, 32 },
	{ 0x03A3, 0x03AB, 1, 32 },
	{ 0x03CF, 0x03CF, 1, 8 },
	{ 0x03D8, 0x03EE, 2, 1 },
	{ 0x03F4, 0x03F4, 1, -60 },
	{ 0x03F7, 0x03F7, 1, 1 },
	{ 0x03F9, 0x03F9, 1, -7 },
	{ 0x03FA, 0x03FA, 1, 1 },
	{ 0x03FD, 0x03FF, 1, -130 },
	{ 0x0400, 0x040F, 1, 80 },
	{ 0x0410, 0x042F, 1, 32 },
	{ 0x0460, 0x0480, 2, 1 },
	{ 0x048A, 0x04BE, 2, 1 },
	{ 0x04C0, 0x04C0, 1, 15 },
	{ 0x04C1, 0x04CD, 2, 1 },
	{ 0x04D0, 0x052E, 2, 1 },
};

uint32_t text_lower(uint32_t cp)
{
	if (cp < 'A')
		return cp;
	for (size_t i = 0; i < LENGTH(capitals) && cp >= capitals[i].first; i++) {
		if (cp <= capitals[i].last)
			return (cp - capitals[i].first) % capitals[i].step ? cp : cp + (uint32_t)capitals[i].delta;
	}
	return cp;
}

int text_order(const char *a, const char *b)
{
	const char *x = a, *y = b;
	size_t len_x = strlen(a), len_y = strlen(b);

	while (len_x && len_y) {
		uint32_t u, v;
		int n = text_decode(x, len_x, &u), m = text_decode(y, len_y, &v);

		u = text_lower(u);
		v = text_lower(v);
		if (u != v)
			return u < v ? -1 : 1;
		x += n;
		y += m;
		len_x -= (size_t)n;
		len_y -= (size_t)m;
	}
	if (len_x || len_y)
		return len_x ? 1 : -1;
	return strcmp(a, b);
}

static bool has_capital(const char *s, size_t len)
{
	uint32_t cp;
	int n;

	for (; (n = text_decode(s, len, &cp)) > 0; s += n, len -= (size_t)n) {
		if (text_lower(cp) != cp)
			return true;
	}
	return false;
}

/* Whether s begins with small, which has no capitals. */
static bool starts_with(const char *s, size_t len, const char *small, size_t small_len)
{
	uint32_t a, b;
	int n, m;

	while ((m = text_decode(small, small_len, &b)) > 0) {
		n = text_decode(s, len, &a);
		if (!n || text_lower(a) != b)
			return false;
		s += n;
		len -= (size_t)n;
		small += m;
		small_len -= (size_t)m;
	}
	return true;
}

/* How long the part of hay is that fits the needle; 0: it does not begin with it. */
static size_t matched(const char *hay, const char *needle, size_t needle_len)
{
	size_t at = 0, n = 0;
	uint32_t cp;

	while (n < needle_len) {
		n += (size_t)text_decode(needle + n, needle_len - n, &cp);
		at += (size_t)text_decode(hay + at, strlen(hay + at), &cp);
	}
	return at;
}

const char *text_find(const char *hay, const char *needle, size_t *ret_len)
{
	size_t len = strlen(hay), needle_len = strlen(needle);
	bool exact = has_capital(needle, needle_len);
	unsigned char first = (unsigned char)*needle, other = first >= 'a' && first <= 'z' ? first - 32 : first;
	uint32_t cp;
	int n;

	if (exact) {
		hay = strstr(hay, needle);
		*ret_len = needle_len;
		return hay;
	}
	do {
		/* Most places are passed by their first byte; one that is not ASCII may become a small letter that is. */
		while (first && first < 0x80 && len && (unsigned char)*hay < 0x80 && (unsigned char)*hay != first &&
		       (unsigned char)*hay != other) {
			hay++;
			len--;
		}
		if (starts_with(hay, len, needle, needle_len)) {
			*ret_len = matched(hay, needle, needle_len);
			return hay;
		}
		n = text_decode(hay, len, &cp);
		hay += n;
		len -= (size_t)n;
	} while (n);
	return NULL;
}

bool text_contains(const char *hay, const char *needle)
{
	size_t len;

	return text_find(hay, needle, &len) != NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_decode(const char *s, size_t n, uint8_t *out)
{
	if (n % 2)
		return -1;
	for (size_t i = 0; i < n; i += 2) {
		int high = hex_digit(s[i]), low = hex_digit(s[i + 1]);

		if (high < 0 || low < 0)
			return -1;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

void hex_encode(const void *data, size_t n, char *out)
{
	static const char hex_digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;

	for (size_t i = 0; i < n; i++) {
		*out++ = hex_digits[bytes[i] >> 4];
		*out++ = hex_digits[bytes[i] & 15];
	}
	*out = '\0';
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Digits come first, then padding up to a multiple of four. */
static int base64_into(const char *s, size_t n, uint8_t *out, size_t *ret_len)
{
	size_t count = 0, pad = 0, len = 0;
	uint32_t bits = 0;

	for (size_t i = 0; i < n; i++) {
		int digit = base64_digit(s[i]);

		if (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n')
			continue;
		if (s[i] == '=') {
			pad++;
			continue;
		}
		if (digit < 0 || pad)
			return -1;
		bits = bits << 6 | (uint32_t)digit;
		if (++count % 4 != 1)
			out[len++] = (uint8_t)(bits >> (6 - 2 * ((count - 1) % 4)));
	}
	if (pad > 2 || (count + pad) % 4)
		return -1;
	*ret_len = len;
	return 0;
}

int base64_decode(const char *s, size_t n, uint8_t **ret, size_t *ret_len)
{
	uint8_t *out = xmalloc(n / 4 * 3 + 4);

	if (base64_into(s, n, out, ret_len) < 0) {
		free(out);
		return -1;
	}
	out[*ret_len] = 0;
	*ret = out;
	return 0;
}

void base64_encode(struct strbuf *out, const void *data, size_t n)
{
	static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *bytes = data;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t bits = (uint32_t)bytes[i] << 16;
		char four[4];

		if (i + 1 < n)
			bits |= (uint32_t)bytes[i + 1] << 8;
		if (i + 2 < n)
			bits |= bytes[i + 2];
		four[0] = base64_digits[bits >> 18];
		four[1] = base64_digits[bits >> 12 & 63];
		four[2] = i + 1 < n ? base64_digits[bits >> 6 & 63] : '=';
		four[3] = i + 2 < n ? base64_digits[bits & 63] : '=';
		strbuf_add(out, four, 4);
	}
}
