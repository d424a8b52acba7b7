#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/path.h"
#include "cli/fetch_run.h"
#include "index/graph.h"
#include "index/urls.h"

struct cas {
	VEC(uint32_t) v;
};

static bool has_unexpired(const struct graph *g, uint32_t ca, int32_t day)
{
	const struct ca *c = &g->ca.v[ca];

	for (uint32_t i = 0; i < c->n_buckets; i++)
		if (bucket_unexpired_on(&g->buckets[c->first_bucket + i], day))
			return true;
	return false;
}

static int add_ref(struct cli *c, const char *text, struct cas *cas, struct err *err)
{
	struct ref r;

	if (cli_resolve(c, text, &r, err) < 0)
		return -1;
	for (size_t i = 0; i < (r.is_cert ? 1 : r.n_cas); i++)
		vec_push(&cas->v, r.is_cert ? c->graph->cert.v[r.cert].ca : r.ca[i]);
	ref_release(&r);
	return 0;
}

static int choose_cas(struct cli *c, int32_t day, struct cas *cas, struct err *err)
{
	for (size_t i = 0; i < c->args.ca.n; i++)
		if (add_ref(c, c->args.ca.v[i], cas, err) < 0)
			return -1;
	for (uint32_t i = 0; !c->args.ca.n && i < c->graph->ca.n; i++)
		if (has_unexpired(c->graph, i, day))
			vec_push(&cas->v, i);
	if (!cas->v.n)
		cli_note(c, "crl: no CA has unexpired leaves in the index, so no list is asked for; --ca REF names CAs");
	return 0;
}

static int find_urls(struct cli *c, const struct source *s, struct urls *u, struct err *err)
{
	int32_t day = c->day;
	struct cas cas = { 0 };
	char n[32];
	int rc;

	if (strcmp(s->name, "aia") == 0)
		return index_issuer_urls(c->index, day, u, err);
	rc = choose_cas(c, day, &cas, err);
	if (rc == 0)
		rc = index_crl_urls(c->index, cas.v.v, cas.v.n, day, u, err);
	if (rc == 0 && cas.v.n && !u->url.n)
		cli_note(c, "crl: of %s CA%s no address of a list is known", num_group(n, cas.v.n), cas.v.n == 1 ? "" : "s");
	vec_release(&cas.v);
	return rc;
}

int fetch_named(struct fetching *f, const struct source *s, const char *mirror, struct source_list *ret, struct err *err)
{
	struct cli *c = f->cli;
	struct urls u = { 0 };
	int rc = cli_open(c, err);

	if (rc == 0)
		rc = find_urls(c, s, &u, err);
	if (rc == 0)
		source_items(u.url.v, u.url.n, mirror, ret);
	if (rc == 0 && u.others)
		cli_note(c, "%s: %zu addresses that are not http or https are left out", s->name, u.others);
	urls_release(&u);
	index_close(c->index);
	c->index = NULL;
	c->graph = NULL;
	return rc;
}
