/* Scenarios by name: loading one that the index keeps or that lies in a file, deleting one that it keeps. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/path.h"
#include "base/text.h"
#include "tui/view.h"

#define NAME_LEAST 16 /* columns of a name in the list */
#define NAME_MOST 40

/* ---- files ---- */

void loading_forget(struct tui *t)
{
	while (t->files.n) {
		struct scenario_file *f = &t->files.v[--t->files.n];

		free(f->name);
		free(f->base);
		free(f->text);
	}
	vec_release(&t->files);
}

/* One that cannot be read is listed as well, without a text. */
static int take_file(void *ctx, const char *name, const char *path, struct err *err)
{
	struct tui *t = ctx;
	struct scenario_file f = { .name = xstrdup(name), .base = xstrdup(path_base(path)) };
	uint8_t *text;

	(void)err;
	if (path_read(path, SCENARIO_MAX, &text, &f.len, NULL) == 0)
		f.text = (char *)text;
	vec_push(&t->files, f);
	return 0;
}

static const struct scenario_file *find_file(const struct tui *t, const char *name)
{
	for (size_t i = 0; i < t->files.n; i++)
		if (!strcmp(t->files.v[i].name, name))
			return &t->files.v[i];
	return NULL;
}

/* ---- what is loaded ---- */

/* The text of a scenario, and how errors name it. */
struct text_read {
	char from[300];
	char *text; /* heap */
	size_t len;
};
struct loading {
	struct tui *t;
	const struct scenario *s;
	const char *ref; /* looked up last */
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
	int rc;

	l->ref = text;
	rc = scenario_ref(l->t->model.index, l->s, text, &ref, &candidates, err);
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

/* Better none of it than a number that the command line would not give. */
static int check_parts(const struct model *m, const struct scenario *s, const char *name, struct err *err)
{
	if (s->assume.n)
		return err_set(err, ERR_USAGE, "'%s' assumes anchors: only canopy impact asks it", name);
	if (!has_store(m, s->program))
		return err_set(err, ERR_USAGE, "'%s' asks %s, which has no store in this index", name, s->program);
	return 0;
}

/* As it was when it was asked first: the day of the command in the text's comments. */
static bool comments_day(const char *text, int32_t *ret)
{
	static const char option[] = "--as-of ";

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *at = *line == '#' ? strstr(line, option) : NULL;
		char day[DATE_BUF];

		if (!at || at > line + strcspn(line, "\n"))
			continue;
		snprintf(day, sizeof(day), "%.10s", at + strlen(option));
		if (date_parse(day, ret) == 0)
			return true;
	}
	return false;
}

/* Where the text says the REF, for what is wrong with it; 0: nowhere. */
static size_t line_of(const char *text, const char *ref)
{
	size_t number = 1;

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n', number++) {
		const char *at = *line == '#' || !strncmp(line, "ref ", 4) ? NULL : strstr(line, ref);

		if (at && at < line + strcspn(line, "\n"))
			return number;
	}
	return 0;
}

static int take_scenario(
	struct tui *t, const char *name, const struct text_read *r, const struct scenario *s, struct err *err)
{
	struct loading l = { .t = t, .s = s };
	struct err why = { 0 };
	int rc = check_parts(&t->model, s, name, err);

	if (rc == 0 && take_marks(&l, &why) < 0) {
		size_t line = line_of(r->text, l.ref);

		rc = line ? err_set(err, ERR_INPUT, "%s line %zu: %s", r->from, line, why.msg)
			  : err_set(err, ERR_INPUT, "%s: %s", r->from, why.msg);
	}
	if (rc == 0) {
		marks_replace(&t->model.marks, l.mark.v, l.mark.n);
		marks_keep(&t->model.marks);
		asking_marks(t);
		struct wanted *w = asking_question(t);
		w->program = s->program;
		w->purpose = s->purpose;
		w->revocation = s->revocation;
		comments_day(r->text, &w->day);
		asking_send(t, ASK_MODEL, NULL);
		tui_stale(t);
	}
	vec_release(&l.mark);
	return rc;
}

