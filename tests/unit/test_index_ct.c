/* Merkle trees, tree heads, proofs, log lists and leaf rows; the entries themselves are in test_index_ctentry.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/date.h"
#include "base/text.h"
#include "db/leafrun.h"
#include "index/cthead.h"
#include "index/ctproof.h"
#include "index/key.h"
#include "index/loglist.h"
#include "index/merkle.h"
#include "tests/unit/real_data.h"
#include "tests/unit/survive.h"

#define MANY 600

/* ---- trees ---- */

static struct merkle_hasher *hasher;

/* RFC 6962 2.1 written down as it stands, to judge the compact range by. */
static void mth(const uint8_t (*leaf)[32], size_t n, uint8_t ret[32])
{
	uint8_t both[65] = { 1 };
	size_t k = 1;

	if (n == 1) {
		memcpy(ret, leaf[0], 32);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	mth(leaf, k, both + 1);
	mth(leaf + k, n - k, both + 33);
	EVP_Digest(both, sizeof(both), ret, NULL, EVP_sha256(), NULL);
}

static uint8_t leaves[MANY][32];

static int set_up(void **state)
{
	(void)state;
	hasher = merkle_hasher_new();
	for (int i = 0; i < MANY; i++) {
		char text[16];
		snprintf(text, sizeof(text), "leaf %d", i);
		merkle_leaf_hash(hasher, "", 0, text, strlen(text), leaves[i]);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	merkle_hasher_free(hasher);
	return 0;
}

static void root_is(const struct merkle *m, const uint8_t want[32])
{
	uint8_t got[32];

	merkle_root(hasher, m, got);
	assert_memory_equal(got, want, 32);
}

static void empty_tree_is_the_hash_of_nothing(void **state)
{
	struct merkle m = MERKLE_INIT;
	uint8_t want[32];

	(void)state;
	EVP_Digest("", 0, want, NULL, EVP_sha256(), NULL);
	root_is(&m, want);
}

static void leaf_hashes_have_their_prefixes(void **state)
{
	uint8_t got[32], want[32];

	(void)state;
	merkle_leaf_hash(hasher, "ab", 2, "cd", 2, got);
	EVP_Digest("\0abcd", 5, want, NULL, EVP_sha256(), NULL);
	assert_memory_equal(got, want, 32);
}

static void root_is_that_of_the_definition_at_every_size(void **state)
{
	struct merkle m = MERKLE_INIT;
	uint8_t want[32], of[32];

	(void)state;
	for (size_t n = 1; n <= MANY; n++) {
		merkle_append(hasher, &m, leaves[n - 1]);
		mth((const uint8_t(*)[32])leaves, n, want);
		root_is(&m, want);
		merkle_root_of(hasher, (const uint8_t(*)[32])leaves, n, of);
		assert_memory_equal(of, want, 32);
		assert_int_equal(merkle_bytes(&m), 32 * (size_t)__builtin_popcountll(n));
	}
}

static void subtrees_append_like_their_leaves(void **state)
{
	struct merkle m = MERKLE_INIT;
	uint8_t sub[32], want[32];

	(void)state;
	for (size_t at = 0; at < 512; at += 256) {
		mth((const uint8_t(*)[32])(leaves + at), 256, sub);
		merkle_append_subtree(hasher, &m, 8, sub);
	}
	merkle_append(hasher, &m, leaves[512]);
	mth((const uint8_t(*)[32])leaves, 513, want);
	root_is(&m, want);
}

static void stored_range_goes_on(void **state)
{
	struct merkle m = MERKLE_INIT, again;
	uint8_t want[32];

	(void)state;
	for (size_t i = 0; i < 300; i++)
		merkle_append(hasher, &m, leaves[i]);
	assert_true(merkle_load(&again, 300, m.hash, merkle_bytes(&m)));
	assert_false(merkle_load(&m, 301, again.hash, merkle_bytes(&again) - 1));
	for (size_t i = 300; i < MANY; i++)
		merkle_append(hasher, &again, leaves[i]);
	mth((const uint8_t(*)[32])leaves, MANY, want);
	root_is(&again, want);
}

/* ---- proofs ---- */

static int tile_of_leaves(void *ctx, unsigned level, uint64_t number, unsigned width, uint8_t **ret, struct err *err)
{
	const size_t *wrong = ctx;

	(void)err;
	*ret = calloc(width, 32);
	for (unsigned i = 0; i < width; i++) {
		size_t at = (size_t)number * 256 + i;
		if (level == 0)
			memcpy(*ret + 32 * i, leaves[at], 32);
		else
			mth((const uint8_t(*)[32])(leaves + at * 256), 256, *ret + 32 * i);
		if (level == 0 && at == *wrong)
			(*ret)[32 * i] ^= 1;
	}
	return 0;
}

static void prefix_is_proven_by_hash_tiles(void **state)
{
	struct merkle m = MERKLE_INIT;
	uint8_t root[32];
	size_t wrong = SIZE_MAX;

	(void)state;
	mth((const uint8_t(*)[32])leaves, 597, root);
	for (size_t n = 1; n <= 597; n++) {
		merkle_append(hasher, &m, leaves[n - 1]);
		assert_int_equal(ct_prove_by_tiles(&m, 597, root, tile_of_leaves, &wrong, hasher, NULL), 1);
		m.hash[0][5] ^= 1;
		assert_int_equal(ct_prove_by_tiles(&m, 597, root, tile_of_leaves, &wrong, hasher, NULL), 0);
		m.hash[0][5] ^= 1;
	}
	wrong = 596;
	assert_true(merkle_load(&m, 512, m.hash, 32));
	assert_int_equal(ct_prove_by_tiles(&m, 597, root, tile_of_leaves, &wrong, hasher, NULL), 0);
}

/* PROOF of RFC 6962 2.1.2. */
static size_t subproof(size_t m, const uint8_t (*d)[32], size_t n, bool whole, uint8_t (*out)[32])
{
	size_t k = 1, used;

	if (m == n) {
		if (whole)
			return 0;
		mth(d, n, out[0]);
		return 1;
	}
	while (k * 2 < n)
		k *= 2;
	if (m <= k) {
		used = subproof(m, d, k, whole, out);
		mth(d + k, n - k, out[used]);
	} else {
		used = subproof(m - k, d + k, n - k, false, out);
		mth(d, k, out[used]);
	}
	return used + 1;
}

static void prefix_is_proven_by_consistency(void **state)
{
	uint8_t root[32], proof[64][32];

	(void)state;
	for (size_t size = 1; size <= 70; size++) {
		struct merkle m = MERKLE_INIT;
		mth((const uint8_t(*)[32])leaves, size, root);
		for (size_t n = 1; n <= size; n++) {
			merkle_append(hasher, &m, leaves[n - 1]);
			size_t len = subproof(n, (const uint8_t(*)[32])leaves, size, true, proof);
			const uint8_t(*p)[32] = (const uint8_t(*)[32])proof;
			assert_true(ct_prove_by_consistency(&m, size, root, p, len, hasher));
			assert_false(ct_prove_by_consistency(&m, size, root, p, len + 1, hasher));
			if (!len)
				continue;
			assert_false(ct_prove_by_consistency(&m, size, root, p, len - 1, hasher));
			proof[len / 2][0] ^= 1;
			assert_false(ct_prove_by_consistency(&m, size, root, p, len, hasher));
			proof[len / 2][0] ^= 1;
			root[0] ^= 1;
			assert_false(ct_prove_by_consistency(&m, size, root, p, len, hasher));
			root[0] ^= 1;
		}
	}
}

static void tile_paths_have_groups_of_three(void **state)
{
	char path[64];

	(void)state;
	ct_tile_path(1234067, 256, path);
	assert_string_equal(path, "x001/x234/067");
	ct_tile_path(0, 12, path);
	assert_string_equal(path, "000.p/12");
	ct_tile_path(1000, 256, path);
	assert_string_equal(path, "x001/000");
}

/* ---- heads ---- */

struct signer {
	EVP_PKEY *key;
	uint8_t *spki;
	struct slice der;
	uint8_t id[32];
};

static struct signer signer_new(bool rsa)
{
	struct signer s = { .key = rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256") };
	int n = i2d_PUBKEY(s.key, &s.spki);

	s.der = (struct slice){ s.spki, (size_t)n };
	ct_log_id(s.der, s.id);
	return s;
}

static void signer_release(struct signer *s)
{
	EVP_PKEY_free(s->key);
	OPENSSL_free(s->spki);
}

/* DigitallySigned over size 300, time 1780000000000 and a root of 07s. */
static size_t sign(const struct signer *s, bool rsa, uint8_t out[512])
{
	uint8_t bytes[50] = { 0, 1, 0, 0, 0x01, 0x9e, 0x70, 0xb3, 0xb4, 0x00, 0, 0, 0, 0, 0, 0, 1, 44 };
	uint64_t when = 1780000000000;
	size_t n = 500;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	for (int i = 0; i < 8; i++)
		bytes[2 + i] = (uint8_t)(when >> (56 - 8 * i));
	memset(bytes + 18, 7, 32);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, s->key), 1);
	assert_int_equal(EVP_DigestSign(ctx, out + 4, &n, bytes, sizeof(bytes)), 1);
	EVP_MD_CTX_free(ctx);
	out[0] = 4;
	out[1] = rsa ? 1 : 3;
	out[2] = (uint8_t)(n >> 8);
	out[3] = (uint8_t)n;
	return n + 4;
}

static void base64(const uint8_t *p, size_t n, struct strbuf *out)
{
	uint8_t text[4096];

	EVP_EncodeBlock(text, p, (int)n);
	strbuf_addstr(out, (const char *)text);
}

static void sth_of(const struct signer *s, bool rsa, struct strbuf *out)
{
	uint8_t sig[512], root[32];
	size_t n = sign(s, rsa, sig);

	memset(root, 7, 32);
	strbuf_addstr(out, "{\"tree_size\":300,\"timestamp\":1780000000000,\"sha256_root_hash\":\"");
	base64(root, 32, out);
	strbuf_addstr(out, "\",\"tree_head_signature\":\"");
	base64(sig, n, out);
	strbuf_addstr(out, "\"}");
}

static void tree_heads_of_both_key_types_verify_and_changed_ones_do_not(void **state)
{
	(void)state;
	for (int rsa = 0; rsa < 2; rsa++) {
		struct signer s = signer_new(rsa), other = signer_new(rsa);
		struct strbuf json = STRBUF_INIT;
		struct ct_head h;
		sth_of(&s, rsa, &json);
		assert_int_equal(ct_head_sth(&h, json.buf, json.len, NULL), 0);
		assert_int_equal(h.size, 300);
		assert_int_equal(h.timestamp, 1780000000000);
		assert_int_equal(ct_head_verify(&h, s.key, NULL), 0);
		assert_int_equal(ct_head_verify(&h, other.key, NULL), -1);
		struct ct_head changed[] = { h, h, h, h, h };
		changed[0].size++;
		changed[1].timestamp++;
		changed[2].root[31] ^= 1;
		changed[3].signature[h.signature_n - 1] ^= 1;
		changed[4].sig_alg ^= 2;
		for (int i = 0; i < 5; i++)
			assert_int_equal(ct_head_verify(&changed[i], s.key, NULL), -1);
		strbuf_release(&json);
		signer_release(&s);
		signer_release(&other);
	}
}

static void note_of(const struct signer *s, const char *size, const char *more, struct strbuf *out)
{
	static const char origin[] = "fictional.example/log";
	uint8_t sig[600] = { 0 }, hash[32], root[32];
	struct strbuf id = STRBUF_INIT;
	uint64_t when = 1780000000000;

	strbuf_addf(&id, "%s\n\x05", origin);
	strbuf_add(&id, s->id, 32);
	EVP_Digest(id.buf, id.len, hash, NULL, EVP_sha256(), NULL);
	strbuf_release(&id);
	memcpy(sig, hash, 4);
	for (int i = 0; i < 8; i++)
		sig[4 + i] = (uint8_t)(when >> (56 - 8 * i));
	size_t n = sign(s, false, sig + 12) + 12;
	memset(root, 7, 32);
	strbuf_addf(out, "%s\n%s\n", origin, size);
	base64(root, 32, out);
	strbuf_addf(out, "\n%s\n", more);
	for (int i = 0; i < 20; i++)
		strbuf_addf(out, "\u2014 witness%d.fictional.example d2l0bmVzczEyMzQ1Njc4\n", i);
	strbuf_addf(out, "\u2014 %s ", origin);
	base64(sig, n, out);
	strbuf_addstr(out, "\n");
}

static int read_note(const struct signer *s, const char *origin, const char *size, const char *more)
{
	struct strbuf note = STRBUF_INIT;
	struct ct_head h;

	note_of(s, size, more, &note);
	int rc = ct_head_checkpoint(&h, origin, s->id, note.buf, note.len, NULL);
	if (rc == 0)
		rc = ct_head_verify(&h, s->key, NULL);
	strbuf_release(&note);
	return rc;
}

static void checkpoint_counts_only_with_its_own_signature(void **state)
{
	struct signer s = signer_new(false);
	struct strbuf note = STRBUF_INIT;
	uint8_t other[32] = { 0 };
	struct ct_head h;

	(void)state;
	assert_int_equal(read_note(&s, "fictional.example/log", "300", ""), 0);
	assert_int_equal(read_note(&s, NULL, "300", ""), 0);
	assert_int_equal(read_note(&s, "other.example/log", "300", ""), -1);
	assert_int_equal(read_note(&s, NULL, "0300", ""), -1);
	assert_int_equal(read_note(&s, NULL, "+300", ""), -1);
	assert_int_equal(read_note(&s, NULL, "301", ""), -1);
	assert_int_equal(read_note(&s, NULL, "300", "extension\n"), -1);
	note_of(&s, "300", "", &note);
	assert_int_equal(ct_head_checkpoint(&h, NULL, other, note.buf, note.len, NULL), -1);
	for (size_t n = 0; n < note.len; n++)
		assert_int_equal(ct_head_checkpoint(&h, NULL, s.id, note.buf, n, NULL), -1);
	strbuf_release(&note);
	signer_release(&s);
}

static void real_checkpoint_verifies_with_the_key_of_its_description(void **state)
{
	char *list_path = real_data("ct/skylight-tree/log.v3.json"), *note_path = real_data("ct/skylight-tree/checkpoint");
	struct log_list list = { 0 };
	uint8_t *json, *note;
	size_t n, note_n;
	struct ct_head h;

	(void)state;
	if (skipped_without(list_path))
		return;
	assert_int_equal(path_read(list_path, 1 << 20, &json, &n, NULL), 0);
	assert_int_equal(path_read(note_path, 1 << 20, &note, &note_n, NULL), 0);
	assert_int_equal(log_list_read(&list, (const char *)json, n, NULL, NULL, NULL), 0);
	assert_int_equal(list.log.n, 1);
	const struct log_info *log = &list.log.v[0];
	assert_true(log->tiled && log->test && log->has_final && log->final_size == 300 && log->state == LOG_READONLY);
	assert_int_equal(ct_head_checkpoint(&h, "rome2026h1.example.org", log->id, (const char *)note, note_n, NULL), 0);
	EVP_PKEY *key = key_load(log->key);
	assert_int_equal(ct_head_verify(&h, key, NULL), 0);
	assert_memory_equal(h.root, log->final_root, 32);
	EVP_PKEY_free(key);
	log_list_release(&list);
	free(json);
	free(note);
	free(list_path);
	free(note_path);
}

/* ---- lists ---- */

static int problems;
static void count_problem(void *ctx, const char *place, const char *what)
{
	(void)ctx;
	assert_true(*place && *what);
	problems++;
}

static void read_real_list(const char *name, size_t logs)
{
	char *path = real_data(name);
	struct log_list list = { 0 };
	uint8_t *json;
	size_t n;

	if (skipped_without(path))
		return;
	assert_int_equal(path_read(path, 1 << 20, &json, &n, NULL), 0);
	assert_true(log_list_recognise((const char *)json, n));
	problems = 0;
	assert_int_equal(log_list_read(&list, (const char *)json, n, count_problem, NULL, NULL), 0);
	assert_int_equal(list.log.n, logs);
	assert_int_equal(problems, 0);
	log_list_release(&list);
	free(json);
	free(path);
}

static void real_lists_are_read_whole(void **state)
{
	(void)state;
	read_real_list("ct/all_logs_list.v3.2025-05-05.json", 181);
	read_real_list("apple/ct_log_list.json", 132);
}

static void made_list(const struct signer *a, const struct signer *b, const char *id_of_b, struct strbuf *out)
{
	strbuf_addstr(out, "{\"operators\":[{\"name\":\"Fictional\",\"logs\":[{\"description\":\"Fictional log A\",\"key\":\"");
	base64(a->der.p, a->der.n, out);
	strbuf_addstr(out, "\",\"url\":\"https://a.fictional.example/x\",\"temporal_interval\":{\"start_inclusive\":"
	                   "\"2026-01-01T00:00:00Z\",\"end_exclusive\":\"2026-07-01T00:00:00Z\"},\"state\":{\"usable\":{}}}],"
	                   "\"tiled_logs\":[{\"description\":\"Fictional log B\\u001b[31m\",\"key\":\"");
	base64(b->der.p, b->der.n, out);
	strbuf_addf(out, "\",\"log_id\":\"%s\",\"monitoring_url\":\"https://m.fictional.example/\",\"submission_url\":"
	                 "\"https://s.fictional.example/\",\"state\":{\"rejected\":{}}},{\"description\":\"no key\"},7]}]}",
	            id_of_b);
}

static void list_tells_its_logs_and_what_is_wrong_with_others(void **state)
{
	struct signer a = signer_new(false), b = signer_new(false);
	struct strbuf json = STRBUF_INIT, id = STRBUF_INIT;
	struct log_list list = { 0 };
	size_t n;

	(void)state;
	base64(b.id, 32, &id);
	made_list(&a, &b, id.buf, &json);
	problems = 0;
	assert_int_equal(log_list_read(&list, json.buf, json.len, count_problem, NULL, NULL), 0);
	assert_int_equal(list.log.n, 2);
	assert_int_equal(problems, 2);
	assert_true(list.log.v[1].tiled && !list.log.v[0].tiled);
	assert_null(strchr(list.log.v[1].name, '\033'));
	assert_ptr_equal(log_list_find(&list, "https://a.fictional.example/x/", &n), &list.log.v[0]);
	assert_ptr_equal(log_list_find(&list, "https://s.fictional.example", &n), &list.log.v[1]);
	assert_ptr_equal(log_list_find(&list, "log a", &n), &list.log.v[0]);
	assert_null(log_list_find(&list, "fictional", &n));
	assert_int_equal(n, 2);
	int32_t last;
	assert_int_equal(date_parse("2026-06-30", &last), 0);
	assert_true(log_is_wanted(&list.log.v[0], last));
	assert_false(log_is_wanted(&list.log.v[0], last + 1));
	assert_false(log_is_wanted(&list.log.v[1], last));
	log_list_release(&list);
	strbuf_reset(&json);
	made_list(&a, &b, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", &json);
	assert_int_equal(log_list_read(&list, json.buf, json.len, count_problem, NULL, NULL), 0);
	assert_int_equal(list.log.n, 1);
	log_list_release(&list);
	strbuf_release(&json);
	strbuf_release(&id);
	signer_release(&a);
	signer_release(&b);
}

/* ---- rows ---- */

static struct leaf_row row(uint64_t key, int64_t nb, int64_t na, int64_t sct, uint8_t flags)
{
	return (struct leaf_row){ .key = key, .nb = nb, .na = na, .sct = sct, .flags = flags, .content = 9, .log = 1, .eku = 1 };
}

static void rows_of_one_leaf_merge(void **state)
{
	struct leaf_row r[] = {
		row(5, 100, 900, 70, LEAF_PRECERT | LEAF_LOG_TIME),
		row(3, 1, 2, 3, LEAF_FINAL),
		row(5, 90, 950, 80, LEAF_FINAL),
		row(5, 95, 800, 75, LEAF_FINAL),
	};

	(void)state;
	assert_int_equal(leaf_rows_merge(r, 4), 2);
	assert_int_equal(r[0].key, 3);
	assert_int_equal(r[1].nb, 90);
	assert_int_equal(r[1].na, 950);
	assert_int_equal(r[1].sct, 75); /* an embedded one before any log's time */
	assert_int_equal(r[1].flags, LEAF_PRECERT | LEAF_FINAL);
	r[0].key = 5;
	r[0].content = 8;
	r[0].eku = 0;
	assert_int_equal(leaf_rows_merge(r, 2), 1);
	assert_true(r[0].flags & LEAF_CONFLICT);
	assert_int_equal(r[0].eku, 0);
}

static void many_rows_are_sorted_by_all_of_their_key(void **state)
{
	size_t n = 5000;
	struct leaf_row *r = calloc(n, sizeof(*r));
	uint64_t x = 88172645463325252;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		r[i] = row(i % 10 == 9 ? r[i - 9].key : x, 1, 2, 3, LEAF_FINAL);
	}
	size_t m = leaf_rows_merge(r, n);
	assert_int_equal(m, n / 10 * 9);
	for (size_t i = 1; i < m; i++)
		assert_true(r[i - 1].key < r[i].key);
	free(r);
}

struct collected {
	struct leaf_row v[16];
	size_t n;
};

static int collect(void *ctx, const struct leaf_row *r)
{
	struct collected *c = ctx;

	c->v[c->n++] = *r;
	return 0;
}

static size_t rows_of(struct db *db, int64_t ca, struct collected *c)
{
	c->n = 0;
	assert_int_equal(db_each_ct_leaf(db, ca, collect, c, NULL), 0);
	return c->n;
}

/* An index with one CA, one issuer and one log, inside a transaction. */
struct rows_index {
	char path[40];
	struct db *db;
	struct db_ct_log log;
	int64_t issuer, ca;
};

static void rows_open(struct rows_index *x)
{
	static const uint8_t key[32] = { 1 }, id[32] = { 2 }, sha[32] = { 3 };
	struct db_file f = { .source = "ct", .kind = "ct-log", .part = "x", .origin = "x", .sha256 = sha };
	struct db_ca ca = { .ca_id = id, .spki_sha256 = key, .subject_sha256 = sha, .name = "", .subject = "", .owner = "", .ca_owner = "" };
	int64_t named;

	*x = (struct rows_index){ .path = "/tmp/canopy-rows-XXXXXX", .log = { .log_id = id, .name = "x", .url = "x", .verified = 10 } };
	close(mkstemp(x->path));
	assert_int_equal(db_open(x->path, DB_WRITE, &x->db, NULL), 0);
	assert_int_equal(db_begin(x->db, NULL), 0);
	assert_int_equal(db_touch_file(x->db, &f, &x->log.file, NULL), 0);
	assert_int_equal(db_put_ct_log(x->db, &x->log, NULL), 0);
	assert_int_equal(db_put_ca(x->db, &ca, &x->ca, NULL), 0);
	assert_int_equal(db_ct_issuer(x->db, key, false, (struct db_blob){ "n", 1 }, &x->issuer, &named, NULL), 0);
	assert_int_equal(db_set_ct_issuer_ca(x->db, x->issuer, DB_INT(x->ca), NULL), 0);
}

static void rows_close(struct rows_index *x)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char file[64];

	db_close(x->db);
	for (int i = 0; i < 3; i++) {
		snprintf(file, sizeof(file), "%s%s", x->path, ends[i]);
		unlink(file);
	}
}

