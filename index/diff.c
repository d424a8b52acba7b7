#include "index/diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "index/chromestore.h"
#include "index/figures.h"
#include "index/state.h"

const struct diff_kind_info diff_kinds[DIFF_KINDS + 1] = {
	[DIFF_SOURCE_CHANGED] = { "source-changed",
		"a document that the index was made from: new, gone, or another one" },
	[DIFF_CA_NEW] = { "ca-new", "a CA that only the second index has" },
	[DIFF_CA_GONE] = { "ca-gone", "a CA that only the first index has" },
	[DIFF_CERTIFICATE_NEW] = { "certificate-new", "a CA certificate that only the second index has" },
	[DIFF_CERTIFICATE_GONE] = { "certificate-gone", "a CA certificate that only the first index has" },
	[DIFF_OWNER_CHANGED] = { "owner-changed", "a CA's owner" },
	[DIFF_STORE_CHANGED] = { "store-changed", "the day of the snapshot by which a program is judged" },
	[DIFF_ANCHOR_NEW] = { "anchor-new", "a certificate became an anchor of a program for a purpose" },
	[DIFF_ANCHOR_GONE] = { "anchor-gone", "a certificate is no longer an anchor of a program for a purpose" },
	[DIFF_RULE_CHANGED] = { "rule-changed", "date limits and other rules of an anchor" },
	[DIFF_DISTRUST_NEW] = { "distrust-new", "a store names a certificate as not trusted" },
	[DIFF_DISTRUST_GONE] = { "distrust-gone", "a store no longer names a certificate as not trusted" },
	[DIFF_REVOCATION_NEW] = { "revocation-new", "a source revokes a CA certificate" },
	[DIFF_REVOCATION_GONE] = { "revocation-gone", "a source no longer revokes a CA certificate" },
	[DIFF_TRUST_CHANGED] = { "trust-changed", "a program accepts all, some or none of a CA's leaves" },
	[DIFF_COUNT_CHANGED] = { "count-changed", "a CA's leaves, or how completely they are counted" },
	[DIFF_KINDS] = { NULL, NULL },
};

struct side {
	struct index *ix;
	const struct graph *g;
	struct map ca_at, cert_at;       /* ca_id and SHA-256 to the graph's numbers */
	uint32_t *other_ca, *other_cert; /* the same in the other index, NO_INDEX when it is not there */
};

struct comparing {
	struct side side[2]; /* before, after */
	int32_t day;
	struct arena *arena;
	VEC(struct change) found;
	struct err *err;
};

/* ---- telling ---- */

static const char *keep(struct comparing *c, const char *s)
{
	return s && *s ? arena_strdup(c->arena, s) : NULL;
}

static const uint8_t *keep_hash(struct comparing *c, const uint8_t *hash)
{
	return hash ? arena_dup(c->arena, hash, 32) : NULL;
}

static void tell(struct comparing *c, const struct change *x, const char *before, const char *after)
{
	vec_push(&c->found, (struct change){
				    .kind = x->kind,
				    .ca_id = keep_hash(c, x->ca_id),
				    .cert_sha256 = keep_hash(c, x->cert_sha256),
				    .name = keep(c, x->name),
				    .program = keep(c, x->program),
				    .purpose = x->purpose,
				    .what = keep(c, x->what),
				    .before = keep(c, before),
				    .after = keep(c, after),
			    });
}

/* Of what one side alone has. */
static void tell_on(struct comparing *c, int side, const struct change *x, const char *text)
{
	tell(c, x, side == 0 ? text : NULL, side == 0 ? NULL : text);
}

static struct change about_ca(const struct side *s, enum diff_kind kind, uint32_t ca)
{
	const struct ca *a = &s->g->ca.v[ca];

	return (struct change){ .kind = kind, .ca_id = a->id, .name = a->name };
}

static struct change about_cert(const struct side *s, enum diff_kind kind, uint32_t cert)
{
	struct change x = about_ca(s, kind, s->g->cert.v[cert].ca);

	x.cert_sha256 = s->g->cert.v[cert].sha256;
	return x;
}

/* ---- which is which ---- */

