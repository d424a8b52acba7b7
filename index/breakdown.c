#include "index/breakdown.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/num.h"
#include "base/text.h"

const char *const breakdown_names[BREAKDOWNS] = { "owner", "operator", "root", "kind", "validity" };
const char *const share_names[SHARES] = { "marked_roots", "owners", "program", "index" };
const int32_t validity_max[VALIDITY_CLASSES] = { 47, 100, 200, 398, 825, INT32_MAX };

unsigned validity_class(int32_t nb_day, int32_t na_day)
{
	unsigned i = 0;

	while (i < VALIDITY_CLASSES - 1 && (int64_t)na_day - nb_day > validity_max[i])
		i++;
	return i;
}

const char *breakdown_owner(const struct ca *ca, enum breakdown_by by)
{
	return by == BY_OWNER ? ca->ca_owner : ca->owner;
}

bool ca_last_issued(const struct graph *g, uint32_t ca, int32_t day, int32_t *ret)
{
	const struct ca *c = &g->ca.v[ca];
	bool any = false;

	for (uint32_t i = 0; i < c->n_buckets; i++) {
		int32_t nb = g->buckets[c->first_bucket + i].nb_day;

		if (nb > day || (any && nb <= *ret))
			continue;
		*ret = nb;
		any = true;
	}
	return any;
}

/* ---- rows ---- */

struct making {
	const struct impact *im;
	const struct trust_query *q;
	const struct graph *g;
	enum breakdown_by by;
	struct beyond *beyond; /* figures */
	VEC(struct breakdown_row) v;
};

static bool of_classes(const struct making *m)
{
	return m->by == BY_KIND || m->by == BY_VALIDITY;
}

static void add_date(struct breakdown_row *r, int32_t day)
{
	if (!r->dated || day > r->last_nb_day)
		r->last_nb_day = day;
	r->dated = true;
}

/* A CA in a row, without its leaves. */
static void add_ca(const struct making *m, struct breakdown_row *r, uint32_t ca)
{
	const struct trust *t = m->im->trust;
	bool complete = m->g->ca.v[ca].coverage == COVERAGE_COMPLETE, changed = trust_changed(t, ca);
	bool partial = of_classes(m) ? !complete : ca_unbounded(m->g, ca);
	int32_t day;

	r->cas++;
	r->changed += changed;
	r->unknown += changed && !complete;
	r->partial += partial;
	r->incomplete += !complete;
	r->trusted_incomplete += !complete && trust_before(t, ca) != ACCEPT_NONE;
	r->trusted_partial += partial && trust_before(t, ca) != ACCEPT_NONE;
	r->kept_partial += partial && trust_touched(t, ca) && trust_after(t, ca) != ACCEPT_NONE;
	r->changed_partial += partial && changed;
	if (ca_last_issued(m->g, ca, m->q->day, &day))
		add_date(r, day);
}

/* Nothing counted, nothing told and nothing open is nothing. */
static void settle(struct breakdown_row *r)
{
	struct span *all[] = { &r->span.unexpired, &r->span.trusted, &r->span.lost, &r->span.kept };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		all[i]->known |= span_bounded(all[i]) && !all[i]->high;
	leaf_spans_lows(&r->span, &r->leaves);
}

static struct breakdown_row *row_named(struct making *m, struct map *rows, uint32_t ca)
{
	const char *name = breakdown_owner(&m->g->ca.v[ca], m->by);
	bool is_new;
	uint64_t *at = map_at(rows, name, strlen(name), &is_new);

	if (is_new) {
		*at = m->v.n;
		vec_push(&m->v, (struct breakdown_row){ .ca = ca });
	}
	return &m->v.v[*at];
}

/* The CAs of an owner. */
struct owned {
	const struct making *m;
	const char *name;
};

static enum taken part_owned(void *ctx, uint32_t ca)
{
	const struct owned *o = ctx;

	return strcmp(breakdown_owner(&o->m->g->ca.v[ca], o->m->by), o->name) ? TAKEN_NONE : TAKEN_ALL;
}

