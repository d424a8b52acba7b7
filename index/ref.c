/* REF: how people and scripts name CAs and certificates (contract.md "Commands"). */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "index/index.h"
#include "index/pasted.h"
#include "index/state.h"

#define PREFIX_MIN 8
#define CANDIDATES_SHOWN 20

struct matches {
	VEC(uint32_t) ca, cert;
};

static void matches_release(struct matches *m)
{
	vec_release(&m->ca);
	vec_release(&m->cert);
}

void ref_release(struct ref *r)
{
	free(r->ca);
	memset(r, 0, sizeof(*r));
}

/* ---- hex prefixes ---- */

struct prefix {
	uint8_t byte[64];
	size_t n;    /* whole bytes */
	int nibble;  /* of the half byte behind, -1 none */
	size_t digits;
};

/* Hex digits, with the colons and blanks that a pasted fingerprint may have. */
static bool read_prefix(const char *text, struct prefix *p)
{
	char digits[130] = "";
	size_t n = 0;

	for (; *text; text++) {
		if (*text == ':' || *text == ' ')
			continue;
		if (!strchr("0123456789abcdefABCDEF", *text) || n == 128)
			return false;
		digits[n++] = *text;
	}
	*p = (struct prefix){ .n = n / 2, .nibble = -1, .digits = n };
	if (hex_decode(digits, p->n * 2, p->byte) < 0)
		return false;
	if (n % 2) {
		char pair[2] = { '0', digits[n - 1] };
		uint8_t v;
		if (hex_decode(pair, 2, &v) < 0)
			return false;
		p->nibble = v;
	}
	return n > 0;
}

static bool has_prefix(const uint8_t *hash, size_t len, const struct prefix *p)
{
	if (p->n > len || (p->n == len && p->nibble >= 0) || memcmp(hash, p->byte, p->n) != 0)
		return false;
	return p->nibble < 0 || hash[p->n] >> 4 == p->nibble;
}

static void match_fingerprints(const struct graph *g, const struct prefix *p, struct matches *m)
{
	for (uint32_t i = 0; i < g->cert.n; i++)
		if (has_prefix(g->cert.v[i].sha256, 32, p) || has_prefix(g->cert.v[i].sha1, 20, p))
			vec_push(&m->cert, i);
	for (uint32_t i = 0; i < g->ca.n; i++)
		if (has_prefix(g->ca.v[i].id, 32, p))
			vec_push(&m->ca, i);
}

static void match_keys(const struct graph *g, const struct prefix *p, struct matches *m)
{
	for (uint32_t i = 0; i < g->ca.n; i++)
		if (has_prefix(g->ca.v[i].spki_sha256, 32, p))
			vec_push(&m->ca, i);
}

static void add_once(struct matches *m, uint32_t ca)
{
	for (size_t i = 0; i < m->ca.n; i++)
		if (m->ca.v[i] == ca)
			return;
	vec_push(&m->ca, ca);
}

struct finding {
	struct index *ix;
	struct matches *m;
};

static int found_certificate(void *ctx, int64_t id)
{
	struct finding *f = ctx;
	uint32_t cert = index_cert_of(f->ix, id);

	if (cert != NO_INDEX)
		add_once(f->m, f->ix->graph.cert.v[cert].ca);
	return 0;
}

static int match_column(struct index *ix, char which, const struct prefix *p, struct matches *m, struct err *err)
{
	struct db *db = index_db_here(ix);
	size_t n = m->ca.n;

	if (!db)
		return err_set(err, ERR_INDEX, "the index cannot be read");
	if (db_find_certificates(db, which, p->byte, p->n, p->nibble, found_certificate, &(struct finding){ ix, m }, err) == 0 &&
		index_check_ids(ix, db, err) == 0)
		return 0;
	m->ca.n = n;
	return -1;
}

/* ---- names ---- */

static void match_names(const struct graph *g, const char *text, bool exact, struct matches *m)
{
	for (uint32_t i = 0; i < g->ca.n; i++)
		if (exact ? strcmp(g->ca.v[i].name, text) == 0 : text_contains(g->ca.v[i].name, text))
			vec_push(&m->ca, i);
}

static void match_owners(const struct graph *g, const char *text, bool exact, struct matches *m)
{
	for (uint32_t i = 0; i < g->ca.n; i++)
		if (*g->ca.v[i].owner && (exact ? strcmp(g->ca.v[i].owner, text) == 0 : text_contains(g->ca.v[i].owner, text)))
			vec_push(&m->ca, i);
}

