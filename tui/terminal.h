/* What terminfo knows of a terminal, apart from the screen: <term.h> takes names as common as "lines" as its own. */
#pragma once

#include <stdbool.h>

/* Whether newterm() can open it. It must not be tried with another: newterm() leaks what it had begun (ncurses 6.4). */
bool terminal_is_known(const char *term);
