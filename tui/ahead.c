/* Keys typed ahead: those that mean the row or page which a search, a filter, a load or a view is about to show wait
 * for it, whoever types them, and then do what they would have done had the user waited. */
#include <string.h>

#include "base/date.h"
#include "tui/screen.h"
#include "tui/view.h"

#define LATE_NS 1000000000 /* so long a C-c may still be meant for what has just been played */

static bool search_is_entered(const struct search *s)
{
	return s->asked && (s->entering || s->from_page || s->step);
}

/* Of another program or day the cursor stays on its CA, which is seen: there one may go on. */
static bool rows_are_asked(const struct tui *t)
{
	const struct asking *a = &t->asking;

	if (rows_await_keys(&t->rows, &t->model))
		return true;
	return a->what &&
	       (a->what == ASK_ROWS || a->seek.on || a->open != OPEN_AS_IS || !rows_same_how(&a->how, &t->rows));
}

static bool load_is_asked(const struct tui *t)
{
	return (t->kept && t->kept->what == KEPT_READ) || (t->asking.what && t->asking.loaded);
}

static bool is_of(const char *const *names, int key)
{
	for (; *names; names++)
		if (key == key_parse(*names, strlen(*names)))
			return true;
	return false;
}

/* A page that grows keeps its place, but what is looked for in it may be in what lacks. */
static bool means_whole_page(int key)
{
	static const char *const names[] = { "/", "F3", "n", "N", "G", "End", NULL };

	return is_of(names, key);
}

/* What a mark does depends on the program and the day, and whose row is opened by owners on what is under the cursor then. */
static bool means_question(int key)
{
	static const char *const names[] = { "Space", "m", "O", NULL };

	return is_of(names, key);
}

/* Does the key mean what is not shown yet? A line, a menu and a text that is pasted take theirs, for nothing is shown
 * anew under them. */
static bool waits(struct tui *t, int key)
{
	struct view *top = t->stack.v[t->stack.n - 1];

	if (t->prompt.on || t->menu.on || t->paste.on)
		return false;
	if (search_is_entered(&t->search) || load_is_asked(t))
		return true;
	if (t->asking.what == ASK_MODEL && means_question(key))
		return true;
	if (top->ops->lacks && top->ops->lacks(t, top))
		return top->ops != &view_impact || means_whole_page(key);
	return t->stack.n == 1 && rows_are_asked(t);
}

/* What leaves means the same on any picture, and nobody is kept by what takes long. */
static bool leaves(int key)
{
	return key == KEY_ESC || key == 'q';
}

/* Is the key inside of a text that is pasted? */
static bool pastes(const struct ahead *a)
{
	const int begin = key_parse("Paste", 5), end = key_parse("PasteEnd", 8);
	bool on = false;

	for (size_t i = a->first; i < a->key.n; i++)
		on = a->key.v[i] == begin || (on && a->key.v[i] != end && a->key.v[i] != KEY_ESC);
	return on;
}

/* False: there is nothing to give up. */
static bool give_up(struct tui *t)
{
	struct search *s = &t->search;
	struct strbuf b = STRBUF_INIT;
	bool keys = t->ahead.key.n, some = keys || search_is_entered(s);

	if (search_is_entered(s))
		strbuf_addf(
			&b, "the search for '%s'%s is given up", s->text.buf, keys ? " and what was typed ahead" : "");
	else if (keys)
		strbuf_addf(
			&b, "what was typed ahead is given up%s", load_is_asked(t) ? ", but not what is loaded" : "");
	ahead_forget(t);
	if (search_is_entered(s))
		search_give_up(t, true);
	if (b.len)
		tui_say(t, "%s", b.buf);
	strbuf_release(&b);
	return some;
}

bool ahead_keeps(struct tui *t, int key)
{
	struct ahead *a = &t->ahead;

	if (!a->key.n && !waits(t, key))
		return false;
	if (!pastes(a)) {
		if (key == 'Q' || key == key_parse("F10", 3)) { /* at once */
			ahead_forget(t);
			return false;
		}
		if (key == KEY_CTRL('c') || (key == KEY_ESC && !a->key.n && search_is_entered(&t->search)))
			return give_up(t);
		if (!a->key.n && leaves(key))
			return false;
	}
	if (key == key_parse("Mouse", 5)) { /* a click on what is about to go; or the next one is taken for it */
		int y, x, button;
		screen_mouse(&y, &x, &button);
		return true;
	}
	vec_push(&a->key, key);
	return true;
}

void ahead_forget(struct tui *t)
{
	t->ahead.key.n = t->ahead.first = 0;
}

bool ahead_ready(struct tui *t)
{
	const struct ahead *a = &t->ahead;

	return a->key.n && !waits(t, a->key.v[a->first]);
}

bool ahead_just_played(const struct tui *t)
{
	return t->ahead.played && clock_ns() - t->ahead.played < LATE_NS;
}

int ahead_peek(const struct tui *t, size_t n)
{
	const struct ahead *a = &t->ahead;
	size_t held = a->key.n - a->first;

	return n < held ? a->key.v[a->first + n] : screen_key_ahead(n - held);
}

int ahead_next(struct tui *t)
{
	struct ahead *a = &t->ahead;
	bool gone = false; /* which who reads the next one sees, too */
	int key;

	if (!a->key.n)
		return screen_key(&gone);
	key = a->key.v[a->first++];
	if (a->first == a->key.n)
		ahead_forget(t);
	return key;
}

bool ahead_step(struct tui *t)
{
	if (!ahead_ready(t))
		return false;
	tui_act(t, ahead_next(t));
	t->ahead.played = clock_ns();
	return true;
}
