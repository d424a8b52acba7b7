#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "tui/view.h"

#define MAX_INPUT 1000
#define CHOICES_SHOWN 8
#define CHOICE_MARGIN 4 /* columns beside one */
#define ABOVE_MOST 5    /* rows over the line for what is told */
#define SMALL 18        /* rows: there are fewer of both where there are no more */

static void set_text(struct prompt *p, const char *text)
{
	strbuf_reset(&p->text);
	strbuf_addstr(&p->text, text);
	p->at = p->text.len;
}

static void clear_choices(struct prompt *p)
{
	while (p->choice.n) {
		struct choice *c = &p->choice.v[--p->choice.n];

		free(c->word);
		free(c->text);
		free(c->more);
	}
	p->chosen = NO_CHOICE;
}

static void open_prompt(struct tui *t, const char *label, const char *text)
{
	struct prompt *p = &t->prompt;

	p->on = true;
	p->label = label;
	p->confirm = p->date = false;
	p->or_key = 0;
	p->changed = NULL;
	p->done = NULL;
	p->cancelled = NULL;
	p->complete = NULL;
	p->remove = NULL;
	p->bad = p->bad_len = 0;
	clear_choices(p);
	strbuf_reset(&p->note);
	strbuf_reset(&p->why);
	set_text(p, text);
	p->filled = *text;
}

void prompt_mend(struct prompt *p)
{
	p->filled = false;
}

void prompt_open(struct tui *t, const char *label, const char *text, void (*done)(struct tui *t, const char *text))
{
	open_prompt(t, label, text);
	t->prompt.done = done;
}

void prompt_date(struct tui *t, const char *label, const char *text, void (*done)(struct tui *t, const char *text))
{
	prompt_open(t, label, text, done);
	t->prompt.date = true;
	strbuf_addf(&t->prompt.note, "%s a day, [ ] a month", fmt_is_ascii() ? "up down" : "↑↓");
}

void prompt_confirm(struct tui *t, const char *question, void (*done)(struct tui *t, const char *text))
{
	open_prompt(t, "", "");
	strbuf_addstr(&t->prompt.text, question);
	t->prompt.confirm = true;
	t->prompt.done = done;
}

void prompt_or(struct prompt *p, int key, void (*done)(struct tui *t, const char *text))
{
	p->or_key = key;
	p->or_done = done;
}

void prompt_wrong(struct prompt *p, const struct filter_place *place, const char *why)
{
	if (!place->unfinished)
		strbuf_addstr(&p->note, why);
	p->bad = place->at;
	p->bad_len = place->unfinished ? 0 : place->len;
}

void prompt_refuse(struct tui *t, const char *fmt, ...)
{
	struct prompt *p = &t->prompt;
	va_list ap;

	p->on = true;
	p->filled = false;
	strbuf_reset(&p->why);
	va_start(ap, fmt);
	text_clean_vf(&p->why, fmt, ap);
	va_end(ap);
}

void prompt_refuse_part(struct tui *t, const struct filter_place *place, const char *why)
{
	prompt_refuse(t, "%s", why);
	t->prompt.bad = place->at;
	t->prompt.bad_len = place->len;
}

bool prompt_day(struct tui *t, const char *text, int32_t *ret)
{
	if (date_parse(text, ret) == 0)
		return true;
	prompt_refuse(t, "no such date (YYYY-MM-DD)");
	return false;
}

void prompt_release(struct prompt *p)
{
	strbuf_release(&p->text);
	strbuf_release(&p->note);
	strbuf_release(&p->why);
	clear_choices(p);
	vec_release(&p->choice);
}

/* ---- choices ---- */

void prompt_choices_clear(struct tui *t)
{
	clear_choices(&t->prompt);
}

void prompt_choice(struct tui *t, const char *word, const char *text, const char *more)
{
	vec_push(&t->prompt.choice, (struct choice){ xstrdup(word), xstrdup(text), xstrdup(more) });
}

