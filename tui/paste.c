#include "base/text.h"
#include "tui/view.h"

#define PASTED_MOST 4000 /* bytes that are kept of one; a line takes less */
/* Of a fingerprint that comes as keys. A key that is held down is no such thing. */
#define RUN_LEAST 32
#define RUN_MOST 250 /* what is longer goes on in the line */
#define RUN_DIGITS 6 /* … that differ */

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
		tui_act(t, '/');
	if (!t->prompt.confirm)
		prompt_paste(t, text);
}

static void take_all(struct tui *t)
{
	struct strbuf *b = &t->paste.text;

	strbuf_reset(&t->message);
	while (b->len && b->buf[b->len - 1] == ' ')
		strbuf_setlen(b, b->len - 1);
	if (b->len)
		take(t, b->buf);
}

static int hex_digit(int key)
{
	if (key >= '0' && key <= '9')
		return key - '0';
	if ((key >= 'a' && key <= 'f') || (key >= 'A' && key <= 'F'))
		return 10 + (key - 'A') % 32;
	return -1;
}

static bool is_in_run(int key)
{
	return hex_digit(key) >= 0 || key == ':' || key == ' ';
}

/* How many there are from `key` on; 0: nobody pasted them. */
static size_t run_length(const struct tui *t, int key)
{
	unsigned seen = 0, differ = 0;
	size_t n = 0;

	for (int k = key; n < RUN_MOST && is_in_run(k); k = ahead_peek(t, n++))
		if (hex_digit(k) >= 0)
			seen |= 1U << hex_digit(k);
	for (; seen; seen &= seen - 1)
		differ++;
	return n < RUN_LEAST || differ < RUN_DIGITS ? 0 : n;
}

bool paste_run(struct tui *t, int key)
{
	struct paste *p = &t->paste;
	size_t n;

	/* what is typed into a line is the same; a question is not to be answered, nor a menu */
	if (p->on || (t->prompt.on && !t->prompt.confirm))
		return false;
	n = run_length(t, key);
	if (!n)
		return false;
	strbuf_reset(&p->text);
	for (add(&p->text, key); n > 1; n--)
		add(&p->text, ahead_next(t));
	take_all(t);
	return true;
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
	if (key != key_parse("PasteEnd", 8) && key != KEY_ESC) {
		add(&p->text, key);
		return true;
	}
	/* The end may get lost with a connection: Esc, which is in no text, is one, too. */
	p->on = false;
	take_all(t);
	return true;
}
