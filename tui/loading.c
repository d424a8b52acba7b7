/* Scenarios by name: loading one that the index keeps or that lies in a file, deleting one that it keeps. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/opt.h"
#include "base/text.h"
#include "tui/kept.h"
#include "tui/screen.h"
#include "tui/view.h"

#define AT_ONCE_MS 30 /* as the loop waits for an answer */

static bool has_store(const struct model *m, const char *program)
{
	for (size_t i = 0; i < m->column.n; i++)
		if (!strcmp(m->column.v[i].program, program))
			return m->column.v[i].store;
	return false;
}

static void take_question(struct tui *t, const struct kept *k)
{
	struct wanted *w = asking_question(t);

	w->program = k->scenario.program;
	w->purpose = k->scenario.purpose;
	w->revocation = k->scenario.revocation;
	if (k->has_day)
		w->day = k->day;
	asking_send(t, ASK_MODEL, NULL);
	t->asking.loaded = true;
}

/* What is asked before `k` is, where that is something else. */
static struct marks_asked *asked_before(struct tui *t, const struct kept *k)
{
	const struct scenario *s = &k->scenario;
	const struct wanted w = asking_wanted(t);
	struct marks_asked *a = xcalloc(1, sizeof(*a));

	a->name = xstrdup(k->name);
	a->former = xstrdup(t->scenario.buf);
	if (w.program && strcmp(w.program, s->program) != 0)
		a->program = xstrdup(w.program);
	a->purpose = w.purpose != s->purpose ? (int)w.purpose : -1;
	a->revocation = w.revocation != s->revocation ? (int)w.revocation : -1;
	a->has_day = k->has_day && w.day != k->day;
	a->day = w.day;
	return a;
}

static void exchange_name(struct tui *t, struct marks_asked *a)
{
	char *was = xstrdup(t->scenario.buf);

	keeping_remember(t, a->former);
	free(a->former);
	a->former = was;
}

void loading_exchange(struct tui *t, struct marks_asked *a, struct strbuf *said)
{
	struct wanted *w = asking_question(t);
	const struct wanted was = *w;
	/* another index may have been read since */
	char *program = a->program && was.program && has_store(&t->model, a->program) ? xstrdup(was.program) : NULL;
	char day[DATE_BUF];

	exchange_name(t, a);
	if (program) {
		w->program = a->program;
		strbuf_addf(said, " %s", a->program);
	}
	if (a->purpose >= 0) {
		w->purpose = (enum purpose)a->purpose;
		a->purpose = (int)was.purpose;
		strbuf_addf(said, " %s", purpose_names[w->purpose]);
	}
	if (a->has_day) {
		w->day = a->day;
		a->day = was.day;
		strbuf_addf(said, " %s", date_format(day, w->day));
	}
	if (a->revocation >= 0) {
		w->revocation = (enum revocation_mode)a->revocation;
		a->revocation = (int)was.revocation;
		strbuf_addf(said, " revocation %s", revocation_mode_names[w->revocation]);
	}
	asking_send(t, ASK_MODEL, NULL); /* which keeps the program's name */
	t->asking.loaded = true;
	if (program) {
		free(a->program);
		a->program = program;
	}
}

/* How many marks it has stands in the line above. The day of before is told where there is room. */
static void say_loaded(struct tui *t, const struct kept *k, int32_t was)
{
	const struct scenario *s = &k->scenario;
	struct strbuf b = STRBUF_INIT;
	char day[DATE_BUF];
	int rows, cols;

	strbuf_addf(&b, "'%s' asks %s %s", k->name, s->program, purpose_names[s->purpose]);
	if (k->has_day)
		strbuf_addf(&b, " %s", date_format(day, k->day));
	if (s->revocation != REVOCATION_ENFORCED)
		strbuf_addf(&b, ", revocation %s", revocation_mode_names[s->revocation]);
	screen_size(&rows, &cols);
	if (k->has_day && k->day != was && text_width(b.buf) + (int)strlen("; it was 2026-06-01; u undoes") + 2 < cols)
		strbuf_addf(&b, "; it was %s", date_format(day, was));
	tui_say(t, "%s; u undoes", b.buf);
	strbuf_release(&b);
}

