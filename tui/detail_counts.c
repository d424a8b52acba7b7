/* How much the CA has issued, and when. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/chart.h"
#include "tui/detail.h"

/* ---- by month ---- */

#define MONTHS_MIN 24 /* shown although nothing was issued in them, so that charts of several CAs compare */
#define MONTHS_MAX 240
#define CHART_ROWS 4
#define CHART_LEFT 18

struct months {
	uint64_t v[MONTHS_MAX];
	uint64_t before, after; /* outside of what is shown */
	int first, n;
};

/* The months from the first to the last in which something was issued, or expires; false: in none. */
static bool month_range(const struct detail *x, bool expiry, int *first, int *last)
{
	const struct graph *g = x->t->model.g;
	const struct ca *c = detail_ca(x);
	bool any = false;

	for (uint32_t i = 0; i < c->n_buckets; i++) {
		const struct bucket *b = &g->buckets[c->first_bucket + i];
		int month = chart_month_of(expiry ? b->na_day : b->nb_day);
		if (expiry && !bucket_unexpired_on(b, x->t->model.day))
			continue;
		*first = !any || month < *first ? month : *first;
		*last = !any || month > *last ? month : *last;
		any = true;
	}
	return any;
}

static void count_months(const struct detail *x, bool expiry, struct months *m)
{
	const struct graph *g = x->t->model.g;
	const struct ca *c = detail_ca(x);

	for (uint32_t i = 0; i < c->n_buckets; i++) {
		const struct bucket *b = &g->buckets[c->first_bucket + i];
		int at = chart_month_of(expiry ? b->na_day : b->nb_day) - m->first;
		if (expiry && !bucket_unexpired_on(b, x->t->model.day))
			continue;
		if (at < 0)
			m->before += b->n;
		else if (at >= m->n)
			m->after += b->n;
		else
			m->v[at] += b->n;
	}
}

/* As many months as there is room for, at least 24: issuance up to the day's month, expiry from it on. */
static bool make_months(const struct detail *x, bool expiry, int room, struct months *ret)
{
	int now = chart_month_of(x->t->model.day), first, last, most = room > MONTHS_MAX ? MONTHS_MAX : room;

	*ret = (struct months){ 0 };
	if (!month_range(x, expiry, &first, &last))
		return false;
	ret->n = expiry ? last - now + 1 : now - first + 1;
	ret->n = ret->n < MONTHS_MIN ? MONTHS_MIN : ret->n;
	ret->n = ret->n > most ? most : ret->n;
	ret->first = expiry ? now : now - ret->n + 1;
	count_months(x, expiry, ret);
	return true;
}

static void month_note(const struct months *m, struct strbuf *out)
{
	char buf[32];
	int end = m->first + m->n;

	if (m->before)
		strbuf_addf(
			out, "%s before %04d-%02d", num_group(buf, m->before), 1970 + m->first / 12, m->first % 12 + 1);
	if (m->after)
		strbuf_addf(out, "%s%s from %04d-%02d on", out->len ? ", " : "", num_group(buf, m->after),
			1970 + end / 12, end % 12 + 1);
}

/* For those who do not see a chart. */
static void add_months_text(const struct detail *x, const char *label, const struct months *m)
{
	struct strbuf b = STRBUF_INIT, note = STRBUF_INIT;

	chart_months_text(&b, m->v, (size_t)m->n, m->first);
	month_note(m, &note);
	if (note.len)
		strbuf_addf(&b, "%s%s", b.len ? ", " : "", note.buf);
	doc_field(x->d, label, b.buf);
	strbuf_release(&b);
	strbuf_release(&note);
}

static const char *const chart_titles[] = { "issued by month", "expiry by month" };

static void add_charts(const struct detail *x)
{
	bool wide = x->d->width >= 110;
	int room = (wide ? x->d->width / 2 : x->d->width) - CHART_LEFT - 1;
	struct strbuf note[2] = { STRBUF_INIT, STRBUF_INIT };
	struct months m[2];
	struct chart c[2];
	size_t n = 0;

	for (int expiry = 0; expiry < 2; expiry++) {
		if (!make_months(x, expiry != 0, room, &m[n]))
			continue;
		if (x->t->opt->plain) {
			add_months_text(x, chart_titles[expiry], &m[n]);
			continue;
		}
		month_note(&m[n], &note[n]);
		c[n] = (struct chart){ .title = chart_titles[expiry],
			.note = note[n].buf,
			.v = m[n].v,
			.n = (size_t)m[n].n,
			.left = CHART_LEFT + (wide && n ? x->d->width / 2 : 0),
			.step = chart_step(room, (size_t)m[n].n),
			.rows = CHART_ROWS,
			.least = detail_ca(x)->coverage != COVERAGE_COMPLETE,
			.old = model_is_old(&x->t->model, x->ca) };
		chart_month_ticks(&c[n], m[n].first);
		n++;
	}
	if (wide && n)
		chart_draw(x->d, c, n);
	for (size_t i = 0; i < n; i++) {
		if (!wide)
			chart_draw(x->d, &c[i], 1);
		chart_release(&c[i]);
	}
	strbuf_release(&note[0]);
	strbuf_release(&note[1]);
}

