#include "tui/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct lookup {
	struct model model; /* a copy of the one shown, which owns all of it */
	char *text;
	struct work *work;
	/* the thread's until it is made */
	uint32_t *found, *sorted;
	size_t n;
	bool good, of_leaf;
	struct nearest near;
};

/* What the program trusts comes first: it stands below the roots shown. */
struct weighed {
	uint64_t count, cas;
	uint32_t ca;
	bool trusted;
};

static int by_weight(const void *a, const void *b, void *ctx)
{
	const struct model *m = ctx;
	const struct weighed *x = a, *y = b;
	int c;

	if (x->trusted != y->trusted)
		return x->trusted ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if (x->cas != y->cas)
		return x->cas > y->cas ? -1 : 1;
	c = text_order(model_name(m, x->ca), model_name(m, y->ca));
	return c ? c : (x->ca > y->ca) - (x->ca < y->ca);
}

static void weigh(struct lookup *l)
{
	const struct model *m = &l->model;
	struct weighed *w = xreallocarray(NULL, l->n + 1, sizeof(*w));

	for (size_t i = 0; i < l->n; i++) {
		uint32_t ca = l->found[i];
		w[i] = (struct weighed){ m->count[ca].low, m->cas[ca], ca,
			m->impact && trust_before(m->impact->trust, ca) != ACCEPT_NONE };
	}
	qsort_r(w, l->n, sizeof(*w), by_weight, &l->model);
	for (size_t i = 0; i < l->n; i++)
		l->found[i] = w[i].ca;
	free(w);
}

static void run(void *ctx, struct work *w)
{
	struct lookup *l = ctx;

	index_rows_beside(l->model.index);
	l->good = index_search(l->model.index, l->text, work_cancelled, w, &l->found, &l->n, &l->of_leaf);
	if (l->good) {
		l->sorted = xmemdup(l->found, l->n * sizeof(*l->found));
		weigh(l);
	}
	if (l->good && !l->n)
		l->good = nearest_find(l->model.g, l->text, work_cancelled, w, &l->near);
	index_rows_beside(NULL);
}

struct lookup *lookup_begin(const struct model *m, const char *text)
{
	struct lookup *l = xcalloc(1, sizeof(*l));

	l->model = *m;
	l->text = xstrdup(text);
	l->work = work_begin(run, l);
	return l;
}

struct work *lookup_work(const struct lookup *l)
{
	return l->work;
}

bool lookup_end(struct lookup *l, uint32_t **found, uint32_t **sorted, size_t *n, bool *of_leaf, struct nearest *near)
{
	bool good;

	work_end(l->work);
	good = l->good;
	*found = good ? l->found : NULL;
	*sorted = good ? l->sorted : NULL;
	*n = good ? l->n : 0;
	*of_leaf = good && l->of_leaf;
	*near = l->near; /* nothing where it was cancelled */
	if (!good) {
		free(l->found);
		free(l->sorted);
	}
	free(l->text);
	free(l);
	return good;
}
