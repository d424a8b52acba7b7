#include "index/outreach.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/strbuf.h"
#include "db/site.h"
#include "index/hostname.h"
#include "index/state.h"

struct outreach {
	struct index *ix;
	enum outreach_by by;
	bool ranked;
	VEC(struct outreach_group) group;
	struct map at;    /* name of a group to its place; unknown: NO_NAME */
	struct map names; /* place of a group and a folded name: seen */
	uint64_t leaf;    /* number of the one that is added */
	struct arena strings;
	struct strbuf key;
};
/* No cleaned text has it. */
#define NO_NAME "\0"

int outreach_new(struct index *ix, enum outreach_by by, struct outreach **ret, struct err *err)
{
	struct outreach *o = xcalloc(1, sizeof(*o));

	o->ix = ix;
	o->by = by;
	strbuf_init(&o->key, 0);
	if (db_has_ranks(ix->db, &o->ranked, err) < 0) {
		outreach_free(o);
		return -1;
	}
	*ret = o;
	return 0;
}

void outreach_free(struct outreach *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->group.n; i++)
		vec_release(&o->group.v[i].ca);
	vec_release(&o->group);
	map_release(&o->at);
	map_release(&o->names);
	strbuf_release(&o->key);
	arena_release(&o->strings);
	free(o);
}

/* ---- a leaf into a group ---- */

static size_t group_at(struct outreach *o, const char *name)
{
	bool is_new;
	uint64_t *at = map_at(&o->at, name ? name : NO_NAME, name ? strlen(name) : 1, &is_new);

	if (is_new) {
		*at = o->group.n;
		vec_push(&o->group, (struct outreach_group){ .name = name ? arena_strdup(&o->strings, name) : NULL });
	}
	return *at;
}

/* Once, whatever the number of names that bring it here. */
static void add_leaf(struct outreach *o, size_t at, uint32_t ca, const struct leaf_info *l, enum covered covered)
{
	struct outreach_group *g = &o->group.v[at];

	if (g->last_leaf == o->leaf)
		return;
	g->last_leaf = o->leaf;
	g->leaves++;
	g->covered += covered == COVERED_YES;
	g->unknown += covered == COVERED_UNKNOWN;
	if (!g->ca.n || g->ca.v[g->ca.n - 1] != ca)
		vec_push(&g->ca, ca);
	if (l->not_after == TIME_UNKNOWN)
		return;
	if (!g->dated || l->not_after < g->first_na)
		g->first_na = l->not_after;
	if (!g->dated || l->not_after > g->last_na)
		g->last_na = l->not_after;
	g->dated = true;
}

static int take_rank(struct outreach *o, struct outreach_group *g, const char *domain, struct err *err)
{
	int64_t rank = 0;
	bool found;

	if (db_rank_of(o->ix->db, domain, &found, &rank, err) < 0)
		return -1;
	if (found && (!g->rank || (uint64_t)rank < g->rank))
		g->rank = (uint64_t)rank;
	return 0;
}

/* A site is ranked by the name itself, or by its registrable domain: as sites.h has it. */
static int rank_name(struct outreach *o, struct outreach_group *g, const char *name, size_t n, struct err *err)
{
	char host[HOST_MAX + 1];

	if (!o->ranked || memchr(name, '@', n) || !name_host(name, n, host))
		return 0;
	const char *registrable = hostname_registrable(host);
	if (take_rank(o, g, host, err) < 0)
		return -1;
	return registrable && registrable != host ? take_rank(o, g, registrable, err) : 0;
}

static int add_name(struct outreach *o, size_t at, const char *name, size_t n, struct err *err)
{
	struct outreach_group *g = &o->group.v[at];
	bool is_new;

	strbuf_reset(&o->key);
	strbuf_add(&o->key, &at, sizeof(at));
	name_fold(name, n, &o->key);
	map_at(&o->names, o->key.buf, o->key.len, &is_new);
	if (!is_new)
		return 0;
	if (g->names < OUTREACH_NAMES) {
		char *kept = arena_alloc(&o->strings, n + 1);
		memcpy(kept, name, n);
		kept[n] = '\0';
		g->some[g->names] = kept;
	}
	g->names++;
	return rank_name(o, g, name, n, err);
}

static const char *group_of(const struct outreach *o, const char *name, size_t n, char buf[HOST_MAX + 1])
{
	const char *group = o->by == OUTREACH_TLD ? name_tld(name, n, buf) : name_domain(name, n, buf);

	return group ? group : "";
}

static int add_by_names(struct outreach *o, uint32_t ca, const struct leaf_info *l, enum covered covered, struct err *err)
{
	const char *names = l->names, *name;
	char buf[HOST_MAX + 1];
	size_t n;

	if (!names || !*names)
		add_leaf(o, group_at(o, names), ca, l, covered);
	while (names && names_next(&names, &name, &n)) {
		size_t at = group_at(o, group_of(o, name, n, buf));
		add_leaf(o, at, ca, l, covered);
		if (add_name(o, at, name, n, err) < 0)
			return -1;
	}
	return 0;
}

int outreach_add(struct outreach *o, uint32_t ca, const struct leaf_info *l, enum covered covered, struct err *err)
{
	const char *names = l->names, *name;
	size_t n;

	o->leaf++;
	if (o->by != OUTREACH_ORGANIZATION)
		return add_by_names(o, ca, l, covered, err);
	size_t at = group_at(o, l->organization);
	add_leaf(o, at, ca, l, covered);
	while (names && names_next(&names, &name, &n))
		if (add_name(o, at, name, n, err) < 0)
			return -1;
	return 0;
}

/* ---- the groups ---- */

static int by_need(const void *a, const void *b)
{
	const struct outreach_group *x = a, *y = b;
	uint64_t open_x = x->leaves - x->covered, open_y = y->leaves - y->covered;

	if (open_x != open_y)
		return open_x > open_y ? -1 : 1;
	if (x->leaves != y->leaves)
		return x->leaves > y->leaves ? -1 : 1;
	if (x->rank != y->rank) /* 0, none, comes last */
		return x->rank - 1 < y->rank - 1 ? -1 : 1;
	if (!x->name || !y->name)
		return !x->name - !y->name;
	return strcmp(x->name, y->name);
}

size_t outreach_groups(struct outreach *o, const struct outreach_group **ret)
{
	if (o->group.n)
		qsort(o->group.v, o->group.n, sizeof(*o->group.v), by_need);
	map_release(&o->at); /* places are others now */
	*ret = o->group.v;
	return o->group.n;
}

bool tld_is_country(const char *tld, bool *known)
{
	*known = strncmp(tld, "xn--", 4) != 0;
	return *known && strlen(tld) == 2 && strspn(tld, "abcdefghijklmnopqrstuvwxyz") == 2;
}
