/* The visible tree: which rows stand on the screen in which order. No curses.
 *
 * A row is a CA under one parent (several certificates under the same parent
 * are one row), or an owner when grouped. Its path is a hash of the ids from
 * the root down: stable through reload, sort, filter and date change, so that
 * what is open and where the cursor is survives them.
 *
 *	rows_build(&r, &model);            // after anything changed
 *	rows_open(&r, &model, r.cursor);
 *	rows_reveal(&r, &model, ca, NO_INDEX);
 *	rows_release(&r); */
#ifndef TUI_ROWS_H
#define TUI_ROWS_H

#include "tui/filter.h"
#include "tui/idset.h"

/* SORT_LEAVES: by what is known of them, where SORT_COUNT goes by CAs (shares_of_cas); else as that. */
enum sort { SORT_COUNT, SORT_LEAVES, SORT_CAS, SORT_ISSUED, SORT_NEWEST, SORT_NAME, SORT_OWNER, SORT_ONLY, SORTS };
extern const char *const sort_names[SORTS];

struct row {
	uint64_t path;
	uint32_t ca;       /* NO_INDEX: an owner's row */
	const char *owner; /* of an owner's row */
	uint32_t parent;   /* row, or NO_INDEX */
	uint32_t n_roots;  /* of an owner's row: those below it */
	uint32_t n_all;    /* of an owner's row: those, and his roots that are hidden or, without all_roots, no anchors of the program */
	uint16_t depth;
	bool last, open, openable;
	bool cycle;      /* stands above itself already */
	bool usable;     /* some certificate under this parent is usable on the day, for the program where its leaves are counted */
	bool apart;      /* none is: not in the number of the row above */
	bool revoked_elsewhere; /* usable for the program alone: others revoke what it stands here by */
	bool fits;       /* the filter */
	uint8_t alike;   /* enum alike: to its siblings */
	uint32_t places; /* where it stands: below how many CAs, and as a root */
	struct number count;
	uint64_t cas;            /* below it */
	uint64_t issued;         /* at and below it, each CA once */
	int32_t newest;          /* day of the newest leaf there, INT32_MIN: none */
	uint64_t whole, largest; /* of the share: its parent's number, its largest sibling's */
};
struct rows {
	VEC(struct row) row;
	uint32_t cursor, top;
	bool truncated; /* more than would be sensible to show */
	/* how to show */
	enum sort sort;
	bool reverse, all_roots, hide_expired, hide_empty, by_owner;
	struct filter filter;
	struct idset open, shut; /* shut: closed by hand while a filter opens by itself */
	/* derived */
	uint32_t opening; /* all levels are opened as long as there are fewer rows; 0: they are not */
	bool *shows, *fits; /* by CA: fits, or something below does */
	bool *is_root;
	uint32_t fitting;   /* CAs that fit the filter and are below the roots shown, each once */
	uint32_t elsewhere; /* CAs that fit the filter and stand below other roots only */
	uint32_t unowned;   /* CAs of which filter_may_own() tells */
	struct filter_vain vain;
	uint32_t undecided; /* CAs of which it is not known whether they fit the filter */
	VEC(uint32_t) roots;
	VEC(uint32_t) outside; /* with by_owner: what all_roots would add to them, sorted by owner */
	VEC(uint64_t) trail; /* paths from the root down to the cursor */
	uint32_t trail_ca;
};
/* What fits its filter is not all known yet: keys of certificates are still being read. */
bool rows_await_keys(const struct rows *r, const struct model *m);
/* Looks for the roots and applies the filter anew: after a change of the question. */
void rows_build(struct rows *r, const struct model *m);
/* Only what is open, sorted and where the cursor is. */
void rows_layout(struct rows *r, const struct model *m);
/* How to show, which is sort, …, filter. */
void rows_copy_how(struct rows *to, const struct rows *from);
bool rows_same_how(const struct rows *a, const struct rows *b);
/* Other rows are made beside those shown, as their `how` says; what is open goes on.
 *
 *	rows_copy_how(&next, &how);
 *	rows_prepare(&shown, &next, &was);  // was: what is open now
 *	rows_build(&next, &model);          // in a thread
 *	rows_take(&shown, &next, &was, &model, false);
 *
 * What was opened and shut meanwhile, and the cursor, is as the user wants it: `next` is what was shown. */
struct rows_open {
	struct idset open, shut;
};
void rows_prepare(const struct rows *shown, struct rows *next, struct rows_open *was);
/* moved: the cursor is where it is in `next`. */
void rows_take(struct rows *shown, struct rows *next, const struct rows_open *was, const struct model *m, bool moved);
/* Remember the cursor's CA before something moves the rows. */
void rows_keep_cursor(struct rows *r);
const struct row *rows_at(const struct rows *r); /* under the cursor, or NULL */
void rows_open(struct rows *r, const struct model *m, uint32_t row);
void rows_shut(struct rows *r, const struct model *m, uint32_t row);
void rows_open_all(struct rows *r, const struct model *m);
void rows_shut_all(struct rows *r, const struct model *m);
/* Opens what stands above the last of these paths, each below the one before it; the row of the last, or NO_INDEX. */
uint32_t rows_open_way(struct rows *r, const struct model *m, const uint64_t *path, size_t n);
/* Opens and shuts so that exactly these are open, and shut below a filter. */
void rows_set_open(struct rows *r, const struct model *m, const struct rows_open *as);
/* Opens the way to ca (under `parent` unless NO_INDEX) and puts the cursor there, where it has several the shortest whose
 * rows are all usable, else the shortest; false when the roots shown do not lead to it. */
bool rows_reveal(struct rows *r, const struct model *m, uint32_t ca, uint32_t parent);
/* For rows_open_way(), of rows grouped by owner or not as `by_owner` says: the way to the row of the cursor there, from an
 * owner's row to the first of its roots; *ret_ca: what stands there. Heap, *ret_n paths; NULL: no row. */
uint64_t *rows_regrouped(const struct rows *r, const struct model *m, bool by_owner, size_t *ret_n, uint32_t *ret_ca);
uint64_t rows_owner_path(const char *owner);
/* n_all of the owner's row; 0: he has none. */
uint32_t rows_all_of_owner(const struct rows *r, const char *owner);
/* Would rows_reveal() find it there? WAY_NONE: no root shown leads to it; WAY_HIDDEN: what is hidden stands in between. */
enum row_way { WAY_NONE, WAY_HIDDEN, WAY_SHOWN };
enum row_way rows_way(const struct rows *r, const struct model *m, uint32_t ca, uint32_t parent);
/* The CAs that issued to ca, each once, not itself. Returns how many; writes at most max. */
size_t ca_parents(const struct graph *g, uint32_t ca, uint32_t *ret, size_t max);
void rows_release(struct rows *r);

#endif
