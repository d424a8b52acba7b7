/* trust_compute() and impact_compute() against the oracle on random small worlds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "index/alternatives.h"
#include "worlds.h"

/* Comparing answers */

/* Says the first difference; `why` may be NULL. Returns ok, so that checks can be chained. */
__attribute__((format(printf, 3, 4))) static bool check(bool ok, struct strbuf *why, const char *fmt, ...)
{
	if (ok || !why)
		return ok;
	va_list ap;
	va_start(ap, fmt);
	strbuf_vaddf(why, fmt, ap);
	va_end(ap);
	return false;
}

static bool same_number(const char *what, int of, uint64_t want, uint64_t got, struct strbuf *why)
{
	return check(want == got, why, "%s %d: oracle %llu, index %llu", what, of, (unsigned long long)want,
		(unsigned long long)got);
}

static bool same_tally(
	const char *what, int of, const struct oracle_tally *want, const struct oracle_tally *got, struct strbuf *why)
{
	bool figures = want->unexpired == got->unexpired && want->trusted == got->trusted && want->lost == got->lost &&
		       want->kept == got->kept;

	return check(figures, why,
		       "%s %d, unexpired trusted lost kept: oracle %llu %llu %llu %llu, index %llu %llu %llu %llu",
		       what, of, (unsigned long long)want->unexpired, (unsigned long long)want->trusted,
		       (unsigned long long)want->lost, (unsigned long long)want->kept,
		       (unsigned long long)got->unexpired, (unsigned long long)got->trusted,
		       (unsigned long long)got->lost, (unsigned long long)got->kept) &&
	       check(want->no_sct_least <= got->no_sct_least && want->no_sct_most >= got->no_sct_most, why,
		       "%s %d, no_sct: oracle %llu to %llu, index %llu", what, of,
		       (unsigned long long)want->no_sct_least, (unsigned long long)want->no_sct_most,
		       (unsigned long long)got->no_sct_least);
}

static bool same_leaves(const struct oracle_world *w, const struct oracle_answers *want,
	const struct oracle_answers *got, struct strbuf *why)
{
	for (int i = 0; i < w->n_leaves; i++) {
		const struct oracle_verdict *a = &want->leaf[i], *b = &got->leaf[i];
		if (!check(a->before == b->before && a->after == b->after && a->cut == b->cut, why,
			    "leaf %d, before after cut: oracle %d %d %d, index %d %d %d", i, a->before, a->after,
			    a->cut, b->before, b->after, b->cut))
			return false;
	}
	return true;
}

static bool same_answers(const struct oracle_world *w, const struct oracle_answers *want,
	const struct oracle_answers *got, struct strbuf *why)
{
	if (!same_leaves(w, want, got, why))
		return false;
	for (int i = 0; i < w->n_cas; i++)
		if (!same_number("before of ca", i, want->ca[i].before, got->ca[i].before, why) ||
			!same_number("after of ca", i, want->ca[i].after, got->ca[i].after, why) ||
			!same_number("changed of ca", i, want->ca[i].changed, got->ca[i].changed, why) ||
			!same_number("touched of ca", i, want->ca[i].touched, got->ca[i].touched, why) ||
			!same_tally("leaves of ca", i, &want->ca[i].tally, &got->ca[i].tally, why))
			return false;
	for (int i = 0; i < ORACLE_DECAY; i++)
		if (!same_number("decay, days", oracle_decay_days[i], want->decay[i], got->decay[i], why))
			return false;
	return same_number("changed CAs", w->n_cas, (uint64_t)want->changed_cas, (uint64_t)got->changed_cas, why) &&
	       same_number("unknown CAs", w->n_cas, (uint64_t)want->unknown_cas, (uint64_t)got->unknown_cas, why) &&
	       same_tally("total of CAs", w->n_cas, &want->total, &got->total, why);
}

/* Every kind of leaf that could be, not only those of the world. */
static bool same_points(
	const struct rig *r, const struct trust *t, const struct oracle_grants *grants, int ca, struct strbuf *why)
{
	struct oracle_points p;

	oracle_points_of(grants, ca, &p);
	for (int i = 0; i < p.n_nb; i++)
		for (int k = 0; k < p.n_sct; k++) {
			struct oracle_verdict a = oracle_leaf_verdict(grants, ca, p.nb[i], p.sct[k], MUTANT_NONE);
			struct verdict b = trust_leaf(t, (uint32_t)ca, p.nb[i], p.sct[k]);
			if (a.before == b.before && a.after == b.after && a.cut == b.cut)
				continue;
			if (!why)
				return false;
			check(false, why, "ca %d, before after cut: oracle %d %d %d, index %d %d %d, for nb ", ca,
				a.before, a.after, a.cut, b.before, b.after, b.cut);
			say_time(why, r->w, p.nb[i]);
			strbuf_addstr(why, " sct ");
			say_time(why, r->w, p.sct[k]);
			return false;
		}
	return check(trust_exact(t, (uint32_t)ca), why, "ca %d is not exact", ca);
}

static bool row_before(const struct rig *r, const struct impact_row *a, const struct impact_row *b)
{
	if (a->leaves.lost != b->leaves.lost)
		return a->leaves.lost > b->leaves.lost;
	if (a->leaves.trusted != b->leaves.trusted)
		return a->leaves.trusted > b->leaves.trusted;
	return memcmp(r->g.ca.v[a->ca].id, r->g.ca.v[b->ca].id, 32) < 0;
}

/* A row for each CA that changed or has kept leaves; in order; with the figures of that CA. */
static bool same_rows(
	const struct rig *r, const struct impact *im, const struct oracle_answers *want, struct strbuf *why)
{
	bool seen[ORACLE_CAS] = { false };

	for (size_t i = 0; i < im->n_rows; i++) {
		const struct impact_row *row = &im->row[i];
		struct oracle_tally tally = tally_of(&row->leaves);
		int ca = (int)row->ca;
		if (!check(!seen[ca] && want->ca[ca].touched, why, "row of ca %d: twice or untouched", ca) ||
			!same_number("row, before of ca", ca, want->ca[ca].before, row->before, why) ||
			!same_number("row, after of ca", ca, want->ca[ca].after, row->after, why) ||
			!same_number("row, changed of ca", ca, want->ca[ca].changed, row->changed, why) ||
			!same_tally("row, leaves of ca", ca, &want->ca[ca].tally, &tally, why) ||
			!check(i == 0 || row_before(r, row - 1, row), why, "row of ca %d: out of order", ca))
			return false;
		seen[ca] = true;
	}
	for (int ca = 0; ca < r->w->n_cas; ca++)
		if (!check(seen[ca] || (!want->ca[ca].changed && !want->ca[ca].tally.kept), why, "no row of ca %d", ca))
			return false;
	return true;
}