static void number_side(struct side *s)
{
	for (uint32_t i = 0; i < s->g->ca.n; i++)
		*map_at(&s->ca_at, s->g->ca.v[i].id, 32, NULL) = i;
	for (uint32_t i = 0; i < s->g->cert.n; i++)
		*map_at(&s->cert_at, s->g->cert.v[i].sha256, 32, NULL) = i;
}

static uint32_t found_at(const struct map *m, const uint8_t key[32])
{
	const uint64_t *at = map_get(m, key, 32);

	return at ? (uint32_t)*at : NO_INDEX;
}

static void match_side(struct side *s, const struct side *other)
{
	s->other_ca = xcalloc(s->g->ca.n + 1, sizeof(*s->other_ca));
	s->other_cert = xcalloc(s->g->cert.n + 1, sizeof(*s->other_cert));
	for (uint32_t i = 0; i < s->g->ca.n; i++)
		s->other_ca[i] = found_at(&other->ca_at, s->g->ca.v[i].id);
	for (uint32_t i = 0; i < s->g->cert.n; i++)
		s->other_cert[i] = found_at(&other->cert_at, s->g->cert.v[i].sha256);
}

static void open_sides(struct comparing *c, struct index *before, struct index *after)
{
	c->side[0] = (struct side){ .ix = before, .g = index_graph(before) };
	c->side[1] = (struct side){ .ix = after, .g = index_graph(after) };
	for (int i = 0; i < 2; i++)
		number_side(&c->side[i]);
	for (int i = 0; i < 2; i++)
		match_side(&c->side[i], &c->side[!i]);
}

static void close_sides(struct comparing *c)
{
	for (int i = 0; i < 2; i++) {
		map_release(&c->side[i].ca_at);
		map_release(&c->side[i].cert_at);
		free(c->side[i].other_ca);
		free(c->side[i].other_cert);
	}
}

/* ---- CAs, certificates, revocations ---- */

static void compare_cas(struct comparing *c)
{
	static const enum diff_kind kind[2] = { DIFF_CA_GONE, DIFF_CA_NEW };

	for (int k = 0; k < 2; k++) {
		const struct side *s = &c->side[k];
		for (uint32_t i = 0; i < s->g->ca.n; i++) {
			struct change x = about_ca(s, kind[k], i);
			if (s->other_ca[i] == NO_INDEX)
				tell_on(c, k, &x, s->g->ca.v[i].subject);
		}
	}
}

static void compare_owners(struct comparing *c)
{
	const struct side *s = &c->side[0];

	for (uint32_t i = 0; i < s->g->ca.n; i++) {
		if (s->other_ca[i] == NO_INDEX)
			continue;
		const char *before = s->g->ca.v[i].owner, *after = c->side[1].g->ca.v[s->other_ca[i]].owner;
		struct change x = about_ca(s, DIFF_OWNER_CHANGED, i);
		if (strcmp(before, after) != 0)
			tell(c, &x, before, after);
	}
}

static const char *validity_text(const struct ca_cert *e, char *buf, size_t n)
{
	char from[DATE_BUF], to[DATE_BUF];

	if (e->not_before == TIME_UNKNOWN || e->not_after == TIME_UNKNOWN)
		return "validity unreadable";
	snprintf(buf, n, "%s to %s", date_format(from, date_of_time(e->not_before)),
		date_format(to, date_of_time(e->not_after)));
	return buf;
}

static void compare_certs(struct comparing *c)
{
	static const enum diff_kind kind[2] = { DIFF_CERTIFICATE_GONE, DIFF_CERTIFICATE_NEW };
	char buf[64];

	for (int k = 0; k < 2; k++) {
		const struct side *s = &c->side[k];
		for (uint32_t i = 0; i < s->g->cert.n; i++) {
			struct change x = about_cert(s, kind[k], i);
			if (s->other_cert[i] == NO_INDEX)
				tell_on(c, k, &x, validity_text(&s->g->cert.v[i], buf, sizeof(buf)));
		}
	}
}

/* The earliest date among the revocations of cert that hold; "undated" where one has none. */
static const char *revoked_since(const struct side *s, uint32_t cert, int source, int32_t day, char buf[DATE_BUF])
{
	size_t n;
	const struct revocation *r = cert_revocations(s->g, cert, &n);
	int64_t from = INT64_MAX;

	for (size_t i = 0; i < n; i++)
		if (r[i].source == source && revocation_holds(&r[i], day) && r[i].from < from)
			from = r[i].from;
	return from == INT64_MIN ? "undated" : date_format(buf, date_of_time(from));
}

