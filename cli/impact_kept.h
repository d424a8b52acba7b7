/* What keeps leaves, and what must be marked besides: rows of `impact --why-kept` and `--suggest`, and the part of a report
 * about the first.
 *
 *	impact_kept_rows(a, out_begin(stdout, format, kept_columns, style));   // then out_end */
#ifndef CLI_IMPACT_KEPT_H
#define CLI_IMPACT_KEPT_H

#include "cli/impact_out.h"
#include "cli/json.h"
#include "index/alternatives.h"

extern const struct column kept_columns[], suggest_columns[];
/* Into what the caller has begun with these columns. */
void impact_kept_rows(const struct answer *a, struct out *o);
void impact_suggest_rows(const struct answer *a, struct out *o); /* says on stderr that there is none */
/* The section "what keeps them" with at most `max` rows; nothing at all where nothing is kept. */
void impact_kept_section(struct report *r, const struct answer *a, size_t max);
void impact_kept_json(struct json *j, const struct answer *a);
/* The whole answers, for people. */
void impact_why_kept(const struct answer *a);
void impact_suggest(const struct answer *a);

#endif
