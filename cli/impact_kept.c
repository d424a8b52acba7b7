#include "cli/impact_kept.h"

#include <stdlib.h>

#include "base/date.h"
#include "cli/span.h"

#define MARK_BYTES 8 /* of a fingerprint in a mark for people: enough of it to be pasted */

const struct column kept_columns[] = {
	{ "cert_sha256", COL_HASH, "certificate", NULL, 0, NULL },
	{ "name", COL_TEXT, "CA", NULL, 48, NULL },
	{ "kind", COL_TEXT, "kind", NULL, 0, NULL },
	{ "issuer", COL_TEXT, "issuer", NULL, 40, NULL },
	{ "keeps", COL_COUNT, "keeps", NULL, 0, NULL },
	{ "cas", COL_COUNT, "CAs", NULL, 0, NULL },
	{ "reach", COL_TEXT, "reach", NULL, 0, NULL },
	{ "keeps_high", COL_COUNT, NULL, NULL, 0, NULL },
	{ "approximate", COL_BOOL, NULL, NULL, 0, NULL },
	{ "program", COL_TEXT, NULL, NULL, 0, NULL },
	{ "purpose", COL_TEXT, NULL, NULL, 0, NULL },
	COLUMN_END,
};

const struct column suggest_columns[] = {
	{ "n", COL_COUNT, "n", NULL, 0, NULL },
	{ "mark", COL_TEXT, "mark", NULL, 0, NULL },
	{ "why", COL_TEXT, "why", NULL, 0, NULL },
	{ "name", COL_TEXT, "CA", NULL, 48, NULL },
	{ "adds", COL_COUNT, "adds", NULL, 0, NULL },
	{ "total_lost", COL_COUNT, "lost then", NULL, 0, NULL },
	{ "cas", COL_COUNT, "CAs", NULL, 0, NULL },
	{ "keeps", COL_COUNT, NULL, NULL, 0, NULL },
	{ "cert_sha256", COL_HASH, NULL, NULL, 0, NULL },
	{ "adds_high", COL_COUNT, NULL, NULL, 0, NULL },
	{ "total_lost_high", COL_COUNT, NULL, NULL, 0, NULL },
	{ "keeps_high", COL_COUNT, NULL, NULL, 0, NULL },
	{ "approximate", COL_BOOL, NULL, NULL, 0, NULL },
	{ "program", COL_TEXT, NULL, NULL, 0, NULL },
	{ "purpose", COL_TEXT, NULL, NULL, 0, NULL },
	COLUMN_END,
};

static void put_loss(struct out *o, const struct leaf_loss *l)
{
	out_span(o, &l->leaves, l->unbounded_cas > 0);
}

static void put_scope(struct out *o, const struct answer *a)
{
	out_text(o, a->scenario->program);
	out_text(o, purpose_names[a->scenario->purpose]);
}

/* NULL when the issuer is not in the index. */
static const char *issuer_of(const struct answer *a, uint32_t cert)
{
	const struct ca_cert *c = &a->g->cert.v[cert];

	return c->n_issuers ? a->g->ca.v[a->g->issuers[c->first_issuer]].name : NULL;
}

static const char *name_of(const struct answer *a, uint32_t cert)
{
	return a->g->ca.v[a->g->cert.v[cert].ca].name;
}

/* A client has its anchors. NULL when it is not known. */
static const char *reach_of_keeper(const struct answer *a, const struct keeper *k)
{
	enum reach reach = k->kind == KEEPER_ANCHOR ? REACH_CCADB : reach_of_cert(a->reach, k->cert);

	return reach == REACH_UNKNOWN ? NULL : reach_names[reach];
}

/* ---- what keeps them ---- */

static void keeper_row(const struct answer *a, struct out *o, const struct keeper *k)
{
	out_hash(o, a->g->cert.v[k->cert].sha256, 32);
	out_text(o, name_of(a, k->cert));
	out_text(o, keeper_kind_names[k->kind]);
	out_text(o, issuer_of(a, k->cert));
	put_loss(o, &k->keeps);
	out_count(o, k->keeps.cas);
	out_text(o, reach_of_keeper(a, k));
	out_span_high(o, &k->keeps.leaves);
	out_bool(o, k->keeps.leaves.about);
	put_scope(o, a);
	out_row(o);
}

