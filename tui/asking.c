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
	/* the marks are asked with the model, which is with the index */
	bool asks_index, asks_model, asks_rows, asks_marks;
	const struct index *shown;
	struct index *fresh; /* the model's from model_read() on */
	struct err err;      /* why it could not be read */
	struct model model; /* next, or a copy of the one shown, which owns all of it but the marks and their impact */
	struct user_mark *marks;
	struct rows rows;
	struct rows_open was;
	enum ask_open open;
	struct seek seek;
	bool watched; /* its end wakes the loop */
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
	if (q->seek.on)
		seek_go(&q->seek, &q->rows, &q->model);
}

static int read_index(struct question *q, struct work *w)
{
	if (!q->fresh && index_open_beside(q->shown, &q->fresh, &q->err) < 0)
		return -1;
	return work_cancelled(w) ? 0 : model_read(&q->model, q->fresh, &q->err);
}

static void run(void *ctx, struct work *w)
{
	struct question *q = ctx;

	if (q->asks_index && read_index(q, w) < 0) {
		q->good = true; /* made to the end that it can have */
		return;
	}
	if (!q->asks_index) /* else it is the thread's own */
		index_rows_beside(q->model.index);
	if (q->asks_marks)
		model_compute_score(&q->model);
	if (q->asks_rows && !work_cancelled(w) && (!q->asks_model || model_compute(&q->model, work_cancelled, w)))
		make_rows(q);
	q->good = !work_cancelled(w);
	index_rows_beside(NULL);
}

static void free_question(struct question *q)
{
	if (q->fresh != q->model.index)
		index_close(q->fresh);
	if (q->asks_model)
		model_drop(&q->model);
	else if (q->asks_marks)
		model_drop_score(&q->model);
	free(q->marks);
	rows_release(&q->rows);
	idset_release(&q->was.open);
	idset_release(&q->was.shut);
	seek_release(&q->seek);
	free(q);
}

static void run_sweep(void *ctx, struct work *w)
{
	(void)w;
	free_question(ctx);
}

/* ---- in the loop ---- */

/* Only those that are made, unless `wait`. */
static void end_sweeps(struct asking *a, bool wait)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->sweep.n; i++) {
		if (wait || work_made(a->sweep.v[i]))
			work_end(a->sweep.v[i]);
		else
			a->sweep.v[kept++] = a->sweep.v[i];
	}
	a->sweep.n = kept;
}

/* To free the answers of a million CAs takes long, too. */
static void sweep(struct asking *a, struct question *q)
{
	end_sweeps(a, false);
	vec_push(&a->sweep, work_begin(run_sweep, q));
}

static void watch(struct question *q, bool on)
{
	if (q->watched == on)
		return;
	screen_watch(work_fd(q->work), on);
	screen_tick(on);
	q->watched = on;
}

static void prepare_rows(struct tui *t, struct question *q)
{
	struct asking *a = &t->asking;

	q->open = a->open;
	seek_copy(&q->seek, &a->seek);
	rows_copy_how(&q->rows, &a->how);
	rows_prepare(&t->rows, &q->rows, &q->was);
	if (a->unshut)
		idset_clear(&q->rows.shut);
}

/* A line of input or a menu holds places in what is shown: nobody reads another index under it. */
static bool under_hands(const struct tui *t)
{
	return t->prompt.on || t->menu.on;
}

static bool is_asked(const struct tui *t)
{
	const struct asking *a = &t->asking;

	return a->what || a->marks || (a->index && !under_hands(t));
}

static void stop(struct asking *a)
{
	if (!a->job)
		return;
	a->job->stopped = true;
	work_cancel(a->job->work);
}

/* From what is shown on, unless more is asked already. */
static void start(struct tui *t)
{
	struct asking *a = &t->asking;

	if (a->what)
		return;
	free(a->program);
	a->program = t->model.program ? xstrdup(t->model.program) : NULL;
	a->wanted = (struct wanted){ a->program, t->model.purpose, t->model.day, t->model.all_leaves, t->model.revocation };
	rows_copy_how(&a->how, &t->rows);
	a->open = OPEN_AS_IS;
	a->unshut = a->live = a->loaded = false;
	a->then = NULL;
}

static void want_index(struct tui *t)
{
	struct asking *a = &t->asking;

	start(t);
	if (!a->what && !a->marks)
		a->since = clock_ns();
	a->index = true;
	stop(a);
}

