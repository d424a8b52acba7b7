#include "index/ctentry.h"

#include <endian.h>
#include <string.h>

#include "base/map.h"
#include "index/name.h"

#define KEY_HASH_SIZE 32
#define FINGERPRINT_SIZE 32
#define LEAF_INDEX_SIZE 5

/* ---- TLS's presentation language ---- */

static bool take(struct slice *rest, size_t n, struct slice *ret)
{
	if (n > rest->n)
		return false;
	*ret = (struct slice){ rest->p, n };
	rest->p += n;
	rest->n -= n;
	return true;
}

static bool take_number(struct slice *rest, size_t n, uint64_t *ret)
{
	struct slice s;

	if (!take(rest, n, &s))
		return false;
	*ret = 0;
	for (size_t i = 0; i < n; i++)
		*ret = *ret << 8 | s.p[i];
	return true;
}

/* On false *rest stands where it stood. */
static bool take_vector(struct slice *rest, size_t length_size, struct slice *ret)
{
	const struct slice before = *rest;
	uint64_t n;

	if (take_number(rest, length_size, &n) && take(rest, n, ret))
		return true;
	*rest = before;
	return false;
}

/* What a log writes there is its own affair: an extension that cannot be read has no index. */
static int64_t read_leaf_index(struct slice extensions)
{
	uint64_t type, index;
	struct slice data;

	while (take_number(&extensions, 1, &type) && take_vector(&extensions, 2, &data)) {
		if (type == 0 && data.n == LEAF_INDEX_SIZE && take_number(&data, LEAF_INDEX_SIZE, &index))
			return (int64_t)index;
	}
	return -1;
}

/* A TimestampedEntry off *rest, which on failure stands at what cannot be read. */
static int take_timestamped(struct slice *rest, struct ct_entry *ret, struct err *err)
{
	const uint8_t *start = rest->p;
	struct slice extensions;
	uint64_t ms, type;

	*ret = (struct ct_entry){ .leaf_index = -1 };
	if (!take_number(rest, 8, &ms))
		return err_set(err, ERR_INPUT, "no complete timestamp");
	if (!take_number(rest, 2, &type))
		return err_set(err, ERR_INPUT, "no entry type");
	if (type != CT_X509 && type != CT_PRECERT)
		return err_set(err, ERR_INPUT, "unknown entry type %u", (unsigned)type);
	ret->timestamp = ms > INT64_MAX ? INT64_MAX : (int64_t)ms;
	ret->type = (enum ct_type)type;
	if (type == CT_PRECERT && !take(rest, KEY_HASH_SIZE, &ret->issuer_key_hash))
		return err_set(err, ERR_INPUT, "no complete issuer key hash");
	if (!take_vector(rest, 3, &ret->cert))
		return err_set(err, ERR_INPUT, "no complete certificate");
	if (!take_vector(rest, 2, &extensions))
		return err_set(err, ERR_INPUT, "no complete extensions");
	ret->leaf_index = read_leaf_index(extensions);
	ret->timestamped = (struct slice){ start, (size_t)(rest->p - start) };
	return 0;
}

bool ct_chain_next(struct slice *chain, struct slice *ret_der)
{
	return take_vector(chain, 3, ret_der);
}

/* ---- data tiles ---- */

void ct_tile_init(struct ct_tile *t, const uint8_t *data, size_t n)
{
	*t = (struct ct_tile){ .rest = { data, n }, .size = n };
}

static int take_tile_leaf(struct slice *rest, struct ct_entry *ret, struct err *err)
{
	if (take_timestamped(rest, ret, err) < 0)
		return -1;
	if (ret->type == CT_PRECERT && !take_vector(rest, 3, &ret->precert))
		return err_set(err, ERR_INPUT, "no complete precertificate");
	if (!take_vector(rest, 2, &ret->fingerprints))
		return err_set(err, ERR_INPUT, "no complete chain");
	if (ret->fingerprints.n % FINGERPRINT_SIZE)
		return err_set(err, ERR_INPUT, "a chain of %zu bytes is no list of fingerprints", ret->fingerprints.n);
	return 0;
}

