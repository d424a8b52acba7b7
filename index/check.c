#include "index/check.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "base/text.h"
#include "db/leafrun.h"
#include "index/crl.h"
#include "index/key.h"
#include "index/name.h"
#include "index/state.h"
#include "index/storedoubt.h"
#include "index/x509.h"

const char *const severity_names[3] = { "low", "medium", "high" };

#define TRUSTS_MAX 32
/* Certificates of one key that a finding names; who makes more is counted. */
#define SIBLINGS_TOLD 16

/* A verified list of a CA that is about the certificates which name the same distribution point. */
struct crl_point {
	uint32_t ca;
	char *url; /* heap */
};

/* A file derived from others is taken for CCADB's word where there is none, and said to be no more. */
enum ccadb_word { CCADB_SILENT, CCADB_DERIVED, CCADB_OWN };
/* Where a path that begins with a certificate is accepted: programs and purposes, "" none. */
struct use {
	const char *in;    /* NULL: not asked yet */
	const char *maybe; /* where there are too many paths to know */
};
struct checking {
	struct index *ix;
	const struct graph *g;
	int32_t day;
	struct err *err;
	struct arena *arena;
	struct x509_cert *x; /* by certificate; der.p is NULL where the bytes could not be read */
	uint8_t **der;
	struct trust *trust[TRUSTS_MAX]; /* each program and purpose */
	size_t n_trusts;
	struct use *use; /* by certificate */
	struct store_doubts doubts;
	bool has_ccadb, has_onecrl, has_revocations;
	uint8_t *ccadb_says; /* by certificate: who says for CCADB whether it is revoked, enum ccadb_word */
	uint8_t *crl_read; /* by CA: a verified CRL of it is indexed */
	VEC(struct crl_point) point; /* lists for the certificates of one distribution point */
	uint32_t *ca_of_db; /* by row id of a CA */
	size_t n_db_cas;
	bool (*cancelled)(void *ctx); /* NULL: nobody will */
	void *cancel_ctx;
	const char *kind;
	VEC(struct finding) found;
	bool failed; /* something could not be read: what is found is not all */
};

/* ---- telling ---- */

static void tell(struct checking *c, enum severity severity, uint32_t ca, uint32_t cert, const char *source, const char *fmt, ...)
        __attribute__((format(printf, 6, 7)));
static void tell(struct checking *c, enum severity severity, uint32_t ca, uint32_t cert, const char *source, const char *fmt, ...)
{
	struct strbuf b = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	vec_push(&c->found, (struct finding){ .kind = c->kind,
	                                      .severity = severity,
	                                      .ca = ca,
	                                      .cert = cert,
	                                      .day = INT32_MIN,
	                                      .detail = text_clean_dup(c->arena, b.buf, b.len),
	                                      .source = arena_strdup(c->arena, source) });
	strbuf_release(&b);
}

static void tell_cert(struct checking *c, enum severity severity, uint32_t cert, const char *source, const char *detail)
{
	tell(c, severity, c->g->cert.v[cert].ca, cert, source, "%s", detail);
}

/* ---- questions that several checks ask ---- */

static bool cancelled(const struct checking *c)
{
	return c->cancelled && c->cancelled(c->cancel_ctx);
}

static bool revoked_somewhere(const struct checking *c, uint32_t cert)
{
	size_t n;
	const struct revocation *r = cert_revocations(c->g, cert, &n);

	for (size_t i = 0; i < n; i++)
		if (revocation_holds(&r[i], c->day))
			return true;
	return false;
}

static const struct use *use_of(const struct checking *c, uint32_t cert)
{
	struct strbuf in = STRBUF_INIT, maybe = STRBUF_INIT;
	struct use *u = &c->use[cert];

	if (u->in)
		return u;
	for (size_t i = 0; i < c->n_trusts; i++) {
		const struct trust_query *q = trust_query(c->trust[i]);
		enum trust_begun begun = trust_begins(c->trust[i], cert);
		struct strbuf *b = begun == BEGINS_SOME ? &in : &maybe;
		if (begun != BEGINS_NONE)
			strbuf_addf(b, "%s%s %s", b->len ? ", " : "", q->store->program, purpose_names[q->purpose]);
	}
	*u = (struct use){ arena_strdup(c->arena, in.buf), arena_strdup(c->arena, maybe.buf) };
	strbuf_release(&in);
	strbuf_release(&maybe);
	return u;
}

/* "accepted by mozilla tls, not known whether by chrome tls: too many paths" */
static void add_use(struct strbuf *out, const char *word, const struct use *u)
{
	if (*u->in)
		strbuf_addf(out, "%s by %s", word, u->in);
	if (*u->maybe)
		strbuf_addf(out, "%snot known whether %s%sby %s: too many paths", *u->in ? ", " : "", *u->in ? "" : word, *u->in ? "" : " ",
		            u->maybe);
}

static bool is_expired(const struct checking *c, const struct ca_cert *e)
{
	return e->not_after != TIME_UNKNOWN && e->not_after < date_start(c->day);
}

/* A certificate not valid any more can hardly hurt. */
static enum severity alive(const struct checking *c, uint32_t cert, enum severity when_valid)
{
	return cert_valid_on(&c->g->cert.v[cert], c->day) ? when_valid : SEVERITY_LOW;
}

/* The issuer that is another CA; a certificate has rarely more than one. NO_INDEX when it has none. */
static uint32_t other_issuer(const struct graph *g, const struct ca_cert *e, uint32_t from)
{
	for (uint32_t i = from; i < e->n_issuers; i++)
		if (g->issuers[e->first_issuer + i] != e->ca)
			return i;
	return NO_INDEX;
}

/* ---- the checks ---- */

