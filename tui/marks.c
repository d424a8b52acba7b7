#include "tui/marks.h"

#include <string.h>

#include "base/date.h"
#include "tui/fmt.h"

const struct action actions[ACTIONS] = {
	[MARK_REMOVE] = { 'R', "remove", "no longer a trust anchor", false },
	[MARK_BLOCK] = { 'B', "block", "the key is rejected everywhere", false },
	[MARK_REVOKE] = { 'V', "revoke", "the certificate is rejected", false },
	[MARK_DISTRUST_AFTER] = { 'D', "distrust-after", "only leaves issued until a date", true },
	[MARK_SCT_NOT_AFTER] = { 'S', "sct-not-after", "only leaves logged until a date", true },
	[ACTION_EXEMPT] = { 'X', "exempt", "paths through it are spared", false },
	[ACTION_ASSUME] = { 'A', "assume", "anchor beforehand, everywhere", false },
};

static struct mark_list copy(const struct marks *k)
{
	struct mark_list l = { .n = k->now.n };

	l.v = xmemdup(k->now.v, k->now.n * sizeof(*k->now.v));
	return l;
}

static void release_list(struct mark_list *l)
{
	if (l->asked) {
		free(l->asked->name);
		free(l->asked->former);
		free(l->asked->program);
	}
	free(l->asked);
	free(l->v);
}

static void forget_future(struct marks *k)
{
	while (k->future.n)
		release_list(&k->future.v[--k->future.n]);
}

static void remember(struct marks *k)
{
	vec_push(&k->past, copy(k));
	forget_future(k);
}

/* `l` instead of all that there are; frees it. */
static void take(struct marks *k, struct mark_list l)
{
	k->now.n = 0;
	for (size_t i = 0; i < l.n; i++)
		vec_push(&k->now, l.v[i]);
	free(l.v);
}

const struct user_mark *marks_find(const struct marks *k, const struct user_mark *m)
{
	for (size_t i = 0; i < k->now.n; i++) {
		const struct user_mark *o = &k->now.v[i];

		if (o->action == m->action && o->is_cert == m->is_cert && !memcmp(o->id, m->id, sizeof(m->id)))
			return o;
	}
	return NULL;
}

static struct user_mark *find(struct marks *k, const struct user_mark *m)
{
	const struct user_mark *there = marks_find(k, m);

	return there ? &k->now.v[there - k->now.v] : NULL;
}

/* Those that are there keep their day or their stage, whichever is not put. */
static void put(struct marks *k, const struct user_mark *m, size_t n, bool stage)
{
	remember(k);
	for (size_t i = 0; i < n; i++) {
		struct user_mark *old = find(k, &m[i]);

		if (!old)
			vec_push(&k->now, m[i]);
		else if (stage)
			old->since = m[i].since;
		else
			old->day = m[i].day;
	}
}

void marks_set(struct marks *k, const struct user_mark *m, size_t n)
{
	put(k, m, n, false);
}

void marks_stage(struct marks *k, const struct user_mark *m, size_t n)
{
	put(k, m, n, true);
}

void marks_take(struct marks *k, const struct user_mark *m, size_t n)
{
	remember(k);
	for (size_t i = 0; i < n; i++) {
		struct user_mark *old = find(k, &m[i]);

		if (!old)
			continue;
		*old = k->now.v[k->now.n - 1];
		k->now.n--;
	}
}

void marks_clear(struct marks *k)
{
	remember(k);
	k->now.n = 0;
}

void marks_replace(struct marks *k, const struct user_mark *m, size_t n)
{
	remember(k);
	k->now.n = 0;
	for (size_t i = 0; i < n; i++)
		vec_push(&k->now, m[i]);
}

void marks_load(struct marks *k, const struct user_mark *m, size_t n, struct marks_asked *asked)
{
	marks_replace(k, m, n);
	k->past.v[k->past.n - 1].asked = asked;
}

/* What a step changed besides goes with it, from one side to the other. */
static struct mark_list opposite(const struct marks *k, const struct mark_list *l)
{
	struct mark_list here = copy(k);

	here.asked = l->asked;
	return here;
}

bool marks_undo(struct marks *k)
{
	if (!k->past.n)
		return false;
	vec_push(&k->future, opposite(k, &k->past.v[k->past.n - 1]));
	take(k, k->past.v[--k->past.n]);
	return true;
}

bool marks_redo(struct marks *k)
{
	if (!k->future.n)
		return false;
	vec_push(&k->past, opposite(k, &k->future.v[k->future.n - 1]));
	take(k, k->future.v[--k->future.n]);
	return true;
}

