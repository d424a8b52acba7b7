#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "index/pasted.h"
#include "tui/view.h"

void search_release(struct search *s)
{
	strbuf_release(&s->text);
	strbuf_release(&s->page);
	idset_release(&s->was.open);
	idset_release(&s->was.shut);
	free(s->found);
	free(s->sorted);
	nearest_release(&s->near);
}

/* ---- in the tree ---- */

static bool are_as_wanted(const struct tui *t)
{
	return asking_how(t)->all_roots == t->rows.all_roots && !t->asking.seek.on;
}

static struct seek seek_ca(const struct tui *t, uint32_t ca)
{
	struct seek s = { .has_ca = ca != NO_INDEX };

	if (s.has_ca)
		memcpy(s.ca, t->model.g->ca.v[ca].id, sizeof(s.ca));
	return s;
}

/* Grouped by owner: whose row is meant, where what was found first has the text in its owner's name only; or NULL. */
static const char *owner_meant(const struct tui *t)
{
	const struct search *s = &t->search;
	const char *owner = s->n ? t->model.g->ca.v[s->found[0]].owner : "";

	if (!asking_how(t)->by_owner || s->of_leaf || !text_contains(owner, s->text.buf) ||
		text_contains(model_name(&t->model, s->found[0]), s->text.buf))
		return NULL;
	return owner;
}

/* Where it has one. */
static bool go_owner(struct tui *t, uint64_t path)
{
	uint32_t at = rows_open_way(&t->rows, &t->model, &path, 1);

	if (at != NO_INDEX)
		t->rows.cursor = at;
	return at != NO_INDEX;
}

/* Among the roots shown, else among all roots; a filter in the way goes only when the search is meant
 * (`sure`), not while it is typed. Instead of the CA the row of this owner, unless NULL, where it has one. */
static void show(struct tui *t, uint32_t ca, const char *owner, bool sure)
{
	bool narrow = t->search.widened && asking_how(t)->all_roots, fits = t->rows.fits[ca];
	struct seek s = seek_ca(t, ca);

	if (are_as_wanted(t) && !narrow && owner && go_owner(t, rows_owner_path(owner)))
		return;
	if (are_as_wanted(t) && !narrow && fits && rows_reveal(&t->rows, &t->model, ca, NO_INDEX))
		return;
	if (are_as_wanted(t) && !narrow && (fits ? !t->model.store || t->rows.all_roots : !sure))
		return;
	if (owner)
		vec_push(&s.way, rows_owner_path(owner));
	asking_rows(t)->all_roots &= !narrow;
	t->search.widened &= !narrow;
	s.unfilter = sure;
	s.widen = true;
	asking_seek(t, &s);
}

bool search_narrow(struct tui *t)
{
	const struct row *row = rows_at(&t->rows);
	struct seek s = seek_ca(t, row ? row->ca : NO_INDEX);

	if (!t->search.widened || !asking_how(t)->all_roots)
		return false;
	t->search.widened = false;
	/* Where one was before the search, where its CA is not shown any more. */
	s.back = true;
	s.cursor = t->search.cursor;
	s.top = t->search.top;
	asking_rows(t)->all_roots = false;
	asking_seek(t, &s);
	return true;
}

static const char off_page[] = "not on the page, but in the index";

static const char *among(const struct tui *t)
{
	return t->search.widened ? ", among all roots (Esc goes back)" : "";
}

static void say_place(struct tui *t)
{
	const struct search *s = &t->search;
	struct strbuf cas = STRBUF_INIT;
	char a[32], b[32];

	fmt_plural(&cas, s->n, "CA", "CAs");
	if (s->on_owner)
		tui_say(t, "the owner%s for '%s'; n: %s", among(t), s->text.buf, cas.buf);
	else if (s->of_leaf && s->n == 1)
		tui_say(t, "a leaf of %s%s: '%s'", model_name(&t->model, s->found[0]), among(t), s->text.buf);
	else if (s->of_leaf)
		tui_say(t, "%s of %s with a leaf%s: '%s'", num_group(a, s->at + 1), num_group(b, s->n), among(t), s->text.buf);
	else
		tui_say(t, "%s of %s%s for '%s'", num_group(a, s->at + 1), num_group(b, s->n), among(t), s->text.buf);
	strbuf_release(&cas);
}

