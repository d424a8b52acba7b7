/* The answers of several programs and purposes side by side. */
#include "cli/impact_out.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "cli/span.h"
#include "index/until.h"

/* ---- totals by program ---- */

static const struct column total_columns[] = {
	{ "program", COL_TEXT, "program", NULL, 0, NULL },
	{ "purpose", COL_TEXT, "purpose", NULL, 0, NULL },
	{ "store_date", COL_TEXT, "store of", NULL, 0, NULL },
	{ "lost", COL_COUNT, "lost", NULL, 0, NULL },
	{ "kept", COL_COUNT, "kept", NULL, 0, NULL },
	{ "trusted", COL_COUNT, "trusted", NULL, 0, NULL },
	{ "changed_cas", COL_COUNT, "CAs that change", NULL, 0, NULL },
	{ "unknown_cas", COL_COUNT, "not complete", NULL, 0, NULL },
	{ "no_effect", COL_TEXT, "marks without effect", NULL, 0, NULL },
	COLUMN_END,
};

/* "1 of 2": a program that anchors another certificate loses nothing, and is not safe for that. */
void answer_no_effect_cell(struct out *o, const struct answer *a)
{
	const struct scenario *s = a->scenario;
	struct strbuf b = STRBUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < s->mark.n; i++)
		n += answer_no_effect(&s->mark.v[i]) != NULL;
	strbuf_addf(&b, "%zu of %zu", n, s->mark.n);
	out_text(o, n ? b.buf : "none");
	strbuf_release(&b);
}

bool answer_store_old(const struct answer *a)
{
	int32_t today = date_today(), day = a->cli->day;

	return a->query->store->day < (day < today ? day : today) - STALE_DAYS;
}

/* In the browser's words. */
static const char *store_note(const struct answer *a)
{
	if (a->query->store->day > a->cli->day)
		return ", later";
	if (a->unknown.doubt.n)
		return ", suspect";
	return answer_store_old(a) ? ", old" : "";
}

/* "2023-06-01, later": nothing lost by a store of after the day asked is no answer. */
void answer_store_cell(struct out *o, const struct answer *a)
{
	struct strbuf b = STRBUF_INIT;
	char day[DATE_BUF];

	strbuf_addf(&b, "%s%s", date_format(day, a->query->store->day), store_note(a));
	out_text(o, b.buf);
	strbuf_release(&b);
}

/* "at least 0" of CAs that nobody counts is nothing known. */
static void answer_total_cell(struct out *o, const struct answer *a, const struct span *total, bool least)
{
	struct span s = *total;

	s.known &= s.low > 0 || !least || !answer_uncounted(a);
	out_span(o, &s, least);
}

const struct span unanswered_span = { .open = 1 };

void answer_cas_cell(struct out *o, const struct answer *a, uint64_t cas)
{
	out_count_if(o, !until_unanswered(a->impact), cas);
}

void answer_loss_cells(struct out *o, const struct answer *a)
{
	const struct leaf_spans *s = &a->impact->span;

	if (until_unanswered(a->impact)) {
		for (int i = 0; i < 3; i++)
			out_span(o, &unanswered_span, true);
		return;
	}
	answer_total_cell(o, a, &s->lost, a->least.lost);
	answer_total_cell(o, a, &s->kept, a->least.kept);
	answer_total_cell(o, a, &s->trusted, a->least.trusted);
}

/* Why the cells of those have nothing. */
static void say_unanswered(struct report *r, const struct answers *all)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < all->n; i++)
		if (until_unanswered(all->v[i].impact)) {
			strbuf_reset(&b);
			end_text(&all->v[i], &b);
			report_line(r, "%s", b.buf);
		}
	strbuf_release(&b);
}

void several_headline(struct report *r, const struct answers *all)
{
	struct out *o;

	report_section(r, "by program");
	if (r->format == FORMAT_HTML)
		impact_chart_programs(r, all);
	o = report_table(r, total_columns, "totals by program and purpose");
	for (size_t i = 0; i < all->n; i++) {
		const struct answer *a = &all->v[i];
		const struct impact *im = a->impact;

		out_text(o, answer_program(a));
		out_text(o, answer_purpose(a));
		answer_store_cell(o, a);
		answer_loss_cells(o, a);
		answer_cas_cell(o, a, im->changed_cas);
		answer_cas_cell(o, a, im->unknown_cas);
		answer_no_effect_cell(o, a);
		out_row(o);
	}
	out_end(o);
	report_line(r, "lost: leaves trusted before and not after; kept: still trusted, by another path; not complete: CAs "
		       "that change and are not counted to the end; marks without effect: the section 'marks' says why");
	say_unanswered(r, all);
	report_line(r, "asked of one program and purpose, as with '--program %s --purpose %s', the report also has shares, operators, "
		       "roots, kinds, what keeps leaves, sites and every later day",
		answer_program(all->v), answer_purpose(all->v));
}

