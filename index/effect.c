/* Whether a mark of a scenario changes anything, and if not, why. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "index/judge.h"
#include "index/scenario.h"

/* Beyond so many marks only `remove` is asked. */
#define EFFECTS_ASKED 32
#define HEX_BYTES 6 /* of a fingerprint, as tables show it */

struct asking {
	const struct trust_query *q;
	const struct graph *g;
	const struct scenario_mark *mark;
	struct mark *own, *others; /* of the query's marks */
	size_t n_own, n_others;
	uint32_t *below; /* CAs that the own marks may touch, and no others */
	size_t n_below;
	struct trust *alone; /* judged with no other mark; asked about those */
	struct judge judge;
	struct strbuf why;
};

/* Of the CAs below the own marks. */
static struct trust *trust_of(const struct asking *a, const struct mark *marks, size_t n, bool exempt)
{
	struct trust_query q = *a->q;

	q.marks = marks;
	q.n_marks = n;
	q.n_exempt = exempt ? q.n_exempt : 0;
	q.asked = a->below;
	q.n_asked = a->n_below;
	return trust_compute(&q);
}

static bool touches(const struct asking *a, const struct trust *t)
{
	for (size_t i = 0; i < a->n_below; i++)
		if (trust_touched(t, a->below[i]))
			return true;
	return false;
}

static bool changes(const struct asking *a, const struct trust *t)
{
	for (size_t i = 0; i < a->n_below; i++)
		if (trust_changed(t, a->below[i]))
			return true;
	return false;
}

/* Would the others do the same without it? */
static bool is_spare(const struct asking *a)
{
	struct trust *with = trust_of(a, a->q->marks, a->q->n_marks, true);
	struct trust *without = trust_of(a, a->others, a->n_others, true);
	bool same = true;

	for (size_t i = 0; i < a->n_below && same; i++)
		same = trust_same_after(with, without, a->below[i]);
	trust_free(with);
	trust_free(without);
	return same;
}

static void add_cert(struct asking *a, uint32_t cert)
{
	strbuf_addhex(&a->why, a->g->cert.v[cert].sha256, HEX_BYTES);
}

/* " of mozilla for tls" */
static void add_place(struct asking *a)
{
	strbuf_addf(&a->why, " of %s for %s", a->q->store->program, purpose_names[a->q->purpose]);
}

/* A certificate that the mark does not hit and that has a key which it hits. Until fn returns true. */
static bool any_sibling(const struct asking *a, bool (*fn)(const struct asking *a, uint32_t cert), uint32_t *ret)
{
	for (size_t i = 0; i < a->n_own; i++) {
		uint32_t key = a->g->ca.v[a->g->cert.v[a->own[i].target].ca].key;

		for (uint32_t k = a->g->key_first[key]; k < a->g->key_first[key + 1]; k++) {
			const struct ca *ca = &a->g->ca.v[a->g->key_cas[k]];
			for (uint32_t c = 0; c < ca->n_certs; c++) {
				*ret = a->g->ca_certs[ca->first_cert + c];
				if (fn(a, *ret))
					return true;
			}
		}
	}
	return false;
}

static bool is_hit(const struct asking *a, uint32_t cert)
{
	for (size_t i = 0; i < a->n_own; i++) {
		const struct mark *m = &a->own[i];

		if (m->target == (m->action == MARK_BLOCK ? a->g->ca.v[a->g->cert.v[cert].ca].key : cert))
			return true;
	}
	return false;
}

static bool is_good_anchor(const struct asking *a, uint32_t cert)
{
	for (size_t i = 0; i < a->judge.n_rules; i++)
		if (a->judge.rule[i].cert == cert && judge_anchor(&a->judge, &a->judge.rule[i]) == PATH_OK)
			return true;
	return false;
}

static bool other_anchor(const struct asking *a, uint32_t cert)
{
	return !is_hit(a, cert) && is_good_anchor(a, cert);
}

/* Is it on a path that counts, as things stand? */
static bool is_on_path(const struct asking *a, uint32_t cert)
{
	uint8_t *through = xcalloc(a->g->cert.n + 1, 1);
	struct mark there = { .action = MARK_REVOKE, .target = cert };
	struct trust_query q = *a->q;
	uint32_t *below;
	bool found = false;

	through[cert] = 1;
	q.through = through;
	q.n_marks = q.n_exempt = 0;
	q.n_asked = marks_below(a->g, &there, 1, &below);
	q.asked = below;
	struct trust *t = trust_compute(&q);
	for (size_t i = 0; i < q.n_asked && !found; i++)
		found = trust_open(t, below[i], NULL);
	trust_free(t);
	free(below);
	free(through);
	return found;
}

static bool other_on_path(const struct asking *a, uint32_t cert)
{
	return !is_hit(a, cert) && (judge_link(&a->judge, cert) == PATH_OK || is_good_anchor(a, cert)) && is_on_path(a, cert);
}

