#include "tui/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "base/text.h"
#include "tui/alike.h"

#define MAX_ROWS 200000
#define MAX_DEPTH 64
#define MAX_PARENTS 256
#define OPEN_LEVELS 12            /* that `*` opens */
#define OPEN_ROWS (MAX_ROWS / 10) /* no further one from so many rows on */

const char *const sort_names[SORTS] = {
	"share",
	"leaves that are known",
	"CAs below",
	"issued",
	"newest leaf",
	"name",
	"owner",
	"only here",
};

/* ---- what there is ---- */

/* usable: by certificate; NULL: by whichever. */
static size_t parents_by(const struct graph *g, const bool *usable, uint32_t ca, uint32_t *ret, size_t max)
{
	const struct ca *c = &g->ca.v[ca];
	size_t n = 0;

	for (uint32_t i = 0; i < c->n_certs; i++) {
		const struct ca_cert *cert = &g->cert.v[g->ca_certs[c->first_cert + i]];
		if (usable && !usable[g->ca_certs[c->first_cert + i]])
			continue;
		for (uint32_t k = 0; k < cert->n_issuers; k++) {
			uint32_t issuer = g->issuers[cert->first_issuer + k];
			size_t j = 0;
			while (j < n && ret[j] != issuer)
				j++;
			if (j == n && issuer != ca && n < max)
				ret[n++] = issuer;
		}
	}
	return n;
}

size_t ca_parents(const struct graph *g, uint32_t ca, uint32_t *ret, size_t max)
{
	return parents_by(g, NULL, ca, ret, max);
}

static bool has_outside_parent(const struct graph *g, uint32_t ca)
{
	uint32_t parents[MAX_PARENTS];
	size_t n = ca_parents(g, ca, parents, MAX_PARENTS);

	for (size_t i = 0; i < n; i++)
		if (g->ca.v[parents[i]].component != g->ca.v[ca].component)
			return true;
	return false;
}

/* Of CAs that certify each other in a ring without anything above, the first stands for all. */
static bool leads_component(const struct graph *g, uint32_t ca)
{
	uint32_t c = g->ca.v[ca].component, first = NO_INDEX;

	for (uint32_t i = g->component_first[c]; i < g->component_first[c + 1]; i++) {
		if (has_outside_parent(g, g->component_cas[i]))
			return false;
		if (g->component_cas[i] < first)
			first = g->component_cas[i];
	}
	return first == ca;
}

static int compare_owners(const void *a, const void *b, void *ctx)
{
	const struct model *m = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return text_order(m->g->ca.v[x].owner, m->g->ca.v[y].owner);
}

/* By CA: is it an anchor of some program, for whatever purpose? Heap. */
static bool *anchors_of_all(const struct model *m)
{
	bool *is = xcalloc(m->g->ca.n + 1, sizeof(*is));

	for (size_t i = 0; i < m->column.n; i++) {
		const struct store *s = m->column.v[i].store;
		for (size_t k = 0; s && k < s->n_rules; k++)
			is[m->g->cert.v[s->rule[k].cert].ca] = true;
	}
	return is;
}

/* The program's anchors are roots even below another one, and also among all: what A adds takes none of them away. */
static void find_roots(struct rows *r, const struct model *m)
{
	bool all = r->all_roots || !m->store;

	free(r->is_root);
	r->is_root = xcalloc(m->g->ca.n + 1, sizeof(*r->is_root));
	r->roots.n = r->outside.n = 0;
	bool *of_others = all || r->by_owner ? anchors_of_all(m) : NULL;
	for (uint32_t ca = 0; ca < m->g->ca.n; ca++) {
		bool anchor = model_anchor(m->store, m->g, ca, m->purpose) || model_is_assumed(m, ca);

		if (!anchor && !(of_others && (of_others[ca] || leads_component(m->g, ca))))
			continue;
		if (!anchor && !all) {
			vec_push(&r->outside, ca);
			continue;
		}
		r->is_root[ca] = true;
		vec_push(&r->roots, ca);
	}
	free(of_others);
	if (r->outside.n)
		qsort_r(r->outside.v, r->outside.n, sizeof(*r->outside.v), compare_owners, (void *)m);
}

static bool hidden(const struct rows *r, const struct model *m, uint32_t ca)
{
	if (r->hide_expired && model_expired(m, ca))
		return true;
	return r->hide_empty && !m->count[ca].high && !m->low[ca];
}

static bool show_above(struct rows *r, const struct graph *g, uint32_t ca)
{
	const struct ca *c = &g->ca.v[ca];

	for (uint32_t k = 0; k < c->n_children && !r->shows[ca]; k++)
		if (r->shows[g->cert.v[g->child_certs[c->first_child + k]].ca])
			return r->shows[ca] = true;
	return false;
}

bool rows_await_keys(const struct rows *r, const struct model *m)
{
	uint32_t read, all = 0;

	if (r->filter.term.n)
		model_keys_progress(m, &read, &all);
	return all;
}

static void apply_filter(struct rows *r, const struct model *m)
{
	const struct graph *g = m->g;
	bool ring = true;

	free(r->fits);
	free(r->shows);
	r->fits = xcalloc(g->ca.n + 1, sizeof(*r->fits));
	r->shows = xcalloc(g->ca.n + 1, sizeof(*r->shows));
	for (uint32_t ca = 0; ca < g->ca.n; ca++)
		r->shows[ca] = r->fits[ca] = !hidden(r, m, ca) && filter_fit(&r->filter, m, ca) == FITS;
	/* Children stand in later components: from the last one up, all below a CA is known before it; only
	 * rings of CAs that certify each other need another round. */
	while (ring) {
		ring = false;
		for (uint32_t i = (uint32_t)g->ca.n; i-- > 0;)
			if (show_above(r, g, g->component_cas[i]))
				ring = true;
	}
}

