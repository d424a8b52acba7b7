/* Inside alternatives.c and suggest.c: certificates judged alone, and walks upwards over those that are good.
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
void loss_add(struct leaf_loss *to, const struct ca *ca, uint64_t leaves);
/* CAs that are kept; free(). */
size_t kept_cas(const struct impact *im, uint32_t **ret);
int keeper_compare(const void *a, const void *b, void *graph);

#endif
