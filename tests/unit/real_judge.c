#include "tests/unit/real_judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/date.h"

/* ---- what OpenSSL reads by itself ---- */

void real_put(struct real *w, const uint8_t *der, long n, bool disclosed)
{
	const uint8_t *p = der;
	struct seen s = { .cert = NO_INDEX };
	bool is_new;

	EVP_Digest(der, (size_t)n, s.sha256, NULL, EVP_sha256(), NULL);
	uint64_t *at = map_at(&w->seen_at, s.sha256, 32, &is_new);
	if (!is_new) {
		w->seen.v[*at].is_ca |= disclosed;
		return;
	}
	s.x = d2i_X509(NULL, &p, n);
	assert_non_null(s.x);
	uint32_t flags = X509_get_extension_flags(s.x);
	s.is_ca = disclosed || (flags & EXFLAG_BCONS ? (flags & EXFLAG_CA) != 0 : (flags & EXFLAG_SI) != 0);
	*at = w->seen.n;
	vec_push(&w->seen, s);
}

/* PEM_read_bio would refuse the blocks that have empty lines. Here and below no function that may look for the
 * end of the whole text at each call, as the sanitizers' do. */
void real_put_pems(struct real *w, const char *text, size_t n_text, bool disclosed)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	const char *p = text, *end = text + n_text;

	while ((p = memmem(p, (size_t)(end - p), begin, strlen(begin)))) {
		struct strbuf base64 = STRBUF_INIT;
		size_t padding = 0;
		for (p += strlen(begin); *p && *p != '-'; p++) {
			padding += *p == '=';
			if (*p > ' ')
				strbuf_addch(&base64, *p);
		}
		uint8_t *der = xmalloc(base64.len + 1);
		int n = EVP_DecodeBlock(der, (const uint8_t *)base64.buf, (int)base64.len);
		assert_true(n > 0);
		real_put(w, der, n - (long)padding, disclosed);
		free(der);
		strbuf_release(&base64);
	}
}

int64_t real_seconds(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) ? timegm(&tm) : TIME_UNKNOWN;
}

static X509_NAME *subject_at(const struct real *w, uint32_t seen)
{
	return X509_get_subject_name(w->seen.v[seen].x);
}

static int by_subject(const void *a, const void *b, void *w)
{
	return X509_NAME_cmp(subject_at(w, *(const uint32_t *)a), subject_at(w, *(const uint32_t *)b));
}

void real_sort(struct real *w)
{
	for (uint32_t i = 0; i < w->seen.n; i++)
		if (w->seen.v[i].is_ca)
			vec_push(&w->by_subject, i);
	qsort_r(w->by_subject.v, w->by_subject.n, sizeof(*w->by_subject.v), by_subject, w);
}

void real_match(struct real *w, const struct graph *g)
{
	free(w->x);
	w->g = g;
	w->x = xcalloc(g->cert.n + 1, sizeof(X509 *));
	for (size_t i = 0; i < w->seen.n; i++)
		w->seen.v[i].cert = NO_INDEX;
	for (uint32_t i = 0; i < g->cert.n; i++) {
		const uint64_t *at = map_get(&w->seen_at, g->cert.v[i].sha256, 32);
		if (!at)
			continue;
		w->x[i] = w->seen.v[*at].x;
		w->seen.v[*at].cert = i;
	}
}

void real_release(struct real *w)
{
	for (size_t i = 0; i < w->seen.n; i++)
		X509_free(w->seen.v[i].x);
	vec_release(&w->seen);
	vec_release(&w->by_subject);
	map_release(&w->seen_at);
	free(w->x);
}

void real_remove_db(const char *db)
{
	static const char *const left[] = { "", "-wal", "-shm" };
	char path[112];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", db, left[i]);
		unlink(path);
	}
}

/* ---- two sets told by two sides ---- */

void rows_add(struct rows *r, const uint8_t *a, const uint8_t *b)
{
	vec_reserve(&r->v, r->v.n + r->size);
	memcpy(r->v.v + r->v.n, a, 32);
	if (b)
		memcpy(r->v.v + r->v.n + 32, b, r->size - 32);
	r->v.n += r->size;
}

