/* The browser without a terminal: what the first frame and each key cost, on synthetic hierarchies of 10,000 and
 * 1,000,000 CAs and, where there is real data, on all of it: bench_tui [DATA TMP.db].
 *
 * A key is what the loop does between two looks at the keyboard: the key and the frame after it, in CPU time of the
 * loop's thread. Beside it stands a plain redraw of the screen that the key led to. What is left to do then is done as
 * if the user waited: its longest piece on the loop's thread (`beside`) is how long the next key may have to wait, and
 * `settled` how long, on the wall, until what the key asked other threads for was all there. Each index is measured in a
 * process of its own, whose memory is told. CANOPY_BENCH=small, large or real measures one of them; small with the real
 * one, where there is real data. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/path.h"
#include "base/text.h"
#include "bench.h"
#include "hierarchy.h"
#include "index/state.h"
#include "tui/screen.h"
#include "tui/view.h"

#define ROUNDS 5
#define SAMPLES_MAX 400
#define DAY HIERARCHY_DAY
#define ROWS 50
#define COLS 160

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_tui: %s\n", what);
	exit(1);
}

static double cpu_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- synthetic indexes, in memory only ---- */

static const char *const owners[] = { "Fictional Trust", "Example Services", "Fictional Post", "Sample Bank", "Fictional Telecom" };

static uint32_t add_ca(struct graph *g, uint32_t n)
{
	char name[64], subject[160], owner[48];
	uint64_t h = (n + 1) * UINT64_C(0x9E3779B97F4A7C15);
	struct ca ca = { .name = name, .subject = subject, .owner = owner, .key = n, .coverage = COVERAGE_COMPLETE, .issued = h >> 50,
		         .last_nb_day = DAY - 30, .count_source = "import" };

	snprintf(owner, sizeof(owner), "%s %u", owners[h >> 40 & 3], (unsigned)(h >> 42 & 63));
	snprintf(name, sizeof(name), "Fictional %s CA %u", h >> 30 & 1 ? "TLS" : "Email", n);
	snprintf(subject, sizeof(subject), "CN=%s,O=%s,C=XX", name, owner);
	memcpy(ca.id, &h, sizeof(h));
	memcpy(ca.spki_sha256, &h, sizeof(h));
	return graph_add_ca(g, &ca);
}

static uint32_t add_cert(struct graph *g, uint32_t subject, uint32_t issuer)
{
	struct ca_cert c = { .ca = subject, .flags = CERT_CA_TRUE | CERT_DISCLOSED, .path_len = -1,
		             .not_before = date_start(DAY - 1000), .not_after = date_end(DAY + 1000) };
	uint32_t n = (uint32_t)g->cert.n;
	uint64_t h = (n + 1) * UINT64_C(0xBF58476D1CE4E5B9);

	memcpy(c.sha256, &h, sizeof(h));
	n = graph_add_cert(g, &c);
	graph_add_edge(g, n, issuer);
	return n;
}

static void add_store(struct index *ix, const char *program, const struct anchor_rule *rule, size_t n)
{
	struct snapshot s = { .program = xstrdup(program), .day = DAY - 10, .store = xcalloc(1, sizeof(*s.store)) };

	*s.store = (struct store){ .program = s.program, .day = s.day, .rule = xmemdup(rule, n * sizeof(*rule)), .n_rules = n };
	vec_push(&ix->snapshot, s);
	vec_push(&ix->program, s.program);
}

static uint64_t leaves(uint32_t n)
{
	return 1 + n * 7919 % 1000;
}

static struct index *build(uint32_t n)
{
	static const struct hierarchy shape = { add_ca, add_cert, leaves };
	struct anchor_rule *rule;
	struct index *ix;
	struct err err = { 0 };