static bool hits_anchor_for(const struct asking *a, enum purpose purpose)
{
	for (size_t i = 0; i < a->q->store->n_rules; i++)
		if (a->q->store->rule[i].purpose == purpose && is_hit(a, a->q->store->rule[i].cert))
			return true;
	return false;
}

/* Of the store or assumed, whether the anchor is good or not. */
static bool hits_anchor(const struct asking *a)
{
	const struct judge *j = &a->judge;

	for (size_t i = 0; i < j->n_rules; i++)
		if (is_hit(a, j->rule[i].cert))
			return true;
	return false;
}

static void say_no_anchor(struct asking *a)
{
	enum purpose other = a->q->purpose == PURPOSE_TLS ? PURPOSE_EMAIL : PURPOSE_TLS;

	strbuf_addstr(&a->why, "it is no anchor");
	add_place(a);
	if (hits_anchor_for(a, other))
		strbuf_addf(&a->why, ", only for %s", purpose_names[other]);
}

static void say_removes_nothing(struct asking *a)
{
	uint32_t other;

	say_no_anchor(a);
	if (!any_sibling(a, other_anchor, &other))
		return;
	strbuf_addstr(&a->why, "; ");
	add_cert(a, other);
	strbuf_addstr(&a->why, " of the same key is: remove that instead, or block the key");
}

/* First certificate that the mark hits. */
static uint32_t first_hit(const struct asking *a)
{
	const struct mark *m = &a->own[0];

	if (m->action != MARK_BLOCK)
		return m->target;
	const struct ca *ca = &a->g->ca.v[a->g->key_cas[a->g->key_first[m->target]]];
	return ca->n_certs ? a->g->ca_certs[ca->first_cert] : NO_INDEX;
}

/* What is wrong with the first certificate by itself, as an anchor where it is one. */
static enum path_reason fault_of(const struct asking *a, uint32_t cert)
{
	const struct judge *j = &a->judge;

	for (size_t i = 0; i < j->n_rules; i++)
		if (j->rule[i].cert == cert)
			return judge_anchor(j, &j->rule[i]);
	return judge_link(j, cert);
}

static void say_fault(struct asking *a, uint32_t cert, enum path_reason fault)
{
	const struct ca_cert *c = &a->g->cert.v[cert];
	char date[DATE_BUF];

	switch (fault) {
	case PATH_EXPIRED:
		strbuf_addf(&a->why, "it expired on %s", date_format(date, date_of_time(c->not_after)));
		break;
	case PATH_NOT_YET_VALID:
		strbuf_addf(&a->why, "it is not valid before %s", date_format(date, date_of_time(c->not_before)));
		break;
	case PATH_REVOKED:
		strbuf_addf(&a->why, "it is revoked already, as %s enforces it", a->q->store->program);
		break;
	case PATH_DISTRUSTED:
		strbuf_addf(&a->why, "%s distrusts it already", a->q->store->program);
		break;
	case PATH_OK:
		strbuf_addstr(&a->why, "no path through it ends in an anchor");
		add_place(a);
		break;
	default:
		strbuf_addf(&a->why, "no path through it counts: %s", path_reason_names[fault]);
	}
}

/* On no path that counts: with what is wrong, and what has the same key and is on one. */
static void say_not_on_path(struct asking *a)
{
	uint32_t cert = first_hit(a), other;

	if (cert == NO_INDEX) {
		strbuf_addstr(&a->why, "it hits no certificate");
		return;
	}
	if (a->mark->certs > 1) {
		strbuf_addstr(&a->why, "no certificate of it is on a path that counts; ");
		add_cert(a, cert);
		strbuf_addstr(&a->why, ": ");
	}
	/* what is wrong with a root that is no anchor does not matter */
	if ((a->g->cert.v[cert].flags & CERT_SELF_SIGNED) && !hits_anchor(a))
		say_no_anchor(a);
	else
		say_fault(a, cert, fault_of(a, cert));
	if (a->mark->action == MARK_BLOCK || !any_sibling(a, other_on_path, &other))
		return;
	strbuf_addstr(&a->why, "; ");
	add_cert(a, other);
	strbuf_addstr(&a->why, " of the same key is on one that counts");
}

static bool hits_path(const struct asking *a)
{
	bool found = false;

	for (size_t i = 0; i < a->n_own && !found; i++)
		found = a->own[i].action != MARK_BLOCK && is_on_path(a, a->own[i].target);
	return found;
}

static void say_untouched(struct asking *a)
{
	if (a->q->n_exempt) {
		struct trust *t = trust_of(a, a->own, a->n_own, false);
		bool touched = touches(a, t);

		trust_free(t);
		if (touched) {
			strbuf_addstr(&a->why, "every path through it is exempt");
			return;
		}
	}
	if (hits_path(a)) /* or it would be touched by all but a date, and by `remove` only as an anchor */
		strbuf_addf(&a->why, "%s", a->mark->action == MARK_REMOVE ? "as an anchor it accepts nothing"
		                                                          : "a rule in force accepts nothing later");
	else
		say_not_on_path(a);
}