struct marks_asked *marks_undone(struct marks *k)
{
	return k->future.n ? k->future.v[k->future.n - 1].asked : NULL;
}

struct marks_asked *marks_redone(struct marks *k)
{
	return k->past.n ? k->past.v[k->past.n - 1].asked : NULL;
}

void marks_keep(struct marks *k, const struct user_mark *m, size_t n)
{
	free(k->kept.v);
	k->kept = (struct mark_list){ .v = xmemdup(m, n * sizeof(*m)), .n = n };
}

static bool same(const struct user_mark *a, const struct user_mark *b)
{
	return a->action == b->action && a->is_cert == b->is_cert && a->since == b->since && !memcmp(a->id, b->id, sizeof(a->id)) &&
	       (!actions[a->action].dated || a->day == b->day);
}

struct mark_list marks_listed(const struct marks *k)
{
	return (struct mark_list){ .v = k->now.v, .n = k->now.n };
}

size_t marks_lacking(const struct mark_list *a, const struct mark_list *b, const struct user_mark **ret)
{
	size_t same_first = 0, n = 0;

	/* most steps add or take away at the end */
	while (same_first < a->n && same_first < b->n && same(&a->v[same_first], &b->v[same_first]))
		same_first++;
	for (size_t i = same_first; i < a->n; i++) {
		size_t k = same_first;
		while (k < b->n && !same(&a->v[i], &b->v[k]))
			k++;
		if (k == b->n && !n++)
			*ret = &a->v[i];
	}
	return n;
}

bool marks_unsaved(const struct marks *k)
{
	if (k->now.n != k->kept.n)
		return k->now.n > 0;
	for (size_t i = 0; i < k->now.n; i++)
		if (!same(&k->now.v[i], &k->kept.v[i]))
			return true;
	return false;
}

void marks_bind(struct marks *k, const struct graph *g)
{
	for (size_t i = 0; i < k->now.n; i++) {
		struct user_mark *m = &k->now.v[i];
		m->at = m->is_cert ? graph_find_cert(g, m->id) : graph_find_ca(g, m->id);
	}
}

/* The certificates that a mark stands for; with a CA all it has. */
static const uint32_t *mark_certs(const struct user_mark *m, const struct graph *g, size_t *n)
{
	*n = m->is_cert ? 1 : g->ca.v[m->at].n_certs;
	return m->is_cert ? &m->at : &g->ca_certs[g->ca.v[m->at].first_cert];
}

static uint32_t mark_ca(const struct user_mark *m, const struct graph *g)
{
	return m->is_cert ? g->cert.v[m->at].ca : m->at;
}

static size_t count(const struct marks *k, int action)
{
	size_t n = 0;

	for (size_t i = 0; i < k->now.n; i++)
		n += k->now.v[i].action == action;
	return n;
}

size_t marks_assumed(const struct marks *k)
{
	return count(k, ACTION_ASSUME);
}

void marks_count(const struct marks *k, struct strbuf *out)
{
	size_t exempt = count(k, ACTION_EXEMPT), n = k->now.n - marks_assumed(k) - exempt;

	if (n)
		fmt_plural(out, n, "mark", "marks");
	else
		strbuf_addstr(out, "no marks");
	if (exempt)
		strbuf_addf(out, ", %zu exempt", exempt);
}

void marks_tell(const struct marks *k, struct strbuf *out)
{
	size_t n = marks_assumed(k);

	marks_count(k, out);
	if (n)
		strbuf_addf(out, ", %zu assumed", n);
}

bool marks_assume_cert(const struct marks *k, const struct graph *g, uint32_t cert)
{
	for (size_t i = 0; k && i < k->now.n; i++) {
		const struct user_mark *m = &k->now.v[i];

		if (m->action == ACTION_ASSUME && m->at != NO_INDEX && (m->is_cert ? m->at == cert : m->at == g->cert.v[cert].ca))
			return true;
	}
	return false;
}

bool marks_assume_ca(const struct marks *k, const struct graph *g, uint32_t ca)
{
	for (size_t i = 0; i < k->now.n; i++) {
		const struct user_mark *m = &k->now.v[i];

		if (m->action == ACTION_ASSUME && m->at != NO_INDEX && mark_ca(m, g) == ca)
			return true;
	}
	return false;
}