/* Below the last one is what is typed again. */
static void choose(struct prompt *p, int by)
{
	strbuf_reset(&p->why);
	if (p->chosen == NO_CHOICE)
		p->chosen = by > 0 ? 0 : p->choice.n - 1;
	else if ((by > 0 && p->chosen + 1 == p->choice.n) || (by < 0 && !p->chosen))
		p->chosen = NO_CHOICE;
	else
		p->chosen = by > 0 ? p->chosen + 1 : p->chosen - 1;
}

/* As far as all choices agree. */
static void complete(struct tui *t)
{
	struct prompt *p = &t->prompt;
	char *word;
	size_t len;

	if (p->chosen == NO_CHOICE)
		p->chosen = 0;
	strbuf_reset(&p->why);
	word = xstrdup(p->choice.v[p->chosen].word);
	len = strlen(word);
	for (size_t i = 0; p->choice.n > 1 && i < p->choice.n; i++) {
		size_t same = 0;

		while (same < len && p->choice.v[i].word[same] == word[same])
			same++;
		len = same;
	}
	word[len] = '\0';
	if (len > p->text.len)
		set_text(p, word);
	free(word);
	p->chosen = NO_CHOICE;
	if (p->changed)
		p->changed(t, p->text.buf);
}

/* What is chosen, or typed as a whole. */
static size_t meant(const struct prompt *p)
{
	size_t i = p->chosen;

	for (size_t k = 0; i == NO_CHOICE && k < p->choice.n; k++)
		if (!strcmp(p->choice.v[k].word, p->text.buf))
			i = k;
	return i;
}

static void remove_meant(struct tui *t)
{
	char *word = xstrdup(t->prompt.choice.v[meant(&t->prompt)].word);

	t->prompt.on = false;
	t->prompt.remove(t, word);
	free(word);
}

static void complete_end(struct tui *t)
{
	struct strbuf whole = STRBUF_INIT;
	struct prompt *p = &t->prompt;

	if (p->at == p->text.len && p->complete(p->text.buf, &whole)) {
		strbuf_reset(&p->why);
		set_text(p, whole.buf);
		p->filled = false;
		if (p->changed)
			p->changed(t, p->text.buf);
	}
	strbuf_release(&whole);
}

static bool choice_key(struct tui *t, int key)
{
	struct prompt *p = &t->prompt;

	if (key == '\t' && p->complete) {
		complete_end(t);
		return true;
	}
	if (!p->choice.n)
		return false;
	if (key == key_parse("Down", 4) || key == key_parse("Up", 2))
		choose(p, key == key_parse("Down", 4) ? 1 : -1);
	else if (key == '\t')
		complete(t);
	else if (key == KEY_CTRL('d') && p->remove && meant(p) != NO_CHOICE)
		remove_meant(t);
	else if (key == KEY_CTRL('d') && p->remove)
		prompt_refuse(t, "choose or type what is to be deleted");
	else
		return false;
	return true;
}

/* Those that are seen. */
struct seen {
	size_t n, top;
};

static struct seen see_choices(const struct prompt *p, int most)
{
	struct seen s = { .n = p->choice.n < (size_t)most ? p->choice.n : (size_t)most };

	if (p->chosen != NO_CHOICE && p->chosen >= s.n)
		s.top = p->chosen - s.n + 1;
	return s;
}

/* What stands right in the first and the last of them. */
static void say_unseen(const struct prompt *p, const struct seen *s, size_t i, char out[40])
{
	*out = '\0';
	if (i == s->top && s->top)
		snprintf(out, 40, "  %zu more above", s->top);
	else if (i + 1 == s->top + s->n && i + 1 < p->choice.n)
		snprintf(out, 40, "  %zu more below", p->choice.n - i - 1);
}

static void draw_choices(struct prompt *p, int y, int w, const struct seen *s)
{
	for (size_t i = s->top; i < s->top + s->n; i++) {
		enum role role = i == p->chosen ? R_BOX_ON : R_BOX;
		int at = y - (int)(s->top + s->n - i);
		char more[40];

		say_unseen(p, s, i, more);
		screen_fill(at, 0, w, role, false);
		screen_text(at, 1, 1, role, false, i == p->chosen ? (fmt_is_ascii() ? ">" : "›") : " ");
		screen_text(at, 3, w - CHOICE_MARGIN - text_width(more), role, false, p->choice.v[i].text);
		screen_right(at, 3, w - 4, role, false, more);
	}
}

