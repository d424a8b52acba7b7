#include "base/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/date.h"
#include "base/num.h"
#include "base/strbuf.h"
#include "base/text.h"

#define REDRAW_NS 100000000
#define COLUMNS 79
#define COLUMNS_MOST 119
#define ROWS 24
#define BAR 10

static const struct {
	const char *name, *unit;
} steps[] = {
	[PROGRESS_DOWNLOAD] = { "download", "bytes" },
	[PROGRESS_READ] = { "read", "bytes" },
	[PROGRESS_LINK] = { "link", "certificates" },
	[PROGRESS_ASK] = { "ask", "keys" },
	[PROGRESS_LOG] = { "log", "entries" },
};
static struct {
	enum progress_mode mode;
	const char *source;
} all;

int progress_mode_parse(const char *word, enum progress_mode *ret)
{
	static const char *const words[] = { [PROGRESS_AUTO] = "auto", [PROGRESS_NONE] = "none", [PROGRESS_LINES] = "lines" };

	*ret = PROGRESS_AUTO;
	for (size_t i = 0; word && i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(word, words[i]) == 0) {
			*ret = (enum progress_mode)i;
			return 0;
		}
	}
	return word ? -1 : 0;
}

void progress_set_mode(enum progress_mode mode)
{
	all.mode = mode;
}

/* ---- lines for programs ---- */

static void add_field(struct strbuf *line, const char *key, const char *value)
{
	strbuf_addf(line, "\t%s=", key);
	text_clean(line, value, strlen(value));
}

static void add_number(struct strbuf *line, const char *key, uint64_t n)
{
	strbuf_addf(line, "\t%s=%llu", key, (unsigned long long)n);
}

static void begin_line(struct strbuf *line, const char *source, const char *step)
{
	strbuf_addstr(line, "progress");
	if (source)
		add_field(line, "source", source);
	add_field(line, "step", step);
}

/* One write, so that it does not mingle with what another program writes there. */
static void say(struct strbuf *line)
{
	strbuf_addch(line, '\n');
	fflush(stderr);
	fwrite(line->buf, 1, line->len, stderr);
	fflush(stderr);
	strbuf_release(line);
}

void progress_source(const char *name, size_t index, size_t count)
{
	struct strbuf line = STRBUF_INIT;

	all.source = name;
	if (!name || all.mode != PROGRESS_LINES)
		return;
	begin_line(&line, name, "start");
	add_number(&line, "sources", index);
	add_number(&line, "sources_total", count);
	say(&line);
}

void progress_source_end(bool failed)
{
	struct strbuf line = STRBUF_INIT;

	if (all.mode == PROGRESS_LINES && all.source) {
		begin_line(&line, all.source, "end");
		add_field(&line, "result", failed ? "failed" : "ok");
		say(&line);
	}
	all.source = NULL;
}

/* ---- what is told ---- */

/* How much of it is through, by what has a known end: what is counted, else documents; -1 without. */
static double share_of(const struct progress *p, uint64_t done)
{
	uint64_t n = p->total ? done : p->documents, of = p->total ? p->total : p->documents_total;

	if (!p->total && of < 2)
		return -1;
	return n < of ? (double)n / (double)of : 1;
}

/* -1: not known, or too early to tell. */
static double seconds_left(const struct progress *p, uint64_t done, uint64_t now)
{
	double seconds = (double)(now - p->started_ns) / 1e9, share = share_of(p, done);

	return seconds >= 1 && share > 0 && share < 1 ? seconds / share * (1 - share) : -1;
}

/* "[####------]  42 %" */
static void add_bar(struct strbuf *line, double share)
{
	int full = (int)(share * BAR);

	strbuf_addstr(line, "  [");
	for (int i = 0; i < BAR; i++)
		strbuf_addch(line, i < full ? '#' : '-');
	strbuf_addf(line, "] %.0f %%", share < 1 ? share * 99.5 : 100); /* 100 is the end alone */
}

/* Of bytes the first digits say enough. */
static const char *amount(const struct progress *p, char buf[32], uint64_t n)
{
	return p->step == PROGRESS_DOWNLOAD || p->step == PROGRESS_READ ? num_short(buf, n) : num_group(buf, n);
}

/* "12:05", "3:12:05", "4 days" */
static void add_left(struct strbuf *line, double seconds)
{
	uint64_t s = (uint64_t)seconds;

	if (seconds >= 2 * 86400)
		strbuf_addf(line, "  %llu days left", (unsigned long long)(s / 86400));
	else if (s >= 3600)
		strbuf_addf(line, "  %llu:%02u:%02u left", (unsigned long long)(s / 3600), (unsigned)(s / 60 % 60), (unsigned)(s % 60));
	else
		strbuf_addf(line, "  %u:%02u left", (unsigned)(s / 60), (unsigned)(s % 60));
}

static void describe(const struct progress *p, uint64_t done, uint64_t now, struct strbuf *line)
{
	double seconds = (double)(now - p->started_ns) / 1e9, left = seconds_left(p, done, now), share = share_of(p, done);
	char number[32], of[32];

	if (p->source)
		strbuf_addf(line, "%s: ", p->source);
	text_clean(line, p->what, strlen(p->what));
	if (share >= 0)
		add_bar(line, share);
	if (left >= 0)
		add_left(line, left);
	if (p->documents_total > 1)
		strbuf_addf(line, "  %s of %s documents,", num_group(number, p->documents), num_group(of, p->documents_total));
	if (p->rows)
		strbuf_addf(line, "  %s row%s,", num_group(number, p->rows), p->rows == 1 ? "" : "s");
	strbuf_addf(line, "  %s", amount(p, number, done));
	if (p->total)
		strbuf_addf(line, " of %s", amount(p, of, p->total));
	strbuf_addf(line, " %s", steps[p->step].unit);
	if (seconds >= 1 && done)
		strbuf_addf(line, "  %s/s", num_short(number, (uint64_t)((double)done / seconds)));
}

