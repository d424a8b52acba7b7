#include "index/figures.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "db/figure.h"
#include "index/state.h"

/* ---- which count ---- */

uint64_t held_on(const struct graph *g, uint32_t ca, int32_t day)
{
	const struct ca *c = &g->ca.v[ca];
	uint64_t n = 0;

	for (uint32_t i = 0; i < c->n_buckets; i++)
		if (bucket_unexpired_on(&g->buckets[c->first_bucket + i], day))
			n += g->buckets[c->first_bucket + i].n;
	return n;
}

static uint64_t held_of(const struct graph *g, const struct figure *f, int32_t day)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < f->n_cas; i++)
		n += held_on(g, g->figure_cas.v[f->first_ca + i], day);
	return n;
}

/* Counters of crt.sh that are asked again are no better than its count of each leaf on the same day. */
static bool leaf_by_leaf(const struct figure *f)
{
	return !strcmp(f->kind, "crtsh") && !f->about && f->low != FIGURE_UNKNOWN && f->low == f->high;
}

bool figure_stands(const struct figure *f, int32_t day)
{
	return llabs((long long)f->as_of - day) <= FIGURE_DAYS;
}

static int by_preference(const void *a, const void *b, void *ctx)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct graph *g = ((struct graph **)ctx)[0];
	int32_t day = *((int32_t **)ctx)[1];
	const struct figure *f = &g->figure.v[x], *h = &g->figure.v[y];
	bool later_f = f->as_of > day, later_h = h->as_of > day;
	bool stands = figure_stands(f, day);

	if (stands != figure_stands(h, day))
		return stands ? -1 : 1;
	if (later_f != later_h)
		return later_f ? 1 : -1;
	if (f->as_of != h->as_of)
		return (f->as_of > h->as_of) == later_f ? 1 : -1;
	if (f->n_cas != h->n_cas)
		return f->n_cas < h->n_cas ? -1 : 1;
	if (leaf_by_leaf(f) != leaf_by_leaf(h) && !strcmp(f->kind, h->kind))
		return leaf_by_leaf(f) ? -1 : 1;
	return x > y ? -1 : x < y;
}

/* No better one names any of its CAs, and not all of them are counted completely anyway. */
static bool counts(const struct graph *g, const struct figure *f, uint32_t self)
{
	bool complete = true;

	for (uint32_t i = 0; i < f->n_cas; i++) {
		const struct ca *ca = &g->ca.v[g->figure_cas.v[f->first_ca + i]];
		if (ca->figure != self)
			return false;
		complete &= ca->coverage == COVERAGE_COMPLETE;
	}
	return !complete;
}

/* Those that stand for the day come first in the order. */
static void name_best(struct graph *g, const uint32_t *order, int32_t day)
{
	for (size_t i = 0; i < g->figure.n; i++) {
		const struct figure *f = &g->figure.v[order[i]];
		bool stands = figure_stands(f, day);

		for (uint32_t k = 0; k < f->n_cas; k++) {
			struct ca *ca = &g->ca.v[g->figure_cas.v[f->first_ca + k]];
			uint32_t *best = stands ? &ca->figure : &ca->stale_figure;

			if (ca->figure == NO_INDEX && *best == NO_INDEX)
				*best = order[i];
		}
	}
}

void figures_choose(struct graph *g, int32_t day)
{
	uint32_t *order = xcalloc(g->figure.n + 1, sizeof(*order));
	void *ctx[] = { g, &day };

	for (uint32_t i = 0; g->figure.n && i < g->ca.n; i++)
		g->ca.v[i].figure = g->ca.v[i].stale_figure = NO_INDEX;
	for (uint32_t i = 0; i < g->figure.n; i++)
		order[i] = i;
	if (g->figure.n)
		qsort_r(order, g->figure.n, sizeof(*order), by_preference, ctx);
	name_best(g, order, day);
	for (uint32_t i = 0; i < g->figure.n; i++) {
		struct figure *f = &g->figure.v[i];
		f->chosen = counts(g, f, i);
		f->bounds = f->high != FIGURE_UNKNOWN && (uint64_t)f->high >= held_of(g, f, day);
	}
	for (uint32_t i = 0; i < g->ca.n; i++)
		if (g->ca.v[i].figure != NO_INDEX && !g->figure.v[g->ca.v[i].figure].chosen)
			g->ca.v[i].figure = NO_INDEX;
	free(order);
}