static void check_undisclosed(struct checking *c)
{
	struct strbuf b = STRBUF_INIT;

	for (uint32_t i = 0; c->has_ccadb && i < c->g->cert.n && !cancelled(c); i++) {
		if (c->g->cert.v[i].flags & CERT_DISCLOSED)
			continue;
		const struct use *u = use_of(c, i);
		bool nowhere = !*u->in && !*u->maybe;
		strbuf_reset(&b);
		strbuf_addstr(&b, "in no CCADB report indexed; ");
		if (nowhere)
			strbuf_addstr(&b, "accepted by no program indexed");
		add_use(&b, "accepted", u);
		tell_cert(c, nowhere ? SEVERITY_LOW : SEVERITY_HIGH, i, "ccadb", b.buf);
	}
	strbuf_release(&b);
}

static void check_ocsp_signing(struct checking *c)
{
	for (uint32_t i = 0; i < c->g->cert.n; i++)
		if (c->g->cert.v[i].eku & EKU_OCSP)
			tell_cert(c, alive(c, i, SEVERITY_HIGH), i, "certificate",
			          "OCSPSigning among its extended key usages: it can sign OCSP answers for its siblings");
}

static bool says_revoked(const struct checking *c, uint32_t cert, enum revocation_source source)
{
	return cert_revoked_by(c->g, cert, source, c->day);
}

struct crl_question {
	const struct checking *c;
	uint32_t ca;
	bool named;
};

static void ask_point(void *ctx, int type, struct slice value)
{
	struct crl_question *q = ctx;

	for (size_t i = 0; type == NAME_URI && i < q->c->point.n; i++) {
		const struct crl_point *p = &q->c->point.v[i];
		q->named |= p->ca == q->ca && strlen(p->url) == value.n && memcmp(p->url, value.p, value.n) == 0;
	}
}

/* Would the certificate stand on a list of the CA that was read, were it revoked? */
static bool is_on_lists_of(const struct checking *c, uint32_t cert, uint32_t ca)
{
	struct crl_question q = { c, ca, c->crl_read[ca] };

	if (!q.named && c->x[cert].der.p)
		x509_crl_urls_each(&c->x[cert], ask_point, &q);
	return q.named;
}

/* Can the source be expected to know of the certificate? */
static bool could_say(const struct checking *c, uint32_t cert, enum revocation_source source)
{
	const struct ca_cert *e = &c->g->cert.v[cert];

	switch (source) {
	case REVOKED_CCADB:
		return c->ccadb_says[cert];
	case REVOKED_ONECRL:
		return c->has_onecrl;
	case REVOKED_CRL:
		for (uint32_t i = 0; i < e->n_issuers; i++)
			if (is_on_lists_of(c, cert, c->g->issuers[e->first_issuer + i]))
				return true;
		return false;
	default:
		return false;
	}
}

static void add_source(enum revocation_source source, struct strbuf *out)
{
	strbuf_addf(out, "%s%s", out->len ? ", " : "", revocation_names[source]);
}

/* A CRLSet is asked of no certificate that it lacks, for it never has all: it only joins those that revoke. */
static void check_revoked_everywhere(struct checking *c)
{
	static const enum revocation_source asked[] = { REVOKED_CRL, REVOKED_CCADB, REVOKED_ONECRL };
	const struct graph *g = c->g;

	for (size_t k = 0; k < g->revocation.n; k++) {
		uint32_t cert = g->revocation.v[k].cert;
		struct strbuf yes = STRBUF_INIT, no = STRBUF_INIT;
		if (k && g->revocation.v[k - 1].cert == cert)
			continue;
		for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
			struct strbuf *b = says_revoked(c, cert, asked[i]) ? &yes : could_say(c, cert, asked[i]) ? &no : NULL;
			if (b)
				add_source(asked[i], b);
		}
		if (yes.len && says_revoked(c, cert, REVOKED_CRLSET))
			add_source(REVOKED_CRLSET, &yes);
		if (yes.len && no.len)
			tell(c, alive(c, cert, SEVERITY_MEDIUM), g->cert.v[cert].ca, cert, yes.buf, "revoked in %s, not in %s%s",
			     yes.buf, no.buf, c->ccadb_says[cert] == CCADB_DERIVED ? "; what ccadb says is from a file derived from others" : "");
		strbuf_release(&yes);
		strbuf_release(&no);
	}
}

static int note_unrevoked(void *ctx, int64_t certificate, int source, int32_t day)
{
	struct checking *c = ctx;
	uint32_t cert = index_cert_of(c->ix, certificate);
	char date[DATE_BUF];

	if (cert != NO_INDEX && source >= 0 && source < REVOCATION_SOURCES)
		tell(c, alive(c, cert, SEVERITY_HIGH), c->g->cert.v[cert].ca, cert, revocation_names[source],
		     "was revoked in %s, last seen so on %s, and no longer is", revocation_names[source],
		     date_format(date, day));
	return 0;
}

/* Was it told of this certificate and source since finding number `from`? */
static bool told(const struct checking *c, size_t from, uint32_t cert, const char *source)
{
	for (size_t i = from; i < c->found.n; i++)
		if (c->found.v[i].cert == cert && strcmp(c->found.v[i].source, source) == 0)
			return true;
	return false;
}

/* The day on which the last list that had it gave way to one that has not, up to the day asked about; else 0. */
static int64_t lifted_at(const struct checking *c, uint32_t cert, uint8_t source)
{
	size_t n;
	const struct revocation *r = cert_revocations(c->g, cert, &n);
	int64_t last = 0;

	for (size_t i = 0; i < n; i++)
		if (r[i].source == source && r[i].lifted <= date_end(c->day) && r[i].lifted > last)
			last = r[i].lifted;
	return last;
}

