#include "worlds.h"

#include <stdlib.h>

/* These are translated by value. */
_Static_assert((int)K_TLS == (int)EKU_TLS && (int)K_EMAIL == (int)EKU_EMAIL && (int)K_ANY == (int)EKU_ANY &&
		       (int)K_OCSP == (int)EKU_OCSP && (int)K_OTHER == (int)EKU_OTHER,
	"EKU bits");
_Static_assert((int)A_REMOVE == (int)MARK_REMOVE && (int)A_BLOCK == (int)MARK_BLOCK &&
		       (int)A_REVOKE == (int)MARK_REVOKE && (int)A_DISTRUST_AFTER == (int)MARK_DISTRUST_AFTER &&
		       (int)A_SCT_NOT_AFTER == (int)MARK_SCT_NOT_AFTER,
	"actions");
_Static_assert((int)S_CCADB == (int)REVOKED_CCADB && (int)S_CRL == (int)REVOKED_CRL &&
		       (int)S_ONECRL == (int)REVOKED_ONECRL && (int)S_CRLSET == (int)REVOKED_CRLSET,
	"sources");
_Static_assert((int)R_ENFORCED == (int)REVOCATION_ENFORCED && (int)R_ALL == (int)REVOCATION_ALL &&
		       (int)R_NONE == (int)REVOCATION_NONE,
	"revocation modes");
_Static_assert((int)U_TLS == (int)PURPOSE_TLS && (int)U_EMAIL == (int)PURPOSE_EMAIL, "purposes");
_Static_assert(
	(int)GETS_NONE == (int)ACCEPT_NONE && (int)GETS_SOME == (int)ACCEPT_SOME && (int)GETS_ALL == (int)ACCEPT_ALL,
	"acceptances");
_Static_assert(ORACLE_DECAY == DECAY_STEPS && ORACLE_NO_SCT == SCT_NONE && ORACLE_UNREADABLE == TIME_UNKNOWN, "times");

struct bucket bucket_of(const struct oracle_leaf *l)
{
	return (struct bucket){
		.nb_day = (int32_t)(l->nb / ORACLE_DAY),
		.na_day = (int32_t)(l->na / ORACLE_DAY),
		.sct_day = l->sct == ORACLE_NO_SCT ? SCT_DAY_NONE : (int32_t)(l->sct / ORACLE_DAY),
		.eku = (uint8_t)l->eku,
		.kind = (uint8_t)l->kind,
	};
}

bool bucket_same(const struct bucket *a, const struct bucket *b)
{
	return a->nb_day == b->nb_day && a->na_day == b->na_day && a->sct_day == b->sct_day && a->eku == b->eku &&
	       a->kind == b->kind;
}

static int rig_leaf_rows(void *ctx, const struct graph *g, uint32_t ca, const struct bucket *b,
	void (*each)(void *each_ctx, int64_t nb, int64_t na, int64_t sct), void *each_ctx)
{
	const struct oracle_world *w = ctx;

	(void)g;
	for (int i = 0; i < w->n_leaves; i++) {
		struct bucket own = bucket_of(&w->leaf[i]);
		if ((uint32_t)w->leaf[i].ca == ca && bucket_same(&own, b))
			each(each_ctx, w->leaf[i].nb, w->leaf[i].na, w->leaf[i].sct);
	}
	return 0;
}

static void rig_buckets(struct rig *r)
{
	const struct oracle_world *w = r->w;

	for (int i = 0; i < w->n_leaves; i++) {
		struct bucket b = bucket_of(&w->leaf[i]);
		bool known = false;
		for (int k = 0; k < w->n_leaves; k++) {
			struct bucket other = bucket_of(&w->leaf[k]);
			if (w->leaf[k].ca != w->leaf[i].ca || !bucket_same(&b, &other))
				continue;
			b.n++;
			known |= k < i;
		}
		if (!known)
			graph_add_bucket(&r->g, (uint32_t)w->leaf[i].ca, &b);
	}
	if (!w->whole_days) {
		r->g.leaf_rows = rig_leaf_rows;
		r->g.leaf_ctx = (void *)(uintptr_t)w;
	}
}

static uint32_t rig_flags(const struct oracle_cert *c)
{
	uint32_t flags = 0;

	flags |= c->ca_true ? CERT_CA_TRUE : 0;
	flags |= c->no_bc ? CERT_NO_BC : 0;
	flags |= c->self_issued ? CERT_SELF_ISSUED : 0;
	flags |= c->n_issuers > 0 && c->issuer[0] == c->ca ? CERT_SELF_SIGNED : 0;
	flags |= c->has_ku ? CERT_KU : 0;
	flags |= c->certsign ? CERT_KU_CERTSIGN : 0;
	return flags | (c->weak ? CERT_WEAK_SIG : 0);
}

