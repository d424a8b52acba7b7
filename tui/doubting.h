/* What speaks against the stores used on the model's day (index/storedoubt.h), read in a thread by an index of its own:
 * nobody waits for it, and until it is there no store is called suspect.
 *
 *	if (doubting_step(&t->doubting, &t->model, t->version, false))
 *		draw();                            // model.doubts is there, or another
 *	doubting_release(&t->doubting); */
#ifndef TUI_DOUBTING_H
#define TUI_DOUBTING_H

#include "index/storedoubt.h"
#include "tui/model.h"
#include "tui/reader.h"

struct doubting {
	struct reader *reader;     /* NULL: nobody works */
	struct store_doubts fresh; /* the thread's until it is made */
	int32_t asked_day, day;    /* of fresh and of last */
	unsigned asked_version, version;
	struct store_doubts last;
	bool known;
};
/* Begins what is not there, and takes what is ready; wait: until it is. True when something changed. */
bool doubting_step(struct doubting *d, struct model *m, unsigned version, bool wait);
void doubting_release(struct doubting *d);

#endif
