/* What programs and CAs say of the world's certificates beside CCADB and NSS:
 * Chrome's store, OneCRL, CRLSets, CRLs, older reports. Tables again
 * (tables_list.c); a source may have an older and a newer state, told by a mask. */
#ifndef WORLD_LISTS_H
#define WORLD_LISTS_H

#include "world.h"

enum { NEWER = 1, OLDER = 2, BOTH = NEWER | OLDER };

/* Times are YYYYMMDDHHMMSS; NULL without. */
struct chrome_set {
	const char *sct_not_after, *sct_all_after, *starts_not_after, *starts_after;
	const char *min, *max;
	const char *dns;     /* "a.example,b.example" */
	const char *unknown; /* fields of a later version, as they stand */
};
struct chrome_def {
	const char *cert; /* NULL: a certificate that is nowhere else */
	int in;
	int additional, eutl, tls, expiry, constraints;
	const char *extra; /* further lines */
	struct chrome_set set[2];
	size_t sets;
};

enum onecrl_form { BY_SERIAL, BY_KEY, BY_PLAIN_NAME, AS_IT_STANDS };
struct onecrl_def {
	const char *cert; /* or the record's text */
	int in;
	enum onecrl_form form;
	int disabled;
};

enum crlset_what { SET_BLOCKED, SET_KNOWN, SET_INTERCEPTED, SET_SERIAL };
struct crlset_def {
	enum crlset_what what;
	const char *nick; /* a CA whose key it is, a certificate for SET_SERIAL */
	int in;
};

enum {
	CRL_PEM = 1 << 0,
	CRL_CORRUPT = 1 << 1, /* one bit of the signature is wrong */
	CRL_CUT = 1 << 2,     /* the last third is missing */
	CRL_UNSIGNED = 1 << 3,
	CRL_DELTA = 1 << 4,
	CRL_INDIRECT = 1 << 5,
	CRL_USERS = 1 << 6, /* onlyContainsUserCerts */
	CRL_AGAIN = 1 << 7, /* an older list of an issuer that has a newer one */
};
struct crl_def {
	const char *path, *issuer;
	const char *signer; /* a CA; NULL: the issuer */
	const char *from, *until;
	unsigned number, flags;
};
enum { REASON_NONE, REASON_KEY = 1, REASON_CA = 2, REASON_SUPERSEDED = 4, REASON_HOLD = 6, REASON_REMOVE = 8 };
struct crl_entry_def {
	const char *path, *nick; /* a certificate, or a leaf */
	const char *when;
	unsigned reason;
	const char *issuer; /* certificateIssuer: a CA; NULL without */
};

/* Of AllIncludedRootCertsCSV, as the report says it. */
struct included_def {
	const char *cert;
	const char *apple, *apple_bits, *chrome, *microsoft, *microsoft_ekus, *mozilla, *mozilla_bits;
};

/* All that `canopy check` finds on 2026-06-01 when everything but store/ and broken/ is imported. */
struct finding_def {
	const char *kind, *nick; /* a certificate; a CA for "cycle" and "duplicate-serial", a file for "unparsable" */
	const char *severity;
	const char *detail; /* a part of it */
};

struct leaf_fact {
	const char *leaf;
	unsigned major; /* of Chrome */
	int accepted;
};
struct ca_fact {
	const char *ca, *accepted;
};

extern const struct chrome_def chrome_defs[];
extern const struct onecrl_def onecrl_defs[];
extern const struct crlset_def crlset_defs[];
extern const struct crl_def crl_defs[];
extern const struct crl_entry_def crl_entry_defs[];
extern const struct included_def included_defs[];
extern const struct finding_def finding_defs[];
extern const struct leaf_fact chrome_leaf_facts[];
extern const struct ca_fact chrome_ca_facts[];
extern const size_t chrome_count, onecrl_count, crlset_count, crl_count, crl_entry_count, included_count, finding_count,
	chrome_leaf_count, chrome_ca_count;

#define CHROME_NEW "2026-05-20"
#define CHROME_OLD "2024-10-01"
#define ONECRL_NEW "2026-05-25"
#define ONECRL_OLD "2025-01-10"
#define CRLSET_OLD "2026-01-15"
#define INCLUDED_DAY "2025-06-01"

/* Seconds since 1970 of YYYYMMDDHHMMSS. */
long long epoch_of(const char *when);

void emit_chrome(const struct world *w);        /* chrome/ */
void emit_onecrl(const struct world *w);        /* onecrl/ */
void emit_crlset(const struct world *w);        /* crlset/, and what is broken of it */
void emit_crls(const struct world *w);          /* crl/ */
void emit_old_reports(const struct world *w);   /* older/: AllIncludedRootCerts and Mozilla's reports */
void facts_lists(FILE *f, const struct world *w); /* their lines of facts.tsv */

#endif