static void open_line(struct tui *t, const char *text);

static bool is_listed(const struct tui *t, const char *name)
{
	for (size_t i = 0; t->listed && i < t->listed->list.n; i++)
		if (!strcmp(t->listed->list.v[i].name, name))
			return true;
	return false;
}

/* Of how many names that are listed it is the beginning. */
static size_t begun(const struct tui *t, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; t->listed && i < t->listed->list.n; i++)
		n += !strncmp(t->listed->list.v[i].name, name, strlen(name));
	return n;
}

/* Of those listed the one that is nearly called so, or NULL. */
static const char *nearly(const struct tui *t, const char *name)
{
	VEC(const char *) names = { 0 };
	const char *near;

	for (size_t i = 0; t->listed && i < t->listed->list.n; i++)
		vec_push(&names, t->listed->list.v[i].name);
	near = is_listed(t, name) ? NULL : opt_nearest(name, names.v, names.n);
	vec_release(&names);
	return near;
}

/* The line is there with what was typed into it. Whoever pressed a key since would type on into a line that is not
 * looked for: there it is only said. */
static void refuse(struct tui *t, const char *name, const struct err *why)
{
	const char *near = nearly(t, name);
	const size_t n = is_listed(t, name) ? 0 : begun(t, name);

	if (!t->loads_at_once) {
		tui_complain(t, "%s", why->msg);
		return;
	}
	open_line(t, name);
	if (n > 1)
		prompt_refuse(t, "%zu names begin so: the arrows choose one", n);
	else if (near)
		prompt_refuse(t, "%s; did you mean '%s'?", why->msg, near);
	else
		prompt_refuse(t, "%s", why->msg);
}

bool loading_waits(const struct tui *t)
{
	return t->loads_open && t->kept && t->kept->what == KEPT_READ;
}

void loading_loaded(struct tui *t, struct kept *k)
{
	const bool open = t->loads_open;

	t->loads_open = false;
	if (open && !t->loads_at_once)
		return;
	if (open)
		t->prompt.on = false;
	if (k->rc == 0 && k->whole) {
		free(k->name);
		k->name = k->whole;
		k->whole = NULL;
	}
	if (k->rc == 0 && !has_store(&t->model, k->scenario.program))
		k->rc = err_set(&k->err, ERR_USAGE, "'%s' asks %s, which has no store in this index", k->name, k->scenario.program);
	if (k->rc < 0) {
		refuse(t, k->name, &k->err);
		return;
	}
	const int32_t was = asking_wanted(t).day;

	marks_load(&t->model.marks, k->mark.v, k->mark.n, asked_before(t, k));
	marks_keep(&t->model.marks, k->mark.v, k->mark.n);
	asking_marks(t);
	take_question(t, k);
	tui_stale(t);
	keeping_remember(t, k->name);
	say_loaded(t, k, was);
}

static void load_named(struct tui *t, const char *name)
{
	if (!*name) {
		prompt_refuse(t, t->listed && !t->listed->list.n && t->listed->rc >= 0 ? "none is kept yet; w keeps the marks as one"
			: "choose one with the arrows, or type its name");
		return;
	}
	if (loading_waits(t)) {
		t->loads_at_once = strcmp(t->kept->name, name) == 0;
		if (t->loads_at_once)
			t->prompt.on = true;
		else
			prompt_refuse(t, "'%s' is still being read", t->kept->name);
		return;
	}
	t->loads_at_once = keeping_begin(t, KEPT_READ, name);
	/* It may be there since they were listed, but most likely the line will be needed again. */
	t->loads_open = t->loads_at_once && t->listed && !is_listed(t, name) && begun(t, name) != 1;
	t->prompt.on = t->loads_open;
}

