#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "index/pasted.h"
#include "tui/view.h"

void search_release(struct search *s)
{
	strbuf_release(&s->text);
	strbuf_release(&s->page);
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
	if (t->rows.all_roots != all)
		asking_build(t, all);
}

static void drop_filter(struct tui *t)
{
	struct rows *r = &t->rows;

	if (!r->filter.term.n && !r->hide_empty && !r->hide_expired)
		return;
	filter_release(&r->filter);
	r->hide_empty = r->hide_expired = false;
	asking_build(t, r->all_roots);
}

/* Among the roots shown, else among all roots; a filter in the way goes only when the search is meant
 * (`sure`), not while it is typed. */
static bool show(struct tui *t, uint32_t ca, bool sure)
{
	struct rows *r = &t->rows;

	if (sure && !r->fits[ca])
		drop_filter(t);
	if (t->search.widened && r->all_roots) {
		set_roots(t, false);
		t->search.widened = false;
	}
	if (rows_reveal(r, &t->model, ca, NO_INDEX))
		return true;
	if (!t->model.store || r->all_roots || !r->fits[ca])
		return false;
	set_roots(t, true);
	t->search.widened = sure;
	return rows_reveal(r, &t->model, ca, NO_INDEX);
}

bool search_narrow(struct tui *t)
{
	struct rows *r = &t->rows;
	const struct row *row = rows_at(r);
	uint32_t ca = row ? row->ca : NO_INDEX;

	if (!t->search.widened || !r->all_roots)
		return false;
	t->search.widened = false;
	set_roots(t, false);
	row = rows_at(r);
	if (row && row->ca == ca)
		return true;
	/* Its CA is not shown any more: where one was before the search. */
	r->cursor = t->search.cursor < r->row.n ? t->search.cursor : 0;
	r->top = t->search.top;
	return true;
}

static const char *among(const struct tui *t)
{
	return t->search.widened ? ", among all roots (Esc goes back)" : "";
}

static void say_place(struct tui *t)
{
	const struct search *s = &t->search;
	char a[32], b[32];

	tui_say(t, "%s of %s%s for '%s'", num_group(a, s->at + 1), num_group(b, s->n), among(t), s->text.buf);
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

static void say_nothing_found(struct tui *t, const char *text)
{
	if (pasted_crtsh_number(text))
		tui_complain(t, "the index has no numbers of crt.sh: paste the SHA-256 fingerprint instead");
	else
		tui_complain(t, "nothing found for '%s'", text);
}

static void entered(struct tui *t, const char *text)
{
	if (!*text)
		return;
	if (!t->search.n) {
		say_nothing_found(t, text);
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

	search_narrow(t);
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

static bool is_pasted(const char *text)
{
	struct strbuf hex = STRBUF_INIT;
	bool is = pasted_hex(text, &hex);

	strbuf_release(&hex);
	return is;
}

/* As it was typed, else the plain hex of what was pasted. */
static bool find_or_hex(struct tui *t, const char *text, bool here, int by)
{
	struct strbuf hex = STRBUF_INIT;
	bool found = find_text(t, text, here, by);

	if (!found && pasted_hex(text, &hex) && find_text(t, hex.buf, here, by)) {
		set_off(&tui_view(t)->doc, hex.buf);
		found = true;
	}
	strbuf_release(&hex);
	return found;
}

/* What no page has to have: the CA in the tree. */
static void search_index(struct tui *t, const char *text)
{
	struct search *s = &t->search;

	look_up(t, text);
	if (!s->n && pasted_crtsh_number(text)) {
		say_nothing_found(t, text);
		return;
	}
	if (!s->n) {
		tui_complain(t, "neither on this page nor in the index: '%s'", text);
		return;
	}
	history_mark(t);
	while (t->stack.n > 1)
		tui_pop(t);
	t->pane_focus = false;
	strbuf_reset(&s->text);
	strbuf_addstr(&s->text, text);
	s->cursor = t->rows.cursor;
	s->top = t->rows.top;
	show(t, s->found[0], true);
	tui_stale(t);
	tui_say(t, "not on the page, but in the index%s: %s", among(t), model_name(&t->model, s->found[0]));
}

static void text_cancelled(struct tui *t)
{
	set_off(&tui_view(t)->doc, "");
}

static void text_typed(struct tui *t, const char *text)
{
	set_off(&tui_view(t)->doc, text);
	strbuf_reset(&t->search.page);
	strbuf_addstr(&t->search.page, text);
	strbuf_reset(&t->prompt.note);
	if (*text && !find_or_hex(t, text, true, 1))
		strbuf_addstr(&t->prompt.note, is_pasted(text) ? "not on this page: enter searches the index" : "not on this page");
}

static void text_entered(struct tui *t, const char *text)
{
	if (!*text || find_or_hex(t, text, true, 1))
		return;
	if (is_pasted(text) || pasted_crtsh_number(text))
		search_index(t, text);
	else
		tui_complain(t, "not on this page, where / searches; in the tree it searches the index: '%s'", text);
}

static void text_step(struct tui *t, int by)
{
	/* None yet in a text: that of the tree. */
	const char *text = t->search.page.len ? t->search.page.buf : t->search.text.buf;

	if (!*text) {
		tui_complain(t, "no search yet: / starts one");
		return;
	}
	set_off(&tui_view(t)->doc, text);
	if (!find_or_hex(t, text, false, by))
		tui_complain(t, "not on this page, where / searches; in the tree it searches the index: '%s'", text);
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
