/* Certificates as slices into their DER. The walk is ASN1_get_object's and
 * lax: what is signed and deployed must be read, also when it is BER, version
 * 1, has odd times or a negative serial. Nothing is copied or allocated; the
 * caller's bytes must outlive the struct. What an extension says and cannot be
 * read is flagged, never fatal.
 *
 *	struct x509_cert c;
 *	if (x509_parse(der, len, &c, &err) < 0) …
 *	x509_name_label(c.subject, &buf);          // index/name.h
 *	key = key_load(c.spki);                    // index/key.h
 *	if (x509_verify(&c, key) == 1) … */
#ifndef INDEX_X509_H
#define INDEX_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/strbuf.h"
#include "index/graph.h"

/* Borrowed bytes; p is NULL when absent. */
struct slice {
	const uint8_t *p;
	size_t n;
};
bool slice_equal(struct slice a, struct slice b);

/* One element of DER (or BER). */
struct der {
	struct slice all, body; /* with its header; without (and without the end mark of an indefinite length) */
	int tag;                /* DER_CLASS | DER_CONSTRUCTED | number; -1 for numbers above 30 */
};
enum {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT = 0x80,     /* [n] implicit, primitive: DER_CONTEXT | n */
	DER_CONSTRUCTED = 0x20, /* [n] explicit or constructed: DER_CONTEXT | DER_CONSTRUCTED | n */
};
/* Takes the next element off *rest. False at the end (rest->n is 0) and on bytes that are no element (it is not). */
static inline bool der_next(struct slice *rest, struct der *ret);
/* The same, and the element must have this tag; else *rest stays and *ret means nothing. */
static inline bool der_take(struct slice *rest, int tag, struct der *ret);

/* What nearly all elements look like is read here: a tag of one byte, a length of at most two behind its own. */
bool der_next_odd(struct slice *rest, struct der *ret);
#define DER_LONG_TAG 0x1F
static inline bool der_next(struct slice *rest, struct der *ret)
{
	const uint8_t *p = rest->p;
	size_t header = 2, body;

	if (rest->n < 4 || (p[0] & DER_LONG_TAG) == DER_LONG_TAG)
		return der_next_odd(rest, ret);
	body = p[1];
	if (body == 0x82) {
		header = 4;
		body = (size_t)p[2] << 8 | p[3];
	} else if (body == 0x81) {
		header = 3;
		body = p[2];
	} else if (body >= 0x80) {
		return der_next_odd(rest, ret);
	}
	if (body > rest->n - header)
		return false;
	*ret = (struct der){ .all = { p, header + body }, .body = { p + header, body }, .tag = p[0] };
	rest->p += header + body;
	rest->n -= header + body;
	return true;
}

static inline bool der_take(struct slice *rest, int tag, struct der *ret)
{
	struct slice before = *rest;

	if (rest->n && rest->p[0] != tag && (rest->p[0] & DER_LONG_TAG) != DER_LONG_TAG)
		return false;
	if (der_next(rest, ret) && ret->tag == tag)
		return true;
	*rest = before;
	return false;
}

/* Bytes behind the certificate that are tolerated. */
#define X509_TRAILING_MAX 1024

struct x509_cert {
	struct slice der; /* without trailing bytes; empty after x509_parse_tbs */
	struct slice tbs;
	struct slice serial;          /* content octets as they stand, sign and padding too */
	struct slice issuer, subject; /* Name DER */
	struct slice spki;
	struct slice sig_alg;     /* outer AlgorithmIdentifier (of a TBS alone: the inner one) */
	struct slice tbs_sig_alg; /* inner one */
	struct slice signature;   /* without the octet that counts unused bits */
	uint8_t sig_unused_bits;
	int version;                   /* 1, 2, 3; 0 when unreadable */
	int64_t not_before, not_after; /* TIME_UNKNOWN when unreadable */
	size_t trailing;               /* bytes behind the certificate */

	bool has_bc, bc_ca;
	int32_t path_len; /* -1 = none */
	bool has_ku;
	uint16_t key_usage;          /* OpenSSL's KU_ bits: KU_KEY_CERT_SIGN, … */
	uint8_t eku;                 /* EKU_ bits of graph.h, 0 = no extension */
	bool signs_precerts;         /* for a CA, whose leaves the precertificates then are (RFC 6962 3.1) */
	uint8_t kind;                /* enum leaf_kind, from the CA/Browser Forum's policies */
	struct slice ski, aki_keyid; /* content octets */
	bool aki_has_issuer;         /* AKI names issuer and serial number */
	bool poison;                 /* precertificate */
	int64_t sct_first;           /* earliest embedded SCT in seconds, SCT_NONE without */
	/* What the extensions hold (inside their OCTET STRING); empty when absent. */
	struct slice san_ext, eku_ext, name_constraints_ext, aia_ext, crldp_ext, policies_ext;

	bool bad_extensions;       /* one cannot be read */
	bool duplicate_extensions; /* the first of each kind counts */
	bool weak_sig;             /* SHA-1, MD5, MD2 or older */
	bool self_issued;          /* subject and issuer are the same name (RFC 5280 7.1) */
};

/* ERR_INPUT with the byte where serial, issuer, validity, subject or key cannot be found. */
int x509_parse(const uint8_t *der, size_t len, struct x509_cert *ret, struct err *err);
/* A TBSCertificate alone, as in a log's precertificate entries: der and signature stay empty. */
int x509_parse_tbs(const uint8_t *tbs, size_t len, struct x509_cert *ret, struct err *err);
/* Either of them without weak_sig and self_issued, which cost as much as all the rest: for leaves by the million. */
int x509_read(const uint8_t *der, size_t len, bool tbs_alone, struct x509_cert *ret, struct err *err);
/* True when the bytes look like a certificate: a quick look, no promise that it parses. */
bool x509_recognise(const uint8_t *der, size_t len);
/* Contents of a UTCTime or GeneralizedTime (the tag says which) as Unix seconds, or TIME_UNKNOWN. */
int64_t x509_time(int tag, struct slice body);
/* CERT_ flags of graph.h as far as the certificate itself tells them. */
uint32_t x509_flags(const struct x509_cert *c);

/* Texts for people, appended, cleaned, ", " between; nothing when the extension is absent. */
void x509_key_usage_text(const struct x509_cert *c, struct strbuf *out); /* "keyCertSign, cRLSign" */
void x509_eku_text(const struct x509_cert *c, struct strbuf *out);       /* "serverAuth, 1.2.3.4" */
void x509_policies_text(const struct x509_cert *c, struct strbuf *out);  /* "2.23.140.1.2.1, anyPolicy" */
void x509_names_text(const struct x509_cert *c, struct strbuf *out);     /* "a.example, 192.0.2.1" */
void x509_name_constraints_text(
	const struct x509_cert *c, struct strbuf *out);                   /* "permitted DNS:example; excluded …" */
void x509_ca_issuers_text(const struct x509_cert *c, struct strbuf *out); /* URLs, "; " between */
void x509_crl_urls_text(const struct x509_cert *c, struct strbuf *out);

/* The same as raw slices, one call each; cleaning is the caller's. type is a
 * GeneralName's number (enum general_name of index/name.h). */
typedef void x509_name_fn(void *ctx, int type, struct slice value);
void x509_names_each(const struct x509_cert *c, x509_name_fn *fn, void *ctx);
void x509_ca_issuers_each(const struct x509_cert *c, x509_name_fn *fn, void *ctx);
void x509_crl_urls_each(const struct x509_cert *c, x509_name_fn *fn, void *ctx);

#endif
