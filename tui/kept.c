#include "tui/kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/fmt.h"
#include "tui/work.h"

/* ---- the marks as a scenario ---- */

/* Its name where the text of a scenario can say it and nothing else of this scenario has it, else its hex. */
static void add_ref(const struct model *model, struct scenario *s, const struct user_mark *m, struct strbuf *out)
{
	uint32_t ca = m->is_cert ? model->g->cert.v[m->at].ca : m->at;
	const char *name = model->g->ca.v[ca].name;
	size_t n = strlen(name);
	char id[65];

	hex_encode(m->id, sizeof(m->id), id);
	if (n && name[0] != ' ' && name[n - 1] != ' ' && scenario_add_name(s, name, id, NULL) == 0)
		strbuf_addstr(out, name);
	else
		strbuf_addstr(out, id);
}

/* Its name where that alone means the CA, else its hex. */
static void add_lone_ref(const struct model *model, struct scenario *s, const struct user_mark *m, struct strbuf *out)
{
	const char *name = m->is_cert ? "" : model->g->ca.v[m->at].name;
	size_t n = strlen(name);
	struct ref ref = { 0 };

	(void)s;
	if (n && name[0] != ' ' && name[n - 1] != ' ' && index_resolve(model->index, name, &ref, NULL, NULL) == 0 && !ref.is_cert &&
		ref.n_cas == 1 && ref.ca[0] == m->at)
		strbuf_addstr(out, name);
	else
		strbuf_addhex(out, m->id, sizeof(m->id));
	ref_release(&ref);
}

typedef void add_ref_fn(const struct model *model, struct scenario *s, const struct user_mark *m, struct strbuf *out);

static int add_mark(const struct model *model, struct scenario *s, const struct user_mark *m, add_ref_fn *write_ref, struct err *err)
{
	struct strbuf ref = STRBUF_INIT;

	if (m->at == NO_INDEX)
		return err_set(err, ERR_INPUT, "a marked CA is no longer in the index");
	write_ref(model, s, m, &ref);
	if (m->action == ACTION_EXEMPT) {
		vec_push(&s->exempt, strbuf_detach(&ref));
	} else {
		struct scenario_mark mark = { .action = (enum mark_action)m->action, .day = m->day, .since = m->since };

		mark.ref = strbuf_detach(&ref);
		vec_push(&s->mark, mark);
	}
	return 0;
}

static int make_scenario(const struct model *m, struct scenario *s, add_ref_fn *write_ref, struct err *err)
{
	int rc = 0;

	free(s->program);
	s->program = xstrdup(m->program);
	s->purpose = m->purpose;
	for (size_t i = 0; rc == 0 && i < m->marks.now.n; i++)
		rc = add_mark(m, s, &m->marks.now.v[i], write_ref, err);
	return rc;
}

/* ---- a scenario as marks ---- */

/* `m` on this target. */
static void take_target(struct kept *k, struct user_mark m, bool is_cert, uint32_t at)
{
	const struct graph *g = k->model.g;

	m.is_cert = is_cert;
	m.at = at;
	memcpy(m.id, is_cert ? g->cert.v[at].sha256 : g->ca.v[at].id, sizeof(m.id));
	vec_push(&k->mark, m);
}

