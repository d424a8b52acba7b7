#include "index/reach.h"

#include <stdlib.h>

#include "base/map.h"
#include "index/alternating.h"
#include "index/name.h"
#include "index/state.h"

const char *const reach_names[REACHES] = { "ccadb", "aia", "unknown", "neither" };

struct reachable {
	struct index *ix;
	const struct impact *im;
	const struct trust *level[REACHES]; /* by paths found at least so well; the last one is of all */
	struct trust *own[REACHES];
	struct map link; /* (certificate, the one below it): enum reach */
	uint8_t *survives; /* by certificate: on a surviving path, below its anchor */
};

/* ---- one link ---- */

struct pointers {
	struct reachable *r;
	int64_t wanted; /* row id */
	bool any, all_read, gave;
};

static void follow_url(void *ctx, int type, struct slice value)
{
	struct pointers *p = ctx;
	struct strbuf url = STRBUF_INIT;
	bool read = false, gave = false;

	if (type != NAME_URI)
		return;
	general_name_text(type, value, true, &url);
	p->any = true;
	if (db_origin_gave(p->r->ix->db, url.buf, p->wanted, &read, &gave, NULL) < 0)
		read = gave = false;
	p->all_read &= read;
	p->gave |= gave;
	strbuf_release(&url);
}

static enum reach reach_by_pointer(struct reachable *r, uint32_t cert, uint32_t below)
{
	const struct graph *g = index_graph(r->ix);
	struct pointers p = { .r = r, .wanted = g->cert.v[cert].db_id, .all_read = true };
	struct x509_cert x;
	struct bytes der;

	if (index_read_der(r->ix, g->cert.v[below].db_id, &der, NULL) < 0)
		return REACH_UNKNOWN;
	bool readable = x509_parse(der.p, der.n, &x, NULL) == 0;
	if (readable)
		x509_ca_issuers_each(&x, follow_url, &p);
	free(der.p);
	/* by the ids of another numbering the address gave another certificate */
	if (!readable || index_check_ids(r->ix, r->ix->db, NULL) < 0 || (p.any && !p.gave && !p.all_read))
		return REACH_UNKNOWN;
	return p.gave ? REACH_AIA : REACH_NEITHER;
}

static enum reach reach_of_link(struct reachable *r, uint32_t cert, uint32_t below)
{
	const uint32_t pair[2] = { cert, below };
	bool is_new;

	if (index_graph(r->ix)->cert.v[cert].flags & CERT_DISCLOSED)
		return REACH_CCADB;
	if (below == NO_INDEX)
		return REACH_UNKNOWN;
	uint64_t *known = map_at(&r->link, pair, sizeof(pair), &is_new);
	if (is_new)
		*known = reach_by_pointer(r, cert, below);
	return (enum reach)*known;
}

/* ---- paths of links ---- */

struct finder {
	struct reachable *r;
	enum reach worst;
};

static bool finds(void *ctx, uint32_t above, uint32_t cert)
{
	const struct finder *f = ctx;

	return reach_of_link(f->r, above, cert) <= f->worst;
}

static struct trust *found_so_well(struct reachable *r, enum reach worst)
{
	struct finder f = { r, worst };
	struct trust_query q = *trust_query(r->im->trust);
	uint32_t *cas = xcalloc(r->im->n_rows + 1, sizeof(*cas));

	for (size_t i = 0; i < r->im->n_rows; i++)
		cas[i] = r->im->row[i].ca;
	q.finds = finds;
	q.finds_ctx = &f;
	q.asked = cas;
	q.n_asked = r->im->n_rows;
	struct trust *t = trust_compute(&q);
	free(cas);
	return t;
}

/* Fills r->survives. Is all of it disclosed? */
static bool find_survivors(struct reachable *r)
{
	const struct graph *g = trust_query(r->im->trust)->graph;
	uint8_t *anchor = xcalloc(g->cert.n + 1, 1);
	bool all = true;

	r->survives = xcalloc(g->cert.n + 1, 1);
	for (size_t i = 0; i < r->im->n_rows; i++)
		trust_survivors(r->im->trust, r->im->row[i].ca, r->survives, anchor);
	for (uint32_t c = 0; c < g->cert.n; c++)
		all &= !r->survives[c] || (g->cert.v[c].flags & CERT_DISCLOSED);
	free(anchor);
	return all;
}

struct reachable *reach_compute(struct index *ix, const struct impact *im)
{
	struct reachable *r = xcalloc(1, sizeof(*r));

