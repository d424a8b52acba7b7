#include "index/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"

uint8_t judge_sources(const struct trust_query *q)
{
	uint8_t enforced = program_find(q->store->program)->enforced[q->purpose];

	switch (q->revocation) {
	case REVOCATION_NONE:
		return 0;
	case REVOCATION_ALL:
		return enforced | 1U << REVOKED_CRL | 1U << REVOKED_CCADB;
	case REVOCATION_ENFORCED:
		break;
	}
	return enforced;
}

static void prepare_revocation(struct judge *j)
{
	const struct graph *g = j->q.graph;
	const struct store *s = j->q.store;
	uint8_t applied = judge_sources(&j->q);

	j->revoked = xcalloc(g->cert.n + 1, 1);
	if (j->q.revocation == REVOCATION_NONE)
		return;
	for (size_t i = 0; i < g->revocation.n; i++) {
		const struct revocation *r = &g->revocation.v[i];
		if ((applied >> r->source & 1) && revocation_holds(r, j->q.day))
			j->revoked[r->cert] |= JUDGE_REVOKED;
	}
	for (size_t i = 0; i < s->n_distrusts; i++)
		if (s->distrust[i].purpose == j->q.purpose)
			j->revoked[s->distrust[i].cert] |= JUDGE_DISTRUSTED;
}

static void prepare_rules(struct judge *j)
{
	const struct store *s = j->q.store;

	j->rule = xcalloc(s->n_rules + j->q.n_assume + 1, sizeof(*j->rule));
	for (size_t i = 0; i < s->n_rules; i++)
		if (s->rule[i].purpose == j->q.purpose)
			j->rule[j->n_rules++] = s->rule[i];
	for (size_t i = 0; i < j->q.n_assume; i++)
		j->rule[j->n_rules++] = (struct anchor_rule){
			.cert = j->q.assume[i], .purpose = j->q.purpose, .box = BOX_ALL };
}

static void prepare_marks(struct judge *j)
{
	const struct graph *g = j->q.graph;

	j->exempt = xcalloc(g->ca.n + 1, 1);
	j->blocked = xcalloc(g->n_keys + 1, 1);
	j->marked = xcalloc(g->cert.n + 1, 1);
	for (size_t i = 0; i < j->q.n_exempt; i++)
		j->exempt[j->q.exempt[i]] = 1;
	for (size_t i = 0; i < j->q.n_marks; i++) {
		const struct mark *m = &j->q.marks[i];
		if (m->action == MARK_BLOCK)
			j->blocked[m->target] = 1;
		else
			j->marked[m->target] |= (uint8_t)(1U << m->action);
	}
}

static void *copy_rows(const void *rows, size_t n, size_t size)
{
	return n ? xmemdup(rows, n * size) : NULL;
}

static void copy_marks(struct judge *j, const struct trust_query *q)
{
	struct mark *own = xcalloc(q->n_marks + 1, sizeof(*own));

	j->q.n_marks = 0;
	for (size_t i = 0; i < q->n_marks; i++)
		if (mark_in_force(&q->marks[i], q->day))
			own[j->q.n_marks++] = q->marks[i];
	j->q.marks = own;
}

void judge_init(struct judge *j, const struct trust_query *q)
{
	memset(j, 0, sizeof(*j));
	j->q = *q;
	copy_marks(j, q);
	j->q.exempt = copy_rows(q->exempt, q->n_exempt, sizeof(*q->exempt));
	j->q.assume = copy_rows(q->assume, q->n_assume, sizeof(*q->assume));
	j->program = program_find(q->store->program);
	prepare_revocation(j);
	prepare_rules(j);
	prepare_marks(j);
}

void judge_release(struct judge *j)
{
	free((void *)j->q.marks);
	free((void *)j->q.exempt);
	free((void *)j->q.assume);
	free(j->exempt);
	free(j->blocked);
	free(j->marked);
	free(j->revoked);
	free(j->rule);
}

static enum path_reason validity_fault(const struct judge *j, const struct ca_cert *c)
{
	if (c->not_before == TIME_UNKNOWN || c->not_after == TIME_UNKNOWN)
		return PATH_VALIDITY_UNKNOWN;
	if (cert_valid_on(c, j->q.day))
		return PATH_OK;
	return c->not_after < date_start(j->q.day) ? PATH_EXPIRED : PATH_NOT_YET_VALID;
}