/* ---- dates ---- */

int32_t month_step(int32_t day, int by)
{
	int y, m, d;
	int32_t first, next;

	date_to_civil(day, &y, &m, &d);
	m += by;
	if (m < 1 || m > 12) {
		y += by;
		m = m < 1 ? 12 : 1;
	}
	first = date_from_civil(y, m, 1);
	next = m == 12 ? date_from_civil(y + 1, 1, 1) : date_from_civil(y, m + 1, 1);
	return d > next - first ? next - 1 : first + d - 1;
}

static bool date_key(struct tui *t, int key)
{
	struct prompt *p = &t->prompt;
	char text[DATE_BUF];
	int32_t day;

	if (!p->date || date_parse(p->text.buf, &day) < 0)
		return false;
	if (key == key_parse("Up", 2))
		day++;
	else if (key == key_parse("Down", 4))
		day--;
	else if (key == '[' || key == key_parse("PgDn", 4))
		day = month_step(day, -1);
	else if (key == ']' || key == key_parse("PgUp", 4))
		day = month_step(day, 1);
	else
		return false;
	if (day >= 0 && day <= date_from_civil(2200, 1, 1))
		set_text(p, date_format(text, day));
	strbuf_reset(&p->why);
	return true;
}

/* ---- the line ---- */

static void finish(struct tui *t, bool ok)
{
	struct prompt *p = &t->prompt;
	char *text = p->chosen == NO_CHOICE ? xstrdup(p->text.buf) : xstrdup(p->choice.v[p->chosen].word);

	p->on = false;
	strbuf_reset(&p->why);
	if (ok && p->done)
		p->done(t, text);
	else if (!ok && p->cancelled)
		p->cancelled(t);
	free(text);
}

/* Where the character before `at` begins. */
static size_t before(const struct strbuf *b, size_t at)
{
	while (at && ((unsigned char)b->buf[at - 1] & 0xc0) == 0x80)
		at--;
	return at ? at - 1 : 0;
}

