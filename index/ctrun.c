#include "index/ctrun.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "fetch/config.h"
#include "fetch/url.h"
#include "index/import.h"
#include "index/key.h"

#define WINDOW_DEFAULT 16
#define SMALL_MAX ((size_t)1 << 20)
/* Missing certificates of issuers that one run asks a log for. */
#define MISSING_ASKED 256
/* Problems of one log that are kept; all are counted. */
#define PROBLEMS_KEPT 1000

/* ---- state ---- */

struct find_log {
	struct run *r;
	bool found;
};

static int take_state(void *ctx, const struct db_ct_log *l)
{
	struct find_log *f = ctx;
	struct run *r = f->r;

	if (memcmp(l->log_id, r->log->id, 32) != 0)
		return 0;
	f->found = true;
	r->row = *l;
	r->row.log_id = r->log->id;
	if (!merkle_load(&r->m, (uint64_t)l->position, l->merkle.p, l->merkle.n) ||
	    !merkle_load(&r->verified, (uint64_t)l->verified, l->verified_merkle.p, l->verified_merkle.n))
		return err_set(r->err, ERR_INDEX, "the position of log '%s' in the index is damaged", r->name);
	if (l->head_root.n == 32)
		memcpy(r->head_root, l->head_root.p, 32);
	return 1;
}

static void fill_row(struct run *r)
{
	r->row.name = r->name;
	r->row.url = r->log->url;
	r->row.merkle = (struct db_blob){ r->m.hash, merkle_bytes(&r->m) };
	r->row.verified_merkle = (struct db_blob){ r->verified.hash, merkle_bytes(&r->verified) };
	r->row.position = (int64_t)r->m.size;
	r->row.verified = (int64_t)r->verified.size;
	r->row.head_root = (struct db_blob){ r->head_root, r->row.head_size ? 32 : 0 };
	r->row.tiled = r->tiled;
	r->row.error = r->error ? r->error : "";
}

int run_begin(struct run *r)
{
	return r->inside ? 0 : db_begin(r->db, r->err);
}

int run_end(struct run *r, int rc)
{
	if (r->inside)
		return rc;
	if (rc == 0)
		rc = db_commit(r->db, r->err);
	if (rc < 0)
		db_rollback(r->db);
	return rc;
}

/* The document that stands for the log in `canopy sources`. */
int run_touch_file(struct run *r)
{
	char part[65];
	int64_t now = time_now(), taken = r->row.head_time.set ? r->row.head_time.v / 1000 : now;
	struct db_file f = {
		.source = r->inside ? "import" : "ct",
		.kind = "ct-log",
		.part = part,
		.origin = r->log->url,
		.sha256 = r->head_root,
		.source_day = date_of_time(taken),
		.source_time = taken,
		.fetched_at = now,
	};

	hex_encode(r->log->id, 32, part);
	return db_touch_file(r->db, &f, &r->row.file, r->err);
}

static int take_names_of(void *ctx, const uint8_t spki_sha256[32])
{
	struct run *r = ctx;

	map_at(&r->names_of, spki_sha256, 32, NULL);
	return 0;
}

int run_load(struct run *r)
{
	struct find_log f = { r, false };

	if (db_each_ct_log(r->db, take_state, &f, r->err) < 0 || db_each_ct_names_of(r->db, take_names_of, r, r->err) < 0 ||
	    sites_load(r->db, &r->sites, r->err) < 0)
		return -1;
	r->row.log_id = r->log->id;
	if (r->o->broken)
		r->row.broken_from = DB_INT((int64_t)r->o->broken_from);
	if (run_begin(r) < 0)
		return -1;
	int rc = db_leaf_key_seed(r->db, r->seed, r->err);
	if (rc == 0)
		rc = run_touch_file(r);
	fill_row(r);
	if (rc == 0)
		rc = db_put_ct_log(r->db, &r->row, r->err);
	return run_end(r, rc);
}

/* ---- asked beside the queue ---- */

