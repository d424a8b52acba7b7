#include "index/sitelost.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "db/site.h"
#include "index/state.h"

struct summing {
	struct index *ix;
	const struct trust *t;
	const struct program *program;
	struct site_losses *to;
	VEC(struct site_loss) v;
	struct map at;      /* site to its place */
	struct map siteless; /* row ids of CAs of which some leaves were never compared */
	uint32_t ca;
	bool staying; /* now those that stay trusted, of sites that were found before */
	bool divided; /* a limit falls inside a day of the CA's buckets */
	struct err *err;
};

static struct bucket bucket_of(const struct db_bucket *b)
{
	return (struct bucket){ .nb_day = b->nb_day, .na_day = b->na_day, .sct_day = b->sct_day, .eku = b->eku, .n = b->n };
}

static void add(struct summing *s, int64_t site, struct verdict v, int32_t na_day, uint64_t n)
{
	bool lost = v.before && !v.after, is_new;

	if (s->staying) {
		const uint64_t *at = map_get(&s->at, &site, sizeof(site));
		if (at && v.after)
			s->v.v[*at].still += n;
		return;
	}
	if (!lost)
		return;
	uint64_t *at = map_at(&s->at, &site, sizeof(site), &is_new);
	if (is_new) {
		*at = s->v.n;
		vec_push(&s->v, (struct site_loss){ .site = site, .last_na_day = na_day });
	}
	struct site_loss *l = &s->v.v[*at];
	l->lost += n;
	if (na_day > l->last_na_day)
		l->last_na_day = na_day;
	if (!l->ca.n || l->ca.v[l->ca.n - 1] != s->ca)
		vec_push(&l->ca, s->ca);
}

static bool is_wanted(const struct summing *s, uint8_t eku)
{
	return eku_allows_leaf(s->program, eku, trust_query(s->t)->purpose);
}

static int look_for_limit(void *ctx, int64_t site, const struct db_bucket *b)
{
	struct summing *s = ctx;
	struct bucket k = bucket_of(b);

	(void)site;
	s->divided |= is_wanted(s, b->eku) && trust_divides(s->t, s->ca, &k);
	return 0;
}

static int take_bucket(void *ctx, int64_t site, const struct db_bucket *b)
{
	struct summing *s = ctx;
	struct bucket k = bucket_of(b);

	if (is_wanted(s, b->eku))
		add(s, site, trust_bucket(s->t, s->ca, &k), b->na_day, b->n);
	return 0;
}

static int take_row(void *ctx, const struct leaf_row *row, const int64_t *site, size_t n)
{
	struct summing *s = ctx;
	int64_t sct = row->sct == LEAF_TIME_UNKNOWN ? SCT_NONE : row->sct;

	if (!leaf_is_judged(s->t, row->nb, row->na, row->eku))
		return 0;
	struct verdict v = trust_leaf(s->t, s->ca, row->nb, sct);
	for (size_t i = 0; i < n; i++)
		add(s, site[i], v, date_of_time(row->na), 1);
	return 0;
}

static int sum_ca(struct summing *s, uint32_t ca)
{
	int64_t id = index_graph(s->ix)->ca.v[ca].db_id;
	int32_t day = trust_query(s->t)->day;

	s->ca = ca;
	s->divided = false;
	if (db_each_site_bucket(s->ix->db, id, day, look_for_limit, s, s->err) < 0)
		return -1;
	if (s->divided)
		return db_each_site_leaf(s->ix->db, id, take_row, s, s->err);
	return db_each_site_bucket(s->ix->db, id, day, take_bucket, s, s->err);
}

/* Of a CA that is counted. */
static bool was_compared(const struct summing *s, const struct ca *ca)
{
	return strcmp(ca->count_source, "crtsh") != 0 &&
	       !map_get(&s->siteless, &ca->db_id, sizeof(ca->db_id));
}

