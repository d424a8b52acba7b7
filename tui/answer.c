#include "tui/answer.h"

#include <limits.h>
#include <stdlib.h>

#include "index/until.h"

bool answer_made(const struct model *m, enum answer_part part)
{
	return m->answer && !m->scoring && m->answer->made & 1U << part;
}

void answer_free(struct answer *a)
{
	if (!a)
		return;
	scenario_release(&a->marks);
	for (size_t i = 0; i < a->program.n; i++)
		scenario_release(&a->program.v[i].marks);
	vec_release(&a->program);
	free(a->keeper);
	site_losses_release(&a->sites);
	breakdown_free(a->operators);
	unknowns_release(&a->unknown);
	index_gaps_release(&a->gaps);
	impact_free(a->decayed);
	index_close(a->index);
	free(a);
}

/* ---- the parts: true when it is made ---- */

static bool make_sites(struct model *m, struct answer *a)
{
	if (index_site_losses(m->index, m->impact->trust, &a->sites, &a->err) < 0)
		a->sites = (struct site_losses){ 0 };
	return true;
}

static struct program_loss loss_of(const struct model *m, size_t column, const struct impact *im)
{
	struct program_loss p = { .column = column, .unanswered = until_unanswered(im) };
	bool trusted_low = false;

	for (uint32_t ca = 0; ca < m->g->ca.n; ca++)
		trusted_low |= ca_unbounded(m->g, ca) && trust_before(im->trust, ca) != ACCEPT_NONE;
	for (size_t i = 0; i < im->n_rows; i++) {
		const struct impact_row *r = &im->row[i];
		p.lost_cas += r->changed && r->after == ACCEPT_NONE;
		p.less_cas += r->changed && r->after != ACCEPT_NONE;
		p.kept_cas += !r->changed;
	}
	p.trusted = fmt_old(fmt_span(&im->span.trusted, trusted_low), m->total.old);
	p.lost = fmt_old(fmt_span(&im->span.lost, im->unbounded_cas != 0), model_impact_old(m, im, false));
	p.kept = fmt_old(fmt_span(&im->span.kept, impact_kept_unbounded(im, m->g)), model_impact_old(m, im, true));
	return p;
}

/* Marks without effect are so in one program, and for a reason of its own: another certificate is the anchor there. */
static void find_effects(const struct model *m, size_t column, struct scenario *ret)
{
	struct trust_query q = model_query(m, column, &m->asked);

	scenario_init(ret);
	for (size_t i = 0; i < m->marks.now.n; i++) {
		const struct user_mark *u = &m->marks.now.v[i];
		struct scenario_mark s = { .action = MARK_REVOKE, .day = u->day, .since = u->since };
		if (u->action < MARK_ACTIONS)
			s.action = (enum mark_action)u->action;
		s.certs = mark_hits(u, &m->marks, m->g, q.store, m->purpose);
		vec_push(&ret->mark, s);
	}
	scenario_effects(ret, &q);
}

/* One at a call. */
static bool make_program(struct model *m, struct answer *a)
{
	size_t at = a->next_column;

	while (at < m->column.n && !m->column.v[at].store)
		at++;
	a->next_column = at + 1;
	if (at == m->column.n)
		return true;
	if (at == m->chosen) {
		vec_push(&a->program, loss_of(m, at, m->impact));
		return false;
	}
	struct trust_query q = model_query(m, at, &m->asked);
	struct impact *im = impact_compute(&q, false);
	vec_push(&a->program, loss_of(m, at, im));
	find_effects(m, at, &a->program.v[a->program.n - 1].marks);
	impact_free(im);
	return false;
}

static bool make_effects(struct model *m, struct answer *a)
{
	find_effects(m, m->chosen, &a->marks);
	return true;
}

static bool make_decay(struct model *m, struct answer *a)
{
	struct trust_query q = model_query(m, m->chosen, &m->asked);

	if (!m->impact->has_decay)
		a->decayed = impact_compute(&q, true);
	return true;
}

static bool make_keepers(struct model *m, struct answer *a)
{
	a->n_keepers = impact_keepers(m->impact, &a->keeper);
	return true;
}

static bool make_operators(struct model *m, struct answer *a)
{
	a->operators = breakdown_compute(m->impact, BY_OPERATOR);
	return true;
}

static bool make_unknowns(struct model *m, struct answer *a)
{
	struct trust_query q = model_query(m, m->chosen, &m->asked);

	if (index_gaps(m->index, m->day, m->today, &q.store->program, 1, &a->gaps, &a->err) == 0)
		unknowns_find(&a->gaps, &q, m->impact, &a->unknown);
	return true;
}

