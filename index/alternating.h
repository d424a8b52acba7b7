/* Inside alternatives.c, suggest.c and reach.c: certificates judged alone, walks upwards over those that are good, losses.
 *
 *	links_start(&l);
 *	links_up(&l, cert);
 *	while (links_next(&l, &ca)) … links_up(&l, certificate of ca); */
#ifndef INDEX_ALTERNATING_H
#define INDEX_ALTERNATING_H

#include "index/alternatives.h"
#include "index/judge.h"

struct links {
	struct judge judge;
	uint8_t *below, *anchor; /* by certificate: good below an anchor; as one */
	uint32_t *seen, walk;    /* by CA: number of the last walk that came to it */
	VEC(uint32_t) todo;
};
void links_init(struct links *l, const struct trust *t);
void links_release(struct links *l);
/* What the marks on one certificate leave of all leaves. */
struct box links_marked(const struct links *l, uint32_t cert, bool as_anchor);
void links_start(struct links *l);
void links_pass(struct links *l, uint32_t ca); /* do not come to this CA */
void links_up(struct links *l, uint32_t cert);
bool links_next(struct links *l, uint32_t *ca);

bool key_is_marked(const struct trust_query *q, uint32_t key);
/* Judged with more marks; `through` as in the query. */
struct trust *trust_with(const struct trust_query *q, const struct mark *more, size_t n, const uint8_t *through);
/* Losses, one after another: every figure is once in each.
 *
 *	struct loss_sum s = loss_begin(&query);
 *	for each CA that loses: loss_add(&s, ca, TAKEN_SOME, leaves);
 *	loss = loss_end(&s);      // s is empty again
 *	loss_release(&s); */
struct loss_sum {
	struct figure_sum sum;
	struct beyond *beyond;
	struct leaf_loss loss;
};
struct loss_sum loss_begin(const struct trust_query *q);
void loss_add(struct loss_sum *s, uint32_t ca, enum taken part, uint64_t leaves);
struct leaf_loss loss_end(struct loss_sum *s);
void loss_release(struct loss_sum *s);
/* What of the leaves that are kept: all of what `now` keeps where `all`. */
enum taken part_of_kept(const struct trust *now, uint32_t ca, bool all);
int loss_compare(const struct leaf_loss *a, const struct leaf_loss *b); /* most first */
/* CAs that are kept; free(). */
size_t kept_cas(const struct impact *im, uint32_t **ret);
int keeper_compare(const void *a, const void *b, void *graph);

#endif
