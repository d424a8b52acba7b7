#include "oracle.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const int oracle_decay_days[ORACLE_DECAY] = { 0, 30, 47, 60, 90, 100, 180, 200, 365, 398 };

const char *const oracle_mutant_names[MUTANTS] = {
	[MUTANT_NONE] = "none",
	[MUTANT_PATH_LEN_IGNORED] = "path length ignored",
	[MUTANT_SELF_ISSUED_COUNTS] = "self-issued certificates counted in the path length",
	[MUTANT_FIRST_PATH] = "one path a CA kept",
	[MUTANT_SHORTEST_PATHS] = "shortest paths only",
	[MUTANT_WIDEST_PATHS] = "widest paths only",
	[MUTANT_VISIT_ONCE] = "each CA visited once in the whole walk",
	[MUTANT_NO_CYCLES] = "no paths inside cycles",
	[MUTANT_STOP_AT_ANCHOR] = "no path through an anchor",
	[MUTANT_FIRST_RULE] = "first rule of an anchor only",
	[MUTANT_KEPT_IS_REST] = "kept = trusted - lost",
	[MUTANT_BLOCK_ONE_CERT] = "block hits one certificate",
	[MUTANT_BLOCK_SPARES_ANCHOR] = "block spares the anchor",
	[MUTANT_REMOVE_REVOKES] = "remove works like revoke",
	[MUTANT_REVOKE_WHOLE_CA] = "revoke hits all certificates of the CA",
	[MUTANT_DATES_ON_ANCHOR_ONLY] = "date marks on the anchor only",
	[MUTANT_LIMIT_EXCLUSIVE] = "date limits exclusive",
	[MUTANT_NO_SCT_PASSES] = "leaf without SCT passes SCT rules",
	[MUTANT_EXEMPT_NOT_ABOVE] = "exempt CA above the mark ignored",
	[MUTANT_EXEMPT_NOT_BELOW] = "exempt CA below the mark ignored",
	[MUTANT_EXEMPT_NOT_ISSUER] = "exempt issuing CA ignored",
	[MUTANT_ANCHOR_ALWAYS_JUDGED] = "anchor always judged",
	[MUTANT_ANCHOR_NEVER_JUDGED] = "anchor never judged",
	[MUTANT_WEAK_ANCHOR_FAILS] = "weak signature on the anchor refused",
	[MUTANT_WEAK_PASSES] = "weak signature accepted everywhere",
	[MUTANT_ANY_EKU_EVERYWHERE] = "anyExtendedKeyUsage accepted everywhere",
	[MUTANT_EKU_OF_ISSUER_ONLY] = "EKU of the issuing CA only",
	[MUTANT_EXPIRY_TO_THE_SECOND] = "validity judged at the day's first second",
	[MUTANT_MARKS_SPARE_ASSUMED] = "marks spare assumed anchors",
	[MUTANT_STAGES_AT_ONCE] = "stages are in force at once",
	[MUTANT_STAGES_A_DAY_LATE] = "stages begin a day late",
	[MUTANT_DECAY_WITHOUT_CAS] = "CA certificates do not expire in decay",
};

/* Paths */

static bool is_assumed(const struct oracle_world *w, int cert)
{
	for (int i = 0; i < w->n_assume; i++)
		if (w->assume[i] == cert)
			return true;
	return false;
}

static bool may_be_anchor(const struct oracle_world *w, int cert)
{
	for (int i = 0; i < w->n_rules; i++)
		if (w->rule[i].cert == cert && w->rule[i].purpose == w->purpose)
			return true;
	return is_assumed(w, cert);
}

static void paths_add(struct oracle_paths *paths, const struct oracle_path *p)
{
	if (paths->n == paths->cap) {
		paths->cap = paths->cap ? paths->cap * 2 : 64;
		paths->path = xreallocarray(paths->path, paths->cap, sizeof(*paths->path));
	}
	paths->path[paths->n++] = *p;
}

struct walk {
	const struct oracle_world *w;
	struct oracle_paths *paths;
	enum oracle_mutant mutant;
	bool seen[ORACLE_CAS]; /* for MUTANT_VISIT_ONCE */
};

