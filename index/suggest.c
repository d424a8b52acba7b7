#include <stdlib.h>
#include <string.h>

#include "index/alternating.h"

const char *const suggestion_why_names[SUGGEST_WHYS] = {
	[SUGGEST_ANCHOR] = "another anchor with a marked key",
	[SUGGEST_CROSS] = "cross-certificate of a marked CA",
	[SUGGEST_SAME_CA] = "another certificate of a marked CA",
	[SUGGEST_OTHER_NAME] = "a marked key under another name",
	[SUGGEST_ITSELF] = "the marked certificate below another anchor",
};

/* Beyond so many the order is the one in which they were found necessary: each place would ask them all again. */
#define ORDERED_MAX 24

/* Marked keys whose marks leave the same leaves alone, and the certificates that have them. */
struct group {
	struct box allowed;
	uint8_t *certs; /* by certificate */
};
struct suggesting {
	const struct impact *im;
	const struct trust_query *q;
	const struct graph *g;
	struct links links;
	VEC(struct group) group;
	VEC(struct mark) mark; /* suggested so far */
	uint8_t *one;          /* by certificate: the one that is asked for */
	struct loss_sum sum;
};

static void certs_of_key(const struct graph *g, uint32_t key, void (*fn)(void *ctx, uint32_t cert), void *ctx)
{
	for (uint32_t k = g->key_first[key]; k < g->key_first[key + 1]; k++) {
		const struct ca *ca = &g->ca.v[g->key_cas[k]];
		for (uint32_t i = 0; i < ca->n_certs; i++)
			fn(ctx, g->ca_certs[ca->first_cert + i]);
	}
}

static bool same_box(const struct box *a, const struct box *b)
{
	return (box_empty(a) && box_empty(b)) || (box_inside(a, b) && box_inside(b, a));
}

static void wider(struct box *a, const struct box *b)
{
	if (box_empty(b))
		return;
	a->nb_hi = a->nb_hi > b->nb_hi ? a->nb_hi : b->nb_hi;
	a->sct_hi = a->sct_hi > b->sct_hi ? a->sct_hi : b->sct_hi;
}

struct allowing {
	const struct suggesting *s;
	struct box box;
};

static void allow_of_cert(void *ctx, uint32_t cert)
{
	struct allowing *a = ctx;
	struct box left = links_marked(&a->s->links, cert, true);

	if (box_is_all(&left)) /* no mark is on it */
		return;
	if (box_empty(&a->box))
		a->box = left;
	else
		wider(&a->box, &left);
}

static void add_cert(void *ctx, uint32_t cert)
{
	((uint8_t *)ctx)[cert] = 1;
}

/* The leaves that the marks on a key leave alone, wherever they do: none without a date rule. */
static struct box allowed_of_key(const struct suggesting *s, uint32_t key)
{
	struct allowing a = { s, { INT64_MAX, INT64_MIN, INT64_MIN, INT64_MAX } };

	certs_of_key(s->g, key, allow_of_cert, &a);
	return a.box;
}

static void find_groups(struct suggesting *s)
{
	for (uint32_t key = 0; key < s->g->n_keys; key++) {
		struct box allowed;
		size_t i = 0;

		if (!key_is_marked(s->q, key))
			continue;
		allowed = allowed_of_key(s, key);
		while (i < s->group.n && !same_box(&s->group.v[i].allowed, &allowed))
			i++;
		if (i == s->group.n)
			vec_push(&s->group, ((struct group){ allowed, xcalloc(s->g->cert.n + 1, 1) }));
		certs_of_key(s->g, key, add_cert, s->group.v[i].certs);
	}
}

/* CAs that have a path open: through marked keys, for leaves that their marks do not leave alone. */
static uint32_t count_open(const struct suggesting *s, const uint8_t *through, const struct box *allowed)
{
	struct trust *t = trust_with(s->q, s->mark.v, s->mark.n, through);
	uint32_t n = 0;

	for (uint32_t ca = 0; ca < s->g->ca.n; ca++)
		n += trust_open(t, ca, allowed);
	trust_free(t);
	return n;
}

static uint32_t count_open_by(const struct suggesting *s, uint32_t cert, const struct box *allowed)
{
	s->one[cert] = 1;
	uint32_t n = count_open(s, s->one, allowed);
	s->one[cert] = 0;
	return n;
}

static bool is_complete(const struct suggesting *s)
{
	for (size_t i = 0; i < s->group.n; i++)
		if (count_open(s, s->group.v[i].certs, &s->group.v[i].allowed))
			return false;
	return true;
}

