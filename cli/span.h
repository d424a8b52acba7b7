/* Sums with bounds (index/figures.h) as the writers show them.
 *
 *	out_span(o, &sum, false);   // "2,200–3,499", "≤ 3,499", "~2,200", "≥ 12" for people; the lower bound for programs
 *	out_span_high(o, &sum);     // the upper bound, unknown where nothing bounds it */
#ifndef CLI_SPAN_H
#define CLI_SPAN_H

#include "cli/json.h"
#include "cli/out.h"
#include "index/counted.h"
#include "index/figures.h"

/* least: more may exist than every bound says, so that only the lower one holds. */
void span_text(const struct style *st, struct strbuf *out, const struct span *s, bool least);
/* What stands before the lower bound where it is all that is drawn: "", "≥ ", "~", "≥ ~", and the same in words. */
struct span_lead {
	const char *sign, *words;
};
struct span_lead span_lead(const struct span *s, bool least);
struct span_lead span_lead_of(bool least, bool about);
/* "41 leaves of 12 CAs", "at most 3,499 leaves of 1 CA", "leaves of 3 CAs, not counted". */
void span_of_cas(struct strbuf *out, const struct span *s, uint64_t cas, bool least);
void out_span(struct out *o, const struct span *s, bool least);
void out_span_high(struct out *o, const struct span *s);
void json_span(struct json *j, const char *key, const struct span *s);
void json_span_high(struct json *j, const char *key, const struct span *s);
/* The keys of FIGURE_COLUMNS (cli/counts.h), null with NO_INDEX, and the last of them, which is of a CA. */
void json_figure_of(struct json *j, const struct graph *g, uint32_t figure);
void json_stale_figure(struct json *j, const struct graph *g, uint32_t ca);

#endif
