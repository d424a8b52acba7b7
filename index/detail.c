/* Texts of one certificate and of leaves, read from their bytes when asked for. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/strbuf.h"
#include "db/leafrun.h"
#include "index/index.h"
#include "index/key.h"
#include "index/name.h"
#include "index/state.h"
#include "index/x509.h"

struct bytes {
	uint8_t *p;
	size_t n;
};

static int copy_der(void *ctx, struct db_blob der)
{
	struct bytes *b = ctx;

	b->p = xmemdup(der.p, der.n);
	b->n = der.n;
	return 0;
}

static int read_der(struct index *ix, int64_t id, struct bytes *b, struct err *err)
{
	*b = (struct bytes){ NULL, 0 };
	if (db_certificate_der(ix->db, id, copy_der, b, err) < 0)
		return -1;
	return b->p ? 0 : err_set(err, ERR_INDEX, "index '%s' lacks the bytes of a certificate", ix->path);
}

int index_cert_der(struct index *ix, uint32_t cert, uint8_t **ret, size_t *len, struct err *err)
{
	struct bytes b;

	if (read_der(ix, index_graph(ix)->cert.v[cert].db_id, &b, err) < 0)
		return -1;
	*ret = b.p;
	*len = b.n;
	return 0;
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

static int take_origin(void *ctx, const char *origin)
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
	if (read_der(ix, c->db_id, &der, err) < 0)
		return -1;
	int rc = x509_parse(der.p, der.n, &x, err);
	if (rc == 0)
		certificate_texts(ret, &x);
	if (rc == 0)
		rc = db_ccadb_records_of(ix->db, c->sha256, take_record, ret, err);
	if (rc == 0)
		rc = db_each_origin(ix->db, c->db_id, take_origin, &seen, err);
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

/* ---- leaves ---- */

struct kept_leaf {
	struct db_leaf l;
	uint8_t *serial;
};
struct leaf_list {
	VEC(struct kept_leaf) v;
};

static int take_leaf(void *ctx, const struct db_leaf *l)
{
	struct leaf_list *list = ctx;

	vec_push(&list->v, (struct kept_leaf){ *l, xmemdup(l->serial.p, l->serial.n) });
	return 0;
}

static int64_t time_or(struct db_int t, int64_t otherwise)
{
	return t.set ? t.v : otherwise;
}

static int tell_leaf(struct index *ix, const struct kept_leaf *row, bool *go_on,
                     bool (*fn)(void *ctx, const struct leaf_info *l), void *ctx, struct err *err)
{
	struct strbuf serial = STRBUF_INIT, names = STRBUF_INIT, where = STRBUF_INIT;
	struct x509_cert x;
	struct bytes der;

	if (read_der(ix, row->l.certificate, &der, err) < 0)
		return -1;
	if (x509_parse(der.p, der.n, &x, NULL) == 0)
		x509_names_text(&x, &names);
	free(der.p);
	strbuf_addhex(&serial, row->serial, row->l.serial.n);
	int rc = db_each_origin(ix->db, row->l.certificate, take_origin, &where, err);
	struct leaf_info info = {
		.serial = serial.buf,
		.not_before = time_or(row->l.not_before, TIME_UNKNOWN),
		.not_after = time_or(row->l.not_after, TIME_UNKNOWN),
		.sct = time_or(row->l.sct, SCT_NONE),
		.eku = row->l.eku,
		.kind = row->l.kind,
		.precert = row->l.precert,
		.final = row->l.final,
		.names = names.buf,
		.where = where.buf,
	};
	*go_on = rc == 0 && fn(ctx, &info);
	strbuf_release(&serial);
	strbuf_release(&names);
	strbuf_release(&where);
	return rc;
}

struct revoked_counts {
	const struct graph *g;
	int64_t *revoked;
	struct map by_id; /* row id of a CA to its number */
};

static int take_revoked(void *ctx, int64_t ca, int64_t n)
{
	struct revoked_counts *c = ctx;
	const uint64_t *at = map_get(&c->by_id, &ca, sizeof(ca));

	if (at)
		c->revoked[*at] = n;
	return 0;
}

/* SQL sees only imported leaves; those of logs are matched by the keys of the serial numbers. */
static int revoked_in_logs(struct index *ix, int32_t day, struct revoked_counts *c, struct err *err)
{
	for (uint32_t i = 0; i < c->g->ca.n; i++) {
		bool has_rows;
		int64_t n;
		if (c->revoked[i] < 0 || strcmp(c->g->ca.v[i].count_source, "ct") != 0)
			continue;
		if (db_ct_revoked(ix->db, c->g->ca.v[i].db_id, day, &has_rows, &n, err) < 0)
			return -1;
		if (has_rows)
			c->revoked[i] = n;
	}
	return 0;
}

int index_revoked_leaves(struct index *ix, int32_t day, int64_t *revoked, struct err *err)
{
	struct revoked_counts c = { .g = index_graph(ix), .revoked = revoked };

	for (uint32_t i = 0; i < c.g->ca.n; i++) {
		revoked[i] = -1;
		*map_at(&c.by_id, &c.g->ca.v[i].db_id, sizeof(c.g->ca.v[i].db_id), NULL) = i;
	}
	int rc = db_each_revoked_count(ix->db, day, take_revoked, &c, err);
	map_release(&c.by_id);
	return rc == 0 ? revoked_in_logs(ix, day, &c, err) : -1;
}

/* ---- leaves of logs ---- */

