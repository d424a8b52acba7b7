#include "index/ctread.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/text.h"
#include "fetch/config.h"
#include "fetch/logclient.h"
#include "fetch/url.h"
#include "index/ctbatch.h"
#include "index/cthead.h"
#include "index/ctproof.h"
#include "index/import.h"
#include "index/key.h"

#define TILE_ENTRIES 256
/* A page of 256 entries is a megabyte, which stays in a core's cache and below the 4 MiB at which some logs' answers
 * break. Where it is requests that are scarce, more are asked for at once: CTFE, which most RFC 6962 logs run, gives 1,000
 * at most unless it is told otherwise, and cuts to its own alignment. */
#define PAGE_ENTRIES 256
#define PAGE_MOST 1024
/* Entries stored in one transaction: what a killed run reads again. */
#define WINDOW_ENTRIES 131072
#define WINDOW_DEFAULT 16
#define BODY_MAX ((size_t)64 << 20)
#define SMALL_MAX ((size_t)1 << 20)
#define BODY_TRIES 3
/* Missing certificates of issuers that one run asks a log for. */
#define MISSING_ASKED 256
/* Answers in full after which a log that failed at large ranges is asked for larger ones again. */
#define CALM_PAGES 256
/* Problems of one log that are kept; all are counted. */
#define PROBLEMS_KEPT 1000

struct pending_name {
	struct leaf_key key;
	struct slice serial;
	const char *names;
};
struct pending_site {
	struct leaf_key key;
	int64_t site;
};
struct log_issuer {
	int64_t id, named; /* 0: not in the index yet */
	bool keeps_names;  /* however many they are */
	bool by_cert;      /* hash is that of the issuer's certificate, which is not known; else that of its key */
	uint8_t hash[32];
	struct slice name;
	VEC(struct leaf_row) row;
	VEC(struct pending_name) names;
	bool names_skipped; /* more than are ever kept */
	VEC(struct pending_site) sites;
	unsigned runs; /* stored since the last merge */
};
struct pending_cert {
	uint8_t sha256[32];
	struct slice der;
};
struct pending_note {
	uint64_t index;
	const char *why;
};

struct run {
	struct db *db;
	const struct ct_options *o;
	const struct log_info *log;
	struct ct_result *sum;
	struct err *err;
	struct log_client *client;
	struct ct_pool *pool;
	struct merkle_hasher *hasher;
	struct db_ct_log row;
	char *name, *error; /* of the row */
	uint8_t head_root[32];
	struct {
		int64_t size;
		struct db_int time;
		uint8_t root[32];
	} before; /* the head that was held when the run began */
	bool inside, tiled, proven; /* proven: a head with a good signature, or the list's final one */
	uint64_t target;            /* read up to here … */
	uint64_t asked;             /* … and asked for up to here */
	uint64_t page, page_most;   /* entries asked for at once, and while nothing fails */
	uint64_t log_most;          /* entries that the log gives at once, as far as is known */
	uint64_t complaints;        /* of the log, when `page_most` was set */
	uint64_t last_short;        /* entries of the answer before, if it was short */
	unsigned calm;              /* pages that came in full since `page` was set */
	size_t flying; /* requests whose answers were not handed out yet */
	unsigned tries;
	struct merkle m, verified;
	uint64_t seed[2];
	struct map issuers, keys, certs; /* keys: fingerprint to place in `spki`, certs: fingerprints stored */
	struct sites *sites;             /* that names are compared with, or NULL */
	struct map names_of;             /* SPKI hashes whose names are kept however many they are */
	VEC(struct log_issuer) issuer;
	VEC(uint8_t *) spki;
	/* of the window */
	struct arena arena;
	VEC(struct pending_cert) cert;
	VEC(struct pending_note) note;
	uint64_t in_window, malformed, problems;
	uint64_t entries;
	struct ct_progress progress;
	char *head_text;
	size_t head_n;
};

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

static int begin(struct run *r)
{
	return r->inside ? 0 : db_begin(r->db, r->err);
}

static int end(struct run *r, int rc)
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
static int touch_file(struct run *r)
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

static int load_state(struct run *r)
{
	struct find_log f = { r, false };

	if (db_each_ct_log(r->db, take_state, &f, r->err) < 0 || db_each_ct_names_of(r->db, take_names_of, r, r->err) < 0 ||
	    sites_load(r->db, &r->sites, r->err) < 0)
		return -1;
	r->row.log_id = r->log->id;
	if (r->o->broken)
		r->row.broken_from = DB_INT((int64_t)r->o->broken_from);
	if (begin(r) < 0)
		return -1;
	int rc = db_leaf_key_seed(r->db, r->seed, r->err);
	if (rc == 0)
		rc = touch_file(r);
	fill_row(r);
	if (rc == 0)
		rc = db_put_ct_log(r->db, &r->row, r->err);
	return end(r, rc);
}

/* ---- the signed head ---- */

static char *log_url(const struct run *r, const char *what)
{
	return url_join(r->log->url, what);
}

/* Something small; a missing one is *status 404. */
static int get_small(struct run *r, const char *what, struct log_body *ret, struct err *err)
{
	char *url = log_url(r, what);
	int rc = log_client_get(r->client, url, SMALL_MAX, ret, err);

	free(url);
	return rc;
}

