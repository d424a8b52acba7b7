/* From which day on fewer than so many leaves are lost under a scenario.
 *
 *	struct until u = until_find(im, 100);    // an impact with its decay
 *	until_text(&u, im, &sentence); */
#ifndef INDEX_UNTIL_H
#define INDEX_UNTIL_H

#include "base/strbuf.h"
#include "index/impact.h"

struct until {
	uint64_t n;
	int32_t from, first; /* on that day and all later ones; on that day at all */
	bool known, least;   /* least: at the earliest, for CAs that are not counted to the end may lose more */
	int32_t surely;      /* with `sure`: whatever is not counted */
	bool sure;
};
/* n > 0; 1 asks when none is lost any more. */
struct until until_find(const struct impact *im, uint64_t n);
void until_text(const struct until *u, const struct impact *im, struct strbuf *out);
/* Of the day from which on nothing is lost, if anything ever is. */
void until_end_text(const struct impact *im, struct strbuf *out);
/* Only CAs that nobody counts lose something: then no number is known. */
bool until_known(const struct impact *im, bool least);
/* The store is later than the day, or may not be whole (storedoubt.h), and trusts none of the marked CAs whose certificates are
 * valid then: that it loses nothing is no answer. In words: "what P trusted on DAY is not known: its store is of D, later, and
 * trusts none of …" */
bool until_unanswered(const struct impact *im);
void until_unanswered_text(const struct impact *im, struct strbuf *out);
/* Why no day is known: figures tell of their own day, not how long the leaves last, and what is fewer on every day of what
 * is counted says nothing of the rest. */
void until_why_unknown(const struct impact *im, struct strbuf *out);

#endif
