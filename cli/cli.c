#include "cli/cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/path.h"
#include "base/text.h"
#include "index/figures.h"

#define KINDS_MAX 64
#define CANDIDATE_COLUMNS 200 /* a name may have thousands */

static void __attribute__((format(printf, 1, 0))) say(const char *fmt, va_list ap)
{
	struct strbuf raw = STRBUF_INIT, clean = STRBUF_INIT;

	strbuf_vaddf(&raw, fmt, ap);
	text_clean(&clean, raw.buf, raw.len);
	fprintf(stderr, "canopy: %s\n", clean.buf);
	strbuf_release(&clean);
	strbuf_release(&raw);
}

void cli_note(const struct cli *c, const char *fmt, ...)
{
	va_list ap;

	if (c->args.quiet)
		return;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void cli_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

int cli_fail(const struct cli *c, const struct err *err)
{
	struct strbuf line = STRBUF_INIT;
	char *rest = c->candidates.buf, *candidate;

	fflush(stdout);
	fprintf(stderr, "canopy: %s\n", err->msg);
	while (*rest && (candidate = strsep(&rest, "\n"))) {
		strbuf_reset(&line);
		style_text(&c->style, &line, candidate, CANDIDATE_COLUMNS);
		fprintf(stderr, "%s\n", line.buf);
		if (!rest)
			break;
	}
	strbuf_release(&line);
	return err->kind;
}

/* ---- the index ---- */

int cli_open(struct cli *c, struct err *err)
{
	if (c->index)
		return 0;
	if (!path_exists(c->db_path))
		return err_set(err, ERR_INDEX,
			"there is no index at '%s': 'canopy fetch' or 'canopy import PATH' makes one", c->db_path);
	if (index_open(c->db_path, INDEX_READ, &c->index, err) < 0)
		return -1;
	if (index_stats(c->index, &c->stats, err) < 0 || cli_chrome_version(c, err) < 0)
		return -1;
	c->graph = index_graph(c->index);
	index_set_day(c->index, c->day);
	return index_read_error(c->index, err);
}

int cli_chrome_version(const struct cli *c, struct err *err)
{
	const struct opt_number *v = &c->args.chrome_version;

	if (!v->set)
		return 0;
	if (!v->n || v->n >= UINT32_MAX)
		return err_set(err, ERR_USAGE, "'%llu' is no major version for '--chrome-version'",
			(unsigned long long)v->n);
	index_set_chrome_version(c->index, (uint32_t)v->n);
	return 0;
}

const char *cli_for_version(const struct cli *c, const char *program, char buf[40])
{
	buf[0] = '\0';
	if (c->args.chrome_version.set && strcmp(program, "chrome") == 0)
		snprintf(buf, 40, " for Chrome %llu", (unsigned long long)c->args.chrome_version.n);
	return buf;
}

void cli_note_unranked(const struct cli *c)
{
	cli_note(c, "no rank list of sites is indexed: 'canopy import' a file of 'rank,domain' lines");
}

void cli_note_empty(const struct cli *c)
{
	struct index_source *source = NULL;
	size_t n = 0;

	if (c->graph->ca.n)
		return;
	if (index_sources(c->index, &source, &n, NULL) < 0 || n == 0)
		cli_note(c, "the index is empty: 'canopy fetch' or 'canopy import PATH' fills it");
	else
		cli_note(c, "no CA certificate is indexed yet: 'canopy fetch ccadb' or 'canopy import PATH' brings them");
	free(source);
}

void cli_note_stale(const struct cli *c)
{
	size_t n = 0;
	char cas[32], date[DATE_BUF];

	for (uint32_t i = 0; i < c->graph->ca.n; i++)
		n += ca_stale_figure(c->graph, i) != NULL;
	if (n)
		cli_note(c, "figures of %s CA%s are more than %d days from %s and not counted", num_group(cas, n), n == 1 ? "" : "s",
			FIGURE_DAYS, date_format(date, c->day));
}

void cli_release(struct cli *c)
{
	index_close(c->index);
	free(c->db_path);
	strbuf_release(&c->line);
	strbuf_release(&c->candidates);
	vec_release(&c->operands);
	vec_release(&c->args.mark);
	vec_release(&c->args.stage);
	vec_release(&c->args.exempt);
	vec_release(&c->args.assume);
	vec_release(&c->args.ca);
	vec_release(&c->args.exact);
	vec_release(&c->args.url);
	vec_release(&c->args.kind);
	vec_release(&c->args.log);
	vec_release(&c->args.names);
}

bool ca_counted(const struct ca *ca)
{
	return ca->coverage != COVERAGE_NONE;
}

/* ---- programs ---- */

enum purpose cli_purpose(const struct cli *c)
{
	const char *name = c->args.purpose ? c->args.purpose : purpose_names[PURPOSE_TLS];

	return strcmp(name, purpose_names[PURPOSE_EMAIL]) == 0 ? PURPOSE_EMAIL : PURPOSE_TLS;
}

int cli_store(struct cli *c, const char *program, const struct store **ret, struct err *err)
{
	struct strbuf have = STRBUF_INIT;
	const char *const *name;
	size_t n = index_programs(c->index, &name);

	*ret = index_store(c->index, program, c->day);
	if (*ret)
		return 0;
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&have, "%s%s", i ? ", " : "", name[i]);
	err_set(err, ERR_USAGE, "program '%s' has no store in this index (there is %s)", program,
		n ? have.buf : "none of any program");
	strbuf_release(&have);
	return -1;
}