int ct_tile_next(struct ct_tile *t, struct ct_entry *ret, struct err *err)
{
	struct slice rest = t->rest;

	if (!rest.n)
		return 0;
	if (take_tile_leaf(&rest, ret, err) < 0)
		return err_context(err, "entry %zu at byte %zu", t->n, t->size - rest.n);
	t->rest = rest;
	t->n++;
	return 1;
}

/* ---- base64: four look-ups give 24 bits and, above them, one bit for each character of the alphabet ---- */

/* clang-format off */
#define ALPHABET(X) \
	X('A', 0) X('B', 1) X('C', 2) X('D', 3) X('E', 4) X('F', 5) X('G', 6) X('H', 7) \
	X('I', 8) X('J', 9) X('K', 10) X('L', 11) X('M', 12) X('N', 13) X('O', 14) X('P', 15) \
	X('Q', 16) X('R', 17) X('S', 18) X('T', 19) X('U', 20) X('V', 21) X('W', 22) X('X', 23) \
	X('Y', 24) X('Z', 25) X('a', 26) X('b', 27) X('c', 28) X('d', 29) X('e', 30) X('f', 31) \
	X('g', 32) X('h', 33) X('i', 34) X('j', 35) X('k', 36) X('l', 37) X('m', 38) X('n', 39) \
	X('o', 40) X('p', 41) X('q', 42) X('r', 43) X('s', 44) X('t', 45) X('u', 46) X('v', 47) \
	X('w', 48) X('x', 49) X('y', 50) X('z', 51) X('0', 52) X('1', 53) X('2', 54) X('3', 55) \
	X('4', 56) X('5', 57) X('6', 58) X('7', 59) X('8', 60) X('9', 61) X('+', 62) X('/', 63)
#define FIRST(c, value) [c] = (uint32_t)(value) << 18 | 1u << 24,
#define SECOND(c, value) [c] = (uint32_t)(value) << 12 | 1u << 25,
#define THIRD(c, value) [c] = (uint32_t)(value) << 6 | 1u << 26,
#define FOURTH(c, value) [c] = (uint32_t)(value) | 1u << 27,
/* clang-format on */
#define ALL_FOUR 0x0F000000u

static const uint32_t base64[4][256] = {
	{ ALPHABET(FIRST) },
	{ ALPHABET(SECOND) },
	{ ALPHABET(THIRD) },
	{ ALPHABET(FOURTH) },
};

static uint32_t four(const uint8_t *p)
{
	return base64[0][p[0]] | base64[1][p[1]] | base64[2][p[2]] | base64[3][p[3]];
}

/* The last four characters with their padding; the bytes they give, or 0. */
static size_t decode_last(const uint8_t *p, uint8_t *out)
{
	uint8_t text[4] = { p[0], p[1], p[2], p[3] };
	size_t n = 3;
	uint32_t bits;

	if (text[3] == '=') {
		n = text[2] == '=' ? 1 : 2;
		text[3] = 'A';
		if (n == 1)
			text[2] = 'A';
	}
	bits = four(text);
	if ((bits & ALL_FOUR) != ALL_FOUR)
		return 0;
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(bits >> (16 - 8 * i));
	return n;
}

/* `out` has room for 3 bytes of every 4 characters. */
static bool decode(struct slice text, uint8_t *out, struct slice *ret)
{
	const uint8_t *p = text.p;
	uint8_t *at = out;
	uint32_t seen = ALL_FOUR;
	size_t last;

	*ret = (struct slice){ out, 0 };
	if (text.n % 4)
		return false;
	if (!text.n)
		return true;
	const uint8_t *end = p + text.n - 4;
	for (; end - p >= 12; p += 8, at += 6) { /* what is written too much is written over */
		uint32_t high = four(p), low = four(p + 4);
		uint64_t bits = htobe64((uint64_t)(high & 0xFFFFFF) << 40 | (uint64_t)(low & 0xFFFFFF) << 16);

		seen &= high & low;
		memcpy(at, &bits, sizeof(bits));
	}
	for (; p < end; p += 4, at += 3) {
		uint32_t bits = four(p);

		seen &= bits;
		at[0] = (uint8_t)(bits >> 16);
		at[1] = (uint8_t)(bits >> 8);
		at[2] = (uint8_t)bits;
	}
	last = decode_last(p, at);
	ret->n = (size_t)(at - out) + last;
	return seen == ALL_FOUR && last > 0;
}