static void stored_rows_come_back_merged_and_only_when_proven(void **state)
{
	struct leaf_row one[] = { row(7, LEAF_TIME_UNKNOWN, 253402300799, LEAF_TIME_UNKNOWN, LEAF_FINAL), row(6, -1, -2, 0, LEAF_FINAL) };
	struct leaf_row two[] = { row(7, 5, 6, 7, LEAF_PRECERT | LEAF_LOG_TIME) }, three[] = { row(8, 5, 6, 7, LEAF_PRECERT) };
	struct leaf_row again[] = { row(7, 4, 6, 7, LEAF_PRECERT | LEAF_LOG_TIME) };
	struct collected c;
	struct rows_index x;

	(void)state;
	rows_open(&x);
	assert_int_equal(db_add_run(x.db, x.issuer, x.log.id, 10, one, 2, NULL), 0);
	assert_int_equal(db_add_run(x.db, x.issuer, x.log.id, 10, two, 1, NULL), 0);
	assert_int_equal(db_add_run(x.db, x.issuer, x.log.id, 10, again, 1, NULL), 0);
	assert_int_equal(db_add_run(x.db, x.issuer, x.log.id, 11, three, 1, NULL), 0);
	assert_int_equal(db_commit(x.db, NULL), 0);
	for (int compacted = 0; compacted < 2; compacted++) {
		assert_int_equal(rows_of(x.db, x.ca, &c), 2);
		assert_int_equal(c.v[0].key, 6);
		assert_int_equal(c.v[0].nb, -1);
		assert_int_equal(c.v[0].na, -2);
		assert_int_equal(c.v[1].nb, 4);
		assert_int_equal(c.v[1].na, 253402300799);
		assert_int_equal(c.v[1].sct, 7);
		assert_int_equal(c.v[1].flags, LEAF_PRECERT | LEAF_FINAL | LEAF_LOG_TIME);
		assert_int_equal(db_compact(x.db, true, NULL, NULL, NULL), 0);
	}
	x.log.verified = 11;
	assert_int_equal(db_put_ct_log(x.db, &x.log, NULL), 0);
	assert_int_equal(rows_of(x.db, x.ca, &c), 3);
	assert_int_equal(db_drop_unproven(x.db, x.log.id, 10, NULL), 0);
	assert_int_equal(rows_of(x.db, x.ca, &c), 2);
	rows_close(&x);
}

