/* Impact of scenarios: bench_impact [DATA TMP.db SCENARIOS].
 *
 * First on synthetic, acyclic hierarchies of 10,000, 100,000 and 1,000,000 CAs with one leaf bucket each: roots,
 * intermediates and issuing CAs, every third intermediate cross-signed by a second root. Beside it one plain
 * traversal of the same graph from the anchors down, which touches each certificate once and judges nothing. Then,
 * where there is real data, every scenario that comes with canopy and some wider ones, on all that DATA has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/path.h"
#include "base/vec.h"
#include "bench.h"
#include "hierarchy.h"
#include "index/index.h"

#define ROUNDS 7
#define DAY HIERARCHY_DAY
#define QUERIES_MAX (8 * PURPOSE_COUNT)

static uint32_t add_ca(struct graph *g, uint32_t n)
{
	struct ca ca = { .name = "Synthetic CA", .subject = "CN=Synthetic CA", .owner = "", .key = n, .coverage = COVERAGE_COMPLETE, .issued = 10 };

	memcpy(ca.id, &n, sizeof(n));
	memcpy(ca.spki_sha256, &n, sizeof(n));
	return graph_add_ca(g, &ca);
}

static uint32_t add_cert(struct graph *g, uint32_t subject, uint32_t issuer)
{
	struct ca_cert c = { .ca = subject, .flags = CERT_CA_TRUE, .path_len = -1,
		             .not_before = date_start(DAY - 1000), .not_after = date_end(DAY + 1000) };
	uint32_t n = graph_add_cert(g, &c);

	graph_add_edge(g, n, issuer);
	return n;
}

static uint64_t leaves(uint32_t n)
{
	(void)n;
	return 10;
}

static void build(struct graph *g, uint32_t n, struct store *s)
{
	static const struct hierarchy shape = { add_ca, add_cert, leaves };

	graph_init(g);
	s->n_rules = hierarchy_build(g, n, &shape, &s->rule);
}

/* Each certificate that an anchor reaches, once; the number of them. */
static uint64_t traverse(const struct graph *g, const struct store *s)
{
	uint8_t *seen = xcalloc(g->ca.n + 1, 1);
	VEC(uint32_t) queue = { 0 };
	uint64_t touched = 0;

	for (size_t i = 0; i < s->n_rules; i++) {
		uint32_t ca = g->cert.v[s->rule[i].cert].ca;
		if (!seen[ca])
			vec_push(&queue, ca);
		seen[ca] = 1;
	}
	for (size_t at = 0; at < queue.n; at++) {
		const struct ca *c = &g->ca.v[queue.v[at]];
		for (uint32_t i = 0; i < c->n_children; i++) {
			const struct ca_cert *e = &g->cert.v[g->child_certs[c->first_child + i]];
			touched += cert_valid_on(e, DAY);
			if (!seen[e->ca])
				vec_push(&queue, e->ca);
			seen[e->ca] = 1;
		}
	}
	vec_release(&queue);
	free(seen);
	return touched;
}

/* One query at a time, all of them in one series. */
struct asked {
	struct trust_query q[QUERIES_MAX];
	size_t n;
	uint64_t lost; /* of the last round, by all queries together */
};

static void measure(struct asked *a, size_t n, bool with_decay, struct series *ret)
{
	uint64_t t = clock_ns();

	a->lost = 0;
	for (size_t i = 0; i < n; i++) {
		struct impact *im = impact_compute(&a->q[i], with_decay);
		a->lost += im->total.lost;
		impact_free(im);
	}
	series_add(ret, t);
}

/* ---- synthetic ---- */

struct measured {
	struct series walk, one, decay, all;
};

static void each_program(const struct graph *g, struct store *s, const struct mark *marks, size_t n_marks, struct asked *ret)
{
	static const char *const programs[4] = { "mozilla", "chrome", "apple", "microsoft" };

	for (int i = 0; i < 4; i++) {
		s[i] = s[0];
		s[i].program = programs[i];
		for (int p = 0; p < PURPOSE_COUNT; p++)
			ret->q[ret->n++] = (struct trust_query){ .graph = g, .store = &s[i], .purpose = (enum purpose)p, .day = DAY,
				                                 .marks = marks, .n_marks = n_marks };
	}
}

static void synthetic(uint32_t n, struct measured *m)
{
	struct store s[4] = { { .program = "mozilla", .day = DAY } };
	struct graph g;
	struct asked a = { 0 };
	struct mark marks[6];
	uint64_t touched = 0, t;

	build(&g, n, &s[0]);
	for (uint32_t i = 0; i < 6; i++)
		marks[i] = (struct mark){ .action = i % 2 ? MARK_BLOCK : MARK_REMOVE, .target = i };
	each_program(&g, s, marks, 6, &a);
	for (int i = 0; i < ROUNDS; i++) {
		t = clock_ns();
		touched = traverse(&g, &s[0]);
		series_add(&m->walk, t);
		measure(&a, 1, false, &m->one);
		measure(&a, 1, true, &m->decay);
		measure(&a, a.n, false, &m->all);
	}
	printf("%u CAs, %zu certificates, %llu touched by a traversal; %llu leaves lost in all\n", n, g.cert.n,
	       (unsigned long long)touched, (unsigned long long)a.lost);
	bench_line("  one plain traversal", &m->walk, NULL, NULL);
	bench_line("  impact", &m->one, "the traversal", &m->walk);
	bench_line("  impact with ten days of decay", &m->decay, "the traversal", &m->walk);
	bench_line("  impact, four programs, both purposes", &m->all, "the traversal", &m->walk);
	graph_release(&g);
	free(s[0].rule);
}

static void say_growth(const char *what, const struct series *small, const struct series *large)
{
	printf("%-44s %10.2f x the time of a tenth of the CAs (10 is linear)\n", what,
	       series_median(large) / series_median(small));
}