static int by_bytes(const void *a, const void *b, void *size)
{
	return memcmp(a, b, *(size_t *)size);
}

static void tell_row(const char *who, const uint8_t *row, size_t size, size_t *differences)
{
	if ((*differences)++ >= SHOWN_MAX)
		return;
	printf("# only %s: ", who);
	for (size_t i = 0; i < size; i++)
		printf("%s%02x", i == 32 ? " by " : "", row[i]);
	printf("\n");
}

size_t rows_compare(struct rows *ours, struct rows *theirs, const char *who)
{
	size_t size = ours->size, i = 0, k = 0, differences = 0;

	if (ours->v.n)
		qsort_r(ours->v.v, ours->v.n / size, size, by_bytes, &size);
	if (theirs->v.n)
		qsort_r(theirs->v.v, theirs->v.n / size, size, by_bytes, &size);
	while (i < ours->v.n || k < theirs->v.n) {
		const uint8_t *a = ours->v.v + i, *b = theirs->v.v + k;
		int r = i == ours->v.n ? 1 : k == theirs->v.n ? -1 : memcmp(a, b, size);
		if (r < 0)
			tell_row("in the index", a, size, &differences);
		else if (r > 0)
			tell_row(who, b, size, &differences);
		i += r <= 0 ? size : 0;
		k += r >= 0 ? size : 0;
	}
	vec_release(&ours->v);
	vec_release(&theirs->v);
	return differences;
}

/* ---- X509_verify_cert ---- */

X509_STORE *judging_new_store(void)
{
	X509_STORE *s = X509_STORE_new();
	X509_VERIFY_PARAM *p = X509_STORE_get0_param(s);

	X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_auth_level(p, 0);
	return s;
}

static uint32_t cert_of(const struct real *w, X509 *x)
{
	uint8_t sha256[32];
	uint8_t *der = NULL;
	int n = i2d_X509(x, &der);

	EVP_Digest(der, (size_t)n, sha256, NULL, EVP_sha256(), NULL);
	OPENSSL_free(der);
	const uint64_t *at = map_get(&w->seen_at, sha256, 32);
	assert_non_null(at);
	return w->seen.v[*at].cert;
}

static int anchor_judged_by(const struct judging *j, uint32_t cert)
{
	return j->rules->judges_anchor ? j->rules->judges_anchor(j, cert) : JUDGES_VALIDITY | JUDGES_CONSTRAINTS;
}

/* What a program does not ask of its anchor, X509_verify_cert is not to ask either. */
static int forgive(int ok, X509_STORE_CTX *ctx)
{
	const struct judging *j = X509_STORE_CTX_get_app_data(ctx);
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	int top = sk_X509_num(chain) - 1;

	if (ok || !j->rules->judges_anchor || X509_STORE_CTX_get_error_depth(ctx) != top)
		return ok;
	uint32_t cert = cert_of(j->w, sk_X509_value(chain, top));
	if (cert == NO_INDEX || !j->rules->is_anchor(j, cert))
		return 0;
	switch (X509_STORE_CTX_get_error(ctx)) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return !(anchor_judged_by(j, cert) & JUDGES_VALIDITY);
	case X509_V_ERR_INVALID_CA:
	case X509_V_ERR_PATH_LENGTH_EXCEEDED:
	case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
		return !(anchor_judged_by(j, cert) & JUDGES_CONSTRAINTS);
	default:
		return 0;
	}
}

int judged(struct judging *j, X509_STORE *store, X509 *target, STACK_OF(X509) * others, int64_t at)
{
	X509_STORE_CTX_cleanup(j->ctx);
	assert_int_equal(X509_STORE_CTX_init(j->ctx, store, target, others), 1);
	X509_STORE_CTX_set_app_data(j->ctx, j);
	X509_STORE_CTX_set_verify_cb(j->ctx, forgive);
	X509_STORE_CTX_set_time(j->ctx, 0, (time_t)at);
	int ok = X509_verify_cert(j->ctx);
	ERR_clear_error();
	return ok == 1 ? X509_V_OK : X509_STORE_CTX_get_error(j->ctx);
}