static void say_off_page(struct tui *t)
{
	const struct search *s = &t->search;

	tui_say(t, "%s%s: %s%s", off_page, among(t), s->of_leaf ? "a leaf of " : "", model_name(&t->model, s->found[s->at]));
}

/* The filter that hid it is not given up without words, nor what `e` and `E` hide. */
static void say_unhidden(struct tui *t, const struct seek *k)
{
	char *place = xstrdup(t->message.buf);

	tui_say(t, "%s; %s", k->dropped ? "filter off (& has it)" : "all shown again", place);
	free(place);
	if (!k->dropped)
		return;
	strbuf_reset(&t->filter_left);
	strbuf_addstr(&t->filter_left, k->dropped);
}

/* Is what is said still of what is shown? */
static void say_again(struct tui *t)
{
	const struct search *s = &t->search;

	if (strncmp(t->message.buf, off_page, strlen(off_page)) == 0)
		say_off_page(t);
	else if (s->text.len && strstr(t->message.buf, s->text.buf))
		say_place(t);
}

static bool is_on_owner(const struct tui *t)
{
	return rows_at(&t->rows) && rows_at(&t->rows)->ca == NO_INDEX;
}

void search_sought(struct tui *t, const struct seek *k)
{
	struct search *s = &t->search;

	if (k->widened)
		s->widened = k->unfilter; /* while it is typed, before_search() is to go back */
	if (k->way.n && !k->found && !k->widen && t->stack.n == 1)
		tui_say(t, "its row is not among those shown: a filter, or other roots");
	if (s->at >= s->n)
		return;
	if (s->owner_asked)
		s->on_owner = is_on_owner(t);
	if ((k->widened && s->widened) || s->owner_asked)
		say_again(t);
	s->owner_asked = false;
	if (k->unhidden)
		say_unhidden(t, k);
}

static void before_search(struct tui *t)
{
	struct search *s = &t->search;
	struct seek k = { .back = true, .cursor = s->cursor, .top = s->top };

	rows_set_open(&t->rows, &t->model, &s->was);
	if (asking_how(t)->all_roots != s->all_roots || t->asking.seek.on) {
		asking_rows(t)->all_roots = s->all_roots;
		asking_seek(t, &k);
	} else {
		t->rows.cursor = s->cursor;
		t->rows.top = s->top;
	}
	tui_stale(t);
}

/* ---- beside drawing ---- */

static bool typed_on(const struct tui *t);
static void find_place(struct tui *t);

static void forget_found(struct search *s)
{
	free(s->found);
	free(s->sorted);
	nearest_release(&s->near);
	s->found = s->sorted = NULL;
	s->n = s->at = 0;
	s->of_leaf = false;
}

static void begin(struct tui *t)
{
	struct search *s = &t->search;

	s->job = lookup_begin(&t->model, s->text.buf);
	s->stopped = false;
	screen_watch(work_fd(lookup_work(s->job)), true);
	screen_tick(true);
}

/* Waits for it. False: it was not made to the end. */
static bool end(struct search *s)
{
	struct lookup *l = s->job;
	bool good;

	screen_watch(work_fd(lookup_work(l)), false);
	screen_tick(false);
	s->job = NULL;
	forget_found(s);
	good = lookup_end(l, &s->found, &s->sorted, &s->n, &s->of_leaf, &s->near);
	if (s->stopped)
		forget_found(s);
	return good && !s->stopped;
}

static void stop(struct search *s)
{
	if (!s->job)
		return;
	s->stopped = true;
	work_cancel(lookup_work(s->job));
}

void search_halt(struct tui *t)
{
	stop(&t->search);
	if (t->search.job)
		end(&t->search);
}

void search_give_up(struct tui *t, bool back)
{
	struct search *s = &t->search;
	bool entered = s->entering;

	stop(s);
	s->asked = s->entering = s->from_page = s->renewed = false;
	s->step = 0;
	if (!back)
		return;
	strbuf_reset(&s->text); /* n is not to say that it was not found */
	if (entered)
		before_search(t);
}

