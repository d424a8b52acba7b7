/* A search among all CAs in a thread: it reads the model that is shown, of which nothing may be replaced until it has
 *ended.
 *
 *	struct lookup *l = lookup_begin(&model, "alder");
 *	lookup_wait(l, screen_input(), 50);          // or poll(lookup_fd(l))
 *	if (lookup_made(l) && lookup_end(l, &found, &sorted, &n)) …
 *	lookup_cancel(l);                            // lookup_end() says false then */
#ifndef TUI_LOOKUP_H
#define TUI_LOOKUP_H

#include "tui/model.h"

struct lookup;
/* Never NULL. */
struct lookup *lookup_begin(const struct model *m, const char *text);
bool lookup_made(const struct lookup *l);
int lookup_fd(const struct lookup *l);
void lookup_wait(const struct lookup *l, int in, int ms);
void lookup_cancel(struct lookup *l);
/* Waits for it, and frees it. *found: CAs, those first that are trusted and have most leaves; *sorted: the same by number,
 * to look one up; both heap; *of_leaf: see index_search(). False: it was cancelled. */
bool lookup_end(struct lookup *l, uint32_t **found, uint32_t **sorted, size_t *n, bool *of_leaf);

#endif
