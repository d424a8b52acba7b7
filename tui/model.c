#include "tui/model.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "index/key.h"
#include "index/storedoubt.h"
#include "tui/answer.h"

static void name_column(struct column *c)
{
	static const struct {
		const char *program, *title;
	} known[] = { { "mozilla", "Mz" }, { "chrome", "Ch" }, { "apple", "Ap" }, { "microsoft", "Ms" } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(known[i].program, c->program)) {
			snprintf(c->title, sizeof(c->title), "%s", known[i].title);
			return;
		}
	}
	snprintf(c->title, sizeof(c->title), "%.2s", c->program);
	c->title[0] = (char)toupper((unsigned char)c->title[0]);
}

static void free_columns(struct model *m)
{
	for (size_t i = 0; i < m->column.n; i++)
		trust_free(m->column.v[i].trust);
	vec_release(&m->column);
}

static void load_columns(struct model *m)
{
	const char *const *names;
	size_t n = index_programs(m->index, &names);

	free_columns(m);
	m->chosen = 0;
	m->store = NULL;
	for (size_t i = 0; i < n; i++) {
		struct column c = { .program = names[i], .store = index_store(m->index, names[i], m->day) };
		name_column(&c);
		vec_push(&m->column, c);
		if (m->program && !strcmp(m->program, names[i])) {
			m->chosen = i;
			m->store = c.store;
		}
	}
}

/* The wanted program when it has a store, else the first that has one. */
static void choose_program(struct model *m, const char *wanted)
{
	const char *const *names;
	size_t n = index_programs(m->index, &names), at = 0;
	char *old = m->program;

	for (size_t i = 0; wanted && i < n; i++)
		if (!strcmp(names[i], wanted))
			at = i;
	m->program = n ? xstrdup(names[at]) : NULL;
	free(old);
}

#define KEYS_A_PIECE 150 /* some 2 ms */
struct model_keys {
	struct key_info *v; /* of CAs, up to n */
	uint32_t n;
	atomic_bool wanted; /* also by a filter in a thread */
};

static void forget_keys(struct model *m)
{
	if (m->keys)
		free(m->keys->v);
	free(m->keys);
	m->keys = NULL;
}

static void release_scenario(struct model *m)
{
	answer_free(m->answer);
	m->answer = NULL;
	impact_free(m->impact);
	m->impact = NULL;
	free(m->by_loss);
	m->by_loss = NULL;
	m->n_by_loss = 0;
	trust_free(m->own);
	m->own = NULL;
	mark_query_release(&m->asked);
	m->asked = (struct mark_query){ 0 };
}

static void release_only(struct model *m)
{
	free(m->only);
	m->only = NULL;
	m->n_only = 0;
	free(m->only_root);
	m->only_root = NULL;
	m->n_only_root = 0;
	m->here.wanted = m->here.known = false;
}

static void release_tallies(struct model *m)
{
	free(m->beyond);
	free(m->usable);
	free(m->count);
	free(m->cas);
	free(m->low);
	free(m->old_below);
	free(m->issued);
	free(m->newest);
}

void model_close(struct model *m)
{
	release_scenario(m);
	release_only(m);
	validations_release(&m->use);
	free_columns(m);
	release_tallies(m);
	marks_release(&m->marks);
	forget_keys(m);
	free(m->program);
	free(m->day_graph);
	*m = (struct model){ 0 };
}

bool model_store_later(const struct model *m, size_t column)
{
	const struct store *s = m->column.v[column].store;

	return s && s->day > m->day;
}

bool model_store_old(const struct model *m, size_t column)
{
	const struct store *s = m->column.v[column].store;
	int32_t reference = m->day < m->today ? m->day : m->today;

	return s && s->day < reference - STALE_DAYS;
}

bool model_store_doubtful(const struct model *m, size_t column)
{
	return model_store_state(m, column) != STORE_FITS;
}

const struct store_doubt *model_store_doubt(const struct model *m, size_t column, size_t *at)
{
	while (m->doubts && m->doubts_day == m->day && *at < m->doubts->doubt.n) {
		const struct store_doubt *x = &m->doubts->doubt.v[(*at)++];
		if (strcmp(x->program, m->column.v[column].program) == 0)
			return x;
	}
	return NULL;
}