static void all_synthetic(void)
{
	struct measured m[3];

	memset(m, 0, sizeof(m));
	for (int i = 0; i < 3; i++)
		synthetic((uint32_t[]){ 10000, 100000, 1000000 }[i], &m[i]);
	for (int i = 1; i < 3; i++) {
		printf("%s\n", i == 1 ? "100,000 CAs" : "1,000,000 CAs");
		say_growth("  one plain traversal", &m[i - 1].walk, &m[i].walk);
		say_growth("  impact", &m[i - 1].one, &m[i].one);
		say_growth("  impact with ten days of decay", &m[i - 1].decay, &m[i].decay);
	}
}

/* ---- the real index ---- */

#define ANCHORS_MAX 1000

/* A mark on every anchor of the store: no scenario has more to do. */
static size_t mark_anchors(const struct store *s, enum mark_action action, struct mark marks[ANCHORS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_rules && n < ANCHORS_MAX; i++)
		if (i == 0 || s->rule[i].cert != s->rule[i - 1].cert)
			marks[n++] = (struct mark){ .action = action, .target = s->rule[i].cert, .limit = date_end(DAY) };
	return n;
}

/* The scenario asked of every program and purpose of the index. */
static void ask_everywhere(struct index *ix, const struct mark *marks, size_t n_marks, struct asked *a)
{
	const char *const *name;
	size_t n = index_programs(ix, &name);
	int32_t day = date_today();

	a->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct store *s = index_store(ix, name[i], day);
		for (int p = 0; s && p < PURPOSE_COUNT && a->n < QUERIES_MAX; p++)
			a->q[a->n++] = (struct trust_query){ .graph = index_graph(ix), .store = s, .purpose = (enum purpose)p,
				                             .day = day, .marks = marks, .n_marks = n_marks };
	}
}

static void measure_real(const char *what, struct index *ix, const struct mark *marks, size_t n_marks, double *slowest)
{
	struct series one = { 0 }, decay = { 0 }, all = { 0 };
	struct asked a;

	ask_everywhere(ix, marks, n_marks, &a);
	for (int i = 0; i < ROUNDS && a.n; i++) {
		measure(&a, 1, false, &one);
		measure(&a, 1, true, &decay);
		measure(&a, a.n, false, &all);
	}
	printf("  %-42s %10.2f ms, with decay %.2f ms, %zu programs and purposes %.2f ms\n", what, series_median(&one),
	       series_median(&decay), a.n, series_median(&all));
	if (series_median(&one) > slowest[0])
		slowest[0] = series_median(&one);
	if (series_median(&all) > slowest[1])
		slowest[1] = series_median(&all);
}

static void shipped_scenario(struct index *ix, const char *path, double *slowest)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct scenario s;
	struct trust_query q;
	uint8_t *text;
	size_t n;

	scenario_init(&s);
	if (path_read(path, SCENARIO_MAX, &text, &n, &err) == 0) {
		if (scenario_read(&s, path, (char *)text, n, &err) == 0 &&
		    scenario_resolve(ix, &s, date_today(), &arena, &q, &err) == 0)
			measure_real(path_base(path), ix, q.marks, q.n_marks, slowest);
		free(text);
	}
	if (err.kind != ERR_NONE)
		printf("  %s: left out, %s\n", path_base(path), err.msg);
	scenario_release(&s);
	arena_release(&arena);
}

struct shipping {
	struct index *ix;
	double *slowest;
};

static int take_scenario(void *ctx, const char *path, struct err *err)
{
	struct shipping *s = ctx;
	size_t n = strlen(path);

	(void)err;
	if (n > 4 && strcmp(path + n - 4, ".txt") == 0)
		shipped_scenario(s->ix, path, s->slowest);
	return 0;
}

static int real(const char *data, const char *db, const char *scenarios)
{
	static const char *const folders[] = { "ccadb", "derived", "mozilla", "chrome", "onecrl", "leaves" };
	static struct mark marks[ANCHORS_MAX];
	struct import_options o = { .quiet = true };
	struct import_result r = { 0 };
	struct err err = { 0 };
	struct index *ix = NULL;
	double slowest[2] = { 0 };
	char *paths[6];
	size_t n = 0;

	for (int i = 0; i < 6; i++)
		paths[n++] = path_join(data, folders[i]);
	if (index_import(db, paths, n, &o, &r, &err) < 0 || index_open(db, INDEX_READ, &ix, &err) < 0) {
		fprintf(stderr, "bench_impact: %s\n", err.msg);
		return 1;
	}
	printf("the real index: %zu CAs, %zu CA certificates, %llu leaves\n", index_graph(ix)->ca.n, index_graph(ix)->cert.n,
	       (unsigned long long)r.leaves);
	measure_real("no marks", ix, NULL, 0, slowest);
	const struct store *s = index_store(ix, "mozilla", date_today());
	if (s) {
		measure_real("every anchor removed", ix, marks, mark_anchors(s, MARK_REMOVE, marks), slowest);
		measure_real("sct-not-after on every anchor", ix, marks, mark_anchors(s, MARK_SCT_NOT_AFTER, marks), slowest);
	}
	path_walk(scenarios, take_scenario, &(struct shipping){ ix, slowest }, &err);
	printf("  the slowest: %.2f ms for one program and purpose (20 at most), %.2f ms for all (100 at most)\n", slowest[0],
	       slowest[1]);
	index_close(ix);
	for (size_t i = 0; i < n; i++)
		free(paths[i]);
	free(r.notes);
	return 0;
}

int main(int argc, char **argv)
{
	all_synthetic();
	return argc == 4 ? real(argv[1], argv[2], argv[3]) : 0;
}
