#include "tui/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tui/view.h"

static void release_place(struct place *p)
{
	for (size_t i = 0; i < p->view.n; i++)
		free(p->view.v[i].row);
	vec_release(&p->view);
	vec_release(&p->path);
}

static void drop_kept(struct history *h)
{
	if (h->has_kept)
		release_place(&h->kept);
	h->has_kept = false;
}

void history_release(struct history *h)
{
	for (size_t i = 0; i < h->place.n; i++)
		release_place(&h->place.v[i]);
	drop_kept(h);
	vec_release(&h->place);
	h->at = 0;
}

/* ---- taking one down ---- */

/* The rows from the root down to the cursor, in the order of the tree. */
static void take_row(const struct tui *t, struct place *p)
{
	const struct rows *r = &t->rows;
	const struct row *row = rows_at(r);
	size_t n = 0;

	p->all_roots = r->all_roots;
	if (!row)
		return;
	p->below_top = r->cursor >= r->top ? r->cursor - r->top : 0;
	p->has_ca = row->ca != NO_INDEX;
	if (p->has_ca)
		memcpy(p->ca, t->model.g->ca.v[row->ca].id, sizeof(p->ca));
	for (uint32_t i = r->cursor; i != NO_INDEX; i = r->row.v[i].parent)
		n++;
	for (size_t i = 0; i < n; i++)
		vec_push(&p->path, 0);
	for (uint32_t i = r->cursor; i != NO_INDEX; i = r->row.v[i].parent)
		p->path.v[--n] = r->row.v[i].path;
}

static struct place take(struct tui *t)
{
	struct place p = { 0 };

	for (size_t i = 1; i < t->stack.n; i++) {
		struct view *v = t->stack.v[i];
		struct place_view x = {
			.ops = v->ops, .cursor = v->doc.cursor, .top = v->doc.top, .has_id = v->has_id, .more = v->more
		};
		if (v->ops == &view_help)
			continue;
		memcpy(x.id, v->id, sizeof(x.id));
		memcpy(x.source, v->source, sizeof(x.source));
		if (v->ops->row)
			x.row = v->ops->row(t, v);
		vec_push(&p.view, x);
	}
	take_row(t, &p);
	return p;
}

static bool same(const struct place *a, const struct place *b)
{
	if (a->view.n != b->view.n || a->path.n != b->path.n)
		return false;
	for (size_t i = 0; i < a->view.n; i++)
		if (a->view.v[i].ops != b->view.v[i].ops || memcmp(a->view.v[i].id, b->view.v[i].id, 32) != 0 ||
			strcmp(a->view.v[i].source, b->view.v[i].source) != 0)
			return false;
	return !a->path.n || a->path.v[a->path.n - 1] == b->path.v[b->path.n - 1];
}

static void forget(struct history *h, size_t at)
{
	release_place(&h->place.v[at]);
	memmove(&h->place.v[at], &h->place.v[at + 1], (h->place.n - at - 1) * sizeof(*h->place.v));
	h->place.n--;
}

static void mark(struct history *h, struct place p)
{
	while (h->place.n > h->at)
		forget(h, h->place.n - 1);
	if (h->place.n && same(&h->place.v[h->place.n - 1], &p))
		forget(h, h->place.n - 1);
	if (h->place.n == HISTORY_MAX)
		forget(h, 0);
	vec_push(&h->place, p);
	h->at = h->place.n;
}

void history_mark(struct tui *t)
{
	mark(&t->history, take(t));
}

void history_keep(struct tui *t)
{
	drop_kept(&t->history);
	t->history.kept = take(t);
	t->history.has_kept = true;
}

void history_mark_kept(struct tui *t)
{
	struct history *h = &t->history;

	mark(h, h->has_kept ? h->kept : take(t));
	h->has_kept = false;
}

/* ---- going there ---- */