/* The marks that bring one certificate to what its key's marks leave: most often the first of them does. */
static size_t marks_for(const struct suggesting *s, uint32_t cert, const struct box *allowed, struct mark ret[2])
{
	size_t n = 0;

	if (box_empty(allowed)) {
		if (s->links.anchor[cert])
			ret[n++] = (struct mark){ .action = MARK_REMOVE, .target = cert, .since = MARK_ALWAYS };
		ret[n++] = (struct mark){ .action = MARK_REVOKE, .target = cert, .since = MARK_ALWAYS };
		return n;
	}
	if (allowed->nb_hi != INT64_MAX)
		ret[n++] = (struct mark){ .action = MARK_DISTRUST_AFTER, .target = cert, .limit = allowed->nb_hi, .since = MARK_ALWAYS };
	if (allowed->sct_hi != INT64_MAX)
		ret[n++] = (struct mark){ .action = MARK_SCT_NOT_AFTER, .target = cert, .limit = allowed->sct_hi, .since = MARK_ALWAYS };
	return n;
}

static void close_cert(struct suggesting *s, uint32_t cert, const struct box *allowed)
{
	struct mark marks[2];
	size_t n = marks_for(s, cert, allowed, marks), first = s->mark.n;

	for (size_t i = 0; i < n && count_open_by(s, cert, allowed); i++) {
		if (marks[i].action == MARK_REVOKE) /* it rejects what `remove` did not, and the anchor as well */
			s->mark.n = first;
		vec_push(&s->mark, marks[i]);
	}
}

struct candidate {
	uint32_t cert, open;
	size_t group;
};

static int by_open(const void *a, const void *b, void *ctx)
{
	const struct candidate *x = a, *y = b;
	const struct graph *g = ctx;

	if (x->open != y->open)
		return x->open > y->open ? -1 : 1;
	return memcmp(g->cert.v[x->cert].sha256, g->cert.v[y->cert].sha256, 32);
}

/* Certificates with marked keys that have a path open, those of the most CAs first; free(). */
static size_t find_candidates(const struct suggesting *s, struct candidate **ret)
{
	VEC(struct candidate) found = { 0 };

	for (size_t i = 0; i < s->group.n; i++) {
		for (uint32_t c = 0; c < s->g->cert.n; c++) {
			struct candidate k = { .cert = c, .group = i };

			if (!s->group.v[i].certs[c] || (!s->links.below[c] && !s->links.anchor[c]))
				continue;
			k.open = count_open_by(s, c, &s->group.v[i].allowed);
			if (k.open)
				vec_push(&found, k);
		}
	}
	if (found.n)
		qsort_r(found.v, found.n, sizeof(*found.v), by_open, (void *)s->g);
	*ret = found.v;
	return found.n;
}

static struct mark take_mark(struct suggesting *s, size_t i)
{
	struct mark m = s->mark.v[i];

	memmove(&s->mark.v[i], &s->mark.v[i + 1], (s->mark.n - i - 1) * sizeof(m));
	s->mark.n--;
	return m;
}

/* Those that a later one made unnecessary go again. */
static void leave_out(struct suggesting *s)
{
	for (size_t i = s->mark.n; i-- > 0;) {
		struct mark m = take_mark(s, i);

		if (is_complete(s))
			continue;
		vec_push(&s->mark, m);
		memmove(&s->mark.v[i + 1], &s->mark.v[i], (s->mark.n - i - 1) * sizeof(m));
		s->mark.v[i] = m;
	}
}

static void find_marks(struct suggesting *s)
{
	struct candidate *candidate;
	size_t n;

	if (is_complete(s))
		return;
	n = find_candidates(s, &candidate);
	for (size_t i = 0; i < n; i++)
		close_cert(s, candidate[i].cert, &s->group.v[candidate[i].group].allowed);
	free(candidate);
	if (is_complete(s)) /* else nothing could be left out: a component that is not exact */
		leave_out(s);
}

/* ---- what each of them adds ---- */

/* Lost in `to` and not in `from`: a's marks are among b's. */
static struct leaf_loss lost_more(struct suggesting *s, const struct trust *from, const struct trust *to)
{
	const struct trust_query *q = trust_query(from);

	for (uint32_t ca = 0; ca < q->graph->ca.n; ca++) {
		struct leaf_tally a = { 0 }, b = { 0 };

		if (!trust_touched(to, ca) || trust_same_after(from, to, ca))
			continue;
		trust_tally(from, ca, q->day, &a);
		trust_tally(to, ca, q->day, &b);
		bool all = trust_after(from, ca) == ACCEPT_ALL && trust_after(to, ca) == ACCEPT_NONE;
		loss_add(&s->sum, ca, all ? TAKEN_ALL : TAKEN_SOME, b.lost - a.lost);
	}
	return loss_end(&s->sum);
}

