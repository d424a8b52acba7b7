#include "index/sites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "index/hostname.h"
#include "index/name.h"
#include "index/state.h"

/* A file whose first lines all fit is a rank list. */
#define LINES_LOOKED_AT 3

/* ---- the list ---- */

/* A host name of at least two labels, in lower case. */
static bool take_domain(const char *p, size_t n, char buf[HOST_MAX + 1])
{
	return hostname_read(p, n, buf) && strchr(buf, '.');
}

/* "12,example.org" */
static bool read_line(const char *p, size_t n, uint64_t *rank, char domain[HOST_MAX + 1])
{
	const char *comma = memchr(p, ',', n);
	char digits[21];

	if (n && p[n - 1] == '\r')
		n--;
	if (!comma || comma == p || (size_t)(comma - p) >= sizeof(digits))
		return false;
	snprintf(digits, sizeof(digits), "%.*s", (int)(comma - p), p);
	return num_parse_u64(digits, rank) == 0 && *rank > 0 && *rank <= INT64_MAX &&
	       take_domain(comma + 1, n - (size_t)(comma + 1 - p), domain);
}

static const char *line_end(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return nl ? nl : end;
}

/* Behind a header line, which Tranco's file has none of and others have. */
static const char *behind_header(const char *data, size_t n)
{
	static const char header[] = "rank,domain";
	size_t len = sizeof(header) - 1;
	bool has = n > len && strncasecmp(data, header, len) == 0 && (data[len] == '\n' || data[len] == '\r');

	return has ? data + len + (data[len] == '\r' && n > len + 1 && data[len + 1] == '\n') + 1 : data;
}

bool ranks_recognise(const char *data, size_t n)
{
	const char *p = behind_header(data, n), *end = data + n;
	char domain[HOST_MAX + 1];
	uint64_t rank;
	int lines = 0, most = p > data ? 1 : LINES_LOOKED_AT;

	for (; p < end && lines < most; lines++) {
		const char *nl = line_end(p, end);
		if (!read_line(p, (size_t)(nl - p), &rank, domain))
			return false;
		p = nl < end ? nl + 1 : end;
	}
	return lines > 0;
}

int ranks_read(const char *data, size_t n, const struct ranks_handler *h)
{
	const char *p = behind_header(data, n), *end = data + n;
	char domain[HOST_MAX + 1];
	uint64_t rank;

	for (size_t line = p == data ? 1 : 2; p < end; line++) {
		const char *nl = line_end(p, end);
		if (h->at)
			*h->at = (size_t)(p - data);
		if (read_line(p, (size_t)(nl - p), &rank, domain)) {
			if (h->site(h->ctx, rank, domain) < 0)
				return -1;
		} else if (nl > p && !(nl == p + 1 && *p == '\r')) {
			h->problem(h->ctx, line, "no 'rank,domain'");
		}
		p = nl < end ? nl + 1 : end;
	}
	return 0;
}

/* ---- names ---- */

struct sites {
	struct map id; /* domain to row id */
};

static int take_site(void *ctx, int64_t site, const char *domain)
{
	struct sites *s = ctx;

	*map_at(&s->id, domain, strlen(domain), NULL) = (uint64_t)site;
	return 0;
}

int sites_load(struct db *db, struct sites **ret, struct err *err)
{
	struct sites *s = xcalloc(1, sizeof(*s));

	*ret = NULL;
	int rc = db_each_ranked_site(db, take_site, s, err);
	if (rc == 0 && s->id.n)
		*ret = s;
	else
		sites_free(s);
	return rc;
}

void sites_free(struct sites *s)
{
	if (!s)
		return;
	map_release(&s->id);
	free(s);
}

static void add_site(struct site_ids *ids, int64_t site)
{
	for (size_t i = 0; i < ids->v.n; i++)
		if (ids->v.v[i] == site)
			return;
	vec_push(&ids->v, site);
}

/* The site that a name belongs to; false: to none of the list. A lookup of each ending is far cheaper than the Public
 * Suffix List, which then only has to agree. */
static bool site_of_name(const struct sites *s, const char *name, size_t n, int64_t *ret)
{
	char host[HOST_MAX + 1];

	if (n > 2 && name[0] == '*' && name[1] == '.') {
		name += 2;
		n -= 2;
	}
	if (!take_domain(name, n, host))
		return false;
	for (const char *p = host; p; p = strchr(p, '.') ? strchr(p, '.') + 1 : NULL) {
		const uint64_t *id = map_get(&s->id, p, strlen(p));
		if (!id)
			continue;
		const char *registrable = p == host ? p : hostname_registrable(host);
		*ret = (int64_t)*id;
		if (registrable && strcmp(registrable, p) == 0)
			return true;
	}
	return false;
}

struct matching {
	const struct sites *s;
	struct site_ids *ids;
};

static void match_name(void *ctx, int type, struct slice value)
{
	struct matching *m = ctx;
	int64_t site;

	if (type == NAME_DNS && site_of_name(m->s, (const char *)value.p, value.n, &site))
		add_site(m->ids, site);
}

