/* What a page of HTML has besides the text of the report. */
#include "cli/impact_out.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "cli/chart.h"
#include "cli/span.h"

#define BARS 15 /* CAs with a bar of their own */

/* Bars and lines are drawn for what is lost or kept at the least. */
static bool open_ended(bool unbounded, const struct span *s)
{
	return unbounded || !span_bounded(s) || s->low != s->high;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* ---- accepted before and after ---- */

static enum taken everywhere(void *ctx, uint32_t ca)
{
	(void)ctx, (void)ca;
	return TAKEN_ALL;
}

/* Accepted afterwards, and of that by a path of before: at least so many. */
struct left {
	uint64_t after, same;
	bool about_after, about_same;
};

static bool in_part(const struct span *s)
{
	return !s->low && (s->high || !span_bounded(s));
}

/* The totals' difference, but for figures: one that is lost in part leaves nothing for sure, and a rounded one that is
 * lost whole leaves nothing rounded behind. */
static struct left find_left(const struct answer *a)
{
	const struct leaf_tally *t = &a->impact->total;
	struct left l = { .after = less(t->trusted, t->lost) };
	struct beyond *beyond = figures_beyond(a->g, a->cli->day);

	l.same = less(l.after, t->kept);
	for (uint32_t f = 0; f < a->g->figure.n; f++) {
		struct leaf_spans one = { 0 };

		leaf_spans_add_figure(a->impact->trust, beyond, f, everywhere, NULL, &one);
		uint64_t n = less(one.trusted.low, one.lost.low);
		bool stays = n && !in_part(&one.lost), same = stays && !one.kept.low && !in_part(&one.kept);

		l.after -= stays ? 0 : n;
		l.same -= same || one.kept.low ? 0 : n;
		l.about_after |= stays && one.trusted.about_low;
		l.about_same |= same && one.trusted.about_low;
	}
	free(beyond);
	return l;
}

/* "at least 12 are lost.", or why nobody knows how many: "at least 0" would not tell. */
static void add_lost(const struct answer *a, struct strbuf *out)
{
	char n[32];

	if (!answer_uncounted(a)) {
		strbuf_addf(out, "%s%s are lost.", span_lead(&a->impact->span.lost, a->least.lost).words,
			num_group(n, a->impact->total.lost));
		return;
	}
	strbuf_addstr(out, "how many are lost is not known: ");
	uncounted_text(a, out);
	strbuf_addch(out, '.');
}

void impact_chart_accepted(struct report *r, const struct answer *a)
{
	const struct leaf_tally *t = &a->impact->total;
	const struct leaf_spans *s = &a->impact->span;
	struct span_lead before = span_lead(&s->trusted, a->least.trusted), kept = span_lead(&s->kept, a->least.kept);
	struct span_lead lost = span_lead(&s->lost, a->least.lost);
	struct left left = find_left(a);
	bool least = open_ended(a->least.trusted, &s->trusted) || open_ended(a->least.lost, &s->lost);
	struct span_lead after = span_lead_of(least, left.about_after);
	struct span_lead same = span_lead_of(least || open_ended(a->least.kept, &s->kept), left.about_same);
	struct strbuf text[3] = { STRBUF_INIT, STRBUF_INIT, STRBUF_INIT }, desc = STRBUF_INIT;
	struct chart_bar bar[] = {
		{ "accepted before", before.sign, t->trusted, { { "same", t->trusted } } },
		{ "accepted after", after.sign, left.after, { { "same", left.same }, { "kept", t->kept }, { "lost", t->lost } } },
	};
	char n[32], m[32];

	strbuf_addf(&text[0], "accepted as before: %s%s", same.sign, num_group(n, left.same));
	strbuf_addf(&text[1], "kept by another path: %s%s", kept.sign, num_group(n, t->kept));
	if (answer_uncounted(a))
		strbuf_addstr(&text[2], "lost: not known");
	else
		strbuf_addf(&text[2], "lost: %s%s", lost.sign, num_group(n, t->lost));
	strbuf_addf(&desc, "Two bars. Of %s%s leaves accepted before, %s%s are accepted after, ",
		before.words, num_group(n, t->trusted), after.words, num_group(m, left.after));
	strbuf_addf(&desc, "%s%s of them by another path; ", kept.words, num_group(n, t->kept));
	add_lost(a, &desc);
	struct chart_key key[] = { { "same", text[0].buf }, { "kept", text[1].buf }, { "lost", text[2].buf } };
	struct chart c = { r->f, "accepted", "leaves accepted before and after", desc.buf, key, 3 };

	report_close_list(r);
	chart_bars(&c, bar, 2);
	for (size_t i = 0; i < 3; i++)
		strbuf_release(&text[i]);
	strbuf_release(&desc);
}

/* ---- losses by CA ---- */

static const struct impact_row *row_at(const struct answer *a, size_t i)
{
	return &a->impact->row[a->row[i]];
}

static bool unbounded(const struct answer *a, size_t i)
{
	return ca_alone_unbounded(a->g, row_at(a, i)->ca);
}

/* The rows from the i-th on as one bar. */
static struct chart_bar others(const struct answer *a, size_t i, struct strbuf *label)
{
	struct chart_bar b = { .sign = "" };
	bool least = false, about = false;
	size_t n = 0;

	for (; i < a->impact->n_rows; i++) {
		const struct span *lost = &row_at(a, i)->span.lost;

		n += row_at(a, i)->leaves.lost > 0;
		b.value += row_at(a, i)->leaves.lost;
		least |= open_ended(unbounded(a, i), lost);
		about |= lost->about_low;
	}
	b.sign = span_lead_of(least, about && b.value).sign;
	strbuf_addf(label, "%zu others", n);
	b.label = label->buf;
	b.part[0] = (struct chart_part){ "loss", b.value };
	return b;
}

static void loss_notes(struct report *r, const struct answer *a)
{
	size_t n = 0;
	char buf[32];

	for (size_t i = 0; i < a->impact->n_rows; i++)
		n += row_at(a, i)->changed && !row_at(a, i)->span.lost.known;
	if (n)
		report_line(r, "%s CA%s that change%s %s not counted: %s no bar", num_group(buf, n), n == 1 ? "" : "s",
			n == 1 ? "s" : "", n == 1 ? "is" : "are", n == 1 ? "it has" : "they have");
}

void impact_chart_losses(struct report *r, const struct answer *a)
{
	struct chart_bar bar[BARS + 1];
	struct strbuf label = STRBUF_INIT, desc = STRBUF_INIT;
	size_t n = 0, end = a->impact->n_rows;
	char buf[32];

	/* rows come by their loss */
	for (; n < end && n < BARS && row_at(a, n)->leaves.lost; n++) {
		const struct ca *ca = &a->g->ca.v[row_at(a, n)->ca];
		uint64_t lost = row_at(a, n)->leaves.lost;

		bar[n] = (struct chart_bar){ *ca->name ? ca->name : ca->subject,
			span_lead(&row_at(a, n)->span.lost, unbounded(a, n)).sign, lost, { { "loss", lost } } };
	}
	if (n < end && row_at(a, n)->leaves.lost) {
		bar[n] = others(a, n, &label);
		n++;
	}
	if (n) {
		strbuf_addf(&desc,
			"%zu bars, the longest first: %s lost %s%s leaves. The table below has every number.", n,
			bar[0].label, span_lead(&row_at(a, 0)->span.lost, unbounded(a, 0)).words,
			num_group(buf, bar[0].value));
		struct chart c = { r->f, "losses", "leaves lost by CA", desc.buf, NULL, 0 };

		report_close_list(r);
		chart_bars(&c, bar, n);
	}
	loss_notes(r, a);
	strbuf_release(&label);
	strbuf_release(&desc);
}

/* ---- decay ---- */

/* Until the last of the points; caller frees. */
static struct chart_point *exact_steps(const struct answer *a, size_t *n)
{
	const struct decay *d = &a->impact->by_day;
	struct chart_point *step = xcalloc(d->n, sizeof(*step));

	for (*n = 0; *n < d->n && d->step[*n].day - a->cli->day <= decay_days[DECAY_STEPS - 1]; ++*n)
		step[*n] = (struct chart_point){ d->step[*n].day - a->cli->day, d->step[*n].lost, NULL };
	return step;
}

static int by_day(const void *a, const void *b)
{
	return ((const struct chart_flag *)a)->x - ((const struct chart_flag *)b)->x;
}

/* One for each later stage. Its label is a date of DATE_BUF bytes, its text begins with it; both on the heap. */
static struct chart_flag *stage_flags(const struct answer *a, size_t *n)
{
	const struct scenario *s = a->scenario;
	struct chart_flag *flag = xcalloc(s->mark.n + 1, sizeof(*flag));
	char date[DATE_BUF];

	*n = 0;
	for (size_t i = 0; i < s->mark.n; i++) {
		const struct scenario_mark *m = &s->mark.v[i];
		struct strbuf b = STRBUF_INIT;

		if (m->since <= a->cli->day || m->since - a->cli->day > decay_days[DECAY_STEPS - 1])
			continue;
		strbuf_addf(&b, "%s: ", date_format(date, m->since));
		answer_mark_text(a, i, true, &b);
		flag[(*n)++] = (struct chart_flag){ m->since - a->cli->day, xstrdup(date), strbuf_detach(&b) };
	}
	qsort(flag, *n, sizeof(*flag), by_day);
	return flag;
}

static void put_decay(struct report *r, const struct answer *a, const struct chart *c, const struct chart_point *point,
	const char *sign)
{
	struct chart_steps s = { 0 };
	struct chart_point *step = exact_steps(a, &s.n);
	struct chart_flag *flag = stage_flags(a, &s.n_flags);
	bool figures = false;
	struct strbuf axis = STRBUF_INIT;

	s.step = step;
	s.flag = flag;
	for (size_t i = 0; i < DECAY_STEPS; i++)
		figures |= point[i].y != decay_on(&a->impact->by_day, a->cli->day + point[i].x)->lost;
	strbuf_addf(&axis, "days after %s (the line %s%s)", point[0].date,
		figures ? "has counts only, the points figures, too" : "is exact to the day", s.n_flags ? "; dashed: stages" : "");
	report_close_list(r);
	chart_line(c, point, DECAY_STEPS, &s, sign, axis.buf, "leaves lost");
	for (size_t i = 0; i < s.n_flags; i++) {
		free((char *)flag[i].label);
		free((char *)flag[i].text);
	}
	free(flag);
	free(step);
	strbuf_release(&axis);
}

/* One lead for all points: of each it holds. */
static struct span_lead decay_lead(const struct answer *a)
{
	bool least = a->least.decay, about = false;

	for (size_t i = 0; i < DECAY_STEPS; i++) {
		const struct span *s = &a->impact->decay_span[i];

		least |= open_ended(false, s);
		about |= s->low && (s->about_low || s->about);
	}
	return span_lead_of(least, about);
}

void impact_chart_decay(struct report *r, const struct answer *a)
{
	struct chart_point point[DECAY_STEPS];
	char date[DECAY_STEPS][DATE_BUF], n[32], m[32];
	uint64_t sum = 0;
	struct strbuf desc = STRBUF_INIT;
	struct span_lead lead = decay_lead(a);

	for (size_t i = 0; i < DECAY_STEPS; i++)
		point[i] = (struct chart_point){ decay_days[i], a->impact->decay[i],
			date_format(date[i], a->cli->day + decay_days[i]) };
	for (size_t i = 0; i < a->impact->by_day.n; i++)
		sum |= a->impact->by_day.step[i].lost;
	if (!sum) /* a line along the axis says nothing that the table does not */
		return;
	strbuf_addf(&desc, "A line from %s%s lost leaves on %s to %s%s on %s. The table below has the numbers of the marked days.",
		lead.words, num_group(n, point[0].y), date[0], lead.words,
		num_group(m, point[DECAY_STEPS - 1].y), date[DECAY_STEPS - 1]);
	struct chart c = { r->f, "decay", "lost leaves that are still unexpired on later days", desc.buf, NULL, 0 };

	put_decay(r, a, &c, point, lead.sign);
	strbuf_release(&desc);
}

/* ---- several programs ---- */

/* Neither what is lost nor anything that was accepted is counted. */
static bool says_nothing(const struct answer *a)
{
	return answer_uncounted(a) && !a->impact->total.trusted;
}

static void describe_program(const struct answer *a, struct strbuf *out)
{
	struct span_lead trusted = span_lead(&a->impact->span.trusted, a->least.trusted);
	struct span_lead lost = span_lead(&a->impact->span.lost, a->least.lost);
	char n[32], m[32];

	num_group(n, a->impact->total.trusted);
	num_group(m, a->impact->total.lost);
	strbuf_addf(out, " %s, ", a->label);
	if (!answer_uncounted(a)) {
		strbuf_addf(out, "%s%s of %s%s lost", lost.words, m, trusted.words, n);
		return;
	}
	strbuf_addstr(out, "an unknown number");
	if (!says_nothing(a))
		strbuf_addf(out, " of %s%s", trusted.words, n);
	strbuf_addstr(out, " lost, ");
	uncounted_text(a, out);
}

/* One bar each: what was accepted before, in what becomes of it. None at all where not one would have a length. */
void impact_chart_programs(struct report *r, const struct answers *all)
{
	static const struct chart_key key[] = { { "same", "accepted as before" }, { "kept", "kept by another path" },
		{ "lost", "lost" } };
	struct chart_bar *bar = xcalloc(all->n, sizeof(*bar));
	struct strbuf desc = STRBUF_INIT;
	size_t silent = 0;

	strbuf_addf(&desc, "%zu bars, of the leaves accepted before:", all->n);
	for (size_t i = 0; i < all->n; i++) {
		const struct answer *a = &all->v[i];
		const struct leaf_tally *t = &a->impact->total;
		uint64_t same = less(less(t->trusted, t->lost), t->kept);

		bar[i] = (struct chart_bar){ a->label, span_lead(&a->impact->span.trusted, a->least.trusted).sign,
			says_nothing(a) ? CHART_UNKNOWN : t->trusted,
			{ { "same", same }, { "kept", t->kept }, { "lost", t->lost } } };
		silent += says_nothing(a);
		strbuf_addstr(&desc, i ? ";" : "");
		describe_program(a, &desc);
	}
	strbuf_addstr(&desc, ". The table below has every number.");
	struct chart c = { r->f, "programs", "leaves accepted before, by program", desc.buf, key, 3 };

	if (silent < all->n) {
		report_close_list(r);
		chart_bars(&c, bar, all->n);
	}
	strbuf_release(&desc);
	free(bar);
}

/* Programs differ by how the line is drawn, purposes by its colour. */
struct lines {
	struct chart_series *series;
	struct chart_key *key;
	struct chart_point (*point)[DECAY_STEPS];
	char date[DECAY_STEPS][DATE_BUF];
	const char **words; /* before each one's numbers */
	size_t n, without;
};

static void add_series(struct lines *l, const struct answer *a, unsigned program)
{
	struct chart_point *point = l->point[l->n];
	uint64_t sum = 0;

	for (size_t i = 0; i < DECAY_STEPS; i++) {
		point[i] = (struct chart_point){ decay_days[i], a->impact->decay[i],
			date_format(l->date[i], a->cli->day + decay_days[i]) };
		sum |= point[i].y;
	}
	if (!sum) { /* a line along the axis says nothing that the table does not */
		l->without++;
		return;
	}
	l->series[l->n] = (struct chart_series){ a->label, decay_lead(a).sign, program,
		a->scenario->purpose == PURPOSE_EMAIL, point };
	l->words[l->n] = decay_lead(a).words;
	l->key[l->n] = (struct chart_key){ chart_series_kind(&l->series[l->n]), a->label };
	l->n++;
}

static void put_lines(struct report *r, const struct lines *l)
{
	struct strbuf desc = STRBUF_INIT, axis = STRBUF_INIT;
	char n[32], m[32];

	strbuf_addf(&desc, "%zu line%s of lost leaves from %s to %s:", l->n, l->n == 1 ? "" : "s", l->date[0],
		l->date[DECAY_STEPS - 1]);
	for (size_t i = 0; i < l->n; i++) {
		const struct chart_series *s = &l->series[i];

		strbuf_addf(&desc, "%s %s, %s%s to %s%s", i ? ";" : "", s->label, l->words[i],
			num_group(n, s->point[0].y), l->words[i], num_group(m, s->point[DECAY_STEPS - 1].y));
	}
	strbuf_addstr(&desc, ". The table below has every number.");
	strbuf_addf(&axis, "days after %s (judged on the marked days, straight lines between)", l->date[0]);
	struct chart c = { r->f, "decay", "lost leaves that are still unexpired on later days", desc.buf, l->key, l->n };

	report_close_list(r);
	chart_lines(&c, l->series, l->n, DECAY_STEPS, axis.buf, "leaves lost");
	if (l->without)
		report_line(r, "%zu without loss on any of these days ha%s no line", l->without, l->without == 1 ? "s" : "ve");
	strbuf_release(&axis);
	strbuf_release(&desc);
}

void impact_chart_decays(struct report *r, const struct answers *all)
{
	struct lines l = {
		.series = xcalloc(all->n, sizeof(*l.series)),
		.key = xcalloc(all->n, sizeof(*l.key)),
		.words = xcalloc(all->n, sizeof(*l.words)),
		.point = xcalloc(all->n, sizeof(*l.point)),
	};
	unsigned program = 0;

	for (size_t i = 0; i < all->n; i++) {
		program += i && strcmp(answer_program(&all->v[i]), answer_program(&all->v[i - 1])) != 0;
		add_series(&l, &all->v[i], program);
	}
	if (l.n)
		put_lines(r, &l);
	free(l.series);
	free(l.key);
	free(l.words);
	free(l.point);
}
