#include "cli/chart.h"

#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "cli/out.h"

enum {
	WIDTH = 720,
	ROW = 26, /* from bar to bar */
	BAR = 16,
	LABEL = 250,    /* where labels of bars end */
	BARS = 260,     /* where bars begin … */
	BARS_END = 590, /* … and the longest ends; its number stands right of it */
	BASELINE = 13,
	LEFT = 112, /* the axes of a line */
	RIGHT = 690,
	TOP = 40,
	BOTTOM = 250,
	HEIGHT = 306,
	DIGIT = 8, /* more than a digit of 13 px is wide */
};

/* ---- the frame ---- */

static void put_escaped(FILE *f, const char *before, const char *text, const char *after)
{
	struct strbuf b = STRBUF_INIT;

	style_html(&b, text, 0);
	fprintf(f, "%s%s%s", before, b.buf, after);
	strbuf_release(&b);
}

static void begin(const struct chart *c, int height)
{
	put_escaped(c->f, "<figure tabindex=\"0\">\n<figcaption>", c->title, "</figcaption>\n");
	fprintf(c->f,
		"<svg role=\"img\" viewBox=\"0 0 %d %d\" aria-labelledby=\"%s-title\" aria-describedby=\"%s-desc\">\n",
		WIDTH, height, c->id, c->id);
	fprintf(c->f, "<title id=\"%s-title\">", c->id);
	put_escaped(c->f, "", c->title, "</title>\n");
	fprintf(c->f, "<desc id=\"%s-desc\">", c->id);
	put_escaped(c->f, "", c->desc, "</desc>\n");
}

