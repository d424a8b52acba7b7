#include "base/map.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

struct map_slot {
	uint64_t hash; /* 0 = free */
	const void *key;
	size_t len;
	uint64_t value;
};

static uint64_t seed[2];
static once_flag seeded = ONCE_FLAG_INIT;

static void make_seed(void)
{
	struct timespec now;

	if (getrandom(seed, sizeof(seed), 0) == (ssize_t)sizeof(seed))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	seed[0] = (uint64_t)now.tv_sec ^ (uint64_t)getpid() << 32;
	seed[1] = (uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)&now;
}

static uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/* Whoever does not know the seed cannot make keys collide. */
uint64_t hash_bytes(const uint64_t with[2], const void *bytes, size_t len)
{
	uint64_t v[4], word, tail = (uint64_t)len << 56;
	const unsigned char *key = bytes;
	size_t left;

	v[0] = with[0] ^ 0x736f6d6570736575;
	v[1] = with[1] ^ 0x646f72616e646f6d;
	v[2] = with[0] ^ 0x6c7967656e657261;
	v[3] = with[1] ^ 0x7465646279746573;
	for (left = len; left >= 8; left -= 8, key += 8) {
		memcpy(&word, key, 8);
		sip_word(v, word);
	}
	for (size_t i = 0; i < left; i++)
		tail |= (uint64_t)key[i] << (8 * i);
	sip_word(v, tail);
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	word = v[0] ^ v[1] ^ v[2] ^ v[3];
	return word ? word : 1;
}

static uint64_t hash_of(const void *key, size_t len)
{
	call_once(&seeded, make_seed);
	return hash_bytes(seed, key, len);
}

/* The slot that holds the key, or the free one where it belongs. */
static struct map_slot *find(const struct map *m, const void *key, size_t len, uint64_t hash)
{
	size_t mask = m->cap - 1, i = hash & mask;

	for (; m->slots[i].hash; i = (i + 1) & mask) {
		const struct map_slot *s = &m->slots[i];

		if (s->hash == hash && s->len == len && (!len || memcmp(s->key, key, len) == 0))
			break;
	}
	return &m->slots[i];
}

static void grow(struct map *m)
{
	struct map_slot *old = m->slots;
	size_t old_cap = m->cap, mask, at;

	m->cap = old_cap ? old_cap * 2 : 16;
	m->slots = xcalloc(m->cap, sizeof(*m->slots));
	mask = m->cap - 1;
	for (size_t i = 0; i < old_cap; i++) {
		if (!old[i].hash)
			continue;
		for (at = old[i].hash & mask; m->slots[at].hash; at = (at + 1) & mask)
			;
		m->slots[at] = old[i];
	}
	free(old);
}

const uint64_t *map_get(const struct map *m, const void *key, size_t len)
{
	struct map_slot *s;

	if (!m->n)
		return NULL;
	s = find(m, key, len, hash_of(key, len));
	return s->hash ? &s->value : NULL;
}

uint64_t *map_at(struct map *m, const void *key, size_t len, bool *is_new)
{
	uint64_t hash = hash_of(key, len);
	struct map_slot *s;

	if (m->n >= m->cap / 4 * 3)
		grow(m);
	s = find(m, key, len, hash);
	if (is_new)
		*is_new = !s->hash;
	if (!s->hash) {
		*s = (struct map_slot){ hash, arena_dup(&m->keys, key, len), len, 0 };
		m->n++;
	}
	return &s->value;
}

void map_release(struct map *m)
{
	free(m->slots);
	arena_release(&m->keys);
	*m = (struct map){ 0 };
}

/* ---- a polynomial over the numbers modulo 2^61 - 1 ---- */

#define PRIME (((uint64_t)1 << 61) - 1)
#define WORD_BYTES 7 /* a word is below the prime */
#define WORD_MASK (((uint64_t)1 << 56) - 1)

__extension__ typedef unsigned __int128 product;

/* x below 2^125 */
static inline uint64_t reduce(product x)
{
	uint64_t r = (uint64_t)(x & PRIME) + (uint64_t)(x >> 61);

	r = (r & PRIME) + (r >> 61);
	return r >= PRIME ? r - PRIME : r;
}

static inline uint64_t step(uint64_t sum, uint64_t key, uint64_t word)
{
	return reduce((product)sum * key + word);
}

void content_hash_init(struct content_hash *h, const uint64_t secret[2])
{
	*h = (struct content_hash){ .key = { secret[0] % (PRIME - 2) + 2 }, .last = secret[1] | 1 };
	for (int i = 1; i < 4; i++)
		h->key[i] = reduce((product)h->key[i - 1] * h->key[0]);
}

static uint64_t word_of(const uint8_t *p, size_t n)
{
	uint64_t w = 0;

	for (size_t i = 0; i < n; i++)
		w |= (uint64_t)p[i] << (8 * i);
	return w;
}

/* Eight bytes are there. */
static inline uint64_t quick_word(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return le64toh(w) & WORD_MASK;
}

void content_hash_add(struct content_hash *h, const void *data, size_t n)
{
	const uint8_t *p = data;
	uint64_t sum;

	h->total += n;
	for (; n && h->waiting; n--) {
		h->wait[h->waiting++] = *p++;
		if (h->waiting == WORD_BYTES) {
			h->sum = step(h->sum, h->key[0], word_of(h->wait, WORD_BYTES));
			h->waiting = 0;
		}
	}
	sum = h->sum;
	/* four at once, for a product waits for the one before */
	for (; n >= 4 * WORD_BYTES + 1; n -= 4 * WORD_BYTES, p += 4 * WORD_BYTES)
		sum = reduce((product)sum * h->key[3] + (product)quick_word(p) * h->key[2] +
		             (product)quick_word(p + WORD_BYTES) * h->key[1] +
		             (product)quick_word(p + 2 * WORD_BYTES) * h->key[0] + quick_word(p + 3 * WORD_BYTES));
	for (; n >= 8; n -= WORD_BYTES, p += WORD_BYTES)
		sum = step(sum, h->key[0], quick_word(p));
	if (n >= WORD_BYTES) {
		sum = step(sum, h->key[0], word_of(p, WORD_BYTES));
		n -= WORD_BYTES;
		p += WORD_BYTES;
	}
	h->sum = sum;
	for (; n; n--)
		h->wait[h->waiting++] = *p++;
}

uint32_t content_hash_end(struct content_hash *h)
{
	h->sum = step(h->sum, h->key[0], word_of(h->wait, h->waiting));
	/* texts that differ in zero bytes at the end differ in length */
	h->sum = step(h->sum, h->key[0], h->total & WORD_MASK);
	return (uint32_t)(h->sum * h->last >> 32);
}
