/* The numbers of every CA on a day, as `counts`, `tree` and `show` say them.
 *
 *	struct tallies t;
 *	tallies_open(&t, g, day, TALLY_SUBTREE);
 *	t.unexpired[ca], t.subtree_unexpired[ca] where t.subtree_known[ca]
 *	tallies_close(&t); */
#ifndef CLI_COUNTS_H
#define CLI_COUNTS_H

#include "cli/cli.h"

struct tallies {
	uint64_t *unexpired;
	/* with `subtree`, else NULL */
	uint64_t *subtree_issued, *subtree_unexpired;
	uint64_t *subtree_known; /* counted CAs in the subtree: 0 means that its sums are unknown */
	int64_t *revoked;        /* -1 where no CRL of the CA was fetched */
	uint64_t *subtree_valid; /* with `subtree` */
	uint64_t *subtree_partial; /* CAs in the subtree that are not counted to the end: not 0 makes its sums lower bounds */
	uint64_t *subtree_unread; /* CAs with unexpired leaves and without a fetched CRL: not 0 means that valid is unknown */
};
int tallies_open(struct tallies *t, struct cli *c, bool subtree, struct err *err);
/* Unexpired less revoked; false where revoked is unknown. */
bool tallies_valid(const struct tallies *t, uint32_t ca, uint64_t *valid);
bool tallies_subtree_valid(const struct tallies *t, uint32_t ca, uint64_t *valid);
void tallies_close(struct tallies *t);

/* The columns of `counts`, first to last, without and with --subtree. */
extern const struct column counts_columns[], counts_subtree_columns[];
/* Writes one row an owner, root or program, as --by says. chosen: by CA, NULL for all. */
int counts_by(struct cli *c, const bool *chosen, struct err *err);
void counts_row(struct out *o, const struct graph *g, const struct tallies *t, uint32_t ca);

#endif