/* ---- validity ---- */

static const int length_limits[] = { 10, 47, 100, 200, 398 };
enum { LENGTHS = sizeof(length_limits) / sizeof(length_limits[0]) };

static void add_length(const struct detail *x, int i, uint64_t n, uint64_t all)
{
	struct strbuf bar = STRBUF_INIT;
	struct number shown = { .n = n, .low = detail_ca(x)->coverage != COVERAGE_COMPLETE };
	char buf[NUMBER_BUF], words[24], percent[16];
	int room = x->d->width - 54 > 60 ? 60 : x->d->width - 54;

	snprintf(words, sizeof(words), i < LENGTHS ? "up to %d days" : "longer", i < LENGTHS ? length_limits[i] : 0);
	doc_at(x->d, CHART_LEFT, R_TEXT, words);
	shown = fmt_old(shown, model_is_old(&x->t->model, x->ca));
	doc_right(x->d, 44, R_NUMBER, fmt_number(buf, &shown));
	doc_addf(x->d, R_DIM, " %s", fmt_percent(percent, n, all));
	if (room > 3 && !x->t->opt->plain) {
		fmt_bar(&bar, n, all, room);
		doc_addf(x->d, R_BAR, " %s", bar.buf);
	}
	strbuf_release(&bar);
}

/* From the day of notBefore to that of notAfter, of the unexpired ones. */
static void add_lengths(const struct detail *x)
{
	const struct graph *g = x->t->model.g;
	const struct ca *c = detail_ca(x);
	uint64_t n[LENGTHS + 1] = { 0 }, all = 0;
	const char *label = "validity";

	for (uint32_t i = 0; i < c->n_buckets; i++) {
		const struct bucket *k = &g->buckets[c->first_bucket + i];
		int at = 0;
		while (at < LENGTHS && k->na_day - k->nb_day > length_limits[at])
			at++;
		n[at] += bucket_unexpired_on(k, x->t->model.day) ? k->n : 0;
		all += bucket_unexpired_on(k, x->t->model.day) ? k->n : 0;
	}
	for (int i = 0; i <= LENGTHS; i++) {
		if (!n[i])
			continue;
		doc_line(x->d);
		doc_at(x->d, 2, R_LABEL, label);
		add_length(x, i, n[i], all);
		label = "";
	}
}

/* ---- how much ---- */

bool detail_before_marks(const struct model *m, struct strbuf *out)
{
	if (!m->impact || m->marks.now.n == marks_assumed(&m->marks))
		return false;
	strbuf_addstr(out, " before the marks");
	return true;
}

static struct number trusted_of(const struct model *m, uint32_t ca)
{
	struct leaf_tally tally = { 0 };
	enum taken part = m->impact ? part_trusted(m->impact->trust, ca) : TAKEN_NONE;

	if (part == TAKEN_NONE) /* adds exactly nothing, counted or not */
		return (struct number){ 0 };
	trust_tally(m->impact->trust, ca, m->day, &tally);
	struct span s = ca_span(m->g, m->beyond, ca, part, tally.trusted);
	return fmt_old(fmt_span(&s, ca_alone_unbounded(m->g, ca)), model_is_old(m, ca));
}

static const char *as_assumed(const struct model *m)
{
	return model_assumes(m) ? ", with what is assumed" : "";
}

/* The same under the marks: what a date rule leaves of a figure nobody tells. */
static struct number still_trusted(const struct model *m, uint32_t ca)
{
	const struct trust *t = m->impact->trust;
	struct leaf_tally tally = { 0 };

