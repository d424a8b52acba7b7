/* What hangs on what a mark names, alone: the leaves that would be lost if exactly these CAs went, in the answer of
 * `impact`. */
#include "cli/impact_out.h"

#include <stdlib.h>
#include <string.h>

#include "cli/span.h"
#include "index/until.h"

#define MARKS_MAX 32 /* each is judged by itself */

struct named {
	bool *seen; /* by CA */
	VEC(uint32_t) ca;
};

static void add_ca(struct named *n, uint32_t ca)
{
	if (!n->seen[ca])
		vec_push(&n->ca, ca);
	n->seen[ca] = true;
}

/* The CAs that a part of a mark names: of its certificate, or with its key. */
static void add_named(struct named *n, const struct graph *g, const struct mark *m)
{
	if (m->action != MARK_BLOCK) {
		add_ca(n, g->cert.v[m->target].ca);
		return;
	}
	for (uint32_t i = g->key_first[m->target]; i < g->key_first[m->target + 1]; i++)
		add_ca(n, g->key_cas[i]);
}

static struct only_here only_of(const struct answer *a, const struct beyond *beyond, size_t mark, bool *seen)
{
	const struct trust_query *q = a->query;
	struct named named = { .seen = seen };
	struct mark *all;

	for (size_t i = 0; i < q->n_marks; i++)
		if (q->marks[i].from == mark)
			add_named(&named, a->g, &q->marks[i]);
	size_t n = impact_mark_cas(a->g, named.ca.v, named.ca.n, &all);
	struct only_here ret = impact_lost_with(q, beyond, all, n);
	for (size_t i = 0; i < named.ca.n; i++)
		seen[named.ca.v[i]] = false;
	free(all);
	vec_release(&named.ca);
	return ret;
}

void answer_find_only(struct answer *a)
{
	size_t n = a->scenario->mark.n;
	bool *seen;

	if (!n || n > MARKS_MAX)
		return;
	struct beyond *beyond = figures_beyond(a->g, a->query->day);
	seen = xcalloc(a->g->ca.n + 1, sizeof(*seen));
	a->only = xcalloc(n, sizeof(*a->only));
	for (size_t i = 0; i < n; i++)
		a->only[i] = only_of(a, beyond, i, seen);
	free(beyond);
	free(seen);
}

void only_text(const struct answer *a, size_t mark, struct strbuf *out)
{
	const struct only_here *o = &a->only[mark];

	for (size_t i = 0; i < mark; i++)
		if (strcmp(a->scenario->mark.v[i].ref, a->scenario->mark.v[mark].ref) == 0)
			return; /* said of an earlier stage */
	if (!o->cas)
		return;
	span_of_cas(out, &o->span, o->cas, o->unbounded_cas > 0);
}

void several_only(struct report *r, const struct answers *all)
{
	static const struct column frame[] = {
		{ "mark", COL_TEXT, "mark", NULL, 60, NULL },
		{ "", COL_COUNT, "", NULL, 0, NULL },
		COLUMN_END,
	};
	struct arena strings = { 0 };
	struct column *columns;
	struct out *o;

	if (!all->v->only)
		return;
	report_line(r, "leaves that hang on what a mark names alone: lost if exactly that went");
	columns = several_columns(r, all, -1, frame, &strings);
	o = report_table(r, columns, "lost by mark and program");
	for (size_t i = 0; i < all->v->scenario->mark.n; i++) {
		struct strbuf text = STRBUF_INIT;

		answer_mark_text(all->v, i, true, &text);
		out_text(o, text.buf);
		for (size_t k = 0; k < all->n; k++) {
			const struct only_here *only = &all->v[k].only[i];
			bool open = until_unanswered(all->v[k].impact);
			struct span span = open ? unanswered_span : only->span;

			out_span(o, &span, open || only->unbounded_cas > 0);
		}
		out_row(o);
		strbuf_release(&text);
	}
	out_end(o);
	free(columns);
	arena_release(&strings);
}

void only_json(struct json *j, const struct answer *a, size_t mark)
{
	bool asked = a->only != NULL;
	struct only_here none = { .span = unanswered_span };
	const struct only_here *o = asked ? &a->only[mark] : &none;

	json_span(j, "only_here", &o->span);
	json_uint_if(j, "only_here_cas", asked, o->cas);
	json_uint_if(j, "only_here_unknown_cas", asked, o->unknown_cas);
	json_span_high(j, "only_here_high", &o->span);
	if (asked)
		json_bool(j, "only_here_approximate", o->span.about);
	else
		json_null(j, "only_here_approximate");
}
