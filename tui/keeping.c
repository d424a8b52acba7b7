/* Scenarios under a name in the index: saving the marks, loading them. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "tui/kept.h"
#include "tui/screen.h"
#include "tui/view.h"

#define AT_ONCE_MS 30 /* as the loop waits for an answer */

/* ---- one thing at a time, in a thread ---- */

static const char *const doing[] = { [KEPT_SAVE] = "saved", [KEPT_READ] = "read", [KEPT_DELETE] = "deleted", [KEPT_SCENARIO] = "written" };

static bool begin(struct tui *t, enum kept_what what, const char *name, bool force)
{
	if (t->kept) {
		tui_complain(t, "'%s' is still being %s", t->kept->name, doing[t->kept->what]);
		return false;
	}
	t->kept = kept_begin(what, &t->model, name, force);
	screen_watch(kept_fd(t->kept), true);
	screen_tick(true);
	return true;
}

static struct kept *end(struct tui *t)
{
	struct kept *k = t->kept;

	screen_watch(kept_fd(k), false);
	screen_tick(false);
	t->kept = NULL;
	return k;
}

bool keeping_scenario(struct tui *t, const char *path)
{
	return begin(t, KEPT_SCENARIO, path, false);
}

bool keeping_saves(const struct tui *t)
{
	return t->kept && t->kept->what == KEPT_SAVE;
}

/* ---- saving ---- */

static void keep(struct tui *t, bool force)
{
	if (begin(t, KEPT_SAVE, t->scenario.buf, force))
		tui_say(t, "saving '%s'%s", t->scenario.buf, glyph(G_ELLIPSIS));
}

static void replace(struct tui *t, const char *yes)
{
	(void)yes;
	keep(t, true);
}

static void saved(struct tui *t, struct kept *k)
{
	if (k->rc < 0)
		tui_complain(t, "'%s' is not saved: %s", k->name, k->err.msg);
	else if (k->there && !k->replace)
		prompt_confirm(t, "a scenario of this name is kept already; replace it? (y; any other key: no)", replace);
	else {
		marks_keep(&t->model.marks, k->mark.v, k->mark.n);
		tui_say(t, "scenario '%s' is %s", k->name, k->there ? "replaced" : "saved");
		t->quit |= t->leaving && !marks_unsaved(&t->model.marks);
	}
	t->leaving = false;
}

static void remember_name(struct tui *t, const char *name)
{
	strbuf_reset(&t->scenario);
	strbuf_addstr(&t->scenario, name);
}

static void save_as(struct tui *t, const char *name)
{
	struct err err = { 0 };

	if (scenario_check_name(name, &err) < 0) {
		tui_complain(t, "%s", err.msg);
		return;
	}
	if (t->kept) {
		tui_complain(t, "'%s' is still being %s", t->kept->name, doing[t->kept->what]);
		return;
	}
	remember_name(t, name);
	keep(t, false);
}

void keeping_save(struct tui *t, struct view *v)
{
	(void)v;
	if (!t->model.store || !t->model.marks.now.n)
		tui_complain(t, "no marks to save; Space and m make some");
	else
		prompt_open(t, "save the scenario as:", t->scenario.buf, save_as);
}

/* ---- loading ---- */

static bool has_store(const struct model *m, const char *program)
{
	for (size_t i = 0; i < m->column.n; i++)
		if (!strcmp(m->column.v[i].program, program))
			return m->column.v[i].store;
	return false;
}

static void loaded(struct tui *t, struct kept *k)
{
	const struct scenario *s = &k->scenario;
	struct strbuf marks = STRBUF_INIT;
	struct wanted *w;

	if (k->rc < 0) {
		tui_complain(t, "%s", k->err.msg);
		return;
	}
	if (!has_store(&t->model, s->program)) {
		tui_complain(t, "'%s' asks %s, which has no store in this index", k->name, s->program);
		return;
	}
	marks_replace(&t->model.marks, k->mark.v, k->mark.n);
	marks_keep(&t->model.marks, k->mark.v, k->mark.n);
	asking_marks(t);
	w = asking_question(t);
	w->program = s->program;
	w->purpose = s->purpose;
	asking_send(t, ASK_MODEL, NULL);
	tui_stale(t);
	remember_name(t, k->name);
	fmt_plural(&marks, t->model.marks.now.n, "mark", "marks");
	tui_say(t, "scenario '%s': %s; u brings the former back", k->name, marks.buf);
	strbuf_release(&marks);
}

static void load_named(struct tui *t, const char *name)
{
	begin(t, KEPT_READ, name, false);
}

/* Above the prompt: those whose names begin with what is typed. */
static void show_choices(struct tui *t, const char *typed)
{
	const struct saved_scenarios *list = t->listed ? &t->listed->list : NULL;
	struct strbuf *note = &t->prompt.note;

	strbuf_reset(note);
	prompt_choices_clear(t);
	for (size_t i = 0; list && i < list->v.n; i++)
		if (strncmp(list->v.v[i].name, typed, strlen(typed)) == 0)
			prompt_choice(t, list->v.v[i].name, t->listed->text.v[i]);
	if (t->prompt.choice.n)
		strbuf_addf(note, "%s choose, tab completes, C-d deletes", fmt_is_ascii() ? "up down" : "↑↓");
	else
		strbuf_addstr(note, !list ? "being read" : list->v.n ? "none of this name" : "none is kept yet; w keeps the marks as one");
}

