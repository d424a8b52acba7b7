#include "tui/seek.h"

#include <stdlib.h>

static bool go_way(const struct seek *s, struct rows *r, const struct model *m)
{
	uint32_t at = s->way.n ? rows_open_way(r, m, s->way.v, s->way.n) : NO_INDEX, up = at;

	if (at == NO_INDEX)
		return false;
	r->cursor = at;
	r->top = at > s->below_top ? at - s->below_top : 0;
	while (r->row.v[up].parent != NO_INDEX)
		up = r->row.v[up].parent;
	if (r->top > up && at - up < s->lines)
		r->top = up;
	return true;
}

static void unfilter(struct seek *s, struct rows *r, const struct model *m)
{
	s->unhidden = true;
	if (r->filter.term.n)
		s->dropped = xstrdup(r->filter.text);
	filter_release(&r->filter);
	r->hide_empty = r->hide_expired = false;
	rows_build(r, m);
}

static bool go_ca(struct rows *r, const struct model *m, uint32_t ca)
{
	return ca != NO_INDEX && rows_reveal(r, m, ca, NO_INDEX);
}

void seek_go(struct seek *s, struct rows *r, const struct model *m)
{
	uint32_t ca = s->has_ca ? model_find_ca(m, s->ca) : NO_INDEX;

	if (s->back) {
		r->cursor = s->cursor < r->row.n ? s->cursor : 0;
		r->top = s->top;
	}
	if (s->unfilter && ca != NO_INDEX && !r->fits[ca])
		unfilter(s, r, m);
	s->found = go_way(s, r, m) || go_ca(r, m, ca) || (s->back && !s->has_ca);
	if (s->found || !s->widen || ca == NO_INDEX || !m->store || r->all_roots || !r->fits[ca])
		return;
	r->all_roots = s->widened = true;
	rows_build(r, m);
	s->found = go_way(s, r, m) || go_ca(r, m, ca);
}

void seek_copy(struct seek *to, const struct seek *from)
{
	seek_release(to);
	*to = *from;
	to->way.v = NULL;
	to->way.n = to->way.cap = 0;
	to->dropped = from->dropped ? xstrdup(from->dropped) : NULL;
	for (size_t i = 0; i < from->way.n; i++)
		vec_push(&to->way, from->way.v[i]);
}

void seek_release(struct seek *s)
{
	vec_release(&s->way);
	free(s->dropped);
	*s = (struct seek){ .on = false };
}
