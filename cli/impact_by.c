/* Who and what is hit: impact by owner, operator, root, kind of leaf and validity, and as shares. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "cli/chart.h"
#include "cli/impact_out.h"
#include "cli/span.h"
#include "index/breakdown.h"

#define FIRST_ROWS 10 /* of a section of a report */

/* clang-format off */
#define SUMS                                                                                                           \
	{ "cas", COL_COUNT, "CAs", "", 0, NULL },                                                                      \
	{ "unexpired", COL_COUNT, "unexpired", "", 0, NULL },                                                          \
	{ "trusted", COL_COUNT, "trusted", "", 0, NULL },                                                              \
	{ "lost", COL_COUNT, "lost", "", 0, NULL },                                                                    \
	{ "kept", COL_COUNT, "kept", "", 0, NULL },                                                                    \
	{ "lost_share", COL_SHARE, "of row's trusted", "", 0, NULL },                                                  \
	{ "program_share", COL_SHARE, "of all trusted", "", 0, NULL },                                                 \
	{ "changed_cas", COL_COUNT, "changed CAs", "", 0, NULL },                                                      \
	{ "unknown_cas", COL_COUNT, NULL, "", 0, NULL },                                                               \
	{ "last_not_before", COL_DATE, "last issued", "", 0, NULL },
#define HIGHS                                                                                                          \
	{ "unexpired_high", COL_COUNT, NULL, "", 0, NULL },                                                            \
	{ "trusted_high", COL_COUNT, NULL, "", 0, NULL },                                                              \
	{ "lost_high", COL_COUNT, NULL, "", 0, NULL },                                                                 \
	{ "kept_high", COL_COUNT, NULL, "", 0, NULL },
#define WHOSE                                                                                                          \
	{ "program", COL_TEXT, NULL, "", 0, NULL },                                                                    \
	{ "purpose", COL_TEXT, NULL, "", 0, NULL },                                                                    \
	COLUMN_END
/* clang-format on */

static const struct column owner_columns[] = { { "owner", COL_TEXT, "owner", "", 60, NULL }, SUMS HIGHS WHOSE };
static const struct column operator_columns[] = { { "operator", COL_TEXT, "operator", "", 60, NULL },
	SUMS HIGHS WHOSE };
static const struct column root_columns[] = { { "ca_id", COL_HASH, "ca_id", "", 0, NULL },
	{ "name", COL_TEXT, "root", "", 60, NULL }, { "owner", COL_TEXT, "owner", "", 32, NULL }, SUMS HIGHS WHOSE };
/* A page begins with whom the numbers are of. */
static const struct column page_root_columns[] = { { "name", COL_TEXT, "root", "", 60, NULL },
	{ "owner", COL_TEXT, "owner", "", 32, NULL }, { "ca_id", COL_HASH, "ca_id", "", 0, NULL }, SUMS HIGHS WHOSE };
static const struct column kind_columns[] = { { "kind", COL_TEXT, "kind", "", 0, NULL }, SUMS WHOSE };
static const struct column validity_columns[] = { { "validity", COL_TEXT, "days", "", 0, NULL },
	{ "min_days", COL_COUNT, NULL, "", 0, NULL }, { "max_days", COL_COUNT, NULL, "", 0, NULL }, SUMS WHOSE };

/* ---- what names a row ---- */

/* In a table that people read a row begins with a word; for programs what nobody names is empty. */
static void name_of_row(struct out *o, const struct answer *a, const char *name)
{
	enum format f = a->cli->format;

	if (!*name && (f == FORMAT_TABLE || f == FORMAT_MD || f == FORMAT_HTML))
		out_text(o, "not known");
	else
		out_text_or_null(o, name);
}

static void owner_key(struct out *o, const struct answer *a, const struct breakdown_row *r)
{
	name_of_row(o, a, a->g->ca.v[r->ca].ca_owner);
}

static void operator_key(struct out *o, const struct answer *a, const struct breakdown_row *r)
{
	name_of_row(o, a, a->g->ca.v[r->ca].owner);
}

static void root_key(struct out *o, const struct answer *a, const struct breakdown_row *r)
{
	const struct ca *ca = &a->g->ca.v[r->ca];
	bool page = a->cli->format == FORMAT_HTML;

	if (!page)
		out_hash(o, ca->id, sizeof(ca->id));
	out_text(o, *ca->name ? ca->name : ca->subject);
	out_text_or_null(o, ca->owner);
	if (page)
		out_hash(o, ca->id, sizeof(ca->id));
}

static void kind_key(struct out *o, const struct answer *a, const struct breakdown_row *r)
{
	static const char *const names[LEAF_KINDS] = { "other", "DV", "OV", "EV" };

	(void)a;
	out_text(o, names[r->class]);
}