/* ---- get-entries ---- */

static size_t page_at(const struct ct_page *pg)
{
	return pg->size - (size_t)(pg->end - pg->p);
}

static void skip_space(struct ct_page *pg)
{
	while (pg->p < pg->end && (*pg->p == ' ' || *pg->p == '\n' || *pg->p == '\r' || *pg->p == '\t'))
		pg->p++;
}

static bool take_char(struct ct_page *pg, char c)
{
	skip_space(pg);
	if (pg->p == pg->end || *pg->p != c)
		return false;
	pg->p++;
	return true;
}

static bool is_escaped(const char *start, const char *quote)
{
	const char *p = quote;

	while (p > start && p[-1] == '\\')
		p--;
	return (quote - p) % 2;
}

/* What stands between the quotes, escapes as they are. */
static bool take_string(struct ct_page *pg, struct slice *ret)
{
	const char *start, *quote;

	if (!take_char(pg, '"'))
		return false;
	start = quote = pg->p;
	while ((quote = memchr(quote, '"', (size_t)(pg->end - quote))) && is_escaped(start, quote))
		quote++;
	if (!quote)
		return false;
	*ret = (struct slice){ (const uint8_t *)start, (size_t)(quote - start) };
	pg->p = quote + 1;
	return true;
}

/* The same when its end is expected behind n characters, where no other quote can be: then it is not looked for. */
static bool take_string_of(struct ct_page *pg, size_t n, struct slice *ret)
{
	skip_space(pg);
	if (n < 4 || (size_t)(pg->end - pg->p) < n + 2 || pg->p[0] != '"' || pg->p[n] == '\\' || pg->p[n + 1] != '"')
		return take_string(pg, ret);
	*ret = (struct slice){ (const uint8_t *)pg->p + 1, n };
	pg->p += n + 2;
	return true;
}

static bool take_key(struct ct_page *pg, struct slice *ret)
{
	return take_string(pg, ret) && take_char(pg, ':');
}

static bool is_word(struct slice s, const char *word)
{
	return s.n == strlen(word) && memcmp(s.p, word, s.n) == 0;
}

static int no_json(const struct ct_page *pg, const char *what, struct err *err)
{
	return err_set(err, ERR_INPUT, "no %s at byte %zu", what, page_at(pg));
}

static int find_entries(struct ct_page *pg, struct err *err)
{
	struct slice key, other;

	if (!take_char(pg, '{'))
		return no_json(pg, "JSON object", err);
	while (take_key(pg, &key)) {
		if (is_word(key, "entries") && take_char(pg, '['))
			return 0;
		if (!take_string(pg, &other) || !take_char(pg, ','))
			break;
	}
	return no_json(pg, "list of entries", err);
}

int ct_page_init(struct ct_page *pg, const char *json, size_t n, struct err *err)
{
	*pg = (struct ct_page){ .p = n ? json : "", .size = n };
	pg->end = pg->p + n;
	if (find_entries(pg, err) < 0) {
		ct_page_release(pg);
		return -1;
	}
	pg->cap = n / 4 * 3; /* the most that n characters can give: slices stay where they are */
	pg->bytes = xmalloc(pg->cap ? pg->cap : 1);
	return 0;
}

void ct_page_release(struct ct_page *pg)
{
	free(pg->bytes);
	*pg = (struct ct_page){ .p = NULL };
}

