/* Which programs and purposes impact is asked of, and the answer of each. */
#include "cli/impact_out.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"

struct target {
	const char *program;
	enum purpose purpose;
	bool totals;
};
struct targets {
	VEC(const char *) program; /* each once */
	VEC(char *) word;          /* those cut out of lists */
	bool purpose[PURPOSE_COUNT];
	bool several;
	bool totals; /* nothing of later days or of paths that survive is asked */
};

/* ---- what was asked for ---- */

static bool has_program(struct cli *c, const char *name)
{
	const char *const *have;
	size_t n = index_programs(c->index, &have);

	for (size_t i = 0; i < n; i++)
		if (strcmp(have[i], name) == 0)
			return true;
	return false;
}

static int add_program(struct cli *c, struct targets *t, const char *name, struct err *err)
{
	const struct store *store;

	for (size_t i = 0; i < t->program.n; i++)
		if (strcmp(t->program.v[i], name) == 0)
			return 0;
	if (!has_program(c, name)) /* its message names those that there are */
		return cli_store(c, name, &store, err);
	vec_push(&t->program, name);
	return 0;
}

static int add_all(struct cli *c, struct targets *t, struct err *err)
{
	const char *const *have;
	size_t n = index_programs(c->index, &have);

	t->several = true;
	if (!n)
		return err_set(err, ERR_USAGE, "'--program all': no store of any program is indexed");
	for (size_t i = 0; i < n; i++)
		if (add_program(c, t, have[i], err) < 0)
			return -1;
	return 0;
}

/* Each word of a list with commas between; kept in t. */
static int each_word(struct cli *c, struct targets *t, const char *list,
	int (*fn)(struct cli *c, struct targets *t, const char *word, struct err *err), struct err *err)
{
	for (const char *p = list;; p++) {
		size_t n = strcspn(p, ",");
		char *word = xstrndup(p, n);

		vec_push(&t->word, word);
		if (fn(c, t, word, err) < 0)
			return -1;
		p += n;
		if (!*p)
			return 0;
	}
}

static int take_program(struct cli *c, struct targets *t, const char *word, struct err *err)
{
	return strcmp(word, "all") == 0 ? add_all(c, t, err) : add_program(c, t, word, err);
}

static int take_purpose(struct cli *c, struct targets *t, const char *word, struct err *err)
{
	bool all = strcmp(word, "all") == 0, found = all;

	(void)c;
	for (int p = 0; p < PURPOSE_COUNT; p++) {
		if (!all && strcmp(word, purpose_names[p]) != 0)
			continue;
		t->purpose[p] = found = true;
	}
	if (found)
		return 0;
	return err_set(err, ERR_USAGE, "'%s' is none of tls|email|all for '--purpose'", word);
}

static int find_targets(struct cli *c, const struct scenario *s, struct targets *t, struct err *err)
{
	const struct args *a = &c->args;

	if (!a->purpose)
		t->purpose[s->purpose] = true;
	else if (each_word(c, t, a->purpose, take_purpose, err) < 0)
		return -1;
	if (a->program ? each_word(c, t, a->program, take_program, err) < 0 : add_program(c, t, s->program, err) < 0)
		return -1;
	t->several |= t->program.n > 1 || (t->purpose[PURPOSE_TLS] && t->purpose[PURPOSE_EMAIL]);
	return 0;
}

static void targets_release(struct targets *t)
{
	for (size_t i = 0; i < t->word.n; i++)
		free(t->word.v[i]);
	vec_release(&t->word);
	vec_release(&t->program);
}

/* ---- the answers ---- */

/* What an answer borrows, kept for it. */
struct kept {
	struct scenario scenario;
	struct trust_query query;
	struct impact *impact;
	struct arena arena;
};

const char *answer_program(const struct answer *a)
{
	return a->scenario->program;
}

const char *answer_purpose(const struct answer *a)
{
	return purpose_names[a->scenario->purpose];
}

/* Only what differs: a table has a column for each. */
static void make_label(struct answer *a, bool programs, bool purposes)
{
	snprintf(a->label, sizeof(a->label), "%s%s%s", programs || !purposes ? answer_program(a) : "",
		programs && purposes ? " " : "", purposes ? answer_purpose(a) : "");
}

static int compute_one(struct cli *c, const struct scenario *s, const struct scenario_refs *refs, struct target t,
	struct answer *ret, struct err *err)
{
	struct kept *k = xcalloc(1, sizeof(*k));

	scenario_copy(s, t.program, t.purpose, &k->scenario);
	*ret = (struct answer){ .cli = c, .g = c->graph, .scenario = &k->scenario, .query = &k->query };
	if (scenario_query(c->index, &k->scenario, refs, c->day, &k->arena, &k->query, err) < 0)
		return -1;
	/* rows of CAs have no decay */
	bool rows = c->format == FORMAT_CSV || c->format == FORMAT_NDJSON;
	ret->impact = k->impact = impact_compute(&k->query, !t.totals && (!rows || c->args.days || c->args.until.set));
	ret->reach = t.totals ? NULL : reach_compute(c->index, k->impact);
	return 0;
}

static int compute_all(struct cli *c, const struct scenario *s, const struct targets *t, struct answers *ret, struct err *err)
{
	bool both = t->purpose[PURPOSE_TLS] && t->purpose[PURPOSE_EMAIL];
	struct scenario_refs refs;
	int rc = scenario_find_refs(c->index, s, &c->candidates, &refs, err);

	ret->v = xcalloc(t->program.n * PURPOSE_COUNT, sizeof(*ret->v));
	for (size_t i = 0; i < t->program.n && rc == 0; i++) {
		for (int p = 0; p < PURPOSE_COUNT && rc == 0; p++) {
			struct target one = { t->program.v[i], (enum purpose)p, t->totals };

			if (!t->purpose[p])
				continue;
			rc = compute_one(c, s, &refs, one, &ret->v[ret->n], err);
			make_label(&ret->v[ret->n++], t->program.n > 1, both);
		}
	}
	scenario_refs_release(&refs);
	return rc;
}

