#include "cli/span.h"

#include "base/num.h"

void span_text(const struct style *st, struct strbuf *out, const struct span *s, bool least)
{
	const struct span_signs signs = { "~", st->utf8 ? "≥ " : ">= ", st->utf8 ? "≤ " : "<= ", st->utf8 ? "–" : "-" };

	span_put(out, &signs, style_unknown(st), s, least);
}

struct span_lead span_lead_of(bool least, bool about)
{
	static const struct span_lead of[2][2] = {
		{ { "", "" }, { "~", "about " } },
		{ { "≥ ", "at least " }, { "≥ ~", "at least about " } },
	};

	return of[least][about];
}

struct span_lead span_lead(const struct span *s, bool least)
{
	least |= !span_bounded(s) || s->low != s->high;
	return span_lead_of(least, s->low && (least ? s->about_low : s->about));
}

void span_of_cas(struct strbuf *out, const struct span *s, uint64_t cas, bool least)
{
	struct strbuf leaves = STRBUF_INIT;
	char n[32];

	num_group(n, cas);
	least |= !span_bounded(s);
	span_words(&leaves, s, least);
	if ((s->known && s->low) || !least) /* "at least 0" would tell nothing */
		strbuf_addf(out, "%s lea%s of %s CA%s", leaves.buf, s->high == 1 ? "f" : "ves", n, cas == 1 ? "" : "s");
	else
		strbuf_addf(out, "leaves of %s CA%s, not counted", n, cas == 1 ? "" : "s");
	strbuf_release(&leaves);
}

void out_span(struct out *o, const struct span *s, bool least)
{
	struct strbuf b = STRBUF_INIT;

	if (!out_for_people(o) || (!s->known && (least || !span_bounded(s)))) {
		out_count_if(o, s->known, s->low);
		return;
	}
	span_text(out_style(o), &b, s, least);
	out_text(o, b.buf);
	strbuf_release(&b);
}

void out_span_high(struct out *o, const struct span *s)
{
	out_count_if(o, span_bounded(s), s->high);
}

void json_span(struct json *j, const char *key, const struct span *s)
{
	json_uint_if(j, key, s->known, s->low);
}

void json_span_high(struct json *j, const char *key, const struct span *s)
{
	json_uint_if(j, key, span_bounded(s), s->high);
}

void json_figure_of(struct json *j, const struct graph *g, uint32_t figure)
{
	static const char *const keys[] = { "figure_cas",    "figure_unexpired", "figure_unexpired_high",
		                            "figure_source", "figure_as_of",     "approximate" };

	if (figure == NO_INDEX) {
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			json_null(j, keys[i]);
		return;
	}
	const struct figure *f = &g->figure.v[figure];
	struct span s = figure_span(f);
	json_uint(j, keys[0], f->n_cas);
	json_span(j, keys[1], &s);
	json_span_high(j, keys[2], &s);
	json_str(j, keys[3], f->source);
	json_day(j, keys[4], f->as_of);
	json_bool(j, keys[5], f->about);
}

void json_stale_figure(struct json *j, const struct graph *g, uint32_t ca)
{
	const struct figure *f = ca_stale_figure(g, ca);

	json_day_if(j, "stale_figure_as_of", f, f ? f->as_of : 0);
}
