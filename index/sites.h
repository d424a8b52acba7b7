/* Inside index/: rank lists of sites (Tranco's "rank,domain" CSV), and which of its sites a leaf names.
 *
 * A name is that of the site when it is the site's domain, or a wildcard right below it, or when the site's domain is its
 * registrable domain by the Public Suffix List (libpsl, https://publicsuffix.org/list/). Only dNSNames of the subject
 * alternative name are looked at. */
#ifndef INDEX_SITES_H
#define INDEX_SITES_H

#include "base/vec.h"
#include "db/site.h"
#include "index/x509.h"

bool ranks_recognise(const char *data, size_t n);
/* One call a line that fits; what does not is told with its line, from 1. fn < 0 stops with -1. */
struct ranks_handler {
	int (*site)(void *ctx, uint64_t rank, const char *domain);
	void (*problem)(void *ctx, size_t line, const char *what);
	void *ctx;
	size_t *at; /* NULL, or where how far it was read is kept */
};
int ranks_read(const char *data, size_t n, const struct ranks_handler *h);

/* The ranked sites in memory. Several threads may look things up at once. */
struct sites;
/* *ret stays NULL when no rank list is indexed. */
int sites_load(struct db *db, struct sites **ret, struct err *err);
void sites_free(struct sites *s);
struct site_ids {
	VEC(int64_t) v;
};
/* Adds the sites that a certificate names, each once. */
void sites_of(const struct sites *s, const struct x509_cert *c, struct site_ids *ret);

/* After a new list: compares the leaves whose names are known with it. Inside the caller's transaction. */
int sites_compare(struct db *db, struct err *err);

#endif
