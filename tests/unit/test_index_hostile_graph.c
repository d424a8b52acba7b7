/* Graphs that no honest hierarchy has: they must neither hang nor crash, and what is not exact must say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/date.h"
#include "index/impact.h"

#define DAY 20000

static uint32_t add_ca(struct graph *g, uint32_t n)
{
	struct ca ca = { .name = "", .key = n };

	memcpy(ca.id, &n, sizeof(n));
	return graph_add_ca(g, &ca);
}

static uint32_t add_cert(struct graph *g, uint32_t subject, uint32_t issuer)
{
	struct ca_cert c = { .ca = subject,
		             .flags = CERT_CA_TRUE,
		             .path_len = -1,
		             .not_before = date_start(DAY - 1),
		             .not_after = date_end(DAY + 1) };
	uint32_t n = graph_add_cert(g, &c);

	graph_add_edge(g, n, issuer);
	return n;
}

/* n CAs that all certify each other, CA 0 with an anchor certificate, and one CA below the last. Returns the CA below. */
static uint32_t mutual(struct graph *g, uint32_t n, struct anchor_rule *anchor)
{
	graph_init(g);
	for (uint32_t i = 0; i < n; i++)
		add_ca(g, i);
	*anchor = (struct anchor_rule){ .cert = add_cert(g, 0, 0), .purpose = PURPOSE_TLS, .box = BOX_ALL };
	for (uint32_t a = 0; a < n; a++)
		for (uint32_t b = 0; b < n; b++)
			if (a != b)
				add_cert(g, a, b);
	uint32_t below = add_ca(g, n);
	add_cert(g, below, n - 1);
	graph_finish(g);
	return below;
}

static struct trust_query query(const struct graph *g, const struct store *s, const struct mark *marks, size_t n)
{
	return (struct trust_query){ .graph = g, .store = s, .purpose = PURPOSE_TLS, .day = DAY, .marks = marks, .n_marks = n };
}

static void mutual_cas_beyond_the_limit_are_not_exact(void **state)
{
	struct anchor_rule anchor;
	struct graph g;
	uint32_t below = mutual(&g, 70, &anchor);
	struct store s = { "mozilla", DAY, 0, &anchor, 1, NULL, 0, .anchors = 0 };
	struct trust_query q = query(&g, &s, NULL, 0);

	(void)state;
	assert_int_equal(g.n_components, 2);
	struct trust *t = trust_compute(&q);
	assert_false(trust_exact(t, 0));
	assert_false(trust_exact(t, 69));
	assert_false(trust_exact(t, below));
	assert_int_equal(trust_before(t, below), ACCEPT_ALL);
	trust_free(t);
	graph_release(&g);
}

/* Each CA of the ring is marked with another date, so that no path makes another one superfluous. */
static void many_distinguishable_paths_stop_at_a_limit(void **state)
{
	struct anchor_rule anchor;
	struct graph g;
	struct mark marks[600];
	size_t n = 0;
	uint32_t below = mutual(&g, 12, &anchor);
	struct store s = { "mozilla", DAY, 0, &anchor, 1, NULL, 0, .anchors = 0 };

	(void)state;
	for (uint32_t c = 1; c < g.cert.n && n < 600; c++)
		marks[n++] = (struct mark){ .action = c % 2 ? MARK_DISTRUST_AFTER : MARK_SCT_NOT_AFTER,
			.target = c,
			.limit = date_end(DAY - (int32_t)(c * 7 % 97)) };
	struct trust_query q = query(&g, &s, marks, n);
	struct trust *t = trust_compute(&q);
	assert_int_equal(trust_before(t, below), ACCEPT_ALL);
	assert_int_equal(trust_after(t, below), ACCEPT_SOME);
	trust_free(t);
	graph_release(&g);
}