static bool on_path(const struct oracle_world *w, const struct oracle_path *p, int ca)
{
	for (int i = 0; i < p->n; i++)
		if (w->cert[p->cert[i]].ca == ca)
			return true;
	return false;
}

/* The path comes to this CA next: go on with each of its certificates. */
static void walk(struct walk *k, const struct oracle_path *below, int ca)
{
	const struct oracle_world *w = k->w;

	if (on_path(w, below, ca) || (k->mutant == MUTANT_VISIT_ONCE && k->seen[ca]))
		return;
	k->seen[ca] = true;
	for (int c = 0; c < w->n_certs; c++) {
		if (w->cert[c].ca != ca)
			continue;
		struct oracle_path p = *below;
		p.cert[p.n++] = c;
		if (may_be_anchor(w, c)) {
			paths_add(k->paths, &p);
			if (k->mutant == MUTANT_STOP_AT_ANCHOR)
				continue;
		}
		for (int i = 0; i < w->cert[c].n_issuers; i++)
			walk(k, &p, w->cert[c].issuer[i]);
	}
}

struct oracle_paths oracle_find_paths(const struct oracle_world *w, enum oracle_mutant mutant)
{
	struct oracle_paths paths = { 0 };
	const struct oracle_path nothing = { 0 };

	for (int ca = 0; ca < w->n_cas; ca++) {
		struct walk k = { .w = w, .paths = &paths, .mutant = mutant };
		walk(&k, &nothing, ca);
	}
	return paths;
}

void oracle_paths_release(struct oracle_paths *paths)
{
	free(paths->path);
	*paths = (struct oracle_paths){ 0 };
}

/* reach[a][b]: some chain of certificates leads from a up to b. */
static void reachable(const struct oracle_world *w, bool reach[ORACLE_CAS][ORACLE_CAS])
{
	memset(reach, 0, sizeof(bool[ORACLE_CAS][ORACLE_CAS]));
	for (int c = 0; c < w->n_certs; c++)
		for (int i = 0; i < w->cert[c].n_issuers; i++)
			reach[w->cert[c].ca][w->cert[c].issuer[i]] = true;
	for (int via = 0; via < w->n_cas; via++)
		for (int a = 0; a < w->n_cas; a++)
			for (int b = 0; b < w->n_cas; b++)
				reach[a][b] |= reach[a][via] && reach[via][b];
}

bool oracle_path_in_cycle(const struct oracle_world *w, const struct oracle_path *p)
{
	bool reach[ORACLE_CAS][ORACLE_CAS];

	reachable(w, reach);
	for (int i = 0; i + 1 < p->n; i++)
		if (reach[w->cert[p->cert[i + 1]].ca][w->cert[p->cert[i]].ca])
			return true;
	return false;
}

/* Does a path count? */

static int64_t day_start(int day)
{
	return (int64_t)day * ORACLE_DAY;
}

static bool valid_on(int64_t nb, int64_t na, int day)
{
	return nb < day_start(day) + ORACLE_DAY && na >= day_start(day);
}

static bool cert_valid(const struct oracle_cert *c, int day, enum oracle_mutant m)
{
	if (c->nb == ORACLE_UNREADABLE || c->na == ORACLE_UNREADABLE)
		return false;
	if (m == MUTANT_EXPIRY_TO_THE_SECOND)
		return c->nb <= day_start(day) && c->na >= day_start(day);
	return valid_on(c->nb, c->na, day);
}

static bool listed_as_revoked(const struct oracle_world *w, int cert, enum oracle_source source, int day)
{
	for (int i = 0; i < w->n_revocations; i++)
		if (w->revocation[i].cert == cert && w->revocation[i].source == source &&
			w->revocation[i].from < day_start(day) + ORACLE_DAY &&
			(!w->revocation[i].lifted || w->revocation[i].lifted >= day_start(day) + ORACLE_DAY))
			return true;
	return false;
}

static bool not_trusted_bit(const struct oracle_world *w, int cert)
{
	for (int i = 0; i < w->n_distrusts; i++)
		if (w->distrust[i].cert == cert && w->distrust[i].purpose == w->purpose)
			return true;
	return false;
}