/* What was prepared of the index with the numbers it had is not taken. */
static void notice(struct tui *t)
{
	struct asking *a = &t->asking;

	if (a->index || a->gave_up || !index_renumbered(t->model.index))
		return;
	a->noticed = true;
	want_index(t);
}

static void begin(struct tui *t)
{
	struct asking *a = &t->asking;
	struct question *q = xcalloc(1, sizeof(*q));

	q->asks_index = a->index && !under_hands(t);
	q->asks_model = a->what == ASK_MODEL || q->asks_index;
	q->asks_rows = a->what != ASK_NOTHING || q->asks_index;
	q->asks_marks = a->marks && !q->asks_model;
	if (q->asks_rows)
		prepare_rows(t, q);
	if (q->asks_index) {
		model_prepare_read(&t->model, &a->wanted, &q->model);
		q->shown = t->model.index;
		q->fresh = a->fresh;
		a->fresh = NULL;
	} else if (q->asks_model)
		model_prepare(&t->model, &a->wanted, &q->model);
	else if (q->asks_marks)
		model_prepare_score(&t->model, &q->model);
	else
		q->model = t->model;
	q->marks = model_copy_marks(&t->model, &q->model);
	a->job = q;
	q->work = work_begin(run, q);
	watch(q, true);
}

static struct question *end(struct asking *a)
{
	struct question *q = a->job;

	watch(q, false);
	work_end(q->work);
	a->job = NULL;
	return q;
}

/* Gives up what is made. */
static void discard(struct asking *a)
{
	struct question *q = end(a);

	if (q->fresh && q->err.kind == ERR_NONE) {
		a->fresh = q->fresh;
		q->fresh = q->model.index = NULL;
	}
	sweep(a, q);
}

/* The cursor's CA has another number now. */
static void take_index(struct tui *t, struct question *q)
{
	struct row *row = t->rows.cursor < t->rows.row.n ? &t->rows.row.v[t->rows.cursor] : NULL;
	uint8_t id[32];
	bool on_ca = row && row->ca != NO_INDEX;

	if (on_ca)
		memcpy(id, t->model.g->ca.v[row->ca].id, sizeof(id));
	search_forget(t);
	model_take(&t->model, &q->model);
	if (on_ca)
		row->ca = model_find_ca(&t->model, id);
	tui_index_taken(t);
}

static void look_again(struct tui *t)
{
	struct asking *a = &t->asking;
	bool changed = false;

	a->index = false;
	if (a->again && index_changed(t->model.index, &changed, NULL) == 0 && changed)
		a->index = true;
	a->again = false;
	if (!a->index)
		beside_read(t, true, NULL);
	a->noticed &= a->index;
}

/* What else was asked is asked of the index as it was, unless nothing of it can be read by its numbers any more. */
static void fail(struct tui *t)
{
	struct asking *a = &t->asking;
	struct question *q = end(a);

	a->index = a->again = a->noticed = false;
	a->gave_up = index_renumbered(t->model.index);
	if (a->gave_up) {
		a->what = ASK_NOTHING;
		a->then = NULL;
		seek_release(&a->seek);
		ahead_forget(t);
	}
	beside_read(t, false, q->err.msg[0] ? q->err.msg : "the index cannot be read");
	sweep(a, q);
}

static void take(struct tui *t)
{
	struct asking *a = &t->asking;
	struct question *q = end(a);
	void (*then)(struct tui * t) = q->asks_rows ? a->then : NULL;

	if (q->asks_index) {
		take_index(t, q);
		a->gave_up = false;
	} else if (q->asks_model)
		model_take(&t->model, &q->model);
	else if (q->asks_marks)
		model_take_score(&t->model, &q->model);
	if (q->asks_model || q->asks_marks) {
		a->marks = false;
		tui_stale(t);
	}
	if (q->asks_rows)
		rows_take(&t->rows, &q->rows, &q->was, &t->model, q->seek.on && (q->seek.found || q->seek.back));
	if (q->seek.on)
		search_sought(t, &q->seek);
	seek_release(&a->seek);
	a->what = ASK_NOTHING;
	if (q->asks_index)
		look_again(t);
	sweep(a, q);
	if (then)
		then(t);
}

