/* Indexing every CA certificate of CCADB against the time OpenSSL alone needs to parse and verify them:
 * bench_import DATA TMP.db. DATA holds ccadb/, derived/, mozilla/, leaves/ as far as they are there. */
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/map.h"
#include "base/path.h"
#include "base/text.h"
#include "base/vec.h"
#include "bench.h"
#include "index/ccadb.h"
#include "index/index.h"

#define ROUNDS 5
#define THREADS 2

struct blob {
	uint8_t *p;
	size_t n;
};
static VEC(struct blob) ders;
static struct map seen;
static X509 **parsed;
static struct map by_name; /* hash of the subject to a list */
static uint32_t *next_same;
static size_t verified[THREADS];

static int take_record(void *ctx, const struct ccadb_record *r)
{
	bool is_new = false;

	(void)ctx;
	if (r->der)
		map_at(&seen, r->sha256, 32, &is_new);
	if (is_new)
		vec_push(&ders, (struct blob){ xmemdup(r->der, r->der_len), r->der_len });
	return 0;
}

static int take_file(void *ctx, const char *path, struct err *err)
{
	struct ccadb_handler h = { .record = take_record };
	uint8_t *data;
	size_t n;

	(void)ctx;
	if (path_read(path, (size_t)1 << 30, &data, &n, err) < 0)
		return -1;
	if (ccadb_recognise((char *)data, n) && ccadb_read((char *)data, n, &h, err) < 0)
		return -1;
	free(data);
	return 0;
}

static void *parse_share(void *arg)
{
	for (size_t i = (size_t)arg; i < ders.n; i += THREADS) {
		const unsigned char *p = ders.v[i].p;
		parsed[i] = d2i_X509(NULL, &p, (long)ders.v[i].n);
	}
	return NULL;
}

/* Each certificate under every key of its issuer's name until one verifies it. */
static void *verify_share(void *arg)
{
	size_t good = 0;

	for (size_t i = (size_t)arg; i < ders.n; i += THREADS) {
		if (!parsed[i])
			continue;
		unsigned long name = X509_NAME_hash_ex(X509_get_issuer_name(parsed[i]), NULL, NULL, NULL);
		const uint64_t *first = map_get(&by_name, &name, sizeof(name));
		for (uint32_t k = first ? (uint32_t)*first : UINT32_MAX; k != UINT32_MAX; k = next_same[k]) {
			if (X509_verify(parsed[i], X509_get0_pubkey(parsed[k])) == 1) {
				good++;
				break;
			}
		}
	}
	verified[(size_t)arg] = good;
	return NULL;
}

static void on_both_cores(void *(*fn)(void *))
{
	pthread_t t[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, fn, (void *)i);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
}

static void openssl_alone(void)
{
	parsed = xcalloc(ders.n, sizeof(*parsed));
	next_same = xcalloc(ders.n, sizeof(*next_same));
	on_both_cores(parse_share);
	for (uint32_t i = 0; i < ders.n; i++) {
		if (!parsed[i])
			continue;
		bool is_new;
		unsigned long name = X509_NAME_hash_ex(X509_get_subject_name(parsed[i]), NULL, NULL, NULL);
		uint64_t *at = map_at(&by_name, &name, sizeof(name), &is_new);
		next_same[i] = is_new ? UINT32_MAX : (uint32_t)*at;
		*at = i;
	}
	on_both_cores(verify_share);
	for (size_t i = 0; i < ders.n; i++)
		X509_free(parsed[i]);
	free(parsed);
	free(next_same);
	map_release(&by_name);
}

static void remove_index(const char *db)
{
	const char *suffix[] = { "", "-wal", "-shm" };
	char path[4096];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", db, suffix[i]);
		unlink(path);
	}
}

static void import(const char *db, char *const *paths, size_t n, struct import_result *ret)
{
	struct import_options o = { .quiet = true };
	struct err err = { 0 };

	if (index_import(db, paths, n, &o, ret, &err) < 0) {
		fprintf(stderr, "bench_import: %s\n", err.msg);
		exit(1);
	}
	free(ret->notes);
}

static void measure_reading(const char *db)
{
	struct series load = { 0 }, subtree = { 0 };
	struct err err = { 0 };

	for (int i = 0; i < ROUNDS; i++) {
		struct index *ix;
		uint64_t t = clock_ns();
		if (index_open(db, INDEX_READ, &ix, &err) < 0)
			exit(1);
		series_add(&load, t);
		const struct graph *g = index_graph(ix);
		uint64_t *own = xcalloc(g->ca.n, sizeof(*own)), *sub = xcalloc(g->ca.n, sizeof(*sub));
		t = clock_ns();
		tally_own(g, NULL, date_today(), own);
		tally_subtree(g, date_today(), own, sub);
		series_add(&subtree, t);
		free(own);
		free(sub);
		index_close(ix);
	}
	bench_line("open and load the index", &load, NULL, NULL);
	bench_line("subtree counts of all CAs", &subtree, NULL, NULL);
}

int main(int argc, char **argv)
{
	static const char *const folders[] = { "ccadb", "derived", "mozilla", "leaves" };
	struct series alone = { 0 }, ours = { 0 }, again = { 0 };
	struct import_result r = { 0 };
	struct err err = { 0 };
	char *paths[4];
	size_t n = 0;

	if (argc != 3)
		return 2;
	for (int i = 0; i < 4; i++) {
		char *p = path_join(argv[1], folders[i]);
		if (path_exists(p))
			paths[n++] = p;
		else
			free(p);
	}
	if (n == 0 || path_walk(paths[0], take_file, NULL, &err) < 0) {
		fprintf(stderr, "bench_import: nothing to read in '%s' %s\n", argv[1], err.msg);
		return 77;
	}
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t t = clock_ns();
		openssl_alone();
		series_add(&alone, t);
		remove_index(argv[2]);
		t = clock_ns();
		import(argv[2], paths, n, &r);
		series_add(&ours, t);
		struct import_result second;
		t = clock_ns();
		import(argv[2], paths, n, &second);
		series_add(&again, t);
	}
	printf("%zu CA certificates; OpenSSL verified %zu; indexed %llu CA certificates, %llu leaves\n", ders.n,
	       verified[0] + verified[1], (unsigned long long)r.ca_certs, (unsigned long long)r.leaves);
	bench_line("OpenSSL parses and verifies, 2 threads", &alone, NULL, NULL);
	bench_line("import into an empty index", &ours, "OpenSSL alone", &alone);
	bench_line("import again, nothing changed", &again, "the first import", &ours);
	measure_reading(argv[2]);
	remove_index(argv[2]);
	for (size_t i = 0; i < n; i++)
		free(paths[i]);
	for (size_t i = 0; i < ders.n; i++)
		free(ders.v[i].p);
	vec_release(&ders);
	map_release(&seen);
	return 0;
}