/* Behind the list: other keys, the end of the object, and nothing. */
static int finish_page(struct ct_page *pg, struct err *err)
{
	struct slice key, value;

	while (take_char(pg, ',')) {
		if (!take_key(pg, &key) || !take_string(pg, &value))
			return no_json(pg, "key with a string", err);
	}
	if (!take_char(pg, '}'))
		return no_json(pg, "end of the object", err);
	skip_space(pg);
	if (pg->p != pg->end)
		return no_json(pg, "end of the answer", err);
	pg->p = NULL;
	return 0;
}

/* ---- how long a value will be: both say so at their beginning ---- */

/* The number of three bytes that text has at byte `at`; SIZE_MAX where it has none. */
static size_t three_at(const char *text, const char *end, size_t at)
{
	const uint8_t *p = (const uint8_t *)text + at / 3 * 4;
	size_t phase = at % 3;

	if (at / 3 * 4 + 8 > (size_t)(end - text))
		return SIZE_MAX;
	uint32_t first = four(p), second = phase ? four(p + 4) : ALL_FOUR;
	if ((first & second & ALL_FOUR) != ALL_FOUR)
		return SIZE_MAX;
	uint64_t bits = (uint64_t)(first & 0xFFFFFF) << 24 | (second & 0xFFFFFF);
	return (size_t)(bits >> (24 - 8 * phase) & 0xFFFFFF);
}

static size_t characters(size_t bytes)
{
	return (bytes + 2) / 3 * 4;
}

/* Where the type of an entry stands in its leaf_input, and what stands before the certificate's length and behind it. */
#define TYPE_AT 9
#define X509_AT 12
#define PRECERT_AT 44
#define WITHOUT_EXTENSIONS 2

/* p is the opening quote. 0 unknown. */
static size_t leaf_input_size(const char *p, const char *end)
{
	size_t at, n = SIZE_MAX;

	if (p == end)
		return 0;
	at = (three_at(p + 1, end, TYPE_AT) & 0xFFFF) == CT_PRECERT ? PRECERT_AT : X509_AT;
	n = three_at(p + 1, end, at);
	return n == SIZE_MAX ? 0 : characters(at + 3 + n + WITHOUT_EXTENSIONS);
}

static size_t extra_data_size(const char *p, const char *end, struct slice leaf_input)
{
	const char *input = (const char *)leaf_input.p;
	size_t at = 0, n;

	if (p == end || !leaf_input.n)
		return 0;
	n = three_at(p + 1, end, 0);
	if (n != SIZE_MAX && (three_at(input, input + leaf_input.n, TYPE_AT) & 0xFFFF) == CT_PRECERT) {
		at = 3 + n;
		n = three_at(p + 1, end, at);
	}
	return n == SIZE_MAX ? 0 : characters(at + 3 + n);
}

static bool take_value(struct ct_page *pg, struct slice key, struct slice leaf_input, struct slice *ret)
{
	size_t n = 0;

	skip_space(pg);
	if (pg->chains_only && is_word(key, "leaf_input"))
		n = leaf_input_size(pg->p, pg->end);
	else if (pg->chains_only && is_word(key, "extra_data"))
		n = extra_data_size(pg->p, pg->end, leaf_input);
	return take_string_of(pg, n, ret);
}

static int take_object(struct ct_page *pg, struct slice *leaf_input, struct slice *extra_data, struct err *err)
{
	struct slice key, value;

	if (!take_char(pg, '{'))
		return no_json(pg, "entry", err);
	do {
		if (!take_key(pg, &key) || !take_value(pg, key, *leaf_input, &value))
			return no_json(pg, "key with a string", err);
		if (is_word(key, "leaf_input"))
			*leaf_input = value;
		else if (is_word(key, "extra_data"))
			*extra_data = value;
	} while (take_char(pg, ','));
	if (!take_char(pg, '}'))
		return no_json(pg, "end of the entry", err);
	if (!leaf_input->p || !extra_data->p)
		return no_json(pg, leaf_input->p ? "extra_data" : "leaf_input", err);
	return 0;
}

/* JSON may write a slash as "\\/". NULL: nothing is escaped so, or something else is. */
static char *without_escapes(struct slice text, size_t *n)
{
	char *ret = xmalloc(text.n + 1);
	bool escaped = false;

	*n = 0;
	for (size_t i = 0; i < text.n; i++) {
		bool slash = text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == '/';
		ret[(*n)++] = (char)text.p[i += slash];
		escaped |= slash;
	}
	if (escaped)
		return ret;
	free(ret);
	return NULL;
}

