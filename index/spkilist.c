#include "index/spkilist.h"

#include <string.h>

#include "base/date.h"
#include "base/text.h"

#define HEAD "# blocked SPKIs"
#define ADDS_TO "# adds to "
#define HEX_LENGTH 64

struct lines {
	const char *p, *end;
	size_t number;
};

static bool next_line(struct lines *l, const char **line, size_t *n)
{
	const char *nl;

	if (l->p == l->end)
		return false;
	nl = memchr(l->p, '\n', (size_t)(l->end - l->p));
	*line = l->p;
	*n = (size_t)((nl ? nl : l->end) - l->p);
	l->p = nl ? nl + 1 : l->end;
	l->number++;
	while (*n && ((*line)[*n - 1] == '\r' || (*line)[*n - 1] == ' ' || (*line)[*n - 1] == '\t'))
		--*n;
	return true;
}

static size_t blanks(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	return i;
}

/* HEX [# NAME], without blanks in front. */
static int read_key(const struct spkilist_handler *h, const char *p, size_t n, size_t number, size_t *keys)
{
	struct strbuf name = STRBUF_INIT;
	uint8_t hash[HEX_LENGTH / 2];
	size_t at = HEX_LENGTH;
	int rc = 0;

	at += n > at ? blanks(p + at, n - at) : 0;
	if (n < HEX_LENGTH || (n > at && (at == HEX_LENGTH || p[at] != '#')) || hex_decode(p, HEX_LENGTH, hash) < 0) {
		if (h->problem)
			h->problem(h->ctx, number, "no SHA-256 in hex");
		return 0;
	}
	if (n > at) {
		at++;
		at += blanks(p + at, n - at);
		text_clean(&name, p + at, n - at);
	}
	++*keys;
	if (h->key)
		rc = h->key(h->ctx, hash, name.buf);
	strbuf_release(&name);
	return rc;
}

int spkilist_read(const char *data, size_t n, const struct spkilist_handler *h, struct err *err)
{
	struct lines l = { data, data + n, 0 };
	const char *line;
	size_t len, keys = 0;

	while (next_line(&l, &line, &len)) {
		size_t skip = blanks(line, len);

		if (skip == len || line[skip] == '#')
			continue;
		if (read_key(h, line + skip, len - skip, l.number, &keys) < 0)
			return -1;
	}
	return keys ? 0 : err_set(err, ERR_INPUT, "a list of blocked SPKIs without any");
}

static bool begins(const char *p, size_t n, const char *what)
{
	return n >= strlen(what) && memcmp(p, what, strlen(what)) == 0;
}

bool spkilist_recognise(const char *data, size_t n)
{
	return begins(data, n, HEAD);
}

bool spkilist_adds_to(const char *data, size_t n, int32_t *day)
{
	struct lines l = { data, data + n, 0 };
	const char *line;
	size_t len;

	while (next_line(&l, &line, &len)) {
		char date[DATE_BUF] = "";

		if (len != strlen(ADDS_TO) + DATE_BUF - 1 || !begins(line, len, ADDS_TO))
			continue;
		memcpy(date, line + strlen(ADDS_TO), DATE_BUF - 1);
		return date_parse(date, day) == 0;
	}
	return false;
}

void spkilist_write_head(struct strbuf *out, const int32_t *adds_to)
{
	char date[DATE_BUF];

	strbuf_addstr(out, HEAD ": SHA-256 of the SubjectPublicKeyInfo, one a line\n");
	if (adds_to)
		strbuf_addf(out, ADDS_TO "%s\n", date_format(date, *adds_to));
}

void spkilist_write_key(struct strbuf *out, const uint8_t spki_sha256[32], const char *name)
{
	strbuf_addhex(out, spki_sha256, 32);
	strbuf_addf(out, "%s%s\n", *name ? "  # " : "", name);
}