/* What the program's clients enforce; with R_ALL also what is otherwise only shown. */
static bool revoked(const struct oracle_world *w, int cert, int day)
{
	if (w->mode == R_NONE)
		return false;
	if (w->mode == R_ALL && (listed_as_revoked(w, cert, S_CCADB, day) || listed_as_revoked(w, cert, S_CRL, day)))
		return true;
	if (w->program == P_CHROME)
		return listed_as_revoked(w, cert, S_CRLSET, day);
	if (w->program != P_MOZILLA)
		return false;
	return not_trusted_bit(w, cert) || (w->purpose == U_TLS && listed_as_revoked(w, cert, S_ONECRL, day));
}

static bool eku_allows(const struct oracle_world *w, unsigned eku, enum oracle_mutant m)
{
	if (eku == 0 || (eku & (w->purpose == U_TLS ? K_TLS : K_EMAIL)))
		return true;
	return (eku & K_ANY) && (w->program != P_MOZILLA || m == MUTANT_ANY_EKU_EVERYWHERE);
}

bool oracle_leaf_has_purpose(const struct oracle_world *w, const struct oracle_leaf *leaf)
{
	if (w->program == P_MOZILLA && (leaf->eku & K_OCSP))
		return false;
	return eku_allows(w, leaf->eku, MUTANT_NONE);
}

/* Certificates between link `at` and the leaf, the self-issued ones not counted. */
static bool path_len_satisfied(const struct oracle_world *w, const struct oracle_path *p, int at, enum oracle_mutant m)
{
	int limit = w->cert[p->cert[at]].path_len, n = 0;

	for (int i = 0; i < at; i++)
		n += !w->cert[p->cert[i]].self_issued || m == MUTANT_SELF_ISSUED_COUNTS;
	return limit < 0 || n <= limit || m == MUTANT_PATH_LEN_IGNORED;
}

static bool constraints_satisfied(
	const struct oracle_world *w, const struct oracle_path *p, int at, enum oracle_mutant m)
{
	const struct oracle_cert *c = &w->cert[p->cert[at]];
	bool anchor = at == p->n - 1;

	if (!c->ca_true && !(anchor && c->no_bc))
		return false;
	if (c->has_ku && !c->certsign)
		return false;
	if (!path_len_satisfied(w, p, at, m))
		return false;
	return eku_allows(w, c->eku, m) || (m == MUTANT_EKU_OF_ISSUER_ONLY && at > 0);
}

/* What the anchor's row in the store says: a rule, or the assumption. */
struct standing {
	struct oracle_box box;
	bool judge_validity, judge_constraints, unevaluated, assumed;
};

static bool link_counts(const struct oracle_world *w, const struct oracle_path *p, int at, const struct standing *s,
	int day, enum oracle_mutant m)
{
	bool anchor = at == p->n - 1, weak = w->cert[p->cert[at]].weak;
	bool judges = (w->program != P_CHROME || m == MUTANT_ANCHOR_ALWAYS_JUDGED) && m != MUTANT_ANCHOR_NEVER_JUDGED;

	if (revoked(w, p->cert[at], day))
		return false;
	if (weak && m != MUTANT_WEAK_PASSES && (!anchor || m == MUTANT_WEAK_ANCHOR_FAILS))
		return false;
	if ((!anchor || judges || s->judge_validity) && !cert_valid(&w->cert[p->cert[at]], day, m))
		return false;
	return (anchor && !judges && !s->judge_constraints) || constraints_satisfied(w, p, at, m);
}

static bool path_counts(const struct oracle_world *w, const struct oracle_path *p, const struct standing *s, int day,
	enum oracle_mutant m)
{
	for (int i = 0; i < p->n; i++)
		if (!link_counts(w, p, i, s, day, m))
			return false;
	return m != MUTANT_NO_CYCLES || !oracle_path_in_cycle(w, p);
}

/* The scenario */

static bool is_exempt(const struct oracle_world *w, int ca)
{
	for (int i = 0; i < w->n_exempt; i++)
		if (w->exempt[i] == ca)
			return true;
	return false;
}

/* Is an action at link `at` left out, since the path visits an exempt CA? Where in
 * the path the CA stands matters to the mutants only. */
