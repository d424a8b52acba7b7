/* Do names of leaves that a scenario loses have another leaf that stays trusted?
 *
 *	struct cover *c = cover_new(ix, trust);
 *	cover_add(c, leaf->names);              // of every lost leaf
 *	if (cover_find(c, err) < 0) …           // walks over what the index holds of all others
 *	switch (cover_of(c, leaf->names)) …     // of any of them
 *	cover_free(c);
 *
 * A leaf covers a name when it is unexpired on the query's day, good for its purpose, accepted after the scenario, and names it,
 * or names a wildcard that stands for it: its first label alone, of at least three (RFC 6125 6.4.3). Lost wildcards are covered
 * by the same wildcard only. Only names that the index holds are looked at, no log is asked; revocation of leaves is not.
 * Memory: the distinct names that were added with the wildcards that stand for them, and 24 bytes for each leaf of one CA and
 * each of these that it has. */
#ifndef INDEX_COVER_H
#define INDEX_COVER_H

#include "index/index.h"

enum covered {
	COVERED_UNKNOWN, /* none was seen, and there are leaves whose names the index does not hold; or these names are not known */
	COVERED_NO,      /* the index holds none: one that no source showed may exist all the same */
	COVERED_YES,     /* every name is */
};
struct cover;
struct cover *cover_new(struct index *ix, const struct trust *t);
/* names as struct leaf_info has them. */
void cover_add(struct cover *c, const char *names);
int cover_find(struct cover *c, struct err *err);
/* Of a leaf with these names, which were all added. NULL and "" are COVERED_UNKNOWN. */
enum covered cover_of(const struct cover *c, const char *names);
/* Of the CAs that accept leaves after the scenario: those that are counted and whose leaves' names are not all held; those that
 * are not counted to the end; all. After cover_find. */
struct cover_basis {
	size_t nameless, incomplete, cas;
};
struct cover_basis cover_basis(const struct cover *c);
void cover_free(struct cover *c);

/* Unexpired on the day, and good for the purpose in the program. A validity of which a half is unreadable is not. */
bool leaf_is_unexpired(int64_t not_before, int64_t not_after, int32_t day);
bool leaf_is_judged(const struct trust *t, int64_t not_before, int64_t not_after, uint8_t eku);

#endif
