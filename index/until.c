#include "index/until.h"

#include "base/date.h"
#include "base/num.h"
#include "base/vec.h"

bool until_known(const struct impact *im, bool least)
{
	return !least || im->by_day.counted;
}

/* Of what is marked. */
struct marked {
	const struct impact *im;
	bool valid, trusted;
	bool doubted; /* it, or what is above it, stood in the store before one that may not be whole */
};

static bool is_gone(const struct trust_query *q, uint32_t ca)
{
	const struct store *s = q->store;

	for (size_t i = 0; i < s->n_gone; i++)
		if (s->gone[i].purpose == q->purpose && q->graph->cert.v[s->gone[i].cert].ca == ca)
			return true;
	return false;
}

/* Upwards, through whatever certificates. */
static bool hung_on_gone(const struct trust_query *q, uint32_t ca)
{
	const struct graph *g = q->graph;
	bool *seen = xcalloc(g->ca.n + 1, sizeof(*seen)), found = false;
	VEC(uint32_t) open = { 0 };

	vec_push(&open, ca);
	seen[ca] = true;
	for (size_t i = 0; i < open.n && !found; i++) {
		const struct ca *c = &g->ca.v[open.v[i]];
		found = is_gone(q, open.v[i]);
		for (uint32_t k = 0; k < c->n_certs; k++) {
			const struct ca_cert *e = &g->cert.v[g->ca_certs[c->first_cert + k]];
			for (uint32_t j = 0; j < e->n_issuers; j++) {
				uint32_t up = g->issuers[e->first_issuer + j];
				if (!seen[up])
					vec_push(&open, up);
				seen[up] = true;
			}
		}
	}
	free(seen);
	vec_release(&open);
	return found;
}

static void look_at_cert(struct marked *m, uint32_t cert)
{
	const struct trust_query *q = trust_query(m->im->trust);
	const struct ca_cert *c = &q->graph->cert.v[cert];

	m->valid |= c->not_before < date_end(q->day) && c->not_after >= date_end(q->day - 1);
	m->doubted = m->doubted || (q->store->n_gone && hung_on_gone(q, c->ca));
	m->trusted |= store_anchor(q->store, cert, q->purpose) || trust_before(m->im->trust, c->ca) != ACCEPT_NONE;
}

static void look_at_key(struct marked *m, uint32_t key)
{
	const struct graph *g = trust_query(m->im->trust)->graph;

	for (uint32_t i = g->key_first[key]; i < g->key_first[key + 1]; i++) {
		const struct ca *ca = &g->ca.v[g->key_cas[i]];
		for (uint32_t k = 0; k < ca->n_certs; k++)
			look_at_cert(m, g->ca_certs[ca->first_cert + k]);
	}
}

/* A stage of it is one, where the days are known. */
static bool loses_later(const struct impact *im)
{
	bool loses = im->by_day.n_changes > 0;

	for (size_t i = 0; i < im->by_day.n && !loses; i++)
		loses = im->by_day.step[i].lost > 0;
	return loses;
}

bool until_unanswered(const struct impact *im)
{
	const struct trust_query *q = trust_query(im->trust);
	struct marked m = { .im = im };

	if ((q->store->day <= q->day && !q->store->n_gone) || im->n_rows || loses_later(im))
		return false;
	for (size_t i = 0; i < q->n_marks && !m.trusted; i++)
		(q->marks[i].action == MARK_BLOCK ? look_at_key : look_at_cert)(&m, q->marks[i].target);
	return m.valid && !m.trusted && (q->store->day > q->day || m.doubted);
}