static bool named_before(const struct making *m, const struct figure *f, uint32_t i, const char *name)
{
	struct owned o = { m, name };
	uint32_t k = 0;

	while (k < i && part_owned(&o, m->g->figure_cas.v[f->first_ca + k]) == TAKEN_NONE)
		k++;
	return k < i;
}

/* A figure is once in each row that it has CAs of. */
static void add_figures(struct making *m, struct map *rows)
{
	for (uint32_t f = 0; f < m->g->figure.n; f++) {
		const struct figure *figure = &m->g->figure.v[f];

		for (uint32_t i = 0; figure->chosen && i < figure->n_cas; i++) {
			uint32_t ca = m->g->figure_cas.v[figure->first_ca + i];
			struct owned o = { m, breakdown_owner(&m->g->ca.v[ca], m->by) };

			if (!named_before(m, figure, i, o.name))
				leaf_spans_add_figure(
					m->im->trust, m->beyond, f, part_owned, &o, &row_named(m, rows, ca)->span);
		}
	}
}

static void sum_owners(struct making *m)
{
	struct map rows = { 0 };

	for (uint32_t ca = 0; ca < m->g->ca.n; ca++) {
		struct breakdown_row *r = row_named(m, &rows, ca);
		struct leaf_tally tally = { 0 };

		add_ca(m, r, ca);
		trust_tally(m->im->trust, ca, m->q->day, &tally);
		leaf_spans_add_ca(m->im->trust, ca, &tally, &r->span);
	}
	add_figures(m, &rows);
	for (size_t i = 0; i < m->v.n; i++)
		settle(&m->v.v[i]);
	map_release(&rows);
}

/* ---- classes of leaves ---- */

struct classing {
	struct making *m;
	bool *here; /* by class: the CA at hand has such leaves */
};

static unsigned class_of(const struct making *m, const struct bucket *b)
{
	return m->by == BY_KIND ? b->kind : validity_class(b->nb_day, b->na_day);
}

static void add_part(void *ctx, const struct tally_part *part)
{
	struct classing *c = ctx;
	unsigned class = class_of(c->m, part->bucket);

	tally_add_part(&c->m->v.v[class].leaves, part);
	c->here[class] = true;
}

static struct leaf_spans counted_span(const struct leaf_tally *t, bool known)
{
	return (struct leaf_spans){
		.unexpired = { t->unexpired, t->unexpired, 0, known, false, false },
		.trusted = { t->trusted, t->trusted, 0, known, false, false },
		.lost = { t->lost, t->lost, 0, known, false, false },
		.kept = { t->kept, t->kept, 0, known, false, false },
	};
}

static void sum_classes(struct making *m, unsigned n)
{
	bool here[VALIDITY_CLASSES > LEAF_KINDS ? VALIDITY_CLASSES : LEAF_KINDS], any = false;
	struct breakdown_row all = { 0 };

	for (unsigned i = 0; i < n; i++)
		vec_push(&m->v, (struct breakdown_row){ .class = i });
	for (uint32_t ca = 0; ca < m->g->ca.n; ca++) {
		const struct ca *c = &m->g->ca.v[ca];

		memset(here, 0, sizeof(here));
		any |= c->coverage != COVERAGE_NONE;
		add_ca(m, &all, ca);
		trust_each(m->im->trust, NULL, ca, m->q->day, add_part, &(struct classing){ m, here });
		for (unsigned i = 0; i < n; i++)
			m->v.v[i].cas += here[i];
		for (uint32_t i = 0; i < c->n_buckets; i++) {
			const struct bucket *b = &m->g->buckets[c->first_bucket + i];
			if (b->nb_day <= m->q->day)
				add_date(&m->v.v[class_of(m, b)], b->nb_day);
		}
	}
	/* a CA that is not counted to the end may have leaves of any class */
	for (unsigned i = 0; i < n; i++) {
		struct breakdown_row own = m->v.v[i];

		m->v.v[i] = all;
		m->v.v[i].class = i;
		m->v.v[i].cas = own.cas;
		m->v.v[i].leaves = own.leaves;
		m->v.v[i].dated = own.dated;
		m->v.v[i].last_nb_day = own.last_nb_day;
		m->v.v[i].span = counted_span(&own.leaves, any);
	}
}

