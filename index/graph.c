#include "index/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"

const char *const purpose_names[PURPOSE_COUNT] = { "tls", "email" };
const char *const coverage_names[] = { "none", "partial", "complete" };
const char *const revocation_names[REVOCATION_SOURCES] = { "ccadb", "crl", "onecrl", "crlset" };

void graph_init(struct graph *g)
{
	memset(g, 0, sizeof(*g));
}

uint32_t graph_add_ca(struct graph *g, const struct ca *ca)
{
	vec_push(&g->ca, *ca);
	struct ca *own = &g->ca.v[g->ca.n - 1];
	own->figure = own->stale_figure = NO_INDEX;
	own->name = arena_strdup(&g->strings, ca->name ? ca->name : "");
	own->subject = arena_strdup(&g->strings, ca->subject ? ca->subject : "");
	own->owner = arena_strdup(&g->strings, ca->owner ? ca->owner : "");
	own->ca_owner = arena_strdup(&g->strings, ca->ca_owner ? ca->ca_owner : "");
	own->count_source = arena_strdup(&g->strings, ca->count_source ? ca->count_source : "");
	if (ca->key >= g->n_keys)
		g->n_keys = ca->key + 1;
	return (uint32_t)(g->ca.n - 1);
}

uint32_t graph_add_cert(struct graph *g, const struct ca_cert *cert)
{
	vec_push(&g->cert, *cert);
	return (uint32_t)(g->cert.n - 1);
}

void graph_add_edge(struct graph *g, uint32_t cert, uint32_t issuer)
{
	vec_push(&g->edge, (struct graph_edge){ cert, issuer });
}

void graph_add_bucket(struct graph *g, uint32_t ca, const struct bucket *b)
{
	vec_push(&g->raw_bucket, (struct graph_bucket){ ca, *b });
}

void graph_add_revocation(struct graph *g, const struct revocation *r)
{
	vec_push(&g->revocation, *r);
}

/* One row of a grouping: item `value` belongs to group `group`. */
struct grouped {
	uint32_t group, value;
};

/* Counting sort of n rows into n_groups groups: first gets n_groups + 1 offsets,
 * the result the values, in input order within a group. */
static uint32_t *group_rows(const struct grouped *row, size_t n, size_t n_groups, uint32_t *first)
{
	uint32_t *out = xcalloc(n + 1, sizeof(*out));

	memset(first, 0, (n_groups + 1) * sizeof(*first));
	for (size_t i = 0; i < n; i++)
		first[row[i].group + 1]++;
	for (size_t i = 0; i < n_groups; i++)
		first[i + 1] += first[i];
	uint32_t *at = xreallocarray(NULL, n_groups + 1, sizeof(*at));
	memcpy(at, first, (n_groups + 1) * sizeof(*at));
	for (size_t i = 0; i < n; i++)
		out[at[row[i].group]++] = row[i].value;
	free(at);
	return out;
}

static void finish_ca_certs(struct graph *g, struct grouped *row, uint32_t *first)
{
	for (uint32_t i = 0; i < g->cert.n; i++)
		row[i] = (struct grouped){ g->cert.v[i].ca, i };
	g->ca_certs = group_rows(row, g->cert.n, g->ca.n, first);
	for (size_t i = 0; i < g->ca.n; i++) {
		g->ca.v[i].first_cert = first[i];
		g->ca.v[i].n_certs = first[i + 1] - first[i];
	}
}

static void finish_children(struct graph *g, struct grouped *row, uint32_t *first)
{
	for (size_t i = 0; i < g->edge.n; i++)
		row[i] = (struct grouped){ g->edge.v[i].issuer, g->edge.v[i].cert };
	g->child_certs = group_rows(row, g->edge.n, g->ca.n, first);
	for (size_t i = 0; i < g->ca.n; i++) {
		g->ca.v[i].first_child = first[i];
		g->ca.v[i].n_children = first[i + 1] - first[i];
	}
}

static void finish_issuers(struct graph *g, struct grouped *row, uint32_t *first)
{
	for (size_t i = 0; i < g->edge.n; i++)
		row[i] = (struct grouped){ g->edge.v[i].cert, g->edge.v[i].issuer };
	g->issuers = group_rows(row, g->edge.n, g->cert.n, first);
	for (size_t i = 0; i < g->cert.n; i++) {
		g->cert.v[i].first_issuer = first[i];
		g->cert.v[i].n_issuers = first[i + 1] - first[i];
	}
}

static void finish_keys(struct graph *g, struct grouped *row)
{
	g->key_first = xcalloc(g->n_keys + 1, sizeof(*g->key_first));
	for (uint32_t i = 0; i < g->ca.n; i++)
		row[i] = (struct grouped){ g->ca.v[i].key, i };
	g->key_cas = group_rows(row, g->ca.n, g->n_keys, g->key_first);
}

