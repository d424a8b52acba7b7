/* What the fictional world is, as tables (tables_ca.c, tables_leaf.c). The
 * tables are the only place that names a CA; world.c makes keys and signed
 * certificates of them. Times are YYYYMMDDHHMMSS, so that strcmp compares them.
 * The world's today is 2026-06-01. */
#ifndef WORLD_MODEL_H
#define WORLD_MODEL_H

#include <stddef.h>

#include "keys.h"

#define TODAY_FIRST "20260601000000"
#define TOMORROW "20260602000000"
#define TODAY_EPOCH 1780272000

struct bytes {
	const char *p;
	size_t n;
};
/* Keeps NUL octets inside; no name at all is {0}, an empty one is B(""). */
#define B(s)                                                                                                           \
	{                                                                                                              \
		s, sizeof(s) - 1                                                                                       \
	}

struct owner_def {
	const char *nick;
	const char *ccadb;     /* as the newest report says it */
	const char *ccadb_old; /* as the older report said it; NULL: the same */
	const char *org;       /* O of its certificates */
	const char *host;      /* for CRL and AIA addresses */
	const char *country;   /* CCADB's, not the certificate's */
};

struct ca_def {
	const char *nick;
	const char *owner;
	struct bytes cn;
	int cn_tag; /* 0: UTF8String */
	const char *ou;
	size_t cn_pad;   /* the CN is repeated up to this length */
	const char *key; /* another CA's nickname whose key this one shares */
	enum key_kind kind;
};

enum {
	EKU_SERVER = 1 << 0,
	EKU_CLIENT = 1 << 1,
	EKU_EMAIL = 1 << 2,
	EKU_OCSP = 1 << 3,
	EKU_ANY = 1 << 4,
	EKU_CODE = 1 << 5,
};

enum {
	CERT_V1 = 1 << 0, /* no version, no extensions */
	CERT_NO_BC = 1 << 1,
	CERT_NO_CERTSIGN = 1 << 2,
	CERT_SHA1 = 1 << 3,
	CERT_CORRUPT = 1 << 4, /* one bit of the signature is wrong */
	CERT_GENTIME = 1 << 5, /* GeneralizedTime although before 2050 */
	CERT_FOLDED = 1 << 6,  /* issuer name equal only by RFC 5280 7.1 */
	CERT_WRONG_AKI = 1 << 7,
	CERT_AKI_SERIAL = 1 << 8,  /* AKI by issuer and serial */
	CERT_UNDISCLOSED = 1 << 9, /* only in undisclosed.pem */
	CERT_STORE = 1 << 10,      /* only in own-store.pem */
	CERT_SINGLE = 1 << 11,     /* only in one-ca.der */
	CERT_ALSO_STORE = 1 << 12, /* in CCADB and in own-store.pem */
	CERT_OLD_REPORT_ONLY = 1 << 13,
};

#define PL(n) ((n) + 1)

struct cert_def {
	const char *nick; /* NULL: the CA's */
	const char *ca, *issuer;
	const char *nb, *na;
	int path_len; /* PL(n), 0 for none */
	unsigned eku, flags;
	const char *serial; /* hex octets as they stand in DER; NULL: random */
	const char *revocation;
};

enum { TRUST_DELEGATOR, TRUST_MUST_VERIFY, TRUST_NOT_TRUSTED };

struct root_def {
	const char *cert;
	const char *apple, *chrome, *microsoft, *mozilla; /* CCADB's statuses */
	const char *bits;
	int tls, email;                      /* certdata */
	int in_new, in_old;                  /* in which snapshot */
	int without_cert;                    /* a trust object only */
	const char *tls_after, *email_after; /* UTCTime, newer snapshot */
	const char *tls_after_old, *email_after_old;
};

enum {
	LEAF_SCTS = 1 << 0,    /* two SCTs, by default an hour after notBefore */
	LEAF_PRECERT = 1 << 1, /* its precertificate is there too */
	LEAF_FINAL_MISSING = 1 << 2,
	LEAF_FOLDED = 1 << 3,
	LEAF_CORRUPT = 1 << 4,
	LEAF_UNKNOWN = 1 << 5, /* its issuer is not in the world, as designed */
	LEAF_SELF_SIGNED = 1 << 6,
	LEAF_V1 = 1 << 7,
	LEAF_RSA = 1 << 8,
	LEAF_COPY = 1 << 9,    /* the same octets stand in more-leaves.pem too */
	LEAF_BROKEN = 1 << 10, /* in broken/ and in no count */
	LEAF_BC = 1 << 11,     /* basicConstraints CA:FALSE written out */
};

struct leaf_def {
	const char *nick, *issuer;
	struct bytes cn;
	int cn_tag;
	size_t cn_pad;
	const char *san; /* "dns:a,dns:b,mail:c,ip:hex,uri:d"; NULL: dns of nick */
	const char *nb, *na;
	unsigned eku, flags;
	const char *policy; /* dotted */
	const char *sct[2]; /* YYYYMMDDHHMMSSmmm */
	const char *serial;
};

struct batch_def {
	const char *issuer;
	unsigned count;
	unsigned eku;
	const char *policy;
	unsigned days, flags;
};

#define POLICY_DV "2.23.140.1.2.1"
#define POLICY_OV "2.23.140.1.2.2"
#define POLICY_EV "2.23.140.1.1"

extern const struct owner_def owner_defs[];
extern const struct ca_def ca_defs[];
extern const struct cert_def cert_defs[];
extern const struct root_def root_defs[];
extern const struct leaf_def leaf_defs[];
extern const struct batch_def batch_defs[];
extern const size_t owner_count, ca_count, cert_count, root_count, leaf_count, batch_count;

#endif
