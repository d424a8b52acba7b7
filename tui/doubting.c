#include "tui/doubting.h"

#include "tui/screen.h"
#include "tui/work.h"

/* ---- in the thread ---- */

/* What speaks against a store stands in the file alone: of the graph nothing is asked. */
static void run(void *ctx, struct work *w)
{
	struct doubting *d = ctx;
	struct index *own = NULL;
	int rc = index_share(d->shown, &own, &d->fresh_err);

	(void)w;
	atomic_store(&d->looks, false);
	if (rc == 0 && index_store_doubts(own, d->asked_day, &d->fresh, &d->fresh_err) < 0)
		store_doubts_release(&d->fresh);
	index_close(own);
}

/* ---- in the loop ---- */

bool doubting_current(const struct doubting *d, const struct model *m, unsigned version)
{
	return d->known && d->day == m->day && d->version == version;
}

bool doubting_looks(const struct doubting *d)
{
	return d->work && atomic_load(&d->looks);
}

static void begin(struct doubting *d, const struct model *m, unsigned version)
{
	d->fresh = (struct store_doubts){ 0 };
	d->fresh_err = (struct err){ 0 };
	d->asked_day = m->day;
	d->asked_version = version;
	d->shown = m->index;
	atomic_store(&d->looks, true);
	d->work = work_begin(run, d);
	screen_watch(work_fd(d->work), true);
}

static void end(struct doubting *d)
{
	screen_watch(work_fd(d->work), false);
	work_end(d->work);
	d->work = NULL;
	store_doubts_release(&d->last);
	d->last = d->fresh;
	d->err = d->fresh_err;
	d->day = d->asked_day;
	d->version = d->asked_version;
	d->known = true;
}

bool doubting_step(struct doubting *d, struct model *m, unsigned version, bool wait)
{
	bool came = false;

	while (!doubting_current(d, m, version)) {
		if (!d->work)
			begin(d, m, version);
		if (!work_ready(d->work, wait))
			break;
		end(d);
		came = true;
	}
	m->doubts = doubting_current(d, m, version) ? &d->last : NULL;
	m->doubts_day = d->day;
	return came && m->doubts;
}

void doubting_release(struct doubting *d)
{
	if (d->work)
		end(d);
	store_doubts_release(&d->last);
	*d = (struct doubting){ 0 };
}
