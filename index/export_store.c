/* Stores as they would be under the marks: certdata.txt and Chrome's root store, whole. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "index/certdata.h"
#include "index/chromestore.h"
#include "base/map.h"
#include "index/exporting.h"

static int by_cert(const void *a, const void *b)
{
	const struct anchor_rule *x = a, *y = b;

	if (x->cert != y->cert)
		return x->cert < y->cert ? -1 : 1;
	return x->purpose - y->purpose;
}

/* ---- certdata.txt ---- */

const char *certdata_cannot(const struct exporting *w, const struct mark *m)
{
	if (m->action == MARK_SCT_NOT_AFTER)
		return "NSS judges no SCTs";
	if (m->action == MARK_DISTRUST_AFTER && !export_is_anchor(w, m->target))
		return "NSS reads that date of anchors alone";
	return NULL;
}

/* What certdata.txt says about one certificate. */
struct nss_cert {
	bool anchor[PURPOSE_COUNT], distrusted[PURPOSE_COUNT], changed;
	bool held; /* it stands in the file as it is */
	int64_t after[PURPOSE_COUNT];
};

struct nss_marking {
	struct nss_cert *cert;
	enum purpose purpose;
};

static void nss_distrust(void *ctx, uint32_t cert)
{
	struct nss_marking *n = ctx;

	n->cert[cert].distrusted[n->purpose] = n->cert[cert].changed = true;
}

/* Of several rules of one anchor and purpose the widest counts. */
static void nss_add_anchor(struct nss_cert *c, enum purpose purpose, int64_t after)
{
	if (!c->anchor[purpose] || after > c->after[purpose])
		c->after[purpose] = after;
	c->anchor[purpose] = true;
}

static void nss_as_it_is(const struct exporting *w, struct nss_cert *cert)
{
	const struct store *s = w->q->store;

	for (size_t i = 0; i < s->n_rules; i++)
		nss_add_anchor(&cert[s->rule[i].cert], s->rule[i].purpose, s->rule[i].box.nb_hi);
	for (size_t i = 0; i < s->n_distrusts; i++)
		cert[s->distrust[i].cert].distrusted[s->distrust[i].purpose] = true;
	for (size_t i = 0; i < w->q->n_assume; i++) {
		nss_add_anchor(&cert[w->q->assume[i]], w->q->purpose, DISTRUST_NEVER);
		cert[w->q->assume[i]].changed = true;
	}
}

static void nss_hold(void *ctx, uint32_t cert)
{
	((struct nss_cert *)ctx)[cert].held = true;
}

static void nss_under_marks(const struct exporting *w, struct nss_cert *cert)
{
	enum purpose p = w->q->purpose;
	struct nss_marking n = { cert, p };

	for (size_t i = 0; i < w->q->n_marks; i++) {
		const struct mark *m = &w->q->marks[i];
		struct nss_cert *c = m->action == MARK_BLOCK ? NULL : &cert[m->target];

		if (m->action == MARK_BLOCK || m->action == MARK_REVOKE) {
			export_hits(w, m, nss_distrust, &n);
		} else if (m->action == MARK_REMOVE && c->anchor[p]) {
			c->anchor[p] = false;
			c->changed = true;
		} else if (m->action == MARK_DISTRUST_AFTER && c->anchor[p] && m->limit < c->after[p]) {
			c->after[p] = m->limit;
			c->changed = true;
		}
	}
}

static enum certdata_trust_level nss_level(const struct nss_cert *c, enum purpose p)
{
	return c->distrusted[p] ? TRUST_NOT_TRUSTED : c->anchor[p] ? TRUST_ANCHOR : TRUST_MUST_VERIFY;
}