/* What the linker remembers of what is in no indexed list; where one has it, the lists' own days decide. */
static void check_unrevoked(struct checking *c)
{
	const struct graph *g = c->g;
	size_t from = c->found.n;
	char date[DATE_BUF];

	c->failed |= db_each_unrevoked(c->ix->db, note_unrevoked, c, c->err) < 0;
	for (size_t i = 0; i < g->revocation.n; i++) {
		uint32_t cert = g->revocation.v[i].cert;
		uint8_t source = g->revocation.v[i].source;
		const char *name = revocation_names[source];
		int64_t at = lifted_at(c, cert, source);
		if (!at || cert_revoked_by(g, cert, source, c->day) || told(c, from, cert, name))
			continue;
		tell(c, alive(c, cert, SEVERITY_HIGH), g->cert.v[cert].ca, cert, name,
		     "was revoked in %s, and no longer is since %s", name, date_format(date, date_of_time(at)));
	}
}

/* A change of what CCADB says, told once a certificate and column, whatever the reports that say it. */
struct changes {
	struct checking *c;
	struct map told; /* what was told */
	bool came;              /* asked for records that came, else for all other changes */
};

static bool is_new_there(struct changes *s, const struct db_change *x)
{
	struct strbuf key = STRBUF_INIT;
	bool is_new;

	strbuf_add(&key, x->sha256, 32);
	strbuf_addf(&key, "%s %d %s", x->field, (int)x->day, x->new ? x->new : "gone");
	map_at(&s->told, key.buf, key.len, &is_new);
	strbuf_release(&key);
	return is_new;
}

static int note_change(void *ctx, const struct db_change *x)
{
	struct changes *s = ctx;
	struct checking *c = s->c;
	bool record = strcmp(x->field, "record") == 0, came = record && !x->old;
	uint32_t cert = graph_find_cert(c->g, x->sha256);
	struct strbuf detail = STRBUF_INIT, source = STRBUF_INIT;
	char day[DATE_BUF], since[DATE_BUF];

	if (came != s->came || !is_new_there(s, x))
		return 0;
	date_format(day, x->day);
	date_format(since, x->since);
	if (cert == NO_INDEX) {
		strbuf_addstr(&detail, "certificate ");
		strbuf_addhex(&detail, x->sha256, 32);
		strbuf_addstr(&detail, ": ");
	}
	if (came)
		strbuf_addf(&detail, "in the report of %s, not in that of %s", day, since);
	else if (record)
		strbuf_addf(&detail, "in the report of %s, no more in that of %s", since, day);
	else
		strbuf_addf(&detail, "%s was '%s' in the report of %s, is '%s' in that of %s", x->field, x->old ? x->old : "", since,
		            x->new ? x->new : "", day);
	strbuf_addf(&source, "ccadb, %s", x->part);
	tell(c, SEVERITY_LOW, cert == NO_INDEX ? NO_INDEX : c->g->cert.v[cert].ca, cert, source.buf, "%s", detail.buf);
	c->found.v[c->found.n - 1].day = x->day;
	strbuf_release(&detail);
	strbuf_release(&source);
	return 0;
}

static void check_changes(struct checking *c, bool came)
{
	struct changes s = { .c = c, .came = came };

	c->failed |= db_each_change(c->ix->db, c->day, note_change, &s, c->err) < 0;
	map_release(&s.told);
}

static void check_new_ca(struct checking *c)
{
	check_changes(c, true);
}

static void check_status(struct checking *c)
{
	check_changes(c, false);
}

/* SHA-1 of the key's bits: method 1 of RFC 5280 4.2.1.2. */
static bool is_key_hash(struct slice spki, struct slice id)
{
	struct slice rest = spki;
	struct der outer, alg, bits;
	uint8_t hash[20];

	if (id.n != sizeof(hash) || !der_take(&rest, DER_SEQUENCE, &outer))
		return false;
	rest = outer.body;
	if (!der_take(&rest, DER_SEQUENCE, &alg) || !der_take(&rest, DER_BIT_STRING, &bits) || bits.body.n < 1)
		return false;
	EVP_Digest(bits.body.p + 1, bits.body.n - 1, hash, NULL, EVP_sha1(), NULL);
	return memcmp(hash, id.p, sizeof(hash)) == 0;
}

/* A CA that states no key identifier may have made the one in an AKI in any way (RFC 5280 4.2.1.2). */
static bool states_key_id(const struct checking *c, uint32_t ca)
{
	const struct ca *a = &c->g->ca.v[ca];

	for (uint32_t i = 0; i < a->n_certs; i++)
		if (c->x[c->g->ca_certs[a->first_cert + i]].ski.n)
			return true;
	return false;
}

/* Does one of the CA's certificates, or the key itself, have this key identifier? */
static bool has_key_id(const struct checking *c, uint32_t ca, struct slice id)
{
	const struct ca *a = &c->g->ca.v[ca];

	for (uint32_t i = 0; i < a->n_certs; i++) {
		const struct x509_cert *x = &c->x[c->g->ca_certs[a->first_cert + i]];
		if (x->ski.n && slice_equal(x->ski, id))
			return true;
		if (i == 0 && x->spki.p && is_key_hash(x->spki, id))
			return true;
	}
	return false;
}

static void check_aki(struct checking *c)
{
	for (uint32_t i = 0; i < c->g->cert.n; i++) {
		const struct ca_cert *e = &c->g->cert.v[i];
		const struct x509_cert *x = &c->x[i];
		if (x->aki_has_issuer)
			tell_cert(c, SEVERITY_LOW, i, "certificate", "its AKI names issuer and serial number");
		if (!x->aki_keyid.n || !e->n_issuers)
			continue;
		bool fits = false;
		for (uint32_t k = 0; k < e->n_issuers && !fits; k++) {
			uint32_t issuer = c->g->issuers[e->first_issuer + k];
			fits = !states_key_id(c, issuer) || has_key_id(c, issuer, x->aki_keyid);
		}
		if (!fits)
			tell_cert(c, alive(c, i, SEVERITY_MEDIUM), i, "certificate",
			          "its AKI is the key identifier of no issuer whose key verifies it");
	}
}