int cli_scope(struct cli *c, struct scope *ret, struct err *err)
{
	ret->program = c->args.program ? c->args.program : "mozilla";
	ret->purpose = cli_purpose(c);
	if (cli_store(c, ret->program, &ret->store, err) < 0)
		return -1;
	char held[DATE_BUF], day[DATE_BUF];
	if (ret->store->day > c->day)
		cli_note(c, "no store of %s as old as %s is indexed; the oldest, of %s, is used", ret->program,
			date_format(day, c->day), date_format(held, ret->store->day));
	return 0;
}

struct trust *scope_trust(const struct cli *c, const struct scope *s)
{
	struct trust_query q = { .graph = c->graph, .store = s->store, .purpose = s->purpose, .day = c->day };

	return trust_compute(&q);
}

void programs_open(struct cli *c, enum purpose purpose, struct programs *ret)
{
	ret->n = index_programs(c->index, &ret->name);
	ret->trust = xcalloc(ret->n + 1, sizeof(struct trust *));
	for (size_t i = 0; i < ret->n; i++) {
		struct scope s = { ret->name[i], purpose, index_store(c->index, ret->name[i], c->day) };

		ret->trust[i] = scope_trust(c, &s);
	}
}

void programs_close(struct programs *p)
{
	for (size_t i = 0; i < p->n; i++)
		trust_free(p->trust[i]);
	free(p->trust);
}

/* ---- REF ---- */

int cli_resolve(struct cli *c, const char *text, struct ref *ret, struct err *err)
{
	return index_resolve(c->index, text, ret, &c->candidates, err);
}

int cli_chosen(struct cli *c, bool **ret, struct err *err)
{
	bool *chosen;

	*ret = NULL;
	if (!c->operands.n)
		return 0;
	chosen = xcalloc(c->graph->ca.n + 1, sizeof(*chosen));
	for (size_t i = 0; i < c->operands.n; i++) {
		struct ref r = { 0 };

		if (cli_resolve(c, c->operands.v[i], &r, err) < 0) {
			free(chosen);
			return -1;
		}
		if (r.is_cert)
			chosen[c->graph->cert.v[r.cert].ca] = true;
		for (size_t k = 0; !r.is_cert && k < r.n_cas; k++)
			chosen[r.ca[k]] = true;
		ref_release(&r);
	}
	*ret = chosen;
	return 0;
}

static void add_candidate(struct cli *c, const struct ca *ca)
{
	strbuf_addstr(&c->candidates, "  ");
	strbuf_addhex(&c->candidates, ca->id, sizeof(ca->id));
	strbuf_addf(&c->candidates, "  %s\n", ca->name);
}

