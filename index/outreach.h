/* Leaves grouped by whom to tell of them.
 *
 *	struct outreach *o;
 *	if (outreach_new(ix, OUTREACH_DOMAIN, &o, err) < 0) …
 *	outreach_add(o, ca, leaf, COVERED_NO, err);     // CA by CA
 *	n = outreach_groups(o, &group);
 *	outreach_free(o);
 *
 * A leaf counts once in each group that one of its names, or its subject, belongs to: groups overlap. */
#ifndef INDEX_OUTREACH_H
#define INDEX_OUTREACH_H

#include "index/cover.h"

enum outreach_by {
	OUTREACH_DOMAIN,       /* registrable domain by the Public Suffix List; an IP address by itself */
	OUTREACH_TLD,          /* last label */
	OUTREACH_ORGANIZATION, /* O of the subject */
};
#define OUTREACH_NAMES 5
struct outreach_group {
	const char *name;           /* cleaned; "": what belongs nowhere (names that are no host, no O); NULL: not known */
	uint64_t leaves, covered;   /* covered: COVERED_YES */
	uint64_t unknown;           /* COVERED_UNKNOWN; the rest is COVERED_NO */
	uint64_t names;             /* distinct ones, of those that belong here; by organization all of its leaves */
	const char *some[OUTREACH_NAMES]; /* the first of them, as they were written */
	bool dated;
	int64_t first_na, last_na;  /* seconds, when dated */
	uint64_t rank;              /* the best of a ranked site that these names are of; 0 without */
	VEC(uint32_t) ca;           /* issuers, in the order of adding */
	uint64_t last_leaf;         /* internal: its number */
};
struct outreach;
int outreach_new(struct index *ix, enum outreach_by by, struct outreach **ret, struct err *err);
int outreach_add(struct outreach *o, uint32_t ca, const struct leaf_info *l, enum covered covered, struct err *err);
/* By leaves that may have no cover, then leaves, most first, then rank, then name; borrowed until outreach_free. Ends the
 * adding. */
size_t outreach_groups(struct outreach *o, const struct outreach_group **ret);
void outreach_free(struct outreach *o);

/* A country's top-level domain? Two letters are; names in other scripts ("xn--") may be: false with *known false. */
bool tld_is_country(const char *tld, bool *known);

#endif
