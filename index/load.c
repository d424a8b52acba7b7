#include "index/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "db/figure.h"
#include "db/leafrun.h"
#include "index/chromestore.h"
#include "index/figures.h"
#include "index/storedoubt.h"

/* Row ids to graph indices. */
struct id_map {
	uint32_t *to;
	size_t n;
};

static void id_put(struct id_map *m, int64_t id, uint32_t index)
{
	if ((size_t)id >= m->n) {
		size_t n = m->n ? m->n : 1024;
		while (n <= (size_t)id)
			n *= 2;
		m->to = xreallocarray(m->to, n, sizeof(*m->to));
		memset(m->to + m->n, 0xff, (n - m->n) * sizeof(*m->to));
		m->n = n;
	}
	m->to[id] = index;
}

static uint32_t id_get(const struct id_map *m, int64_t id)
{
	return id >= 0 && (size_t)id < m->n ? m->to[id] : NO_INDEX;
}

struct loading {
	struct index *ix;
	struct graph *g;
	struct id_map ca, cert;
	struct map keys;
};

static int load_ca(void *ctx, const struct db_ca *row)
{
	struct loading *l = ctx;
	struct ca ca = { .db_id = row->id, .name = row->name, .subject = row->subject, .owner = row->owner,
		         .ca_owner = row->ca_owner };

	memcpy(ca.id, row->ca_id, 32);
	memcpy(ca.spki_sha256, row->spki_sha256, 32);
	graph_add_ca(l->g, &ca);
	return 0;
}

static int by_ca_id(const void *a, const void *b)
{
	return memcmp(((const struct ca *)a)->id, ((const struct ca *)b)->id, 32);
}

/* They are read as they lie and sorted here: through SQLite's index each would be sought apart. */
static int load_cas(struct loading *l, struct err *err)
{
	struct graph *g = l->g;
	bool is_new;

	if (db_each_ca(l->ix->db, load_ca, l, err) < 0)
		return -1;
	if (g->ca.n)
		qsort(g->ca.v, g->ca.n, sizeof(*g->ca.v), by_ca_id);
	for (uint32_t i = 0; i < g->ca.n; i++) {
		uint64_t *key = map_at(&l->keys, g->ca.v[i].spki_sha256, 32, &is_new);
		if (is_new)
			*key = l->keys.n - 1;
		g->ca.v[i].key = (uint32_t)*key;
		id_put(&l->ca, g->ca.v[i].db_id, i);
	}
	g->n_keys = (uint32_t)l->keys.n;
	return 0;
}

static int load_cert(void *ctx, const struct db_ca_certificate *row)
{
	struct loading *l = ctx;
	struct ca_cert c = {
		.db_id = row->certificate,
		.ca = id_get(&l->ca, row->ca),
		.flags = row->flags,
		.not_before = row->not_before.set ? row->not_before.v : TIME_UNKNOWN,
		.not_after = row->not_after.set ? row->not_after.v : TIME_UNKNOWN,
		.path_len = row->path_len,
		.eku = row->eku,
	};

	if (c.ca == NO_INDEX)
		return 0;
	memcpy(c.sha256, row->sha256, 32);
	memcpy(c.sha1, row->sha1, 20);
	graph_add_cert(l->g, &c);
	return 0;
}

static int by_begin(const void *a, const void *b)
{
	const struct ca_cert *x = a, *y = b;

	if (x->not_before != y->not_before)
		return x->not_before < y->not_before ? -1 : 1;
	return memcmp(x->sha256, y->sha256, 32);
}

/* In the order of their validity, whatever was imported first: where answers name several, equal indexes answer alike. */
static int load_certs(struct loading *l, struct err *err)
{
	struct graph *g = l->g;

	if (db_each_ca_certificate(l->ix->db, load_cert, l, err) < 0)
		return -1;
	if (g->cert.n)
		qsort(g->cert.v, g->cert.n, sizeof(*g->cert.v), by_begin);
	for (uint32_t i = 0; i < g->cert.n; i++)
		id_put(&l->cert, g->cert.v[i].db_id, i);
	return 0;
}

static int load_edge(void *ctx, int64_t certificate, int64_t issuer)
{
	struct loading *l = ctx;
	uint32_t cert = id_get(&l->cert, certificate), ca = id_get(&l->ca, issuer);

	if (cert != NO_INDEX && ca != NO_INDEX)
		graph_add_edge(l->g, cert, ca);
	return 0;
}