int cli_resolve_one(struct cli *c, const char *text, uint32_t *ca, uint32_t *cert, struct err *err)
{
	struct ref r = { 0 };
	int rc = 0;

	if (cli_resolve(c, text, &r, err) < 0)
		return -1;
	*cert = r.is_cert ? r.cert : NO_INDEX;
	if (r.is_cert) {
		*ca = c->graph->cert.v[r.cert].ca;
	} else if (r.n_cas == 1) {
		*ca = r.ca[0];
	} else {
		rc = err_set(err, ERR_USAGE, "'%s' names %zu CAs, and one is needed", text, r.n_cas);
		for (size_t i = 0; i < r.n_cas; i++)
			add_candidate(c, &c->graph->ca.v[r.ca[i]]);
	}
	ref_release(&r);
	return rc;
}

/* ---- kinds of rows ---- */

static int unknown_kind(const struct cli *c, const char *kind, const char *noun, struct err *err)
{
	const char *names[KINDS_MAX], *near, *help;
	size_t n = 0;

	while (n < KINDS_MAX && c->command->value(n, &names[n], &help))
		n++;
	near = opt_nearest(kind, names, n);
	if (near)
		return err_set(err, ERR_USAGE, "'%s' is no kind of %s; did you mean '%s'?", kind, noun, near);
	return err_set(err, ERR_USAGE, "'%s' is no kind of %s; 'canopy %s --help' lists them", kind, noun, c->command->name);
}

int cli_kinds(const struct cli *c, const char *noun, struct err *err)
{
	for (size_t i = 0; i < c->args.kind.n; i++) {
		const char *name, *help;
		size_t k = 0;

		while (c->command->value(k, &name, &help) && strcmp(name, c->args.kind.v[i]) != 0)
			k++;
		if (!c->command->value(k, &name, &help))
			return unknown_kind(c, c->args.kind.v[i], noun, err);
	}
	return 0;
}

bool cli_kind_wanted(const struct cli *c, const char *kind)
{
	for (size_t i = 0; i < c->args.kind.n; i++) {
		if (strcmp(c->args.kind.v[i], kind) == 0)
			return true;
	}
	return !c->args.kind.n;
}

/* ---- order ---- */

int ca_compare(const struct graph *g, const uint64_t *unexpired, uint32_t a, uint32_t b)
{
	bool known = ca_has_numbers(g, a);

	if (known != ca_has_numbers(g, b))
		return known ? -1 : 1;
	if (known && unexpired[a] != unexpired[b])
		return unexpired[a] > unexpired[b] ? -1 : 1;
	return memcmp(g->ca.v[a].id, g->ca.v[b].id, sizeof(g->ca.v[a].id));
}

struct order {
	const struct graph *graph;
	const uint64_t *unexpired;
};

static int by_order(const void *a, const void *b, void *ctx)
{
	const struct order *o = ctx;

	return ca_compare(o->graph, o->unexpired, *(const uint32_t *)a, *(const uint32_t *)b);
}

void ca_sort(const struct graph *g, const uint64_t *unexpired, uint32_t *ca, size_t n)
{
	struct order o = { g, unexpired };

	if (n)
		qsort_r(ca, n, sizeof(*ca), by_order, &o);
}

/* ---- fingerprints ---- */

void hex_list_certs(struct hex_list *l, const struct graph *g, const uint32_t *certs, size_t n)
{
	l->v = arena_alloc(&l->arena, (n + 1) * sizeof(*l->v));
	l->n = n;
	for (size_t i = 0; i < n; i++) {
		char *hex = arena_alloc(&l->arena, 2 * 32 + 1);

		hex_encode(g->cert.v[certs[i]].sha256, 32, hex);
		l->v[i] = hex;
	}
}

void hex_list_cas(struct hex_list *l, const struct graph *g, const uint32_t *ca, size_t n)
{
	l->v = arena_alloc(&l->arena, (n + 1) * sizeof(*l->v));
	l->n = n;
	for (size_t i = 0; i < n; i++) {
		char *hex = arena_alloc(&l->arena, 2 * 32 + 1);

		hex_encode(g->ca.v[ca[i]].id, 32, hex);
		l->v[i] = hex;
	}
}

void hex_list_release(struct hex_list *l)
{
	arena_release(&l->arena);
	l->v = NULL;
	l->n = 0;
}