static void validity_key(struct out *o, const struct answer *a, const struct breakdown_row *r)
{
	int32_t least = r->class ? validity_max[r->class - 1] + 1 : 0, most = validity_max[r->class];
	bool last = most == INT32_MAX;
	char text[32];

	(void)a;
	if (last)
		snprintf(text, sizeof(text), "%d+", (int)least);
	else
		snprintf(text, sizeof(text), "%d-%d", (int)least, (int)most);
	out_text(o, text);
	out_count(o, (uint64_t)least);
	out_count_if(o, !last, (uint64_t)most);
}

static const struct {
	const struct column *columns;
	void (*key)(struct out *o, const struct answer *a, const struct breakdown_row *r);
	const char *title, *key_name; /* of its section, and of its array in JSON */
} bys[BREAKDOWNS] = {
	[BY_OWNER] = { owner_columns, owner_key, "by CA owner", "by_owner" },
	[BY_OPERATOR] = { operator_columns, operator_key, "by operator", "by_operator" },
	[BY_ROOT] = { root_columns, root_key, "by root", "by_root" },
	[BY_KIND] = { kind_columns, kind_key, "by kind", "by_kind" },
	[BY_VALIDITY] = { validity_columns, validity_key, "by validity", "by_validity" },
};

static enum breakdown_by by_of(const char *name)
{
	enum breakdown_by by = 0;

	while (by < BREAKDOWNS - 1 && strcmp(breakdown_names[by], name) != 0)
		by++;
	return by;
}

const struct column *impact_by_columns(const char *by)
{
	return bys[by_of(by)].columns;
}

/* ---- rows ---- */

/* Of which figures say nothing. */
static bool of_classes(enum breakdown_by by)
{
	return by == BY_KIND || by == BY_VALIDITY;
}

/* For people "at least 0" of a row of which nobody counts anything is nothing known. */
static void known_cell(struct out *o, const struct leaf_spans *row, const struct span *part, bool least)
{
	struct span s = *part;

	if (out_for_people(o) && least && !s.low)
		s.known &= row->unexpired.known;
	out_span(o, &s, least);
}

static void put_row(struct out *o, const struct answer *a, const struct breakdown *b, const struct breakdown_row *r)
{
	const struct leaf_tally *t = &r->leaves;
	const struct leaf_spans *s = &r->span;
	bool any = s->lost.known && !out_for_people(o);

	bys[b->by].key(o, a, r);
	out_count(o, r->cas);
	out_span(o, &s->unexpired, r->partial > 0);
	out_span(o, &s->trusted, r->trusted_partial > 0);
	known_cell(o, s, &s->lost, r->changed_partial > 0);
	known_cell(o, s, &s->kept, r->kept_partial > 0);
	out_share(o, any || breakdown_share_is_told(r, t->trusted, r->trusted_incomplete), t->lost, t->trusted);
	out_share(o, any || breakdown_share_is_told(r, b->trusted, b->incomplete), t->lost, b->trusted);
	out_count(o, r->changed);
	out_count(o, r->unknown);
	answer_issued_cell(o, a, r->dated, r->last_nb_day, r->incomplete > 0);
	if (!of_classes(b->by)) {
		out_span_high(o, &s->unexpired);
		out_span_high(o, &s->trusted);
		out_span_high(o, &s->lost);
		out_span_high(o, &s->kept);
	}
	out_text(o, a->scenario->program);
	out_text(o, purpose_names[a->scenario->purpose]);
	out_row(o);
}

struct order {
	const struct answer *answer;
	enum breakdown_by by;
};

/* As all rows: by unexpired leaves, most first, then by what names the row. */
static int by_order(const void *a, const void *b, void *ctx)
{
	const struct breakdown_row *x = a, *y = b;
	const struct order *o = ctx;
	const struct ca *ca = o->answer->g->ca.v;

	if (x->span.unexpired.known != y->span.unexpired.known)
		return x->span.unexpired.known ? -1 : 1;
	if (x->leaves.unexpired != y->leaves.unexpired)
		return x->leaves.unexpired > y->leaves.unexpired ? -1 : 1;
	if (o->by == BY_ROOT)
		return memcmp(ca[x->ca].id, ca[y->ca].id, sizeof(ca->id));
	return strcmp(breakdown_owner(&ca[x->ca], o->by), breakdown_owner(&ca[y->ca], o->by));
}

static struct breakdown *rows_of(const struct answer *a, enum breakdown_by by, bool for_people)
{
	struct breakdown *b = breakdown_compute(a->impact, by);

	if (!for_people && b->n && !of_classes(by))
		qsort_r(b->row, b->n, sizeof(*b->row), by_order, &(struct order){ a, by });
	return b;
}

static void put_rows(const struct answer *a, struct out *o, enum breakdown_by by, bool for_people)
{
	struct breakdown *b = rows_of(a, by, for_people);

	for (size_t i = 0; i < b->n; i++)
		put_row(o, a, b, &b->row[i]);
	breakdown_free(b);
}

