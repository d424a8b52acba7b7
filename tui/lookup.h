/* A search among all CAs in a thread: it reads the model that is shown, of which nothing may be replaced until it has
 * ended.
 *
 *	struct lookup *l = lookup_begin(&model, "alder");
 *	work_wait(lookup_work(l), screen_input(), 50);
 *	if (work_made(lookup_work(l)) && lookup_end(l, &found, &sorted, &n, &of_leaf, &near)) …
 *	work_cancel(lookup_work(l));                 // lookup_end() says false then */
#ifndef TUI_LOOKUP_H
#define TUI_LOOKUP_H

#include "index/nearest.h"
#include "tui/model.h"
#include "tui/work.h"

struct lookup;
/* Never NULL. */
struct lookup *lookup_begin(const struct model *m, const char *text);
struct work *lookup_work(const struct lookup *l);
/* Waits for it, and frees it. *found: CAs, those first that are trusted and have most leaves; *sorted: the same by number,
 * to look one up; both heap; *of_leaf: see index_search(); *near: what may have been meant where nothing is found.
 * False: it was cancelled. */
bool lookup_end(struct lookup *l, uint32_t **found, uint32_t **sorted, size_t *n, bool *of_leaf, struct nearest *near);

#endif
