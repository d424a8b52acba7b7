/* The columns of names in the tree: the way to a CA, its name and what stands behind it, its owner, and what became of it.
 *
 *	name_draw(t, &cell);
 *	name_draw_owner(t, &cell); // where the owner has a column of its own; else with_owner says that it goes with the name */
#ifndef TUI_NAMES_H
#define TUI_NAMES_H

#include "tui/view.h"

/* What a column of the tree draws of one row. */
struct cell {
	int y, x, w;
	bool selected;
	bool with_owner; /* of a name: no column has the owner */
	const struct row *row;
};
/* The role, or that of a row which says less. */
enum role cell_fade(const struct cell *c, enum role role);
void name_draw(struct tui *t, const struct cell *c);
void name_draw_owner(struct tui *t, const struct cell *c);
#define OWNER_BESIDE_NAME 10 /* columns that it gets at least */

#endif
