/* What impact tells of the scenario beyond the totals, made step by step beside drawing. The totals and the CAs are in
 * the model at once; whatever is not made yet is zero here, and its `made` bit is not set. Goes with the next change of the marks or the question.
 *
 *	while (nobody waits && answer_step(&model, UINT_MAX))
 *		draw();
 *	if (answer_made(&model, ANSWER_SITES)) use(&model.answer->sites); */
#ifndef TUI_ANSWER_H
#define TUI_ANSWER_H

#include "index/alternatives.h"
#include "index/breakdown.h"
#include "index/scenario.h"
#include "index/sitelost.h"
#include "index/unknowns.h"
#include "tui/model.h"

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
	bool asked;            /* whether each mark has an effect there; in `marks` … */
	struct scenario marks; /* as those of the answer, of the chosen program empty: the answer has them */
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
};

/* Makes the first part of `wanted` (bits) that is not made; of the programs one. False: nothing is left to do, or there
 * are no marks. */
bool answer_step(struct model *m, unsigned wanted);
bool answer_made(const struct model *m, enum answer_part part);
void answer_free(struct answer *a);

#endif
