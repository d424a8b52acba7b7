/* The CAs right above and below. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "tui/detail.h"

#define LISTED 25 /* of the children, and where more is asked for */
#define LISTED_MORE 5000

#define PROGRAMS 6
#define PROGRAMS_FROM 16

/* No room for the titles that the tree has: of each the first letter. */
static bool is_narrow(const struct detail *x)
{
	return x->d->width < 70;
}

/* The column of the nth program. */
static int program_at(const struct detail *x, size_t n)
{
	return PROGRAMS_FROM + (int)n * (is_narrow(x) ? 2 : 3);
}

static int name_at(const struct detail *x)
{
	const size_t n = x->t->model.column.n;

	return program_at(x, n < PROGRAMS ? n : PROGRAMS) + (is_narrow(x) ? 2 : 1);
}

/* A row: its number, how programs take it, its name, by how many certificates. */
static void add_one(const struct detail *x, uint32_t ca, uint32_t certs)
{
	static const enum glyph glyphs[] = { G_ALL, G_SOME, G_NONE, G_REVOKED, G_ASSUMED, G_ELLIPSIS };
	struct model *m = &x->t->model;
	struct number n = model_count(m, ca);
	char buf[NUMBER_BUF];

	doc_line(x->d);
	doc_right(x->d, 14, R_NUMBER, fmt_number(buf, &n));
	for (size_t i = 0; i < m->column.n && i < PROGRAMS; i++)
		doc_at(x->d, program_at(x, i), R_OWNER, glyph(glyphs[model_standing(m, i, ca)]));
	doc_name(x->d, name_at(x), model_lost(m, ca) ? R_LOST : R_LINK, model_name(m, ca), INT_MAX);
	if (certs > 1)
		doc_addf(x->d, R_DIM, "  by %u certificates", certs);
	if (*m->g->ca.v[ca].owner && strcmp(m->g->ca.v[ca].owner, detail_ca(x)->owner) != 0)
		doc_addf(x->d, R_OWNER, "  %s", m->g->ca.v[ca].owner);
	doc_link(x->d, LINK_CA, ca);
}

/* What the columns of the list mean. */
static void add_header(const struct detail *x)
{
	const struct model *m = &x->t->model;
	const bool narrow = is_narrow(x);

	doc_line(x->d);
	doc_right(x->d, 14, R_HEADER, m->all_leaves || !m->impact ? "unexpired" : "trusted");
	for (size_t i = 0; i < m->column.n && i < PROGRAMS; i++) {
		const char *title = m->column.v[i].title;

		doc_at(x->d, program_at(x, i), R_HEADER, narrow ? (char[2]){ title[0], 0 } : (char[3]){ title[0], title[1], 0 });
		if (!narrow && title[1] && model_store_doubtful(m, i))
			doc_add(x->d, R_HEADER, DOUBTFUL_SIGN);
	}
	doc_at(x->d, name_at(x), R_HEADER, "CA");
}

struct kin {
	uint32_t ca, certs;
};

static int by_count(const void *a, const void *b, void *ctx)
{
	const struct model *m = ctx;
	uint32_t x = ((const struct kin *)a)->ca, y = ((const struct kin *)b)->ca;

	if (x == y)
		return 0;
	if (m->count[x].low != m->count[y].low)
		return m->count[x].low > m->count[y].low ? -1 : 1;
	int c = text_order(model_name(m, x), model_name(m, y));
	return c ? c : (x > y) - (x < y);
}

/* Each once, with the number of certificates between. */
static size_t fold(const struct model *m, struct kin *list, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort_r(list, n, sizeof(*list), by_count, (void *)(uintptr_t)m);
	for (size_t i = 0; i < n; i++) {
		if (kept && list[kept - 1].ca == list[i].ca)
			list[kept - 1].certs++;
		else
			list[kept++] = list[i];
	}
	return kept;
}

static void add_list(const struct detail *x, const char *what, const struct kin *list, size_t n)
{
	size_t most = x->more ? LISTED_MORE : LISTED;
	struct strbuf before = STRBUF_INIT;
	char title[64];

	snprintf(title, sizeof(title), "%s (%zu)", what, n);
	doc_section(x->d, title);
	if (n && !x->t->model.all_leaves && detail_before_marks(&x->t->model, &before))
		doc_addf(x->d, R_LABEL, "  trusted%s", before.buf);
	strbuf_release(&before);
	if (n)
		add_header(x);
	for (size_t i = 0; i < n && i < most; i++)
		add_one(x, list[i].ca, list[i].certs);
	doc_more(x->d, 5, n > most ? n - most : 0, x->more ? "the tree has all" : "v lists all");
}

static void add_parents(const struct detail *x)
{
	const struct graph *g = x->t->model.g;
	const struct ca *c = detail_ca(x);
	VEC(struct kin) list = { 0 };

	for (uint32_t i = 0; i < c->n_certs; i++) {
		const struct ca_cert *e = &g->cert.v[g->ca_certs[c->first_cert + i]];
		for (uint32_t k = 0; k < e->n_issuers; k++)
			if (g->issuers[e->first_issuer + k] != x->ca)
				vec_push(&list, (struct kin){ g->issuers[e->first_issuer + k], 1 });
	}
	add_list(x, "Parents", list.v, fold(&x->t->model, list.v, list.n));
	vec_release(&list);
}

static void add_children(const struct detail *x)
{
	const struct graph *g = x->t->model.g;
	const struct ca *c = detail_ca(x);
	VEC(struct kin) list = { 0 };

	for (uint32_t i = 0; i < c->n_children; i++) {
		uint32_t child = g->cert.v[g->child_certs[c->first_child + i]].ca;
		if (child != x->ca)
			vec_push(&list, (struct kin){ child, 1 });
	}
	add_list(x, "Children", list.v, fold(&x->t->model, list.v, list.n));
	vec_release(&list);
}

void detail_add_kin(const struct detail *x)
{
	add_parents(x);
	add_children(x);
}
