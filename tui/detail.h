/* Sections of the detail view, one file or part of one each. They write what
 * they know at once; what a thread still looks for (checking.h) says so. */
#ifndef TUI_DETAIL_H
#define TUI_DETAIL_H

#include "tui/view.h"

/* What is written about. */
struct detail {
	struct tui *t;
	struct doc *d;
	uint32_t ca;
	bool more; /* nothing is left out that can be shown */
};
static inline const struct ca *detail_ca(const struct detail *x)
{
	return &x->t->model.g->ca.v[x->ca];
}

/* ---- detail_counts.c ---- */
void detail_add_counts(const struct detail *x);
/* " (45 days old)" when that day is more than STALE_DAYS before the day asked, or today when that is earlier. */
void detail_add_age(const struct model *m, struct strbuf *out, int32_t day);
/* " before the marks", where there are any, for what is said without them; false: there are none. */
bool detail_before_marks(const struct model *m, struct strbuf *out);

/* ---- detail_trust.c ---- */
/* All programs in a line. */
void detail_add_standings(const struct detail *x);
/* For each program the paths up, drawn. */
void detail_add_trust(const struct detail *x);

/* ---- detail_certs.c ---- */
void detail_add_certs(const struct detail *x);

/* ---- detail_kin.c ---- */
void detail_add_kin(const struct detail *x);

/* ---- detail_facts.c: findings and sites ---- */
void detail_add_findings_line(const struct detail *x);
void detail_add_findings(const struct detail *x);
void detail_add_sites(const struct detail *x);

#endif
