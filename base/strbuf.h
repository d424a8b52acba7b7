/* A growing byte string, always NUL-terminated, with an optional maximum for
 * outside bytes:
 *
 *	struct strbuf b = STRBUF_INIT;
 *	strbuf_addf(&b, "%d", 7);
 *	puts(b.buf);
 *	strbuf_release(&b); */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *buf; /* never NULL; points at a static "" while empty */
	size_t len, cap;
	size_t max; /* 0 = none; adding past it sets `overflow` and adds nothing */
	bool overflow;
};
extern char strbuf_empty[1];
#define STRBUF_INIT                                                                                                    \
	{                                                                                                              \
		strbuf_empty, 0, 0, 0, false                                                                           \
	}

void strbuf_init(struct strbuf *b, size_t max);
void strbuf_add(struct strbuf *b, const void *data, size_t n);
void strbuf_addstr(struct strbuf *b, const char *s);
void strbuf_addch(struct strbuf *b, char c);
void strbuf_addf(struct strbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* lower-case hex of n bytes */
void strbuf_addhex(struct strbuf *b, const void *data, size_t n);
/* Room for n more bytes, so that adding them moves nothing. */
void strbuf_reserve(struct strbuf *b, size_t n);
void strbuf_setlen(struct strbuf *b, size_t len);
void strbuf_reset(struct strbuf *b);
/* Gives the heap string away (caller frees) and resets b. */
char *strbuf_detach(struct strbuf *b);
void strbuf_release(struct strbuf *b);

#endif
