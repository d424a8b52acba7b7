/* Names of certificates: bytes for comparing them, text for showing them.
 *
 *	x509_name_canon(c.subject, &key);    // equal bytes: the same name
 *	x509_name_text(c.subject, &line);    // "CN=A,O=B,C=ES", cleaned
 *	x509_name_label(c.subject, &label);  // "A" */
#ifndef INDEX_NAME_H
#define INDEX_NAME_H

#include "index/x509.h"

/* Appends bytes that are equal for names equal by RFC 5280 7.1: string types as UTF-8 in lower case, blanks folded, the
 * elements of an RDN sorted. -1 when it is no Name; then the raw bytes were appended, marked so. */
int x509_name_canon(struct slice name, struct strbuf *out);
bool x509_name_equal(struct slice a, struct slice b);
/* RFC 2253 with UTF-8, last RDN first, attribute names as OpenSSL's, unknown ones dotted with #hex. */
void x509_name_text(struct slice name, struct strbuf *out);
/* The CN (the last one), else the last OU, else the last O; false and nothing appended when all are absent or empty. */
bool x509_name_label(struct slice name, struct strbuf *out);
/* The last O; false and nothing appended when there is none or it is empty. */
bool x509_name_organization(struct slice name, struct strbuf *out);

enum general_name {
	NAME_OTHER,
	NAME_EMAIL,
	NAME_DNS,
	NAME_X400,
	NAME_DIRECTORY, /* value: the Name's DER */
	NAME_EDI,
	NAME_URI,
	NAME_IP,
	NAME_RID,
	NAME_KINDS,
};
/* One call for each GeneralName in the contents of a GeneralNames; false when some of it cannot be read. */
bool general_names_each(struct slice body, x509_name_fn *fn, void *ctx);
/* "DNS:example", "IP:192.0.2.0/24", "dirName:O=X", cleaned; without the kind when `bare`. */
void general_name_text(int type, struct slice value, bool bare, struct strbuf *out);
/* An OBJECT IDENTIFIER's content octets as a name OpenSSL knows (short or long), else dotted. */
void oid_text(struct slice oid, struct strbuf *out);
void oid_dotted(struct slice oid, struct strbuf *out);
/* NID of OpenSSL, NID_undef when it has none. */
int oid_nid(struct slice oid);

#endif