/* What a mark of one certificate, or of one key, is for trust_compute(). */
static void add_mark(const struct user_mark *m, const struct graph *g, uint32_t from, struct mark_query *ret)
{
	struct mark one = { .action = (enum mark_action)m->action, .limit = date_end(m->day), .from = from, .since = m->since };
	const uint32_t *certs;
	size_t n;

	if (m->action == MARK_BLOCK) {
		one.target = g->ca.v[mark_ca(m, g)].key;
		vec_push(&ret->mark, one);
		return;
	}
	certs = mark_certs(m, g, &n);
	for (size_t c = 0; c < n; c++) {
		one.target = certs[c];
		vec_push(&ret->mark, one);
	}
}

void marks_query(const struct marks *k, const struct graph *g, struct mark_query *ret)
{
	*ret = (struct mark_query){ 0 };
	for (size_t i = 0; i < k->now.n; i++) {
		const struct user_mark *m = &k->now.v[i];
		const uint32_t *certs;
		size_t n = 0;

		if (m->at == NO_INDEX)
			continue;
		if (m->action == ACTION_EXEMPT) {
			vec_push(&ret->exempt, mark_ca(m, g));
		} else if (m->action == ACTION_ASSUME) {
			certs = mark_certs(m, g, &n);
			for (size_t c = 0; c < n; c++)
				vec_push(&ret->assume, certs[c]);
		} else {
			add_mark(m, g, (uint32_t)i, ret);
		}
	}
}

void mark_query_release(struct mark_query *q)
{
	vec_release(&q->mark);
	vec_release(&q->exempt);
	vec_release(&q->assume);
}

static size_t key_certs(const struct graph *g, uint32_t key)
{
	size_t n = 0;

	for (uint32_t i = g->key_first[key]; i < g->key_first[key + 1]; i++)
		n += g->ca.v[g->key_cas[i]].n_certs;
	return n;
}

size_t mark_hits(const struct user_mark *m, const struct marks *k, const struct graph *g, const struct store *store,
	enum purpose purpose)
{
	size_t n, hits = 0;

	if (m->at == NO_INDEX)
		return 0;
	if (m->action == MARK_BLOCK)
		return key_certs(g, g->ca.v[mark_ca(m, g)].key);
	const uint32_t *certs = mark_certs(m, g, &n);
	for (size_t i = 0; i < n; i++)
		hits += m->action != MARK_REMOVE || (store && store_anchor(store, certs[i], purpose)) ||
			marks_assume_cert(k, g, certs[i]);
	return hits;
}

/* Several of the CAs may have the key. */
static bool key_was_hit(const struct user_mark *m, size_t i, const struct graph *g)
{
	for (size_t k = 0; k < i && m[i].at != NO_INDEX; k++)
		if (m[k].at != NO_INDEX && g->ca.v[mark_ca(&m[k], g)].key == g->ca.v[mark_ca(&m[i], g)].key)
			return true;
	return false;
}

size_t marks_hits(const struct user_mark *m, size_t n, const struct marks *k, const struct graph *g, const struct store *store,
	enum purpose purpose)
{
	size_t hits = 0;

	for (size_t i = 0; i < n; i++)
		if (m[i].action != MARK_BLOCK || !key_was_hit(m, i, g))
			hits += mark_hits(&m[i], k, g, store, purpose);
	return hits;
}

char mark_letter(const struct user_mark *m, int32_t day)
{
	char letter = actions[m->action].letter;

	return m->since <= day ? letter : (char)(letter | 0x20);
}

char marks_letter(const struct marks *k, const struct graph *g, uint32_t ca, int32_t day)
{
	char later = 0;

	for (size_t i = 0; i < k->now.n; i++) {
		const struct user_mark *m = &k->now.v[i];
		if (m->at == NO_INDEX || m->action == ACTION_ASSUME)
			continue;
		uint32_t hit = mark_ca(m, g);
		if (hit != ca && (m->action != MARK_BLOCK || g->ca.v[hit].key != g->ca.v[ca].key))
			continue;
		if (m->since <= day)
			return mark_letter(m, day);
		if (!later)
			later = mark_letter(m, day);
	}
	return later || !marks_assume_ca(k, g, ca) ? later : actions[ACTION_ASSUME].letter;
}

int32_t marks_next_stage(const struct marks *k, int32_t day)
{
	int32_t next = MARK_ALWAYS;

	for (size_t i = 0; i < k->now.n; i++)
		if (k->now.v[i].since > day && (next == MARK_ALWAYS || k->now.v[i].since < next))
			next = k->now.v[i].since;
	return next;
}

void marks_release(struct marks *k)
{
	for (size_t i = 0; i < k->past.n; i++)
		release_list(&k->past.v[i]);
	forget_future(k);
	free(k->kept.v);
	vec_release(&k->past);
	vec_release(&k->future);
	vec_release(&k->now);
}
