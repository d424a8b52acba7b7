#include "index/chromestore.h"

#include <ctype.h>
#include <openssl/sha.h>
#include <stdarg.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "base/vec.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define NAME_MAX_SHOWN 80

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_PUNCT, TOKEN_BROKEN };

struct token {
	enum token_kind kind;
	const char *p; /* as it stands in the text */
	size_t n;
	size_t line;
};

/* One field's value: `text` is decoded, `bare` is false for strings. */
struct value {
	struct strbuf text;
	bool bare;
	size_t line;
};

struct anchor {
	struct chromestore_anchor a;
	bool has_hash;
	VEC(struct chromestore_set) sets;
	struct strbuf ev_policies, unevaluated;
	struct strbuf set_names, set_unevaluated; /* of the set at hand */
	uint32_t seen, set_seen;                  /* fields, by their place in the table */
	struct arena arena;
};

struct reader {
	const struct chromestore_handler *h;
	const char *p, *end;
	size_t line; /* of p */
	struct token t;
	struct value v;
	struct anchor a;
	size_t anchors;
	bool stopped;
};

static void problem(struct reader *r, size_t line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void problem(struct reader *r, size_t line, const char *fmt, ...)
{
	struct strbuf raw = STRBUF_INIT, clean = STRBUF_INIT;
	va_list ap;

	if (!r->h->problem)
		return;
	va_start(ap, fmt);
	strbuf_vaddf(&raw, fmt, ap);
	va_end(ap);
	text_clean(&clean, raw.buf, raw.len);
	r->h->problem(r->h->ctx, line, clean.buf);
	strbuf_release(&raw);
	strbuf_release(&clean);
}

/* ---- tokens ---- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-' || c == '+';
}

static void skip_blanks(struct reader *r)
{
	for (; r->p < r->end; r->p++) {
		if (*r->p == '#') {
			const char *nl = memchr(r->p, '\n', (size_t)(r->end - r->p));

			r->p = nl ? nl : r->end;
			if (!nl)
				return;
		}
		if (*r->p == '\n')
			r->line++;
		else if (!memchr(" \t\r\f\v", *r->p, 5))
			return;
	}
}

/* Up to the closing quote, which must be on the same line. */
static void lex_string(struct reader *r)
{
	char quote = *r->p++;

	r->t.kind = TOKEN_BROKEN;
	for (; r->p < r->end && *r->p != '\n'; r->p++) {
		if (*r->p == quote) {
			r->p++;
			r->t.kind = TOKEN_STRING;
			return;
		}
		if (*r->p == '\\' && r->p + 1 < r->end && r->p[1] != '\n')
			r->p++;
	}
}

static void next(struct reader *r)
{
	skip_blanks(r);
	r->t = (struct token){ .kind = TOKEN_END, .p = r->p, .line = r->line };
	if (r->p == r->end)
		return;
	if (*r->p == '"' || *r->p == '\'') {
		lex_string(r);
	} else if (is_word(*r->p)) {
		r->t.kind = TOKEN_WORD;
		while (r->p < r->end && is_word(*r->p))
			r->p++;
	} else {
		r->t.kind = memchr("{}<>[]:,;/", *r->p, 10) ? TOKEN_PUNCT : TOKEN_BROKEN;
		r->p++;
	}
	r->t.n = (size_t)(r->p - r->t.p);
}

static bool at(const struct reader *r, char c)
{
	return r->t.kind == TOKEN_PUNCT && *r->t.p == c;
}

static bool at_word(const struct reader *r, const char *word)
{
	return r->t.kind == TOKEN_WORD && r->t.n == strlen(word) && memcmp(r->t.p, word, r->t.n) == 0;
}

static bool accept(struct reader *r, char c)
{
	if (!at(r, c))
		return false;
	next(r);
	return true;
}

static bool broken(struct reader *r, const char *wanted)
{
	if (r->t.kind == TOKEN_END)
		problem(r, r->t.line, "the text ends where %s should stand", wanted);
	else
		problem(r, r->t.line, "'%.*s' where %s should stand",
			(int)(r->t.n < NAME_MAX_SHOWN ? r->t.n : NAME_MAX_SHOWN), r->t.p, wanted);
	return false;
}

static bool opens(struct reader *r, char *ret_close)
{
	*ret_close = at(r, '<') ? '>' : '}';
	return accept(r, '{') || accept(r, '<');
}

/* ---- strings ---- */

/* Digits of a base at *p, at most `most`, as a number. */
static uint32_t digits(const char **p, const char *end, unsigned base, int most)
{
	uint32_t n = 0;

	for (; most > 0 && *p < end && isxdigit((unsigned char)**p); most--, (*p)++) {
		unsigned char c = (unsigned char)**p;
		unsigned d = isdigit(c) ? c - '0' : (unsigned)(tolower(c) - 'a') + 10;

		if (d >= base)
			break;
		n = n * base + d;
	}
	return n;
}

/* What stands behind a backslash. */
static bool unescape(const char **p, const char *end, struct strbuf *out)
{
	static const char names[] = "abfnrtv\\'\"?", means[] = "\a\b\f\n\r\t\v\\'\"?";
	const char *start, *known;
	char c = **p;

	if (c >= '0' && c <= '7') {
		strbuf_addch(out, (char)digits(p, end, 8, 3));
		return true;
	}
	start = ++*p;
	if (c == 'x' || c == 'X') {
		strbuf_addch(out, (char)digits(p, end, 16, 2));
		return *p > start;
	}
	if (c == 'u' || c == 'U') {
		uint32_t cp = digits(p, end, 16, c == 'u' ? 4 : 8);

		text_encode(out, cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000) ? 0xFFFD : cp);
		return *p - start == (c == 'u' ? 4 : 8);
	}
	known = c ? strchr(names, c) : NULL;
	if (known)
		strbuf_addch(out, means[known - names]);
	return known != NULL;
}

static bool decode_string(const struct token *t, struct strbuf *out)
{
	const char *p = t->p + 1, *end = t->p + t->n - 1;

	while (p < end) {
		if (*p != '\\')
			strbuf_addch(out, *p++);
		else if (p++, p == end || !unescape(&p, end, out))
			return false;
	}
	return true;
}

/* Strings that stand one behind the other are one. */
static bool read_scalar(struct reader *r)
{
	strbuf_reset(&r->v.text);
	r->v.line = r->t.line;
	r->v.bare = r->t.kind == TOKEN_WORD;
	if (r->v.bare) {
		strbuf_add(&r->v.text, r->t.p, r->t.n);
		next(r);
		return true;
	}
	if (r->t.kind != TOKEN_STRING)
		return broken(r, "a value");
	for (; r->t.kind == TOKEN_STRING; next(r)) {
		if (!decode_string(&r->t, &r->v.text)) {
			problem(r, r->t.line, "an escape that is none in a string");
			return false;
		}
	}
	return true;
}

/* ---- values of fields: false when it is not of the field's type ---- */

static bool integer(const struct value *v, int64_t *ret)
{
	const char *p = v->text.buf, *end = p + v->text.len;
	bool minus = *p == '-';
	uint64_t n = 0;

	if (!v->bare)
		return false;
	if (p[minus] != '0' || v->text.len == minus + 1u)
		return num_parse_i64(p, ret) == 0;
	p += minus;
	if (v->text.len - minus > 16)
		return false;
	if (p[1] == 'x' || p[1] == 'X') {
		p += 2;
		for (; end - p > 8; p++)
			n = n << 4 | digits(&(const char *){ p }, p + 1, 16, 1);
	}
	(void)n;
	return false;
}
