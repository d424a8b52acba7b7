/* Random small worlds for the oracle and for the index, alike in every run.
 *
 *	make_world(first_seed() + i, &w, &paths);
 *	struct rig r;
 *	rig_init(&r, &w);
 *	struct impact *im = impact_compute(&r.query, true);
 *	index_answers(&r, im, &answers);
 *	impact_free(im);
 *	rig_release(&r);
 *	oracle_paths_release(&paths);
 *
 * CANOPY_ORACLE_WORLDS sets how many worlds, CANOPY_ORACLE_SEED the first one's
 * seed; world i has the seed plus i, so that a failing world comes back alone with
 * its printed seed and CANOPY_ORACLE_WORLDS=1. */
#ifndef TESTS_UNIT_WORLDS_H
#define TESTS_UNIT_WORLDS_H

#include "base/strbuf.h"
#include "index/impact.h"
#include "oracle.h"

/* Sanitizers make all of it ten times slower, and look for other mistakes. */
#if defined(__SANITIZE_ADDRESS__)
#define WORLDS 1500
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WORLDS 1500
#endif
#endif
#ifndef WORLDS
#define WORLDS 10000
#endif

enum {
	WORLDS_FOR_EVENTS = 1000, /* with fewer, rare events may be missing by chance */
	DAY_0 = 19900,
};

extern const char *const program_names[P_COUNT];

uint64_t n_worlds(void);
uint64_t first_seed(void);
int64_t start_of(int day);
/* The world of a seed; its paths go to *paths. A world with very many is made anew. */
void make_world(uint64_t seed, struct oracle_world *w, struct oracle_paths *paths);

/* In words, for people who debug. */
void say_time(struct strbuf *b, const struct oracle_world *w, int64_t t);
void say_world(struct strbuf *b, const struct oracle_world *w);
/* Line by line: print_message cuts long texts off. */
void say_lines(const char *text);

/* The same world for the index; borrows it. */
struct rig {
	const struct oracle_world *w;
	struct graph g;
	struct store store;
	struct anchor_rule rule[ORACLE_RULES];
	struct distrust_rule distrust[ORACLE_DISTRUSTS];
	struct mark mark[ORACLE_MARKS];
	uint32_t exempt[ORACLE_EXEMPT], assume[ORACLE_ASSUME];
	struct trust_query query;
};
void rig_init(struct rig *r, const struct oracle_world *w);
void rig_release(struct rig *r);
/* What the index says of it, in the oracle's words. no_sct has one figure, both bounds. */
void index_answers(const struct rig *r, const struct impact *im, struct oracle_answers *ret);
struct oracle_tally tally_of(const struct leaf_tally *t);

struct bucket bucket_of(const struct oracle_leaf *l);
bool bucket_same(const struct bucket *a, const struct bucket *b);

#endif