static int read_text(struct tui *t, const char *name, struct text_read *ret, struct err *err)
{
	const struct scenario_file *f = find_file(t, name);
	int64_t saved_at;

	if (!scenario_check_name(name, f ? NULL : err) &&
		index_find_scenario(t->model.index, name, &ret->text, &saved_at, err) < 0)
		return -1;
	if (ret->text) {
		ret->len = strlen(ret->text);
		snprintf(ret->from, sizeof(ret->from), "scenario '%s'", name);
		return 0;
	}
	if (!f)
		return err->msg[0] ? -1
				   : err_set(err, ERR_USAGE, "no scenario '%s' is kept in this index or lies in a file",
					     name);
	if (!f->text)
		return err_set(err, ERR_INPUT, "file '%s' cannot be read", f->base);
	snprintf(ret->from, sizeof(ret->from), "file '%s'", f->base);
	ret->text = xstrndup(f->text, f->len);
	ret->len = f->len;
	return scenario_check_text(ret->from, f->text, f->len, err);
}

static int load(struct tui *t, const char *name, struct text_read *r, struct err *err)
{
	struct scenario s;
	int rc = read_text(t, name, r, err);

	if (rc < 0)
		return -1;
	scenario_init(&s);
	rc = scenario_read(&s, r->from, r->text, r->len, err);
	if (rc == 0)
		rc = take_scenario(t, name, r, &s, err);
	scenario_release(&s);
	return rc;
}

static void load_named(struct tui *t, const char *name)
{
	struct strbuf marks = STRBUF_INIT;
	struct text_read r = { .text = NULL };
	struct err err = { 0 };
	char day[DATE_BUF];
	int32_t asked;

	if (load(t, name, &r, &err) < 0) {
		tui_complain(t, "%s", err.msg);
	} else {
		keeping_remember(t, name);
		fmt_plural(&marks, t->model.marks.now.n, "mark", "marks");
		if (comments_day(r.text, &asked))
			tui_say(t, "scenario '%s': %s, as of %s", name, marks.buf, date_format(day, asked));
		else
			tui_say(t, "scenario '%s': %s; u brings the former back", name, marks.buf);
	}
	free(r.text);
	strbuf_release(&marks);
}

/* ---- the list ---- */

struct listed {
	const char *name, *text;
	size_t len;
	int64_t saved_at;
	bool file;
};
struct list {
	VEC(struct listed) v;
	int name_w, day_w; /* columns */
};

static void list_add(struct list *l, struct listed x)
{
	int w = text_width(x.name), day = x.file ? (int)strlen("file") : 10;

	l->name_w = w > l->name_w ? w : l->name_w;
	l->day_w = day > l->day_w ? day : l->day_w;
	vec_push(&l->v, x);
}

static void pad(struct strbuf *out, int to)
{
	for (int w = text_width(out->buf); w < to; w++)
		strbuf_addch(out, ' ');
}

/* What the first comment of the text says, which comes before all else; of length 0: nothing. */
static const char *title_of(const struct listed *x, size_t *len)
{
	const char *line = x->text;

	*len = 0;
	if (x->len < 2 || *line != '#')
		return line;
	line += 1 + strspn(line + 1, " #");
	*len = strcspn(line, "\r\n");
	return line;
}

/* "cut   2026-05-01   mozilla tls   2 marks" */
static void describe(const struct list *l, const struct listed *x, struct strbuf *out)
{
	struct strbuf more = STRBUF_INIT;
	char day[DATE_BUF];
	const char *title;
	struct scenario s;
	size_t len;

	strbuf_reset(out);
	text_clean(out, x->name, strlen(x->name));
	pad(out, l->name_w);
	strbuf_addf(out, "  %s", x->file ? "file" : date_format(day, date_of_time(x->saved_at)));
	pad(out, l->name_w + 2 + l->day_w);
	scenario_init(&s);
	if (x->text && scenario_read(&s, "", x->text, x->len, NULL) == 0) {
		strbuf_addf(&more, "  %s %s  ", s.program, purpose_names[s.purpose]);
		fmt_plural(&more, s.mark.n + s.exempt.n, "mark", "marks");
		if (s.assume.n)
			strbuf_addf(&more, ", %zu assumed", s.assume.n);
		title = title_of(x, &len);
		if (len)
			strbuf_addf(&more, ": %.*s", (int)len, title);
		for (size_t i = 0; !len && i < s.mark.n && i < 3; i++)
			strbuf_addf(&more, "%s%s", i ? ", " : ": ", s.mark.v[i].ref);
	} else {
		strbuf_addstr(&more, "  cannot be read");
	}
	text_clean(out, more.buf, more.len);
	scenario_release(&s);
	strbuf_release(&more);
}

