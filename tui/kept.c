#include "tui/kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/path.h"
#include "base/text.h"
#include "tui/fmt.h"

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
	} else if (m->action == ACTION_ASSUME) {
		vec_push(&s->assume, strbuf_detach(&ref));
	} else {
		struct scenario_mark mark = { .action = (enum mark_action)m->action, .day = m->day, .since = m->since };

		mark.ref = strbuf_detach(&ref);
		vec_push(&s->mark, mark);
	}
	return 0;
}

/* In the order in which a scenario's text has them: which of two things of one name keeps it depends on the order, and
 * what is read again is to be written alike. */
static int make_scenario(const struct model *m, struct scenario *s, add_ref_fn *write_ref, struct err *err)
{
	static const int order[] = { 0, ACTION_EXEMPT, ACTION_ASSUME }; /* 0: marks */
	int rc = 0;

	free(s->program);
	s->program = xstrdup(m->program);
	s->purpose = m->purpose;
	s->revocation = m->revocation;
	for (size_t of = 0; of < sizeof(order) / sizeof(order[0]); of++)
		for (size_t i = 0; rc == 0 && i < m->marks.now.n; i++)
			if (order[of] == (m->marks.now.v[i].action < MARK_ACTIONS ? 0 : m->marks.now.v[i].action))
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

	k->ref = text;
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

static int take_refs(struct kept *k, char *const *ref, size_t n, int action, struct err *err)
{
	const struct user_mark own = { .action = action, .since = MARK_ALWAYS };

	for (size_t i = 0; i < n; i++)
		if (take_ref(k, ref[i], &own, err) < 0)
			return -1;
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
	if (take_refs(k, s->exempt.v, s->exempt.n, ACTION_EXEMPT, err) < 0)
		return -1;
	return take_refs(k, s->assume.v, s->assume.n, ACTION_ASSUME, err);
}

/* ---- files ---- */

struct scenario_file {
	char *name, *base; /* base: of its path */
	char *text;        /* NULL: it cannot be read */
	size_t len;
};
struct files {
	VEC(struct scenario_file) v;
	const char *only; /* the name of the one wanted; NULL: all */
};

static void files_release(struct files *all)
{
	for (size_t i = 0; i < all->v.n; i++) {
		free(all->v.v[i].name);
		free(all->v.v[i].base);
		free(all->v.v[i].text);
	}
	vec_release(&all->v);
}

/* One that cannot be read is listed as well, without a text. */
static int take_file(void *ctx, const char *name, const char *path, struct err *err)
{
	struct files *all = ctx;
	struct scenario_file f = { .len = 0 };
	uint8_t *text;

	(void)err;
	if (all->only && strcmp(all->only, name) != 0)
		return 0;
	f.name = xstrdup(name);
	f.base = xstrdup(path_base(path));
	if (path_read(path, SCENARIO_MAX, &text, &f.len, NULL) == 0)
		f.text = (char *)text;
	vec_push(&all->v, f);
	return 0;
}

static void find_files(const struct kept *k, struct files *all)
{
	if (k->opt->scenario_files)
		k->opt->scenario_files(take_file, all, NULL);
}

/* ---- one by its name ---- */

/* Behind it comments may have names that certificates have. */
static bool is_setting(const char *line)
{
	static const char *const words[] = { "mark ", "stage ", "exempt ", "assume ", "ref " };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strncmp(line, words[i], strlen(words[i])))
			return true;
	return false;
}

