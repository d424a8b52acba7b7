/* Inside index/: whether the fetched and verified CRLs of one CA list its leaves, on a day.
 *
 *	struct leaf_lists *lists;
 *	if (leaf_lists_open(db, ca, day, &lists, err) < 0)
 *		return -1;
 *	leaf_lists_ask(lists, serial, &r, err);       // a leaf whose serial number is known, or
 *	leaf_lists_ask_key(lists, row->key, &r, err); // one of a log of which only the key is
 *	leaf_lists_close(lists); */
#ifndef INDEX_LEAFREVOKED_H
#define INDEX_LEAFREVOKED_H

#include "db/db.h"
#include "index/index.h"
#include "index/x509.h"

struct leaf_lists;
/* NULL in *ret when there is no list that speaks of leaves. */
int leaf_lists_open(struct db *db, int64_t ca, int32_t day, struct leaf_lists **ret, struct err *err);
void leaf_lists_close(struct leaf_lists *l);
/* LEAF_REVOKED_NO only where a list was read that would have any leaf; see leaf_lists_name. */
int leaf_lists_ask(struct leaf_lists *l, struct db_blob serial, struct leaf_revocation *ret, struct err *err);
/* The same by the key of the serial number; the first one reads all entries. */
int leaf_lists_ask_key(struct leaf_lists *l, uint64_t key, struct leaf_revocation *ret, struct err *err);
/* Is there a list for the certificates of the distribution points that this one names? */
bool leaf_lists_name(const struct leaf_lists *l, const struct x509_cert *cert);

#endif
