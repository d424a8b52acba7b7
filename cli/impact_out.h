/* The answers of `impact` with what the writers need beside it. */
#ifndef CLI_IMPACT_OUT_H
#define CLI_IMPACT_OUT_H

#include "base/map.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "index/reach.h"
#include "index/sitelost.h"
#include "index/unknowns.h"

#define VIA_MAX 64
#define ROWS_FOR_PEOPLE 200 /* of a table; the rest is said in one line */

/* Of one program and purpose. */
struct answers;
struct answer {
	const struct answers *all;
	struct cli *cli;
	const struct graph *g;
	const struct scenario *scenario;
	const struct trust_query *query;
	const struct impact *impact;
	struct reachable *reach; /* of the impact */
	uint32_t *row; /* places in impact->row, in the order of writing */
	size_t *figure_number; /* by figure, from 1; 0 for those that bear on no row */
	struct site_losses sites; /* for reports, JSON and --sites */
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
	struct unknowns unknown;
	struct only_here *only; /* by mark: what hangs on the CAs it names alone; NULL for rows, and where marks are too many */
	char label[120]; /* what tells it from the others of its run: "mozilla tls", "mozilla", "email"; clean */
};
/* All that were asked for: program by program, tls before email. */
struct answers {
	struct cli *cli;
	const struct graph *g;
	struct answer *v;
	size_t n;
	struct beyond *beyond; /* figures_beyond() of the day */
	bool several; /* were asked for, even if there is one: JSON is an array then */
	struct answers *beside; /* of --beside, totals alone; NULL without */
	struct index_gaps gaps;
};
/* impact_targets.c: the answers to --program and --purpose, without rows in order. Release also after a failure. */
int answers_compute(struct cli *c, struct answers *ret, struct err *err);
/* Those of --beside, into all->beside, once all has its one answer. */
int answers_beside(struct cli *c, struct answers *all, struct err *err);
void answers_release(struct answers *all);
const char *answer_program(const struct answer *a);
const char *answer_purpose(const struct answer *a);
int answer_find_use(struct answer *a, struct err *err);

/* Lines that hold for some of the answers: each is an item once, with those it holds for in parentheses where they are
 * not all.
 *
 *	struct fold f = { .all = all };
 *	fold_add(&f, i, "%zu certificates", n);      // of all->v[i]
 *	fold_put(&f, report, SIZE_MAX);              // at most so many; releases it */
