/* The numbers of every CA on a day, as `counts`, `tree` and `show` say them.
 *
 *	struct tallies t;
 *	tallies_open(&t, g, day, TALLY_SUBTREE);
 *	t.unexpired[ca], t.subtree_unexpired[ca] where t.subtree_known[ca]
 *	tallies_close(&t); */
#ifndef CLI_COUNTS_H
#define CLI_COUNTS_H

#include "cli/cli.h"
#include "cli/span.h"

struct tallies {
	uint64_t *unexpired; /* at least so many */
	struct beyond *beyond;
	struct span *own;    /* unexpired, with a figure of that CA alone */
	/* with `subtree`, else NULL */
	uint64_t *subtree_issued, *subtree_unexpired;
	struct span *subtree;    /* unexpired, with figures */
	uint64_t *subtree_issued_known; /* CAs in the subtree whose issued is known: 0 means that the sum is not */
	uint64_t *subtree_known; /* counted CAs and figures in the subtree: 0 means that its sums are unknown */
	int64_t *revoked;        /* -1 where no CRL of the CA was fetched, or a figure has more leaves than are held */
	bool *has_crl;           /* a verified one that speaks of leaves */
	uint64_t *subtree_valid; /* with `subtree` */
	uint64_t *subtree_partial; /* CAs in the subtree that are not counted to the end: not 0 makes its sums lower bounds */
	uint64_t *subtree_least; /* of these, those that no figure bounds either */
	struct only_here *only;  /* with `only_here`, else NULL */
	struct site_uses sites;  /* with `sites` */
	bool has_sites;
	struct validations use;  /* with `use` */
	bool has_use;
	uint64_t *subtree_unread; /* CAs with unexpired leaves and without a fetched CRL, and figures: not 0 means that valid is unknown */
};
int tallies_open(struct tallies *t, struct cli *c, bool subtree, struct err *err);
/* Besides, for an opened one. */
int tallies_add_sites(struct tallies *t, struct cli *c, struct err *err);
int tallies_add_use(struct tallies *t, struct cli *c, struct err *err);
/* Unexpired less revoked; false where revoked is unknown. */
bool tallies_valid(const struct tallies *t, uint32_t ca, uint64_t *valid);
bool tallies_subtree_valid(const struct tallies *t, uint32_t ca, uint64_t *valid);
void tallies_close(struct tallies *t);

/* Cells of FIGURE_COLUMNS. */
#define FIGURE_COLUMNS                                                                                                 \
	{ "figure_cas", COL_COUNT, NULL, "CAs that a figure is for which names this one; empty without a figure", 0, NULL }, \
	{ "figure_unexpired", COL_COUNT, NULL, "its lower bound for all of them together", 0, NULL },                  \
	{ "figure_unexpired_high", COL_COUNT, NULL, "its upper bound", 0, NULL },                                      \
	{ "figure_source", COL_TEXT, NULL, "who counted", 0, NULL },                                                   \
	{ "figure_as_of", COL_DATE, NULL, "the day on which the figure held", 0, NULL },                               \
	{ "approximate", COL_BOOL, NULL, "true where the figure is rounded, so that its bounds are none", 0, NULL }, \
	{ "stale_figure_as_of", COL_DATE, NULL, "the day of a figure that does not count because it is too old or too new", 0, NULL }
void figure_cells(struct out *o, const struct graph *g, uint32_t ca);
/* Cells of SITE_COLUMNS. v: by rank, each site once. */
#define TOP_SITES 10
#define SITE_COLUMNS                                                                                                   \
	{ "sites", COL_COUNT, "sites", "with --sites: sites of the rank list that an unexpired leaf names; a lower bound " \
		"where sites_coverage is not complete", 0, NULL },                                                     \
	{ "best_rank", COL_COUNT, "best rank", "with --sites: rank of the first of them", 0, NULL },                   \
	{ "top_sites", COL_LIST, "top sites", "with --sites: the ten with the best ranks", 60, " " },                  \
	{ "sites_coverage", COL_TEXT, NULL, "with --sites: complete: the names of all counted leaves were compared "  \
		"with the list; partial: of some; none: no list is indexed, or no source counts the CA", 0, NULL }
void site_cells(struct out *o, const struct site_use *v, size_t n, enum coverage coverage);
/* Cells of ONLY_COLUMNS. */
#define ONLY_COLUMNS                                                                                                   \
	{ "only_here", COL_COUNT, "only here", "with --only-here: leaves that the program would no longer accept if exactly " \
		"this went", 0, NULL },                                                                                \
	{ "only_here_cas", COL_COUNT, NULL, "with --only-here: CAs that would lose some or all of their leaves", 0, NULL }, \
	{ "only_here_unknown_cas", COL_COUNT, NULL, "with --only-here: those of them whose coverage is not complete", 0, NULL }
/* Cells of ONLY_HIGH_COLUMNS. */
#define ONLY_HIGH_COLUMNS                                                                                              \
	{ "only_here_high", COL_COUNT, NULL, "with --only-here: upper bound of only_here; empty where a CA or a figure in it has " \
		"none", 0, NULL },                                                                                     \
	{ "only_here_approximate", COL_BOOL, NULL, "with --only-here: true where a rounded figure is in it", 0, NULL }
void only_high_cells(struct out *o, const struct only_here *v);
/* Cells of USE_COLUMNS. */
#define USE_COLUMNS                                                                                                    \
	{ "validations_share", COL_SHARE, "of validations", "with --use: the part of Firefox's validations that ended in " \
		"this root; empty where telemetry has no number for it", 0, NULL },                                    \
	{ "validations_as_of", COL_DATE, NULL, "with --use: date of that telemetry", 0, NULL }
void use_cells(struct out *o, const struct tallies *t, const struct graph *g, uint32_t ca);
void only_cells(struct out *o, const struct only_here *v);
/* All columns of `counts`, first to last. */
extern const struct column counts_columns[];
extern const struct column counts_site_columns[], counts_only_columns[], counts_only_high_columns[], counts_use_columns[];
/* Those of some parts together, in a place that the next call uses again. NULL parts are left out. */
const struct column *columns_joined(const struct column *const *part, size_t n);
/* Writes one row an owner, root or program, as --by says. chosen: by CA, NULL for all. */
int counts_by(struct cli *c, const bool *chosen, struct err *err);
void counts_row(struct out *o, const struct graph *g, const struct tallies *t, uint32_t ca);

#endif
