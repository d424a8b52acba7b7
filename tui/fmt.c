#include "tui/fmt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "index/figures.h"

static struct {
	bool ascii;
} look;

static const struct {
	const char *utf8, *ascii;
} glyphs[G_COUNT] = {
	[G_OPEN] = { "▾", "v" }, /* - and + would be taken for a program's answer */
	[G_SHUT] = { "▸", ">" },
	[G_LEAF] = { " ", " " },
	[G_CYCLE] = { "↻", "@" },
	[G_SEVERAL] = { "⇄", "<>" },
	[G_DOT] = { "·", "|" },
	[G_GE] = { "≥", ">=" },
	[G_ELLIPSIS] = { "…", ".." }, /* ~ is the sign of old numbers */
	[G_TEE] = { "├─", "|-" },
	[G_ELBOW] = { "└─", "`-" },
	[G_PIPE] = { "│ ", "| " },
	[G_DASH] = { "–", "-" },
	[G_ALL] = { "●", "Y" },
	[G_SOME] = { "◐", "s" },
	[G_NONE] = { "○", "-" },
	[G_REVOKED] = { "✗", "x" },
	[G_ASSUMED] = { "◇", "a" },
	[G_OK] = { "✓", "ok" },
	[G_BAD] = { "✗", "x" },
	[G_TO] = { "→", "->" },
	[G_LEFT] = { "‹", "<" },
	[G_UNDER] = { "─", "-" },
	[G_FALLING] = { "▼", "v" },
	[G_RISING] = { "▲", "^" },
};

void fmt_ascii(bool ascii)
{
	look.ascii = ascii;
}

bool fmt_is_ascii(void)
{
	return look.ascii;
}

const char *glyph(enum glyph g)
{
	return look.ascii ? glyphs[g].ascii : glyphs[g].utf8;
}

struct number fmt_span(const struct span *s, bool least)
{
	struct number n = { .n = s->low, .high = s->high };

	n.low = least || !span_bounded(s);
	n.about = s->about && (!n.low || n.n);
	n.range = !n.low && (s->low != s->high || s->about);
	return n;
}

struct number fmt_old(struct number n, bool old)
{
	n.old = old && !n.low;
	return n;
}

static char *range(char buf[NUMBER_BUF], const struct number *n, char *(*write)(char *, uint64_t))
{
	const char *about = n->about || n->old ? "~" : "";
	char low[32], high[32];

	if (n->n == n->high)
		snprintf(buf, NUMBER_BUF, "%s%s", about, write(high, n->high));
	else if (!n->n)
		snprintf(buf, NUMBER_BUF, "%s%s%s", look.ascii ? "<=" : "≤", about, write(high, n->high));
	else
		snprintf(buf, NUMBER_BUF, "%s%s%s%s", about, write(low, n->n), look.ascii ? "-" : "–", write(high, n->high));
	return buf;
}

static char *number(char buf[NUMBER_BUF], const struct number *n, char *(*write)(char *, uint64_t))
{
	char digits[32];

	if (n->range)
		return range(buf, n, write);
	if (n->low && !n->n)
		snprintf(buf, NUMBER_BUF, "?");
	else
		snprintf(buf, NUMBER_BUF, "%s%s%s", n->low ? glyph(G_GE) : "", n->about || n->old ? "~" : "", write(digits, n->n));
	return buf;
}

char *fmt_number(char buf[NUMBER_BUF], const struct number *n)
{
	number(buf, n, n->n < 1000000000000 ? num_group : num_short);
	return text_width(buf) <= 14 ? buf : number(buf, n, num_short);
}

char *fmt_number_short(char buf[NUMBER_BUF], const struct number *n)
{
	return number(buf, n, num_short);
}

void fmt_plural(struct strbuf *out, uint64_t n, const char *one, const char *many)
{
	char buf[32];

	strbuf_addf(out, "%s %s", num_group(buf, n), n == 1 ? one : many);
}

char *fmt_recent(char buf[16], int32_t day, int32_t as_of)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
		"Nov", "Dec" };
	int year, month, mday;

	date_to_civil(day, &year, &month, &mday);
	if (day == as_of)
		snprintf(buf, 16, "today");
	else if (day < as_of && day > as_of - 330)
		snprintf(buf, 16, "%s %02d", months[month - 1], mday);
	else
		snprintf(buf, 16, "%04d-%02d", year % 10000, month);
	return buf;
}

