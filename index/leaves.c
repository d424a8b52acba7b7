/* Leaves one by one: their texts come from the certificates that were imported, from what is kept of logs, and else from
 * the logs themselves; and how many of them are revoked. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/strbuf.h"
#include "db/leafrun.h"
#include "index/ctnames.h"
#include "index/hostname.h"
#include "index/index.h"
#include "index/leafrevoked.h"
#include "index/name.h"
#include "index/state.h"
#include "index/x509.h"

/* ---- imported ones ---- */

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

struct telling {
	struct index *ix;
	int64_t ca;
	const struct leaf_query *q;
	struct leaf_lists *lists; /* NULL: none, or not asked for */
	struct err *err;
	bool go_on;
};
/* What is gathered of one leaf. */
struct texts {
	struct telling *t;
	struct strbuf names, where, organization;
	bool named, subject; /* nothing at all may be what is known */
	bool listed;         /* a list was read for its distribution point */
};
#define TEXTS_INIT(telling) { telling, STRBUF_INIT, STRBUF_INIT, STRBUF_INIT, false, false, false }

static void texts_release(struct texts *x)
{
	strbuf_release(&x->names);
	strbuf_release(&x->where);
	strbuf_release(&x->organization);
}

/* Certificates of one leaf mostly have the same names; what the later ones have more stands behind. */
static void add_names(struct texts *x, const char *more)
{
	bool first = !x->named || !x->names.len, is_new;
	struct map seen = { 0 };
	const char *all = x->names.buf, *name;
	size_t n;

	x->named = true;
	if (first)
		strbuf_addstr(&x->names, more);
	if (first || strcmp(all, more) == 0)
		return;
	while (names_next(&all, &name, &n))
		map_at(&seen, name, n, NULL);
	while (names_next(&more, &name, &n)) {
		map_at(&seen, name, n, &is_new);
		if (!is_new)
			continue;
		strbuf_addstr(&x->names, ", ");
		strbuf_add(&x->names, name, n);
	}
	map_release(&seen);
}

static int add_certificate(void *ctx, int64_t certificate)
{
	struct texts *x = ctx;
	struct strbuf names = STRBUF_INIT;
	struct x509_cert cert;
	struct bytes der;

	if (index_read_der(x->t->ix, certificate, &der, x->t->err) < 0)
		return -1;
	if (x509_parse(der.p, der.n, &cert, NULL) == 0) {
		x509_names_text(&cert, &names);
		add_names(x, names.buf);
		if (x->t->q->organization && !x->organization.len)
			x509_name_organization(cert.subject, &x->organization);
		x->subject = true;
		x->listed |= x->t->lists && leaf_lists_name(x->t->lists, &cert);
	}
	strbuf_release(&names);
	free(der.p);
	return 0;
}

static int add_imported(struct texts *x, const struct kept_leaf *leaf)
{
	struct telling *t = x->t;
	struct db_blob serial = { leaf->serial, leaf->l.serial.n };

	if (db_each_certificate_of_leaf(t->ix->db, t->ca, serial, add_certificate, x, t->err) < 0)
		return -1;
	return db_each_origin_of_leaf(t->ix->db, t->ca, serial, index_add_origin, &x->where, t->err);
}

static void tell(struct texts *x, struct leaf_info *info)
{
	if (x->listed && info->revocation.revoked == LEAF_REVOKED_UNKNOWN)
		info->revocation.revoked = LEAF_REVOKED_NO;
	info->names = x->named ? x->names.buf : NULL;
	info->where = x->where.buf;
	info->organization = x->subject && x->t->q->organization ? x->organization.buf : NULL;
	x->t->go_on = x->t->q->each(x->t->q->ctx, info);
}

static int tell_imported(struct telling *t, const struct kept_leaf *row)
{
	struct strbuf serial = STRBUF_INIT;
	struct texts x = TEXTS_INIT(t);
	struct leaf_info info = {
		.not_before = time_or(row->l.not_before, TIME_UNKNOWN),
		.not_after = time_or(row->l.not_after, TIME_UNKNOWN),
		.sct = time_or(row->l.sct, SCT_NONE),
		.eku = row->l.eku,
		.kind = row->l.kind,
		.precert = row->l.precert,
		.final = row->l.final,
	};

	if (t->q->wants && !t->q->wants(t->q->ctx, &info))
		return 0;
	int rc = add_imported(&x, row);
	strbuf_addhex(&serial, row->serial, row->l.serial.n);
	info.serial = serial.buf;
	if (rc == 0 && t->lists)
		rc = leaf_lists_ask(t->lists, (struct db_blob){ row->serial, row->l.serial.n }, &info.revocation, t->err);
	if (rc == 0)
		tell(&x, &info);
	strbuf_release(&serial);
	texts_release(&x);
	return rc;
}

/* ---- those of logs ---- */

/* Leaves whose names are looked for at once, and more while their notBefore is the same: the order within a second needs
 * the serial numbers of all of it. */
