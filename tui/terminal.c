#include "tui/terminal.h"

#include <curses.h>
#include <term.h>
#include <unistd.h>

bool terminal_is_known(const char *term)
{
	int why; /* without it setupterm() would end the program */

	if (setupterm(term, STDOUT_FILENO, &why) != OK)
		return false;
	del_curterm(cur_term);
	return true;
}
