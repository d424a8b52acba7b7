/* Reading logs of 262,144 fictional entries, half precertificates, from a server on 127.0.0.1: bench_ct FOLDER.
 * Side by side: SHA-256 of the same bytes (the floor), OpenSSL's parser, ours, the whole of fetching, proving, storing
 * and counting, and Debian's certspotter on the same RFC 6962 log. */
#include <glob.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "bench.h"
#include "ct_logs.h"
#include "index/ct.h"
#include "index/ctentry.h"
#include "index/index.h"
#include "index/merkle.h"

#define ROUNDS 3
#define D2I_ENTRIES 4096

/* ---- what is measured ---- */

struct share {
	size_t from, to;
	bool parse;
};

static void *hash_share(void *arg)
{
	const struct share *s = arg;
	struct merkle_hasher *h = merkle_hasher_new();
	struct ct_tile cut;
	struct ct_entry e;
	struct ct_leaf read;
	static const uint64_t seed[2] = { 1234567891011, 1213141516171819 };
	uint8_t hash[32];

	for (size_t t = s->from; t < s->to; t++) {
		ct_tile_init(&cut, tile[t].p, tile[t].n);
		while (ct_tile_next(&cut, &e, NULL) == 1) {
			if (s->parse)
				must(ct_leaf_read(&e, &read, NULL) == CT_LEAF_OK && ct_leaf_content(&read, seed), "an entry is not read");
			else
				merkle_leaf_hash(h, "\0\0", 2, e.timestamped.p, e.timestamped.n, hash);
		}
	}
	merkle_hasher_free(h);
	return NULL;
}

static void in_threads(unsigned n, bool parse, struct series *into)
{
	pthread_t thread[2];
	struct share s[2] = { { 0, TILES / n, parse }, { TILES / 2, TILES, parse } };
	uint64_t started = clock_ns();

	for (unsigned i = 0; i < n; i++)
		pthread_create(&thread[i], NULL, hash_share, &s[i]);
	for (unsigned i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	series_add(into, started);
}

static void with_openssl(struct series *into)
{
	struct series one = { .n = 0 };
	uint64_t started = clock_ns();

	for (uint32_t i = 0; i < D2I_ENTRIES; i++) {
		const uint8_t *p = final_one.cert.p;
		X509_free(d2i_X509(NULL, &p, (long)final_one.cert.n));
	}
	series_add(&one, started);
	/* told for as many entries as the others */
	into->ms[into->n++] = one.ms[0] * (ENTRIES / D2I_ENTRIES);
}

static void drop_index(const char *db)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-ct.lock" };
	char path[700];

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(path, sizeof(path), "%s%s", db, ends[i]);
		unlink(path);
	}
}

static uint64_t issued(const char *db)
{
	struct index *ix;
	struct index_stats s;

	must(index_open(db, INDEX_READ, &ix, NULL) == 0, "the index cannot be opened");
	uint64_t n = index_graph(ix)->ca.n ? index_graph(ix)->ca.v[0].issued : 0;
	must(index_stats(ix, &s, NULL) == 0, "no statistics");
	index_close(ix);
	return n;
}

/* The log's key is indexed first: a log list is imported where there is one. */
static void ingest(const char *db, const char *list, const char *log, unsigned jobs, struct series *into)
{
	struct str_list logs = { 0 };
	struct ct_options o = { .logs = &logs, .to = UINT64_MAX, .most = UINT64_MAX, .jobs = jobs };
	struct import_options io = { .source = "import", .quiet = true };
	struct import_result ir;
	struct ct_result r;
	struct err err = { 0 };
	char *path[1] = { xstrdup(list) };

	drop_index(db);
	if (*list)
		must(index_import(db, path, 1, &io, &ir, &err) == 0 && !ir.refused, "the log list is not imported");
	free(path[0]);
	vec_push(&logs, log);
	uint64_t started = clock_ns();
	int rc = ct_fetch(db, &o, &r, &err);
	series_add(into, started);
	must(rc == 0 && r.failed == 0 && r.entries == ENTRIES, err.msg);
	must(issued(db) == ENTRIES, "a wrong count");
	vec_release(&logs);
}

/* ---- Debian's certspotter ---- */

static void write_file(const char *path, const char *text)
{
	must(path_write_atomic(path, text, strlen(text), NULL) == 0, path);
}

/* Its state tells how far it has proven the log; the name of the log's folder is its business. */
static uint64_t proven(const char *dir)
{
	char pattern[700], *found;
	unsigned long long n = 0;
	uint8_t *text;
	glob_t g;
	size_t len;

	snprintf(pattern, sizeof(pattern), "%s/logs/*/state.json", dir);
	if (glob(pattern, 0, NULL, &g) == 0 && path_read(g.gl_pathv[0], 1 << 20, &text, &len, NULL) == 0) {
		found = strstr((char *)text, "\"verified_position\"");
		found = found ? strstr(found, "\"size\":") : NULL;
		if (!found || sscanf(found + 7, "%llu", &n) != 1)
			n = 0;
		free(text);
	}
	globfree(&g);
	return n;
}