/* Behind what says that nothing is found. */
static void add_nearest(const struct search *s, struct strbuf *out)
{
	for (size_t i = 0; i < s->near.n; i++)
		strbuf_addf(out, "%s%s", !i ? "; nearest: " : ", ", s->near.name[i]);
	if (s->near.more)
		strbuf_addf(out, ", %s", glyph(G_ELLIPSIS));
	if (s->near.word)
		strbuf_addf(out, "; '%s' alone is found", s->near.word);
}

static void say_nothing_found(struct tui *t)
{
	const char *text = t->search.text.buf;
	struct strbuf near = STRBUF_INIT;

	add_nearest(&t->search, &near);
	if (pasted_crtsh_number(text))
		tui_complain(t, "the index has no numbers of crt.sh: paste the SHA-256 fingerprint instead");
	else
		tui_complain(t, "nothing found for '%s'%s", text, near.buf);
	strbuf_release(&near);
}

static void step(struct tui *t, int by)
{
	struct search *s = &t->search;

	if (s->asked) {
		s->step = by; /* when it is looked up */
		return;
	}
	if (!s->n && s->text.len)
		say_nothing_found(t);
	else if (!s->n)
		tui_complain(t, "no search yet: / starts one");
	if (!s->n)
		return;
	history_mark(t);
	if (s->on_owner)
		s->at = by > 0 ? 0 : s->n - 1;
	else
		s->at = (s->at + s->n + (by > 0 ? 1 : s->n - 1)) % s->n;
	s->on_owner = s->owner_asked = false;
	show(t, s->found[s->at], NULL, true);
	tui_stale(t);
	say_place(t);
}

static void go_found(struct tui *t)
{
	struct search *s = &t->search;
	const char *owner = owner_meant(t);

	before_search(t);
	if (!s->n) {
		say_nothing_found(t);
		s->vain = true;
		s->vain_at = s->cursor;
		return;
	}
	history_mark_kept(t);
	show(t, s->found[0], owner, true);
	s->owner_asked = owner && t->asking.seek.on;
	s->on_owner = owner && !s->owner_asked && is_on_owner(t);
	tui_stale(t);
	say_place(t);
}

bool search_vain(struct tui *t)
{
	struct search *s = &t->search;
	const struct row *row = rows_at(&t->rows);
	bool vain = s->vain && row && t->rows.cursor == s->vain_at;

	s->vain = false;
	if (vain)
		tui_complain(t, "'%s' was not found; Enter again opens %s", s->text.buf,
			row->ca == NO_INDEX ? "this row" : model_name(&t->model, row->ca));
	return vain;
}

/* For what is not on the page where it was looked for. */
static void leave_page(struct tui *t)
{
	struct search *s = &t->search;

	if (!s->n && pasted_crtsh_number(s->text.buf)) {
		say_nothing_found(t);
		return;
	}
	if (!s->n) {
		tui_complain(t, "neither on this page nor in the index: '%s'", s->text.buf);
		return;
	}
	history_mark(t);
	while (t->stack.n > 1)
		tui_pop(t);
	t->pane_focus = false;
	s->cursor = t->rows.cursor;
	s->top = t->rows.top;
	show(t, s->found[0], NULL, true);
	tui_stale(t);
	say_off_page(t);
}

static void show_found(struct tui *t)
{
	struct search *s = &t->search;

	before_search(t);
	if (s->n)
		show(t, s->found[0], owner_meant(t), false);
	strbuf_reset(&t->prompt.note);
	if (s->of_leaf && s->n == 1) {
		strbuf_addf(&t->prompt.note, "a leaf of %s", model_name(&t->model, s->found[0]));
		return;
	}
	fmt_plural(&t->prompt.note, s->n, "CA", "CAs");
	strbuf_addstr(&t->prompt.note, s->of_leaf ? " with such a leaf" : " found");
	add_nearest(s, &t->prompt.note);
}

bool search_step(struct tui *t, bool wait)
{
	struct search *s = &t->search;

	while (s->asked || s->job) {
		if (!s->job)
			begin(t);
		if (!work_ready(lookup_work(s->job), wait))
			return false;
		if (!end(s))
			continue; /* another text is asked, or none any more */
		s->asked = false;
		if (s->renewed)
			find_place(t);
		else if (s->from_page)
			leave_page(t);
		else if (s->entering)
			go_found(t);
		else if (typed_on(t))
			show_found(t);
		s->entering = s->from_page = false;
		const int by = s->step;
		s->step = 0;
		if (by)
			step(t, by);
		return true;
	}
	return false;
}