/* ---- candidates ---- */

static void list_candidates(const struct graph *g, const struct matches *m, struct strbuf *out)
{
	size_t total = m->cert.n + m->ca.n, shown = 0;

	for (size_t i = 0; i < m->cert.n && shown < CANDIDATES_SHOWN; i++, shown++) {
		const struct ca_cert *c = &g->cert.v[m->cert.v[i]];
		strbuf_addstr(out, "  certificate ");
		strbuf_addhex(out, c->sha256, 32);
		strbuf_addf(out, "  %s\n", g->ca.v[c->ca].subject);
	}
	for (size_t i = 0; i < m->ca.n && shown < CANDIDATES_SHOWN; i++, shown++) {
		const struct ca *ca = &g->ca.v[m->ca.v[i]];
		strbuf_addstr(out, "  CA          ");
		strbuf_addhex(out, ca->id, 32);
		strbuf_addf(out, "  %s%s%s%s\n", ca->subject, *ca->owner ? " (" : "", ca->owner, *ca->owner ? ")" : "");
	}
	if (total > shown)
		strbuf_addf(out, "  and %zu more\n", total - shown);
}

static int ambiguous(const struct graph *g, const char *text, const struct matches *m, struct strbuf *out, struct err *err)
{
	if (out)
		list_candidates(g, m, out);
	return err_set(err, ERR_USAGE, "'%s' is ambiguous: %zu CAs or certificates fit", text, m->cert.n + m->ca.n);
}

static int unknown(const char *text, struct err *err)
{
	return err_set(err, ERR_USAGE, "'%s' names no CA or certificate in this index", text);
}

/* ---- kinds of REF ---- */

static void take_cas(struct ref *r, struct matches *m)
{
	r->ca = m->ca.v;
	r->n_cas = m->ca.n;
	m->ca.v = NULL;
	m->ca.n = m->ca.cap = 0;
}

static int take_one(const struct graph *g, const char *text, struct matches *m, struct ref *r, struct strbuf *out, struct err *err)
{
	if (m->cert.n + m->ca.n > 1)
		return ambiguous(g, text, m, out, err);
	if (m->cert.n == 1) {
		r->is_cert = true;
		r->cert = m->cert.v[0];
		return 0;
	}
	if (m->ca.n == 0)
		return unknown(text, err);
	take_cas(r, m);
	return 0;
}

bool index_may_own(const struct ca *ca, const char *text)
{
	return !*ca->owner && (text_contains(ca->name, text) || text_contains(ca->subject, text));
}

static int no_owner(const struct graph *g, const char *text, const char *value, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < g->ca.n; i++)
		n += index_may_own(&g->ca.v[i], value);
	if (!n)
		return err_set(err, ERR_USAGE, "'%s' names no owner in this index", text);
	return err_set(err, ERR_USAGE, "'%s' names no owner in this index; %zu %s of unknown owner %s it in name or subject", text, n,
		n == 1 ? "CA" : "CAs", n == 1 ? "has" : "have");
}

static int resolve_owner(struct index *ix, const char *text, const char *value, struct matches *m, struct ref *r,
                         struct strbuf *out, struct err *err)
{
	const struct graph *g = index_graph(ix);

	match_owners(g, value, true, m);
	if (m->ca.n == 0)
		match_owners(g, value, false, m);
	if (m->ca.n == 0)
		return no_owner(g, text, value, err);
	for (size_t i = 1; i < m->ca.n; i++)
		if (strcmp(g->ca.v[m->ca.v[i]].owner, g->ca.v[m->ca.v[0]].owner) != 0)
			return ambiguous(g, text, m, out, err);
	take_cas(r, m);
	return 0;
}

static int need_prefix(const char *text, const char *value, struct prefix *p, struct err *err)
{
	if (!read_prefix(value, p) || p->digits < PREFIX_MIN)
		return err_set(err, ERR_USAGE, "'%s' needs at least %d hex digits", text, PREFIX_MIN);
	return 0;
}

/* All names of one key; a prefix of several keys is ambiguous. */
static int resolve_spki(struct index *ix, const char *text, const char *value, struct matches *m, struct ref *r,
                        struct strbuf *out, struct err *err)
{
	const struct graph *g = index_graph(ix);
	struct prefix p;