static bool has_certspotter(void)
{
	return system("command -v certspotter >/dev/null 2>&1") == 0;
}

static void with_certspotter(const char *dir, const char *list, struct series *into)
{
	char watch[600], state[600], command[3000];

	snprintf(watch, sizeof(watch), "%s/watch", dir);
	snprintf(state, sizeof(state), "%s/state", dir);
	write_file(watch, "nothing.invalid\n");
	snprintf(command, sizeof(command), "rm -rf '%s'", state);
	must(system(command) == 0, "rm");
	snprintf(command, sizeof(command), "exec certspotter -logs '%s' -state_dir '%s' -watchlist '%s' -no_save -stdout >/dev/null 2>'%s/log'", list, state,
	         watch, dir);
	uint64_t started = clock_ns();
	pid_t child = fork();
	if (child == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	while (proven(state) < ENTRIES) {
		int status;
		must(waitpid(child, &status, WNOHANG) == 0, "certspotter ended");
		usleep(20000);
	}
	series_add(into, started);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* ---- all of it ---- */

static void make_list(const char *dir, unsigned port, char path[600])
{
	struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b, "{\"version\":\"1\",\"log_list_timestamp\":\"2026-05-01T00:00:00Z\",\"operators\":[{\"name\":\"Fictional\",\"email\":[\"nobody@fictional.example\"],"
	                "\"logs\":[{\"description\":\"Fictional bench log 2\",\"log_id\":\"%s\",\"key\":\"%s\",\"url\":\"http://127.0.0.1:%u/rfc/\",\"mmd\":86400,"
	                "\"state\":{\"usable\":{\"timestamp\":\"2026-01-01T00:00:00Z\"}}}],\"tiled_logs\":[]}]}", rfc_id, rfc_key, port);
	snprintf(path, 600, "%s/list.json", dir);
	write_file(path, b.buf);
	strbuf_release(&b);
}

int main(int argc, char **argv)
{
	struct series floor1 = { .n = 0 }, floor2 = floor1, d2i = floor1, parse = floor1, one = floor1, two = floor1, rfc1 = floor1, rfc2 = floor1,
		      spotter = floor1;
	char url[64], list[600], db[600];
	unsigned port;

	must(argc == 2 && path_mkdirs_for(argv[1], NULL) == 0 && (path_is_dir(argv[1]) || mkdir(argv[1], 0700) == 0), "usage: bench_ct FOLDER");
	make_logs();
	pid_t server = start_server(&port);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/static/", port);
	snprintf(db, sizeof(db), "%s/bench.db", argv[1]);
	make_list(argv[1], port, list);
	for (int i = 0; i < ROUNDS; i++) {
		in_threads(1, false, &floor1);
		in_threads(2, false, &floor2);
		with_openssl(&d2i);
		in_threads(1, true, &parse);
		ingest(db, "", url, 1, &one);
		ingest(db, "", url, 2, &two);
		ingest(db, list, "Fictional bench log 2", 1, &rfc1);
		ingest(db, list, "Fictional bench log 2", 2, &rfc2);
	}
	if (has_certspotter())
		with_certspotter(argv[1], list, &spotter);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	printf("%d entries, %zu and %zu bytes of certificate\n", ENTRIES, final_one.cert.n, precert_one.tbs.n);
	bench_line("SHA-256 of the entries, 1 thread", &floor1, NULL, NULL);
	bench_line("SHA-256 of the entries, 2 threads", &floor2, "one thread", &floor1);
	bench_line("d2i_X509 (extrapolated)", &d2i, "SHA-256, 1 thread", &floor1);
	bench_line("parsed by canopy, 1 thread", &parse, "SHA-256, 1 thread", &floor1);
	bench_line("static log: fetched to counted, 1 job", &one, "SHA-256, 1 thread", &floor1);
	bench_line("static log: fetched to counted, 2 jobs", &two, "SHA-256, 2 threads", &floor2);
	bench_line("RFC 6962 log: the same, 1 job", &rfc1, "SHA-256, 1 thread", &floor1);
	bench_line("RFC 6962 log: the same, 2 jobs", &rfc2, "SHA-256, 2 threads", &floor2);
	if (spotter.n)
		bench_line("RFC 6962 log: certspotter, once", &spotter, "canopy, 2 jobs", &rfc2);
	else
		printf("certspotter is not installed: not compared\n");
	printf("entries a second: %.0f and %.0f (static, 1 and 2 jobs), %.0f and %.0f (RFC 6962)\n", ENTRIES / series_median(&one) * 1e3,
	       ENTRIES / series_median(&two) * 1e3, ENTRIES / series_median(&rfc1) * 1e3, ENTRIES / series_median(&rfc2) * 1e3);
	return 0;
}