static void put_rect(const struct chart *c, const char *kind, int x, int y, int width, int height)
{
	fprintf(c->f, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", kind, x, y, width, height);
	if (strcmp(kind, "lost") == 0 || strcmp(kind, "kept") == 0)
		fprintf(c->f, "<rect fill=\"url(#%s-on-%s)\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", c->id,
			kind, x, y, width, height);
}

static void end(const struct chart *c)
{
	fputs("</svg>\n", c->f);
	fputs(c->n_keys ? "<ul class=\"legend\">\n" : "", c->f);
	for (size_t i = 0; i < c->n_keys; i++) {
		bool line = strncmp(c->key[i].kind, "curve", strlen("curve")) == 0;

		fprintf(c->f, "<li><svg class=\"swatch%s\" aria-hidden=\"true\" viewBox=\"0 0 %d 12\">", line ? " wide" : "",
			line ? 40 : 16);
		if (line)
			fprintf(c->f, "<path class=\"%s\" d=\"M0 6H40\"/>", c->key[i].kind);
		else
			put_rect(c, c->key[i].kind, 0, 0, 16, 12);
		put_escaped(c->f, "</svg>", c->key[i].text, "</li>\n");
	}
	fputs(c->n_keys ? "</ul>\n</figure>\n" : "</figure>\n", c->f);
}

/* value of max, of a length; what is not 0 is seen. */
static int scaled(uint64_t value, uint64_t max, int length)
{
	int n = max ? (int)((double)value / (double)max * length + 0.5) : 0;

	return value && !n ? 1 : n > length ? length : n;
}

/* ---- bars ---- */

/* About how wide a clean text is, in hundredths of its size: an estimate errs to the wide side. */
static int text_units(const char *s)
{
	size_t left = strlen(s);
	uint32_t cp;
	int n, units = 0;

	for (; (n = text_decode(s, left, &cp)) > 0; s += n, left -= (size_t)n) {
		if (cp >= 0x80)
			units += 68 * text_cp_width(cp);
		else if (strchr("ijlI.,:;'|! ", (int)cp))
			units += 32;
		else if (strchr("MWmw@%", (int)cp))
			units += 92;
		else
			units += cp >= 'A' && cp <= 'Z' ? 72 : 58;
	}
	return units;
}

/* A label in the most columns that fit before the bars. */
static void put_label(FILE *f, const char *label, int y)
{
	struct strbuf b = STRBUF_INIT;

	for (int columns = 48; columns > 8; columns--) {
		strbuf_reset(&b);
		style_text(&html_style, &b, label, columns);
		if (text_units(b.buf) * 13 / 100 <= LABEL)
			break;
	}
	fprintf(f, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LABEL, y);
	put_escaped(f, "", b.buf, "</text>");
	strbuf_release(&b);
}

static void put_bar(const struct chart *c, const struct chart_bar *b, int y, uint64_t max)
{
	bool known = b->value != CHART_UNKNOWN;
	char digits[32];
	const char *sign = known ? b->sign : "", *number = known ? num_group(digits, b->value) : "not known";
	uint64_t sum = 0;
	int x = BARS;

	fputs("<g>", c->f);
	put_escaped(c->f, "<title>", b->label, ": ");
	fprintf(c->f, "%s%s</title>", sign, number);
	put_label(c->f, b->label, y + BASELINE);
	for (size_t i = 0; i < sizeof(b->part) / sizeof(*b->part); i++) {
		int to = BARS + scaled(sum += b->part[i].value, max, BARS_END - BARS);

		if (!b->part[i].value)
			continue;
		to = to > x ? to : x + 1; /* what is not 0 is seen, also beside what is much more */
		put_rect(c, b->part[i].kind, x, y, to - x, BAR);
		x = to;
	}
	fprintf(c->f, "<text x=\"%d\" y=\"%d\">%s%s</text></g>\n", x + 6, y + BASELINE, sign, number);
}

/* Not by colour alone: what is kept is lined, what is lost is hatched. */
static void put_patterns(const struct chart *c)
{
	static const struct {
		const char *kind;
		int angle, width;
	} patterns[] = { { "kept", 0, 8 }, { "lost", 45, 6 } };

	fputs("<defs>", c->f);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
		fprintf(c->f,
			"<pattern id=\"%s-on-%s\" width=\"%d\" height=\"%d\" patternUnits=\"userSpaceOnUse\" "
			"patternTransform=\"rotate(%d)\"><path class=\"hatch\" d=\"M0 0V%d\"/></pattern>",
			c->id, patterns[i].kind, patterns[i].width, patterns[i].width, patterns[i].angle,
			patterns[i].width);
	fputs("</defs>\n", c->f);
}

void chart_bars(const struct chart *c, const struct chart_bar *bar, size_t n)
{
	uint64_t max = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t sum = 0;

		for (size_t k = 0; k < sizeof(bar[i].part) / sizeof(*bar[i].part); k++)
			sum += bar[i].part[k].value;
		max = sum > max ? sum : max;
	}
	begin(c, (int)n * ROW + 8);
	put_patterns(c);
	for (size_t i = 0; i < n; i++)
		put_bar(c, &bar[i], (int)i * ROW + 8, max);
	fprintf(c->f, "<path class=\"axis\" d=\"M%d 2V%d\"/>\n", BARS, (int)n * ROW + 6);
	end(c);
}

/* ---- a line ---- */

#define MOST (UINT64_MAX / 4) /* of an axis: its steps do not overflow */

/* The least of 1, 2, 5, 10, 20, 50 … that reaches max in at most five steps. */
static uint64_t step_of(uint64_t max)
{
	static const uint64_t mantissa[] = { 1, 2, 5 };

	for (uint64_t power = 1; power <= UINT64_MAX / 100; power *= 10) {
		for (size_t i = 0; i < sizeof(mantissa) / sizeof(*mantissa); i++) {
			if (max <= 5 * mantissa[i] * power)
				return mantissa[i] * power;
		}
	}
	return MOST;
}

static int y_at(uint64_t value, uint64_t top)
{
	return BOTTOM - scaled(value, top, BOTTOM - TOP);
}

