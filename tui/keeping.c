/* Scenarios by name: saving the marks as one, and the thread that saves, reads or deletes one. */
#include <stdio.h>

#include "tui/kept.h"
#include "tui/screen.h"
#include "tui/view.h"

/* ---- one thing at a time, in a thread ---- */

static const char *const doing[] = { [KEPT_SAVE] = "saved", [KEPT_READ] = "read", [KEPT_DELETE] = "deleted", [KEPT_SCENARIO] = "written" };

static bool is_busy(struct tui *t)
{
	if (t->kept)
		tui_complain(t, "'%s' is still being %s", t->kept->name, doing[t->kept->what]);
	return t->kept;
}

static void begun(struct tui *t, struct kept *k)
{
	t->kept = k;
	screen_watch(work_fd(k->work), true);
	screen_tick(true);
}

bool keeping_begin(struct tui *t, enum kept_what what, const char *name)
{
	struct wanted asked = asking_wanted(t);

	if (is_busy(t))
		return false;
	begun(t, kept_begin(what, &t->model, &asked, t->opt, name));
	return true;
}

static struct kept *end(struct tui *t)
{
	struct kept *k = t->kept;

	screen_watch(work_fd(k->work), false);
	screen_tick(false);
	t->kept = NULL;
	return k;
}

bool keeping_scenario(struct tui *t, const char *path)
{
	return keeping_begin(t, KEPT_SCENARIO, path);
}

bool keeping_saves(const struct tui *t)
{
	return t->kept && t->kept->what == KEPT_SAVE;
}

/* ---- saving ---- */

static void say_saving(struct tui *t)
{
	tui_say(t, "saving '%s'%s", t->kept->name, glyph(G_ELLIPSIS));
}

/* What was to be saved when it was asked, whatever is marked by now. */
static void replace(struct tui *t, const char *yes)
{
	(void)yes;
	if (is_busy(t))
		return;
	begun(t, kept_replace(t->refused));
	say_saving(t);
}

static void ask_to_replace(struct tui *t, struct kept *k)
{
	struct strbuf question = STRBUF_INIT;

	kept_free(t->refused);
	t->refused = k;
	strbuf_addf(&question, k->hides ? "save, and hide the file '%s'? (y; any other key: no)" : "'%s' is there; replace it? (y; any other key: no)",
		k->name);
	prompt_confirm(t, question.buf, replace);
	strbuf_release(&question);
}

static void saved(struct tui *t, struct kept *k)
{
	if (k->rc < 0)
		tui_complain(t, "'%s' is not saved: %s", k->name, k->err.msg);
	else if (k->hides || (k->there && !k->replace))
		ask_to_replace(t, k);
	else {
		marks_keep(&t->model.marks, k->mark.v, k->mark.n);
		tui_say(t, "scenario '%s' is %s", k->name, k->hide ? "saved; it comes before the file" : k->there ? "replaced" : "saved");
		t->quit |= t->leaving && !marks_unsaved(&t->model.marks);
	}
	t->leaving = false;
}

void keeping_remember(struct tui *t, const char *name)
{
	strbuf_reset(&t->scenario);
	strbuf_addstr(&t->scenario, name);
}

static void save_as(struct tui *t, const char *name)
{
	struct err err = { 0 };

	if (scenario_check_name(name, &err) < 0) {
		prompt_refuse(t, "%s", err.msg);
		return;
	}
	keeping_remember(t, name);
	if (keeping_begin(t, KEPT_SAVE, name))
		say_saving(t);
}

void keeping_save(struct tui *t, struct view *v)
{
	(void)v;
	if (!t->model.store || !t->model.marks.now.n)
		tui_complain(t, "no marks to save; Space and m make some");
	else
		prompt_open(t, "save the scenario as:", t->scenario.buf, save_as);
}

/* ---- the end of it ---- */

bool keeping_step(struct tui *t, bool wait)
{
	static void (*const then[])(struct tui *t, struct kept *k) = {
		[KEPT_SAVE] = saved, [KEPT_READ] = loading_loaded, [KEPT_DELETE] = loading_deleted, [KEPT_SCENARIO] = writing_scenario
	};
	struct kept *k = t->kept;

	loading_step(t, wait);
	if (!k || !work_ready(k->work, wait))
		return false;
	/* what it may ask is not answered by a key that was typed before */
	if ((t->prompt.on && !loading_waits(t)) || t->menu.on || (t->ahead.key.n && k->what == KEPT_SAVE)) {
		screen_watch(work_fd(k->work), false); /* a key comes first */
		return false;
	}
	end(t);
	then[k->what](t, k);
	if (k != t->refused)
		kept_free(k);
	return true;
}

bool keeping_reads(const struct tui *t)
{
	return (t->kept && kept_reads(t->kept)) || (t->listing && kept_reads(t->listing));
}

bool keeping_works(const struct tui *t)
{
	return t->kept && !work_made(t->kept->work);
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

	loading_release(t);
	kept_free(t->refused);
	t->refused = NULL;
	if (!k)
		return;
	t->kept = NULL;
	work_wait(k->work, -1, TELL_MS);
	if (writes && !work_made(k->work))
		fprintf(stderr, "canopy: waiting until scenario '%s' is %s\n", k->name, doing[k->what]);
	work_ready(k->work, true);
	if (writes && k->rc < 0)
		fprintf(stderr, "canopy: scenario '%s' is not %s: %s\n", k->name, doing[k->what], k->err.msg);
	else if (k->what == KEPT_SAVE && k->hides)
		fprintf(stderr, "canopy: scenario '%s' is not saved: a file has this name\n", k->name);
	else if (k->what == KEPT_SAVE && k->there && !k->replace)
		fprintf(stderr, "canopy: scenario '%s' is not saved: one of this name is kept already\n", k->name);
	kept_free(k);
}
