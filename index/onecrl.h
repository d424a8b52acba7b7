/* OneCRL, Mozilla's list of revoked CA certificates, as Remote Settings gives
 * it: {"data":[…]}, or {"changes":[…]} of a changeset. A record names a
 * certificate by issuer and serial number, or a key by its hash and the
 * certificate's subject. A record that deviates from the schema is told with
 * its number; the others go on. One that has both forms is told, and is read
 * as Firefox does: issuer and serial number count.
 *
 *	struct onecrl_handler h = { .ctx = x, .record = …, .problem = … };
 *	if (onecrl_recognise(data, n))
 *		r = onecrl_read(data, n, &h, &err); */
#ifndef INDEX_ONECRL_H
#define INDEX_ONECRL_H

#include "base/err.h"
#include "index/x509.h"

enum onecrl_form { ONECRL_ISSUER_SERIAL, ONECRL_SUBJECT_KEY };

/* Borrowed for the call; texts are cleaned, "" without. */
struct onecrl_record {
	size_t number; /* from 1 */
	enum onecrl_form form;
	struct slice issuer, serial; /* Name DER, content octets: Firefox compares bytes */
	struct slice subject;        /* Name DER */
	uint8_t spki_sha256[32];     /* of the second form */
	bool enabled;                /* Firefox revokes whatever it says; true where it is not stated */
	int64_t last_modified;       /* seconds; 0 without */
	const char *id, *bug, *why;
};
struct onecrl_handler {
	void *ctx;
	int (*record)(void *ctx, const struct onecrl_record *record); /* < 0 stops */
	void (*problem)(void *ctx, size_t number, const char *what);  /* number 0: of the whole file; may be NULL */
};
/* 0, also for a list of no records; -1 with ERR_INPUT when it is no such JSON; or -1 when a callback stopped. */
int onecrl_read(const char *data, size_t n, const struct onecrl_handler *h, struct err *err);
bool onecrl_recognise(const char *data, size_t n);
/* A list of canopy's own may say "adds_to": "YYYY-MM-DD" beside its records: it is none by itself but adds to the list
 * of that day. False when it does not say so. */
bool onecrl_adds_to(const char *data, size_t n, int32_t *day);

/* The same as text, appended: {"data":[RECORD,RECORD…],"adds_to":…}. Each record stands on a line of its own, in ASCII.
 * Of *r its form's slices, enabled and why count; name: the certificate's or the key's, clean. */
void onecrl_write_begin(struct strbuf *out, const int32_t *adds_to /* NULL: to none */);
void onecrl_write_record(struct strbuf *out, const struct onecrl_record *r, const char *name);
void onecrl_write_end(struct strbuf *out);

#endif
