#include "index/ctbatch.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

#define TILE_ENTRIES 256
#define UNZIPPED_MAX ((size_t)64 << 20)
#define POOL_RING CT_POOL_MOST

/* ---- one batch ---- */

struct reader {
	struct ct_batch *b;
	struct merkle_hasher *hasher;
	struct map issuers, chains;
	uint32_t last_issuer;
	struct chain_seen { /* of entries before: their fingerprints, or their certificates */
		struct slice text;
		uint8_t first[32]; /* the hash of the first certificate */
	} seen[16];
	struct site_ids ids;
	size_t leaf_cap;
};

static uint32_t issuer_number(struct reader *r, const struct batch_issuer *i)
{
	const struct batch_issuer *last = r->b->issuer.n ? &r->b->issuer.v[r->last_issuer] : NULL;
	struct strbuf key = STRBUF_INIT;
	bool is_new;

	/* entries come in heaps of one issuer */
	if (last && last->by_key == i->by_key && slice_equal(last->name, i->name) && memcmp(last->hash, i->hash, 32) == 0)
		return r->last_issuer;
	strbuf_add(&key, &i->by_key, sizeof(i->by_key));
	strbuf_add(&key, i->hash, sizeof(i->hash));
	strbuf_add(&key, i->name.p, i->name.n);
	uint64_t *at = map_at(&r->issuers, key.buf, key.len, &is_new);
	if (is_new) {
		*at = r->b->issuer.n;
		vec_push(&r->b->issuer, *i);
	}
	strbuf_release(&key);
	r->last_issuer = (uint32_t)*at;
	return r->last_issuer;
}

static void note_chain(struct reader *r, struct slice cert)
{
	bool is_new;

	map_at(&r->chains, cert.p, cert.n, &is_new);
	if (is_new)
		vec_push(&r->b->chain, cert);
}

static void note_fingerprints(struct reader *r, struct slice list)
{
	struct chain_seen *seen = &r->seen[list.p[0] % 16];

	if (slice_equal(list, seen->text))
		return;
	seen->text = list;
	for (size_t at = 0; at + 32 <= list.n; at += 32)
		note_chain(r, (struct slice){ list.p + at, 32 });
}

/* Chains that are alike are mostly the same slice. */
static const uint8_t *note_certificates(struct reader *r, struct slice chain)
{
	struct chain_seen *seen = &r->seen[((uintptr_t)chain.p >> 4) % 16];
	struct slice rest = chain, cert;
	bool first = true;

	if (seen->text.p == chain.p && seen->text.n == chain.n)
		return seen->first;
	memset(seen, 0, sizeof(*seen));
	while (rest.n && ct_chain_next(&rest, &cert)) {
		note_chain(r, cert);
		if (first)
			merkle_sha256(r->hasher, cert.p, cert.n, seen->first);
		first = false;
	}
	seen->text = chain;
	return seen->first;
}

/* The first certificate's hash is whom an x509 entry names. */
static void take_chain(struct reader *r, const struct ct_entry *e, struct batch_issuer *i)
{
	const uint8_t *first = NULL;

	if (e->fingerprints.n >= 32) {
		note_fingerprints(r, e->fingerprints);
		first = e->fingerprints.p;
	} else if (e->chain.n) {
		first = note_certificates(r, e->chain);
	}
	if (first && !i->by_key)
		memcpy(i->hash, first, 32);
}

static void add_note(struct reader *r, uint64_t index, struct slice ca_cert, const char *why)
{
	struct batch_note n = { .index = index, .ca_cert = ca_cert };

	snprintf(n.why, sizeof(n.why), "%s", why);
	vec_push(&r->b->note, n);
}

static void take_sites(struct reader *r, const struct x509_cert *c)
{
	r->ids.v.n = 0;
	sites_of(r->b->sites, c, &r->ids);
	for (size_t i = 0; i < r->ids.v.n; i++)
		vec_push(&r->b->site, (struct batch_site){ r->b->row.n - 1, r->ids.v.v[i] });
}

