/* Sections of the impact view that are made beside drawing (answer.h). */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/chart.h"
#include "index/counted.h"
#include "index/until.h"
#include "tui/view.h"

#define FEW 5 /* rows of a list that has more elsewhere */

static void add_pending(struct doc *d)
{
	doc_line(d);
	doc_at(d, 2, R_DIM, glyph(G_ELLIPSIS));
}

/* True when the part is there; else the section says that it is coming. */
static bool begin(struct tui *t, struct doc *d, enum answer_part part, const char *title, const char *note)
{
	doc_section(d, title);
	doc_addf(d, R_LABEL, "  %s", note);
	if (!answer_made(&t->model, part))
		add_pending(d);
	return answer_made(&t->model, part);
}

/* "and 7 more; canopy impact --format csv --why-kept has all" */
static void add_more(struct doc *d, size_t n, const char *where)
{
	doc_more(d, 2, n > FEW ? n - FEW : 0, where);
}

/* ---- programs side by side ---- */

static char *fit(char buf[NUMBER_BUF], const struct number *n)
{
	return text_width(fmt_number(buf, n)) > 11 ? fmt_number_short(buf, n) : buf;
}

/* Of the program that is shown they are told with the marks. */
static const struct scenario *marks_of(const struct model *m, const struct program_loss *p)
{
	if (p->column != m->chosen)
		return &p->marks;
	return answer_made(m, ANSWER_EFFECTS) ? &m->answer->marks : NULL;
}

static bool is_without_effect(const struct model *m, const struct scenario *s, size_t i)
{
	const struct scenario_mark *e = &s->mark.v[i];
	const struct user_mark *u = &m->marks.now.v[i];

	return e->no_effect && e->why && u->action < MARK_ACTIONS && u->at != NO_INDEX;
}

static size_t without_effect(const struct model *m, const struct program_loss *p)
{
	const struct scenario *s = marks_of(m, p);
	size_t n = 0;

	for (size_t i = 0; s && i < s->mark.n && i < m->marks.now.n; i++)
		n += is_without_effect(m, s, i);
	return n;
}

/* Of which they are so many: neither what is spared nor what is assumed is a mark. */
static size_t count_marks(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->marks.now.n; i++)
		n += m->marks.now.v[i].action < MARK_ACTIONS;
	return n;
}

#define STORE_FROM 60
#define STORE_WIDTH 80  /* the rows have the store … */
#define EFFECT_WIDTH 92 /* … and how many marks have no effect: all rows or none */
#define EFFECT_RIGHT 88

/* By which store it is, for who reads the row alone: nothing lost by a later one is no answer. */
static void add_store(struct doc *d, const struct model *m, size_t column)
{
	enum role role = model_store_doubtful(m, column) ? R_SOME : R_DIM;
	char day[DATE_BUF];

	date_format(day, m->column.v[column].store->day);
	if (d->width >= STORE_WIDTH) {
		doc_at(d, STORE_FROM, role, day);
		if (model_store_doubtful(m, column))
			doc_addf(d, role, " %s", model_store_note(m, column));
	} else if (model_store_doubtful(m, column)) {
		doc_line(d);
		doc_at(d, 4, role, "by its store of ");
		doc_addf(d, role, "%s, %s", day, model_store_note(m, column));
	}
}

static const char *leaves(char buf[NUMBER_BUF], const struct model *m, const struct program_loss *p, const struct number *n)
{
	if (p->unanswered)
		return "?";
	return m->counted_cas ? fit(buf, n) : glyph(G_DASH); /* without counts only CAs can be told */
}

static const char *cas(char buf[NUMBER_BUF], const struct program_loss *p, uint64_t n)
{
	return p->unanswered ? "?" : num_group(buf, n);
}

