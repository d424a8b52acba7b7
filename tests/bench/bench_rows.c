/* A hundred million generated leaf rows of 200 fictional CAs: stored window by window as two logs would give them,
 * merged, counted, read back: bench_rows FOLDER [ROWS]. Each step is a process of its own, whose memory is told. Every
 * leaf comes as precertificate and as certificate, and some of the second log's are the first log's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/vec.h"
#include "bench.h"
#include "db/leafrun.h"
#include "index/index.h"
#include "index/impact.h"

#define WINDOW_ROWS 131072
#define CAS 200
#define FIRST_DAY 20400
#define DAYS 400
#define AS_OF (FIRST_DAY + DAYS - 30)

static struct {
	const char *path;
	uint64_t windows; /* the first half of them are the first log's */
	struct err err;
} bench;

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_rows: %s%s%s\n", what, bench.err.msg[0] ? ": " : "", bench.err.msg);
	exit(1);
}

/* ---- what the logs hold ---- */

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

/* The window whose leaves stand in window w: its own for precertificates, that of the precertificates for the
 * certificates behind them, and one of the first log for every fourth of the second. */
static uint64_t leaves_of(uint64_t w)
{
	uint64_t second = bench.windows / 2;

	w &= ~UINT64_C(1);
	return w >= second && (w - second) % 8 == 0 ? w - second : w;
}

/* More than half of all leaves are one CA's, as in the Web PKI. */
static uint32_t leaf_of(uint64_t n, bool precert, uint16_t log, uint64_t at, struct leaf_row *ret)
{
	uint64_t h = mix(n + 1), day = FIRST_DAY + h % DAYS;
	uint32_t pick = h >> 20 & 1023, ca = pick < 560 ? 0 : pick < 760 ? 1 : pick < 860 ? 2 : 3 + (uint32_t)(h >> 32) % (CAS - 3);
	int64_t nb = date_start((int32_t)day) + (int64_t)(h >> 40 & 65535);

	*ret = (struct leaf_row){
		.key = mix(h ^ UINT64_C(0x9E3779B97F4A7C15)),
		.nb = nb,
		.na = nb + 86400 * (ca < 2 ? 90 : ca % 3 ? 200 : 397) - 1,
		.sct = nb + 3600,
		.index = at,
		.content = (uint32_t)(h >> 13) | 1,
		.log = log,
		.flags = precert ? LEAF_PRECERT : LEAF_FINAL,
		.eku = 1,
		.kind = 1,
	};
	return ca;
}

/* ---- the steps ---- */

struct rows_of {
	int64_t issuer;
	unsigned runs;
	VEC(struct leaf_row) row;
};
static struct rows_of ca_rows[CAS];

static void put_log(struct db *db, int64_t file, int n, int64_t verified, int64_t *id)
{
	uint8_t log_id[32] = { 2, (uint8_t)n };
	struct db_ct_log l = { .id = *id, .log_id = log_id, .file = file, .name = n ? "Fictional log 2" : "Fictional log 1",
		               .url = n ? "https://b.example/" : "https://a.example/", .verified = verified, .position = verified };

	must(db_put_ct_log(db, &l, &bench.err) == 0, "a log is not stored");
	*id = l.id;
}

static void make_index(struct db *db, int64_t *file, int64_t log[2])
{
	struct db_file f = { .kind = "rows", .part = "", .source = "bench", .origin = "generated", .sha256 = (const uint8_t[32]){ 0 } };
	int64_t ca, named;
	char name[32];

	must(db_begin(db, &bench.err) == 0 && db_replace_file(db, &f, file, &bench.err) == 0, "no index");
	for (uint32_t i = 0; i < CAS; i++) {
		uint8_t id[32] = { 1, (uint8_t)i };
		snprintf(name, sizeof(name), "Fictional CA %u", i);
		must(db_put_ca(db, &(struct db_ca){ .ca_id = id, .spki_sha256 = id, .subject_sha256 = id, .name = name, .subject = name, .owner = "" },
		               &ca, &bench.err) == 0 &&
		             db_ct_issuer(db, id, false, (struct db_blob){ name, strlen(name) }, &ca_rows[i].issuer, &named, &bench.err) == 0 &&
		             db_set_ct_issuer_ca(db, ca_rows[i].issuer, DB_INT(ca), &bench.err) == 0,
		     "a CA is not stored");
	}
	for (int i = 0; i < 2; i++)
		put_log(db, *file, i, 0, &log[i]);
	must(db_commit(db, &bench.err) == 0, "no index");
}

static void store_window(struct db *db, uint64_t w, int64_t log)
{
	struct leaf_row row;

	for (uint64_t i = 0; i < WINDOW_ROWS; i++) {
		uint32_t ca = leaf_of(leaves_of(w) * WINDOW_ROWS + i, !(w & 1), (uint16_t)log, w * WINDOW_ROWS + i, &row);
		vec_push(&ca_rows[ca].row, row);
	}
	must(db_begin(db, &bench.err) == 0, "no transaction");
	for (uint32_t i = 0; i < CAS; i++) {
		struct rows_of *to = &ca_rows[i];
		must(db_add_run(db, to->issuer, log, (int64_t)((w + 1) * WINDOW_ROWS), to->row.v, to->row.n, &bench.err) == 0 &&
		             (++to->runs % LEAF_RUNS_SAME || db_settle_runs(db, to->issuer, log, &bench.err) == 0),
		     "a run is not stored");
		to->row.n = 0;
	}
	must(db_commit(db, &bench.err) == 0, "a window is not stored");
}

