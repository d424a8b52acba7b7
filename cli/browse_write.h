/* What the browser's `x` and `X` write: this program, run beside it as
 * `canopy impact` or `canopy export`, into a temporary file that takes the
 * name asked for when it is whole. */
#ifndef CLI_BROWSE_WRITE_H
#define CLI_BROWSE_WRITE_H

#include <sys/types.h>

#include "tui/tui.h"

struct browse_writer {
	struct tui_writer ops; /* for struct tui_options */
	const char *program;        /* the executable; NULL: this one */
	const char *db_path;        /* NULL: the default one */
	const char *chrome_version; /* of --chrome-version, or NULL */
	/* of what is being written */
	pid_t pid;
	char *path, *temporary;
	bool named;     /* there is a file of the temporary name */
	int out, notes; /* open files; notes: stderr of it */
	bool replace;
	bool may_say_no; /* its exit code: no day is known */
};
/* Fills w->ops. */
void browse_writer_init(struct browse_writer *w);

#endif
