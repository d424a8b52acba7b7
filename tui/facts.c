#include "tui/facts.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"

/* Of a finding: ids of its CA and certificate, all 0 without. */
struct ids {
	uint8_t ca[32], cert[32];
};
struct facts {
	const struct index *of;
	int32_t day;
	pthread_t thread;
	bool threaded;
	int wake[2]; /* a pipe: closed at the writing end when made; -1 without */
	atomic_bool made, cancelled;
	/* the thread's until it is made */
	struct check_result check;
	struct ids *ids; /* of check.finding[i] */
	struct site_uses sites;
	struct map ca; /* of those with sites known: id to their number there */
	struct err err;
};

static bool cancelled(void *ctx)
{
	return atomic_load(&((struct facts *)ctx)->cancelled);
}

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

static int make(struct facts *f, struct err *err)
{
	struct index *ix = NULL;
	int rc;

	if (index_open_beside(f->of, &ix, err) < 0)
		return -1;
	index_set_day(ix, f->day);
	rc = index_check_until(ix, f->day, cancelled, f, &f->check, err);
	if (rc == 0)
		rc = index_sites(ix, f->day, &f->sites, err);
	if (rc == 0)
		keep_ids(f, index_graph(ix));
	index_close(ix);
	return rc;
}

static void *work(void *ctx)
{
	struct facts *f = ctx;

	if (make(f, &f->err) < 0 && !f->err.msg[0])
		err_set(&f->err, ERR_INDEX, "the index cannot be read");
	atomic_store(&f->made, true);
	if (f->wake[1] >= 0)
		close(f->wake[1]);
	return NULL;
}

struct facts *facts_begin(const struct index *index, int32_t day)
{
	struct facts *f = xcalloc(1, sizeof(*f));
	sigset_t all, before;

	f->of = index;
	f->day = day;
	if (pipe(f->wake) < 0)
		f->wake[0] = f->wake[1] = -1;
	/* signals are the main thread's, which sleeps until one comes */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	f->threaded = f->wake[0] >= 0 && pthread_create(&f->thread, NULL, work, f) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!f->threaded)
		work(f);
	return f;
}

int32_t facts_day(const struct facts *f)
{
	return f->day;
}

bool facts_made(struct facts *f)
{
	return atomic_load(&f->made);
}

void facts_wait(struct facts *f, int in, int ms)
{
	struct pollfd any[] = { { .fd = f->wake[0], .events = POLLIN }, { .fd = in, .events = POLLIN } };

	if (!facts_made(f))
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
	atomic_store(&f->cancelled, true);
	if (f->threaded)
		pthread_join(f->thread, NULL);
	if (f->wake[0] >= 0)
		close(f->wake[0]);
	check_release(&f->check);
	site_uses_release(&f->sites);
	map_release(&f->ca);
	free(f->ids);
	free(f);
}
