/* Text from outside is hostile: only what went through text_clean() may be
 * drawn, logged or exported. Widths are terminal columns (wcwidth), not
 * bytes. Also hex and base64. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/mem.h"
#include "base/strbuf.h"

/* Appends s as valid UTF-8 in which every control character (C0, C1, DEL, NUL),
 * invalid byte, surrogate, non-character, bidirectional control (U+061C, U+200E/F, U+202A–E, U+2066–9),
 * line and paragraph separator, zero-width or invisible character (U+00AD, U+180E, U+200B–D, U+2060–F, U+FEFF,
 * U+FFF9–B, U+1BCA0–3, U+1D173–A) and tag character (U+E0000–7F) became U+FFFD. */
void text_clean(struct strbuf *out, const char *s, size_t len);
/* The same of what a format gives. */
void text_clean_vf(struct strbuf *out, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* The same into an arena, NUL-terminated. */
char *text_clean_dup(struct arena *a, const char *s, size_t len);
/* True when text_clean would change nothing. */
bool text_is_clean(const char *s, size_t len);
/* Decodes one code point; returns its length in bytes (1..4), or 0 at the end
 * or 1 with *cp = 0xFFFD on an invalid byte. */
int text_decode(const char *s, size_t len, uint32_t *cp);
void text_encode(struct strbuf *out, uint32_t cp);
/* Columns of a code point: 0 combining, 1, or 2 wide. Independent of the locale. */
int text_cp_width(uint32_t cp);
/* Columns that clean text takes. */
int text_width(const char *s);
/* Bytes of the longest prefix of s that takes at most `columns`; *took gets the
 * columns it takes. Never splits a character from its combining marks. */
size_t text_clip(const char *s, int columns, int *took);
/* Case-smart search: needle in lower case ignores case (ASCII, Latin-1,
 * Latin Extended-A, Greek, Cyrillic), else exact. */
bool text_contains(const char *hay, const char *needle);
/* The first place where it does, and how many bytes of hay fit; NULL when none. */
const char *text_find(const char *hay, const char *needle, size_t *ret_len);
/* Simple lower-casing of one code point (same ranges as above). */
uint32_t text_lower(uint32_t cp);
/* The order of names for people: without case, then by bytes. 0 for the same bytes only. */
int text_order(const char *a, const char *b);

/* Lower- or upper-case hex, even length, into out (n/2 bytes). 0 or -1. */
int hex_decode(const char *s, size_t n, uint8_t *out);
void hex_encode(const void *data, size_t n, char *out /* 2n+1 */);
/* RFC 4648 base64, blanks and line ends ignored; *ret_len bytes in *ret (heap). 0 or -1. */
int base64_decode(const char *s, size_t n, uint8_t **ret, size_t *ret_len);
void base64_encode(struct strbuf *out, const void *data, size_t n);

#endif
