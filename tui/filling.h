/* What the screen does without at first, computed in a thread piece by piece: each so short that what else is asked may wait
 * for it.
 *
 *	struct filling *f = filling_begin(&model, FILLS(FILL_COLUMN));  // NULL: nothing of it is missing
 *	work_wait(filling_work(f), screen_input(), 50);
 *	if (work_made(filling_work(f))) filling_take(f, &model);        // or filling_drop(f), which waits for it
 *
 * Until then nothing of the model may be replaced. */
#ifndef TUI_FILLING_H
#define TUI_FILLING_H

#include "tui/model.h"
#include "tui/work.h"

enum filled {
	FILL_COLUMN,   /* how one more program takes the CAs */
	FILL_STANDING, /* model_standing_for() */
	FILL_HERE,     /* model_only_here() */
	FILL_ONLY,     /* the same of some more CAs, without figures */
};
#define FILLS(what) (1U << (what))
struct filling;
struct filling *filling_begin(const struct model *m, unsigned wanted);
struct work *filling_work(const struct filling *f);
enum filled filling_take(struct filling *f, struct model *m);
void filling_drop(struct filling *f);

#endif
