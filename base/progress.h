/* How far something is, on stderr: for people a line with a bar, time left and rate, drawn only when stderr is a
 * terminal and not quiet, at most ten times a second, removed at the end; for programs that asked for it a line of
 * its own each time (PROGRESS_LINES):
 *
 *	progress<TAB>source=ccadb<TAB>step=download<TAB>unit=bytes<TAB>done=1234<TAB>total=5678<TAB>what=certdata.txt
 *
 * Fields of the form key=value; one that is not known is left out, and a reader passes over those it does not know.
 *
 *	struct progress p;
 *	progress_start(&p, PROGRESS_DOWNLOAD, "certdata", 0, quiet);
 *	progress_at(&p, done);
 *	progress_end(&p);
 *
 * Mode and source hold for the process; all of it belongs to one thread. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum progress_mode { PROGRESS_AUTO, PROGRESS_NONE, PROGRESS_LINES };
/* What is counted follows from it: bytes, bytes of files, certificates, keys, entries of a log. */
enum progress_step { PROGRESS_DOWNLOAD, PROGRESS_READ, PROGRESS_LINK, PROGRESS_ASK, PROGRESS_LOG };

struct progress {
	const char *source; /* as progress_source() said at the start, or one that the caller puts here; NULL = of none */
	const char *what;
	enum progress_step step;
	uint64_t total; /* 0 = unknown */
	uint64_t rows;  /* within what is counted, shown beside it; 0 = not shown */
	uint64_t documents, documents_total; /* that are through; shown when there are several */
	uint64_t started_ns, drawn_ns;
	uint64_t done, told; /* as of the last call, and what was said of it */
	bool enabled;
};
/* "none", "auto" or "lines"; NULL is auto. -1: another word. */
int progress_mode_parse(const char *word, enum progress_mode *ret);
void progress_set_mode(enum progress_mode mode);
/* The lines from here on are about a source (borrowed), number `index` (from 0) of `count`; NULL = about none. */
void progress_source(const char *name, size_t index, size_t count);
void progress_source_end(bool failed);

/* quiet does not hold for the lines that a program asked for. what is borrowed. */
void progress_start(struct progress *p, enum progress_step step, const char *what, uint64_t total, bool quiet);
void progress_at(struct progress *p, uint64_t done);
/* Makes room for a line of something else; the next progress_at draws again. */
void progress_hide(struct progress *p);
void progress_end(struct progress *p);

/* Several at once, a line each below one another on a terminal, as many as fit on it. Set `done` of each; one that is
 * not begun or through is left out.
 *
 *	struct progress_group g = { 0 };
 *	while (…)
 *		progress_group_at(&g, p, n);
 *	progress_group_end(&g, p, n); */
struct progress_group {
	size_t lines; /* that stand there */
};
void progress_group_at(struct progress_group *g, struct progress *const *p, size_t n);
void progress_group_end(struct progress_group *g, struct progress *const *p, size_t n);

#endif