/* ---- a column for each ---- */

/* Headings are written as they are, and programs have names of their own. */
static const char *heading(const struct report *r, const char *label, struct arena *strings)
{
	struct strbuf b = STRBUF_INIT;

	if (r->format == FORMAT_HTML)
		style_html(&b, label, 0);
	else if (r->format == FORMAT_MD)
		style_markdown(r->style, &b, label, 0);
	else
		style_text(r->style, &b, label, 0);
	const char *kept = arena_strdup(strings, b.buf);
	strbuf_release(&b);
	return kept;
}

#define BOTH (-1) /* purposes */

static bool is_of(const struct answer *a, int purpose)
{
	return purpose == BOTH || (int)a->scenario->purpose == purpose;
}

struct column *several_columns(const struct report *r, const struct answers *all, int purpose, const struct column *frame,
	struct arena *strings)
{
	VEC(struct column) columns = { 0 };

	for (; frame->name; frame++) {
		if (*frame->name) {
			vec_push(&columns, *frame);
			continue;
		}
		for (size_t i = 0; i < all->n; i++) {
			const struct answer *a = &all->v[i];
			const char *label = purpose == BOTH ? a->label : answer_program(a);

			if (is_of(a, purpose))
				vec_push(&columns, (struct column){ "lost", COL_COUNT, heading(r, label, strings), NULL, 0, NULL });
		}
	}
	vec_push(&columns, (struct column)COLUMN_END);
	return columns.v;
}

/* ---- CAs ---- */

static const struct column cas_frame[] = {
	{ "name", COL_TEXT, "CA", NULL, 48, NULL },
	{ "owner", COL_TEXT, "owner", NULL, 32, NULL },
	{ "", COL_COUNT, "", NULL, 0, NULL },
	{ "unexpired", COL_COUNT, "unexpired", NULL, 0, NULL },
	{ "coverage", COL_TEXT, "coverage", NULL, 0, NULL },
	{ "ca_id", COL_HASH, "ca_id", NULL, 0, NULL },
	COLUMN_END,
};

/* One CA with its row in each answer, NULL where that has none. */
struct joined {
	uint32_t ca;
	uint64_t lost, high; /* the most of any answer */
	const struct impact_row **row;
};
struct joining {
	const struct answers *all;
	int purpose;
	VEC(struct joined) v;
	uint32_t *at; /* by CA: place in v plus one */
	struct arena rows;
};

static void join_row(struct joining *j, size_t answer, const struct impact_row *r)
{
	if (!j->at[r->ca]) {
		size_t bytes = j->all->n * sizeof(struct impact_row *);
		struct joined one = { r->ca, 0, 0, arena_alloc(&j->rows, bytes) };

		memset(one.row, 0, bytes);
		vec_push(&j->v, one);
		j->at[r->ca] = (uint32_t)j->v.n;
	}
	struct joined *to = &j->v.v[j->at[r->ca] - 1];
	to->row[answer] = r;
	to->lost = r->leaves.lost > to->lost ? r->leaves.lost : to->lost;
	to->high = r->alone.lost.high > to->high ? r->alone.lost.high : to->high;
}

static int by_loss(const void *a, const void *b, void *ctx)
{
	const struct joined *x = a, *y = b;
	const struct graph *g = ctx;

	if (x->lost != y->lost)
		return x->lost > y->lost ? -1 : 1;
	if (x->high != y->high)
		return x->high > y->high ? -1 : 1;
	return answer_by_name(g, x->ca, y->ca);
}

static void join(struct joining *j, const struct answers *all, int purpose)
{
	*j = (struct joining){ .all = all, .purpose = purpose, .at = xcalloc(all->g->ca.n + 1, sizeof(*j->at)) };
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; is_of(&all->v[i], purpose) && k < all->v[i].impact->n_rows; k++)
			join_row(j, i, &all->v[i].impact->row[k]);
	if (j->v.n)
		qsort_r(j->v.v, j->v.n, sizeof(*j->v.v), by_loss, (void *)all->g);
}

static void join_release(struct joining *j)
{
	vec_release(&j->v);
	arena_release(&j->rows);
	free(j->at);
}

/* "≥ 1,234 x": how many are lost, and what is left. */
static void lost_cell(struct out *o, const struct report *r, const struct answer *a, const struct ca *ca, const struct impact_row *row)
{
	const char *left = row && row->after == ACCEPT_NONE ? "x" : row && row->changed ? "~" : "=";
	struct strbuf cell = STRBUF_INIT;

	if (!row) {
		out_text(o, trust_before(a->impact->trust, (uint32_t)(ca - a->g->ca.v)) == ACCEPT_NONE ? "no" : "same");
		return;
	}
	span_text(r->style, &cell, &row->alone.lost, row->changed && row->unbounded);
	strbuf_addf(&cell, " %s", left);
	out_text(o, cell.buf);
	strbuf_release(&cell);
}

