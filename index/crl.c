#include "index/crl.h"

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <string.h>

#include "index/name.h"
#include "index/pem.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define DER_ENUMERATED 0x0A
#define PASSED_BYTES ((ptrdiff_t)1 << 20)
#define DER_EXPLICIT_0 (DER_CONTEXT | DER_CONSTRUCTED)

/* ---- extensions ---- */

/* An OID's content octets below id-ce (2.5.29). */
#define ID_CE(n)                                                                                                       \
	{                                                                                                              \
		0x55, 0x1D, n                                                                                          \
	}

struct extension {
	uint8_t oid[3];
	/* false = cannot be read; NULL: known and of no interest */
	bool (*read)(struct slice value, void *into);
};

/* What reading a list of extensions found out. */
struct extension_flags {
	bool bad, unknown_critical;
};

static bool only(struct slice value, int tag, struct slice *body)
{
	struct der d;

	if (!der_take(&value, tag, &d) || value.n)
		return false;
	*body = d.body;
	return true;
}

static const struct extension *known(const struct extension *table, size_t n, struct slice oid)
{
	for (size_t i = 0; i < n; i++) {
		if (oid.n == sizeof(table[i].oid) && memcmp(oid.p, table[i].oid, oid.n) == 0)
			return &table[i];
	}
	return NULL;
}

static void read_extension(
	struct slice in, const struct extension *table, size_t n, void *into, struct extension_flags *flags)
{
	const struct extension *e;
	struct der oid, critical = { .body = { NULL, 0 } }, value;
	bool is_critical;

	if (!der_take(&in, DER_OID, &oid)) {
		flags->bad = true;
		return;
	}
	is_critical = der_take(&in, DER_BOOLEAN, &critical) && critical.body.n && critical.body.p[0];
	if (!der_take(&in, DER_OCTET_STRING, &value)) {
		flags->bad = true;
		return;
	}
	e = known(table, n, oid.body);
	if (!e)
		flags->unknown_critical |= is_critical;
	else if (e->read && !e->read(value.body, into))
		flags->bad = true;
}

/* `in` is the contents of Extensions. */
static struct extension_flags read_extensions(struct slice in, const struct extension *table, size_t n, void *into)
{
	struct extension_flags flags = { false, false };
	struct der d;

	while (der_take(&in, DER_SEQUENCE, &d))
		read_extension(d.body, table, n, into, &flags);
	flags.bad |= in.n != 0;
	return flags;
}

/* ---- extensions of the list ---- */

static bool read_aki(struct slice value, void *into)
{
	struct crl *c = into;
	struct slice body;
	struct der d;

	if (!only(value, DER_SEQUENCE, &body))
		return false;
	if (der_take(&body, DER_CONTEXT | 0, &d))
		c->aki_keyid = d.body;
	return true;
}

static bool read_number(struct slice value, void *into)
{
	return only(value, DER_INTEGER, &((struct crl *)into)->number);
}

static bool read_delta(struct slice value, void *into)
{
	struct crl *c = into;

	c->is_delta = true;
	return only(value, DER_INTEGER, &c->delta_base);
}

static bool flag_of(const struct der *d)
{
	return d->body.n && d->body.p[0];
}

/* A flag that cannot be read counts as set: rather not applied than misapplied. */
static bool read_idp(struct slice value, void *into)
{
	struct crl *c = into;
	struct slice body;
	struct der d;

	c->has_idp = true;
	c->indirect = true;
	if (!only(value, DER_SEQUENCE, &body))
		return false;
	c->indirect = false;
	if (der_take(&body, DER_EXPLICIT_0, &d))
		c->idp_name = d.body;
	if (der_take(&body, DER_CONTEXT | 1, &d) && flag_of(&d))
		c->only |= CRL_ONLY_USER;
	if (der_take(&body, DER_CONTEXT | 2, &d) && flag_of(&d))
		c->only |= CRL_ONLY_CA;
	if (der_take(&body, DER_CONTEXT | 3, &d))
		c->only |= CRL_ONLY_SOME_REASONS;
	if (der_take(&body, DER_CONTEXT | 4, &d))
		c->indirect = flag_of(&d);
	if (der_take(&body, DER_CONTEXT | 5, &d) && flag_of(&d))
		c->only |= CRL_ONLY_ATTRIBUTE;
	c->indirect |= body.n != 0;
	return body.n == 0;
}