/* As it was when it was asked first: the day of the command in the comments before what is marked. */
static bool comments_day(const char *text, int32_t *ret)
{
	static const char option[] = "--as-of ";

	for (const char *line = text; *line && !is_setting(line); line += strcspn(line, "\n"), line += *line == '\n') {
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

static int read_file(struct kept *k, const struct scenario_file *f, struct strbuf *from, struct strbuf *text)
{
	if (!f->text)
		return err_set(&k->err, ERR_INPUT, "file '%s' cannot be read", f->base);
	strbuf_addf(from, "file '%s'", f->base);
	strbuf_add(text, f->text, f->len);
	return scenario_check_text(from->buf, f->text, f->len, &k->err);
}

/* The text of what has this name, and how errors name it; *found: nothing has it where it is false. */
static int read_called(struct kept *k, const char *name, bool *found, struct strbuf *from, struct strbuf *text)
{
	struct files files = { .only = name };
	int64_t saved_at;
	char *kept = NULL;
	int rc = 0;

	find_files(k, &files);
	if (scenario_check_name(name, files.v.n ? NULL : &k->err) == 0)
		rc = index_find_scenario(k->model.index, name, &kept, &saved_at, &k->err);
	*found = rc == 0 && (kept || files.v.n);
	if (rc == 0 && kept) {
		strbuf_addf(from, "scenario '%s'", name);
		strbuf_addstr(text, kept);
	} else if (*found) {
		rc = read_file(k, &files.v.v[0], from, text);
	}
	free(kept);
	files_release(&files);
	return rc;
}

/* Does it begin with what is asked, as no other one so far? */
static void add_begun(const struct kept *k, const char *name, char **only, size_t *n)
{
	if (strncmp(name, k->name, strlen(k->name)) != 0 || (*only && !strcmp(*only, name)))
		return;
	if (!*only)
		*only = xstrdup(name);
	++*n;
}

/* Of all that are kept or lie in files the only one whose name begins so, or NULL; heap. */
static char *only_begun(struct kept *k)
{
	struct saved_scenarios kept = { .v = { 0 } };
	struct files files = { .only = NULL };
	char *only = NULL;
	size_t n = 0;

	find_files(k, &files);
	if (index_scenarios(k->model.index, &kept, NULL) == 0)
		for (size_t i = 0; i < kept.v.n; i++)
			add_begun(k, kept.v.v[i].name, &only, &n);
	for (size_t i = 0; i < files.v.n; i++)
		add_begun(k, files.v.v[i].name, &only, &n);
	files_release(&files);
	saved_scenarios_release(&kept);
	if (n == 1)
		return only;
	free(only);
	return NULL;
}

static int read_text(struct kept *k, struct strbuf *from, struct strbuf *text)
{
	bool found;
	int rc = read_called(k, k->name, &found, from, text);

	if (rc < 0 || found)
		return rc;
	k->whole = only_begun(k);
	if (k->whole) {
		k->err = (struct err){ 0 };
		rc = read_called(k, k->whole, &found, from, text);
	}
	if (rc < 0 || found)
		return rc;
	return k->err.msg[0] ? -1 : err_set(&k->err, ERR_USAGE, "no scenario '%s' is kept in this index or lies in a file", k->name);
}

static int take_text(struct kept *k, const char *from, const struct strbuf *text)
{
	struct err why = { 0 };

	if (scenario_read(&k->scenario, from, text->buf, text->len, &k->err) < 0)
		return -1;
	k->has_day = comments_day(text->buf, &k->day);
	if (take_marks(k, &why) == 0)
		return 0;
	size_t line = line_of(text->buf, k->ref);

	return line ? err_set(&k->err, ERR_INPUT, "%s line %zu: %s", from, line, why.msg)
		    : err_set(&k->err, ERR_INPUT, "%s: %s", from, why.msg);
}

static int read_marks(struct kept *k)
{
	struct strbuf from = STRBUF_INIT, text = STRBUF_INIT;
	int rc = read_text(k, &from, &text);

	if (rc == 0)
		rc = take_text(k, from.buf, &text);
	strbuf_release(&from);
	strbuf_release(&text);
	return rc;
}

/* ---- all of them ---- */

#define NAME_LEAST 16 /* columns of a name in the list */
#define NAME_MOST 40
#define NOTE_MOST 2000 /* bytes; the line that they are reached in is taken whole */

struct listed {
	const char *name, *base, *text; /* base: of a file */
	size_t len;
};
struct list {
	VEC(struct listed) v;
	int name_w; /* columns */
};

static void list_add(struct list *l, struct listed x)
{
	int w = text_width(x.name);

	l->name_w = w > l->name_w ? w : l->name_w;
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

/* The lines of the first comment as one, up to an empty line. */
static void add_comment(const struct listed *x, struct strbuf *out)
{
	const char *line, *end = x->text + x->len;
	size_t len;

	for (line = title_of(x, &len); len && out->len < NOTE_MOST; line += 1 + strspn(line + 1, " #"), len = strcspn(line, "\r\n")) {
		strbuf_addf(out, "%s%.*s", out->len ? " " : "", (int)len, line);
		line += len;
		line += *line == '\r';
		line += *line == '\n';
		if (line >= end || *line != '#')
			break;
	}
}

static char *note_of(const struct listed *x)
{
	struct strbuf clean = STRBUF_INIT, note = STRBUF_INIT;
	struct scenario s;

	if (x->text)
		add_comment(x, &note);
	scenario_init(&s);
	if (!note.len && x->text && scenario_read(&s, "", x->text, x->len, NULL) == 0)
		for (size_t i = 0; i < s.mark.n; i++)
			strbuf_addf(&note, "%s%s", i ? ", " : "", s.mark.v[i].ref);
	scenario_release(&s);
	text_clean(&clean, note.buf, note.len);
	strbuf_release(&note);
	return strbuf_detach(&clean);
}

/* "cut   index  mozilla tls 2026-05-01  2 marks" */
static void describe(const struct list *l, const struct listed *x, struct strbuf *out)
{
	struct strbuf more = STRBUF_INIT;
	char text[DATE_BUF];
	const char *title;
	struct scenario s;
	int32_t day;
	size_t len;

	strbuf_reset(out);
	text_clean(out, x->name, strlen(x->name));
	pad(out, l->name_w);
	strbuf_addf(out, "  %-5s", x->base ? "file" : "index");
	scenario_init(&s);
	if (x->text && scenario_read(&s, "", x->text, x->len, NULL) == 0) {
		const bool has_day = comments_day(x->text, &day);

		strbuf_addf(&more, "  %s %s%s%s  ", s.program, purpose_names[s.purpose], has_day ? " " : "",
			has_day ? date_format(text, day) : "");
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
static void gather(const struct saved_scenarios *kept, const struct files *files, struct list *l)
{
	*l = (struct list){ .name_w = NAME_LEAST };
	for (size_t i = 0; i < kept->v.n; i++) {
		const struct saved_scenario *k = &kept->v.v[i];

		list_add(l, (struct listed){ k->name, NULL, k->text, strlen(k->text) });
	}
	for (size_t i = 0; i < files->v.n; i++) {
		const struct scenario_file *f = &files->v.v[i];
		bool hidden = false;

		for (size_t k = 0; k < kept->v.n; k++)
			hidden |= !strcmp(kept->v.v[k].name, f->name);
		if (!hidden)
			list_add(l, (struct listed){ f->name, f->base, f->text, f->len });
	}
	if (l->name_w > NAME_MOST)
		l->name_w = NAME_MOST;
}

static int list(struct kept *k)
{
	struct saved_scenarios kept = { .v = { 0 } };
	struct strbuf line = STRBUF_INIT;
	struct files files = { .only = NULL };
	struct list l;
	int rc = index_scenarios(k->model.index, &kept, &k->err);

	find_files(k, &files);
	gather(&kept, &files, &l);
	for (size_t i = 0; i < l.v.n; i++) {
		const struct listed *x = &l.v.v[i];

		describe(&l, x, &line);
		vec_push(&k->list, ((struct kept_scenario){ xstrdup(x->name), x->base ? xstrdup(x->base) : NULL, xstrdup(line.buf),
					   note_of(x) }));
	}
	vec_release(&l.v);
	files_release(&files);
	saved_scenarios_release(&kept);
	strbuf_release(&line);
	return rc;
}

/* ---- in the thread ---- */

/* A file of this name, which is not listed any more when one of its name is saved. */
static int look_for_file(struct kept *k)
{
	struct files files = { .only = k->name };
	int64_t saved_at;
	char *kept = NULL;
	int rc = index_find_scenario(k->model.index, k->name, &kept, &saved_at, &k->err);

	find_files(k, &files);
	if (rc == 0 && !kept && files.v.n)
		k->hides = xstrdup(files.v.v[0].base);
	files_release(&files);
	free(kept);
	return rc;
}

/* With the day that it is asked of, which no setting has: as comments_day() finds it. */
static int make_text(struct kept *k)
{
	char comment[64], day[DATE_BUF];

	if (look_for_file(k) < 0)
		return -1;
	if (make_scenario(&k->model, &k->scenario, add_ref, &k->err) < 0)
		return -1;
	snprintf(comment, sizeof(comment), "as it was saved: canopy impact --as-of %s", date_format(day, k->model.day));
	return scenario_write(k->model.index, &k->scenario, comment, &k->text, &k->err);
}

static int save(struct kept *k)
{
	return index_save_scenario(k->shown, k->name, k->text.buf, k->replace, &k->there, &k->err);
}

static int read_model(struct kept *k)
{
	struct index *own;
	int rc;

	/* the text is there already */
	if (k->what == KEPT_DELETE || k->text.len)
		return 0;
	/* its numbers are those shown, and its connection is this thread's */
	if (index_share(k->shown, &own, &k->err) < 0)
		return -1;
	k->model.index = own;
	rc = k->what == KEPT_SAVE   ? make_text(k)
	     : k->what == KEPT_READ ? read_marks(k)
	     : k->what == KEPT_LIST ? list(k)
				    : make_scenario(&k->model, &k->scenario, add_lone_ref, &k->err);
	index_close(own);
	return rc;
}

static void run(void *ctx, struct work *w)
{
	struct kept *k = ctx;

	(void)w;
	k->rc = read_model(k);
	atomic_store(&k->reads, false);
	if (k->rc == 0 && k->what == KEPT_SAVE && !k->hides)
		k->rc = save(k);
	else if (k->rc == 0 && k->what == KEPT_DELETE)
		k->rc = index_delete_scenario(k->shown, k->name, &k->there, &k->err);
}

/* ---- in the loop ---- */

static struct kept *new_kept(enum kept_what what, const struct index *shown, const char *name)
{
	struct kept *k = xcalloc(1, sizeof(*k));

	k->what = what;
	k->name = xstrdup(name);
	k->since = clock_ns();
	k->shown = shown;
	scenario_init(&k->scenario);
	k->text = (struct strbuf)STRBUF_INIT;
	return k;
}

struct kept *kept_begin(enum kept_what what, const struct model *m, const struct wanted *asked, const struct tui_options *opt,
	const char *name)
{
	struct kept *k = new_kept(what, m->index, name);

	k->opt = opt;
	k->program = asked->program ? xstrdup(asked->program) : NULL;
	k->model = *m;
	k->model.program = k->program;
	k->model.purpose = asked->purpose;
	k->model.day = asked->day;
	k->model.revocation = asked->revocation;
	k->model.marks = (struct marks){ 0 };
	for (size_t i = 0; i < m->marks.now.n; i++)
		vec_push(&k->model.marks.now, m->marks.now.v[i]);
	for (size_t i = 0; what == KEPT_SAVE && i < m->marks.now.n; i++)
		vec_push(&k->mark, m->marks.now.v[i]);
	atomic_store(&k->reads, what != KEPT_DELETE);
	k->work = work_begin(run, k);
	return k;
}

struct kept *kept_replace(const struct kept *refused)
{
	struct kept *k = new_kept(KEPT_SAVE, refused->shown, refused->name);

	k->hide = refused->hides;
	k->replace = !k->hide;
	strbuf_add(&k->text, refused->text.buf, refused->text.len);
	for (size_t i = 0; i < refused->mark.n; i++)
		vec_push(&k->mark, refused->mark.v[i]);
	atomic_store(&k->reads, false);
	k->work = work_begin(run, k);
	return k;
}

bool kept_reads(const struct kept *k)
{
	return atomic_load(&k->reads);
}

void kept_free(struct kept *k)
{
	if (!k)
		return;
	work_end(k->work);
	scenario_release(&k->scenario);
	vec_release(&k->mark);
	for (size_t i = 0; i < k->list.n; i++) {
		free(k->list.v[i].name);
		free(k->list.v[i].file);
		free(k->list.v[i].line);
		free(k->list.v[i].note);
	}
	vec_release(&k->list);
	vec_release(&k->model.marks.now);
	strbuf_release(&k->text);
	free(k->program);
	free(k->hides);
	free(k->whole);
	free(k->name);
	free(k);
}