static struct leaf_loss all_lost(struct suggesting *s, const struct trust *t)
{
	const struct trust_query *q = trust_query(t);

	for (uint32_t ca = 0; ca < q->graph->ca.n; ca++) {
		struct leaf_tally tally = { 0 };

		if (!trust_changed(t, ca))
			continue;
		trust_tally(t, ca, q->day, &tally);
		loss_add(&s->sum, ca, part_lost((void *)(uintptr_t)t, ca), tally.lost);
	}
	return loss_end(&s->sum);
}

/* Brings the mark that adds most to those before it to place n. */
static struct leaf_loss choose_next(struct suggesting *s, size_t n, const struct trust *before, struct trust **ret)
{
	struct leaf_loss best = { 0 };
	size_t chosen = n, end = s->mark.n > ORDERED_MAX ? n + 1 : s->mark.n;

	*ret = NULL;
	for (size_t i = n; i < end; i++) {
		struct mark with = s->mark.v[i];
		struct trust *t = trust_with(trust_query(before), &with, 1, NULL);
		struct leaf_loss adds = lost_more(s, before, t);

		if (*ret && loss_compare(&adds, &best) >= 0) {
			trust_free(t);
			continue;
		}
		trust_free(*ret);
		*ret = t;
		best = adds;
		chosen = i;
	}
	struct mark m = take_mark(s, chosen);
	vec_push(&s->mark, m);
	memmove(&s->mark.v[n + 1], &s->mark.v[n], (s->mark.n - n - 1) * sizeof(m));
	s->mark.v[n] = m;
	return best;
}

/* Does a mark act on it? A REF that names a CA stands for all its certificates, and `remove` spares most of them. */
static bool is_target(const struct suggesting *s, uint32_t cert)
{
	for (size_t i = 0; i < s->q->n_marks; i++) {
		const struct mark *m = &s->q->marks[i];
		if (m->action != MARK_BLOCK && mark_in_force(m, s->q->day) && m->target == cert && (m->action != MARK_REMOVE || s->links.anchor[cert]))
			return true;
	}
	return false;
}

static bool issued_one_of(const struct graph *g, uint32_t cert, uint32_t other)
{
	const struct ca_cert *a = &g->cert.v[cert], *b = &g->cert.v[other];

	for (uint32_t i = 0; i < a->n_issuers; i++)
		for (uint32_t k = 0; k < b->n_issuers; k++)
			if (g->issuers[a->first_issuer + i] == g->issuers[b->first_issuer + k])
				return true;
	return false;
}

static enum suggestion_why why_of(const struct suggesting *s, const struct mark *m)
{
	const struct ca *ca = &s->g->ca.v[s->g->cert.v[m->target].ca];
	bool target = false, same_issuer = false;

	if (is_target(s, m->target))
		return SUGGEST_ITSELF;
	if (s->links.anchor[m->target])
		return SUGGEST_ANCHOR;
	for (uint32_t i = 0; i < ca->n_certs; i++) {
		uint32_t cert = s->g->ca_certs[ca->first_cert + i];
		if (!is_target(s, cert))
			continue;
		target = true;
		same_issuer |= issued_one_of(s->g, m->target, cert);
	}
	if (!target)
		return SUGGEST_OTHER_NAME;
	return same_issuer ? SUGGEST_SAME_CA : SUGGEST_CROSS;
}

/* Also leaves the trust with all of them, for what follows. */
static struct trust *put_in_order(struct suggesting *s, struct suggestions *ret)
{
	struct trust *now = trust_with(s->q, NULL, 0, NULL);

	ret->v = xcalloc(s->mark.n + 1, sizeof(*ret->v));
	for (size_t n = 0; n < s->mark.n; n++) {
		struct trust *next;
		struct leaf_loss adds = choose_next(s, n, now, &next);

		trust_free(now);
		now = next;
		ret->v[ret->n++] = (struct suggestion){ .mark = s->mark.v[n], .why = why_of(s, &s->mark.v[n]), .adds = adds,
			                                .total = all_lost(s, now) };
	}
	return now;
}

/* ---- what is left ---- */

static struct leaf_loss still_open(struct suggesting *s, const struct mark *marks, size_t n_marks)
{
	size_t n = s->group.n;
	const struct trust **t = xcalloc(n + 1, sizeof(*t));
	struct box *allowed = xcalloc(n + 1, sizeof(*allowed));