static bool is_file(const struct run *r)
{
	return strncmp(r->log->url, "file:", 5) == 0;
}

static bool answered(const struct log_body *b)
{
	return b->status == 200 || b->status == 0;
}

/* The head of before stands, and what the log said is kept. */
static int refuse_head(struct run *r, const char *why)
{
	struct err ignored = { 0 };

	r->row.head_size = r->before.size;
	r->row.head_time = r->before.time;
	memcpy(r->head_root, r->before.root, 32);
	if (begin(r) == 0) {
		int rc = db_set_evidence(r->db, r->row.id, (struct db_blob){ r->head_text, r->head_n }, &ignored);
		end(r, rc);
	}
	return err_set(r->err, ERR_NETWORK, "%s; what the log said is kept as evidence", why);
}

static int check_signature(struct run *r, const struct ct_head *h)
{
	struct err why = { 0 };
	EVP_PKEY *key = r->log->key.n ? key_load(r->log->key) : NULL;
	int rc = key ? ct_head_verify(h, key, &why) : -1;

	if (!key && r->o->unverified)
		return 0;
	if (!key)
		return err_set(r->err, ERR_NETWORK, "no key of this log is known, so nothing it says can be proven (--unverified reads it all the same)");
	EVP_PKEY_free(key);
	r->proven = rc == 0;
	return rc == 0 ? 0 : refuse_head(r, why.msg);
}

/* The origin of a log's checkpoints: its submission prefix without scheme and slash. */
static char *origin_of(const struct log_info *log)
{
	const char *from = *log->submission ? log->submission : log->url, *at = strstr(from, "://");
	char *origin = xstrdup(at ? at + 3 : from);
	size_t n = strlen(origin);

	while (n && origin[n - 1] == '/')
		origin[--n] = '\0';
	return origin;
}

static int read_head(struct run *r, const char *text, size_t n, struct ct_head *h)
{
	struct err why = { 0 };
	int rc;

	if (!r->tiled || text[0] == '{') {
		rc = ct_head_sth(h, text, n, &why);
	} else if (!r->log->key.n) {
		rc = ct_head_unsigned(h, text, n, &why);
	} else {
		char *origin = origin_of(r->log);
		rc = ct_head_checkpoint(h, origin, r->log->id, text, n, &why);
		free(origin);
	}
	return rc < 0 ? err_set(r->err, ERR_NETWORK, "the log's signed head: %s", why.msg) : 0;
}

/* Its last head stands in the log list: the host may be gone, its tiles elsewhere. */
static bool final_head(struct run *r, struct ct_head *h)
{
	if (!r->log->has_final)
		return false;
	*h = (struct ct_head){ .size = r->log->final_size };
	memcpy(h->root, r->log->final_root, 32);
	r->proven = true;
	return true;
}

/* The text becomes the run's, as evidence. */
static int judge_head(struct run *r, struct log_body *b, struct ct_head *h)
{
	r->head_text = b->data;
	r->head_n = b->n;
	b->data = NULL;
	return read_head(r, r->head_text, r->head_n, h) < 0 ? -1 : check_signature(r, h);
}

static int fetch_head(struct run *r, struct ct_head *h)
{
	struct log_body b = { 0 };
	int rc = get_small(r, r->tiled ? "checkpoint" : "ct/v1/get-sth", &b, r->err);

	if (rc == 0 && r->tiled && b.status == 404) { /* a hybrid: tiles and an RFC 6962 head */
		log_body_release(&b);
		rc = get_small(r, "ct/v1/get-sth", &b, r->err);
	}
	if (rc == 0 && !answered(&b))
		rc = err_set(r->err, ERR_NETWORK, "the log's signed head: HTTP status %ld", b.status);
	if (rc < 0 && !log_client_cancelled(r->client) && final_head(r, h)) {
		log_body_release(&b);
		if (r->err)
			r->err->kind = ERR_NONE;
		return 0;
	}
	if (rc == 0)
		rc = judge_head(r, &b, h);
	log_body_release(&b);
	return rc;
}

/* ---- the tree's hashes ---- */

static int hash_tile(void *ctx, unsigned level, uint64_t number, unsigned width, uint8_t **ret, struct err *err)
{
	struct run *r = ctx;
	struct log_body b = { 0 };
	char what[128], path[64];

	ct_tile_path(number, width, path);
	snprintf(what, sizeof(what), "tile/%u/%s", level, path);
	int rc = get_small(r, what, &b, err);
	if (rc == 0 && b.status == 404 && width < TILE_ENTRIES) {
		log_body_release(&b);
		ct_tile_path(number, TILE_ENTRIES, path);
		snprintf(what, sizeof(what), "tile/%u/%s", level, path);
		rc = get_small(r, what, &b, err);
	}
	if (rc == 0 && (!answered(&b) || b.n < (size_t)width * 32))
		rc = err_set(err, ERR_NETWORK, "the hash tile %s: HTTP status %ld, %zu bytes", what, b.status, b.n);
	if (rc == 0) {
		*ret = (uint8_t *)b.data;
		b.data = NULL;
	}
	log_body_release(&b);
	return rc;
}

