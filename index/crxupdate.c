#include "index/crxupdate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "fetch/url.h"
#include "index/import.h"

#define FILE_MAX ((size_t)256 << 20)

struct text {
	const char *p, *end;
};

/* The inside of the first element of that name. */
static bool find_element(const char *data, size_t n, const char *open, struct text *ret)
{
	const char *p = memmem(data, n, open, strlen(open));
	const char *end = p ? memchr(p, '>', (size_t)(data + n - p)) : NULL;

	if (!end)
		return false;
	*ret = (struct text){ p + strlen(open), end };
	return true;
}

/* NAME="value" or NAME='value', the value with &amp; decoded, which is all that an address needs. */
static bool find_attribute(struct text in, const char *name, struct strbuf *ret)
{
	size_t len = strlen(name);

	strbuf_reset(ret);
	for (const char *p = in.p; (p = memmem(p, (size_t)(in.end - p), name, len)); p += len) {
		const char *quote = p + len + 1, *last;
		if (!isspace((unsigned char)p[-1]) || quote >= in.end || p[len] != '=' || (*quote != '"' && *quote != '\''))
			continue;
		last = memchr(quote + 1, *quote, (size_t)(in.end - quote - 1));
		if (!last)
			return false;
		for (const char *q = quote + 1; q < last; q++) {
			strbuf_addch(ret, *q);
			if (last - q > 4 && memcmp(q, "&amp;", 5) == 0)
				q += 4;
		}
		return true;
	}
	return false;
}

bool crx_update_recognise(const char *data, size_t n)
{
	struct text element;

	return find_element(data, n < 4096 ? n : 4096, "<gupdate", &element);
}

static int take_url(struct crx_update *u, const char *url, struct err *err)
{
	struct url_info info;
	bool plain_http = strncmp(url, "http://", 7) == 0 && url_refusal(url, &info);

	if ((size_t)snprintf(u->url, sizeof(u->url), "%s%s", plain_http ? "https://" : "", plain_http ? url + 7 : url) >= sizeof(u->url))
		return err_set(err, ERR_INPUT, "the update server's answer has an address that is too long");
	const char *why = url_refusal(u->url, &info);
	if (why || info.scheme == URL_FILE)
		return err_set(err, ERR_INPUT, "the update server's answer has an address that is not fetched");
	return 0;
}

static int take_sha256(struct crx_update *u, const char *hex, struct err *err)
{
	uint8_t raw[32];

	if (strlen(hex) != 64 || hex_decode(hex, 64, raw) < 0)
		return err_set(err, ERR_INPUT, "the update server's answer has no SHA-256 in 'hash_sha256'");
	hex_encode(raw, 32, u->sha256);
	return 0;
}

int crx_update_read(const char *data, size_t n, struct crx_update *ret, struct err *err)
{
	struct strbuf v = STRBUF_INIT;
	struct text in;
	int rc = 0;

	*ret = (struct crx_update){ 0 };
	if (!find_element(data, n, "<updatecheck", &in))
		return err_set(err, ERR_INPUT, "the update server's answer has no element 'updatecheck'");
	if (find_attribute(in, "status", &v) && strcmp(v.buf, "ok") != 0)
		rc = err_set(err, ERR_INPUT, "the update server's answer has another status than 'ok'");
	else if (!find_attribute(in, "codebase", &v))
		rc = err_set(err, ERR_INPUT, "the update server's answer has no attribute 'codebase'");
	else
		rc = take_url(ret, v.buf, err);
	if (rc == 0 && find_attribute(in, "hash_sha256", &v))
		rc = take_sha256(ret, v.buf, err);
	if (rc == 0 && find_attribute(in, "size", &v) && num_parse_u64(v.buf, &ret->bytes) < 0)
		rc = err_set(err, ERR_INPUT, "the update server's answer has no number in 'size'");
	strbuf_release(&v);
	if (rc < 0)
		*ret = (struct crx_update){ 0 };
	return rc;
}

int crx_update_check(const struct crx_update *u, const char *path, struct err *err)
{
	uint8_t hash[32], *data;
	char hex[65];
	size_t n;

	if (path_read(path, FILE_MAX, &data, &n, err) < 0)
		return -1;
	sha256_of(data, n, hash);
	free(data);
	hex_encode(hash, 32, hex);
	if (u->bytes && n != u->bytes)
		return err_set(err, ERR_INPUT, "%zu bytes, where the update server said %llu", n, (unsigned long long)u->bytes);
	if (*u->sha256 && strcmp(hex, u->sha256) != 0)
		return err_set(err, ERR_INPUT, "its SHA-256 is not the one that the update server said");
	return 0;
}
