/* The browser without a terminal: what the first frame and each key cost, on synthetic hierarchies of 10,000 and
 * 1,000,000 CAs and, where there is real data, on all of it: bench_tui [DATA TMP.db].
 *
 * A key is what the loop does between two looks at the keyboard: the key and the frame after it, in CPU time of the
 * loop's thread. Beside it stands a plain redraw of the screen that the key led to. What is left to do then is done as
 * if the user waited: its longest piece on the loop's thread (`beside`) is how long the next key may have to wait, and
 * `settled` how long, on the wall, until what the key asked other threads for was all there. `wall` is the longest that
 * a key took by the clock: more than its CPU time where something else held it up. The index of a file is written to:
 * the real one is imported into TMP.db anew, or is TMP.db alone where no DATA is given. Each index is measured in a
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
#include "db/db.h"
#include "hierarchy.h"
#include "index/state.h"
#include "tui/screen.h"
#include "tui/view.h"

#define ROUNDS 5
#define SAMPLES_MAX 400
#define DAY HIERARCHY_DAY
#define NOT_THERE "no such index"
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

static const char *const owners[] = { "Fictional Trust", "Example Services", "Fictional Post", "Sample Bank",
	"Fictional Telecom" };

static uint32_t add_ca(struct graph *g, uint32_t n)
{
	char name[64], subject[160], owner[48];
	uint64_t h = (n + 1) * UINT64_C(0x9E3779B97F4A7C15);
	struct ca ca = { .name = name,
		.subject = subject,
		.owner = owner,
		.key = n,
		.coverage = COVERAGE_COMPLETE,
		.issued = h >> 50,
		.last_nb_day = DAY - 30,
		.count_source = "import" };

	snprintf(owner, sizeof(owner), "%s %u", owners[h >> 40 & 3], (unsigned)(h >> 42 & 63));
	snprintf(name, sizeof(name), "Fictional %s CA %u", h >> 30 & 1 ? "TLS" : "Email", n);
	snprintf(subject, sizeof(subject), "CN=%s,O=%s,C=XX", name, owner);
	memcpy(ca.id, &h, sizeof(h));
	memcpy(ca.spki_sha256, &h, sizeof(h));
	return graph_add_ca(g, &ca);
}

static uint32_t add_cert(struct graph *g, uint32_t subject, uint32_t issuer)
{
	struct ca_cert c = { .ca = subject,
		.flags = CERT_CA_TRUE | CERT_DISCLOSED,
		.path_len = -1,
		.not_before = date_start(DAY - 1000),
		.not_after = date_end(DAY + 1000) };
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

	*s.store = (struct store){
		.program = s.program, .day = s.day, .rule = xmemdup(rule, n * sizeof(*rule)), .n_rules = n
	};
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

	must(index_open(NOT_THERE, INDEX_READ, &ix, &err) == 0, err.msg);
	graph_release(&ix->graph);
	size_t rules = hierarchy_build(&ix->graph, n, &shape, &rule);
	static const char *const programs[4] = { "mozilla", "chrome", "apple", "microsoft" };
	for (int i = 0; i < 4; i++)
		add_store(ix, programs[i], rule, rules - 2 * (size_t)i);
	free(rule);
	return ix;
}

/* ---- keys ---- */

struct tui;
static void change_index(struct tui *t);
static void hold_lock(struct tui *t);
static void look_for_outsider(struct tui *t);