static size_t read_proof(const char *json, size_t n, const char *name, uint8_t proof[64][32])
{
	json_t *root = json_loadb(json, n, 0, NULL), *list = json_object_get(root, name), *one;
	size_t i, count = json_array_size(list);

	json_array_foreach(list, i, one)
	{
		const char *text = json_string_value(one);
		uint8_t raw[48];
		/* 32 bytes are 44 characters, of which one stands for nothing */
		if (i >= 64 || !text || strlen(text) != 44 || EVP_DecodeBlock(raw, (const uint8_t *)text, 44) != 33) {
			count = 65;
			break;
		}
		memcpy(proof[i], raw, 32);
	}
	json_decref(root);
	return count;
}

/* How many hashes of a consistency proof the log gave; 65 for more than a proof has, -1 it gave none. */
static int ask_consistency(struct run *r, uint64_t first, uint64_t second, uint8_t proof[64][32])
{
	struct log_body b = { 0 };
	char what[128];

	snprintf(what, sizeof(what), "ct/v1/get-sth-consistency?first=%llu&second=%llu", (unsigned long long)first,
	         (unsigned long long)second);
	if (get_small(r, what, &b, r->err) < 0)
		return -1;
	bool good = answered(&b);
	size_t n = good ? read_proof(b.data, b.n, "consistency", proof) : 0;
	long status = b.status;
	log_body_release(&b);
	if (!good)
		return err_set(r->err, ERR_NETWORK, "get-sth-consistency: HTTP status %ld", status);
	return n <= 64 ? (int)n : 65;
}

/* Is the smaller tree that the log signed the beginning of the one that it signed before? 1 it is, 0 it is not, -1 the log
 * does not give what would tell. */
static int fits_before(struct run *r, const struct ct_head *h)
{
	uint64_t size = (uint64_t)r->row.head_size;
	uint8_t proof[64][32], got[32];
	struct merkle m = MERKLE_INIT;

	if (!r->tiled) {
		int n = ask_consistency(r, h->size, size, proof);
		return n < 0 ? -1 : n <= 64 && ct_consistent(h->size, h->root, size, r->head_root, (const uint8_t(*)[32])proof, (size_t)n, r->hasher);
	}
	if (ct_edge_by_tiles(&m, h->size, size, hash_tile, r, r->hasher, r->err) < 0 ||
	    ct_prove_by_tiles(&m, size, r->head_root, hash_tile, r, r->hasher, r->err) != 1)
		return -1;
	merkle_root(r->hasher, &m, got);
	return memcmp(got, h->root, 32) == 0;
}

static int check_smaller(struct run *r, const struct ct_head *h)
{
	if (!r->client || !r->proven || !h->size || (int64_t)h->size >= r->row.head_size)
		return 0;
	int fits = fits_before(r, h);
	if (r->err)
		r->err->kind = ERR_NONE;
	if (log_client_cancelled(r->client))
		return err_set(r->err, ERR_NETWORK, "stopped");
	return fits == 0 ? refuse_head(r, "the log signed a smaller tree that is not the beginning of the one that it signed before") : 0;
}

/* A lagging front end may give a smaller tree: no error, the newest one held stands. */
static int keep_head(struct run *r, const struct ct_head *h)
{
	if (r->row.head_size && (int64_t)h->size == r->row.head_size && memcmp(h->root, r->head_root, 32) != 0)
		return refuse_head(r, "the log signed two different trees of one size");
	if (r->log->has_final && h->size == r->log->final_size && memcmp(h->root, r->log->final_root, 32) != 0)
		return refuse_head(r, "the log signed another tree than the last one that the log list has of it");
	if (check_smaller(r, h) < 0)
		return -1;
	if ((int64_t)h->size >= r->row.head_size) {
		r->row.head_size = (int64_t)h->size;
		r->row.head_time = h->timestamp ? DB_INT(h->timestamp) : DB_NULL;
		memcpy(r->head_root, h->root, 32);
	}
	r->row.unverified |= !r->proven;
	return 0;
}