static int nss_write(struct exporting *w, uint32_t cert, const struct nss_cert *c, struct err *err)
{
	const struct ca_cert *g = &w->g->cert.v[cert];
	struct certdata_cert object = { .label = w->g->ca.v[g->ca].name,
		.server_distrust_after = c->anchor[PURPOSE_TLS] ? c->after[PURPOSE_TLS] : DISTRUST_NEVER,
		.email_distrust_after = c->anchor[PURPOSE_EMAIL] ? c->after[PURPOSE_EMAIL] : DISTRUST_NEVER,
		.mozilla_policy = true };
	struct certdata_trust trust = { .label = object.label,
		.has_sha1 = true,
		.server = nss_level(c, PURPOSE_TLS),
		.email = nss_level(c, PURPOSE_EMAIL) };
	bool was_anchor =
		store_anchor(w->q->store, cert, PURPOSE_TLS) || store_anchor(w->q->store, cert, PURPOSE_EMAIL);
	bool distrusted = c->distrusted[PURPOSE_TLS] && c->distrusted[PURPOSE_EMAIL];
	struct x509_cert x;
	uint8_t *der;
	int rc;

	if (index_cert_der(w->ix, cert, &der, &object.der.n, err) < 0)
		return -1;
	object.der.p = der;
	object.mozilla_policy = was_anchor || !distrusted;
	rc = x509_parse(der, object.der.n, &x, err);
	if (rc == 0) {
		strbuf_addf(&w->x->text, "\n# %s%s", object.label, c->changed ? ": changed by the marks" : "");
		/* what the marks distrust below an anchor has a trust object alone */
		if (c->held || was_anchor || c->anchor[PURPOSE_TLS] || c->anchor[PURPOSE_EMAIL])
			rc = certdata_write_cert(&w->x->text, &object, err);
		memcpy(trust.sha1, g->sha1, sizeof(trust.sha1));
		trust.issuer = x.issuer;
		trust.serial = x.serial;
		certdata_write_trust(&w->x->text, &trust);
	}
	free(der);
	return rc;
}

/* What is written, as a store. */
static void nss_store(struct exporting *w, const struct nss_cert *cert)
{
	size_t most = w->g->cert.n * PURPOSE_COUNT + 1;
	struct store *s = &w->store;

	*s = (struct store){ .program = w->q->store->program, .day = w->q->store->day };
	s->rule = arena_alloc(&w->arena, most * sizeof(*s->rule));
	s->distrust = arena_alloc(&w->arena, most * sizeof(*s->distrust));
	for (uint32_t i = 0; i < w->g->cert.n; i++) {
		for (uint8_t p = 0; p < PURPOSE_COUNT; p++) {
			enum certdata_trust_level level = nss_level(&cert[i], p);
			struct anchor_rule rule = { .cert = i, .purpose = p, .box = BOX_ALL };

			rule.box.nb_hi = cert[i].after[p];
			if (level == TRUST_ANCHOR)
				s->rule[s->n_rules++] = rule;
			else if (level == TRUST_NOT_TRUSTED)
				s->distrust[s->n_distrusts++] = (struct distrust_rule){ i, p };
		}
	}
}

static int nss_write_all(struct exporting *w, const struct nss_cert *cert, const struct held_others *others, struct err *err)
{
	int rc = 0;

	for (int changed = 1; changed >= 0; changed--) {
		for (uint32_t i = 0; rc == 0 && i < w->g->cert.n; i++) {
			const struct nss_cert *c = &cert[i];
			bool told = c->held || c->changed || nss_level(c, PURPOSE_TLS) != TRUST_MUST_VERIFY ||
				    nss_level(c, PURPOSE_EMAIL) != TRUST_MUST_VERIFY;

			if (told && c->changed == (changed != 0))
				rc = nss_write(w, i, c, err);
		}
	}
	for (size_t i = 0; rc == 0 && i < others->n; i++)
		rc = export_held_write(&others->v[i], &w->x->text, err);
	return rc;
}

int export_certdata(struct exporting *w, struct err *err)
{
	struct nss_cert *cert = xcalloc(w->g->cert.n + 1, sizeof(*cert));
	struct held_others others = { 0 };
	int rc = export_held(w, nss_hold, cert, &others, err);

	nss_as_it_is(w, cert);
	nss_under_marks(w, cert);
	export_head(w, "certdata.txt as it would be");
	strbuf_addstr(&w->x->text, "# Labels are the CAs' names; distrust whose issuer the index does not know is left out.\n");
	certdata_write_head(&w->x->text);
	if (rc == 0)
		rc = nss_write_all(w, cert, &others, err);
	nss_store(w, cert);
	vec_release(&others);
	free(cert);
	return rc;
}

/* ---- Chrome's root store ---- */

static const char below[] = "the root store rejects nothing below its anchors; 'canopy export blocklist' does, by key";

struct anchors_asked {
	const struct exporting *w;
	bool other; /* a certificate that is good on the day and can stand below an anchor */
};