char *run_url(const struct run *r, const char *what)
{
	return url_join(r->log->url, what);
}

/* Something small; a missing one is *status 404. */
int run_get(struct run *r, const char *what, struct log_body *ret, struct err *err)
{
	char *url = run_url(r, what);
	int rc = log_client_get(r->client, url, SMALL_MAX, ret, err);

	free(url);
	return rc;
}

bool run_is_file(const struct run *r)
{
	return url_is_file(r->log->url);
}

bool run_answered(const struct log_body *b)
{
	return b->status == 200 || b->status == 0;
}

bool run_is_gone(long status)
{
	return status == 404 || status == 403 || status == 410;
}

/* ---- chains ---- */

static void store_cert(struct run *r, const uint8_t sha256[32], struct slice der)
{
	struct pending_cert c = { .der = { arena_dup(&r->arena, der.p, der.n), der.n } };
	struct x509_cert x;
	uint8_t spki[32];
	bool is_new;

	map_at(&r->certs, sha256, 32, &is_new);
	if (!is_new || x509_parse(der.p, der.n, &x, NULL) < 0)
		return;
	memcpy(c.sha256, sha256, 32);
	if (!x.trailing) /* the fingerprint is of all bytes */
		vec_push(&r->cert, c);
	merkle_sha256(r->hasher, x.spki.p, x.spki.n, spki);
	*map_at(&r->keys, sha256, 32, NULL) = r->spki.n;
	vec_push(&r->spki, xmemdup(spki, 32));
}

struct known_issuer {
	struct run *r;
	const uint8_t *sha256;
	bool found;
};

static int take_known_issuer(void *ctx, struct db_blob der)
{
	struct known_issuer *k = ctx;

	store_cert(k->r, k->sha256, (struct slice){ der.p, der.n });
	k->found = true;
	return 0;
}

/* Archives may have none, and a log may have lost it: then entries are of an issuer that is only a fingerprint, until some
 * source gives the certificate. */
static void miss_issuer(struct run *r, const uint8_t sha256[32])
{
	struct strbuf why = STRBUF_INIT;
	char hex[65];

	hex_encode(sha256, 32, hex);
	map_at(&r->certs, sha256, 32, NULL);
	strbuf_addf(&why, "the log does not give 'issuer/%s': who issued the certificates that name it is not known", hex);
	if (r->problems++ < PROBLEMS_KEPT)
		vec_push(&r->note, (struct pending_note){ r->m.size, arena_strdup(&r->arena, why.buf) });
	strbuf_release(&why);
}

/* 1 it is stored, 0 nobody has it. */
static int fetch_issuer(struct run *r, const uint8_t sha256[32])
{
	struct known_issuer known = { r, sha256, false };
	struct log_body b = { 0 };
	char what[80] = "issuer/";
	uint8_t got[32];

	if (db_certificate_of(r->db, sha256, take_known_issuer, &known, r->err) < 0)
		return -1;
	if (known.found)
		return 1;
	hex_encode(sha256, 32, what + strlen(what));
	if (run_get(r, what, &b, r->err) < 0)
		return -1;
	merkle_sha256(r->hasher, b.data, b.n, got);
	bool right = run_answered(&b) && memcmp(got, sha256, 32) == 0;
	if (right)
		store_cert(r, sha256, (struct slice){ (const uint8_t *)b.data, b.n });
	log_body_release(&b);
	return right;
}