/* Grid and numbers of the y axis; returns what its top stands for. */
static uint64_t put_y_axis(const struct chart *c, uint64_t max, const char *title)
{
	uint64_t step = step_of(max), top = 0;
	char number[32];

	while (top < max)
		top += step;
	top = top ? top : step;
	put_escaped(c->f, "<text class=\"soft\" x=\"4\" y=\"16\">", title, "</text>\n");
	for (uint64_t v = 0; v <= top; v += step) {
		int y = y_at(v, top);

		fprintf(c->f, "<path class=\"%s\" d=\"M%d %dH%d\"/>", v ? "grid" : "axis", LEFT, y, RIGHT);
		fprintf(c->f, "<text class=\"soft\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", LEFT - 8, y + 4,
			num_group(number, v));
	}
	return top;
}

static int x_at(int x, int last)
{
	return LEFT + scaled((uint64_t)x, (uint64_t)(last ? last : 1), RIGHT - LEFT);
}

static void put_x_axis(const struct chart *c, const struct chart_point *p, size_t n, const char *title)
{
	int last = p[n - 1].x, free_from = 0;

	for (size_t i = 0; i < n; i++) {
		int x = x_at(p[i].x, last);

		fprintf(c->f, "<path class=\"axis\" d=\"M%d %dV%d\"/>", x, BOTTOM, BOTTOM + 4);
		if (x < free_from)
			continue;
		fprintf(c->f, "<text class=\"soft\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%d</text>\n", x,
			BOTTOM + 19, p[i].x);
		free_from = x + 26;
	}
	fprintf(c->f, "<text class=\"soft\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">", (LEFT + RIGHT) / 2,
		BOTTOM + 44);
	put_escaped(c->f, "", title, "</text>\n");
}

/* Numbers stand above their points to the right, where a falling line leaves room; one that would touch another is left
 * to the table. */
static void put_values(const struct chart *c, const struct chart_point *p, size_t n, uint64_t top, const char *sign)
{
	int last_x = p[n - 1].x, free_from = 0;
	char number[32];
	int last_width = DIGIT * (int)(strlen(num_group(number, p[n - 1].y)) + (int)text_width(sign));

	for (size_t i = 0; i < n; i++) {
		int x = x_at(p[i].x, last_x), y = y_at(p[i].y, top);
		int width = DIGIT * (int)(strlen(num_group(number, p[i].y)) + (int)text_width(sign));
		bool last = i + 1 == n;

		fprintf(c->f, "<g><title>%s: %s%s</title><circle class=\"loss\" cx=\"%d\" cy=\"%d\" r=\"3\"/>",
			p[i].date, sign, number, x, y);
		if (last || (x >= free_from && x + width + DIGIT < RIGHT - last_width)) {
			fprintf(c->f, "<text class=\"halo\" x=\"%d\" y=\"%d\"%s>%s%s</text>", last ? x + 3 : x + 2,
				y - 8, last ? " text-anchor=\"end\"" : "", sign, number);
			free_from = x + width + 4;
		}
		fputs("</g>\n", c->f);
	}
}

static uint64_t highest(const struct chart_point *p, size_t n, int last)
{
	uint64_t max = 0;

	for (size_t i = 0; i < n && p[i].x <= last; i++)
		max = p[i].y > max ? p[i].y : max;
	return max < MOST ? max : MOST;
}

static void put_lines(const struct chart *c, const struct chart_point *p, size_t n, uint64_t top)
{
	for (size_t i = 0; i < n; i++)
		fprintf(c->f, "%s%d,%d", i ? " " : "", x_at(p[i].x, p[n - 1].x), y_at(p[i].y, top));
}

static void put_steps(const struct chart *c, const struct chart_steps *s, int last, uint64_t top)
{
	int y = y_at(s->step[0].y, top);

	fprintf(c->f, "%d,%d", x_at(0, last), y);
	for (size_t i = 1; i < s->n && s->step[i].x <= last; i++) {
		int x = x_at(s->step[i].x, last);

		fprintf(c->f, " %d,%d", x, y);
		y = y_at(s->step[i].y, top);
		fprintf(c->f, " %d,%d", x, y);
	}
	fprintf(c->f, " %d,%d", x_at(last, last), y);
}

