/* What the detail tells and takes long to find: the findings of `canopy check` and the ranked sites, of all CAs at
 *once. A thread reads them with an index of its own, so that nobody waits; what it gives is known by ids, not by the
 *numbers of either graph.
 *
 *	struct facts *f = facts_begin(index, day);
 *	while (!facts_made(f)) …
 *	for (size_t i = 0; i < facts_findings(f, id, &list); i++) …
 *	facts_free(f); */
#ifndef TUI_FACTS_H
#define TUI_FACTS_H

#include "index/check.h"

struct facts;
/* Never NULL; where no thread can be had it is made at once. */
struct facts *facts_begin(const struct index *index, int32_t day);
int32_t facts_day(const struct facts *f);
/* No longer working. */
bool facts_made(struct facts *f);
/* Waits up to so long for it, or for input on the descriptor `in` (-1: none). */
void facts_wait(struct facts *f, int in, int ms);
/* Once made: why there are none, or NULL. */
const char *facts_error(const struct facts *f);

struct fact {
	const struct finding *finding; /* its numbers of CA and certificate mean nothing here */
	const uint8_t *cert;           /* SHA-256, NULL: it is about no certificate */
};
/* Those about the CA or one of its certificates, severe ones first; heap. Returns how many. */
size_t facts_findings(const struct facts *f, const uint8_t ca[32], struct fact **ret);
/* The ranked sites that its unexpired leaves name, by rank, borrowed; *coverage says whether these are all. */
size_t facts_sites(const struct facts *f, const uint8_t ca[32], const struct site_use **ret, enum coverage *coverage);
/* Stops what still works, and waits for that. */
void facts_free(struct facts *f);
/* Nobody waits: *list has it until it has stopped. facts_sweep() frees those that have; wait: all. */
void facts_leave(struct facts **list, struct facts *f);
void facts_sweep(struct facts **list, bool wait);

#endif