static void take_leaf(struct reader *r, const struct ct_entry *e, uint64_t index)
{
	struct batch_issuer issuer = { .by_key = e->type == CT_PRECERT };
	struct ct_leaf leaf;
	struct err why = { 0 };

	if (issuer.by_key)
		memcpy(issuer.hash, e->issuer_key_hash.p, 32);
	take_chain(r, e, &issuer);
	if (ct_leaf_read(e, &leaf, &why) != CT_LEAF_OK) {
		add_note(r, index, (struct slice){ 0 }, why.msg);
		return;
	}
	if (leaf.is_ca) {
		if (e->type == CT_X509)
			add_note(r, index, leaf.cert.der, "");
		return;
	}
	issuer.name = leaf.issuer;
	bool embeds = leaf.sct != SCT_NONE;
	uint32_t content = ct_leaf_content(&leaf, r->b->seed);
	if (!content) /* "not known" */
		content = 1;
	struct batch_row row = {
		.row = {
			.key = hash_bytes(r->b->seed, leaf.serial.p, leaf.serial.n),
			.nb = leaf.not_before,
			.na = leaf.not_after,
			.sct = embeds ? leaf.sct : e->timestamp / 1000,
			.index = index,
			.content = content,
			.log = r->b->log,
			.flags = (uint8_t)((e->type == CT_PRECERT ? LEAF_PRECERT : LEAF_FINAL) | (embeds ? 0 : LEAF_LOG_TIME) |
			                   (leaf.wildcard ? LEAF_WILDCARD : 0)),
			.eku = leaf.eku,
			.kind = leaf.kind,
		},
		.issuer = issuer_number(r, &issuer),
		.cert = leaf.cert,
	};
	vec_push(&r->b->row, row);
	if (r->b->sites)
		take_sites(r, &leaf.cert);
}

static void take_entry(struct reader *r, const struct ct_entry *e)
{
	static const uint8_t leaf_type[2] = { 0, 0 }; /* version 1, timestamped entry */
	struct ct_batch *b = r->b;
	uint64_t index = b->start + b->held++;

	if (b->held <= b->skip || b->entries >= b->most)
		return;
	if (e->leaf_index >= 0 && (uint64_t)e->leaf_index != index && b->err.kind == ERR_NONE) {
		err_set(&b->err, ERR_INPUT, "entry %llu says that it is entry %lld", (unsigned long long)index,
		        (long long)e->leaf_index);
		return;
	}
	if (b->n_leaves == r->leaf_cap) {
		r->leaf_cap = r->leaf_cap ? r->leaf_cap * 2 : TILE_ENTRIES;
		b->leaf = xreallocarray(b->leaf, r->leaf_cap, sizeof(*b->leaf));
	}
	merkle_leaf_hash(r->hasher, leaf_type, sizeof(leaf_type), e->timestamped.p, e->timestamped.n, b->leaf[b->n_leaves++]);
	b->entries++;
	take_leaf(r, e, index);
}

/* The log client hands gzip on as it came over the wire, and archives keep it so. A tile begins with a time, which is no
 * gzip header before the year 70,000, and a page with a brace; what cannot be inflated is left as it is and refused by the
 * parser. The last four bytes tell the size, modulo 2^32 (RFC 1952 2.3.1). */
static void unzip(struct ct_batch *b)
{
	const uint8_t *end = (const uint8_t *)b->body + b->n;
	struct libdeflate_decompressor *z;
	size_t size, got;

	if (b->n < 18 || memcmp(b->body, "\x1f\x8b", 2) != 0)
		return;
	size = (size_t)end[-4] | (size_t)end[-3] << 8 | (size_t)end[-2] << 16 | (size_t)end[-1] << 24;
	if (size > UNZIPPED_MAX || !(z = libdeflate_alloc_decompressor()))
		return;
	char *out = xmalloc(size + 1);
	if (libdeflate_gzip_decompress(z, b->body, b->n, out, size, &got) == LIBDEFLATE_SUCCESS && got == size) {
		free(b->body);
		out[size] = '\0';
		b->body = out;
		b->n = size;
	} else {
		free(out);
	}
	libdeflate_free_decompressor(z);
}