/* text: that of a saved head, which becomes the run's; without one the log is asked. */
static int take_head(struct run *r, struct log_body *text, struct ct_head *h)
{
	r->before.size = r->row.head_size;
	r->before.time = r->row.head_time;
	memcpy(r->before.root, r->head_root, 32);
	/* what is frozen says nothing new: its host may be gone, parked or stale */
	if (!text && !is_file(r) && final_head(r, h))
		return keep_head(r, h);
	int rc = text ? judge_head(r, text, h) : fetch_head(r, h);
	return rc < 0 ? -1 : keep_head(r, h);
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
	if (get_small(r, what, &b, r->err) < 0)
		return -1;
	merkle_sha256(r->hasher, b.data, b.n, got);
	bool right = answered(&b) && memcmp(got, sha256, 32) == 0;
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

static int take_batch(struct run *r, const struct ct_batch *b)
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

static int put_row(struct run *r)
{
	fill_row(r);
	return db_put_ct_log(r->db, &r->row, r->err);
}

static int commit_window(struct run *r)
{
	if (begin(r) < 0)
		return -1;
	int rc = put_certs(r);
	if (rc == 0)
		rc = put_rows(r);
	if (rc == 0)
		rc = put_notes(r);
	r->row.malformed += (int64_t)r->malformed;
	if (rc == 0)
		rc = put_row(r);
	rc = end(r, rc);
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
static int ask_missing(struct run *r)
{
	struct missing m = { 0 };
	int rc = db_each_missing_issuer(r->db, take_missing, &m, r->err);

	for (size_t i = 0; rc >= 0 && r->tiled && i < m.sha256.n && i < 32 * MISSING_ASKED; i += 32)
		if (!map_get(&r->certs, m.sha256.v + i, 32))
			rc = fetch_issuer(r, m.sha256.v + i);
	vec_release(&m.sha256);
	if (rc >= 0 && r->cert.n) {
		r->sum->issuers += r->cert.n;
		rc = commit_window(r);
	}
	return rc < 0 ? -1 : 0;
}

/* ---- asking ---- */

static int open_client(struct run *r)
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

/* An entry's number has 40 bits, as in the logs' leaf_index. */
#define TAG_BITS 40

static uint64_t range_tag(uint64_t start, uint64_t end)
{
	return start | (end - start) << TAG_BITS;
}

static uint64_t tag_start(uint64_t tag)
{
	return tag & (((uint64_t)1 << TAG_BITS) - 1);
}

/* Ranges end where a tile or an aligned page ends, so that all clients ask for the same ones. */
static uint64_t range_end(const struct run *r, uint64_t start)
{
	uint64_t step = r->tiled ? TILE_ENTRIES : r->page, end = (start / step + 1) * step;

	return end < r->target ? end : r->target;
}

static void ask(struct run *r)
{
	char what[128], path[64];
	uint64_t at = r->asked, end = range_end(r, at);

	if (r->tiled) {
		uint64_t tile = at / TILE_ENTRIES, size = (uint64_t)r->row.head_size;
		ct_tile_path(tile, (tile + 1) * TILE_ENTRIES <= size ? TILE_ENTRIES : (unsigned)(size % TILE_ENTRIES), path);
		snprintf(what, sizeof(what), "tile/data/%s", path);
	} else {
		snprintf(what, sizeof(what), "ct/v1/get-entries?start=%llu&end=%llu", (unsigned long long)at,
		         (unsigned long long)(end - 1));
	}
	r->asked = end;
	char *url = log_url(r, what);
	log_client_submit(r->client, url, BODY_MAX, range_tag(at, end));
	r->flying++;
	free(url);
}

/* What is under way is forgotten, and asked for again from the position on. */
static void restart(struct run *r)
{
	struct ct_batch *b;

	while ((b = ct_pool_take(r->pool)) != NULL)
		ct_batch_free(b);
	r->asked = r->m.size;
	r->flying = 0;
	log_client_drop(r->client);
}

static struct ct_batch *batch_of(struct run *r, struct log_body *body)
{
	struct ct_batch *b = xcalloc(1, sizeof(*b));
	uint64_t start = tag_start(body->tag);

	b->body = body->data;
	b->n = body->n;
	b->is_tile = r->tiled;
	b->start = r->tiled ? start / TILE_ENTRIES * TILE_ENTRIES : start;
	b->skip = start - b->start;
	b->most = body->tag >> TAG_BITS;
	b->log = (uint16_t)r->row.id;
	memcpy(b->seed, r->seed, sizeof(b->seed));
	b->sites = r->sites;
	body->data = NULL;
	return b;
}

/* A partial tile may be gone once the full one is there. */
/* Stores of objects say 403 of what they do not have, where nobody may list them. */
static bool is_gone(long status)
{
	return status == 404 || status == 403 || status == 410;
}

static int full_instead(struct run *r, struct log_body *body)
{
	char what[128], path[64];
	uint64_t tag = body->tag;

	log_body_release(body);
	ct_tile_path(tag_start(tag) / TILE_ENTRIES, TILE_ENTRIES, path);
	snprintf(what, sizeof(what), "tile/data/%s", path);
	char *url = log_url(r, what);
	int rc = log_client_get(r->client, url, BODY_MAX, body, r->err);
	free(url);
	body->tag = tag;
	return rc;
}

/* 1: asked again in smaller pieces, or for the fourth time; -1 not any more. */
static int again(struct run *r, const char *why)
{
	if (log_client_cancelled(r->client))
		return -1;
	/* half of what was really asked for: the end of the log may be nearer than a page */
	uint64_t asked = range_end(r, r->m.size) - r->m.size;
	if (!r->tiled && asked > 16) {
		r->page = asked / 2;
		r->calm = 0;
	} else if (++r->tries > BODY_TRIES) {
		return err_set(r->err, ERR_NETWORK, "entries from %llu on: %s", (unsigned long long)r->m.size, why);
	}
	if (r->err)
		r->err->kind = ERR_NONE;
	restart(r);
	return 1;
}

static void came_in_full(struct run *r)
{
	r->tries = 0;
	r->last_short = 0;
	if (r->page == r->page_most && r->page_most < r->log_most && log_client_complaints(r->client) > r->complaints) {
		r->page = r->page_most = 2 * r->page < r->log_most ? 2 * r->page : r->log_most;
		r->complaints = log_client_complaints(r->client);
	} else if (r->page < r->page_most && ++r->calm == CALM_PAGES) {
		r->page = 2 * r->page < r->page_most ? 2 * r->page : r->page_most;
		r->calm = 0;
	}
}

/* One short answer may be an accident; two of one length tell how much the log gives at once, and two of different lengths
 * that it counts bytes. */
static void came_in_short(struct run *r, uint64_t got)
{
	if (r->last_short && got < r->page)
		r->page = got;
	if (r->last_short == got)
		r->log_most = r->page_most = r->page;
	r->last_short = got;
	r->calm = 0;
}

/* 1 goes on, -1. */
static int drain_one(struct run *r)
{
	struct ct_batch *b = ct_pool_take(r->pool);
	int rc = 1;

	if (!b)
		return 1;
	bool cut = b->entries < b->most;
	uint64_t got = b->entries;
	char why[sizeof(b->err.msg)];
	snprintf(why, sizeof(why), "%s", b->err.kind ? b->err.msg : "fewer entries than the log's size says");
	if ((got || !cut) && b->start + b->skip == r->m.size) {
		rc = take_batch(r, b) < 0 ? -1 : 1;
		if (!cut)
			came_in_full(r);
	}
	bool broken = b->err.kind != ERR_NONE;
	ct_batch_free(b);
	if (rc < 0 || !cut)
		return rc;
	if (!r->tiled && got && !broken) {
		came_in_short(r, got);
		restart(r);
		return 1;
	}
	return again(r, why);
}

/* What came before something that did not is not asked for again. */
static int drain_all(struct run *r)
{
	while (ct_pool_pending(r->pool))
		if (drain_one(r) < 0)
			return -1;
	return 0;
}

/* 1 goes on, -1. */
static int feed(struct run *r)
{
	struct log_body body = { 0 };
	struct err why = { 0 };

	while (r->asked < r->target && log_client_room(r->client))
		ask(r);
	int rc = log_client_next(r->client, &body, &why);
	r->flying -= rc == 1;
	if (rc == 1 && r->tiled && is_gone(body.status))
		rc = full_instead(r, &body) < 0 ? -1 : 1;
	if (rc == 1 && !answered(&body)) {
		if (is_file(r))
			err_set(&why, ERR_NETWORK, "they are not there");
		else
			err_set(&why, ERR_NETWORK, "HTTP status %ld", body.status);
		rc = -1;
	}
	if (rc < 0) {
		log_body_release(&body);
		if (why.kind == ERR_NONE && r->err)
			why = *r->err;
		if (r->err)
			*r->err = why;
		return drain_all(r) < 0 ? -1 : again(r, why.msg);
	}
	if (rc == 1)
		ct_pool_give(r->pool, batch_of(r, &body));
	return 1;
}

static void tell_progress(struct run *r)
{
	r->progress.done = r->entries + r->in_window;
	if (r->o->progress)
		r->o->progress(r->o->ctx, &r->progress);
}

/* Batches that may wait for their thread, or be worked on. */
static size_t pool_limit(const struct run *r)
{
	return r->o->jobs > 1 ? 4 * (size_t)r->o->jobs : 1;
}

static int read_entries(struct run *r)
{
	while (r->m.size < r->target) {
		bool more = r->asked < r->target || r->flying;
		int rc = 1;
		if (more && ct_pool_pending(r->pool) < pool_limit(r))
			rc = feed(r);
		else
			rc = drain_one(r);
		if (rc < 0)
			return -1;
		if (r->in_window >= WINDOW_ENTRIES && commit_window(r) < 0)
			return -1;
		tell_progress(r);
	}
	return 0;
}

/* ---- the proof ---- */

static int prove_by_consistency(struct run *r)
{
	uint8_t proof[64][32];
	int n = ask_consistency(r, r->m.size, (uint64_t)r->row.head_size, proof);

	return n < 0 ? -1 : n <= 64 && ct_prove_by_consistency(&r->m, (uint64_t)r->row.head_size, r->head_root,
	                                                       (const uint8_t(*)[32])proof, (size_t)n, r->hasher);
}

/* 1 what was read belongs to the signed head, 0 it does not, -1 that could not be found out. */
static int prove(struct run *r)
{
	uint64_t size = (uint64_t)r->row.head_size;
	uint8_t got[32];

	if (r->m.size == 0)
		return 1;
	if (r->m.size < size && !r->tiled)
		return prove_by_consistency(r);
	if (r->m.size < size)
		return ct_prove_by_tiles(&r->m, size, r->head_root, hash_tile, r, r->hasher, r->err);
	merkle_root(r->hasher, &r->m, got);
	return memcmp(got, r->head_root, 32) == 0;
}

/* What no head proves goes; the next run reads it again. */
static int rewind_log(struct run *r)
{
	r->m = r->verified;
	r->row.malformed = r->row.verified_malformed;
	if ((uint64_t)r->row.read_from == r->verified.size) { /* the left edge may be what is wrong */
		r->m = r->verified = (struct merkle)MERKLE_INIT;
		r->row.read_from = 0;
	}
	if (begin(r) < 0)
		return -1;
	int rc = db_drop_unproven(r->db, r->row.id, (int64_t)r->verified.size, r->err);
	if (rc == 0)
		rc = put_row(r);
	return end(r, rc);
}

static int settle(struct run *r)
{
	int rc = r->proven ? prove(r) : 1;

	if (rc < 0)
		return -1;
	if (rc == 0) {
		char why[160];
		snprintf(why, sizeof(why), "entries %lld to %llu are not those of the tree of %lld entries that the log signed",
		         (long long)r->row.read_from, (unsigned long long)(r->m.size - 1), (long long)r->row.head_size);
		return rewind_log(r) < 0 ? -1 : refuse_head(r, why);
	}
	r->verified = r->m;
	r->row.verified_malformed = r->row.malformed;
	if (begin(r) < 0)
		return -1;
	return end(r, put_row(r));
}

/* ---- a left edge ---- */

static int edge_by_path(struct run *r, uint64_t from)
{
	struct log_body b = { 0 };
	uint8_t path[64][32], bytes[64][32];
	char what[128];

	/* the path of a tree's last leaf is the compact range before it, smallest subtree first */
	snprintf(what, sizeof(what), "ct/v1/get-entry-and-proof?leaf_index=%llu&tree_size=%llu", (unsigned long long)from,
	         (unsigned long long)from + 1);
	if (get_small(r, what, &b, r->err) < 0)
		return -1;
	long status = b.status;
	size_t n = answered(&b) ? read_proof(b.data, b.n, "audit_path", path) : 0;
	bool good = answered(&b);
	log_body_release(&b);
	if (!good)
		return err_set(r->err, ERR_NETWORK, "get-entry-and-proof: HTTP status %ld", status);
	for (size_t i = 0; i < n && n <= 64; i++)
		memcpy(bytes[i], path[n - 1 - i], 32);
	if (n > 64 || !merkle_load(&r->m, from, bytes, n * 32))
		return err_set(r->err, ERR_NETWORK, "get-entry-and-proof: no audit path of entry %llu in a tree of %llu",
		               (unsigned long long)from, (unsigned long long)from + 1);
	return 0;
}

/* Reading begins inside the log: what is left of it comes as hashes, which the head proves together with the entries. */
static int take_edge(struct run *r)
{
	uint64_t from = r->o->from, size = (uint64_t)r->row.head_size;

	if (from == 0 || from <= r->m.size)
		return 0;
	if (r->m.size)
		return err_set(r->err, ERR_NETWORK, "it was read up to entry %llu; going on at %llu would leave a gap",
		               (unsigned long long)r->m.size, (unsigned long long)from);
	if (from >= size)
		return err_set(r->err, ERR_NETWORK, "its tree has %llu entries only", (unsigned long long)size);
	int rc = r->tiled ? ct_edge_by_tiles(&r->m, from, size, hash_tile, r, r->hasher, r->err) : edge_by_path(r, from);
	if (rc < 0) {
		r->m = (struct merkle)MERKLE_INIT;
		return -1;
	}
	r->verified = r->m;
	r->row.read_from = (int64_t)from;
	return 0;
}

/* ---- one log ---- */

/* Files have all that they will ever have: what they do have is proven, and counts. The error is that of the reading, but
 * where the signed head contradicts. */
static int settle_part(struct run *r)
{
	struct err why = r->err ? *r->err : (struct err){ 0 };
	bool known = r->m.size > r->verified.size && (!r->proven || prove(r) >= 0);

	if (known && settle(r) < 0)
		return -1;
	if (r->err)
		*r->err = why;
	return -1;
}

/* Reads and proves up to r->target. What is complete stays, whatever came then. */
static int read_to_target(struct run *r)
{
	struct err why = { 0 };
	int rc = read_entries(r);

	if (rc < 0 && r->err)
		why = *r->err;
	if (rc < 0 && why.kind == ERR_INDEX)
		return -1;
	if (commit_window(r) < 0)
		return -1;
	if (rc < 0 && r->err)
		*r->err = why;
	if (rc < 0 && is_file(r) && !log_client_cancelled(r->client))
		return settle_part(r);
	/* after Ctrl-C nothing more is asked for; the next run proves it */
	return rc < 0 ? -1 : settle(r);
}

static int read_all(struct run *r)
{
	struct ct_head h;
	uint64_t size, last;

	if (take_head(r, NULL, &h) < 0 || take_edge(r) < 0)
		return -1;
	size = (uint64_t)r->row.head_size;
	last = size < r->o->to ? size : r->o->to;
	if (last > r->m.size && r->o->most < last - r->m.size)
		last = r->m.size + r->o->most;
	r->progress.total = last > r->m.size ? last - r->m.size : 0;
	r->progress.started_ns = clock_ns();
	r->asked = r->m.size;
	uint64_t broken = r->row.broken_from.set ? (uint64_t)r->row.broken_from.v : UINT64_MAX;
	r->target = last < broken ? last : broken;
	if (r->m.size <= broken && read_to_target(r) < 0)
		return -1;
	if (last <= broken)
		return 0;
	/* nobody can prove the rest */
	r->proven = false;
	r->row.unverified = true;
	r->target = last;
	return read_to_target(r);
}

static void release(struct run *r)
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
static int note_end(struct run *r, int rc, uint64_t started_ns)
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
	int written = begin(r);
	if (written == 0) {
		written = touch_file(r);
		if (written == 0)
			written = put_row(r);
		if (written == 0)
			written = db_finish_file(r->db, r->row.file, r->row.position ? r->row.position : r->row.entries, r->row.malformed, r->err);
		written = end(r, written);
	}
	r->err = told;
	if (written < 0 && told)
		*told = why;
	return written < 0 ? -1 : rc;
}

int ct_read_log(struct db *db, const struct log_info *log, const struct ct_options *o, bool inside, struct ct_result *ret,
                uint64_t *entries, uint64_t *verified, struct err *err)
{
	struct run r = { .db = db, .o = o, .log = log, .sum = ret, .err = err, .inside = inside, .tiled = log->tiled,
		         .page = PAGE_ENTRIES, .page_most = PAGE_ENTRIES, .log_most = PAGE_MOST, .name = xstrdup(log->name), .progress = { .log = log->name } };
	uint64_t started = clock_ns();

	r.hasher = merkle_hasher_new();
	r.pool = ct_pool_new(o->jobs);
	int rc = load_state(&r);
	if (rc == 0 && (rc = open_client(&r)) == 0)
		rc = read_all(&r);
	if (rc == 0)
		rc = ask_missing(&r);
	if (r.row.id)
		rc = note_end(&r, rc, started);
	ret->entries += r.entries;
	ret->malformed += r.malformed;
	*entries = r.entries;
	*verified = r.verified.size - (uint64_t)r.row.read_from;
	release(&r);
	return rc;
}

/* ---- tiles and pages without a head ---- */

static int read_loose(struct run *r, struct ct_batch *b)
{
	b->most = UINT64_MAX;
	b->log = (uint16_t)r->row.id;
	memcpy(b->seed, r->seed, sizeof(b->seed));
	b->sites = r->sites;
	ct_batch_read(b, r->hasher);
	int rc = take_batch(r, b);
	if (rc == 0 && b->err.kind != ERR_NONE) {
		r->malformed++;
		vec_push(&r->note, (struct pending_note){ b->start + b->held, arena_strdup(&r->arena, b->err.msg) });
	}
	ct_batch_free(b);
	r->m = (struct merkle)MERKLE_INIT; /* nothing is proven by it */
	return rc;
}

static int get_tile(struct run *r, const struct ct_loose_tile *t, struct log_body *ret)
{
	char *url = log_url(r, t->name);
	int rc = log_client_get(r->client, url, BODY_MAX, ret, r->err);

	free(url);
	if (rc == 0 && !answered(ret))
		rc = err_set(r->err, ERR_INPUT, "'%s' is gone", t->name);
	if (rc < 0)
		log_body_release(ret);
	return rc;
}

/* Names and bytes of all tiles. */
static int hash_tiles(struct run *r, const struct ct_loose_tile *tile, size_t n, uint8_t ret[32])
{
	struct strbuf all = STRBUF_INIT;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct log_body b = { 0 };
		uint8_t hash[32];
		rc = get_tile(r, &tile[i], &b);
		if (rc < 0)
			break;
		sha256_of(b.data, b.n, hash);
		log_body_release(&b);
		strbuf_addf(&all, "%s ", tile[i].name);
		strbuf_addhex(&all, hash, 32);
	}
	sha256_of(all.buf, all.len, ret);
	strbuf_release(&all);
	return rc;
}