static void ingest(void)
{
	struct db *db;
	int64_t file, log[2] = { 0, 0 };

	must(db_open(bench.path, DB_WRITE, &db, &bench.err) == 0, "no index");
	make_index(db, &file, log);
	for (uint64_t w = 0; w < bench.windows; w++)
		store_window(db, w, log[w >= bench.windows / 2]);
	for (int i = 0; i < 2; i++)
		put_log(db, file, i, (int64_t)(bench.windows * WINDOW_ROWS), &log[i]);
	db_close(db);
}

static void merge(void)
{
	struct db *db;

	must(db_open(bench.path, DB_WRITE, &db, &bench.err) == 0, "no index");
	must(db_compact(db, true, NULL, NULL, &bench.err) == 0, "not merged");
	db_close(db);
}

static void count(void)
{
	struct db *db;

	must(db_open(bench.path, DB_WRITE, &db, &bench.err) == 0 && db_compact(db, false, NULL, NULL, &bench.err) == 0 &&
	             db_begin(db, &bench.err) == 0 && db_count_leaves(db, &bench.err) == 0 &&
	             db_commit(db, &bench.err) == 0,
	     "not counted");
	db_close(db);
}

/* Runs one step in a process of its own. */
static void step(const char *what, void (*fn)(void))
{
	struct rusage use;
	uint64_t started = clock_ns();
	int status;
	pid_t child = fork();

	must(child >= 0, "no process");
	if (child == 0) {
		fn();
		exit(0);
	}
	must(wait4(child, &status, 0, &use) == child && status == 0, what);
	double s = (double)(clock_ns() - started) / 1e9;
	printf("%-44s %8.1f s  %6.1f million rows a second  %5ld MB\n", what, s, (double)(bench.windows * WINDOW_ROWS) / s / 1e6, use.ru_maxrss / 1024);
	fflush(stdout);
}

/* ---- the answers ---- */

static void expect(uint64_t issued[CAS], uint64_t unexpired[CAS])
{
	struct leaf_row row;

	for (uint64_t w = 0; w < bench.windows; w += 2)
		for (uint64_t i = 0; leaves_of(w) == w && i < WINDOW_ROWS; i++) {
			uint32_t ca = leaf_of(w * WINDOW_ROWS + i, true, 1, 0, &row);
			issued[ca]++;
			unexpired[ca] += row.nb < date_start(AS_OF) + 86400 && row.na >= date_start(AS_OF);
		}
}

static void answer(void)
{
	uint64_t issued[CAS] = { 0 }, unexpired[CAS] = { 0 }, own[CAS];
	struct series opened = { .n = 0 }, counted = { .n = 0 };
	struct index *ix;

	expect(issued, unexpired);
	for (int i = 0; i < 5; i++) {
		uint64_t t = clock_ns();
		must(index_open(bench.path, INDEX_READ, &ix, &bench.err) == 0, "not opened");
		const struct graph *g = index_graph(ix);
		series_add(&opened, t);
		must(g && g->ca.n == CAS, "not all CAs are there");
		t = clock_ns();
		tally_own(g, NULL, AS_OF, own);
		series_add(&counted, t);
		for (uint32_t c = 0; c < CAS; c++) {
			uint64_t n;
			must(num_parse_u64(g->ca.v[c].name + strlen("Fictional CA "), &n) == 0 && n < CAS, "a CA has another name");
			must(g->ca.v[c].issued == issued[n] && own[c] == unexpired[n], "a wrong count");
		}
		index_close(ix);
	}
	bench_line("opened", &opened, NULL, NULL);
	bench_line("unexpired leaves of all 200 CAs", &counted, NULL, NULL);
}

int main(int argc, char **argv)
{
	static char path[600];
	uint64_t rows = 100000000;

	must((argc == 2 || argc == 3) && (argc == 2 || num_parse_u64(argv[2], &rows) == 0) && path_is_dir(argv[1]), "usage: bench_rows FOLDER [ROWS]");
	snprintf(path, sizeof(path), "%s/rows.db", argv[1]);
	bench.path = path;
	bench.windows = (rows + 4 * WINDOW_ROWS - 1) / (4 * WINDOW_ROWS) * 4;
	unlink(path);
	printf("%llu million rows in windows of %d\n", (unsigned long long)(bench.windows * WINDOW_ROWS / 1000000), WINDOW_ROWS);
	fflush(stdout);
	step("ingested", ingest);
	step("counted", count);
	step("merged", merge);
	step("counted again", count);
	step("answered, compared with what was generated", answer);
	unlink(path);
	return 0;
}