/* ---- sums ---- */

static uint64_t less(int64_t n, uint64_t held)
{
	return n > 0 && (uint64_t)n > held ? (uint64_t)n - held : 0;
}

struct beyond *figures_beyond(const struct graph *g, int32_t day)
{
	struct beyond *ret = xcalloc(g->figure.n + 1, sizeof(*ret));

	for (size_t i = 0; i < g->figure.n; i++) {
		const struct figure *f = &g->figure.v[i];
		uint64_t held = held_of(g, f, day);
		ret[i] = (struct beyond){ less(f->low, held), less(f->high, held), f->high != FIGURE_UNKNOWN };
	}
	return ret;
}

void span_add_ca(const struct graph *g, uint32_t ca, enum taken part, uint64_t n, struct span *to)
{
	const struct ca *c = &g->ca.v[ca];

	to->low += n;
	to->high += n;
	to->open += part != TAKEN_NONE && c->coverage == COVERAGE_NONE && c->figure == NO_INDEX;
}

void span_add_figure(const struct graph *g, const struct beyond *beyond, uint32_t f, enum taken part, struct span *to)
{
	const struct figure *figure = &g->figure.v[f];

	if (!figure->chosen || part == TAKEN_NONE)
		return;
	if (part == TAKEN_ALL && figure->whole) {
		to->low += beyond[f].low;
		to->known |= figure->low != FIGURE_UNKNOWN;
		to->about_low |= figure->about && beyond[f].low > 0;
	}
	to->high += beyond[f].high;
	to->open += !beyond[f].bounded;
	to->about |= figure->about;
}

enum taken figure_part(const struct graph *g, uint32_t f, enum taken (*part)(void *ctx, uint32_t ca), void *ctx)
{
	const struct figure *figure = &g->figure.v[f];
	bool all = true, some = false;

	if (!figure->chosen)
		return TAKEN_NONE;
	for (uint32_t i = 0; i < figure->n_cas; i++) {
		enum taken p = part(ctx, g->figure_cas.v[figure->first_ca + i]);
		all &= p == TAKEN_ALL;
		some |= p != TAKEN_NONE;
	}
	return all ? TAKEN_ALL : some ? TAKEN_SOME : TAKEN_NONE;
}

struct figure_sum figure_sum_begin(const struct graph *g)
{
	return (struct figure_sum){ .g = g, .met = xcalloc(g->figure.n + 1, sizeof(struct figure_met)) };
}

void figure_sum_add(struct figure_sum *s, uint32_t ca, enum taken part, uint64_t n)
{
	const struct ca *c = &s->g->ca.v[ca];

	span_add_ca(s->g, ca, part, n, &s->span);
	s->span.known |= c->coverage != COVERAGE_NONE;
	if (c->figure == NO_INDEX || part == TAKEN_NONE)
		return;
	struct figure_met *m = &s->met[c->figure];
	if (!m->all && !m->some)
		vec_push(&s->figure, c->figure);
	m->all += part == TAKEN_ALL;
	m->some += part == TAKEN_SOME;
}

struct span figure_sum_end(struct figure_sum *s, const struct beyond *beyond)
{
	struct span sum;

	for (size_t i = 0; i < s->figure.n; i++) {
		uint32_t f = s->figure.v[i];

		span_add_figure(s->g, beyond, f, s->met[f].all == s->g->figure.v[f].n_cas ? TAKEN_ALL : TAKEN_SOME, &s->span);
		s->met[f] = (struct figure_met){ 0, 0 };
	}
	s->figure.n = 0;
	sum = s->span;
	s->span = (struct span){ 0 };
	return sum;
}

void figure_sum_release(struct figure_sum *s)
{
	vec_release(&s->figure);
	free(s->met);
}

struct span figure_span(const struct figure *f)
{
	bool bounded = f->high != FIGURE_UNKNOWN, known = f->low != FIGURE_UNKNOWN;

