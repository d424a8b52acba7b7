/* Findings about the hierarchy (contract.md "check"), each with its evidence.
 *
 *	struct check_result r;
 *	if (index_check(ix, day, &r, &err) < 0) …
 *	r.finding[0].kind …
 *	check_release(&r); */
#ifndef INDEX_CHECK_H
#define INDEX_CHECK_H

#include "index/index.h"

enum severity { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH };
extern const char *const severity_names[3]; /* "low", "medium", "high" */

struct finding {
	const char *kind; /* "undisclosed", …: a row of check_kinds */
	enum severity severity;
	uint32_t ca, cert; /* NO_INDEX: the finding is about no CA, no CA certificate */
	const char *detail, *source; /* clean text, owned by the result */
	int32_t day;                 /* of the change that it tells of, INT32_MIN when it tells of none */
};
struct check_result {
	struct finding *finding; /* by kind as check_kinds lists them, then severity, name of the CA and fingerprint */
	size_t n;
	const char *stores; /* that decide what is accepted, "mozilla of 2026-05-15, …"; "": none is indexed */
	int32_t newest_day; /* of the index's sources, INT32_MIN: none */
	bool revocations;   /* some source of revocations is indexed: without any, kinds that rest on them are not known */
	struct arena arena;
};
struct check_kind {
	const char *name;
	const char *help; /* one line, lower case */
};
/* A finding as it is written: by fingerprints, so that it outlives the graph. */
struct finding_cells {
	const char *kind;
	enum severity severity;
	const uint8_t *ca_id, *sha256; /* 32 bytes; NULL: about no CA, no certificate */
	const char *name, *owner, *subject, *detail, *source; /* "": none */
};
/* Findings with what is said above them. */
struct finding_list {
	const struct finding_cells *v;
	size_t n;
	const char *filter; /* which of all they are, "": all */
	int32_t day;
	const struct check_result *of;
};
/* Ends with a NULL name. */
extern const struct check_kind check_kinds[];

/* -1: something could not be read; then there are no findings at all, rather than some of them. */
int index_check(struct index *ix, int32_t day, struct check_result *ret, struct err *err);
/* The same, asking now and then: once cancelled() is true it ends with -1 and what was found is to be thrown away. */
int index_check_until(struct index *ix, int32_t day, bool (*cancelled)(void *ctx), void *ctx, struct check_result *ret,
                      struct err *err);
/* Where no source of revocations is indexed nothing is found of such a kind, and nothing is known. */
bool check_rests_on_revocations(const char *kind);
/* How findings call a CA, and by what they are sorted: its name, or what there is instead. */
const char *finding_name(const struct graph *g, uint32_t ca);
void check_release(struct check_result *r);

#endif
