/* What is not known: only lines that hold, each computed (index/unknowns.h). */
#include "cli/impact_out.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"

#define NAMES 5 /* that a line has */

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static const char *ca_name(const struct answer *a, uint32_t ca)
{
	return *a->g->ca.v[ca].name ? a->g->ca.v[ca].name : a->g->ca.v[ca].subject;
}

/* ---- lines of a report ---- */

/* A figure says how many leaves it can have at most. */
static bool bounded(const struct answer *a, uint32_t ca)
{
	uint32_t f = a->g->ca.v[ca].figure;

	return f != NO_INDEX && a->g->figure.v[f].high != FIGURE_UNKNOWN;
}

static void uncounted_line(struct fold *f, size_t i)
{
	const struct answer *a = &f->all->v[i];
	const struct unknowns *u = &a->unknown;
	struct strbuf names = STRBUF_INIT;
	size_t open = 0;
	char n[32];

	for (size_t k = 0; k < u->uncounted.n; k++)
		if (!bounded(a, u->uncounted.v[k]) && open++ < NAMES)
			strbuf_addf(&names, "%s%s", open > 1 ? ", " : "", ca_name(a, u->uncounted.v[k]));
	if (open)
		fold_add(f, i, "%s, %s %s", num_group(n, open), open > NAMES ? "among them" : "namely", names.buf);
	strbuf_release(&names);
}

static void figures_line(struct fold *f, size_t i)
{
	const struct unknowns *u = &f->all->v[i].unknown;
	size_t only = 0;
	char n[32];

	for (size_t k = 0; k < u->uncounted.n; k++)
		only += bounded(&f->all->v[i], u->uncounted.v[k]);
	if (only)
		fold_add(f, i, "%s", num_group(n, only));
}

static void other_days_line(struct fold *f, size_t i)
{
	int32_t first = 0, last = 0;
	size_t all = figures_of_other_days(f->all->v[i].g, f->all->v[i].cli->day, &first, &last);
	char n[32], from[DATE_BUF], to[DATE_BUF];

	if (all)
		fold_add(f, i, "%s, of %s%s%s", num_group(n, all), date_format(from, first), first == last ? "" : " to ",
			first == last ? "" : date_format(to, last));
}

/* CAs that change of which only figures tell that do not stand for the day. */
static size_t stale_cas(const struct answer *a, const struct figure **first, const struct figure **last)
{
	size_t n = 0;

	for (size_t i = 0; i < a->impact->n_rows; i++) {
		const struct impact_row *r = &a->impact->row[i];
		const struct figure *f = r->changed ? ca_stale_figure(a->g, r->ca) : NULL;

		if (!f)
			continue;
		*first = n && (*first)->as_of < f->as_of ? *first : f;
		*last = n && (*last)->as_of > f->as_of ? *last : f;
		n++;
	}
	return n;
}

static void stale_figures_line(struct fold *f, size_t i)
{
	const struct figure *first = NULL, *last = NULL;
	const struct answer *a = &f->all->v[i];
	size_t cas = stale_cas(a, &first, &last);
	struct strbuf why = STRBUF_INIT;
	char n[32], from[DATE_BUF], to[DATE_BUF];

	if (!cas)
		return;
	figure_why_stale(first, a->cli->day, &why);
	fold_add(f, i, "%s, figures of %s%s%s are %s", num_group(n, cas), date_format(from, first->as_of),
		first->as_of == last->as_of ? "" : " to ", first->as_of == last->as_of ? "" : date_format(to, last->as_of),
		(first->as_of < a->cli->day) == (last->as_of < a->cli->day) ? why.buf : "too old or too new");
	strbuf_release(&why);
}

static const char *source_words(const char *source)
{
	if (strcmp(source, "import") == 0)
		return "imported files";
	return strcmp(source, "ct") == 0 ? "logs" : source;
}

static void partial_line(struct fold *f, size_t i)
{
	const struct unknowns *u = &f->all->v[i].unknown;
	struct strbuf from = STRBUF_INIT;
	char n[32], m[32];

	if (!u->partial_cas)
		return;
	for (size_t k = 0; k < u->partial.n; k++)
		strbuf_addf(&from, "%s%s by %s", k ? ", " : "", num_group(m, u->partial.v[k].cas),
			source_words(u->partial.v[k].source));
	if (u->partial.n == 1)
		fold_add(f, i, "%s, by %s", num_group(n, u->partial_cas), source_words(u->partial.v->source));
	else
		fold_add(f, i, "%s: %s", num_group(n, u->partial_cas), from.buf);
	strbuf_release(&from);
}