	return (struct span){ known ? (uint64_t)f->low : 0, bounded ? (uint64_t)f->high : 0, !bounded, known, f->about, f->about };
}

/* ---- one CA ---- */

const struct figure *ca_own_figure(const struct graph *g, uint32_t ca)
{
	uint32_t f = g->ca.v[ca].figure;

	return f != NO_INDEX && g->figure.v[f].n_cas == 1 && g->figure.v[f].whole ? &g->figure.v[f] : NULL;
}

bool ca_has_numbers(const struct graph *g, uint32_t ca)
{
	return g->ca.v[ca].coverage != COVERAGE_NONE || ca_own_figure(g, ca);
}

const struct figure *ca_stale_figure(const struct graph *g, uint32_t ca)
{
	const struct ca *c = &g->ca.v[ca];

	return c->stale_figure == NO_INDEX || c->coverage == COVERAGE_COMPLETE ? NULL : &g->figure.v[c->stale_figure];
}

void figure_why_stale(const struct figure *f, int32_t day, struct strbuf *out)
{
	char date[DATE_BUF];

	strbuf_addf(out, "too %s for %s", f->as_of < day ? "old" : "new", date_format(date, day));
}

enum coverage ca_coverage(const struct graph *g, uint32_t ca)
{
	enum coverage own = g->ca.v[ca].coverage;

	return own == COVERAGE_NONE && ca_own_figure(g, ca) ? COVERAGE_PARTIAL : own;
}

bool ca_unbounded(const struct graph *g, uint32_t ca)
{
	const struct ca *c = &g->ca.v[ca];

	if (c->coverage == COVERAGE_COMPLETE)
		return false;
	return c->figure == NO_INDEX || !g->figure.v[c->figure].bounds;
}

bool ca_alone_unbounded(const struct graph *g, uint32_t ca)
{
	const struct figure *f = ca_own_figure(g, ca);

	return g->ca.v[ca].coverage != COVERAGE_COMPLETE && (!f || !f->bounds);
}

struct span ca_span(const struct graph *g, const struct beyond *beyond, uint32_t ca, enum taken part, uint64_t held)
{
	const struct ca *c = &g->ca.v[ca];
	const struct figure *f = ca_own_figure(g, ca);
	struct span s = { .low = held, .high = held, .known = c->coverage != COVERAGE_NONE };

	if (f) {
		span_add_figure(g, beyond, c->figure, part, &s);
		s.known |= f->low != FIGURE_UNKNOWN || part == TAKEN_NONE;
	} else {
		s.open = c->coverage == COVERAGE_NONE;
	}
	return s;
}

size_t figures_of_other_days(const struct graph *g, int32_t day, int32_t *first, int32_t *last)
{
	size_t n = 0;

	for (uint32_t f = 0; f < g->figure.n; f++) {
		int32_t of = g->figure.v[f].as_of;

		if (of == day || !g->figure.v[f].chosen)
			continue;
		*first = n && *first < of ? *first : of;
		*last = n && *last > of ? *last : of;
		n++;
	}
	return n;
}

bool ca_bounded_by_several(const struct graph *g, uint32_t ca)
{
	const struct ca *c = &g->ca.v[ca];

	return c->figure != NO_INDEX && !ca_own_figure(g, ca) && c->coverage != COVERAGE_COMPLETE && g->figure.v[c->figure].bounds;
}

struct span ca_span_alone(const struct graph *g, const struct beyond *beyond, uint32_t ca, enum taken part, uint64_t held)
{
	struct span s = ca_span(g, beyond, ca, part, held);
	uint32_t f = g->ca.v[ca].figure;

	if (part == TAKEN_NONE || !ca_bounded_by_several(g, ca))
		return s;
	s.open = 0;
	s.high += beyond[f].high;
	s.about |= g->figure.v[f].about;
	return s;
}