static void compare_revocations(struct comparing *c)
{
	static const enum diff_kind kind[2] = { DIFF_REVOCATION_GONE, DIFF_REVOCATION_NEW };
	char buf[DATE_BUF];

	for (int k = 0; k < 2; k++) {
		const struct side *s = &c->side[k], *o = &c->side[!k];
		for (size_t i = 0; i < s->g->revocation.n; i++) {
			uint32_t cert = s->g->revocation.v[i].cert, there = s->other_cert[cert];
			if (i && s->g->revocation.v[i - 1].cert == cert)
				continue;
			for (int r = 0; r < REVOCATION_SOURCES; r++) {
				struct change x = about_cert(s, kind[k], cert);
				if (!cert_revoked_by(s->g, cert, r, c->day))
					continue;
				if (there != NO_INDEX && cert_revoked_by(o->g, there, r, c->day))
					continue;
				x.what = revocation_names[r];
				tell_on(c, k, &x, revoked_since(s, cert, r, c->day, buf));
			}
		}
	}
}

/* ---- counts ---- */

static void tell_number(
	struct comparing *c, struct change *x, const char *what, const bool known[2], const uint64_t n[2])
{
	char text[2][24];

	for (int k = 0; k < 2; k++)
		snprintf(text[k], sizeof(text[k]), "%" PRIu64, n[k]);
	x->what = what;
	if (known[0] != known[1] || (known[0] && n[0] != n[1]))
		tell(c, x, known[0] ? text[0] : NULL, known[1] ? text[1] : NULL);
}

/* The numbers of one CA on one side, as `counts` has them. */
struct ca_numbers {
	uint64_t issued;
	bool issued_known;
	struct span unexpired, figure; /* figure: of several CAs */
	enum coverage coverage;
};

static struct ca_numbers numbers_of(const struct side *s, const struct beyond *beyond, uint32_t ca, int32_t day)
{
	struct ca_numbers n = { .unexpired = ca_span(s->g, beyond, ca, TAKEN_ALL, held_on(s->g, ca, day)) };
	uint32_t f = s->g->ca.v[ca].figure;

	n.issued_known = ca_issued(s->g, ca, &n.issued);
	n.coverage = ca_coverage(s->g, ca);
	n.figure.open = 1;
	if (f != NO_INDEX && !ca_own_figure(s->g, ca)) {
		const struct figure *figure = &s->g->figure.v[f];
		n.figure.known = figure->low != FIGURE_UNKNOWN;
		n.figure.low = n.figure.known ? (uint64_t)figure->low : 0;
		n.figure.open = figure->high == FIGURE_UNKNOWN;
		n.figure.high = n.figure.open ? 0 : (uint64_t)figure->high;
	}
	return n;
}

static void tell_span(struct comparing *c, struct change *x, const char *const what[2], const struct span *a,
	const struct span *b, bool with_high)
{
	tell_number(c, x, what[0], (bool[]){ a->known, b->known }, (uint64_t[]){ a->low, b->low });
	if (with_high)
		tell_number(
			c, x, what[1], (bool[]){ span_bounded(a), span_bounded(b) }, (uint64_t[]){ a->high, b->high });
}

static bool has_own_high(const struct span *s)
{
	return s->known != span_bounded(s) || (s->known && s->low != s->high);
}

static void compare_numbers(struct comparing *c, struct change *x, const struct ca_numbers n[2])
{
	static const char *const unexpired[] = { "unexpired", "unexpired_high" };
	static const char *const figure[] = { "figure_unexpired", "figure_unexpired_high" };

	x->what = "coverage";
	if (n[0].coverage != n[1].coverage)
		tell(c, x, coverage_names[n[0].coverage], coverage_names[n[1].coverage]);
	tell_number(c, x, "issued", (bool[]){ n[0].issued_known, n[1].issued_known },
		(uint64_t[]){ n[0].issued, n[1].issued });
	/* where both are exact the upper bound is the same number again */
	tell_span(c, x, unexpired, &n[0].unexpired, &n[1].unexpired,
		has_own_high(&n[0].unexpired) || has_own_high(&n[1].unexpired));
	tell_span(c, x, figure, &n[0].figure, &n[1].figure, true);
}

