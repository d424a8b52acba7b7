#include <stdlib.h>

#include "index/judge.h"
#include "index/trust.h"

const char *const path_reason_names[PATH_REASONS] = {
	[PATH_OK] = "trusted",
	[PATH_NO_ANCHOR] = "no anchor",
	[PATH_EXPIRED] = "expired",
	[PATH_NOT_YET_VALID] = "not yet valid",
	[PATH_VALIDITY_UNKNOWN] = "validity unreadable",
	[PATH_REVOKED] = "revoked",
	[PATH_DISTRUSTED] = "actively distrusted",
	[PATH_WEAK_SIGNATURE] = "signed with SHA-1 or MD5",
	[PATH_NOT_A_CA] = "not a CA (basicConstraints)",
	[PATH_NO_CERTSIGN] = "keyUsage without keyCertSign",
	[PATH_PATH_LEN] = "pathLenConstraint exceeded",
	[PATH_EKU] = "extended key usage",
	[PATH_BLOCKED] = "blocked by a mark",
	[PATH_REVOKED_BY_MARK] = "revoked by a mark",
	[PATH_REMOVED] = "removed by a mark",
	[PATH_LOOP] = "loop",
};

/* A long chain is shown only to this depth; real ones have 3 or 4 links. */
#define DEPTH_MAX 256
/* Dead ends tried, so that a hostile graph cannot keep us for ever. */
#define STEPS_MAX 100000

struct walk {
	struct judge judge;
	uint32_t path[DEPTH_MAX];
	size_t n;
	size_t reported, max, steps;
	bool stopped;
	bool gave_up; /* not all paths were followed */
	uint8_t *visited; /* by CA */
	bool (*fn)(void *ctx, const struct path_report *r);
	void *ctx;
};

static void report(struct walk *w, const struct path_report *r)
{
	if (w->stopped || w->reported >= w->max)
		return;
	w->reported++;
	w->stopped = !w->fn(w->ctx, r);
}

/* First link, from the CA upwards, that is no good by itself; the anchor is judged apart. */
static bool link_fault(const struct walk *w, const struct anchor_rule *rule, struct path_report *r)
{
	for (size_t i = 0; i < w->n; i++) {
		bool top = rule && i == w->n - 1;
		r->at = i;
		r->reason = top ? judge_anchor(&w->judge, rule) : judge_link(&w->judge, w->path[i]);
		if (r->reason != PATH_OK)
			return true;
	}
	return false;
}

static bool path_len_fault(const struct walk *w, const struct anchor_rule *rule, struct path_report *r)
{
	int32_t budget = judge_open_budget(judge_anchor_path_len(&w->judge, rule));

	for (size_t i = w->n - 1; i-- > 0;) {
		budget = judge_budget(&w->judge, budget, w->path[i]);
		if (budget < 0) {
			r->at = i;
			r->reason = PATH_PATH_LEN;
			return true;
		}
	}
	return false;
}

static void apply_scenario(const struct walk *w, struct path_report *r)
{
	const struct graph *g = w->judge.q.graph;

	for (size_t i = 0; i < w->n; i++)
		if (w->judge.exempt[g->cert.v[w->path[i]].ca])
			return;
	for (size_t i = w->n; i-- > 0;) {
		enum path_reason reason = judge_marks(&w->judge, w->path[i], i == w->n - 1, &r->after);
		if (reason != PATH_OK) {
			r->reason = reason;
			r->at = i;
			break;
		}
	}
	r->has_after = !box_empty(&r->after);
}

static void report_anchored(struct walk *w, const struct anchor_rule *rule)
{
	struct path_report r = { .certs = w->path, .n = w->n, .before = rule->box, .after = rule->box, .has_after = true };

	if (link_fault(w, rule, &r) || path_len_fault(w, rule, &r)) {
		r.has_after = false;
	} else {
		r.at = 0;
		apply_scenario(w, &r);
	}
	report(w, &r);
}

static bool report_anchors(struct walk *w)
{
	uint32_t top = w->path[w->n - 1];
	bool any = false;

	for (size_t i = 0; i < w->judge.n_rules; i++) {
		if (w->judge.rule[i].cert != top)
			continue;
		report_anchored(w, &w->judge.rule[i]);
		any = true;
	}
	return any;
}

static void report_dead_end(struct walk *w, enum path_reason reason)
{
	struct path_report r = { .certs = w->path, .n = w->n, .reason = reason, .at = w->n - 1 };

	/* that a certificate is actively distrusted says more than that nothing is above it */
	for (size_t i = 0; i < w->n; i++) {
		if (w->judge.revoked[w->path[i]] & JUDGE_DISTRUSTED) {
			r.reason = PATH_DISTRUSTED;
			r.at = i;
			break;
		}
	}
	report(w, &r);
}

