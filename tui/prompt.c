#include <stdlib.h>

#include "base/text.h"
#include "tui/view.h"

#define MAX_INPUT 1000

static void open_prompt(struct tui *t, const char *label, const char *text)
{
	struct prompt *p = &t->prompt;

	p->on = true;
	p->label = label;
	p->confirm = false;
	p->changed = NULL;
	p->done = NULL;
	p->cancelled = NULL;
	strbuf_reset(&p->note);
	strbuf_reset(&p->text);
	strbuf_addstr(&p->text, text);
}

void prompt_open(struct tui *t, const char *label, const char *text, void (*done)(struct tui *t, const char *text))
{
	open_prompt(t, label, text);
	t->prompt.done = done;
}

void prompt_confirm(struct tui *t, const char *question, void (*done)(struct tui *t, const char *text))
{
	open_prompt(t, question, "");
	t->prompt.confirm = true;
	t->prompt.done = done;
}

static void finish(struct tui *t, bool ok)
{
	struct prompt *p = &t->prompt;
	char *text = xstrdup(p->text.buf);

	p->on = false;
	if (ok && p->done)
		p->done(t, text);
	else if (!ok && p->cancelled)
		p->cancelled(t);
	free(text);
}

static void chop(struct strbuf *b)
{
	size_t len = b->len;

	while (len && ((unsigned char)b->buf[len - 1] & 0xc0) == 0x80)
		len--;
	strbuf_setlen(b, len ? len - 1 : 0);
}

static void chop_word(struct strbuf *b)
{
	while (b->len && b->buf[b->len - 1] == ' ')
		chop(b);
	while (b->len && b->buf[b->len - 1] != ' ')
		chop(b);
}

static void edit(struct tui *t, int key)
{
	struct strbuf *b = &t->prompt.text;

	if (key == 127)
		chop(b);
	else if (key == ('u' & 0x1f))
		strbuf_reset(b);
	else if (key == ('w' & 0x1f))
		chop_word(b);
	else if (key >= ' ' && key < 0x110000 && b->len < MAX_INPUT)
		text_encode(b, (uint32_t)key);
	else
		return;
	if (t->prompt.changed)
		t->prompt.changed(t, b->buf);
}

void prompt_key(struct tui *t, int key)
{
	if (t->prompt.confirm)
		finish(t, key == 'y' || key == 'Y');
	else if (key == 27 || key == ('c' & 0x1f) || key == ('g' & 0x1f))
		finish(t, false);
	else if (key == '\r')
		finish(t, true);
	else if (key == 127 && !t->prompt.text.len)
		finish(t, false);
	else
		edit(t, key);
}

void prompt_draw(struct tui *t, int y, int w)
{
	int x = 1;

	screen_fill(y, 0, w, R_PROMPT, false);
	x += screen_text(y, x, w - x, R_PROMPT, false, t->prompt.label) + 1;
	if (t->prompt.note.len)
		w -= screen_right(y, x, w - x - 1, R_TITLE_DIM, false, t->prompt.note.buf) + 2;
	screen_text(y, x, w - x - 1, R_STATUS, false, t->prompt.text.buf);
}