	if (need_prefix(text, value, &p, err) < 0)
		return -1;
	match_keys(g, &p, m);
	if (m->ca.n == 0)
		return unknown(text, err);
	for (size_t i = 1; i < m->ca.n; i++)
		if (g->ca.v[m->ca.v[i]].key != g->ca.v[m->ca.v[0]].key)
			return ambiguous(g, text, m, out, err);
	take_cas(r, m);
	return 0;
}

static int resolve_ski(struct index *ix, const char *text, const char *value, struct matches *m, struct ref *r,
                       struct strbuf *out, struct err *err)
{
	struct prefix p;

	if (need_prefix(text, value, &p, err) < 0 || match_column(ix, 'k', &p, m, err) < 0)
		return -1;
	return take_one(index_graph(ix), text, m, r, out, err);
}

static int resolve_crtsh(struct index *ix, const char *text, const char *value, struct matches *m, struct ref *r,
                         struct strbuf *out, struct err *err)
{
	(void)ix, (void)value, (void)m, (void)r, (void)out;
	return err_set(err, ERR_USAGE, "'%s': no crt.sh identifiers are in this index", text);
}

struct issuers {
	const struct graph *g;
	struct matches *m;
};

static int found_issuer(void *ctx, int64_t ca)
{
	struct issuers *s = ctx;

	for (uint32_t i = 0; i < s->g->ca.n; i++)
		if (s->g->ca.v[i].db_id == ca)
			add_once(s->m, i);
	return 0;
}

/* CAs that issued a leaf of such a fingerprint. */
static int match_leaves(struct index *ix, const struct prefix *p, struct matches *m, struct err *err)
{
	struct db *db = index_db_here(ix);
	size_t n = m->ca.n;

	if (!db)
		return err_set(err, ERR_INDEX, "the index cannot be read");
	if (db_find_certificates(db, 'l', p->byte, p->n, p->nibble, found_issuer, &(struct issuers){ index_graph(ix), m }, err) == 0 &&
		(m->ca.n == n || index_check_ids(ix, db, err) == 0)) /* by the ids of another numbering it would be somebody else */
		return 0;
	m->ca.n = n;
	return -1;
}

/* A leaf is no CA and no CA certificate; its fingerprint gets an answer all the same. */
static int unknown_or_leaf(struct index *ix, const char *text, const struct prefix *p, struct matches *m, struct err *err)
{
	struct strbuf id = STRBUF_INIT;
	const struct ca *ca;

	if (p && match_leaves(ix, p, m, err) < 0)
		return -1;
	if (!m->ca.n)
		return unknown(text, err);
	ca = &index_graph(ix)->ca.v[m->ca.v[m->ca.n - 1]];
	strbuf_addhex(&id, ca->id, 32);
	err_set(err, ERR_USAGE, "'%s' is a leaf of '%s' ('canopy leaves %s' lists it)", text, ca->name, id.buf);
	strbuf_release(&id);
	return -1;
}

static int resolve_plain(struct index *ix, const char *text, struct matches *m, struct ref *r, struct strbuf *out, struct err *err)
{
	const struct graph *g = index_graph(ix);
	struct prefix p;
	bool is_prefix = read_prefix(text, &p) && p.digits >= PREFIX_MIN;

	if (is_prefix)
		match_fingerprints(g, &p, m);
	if (m->ca.n + m->cert.n == 0)
		match_names(g, text, true, m);
	if (m->ca.n + m->cert.n == 0)
		match_names(g, text, false, m);
	if (m->ca.n + m->cert.n == 0)
		return unknown_or_leaf(ix, text, is_prefix ? &p : NULL, m, err);
	return take_one(g, text, m, r, out, err);
}

static const struct {
	const char *prefix;
	int (*resolve)(struct index *ix, const char *text, const char *value, struct matches *m, struct ref *r,
	               struct strbuf *out, struct err *err);
} prefixes[] = {
	{ "owner:", resolve_owner },
	{ "spki:", resolve_spki },
	{ "ski:", resolve_ski },
	{ "crtsh:", resolve_crtsh },
};

