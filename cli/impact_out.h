/* The answer of `impact` with what the writers need beside it. */
#ifndef CLI_IMPACT_OUT_H
#define CLI_IMPACT_OUT_H

#include "cli/cli.h"
#include "index/sitelost.h"

#define VIA_MAX 64

struct answer {
	struct cli *cli;
	const struct graph *g;
	const struct scenario *scenario;
	const struct trust_query *query;
	const struct impact *impact;
	uint32_t *row; /* places in impact->row, in the order of writing */
	const struct site_losses *sites; /* for reports, JSON and --sites */
	bool *stands_under; /* by certificate: an anchor that a row rests on, before or after */
	struct least { /* these totals include CAs that are not counted to the end */
		bool lost, kept, trusted, unexpired, decay;
	} least;
};
/* The surviving path of a row: certificates into via (VIA_MAX), and their number. */
size_t answer_via(const struct answer *a, const struct impact_row *r, uint32_t via[VIA_MAX]);
/* Why a mark changes nothing, or NULL. */
const char *answer_no_effect(const struct scenario_mark *m);
void impact_json(const struct answer *a);
/* As text, Markdown or HTML. -1 before anything is written. */
int impact_report(struct answer *a, struct err *err);
/* What a page has besides the text: charts, and the table of sources. */
void impact_chart_accepted(struct report *r, const struct answer *a);
void impact_chart_losses(struct report *r, const struct answer *a);
void impact_chart_decay(struct report *r, const struct answer *a);
void impact_sources(struct report *r, const struct index_source *s, size_t n);
/* Sites that lose a leaf: rows of impact_site_columns into what the caller began, a section, a key. */
struct json;
extern const struct column impact_site_columns[];
void impact_site_rows(const struct answer *a, struct out *o);
void impact_sites_section(struct report *r, const struct answer *a);
void impact_sites_json(struct json *j, const struct answer *a);
/* Where the surviving path of a row is found; NULL when that is not known. */
const char *answer_reach(const struct answer *a, const struct impact_row *r);

#endif
