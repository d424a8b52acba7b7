/* What a report says first: a few lines that stand alone, for a reader who sees nothing of what is below them. */
#include "cli/impact_out.h"

#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "cli/span.h"
#include "index/breakdown.h"
#include "index/until.h"

#define MARKS 4 /* that the summary names */

bool answer_uncounted(const struct answer *a)
{
	const struct impact *im = a->impact;

	return im->changed_cas && im->unbounded_cas && !im->span.lost.low && !im->figures;
}

void uncounted_text(const struct answer *a, struct strbuf *out)
{
	uint64_t changed = a->impact->changed_cas, nobody = counted_by_nobody(a->impact, a->g);
	char n[32], m[32];

	num_group(n, changed);
	if (changed == 1)
		strbuf_addf(out, nobody ? "the one CA concerned is not counted" : "no leaf that is lost is known of the one CA concerned");
	else if (nobody == changed)
		strbuf_addf(out, "none of the %s CAs concerned is counted", n);
	else if (nobody)
		strbuf_addf(out, "%s of the %s CAs concerned %s not counted, and no leaf that is lost is known of the others",
			num_group(m, nobody), n, nobody == 1 ? "is" : "are");
	else
		strbuf_addf(out, "no leaf that is lost is known of the %s CAs concerned", n);
}

const char *total_words(struct strbuf *b, bool least, const struct span *s)
{
	strbuf_reset(b);
	span_words(b, s, least);
	return b->buf;
}

const char *trusted_words(struct strbuf *b, const struct answer *a)
{
	const struct span *s = &a->impact->span.trusted;

	return a->least.trusted && !s->low && !s->high ? "an unknown number" : total_words(b, a->least.trusted, s);
}

/* ---- what is lost ---- */

static void add_losers(struct strbuf *b, const struct impact *im)
{
	size_t all = 0, some = 0;
	char n[32];

	for (size_t i = 0; i < im->n_rows; i++) {
		all += im->row[i].changed && im->row[i].after == ACCEPT_NONE;
		some += im->row[i].changed && im->row[i].after != ACCEPT_NONE;
	}
	if (all)
		strbuf_addf(b, "%s CA%s trust", num_group(n, all), all == 1 ? " loses" : "s lose");
	if (some)
		strbuf_addf(b, "%s%s CA%s some trust", all ? ", " : "", num_group(n, some),
			some == 1 ? " loses" : "s lose");
	if (!all && !some)
		strbuf_addstr(b, "no CA loses trust");
}

void later_store_text(const struct answer *a, struct strbuf *out)
{
	const struct store *s = a->query->store;
	char day[DATE_BUF], now[32], before[32];

	if (s->day <= a->cli->day && until_unanswered(a->impact))
		strbuf_addf(out, "; by a store that may not be whole, with %s anchor%s, %s in the one before it, which trusts none of what is marked",
			num_group(now, s->anchors), s->anchors == 1 ? "" : "s", num_group(before, s->before));
	if (a->query->store->day > a->cli->day)
		strbuf_addf(out, "; by a store of %s, later than the day asked%s", date_format(day, a->query->store->day),
			until_unanswered(a->impact) ? ", which trusts none of what is marked" : "");
}

void end_text(const struct answer *a, struct strbuf *out)
{
	until_end_text(a->impact, out);
	if (until_unanswered(a->impact))
		strbuf_addf(out, "; --assume takes it for an anchor of %s beforehand", answer_program(a));
	else
		later_store_text(a, out);
}

