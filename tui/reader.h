/* A thread that reads an index of its own, so that nobody waits for what takes long. The graph it reads has other
 * numbers than the one that is shown: what it finds is to be known by ids.
 *
 *	struct reader *r = reader_begin(index, day, read, ctx);   // read(ctx, work, index of its own, err) in the thread
 *	if (work_made(reader_work(r))) …                          // ctx is the thread's until then
 *	work_cancel(reader_work(r));                              // what read() asks with work_cancelled()
 *	reader_end(r, &err); */
#ifndef TUI_READER_H
#define TUI_READER_H

#include "index/index.h"
#include "tui/work.h"

struct reader;
/* Never NULL; where no thread can be had it is made at once. */
struct reader *reader_begin(const struct index *of, int32_t day,
	int (*read)(void *ctx, struct work *w, struct index *ix, struct err *err), void *ctx);
struct work *reader_work(const struct reader *r);
/* Waits for it, and frees it. -1: why is in err, never empty. */
int reader_end(struct reader *r, struct err *err);

#endif