void sites_of(const struct sites *s, const struct x509_cert *c, struct site_ids *ret)
{
	x509_names_each(c, match_name, &(struct matching){ s, ret });
}

/* ---- a new list ---- */

struct comparing {
	struct db *db;
	struct err *err;
	const struct sites *s;
	struct site_ids ids;
};

static int compare_leaf(void *ctx, int64_t certificate, struct db_blob der)
{
	struct comparing *c = ctx;
	struct x509_cert x;

	c->ids.v.n = 0;
	if (x509_parse(der.p, der.n, &x, NULL) < 0)
		return 0;
	sites_of(c->s, &x, &c->ids);
	for (size_t i = 0; i < c->ids.v.n; i++)
		if (db_add_leaf_site(c->db, certificate, c->ids.v.v[i], c->err) < 0)
			return -1;
	return 0;
}

/* "a.example, *.b.example": what is no host name fits no site. */
static int compare_names(void *ctx, int64_t issuer, struct leaf_key key, const char *names)
{
	struct comparing *c = ctx;

	for (const char *p = names; *p;) {
		size_t n = strcspn(p, ",");
		int64_t site;
		if (site_of_name(c->s, p, n, &site) && db_add_ct_site(c->db, issuer, key, site, c->err) < 0)
			return -1;
		p += n;
		p += strspn(p, ", ");
	}
	return 0;
}

int sites_compare(struct db *db, struct err *err)
{
	struct comparing c = { .db = db, .err = err };
	struct sites *s;
	int rc = sites_load(db, &s, err);

	c.s = s;
	if (rc == 0)
		rc = db_clear_leaf_sites(db, err);
	if (rc == 0 && s)
		rc = db_each_leaf_der(db, compare_leaf, &c, err);
	if (rc == 0 && s)
		rc = db_each_ct_name(db, compare_names, &c, err);
	if (rc == 0)
		rc = db_mark_siteless(db, err);
	vec_release(&c.ids.v);
	sites_free(s);
	return rc;
}

/* ---- what a day's leaves name ---- */

struct using {
	struct site_uses *to;
	struct map ca; /* row id to number */
	VEC(struct site_use) v;
};

static int take_use(void *ctx, const struct db_site_use *u)
{
	struct using *g = ctx;
	const uint64_t *ca = map_get(&g->ca, &u->ca, sizeof(u->ca));

	if (ca)
		vec_push(&g->v, (struct site_use){ (uint32_t)*ca, u->site, (uint64_t)u->rank, (uint64_t)u->leaves,
		                                   arena_strdup(&g->to->strings, u->domain), (int32_t)u->last_na_day });
	return 0;
}

static int take_siteless(void *ctx, int64_t id)
{
	struct using *g = ctx;
	const uint64_t *ca = map_get(&g->ca, &id, sizeof(id));

	if (ca && g->to->coverage[*ca] != COVERAGE_NONE)
		g->to->coverage[*ca] = COVERAGE_PARTIAL;
	return 0;
}

/* Of equal ranks the first by name. */
static int by_ca(const void *a, const void *b)
{
	const struct site_use *x = a, *y = b;

	if (x->ca != y->ca)
		return x->ca < y->ca ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

int index_sites(struct index *ix, int32_t day, struct site_uses *ret, struct err *err)
{
	const struct graph *g = index_graph(ix);
	struct using u = { .to = ret };

	*ret = (struct site_uses){ .first = xcalloc(g->ca.n + 2, sizeof(*ret->first)), .coverage = xcalloc(g->ca.n + 1, 1) };
	int rc = db_has_ranks(ix->db, &ret->ranked, err);
	for (uint32_t i = 0; i < g->ca.n; i++) {
		*map_at(&u.ca, &g->ca.v[i].db_id, sizeof(g->ca.v[i].db_id), NULL) = i;
		if (ret->ranked && g->ca.v[i].coverage != COVERAGE_NONE)
			ret->coverage[i] = COVERAGE_COMPLETE;
	}
	if (rc == 0)
		rc = db_each_site_use(ix->db, day, take_use, &u, err);
	if (rc == 0)
		rc = db_each_siteless(ix->db, take_siteless, &u, err);
	if (rc == 0)
		rc = index_check_ids(ix, ix->db, err);
	map_release(&u.ca);
	if (u.v.n)
		qsort(u.v.v, u.v.n, sizeof(*u.v.v), by_ca);
	ret->v = u.v.v;
	ret->n = u.v.n;
	for (size_t i = 0; i < ret->n; i++)
		ret->first[ret->v[i].ca + 1]++;
	for (uint32_t i = 0; i < g->ca.n; i++)
		ret->first[i + 1] += ret->first[i];
	if (rc < 0)
		site_uses_release(ret);
	return rc;
}

void site_uses_release(struct site_uses *u)
{
	free(u->v);
	free(u->first);
	free(u->coverage);
	arena_release(&u->strings);
	*u = (struct site_uses){ 0 };
}
