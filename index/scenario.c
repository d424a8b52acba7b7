#include "index/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/strbuf.h"
#include "index/index.h"

void scenario_init(struct scenario *s)
{
	memset(s, 0, sizeof(*s));
	s->program = xstrdup("mozilla");
}

void scenario_release(struct scenario *s)
{
	free(s->program);
	for (size_t i = 0; i < s->mark.n; i++) {
		free(s->mark.v[i].ref);
		free(s->mark.v[i].why);
	}
	for (size_t i = 0; i < s->exempt.n; i++)
		free(s->exempt.v[i]);
	for (size_t i = 0; i < s->assume.n; i++)
		free(s->assume.v[i]);
	vec_release(&s->mark);
	vec_release(&s->exempt);
	for (size_t i = 0; i < s->name.n; i++)
		free(s->name.v[i].ref);
	vec_release(&s->assume);
	vec_release(&s->name);
	memset(s, 0, sizeof(*s));
}

void scenario_copy(const struct scenario *from, const char *program, enum purpose purpose, struct scenario *ret)
{
	*ret = (struct scenario){ .program = xstrdup(program), .purpose = purpose, .revocation = from->revocation };
	for (size_t i = 0; i < from->mark.n; i++) {
		struct scenario_mark m = from->mark.v[i];
		m.ref = xstrdup(m.ref);
		m.why = NULL; /* what it does is judged anew for the program */
		m.no_effect = m.effect_known = false;
		vec_push(&ret->mark, m);
	}
	for (size_t i = 0; i < from->exempt.n; i++)
		vec_push(&ret->exempt, xstrdup(from->exempt.v[i]));
	for (size_t i = 0; i < from->assume.n; i++)
		vec_push(&ret->assume, xstrdup(from->assume.v[i]));
	for (size_t i = 0; i < from->name.n; i++) {
		struct scenario_name n = from->name.v[i];
		n.ref = xstrdup(n.ref);
		vec_push(&ret->name, n);
	}
}

static bool dated(enum mark_action a)
{
	return a == MARK_DISTRUST_AFTER || a == MARK_SCT_NOT_AFTER;
}

static int parse_action(const char *text, const char *action, size_t n, struct scenario_mark *m, struct err *err)
{
	for (int a = 0; a < MARK_ACTIONS; a++) {
		if (strlen(mark_action_names[a]) == n && strncmp(mark_action_names[a], action, n) == 0) {
			m->action = (enum mark_action)a;
			return 0;
		}
	}
	return err_set(err, ERR_USAGE,
	               "mark '%s' has no known action (remove, block, revoke, distrust-after@DATE, sct-not-after@DATE)", text);
}

int scenario_add_mark(struct scenario *s, const char *text, struct err *err)
{
	const char *split = strrchr(text, '=');
	struct scenario_mark m = { .since = MARK_ALWAYS };

	if (!split || split == text)
		return err_set(err, ERR_USAGE, "mark '%s' is not of the form REF=ACTION[@DATE]", text);
	const char *at = strchr(split, '@');
	size_t n = at ? (size_t)(at - split - 1) : strlen(split + 1);
	if (parse_action(text, split + 1, n, &m, err) < 0)
		return -1;
	if (dated(m.action) && !at)
		return err_set(err, ERR_USAGE, "mark '%s' needs a date: %s@YYYY-MM-DD", text, mark_action_names[m.action]);
	if (!dated(m.action) && at)
		return err_set(err, ERR_USAGE, "mark '%s': %s takes no date", text, mark_action_names[m.action]);
	if (at && date_parse(at + 1, &m.day) < 0)
		return err_set(err, ERR_USAGE, "mark '%s': '%s' is no date (YYYY-MM-DD)", text, at + 1);
	m.ref = xstrndup(text, (size_t)(split - text));
	vec_push(&s->mark, m);
	return 0;
}

int scenario_add_stage(struct scenario *s, const char *text, struct err *err)
{
	const char *split = strchr(text, ':');
	char *date;
	int32_t since;
	int rc;

	if (!split || split == text || !split[1])
		return err_set(err, ERR_USAGE, "stage '%s' is not of the form DATE:REF=ACTION[@DATE]", text);
	date = xstrndup(text, (size_t)(split - text));
	rc = date_parse(date, &since);
	if (rc < 0)
		err_set(err, ERR_USAGE, "stage '%s': '%s' is no date (YYYY-MM-DD)", text, date);
	free(date);
	if (rc < 0 || scenario_add_mark(s, split + 1, err) < 0)
		return -1;
	s->mark.v[s->mark.n - 1].since = since;
	return 0;
}