static void three_mutual_cas_are_exact(void **state)
{
	struct anchor_rule anchor;
	struct graph g;
	uint32_t below = mutual(&g, 3, &anchor), path[8];
	struct store s = { "mozilla", DAY, 0, &anchor, 1, NULL, 0, .anchors = 0 };
	struct trust_query q = query(&g, &s, NULL, 0);

	(void)state;
	struct trust *t = trust_compute(&q);
	assert_true(trust_exact(t, below));
	assert_int_equal(trust_via(t, below, true, path, 8), 3);
	assert_int_equal(path[2], anchor.cert);
	trust_free(t);
	graph_release(&g);
}

static void a_chain_of_300000_cas_is_walked_without_recursion(void **state)
{
	const uint32_t n = 300000;
	struct graph g;

	(void)state;
	graph_init(&g);
	for (uint32_t i = 0; i < n; i++)
		add_ca(&g, i);
	/* numbered from the bottom up, so that the search for components meets the whole depth at once */
	struct anchor_rule anchor = { .cert = add_cert(&g, n - 1, n - 1), .purpose = PURPOSE_TLS, .box = BOX_ALL };
	for (uint32_t i = 0; i + 1 < n; i++)
		add_cert(&g, i, i + 1);
	graph_finish(&g);
	assert_int_equal(g.n_components, n);
	assert_true(g.ca.v[n - 1].component < g.ca.v[0].component);
	struct store s = { "mozilla", DAY, 0, &anchor, 1, NULL, 0, .anchors = 0 };
	struct trust_query q = query(&g, &s, NULL, 0);
	struct trust *t = trust_compute(&q);
	assert_int_equal(trust_before(t, 0), ACCEPT_ALL);
	trust_free(t);
	graph_release(&g);
}

static bool count_report(void *ctx, const struct path_report *r)
{
	(void)r;
	++*(size_t *)ctx;
	return true;
}

static void explaining_a_dense_graph_stops_at_what_was_asked(void **state)
{
	struct anchor_rule anchor;
	struct graph g;
	uint32_t below = mutual(&g, 20, &anchor);
	struct store s = { "mozilla", DAY, 0, &anchor, 1, NULL, 0, .anchors = 0 };
	struct trust_query q = query(&g, &s, NULL, 0);
	size_t n = 0;

	(void)state;
	assert_int_equal(trust_explain(&q, below, 5, count_report, &n), 5);
	assert_int_equal(n, 5);
	graph_release(&g);
}

/* One root for each of many CAs: of all others nothing is known. */
static void one_of_many_is_asked_alone(void **state)
{
	enum { ROOTS = 300 };
	struct anchor_rule anchor[ROOTS];
	struct graph g;

	(void)state;
	graph_init(&g);
	for (uint32_t i = 0; i < 2 * ROOTS; i++) {
		uint32_t cert = add_cert(&g, add_ca(&g, i), i % ROOTS);
		if (i < ROOTS)
			anchor[i] = (struct anchor_rule){ .cert = cert, .purpose = PURPOSE_TLS, .box = BOX_ALL };
	}
	graph_finish(&g);
	struct store s = { "mozilla", DAY, 0, anchor, ROOTS, NULL, 0, .anchors = 0 };
	struct trust_query q = query(&g, &s, NULL, 0);
	for (uint32_t ca = 0; ca < 2 * ROOTS; ca++) {
		q.asked = &ca;
		q.n_asked = 1;
		struct trust *t = trust_compute(&q);
		assert_int_equal(trust_before(t, ca), ACCEPT_ALL);
		assert_int_equal(trust_before(t, (ca + 1) % ROOTS), ACCEPT_NONE);
		trust_free(t);
	}
	graph_release(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutual_cas_beyond_the_limit_are_not_exact),
		cmocka_unit_test(many_distinguishable_paths_stop_at_a_limit),
		cmocka_unit_test(three_mutual_cas_are_exact),
		cmocka_unit_test(a_chain_of_300000_cas_is_walked_without_recursion),
		cmocka_unit_test(one_of_many_is_asked_alone),
		cmocka_unit_test(explaining_a_dense_graph_stops_at_what_was_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
