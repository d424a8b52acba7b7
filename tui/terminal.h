/* What terminfo knows of a terminal, apart from the screen: <term.h> takes names as common as "lines" as its own. */
#pragma once

#include <stdbool.h>

/* Whether newterm() can open it. It must not be tried with another: newterm() leaks what it had begun (ncurses 6.4). */
bool terminal_is_known(const char *term);

/* Whether it is one of those whose fonts, of 256 glyphs or 512 at most, usually have no circles, crosses and braille: there
 * different signs would be the same box. By its name, for terminfo does not know (its U8 is about line drawing alone, and
 * terminals that show all of Unicode have it, too). */
bool terminal_lacks_signs(const char *term);