static const struct extension list_extensions[] = {
	{ ID_CE(0x23), read_aki }, { ID_CE(0x14), read_number }, { ID_CE(0x1B), read_delta }, { ID_CE(0x1C), read_idp },
	{ ID_CE(0x12), NULL }, /* issuerAltName */
	{ ID_CE(0x2E), NULL }, /* freshestCRL */
};

/* ---- extensions of an entry ---- */

static bool read_reason(struct slice value, void *into)
{
	struct crl_entry *e = into;
	struct slice body;

	if (!only(value, DER_ENUMERATED, &body) || body.n != 1 || body.p[0] > 127)
		return false;
	e->reason = body.p[0];
	return true;
}

static bool read_invalidity(struct slice value, void *into)
{
	struct crl_entry *e = into;
	struct slice body;

	if (!only(value, DER_GENERALIZED_TIME, &body))
		return false;
	e->invalid_from = x509_time(DER_GENERALIZED_TIME, body);
	return e->invalid_from != TIME_UNKNOWN;
}

static void take_directory_name(void *ctx, int type, struct slice value)
{
	struct slice *name = ctx;

	if (type == NAME_DIRECTORY && !name->n)
		*name = value;
}

/* One that cannot be read leaves no issuer: the entry is nobody's. */
static bool read_certificate_issuer(struct slice value, void *into)
{
	struct crl_entry *e = into;
	struct slice body;

	e->foreign_issuer = true;
	e->issuer = (struct slice){ NULL, 0 };
	return only(value, DER_SEQUENCE, &body) && general_names_each(body, take_directory_name, &e->issuer) &&
	       e->issuer.n;
}

static const struct extension entry_extensions[] = {
	{ ID_CE(0x15), read_reason }, { ID_CE(0x18), read_invalidity }, { ID_CE(0x1D), read_certificate_issuer },
	{ ID_CE(0x17), NULL }, /* holdInstructionCode */
};

/* ---- the list ---- */

static int broken(struct err *err, const char *what)
{
	return err_set(err, ERR_INPUT, "CRL without a readable %s", what);
}

static bool take_time(struct slice *rest, int64_t *ret)
{
	struct der d;

	if (!der_take(rest, DER_UTC_TIME, &d) && !der_take(rest, DER_GENERALIZED_TIME, &d))
		return false;
	*ret = x509_time(d.tag, d.body);
	return true;
}

static void read_list_extensions(struct slice explicit, struct crl *c)
{
	struct extension_flags flags;
	struct slice body;

	if (!only(explicit, DER_SEQUENCE, &body)) {
		c->bad_extensions = true;
		return;
	}
	flags = read_extensions(body, list_extensions, LENGTH(list_extensions), c);
	c->bad_extensions = flags.bad;
	c->unknown_critical = flags.unknown_critical;
}

static int parse_tbs(struct slice in, struct crl *c, struct err *err)
{
	struct der d;

	c->version = 1;
	if (der_take(&in, DER_INTEGER, &d))
		c->version = d.body.n == 1 && d.body.p[0] == 1 ? 2 : 1;
	if (!der_take(&in, DER_SEQUENCE, &d))
		return broken(err, "signature algorithm");
	c->tbs_sig_alg = d.all;
	if (!der_take(&in, DER_SEQUENCE, &d))
		return broken(err, "issuer");
	c->issuer = d.all;
	if (!take_time(&in, &c->this_update))
		return broken(err, "thisUpdate");
	take_time(&in, &c->next_update);
	if (der_take(&in, DER_SEQUENCE, &d)) {
		c->entries = d.body;
		c->entries_der = d.all;
	}
	if (der_take(&in, DER_EXPLICIT_0, &d))
		read_list_extensions(d.body, c);
	return in.n ? err_set(err, ERR_INPUT, "CRL with something unknown behind its extensions") : 0;
}

int crl_parse(const uint8_t *der, size_t len, struct crl *ret, struct err *err)
{
	struct slice rest = { der, len };
	struct der whole, tbs, alg, sig;

	*ret = (struct crl){ .this_update = TIME_UNKNOWN, .next_update = TIME_UNKNOWN };
	if (!der_take(&rest, DER_SEQUENCE, &whole))
		return broken(err, "beginning");
	ret->der = whole.all;
	ret->trailing = rest.n;
	rest = whole.body;
	if (!der_take(&rest, DER_SEQUENCE, &tbs))
		return broken(err, "TBSCertList");
	if (!der_take(&rest, DER_SEQUENCE, &alg) || !der_take(&rest, DER_BIT_STRING, &sig) || !sig.body.n)
		return broken(err, "signature");
	ret->tbs = tbs.all;
	ret->sig_alg = alg.all;
	ret->sig_unused_bits = sig.body.p[0];
	ret->signature = (struct slice){ sig.body.p + 1, sig.body.n - 1 };
	return parse_tbs(tbs.body, ret, err);
}