static void add_program(struct tui *t, struct doc *d, const struct program_loss *p)
{
	const struct model *m = &t->model;
	bool chosen = p->column == m->chosen;
	enum role role = chosen ? R_NAME : R_TEXT;
	size_t n = without_effect(m, p);
	char buf[NUMBER_BUF];

	doc_line(d);
	if (chosen)
		doc_at(d, 0, R_NAME, fmt_is_ascii() ? ">" : "›");
	doc_at(d, 2, role, m->column.v[p->column].program);
	if (model_store_doubtful(m, p->column))
		doc_add(d, R_SOME, " " DOUBTFUL_SIGN);
	doc_right(d, 23, p->lost.n ? R_LOST : R_NUMBER, leaves(buf, m, p, &p->lost));
	doc_right(d, 35, R_NUMBER, leaves(buf, m, p, &p->kept));
	doc_right(d, 44, R_NUMBER, cas(buf, p, p->lost_cas));
	doc_right(d, 52, R_NUMBER, cas(buf, p, p->less_cas));
	doc_right(d, 58, R_NUMBER, cas(buf, p, p->kept_cas));
	add_store(d, m, p->column);
	if (n && !p->unanswered && d->width >= EFFECT_WIDTH) {
		snprintf(buf, sizeof(buf), "%zu of %zu", n, count_marks(m));
		doc_right(d, EFFECT_RIGHT, R_SOME, buf);
	}
}

/* "no effect: chrome 6 of 6 marks, microsoft 1 of 6": a row of nothing lost would pass for safety, where the program
 * anchors another certificate. */
static void add_without_effect(struct doc *d, const struct model *m)
{
	size_t marks = count_marks(m);
	struct strbuf b = STRBUF_INIT;
	bool above = false, below = false;

	for (size_t i = 0; i < m->answer->program.n; i++) {
		const struct program_loss *p = &m->answer->program.v[i];
		size_t n = without_effect(m, p);

		if (!n || p->unanswered) /* that is not known */
			continue;
		strbuf_addf(&b, "%s %s", b.len ? "," : "no effect:", m->column.v[p->column].program);
		if (marks > 1)
			strbuf_addf(&b, " %zu of %zu%s", n, marks, above || below ? "" : " marks");
		above |= p->column == m->chosen;
		below |= p->column != m->chosen;
	}
	if (b.len) {
		strbuf_addf(&b, "; the %s why", !below ? "marks say" : above ? "marks and the notes below say" : "notes below say");
		doc_wrap(d, R_SOME, 2, b.buf);
	}
	strbuf_release(&b);
}

static bool has_store(const struct model *m, enum store_state state)
{
	for (size_t i = 0; i < m->column.n; i++)
		if (m->column.v[i].store && model_store_state(m, i) == state)
			return true;
	return false;
}

/* What the words behind the stores mean. */
static void add_store_words(struct doc *d, const struct model *m)
{
	struct strbuf b = STRBUF_INIT;
	char day[DATE_BUF];

	if (has_store(m, STORE_LATER)) {
		strbuf_addf(&b, DOUBTFUL_SIGN " later than %s: what the program had then is not known", date_format(day, m->day));
		doc_wrap(d, R_SOME, 2, b.buf);
	}
	strbuf_reset(&b);
	if (has_store(m, STORE_OLD)) {
		strbuf_addf(&b, DOUBTFUL_SIGN " old, over %d days before %s: it may have changed since", STALE_DAYS,
			m->day < m->today ? date_format(day, m->day) : "today");
		doc_wrap(d, R_SOME, 2, b.buf);
	}
	if (has_store(m, STORE_SUSPECT))
		doc_wrap(d, R_SOME, 2, DOUBTFUL_SIGN " suspect: it may not be whole, as the notes below say");
	strbuf_release(&b);
}

static bool any_without_effect(const struct model *m, const struct answer *a)
{
	for (size_t i = 0; a && i < a->program.n; i++)
		if (without_effect(m, &a->program.v[i]))
			return true;
	return false;
}

