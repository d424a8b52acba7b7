/* What goes on while keys are answered: a check of the hierarchy, a fetch, a file that is written. */
#include <limits.h>

#include "base/date.h"
#include "base/num.h"
#include "tui/screen.h"
#include "tui/view.h"

static void say_new(struct tui *t, struct strbuf *out)
{
	const struct source_table *s = sources_of(t);
	const struct source_row *r = s ? source_table_find(s, t->fetching.asked) : NULL;
	char n[32], day[DATE_BUF];

	if (!r || !t->fetching.good)
		return;
	strbuf_addf(out, ": %s record%s", num_group(n, r->records), r->records == 1 ? "" : "s");
	if (r->newest != INT32_MIN)
		strbuf_addf(out, ", as of %s", date_format(day, r->newest));
}

/* How the fetch went, and what it brought. */
static void tell(struct tui *t, bool changed)
{
	struct fetching *f = &t->fetching;
	struct strbuf b = STRBUF_INIT;

	strbuf_addstr(&b, f->outcome.buf);
	say_new(t, &b);
	if (f->good && !changed)
		strbuf_addstr(&b, "; nothing new");
	if (f->good || f->stopped)
		tui_say(t, "%s", b.buf);
	else
		tui_complain(t, "%s", b.buf);
	tui_stale(t);
	strbuf_release(&b);
}

static bool is_fetched(const struct tui *t)
{
	return fetching_runs(&t->fetching) || t->fetched;
}

/* What one's own fetch brings is told in its end. */
static void say_noticed(struct tui *t)
{
	if (!is_fetched(t))
		tui_say(t, "the index has changed: read anew");
}

void beside_read(struct tui *t, bool changed, const char *why_not)
{
	if (why_not)
		tui_complain(t, "%s", why_not);
	else if (!t->telling && t->asking.noticed)
		say_noticed(t);
	else if (!t->telling)
		tui_say(t, changed ? "read anew" : "the index has not changed");
	t->read = t->telling && !why_not;
	t->read_changed = changed || t->fetch_read;
	t->fetch_read = !t->telling && (t->fetch_read || (changed && is_fetched(t)));
	t->telling = false;
}

static void tell_read(struct tui *t)
{
	if (!t->read || t->prompt.on || t->menu.on || !sources_of(t))
		return;
	t->read = false;
	tell(t, t->read_changed);
}

/* Not under somebody's hands: what is said would not be seen. */
static void take_up(struct tui *t)
{
	if (!t->fetched || t->prompt.on || t->menu.on)
		return;
	t->fetched = false;
	t->telling = true;
	asking_index(t);
}

static void forget_findings(struct tui *t)
{
	if (!t->checking.job)
		return;
	findings_keep(&t->findings);
	t->findings.of = NULL;
	t->findings.row.n = 0;
}

static void take_part(struct tui *t)
{
	if (!t->answering || !work_made(answer_work(t->answering)))
		return;
	if (t->model.scoring) {
		beside_halt(t); /* it is of other marks */
		return;
	}
	if (asking_works(t) || t->search.job || t->filling)
		return;
	answer_take(t->answering, &t->model);
	t->answering = NULL;
	tui_stale_views(t, &view_impact);
	screen_tick(false);
	impact_say_until(t);
}

bool beside_impact(struct tui *t)
{
	const struct view *top = t->stack.v[t->stack.n - 1];

	if (!t->answering && (t->asking.what || t->asking.marks || t->asking.index))
		return false; /* another question comes first */
	if (!t->answering) {
		t->answering = answer_begin(&t->model, top->ops == &view_impact ? UINT_MAX : 1U << ANSWER_SITES);
		if (!t->answering)
			return false;
		screen_tick(true);
	}
	work_wait(answer_work(t->answering), screen_input(), 50);
	take_part(t);
	return true;
}

void beside_halt(struct tui *t)
{
	if (!t->answering)
		return;
	answer_stop(t->answering);
	t->answering = NULL;
	screen_tick(false);
}

void beside_check(struct tui *t, bool wait)
{
	/* rows point into what may be replaced now */
	forget_findings(t);
	/* those that are being written are not replaced */
	if (writing_findings_run(t)) {
		checking_hold(&t->checking);
		return;
	}
	if (!checking_step(&t->checking, &t->model, t->version, wait))
		return;
	tui_stale_views(t, &view_findings);
	tui_stale_views(t, &view_detail);
	if (t->pane)
		t->pane->stale = true;
}

bool beside_doubts(struct tui *t, bool wait)
{
	if (!doubting_step(&t->doubting, &t->model, t->version, wait))
		return false;
	tui_stale_views(t, &view_sources);
	tui_stale_views(t, &view_source);
	if (t->model.doubts->doubt.n)
		tui_stale(t);
	return true;
}

void beside_step(struct tui *t, bool wait)
{
	take_part(t);
	search_step(t, wait);
	asking_step(t, wait);
	beside_doubts(t, wait);
	if (fetching_step(&t->fetching, wait)) {
		t->fetched |= t->fetching.state == FETCH_ENDED;
		tui_stale_views(t, &view_sources);
	}
	keeping_step(t, wait);
	writing_step(t, wait);
	beside_check(t, wait); /* after what may keep it from being taken */
	take_up(t);
	if (t->asking.index && asking_step(t, wait))
		beside_doubts(t, wait);
	tell_read(t);
	sources_step(t, wait);
	tell_read(t);
}
