#include "base/err.h"

#include <errno.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/text.h"

/* Outside text may be long; more than this cannot reach msg anyway. */
#define RAW_MAX (4 * sizeof(((struct err *)NULL)->msg))

/* Cleans s into msg, cut between characters where it does not fit. */
static void store(struct err *err, const char *s)
{
	struct strbuf clean = STRBUF_INIT;
	size_t len = 0;
	uint32_t cp;
	int n;

	text_clean(&clean, s, strlen(s));
	while ((n = text_decode(clean.buf + len, clean.len - len, &cp)) > 0) {
		if (len + (size_t)n >= sizeof(err->msg))
			break;
		len += (size_t)n;
	}
	memcpy(err->msg, clean.buf, len);
	err->msg[len] = '\0';
	strbuf_release(&clean);
}

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	char raw[RAW_MAX];
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	err->kind = kind;
	store(err, raw);
	return -1;
}

int err_context(struct err *err, const char *fmt, ...)
{
	char raw[RAW_MAX];
	size_t len;
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	len = strlen(raw);
	snprintf(raw + len, sizeof(raw) - len, ": %s", err->msg);
	store(err, raw);
	return -1;
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
	char raw[RAW_MAX], why[80];
	int number = errno;
	size_t len;
	va_list ap;

	if (!err)
		return -1;
	reason(number, why, sizeof(why));
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	len = strlen(raw);
	snprintf(raw + len, sizeof(raw) - len, ": %s", why);
	err->kind = kind;
	store(err, raw);
	return -1;
}