static bool decode_escaped(struct slice text, uint8_t *out, struct slice *ret)
{
	size_t n;
	char *plain = without_escapes(text, &n);
	bool good = plain && decode((struct slice){ (const uint8_t *)plain, n }, out, ret);

	free(plain);
	return good;
}

static int decode_value(struct ct_page *pg, struct slice text, const char *name, struct slice *ret, struct err *err)
{
	if (!decode(text, pg->bytes + pg->used, ret) && !decode_escaped(text, pg->bytes + pg->used, ret))
		return err_set(err, ERR_INPUT, "%s at byte %zu is no base64", name,
			pg->size - (size_t)(pg->end - (const char *)text.p));
	pg->used += ret->n;
	return 0;
}

/* Bytes behind the extensions are part of what was hashed. */
static int read_leaf_input(struct slice leaf_input, struct ct_entry *ret, struct err *err)
{
	struct slice rest = leaf_input;
	uint64_t version_and_type;

	if (!take_number(&rest, 2, &version_and_type))
		return err_set(err, ERR_INPUT, "no complete leaf_input");
	if (version_and_type != 0)
		return err_set(
			err, ERR_INPUT, "unknown version and type %04x of leaf_input", (unsigned)version_and_type);
	if (take_timestamped(&rest, ret, err) < 0)
		return err_context(err, "byte %zu of leaf_input", leaf_input.n - rest.n);
	ret->timestamped = (struct slice){ leaf_input.p + 2, leaf_input.n - 2 };
	return 0;
}

/* No log signs this: where its lengths do not fit, the entry stands without precertificate and chain. */
static void read_extra_data(struct slice rest, struct ct_entry *ret)
{
	struct slice precert = { NULL, 0 }, chain;

	if (ret->type == CT_PRECERT && !take_vector(&rest, 3, &precert))
		return;
	ret->precert = precert;
	if (take_vector(&rest, 3, &chain))
		ret->chain = chain;
}

/* Few chains stand behind the entries of one page, each written in up to three ways: base64 takes three bytes at once,
 * and what stands before a chain has any length. */
static struct ct_page_chain *chain_place(struct ct_page *pg, struct slice text, size_t phase)
{
	uint64_t bytes = 0;

	/* the middle of the first certificate is not what all have in common, as its beginning and the chain's end are */
	memcpy(&bytes, text.p + text.n / 3, text.n < 12 ? 0 : sizeof(bytes));
	bytes = (bytes + text.n + phase) * UINT64_C(0x9E3779B97F4A7C15);
	return &pg->chain[bytes >> 60];
}

/* Most of extra_data is a certificate that nobody needs and a chain that an entry before had too. False: it is not
 * written as usual, and is decoded as a whole. */
static bool decode_chain(struct ct_page *pg, struct slice text, struct ct_entry *ret)
{
	size_t skip = 0, phase;
	struct slice bytes;
	uint32_t bits;

	if (ret->type == CT_PRECERT) {
		bits = text.n >= 4 ? four(text.p) : 0;
		if ((bits & ALL_FOUR) != ALL_FOUR)
			return false;
		skip = 3 + (bits & 0xFFFFFF);
	}
	phase = skip % 3;
	if (skip / 3 * 4 >= text.n)
		return false;
	text = (struct slice){ text.p + skip / 3 * 4, text.n - skip / 3 * 4 };
	struct ct_page_chain *seen = chain_place(pg, text, phase);
	if (seen->phase == phase && slice_equal(text, seen->text)) {
		ret->chain = seen->chain;
		return true;
	}
	if (!decode(text, pg->bytes + pg->used, &bytes) || bytes.n < phase)
		return false;
	pg->used += bytes.n;
	bytes = (struct slice){ bytes.p + phase, bytes.n - phase };
	take_vector(&bytes, 3, &ret->chain);
	*seen = (struct ct_page_chain){ text, ret->chain, phase };
	return true;
}

