/* What takes longer to find: findings of `canopy check` and the ranked sites (checking.h). */
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

/* What was found for the day asked, once it is there; NULL: still looked for, or not to be had, which is said. */
static const struct checked *facts_of(const struct detail *x, bool say)
{
	const struct tui *t = x->t;
	const struct checked *c = checking_current(&t->checking, &t->model, t->version) ? t->checking.last : NULL;

	if (c && !c->err.msg[0])
		return c;
	if (say)
		doc_wrap(x->d, c ? R_BAD : R_DIM, 2, c ? c->err.msg : fmt_is_ascii() ? "looking .." : "looking …");
	return NULL;
}

void detail_add_findings_line(const struct detail *x)
{
	const struct checked *c = facts_of(x, false);
	size_t n[3] = { 0 }, all;
	struct strbuf b = STRBUF_INIT;
	const struct found **list;

	if (!c) {
		doc_line(x->d);
		doc_at(x->d, 2, R_LABEL, "findings");
		if (checking_current(&x->t->checking, &x->t->model, x->t->version))
			doc_at(x->d, 18, R_BAD, "cannot be read");
		else
			doc_at(x->d, 18, R_DIM, glyph(G_ELLIPSIS));
		return;
	}
	all = facts_findings(c, detail_ca(x)->id, &list);
	for (size_t i = 0; i < all; i++)
		n[list[i]->finding->severity]++;
	for (int s = SEVERITY_HIGH; s >= SEVERITY_LOW; s--)
		if (n[s])
			strbuf_addf(&b, "%s%zu %s", b.len ? ", " : "", n[s], severity_names[s]);
	doc_field_as(x->d, n[SEVERITY_HIGH] ? R_BAD : all ? R_SOME : R_TEXT, "findings", b.len ? b.buf : "none");
	free(list);
	strbuf_release(&b);
}

static void add_finding(const struct detail *x, const struct found *f)
{
	static const enum role roles[] = { R_DIM, R_SOME, R_BAD };
	struct strbuf b = STRBUF_INIT;
	char hex[24];

	doc_line(x->d);
	doc_at(x->d, 2, roles[f->finding->severity], severity_names[f->finding->severity]);
	doc_at(x->d, 10, R_NAME, f->finding->kind);
	if (f->has_cert) {
		hex_encode(f->sha256, 4, hex);
		doc_addf(x->d, R_DIM, "  %s%s", hex, glyph(G_ELLIPSIS));
		if (f->cert != NO_INDEX)
			doc_link(x->d, LINK_CERT, f->cert);
	}
	strbuf_addf(&b, "%s (%s)", f->finding->detail, f->finding->source);
	doc_wrap(x->d, R_TEXT, 10, b.buf);
	strbuf_release(&b);
}

void detail_add_findings(const struct detail *x)
{
	const struct checked *c = facts_of(x, false);
	size_t most = x->more ? FINDINGS_MORE : FINDINGS, n;
	const struct found **list;
	char title[64];

	if (!c) {
		doc_section(x->d, "Findings");
		facts_of(x, true);
		return;
	}
	n = facts_findings(c, detail_ca(x)->id, &list);
	snprintf(title, sizeof(title), "Findings (%zu)", n);
	doc_section(x->d, title);
	for (size_t i = 0; i < n && i < most; i++)
		add_finding(x, list[i]);
	doc_more(x->d, 5, n > most ? n - most : 0, x->more ? "canopy check has all" : "v lists all");
	free(list);
}

static void add_site(const struct detail *x, const struct site_use *s, bool least)
{
	const struct number n = { .n = s->leaves, .low = least };
	char buf[NUMBER_BUF], day[DATE_BUF];

	doc_line(x->d);
	doc_right(x->d, 14, R_NUMBER, num_group(buf, s->rank));
	doc_right(x->d, 26, R_NUMBER, fmt_number(buf, &n));
	doc_at(x->d, 28, R_DIM, date_format(day, s->last_na_day));
	doc_at(x->d, 40, R_NAME, s->domain);
}

/* Nothing at all where no leaf's names were compared with a list. */
void detail_add_sites(const struct detail *x)
{
	const struct tui *t = x->t;
	const struct sited *s = t->checking.sites;
	size_t most = x->more ? SITES_MORE : SITES, n;
	const struct site_use *list;
	enum coverage coverage;
	char title[64];

	if (!(checking_there(&t->checking, &t->model, t->version) & CHECK_SITES))
		return;
	if (s->err.msg[0]) {
		doc_section(x->d, "Ranked sites");
		doc_wrap(x->d, R_BAD, 2, s->err.msg);
		return;
	}
	n = facts_sites(s, detail_ca(x)->id, &list, &coverage);
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
		add_site(x, &list[i], coverage != COVERAGE_COMPLETE);
	doc_more(x->d, 5, n > most ? n - most : 0, x->more ? "canopy show has all" : "v lists more");
}
