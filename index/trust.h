/* Acceptance over paths: which leaves of each CA a program accepts on a day,
 * before and after a scenario. Rules: contract.md "impact".
 *
 * A path is e0, e1 … ek: e0 a certificate of the CA that issued the leaf, each
 * next one of a CA that issued the one before, ek an anchor; no CA twice. Its
 * rules intersect to a box; a CA's acceptance is the union of its paths' boxes.
 * trust_compute() walks the graph once from the anchors down (components of
 * mutually certified CAs by their simple paths) and keeps for every CA the
 * states from which every answer follows.
 *
 *	struct trust_query q = { .graph = g, .store = s, .purpose = PURPOSE_TLS, .day = d };
 *	struct trust *t = trust_compute(&q);
 *	trust_before(t, ca);
 *	trust_free(t); */
#ifndef INDEX_TRUST_H
#define INDEX_TRUST_H

#include "index/program.h"

enum mark_action { MARK_REMOVE, MARK_BLOCK, MARK_REVOKE, MARK_DISTRUST_AFTER, MARK_SCT_NOT_AFTER, MARK_ACTIONS };
extern const char *const mark_action_names[MARK_ACTIONS]; /* "remove", "block", "revoke", "distrust-after", "sct-not-after" */

#define MARK_ALWAYS INT32_MIN /* no day to wait for */
/* One action on one resolved target: `target` is a key number for MARK_BLOCK, else a certificate. */
struct mark {
	enum mark_action action;
	uint32_t target;
	int64_t limit; /* last second accepted, for the two date actions */
	uint32_t from; /* number of the scenario's mark that it comes of */
	int32_t since; /* first day on which it is in force, or MARK_ALWAYS: before it, nothing knows the mark */
};
static inline bool mark_in_force(const struct mark *m, int32_t day)
{
	return m->since <= day;
}

enum revocation_mode { REVOCATION_ENFORCED, REVOCATION_ALL, REVOCATION_NONE };
extern const char *const revocation_mode_names[3]; /* "enforced", "all", "none" */

struct trust_query {
	const struct graph *graph;
	const struct store *store;
	enum purpose purpose;
	int32_t day;
	enum revocation_mode revocation;
	const struct mark *marks;
	size_t n_marks;
	const uint32_t *exempt; /* CAs */
	size_t n_exempt;
	const uint32_t *assume; /* certificates that are anchors in "before" as well */
	size_t n_assume;
	/* May a client that has `cert` (NO_INDEX: a leaf) come by `above`, a certificate of its issuer? Anchors it has.
	 * NULL: it finds all. Asked by trust_compute() alone, which also reads all of `through`. */
	bool (*finds)(void *ctx, uint32_t above, uint32_t cert);
	void *finds_ctx;
	const uint8_t *through; /* by certificate, see trust_open; NULL: nobody will ask */
	/* CAs that will be asked about, NULL for all: only what is above them is walked, and of all others nothing is known.
	 * Read by trust_compute() alone. */
	const uint32_t *asked;
	size_t n_asked;
};
/* CAs that have the certificate, or the key, of the mark: *n of them, in the graph. */
const uint32_t *mark_cas(const struct graph *g, const struct mark *m, size_t *n);
/* CAs whose acceptance the marks may change, for `asked`: those with a marked certificate or key and all below them,
 * each once. Returns how many; heap. */
size_t marks_below(const struct graph *g, const struct mark *marks, size_t n, uint32_t **ret);

struct trust; /* borrows the query's graph and store; copies the rest */
struct trust *trust_compute(const struct trust_query *q);
void trust_free(struct trust *t);
const struct trust_query *trust_query(const struct trust *t); /* its marks are those in force on its day */

enum acceptance { ACCEPT_NONE, ACCEPT_SOME, ACCEPT_ALL };
extern const char *const acceptance_names[3]; /* "none", "some", "all" */
enum acceptance trust_before(const struct trust *t, uint32_t ca);
enum acceptance trust_after(const struct trust *t, uint32_t ca);
/* The set of accepted leaves differs between before and after. */
bool trust_changed(const struct trust *t, uint32_t ca);
/* Do both accept the same leaves of the CA afterwards? Of one graph. */
bool trust_same_after(const struct trust *a, const struct trust *b, uint32_t ca);
/* Some path that accepted something no longer accepts all of it (changed, or kept by another path). */
bool trust_touched(const struct trust *t, uint32_t ca);
/* A path that accepted every leaf of the CA accepts none any more. */
bool trust_all_cut(const struct trust *t, uint32_t ca);
/* false where a hostile component made the enumeration stop: the answers of this CA are not exact. */
bool trust_exact(const struct trust *t, uint32_t ca);
/* An anchor rule that canopy does not evaluate was taken as met on an accepting path. */
bool trust_unevaluated(const struct trust *t, uint32_t ca);

/* Answers for a leaf with these times (purpose bits are not looked at). */
struct verdict {
	bool before, after;
	bool cut; /* some path accepted it before and no longer does */
};
struct verdict trust_leaf(const struct trust *t, uint32_t ca, int64_t nb, int64_t sct);
/* Does a limit fall inside a day of the bucket, so that the verdict on its leaves is only known to the second? */
bool trust_divides(const struct trust *t, uint32_t ca, const struct bucket *b);
/* The verdict on the leaves of a bucket that no limit divides. */
struct verdict trust_bucket(const struct trust *t, uint32_t ca, const struct bucket *b);
/* Acceptance per bucket: adds n to the numbers below for each unexpired leaf of the
 * purpose of one CA on the query's day, with the exact rows where a limit falls inside a day. */