static void compare_counts(struct comparing *c)
{
	struct beyond *beyond[2];

	for (int k = 0; k < 2; k++)
		beyond[k] = figures_beyond(c->side[k].g, c->day);
	for (uint32_t i = 0; i < c->side[0].g->ca.n; i++) {
		uint32_t there = c->side[0].other_ca[i];
		if (there == NO_INDEX)
			continue;
		struct change x = about_ca(&c->side[0], DIFF_COUNT_CHANGED, i);
		compare_numbers(c, &x,
			(struct ca_numbers[]){ numbers_of(&c->side[0], beyond[0], i, c->day),
				numbers_of(&c->side[1], beyond[1], there, c->day) });
	}
	free(beyond[0]);
	free(beyond[1]);
}

/* ---- the anchors of one store ---- */

struct anchor {
	uint32_t cert;
	uint8_t purpose;
	const char *rules; /* one alternative, after join_alternatives() all of them */
};
struct anchors {
	struct comparing *c;
	const struct side *side;
	const struct store *store; /* NULL: the program has none in this index */
	VEC(struct anchor) v;      /* ascending by certificate and purpose, each pair once */
};

static void add_limit(struct strbuf *b, const char *what, int64_t t, bool to_day)
{
	char date[DATE_BUF], time[TIME_BUF];
	int32_t day = date_of_time(t);

	strbuf_addf(b, "%s%s %s", b->len ? ", " : "", what, to_day ? date_format(date, day) : time_format(time, t));
}

static void add_since(struct strbuf *b, const char *what, const struct db_int *t)
{
	if (t->set)
		add_limit(b, what, t->v, t->v == date_start(date_of_time(t->v)));
}

static void add_until(struct strbuf *b, const char *what, const struct db_int *t)
{
	if (t->set)
		add_limit(b, what, t->v, t->v == date_end(date_of_time(t->v)));
}

static void add_flag(struct strbuf *b, bool set, const char *text)
{
	if (set)
		strbuf_addf(b, "%s%s", b->len ? ", " : "", text);
}

static int add_anchor(void *ctx, const struct db_anchor *a)
{
	struct anchors *l = ctx;
	uint32_t cert = found_at(&l->side->cert_at, a->sha256);
	const char *note = a->note ? a->note : "";
	struct strbuf b = STRBUF_INIT;

	/* as the store is judged: without the certificate there is no anchor */
	if (cert == NO_INDEX || a->purpose < 0 || a->purpose >= PURPOSE_COUNT ||
		!chromestore_versions_apply(a->min_version, a->max_version, l->side->ix->chrome_version))
		return 0;
	add_since(&b, "notBefore from", &a->nb_lo);
	add_until(&b, "notBefore until", &a->nb_hi);
	add_since(&b, "SCT from", &a->sct_lo);
	add_until(&b, "SCT until", &a->sct_hi);
	add_flag(&b, a->judge_validity, "its expiry judged");
	add_flag(&b, a->judge_constraints, "its constraints judged");
	add_flag(&b, a->unevaluated && !strstr(note, "not evaluated"), "not evaluated");
	add_flag(&b, *note, note);
	vec_push(&l->v,
		(struct anchor){ cert, (uint8_t)a->purpose, arena_strdup(l->c->arena, b.len ? b.buf : "no limits") });
	strbuf_release(&b);
	return 0;
}

static int by_pair(const void *a, const void *b)
{
	const struct anchor *x = a, *y = b;

	if (x->cert != y->cert)
		return x->cert < y->cert ? -1 : 1;
	return x->purpose - y->purpose;
}

static int by_alternative(const void *a, const void *b)
{
	const struct anchor *x = a, *y = b;
	int order = by_pair(a, b);

	return order ? order : strcmp(x->rules, y->rules);
}

