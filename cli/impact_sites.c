/* Sites of the rank list in the answer of `impact`. */
#include <stdlib.h>

#include "base/date.h"
#include "base/num.h"
#include "cli/impact_out.h"
#include "cli/json.h"
#include "index/until.h"

#define SITES_FOR_PEOPLE 10

const struct column impact_site_columns[] = {
	{ "rank", COL_COUNT, "rank", NULL, 0, NULL },
	{ "domain", COL_TEXT, "site", NULL, 60, NULL },
	{ "leaves", COL_COUNT, "lost", NULL, 0, NULL },
	{ "last_not_after", COL_DATE, "last expiry", NULL, 0, NULL },
	{ "still", COL_COUNT, "still trusted", NULL, 0, NULL },
	{ "covered", COL_BOOL, "covered", NULL, 0, NULL },
	{ "ca", COL_LIST, "CAs", NULL, 48, "; " },
	{ "program", COL_TEXT, NULL, NULL, 0, NULL },
	{ "purpose", COL_TEXT, NULL, NULL, 0, NULL },
	COLUMN_END,
};

static void put_site(const struct answer *a, struct out *o, const struct site_loss *l)
{
	const char **ca = xcalloc(l->ca.n + 1, sizeof(*ca));
	const struct site_losses *s = &a->sites;

	for (size_t i = 0; i < l->ca.n; i++)
		ca[i] = a->g->ca.v[l->ca.v[i]].name;
	out_count(o, l->rank);
	out_text(o, l->domain);
	out_count_least(o, true, !s->uncompared && !s->incomplete, l->lost);
	out_day(o, l->last_na_day);
	out_count_least(o, l->covered != COVERED_UNKNOWN, s->still_exact, l->still);
	if (l->covered == COVERED_UNKNOWN)
		out_null(o);
	else
		out_bool(o, l->covered == COVERED_YES);
	out_list(o, ca, l->ca.n);
	out_text(o, a->scenario->program);
	out_text(o, purpose_names[a->scenario->purpose]);
	out_row(o);
	free(ca);
}

void impact_site_rows(const struct answer *a, struct out *o)
{
	for (size_t i = 0; i < a->sites.n; i++)
		put_site(a, o, &a->sites.v[i]);
}

/* ---- in a report ---- */

/* "3 of the first 1,000, …", as far as there are more than before. */
static void within(const struct site_losses *s, struct strbuf *b)
{
	char n[32], rank[32];
	size_t before = 0;

	for (uint64_t top = 1000; top <= 1000000; top *= 10) {
		size_t now = site_losses_within(s, top);

		if (now > before)
			strbuf_addf(b, "%s%s among the first %s", before ? ", " : "", num_group(n, now), num_group(rank, top));
		before = now > before ? now : before;
	}
}

static void unknown_items(struct report *r, const struct site_losses *s)
{
	char n[32];

	if (s->uncompared)
		report_item(r, "names of leaves of %s CA%s that change%s were not all compared with the list: more sites may be lost",
			num_group(n, s->uncompared), s->uncompared == 1 ? "" : "s", s->uncompared == 1 ? "s" : "");
	if (s->incomplete)
		report_item(r, "%s CA%s that change%s %s not counted to the end: more sites may be lost", num_group(n, s->incomplete),
			s->incomplete == 1 ? "" : "s", s->incomplete == 1 ? "s" : "", s->incomplete == 1 ? "is" : "are");
	if (s->unknown)
		report_item(r, "of %s of them it is not known whether another leaf stays trusted", num_group(n, s->unknown));
	if (s->n > s->covered + s->unknown)
		report_item(r, "of %s of them the index holds no other leaf that stays trusted; one that no source showed may exist",
			num_group(n, s->n - s->covered - s->unknown));
}

void impact_sites_section(struct report *r, const struct answer *a)
{
	const struct site_losses *s = &a->sites;
	size_t shown = s->n < SITES_FOR_PEOPLE ? s->n : SITES_FOR_PEOPLE;
	struct strbuf b = STRBUF_INIT;
	char n[32], date[DATE_SOURCE_BUF];
	struct out *o;

	if (!s->ranked)
		return;
	if (until_unanswered(a->impact)) {
		report_section(r, "sites of the rank list that lose a leaf");
		report_line(r, "not known, as what is lost");
		return;
	}
	report_section(r, "sites of the rank list that lose a leaf (%s%s)", s->uncompared || s->incomplete ? "at least " : "",
		num_group(n, s->n));
	within(s, &b);
	report_line(r, "by the list of %s%s%s", date_source(date, s->list_day, a->query->day), b.len ? ": " : "", b.buf);
	if (s->n) {
		o = report_table(r, impact_site_columns, "sites that lose a leaf, the best ranks first");
		for (size_t i = 0; i < shown; i++)
			put_site(a, o, &s->v[i]);
		out_end(o);
	}
	if (shown < s->n)
		report_line(r, "and %s more; --sites --format csv has all", num_group(n, s->n - shown));
	if (s->covered)
		report_item(r, "another leaf for %s of them stays trusted", num_group(n, s->covered));
	unknown_items(r, s);
	strbuf_release(&b);
}

/* ---- in JSON ---- */

void impact_sites_json(struct json *j, const struct answer *a)
{
	const struct site_losses *s = &a->sites;

	if (!s->ranked) {
		json_null(j, "sites");
		return;
	}
	json_open(j, "sites", '{');
	json_day(j, "list_date", s->list_day);
	json_uint(j, "lost", s->n);
	json_uint(j, "covered", s->covered);
	json_uint(j, "covered_unknown", s->unknown);
	json_uint(j, "uncompared_cas", s->uncompared);
	json_uint(j, "incomplete_cas", s->incomplete);
	json_open(j, "top", '[');
	for (size_t i = 0; i < s->n && i < SITES_FOR_PEOPLE; i++) {
		const struct site_loss *l = &s->v[i];
		bool known = l->covered != COVERED_UNKNOWN;

		json_open(j, NULL, '{');
		json_uint(j, "rank", l->rank);
		json_str(j, "domain", l->domain);
		json_uint(j, "leaves", l->lost);
		json_day(j, "last_not_after", l->last_na_day);
		json_uint_if(j, "still", known, l->still);
		if (known)
			json_bool(j, "covered", l->covered == COVERED_YES);
		else
			json_null(j, "covered");
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}