void impact_add_programs(struct tui *t, struct doc *d)
{
	const struct answer *a = t->model.answer;

	doc_section(d, "Programs");
	doc_add(d, R_LABEL, model_assumes(&t->model) ? "  the same marks and anchors assumed; p changes which is shown"
						     : "  the same marks; p changes which is shown");
	doc_line(d);
	doc_right(d, 23, R_HEADER, "leaves lost");
	doc_right(d, 35, R_HEADER, "kept");
	doc_right(d, 44, R_HEADER, "CAs lost");
	doc_right(d, 52, R_HEADER, "limited");
	doc_right(d, 58, R_HEADER, "kept");
	if (d->width >= STORE_WIDTH)
		doc_at(d, STORE_FROM, R_HEADER, "store of");
	if (d->width >= EFFECT_WIDTH && any_without_effect(&t->model, a))
		doc_right(d, EFFECT_RIGHT, R_HEADER, "no effect");
	for (size_t i = 0; a && i < a->program.n; i++)
		add_program(t, d, &a->program.v[i]);
	if (!answer_made(&t->model, ANSWER_PROGRAMS))
		add_pending(d);
	add_store_words(d, &t->model);
	if (a)
		add_without_effect(d, &t->model);
}

/* ---- what is to be said of them at length ---- */

/* Those of the program that is shown stand with the marks. */
static bool is_noted(const struct model *m, const struct program_loss *p)
{
	return p->column != m->chosen && without_effect(m, p) > 0;
}

static void add_no_effects(struct doc *d, const struct model *m, const struct program_loss *p)
{
	const char *program = m->column.v[p->column].program;
	const struct scenario *s = &p->marks;
	struct strbuf b = STRBUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < s->mark.n && i < m->marks.now.n; i++) {
		const struct user_mark *u = &m->marks.now.v[i];
		if (!is_without_effect(m, s, i) || n++ >= FEW)
			continue;
		strbuf_reset(&b);
		strbuf_addf(&b, "%s: no effect%s", program, p->unanswered ? " by its store" : "");
		if (count_marks(m) > 1)
			strbuf_addf(&b, " of %s", model_name(m, u->is_cert ? m->g->cert.v[u->at].ca : u->at));
		strbuf_addf(&b, ": %s", s->mark.v[i].why);
		doc_wrap(d, R_SOME, 2, b.buf);
	}
	if (n > FEW)
		doc_more(d, 2, n - FEW, "p to that program has them");
	strbuf_release(&b);
}

static void add_suspect_stores(struct doc *d, const struct model *m)
{
	struct strbuf b = STRBUF_INIT;
	const struct store_doubt *x;

	for (size_t i = 0; i < m->column.n; i++) {
		size_t at = 0;
		while ((x = model_store_doubt(m, i, &at))) {
			strbuf_reset(&b);
			strbuf_addstr(&b, DOUBTFUL_SIGN " ");
			store_doubt_short(x, &b);
			doc_wrap(d, R_SOME, 2, b.buf);
		}
	}
	strbuf_release(&b);
}

void impact_add_notes(struct tui *t, struct doc *d)
{
	const struct model *m = &t->model;
	bool any = has_store(m, STORE_SUSPECT);

	for (size_t i = 0; m->answer && i < m->answer->program.n; i++)
		any |= is_noted(m, &m->answer->program.v[i]);
	if (!any)
		return;
	doc_section(d, "Notes on the programs");
	add_suspect_stores(d, m);
	for (size_t i = 0; m->answer && i < m->answer->program.n; i++)
		if (is_noted(m, &m->answer->program.v[i]))
			add_no_effects(d, m, &m->answer->program.v[i]);
}

/* ---- decay ---- */

#define CHART_ROWS 6
#define CHART_LEFT 18
#define CHART_COLUMNS 160

/* The most that is lost on a day from `from` up to before `to`, at least one day. */
static uint64_t most_lost(const struct decay *y, int32_t from, int32_t to)
{
	uint64_t most = decay_on(y, from)->lost;

	for (size_t i = 0; i < y->n; i++)
		if (y->step[i].day > from && y->step[i].day < to && y->step[i].lost > most)
			most = y->step[i].lost;
	return most;
}

