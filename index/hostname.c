#include "index/hostname.h"

#include <arpa/inet.h>
#include <libpsl.h>
#include <stdio.h>
#include <string.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

bool hostname_read(const char *p, size_t n, char buf[HOST_MAX + 1])
{
	bool start = true;

	if (n && p[n - 1] == '.')
		n--;
	if (n == 0 || n > HOST_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = lower(p[i]);
		if (c == '.' ? start : !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
		start = c == '.';
		buf[i] = c;
	}
	buf[n] = '\0';
	return !start;
}

const char *hostname_registrable(const char *host)
{
	const psl_ctx_t *psl = psl_builtin();

	return psl ? psl_registrable_domain(psl, host) : NULL;
}

bool names_next(const char **text, const char **name, size_t *n)
{
	const char *end = strstr(*text, ", ");

	*name = *text;
	*n = end ? (size_t)(end - *text) : strlen(*text);
	*text += end ? *n + 2 : *n;
	return *n > 0 || end;
}

static const char *last_at(const char *name, size_t n)
{
	return memrchr(name, '@', n);
}

void name_fold(const char *name, size_t n, struct strbuf *out)
{
	const char *at = last_at(name, n);
	size_t local = at ? (size_t)(at - name) : 0;

	strbuf_reserve(out, n);
	strbuf_add(out, name, local);
	if (n > local && name[n - 1] == '.')
		n--;
	for (size_t i = local; i < n; i++)
		strbuf_addch(out, lower(name[i]));
}

bool name_is_address(const char *name, size_t n)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr any;

	if (n >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)n, name);
	return inet_pton(AF_INET, text, &any) == 1 || inet_pton(AF_INET6, text, &any) == 1;
}

/* What stands between "://" and a path, a port, … */
static void cut_url(const char **name, size_t *n)
{
	const char *scheme = memmem(*name, *n, "://", 3);

	if (!scheme)
		return;
	*n -= (size_t)(scheme + 3 - *name);
	*name = scheme + 3;
	for (size_t i = 0; i < *n; i++)
		if (memchr("/?#", (*name)[i], 3))
			*n = i;
}

static void cut(const char **name, size_t *n, size_t first)
{
	*name += first;
	*n -= first;
}

bool name_host(const char *name, size_t n, char buf[HOST_MAX + 1])
{
	size_t before = n;

	cut_url(&name, &n);
	bool is_url = n < before;
	const char *at = last_at(name, n);
	if (at)
		cut(&name, &n, (size_t)(at + 1 - name));
	const char *port = is_url ? memchr(name, ':', n) : NULL; /* or an address of version 6, which is no host name */
	if (port)
		n = (size_t)(port - name);
	if (n > 2 && name[0] == '*' && name[1] == '.')
		cut(&name, &n, 2);
	return !name_is_address(name, n) && hostname_read(name, n, buf);
}

const char *name_domain(const char *name, size_t n, char buf[HOST_MAX + 1])
{
	if (name_is_address(name, n)) {
		snprintf(buf, HOST_MAX + 1, "%.*s", (int)n, name);
		return buf;
	}
	if (!name_host(name, n, buf))
		return NULL;
	const char *registrable = hostname_registrable(buf);
	return registrable ? registrable : buf;
}

const char *name_tld(const char *name, size_t n, char buf[HOST_MAX + 1])
{
	if (!name_host(name, n, buf))
		return NULL;
	const char *dot = strrchr(buf, '.');
	return dot ? dot + 1 : buf;
}