/* ---- roots ---- */

/* Trust with no anchors but those of some CAs, before the scenario. */
struct under {
	struct trust *trust;
	struct store store;
	uint32_t *assume;
};

/* CAs below the anchors of that store and those assumed; heap. */
static size_t below_anchors(const struct trust_query *q, uint32_t **ret)
{
	struct mark *there = xcalloc(q->store->n_rules + q->n_assume + 1, sizeof(*there));
	size_t n = 0;

	for (size_t i = 0; i < q->store->n_rules; i++)
		there[n++] = (struct mark){ .action = MARK_REMOVE, .target = q->store->rule[i].cert };
	for (size_t i = 0; i < q->n_assume; i++)
		there[n++] = (struct mark){ .action = MARK_REMOVE, .target = q->assume[i] };
	n = marks_below(q->graph, there, n, ret);
	free(there);
	return n;
}

static void under_open(struct under *u, const struct trust_query *q, const bool *pick)
{
	const struct graph *g = q->graph;
	struct trust_query only = *q;
	uint32_t *below;

	u->store = *q->store;
	u->store.rule = xcalloc(q->store->n_rules + 1, sizeof(*u->store.rule));
	u->store.n_rules = 0;
	for (size_t i = 0; i < q->store->n_rules; i++)
		if (pick[g->cert.v[q->store->rule[i].cert].ca])
			u->store.rule[u->store.n_rules++] = q->store->rule[i];
	u->assume = xcalloc(q->n_assume + 1, sizeof(*u->assume));
	only.n_assume = 0;
	for (size_t i = 0; i < q->n_assume; i++)
		if (pick[g->cert.v[q->assume[i]].ca])
			u->assume[only.n_assume++] = q->assume[i];
	only.assume = u->assume;
	only.store = &u->store;
	only.n_marks = only.n_exempt = 0;
	only.n_asked = below_anchors(&only, &below);
	only.asked = below;
	u->trust = trust_compute(&only);
	free(below);
}

static void under_close(struct under *u)
{
	trust_free(u->trust);
	free(u->store.rule);
	free(u->assume);
}

static void add_beside(void *ctx, const struct tally_part *part)
{
	struct leaf_tally *sum = ctx;
	struct tally_part own = *part;

	if (!part->beside)
		own.verdict = (struct verdict){ false, false, false };
	tally_add_part(sum, &own);
}

/* What a root accepts of a CA's leaves before. */
static void add_under(const struct making *m, const struct under *u, uint32_t ca, struct leaf_spans *sum)
{
	struct leaf_tally tally = { 0 };

	trust_each(m->im->trust, u->trust, ca, m->q->day, add_beside, &tally);
	leaf_spans_add_ca(m->im->trust, ca, &tally, sum);
}

static void sum_root(struct making *m, uint32_t root, bool *pick)
{
	struct breakdown_row r = { .ca = root };
	struct under u;
	bool touched = false;

	pick[root] = true;
	under_open(&u, m->q, pick);
	pick[root] = false;
	for (size_t i = 0; i < m->im->n_rows; i++)
		touched |= trust_before(u.trust, m->im->row[i].ca) != ACCEPT_NONE;
	for (uint32_t ca = 0; touched && ca < m->g->ca.n; ca++) {
		if (trust_before(u.trust, ca) == ACCEPT_NONE)
			continue;
		add_ca(m, &r, ca);
		add_under(m, &u, ca, &r.span);
	}
	for (uint32_t f = 0; touched && f < m->g->figure.n; f++)
		leaf_spans_add_figure(m->im->trust, m->beyond, f, part_trusted, u.trust, &r.span);
	settle(&r);
	if (touched)
		vec_push(&m->v, r);
	under_close(&u);
}