int index_resolve(struct index *ix, const char *text, struct ref *ret, struct strbuf *candidates, struct err *err)
{
	struct matches m = { 0 };
	int rc = 1;

	memset(ret, 0, sizeof(*ret));
	if (!*text)
		return err_set(err, ERR_USAGE, "an empty REF names nothing");
	for (size_t i = 0; rc == 1 && i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		size_t n = strlen(prefixes[i].prefix);
		if (strncmp(text, prefixes[i].prefix, n) == 0)
			rc = prefixes[i].resolve(ix, text, text + n, &m, ret, candidates, err);
	}
	if (rc == 1)
		rc = resolve_plain(ix, text, &m, ret, candidates, err);
	matches_release(&m);
	return rc;
}

static int by_index(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void match_serial(struct index *ix, const char *zeros, const char *hex, struct matches *m)
{
	struct strbuf digits = STRBUF_INIT;
	struct prefix p;

	strbuf_addf(&digits, "%s%s", zeros, hex);
	if (read_prefix(digits.buf, &p))
		match_column(ix, 's', &p, m, NULL);
	strbuf_release(&digits);
}

/* The index has serial numbers as they are encoded: with a byte 00 before a high bit, which most who print one leave
 * out; some leave out the first digit where that is a 0. */
static void match_serials(struct index *ix, const char *hex, const struct prefix *p, struct matches *m)
{
	match_serial(ix, "", hex, m);
	if (p->digits >= PREFIX_MIN && (p->n ? p->byte[0] >> 4 : p->nibble) >= 8)
		match_serial(ix, "00", hex, m);
	if (p->digits >= PREFIX_MIN && p->digits % 2)
		match_serial(ix, "0", hex, m);
}

static void match_hex(struct index *ix, const char *hex, size_t min, struct matches *m)
{
	const struct graph *g = index_graph(ix);
	struct prefix p;

	if (!read_prefix(hex, &p) || p.digits < min)
		return;
	match_fingerprints(g, &p, m);
	match_keys(g, &p, m);
	match_serials(ix, hex, &p, m);
	match_column(ix, 'k', &p, m, NULL);
}

#define SEARCHED_A_LOOK 4096 /* CAs between two looks whether it is cancelled */

/* in_subject: there, else in the name and the owner. False: cancelled. */
static bool match_words(
	const struct graph *g, const char *text, bool in_subject, bool (*cancelled)(void *ctx), void *ctx, struct matches *m)
{
	for (uint32_t i = 0; i < g->ca.n; i++) {
		const struct ca *ca = &g->ca.v[i];
		if (i % SEARCHED_A_LOOK == 0 && cancelled && cancelled(ctx))
			return false;
		if (in_subject ? text_contains(ca->subject, text)
			       : text_contains(ca->name, text) || (*ca->owner && text_contains(ca->owner, text)))
			vec_push(&m->ca, i);
	}
	return true;
}

bool index_search(struct index *ix, const char *text, bool (*cancelled)(void *ctx), void *ctx, uint32_t **ret, size_t *ret_n,
                  bool *of_leaf)
{
	const struct graph *g = index_graph(ix);
	struct strbuf hex = STRBUF_INIT;
	struct matches m = { 0 };
	struct prefix p;
	size_t n = 0;
	bool whole = match_words(g, text, false, cancelled, ctx, &m);

	*of_leaf = false;
	if (whole && pasted_hex(text, &hex))
		match_hex(ix, hex.buf, PASTED_MIN, &m);
	else if (whole)
		match_hex(ix, text, 4, &m);
	if (whole && m.ca.n + m.cert.n == 0 && read_prefix(hex.len ? hex.buf : text, &p) && p.digits >= PREFIX_MIN)
		*of_leaf = match_leaves(ix, &p, &m, NULL) == 0 && m.ca.n > 0;
	if (whole && m.ca.n + m.cert.n == 0)
		whole = match_words(g, text, true, cancelled, ctx, &m);
	strbuf_release(&hex);
	if (!whole) {
		matches_release(&m);
		return false;
	}
	for (size_t i = 0; i < m.cert.n; i++)
		vec_push(&m.ca, g->cert.v[m.cert.v[i]].ca);
	if (m.ca.n)
		qsort(m.ca.v, m.ca.n, sizeof(*m.ca.v), by_index);
	for (size_t i = 0; i < m.ca.n; i++)
		if (n == 0 || m.ca.v[n - 1] != m.ca.v[i])
			m.ca.v[n++] = m.ca.v[i];
	*ret = m.ca.v;
	*ret_n = n;
	vec_release(&m.cert);
	return true;
}