static bool path_is(const struct oracle_path *p, const uint32_t *certs, size_t n)
{
	if ((size_t)p->n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((uint32_t)p->cert[i] != certs[i])
			return false;
	return true;
}

static bool is_open(const struct oracle_box *b)
{
	return b->nb_lo == ORACLE_OPEN_LO && b->nb_hi == ORACLE_OPEN_HI && b->sct_lo == ORACLE_OPEN_LO &&
	       b->sct_hi == ORACLE_OPEN_HI;
}

/* Is another path clearly better to name than g: open to all leaves where g is not, or wider and
 * not longer, or shorter and as wide? One that rests on a rule nobody evaluated need not be preferred. */
static bool better_named(const struct oracle_grants *grants, const struct oracle_grant *g, bool after)
{
	const struct oracle_box *own = after ? &g->after : &g->before;

	for (size_t i = 0; i < grants->n; i++) {
		const struct oracle_grant *o = &grants->grant[i];
		const struct oracle_box *box = after ? &o->after : &o->before;
		if (o->ca != g->ca || (after && o->cut) || o->unevaluated > g->unevaluated)
			continue;
		bool wider = !oracle_box_inside(box, own), shorter = o->path->n < g->path->n;
		if (is_open(box) && !is_open(own))
			return true;
		if (oracle_box_inside(own, box) && o->path->n <= g->path->n && (wider || shorter))
			return true;
	}
	return false;
}

static bool good_via(
	const struct trust *t, const struct oracle_grants *grants, int ca, bool after, bool some, struct strbuf *why)
{
	uint32_t certs[ORACLE_CAS];
	size_t n = trust_via(t, (uint32_t)ca, after, certs, ORACLE_CAS);

	if (!some)
		return after || check(n == 0, why, "via of ca %d before: a path, although none is accepted", ca);
	for (size_t i = 0; i < grants->n; i++) {
		const struct oracle_grant *g = &grants->grant[i];
		if (g->ca == ca && !(after && g->cut) && path_is(g->path, certs, n) && !better_named(grants, g, after))
			return true;
	}
	return check(false, why, "via of ca %d %s: no accepting path, or a better one exists (%zu certificates)", ca,
		after ? "after" : "before", n);
}

struct explained {
	const struct oracle_grants *grants;
	int ca;
	bool *seen; /* one a grant */
	bool ok;
	struct strbuf *why;
};

static bool box_same(const struct oracle_box *a, const struct box *b)
{
	return a->nb_lo == b->nb_lo && a->nb_hi == b->nb_hi && a->sct_lo == b->sct_lo && a->sct_hi == b->sct_hi;
}

static bool by_scenario(enum path_reason reason)
{
	return reason == PATH_BLOCKED || reason == PATH_REVOKED_BY_MARK || reason == PATH_REMOVED;
}

/* Does the report say of its path what the oracle's grant says? */
static bool report_fits(const struct path_report *r, const struct oracle_grant *g)
{
	if (by_scenario(r->reason))
		return g->cut;
	bool after = r->has_after && !box_empty(&r->after);
	return box_same(&g->before, &r->before) && after == !g->cut && (!after || box_same(&g->after, &r->after));
}

static bool take_report(void *ctx, const struct path_report *r)
{
	struct explained *e = ctx;
	bool fits =
		(r->reason != PATH_OK && !by_scenario(r->reason)) || (r->reason == PATH_OK && box_empty(&r->before));

	for (size_t i = 0; i < e->grants->n && r->reason <= PATH_REASONS; i++) {
		const struct oracle_grant *g = &e->grants->grant[i];
		if (g->ca != e->ca || (r->reason != PATH_OK && !by_scenario(r->reason)) ||
			!path_is(g->path, r->certs, r->n) || !report_fits(r, g))
			continue;
		e->seen[i] = fits = true;
	}
	/* A path that fails by itself may also be called blocked: nothing is promised about the order. */
	e->ok = fits || by_scenario(r->reason) ||
		check(false, e->why, "explain of ca %d: a path of %zu certificates is called trusted", e->ca, r->n);
	return e->ok;
}

/* Exactly the oracle's paths are explained as trusted, with their boxes. */
static bool good_explain(const struct rig *r, const struct oracle_grants *grants, int ca, struct strbuf *why)
{
	struct explained e = { .grants = grants, .ca = ca, .ok = true, .why = why };

	e.seen = xcalloc(grants->n + 1, sizeof(*e.seen));
	trust_explain(&r->query, (uint32_t)ca, 1000000, take_report, &e);
	for (size_t i = 0; e.ok && i < grants->n; i++)
		if (grants->grant[i].ca == ca)
			e.ok = check(e.seen[i], why, "explain of ca %d: a path of %d certificates is missing", ca,
				grants->grant[i].path->n);
	free(e.seen);
	return e.ok;
}

/* A certificate begins an accepted path exactly where one of the oracle's paths begins with it. */
static bool good_begins(const struct rig *r, const struct oracle_grants *grants, const struct trust *t, int ca, struct strbuf *why)
{
	const struct ca *c = &r->g.ca.v[ca];

	for (uint32_t k = 0; k < c->n_certs; k++) {
		uint32_t cert = r->g.ca_certs[c->first_cert + k];
		bool want = false;

		for (size_t i = 0; i < grants->n; i++)
			want |= grants->grant[i].ca == ca && (uint32_t)grants->grant[i].path->cert[0] == cert;
		if (!check(trust_begins(t, cert) == (want ? BEGINS_SOME : BEGINS_NONE), why, "a path that begins with certificate %u of ca %d: %s", cert, ca,
			    want ? "missing" : "is none"))
			return false;
	}
	return true;
}

static bool same_subtrees(
	const struct rig *r, const struct trust *t, const struct oracle_answers *want, struct strbuf *why)
{
	const struct oracle_world *w = r->w;
	uint64_t all[ORACLE_CAS], trusted[ORACLE_CAS], got[ORACLE_CAS], sum[ORACLE_CAS];

	tally_own(&r->g, NULL, w->day, all);
	tally_own(&r->g, t, w->day, trusted);
	tally_subtree(&r->g, w->day, trusted, got);
	oracle_subtree(w, w->day, trusted, sum);
	for (int ca = 0; ca < w->n_cas; ca++)
		if (!same_number("own leaves of ca", ca, want->ca[ca].tally.unexpired, all[ca], why) ||
			!same_number("own trusted leaves of ca", ca, want->ca[ca].tally.trusted, trusted[ca], why) ||
			!same_number("subtree of ca", ca, sum[ca], got[ca], why))
			return false;
	return true;
}

/* Listing every rejected path is slow: worlds with very many paths do without. */
enum { EXPLAIN_PATHS_MAX = 300 };

static bool same_paths(const struct rig *r, const struct oracle_paths *paths, const struct trust *t, struct strbuf *why)
{
	const struct oracle_world *w = r->w;
	struct oracle_grants grants = oracle_judge(w, paths, w->day, MUTANT_NONE);
	bool same = true;

	for (int ca = 0; same && ca < w->n_cas; ca++)
		same = same_points(r, t, &grants, ca, why) && good_begins(r, &grants, t, ca, why) &&
		       (paths->n > EXPLAIN_PATHS_MAX || good_explain(r, &grants, ca, why));
	oracle_grants_release(&grants);
	return same;
}

/* One world seen by both. */
struct both {
	struct oracle_paths paths;
	struct oracle_answers want;
	struct rig r;
	struct impact *im;
};

/* What the two are compared in: true when they agree, else says where they do not. */
typedef bool aspect_fn(const struct both *b, struct strbuf *why);

static bool agree_in_answers(const struct both *b, struct strbuf *why)
{
	struct oracle_answers got;

	index_answers(&b->r, b->im, &got);
	return check(b->im->has_decay, why, "no decay") && same_answers(b->r.w, &b->want, &got, why) &&
	       same_rows(&b->r, b->im, &b->want, why) && same_paths(&b->r, &b->paths, b->im->trust, why) &&
	       same_subtrees(&b->r, b->im->trust, &b->want, why);
}

static bool agree_in_via(const struct both *b, struct strbuf *why)
{
	const struct oracle_world *w = b->r.w;
	struct oracle_grants grants = oracle_judge(w, &b->paths, w->day, MUTANT_NONE);
	bool good = true;

	for (int ca = 0; good && ca < w->n_cas; ca++)
		good = good_via(b->im->trust, &grants, ca, false, b->want.ca[ca].before != GETS_NONE, why) &&
		       good_via(b->im->trust, &grants, ca, true, b->want.ca[ca].after != GETS_NONE, why);
	oracle_grants_release(&grants);
	return good;
}

/* A CA whose answers rest on a rule that nobody evaluated is flagged; one with no such rule
 * on any of its paths is not; between these it may be. */
static bool agree_in_unevaluated(const struct both *b, struct strbuf *why)
{
	for (int i = 0; i < b->r.w->n_cas; i++) {
		bool flagged = trust_unevaluated(b->im->trust, (uint32_t)i);
		if (!check(b->want.ca[i].unevaluated_least <= flagged && flagged <= b->want.ca[i].unevaluated, why,
			    "unevaluated of ca %d: oracle %d, index %d", i, b->want.ca[i].unevaluated_least, flagged))
			return false;
	}
	return true;
}

/* ---- what keeps leaves, what is missing ---- */

static bool oracle_hits(const struct oracle_world *w, const struct oracle_mark *m, int cert, bool as_anchor)
{
	if (m->since > w->day)
		return false;
	if (m->action == A_BLOCK)
		return w->ca[w->cert[cert].ca].key == m->target;
	return m->target == cert && (m->action != A_REMOVE || as_anchor);
}

static bool oracle_hit_by_any(const struct oracle_world *w, int cert, bool as_anchor)
{
	for (int i = 0; i < w->n_marks; i++)
		if (oracle_hits(w, &w->mark[i], cert, as_anchor))
			return true;
	return false;
}

static bool counts_on_day(const struct oracle_world *w, const struct oracle_leaf *l)
{
	return l->nb < start_of(w->day + 1) && l->na >= start_of(w->day) && oracle_leaf_has_purpose(w, l);
}

/* Leaves of the world that are kept, and lost in `with`. */
static uint64_t kept_then_lost(const struct oracle_world *w, const struct oracle_paths *paths,
	const struct oracle_world *with)
{
	struct oracle_grants now = oracle_judge(w, paths, w->day, MUTANT_NONE);
	struct oracle_grants then = oracle_judge(with, paths, w->day, MUTANT_NONE);
	uint64_t n = 0;

	for (int i = 0; i < w->n_leaves; i++) {
		const struct oracle_leaf *l = &w->leaf[i];
		struct oracle_verdict a = oracle_leaf_verdict(&now, l->ca, l->nb, l->sct, MUTANT_NONE);
		struct oracle_verdict b = oracle_leaf_verdict(&then, l->ca, l->nb, l->sct, MUTANT_NONE);
		n += counts_on_day(w, l) && a.before && a.after && a.cut && !b.after;
	}
	oracle_grants_release(&now);
	oracle_grants_release(&then);
	return n;
}

/* Is a mark on a certificate above this one, or on it, on any chain of certificates, good or not? */
static bool may_stand_under_mark(const struct both *b, int cert)
{
	const struct oracle_world *w = b->r.w;

	if (oracle_hit_by_any(w, cert, false))
		return true;
	for (size_t i = 0; i < b->paths.n; i++) {
		const struct oracle_path *p = &b->paths.path[i];
		for (int k = 1; p->cert[0] == cert && k < p->n; k++)
			if (oracle_hit_by_any(w, p->cert[k], k == p->n - 1))
				return true;
	}
	return false;
}

/* Is a mark on a path that counts and begins with the certificate? */
static bool stands_under_mark(const struct both *b, int cert, const struct oracle_grants *grants)
{
	for (size_t i = 0; i < grants->n; i++) {
		const struct oracle_path *p = grants->grant[i].path;
		for (int k = 0; p->cert[0] == cert && p->n > 1 && k < p->n; k++)
			if (oracle_hit_by_any(b->r.w, p->cert[k], k == p->n - 1))
				return true;
	}
	return false;
}

/* On a path that survives, in that place: as its anchor or below one? */
static bool survives(const struct oracle_grants *grants, int cert, bool as_anchor)
{
	for (size_t i = 0; i < grants->n; i++)
		for (int k = 0; !grants->grant[i].cut && k < grants->grant[i].path->n; k++)
			if (grants->grant[i].path->cert[k] == cert && (k == grants->grant[i].path->n - 1) == as_anchor)
				return true;
	return false;
}

static const struct keeper *keeper_of(const struct keeper *k, size_t n, int cert, bool as_anchor)
{
	for (size_t i = 0; i < n; i++)
		if (k[i].cert == (uint32_t)cert && (k[i].kind == KEEPER_ANCHOR) == as_anchor)
			return &k[i];
	return NULL;
}

/* as_anchor_too: what the same certificate is said to keep as an anchor, NULL when nothing. */
static bool good_keeper(const struct both *b, const struct keeper *k, const struct keeper *as_anchor_too, int cert,
	bool as_anchor, const struct oracle_grants *grants, struct strbuf *why)
{
	struct oracle_world with = *b->r.w;

	with.mark[with.n_marks++] = (struct oracle_mark){ as_anchor ? A_REMOVE : A_REVOKE, cert, 0, 0 };
	uint64_t keeps = kept_then_lost(b->r.w, &b->paths, &with);
	if (!k && as_anchor_too && as_anchor_too->keeps.leaves.low == keeps)
		return true;
	if (!k)
		return check(!keeps || !survives(grants, cert, as_anchor) || (as_anchor ? oracle_hit_by_any(b->r.w, cert, true) : may_stand_under_mark(b, cert)),
			why, "cert %d keeps %llu and is not named", cert, (unsigned long long)keeps);
	return same_number("what a certificate keeps", cert, keeps, k->keeps.leaves.low, why) &&
	       check(as_anchor ? !oracle_hit_by_any(b->r.w, cert, true) : !stands_under_mark(b, cert, grants), why,
		       "cert %d is named and stands under a mark", cert);
}

static bool agree_in_keepers(const struct both *b, struct strbuf *why)
{
	const struct oracle_world *w = b->r.w;
	struct oracle_grants grants = oracle_judge(w, &b->paths, w->day, MUTANT_NONE);
	struct keeper *k;
	size_t n = impact_keepers(b->im, &k);
	bool good = true;

	for (int c = 0; good && c < w->n_certs; c++)
		for (int as_anchor = 0; good && as_anchor < 2; as_anchor++)
			good = good_keeper(b, keeper_of(k, n, c, as_anchor), as_anchor ? NULL : keeper_of(k, n, c, true), c,
				as_anchor, &grants, why);
	for (size_t i = 1; good && i < n; i++)
		good = check(k[i - 1].keeps.leaves.low >= k[i].keeps.leaves.low, why, "keeper %zu is out of order", i);
	free(k);
	oracle_grants_release(&grants);
	return good;
}

/* What the world's own marks leave of the leaves of a key: by its certificate that they leave most. */
static struct oracle_box allowed_of(const struct oracle_world *w, int key, bool *marked)
{
	struct oracle_box all = { INT64_MAX, INT64_MIN, ORACLE_OPEN_LO, ORACLE_OPEN_HI };
	bool any = false;

	*marked = false;
	for (int c = 0; c < w->n_certs; c++) {
		struct oracle_box box = { ORACLE_OPEN_LO, ORACLE_OPEN_HI, ORACLE_OPEN_LO, ORACLE_OPEN_HI };
		bool hit = false, cut = false;
		for (int i = 0; i < w->n_marks && w->ca[w->cert[c].ca].key == key; i++) {
			const struct oracle_mark *m = &w->mark[i];
			if (!oracle_hits(w, m, c, true))
				continue;
			hit = true;
			cut |= m->action < A_DISTRUST_AFTER;
			if (m->action == A_DISTRUST_AFTER && m->limit < box.nb_hi)
				box.nb_hi = m->limit;
			if (m->action == A_SCT_NOT_AFTER && m->limit < box.sct_hi)
				box.sct_hi = m->limit;
		}
		*marked |= hit;
		if (!hit || cut)
			continue;
		all.nb_lo = ORACLE_OPEN_LO;
		all.nb_hi = !any || box.nb_hi > all.nb_hi ? box.nb_hi : all.nb_hi;
		all.sct_hi = !any || box.sct_hi > all.sct_hi ? box.sct_hi : all.sct_hi;
		any = true;
	}
	return all;
}

static bool is_exempt_path(const struct oracle_world *w, const struct oracle_path *p)
{
	for (int i = 0; i < p->n; i++)
		for (int k = 0; k < w->n_exempt; k++)
			if (w->cert[p->cert[i]].ca == w->exempt[k])
				return true;
	return false;
}

/* Does the path pass a key that `w` marks, and accept what its marks refuse? */
static bool is_open_path(const struct oracle_world *w, const struct oracle_grant *g)
{
	if (g->cut || oracle_box_empty(&g->after) || is_exempt_path(w, g->path))
		return false;
	for (int i = 0; i < g->path->n; i++) {
		bool marked;
		struct oracle_box allowed = allowed_of(w, w->ca[w->cert[g->path->cert[i]].ca].key, &marked);
		if (marked && !oracle_box_inside(&g->after, &allowed))
			return true;
	}
	return false;
}

/* Paths left open in `with`, by what `w` marks. */
static int open_paths(const struct both *b, const struct oracle_world *with)
{
	struct oracle_grants grants = oracle_judge(with, &b->paths, with->day, MUTANT_NONE);
	int n = 0;

	for (size_t i = 0; i < grants.n; i++)
		n += is_open_path(b->r.w, &grants.grant[i]);
	oracle_grants_release(&grants);
	return n;
}

static uint64_t lost_in(const struct both *b, const struct oracle_world *with)
{
	struct oracle_answers answers;

	oracle_answer(with, &b->paths, MUTANT_NONE, &answers);
	return answers.total.lost;
}

static void add_suggestion(struct oracle_world *with, const struct suggestion *s)
{
	with->mark[with->n_marks++] =
		(struct oracle_mark){ (enum oracle_action)s->mark.action, (int)s->mark.target, s->mark.limit, 0 };
}

/* What each adds, and that no one of them could be left out. */
static bool good_suggestions(const struct both *b, const struct suggestions *s, struct strbuf *why)
{
	struct oracle_world with = *b->r.w;
	uint64_t lost = lost_in(b, &with);

	for (size_t i = 0; i < s->n; i++) {
		struct oracle_world without = *b->r.w;

		for (size_t k = 0; k < s->n; k++)
			if (k != i)
				add_suggestion(&without, &s->v[k]);
		add_suggestion(&with, &s->v[i]);
		uint64_t now = lost_in(b, &with);
		if (!same_number("suggestion adds", (int)i, now - lost, s->v[i].adds.leaves.low, why) ||
			!same_number("lost with suggestion", (int)i, now, s->v[i].total.leaves.low, why) ||
			!check(open_paths(b, &without) > 0, why, "suggestion %zu could be left out", i))
			return false;
		lost = now;
	}
	return check(open_paths(b, &with) == 0, why, "with all suggestions a path through a marked key is open") &&
	       check(s->left.cas == 0, why, "%u CAs are said to be left open", s->left.cas);
}

static uint64_t open_leaves(const struct both *b)
{
	const struct oracle_world *w = b->r.w;
	struct oracle_grants grants = oracle_judge(w, &b->paths, w->day, MUTANT_NONE);
	uint64_t n = 0;

	for (int i = 0; i < w->n_leaves; i++) {
		const struct oracle_leaf *l = &w->leaf[i];
		bool open = false;
		for (size_t k = 0; k < grants.n && counts_on_day(w, l); k++) {
			const struct oracle_grant *g = &grants.grant[k];
			const struct oracle_grants one = { (struct oracle_grant *)g, 1, 1 };
			if (g->ca != l->ca || g->cut || is_exempt_path(w, g->path) ||
				!oracle_leaf_verdict(&one, l->ca, l->nb, l->sct, MUTANT_NONE).after)
				continue;
			for (int c = 0; c < g->path->n; c++) {
				bool marked;
				struct oracle_box a = allowed_of(w, w->ca[w->cert[g->path->cert[c]].ca].key, &marked);
				struct oracle_grant allowed = { .ca = l->ca, .path = g->path, .before = a, .after = a };
				const struct oracle_grants only = { &allowed, 1, 1 };
				open |= marked && !oracle_leaf_verdict(&only, l->ca, l->nb, l->sct, MUTANT_NONE).after;
			}
		}
		n += open;
	}
	oracle_grants_release(&grants);
	return n;
}

/* Independent roots: kept leaves, with all suggestions, that a path to this anchor accepts. */
static bool good_independent(const struct both *b, const struct suggestions *s, struct strbuf *why)
{
	struct oracle_world with = *b->r.w;

	for (size_t i = 0; i < s->n; i++)
		add_suggestion(&with, &s->v[i]);
	struct oracle_grants grants = oracle_judge(&with, &b->paths, with.day, MUTANT_NONE);
	bool good = true;
	for (int c = 0; good && c < with.n_certs; c++) {
		const struct keeper *k = keeper_of(s->independent, s->n_independent, c, true);
		uint64_t n = 0;
		bool marked;
		allowed_of(b->r.w, with.ca[with.cert[c].ca].key, &marked);
		for (int i = 0; i < with.n_leaves; i++) {
			const struct oracle_leaf *l = &with.leaf[i];
			struct oracle_verdict v = oracle_leaf_verdict(&grants, l->ca, l->nb, l->sct, MUTANT_NONE);
			bool by = false;
			for (size_t g = 0; g < grants.n; g++) {
				const struct oracle_path *p = grants.grant[g].path;
				const struct oracle_grants one = { &grants.grant[g], 1, 1 };
				for (int at = 0; at < p->n; at++)
					by |= p->cert[at] == c && grants.grant[g].ca == l->ca &&
					      oracle_leaf_verdict(&one, l->ca, l->nb, l->sct, MUTANT_NONE).after;
			}
			n += counts_on_day(&with, l) && v.before && v.after && v.cut && by;
		}
		if (k)
			good = same_number("kept by the root", c, n, k->keeps.leaves.low, why) &&
			       check(!marked, why, "root %d has a marked key", c);
	}
	oracle_grants_release(&grants);
	return good;
}

static bool agree_in_suggestions(const struct both *b, struct strbuf *why)
{
	struct suggestions s;

	suggest_marks(b->im, &s);
	bool good = check((s.n == 0) == (open_paths(b, b->r.w) == 0), why, "%zu suggestions", s.n) &&
	            same_number("leaves through marked keys", 0, open_leaves(b), s.open.leaves.low, why) &&
	            good_suggestions(b, &s, why) && good_independent(b, &s, why);
	suggestions_release(&s);
	return good;
}

/* Clients that find three in four links. */
static bool finds_some(void *ctx, uint32_t above, uint32_t cert)
{
	const struct oracle_world *w = ctx;
	uint64_t z = w->seed * 0x9e3779b97f4a7c15 + (uint64_t)above * 1000003 + (cert == NO_INDEX ? 999 : cert);

	z = (z ^ (z >> 31)) * 0xbf58476d1ce4e5b9;
	return (z >> 33) % 4 != 0;
}

static bool is_found(const struct oracle_world *w, const struct oracle_path *p)
{
	for (int i = 0; i + 1 < p->n; i++)
		if (!finds_some((void *)(uintptr_t)w, (uint32_t)p->cert[i], i ? (uint32_t)p->cert[i - 1] : NO_INDEX))
			return false;
	return true;
}

/* The grants whose paths are found, in a list of its own. */
static struct oracle_grants found_of(const struct oracle_world *w, const struct oracle_grants *all)
{
	struct oracle_grants found = { xcalloc(all->n + 1, sizeof(*found.grant)), 0, all->n + 1 };

	for (size_t i = 0; i < all->n; i++)
		if (is_found(w, all->grant[i].path))
			found.grant[found.n++] = all->grant[i];
	return found;
}

static bool agree_in_found_paths(const struct both *b, struct strbuf *why)
{
	const struct oracle_world *w = b->r.w;
	struct oracle_grants all = oracle_judge(w, &b->paths, w->day, MUTANT_NONE), found = found_of(w, &all);
	struct trust_query q = b->r.query;
	uint64_t want = 0, got = 0;
	bool good = true;

	q.finds = finds_some;
	q.finds_ctx = (void *)(uintptr_t)w;
	struct trust *t = trust_compute(&q);
	const struct trust *const with[] = { t };
	for (int ca = 0; good && ca < w->n_cas; ca++) {
		bool some = false;
		for (size_t i = 0; i < found.n; i++)
			some |= found.grant[i].ca == ca && !found.grant[i].cut;
		good = same_points(&b->r, t, &found, ca, why) && good_via(t, &found, ca, true, some, why);
		trust_tally_kept(b->im->trust, (uint32_t)ca, with, 1, &got);
	}
	for (int i = 0; i < w->n_leaves; i++) {
		const struct oracle_leaf *l = &w->leaf[i];
		struct oracle_verdict v = oracle_leaf_verdict(&all, l->ca, l->nb, l->sct, MUTANT_NONE);
		want += counts_on_day(w, l) && v.after && v.cut &&
			oracle_leaf_verdict(&found, l->ca, l->nb, l->sct, MUTANT_NONE).after;
	}
	good = good && same_number("kept leaves with a path found", 0, want, got, why);
	trust_free(t);
	oracle_grants_release(&all);
	oracle_grants_release(&found);
	return good;
}

/* What decay_compute() says without looking at each day, by looking at each day. */
static struct decay_step day_by_day(const struct trust_query *q, int32_t day)
{
	struct trust_query later = *q;
	struct leaf_tally sum = { 0 };
	struct decay_step step = { .day = day };

	later.day = day;
	struct trust *t = trust_compute(&later);
	for (uint32_t ca = 0; ca < q->graph->ca.n; ca++) {
		trust_tally(t, ca, q->day, &sum);
		step.least |= trust_changed(t, ca) && q->graph->ca.v[ca].coverage != COVERAGE_COMPLETE;
	}
	trust_free(t);
	step.lost = sum.lost;
	return step;
}

/* Every day for as long as there are leaves, then some, for as long as there are CA certificates. */
static bool agree_on_days(const struct both *b, struct strbuf *why)
{
	const struct decay *d = &b->im->by_day;
	int32_t day_0 = b->r.w->day;

	for (int32_t day = day_0; day < day_0 + 3100; day += day < day_0 + 440 ? 1 : 53) {
		struct decay_step want = day_by_day(&b->r.query, day);
		const struct decay_step *got = decay_on(d, day);
		if (!check(want.lost == got->lost && want.least == got->least, why,
			    "lost on D%+d: %llu%s day by day, %llu%s by the step", (int)(day - day_0),
			    (unsigned long long)want.lost, want.least ? " at least" : "", (unsigned long long)got->lost,
			    got->least ? " at least" : ""))
			return false;
	}
	for (size_t i = 1; i < d->n; i++)
		if (!check(d->step[i - 1].day < d->step[i].day &&
				    (d->step[i - 1].lost != d->step[i].lost || d->step[i - 1].least != d->step[i].least),
			    why, "step %zu is none", i))
			return false;
	return check(d->step[0].day == day_0 && d->step[d->n - 1].lost == 0, why, "the steps do not begin or end well");
}

static bool index_agrees(const struct oracle_world *w, aspect_fn *aspect, struct strbuf *why)
{
	struct both b = { .paths = oracle_find_paths(w, MUTANT_NONE) };

	rig_init(&b.r, w);
	b.im = impact_compute(&b.r.query, true);
	oracle_answer(w, &b.paths, MUTANT_NONE, &b.want);
	bool same = aspect(&b, why);
	impact_free(b.im);
	rig_release(&b.r);
	oracle_paths_release(&b.paths);
	return same;
}

/* Making a failing world smaller */

#define DROP(list, n, i)                                                                                               \
	do {                                                                                                           \
		if ((i) >= (n))                                                                                        \
			return false;                                                                                  \
		memmove(&(list)[i], &(list)[(i) + 1], sizeof((list)[0]) * (size_t)((n) - (i)-1));                      \
		(n)--;                                                                                                 \
		return true;                                                                                           \
	} while (0)

static bool drop_leaf(struct oracle_world *w, int i)
{
	DROP(w->leaf, w->n_leaves, i);
}

static bool drop_mark(struct oracle_world *w, int i)
{
	DROP(w->mark, w->n_marks, i);
}

static bool drop_exempt(struct oracle_world *w, int i)
{
	DROP(w->exempt, w->n_exempt, i);
}

static bool drop_assume(struct oracle_world *w, int i)
{
	DROP(w->assume, w->n_assume, i);
}

static bool drop_rule(struct oracle_world *w, int i)
{
	DROP(w->rule, w->n_rules, i);
}

static bool drop_distrust(struct oracle_world *w, int i)
{
	DROP(w->distrust, w->n_distrusts, i);
}

static bool drop_revocation(struct oracle_world *w, int i)
{
	DROP(w->revocation, w->n_revocations, i);
}

/* Certificates keep their numbers; one without issuers that is no anchor is as good as gone. */
static bool drop_issuers(struct oracle_world *w, int i)
{
	if (i < w->n_certs && w->cert[i].n_issuers > 0)
		w->cert[i].n_issuers--;
	return i < w->n_certs;
}

static bool drop_last_cert(struct oracle_world *w, int i)
{
	if (i > 0 || w->n_certs < 2)
		return false;
	int last = --w->n_certs;
	bool used = false;
	for (int k = 0; k < w->n_rules; k++)
		used |= w->rule[k].cert == last;
	for (int k = 0; k < w->n_assume; k++)
		used |= w->assume[k] == last;
	for (int k = 0; k < w->n_distrusts; k++)
		used |= w->distrust[k].cert == last;
	for (int k = 0; k < w->n_revocations; k++)
		used |= w->revocation[k].cert == last;
	for (int k = 0; k < w->n_marks; k++)
		used |= w->mark[k].target == last;
	w->n_certs += used;
	return !used;
}

static bool make_cert_plain(struct oracle_world *w, int i)
{
	if (i >= w->n_certs)
		return false;
	struct oracle_cert *c = &w->cert[i];
	c->ca_true = true;
	c->no_bc = c->has_ku = c->weak = false;
	c->path_len = -1;
	c->eku = 0;
	c->nb = start_of(w->day - 1000);
	c->na = start_of(w->day + 1000);
	return true;
}

static bool make_rule_plain(struct oracle_world *w, int i)
{
	if (i >= w->n_rules)
		return false;
	w->rule[i].box = (struct oracle_box){ ORACLE_OPEN_LO, ORACLE_OPEN_HI, ORACLE_OPEN_LO, ORACLE_OPEN_HI };
	w->rule[i].unevaluated = w->rule[i].judge_validity = w->rule[i].judge_constraints = false;
	return true;
}

static bool (*const shrink_steps[])(struct oracle_world *, int) = { drop_leaf, drop_mark, drop_exempt, drop_assume,
	drop_rule, drop_distrust, drop_revocation, drop_issuers, make_cert_plain, make_rule_plain, drop_last_cert };

/* One more step that leaves the worlds disagreeing? */
static bool shrink_once(struct oracle_world *w, size_t step, aspect_fn *aspect)
{
	bool smaller = false;

	for (int i = 0; i < ORACLE_LEAVES; i++) {
		struct oracle_world less = *w;
		if (!shrink_steps[step](&less, i))
			break;
		if (memcmp(&less, w, sizeof(less)) == 0 || index_agrees(&less, aspect, NULL))
			continue;
		*w = less;
		smaller = true;
		i--;
	}
	return smaller;
}

static void shrink(struct oracle_world *w, aspect_fn *aspect)
{
	bool smaller = true;

	while (smaller) {
		smaller = false;
		for (size_t step = 0; step < sizeof(shrink_steps) / sizeof(shrink_steps[0]); step++)
			smaller |= shrink_once(w, step, aspect);
	}
}

/* One world in `every`. */
static void random_worlds_agree(aspect_fn *aspect, uint64_t every)
{
	struct oracle_world w;
	struct oracle_paths paths;

	for (uint64_t i = 0; i < n_worlds(); i += every) {
		make_world(first_seed() + i, &w, &paths);
		oracle_paths_release(&paths);
		if (index_agrees(&w, aspect, NULL))
			continue;
		struct strbuf text = STRBUF_INIT;
		shrink(&w, aspect);
		index_agrees(&w, aspect, &text);
		strbuf_addstr(&text, "\nthe world, made smaller:\n");
		say_world(&text, &w);
		say_lines(text.buf);
		strbuf_release(&text);
		fail_msg("oracle and index disagree on the world of seed %llu", (unsigned long long)w.seed);
	}
}

static void index_gives_the_oracles_answers(void **state)
{
	(void)state;
	random_worlds_agree(agree_in_answers, 1);
}

static void index_knows_every_day(void **state)
{
	(void)state;
	random_worlds_agree(agree_on_days, 5);
}

static void index_names_the_best_path(void **state)
{
	(void)state;
	random_worlds_agree(agree_in_via, 1);
}

static void index_flags_rules_nobody_evaluated(void **state)
{
	(void)state;
	random_worlds_agree(agree_in_unevaluated, 1);
}

static void index_names_what_keeps_leaves(void **state)
{
	(void)state;
	random_worlds_agree(agree_in_keepers, 1);
}

static void index_suggests_all_that_is_missing_and_no_more(void **state)
{
	(void)state;
	random_worlds_agree(agree_in_suggestions, 1);
}

static void index_takes_only_paths_that_are_found(void **state)
{
	(void)state;
	random_worlds_agree(agree_in_found_paths, 1);
}

/* Do the worlds tell anything? */

enum event {
	EVENT_LOST,
	EVENT_KEPT,
	EVENT_SOME_BEFORE,
	EVENT_SOME_AFTER,
	EVENT_ALL_BY_UNION,
	EVENT_CHANGED_NO_LEAVES,
	EVENT_TOUCHED_UNCHANGED,
	EVENT_UNEVALUATED,
	EVENT_CYCLE,
	EVENT_THROUGH_ANCHOR,
	EVENT_LONG_PATH,
	EVENT_OTHER_ISSUER,
	EVENT_SELF_ISSUED,
	EVENT_LOWER_SCT,
	EVENT_NO_SCT,
	EVENT_INSIDE_DAY,
	EVENT_DECAY_FALLS,
	EVENT_DECAY_GROWS,
	EVENT_EXEMPT,
	EVENT_ASSUME,
	EVENT_DISTRUST,
	EVENT_ENFORCED,
	EVENT_NOT_ENFORCED,
	EVENT_ACTION,                           /* one an action: it made a difference */
	EVENT_PROGRAM = EVENT_ACTION + A_COUNT, /* one a program and purpose: it lost leaves */
	EVENT_WHOLE_DAYS = EVENT_PROGRAM + 2 * P_COUNT,
	EVENTS
};

static const char *const event_names[EVENTS] = {
	[EVENT_LOST] = "leaves lost",
	[EVENT_KEPT] = "leaves kept",
	[EVENT_SOME_BEFORE] = "some accepted before",
	[EVENT_SOME_AFTER] = "some accepted after",
	[EVENT_ALL_BY_UNION] = "all accepted by several rules together",
	[EVENT_CHANGED_NO_LEAVES] = "a CA without leaves changed",
	[EVENT_TOUCHED_UNCHANGED] = "touched, not changed",
	[EVENT_UNEVALUATED] = "unevaluated rule on a path",
	[EVENT_CYCLE] = "path inside a cycle",
	[EVENT_THROUGH_ANCHOR] = "path through one anchor to another",
	[EVENT_LONG_PATH] = "path of five certificates",
	[EVENT_OTHER_ISSUER] = "path by a certificate's second issuer",
	[EVENT_SELF_ISSUED] = "self-issued certificate below the anchor",
	[EVENT_LOWER_SCT] = "leaf refused by a lower SCT limit",
	[EVENT_NO_SCT] = "leaf without SCT lost for that",
	[EVENT_INSIDE_DAY] = "leaves of one day judged differently",
	[EVENT_DECAY_FALLS] = "fewer lost later",
	[EVENT_DECAY_GROWS] = "more lost later",
	[EVENT_EXEMPT] = "exempt CA spares something",
	[EVENT_ASSUME] = "assumed anchor adds something",
	[EVENT_DISTRUST] = "distrust bit cuts something",
	[EVENT_ENFORCED] = "enforced revocation cuts something",
	[EVENT_NOT_ENFORCED] = "other revocation cuts something with all",
	[EVENT_ACTION + A_REMOVE] = "remove",
	[EVENT_ACTION + A_BLOCK] = "block",
	[EVENT_ACTION + A_REVOKE] = "revoke",
	[EVENT_ACTION + A_DISTRUST_AFTER] = "distrust-after",
	[EVENT_ACTION + A_SCT_NOT_AFTER] = "sct-not-after",
	[EVENT_PROGRAM + 2 * P_MOZILLA] = "lost in mozilla tls",
	[EVENT_PROGRAM + 2 * P_MOZILLA + 1] = "lost in mozilla email",
	[EVENT_PROGRAM + 2 * P_CHROME] = "lost in chrome tls",
	[EVENT_PROGRAM + 2 * P_CHROME + 1] = "lost in chrome email",
	[EVENT_PROGRAM + 2 * P_APPLE] = "lost in apple tls",
	[EVENT_PROGRAM + 2 * P_APPLE + 1] = "lost in apple email",
	[EVENT_PROGRAM + 2 * P_MICROSOFT] = "lost in microsoft tls",
	[EVENT_PROGRAM + 2 * P_MICROSOFT + 1] = "lost in microsoft email",
	[EVENT_PROGRAM + 2 * P_OWN] = "lost in an own store, tls",
	[EVENT_PROGRAM + 2 * P_OWN + 1] = "lost in an own store, email",
	[EVENT_WHOLE_DAYS] = "lost with buckets alone",
};

struct census {
	const struct oracle_world *w;
	const struct oracle_paths *paths;
	struct oracle_answers answers;
	uint64_t event[EVENTS], caught[MUTANTS];
};

enum { ENOUGH = 20 }; /* of one event or mutant: what costs time is looked for no longer */

/* Do the answers change when the world does? no_sct is left out: its bounds are not answers. */
static bool makes_difference(const struct census *c, const struct oracle_world *other, enum oracle_mutant m)
{
	struct oracle_paths paths = oracle_find_paths(other, m);
	struct oracle_answers answers;

	oracle_answer(other, &paths, m, &answers);
	oracle_paths_release(&paths);
	for (int i = 0; i < other->n_cas; i++) {
		answers.ca[i].tally.no_sct_least = c->answers.ca[i].tally.no_sct_least;
		answers.ca[i].tally.no_sct_most = c->answers.ca[i].tally.no_sct_least;
	}
	answers.total.no_sct_least = answers.total.no_sct_most = c->answers.total.no_sct_least;
	return !same_answers(other, &c->answers, &answers, NULL);
}

static void see(struct census *c, enum event e, bool seen)
{
	c->event[e] += seen;
}

static void see_difference(struct census *c, enum event e, const struct oracle_world *other)
{
	if (c->event[e] < ENOUGH && memcmp(other, c->w, sizeof(*other)) != 0)
		see(c, e, makes_difference(c, other, MUTANT_NONE));
}

/* What happens when a part of the world is taken away? */
static void see_parts(struct census *c)
{
	struct oracle_world other = *c->w;

	other.n_exempt = 0;
	see_difference(c, EVENT_EXEMPT, &other);
	other = *c->w;
	other.n_assume = 0;
	see_difference(c, EVENT_ASSUME, &other);
	other = *c->w;
	other.n_distrusts = 0;
	see_difference(c, EVENT_DISTRUST, &other);
	other = *c->w;
	other.n_revocations = 0;
	see_difference(c, other.mode == R_ALL ? EVENT_NOT_ENFORCED : EVENT_ENFORCED, &other);
	for (int action = 0; action < A_COUNT; action++) {
		other = *c->w;
		for (int i = 0; i < other.n_marks; i++)
			if ((int)other.mark[i].action == action)
				drop_mark(&other, i--);
		see_difference(c, (enum event)(EVENT_ACTION + action), &other);
	}
}

static void see_path(struct census *c, const struct oracle_path *p)
{
	const struct oracle_world *w = c->w;

	see(c, EVENT_CYCLE, oracle_path_in_cycle(w, p));
	see(c, EVENT_LONG_PATH, p->n >= 5);
	for (int i = 0; i + 1 < p->n; i++) {
		const struct oracle_cert *cert = &w->cert[p->cert[i]];
		see(c, EVENT_OTHER_ISSUER, w->cert[p->cert[i + 1]].ca != cert->issuer[0]);
		see(c, EVENT_SELF_ISSUED, cert->self_issued);
		for (int k = 0; k < w->n_rules; k++)
			see(c, EVENT_THROUGH_ANCHOR, w->rule[k].cert == p->cert[i] && w->rule[k].purpose == w->purpose);
	}
}

static void see_grants(struct census *c)
{
	struct oracle_grants grants = oracle_judge(c->w, c->paths, c->w->day, MUTANT_NONE);
	bool open[ORACLE_CAS] = { false };

	for (size_t i = 0; i < grants.n; i++) {
		see_path(c, grants.grant[i].path);
		open[grants.grant[i].ca] |= is_open(&grants.grant[i].before);
		for (int k = 0; k < c->w->n_leaves; k++)
			see(c, EVENT_LOWER_SCT,
				c->w->leaf[k].ca == grants.grant[i].ca && !c->answers.leaf[k].before &&
					c->w->leaf[k].sct < grants.grant[i].before.sct_lo);
	}
	for (int ca = 0; ca < c->w->n_cas; ca++)
		see(c, EVENT_ALL_BY_UNION, c->answers.ca[ca].before == GETS_ALL && !open[ca]);
	oracle_grants_release(&grants);
}

static void see_leaves(struct census *c)
{
	const struct oracle_world *w = c->w;

	for (int i = 0; i < w->n_leaves; i++)
		for (int k = 0; k < i; k++) {
			struct bucket a = bucket_of(&w->leaf[i]), b = bucket_of(&w->leaf[k]);
			see(c, EVENT_INSIDE_DAY,
				w->leaf[i].ca == w->leaf[k].ca && bucket_same(&a, &b) &&
					(c->answers.leaf[i].after != c->answers.leaf[k].after ||
						c->answers.leaf[i].before != c->answers.leaf[k].before));
		}
}

static void see_answers(struct census *c)
{
	const struct oracle_answers *a = &c->answers;

	see(c, EVENT_LOST, a->total.lost > 0);
	see(c, EVENT_KEPT, a->total.kept > 0);
	see(c, EVENT_NO_SCT, a->total.no_sct_least > 0);
	see(c, (enum event)(EVENT_PROGRAM + 2 * (int)c->w->program + (int)c->w->purpose), a->total.lost > 0);
	see(c, EVENT_WHOLE_DAYS, c->w->whole_days && a->total.lost > 0);
	for (int i = 0; i < c->w->n_cas; i++) {
		see(c, EVENT_SOME_BEFORE, a->ca[i].before == GETS_SOME);
		see(c, EVENT_SOME_AFTER, a->ca[i].after == GETS_SOME);
		see(c, EVENT_CHANGED_NO_LEAVES, a->ca[i].changed && !a->ca[i].tally.unexpired);
		see(c, EVENT_TOUCHED_UNCHANGED, a->ca[i].touched && !a->ca[i].changed);
		see(c, EVENT_UNEVALUATED, a->ca[i].unevaluated);
	}
	for (int i = 1; i < ORACLE_DECAY; i++) {
		see(c, EVENT_DECAY_FALLS, a->decay[i] < a->decay[i - 1]);
		see(c, EVENT_DECAY_GROWS, a->decay[i] > a->decay[i - 1]);
	}
}

static void see_mutants(struct census *c)
{
	for (int m = MUTANT_NONE + 1; m < MUTANTS; m++)
		if (c->caught[m] < ENOUGH)
			c->caught[m] += makes_difference(c, c->w, (enum oracle_mutant)m);
}

static void take_census(struct census *c)
{
	struct oracle_world w;
	struct oracle_paths paths;

	for (uint64_t i = 0; i < n_worlds(); i++) {
		make_world(first_seed() + i, &w, &paths);
		c->w = &w;
		c->paths = &paths;
		oracle_answer(&w, &paths, MUTANT_NONE, &c->answers);
		see_answers(c);
		see_leaves(c);
		see_grants(c);
		see_parts(c);
		see_mutants(c);
		oracle_paths_release(&paths);
	}
}

/* Every event happened and every mutant was caught: agreement on these worlds means something. */
static void worlds_are_telling(void **state)
{
	struct census c = { 0 };
	int missing = 0;

	(void)state;
	take_census(&c);
	for (int e = 0; e < EVENTS; e++) {
		if (!c.event[e])
			print_message("never happened: %s\n", event_names[e]);
		missing += !c.event[e];
	}
	for (int m = MUTANT_NONE + 1; m < MUTANTS; m++) {
		if (!c.caught[m])
			print_message("not caught: %s\n", oracle_mutant_names[m]);
		missing += !c.caught[m];
	}
	if (n_worlds() >= WORLDS_FOR_EVENTS)
		assert_int_equal(missing, 0);
}

/* The oracle itself, by hand */

static int plain_ca(struct oracle_world *w)
{
	int i = w->n_cas++;

	w->ca[i].key = w->ca[i].name = i;
	w->ca[i].coverage = 2;
	return i;
}

static int plain_cert(struct oracle_world *w, int subject, int issuer)
{
	int i = w->n_certs++;

	w->cert[i] = (struct oracle_cert){ .ca = subject,
		.issuer = { issuer },
		.n_issuers = 1,
		.ca_true = true,
		.path_len = -1,
		.self_issued = subject == issuer,
		.nb = start_of(w->day - 1000),
		.na = start_of(w->day + 1000) };
	return i;
}

static void plain_anchor(struct oracle_world *w, int cert)
{
	w->rule[w->n_rules++] = (struct oracle_rule){ .cert = cert,
		.box = { ORACLE_OPEN_LO, ORACLE_OPEN_HI, ORACLE_OPEN_LO, ORACLE_OPEN_HI } };
}

static void plain_leaf(struct oracle_world *w, int ca, int64_t sct)
{
	w->leaf[w->n_leaves++] =
		(struct oracle_leaf){ .ca = ca, .nb = start_of(w->day - 10), .na = start_of(w->day + 80), .sct = sct };
}

static void plain_mark(struct oracle_world *w, enum oracle_action action, int target, int64_t limit)
{
	w->mark[w->n_marks++] = (struct oracle_mark){ action, target, limit, 0 };
}

static struct oracle_answers answers_of(const struct oracle_world *w)
{
	struct oracle_paths paths = oracle_find_paths(w, MUTANT_NONE);
	struct oracle_answers answers;

	oracle_answer(w, &paths, MUTANT_NONE, &answers);
	oracle_paths_release(&paths);
	return answers;
}

/* Root 0 and root 1, both anchors, certify CA 2 (certificates 2 and 3), which has one leaf. */
static struct oracle_world two_roots(void)
{
	struct oracle_world w = { .program = P_MOZILLA, .day = DAY_0 };

	for (int i = 0; i < 3; i++)
		plain_ca(&w);
	for (int i = 0; i < 2; i++)
		plain_anchor(&w, plain_cert(&w, i, i));
	for (int i = 0; i < 2; i++)
		plain_cert(&w, 2, i);
	plain_leaf(&w, 2, start_of(w.day - 10) + 5);
	return w;
}

static void oracle_keeps_by_the_other_root(void **state)
{
	struct oracle_world w = two_roots();

	(void)state;
	plain_mark(&w, A_REMOVE, 0, 0);
	struct oracle_answers a = answers_of(&w);
	assert_int_equal(a.total.trusted, 1);
	assert_int_equal(a.total.kept, 1);
	assert_int_equal(a.total.lost, 0);
	assert_true(a.ca[2].touched && !a.ca[2].changed);
	assert_true(a.ca[0].changed && a.ca[0].after == GETS_NONE);
	plain_mark(&w, A_REVOKE, 3, 0);
	a = answers_of(&w);
	assert_int_equal(a.total.kept, 0);
	assert_int_equal(a.total.lost, 1);
	assert_int_equal(a.decay[3], 1);
	assert_int_equal(a.decay[4], 0); /* the leaf lives 80 days */
	assert_int_equal(a.ca[1].after, GETS_ALL);
}

static void oracle_spares_exempt_cas(void **state)
{
	struct oracle_world w = two_roots();

	(void)state;
	plain_mark(&w, A_REMOVE, 0, 0);
	plain_mark(&w, A_BLOCK, w.ca[1].key, 0);
	assert_int_equal(answers_of(&w).total.lost, 1);
	w.exempt[w.n_exempt++] = 1;
	assert_int_equal(answers_of(&w).total.kept, 1);
	w.exempt[0] = 2;
	struct oracle_answers a = answers_of(&w);
	assert_int_equal(a.total.kept + a.total.lost, 0);
	assert_true(a.ca[0].changed && !a.ca[2].touched);
}

static void oracle_counts_path_lengths(void **state)
{
	struct oracle_world w = two_roots();

	(void)state;
	plain_mark(&w, A_REMOVE, 1, 0);
	w.cert[0].path_len = 0;
	assert_int_equal(answers_of(&w).ca[2].after, GETS_NONE);
	w.cert[2].self_issued = true;
	assert_int_equal(answers_of(&w).ca[2].after, GETS_ALL);
	w.cert[2].self_issued = false;
	w.program = P_CHROME;
	assert_int_equal(answers_of(&w).ca[2].after, GETS_ALL);
	w.rule[0].judge_constraints = true;
	assert_int_equal(answers_of(&w).ca[2].after, GETS_NONE);
}

static void oracle_takes_limits_to_the_second(void **state)
{
	struct oracle_world w = two_roots();

	(void)state;
	w.rule[1].purpose = U_EMAIL;
	plain_mark(&w, A_DISTRUST_AFTER, 2, w.leaf[0].nb);
	struct oracle_answers a = answers_of(&w);
	assert_int_equal(a.total.lost, 0);
	assert_int_equal(a.ca[2].after, GETS_SOME);
	w.mark[0].limit--;
	assert_int_equal(answers_of(&w).total.lost, 1);
	w.mark[0] = (struct oracle_mark){ A_SCT_NOT_AFTER, 2, w.leaf[0].sct, 0 };
	assert_int_equal(answers_of(&w).total.lost, 0);
	w.leaf[0].sct = ORACLE_NO_SCT;
	a = answers_of(&w);
	assert_int_equal(a.total.lost, 1);
	assert_int_equal(a.total.no_sct_least, 1);
}

static void oracle_joins_rules(void **state)
{
	struct oracle_world w = two_roots();

	(void)state;
	w.rule[1].cert = 0; /* two alternatives of certificate 0 */
	w.rule[0].box.nb_hi = start_of(w.day);
	w.rule[1].box.nb_lo = start_of(w.day) + 1;
	assert_int_equal(answers_of(&w).ca[2].before, GETS_ALL);
	w.rule[1].box.nb_lo++;
	assert_int_equal(answers_of(&w).ca[2].before, GETS_SOME);
	w.rule[0].box = (struct oracle_box){ ORACLE_OPEN_LO, ORACLE_OPEN_HI, ORACLE_OPEN_LO, start_of(w.day) };
	w.rule[1].box = (struct oracle_box){ ORACLE_OPEN_LO, ORACLE_OPEN_HI, start_of(w.day), ORACLE_OPEN_HI };
	assert_int_equal(answers_of(&w).ca[2].before, GETS_SOME); /* not those without SCT */
}

static void oracle_walks_cycles(void **state)
{
	struct oracle_world w = two_roots();

	(void)state;
	plain_cert(&w, 0, 2); /* root 0 is also below CA 2 */
	plain_mark(&w, A_REMOVE, 0, 0);
	assert_int_equal(answers_of(&w).ca[0].after, GETS_ALL); /* by 4, 3 and root 1 */
	w.cert[4].ca_true = false;
	assert_int_equal(answers_of(&w).ca[0].after, GETS_NONE);
}

/* Two stages on the way, the leaf's last day, and what is asked of days. */
static void days_of_a_staged_plan(void **state)
{
	struct oracle_world w = two_roots();
	struct rig r;
	struct decay d;
	int32_t first;
	bool least;

	(void)state;
	plain_mark(&w, A_REMOVE, 0, 0);
	w.mark[0].since = w.day + 20;
	plain_mark(&w, A_REVOKE, 3, 0);
	w.mark[1].since = w.day + 10;
	rig_init(&r, &w);
	decay_compute(&r.query, &d);
	assert_int_equal(d.n, 3);
	assert_int_equal(d.step[0].lost, 0);
	assert_int_equal(d.step[1].day, w.day + 20);
	assert_int_equal(d.step[1].lost, 1);
	assert_int_equal(d.step[2].day, w.day + 81);
	assert_int_equal(d.step[2].lost, 0);
	assert_int_equal(decay_on(&d, w.day + 19)->lost, 0);
	assert_int_equal(decay_on(&d, w.day + 20)->lost, 1);
	assert_int_equal(decay_on(&d, w.day + 4000)->lost, 0);
	assert_int_equal(decay_below(&d, 1, &first, &least), w.day + 81);
	assert_int_equal(first, w.day);
	assert_false(least);
	assert_int_equal(decay_below(&d, 2, &first, &least), w.day);
	assert_true(d.counted && d.exact);
	decay_release(&d);
	graph_release(&r.g);
}

/* The world made by hand is small enough to see that the index is compared at all. */
static void index_agrees_on_worlds_by_hand(void **state)
{
	struct oracle_world w = two_roots();
	struct strbuf why = STRBUF_INIT;

	(void)state;
	plain_mark(&w, A_REMOVE, 0, 0);
	w.exempt[w.n_exempt++] = 1;
	if (!index_agrees(&w, agree_in_answers, &why) || !index_agrees(&w, agree_in_via, &why))
		fail_msg("%s", why.buf);
	strbuf_release(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(oracle_keeps_by_the_other_root),
		cmocka_unit_test(oracle_spares_exempt_cas),
		cmocka_unit_test(oracle_counts_path_lengths),
		cmocka_unit_test(oracle_takes_limits_to_the_second),
		cmocka_unit_test(oracle_joins_rules),
		cmocka_unit_test(oracle_walks_cycles),
		cmocka_unit_test(worlds_are_telling),
		cmocka_unit_test(days_of_a_staged_plan),
		cmocka_unit_test(index_agrees_on_worlds_by_hand),
		cmocka_unit_test(index_gives_the_oracles_answers),
		cmocka_unit_test(index_knows_every_day),
		cmocka_unit_test(index_names_the_best_path),
		cmocka_unit_test(index_flags_rules_nobody_evaluated),
		cmocka_unit_test(index_names_what_keeps_leaves),
		cmocka_unit_test(index_suggests_all_that_is_missing_and_no_more),
		cmocka_unit_test(index_takes_only_paths_that_are_found),
	};

	return cmocka_run_group_tests_name("trust_oracle", tests, NULL, NULL);
}
