#include "tui/filling.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"

struct filling {
	struct work *work;
	struct model model; /* a copy of the one shown, which owns all of it */
	enum filled what;
	uint32_t column, ca;
	enum purpose purpose;
	/* the thread's until it is made */
	struct trust *trust;
	enum acceptance accepts;
	bool is_anchor;
	struct number n, root;
	uint64_t cas, root_cas;
	struct only_here *only; /* of those from the model's n_only on */
	uint32_t n_only;
	struct root_here *only_root;
	size_t n_only_root;
};

/* ---- in the thread ---- */

static void fill_column(struct filling *f)
{
	struct trust_query q = model_query(&f->model, f->column, NULL);

	f->trust = trust_compute(&q);
}

/* Only what is above this CA is walked. */
static void fill_standing(struct filling *f)
{
	struct trust_query q = model_query(&f->model, f->column, NULL);
	struct trust *trust;

	q.purpose = f->purpose;
	q.asked = &f->ca;
	q.n_asked = 1;
	trust = trust_compute(&q);
	f->accepts = trust_before(trust, f->ca);
	trust_free(trust);
}

static struct number lost_with(const struct model *m, struct mark *marks, size_t n, uint64_t *cas)
{
	uint32_t *below;
	bool old = false;

	*cas = 0;
	struct trust_query q = model_query_before(m);
	struct only_here lost = impact_lost_with(&q, m->beyond, marks, n);
	q.marks = marks;
	q.n_marks = n;
	q.n_asked = marks_below(m->g, marks, n, &below);
	q.asked = below;
	struct trust *t = trust_compute(&q);
	for (size_t i = 0; i < q.n_asked; i++) {
		*cas += trust_before(t, below[i]) != ACCEPT_NONE && trust_after(t, below[i]) == ACCEPT_NONE;
		old |= trust_changed(t, below[i]) && model_is_old(m, below[i]);
	}
	trust_free(t);
	free(below);
	return fmt_old(fmt_span(&lost.span, lost.unbounded_cas != 0), old);
}

/* By the program's store: what is assumed to be one stays one. */
static bool is_anchor(const struct model *m, uint32_t ca)
{
	return model_anchor(m->store, m->g, ca, m->purpose) && !model_is_assumed(m, ca);
}

static void fill_here(struct filling *f)
{
	const struct graph *g = f->model.g;
	struct mark *marks;
	size_t n = impact_mark_cas(g, &f->ca, 1, &marks);

	f->n = lost_with(&f->model, marks, n, &f->cas);
	free(marks);
	f->is_anchor = is_anchor(&f->model, f->ca);
	if (!f->is_anchor)
		return;
	n = impact_mark_root(g, f->ca, &marks);
	f->root = lost_with(&f->model, marks, n, &f->root_cas);
	free(marks);
}

#define SLICE_NS 15000000 /* what is asked meanwhile waits so long to be shown */

static void fill_only(struct filling *f)
{
	const struct model *m = &f->model;
	struct trust_query q = model_query_before(m);
	VEC(struct only_here) v = { 0 };
	VEC(struct root_here) roots = { 0 };
	uint64_t start = clock_ns();

	for (uint32_t ca = m->n_only; ca < m->g->ca.n && (!v.n || clock_ns() - start < SLICE_NS); ca++) {
		vec_push(&v, impact_only_here_of(&q, m->impact->trust, m->beyond, ca));
		if (is_anchor(m, ca))
			vec_push(&roots, (struct root_here){ ca, impact_root_here(&q, m->beyond, ca) });
	}
	f->only_root = roots.v;
	f->n_only_root = roots.n;
	f->only = v.v;
	f->n_only = (uint32_t)v.n;
}

static void run(void *ctx, struct work *w)
{
	static void (*const fill[])(struct filling *f) = {
		[FILL_COLUMN] = fill_column, [FILL_STANDING] = fill_standing, [FILL_HERE] = fill_here, [FILL_ONLY] = fill_only
	};
	struct filling *f = ctx;

	(void)w;
	index_rows_beside(f->model.index);
	fill[f->what](f);
	index_rows_beside(NULL);
}