void until_unanswered_text(const struct impact *im, struct strbuf *out)
{
	const struct trust_query *q = trust_query(im->trust);
	const struct store *s = q->store;
	char day[DATE_BUF], store[DATE_BUF], now[32], before[32];

	strbuf_addf(out, "what %s trusted on %s is not known: its store ", s->program, date_format(day, q->day));
	if (s->day > q->day)
		strbuf_addf(out, "is of %s, later,", date_format(store, s->day));
	else
		strbuf_addf(out, "may not be whole, with %s anchor%s, %s in the one before it,", num_group(now, s->anchors), s->anchors == 1 ? "" : "s", num_group(before, s->before));
	strbuf_addstr(out, " and trusts none of what is marked");
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

/* What becomes of CAs that are not counted to the end, on any day. */
struct fate {
	bool lost, limited;
};

static struct fate fate_of_uncounted(const struct impact *im)
{
	const struct trust_query *q = trust_query(im->trust);
	struct fate f = { 0 };

	for (size_t i = 0; i < im->n_rows; i++) {
		const struct impact_row *r = &im->row[i];
		if (!r->changed || q->graph->ca.v[r->ca].coverage == COVERAGE_COMPLETE)
			continue;
		f.lost |= r->after == ACCEPT_NONE;
		f.limited |= r->after != ACCEPT_NONE;
	}
	for (size_t i = 0; i < im->by_day.n_changes; i++) /* which of both it is then is not kept */
		if (im->by_day.change[i].loses && im->by_day.change[i].day > q->day)
			f.lost = f.limited = true;
	return f;
}

/* "no CA that is limited is", "some CAs that lose trust or are limited are" */
static void add_cas(const struct impact *im, bool none, const char *some, struct strbuf *out)
{
	struct fate f = fate_of_uncounted(im);

	strbuf_addf(out, "%s that ", none ? "no CA" : some);
	if (f.lost || !f.limited)
		strbuf_addstr(out, none ? "loses trust" : "lose trust");
	if (f.lost && f.limited)
		strbuf_addstr(out, " or ");
	if (f.limited)
		strbuf_addstr(out, none ? "is limited" : "are limited");
	strbuf_addstr(out, none ? " is" : " are");
}

void until_why_unknown(const struct impact *im, struct strbuf *out)
{
	bool some = im->by_day.complete || im->unknown_cas < im->changed_cas, figured = false;

	if (until_unanswered(im)) {
		strbuf_addstr(out, "the store trusts none of what is marked");
		return;
	}
	if (im->by_day.counted) {
		add_cas(im, !some, "some CAs", out);
		strbuf_addstr(out, some ? " not counted to the end" : " counted to the end");
		return;
	}
	for (size_t i = 0; i < im->n_days; i++)
		figured |= im->day[i].figured;
	add_cas(im, true, "", out);
	strbuf_addstr(out, figured ? " counted but by figures of others, which do not tell when the leaves end" : " counted");
}

static void add_latest(const struct until *u, struct strbuf *out)
{
	char date[DATE_BUF];

	if (u->sure && (!u->known || u->surely != u->from))
		strbuf_addf(out, "; at the latest from %s on", date_format(date, u->surely));
}

/* "…, of what is counted fewer are lost on every day (2,796 on DATE), but …": why one leaf more has no day at all. */
static void add_fewer_counted(const struct impact *im, struct strbuf *out)
{
	char n[32], date[DATE_BUF];

	if (im->by_day.counted && im->day[0].lost.low && !im->day[0].figured)
		strbuf_addf(out, "of what is counted fewer are lost on every day (%s on %s), but ", num_group(n, im->day[0].lost.low),
			date_format(date, im->day[0].day));
}

/* ": from DATE on", ": not before DATE, …" or ": unknown, …"; on another day also "; at the latest from DATE on" */
static void add_when(const struct until *u, const struct impact *im, struct strbuf *out)
{
	char date[DATE_BUF];

	if (until_unanswered(im)) { /* which store it is, and what it lacks, is said behind it */
		strbuf_addstr(out, ": unknown");
		return;
	}
	if (!u->known) {
		strbuf_addstr(out, ": unknown, ");
		add_fewer_counted(im, out);
		until_why_unknown(im, out);
	} else if (!u->least || (u->sure && u->surely == u->from)) {
		strbuf_addf(out, ": from %s on", date_format(date, u->from));
	} else {
		strbuf_addf(out, ": not before %s, for ", date_format(date, u->from));
		add_cas(im, false, im->by_day.counted ? "some CAs" : "the CAs", out);
		strbuf_addstr(out, " not counted to the end");
	}
	if (u->known && u->first != u->from)
		strbuf_addf(out, "; on %s for the first time", date_format(date, u->first));
	add_latest(u, out);
}

void until_text(const struct until *u, const struct impact *im, struct strbuf *out)
{
	char n[32];

	strbuf_addf(out, "fewer than %s %s lost", num_group(n, u->n), u->n == 1 ? "leaf is" : "leaves are");
	add_when(u, im, out);
}

/* The first row on whose day something is lost, or may be; n_days: none. */
static size_t begin_of_loss(const struct impact *im)
{
	size_t i = 0;

	while (i < im->n_days && surely_enough(&im->day[i], 1))
		i++;
	return i;
}

/* What is counted is not lost, and what else there is nobody knows. */
static void add_none_counted(const struct until *end, const struct impact *im, struct strbuf *out)
{
	char date[DATE_BUF];

	strbuf_addstr(out, "nothing that is counted is lost on any day, but ");
	until_why_unknown(im, out);
	if (end->sure)
		strbuf_addf(out, "; nothing at all is lost from %s on", date_format(date, end->surely));
}

void until_end_text(const struct impact *im, struct strbuf *out)
{
	size_t begin = begin_of_loss(im);
	struct until end = until_find(im, 1);
	char date[DATE_BUF];
	bool ever = false;

	for (size_t i = 0; i < im->n_days; i++)
		ever |= im->day[i].lost.low > 0;
	end.first = end.from;
	end.known = until_known(im, end.least);
	if (begin == im->n_days) {
		if (until_unanswered(im))
			until_unanswered_text(im, out);
		else
			strbuf_addstr(out, "nothing is lost on any day");
		return;
	}
	if (begin)
		strbuf_addf(out, "nothing is lost before %s; ", date_format(date, im->day[begin].day));
	if (!end.known) {
		strbuf_addstr(out, "from when on nothing is lost any more is unknown: ");
		until_why_unknown(im, out);
		add_latest(&end, out);
	} else if (ever) {
		strbuf_addstr(out, "nothing is lost any more");
		add_when(&end, im, out);
	} else {
		add_none_counted(&end, im, out);
	}
}