bool search_beside(struct tui *t)
{
	if (search_step(t, false))
		return true;
	if (!t->search.job)
		return false;
	work_wait(lookup_work(t->search.job), screen_input(), 50);
	search_step(t, false);
	return true;
}

/* The place among those found stays that of the CA there. */
void search_forget(struct tui *t)
{
	struct search *s = &t->search;

	if (s->n && !s->asked) {
		memcpy(s->id, t->model.g->ca.v[s->found[s->at]].id, sizeof(s->id));
		s->asked = s->renewed = true;
		s->since = clock_ns();
	}
	forget_found(s);
}

static void find_place(struct tui *t)
{
	struct search *s = &t->search;
	uint32_t ca = model_find_ca(&t->model, s->id);

	for (size_t i = 0; i < s->n; i++)
		if (s->found[i] == ca)
			s->at = i;
	s->renewed = false;
}

static void ask(struct tui *t, const char *text)
{
	struct search *s = &t->search;

	stop(s);
	forget_found(s);
	strbuf_reset(&s->text);
	strbuf_addstr(&s->text, text);
	s->entering = s->from_page = s->vain = false;
	s->on_owner = s->owner_asked = false;
	s->step = 0;
	s->asked = *text;
	s->renewed = false;
	s->since = clock_ns();
}

static void typed(struct tui *t, const char *text)
{
	ask(t, text);
	strbuf_reset(&t->prompt.note);
	if (t->search.asked)
		search_step(t, false);
	else
		before_search(t);
}

/* Is the search that was typed last still under the cursor? */
static bool typed_on(const struct tui *t)
{
	return t->prompt.on && t->prompt.changed == typed;
}

static void entered(struct tui *t, const char *text)
{
	if (!*text)
		return;
	if (t->search.asked)
		t->search.entering = true;
	else
		go_found(t);
}

static void open_tree_search(struct tui *t)
{
	struct search *s = &t->search;

	history_keep(t);
	idset_copy(&s->was.open, &t->rows.open);
	idset_copy(&s->was.shut, &t->rows.shut);
	if (!search_narrow(t)) { /* else where one was before the search before */
		s->cursor = t->rows.cursor;
		s->top = t->rows.top;
	}
	s->all_roots = asking_how(t)->all_roots;
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
	ask(t, text);
	t->search.from_page = true;
	search_step(t, false);
}

static void text_cancelled(struct tui *t)
{
	set_off(&tui_view(t)->doc, "");
}

/* In what the page leaves out; else not at all. */
static bool is_folded(struct tui *t, const char *text)
{
	struct view *v = tui_view(t);

	return v->ops->folds && v->ops->folds(t, v, text);
}

static void say_not_here(struct tui *t, const char *text)
{
	if (is_folded(t, text))
		tui_complain(t, "not on this page as it is folded: v shows all, then n goes to '%s'", text);
	else
		tui_complain(t, "not on this page, where / searches; in the tree it searches the index: '%s'", text);
}

static void text_typed(struct tui *t, const char *text)
{
	set_off(&tui_view(t)->doc, text);
	strbuf_reset(&t->search.page);
	strbuf_addstr(&t->search.page, text);
	strbuf_reset(&t->prompt.note);
	if (*text && !find_or_hex(t, text, true, 1))
		strbuf_addstr(&t->prompt.note, is_pasted(text) ? "not on this page: enter searches the index"
			: is_folded(t, text) ? "not on this page as it is folded" : "not on this page");
}

static void text_entered(struct tui *t, const char *text)
{
	if (!*text || find_or_hex(t, text, true, 1))
		return;
	if (is_pasted(text) || pasted_crtsh_number(text))
		search_index(t, text);
	else
		say_not_here(t, text);
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
		say_not_here(t, text);
}

/* ---- keys ---- */

void search_open(struct tui *t, struct view *v)
{
	if (v->ops == &view_tree) {
		open_tree_search(t);
		return;
	}
	if (!t->search.renewed) /* of the tree's, which has another text; one that is looked for anew goes on */
		search_give_up(t, false);
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
