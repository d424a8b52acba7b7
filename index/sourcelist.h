/* The documents of an index as a short list: those of one source and kind are one group, with one hash over them.
 *
 *	struct source_group *group;
 *	size_t n_groups = source_groups(source, n, &group);      // source as index_sources gives it
 *	free(group); */
#ifndef INDEX_SOURCELIST_H
#define INDEX_SOURCELIST_H

#include "index/index.h"

struct source_group {
	const char *source, *kind; /* borrowed from the sources, as all strings here */
	const char *part;          /* of a single document that has one, else "" */
	const struct index_source *first;
	size_t n;
	int32_t oldest_day, newest_day; /* INT32_MIN when no day is known */
	uint64_t records, problems;
	char sha256[65]; /* of a single document its own, else sources_hash */
};
size_t source_groups(const struct index_source *source, size_t n, struct source_group **ret);
/* Several as one group, whatever they are. */
struct source_group source_group_of(const struct index_source *source, size_t n);
/* SHA-256 over the documents' SHA-256 in hex, ascending, a line feed after each: what
 * `sort | sha256sum` makes of the column sha256 of `canopy sources`. */
void sources_hash(const struct index_source *source, size_t n, char ret[65]);

#endif
