/* Scenarios under a name in the index: saving the marks, loading them. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tui/view.h"

#define CHOICES_SHOWN 60 /* columns */

/* ---- saving ---- */

/* Its name where the text of a scenario can say it and nothing else of this scenario has it, else its hex. */
static void add_ref(const struct tui *t, struct scenario *s, const struct user_mark *m, struct strbuf *out)
{
	uint32_t ca = m->is_cert ? t->model.g->cert.v[m->at].ca : m->at;
	const char *name = t->model.g->ca.v[ca].name;
	size_t n = strlen(name);
	char id[65];

	hex_encode(m->id, sizeof(m->id), id);
	if (n && name[0] != ' ' && name[n - 1] != ' ' && scenario_add_name(s, name, id, NULL) == 0)
		strbuf_addstr(out, name);
	else
		strbuf_addstr(out, id);
}

static int add_mark(const struct tui *t, struct scenario *s, const struct user_mark *m, struct err *err)
{
	struct strbuf ref = STRBUF_INIT;

	if (m->at == NO_INDEX)
		return err_set(err, ERR_INPUT, "a marked CA is no longer in the index");
	add_ref(t, s, m, &ref);
	if (m->action == ACTION_EXEMPT) {
		vec_push(&s->exempt, strbuf_detach(&ref));
	} else {
		struct scenario_mark mark = { .action = (enum mark_action)m->action, .day = m->day, .since = m->since };

		mark.ref = strbuf_detach(&ref);
		vec_push(&s->mark, mark);
	}
	return 0;
}

static int scenario_text(const struct tui *t, struct strbuf *out, struct err *err)
{
	const struct model *m = &t->model;
	struct scenario s;
	int rc = 0;

	scenario_init(&s);
	free(s.program);
	s.program = xstrdup(m->program);
	s.purpose = m->purpose;
	for (size_t i = 0; rc == 0 && i < m->marks.now.n; i++)
		rc = add_mark(t, &s, &m->marks.now.v[i], err);
	if (rc == 0)
		rc = scenario_write(m->index, &s, out, err);
	scenario_release(&s);
	return rc;
}

static void replace(struct tui *t, const char *yes);

static void keep(struct tui *t, bool force)
{
	struct strbuf text = STRBUF_INIT;
	struct err err = { 0 };
	bool there = false;
	int rc = scenario_text(t, &text, &err);

	if (rc == 0)
		rc = index_save_scenario(t->model.index, t->scenario.buf, text.buf, force, &there, &err);
	strbuf_release(&text);
	if (rc < 0)
		tui_complain(t, "%s", err.msg);
	else if (there && !force)
		prompt_confirm(t, "a scenario of this name is kept already; replace it? (y or any other key)", replace);
	else
		tui_say(t, "scenario '%s' is %s", t->scenario.buf, there ? "replaced" : "saved");
}

