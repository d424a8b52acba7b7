#include "index/cover.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "base/strbuf.h"
#include "db/leafrun.h"
#include "index/hostname.h"
#include "index/state.h"
#include "index/x509.h"

/* One leaf that names what was lost. */
struct hit {
	uint64_t key;
	uint32_t content, name;
	bool any_content; /* it was imported, which knows no contents */
};
struct cover {
	struct index *ix;
	const struct trust *t;
	struct map at;       /* lost names, folded, and the wildcards that stand for them, to their places */
	VEC(bool) covered;
	VEC(struct hit) hit; /* of the CA that is looked at … */
	size_t next;         /* … whose rows are up to here */
	uint32_t ca;
	uint64_t seed[2];
	struct strbuf buf;
	struct map nameless; /* row ids of CAs of which not all names are held */
	struct cover_basis basis;
	struct err *err;
};

bool leaf_is_unexpired(int64_t not_before, int64_t not_after, int32_t day)
{
	if (not_before == TIME_UNKNOWN || not_after == TIME_UNKNOWN)
		return false;
	return not_before <= date_end(day) && not_after >= date_start(day);
}

bool leaf_is_judged(const struct trust *t, int64_t not_before, int64_t not_after, uint8_t eku)
{
	const struct trust_query *q = trust_query(t);

	return leaf_is_unexpired(not_before, not_after, q->day) &&
	       eku_allows_leaf(program_find(q->store->program), eku, q->purpose);
}

struct cover *cover_new(struct index *ix, const struct trust *t)
{
	struct cover *c = xcalloc(1, sizeof(*c));

	c->ix = ix;
	c->t = t;
	strbuf_init(&c->buf, 0);
	return c;
}

void cover_free(struct cover *c)
{
	if (!c)
		return;
	vec_release(&c->covered);
	vec_release(&c->hit);
	map_release(&c->at);
	map_release(&c->nameless);
	strbuf_release(&c->buf);
	free(c);
}

/* ---- names that were lost ---- */

/* Turns "x.a.example" to "*.a.example". False where no wildcard can stand for the name: too few labels, no host name, or itself
 * a wildcard. */
static bool to_wildcard(struct strbuf *name)
{
	const char *dot = memchr(name->buf, '.', name->len);
	size_t rest = dot ? name->len - (size_t)(dot - name->buf) : 0;
	bool is_host = dot && dot > name->buf && memchr(dot + 1, '.', rest - 1) && !memchr(name->buf, '@', name->len) &&
	               name->buf[0] != '*' && !name_is_address(name->buf, name->len);

	if (!is_host)
		return false;
	memmove(name->buf + 1, dot, rest);
	name->buf[0] = '*';
	strbuf_setlen(name, rest + 1);
	return true;
}

static void add_key(struct cover *c)
{
	bool is_new;
	uint64_t *at = map_at(&c->at, c->buf.buf, c->buf.len, &is_new);

	if (!is_new)
		return;
	*at = c->covered.n;
	vec_push(&c->covered, false);
}

void cover_add(struct cover *c, const char *names)
{
	const char *name;
	size_t n;

	while (names && names_next(&names, &name, &n)) {
		strbuf_reset(&c->buf);
		name_fold(name, n, &c->buf);
		add_key(c);
		if (to_wildcard(&c->buf))
			add_key(c);
	}
}

static bool is_covered(const struct cover *c, const struct strbuf *key)
{
	const uint64_t *at = map_get(&c->at, key->buf, key->len);

	return at && c->covered.v[*at];
}

enum covered cover_of(const struct cover *c, const char *names)
{
	struct strbuf key = STRBUF_INIT;
	const char *name;
	bool all = true;
	size_t n;

	if (!names || !*names)
		return COVERED_UNKNOWN;
	while (all && names_next(&names, &name, &n)) {
		strbuf_reset(&key);
		name_fold(name, n, &key);
		all = is_covered(c, &key) || (to_wildcard(&key) && is_covered(c, &key));
	}
	strbuf_release(&key);
	if (all)
		return COVERED_YES;
	return c->basis.nameless ? COVERED_UNKNOWN : COVERED_NO;
}

/* ---- leaves that name them ---- */