/* Those that are kept, read each time: other processes save some, too. */
static void list(struct tui *t)
{
	kept_free(t->listed);
	t->listed = NULL;
	if (t->listing)
		return;
	t->listing = kept_begin(KEPT_LIST, &t->model, "", false);
	screen_watch(kept_fd(t->listing), true);
}

static void listing_step(struct tui *t, bool wait)
{
	struct kept *k = t->listing;

	while (k && wait && !kept_made(k))
		kept_wait(k, -1, 1000);
	if (!k || !kept_made(k))
		return;
	screen_watch(kept_fd(k), false);
	t->listing = NULL;
	kept_free(t->listed);
	t->listed = k;
	if (t->prompt.on && t->prompt.changed == show_choices)
		show_choices(t, t->prompt.text.buf);
}

static void delete_it(struct tui *t, const char *yes)
{
	(void)yes;
	if (begin(t, KEPT_DELETE, t->doomed.buf, false))
		tui_say(t, "deleting '%s'%s", t->doomed.buf, glyph(G_ELLIPSIS));
}

static void deleted(struct tui *t, struct kept *k)
{
	if (k->rc < 0)
		tui_complain(t, "'%s' is not deleted: %s", k->name, k->err.msg);
	else
		tui_say(t, k->there ? "scenario '%s' is deleted" : "no scenario '%s' is kept in this index", k->name);
}

static void ask_delete(struct tui *t, const char *name)
{
	struct strbuf question = STRBUF_INIT;

	strbuf_reset(&t->doomed);
	strbuf_addstr(&t->doomed, name);
	strbuf_addf(&question, "delete the scenario '%s' from the index? (y; any other key: no)", name);
	prompt_confirm(t, question.buf, delete_it);
	strbuf_release(&question);
}

void keeping_load(struct tui *t, struct view *v)
{
	(void)v;
	prompt_open(t, "load the scenario:", "", load_named);
	t->prompt.changed = show_choices;
	t->prompt.remove = ask_delete;
	list(t);
	/* most are there before the next key, which may choose one */
	kept_wait(t->listing, -1, AT_ONCE_MS);
	listing_step(t, false);
	show_choices(t, "");
}

/* ---- the end of it ---- */

bool keeping_step(struct tui *t, bool wait)
{
	static void (*const then[])(struct tui *t, struct kept *k) = {
		[KEPT_SAVE] = saved, [KEPT_READ] = loaded, [KEPT_DELETE] = deleted, [KEPT_SCENARIO] = writing_scenario
	};
	struct kept *k = t->kept;

	listing_step(t, wait);
	while (k && wait && !kept_made(k))
		kept_wait(k, -1, 1000);
	if (!k || !kept_made(k))
		return false;
	if (t->prompt.on || t->menu.on) {
		screen_watch(kept_fd(k), false); /* a key comes first */
		return false;
	}
	end(t);
	then[k->what](t, k);
	kept_free(k);
	return true;
}

bool keeping_reads(const struct tui *t)
{
	return (t->kept && kept_reads(t->kept)) || (t->listing && kept_reads(t->listing));
}

bool keeping_works(const struct tui *t)
{
	return t->kept && !kept_made(t->kept);
}

void keeping_tell(const struct tui *t, struct strbuf *out)
{
	static const char *const words[] = {
		[KEPT_SAVE] = "saving", [KEPT_READ] = "reading", [KEPT_DELETE] = "deleting", [KEPT_SCENARIO] = "preparing"
	};

	strbuf_addf(out, "%s '%s'", words[t->kept->what], t->kept->name);
}

#define TELL_MS 1000

void keeping_release(struct tui *t)
{
	struct kept *k = t->kept;
	const bool writes = k && (k->what == KEPT_SAVE || k->what == KEPT_DELETE);

	kept_free(t->listing);
	kept_free(t->listed);
	t->listing = t->listed = NULL;
	if (!k)
		return;
	t->kept = NULL;
	kept_wait(k, -1, TELL_MS);
	if (writes && !kept_made(k))
		fprintf(stderr, "canopy: waiting until scenario '%s' is %s\n", k->name, doing[k->what]);
	while (!kept_made(k))
		kept_wait(k, -1, TELL_MS);
	if (writes && k->rc < 0)
		fprintf(stderr, "canopy: scenario '%s' is not %s: %s\n", k->name, doing[k->what], k->err.msg);
	else if (k->what == KEPT_SAVE && k->there && !k->replace)
		fprintf(stderr, "canopy: scenario '%s' is not saved: one of this name is kept already\n", k->name);
	kept_free(k);
}
