/* What a root program accepts, judged the slow and obvious way, for small worlds.
 *
 * The oracle enumerates every simple path of every CA and reads the rules for
 * each path and each leaf as they are written, with no states, no pruning and no
 * components. It knows nothing of index/: its world is its own, so that it can
 * only agree with the real algorithm by both being right.
 *
 *	struct oracle_paths paths = oracle_find_paths(&world, MUTANT_NONE);
 *	struct oracle_answers answers;
 *	oracle_answer(&world, &paths, MUTANT_NONE, &answers);
 *	oracle_paths_release(&paths);
 *
 * A mutant is the oracle with one mistake that somebody could make; random worlds
 * that cannot tell a mutant from the oracle would prove nothing. */
#ifndef TESTS_UNIT_ORACLE_H
#define TESTS_UNIT_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ORACLE_CAS = 9,
	ORACLE_CERTS = 20,
	ORACLE_ISSUERS = 3,
	ORACLE_RULES = 12,
	ORACLE_DISTRUSTS = 4,
	ORACLE_REVOCATIONS = 6,
	ORACLE_MARKS = 48, /* with those that are suggested */
	ORACLE_EXEMPT = 2,
	ORACLE_ASSUME = 2,
	ORACLE_LEAVES = 40,
	ORACLE_DECAY = 10,
	ORACLE_POINTS = 96
};

#define ORACLE_DAY 86400
#define ORACLE_OPEN_LO INT64_MIN /* no lower limit */
#define ORACLE_OPEN_HI INT64_MAX /* no upper limit */
#define ORACLE_NO_SCT INT64_MAX
#define ORACLE_UNREADABLE INT64_MIN /* a validity that could not be read */

enum oracle_program { P_MOZILLA, P_CHROME, P_APPLE, P_MICROSOFT, P_OWN, P_COUNT };
enum oracle_purpose { U_TLS, U_EMAIL };
enum oracle_source { S_CCADB, S_CRL, S_ONECRL, S_CRLSET, S_COUNT };
enum oracle_mode { R_ENFORCED, R_ALL, R_NONE };
enum oracle_action { A_REMOVE, A_BLOCK, A_REVOKE, A_DISTRUST_AFTER, A_SCT_NOT_AFTER, A_COUNT };
enum oracle_acceptance { GETS_NONE, GETS_SOME, GETS_ALL };
enum { K_TLS = 1, K_EMAIL = 2, K_ANY = 4, K_OCSP = 8, K_OTHER = 16 }; /* extended key usages; 0: none at all */

struct oracle_cert {
	int ca, issuer[ORACLE_ISSUERS], n_issuers;
	bool self_issued, ca_true, no_bc, has_ku, certsign, weak;
	int64_t nb, na;
	int path_len; /* -1: none */
	unsigned eku;
};

struct oracle_box {
	int64_t nb_lo, nb_hi, sct_lo, sct_hi;
};

struct oracle_rule {
	int cert;
	enum oracle_purpose purpose;
	struct oracle_box box;
	bool judge_validity, judge_constraints, unevaluated;
};

struct oracle_mark {
	enum oracle_action action;
	int target; /* a key for A_BLOCK, else a certificate */
	int64_t limit;
	int since; /* first day of its stage; 0: no stage */
};

struct oracle_leaf {
	int ca;
	int64_t nb, na, sct;
	unsigned eku;
	int kind;
};

struct oracle_world {
	uint64_t seed;
	int n_cas, n_certs, n_rules, n_distrusts, n_revocations, n_marks, n_exempt, n_assume, n_leaves;
	struct {
		int key, name, coverage; /* coverage 2: complete */
	} ca[ORACLE_CAS];
	struct oracle_cert cert[ORACLE_CERTS];
	struct oracle_rule rule[ORACLE_RULES]; /* ascending by cert */
	struct {
		int cert;
		enum oracle_purpose purpose;
	} distrust[ORACLE_DISTRUSTS];
	struct {
		int cert;
		enum oracle_source source;
		int64_t from; /* INT64_MIN: no date is known */
		int64_t lifted; /* from this second on no longer; 0: never */
	} revocation[ORACLE_REVOCATIONS];
	struct oracle_mark mark[ORACLE_MARKS];
	int exempt[ORACLE_EXEMPT], assume[ORACLE_ASSUME];
	struct oracle_leaf leaf[ORACLE_LEAVES];
	enum oracle_program program;
	enum oracle_purpose purpose;
	enum oracle_mode mode;
	int day;
	bool whole_days; /* every limit is a day's last second: buckets alone are exact */
};

/* Certificates from the issuing CA's own up to one that may be an anchor; no CA twice. */
struct oracle_path {
	int n, cert[ORACLE_CAS];
};
struct oracle_paths {
	struct oracle_path *path;
	size_t n, cap;
};

