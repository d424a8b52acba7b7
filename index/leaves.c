/* Leaves one by one: their texts come from the certificates that were imported, from what is kept of logs, and from
 * the logs themselves; and how many of them are revoked. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/strbuf.h"
#include "db/leafrun.h"
#include "index/ctnames.h"
#include "index/index.h"
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
	struct err *err;
	bool go_on;
};

static int tell_imported(struct telling *t, const struct kept_leaf *row)
{
	struct strbuf serial = STRBUF_INIT, names = STRBUF_INIT, where = STRBUF_INIT;
	struct leaf_info info = {
		.serial = "",
		.not_before = time_or(row->l.not_before, TIME_UNKNOWN),
		.not_after = time_or(row->l.not_after, TIME_UNKNOWN),
		.sct = time_or(row->l.sct, SCT_NONE),
		.eku = row->l.eku,
		.kind = row->l.kind,
		.precert = row->l.precert,
		.final = row->l.final,
		.names = "",
		.where = "",
	};
	struct x509_cert x;
	struct bytes der;

	if (t->q->wants && !t->q->wants(t->q->ctx, &info))
		return 0;
	if (index_read_der(t->ix, row->l.certificate, &der, t->err) < 0)
		return -1;
	if (x509_parse(der.p, der.n, &x, NULL) == 0)
		x509_names_text(&x, &names);
	free(der.p);
	strbuf_addhex(&serial, row->serial, row->l.serial.n);
	int rc = db_each_origin(t->ix->db, row->l.certificate, index_add_origin, &where, t->err);
	info.serial = serial.buf;
	info.names = names.buf;
	info.where = where.buf;
	t->go_on = rc == 0 && t->q->each(t->q->ctx, &info);
	strbuf_release(&serial);
	strbuf_release(&names);
	strbuf_release(&where);
	return rc;
}

/* ---- those of logs ---- */

/* Leaves whose names are looked for at once. */
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

static void fill_info(const struct leaf_row *row, struct leaf_info *ret)
{
	*ret = (struct leaf_info){
		.serial = "",
		.not_before = row->nb,
		.not_after = row->na,
		.sct = row->sct == LEAF_TIME_UNKNOWN ? SCT_NONE : row->sct,
		.eku = row->eku,
		.kind = row->kind,
		.precert = row->flags & LEAF_PRECERT,
		.final = row->flags & LEAF_FINAL,
		.names = "",
		.where = "",
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

struct found_name {
	struct arena *a;
	struct ct_leaf_name *to;
};

static void take_names(void *ctx, struct db_blob serial, const char *names)
{
	struct found_name *f = ctx;
	struct strbuf hex = STRBUF_INIT;

	strbuf_addhex(&hex, serial.p, serial.n);
	f->to->serial = arena_strdup(f->a, hex.buf);
	f->to->names = arena_strdup(f->a, names);
	strbuf_release(&hex);
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

static void tell_logged(struct logged *l, const struct leaf_row *row, const struct ct_leaf_name *name)
{
	struct strbuf where = STRBUF_INIT;
	struct leaf_info info;

	fill_info(row, &info);
	say_where(l, row, &where);
	if (name->serial) {
		info.serial = name->serial;
		info.names = name->names;
	}
	info.where = where.buf;
	l->t.go_on = l->t.q->each(l->t.q->ctx, &info);
	strbuf_release(&where);
}

static const struct kept_leaf *imported_of(const struct logged *l, const struct leaf_row *row)
{
	const uint64_t *at = row->log ? NULL : map_get(&l->imported_at, &row->key, sizeof(row->key));

	return at ? &l->imported->v.v[*at] : NULL;
}

/* What is kept, then what the logs say. */
static int find_names(struct logged *l, const struct leaf_row *row, size_t n, struct ct_leaf_name *name)
{
	bool found, missing = false;

	for (size_t i = 0; i < n; i++) {
		struct found_name f = { &l->arena, &name[i] };
		if (!row[i].log) {
			name[i].asked = false;
			continue;
		}
		if (db_ct_name(l->t.ix->db, l->t.ca, &row[i], &found, take_names, &f, l->t.err) < 0)
			return -1;
		name[i].asked = !found;
		missing |= !found;
	}
	return missing && l->t.q->names ? ct_names_read(l->t.q->names, row, n, name, &l->arena, l->t.err) : 0;
}

static int tell_block(struct logged *l, const struct leaf_row *row, size_t n)
{
	struct ct_leaf_name *name = xcalloc(n, sizeof(*name));
	int rc = find_names(l, row, n, name);

	for (size_t i = 0; rc == 0 && l->t.go_on && i < n; i++) {
		const struct kept_leaf *imported = imported_of(l, &row[i]);
		if (imported)
			rc = tell_imported(&l->t, imported);
		else
			tell_logged(l, &row[i], &name[i]);
	}
	arena_release(&l->arena);
	free(name);
	return rc;
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

/* All leaves of a CA of which logs show some. One that was only imported is told from its certificate. */
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
	for (size_t i = 0; rc == 0 && l.t.go_on && i < l.row.n; i += BLOCK_ROWS)
		rc = tell_block(&l, &l.row.v[i], l.row.n - i < BLOCK_ROWS ? l.row.n - i : BLOCK_ROWS);
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
	int rc = db_each_leaf(ix->db, of->db_id, take_leaf, &list, err);

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
	return rc;
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
