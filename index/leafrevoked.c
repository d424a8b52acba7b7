#include "index/leafrevoked.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "db/leafrun.h"
#include "index/crl.h"
#include "index/name.h"

struct leaf_lists {
	struct db *db;
	int64_t ca;
	int32_t day;
	size_t n;
	bool whole;        /* one of them would list any leaf */
	VEC(char *) point; /* distribution points of the others */
	bool keyed;        /* entries by the key of their serial number: */
	struct map by_key;
	VEC(struct db_crl_entry) entry;
};

/* ---- which lists ---- */

static void take_point(void *ctx, int type, struct slice value)
{
	struct leaf_lists *l = ctx;

	if (type == NAME_URI)
		vec_push(&l->point, xstrndup((const char *)value.p, value.n));
}

/* One for some reasons denies nothing, one of a distribution point only what names it. */
static int take_list(void *ctx, const struct db_crl *row)
{
	struct leaf_lists *l = ctx;
	struct crl list;
	struct der full;

	l->n++;
	if (crl_parse(row->der.p, row->der.n, &list, NULL) < 0 || list.only & CRL_ONLY_SOME_REASONS)
		return 0;
	if (!list.idp_name.n)
		l->whole = true;
	else if (der_take(&list.idp_name, DER_CONTEXT | DER_CONSTRUCTED | 0, &full))
		general_names_each(full.body, take_point, l);
	return 0;
}

int leaf_lists_open(struct db *db, int64_t ca, int32_t day, struct leaf_lists **ret, struct err *err)
{
	struct leaf_lists *l = xcalloc(1, sizeof(*l));
	int rc;

	l->db = db;
	l->ca = ca;
	l->day = day;
	*ret = NULL;
	rc = db_each_crl_of_leaves(db, ca, take_list, l, err);
	if (rc == 0 && l->n)
		*ret = l;
	else
		leaf_lists_close(l);
	return rc;
}

void leaf_lists_close(struct leaf_lists *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->point.n; i++)
		free(l->point.v[i]);
	vec_release(&l->point);
	vec_release(&l->entry);
	map_release(&l->by_key);
	free(l);
}

struct point_question {
	const struct leaf_lists *l;
	bool named;
};

static void ask_point(void *ctx, int type, struct slice value)
{
	struct point_question *q = ctx;

	for (size_t i = 0; type == NAME_URI && i < q->l->point.n; i++) {
		const char *url = q->l->point.v[i];
		q->named |= strlen(url) == value.n && memcmp(url, value.p, value.n) == 0;
	}
}

bool leaf_lists_name(const struct leaf_lists *l, const struct x509_cert *cert)
{
	struct point_question q = { l, false };

	if (l->point.n)
		x509_crl_urls_each(cert, ask_point, &q);
	return q.named;
}

/* ---- which leaves ---- */

static void answer(const struct leaf_lists *l, const struct db_crl_entry *e, struct leaf_revocation *ret)
{
	*ret = (struct leaf_revocation){ l->whole ? LEAF_REVOKED_NO : LEAF_REVOKED_UNKNOWN, TIME_UNKNOWN, 0 };
	if (e)
		*ret = (struct leaf_revocation){ LEAF_REVOKED_YES, e->since.set ? e->since.v : TIME_UNKNOWN,
			e->reason };
}

int leaf_lists_ask(struct leaf_lists *l, struct db_blob serial, struct leaf_revocation *ret, struct err *err)
{
	struct db_crl_entry e;
	bool found;

	if (db_crl_entry_of(l->db, l->ca, l->day, serial, &found, &e, err) < 0)
		return -1;
	answer(l, found ? &e : NULL, ret);
	return 0;
}

struct keying {
	struct leaf_lists *l;
	uint64_t seed[2];
};

static bool is_earlier(const struct db_crl_entry *a, const struct db_crl_entry *b)
{
	return b->since.set && (!a->since.set || a->since.v < b->since.v);
}

/* Several lists may have it: the earliest one says since when, as for serial numbers. */
static int take_entry(void *ctx, const struct db_crl_entry *e)
{
	struct keying *k = ctx;
	uint64_t key = hash_bytes(k->seed, e->serial.p, e->serial.n);
	bool is_new;
	uint64_t *at = map_at(&k->l->by_key, &key, sizeof(key), &is_new);

	if (is_new) {
		*at = k->l->entry.n;
		vec_push(&k->l->entry, *e);
	} else if (is_earlier(e, &k->l->entry.v[*at])) {
		k->l->entry.v[*at] = *e;
	}
	k->l->entry.v[*at].serial = (struct db_blob){ NULL, 0 }; /* it is the row's */
	return 0;
}

static int read_entries(struct leaf_lists *l, struct err *err)
{
	struct keying k = { .l = l };

	if (db_leaf_key_seed(l->db, k.seed, err) < 0 ||
		db_each_crl_entry_of(l->db, l->ca, l->day, take_entry, &k, err) < 0)
		return -1;
	l->keyed = true;
	return 0;
}

int leaf_lists_ask_key(struct leaf_lists *l, uint64_t key, struct leaf_revocation *ret, struct err *err)
{
	if (!l->keyed && read_entries(l, err) < 0)
		return -1;
	const uint64_t *at = map_get(&l->by_key, &key, sizeof(key));
	answer(l, at ? &l->entry.v[*at] : NULL, ret);
	return 0;
}
