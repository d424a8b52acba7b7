#include "db/leafrun.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "db/query.h"
#include "db/siterows.h"

#define BUCKET_SCT_NONE INT32_MAX

/* ---- counting ---- */

struct day_key {
	int32_t nb, na, sct;
	uint8_t eku, kind, pad[2];
};
struct site_key {
	int64_t site;
	struct day_key day;
};
struct site_bucket {
	struct site_key key;
	int64_t n;
};
struct counting {
	struct db *db;
	struct err *err;
	int64_t ca, issued, unproven;
	struct map buckets; /* day_key to place in `bucket` */
	VEC(struct db_bucket) bucket;
	struct site_rows sites;
	struct map site_buckets; /* site_key to their number */
	VEC(struct site_bucket) site_bucket;
	struct db_int first_nb, last_nb, last_na;
};

static void widen(struct db_int *to, int64_t by, bool low)
{
	if (!to->set || (low ? by < to->v : by > to->v))
		*to = DB_INT(by);
}

/* So many wait in memory before they are added up in the index. */
#define SITE_BUCKETS_MOST 500000

static int flush_sites(struct counting *c)
{
	for (size_t i = 0; i < c->site_bucket.n; i++) {
		const struct site_bucket *b = &c->site_bucket.v[i];
		const struct day_key *k = &b->key.day;
		if (query_run(c->db, Q_ADD_SITE_BUCKET, c->err, "iiiiiiii", c->ca, b->key.site, (int64_t)k->nb, (int64_t)k->na,
		              (int64_t)k->sct, (int64_t)k->eku, (int64_t)k->kind, b->n) < 0)
			return -1;
	}
	c->site_bucket.n = 0;
	map_release(&c->site_buckets);
	return 0;
}

static int count_sites(struct counting *c, const struct leaf_row *row, const struct day_key *day)
{
	if (site_rows_at(&c->sites, row, c->err) < 0)
		return -1;
	for (size_t i = 0; i < c->sites.found.n; i++) {
		struct site_key k = { c->sites.found.v[i], *day };
		bool is_new;
		uint64_t *at = map_at(&c->site_buckets, &k, sizeof(k), &is_new);
		if (is_new) {
			*at = c->site_bucket.n;
			vec_push(&c->site_bucket, (struct site_bucket){ k, 0 });
		}
		c->site_bucket.v[*at].n++;
	}
	return c->site_bucket.n > SITE_BUCKETS_MOST ? flush_sites(c) : 0;
}

static int count_row(void *ctx, const struct leaf_row *r)
{
	struct counting *c = ctx;
	bool is_new;

	c->issued++;
	c->unproven += !(r->flags & LEAF_PROVEN);
	if ((r->flags & LEAF_CONFLICT) &&
	    query_run(c->db, Q_ADD_CT_DUPLICATE, c->err, "ii", c->ca, (int64_t)r->key) < 0)
		return -1;
	if (r->nb != LEAF_TIME_UNKNOWN) {
		widen(&c->first_nb, date_of_time(r->nb), true);
		widen(&c->last_nb, date_of_time(r->nb), false);
	}
	if (r->na != LEAF_TIME_UNKNOWN)
		widen(&c->last_na, date_of_time(r->na), false);
	if (r->nb == LEAF_TIME_UNKNOWN || r->na == LEAF_TIME_UNKNOWN)
		return 0;
	struct day_key k = { date_of_time(r->nb), date_of_time(r->na), BUCKET_SCT_NONE, r->eku, r->kind, { 0 } };
	if (r->sct != LEAF_TIME_UNKNOWN)
		k.sct = date_of_time(r->sct);
	if (r->flags & LEAF_LOG_TIME)
		k.kind |= DB_BUCKET_LOG_TIME;
	uint64_t *at = map_at(&c->buckets, &k, sizeof(k), &is_new);
	if (is_new) {
		*at = c->bucket.n;
		vec_push(&c->bucket, (struct db_bucket){ c->ca, k.nb, k.na, k.sct, k.eku, k.kind, 0 });
	}
	c->bucket.v[*at].n++;
	return count_sites(c, r, &k);
}

static int put_counts(struct counting *c, int64_t source_day)
{
	if (query_run(c->db, Q_DROP_BUCKETS_OF, c->err, "i", c->ca) < 0 || flush_sites(c) < 0)
		return -1;
	for (size_t i = 0; i < c->bucket.n; i++) {
		const struct db_bucket *b = &c->bucket.v[i];
		if (query_run(c->db, Q_ADD_BUCKET, c->err, "iiiiiii", c->ca, (int64_t)b->nb_day, (int64_t)b->na_day,
		              (int64_t)b->sct_day, (int64_t)b->eku, (int64_t)b->kind, (int64_t)b->n) < 0)
			return -1;
	}
	return query_run(c->db, Q_PUT_COUNT, c->err, "iiooo" "ii", c->ca, c->issued, c->first_nb, c->last_nb, c->last_na, source_day,
	                 c->unproven);
}

static int count_ca(struct db *db, int64_t ca, int64_t source_day, struct err *err)
{
	struct counting c = { .db = db, .err = err, .ca = ca };
	int rc = query_run(db, Q_DROP_SITE_BUCKETS_OF, err, "i", ca);

	if (rc == 0)
		rc = site_rows_start(&c.sites, db, ca, err);
	if (rc == 0)
		rc = db_each_ct_leaf(db, ca, count_row, &c, err);
	if (rc == 0 && c.issued)
		rc = put_counts(&c, source_day);
	site_rows_end(&c.sites);
	map_release(&c.site_buckets);
	vec_release(&c.site_bucket);
	map_release(&c.buckets);
	vec_release(&c.bucket);
	return rc;
}