/* Every day up to that from which on nothing counted is lost: a column shows the most that is lost on one of its days. */
static void add_chart(struct tui *t, struct doc *d, const struct decay *y, int32_t end, bool low)
{
	int columns = d->width - CHART_LEFT - 2 > CHART_COLUMNS ? CHART_COLUMNS : d->width - CHART_LEFT - 2;
	int32_t from = y->step[0].day, days = end - from;
	uint64_t v[CHART_COLUMNS];
	struct chart c = { .v = v, .n = (size_t)columns, .left = CHART_LEFT, .step = 1, .rows = CHART_ROWS, .least = low, .old = t->model.score.old };

	if (t->opt->plain) /* the days below say it in numbers */
		return;
	for (int x = 0; x < columns; x++)
		v[x] = most_lost(y, from + (int32_t)((int64_t)days * x / columns), from + (int32_t)((int64_t)days * (x + 1) / columns));
	chart_day_ticks(&c, from, (double)days / columns);
	chart_draw(d, &c, 1);
	chart_release(&c);
}

static const char *long_ago(bool old)
{
	return old ? "; some of it was counted long ago, and leaves issued since are not in it" : "";
}

void impact_add_doubt(const struct model *m, struct strbuf *out)
{
	if (model_store_doubtful(m, m->chosen))
		strbuf_addf(out, ", by a%s %s store " DOUBTFUL_SIGN, model_store_state(m, m->chosen) == STORE_OLD ? "n" : "",
			model_store_note(m, m->chosen));
}

static void add_end(struct doc *d, const struct model *m)
{
	struct strbuf b = STRBUF_INIT;

	until_end_text(m->impact, &b);
	if (impact_unanswered(m)) {
		doc_wrap(d, R_SOME, 2, b.buf);
		strbuf_release(&b);
		return;
	}
	strbuf_addstr(&b, long_ago(m->score.old));
	if (!m->impact->by_day.exact)
		strbuf_addstr(&b, "; not exact, some CAs have too many paths");
	impact_add_doubt(m, &b);
	doc_wrap(d, R_TEXT, 2, b.buf);
	strbuf_release(&b);
}

static void add_day(struct doc *d, const struct impact *im, int32_t from, bool old, int i, int x)
{
	struct number n = fmt_old(fmt_span(&im->decay_span[i], im->decay_unbounded[i]), old);
	char day[DATE_BUF], buf[NUMBER_BUF], step[16];

	snprintf(step, sizeof(step), i ? "+%d d" : "now", decay_days[i]);
	doc_at(d, x, R_LABEL, date_format(day, from + decay_days[i]));
	doc_right(d, x + 18, R_DIM, step);
	doc_right(d, x + 33, R_NUMBER,
		im->decay_span[i].high || !im->decay_unbounded[i] ? fmt_number(buf, &n) : "?");
}

/* With the bounds of figures, which the chart leaves out. */
static void add_days(struct doc *d, const struct impact *im, int32_t from, bool old)
{
	int across = d->width >= 76 ? 2 : 1, down = DECAY_STEPS / across;

	for (int row = 0; row < down; row++) {
		doc_line(d);
		for (int c = 0; c < across; c++)
			add_day(d, im, from, old, c * down + row, 2 + c * 37);
	}
}

static void add_until(struct tui *t, struct doc *d)
{
	const bool old = t->model.score.old;
	const struct model *m = &t->model;
	struct strbuf b = STRBUF_INIT;
	uint64_t n = t->until;
	struct until u;

	if (n) {
		u = until_find(m->impact, n);
		until_text(&u, m->impact, &b);
		strbuf_addstr(&b, long_ago(old));
		impact_add_doubt(m, &b);
		if (impact_unanswered(m))
			strbuf_addstr(&b, " that trusts none of what is marked");
	} else {
		strbuf_addstr(&b, "t asks from which day on fewer than N of them are lost");
	}
	t->until_line = (uint32_t)d->line.n;
	doc_wrap(d, n ? R_TEXT : R_LABEL, 2, b.buf);
	t->until_lines = (uint32_t)d->line.n - t->until_line;
	strbuf_release(&b);
}

