#include "tui/asking.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "tui/screen.h"
#include "tui/view.h"
#include "tui/work.h"

#define AT_ONCE_MS 30 /* the next key waits so long for it */
#define UNSEEN_MS 60  /* the old picture is not drawn again before that, if no key comes */
#define LONG_MS 100   /* then it is said */
#define SPIN_MS 150

struct question {
	struct work *work;
	bool asks_model;
	struct model model; /* next, or a copy of the one shown, which owns all of it */
	struct rows rows;
	struct rows_open was;
	enum ask_open open;
	bool good;    /* made to the end */
	bool stopped; /* nobody wants it any more */
};

/* ---- in the thread ---- */

static void make_rows(struct question *q)
{
	rows_build(&q->rows, &q->model);
	if (q->open == OPEN_ALL)
		rows_open_all(&q->rows, &q->model);
	else if (q->open == OPEN_NONE)
		rows_shut_all(&q->rows, &q->model);
}

static void run(void *ctx, struct work *w)
{
	struct question *q = ctx;

	index_rows_beside(q->model.index);
	if (!q->asks_model || model_compute(&q->model, work_cancelled, w))
		make_rows(q);
	q->good = !work_cancelled(w);
	index_rows_beside(NULL);
}

static void free_question(struct question *q)
{
	if (q->asks_model)
		model_drop(&q->model);
	rows_release(&q->rows);
	idset_release(&q->was.open);
	idset_release(&q->was.shut);
	free(q);
}

static void run_sweep(void *ctx, struct work *w)
{
	(void)w;
	free_question(ctx);
}

/* ---- in the loop ---- */

static void end_sweep(struct asking *a)
{
	if (a->sweep)
		work_end(a->sweep);
	a->sweep = NULL;
}

/* To free the answers of a million CAs takes long, too. */
static void sweep(struct asking *a, struct question *q)
{
	end_sweep(a);
	a->sweep = work_begin(run_sweep, q);
}

static void begin(struct tui *t)
{
	struct asking *a = &t->asking;
	struct question *q = xcalloc(1, sizeof(*q));

	q->asks_model = a->what == ASK_MODEL;
	q->open = a->open;
	rows_copy_how(&q->rows, &a->how);
	rows_prepare(&t->rows, &q->rows, &q->was);
	if (a->unshut)
		idset_clear(&q->rows.shut);
	if (q->asks_model)
		model_prepare(&t->model, &a->wanted, &q->model);
	else
		q->model = t->model;
	a->job = q;
	q->work = work_begin(run, q);
	screen_watch(work_fd(q->work), true);
	screen_tick(true);
}

static struct question *end(struct asking *a)
{
	struct question *q = a->job;

	screen_watch(work_fd(q->work), false);
	screen_tick(false);
	work_end(q->work);
	a->job = NULL;
	return q;
}

static void take(struct tui *t)
{
	struct asking *a = &t->asking;
	struct question *q = end(a);
	void (*then)(struct tui * t) = a->then;

	if (q->asks_model) {
		model_take(&t->model, &q->model);
		tui_stale(t);
	}
	rows_take(&t->rows, &q->rows, &q->was, &t->model);
	a->what = ASK_NOTHING;
	sweep(a, q);
	if (then)
		then(t);
}

/* Not under somebody's hands: a line of input or a menu holds places in what is shown. */
static bool may_take(const struct tui *t)
{
	return (t->asking.live && t->asking.what == ASK_ROWS) || (!t->prompt.on && !t->menu.on);
}

bool asking_step(struct tui *t, bool wait)
{
	struct asking *a = &t->asking;
	bool taken = false;

	while (a->what || a->job) {
		if (!a->job)
			begin(t);
		while (wait && !work_made(a->job->work))
			work_wait(a->job->work, -1, 1000);
		if (!work_made(a->job->work))
			break;
		if (a->job->stopped || !a->job->good) {
			sweep(a, end(a));
			continue;
		}
		if (!may_take(t))
			break;
		take(t);
		taken = true;
	}
	return taken;
}

