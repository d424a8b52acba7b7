#include "base/text.h"
#include "tui/view.h"

#define PASTED_MOST 4000 /* bytes that are kept of one; a line takes less */

/* A line is one: what breaks lines, and blanks, are one blank. */
static void add(struct strbuf *b, int key)
{
	bool blank = key == '\r' || key == '\t' || key == ' ';

	if (b->len >= PASTED_MOST || (!blank && (key < ' ' || key == 127 || key >= 0x110000)))
		return;
	if (!blank)
		text_encode(b, (uint32_t)key);
	else if (b->len && b->buf[b->len - 1] != ' ')
		strbuf_addstr(b, " ");
}

/* Where no line is open, what is pasted is what is looked for. A question and a menu are not answered by it. */
static void take(struct tui *t, const char *text)
{
	if (t->menu.on) {
		tui_complain(t, "nothing is pasted into a menu");
		return;
	}
	if (!t->prompt.on)
		tui_key(t, '/');
	if (!t->prompt.confirm)
		prompt_paste(t, text);
}

bool paste_key(struct tui *t, int key)
{
	struct paste *p = &t->paste;

	if (key == key_parse("Paste", 5)) {
		strbuf_reset(&p->text);
		p->on = true;
		tui_say(t, "pasting; Esc ends it");
		return true;
	}
	if (!p->on)
		return false;
	if (key == key_parse("Mouse", 5)) { /* or the next click is taken for this one */
		int y, x, button;
		screen_mouse(&y, &x, &button);
		return true;
	}
	if (key != key_parse("PasteEnd", 8) && key != 27) {
		add(&p->text, key);
		return true;
	}
	/* The end may get lost with a connection: Esc, which is in no text, is one, too. */
	p->on = false;
	strbuf_reset(&t->message);
	while (p->text.len && p->text.buf[p->text.len - 1] == ' ')
		strbuf_setlen(&p->text, p->text.len - 1);
	if (p->text.len)
		take(t, p->text.buf);
	return true;
}