static int load_revocation(void *ctx, int64_t certificate, int source, struct db_int since, struct db_int until)
{
	struct loading *l = ctx;
	struct revocation r = { .cert = id_get(&l->cert, certificate), .source = (uint8_t)source,
		                .from = since.set ? since.v : INT64_MIN, .lifted = until.set ? until.v : 0 };

	if (r.cert != NO_INDEX && source >= 0 && source < REVOCATION_SOURCES)
		graph_add_revocation(l->g, &r);
	return 0;
}

static int load_bucket(void *ctx, const struct db_bucket *row)
{
	struct loading *l = ctx;
	uint32_t ca = id_get(&l->ca, row->ca);
	uint8_t kind = row->kind & (uint8_t)~DB_BUCKET_LOG_TIME;
	struct bucket b = { row->nb_day, row->na_day, row->sct_day, row->eku, kind, row->n, row->kind & DB_BUCKET_LOG_TIME };

	if (ca != NO_INDEX)
		graph_add_bucket(l->g, ca, &b);
	return 0;
}

static int load_count(void *ctx, const struct db_count *row)
{
	struct loading *l = ctx;
	uint32_t n = id_get(&l->ca, row->ca);

	if (n == NO_INDEX)
		return 0;
	struct ca *ca = &l->g->ca.v[n];
	ca->issued = row->issued;
	ca->unproven = row->unproven;
	ca->first_nb_day = (int32_t)row->first_nb_day.v;
	ca->last_nb_day = (int32_t)row->last_nb_day.v;
	ca->last_na_day = (int32_t)row->last_na_day.v;
	ca->count_source = arena_strdup(&l->g->strings, row->source);
	ca->source_day = row->source_day;
	ca->coverage = (uint8_t)row->coverage;
	return 0;
}

struct times {
	int64_t nb, na, sct;
};
struct rows {
	VEC(struct times) v;
};

static void one_leaf(void *ctx, int64_t nb, int64_t na, struct db_int sct)
{
	struct rows *r = ctx;

	vec_push(&r->v, (struct times){ nb, na, sct.set ? sct.v : SCT_NONE });
}

/* Rows of logs that belong to one bucket. */
struct log_rows {
	const struct bucket *b;
	struct rows *to;
};

static int one_log_row(void *ctx, const struct leaf_row *row)
{
	struct log_rows *l = ctx;
	const struct bucket *b = l->b;
	bool timed = row->sct != LEAF_TIME_UNKNOWN;

	if (row->nb == LEAF_TIME_UNKNOWN || row->na == LEAF_TIME_UNKNOWN || date_of_time(row->nb) != b->nb_day ||
	    date_of_time(row->na) != b->na_day || (timed ? date_of_time(row->sct) : SCT_DAY_NONE) != b->sct_day ||
	    row->eku != b->eku || row->kind != b->kind || ((row->flags & LEAF_LOG_TIME) != 0) != b->log_time)
		return 0;
	vec_push(&l->to->v, (struct times){ row->nb, row->na, timed ? row->sct : SCT_NONE });
	return 0;
}

#define VERSION_UNSEEN (-1)

/* A numbering is never had again: what it is afterwards it was before, too. */
static int check_numbering(struct db *db, const struct index *ix, int64_t *seen, bool *renumbered, struct err *err)
{
	char now[DB_NUMBERING];
	int64_t version;

	if (db_data_version(db, &version, err) < 0)
		return -1;
	if (version == *seen)
		return 0;
	if (db_numbering(db, now, err) < 0)
		return -1;
	*renumbered = strcmp(now, ix->numbering) != 0;
	if (*renumbered)
		return err_set(err, ERR_INDEX, "index '%s' has changed since it was read", ix->path);
	*seen = version;
	return 0;
}

/* By thread: what it reads rows with, where it is not the index's own connection; opened when first needed. */
static _Thread_local struct {
	const char *path;
	struct file_id file;
	struct db *db;
	int64_t seen_version;
} beside;

void index_rows_beside(const struct index *of)
{
	db_close(beside.db);
	beside.db = NULL;
	beside.seen_version = VERSION_UNSEEN;
	beside.path = of ? of->path : NULL;
	beside.file = of ? of->file : (struct file_id){ 0 };
}

struct db *index_db_here(const struct index *ix)
{
	struct file_id now;