static int read_tile(struct run *r, const struct ct_loose_tile *t)
{
	struct log_body body = { 0 };

	if (get_tile(r, t, &body) < 0)
		return -1;
	struct ct_batch *b = xcalloc(1, sizeof(*b));
	b->body = body.data;
	b->n = body.n;
	b->is_tile = true;
	b->start = t->number * TILE_ENTRIES;
	return read_loose(r, b);
}

static int loose_begin(struct run *r)
{
	r->hasher = merkle_hasher_new();
	r->pool = ct_pool_new(1);
	if (load_state(r) < 0)
		return -1;
	r->row.unverified = true;
	return 0;
}

static int loose_end(struct run *r, int rc, struct ct_result *ret)
{
	uint64_t malformed = r->malformed;

	if (rc == 0)
		rc = commit_window(r);
	if (r->row.id)
		rc = note_end(r, rc, clock_ns());
	ret->entries += r->entries;
	ret->malformed += malformed;
	release(r);
	return rc;
}

int ct_read_loose(struct db *db, const struct log_info *log, const struct ct_loose_tile *tile, size_t n, struct ct_result *ret,
                  struct err *err)
{
	struct ct_options o = { .unverified = true };
	struct run r = { .db = db, .o = &o, .log = log, .sum = ret, .err = err, .inside = true, .tiled = true,
		         .name = xstrdup(log->name) };
	char part[65];
	bool known = false;

