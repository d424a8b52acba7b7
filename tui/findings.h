/* The findings as rows: groups that open and shut, filtered. No curses.
 *
 *	findings_build(&f, checked, &model);    // after the findings, the filter, the marks or what is open changed
 *	findings_filter(&f, "kind:sibling-alive alder", NULL, &err);
 *	findings_release(&f); */
#ifndef TUI_FINDINGS_H
#define TUI_FINDINGS_H

#include "tui/checking.h"
#include "tui/filter.h"

#define FINDING_GROUPS 64

struct finding_row {
	int group;
	uint32_t at; /* NO_INDEX: the heading of the group */
};
struct finding_group {
	const char *name, *help;
	size_t n[3]; /* that fit, by severity */
	bool open;
};
struct finding_term;
struct findings {
	VEC(struct finding_row) row;
	struct finding_group group[FINDING_GROUPS];
	int n_groups;
	bool by_severity; /* the groups; else kinds as check_kinds lists them */
	bool kind_open[FINDING_GROUPS], severity_open[3];
	bool shut[FINDING_GROUPS]; /* by hand, while a filter opens all */
	int searched;              /* 1 + the group that a search has opened while its text is typed; 0: none */
	size_t n[3], fit;          /* of those that fit, by severity, and together */
	size_t cas[3], fit_cas;    /* CAs that these are about */
	struct filter_vain vain;   /* a word of the filter that no finding has, or no CA */
	size_t undecided;          /* of which it is not known whether they fit the filter */
	uint32_t cursor, top;
	VEC(struct finding_term) term;
	char *text;               /* of the filter, NULL without */
	const struct checked *of; /* as built last; set it to NULL before it goes */
	char *kept;               /* what identifies the row of the cursor */
	bool going;               /* the group of that one opens */
};
void findings_build(struct findings *f, const struct checked *c, const struct model *m);
/* Remembers what the cursor stands on, for after `of` has gone. */
void findings_keep(struct findings *f);
/* Back to what was `kept` once, in a group that opens for it. Then build. */
void findings_go(struct findings *f, const char *row);
/* The filter's words; on an error nothing changes, and *place (or NULL) says where it is. Then build. */
int findings_filter(struct findings *f, const char *text, struct filter_place *place, struct err *err);
/* As filter_suggest() and filter_begins(), of both languages. */
void findings_suggest(const char *text, struct strbuf *out);
bool findings_begins(const char *text);
/* What the tree's filter does not know at that place, because it asks findings: then *err says where it belongs. */
void findings_claim(const char *text, const struct filter_place *place, struct err *err);
/* As filter_complete(). */
bool findings_complete(const char *text, struct strbuf *out);
/* The finding under the cursor; NULL on a heading, or where there is nothing. */
const struct found *findings_at(const struct findings *f);
/* Those that fit, in the order of `check`; free() them. Returns how many. */
size_t findings_fitting(const struct findings *f, const struct model *m, const struct found ***ret);
/* Opens or shuts a group. Then build. */
void findings_open(struct findings *f, int group, bool open);
/* The next one (by: +1 or -1; `here`: beginning with the cursor's) that has the text, also in a group that is shut,
 * which is opened. Kinds and CAs of that name come first, then what findings say otherwise, then what explains kinds. False: nothing is found, and nothing changed. */
bool findings_find(struct findings *f, const struct model *m, const char *text, bool here, int by);
/* The words of the filter with their meaning; NULL after the last. */
const char *findings_help(size_t i, const char **word);
void findings_release(struct findings *f);

#endif
