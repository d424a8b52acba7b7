#include "tui/terminal.h"

#include <ctype.h>
#include <curses.h>
#include <string.h>
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

bool terminal_lacks_signs(const char *term)
{
	static const char *const families[] = { "linux", "vt", "ansi", "cons", "pcansi", "scoansi", "qansi", "wsvt", "pcvt", "sun", "wy",
		"wyse", "mach", "hurd", "minix", "cygwin", "dumb", "unknown" };

	if (!strncmp(term, "screen.", 7))
		term += 7; /* what screen runs on */
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		size_t n = strlen(families[i]);
		if (!strncmp(term, families[i], n) && !isalpha((unsigned char)term[n]))
			return true;
	}
	return false;
}