static bool all_path_len_zero(const struct graph *g, uint32_t ca)
{
	const struct ca *a = &g->ca.v[ca];

	for (uint32_t i = 0; i < a->n_certs; i++)
		if (g->cert.v[g->ca_certs[a->first_cert + i]].path_len != 0)
			return false;
	return a->n_certs > 0;
}

static bool all_expired(const struct checking *c, uint32_t ca)
{
	const struct ca *a = &c->g->ca.v[ca];

	for (uint32_t i = 0; i < a->n_certs; i++)
		if (!is_expired(c, &c->g->cert.v[c->g->ca_certs[a->first_cert + i]]))
			return false;
	return a->n_certs > 0;
}

/* Does the test hold for every issuer that is another CA? *first gets one of them. */
static bool every_issuer(const struct checking *c, uint32_t cert, bool (*test)(const struct checking *c, uint32_t ca),
                         uint32_t *first)
{
	const struct ca_cert *e = &c->g->cert.v[cert];

	*first = NO_INDEX;
	for (uint32_t i = other_issuer(c->g, e, 0); i != NO_INDEX; i = other_issuer(c->g, e, i + 1)) {
		uint32_t issuer = c->g->issuers[e->first_issuer + i];
		if (!test(c, issuer))
			return false;
		*first = issuer;
	}
	return *first != NO_INDEX;
}

static bool path_len_zero(const struct checking *c, uint32_t ca)
{
	return all_path_len_zero(c->g, ca);
}

static void check_path_len(struct checking *c)
{
	uint32_t issuer;

	for (uint32_t i = 0; i < c->g->cert.n; i++) {
		if ((c->g->cert.v[i].flags & CERT_SELF_ISSUED) || !every_issuer(c, i, path_len_zero, &issuer))
			continue;
		tell(c, alive(c, i, SEVERITY_HIGH), c->g->cert.v[i].ca, i, "certificate",
		     "every certificate of its issuer '%s' has pathLenConstraint 0", c->g->ca.v[issuer].name);
	}
}

/* The first day from which the source holds; INT64_MAX: it does not, INT64_MIN: it gives none. */
static int64_t revoked_from(const struct checking *c, uint32_t cert, int source)
{
	size_t n;
	const struct revocation *r = cert_revocations(c->g, cert, &n);
	int64_t from = INT64_MAX;

	for (size_t i = 0; i < n; i++)
		if (r[i].source == source && revocation_holds(&r[i], c->day) && r[i].from < from)
			from = r[i].from;
	return from;
}

/* "by crl on 2026-03-01, by ccadb, onecrl (undated)" */
static void add_revokers(const struct checking *c, uint32_t cert, struct strbuf *out)
{
	size_t begin = out->len, undated;
	char day[DATE_BUF];

	for (int s = 0; s < REVOCATION_SOURCES; s++) {
		int64_t from = revoked_from(c, cert, s);
		if (from != INT64_MIN && from != INT64_MAX)
			strbuf_addf(out, "%sby %s on %s", out->len > begin ? ", " : "", revocation_names[s],
			            date_format(day, date_of_time(from)));
	}
	undated = out->len;
	for (int s = 0; s < REVOCATION_SOURCES; s++)
		if (revoked_from(c, cert, s) == INT64_MIN)
			strbuf_addf(out, "%s%s%s", out->len > begin ? ", " : "", out->len == undated ? "by " : "", revocation_names[s]);
	if (out->len > undated)
		strbuf_addstr(out, " (undated)");
}

static int by_end(const void *a, const void *b, void *ctx)
{
	const struct graph *g = ctx;
	const struct ca_cert *x = &g->cert.v[*(const uint32_t *)a], *y = &g->cert.v[*(const uint32_t *)b];

	if (x->not_after != y->not_after)
		return x->not_after > y->not_after ? -1 : 1;
	return memcmp(x->sha256, y->sha256, 32);
}

typedef VEC(uint32_t) cert_list;

/* The certificates of a key that somebody has revoked, and the others, the one that lasts longest first. Whether one that is
 * expired still serves is for the paths to say: some programs do not judge an anchor's own dates. */
static void list_of_key(const struct checking *c, uint32_t key, cert_list *revoked, cert_list *others)
{
	const struct graph *g = c->g;

	for (uint32_t k = g->key_first[key]; k < g->key_first[key + 1]; k++) {
		const struct ca *a = &g->ca.v[g->key_cas[k]];
		for (uint32_t i = 0; i < a->n_certs; i++) {
			uint32_t cert = g->ca_certs[a->first_cert + i];
			if (revoked_somewhere(c, cert))
				vec_push(revoked, cert);
			else
				vec_push(others, cert);
		}
	}
	if (revoked->n && others->n)
		qsort_r(others->v, others->n, sizeof(*others->v), by_end, (void *)g);
}

/* Those in which the key lives on, or those alone of which it is not known: "; its key lives on in certificate …; and in
 * certificate …", "" when there is none. */
static void add_living(struct checking *c, const cert_list *certs, bool known, struct strbuf *out)
{
	const char *first = known ? "its key lives on" : "its key may live on";
	size_t n = 0;
	char day[DATE_BUF];

	for (size_t i = 0; i < certs->n && !cancelled(c); i++) {
		const struct ca_cert *e = &c->g->cert.v[certs->v[i]];
		const struct use *u = use_of(c, certs->v[i]);
		if (!(known ? *u->in : !*u->in && *u->maybe) || n++ >= SIBLINGS_TOLD)
			continue;
		strbuf_addf(out, "; %s in certificate ", n > 1 ? "and" : first);
		strbuf_addhex(out, e->sha256, 32);
		strbuf_addf(out, " of '%s', valid to %s, ", c->g->ca.v[e->ca].name,
		            e->not_after == TIME_UNKNOWN ? "a day that is not known" : date_format(day, date_of_time(e->not_after)));
		add_use(out, "trusted", u);
	}
	if (n > SIBLINGS_TOLD)
		strbuf_addf(out, "; and in %zu more", n - SIBLINGS_TOLD);
}

