#include "tui/checking.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tui/screen.h"

struct check_job {
	const struct index *of;
	struct checked *result; /* the thread's until it is made */
	pthread_t thread;
	bool threaded;
	int wake; /* readable once it is made; -1: the loop finds out by itself */
	atomic_bool made, cancelled;
};

/* ---- in the thread ---- */

static bool is_cancelled(void *ctx)
{
	return atomic_load(&((struct check_job *)ctx)->cancelled);
}

static void keep_finding(struct checked *r, struct found *f, const struct graph *g)
{
	const struct finding *x = f->finding;
	uint32_t ca = x->ca == NO_INDEX && x->cert != NO_INDEX ? g->cert.v[x->cert].ca : x->ca;

	f->name = f->owner = "";
	f->ca = f->cert = NO_INDEX;
	f->has_ca = ca != NO_INDEX;
	f->has_cert = x->cert != NO_INDEX;
	if (f->has_ca) {
		const struct ca *c = &g->ca.v[ca];
		memcpy(f->ca_id, c->id, 32);
		f->name = arena_strdup(&r->names, *c->name ? c->name : *c->subject ? c->subject : "(no name)");
		f->owner = arena_strdup(&r->names, c->owner);
	}
	if (f->has_cert)
		memcpy(f->sha256, g->cert.v[x->cert].sha256, 32);
}

static int make(struct check_job *j)
{
	struct checked *r = j->result;
	struct index *ix = NULL;

	if (index_open_beside(j->of, &ix, &r->err) < 0)
		return -1;
	index_set_day(ix, r->day);
	int rc = index_check_until(ix, r->day, is_cancelled, j, &r->check, &r->err);
	r->v = xcalloc(r->check.n + 1, sizeof(*r->v));
	for (size_t i = 0; rc == 0 && i < r->check.n; i++) {
		r->v[i].finding = &r->check.finding[i];
		keep_finding(r, &r->v[i], index_graph(ix));
	}
	index_close(ix);
	return rc;
}

static void *work(void *ctx)
{
	struct check_job *j = ctx;

	if (make(j) < 0 && !j->result->err.msg[0])
		err_set(&j->result->err, ERR_INDEX, "the index cannot be read");
	atomic_store(&j->made, true);
	if (j->wake >= 0)
		eventfd_write(j->wake, 1);
	return NULL;
}

/* ---- in the loop ---- */

static void free_checked(struct checked *r)
{
	if (!r)
		return;
	check_release(&r->check);
	arena_release(&r->names);
	free(r->v);
	free(r);
}

static void begin(struct checking *c, const struct model *m, unsigned version)
{
	struct check_job *j = xcalloc(1, sizeof(*j));
	sigset_t all, before;

	j->of = m->index;
	j->result = xcalloc(1, sizeof(*j->result));
	j->result->day = m->day;
	j->result->version = version;
	j->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->job = j;
	/* signals are for the thread that sleeps until one comes */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	j->threaded = pthread_create(&j->thread, NULL, work, j) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!j->threaded)
		work(j);
	screen_watch(j->wake, true);
}

static struct checked *end(struct checking *c)
{
	struct check_job *j = c->job;
	struct checked *r = j->result;

	if (j->threaded)
		pthread_join(j->thread, NULL);
	screen_watch(j->wake, false);
	if (j->wake >= 0)
		close(j->wake);
	free(j);
	c->job = NULL;
	return r;
}

static bool is_for(const struct checked *r, const struct model *m, unsigned version)
{
	return r && r->day == m->day && r->version == version;
}

void checking_ask(struct checking *c, const struct model *m, unsigned version)
{
	if (is_for(c->last, m, version) || (c->job && is_for(c->job->result, m, version)))
		return;
	if (c->job)
		atomic_store(&c->job->cancelled, true); /* another question: begun when this one has ended */
	else
		begin(c, m, version);
}

static void bind(struct checking *c, const struct model *m, unsigned version)
{
	for (size_t i = 0; c->last && i < c->last->check.n; i++) {
		struct found *f = &c->last->v[i];
		f->ca = f->has_ca ? model_find_ca(m, f->ca_id) : NO_INDEX;
		f->cert = f->has_cert ? model_find_cert(m, f->sha256) : NO_INDEX;
	}
	c->bound = version;
}

bool checking_step(struct checking *c, const struct model *m, unsigned version, bool wait)
{
	bool changed = c->last && c->bound != version;

	if (changed)
		bind(c, m, version);
	while (c->job && (wait || atomic_load(&c->job->made))) {
		bool stopped = atomic_load(&c->job->cancelled);
		struct checked *r = end(c);
		if (stopped) {
			free_checked(r);
			begin(c, m, version);
			continue;
		}
		free_checked(c->last);
		c->last = r;
		bind(c, m, version);
		changed = true;
	}
	return changed;
}

bool checking_current(const struct checking *c, const struct model *m, unsigned version)
{
	return is_for(c->last, m, version);
}

void checking_release(struct checking *c)
{
	if (c->job) {
		atomic_store(&c->job->cancelled, true);
		free_checked(end(c));
	}
	free_checked(c->last);
	*c = (struct checking){ 0 };
}