static int take_chains(struct run *r, const struct ct_batch *b)
{
	for (size_t i = 0; i < b->chain.n; i++) {
		struct slice c = b->chain.v[i];
		uint8_t sha256[32];
		int rc = 1;
		if (b->is_tile)
			memcpy(sha256, c.p, 32);
		else
			merkle_sha256(r->hasher, c.p, c.n, sha256);
		if (map_get(&r->certs, sha256, 32))
			continue;
		if (!b->is_tile)
			store_cert(r, sha256, c);
		else if ((rc = fetch_issuer(r, sha256)) == 0)
			miss_issuer(r, sha256);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* ---- rows ---- */

static struct log_issuer *issuer_of(struct run *r, const struct batch_issuer *i)
{
	static const uint8_t no_chain[32] = { 0 };
	const uint64_t *known = i->by_key ? NULL : map_get(&r->keys, i->hash, 32);
	const uint8_t *hash = known ? r->spki.v[*known] : i->hash;
	bool by_cert = !i->by_key && !known && memcmp(i->hash, no_chain, 32) != 0;
	struct strbuf key = STRBUF_INIT;
	bool is_new;

	strbuf_add(&key, hash, 32);
	strbuf_add(&key, i->name.p, i->name.n);
	uint64_t *at = map_at(&r->issuers, key.buf, key.len, &is_new);
	if (is_new) {
		struct log_issuer fresh = { .by_cert = by_cert, .name = { xmemdup(i->name.p, i->name.n), i->name.n } };
		memcpy(fresh.hash, hash, 32);
		fresh.keeps_names = map_get(&r->names_of, hash, 32) != NULL;
		*at = r->issuer.n;
		vec_push(&r->issuer, fresh);
	}
	strbuf_release(&key);
	return &r->issuer.v[*at];
}

static int64_t names_limit(const struct run *r)
{
	return r->o->names_limit ? (int64_t)r->o->names_limit : CT_NAMES_DEFAULT;
}

static void keep_names(struct run *r, struct log_issuer *i, const struct batch_row *row)
{
	struct strbuf names = STRBUF_INIT;

	if (!i->keeps_names && i->named < 0)
		return;
	/* a leaf is there twice, as precertificate and as certificate */
	if (!i->keeps_names && (int64_t)i->names.n > 2 * names_limit(r)) {
		i->names_skipped = true;
		return;
	}
	x509_names_text(&row->cert, &names);
	vec_push(&i->names, (struct pending_name){ leaf_key_of(&row->row),
	                                           { arena_dup(&r->arena, row->cert.serial.p, row->cert.serial.n), row->cert.serial.n },
	                                           arena_strdup(&r->arena, names.buf) });
	strbuf_release(&names);
}

static void take_notes(struct run *r, const struct ct_batch *b)
{
	for (size_t i = 0; i < b->note.n; i++) {
		const struct batch_note *n = &b->note.v[i];
		uint8_t sha256[32];
		if (n->ca_cert.n) {
			merkle_sha256(r->hasher, n->ca_cert.p, n->ca_cert.n, sha256);
			if (!map_get(&r->certs, sha256, 32))
				store_cert(r, sha256, n->ca_cert);
			continue;
		}
		r->malformed++;
		if (r->problems++ < PROBLEMS_KEPT)
			vec_push(&r->note, (struct pending_note){ n->index, arena_strdup(&r->arena, n->why) });
	}
}

int run_take_batch(struct run *r, const struct ct_batch *b)
{
	if (take_chains(r, b) < 0)
		return -1;
	if (b->whole)
		merkle_append_subtree(r->hasher, &r->m, 8, b->subtree);
	for (size_t i = 0; !b->whole && i < b->n_leaves; i++)
		merkle_append(r->hasher, &r->m, b->leaf[i]);
	/* places, not pointers: a new issuer may move them all */
	size_t *at = xcalloc(b->issuer.n + 1, sizeof(*at));
	for (size_t i = 0; i < b->issuer.n; i++)
		at[i] = (size_t)(issuer_of(r, &b->issuer.v[i]) - r->issuer.v);
	for (size_t i = 0; i < b->row.n; i++) {
		const struct batch_row *row = &b->row.v[i];
		struct log_issuer *to = &r->issuer.v[at[row->issuer]];
		vec_push(&to->row, row->row);
		if (r->proven)
			to->row.v[to->row.n - 1].flags |= LEAF_PROVEN;
		keep_names(r, to, row);
	}
	for (size_t i = 0; i < b->site.n; i++) {
		const struct batch_row *row = &b->row.v[b->site.v[i].row];
		struct log_issuer *to = &r->issuer.v[at[row->issuer]];
		vec_push(&to->sites, (struct pending_site){ leaf_key_of(&row->row), b->site.v[i].site });
	}
	free(at);
	take_notes(r, b);
	r->in_window += b->entries;
	return 0;
}

/* ---- a window goes into the index ---- */

static int put_certs(struct run *r)
{
	for (size_t i = 0; i < r->cert.n; i++) {
		const struct pending_cert *c = &r->cert.v[i];
		int64_t id;
		bool is_new;
		if (db_add_certificate(r->db, c->sha256, c->der.p, c->der.n, &id, &is_new, r->err) < 0 ||
		    db_add_seen(r->db, r->row.file, id, r->err) < 0)
			return -1;
	}
	return 0;
}

static int put_names(struct run *r, struct log_issuer *i)
{
	int64_t before = i->named;

	if (i->names_skipped && i->named >= 0) {
		i->named = -1;
		if (db_drop_ct_names(r->db, i->id, r->err) < 0)
			return -1;
	}
	if (i->keeps_names && i->named < 0) /* those that were dropped are read again when somebody asks */
		i->named = 0;
	for (size_t k = 0; k < i->names.n && i->named >= 0; k++) {
		const struct pending_name *n = &i->names.v[k];
		if (db_add_ct_name(r->db, i->id, n->key, (struct db_blob){ n->serial.p, n->serial.n }, n->names, &i->named, r->err) < 0)
			return -1;
		if (!i->keeps_names && i->named > names_limit(r)) {
			i->named = -1;
			if (db_drop_ct_names(r->db, i->id, r->err) < 0)
				return -1;
		}
	}
	i->names.n = 0;
	i->names_skipped = false;
	return i->named == before ? 0 : db_set_ct_named(r->db, i->id, i->named, r->err);
}

static int put_sites(struct run *r, struct log_issuer *i)
{
	for (size_t k = 0; k < i->sites.n; k++)
		if (db_add_ct_site(r->db, i->id, i->sites.v[k].key, i->sites.v[k].site, r->err) < 0)
			return -1;
	i->sites.n = 0;
	return 0;
}

static int put_rows(struct run *r)
{
	for (size_t i = 0; i < r->issuer.n; i++) {
		struct log_issuer *s = &r->issuer.v[i];
		if (!s->row.n)
			continue;
		if (!s->id && db_ct_issuer(r->db, s->hash, s->by_cert, (struct db_blob){ s->name.p, s->name.n }, &s->id, &s->named, r->err) < 0)
			return -1;
		if (db_add_run(r->db, s->id, r->row.id, (int64_t)r->m.size, s->row.v, s->row.n, r->err) < 0 || put_names(r, s) < 0 ||
		    put_sites(r, s) < 0 || (++s->runs % LEAF_RUNS_SAME == 0 && db_settle_runs(r->db, s->id, r->row.id, r->err) < 0))
			return -1;
		s->row.n = 0;
	}
	return 0;
}

static int put_notes(struct run *r)
{
	for (size_t i = 0; i < r->note.n; i++) {
		char place[40];
		snprintf(place, sizeof(place), "entry %llu", (unsigned long long)r->note.v[i].index);
		if (db_put_problem(r->db, r->row.file, (int64_t)r->note.v[i].index, place, r->note.v[i].why, r->err) < 0)
			return -1;
	}
	return 0;
}

int run_put_row(struct run *r)
{
	fill_row(r);
	return db_put_ct_log(r->db, &r->row, r->err);
}

int run_commit(struct run *r)
{
	if (run_begin(r) < 0)
		return -1;
	int rc = put_certs(r);
	if (rc == 0)
		rc = put_rows(r);
	if (rc == 0)
		rc = put_notes(r);
	r->row.malformed += (int64_t)r->malformed;
	if (rc == 0)
		rc = run_put_row(r);
	rc = run_end(r, rc);
	r->entries += r->in_window;
	r->in_window = r->malformed = 0;
	r->cert.n = r->note.n = 0;
	arena_release(&r->arena);
	return rc;
}

/* ---- certificates of issuers that no log gave ---- */

struct missing {
	VEC(uint8_t) sha256; /* 32 each */
};

static int take_missing(void *ctx, const uint8_t sha256[32])
{
	struct missing *m = ctx;

	vec_reserve(&m->sha256, m->sha256.n + 32);
	memcpy(m->sha256.v + m->sha256.n, sha256, 32);
	m->sha256.n += 32;
	return 0;
}

/* What this or another log did not give, this log may have by now. */
int run_ask_missing(struct run *r)
{
	struct missing m = { 0 };
	int rc = db_each_missing_issuer(r->db, take_missing, &m, r->err);

	for (size_t i = 0; rc >= 0 && r->tiled && i < m.sha256.n && i < 32 * MISSING_ASKED; i += 32)
		if (!map_get(&r->certs, m.sha256.v + i, 32))
			rc = fetch_issuer(r, m.sha256.v + i);
	vec_release(&m.sha256);
	if (rc >= 0 && r->cert.n) {
		r->sum->issuers += r->cert.n;
		rc = run_commit(r);
	}
	return rc < 0 ? -1 : 0;
}

/* ---- begun and ended ---- */

int run_open_client(struct run *r)
{
	struct config_log manners = r->o->config ? config_log(r->o->config, r->log->name, r->log->url) : (struct config_log){ 0 };
	struct log_client_options o = {
		.contact = r->o->contact,
		.root = r->log->url,
		.limits = r->o->limits,
		.window = manners.window ? manners.window : WINDOW_DEFAULT,
		.per_second = manners.per_second,
		.ranges = !r->tiled,
		.keeps_gzip = true,
		.cancelled = r->o->cancelled,
		.ctx = r->o->ctx,
	};

	if (manners.per_second > 0)
		r->page = r->page_most = PAGE_MOST;
	return log_client_new(&o, &r->client, r->err);
}

void run_release(struct run *r)
{
	ct_pool_free(r->pool);
	log_client_free(r->client);
	for (size_t i = 0; i < r->issuer.n; i++) {
		free((void *)(uintptr_t)r->issuer.v[i].name.p);
		vec_release(&r->issuer.v[i].row);
		vec_release(&r->issuer.v[i].names);
		vec_release(&r->issuer.v[i].sites);
	}
	for (size_t i = 0; i < r->spki.n; i++)
		free(r->spki.v[i]);
	vec_release(&r->issuer);
	vec_release(&r->spki);
	vec_release(&r->cert);
	vec_release(&r->note);
	map_release(&r->issuers);
	map_release(&r->keys);
	map_release(&r->certs);
	map_release(&r->names_of);
	sites_free(r->sites);
	arena_release(&r->arena);
	merkle_hasher_free(r->hasher);
	free(r->head_text);
	free(r->error);
	free(r->name);
}

/* How the run ended is told by `canopy sources ct`, also when it failed. */
int run_note_end(struct run *r, int rc, uint64_t started_ns)
{
	struct err why = { 0 };

	if (rc < 0 && r->err && r->err->kind == ERR_INDEX)
		return -1;
	r->error = xstrdup(rc < 0 && r->err ? r->err->msg : "");
	r->row.read_at = DB_INT(time_now());
	r->row.seconds = (double)(clock_ns() - started_ns) / 1e9;
	r->row.entries = (int64_t)r->entries;
	struct err *told = r->err;
	r->err = &why;
	int written = run_begin(r);
	if (written == 0) {
		written = run_touch_file(r);
		if (written == 0)
			written = run_put_row(r);
		if (written == 0)
			written = db_finish_file(r->db, r->row.file, r->row.position ? r->row.position : r->row.entries, r->row.malformed, r->err);
		written = run_end(r, written);
	}
	r->err = told;
	if (written < 0 && told)
		*told = why;
	return written < 0 ? -1 : rc;
}
