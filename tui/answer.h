/* What impact tells of the scenario beyond the totals, made part by part in a thread. The totals and the CAs are in the
 * model at once; whatever is not made yet is zero here, and its `made` bit is not set. Goes with the next change of the
 * marks or the question.
 *
 *	struct answering *a = answer_begin(&model, UINT_MAX); // reads the model, of which nothing may be replaced meanwhile
 *	work_ready(answer_work(a), true);
 *	answer_take(a, &model);                               // or answer_stop(a), which waits for the part
 *	if (answer_made(&model, ANSWER_SITES)) use(&model.answer->sites); */
#ifndef TUI_ANSWER_H
#define TUI_ANSWER_H

#include "index/alternatives.h"
#include "index/breakdown.h"
#include "index/scenario.h"
#include "index/sitelost.h"
#include "index/unknowns.h"
#include "tui/model.h"
#include "tui/work.h"

enum answer_part {
	ANSWER_SITES,
	ANSWER_PROGRAMS,
	ANSWER_EFFECTS,
	ANSWER_DECAY, /* in model.impact */
	ANSWER_KEEPERS,
	ANSWER_OPERATORS,
	ANSWER_UNKNOWNS,
	ANSWER_PARTS
};

/* One program with a store, asked the same marks. */
struct program_loss {
	size_t column;
	struct number trusted, lost, kept; /* trusted: of all CAs */
	uint64_t lost_cas, less_cas, kept_cas;
	bool unanswered; /* by its store, which is later and trusts none of the marks: nothing is known (until_unanswered) */
	struct scenario marks; /* whether each has an effect there, as in the answer's, which has those of the chosen program */
};
struct answer {
	unsigned made; /* 1 << enum answer_part */
	struct scenario marks; /* `why` of those without effect; as many as the model has marks, in their order */
	VEC(struct program_loss) program; /* also before all are made */
	struct keeper *keeper;
	size_t n_keepers;
	struct site_losses sites;
	struct breakdown *operators;
	struct index_gaps gaps;
	struct unknowns unknown;
	struct err err; /* why sites or unknowns could not be read */
	size_t next_column;     /* of the programs */
	struct impact *decayed; /* on its way into the model */
	struct index *index;    /* what gaps and unknown are read from */
};

struct answering;
/* The first part of `wanted` (bits) that is not made; of the programs one. NULL: nothing is left to do, or there are no marks. */
struct answering *answer_begin(const struct model *m, unsigned wanted);
/* Is there a part that is not made? */
bool answer_lacks(const struct model *m);
struct work *answer_work(const struct answering *a);
void answer_take(struct answering *a, struct model *m);
void answer_stop(struct answering *a);
bool answer_made(const struct model *m, enum answer_part part);
void answer_free(struct answer *a);

#endif