const char *ca_count_source(const struct graph *g, const struct beyond *beyond, uint32_t ca, int32_t *day)
{
	const struct ca *c = &g->ca.v[ca];
	const struct figure *f = ca_own_figure(g, ca);

	*day = c->source_day;
	if (!f || (c->coverage != COVERAGE_NONE && !beyond[c->figure].low && !beyond[c->figure].high &&
	           (f->issued == FIGURE_UNKNOWN || (uint64_t)f->issued <= c->issued)))
		return c->count_source;
	*day = f->as_of;
	return f->kind;
}

bool ca_issued(const struct graph *g, uint32_t ca, uint64_t *ret)
{
	const struct figure *f = ca_own_figure(g, ca);
	bool told = f && f->issued != FIGURE_UNKNOWN;

	*ret = g->ca.v[ca].issued;
	if (told && (uint64_t)f->issued > *ret)
		*ret = (uint64_t)f->issued;
	return told || g->ca.v[ca].coverage != COVERAGE_NONE;
}

/* ---- whom they are of ---- */

struct named {
	int64_t file, n, k;
	char *ref;
};
/* What a REF names, asked once however many figures have it. */
struct answer {
	struct ref ref;
	char *why; /* it names nothing; heap, or NULL */
};
struct resolving {
	struct index ix;
	struct db *db;
	struct err *err;
	VEC(struct named) ref;
	VEC(struct answer) answer;
	struct map asked; /* REF to its answer's place */
};

static int take_ref(void *ctx, int64_t file, int64_t n, int64_t k, const char *ref)
{
	struct resolving *r = ctx;

	vec_push(&r->ref, (struct named){ file, n, k, xstrdup(ref) });
	return 0;
}

static const struct answer *answer_for(struct resolving *r, const char *text)
{
	struct err why = { 0 };
	struct answer a = { 0 };
	bool is_new;
	uint64_t *at = map_at(&r->asked, text, strlen(text), &is_new);

	if (!is_new)
		return &r->answer.v[*at];
	*at = r->answer.n;
	if (index_resolve(&r->ix, text, &a.ref, NULL, &why) < 0) {
		if (why.kind != ERR_USAGE) {
			*r->err = why;
			return NULL;
		}
		a.ref = (struct ref){ 0 };
		a.why = xstrdup(why.msg);
	}
	vec_push(&r->answer, a);
	return &r->answer.v[r->answer.n - 1];
}

static int name_cas(struct resolving *r, const struct named *n)
{
	const struct graph *g = &r->ix.graph;
	const struct answer *a = answer_for(r, n->ref);
	int rc;

	if (!a)
		return -1;
	rc = db_set_figure_ref(r->db, n->file, n->n, n->k, a->why ? a->why : "", r->err);
	if (rc == 0 && a->ref.is_cert)
		rc = db_add_figure_ca(r->db, n->file, n->n, g->ca.v[g->cert.v[a->ref.cert].ca].db_id, r->err);
	for (size_t i = 0; rc == 0 && i < a->ref.n_cas; i++)
		rc = db_add_figure_ca(r->db, n->file, n->n, g->ca.v[a->ref.ca[i]].db_id, r->err);
	return rc;
}

static int resolve_all(struct resolving *r)
{
	int rc = db_clear_figure_cas(r->db, r->err);

	if (rc == 0)
		rc = db_each_figure_ref(r->db, take_ref, r, r->err);
	if (rc == 0)
		rc = index_load_names(&r->ix, r->err);
	for (size_t i = 0; rc == 0 && i < r->ref.n; i++)
		rc = name_cas(r, &r->ref.v[i]);
	return rc;
}

int figures_resolve(struct db *db, struct err *err)
{
	struct resolving r = { .ix = { .db = db }, .db = db, .err = err };
	bool some;

	if (db_has_figures(db, &some, err) < 0)
		return -1;
	if (!some)
		return 0;
	int rc = resolve_all(&r);
	index_unload(&r.ix);
	for (size_t i = 0; i < r.ref.n; i++)
		free(r.ref.v[i].ref);
	for (size_t i = 0; i < r.answer.n; i++) {
		ref_release(&r.answer.v[i].ref);
		free(r.answer.v[i].why);
	}
	vec_release(&r.answer);
	map_release(&r.asked);
	vec_release(&r.ref);
	return rc;
}