void impact_add_decay(struct tui *t, struct doc *d)
{
	const struct impact *im = t->model.impact;
	int32_t end, first;
	bool least;

	t->until_lines = 0;
	if (!begin(t, d, ANSWER_DECAY, "Decay", "lost on a later day, of the leaves issued by now") || !im->by_day.n)
		return;
	end = decay_below(&im->by_day, 1, &first, &least);
	if (end > im->by_day.step[0].day)
		add_chart(t, d, &im->by_day, end, im->decay_unbounded[0]);
	add_end(d, &t->model);
	add_until(t, d);
	if (end > im->by_day.step[0].day || im->decay_span[0].high)
		add_days(d, im, t->model.day, t->model.score.old);
}

/* ---- sites ---- */

static void add_site(struct doc *d, const struct site_loss *l, bool least)
{
	const struct number lost = { .n = l->lost, .low = least };
	static const char *const words[] = {
		[COVERED_UNKNOWN] = "", [COVERED_NO] = "no other leaf known", [COVERED_YES] = "another leaf stays" };
	char buf[NUMBER_BUF];

	doc_line(d);
	doc_right(d, 12, R_NUMBER, num_group(buf, l->rank));
	doc_right(d, 22, R_LOST, fmt_number(buf, &lost));
	doc_at(d, 24, R_NAME, l->domain);
	if (*words[l->covered])
		doc_addf(d, R_DIM, "  %s", words[l->covered]);
}

void impact_add_sites(struct tui *t, struct doc *d)
{
	const struct answer *a = t->model.answer;
	char title[128], buf[NUMBER_BUF], day[DATE_SOURCE_BUF];

	if (!begin(t, d, ANSWER_SITES, "Sites", "of the rank list that lose a leaf"))
		return;
	if (!a->sites.ranked) {
		doc_wrap(d, R_LABEL, 2, a->err.msg[0] ? a->err.msg : "no rank list is indexed, so sites are not known");
		return;
	}
	if (impact_unanswered(&t->model)) {
		doc_wrap(d, R_LABEL, 2, "not known, as the totals say");
		return;
	}
	struct number n = fmt_old((struct number){ .n = a->sites.n, .low = a->sites.uncompared || a->sites.incomplete }, t->model.score.old);
	snprintf(title, sizeof(title), "%s, by the list of %s%s", n.n ? fmt_number(buf, &n) : n.low ? "none known" : "none",
		date_source(day, a->sites.list_day, t->model.day), n.low ? "; more may lose one" : "");
	doc_wrap(d, R_LABEL, 2, title);
	if (a->sites.n) {
		doc_line(d);
		doc_right(d, 12, R_HEADER, "rank");
		doc_right(d, 22, R_HEADER, "lost");
		doc_at(d, 24, R_HEADER, "site");
	}
	for (size_t i = 0; i < a->sites.n && i < FEW; i++)
		add_site(d, &a->sites.v[i], n.low);
	add_more(d, a->sites.n, "canopy impact --sites has all");
}

/* ---- what keeps them ---- */

static void add_keeper(struct tui *t, struct doc *d, const struct keeper *k)
{
	struct number n = fmt_old(fmt_span(&k->keeps.leaves, k->keeps.unbounded_cas != 0), t->model.score.old_touched);
	char buf[NUMBER_BUF], hex[9];

	hex_encode(t->model.g->cert.v[k->cert].sha256, 4, hex);
	doc_line(d);
	doc_right(d, 14, R_NUMBER, fmt_number(buf, &n));
	doc_right(d, 21, R_NUMBER, num_group(buf, k->keeps.cas));
	doc_name(d, 23, R_LINK, model_name(&t->model, t->model.g->cert.v[k->cert].ca), INT_MAX);
	doc_addf(d, R_DIM, "  %s %s%s", keeper_kind_names[k->kind], hex, glyph(G_ELLIPSIS));
	doc_link(d, LINK_CERT, k->cert);
}