/* The longest part in quotes, without them; 0: none. */
static size_t quoted(const char *s, size_t *at)
{
	size_t longest = 0;

	for (const char *a = strchr(s, '\''), *b; a; a = strchr(b + 1, '\'')) {
		/* one inside a name is no end */
		for (b = strchr(a + 1, '\''); b && b[1] && !strchr(" :;,?.)", b[1]);)
			b = strchr(b + 1, '\'');
		if (!b)
			break;
		if ((size_t)(b - a) > longest + 1) {
			longest = (size_t)(b - a) - 1;
			*at = (size_t)(a + 1 - s);
		}
	}
	return longest;
}

#define NAME_TAIL 3 /* parts of a name that is cut, of which its end gets one */

static bool begins_word(uint32_t before, uint32_t cp)
{
	return (cp > 0x7f || !strchr(" -_/.", (int)cp)) && (text_cp_width(cp) > 1 || (before < 0x80 && strchr(" -_/.(", (int)before)));
}

/* Most names have these at their end. */
static bool tells_nothing(const char *words)
{
	return !strcmp(words, "CA") || !strcmp(words, "Authority");
}

/* The end of a name that is worth so many columns: whole words, else part of one that has a number. */
static const char *name_tail(const char *name, int columns)
{
	const char *raw = NULL, *at = name, *end = name + strlen(name);
	int left = text_width(name);
	uint32_t cp, before = 'x';

	for (int n; (n = text_decode(at, (size_t)(end - at), &cp)) > 0; at += n, before = cp) {
		int w = text_cp_width(cp);

		/* no mark without the character that it stands on */
		if (w && left <= columns) {
			raw = raw ? raw : at;
			if (begins_word(before, cp))
				return tells_nothing(at) ? end : at;
		}
		left -= w;
	}
	return raw && strpbrk(raw, "0123456789") ? raw : end;
}

void fmt_name(struct strbuf *out, const char *name, int columns)
{
	int room = columns - text_width(glyph(G_ELLIPSIS)), took;
	const char *tail;
	size_t len;

	if (columns <= 0)
		return;
	if (text_width(name) <= columns) {
		strbuf_addstr(out, name);
		return;
	}
	if (room <= 0) {
		strbuf_add(out, name, text_clip(name, columns, &took));
		return;
	}
	tail = name_tail(name, room / NAME_TAIL);
	len = text_clip(name, room - text_width(tail), &took);
	while (len && *tail && name[len - 1] == ' ')
		len--;
	strbuf_add(out, name, len);
	strbuf_addf(out, "%s%s", glyph(G_ELLIPSIS), tail);
}

#define QUOTED_LEAST 6 /* columns of a name that still tell it from some */

void fmt_fit(struct strbuf *out, const char *s, int columns)
{
	int over = text_width(s) - columns, keep, took;
	size_t at = 0, len = over > 0 ? quoted(s, &at) : 0, tail = 0;
	char *part = xstrndup(s + at, len);
	uint32_t cp;

	keep = text_width(part) - over - text_width(glyph(G_ELLIPSIS));
	if (over > 0 && keep >= QUOTED_LEAST) {
		while (text_width(part + tail) > keep / 2 || (text_decode(part + tail, len - tail, &cp) && !text_cp_width(cp)))
			tail += (size_t)text_decode(part + tail, len - tail, &cp);
		strbuf_add(out, s, at + text_clip(part, keep - keep / 2, &took));
		strbuf_addf(out, "%s%s%s", glyph(G_ELLIPSIS), part + tail, s + at + len);
	} else {
		strbuf_addstr(out, s);
	}
	free(part);
}

void fmt_age(struct strbuf *out, int32_t days)
{
	if (days <= 0)
		strbuf_addstr(out, "from today");
	else if (days < 60)
		strbuf_addf(out, "%d day%s old", (int)days, days == 1 ? "" : "s");
	else if (days < 730)
		strbuf_addf(out, "%d months old", (int)(days / 30));
	else
		strbuf_addf(out, "%d years old", (int)(days / 365));
}

void fmt_bar(struct strbuf *out, uint64_t part, uint64_t whole, int columns)
{
	static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	unsigned steps = (unsigned)columns * 8, filled;

	if (!whole || !part)
		return;
	filled = (unsigned)((long double)(part > whole ? whole : part) / (long double)whole * steps + 0.5L);
	if (!filled)
		filled = 1;
	for (unsigned i = 0; i < filled / 8; i++)
		strbuf_addstr(out, look.ascii ? "#" : "█");
	if (look.ascii)
		strbuf_addstr(out, filled < 8 ? "." : "");
	else
		strbuf_addstr(out, eighths[filled % 8]);
}

char *fmt_percent(char buf[16], uint64_t part, uint64_t whole)
{
	if (!whole)
		snprintf(buf, 16, "      ");
	else
		snprintf(buf, 16, "%5.1f%%", 100.0 * (double)part / (double)whole);
	return buf;
}