struct summed {
	uint64_t rows, keys, indexes, last;
};

static int sum_up(void *ctx, const struct leaf_row *r)
{
	struct summed *s = ctx;

	assert_true(s->rows == 0 || r->key > s->last);
	s->rows++;
	s->keys += r->key;
	s->indexes += r->index;
	s->last = r->key;
	return 0;
}

/* Runs of 1, 500 and 9,000 rows in turn; a third of all rows are those of the run three before. */
static void add_runs(struct rows_index *x, unsigned runs, int64_t ends, struct summed *expected)
{
	static const size_t sizes[] = { 1, 500, 9000 };
	struct leaf_row *r = calloc(9000, sizeof(*r));

	for (unsigned run = 0; run < runs; run++) {
		size_t n = sizes[run % 3];
		for (size_t i = 0; i < n; i++) {
			uint64_t of = run >= 3 && i % 3 == 1 ? run - 3 : run;
			r[i] = row(0, 1, 2, 3, LEAF_FINAL);
			r[i].index = of * 10000 + (i % 3 == 1 && run >= 3 ? i - 1 : i);
			r[i].key = (r[i].index + 1 + (uint64_t)ends * 1000000) * UINT64_C(0x9E3779B97F4A7C15);
			if (of == run) {
				expected->rows++;
				expected->keys += r[i].key;
				expected->indexes += r[i].index;
			}
		}
		assert_int_equal(db_add_run(x->db, x->issuer, x->log.id, ends, r, n, NULL), 0);
	}
	free(r);
}