/* Labels stand above the curve, where there is room for one. */
static void put_flags(const struct chart *c, const struct chart_steps *s, int last)
{
	int free_from = 0;

	for (size_t i = 0; i < s->n_flags && s->flag[i].x <= last; i++) {
		int x = x_at(s->flag[i].x, last), width = DIGIT * (int)strlen(s->flag[i].label);
		bool left = x + width > WIDTH - 4;

		put_escaped(c->f, "<g><title>", s->flag[i].text, "</title>");
		fprintf(c->f, "<path class=\"stage\" d=\"M%d %dV%d\"/>", x, TOP - 14, BOTTOM);
		if (x - (left ? width : 0) >= free_from) {
			fprintf(c->f, "<text class=\"soft\" x=\"%d\" y=\"%d\"%s>", left ? x - 4 : x + 4, TOP - 6,
				left ? " text-anchor=\"end\"" : "");
			put_escaped(c->f, "", s->flag[i].label, "</text>");
			free_from = x + (left ? 0 : width) + DIGIT;
		}
		fputs("</g>\n", c->f);
	}
}

void chart_line(const struct chart *c, const struct chart_point *p, size_t n, const struct chart_steps *steps,
	const char *sign, const char *x_title, const char *y_title)
{
	int last = p[n - 1].x;
	uint64_t max = highest(p, n, last), top;

	if (steps && highest(steps->step, steps->n, last) > max)
		max = highest(steps->step, steps->n, last);
	begin(c, HEIGHT);
	top = put_y_axis(c, max, y_title);
	put_x_axis(c, p, n, x_title);
	fputs("<polyline class=\"curve\" points=\"", c->f);
	if (steps)
		put_steps(c, steps, last, top);
	else
		put_lines(c, p, n, top);
	fputs("\"/>\n", c->f);
	if (steps)
		put_flags(c, steps, last);
	put_values(c, p, n, top, sign);
	end(c);
}

/* ---- several lines ---- */

const char *chart_series_kind(const struct chart_series *s)
{
	static const char *const kinds[2][5] = {
		{ "curve", "curve dash1", "curve dash2", "curve dash3", "curve dash4" },
		{ "curve other", "curve other dash1", "curve other dash2", "curve other dash3", "curve other dash4" },
	};

	return kinds[s->other][s->dash % 5];
}

static void put_series(const struct chart *c, const struct chart_series *s, size_t n, uint64_t top)
{
	int last_x = s->point[n - 1].x;
	char number[32];

	fputs("<g>", c->f);
	put_escaped(c->f, "<title>", s->label, "</title>");
	fprintf(c->f, "<polyline class=\"%s\" points=\"", chart_series_kind(s));
	for (size_t i = 0; i < n; i++)
		fprintf(c->f, "%s%d,%d", i ? " " : "", x_at(s->point[i].x, last_x), y_at(s->point[i].y, top));
	fputs("\"/></g>\n", c->f);
	for (size_t i = 0; i < n; i++) {
		put_escaped(c->f, "<g><title>", s->label, ", ");
		fprintf(c->f, "%s: %s%s</title><circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"3\"/></g>\n", s->point[i].date,
			s->sign, num_group(number, s->point[i].y), s->other ? "same" : "loss", x_at(s->point[i].x, last_x),
			y_at(s->point[i].y, top));
	}
}

void chart_lines(const struct chart *c, const struct chart_series *series, size_t n_series, size_t n, const char *x_title,
	const char *y_title)
{
	uint64_t max = 0, top;

	for (size_t k = 0; k < n_series; k++)
		for (size_t i = 0; i < n; i++)
			max = series[k].point[i].y > max ? series[k].point[i].y : max;
	max = max < MOST ? max : MOST;
	begin(c, HEIGHT);
	top = put_y_axis(c, max, y_title);
	put_x_axis(c, series->point, n, x_title);
	for (size_t k = 0; k < n_series; k++)
		put_series(c, &series[k], n, top);
	end(c);
}
