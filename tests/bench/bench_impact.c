/* Impact of a scenario on a synthetic, acyclic hierarchy of N CAs (default 10,000 and 1,000,000), one leaf
 * bucket each: roots, intermediates and issuing CAs, every third intermediate cross-signed by a second root. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "bench.h"
#include "index/impact.h"

#define ROUNDS 5
#define DAY 20000

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
		             .not_before = date_start(DAY - 1000), .not_after = date_end(DAY + 20 + (int)(subject % 1000)) };
	uint32_t n = graph_add_cert(g, &c);

	graph_add_edge(g, n, issuer);
	return n;
}

/* A hundredth roots, a tenth intermediates, the rest issuing CAs. */
static void build(struct graph *g, uint32_t n, struct store *s)
{
	uint32_t roots = n / 100, inters = n / 10;

	graph_init(g);
	s->rule = xcalloc(roots, sizeof(*s->rule));
	for (uint32_t i = 0; i < n; i++) {
		uint32_t ca = add_ca(g, i), cert;
		if (i < roots) {
			cert = add_cert(g, ca, ca);
			s->rule[s->n_rules++] = (struct anchor_rule){ .cert = cert, .box = BOX_ALL };
		} else if (i < roots + inters) {
			add_cert(g, ca, i % roots);
			if (i % 3 == 0)
				add_cert(g, ca, (i + 1) % roots);
		} else {
			add_cert(g, ca, roots + i % inters);
		}
		graph_add_bucket(g, ca, &(struct bucket){ DAY - 30, DAY + 60, DAY - 30, EKU_TLS, LEAF_DV, 10, false });
	}
	graph_finish(g);
}

/* Every day until nothing is lost, beside the impact of one day. CA certificates end on a thousand different days. */
static void by_day(uint32_t n, const struct trust_query *q)
{
	struct series series = { 0 };
	size_t steps = 0;
	char what[64];

	for (int i = 0; i < ROUNDS; i++) {
		struct decay d;
		uint64_t t = clock_ns();
		decay_compute(q, &d);
		series_add(&series, t);
		steps = d.n;
		decay_release(&d);
	}
	snprintf(what, sizeof(what), "by day, %zu marks on %u CAs, %zu steps", q->n_marks, n, steps);
	bench_line(what, &series, NULL, NULL);
}

/* A third goes now, a third in a week and a third in a month. */
static struct mark *all_roots(const struct store *s, size_t *n)
{
	struct mark *marks = xcalloc(s->n_rules, sizeof(*marks));

	for (*n = 0; *n < s->n_rules; ++*n)
		marks[*n] = (struct mark){ .action = MARK_REMOVE,
			.target = s->rule[*n].cert,
			.since = DAY + (*n % 3 == 1) * 7 + (*n % 3 == 2) * 30 };
	return marks;
}

static void measure(uint32_t n, struct series *ret)
{
	struct store s = { .program = "mozilla", .day = DAY };
	struct graph g;
	char what[64];

	build(&g, n, &s);
	struct mark six[6], *marks = six;
	for (uint32_t i = 0; i < 6; i++)
		marks[i] = (struct mark){ .action = i % 2 ? MARK_BLOCK : MARK_REMOVE, .target = i };
	struct trust_query q = { .graph = &g, .store = &s, .day = DAY, .marks = marks, .n_marks = 6 };
	uint64_t lost = 0;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t t = clock_ns();
		struct impact *im = impact_compute(&q, false);
		series_add(ret, t);
		lost = im->total.lost;
		impact_free(im);
	}
	snprintf(what, sizeof(what), "impact on %u CAs, %llu leaves lost", n, (unsigned long long)lost);
	bench_line(what, ret, NULL, NULL);
	by_day(n, &q);
	q.marks = marks = all_roots(&s, &q.n_marks);
	by_day(n, &q);
	free(marks);
	graph_release(&g);
	free(s.rule);
}

int main(void)
{
	struct series small = { 0 }, large = { 0 };

	measure(10000, &small);
	measure(1000000, &large);
	printf("%-44s %10.2f x the time of 10,000 CAs (100 is linear)\n", "1,000,000 CAs take",
	       series_median(&large) / series_median(&small));
	return 0;
}