/* Sorted, so that another order in the file is no change. */
static void join_alternatives(struct anchors *l)
{
	size_t n = 0;

	if (l->v.n)
		qsort(l->v.v, l->v.n, sizeof(*l->v.v), by_alternative);
	for (size_t i = 0, end; i < l->v.n; i = end) {
		struct strbuf b = STRBUF_INIT;
		strbuf_addstr(&b, l->v.v[i].rules);
		for (end = i + 1; end < l->v.n && by_pair(&l->v.v[i], &l->v.v[end]) == 0; end++)
			if (strcmp(l->v.v[end].rules, l->v.v[end - 1].rules) != 0)
				strbuf_addf(&b, " or %s", l->v.v[end].rules);
		l->v.v[n] = l->v.v[i];
		l->v.v[n++].rules = arena_strdup(l->c->arena, b.buf);
		strbuf_release(&b);
	}
	l->v.n = n;
}

static int read_anchors(struct comparing *c, int side, const struct store *store, struct anchors *l)
{
	struct index *ix = c->side[side].ix;
	int rc = 0;

	*l = (struct anchors){ .c = c, .side = &c->side[side], .store = store };
	for (size_t i = 0; store && i < ix->snapshot.n && rc == 0; i++)
		if (ix->snapshot.v[i].store == store)
			rc = db_each_anchor(ix->db, ix->snapshot.v[i].id, add_anchor, l, c->err);
	join_alternatives(l);
	return rc;
}

static const struct anchor *anchor_of(const struct anchors *l, uint32_t cert, uint8_t purpose)
{
	struct anchor key = { .cert = cert, .purpose = purpose };

	if (cert == NO_INDEX || !l->v.n)
		return NULL;
	return bsearch(&key, l->v.v, l->v.n, sizeof(key), by_pair);
}

/* ---- stores ---- */

static void compare_anchors(struct comparing *c, const char *program, const struct anchors both[2])
{
	static const enum diff_kind kind[2] = { DIFF_ANCHOR_GONE, DIFF_ANCHOR_NEW };

	for (int k = 0; k < 2; k++) {
		for (size_t i = 0; i < both[k].v.n; i++) {
			const struct anchor *a = &both[k].v.v[i], *there;
			uint32_t cert = c->side[k].other_cert[a->cert];
			struct change x = about_cert(&c->side[k], kind[k], a->cert);
			x.program = program;
			x.purpose = purpose_names[a->purpose];
			there = anchor_of(&both[!k], cert, a->purpose);
			if (!there) {
				x.what = anchor_of(&both[!k], cert, !a->purpose) ? "bit" : "root";
				tell_on(c, k, &x, a->rules);
			} else if (k == 0 && strcmp(a->rules, there->rules) != 0) {
				x.kind = DIFF_RULE_CHANGED;
				tell(c, &x, a->rules, there->rules);
			}
		}
	}
}

static uint8_t *distrusted(const struct side *s, const struct store *store)
{
	uint8_t *bits = xcalloc(s->g->cert.n + 1, 1);

	for (size_t i = 0; store && i < store->n_distrusts; i++)
		bits[store->distrust[i].cert] |= (uint8_t)(1U << store->distrust[i].purpose);
	return bits;
}

static void compare_distrusts(struct comparing *c, const char *program, const struct store *const store[2])
{
	static const enum diff_kind kind[2] = { DIFF_DISTRUST_GONE, DIFF_DISTRUST_NEW };
	uint8_t *bits[2] = { distrusted(&c->side[0], store[0]), distrusted(&c->side[1], store[1]) };

	for (int k = 0; k < 2; k++) {
		const struct side *s = &c->side[k];
		for (uint32_t i = 0; i < s->g->cert.n; i++) {
			uint8_t there = s->other_cert[i] == NO_INDEX ? 0 : bits[!k][s->other_cert[i]];
			for (int p = 0; p < PURPOSE_COUNT; p++) {
				struct change x = about_cert(s, kind[k], i);
				x.program = program;
				x.purpose = purpose_names[p];
				if ((bits[k][i] & ~there) >> p & 1)
					tell_on(c, k, &x, "not trusted");
			}
		}
	}
	free(bits[0]);
	free(bits[1]);
}