static bool on_path(struct tui *t, const struct place *p)
{
	struct rows *r = &t->rows;
	uint64_t path = p->path.v[p->path.n - 1];

	for (uint32_t i = 0; i < r->row.n; i++) {
		if (r->row.v[i].path != path)
			continue;
		r->cursor = i;
		r->top = i > p->below_top ? i - p->below_top : 0;
		return true;
	}
	return false;
}

static bool open_path(struct tui *t, const struct place *p)
{
	rows_open_way(&t->rows, &t->model, p->path.v, p->path.n);
	return on_path(t, p);
}

/* Rows are made for it, among the roots that there were. */
static void seek_row(struct tui *t, const struct place *p)
{
	struct seek s = { .has_ca = p->has_ca, .below_top = p->below_top };

	memcpy(s.ca, p->ca, sizeof(s.ca));
	for (size_t i = 0; i < p->path.n; i++)
		vec_push(&s.way, p->path.v[i]);
	t->search.widened |= p->all_roots && !asking_how(t)->all_roots;
	t->search.widened &= p->all_roots;
	asking_rows(t)->all_roots = p->all_roots;
	asking_seek(t, &s);
}

void history_seek_kept(struct tui *t)
{
	struct history *h = &t->history;

	if (h->has_kept)
		seek_row(t, &h->kept);
	drop_kept(h);
}

/* The row as it was, opened anew where it is shut; else the same CA elsewhere. */
static bool go_row(struct tui *t, const struct place *p)
{
	uint32_t ca = p->has_ca ? model_find_ca(&t->model, p->ca) : NO_INDEX;
	bool all = asking_how(t)->all_roots;

	if (t->asking.seek.on || all != t->rows.all_roots || (!p->all_roots && all && t->search.widened)) {
		seek_row(t, p);
		return true;
	}
	if (!p->path.n || on_path(t, p) || open_path(t, p))
		return true;
	if (p->all_roots && !all) {
		seek_row(t, p);
		return true;
	}
	return ca != NO_INDEX && rows_reveal(&t->rows, &t->model, ca, NO_INDEX);
}

static bool is_gone(const struct tui *t, const struct place *p)
{
	const struct place_view *top = p->view.n ? &p->view.v[p->view.n - 1] : NULL;

	if (top)
		return top->has_id && model_find_ca(&t->model, top->id) == NO_INDEX;
	return p->has_ca && model_find_ca(&t->model, p->ca) == NO_INDEX;
}

static void push(struct tui *t, const struct place_view *x)
{
	struct view *v;

	if (x->has_id && model_find_ca(&t->model, x->id) == NO_INDEX)
		return;
	v = view_new(x->ops);
	memcpy(v->id, x->id, sizeof(v->id));
	v->has_id = x->has_id;
	v->more = x->more;
	v->doc.cursor = x->cursor;
	v->doc.top = x->top;
	memcpy(v->source, x->source, sizeof(v->source));
	vec_push(&t->stack, v);
	if (x->row && v->ops->go)
		v->ops->go(t, v, x->row);
}

static bool visit(struct tui *t, const struct place *p)
{
	if (is_gone(t, p))
		return false;
	while (t->stack.n > 1)
		tui_pop(t);
	t->pane_focus = false;
	if (!go_row(t, p) && !p->view.n)
		tui_say(t, "its row is not among those shown: a filter, or other roots");
	for (size_t i = 0; i < p->view.n; i++)
		push(t, &p->view.v[i]);
	return true;
}

/* Where one is becomes one of the list. */
static void note_here(struct tui *t)
{
	struct history *h = &t->history;
	struct place p = take(t);

	if (h->at < h->place.n) {
		release_place(&h->place.v[h->at]);
		h->place.v[h->at] = p;
	} else if (h->place.n && same(&h->place.v[h->place.n - 1], &p)) {
		release_place(&p);
		h->at = h->place.n - 1;
	} else {
		vec_push(&h->place, p);
		h->at = h->place.n - 1;
	}
}

