/* Keys typed ahead: those that mean the row which a search, a filter or a load is about to show wait for it, whoever types
 * them, and then do what they would have done had the user waited. */
#include "tui/screen.h"
#include "tui/view.h"

#define KEY_CTRL_C 3
#define KEY_REGROUP 'O'

static bool search_is_entered(const struct search *s)
{
	return s->asked && (s->entering || s->from_page || s->steps);
}

/* Of another program or day the cursor stays on its CA, which is seen: there one may go on. */
static bool rows_are_asked(const struct tui *t)
{
	const struct asking *a = &t->asking;

	return a->what && (a->what == ASK_ROWS || a->seek.on || a->open != OPEN_AS_IS || !rows_same_how(&a->how, &t->rows));
}

static bool load_is_asked(const struct tui *t)
{
	return t->kept && t->kept->what == KEPT_READ;
}

/* A line, a menu and a text that is pasted take theirs, for nothing is shown anew under them. */
static bool holds(const struct tui *t, int key)
{
	if (t->prompt.on || t->menu.on || t->paste.on)
		return false;
	if (key == KEY_REGROUP && t->stack.n == 1 && t->asking.what)
		return true; /* opens the row of the owner of what is under the cursor then */
	return search_is_entered(&t->search) || load_is_asked(t) || (t->stack.n == 1 && rows_are_asked(t));
}

/* False: it is not given up, for there is nothing. */
static bool give_up(struct tui *t)
{
	bool some = t->ahead.key.n || search_is_entered(&t->search);

	t->ahead.key.n = t->ahead.first = 0;
	if (!some)
		return false;
	search_give_up(t);
	tui_say(t, "given up, with what was typed ahead");
	return true;
}

bool ahead_takes(struct tui *t, int key)
{
	if (!t->ahead.key.n && !holds(t, key))
		return false;
	if (key == KEY_CTRL_C)
		return give_up(t);
	if (key == key_parse("Mouse", 5)) { /* a click on what is about to go; or the next one is taken for it */
		int y, x, button;
		screen_mouse(&y, &x, &button);
		return true;
	}
	vec_push(&t->ahead.key, key);
	return true;
}

bool ahead_waits(const struct tui *t)
{
	return t->ahead.key.n && !holds(t, t->ahead.key.v[t->ahead.first]);
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
	bool gone = false;
	int key;

	if (!a->key.n)
		return screen_key(&gone);
	key = a->key.v[a->first++];
	if (a->first == a->key.n)
		a->key.n = a->first = 0;
	return key;
}

bool ahead_step(struct tui *t)
{
	if (!ahead_waits(t))
		return false;
	tui_act(t, ahead_next(t));
	return true;
}