enum store_state model_store_state(const struct model *m, size_t column)
{
	size_t at = 0;

	if (model_store_later(m, column))
		return STORE_LATER;
	if (model_store_doubt(m, column, &at))
		return STORE_SUSPECT;
	return model_store_old(m, column) ? STORE_OLD : STORE_FITS;
}

const char *model_store_note(const struct model *m, size_t column)
{
	static const char *const notes[] = { [STORE_FITS] = "", [STORE_LATER] = "later", [STORE_SUSPECT] = "suspect", [STORE_OLD] = "old" };

	return notes[model_store_state(m, column)];
}

struct trust_query model_query(const struct model *m, size_t column, const struct mark_query *marks)
{
	struct trust_query q = {
		.graph = m->g,
		.store = m->column.v[column].store,
		.purpose = m->purpose,
		.day = m->day,
		.revocation = m->revocation,
	};

	if (marks) {
		q.marks = marks->mark.v;
		q.n_marks = marks->mark.n;
		q.exempt = marks->exempt.v;
		q.n_exempt = marks->exempt.n;
		q.assume = marks->assume.v;
		q.n_assume = marks->assume.n;
	}
	return q;
}

struct trust_query model_query_before(const struct model *m)
{
	struct trust_query q = model_query(m, m->chosen, NULL);

	q.assume = m->asked.assume.v;
	q.n_assume = m->asked.assume.n;
	return q;
}

bool model_assumes(const struct model *m)
{
	return m->asked.assume.n;
}

bool model_is_assumed(const struct model *m, uint32_t ca)
{
	for (size_t i = 0; i < m->asked.assume.n; i++)
		if (m->g->cert.v[m->asked.assume.v[i]].ca == ca)
			return true;
	return false;
}

bool model_rests_on_assumed(const struct model *m, uint32_t ca)
{
	if (!m->own || !m->impact)
		return false;
	return trust_before(m->own, ca) != trust_before(m->impact->trust, ca) || !trust_same_after(m->own, m->impact->trust, ca);
}

bool model_assumes_others(const struct model *m)
{
	struct mark_query now = { 0 };
	bool others;

	if (m->store)
		marks_query(&m->marks, m->g, &now);
	others = now.assume.n != m->asked.assume.n ||
		 (now.assume.n && memcmp(now.assume.v, m->asked.assume.v, now.assume.n * sizeof(*now.assume.v)) != 0);
	mark_query_release(&now);
	return others;
}

enum acceptance model_accepts(const struct model *m, uint32_t ca)
{
	return !m->impact ? ACCEPT_NONE : trust_before(m->own ? m->own : m->impact->trust, ca);
}

bool model_is_old(const struct model *m, uint32_t ca)
{
	const struct ca *c = &m->g->ca.v[ca];

	return c->coverage != COVERAGE_NONE && m->newest_day != INT32_MIN && c->source_day < m->newest_day - OLD_DAYS;
}

bool model_impact_old(const struct model *m, const struct impact *im, bool touched)
{
	for (size_t i = 0; i < im->n_rows; i++)
		if ((touched || im->row[i].changed) && model_is_old(m, im->row[i].ca))
			return true;
	return false;
}

bool model_share_open(const struct model *m)
{
	return share_is_told(&m->score.share) && share_is_open(&m->score.share);
}

/* Trusted leaves of all CAs that the scenario touches. */
static struct span touched_trusted(const struct model *m)
{
	bool *in = xcalloc(m->g->ca.n + 1, sizeof(*in));

	for (size_t i = 0; i < m->impact->n_rows; i++)
		in[m->impact->row[i].ca] = true;
	struct span sum = impact_sum(m->impact, in).trusted;
	free(in);
	return sum;
}

/* As the impact has them; of those that lose as many leaves, or unknown ones, what is lost comes before what is limited and
 * that before what is kept, then names decide. */