static void ask_other(void *ctx, uint32_t cert)
{
	struct anchors_asked *a = ctx;

	if (cert_valid_on(&a->w->g->cert.v[cert], a->w->q->day))
		a->other |= !export_is_anchor(a->w, cert) || !export_only_as_anchor(a->w, cert);
}

const char *constraints_cannot(const struct exporting *w, const struct mark *m)
{
	struct anchors_asked a = { w, false };

	if (m->action == MARK_REMOVE)
		return NULL;
	if (m->action == MARK_DISTRUST_AFTER || m->action == MARK_SCT_NOT_AFTER)
		return export_is_anchor(w, m->target) ? NULL : "constraints stand on anchors alone";
	export_hits(w, m, ask_other, &a);
	return a.other ? below : NULL;
}

/* One constraint set of an anchor, or the anchor without any. */
struct chrome_row {
	uint8_t sha256[32];
	uint32_t cert; /* NO_INDEX: not indexed */
	bool expiry, constraints, changed, gone, assumed;
	struct chromestore_set set;
	const char *unevaluated; /* on the anchor */
};
struct chrome_reading {
	struct exporting *w;
	VEC(struct chrome_row) row;
};

static struct chromestore_limit limit_of(struct db_int v, int64_t less)
{
	return (struct chromestore_limit){ v.set, v.set ? v.v - less : 0 };
}

/* "WHAT: text; …" in what import_lists.c notes about a rule; NULL without. */
static const char *noted(struct arena *a, const char *text, const char *what)
{
	const char *at = strstr(text, what), *end;
	char *part;

	if (!at)
		return NULL;
	at += strlen(what);
	end = strstr(at, "; ");
	part = arena_strdup(a, at);
	if (end)
		part[end - at] = '\0';
	return part;
}

static const char *kept(struct arena *a, const char *text)
{
	return text ? arena_strdup(a, text) : NULL;
}

static int take_rule(void *ctx, const struct db_anchor *a)
{
	struct chrome_reading *r = ctx;
	struct arena *arena = &r->w->arena;
	struct chrome_row row = { .cert = graph_find_cert(r->w->g, a->sha256),
		.expiry = a->judge_validity,
		.constraints = a->judge_constraints,
		.unevaluated = noted(arena, a->note, "not evaluated on the anchor: "),
		.set = { .sct_not_after = limit_of(a->sct_hi, 0),
			.sct_all_after = limit_of(a->sct_lo, 1),
			.starts_not_after = limit_of(a->nb_hi, 0),
			.starts_after = limit_of(a->nb_lo, 1),
			.min_version = kept(arena, a->min_version),
			.max_version = kept(arena, a->max_version),
			.dns_names = noted(arena, a->note, "permitted DNS names: "),
			.unevaluated = noted(arena, a->note, "not evaluated: ") } };

	if (a->purpose != PURPOSE_TLS)
		return 0;
	memcpy(row.sha256, a->sha256, 32);
	vec_push(&r->row, row);
	return 0;
}

static int read_rules(struct chrome_reading *r, int64_t *version, struct err *err)
{
	struct exporting *w = r->w;
	int rc = 0;

	*version = 0;
	for (size_t i = 0; rc == 0 && i < w->ix->snapshot.n; i++) {
		if (w->ix->snapshot.v[i].store != w->q->store)
			continue;
		*version = w->ix->snapshot.v[i].version;
		rc = db_each_anchor(w->ix->db, w->ix->snapshot.v[i].id, take_rule, r, err);
	}
	for (size_t i = 0; i < w->q->n_assume; i++) {
		struct chrome_row row = { .cert = w->q->assume[i], .changed = true, .assumed = true };

		memcpy(row.sha256, w->g->cert.v[row.cert].sha256, 32);
		vec_push(&r->row, row);
	}
	return rc;
}

static void narrow(struct chrome_row *row, struct chromestore_limit *l, int64_t limit)
{
	if (l->set && l->sec <= limit)
		return;
	*l = (struct chromestore_limit){ true, limit };
	row->changed = true;
}

static void chrome_under_marks(const struct exporting *w, struct chrome_row *row)
{
	const struct graph *g = w->g;

	for (size_t i = 0; row->cert != NO_INDEX && i < w->q->n_marks; i++) {
		const struct mark *m = &w->q->marks[i];
		bool hit = m->action == MARK_BLOCK ? m->target == g->ca.v[g->cert.v[row->cert].ca].key
						   : m->target == row->cert;

		if (!hit || constraints_cannot(w, m))
			continue;
		if (m->action == MARK_DISTRUST_AFTER)
			narrow(row, &row->set.starts_not_after, m->limit);
		else if (m->action == MARK_SCT_NOT_AFTER)
			narrow(row, &row->set.sct_not_after, m->limit);
		else
			row->gone = true;
	}
}

