/* Certificate revocation lists, DER or PEM. Entries are walked where they lie,
 * so a list of a million needs no memory of its own; of a mapped file what was
 * passed can be let go. The signature is the caller's to verify, before any
 * entry is believed, also later by crl_digest:
 *
 *	static int header(void *ctx, const struct crl *c) { return crl_verify(c, key) == 1 ? 0 : CRL_SKIP; }
 *
 *	struct crl_handler h = { .ctx = x, .header = …, .entry = …, .problem = … };
 *	if (crl_recognise(data, n))
 *		r = crl_read(data, n, &h, &err); */
#ifndef INDEX_CRL_H
#define INDEX_CRL_H

#include "index/key.h"

/* Bits of struct crl: what its issuingDistributionPoint says it is about. */
enum {
	CRL_ONLY_USER = 1,
	CRL_ONLY_CA = 2,
	CRL_ONLY_ATTRIBUTE = 4,
	CRL_ONLY_SOME_REASONS = 8,
};
/* CRLReason; those that are not listed keep their number. */
enum {
	CRL_UNSPECIFIED = 0, /* unspecified, or not stated */
	CRL_HOLD = 6,
	CRL_REMOVE = 8, /* removeFromCRL: of a delta, revokes nothing */
};

/* Slices into the DER, empty when absent. */
struct crl {
	struct slice der, tbs;
	struct slice issuer;               /* Name DER */
	struct slice sig_alg, tbs_sig_alg; /* outer, inner */
	struct slice signature;            /* without the octet that counts unused bits */
	uint8_t sig_unused_bits;
	int version;                      /* 1, 2 */
	int64_t this_update, next_update; /* TIME_UNKNOWN when unreadable or absent */
	struct slice entries;             /* contents of revokedCertificates */
	struct slice entries_der;         /* with its header */
	struct slice digest;              /* of tbs, from crl_digest: crl_verify needs no more of it */
	size_t trailing;                  /* bytes behind the list */

	struct slice aki_keyid;
	struct slice number;     /* crlNumber: content octets */
	struct slice delta_base; /* deltaCRLIndicator: content octets of the base's number */
	struct slice idp_name;   /* distributionPoint of the issuingDistributionPoint, DER */
	bool is_delta, has_idp, indirect;
	uint8_t only;          /* CRL_ONLY_ bits */
	bool unknown_critical; /* a critical extension that is not known */
	bool bad_extensions;   /* one that cannot be read */
};
struct crl_entry {
	size_t number;       /* from 1 */
	struct slice serial; /* content octets as they stand */
	struct slice issuer; /* Name DER: of the list, or of an indirect list's certificateIssuer, also of one before */
	int64_t revoked;     /* revocationDate; TIME_UNKNOWN when unreadable */
	int64_t invalid_from; /* invalidityDate; TIME_UNKNOWN without */
	int reason;           /* CRLReason */
	bool foreign_issuer;  /* a certificateIssuer holds for it */
	bool unknown_critical;
};

/* What header() returns to get no entries of that list. */
#define CRL_SKIP 1
struct crl_handler {
	void *ctx;
	int (*header)(void *ctx, const struct crl *crl);                               /* < 0 stops */
	int (*entry)(void *ctx, const struct crl *crl, const struct crl_entry *entry); /* < 0 stops; may be NULL */
	/* entry 0: of the list itself. May be NULL. */
	void (*problem)(void *ctx, size_t entry, const char *what);
	/* The bytes up to there were read, and are not needed again by it; called now and then. May be NULL. */
	void (*passed)(void *ctx, const uint8_t *from, const uint8_t *upto);
};
/* A DER list, or every "X509 CRL" block of a PEM text. 0; -1 with ERR_INPUT when there is none that can be read; or -1
 * when a callback stopped. Where the entries break off, that is a problem with the number of the entry. */
int crl_read(const uint8_t *data, size_t n, const struct crl_handler *h, struct err *err);
bool crl_recognise(const uint8_t *data, size_t n);
/* Only a DER list; looks at its beginning alone. */
bool crl_is_der(const uint8_t *data, size_t n);

/* One DER list without its entries; they come by crl_each_entry, with -1 when the callback stopped. */
int crl_parse(const uint8_t *der, size_t len, struct crl *ret, struct err *err);
int crl_each_entry(const struct crl *crl, const struct crl_handler *h);
/* 1 good, 0 bad, -1 the algorithm is not supported; the inner and outer algorithm must be the same. */
int crl_verify(const struct crl *crl, EVP_PKEY *key);
#define CRL_DIGEST_MAX 64
/* The hash that its signature is of, for crl_verify by digest; passed as in the handler. 0 where the algorithm does not sign a
 * hash made beforehand: then the whole list is needed. */
size_t crl_digest(const struct crl *crl, void (*passed)(void *ctx, const uint8_t *from, const uint8_t *upto), void *ctx,
                  uint8_t ret[CRL_DIGEST_MAX]);
/* The list as DER without its entries, for crl_parse: its signature can be verified by the digest alone. */
void crl_without_entries(const struct crl *crl, struct strbuf *out);
/* NULL, or why its entries are not to be applied: "delta CRL", "indirect CRL", "attribute certificates only",
 * "unknown critical extension". A partitioned list, or one of some reasons, revokes what it lists. */
const char *crl_not_applied(const struct crl *crl);
/* Does it revoke a certificate of the list's own issuer? Not removeFromCRL, not an entry of another issuer, nor one
 * with a critical extension that is not known. */
bool crl_entry_applies(const struct crl_entry *entry);
/* "keyCompromise", "certificateHold", "unspecified"; "unknown" for numbers that RFC 5280 does not have. */
const char *crl_reason_name(int reason);

#endif
