#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "tui/view.h"

void search_release(struct search *s)
{
	strbuf_release(&s->text);
	idset_release(&s->open);
	free(s->found);
}

/* ---- in the tree ---- */

static bool trusted(const struct model *m, uint32_t ca)
{
	return m->impact && trust_before(m->impact->trust, ca) != ACCEPT_NONE;
}

/* What the program trusts comes first: it stands below the roots shown. */
static int by_weight(const void *a, const void *b, void *ctx)
{
	const struct model *m = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (trusted(m, x) != trusted(m, y))
		return trusted(m, x) ? -1 : 1;
	if (m->count[x].low != m->count[y].low)
		return m->count[x].low > m->count[y].low ? -1 : 1;
	if (m->cas[x] != m->cas[y])
		return m->cas[x] > m->cas[y] ? -1 : 1;
	return strcmp(model_name(m, x), model_name(m, y));
}

static void look_up(struct tui *t, const char *text)
{
	struct search *s = &t->search;

	free(s->found);
	s->found = NULL;
	s->n = s->at = 0;
	if (!*text)
		return;
	s->n = index_search(t->model.index, text, &s->found);
	if (s->n)
		qsort_r(s->found, s->n, sizeof(*s->found), by_weight, &t->model);
}

static void set_roots(struct tui *t, bool all)
{
	if (t->rows.all_roots == all)
		return;
	t->rows.all_roots = all;
	rows_build(&t->rows, &t->model);
}

static void drop_filter(struct tui *t)
{
	struct rows *r = &t->rows;

	if (!r->filter.term.n && !r->hide_empty && !r->hide_expired)
		return;
	filter_release(&r->filter);
	r->hide_empty = r->hide_expired = false;
	rows_build(r, &t->model);
}

/* Among the roots shown, else among all roots; a filter in the way goes only when the search is meant
 * (`sure`), not while it is typed. */
static bool show(struct tui *t, uint32_t ca, bool sure)
{
	struct rows *r = &t->rows;

	if (sure && !r->fits[ca])
		drop_filter(t);
	if (rows_reveal(r, &t->model, ca, NO_INDEX))
		return true;
	if (!t->model.store || r->all_roots || !r->fits[ca])
		return false;
	set_roots(t, true);
	return rows_reveal(r, &t->model, ca, NO_INDEX);
}

static void say_place(struct tui *t)
{
	const struct search *s = &t->search;
	char a[32], b[32];

	tui_say(t, "%s of %s for '%s'%s", num_group(a, s->at + 1), num_group(b, s->n), s->text.buf,
		t->rows.all_roots && !s->all_roots ? ", among all roots (A goes back)" : "");
}

static void before_search(struct tui *t)
{
	set_roots(t, t->search.all_roots);
	rows_set_open(&t->rows, &t->model, &t->search.open);
	t->rows.cursor = t->search.cursor;
	t->rows.top = t->search.top;
	tui_stale(t);
}

static void typed(struct tui *t, const char *text)
{
	before_search(t);
	look_up(t, text);
	if (t->search.n)
		show(t, t->search.found[0], false);
	strbuf_reset(&t->search.text);
	strbuf_addstr(&t->search.text, text);
	strbuf_reset(&t->prompt.note);
	if (*text) {
		fmt_plural(&t->prompt.note, t->search.n, "CA", "CAs");
		strbuf_addstr(&t->prompt.note, " found");
	}
}

static void step(struct tui *t, int by)
{
	struct search *s = &t->search;

	if (!s->n) {
		tui_complain(t, s->text.len ? "nothing found for '%s'" : "no search yet: / starts one", s->text.buf);
		return;
	}
	history_mark(t);
	s->at = (s->at + s->n + (by > 0 ? 1 : s->n - 1)) % s->n;
	show(t, s->found[s->at], true);
	tui_stale(t);
	say_place(t);
}

static void entered(struct tui *t, const char *text)
{
	if (!*text)
		return;
	if (!t->search.n) {
		tui_complain(t, "nothing found for '%s'", text);
		return;
	}
	before_search(t);
	history_mark(t);
	show(t, t->search.found[0], true);
	tui_stale(t);
	say_place(t);
}

static void open_tree_search(struct tui *t)
{
	struct search *s = &t->search;

	idset_copy(&s->open, &t->rows.open);
	s->cursor = t->rows.cursor;
	s->top = t->rows.top;
	s->all_roots = t->rows.all_roots;
	prompt_open(t, "/", "", entered);
	t->prompt.changed = typed;
	t->prompt.cancelled = before_search;
}

/* ---- in a text ---- */

static bool find_text(struct tui *t, const char *text, bool here, int by)
{
	struct view *v = tui_view(t);
	uint32_t n = (uint32_t)v->doc.line.n;

	if (v->ops->find)
		return v->ops->find(t, v, text, here, by);
	return doc_find(&v->doc, text, v->doc.cursor + (here ? 0 : by > 0 ? 1 : n ? n - 1 : 0), by);
}

static void set_off(struct doc *d, const char *text)
{
	free(d->find);
	d->find = xstrdup(text);
}

static void text_cancelled(struct tui *t)
{
	set_off(&tui_view(t)->doc, "");
}

static void text_typed(struct tui *t, const char *text)
{
	set_off(&tui_view(t)->doc, text);
	strbuf_reset(&t->search.text);
	strbuf_addstr(&t->search.text, text);
	strbuf_reset(&t->prompt.note);
	if (*text && !find_text(t, text, true, 1))
		strbuf_addstr(&t->prompt.note, "not found");
}

static void text_entered(struct tui *t, const char *text)
{
	if (*text && !find_text(t, text, true, 1))
		tui_complain(t, "nothing found for '%s'", text);
}

static void text_step(struct tui *t, int by)
{
	if (!t->search.text.len) {
		tui_complain(t, "no search yet: / starts one");
		return;
	}
	set_off(&tui_view(t)->doc, t->search.text.buf);
	if (!find_text(t, t->search.text.buf, false, by))
		tui_complain(t, "nothing found for '%s'", t->search.text.buf);
}

/* ---- keys ---- */

void search_open(struct tui *t, struct view *v)
{
	if (v->ops == &view_tree) {
		open_tree_search(t);
		return;
	}
	prompt_open(t, "/", "", text_entered);
	t->prompt.changed = text_typed;
	t->prompt.cancelled = text_cancelled;
}

void search_next(struct tui *t, struct view *v)
{
	if (v->ops == &view_tree)
		step(t, 1);
	else
		text_step(t, 1);
}

void search_previous(struct tui *t, struct view *v)
{
	if (v->ops == &view_tree)
		step(t, -1);
	else
		text_step(t, -1);
}
