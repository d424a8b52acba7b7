/* A thread that reads an index of its own, so that nobody waits for what takes long. The graph it reads has other
 * numbers than the one that is shown: what it finds is to be known by ids.
 *
 *	struct reader *r = reader_begin(index, day, read, ctx);   // read(ctx, r, index of its own, err) in the thread
 *	poll(reader_fd(r)); if (reader_made(r)) …                 // ctx is the thread's until then
 *	reader_cancel(r);                                         // what read() asks with reader_cancelled(r)
 *	reader_end(r, &err); */
#ifndef TUI_READER_H
#define TUI_READER_H

#include "index/index.h"

struct reader;
/* Never NULL; where no thread can be had it is made at once. */
struct reader *reader_begin(const struct index *of, int32_t day,
	int (*read)(void *ctx, struct reader *r, struct index *ix, struct err *err), void *ctx);
/* No longer working. */
bool reader_made(const struct reader *r);
/* Readable from then on; -1 when there was none to be had, and it was made at once. */
int reader_fd(const struct reader *r);
void reader_cancel(struct reader *r);
/* A struct reader *, as what takes a callback wants it. */
bool reader_cancelled(void *r);
/* Waits for it, and frees it. -1: why is in err, never empty. */
int reader_end(struct reader *r, struct err *err);

#endif
