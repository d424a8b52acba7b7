/* What takes longer to find: findings of `canopy check` and the ranked sites (facts.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/detail.h"

#define SITES 5 /* of the ranked sites, and where more is asked for */
#define SITES_MORE 500
#define FINDINGS 12
#define FINDINGS_MORE 2000

/* The facts of the day asked, once they are there; false: still looked for, or not to be had, which is said. */
static bool has_facts(const struct detail *x, bool say)
{
	const struct facts *f = x->t->facts && facts_day(x->t->facts) == x->t->model.day ? x->t->facts : NULL;
	const char *why = f && facts_made(x->t->facts) ? facts_error(f) : NULL;

	if (f && !why && facts_made(x->t->facts))
		return true;
	if (say)
		doc_wrap(x->d, why ? R_BAD : R_DIM, 2, why ? why : fmt_is_ascii() ? "looking ~" : "looking …");
	return false;
}

void detail_add_findings_line(const struct detail *x)
{
	size_t n[3] = { 0 }, all = 0;
	struct strbuf b = STRBUF_INIT;
	struct fact *list = NULL;

	if (!has_facts(x, false)) {
		doc_line(x->d);
		doc_at(x->d, 2, R_LABEL, "findings");
		doc_at(x->d, 18, R_DIM, glyph(G_ELLIPSIS));
		return;
	}
	all = facts_findings(x->t->facts, detail_ca(x)->id, &list);
	for (size_t i = 0; i < all; i++)
		n[list[i].finding->severity]++;
	for (int s = SEVERITY_HIGH; s >= SEVERITY_LOW; s--)
		if (n[s])
			strbuf_addf(&b, "%s%zu %s", b.len ? ", " : "", n[s], severity_names[s]);
	doc_field_as(x->d, n[SEVERITY_HIGH] ? R_BAD : all ? R_SOME : R_TEXT, "findings", b.len ? b.buf : "none");
	free(list);
	strbuf_release(&b);
}

static void add_finding(const struct detail *x, const struct fact *f)
{
	static const enum role roles[] = { R_DIM, R_SOME, R_BAD };
	struct strbuf b = STRBUF_INIT;
	char hex[24];

	doc_line(x->d);
	doc_at(x->d, 2, roles[f->finding->severity], severity_names[f->finding->severity]);
	doc_at(x->d, 10, R_NAME, f->finding->kind);
	if (f->cert) {
		hex_encode(f->cert, 4, hex);
		doc_addf(x->d, R_DIM, "  %s%s", hex, glyph(G_ELLIPSIS));
		uint32_t cert = model_find_cert(&x->t->model, f->cert);
		if (cert != NO_INDEX)
			doc_link(x->d, LINK_CERT, cert);
	}
	strbuf_addf(&b, "%s (%s)", f->finding->detail, f->finding->source);
	doc_wrap(x->d, R_TEXT, 10, b.buf);
	strbuf_release(&b);
}

void detail_add_findings(const struct detail *x)
{
	size_t most = x->more ? FINDINGS_MORE : FINDINGS, n;
	struct fact *list = NULL;
	char title[64];

	if (!has_facts(x, false)) {
		doc_section(x->d, "Findings");
		has_facts(x, true);
		return;
	}
	n = facts_findings(x->t->facts, detail_ca(x)->id, &list);
	snprintf(title, sizeof(title), "Findings (%zu)", n);
	doc_section(x->d, title);
	for (size_t i = 0; i < n && i < most; i++)
		add_finding(x, &list[i]);
	doc_more(x->d, 5, n > most ? n - most : 0, x->more ? "canopy check has all" : "v lists all");
	free(list);
}

static void add_site(const struct detail *x, const struct site_use *s)
{
	char buf[32], day[DATE_BUF];

	doc_line(x->d);
	doc_right(x->d, 14, R_NUMBER, num_group(buf, s->rank));
	doc_right(x->d, 26, R_NUMBER, num_group(buf, s->leaves));
	doc_at(x->d, 28, R_DIM, date_format(day, s->last_na_day));
	doc_at(x->d, 40, R_NAME, s->domain);
}

/* Nothing at all where no leaf's names were compared with a list. */
void detail_add_sites(const struct detail *x)
{
	size_t most = x->more ? SITES_MORE : SITES, n;
	const struct site_use *list;
	enum coverage coverage;
	char title[64];

	if (!has_facts(x, false))
		return;
	n = facts_sites(x->t->facts, detail_ca(x)->id, &list, &coverage);
	if (coverage == COVERAGE_NONE)
		return;
	snprintf(title, sizeof(title), "Ranked sites (%s%zu)", coverage == COVERAGE_COMPLETE ? "" : "at least ", n);
	doc_section(x->d, title);
	if (n) {
		doc_line(x->d);
		doc_right(x->d, 14, R_HEADER, "rank");
		doc_right(x->d, 26, R_HEADER, "unexpired");
		doc_at(x->d, 28, R_HEADER, "expiry");
		doc_at(x->d, 40, R_HEADER, "site");
	}
	for (size_t i = 0; i < n && i < most; i++)
		add_site(x, &list[i]);
	doc_more(x->d, 5, n > most ? n - most : 0, x->more ? "canopy show has all" : "v lists more");
}