static bool has_set(const struct chromestore_set *s)
{
	return s->sct_not_after.set || s->sct_all_after.set || s->starts_not_after.set || s->starts_after.set ||
	       s->min_version || s->max_version || s->dns_names || s->unevaluated;
}

static const char *name_of(const struct exporting *w, const struct chrome_row *row)
{
	return row->cert == NO_INDEX ? "a certificate that is not indexed"
				     : w->g->ca.v[w->g->cert.v[row->cert].ca].name;
}

/* n alternatives of one anchor. */
static void write_anchor(struct exporting *w, const struct chrome_row *row, size_t n)
{
	struct strbuf *out = &w->x->text;
	VEC(struct chromestore_set) set = { 0 };
	bool changed = false, below_anchors;

	if (row->gone) {
		strbuf_addf(out, "\n# %s: left out by the marks: ", name_of(w, row));
		strbuf_addhex(out, row->sha256, 32);
		strbuf_addch(out, '\n');
		return;
	}
	for (size_t i = 0; i < n; i++) {
		changed |= row[i].changed;
		if (n > 1 || has_set(&row[i].set))
			vec_push(&set, row[i].set);
	}
	below_anchors = row->cert != NO_INDEX && !(w->g->cert.v[row->cert].flags & CERT_SELF_ISSUED);
	strbuf_addf(out, "\n# %s%s\n", name_of(w, row),
		row->assumed ? ": assumed"
		: changed    ? ": changed by the marks"
			     : "");
	struct chromestore_anchor a = { .additional = below_anchors,
		.tls_trust_anchor = below_anchors,
		.enforce_anchor_expiry = row->expiry,
		.enforce_anchor_constraints = row->constraints,
		.sets = set.v,
		.n_sets = set.n,
		.unevaluated = row->unevaluated };
	memcpy(a.sha256, row->sha256, 32);
	chromestore_write_anchor(out, &a);
	vec_release(&set);
}

static size_t run_of(const struct chrome_reading *r, size_t i)
{
	size_t n = 1;

	while (i + n < r->row.n && r->row.v[i].assumed == r->row.v[i + n].assumed &&
		memcmp(r->row.v[i].sha256, r->row.v[i + n].sha256, 32) == 0)
		n++;
	return n;
}

/* What is written, as a store: for the version of the browser that is asked about. */
static void chrome_store(struct exporting *w, const struct chrome_reading *r)
{
	struct store *s = &w->store;

	*s = (struct store){ .program = w->q->store->program, .day = w->q->store->day };
	s->rule = arena_alloc(&w->arena, (r->row.n + 1) * sizeof(*s->rule));
	for (size_t i = 0; i < r->row.n; i++) {
		const struct chrome_row *row = &r->row.v[i];
		struct chromestore_set set = row->set;

		if (row->gone || row->cert == NO_INDEX || !chromestore_applies(&set, w->ix->chrome_version))
			continue;
		set.unevaluated = NULL;
		s->rule[s->n_rules++] = (struct anchor_rule){ .cert = row->cert,
			.purpose = PURPOSE_TLS,
			.box = chromestore_box(&set),
			.judge_validity = row->expiry,
			.judge_constraints = row->constraints };
	}
	qsort(s->rule, s->n_rules, sizeof(*s->rule), by_cert);
}

int export_constraints(struct exporting *w, struct err *err)
{
	struct chrome_reading r = { .w = w };
	int64_t version;
	int rc = read_rules(&r, &version, err);

	export_head(w, "Chrome's root store as it would be");
	strbuf_addf(&w->x->text, "# one more than the version of the store of which it is made\nversion_major: %lld\n",
		(long long)version + 1);
	for (size_t i = 0; i < r.row.n; i++)
		chrome_under_marks(w, &r.row.v[i]);
	for (size_t i = 0, n; rc == 0 && i < r.row.n; i += n) {
		n = run_of(&r, i);
		write_anchor(w, &r.row.v[i], n);
	}
	chrome_store(w, &r);
	vec_release(&r.row);
	return rc;
}
