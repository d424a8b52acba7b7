/* Keys and their tables. A key is a code point, or KEY_FN(curses code). From
 * one row of a table come what the key does, the footer and the help.
 *
 *	{ "j Down", go_down, NULL, "down" }        // works, is in the help
 *	{ "i", show_impact, "impact", "…" }        // is in the footer too */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#define KEY_FN(code) ((code) | 1 << 24)
#define KEY_ESC 27
#define KEY_CTRL(c) ((c) & 0x1f)
#define KEY_NOTHING (-1)
#define KEY_WHEEL_UP (-2)
#define KEY_WHEEL_DOWN (-3)
#define KEY_CLICK (-4)
#define KEY_WOKEN (-5) /* no key: what is watched has news, or it is time to look */

struct tui;
struct view;
struct binding {
	const char *keys; /* names, blank-separated; NULL ends a table */
	void (*act)(struct tui *t, struct view *v);
	const char *label; /* in the footer; NULL: not there */
	const char *help;
};

/* The same key whatever a terminal calls it. */
int key_normal(int key);
/* "Enter", "C-d", "F5", "é"; 0 when there is no such key. */
int key_parse(const char *name, size_t len);
/* Calls each name of a binding's list until fn returns true. */
bool keys_each(const char *keys, bool (*fn)(void *ctx, const char *name, size_t len), void *ctx);
const struct binding *keys_find(const struct binding *table, int key);

#endif
