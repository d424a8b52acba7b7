#include "base/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/num.h"
#include "base/strbuf.h"
#include "base/text.h"

#define REDRAW_NS 100000000
#define COLUMNS 79

void progress_start(struct progress *p, const char *what, uint64_t total, bool quiet)
{
	*p = (struct progress){ .what = what, .total = total, .enabled = !quiet && isatty(STDERR_FILENO) };
	p->started_ns = clock_ns();
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
	double seconds = (double)(now - p->started_ns) / 1e9;
	char number[32];

	text_clean(line, p->what, strlen(p->what));
	strbuf_addf(line, "  %s", num_group(number, done));
	if (p->total) {
		strbuf_addf(line, " of %s", num_group(number, p->total));
		strbuf_addf(line, "  %.0f %%", (double)done / (double)p->total * 100);
	}
	if (p->rows)
		strbuf_addf(line, ", %s row%s", num_group(number, p->rows), p->rows == 1 ? "" : "s");
	if (seconds >= 1 && done)
		strbuf_addf(line, "  %s/s", num_short(number, (uint64_t)((double)done / seconds)));
	if (seconds >= 1 && done && done < p->total)
		add_left(line, seconds / (double)done * (double)(p->total - done));
}

void progress_at(struct progress *p, uint64_t done)
{
	struct strbuf line = STRBUF_INIT;
	uint64_t now;

	if (!p->enabled)
		return;
	now = clock_ns();
	if (p->drawn_ns && now - p->drawn_ns < REDRAW_NS)
		return;
	p->drawn_ns = now;
	describe(p, done, now, &line);
	fprintf(stderr, "\r%.*s\033[K", (int)text_clip(line.buf, COLUMNS, NULL), line.buf);
	fflush(stderr);
	strbuf_release(&line);
}

void progress_end(struct progress *p)
{
	if (p->enabled && p->drawn_ns)
		fputs("\r\033[K", stderr);
	p->enabled = false;
}
