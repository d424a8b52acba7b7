#include "base/strbuf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

char strbuf_empty[1];

void strbuf_init(struct strbuf *b, size_t max)
{
	*b = (struct strbuf){ strbuf_empty, 0, 0, max, false };
}

/* Room for n more bytes and the NUL; false when that goes past the maximum. */
static bool make_room(struct strbuf *b, size_t n)
{
	size_t need, cap;

	if (b->max && (b->len > b->max || n > b->max - b->len)) {
		b->overflow = true;
		return false;
	}
	if (__builtin_add_overflow(b->len + 1, n, &need))
		need = SIZE_MAX; /* which no allocation gives */
	if (need <= b->cap)
		return true;
	cap = b->cap > SIZE_MAX / 2 ? need : b->cap * 2;
	if (cap < need)
		cap = need < 32 ? 32 : need;
	b->buf = xrealloc(b->cap ? b->buf : NULL, cap);
	b->cap = cap;
	return true;
}

void strbuf_reserve(struct strbuf *b, size_t n)
{
	make_room(b, n);
}

void strbuf_add(struct strbuf *b, const void *data, size_t n)
{
	if (!n || !make_room(b, n))
		return;
	memcpy(b->buf + b->len, data, n);
	strbuf_setlen(b, b->len + n);
}

void strbuf_addstr(struct strbuf *b, const char *s)
{
	strbuf_add(b, s, strlen(s));
}

void strbuf_addch(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

void strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(b, fmt, ap);
	va_end(ap);
}

void strbuf_vaddf(struct strbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n > 0 && make_room(b, (size_t)n)) {
		vsnprintf(b->buf + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void strbuf_addhex(struct strbuf *b, const void *data, size_t n)
{
	if (!n || !make_room(b, n > SIZE_MAX / 2 ? SIZE_MAX : 2 * n))
		return;
	hex_encode(data, n, b->buf + b->len);
	b->len += 2 * n;
}

/* Within what was allocated; callers may have filled buf themselves. */
void strbuf_setlen(struct strbuf *b, size_t len)
{
	b->len = len;
	if (b->cap)
		b->buf[len] = '\0';
}

void strbuf_reset(struct strbuf *b)
{
	strbuf_setlen(b, 0);
	b->overflow = false;
}

char *strbuf_detach(struct strbuf *b)
{
	char *s = b->cap ? b->buf : xstrdup("");

	strbuf_init(b, b->max);
	return s;
}

void strbuf_release(struct strbuf *b)
{
	if (b->cap)
		free(b->buf);
	strbuf_init(b, b->max);
}
