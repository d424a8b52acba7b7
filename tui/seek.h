/* Where the cursor goes in rows that are made anew for it: to what was found, or to where one was before.
 *
 *	rows_build(&r, &model);
 *	seek_go(&s, &r, &model);   // in whatever thread; may change how the rows are shown
 *	if (s.found) …             // r.cursor is there */
#ifndef TUI_SEEK_H
#define TUI_SEEK_H

#include "tui/rows.h"

struct seek {
	bool on;
	bool has_ca;
	uint8_t ca[32];         /* by id: numbers may be others until then */
	VEC(uint64_t) way;      /* paths from the root down to its row, as it was: looked for first */
	uint32_t below_top;     /* lines from the top to that row … */
	uint32_t lines;         /* … less where the first row of the way and that row are seen together on so many; 0: not so */
	bool unfilter;          /* a filter that does not let it through goes */
	bool widen;             /* to the roots of all CAs, where those of the program do not lead there */
	bool back;              /* what is not found leaves the cursor … */
	uint32_t cursor, top;   /* … here */
	bool found, widened;    /* what came of it */
	bool unhidden;          /* … what hid it went … */
	char *dropped;          /* … of which this filter, heap; or NULL */
};
void seek_go(struct seek *s, struct rows *r, const struct model *m);
void seek_copy(struct seek *to, const struct seek *from);
void seek_release(struct seek *s);

#endif