#define BLOCK_ROWS 2048

struct log_name {
	int64_t id;
	char *name;
};
struct logged {
	struct telling t;
	VEC(struct leaf_row) row;
	VEC(struct log_name) log;
	const struct leaf_list *imported;
	struct map imported_at; /* key of the serial number to place in it */
	struct arena arena;     /* of a block */
};
/* One leaf of a block. */
struct listed {
	const struct leaf_row *row;
	const struct ct_leaf_name *name;
	const struct kept_leaf *imported; /* NULL: only logs show it */
	const char *log;                  /* where row->log is not 0 */
};

_Static_assert(LEAF_TIME_UNKNOWN == TIME_UNKNOWN, "an unreadable time is one in rows and for callers");

static void fill_info(const struct leaf_row *row, struct leaf_info *ret)
{
	*ret = (struct leaf_info){
		.not_before = row->nb,
		.not_after = row->na,
		.sct = row->sct == LEAF_TIME_UNKNOWN ? SCT_NONE : row->sct,
		.eku = row->eku,
		.kind = row->kind,
		.precert = row->flags & LEAF_PRECERT,
		.final = row->flags & LEAF_FINAL,
	};
}

static int take_logged(void *ctx, const struct leaf_row *row)
{
	struct logged *l = ctx;
	struct leaf_info info;

	fill_info(row, &info);
	if (!l->t.q->wants || l->t.q->wants(l->t.q->ctx, &info))
		vec_push(&l->row, *row);
	return 0;
}

static int take_log_name(void *ctx, const struct db_ct_log *log)
{
	struct logged *l = ctx;

	vec_push(&l->log, (struct log_name){ log->id, xstrdup(log->name) });
	return 0;
}

static const char *log_name(const struct logged *l, const struct leaf_row *row)
{
	for (size_t i = 0; i < l->log.n; i++)
		if (l->log.v[i].id == row->log)
			return l->log.v[i].name;
	return "";
}

static const struct kept_leaf *imported_of(const struct logged *l, const struct leaf_row *row)
{
	const uint64_t *at = map_get(&l->imported_at, &row->key, sizeof(row->key));

	return at ? &l->imported->v.v[*at] : NULL;
}

static const char *keep_hex(struct arena *a, struct db_blob serial)
{
	struct strbuf hex = STRBUF_INIT;

	strbuf_addhex(&hex, serial.p, serial.n);
	const char *kept = arena_strdup(a, hex.buf);
	strbuf_release(&hex);
	return kept;
}

struct found_name {
	struct arena *a;
	struct ct_leaf_name *to;
};

static void take_names(void *ctx, struct db_blob serial, const char *names)
{
	struct found_name *f = ctx;

	f->to->serial = keep_hex(f->a, serial);
	f->to->names = arena_strdup(f->a, names);
}

static int by_not_before(const void *a, const void *b)
{
	const struct leaf_row *x = a, *y = b;

	return x->nb < y->nb ? -1 : x->nb > y->nb;
}

/* Keys of rows are another order in each index, so they must not decide. */
static int by_serial(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;
	int order = by_not_before(x->row, y->row);

	if (order == 0 && x->name->serial && y->name->serial)
		return strcmp(x->name->serial, y->name->serial);
	if (order == 0)
		order = !x->name->serial - !y->name->serial;
	if (order == 0)
		order = strcmp(x->log, y->log);
	if (order == 0)
		order = (x->row->log > y->row->log) - (x->row->log < y->row->log);
	if (order == 0)
		order = x->row->index < y->row->index ? -1 : x->row->index > y->row->index;
	return order;
}

/* What is imported or kept, then what the logs say. */
static int find_names(struct logged *l, const struct leaf_row *row, size_t n, struct ct_leaf_name *name)
{
	bool found, missing = false;

	for (size_t i = 0; i < n; i++) {
		struct found_name f = { &l->arena, &name[i] };
		const struct kept_leaf *imported = imported_of(l, &row[i]);
		if (row[i].log && db_ct_name(l->t.ix->db, l->t.ca, &row[i], &found, take_names, &f, l->t.err) < 0)
			return -1;
		if (imported)
			name[i].serial = keep_hex(&l->arena, (struct db_blob){ imported->serial, imported->l.serial.n });
		name[i].asked = row[i].log && (!name[i].serial || (l->t.q->organization && !imported));
		missing |= name[i].asked;
	}
	return missing && l->t.q->names ? ct_names_read(l->t.q->names, row, n, name, &l->arena, l->t.err) : 0;
}