static int compare_stores(struct comparing *c, const char *program, const struct store *const store[2])
{
	struct change x = { .kind = DIFF_STORE_CHANGED, .program = program };
	struct anchors both[2] = { 0 };
	char day[2][DATE_BUF];

	for (int k = 0; k < 2; k++)
		date_format(day[k], store[k] ? store[k]->day : 0);
	if (!store[0] || !store[1] || store[0]->day != store[1]->day)
		tell(c, &x, store[0] ? day[0] : NULL, store[1] ? day[1] : NULL);
	int rc = read_anchors(c, 0, store[0], &both[0]);
	if (rc == 0)
		rc = read_anchors(c, 1, store[1], &both[1]);
	if (rc == 0) {
		compare_anchors(c, program, both);
		compare_distrusts(c, program, store);
	}
	vec_release(&both[0].v);
	vec_release(&both[1].v);
	return rc;
}

/* ---- trust ---- */

static const char *accepted(const struct trust *t, uint32_t ca)
{
	return t && ca != NO_INDEX ? acceptance_names[trust_before(t, ca)] : NULL;
}

/* Not told: of a CA that one side does not have, or of a program without a store there, that nothing is accepted. */
static bool says_something(const char *before, const char *after)
{
	const char *none = acceptance_names[ACCEPT_NONE];

	if (before && after)
		return strcmp(before, after) != 0;
	return strcmp(before ? before : after ? after : none, none) != 0;
}

static void tell_trust(
	struct comparing *c, struct change *x, const struct trust *const t[2], uint32_t before, uint32_t after)
{
	const char *old = accepted(t[0], before), *now = accepted(t[1], after);

	if (says_something(old, now))
		tell(c, x, old, now);
}

static void compare_trust(
	struct comparing *c, const char *program, const struct store *const store[2], enum purpose purpose)
{
	struct trust *t[2] = { NULL, NULL };
	const struct side *s = c->side;

	for (int k = 0; k < 2; k++) {
		struct trust_query q = { .graph = s[k].g, .store = store[k], .purpose = purpose, .day = c->day };
		if (store[k])
			t[k] = trust_compute(&q);
	}
	for (int k = 0; k < 2; k++) {
		for (uint32_t i = 0; i < s[k].g->ca.n; i++) {
			struct change x = about_ca(&s[k], DIFF_TRUST_CHANGED, i);
			x.program = program;
			x.purpose = purpose_names[purpose];
			if (k == 0)
				tell_trust(c, &x, (const struct trust *const *)t, i, s[0].other_ca[i]);
			else if (s[1].other_ca[i] == NO_INDEX)
				tell_trust(c, &x, (const struct trust *const *)t, NO_INDEX, i);
		}
	}
	trust_free(t[0]);
	trust_free(t[1]);
}

static int compare_program(struct comparing *c, const char *program)
{
	const struct store *const store[2] = { index_store(c->side[0].ix, program, c->day),
		index_store(c->side[1].ix, program, c->day) };

	if (compare_stores(c, program, store) < 0)
		return -1;
	for (int p = 0; p < PURPOSE_COUNT; p++)
		compare_trust(c, program, store, p);
	return 0;
}

static int compare_programs(struct comparing *c)
{
	const char *const *name;
	size_t n = index_programs(c->side[0].ix, &name);

	for (size_t i = 0; i < n; i++)
		if (compare_program(c, name[i]) < 0)
			return -1;
	n = index_programs(c->side[1].ix, &name);
	for (size_t i = 0; i < n; i++)
		if (!index_store(c->side[0].ix, name[i], c->day) && compare_program(c, name[i]) < 0)
			return -1;
	return 0;
}

/* ---- documents ---- */

struct documents {
	struct index_source *v;
	size_t n;
	struct map at;
};

static void document_key(const struct index_source *s, struct strbuf *key)
{
	strbuf_reset(key);
	strbuf_add(key, s->kind, strlen(s->kind) + 1);
	strbuf_addstr(key, s->part);
}

static int read_documents(struct index *ix, struct documents *d, struct err *err)
{
	struct strbuf key = STRBUF_INIT;

	if (index_sources(ix, &d->v, &d->n, err) < 0)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		document_key(&d->v[i], &key);
		*map_at(&d->at, key.buf, key.len, NULL) = i;
	}
	strbuf_release(&key);
	return 0;
}

static const char *document_day(const struct index_source *s, char buf[DATE_BUF])
{
	return s->source_day == INT32_MIN ? "undated" : date_format(buf, s->source_day);
}

static void compare_document(
	struct comparing *c, const struct change *x, const struct index_source *a, const struct index_source *b)
{
	char day[2][DATE_BUF], records[2][40];