struct fold_line {
	char *text;
	bool *of; /* by answer */
};
struct fold {
	const struct answers *all;
	VEC(struct fold_line) line;
	struct map at;
};
void fold_add(struct fold *f, size_t answer, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void fold_put(struct fold *f, struct report *r, size_t most);
/* All of it in one text, "; " between, instead of items. */
void fold_join(struct fold *f, struct strbuf *out);

/* The surviving path of a row: certificates into via (VIA_MAX), and their number. */
size_t answer_via(const struct answer *a, const struct impact_row *r, uint32_t via[VIA_MAX]);
/* Day of the newest notBefore up to the day asked for; false where no leaf is known. */
bool answer_last_issued(const struct answer *a, uint32_t ca, int32_t *day);
/* That day, for people with the sign of a lower bound where later leaves may exist: least. */
void answer_issued_cell(struct out *o, const struct answer *a, bool known, int32_t day, bool least);
/* Why a mark changes nothing, or NULL. */
const char *answer_no_effect(const struct scenario_mark *m);
/* impact_only.c: fills a->only, and writes it: "at least 41 leaves of 12 CAs" ("" where nothing), a table of several, keys. */
void answer_find_only(struct answer *a);
void only_text(const struct answer *a, size_t mark, struct strbuf *out);
void several_only(struct report *r, const struct answers *all);
void only_json(struct json *j, const struct answer *a, size_t mark);
/* "from 2027-01-01", "in force since …", nothing for a mark that always is. */
void answer_stage_text(const struct answer *a, const struct scenario_mark *m, struct strbuf *out);
/* By figure: does it bear on a row? free() */
bool *answer_figures(const struct answer *a);
/* Rows of --by: by is a name of breakdown_names, o was begun with these columns. */
const struct column *impact_by_columns(const char *by);
void impact_by(const struct answer *a, const char *by, struct out *o);
/* The same in a report, a section each, and in JSON, an array each; beside them shares and dormant CAs. */
void impact_who(struct report *r, const struct answer *a);
void impact_share_section(struct report *r, const struct answer *a);
void impact_who_json(struct json *j, const struct answer *a);
/* Why rows of CAs do not add up to the totals, where a figure of several is in so many of them. */
void impact_shared_line(struct report *r, uint64_t cas);
void impact_dormant_line(struct report *r, const struct answer *a);
/* The keys that come of days: by_day, nothing_lost_from, until. */
void impact_json_days(struct json *j, const struct answer *a);
/* Rows of --days, one a step of by_day, and of --until; one line that answers --until, and whether it has an answer. */
extern const struct column impact_days_columns[], impact_until_columns[];
void impact_days(const struct answer *a, struct out *o);
void impact_until(const struct answer *a, struct out *o);
void impact_until_line(const struct answer *a);
bool impact_until_known(const struct answer *a);
/* That line of all the answers, alike ones together, as an item of a list or a line; nothing without --until. */
void impact_put_until(struct report *r, const struct answers *all, bool item);
/* What is lost on the i-th day of the decay, `–` where nothing is known of it; nothing is of any later day. */
void answer_decay_cell(struct out *o, const struct answer *a, size_t i);
bool answer_later_unknown(const struct answer *a);
/* Until when something is lost, what delay saves, what later stages do. */
void impact_time_lines(struct report *r, const struct answer *a);
/* Sites that lose a leaf: rows of impact_site_columns into what the caller began, a section, a key. */
extern const struct column impact_site_columns[];
void impact_site_rows(const struct answer *a, struct out *o);
void impact_sites_section(struct report *r, const struct answer *a);
void impact_sites_json(struct json *j, const struct answer *a);
void impact_json(const struct answers *all);
/* The key total. */
void json_total(struct json *j, const struct impact *im);
/* What they rest on, as a file of its own. */
int impact_basis(const struct answers *all, const char *path, struct err *err);
/* "partial, import 2026-06-01", "none, figure 2": the figures are numbered below the table of CAs. */
void answer_coverage_cell(struct out *o, const struct answer *a, uint32_t ca);
/* Where the numbers of a CA come from, and of which day: two cells. */
void answer_source_cells(struct out *o, const struct answer *a, uint32_t ca);
/* impact_summary.c: the first lines of a report that is sent; the same for a terminal. */
void impact_summary(struct report *r, const struct answers *all);
/* "; by a store of D, later than the day asked", nothing where it is not. */
void later_store_text(const struct answer *a, struct strbuf *out);
/* Of the day from which on nothing is lost, and by which store, if it is later. */
void end_text(const struct answer *a, struct strbuf *out);
void headline_text(const struct answer *a, struct strbuf *out);
/* CAs change, and of none of them a leaf that is lost is known, nor told by a figure; in words. */
bool answer_uncounted(const struct answer *a);
void uncounted_text(const struct answer *a, struct strbuf *out);
/* "1,234", "at least 1,234", "about 2,200 to 3,499": b holds it. */
const char *total_words(struct strbuf *b, bool least, const struct span *s);
/* Of what is trusted beforehand; "an unknown number" where that were at least 0. */
const char *trusted_words(struct strbuf *b, const struct answer *a);
/* "mozilla, chrome", "tls, email": what the answers have of it, each once. */
void answers_list(const struct answers *all, const char *(*of)(const struct answer *a), struct strbuf *out);
/* Rows of a report that lose as much come by name, then by ca_id. */
int answer_by_name(const struct graph *g, uint32_t a, uint32_t b);
/* As text, Markdown or HTML. */
void impact_report(struct answers *all);
/* impact_several.c: the parts of a report on several answers that differ from those on one. */
void several_headline(struct report *r, const struct answers *all);
void several_cas(struct report *r, const struct answers *all);
/* The columns of `frame`, those of the answers of a purpose (-1: of all) in the place of its nameless one. Heap; strings
 * holds their headings. */
struct column *several_columns(const struct report *r, const struct answers *all, int purpose, const struct column *frame,
	struct arena *strings);
void several_decay(struct report *r, const struct answers *all);
/* "REF=ACTION", and " (NAME)" where the REF does not tell whom it is of; with short digits where it is brief. */
void answer_mark_text(const struct answer *a, size_t mark, bool brief, struct strbuf *out);
/* " (NAME)" behind the digits of a certificate, nothing behind another REF. */
void answer_ref_name(const struct answer *a, const char *ref, struct strbuf *out);
/* Of an answer that is none (until_unanswered). */
extern const struct span unanswered_span;
/* CAs of an answer, unknown there. */
void answer_cas_cell(struct out *o, const struct answer *a, uint64_t cas);
/* Leaves lost, kept and trusted: empty where "at least 0" would be all, or where a later store does not answer
 * (until_unanswered). "1 of 2" marks. */
void answer_loss_cells(struct out *o, const struct answer *a);
void answer_no_effect_cell(struct out *o, const struct answer *a);
void answer_store_cell(struct out *o, const struct answer *a);
/* Over STALE_DAYS older than the day asked, or than today where that is earlier. */
bool answer_store_old(const struct answer *a);
/* impact_beside.c: the same marks in other programs, nothing where beside is NULL; JSON has null then. */
void impact_beside_section(struct report *r, const struct answers *beside);
void impact_beside_json(struct json *j, const struct answers *beside);
/* impact_unknown.c: what is not known, as a section where there is something, and as JSON. */
void unknown_section(struct report *r, const struct answers *all);
void unknown_json(struct json *j, const struct answers *all, const struct answer *a);
/* Of these the items that are of the stores: later than the day, not whole; and the key store_doubts. */
void unknown_store_items(struct report *r, const struct answers *all);
void json_doubts(struct json *j, const struct unknowns *u);
/* impact_sources.c: the sources as a section, and as JSON. */
void impact_sources(struct report *r, const struct answers *all);
void impact_sources_json(struct json *j, const struct answers *all);
/* What a page has besides the text: charts. */
void impact_chart_accepted(struct report *r, const struct answer *a);
void impact_chart_losses(struct report *r, const struct answer *a);
void impact_chart_decay(struct report *r, const struct answer *a);
void impact_chart_programs(struct report *r, const struct answers *all);
void impact_chart_decays(struct report *r, const struct answers *all);
/* Where the surviving path of a row is found; NULL when that is not known. */
const char *answer_reach(const struct answer *a, const struct impact_row *r);

#endif
