#include "cli/impact_out.h"

#include <stdio.h>

static void json_marks(struct json *j, const struct answer *a)
{
	json_open(j, "marks", '[');
	for (size_t i = 0; i < a->scenario->mark.n; i++) {
		const struct scenario_mark *m = &a->scenario->mark.v[i];
		bool dated = m->action == MARK_DISTRUST_AFTER || m->action == MARK_SCT_NOT_AFTER;

		json_open(j, NULL, '{');
		json_str(j, "ref", m->ref);
		json_str(j, "action", mark_action_names[m->action]);
		if (dated)
			json_day(j, "date", m->day);
		else
			json_null(j, "date");
		json_uint(j, "certs", m->certs);
		json_bool(j, "no_effect", m->no_effect);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_total(struct json *j, const struct impact *im)
{
	json_open(j, "total", '{');
	json_uint(j, "unexpired", im->total.unexpired);
	json_uint(j, "trusted", im->total.trusted);
	json_uint(j, "lost", im->total.lost);
	json_uint(j, "kept", im->total.kept);
	json_uint(j, "unknown_cas", im->unknown_cas);
	json_uint(j, "no_sct", im->total.no_sct);
	json_close(j, '}');
}

static void json_ca(struct json *j, const struct answer *a, const struct impact_row *r)
{
	const struct ca *ca = &a->g->ca.v[r->ca];
	bool known = ca_counted(ca);
	uint32_t via[VIA_MAX];
	size_t n = answer_via(a, r, via);

	json_open(j, NULL, '{');
	json_hex(j, "ca_id", ca->id, sizeof(ca->id));
	json_str(j, "name", ca->name);
	json_str_or_null(j, "owner", ca->owner);
	json_uint_if(j, "unexpired", known, r->leaves.unexpired);
	json_uint_if(j, "trusted", known, r->leaves.trusted);
	json_uint_if(j, "lost", known, r->leaves.lost);
	json_uint_if(j, "kept", known, r->leaves.kept);
	json_str(j, "before", acceptance_names[r->before]);
	json_str(j, "after", acceptance_names[r->after]);
	json_open(j, "via", '[');
	for (size_t i = 0; i < n; i++)
		json_hex(j, NULL, a->g->cert.v[via[i]].sha256, 32);
	json_close(j, ']');
	json_str(j, "coverage", coverage_names[ca->coverage]);
	json_str(j, "reach", answer_reach(a, r));
	json_uint_if(j, "no_sct", known, r->leaves.no_sct);
	json_bool(j, "exact", r->exact);
	json_bool(j, "unevaluated", r->unevaluated);
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
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_refs(struct json *j, const char *key, char *const *ref, size_t n)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < n; i++)
		json_str(j, NULL, ref[i]);
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
	json_day(j, "store_date", a->query->store->day);
	json_str(j, "revocation", revocation_mode_names[a->scenario->revocation]);
	json_bool(j, "revocation_modelled", program_find(answer_program(a))->revocation_modelled);
	json_refs(j, "exempt", a->scenario->exempt.v, a->scenario->exempt.n);
	json_refs(j, "assume", a->scenario->assume.v, a->scenario->assume.n);
	json_uint(j, "changed_cas", a->impact->changed_cas);
	json_str(j, "index_sha256", a->cli->stats.sha256);
	json_uint_if(j, "chrome_version", a->cli->args.chrome_version.set, a->cli->args.chrome_version.n);
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