static void tell_key(struct checking *c, const cert_list *revoked, const cert_list *others)
{
	struct strbuf living = STRBUF_INIT, who = STRBUF_INIT;

	add_living(c, others, true, &living);
	add_living(c, others, false, &living);
	for (size_t i = 0; living.len && i < revoked->n; i++) {
		strbuf_reset(&who);
		add_revokers(c, revoked->v[i], &who);
		tell(c, SEVERITY_HIGH, c->g->cert.v[revoked->v[i]].ca, revoked->v[i], "paths", "revoked %s%s", who.buf, living.buf);
	}
	strbuf_release(&living);
	strbuf_release(&who);
}

/* What lives on is the same for all revoked certificates of a key. */
static void check_sibling(struct checking *c)
{
	cert_list revoked = { 0 }, others = { 0 };

	for (uint32_t key = 0; key < c->g->n_keys && !cancelled(c); key++) {
		revoked.n = others.n = 0;
		list_of_key(c, key, &revoked, &others);
		if (revoked.n && others.n)
			tell_key(c, &revoked, &others);
	}
	vec_release(&revoked);
	vec_release(&others);
}

static void check_expired_parent(struct checking *c)
{
	uint32_t issuer;

	for (uint32_t i = 0; i < c->g->cert.n; i++) {
		const struct ca_cert *e = &c->g->cert.v[i];
		/* a root's own CA is one of its issuers, and has at least this certificate */
		if (is_expired(c, e) || (e->flags & CERT_SELF_SIGNED) || !every_issuer(c, i, all_expired, &issuer))
			continue;
		tell(c, SEVERITY_LOW, e->ca, i, "certificate", "every certificate of its issuer '%s' is expired",
		     c->g->ca.v[issuer].name);
	}
}

static void check_weak_signature(struct checking *c)
{
	struct strbuf alg = STRBUF_INIT;

	for (uint32_t i = 0; i < c->g->cert.n; i++) {
		uint32_t flags = c->g->cert.v[i].flags;
		if (!(flags & CERT_WEAK_SIG) || (flags & CERT_SELF_SIGNED))
			continue;
		strbuf_reset(&alg);
		if (c->x[i].sig_alg.p)
			sig_alg_text(c->x[i].sig_alg, &alg);
		tell(c, alive(c, i, SEVERITY_MEDIUM), c->g->cert.v[i].ca, i, "certificate", "signed with %s", alg.buf);
	}
	strbuf_release(&alg);
}

static void check_weak_key(struct checking *c)
{
	struct strbuf text = STRBUF_INIT;

	for (uint32_t i = 0; i < c->g->cert.n; i++) {
		struct key_info info;
		if (!c->x[i].spki.p || key_info(c->x[i].spki, &info) < 0 || !info.weak)
			continue;
		strbuf_reset(&text);
		key_describe(c->x[i].spki, &text);
		tell(c, alive(c, i, SEVERITY_HIGH), c->g->cert.v[i].ca, i, "certificate", "its key is %s", text.buf);
	}
	strbuf_release(&text);
}

static void check_cycles(struct checking *c)
{
	const struct graph *g = c->g;

	for (uint32_t k = 0; k < g->n_components; k++) {
		uint32_t first = g->component_first[k], n = g->component_first[k + 1] - first;
		struct strbuf b = STRBUF_INIT;
		if (n < 2)
			continue;
		for (uint32_t i = 0; i < n && i < 8; i++)
			strbuf_addf(&b, "%s'%s'", i ? ", " : "", g->ca.v[g->component_cas[first + i]].name);
		tell(c, SEVERITY_LOW, g->component_cas[first], NO_INDEX, "certificates", "%u CAs certify each other: %s%s", n, b.buf,
		     n > 8 ? " and more" : "");
		strbuf_release(&b);
	}
}

struct bad_signature {
	struct checking *c;
	struct map keys; /* SHA-256 of an SPKI to its number */
};

static int note_bad_signature(void *ctx, int64_t certificate, const uint8_t *spki, int good)
{
	struct bad_signature *b = ctx;
	const struct checking *c = b->c;
	const struct graph *g = c->g;
	uint32_t cert = index_cert_of(c->ix, certificate);
	const uint64_t *key = map_get(&b->keys, spki, 32);

	if (good != 0 || cert == NO_INDEX || !key || !c->x[cert].aki_keyid.n)
		return 0;
	for (uint32_t k = g->key_first[*key]; k < g->key_first[*key + 1]; k++) {
		uint32_t ca = g->key_cas[k];
		const struct x509_cert *parent = &c->x[g->ca_certs[g->ca.v[ca].first_cert]];
		if (!parent->subject.p || !x509_name_equal(parent->subject, c->x[cert].issuer) ||
		    !has_key_id(c, ca, c->x[cert].aki_keyid))
			continue;
		tell(b->c, SEVERITY_HIGH, g->cert.v[cert].ca, cert, "certificate",
		     "names '%s' as issuer and its key, which does not verify the signature", g->ca.v[ca].name);
		return 0;
	}
	return 0;
}

static void check_bad_signature(struct checking *c)
{
	struct bad_signature b = { .c = c };

	for (uint32_t i = 0; i < c->g->ca.n; i++)
		*map_at(&b.keys, c->g->ca.v[i].spki_sha256, 32, NULL) = c->g->ca.v[i].key;
	c->failed |= db_each_signature(c->ix->db, note_bad_signature, &b, c->err) < 0;
	map_release(&b.keys);
}

