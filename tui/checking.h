/* What takes long to find, of all CAs at once: the findings of `canopy check`, which have a view of their own and stand
 * in details, and the ranked sites, which stand in details alone. A thread with an index of its own looks for what is
 * asked for while keys are answered; each is looked for once, and again for another day or when the index was read anew.
 * What was found is known by ids, so that it outlives a reload until the new answer is there.
 *
 *	checking_ask(&t->checking, &t->model, t->version, CHECK_FINDINGS);  // nothing when it is there or being made
 *	if (checking_step(&t->checking, &t->model, t->version, false))
 *		draw();                                                     // something came
 *	checking_release(&t->checking); */
#ifndef TUI_CHECKING_H
#define TUI_CHECKING_H

#include "base/map.h"
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
struct sited { /* day, version and err as above */
	struct site_uses uses;
	struct map ca; /* id of a CA whose names were compared with a list, to its number in `uses` */
	int32_t day;
	unsigned version;
	struct err err;
};
enum { CHECK_FINDINGS = 1, CHECK_SITES = 2 };
struct check_job;
struct checking {
	struct checked *last;
	struct sited *sites; /* the last ones */
	struct check_job *job; /* NULL: nobody works */
	unsigned asked;        /* parts that were asked for last */
	unsigned bound;        /* version for which the numbers in `last` hold */
};

/* Parts: a sum of CHECK_…. */
void checking_ask(struct checking *c, const struct model *m, unsigned version, unsigned parts);
/* Takes what is ready and finds its CAs among those shown; wait: until it is. True when something changed. */
bool checking_step(struct checking *c, const struct model *m, unsigned version, bool wait);
/* Until something is ready, or there is input on the descriptor `in` (-1: none), or so long. */
void checking_wait(const struct checking *c, int in, int ms);
/* What is ready is not to be taken yet: it wakes nobody until it is. */
void checking_hold(struct checking *c);
/* Only finds them, where they have other numbers. */
void checking_bind(struct checking *c, const struct model *m, unsigned version);
/* Is `last` the answer for what is shown? */
bool checking_current(const struct checking *c, const struct model *m, unsigned version);
/* Those parts that are. */
unsigned checking_there(const struct checking *c, const struct model *m, unsigned version);
void checking_release(struct checking *c);

#endif
