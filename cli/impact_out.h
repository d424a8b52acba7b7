/* The answer of `impact` with what the writers need beside it. */
#ifndef CLI_IMPACT_OUT_H
#define CLI_IMPACT_OUT_H

#include "cli/cli.h"
#include "index/reach.h"
#include "cli/json.h"
#include "index/sitelost.h"

#define VIA_MAX 64

struct answer {
	struct cli *cli;
	const struct graph *g;
	const struct scenario *scenario;
	const struct trust_query *query;
	const struct impact *impact;
	struct reachable *reach; /* of the impact */
	uint32_t *row; /* places in impact->row, in the order of writing */
	size_t *figure_number; /* by figure, from 1; 0 for those that bear on no row */
	const struct site_losses *sites; /* for reports, JSON and --sites */
	bool *stands_under; /* by certificate: an anchor that a row rests on, before or after */
	struct least { /* these totals include CAs that are not counted to the end */
		bool lost, kept, trusted, unexpired, decay;
	} least;
	struct use { /* Firefox's validations that ended in the roots that the marks hit */
		bool asked;          /* they are indexed, the program is Mozilla's for tls, and a root is marked */
		size_t roots, known; /* known: the roots that telemetry has a number for */
		uint64_t validations, total;
		int32_t day;
	} use;
};
int answer_find_use(struct answer *a, struct err *err);
/* The surviving path of a row: certificates into via (VIA_MAX), and their number. */
size_t answer_via(const struct answer *a, const struct impact_row *r, uint32_t via[VIA_MAX]);
/* Day of the newest notBefore up to the day asked for; false where no leaf is known. */
bool answer_last_issued(const struct answer *a, uint32_t ca, int32_t *day);
/* Why a mark changes nothing, or NULL. */
const char *answer_no_effect(const struct scenario_mark *m);
/* "from 2027-01-01", "in force since …", nothing for a mark that always is. */
void answer_stage_text(const struct answer *a, const struct scenario_mark *m, struct strbuf *out);
/* By figure: does it bear on a row? free() */
bool *answer_figures(const struct answer *a);
void impact_json(const struct answer *a);
/* Rows of --by: by is a name of breakdown_names, o was begun with these columns. */
const struct column *impact_by_columns(const char *by);
void impact_by(const struct answer *a, const char *by, struct out *o);
/* The same in a report and in JSON: shares, dormant CAs, and a table or array for each. */
void impact_who(struct report *r, const struct answer *a);
void impact_who_json(struct json *j, const struct answer *a);
void impact_dormant_line(struct report *r, const struct answer *a);
/* The keys that come of days: by_day, nothing_lost_from, until. */
void impact_json_days(struct json *j, const struct answer *a);
/* One row a step of by_day; one line or row that answers --until, and whether it has an answer. */
void impact_days(const struct answer *a);
void impact_until(const struct answer *a);
bool impact_until_known(const struct answer *a);
/* Until when something is lost, what delay saves, what later stages do. */
void impact_time_lines(struct report *r, const struct answer *a);
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