static int count_orphans(struct db *db, int64_t *ret, struct err *err);

/* What the next commands want to know without a walk: leaves without a CA, and the state that was counted. */
static int note_count(struct db *db, struct err *err)
{
	char text[40] = "";
	int64_t orphans;

	if (count_orphans(db, &orphans, err) < 0 || query_text(db, Q_CT_STATE, text, sizeof(text), err, "") < 0 ||
	    query_run(db, Q_SET_META, err, "tt", "ct-counted", text) < 0)
		return -1;
	snprintf(text, sizeof(text), "%" PRId64, orphans);
	return query_run(db, Q_SET_META, err, "tt", "ct-orphans", text);
}

int db_ct_uncounted(struct db *db, bool *ret, struct err *err)
{
	char counted[40] = "0 0", now[40] = "";

	if (query_text(db, Q_GET_META, counted, sizeof(counted), err, "t", "ct-counted") < 0 ||
	    query_text(db, Q_CT_STATE, now, sizeof(now), err, "") < 0)
		return -1;
	*ret = strcmp(counted, now) != 0;
	return 0;
}

int db_ct_complete_from(struct db *db, int32_t *ret, struct err *err)
{
	int64_t day = INT32_MAX;
	bool found;

	if (query_number(db, Q_CT_COMPLETE_FROM, &found, &day, err, "") < 0)
		return -1;
	*ret = day < INT32_MIN ? INT32_MIN : day > INT32_MAX ? INT32_MAX : (int32_t)day;
	return 0;
}

int db_ct_orphans(struct db *db, int64_t *ret, struct err *err)
{
	char text[40] = "0";

	if (query_text(db, Q_GET_META, text, sizeof(text), err, "t", "ct-orphans") < 0)
		return -1;
	return num_parse_i64(text, ret) < 0 ? err_set(err, ERR_INDEX, "index '%s': a damaged count", db->path) : 0;
}

int db_count_ct(struct db *db, struct err *err)
{
	struct id_list list = { 0 };
	int64_t day = 0;
	bool found;

	if (query_run(db, Q_CLEAR_CT_DUPLICATE, err, "") < 0 || query_number(db, Q_CT_SOURCE_DAY, &found, &day, err, "") < 0 ||
	    query_each(db, Q_EACH_CT_CA, take_id, &list, err, "") < 0)
		return -1;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < list.id.n; i++)
		rc = count_ca(db, list.id.v[i], day, err);
	vec_release(&list.id);
	return rc == 0 ? note_count(db, err) : -1;
}

static int count_orphan(void *ctx, const struct leaf_row *row)
{
	(void)row;
	++*(int64_t *)ctx;
	return 0;
}

static int take_orphan(void *ctx, const struct db_ct_issuer *i)
{
	struct id_list *o = ctx;

	if (!i->ca)
		vec_push(&o->id, i->id);
	return 0;
}

static int count_orphans(struct db *db, int64_t *ret, struct err *err)
{
	struct id_list o = { 0 };
	int rc = db_each_ct_issuer(db, take_orphan, &o, err);

	*ret = 0;
	for (size_t i = 0; rc == 0 && i < o.id.n; i++)
		rc = db_each_issuer_leaf(db, o.id.v[i], count_orphan, ret, err);
	vec_release(&o.id);
	return rc;
}

struct duplicate_reader {
	int (*fn)(void *ctx, int64_t ca, struct db_blob serial);
	void *ctx;
};

static int duplicate_row(void *ctx, sqlite3_stmt *r)
{
	struct duplicate_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), column_blob(r, 1));
}

int db_each_ct_duplicate(struct db *db, int (*fn)(void *ctx, int64_t ca, struct db_blob serial), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CT_DUPLICATE, duplicate_row, &(struct duplicate_reader){ fn, ctx }, err, "");
}
/* ---- revoked ones: serial numbers are not in the rows, their keys are ---- */

struct revoked {
	uint64_t seed[2];
	struct map keys;
	int64_t n, from, until; /* of the day */
};

static int take_serial(void *ctx, sqlite3_stmt *row)
{
	struct revoked *r = ctx;
	struct db_blob serial = column_blob(row, 0);
	uint64_t key = hash_bytes(r->seed, serial.p, serial.n);

	map_at(&r->keys, &key, sizeof(key), NULL);
	return 0;
}

static int count_revoked(void *ctx, const struct leaf_row *l)
{
	struct revoked *r = ctx;

	if (l->nb != LEAF_TIME_UNKNOWN && l->na != LEAF_TIME_UNKNOWN && l->nb < r->until && l->na >= r->from &&
	    map_get(&r->keys, &l->key, sizeof(l->key)))
		r->n++;
	return 0;
}

int db_ct_revoked(struct db *db, int64_t ca, int32_t day, bool *has_rows, int64_t *ret, struct err *err)
{
	struct revoked r = { .from = date_start(day), .until = date_start(day) + 86400 };
	int64_t one;

	if (query_number(db, Q_CA_HAS_RUNS, has_rows, &one, err, "i", ca) < 0)
		return -1;
	if (!*has_rows)
		return 0;
	int rc = db_leaf_key_seed(db, r.seed, err);
	if (rc == 0)
		rc = query_each(db, Q_EACH_CRL_SERIAL_OF, take_serial, &r, err, "ii", ca, (int64_t)day);
	if (rc == 0)
		rc = db_each_ct_leaf(db, ca, count_revoked, &r, err);
	*ret = r.n;
	map_release(&r.keys);
	return rc;
}