static int take_entry(struct ct_page *pg, struct ct_entry *ret, struct err *err)
{
	struct slice leaf_input = { NULL, 0 }, extra_data = { NULL, 0 };

	if (pg->n && !take_char(pg, ','))
		return no_json(pg, "end of the list", err);
	if (take_object(pg, &leaf_input, &extra_data, err) < 0 ||
		decode_value(pg, leaf_input, "leaf_input", &leaf_input, err) < 0 ||
		read_leaf_input(leaf_input, ret, err) < 0)
		return -1;
	if (pg->chains_only && decode_chain(pg, extra_data, ret))
		return 0;
	if (decode_value(pg, extra_data, "extra_data", &extra_data, err) < 0)
		return -1;
	read_extra_data(extra_data, ret);
	return 0;
}

int ct_page_next(struct ct_page *pg, struct ct_entry *ret, struct err *err)
{
	const char *before = pg->p;
	size_t used = pg->used;
	int rc;

	if (!pg->p)
		return 0;
	skip_space(pg);
	if (take_char(pg, ']')) {
		rc = finish_page(pg, err);
		if (rc == 0)
			return 0;
	} else {
		rc = take_entry(pg, ret, err);
	}
	if (rc < 0) {
		pg->p = before;
		pg->used = used;
		return err_context(err, "entry %zu at byte %zu", pg->n, page_at(pg));
	}
	pg->n++;
	return 1;
}

/* ---- the TBSCertificate without what a log or the CA puts in between precertificate and certificate ---- */

#define EXTENSIONS_TAG (DER_CONTEXT | DER_CONSTRUCTED | 3)
#define RUNS_MAX 4
#define HEADER_MAX (2 + sizeof(size_t))

struct stripped {
	struct slice before, after;  /* of the TBSCertificate's body, around the extensions */
	struct slice runs[RUNS_MAX]; /* extensions that stay */
	size_t n, runs_size;
};

/* 1.3.6.1.4.1.11129.2.4.2, the list of SCTs, and .3, the poison. */
static bool is_dropped(struct slice extension)
{
	static const uint8_t prefix[] = { 0x2B, 0x06, 0x01, 0x04, 0x01, 0xD6, 0x79, 0x02, 0x04 };
	struct der oid;

	return der_take(&extension, DER_OID, &oid) && oid.body.n == sizeof(prefix) + 1 &&
	       memcmp(oid.body.p, prefix, sizeof(prefix)) == 0 &&
	       (oid.body.p[sizeof(prefix)] == 2 || oid.body.p[sizeof(prefix)] == 3);
}

static bool keep(struct stripped *s, struct slice extension)
{
	struct slice *last = s->n ? &s->runs[s->n - 1] : NULL;

	s->runs_size += extension.n;
	if (last && last->p + last->n == extension.p) {
		last->n += extension.n;
		return true;
	}
	if (s->n == RUNS_MAX)
		return false;
	s->runs[s->n++] = extension;
	return true;
}

static bool strip_extensions(struct slice explicit_body, struct stripped *ret)
{
	struct der list, extension;

	if (!der_take(&explicit_body, DER_SEQUENCE, &list) || explicit_body.n)
		return false;
	while (der_take(&list.body, DER_SEQUENCE, &extension)) {
		if (!is_dropped(extension.body) && !keep(ret, extension.all))
			return false;
	}
	return !list.body.n;
}

/* False where the extensions cannot be read. */
static bool strip(const struct x509_cert *c, struct stripped *ret)
{
	const uint8_t *behind_key = c->spki.p + c->spki.n;
	struct slice tbs = c->tbs, rest;
	struct der d, e;

	*ret = (struct stripped){ .n = 0 };
	if (!der_take(&tbs, DER_SEQUENCE, &d))
		return false;
	ret->before = d.body;
	rest = (struct slice){ behind_key, (size_t)(d.body.p + d.body.n - behind_key) };
	while (der_next(&rest, &e)) {
		if (e.tag != EXTENSIONS_TAG)
			continue;
		ret->before.n = (size_t)(e.all.p - d.body.p);
		ret->after = rest;
		return strip_extensions(e.body, ret);
	}
	return !rest.n;
}