/* What the mark cuts is accepted by other paths: the one of the CA with most leaves is named. */
static void say_other_path(struct asking *a)
{
	uint32_t best = NO_INDEX;
	uint64_t most = 0;
	size_t cas = 0;
	uint32_t *path = xcalloc(a->g->cert.n + 1, sizeof(*path));

	for (size_t i = 0; i < a->n_below; i++) {
		uint32_t ca = a->below[i];
		struct leaf_tally tally = { 0 };
		if (!trust_touched(a->alone, ca))
			continue;
		cas++;
		trust_tally(a->alone, ca, a->q->day, &tally);
		if (best == NO_INDEX || tally.kept > most || (tally.kept == most && ca < best)) {
			best = ca;
			most = tally.kept;
		}
	}
	strbuf_addstr(&a->why, "every leaf that it accepts is accepted by another path");
	size_t n = best == NO_INDEX ? 0 : trust_via(a->alone, best, true, path, a->g->cert.n);
	const char *anchor = n ? a->g->ca.v[a->g->cert.v[path[n - 1]].ca].name : "";
	if (n && cas > 1) /* each has its own */
		strbuf_addf(&a->why, ", that of %s", a->g->ca.v[best].name);
	if (*anchor) /* six bytes of a hash tell nobody where the path ends */
		strbuf_addf(&a->why, "%s to %s", cas > 1 ? "" : ",", anchor);
	for (size_t i = 0; i < n; i++) {
		strbuf_addstr(&a->why, i ? " > " : *anchor ? ": " : ", ");
		add_cert(a, path[i]);
	}
	free(path);
}

/* All CAs that a date rule touches are counted to the end, and none has a leaf that it cuts. */
static bool cuts_no_leaf(const struct asking *a)
{
	for (size_t i = 0; i < a->n_below; i++) {
		uint32_t ca = a->below[i];
		struct leaf_tally tally = { 0 };
		if (!trust_touched(a->alone, ca))
			continue;
		trust_tally(a->alone, ca, a->q->day, &tally);
		if (tally.lost || tally.kept || a->g->ca.v[ca].coverage != COVERAGE_COMPLETE)
			return false;
	}
	return true;
}

static bool is_dated(enum mark_action action)
{
	return action == MARK_DISTRUST_AFTER || action == MARK_SCT_NOT_AFTER;
}

/* Leaves a->why empty when the mark has an effect. */
static void ask_effect(struct asking *a)
{
	if (!touches(a, a->alone))
		say_untouched(a);
	else if (is_dated(a->mark->action) && cuts_no_leaf(a))
		strbuf_addstr(&a->why, a->mark->action == MARK_DISTRUST_AFTER ? "every leaf that it accepts is from before that date"
		                                                             : "every leaf that it accepts has an SCT from before that date");
	else if (!changes(a, a->alone) && is_spare(a))
		say_other_path(a);
}

static void split_marks(struct asking *a, size_t number)
{
	a->own = xcalloc(a->q->n_marks + 1, sizeof(*a->own));
	a->others = xcalloc(a->q->n_marks + 1, sizeof(*a->others));
	for (size_t i = 0; i < a->q->n_marks; i++) {
		if (a->q->marks[i].from == number)
			a->own[a->n_own++] = a->q->marks[i];
		else
			a->others[a->n_others++] = a->q->marks[i];
	}
}

static void ask_mark(struct scenario_mark *m, const struct trust_query *q, size_t number, bool all)
{
	struct trust_query on_its_day = *q;
	struct asking a = { .q = &on_its_day, .g = q->graph, .mark = m, .why = STRBUF_INIT };

	if (m->since > q->day) /* a stage: asked of the day on which it begins */
		on_its_day.day = m->since;
	split_marks(&a, number);
	a.n_below = marks_below(a.g, a.own, a.n_own, &a.below);
	a.alone = trust_of(&a, a.own, a.n_own, true);
	judge_init(&a.judge, trust_query(a.alone));
	if (!a.n_own)
		strbuf_addstr(&a.why, "it hits no certificate");
	else if (m->action == MARK_REMOVE && !hits_anchor(&a))
		say_removes_nothing(&a);
	else if (all)
		ask_effect(&a);
	m->effect_known = all || a.why.len;
	m->no_effect = a.why.len > 0;
	m->why = a.why.len ? xstrdup(a.why.buf) : NULL;
	strbuf_release(&a.why);
	judge_release(&a.judge);
	trust_free(a.alone);
	free(a.below);
	free(a.own);
	free(a.others);
}

void scenario_effects(struct scenario *s, const struct trust_query *q)
{
	bool all = s->mark.n <= EFFECTS_ASKED;

	for (size_t i = 0; i < s->mark.n; i++) {
		struct scenario_mark *m = &s->mark.v[i];

		free(m->why);
		m->why = NULL;
		if (all || m->action == MARK_REMOVE)
			ask_mark(m, q, i, all);
	}
}