	if (!beside.path)
		return ix->db;
	if (!beside.db && db_open(beside.path, DB_READ, &beside.db, NULL) < 0)
		beside.db = NULL;
	/* rows of another file would be counted for CAs that only have the same numbers */
	if (beside.db && (file_id_of(beside.path, &now, NULL) < 0 || !file_id_same(&now, &beside.file))) {
		db_close(beside.db);
		beside.db = NULL;
	}
	return beside.db;
}

int index_check_ids(struct index *ix, struct db *db, struct err *err)
{
	bool renumbered;

	if (db == ix->db)
		return check_numbering(db, ix, &ix->seen_version, &ix->renumbered, err);
	return check_numbering(db, ix, &beside.seen_version, &renumbered, err);
}

static int read_rows(struct index *ix, const struct graph *g, uint32_t ca, const struct bucket *b, struct rows *to)
{
	struct db_bucket row = { g->ca.v[ca].db_id, b->nb_day, b->na_day, b->sct_day, b->eku, b->kind, b->n };
	struct log_rows in_logs = { b, to };
	struct db *db = index_db_here(ix);
	int rc;

	if (!db)
		return -1;
	if (strcmp(g->ca.v[ca].count_source, "ct") == 0)
		rc = db_each_ct_leaf(db, row.ca, one_log_row, &in_logs, NULL);
	else
		rc = db_each_bucket_leaf(db, &row, one_leaf, to, NULL);
	/* who has asked it all of one index, as a command does, asks index_read_error() in the end */
	return rc == 0 ? index_check_ids(ix, db, db == ix->db ? &ix->load_error : NULL) : -1;
}

/* struct graph's leaf_rows: limits inside a day need the exact seconds. All of the rows or none: who gets none counts the
 * bucket instead. */
static int leaf_rows(void *ctx, const struct graph *g, uint32_t ca, const struct bucket *b,
                     void (*each)(void *each_ctx, int64_t nb, int64_t na, int64_t sct), void *each_ctx)
{
	struct rows r = { .v = { 0 } };
	int rc = read_rows(ctx, g, ca, b, &r);

	for (size_t i = 0; rc == 0 && i < r.v.n; i++)
		each(each_ctx, r.v.v[i].nb, r.v.v[i].na, r.v.v[i].sct);
	vec_release(&r.v);
	return rc;
}

static void set_day(const struct index *ix, struct graph *g, int32_t day)
{
	enum coverage coverage = day >= ix->ct_complete_from ? COVERAGE_COMPLETE : COVERAGE_PARTIAL;

	for (uint32_t i = 0; i < g->ca.n; i++)
		if (strcmp(g->ca.v[i].count_source, "ct") == 0)
			g->ca.v[i].coverage = (uint8_t)coverage;
	figures_choose(g, day);
}

void index_set_day(struct index *ix, int32_t day)
{
	set_day(ix, &ix->graph, day);
}

struct graph *index_graph_of_day(const struct index *ix, int32_t day)
{
	struct graph *g = xmemdup(&ix->graph, sizeof(*g));

	g->ca.v = xmemdup(g->ca.v, g->ca.n * sizeof(*g->ca.v));
	g->ca.cap = g->ca.n;
	g->figure.v = xmemdup(g->figure.v, g->figure.n * sizeof(*g->figure.v));
	g->figure.cap = g->figure.n;
	set_day(ix, g, day);
	return g;
}

struct graph *index_take_day(struct index *ix, struct graph *g)
{
	struct graph *before = xmemdup(&ix->graph, sizeof(*before));

	ix->graph.ca.v = g->ca.v;
	ix->graph.ca.cap = g->ca.cap;
	ix->graph.figure.v = g->figure.v;
	ix->graph.figure.cap = g->figure.cap;
	return before;
}

void index_drop_day(struct graph *g)
{
	if (!g)
		return;
	vec_release(&g->ca);
	vec_release(&g->figure);
	free(g);
}

static int load_snapshot(void *ctx, int64_t id, const char *program, int32_t day, int64_t version)
{
	struct index *ix = ctx;

	vec_push(&ix->snapshot, (struct snapshot){ id, xstrdup(program), day, version, NULL });
	return 0;
}