static bool child_shows(const struct rows *r, const struct model *m, uint32_t parent, uint32_t cert)
{
	uint32_t ca = m->g->cert.v[cert].ca;

	if (ca == parent || !r->shows[ca])
		return false;
	return !r->hide_expired || cert_valid_on(&m->g->cert.v[cert], m->day);
}

static bool has_children(const struct rows *r, const struct model *m, uint32_t ca)
{
	const struct ca *c = &m->g->ca.v[ca];

	for (uint32_t i = 0; i < c->n_children; i++)
		if (child_shows(r, m, ca, m->g->child_certs[c->first_child + i]))
			return true;
	return false;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The CAs below one CA that are to be shown, each once, unsorted; heap. */
static uint32_t *children(const struct rows *r, const struct model *m, uint32_t ca, size_t *ret_n)
{
	const struct ca *c = &m->g->ca.v[ca];
	uint32_t *list = xcalloc(c->n_children + 1, sizeof(*list));
	size_t n = 0, kept = 0;

	for (uint32_t i = 0; i < c->n_children; i++) {
		uint32_t cert = m->g->child_certs[c->first_child + i];
		if (child_shows(r, m, ca, cert))
			list[n++] = m->g->cert.v[cert].ca;
	}
	if (n)
		qsort(list, n, sizeof(*list), by_number);
	for (size_t i = 0; i < n; i++)
		if (!i || list[i] != list[i - 1])
			list[kept++] = list[i];
	*ret_n = kept;
	return list;
}

/* ---- what stands below what ---- */

/* By a certificate under this parent, NO_INDEX: under any; by all: that nobody revokes, whether the program heeds it or not. */
static bool edge_usable(const struct model *m, uint32_t parent, uint32_t ca, bool by_all)
{
	const struct ca *c = &m->g->ca.v[ca];

	for (uint32_t i = 0; i < c->n_certs; i++) {
		uint32_t cert = m->g->ca_certs[c->first_cert + i];
		const struct ca_cert *k = &m->g->cert.v[cert];
		if (by_all ? !cert_usable_on(m->g, cert, m->day) : !m->usable[cert])
			continue;
		for (uint32_t j = 0; j < k->n_issuers; j++)
			if (parent == NO_INDEX || m->g->issuers[k->first_issuer + j] == parent)
				return true;
		if (parent == NO_INDEX)
			return true;
	}
	return false;
}

/* What stands below a CA by nothing usable is in no number of it, and has no share of it. */
static bool is_apart(const struct model *m, uint32_t parent, uint32_t ca)
{
	return parent != NO_INDEX && !edge_usable(m, parent, ca, false);
}

/* ---- order ---- */

/* What a CA is sorted by, ascending: looked up once a CA, not once a comparison. */
struct sorted {
	uint64_t key, then;
	uint32_t ca;
	bool apart; /* behind those that are in the number of the row above, where sums are sorted by */
};
struct order {
	const struct model *m;
	bool owners, reverse;
};

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static uint64_t only_here(const struct model *m, uint32_t ca, bool as_root)
{
	struct number n;

	return model_only_known(m, ca, as_root, &n) ? n.n : 0;
}

/* The first bytes in small letters: where they differ, they compare as text_order() does. */
static uint64_t beginning(const char *s)
{
	struct strbuf small = STRBUF_INIT;
	size_t len = strlen(s);
	uint64_t b = 0;
	uint32_t cp;

	for (int n; small.len < sizeof(b) && (n = text_decode(s, len, &cp)) > 0; s += n, len -= (size_t)n)
		text_encode(&small, text_lower(cp));
	for (size_t i = 0; i < sizeof(b); i++)
		b = b << 8 | (i < small.len ? (unsigned char)small.buf[i] : 0);
	strbuf_release(&small);
	return b;
}

static struct sorted sorted_by(const struct rows *r, const struct model *m, uint32_t ca, bool as_root)
{
	switch (r->sort) {
	case SORT_COUNT:
		return (struct sorted){ ~(m->shares_of_cas ? m->cas[ca] : m->count[ca].low), ~m->cas[ca], ca, false };
	case SORT_LEAVES:
		return (struct sorted){ ~m->count[ca].low, ~m->count[ca].high, ca, false };
	case SORT_ISSUED:
		return (struct sorted){ ~m->issued[ca], ~m->cas[ca], ca, false };
	case SORT_NEWEST:
		return (struct sorted){ (uint64_t)INT32_MAX - (uint64_t)(int64_t)m->newest[ca], ~m->cas[ca], ca, false };
	case SORT_ONLY:
		return (struct sorted){ ~only_here(m, ca, as_root), ~m->cas[ca], ca, false };
	case SORT_OWNER:
		return (struct sorted){ beginning(m->g->ca.v[ca].owner), 0, ca, false };
	case SORT_NAME:
		return (struct sorted){ beginning(model_name(m, ca)), 0, ca, false };
	default:
		return (struct sorted){ ~m->cas[ca], 0, ca, false };
	}
}

static int compare_cas(const void *a, const void *b, void *ctx)
{
	const struct order *o = ctx;
	const struct sorted *x = a, *y = b;
	int c = compare_u64(y->key, x->key);

	if (x->apart != y->apart)
		return x->apart ? 1 : -1;
	if (!c && o->owners)
		c = text_order(o->m->g->ca.v[x->ca].owner, o->m->g->ca.v[y->ca].owner);
	if (!c)
		c = compare_u64(y->then, x->then);
	if (!c)
		c = text_order(model_name(o->m, x->ca), model_name(o->m, y->ca));
	if (!c)
		c = memcmp(o->m->g->ca.v[x->ca].id, o->m->g->ca.v[y->ca].id, 32);
	return o->reverse ? -c : c;
}

static void sort_cas(const struct rows *r, const struct model *m, uint32_t parent, uint32_t *list, size_t n)
{
	const bool sums = r->sort == SORT_COUNT || r->sort == SORT_LEAVES || r->sort == SORT_CAS || r->sort == SORT_ISSUED;
	struct order o = { m, r->sort == SORT_OWNER, r->reverse };
	struct sorted *s;

	if (n < 2)
		return;
	s = xreallocarray(NULL, n, sizeof(*s));
	for (size_t i = 0; i < n; i++) {
		s[i] = sorted_by(r, m, list[i], parent == NO_INDEX);
		s[i].apart = sums && is_apart(m, parent, list[i]);
	}
	qsort_r(s, n, sizeof(*s), compare_cas, &o);
	for (size_t i = 0; i < n; i++)
		list[i] = s[i].ca;
	free(s);
}

/* ---- rows ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint64_t ca_path(const struct model *m, uint64_t parent, uint32_t ca)
{
	uint64_t id;

	memcpy(&id, m->g->ca.v[ca].id, sizeof(id));
	return mix(mix(parent, 1), id);
}

uint64_t rows_owner_path(const char *owner)
{
	uint64_t h = 2;

	for (; *owner; owner++)
		h = mix(h, (unsigned char)*owner);
	return h;
}

static bool above_itself(const struct rows *r, uint32_t row, uint32_t ca)
{
	for (; row != NO_INDEX; row = r->row.v[row].parent)
		if (r->row.v[row].ca == ca)
			return true;
	return false;
}

static bool is_open(const struct rows *r, const struct row *row)
{
	if ((r->opening && row->depth < OPEN_LEVELS) || idset_has(&r->open, row->path))
		return true;
	return r->filter.term.n && row->depth < 8 && !idset_has(&r->shut, row->path);
}

static uint64_t measure(const struct model *m, const struct row *row)
{
	return m->shares_of_cas ? row->cas + (row->ca != NO_INDEX) : row->count.n;
}

static struct row make_row(const struct rows *r, const struct model *m, uint32_t ca, uint32_t parent)
{
	const struct row *up = parent == NO_INDEX ? NULL : &r->row.v[parent];
	uint32_t up_ca = up ? up->ca : NO_INDEX, parents[MAX_PARENTS];
	struct row row = {
		.path = ca_path(m, up ? up->path : 0, ca),
		.ca = ca,
		.parent = parent,
		.depth = (uint16_t)(up ? up->depth + 1 : 0),
		.count = model_count(m, ca),
		.cas = m->cas[ca] ? m->cas[ca] - 1 : 0,
		.issued = m->issued[ca],
		.newest = m->newest[ca],
		.fits = r->fits[ca],
	};

	row.places = (uint32_t)ca_parents(m->g, ca, parents, MAX_PARENTS) + r->is_root[ca];
	row.cycle = above_itself(r, parent, ca);
	row.usable = edge_usable(m, up_ca, ca, false);
	row.apart = up_ca != NO_INDEX && !row.usable;
	row.revoked_elsewhere = row.usable && !edge_usable(m, up_ca, ca, true);
	row.openable = !row.cycle && row.depth < MAX_DEPTH && has_children(r, m, ca);
	row.open = row.openable && is_open(r, &row);
	return row;
}

static void add_below(struct rows *r, const struct model *m, uint32_t row);

/* A list of CAs as rows, sorted; whole: what the shares are shares of. */
static void add_list(struct rows *r, const struct model *m, uint32_t *list, size_t n, uint32_t parent, uint64_t whole)
{
	const uint32_t up = parent == NO_INDEX ? NO_INDEX : r->row.v[parent].ca;
	uint64_t largest = 0;
	uint8_t *alike;

	sort_cas(r, m, up, list, n);
	alike = alike_find(m, list, n);
	for (size_t i = 0; i < n; i++) {
		uint64_t v = m->shares_of_cas ? m->cas[list[i]] : m->count[list[i]].low;
		largest = v > largest && !is_apart(m, up, list[i]) ? v : largest;
	}
	for (size_t i = 0; i < n; i++) {
		struct row row = make_row(r, m, list[i], parent);
		if (r->row.n >= (r->opening ? r->opening : MAX_ROWS)) {
			r->truncated = true;
			break;
		}
		row.last = i + 1 == n;
		row.whole = whole;
		row.largest = largest;
		row.alike = alike[i];
		vec_push(&r->row, row);
		if (row.open)
			add_below(r, m, (uint32_t)r->row.n - 1);
	}
	free(alike);
}

static void add_below(struct rows *r, const struct model *m, uint32_t row)
{
	size_t n;
	uint32_t *list = children(r, m, r->row.v[row].ca, &n);

	add_list(r, m, list, n, row, measure(m, &r->row.v[row]));
	free(list);
}

static uint64_t whole_index(const struct model *m)
{
	if (m->shares_of_cas)
		return m->g->ca.n;
	return m->all_leaves || !m->impact ? m->total.n : m->trusted.n;
}

/* ---- grouped by owner ---- */

/* What hangs below an owner's roots. */
struct owner_sum {
	const struct model *m;
	struct figure_sum sum;
	uint64_t cas, issued;
	int32_t newest; /* INT32_MIN: no leaf */
	bool low, old;
};

static void add_ca(void *ctx, uint32_t ca)
{
	struct owner_sum *s = ctx;
	enum taken part;
	uint64_t n = model_own(s->m, ca, &part);

	figure_sum_add(&s->sum, ca, part, n);
	const struct ca *c = &s->m->g->ca.v[ca];

	s->cas++;
	s->issued += c->issued;
	if (c->issued && c->last_nb_day > s->newest)
		s->newest = c->last_nb_day;
	s->low |= model_uncounted(s->m, ca);
	s->old |= model_counted_long_ago(s->m, ca);
}

/* The leaves of all CAs at and below the roots, each once, whoever operates them: what is at stake with the owner. */
static struct number owner_count(struct owner_sum *s, struct descent *d, const uint32_t *roots, size_t n)
{
	struct span span;

	s->cas = s->issued = 0;
	s->newest = INT32_MIN;
	s->low = s->old = false;
	descent_each(d, roots, n, add_ca, s);
	span = figure_sum_end(&s->sum, s->m->beyond);
	return fmt_old(fmt_span(&span, s->low), s->old);
}

struct group {
	uint32_t first, n, shown; /* in the list of roots sorted by owner */
	uint32_t outside;         /* other ones of his */
	struct number count;
	uint64_t cas, issued;
	int32_t newest;
	uint64_t key, then; /* what it is sorted by, ascending */
};

/* As sorted_by() a CA; what would be lost with an owner nobody tells: by the root with which most is. */
static void sort_group_by(const struct rows *r, const struct model *m, const uint32_t *roots, struct group *g)
{
	bool by_name = r->sort == SORT_NAME || r->sort == SORT_OWNER;
	uint64_t only = 0;

	for (uint32_t i = 0; r->sort == SORT_ONLY && i < g->n; i++) {
		uint64_t n = only_here(m, roots[g->first + i], true);
		only = n > only ? n : only;
	}
	g->then = by_name ? 0 : ~g->cas;
	switch (r->sort) {
	case SORT_COUNT:
		g->key = m->shares_of_cas ? ~g->cas : ~g->count.n;
		break;
	case SORT_LEAVES:
		g->key = ~g->count.n;
		break;
	case SORT_ISSUED:
		g->key = ~g->issued;
		break;
	case SORT_NEWEST:
		g->key = (uint64_t)INT32_MAX - (uint64_t)(int64_t)g->newest;
		break;
	case SORT_ONLY:
		g->key = ~only;
		break;
	default:
		g->key = g->then;
	}
}

static int compare_groups(const void *a, const void *b, void *ctx)
{
	const struct group *x = a, *y = b;
	const struct rows *r = ctx;
	int c = compare_u64(y->key, x->key);

	if (!c)
		c = compare_u64(y->then, x->then);
	if (!c)
		c = (x->first > y->first) - (x->first < y->first);
	return r->reverse ? -c : c;
}

/* Those that are shown, unsorted; heap. */
static uint32_t *roots_of(const struct rows *r, const struct model *m, const char *owner, size_t *ret_n)
{
	uint32_t *roots = xcalloc(r->roots.n + 1, sizeof(*roots));
	size_t n = 0;

	for (size_t i = 0; i < r->roots.n; i++)
		if (r->shows[r->roots.v[i]] && !strcmp(m->g->ca.v[r->roots.v[i]].owner, owner))
			roots[n++] = r->roots.v[i];
	*ret_n = n;
	return roots;
}

/* Behind the last row. */
static void add_of_owner(struct rows *r, const struct model *m, uint32_t row)
{
	size_t n;
	uint32_t *roots = roots_of(r, m, r->row.v[row].owner, &n);

	add_list(r, m, roots, n, row, measure(m, &r->row.v[row]));
	free(roots);
}

static void add_group(struct rows *r, const struct model *m, uint32_t *roots, const struct group *g, uint64_t largest)
{
	struct row row = {
		.ca = NO_INDEX,
		.owner = m->g->ca.v[roots[g->first]].owner,
		.parent = NO_INDEX,
		.n_roots = g->shown,
		.n_all = g->n + g->outside,
		.openable = true,
		.usable = true,
		.fits = true,
		.count = g->count,
		.cas = g->cas,
		.issued = g->issued,
		.newest = g->newest,
		.whole = whole_index(m),
		.largest = largest,
	};

	row.path = rows_owner_path(row.owner);
	row.open = is_open(r, &row);
	vec_push(&r->row, row);
	if (row.open)
		add_of_owner(r, m, (uint32_t)r->row.n - 1);
}

/* Those of the owner of this root; asked of one owner after the other, *at goes on. */
static uint32_t outside_of(const struct rows *r, const struct model *m, uint32_t root, size_t *at)
{
	uint32_t n = 0;
	int c = -1;

	while (*at < r->outside.n && (c = compare_owners(&r->outside.v[*at], &root, (void *)m)) <= 0) {
		n += c == 0;
		++*at;
	}
	return n;
}

/* Hidden ones are counted, too, as below a CA. */
static void add_owners(struct rows *r, const struct model *m)
{
	struct owner_sum sum = { .m = m, .sum = figure_sum_begin(m->g) };
	struct descent *d = descent_new(m->g, m->usable);
	uint32_t *roots = xmemdup(r->roots.v, r->roots.n * sizeof(*roots));
	VEC(struct group) groups = { 0 };
	uint64_t largest = 0;
	size_t at = 0;

	qsort_r(roots, r->roots.n, sizeof(*roots), compare_owners, (void *)m);
	for (size_t i = 0, n; i < r->roots.n; i += n) {
		struct group g = { .first = (uint32_t)i };
		uint64_t v;

		for (n = 0; i + n < r->roots.n && !compare_owners(&roots[i], &roots[i + n], (void *)m); n++)
			g.shown += r->shows[roots[i + n]];
		if (!g.shown)
			continue;
		g.n = (uint32_t)n;
		g.outside = outside_of(r, m, roots[i], &at);
		g.count = owner_count(&sum, d, &roots[i], n);
		g.cas = sum.cas;
		g.issued = sum.issued;
		g.newest = sum.newest;
		sort_group_by(r, m, roots, &g);
		v = m->shares_of_cas ? g.cas : g.count.n;
		largest = v > largest ? v : largest;
		vec_push(&groups, g);
	}
	if (groups.n) /* all may be hidden */
		qsort_r(groups.v, groups.n, sizeof(*groups.v), compare_groups, r);
	for (size_t i = 0; i < groups.n; i++)
		add_group(r, m, roots, &groups.v[i], largest);
	free(roots);
	descent_free(d);
	figure_sum_release(&sum.sum);
	vec_release(&groups);
}

/* ---- the cursor ---- */

const struct row *rows_at(const struct rows *r)
{
	return r->cursor < r->row.n ? &r->row.v[r->cursor] : NULL;
}

void rows_keep_cursor(struct rows *r)
{
	r->trail.n = 0;
	r->trail_ca = NO_INDEX;
	if (!rows_at(r))
		return;
	r->trail_ca = rows_at(r)->ca;
	for (uint32_t i = r->cursor; i != NO_INDEX; i = r->row.v[i].parent)
		vec_push(&r->trail, r->row.v[i].path);
}

/* The same row, else the same CA elsewhere, else the deepest row above it that is still there. A row that is d deep can
 * only be the part of the trail that was. */
static void restore_cursor(struct rows *r)
{
	size_t best = r->trail.n;
	uint32_t at = r->cursor, same = NO_INDEX;

	for (uint32_t i = 0; i < r->row.n && best; i++) {
		const struct row *row = &r->row.v[i];
		size_t k = r->trail.n - 1 - row->depth;

		if (same == NO_INDEX && r->trail_ca != NO_INDEX && row->ca == r->trail_ca)
			same = i;
		if (row->depth < r->trail.n && k < best && row->path == r->trail.v[k]) {
			best = k;
			at = i;
		}
	}
	if (best && same != NO_INDEX)
		at = same;
	r->cursor = r->row.n && at >= r->row.n ? (uint32_t)r->row.n - 1 : at;
	if (!r->row.n)
		r->cursor = 0;
}

static void lay_out(struct rows *r, const struct model *m)
{
	uint32_t *roots = xcalloc(r->roots.n + 1, sizeof(*roots));
	size_t n = 0;

	r->row.n = 0;
	r->truncated = false;
	for (size_t i = 0; i < r->roots.n; i++)
		if (r->shows[r->roots.v[i]])
			roots[n++] = r->roots.v[i];
	if (r->by_owner)
		add_owners(r, m);
	else
		add_list(r, m, roots, n, NO_INDEX, whole_index(m));
	free(roots);
}

void rows_layout(struct rows *r, const struct model *m)
{
	rows_keep_cursor(r);
	lay_out(r, m);
	restore_cursor(r);
}

/* What the filter would have besides what is shown: nobody is to take that for all there is. */
static void count_beyond(struct rows *r, const struct model *m)
{
	bool *below = xcalloc(m->g->ca.n + 1, sizeof(*below));
	VEC(uint32_t) open = { 0 };

	for (size_t i = 0; i < r->roots.n; i++)
		if (r->shows[r->roots.v[i]] && !below[r->roots.v[i]]) {
			below[r->roots.v[i]] = true;
			vec_push(&open, r->roots.v[i]);
		}
	while (open.n) {
		uint32_t ca = open.v[--open.n];
		const struct ca *c = &m->g->ca.v[ca];

		for (uint32_t i = 0; i < c->n_children; i++) {
			uint32_t cert = m->g->child_certs[c->first_child + i], child = m->g->cert.v[cert].ca;
			if (below[child] || !child_shows(r, m, ca, cert))
				continue;
			below[child] = true;
			vec_push(&open, child);
		}
	}
	for (uint32_t ca = 0; ca < m->g->ca.n; ca++) {
		bool away = r->fits[ca] && !below[ca] && !r->all_roots && m->store;
		r->elsewhere += away;
		r->fitting += r->fits[ca] && !away;
		if (r->fits[ca] || hidden(r, m, ca))
			continue;
		r->unowned += filter_may_own(&r->filter, m, ca);
		r->undecided += filter_fit(&r->filter, m, ca) == FIT_UNKNOWN;
	}
	vec_release(&open);
	free(below);
}

void rows_build(struct rows *r, const struct model *m)
{
	find_roots(r, m);
	apply_filter(r, m);
	r->fitting = r->elsewhere = r->unowned = r->undecided = 0;
	filter_vain(&r->filter, m, &r->vain);
	if (r->filter.term.n)
		count_beyond(r, m);
	rows_layout(r, m);
}

/* ---- open and shut ---- */

/* The first row behind it and all that is below it. */
static uint32_t end_below(const struct rows *r, uint32_t row)
{
	uint32_t end = row + 1;

	while (end < r->row.n && r->row.v[end].depth > r->row.v[row].depth)
		end++;
	return end;
}

/* Rows from `at` on moved from where those behind `from` were. */
static void renumber(struct rows *r, uint32_t at, uint32_t end, uint32_t from, uint32_t by)
{
	for (; at < end; at++)
		if (r->row.v[at].parent != NO_INDEX && r->row.v[at].parent >= from)
			r->row.v[at].parent += by;
}

/* Puts what was added behind the last row, from `first` on, behind `row`. */
static void move_up(struct rows *r, uint32_t row, uint32_t first)
{
	uint32_t n = (uint32_t)r->row.n - first, at = row + 1;
	struct row *below;

	if (!n || at == first)
		return;
	below = xmemdup(&r->row.v[first], n * sizeof(*below));
	memmove(&r->row.v[at + n], &r->row.v[at], (first - at) * sizeof(*below));
	memcpy(&r->row.v[at], below, n * sizeof(*below));
	free(below);
	renumber(r, at, at + n, first, at - first);
	renumber(r, at + n, (uint32_t)r->row.n, at, n);
}

/* Without laying out the others. */
static void add_in_place(struct rows *r, const struct model *m, uint32_t row)
{
	uint32_t first = (uint32_t)r->row.n;

	r->row.v[row].open = true;
	if (r->row.v[row].ca == NO_INDEX)
		add_of_owner(r, m, row);
	else
		add_below(r, m, row);
	move_up(r, row, first);
	if (r->cursor > row)
		r->cursor += (uint32_t)r->row.n - first;
}

static void take_out(struct rows *r, uint32_t row)
{
	uint32_t at = row + 1, end = end_below(r, row), n = end - at;

	r->row.v[row].open = false;
	memmove(&r->row.v[at], &r->row.v[end], (r->row.n - end) * sizeof(*r->row.v));
	r->row.n -= n;
	renumber(r, at, (uint32_t)r->row.n, end, -n);
	if (r->cursor >= end)
		r->cursor -= n;
	else if (r->cursor > row)
		r->cursor = row;
}

void rows_open(struct rows *r, const struct model *m, uint32_t row)
{
	if (!r->row.v[row].openable || r->row.v[row].open)
		return;
	idset_add(&r->open, r->row.v[row].path);
	idset_remove(&r->shut, r->row.v[row].path);
	if (!r->truncated)
		add_in_place(r, m, row);
	/* What is too much is not necessarily what was added. */
	if (r->truncated)
		rows_layout(r, m);
}

void rows_shut(struct rows *r, const struct model *m, uint32_t row)
{
	if (!r->row.v[row].open)
		return;
	idset_remove(&r->open, r->row.v[row].path);
	if (r->filter.term.n)
		idset_add(&r->shut, r->row.v[row].path);
	if (r->truncated)
		rows_layout(r, m);
	else
		take_out(r, row);
}

void rows_shut_all(struct rows *r, const struct model *m)
{
	for (size_t i = 0; r->filter.term.n && i < r->row.n; i++)
		idset_add(&r->shut, r->row.v[i].path);
	idset_clear(&r->open);
	rows_layout(r, m);
}

/* Level by level, so that what a limit leaves out is the deepest. */
static void open_levels(struct rows *r, const struct model *m)
{
	bool more = true;

	for (int level = 0; more && level < OPEN_LEVELS && r->row.n < OPEN_ROWS; level++) {
		more = false;
		for (size_t i = 0; i < r->row.n; i++) {
			if (!r->row.v[i].openable || r->row.v[i].open)
				continue;
			vec_push(&r->open.id, r->row.v[i].path);
			more = true;
		}
		idset_sort(&r->open);
		lay_out(r, m);
	}
}

/* All levels at once, where no limit leaves anything out; false where one does. */
static bool open_at_once(struct rows *r, const struct model *m)
{
	VEC(uint64_t) fresh = { 0 };

	r->opening = OPEN_ROWS;
	lay_out(r, m);
	r->opening = 0;
	if (r->truncated)
		return false;
	for (size_t i = 0; i < r->row.n; i++)
		if (r->row.v[i].open && !is_open(r, &r->row.v[i]))
			vec_push(&fresh, r->row.v[i].path);
	for (size_t i = 0; i < fresh.n; i++)
		vec_push(&r->open.id, fresh.v[i]);
	idset_sort(&r->open);
	vec_release(&fresh);
	return true;
}

void rows_open_all(struct rows *r, const struct model *m)
{
	idset_clear(&r->shut);
	rows_keep_cursor(r);
	if (!open_at_once(r, m)) {
		lay_out(r, m);
		open_levels(r, m);
	}
	restore_cursor(r);
}

/* Opens and shuts rows where what is to be open changed. */
static void follow(struct rows *r, const struct model *m)
{
	for (uint32_t row = 0; row < r->row.n && !r->truncated; row++) {
		bool was = r->row.v[row].open, is = r->row.v[row].openable && is_open(r, &r->row.v[row]);
		if (was && !is)
			take_out(r, row);
		else if (is && !was)
			add_in_place(r, m, row);
	}
	if (r->truncated)
		rows_layout(r, m);
}

void rows_set_open(struct rows *r, const struct model *m, const struct rows_open *as)
{
	if (idset_same(&r->open, &as->open) && idset_same(&r->shut, &as->shut))
		return;
	idset_copy(&r->open, &as->open);
	idset_copy(&r->shut, &as->shut);
	follow(r, m);
}

/* ---- other rows beside ---- */

void rows_copy_how(struct rows *to, const struct rows *from)
{
	to->sort = from->sort;
	to->reverse = from->reverse;
	to->all_roots = from->all_roots;
	to->hide_expired = from->hide_expired;
	to->hide_empty = from->hide_empty;
	to->by_owner = from->by_owner;
	filter_release(&to->filter);
	if (from->filter.text)
		filter_parse(&to->filter, from->filter.text, NULL, NULL);
}

bool rows_same_how(const struct rows *a, const struct rows *b)
{
	const char *x = a->filter.text ? a->filter.text : "", *y = b->filter.text ? b->filter.text : "";

	return a->sort == b->sort && a->reverse == b->reverse && a->all_roots == b->all_roots &&
	       a->hide_expired == b->hide_expired && a->hide_empty == b->hide_empty && a->by_owner == b->by_owner &&
	       strcmp(x, y) == 0;
}

void rows_prepare(const struct rows *shown, struct rows *next, struct rows_open *was)
{
	idset_copy(&next->open, &shown->open);
	idset_copy(&next->shut, &shown->shut);
	idset_copy(&was->open, &shown->open);
	idset_copy(&was->shut, &shown->shut);
}

/* To `to` what came to `now` since `was`, and away what went. */
static void merge(struct idset *to, const struct idset *was, const struct idset *now)
{
	for (size_t i = 0; i < now->id.n; i++)
		if (!idset_has(was, now->id.v[i]))
			idset_add(to, now->id.v[i]);
	for (size_t i = 0; i < was->id.n; i++)
		if (!idset_has(now, was->id.v[i]))
			idset_remove(to, was->id.v[i]);
}

static void follow_cursor(struct rows *shown, struct rows *next)
{
	rows_keep_cursor(shown);
	next->cursor = shown->cursor;
	next->top = shown->top;
	next->trail_ca = shown->trail_ca;
	next->trail.n = 0;
	for (size_t i = 0; i < shown->trail.n; i++)
		vec_push(&next->trail, shown->trail.v[i]);
	restore_cursor(next);
}

void rows_take(struct rows *shown, struct rows *next, const struct rows_open *was, const struct model *m, bool moved)
{
	struct rows before;

	if (!idset_same(&was->open, &shown->open) || !idset_same(&was->shut, &shown->shut)) {
		merge(&next->open, &was->open, &shown->open);
		merge(&next->shut, &was->shut, &shown->shut);
		follow(next, m);
	}
	if (!moved)
		follow_cursor(shown, next);
	before = *shown;
	*shown = *next;
	*next = before;
}

/* ---- the way to a CA ---- */

/* Steps upwards; those that were taken are few, so that nothing is as long as the hierarchy. */
struct climb {
	struct step {
		uint32_t ca, down; /* down: the step below, NO_INDEX at the start */
	} *v;
	size_t n, cap;
	struct map seen;
};

static void climb_to(struct climb *c, uint32_t ca, uint32_t down)
{
	bool is_new;

	map_at(&c->seen, &ca, sizeof(ca), &is_new);
	if (is_new)
		vec_push(c, ((struct step){ ca, down }));
}

/* Breadth first upwards: the shortest way from a root down to `from`. Returns the root's step. */
static uint32_t climb_by(struct climb *c, const struct rows *r, const struct model *m, bool usable, uint32_t from, uint32_t avoid)
{
	uint32_t parents[MAX_PARENTS];

	climb_to(c, from, NO_INDEX);
	for (uint32_t i = 0; i < c->n; i++) {
		if (r->is_root[c->v[i].ca] && (!usable || edge_usable(m, NO_INDEX, c->v[i].ca, false)))
			return i;
		size_t n = parents_by(m->g, usable ? m->usable : NULL, c->v[i].ca, parents, MAX_PARENTS);
		for (size_t k = 0; k < n; k++)
			if (parents[k] != avoid)
				climb_to(c, parents[k], i);
	}
	return NO_INDEX;
}

/* Where some way has only usable steps, the shortest of those: in a place that is dead nothing tells what the CA is. */
static uint32_t climb(struct climb *c, const struct rows *r, const struct model *m, uint32_t from, uint32_t avoid)
{
	uint32_t root = climb_by(c, r, m, true, from, avoid);

	if (root != NO_INDEX)
		return root;
	c->n = 0;
	map_release(&c->seen);
	return climb_by(c, r, m, false, from, avoid);
}

static uint32_t row_of_path(const struct rows *r, uint64_t path, uint32_t from)
{
	for (uint32_t i = from; i < r->row.n; i++)
		if (r->row.v[i].path == path)
			return i;
	return NO_INDEX;
}

uint32_t rows_open_way(struct rows *r, const struct model *m, const uint64_t *path, size_t n)
{
	uint32_t at = 0;

	for (size_t i = 0; i + 1 < n; i++) {
		at = at == NO_INDEX ? NO_INDEX : row_of_path(r, path[i], at);
		if (at != NO_INDEX)
			rows_open(r, m, at);
		idset_add(&r->open, path[i]);
		idset_remove(&r->shut, path[i]);
	}
	return n && at != NO_INDEX ? row_of_path(r, path[n - 1], at) : NO_INDEX;
}

/* `below`: one more CA at the end, or NO_INDEX. */
static void open_way(struct rows *r, const struct model *m, const struct climb *c, uint32_t step, uint32_t below)
{
	VEC(uint64_t) way = { 0 };
	uint64_t path = 0;
	uint32_t at;

	if (r->by_owner) {
		path = rows_owner_path(m->g->ca.v[c->v[step].ca].owner);
		vec_push(&way, path);
	}
	for (; step != NO_INDEX; step = c->v[step].down) {
		path = ca_path(m, path, c->v[step].ca);
		vec_push(&way, path);
	}
	if (below != NO_INDEX)
		vec_push(&way, ca_path(m, path, below));
	at = rows_open_way(r, m, way.v, way.n);
	if (at != NO_INDEX)
		r->cursor = at;
	vec_release(&way);
}

bool rows_reveal(struct rows *r, const struct model *m, uint32_t ca, uint32_t parent)
{
	bool below = parent != NO_INDEX;
	struct climb c = { .n = 0 };
	uint32_t root = climb(&c, r, m, below ? parent : ca, below ? ca : NO_INDEX);

	if (root != NO_INDEX)
		open_way(r, m, &c, root, below ? ca : NO_INDEX);
	vec_release(&c);
	map_release(&c.seen);
	return root != NO_INDEX && rows_at(r) && rows_at(r)->ca == ca;
}

/* As they are sorted; NO_INDEX: none is shown. */
static uint32_t first_root(const struct rows *r, const struct model *m, const char *owner)
{
	size_t n;
	uint32_t *roots = roots_of(r, m, owner, &n), first;

	sort_cas(r, m, NO_INDEX, roots, n);
	first = n ? roots[0] : NO_INDEX;
	free(roots);
	return first;
}

uint64_t *rows_regrouped(const struct rows *r, const struct model *m, bool by_owner, size_t *ret_n, uint32_t *ret_ca)
{
	const struct row *row = rows_at(r);
	uint32_t ca[MAX_DEPTH + 2]; /* from the cursor up to the root */
	VEC(uint64_t) way = { 0 };
	uint64_t path = 0;
	size_t n = 0;

	if (row && row->ca == NO_INDEX)
		ca[n++] = first_root(r, m, row->owner);
	for (; row && row->ca != NO_INDEX && n < MAX_DEPTH + 2; row = row->parent == NO_INDEX ? NULL : &r->row.v[row->parent])
		ca[n++] = row->ca;
	if (!n || ca[0] == NO_INDEX)
		return NULL;
	*ret_ca = ca[0];
	if (by_owner) {
		path = rows_owner_path(m->g->ca.v[ca[n - 1]].owner);
		vec_push(&way, path);
	}
	while (n--) {
		path = ca_path(m, path, ca[n]);
		vec_push(&way, path);
	}
	*ret_n = way.n;
	return way.v;
}

static bool edge_shows(const struct rows *r, const struct model *m, uint32_t parent, uint32_t ca)
{
	const struct ca *c = &m->g->ca.v[parent];

	for (uint32_t i = 0; i < c->n_children; i++) {
		uint32_t cert = m->g->child_certs[c->first_child + i];

		if (m->g->cert.v[cert].ca == ca && child_shows(r, m, parent, cert))
			return true;
	}
	return false;
}

enum row_way rows_way(const struct rows *r, const struct model *m, uint32_t ca, uint32_t parent)
{
	bool below = parent != NO_INDEX;
	struct climb c = { .n = 0 };
	uint32_t step = climb(&c, r, m, below ? parent : ca, below ? ca : NO_INDEX);
	enum row_way way = step == NO_INDEX ? WAY_NONE : r->shows[c.v[step].ca] ? WAY_SHOWN : WAY_HIDDEN;

	while (way == WAY_SHOWN && step != NO_INDEX) {
		uint32_t down = c.v[step].down, to = down != NO_INDEX ? c.v[down].ca : below ? ca : NO_INDEX;

		if (to != NO_INDEX && !edge_shows(r, m, c.v[step].ca, to))
			way = WAY_HIDDEN;
		step = down;
	}
	vec_release(&c);
	map_release(&c.seen);
	return way;
}

uint32_t rows_all_of_owner(const struct rows *r, const char *owner)
{
	const uint64_t path = rows_owner_path(owner);

	for (size_t i = 0; i < r->row.n; i++)
		if (r->row.v[i].path == path && r->row.v[i].ca == NO_INDEX)
			return r->row.v[i].n_all;
	return 0;
}

void rows_release(struct rows *r)
{
	vec_release(&r->row);
	vec_release(&r->roots);
	vec_release(&r->outside);
	vec_release(&r->trail);
	idset_release(&r->open);
	idset_release(&r->shut);
	filter_release(&r->filter);
	filter_vain_release(&r->vain);
	free(r->shows);
	free(r->fits);
	free(r->is_root);
}