static void joined_row(struct out *o, const struct report *r, const struct joining *of, const struct joined *j)
{
	const struct answers *all = of->all;
	const struct ca *ca = &all->g->ca.v[j->ca];
	const struct impact_row *any = NULL;

	out_text(o, *ca->name ? ca->name : ca->subject);
	out_text_or_null(o, ca->owner);
	for (size_t i = 0; i < all->n; i++) {
		if (!is_of(&all->v[i], of->purpose))
			continue;
		lost_cell(o, r, &all->v[i], ca, j->row[i]);
		any = j->row[i] ? j->row[i] : any;
	}
	out_span(o, &any->alone.unexpired, any->unbounded);
	answer_coverage_cell(o, all->v, j->ca);
	out_hash(o, ca->id, sizeof(ca->id));
	out_row(o);
}

static void put_joined(struct report *r, const struct joining *j, size_t shown)
{
	struct arena strings = { 0 };
	struct column *columns = several_columns(r, j->all, j->purpose, cas_frame, &strings);
	const char *of = j->purpose == BOTH ? "" : purpose_names[j->purpose];
	char caption[96];

	snprintf(caption, sizeof(caption), "leaves lost by CA and program%s%s, the largest loss first", *of ? ", " : "", of);
	struct out *o = report_table(r, columns, caption);

	for (size_t i = 0; i < shown; i++)
		joined_row(o, r, j, &j->v.v[i]);
	out_end(o);
	free(columns);
	arena_release(&strings);
}

static uint64_t shared_of(const struct joining *j)
{
	uint64_t n = 0;

	for (size_t i = 0; i < j->v.n; i++)
		n += ca_bounded_by_several(j->all->g, j->v.v[i].ca);
	return n;
}

static void cas_of(struct report *r, const struct answers *all, int purpose)
{
	struct joining j;
	size_t shown;

	join(&j, all, purpose);
	shown = r->format == FORMAT_TABLE && j.v.n > ROWS_FOR_PEOPLE ? ROWS_FOR_PEOPLE : j.v.n;
	report_section(r, "CAs that change or are kept by another path%s%s (%zu)", purpose == BOTH ? "" : ", ",
		purpose == BOTH ? "" : purpose_names[purpose], j.v.n);
	report_line(r, "%s",
		j.v.n ? "leaves lost in each; x: no leaf of the CA is accepted any more, ~: some are, =: all are, by another path; "
			"same: accepted as before; no: not accepted beforehand; –: not counted"
		      : "none");
	impact_shared_line(r, shared_of(&j));
	if (j.v.n)
		put_joined(r, &j, shown);
	if (shown < j.v.n)
		report_line(r, "and %zu more; --format csv has all", j.v.n - shown);
	join_release(&j);
}

/* More columns than programs would leave no room for names on paper. */
void several_cas(struct report *r, const struct answers *all)
{
	bool programs = false, purposes = false;

	for (size_t i = 1; i < all->n; i++) {
		programs |= strcmp(answer_program(&all->v[i]), answer_program(all->v)) != 0;
		purposes |= all->v[i].scenario->purpose != all->v->scenario->purpose;
	}
	if (!programs || !purposes) {
		cas_of(r, all, BOTH);
		return;
	}
	for (int p = 0; p < PURPOSE_COUNT; p++)
		cas_of(r, all, p);
}

/* ---- decay ---- */

static const struct column decay_frame[] = {
	{ "date", COL_DATE, "date", NULL, 0, NULL },
	{ "days", COL_COUNT, "days", NULL, 0, NULL },
	{ "", COL_COUNT, "", NULL, 0, NULL },
	COLUMN_END,
};

void several_decay(struct report *r, const struct answers *all)
{
	struct arena strings = { 0 };
	char date[DATE_BUF];
	size_t unknown = 0;
	struct out *o;

	for (size_t i = 0; i < all->n; i++)
		unknown += answer_later_unknown(&all->v[i]);
	report_section(r, "decay");
	if (unknown == all->n) {
		report_line(r, "of the CAs that change no leaf is known that is lost: of later days nothing is known");
		impact_put_until(r, all, false);
		return;
	}
	report_line(r, "lost on later days among the leaves issued by %s; no issuance after that day is assumed",
		date_format(date, all->cli->day));
	if (r->format == FORMAT_HTML)
		impact_chart_decays(r, all);
	struct column *columns = several_columns(r, all, BOTH, decay_frame, &strings);
	o = report_table(r, columns, "leaves lost on later days");
	for (size_t i = 0; i < DECAY_STEPS; i++) {
		out_day(o, all->cli->day + decay_days[i]);
		out_count(o, (uint64_t)decay_days[i]);
		for (size_t k = 0; k < all->n; k++)
			answer_decay_cell(o, &all->v[k], i);
		out_row(o);
	}
	out_end(o);
	impact_put_until(r, all, false);
	free(columns);
	arena_release(&strings);
}