static size_t behind(const struct strbuf *b, size_t at)
{
	if (at < b->len)
		at++;
	while (at < b->len && ((unsigned char)b->buf[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static size_t word_before(const struct strbuf *b, size_t at)
{
	while (at && b->buf[at - 1] == ' ')
		at--;
	while (at && b->buf[at - 1] != ' ')
		at--;
	return at;
}

static void cut(struct prompt *p, size_t from, size_t to)
{
	memmove(p->text.buf + from, p->text.buf + to, p->text.len - to);
	strbuf_setlen(&p->text, p->text.len - (to - from));
	p->at = from;
}

static void insert(struct prompt *p, const char *text, size_t len)
{
	char *rest = xstrdup(p->text.buf + p->at);

	strbuf_setlen(&p->text, p->at);
	strbuf_add(&p->text, text, len);
	p->at = p->text.len;
	strbuf_addstr(&p->text, rest);
	free(rest);
}

static void insert_typed(struct prompt *p, uint32_t cp)
{
	struct strbuf one = STRBUF_INIT;

	text_encode(&one, cp);
	insert(p, one.buf, one.len);
	strbuf_release(&one);
}

static void edited(struct tui *t)
{
	struct prompt *p = &t->prompt;

	strbuf_reset(&p->why);
	p->chosen = NO_CHOICE;
	if (p->changed)
		p->changed(t, p->text.buf);
}

static bool move_key(struct prompt *p, int key)
{
	if (key == key_parse("Left", 4) || key == KEY_CTRL('b'))
		p->at = before(&p->text, p->at);
	else if (key == key_parse("Right", 5) || key == KEY_CTRL('f'))
		p->at = behind(&p->text, p->at);
	else if (key == key_parse("Home", 4) || key == KEY_CTRL('a'))
		p->at = 0;
	else if (key == key_parse("End", 3) || key == KEY_CTRL('e'))
		p->at = p->text.len;
	else
		return false;
	return true;
}

static void edit(struct tui *t, int key)
{
	struct prompt *p = &t->prompt;
	bool typed = key >= ' ' && key < 0x110000 && key != 127, filled = p->filled;

	p->filled = false;
	if (move_key(p, key))
		return;
	if (typed && filled)
		set_text(p, "");
	if (key == 127)
		cut(p, before(&p->text, p->at), p->at);
	else if (key == key_parse("Del", 3))
		cut(p, p->at, behind(&p->text, p->at));
	else if (key == KEY_CTRL('u'))
		cut(p, 0, p->at);
	else if (key == KEY_CTRL('k'))
		cut(p, p->at, p->text.len);
	else if (key == KEY_CTRL('w'))
		cut(p, word_before(&p->text, p->at), p->at);
	else if (typed && p->text.len < MAX_INPUT)
		insert_typed(p, (uint32_t)key);
	else {
		p->filled = filled;
		return;
	}
	edited(t);
}

void prompt_paste(struct tui *t, const char *text)
{
	struct prompt *p = &t->prompt;
	size_t len = 0;

	if (p->filled)
		set_text(p, "");
	p->filled = false;
	while (text[len] && p->text.len + len < MAX_INPUT) {
		uint32_t cp;
		len += (size_t)text_decode(text + len, strlen(text + len), &cp);
	}
	insert(p, text, len);
	edited(t);
}

/* Of a question; whoever leaves it is told, whatever key was meant. */
static void answer(struct tui *t, int key)
{
	struct prompt *p = &t->prompt;
	bool other = p->or_key && (key == p->or_key || key == (p->or_key & ~0x20)), yes = key == 'y' || key == 'Y';

	if (other)
		p->done = p->or_done;
	finish(t, yes || other);
	if (!yes && !other)
		tui_say(t, "not done");
}

void prompt_key(struct tui *t, int key)
{
	struct prompt *p = &t->prompt;

	if (p->confirm)
		answer(t, key);
	else if (key == KEY_ESC || key == KEY_CTRL('c') || key == KEY_CTRL('g'))
		finish(t, false);
	else if (key == '\r')
		finish(t, true);
	else if (key == 127 && !p->text.len)
		finish(t, false);
	else if (!date_key(t, key) && !choice_key(t, key))
		edit(t, key);
}

/* Draws a part of the text; what is wrong of it stands out. */
static int draw_part(const struct prompt *p, size_t from, size_t to, int y, int x, int w)
{
	size_t cuts[] = { from, p->bad, p->bad + p->bad_len, to };
	int start = x;

	for (int i = 0; i < 3; i++) {
		size_t a = cuts[i] < from ? from : cuts[i], b = cuts[i + 1] > to ? to : cuts[i + 1];
		char *part;

		if (a >= b)
			continue;
		part = xstrndup(p->text.buf + a, b - a);
		x += screen_text(y, x, w - (x - start), i == 1 ? R_WRONG : p->filled ? R_CHOSEN : R_STATUS, false, part);
		free(part);
	}
	return x - start;
}

static int width_of(const struct prompt *p, size_t from, size_t to)
{
	char *part = xstrndup(p->text.buf + from, to - from);
	int w = text_width(part);

	free(part);
	return w;
}

/* How many bytes of s go into a row: whole words where there are several; *skip: with the blanks behind them. */
static size_t row_of(const char *s, int room, size_t *skip)
{
	int took;
	size_t n = text_clip(s, room, &took), cut = n;

	while (s[n] && cut && s[cut] != ' ')
		cut--;
	cut = cut ? cut : n;
	*skip = cut + strspn(s + cut, " ");
	return cut;
}

static void draw_row(int y, int w, enum role role, const char *s, size_t len, bool cut)
{
	const char *sign = cut ? glyph(G_ELLIPSIS) : "";
	char *part = xstrndup(s, len);

	screen_fill(y, 0, w, role, false);
	screen_text(y, 1 + screen_text(y, 1, w - 2 - text_width(sign), role, false, part), w - 2, role, false, sign);
	free(part);
}

/* Over the line, in so many rows at most; how many they are. */
static int draw_above(int y, int w, enum role role, const char *s, int most)
{
	const char *row[ABOVE_MOST];
	size_t len[ABOVE_MOST], skip;
	int n = 0;

	while (*s && n < most) {
		row[n] = s;
		len[n++] = row_of(s, w - 2, &skip);
		s += skip;
	}
	for (int i = 0; i < n; i++)
		draw_row(y - n + i, w, role, row[i], len[i], *s && i + 1 == n);
	return n;
}

/* What the list cuts of the choice that enter takes, or of the only one there is; how many rows it takes. */
static int draw_more(const struct prompt *p, int y, int w, const struct seen *s, int most)
{
	const size_t i = p->chosen == NO_CHOICE && p->choice.n == 1 ? 0 : p->chosen;
	const struct choice *c = i == NO_CHOICE ? NULL : &p->choice.v[i];
	char more[40];

	if (!c || !*c->more)
		return 0;
	say_unseen(p, s, i, more);
	if (strstr(c->text, c->more) && text_width(c->text) <= w - CHOICE_MARGIN - text_width(more))
		return 0;
	return draw_above(y, w, R_PROMPT, c->more, most);
}

/* What stands beside the text. */
static const char *remark(const struct prompt *p, enum role *role)
{
	*role = p->why.len ? R_ERROR : R_TITLE_DIM;
	if (p->why.len)
		return p->why.buf;
	return p->filled && !p->note.len ? "typing replaces, End adds" : p->note.buf;
}

/* From a place on that has the cursor on the line; a sign stands for what is left out. */
static void draw_text(struct prompt *p, int y, int x, int w)
{
	int sign = text_width(glyph(G_ELLIPSIS));
	size_t from = 0;

	if (width_of(p, 0, p->at) > w - 1) {
		while (from < p->at && width_of(p, from, p->at) > w - 1 - sign)
			from = behind(&p->text, from);
		x += screen_text(y, x, w, R_TITLE_DIM, false, glyph(G_ELLIPSIS));
		w -= sign;
	}
	draw_part(p, from, p->text.len, y, x, w);
	p->x = x + width_of(p, from, p->at);
}

/* What stands in quotes gives way, then what is before the answers: which key does what is seen whole. */
static void fit_question(struct strbuf *out, const char *s, int columns)
{
	struct strbuf b = STRBUF_INIT;
	const char *answers = strrchr(s, '('), *sign = glyph(G_ELLIPSIS);
	int room = columns - text_width(answers ? answers : "") - text_width(sign) - 1, took;

	fmt_fit(&b, s, columns);
	if (text_width(b.buf) > columns && answers && room > 0) {
		strbuf_setlen(&b, text_clip(b.buf, room, &took));
		strbuf_addf(&b, "%s %s", sign, answers);
	}
	strbuf_addstr(out, b.buf);
	strbuf_release(&b);
}

static void draw_question(struct prompt *p, int y, int w)
{
	struct strbuf b = STRBUF_INIT;

	fit_question(&b, p->text.buf, w - 2);
	screen_text(y, 1, w - 2, R_PROMPT, false, b.buf);
	p->x = 1 + text_width(b.buf);
	strbuf_release(&b);
}

void prompt_draw(struct tui *t, int y, int w)
{
	struct prompt *p = &t->prompt;
	enum role role;
	const char *beside = remark(p, &role);
	int x = 1, above = 0, room = w;
	struct seen seen;

	screen_fill(y, 0, w, R_PROMPT, false);
	if (p->confirm) {
		draw_question(p, y, w);
		return;
	}
	x += screen_text(y, x, w - x, R_PROMPT, false, p->label) + 1;
	/* Both are needed whole: the text may be long, and what is beside it the answer. */
	if (x + text_width(p->text.buf) + 3 + text_width(beside) >= w)
		above = *beside ? draw_above(y, w, role == R_ERROR ? role : R_PROMPT, beside, 2) : 0;
	else if (*beside)
		room -= screen_right(y, x, w - 1 - x, role, false, beside) + 2;
	seen = see_choices(p, y < SMALL ? (y > 13 ? y - 10 : 3) : CHOICES_SHOWN);
	above += draw_more(p, y - above, w, &seen, y < SMALL ? 3 : ABOVE_MOST);
	draw_choices(p, y - above, w, &seen);
	draw_text(p, y, x, room - x - 1);
}
