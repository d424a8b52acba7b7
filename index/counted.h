/* How far what is lost is counted, in the words of the report and of the browser.
 *
 *	counted_range(im, &b);               // "by counts and figures together about 5,850 to 9,349 are lost; 5 of …"
 *	counted_parts(im, graph, 0, &b);     // "5 by nobody, 9 by nothing but figures of others" */
#ifndef INDEX_COUNTED_H
#define INDEX_COUNTED_H

#include "base/strbuf.h"
#include "index/impact.h"

#define BY_NOBODY "by nobody"
#define BY_FIGURES "by nothing but figures of others"

/* The parts of a span that can be said, with the signs or words between; least: more may exist than it says. */
struct span_signs {
	const char *about, *least, *most, *to;
};
void span_put(struct strbuf *out, const struct span_signs *w, const char *unknown, const struct span *s, bool least);
/* In words: "2,200 to 3,499", "at most 3,499", "about 2,200", "at least 12". */
void span_words(struct strbuf *out, const struct span *s, bool least);

/* Changed CAs that nobody counts, nor any figure. */
uint64_t counted_by_nobody(const struct impact *im, const struct graph *g);
/* partial: changed CAs that are counted, but not to the end. Nothing where each is. */
void counted_parts(const struct impact *im, const struct graph *g, uint64_t partial, struct strbuf *out);
/* Why rows of CAs do not add up to the totals; nothing where no figure of several CAs is in them. */
void counted_shared(uint64_t cas, struct strbuf *out);
/* How many such rows there are. */
uint64_t counted_shared_cas(const struct impact *im);
/* What bounds the losses, as far as anything does; nothing without figures. */
void counted_range(const struct impact *im, struct strbuf *out);

#endif
