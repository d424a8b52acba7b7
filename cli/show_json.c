#include "cli/show.h"

#include <string.h>

#include "base/date.h"
#include "cli/json.h"

static void put_source(struct json *j, const struct show *s)
{
	int32_t day;
	const char *source = ca_count_source(s->g, s->tally.beyond, s->ca, &day);

	json_str_or_null(j, "source", source);
	if (*source)
		json_day(j, "source_as_of", day);
	else
		json_null(j, "source_as_of");
	json_str(j, "coverage", coverage_names[ca_coverage(s->g, s->ca)]);
}

static void put_counts(struct json *j, const struct show *s)
{
	const struct ca *ca = &s->g->ca.v[s->ca];
	const struct span *own = &s->tally.own[s->ca], *subtree = &s->tally.subtree[s->ca];
	bool known = ca_counted(ca), any = known && ca->issued > 0;
	uint64_t valid = 0, issued;
	const struct {
		const char *key;
		int32_t day;
	} dates[] = {
		{ "first_not_before", ca->first_nb_day },
		{ "last_not_before", ca->last_nb_day },
		{ "last_not_after", ca->last_na_day },
	};

	bool told = ca_issued(s->g, s->ca, &issued);
	json_uint_if(j, "issued", told, issued);
	json_uint_if(j, "unexpired", own->known, own->low);
	json_uint_if(j, "unexpired_high", span_bounded(own), own->high);
	json_uint_if(j, "revoked", known && s->tally.revoked[s->ca] >= 0, (uint64_t)s->tally.revoked[s->ca]);
	bool read = tallies_valid(&s->tally, s->ca, &valid);
	json_uint_if(j, "valid", known && read, valid);
	json_uint(j, "ca_certs", ca->n_certs);
	json_uint(j, "children", ca_child_count(s->g, s->ca));
	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
		if (any)
			json_day(j, dates[i].key, dates[i].day);
		else
			json_null(j, dates[i].key);
	}
	put_source(j, s);
	json_uint_if(j, "subtree_issued", s->tally.subtree_issued_known[s->ca] > 0, s->tally.subtree_issued[s->ca]);
	json_uint_if(j, "subtree_unexpired", subtree->known, subtree->low);
	known = tallies_subtree_valid(&s->tally, s->ca, &valid);
	json_uint_if(j, "subtree_valid", known, valid);
	json_uint_if(j, "unproven", ca_counted(ca), ca->unproven);
	json_figure_of(j, s->g, ca->figure);
	json_stale_figure(j, s->g, s->ca);
	json_uint_if(j, "subtree_unexpired_high", span_bounded(subtree), subtree->high);
	json_bool(j, "subtree_approximate", subtree->about);
}

static void put_time(struct json *j, const char *key, int64_t t)
{
	if (t == TIME_UNKNOWN)
		json_null(j, key);
	else
		json_time(j, key, t);
}

static void put_enforced(struct json *j, const struct show *s, enum revocation_source source)
{
	const char *by[ENFORCED_MAX];
	size_t n = show_enforced_by(s, source, by, ENFORCED_MAX);

	json_open(j, "enforced_by", '[');
	for (size_t i = 0; i < n; i++)
		json_str(j, NULL, by[i]);
	json_close(j, ']');
}

