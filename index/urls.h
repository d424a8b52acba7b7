/* Addresses of what CAs publish, as CCADB's records and certificates name them: where revocation lists are, and
 * where certificates of issuers are. Each address once, http and https only.
 *
 *	struct urls u = { 0 };
 *	if (index_crl_urls(ix, cas, n, day, &u, err) < 0) …
 *	for (size_t i = 0; i < u.url.n; i++)
 *		puts(u.url.v[i]);
 *	urls_release(&u); */
#ifndef INDEX_URLS_H
#define INDEX_URLS_H

#include "base/map.h"
#include "base/vec.h"
#include "index/index.h"

struct urls {
	VEC(const char *) url; /* printable ASCII; live until urls_release */
	size_t others;         /* addresses of other schemes (ldap …) */
	struct map seen;
	struct arena strings;
};
/* Of the lists that these CAs sign: what CCADB says of them in full and in parts, and the distribution points of CA
 * certificates that are valid on the day and of imported leaves that are unexpired then. May be called again to add. */
int index_crl_urls(struct index *ix, const uint32_t *cas, size_t n, int32_t day, struct urls *ret, struct err *err);
/* The caIssuers addresses of the CA certificates that are valid on the day. */
int index_issuer_urls(struct index *ix, int32_t day, struct urls *ret, struct err *err);
void urls_release(struct urls *u);

#endif