/* "14 CAs lose trust, 2 lose some of it; at least 0 leaves lost of at least 13 trusted, …" */
void headline_text(const struct answer *a, struct strbuf *out)
{
	const struct impact *im = a->impact;
	struct strbuf lost = STRBUF_INIT, trusted = STRBUF_INIT, kept = STRBUF_INIT;
	char n[32];

	if (!until_unanswered(im))
		add_losers(out, im);
	if (until_unanswered(im)) {
		strbuf_addstr(out, "which CAs lose trust, and how many leaves are lost, is not known");
	} else if (answer_uncounted(a)) {
		strbuf_addstr(out, "; ");
		uncounted_text(a, out);
		strbuf_addstr(out, ": how many leaves are lost is not known");
		if (im->span.kept.low)
			strbuf_addf(out, "; %s kept by another path", total_words(&kept, a->least.kept, &im->span.kept));
		else if (im->n_rows > im->changed_cas)
			strbuf_addf(out, "; all leaves of %s CA%s kept by another path", num_group(n, im->n_rows - im->changed_cas),
				im->n_rows - im->changed_cas == 1 ? "" : "s");
	} else {
		strbuf_addf(out, "; %s leaves lost of %s trusted, %s kept by another path",
			total_words(&lost, a->least.lost, &im->span.lost),
			trusted_words(&trusted, a),
			total_words(&kept, a->least.kept, &im->span.kept));
		if (im->unknown_cas)
			strbuf_addf(out, " (%s of these CAs %s not counted to the end)", num_group(n, im->unknown_cas),
				im->unknown_cas == 1 ? "is" : "are");
	}
	later_store_text(a, out);
	strbuf_release(&lost);
	strbuf_release(&trusted);
	strbuf_release(&kept);
}

/* ---- what is cut ---- */

static bool effective(const struct answers *all, size_t mark)
{
	for (size_t i = 0; i < all->n; i++)
		if (!answer_no_effect(&all->v[i].scenario->mark.v[mark]))
			return true;
	return false;
}

static void add_mark(const struct answers *all, size_t i, struct strbuf *out)
{
	const struct scenario_mark *m = &all->v->scenario->mark.v[i];

	answer_mark_text(all->v, i, false, out);
	if (m->since != MARK_ALWAYS) {
		strbuf_addch(out, ' ');
		answer_stage_text(all->v, m, out);
	}
}

static void cut_item(struct report *r, const struct answers *all)
{
	const struct scenario *s = all->v->scenario;
	struct strbuf b = STRBUF_INIT, where = STRBUF_INIT;
	char date[DATE_BUF];
	size_t named = 0, none = 0, more = 0;

	for (size_t i = 0; i < s->mark.n; i++) {
		bool does = effective(all, i);

		none += !does;
		if (!does || named == MARKS) {
			more += does;
			continue;
		}
		strbuf_addstr(&b, named++ ? ", " : "");
		add_mark(all, i, &b);
	}
	if (more)
		strbuf_addf(&b, " and %zu more", more);
	if (none)
		strbuf_addf(&b, "%s%zu mark%s without effect", b.len ? "; besides " : "", none, none == 1 ? "" : "s");
	if (s->exempt.n)
		strbuf_addf(&b, "; %zu exempt", s->exempt.n);
	if (s->assume.n)
		strbuf_addf(&b, "; %zu assumed to be %s beforehand", s->assume.n, s->assume.n == 1 ? "an anchor" : "anchors");
	answers_list(all, answer_program, &where);
	strbuf_addstr(&where, ", ");
	answers_list(all, answer_purpose, &where);
	report_item(r, "cut in %s, on %s: %s", where.buf, date_format(date, all->cli->day), b.len ? b.buf : "nothing");
	strbuf_release(&where);
	strbuf_release(&b);
}

/* ---- what share, and what is unknown ---- */

static void share_item(struct report *r, const struct answer *a)
{
	struct share of_program = impact_program_share(a->impact);
	struct strbuf b = STRBUF_INIT;
	char percent[16];

	if (a->impact->n_rows)
		share_text(&of_program, answer_program(a), &b);
	if (a->use.known)
		strbuf_addf(&b, "%s%s of the validations in Firefox ended in the marked roots", b.len ? "; " : "",
			num_percent(percent, a->use.validations, a->use.total));
	if (b.len)
		report_item(r, "share: %s", b.buf);
	strbuf_release(&b);
}