struct log_name {
	int64_t id;
	char *name;
};
struct logged {
	struct index *ix;
	int64_t ca;
	struct err *err;
	VEC(struct leaf_row) row;
	VEC(struct log_name) log;
	const struct leaf_list *imported;
	struct map imported_at; /* key of the serial number to place in it */
	struct strbuf serial, names;
};

static int take_logged(void *ctx, const struct leaf_row *row)
{
	struct logged *l = ctx;

	vec_push(&l->row, *row);
	return 0;
}

static int take_log_name(void *ctx, const struct db_ct_log *log)
{
	struct logged *l = ctx;

	vec_push(&l->log, (struct log_name){ log->id, xstrdup(log->name) });
	return 0;
}

static void take_names(void *ctx, struct db_blob serial, const char *names)
{
	struct logged *l = ctx;

	strbuf_addhex(&l->serial, serial.p, serial.n);
	strbuf_addstr(&l->names, names);
}

static int by_not_before(const void *a, const void *b)
{
	const struct leaf_row *x = a, *y = b;

	if (x->nb != y->nb)
		return x->nb < y->nb ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static void say_where(const struct logged *l, const struct leaf_row *row, struct strbuf *out)
{
	for (size_t i = 0; i < l->log.n; i++)
		if (l->log.v[i].id == row->log)
			strbuf_addf(out, "%s, entry %llu", l->log.v[i].name, (unsigned long long)row->index);
}

static int tell_logged(struct logged *l, const struct leaf_row *row, bool *go_on,
                       bool (*fn)(void *ctx, const struct leaf_info *l), void *ctx)
{
	struct strbuf where = STRBUF_INIT;
	bool found;

	strbuf_reset(&l->serial);
	strbuf_reset(&l->names);
	if (db_ct_name(l->ix->db, l->ca, row->key, &found, take_names, l, l->err) < 0)
		return -1;
	say_where(l, row, &where);
	struct leaf_info info = {
		.serial = l->serial.buf,
		.not_before = row->nb,
		.not_after = row->na,
		.sct = row->sct == LEAF_TIME_UNKNOWN ? SCT_NONE : row->sct,
		.eku = row->eku,
		.kind = row->kind,
		.precert = row->flags & LEAF_PRECERT,
		.final = row->flags & LEAF_FINAL,
		.names = l->names.buf,
		.where = where.buf,
	};
	*go_on = fn(ctx, &info);
	strbuf_release(&where);
	return 0;
}

static int tell_one(struct logged *l, const struct leaf_row *row, bool *go_on,
                    bool (*fn)(void *ctx, const struct leaf_info *l), void *ctx)
{
	const uint64_t *at = map_get(&l->imported_at, &row->key, sizeof(row->key));

	if (!row->log && at)
		return tell_leaf(l->ix, &l->imported->v.v[*at], go_on, fn, ctx, l->err);
	return tell_logged(l, row, go_on, fn, ctx);
}

static int find_imported(struct logged *l, const struct leaf_list *imported)
{
	uint64_t seed[2];

	if (db_leaf_key_seed(l->ix->db, seed, l->err) < 0)
		return -1;
	l->imported = imported;
	for (size_t i = 0; i < imported->v.n; i++) {
		uint64_t key = hash_bytes(seed, imported->v.v[i].serial, imported->v.v[i].l.serial.n);
		*map_at(&l->imported_at, &key, sizeof(key), NULL) = i;
	}
	return 0;
}

/* All leaves of a CA of which logs show some. One that was only imported is told from its certificate. */
static int leaves_of_logs(struct index *ix, int64_t ca, const struct leaf_list *imported,
                          bool (*fn)(void *ctx, const struct leaf_info *l), void *ctx, struct err *err)
{
	struct logged l = { .ix = ix, .ca = ca, .err = err, .serial = STRBUF_INIT, .names = STRBUF_INIT };
	bool go_on = true;
	int rc = db_each_ct_log(ix->db, take_log_name, &l, err);

	if (rc == 0)
		rc = find_imported(&l, imported);
	if (rc == 0)
		rc = db_each_ct_leaf(ix->db, ca, take_logged, &l, err);
	if (l.row.n)
		qsort(l.row.v, l.row.n, sizeof(*l.row.v), by_not_before);
	for (size_t i = 0; rc == 0 && go_on && i < l.row.n; i++)
		rc = tell_one(&l, &l.row.v[i], &go_on, fn, ctx);
	for (size_t i = 0; i < l.log.n; i++)
		free(l.log.v[i].name);
	vec_release(&l.log);
	vec_release(&l.row);
	map_release(&l.imported_at);
	strbuf_release(&l.serial);
	strbuf_release(&l.names);
	return rc;
}

int index_leaves(struct index *ix, uint32_t ca, bool (*fn)(void *ctx, const struct leaf_info *l), void *ctx, struct err *err)
{
	struct leaf_list list = { 0 };
	bool go_on = true;
	int rc = db_each_leaf(ix->db, index_graph(ix)->ca.v[ca].db_id, take_leaf, &list, err);

	bool logged = strcmp(index_graph(ix)->ca.v[ca].count_source, "ct") == 0;
	if (rc == 0 && logged)
		rc = leaves_of_logs(ix, index_graph(ix)->ca.v[ca].db_id, &list, fn, ctx, err);
	for (size_t i = 0; i < list.v.n; i++) {
		if (rc == 0 && go_on && !logged)
			rc = tell_leaf(ix, &list.v.v[i], &go_on, fn, ctx, err);
		free(list.v.v[i].serial);
	}
	vec_release(&list.v);
	return rc;
}
