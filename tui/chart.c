#include "tui/chart.h"

#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/fmt.h"

#define WIDEST_STEP 4

int chart_step(int room, size_t n)
{
	int step = n ? room / (int)n : 1;

	return step < 1 ? 1 : step > WIDEST_STEP ? WIDEST_STEP : step;
}

int chart_month_of(int32_t day)
{
	int y, m, d;

	date_to_civil(day, &y, &m, &d);
	return (y - 1970) * 12 + m - 1;
}

uint64_t chart_most(const struct chart *c)
{
	uint64_t most = 0;

	for (size_t i = 0; i < c->n; i++)
		most = c->v[i] > most ? c->v[i] : most;
	return most;
}

/* ---- ticks ---- */

static void add_tick(struct chart *c, size_t at, const char *label)
{
	struct chart_tick t = { .at = at };

	snprintf(t.label, sizeof(t.label), "%s", label);
	vec_push(&c->tick, t);
}

/* How many months lie between two ticks so that labels of 8 columns fit; 12: only years. */
static int month_gap(double columns_a_month)
{
	static const int gaps[] = { 1, 3, 6, 12 };

	for (size_t i = 0; i < sizeof(gaps) / sizeof(*gaps); i++)
		if (gaps[i] * columns_a_month >= 8)
			return gaps[i];
	return 12;
}

static void month_label(char buf[12], int month)
{
	if (month % 12)
		snprintf(buf, 12, "%04d-%02d", (1970 + month / 12) % 10000, month % 12 + 1);
	else
		snprintf(buf, 12, "%04d", (1970 + month / 12) % 10000);
}

void chart_month_ticks(struct chart *c, int first_month)
{
	int gap = month_gap(c->step);
	char label[12];

	for (size_t i = 0; i < c->n; i++) {
		int month = first_month + (int)i;
		/* the first one, too, where that leaves room for the next one */
		bool first = i == 0 && (gap - month % gap) * c->step >= 8;
		if (month % gap != 0 && !first)
			continue;
		month_label(label, month);
		if (i == 0 && month % 12 == 0)
			snprintf(label, sizeof(label), "%04d-01", (1970 + month / 12) % 10000);
		add_tick(c, i, label);
	}
}

void chart_day_ticks(struct chart *c, int32_t first, double days)
{
	int gap = month_gap(30.4 * c->step / (days > 0.01 ? days : 0.01));
	int month = chart_month_of(first);
	char label[12];

	add_tick(c, 0, date_format((char[DATE_BUF]){ 0 }, first));
	for (month += gap - month % gap;; month += gap) {
		double at =
			(date_from_civil(1970 + month / 12, month % 12 + 1, 1) - first) / (days > 0.01 ? days : 0.01);
		if (at >= (double)c->n)
			return;
		month_label(label, month);
		if (at * c->step >= 11)
			add_tick(c, (size_t)at, label);
	}
}

/* ---- lines ---- */

/* Eighths of a line that the value is high, at least one. */
static uint32_t height(const struct chart *c, uint64_t v, uint64_t most)
{
	uint32_t all = (uint32_t)c->rows * 8, h;

	if (!v)
		return 0;
	h = (uint32_t)((double)v * all / (double)most + 0.5);
	return h < 1 ? 1 : h > all ? all : h;
}

static void add_row(struct doc *d, const struct chart *c, uint64_t most, int row)
{
	static const char *const steps[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { " ", ".", ".", ".", ":", ":", ":", "#", "#" };
	struct strbuf b = STRBUF_INIT;
	uint32_t floor = (uint32_t)row * 8;

	for (size_t i = 0; i < c->n; i++) {
		uint32_t h = height(c, c->v[i], most), part = h <= floor ? 0 : h - floor >= 8 ? 8 : h - floor;
		for (int k = 0; k < c->step; k++)
			strbuf_addstr(&b, c->step > 1 && k == c->step - 1 ? " "
					  : fmt_is_ascii()                ? ascii[part]
									  : steps[part]);
	}
	while (b.len && b.buf[b.len - 1] == ' ')
		strbuf_setlen(&b, b.len - 1);
	doc_at(d, c->left - 1, R_GUIDE, fmt_is_ascii() ? "|" : "│");
	doc_add(d, R_BAR, b.buf);
	strbuf_release(&b);
}

static bool is_tick(const struct chart *c, size_t value)
{
	for (size_t i = 0; i < c->tick.n; i++)
		if (c->tick.v[i].at == value)
			return true;
	return false;
}

static void add_axis(struct doc *d, const struct chart *c)
{
	struct strbuf b = STRBUF_INIT;

	doc_right(d, c->left - 2, R_DIM, "0");
	strbuf_addstr(&b, fmt_is_ascii() ? "+" : "└");
	for (size_t i = 0; i < c->n; i++)
		for (int k = 0; k < c->step; k++)
			strbuf_addstr(&b, k || !is_tick(c, i) ? (fmt_is_ascii() ? "-" : "─")
					  : fmt_is_ascii()    ? "+"
							      : "┬");
	doc_at(d, c->left - 1, R_GUIDE, b.buf);
	strbuf_release(&b);
}

static void add_labels(struct doc *d, const struct chart *c)
{
	int free_at = c->left, end = c->left + (int)c->n * c->step;

	for (size_t i = 0; i < c->tick.n; i++) {
		int x = c->left + (int)c->tick.v[i].at * c->step, w = text_width(c->tick.v[i].label);
		if (x < free_at || (x + w > end && i))
			continue;
		doc_at(d, x, R_DIM, c->tick.v[i].label);
		free_at = x + w + 1;
	}
}

static void add_title(struct doc *d, const struct chart *c)
{
	if (!c->title)
		return;
	doc_at(d, c->left - CHART_MARGIN, R_LABEL, c->title);
	if (c->note && *c->note)
		doc_addf(d, R_DIM, "  %s", c->note);
}

static void add_most(struct doc *d, const struct chart *c, uint64_t most)
{
	struct number n = fmt_old((struct number){ .n = most, .low = c->least }, c->old);
	char buf[NUMBER_BUF];

	if (text_width(fmt_number(buf, &n)) > CHART_MARGIN - 2)
		fmt_number_short(buf, &n);
	doc_right(d, c->left - 2, R_NUMBER, buf);
}

void chart_draw(struct doc *d, const struct chart *c, size_t n)
{
	int rows = c->rows;

	if (c->title) {
		doc_line(d);
		for (size_t i = 0; i < n; i++)
			add_title(d, &c[i]);
	}
	for (int row = rows; row-- > 0;) {
		doc_line(d);
		for (size_t i = 0; i < n; i++) {
			uint64_t most = chart_most(&c[i]);
			if (row == rows - 1)
				add_most(d, &c[i], most);
			add_row(d, &c[i], most ? most : 1, row);
		}
	}
	doc_line(d);
	for (size_t i = 0; i < n; i++)
		add_axis(d, &c[i]);
	doc_line(d);
	for (size_t i = 0; i < n; i++)
		add_labels(d, &c[i]);
}

void chart_months_text(struct strbuf *out, const uint64_t *v, size_t n, int first_month)
{
	char buf[32];

	for (size_t i = 0; i < n; i++) {
		int month = first_month + (int)i;
		if (v[i])
			strbuf_addf(out, "%s%04d-%02d: %s", out->len ? ", " : "", 1970 + month / 12, month % 12 + 1,
				num_group(buf, v[i]));
	}
}

void chart_release(struct chart *c)
{
	vec_release(&c->tick);
}