	hex_encode(log->id, 32, part);
	int rc = open_client(&r);
	if (rc == 0)
		rc = hash_tiles(&r, tile, n, r.head_root); /* what the file row is known by */
	if (rc == 0)
		rc = db_file_known(db, r.head_root, "ct-log", part, &known, err);
	if (rc < 0 || known) {
		release(&r);
		return rc;
	}
	rc = loose_begin(&r);
	if (rc == 0)
		rc = db_drop_unproven(db, r.row.id, -1, err); /* what these files held before */
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = read_tile(&r, &tile[i]);
	return loose_end(&r, rc, ret);
}

int ct_read_page(struct db *db, const char *origin, const char *json, size_t n, struct ct_result *ret, struct err *err)
{
	struct log_info log = { .name = origin, .operator = "", .url = origin, .submission = "" };
	struct ct_options o = { .unverified = true };
	struct run r = { .db = db, .o = &o, .log = &log, .sum = ret, .err = err, .inside = true, .name = xstrdup(origin) };
	struct ct_batch *b = xcalloc(1, sizeof(*b));

	sha256_of(json, n, log.id);
	b->body = xmemdup(json, n);
	b->n = n;
	int rc = loose_begin(&r);
	if (rc == 0)
		rc = read_loose(&r, b);
	else
		ct_batch_free(b);
	return loose_end(&r, rc, ret);
}

