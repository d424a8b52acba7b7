#include "tui/checking.h"

#include <stdlib.h>
#include <string.h>

#include "tui/reader.h"
#include "tui/screen.h"

struct check_job {
	struct checked *result; /* the reader's until it is made */
	struct reader *reader;
	bool stopped; /* another question is asked meanwhile */
};

/* ---- in the thread ---- */

static void keep_finding(struct checked *r, struct found *f, const struct graph *g)
{
	const struct finding *x = f->finding;
	uint32_t ca = x->ca == NO_INDEX && x->cert != NO_INDEX ? g->cert.v[x->cert].ca : x->ca;

	f->name = f->owner = f->subject = "";
	f->ca = f->cert = NO_INDEX;
	f->has_ca = ca != NO_INDEX;
	f->has_cert = x->cert != NO_INDEX;
	if (f->has_ca) {
		const struct ca *c = &g->ca.v[ca];
		memcpy(f->ca_id, c->id, 32);
		f->name = arena_strdup(&r->names, *c->name ? c->name : *c->subject ? c->subject : "(no name)");
		f->owner = arena_strdup(&r->names, c->owner);
		f->subject = arena_strdup(&r->names, c->subject);
	}
	if (f->has_cert)
		memcpy(f->sha256, g->cert.v[x->cert].sha256, 32);
}

static int make(void *ctx, struct reader *reader, struct index *ix, struct err *err)
{
	struct checked *r = ctx;

	if (index_check_until(ix, r->day, reader_cancelled, reader, &r->check, err) < 0)
		return -1;
	r->v = xcalloc(r->check.n + 1, sizeof(*r->v));
	for (size_t i = 0; i < r->check.n; i++) {
		r->v[i].finding = &r->check.finding[i];
		keep_finding(r, &r->v[i], index_graph(ix));
	}
	return 0;
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

	j->result = xcalloc(1, sizeof(*j->result));
	j->result->day = m->day;
	j->result->version = version;
	j->reader = reader_begin(m->index, m->day, make, j->result);
	c->job = j;
	screen_watch(reader_fd(j->reader), true);
}

static struct checked *end(struct checking *c)
{
	struct check_job *j = c->job;
	struct checked *r = j->result;

	screen_watch(reader_fd(j->reader), false);
	reader_end(j->reader, &r->err);
	free(j);
	c->job = NULL;
	return r;
}

static void stop(struct check_job *j)
{
	reader_cancel(j->reader);
	j->stopped = true;
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
		stop(c->job); /* another question: begun when this one has ended */
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

void checking_bind(struct checking *c, const struct model *m, unsigned version)
{
	if (c->bound != version)
		bind(c, m, version);
}

bool checking_step(struct checking *c, const struct model *m, unsigned version, bool wait)
{
	bool changed = c->last && c->bound != version;

	if (changed)
		bind(c, m, version);
	while (c->job && (wait || reader_made(c->job->reader))) {
		bool stopped = c->job->stopped;
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
		stop(c->job);
		free_checked(end(c));
	}
	free_checked(c->last);
	*c = (struct checking){ 0 };
}