	if (a->source_day != b->source_day) {
		tell(c, x, document_day(a, day[0]), document_day(b, day[1]));
	} else if (strcmp(a->sha256, b->sha256) != 0) {
		tell(c, x, a->sha256, b->sha256);
	} else if (a->records != b->records) { /* a log that was read further below one head */
		snprintf(records[0], sizeof(*records), "%" PRIu64 " records", a->records);
		snprintf(records[1], sizeof(*records), "%" PRIu64 " records", b->records);
		tell(c, x, records[0], records[1]);
	}
}

static void compare_documents(struct comparing *c, const struct documents both[2])
{
	struct strbuf key = STRBUF_INIT;
	char day[DATE_BUF];

	for (int k = 0; k < 2; k++) {
		for (size_t i = 0; i < both[k].n; i++) {
			const struct index_source *s = &both[k].v[i];
			struct change x = {
				.kind = DIFF_SOURCE_CHANGED, .name = *s->part ? s->part : s->from, .what = s->kind
			};
			document_key(s, &key);
			const uint64_t *there = map_get(&both[!k].at, key.buf, key.len);
			if (!there)
				tell_on(c, k, &x, document_day(s, day));
			else if (k == 0)
				compare_document(c, &x, s, &both[1].v[*there]);
		}
	}
	strbuf_release(&key);
}

static int compare_sources(struct comparing *c)
{
	struct documents both[2] = { 0 };
	int rc = read_documents(c->side[0].ix, &both[0], c->err);

	if (rc == 0)
		rc = read_documents(c->side[1].ix, &both[1], c->err);
	if (rc == 0)
		compare_documents(c, both);
	for (int k = 0; k < 2; k++) {
		free(both[k].v);
		map_release(&both[k].at);
	}
	return rc;
}

/* ---- the whole ---- */

static int text_order(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int hash_order(const uint8_t *a, const uint8_t *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return memcmp(a, b, 32);
}

static int by_row(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	int order = (int)x->kind - (int)y->kind;

	if (!order)
		order = text_order(x->program, y->program);
	if (!order)
		order = text_order(x->name, y->name);
	if (!order)
		order = hash_order(x->ca_id, y->ca_id);
	if (!order)
		order = hash_order(x->cert_sha256, y->cert_sha256);
	if (!order)
		order = text_order(x->purpose, y->purpose);
	return order ? order : text_order(x->what, y->what);
}

/* Also tells of a store that could not be read when it was first asked for. */
static int finish(struct comparing *c, int rc, struct diff *ret)
{
	if (c->found.n)
		qsort(c->found.v, c->found.n, sizeof(*c->found.v), by_row);
	ret->v = c->found.v;
	ret->n = c->found.n;
	for (int k = 0; k < 2 && rc == 0; k++)
		rc = index_read_error(c->side[k].ix, c->err);
	close_sides(c);
	if (rc < 0)
		diff_release(ret);
	return rc;
}

int index_diff(struct index *before, struct index *after, int32_t day, struct diff *ret, struct err *err)
{
	struct comparing c = { .day = day, .arena = &ret->arena, .err = err };

	memset(ret, 0, sizeof(*ret));
	index_set_day(before, day);
	index_set_day(after, day);
	open_sides(&c, before, after);
	compare_cas(&c);
	compare_certs(&c);
	compare_owners(&c);
	compare_revocations(&c);
	compare_counts(&c);
	int rc = compare_programs(&c);
	if (rc == 0)
		rc = compare_sources(&c);
	return finish(&c, rc, ret);
}

int index_diff_stores(
	struct index *ix, const char *program, int32_t before, int32_t after, struct diff *ret, struct err *err)
{
	struct comparing c = { .arena = &ret->arena, .err = err };
	const struct store *const store[2] = { index_store(ix, program, before), index_store(ix, program, after) };

	memset(ret, 0, sizeof(*ret));
	if (!store[0] || !store[1])
		return err_set(err, ERR_USAGE, "program '%s' has no store in this index", program);
	open_sides(&c, ix, ix);
	return finish(&c, compare_stores(&c, program, store), ret);
}

void diff_release(struct diff *d)
{
	free(d->v);
	arena_release(&d->arena);
	memset(d, 0, sizeof(*d));
}
