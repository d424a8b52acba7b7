/* Where one has been: back and forward over all places visited, and the line that says how one came here.
 *
 * A place is a stack of views and the row of the tree below them, all known by ids, so that it outlives a reload; what
 *is no longer in the index is passed over and forgotten. Marks are no part of it.
 *
 *	history_mark(t);      // before every jump
 *	history_back(t, v);   // a key */
#ifndef TUI_HISTORY_H
#define TUI_HISTORY_H

#include <stddef.h>
#include <stdint.h>
#include "base/strbuf.h"
#include "base/vec.h"

struct tui;
struct view;
struct view_ops;

/* A view above the tree. */
struct place_view {
	const struct view_ops *ops;
	uint8_t id[32];
	uint32_t cursor, top;
	char source[64];
	char *row; /* of the view's own kind, heap; or NULL */
	bool has_id, more;
};
struct place {
	VEC(struct place_view) view; /* from the lowest up; empty: the tree */
	VEC(uint64_t) path;          /* of the tree's row and all above it, from the root down */
	uint8_t ca[32];              /* of that row */
	uint32_t below_top;          /* rows between the first on the screen and it */
	bool has_ca, all_roots;
};
#define HISTORY_MAX 200
struct history {
	VEC(struct place) place;
	struct place kept;
	bool has_kept;
	size_t at; /* where one is; place.n: at a place that is not in the list yet */
};
/* Remembers where one is; what was ahead is forgotten. */
void history_mark(struct tui *t);
/* The same in two steps, where rows are moved in between; what is kept is freed by the next one, or with the history. */
void history_keep(struct tui *t);
void history_mark_kept(struct tui *t);
/* Or the cursor goes back to the row where it was then, in rows that are made anew. */
void history_seek_kept(struct tui *t);
void history_back(struct tui *t, struct view *v);
void history_forward(struct tui *t, struct view *v);
void history_release(struct history *h);

/* "Root › Sub › " and "This": the way to what is shown, in at most so many columns, the middle left out first. */
void history_way(const struct tui *t, int columns, struct strbuf *before, struct strbuf *here);

#endif