/* Not under somebody's hands. A search and a part of the impact read it. */
static bool may_take(const struct tui *t)
{
	const struct asking *a = &t->asking;

	if (t->search.job || t->answering || t->filling || keeping_reads(t) || sources_read(t) || doubting_looks(&t->doubting))
		return false;
	return !under_hands(t) || (!a->job->asks_index && (!a->what || (a->live && a->what == ASK_ROWS)));
}

/* It was begun under somebody's hands, of the index with the numbers it had. */
static bool is_outlived(const struct tui *t)
{
	return t->asking.noticed && !t->asking.job->asks_index && !under_hands(t);
}

/* Gives up what is not wanted any more, and begins what is. True: it is made. */
static bool work_on(struct tui *t)
{
	struct asking *a = &t->asking;

	if (a->job && work_made(a->job->work) && (a->job->stopped || !a->job->good || is_outlived(t)))
		discard(a);
	if (!a->job && is_asked(t)) {
		begin(t);
		notice(t);
	}
	return a->job && work_made(a->job->work) && a->job->good && !a->job->stopped;
}

bool asking_step(struct tui *t, bool wait)
{
	struct asking *a = &t->asking;
	bool taken = false;

	notice(t);
	while (is_asked(t) || a->job) {
		bool made = work_on(t);

		if (wait && a->job)
			work_ready(a->job->work, true);
		if (!made && a->job && work_made(a->job->work))
			continue;
		if (!made)
			break;
		if (!may_take(t) && wait && (tui_fill_step(t, true) || (t->doubting.work && beside_doubts(t, true))))
			continue;
		if (!may_take(t)) {
			watch(a->job, false); /* a key, or the end of the search, comes first */
			break;
		}
		if (a->job->err.kind != ERR_NONE)
			fail(t);
		else
			take(t);
		taken = true;
	}
	return taken;
}

bool asking_works(const struct tui *t)
{
	return t->asking.job && !work_made(t->asking.job->work);
}

bool asking_beside(struct tui *t)
{
	if (asking_step(t, false))
		return true;
	if (!asking_works(t))
		return false;
	work_wait(t->asking.job->work, screen_input(), 50);
	asking_step(t, false);
	return true;
}