/* Above the prompt: those whose names begin with what is typed. */
static void show_choices(struct tui *t, const char *typed)
{
	const struct kept *all = t->listed;
	struct strbuf *note = &t->prompt.note;

	strbuf_reset(note);
	prompt_choices_clear(t);
	for (size_t i = 0; all && i < all->list.n; i++)
		if (strncmp(all->list.v[i].name, typed, strlen(typed)) == 0)
			prompt_choice(t, all->list.v[i].name, all->list.v[i].line, all->list.v[i].note);
	if (all && all->rc < 0)
		strbuf_addstr(note, all->err.msg);
	else if (t->prompt.choice.n)
		strbuf_addf(note, "%s, tab completes, C-d deletes", fmt_is_ascii() ? "up down" : "↑↓");
	else if (!all)
		strbuf_addstr(note, "being read");
	else
		strbuf_addstr(note, all->list.n ? "none of this name" : "none is kept yet; w keeps the marks as one");
}

/* Those that there are, read each time: other processes save some, too. */
static void list(struct tui *t)
{
	kept_free(t->listed);
	t->listed = NULL;
	if (t->listing)
		return;
	struct wanted asked = asking_wanted(t);

	t->listing = kept_begin(KEPT_LIST, &t->model, &asked, t->opt, "");
	screen_watch(work_fd(t->listing->work), true);
}

void loading_step(struct tui *t, bool wait)
{
	struct kept *k = t->listing;

	if (!k || !work_ready(k->work, wait))
		return;
	screen_watch(work_fd(k->work), false);
	t->listing = NULL;
	kept_free(t->listed);
	t->listed = k;
	if (t->prompt.on && t->prompt.changed == show_choices)
		show_choices(t, t->prompt.text.buf);
}

static void delete_it(struct tui *t, const char *yes)
{
	(void)yes;
	if (keeping_begin(t, KEPT_DELETE, t->doomed.buf))
		tui_say(t, "deleting '%s'%s", t->doomed.buf, glyph(G_ELLIPSIS));
}

void loading_deleted(struct tui *t, struct kept *k)
{
	if (k->rc < 0)
		tui_complain(t, "'%s' is not deleted: %s", k->name, k->err.msg);
	else
		tui_say(t, k->there ? "scenario '%s' is deleted" : "no scenario '%s' is kept in this index", k->name);
}

/* Of a scenario that the index does not keep: the name of its file. */
static const char *file_of(const struct tui *t, const char *name)
{
	for (size_t i = 0; t->listed && i < t->listed->list.n; i++)
		if (strcmp(t->listed->list.v[i].name, name) == 0)
			return t->listed->list.v[i].file;
	return NULL;
}

/* A file may be somebody else's, or belong to a package. */
static void ask_delete(struct tui *t, const char *name)
{
	struct strbuf question = STRBUF_INIT;
	const char *file = file_of(t, name);

	if (file) {
		tui_complain(t, "'%s' is a file: C-d deletes only what the index keeps", file);
		return;
	}
	strbuf_reset(&t->doomed);
	strbuf_addstr(&t->doomed, name);
	strbuf_addf(&question, "delete '%s' from the index for good? (y; any other key: no)", name);
	prompt_confirm(t, question.buf, delete_it);
	strbuf_release(&question);
}

/* With the choices as they were read last. */
static void open_line(struct tui *t, const char *text)
{
	prompt_open(t, "load the scenario:", text, load_named);
	t->prompt.changed = show_choices;
	t->prompt.remove = ask_delete;
	show_choices(t, text);
}

void loading_ask(struct tui *t, struct view *v)
{
	(void)v;
	list(t);
	/* most are there before the next key, which may choose one */
	work_wait(t->listing->work, -1, AT_ONCE_MS);
	loading_step(t, false);
	open_line(t, "");
}

void loading_release(struct tui *t)
{
	kept_free(t->listing);
	kept_free(t->listed);
	t->listing = t->listed = NULL;
}