static enum path_reason revocation_fault(const struct judge *j, uint32_t cert)
{
	if (j->revoked[cert] & JUDGE_DISTRUSTED)
		return PATH_DISTRUSTED;
	return j->revoked[cert] & JUDGE_REVOKED ? PATH_REVOKED : PATH_OK;
}

/* keyUsage and extended key usage */
static enum path_reason usage_fault(const struct judge *j, const struct ca_cert *c)
{
	if ((c->flags & CERT_KU) && !(c->flags & CERT_KU_CERTSIGN))
		return PATH_NO_CERTSIGN;
	return eku_allows_ca(j->program, c->eku, j->q.purpose) ? PATH_OK : PATH_EKU;
}

enum path_reason judge_link(const struct judge *j, uint32_t cert)
{
	const struct ca_cert *c = &j->q.graph->cert.v[cert];
	enum path_reason r = revocation_fault(j, cert);

	if (r == PATH_OK)
		r = validity_fault(j, c);
	/* RFC 5280 6.1.4 (k); a listing in CCADB makes no client accept it */
	if (r == PATH_OK && !(c->flags & CERT_CA_TRUE))
		r = PATH_NOT_A_CA;
	if (r == PATH_OK && (c->flags & CERT_WEAK_SIG))
		r = PATH_WEAK_SIGNATURE;
	return r == PATH_OK ? usage_fault(j, c) : r;
}

enum path_reason judge_anchor(const struct judge *j, const struct anchor_rule *rule)
{
	const struct ca_cert *c = &j->q.graph->cert.v[rule->cert];
	enum path_reason r = revocation_fault(j, rule->cert);

	if (r == PATH_OK && (j->program->judge_anchor || rule->judge_validity))
		r = validity_fault(j, c);
	if (r != PATH_OK || !(j->program->judge_anchor || rule->judge_constraints))
		return r;
	/* old roots have no basicConstraints; one that says CA:FALSE is refused */
	if (!(c->flags & (CERT_CA_TRUE | CERT_NO_BC)))
		return PATH_NOT_A_CA;
	return usage_fault(j, c);
}

int32_t judge_anchor_path_len(const struct judge *j, const struct anchor_rule *rule)
{
	if (!(j->program->judge_anchor || rule->judge_constraints))
		return -1;
	return j->q.graph->cert.v[rule->cert].path_len;
}

static void narrow_by_dates(const struct judge *j, uint32_t cert, struct box *after)
{
	for (size_t i = 0; i < j->q.n_marks; i++) {
		const struct mark *m = &j->q.marks[i];
		if (m->target != cert)
			continue;
		if (m->action == MARK_DISTRUST_AFTER && m->limit < after->nb_hi)
			after->nb_hi = m->limit;
		else if (m->action == MARK_SCT_NOT_AFTER && m->limit < after->sct_hi)
			after->sct_hi = m->limit;
	}
}

enum path_reason judge_marks(const struct judge *j, uint32_t cert, bool as_anchor, struct box *after)
{
	const struct graph *g = j->q.graph;
	uint8_t marked = j->marked[cert];
	enum path_reason r = PATH_OK;

	if (j->blocked[g->ca.v[g->cert.v[cert].ca].key])
		r = PATH_BLOCKED;
	else if (marked & 1U << MARK_REVOKE)
		r = PATH_REVOKED_BY_MARK;
	else if (as_anchor && (marked & 1U << MARK_REMOVE))
		r = PATH_REMOVED;
	if (r != PATH_OK)
		after->nb_hi = INT64_MIN, after->nb_lo = INT64_MAX;
	else if (marked & (1U << MARK_DISTRUST_AFTER | 1U << MARK_SCT_NOT_AFTER))
		narrow_by_dates(j, cert, after);
	return r;
}

int32_t judge_budget(const struct judge *j, int32_t budget, uint32_t cert)
{
	const struct ca_cert *c = &j->q.graph->cert.v[cert];
	int32_t own = judge_open_budget(c->path_len);

	if (!(c->flags & CERT_SELF_ISSUED)) {
		if (budget == 0)
			return -1;
		if (budget != BUDGET_OPEN)
			budget--;
	}
	return own < budget ? own : budget;
}