/* DER's shortest header; returns its end. */
static uint8_t *put_header(uint8_t *p, int tag, size_t length)
{
	size_t octets = 1;

	*p++ = (uint8_t)tag;
	if (length < 0x80) {
		*p++ = (uint8_t)length;
		return p;
	}
	while (octets < sizeof(length) && length >> (8 * octets))
		octets++;
	*p++ = (uint8_t)(0x80 | octets);
	while (octets--)
		*p++ = (uint8_t)(length >> (8 * octets));
	return p;
}

static size_t header_size(size_t length)
{
	uint8_t header[HEADER_MAX];

	return (size_t)(put_header(header, DER_SEQUENCE, length) - header);
}

static void hash_stripped(struct content_hash *h, const struct stripped *s)
{
	uint8_t headers[2 * HEADER_MAX], *end;
	size_t list = header_size(s->runs_size) + s->runs_size;
	size_t extensions = s->n ? header_size(list) + list : 0;

	end = put_header(headers, DER_SEQUENCE, s->before.n + extensions + s->after.n);
	content_hash_add(h, headers, (size_t)(end - headers));
	content_hash_add(h, s->before.p, s->before.n);
	if (s->n) {
		end = put_header(put_header(headers, EXTENSIONS_TAG, list), DER_SEQUENCE, s->runs_size);
		content_hash_add(h, headers, (size_t)(end - headers));
	}
	for (size_t i = 0; i < s->n; i++)
		content_hash_add(h, s->runs[i].p, s->runs[i].n);
	content_hash_add(h, s->after.p, s->after.n);
}

uint32_t ct_leaf_content(const struct ct_leaf *leaf, const uint64_t seed[2])
{
	struct content_hash h;
	struct stripped s;

	content_hash_init(&h, seed);
	if (strip(&leaf->cert, &s))
		hash_stripped(&h, &s);
	else
		content_hash_add(&h, leaf->cert.tbs.p, leaf->cert.tbs.n);
	return content_hash_end(&h);
}

/* ---- what is counted ---- */

static void see_wildcard(void *ctx, int type, struct slice value)
{
	bool *wildcard = ctx;

	if (type == NAME_DNS && value.n >= 2 && memcmp(value.p, "*.", 2) == 0)
		*wildcard = true;
}

/* The type says which of the two it is; where that fails the other one is tried. */
static int parse(const struct ct_entry *e, struct x509_cert *ret, struct err *err)
{
	struct slice rest = e->cert;
	struct der d;

	/* x509_parse bounds what may follow; here it is the log's and has a length already */
	if (!der_take(&rest, DER_SEQUENCE, &d))
		return err_set(err, ERR_INPUT, "not a certificate: no complete SEQUENCE at byte 0");
	if (x509_read(d.all.p, d.all.n, e->type != CT_X509, ret, err) < 0 &&
		x509_read(d.all.p, d.all.n, e->type == CT_X509, ret, NULL) < 0)
		return -1;
	ret->trailing = rest.n;
	return 0;
}

enum ct_read ct_leaf_read(const struct ct_entry *e, struct ct_leaf *ret, struct err *err)
{
	const struct x509_cert *c = &ret->cert;

	*ret = (struct ct_leaf){ .not_before = 0 };
	if (parse(e, &ret->cert, err) < 0)
		return CT_LEAF_UNPARSABLE;
	ret->issuer = c->issuer;
	ret->serial = c->serial;
	ret->not_before = c->not_before;
	ret->not_after = c->not_after;
	ret->sct = c->sct_first;
	ret->eku = c->eku;
	ret->kind = c->kind;
	ret->is_ca = c->has_bc ? c->bc_ca : x509_name_equal(c->issuer, c->subject);
	x509_names_each(c, see_wildcard, &ret->wildcard);
	return CT_LEAF_OK;
}