/* Works somebody on it who is not done? */
static bool works(const struct tui *t)
{
	return t->asking.job && !work_made(t->asking.job->work);
}

bool asking_beside(struct tui *t)
{
	if (asking_step(t, false))
		return true;
	if (!works(t))
		return false;
	work_wait(t->asking.job->work, screen_input(), 50);
	asking_step(t, false);
	return true;
}

/* How long it was asked ago. */
static int age_ms(const struct tui *t)
{
	uint64_t ms = (clock_ns() - t->asking.since) / 1000000;

	return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

void asking_pause(struct tui *t)
{
	int age;

	if (works(t) && (age = age_ms(t)) < AT_ONCE_MS)
		work_wait(t->asking.job->work, -1, AT_ONCE_MS - age);
	/* curses may hold a key that it read ahead: ask it before anything sleeps */
	if (works(t) && !screen_key_waits() && (age = age_ms(t)) < UNSEEN_MS)
		work_wait(t->asking.job->work, screen_input(), UNSEEN_MS - age);
}

static void stop(struct asking *a)
{
	if (!a->job)
		return;
	a->job->stopped = true;
	work_cancel(a->job->work);
}

void asking_halt(struct tui *t)
{
	stop(&t->asking);
	if (t->asking.job)
		free_question(end(&t->asking));
}

/* From what is shown on, unless more is asked already. */
static void start(struct tui *t)
{
	struct asking *a = &t->asking;

	if (a->what)
		return;
	free(a->program);
	a->program = t->model.program ? xstrdup(t->model.program) : NULL;
	a->wanted = (struct wanted){ a->program, t->model.purpose, t->model.day, t->model.all_leaves };
	rows_copy_how(&a->how, &t->rows);
	a->open = OPEN_AS_IS;
	a->unshut = a->live = false;
	a->then = NULL;
}

struct wanted *asking_question(struct tui *t)
{
	start(t);
	return &t->asking.wanted;
}

struct rows *asking_rows(struct tui *t)
{
	start(t);
	return &t->asking.how;
}

const struct rows *asking_how(const struct tui *t)
{
	return t->asking.what ? &t->asking.how : &t->rows;
}

void asking_send(struct tui *t, enum ask what, void (*then)(struct tui *t))
{
	struct asking *a = &t->asking;
	char *program = a->wanted.program ? xstrdup(a->wanted.program) : NULL;

	/* the name may be of an index that is read anew meanwhile */
	free(a->program);
	a->wanted.program = a->program = program;
	if (!a->what)
		a->since = clock_ns();
	a->what = what > a->what ? what : a->what;
	if (then)
		a->then = then;
	stop(a);
	asking_step(t, false);
}

void asking_build(struct tui *t, bool all_roots)
{
	struct asking *a = &t->asking;

	asking_halt(t);
	t->rows.all_roots = all_roots;
	rows_build(&t->rows, &t->model);
	if (!a->what)
		return;
	a->how.all_roots = all_roots;
	a->how.hide_expired = t->rows.hide_expired;
	a->how.hide_empty = t->rows.hide_empty;
	filter_release(&a->how.filter);
	if (t->rows.filter.text)
		filter_parse(&a->how.filter, t->rows.filter.text, NULL, NULL);
}

void asking_tell(const struct tui *t, struct strbuf *out)
{
	const struct asking *a = &t->asking;
	char day[DATE_BUF];

	if (!a->what || age_ms(t) < LONG_MS)
		return;
	strbuf_addf(out, "%c ", "|/-\\"[age_ms(t) / SPIN_MS % 4]);
	if (a->what == ASK_ROWS) {
		strbuf_addstr(out, "sorting");
		return;
	}
	strbuf_addf(out, "asking %s %s %s %s %s", a->program ? a->program : "none", glyph(G_DOT),
		purpose_names[a->wanted.purpose], glyph(G_DOT), date_format(day, a->wanted.day));
}

void asking_release(struct tui *t)
{
	struct asking *a = &t->asking;

	asking_halt(t);
	end_sweep(a);
	rows_release(&a->how);
	free(a->program);
	a->program = NULL;
	a->what = ASK_NOTHING;
}