static bool spared(const struct oracle_world *w, const struct oracle_path *p, int at, enum oracle_mutant m)
{
	for (int i = 0; i < p->n; i++) {
		if (!is_exempt(w, w->cert[p->cert[i]].ca))
			continue;
		if ((m == MUTANT_EXEMPT_NOT_ABOVE && i > at) || (m == MUTANT_EXEMPT_NOT_BELOW && i < at) ||
			(m == MUTANT_EXEMPT_NOT_ISSUER && i == 0))
			continue;
		return true;
	}
	return false;
}

static bool first_cert_of_key(const struct oracle_world *w, int cert)
{
	for (int c = 0; c < cert; c++)
		if (w->ca[w->cert[c].ca].key == w->ca[w->cert[cert].ca].key)
			return false;
	return true;
}

/* Does the mark's target stand at link `at`, in a place where its action is felt? */
static bool mark_hits(const struct oracle_world *w, const struct oracle_mark *mark, const struct oracle_path *p, int at,
	enum oracle_mutant m)
{
	int cert = p->cert[at];
	bool anchor = at == p->n - 1, same = cert == mark->target;

	switch (mark->action) {
	case A_REMOVE:
		return same && (anchor || m == MUTANT_REMOVE_REVOKES);
	case A_BLOCK:
		if ((m == MUTANT_BLOCK_ONE_CERT && !first_cert_of_key(w, cert)) ||
			(m == MUTANT_BLOCK_SPARES_ANCHOR && anchor))
			return false;
		return w->ca[w->cert[cert].ca].key == mark->target;
	case A_REVOKE:
		return same || (m == MUTANT_REVOKE_WHOLE_CA && w->cert[cert].ca == w->cert[mark->target].ca);
	default:
		return same && (anchor || m != MUTANT_DATES_ON_ANCHOR_ONLY);
	}
}

static void lower(int64_t *limit, int64_t to)
{
	if (to < *limit)
		*limit = to;
}

static void apply_mark(struct oracle_grant *g, const struct oracle_mark *mark, enum oracle_mutant m)
{
	int64_t last = mark->limit - (m == MUTANT_LIMIT_EXCLUSIVE);

	if (mark->action == A_DISTRUST_AFTER)
		lower(&g->after.nb_hi, last);
	else if (mark->action == A_SCT_NOT_AFTER)
		lower(&g->after.sct_hi, last);
	else
		g->cut = true;
}

static bool waits(const struct oracle_mark *mark, int day, enum oracle_mutant m)
{
	if (m == MUTANT_STAGES_AT_ONCE)
		return false;
	return day < mark->since + (mark->since && m == MUTANT_STAGES_A_DAY_LATE);
}

static void apply_marks(const struct oracle_world *w, struct oracle_grant *g, int day, enum oracle_mutant m)
{
	for (int k = 0; k < w->n_marks; k++)
		for (int at = 0; !waits(&w->mark[k], day, m) && at < g->path->n; at++)
			if (mark_hits(w, &w->mark[k], g->path, at, m) && !spared(w, g->path, at, m))
				apply_mark(g, &w->mark[k], m);
}

/* All paths judged */

bool oracle_box_empty(const struct oracle_box *b)
{
	return b->nb_lo > b->nb_hi || b->sct_lo > b->sct_hi;
}

bool oracle_box_inside(const struct oracle_box *inner, const struct oracle_box *outer)
{
	return inner->nb_lo >= outer->nb_lo && inner->nb_hi <= outer->nb_hi && inner->sct_lo >= outer->sct_lo &&
	       inner->sct_hi <= outer->sct_hi;
}

static void grants_add(struct oracle_grants *grants, const struct oracle_grant *g)
{
	if (grants->n == grants->cap) {
		grants->cap = grants->cap ? grants->cap * 2 : 64;
		grants->grant = xreallocarray(grants->grant, grants->cap, sizeof(*grants->grant));
	}
	grants->grant[grants->n++] = *g;
}

static void judge_path(const struct oracle_world *w, const struct oracle_path *p, const struct standing *s, int day,
	enum oracle_mutant m, struct oracle_grants *grants)
{
	struct oracle_grant g = {
		.ca = w->cert[p->cert[0]].ca,
		.path = p,
		.before = s->box,
		.after = s->box,
		.unevaluated = s->unevaluated,
	};

