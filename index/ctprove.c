#include "index/ctrun.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "index/ctproof.h"
#include "index/key.h"

/* ---- the signed head ---- */

/* The head of before stands, and what the log said is kept. */
static int refuse_head(struct run *r, const char *why)
{
	struct err ignored = { 0 };

	r->row.head_size = r->before.size;
	r->row.head_time = r->before.time;
	memcpy(r->head_root, r->before.root, 32);
	if (run_begin(r) == 0) {
		int rc = db_set_evidence(r->db, r->row.id, (struct db_blob){ r->head_text, r->head_n }, &ignored);
		run_end(r, rc);
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
	int rc = run_get(r, r->tiled ? "checkpoint" : "ct/v1/get-sth", &b, r->err);

	if (rc == 0 && r->tiled && b.status == 404) { /* a hybrid: tiles and an RFC 6962 head */
		log_body_release(&b);
		rc = run_get(r, "ct/v1/get-sth", &b, r->err);
	}
	if (rc == 0 && !run_answered(&b))
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
	int rc = run_get(r, what, &b, err);
	if (rc == 0 && run_is_gone(b.status) && width < TILE_ENTRIES) {
		log_body_release(&b);
		ct_tile_path(number, TILE_ENTRIES, path);
		snprintf(what, sizeof(what), "tile/%u/%s", level, path);
		rc = run_get(r, what, &b, err);
	}
	if (rc == 0 && (!run_answered(&b) || b.n < (size_t)width * 32))
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
	if (run_get(r, what, &b, r->err) < 0)
		return -1;
	bool good = run_answered(&b);
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
int run_take_head(struct run *r, struct log_body *text, struct ct_head *h)
{
	r->before.size = r->row.head_size;
	r->before.time = r->row.head_time;
	memcpy(r->before.root, r->head_root, 32);
	/* what is frozen says nothing new: its host may be gone, parked or stale */
	if (!text && !run_is_file(r) && final_head(r, h))
		return keep_head(r, h);
	int rc = text ? judge_head(r, text, h) : fetch_head(r, h);
	return rc < 0 ? -1 : keep_head(r, h);
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
int run_prove(struct run *r)
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
	if (run_begin(r) < 0)
		return -1;
	int rc = db_drop_unproven(r->db, r->row.id, (int64_t)r->verified.size, r->err);
	if (rc == 0)
		rc = run_put_row(r);
	return run_end(r, rc);
}

int run_settle(struct run *r)
{
	int rc = r->proven ? run_prove(r) : 1;

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
	if (run_begin(r) < 0)
		return -1;
	return run_end(r, run_put_row(r));
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
	if (run_get(r, what, &b, r->err) < 0)
		return -1;
	long status = b.status;
	size_t n = run_answered(&b) ? read_proof(b.data, b.n, "audit_path", path) : 0;
	bool good = run_answered(&b);
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
int run_take_edge(struct run *r)
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
