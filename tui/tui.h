/* The browser: walk the hierarchy, mark what you would cut, watch what breaks.
 * The only folder that knows curses. Reads an index that the caller opened and
 * keeps; writes nothing to it but the scenarios that the user saves.
 *
 *	struct tui_options o = { .index = ix, .program = "mozilla", .purpose = PURPOSE_TLS, .day = date_today() };
 *	if (tui_run(&o, &err) < 0)
 *		…
 *
 * tui_headless() runs the same event loop without a terminal: the golden
 * screens and the pictures come from it. */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "base/err.h"
#include "base/opt.h"
#include "index/check.h"
#include "index/index.h"

/* The formats of `canopy export`. */
struct tui_export {
	const char *name, *suffix, *help; /* a NULL name ends a list */
};
struct scenario;
struct strbuf;
struct tui_order {
	const struct tui_export *export; /* NULL: the report, `format` of `canopy impact` */
	const char *format, *path;
	bool replace; /* a file that is there */
	const struct scenario *scenario;
	int32_t day;
	/* of the report, as the impact view shows it */
	bool beside;    /* the marks in all programs, beside each other */
	uint64_t until; /* from when on fewer leaves are lost; 0: not asked */
	bool whole;     /* that answer does not stand alone */
};
/* Writes files beside the browser, one at a time. */
struct tui_writer {
	const struct tui_export *exports;
	/* Copies what it needs of the order. A child's end is told by SIGCHLD. */
	int (*begin)(struct tui_writer *w, const struct tui_order *o, struct err *err);
	/* 0: not yet; 1: written, `bytes` long, with `notes`, a line each; -1: not, and nothing is left of it. */
	int (*poll)(struct tui_writer *w, bool wait, uint64_t *bytes, struct strbuf *notes, struct err *err);
	void (*cancel)(struct tui_writer *w);
	/* Writes findings as `canopy check` does, at once, in whatever thread; nothing may be under way. Of the order it reads
	 * path, format, replace. */
	int (*findings)(struct tui_writer *w, const struct tui_order *o, const struct finding_list *l, uint64_t *bytes,
		struct err *err);
};

/* How the browser fetches: as a child that runs `exe` with `argv` and, behind them, the name of a source or nothing. */
struct tui_fetch {
	const char *exe;
	const char *const *argv; /* ends with NULL */
	const char *refusal;     /* why nothing can be fetched, a sentence; NULL: it can */
};

struct tui_options {
	const char *db_path; /* shown, not opened */
	struct index *index; /* borrowed */
	const char *program; /* NULL: the first one that has a store */
	enum purpose purpose;
	int32_t day;   /* as-of date */
	int32_t today; /* for the index's age; 0: the clock's */
	bool ascii, plain, no_color, mouse;
	bool utf8;          /* signs beyond ASCII also where the terminal is known for lacking them */
	const char *theme;  /* theme_find() */
	const char *notice; /* a line shown at the start, or NULL */
	struct tui_writer *writer; /* NULL: no files are written */
	const struct tui_fetch *fetch; /* NULL: not from here */
	/* Calls fn with name and path of each scenario in a file, until it returns less than 0; NULL: there are none. */
	int (*scenario_files)(
		int (*fn)(void *ctx, const char *name, const char *path, struct err *err), void *ctx, struct err *err);
	bool first;          /* nobody has been here before: the keys to begin with are shown, until one is pressed … */
	void (*begun)(void); /* … and this is called; or NULL */
	const struct opt *command_line; /* what it may be started with, for the help; or NULL */
};

/* Returns when the user leaves. ERR_USAGE when the terminal cannot show it or a name is unknown. */
int tui_run(const struct tui_options *o, struct err *err);

struct tui_headless {
	int rows, cols;
	/* Key names and quoted text, blank-separated: "j j Enter / 'alder' Enter". Besides keys:
	 * resize:12x60 changes the size. The last screen is written when the keys are used up. */
	const char *keys;
	bool cells;        /* "Y X FG BG ATTRIBUTES TEXT" runs instead of text */
	bool roles;        /* "Y X ROLE TEXT" runs */
	uint64_t worst_ns; /* out: the slowest key, drawing included */
	uint64_t first_ns; /* out: from the start to the first frame */
	uint64_t piece_ns; /* out: the longest that a key may wait for work beside drawing */
};
/* Needs a UTF-8 locale to be set, or o->ascii. */
int tui_headless(const struct tui_options *o, struct tui_headless *h, FILE *out, struct err *err);
/* The name of the nth view, NULL after the last. */
const char *tui_view_name(size_t n);

/* A row of a table of keys. */
struct tui_key {
	const char *view; /* NULL: everywhere */
	const char *keys; /* names, blank-separated */
	const char *help;
};
/* The nth of all tables: those of everywhere, then view by view; false past the end. */
bool tui_key_row(size_t n, struct tui_key *ret);

#endif