	r->ix = ix;
	r->im = im;
	bool all = find_survivors(r);
	for (int i = 0; i < REACHES; i++) {
		if (!all && i < REACH_NEITHER)
			r->own[i] = found_so_well(r, (enum reach)i);
		r->level[i] = r->own[i] ? r->own[i] : im->trust;
	}
	return r;
}

void reach_free(struct reachable *r)
{
	if (!r)
		return;
	for (int i = 0; i < REACHES; i++)
		trust_free(r->own[i]);
	map_release(&r->link);
	free(r->survives);
	free(r);
}

/* Too many ways to look at all of them: what was not found may be among the others. */
static bool cut_short(const struct reachable *r, uint32_t ca)
{
	bool exact = true;

	for (int i = 0; i < REACHES; i++)
		exact &= trust_exact(r->level[i], ca);
	return !exact;
}

static enum reach level_of(const struct reachable *r, uint32_t ca)
{
	int i = 0;

	while (i < REACH_NEITHER && !trust_same_after(r->level[i], r->im->trust, ca))
		i++;
	return (enum reach)i;
}

enum reach reach_of(const struct reachable *r, uint32_t ca)
{
	enum reach level = level_of(r, ca);

	return level == REACH_NEITHER && cut_short(r, ca) ? REACH_UNKNOWN : level;
}

size_t reach_via(const struct reachable *r, uint32_t ca, uint32_t *certs, size_t max)
{
	return trust_via(r->level[level_of(r, ca)], ca, true, certs, max);
}

/* What is kept by the level and not by the one before. */
static enum taken part_of_level(const struct reachable *r, int level, uint32_t ca)
{
	const struct trust *with = r->level[level], *less = level ? r->level[level - 1] : NULL;

	if (!trust_keeps_by(r->im->trust, less, with, ca))
		return TAKEN_NONE;
	return part_of_kept(r->im->trust, ca, trust_all_by(with, ca) && (!less || trust_after(less, ca) == ACCEPT_NONE));
}

/* Where not all ways were looked at, "nowhere" is not known either. */
static void add_levels(const struct reachable *r, uint32_t ca, struct loss_sum sum[REACHES])
{
	uint64_t still[REACHES] = { 0 };
	enum taken part[REACHES];
	bool cut = cut_short(r, ca);

	trust_tally_kept(r->im->trust, ca, r->level, REACHES, still);
	for (int k = 0; k < REACHES; k++)
		part[k] = part_of_level(r, k, ca);
	for (int k = REACHES - 1; k > 0; k--)
		still[k] -= still[k - 1];
	if (cut) {
		still[REACH_UNKNOWN] += still[REACH_NEITHER];
		if (part[REACH_UNKNOWN] == TAKEN_NONE)
			part[REACH_UNKNOWN] = part[REACH_NEITHER];
		part[REACH_NEITHER] = TAKEN_NONE;
	}
	for (int k = 0; k < REACHES; k++)
		if (part[k] != TAKEN_NONE)
			loss_add(&sum[k], ca, part[k], still[k]);
}

void reach_kept(const struct reachable *r, struct leaf_loss kept[REACHES])
{
	struct loss_sum sum[REACHES];

	for (int k = 0; k < REACHES; k++)
		sum[k] = loss_begin(trust_query(r->im->trust));
	for (size_t i = 0; i < r->im->n_rows; i++)
		add_levels(r, r->im->row[i].ca, sum);
	for (int k = 0; k < REACHES; k++) {
		kept[k] = loss_end(&sum[k]);
		loss_release(&sum[k]);
	}
}

static bool has_row(const struct impact *im, uint32_t ca)
{
	for (size_t i = 0; i < im->n_rows; i++)
		if (im->row[i].ca == ca)
			return true;
	return false;
}

enum reach reach_of_cert(struct reachable *r, uint32_t cert)
{
	const struct graph *g = trust_query(r->im->trust)->graph;
	const struct ca *ca = &g->ca.v[g->cert.v[cert].ca];
	enum reach best = REACH_NEITHER;

	if (has_row(r->im, g->cert.v[cert].ca))
		best = reach_of_link(r, cert, NO_INDEX);
	for (uint32_t i = 0; i < ca->n_children; i++) {
		uint32_t below = g->child_certs[ca->first_child + i];
		enum reach reach = r->survives[below] ? reach_of_link(r, cert, below) : REACH_NEITHER;

		best = reach < best ? reach : best;
	}
	return best;
}