static int by_loss(const void *a, const void *b, void *ctx)
{
	const struct model *m = ctx;
	const struct impact_row *x = &m->impact->row[*(const uint32_t *)a], *y = &m->impact->row[*(const uint32_t *)b];
	int c;

	if (x->leaves.lost != y->leaves.lost)
		return x->leaves.lost > y->leaves.lost ? -1 : 1;
	if (x->alone.lost.high != y->alone.lost.high)
		return x->alone.lost.high > y->alone.lost.high ? -1 : 1;
	c = (x->after != ACCEPT_NONE) + !x->changed - (y->after != ACCEPT_NONE) - !y->changed;
	if (c)
		return c;
	if (x->leaves.trusted != y->leaves.trusted)
		return x->leaves.trusted > y->leaves.trusted ? -1 : 1;
	c = text_order(model_name(m, x->ca), model_name(m, y->ca));
	return c ? c : (x->ca > y->ca) - (x->ca < y->ca);
}

/* Here, not where they are drawn: that is done again with each part of the answer. */
static void sort_rows(struct model *m)
{
	const struct impact *im = m->impact;

	m->n_by_loss = im->n_rows < MOST_BY_LOSS ? im->n_rows : MOST_BY_LOSS;
	m->by_loss = xcalloc(m->n_by_loss + 1, sizeof(*m->by_loss));
	for (uint32_t i = 0; i < m->n_by_loss; i++)
		m->by_loss[i] = i;
	qsort_r(m->by_loss, m->n_by_loss, sizeof(*m->by_loss), by_loss, m);
}

/* The impact of the marks as m->asked has them. */
static void score(struct model *m)
{
	m->score = (struct score){ 0 };
	if (!m->store)
		return;
	struct trust_query q = model_query(m, m->chosen, &m->asked);
	m->impact = impact_compute(&q, false);
	q.n_assume = 0;
	m->own = model_assumes(m) ? trust_compute(&q) : NULL;
	m->score.unknown_cas = m->impact->unknown_cas;
	m->score.unbounded = m->impact->unbounded_cas != 0;
	m->score.touched = touched_trusted(m);
	for (size_t i = 0; i < m->impact->n_rows; i++) {
		const struct impact_row *r = &m->impact->row[i];
		m->score.lost_cas += r->changed && r->after == ACCEPT_NONE;
		m->score.less_cas += r->changed && r->after != ACCEPT_NONE;
		m->score.kept_cas += !r->changed;
		m->score.unknown_touched += m->g->ca.v[r->ca].coverage != COVERAGE_COMPLETE;
		m->score.unbounded_touched |= ca_unbounded(m->g, r->ca);
	}
	sort_rows(m);
	m->score.share = impact_program_share(m->impact);
	m->score.old = model_impact_old(m, m->impact, false);
	m->score.old_touched = model_impact_old(m, m->impact, true);
}

static void score_marks(struct model *m)
{
	release_scenario(m);
	marks_bind(&m->marks, m->g);
	if (m->store)
		marks_query(&m->marks, m->g, &m->asked);
	score(m);
	m->scoring = false;
}

void model_marked(struct model *m)
{
	marks_bind(&m->marks, m->g);
	m->scoring = true;
}

bool model_scoring(const struct model *m)
{
	return m->scoring && (m->marks.now.n || model_assumes(m));
}

bool model_uncounted(const struct model *m, uint32_t ca)
{
	if (!ca_unbounded(m->g, ca))
		return false;
	return m->all_leaves || !m->impact || trust_before(m->impact->trust, ca) != ACCEPT_NONE;
}

static void fold_newest(struct model *m)
{
	const struct graph *g = m->g;

	for (uint32_t i = 0; i < g->ca.n; i++)
		m->newest[i] = g->ca.v[i].issued ? g->ca.v[i].last_nb_day : INT32_MIN;
	/* Children have higher component numbers: from the last one up, all below a CA is done before it. */
	for (uint32_t c = g->n_components; c-- > 0;) {
		for (uint32_t k = g->component_first[c]; k < g->component_first[c + 1]; k++) {
			const struct ca *ca = &g->ca.v[g->component_cas[k]];
			int32_t *best = &m->newest[g->component_cas[k]];
			for (uint32_t i = 0; i < ca->n_children; i++) {
				int32_t below = m->newest[g->cert.v[g->child_certs[ca->first_child + i]].ca];
				*best = below > *best ? below : *best;
			}
		}
	}
}