static int take_ref(struct kept *k, const char *text, const struct user_mark *m, struct err *err)
{
	struct strbuf candidates = STRBUF_INIT;
	struct ref ref = { 0 };
	int rc = scenario_ref(k->model.index, &k->scenario, text, &ref, &candidates, err);

	strbuf_release(&candidates);
	if (rc < 0)
		return -1;
	if (ref.is_cert)
		take_target(k, *m, true, ref.cert);
	for (size_t i = 0; i < ref.n_cas; i++)
		take_target(k, *m, false, ref.ca[i]);
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

static int take_marks(struct kept *k, struct err *err)
{
	const struct scenario *s = &k->scenario;

	for (size_t i = 0; i < s->mark.n; i++) {
		const struct scenario_mark *m = &s->mark.v[i];

		struct user_mark own = { .action = (int)m->action, .day = m->day, .since = m->since };

		if (take_ref(k, m->ref, &own, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < s->exempt.n; i++) {
		struct user_mark own = { .action = ACTION_EXEMPT, .since = MARK_ALWAYS };

		if (take_ref(k, s->exempt.v[i], &own, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- those that are kept ---- */

#define CHOICE_NAME 16 /* columns */

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

static int list(struct kept *k)
{
	struct strbuf text = STRBUF_INIT;

	if (index_scenarios(k->model.index, &k->list, &k->err) < 0)
		return -1;
	for (size_t i = 0; i < k->list.v.n; i++) {
		describe(&k->list.v.v[i], &text);
		vec_push(&k->text, xstrdup(text.buf));
	}
	strbuf_release(&text);
	return 0;
}

/* ---- in the thread ---- */

static int make_text(struct kept *k, struct strbuf *out)
{
	if (make_scenario(&k->model, &k->scenario, add_ref, &k->err) < 0)
		return -1;
	return scenario_write(k->model.index, &k->scenario, out, &k->err);
}

static int save(struct kept *k, const struct strbuf *text)
{
	return index_save_scenario(k->shown, k->name, text->buf, k->replace, &k->there, &k->err);
}

static int read_marks(struct kept *k)
{
	struct strbuf from = STRBUF_INIT;
	int64_t saved_at;
	char *text = NULL;
	int rc = -1;

	if (scenario_check_name(k->name, &k->err) < 0 || index_find_scenario(k->model.index, k->name, &text, &saved_at, &k->err) < 0)
		return -1;
	if (!text)
		return err_set(&k->err, ERR_USAGE, "no scenario '%s' is kept in this index", k->name);
	strbuf_addf(&from, "scenario '%s'", k->name);
	if (scenario_read(&k->scenario, from.buf, text, strlen(text), &k->err) == 0 && check_parts(&k->scenario, k->name, &k->err) == 0)
		rc = take_marks(k, &k->err);
	strbuf_release(&from);
	free(text);
	return rc;
}

static int read_model(struct kept *k, struct strbuf *text)
{
	struct index *own;
	int rc;

	/* its numbers are those shown, and its connection is this thread's */
	if (k->what == KEPT_DELETE)
		return 0;
	if (index_share(k->shown, &own, &k->err) < 0)
		return -1;
	k->model.index = own;
	rc = k->what == KEPT_SAVE   ? make_text(k, text)
	     : k->what == KEPT_READ ? read_marks(k)
	     : k->what == KEPT_LIST ? list(k)
				    : make_scenario(&k->model, &k->scenario, add_lone_ref, &k->err);
	index_close(own);
	return rc;
}

static void run(void *ctx, struct work *w)
{
	struct strbuf text = STRBUF_INIT;
	struct kept *k = ctx;

	(void)w;
	k->rc = read_model(k, &text);
	atomic_store(&k->reads, false);
	if (k->rc == 0 && k->what == KEPT_SAVE)
		k->rc = save(k, &text);
	else if (k->rc == 0 && k->what == KEPT_DELETE)
		k->rc = index_delete_scenario(k->shown, k->name, &k->there, &k->err);
	strbuf_release(&text);
}

/* ---- in the loop ---- */

struct kept *kept_begin(enum kept_what what, const struct model *m, const char *name, bool replace)
{
	struct kept *k = xcalloc(1, sizeof(*k));

	k->what = what;
	k->name = xstrdup(name);
	k->replace = replace;
	k->since = clock_ns();
	scenario_init(&k->scenario);
	k->model = *m;
	k->shown = m->index;
	k->model.marks = (struct marks){ 0 };
	for (size_t i = 0; i < m->marks.now.n; i++)
		vec_push(&k->model.marks.now, m->marks.now.v[i]);
	for (size_t i = 0; what == KEPT_SAVE && i < m->marks.now.n; i++)
		vec_push(&k->mark, m->marks.now.v[i]);
	atomic_store(&k->reads, what != KEPT_DELETE);
	k->work = work_begin(run, k);
	return k;
}

bool kept_made(const struct kept *k)
{
	return work_made(k->work);
}

bool kept_reads(const struct kept *k)
{
	return atomic_load(&k->reads);
}

int kept_fd(const struct kept *k)
{
	return work_fd(k->work);
}

void kept_wait(const struct kept *k, int in, int ms)
{
	work_wait(k->work, in, ms);
}

void kept_free(struct kept *k)
{
	if (!k)
		return;
	work_end(k->work);
	scenario_release(&k->scenario);
	vec_release(&k->mark);
	saved_scenarios_release(&k->list);
	for (size_t i = 0; i < k->text.n; i++)
		free(k->text.v[i]);
	vec_release(&k->text);
	vec_release(&k->model.marks.now);
	free(k->name);
	free(k);
}
