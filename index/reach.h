/* Whether clients find the paths that survive. A client has its anchors; another certificate it finds where CCADB
 * discloses it, or by a caIssuers URL of the certificate below, when the index holds a file from that very URL that
 * gave it.
 *
 *	struct reachable *r = reach_compute(ix, im);
 *	reach_of(r, ca), reach_via(r, ca, certs, max) …
 *	reach_free(r); */
#ifndef INDEX_REACH_H
#define INDEX_REACH_H

#include "index/alternatives.h"

struct index;

enum reach {
	REACH_CCADB,   /* all of it is disclosed */
	REACH_AIA,     /* the rest is found by caIssuers URLs */
	REACH_UNKNOWN, /* a URL was not followed; or the leaves would have to point to it, whose URLs are not kept */
	REACH_NEITHER, /* a certificate is neither disclosed nor pointed to */
	REACHES
};
extern const char *const reach_names[REACHES]; /* "ccadb", "aia", "unknown", "neither" */

struct reachable; /* borrows the index and the impact */
struct reachable *reach_compute(struct index *ix, const struct impact *im);
void reach_free(struct reachable *r);
/* Of a CA with a row in the impact. Of its surviving paths: the best that accept all that is accepted afterwards. */
enum reach reach_of(const struct reachable *r, uint32_t ca);
/* As trust_via() after the marks, among these paths. */
size_t reach_via(const struct reachable *r, uint32_t ca, uint32_t *certs, size_t max);
/* Kept leaves of all CAs, each by the best path that accepts it. */
void reach_kept(const struct reachable *r, struct leaf_loss kept[REACHES]);
/* One certificate below an anchor, by the best of what stands right below it on surviving paths. */
enum reach reach_of_cert(struct reachable *r, uint32_t cert);

#endif