static void count_index(struct model *m)
{
	const struct graph *g = m->g;
	bool total = false, trusted_low = false, old = false, old_trusted = false;

	m->total = m->trusted = (struct number){ 0 };
	m->trusted_cas = m->counted_cas = 0;
	m->any_issued = false;
	for (uint32_t i = 0; i < g->ca.n; i++) {
		bool trusted = m->impact && trust_before(m->impact->trust, i) != ACCEPT_NONE;
		total |= ca_unbounded(g, i);
		trusted_low |= ca_unbounded(g, i) && trusted;
		old |= model_is_old(m, i);
		old_trusted |= model_is_old(m, i) && trusted;
		m->trusted_cas += trusted;
		m->any_issued |= g->ca.v[i].issued != 0;
		m->counted_cas += g->ca.v[i].coverage != COVERAGE_NONE || g->ca.v[i].figure != NO_INDEX;
	}
	m->shares_of_cas = m->counted_cas * 10 < g->ca.n;
	if (m->impact) {
		m->total = fmt_old(fmt_span(&m->impact->span.unexpired, total), old);
		m->trusted = fmt_old(fmt_span(&m->impact->span.trusted, trusted_low), old_trusted);
		return;
	}
	m->total.low = total;
	for (uint32_t i = 0; i < g->ca.n; i++)
		m->total.n += held_on(g, i, m->day);
	m->total = fmt_old(m->total, old);
}

bool model_counts_known(const struct model *m)
{
	const struct number *n = m->all_leaves || !m->impact ? &m->total : &m->trusted;

	return n->n || n->range || !n->low;
}

bool model_counted_long_ago(const struct model *m, uint32_t ca)
{
	return model_is_old(m, ca) && (m->all_leaves || !m->impact || trust_before(m->impact->trust, ca) != ACCEPT_NONE);
}

unsigned model_revokers(const struct model *m, const char *program)
{
	unsigned enforced = program_find(program)->enforced[m->purpose];

	if (m->revocation == REVOCATION_ALL)
		return enforced | 1U << REVOKED_CRL | 1U << REVOKED_CCADB;
	return m->revocation == REVOCATION_NONE ? 0 : enforced;
}

bool model_refuses(const struct model *m, size_t column, uint32_t cert)
{
	const struct column *c = &m->column.v[column];
	unsigned by = model_revokers(m, c->program);

	for (int s = 0; s < REVOCATION_SOURCES; s++)
		if (by & 1U << s && cert_revoked_by(m->g, cert, (enum revocation_source)s, m->day))
			return true;
	return m->revocation != REVOCATION_NONE && c->store && store_distrusts(c->store, cert, m->purpose);
}

/* Through which certificates a CA has others below it: where leaves that the program trusts are counted, those that it lets
 * stand on the day, as its impact does; where all are counted, those of `counts --subtree`. */
static bool *usable_certs(const struct model *m, bool trusted)
{
	bool *usable;

	if (!trusted)
		return certs_usable_on(m->g, m->day);
	usable = xcalloc(m->g->cert.n + 1, sizeof(*usable));
	for (uint32_t i = 0; i < m->g->cert.n; i++)
		usable[i] = cert_valid_on(&m->g->cert.v[i], m->day) && !model_refuses(m, m->chosen, i);
	return usable;
}

