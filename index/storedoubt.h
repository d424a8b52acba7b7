/* What speaks against the stores that are used on a day: one is much smaller than the one before it, or CCADB's
 * reports of about its day say otherwise. Answers that rest on such a store may be wrong by all that it lacks.
 *
 *	struct store_doubts d;
 *	if (index_store_doubts(ix, day, &d, &err) == 0)
 *		store_doubt_text(&d.doubt.v[0], &text);
 *	store_doubts_release(&d);
 *
 * A report is asked only about a store of its own file, within DOUBT_DAYS of the store's day, and only about a program
 * of which it includes a root at all; a file derived from others is never asked. Single contradictions are expected:
 * reports and stores are not of the same time.
 */
#ifndef INDEX_STOREDOUBT_H
#define INDEX_STOREDOUBT_H

#include "base/strbuf.h"
#include "index/index.h"

#define DOUBT_DAYS 60
#define DOUBT_FEW 5 /* so few anchors, or contradictions, are no doubt */

enum doubt_kind { DOUBT_SHRANK, DOUBT_CCADB };
struct store_doubt { /* it has more than a fifth less, or more than a fifth contradicts */
	enum doubt_kind kind;
	const char *program;
	int32_t day, other_day;         /* of the store used; of the one before it, or of the report */
	int64_t version, other_version; /* of the stores' own counting, 0 without */
	uint64_t anchors, others;       /* of the store used; of the one before it, or that the report includes */
	uint64_t gone;                  /* of `others`: no anchors */
	uint64_t extra;                 /* anchors that the report does not include, or for other purposes */
	const char *store_source;       /* that gave the store: "chrome", "import" … */
	const char *source;             /* where the other word stands */
};
enum contradiction_kind { NOT_AN_ANCHOR, NOT_INCLUDED, OTHER_PURPOSES };
struct store_contradiction { /* of one certificate; only while they are too few for a doubt */
	enum contradiction_kind kind;
	uint8_t sha256[32];
	const char *program, *status, *bits; /* as the report has them, "" without */
	uint8_t purposes;                    /* bits 1 << enum purpose that it is an anchor for */
	int32_t day, report_day;
	const char *source;
};
struct store_given { /* by whom the store is that is used */
	const char *program, *source; /* "chrome", "import" …; "" where no file gave an anchor */
};
struct store_doubts {
	VEC(struct store_doubt) doubt; /* by program, DOUBT_SHRANK first */
	VEC(struct store_contradiction) one;
	VEC(struct store_given) given; /* of each program with a store */
	struct arena strings;
};
/* A store of so many anchors after one of so many: it may be an excerpt. */
bool store_has_shrunk(uint64_t before, uint64_t now);
/* Of all programs. */
int index_store_doubts(struct index *ix, int32_t day, struct store_doubts *ret, struct err *err);
/* Only of these, each once; of one that has no store there is nothing. */
int index_store_doubts_of(
	struct index *ix, int32_t day, const char *const *program, size_t n, struct store_doubts *ret, struct err *err);
void store_doubts_release(struct store_doubts *d);
/* A store that is later than the day asked, as one sentence without a full stop; nothing where it is not. */
void store_later_text(const struct store *s, int32_t day, struct strbuf *out);
/* One sentence without a full stop. */
void store_doubt_text(const struct store_doubt *d, struct strbuf *out);
void store_contradiction_text(const struct store_contradiction *c, struct strbuf *out);
/* "chrome's store may not be whole: 6 anchors, 112 in the one before it": for a line that is short. */
void store_doubt_short(const struct store_doubt *d, struct strbuf *out);

#endif
