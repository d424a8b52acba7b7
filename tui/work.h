/* A thread for what takes longer than one who presses keys should wait. One piece of work is one thread, so that
 * nothing can be asked of it too late.
 *
 *	struct work *w = work_begin(run, ctx);   // run(ctx, w) in the thread, whose ctx is until it is made
 *	work_wait(w, screen_input(), 50);        // or poll(work_fd(w))
 *	if (work_made(w)) …
 *	work_cancel(w);                          // what run() asks with work_cancelled(w)
 *	work_end(w);
 *
 * Whoever works for others by one gives it out (lookup_work(), filling_work() …), to be waited for like any other. */
#ifndef TUI_WORK_H
#define TUI_WORK_H

#include <stdbool.h>

struct work;
/* Never NULL; where no thread can be had it is made at once. */
struct work *work_begin(void (*run)(void *ctx, struct work *w), void *ctx);
/* No longer working. */
bool work_made(const struct work *w);
/* Readable from then on; -1 when there was none to be had, and it was made at once. */
int work_fd(const struct work *w);
/* The same; wait: not before it is. */
bool work_ready(const struct work *w, bool wait);
/* Waits up to so long for it, or for input on the descriptor `in` (-1: none). */
void work_wait(const struct work *w, int in, int ms);
void work_cancel(struct work *w);
/* A struct work *, as what takes a callback wants it. */
bool work_cancelled(void *w);
/* Waits for it, and frees it. */
void work_end(struct work *w);

#endif
