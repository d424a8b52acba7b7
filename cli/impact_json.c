#include "cli/impact_out.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/path.h"
#include "cli/impact_kept.h"
#include "cli/span.h"
#include "index/until.h"

static void json_marks(struct json *j, const struct answer *a)
{
	json_open(j, "marks", '[');
	for (size_t i = 0; i < a->scenario->mark.n; i++) {
		const struct scenario_mark *m = &a->scenario->mark.v[i];
		bool dated = m->action == MARK_DISTRUST_AFTER || m->action == MARK_SCT_NOT_AFTER;

		json_open(j, NULL, '{');
		json_str(j, "ref", m->ref);
		json_str(j, "action", mark_action_names[m->action]);
		json_day_if(j, "date", dated, m->day);
		json_uint(j, "certs", m->certs);
		json_bool(j, "no_effect", m->no_effect);
		if (m->effect_known)
			json_bool(j, "effect", !m->no_effect);
		else
			json_null(j, "effect");
		json_str(j, "why", m->why);
		json_day_if(j, "since", m->since != MARK_ALWAYS, m->since);
		only_json(j, a, i);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_highs(struct json *j, const struct leaf_spans *s)
{
	json_span_high(j, "unexpired_high", &s->unexpired);
	json_span_high(j, "trusted_high", &s->trusted);
	json_span_high(j, "lost_high", &s->lost);
	json_span_high(j, "kept_high", &s->kept);
}

void json_total(struct json *j, const struct impact *im)
{
	json_open(j, "total", '{');
	json_uint(j, "unexpired", im->total.unexpired);
	json_uint(j, "trusted", im->total.trusted);
	json_uint(j, "lost", im->total.lost);
	json_uint(j, "kept", im->total.kept);
	json_uint(j, "unknown_cas", im->unknown_cas);
	json_uint(j, "no_sct", im->total.no_sct);
	json_highs(j, &im->span);
	json_bool(j, "approximate", im->span.lost.about || im->span.kept.about);
	json_uint(j, "cas_by_figure", im->figure_cas);
	json_close(j, '}');
}

/* Those that bear on a row. */
static void json_figures(struct json *j, const struct answer *a)
{
	bool *used = answer_figures(a);

	json_open(j, "figures", '[');
	for (uint32_t f = 0; f < a->g->figure.n; f++) {
		const struct figure *figure = &a->g->figure.v[f];

		if (!used[f])
			continue;
		json_open(j, NULL, '{');
		json_figure_of(j, a->g, f);
		json_bool(j, "whole", figure->whole);
		json_open(j, "ca_ids", '[');
		for (uint32_t i = 0; i < figure->n_cas; i++)
			json_hex(j, NULL, a->g->ca.v[a->g->figure_cas.v[figure->first_ca + i]].id, 32);
		json_close(j, ']');
		json_close(j, '}');
	}
	json_close(j, ']');
	free(used);
}

static void json_ca(struct json *j, const struct answer *a, const struct impact_row *r)
{
	const struct ca *ca = &a->g->ca.v[r->ca];
	bool known = ca_counted(ca);
	const char *source;
	uint32_t via[VIA_MAX];
	size_t n = answer_via(a, r, via);
	int32_t day;

	json_open(j, NULL, '{');
	json_hex(j, "ca_id", ca->id, sizeof(ca->id));
	json_str(j, "name", ca->name);
	json_str_or_null(j, "owner", ca->owner);
	json_span(j, "unexpired", &r->span.unexpired);
	json_span(j, "trusted", &r->span.trusted);
	json_span(j, "lost", &r->span.lost);
	json_span(j, "kept", &r->span.kept);
	json_str(j, "before", acceptance_names[r->before]);
	json_str(j, "after", acceptance_names[r->after]);
	json_open(j, "via", '[');
	for (size_t i = 0; i < n; i++)
		json_hex(j, NULL, a->g->cert.v[via[i]].sha256, 32);
	json_close(j, ']');
	json_str(j, "coverage", coverage_names[ca_coverage(a->g, r->ca)]);
	json_str(j, "reach", answer_reach(a, r));
	json_uint_if(j, "no_sct", known, r->leaves.no_sct);
	json_bool(j, "exact", r->exact);
	json_bool(j, "unevaluated", r->unevaluated);
	if (answer_last_issued(a, r->ca, &day))
		json_day(j, "last_not_before", day);
	else
		json_null(j, "last_not_before");
	json_highs(j, &r->span);
	json_figure_of(j, a->g, ca->figure);
	json_stale_figure(j, a->g, r->ca);
	source = ca_count_source(a->g, a->all->beyond, r->ca, &day);
	json_str_or_null(j, "source", source);
	json_day_if(j, "source_as_of", *source != 0, day);
	json_str(j, "program", answer_program(a));
	json_str(j, "purpose", answer_purpose(a));
	json_close(j, '}');
}

static void json_decay(struct json *j, const struct answer *a)
{
	json_open(j, "decay", '[');
	for (size_t i = 0; i < DECAY_STEPS; i++) {
		json_open(j, NULL, '{');
		json_day(j, "date", a->cli->day + decay_days[i]);
		json_uint(j, "lost", a->impact->decay[i]);
		json_span_high(j, "lost_high", &a->impact->decay_span[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_kept_reach(struct json *j, const struct answer *a)
{
	static const enum reach order[REACHES] = { REACH_CCADB, REACH_AIA, REACH_NEITHER, REACH_UNKNOWN };
	static const char *const high[REACHES] = { "ccadb_high", "aia_high", "neither_high", "unknown_high" };
	struct leaf_loss kept[REACHES];
	bool about = false;

	reach_kept(a->reach, kept);
	json_open(j, "kept_reach", '{');
	for (int i = 0; i < REACHES; i++)
		json_span(j, reach_names[order[i]], &kept[order[i]].leaves);
	for (int i = 0; i < REACHES; i++) {
		json_span_high(j, high[i], &kept[order[i]].leaves);
		about |= kept[order[i]].leaves.about;
	}
	json_bool(j, "approximate", about);
	json_close(j, '}');
}

static void json_refs(struct json *j, const char *key, char *const *ref, size_t n)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < n; i++)
		json_str(j, NULL, ref[i]);
	json_close(j, ']');
}

static void json_store(struct json *j, const struct answers *all, const struct answer *a)
{
	uint8_t missing = revocation_missing(&all->gaps, a->query);

	json_day(j, "store_date", a->query->store->day);
	json_str(j, "revocation", revocation_mode_names[a->scenario->revocation]);
	json_bool(j, "revocation_modelled", program_find(answer_program(a))->revocation_modelled);
	json_open(j, "revocation_missing", '[');
	for (int s = 0; s < REVOCATION_SOURCES; s++)
		if (missing >> s & 1)
			json_str(j, NULL, revocation_names[s]);
	json_close(j, ']');
}

static void json_answer(struct json *j, const struct answers *all, const struct answer *a)
{
	json_open(j, NULL, '{');
	json_str(j, "program", answer_program(a));
	json_str(j, "purpose", answer_purpose(a));
	json_day(j, "as_of", a->cli->day);
	json_marks(j, a);
	json_total(j, a->impact);
	json_open(j, "cas", '[');
	for (size_t i = 0; i < a->impact->n_rows; i++)
		json_ca(j, a, &a->impact->row[a->row[i]]);
	json_close(j, ']');
	json_decay(j, a);
	json_store(j, all, a);
	json_bool(j, "answered", !until_unanswered(a->impact));
	json_refs(j, "exempt", a->scenario->exempt.v, a->scenario->exempt.n);
	json_refs(j, "assume", a->scenario->assume.v, a->scenario->assume.n);
	json_uint(j, "changed_cas", a->impact->changed_cas);
	json_str(j, "index_sha256", a->cli->stats.sha256);
	json_uint_if(j, "chrome_version", a->cli->args.chrome_version.set, a->cli->args.chrome_version.n);
	json_kept_reach(j, a);
	impact_kept_json(j, a);
	impact_who_json(j, a);
	impact_json_days(j, a);
	json_figures(j, a);
	impact_sites_json(j, a);
	impact_beside_json(j, all->beside);
	unknown_json(j, all, a);
	json_str(j, "command", a->cli->line.buf);
	json_str(j, "version", CANOPY_VERSION);
	impact_sources_json(j, all);
	json_close(j, '}');
}

void impact_json(const struct answers *all)
{
	struct strbuf b = STRBUF_INIT;
	struct json j = { .out = &b, .lines = true };

	if (all->several)
		json_open(&j, NULL, '[');
	for (size_t i = 0; i < all->n; i++)
		json_answer(&j, all, &all->v[i]);
	if (all->several)
		json_close(&j, ']');
	strbuf_addch(&b, '\n');
	fwrite(b.buf, 1, b.len, stdout);
	strbuf_release(&b);
}

int impact_basis(const struct answers *all, const char *path, struct err *err)
{
	struct strbuf b = STRBUF_INIT;
	struct json j = { .out = &b, .lines = true };

	json_open(&j, NULL, '{');
	json_str(&j, "command", all->cli->line.buf);
	json_str(&j, "version", CANOPY_VERSION);
	json_day(&j, "as_of", all->cli->day);
	json_str(&j, "index_sha256", all->cli->stats.sha256);
	json_open(&j, "answers", '[');
	for (size_t i = 0; i < all->n; i++) {
		json_open(&j, NULL, '{');
		json_str(&j, "program", answer_program(&all->v[i]));
		json_str(&j, "purpose", answer_purpose(&all->v[i]));
		json_store(&j, all, &all->v[i]);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	impact_sources_json(&j, all);
	json_close(&j, '}');
	strbuf_addch(&b, '\n');
	int rc = path_write_atomic(path, b.buf, b.len, err);
	strbuf_release(&b);
	return rc;
}
