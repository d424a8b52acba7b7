/* What the browser knows: the graph under one program, purpose and day, the
 * scenario and its live result. No curses here.
 *
 *	model_open(&m, &options, &err);
 *	model_marked(&m);     // after the marks changed: what they break is not known until model_take_score()
 *	model_close(&m); */
#ifndef TUI_MODEL_H
#define TUI_MODEL_H

#include "base/map.h"
#include "index/breakdown.h"
#include "index/index.h"
#include "tui/fmt.h"
#include "tui/marks.h"
#include "tui/tui.h"

/* How a program takes one CA for another purpose, without marks and without what is assumed. */
struct column_other {
	uint32_t ca;
	bool wanted, known;
	enum acceptance accepts;
};
/* One program in the columns of the tree. */
struct column {
	const char *program;
	char title[8];
	const struct store *store;
	struct trust *trust; /* of the store alone, without marks; NULL: not computed yet, or the chosen one's, which `impact` has */
	struct column_other other[PURPOSE_COUNT];
};
/* How a program takes a CA; the order of the glyphs. */
enum standing {
	STANDS_ALL,
	STANDS_SOME,
	STANDS_NOT,
	STANDS_REVOKED,
	STANDS_ASSUMED, /* trusted in the scenario, and without what that assumes otherwise than with it */
	STANDS_UNKNOWN  /* not computed yet */
};

/* What the marks break, told in numbers. */
struct score {
	struct span touched; /* trusted leaves of the CAs that the scenario touches */
	/* CAs that lose all, that accept less, that are kept by another path; of the first two, and of all three, those not
	 * counted completely */
	uint64_t lost_cas, less_cas, kept_cas, unknown_cas, unknown_touched;
	bool unbounded, unbounded_touched; /* more may be lost, or trusted, than the numbers say */
	struct share share;                /* of the program's leaves */
	bool old, old_touched;             /* some of what is lost, or trusted, was counted long ago */
};

#define MOST_BY_LOSS 2000

/* What would be lost if a root were no anchor any more. */
struct root_here {
	uint32_t ca;
	struct only_here here;
};

struct answer;
struct store_doubt;
struct store_doubts;
struct model {
	struct index *index;
	bool owns_index; /* one that nobody shows: it goes with the model */
	const struct graph *g;
	struct graph *day_graph; /* it, where another day than the first was asked; else NULL */
	int32_t graph_day;
	char *program; /* NULL: no store in the index */
	enum purpose purpose;
	enum revocation_mode revocation;
	int32_t day, today;
	bool all_leaves; /* count leaves that the program does not trust too */
	struct marks marks;
	int32_t newest_day; /* of the sources, INT32_MIN: none */
	/* derived */
	VEC(struct column) column;
	size_t chosen; /* column of the program */
	const struct store *store;
	const struct store_doubts *doubts;    /* about stores used on doubts_day (doubting.h); NULL: not known yet */
	int32_t doubts_day;
	struct mark_query asked;              /* the marks as `impact` asks them */
	/* NULL without a store. Its "before" has the anchors that the scenario assumes, and so has all that is counted as trusted
	 * below: who says that the program trusts it says so, too (model_assumes). */
	struct impact *impact;
	uint32_t *by_loss;                    /* the numbers of its first rows, at most MOST_BY_LOSS, as they are shown */
	size_t n_by_loss;
	struct trust *own;                    /* the same marks without what is assumed; NULL: nothing is */
	bool scoring;                         /* it, and what is told of it, is of other marks than there are now */
	struct answer *answer;                /* what else is told of the scenario (answer.h), as far as it is made; NULL: nothing */
	struct only_here *only;               /* by CA, up to n_only; NULL: not asked for yet */
	uint32_t n_only;
	struct root_here *only_root; /* the anchors among them; ascending */
	size_t n_only_root;
	struct {
		uint32_t ca;
		bool wanted, known;
		struct number n;
		uint64_t cas;
		bool is_anchor; /* of the store … */
		struct number root; /* … and if that alone went */
		uint64_t root_cas;
	} here; /* what model_only_here() was asked last */
	struct validations use;
	bool use_loaded;
	struct model_keys *keys;
	struct beyond *beyond;                /* figures on the day */
	bool *usable;                         /* by certificate: what stands below it is in the sums of what is above it */
	struct span *count;                   /* by CA, over its subtree */
	uint64_t *cas, *low, *issued; /* by CA, over its subtree; low: CAs that neither count nor figure bounds */
	uint64_t *old_below;                  /* by CA, over its subtree: CAs counted long ago; see model_is_old() */
	int32_t *newest;                      /* by CA, over its subtree; INT32_MIN: no leaf */
	struct number total;                  /* unexpired leaves of the whole index */
	struct number trusted;                /* of them trusted by the program */
	uint64_t trusted_cas, counted_cas;
	bool any_issued;    /* of some CA leaves are known, expired or not */
	bool shares_of_cas; /* too few CAs are counted for shares of leaves to say anything */
	struct score score;
};

