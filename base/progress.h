/* A progress line on stderr with share, rate and time left: drawn only when stderr is a terminal and not quiet,
 * at most ten times a second, removed at the end.
 *
 *	struct progress p;
 *	progress_start(&p, "certdata", 0, quiet);
 *	progress_at(&p, done);
 *	progress_end(&p); */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what;
	uint64_t total; /* 0 = unknown */
	uint64_t rows;  /* within what is counted, shown beside it; 0 = not shown */
	uint64_t started_ns, drawn_ns;
	bool enabled;
};
void progress_start(struct progress *p, const char *what, uint64_t total, bool quiet);
void progress_at(struct progress *p, uint64_t done);
void progress_end(struct progress *p);

#endif