/* What is measured are the keys; those before and after only lead there and back. $ is what a hook found. */
struct key_class {
	const char *what, *before, *keys, *after;
	void (*hook)(struct tui *t); /* behind the keys before */
	bool file;                   /* the index has to be a file that can be written */
};
static const struct key_class classes[] = {
	{ "move", "", "j j k j j PgDn PgUp C-d C-u G g", "", NULL, false },
	{ "open, close a CA", "g", "l h l j l h h h", "", NULL, false },
	{ "open all, close all", "g", "*", "*", NULL, false },
	{ "move with all open", "g *", "j PgDn C-d G k g", "*", NULL, false },
	{ "open, close with all open", "g *", "h l h l", "g *", NULL, false },
	{ "sort", "g", "o o o o o o o R R", "", NULL, false },
	{ "sort with all open", "g *", "o o o o o o o R R", "g *", NULL, false },
	{ "search typed", "", "/ 'fictional e' Backspace Backspace Backspace 'tls'", "Enter", NULL, false },
	{ "search typed as hex", "", "/ '9e37 79b9'", "Esc", NULL, false },
	{ "search entered, next found", "/ 'tls'", "Enter n n n N", "g", NULL, false },
	{ "filter typed", "", "& 'owner:fictional'", "Esc", NULL, false },
	{ "filter on, off", "g & 'owner:fictional'", "Enter Esc", "", NULL, false },
	{ "filter on, off, all open", "g & 'owner:post issued>100'", "Enter * * Esc", "", NULL, false },
	{ "hide empty, expired", "g", "e e E E", "", NULL, false },
	{ "roots of all, by owner", "g", "A A O O", "", NULL, false },
	{ "program", "", "p p p p", "", NULL, false },
	{ "purpose", "", "P P", "", NULL, false },
	{ "date step", "", "[ ] { }", "", NULL, false },
	{ "all leaves", "", "a a", "", NULL, false },
	{ "mark, unmark", "g l j", "Space Space j Space j Space", "u u", NULL, false },
	{ "undo, clear", "g Space j Space", "u U u u", "u u", NULL, false },
	{ "mark with all open", "g * j j", "Space Space", "g *", NULL, false },
	{ "impact open, back", "g Space j Space", "i j PgDn G q", "u u", NULL, false },
	{ "impact with other programs", "g Space j Space i", "p p p p P P", "q u u", NULL, false },
	{ "detail open, back", "g l j", "Enter j G q", "", NULL, false },
	{ "pane open, moved, closed", "g l", "Tab j j k k Tab j q S-Tab", "", NULL, false },
	{ "other parent", "g l j", "> >", "", NULL, false },
	{ "help", "", "? j G q", "", NULL, false },
	{ "menus and lines of input", "g l j", "m Esc T Esc D Esc % % % H H y", "", NULL, false },
	{ "back and forward", "g Enter q j Enter q", "( ( ) )", "", NULL, false },
	{ "search outside the roots", "g p p p", "/ $ Enter n", "Esc p", look_for_outsider, false },
	{ "impact until when", "g Space j Space i", "t C-u '100' Enter t C-u '1' Enter", "q u u", NULL, false },
	{ "sources", "", "s j j Enter j q q", "", NULL, false },
	{ "findings", "", "f j j G o Enter q q", "", NULL, false },
	{ "findings filtered", "f", "& 'kind:weak-key' Enter Esc", "q", NULL, false },
	{ "reload unchanged", "", "F5", "", NULL, true },
	{ "reload changed", "g *", "F5", "g *", change_index, true },
	{ "scenarios listed", "", "L 'm' Backspace Esc", "", NULL, true },
	{ "scenario loaded", "", "L 'many' Enter", "u", NULL, true },
	{ "scenario saved", "g l j Space j Space", "w C-u 'bench' Enter y", "u u", NULL, true },
	{ "saved while locked", "g l j Space j Space", "w C-u 'bench' Enter y", "u u", hold_lock, true },
	{ "scenario deleted", "g l j Space w C-u 'bench' Enter y u", "L 'bench' Up C-d y", "", NULL, true },
	{ "resize", "", "resize:24x80 resize:60x200 resize:50x160", "", NULL, false },
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
	double piece;   /* the longest beside */
	double wall;    /* the longest that a key took by the clock on the wall */
	double settled; /* the longest until all was there, by the clock on the wall */
	char worst[16];
	double worst_ms;
};

#define PATIENCE_MS 5000.0       /* what takes longer to be there is not waited for */
#define COLUMN_PATIENCE_MS 300.0 /* nor what only fills a column, CA by CA */

static bool waits(const struct tui *t, uint64_t start)
{
	bool asked = t->asking.what || t->search.asked || t->answering;

	return (double)(clock_ns() - start) / 1e6 < (asked ? PATIENCE_MS : COLUMN_PATIENCE_MS);
}

/* One turn of the loop without a key; false: nothing was to do. */
static bool turn(struct tui *t, struct measured *m)
{
	double s = cpu_ms(CLOCK_THREAD_CPUTIME_ID), piece;
	bool more;

	beside_step(t, false);
	more = tui_work_beside(t);
	piece = cpu_ms(CLOCK_THREAD_CPUTIME_ID) - s;
	frame_draw(t);
	if (m && piece > m->piece)
		m->piece = piece;
	return more;
}

static void settle(struct tui *t, struct measured *m)
{
	uint64_t start = clock_ns();

	while (waits(t, start) && turn(t, m))
		;
	double all = (double)(clock_ns() - start) / 1e6;
	if (m && all > m->settled)
		m->settled = all;
}