static void walk_ca(struct walk *w, uint32_t ca, bool anchored);

static void walk_cert(struct walk *w, uint32_t cert, bool anchored)
{
	const struct graph *g = w->judge.q.graph;
	const struct ca_cert *c = &g->cert.v[cert];
	bool up = false, loop = false;

	if (w->n == DEPTH_MAX || w->stopped || ++w->steps > STEPS_MAX || w->reported >= w->max)
		return;
	w->path[w->n++] = cert;
	anchored |= report_anchors(w);
	for (uint32_t i = 0; i < c->n_issuers; i++) {
		uint32_t issuer = g->issuers[c->first_issuer + i];
		if (issuer == c->ca)
			continue;
		if (w->visited[issuer]) {
			loop = true;
			continue;
		}
		up = true;
		walk_ca(w, issuer, anchored);
	}
	if (!up && !anchored)
		report_dead_end(w, loop ? PATH_LOOP : PATH_NO_ANCHOR);
	w->n--;
}

static void walk_ca(struct walk *w, uint32_t ca, bool anchored)
{
	const struct graph *g = w->judge.q.graph;
	const struct ca *c = &g->ca.v[ca];

	w->visited[ca] = 1;
	for (uint32_t i = 0; i < c->n_certs; i++)
		walk_cert(w, g->ca_certs[c->first_cert + i], anchored);
	w->visited[ca] = 0;
}

size_t trust_explain(const struct trust_query *q, uint32_t ca, size_t max_paths,
                     bool (*fn)(void *ctx, const struct path_report *r), void *ctx)
{
	struct walk *w = xcalloc(1, sizeof(*w));

	judge_init(&w->judge, q);
	w->max = max_paths;
	w->fn = fn;
	w->ctx = ctx;
	w->visited = xcalloc(q->graph->ca.n + 1, 1);
	walk_ca(w, ca, false);
	size_t n = w->reported;
	judge_release(&w->judge);
	free(w->visited);
	free(w);
	return n;
}

/* ---- whether one is accepted ---- */

/* The links below the top are good. */
static bool top_accepts(struct walk *w)
{
	const uint32_t top = w->path[w->n - 1];
	struct path_report r = { 0 };

	for (size_t i = 0; i < w->judge.n_rules; i++) {
		const struct anchor_rule *rule = &w->judge.rule[i];
		if (rule->cert == top && !box_empty(&rule->box) && !link_fault(w, rule, &r) && !path_len_fault(w, rule, &r))
			return true;
	}
	return false;
}

static bool begins(struct walk *w, const struct trust *t, uint32_t cert);

/* Through an issuer that no path makes trusted there is none for what stands below it. */
static bool issuer_accepts(struct walk *w, const struct trust *t, uint32_t issuer)
{
	const struct graph *g = w->judge.q.graph;
	const struct ca *c = &g->ca.v[issuer];

	if (w->visited[issuer] || trust_before(t, issuer) == ACCEPT_NONE)
		return false;
	for (uint32_t i = 0; i < c->n_certs; i++)
		if (begins(w, t, g->ca_certs[c->first_cert + i]))
			return true;
	return false;
}

static bool begins(struct walk *w, const struct trust *t, uint32_t cert)
{
	const struct graph *g = w->judge.q.graph;
	const struct ca_cert *c = &g->cert.v[cert];
	bool found;

	if (w->n == DEPTH_MAX || w->steps == STEPS_MAX) {
		w->gave_up = true;
		return false;
	}
	w->steps++;
	w->path[w->n++] = cert;
	w->visited[c->ca] = 1;
	found = top_accepts(w);
	if (!found && judge_link(&w->judge, cert) == PATH_OK)
		for (uint32_t i = 0; i < c->n_issuers && !found; i++)
			found = issuer_accepts(w, t, g->issuers[c->first_issuer + i]);
	w->visited[c->ca] = 0;
	w->n--;
	return found;
}

enum trust_begun trust_begins(const struct trust *t, uint32_t cert)
{
	const struct trust_query *q = trust_query(t);
	struct walk *w;
	enum trust_begun ret;

	if (trust_before(t, q->graph->cert.v[cert].ca) == ACCEPT_NONE)
		return BEGINS_NONE;
	w = xcalloc(1, sizeof(*w));
	judge_init(&w->judge, q);
	w->visited = xcalloc(q->graph->ca.n + 1, 1);
	ret = begins(w, t, cert) ? BEGINS_SOME : w->gave_up ? BEGINS_UNKNOWN : BEGINS_NONE;
	judge_release(&w->judge);
	free(w->visited);
	free(w);
	return ret;
}
