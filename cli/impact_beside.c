/* The same marks in other programs, beside the report on one: --beside. */
#include <stdlib.h>
#include <string.h>

#include "cli/impact_out.h"
#include "cli/span.h"
#include "index/until.h"

static const struct column columns[] = {
	{ "program", COL_TEXT, "program", NULL, 0, NULL },
	{ "store_date", COL_TEXT, "store of", NULL, 0, NULL },
	{ "lost", COL_COUNT, "lost", NULL, 0, NULL },
	{ "kept", COL_COUNT, "kept", NULL, 0, NULL },
	{ "trusted", COL_COUNT, "trusted", NULL, 0, NULL },
	{ "lost_cas", COL_COUNT, "CAs lost", NULL, 0, NULL },
	{ "less_cas", COL_COUNT, "CAs limited", NULL, 0, NULL },
	{ "kept_cas", COL_COUNT, "CAs kept", NULL, 0, NULL },
	{ "unknown_cas", COL_COUNT, "not complete", NULL, 0, NULL },
	{ "no_effect", COL_TEXT, "marks without effect", NULL, 0, NULL },
	COLUMN_END,
};

struct cas {
	uint64_t lost, less, kept;
};

static struct cas count_cas(const struct impact *im)
{
	struct cas c = { 0 };

	for (size_t i = 0; i < im->n_rows; i++) {
		const struct impact_row *r = &im->row[i];

		c.lost += r->changed && r->after == ACCEPT_NONE;
		c.less += r->changed && r->after != ACCEPT_NONE;
		c.kept += !r->changed;
	}
	return c;
}

static void put_row(struct out *o, const struct answer *a)
{
	struct cas cas = count_cas(a->impact);

	out_text(o, answer_program(a));
	answer_store_cell(o, a);
	answer_loss_cells(o, a);
	answer_cas_cell(o, a, cas.lost);
	answer_cas_cell(o, a, cas.less);
	answer_cas_cell(o, a, cas.kept);
	answer_cas_cell(o, a, a->impact->unknown_cas);
	answer_no_effect_cell(o, a);
	out_row(o);
}

/* Why a row of nothing lost is not safety. */
static void no_effect_items(struct report *r, const struct answers *beside)
{
	struct fold f = { .all = beside };

	for (size_t i = 0; i < beside->n; i++) {
		const struct scenario *s = beside->v[i].scenario;

		for (size_t k = 0; k < s->mark.n; k++) {
			const char *why = answer_no_effect(&s->mark.v[k]);
			struct strbuf text = STRBUF_INIT;

			answer_mark_text(&beside->v[i], k, true, &text);
			if (why)
				fold_add(&f, i, "%s has no effect: %s", text.buf, why);
			strbuf_release(&text);
		}
	}
	fold_put(&f, r, SIZE_MAX);
}

void impact_beside_section(struct report *r, const struct answers *beside)
{
	struct out *o;

	if (!beside)
		return;
	report_section(r, "the same marks in %zu program%s", beside->n, beside->n == 1 ? "" : "s");
	o = report_table(r, columns, "totals by program");
	for (size_t i = 0; i < beside->n; i++)
		put_row(o, &beside->v[i]);
	out_end(o);
	report_line(r, "CAs lost: nothing that they issue validates; limited: they are accepted less than before; kept: another path "
		       "stands in; not complete: CAs that change and are not counted to the end");
	unknown_store_items(r, beside);
	no_effect_items(r, beside);
}

static void json_marks(struct json *j, const struct scenario *s)
{
	json_open(j, "marks", '[');
	for (size_t i = 0; i < s->mark.n; i++) {
		json_open(j, NULL, '{');
		json_str(j, "ref", s->mark.v[i].ref);
		json_str(j, "action", mark_action_names[s->mark.v[i].action]);
		json_bool(j, "no_effect", s->mark.v[i].no_effect);
		json_str(j, "why", s->mark.v[i].why);
		json_close(j, '}');
	}
	json_close(j, ']');
}

void impact_beside_json(struct json *j, const struct answers *beside)
{
	if (!beside) {
		json_null(j, "beside");
		return;
	}
	json_open(j, "beside", '[');
	for (size_t i = 0; i < beside->n; i++) {
		const struct answer *a = &beside->v[i];
		struct cas cas = count_cas(a->impact);

		json_open(j, NULL, '{');
		json_str(j, "program", answer_program(a));
		json_str(j, "purpose", answer_purpose(a));
		json_day(j, "store_date", a->query->store->day);
		json_bool(j, "answered", !until_unanswered(a->impact));
		json_total(j, a->impact);
		json_uint(j, "changed_cas", a->impact->changed_cas);
		json_uint(j, "lost_cas", cas.lost);
		json_uint(j, "less_cas", cas.less);
		json_uint(j, "kept_cas", cas.kept);
		json_marks(j, a->scenario);
		json_doubts(j, &a->unknown);
		json_close(j, '}');
	}
	json_close(j, ']');
}
