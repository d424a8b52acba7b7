/* Inside index/: the names of leaves as texts, and whose they are.
 *
 *	for (const char *p = text, *name; names_next(&p, &name, &n);)
 *		domain = name_domain(name, n, buf);       // "mail.bank.example" → "bank.example"
 *
 * Names are what certificates say: nothing about them is to be relied on. */
#ifndef INDEX_HOSTNAME_H
#define INDEX_HOSTNAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

#define HOST_MAX 253
/* Lower case and without a dot at its end into buf; false for what is no host name: other characters than letters, digits,
 * '-' and '_', an empty label, too long. One label is enough. */
bool hostname_read(const char *p, size_t n, char buf[HOST_MAX + 1]);
/* The registrable domain by the Public Suffix List (libpsl's own), inside host; NULL when host is a public suffix. */
const char *hostname_registrable(const char *host);

/* Cuts the next name off a text as x509_names_text writes it; false at its end. */
bool names_next(const char **text, const char **name, size_t *n);
/* Appends what equal names have in common: in lower case (of an e-mail address its domain), no dot at the end. */
void name_fold(const char *name, size_t n, struct strbuf *out);
bool name_is_address(const char *name, size_t n); /* of IP */
/* The host that a name is about: a wildcard's domain, an e-mail address' or URL's host; false without one. */
bool name_host(const char *name, size_t n, char buf[HOST_MAX + 1]);
/* Whom to write to: the registrable domain of its host, else that host (a public suffix, one label), an IP address by itself;
 * NULL without any. Points into buf. */
const char *name_domain(const char *name, size_t n, char buf[HOST_MAX + 1]);
/* The last label of its host; NULL without one. */
const char *name_tld(const char *name, size_t n, char buf[HOST_MAX + 1]);

#endif