void impact_kept_rows(const struct answer *a, struct out *o)
{
	struct keeper *k;
	size_t n = impact_keepers(a->impact, &k);

	for (size_t i = 0; i < n; i++)
		keeper_row(a, o, &k[i]);
	free(k);
}

static const char kept_words[] =
	"keeps: leaves that are kept and would be lost if that one certificate were rejected as well (an anchor: removed); "
	"CAs: how many would then lose some or all. reach: whether clients find the certificate. Leaves that two "
	"certificates keep, either of which would do, are in no row.";

void impact_kept_section(struct report *r, const struct answer *a, size_t max)
{
	struct keeper *k;
	size_t n = impact_keepers(a->impact, &k);
	struct out *o;

	report_section(r, "what keeps them (%zu)", n);
	report_line(r, "%s", n ? kept_words : "no single certificate: nothing is kept, or each CA by more than one");
	if (n) {
		o = report_table(r, kept_columns, "what keeps leaves, the most first");
		for (size_t i = 0; i < n && i < max; i++)
			keeper_row(a, o, &k[i]);
		out_end(o);
	}
	if (n > max)
		report_line(r, "and %zu more; --why-kept has all", n - max);
	free(k);
}

void impact_kept_json(struct json *j, const struct answer *a)
{
	struct keeper *k;
	size_t n = impact_keepers(a->impact, &k);

	json_open(j, "kept_by", '[');
	for (size_t i = 0; i < n; i++) {
		json_open(j, NULL, '{');
		json_hex(j, "cert_sha256", a->g->cert.v[k[i].cert].sha256, 32);
		json_str(j, "name", name_of(a, k[i].cert));
		json_str(j, "kind", keeper_kind_names[k[i].kind]);
		json_str(j, "issuer", issuer_of(a, k[i].cert));
		json_span(j, "keeps", &k[i].keeps.leaves);
		json_uint(j, "cas", k[i].keeps.cas);
		json_str(j, "reach", reach_of_keeper(a, &k[i]));
		json_span_high(j, "keeps_high", &k[i].keeps.leaves);
		json_bool(j, "approximate", k[i].keeps.leaves.about);
		json_close(j, '}');
	}
	json_close(j, ']');
	free(k);
}

static bool is_report(enum format f)
{
	return f == FORMAT_TABLE || f == FORMAT_MD || f == FORMAT_HTML;
}

static struct report begin_report(const struct answer *a, const char *title)
{
	struct report r = report_begin(stdout, a->cli->format, &a->cli->style);
	char date[DATE_BUF];

	report_title(&r, "%s on %s, %s, on %s", title, a->scenario->program, purpose_names[a->scenario->purpose],
		date_format(date, a->cli->day));
	return r;
}

void impact_why_kept(const struct answer *a)
{
	struct report r = begin_report(a, "what keeps leaves");

	impact_kept_section(&r, a, SIZE_MAX);
	report_end(&r);
}

/* ---- what must be marked besides ---- */

/* "HEX=revoke", heap */
static char *mark_text(const struct answer *a, const struct mark *m)
{
	struct scenario_mark text = { .action = m->action, .day = date_of_time(m->limit) };
	struct strbuf ref = STRBUF_INIT;

	strbuf_addhex(&ref, a->g->cert.v[m->target].sha256, is_report(a->cli->format) ? MARK_BYTES : 32);
	text.ref = ref.buf;
	char *ret = scenario_mark_text(&text);
	strbuf_release(&ref);
	return ret;
}

static void suggestion_row(const struct answer *a, struct out *o, size_t i, const struct suggestion *s)
{
	char *mark = mark_text(a, &s->mark);

	out_count(o, i + 1);
	out_text(o, mark);
	out_text(o, suggestion_why_names[s->why]);
	out_text(o, name_of(a, s->mark.target));
	put_loss(o, &s->adds);
	put_loss(o, &s->total);
	out_count(o, s->adds.cas);
	out_null(o);
	out_hash(o, a->g->cert.v[s->mark.target].sha256, 32);
	out_span_high(o, &s->adds.leaves);
	out_span_high(o, &s->total.leaves);
	out_null(o);
	out_bool(o, s->adds.leaves.about || s->total.leaves.about);
	put_scope(o, a);
	out_row(o);
	free(mark);
}

