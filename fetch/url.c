#include "fetch/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/mem.h"
#include "base/strbuf.h"

static const char *const refused_scheme = "only https, file and http on this machine are fetched";
static const char *const refused_signed = "only http, https and file are fetched";

static bool host_is_loopback(const char *host)
{
	struct in_addr v4;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

static bool part_is_loopback(CURLU *u)
{
	char *host = NULL;
	if (curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		return false;
	bool loopback = host_is_loopback(host);
	curl_free(host);
	return loopback;
}

static const char *inspect(CURLU *u, bool is_signed, struct url_info *ret)
{
	char *scheme = NULL;
	if (curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
		return "is no URL";
	bool https = strcmp(scheme, "https") == 0, http = strcmp(scheme, "http") == 0,
	     file = strcmp(scheme, "file") == 0;
	curl_free(scheme);
	bool loopback = !file && part_is_loopback(u);
	if (!https && !file && !(http && (loopback || is_signed)))
		return is_signed ? refused_signed : refused_scheme;
	*ret = (struct url_info){ https ? URL_HTTPS : http ? URL_HTTP : URL_FILE, loopback, is_signed };
	return NULL;
}

static const char *refusal(const char *url, bool is_signed, struct url_info *ret)
{
	CURLU *u = curl_url();
	const char *why = "is no URL";
	CURLUcode code = curl_url_set(u, CURLUPART_URL, url, 0);
	if (code == CURLUE_UNSUPPORTED_SCHEME)
		why = is_signed ? refused_signed : refused_scheme;
	else if (code == CURLUE_OK)
		why = inspect(u, is_signed, ret);
	curl_url_cleanup(u);
	return why;
}

const char *url_refusal(const char *url, struct url_info *ret)
{
	return refusal(url, false, ret);
}

const char *url_refusal_signed(const char *url, struct url_info *ret)
{
	return refusal(url, true, ret);
}

const char *url_redirect_refusal(const struct url_info *from, const char *to, struct url_info *ret)
{
	const char *why = refusal(to, from->is_signed, ret);
	if (why)
		return why;
	if (from->scheme == URL_HTTPS && ret->scheme == URL_HTTP && !from->is_signed)
		return "a server may not lead from https to http";
	if (ret->scheme == URL_FILE)
		return "a server may not point at files of this machine";
	if (ret->loopback && !from->loopback)
		return "a server may not point at this machine";
	return NULL;
}

char *url_file_path(const char *url)
{
	CURLU *u = curl_url();
	char *path = NULL, *ret = NULL;
	struct url_info info;
	if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK && !inspect(u, false, &info) && info.scheme == URL_FILE &&
		curl_url_get(u, CURLUPART_PATH, &path, CURLU_URLDECODE) == CURLUE_OK)
		ret = xstrdup(path);
	curl_free(path);
	curl_url_cleanup(u);
	return ret;
}

char *url_join(const char *folder, const char *name)
{
	struct strbuf b = STRBUF_INIT;
	size_t n = strlen(folder);
	strbuf_addf(&b, "%s%s%s", folder, n > 0 && folder[n - 1] == '/' ? "" : "/", name);
	return strbuf_detach(&b);
}

bool url_is_file(const char *url)
{
	return strncmp(url, "file:", 5) == 0;
}

char *url_host(const char *url)
{
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL;
	struct strbuf b = STRBUF_INIT;
	if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK && curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK)
		strbuf_addstr(&b, host);
	if (b.len && curl_url_get(u, CURLUPART_PORT, &port, 0) == CURLUE_OK)
		strbuf_addf(&b, ":%s", port);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return b.len ? strbuf_detach(&b) : xstrdup("");
}

char *url_below(const char *folder, const char *url)
{
	const char *rest = strstr(url, "://");
	return rest ? url_join(folder, rest + 3) : NULL;
}

char *url_join_escaped(const char *folder, const char *name)
{
	char *escaped = curl_easy_escape(NULL, name, 0);
	char *url = url_join(folder, escaped ? escaped : name);
	curl_free(escaped);
	return url;
}

/* ---- passwords ---- */

#define MASK "***"

static bool is_secret(const char *key, size_t n)
{
	static const char *const secrets[] = { "password", "sslpassword" };
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		if (n == strlen(secrets[i]) && strncasecmp(key, secrets[i], n) == 0)
			return true;
	return false;
}

/* "?password=x&…", as PostgreSQL takes them. */
static void show_query(struct strbuf *b, const char *s)
{
	while (*s) {
		size_t mark = strspn(s, "?&"), key = strcspn(s + mark, "=&"), all = strcspn(s + mark, "&");
		bool secret = s[mark + key] == '=' && is_secret(s + mark, key);
		strbuf_add(b, s, secret ? mark + key + 1 : mark + all);
		if (secret)
			strbuf_addstr(b, MASK);
		s += mark + all;
	}
}

static void show_address(struct strbuf *b, const char *url, const char *rest)
{
	size_t authority = strcspn(rest, "/?#"), query = strcspn(rest, "?");
	const char *at = memrchr(rest, '@', authority), *colon = at ? memchr(rest, ':', (size_t)(at - rest)) : NULL;
	strbuf_add(b, url, (size_t)(rest - url));
	if (colon) {
		strbuf_add(b, rest, (size_t)(colon + 1 - rest));
		strbuf_addstr(b, MASK);
	}
	const char *from = colon ? at : rest;
	strbuf_add(b, from, (size_t)(rest + query - from));
	show_query(b, rest + query);
}

/* Past a value of "key = value": in quotes or up to a blank, a backslash takes what follows. */
static const char *skip_value(const char *s)
{
	bool quoted = *s == '\'';
	for (s += quoted; *s && (quoted ? *s != '\'' : !isspace((unsigned char)*s)); s++)
		if (*s == '\\' && s[1])
			s++;
	return *s && quoted ? s + 1 : s;
}

static void show_keys(struct strbuf *b, const char *s)
{
	static const char blank[] = " \t\r\n\f\v";
	while (*s) {
		const char *key = s + strspn(s, blank);
		size_t n = strcspn(key, "= \t\r\n\f\v");
		const char *value = key + n + strspn(key + n, blank);
		if (*value == '=')
			value += 1 + strspn(value + 1, blank);
		const char *end = value == key + n ? value : skip_value(value);
		bool secret = is_secret(key, n) && end > value;
		strbuf_add(b, s, (size_t)((secret ? value : end) - s));
		if (secret)
			strbuf_addstr(b, MASK);
		if (end == s)
			break;
		s = end;
	}
}

char *url_shown(const char *url)
{
	const char *rest = strstr(url, "://");
	struct strbuf b = STRBUF_INIT;
	if (rest && strcspn(url, " =") > (size_t)(rest - url))
		show_address(&b, url, rest + 3);
	else
		show_keys(&b, url);
	return b.len ? strbuf_detach(&b) : xstrdup("");
}
