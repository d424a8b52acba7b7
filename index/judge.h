/* What one certificate does to a path, for one query: the rules of contract.md
 * "impact" that need no path, prepared once so that trust.c and explain.c ask
 * the same questions.
 *
 *	struct judge j;
 *	judge_init(&j, &query);
 *	judge_link(&j, cert) == PATH_OK …
 *	judge_release(&j); */
#ifndef INDEX_JUDGE_H
#define INDEX_JUDGE_H

#include "index/trust.h"

struct judge {
	struct trust_query q; /* with its own copies of exempt, assume and the marks in force */
	const struct program *program;
	uint8_t *exempt;      /* by CA */
	uint8_t *blocked;     /* by key */
	uint8_t *marked;      /* by certificate: bits 1 << enum mark_action */
	uint8_t *revoked;     /* by certificate: not usable for the program by revocation or distrust */
	struct anchor_rule *rule; /* the store's rules for the purpose, then the assumed anchors */
	size_t n_rules;
};
enum { JUDGE_REVOKED = 1, JUDGE_DISTRUSTED = 2 };

/* Bits 1 << enum revocation_source of what revokes for the query, whether it is indexed or not. */
uint8_t judge_sources(const struct trust_query *q);
void judge_init(struct judge *j, const struct trust_query *q);
void judge_release(struct judge *j);
/* May cert stand in a path above the leaf and below an anchor? PATH_OK or why not. */
enum path_reason judge_link(const struct judge *j, uint32_t cert);
/* May the anchor of this rule end a path? */
enum path_reason judge_anchor(const struct judge *j, const struct anchor_rule *rule);
/* The pathLenConstraint that counts for an anchor (-1 none). */
int32_t judge_anchor_path_len(const struct judge *j, const struct anchor_rule *rule);
/* The scenario's effect of cert on leaves that a path still accepts: narrows *after. Returns the
 * reason when nothing is left because of a mark that is no date rule, else PATH_OK. */
enum path_reason judge_marks(const struct judge *j, uint32_t cert, bool as_anchor, struct box *after);

#define BUDGET_OPEN INT32_MAX
/* pathLen along a path from the anchor down: how many more certificates that are not self-issued may
 * follow. Returns the budget below cert, or -1 when cert itself exceeds `budget`. */
int32_t judge_budget(const struct judge *j, int32_t budget, uint32_t cert);
static inline int32_t judge_open_budget(int32_t path_len)
{
	return path_len < 0 ? BUDGET_OPEN : path_len;
}

#endif
