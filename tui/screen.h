/* The terminal: roles and clean text in, cells out. One full redraw a frame,
 * curses sends the difference. A terminal that has no cursor addressing is
 * refused with a sentence.
 *
 *	screen_open(&o, &err);
 *	screen_begin(); screen_text(0, 0, 80, R_TITLE, "canopy"); screen_end(1, 0);
 *	key = screen_key();
 *	screen_close(); */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include <stdbool.h>
#include <stdio.h>
#include "tui/theme.h"

struct area {
	int y, x, h, w;
};
struct screen_options {
	const struct theme *theme;
	bool mouse, plain;
	int rows, cols; /* headless when > 0 */
};
int screen_open(const struct screen_options *o, struct err *err);
void screen_close(void);
/* Puts the terminal back as it was; callable at any time, also twice. */
void screen_restore(void);
void screen_size(int *rows, int *cols);
void screen_resize(int rows, int cols);
void screen_begin(void);
/* The cursor is parked at y, x: screen readers follow it. */
void screen_end(int y, int x, bool visible);
void screen_repaint(void);
/* Gives the terminal back and stops the process until it is continued. Not where SIGTSTP is ignored: no job control. */
void screen_suspend(void);
/* The next key (tui/keys.h); KEY_NOTHING when a signal came in between, KEY_WOKEN when what is watched can be read, and
 * some times a second while anything is watched. *gone: the terminal went away. */
int screen_key(bool *gone);
/* Is there one? It is kept for screen_key(). Never without a terminal. */
bool screen_key_waits(void);
/* The nth of those that there are, from 0 on, which are all kept; 0: there are no more yet, or as many as can be kept.
 * Waits for none. */
int screen_key_ahead(size_t n);
/* Where keys come from, for poll; -1 without a terminal. */
int screen_input(void);
/* Descriptors that end the wait for a key, a handful; -1 is passed over. Callable without a screen. */
void screen_watch(int fd, bool on);
/* KEY_WOKEN some times a second also without anything to watch, until it is said off as often as on. */
void screen_tick(bool on);
bool screen_mouse(int *y, int *x, int *key);

/* Draws at most w columns of s, which must be clean; a longer one ends in an ellipsis. Returns the columns used. */
int screen_text(int y, int x, int w, enum role role, bool selected, const char *s);
/* The same, ending at column x + w. */
int screen_right(int y, int x, int w, enum role role, bool selected, const char *s);
void screen_fill(int y, int x, int w, enum role role, bool selected);
/* OSC 52: text into the terminal's clipboard. */
void screen_copy(const char *text);
/* How a screen is written: as text lines; as runs of cells with their colours; as runs with their roles, which are the
 * same in every theme and are known in a theme with colours only. */
enum dump { DUMP_TEXT, DUMP_CELLS, DUMP_ROLES };
void screen_dump(FILE *out, enum dump how);

#endif
