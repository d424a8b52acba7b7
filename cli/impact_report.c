#include "cli/impact_kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "cli/span.h"
#include "index/until.h"

#define KEEPERS_FOR_PEOPLE 10
#define ROWS_FOR_PEOPLE 200 /* of a table; the rest is said in one line */
#define HASHES_FOR_PEOPLE 12 /* of a mark: the rest is told by the command that the report ends with */
#define NAMES_FOR_PEOPLE 12 /* of the CAs of a figure */

static const struct column columns[] = {
	{ "lost", COL_COUNT, "lost", NULL, 0, NULL },
	{ "kept", COL_COUNT, "kept", NULL, 0, NULL },
	{ "trusted", COL_COUNT, "trusted", NULL, 0, NULL },
	{ "unexpired", COL_COUNT, "unexpired", NULL, 0, NULL },
	{ "before", COL_TEXT, "before", NULL, 0, NULL },
	{ "after", COL_TEXT, "after", NULL, 0, NULL },
	{ "coverage", COL_TEXT, "coverage", NULL, 0, NULL },
	{ "last_not_before", COL_DATE, "last issued", NULL, 0, NULL },
	{ "ca_id", COL_HASH, "ca_id", NULL, 0, NULL },
	{ "name", COL_TEXT, "CA", NULL, 80, NULL },
	{ "owner", COL_TEXT, "owner", NULL, 32, NULL },
	COLUMN_END,
};

static const struct column page_columns[] = {
	{ "name", COL_TEXT, "CA", NULL, 80, NULL },
	{ "owner", COL_TEXT, "owner", NULL, 60, NULL },
	{ "lost", COL_COUNT, "lost", NULL, 0, NULL },
	{ "kept", COL_COUNT, "kept", NULL, 0, NULL },
	{ "trusted", COL_COUNT, "trusted", NULL, 0, NULL },
	{ "unexpired", COL_COUNT, "unexpired", NULL, 0, NULL },
	{ "before", COL_TEXT, "before", NULL, 0, NULL },
	{ "after", COL_TEXT, "after", NULL, 0, NULL },
	{ "coverage", COL_TEXT, "coverage", NULL, 0, NULL },
	{ "last_not_before", COL_DATE, "last issued", NULL, 0, NULL },
	{ "reach", COL_TEXT, "reach", NULL, 0, NULL },
	{ "ca_id", COL_HASH, "ca_id", NULL, 0, NULL },
	COLUMN_END,
};

static const struct column decay_columns[] = {
	{ "date", COL_DATE, "date", NULL, 0, NULL },
	{ "days", COL_COUNT, "days", NULL, 0, NULL },
	{ "lost", COL_COUNT, "lost", NULL, 0, NULL },
	COLUMN_END,
};

struct hits {
	struct strbuf *out;
	size_t n;
};

static void add_hash(struct hits *h, const char *what, const uint8_t sha256[32])
{
	if (h->n++ >= HASHES_FOR_PEOPLE)
		return;
	strbuf_addf(h->out, "%s%s", h->n > 1 ? ", " : "; ", what);
	strbuf_addhex(h->out, sha256, 32);
}

static void add_certs_with_key(struct hits *h, const struct graph *g, uint32_t key)
{
	for (uint32_t i = g->key_first[key]; i < g->key_first[key + 1]; i++) {
		const struct ca *ca = &g->ca.v[g->key_cas[i]];

		for (uint32_t k = 0; k < ca->n_certs; k++)
			add_hash(h, "", g->cert.v[g->ca_certs[ca->first_cert + k]].sha256);
	}
}

/* Of `remove` only what is an anchor in one of the answers, as far as anything of it is. */
static bool is_hit(const struct answer *a, const struct mark *m, size_t certs)
{
	const struct trust_query *q = a->query;
	bool anchor = m->action != MARK_REMOVE || !certs;

	for (size_t i = 0; i < a->all->n; i++)
		anchor |= store_anchor(a->all->v[i].query->store, m->target, a->all->v[i].query->purpose) != NULL;
	for (size_t i = 0; i < q->n_assume; i++)
		anchor |= q->assume[i] == m->target;
	return anchor;
}

/* In full what a mark hits, so that the report alone is enough to make it again: of a block the key, then the certificates
 * with it. */
