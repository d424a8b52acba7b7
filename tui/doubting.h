/* What speaks against the stores used on the model's day (index/storedoubt.h), for the sign behind their programs and for
 * the sources: read once a day and index, in a thread. Nobody waits for it, and until it is there no store is called
 * suspect.
 *
 *	if (doubting_step(&t->doubting, &t->model, t->version, false))
 *		draw();                            // model.doubts is there, or another
 *	doubting_release(&t->doubting); */
#ifndef TUI_DOUBTING_H
#define TUI_DOUBTING_H

#include <stdatomic.h>

#include "index/storedoubt.h"
#include "tui/model.h"

struct work;
struct doubting {
	struct work *work;         /* NULL: nobody works */
	const struct index *shown; /* what is asked; the thread looks at it only at first … */
	atomic_bool looks;         /* … which is now */
	struct store_doubts fresh; /* the thread's until it is made */
	struct err fresh_err;
	int32_t asked_day, day; /* of fresh and of last */
	unsigned asked_version, version;
	struct store_doubts last;
	struct err err; /* with a message: why last is empty */
	bool known;
};
/* Begins what is not there, and takes what is ready; wait: until it is. True when something came, if only that there is
 * nothing. */
bool doubting_step(struct doubting *d, struct model *m, unsigned version, bool wait);
/* Is `last` of the model's day and index? */
bool doubting_current(const struct doubting *d, const struct model *m, unsigned version);
/* The thread looks at the model's index, of which nothing may be replaced meanwhile. */
bool doubting_looks(const struct doubting *d);
void doubting_release(struct doubting *d);

#endif