/* ---- saved pages with their head ---- */

/* *end: where the page before it ended. */
static int read_saved_page(struct run *r, const struct ct_saved_page *p, uint64_t *end)
{
	uint64_t start = p->has_start ? p->start : *end;
	uint8_t *data;
	size_t n;

	if (start > r->m.size)
		return err_set(r->err, ERR_INPUT, "entries %llu to %llu, before '%s', are in no page", (unsigned long long)r->m.size,
		               (unsigned long long)start - 1, path_base(p->path));
	if (path_read(p->path, BODY_MAX, &data, &n, r->err) < 0)
		return -1;
	struct ct_batch *b = xcalloc(1, sizeof(*b));
	b->body = (char *)data;
	b->n = n;
	b->start = start;
	b->skip = r->m.size - start;
	b->most = r->target - r->m.size;
	b->log = (uint16_t)r->row.id;
	memcpy(b->seed, r->seed, sizeof(b->seed));
	b->sites = r->sites;
	ct_batch_read(b, r->hasher);
	*end = start + b->held;
	int rc = take_batch(r, b);
	if (rc == 0 && b->err.kind != ERR_NONE)
		rc = err_set(r->err, ERR_INPUT, "'%s': %s", path_base(p->path), b->err.msg);
	ct_batch_free(b);
	if (rc == 0 && r->in_window >= WINDOW_ENTRIES)
		rc = commit_window(r);
	return rc;
}

