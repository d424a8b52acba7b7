/* Stages and days in the answer of `impact`: rows of --days, the answer to --until, and what the report says of time.
 */
#include "cli/impact_out.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/num.h"
#include "cli/json.h"
#include "cli/span.h"
#include "index/until.h"

static const struct decay *by_day(const struct answer *a)
{
	return &a->impact->by_day;
}

static bool pending(const struct answer *a, const struct scenario_mark *m)
{
	return m->since > a->cli->day;
}

void answer_stage_text(const struct answer *a, const struct scenario_mark *m, struct strbuf *out)
{
	char date[DATE_BUF];

	if (m->since != MARK_ALWAYS)
		strbuf_addf(out, "%s %s", pending(a, m) ? "from" : "in force since", date_format(date, m->since));
}

/* ---- --days ---- */

const struct column impact_days_columns[] = {
	{ "date", COL_DATE, "date", NULL, 0, NULL },
	{ "lost", COL_COUNT, "lost", NULL, 0, NULL },
	{ "gain", COL_COUNT, "gain", NULL, 0, NULL },
	{ "least", COL_BOOL, NULL, NULL, 0, NULL },
	{ "stage", COL_LIST, "stage begins", NULL, 60, ", " },
	{ "lost_high", COL_COUNT, NULL, NULL, 0, NULL },
	{ "program", COL_TEXT, NULL, NULL, 0, NULL },
	{ "purpose", COL_TEXT, NULL, NULL, 0, NULL },
	COLUMN_END,
};

/* The marks that begin on the day. */
static void put_stages(const struct answer *a, struct out *o, int32_t day)
{
	VEC(const char *) text = { 0 };

	for (size_t i = 0; i < a->scenario->mark.n; i++) {
		const struct scenario_mark *m = &a->scenario->mark.v[i];
		if (m->since == day)
			vec_push(&text, scenario_mark_text(m));
	}
	out_list(o, text.v, text.n);
	for (size_t i = 0; i < text.n; i++)
		free((char *)text.v[i]);
	vec_release(&text);
}

/* No number from below is known where only CAs lose something that nobody counts. */
static struct span lost_then(const struct answer *a, const struct lost_day *d)
{
	struct span s = d->lost;

	s.known = until_known(a->impact, d->least) || s.low > 0;
	return s;
}

static void put_day(const struct answer *a, struct out *o, size_t i)
{
	const struct lost_day *d = &a->impact->day[i], *last = i ? d - 1 : NULL;
	struct span s = lost_then(a, d);

	out_day(o, d->day);
	out_span(o, &s, d->unbounded);
	if (last && !last->figured && !d->figured && until_known(a->impact, d->least || last->least))
		out_signed(o, (int64_t)(last->lost.low - d->lost.low));
	else
		out_null(o);
	out_bool(o, d->least);
	put_stages(a, o, d->day);
	out_span_high(o, &s);
	out_text(o, a->scenario->program);
	out_text(o, purpose_names[a->scenario->purpose]);
	out_row(o);
}

void impact_days(const struct answer *a, struct out *o)
{
	for (size_t i = 0; i < a->impact->n_days; i++)
		put_day(a, o, i);
}

/* ---- --until ---- */

const struct column impact_until_columns[] = {
	{ "fewer_than", COL_COUNT, NULL, NULL, 0, NULL },
	{ "from", COL_DATE, NULL, NULL, 0, NULL },
	{ "first", COL_DATE, NULL, NULL, 0, NULL },
	{ "least", COL_BOOL, NULL, NULL, 0, NULL },
	{ "surely_from", COL_DATE, NULL, NULL, 0, NULL },
	{ "program", COL_TEXT, NULL, NULL, 0, NULL },
	{ "purpose", COL_TEXT, NULL, NULL, 0, NULL },
	COLUMN_END,
};

void impact_until(const struct answer *a, struct out *o)
{
	struct until u = until_find(a->impact, a->cli->args.until.n);

	out_count(o, u.n);
	out_day_if(o, u.known, u.from);
	out_day_if(o, u.known, u.first);
	out_bool(o, u.least);
	out_day_if(o, u.sure, u.surely);
	out_text(o, answer_program(a));
	out_text(o, answer_purpose(a));
	out_row(o);
}

/* Says whose answer it is where there are several. */
void impact_until_line(const struct answer *a)
{
	struct until u = until_find(a->impact, a->cli->args.until.n);
	struct strbuf b = STRBUF_INIT;

	if (a->all->n > 1)
		strbuf_addf(&b, "%s, %s: ", answer_program(a), answer_purpose(a));
	until_text(&u, a->impact, &b);
	later_store_text(a, &b);
	printf("%s\n", b.buf);
	strbuf_release(&b);
}

void impact_put_until(struct report *r, const struct answers *all, bool item)
{
	struct fold f = { .all = all };
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; all->cli->args.until.set && i < all->n; i++) {
		struct until u = until_find(all->v[i].impact, all->cli->args.until.n);

		strbuf_reset(&b);
		until_text(&u, all->v[i].impact, &b);
		later_store_text(&all->v[i], &b);
		fold_add(&f, i, "%s", b.buf);
	}
	strbuf_reset(&b);
	fold_join(&f, &b);
	if (b.len)
		(item ? report_item : report_line)(r, "%s", b.buf);
	strbuf_release(&b);
}

bool impact_until_known(const struct answer *a)
{
	return until_find(a->impact, a->cli->args.until.n).known;
}

/* ---- json ---- */