static void add_hit(const struct answer *a, size_t mark, struct strbuf *out)
{
	const struct trust_query *q = a->query;
	struct hits h = { .out = out };
	size_t certs = 0;

	for (size_t i = 0; i < a->all->n; i++)
		certs += a->all->v[i].scenario->mark.v[mark].certs;
	for (size_t i = 0; i < q->n_marks; i++) {
		const struct mark *m = &q->marks[i];

		if (m->from != mark)
			continue;
		if (m->action == MARK_BLOCK) {
			add_hash(&h, "spki:", a->g->ca.v[a->g->key_cas[a->g->key_first[m->target]]].spki_sha256);
			add_certs_with_key(&h, a->g, m->target);
		} else if (is_hit(a, m, certs)) {
			add_hash(&h, "", a->g->cert.v[m->target].sha256);
		}
	}
	if (h.n > HASHES_FOR_PEOPLE)
		strbuf_addf(out, " and %zu more", h.n - HASHES_FOR_PEOPLE);
}

/* What a mark hits, in each program. */
static void mark_item(struct report *r, const struct answers *all, size_t i)
{
	struct fold f = { .all = all };
	struct strbuf text = STRBUF_INIT, b = STRBUF_INIT, only = STRBUF_INIT;

	for (size_t k = 0; k < all->n; k++) {
		const struct scenario_mark *m = &all->v[k].scenario->mark.v[i];
		const char *why = answer_no_effect(m);
		struct strbuf stage = STRBUF_INIT;

		answer_stage_text(&all->v[k], m, &stage);
		fold_add(&f, k, "%zu certificate%s%s%s%s%s", m->certs, m->certs == 1 ? "" : "s", stage.len ? "; " : "", stage.buf,
			why ? "; no effect: " : "", why ? why : "");
		strbuf_release(&stage);
	}
	fold_join(&f, &b);
	if (all->n == 1 && all->v->only)
		only_text(all->v, i, &only);
	if (only.len)
		strbuf_addf(&b, "; if exactly that went: %s", only.buf);
	strbuf_release(&only);
	if (r->format != FORMAT_TABLE)
		add_hit(all->v, i, &b);
	answer_mark_text(all->v, i, false, &text);
	report_item(r, "%s: %s", text.buf, b.buf);
	strbuf_release(&b);
	strbuf_release(&text);
}

static void ref_item(struct report *r, const struct answers *all, const char *what, const char *ref)
{
	struct strbuf name = STRBUF_INIT;

	answer_ref_name(all->v, ref, &name);
	report_item(r, "%s %s%s", what, ref, name.len ? name.buf : "");
	strbuf_release(&name);
}

static void marks_section(struct report *r, const struct answers *all)
{
	const struct scenario *s = all->v->scenario;

	report_section(r, "marks (%zu)", s->mark.n);
	if (!s->mark.n)
		report_item(r, "none: before and after are the same");
	for (size_t i = 0; i < s->mark.n; i++)
		mark_item(r, all, i);
	for (size_t i = 0; i < s->exempt.n; i++)
		ref_item(r, all, "exempt", s->exempt.v[i]);
	for (size_t i = 0; i < s->assume.n; i++)
		ref_item(r, all, "assumed to be an anchor beforehand:", s->assume.v[i]);
	if (all->n > 1 && s->mark.n)
		several_only(r, all);
}

/* On a terminal; a report that is sent begins with its summary. */
static void headline(struct report *r, const struct answer *a)
{
	struct strbuf b = STRBUF_INIT;

	headline_text(a, &b);
	report_line(r, "%s", b.buf);
	strbuf_reset(&b);
	counted_range(a->impact, &b);
	if (b.len)
		report_line(r, "%s", b.buf);
	strbuf_release(&b);
}

/* "1,234 where CCADB discloses it, at most 20 by caIssuers URLs, …": what there is of it */
static void kept_reach_field(struct report *r, const struct answer *a)
{
	static const char *const words[REACHES] = { "where CCADB discloses it", "by caIssuers URLs", "not known", "nowhere" };
	struct leaf_loss kept[REACHES];
	struct strbuf b = STRBUF_INIT;

	reach_kept(a->reach, kept);
	for (int i = 0; i < REACHES; i++) {
		const struct span *s = &kept[i].leaves;
		bool least = kept[i].unbounded_cas > 0 || !span_bounded(s);

		if (!kept[i].cas || (!s->high && !least))
			continue;
		strbuf_addstr(&b, b.len ? ", " : "");
		if (s->known || !least)
			span_words(&b, s, least);
		else
			strbuf_addstr(&b, "an unknown number");
		strbuf_addf(&b, " %s", words[i]);
	}
	report_given(r, "path found", b.buf);
	strbuf_release(&b);
}