void impact_add_keepers(struct tui *t, struct doc *d)
{
	const struct answer *a = t->model.answer;

	if (!begin(t, d, ANSWER_KEEPERS, "What keeps the rest", "of what is kept, lost if that certificate went, too"))
		return;
	if (!a->n_keepers) {
		doc_wrap(d, R_LABEL, 2, impact_unanswered(&t->model) ? "not known, as the totals say" :
				"no single certificate: nothing is kept, or each CA by more than one");
		return;
	}
	doc_line(d);
	doc_right(d, 14, R_HEADER, "keeps");
	doc_right(d, 21, R_HEADER, "CAs");
	doc_at(d, 23, R_HEADER, "certificate");
	for (size_t i = 0; i < a->n_keepers && i < FEW; i++)
		add_keeper(t, d, &a->keeper[i]);
	add_more(d, a->n_keepers, "canopy impact --why-kept has all");
}

/* ---- operators ---- */

static void add_operator(struct tui *t, struct doc *d, const struct breakdown_row *r)
{
	struct number lost = fmt_old(fmt_span(&r->span.lost, r->changed_partial != 0), t->model.score.old);
	struct number trusted = fmt_old(fmt_span(&r->span.trusted, r->trusted_partial != 0), t->model.trusted.old);
	const char *owner = breakdown_owner(&t->model.g->ca.v[r->ca], BY_OPERATOR);
	char buf[NUMBER_BUF];

	doc_line(d);
	doc_right(d, 14, R_LOST, fmt_number(buf, &lost));
	doc_right(d, 29, R_NUMBER, fmt_number(buf, &trusted));
	doc_right(d, 38, R_NUMBER, num_group(buf, r->changed));
	doc_at(d, 40, R_NAME, *owner ? owner : "not known (no CCADB report names it)");
}

void impact_add_operators(struct tui *t, struct doc *d)
{
	const struct answer *a = t->model.answer;
	size_t changed = 0;

	if (!begin(t, d, ANSWER_OPERATORS, "By operator", "who runs the CAs whose trust changes"))
		return;
	for (size_t i = 0; i < a->operators->n; i++) {
		if (!a->operators->row[i].changed)
			continue;
		if (!changed) {
			doc_line(d);
			doc_right(d, 14, R_HEADER, "lost");
			doc_right(d, 29, R_HEADER, "trusted");
			doc_right(d, 38, R_HEADER, "changed"); /* as the report calls it, whose "CAs" are all of them */
			doc_at(d, 40, R_HEADER, "operator");
		}
		if (changed++ < FEW)
			add_operator(t, d, &a->operators->row[i]);
	}
	add_more(d, changed, "canopy impact --by operator has all");
	if (!changed)
		doc_wrap(d, R_LABEL, 2, impact_unanswered(&t->model) ? "not known, as the totals say" : "nobody's CA loses anything");
}

/* ---- what is not known ---- */

static void add_unknown(struct doc *d, uint64_t n, const char *what)
{
	char buf[32];

	if (!n)
		return;
	doc_line(d);
	doc_right(d, 12, R_SOME, num_group(buf, n));
	doc_on(d, 14, R_TEXT, what);
}

#define NAMED 3

static void add_stale(struct doc *d, const struct unknowns *u)
{
	struct strbuf b = STRBUF_INIT;

	add_unknown(d, u->stale.n, u->stale.n == 1 ? "source is old:" : "sources are old:");
	for (size_t i = 0; i < u->stale.n && i < NAMED; i++) {
		strbuf_reset(&b);
		stale_source_text(&u->stale.v[i], &b);
		doc_line(d);
		doc_on(d, 16, R_TEXT, b.buf);
	}
	doc_more(d, 16, u->stale.n > NAMED ? u->stale.n - NAMED : 0, "canopy impact --format json has all");
	strbuf_release(&b);
}

