/* Scenarios under a name in the index: saving the marks, loading them. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "tui/view.h"

#define CHOICE_NAME 16 /* columns */

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

/* Its name where that alone means the CA, else its hex. */
static void add_lone_ref(const struct tui *t, struct scenario *s, const struct user_mark *m, struct strbuf *out)
{
	const char *name = m->is_cert ? "" : t->model.g->ca.v[m->at].name;
	size_t n = strlen(name);
	struct ref ref = { 0 };

	(void)s;
	if (n && name[0] != ' ' && name[n - 1] != ' ' && index_resolve(t->model.index, name, &ref, NULL, NULL) == 0 && !ref.is_cert &&
		ref.n_cas == 1 && ref.ca[0] == m->at)
		strbuf_addstr(out, name);
	else
		strbuf_addhex(out, m->id, sizeof(m->id));
	ref_release(&ref);
}

typedef void add_ref_fn(const struct tui *t, struct scenario *s, const struct user_mark *m, struct strbuf *out);

static int add_mark(const struct tui *t, struct scenario *s, const struct user_mark *m, add_ref_fn *write_ref, struct err *err)
{
	struct strbuf ref = STRBUF_INIT;

	if (m->at == NO_INDEX)
		return err_set(err, ERR_INPUT, "a marked CA is no longer in the index");
	write_ref(t, s, m, &ref);
	if (m->action == ACTION_EXEMPT) {
		vec_push(&s->exempt, strbuf_detach(&ref));
	} else {
		struct scenario_mark mark = { .action = (enum mark_action)m->action, .day = m->day, .since = m->since };

		mark.ref = strbuf_detach(&ref);
		vec_push(&s->mark, mark);
	}
	return 0;
}

static int make_scenario(const struct tui *t, struct scenario *s, add_ref_fn *write_ref, struct err *err)
{
	const struct model *m = &t->model;
	int rc = 0;

	scenario_init(s);
	free(s->program);
	s->program = xstrdup(m->program);
	s->purpose = m->purpose;
	for (size_t i = 0; rc == 0 && i < m->marks.now.n; i++)
		rc = add_mark(t, s, &m->marks.now.v[i], write_ref, err);
	return rc;
}

int keeping_scenario(const struct tui *t, struct scenario *ret, struct err *err)
{
	return make_scenario(t, ret, add_lone_ref, err);
}

static int scenario_text(const struct tui *t, struct strbuf *out, struct err *err)
{
	struct scenario s;
	int rc = make_scenario(t, &s, add_ref, err);

	if (rc == 0)
		rc = scenario_write(t->model.index, &s, out, err);
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
		prompt_confirm(t, "a scenario of this name is kept already; replace it? (y; any other key: no)", replace);
	else {
		marks_keep(&t->model.marks);
		tui_say(t, "scenario '%s' is %s", t->scenario.buf, there ? "replaced" : "saved");
	}
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

static bool has_store(const struct model *m, const char *program)
{
	for (size_t i = 0; i < m->column.n; i++)
		if (!strcmp(m->column.v[i].program, program))
			return m->column.v[i].store;
	return false;
}

static int take_scenario(struct tui *t, const struct scenario *s, const char *name, struct err *err)
{
	struct loading l = { .t = t, .s = s };
	int rc = check_parts(s, name, err);

	if (rc == 0)
		rc = take_marks(&l, err);
	if (rc == 0 && !has_store(&t->model, s->program))
		rc = err_set(err, ERR_USAGE, "'%s' asks %s, which has no store in this index", name, s->program);
	if (rc == 0) {
		marks_replace(&t->model.marks, l.mark.v, l.mark.n);
		marks_keep(&t->model.marks);
		asking_marks(t);
		struct wanted *w = asking_question(t);
		w->program = s->program;
		w->purpose = s->purpose;
		asking_send(t, ASK_MODEL, NULL);
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

/* "cut   2026-05-01   mozilla tls   2 marks" */
static void describe(const struct saved_scenario *kept, struct strbuf *out)
{
	char day[DATE_BUF];
	struct scenario s;

	strbuf_reset(out);
	text_clean(out, kept->name, strlen(kept->name));
	for (int w = text_width(out->buf); w < CHOICE_NAME; w++)
		strbuf_addch(out, ' ');
	strbuf_addf(out, "  %s  ", date_format(day, date_of_time(kept->saved_at)));
	scenario_init(&s);
	if (scenario_read(&s, kept->name, kept->text, strlen(kept->text), NULL) == 0) {
		strbuf_addf(out, "%s %s  ", s.program, purpose_names[s.purpose]);
		fmt_plural(out, s.mark.n + s.exempt.n, "mark", "marks");
		for (size_t i = 0; i < s.mark.n && i < 3; i++)
			strbuf_addf(out, "%s%s", i ? ", " : ": ", s.mark.v[i].ref);
	} else {
		strbuf_addstr(out, "cannot be read");
	}
	scenario_release(&s);
}

/* Above the prompt: those whose names begin with what is typed. */
static void show_choices(struct tui *t, const char *typed)
{
	struct strbuf *note = &t->prompt.note, text = STRBUF_INIT;
	struct saved_scenarios kept;

	strbuf_reset(note);
	prompt_choices_clear(t);
	if (index_scenarios(t->model.index, &kept, NULL) == 0) {
		for (size_t i = 0; i < kept.v.n; i++) {
			if (strncmp(kept.v.v[i].name, typed, strlen(typed)) != 0)
				continue;
			describe(&kept.v.v[i], &text);
			prompt_choice(t, kept.v.v[i].name, text.buf);
		}
	}
	if (t->prompt.choice.n)
		strbuf_addf(note, "%s choose, tab completes, C-d deletes", fmt_is_ascii() ? "up down" : "↑↓");
	else
		strbuf_addstr(note, kept.v.n ? "none of this name" : "none is kept yet; w keeps the marks as one");
	saved_scenarios_release(&kept);
	strbuf_release(&text);
}

static void delete_it(struct tui *t, const char *yes)
{
	struct err err = { 0 };
	bool there = false;

	(void)yes;
	if (index_delete_scenario(t->model.index, t->doomed.buf, &there, &err) < 0)
		tui_complain(t, "%s", err.msg);
	else
		tui_say(t, there ? "scenario '%s' is deleted" : "no scenario '%s' is kept in this index", t->doomed.buf);
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
	show_choices(t, "");
}
