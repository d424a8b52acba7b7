/* The marks as a scenario under a name in the index. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tui/view.h"

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
	s->revocation = m->revocation;
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

void keeping_remember(struct tui *t, const char *name)
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
	keeping_remember(t, name);
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