static int read_saved_pages(struct run *r, const struct ct_saved_log *s, bool *more)
{
	uint64_t end = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n && !*more; i++) {
		if (r->m.size == r->target && i)
			*more = true;
		else
			rc = read_saved_page(r, &s->page[i], &end);
		*more |= end > r->target;
	}
	return rc;
}

/* A head proves its tree as a whole: there are no hash tiles here. */
static int read_saved_log(struct run *r, const struct ct_saved_log *s, bool *more)
{
	struct log_body text = { .data = xmemdup(s->head, s->head_n), .n = s->head_n };
	struct ct_head h;
	struct err why = { 0 };

	if (take_head(r, &text, &h) < 0)
		return -1;
	r->target = h.size;
	if (r->m.size >= h.size && r->verified.size >= h.size)
		return 0;
	if ((int64_t)h.size < r->row.head_size)
		return err_set(r->err, ERR_INPUT, "an older head, of %llu entries, than the index has, of %lld", (unsigned long long)h.size,
		               (long long)r->row.head_size);
	int rc = read_saved_pages(r, s, more);
	if (rc < 0 && r->err)
		why = *r->err;
	if (why.kind == ERR_INDEX || commit_window(r) < 0)
		return -1;
	if (rc < 0 && r->err)
		*r->err = why;
	if (rc == 0 && r->m.size < r->target && !r->o->unverified)
		return err_set(r->err, ERR_INPUT,
		               "its pages hold %llu of the %lld entries that its head signs, which proves them only all together (--unverified counts them all the same)",
		               (unsigned long long)r->m.size, (long long)r->row.head_size);
	if (r->m.size < r->target) {
		r->proven = false;
		r->row.unverified |= rc == 0;
	}
	return rc < 0 ? -1 : settle(r);
}

int ct_read_saved(struct db *db, const struct log_info *log, const struct ct_saved_log *s, bool *more, struct ct_result *ret,
                  struct err *err)
{
	struct ct_options o = { .unverified = s->unverified };
	struct run r = { .db = db, .o = &o, .log = log, .sum = ret, .err = err, .inside = true, .name = xstrdup(log->name) };
	uint64_t started = clock_ns();

	*more = false;
	r.hasher = merkle_hasher_new();
	r.pool = ct_pool_new(1);
	int rc = load_state(&r);
	if (rc == 0)
		rc = read_saved_log(&r, s, more);
	if (r.row.id)
		rc = note_end(&r, rc, started);
	ret->entries += r.entries;
	ret->malformed += r.malformed;
	release(&r);
	return rc;
}