/* Where no loss is known "at least 0" says nothing four times. */
static void totals_of_uncounted(struct report *r, const struct answer *a)
{
	const struct leaf_spans *s = &a->impact->span;
	struct strbuf b = STRBUF_INIT;

	uncounted_text(a, &b);
	later_store_text(a, &b);
	report_field(r, "lost", "not known: %s", b.buf);
	if (s->kept.low)
		report_field(r, "kept", "%s, still trusted by another path", total_words(&b, a->least.kept, &s->kept));
	if (s->trusted.low)
		report_field(r, "trusted", "%s beforehand", total_words(&b, a->least.trusted, &s->trusted));
	strbuf_release(&b);
}

/* Its zeros are of another day. */
static void totals_of_unanswered(struct report *r, const struct answer *a)
{
	struct strbuf b = STRBUF_INIT;

	later_store_text(a, &b);
	report_field(r, "lost", "not known%s", b.buf);
	report_field(r, "unexpired", "%s in the index, whatever their purpose",
		total_words(&b, a->least.unexpired, &a->impact->span.unexpired));
	strbuf_release(&b);
}

static void totals_of_counted(struct report *r, const struct answer *a)
{
	const struct leaf_spans *s = &a->impact->span;
	const struct least *least = &a->least;
	struct strbuf b = STRBUF_INIT;

	total_words(&b, least->lost, &s->lost);
	later_store_text(a, &b);
	report_field(r, "lost", "%s", b.buf);
	report_field(r, "kept", "%s, still trusted by another path", total_words(&b, least->kept, &s->kept));
	kept_reach_field(r, a);
	report_field(r, "trusted", "%s beforehand", trusted_words(&b, a));
	report_field(r, "unexpired", "%s in the index, whatever their purpose", total_words(&b, least->unexpired, &s->unexpired));
	strbuf_release(&b);
}

static void totals_section(struct report *r, const struct answer *a)
{
	bool uncounted = answer_uncounted(a);
	char n[32];

	report_section(r, "leaves");
	if (until_unanswered(a->impact))
		totals_of_unanswered(r, a);
	else
		(uncounted ? totals_of_uncounted : totals_of_counted)(r, a);
	if (a->impact->total.no_sct)
		report_field(r, "without SCT", "%s judged by an SCT rule without an embedded SCT",
			num_group(n, a->impact->total.no_sct));
	if (until_unanswered(a->impact))
		report_field(r, "CAs", "not known which change");
	else
		report_field(r, "CAs", "%s change", num_group(n, a->impact->changed_cas));
	if (a->impact->unknown_cas && !uncounted)
		report_field(r, "not complete", "%s of them %s not counted to the end%s", num_group(n, a->impact->unknown_cas),
			a->impact->unknown_cas == 1 ? "is" : "are",
			a->impact->unbounded_cas ? ": the losses may be larger" : ", but figures bound them");
	if (a->impact->figure_cas)
		report_field(r, "by figures", "%s of them %s counted by nothing else", num_group(n, a->impact->figure_cas),
			a->impact->figure_cas == 1 ? "is" : "are");
}

/* ---- CAs ---- */

void answer_issued_cell(struct out *o, const struct answer *a, bool known, int32_t day, bool least)
{
	struct strbuf b = STRBUF_INIT;
	char date[DATE_BUF];

	if (!known || !least || day >= a->cli->day || !out_for_people(o)) {
		out_day_if(o, known, day);
		return;
	}
	strbuf_addf(&b, "%s%s", out_style(o)->utf8 ? "≥ " : ">= ", date_format(date, day));
	out_text(o, b.buf);
	strbuf_release(&b);
}

static void last_issued_cell(struct out *o, const struct answer *a, uint32_t ca)
{
	int32_t day = 0;
	bool known = answer_last_issued(a, ca, &day);

	answer_issued_cell(o, a, known, day, a->g->ca.v[ca].coverage != COVERAGE_COMPLETE);
}

