/* Ctrl-C, or a polite kill, as a wish: the work at hand ends cleanly. The second one ends the program as if nobody listened.
 *
 *	stop_on_interrupt();
 *	… give stop_asked to what can be cancelled …
 *	stop_end(); */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include <stdbool.h>

void stop_on_interrupt(void);
/* Also after stop_end, until the next stop_on_interrupt. ctx is not used. */
bool stop_asked(void *ctx);
void stop_end(void);

#endif