static int note_duplicate_leaf(void *ctx, int64_t ca, struct db_blob serial, int64_t n)
{
	struct checking *c = ctx;
	struct strbuf hex = STRBUF_INIT;

	if (ca >= 0 && (size_t)ca < c->n_db_cas && c->ca_of_db[ca] != NO_INDEX) {
		strbuf_addhex(&hex, serial.p, serial.n);
		tell(c, SEVERITY_HIGH, c->ca_of_db[ca], NO_INDEX, "leaves",
		     "%d different certificates with serial number %s", (int)n, hex.buf);
		strbuf_release(&hex);
	}
	return 0;
}

static int note_duplicate_in_logs(void *ctx, int64_t ca, struct db_blob serial)
{
	struct checking *c = ctx;
	struct strbuf hex = STRBUF_INIT;

	if (ca < 0 || (size_t)ca >= c->n_db_cas || c->ca_of_db[ca] == NO_INDEX)
		return 0;
	strbuf_addhex(&hex, serial.p, serial.n);
	tell(c, SEVERITY_HIGH, c->ca_of_db[ca], NO_INDEX, "ct",
	     "certificates with different contents in logs%s%s", hex.len ? ", serial number " : "", hex.buf);
	strbuf_release(&hex);
	return 0;
}

/* Another certificate of the same issuer and serial, seen before this one; NO_INDEX none. */
static void check_duplicate_serial(struct checking *c)
{
	const struct graph *g = c->g;
	struct map first = { 0 };

	for (uint32_t i = 0; i < g->cert.n; i++) {
		const struct ca_cert *e = &g->cert.v[i];
		for (uint32_t k = 0; k < e->n_issuers; k++) {
			struct strbuf key = STRBUF_INIT, other = STRBUF_INIT;
			bool is_new;
			strbuf_add(&key, g->ca.v[g->issuers[e->first_issuer + k]].id, 32);
			strbuf_add(&key, c->x[i].serial.p, c->x[i].serial.n);
			uint64_t *v = map_at(&first, key.buf, key.len, &is_new);
			if (is_new) {
				*v = i;
			} else {
				strbuf_addhex(&other, g->cert.v[*v].sha256, 32);
				tell(c, SEVERITY_MEDIUM, e->ca, i, "certificates", "has issuer and serial number of %s", other.buf);
			}
			strbuf_release(&key);
			strbuf_release(&other);
		}
	}
	map_release(&first);
	c->failed |= db_each_duplicate_leaf(c->ix->db, note_duplicate_leaf, c, c->err) < 0 ||
	             db_each_ct_duplicate(c->ix->db, note_duplicate_in_logs, c, c->err) < 0;
}

/* ---- stores ---- */

static void check_store_shrank(struct checking *c)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < c->doubts.doubt.n; i++) {
		const struct store_doubt *d = &c->doubts.doubt.v[i];
		if (d->kind != DOUBT_SHRANK)
			continue;
		strbuf_reset(&b);
		store_doubt_text(d, &b);
		tell(c, d->gone > d->others / 2 ? SEVERITY_HIGH : SEVERITY_MEDIUM, NO_INDEX, NO_INDEX, d->source, "%s", b.buf);
	}
	strbuf_release(&b);
}

static void tell_contradiction(struct checking *c, const struct store_contradiction *x)
{
	uint32_t cert = graph_find_cert(c->g, x->sha256);
	struct strbuf b = STRBUF_INIT;

	if (cert == NO_INDEX) {
		strbuf_addstr(&b, "certificate ");
		strbuf_addhex(&b, x->sha256, 32);
		strbuf_addstr(&b, ": ");
	}
	store_contradiction_text(x, &b);
	tell(c, SEVERITY_LOW, cert == NO_INDEX ? NO_INDEX : c->g->cert.v[cert].ca, cert, x->source, "%s", b.buf);
	strbuf_release(&b);
}

static void check_store_ccadb(struct checking *c)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < c->doubts.doubt.n; i++) {
		if (c->doubts.doubt.v[i].kind != DOUBT_CCADB)
			continue;
		strbuf_reset(&b);
		store_doubt_text(&c->doubts.doubt.v[i], &b);
		tell(c, SEVERITY_MEDIUM, NO_INDEX, NO_INDEX, c->doubts.doubt.v[i].source, "%s", b.buf);
	}
	for (size_t i = 0; i < c->doubts.one.n; i++)
		tell_contradiction(c, &c->doubts.one.v[i]);
	strbuf_release(&b);
}

static int note_problem(void *ctx, const char *origin, const char *place, const char *what)
{
	struct checking *c = ctx;

	if (strcmp(what, "no known kind of file") != 0 && strncmp(what, "a CRL that no", 13) != 0)
		tell(c, SEVERITY_LOW, NO_INDEX, NO_INDEX, origin, "%s%s%s", place, *place ? ": " : "", what);
	return 0;
}

static void check_unparsable(struct checking *c)
{
	c->failed |= db_each_problem(c->ix->db, note_problem, c, c->err) < 0;
}

const struct check_kind check_kinds[] = {
	{ "undisclosed", "a CA certificate that CCADB does not have; high where a program accepts it" },
	{ "ocsp-signing-eku", "a CA certificate with the OCSPSigning usage: it can sign OCSP answers about its siblings" },
	{ "revoked-not-everywhere", "revoked in one of CRL, CCADB and OneCRL but not in another" },
	{ "unrevoked", "was revoked in an earlier fetch and no longer is" },
	{ "new-ca", "a CA certificate that CCADB's reports have since an earlier fetch" },
	{ "status-changed", "CCADB's status, trust bits or revocation of it changed since an earlier fetch, or its record went" },
	{ "aki-mismatch", "its authority key identifier (AKI) fits no issuer's key, or names issuer and serial number instead" },
	{ "path-len-violated", "issued by a CA whose every certificate forbids CAs below it (pathLenConstraint 0)" },
	{ "sibling-alive", "a revoked CA certificate whose key stays trusted through another certificate" },
	{ "expired-parent", "every certificate of the issuing CA is expired, this one is not" },
	{ "sha1-signature", "signed with SHA-1 or older, not a self-signed root" },
	{ "weak-key", "an RSA key below 2048 bits or with a bad exponent, an EC key below 256, any DSA key" },
	{ "cycle", "CAs that certify each other" },
	{ "bad-signature", "names an issuer and its key, but that key does not verify the signature" },
	{ "duplicate-serial", "two different certificates of one issuer and serial number" },
	{ "store-shrank", "the store used has more than a fifth fewer anchors than the one before it: it may not be whole" },
	{ "store-contradicts-ccadb", "CCADB's report of about that day says otherwise of an anchor, or of more than a fifth of all" },
	{ "unparsable", "what could not be read in an indexed file" },
	{ NULL, NULL },
};