#define OLD_DAYS 7
/* The CA's leaves were counted more than OLD_DAYS before the newest source of the index: others may have been issued since. */
bool model_is_old(const struct model *m, uint32_t ca);
/* Is one of the CAs old whose leaves these rows of an impact count? touched: those that are kept, too. */
bool model_impact_old(const struct model *m, const struct impact *im, bool touched);
/* Are no leaves known but those that are lost, and more may be trusted? */
bool model_share_open(const struct model *m);
int model_open(struct model *m, const struct tui_options *o, struct err *err);
void model_close(struct model *m);
void model_marked(struct model *m);
/* Are there marks, or were there anchors assumed, and what they change is not computed yet? */
bool model_scoring(const struct model *m);

/* The same question in a thread, beside a model that is shown: `next` is of another program, purpose, day or count.
 *
 *	model_prepare(&shown, &wanted, &next);    // where the index is used
 *	model_compute(&next, cancelled, ctx);     // in the thread; changes nothing of what is shown
 *	model_take(&shown, &next);                // `next` is what was shown, or was not wanted:
 *	model_drop(&next);                        // in whatever thread
 *
 * Until then nothing of the model shown may be replaced: no decay, no keys. The marks may change: `next` has those that
 * there were, in a copy (model_copy_marks), for as long as it is computed.
 *
 * Of the index as it is now, which another process changed:
 *
 *	model_prepare_read(&shown, &wanted, &next);
 *	model_read(&next, fresh, &err);           // in the thread that opened `fresh`, which is the model's from now on
 *	model_compute(&next, cancelled, ctx);
 *	model_take(&shown, &next);                // CAs have other numbers now, and index_take() is called */
struct wanted {
	const char *program;
	enum purpose purpose;
	int32_t day;
	bool all_leaves;
	enum revocation_mode revocation;
};
void model_prepare(struct model *shown, const struct wanted *w, struct model *next);
void model_prepare_read(const struct model *shown, const struct wanted *w, struct model *next);
/* -1: it is good for model_drop() only. */
int model_read(struct model *next, struct index *fresh, struct err *err);
/* False: it was cancelled, and is good for model_drop() only. */
bool model_compute(struct model *next, bool (*cancelled)(void *ctx), void *ctx);
void model_take(struct model *shown, struct model *next);
void model_drop(struct model *next);
/* The marks of `of`, bound; to be freed. */
struct user_mark *model_copy_marks(const struct model *of, struct model *next);
/* The impact of the marks alone: prepared and taken where the index is used, computed in the thread. What is left in
 * `next` then is freed by model_drop_score(). */
void model_prepare_score(const struct model *shown, struct model *next);
void model_compute_score(struct model *next);
void model_take_score(struct model *shown, struct model *next);
void model_drop_score(struct model *next);
/* Leaves lost if exactly this CA went, with the bounds of figures, and CAs that lose all, in `here`. False: not known yet, and
 * wanted from then on, of one CA at a time. */
bool model_only_here(struct model *m, uint32_t ca);
/* A program of which it is not known how it takes the CAs, which the first frame does without; NO_INDEX: none. */
uint32_t model_column_wanted(const struct model *m);
/* The same for all CAs, without figures, as far as it is computed, or with shares_of_cas how many CAs lose something; as_root: where it is
 * an anchor, if it were none. False: not known yet. */
bool model_only_known(const struct model *m, uint32_t ca, bool as_root, struct number *ret);
/* The validations in Firefox, read when first asked for. */
const struct validations *model_use(struct model *m);

