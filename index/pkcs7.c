#include "index/pkcs7.h"

#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <string.h>

bool pkcs7_recognise(const char *data, size_t n)
{
	static const char oid[] = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";
	size_t most = sizeof(oid) - 1 + 6; /* tag and length before it */

	return n > most && data[0] == 0x30 && memmem(data, most, oid, sizeof(oid) - 1);
}

static int give_certificates(STACK_OF(X509) *certs, const struct pkcs7_handler *h)
{
	int rc = 0;

	for (int i = 0; rc >= 0 && i < sk_X509_num(certs); i++) {
		uint8_t *der = NULL;
		int n = i2d_X509(sk_X509_value(certs, i), &der);

		if (n > 0)
			rc = h->certificate(h->ctx, (size_t)i + 1, der, (size_t)n);
		OPENSSL_free(der);
	}
	return rc < 0 ? rc : 0;
}

int pkcs7_each(const char *data, size_t n, const struct pkcs7_handler *h, struct err *err)
{
	const unsigned char *p = (const unsigned char *)data;
	PKCS7 *p7;
	int rc;

	if (n > PKCS7_MAX)
		return err_set(err, ERR_INPUT, "PKCS #7 with more than %zu MiB", PKCS7_MAX >> 20);
	p7 = d2i_PKCS7(NULL, &p, (long)n);
	if (!p7 || !PKCS7_type_is_signed(p7) || !p7->d.sign || sk_X509_num(p7->d.sign->cert) < 1) {
		rc = err_set(err, ERR_INPUT, "PKCS #7 without certificates that can be read");
	} else {
		if (h->problem && (const char *)p < data + n)
			h->problem(h->ctx, "bytes behind the PKCS #7, ignored");
		rc = give_certificates(p7->d.sign->cert, h);
	}
	PKCS7_free(p7);
	ERR_clear_error();
	return rc;
}