static int sum_lost(struct summing *s)
{
	const struct graph *g = index_graph(s->ix);
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < g->ca.n; i++) {
		if (!trust_changed(s->t, i))
			continue;
		s->to->uncompared += g->ca.v[i].coverage != COVERAGE_NONE && !was_compared(s, &g->ca.v[i]);
		s->to->incomplete += g->ca.v[i].coverage != COVERAGE_COMPLETE;
		rc = sum_ca(s, i);
	}
	return rc;
}

static int sum_staying(struct summing *s)
{
	const struct graph *g = index_graph(s->ix);
	int rc = 0;

	s->staying = true;
	for (uint32_t i = 0; rc == 0 && i < g->ca.n; i++) {
		if (trust_after(s->t, i) == ACCEPT_NONE)
			continue;
		s->to->still_exact &= g->ca.v[i].coverage == COVERAGE_COMPLETE;
		if (g->ca.v[i].coverage == COVERAGE_NONE)
			continue;
		s->to->all_compared &= was_compared(s, &g->ca.v[i]);
		rc = sum_ca(s, i);
	}
	s->to->still_exact &= s->to->all_compared;
	return rc;
}

static int take_siteless(void *ctx, int64_t ca)
{
	struct summing *s = ctx;

	map_at(&s->siteless, &ca, sizeof(ca), NULL);
	return 0;
}

struct naming {
	struct site_losses *to;
	struct site_loss *l;
};

static void take_name(void *ctx, int64_t rank, const char *domain)
{
	struct naming *n = ctx;

	n->l->rank = (uint64_t)rank;
	n->l->domain = arena_strdup(&n->to->strings, domain);
}

static int finish(struct summing *s)
{
	struct site_losses *to = s->to;

	for (size_t i = 0; i < s->v.n; i++) {
		struct site_loss *l = &s->v.v[i];
		l->domain = "";
		if (db_site_of(s->ix->db, l->site, take_name, &(struct naming){ to, l }, s->err) < 0)
			return -1;
		l->covered = l->still ? COVERED_YES : to->all_compared ? COVERED_NO : COVERED_UNKNOWN;
		to->covered += l->covered == COVERED_YES;
		to->unknown += l->covered == COVERED_UNKNOWN;
	}
	return 0;
}

static int by_rank(const void *a, const void *b)
{
	const struct site_loss *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

static int sum_up(struct summing *s)
{
	int64_t day = 0;
	int rc = db_ranks_day(s->ix->db, &s->to->ranked, &day, s->err);

	s->to->list_day = (int32_t)day;
	if (rc < 0 || !s->to->ranked)
		return rc;
	rc = db_each_siteless(s->ix->db, take_siteless, s, s->err);
	if (rc == 0)
		rc = sum_lost(s);
	if (rc == 0 && s->v.n)
		rc = sum_staying(s);
	return rc == 0 ? finish(s) : -1;
}

int index_site_losses(struct index *ix, const struct trust *t, struct site_losses *ret, struct err *err)
{
	struct summing s = { .ix = ix, .t = t, .program = program_find(trust_query(t)->store->program), .to = ret, .err = err };

	*ret = (struct site_losses){ .all_compared = true, .still_exact = true };
	int rc = sum_up(&s);
	if (rc == 0)
		rc = index_check_ids(ix, ix->db, err);
	map_release(&s.at);
	map_release(&s.siteless);
	ret->v = s.v.v;
	ret->n = s.v.n;
	if (rc < 0)
		site_losses_release(ret);
	else if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_rank);
	return rc;
}

void site_losses_release(struct site_losses *s)
{
	for (size_t i = 0; i < s->n; i++)
		vec_release(&s->v[i].ca);
	free(s->v);
	arena_release(&s->strings);
	*s = (struct site_losses){ 0 };
}

size_t site_losses_within(const struct site_losses *s, uint64_t rank)
{
	size_t n = 0;

	while (n < s->n && s->v[n].rank <= rank)
		n++;
	return n;
}