/* ---- entries ---- */

static void problem(const struct crl_handler *h, size_t entry, const char *what)
{
	if (h->problem)
		h->problem(h->ctx, entry, what);
}

/* False when it has no serial number: then it says nothing. */
static bool read_entry(struct slice in, struct crl_entry *e, const struct crl_handler *h)
{
	struct extension_flags flags = { false, false };
	struct der d;

	if (!der_take(&in, DER_INTEGER, &d) || !d.body.n)
		return false;
	e->serial = d.body;
	e->revoked = e->invalid_from = TIME_UNKNOWN;
	e->reason = CRL_UNSPECIFIED;
	take_time(&in, &e->revoked);
	if (e->revoked == TIME_UNKNOWN)
		problem(h, e->number, "the revocation date cannot be read");
	if (der_take(&in, DER_SEQUENCE, &d))
		flags = read_extensions(d.body, entry_extensions, LENGTH(entry_extensions), e);
	e->unknown_critical = flags.unknown_critical;
	if (flags.bad || in.n)
		problem(h, e->number, "an extension that cannot be read");
	return true;
}

int crl_each_entry(const struct crl *crl, const struct crl_handler *h)
{
	/* issuer and foreign_issuer hold for the entries behind, too (RFC 5280 5.3.3) */
	struct crl_entry e = { .issuer = crl->issuer };
	struct slice rest = crl->entries;
	const uint8_t *passed = rest.p;
	struct der d;

	while (der_take(&rest, DER_SEQUENCE, &d)) {
		if (h->passed && d.all.p - passed >= PASSED_BYTES) {
			h->passed(h->ctx, passed, d.all.p);
			passed = d.all.p;
		}
		e.number++;
		if (!read_entry(d.body, &e, h))
			problem(h, e.number, "an entry without serial number");
		else if (h->entry && h->entry(h->ctx, crl, &e) < 0)
			return -1;
	}
	if (rest.n)
		problem(h, e.number + 1, "the entries break off");
	return 0;
}

/* ---- files ---- */

/* 0, -1 stopped */
static int give(const struct crl *crl, const struct crl_handler *h)
{
	int r = h->header ? h->header(h->ctx, crl) : 0;

	if (r == 0)
		return crl_each_entry(crl, h);
	return r < 0 ? -1 : 0;
}

struct text {
	const struct crl_handler *h;
	size_t lists;
	struct err why; /* of the last list that could not be read */
};

static int read_block(void *ctx, const struct pem_block *b)
{
	struct text *t = ctx;
	struct crl crl;

	if (b->kind != PEM_CRL)
		return 0;
	if (crl_parse(b->der, b->len, &crl, &t->why) < 0) {
		err_context(&t->why, "line %zu", b->line);
		problem(t->h, 0, t->why.msg);
		return 0;
	}
	t->lists++;
	return give(&crl, t->h);
}

static void pem_problem(void *ctx, size_t line, const char *what)
{
	struct text *t = ctx;

	err_set(&t->why, ERR_INPUT, "line %zu: %s", line, what);
	problem(t->h, 0, t->why.msg);
}

static int read_text(const char *data, size_t n, const struct crl_handler *h, struct err *err)
{
	struct text t = { .h = h };

	err_set(&t.why, ERR_INPUT, "no CRL in the PEM text");
	if (pem_each(data, n, &(struct pem_handler){ .ctx = &t, .block = read_block, .problem = pem_problem }) < 0)
		return -1;
	return t.lists ? 0 : err_set(err, t.why.kind, "%s", t.why.msg);
}

static bool is_der(const uint8_t *data, size_t n)
{
	return n && data[0] == DER_SEQUENCE;
}

int crl_read(const uint8_t *data, size_t n, const struct crl_handler *h, struct err *err)
{
	struct crl crl;

	if (!is_der(data, n))
		return read_text((const char *)data, n, h, err);
	return crl_parse(data, n, &crl, err) < 0 ? -1 : give(&crl, h);
}

/* A time where a certificate has its validity. */
bool crl_is_der(const uint8_t *data, size_t n)
{
	struct slice in = { data, n };
	struct der d;
	int64_t t;

	if (!der_take(&in, DER_SEQUENCE, &d))
		return false;
	in = d.body;
	if (!der_take(&in, DER_SEQUENCE, &d))
		return false;
	in = d.body;
	der_take(&in, DER_INTEGER, &d);
	return der_take(&in, DER_SEQUENCE, &d) && der_take(&in, DER_SEQUENCE, &d) && take_time(&in, &t);
}

