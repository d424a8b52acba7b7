/* Downloads of several sources at once, before they are told of and indexed one after another in their order. Sources of
 * one host wait for each other, so that a host has one request at a time. Nothing is said meanwhile but how far it is.
 *
 *	fetch_ahead_start(&f, sources, n);
 *	… r = fetch_ahead_of(&f, s); NULL: it was not asked for, ask now …
 *	fetch_ahead_end(&f); */
#ifndef CLI_FETCH_AHEAD_H
#define CLI_FETCH_AHEAD_H

#include "base/vec.h"
#include "cli/fetch_run.h"
#include "fetch/fetch.h"

struct fetched_ahead {
	const struct source *source;
	int rc; /* of fetch_source */
	struct err err;
	struct fetch_summary sum;
	VEC(struct fetched_document) document; /* in their order, strings in the arena */
	struct arena strings;
};
/* Returns when all are through. Does nothing where there are not two hosts to ask. */
void fetch_ahead_start(struct fetching *f, const struct source *const *sources, size_t n);
const struct fetched_ahead *fetch_ahead_of(const struct fetching *f, const struct source *s);
void fetch_ahead_end(struct fetching *f);

#endif