static void rig_graph(struct rig *r)
{
	const struct oracle_world *w = r->w;

	graph_init(&r->g);
	for (int i = 0; i < w->n_cas; i++) {
		struct ca ca = { .key = (uint32_t)w->ca[i].key, .coverage = (uint8_t)w->ca[i].coverage, .name = "CA" };
		ca.id[0] = (uint8_t)(i * 101); /* the order of ids is not the order of indices */
		graph_add_ca(&r->g, &ca);
	}
	for (int i = 0; i < w->n_certs; i++) {
		const struct oracle_cert *c = &w->cert[i];
		graph_add_cert(&r->g, &(struct ca_cert){ .ca = (uint32_t)c->ca,
					      .flags = rig_flags(c),
					      .not_before = c->nb,
					      .not_after = c->na,
					      .path_len = c->path_len,
					      .eku = (uint8_t)c->eku });
		for (int k = 0; k < c->n_issuers; k++)
			graph_add_edge(&r->g, (uint32_t)i, (uint32_t)c->issuer[k]);
	}
	for (int i = 0; i < w->n_revocations; i++)
		graph_add_revocation(&r->g, &(struct revocation){ .cert = (uint32_t)w->revocation[i].cert,
						    .source = (uint8_t)w->revocation[i].source,
						    .from = w->revocation[i].from,
						    .lifted = w->revocation[i].lifted });
	rig_buckets(r);
	graph_finish(&r->g);
}

static int by_distrusted(const void *a, const void *b)
{
	const struct distrust_rule *x = a, *y = b;

	return x->cert < y->cert ? -1 : x->cert > y->cert;
}

static void rig_store(struct rig *r)
{
	const struct oracle_world *w = r->w;

	for (int i = 0; i < w->n_rules; i++) {
		const struct oracle_rule *o = &w->rule[i];
		r->rule[i] = (struct anchor_rule){
			.cert = (uint32_t)o->cert,
			.purpose = (uint8_t)o->purpose,
			.box = { o->box.nb_lo, o->box.nb_hi, o->box.sct_lo, o->box.sct_hi },
			.judge_validity = o->judge_validity,
			.judge_constraints = o->judge_constraints,
			.unevaluated = o->unevaluated,
		};
	}
	for (int i = 0; i < w->n_distrusts; i++)
		r->distrust[i] =
			(struct distrust_rule){ (uint32_t)w->distrust[i].cert, (uint8_t)w->distrust[i].purpose };
	qsort(r->distrust, (size_t)w->n_distrusts, sizeof(r->distrust[0]), by_distrusted);
	r->store = (struct store){ .program = program_names[w->program],
		.day = w->day,
		.rule = r->rule,
		.n_rules = (size_t)w->n_rules,
		.distrust = r->distrust,
		.n_distrusts = (size_t)w->n_distrusts };
}

static void rig_query(struct rig *r)
{
	const struct oracle_world *w = r->w;

	for (int i = 0; i < w->n_marks; i++)
		r->mark[i] = (struct mark){ .action = (enum mark_action)w->mark[i].action,
			.target = (uint32_t)w->mark[i].target,
			.limit = w->mark[i].limit,
			.since = w->mark[i].since ? w->mark[i].since : MARK_ALWAYS };
	for (int i = 0; i < w->n_exempt; i++)
		r->exempt[i] = (uint32_t)w->exempt[i];
	for (int i = 0; i < w->n_assume; i++)
		r->assume[i] = (uint32_t)w->assume[i];
	r->query = (struct trust_query){ .graph = &r->g,
		.store = &r->store,
		.purpose = (enum purpose)w->purpose,
		.day = w->day,
		.revocation = (enum revocation_mode)w->mode,
		.marks = r->mark,
		.n_marks = (size_t)w->n_marks,
		.exempt = r->exempt,
		.n_exempt = (size_t)w->n_exempt,
		.assume = r->assume,
		.n_assume = (size_t)w->n_assume };
}

void rig_init(struct rig *r, const struct oracle_world *w)
{
	*r = (struct rig){ .w = w };
	rig_graph(r);
	rig_store(r);
	rig_query(r);
}

void rig_release(struct rig *r)
{
	graph_release(&r->g);
}

struct oracle_tally tally_of(const struct leaf_tally *t)
{
	return (struct oracle_tally){ t->unexpired, t->trusted, t->lost, t->kept, t->no_sct, t->no_sct };
}

void index_answers(const struct rig *r, const struct impact *im, struct oracle_answers *ret)
{
	const struct oracle_world *w = r->w;
	const struct trust *t = im->trust;

	*ret = (struct oracle_answers){
		.total = tally_of(&im->total), .changed_cas = (int)im->changed_cas, .unknown_cas = (int)im->unknown_cas
	};
	for (int i = 0; i < w->n_cas; i++) {
		struct leaf_tally tally = { 0 };
		uint32_t ca = (uint32_t)i;
		trust_tally(t, ca, w->day, &tally);
		ret->ca[i].before = (enum oracle_acceptance)trust_before(t, ca);
		ret->ca[i].after = (enum oracle_acceptance)trust_after(t, ca);
		ret->ca[i].changed = trust_changed(t, ca);
		ret->ca[i].touched = trust_touched(t, ca);
		ret->ca[i].tally = tally_of(&tally);
	}
	for (int i = 0; i < w->n_leaves; i++) {
		const struct oracle_leaf *l = &w->leaf[i];
		struct verdict v = trust_leaf(t, (uint32_t)l->ca, l->nb, l->sct);
		ret->leaf[i] = (struct oracle_verdict){ v.before, v.after, v.cut };
	}
	for (int i = 0; i < ORACLE_DECAY; i++)
		ret->decay[i] = im->decay[i];
}