void ct_batch_read(struct ct_batch *b, struct merkle_hasher *h)
{
	struct reader r = { .b = b, .hasher = h };
	struct ct_tile tile;
	struct ct_entry e;
	int rc = 1;

	unzip(b);
	if (b->is_tile)
		ct_tile_init(&tile, (const uint8_t *)b->body, b->n);
	else
		rc = ct_page_init(&b->page, b->body, b->n, &b->err) < 0 ? -1 : 1;
	b->page.chains_only = true;
	while (rc == 1 && b->err.kind == ERR_NONE) {
		rc = b->is_tile ? ct_tile_next(&tile, &e, &b->err) : ct_page_next(&b->page, &e, &b->err);
		if (rc == 1)
			take_entry(&r, &e);
	}
	b->whole = b->n_leaves == TILE_ENTRIES && (b->start + b->skip) % TILE_ENTRIES == 0;
	if (b->whole)
		merkle_root_of(h, (const uint8_t(*)[32])b->leaf, b->n_leaves, b->subtree);
	map_release(&r.issuers);
	map_release(&r.chains);
	vec_release(&r.ids.v);
}

void ct_batch_free(struct ct_batch *b)
{
	if (!b)
		return;
	if (!b->is_tile)
		ct_page_release(&b->page);
	vec_release(&b->issuer);
	vec_release(&b->row);
	vec_release(&b->site);
	vec_release(&b->note);
	vec_release(&b->chain);
	free(b->leaf);
	free(b->body);
	free(b);
}

/* ---- the threads ---- */

struct ct_pool {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct ct_batch *ring[POOL_RING];
	uint64_t given, started, taken; /* counts; ring[count % POOL_RING] */
	bool ends;
	unsigned n;
	pthread_t *thread;
	struct merkle_hasher *hasher; /* of the thread that takes */
};

static void *work(void *ctx)
{
	struct ct_pool *p = ctx;
	struct merkle_hasher *h = merkle_hasher_new();

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->ends && p->started == p->given)
			pthread_cond_wait(&p->changed, &p->lock);
		if (p->ends)
			break;
		struct ct_batch *b = p->ring[p->started++ % POOL_RING];
		pthread_mutex_unlock(&p->lock);
		ct_batch_read(b, h);
		pthread_mutex_lock(&p->lock);
		b->done = true;
		pthread_cond_broadcast(&p->changed);
	}
	pthread_mutex_unlock(&p->lock);
	merkle_hasher_free(h);
	return NULL;
}

struct ct_pool *ct_pool_new(unsigned jobs)
{
	struct ct_pool *p = xcalloc(1, sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->changed, NULL);
	p->hasher = merkle_hasher_new();
	if (jobs > 1)
		p->thread = xcalloc(jobs, sizeof(*p->thread));
	while (jobs > 1 && p->n < jobs && pthread_create(&p->thread[p->n], NULL, work, p) == 0)
		p->n++;
	return p;
}

void ct_pool_free(struct ct_pool *p)
{
	struct ct_batch *b;

	if (!p)
		return;
	while ((b = ct_pool_take(p)) != NULL)
		ct_batch_free(b);
	pthread_mutex_lock(&p->lock);
	p->ends = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->n; i++)
		pthread_join(p->thread[i], NULL);
	free(p->thread);
	merkle_hasher_free(p->hasher);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

bool ct_pool_idle(struct ct_pool *p)
{
	pthread_mutex_lock(&p->lock);
	bool idle = p->n ? p->started == p->given : p->taken == p->given;
	pthread_mutex_unlock(&p->lock);
	return idle;
}

size_t ct_pool_pending(const struct ct_pool *p)
{
	return p->given - p->taken;
}

void ct_pool_give(struct ct_pool *p, struct ct_batch *b)
{
	pthread_mutex_lock(&p->lock);
	p->ring[p->given++ % POOL_RING] = b;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

struct ct_batch *ct_pool_take(struct ct_pool *p)
{
	if (p->taken == p->given)
		return NULL;
	struct ct_batch *b = p->ring[p->taken % POOL_RING];
	if (!p->n) {
		ct_batch_read(b, p->hasher);
	} else {
		pthread_mutex_lock(&p->lock);
		while (!b->done)
			pthread_cond_wait(&p->changed, &p->lock);
		pthread_mutex_unlock(&p->lock);
	}
	p->taken++;
	return b;
}
