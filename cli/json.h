/* JSON text into a strbuf. Strings come out as valid UTF-8 whatever goes in:
 * control, bidirectional and invisible characters leave as \uXXXX, invalid
 * bytes as U+FFFD.
 *
 *	struct json j = { .out = &buf };
 *	json_open(&j, NULL, '{');
 *	json_str(&j, "name", "Alder \033");
 *	json_close(&j, '}');
 *
 * A NULL key is an element of an array. A NULL string is null. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/strbuf.h"

struct json {
	struct strbuf *out;
	bool comma; /* the next value needs one in front of it */
	bool lines; /* each object of an array stands on a line of its own */
};
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_str(struct json *j, const char *key, const char *s);
/* "" is null too */
void json_str_or_null(struct json *j, const char *key, const char *s);
void json_uint(struct json *j, const char *key, uint64_t n);
/* null when not known */
void json_uint_if(struct json *j, const char *key, bool known, uint64_t n);
void json_int(struct json *j, const char *key, int64_t n);
/* A fraction of 1; null when whole is 0. */
void json_share(struct json *j, const char *key, uint64_t part, uint64_t whole);
/* n bytes that are JSON already. */
void json_raw(struct json *j, const char *key, const char *s, size_t n);
void json_bool(struct json *j, const char *key, bool b);
void json_null(struct json *j, const char *key);
void json_hex(struct json *j, const char *key, const void *data, size_t n);
void json_day(struct json *j, const char *key, int32_t day);
void json_day_if(struct json *j, const char *key, bool known, int32_t day);
void json_time(struct json *j, const char *key, int64_t t);
/* The quoted string alone. */
void json_quote(struct strbuf *out, const char *s);

#endif