static void settled_is(struct rows_index *x, int64_t runs, const struct summed *expected)
{
	struct summed got = { 0 };
	int64_t n, rows;

	assert_int_equal(db_run_totals(x->db, &n, &rows, NULL), 0);
	assert_int_equal(n, runs);
	assert_int_equal(db_each_ct_leaf(x->db, x->ca, sum_up, &got, NULL), 0);
	assert_int_equal(got.rows, expected->rows);
	assert_int_equal(got.keys, expected->keys);
	assert_int_equal(got.indexes, expected->indexes);
}

static void runs_of_one_size_become_one_and_stay_unproven(void **state)
{
	struct summed proven = { 0 }, all;
	struct rows_index x;

	(void)state;
	rows_open(&x);
	add_runs(&x, 93, 10, &proven); /* 62 of less than a chunk, 31 of more */
	assert_int_equal(db_settle_runs(x.db, x.issuer, x.log.id, NULL), 0);
	settled_is(&x, 93, &proven); /* what is proven is left alone */
	assert_int_equal(db_commit(x.db, NULL), 0);
	assert_int_equal(db_compact(x.db, false, NULL, NULL, NULL), 0);
	settled_is(&x, 1, &proven); /* the small ones' merged run was the 32nd of the larger */
	all = proven;
	assert_int_equal(db_begin(x.db, NULL), 0);
	add_runs(&x, 45, 11, &all); /* 30 and 15 */
	assert_int_equal(db_settle_runs(x.db, x.issuer, x.log.id, NULL), 0);
	settled_is(&x, 46, &proven);
	add_runs(&x, 3, 12, &all);
	assert_int_equal(db_settle_runs(x.db, x.issuer, x.log.id, NULL), 0);
	settled_is(&x, 18, &proven); /* 32 small ones became one; it has the same end as its latest */
	x.log.verified = 11;
	assert_int_equal(db_put_ct_log(x.db, &x.log, NULL), 0);
	assert_int_equal(db_drop_unproven(x.db, x.log.id, 11, NULL), 0);
	int64_t n, rows;
	assert_int_equal(db_run_totals(x.db, &n, &rows, NULL), 0);
	assert_int_equal(n, 16);
	assert_int_equal(db_commit(x.db, NULL), 0);
	rows_close(&x);
}

