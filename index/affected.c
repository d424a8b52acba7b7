#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "index/export.h"
#include "index/judge.h"

#define PATH_MAX_SHOWN 64

static enum affected_ca fate_of(const struct trust *t, uint32_t ca)
{
	if (!trust_touched(t, ca))
		return AFFECTED_NOT;
	if (!trust_changed(t, ca))
		return AFFECTED_KEPT;
	return trust_after(t, ca) == ACCEPT_NONE ? AFFECTED_LOST : AFFECTED_SOME;
}

static void at_least_beside(struct affected *a, uint32_t ca)
{
	if (a->ca[ca] == AFFECTED_NOT)
		a->ca[ca] = AFFECTED_BESIDE;
}

static bool hits(const struct graph *g, const struct mark *m, uint32_t cert)
{
	return m->action == MARK_BLOCK ? g->ca.v[g->cert.v[cert].ca].key == m->target : m->target == cert;
}

static void mark_certs(const struct trust_query *q, struct affected *a)
{
	const struct graph *g = q->graph;

	for (size_t i = 0; i < q->n_marks; i++) {
		const struct mark *m = &q->marks[i];
		if (!mark_in_force(m, q->day))
			continue;
		uint32_t key = m->action == MARK_BLOCK ? m->target : g->ca.v[g->cert.v[m->target].ca].key;

		for (uint32_t k = g->key_first[key]; k < g->key_first[key + 1]; k++) {
			const struct ca *ca = &g->ca.v[g->key_cas[k]];

			for (uint32_t c = 0; c < ca->n_certs; c++) {
				uint32_t cert = g->ca_certs[ca->first_cert + c];

				if (!hits(g, m, cert))
					continue;
				a->cert[cert] |= AFFECTED_MARKED;
				at_least_beside(a, g->key_cas[k]);
			}
		}
	}
}

/* The path of a touched CA, as it was or as it survives. */
static void walk_path(struct affected *a, const struct graph *g, uint32_t ca, bool after)
{
	uint32_t via[PATH_MAX_SHOWN];
	size_t n = trust_via(a->trust, ca, after, via, PATH_MAX_SHOWN);

	for (size_t i = 0; i < n; i++) {
		at_least_beside(a, g->cert.v[via[i]].ca);
		if (after)
			a->cert[via[i]] |= AFFECTED_SURVIVES;
	}
}

static void judge_certs(const struct trust_query *q, struct affected *a)
{
	const struct graph *g = q->graph;
	struct judge j;

	judge_init(&j, q);
	for (uint32_t i = 0; i < g->cert.n; i++) {
		if (a->ca[g->cert.v[i].ca] != AFFECTED_NOT && judge_link(&j, i) == PATH_OK)
			a->cert[i] |= AFFECTED_LINK;
	}
	for (size_t i = 0; i < j.n_rules; i++) {
		if (a->ca[g->cert.v[j.rule[i].cert].ca] != AFFECTED_NOT && judge_anchor(&j, &j.rule[i]) == PATH_OK)
			a->cert[j.rule[i].cert] |= AFFECTED_ANCHOR;
	}
	judge_release(&j);
}

void affected_find(const struct trust_query *q, struct affected *ret)
{
	const struct graph *g = q->graph;
	uint8_t *fate = xcalloc(g->ca.n + 1, 1);

	ret->trust = trust_compute(q);
	ret->cert = xcalloc(g->cert.n + 1, 1);
	ret->ca = xcalloc(g->ca.n + 1, 1);
	for (uint32_t i = 0; i < g->ca.n; i++)
		ret->ca[i] = fate[i] = (uint8_t)fate_of(ret->trust, i);
	mark_certs(q, ret);
	for (uint32_t i = 0; i < g->ca.n; i++) {
		if (fate[i] == AFFECTED_NOT)
			continue;
		walk_path(ret, g, i, false);
		if (fate[i] != AFFECTED_LOST)
			walk_path(ret, g, i, true);
	}
	judge_certs(q, ret);
	free(fate);
}

void affected_release(struct affected *a)
{
	trust_free(a->trust);
	free(a->cert);
	free(a->ca);
	memset(a, 0, sizeof(*a));
}

void affected_actions(const struct trust_query *q, uint32_t cert, struct strbuf *out)
{
	for (size_t i = 0; i < q->n_marks; i++) {
		const struct mark *m = &q->marks[i];
		char date[DATE_BUF];

		if (!mark_in_force(m, q->day) || !hits(q->graph, m, cert))
			continue;
		strbuf_addf(out, "%s%s", out->len ? ", " : "", mark_action_names[m->action]);
		if (m->action == MARK_DISTRUST_AFTER || m->action == MARK_SCT_NOT_AFTER)
			strbuf_addf(out, "@%s", date_format(date, date_of_time(m->limit)));
	}
}