void impact_by(const struct answer *a, const char *by, struct out *o)
{
	put_rows(a, o, by_of(by), a->cli->format == FORMAT_TABLE || a->cli->format == FORMAT_MD);
}

/* ---- validations ---- */

int answer_find_use(struct answer *a, struct err *err)
{
	struct validations v;
	uint32_t *root;
	uint64_t n;

	if (strcmp(a->scenario->program, "mozilla") != 0 || a->scenario->purpose != PURPOSE_TLS)
		return 0;
	if (index_validations(a->cli->index, &v, err) < 0)
		return -1;
	a->use = (struct use){ .total = v.total, .day = v.day, .roots = impact_marked_roots(a->impact, &root) };
	for (size_t i = 0; i < a->use.roots; i++) {
		a->use.known += validations_of_ca(&v, a->g, root[i], &n);
		a->use.validations += n;
	}
	a->use.asked = v.indexed && a->use.roots;
	free(root);
	validations_release(&v);
	return 0;
}

/* ---- JSON ---- */

static void json_share_of(struct json *j, const char *key, const struct share *s)
{
	if (!s->known) {
		json_null(j, key);
		return;
	}
	json_open(j, key, '{');
	json_uint(j, "lost", s->lost);
	json_uint(j, "of", s->of);
	json_share(j, "share", s->lost, s->of);
	json_uint(j, "unknown_cas", s->unknown);
	json_close(j, '}');
}

static void json_use(struct json *j, const struct use *u)
{
	if (!u->asked) {
		json_null(j, "validations");
		return;
	}
	json_open(j, "validations", '{');
	json_uint(j, "roots", u->roots);
	json_uint(j, "roots_known", u->known);
	json_share(j, "share", u->validations, u->known ? u->total : 0);
	json_day(j, "as_of", u->day);
	json_close(j, '}');
}

static void json_dormant(struct json *j, const struct answer *a)
{
	struct dormant d = impact_dormant(a->impact);

	json_open(j, "dormant", '{');
	json_day(j, "since", a->cli->day - DORMANT_DAYS);
	json_uint(j, "cas", d.cas);
	json_uint(j, "never", d.never);
	json_uint(j, "not_complete", d.incomplete);
	json_uint(j, "not_counted", d.not_counted);
	json_close(j, '}');
}

static void json_rows(struct json *j, const struct answer *a, enum breakdown_by by)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	struct out *o;

	if (!f)
		abort();
	o = out_begin(f, FORMAT_JSON, bys[by].columns, &a->cli->style);
	put_rows(a, o, by, false);
	out_end(o);
	fclose(f);
	while (n && text[n - 1] == '\n')
		n--;
	json_raw(j, bys[by].key_name, text, n);
	free(text);
}

void impact_who_json(struct json *j, const struct answer *a)
{
	struct share share[SHARES];

	impact_shares(a->impact, share);
	json_open(j, "shares", '{');
	for (int i = 0; i < SHARES; i++)
		json_share_of(j, share_names[i], &share[i]);
	json_use(j, &a->use);
	json_close(j, '}');
	json_dormant(j, a);
	for (enum breakdown_by by = 0; by < BREAKDOWNS; by++)
		json_rows(j, a, by);
}

/* ---- for people ---- */

static const char *const of_what[SHARES] = {
	"leaves trusted beforehand under the marked roots",
	"leaves trusted beforehand of the CA owners of what is marked",
	"leaves that the program trusts beforehand",
	"unexpired leaves of the index, whatever their purpose",
};

static void share_item(struct report *r, const struct share *s, const char *what)
{
	char percent[16], n[32];

	if (share_is_open(s)) {
		report_item(r, "not known, of %s: only the %s that are lost are known", what, num_group(n, s->of));
		return;
	}
	report_item(r, "%s of %s %s%s", num_percent(percent, s->lost, s->of), num_group(n, s->of), what,
		s->unknown ? ": a share of what is counted, there may be more" : "");
}

static void use_item(struct report *r, const struct use *u, int32_t day)
{
	char percent[16], date[DATE_SOURCE_BUF], left[32], all[32];
	struct strbuf part = STRBUF_INIT;

	if (!u->asked)
		return;
	date_source(date, u->day, day);
	if (u->known < u->roots)
		strbuf_addf(&part, "; %s of the %s marked roots have no number in it",
			num_group(left, u->roots - u->known), num_group(all, u->roots));
	if (u->known)
		report_item(r,
			"%s of the validations in Firefox ended in the marked roots, whatever the path "
			"(telemetry of %s%s; issuance is not use)",
			num_percent(percent, u->validations, u->total), date, part.buf);
	else
		report_item(r, "validations in Firefox: not known, no marked root has a number in the telemetry of %s",
			date);
	strbuf_release(&part);
}

