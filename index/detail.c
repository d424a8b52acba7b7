/* Texts of one certificate, read from its bytes when asked for. */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "index/index.h"
#include "index/key.h"
#include "index/name.h"
#include "index/state.h"
#include "index/x509.h"

static int copy_der(void *ctx, struct db_blob der)
{
	struct bytes *b = ctx;

	b->p = xmemdup(der.p, der.n);
	b->n = der.n;
	return 0;
}

int index_read_der(struct index *ix, int64_t id, struct bytes *b, struct err *err)
{
	*b = (struct bytes){ NULL, 0 };
	if (db_certificate_der(ix->db, id, copy_der, b, err) < 0)
		return -1;
	if (index_check_ids(ix, ix->db, err) < 0) {
		free(b->p);
		*b = (struct bytes){ NULL, 0 };
		return -1;
	}
	return b->p ? 0 : err_set(err, ERR_INDEX, "index '%s' lacks the bytes of a certificate", ix->path);
}

int index_cert_der(struct index *ix, uint32_t cert, uint8_t **ret, size_t *len, struct err *err)
{
	struct bytes b;

	if (index_read_der(ix, index_graph(ix)->cert.v[cert].db_id, &b, err) < 0)
		return -1;
	*ret = b.p;
	*len = b.n;
	return 0;
}

int index_ca_key(struct index *ix, uint32_t ca, struct key_info *ret)
{
	const struct graph *g = index_graph(ix);
	struct x509_cert x;
	struct bytes b;
	int rc = -1;

	*ret = (struct key_info){ 0 };
	if (!g->ca.v[ca].n_certs || index_read_der(ix, g->cert.v[g->ca_certs[g->ca.v[ca].first_cert]].db_id, &b, NULL) < 0)
		return -1;
	if (x509_parse(b.p, b.n, &x, NULL) == 0)
		rc = key_info(x.spki, ret);
	free(b.p);
	return rc;
}

/* What a text function writes, as an arena string. */
static const char *kept(struct arena *a, struct strbuf *b)
{
	const char *s = arena_strdup(a, b->buf);

	strbuf_reset(b);
	return s;
}

static const char *hex_of(struct arena *a, struct slice s)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_addhex(&b, s.p, s.n);
	const char *hex = kept(a, &b);
	strbuf_release(&b);
	return hex;
}

static const char *name_of(struct arena *a, struct slice name)
{
	struct strbuf b = STRBUF_INIT;

	x509_name_text(name, &b);
	const char *text = kept(a, &b);
	strbuf_release(&b);
	return text;
}

static void certificate_texts(struct cert_detail *d, const struct x509_cert *c)
{
	static const struct {
		void (*text)(const struct x509_cert *c, struct strbuf *out);
		size_t offset;
	} texts[] = {
		{ x509_key_usage_text, offsetof(struct cert_detail, key_usage) },
		{ x509_eku_text, offsetof(struct cert_detail, eku) },
		{ x509_name_constraints_text, offsetof(struct cert_detail, name_constraints) },
		{ x509_ca_issuers_text, offsetof(struct cert_detail, ca_issuers) },
		{ x509_crl_urls_text, offsetof(struct cert_detail, crl_urls) },
		{ x509_policies_text, offsetof(struct cert_detail, policies) },
	};
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		texts[i].text(c, &b);
		*(const char **)((char *)d + texts[i].offset) = kept(&d->arena, &b);
	}
	sig_alg_text(c->sig_alg, &b);
	d->sig_alg = kept(&d->arena, &b);
	key_describe(c->spki, &b);
	d->key_alg = kept(&d->arena, &b);
	strbuf_release(&b);
	d->subject = name_of(&d->arena, c->subject);
	d->issuer = name_of(&d->arena, c->issuer);
	d->serial = hex_of(&d->arena, c->serial);
	d->ski = hex_of(&d->arena, c->ski);
	d->aki = hex_of(&d->arena, c->aki_keyid);
}

/* Newest report first: a field keeps the first statement about it. */
static int take_record(void *ctx, const struct db_ccadb_row *row)
{
	static const struct {
		enum db_ccadb_field field;
		size_t offset;
	} to[] = {
		{ DB_CCADB_OWNER, offsetof(struct cert_detail, owner) },
		{ DB_CCADB_SUB_OWNER, offsetof(struct cert_detail, sub_owner) },
		{ DB_CCADB_NAME, offsetof(struct cert_detail, ccadb_name) },
		{ DB_CCADB_TYPE, offsetof(struct cert_detail, ccadb_status) },
		{ DB_CCADB_REVOCATION, offsetof(struct cert_detail, revocation_status) },
		{ DB_CCADB_MOZILLA, offsetof(struct cert_detail, status[0]) },
		{ DB_CCADB_CHROME, offsetof(struct cert_detail, status[1]) },
		{ DB_CCADB_APPLE, offsetof(struct cert_detail, status[2]) },
		{ DB_CCADB_MICROSOFT, offsetof(struct cert_detail, status[3]) },
	};
	struct cert_detail *d = ctx;

	for (size_t i = 0; i < sizeof(to) / sizeof(*to); i++) {
		const char **at = (const char **)((char *)d + to[i].offset);
		if (!*at && row->field[to[i].field])
			*at = arena_strdup(&d->arena, row->field[to[i].field]);
	}
	return 0;
}

int index_add_origin(void *ctx, const char *origin)
{
	struct strbuf *b = ctx;

	strbuf_addf(b, "%s%s", b->len ? "; " : "", origin);
	return 0;
}

static void no_nulls(struct cert_detail *d)
{
	const char **texts[] = { &d->owner,     &d->sub_owner, &d->ccadb_name, &d->ccadb_status, &d->revocation_status,
		                 &d->status[0], &d->status[1], &d->status[2],  &d->status[3],    &d->crtsh_id };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!*texts[i])
			*texts[i] = "";
}

int index_cert_detail(struct index *ix, uint32_t cert, struct cert_detail *ret, struct err *err)
{
	const struct ca_cert *c = &index_graph(ix)->cert.v[cert];
	struct strbuf seen = STRBUF_INIT;
	struct x509_cert x;
	struct bytes der;

	memset(ret, 0, sizeof(*ret));
	if (index_read_der(ix, c->db_id, &der, err) < 0)
		return -1;
	int rc = x509_parse(der.p, der.n, &x, err);
	if (rc == 0)
		certificate_texts(ret, &x);
	if (rc == 0)
		rc = db_ccadb_records_of(ix->db, c->sha256, take_record, ret, err);
	if (rc == 0)
		rc = db_each_origin(ix->db, c->db_id, index_add_origin, &seen, err);
	if (rc == 0)
		rc = index_check_ids(ix, ix->db, err);
	ret->seen_in = kept(&ret->arena, &seen);
	no_nulls(ret);
	strbuf_release(&seen);
	free(der.p);
	return rc;
}

void cert_detail_release(struct cert_detail *d)
{
	arena_release(&d->arena);
	memset(d, 0, sizeof(*d));
}