int answers_compute(struct cli *c, struct answers *ret, struct err *err)
{
	struct targets t = { 0 };
	struct scenario s;
	int rc;

	*ret = (struct answers){ .cli = c, .g = c->graph, .beyond = figures_beyond(c->graph, c->day) };
	rc = cli_scenario_read(c, &s, err);
	if (rc == 0)
		rc = find_targets(c, &s, &t, err);
	if (rc == 0)
		rc = compute_all(c, &s, &t, ret, err);
	ret->several = t.several;
	for (size_t i = 0; i < ret->n; i++)
		ret->v[i].all = ret;
	targets_release(&t);
	scenario_release(&s);
	return rc;
}

int answers_beside(struct cli *c, struct answers *all, struct err *err)
{
	struct answers *b = all->beside = xcalloc(1, sizeof(*b));
	const struct scenario *s = all->v->scenario;
	struct targets t = { .totals = true };
	int rc;

	*b = (struct answers){ .cli = c, .g = all->g };
	t.purpose[s->purpose] = true;
	rc = each_word(c, &t, c->args.beside, take_program, err);
	if (rc == 0)
		rc = compute_all(c, s, &t, b, err);
	for (size_t i = 0; i < b->n; i++)
		b->v[i].all = b;
	targets_release(&t);
	return rc;
}

void answers_release(struct answers *all)
{
	if (all->beside)
		answers_release(all->beside);
	free(all->beside);
	for (size_t i = 0; i < all->n; i++) {
		struct kept *k = (struct kept *)all->v[i].scenario; /* its first member */

		reach_free(all->v[i].reach);
		impact_free(k->impact);
		scenario_release(&k->scenario);
		arena_release(&k->arena);
		free(k);
		free(all->v[i].row);
		free(all->v[i].stands_under);
		free(all->v[i].figure_number);
		free(all->v[i].only);
		site_losses_release(&all->v[i].sites);
		unknowns_release(&all->v[i].unknown);
	}
	free(all->v);
	free(all->beyond);
	index_gaps_release(&all->gaps);
}

/* ---- lines that hold for some ---- */

void fold_add(struct fold *f, size_t answer, const char *fmt, ...)
{
	struct strbuf b = STRBUF_INIT;
	bool is_new;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	uint64_t *at = map_at(&f->at, b.buf, b.len, &is_new);
	if (is_new) {
		*at = f->line.n;
		vec_push(&f->line, (struct fold_line){ strbuf_detach(&b), xcalloc(f->all->n, sizeof(bool)) });
	}
	f->line.v[*at].of[answer] = true;
	strbuf_release(&b);
}

static bool all_of(const struct answers *all, const bool *of, const char *program, int purpose)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct answer *a = &all->v[i];
		bool in = (!program || strcmp(answer_program(a), program) == 0) &&
			  (purpose < 0 || (int)a->scenario->purpose == purpose);

		if (in && !of[i])
			return false;
	}
	return true;
}

/* The answers of `of` are exactly those of one purpose: its name. */
static const char *one_purpose(const struct answers *all, const bool *of)
{
	for (int p = 0; p < PURPOSE_COUNT; p++) {
		bool other = false;

		for (size_t i = 0; i < all->n; i++)
			other |= of[i] && (int)all->v[i].scenario->purpose != p;
		if (!other && all_of(all, of, NULL, p))
			return purpose_names[p];
	}
	return NULL;
}

/* "mozilla, chrome tls": whole programs by their name alone. */
static void add_whom(const struct answers *all, const bool *of, struct strbuf *out)
{
	const char *purpose = one_purpose(all, of), *between = "", *said = "";

	if (purpose) {
		strbuf_addstr(out, purpose);
		return;
	}
	for (size_t i = 0; i < all->n; i++) {
		const char *program = answer_program(&all->v[i]);
		bool whole = all_of(all, of, program, -1);

		if (!of[i] || (whole && strcmp(said, program) == 0))
			continue;
		strbuf_addf(out, "%s%s%s%s", between, program, whole ? "" : " ", whole ? "" : answer_purpose(&all->v[i]));
		between = ", ";
		said = program;
	}
}

static void add_line(const struct fold *f, const struct fold_line *l, struct strbuf *out)
{
	strbuf_addstr(out, l->text);
	if (all_of(f->all, l->of, NULL, -1))
		return;
	strbuf_addstr(out, " (");
	add_whom(f->all, l->of, out);
	strbuf_addch(out, ')');
}

static void release(struct fold *f)
{
	for (size_t i = 0; i < f->line.n; i++) {
		free(f->line.v[i].text);
		free(f->line.v[i].of);
	}
	vec_release(&f->line);
	map_release(&f->at);
}

void fold_put(struct fold *f, struct report *r, size_t most)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < f->line.n && i < most; i++) {
		strbuf_reset(&b);
		add_line(f, &f->line.v[i], &b);
		report_item(r, "%s", b.buf);
	}
	strbuf_release(&b);
	release(f);
}

void fold_join(struct fold *f, struct strbuf *out)
{
	for (size_t i = 0; i < f->line.n; i++) {
		strbuf_addstr(out, i ? "; " : "");
		add_line(f, &f->line.v[i], out);
	}
	release(f);
}