	must(index_open("no such index", INDEX_READ, &ix, &err) == 0, err.msg);
	graph_release(&ix->graph);
	size_t rules = hierarchy_build(&ix->graph, n, &shape, &rule);
	static const char *const programs[4] = { "mozilla", "chrome", "apple", "microsoft" };
	for (int i = 0; i < 4; i++)
		add_store(ix, programs[i], rule, rules - 2 * (size_t)i);
	free(rule);
	return ix;
}

/* ---- keys ---- */

/* What is measured are the keys; those before and after only lead there and back. */
struct key_class {
	const char *what, *before, *keys, *after;
};
static const struct key_class classes[] = {
	{ "move", "", "j j k j j PgDn PgUp C-d C-u G g", "" },
	{ "open, close a CA", "g", "l h l j l h h h", "" },
	{ "open all, close all", "g", "*", "*" },
	{ "move with all open", "g *", "j PgDn C-d G k g", "*" },
	{ "open, close with all open", "g *", "h l h l", "g *" },
	{ "sort", "g", "o o o o o o o R R", "" },
	{ "sort with all open", "g *", "o o o o o o o R R", "g *" },
	{ "search typed", "", "/ 'fictional e' Backspace Backspace Backspace 'tls'", "Enter" },
	{ "search typed as hex", "", "/ '9e37 79b9'", "Esc" },
	{ "search entered, next found", "/ 'tls'", "Enter n n n N", "g" },
	{ "filter typed", "", "& 'owner:fictional'", "Esc" },
	{ "filter on, off", "g & 'owner:fictional'", "Enter Esc", "" },
	{ "filter on, off, all open", "g & 'owner:post issued>100'", "Enter * * Esc", "" },
	{ "hide empty, expired", "g", "e e E E", "" },
	{ "roots of all, by owner", "g", "A A O O", "" },
	{ "program", "", "p p p p", "" },
	{ "purpose", "", "P P", "" },
	{ "date step", "", "[ ] { }", "" },
	{ "all leaves", "", "a a", "" },
	{ "mark, unmark", "g l j", "Space Space j Space j Space", "u u" },
	{ "undo, clear", "g Space j Space", "u U u u", "u u" },
	{ "mark with all open", "g * j j", "Space Space", "g *" },
	{ "impact open, back", "g Space j Space", "i j PgDn G q", "u u" },
	{ "impact with other programs", "g Space j Space i", "p p p p P P", "q u u" },
	{ "detail open, back", "g l j", "Enter j G q", "" },
	{ "pane open, moved, closed", "g l", "Tab j j k k Tab j q S-Tab", "" },
	{ "other parent", "g l j", "> >", "" },
	{ "help", "", "? j G q", "" },
	{ "resize", "", "resize:24x80 resize:60x200 resize:50x160", "" },
};
#define N_CLASSES (sizeof(classes) / sizeof(classes[0]))