/* The wildcards of lost names are keys of their own: a name is looked for as it is. */
static void find_names(struct cover *c, const struct hit *leaf, const char *names)
{
	struct hit hit = *leaf;
	const char *name;
	size_t n;

	while (names_next(&names, &name, &n)) {
		strbuf_reset(&c->buf);
		name_fold(name, n, &c->buf);
		const uint64_t *at = map_get(&c->at, c->buf.buf, c->buf.len);
		if (!at || c->covered.v[*at])
			continue;
		hit.name = (uint32_t)*at;
		vec_push(&c->hit, hit);
	}
}

static int take_kept(void *ctx, struct leaf_key key, const char *names)
{
	find_names(ctx, &(struct hit){ .key = key.key, .content = key.content }, names);
	return 0;
}

static int take_imported(void *ctx, struct db_blob serial, struct db_blob der)
{
	struct cover *c = ctx;
	struct hit leaf = { .key = hash_bytes(c->seed, serial.p, serial.n), .any_content = true };
	struct strbuf names = STRBUF_INIT;
	struct x509_cert cert;

	if (x509_read(der.p, der.n, false, &cert, NULL) == 0) {
		x509_names_text(&cert, &names);
		find_names(c, &leaf, names.buf);
	}
	strbuf_release(&names);
	return 0;
}

/* ---- are these trusted? ---- */

/* Rows ascend by key, as the hits do. */
static int judge_row(void *ctx, const struct leaf_row *row)
{
	struct cover *c = ctx;
	int64_t sct = row->sct == LEAF_TIME_UNKNOWN ? SCT_NONE : row->sct;
	bool accepted = false, asked = false;

	for (; c->next < c->hit.n && c->hit.v[c->next].key <= row->key; c->next++) {
		const struct hit *h = &c->hit.v[c->next];
		bool same = h->any_content || h->content == row->content || (row->flags & LEAF_CONFLICT);
		if (h->key != row->key || !same)
			continue;
		if (!asked)
			accepted = leaf_is_judged(c->t, row->nb, row->na, row->eku) && trust_leaf(c->t, c->ca, row->nb, sct).after;
		asked = true;
		if (accepted)
			c->covered.v[h->name] = true;
	}
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static int look_at(struct cover *c, uint32_t ca)
{
	int64_t id = index_graph(c->ix)->ca.v[ca].db_id;

	c->ca = ca;
	c->hit.n = c->next = 0;
	if (db_each_der_of(c->ix->db, id, take_imported, c, c->err) < 0 || db_each_name_of(c->ix->db, id, take_kept, c, c->err) < 0)
		return -1;
	if (!c->hit.n)
		return 0;
	qsort(c->hit.v, c->hit.n, sizeof(*c->hit.v), by_key);
	return db_each_ct_leaf(c->ix->db, id, judge_row, c, c->err);
}

static int take_nameless(void *ctx, int64_t ca)
{
	struct cover *c = ctx;

	map_at(&c->nameless, &ca, sizeof(ca), NULL);
	return 0;
}

/* Of counters alone nobody knows the names. */
static bool is_nameless(const struct cover *c, const struct ca *ca)
{
	if (ca->coverage == COVERAGE_NONE)
		return false;
	return strcmp(ca->count_source, "crtsh") == 0 || map_get(&c->nameless, &ca->db_id, sizeof(ca->db_id));
}

int cover_find(struct cover *c, struct err *err)
{
	const struct graph *g = index_graph(c->ix);

	c->err = err;
	c->basis = (struct cover_basis){ 0 };
	int rc = db_leaf_key_seed(c->ix->db, c->seed, err);
	if (rc == 0)
		rc = db_each_nameless(c->ix->db, take_nameless, c, err);
	for (uint32_t i = 0; rc == 0 && i < g->ca.n; i++) {
		if (trust_after(c->t, i) == ACCEPT_NONE)
			continue;
		c->basis.cas++;
		c->basis.incomplete += g->ca.v[i].coverage != COVERAGE_COMPLETE;
		c->basis.nameless += is_nameless(c, &g->ca.v[i]);
		if (c->covered.n && g->ca.v[i].coverage != COVERAGE_NONE)
			rc = look_at(c, i);
	}
	/* by the ids of another numbering others' leaves would cover what was lost */
	return rc == 0 ? index_check_ids(c->ix, c->ix->db, err) : -1;
}

struct cover_basis cover_basis(const struct cover *c)
{
	return c->basis;
}