bool crl_recognise(const uint8_t *data, size_t n)
{
	static const char mark[] = "-----BEGIN X509 CRL-----";

	if (is_der(data, n))
		return crl_is_der(data, n);
	return n && memmem(data, n, mark, sizeof(mark) - 1);
}

/* ---- what it means ---- */

int crl_verify(const struct crl *crl, EVP_PKEY *key)
{
	struct slice a = crl->sig_alg, b = crl->tbs_sig_alg;
	struct der outer, inner;

	if (!der_next(&a, &outer) || !der_next(&b, &inner))
		return -1;
	if (!slice_equal(outer.body, inner.body) || crl->sig_unused_bits)
		return 0;
	if (crl->digest.n)
		return key_verify_digest(key, crl->sig_alg, crl->digest, crl->signature);
	return key_verify(key, crl->sig_alg, crl->tbs, crl->signature);
}

size_t crl_digest(const struct crl *crl, void (*passed)(void *ctx, const uint8_t *from, const uint8_t *upto), void *ctx,
                  uint8_t ret[CRL_DIGEST_MAX])
{
	EVP_MD *md = sig_alg_hash(crl->sig_alg);
	EVP_MD_CTX *sum = md ? EVP_MD_CTX_new() : NULL;
	bool good = sum && EVP_DigestInit_ex(sum, md, NULL);
	unsigned n = 0;

	for (size_t at = 0, some; good && at < crl->tbs.n; at += some) {
		some = crl->tbs.n - at < PASSED_BYTES ? crl->tbs.n - at : PASSED_BYTES;
		good = EVP_DigestUpdate(sum, crl->tbs.p + at, some);
		if (passed)
			passed(ctx, crl->tbs.p + at, crl->tbs.p + at + some);
	}
	good = good && EVP_DigestFinal_ex(sum, ret, &n);
	EVP_MD_CTX_free(sum);
	EVP_MD_free(md);
	return good ? n : 0;
}

static void add_bytes(struct strbuf *out, const uint8_t *from, const uint8_t *to)
{
	strbuf_add(out, (const char *)from, (size_t)(to - from));
}

/* A header with the length that its contents have. */
static void put_sequence(struct strbuf *out, const struct strbuf *body)
{
	uint8_t header[16], *p = header;

	ASN1_put_object(&p, 1, (int)body->len, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
	strbuf_add(out, (const char *)header, (size_t)(p - header));
	strbuf_add(out, body->buf, body->len);
}

void crl_without_entries(const struct crl *crl, struct strbuf *out)
{
	struct strbuf tbs = STRBUF_INIT, all = STRBUF_INIT;
	struct slice in = crl->tbs, rest = crl->der, gap = crl->entries_der;
	struct der d, whole;

	if (!gap.n || !der_next(&in, &d) || !der_next(&rest, &whole)) {
		add_bytes(out, crl->der.p, crl->der.p + crl->der.n);
		return;
	}
	add_bytes(&tbs, d.body.p, gap.p);
	add_bytes(&tbs, gap.p + gap.n, d.body.p + d.body.n);
	put_sequence(&all, &tbs);
	add_bytes(&all, crl->tbs.p + crl->tbs.n, whole.body.p + whole.body.n);
	put_sequence(out, &all);
	strbuf_release(&tbs);
	strbuf_release(&all);
}

const char *crl_not_applied(const struct crl *crl)
{
	if (crl->is_delta)
		return "delta CRL";
	if (crl->indirect)
		return "indirect CRL";
	if (crl->only & CRL_ONLY_ATTRIBUTE)
		return "attribute certificates only";
	return crl->unknown_critical ? "unknown critical extension" : NULL;
}

bool crl_entry_applies(const struct crl_entry *entry)
{
	return entry->reason != CRL_REMOVE && !entry->foreign_issuer && !entry->unknown_critical;
}

const char *crl_reason_name(int reason)
{
	static const char *const names[] = { "unspecified", "keyCompromise", "cACompromise", "affiliationChanged",
		"superseded", "cessationOfOperation", "certificateHold", NULL, "removeFromCRL", "privilegeWithdrawn",
		"aACompromise" };

	return reason >= 0 && (size_t)reason < LENGTH(names) && names[reason] ? names[reason] : "unknown";
}