static void unknown_text(const struct answer *a, struct strbuf *out)
{
	size_t before = out->len;

	counted_parts(a->impact, a->g, a->unknown.partial_cas, out);
	if (a->impact->changed_cas && out->len == before)
		strbuf_addstr(out, "each to the end");
}

static void unknown_item(struct report *r, const struct answers *all)
{
	struct fold f = { .all = all };
	struct strbuf b = STRBUF_INIT;
	bool email = false;

	for (size_t i = 0; i < all->n; i++) {
		email |= all->v[i].unknown.smime_unlogged;
		strbuf_reset(&b);
		unknown_text(&all->v[i], &b);
		if (b.len)
			fold_add(&f, i, "%s", b.buf);
	}
	strbuf_reset(&b);
	fold_join(&f, &b);
	if (b.len)
		report_item(r, "counted, of the CAs that lose trust or some of it: %s%s", b.buf,
			email ? "; no public log shows S/MIME certificates" : "");
	strbuf_release(&b);
}

/* ---- the lines ---- */

/* Of several answers in one line: the table below has each in full. */
static void lost_text(const struct answer *a, struct strbuf *out)
{
	const struct impact *im = a->impact;
	char n[32];

	if (until_unanswered(im))
		strbuf_addstr(out, "not known");
	else if (!im->changed_cas)
		strbuf_addstr(out, "no CA loses trust");
	else if (answer_uncounted(a))
		strbuf_addf(out, "leaves of %s CA%s, no number known", num_group(n, im->changed_cas), im->changed_cas == 1 ? "" : "s");
	else
		span_of_cas(out, &im->span.lost, im->changed_cas, a->least.lost);
}

static void lost_items(struct report *r, const struct answers *all)
{
	struct fold f = { .all = all };
	struct strbuf b = STRBUF_INIT;

	if (all->n == 1) {
		headline_text(all->v, &b);
		report_item(r, "%s", b.buf);
		strbuf_reset(&b);
		counted_range(all->v->impact, &b);
		if (b.len)
			report_item(r, "%s", b.buf);
		strbuf_release(&b);
		return;
	}
	for (size_t i = 0; i < all->n; i++) {
		strbuf_reset(&b);
		lost_text(&all->v[i], &b);
		fold_add(&f, i, "%s", b.buf);
	}
	strbuf_reset(&b);
	fold_join(&f, &b);
	report_item(r, "lost: %s", b.buf);
	strbuf_release(&b);
}

static void end_item(struct report *r, const struct answers *all)
{
	struct fold f = { .all = all };
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < all->n; i++) {
		strbuf_reset(&b);
		end_text(&all->v[i], &b);
		fold_add(&f, i, "%s", b.buf);
	}
	strbuf_reset(&b);
	fold_join(&f, &b);
	report_item(r, "%s", b.buf);
	strbuf_release(&b);
}

/* What they answer is not what was so on the day. */
static void later_item(struct report *r, const struct answers *all)
{
	struct strbuf b = STRBUF_INIT;
	const char *last = NULL;
	char date[DATE_BUF];

	for (size_t i = 0; i < all->n; i++) {
		const struct store *s = all->v[i].query->store;

		if (s->day <= all->cli->day || (last && strcmp(last, s->program) == 0))
			continue;
		strbuf_addf(&b, "%s%s of %s", b.len ? ", " : "", s->program, date_format(date, s->day));
		last = s->program;
	}
	if (b.len)
		report_item(r, "by stores later than %s, so that what they had then is not known: %s",
			date_format(date, all->cli->day), b.buf);
	strbuf_release(&b);
}

void impact_summary(struct report *r, const struct answers *all)
{
	cut_item(r, all);
	later_item(r, all);
	lost_items(r, all);
	if (all->n == 1)
		share_item(r, all->v);
	unknown_item(r, all);
	end_item(r, all);
	impact_put_until(r, all, true);
}
