/* CCADB's CSV reports, read by the names in their header row, whatever the
 * columns' order. Unknown columns are ignored, a missing one that the report
 * cannot do without is an error that names it. A bad row is a problem with its
 * place; the others go on. Everything given to the handler is borrowed for the
 * call and raw: clean before showing.
 *
 *	struct ccadb_handler h = { .ctx = x, .header = …, .record = …, .problem = … };
 *	if (ccadb_recognise(data, n))
 *		r = ccadb_read(data, n, &h, &err); */
#ifndef INDEX_CCADB_H
#define INDEX_CCADB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

enum ccadb_report {
	CCADB_RECORDS,               /* AllCertificateRecords V4, V4a, V4b, V5 */
	CCADB_PEMS,                  /* AllCertificatePEMs */
	CCADB_INCLUDED_ROOTS,        /* AllIncludedRootCerts: statuses and trust bits of all programs */
	CCADB_MOZILLA_ROOTS,         /* IncludedCACertificateReport (also with PEM) */
	CCADB_MOZILLA_INTERMEDIATES, /* MozillaIntermediateCerts: subject, issuer, SHA-256, PEM */
	CCADB_INTERMEDIATES,         /* PublicAllIntermediateCerts, …WithPEM, …Revoked… */
	CCADB_REPORTS,
};
extern const char *const ccadb_report_names[CCADB_REPORTS]; /* "records", "pems", "included-roots", … */

enum ccadb_field {
	CCADB_CA_OWNER,
	CCADB_SUB_OWNER,
	CCADB_RECORD_ID,
	CCADB_NAME,
	CCADB_PARENT_ID,
	CCADB_PARENT_NAME,
	CCADB_RECORD_TYPE, /* "Root Certificate", "Intermediate Certificate" */
	CCADB_APPLE_STATUS,
	CCADB_CHROME_STATUS,
	CCADB_MICROSOFT_STATUS,
	CCADB_MOZILLA_STATUS,
	CCADB_STATUS_OF_ROOT,
	CCADB_REVOCATION_STATUS,
	CCADB_SHA256,
	CCADB_PARENT_SHA256,
	CCADB_VALID_FROM,
	CCADB_VALID_TO,
	CCADB_AKI,
	CCADB_SKI,
	CCADB_TECHNICALLY_CONSTRAINED,
	CCADB_TRUST_BITS, /* of all stores together; of Mozilla in its own report */
	CCADB_APPLE_TRUST_BITS,
	CCADB_MOZILLA_TRUST_BITS,
	CCADB_MICROSOFT_EKUS,
	CCADB_DISTRUST_TLS_AFTER,
	CCADB_DISTRUST_EMAIL_AFTER,
	CCADB_EV_OIDS,
	CCADB_DERIVED_TRUST_BITS,
	CCADB_FULL_CRL_URLS, /* JSON array, or one URL in older reports */
	CCADB_PARTITIONED_CRLS,
	CCADB_COUNTRY,
	CCADB_TLS_CAPABLE,
	CCADB_EMAIL_CAPABLE,
	CCADB_DATE_OF_REVOCATION,
	CCADB_REASON_OF_REVOCATION,
	CCADB_SUBJECT,
	CCADB_ISSUER,
	CCADB_SERIAL,
	CCADB_PEM,
	CCADB_FIELDS,
};
/* The field's name in the newest report that has it: "CA Owner". */
const char *ccadb_field_name(enum ccadb_field field);

struct ccadb_record {
	size_t row;                      /* as a spreadsheet counts: the header is row 1 */
	size_t line;                     /* where the row begins, from 1 */
	const char *field[CCADB_FIELDS]; /* NULL: the report has no such column; "": empty */
	bool has_sha256;                 /* false after a bad fingerprint, which was told as a problem */
	uint8_t sha256[32];              /* what the row says */
	const uint8_t *der;              /* of the PEM; NULL without */
	size_t der_len;
	bool mismatch; /* the PEM has another fingerprint (told as a problem) */
};

struct ccadb_handler {
	void *ctx;
	/* Once, before the rows; < 0 stops. May be NULL. */
	int (*header)(void *ctx, enum ccadb_report report, const bool has[CCADB_FIELDS]);
	int (*record)(void *ctx, const struct ccadb_record *record);     /* < 0 stops */
	void (*problem)(void *ctx, const char *place, const char *what); /* place: "row 17, line 204"; may be NULL */
	size_t *at; /* NULL, or where how far it was read is kept */
};

/* 0; or -1 with ERR_INPUT; or -1 with *err as a callback left it, when one stopped. */
int ccadb_read(const char *data, size_t n, const struct ccadb_handler *h, struct err *err);
/* The header row names at least two columns of CCADB. */
bool ccadb_recognise(const char *data, size_t n);

#endif