static void go(struct tui *t, bool forth)
{
	struct history *h = &t->history;

	note_here(t);
	for (size_t i = h->at; forth ? i + 1 < h->place.n : i > 0;) {
		i += forth ? 1 : (size_t)-1;
		if (same(&h->place.v[i], &h->place.v[h->at]))
			continue;
		if (visit(t, &h->place.v[i])) {
			h->at = i;
			if (!t->message.len)
				tui_say(t, "%s: %zu of %zu", forth ? "forward" : "back", i + 1, h->place.n);
			return;
		}
		forget(h, i);
		if (forth)
			i--;
		else
			h->at--;
	}
	tui_complain(t, forth ? "nothing further on" : "nothing further back");
}

void history_back(struct tui *t, struct view *v)
{
	if (v->ops == &view_help)
		tui_pop(t);
	else
		go(t, false);
}

void history_forward(struct tui *t, struct view *v)
{
	if (v->ops != &view_help)
		go(t, true);
	else
		tui_say(t, "nothing further on from the help");
}

/* ---- how one came here ---- */

struct names {
	VEC(const char *) v;
};

static void add_rows(const struct tui *t, struct names *n)
{
	const struct rows *r = &t->rows;
	size_t at = 0, depth = 0;

	for (uint32_t i = r->row.n ? r->cursor : NO_INDEX; i != NO_INDEX; i = r->row.v[i].parent)
		depth++;
	for (size_t i = 0; i < depth; i++)
		vec_push(&n->v, "");
	for (uint32_t i = depth ? r->cursor : NO_INDEX; i != NO_INDEX; i = r->row.v[i].parent) {
		const struct row *row = &r->row.v[i];
		n->v.v[depth - ++at] = row->ca == NO_INDEX ? row->owner : model_name(&t->model, row->ca);
	}
}

static void add_views(const struct tui *t, struct names *n)
{
	const struct row *row = rows_at(&t->rows);

	if (t->stack.n > 1 && t->stack.v[1]->has_id)
		add_rows(t, n);
	for (size_t i = 1; i < t->stack.n; i++) {
		const struct view *v = t->stack.v[i];
		uint32_t ca = v->has_id ? model_find_ca(&t->model, v->id) : NO_INDEX;
		if (v->ops == &view_help || (i == 1 && ca != NO_INDEX && row && row->ca == ca))
			continue;
		vec_push(&n->v, ca != NO_INDEX ? model_name(&t->model, ca)
				: v->has_id    ? "(no longer in the index)"
				: *v->source   ? v->source
					       : v->ops->name);
	}
}

/* With the first one and the last `kept` before this one. */
static void write_way(const struct names *n, size_t kept, bool first, struct strbuf *out)
{
	const char *to = fmt_is_ascii() ? " > " : " › ";
	size_t before = n->v.n - 1;

	strbuf_reset(out);
	if (kept >= before) {
		for (size_t i = 0; i < before; i++)
			strbuf_addf(out, "%s%s", n->v.v[i], to);
		return;
	}
	if (first)
		strbuf_addf(out, "%s%s", n->v.v[0], to);
	if (!first || kept + 1 < before)
		strbuf_addf(out, "%s%s", glyph(G_ELLIPSIS), to);
	for (size_t i = before - kept; i < before; i++)
		strbuf_addf(out, "%s%s", n->v.v[i], to);
}

void history_way(const struct tui *t, int columns, struct strbuf *before, struct strbuf *here)
{
	struct names n = { 0 };
	size_t kept;

	add_views(t, &n);
	strbuf_reset(before);
	strbuf_reset(here);
	if (n.v.n) {
		strbuf_addstr(here, n.v.v[n.v.n - 1]);
		kept = n.v.n - 1;
		write_way(&n, kept, true, before);
		while (kept && text_width(before->buf) + text_width(here->buf) > columns)
			write_way(&n, --kept, true, before);
		if (n.v.n > 1 && text_width(before->buf) + text_width(here->buf) > columns)
			write_way(&n, 0, false, before);
		strbuf_reset(here);
		fmt_name(here, n.v.v[n.v.n - 1], columns - text_width(before->buf));
	}
	vec_release(&n.v);
}
