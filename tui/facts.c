#include "tui/facts.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "tui/reader.h"

/* Of a finding: ids of its CA and certificate, all 0 without. */
struct ids {
	uint8_t ca[32], cert[32];
};
struct facts {
	struct facts *next; /* in a list of those that leave */
	int32_t day;
	struct reader *reader; /* NULL: no longer working */
	/* the reader's until it is made */
	struct check_result check;
	struct ids *ids; /* of check.finding[i] */
	struct site_uses sites;
	struct map ca; /* of those with sites known: id to their number there */
	/* then */
	struct err err;
};

static void keep_ids(struct facts *f, const struct graph *g)
{
	f->ids = xcalloc(f->check.n + 1, sizeof(*f->ids));
	for (size_t i = 0; i < f->check.n; i++) {
		const struct finding *x = &f->check.finding[i];
		uint32_t ca = x->ca == NO_INDEX && x->cert != NO_INDEX ? g->cert.v[x->cert].ca : x->ca;
		if (ca != NO_INDEX)
			memcpy(f->ids[i].ca, g->ca.v[ca].id, 32);
		if (x->cert != NO_INDEX)
			memcpy(f->ids[i].cert, g->cert.v[x->cert].sha256, 32);
	}
	for (uint32_t i = 0; i < g->ca.n; i++)
		if (f->sites.coverage[i] != COVERAGE_NONE)
			*map_at(&f->ca, g->ca.v[i].id, 32, NULL) = i;
}

static int make(void *ctx, struct reader *r, struct index *ix, struct err *err)
{
	struct facts *f = ctx;

	if (index_check_until(ix, f->day, reader_cancelled, r, &f->check, err) < 0 ||
		index_sites(ix, f->day, &f->sites, err) < 0)
		return -1;
	keep_ids(f, index_graph(ix));
	return 0;
}

struct facts *facts_begin(const struct index *index, int32_t day)
{
	struct facts *f = xcalloc(1, sizeof(*f));

	f->day = day;
	f->reader = reader_begin(index, day, make, f);
	return f;
}

int32_t facts_day(const struct facts *f)
{
	return f->day;
}

bool facts_made(struct facts *f)
{
	if (f->reader && reader_made(f->reader)) {
		reader_end(f->reader, &f->err);
		f->reader = NULL;
	}
	return !f->reader;
}

void facts_wait(struct facts *f, int in, int ms)
{
	struct pollfd any[] = { { .fd = -1, .events = POLLIN }, { .fd = in, .events = POLLIN } };

	if (facts_made(f))
		return;
	any[0].fd = reader_fd(f->reader);
	poll(any, 2, ms);
}

const char *facts_error(const struct facts *f)
{
	return f->err.msg[0] ? f->err.msg : NULL;
}

/* The severe ones first, else in the order of `check`. */
static int by_severity(const void *a, const void *b)
{
	const struct finding *x = ((const struct fact *)a)->finding, *y = ((const struct fact *)b)->finding;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return x < y ? -1 : x > y;
}

size_t facts_findings(const struct facts *f, const uint8_t ca[32], struct fact **ret)
{
	static const uint8_t none[32];
	VEC(struct fact) found = { 0 };

	for (size_t i = 0; f->ids && i < f->check.n; i++) {
		if (memcmp(f->ids[i].ca, ca, 32) != 0)
			continue;
		vec_push(&found, (struct fact){ &f->check.finding[i],
					 memcmp(f->ids[i].cert, none, 32) ? f->ids[i].cert : NULL });
	}
	if (found.n)
		qsort(found.v, found.n, sizeof(*found.v), by_severity);
	*ret = found.v;
	return found.n;
}

size_t facts_sites(const struct facts *f, const uint8_t ca[32], const struct site_use **ret, enum coverage *coverage)
{
	const uint64_t *at = map_get(&f->ca, ca, 32);

	*ret = NULL;
	*coverage = COVERAGE_NONE;
	if (!at)
		return 0;
	*coverage = (enum coverage)f->sites.coverage[*at];
	*ret = &f->sites.v[f->sites.first[*at]];
	return f->sites.first[*at + 1] - f->sites.first[*at];
}

void facts_free(struct facts *f)
{
	if (!f)
		return;
	if (f->reader) {
		reader_cancel(f->reader);
		reader_end(f->reader, &f->err);
	}
	check_release(&f->check);
	site_uses_release(&f->sites);
	map_release(&f->ca);
	free(f->ids);
	free(f);
}

void facts_leave(struct facts **list, struct facts *f)
{
	if (!f)
		return;
	if (f->reader)
		reader_cancel(f->reader);
	f->next = *list;
	*list = f;
}

void facts_sweep(struct facts **list, bool wait)
{
	while (*list) {
		struct facts *f = *list;

		if (!wait && !facts_made(f)) {
			list = &f->next;
			continue;
		}
		*list = f->next;
		facts_free(f);
	}
}