size_t judging_chain(const struct judging *j, uint32_t path[PATH_MAX_LINKS])
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(j->ctx);
	size_t n = (size_t)sk_X509_num(chain);

	assert_true(n > 0 && n <= PATH_MAX_LINKS);
	for (size_t i = 0; i < n; i++)
		path[i] = cert_of(j->w, sk_X509_value(chain, (int)i));
	return n;
}

/* Noon, or where the path is valid only before or after it a second of the day at which all of it is. */
static int64_t valid_second(const struct judging *j, const uint32_t *path, size_t n)
{
	int64_t lo = date_start(j->q.day), hi = date_end(j->q.day), noon = lo + DAY_SECONDS / 2;

	if (!(anchor_judged_by(j, path[n - 1]) & JUDGES_VALIDITY))
		n--;
	for (size_t i = 0; i < n; i++) {
		int64_t from = real_seconds(X509_get0_notBefore(j->w->x[path[i]])),
			to = real_seconds(X509_get0_notAfter(j->w->x[path[i]]));
		lo = from > lo ? from : lo;
		hi = to < hi ? to : hi;
	}
	return noon >= lo && noon <= hi ? noon : lo;
}

/* What the contract asks of every path and X509_verify_cert does not, each by OpenSSL's accessors. */

static bool eku_allows(const struct judging *j, X509 *x)
{
	uint32_t eku = X509_get_extended_key_usage(x);

	if (eku == UINT32_MAX || (j->rules->any_eku && (eku & XKU_ANYEKU)))
		return true;
	return (eku & (j->q.purpose == PURPOSE_TLS ? XKU_SSL_SERVER : XKU_SMIME)) != 0;
}

bool real_weakly_signed(X509 *x)
{
	int md = NID_undef;

	X509_get_signature_info(x, &md, NULL, NULL, NULL);
	return md == NID_sha1 || md == NID_md5 || md == NID_md4 || md == NID_md2 || md == NID_undef;
}

/* Does the path below certificate i obey its pathLenConstraint? Leaves stand below path[0]. */
static bool path_len_holds(const struct judging *j, const uint32_t *path, size_t i)
{
	long limit = X509_get_pathlen(j->w->x[path[i]]), below = 0;

	for (size_t k = 0; k < i; k++)
		below += !(X509_get_extension_flags(j->w->x[path[k]]) & EXFLAG_SI);
	return limit < 0 || below <= limit;
}

static enum path_reason refused(const struct judging *j, uint32_t cert)
{
	return j->rules->refused ? j->rules->refused(j, cert) : PATH_OK;
}

/* What stands against a certificate wherever it stands in a path, as an anchor or below one; NULL nothing. */
static const char *own_fault(const struct judging *j, uint32_t cert, bool as_anchor)
{
	X509 *x = j->w->x[cert];

	if (refused(j, cert) != PATH_OK)
		return path_reason_names[refused(j, cert)];
	if (as_anchor && !(anchor_judged_by(j, cert) & JUDGES_CONSTRAINTS))
		return NULL;
	if (!eku_allows(j, x))
		return "extended key usage";
	if (!as_anchor && real_weakly_signed(x))
		return "weak signature";
	/* old roots have no basicConstraints */
	if (as_anchor ? X509_get_extension_flags(x) & EXFLAG_BCONS && !(X509_get_extension_flags(x) & EXFLAG_CA)
		      : X509_check_ca(x) != 1)
		return "not a CA";
	return X509_get_key_usage(x) & KU_KEY_CERT_SIGN ? NULL : "keyUsage";
}

