/* Roles, not colours: what a text is, and per theme how that looks. No role is
 * told apart by its colour alone. */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include "base/err.h"

enum role {
	R_TEXT,
	R_TITLE,
	R_TITLE_DIM,
	R_HEADER,
	R_HEADER_ON,
	R_NUMBER,
	R_DIM,
	R_BAR,
	R_GUIDE,
	R_NAME,
	R_OWNER,
	R_GOOD,
	R_SOME,
	R_BAD,
	R_MARK,
	R_LOST,
	R_MATCH,
	R_SECTION,
	R_LABEL,
	R_LINK,
	R_STATUS,
	R_KEY,
	R_KEY_TEXT,
	R_PROMPT,
	R_ERROR,
	R_BOX,
	R_BOX_ON,
	R_WRONG, /* the part of an input that is wrong */
	R_CHOSEN, /* an input that the first character typed replaces */
	R_COUNT
};
enum { STYLE_BOLD = 1, STYLE_DIM = 2, STYLE_UNDERLINE = 4, STYLE_REVERSE = 8 };
struct style {
	short fg, bg;   /* of 256; -1: the terminal's own */
	short fg8, bg8; /* of 8 */
	unsigned flags; /* STYLE_… */
};
struct theme;
/* NULL name: what CANOPY_THEME names, else dark. ERR_USAGE names the themes. */
int theme_find(const char *name, const struct theme **ret, struct err *err);
const struct theme *theme_off(void);
/* As the golden screens call it: "title-dim". */
const char *theme_role_name(enum role role);
/* The style of a role, under the cursor or not. */
struct style theme_style(const struct theme *t, enum role role, int selected);

#endif
