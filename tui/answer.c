#include "tui/answer.h"

#include <stdlib.h>

bool answer_made(const struct model *m, enum answer_part part)
{
	return m->answer && m->answer->made & 1U << part;
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
	struct program_loss p = { .column = column };
	bool trusted_low = false, touched_low = false;

	for (uint32_t ca = 0; ca < m->g->ca.n; ca++)
		trusted_low |= ca_unbounded(m->g, ca) && trust_before(im->trust, ca) != ACCEPT_NONE;
	for (size_t i = 0; i < im->n_rows; i++) {
		const struct impact_row *r = &im->row[i];
		p.lost_cas += r->changed && r->after == ACCEPT_NONE;
		p.less_cas += r->changed && r->after != ACCEPT_NONE;
		p.kept_cas += !r->changed;
		touched_low |= ca_unbounded(m->g, r->ca);
	}
	p.trusted = fmt_old(fmt_span(&im->span.trusted, trusted_low), m->total.old);
	p.lost = fmt_old(fmt_span(&im->span.lost, im->unbounded_cas != 0), model_impact_old(m, im, false));
	p.kept = fmt_old(fmt_span(&im->span.kept, touched_low), model_impact_old(m, im, true));
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
		if (u->action != ACTION_EXEMPT)
			s.action = (enum mark_action)u->action;
		s.certs = mark_hits(u, m->g, q.store, m->purpose);
		vec_push(&ret->mark, s);
	}
	scenario_effects(ret, &q);
}

/* One at a call, then why its marks have no effect. */
static bool make_program(struct model *m, struct answer *a)
{
	struct program_loss *last = a->program.n ? &a->program.v[a->program.n - 1] : NULL;
	size_t at = last ? last->column + 1 : 0;

	if (last && !last->asked) {
		if (last->column != m->chosen)
			find_effects(m, last->column, &last->marks);
		last->asked = true;
		return false;
	}
	while (at < m->column.n && !m->column.v[at].store)
		at++;
	if (at == m->column.n)
		return true;
	if (at == m->chosen) {
		vec_push(&a->program, loss_of(m, at, m->impact));
		return false;
	}
	struct trust_query q = model_query(m, at, &m->asked);
	struct impact *im = impact_compute(&q, false);
	vec_push(&a->program, loss_of(m, at, im));
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
	(void)a;
	model_impact(m);
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

	if (index_gaps(m->index, m->day, m->today, &a->gaps, &a->err) == 0)
		unknowns_find(&a->gaps, &q, m->impact, &a->unknown);
	return true;
}

bool answer_step(struct model *m, unsigned wanted)
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

	if (!m->impact || !m->marks.now.n)
		return false;
	for (int part = 0; part < ANSWER_PARTS; part++) {
		if (!(wanted & 1U << part) || answer_made(m, (enum answer_part)part))
			continue;
		if (!m->answer)
			m->answer = xcalloc(1, sizeof(*m->answer));
		if (make[part](m, m->answer))
			m->answer->made |= 1U << part;
		return true;
	}
	return false;
}