const char *judging_fault(const struct judging *j, const uint32_t *path, size_t n)
{
	if (!j->rules->is_anchor(j, path[n - 1]))
		return "ends in no anchor";
	for (size_t i = 0; i < n; i++) {
		bool as_anchor = i == n - 1;
		const char *fault = own_fault(j, path[i], as_anchor);
		if (fault)
			return fault;
		if (as_anchor && !(anchor_judged_by(j, path[i]) & JUDGES_CONSTRAINTS))
			continue;
		if (!path_len_holds(j, path, i))
			return "pathLenConstraint";
	}
	return NULL;
}

static void tell_path(const struct graph *g, const uint32_t *path, size_t n, const char *why)
{
	printf("# %s:", why);
	for (size_t i = 0; i < n; i++) {
		const struct ca_cert *c = &g->cert.v[path[i]];
		printf(" %02x%02x%02x%02x (%s)%s", c->sha256[0], c->sha256[1], c->sha256[2], c->sha256[3],
			g->ca.v[c->ca].name, i + 1 < n ? " <-" : "\n");
	}
}

/* X509_verify_cert looks for no issuer of a certificate that signed itself. One with the name and key of a CA
 * above it, its name in other string types, is confirmed by itself; then the rest of the path. */
static bool signed_itself_and_by_next(const struct real *w, const uint32_t *path, size_t n, int64_t at)
{
	X509 *x = w->x[path[0]];

	if (n == 1 || !(X509_get_extension_flags(x) & EXFLAG_SS))
		return false;
	return X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(w->x[path[1]])) == 0 &&
	       X509_verify(x, X509_get0_pubkey(w->x[path[1]])) == 1 && real_seconds(X509_get0_notBefore(x)) <= at &&
	       real_seconds(X509_get0_notAfter(x)) >= at;
}

/* What OpenSSL, trusting nothing but the path's anchor, has against the path; NULL: it is trusted. */
static const char *fault_of(struct judging *j, const uint32_t *path, size_t n, int64_t at)
{
	X509_STORE *store = judging_new_store();
	STACK_OF(X509) *others = sk_X509_new_null();
	size_t first = signed_itself_and_by_next(j->w, path, n, at);
	const char *fault = NULL;

	X509_STORE_add_cert(store, j->w->x[path[n - 1]]);
	for (size_t i = first + 1; i + 1 < n; i++)
		sk_X509_push(others, j->w->x[path[i]]);
	int error = judged(j, store, j->w->x[path[first]], others, at);
	if (error)
		fault = X509_verify_cert_error_string(error);
	else if (sk_X509_num(X509_STORE_CTX_get0_chain(j->ctx)) != (int)(n - first))
		fault = "OpenSSL takes another path";
	if (!fault && first) {
		j->in_two_steps++;
		tell_path(j->w->g, path, n, "self-signed, confirmed in two steps");
	}
	X509_STORE_CTX_cleanup(j->ctx);
	sk_X509_free(others);
	X509_STORE_free(store);
	return fault;
}

static void confirm(struct judging *j, uint32_t ca)
{
	uint32_t path[PATH_MAX_LINKS];
	size_t n = trust_via(j->trust, ca, false, path, PATH_MAX_LINKS);

	assert_true(n > 0 && n < PATH_MAX_LINKS);
	assert_int_equal(j->w->g->cert.v[path[0]].ca, ca);
	assert_true(trust_exact(j->trust, ca));
	int64_t at = valid_second(j, path, n);
	const char *fault = fault_of(j, path, n, at);
	if (!fault)
		fault = judging_fault(j, path, n);
	j->not_at_noon += at != date_start(j->q.day) + DAY_SECONDS / 2;
	j->confirmed += !fault;
	j->not_confirmed += fault != NULL;
	if (fault)
		tell_path(j->w->g, path, n, fault);
}

/* ---- and the other way round ---- */

