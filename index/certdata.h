/* certdata.txt, the source of Mozilla's root store: certificate objects and
 * the trust objects that speak about them (also about certificates that are
 * not in the file). A broken object is told with its line; the others go on.
 *
 *	struct certdata_handler h = { .ctx = x, .cert = …, .trust = …, .problem = … };
 *	if (certdata_recognise(data, n))
 *		r = certdata_read(data, n, &h, &err); */
#ifndef INDEX_CERTDATA_H
#define INDEX_CERTDATA_H

#include "base/err.h"
#include "index/x509.h"

#define DISTRUST_NEVER INT64_MAX

enum certdata_trust_level {
	TRUST_UNKNOWN,     /* says nothing, or nothing that we know (told as a problem) */
	TRUST_ANCHOR,      /* CKT_NSS_TRUSTED_DELEGATOR, CKT_TRUST_ANCHOR */
	TRUST_MUST_VERIFY, /* no anchor */
	TRUST_NOT_TRUSTED, /* actively distrusted */
};

/* Borrowed for the call; labels are cleaned. */
struct certdata_cert {
	struct slice der;
	const char *label;
	int64_t server_distrust_after; /* the last good notBefore in seconds, DISTRUST_NEVER without */
	int64_t email_distrust_after;
	bool mozilla_policy; /* CKA_NSS_MOZILLA_CA_POLICY */
	size_t line;         /* of its CKA_CLASS */
};
struct certdata_trust {
	struct slice issuer; /* Name DER */
	struct slice serial; /* content octets */
	const char *label;
	bool has_sha1, has_sha256;
	uint8_t sha1[20], sha256[32]; /* sha256 in newer files only */
	enum certdata_trust_level server, email;
	/* Some files state the times here, where NSS does not look for them: to be told, not applied. */
	int64_t server_distrust_after, email_distrust_after;
	size_t line;
};
struct certdata_handler {
	void *ctx;
	int (*cert)(void *ctx, const struct certdata_cert *cert);    /* < 0 stops */
	int (*trust)(void *ctx, const struct certdata_trust *trust); /* < 0 stops */
	void (*problem)(void *ctx, size_t line, const char *what);   /* may be NULL */
};
/* 0; -1 with ERR_INPUT when it has no BEGINDATA or no certificate; or -1 when a callback stopped. */
int certdata_read(const char *data, size_t n, const struct certdata_handler *h, struct err *err);
bool certdata_recognise(const char *data, size_t n);

/* The same as text, appended: what stands before the objects, a certificate object, a trust object. Labels must be clean;
 * der must be a certificate, whose subject, issuer and serial number are taken from it. Trust that is unknown is left out. */
void certdata_write_head(struct strbuf *out);
int certdata_write_cert(struct strbuf *out, const struct certdata_cert *c, struct err *err);
void certdata_write_trust(struct strbuf *out, const struct certdata_trust *t);

#endif
