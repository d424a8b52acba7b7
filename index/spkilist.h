/* Blocked keys as a text for people: the SHA-256 of a SubjectPublicKeyInfo in
 * hex on each line, comments from '#' on. It begins with the line that names
 * it, and may name the list that it adds to by its date; without that it is
 * the whole list of its own day. A broken line is told with its number; the
 * others go on.
 *
 *	# blocked SPKIs
 *	# adds to 2026-05-21
 *	0f6e…c1  # Fictional Root CA
 *
 *	struct spkilist_handler h = { .ctx = x, .key = …, .problem = … };
 *	if (spkilist_recognise(data, n))
 *		r = spkilist_read(data, n, &h, &err); */
#ifndef INDEX_SPKILIST_H
#define INDEX_SPKILIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/strbuf.h"

struct spkilist_handler {
	void *ctx;
	int (*key)(
		void *ctx, const uint8_t spki_sha256[32], const char *name); /* name: cleaned, "" without; < 0 stops */
	void (*problem)(void *ctx, size_t line, const char *what);           /* may be NULL */
};
/* 0; -1 with ERR_INPUT when there is no key in it; or -1 when a callback stopped. */
int spkilist_read(const char *data, size_t n, const struct spkilist_handler *h, struct err *err);
bool spkilist_recognise(const char *data, size_t n);
/* The day of the list that it adds to; false when it does not say so. */
bool spkilist_adds_to(const char *data, size_t n, int32_t *day);

/* The same as text, appended. name must be clean. */
void spkilist_write_head(struct strbuf *out, const int32_t *adds_to /* NULL: to none */);
void spkilist_write_key(struct strbuf *out, const uint8_t spki_sha256[32], const char *name);

#endif
