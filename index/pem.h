/* The PEM blocks of a text, in order. Tolerates comments before, between and
 * behind, CRLF, blanks, quotes around a block and headers inside. A broken
 * block is told with its line; the others go on.
 *
 *	pem_each(text, n, &(struct pem_handler){ .ctx = x, .block = on_block, .problem = on_problem }); */
#ifndef INDEX_PEM_H
#define INDEX_PEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/strbuf.h"

enum pem_kind {
	PEM_CERTIFICATE, /* CERTIFICATE, X509 CERTIFICATE, TRUSTED CERTIFICATE (its trust data cut off) */
	PEM_CRL,         /* X509 CRL */
	PEM_OTHER,
};
struct pem_block {
	enum pem_kind kind;
	const char *label;  /* what stands behind BEGIN, cleaned */
	const uint8_t *der; /* borrowed during the call */
	size_t len;
	size_t line; /* of the BEGIN, from 1 */
};
struct pem_handler {
	void *ctx;
	int (*block)(void *ctx, const struct pem_block *block);    /* < 0 stops */
	void (*problem)(void *ctx, size_t line, const char *what); /* may be NULL */
};
/* 0, or what block returned to stop. */
int pem_each(const char *text, size_t n, const struct pem_handler *h);
/* The first certificate in the text, on the heap. -1 when there is none. */
int pem_first_certificate(const char *text, size_t n, uint8_t **ret, size_t *ret_len);
/* A block of that label, base64 in lines of 64 (RFC 7468), appended. */
void pem_write(struct strbuf *out, const char *label, const uint8_t *der, size_t n);
/* There is a BEGIN line of any kind. */
bool pem_recognise(const char *text, size_t n);

#endif