static int tell_listed(struct logged *l, const struct listed *leaf)
{
	struct texts x = TEXTS_INIT(&l->t);
	struct leaf_info info;
	int rc = 0;

	fill_info(leaf->row, &info);
	info.serial = leaf->name->serial;
	if (leaf->name->names)
		add_names(&x, leaf->name->names);
	if (leaf->name->organization) {
		strbuf_addstr(&x.organization, leaf->name->organization);
		x.subject = true;
	}
	if (leaf->imported)
		rc = add_imported(&x, leaf->imported);
	if (rc == 0 && l->t.lists)
		rc = leaf_lists_ask_key(l->t.lists, leaf->row->key, &info.revocation, l->t.err);
	if (leaf->row->log)
		strbuf_addf(&x.where, "%s%s, entry %llu", x.where.len ? "; " : "", leaf->log, (unsigned long long)leaf->row->index);
	if (rc == 0)
		tell(&x, &info);
	texts_release(&x);
	return rc;
}

static int tell_block(struct logged *l, const struct leaf_row *row, size_t n)
{
	struct ct_leaf_name *name = xcalloc(n, sizeof(*name));
	struct listed *list = xcalloc(n, sizeof(*list));
	int rc = find_names(l, row, n, name);

	for (size_t i = 0; i < n; i++)
		list[i] = (struct listed){ &row[i], &name[i], imported_of(l, &row[i]), log_name(l, &row[i]) };
	qsort(list, n, sizeof(*list), by_serial);
	for (size_t i = 0; rc == 0 && l->t.go_on && i < n; i++)
		rc = tell_listed(l, &list[i]);
	arena_release(&l->arena);
	free(list);
	free(name);
	return rc;
}

static size_t block_end(const struct logged *l, size_t at)
{
	size_t end = l->row.n - at < BLOCK_ROWS ? l->row.n : at + BLOCK_ROWS;

	while (end < l->row.n && l->row.v[end].nb == l->row.v[end - 1].nb)
		end++;
	return end;
}

static int find_imported(struct logged *l, const struct leaf_list *imported)
{
	uint64_t seed[2];

	if (db_leaf_key_seed(l->t.ix->db, seed, l->t.err) < 0)
		return -1;
	l->imported = imported;
	for (size_t i = 0; i < imported->v.n; i++) {
		uint64_t key = hash_bytes(seed, imported->v.v[i].serial, imported->v.v[i].l.serial.n);
		*map_at(&l->imported_at, &key, sizeof(key), NULL) = i;
	}
	return 0;
}

/* All leaves of a CA of which logs show some. */
static int leaves_of_logs(const struct telling *t, const struct leaf_list *imported)
{
	struct logged l = { .t = *t };
	int rc = db_each_ct_log(t->ix->db, take_log_name, &l, t->err);

	if (rc == 0)
		rc = find_imported(&l, imported);
	if (rc == 0)
		rc = db_each_ct_leaf(t->ix->db, t->ca, take_logged, &l, t->err);
	if (l.row.n)
		qsort(l.row.v, l.row.n, sizeof(*l.row.v), by_not_before);
	for (size_t i = 0, end; rc == 0 && l.t.go_on && i < l.row.n; i = end) {
		end = block_end(&l, i);
		rc = tell_block(&l, &l.row.v[i], end - i);
	}
	for (size_t i = 0; i < l.log.n; i++)
		free(l.log.v[i].name);
	vec_release(&l.log);
	vec_release(&l.row);
	map_release(&l.imported_at);
	return rc;
}

int index_leaves(struct index *ix, uint32_t ca, const struct leaf_query *q, struct err *err)
{
	const struct ca *of = &index_graph(ix)->ca.v[ca];
	struct telling t = { .ix = ix, .ca = of->db_id, .q = q, .err = err, .go_on = true };
	struct leaf_list list = { 0 };
	int rc = q->revoked_on ? leaf_lists_open(ix->db, of->db_id, *q->revoked_on, &t.lists, err) : 0;

	if (rc == 0)
		rc = db_each_leaf(ix->db, of->db_id, take_leaf, &list, err);
	if (rc == 0 && strcmp(of->count_source, "ct") == 0) {
		rc = leaves_of_logs(&t, &list);
		t.go_on = false;
	}
	for (size_t i = 0; i < list.v.n; i++) {
		if (rc == 0 && t.go_on)
			rc = tell_imported(&t, &list.v.v[i]);
		free(list.v.v[i].serial);
	}
	vec_release(&list.v);
	leaf_lists_close(t.lists);
	return rc == 0 ? index_check_ids(ix, ix->db, err) : -1;
}

/* ---- revoked ones ---- */

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

int index_leaf_crls(struct index *ix, uint32_t ca, struct leaf_crls *ret, struct err *err)
{
	struct db_crl_dates d;

	if (db_crl_dates_of(ix->db, index_graph(ix)->ca.v[ca].db_id, &d, err) < 0 || index_check_ids(ix, ix->db, err) < 0)
		return -1;
	*ret = (struct leaf_crls){ (uint64_t)d.lists, time_or(d.this_update, TIME_UNKNOWN), time_or(d.next_update, TIME_UNKNOWN) };
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
	return rc == 0 && revoked_in_logs(ix, day, &c, err) == 0 ? index_check_ids(ix, ix->db, err) : -1;
}