/* ---- in the loop ---- */

static struct column_other *wanted_standing(const struct model *m, size_t *column, int *purpose)
{
	for (*column = 0; *column < m->column.n; ++*column) {
		struct column_other *o = m->column.v[*column].other;

		for (*purpose = 0; *purpose < PURPOSE_COUNT; ++*purpose)
			if (o[*purpose].wanted)
				return &o[*purpose];
	}
	return NULL;
}

static bool choose(struct filling *f, const struct model *m, unsigned wanted)
{
	const struct column_other *o;
	size_t column;
	int purpose;

	f->column = model_column_wanted(m);
	if (wanted & FILLS(FILL_COLUMN) && f->column != NO_INDEX) {
		f->what = FILL_COLUMN;
		return true;
	}
	if (wanted & FILLS(FILL_STANDING) && (o = wanted_standing(m, &column, &purpose))) {
		f->what = FILL_STANDING;
		f->column = (uint32_t)column;
		f->purpose = (enum purpose)purpose;
		f->ca = o->ca;
		return true;
	}
	f->ca = m->here.ca;
	f->what = wanted & FILLS(FILL_HERE) && m->here.wanted ? FILL_HERE : FILL_ONLY;
	return f->what == FILL_HERE || (wanted & FILLS(FILL_ONLY) && m->impact && m->n_only < m->g->ca.n);
}

struct filling *filling_begin(const struct model *m, unsigned wanted)
{
	struct filling *f = xcalloc(1, sizeof(*f));

	if (!choose(f, m, wanted)) {
		free(f);
		return NULL;
	}
	f->model = *m;
	f->work = work_begin(run, f);
	return f;
}

struct work *filling_work(const struct filling *f)
{
	return f->work;
}

static void take_standing(const struct filling *f, struct model *m)
{
	struct column_other *o = &m->column.v[f->column].other[f->purpose];

	if (!o->wanted || o->ca != f->ca)
		return; /* another CA is asked for meanwhile */
	o->accepts = f->accepts;
	o->known = true;
	o->wanted = false;
}

static void take_here(const struct filling *f, struct model *m)
{
	if (!m->here.wanted || m->here.ca != f->ca)
		return;
	m->here.n = f->n;
	m->here.cas = f->cas;
	m->here.is_anchor = f->is_anchor;
	m->here.root = f->root;
	m->here.root_cas = f->root_cas;
	m->here.known = true;
	m->here.wanted = false;
}

static void take_only(const struct filling *f, struct model *m)
{
	if (!m->only)
		m->only = xcalloc(m->g->ca.n + 1, sizeof(*m->only));
	memcpy(m->only + m->n_only, f->only, f->n_only * sizeof(*f->only));
	m->n_only += f->n_only;
	if (!m->only_root) /* once, for all: rows that are made beside read it */
		m->only_root = xcalloc(m->store->n_rules + 1, sizeof(*m->only_root));
	if (f->n_only_root)
		memcpy(m->only_root + m->n_only_root, f->only_root, f->n_only_root * sizeof(*f->only_root));
	m->n_only_root += f->n_only_root;
}

enum filled filling_take(struct filling *f, struct model *m)
{
	enum filled what = f->what;

	if (what == FILL_COLUMN) {
		m->column.v[f->column].trust = f->trust;
		f->trust = NULL;
	} else if (what == FILL_STANDING) {
		take_standing(f, m);
	} else if (what == FILL_HERE) {
		take_here(f, m);
	} else {
		take_only(f, m);
	}
	filling_drop(f);
	return what;
}

void filling_drop(struct filling *f)
{
	if (!f)
		return;
	work_end(f->work);
	trust_free(f->trust);
	free(f->only);
	free(f->only_root);
	free(f);
}