	if (trust_after(t, ca) == ACCEPT_NONE)
		return (struct number){ 0 };
	if (!trust_changed(t, ca))
		return trusted_of(m, ca);
	trust_tally(t, ca, m->day, &tally);
	struct span s = ca_span(m->g, m->beyond, ca, TAKEN_SOME, tally.trusted - tally.lost);
	return fmt_old(fmt_span(&s, ca_alone_unbounded(m->g, ca)), model_is_old(m, ca));
}

/* " before the marks, 0 with them" behind what is trusted. */
static void add_with_marks(const struct detail *x, struct strbuf *out)
{
	const struct model *m = &x->t->model;
	struct number n;
	char buf[NUMBER_BUF];

	if (!detail_before_marks(m, out) || model_scoring(m))
		return;
	n = still_trusted(m, x->ca);
	strbuf_addf(out, ", %s with them", fmt_number(buf, &n));
}

static void add_own(const struct detail *x)
{
	const struct model *m = &x->t->model;
	struct span s = ca_span(m->g, m->beyond, x->ca, TAKEN_ALL, held_on(m->g, x->ca, m->day));
	struct number own = fmt_old(fmt_span(&s, ca_alone_unbounded(m->g, x->ca)), model_is_old(m, x->ca)), trusted = trusted_of(m, x->ca),
		      issued = { 0 };
	struct strbuf marks = STRBUF_INIT;
	char a[NUMBER_BUF], b[NUMBER_BUF], c[NUMBER_BUF];

	if (!ca_has_numbers(m->g, x->ca)) {
		doc_field(x->d, "this CA", "not counted by any source: its numbers are unknown, not 0");
		return;
	}
	issued.low = !ca_issued(m->g, x->ca, &issued.n) || ca_coverage(m->g, x->ca) != COVERAGE_COMPLETE;
	issued = fmt_old(issued, model_is_old(m, x->ca));
	add_with_marks(x, &marks);
	doc_fieldf(x->d, "this CA", "%s unexpired of %s issued, %s of them trusted by %s%s%s", fmt_number(a, &own),
		fmt_number(b, &issued), fmt_number(c, &trusted), m->program ? m->program : "nobody", marks.buf,
		as_assumed(m));
	strbuf_release(&marks);
}

static void add_below(const struct detail *x)
{
	const struct model *m = &x->t->model;
	struct subtree all = tally_one_subtree(m->g, m->day, m->beyond, x->ca);
	struct number below = fmt_old(fmt_span(&all.unexpired, all.unbounded), m->total.old), trusted = model_count(m, x->ca);
	struct number issued = fmt_old((struct number){ .n = all.issued, .low = all.partial || !all.told }, m->total.old);
	struct strbuf marks = STRBUF_INIT;
	char a[NUMBER_BUF], b[NUMBER_BUF], c[NUMBER_BUF], d[32];

	detail_before_marks(m, &marks);
	if (!all.told && !all.unexpired.known)
		doc_field(x->d, "with all below", "no CA of them is counted");
	else if (m->all_leaves || !m->impact)
		doc_fieldf(x->d, "with all below", "%s unexpired of %s issued", fmt_number(a, &below),
			fmt_number(b, &issued));
	else
		doc_fieldf(x->d, "with all below", "%s unexpired of %s issued; %s trusts %s%s%s%s", fmt_number(a, &below),
			fmt_number(b, &issued), m->program, fmt_number(c, &trusted), marks.buf, as_assumed(m),
			m->cas[x->ca] > all.cas ? ", with those below certificates that others revoke" : "");
	strbuf_release(&marks);
	doc_field(x->d, "CAs below", num_group(d, m->cas[x->ca] ? m->cas[x->ca] - 1 : 0));
}

void detail_add_age(const struct model *m, struct strbuf *out, int32_t day)
{
	int32_t reference = m->day < m->today ? m->day : m->today;

	if (day < reference - STALE_DAYS)
		strbuf_addf(out, " (old: %d days before %s)", (int)(reference - day),
			m->day < m->today ? "the day asked" : "today");
}

static void add_figure(const struct detail *x)
{
	const struct model *m = &x->t->model;
	const struct ca *c = detail_ca(x);
	struct strbuf b = STRBUF_INIT;
	char a[NUMBER_BUF], date[DATE_BUF];

	const struct figure *stale = ca_stale_figure(m->g, x->ca);

	if (c->figure == NO_INDEX && !stale)
		return;
	const struct figure *f = stale ? stale : &m->g->figure.v[c->figure];
	struct span all = figure_span(f);
	struct number n = fmt_span(&all, false);
	strbuf_addf(&b, "%s unexpired of %u CA%s on %s: %s", fmt_number(a, &n), f->n_cas,
		f->n_cas == 1 ? "" : "s together", date_format(date, f->as_of), f->source);
	if (stale) {
		strbuf_addstr(&b, " (");
		figure_why_stale(f, m->day, &b);
		strbuf_addstr(&b, ": not counted)");
	} else {
		detail_add_age(m, &b, f->as_of);
	}
	doc_field(x->d, "figure", b.buf);
	strbuf_release(&b);
}