static void json_until(struct json *j, const struct answer *a)
{
	struct until u = until_find(a->impact, a->cli->args.until.n);

	json_open(j, "until", '{');
	json_uint(j, "fewer_than", u.n);
	json_day_if(j, "from", u.known, u.from);
	json_day_if(j, "first", u.known, u.first);
	json_bool(j, "least", u.least);
	json_day_if(j, "surely_from", u.sure, u.surely);
	json_close(j, '}');
}

void impact_json_days(struct json *j, const struct answer *a)
{
	struct until end = until_find(a->impact, 1);

	json_open(j, "by_day", '[');
	for (size_t i = 0; i < a->impact->n_days; i++) {
		const struct lost_day *d = &a->impact->day[i];
		struct span s = lost_then(a, d);

		json_open(j, NULL, '{');
		json_day(j, "date", d->day);
		json_span(j, "lost", &s);
		json_span_high(j, "lost_high", &s);
		json_bool(j, "least", d->least);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_day_if(j, "nothing_lost_from", !end.least, end.from);
	if (a->cli->args.until.set)
		json_until(j, a);
	else
		json_null(j, "until");
}

/* ---- in the report ---- */

/* On no day of all. */
static bool no_known_loss(const struct answer *a)
{
	size_t i = 0;

	while (i < a->impact->n_days && !a->impact->day[i].lost.low)
		i++;
	return i == a->impact->n_days;
}

static void say_end(struct report *r, const struct answer *a)
{
	struct strbuf b = STRBUF_INIT;

	end_text(a, &b);
	report_line(r, "%s", b.buf);
	strbuf_release(&b);
}

/* Where nothing of what is lost is counted and nothing bounds it, ten days with "at least 0" say nothing. */
static bool step_unknown(const struct answer *a, size_t i)
{
	const struct span *s = &a->impact->decay_span[i];

	return !s->low && (a->impact->decay_unbounded[i] || !span_bounded(s)) &&
	       (!until_known(a->impact, a->least.decay) || no_known_loss(a));
}

bool answer_later_unknown(const struct answer *a)
{
	size_t i = 1;

	while (i < DECAY_STEPS && step_unknown(a, i))
		i++;
	return i == DECAY_STEPS;
}

void answer_decay_cell(struct out *o, const struct answer *a, size_t i)
{
	const bool open = until_unanswered(a->impact);
	struct span s = open ? unanswered_span : a->impact->decay_span[i];

	s.known &= !step_unknown(a, i);
	out_span(o, &s, open || a->impact->decay_unbounded[i]);
}

/* "saves 12.3 leaves", to a tenth */
static void add_rate(struct strbuf *out, uint64_t now, uint64_t later, uint64_t days)
{
	uint64_t all = now > later ? now - later : later - now, tenths = (all * 10 + days / 2) / days;
	char n[32];

	strbuf_addf(out, "%s %s.%d leaves", now >= later ? "saves" : "costs", num_group(n, tenths / 10),
		(int)(tenths % 10));
}

static void say_gain(struct report *r, const struct answer *a)
{
	static const int spans[] = { 30, 90 };
	const struct decay_step *now = &by_day(a)->step[0];
	struct strbuf b = STRBUF_INIT;
	bool least = now->least;

	for (size_t i = 0; i < a->scenario->mark.n; i++)
		if (pending(a, &a->scenario->mark.v[i]) && a->scenario->mark.v[i].since <= a->cli->day + spans[1])
			return; /* a stage's day would stay where it is */
	if (!now->lost && !decay_on(by_day(a), a->cli->day + spans[1])->lost)
		return;
	for (size_t i = 0; i < 2; i++) {
		const struct decay_step *then = decay_on(by_day(a), a->cli->day + spans[i]);

		strbuf_addstr(&b, i ? ", and " : "");
		add_rate(&b, now->lost, then->lost, (uint64_t)spans[i]);
		strbuf_addf(&b, i ? " over the next %d" : " on average over the next %d days", spans[i]);
		least |= then->least;
	}
	report_line(r, "%sa day of delay %s", least ? "of what is counted, " : "", b.buf);
	strbuf_release(&b);
}

static void add_lost_on(const struct answer *a, int32_t day, struct strbuf *out)
{
	const struct lost_day *d = impact_on(a->impact, day);
	struct span s = lost_then(a, d);

	if (!s.known && (d->unbounded || !span_bounded(&s)))
		strbuf_addstr(out, "leaves that nobody counted");
	else
		span_words(out, &s, d->unbounded);
}

/* What begins later, and what it does on its day. */
static void say_stages(struct report *r, const struct answer *a)
{
	for (size_t i = 0; i < a->scenario->mark.n; i++) {
		const struct scenario_mark *m = &a->scenario->mark.v[i];
		struct strbuf before = STRBUF_INIT, on = STRBUF_INIT, text = STRBUF_INIT;
		char date[DATE_BUF];

		if (!pending(a, m))
			continue;
		add_lost_on(a, m->since - 1, &before);
		add_lost_on(a, m->since, &on);
		answer_mark_text(a, i, true, &text);
		report_item(r, "%s begins on %s: %s lost on the day before, %s on it", text.buf, date_format(date, m->since),
			before.buf, on.buf);
		strbuf_release(&text);
		strbuf_release(&before);
		strbuf_release(&on);
	}
}

void impact_time_lines(struct report *r, const struct answer *a)
{
	say_end(r, a);
	say_gain(r, a);
	impact_put_until(r, a->all, false);
	if (!by_day(a)->exact)
		report_line(r, "some CAs have too many paths to look at all of them: these numbers are not exact");
	say_stages(r, a);
}