static void add_other_days(struct doc *d, const struct model *m)
{
	int32_t first, last;
	size_t n = figures_of_other_days(m->g, m->day, &first, &last);
	struct strbuf b = STRBUF_INIT;
	char from[DATE_BUF], to[DATE_BUF];

	if (!n)
		return;
	strbuf_addf(&b, "%s of another day, taken as %s: %s%s%s", n == 1 ? "figure is" : "figures are", n == 1 ? "it stands" : "they stand",
		date_format(from, first), first == last ? "" : " to ", first == last ? "" : date_format(to, last));
	add_unknown(d, n, b.buf);
	strbuf_release(&b);
}

static void add_doubts(struct doc *d, const struct unknowns *u)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < u->doubt.n; i++) {
		strbuf_reset(&b);
		store_doubt_short(u->doubt.v[i], &b);
		doc_wrap(d, R_SOME, 2, b.buf);
	}
	strbuf_release(&b);
}

static void add_missing(const struct tui *t, struct doc *d, const struct unknowns *u)
{
	struct trust_query q = model_query(&t->model, t->model.chosen, NULL);
	struct strbuf b = STRBUF_INIT;

	revocation_missing_text(u->revocation_missing, &q, &b);
	if (b.len)
		doc_wrap(d, R_TEXT, 2, b.buf);
	strbuf_release(&b);
}

static void add_later(const struct tui *t, struct doc *d)
{
	struct strbuf b = STRBUF_INIT;

	if (t->model.store)
		store_later_text(t->model.store, t->model.day, &b);
	if (b.len)
		doc_wrap(d, R_SOME, 2, b.buf);
	strbuf_release(&b);
}

void impact_add_unknowns(struct tui *t, struct doc *d)
{
	const struct answer *a = t->model.answer;
	size_t before;

	if (!begin(t, d, ANSWER_UNKNOWNS, "What is not known", ""))
		return;
	const struct unknowns *u = &a->unknown;
	before = d->line.n;
	add_later(t, d);
	add_unknown(d, counted_by_nobody(t->model.impact, t->model.g), "CAs that change are counted " BY_NOBODY);
	add_unknown(d, t->model.impact->figure_cas, "CAs that change are counted " BY_FIGURES);
	add_other_days(d, &t->model);
	add_unknown(d, u->partial_cas, "CAs that change are not counted to the end");
	add_unknown(d, u->unproven_leaves, "leaves stand in logs read without proof");
	add_unknown(d, u->old_count_cas, "CAs that change have old counts");
	add_unknown(d, u->undisclosed.n, "CA certificates of theirs are not in CCADB");
	add_unknown(d, t->model.impact->unknown_cas ? a->gaps.unread.n : 0, "logs are not read to a signed head");
	add_stale(d, u);
	add_unknown(d, u->inexact_cas, "CAs have too many paths to be exact");
	add_unknown(d, u->unevaluated_cas, "CAs stand under a rule that is taken as met");
	add_unknown(d, a->gaps.stats.unknown_issuer_leaves, "leaves of unknown issuers are in no total");
	if (a->err.msg[0])
		doc_wrap(d, R_BAD, 2, a->err.msg);
	add_doubts(d, u);
	if (!a->err.msg[0] && !a->gaps.ccadb && t->model.impact->changed_cas)
		doc_wrap(d, R_TEXT, 2, "CCADB is not indexed: which CA certificates it lists is not known");
	if (u->smime_unlogged)
		doc_wrap(d, R_TEXT, 2, "no public log shows S/MIME certificates: those counted were imported");
	if (u->revocation_not_modelled)
		doc_wrap(d, R_TEXT, 2, "what the program's clients enforce as revoked is not modelled");
	add_missing(t, d, u);
	if (d->line.n == before)
		doc_wrap(d, R_LABEL, 2, "nothing that is looked for: each CA is counted to the end, each source is fresh");
}