void answer_coverage_cell(struct out *o, const struct answer *a, uint32_t ca)
{
	const char *coverage = coverage_names[ca_coverage(a->g, ca)];
	struct strbuf b = STRBUF_INIT;
	char date[DATE_BUF];

	strbuf_addstr(&b, coverage);
	if (a->g->ca.v[ca].coverage != COVERAGE_NONE)
		strbuf_addf(&b, ", %s %s", a->g->ca.v[ca].count_source, date_format(date, a->g->ca.v[ca].source_day));
	if (a->g->ca.v[ca].figure != NO_INDEX)
		strbuf_addf(&b, ", figure %zu", a->figure_number[a->g->ca.v[ca].figure]);
	const struct figure *stale = ca_stale_figure(a->g, ca);
	if (stale)
		strbuf_addf(&b, ", figure of %s too %s", date_format(date, stale->as_of), stale->as_of < a->cli->day ? "old" : "new");
	out_text(o, b.buf);
	strbuf_release(&b);
}

void answer_source_cells(struct out *o, const struct answer *a, uint32_t ca)
{
	int32_t day;
	const char *source = ca_count_source(a->g, a->all->beyond, ca, &day);

	out_text_or_null(o, source);
	out_day_if(o, *source, day);
}

static void ca_row(struct out *o, const struct answer *a, const struct impact_row *r)
{
	const struct ca *ca = &a->g->ca.v[r->ca];

	out_span(o, &r->alone.lost, r->unbounded && r->changed);
	out_span(o, &r->alone.kept, r->unbounded && r->after != ACCEPT_NONE);
	out_span(o, &r->alone.trusted, r->unbounded);
	out_span(o, &r->alone.unexpired, r->unbounded);
	out_text(o, acceptance_names[r->before]);
	out_text(o, acceptance_names[r->after]);
	answer_coverage_cell(o, a, r->ca);
	last_issued_cell(o, a, r->ca);
	out_hash(o, ca->id, sizeof(ca->id));
	out_text(o, ca->name);
	out_text_or_null(o, ca->owner);
	out_row(o);
}

/* A page is as wide as its table, and begins with whom the numbers are of. */
static void page_row(struct out *o, const struct answer *a, const struct impact_row *r)
{
	const struct ca *ca = &a->g->ca.v[r->ca];

	out_text(o, *ca->name ? ca->name : ca->subject);
	out_text_or_null(o, ca->owner);
	out_span(o, &r->alone.lost, r->unbounded && r->changed);
	out_span(o, &r->alone.kept, r->unbounded && r->after != ACCEPT_NONE);
	out_span(o, &r->alone.trusted, r->unbounded);
	out_span(o, &r->alone.unexpired, r->unbounded);
	out_text(o, acceptance_names[r->before]);
	out_text(o, acceptance_names[r->after]);
	answer_coverage_cell(o, a, r->ca);
	last_issued_cell(o, a, r->ca);
	out_text(o, answer_reach(a, r));
	out_hash(o, ca->id, sizeof(ca->id));
	out_row(o);
}

static const char words[] =
	"In the table, lost: leaves trusted before and not after; kept: trusted before and after "
	"although a path that accepted them no longer does; trusted: before; unexpired: whatever their purpose. before "
	"and after: which leaves are accepted (some: by a date rule). coverage: how completely the CA is counted, from where and on which day. "
	"last issued: newest notBefore of its leaves up to the day, at least that of those counted. reach: where a client finds the surviving path (ccadb: all of "
	"it is disclosed there; aia: caIssuers URLs lead to the rest; neither: nor does a certificate point to it). ≥: at least; "
	"–: not known.";

void impact_shared_line(struct report *r, uint64_t cas)
{
	struct strbuf b = STRBUF_INIT;

	counted_shared(cas, &b);
	if (b.len)
		report_line(r, "%s", b.buf);
	strbuf_release(&b);
}

static void cas_section(struct report *r, const struct answer *a)
{
	size_t n = a->impact->n_rows, shown = n;
	bool html = r->format == FORMAT_HTML;
	struct out *o;

	report_section(r, "CAs that change or are kept by another path (%zu)", n);
	if (html && n)
		impact_chart_losses(r, a);
	if (html)
		report_line(r, "%s", n ? words : "none");
	if (!n)
		return;
	impact_shared_line(r, counted_shared_cas(a->impact));
	if (r->format == FORMAT_TABLE && shown > ROWS_FOR_PEOPLE)
		shown = ROWS_FOR_PEOPLE;
	o = report_table(r, html ? page_columns : columns, "CAs, the largest loss first");
	out_drop_unknown(o);
	for (size_t i = 0; i < shown; i++)
		(html ? page_row : ca_row)(o, a, &a->impact->row[a->row[i]]);
	out_end(o);
	if (shown < n)
		report_line(r, "and %zu more; --format csv has all", n - shown);
	impact_dormant_line(r, a);
}

