/* The certificates of a PKCS #7 bag without a signature, as caIssuers may lead to (RFC 5280 4.2.2.1).
 *
 *	struct pkcs7_handler h = { .ctx = x, .certificate = on_certificate, .problem = on_problem };
 *	if (pkcs7_recognise(data, n))
 *		rc = pkcs7_each(data, n, &h, &err); */
#ifndef INDEX_PKCS7_H
#define INDEX_PKCS7_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

/* More than all CA certificates together need; OpenSSL takes some thirty times as much memory to read it. */
#define PKCS7_MAX ((size_t)16 << 20)

struct pkcs7_handler {
	void *ctx;
	/* DER, borrowed during the call; number from 1; < 0 stops */
	int (*certificate)(void *ctx, size_t number, const uint8_t *der, size_t n);
	void (*problem)(void *ctx, const char *what); /* may be NULL */
};
/* 0; -1 with ERR_INPUT when no certificate can be read; or what certificate returned to stop. */
int pkcs7_each(const char *data, size_t n, const struct pkcs7_handler *h, struct err *err);
/* ContentInfo with the type signedData; its length may be indefinite. */
bool pkcs7_recognise(const char *data, size_t n);

#endif