static void settled_runs_are_counted_once_proven(void **state)
{
	struct summed all = { 0 };
	struct rows_index x;

	(void)state;
	rows_open(&x);
	x.log.verified = 0;
	assert_int_equal(db_put_ct_log(x.db, &x.log, NULL), 0);
	add_runs(&x, 96, 10, &all);
	assert_int_equal(db_settle_runs(x.db, x.issuer, x.log.id, NULL), 0);
	settled_is(&x, 1, &(struct summed){ 0 });
	x.log.verified = 10;
	assert_int_equal(db_put_ct_log(x.db, &x.log, NULL), 0);
	settled_is(&x, 1, &all);
	assert_int_equal(db_commit(x.db, NULL), 0);
	rows_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_tree_is_the_hash_of_nothing),
		cmocka_unit_test(leaf_hashes_have_their_prefixes),
		cmocka_unit_test(root_is_that_of_the_definition_at_every_size),
		cmocka_unit_test(subtrees_append_like_their_leaves),
		cmocka_unit_test(stored_range_goes_on),
		cmocka_unit_test(prefix_is_proven_by_hash_tiles),
		cmocka_unit_test(prefix_is_proven_by_consistency),
		cmocka_unit_test(tile_paths_have_groups_of_three),
		cmocka_unit_test(tree_heads_of_both_key_types_verify_and_changed_ones_do_not),
		cmocka_unit_test(checkpoint_counts_only_with_its_own_signature),
		cmocka_unit_test(real_checkpoint_verifies_with_the_key_of_its_description),
		cmocka_unit_test(real_lists_are_read_whole),
		cmocka_unit_test(list_tells_its_logs_and_what_is_wrong_with_others),
		cmocka_unit_test(rows_of_one_leaf_merge),
		cmocka_unit_test(many_rows_are_sorted_by_all_of_their_key),
		cmocka_unit_test(stored_rows_come_back_merged_and_only_when_proven),
		cmocka_unit_test(runs_of_one_size_become_one_and_stay_unproven),
		cmocka_unit_test(settled_runs_are_counted_once_proven),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