void answers_list(const struct answers *all, const char *(*of)(const struct answer *a), struct strbuf *out)
{
	for (size_t i = 0; i < all->n; i++) {
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again |= strcmp(of(&all->v[k]), of(&all->v[i])) == 0;
		if (!again)
			strbuf_addf(out, "%s%s", i ? ", " : "", of(&all->v[i]));
	}
}

/* ---- figures ---- */

static void add_cas(const struct answer *a, const struct figure *f, struct strbuf *b)
{
	for (uint32_t i = 0; i < f->n_cas && i < NAMES_FOR_PEOPLE; i++) {
		strbuf_addstr(b, i ? "; " : "");
		style_text(&a->cli->style, b, a->g->ca.v[a->g->figure_cas.v[f->first_ca + i]].name, 48);
	}
	if (f->n_cas > NAMES_FOR_PEOPLE)
		strbuf_addf(b, "; and %u more", f->n_cas - NAMES_FOR_PEOPLE);
	if (!f->whole)
		strbuf_addstr(b, "; and CAs that are not in the index");
}

static void figure_item(struct report *r, const struct answer *a, const struct figure *f, size_t number)
{
	struct strbuf b = STRBUF_INIT, cas = STRBUF_INIT;
	struct span s = figure_span(f);
	int32_t age = a->cli->day - f->as_of;
	char date[DATE_BUF];

	span_words(&b, &s, false);
	strbuf_addf(&b, " on %s", date_format(date, f->as_of));
	if (age)
		strbuf_addf(&b, ", %d day%s %s", age < 0 ? -age : age, age == 1 || age == -1 ? "" : "s",
			age < 0 ? "after the day asked for" : "old");
	add_cas(a, f, &cas);
	report_item(r, "%zu: %s (%s): %s", number, b.buf, f->source, cas.buf);
	strbuf_release(&b);
	strbuf_release(&cas);
}

static void figures_section(struct report *r, const struct answers *all)
{
	const struct answer *a = all->v;
	struct strbuf purposes = STRBUF_INIT;
	size_t n = 0;

	for (uint32_t f = 0; f < a->g->figure.n; f++)
		n += a->figure_number[f] > 0;
	if (!n)
		return;
	answers_list(all, answer_purpose, &purposes);
	report_section(r, "figures (%zu)", n);
	report_line(r, "counted by others, not by canopy; their leaves are taken as fit for %s where the CA's certificates allow it",
		purposes.buf);
	for (uint32_t f = 0; f < a->g->figure.n; f++)
		if (a->figure_number[f])
			figure_item(r, a, &a->g->figure.v[f], a->figure_number[f]);
	strbuf_release(&purposes);
}

/* The same in every answer. */
static void number_figures(struct answers *all)
{
	const struct graph *g = all->g;
	bool *used = xcalloc(g->figure.n + 1, sizeof(*used));

	for (size_t i = 0; i < all->n; i++) {
		bool *here = answer_figures(&all->v[i]);

		for (uint32_t f = 0; f < g->figure.n; f++)
			used[f] |= here[f];
		free(here);
	}
	for (size_t i = 0; i < all->n; i++) {
		size_t n = 0;

		all->v[i].figure_number = xcalloc(g->figure.n + 1, sizeof(size_t));
		for (uint32_t f = 0; f < g->figure.n; f++)
			all->v[i].figure_number[f] = used[f] ? ++n : 0;
	}
	free(used);
}

static void add_via(struct fold *f, size_t answer, const struct impact_row *row, const struct style *style)
{
	const struct answer *a = &f->all->v[answer];
	uint32_t via[VIA_MAX];
	size_t n = answer_via(a, row, via);
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < n; i++) {
		const struct ca_cert *c = &a->g->cert.v[via[i]];

		strbuf_addstr(&b, i ? " > " : "");
		strbuf_addhex(&b, c->sha256, 6);
		strbuf_addch(&b, ' ');
		style_text(style, &b, a->g->ca.v[c->ca].name, 40);
	}
	fold_add(f, answer, "%s", b.buf);
	strbuf_release(&b);
}