	if (!path_counts(w, p, s, day, m) || oracle_box_empty(&s->box))
		return;
	if (!s->assumed || m != MUTANT_MARKS_SPARE_ASSUMED)
		apply_marks(w, &g, day, m);
	g.cut |= oracle_box_empty(&g.after);
	grants_add(grants, &g);
}

/* The mutants that keep too few paths: is b a reason to forget a? */
static bool forgets(enum oracle_mutant m, const struct oracle_grant *a, const struct oracle_grant *b)
{
	if (a->ca != b->ca)
		return false;
	if (m == MUTANT_FIRST_PATH)
		return b < a;
	if (m == MUTANT_SHORTEST_PATHS)
		return b->path->n < a->path->n;
	if (m == MUTANT_WIDEST_PATHS && oracle_box_inside(&a->before, &b->before))
		return b < a || !oracle_box_inside(&b->before, &a->before);
	return false;
}

static void forget_paths(struct oracle_grants *grants, enum oracle_mutant m)
{
	struct oracle_grants left = { 0 };

	for (size_t i = 0; i < grants->n; i++) {
		bool forgotten = false;
		for (size_t j = 0; j < grants->n; j++)
			forgotten |= forgets(m, &grants->grant[i], &grants->grant[j]);
		if (!forgotten)
			grants_add(&left, &grants->grant[i]);
	}
	oracle_grants_release(grants);
	*grants = left;
}

struct oracle_grants oracle_judge(
	const struct oracle_world *w, const struct oracle_paths *paths, int day, enum oracle_mutant m)
{
	const struct standing assumed = {
		.box = { ORACLE_OPEN_LO, ORACLE_OPEN_HI, ORACLE_OPEN_LO, ORACLE_OPEN_HI },
		.assumed = true,
	};
	struct oracle_grants grants = { 0 };

	for (size_t i = 0; i < paths->n; i++) {
		const struct oracle_path *p = &paths->path[i];
		bool first = true;
		for (int r = 0; r < w->n_rules; r++) {
			const struct oracle_rule *rule = &w->rule[r];
			if (rule->cert != p->cert[p->n - 1] || rule->purpose != w->purpose)
				continue;
			const struct standing s = { rule->box, rule->judge_validity, rule->judge_constraints,
				rule->unevaluated, false };
			if (first || m != MUTANT_FIRST_RULE)
				judge_path(w, p, &s, day, m, &grants);
			first = false;
		}
		if (is_assumed(w, p->cert[p->n - 1]))
			judge_path(w, p, &assumed, day, m, &grants);
	}
	if (m == MUTANT_FIRST_PATH || m == MUTANT_SHORTEST_PATHS || m == MUTANT_WIDEST_PATHS)
		forget_paths(&grants, m);
	return grants;
}

void oracle_grants_release(struct oracle_grants *grants)
{
	free(grants->grant);
	*grants = (struct oracle_grants){ 0 };
}

/* Leaves */

static bool box_accepts(const struct oracle_box *b, int64_t nb, int64_t sct, enum oracle_mutant m)
{
	if (nb < b->nb_lo || nb > b->nb_hi)
		return false;
	if (sct != ORACLE_NO_SCT)
		return sct >= b->sct_lo && sct <= b->sct_hi;
	return (b->sct_lo == ORACLE_OPEN_LO && b->sct_hi == ORACLE_OPEN_HI) || m == MUTANT_NO_SCT_PASSES;
}

static struct oracle_verdict verdict(
	const struct oracle_grants *grants, int ca, int64_t nb, int64_t sct, bool evaluated_only, enum oracle_mutant m)
{
	struct oracle_verdict v = { false, false, false };

	for (size_t i = 0; i < grants->n; i++) {
		const struct oracle_grant *g = &grants->grant[i];
		if (g->ca != ca || !box_accepts(&g->before, nb, sct, m) || (evaluated_only && g->unevaluated))
			continue;
		bool still = !g->cut && box_accepts(&g->after, nb, sct, m);
		v.before = true;
		v.after |= still;
		v.cut |= !still;
	}
	return v;
}