struct samples {
	double ms[SAMPLES_MAX];
	int n;
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double quantile(struct samples *s, double at)
{
	if (!s->n)
		return 0;
	qsort(s->ms, (size_t)s->n, sizeof(*s->ms), by_value);
	return s->ms[(int)((double)(s->n - 1) * at)];
}

static void sample(struct samples *s, double ms)
{
	if (s->n < SAMPLES_MAX)
		s->ms[s->n++] = ms;
}

struct measured {
	struct samples key, redraw, ratio;
	double piece; /* the longest beside */
	double settled; /* the longest until all was there, by the clock on the wall */
	char worst[16];
	double worst_ms;
};

#define PATIENCE_MS 5000.0     /* what takes longer to be there is not waited for */
#define COLUMN_PATIENCE_MS 300.0 /* nor what only fills a column, CA by CA */

static bool waits(const struct tui *t, uint64_t start)
{
	bool asked = t->asking.what || t->search.asked || t->answering;

	return (double)(clock_ns() - start) / 1e6 < (asked ? PATIENCE_MS : COLUMN_PATIENCE_MS);
}

static void settle(struct tui *t, struct measured *m)
{
	uint64_t start = clock_ns();
	double s = cpu_ms(CLOCK_THREAD_CPUTIME_ID);

	while (waits(t, start) && tui_work_beside(t)) {
		double piece = cpu_ms(CLOCK_THREAD_CPUTIME_ID) - s;
		frame_draw(t);
		if (m && piece > m->piece)
			m->piece = piece;
		s = cpu_ms(CLOCK_THREAD_CPUTIME_ID);
	}
	double all = (double)(clock_ns() - start) / 1e6;
	if (m && all > m->settled)
		m->settled = all;
}

static void press(struct tui *t, int key, const char *name, size_t len, struct measured *m)
{
	double start = cpu_ms(CLOCK_THREAD_CPUTIME_ID), took, redraw;

	tui_key(t, key);
	frame_draw(t);
	took = cpu_ms(CLOCK_THREAD_CPUTIME_ID) - start;
	settle(t, m);
	if (!m)
		return;
	start = cpu_ms(CLOCK_THREAD_CPUTIME_ID);
	frame_draw(t);
	redraw = cpu_ms(CLOCK_THREAD_CPUTIME_ID) - start;
	sample(&m->key, took);
	sample(&m->redraw, redraw);
	sample(&m->ratio, took / redraw);
	if (took > m->worst_ms) {
		m->worst_ms = took;
		snprintf(m->worst, sizeof(m->worst), "%.*s", (int)(len < 15 ? len : 15), name);
	}
}

/* The keys as tui_headless() takes them. */
static void play(struct tui *t, const char *keys, struct measured *m)
{
	while (*(keys += strspn(keys, " "))) {
		if (*keys == '\'') {
			for (keys++; *keys && *keys != '\''; keys++)
				press(t, *keys, keys, 1, m);
			keys += *keys == '\'';
			continue;
		}
		size_t len = strcspn(keys, " ");
		int rows, cols;
		if (sscanf(keys, "resize:%dx%d", &rows, &cols) == 2) {
			screen_resize(rows, cols);
			press(t, key_parse("Resize", 6), keys, len, m);
		} else {
			int key = key_parse(keys, len);
			must(key != 0, keys);
			press(t, key, keys, len, m);
		}
		keys += len;
	}
}

/* ---- one index ---- */

static long status_kb(const char *field)
{
	FILE *f = fopen("/proc/self/status", "r");
	size_t len = strlen(field);
	char line[200];
	long kb = 0;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, field, len) && line[len] == ':')
			kb = strtol(line + len + 1, NULL, 10);
	if (f)
		fclose(f);
	return kb;
}

static void say_memory(const char *when)
{
	printf("  memory %-37s %8.1f MB at most, %.1f MB now, of them %.1f MB anonymous\n", when, (double)status_kb("VmHWM") / 1024,
	       (double)status_kb("VmRSS") / 1024, (double)status_kb("RssAnon") / 1024);
	fflush(stdout);
}

static void measure_keys(struct tui *t, double limit)
{
	int over = 0, rounds = t->model.g->ca.n < 100000 ? ROUNDS : 1;

	printf("  %-28s %9s %9s %9s %9s %9s %9s\n", "CPU ms", "median", "worst", "redraw", "x redraw", "beside", "settled");
	for (size_t i = 0; i < N_CLASSES; i++) {
		struct measured m = { .key = { .n = 0 } };
		for (int r = 0; r < rounds; r++) {
			play(t, classes[i].before, NULL);
			play(t, classes[i].keys, &m);
			play(t, classes[i].after, NULL);
		}
		double worst = quantile(&m.key, 1);
		over += worst > limit || m.piece > limit;
		printf("  %-28s %9.2f %9.2f %9.2f %9.1f %9.2f %9.1f%s%s\n", classes[i].what, quantile(&m.key, .5), worst,
		       quantile(&m.redraw, .5), quantile(&m.ratio, .5), m.piece, m.settled, worst > limit ? "   over: " : "",
		       worst > limit ? m.worst : "");
		fflush(stdout);
	}
	printf("  %d of %zu kinds of keys have one above %.0f ms\n", over, N_CLASSES, limit);
}