/* The same path may survive in several programs. */
static void via_section(struct report *r, const struct answers *all)
{
	struct fold f = { .all = all };

	for (size_t k = 0; k < all->n; k++) {
		const struct answer *a = &all->v[k];

		for (size_t i = 0; i < a->impact->n_rows; i++)
			if (a->impact->row[a->row[i]].after != ACCEPT_NONE)
				add_via(&f, k, &a->impact->row[a->row[i]], r->style);
	}
	if (f.line.n)
		report_section(r, "paths that survive (%zu)", f.line.n);
	fold_put(&f, r, r->format == FORMAT_TABLE ? ROWS_FOR_PEOPLE : SIZE_MAX);
}

/* Nothing where nothing survives: there is no question then. */
static void kept_section(struct report *r, const struct answer *a)
{
	for (size_t i = 0; i < a->impact->n_rows; i++) {
		if (!trust_keeps(a->impact->trust, a->impact->row[i].ca))
			continue;
		impact_kept_section(r, a, KEEPERS_FOR_PEOPLE);
		return;
	}
}

/* ---- decay, and what is to be known ---- */

static void decay_section(struct report *r, const struct answer *a)
{
	char date[DATE_BUF];
	struct out *o;

	report_section(r, "decay");
	if (answer_later_unknown(a)) {
		impact_time_lines(r, a);
		return;
	}
	report_line(r, "lost on later days among the leaves issued by %s; no issuance after that day is assumed",
		date_format(date, a->cli->day));
	if (r->format == FORMAT_HTML)
		impact_chart_decay(r, a);
	o = report_table(r, decay_columns, "leaves lost on later days");
	for (size_t i = 0; i < DECAY_STEPS; i++) {
		out_day(o, a->cli->day + decay_days[i]);
		out_count(o, (uint64_t)decay_days[i]);
		answer_decay_cell(o, a, i);
		out_row(o);
	}
	out_end(o);
	impact_time_lines(r, a);
}

/* What the rules of anchors say beyond dates, for those that the answer rests on. */
static void anchor_notes(struct fold *f, size_t answer)
{
	const struct answer *a = &f->all->v[answer];
	const struct store *s = a->query->store;
	struct strbuf notes = STRBUF_INIT;

	for (size_t i = 0; i < s->n_rules; i++) {
		const struct anchor_rule *rule = &s->rule[i];
		const struct ca *ca = &a->g->ca.v[a->g->cert.v[rule->cert].ca];

		if (!a->stands_under[rule->cert] || rule->purpose != a->query->purpose ||
			(i && rule[-1].cert == rule->cert && rule[-1].purpose == rule->purpose))
			continue;
		strbuf_reset(&notes);
		index_anchor_notes(a->cli->index, s, rule->cert, a->query->purpose, &notes);
		if (notes.len)
			fold_add(f, answer, "a rule on %s, shown and not judged: %s", ca->name, notes.buf);
		else if (rule->unevaluated)
			fold_add(f, answer, "a rule on %s is not evaluated and was taken as met", ca->name);
	}
	strbuf_release(&notes);
}

/* The purposes of a program share its store. */
static void store_items(struct report *r, const struct answers *all)
{
	char date[STORE_DAY_BUF], version[40];

	for (size_t i = 0; i < all->n; i++) {
		const char *program = answer_program(&all->v[i]);

		if (!i || strcmp(answer_program(&all->v[i - 1]), program) != 0)
			report_item(r, "store and rules of %s: snapshot of %s%s", program,
				store_day(date, all->v[i].query->store),
				cli_for_version(all->cli, program, version));
	}
}

static void basis_section(struct report *r, const struct answers *all)
{
	struct fold revocation = { .all = all }, notes = { .all = all };
	const struct scenario *s = all->v->scenario;

	report_section(r, "basis");
	store_items(r, all);
	for (size_t i = 0; i < all->n; i++) {
		const struct answer *a = &all->v[i];

		fold_add(&revocation, i, "revocation: %s", revocation_mode_names[a->scenario->revocation]);
		anchor_notes(&notes, i);
	}
	fold_put(&revocation, r, SIZE_MAX);
	report_item(r, "revoked leaves are not taken out of these totals");
	fold_put(&notes, r, SIZE_MAX);
	/* a reader may not have the scenario whose own words these are */
	for (size_t i = 0; i < s->name.n; i++)
		report_item(r, "'%s' is %s", s->name.v[i].ref, s->name.v[i].id);
	report_item(r, "index %s", all->cli->stats.sha256);
	report_item(r, "canopy %s", CANOPY_VERSION);
}

