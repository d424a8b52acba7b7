#include "index/crtsh.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/x509.h>
#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "fetch/crtshfile.h"
#include "index/countscsv.h"

#define HEAD CRTSH_COLUMNS "\n"
#define NAME_MAX_BYTES 65536

enum { KEY, NAME, ID, CERTS_ISSUED, CERTS_EXPIRED, PRECERTS_ISSUED, PRECERTS_EXPIRED, LAST, NEXT, ASKED, COLUMNS };

/* Cuts a line in place. */
static bool cut(char *line, char *cell[], size_t columns)
{
	size_t n = 0;

	for (char *p = line; p; n++) {
		if (n == columns)
			return false;
		cell[n] = p;
		p = strchr(p, ',');
		if (p)
			*p++ = 0;
	}
	return n == columns;
}

static bool number(const char *s, int64_t *ret)
{
	*ret = CRTSH_NONE;
	return !*s || (num_parse_i64(s, ret) == 0 && *ret >= 0);
}

static bool counter(const char *s, int64_t *ret)
{
	return number(s, ret) && *ret <= COUNT_MAX;
}

/* The text in hex, NUL behind it; no NUL inside. */
static bool hex_text(const char *hex, char *ret)
{
	size_t n = strlen(hex);

	if (n % 2 || n / 2 >= NAME_MAX_BYTES || hex_decode(hex, n, (uint8_t *)ret) < 0 || memchr(ret, 0, n / 2))
		return false;
	ret[n / 2] = 0;
	return true;
}

static const char *read_line(char *line, struct crtsh_row *r, char *name)
{
	char *cell[COLUMNS];

	if (!cut(line, cell, COLUMNS))
		return "not as many columns as the first line has";
	if (strlen(cell[KEY]) != 64 || hex_decode(cell[KEY], 64, r->spki_sha256) < 0)
		return "no SHA-256 in hex";
	if (!hex_text(cell[NAME], name))
		return "no name in hex";
	r->name = name;
	if (!number(cell[ID], &r->id) || !counter(cell[CERTS_ISSUED], &r->issued[0]) ||
		!counter(cell[CERTS_EXPIRED], &r->expired[0]) || !counter(cell[PRECERTS_ISSUED], &r->issued[1]) ||
		!counter(cell[PRECERTS_EXPIRED], &r->expired[1]) || !number(cell[LAST], &r->last_not_after) ||
		!number(cell[NEXT], &r->next_not_after) || !number(cell[ASKED], &r->asked_at) || r->asked_at == CRTSH_NONE)
		return "no number";
	return NULL;
}

int crtsh_read(const char *data, size_t n, const struct crtsh_handler *h, struct err *err)
{
	char *name = xmalloc(NAME_MAX_BYTES);
	size_t at = strlen(HEAD), good = 0;
	int rc = 0;

	for (size_t line = 2; rc == 0 && at < n; line++) {
		const char *nl = memchr(data + at, '\n', n - at);
		size_t len = (size_t)((nl ? nl : data + n) - (data + at));
		char *text = xstrndup(data + at, len);
		struct crtsh_row row;
		const char *why = strlen(text) == len ? read_line(text, &row, name) : "a NUL";

		if (!why)
			rc = h->row ? h->row(h->ctx, line, &row) : 0;
		else if (h->problem)
			h->problem(h->ctx, line, why);
		good += !why;
		at += len + 1;
		free(text);
	}
	free(name);
	if (rc < 0)
		return -1;
	return good ? 0 : err_set(err, ERR_INPUT, "counters of crt.sh without any");
}

bool crtsh_recognise(const char *data, size_t n)
{
	return n >= strlen(HEAD) && memcmp(data, HEAD, strlen(HEAD)) == 0;
}

/* ---- by days ---- */

#define DAYS_HEAD CRTSH_DAYS_COLUMNS "\n"
enum { DAYS_KEY, DAYS_NAME, DAYS_ID, DAYS_NB, DAYS_NA, DAYS_LEAVES, DAYS_ASKED, DAYS_COLUMNS };

bool crtsh_days_recognise(const char *data, size_t n)
{
	return n >= strlen(DAYS_HEAD) && memcmp(data, DAYS_HEAD, strlen(DAYS_HEAD)) == 0;
}

static bool read_days(char *line, bool first, char *name, struct crtsh_exact *to)
{
	char *cell[DAYS_COLUMNS];
	uint8_t key[32];
	int64_t id, nb, na, leaves, asked;

	if (!cut(line, cell, DAYS_COLUMNS) || strlen(cell[DAYS_KEY]) != 64 || hex_decode(cell[DAYS_KEY], 64, key) < 0 ||
		!hex_text(cell[DAYS_NAME], name) || !number(cell[DAYS_ID], &id) || id < 1 || !number(cell[DAYS_NB], &nb) ||
		!number(cell[DAYS_NA], &na) || na < nb || !number(cell[DAYS_LEAVES], &leaves) || leaves < 0 ||
		leaves > INT64_MAX - to->leaves || !number(cell[DAYS_ASKED], &asked) || asked < 0)
		return false;
	if (!first && (memcmp(key, to->spki_sha256, sizeof(key)) != 0 || id != to->id || strcmp(name, to->name) != 0 ||
		asked != to->asked_at))
		return false;
	if (first) {
		memcpy(to->spki_sha256, key, sizeof(key));
		to->name = xstrdup(name);
	}
	to->id = id;
	to->asked_at = asked;
	to->leaves += leaves;
	return true;
}

int crtsh_days_read(const char *data, size_t n, struct crtsh_exact *ret, struct err *err)
{
	char *name = xmalloc(NAME_MAX_BYTES);
	size_t at = strlen(DAYS_HEAD), line = 2;
	bool good = true;

	*ret = (struct crtsh_exact){ 0 };
	for (; good && at < n; line++) {
		const char *nl = memchr(data + at, '\n', n - at);
		size_t len = (size_t)((nl ? nl : data + n) - (data + at));
		char *text = xstrndup(data + at, len);

		good = strlen(text) == len && read_days(text, line == 2, name, ret);
		at += len + 1;
		free(text);
	}
	free(name);
	if (good && line > 2)
		return 0;
	free(ret->name);
	ret->name = NULL;
	return err_set(err, ERR_INPUT, "line %zu is no line of crt.sh's days of one CA", good ? line : line - 1);
}

/* As libx509pq prints a Name: short names of types, RFC 2253's escapes and a blank behind each comma, in the order of the
 * certificate, UTF-8 as it is. */
char *crtsh_name(const uint8_t *der, size_t n)
{
	const unsigned long flags =
		((ASN1_STRFLGS_RFC2253 | ASN1_STRFLGS_ESC_QUOTE) & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) | XN_FLAG_SEP_CPLUS_SPC |
		XN_FLAG_FN_SN;
	const unsigned char *p = der;
	X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)n);
	BIO *out = name ? BIO_new(BIO_s_mem()) : NULL;
	char *ret = NULL, *data;

	if (out && X509_NAME_print_ex(out, name, 0, flags) >= 0) {
		long len = BIO_get_mem_data(out, &data);
		if (len > 0)
			ret = xstrndup(data, (size_t)len);
	}
	BIO_free(out);
	X509_NAME_free(name);
	return ret;
}
