/* Fetching beside the browser: `canopy fetch` as a child in a process group of its own. What it says on stderr is read
 * without waiting; its lines of progress (--progress=lines) become numbers, all others are kept, cleaned. It ends with
 *the browser, whatever ends that one.
 *
 *	if (fetching_start(&f, options->fetch, "ccadb", &err) < 0) …
 *	fetching_step(&f, false);     // from the loop; true when something changed
 *	if (f.state == FETCH_ENDED) say(f.outcome.buf);
 *	fetching_stop(&f);            // asks it to end; what came is kept
 *	fetching_release(&f); */
#ifndef TUI_FETCHING_H
#define TUI_FETCHING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"

struct tui_fetch;

/* One line of progress; numbers are UINT64_MAX, texts "" where it did not say. */
struct fetch_step {
	char source[64], step[64], unit[64], what[256]; /* at most a quarter as many columns */
	uint64_t done, total, rows, documents, documents_total, seconds_left, sources, sources_total;
};
enum fetch_state {
	FETCH_NEVER,
	FETCH_RUNS,
	FETCH_STOPPING, /* was asked to end */
	FETCH_ENDED,
};
struct fetching {
	enum fetch_state state;
	char asked[32]; /* the source, "" all */
	struct fetch_step now;
	VEC(char *) line;      /* what it said besides, the last ones */
	size_t lines;          /* … and how many that were */
	size_t ended, failed;  /* sources */
	int status;            /* FETCH_ENDED: its exit code, 128 + a signal */
	bool stopped, good;    /* FETCH_ENDED: because it was asked to; all that was asked for is there */
	struct strbuf outcome; /* FETCH_ENDED: one sentence */
	/* inside */
	pid_t pid;
	int err_fd;
	struct strbuf part; /* of a line */
	bool cut;           /* the line is longer than anybody wants to read */
	uint64_t stop_ns;   /* when it was asked */
	int asked_to_end;   /* how often */
};

#define FETCHING_INIT                                                                                                  \
	{                                                                                                              \
		.err_fd = -1, .part = STRBUF_INIT, .outcome = STRBUF_INIT                                              \
	}
/* ERR_USAGE when one runs already or nothing can be fetched here. source NULL: all that are enabled. */
int fetching_start(struct fetching *f, const struct tui_fetch *how, const char *source, struct err *err);
bool fetching_runs(const struct fetching *f);
/* wait: until it has ended. */
bool fetching_step(struct fetching *f, bool wait);
void fetching_stop(struct fetching *f);
/* "fetching ccadb 45 %", for any line that has a little room; nothing when none runs. */
void fetching_brief(const struct fetching *f, struct strbuf *out);
/* Ends what still runs, and waits for that. */
void fetching_release(struct fetching *f);

/* Reads "progress<TAB>key=value…"; false: it is none. */
bool fetch_step_parse(const char *line, struct fetch_step *ret);
/* The share that is done, in thousandths; -1 unknown. */
int fetch_step_share(const struct fetch_step *s);

#endif
