/* What keeps leaves although marks cut paths of theirs, and what must be marked besides.
 *
 *	struct keeper *k;
 *	size_t n = impact_keepers(im, &k);      // most first
 *	free(k);
 *	struct suggestions s;
 *	suggest_marks(im, &s);
 *	suggestions_release(&s); */
#ifndef INDEX_ALTERNATIVES_H
#define INDEX_ALTERNATIVES_H

#include "index/impact.h"

/* How many leaves, and of which CAs. */
struct leaf_loss {
	struct span leaves;     /* with the bounds that figures give; not known where only CAs are concerned that nobody counts */
	uint32_t cas;           /* CAs whose accepted leaves become fewer, counted or not */
	uint32_t unbounded_cas; /* … of them of which more leaves may exist than count and figure say */
};

/* One certificate that stands on surviving paths, and on or below no mark. */
enum keeper_kind { KEEPER_ANCHOR, KEEPER_CROSS, KEEPER_SAME_KEY, KEEPER_INTERMEDIATE, KEEPER_KINDS };
/* "anchor", "cross-certificate" (its CA has certificates of several issuers), "certificate of the same key" (as a mark's
 * target has), "intermediate" */
extern const char *const keeper_kind_names[KEEPER_KINDS];
struct keeper {
	uint32_t cert;
	enum keeper_kind kind;
	struct leaf_loss keeps; /* kept now, and lost if this were rejected too: `remove` for an anchor, else `revoke` */
};
/* All that keep anything, a certificate that is also an anchor twice where the two differ; by leaves, their upper bound, CAs,
 * most first, then certificates before anchors. free(). */
size_t impact_keepers(const struct impact *im, struct keeper **ret);

/* A key is marked when a mark is on it or on a certificate that has it. Of leaves that its marks leave alone (those
 * from before a date) nothing is said here, nor of paths that are exempt. */
enum suggestion_why {
	SUGGEST_ANCHOR,    /* another anchor with a marked key */
	SUGGEST_CROSS,     /* a marked CA's certificate by an issuer that no mark's target has */
	SUGGEST_SAME_CA,   /* another certificate of a marked CA */
	SUGGEST_OTHER_NAME, /* the key under another name */
	SUGGEST_ITSELF,    /* a mark's own target, which `remove` leaves below other anchors */
	SUGGEST_WHYS
};
extern const char *const suggestion_why_names[SUGGEST_WHYS];
struct suggestion {
	struct mark mark; /* its target is a certificate */
	enum suggestion_why why;
	struct leaf_loss adds; /* lost with it and all before it, and not without it */
	struct leaf_loss total; /* lost with it, all before it and the scenario's own marks */
};
struct suggestions {
	struct suggestion *v; /* each adds most at its place; nothing of it could be left out */
	size_t n;
	struct leaf_loss open; /* accepted by paths through marked keys now */
	struct leaf_loss left; /* … with all of v: none, but for what is not exact */
	struct keeper *independent; /* anchors that accept, with all of v, leaves that lost another path */
	size_t n_independent;
};
void suggest_marks(const struct impact *im, struct suggestions *ret);
void suggestions_release(struct suggestions *s);

#endif
