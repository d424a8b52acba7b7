#include "tui/doubting.h"

#include "tui/screen.h"

static int make(void *ctx, struct reader *r, struct index *ix, struct err *err)
{
	struct doubting *d = ctx;

	(void)r;
	return index_store_doubts(ix, d->asked_day, &d->fresh, err);
}

static bool is_current(const struct doubting *d, const struct model *m, unsigned version)
{
	return d->known && d->day == m->day && d->version == version;
}

static void begin(struct doubting *d, const struct model *m, unsigned version)
{
	d->fresh = (struct store_doubts){ 0 };
	d->asked_day = m->day;
	d->asked_version = version;
	d->reader = reader_begin(m->index, m->day, make, d);
	screen_watch(reader_fd(d->reader), true);
}

/* Without an answer nothing is said: views of what cannot be read say why. */
static void end(struct doubting *d)
{
	struct err err = { 0 };

	screen_watch(reader_fd(d->reader), false);
	if (reader_end(d->reader, &err) < 0) {
		store_doubts_release(&d->fresh);
		d->fresh = (struct store_doubts){ 0 };
	}
	d->reader = NULL;
	store_doubts_release(&d->last);
	d->last = d->fresh;
	d->day = d->asked_day;
	d->version = d->asked_version;
	d->known = true;
}

bool doubting_step(struct doubting *d, struct model *m, unsigned version, bool wait)
{
	bool changed = false;

	while (m->column.n && !is_current(d, m, version)) {
		if (!d->reader)
			begin(d, m, version);
		if (!wait && !reader_made(d->reader))
			break;
		end(d);
		changed = true;
	}
	m->doubts = is_current(d, m, version) ? &d->last : NULL;
	m->doubts_day = d->day;
	return changed && m->doubts && m->doubts->doubt.n;
}

void doubting_release(struct doubting *d)
{
	if (d->reader)
		end(d);
	store_doubts_release(&d->last);
	*d = (struct doubting){ 0 };
}