/* Why counts are not complete, where some are not. */
static void logs_line(struct fold *f, size_t i)
{
	const struct index_gaps *g = &f->all->gaps;
	struct strbuf names = STRBUF_INIT;
	char n[32];

	if (!f->all->v[i].impact->unknown_cas)
		return;
	if (!g->log_list)
		fold_add(f, i, "no list of logs is indexed: which logs can hold more of their leaves is not known");
	for (size_t k = 0; k < g->unread.n && k < NAMES; k++)
		strbuf_addf(&names, "%s%s", k ? ", " : "", g->unread.v[k]);
	if (g->unread.n > NAMES)
		strbuf_addf(&names, " and %s more", num_group(n, g->unread.n - NAMES));
	if (g->unread.n)
		fold_add(f, i, "%s log%s that can hold unexpired leaves %s not read to a signed head: %s",
			num_group(n, g->unread.n), plural(g->unread.n), g->unread.n == 1 ? "is" : "are", names.buf);
	if (g->missing_issuers)
		fold_add(f, i, "%s certificate%s that logs name as an issuer's %s not in the index: their leaves may be anybody's",
			num_group(n, g->missing_issuers), plural(g->missing_issuers), g->missing_issuers == 1 ? "is" : "are");
	strbuf_release(&names);
}

static void unproven_line(struct fold *f, size_t i)
{
	const struct unknowns *u = &f->all->v[i].unknown;
	char n[32], m[32];

	if (u->unproven_leaves)
		fold_add(f, i, "%s, of %s CA%s", num_group(n, u->unproven_leaves), num_group(m, u->unproven_cas),
			plural(u->unproven_cas));
}

static void stale_lines(struct fold *f, size_t i)
{
	const struct unknowns *u = &f->all->v[i].unknown;
	struct strbuf b = STRBUF_INIT;
	char n[32];

	for (size_t k = 0; k < u->stale.n && k < NAMES; k++) {
		strbuf_reset(&b);
		stale_source_text(&u->stale.v[k], &b);
		fold_add(f, i, "old: %s", b.buf);
	}
	strbuf_release(&b);
	if (u->stale.n > NAMES)
		fold_add(f, i, "old: %s more sources", num_group(n, u->stale.n - NAMES));
}

static void later_line(struct fold *f, size_t i)
{
	const struct answer *a = &f->all->v[i];
	struct strbuf b = STRBUF_INIT;

	store_later_text(a->query->store, a->cli->day, &b);
	if (b.len)
		fold_add(f, i, "%s", b.buf);
	strbuf_release(&b);
}

static void old_store_line(struct fold *f, size_t i)
{
	const struct answer *a = &f->all->v[i];
	char store[DATE_BUF], day[DATE_BUF];

	if (answer_store_old(a))
		fold_add(f, i, "the store is of %s, over %d days before %s: it may have changed since",
			date_format(store, a->query->store->day), STALE_DAYS,
			a->cli->day < date_today() ? date_format(day, a->cli->day) : "today");
}

static void doubt_lines(struct fold *f, size_t i)
{
	const struct unknowns *u = &f->all->v[i].unknown;
	struct strbuf b = STRBUF_INIT;

	for (size_t k = 0; k < u->doubt.n; k++) {
		strbuf_reset(&b);
		store_doubt_text(u->doubt.v[k], &b);
		fold_add(f, i, "the store may not be whole: %s", b.buf);
	}
	strbuf_release(&b);
}

static void old_counts_line(struct fold *f, size_t i)
{
	const struct unknowns *u = &f->all->v[i].unknown;
	char date[DATE_BUF], n[32];

	if (u->old_count_cas)
		fold_add(f, i, "%s, the oldest of %s", num_group(n, u->old_count_cas), date_format(date, u->oldest_count));
}

static void undisclosed_line(struct fold *f, size_t i)
{
	const struct unknowns *u = &f->all->v[i].unknown;
	char n[32], m[32];

	if (u->undisclosed.n)
		fold_add(f, i, "%s, of %s CA%s", num_group(n, u->undisclosed.n), num_group(m, u->undisclosed_cas),
			plural(u->undisclosed_cas));
}