/* The CA's public key; NULL: not read yet, which is now wanted. */
struct key_info;
const struct key_info *model_key(const struct model *m, uint32_t ca);
/* Reads some of the keys that are wanted, in little time; false: nothing was to do. *done: these were the last. */
bool model_work_keys(struct model *m, bool *done);
/* How many are read, where not all that are wanted are; else 0 of 0. */
void model_keys_progress(const struct model *m, uint32_t *read, uint32_t *all);

struct number model_count(const struct model *m, uint32_t ca);
/* Is there a CA of which it says something? */
bool model_counts_known(const struct model *m);
/* What the tree counts of the CA itself, for sums of one's own: its leaves, and how much of them that is. */
uint64_t model_own(const struct model *m, uint32_t ca, enum taken *part);
/* May it have more of them? One that the program does not trust adds exactly nothing, counted or not. */
bool model_uncounted(const struct model *m, uint32_t ca);
/* Does the age of its number matter? */
bool model_counted_long_ago(const struct model *m, uint32_t ca);
/* Sources whose revocations count for the program, as bits. */
unsigned model_revokers(const struct model *m, const char *program);
/* The certificate is revoked or distrusted, and the program's clients enforce that. */
bool model_refuses(const struct model *m, size_t column, uint32_t cert);
enum standing model_standing(const struct model *m, size_t column, uint32_t ca);
/* Lost everything under the scenario. */
bool model_lost(const struct model *m, uint32_t ca);
bool model_touched(const struct model *m, uint32_t ca);
/* The same for any purpose, of the CA asked for last; what is not known yet is wanted from then on. */
enum standing model_standing_for(struct model *m, size_t column, enum purpose purpose, uint32_t ca);
/* The program's store is of a later day than the one asked: none of it or before it is there. */
bool model_store_later(const struct model *m, size_t column);
/* What speaks against it, as far as it is known; the next one from *at on, NULL: no more. */
const struct store_doubt *model_store_doubt(const struct model *m, size_t column, size_t *at);
/* Is the one that is asked so much older than the day, or today if that is earlier, as old sources are? */
bool model_store_old(const struct model *m, size_t column);
/* What speaks against its answers; the first of these that is so. */
enum store_state { STORE_FITS, STORE_LATER, STORE_SUSPECT, STORE_OLD };
enum store_state model_store_state(const struct model *m, size_t column);
/* "later", "suspect", "old" or "". */
const char *model_store_note(const struct model *m, size_t column);
/* Its answers may be wrong for that; a sign stands behind the column's title. */
bool model_store_doubtful(const struct model *m, size_t column);
#define DOUBTFUL_SIGN "!"
/* The query of a column; the scenario's marks and what it assumes are in it when `marks` is given. */
struct trust_query model_query(const struct model *m, size_t column, const struct mark_query *marks);
/* That of the chosen program without marks, but with what the scenario assumes: what "before" is in `impact`. */
struct trust_query model_query_before(const struct model *m);
/* Is something assumed in what is shown? */
bool model_assumes(const struct model *m);
/* Is a certificate of the CA assumed to be an anchor in what is shown? */
bool model_is_assumed(const struct model *m, uint32_t ca);
/* Does what the program accepts of the CA, before or after, rest on what is assumed? */
bool model_rests_on_assumed(const struct model *m, uint32_t ca);
/* Do the marks assume other anchors than what is shown? */
bool model_assumes_others(const struct model *m);
/* By the program's own store, without marks or anything assumed. */
enum acceptance model_accepts(const struct model *m, uint32_t ca);
uint32_t model_find_ca(const struct model *m, const uint8_t id[32]);
uint32_t model_find_cert(const struct model *m, const uint8_t sha256[32]);
/* The name to show, never empty. */
const char *model_name(const struct model *m, uint32_t ca);
/* An anchor of the program for the purpose, and its rule. */
const struct anchor_rule *model_anchor(const struct store *s, const struct graph *g, uint32_t ca, enum purpose purpose);
/* Has the CA a certificate that is valid on the day? */
bool model_alive(const struct model *m, uint32_t ca);
/* None is, nor will be. */
bool model_expired(const struct model *m, uint32_t ca);

#endif