char *scenario_mark_text(const struct scenario_mark *m)
{
	struct strbuf b = STRBUF_INIT;
	char date[DATE_BUF];

	strbuf_addf(&b, "%s=%s", m->ref, mark_action_names[m->action]);
	if (dated(m->action))
		strbuf_addf(&b, "@%s", date_format(date, m->day));
	return strbuf_detach(&b);
}

char *scenario_mark_line(const struct scenario_mark *m)
{
	struct strbuf b = STRBUF_INIT;
	char *text = scenario_mark_text(m), date[DATE_BUF];

	if (m->since == MARK_ALWAYS)
		strbuf_addf(&b, "mark %s", text);
	else
		strbuf_addf(&b, "stage %s %s", date_format(date, m->since), text);
	free(text);
	return strbuf_detach(&b);
}

struct resolving {
	const struct graph *g;
	struct trust_query *q;
	VEC(struct mark) mark;
	VEC(uint32_t) exempt, assume;
};

/* `option` and the candidates belong to the message where nobody else takes the candidates: whoever sees it must be able
 * to choose. */
static int resolve(struct index *ix, const struct scenario *s, const char *text, const char *option, struct ref *ref,
                   struct strbuf *candidates, struct err *err)
{
	struct strbuf own = STRBUF_INIT;
	int rc = scenario_ref(ix, s, text, ref, candidates ? candidates : &own, err);

	if (rc < 0 && own.len && err) {
		size_t used = strlen(err->msg);
		snprintf(err->msg + used, sizeof(err->msg) - used, ":\n%.*s", (int)own.len - 1, own.buf);
	}
	if (rc < 0 && !candidates)
		err_context(err, "%s", option);
	strbuf_release(&own);
	return rc;
}

/* Certificates that a REF stands for. */
static void certs_of(const struct graph *g, const struct ref *ref, void (*each)(void *ctx, uint32_t cert), void *ctx)
{
	if (ref->is_cert) {
		each(ctx, ref->cert);
		return;
	}
	for (size_t i = 0; i < ref->n_cas; i++) {
		const struct ca *ca = &g->ca.v[ref->ca[i]];
		for (uint32_t k = 0; k < ca->n_certs; k++)
			each(ctx, g->ca_certs[ca->first_cert + k]);
	}
}

static size_t certs_with_key(const struct graph *g, uint32_t key)
{
	size_t n = 0;

	for (uint32_t i = g->key_first[key]; i < g->key_first[key + 1]; i++)
		n += g->ca.v[g->key_cas[i]].n_certs;
	return n;
}

struct marking {
	struct resolving *r;
	struct scenario_mark *m;
	uint32_t number;
};

static bool is_anchor(const struct resolving *r, uint32_t cert)
{
	if (store_anchor(r->q->store, cert, r->q->purpose))
		return true;
	for (size_t i = 0; i < r->assume.n; i++)
		if (r->assume.v[i] == cert)
			return true;
	return false;
}

static void mark_key(struct marking *m, uint32_t cert)
{
	const struct graph *g = m->r->g;
	uint32_t key = g->ca.v[g->cert.v[cert].ca].key;

	for (size_t i = 0; i < m->r->mark.n; i++) {
		const struct mark *o = &m->r->mark.v[i];
		if (o->action == MARK_BLOCK && o->target == key && o->since <= m->m->since)
			return;
	}
	vec_push(&m->r->mark,
	         (struct mark){ .action = MARK_BLOCK, .target = key, .from = m->number, .since = m->m->since });
	m->m->certs += certs_with_key(g, key);
}

static void mark_cert(void *ctx, uint32_t cert)
{
	struct marking *m = ctx;

	if (m->m->action == MARK_BLOCK) {
		mark_key(m, cert);
		return;
	}
	m->m->certs += m->m->action != MARK_REMOVE || is_anchor(m->r, cert);
	vec_push(&m->r->mark, (struct mark){ .action = m->m->action,
	                                     .target = cert,
	                                     .limit = dated(m->m->action) ? date_end(m->m->day) : 0,
	                                     .from = m->number,
	                                     .since = m->m->since });
}

static void take_mark(struct resolving *r, struct scenario *s, size_t i, const struct ref *ref)
{
	struct scenario_mark *m = &s->mark.v[i];
	struct marking marking = { r, m, (uint32_t)i };

	m->certs = 0;
	certs_of(r->g, ref, mark_cert, &marking);
}

static void take_assumed(void *ctx, uint32_t cert)
{
	struct resolving *r = ctx;

	vec_push(&r->assume, cert);
}