static void other_lines(struct fold *f, size_t i)
{
	const struct answer *a = &f->all->v[i];
	const struct unknowns *u = &a->unknown;
	char n[32];

	if (!f->all->gaps.ccadb && a->impact->changed_cas)
		fold_add(f, i, "CCADB is not indexed: which CA certificates it lists is not known");
	if (u->smime_unlogged)
		fold_add(f, i, "no public log shows S/MIME certificates: those counted are what was imported");
	if (f->all->gaps.stats.unknown_issuer_leaves)
		fold_add(f, i, "%s lea%s of unknown issuers %s in no total",
			num_group(n, f->all->gaps.stats.unknown_issuer_leaves),
			f->all->gaps.stats.unknown_issuer_leaves == 1 ? "f" : "ves",
			f->all->gaps.stats.unknown_issuer_leaves == 1 ? "is" : "are");
	if (u->revocation_not_modelled)
		fold_add(f, i, "what the clients of %s enforce as revoked is not modelled", answer_program(a));
}

static void missing_line(struct fold *f, size_t i)
{
	const struct answer *a = &f->all->v[i];
	struct strbuf b = STRBUF_INIT;

	revocation_missing_text(a->unknown.revocation_missing, a->query, &b);
	if (b.len)
		fold_add(f, i, "%s", b.buf);
	strbuf_release(&b);
}

static void inexact_line(struct fold *f, size_t i)
{
	char n[32];

	if (f->all->v[i].unknown.inexact_cas)
		fold_add(f, i, "%s", num_group(n, f->all->v[i].unknown.inexact_cas));
}

static void unevaluated_line(struct fold *f, size_t i)
{
	char n[32];

	if (f->all->v[i].unknown.unevaluated_cas)
		fold_add(f, i, "%s", num_group(n, f->all->v[i].unknown.unevaluated_cas));
}

/* Numbers of several answers share the line that says what they are of; lines without that stand by themselves. */
static const struct unknown_line {
	const char *what;
	void (*add)(struct fold *f, size_t i);
} lines[] = {
	{ NULL, later_line },
	{ "CAs that change and that no source counts", uncounted_line },
	{ "CAs that change and that nothing but figures counts", figures_line },
	{ "figures of another day than the one asked for, taken as they stand", other_days_line },
	{ "CAs that change and of which only figures of too distant a day tell, which are not counted", stale_figures_line },
	{ "CAs that change and are not counted to the end", partial_line },
	{ NULL, logs_line },
	{ "issued leaves of CAs that change that stand in ranges of logs read without proof", unproven_line },
	{ NULL, doubt_lines },
	{ NULL, stale_lines },
	{ "CAs that change whose counts are old", old_counts_line },
	{ "CA certificates of CAs that change that CCADB does not list", undisclosed_line },
	{ NULL, other_lines },
	{ NULL, missing_line },
	{ "CAs with too many paths to look at all of them, whose answers are not exact", inexact_line },
	{ "CAs under a rule that is not evaluated and was taken as met", unevaluated_line },
};
#define LINES (sizeof(lines) / sizeof(*lines))

static void put_line(struct report *r, const char *what, struct fold *f)
{
	struct strbuf b = STRBUF_INIT;

	if (!what) {
		fold_put(f, r, SIZE_MAX);
		return;
	}
	fold_join(f, &b);
	if (b.len)
		report_item(r, "%s: %s", what, b.buf);
	strbuf_release(&b);
}

void unknown_section(struct report *r, const struct answers *all)
{
	struct fold f[LINES];
	bool any = false;

	for (size_t k = 0; k < LINES; k++) {
		f[k] = (struct fold){ .all = all };
		for (size_t i = 0; i < all->n; i++)
			lines[k].add(&f[k], i);
		any |= f[k].line.n > 0;
	}
	if (any)
		report_section(r, "what is not known");
	for (size_t k = 0; k < LINES; k++)
		put_line(r, lines[k].what, &f[k]);
}

void unknown_store_items(struct report *r, const struct answers *all)
{
	struct fold f = { .all = all };

	for (size_t i = 0; i < all->n; i++) {
		later_line(&f, i);
		old_store_line(&f, i);
		doubt_lines(&f, i);
	}
	fold_put(&f, r, SIZE_MAX);
}

/* ---- JSON ---- */