static void say_step(const struct progress *p, uint64_t done, uint64_t now)
{
	struct strbuf line = STRBUF_INIT;
	double left = seconds_left(p, done, now);

	begin_line(&line, p->source, steps[p->step].name);
	add_field(&line, "unit", steps[p->step].unit);
	add_number(&line, "done", done);
	if (p->total)
		add_number(&line, "total", p->total);
	if (p->rows)
		add_number(&line, "rows", p->rows);
	if (p->documents_total > 1) {
		add_number(&line, "documents", p->documents);
		add_number(&line, "documents_total", p->documents_total);
	}
	if (left >= 0)
		add_number(&line, "seconds_left", (uint64_t)left);
	add_field(&line, "what", p->what);
	say(&line);
}

/* The last column of a terminal stays free, or it would go on in the next line. */
static void room(size_t *rows, size_t *columns)
{
	struct winsize size;
	bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;

	*columns = !known || size.ws_col < 2 ? COLUMNS : size.ws_col - 1U < COLUMNS_MOST ? size.ws_col - 1U : COLUMNS_MOST;
	*rows = known && size.ws_row > 1 ? size.ws_row : ROWS;
}

static void add_drawn(struct strbuf *out, const struct progress *p, uint64_t now, size_t columns)
{
	struct strbuf line = STRBUF_INIT;

	describe(p, p->done, now, &line);
	strbuf_addf(out, "%.*s\033[K", (int)text_clip(line.buf, columns, NULL), line.buf);
	strbuf_release(&line);
}

static void draw(const struct progress *p, uint64_t now)
{
	struct strbuf out = STRBUF_INIT;
	size_t rows, columns;

	room(&rows, &columns);
	strbuf_addch(&out, '\r');
	add_drawn(&out, p, now, columns);
	fputs(out.buf, stderr);
	fflush(stderr);
	strbuf_release(&out);
}

void progress_start(struct progress *p, enum progress_step step, const char *what, uint64_t total, bool quiet)
{
	*p = (struct progress){ .source = all.source, .what = what, .step = step, .total = total };
	p->enabled = all.mode == PROGRESS_LINES || (all.mode == PROGRESS_AUTO && !quiet && isatty(STDERR_FILENO));
	p->started_ns = clock_ns();
}

void progress_at(struct progress *p, uint64_t done)
{
	uint64_t now;

	p->done = done;
	if (!p->enabled)
		return;
	now = clock_ns();
	if (p->drawn_ns && now - p->drawn_ns < REDRAW_NS)
		return;
	p->drawn_ns = now;
	p->told = done;
	if (all.mode == PROGRESS_LINES)
		say_step(p, done, now);
	else
		draw(p, now);
}

void progress_hide(struct progress *p)
{
	if (!p->enabled || !p->drawn_ns || all.mode == PROGRESS_LINES)
		return;
	fputs("\r\033[K", stderr);
	p->drawn_ns = 0;
}

void progress_end(struct progress *p)
{
	bool lines = all.mode == PROGRESS_LINES;

	if (p->enabled && p->drawn_ns && lines && p->told != p->done)
		say_step(p, p->done, clock_ns());
	progress_hide(p);
	p->enabled = false;
}

/* ---- several at once ---- */

/* Back to the start of the first line of those that stand there. */
static void add_way_back(struct strbuf *out, const struct progress_group *g)
{
	strbuf_addch(out, '\r');
	if (g->lines > 1)
		strbuf_addf(out, "\033[%uA", (unsigned)(g->lines - 1));
}

static bool under_way(const struct progress *p)
{
	return p->enabled && p->documents_total && p->documents < p->documents_total;
}

static void draw_group(struct progress_group *g, struct progress *const *p, size_t n)
{
	struct strbuf out = STRBUF_INIT;
	uint64_t now = clock_ns();
	size_t rows, columns, drawn = 0;

	room(&rows, &columns);
	add_way_back(&out, g);
	for (size_t i = 0; i < n && drawn < rows; i++) {
		if (!under_way(p[i]))
			continue;
		if (drawn++)
			strbuf_addch(&out, '\n');
		add_drawn(&out, p[i], now, columns);
	}
	strbuf_addstr(&out, "\033[J");
	if (drawn || g->lines)
		fputs(out.buf, stderr);
	fflush(stderr);
	g->lines = drawn;
	strbuf_release(&out);
}

void progress_group_at(struct progress_group *g, struct progress *const *p, size_t n)
{
	bool draws = false;

	for (size_t i = 0; i < n; i++) {
		if (all.mode != PROGRESS_LINES)
			draws |= p[i]->enabled;
		else if (p[i]->documents_total && (!p[i]->drawn_ns || p[i]->told != p[i]->done))
			progress_at(p[i], p[i]->done);
	}
	if (draws)
		draw_group(g, p, n);
}

void progress_group_end(struct progress_group *g, struct progress *const *p, size_t n)
{
	struct strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < n; i++)
		progress_end(p[i]);
	if (!g->lines)
		return;
	add_way_back(&out, g);
	fprintf(stderr, "%s\033[J", out.buf);
	fflush(stderr);
	strbuf_release(&out);
	g->lines = 0;
}