static void measure_index(struct index *ix, double limit, double started, uint64_t start)
{
	struct tui_options o = { .db_path = "canopy.db", .index = ix, .purpose = PURPOSE_TLS, .day = DAY, .today = DAY };
	struct screen_options s = { .rows = ROWS, .cols = COLS };
	struct err err = { 0 };
	struct tui t;

	if (ix->path && strcmp(ix->path, "no such index") != 0)
		o.day = o.today = date_today();
	must(theme_find(NULL, &s.theme, &err) == 0, err.msg);
	fmt_ascii(false);
	must(tui_open(&t, &o, &err) == 0 && screen_open(&s, &err) == 0, err.msg);
	frame_draw(&t);
	printf("  %-44s %8.1f ms CPU, %.1f ms on the wall\n", "first frame", cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - started,
	       (double)(clock_ns() - start) / 1e6);
	say_memory("at the first frame");
	settle(&t, NULL);
	printf("  %-44s %8.1f ms CPU\n", "all of the first screen", cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - started);
	measure_keys(&t, limit);
	say_memory("in all");
	screen_close();
	tui_close(&t);
}

struct sized {
	const char *what, *db;
	uint32_t n;
	double limit;
};

static void run_one(const struct sized *s)
{
	struct err err = { 0 };
	struct index *ix;

	if (s->n)
		ix = build(s->n);
	double started = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
	uint64_t start = clock_ns();
	if (!s->n)
		must(index_open(s->db, INDEX_READ, &ix, &err) == 0, err.msg);
	printf("%s: %zu CAs, %zu certificates, %d x %d cells\n", s->what, ix->graph.ca.n, ix->graph.cert.n, COLS, ROWS);
	measure_index(ix, s->limit, started, start);
	index_close(ix);
}

static void in_child(const struct sized *s)
{
	int status;

	fflush(stdout);
	pid_t child = fork();
	must(child >= 0, "no process");
	if (child == 0) {
		run_one(s);
		fflush(stdout);
		_exit(0);
	}
	must(waitpid(child, &status, 0) == child && status == 0, s->what);
}

static void import_real(const char *data, const char *db)
{
	static const char *const folders[] = { "ccadb", "derived", "mozilla", "chrome", "onecrl", "leaves", "sites", "telemetry" };
	struct import_options o = { .quiet = true };
	struct import_result r = { 0 };
	struct err err = { 0 };
	char *paths[8];
	size_t n = 0;

	for (size_t i = 0; i < 8; i++) {
		paths[n] = path_join(data, folders[i]);
		n += path_is_dir(paths[n]);
	}
	must(index_import(db, paths, n, &o, &r, &err) >= 0, err.msg);
	free(r.notes);
}

/* The import has a process of its own, too: its memory is not the browser's. */
static void real(const char *data, const char *db)
{
	int status;

	if (data) {
		pid_t child = fork();
		must(child >= 0, "no process");
		if (child == 0) {
			import_real(data, db);
			_exit(0);
		}
		must(waitpid(child, &status, 0) == child && status == 0, "not imported");
	}
	in_child(&(struct sized){ "the real index", db, 0, 5 });
}

int main(int argc, char **argv)
{
	const char *only = getenv("CANOPY_BENCH");

	setlocale(LC_ALL, "C.UTF-8");
	if (!only || strcmp(only, "real") != 0) {
		if (!only || strcmp(only, "large") != 0)
			in_child(&(struct sized){ "10,000 synthetic CAs", NULL, 10000, 5 });
		if (!only || strcmp(only, "small") != 0)
			in_child(&(struct sized){ "1,000,000 synthetic CAs", NULL, 1000000, 16 });
	}
	if (argc == 2)
		real(NULL, argv[1]);
	else if (argc == 3)
		real(argv[1], argv[2]);
	return 0;
}