/* CAs above those that the scenario touches, themselves too. */
static bool *above_touched(const struct impact *im, const struct graph *g)
{
	bool *above = xcalloc(g->ca.n + 1, sizeof(*above));
	VEC(uint32_t) todo = { 0 };

	for (size_t i = 0; i < im->n_rows; i++) {
		above[im->row[i].ca] = true;
		vec_push(&todo, im->row[i].ca);
	}
	while (todo.n) {
		const struct ca *c = &g->ca.v[todo.v[--todo.n]];
		for (uint32_t i = 0; i < c->n_certs; i++) {
			const struct ca_cert *e = &g->cert.v[g->ca_certs[c->first_cert + i]];
			for (uint32_t k = 0; k < e->n_issuers; k++) {
				uint32_t issuer = g->issuers[e->first_issuer + k];
				if (above[issuer])
					continue;
				above[issuer] = true;
				vec_push(&todo, issuer);
			}
		}
	}
	vec_release(&todo);
	return above;
}

/* By CA: has an anchor for the query's purpose, or one that is assumed. */
static bool *roots_of(const struct trust_query *q)
{
	bool *root = xcalloc(q->graph->ca.n + 1, sizeof(*root));

	for (size_t i = 0; i < q->store->n_rules; i++)
		if (q->store->rule[i].purpose == q->purpose)
			root[q->graph->cert.v[q->store->rule[i].cert].ca] = true;
	for (size_t i = 0; i < q->n_assume; i++)
		root[q->graph->cert.v[q->assume[i]].ca] = true;
	return root;
}

static void sum_roots(struct making *m)
{
	bool *root = roots_of(m->q), *above = above_touched(m->im, m->g),
	     *pick = xcalloc(m->g->ca.n + 1, sizeof(*pick));

	for (uint32_t ca = 0; ca < m->g->ca.n; ca++)
		if (root[ca] && above[ca])
			sum_root(m, ca, pick);
	free(root);
	free(above);
	free(pick);
}

/* ---- all of them ---- */

static int by_loss(const void *a, const void *b, void *ctx)
{
	const struct breakdown_row *x = a, *y = b;
	const struct making *m = ctx;

	if (x->leaves.lost != y->leaves.lost)
		return x->leaves.lost > y->leaves.lost ? -1 : 1;
	if (x->span.lost.high != y->span.lost.high)
		return x->span.lost.high > y->span.lost.high ? -1 : 1;
	if (x->leaves.trusted != y->leaves.trusted)
		return x->leaves.trusted > y->leaves.trusted ? -1 : 1;
	if (m->by == BY_ROOT)
		return memcmp(m->g->ca.v[x->ca].id, m->g->ca.v[y->ca].id, 32);
	return text_order(breakdown_owner(&m->g->ca.v[x->ca], m->by), breakdown_owner(&m->g->ca.v[y->ca], m->by));
}

static uint64_t trusted_before(const struct impact *im)
{
	const struct trust_query *q = trust_query(im->trust);
	uint64_t sum = 0;

	for (uint32_t ca = 0; ca < q->graph->ca.n; ca++) {
		struct leaf_tally t = { 0 };

		if (trust_before(im->trust, ca) != ACCEPT_NONE)
			trust_tally(im->trust, ca, q->day, &t);
		sum += t.trusted;
	}
	return sum;
}

struct breakdown *breakdown_compute(const struct impact *im, enum breakdown_by by)
{
	const struct trust_query *q = trust_query(im->trust);
	struct breakdown *b = xcalloc(1, sizeof(*b));
	struct making m = { .im = im, .q = q, .g = q->graph, .by = by, .beyond = figures_beyond(q->graph, q->day) };

	if (by == BY_KIND)
		sum_classes(&m, LEAF_KINDS);
	else if (by == BY_VALIDITY)
		sum_classes(&m, VALIDITY_CLASSES);
	else if (by == BY_ROOT)
		sum_roots(&m);
	else
		sum_owners(&m);
	if (m.v.n && !of_classes(&m))
		qsort_r(m.v.v, m.v.n, sizeof(*m.v.v), by_loss, &m);
	*b = (struct breakdown){ by, m.v.v, m.v.n, 0, of_classes(&m) ? trusted_before(im) : im->total.trusted };
	for (uint32_t ca = 0; ca < m.g->ca.n; ca++)
		b->incomplete += m.g->ca.v[ca].coverage != COVERAGE_COMPLETE && trust_before(im->trust, ca) != ACCEPT_NONE;
	free(m.beyond);
	return b;
}