	for (size_t i = 0; i < n; i++) {
		t[i] = trust_with(s->q, marks, n_marks, s->group.v[i].certs);
		allowed[i] = s->group.v[i].allowed;
	}
	for (uint32_t ca = 0; ca < s->g->ca.n; ca++) {
		bool open = false, all = false;
		for (size_t i = 0; i < n && !all; i++) {
			open |= trust_open(t[i], ca, &allowed[i]);
			all = box_empty(&allowed[i]) && trust_all_open(t[i], ca);
		}
		if (open)
			loss_add(&s->sum, ca, all ? TAKEN_ALL : TAKEN_SOME, trust_tally_open(t, allowed, n, ca));
	}
	for (size_t i = 0; i < n; i++)
		trust_free((struct trust *)t[i]);
	free(t);
	free(allowed);
	return loss_end(&s->sum);
}

/* Anchors above these CAs, on any way. */
static void anchors_above(struct links *l, const uint32_t *cas, size_t n, uint8_t *anchor)
{
	const struct graph *g = l->judge.q.graph;
	uint32_t ca;

	links_start(l);
	for (size_t i = 0; i < n; i++) {
		links_pass(l, cas[i]);
		vec_push(&l->todo, cas[i]);
	}
	while (links_next(l, &ca)) {
		for (uint32_t i = 0; i < g->ca.v[ca].n_certs; i++) {
			uint32_t cert = g->ca_certs[g->ca.v[ca].first_cert + i];
			anchor[cert] |= l->anchor[cert];
			if (l->below[cert])
				links_up(l, cert);
		}
	}
}

static struct leaf_loss kept_by(struct suggesting *s, const struct trust *now, uint32_t anchor, const uint32_t *cas,
                                size_t n)
{
	s->one[anchor] = 1;
	struct trust *with = trust_with(trust_query(now), NULL, 0, s->one);
	const struct trust *const t[] = { with };
	for (size_t i = 0; i < n; i++) {
		uint64_t still = 0;
		if (!trust_keeps_by(now, NULL, with, cas[i]))
			continue;
		trust_tally_kept(now, cas[i], t, 1, &still);
		loss_add(&s->sum, cas[i], part_of_kept(now, cas[i], trust_all_by(with, cas[i])), still);
	}
	s->one[anchor] = 0;
	trust_free(with);
	return loss_end(&s->sum);
}

/* With all marks no path through a marked key is left: what is kept has roots of its own. */
static void find_independent(struct suggesting *s, const struct trust *now, struct suggestions *ret)
{
	uint8_t *anchor = xcalloc(s->g->cert.n + 1, 1);
	uint32_t *cas = xcalloc(s->g->ca.n + 1, sizeof(*cas));
	VEC(struct keeper) found = { 0 };
	size_t n = 0;

	for (uint32_t ca = 0; ca < s->g->ca.n; ca++)
		if (trust_touched(now, ca) && trust_keeps(now, ca))
			cas[n++] = ca;
	anchors_above(&s->links, cas, n, anchor);
	for (uint32_t c = 0; c < s->g->cert.n; c++) {
		struct keeper k = { .cert = c, .kind = KEEPER_ANCHOR };

		if (!anchor[c] || key_is_marked(s->q, s->g->ca.v[s->g->cert.v[c].ca].key))
			continue;
		k.keeps = kept_by(s, now, c, cas, n);
		if (k.keeps.cas)
			vec_push(&found, k);
	}
	if (found.n)
		qsort_r(found.v, found.n, sizeof(*found.v), keeper_compare, (void *)s->g);
	ret->independent = found.v;
	ret->n_independent = found.n;
	free(anchor);
	free(cas);
}

void suggest_marks(const struct impact *im, struct suggestions *ret)
{
	struct suggesting s = { .im = im, .q = trust_query(im->trust), .g = trust_query(im->trust)->graph };
	struct trust *with_all;

	memset(ret, 0, sizeof(*ret));
	links_init(&s.links, im->trust);
	s.sum = loss_begin(s.q);
	s.one = xcalloc(s.g->cert.n + 1, 1);
	find_groups(&s);
	ret->open = still_open(&s, NULL, 0);
	find_marks(&s);
	with_all = put_in_order(&s, ret);
	ret->left = still_open(&s, s.mark.v, s.mark.n);
	find_independent(&s, with_all, ret);
	trust_free(with_all);
	for (size_t i = 0; i < s.group.n; i++)
		free(s.group.v[i].certs);
	vec_release(&s.group);
	vec_release(&s.mark);
	links_release(&s.links);
	loss_release(&s.sum);
	free(s.one);
}

void suggestions_release(struct suggestions *s)
{
	free(s->v);
	free(s->independent);
	memset(s, 0, sizeof(*s));
}