static size_t first_with_subject(const struct real *w, const X509_NAME *name)
{
	size_t lo = 0, hi = w->by_subject.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (X509_NAME_cmp(subject_at(w, w->by_subject.v[mid]), name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* OpenSSL searches the whole stack each time: so no more than what the names allow. */
void judging_gather(struct judging *j, X509 *x)
{
	const X509_NAME *issuer = X509_get_issuer_name(x);

	for (size_t i = first_with_subject(j->w, issuer); i < j->w->by_subject.n; i++) {
		uint32_t seen = j->w->by_subject.v[i];
		if (X509_NAME_cmp(subject_at(j->w, seen), issuer) != 0)
			break;
		if (j->stamp[seen] == j->now || j->w->seen.v[seen].cert == NO_INDEX)
			continue;
		j->stamp[seen] = j->now;
		sk_X509_push(j->above, j->w->seen.v[seen].x);
		if (!j->unfit[seen])
			sk_X509_push(j->fit_above, j->w->seen.v[seen].x);
		judging_gather(j, j->w->seen.v[seen].x);
	}
}

static bool breaks_a_path_len(const struct judging *j, const uint32_t *path, size_t n, size_t at)
{
	for (size_t i = at + 1; i < n; i++) {
		if (i == n - 1 && !(anchor_judged_by(j, path[i]) & JUDGES_CONSTRAINTS))
			return false;
		if (!path_len_holds(j, path, i))
			return true;
	}
	return false;
}

/* The same rule, asked of OpenSSL's accessors. */
static bool fault_holds(const struct judging *j, const uint32_t *path, size_t n, size_t at, enum path_reason reason)
{
	X509 *x = j->w->x[path[at]];

	/* the real ones are signed with SHA-1 as well; that they are refused is what people must be told */
	if (refused(j, path[at]) != PATH_OK)
		return reason == refused(j, path[at]);
	switch (reason) {
	case PATH_EXPIRED:
		return real_seconds(X509_get0_notAfter(x)) < date_start(j->q.day);
	case PATH_NOT_YET_VALID:
		return real_seconds(X509_get0_notBefore(x)) > date_end(j->q.day);
	case PATH_WEAK_SIGNATURE:
		return at + 1 < n && real_weakly_signed(x);
	case PATH_NOT_A_CA:
		return X509_check_ca(x) != 1;
	case PATH_NO_CERTSIGN:
		return !(X509_get_key_usage(x) & KU_KEY_CERT_SIGN);
	case PATH_EKU:
		return !eku_allows(j, x);
	case PATH_PATH_LEN:
		return breaks_a_path_len(j, path, n, at);
	default: /* nothing else can stand against a path that OpenSSL accepts: there are no marks here */
		return false;
	}
}

struct asking {
	const struct judging *j;
	uint32_t path[PATH_MAX_LINKS]; /* OpenSSL's */
	size_t n;
	bool same_path;          /* it was reported */
	enum path_reason reason; /* of it, else of any path to an anchor */
	bool found, holds;
};

static bool take_report(void *ctx, const struct path_report *r)
{
	struct asking *a = ctx;

	if (r->reason == PATH_NO_ANCHOR || r->reason == PATH_LOOP)
		return true;
	a->same_path = r->n == a->n && memcmp(r->certs, a->path, r->n * sizeof(*r->certs)) == 0;
	if (a->found && !a->same_path)
		return true;
	a->found = true;
	a->reason = r->reason;
	a->holds = fault_holds(a->j, r->certs, r->n, r->at, r->reason);
	return !a->same_path;
}

/* OpenSSL trusts a certificate of a CA that the index does not: why? */
static void ask_why(struct judging *j, uint32_t ca)
{
	struct asking a = { .j = j };

	a.n = judging_chain(j, a.path);
	trust_explain(&j->q, ca, 10000, take_report, &a);
	if (!a.found || !a.holds)
		tell_path(j->w->g, a.path, a.n, a.found ? path_reason_names[a.reason] : "no reason given");
	j->not_confirmed += !a.found || !a.holds;
	j->other_path += !a.same_path;
	j->refused[a.reason]++;
}

/* OpenSSL takes one way and does not turn back: is there another, of certificates with no fault of their own? */
static void search_on(struct judging *j, X509 *x, int64_t noon)
{
	uint32_t path[PATH_MAX_LINKS];

	if (judged(j, j->fit, x, j->fit_above, noon) != X509_V_OK)
		return;
	size_t n = judging_chain(j, path);
	if (judging_fault(j, path, n))
		return;
	tell_path(j->w->g, path, n, "overlooked");
	j->overlooked++;
}

static void challenge(struct judging *j, uint32_t ca)
{
	const struct graph *g = j->w->g;
	const struct ca *c = &g->ca.v[ca];
	int64_t noon = date_start(j->q.day) + DAY_SECONDS / 2;

	for (uint32_t i = 0; i < c->n_certs; i++) {
		uint32_t cert = g->ca_certs[c->first_cert + i];
		X509 *x = j->w->x[cert];
		/* the answer is known, and its check of the time comes last */
		if (real_seconds(X509_get0_notBefore(x)) > noon || real_seconds(X509_get0_notAfter(x)) < noon)
			continue;
		sk_X509_zero(j->above);
		sk_X509_zero(j->fit_above);
		j->now++;
		judging_gather(j, x);
		j->asked++;
		bool trusted = judged(j, j->all, x, j->above, noon) == X509_V_OK;
		if (trusted)
			ask_why(j, ca);
		/* the same question would have the same answer */
		if (trusted || sk_X509_num(j->fit_above) < sk_X509_num(j->above))
			if (!own_fault(j, cert, false))
				search_on(j, x, noon);
	}
}

/* By itself, and valid at noon. */
static bool is_fit(const struct judging *j, uint32_t cert)
{
	X509 *x = j->w->x[cert];
	int64_t noon = date_start(j->q.day) + DAY_SECONDS / 2;

	return !own_fault(j, cert, false) && real_seconds(X509_get0_notBefore(x)) <= noon &&
	       real_seconds(X509_get0_notAfter(x)) >= noon;
}

void judging_start(
	struct judging *j, const struct real *w, const struct judging_rules *rules, const struct trust_query *q)
{
	memset(j, 0, sizeof(*j));
	j->q = *q;
	j->w = w;
	j->rules = rules;
	j->trust = trust_compute(q);
	j->all = judging_new_store();
	j->fit = judging_new_store();
	for (uint32_t i = 0; i < w->g->cert.n; i++) {
		if (!rules->is_anchor(j, i))
			continue;
		X509_STORE_add_cert(j->all, w->x[i]);
		if (!own_fault(j, i, true))
			X509_STORE_add_cert(j->fit, w->x[i]);
	}
	j->ctx = X509_STORE_CTX_new();
	j->above = sk_X509_new_null();
	j->fit_above = sk_X509_new_null();
	j->unfit = xcalloc(w->seen.n + 1, 1);
	for (size_t i = 0; i < w->seen.n; i++)
		j->unfit[i] = w->seen.v[i].cert == NO_INDEX || !is_fit(j, w->seen.v[i].cert);
	j->stamp = xcalloc(w->seen.n + 1, sizeof(*j->stamp));
}

void judging_end(struct judging *j)
{
	X509_STORE_CTX_free(j->ctx);
	X509_STORE_free(j->all);
	X509_STORE_free(j->fit);
	sk_X509_free(j->above);
	sk_X509_free(j->fit_above);
	free(j->unfit);
	trust_free(j->trust);
	free(j->stamp);
}

void judge_all(struct judging *j, const char *title)
{
	for (uint32_t ca = 0; ca < j->w->g->ca.n; ca++) {
		bool yes = trust_before(j->trust, ca) != ACCEPT_NONE;
		j->accepted += yes;
		if (yes)
			confirm(j, ca);
		else
			challenge(j, ca);
	}
	printf("# %s: %zu CAs accepted, %zu confirmed (%zu in two steps, %zu not at noon)\n", title, j->accepted,
		j->confirmed, j->in_two_steps, j->not_at_noon);
	printf("# %s: %zu certificates of other CAs asked, refused by the index alone:", title, j->asked);
	for (int r = 0; r < PATH_REASONS; r++)
		if (j->refused[r])
			printf(" %s %zu;", path_reason_names[r], j->refused[r]);
	printf(" explained by another path %zu; overlooked %zu\n", j->other_path, j->overlooked);
}
