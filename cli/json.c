#include "cli/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"

static bool must_escape(const char *s, size_t len, uint32_t cp)
{
	return cp != 0xFFFD && !text_is_clean(s, len);
}

static void add_escaped(struct strbuf *out, uint32_t cp)
{
	if (cp < 0x10000) {
		strbuf_addf(out, "\\u%04x", (unsigned)cp);
		return;
	}
	cp -= 0x10000;
	strbuf_addf(out, "\\u%04x\\u%04x", (unsigned)(0xD800 + (cp >> 10)), (unsigned)(0xDC00 + (cp & 0x3FF)));
}

static void add_code_point(struct strbuf *out, const char *s, int len, uint32_t cp)
{
	if (cp == '"' || cp == '\\') {
		strbuf_addch(out, '\\');
		strbuf_addch(out, (char)cp);
	} else if (cp < 0x20 || must_escape(s, (size_t)len, cp)) {
		add_escaped(out, cp);
	} else {
		text_encode(out, cp);
	}
}

void json_quote(struct strbuf *out, const char *s)
{
	size_t len = strlen(s);
	uint32_t cp;
	int n;

	strbuf_addch(out, '"');
	while ((n = text_decode(s, len, &cp)) > 0) {
		add_code_point(out, s, n, cp);
		s += n;
		len -= (size_t)n;
	}
	strbuf_addch(out, '"');
}

static void begin_value(struct json *j, const char *key)
{
	if (j->comma)
		strbuf_addch(j->out, ',');
	j->comma = true;
	if (!key)
		return;
	json_quote(j->out, key);
	strbuf_addch(j->out, ':');
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin_value(j, key);
	if (j->lines && !key && bracket == '{' && j->out->len)
		strbuf_addch(j->out, '\n');
	strbuf_addch(j->out, bracket);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	strbuf_addch(j->out, bracket);
	j->comma = true;
}

void json_str(struct json *j, const char *key, const char *s)
{
	if (!s) {
		json_null(j, key);
		return;
	}
	begin_value(j, key);
	json_quote(j->out, s);
}

void json_str_or_null(struct json *j, const char *key, const char *s)
{
	json_str(j, key, s && *s ? s : NULL);
}

void json_uint(struct json *j, const char *key, uint64_t n)
{
	begin_value(j, key);
	strbuf_addf(j->out, "%" PRIu64, n);
}

void json_uint_if(struct json *j, const char *key, bool known, uint64_t n)
{
	if (known)
		json_uint(j, key, n);
	else
		json_null(j, key);
}

void json_int(struct json *j, const char *key, int64_t n)
{
	begin_value(j, key);
	strbuf_addf(j->out, "%" PRId64, n);
}

void json_share(struct json *j, const char *key, uint64_t part, uint64_t whole)
{
	char buf[16];

	if (!whole) {
		json_null(j, key);
		return;
	}
	begin_value(j, key);
	strbuf_addstr(j->out, num_share(buf, part, whole));
}

void json_raw(struct json *j, const char *key, const char *s, size_t n)
{
	begin_value(j, key);
	strbuf_add(j->out, s, n);
}

void json_bool(struct json *j, const char *key, bool b)
{
	begin_value(j, key);
	strbuf_addstr(j->out, b ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
	begin_value(j, key);
	strbuf_addstr(j->out, "null");
}

void json_hex(struct json *j, const char *key, const void *data, size_t n)
{
	begin_value(j, key);
	strbuf_addch(j->out, '"');
	strbuf_addhex(j->out, data, n);
	strbuf_addch(j->out, '"');
}

void json_day(struct json *j, const char *key, int32_t day)
{
	char buf[DATE_BUF];

	json_str(j, key, date_format(buf, day));
}

void json_day_if(struct json *j, const char *key, bool known, int32_t day)
{
	if (known)
		json_day(j, key, day);
	else
		json_null(j, key);
}

void json_time(struct json *j, const char *key, int64_t t)
{
	char buf[TIME_BUF];

	json_str(j, key, time_format(buf, t));
}
