#include "index/urls.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/date.h"
#include "index/graph.h"
#include "index/name.h"
#include "index/state.h"
#include "index/x509.h"

#define URL_MAX 2000

static bool is_http(const char *p, size_t n)
{
	return (n > 7 && strncasecmp(p, "http://", 7) == 0) || (n > 8 && strncasecmp(p, "https://", 8) == 0);
}

static bool is_plain(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] > '~')
			return false;
	return n <= URL_MAX;
}

static const char *text_of(struct urls *u, const char *p, size_t n)
{
	char *text = arena_alloc(&u->strings, n + 1);

	memcpy(text, p, n);
	return text;
}

static void add(struct urls *u, const char *p, size_t n)
{
	bool is_new;

	if (!n)
		return;
	map_at(&u->seen, p, n, &is_new);
	if (!is_new)
		return;
	if (is_http(p, n) && is_plain(p, n))
		vec_push(&u->url, text_of(u, p, n));
	else
		u->others++;
}

static void take_name(void *ctx, int type, struct slice value)
{
	if (type == NAME_URI)
		add(ctx, (const char *)value.p, value.n);
}

/* ---- CCADB ---- */

/* A JSON array, or as older reports have it, addresses with blanks or semicolons between. */
static void take_field(struct urls *u, const char *text)
{
	json_t *list = json_loads(text, 0, NULL);

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));
		if (s)
			add(u, s, strlen(s));
	}
	json_decref(list);
	while (!list && *text) {
		size_t n = strcspn(text, " ;\t\r\n");
		add(u, text, n);
		text += n + (text[n] != '\0');
	}
}

static int take_record(void *ctx, const struct db_ccadb_row *r)
{
	static const enum db_ccadb_field fields[] = { DB_CCADB_CRL_URLS, DB_CCADB_PARTITIONED_CRLS };

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (r->field[fields[i]])
			take_field(ctx, r->field[fields[i]]);
	return 0;
}

/* ---- certificates ---- */

typedef void each_url_fn(const struct x509_cert *c, x509_name_fn *fn, void *ctx);

static int take_certificate(struct index *ix, uint32_t cert, each_url_fn *each, struct urls *u, struct err *err)
{
	struct x509_cert c;
	uint8_t *der;
	size_t n;

	if (index_cert_der(ix, cert, &der, &n, err) < 0)
		return -1;
	if (x509_parse(der, n, &c, NULL) == 0)
		each(&c, take_name, u);
	free(der);
	return 0;
}

static int take_leaf(void *ctx, struct db_blob der)
{
	struct x509_cert c;

	if (x509_read(der.p, der.n, false, &c, NULL) == 0)
		x509_crl_urls_each(&c, take_name, ctx);
	return 0;
}

static int of_ca(struct index *ix, const struct graph *g, uint32_t ca, int32_t day, struct urls *u, struct err *err)
{
	const struct ca *c = &g->ca.v[ca];
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < c->n_certs; i++)
		rc = db_ccadb_records_of(ix->db, g->cert.v[g->ca_certs[c->first_cert + i]].sha256, take_record, u, err);
	for (uint32_t i = 0; rc == 0 && i < c->n_children; i++) {
		uint32_t child = g->child_certs[c->first_child + i];
		if (cert_valid_on(&g->cert.v[child], day))
			rc = take_certificate(ix, child, x509_crl_urls_each, u, err);
	}
	if (rc == 0)
		rc = db_each_issued_der(ix->db, c->db_id, date_start(day), take_leaf, u, err);
	return rc;
}

int index_crl_urls(struct index *ix, const uint32_t *cas, size_t n, int32_t day, struct urls *ret, struct err *err)
{
	const struct graph *g = index_graph(ix);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = of_ca(ix, g, cas[i], day, ret, err);
	return rc == 0 ? index_check_ids(ix, ix->db, err) : -1;
}

int index_issuer_urls(struct index *ix, int32_t day, struct urls *ret, struct err *err)
{
	const struct graph *g = index_graph(ix);
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < g->cert.n; i++)
		if (cert_valid_on(&g->cert.v[i], day))
			rc = take_certificate(ix, i, x509_ca_issuers_each, ret, err);
	return rc;
}

void urls_release(struct urls *u)
{
	vec_release(&u->url);
	map_release(&u->seen);
	arena_release(&u->strings);
}