static void list_programs(struct index *ix)
{
	static const char *const known[] = { "mozilla", "chrome", "apple", "microsoft" };
	const size_t n_known = sizeof(known) / sizeof(*known);

	for (size_t k = 0; k <= n_known; k++) {
		for (size_t i = 0; i < ix->snapshot.n; i++) {
			const char *p = ix->snapshot.v[i].program;
			bool is_known = false;
			if (i && strcmp(p, ix->snapshot.v[i - 1].program) == 0)
				continue;
			for (size_t j = 0; j < n_known; j++)
				is_known |= strcmp(p, known[j]) == 0;
			if (k < n_known ? strcmp(p, known[k]) == 0 : !is_known)
				vec_push(&ix->program, p);
		}
	}
}

struct figure_cas {
	struct loading *l;
	uint32_t n;
};

static int load_figure_ca(void *ctx, int64_t id)
{
	struct figure_cas *f = ctx;
	uint32_t ca = id_get(&f->l->ca, id);

	if (ca == NO_INDEX)
		return 0;
	vec_push(&f->l->g->figure_cas, ca);
	f->n++;
	return 0;
}

static int load_figure(void *ctx, const struct db_figure *row)
{
	struct loading *l = ctx;
	struct figure_cas cas = { l, 0 };
	struct figure f = {
		.first_ca = (uint32_t)l->g->figure_cas.n,
		.issued = row->issued.set ? row->issued.v : FIGURE_UNKNOWN,
		.low = row->low.set ? row->low.v : FIGURE_UNKNOWN,
		.high = row->high.set ? row->high.v : FIGURE_UNKNOWN,
		.about = row->about,
		.whole = row->whole,
		.as_of = row->as_of,
	};

	f.kind = arena_strdup(&l->g->strings, row->kind);
	f.source = arena_strdup(&l->g->strings, row->source);
	if (db_each_ca_of_figure(l->ix->db, row->file, row->n, load_figure_ca, &cas, NULL) < 0)
		return -1;
	f.n_cas = cas.n;
	if (f.n_cas)
		vec_push(&l->g->figure, f);
	return 0;
}

static int load_all(struct index *ix, struct loading *l, struct err *err)
{
	if (load_cas(l, err) < 0 || load_certs(l, err) < 0 ||
	    db_each_edge(ix->db, load_edge, l, err) < 0 || db_each_revocation(ix->db, load_revocation, l, err) < 0 ||
	    db_each_bucket(ix->db, load_bucket, l, err) < 0 || db_each_count(ix->db, load_count, l, err) < 0 ||
	    db_each_figure(ix->db, load_figure, l, err) < 0 ||
	    db_ct_complete_from(ix->db, &ix->ct_complete_from, err) < 0)
		return -1;
	return db_each_snapshot(ix->db, load_snapshot, ix, err);
}

int index_load(struct index *ix, struct err *err)
{
	struct loading l = { .ix = ix, .g = &ix->graph };

	graph_init(&ix->graph);
	if (db_data_version(ix->db, &ix->data_version, err) < 0 || db_begin_read(ix->db, err) < 0)
		return -1;
	int rc = db_numbering(ix->db, ix->numbering, err);
	if (rc == 0)
		rc = load_all(ix, &l, err);
	ix->seen_version = ix->data_version;
	db_commit(ix->db, NULL);
	ix->graph.leaf_rows = leaf_rows;
	ix->graph.leaf_ctx = ix;
	graph_finish(&ix->graph);
	graph_name_certs(&ix->graph);
	index_set_day(ix, date_today());
	list_programs(ix);
	ix->cert_of_id = l.cert.to;
	ix->n_ids = l.cert.n;
	ix->loaded = true;
	free(l.ca.to);
	map_release(&l.keys);
	return rc;
}

int index_load_names(struct index *ix, struct err *err)
{
	struct loading l = { .ix = ix, .g = &ix->graph };

	graph_init(&ix->graph);
	int rc = load_cas(&l, err);
	if (rc == 0)
		rc = load_certs(&l, err);
	graph_finish(&ix->graph);
	ix->cert_of_id = l.cert.to;
	ix->n_ids = l.cert.n;
	ix->loaded = true;
	free(l.ca.to);
	map_release(&l.keys);
	return rc;
}

/* Its row ids mean the same as in the graph. */
static int check_same(const struct index *of, struct err *err)
{
	struct file_id now;

	if (file_id_of(of->path, &now, err) < 0)
		return -1;
	if (!file_id_same(&now, &of->file))
		return err_set(err, ERR_INDEX, "index '%s' is another file since it was read", of->path);
	return 0;
}