static void tally(struct model *m)
{
	enum { CAS, LOW, OLD, ISSUED, TALLIES };
	size_t n = m->g->ca.n + 1;
	const struct trust *trust = m->all_leaves || !m->impact ? NULL : m->impact->trust;
	uint64_t *own[TALLIES];

	release_tallies(m);
	m->beyond = figures_beyond(m->g, m->day);
	m->count = xcalloc(n, sizeof(*m->count));
	m->cas = xcalloc(n, sizeof(*m->cas));
	m->low = xcalloc(n, sizeof(*m->low));
	m->old_below = xcalloc(n, sizeof(*m->old_below));
	m->issued = xcalloc(n, sizeof(*m->issued));
	m->newest = xcalloc(n, sizeof(*m->newest));
	for (int i = 0; i < TALLIES; i++)
		own[i] = xcalloc(n, sizeof(*own[i]));
	m->usable = usable_certs(m, trust);
	tally_own(m->g, trust, m->day, own[CAS]);
	tally_subtree_spans(m->g, m->usable, own[CAS], m->beyond, trust ? part_trusted : part_all, (void *)(uintptr_t)trust, m->count);
	for (uint32_t i = 0; i < m->g->ca.n; i++) {
		own[CAS][i] = 1;
		own[LOW][i] = model_uncounted(m, i);
		own[OLD][i] = model_counted_long_ago(m, i);
		own[ISSUED][i] = m->g->ca.v[i].issued;
	}
	tally_subtrees(m->g, m->usable, TALLIES, (const uint64_t *const[]){ own[CAS], own[LOW], own[OLD], own[ISSUED] },
		(uint64_t *const[]){ m->cas, m->low, m->old_below, m->issued });
	fold_newest(m);
	for (int i = 0; i < TALLIES; i++)
		free(own[i]);
}

static void compute_all(struct model *m)
{
	release_only(m);
	load_columns(m);
	score_marks(m);
	count_index(m);
	tally(m);
}

static int load(struct model *m, struct err *err)
{
	m->g = index_graph(m->index);
	index_set_day(m->index, m->day);
	m->graph_day = m->day;
	if (index_newest_day(m->index, &m->newest_day, err) < 0)
		return -1;
	forget_keys(m);
	m->keys = xcalloc(1, sizeof(*m->keys));
	compute_all(m);
	return index_read_error(m->index, err);
}

int model_open(struct model *m, const struct tui_options *o, struct err *err)
{
	*m = (struct model){
		.index = o->index,
		.purpose = o->purpose,
		.day = o->day,
		.today = o->today ? o->today : date_today(),
	};
	choose_program(m, o->program);
	if (o->program && m->program && strcmp(o->program, m->program))
		return err_set(err, ERR_USAGE, "the index has no store of program '%s'", o->program);
	return load(m, err);
}

/* ---- a question beside ---- */

/* What is derived of the question, without freeing it. */
static void forget_derived(struct model *m)
{
	m->column.v = NULL;
	m->column.n = m->column.cap = 0;
	m->asked = (struct mark_query){ 0 };
	m->impact = NULL;
	m->by_loss = NULL;
	m->n_by_loss = 0;
	m->own = NULL;
	m->answer = NULL;
	m->only = NULL;
	m->n_only = 0;
	m->only_root = NULL;
	m->n_only_root = 0;
	m->here.wanted = m->here.known = false;
	m->beyond = NULL;
	m->usable = NULL;
	m->count = NULL;
	m->cas = m->low = m->issued = m->old_below = NULL;
	m->newest = NULL;
	m->day_graph = NULL;
	m->program = NULL;
}

void model_prepare(struct model *shown, const struct wanted *w, struct model *next)
{
	*next = *shown;
	forget_derived(next);
	next->purpose = w->purpose;
	next->day = w->day;
	next->all_leaves = w->all_leaves;
	next->revocation = w->revocation;
	next->scoring = false;
	choose_program(next, w->program);
	load_columns(next);
	if (next->store)
		marks_query(&shown->marks, shown->g, &next->asked);
}

void model_prepare_read(const struct model *shown, const struct wanted *w, struct model *next)
{
	*next = (struct model){
		.owns_index = true,
		.program = w->program ? xstrdup(w->program) : NULL,
		.purpose = w->purpose,
		.day = w->day,
		.today = shown->today,
		.all_leaves = w->all_leaves,
		.revocation = w->revocation,
	};
}