static void json_counts(struct json *j, const struct answer *a)
{
	const struct unknowns *u = &a->unknown;

	json_uint(j, "uncounted_cas", u->uncounted.n);
	json_open(j, "uncounted", '[');
	for (size_t i = 0; i < u->uncounted.n && i < NAMES; i++)
		json_hex(j, NULL, a->g->ca.v[u->uncounted.v[i]].id, 32);
	json_close(j, ']');
	json_uint(j, "partial_cas", u->partial_cas);
	json_open(j, "partial", '[');
	for (size_t i = 0; i < u->partial.n; i++) {
		json_open(j, NULL, '{');
		json_str(j, "source", u->partial.v[i].source);
		json_uint(j, "cas", u->partial.v[i].cas);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_logs(struct json *j, const struct index_gaps *g, const struct unknowns *u)
{
	json_bool(j, "log_list", g->log_list);
	json_uint_if(j, "unread_logs", g->log_list, g->unread.n);
	json_open(j, "unread", '[');
	for (size_t i = 0; i < g->unread.n; i++)
		json_str(j, NULL, g->unread.v[i]);
	json_close(j, ']');
	json_uint(j, "missing_issuers", g->missing_issuers);
	json_uint(j, "unproven_leaves", u->unproven_leaves);
	json_uint(j, "unproven_cas", u->unproven_cas);
}

static void json_stale(struct json *j, const struct answer *a)
{
	const struct unknowns *u = &a->unknown;

	json_open(j, "stale", '[');
	for (size_t i = 0; i < u->stale.n; i++) {
		json_open(j, NULL, '{');
		json_str_or_null(j, "source", u->stale.v[i].source);
		json_str(j, "kind", u->stale.v[i].kind);
		json_str(j, "part", u->stale.v[i].part);
		json_day(j, "date", u->stale.v[i].day);
		json_close(j, '}');
	}
	json_close(j, ']');
	int32_t first = 0, last = 0;
	size_t others = figures_of_other_days(a->g, a->cli->day, &first, &last);

	json_uint(j, "other_day_figures", others);
	json_day_if(j, "oldest_figure", others > 0, first);
	const struct figure *oldest = NULL, *newest = NULL;
	size_t stale = stale_cas(a, &oldest, &newest);

	json_uint(j, "stale_figure_cas", stale);
	json_day_if(j, "oldest_stale_figure", stale > 0, stale ? oldest->as_of : 0);
	json_uint(j, "old_count_cas", u->old_count_cas);
	if (u->old_count_cas)
		json_day(j, "oldest_count", u->oldest_count);
	else
		json_null(j, "oldest_count");
}

/* As the findings of check call them. */
void json_doubts(struct json *j, const struct unknowns *u)
{
	json_open(j, "store_doubts", '[');
	for (size_t i = 0; i < u->doubt.n; i++) {
		const struct store_doubt *d = u->doubt.v[i];

		json_open(j, NULL, '{');
		json_str(j, "kind", d->kind == DOUBT_SHRANK ? "store-shrank" : "store-contradicts-ccadb");
		json_day(j, "store_date", d->day);
		json_uint(j, "anchors", d->anchors);
		json_day(j, "compared_date", d->other_day);
		json_uint(j, "compared_anchors", d->others);
		json_uint(j, "gone", d->gone);
		json_str(j, "source", d->source);
		json_close(j, '}');
	}
	json_close(j, ']');
}

void unknown_json(struct json *j, const struct answers *all, const struct answer *a)
{
	const struct unknowns *u = &a->unknown;

	json_open(j, "unknowns", '{');
	json_counts(j, a);
	json_logs(j, &all->gaps, u);
	json_doubts(j, u);
	json_stale(j, a);
	json_uint_if(j, "undisclosed_certs", all->gaps.ccadb, u->undisclosed.n);
	json_open(j, "undisclosed", '[');
	for (size_t i = 0; i < u->undisclosed.n; i++)
		json_hex(j, NULL, a->g->cert.v[u->undisclosed.v[i]].sha256, 32);
	json_close(j, ']');
	json_bool(j, "smime_unlogged", u->smime_unlogged);
	json_uint(j, "unknown_issuer_leaves", all->gaps.stats.unknown_issuer_leaves);
	json_bool(j, "revocation_not_modelled", u->revocation_not_modelled);
	json_uint(j, "inexact_cas", u->inexact_cas);
	json_uint(j, "unevaluated_cas", u->unevaluated_cas);
	json_close(j, '}');
}