void breakdown_free(struct breakdown *b)
{
	if (b)
		free(b->row);
	free(b);
}

/* ---- dormant CAs ---- */

struct dormant impact_dormant(const struct impact *im)
{
	const struct trust_query *q = trust_query(im->trust);
	struct dormant d = { 0 };

	for (size_t i = 0; i < im->n_rows; i++) {
		const struct ca *ca = &q->graph->ca.v[im->row[i].ca];
		int32_t last;
		bool any;

		if (!im->row[i].changed)
			continue;
		if (ca->coverage == COVERAGE_NONE) {
			d.not_counted++;
			continue;
		}
		any = ca_last_issued(q->graph, im->row[i].ca, q->day, &last);
		if (any && last >= q->day - DORMANT_DAYS)
			continue;
		d.cas++;
		d.never += !any;
		d.incomplete += ca->coverage != COVERAGE_COMPLETE;
	}
	return d;
}

/* ---- shares ---- */

static bool mark_hits(const struct graph *g, const struct mark *k, uint32_t cert)
{
	return k->action == MARK_BLOCK ? g->ca.v[g->cert.v[cert].ca].key == k->target : k->target == cert;
}

size_t impact_marked_roots(const struct impact *im, uint32_t **ret)
{
	const struct trust_query *q = trust_query(im->trust);
	size_t n = 0;

	*ret = xcalloc(q->graph->ca.n + 1, sizeof(**ret));
	bool *hit = xcalloc(q->graph->ca.n + 1, sizeof(*hit));
	for (size_t i = 0; i < q->n_marks; i++) {
		if (!mark_in_force(&q->marks[i], q->day))
			continue;
		for (size_t k = 0; k < q->store->n_rules; k++)
			if (q->store->rule[k].purpose == q->purpose &&
				mark_hits(q->graph, &q->marks[i], q->store->rule[k].cert))
				hit[q->graph->cert.v[q->store->rule[k].cert].ca] = true;
		for (size_t k = 0; k < q->n_assume; k++)
			if (mark_hits(q->graph, &q->marks[i], q->assume[k]))
				hit[q->graph->cert.v[q->assume[k]].ca] = true;
	}
	for (uint32_t ca = 0; ca < q->graph->ca.n; ca++)
		if (hit[ca])
			(*ret)[n++] = ca;
	free(hit);
	return n;
}

static bool incomplete(const struct graph *g, uint32_t ca)
{
	return g->ca.v[ca].coverage != COVERAGE_COMPLETE;
}

static void share_of_roots(const struct impact *im, struct share *s)
{
	const struct trust_query *q = trust_query(im->trust);
	bool *pick = xcalloc(q->graph->ca.n + 1, sizeof(*pick));
	struct under u;
	struct beyond *beyond = figures_beyond(q->graph, q->day);
	struct leaf_spans sum = { 0 };
	uint32_t *root;
	size_t n = impact_marked_roots(im, &root);

	s->known = n > 0;
	for (size_t i = 0; i < n; i++)
		pick[root[i]] = true;
	under_open(&u, q, pick);
	for (uint32_t ca = 0; ca < q->graph->ca.n; ca++) {
		struct leaf_tally tally = { 0 };
		if (trust_before(u.trust, ca) == ACCEPT_NONE)
			continue;
		trust_each(im->trust, u.trust, ca, q->day, add_beside, &tally);
		leaf_spans_add_ca(im->trust, ca, &tally, &sum);
		s->unknown += incomplete(q->graph, ca);
	}
	for (uint32_t f = 0; f < q->graph->figure.n; f++)
		leaf_spans_add_figure(im->trust, beyond, f, part_trusted, u.trust, &sum);
	s->lost = sum.lost.low;
	s->of = sum.trusted.low;
	under_close(&u);
	free(beyond);
	free(root);
	free(pick);
}