static void finish_buckets(struct graph *g)
{
	size_t n = g->raw_bucket.n;
	struct grouped *row = xcalloc(n + 1, sizeof(*row));
	uint32_t *first = xcalloc(g->ca.n + 1, sizeof(*first));

	for (uint32_t i = 0; i < n; i++)
		row[i] = (struct grouped){ g->raw_bucket.v[i].ca, i };
	uint32_t *order = group_rows(row, n, g->ca.n, first);
	g->buckets = xcalloc(n + 1, sizeof(*g->buckets));
	for (size_t i = 0; i < n; i++)
		g->buckets[i] = g->raw_bucket.v[order[i]].b;
	for (size_t i = 0; i < g->ca.n; i++) {
		g->ca.v[i].first_bucket = first[i];
		g->ca.v[i].n_buckets = first[i + 1] - first[i];
	}
	free(order);
	free(first);
	free(row);
	vec_release(&g->raw_bucket);
}

/* Tarjan's algorithm from children to issuers, without recursion since a hostile
 * hierarchy may be a million certificates deep. Components are complete, and
 * numbered, only after all their parents: parents get lower numbers. */
struct tarjan {
	struct graph *g;
	uint32_t *index, *low; /* 0 = not visited; else order + 1 */
	uint32_t *stack, n_stack;
	struct frame {
		uint32_t ca, cert, issuer; /* positions within the CA's certificates, the certificate's issuers */
	} *frame;
	size_t n_frames;
	uint32_t next;
};

static bool next_parent(const struct graph *g, struct frame *f, uint32_t *ret)
{
	const struct ca *ca = &g->ca.v[f->ca];

	while (f->cert < ca->n_certs) {
		const struct ca_cert *c = &g->cert.v[g->ca_certs[ca->first_cert + f->cert]];
		if (f->issuer < c->n_issuers) {
			*ret = g->issuers[c->first_issuer + f->issuer++];
			return true;
		}
		f->cert++;
		f->issuer = 0;
	}
	return false;
}

static void tarjan_enter(struct tarjan *t, uint32_t ca)
{
	t->index[ca] = t->low[ca] = ++t->next;
	t->stack[t->n_stack++] = ca;
	t->frame[t->n_frames++] = (struct frame){ ca, 0, 0 };
}

static void tarjan_leave(struct tarjan *t)
{
	struct graph *g = t->g;
	uint32_t ca = t->frame[--t->n_frames].ca, member;

	if (t->n_frames) {
		uint32_t below = t->frame[t->n_frames - 1].ca;
		if (t->low[ca] < t->low[below])
			t->low[below] = t->low[ca];
	}
	if (t->low[ca] != t->index[ca])
		return;
	do {
		member = t->stack[--t->n_stack];
		g->ca.v[member].component = g->n_components;
	} while (member != ca);
	g->n_components++;
}

static void tarjan_run(struct tarjan *t, uint32_t start)
{
	const struct graph *g = t->g;
	uint32_t parent;

	tarjan_enter(t, start);
	while (t->n_frames) {
		struct frame *f = &t->frame[t->n_frames - 1];
		if (!next_parent(g, f, &parent))
			tarjan_leave(t);
		else if (!t->index[parent])
			tarjan_enter(t, parent);
		else if (g->ca.v[parent].component == NO_INDEX && t->index[parent] < t->low[f->ca])
			t->low[f->ca] = t->index[parent];
	}
}

static void finish_components(struct graph *g, struct grouped *row)
{
	size_t n = g->ca.n;
	struct tarjan t = { .g = g };

	t.index = xcalloc(n + 1, sizeof(*t.index));
	t.low = xcalloc(n + 1, sizeof(*t.low));
	t.stack = xcalloc(n + 1, sizeof(*t.stack));
	t.frame = xcalloc(n + 1, sizeof(*t.frame));
	for (size_t i = 0; i < n; i++)
		g->ca.v[i].component = NO_INDEX;
	for (uint32_t i = 0; i < n; i++)
		if (!t.index[i])
			tarjan_run(&t, i);
	free(t.index);
	free(t.low);
	free(t.stack);
	free(t.frame);
	for (uint32_t i = 0; i < n; i++)
		row[i] = (struct grouped){ g->ca.v[i].component, i };
	g->component_first = xcalloc(g->n_components + 1, sizeof(*g->component_first));
	g->component_cas = group_rows(row, n, g->n_components, g->component_first);
}