bool check_rests_on_revocations(const char *kind)
{
	return strcmp(kind, "revoked-not-everywhere") == 0 || strcmp(kind, "unrevoked") == 0 || strcmp(kind, "sibling-alive") == 0;
}

static void (*const checks[])(struct checking *c) = {
	check_undisclosed,  check_ocsp_signing,   check_revoked_everywhere, check_unrevoked, check_new_ca, check_status, check_aki,
	check_path_len,     check_sibling,        check_expired_parent,     check_weak_signature,
	check_weak_key,     check_cycles,         check_bad_signature,      check_duplicate_serial,
	check_store_shrank, check_store_ccadb,    check_unparsable,
};
#define N_CHECKS (sizeof(checks) / sizeof(*checks))
_Static_assert(N_CHECKS + 1 == sizeof(check_kinds) / sizeof(*check_kinds), "a check for each kind");

/* ---- preparing ---- */

static int read_certificates(struct checking *c)
{
	size_t n = c->g->cert.n, len;

	c->use = xcalloc(n + 1, sizeof(*c->use));
	c->x = xcalloc(n + 1, sizeof(*c->x));
	c->der = xcalloc(n + 1, sizeof(*c->der));
	for (uint32_t i = 0; i < n; i++) {
		if (i % 256 == 0 && cancelled(c))
			return err_set(c->err, ERR_USAGE, "cancelled");
		if (index_cert_der(c->ix, i, &c->der[i], &len, c->err) < 0)
			return -1;
		if (x509_parse(c->der[i], len, &c->x[i], NULL) < 0)
			memset(&c->x[i], 0, sizeof(c->x[i]));
		c->has_ccadb |= (c->g->cert.v[i].flags & CERT_DISCLOSED) != 0;
	}
	return 0;
}

static void judge_programs(struct checking *c)
{
	const char *const *name;
	size_t n = index_programs(c->ix, &name);

	for (size_t i = 0; i < n; i++) {
		const struct store *s = index_store(c->ix, name[i], c->day);
		for (int p = 0; s && p < PURPOSE_COUNT && c->n_trusts < TRUSTS_MAX && !cancelled(c); p++) {
			struct trust_query q = { .graph = c->g, .store = s, .purpose = (enum purpose)p, .day = c->day };
			c->trust[c->n_trusts++] = trust_compute(&q);
		}
	}
}

/* "mozilla of 2026-05-15, own of 2026-06-30 (later than the day)" */
static const char *stores_text(const struct checking *c)
{
	struct strbuf b = STRBUF_INIT;
	const struct store *last = NULL;
	char day[DATE_BUF];
	const char *text;

	for (size_t i = 0; i < c->n_trusts; i++) {
		const struct store *s = trust_query(c->trust[i])->store;
		if (s == last)
			continue;
		strbuf_addf(&b, "%s%s of %s%s", b.len ? ", " : "", s->program, date_format(day, s->day),
		            s->day > c->day ? " (later than the day)" : "");
		last = s;
	}
	text = text_clean_dup(c->arena, b.buf, b.len);
	strbuf_release(&b);
	return text;
}

static void number_cas(struct checking *c)
{
	for (size_t i = 0; i < c->g->ca.n; i++)
		if ((size_t)c->g->ca.v[i].db_id >= c->n_db_cas)
			c->n_db_cas = (size_t)c->g->ca.v[i].db_id + 1;
	c->ca_of_db = xreallocarray(NULL, c->n_db_cas + 1, sizeof(*c->ca_of_db));
	memset(c->ca_of_db, 0xff, (c->n_db_cas + 1) * sizeof(*c->ca_of_db));
	for (uint32_t i = 0; i < c->g->ca.n; i++)
		c->ca_of_db[c->g->ca.v[i].db_id] = i;
}

struct crl_points {
	struct checking *c;
	uint32_t ca;
};

static void note_point(void *ctx, int type, struct slice value)
{
	struct crl_points *p = ctx;

	if (type == NAME_URI)
		vec_push(&p->c->point, (struct crl_point){ p->ca, xstrndup((const char *)value.p, value.n) });
}

static void note_points(struct checking *c, uint32_t ca, struct slice name)
{
	struct der full;

	if (der_take(&name, DER_CONTEXT | DER_CONSTRUCTED | 0, &full))
		general_names_each(full.body, note_point, &(struct crl_points){ c, ca });
}

static int note_crl(void *ctx, const struct db_crl *crl)
{
	struct checking *c = ctx;
	struct crl list;

	if (!crl->applies || !crl->ca.set || (size_t)crl->ca.v >= c->n_db_cas || c->ca_of_db[crl->ca.v] == NO_INDEX)
		return 0;
	uint32_t ca = c->ca_of_db[crl->ca.v];
	/* one for leaves alone, or for some reasons, does not deny what it does not list */
	if (crl_parse(crl->der.p, crl->der.n, &list, NULL) < 0 || list.only & (CRL_ONLY_USER | CRL_ONLY_SOME_REASONS))
		return 0;
	if (list.idp_name.n)
		note_points(c, ca, list.idp_name);
	else
		c->crl_read[ca] = 1;
	return 0;
}