static void replace(struct tui *t, const char *yes)
{
	(void)yes;
	keep(t, true);
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

struct loading {
	struct tui *t;
	const struct scenario *s;
	VEC(struct user_mark) mark;
};

/* `m` on this target. */
static void take_target(struct loading *l, struct user_mark m, bool is_cert, uint32_t at)
{
	const struct graph *g = l->t->model.g;

	m.is_cert = is_cert;
	m.at = at;
	memcpy(m.id, is_cert ? g->cert.v[at].sha256 : g->ca.v[at].id, sizeof(m.id));
	vec_push(&l->mark, m);
}

static int take_ref(struct loading *l, const char *text, const struct user_mark *m, struct err *err)
{
	struct strbuf candidates = STRBUF_INIT;
	struct ref ref = { 0 };
	int rc = scenario_ref(l->t->model.index, l->s, text, &ref, &candidates, err);

	strbuf_release(&candidates);
	if (rc < 0)
		return -1;
	if (ref.is_cert)
		take_target(l, *m, true, ref.cert);
	for (size_t i = 0; i < ref.n_cas; i++)
		take_target(l, *m, false, ref.ca[i]);
	ref_release(&ref);
	return 0;
}

/* Better none of it than a number that the command line would not give. */
static int check_parts(const struct scenario *s, const char *name, struct err *err)
{
	if (s->assume.n)
		return err_set(err, ERR_USAGE, "'%s' assumes anchors, which only 'canopy impact' asks", name);
	if (s->revocation != REVOCATION_ENFORCED)
		return err_set(err, ERR_USAGE, "'%s' is of revocation %s, which only 'canopy impact' asks", name,
			revocation_mode_names[s->revocation]);
	return 0;
}

static int take_marks(struct loading *l, struct err *err)
{
	const struct scenario *s = l->s;

	for (size_t i = 0; i < s->mark.n; i++) {
		const struct scenario_mark *m = &s->mark.v[i];

		struct user_mark own = { .action = (int)m->action, .day = m->day, .since = m->since };

		if (take_ref(l, m->ref, &own, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < s->exempt.n; i++) {
		struct user_mark own = { .action = ACTION_EXEMPT, .since = MARK_ALWAYS };

		if (take_ref(l, s->exempt.v[i], &own, err) < 0)
			return -1;
	}
	return 0;
}

static int take_scenario(struct tui *t, const struct scenario *s, const char *name, struct err *err)
{
	struct loading l = { .t = t, .s = s };
	int rc = check_parts(s, name, err);

	if (rc == 0)
		rc = take_marks(&l, err);
	if (rc == 0 && !model_ask(&t->model, s->program, s->purpose))
		rc = err_set(err, ERR_USAGE, "'%s' asks %s, which has no store in this index", name, s->program);
	if (rc == 0) {
		marks_replace(&t->model.marks, l.mark.v, l.mark.n);
		model_question(&t->model);
		rows_build(&t->rows, &t->model);
		tui_stale(t);
	}
	vec_release(&l.mark);
	return rc;
}

static int load(struct tui *t, const char *name, struct err *err)
{
	struct strbuf from = STRBUF_INIT;
	struct scenario s;
	int64_t saved_at;
	char *text;
	int rc;

	if (scenario_check_name(name, err) < 0 || index_find_scenario(t->model.index, name, &text, &saved_at, err) < 0)
		return -1;
	if (!text)
		return err_set(err, ERR_USAGE, "no scenario '%s' is kept in this index", name);
	scenario_init(&s);
	strbuf_addf(&from, "scenario '%s'", name);
	rc = scenario_read(&s, from.buf, text, strlen(text), err);
	if (rc == 0)
		rc = take_scenario(t, &s, name, err);
	strbuf_release(&from);
	scenario_release(&s);
	free(text);
	return rc;
}

static void load_named(struct tui *t, const char *name)
{
	struct strbuf marks = STRBUF_INIT;
	struct err err = { 0 };

	if (load(t, name, &err) < 0) {
		tui_complain(t, "%s", err.msg);
		return;
	}
	remember_name(t, name);
	fmt_plural(&marks, t->model.marks.now.n, "mark", "marks");
	tui_say(t, "scenario '%s': %s; u brings the former back", name, marks.buf);
	strbuf_release(&marks);
}

/* Beside the prompt: the names that begin with what is typed. */
static void show_choices(struct tui *t, const char *typed)
{
	struct strbuf *note = &t->prompt.note;
	struct saved_scenarios kept;

	strbuf_reset(note);
	if (index_scenarios(t->model.index, &kept, NULL) == 0) {
		for (size_t i = 0; i < kept.v.n && text_width(note->buf) < CHOICES_SHOWN; i++) {
			const char *name = kept.v.v[i].name;

			if (strncmp(name, typed, strlen(typed)) != 0)
				continue;
			strbuf_addstr(note, note->len ? ", " : "");
			text_clean(note, name, strlen(name));
		}
	}
	if (!note->len)
		strbuf_addstr(note, kept.v.n ? "none of this name" : "none is kept");
	saved_scenarios_release(&kept);
}

void keeping_load(struct tui *t, struct view *v)
{
	(void)v;
	prompt_open(t, "load the scenario:", "", load_named);
	t->prompt.changed = show_choices;
	show_choices(t, "");
}