struct leaf_tally {
	uint64_t unexpired; /* whatever the purpose */
	uint64_t trusted, lost, kept, no_sct;
};
/* The same leaf by leaf: n leaves of one bucket with one verdict. */
struct tally_part {
	const struct bucket *bucket;
	uint64_t n;
	struct verdict verdict; /* empty for leaves of another purpose */
	bool beside;            /* `beside` accepts them before */
	bool no_sct;            /* an SCT rule judges them, and no certificate of theirs embeds one */
};
/* beside: another trust of the same graph, or NULL; limits of both inside a day are judged by the exact rows. */
void trust_each(const struct trust *t, const struct trust *beside, uint32_t ca, int32_t issued_by,
                void (*each)(void *ctx, const struct tally_part *part), void *ctx);
/* issued_by: only leaves with notBefore day <= issued_by (decay); pass the query's day otherwise. */
void trust_tally(const struct trust *t, uint32_t ca, int32_t issued_by, struct leaf_tally *tally);
void tally_add_part(struct leaf_tally *sum, const struct tally_part *part);

/* The surviving path of ca (after != none), else the path before: certificates from
 * the CA's own up to the anchor. Widest acceptance first, then shortest. Returns the number written. */
size_t trust_via(const struct trust *t, uint32_t ca, bool after, uint32_t *certs, size_t max);

/* ---- what keeps leaves; for alternatives.c ---- */

/* Does some path still accept what another path accepted and no longer does? Whether such leaves are counted or not. */
bool trust_keeps(const struct trust *t, uint32_t ca);
/* … all of it by paths with this certificate: as their anchor, or anywhere. What is not needed now may still be on
 * all paths that a further mark leaves: true says that it is worth asking. */
bool trust_needs(const struct trust *t, uint32_t ca, uint32_t cert, bool as_anchor);
/* Sets by certificate what stands on paths that survive: below an anchor, and as one. */
void trust_survivors(const struct trust *t, uint32_t ca, uint8_t *below, uint8_t *anchor);
/* Does `with` (of the same query but for its marks, `finds` and `through`) no longer accept all that `now` keeps? */
bool trust_keeps_less(const struct trust *now, const struct trust *with, uint32_t ca);
/* Does a path of `with` that its `through` asks for accept something that `now` keeps, and `less` (or NULL) does not
 * accept? */
bool trust_keeps_by(const struct trust *now, const struct trust *less, const struct trust *with, uint32_t ca);
/* Do the paths of `with` that its `through` asks for accept every leaf? */
bool trust_all_by(const struct trust *with, uint32_t ca);
/* Adds to still[i] how many of the leaves that `now` keeps with[i] accepts: of those unexpired on the day, of the purpose,
 * by a path through the query's `through` where it has one. */
void trust_tally_kept(const struct trust *now, uint32_t ca, const struct trust *const *with, size_t n, uint64_t *still);
/* Does a path that has a certificate of `through` in it, and that no exemption spares, accept a leaf that is not in
 * *allowed? NULL: any leaf, before. */
bool trust_open(const struct trust *t, uint32_t ca, const struct box *allowed);
/* Do such paths accept every leaf? */
bool trust_all_open(const struct trust *t, uint32_t ca);
/* How many leaves are accepted like that by at least one of t[0] … t[n - 1]. */
uint64_t trust_tally_open(const struct trust *const *t, const struct box *allowed, size_t n, uint32_t ca);

/* Why paths fail. Walks every simple path upwards from ca, at most `max_paths`, and
 * reports each with its verdict; for people, not on the hot path. */
enum path_reason {
	PATH_OK,          /* ends in an anchor and counts (box says for which leaves) */
	PATH_NO_ANCHOR,   /* top certificate is no anchor for this purpose and has no further issuer */
	PATH_EXPIRED, PATH_NOT_YET_VALID, PATH_VALIDITY_UNKNOWN,
	PATH_REVOKED,     /* enforced (or --revocation all): at link `at` */
	PATH_DISTRUSTED,  /* CKT_NSS_NOT_TRUSTED */
	PATH_WEAK_SIGNATURE, PATH_NOT_A_CA, PATH_NO_CERTSIGN, PATH_PATH_LEN, PATH_EKU,
	PATH_BLOCKED, PATH_REVOKED_BY_MARK, PATH_REMOVED, /* by the scenario's marks */
	PATH_LOOP,        /* only way on is a CA already visited */
	PATH_REASONS
};
extern const char *const path_reason_names[PATH_REASONS]; /* "trusted", "no anchor", "expired", … */
struct path_report {
	const uint32_t *certs; /* from the CA's own certificate upwards */
	size_t n;
	enum path_reason reason;
	size_t at;             /* index into certs of the failing link */
	struct box before, after; /* with PATH_OK; `after` empty when the scenario cuts it */
	bool has_after;
};
/* Returns the number of reports; stops when fn returns false. */
size_t trust_explain(const struct trust_query *q, uint32_t ca, size_t max_paths,
                     bool (*fn)(void *ctx, const struct path_report *r), void *ctx);
/* Does a path that begins with this certificate accept any leaf, before the marks? Through a CA that is not accepted none is
 * looked for. Where many paths fail for their length alone, or are too long to follow, it is not known. */
enum trust_begun { BEGINS_NONE, BEGINS_SOME, BEGINS_UNKNOWN };
enum trust_begun trust_begins(const struct trust *t, uint32_t cert);

#endif
