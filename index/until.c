#include "index/until.h"

#include "base/date.h"
#include "base/num.h"

bool until_known(const struct impact *im, bool least)
{
	return !least || im->by_day.counted;
}

/* From which row of the days on a rule holds on each; n_days when not on the last. */
static size_t since_when(const struct impact *im, uint64_t n, bool (*holds)(const struct lost_day *d, uint64_t n))
{
	size_t i = im->n_days;

	while (i && holds(&im->day[i - 1], n))
		i--;
	return i;
}

static bool low_enough(const struct lost_day *d, uint64_t n)
{
	return d->lost.low < n;
}

static bool surely_enough(const struct lost_day *d, uint64_t n)
{
	return span_bounded(&d->lost) && !d->unbounded && d->lost.high < n;
}

struct until until_find(const struct impact *im, uint64_t n)
{
	size_t from = since_when(im, n, low_enough), surely = since_when(im, n, surely_enough), first = 0;

	while (!low_enough(&im->day[first], n))
		first++;
	struct until u = { .n = n, .from = im->day[from].day, .first = im->day[first].day };
	for (size_t i = from; i < im->n_days; i++)
		u.least |= im->day[i].least;
	u.sure = surely < im->n_days;
	/* "not before the day asked" bounds nothing */
	u.known = until_known(im, u.least) && (!u.least || from || (u.sure && !surely));
	u.surely = u.sure ? im->day[surely].day : 0;
	return u;
}

const char *until_why_unknown(const struct impact *im)
{
	bool figured = false;

	if (im->by_day.counted)
		return im->unknown_cas < im->changed_cas ? "some CAs that lose trust are not counted to the end" :
							   "no CA that loses trust is counted to the end";
	for (size_t i = 0; i < im->n_days; i++)
		figured |= im->day[i].figured;
	return figured ? "no CA that loses trust is counted but by figures of others, which do not tell when the leaves end" :
			 "no CA that loses trust is counted";
}

/* ": from DATE on", ": not before DATE, …" or ": unknown, …"; on another day also "; at the latest from DATE on" */
static void add_when(const struct until *u, const struct impact *im, struct strbuf *out)
{
	char date[DATE_BUF];

	if (!u->known)
		strbuf_addf(out, ": unknown, %s", until_why_unknown(im));
	else if (!u->least || (u->sure && u->surely == u->from))
		strbuf_addf(out, ": from %s on", date_format(date, u->from));
	else
		strbuf_addf(out, ": not before %s, for %s CAs that lose trust are not counted to the end", date_format(date, u->from),
			im->by_day.counted ? "some" : "the");
	if (u->known && u->first != u->from)
		strbuf_addf(out, "; on %s for the first time", date_format(date, u->first));
	if (u->sure && (!u->known || u->surely != u->from))
		strbuf_addf(out, "; at the latest from %s on", date_format(date, u->surely));
}

void until_text(const struct until *u, const struct impact *im, struct strbuf *out)
{
	char n[32];

	strbuf_addf(out, "fewer than %s %s lost", num_group(n, u->n), u->n == 1 ? "leaf is" : "leaves are");
	add_when(u, im, out);
}

void until_end_text(const struct impact *im, struct strbuf *out)
{
	struct until end = until_find(im, 1);
	char date[DATE_BUF];
	bool ever = false;

	for (size_t i = 0; i < im->n_days; i++)
		ever |= im->day[i].lost.low > 0;
	end.first = end.from;
	end.known = until_known(im, end.least);
	if (!end.known || ever) {
		strbuf_addstr(out, "nothing is lost any more");
		add_when(&end, im, out);
		return;
	}
	strbuf_addf(out, "nothing%s is lost on any day", end.least ? " that is counted" : "");
	if (end.sure && end.surely != end.from)
		strbuf_addf(out, "; nothing at all from %s on", date_format(date, end.surely));
}