struct oracle_verdict oracle_leaf_verdict(
	const struct oracle_grants *grants, int ca, int64_t nb, int64_t sct, enum oracle_mutant m)
{
	return verdict(grants, ca, nb, sct, false, m);
}

static void point_add(int64_t *list, int *n, int64_t t)
{
	for (int i = 0; i < *n; i++)
		if (list[i] == t)
			return;
	if (*n == ORACLE_POINTS)
		abort(); /* the worlds have far fewer limits */
	list[(*n)++] = t;
}

/* A limit, and the seconds before and after it where there are any. */
static void limit_add(int64_t *list, int *n, int64_t t)
{
	if (t != INT64_MIN)
		point_add(list, n, t - 1);
	point_add(list, n, t);
	if (t < INT64_MAX - 1) /* the last one stands for "no SCT" */
		point_add(list, n, t + 1);
}

static void box_points(const struct oracle_box *b, struct oracle_points *points)
{
	limit_add(points->nb, &points->n_nb, b->nb_lo);
	limit_add(points->nb, &points->n_nb, b->nb_hi);
	limit_add(points->sct, &points->n_sct, b->sct_lo);
	limit_add(points->sct, &points->n_sct, b->sct_hi);
}

void oracle_points_of(const struct oracle_grants *grants, int ca, struct oracle_points *points)
{
	points->n_nb = points->n_sct = 0;
	point_add(points->nb, &points->n_nb, 0);
	point_add(points->sct, &points->n_sct, 0);
	point_add(points->sct, &points->n_sct, ORACLE_NO_SCT);
	for (size_t i = 0; i < grants->n; i++) {
		if (grants->grant[i].ca != ca)
			continue;
		box_points(&grants->grant[i].before, points);
		box_points(&grants->grant[i].after, points);
	}
}

static enum oracle_acceptance acceptance(int accepted, int asked)
{
	if (accepted == 0)
		return GETS_NONE;
	return accepted == asked ? GETS_ALL : GETS_SOME;
}

static void answer_ca(const struct oracle_grants *grants, int ca, enum oracle_mutant m, struct oracle_answers *ret)
{
	struct oracle_points points;
	int asked = 0, before = 0, after = 0;

	oracle_points_of(grants, ca, &points);
	for (int i = 0; i < points.n_nb; i++)
		for (int k = 0; k < points.n_sct; k++) {
			struct oracle_verdict v = oracle_leaf_verdict(grants, ca, points.nb[i], points.sct[k], m);
			struct oracle_verdict sure = verdict(grants, ca, points.nb[i], points.sct[k], true, m);
			asked++;
			ret->ca[ca].unevaluated_least |= v.before != sure.before || v.after != sure.after;
			before += v.before;
			after += v.after;
			ret->ca[ca].changed |= v.before != v.after;
			ret->ca[ca].touched |= v.cut;
		}
	ret->ca[ca].before = acceptance(before, asked);
	ret->ca[ca].after = acceptance(after, asked);
	for (size_t i = 0; i < grants->n; i++)
		ret->ca[ca].unevaluated |= grants->grant[i].ca == ca && grants->grant[i].unevaluated;
}

/* Answers */

static bool has_sct_rule(const struct oracle_box *b)
{
	return b->sct_lo != ORACLE_OPEN_LO || b->sct_hi != ORACLE_OPEN_HI;
}

/* A leaf without any SCT: was it refused for just that, and did any SCT rule stand on a path of its CA? */
static void tally_no_sct(const struct oracle_grants *grants, const struct oracle_leaf *leaf,
	const struct oracle_verdict *v, struct oracle_tally *t)
{
	bool rule = false, refused = false;

	for (size_t i = 0; i < grants->n; i++) {
		const struct oracle_grant *g = &grants->grant[i];
		if (g->ca != leaf->ca)
			continue;
		rule |= has_sct_rule(&g->before) || has_sct_rule(&g->after);
		refused |=
			!g->cut && has_sct_rule(&g->after) && leaf->nb >= g->after.nb_lo && leaf->nb <= g->after.nb_hi;
	}
	t->no_sct_most += rule;
	t->no_sct_least += refused && v->before && !v->after;
}