/* ---- in a thread ---- */

struct answering {
	struct work *work;
	struct model model; /* a copy of the one shown, which owns all of it but the marks */
	enum answer_part part;
	/* the thread's until it is made */
	struct answer *fresh; /* that part only */
	bool whole;           /* and no other program is to come */
};

static void run(void *ctx, struct work *w)
{
	static bool (*const make[ANSWER_PARTS])(struct model *, struct answer *) = {
		[ANSWER_SITES] = make_sites,
		[ANSWER_PROGRAMS] = make_program,
		[ANSWER_EFFECTS] = make_effects,
		[ANSWER_DECAY] = make_decay,
		[ANSWER_KEEPERS] = make_keepers,
		[ANSWER_OPERATORS] = make_operators,
		[ANSWER_UNKNOWNS] = make_unknowns,
	};
	struct answering *a = ctx;

	(void)w;
	index_rows_beside(a->model.index);
	/* what only the file knows is read by an index of the thread's own */
	if (a->part != ANSWER_SITES && a->part != ANSWER_UNKNOWNS) {
		a->whole = make[a->part](&a->model, a->fresh);
	} else if (index_share(a->model.index, &a->fresh->index, &a->fresh->err) == 0) {
		a->model.index = a->fresh->index;
		a->whole = make[a->part](&a->model, a->fresh);
	} else {
		a->whole = true;
	}
	index_rows_beside(NULL);
}

/* ANSWER_PARTS: all are made. */
static enum answer_part next_part(const struct model *m, unsigned wanted)
{
	int part = 0;

	while (part < ANSWER_PARTS && (!(wanted & 1U << part) || answer_made(m, (enum answer_part)part)))
		part++;
	return (enum answer_part)part;
}

bool answer_lacks(const struct model *m)
{
	return m->impact && m->marks.now.n && (m->scoring || next_part(m, UINT_MAX) < ANSWER_PARTS);
}

struct answering *answer_begin(const struct model *m, unsigned wanted)
{
	const enum answer_part part = next_part(m, wanted);
	struct answering *a;

	if (!m->impact || !m->marks.now.n || m->scoring || part == ANSWER_PARTS)
		return NULL;
	a = xcalloc(1, sizeof(*a));
	a->part = part;
	a->model = *m;
	a->model.marks.now.v = xmemdup(m->marks.now.v, m->marks.now.n * sizeof(*m->marks.now.v));
	a->fresh = xcalloc(1, sizeof(*a->fresh));
	a->fresh->next_column = m->answer ? m->answer->next_column : 0;
	a->work = work_begin(run, a);
	return a;
}

struct work *answer_work(const struct answering *a)
{
	return a->work;
}

void answer_stop(struct answering *a)
{
	if (!a)
		return;
	work_end(a->work);
	free(a->model.marks.now.v);
	answer_free(a->fresh);
	free(a);
}

/* Moves what was made; what is left behind is freed with it. */
static void merge(struct answer *to, struct answer *from, enum answer_part part)
{
	struct answer left = *from;

	to->next_column = from->next_column;
	for (size_t i = 0; i < from->program.n; i++)
		vec_push(&to->program, from->program.v[i]);
	left.program.n = 0;
	if (from->err.kind != ERR_NONE)
		to->err = from->err;
	if (part == ANSWER_SITES) {
		to->sites = from->sites;
		left.sites = (struct site_losses){ 0 };
	} else if (part == ANSWER_EFFECTS) {
		to->marks = from->marks;
		scenario_init(&left.marks);
	} else if (part == ANSWER_KEEPERS) {
		to->keeper = from->keeper;
		to->n_keepers = from->n_keepers;
		left.keeper = NULL;
	} else if (part == ANSWER_OPERATORS) {
		to->operators = from->operators;
		left.operators = NULL;
	} else if (part == ANSWER_UNKNOWNS) {
		to->gaps = from->gaps;
		to->unknown = from->unknown;
		to->index = from->index;
		left.gaps = (struct index_gaps){ 0 };
		left.unknown = (struct unknowns){ 0 };
		left.index = NULL;
	}
	*from = left;
}

void answer_take(struct answering *a, struct model *m)
{
	if (!m->answer)
		m->answer = xcalloc(1, sizeof(*m->answer));
	merge(m->answer, a->fresh, a->part);
	if (a->fresh->decayed) {
		struct impact *before = m->impact;
		m->impact = a->fresh->decayed;
		a->fresh->decayed = before;
	}
	if (a->whole)
		m->answer->made |= 1U << a->part;
	answer_stop(a);
}