static int note_word(struct checking *c, int64_t certificate, enum ccadb_word word)
{
	uint32_t cert = index_cert_of(c->ix, certificate);

	if (cert != NO_INDEX)
		c->ccadb_says[cert] = (uint8_t)word;
	return 0;
}

static int note_derived(void *ctx, int64_t certificate)
{
	return note_word(ctx, certificate, CCADB_DERIVED);
}

static int note_own(void *ctx, int64_t certificate)
{
	return note_word(ctx, certificate, CCADB_OWN);
}

static int note_list(void *ctx, const struct db_file *f)
{
	static const char *const lists[] = { "onecrl", "crlset", "spki-list", "crl" };
	struct checking *c = ctx;

	c->has_onecrl |= strcmp(f->kind, "onecrl") == 0;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		c->has_revocations |= strcmp(f->kind, lists[i]) == 0;
	return 0;
}

static int prepare(struct checking *c)
{
	number_cas(c);
	c->crl_read = xcalloc(c->g->ca.n + 1, 1);
	c->ccadb_says = xcalloc(c->g->cert.n + 1, 1);
	if (read_certificates(c) < 0 || db_has_ccadb_revocable(c->ix->db, &c->has_revocations, c->err) < 0 ||
	    db_each_crl(c->ix->db, note_crl, c, c->err) < 0 ||
	    db_each_ccadb_revocable(c->ix->db, true, note_derived, c, c->err) < 0 ||
	    db_each_ccadb_revocable(c->ix->db, false, note_own, c, c->err) < 0 || db_each_file(c->ix->db, note_list, c, c->err) < 0)
		return -1;
	judge_programs(c);
	if (index_store_doubts(c->ix, c->day, &c->doubts, c->err) < 0)
		return -1;
	/* The graph, or a store that was asked for here or before, could not be read whole. */
	return index_read_error(c->ix, c->err);
}

struct order {
	const struct check_kind *kind;
	const struct graph *g;
};

const char *finding_name(const struct graph *g, uint32_t ca)
{
	const struct ca *c = &g->ca.v[ca];

	return *c->name ? c->name : *c->subject ? c->subject : "(no name)";
}

static int by_ca(const struct graph *g, const struct finding *x, const struct finding *y)
{
	if (x->ca == y->ca)
		return 0;
	if (x->ca == NO_INDEX || y->ca == NO_INDEX)
		return x->ca == NO_INDEX ? 1 : -1;
	return text_order(finding_name(g, x->ca), finding_name(g, y->ca));
}

/* Two certificates of CAs of one name stand by fingerprint, whichever CA is whose. */
static int by_cert(const struct graph *g, const struct finding *x, const struct finding *y)
{
	if (x->cert == y->cert)
		return 0;
	if (x->cert == NO_INDEX || y->cert == NO_INDEX)
		return x->cert == NO_INDEX ? 1 : -1;
	return memcmp(g->cert.v[x->cert].sha256, g->cert.v[y->cert].sha256, 32);
}

static int in_order(const void *a, const void *b, void *ctx)
{
	const struct finding *x = a, *y = b;
	const struct order *o = ctx;
	const struct check_kind *kind = o->kind;
	int r;

	if (x->kind != y->kind) {
		while (kind->name != x->kind && kind->name != y->kind)
			kind++;
		return kind->name == x->kind ? -1 : 1;
	}
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (!(r = by_ca(o->g, x, y)) && !(r = by_cert(o->g, x, y)))
		r = strcmp(x->detail, y->detail);
	if (!r)
		r = strcmp(x->source, y->source);
	/* CAs are numbered by ca_id */
	return r ? r : x->ca < y->ca ? -1 : x->ca > y->ca;
}

int index_check(struct index *ix, int32_t day, struct check_result *ret, struct err *err)
{
	return index_check_until(ix, day, NULL, NULL, ret, err);
}

int index_check_until(struct index *ix, int32_t day, bool (*until)(void *ctx), void *ctx, struct check_result *ret, struct err *err)
{
	memset(ret, 0, sizeof(*ret));
	struct checking c = { .ix = ix, .g = index_graph(ix), .day = day, .err = err, .arena = &ret->arena, .cancelled = until,
		              .cancel_ctx = ctx };
	int rc = prepare(&c);

	if (rc == 0)
		rc = index_newest_day(ix, &ret->newest_day, err);
	ret->stores = stores_text(&c);
	ret->revocations = c.has_revocations;
	for (size_t i = 0; rc == 0 && i < N_CHECKS; i++) {
		if (cancelled(&c)) {
			rc = err_set(err, ERR_USAGE, "cancelled");
			break;
		}
		c.kind = check_kinds[i].name;
		checks[i](&c);
		if (c.failed)
			rc = -1;
	}
	if (rc == 0)
		rc = index_check_ids(ix, ix->db, err);
	if (rc < 0)
		c.found.n = 0;
	if (c.found.n)
		qsort_r(c.found.v, c.found.n, sizeof(*c.found.v), in_order, &(struct order){ check_kinds, c.g });
	ret->finding = c.found.v;
	ret->n = c.found.n;
	for (size_t i = 0; i < c.n_trusts; i++)
		trust_free(c.trust[i]);
	for (uint32_t i = 0; c.der && i < c.g->cert.n; i++)
		free(c.der[i]);
	free(c.der);
	free(c.x);
	free(c.use);
	free(c.crl_read);
	free(c.ccadb_says);
	for (size_t i = 0; i < c.point.n; i++)
		free(c.point.v[i].url);
	vec_release(&c.point);
	free(c.ca_of_db);
	store_doubts_release(&c.doubts);
	return rc;
}

void check_release(struct check_result *r)
{
	free(r->finding);
	arena_release(&r->arena);
	memset(r, 0, sizeof(*r));
}
