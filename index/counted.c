#include "index/counted.h"

#include "base/num.h"

void span_put(struct strbuf *out, const struct span_signs *w, const char *unknown, const struct span *s, bool least)
{
	const char *about = s->about ? w->about : "", *about_low = s->about_low ? w->about : "";
	char low[32], high[32];

	num_group(low, s->low);
	num_group(high, s->high);
	least |= !span_bounded(s);
	if (least && !s->known)
		strbuf_addstr(out, unknown);
	else if (least)
		strbuf_addf(out, "%s%s%s", w->least, s->low ? about_low : "", low);
	else if (s->known && s->low == s->high)
		strbuf_addf(out, "%s%s", about, low);
	else if (!s->known || !s->low)
		strbuf_addf(out, "%s%s%s", w->most, about, high);
	else
		strbuf_addf(out, "%s%s%s%s%s", about_low, low, w->to, s->about_low ? "" : about, high);
}

void span_words(struct strbuf *out, const struct span *s, bool least)
{
	static const struct span_signs words = { "about ", "at least ", "at most ", " to " };

	span_put(out, &words, "unknown", s, least);
}

uint64_t counted_by_nobody(const struct impact *im, const struct graph *g)
{
	uint64_t n = 0;

	for (size_t i = 0; i < im->n_rows; i++) {
		const struct ca *ca = &g->ca.v[im->row[i].ca];
		n += im->row[i].changed && ca->coverage == COVERAGE_NONE && ca->figure == NO_INDEX;
	}
	return n;
}

uint64_t counted_shared_cas(const struct impact *im)
{
	uint64_t n = 0;

	for (size_t i = 0; i < im->n_rows; i++)
		n += im->row[i].shared;
	return n;
}

void counted_shared(uint64_t cas, struct strbuf *out)
{
	char n[32];

	if (cas)
		strbuf_addf(out,
			"of %s of these CAs a figure for several together tells: it bounds each of them and is in the totals once, so that rows "
			"do not add up to them",
			num_group(n, cas));
}

static void add_part(struct strbuf *out, uint64_t n, const char *what)
{
	char buf[32];

	if (n)
		strbuf_addf(out, "%s%s %s", out->len ? ", " : "", num_group(buf, n), what);
}

void counted_parts(const struct impact *im, const struct graph *g, uint64_t partial, struct strbuf *out)
{
	struct strbuf b = STRBUF_INIT;

	add_part(&b, counted_by_nobody(im, g), BY_NOBODY);
	add_part(&b, im->figure_cas, BY_FIGURES);
	add_part(&b, partial, "not to the end");
	strbuf_addstr(out, b.buf);
	strbuf_release(&b);
}

void counted_range(const struct impact *im, struct strbuf *out)
{
	struct span counted = im->span.lost;
	struct strbuf b = STRBUF_INIT;
	char n[32];

	if (!im->figures)
		return;
	counted.open = 0;
	span_words(&b, &counted, false);
	strbuf_addf(out, "by counts and figures together %s are lost", b.buf);
	if (im->open_cas)
		strbuf_addf(out, "; %s of these CAs ha%s neither: nothing says how much more is lost with %s",
			num_group(n, im->open_cas), im->open_cas == 1 ? "s" : "ve", im->open_cas == 1 ? "it" : "them");
	strbuf_release(&b);
}