static void add_source(const struct detail *x)
{
	const struct model *m = &x->t->model;
	struct strbuf b = STRBUF_INIT;
	char date[DATE_BUF], buf[32];
	int32_t day;
	const char *source = ca_count_source(m->g, m->beyond, x->ca, &day);

	if (*source) {
		strbuf_addf(&b, "%s, as of %s, %s", source, date_format(date, day),
			coverage_names[ca_coverage(m->g, x->ca)]);
		detail_add_age(m, &b, day);
		doc_field(x->d, "counted by", b.buf);
	}
	add_figure(x);
	if (detail_ca(x)->unproven)
		doc_fieldf(x->d, "unproven", "%s of the issued ones: only logs without a verified head show them",
			num_group(buf, detail_ca(x)->unproven));
	strbuf_release(&b);
}

static void add_issuance(const struct detail *x)
{
	const struct ca *c = detail_ca(x);
	char from[DATE_BUF], to[DATE_BUF], end[DATE_BUF];

	if (c->coverage != COVERAGE_NONE && c->issued)
		doc_fieldf(x->d, "issuance", "first notBefore %s, last %s, last notAfter %s",
			date_format(from, c->first_nb_day), date_format(to, c->last_nb_day),
			date_format(end, c->last_na_day));
}

static void add_last_issued(const struct detail *x)
{
	const struct model *m = &x->t->model;
	bool to_the_end = detail_ca(x)->coverage == COVERAGE_COMPLETE;
	char date[DATE_BUF];
	int32_t last;

	if (detail_ca(x)->coverage == COVERAGE_NONE)
		return;
	if (!ca_last_issued(m->g, x->ca, m->day, &last))
		doc_fieldf(x->d, "last issued", "no leaf up to the day%s",
			to_the_end ? ": dormant" : ", as far as counted");
	else if (last < m->day - DORMANT_DAYS)
		doc_fieldf(x->d, "last issued", "%s: dormant, nothing in the last %d days%s", date_format(date, last),
			DORMANT_DAYS, to_the_end ? "" : " as far as counted");
	else
		doc_fieldf(x->d, "last issued", "%s%s", date_format(date, last),
			to_the_end || last >= m->day ? "" : ", as far as counted");
}

static void add_use(const struct detail *x)
{
	const struct validations *use = model_use(&x->t->model);
	char percent[16], date[DATE_SOURCE_BUF];
	uint64_t n;

	if (use->total && validations_of_ca(use, x->t->model.g, x->ca, &n))
		doc_fieldf(x->d, "Firefox", "%s of its validations ended here, whatever the path (telemetry of %s)",
			num_percent(percent, n, use->total), date_source(date, use->day, x->t->model.day));
}

static void say_only(const struct detail *x, const char *label, const struct number *n, uint64_t cas, const char *what)
{
	char a[NUMBER_BUF], b[NUMBER_BUF], leaves[NUMBER_BUF + 32] = "";

	if (x->t->model.counted_cas)
		snprintf(leaves, sizeof(leaves), "%s leaves lost and ", fmt_number(a, n));
	doc_fieldf(x->d, label, "%s%s CA%s without trust if %s", leaves, num_group(b, cas), cas == 1 ? "" : "s", what);
}

static void add_only(const struct detail *x)
{
	struct model *m = &x->t->model;

	if (!m->store)
		return;
	if (!model_only_here(m, x->ca)) {
		doc_field(x->d, "only here", "being computed");
		return;
	}
	say_only(x, "only here", &m->here.n, m->here.cas, "exactly this CA went");
	if (m->here.is_anchor)
		say_only(x, "as an anchor", &m->here.root, m->here.root_cas, "only that went");
}

void detail_add_counts(const struct detail *x)
{
	doc_section(x->d, "Leaves");
	add_own(x);
	add_below(x);
	add_issuance(x);
	add_last_issued(x);
	add_source(x);
	add_use(x);
	add_only(x);
	add_charts(x);
	add_lengths(x);
}