int model_read(struct model *next, struct index *fresh, struct err *err)
{
	next->index = fresh;
	next->g = next->day_graph = index_graph_of_day(fresh, next->day);
	next->graph_day = next->day;
	index_drop_day(index_take_day(fresh, next->day_graph));
	if (index_newest_day(fresh, &next->newest_day, err) < 0)
		return -1;
	next->keys = xcalloc(1, sizeof(*next->keys));
	choose_program(next, next->program);
	load_columns(next);
	marks_bind(&next->marks, next->g);
	if (next->store)
		marks_query(&next->marks, next->g, &next->asked);
	return index_read_error(fresh, err);
}

uint32_t model_column_wanted(const struct model *m)
{
	uint32_t i = 0;

	while (i < m->column.n && (!m->column.v[i].store || m->column.v[i].trust || (i == m->chosen && m->impact)))
		i++;
	return i < m->column.n ? i : NO_INDEX;
}

static void compute_columns(struct model *m)
{
	for (uint32_t i = model_column_wanted(m); i != NO_INDEX; i = model_column_wanted(m)) {
		struct trust_query q = model_query(m, i, NULL);

		m->column.v[i].trust = trust_compute(&q);
	}
}

bool model_compute(struct model *next, bool (*cancelled)(void *ctx), void *ctx)
{
	static void (*const steps[])(struct model *) = { score, count_index, tally, compute_columns };

	if (next->day != next->graph_day)
		next->g = next->day_graph = index_graph_of_day(next->index, next->day);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !cancelled(ctx); i++)
		steps[i](next);
	return !cancelled(ctx);
}

/* It shares all with the graph of the day but that itself. */
static void drop_index(struct model *m)
{
	free(m->day_graph);
	forget_keys(m);
	validations_release(&m->use);
	index_close(m->index);
}

void model_drop(struct model *m)
{
	release_scenario(m);
	release_only(m);
	free_columns(m);
	release_tallies(m);
	free(m->program);
	if (m->owns_index)
		drop_index(m);
	else
		index_drop_day(m->day_graph);
	*m = (struct model){ 0 };
}

/* What goes on as it is with the same index. */
static void take_question(struct model *shown, struct model *before)
{
	shown->newest_day = before->newest_day;
	shown->use = before->use;
	shown->use_loaded = before->use_loaded;
	if (shown->day_graph) {
		shown->graph_day = shown->day;
		free(before->day_graph);
		before->day_graph = index_take_day(shown->index, shown->day_graph);
	} else {
		shown->day_graph = before->day_graph;
		before->day_graph = NULL;
	}
}

/* The one shown is the caller's: it gets what was read, and what it was goes. */
static void take_read(struct model *shown, struct model *before)
{
	struct index *fresh = shown->index;

	shown->index = before->index;
	before->index = fresh;
	shown->owns_index = false;
	before->owns_index = true;
	index_take(shown->index, fresh, shown->day_graph);
	marks_bind(&shown->marks, shown->g);
}

void model_take(struct model *shown, struct model *next)
{
	struct model before = *shown;

	*shown = *next;
	shown->marks = before.marks;
	if (next->owns_index)
		take_read(shown, &before);
	else
		take_question(shown, &before);
	*next = before;
}

struct user_mark *model_copy_marks(const struct model *of, struct model *next)
{
	next->marks = (struct marks){ 0 };
	next->marks.now.n = next->marks.now.cap = of->marks.now.n;
	next->marks.now.v = xmemdup(of->marks.now.v, of->marks.now.n * sizeof(*of->marks.now.v));
	return next->marks.now.v;
}

void model_prepare_score(const struct model *shown, struct model *next)
{
	*next = *shown;
	next->asked = (struct mark_query){ 0 };
	next->impact = NULL;
	next->by_loss = NULL;
	next->n_by_loss = 0;
	next->own = NULL;
	next->answer = NULL;
	next->scoring = false;
	if (next->store)
		marks_query(&shown->marks, shown->g, &next->asked);
}

void model_compute_score(struct model *next)
{
	score(next);
}

