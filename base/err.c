#include "base/err.h"

#include <errno.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/text.h"

#define MSG_BYTES (sizeof(((struct err *)NULL)->msg) - 1)
#define CUT "\xE2\x80\xA6"

/* The place of the character that the byte at n belongs to. */
static size_t char_at(const char *s, size_t n)
{
	while (n && ((unsigned char)s[n] & 0xC0) == 0x80)
		n--;
	return n;
}

/* Cleans raw into msg and releases it. What does not fit is cut out of the middle, between characters: the beginning says
 * where, the end what is wrong. */
static int store(struct err *err, struct strbuf *raw)
{
	struct strbuf clean = STRBUF_INIT;

	text_clean(&clean, raw->buf, raw->len);
	if (clean.len > MSG_BYTES) {
		size_t head = char_at(clean.buf, MSG_BYTES / 2), room = MSG_BYTES - head - strlen(CUT);
		size_t tail = char_at(clean.buf, clean.len - room + 3);
		snprintf(err->msg, sizeof(err->msg), "%.*s" CUT "%s", (int)head, clean.buf, clean.buf + tail);
	} else {
		memcpy(err->msg, clean.buf, clean.len + 1);
	}
	strbuf_release(&clean);
	strbuf_release(raw);
	return -1;
}

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	struct strbuf raw = STRBUF_INIT;
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	strbuf_vaddf(&raw, fmt, ap);
	va_end(ap);
	err->kind = kind;
	return store(err, &raw);
}

int err_context(struct err *err, const char *fmt, ...)
{
	struct strbuf raw = STRBUF_INIT;
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	strbuf_vaddf(&raw, fmt, ap);
	va_end(ap);
	strbuf_addf(&raw, ": %s", err->msg);
	return store(err, &raw);
}

/* Lower case like our own half of the sentence, and not in the user's language. */
static void reason(int number, char *buf, size_t size)
{
	const char *what = strerrordesc_np(number);

	if (!what)
		snprintf(buf, size, "error %d", number);
	else if (isupper((unsigned char)what[1])) /* an abbreviation */
		snprintf(buf, size, "%s", what);
	else
		snprintf(buf, size, "%c%s", tolower((unsigned char)what[0]), what + 1);
}

int err_errno(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	struct strbuf raw = STRBUF_INIT;
	char why[80];
	int number = errno;
	va_list ap;

	if (!err)
		return -1;
	reason(number, why, sizeof(why));
	va_start(ap, fmt);
	strbuf_vaddf(&raw, fmt, ap);
	va_end(ap);
	strbuf_addf(&raw, ": %s", why);
	err->kind = kind;
	return store(err, &raw);
}