static void take_exempt(struct resolving *r, const struct ref *ref)
{
	if (ref->is_cert)
		vec_push(&r->exempt, r->g->cert.v[ref->cert].ca);
	for (size_t i = 0; i < ref->n_cas; i++)
		vec_push(&r->exempt, ref->ca[i]);
}

/* ---- what the REFs name ---- */

static int find_all(struct index *ix, const struct scenario *s, struct strbuf *candidates, struct scenario_refs *ret,
                    struct err *err)
{
	for (size_t i = 0; i < s->assume.n; i++)
		if (resolve(ix, s, s->assume.v[i], "--assume", &ret->assume[i], candidates, err) < 0)
			return -1;
	for (size_t i = 0; i < s->exempt.n; i++)
		if (resolve(ix, s, s->exempt.v[i], "--exempt", &ret->exempt[i], candidates, err) < 0)
			return -1;
	for (size_t i = 0; i < s->mark.n; i++)
		if (resolve(ix, s, s->mark.v[i].ref, s->mark.v[i].since == MARK_ALWAYS ? "--mark" : "--stage", &ret->mark[i], candidates, err) < 0)
			return -1;
	return 0;
}

int scenario_find_refs(struct index *ix, const struct scenario *s, struct strbuf *candidates, struct scenario_refs *ret,
                       struct err *err)
{
	*ret = (struct scenario_refs){
		.mark = xcalloc(s->mark.n + 1, sizeof(struct ref)),
		.exempt = xcalloc(s->exempt.n + 1, sizeof(struct ref)),
		.assume = xcalloc(s->assume.n + 1, sizeof(struct ref)),
		.n_marks = s->mark.n,
		.n_exempt = s->exempt.n,
		.n_assume = s->assume.n,
	};
	return find_all(ix, s, candidates, ret, err);
}

static void release_refs(struct ref *ref, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ref_release(&ref[i]);
	free(ref);
}

void scenario_refs_release(struct scenario_refs *r)
{
	release_refs(r->mark, r->n_marks);
	release_refs(r->exempt, r->n_exempt);
	release_refs(r->assume, r->n_assume);
	*r = (struct scenario_refs){ 0 };
}

/* ---- the query ---- */

static int no_store(struct index *ix, const char *program, struct err *err)
{
	struct strbuf has = STRBUF_INIT;
	const char *const *name;
	size_t n = index_programs(ix, &name);

	for (size_t i = 0; i < n; i++)
		strbuf_addf(&has, "%s%s", i ? ", " : "", name[i]);
	err_set(err, ERR_USAGE, "no store of program '%s' is indexed (%s%s)", program, n ? "there are: " : "there is none",
	        has.buf);
	strbuf_release(&has);
	return -1;
}

int scenario_query(struct index *ix, struct scenario *s, const struct scenario_refs *refs, int32_t day, struct arena *arena,
                   struct trust_query *q, struct err *err)
{
	struct resolving r = { .g = index_graph(ix), .q = q };

	*q = (struct trust_query){ .graph = r.g, .purpose = s->purpose, .day = day, .revocation = s->revocation };
	q->store = index_store(ix, s->program, day);
	if (!q->store)
		return no_store(ix, s->program, err);
	for (size_t i = 0; i < s->assume.n; i++)
		certs_of(r.g, &refs->assume[i], take_assumed, &r);
	for (size_t i = 0; i < s->exempt.n; i++)
		take_exempt(&r, &refs->exempt[i]);
	for (size_t i = 0; i < s->mark.n; i++)
		take_mark(&r, s, i, &refs->mark[i]);
	q->n_marks = r.mark.n;
	q->marks = arena_dup(arena, r.mark.v, r.mark.n * sizeof(*r.mark.v));
	q->n_exempt = r.exempt.n;
	q->exempt = arena_dup(arena, r.exempt.v, r.exempt.n * sizeof(*r.exempt.v));
	q->n_assume = r.assume.n;
	q->assume = arena_dup(arena, r.assume.v, r.assume.n * sizeof(*r.assume.v));
	scenario_effects(s, q);
	vec_release(&r.mark);
	vec_release(&r.exempt);
	vec_release(&r.assume);
	return 0;
}

int scenario_resolve(struct index *ix, struct scenario *s, int32_t day, struct arena *arena, struct trust_query *q, struct err *err)
{
	struct scenario_refs refs = { 0 };
	int rc = index_store(ix, s->program, day) ? 0 : no_store(ix, s->program, err);

	if (rc == 0)
		rc = scenario_find_refs(ix, s, NULL, &refs, err);
	if (rc == 0)
		rc = scenario_query(ix, s, &refs, day, arena, q, err);
	scenario_refs_release(&refs);
	return rc;
}