/* The index's, and behind them the files whose names it does not keep, as `canopy scenario list --all` does. */
static void gather(const struct tui *t, const struct saved_scenarios *kept, const char *typed, struct list *l)
{
	*l = (struct list){ .name_w = NAME_LEAST };
	for (size_t i = 0; i < kept->v.n; i++) {
		const struct saved_scenario *k = &kept->v.v[i];

		if (!strncmp(k->name, typed, strlen(typed)))
			list_add(l, (struct listed){ k->name, k->text, strlen(k->text), k->saved_at, false });
	}
	for (size_t i = 0; i < t->files.n; i++) {
		const struct scenario_file *f = &t->files.v[i];
		bool hidden = strncmp(f->name, typed, strlen(typed)) != 0;

		for (size_t k = 0; k < kept->v.n; k++)
			hidden |= !strcmp(kept->v.v[k].name, f->name);
		if (!hidden)
			list_add(l, (struct listed){ f->name, f->text, f->len, 0, true });
	}
	if (l->name_w > NAME_MOST)
		l->name_w = NAME_MOST;
}

/* Above the prompt: those whose names begin with what is typed. */
static void show_choices(struct tui *t, const char *typed)
{
	struct strbuf *note = &t->prompt.note, text = STRBUF_INIT;
	struct saved_scenarios kept;
	struct list l = { 0 };

	strbuf_reset(note);
	prompt_choices_clear(t);
	if (index_scenarios(t->model.index, &kept, NULL) == 0)
		gather(t, &kept, typed, &l);
	for (size_t i = 0; i < l.v.n; i++) {
		describe(&l, &l.v.v[i], &text);
		prompt_choice(t, l.v.v[i].name, text.buf);
	}
	if (t->prompt.choice.n)
		strbuf_addf(note, "%s, tab completes, C-d deletes", fmt_is_ascii() ? "up down" : "↑↓");
	else
		strbuf_addstr(note,
			kept.v.n || t->files.n ? "none of this name" : "none is kept yet; w keeps the marks as one");
	vec_release(&l.v);
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
		tui_say(t, there ? "scenario '%s' is deleted" : "no scenario '%s' is kept in this index",
			t->doomed.buf);
}

/* A file may be somebody else's, or belong to a package. */
static void ask_delete(struct tui *t, const char *name)
{
	struct strbuf question = STRBUF_INIT;
	const struct scenario_file *f = find_file(t, name);
	char *text = NULL;
	int64_t saved_at;

	if (f && index_find_scenario(t->model.index, name, &text, &saved_at, NULL) == 0 && !text) {
		tui_complain(t, "'%s' is a file: C-d deletes only what the index keeps", f->base);
		return;
	}
	free(text);
	strbuf_reset(&t->doomed);
	strbuf_addstr(&t->doomed, name);
	strbuf_addf(&question, "delete the scenario '%s' from the index? (y; any other key: no)", name);
	prompt_confirm(t, question.buf, delete_it);
	strbuf_release(&question);
}

void loading_ask(struct tui *t, struct view *v)
{
	(void)v;
	loading_forget(t);
	if (t->opt->scenario_files)
		t->opt->scenario_files(take_file, t, NULL);
	prompt_open(t, "load the scenario:", "", load_named);
	t->prompt.changed = show_choices;
	t->prompt.remove = ask_delete;
	show_choices(t, "");
}