static void put_revocations(struct json *j, const struct show *s, uint32_t cert)
{
	size_t n;
	const struct revocation *r = cert_revocations(s->g, cert, &n);

	json_open(j, "revoked_by", '[');
	for (size_t i = 0; i < n; i++) {
		json_open(j, NULL, '{');
		json_str(j, "source", revocation_names[r[i].source]);
		put_time(j, "from", r[i].from);
		put_time(j, "lifted", r[i].lifted ? r[i].lifted : TIME_UNKNOWN);
		json_bool(j, "holds_on_day", revocation_holds(&r[i], s->cli->day));
		put_enforced(j, s, (enum revocation_source)r[i].source);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_issuers(struct json *j, const struct show *s, const struct ca_cert *c)
{
	json_open(j, "issuer_ca_ids", '[');
	for (uint32_t i = 0; i < c->n_issuers; i++)
		json_hex(j, NULL, s->g->ca.v[s->g->issuers[c->first_issuer + i]].id, 32);
	json_close(j, ']');
}

static void put_ccadb(struct json *j, const struct cert_detail *d)
{
	static const char *const names[4] = { "mozilla", "chrome", "apple", "microsoft" };

	json_open(j, "ccadb", '{');
	json_str_or_null(j, "name", d->ccadb_name);
	json_str_or_null(j, "owner", d->owner);
	json_str_or_null(j, "subordinate_owner", d->sub_owner);
	json_str_or_null(j, "status", d->ccadb_status);
	json_str_or_null(j, "revocation_status", d->revocation_status);
	for (int i = 0; i < 4; i++)
		json_str_or_null(j, names[i], d->status[i]);
	json_close(j, '}');
}

static void put_details(struct json *j, const struct cert_detail *d)
{
	const struct {
		const char *key, *value;
	} fields[] = {
		{ "serial", d->serial },
		{ "subject", d->subject },
		{ "issuer", d->issuer },
		{ "key", d->key_alg },
		{ "signature", d->sig_alg },
		{ "ski", d->ski },
		{ "aki", d->aki },
		{ "key_usage", d->key_usage },
		{ "eku", d->eku },
		{ "name_constraints", d->name_constraints },
		{ "policies", d->policies },
		{ "crl_urls", d->crl_urls },
		{ "ca_issuers", d->ca_issuers },
		{ "crtsh_id", d->crtsh_id },
		{ "seen_in", d->seen_in },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		json_str_or_null(j, fields[i].key, fields[i].value);
}

static int put_cert(struct json *j, const struct show *s, uint32_t cert, struct err *err)
{
	const struct ca_cert *c = &s->g->cert.v[cert];
	struct cert_detail d;

	if (index_cert_detail(s->cli->index, cert, &d, err) < 0)
		return -1;
	json_open(j, NULL, '{');
	json_hex(j, "sha256", c->sha256, 32);
	json_hex(j, "sha1", c->sha1, 20);
	put_time(j, "not_before", c->not_before);
	put_time(j, "not_after", c->not_after);
	json_bool(j, "valid_on_day", cert_valid_on(c, s->cli->day));
	put_details(j, &d);
	if (c->path_len >= 0)
		json_int(j, "path_len", c->path_len);
	else
		json_null(j, "path_len");
	json_bool(j, "self_signed", c->flags & CERT_SELF_SIGNED);
	json_bool(j, "weak_signature", c->flags & CERT_WEAK_SIG);
	json_bool(j, "disclosed", c->flags & CERT_DISCLOSED);
	put_issuers(j, s, c);
	put_revocations(j, s, cert);
	put_ccadb(j, &d);
	json_close(j, '}');
	cert_detail_release(&d);
	return 0;
}

static void put_hashes(struct json *j, const char *key, const struct graph *g, const uint32_t *cert, size_t n)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < n; i++)
		json_hex(j, NULL, g->cert.v[cert[i]].sha256, 32);
	json_close(j, ']');
}

static void put_kins(struct json *j, const char *key, const struct show *s, const struct show_kins *v)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < v->n; i++) {
		uint32_t k = v->v[i].ca;
		const struct ca *ca = &s->g->ca.v[k];

		json_open(j, NULL, '{');
		json_hex(j, "ca_id", ca->id, 32);
		json_str(j, "name", ca->name);
		json_str_or_null(j, "owner", ca->owner);
		json_uint_if(j, "unexpired", s->tally.own[k].known, s->tally.own[k].low);
		json_uint_if(j, "subtree_unexpired", s->tally.subtree[k].known, s->tally.subtree[k].low);
		put_hashes(j, "cert_sha256", s->g, v->v[i].cert.v, v->v[i].cert.n);
		json_uint_if(j, "unexpired_high", span_bounded(&s->tally.own[k]), s->tally.own[k].high);
		json_uint_if(j, "subtree_unexpired_high", span_bounded(&s->tally.subtree[k]), s->tally.subtree[k].high);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_limit(struct json *j, const char *key, int64_t limit)
{
	if (limit == INT64_MIN || limit == INT64_MAX)
		json_null(j, key);
	else
		json_time(j, key, limit);
}

static void put_box(struct json *j, const struct box *b)
{
	put_limit(j, "not_before_from", b->nb_lo);
	put_limit(j, "not_before_to", b->nb_hi);
	put_limit(j, "sct_from", b->sct_lo);
	put_limit(j, "sct_to", b->sct_hi);
}

static void put_path(struct json *j, const struct show *s, const struct show_path *p)
{
	json_open(j, NULL, '{');
	json_str(j, "verdict", path_reason_names[p->reason]);
	put_hashes(j, "certs", s->g, p->certs, p->n);
	if (p->reason != PATH_OK && p->at < p->n)
		json_hex(j, "at", s->g->cert.v[p->certs[p->at]].sha256, 32);
	else
		json_null(j, "at");
	if (p->reason == PATH_OK)
		put_box(j, &p->box);
	json_close(j, '}');
}

static void put_anchors(struct json *j, const struct show *s, const struct show_trust *t)
{
	json_open(j, "anchors", '[');
	for (size_t i = 0; i < t->store->n_rules; i++) {
		const struct anchor_rule *rule = &t->store->rule[i];
		struct strbuf notes = STRBUF_INIT;

		if (!show_is_anchor(s, t, rule))
			continue;
		json_open(j, NULL, '{');
		json_hex(j, "cert_sha256", s->g->cert.v[rule->cert].sha256, 32);
		put_box(j, &rule->box);
		json_bool(j, "unevaluated", rule->unevaluated);
		index_anchor_notes(s->cli->index, t->store, rule->cert, t->purpose, &notes);
		json_str_or_null(j, "note", notes.buf);
		json_close(j, '}');
		strbuf_release(&notes);
	}
	json_close(j, ']');
}

static void put_trust(struct json *j, const struct show *s, const struct show_trust *t)
{
	bool chrome = strcmp(t->program, "chrome") == 0;

	json_open(j, NULL, '{');
	json_str(j, "program", t->program);
	json_str(j, "purpose", purpose_names[t->purpose]);
	json_day(j, "store_date", t->store->day);
	json_bool(j, "revocation_modelled", program_find(t->program)->revocation_modelled);
	json_str(j, "acceptance", acceptance_names[t->acceptance]);
	put_hashes(j, "via", s->g, t->via, t->n_via);
	json_open(j, "paths", '[');
	for (size_t i = 0; i < t->path.n; i++)
		put_path(j, s, &t->path.v[i]);
	json_close(j, ']');
	json_bool(j, "more_paths", t->more);
	put_anchors(j, s, t);
	json_bool(j, "unevaluated", t->unevaluated);
	json_uint_if(j, "chrome_version", chrome && s->cli->args.chrome_version.set, s->cli->args.chrome_version.n);
	json_close(j, '}');
}

static void put_sites(struct json *j, const struct show *s)
{
	const struct site_uses *u = &s->tally.sites;

	json_str(j, "sites_coverage", coverage_names[u->coverage[s->ca]]);
	json_open(j, "sites", '[');
	for (uint32_t i = u->first[s->ca]; i < u->first[s->ca + 1]; i++) {
		json_open(j, NULL, '{');
		json_uint(j, "rank", u->v[i].rank);
		json_str(j, "domain", u->v[i].domain);
		json_uint(j, "leaves", u->v[i].leaves);
		json_day(j, "last_not_after", u->v[i].last_na_day);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_use(struct json *j, const struct show *s)
{
	uint64_t n = 0;
	bool known = s->use.total && validations_of_ca(&s->use, s->g, s->ca, &n);

	json_share(j, "validations_share", n, known ? s->use.total : 0);
	if (known)
		json_day(j, "validations_as_of", s->use.day);
	else
		json_null(j, "validations_as_of");
}

static void put_crls(struct json *j, const struct show *s)
{
	json_uint(j, "crls", s->crls.n);
	put_time(j, "crl_this_update", s->crls.this_update);
	put_time(j, "crl_next_update", s->crls.next_update);
}

static int put_all(struct json *j, const struct show *s, struct err *err)
{
	const struct ca *ca = &s->g->ca.v[s->ca];

	json_open(j, NULL, '{');
	json_hex(j, "ca_id", ca->id, 32);
	json_str(j, "name", ca->name);
	json_str(j, "subject", ca->subject);
	json_hex(j, "spki_sha256", ca->spki_sha256, 32);
	json_str_or_null(j, "owner", ca->owner);
	put_counts(j, s);
	json_day(j, "as_of", s->cli->day);
	json_open(j, "certificates", '[');
	for (size_t i = 0; i < s->cert.n; i++) {
		if (put_cert(j, s, s->cert.v[i], err) < 0)
			return -1;
	}
	json_close(j, ']');
	put_kins(j, "parents", s, &s->parent);
	put_kins(j, "child_cas", s, &s->child);
	json_open(j, "trust", '[');
	for (size_t i = 0; i < s->trust.n; i++)
		put_trust(j, s, &s->trust.v[i]);
	json_close(j, ']');
	put_sites(j, s);
	put_use(j, s);
	put_crls(j, s);
	json_close(j, '}');
	return 0;
}

int show_json(const struct show *s, struct err *err)
{
	struct strbuf b = STRBUF_INIT;
	struct json j = { .out = &b, .lines = true };
	int rc = put_all(&j, s, err);

	if (rc == 0) {
		strbuf_addch(&b, '\n');
		fwrite(b.buf, 1, b.len, stdout);
	}
	strbuf_release(&b);
	return rc;
}