static void add_owner(struct map *owners, const struct ca *ca)
{
	if (*ca->ca_owner && ca->n_certs)
		*map_at(owners, ca->ca_owner, strlen(ca->ca_owner), NULL) = 1;
}

/* The CA owners of what the marks hit. */
static void marked_owners(const struct trust_query *q, struct map *owners)
{
	const struct graph *g = q->graph;

	for (size_t i = 0; i < q->n_marks; i++) {
		size_t n;
		const uint32_t *ca = mark_cas(g, &q->marks[i], &n);

		for (size_t k = 0; mark_in_force(&q->marks[i], q->day) && k < n; k++)
			add_owner(owners, &g->ca.v[ca[k]]);
	}
}

bool share_is_told(const struct share *s)
{
	return s->known && s->of && (s->lost || !s->unknown);
}

bool share_is_open(const struct share *s)
{
	return s->unknown && s->lost == s->of;
}

bool breakdown_share_is_told(const struct breakdown_row *r, uint64_t of, uint64_t incomplete)
{
	bool may_lose = r->changed_partial || !span_bounded(&r->span.lost) || r->span.lost.high > r->span.lost.low;
	struct share s = { r->span.lost.known, r->leaves.lost, of, incomplete };

	if (!s.lost)
		return s.known && of && !may_lose;
	return share_is_told(&s) && !share_is_open(&s);
}

struct share impact_program_share(const struct impact *im)
{
	const struct graph *g = trust_query(im->trust)->graph;
	struct share ret = { .known = true, .lost = im->total.lost, .of = im->total.trusted };

	for (uint32_t ca = 0; ca < g->ca.n; ca++)
		ret.unknown += trust_before(im->trust, ca) != ACCEPT_NONE && incomplete(g, ca);
	return ret;
}

void share_text(const struct share *of_program, const char *program, struct strbuf *out)
{
	const struct share *s = of_program;
	char percent[16], n[32];

	if (!share_is_told(s))
		return;
	if (share_is_open(s))
		strbuf_addf(out, "not known: %s is known to trust no leaves beforehand but the %s that are lost", program, num_group(n, s->of));
	else
		strbuf_addf(out, "%s of the %s leaves that %s is known to trust beforehand", num_percent(percent, s->lost, s->of),
			num_group(n, s->of), program);
	if (s->unknown)
		strbuf_addf(out, "; %s CA%s with such leaves %s not counted to the end", num_group(n, s->unknown), s->unknown == 1 ? "" : "s",
			s->unknown == 1 ? "is" : "are");
}

void impact_shares(const struct impact *im, struct share ret[SHARES])
{
	const struct trust_query *q = trust_query(im->trust);
	const struct graph *g = q->graph;
	struct map owners = { 0 };

	memset(ret, 0, SHARES * sizeof(*ret));
	share_of_roots(im, &ret[SHARE_ROOTS]);
	marked_owners(q, &owners);
	bool *owned = xcalloc(g->ca.n + 1, sizeof(*owned));
	for (uint32_t ca = 0; ca < g->ca.n; ca++) {
		bool accepted = trust_before(im->trust, ca) != ACCEPT_NONE;

		owned[ca] = accepted && map_get(&owners, g->ca.v[ca].ca_owner, strlen(g->ca.v[ca].ca_owner));
		ret[SHARE_INDEX].unknown += incomplete(g, ca);
		ret[SHARE_OWNERS].unknown += owned[ca] && incomplete(g, ca);
	}
	struct leaf_spans of_owners = impact_sum(im, owned);
	ret[SHARE_OWNERS].known = owners.n > 0;
	ret[SHARE_OWNERS].lost = of_owners.lost.low;
	ret[SHARE_OWNERS].of = of_owners.trusted.low;
	ret[SHARE_PROGRAM] = impact_program_share(im);
	ret[SHARE_INDEX].known = true;
	ret[SHARE_INDEX].lost = im->total.lost;
	ret[SHARE_INDEX].of = im->total.unexpired;
	free(owned);
	map_release(&owners);
}