static void press(struct tui *t, int key, const char *name, size_t len, struct measured *m)
{
	double start = cpu_ms(CLOCK_THREAD_CPUTIME_ID), took, redraw, wall;
	uint64_t since = clock_ns();

	tui_key(t, key);
	frame_draw(t);
	took = cpu_ms(CLOCK_THREAD_CPUTIME_ID) - start;
	wall = (double)(clock_ns() - since) / 1e6;
	settle(t, m);
	if (!m)
		return;
	m->wall = wall > m->wall ? wall : m->wall;
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

static char found_by_hook[65];

/* The keys as tui_headless() takes them; $ types what a hook found. */
static void play(struct tui *t, const char *keys, struct measured *m)
{
	while (*(keys += strspn(keys, " "))) {
		if (*keys == '$') {
			for (const char *c = found_by_hook; *c; c++)
				press(t, *c, c, 1, m);
			keys++;
			continue;
		}
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

/* ---- what happens to the index meanwhile ---- */

static char *scenario_of_many(const struct model *m)
{
	struct strbuf b = STRBUF_INIT;
	char hex[65];

	strbuf_addf(&b, "program %s\npurpose tls\nrevocation enforced\n", m->program);
	for (uint32_t i = 0; i < m->g->ca.n && i < 100; i++) {
		hex_encode(m->g->ca.v[i].id, 32, hex);
		strbuf_addf(&b, "mark revoke %s\n", hex);
	}
	return strbuf_detach(&b);
}

static void save(struct tui *t, const char *name)
{
	char *text = scenario_of_many(&t->model);
	struct err err = { 0 };
	bool there;

	must(index_save_scenario(t->model.index, name, text, true, &there, &err) == 0, err.msg);
	free(text);
}

/* As another process would. */
static void change_index(struct tui *t)
{
	save(t, "many");
}

#define LOCKED_MS 300

/* Another process writes for a while. */
static void hold_lock(struct tui *t)
{
	struct err err = { 0 };
	struct db *db;
	int ready[2];
	char byte;

	must(pipe(ready) == 0, "no pipe");
	fflush(stdout);
	if (fork() == 0) {
		must(db_open(t->model.index->path, DB_WRITE, &db, &err) == 0 && db_begin(db, &err) == 0, err.msg);
		must(write(ready[1], "", 1) == 1, "no pipe");
		usleep(LOCKED_MS * 1000);
		_exit(0);
	}
	must(read(ready[0], &byte, 1) == 1, "not locked");
	close(ready[0]);
	close(ready[1]);
}

/* The beginning of the id of a CA that nobody but itself signed, and that is no root of the program. */
static void look_for_outsider(struct tui *t)
{
	const struct graph *g = t->model.g;

	for (uint32_t ca = 0; ca < g->ca.n; ca++) {
		uint32_t parent;

		if (t->rows.is_root[ca] || ca_parents(g, ca, &parent, 1))
			continue;
		hex_encode(g->ca.v[ca].id, 8, found_by_hook);
		return;
	}
	must(false, "all CAs are below the roots of the program");
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
	printf("  memory %-37s %8.1f MB at most, %.1f MB now, of them %.1f MB anonymous\n", when,
		(double)status_kb("VmHWM") / 1024, (double)status_kb("VmRSS") / 1024,
		(double)status_kb("RssAnon") / 1024);
	fflush(stdout);
}

static void measure_keys(struct tui *t, double limit, bool file)
{
	int over = 0, n = 0, rounds = t->model.g->ca.n < 100000 ? ROUNDS : 1;

	printf("  %-28s %9s %9s %9s %9s %9s %9s %9s\n", "CPU ms", "median", "worst", "redraw", "x redraw", "beside",
		"settled", "wall");
	for (size_t i = 0; i < N_CLASSES; i++) {
		struct measured m = { .key = { .n = 0 } };
		if (classes[i].file && !file)
			continue;
		n++;
		for (int r = 0; r < rounds; r++) {
			play(t, classes[i].before, NULL);
			if (classes[i].hook)
				classes[i].hook(t);
			play(t, classes[i].keys, &m);
			play(t, classes[i].after, NULL);
		}
		double worst = quantile(&m.key, 1);
		over += worst > limit || m.piece > limit;
		printf("  %-28s %9.2f %9.2f %9.2f %9.1f %9.2f %9.1f %9.1f%s%s\n", classes[i].what, quantile(&m.key, .5),
			worst, quantile(&m.redraw, .5), quantile(&m.ratio, .5), m.piece, m.settled, m.wall,
			worst > limit ? "   over: " : "", worst > limit ? m.worst : "");
		fflush(stdout);
	}
	printf("  %d of %d kinds of keys have one above %.0f ms\n", over, n, limit);
}

static void measure_index(struct index *ix, double limit, double started, uint64_t start)
{
	struct tui_options o = {
		.db_path = "canopy.db", .index = ix, .purpose = PURPOSE_TLS, .day = DAY, .today = DAY
	};
	struct screen_options s = { .rows = ROWS, .cols = COLS };
	struct err err = { 0 };
	struct tui t;
	bool file = strcmp(ix->path, NOT_THERE) != 0;

	if (file)
		o.day = o.today = date_today();
	must(theme_find(NULL, &s.theme, &err) == 0, err.msg);
	fmt_ascii(false);
	must(tui_open(&t, &o, &err) == 0 && screen_open(&s, &err) == 0, err.msg);
	frame_draw(&t);
	printf("  %-44s %8.1f ms CPU, %.1f ms on the wall\n", "first frame", cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - started,
		(double)(clock_ns() - start) / 1e6);
	say_memory("at the first frame");
	struct measured m = { .key = { .n = 0 } };
	settle(&t, &m);
	printf("  %-44s %8.2f ms CPU\n", "longest piece of the rest", m.piece);
	printf("  %-44s %8.1f ms CPU\n", "all of the first screen", cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - started);
	if (file)
		save(&t, "many");
	measure_keys(&t, limit, file);
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
	static const char *const folders[] = { "ccadb", "derived", "mozilla", "chrome", "onecrl", "leaves", "sites",
		"telemetry" };
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