int index_share(const struct index *of, struct index **ret, struct err *err)
{
	struct index *ix = xcalloc(1, sizeof(*ix));

	ix->path = xstrdup(of->path);
	ix->absent = of->absent;
	ix->chrome_version = of->chrome_version;
	ix->shares = true;
	ix->graph = of->graph;
	ix->cert_of_id = of->cert_of_id;
	ix->n_ids = of->n_ids;
	ix->loaded = true;
	ix->data_version = of->data_version;
	ix->ct_complete_from = of->ct_complete_from;
	for (size_t i = 0; i < of->snapshot.n; i++) {
		const struct snapshot *s = &of->snapshot.v[i];
		load_snapshot(ix, s->id, s->program, s->day, s->version);
	}
	list_programs(ix);
	ix->graph.leaf_ctx = ix;
	ix->file = of->file;
	memcpy(ix->numbering, of->numbering, sizeof(ix->numbering));
	ix->seen_version = VERSION_UNSEEN;
	if (db_open(of->path, DB_READ, &ix->db, err) < 0 || (!of->absent && check_same(of, err) < 0) ||
	    index_check_ids(ix, ix->db, err) < 0) {
		index_close(ix);
		return -1;
	}
	*ret = ix;
	return 0;
}

void index_forget_store(struct snapshot *s)
{
	if (!s->store)
		return;
	free(s->store->rule);
	free(s->store->distrust);
	free(s->store->gone);
	free(s->store);
	s->store = NULL;
}

void index_unload(struct index *ix)
{
	graph_release(&ix->graph);
	for (size_t i = 0; i < ix->snapshot.n; i++) {
		index_forget_store(&ix->snapshot.v[i]);
		free(ix->snapshot.v[i].program);
	}
	vec_release(&ix->snapshot);
	vec_release(&ix->program);
	vec_release(&ix->days);
	free(ix->cert_of_id);
	ix->cert_of_id = NULL;
	ix->n_ids = 0;
	ix->loaded = false;
}

uint32_t index_cert_of(const struct index *ix, int64_t db_id)
{
	return db_id >= 0 && (size_t)db_id < ix->n_ids ? ix->cert_of_id[db_id] : NO_INDEX;
}

/* ---- stores ---- */

struct store_loading {
	struct index *ix;
	VEC(struct anchor_rule) rule;
	VEC(struct distrust_rule) distrust;
};

/* A rule for other versions of the browser is none. */
static bool for_version(const struct index *ix, const struct db_anchor *a)
{
	struct chromestore_set s = { .min_version = a->min_version, .max_version = a->max_version };

	return chromestore_applies(&s, ix->chrome_version);
}

static int load_anchor(void *ctx, const struct db_anchor *a)
{
	struct store_loading *l = ctx;
	uint32_t cert = graph_find_cert(&l->ix->graph, a->sha256);
	struct anchor_rule r = {
		.cert = cert,
		.purpose = (uint8_t)a->purpose,
		.box = BOX_ALL,
		.judge_validity = a->judge_validity,
		.judge_constraints = a->judge_constraints,
		.unevaluated = a->unevaluated,
	};

	if (!for_version(l->ix, a) || cert == NO_INDEX || a->purpose < 0 || a->purpose >= PURPOSE_COUNT)
		return 0;
	if (a->nb_lo.set)
		r.box.nb_lo = a->nb_lo.v;
	if (a->nb_hi.set)
		r.box.nb_hi = a->nb_hi.v;
	if (a->sct_lo.set)
		r.box.sct_lo = a->sct_lo.v;
	if (a->sct_hi.set)
		r.box.sct_hi = a->sct_hi.v;
	vec_push(&l->rule, r);
	return 0;
}

static int load_distrust(void *ctx, int64_t certificate, int purpose)
{
	struct store_loading *l = ctx;
	uint32_t cert = index_cert_of(l->ix, certificate);

	if (cert != NO_INDEX && purpose >= 0 && purpose < PURPOSE_COUNT)
		vec_push(&l->distrust, (struct distrust_rule){ cert, (uint8_t)purpose });
	return 0;
}

static int by_anchor(const void *a, const void *b)
{
	const struct anchor_rule *x = a, *y = b;

	if (x->cert != y->cert)
		return x->cert < y->cert ? -1 : 1;
	return x->purpose - y->purpose;
}