static void tally_leaf(const struct oracle_world *w, const struct oracle_grants *grants, const struct oracle_leaf *leaf,
	int day, enum oracle_mutant m, struct oracle_tally *t)
{
	struct oracle_verdict v = oracle_leaf_verdict(grants, leaf->ca, leaf->nb, leaf->sct, m);

	if (!valid_on(leaf->nb, leaf->na, day))
		return;
	t->unexpired++;
	if (!oracle_leaf_has_purpose(w, leaf))
		return;
	t->trusted += v.before;
	t->lost += v.before && !v.after;
	t->kept += v.before && v.after && (v.cut || m == MUTANT_KEPT_IS_REST);
	if (leaf->sct == ORACLE_NO_SCT)
		tally_no_sct(grants, leaf, &v, t);
}

static void tally_add(struct oracle_tally *sum, const struct oracle_tally *t)
{
	sum->unexpired += t->unexpired;
	sum->trusted += t->trusted;
	sum->lost += t->lost;
	sum->kept += t->kept;
	sum->no_sct_least += t->no_sct_least;
	sum->no_sct_most += t->no_sct_most;
}

/* Lost on a later day, among the leaves that were issued by the world's day. */
static uint64_t decay(const struct oracle_world *w, const struct oracle_paths *paths, int days, enum oracle_mutant m)
{
	int later = w->day + days;
	struct oracle_grants grants = oracle_judge(w, paths, m == MUTANT_DECAY_WITHOUT_CAS ? w->day : later, m);
	struct oracle_tally t = { 0 };

	for (int i = 0; i < w->n_leaves; i++)
		if (w->leaf[i].nb < day_start(w->day) + ORACLE_DAY)
			tally_leaf(w, &grants, &w->leaf[i], later, m, &t);
	oracle_grants_release(&grants);
	return t.lost;
}

void oracle_answer(const struct oracle_world *w, const struct oracle_paths *paths, enum oracle_mutant m,
	struct oracle_answers *ret)
{
	struct oracle_grants grants = oracle_judge(w, paths, w->day, m);

	*ret = (struct oracle_answers){ 0 };
	for (int i = 0; i < w->n_leaves; i++) {
		const struct oracle_leaf *leaf = &w->leaf[i];
		ret->leaf[i] = oracle_leaf_verdict(&grants, leaf->ca, leaf->nb, leaf->sct, m);
		tally_leaf(w, &grants, leaf, w->day, m, &ret->ca[leaf->ca].tally);
	}
	for (int ca = 0; ca < w->n_cas; ca++) {
		answer_ca(&grants, ca, m, ret);
		tally_add(&ret->total, &ret->ca[ca].tally);
		ret->changed_cas += ret->ca[ca].changed;
		ret->unknown_cas += ret->ca[ca].changed && w->ca[ca].coverage != 2;
	}
	oracle_grants_release(&grants);
	for (int i = 0; i < ORACLE_DECAY; i++)
		ret->decay[i] = decay(w, paths, oracle_decay_days[i], m);
}

/* Counting below a CA */

static bool usable_for_subtree(const struct oracle_world *w, int cert, int day)
{
	return cert_valid(&w->cert[cert], day, MUTANT_NONE) && !listed_as_revoked(w, cert, S_CRL, day) &&
	       !listed_as_revoked(w, cert, S_CCADB, day) && !listed_as_revoked(w, cert, S_ONECRL, day);
}

static void mark_below(const struct oracle_world *w, int day, int ca, bool *in)
{
	if (in[ca])
		return;
	in[ca] = true;
	for (int c = 0; c < w->n_certs; c++)
		for (int i = 0; i < w->cert[c].n_issuers; i++)
			if (w->cert[c].issuer[i] == ca && usable_for_subtree(w, c, day))
				mark_below(w, day, w->cert[c].ca, in);
}

void oracle_subtree(const struct oracle_world *w, int day, const uint64_t *own, uint64_t *sum)
{
	for (int ca = 0; ca < w->n_cas; ca++) {
		bool in[ORACLE_CAS] = { false };
		mark_below(w, day, ca, in);
		sum[ca] = 0;
		for (int i = 0; i < w->n_cas; i++)
			sum[ca] += in[i] ? own[i] : 0;
	}
}
