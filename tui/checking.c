#include "tui/checking.h"

#include <stdlib.h>
#include <string.h>

#include "tui/reader.h"
#include "tui/screen.h"

struct check_job {
	/* the reader's until they are made; NULL: not asked for */
	struct checked *check;
	struct sited *sites;
	struct reader *reader;
	int32_t day;
	unsigned version;
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
		f->name = arena_strdup(&r->names, finding_name(g, ca));
		f->owner = arena_strdup(&r->names, c->owner);
		f->subject = arena_strdup(&r->names, c->subject);
	}
	if (f->has_cert)
		memcpy(f->sha256, g->cert.v[x->cert].sha256, 32);
}

/* Nothing found is not to be told from nothing read but by a message. */
static void failed(struct err *err)
{
	if (!err->msg[0])
		err_set(err, ERR_INDEX, "the index cannot be read");
}

static void make_check(struct checked *r, struct work *w, struct index *ix)
{
	if (index_check_until(ix, r->day, work_cancelled, w, &r->check, &r->err) < 0) {
		failed(&r->err);
		return;
	}
	r->v = xcalloc(r->check.n + 1, sizeof(*r->v));
	for (size_t i = 0; i < r->check.n; i++) {
		r->v[i].finding = &r->check.finding[i];
		keep_finding(r, &r->v[i], index_graph(ix));
	}
}

static void make_sites(struct sited *r, struct index *ix)
{
	const struct graph *g = index_graph(ix);

	if (index_sites(ix, r->day, &r->uses, &r->err) < 0) {
		failed(&r->err);
		return;
	}
	for (uint32_t i = 0; i < g->ca.n; i++)
		if (r->uses.coverage[i] != COVERAGE_NONE)
			*map_at(&r->ca, g->ca.v[i].id, 32, NULL) = i;
}

/* One stands without the other. */
static int make(void *ctx, struct work *w, struct index *ix, struct err *err)
{
	struct check_job *j = ctx;

	(void)err;
	if (j->check)
		make_check(j->check, w, ix);
	if (j->sites && !work_cancelled(w))
		make_sites(j->sites, ix);
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

static void free_sited(struct sited *r)
{
	if (!r)
		return;
	site_uses_release(&r->uses);
	map_release(&r->ca);
	free(r);
}

static void free_job(struct check_job *j)
{
	free_checked(j->check);
	free_sited(j->sites);
	free(j);
}

static void begin(struct checking *c, const struct model *m, unsigned version, unsigned parts)
{
	struct check_job *j = xcalloc(1, sizeof(*j));

	j->day = m->day;
	j->version = version;
	if (parts & CHECK_FINDINGS) {
		j->check = xcalloc(1, sizeof(*j->check));
		j->check->day = m->day;
		j->check->version = version;
	}
	if (parts & CHECK_SITES) {
		j->sites = xcalloc(1, sizeof(*j->sites));
		j->sites->day = m->day;
		j->sites->version = version;
	}
	j->reader = reader_begin(m->index, m->day, make, j);
	c->job = j;
	screen_watch(work_fd(reader_work(j->reader)), true);
}

/* Waits for it. An index that could not be opened is why neither is there. */
static struct check_job *end(struct checking *c)
{
	struct check_job *j = c->job;
	struct err err = { 0 };

	screen_watch(work_fd(reader_work(j->reader)), false);
	if (reader_end(j->reader, &err) < 0) {
		if (j->check)
			j->check->err = err;
		if (j->sites)
			j->sites->err = err;
	}
	c->job = NULL;
	return j;
}

static void stop(struct check_job *j)
{
	work_cancel(reader_work(j->reader));
	j->stopped = true;
}

unsigned checking_there(const struct checking *c, const struct model *m, unsigned version)
{
	unsigned parts = 0;

	if (c->last && c->last->day == m->day && c->last->version == version)
		parts |= CHECK_FINDINGS;
	if (c->sites && c->sites->day == m->day && c->sites->version == version)
		parts |= CHECK_SITES;
	return parts;
}

bool checking_current(const struct checking *c, const struct model *m, unsigned version)
{
	return checking_there(c, m, version) & CHECK_FINDINGS;
}

void checking_ask(struct checking *c, const struct model *m, unsigned version, unsigned parts)
{
	c->asked = parts;
	parts &= ~checking_there(c, m, version);
	if (!parts)
		return;
	/* Another question is begun when the one under way has ended; so is what that lacks, when it is asked for again. */
	if (!c->job)
		begin(c, m, version, parts);
	else if (c->job->day != m->day || c->job->version != version)
		stop(c->job);
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

/* True with findings. */
static bool take(struct checking *c, struct check_job *j)
{
	bool found = j->check;

	if (j->check) {
		free_checked(c->last);
		c->last = j->check;
	}
	if (j->sites) {
		free_sited(c->sites);
		c->sites = j->sites;
	}
	free(j);
	return found;
}

void checking_hold(struct checking *c)
{
	if (c->job && work_made(reader_work(c->job->reader)))
		screen_watch(work_fd(reader_work(c->job->reader)), false);
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
	while (c->job && work_ready(reader_work(c->job->reader), wait)) {
		struct check_job *j = end(c);
		if (j->stopped) {
			free_job(j);
			checking_ask(c, m, version, c->asked);
			continue;
		}
		if (take(c, j))
			bind(c, m, version);
		changed = true;
	}
	return changed;
}

void checking_wait(const struct checking *c, int in, int ms)
{
	if (c->job)
		work_wait(reader_work(c->job->reader), in, ms);
}

void checking_release(struct checking *c)
{
	if (c->job) {
		stop(c->job);
		free_job(end(c));
	}
	free_checked(c->last);
	free_sited(c->sites);
	*c = (struct checking){ 0 };
}
