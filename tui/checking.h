/* The findings of `canopy check`, computed beside: a thread with an index of its own asks while keys are answered. What
 * it found is known by ids, so that it outlives a reload until the new answer is there.
 *
 *	checking_ask(&t->checking, &t->model, t->version);        // nothing when the answer is there or being made
 *	if (checking_step(&t->checking, &t->model, t->version, false))
 *		draw();                                           // something came
 *	checking_release(&t->checking); */
#ifndef TUI_CHECKING_H
#define TUI_CHECKING_H

#include "index/check.h"
#include "tui/model.h"

struct found {
	const struct finding *finding; /* its numbers of CA and certificate mean nothing here */
	const char *name, *owner, *subject; /* of its CA, "" without */
	bool has_ca, has_cert;
	uint8_t ca_id[32], sha256[32];
	uint32_t ca, cert; /* in the graph that is shown; NO_INDEX: none, or not there */
};
struct checked {
	struct check_result check;
	struct found *v; /* as many, in the order of `check` */
	struct arena names;
	int32_t day;
	unsigned version; /* of the index, counted by the browser */
	struct err err;   /* with a message: why there are none */
};
struct check_job;
struct checking {
	struct checked *last;
	struct check_job *job; /* NULL: nobody works */
	unsigned bound;        /* version for which the numbers in `last` hold */
};

void checking_ask(struct checking *c, const struct model *m, unsigned version);
/* Takes what is ready and finds its CAs among those shown; wait: until it is. True when something changed. */
bool checking_step(struct checking *c, const struct model *m, unsigned version, bool wait);
/* Only finds them, where they have other numbers. */
void checking_bind(struct checking *c, const struct model *m, unsigned version);
/* Is `last` the answer for what is shown? */
bool checking_current(const struct checking *c, const struct model *m, unsigned version);
void checking_release(struct checking *c);

#endif