enum oracle_mutant {
	MUTANT_NONE,
	MUTANT_PATH_LEN_IGNORED,
	MUTANT_SELF_ISSUED_COUNTS,
	MUTANT_FIRST_PATH, /* one path a CA is kept */
	MUTANT_SHORTEST_PATHS,
	MUTANT_WIDEST_PATHS, /* a path with a narrower box before is dropped */
	MUTANT_VISIT_ONCE,   /* the walk never comes to a CA again on another way */
	MUTANT_NO_CYCLES,    /* no path through two mutually certified CAs */
	MUTANT_STOP_AT_ANCHOR,
	MUTANT_FIRST_RULE,   /* one rule an anchor */
	MUTANT_KEPT_IS_REST, /* kept = trusted - lost */
	MUTANT_BLOCK_ONE_CERT,
	MUTANT_BLOCK_SPARES_ANCHOR,
	MUTANT_REMOVE_REVOKES,
	MUTANT_REVOKE_WHOLE_CA,
	MUTANT_DATES_ON_ANCHOR_ONLY,
	MUTANT_LIMIT_EXCLUSIVE,
	MUTANT_NO_SCT_PASSES,
	MUTANT_EXEMPT_NOT_ABOVE,  /* only exempt CAs from the mark down */
	MUTANT_EXEMPT_NOT_BELOW,  /* only exempt CAs from the mark up */
	MUTANT_EXEMPT_NOT_ISSUER, /* not the CA that issued the leaf */
	MUTANT_ANCHOR_ALWAYS_JUDGED,
	MUTANT_ANCHOR_NEVER_JUDGED,
	MUTANT_WEAK_ANCHOR_FAILS,
	MUTANT_WEAK_PASSES,
	MUTANT_ANY_EKU_EVERYWHERE,
	MUTANT_EKU_OF_ISSUER_ONLY,
	MUTANT_EXPIRY_TO_THE_SECOND, /* valid at the day's first second, not on some part of the day */
	MUTANT_MARKS_SPARE_ASSUMED,
	MUTANT_STAGES_AT_ONCE,
	MUTANT_STAGES_A_DAY_LATE,
	MUTANT_DECAY_WITHOUT_CAS, /* leaves expire, CA certificates do not */
	MUTANTS
};
extern const char *const oracle_mutant_names[MUTANTS];

struct oracle_tally {
	uint64_t unexpired, trusted, lost, kept;
	uint64_t no_sct_least, no_sct_most; /* what the words fix about it */
};
struct oracle_verdict {
	bool before, after, cut;
};
struct oracle_answers {
	struct {
		enum oracle_acceptance before, after;
		bool changed, touched;
		bool unevaluated, unevaluated_least; /* on some path; and something is accepted only by it */
		struct oracle_tally tally;
	} ca[ORACLE_CAS];
	struct oracle_verdict leaf[ORACLE_LEAVES]; /* whatever the leaf's purpose and validity */
	struct oracle_tally total;
	uint64_t decay[ORACLE_DECAY];
	int changed_cas, unknown_cas;
};
extern const int oracle_decay_days[ORACLE_DECAY];

/* What one path accepts by one rule of its anchor. */
struct oracle_grant {
	int ca;
	const struct oracle_path *path;
	struct oracle_box before, after;
	bool cut; /* by a mark that leaves nothing over */
	bool unevaluated;
};
struct oracle_grants {
	struct oracle_grant *grant;
	size_t n, cap;
};

/* Times that stand for all times of one CA: every limit, and its neighbours. */
struct oracle_points {
	int64_t nb[ORACLE_POINTS], sct[ORACLE_POINTS];
	int n_nb, n_sct;
};

struct oracle_paths oracle_find_paths(const struct oracle_world *w, enum oracle_mutant mutant);
void oracle_paths_release(struct oracle_paths *paths);
/* Every path that counts on the day, once for each of its anchor's rules. */
struct oracle_grants oracle_judge(
	const struct oracle_world *w, const struct oracle_paths *paths, int day, enum oracle_mutant mutant);
void oracle_grants_release(struct oracle_grants *grants);
struct oracle_verdict oracle_leaf_verdict(
	const struct oracle_grants *grants, int ca, int64_t nb, int64_t sct, enum oracle_mutant mutant);
void oracle_points_of(const struct oracle_grants *grants, int ca, struct oracle_points *points);
void oracle_answer(const struct oracle_world *w, const struct oracle_paths *paths, enum oracle_mutant mutant,
	struct oracle_answers *ret);

bool oracle_box_empty(const struct oracle_box *b);
bool oracle_box_inside(const struct oracle_box *inner, const struct oracle_box *outer);
bool oracle_leaf_has_purpose(const struct oracle_world *w, const struct oracle_leaf *leaf);
/* Can a path pass two CAs that certify each other, by one or more certificates? */
bool oracle_path_in_cycle(const struct oracle_world *w, const struct oracle_path *p);
/* sum[ca] = own of ca and of all CAs below it through certificates usable on the day, each once. */
void oracle_subtree(const struct oracle_world *w, int day, const uint64_t *own, uint64_t *sum);

#endif