static void reproduce_section(struct report *r, const struct answers *all)
{
	report_section(r, "to reproduce");
	report_code(r, all->cli->line.buf);
}

/* Which totals are lower bounds. */
static struct least find_least(const struct answer *a)
{
	const struct impact *im = a->impact;
	struct least l = { 0 };

	for (uint32_t i = 0; i < a->g->ca.n; i++) {
		if (!ca_unbounded(a->g, i))
			continue;
		l.unexpired = true;
		l.trusted |= trust_before(im->trust, i) != ACCEPT_NONE;
	}
	for (size_t i = 0; i < im->n_rows; i++)
		l.lost |= im->row[i].changed && ca_unbounded(a->g, im->row[i].ca);
	l.kept = impact_kept_unbounded(im, a->g);
	for (size_t i = 0; i < im->by_day.n; i++)
		l.decay |= im->by_day.step[i].least;
	return l;
}

static void find_anchors(const struct answer *a, bool *stands_under)
{
	uint32_t via[VIA_MAX];

	for (size_t i = 0; i < a->impact->n_rows; i++) {
		for (int after = 0; after < 2; after++) {
			size_t n = trust_via(a->impact->trust, a->impact->row[i].ca, after, via, VIA_MAX);

			if (n)
				stands_under[via[n - 1]] = true;
		}
	}
}

/* ---- the whole ---- */

static void put_one(struct report *r, const struct answer *a)
{
	bool html = r->format == FORMAT_HTML;

	if (r->format == FORMAT_TABLE)
		headline(r, a);
	else
		impact_summary(r, a->all);
	marks_section(r, a->all);
	totals_section(r, a);
	impact_beside_section(r, a->all->beside);
	if (html && (!answer_uncounted(a) || a->impact->total.trusted))
		impact_chart_accepted(r, a);
	impact_share_section(r, a);
	cas_section(r, a);
	figures_section(r, a->all);
	unknown_section(r, a->all);
	decay_section(r, a);
	via_section(r, a->all);
	kept_section(r, a);
	impact_who(r, a);
	impact_sites_section(r, a);
}

static void put_several(struct report *r, const struct answers *all)
{
	if (r->format != FORMAT_TABLE)
		impact_summary(r, all);
	several_headline(r, all);
	marks_section(r, all);
	several_cas(r, all);
	figures_section(r, all);
	unknown_section(r, all);
	several_decay(r, all);
	via_section(r, all);
}

static void put_title(struct report *r, const struct answers *all)
{
	struct strbuf programs = STRBUF_INIT, purposes = STRBUF_INIT;
	char date[DATE_BUF];

	answers_list(all, answer_program, &programs);
	answers_list(all, answer_purpose, &purposes);
	report_title(r, r->format == FORMAT_HTML ? "Impact on %s, %s, on %s" : "impact on %s, %s, on %s", programs.buf, purposes.buf,
		date_format(date, all->cli->day));
	strbuf_release(&programs);
	strbuf_release(&purposes);
}

void impact_report(struct answers *all)
{
	struct report r = report_begin(stdout, all->cli->format, &all->cli->style);

	for (size_t i = 0; i < all->n; i++) {
		struct answer *a = &all->v[i];

		a->least = find_least(a);
		a->stands_under = xcalloc(a->g->cert.n + 1, sizeof(*a->stands_under));
		find_anchors(a, a->stands_under);
	}
	for (size_t i = 0; all->beside && i < all->beside->n; i++)
		all->beside->v[i].least = find_least(&all->beside->v[i]);
	number_figures(all);
	put_title(&r, all);
	if (all->n == 1)
		put_one(&r, all->v);
	else
		put_several(&r, all);
	basis_section(&r, all);
	reproduce_section(&r, all);
	if (r.format != FORMAT_TABLE)
		impact_sources(&r, all); /* last: they may be many */
	report_end(&r);
}