static int by_distrust(const void *a, const void *b)
{
	const struct distrust_rule *x = a, *y = b;

	return x->cert < y->cert ? -1 : x->cert > y->cert;
}

static uint64_t purpose_bit(const struct db_anchor *a)
{
	return a->purpose >= 0 && a->purpose < PURPOSE_COUNT ? 1U << a->purpose : 0;
}

static int see_anchor(void *ctx, const struct db_anchor *a)
{
	*map_at(ctx, a->sha256, 32, NULL) |= purpose_bit(a);
	return 0;
}

struct going {
	const struct graph *g;
	struct map now, seen;
	VEC(struct gone_anchor) gone;
};

static int see_gone(void *ctx, const struct db_anchor *a)
{
	struct going *x = ctx;
	const uint64_t *now = map_get(&x->now, a->sha256, 32), bit = purpose_bit(a);
	uint32_t cert = bit && !(now && *now & bit) ? graph_find_cert(x->g, a->sha256) : NO_INDEX;

	map_at(&x->seen, a->sha256, 32, NULL);
	if (cert != NO_INDEX)
		vec_push(&x->gone, (struct gone_anchor){ cert, (uint8_t)a->purpose });
	return 0;
}

static void compare_with(struct index *ix, const struct snapshot *s, const struct snapshot *before, struct store *store)
{
	struct going x = { .g = &ix->graph };

	db_each_anchor(ix->db, s->id, see_anchor, &x.now, &ix->load_error);
	db_each_anchor(ix->db, before->id, see_gone, &x, &ix->load_error);
	if (store_has_shrunk(x.seen.n, x.now.n)) {
		store->anchors = x.now.n;
		store->before = x.seen.n;
		store->gone = x.gone.v;
		store->n_gone = x.gone.n;
	} else {
		vec_release(&x.gone);
	}
	map_release(&x.now);
	map_release(&x.seen);
}

static struct store *load_store(struct index *ix, const struct snapshot *s, const struct snapshot *before)
{
	struct store_loading l = { .ix = ix };
	struct store *store = xcalloc(1, sizeof(*store));

	db_each_anchor(ix->db, s->id, load_anchor, &l, &ix->load_error);
	db_each_distrusted(ix->db, s->id, load_distrust, &l, &ix->load_error);
	index_check_ids(ix, ix->db, &ix->load_error);
	if (l.rule.n)
		qsort(l.rule.v, l.rule.n, sizeof(*l.rule.v), by_anchor);
	if (l.distrust.n)
		qsort(l.distrust.v, l.distrust.n, sizeof(*l.distrust.v), by_distrust);
	*store = (struct store){
		.program = s->program,
		.day = s->day,
		.version = s->version > 0 ? s->version : 0,
		.rule = l.rule.v,
		.n_rules = l.rule.n,
		.distrust = l.distrust.v,
		.n_distrusts = l.distrust.n,
	};
	if (before)
		compare_with(ix, s, before, store);
	return store;
}

struct snapshot *index_snapshot(const struct index *ix, const char *program, int32_t day, struct snapshot **before)
{
	struct snapshot *best = NULL, *last = NULL;

	for (size_t i = 0; i < ix->snapshot.n; i++) {
		struct snapshot *s = &ix->snapshot.v[i];
		/* ascending by day and version: the newest that is not later, else the oldest */
		if (strcmp(s->program, program) != 0 || (best && s->day > day))
			continue;
		last = best;
		best = s;
	}
	if (before)
		*before = last;
	return best;
}

const struct store *index_store(struct index *ix, const char *program, int32_t day)
{
	struct snapshot *best, *before;

	index_graph(ix);
	best = index_snapshot(ix, program, day, &before);
	if (best && !best->store)
		best->store = load_store(ix, best, before);
	return best ? best->store : NULL;
}

size_t index_store_days(struct index *ix, const char *program, const int32_t **ret)
{
	index_graph(ix);
	ix->days.n = 0;
	for (size_t i = 0; i < ix->snapshot.n; i++)
		if (strcmp(ix->snapshot.v[i].program, program) == 0)
			vec_push(&ix->days, ix->snapshot.v[i].day);
	*ret = ix->days.v;
	return ix->days.n;
}

size_t index_programs(struct index *ix, const char *const **ret)
{
	index_graph(ix);
	*ret = ix->program.v;
	return ix->program.n;
}