static void independent_row(const struct answer *a, struct out *o, const struct keeper *k)
{
	out_null(o);
	out_null(o);
	out_text(o, "kept by an independent root");
	out_text(o, name_of(a, k->cert));
	out_null(o);
	out_null(o);
	out_count(o, k->keeps.cas);
	put_loss(o, &k->keeps);
	out_hash(o, a->g->cert.v[k->cert].sha256, 32);
	out_null(o);
	out_null(o);
	out_span_high(o, &k->keeps.leaves);
	out_bool(o, k->keeps.leaves.about);
	put_scope(o, a);
	out_row(o);
}

static const struct column independent_columns[] = {
	{ "cert_sha256", COL_HASH, "anchor", NULL, 0, NULL },
	{ "name", COL_TEXT, "CA", NULL, 48, NULL },
	{ "keeps", COL_COUNT, "keeps", NULL, 0, NULL },
	{ "cas", COL_COUNT, "CAs", NULL, 0, NULL },
	COLUMN_END,
};

static void independent_section(struct report *r, const struct answer *a, const struct suggestions *s)
{
	struct out *o;

	if (!s->n_independent)
		return;
	report_section(r, "kept by an independent root (%zu)", s->n_independent);
	report_line(r, "paths through no marked key; not suggested");
	o = report_table(r, independent_columns, "independent roots, what they keep");
	for (size_t i = 0; i < s->n_independent; i++) {
		const struct keeper *k = &s->independent[i];

		out_hash(o, a->g->cert.v[k->cert].sha256, 32);
		out_text(o, name_of(a, k->cert));
		put_loss(o, &k->keeps);
		out_count(o, k->keeps.cas);
		out_row(o);
	}
	out_end(o);
}

static const char suggest_words[] =
	"Paste a mark as --mark MARK. adds: leaves lost more with it and all above; lost then: all that are lost with these; "
	"CAs: how many lose more by it.";
static const char nothing_words[] =
	"nothing to suggest: no path through a marked key accepts what the marks refuse";

void impact_suggest_rows(const struct answer *a, struct out *o)
{
	struct suggestions s;

	suggest_marks(a->impact, &s);
	for (size_t i = 0; i < s.n; i++)
		suggestion_row(a, o, i, &s.v[i]);
	for (size_t i = 0; i < s.n_independent; i++)
		independent_row(a, o, &s.independent[i]);
	if (!s.n)
		cli_note(a->cli, "%s", nothing_words);
	suggestions_release(&s);
}

static void suggest_report(const struct answer *a, const struct suggestions *s)
{
	struct report r = begin_report(a, "what must be marked besides");
	struct strbuf open = STRBUF_INIT, left = STRBUF_INIT;
	struct out *o;

	report_section(&r, "suggested marks (%zu)", s->n);
	if (!s->n) {
		report_line(&r, "%s", nothing_words);
	} else {
		report_line(&r, "%s", suggest_words);
		o = report_table(&r, suggest_columns, "suggested marks, what adds most first");
		for (size_t i = 0; i < s->n; i++)
			suggestion_row(a, o, i, &s->v[i]);
		out_end(o);
		span_of_cas(&open, &s->open.leaves, s->open.cas, s->open.unbounded_cas > 0);
		if (s->left.cas)
			span_of_cas(&left, &s->left.leaves, s->left.cas, s->left.unbounded_cas > 0);
		report_line(&r, "kept through marked keys: now %s, with all of them %s", open.buf, s->left.cas ? left.buf : "0");
	}
	strbuf_release(&open);
	strbuf_release(&left);
	independent_section(&r, a, s);
	report_end(&r);
}

void impact_suggest(const struct answer *a)
{
	struct suggestions s;

	suggest_marks(a->impact, &s);
	suggest_report(a, &s);
	suggestions_release(&s);
}