void model_take_score(struct model *shown, struct model *next)
{
	struct model before = *shown;

	shown->asked = next->asked;
	shown->impact = next->impact;
	shown->by_loss = next->by_loss;
	shown->n_by_loss = next->n_by_loss;
	shown->own = next->own;
	shown->answer = NULL;
	shown->scoring = false;
	shown->score = next->score;
	next->asked = before.asked;
	next->impact = before.impact;
	next->by_loss = before.by_loss;
	next->n_by_loss = before.n_by_loss;
	next->own = before.own;
	next->answer = before.answer;
}

void model_drop_score(struct model *next)
{
	release_scenario(next);
}

struct number model_count(const struct model *m, uint32_t ca)
{
	return fmt_old(fmt_span(&m->count[ca], m->low[ca] != 0), m->old_below[ca] != 0);
}

uint64_t model_own(const struct model *m, uint32_t ca, enum taken *part)
{
	struct leaf_tally t = { 0 };

	*part = TAKEN_ALL;
	if (m->all_leaves || !m->impact)
		return held_on(m->g, ca, m->day);
	*part = part_trusted(m->impact->trust, ca);
	trust_tally(m->impact->trust, ca, m->day, &t);
	return t.trusted;
}

bool model_only_here(struct model *m, uint32_t ca)
{
	if (!m->here.known || m->here.ca != ca) {
		m->here.ca = ca;
		m->here.known = false;
		m->here.wanted = m->store;
		return false;
	}
	return true;
}

static int compare_roots(const void *a, const void *b)
{
	const struct root_here *x = a, *y = b;

	return (x->ca > y->ca) - (x->ca < y->ca);
}

bool model_only_known(const struct model *m, uint32_t ca, bool as_root, struct number *ret)
{
	const struct root_here key = { .ca = ca }, *root = NULL;
	const struct only_here *here;

	if (ca >= m->n_only)
		return false;
	if (as_root && m->n_only_root)
		root = bsearch(&key, m->only_root, m->n_only_root, sizeof(key), compare_roots);
	here = root ? &root->here : &m->only[ca];
	if (m->shares_of_cas)
		*ret = (struct number){ .n = here->cas };
	else
		*ret = fmt_old(fmt_span(&here->span, here->unbounded_cas != 0), m->old_below[ca] != 0);
	return true;
}

const struct validations *model_use(struct model *m)
{
	struct err err = { 0 };

	if (!m->use_loaded && index_validations(m->index, &m->use, &err) < 0)
		m->use = (struct validations){ 0 };
	m->use_loaded = true;
	return &m->use;
}

const struct key_info *model_key(const struct model *m, uint32_t ca)
{
	m->keys->wanted = true;
	return ca < m->keys->n ? &m->keys->v[ca] : NULL;
}

bool model_work_keys(struct model *m, bool *done)
{
	struct model_keys *k = m->keys;
	uint32_t end = k->n + KEYS_A_PIECE < m->g->ca.n ? k->n + KEYS_A_PIECE : (uint32_t)m->g->ca.n;

	if (!k->wanted || k->n == m->g->ca.n)
		return false;
	if (!k->v)
		k->v = xcalloc(m->g->ca.n, sizeof(*k->v));
	for (; k->n < end; k->n++)
		index_ca_key(m->index, k->n, &k->v[k->n]);
	*done = k->n == m->g->ca.n;
	return true;
}

void model_keys_progress(const struct model *m, uint32_t *read, uint32_t *all)
{
	bool waits = m->keys->wanted && m->keys->n < m->g->ca.n;

	*read = waits ? m->keys->n : 0;
	*all = waits ? (uint32_t)m->g->ca.n : 0;
}

static bool hit(const struct model *m, size_t column, uint32_t ca)
{
	const struct ca *c = &m->g->ca.v[ca];
	char letter = column == m->chosen ? marks_letter(&m->marks, m->g, ca, m->day) : 0;

	if (letter >= 'A' && letter <= 'Z' && letter != actions[ACTION_EXEMPT].letter && letter != actions[ACTION_ASSUME].letter)
		return true;
	for (uint32_t i = 0; i < c->n_certs; i++)
		if (model_refuses(m, column, m->g->ca_certs[c->first_cert + i]))
			return true;
	return false;
}

