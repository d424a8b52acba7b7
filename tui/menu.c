/* A list over the view, of which one item is chosen: the actions of a mark, the formats of an export. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "tui/view.h"

void menu_open(struct tui *t, const char *title, const char *right, void (*choose)(struct tui *t, int item))
{
	struct menu *m = &t->menu;

	menu_shut(t);
	m->on = true;
	m->choose = choose;
	m->right = right;
	m->foot = NULL;
	m->other = NULL;
	m->title = xstrdup(title);
	m->n = m->cursor = 0;
}

void menu_add(struct tui *t, char letter, const char *name, const char *help, const char *count)
{
	struct menu_item *i;

	if (t->menu.n == MENU_ITEMS)
		return;
	i = &t->menu.item[t->menu.n++];
	i->letter = letter;
	i->name = name;
	i->help = xstrdup(help);
	snprintf(i->count, sizeof(i->count), "%s", count);
}

char menu_letter(const struct tui *t, const char *name)
{
	for (; *name; name++) {
		bool taken = !islower((unsigned char)*name) || strchr("jkq", *name);

		for (int i = 0; i < t->menu.n; i++)
			taken |= t->menu.item[i].letter == toupper((unsigned char)*name);
		if (!taken)
			return (char)toupper((unsigned char)*name);
	}
	return ' ';
}

void menu_shut(struct tui *t)
{
	struct menu *m = &t->menu;

	for (int i = 0; i < m->n; i++)
		free(m->item[i].help);
	free(m->title);
	m->title = NULL;
	m->on = false;
	m->n = 0;
}

static void choose(struct tui *t, int item)
{
	void (*fn)(struct tui *, int) = t->menu.choose;

	menu_shut(t);
	fn(t, item);
}

void menu_key(struct tui *t, int key)
{
	struct menu *m = &t->menu;

	for (int i = 0; i < m->n; i++) {
		if (key == m->item[i].letter || key == (m->item[i].letter | 0x20)) {
			choose(t, i);
			return;
		}
	}
	if (m->other && m->other(t, m->cursor, key))
		return;
	if (key == '\r' || key == ' ')
		choose(t, m->cursor);
	else if (key == 'j' || key == key_parse("Down", 4))
		m->cursor = (m->cursor + 1) % m->n;
	else if (key == 'k' || key == key_parse("Up", 2))
		m->cursor = (m->cursor + m->n - 1) % m->n;
	else if (key == 'q' || key == KEY_ESC || key == KEY_CTRL('c') || key == 'm')
		menu_shut(t);
}

/* On an item chooses it, outside leaves. */
void menu_click(struct tui *t, int y, int x)
{
	const struct area *a = &t->menu.area;

	if (y < a->y || y >= a->y + a->h || x < a->x || x >= a->x + a->w)
		menu_shut(t);
	else if (y >= a->y + 2 && y < a->y + 2 + t->menu.n)
		choose(t, y - a->y - 2);
}

static void draw_item(struct tui *t, int i, const struct area *a)
{
	const struct menu_item *m = &t->menu.item[i];
	bool on = i == t->menu.cursor;
	enum role role = on ? R_BOX_ON : R_BOX;
	char letter[2] = { m->letter, 0 };
	int y = a->y + 2 + i;

	screen_fill(y, a->x, a->w, role, false);
	screen_text(y, a->x + 1, 1, role, false, on ? (fmt_is_ascii() ? ">" : "›") : " ");
	screen_text(y, a->x + 3, 1, role, false, letter);
	screen_text(y, a->x + 6, 14, role, false, m->name);
	screen_text(y, a->x + 22, a->w - 28, role, false, m->help);
	screen_right(y, a->x + a->w - 6, 4, role, false, m->count);
	if (on)
		t->menu.y = y;
}

/* A frame of letters' width around it, so that the rows below do not touch it. */
static void draw_frame(const struct area *a)
{
	for (int i = -1; i <= a->h; i++)
		screen_fill(a->y + i, a->x - 2, a->w + 4, R_TEXT, false);
	for (int i = 0; i < a->h; i++)
		screen_fill(a->y + i, a->x, a->w, R_BOX, false);
}

int menu_columns(void)
{
	int rows, cols;

	screen_size(&rows, &cols);
	return cols < 66 ? cols - 4 : 62;
}

void menu_draw(struct tui *t, const struct area *whole)
{
	struct area a = { 0, 0, t->menu.n + 4, menu_columns() };

	a.y = whole->y + 1 + (whole->h > a.h + 2 ? (whole->h - a.h) / 3 : 0);
	a.x = whole->x + (whole->w - a.w) / 2;
	if (whole->h < a.h + 2)
		a.y = whole->y;
	t->menu.area = a;
	draw_frame(&a);
	screen_text(a.y, a.x + 1, a.w - 20, R_BOX, false, t->menu.title);
	screen_right(a.y, a.x + 1, a.w - 3, R_BOX, false, t->menu.right);
	for (int i = 0; i < t->menu.n; i++)
		draw_item(t, i, &a);
	screen_text(a.y + a.h - 1, a.x + 1, a.w - 2, R_BOX, false,
		t->menu.foot ? t->menu.foot : "letter or enter chooses, esc leaves");
}