static int by_revoked_cert(const void *a, const void *b)
{
	const struct revocation *x = a, *y = b;

	if (x->cert != y->cert)
		return x->cert < y->cert ? -1 : 1;
	if (x->source != y->source)
		return x->source - y->source;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* A list that names a certificate in one snapshot after the other revokes it all the while. */
static void join_revocations(struct graph *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->revocation.n; i++) {
		struct revocation *r = &g->revocation.v[i], *last = n ? &g->revocation.v[n - 1] : NULL;
		bool same = last && last->cert == r->cert && last->source == r->source;
		if (same && last->from == r->from && last->lifted == r->lifted)
			continue;
		if (same && last->lifted && last->lifted == r->from)
			last->lifted = r->lifted;
		else
			g->revocation.v[n++] = *r;
	}
	g->revocation.n = n;
	/* a certificate may have been added as it stands in another graph */
	for (size_t i = 0; i < g->cert.n; i++)
		g->cert.v[i].first_revocation = g->cert.v[i].n_revocations = 0;
	for (size_t i = 0; i < n; i++) {
		struct ca_cert *c = &g->cert.v[g->revocation.v[i].cert];
		if (!c->n_revocations++)
			c->first_revocation = (uint32_t)i;
	}
}

void graph_finish(struct graph *g)
{
	size_t most = g->edge.n;

	if (most < g->cert.n)
		most = g->cert.n;
	if (most < g->ca.n)
		most = g->ca.n;
	struct grouped *row = xcalloc(most + 1, sizeof(*row));
	uint32_t *first = xcalloc((g->ca.n > g->cert.n ? g->ca.n : g->cert.n) + 1, sizeof(*first));
	finish_ca_certs(g, row, first);
	finish_children(g, row, first);
	finish_issuers(g, row, first);
	finish_keys(g, row);
	finish_components(g, row);
	finish_buckets(g);
	if (g->revocation.n)
		qsort(g->revocation.v, g->revocation.n, sizeof(*g->revocation.v), by_revoked_cert);
	join_revocations(g);
	free(first);
	free(row);
}

void graph_release(struct graph *g)
{
	vec_release(&g->ca);
	vec_release(&g->cert);
	vec_release(&g->revocation);
	vec_release(&g->figure);
	vec_release(&g->figure_cas);
	vec_release(&g->edge);
	vec_release(&g->raw_bucket);
	free(g->ca_certs);
	free(g->issuers);
	free(g->child_certs);
	free(g->buckets);
	free(g->key_first);
	free(g->key_cas);
	free(g->component_first);
	free(g->component_cas);
	map_release(&g->by_sha256);
	arena_release(&g->strings);
	graph_init(g);
}

static int by_id(const void *id, const void *ca)
{
	return memcmp(id, ((const struct ca *)ca)->id, 32);
}

uint32_t graph_find_ca(const struct graph *g, const uint8_t id[32])
{
	const struct ca *ca = g->ca.n ? bsearch(id, g->ca.v, g->ca.n, sizeof(*g->ca.v), by_id) : NULL;

	return ca ? (uint32_t)(ca - g->ca.v) : NO_INDEX;
}

void graph_name_certs(struct graph *g)
{
	for (uint32_t i = 0; i < g->cert.n; i++)
		*map_at(&g->by_sha256, g->cert.v[i].sha256, 32, NULL) = i;
}

uint32_t graph_find_cert(const struct graph *g, const uint8_t sha256[32])
{
	const uint64_t *at = map_get(&g->by_sha256, sha256, 32);

	return at ? (uint32_t)*at : NO_INDEX;
}

bool cert_valid_on(const struct ca_cert *c, int32_t day)
{
	if (c->not_before == TIME_UNKNOWN || c->not_after == TIME_UNKNOWN)
		return false;
	return c->not_before <= date_end(day) && c->not_after >= date_start(day);
}

const struct revocation *cert_revocations(const struct graph *g, uint32_t cert, size_t *n)
{
	const struct ca_cert *c = &g->cert.v[cert];

	*n = c->n_revocations;
	return *n ? &g->revocation.v[c->first_revocation] : NULL;
}

bool revocation_holds(const struct revocation *r, int32_t day)
{
	return r->from <= date_end(day) && (!r->lifted || r->lifted > date_end(day));
}

bool cert_revoked_by(const struct graph *g, uint32_t cert, enum revocation_source source, int32_t day)
{
	size_t n;
	const struct revocation *r = cert_revocations(g, cert, &n);

	for (size_t i = 0; i < n; i++)
		if (r[i].source == source && revocation_holds(&r[i], day))
			return true;
	return false;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

uint32_t ca_child_count(const struct graph *g, uint32_t ca)
{
	const struct ca *c = &g->ca.v[ca];
	uint32_t *child = xcalloc(c->n_children + 1, sizeof(*child));
	uint32_t n = 0, distinct = 0;

	for (uint32_t i = 0; i < c->n_children; i++) {
		uint32_t subject = g->cert.v[g->child_certs[c->first_child + i]].ca;
		if (subject != ca)
			child[n++] = subject;
	}
	qsort(child, n, sizeof(*child), by_number);
	for (uint32_t i = 0; i < n; i++)
		distinct += i == 0 || child[i] != child[i - 1];
	free(child);
	return distinct;
}