static enum acceptance acceptance(const struct model *m, size_t column, uint32_t ca)
{
	const struct column *c = &m->column.v[column];

	if (column == m->chosen && m->impact)
		return m->marks.now.n ? trust_after(m->impact->trust, ca) : trust_before(m->impact->trust, ca);
	return c->store ? trust_before(c->trust, ca) : ACCEPT_NONE;
}

static bool is_known(const struct model *m, size_t column)
{
	const struct column *c = &m->column.v[column];

	if (column == m->chosen && m->impact)
		return !model_scoring(m);
	return !c->store || c->trust;
}

enum standing model_standing(const struct model *m, size_t column, uint32_t ca)
{
	enum acceptance a;

	if (!is_known(m, column))
		return STANDS_UNKNOWN;
	a = acceptance(m, column, ca);
	if (a != ACCEPT_NONE && column == m->chosen && model_rests_on_assumed(m, ca))
		return STANDS_ASSUMED;
	if (a != ACCEPT_NONE)
		return a == ACCEPT_ALL ? STANDS_ALL : STANDS_SOME;
	return hit(m, column, ca) ? STANDS_REVOKED : STANDS_NOT;
}

enum standing model_standing_for(struct model *m, size_t column, enum purpose purpose, uint32_t ca)
{
	static const enum standing stands[] = {
		[ACCEPT_NONE] = STANDS_NOT, [ACCEPT_SOME] = STANDS_SOME, [ACCEPT_ALL] = STANDS_ALL
	};
	struct column_other *o = &m->column.v[column].other[purpose];

	if (purpose == m->purpose)
		return model_standing(m, column, ca);
	if (!m->column.v[column].store)
		return STANDS_NOT;
	if (o->known && o->ca == ca)
		return stands[o->accepts];
	*o = (struct column_other){ .ca = ca, .wanted = true };
	return STANDS_UNKNOWN;
}

bool model_lost(const struct model *m, uint32_t ca)
{
	return m->impact && m->marks.now.n && !m->scoring && trust_before(m->impact->trust, ca) != ACCEPT_NONE &&
	       trust_after(m->impact->trust, ca) == ACCEPT_NONE;
}

bool model_touched(const struct model *m, uint32_t ca)
{
	return m->impact && m->marks.now.n && !m->scoring && trust_touched(m->impact->trust, ca);
}

uint32_t model_find_ca(const struct model *m, const uint8_t id[32])
{
	return graph_find_ca(m->g, id);
}

uint32_t model_find_cert(const struct model *m, const uint8_t sha256[32])
{
	return graph_find_cert(m->g, sha256);
}

const char *model_name(const struct model *m, uint32_t ca)
{
	const struct ca *c = &m->g->ca.v[ca];

	if (*c->name)
		return c->name;
	return *c->subject ? c->subject : "(no name)";
}

const struct anchor_rule *model_anchor(const struct store *s, const struct graph *g, uint32_t ca, enum purpose purpose)
{
	const struct ca *c = &g->ca.v[ca];

	for (uint32_t i = 0; s && i < c->n_certs; i++) {
		const struct anchor_rule *r = store_anchor(s, g->ca_certs[c->first_cert + i], purpose);
		if (r)
			return r;
	}
	return NULL;
}

bool model_expired(const struct model *m, uint32_t ca)
{
	const struct ca *c = &m->g->ca.v[ca];

	for (uint32_t i = 0; i < c->n_certs; i++) {
		const struct ca_cert *k = &m->g->cert.v[m->g->ca_certs[c->first_cert + i]];
		if (cert_valid_on(k, m->day) || (k->not_before != TIME_UNKNOWN && date_of_time(k->not_before) > m->day))
			return false;
	}
	return true;
}

bool model_alive(const struct model *m, uint32_t ca)
{
	const struct ca *c = &m->g->ca.v[ca];

	for (uint32_t i = 0; i < c->n_certs; i++)
		if (cert_valid_on(&m->g->cert.v[m->g->ca_certs[c->first_cert + i]], m->day))
			return true;
	return false;
}