static int ms_since(uint64_t ns)
{
	uint64_t ms = (clock_ns() - ns) / 1000000;

	return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

/* Who works: looked at once, for the work may end at any time. */
struct worker {
	const struct work *work; /* NULL: nobody */
	uint64_t since;
};

static struct worker working(const struct tui *t)
{
	if (asking_works(t))
		return (struct worker){ t->asking.job->work, t->asking.since };
	if (t->search.job && !work_made(lookup_work(t->search.job)))
		return (struct worker){ lookup_work(t->search.job), t->search.since };
	if (keeping_works(t))
		return (struct worker){ t->kept->work, t->kept->since };
	if (sources_read(t))
		return (struct worker){ t->sources->work, t->sources_since };
	return (struct worker){ NULL, 0 };
}

/* How much is left of so many milliseconds from when it was begun; 0: nothing. */
static int left_of(struct worker who, int ms)
{
	int left = who.work ? ms - ms_since(who.since) : 0;

	return left > 0 ? left : 0;
}

void asking_pause(struct tui *t)
{
	struct worker who = working(t);
	int left = left_of(who, AT_ONCE_MS);

	/* what is typed into a line means the same on any picture */
	if (left && !ahead_ready(t) && (!t->prompt.on || !screen_key_waits()))
		work_wait(who.work, -1, left);
	who = working(t);
	left = left_of(who, UNSEEN_MS);
	/* curses may hold a key that it read ahead: ask it before anything sleeps */
	if (left && !ahead_ready(t) && !screen_key_waits())
		work_wait(who.work, screen_input(), left);
}

static void halt(struct tui *t)
{
	search_halt(t);
	beside_halt(t);
	stop(&t->asking);
	if (t->asking.job)
		free_question(end(&t->asking));
}

struct wanted *asking_question(struct tui *t)
{
	start(t);
	return &t->asking.wanted;
}

struct wanted asking_wanted(const struct tui *t)
{
	const struct model *m = &t->model;

	if (t->asking.what == ASK_MODEL)
		return t->asking.wanted;
	return (struct wanted){ m->program, m->purpose, m->day, m->all_leaves, m->revocation };
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

/* What t asked is asked of the question it was asked in: in another one nobody did. */
static void forget_until(struct tui *t)
{
	t->until = 0;
	t->says_until = t->shows_until = false;
}

static bool wants_other(const struct tui *t)
{
	const struct wanted *w = &t->asking.wanted;
	const struct model *m = &t->model;

	return w->purpose != m->purpose || w->day != m->day || w->revocation != m->revocation || !w->program != !m->program ||
	       (w->program && strcmp(w->program, m->program) != 0);
}

void asking_send(struct tui *t, enum ask what, void (*then)(struct tui *t))
{
	struct asking *a = &t->asking;
	char *program = a->wanted.program ? xstrdup(a->wanted.program) : NULL;

	/* the name may be of an index that is read anew meanwhile */
	free(a->program);
	a->wanted.program = a->program = program;
	if (what == ASK_MODEL && wants_other(t))
		forget_until(t);
	if (!a->what && !a->marks && !a->index)
		a->since = clock_ns();
	a->what = what > a->what ? what : a->what;
	if (then)
		a->then = then;
	a->gave_up &= what != ASK_MODEL;
	stop(a);
	work_on(t);
}

void asking_marks(struct tui *t)
{
	struct asking *a = &t->asking;

	model_marked(&t->model);
	forget_until(t);
	if (!a->what && !a->marks && !a->index)
		a->since = clock_ns();
	a->marks = true;
	tui_stale(t);
	/* what is trusted beforehand is another, and with it the roots and all counts */
	if (model_assumes_others(&t->model)) {
		asking_question(t);
		asking_send(t, ASK_MODEL, NULL);
		return;
	}
	if (asking_how(t)->filter.term.n) {
		asking_rows(t);
		asking_send(t, ASK_ROWS, NULL);
		return;
	}
	stop(a);
	work_on(t);
}

void asking_index(struct tui *t)
{
	struct asking *a = &t->asking;
	struct err err = { 0 };
	bool changed;

	if (a->index) {
		a->again = true;
		return;
	}
	if (index_changed(t->model.index, &changed, &err) < 0) {
		beside_read(t, false, err.msg);
		return;
	}
	if (!changed) {
		beside_read(t, false, NULL);
		return;
	}
	want_index(t);
	work_on(t);
}

void asking_seek(struct tui *t, struct seek *s)
{
	struct asking *a = &t->asking;

	if (a->seek.on && a->seek.back && !s->back) {
		s->back = true;
		s->cursor = a->seek.cursor;
		s->top = a->seek.top;
	}
	s->on = true;
	seek_release(&a->seek);
	a->seek = *s;
	a->live = true;
	asking_send(t, ASK_ROWS, NULL);
}

static void spin(struct strbuf *out, int ms)
{
	strbuf_addf(out, "%c ", "|/-\\"[ms / SPIN_MS % 4]);
}

void asking_tell(const struct tui *t, struct strbuf *out)
{
	const struct asking *a = &t->asking;
	char day[DATE_BUF];

	if (t->search.asked && ms_since(t->search.since) >= LONG_MS) {
		spin(out, ms_since(t->search.since));
		strbuf_addstr(out, "searching");
	} else if (asking_works(t) && ms_since(a->since) >= LONG_MS) {
		spin(out, ms_since(a->since));
		if (a->index)
			strbuf_addstr(out, "reading the index");
		else if (!a->what)
			strbuf_addstr(out, "computing what is lost");
		else if (a->what == ASK_ROWS)
			strbuf_addstr(out, "sorting, filtering");
		else
			strbuf_addf(out, "asking %s %s %s %s %s", a->program ? a->program : "none", glyph(G_DOT),
				purpose_names[a->wanted.purpose], glyph(G_DOT), date_format(day, a->wanted.day));
	} else if (keeping_works(t) && ms_since(t->kept->since) >= LONG_MS) {
		spin(out, ms_since(t->kept->since));
		keeping_tell(t, out);
	}
}

void asking_release(struct tui *t)
{
	struct asking *a = &t->asking;

	halt(t);
	end_sweeps(a, true);
	vec_release(&a->sweep);
	rows_release(&a->how);
	seek_release(&a->seek);
	free(a->program);
	a->program = NULL;
	index_close(a->fresh);
	a->fresh = NULL;
	a->what = ASK_NOTHING;
	a->marks = a->index = false;
}