void impact_dormant_line(struct report *r, const struct answer *a)
{
	struct dormant d = impact_dormant(a->impact);
	struct strbuf b = STRBUF_INIT;
	char date[DATE_BUF], n[32];

	if (!d.cas && !d.not_counted)
		return;
	strbuf_addf(&b, "dormant, without a leaf issued since %s: %s of the CAs that change",
		date_format(date, a->cli->day - DORMANT_DAYS), num_group(n, d.cas));
	if (d.never)
		strbuf_addf(&b, ", no leaf at all is known of %s of them", num_group(n, d.never));
	if (d.incomplete)
		strbuf_addf(&b, ", %s of them not counted to the end", num_group(n, d.incomplete));
	if (d.not_counted)
		strbuf_addf(&b, "; %s not counted, of these nothing is known", num_group(n, d.not_counted));
	report_line(r, "%s", b.buf);
	strbuf_release(&b);
}

/* In a report rows of which nothing is lost, kept or changed say nothing. */
static bool is_shown(const struct breakdown *b, size_t i)
{
	const struct breakdown_row *r = &b->row[i];

	if (of_classes(b->by))
		return r->leaves.lost || r->leaves.kept;
	return r->leaves.lost || r->leaves.kept || r->changed;
}

static struct span_lead lost_lead(const struct breakdown_row *r)
{
	return span_lead(&r->span.lost, r->changed_partial > 0);
}

static void chart_operators(struct report *r, const struct answer *a, const struct breakdown *b)
{
	struct chart_bar bar[FIRST_ROWS];
	struct strbuf desc = STRBUF_INIT;
	char buf[32];
	size_t n = 0;

	for (; n < b->n && n < FIRST_ROWS && b->row[n].leaves.lost; n++) {
		const char *owner = a->g->ca.v[b->row[n].ca].owner;
		uint64_t lost = b->row[n].leaves.lost;

		bar[n] = (struct chart_bar){ *owner ? owner : "owner not known", lost_lead(&b->row[n]).sign, lost,
			 { { "loss", lost } } };
	}
	if (n) {
		strbuf_addf(&desc,
			"%zu bars, the longest first: %s lost %s%s leaves. The table below has every number.", n,
			bar[0].label, lost_lead(&b->row[0]).words, num_group(buf, bar[0].value));
		struct chart c = { r->f, "operators", "leaves lost by operator", desc.buf, NULL, 0 };

		report_close_list(r);
		chart_bars(&c, bar, n);
	}
	strbuf_release(&desc);
}

/* With a line on the rows, or NULL. */
static void by_section(
	struct report *r, const struct answer *a, enum breakdown_by by, const char *line, const char *caption)
{
	struct breakdown *b = rows_of(a, by, true);
	size_t n = 0, shown = 0;
	struct out *o;

	for (size_t i = 0; i < b->n; i++)
		n += is_shown(b, i);
	if (n) {
		report_section(r, "%s", bys[by].title);
		if (line)
			report_line(r, "%s", line);
		if (r->format == FORMAT_HTML && by == BY_OPERATOR)
			chart_operators(r, a, b);
		o = report_table(
			r, r->format == FORMAT_HTML && by == BY_ROOT ? page_root_columns : bys[by].columns, caption);
		out_drop_unknown(o);
		for (size_t i = 0; i < b->n && shown < FIRST_ROWS; i++) {
			if (!is_shown(b, i))
				continue;
			put_row(o, a, b, &b->row[i]);
			shown++;
		}
		out_end(o);
	}
	if (shown < n)
		report_line(r, "and %zu more; '--by %s' has all", n - shown, breakdown_names[by]);
	breakdown_free(b);
}

void impact_share_section(struct report *r, const struct answer *a)
{
	struct share share[SHARES];
	bool any = a->use.asked;

	if (!a->impact->n_rows)
		return;
	impact_shares(a->impact, share);
	for (int i = 0; i < SHARES; i++)
		any |= share_is_told(&share[i]);
	if (any)
		report_section(r, "what is lost, as a share");
	for (int i = 0; i < SHARES; i++)
		if (share_is_told(&share[i]))
			share_item(r, &share[i], of_what[i]);
	use_item(r, &a->use, a->query->day);
}

void impact_who(struct report *r, const struct answer *a)
{
	if (!a->impact->n_rows)
		return;
	by_section(r, a, BY_OPERATOR, NULL, "operators, the largest loss first");
	by_section(r, a, BY_ROOT, "a leaf counts for each root that accepts it beforehand, so that rows overlap",
		"roots, the largest loss first");
	by_section(r, a, BY_KIND, NULL, "kinds of leaves by their policies");
	by_section(r, a, BY_VALIDITY, "days from notBefore to notAfter", "leaves by the length of their validity");
}
