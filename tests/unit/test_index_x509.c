#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/date.h"
#include "base/map.h"
#include "tests/unit/real_data.h"
#include "tests/unit/survive.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ---- certificates made with OpenSSL ---- */

struct made {
	EVP_PKEY *key;
	uint8_t *der;
	size_t len;
	struct x509_cert c;
};

static X509 *draft(EVP_PKEY *key, const char *cn)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 0x1234);
	ASN1_TIME_set_string_X509(X509_getm_notBefore(x), "20200102030405Z");
	ASN1_TIME_set_string_X509(X509_getm_notAfter(x), "20600102030405Z");
	X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC, (const unsigned char *)"ES", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"Ejemplo, S.A.", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_set_pubkey(x, key);
	return x;
}

static void extend(X509 *x, int nid, const char *value)
{
	CONF *conf = NCONF_new(NULL);
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	X509V3_set_nconf(&ctx, conf);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (!e)
		fail_msg("cannot make '%s'", value);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	NCONF_free(conf);
}

static void finish(X509 *x, struct made *m)
{
	unsigned char *der = NULL;
	struct err err = { 0 };

	m->len = (size_t)i2d_X509(x, &der);
	m->der = xmemdup(der, m->len);
	OPENSSL_free(der);
	X509_free(x);
	if (x509_parse(m->der, m->len, &m->c, &err) < 0)
		fail_msg("%s", err.msg);
}

static void made_release(struct made *m)
{
	EVP_PKEY_free(m->key);
	free(m->der);
}

static struct made make_plain(const char *cn)
{
	struct made m = { .key = EVP_EC_gen("P-256") };
	X509 *x = draft(m.key, cn);

	X509_sign(x, m.key, EVP_sha256());
	finish(x, &m);
	return m;
}

static void text_is(void (*fn)(const struct x509_cert *, struct strbuf *), const struct x509_cert *c, const char *want)
{
	struct strbuf b = STRBUF_INIT;

	fn(c, &b);
	assert_string_equal(b.buf, want);
	strbuf_release(&b);
}

static void a_ca_certificate_tells_its_fields(void **state)
{
	struct made m = { .key = EVP_EC_gen("P-256") };
	X509 *x = draft(m.key, "Raíz");

	(void)state;
	extend(x, NID_basic_constraints, "critical,CA:TRUE,pathlen:3");
	extend(x, NID_key_usage, "critical,keyCertSign,cRLSign");
	extend(x, NID_ext_key_usage, "serverAuth,emailProtection,1.2.3.4");
	extend(x, NID_subject_key_identifier, "hash");
	extend(x, NID_authority_key_identifier, "keyid:always,issuer:always");
	extend(x, NID_certificate_policies, "2.23.140.1.2.2,2.23.140.1.2.1");
	extend(x, NID_subject_alt_name, "DNS:a.example,IP:192.0.2.1,URI:https://b.example/");
	extend(x, NID_name_constraints,
		"permitted;DNS:example,permitted;IP:192.0.2.0/255.255.255.0,excluded;email:x.test");
	extend(x, NID_info_access, "OCSP;URI:http://o.example,caIssuers;URI:http://c.example/a.crt");
	extend(x, NID_crl_distribution_points, "URI:http://c.example/1.crl,URI:http://c.example/2.crl");
	X509_sign(x, m.key, EVP_sha256());
	finish(x, &m);

	assert_int_equal(m.c.version, 3);
	assert_int_equal(m.c.serial.n, 2);
	assert_memory_equal(m.c.serial.p, "\x12\x34", 2);
	assert_int_equal(m.c.not_before, 1577934245);
	assert_int_equal(m.c.not_after, 2840238245);
	assert_true(m.c.has_bc && m.c.bc_ca && m.c.has_ku && m.c.self_issued);
	assert_int_equal(m.c.path_len, 3);
	assert_int_equal(m.c.eku, EKU_TLS | EKU_EMAIL | EKU_OTHER);
	assert_int_equal(m.c.kind, LEAF_OV);
	assert_int_equal(m.c.ski.n, 20);
	assert_true(slice_equal(m.c.ski, m.c.aki_keyid));
	assert_true(m.c.aki_has_issuer);
	assert_false(m.c.bad_extensions || m.c.duplicate_extensions || m.c.weak_sig || m.c.poison);
	assert_true(m.c.sct_first == SCT_NONE);
	assert_int_equal(
		x509_flags(&m.c), CERT_CA_TRUE | CERT_SELF_ISSUED | CERT_KU | CERT_KU_CERTSIGN | CERT_NAME_CONSTRAINTS);
	assert_int_equal(x509_verify(&m.c, m.key), 1);
	text_is(x509_key_usage_text, &m.c, "keyCertSign, cRLSign");
	text_is(x509_eku_text, &m.c, "serverAuth, emailProtection, 1.2.3.4");
	text_is(x509_policies_text, &m.c, "2.23.140.1.2.2, 2.23.140.1.2.1");
	text_is(x509_names_text, &m.c, "a.example, 192.0.2.1, https://b.example/");
	text_is(x509_name_constraints_text, &m.c, "permitted DNS:example, IP:192.0.2.0/24; excluded email:x.test");
	text_is(x509_ca_issuers_text, &m.c, "http://c.example/a.crt");
	text_is(x509_crl_urls_text, &m.c, "http://c.example/1.crl; http://c.example/2.crl");
	made_release(&m);
}

/* ---- certificates made by hand ---- */

static void put(struct strbuf *out, int tag, const void *body, size_t n)
{
	strbuf_addch(out, (char)tag);
	if (n < 128) {
		strbuf_addch(out, (char)n);
	} else {
		strbuf_addch(out, (char)0x82);
		strbuf_addch(out, (char)(n >> 8));
		strbuf_addch(out, (char)n);
	}
	strbuf_add(out, body, n);
}

/* Wraps what b holds. */
static void wrap(struct strbuf *b, int tag)
{
	struct strbuf whole = STRBUF_INIT;

	put(&whole, tag, b->buf, b->len);
	strbuf_release(b);
	*b = whole;
}

#define SIG_ALG "\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02"
#define NAME_A "\x30\x0C\x31\x0A\x30\x08\x06\x03\x55\x04\x03\x0C\x01\x41"
#define NAME_B "\x30\x0C\x31\x0A\x30\x08\x06\x03\x55\x04\x03\x0C\x01\x42"
#define VALIDITY                                                                                                       \
	"\x30\x1E\x17\x0D"                                                                                             \
	"200102030405Z"                                                                                                \
	"\x17\x0D"                                                                                                     \
	"300102030405Z"
#define SPKI "\x30\x09\x30\x03\x06\x01\x2A\x03\x02\x00\x00"

struct parts {
	const char *serial; /* content octets */
	size_t serial_len;
	bool version_3;
	const char *validity;
	size_t validity_len;
	const struct strbuf *extensions; /* the SEQUENCEs one behind the other, or NULL */
};

static void build(struct strbuf *out, const struct parts *p)
{
	struct strbuf ext = STRBUF_INIT;

	if (p->version_3)
		strbuf_add(out, "\xA0\x03\x02\x01\x02", 5);
	put(out, DER_INTEGER, p->serial, p->serial_len);
	strbuf_add(out, SIG_ALG, sizeof(SIG_ALG) - 1);
	strbuf_add(out, NAME_A, sizeof(NAME_A) - 1);
	strbuf_add(out, p->validity, p->validity_len);
	strbuf_add(out, NAME_B, sizeof(NAME_B) - 1);
	strbuf_add(out, SPKI, sizeof(SPKI) - 1);
	if (p->extensions) {
		strbuf_add(&ext, p->extensions->buf, p->extensions->len);
		wrap(&ext, DER_SEQUENCE);
		wrap(&ext, 0xA3);
		strbuf_add(out, ext.buf, ext.len);
	}
	wrap(out, DER_SEQUENCE);
	strbuf_add(out, SIG_ALG "\x03\x03\x00\x01\x02", sizeof(SIG_ALG) - 1 + 5);
	wrap(out, DER_SEQUENCE);
	strbuf_release(&ext);
}

#define USUAL                                                                                                          \
	{                                                                                                              \
		"\x01", 1, true, VALIDITY, sizeof(VALIDITY) - 1, NULL                                                  \
	}

/* The struct points into out. */
static struct x509_cert parsed(struct strbuf *out, const struct parts *p)
{
	struct x509_cert c;
	struct err err = { 0 };

	build(out, p);
	if (x509_parse((const uint8_t *)out->buf, out->len, &c, &err) < 0)
		fail_msg("%s", err.msg);
	return c;
}

static void serial_numbers_are_kept_as_they_stand(void **state)
{
	static const struct {
		const char *octets;
		size_t n;
	} serials[] = { { "\x00", 1 }, { "\xFF", 1 }, { "\x80\x00", 2 }, { "\x00\x00\x01", 3 }, { "", 0 },
		{ "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11\x12\x13\x14\x15\x16", 22 } };

	(void)state;
	for (size_t i = 0; i < LENGTH(serials); i++) {
		struct parts p = USUAL;
		struct strbuf b = STRBUF_INIT;
		struct x509_cert c;

		p.serial = serials[i].octets;
		p.serial_len = serials[i].n;
		c = parsed(&b, &p);
		assert_int_equal(c.serial.n, serials[i].n);
		assert_memory_equal(c.serial.p, serials[i].octets, serials[i].n);
		strbuf_release(&b);
	}
}

static void a_version_1_certificate_is_read(void **state)
{
	struct parts p = USUAL;
	struct strbuf b = STRBUF_INIT;
	struct x509_cert c;

	(void)state;
	p.version_3 = false;
	c = parsed(&b, &p);
	assert_int_equal(c.version, 1);
	assert_int_equal(x509_flags(&c), CERT_NO_BC | CERT_V1);
	strbuf_release(&b);
}

static void times_are_read_in_every_form(void **state)
{
	static const struct {
		int tag;
		const char *text;
		int64_t want;
	} times[] = {
		{ DER_UTC_TIME, "200102030405Z", 1577934245 },
		{ DER_UTC_TIME, "2001020304Z", 1577934240 },
		{ DER_UTC_TIME, "200102030405", 1577934245 },
		{ DER_UTC_TIME, "200102050405+0200", 1577934245 },
		{ DER_UTC_TIME, "200101230405-0400", 1577934245 },
		{ DER_UTC_TIME, "500101000000Z", -631152000 },
		{ DER_UTC_TIME, "491231235959Z", 2524607999 },
		{ DER_GENERALIZED_TIME, "20200102030405Z", 1577934245 },
		{ DER_GENERALIZED_TIME, "20200102030405.999Z", 1577934245 },
		{ DER_GENERALIZED_TIME, "202001020304Z", 1577934240 },
		{ DER_GENERALIZED_TIME, "2020010203", 1577934000 },
		{ DER_GENERALIZED_TIME, "18000101000000Z", -5364662400 },
		{ DER_GENERALIZED_TIME, "99991231235959Z", 253402300799 },
		{ DER_GENERALIZED_TIME, "00010101000000Z", -62135596800 },
		{ DER_UTC_TIME, "", TIME_UNKNOWN },
		{ DER_UTC_TIME, "20010203", 1577934000 },
		{ DER_UTC_TIME, "200230000000Z", TIME_UNKNOWN },
		{ DER_UTC_TIME, "201302000000Z", TIME_UNKNOWN },
		{ DER_UTC_TIME, "200102240000Z", TIME_UNKNOWN },
		{ DER_UTC_TIME, "200102030405Zx", TIME_UNKNOWN },
		{ DER_UTC_TIME, "200102030405+2", TIME_UNKNOWN },
		{ DER_UTC_TIME, "20200102030405Z", TIME_UNKNOWN },
		{ DER_GENERALIZED_TIME, "00000000000000Z", TIME_UNKNOWN },
		{ DER_GENERALIZED_TIME, "2020-1-2030405Z", TIME_UNKNOWN },
		{ DER_GENERALIZED_TIME, "20210229000000Z", TIME_UNKNOWN },
		{ DER_INTEGER, "200102030405Z", TIME_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(times); i++) {
		int64_t got = x509_time(
			times[i].tag, (struct slice){ (const uint8_t *)times[i].text, strlen(times[i].text) });

		if (got != times[i].want)
			fail_msg("'%s' gave %lld", times[i].text, (long long)got);
	}
}

static void an_unreadable_time_does_not_refuse_the_certificate(void **state)
{
	static const char bad[] = "\x30\x0A\x17\x03"
				  "abc"
				  "\x18\x03"
				  "\x00\x01\x02";
	struct parts p = USUAL;
	struct strbuf b = STRBUF_INIT;
	struct x509_cert c;

	(void)state;
	p.validity = bad;
	p.validity_len = sizeof(bad) - 1;
	c = parsed(&b, &p);
	assert_true(c.not_before == TIME_UNKNOWN && c.not_after == TIME_UNKNOWN);
	strbuf_release(&b);
}

static void add_extension(struct strbuf *list, const char *oid, size_t oid_len, const void *value, size_t n)
{
	struct strbuf e = STRBUF_INIT;

	put(&e, DER_OID, oid, oid_len);
	put(&e, DER_OCTET_STRING, value, n);
	wrap(&e, DER_SEQUENCE);
	strbuf_add(list, e.buf, e.len);
	strbuf_release(&e);
}

#define BC_OID "\x55\x1D\x13", 3
#define KU_OID "\x55\x1D\x0F", 3
#define EKU_OID "\x55\x1D\x25", 3
#define SCT_OID "\x2B\x06\x01\x04\x01\xD6\x79\x02\x04\x02", 10
#define POISON_OID "\x2B\x06\x01\x04\x01\xD6\x79\x02\x04\x03", 10

static void the_first_of_two_equal_extensions_counts(void **state)
{
	struct parts p = USUAL;
	struct strbuf b = STRBUF_INIT, list = STRBUF_INIT;
	struct x509_cert c;

	(void)state;
	add_extension(&list, BC_OID, "\x30\x06\x01\x01\xFF\x02\x01\x01", 8);
	add_extension(&list, BC_OID, "\x30\x06\x01\x01\xFF\x02\x01\x05", 8);
	p.extensions = &list;
	c = parsed(&b, &p);
	assert_int_equal(c.path_len, 1);
	assert_true(c.duplicate_extensions && !c.bad_extensions);
	strbuf_release(&b);
	strbuf_release(&list);
}

static void unreadable_extensions_are_flagged(void **state)
{
	static const struct {
		const char *oid;
		size_t oid_len;
		const char *value;
		size_t n;
	} bad[] = {
		{ BC_OID, "\x31\x00", 2 },
		{ BC_OID, "\x30\x03\x02\x01\xFF", 5 },
		{ KU_OID, "\xD4", 1 },
		{ KU_OID, "\x03\x02\x09\xFF", 4 },
		{ EKU_OID, "\x30\x00", 2 },
		{ EKU_OID, "\x04\x00", 2 },
		{ SCT_OID, "\x04\x04\x00\x09\x00\x01", 6 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct parts p = USUAL;
		struct strbuf b = STRBUF_INIT, list = STRBUF_INIT;
		struct x509_cert c;

		add_extension(&list, bad[i].oid, bad[i].oid_len, bad[i].value, bad[i].n);
		p.extensions = &list;
		c = parsed(&b, &p);
		assert_true(c.bad_extensions);
		assert_int_equal(c.eku, memcmp(bad[i].oid, "\x55\x1D\x25", 3) == 0 ? EKU_OTHER : 0);
		assert_int_equal(c.key_usage, 0);
		assert_false(c.bc_ca);
		strbuf_release(&b);
		strbuf_release(&list);
	}
}

static void the_earliest_embedded_sct_is_found(void **state)
{
	uint8_t scts[2][2 + 47] = { { 0, 47 }, { 0, 47 } };
	struct strbuf value = STRBUF_INIT, b = STRBUF_INIT, list = STRBUF_INIT;
	struct parts p = USUAL;
	struct x509_cert c;

	(void)state;
	memcpy(scts[0] + 2 + 33, "\x00\x00\x01\x8B\xCF\xE5\x68\x00", 8); /* 1,700,000,000,000 ms */
	memcpy(scts[1] + 2 + 33, "\x00\x00\x01\x8B\xCF\xE5\x67\xFF", 8); /* one less */
	strbuf_add(&value, "\x00\x62", 2);
	strbuf_add(&value, scts, sizeof(scts));
	wrap(&value, DER_OCTET_STRING);
	add_extension(&list, SCT_OID, value.buf, value.len);
	add_extension(&list, POISON_OID, "", 0);
	p.extensions = &list;
	c = parsed(&b, &p);
	assert_int_equal(c.sct_first, 1699999999);
	assert_true(c.poison && !c.bad_extensions);
	strbuf_release(&value);
	strbuf_release(&list);
	strbuf_release(&b);
}

static void indefinite_lengths_are_read(void **state)
{
	struct parts p = USUAL;
	struct strbuf der = STRBUF_INIT, ber = STRBUF_INIT;
	struct x509_cert c, d;
	struct err err = { 0 };

	(void)state;
	d = parsed(&der, &p);
	strbuf_add(&ber, "\x30\x80\x30\x80", 4);
	strbuf_add(&ber, d.tbs.p + 2, d.tbs.n - 2);
	strbuf_add(&ber, "\0\0", 2);
	strbuf_add(&ber, SIG_ALG "\x03\x03\x00\x01\x02\0\0\0", sizeof(SIG_ALG) - 1 + 8);
	assert_int_equal(x509_parse((const uint8_t *)ber.buf, ber.len, &c, &err), 0);
	assert_int_equal(c.trailing, 1);
	assert_int_equal(c.der.n, ber.len - 1);
	assert_true(slice_equal(c.subject, d.subject) && slice_equal(c.spki, d.spki));
	assert_int_equal(x509_parse((const uint8_t *)ber.buf, ber.len - 2, &c, &err), -1);
	strbuf_release(&der);
	strbuf_release(&ber);
}

static void bytes_behind_the_certificate_are_told_or_refused(void **state)
{
	struct parts p = USUAL;
	struct strbuf b = STRBUF_INIT;
	struct x509_cert c;
	struct err err = { 0 };
	size_t n;

	(void)state;
	build(&b, &p);
	n = b.len;
	for (int i = 0; i < X509_TRAILING_MAX; i++)
		strbuf_addch(&b, 'x');
	assert_int_equal(x509_parse((const uint8_t *)b.buf, b.len, &c, &err), 0);
	assert_int_equal(c.trailing, X509_TRAILING_MAX);
	assert_int_equal(c.der.n, n);
	strbuf_addch(&b, 'x');
	assert_int_equal(x509_parse((const uint8_t *)b.buf, b.len, &c, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	strbuf_release(&b);
}

static void a_refusal_names_field_and_byte(void **state)
{
	static const char no_validity[] = "\x17\x01"
					  "x";
	struct parts p = USUAL;
	struct strbuf b = STRBUF_INIT;
	struct x509_cert c;
	struct err err = { 0 };

	(void)state;
	p.validity = no_validity;
	p.validity_len = sizeof(no_validity) - 1;
	build(&b, &p);
	assert_int_equal(x509_parse((const uint8_t *)b.buf, b.len, &c, &err), -1);
	assert_string_equal(err.msg, "not a certificate: no validity at byte 38");
	assert_int_equal(x509_parse((const uint8_t *)"", 0, &c, &err), -1);
	assert_string_equal(err.msg, "not a certificate: no content at byte 0");
	assert_int_equal(x509_parse((const uint8_t *)b.buf, 20, &c, &err), -1);
	assert_string_equal(err.msg, "not a certificate: no complete SEQUENCE at byte 0");
	strbuf_release(&b);
}

static void a_tbs_alone_is_read(void **state)
{
	struct made m = make_plain("x");
	struct x509_cert c;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(x509_parse_tbs(m.c.tbs.p, m.c.tbs.n, &c, &err), 0);
	assert_true(slice_equal(c.serial, m.c.serial) && slice_equal(c.subject, m.c.subject));
	assert_int_equal(c.signature.n, 0);
	assert_int_equal(x509_parse_tbs(m.der, m.len, &c, &err), -1);
	assert_true(x509_recognise(m.der, m.len));
	assert_false(x509_recognise(m.c.tbs.p, m.c.tbs.n));
	made_release(&m);
}

/* ---- names ---- */

struct ava {
	const char *oid;
	size_t oid_len;
	int tag;
	const char *value;
	size_t n;
	bool joined;
};

static void add_rdn(struct strbuf *name, struct strbuf *set)
{
	if (set->len) {
		wrap(set, DER_SET);
		strbuf_add(name, set->buf, set->len);
		strbuf_reset(set);
	}
}

static void build_name(struct strbuf *name, const struct ava *avas, size_t n)
{
	struct strbuf set = STRBUF_INIT, a = STRBUF_INIT;

	for (size_t i = 0; i < n; i++) {
		if (!avas[i].joined)
			add_rdn(name, &set);
		strbuf_reset(&a);
		put(&a, DER_OID, avas[i].oid, avas[i].oid_len);
		put(&a, avas[i].tag, avas[i].value, avas[i].n);
		wrap(&a, DER_SEQUENCE);
		strbuf_add(&set, a.buf, a.len);
	}
	add_rdn(name, &set);
	wrap(name, DER_SEQUENCE);
	strbuf_release(&set);
	strbuf_release(&a);
}

#define CN "\x55\x04\x03", 3
#define OU "\x55\x04\x0B", 3
#define O "\x55\x04\x0A", 3
#define EMAIL "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x01", 9
#define ORG_ID "\x55\x04\x61", 3
#define ODD_OID "\x2A\x03\x04", 3
#define UTF8 0x0C
#define PRINTABLE 0x13
#define T61 0x14
#define IA5 0x16
#define UNIVERSAL 0x1C
#define BMP 0x1E

struct name_case {
	struct ava avas[4];
	size_t n;
	const char *text, *label;
};

static void names_are_shown_as_rfc_2253_says(void **state)
{
	static const struct name_case cases[] = {
		{ { { O, UTF8, "A, \"B\" S.A.", 11, false }, { CN, PRINTABLE, " x #", 4, false } }, 2,
			"CN=\\ x #,O=A\\, \\\"B\\\" S.A.", " x #" },
		{ { { CN, UTF8, "first", 5, false }, { CN, UTF8, "last ", 5, false } }, 2, "CN=last\\ ,CN=first",
			"last " },
		{ { { OU, UTF8, "unit", 4, false }, { CN, UTF8, "", 0, false } }, 2, "CN=,OU=unit", "unit" },
		{ { { O, UTF8, "org", 3, false }, { OU, UTF8, "  ", 2, false } }, 2, "OU=\\ \\ ,O=org", "org" },
		{ { { O, T61, "\xE9t\xE9", 3, false } }, 1, "O=\xC3\xA9t\xC3\xA9", "\xC3\xA9t\xC3\xA9" },
		{ { { CN, BMP, "\0A\xD8\x3D\xDE\x00", 6, false } }, 1, "CN=A\xF0\x9F\x98\x80", "A\xF0\x9F\x98\x80" },
		{ { { CN, BMP, "\xD8\x3D\0A\0", 5, false } }, 1,
			"CN=\xEF\xBF\xBD"
			"A\xEF\xBF\xBD",
			"\xEF\xBF\xBD"
			"A\xEF\xBF\xBD" },
		{ { { CN, UNIVERSAL, "\0\0\0A\0\0\x20\xAC", 8, false } }, 1, "CN=A\xE2\x82\xAC", "A\xE2\x82\xAC" },
		{ { { CN, UTF8, "a\0b\x1B[2J", 7, false } }, 1,
			"CN=a\xEF\xBF\xBD"
			"b\xEF\xBF\xBD[2J",
			"a\xEF\xBF\xBD"
			"b\xEF\xBF\xBD[2J" },
		{ { { CN, UTF8, "\xFF\xC3(", 3, false } }, 1, "CN=\xEF\xBF\xBD\xEF\xBF\xBD(",
			"\xEF\xBF\xBD\xEF\xBF\xBD(" },
		{ { { O, UTF8, "o", 1, false }, { EMAIL, IA5, "a@b.c", 5, false }, { CN, UTF8, "c", 1, true } }, 3,
			"CN=c+emailAddress=a@b.c,O=o", "c" },
		{ { { ORG_ID, UTF8, "VATES-1", 7, false } }, 1, "organizationIdentifier=VATES-1", "" },
		{ { { ODD_OID, UTF8, "x", 1, false } }, 1, "1.2.3.4=#0C0178", "" },
		{ { { CN, DER_INTEGER, "\x07", 1, false } }, 1, "CN=#020107", "" },
		{ { { CN, UTF8, "", 0, false } }, 0, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct strbuf der = STRBUF_INIT, text = STRBUF_INIT, label = STRBUF_INIT;
		struct slice name;

		build_name(&der, cases[i].avas, cases[i].n);
		name = (struct slice){ (const uint8_t *)der.buf, der.len };
		x509_name_text(name, &text);
		assert_string_equal(text.buf, cases[i].text);
		assert_int_equal(x509_name_label(name, &label), *cases[i].label != '\0');
		assert_string_equal(label.buf, cases[i].label);
		strbuf_release(&der);
		strbuf_release(&text);
		strbuf_release(&label);
	}
}

static void a_very_long_name_is_shown_whole(void **state)
{
	struct strbuf der = STRBUF_INIT, text = STRBUF_INIT, cn = STRBUF_INIT;
	struct ava ava = { CN, UTF8, NULL, 0, false };

	(void)state;
	for (int i = 0; i < 10000; i++)
		strbuf_addch(&cn, (char)('a' + i % 26));
	ava.value = cn.buf;
	ava.n = cn.len;
	build_name(&der, &ava, 1);
	x509_name_text((struct slice){ (const uint8_t *)der.buf, der.len }, &text);
	assert_int_equal(text.len, 10003);
	strbuf_release(&der);
	strbuf_release(&text);
	strbuf_release(&cn);
}

static bool same(const struct ava *a, size_t na, const struct ava *b, size_t nb)
{
	struct strbuf da = STRBUF_INIT, db = STRBUF_INIT, ca = STRBUF_INIT, cb = STRBUF_INIT;
	struct slice sa, sb;
	bool canon;

	build_name(&da, a, na);
	build_name(&db, b, nb);
	sa = (struct slice){ (const uint8_t *)da.buf, da.len };
	sb = (struct slice){ (const uint8_t *)db.buf, db.len };
	assert_int_equal(x509_name_canon(sa, &ca), 0);
	assert_int_equal(x509_name_canon(sb, &cb), 0);
	canon = ca.len == cb.len && memcmp(ca.buf, cb.buf, ca.len) == 0;
	assert_int_equal(canon, x509_name_equal(sa, sb));
	strbuf_release(&da);
	strbuf_release(&db);
	strbuf_release(&ca);
	strbuf_release(&cb);
	return canon;
}

static void equal_names_are_found_across_types_case_and_blanks(void **state)
{
	static const struct ava plain = { CN, PRINTABLE, "The Root CA", 11, false };
	static const struct ava alike[] = { { CN, UTF8, "  the   ROOT ca ", 16, false },
		{ CN, T61, "The Root CA", 11, false }, { CN, BMP, "\0T\0h\0e\0 \0R\0o\0o\0t\0 \0C\0A", 22, false } };
	static const struct ava unlike[] = { { OU, PRINTABLE, "The Root CA", 11, false },
		{ CN, PRINTABLE, "TheRoot CA", 10, false }, { CN, PRINTABLE, "The Root CA 2", 13, false },
		{ CN, UTF8, "The Root C\xC3\x80", 12, false }, { CN, 0x04, "The Root CA", 11, false } };
	static const struct ava ab[] = { { O, UTF8, "a", 1, false }, { CN, UTF8, "b", 1, true } };
	static const struct ava ba[] = { { CN, UTF8, "B", 1, false }, { O, UTF8, "A", 1, true } };
	static const struct ava apart[] = { { O, UTF8, "a", 1, false }, { CN, UTF8, "b", 1, false } };
	static const struct ava apart_turned[] = { { CN, UTF8, "b", 1, false }, { O, UTF8, "a", 1, false } };
	static const struct ava accents[] = { { CN, UTF8, "\xC3\x89T\xC3\x89", 5, false },
		{ CN, T61, "\xE9t\xE9", 3, false } };

	(void)state;
	for (size_t i = 0; i < LENGTH(alike); i++)
		assert_true(same(&plain, 1, &alike[i], 1));
	for (size_t i = 0; i < LENGTH(unlike); i++)
		assert_false(same(&plain, 1, &unlike[i], 1));
	assert_true(same(ab, 2, ba, 2));
	assert_false(same(ab, 2, apart, 2));
	assert_false(same(apart, 2, apart_turned, 2));
	assert_false(same(apart, 2, apart, 1));
	assert_true(same(&accents[0], 1, &accents[1], 1));
}

static void what_is_no_name_still_has_bytes_of_its_own(void **state)
{
	static const uint8_t broken[] = { 0x30, 0x04, 0x31, 0x02, 0x30, 0x05 };
	struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;

	(void)state;
	assert_int_equal(x509_name_canon((struct slice){ broken, sizeof(broken) }, &a), -1);
	assert_int_equal(x509_name_canon((struct slice){ broken, 5 }, &b), -1);
	assert_int_not_equal(a.len, b.len);
	assert_false(x509_name_label((struct slice){ broken, sizeof(broken) }, &b));
	strbuf_reset(&a);
	x509_name_text((struct slice){ broken, sizeof(broken) }, &a);
	assert_string_equal(a.buf, "#300431023005");
	strbuf_release(&a);
	strbuf_release(&b);
}

/* ---- keys and signatures ---- */

static void key_is(EVP_PKEY *key, const char *want, bool weak)
{
	unsigned char *der = NULL;
	size_t n = (size_t)i2d_PUBKEY(key, &der);
	struct strbuf b = STRBUF_INIT;
	struct slice spki = { der, n };
	struct key_info info;
	EVP_PKEY *loaded = key_load(spki);

	key_describe(spki, &b);
	assert_string_equal(b.buf, want);
	assert_int_equal(key_info(spki, &info), 0);
	assert_int_equal(info.weak, weak);
	assert_int_equal(EVP_PKEY_eq(key, loaded), 1);
	strbuf_release(&b);
	EVP_PKEY_free(loaded);
	EVP_PKEY_free(key);
	OPENSSL_free(der);
}

static void keys_are_described(void **state)
{
	static const uint8_t dsa[] = { 0x30, 0x1A, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x01,
		0x30, 0x08, 0x02, 0x02, 0x00, 0xFF, 0x02, 0x02, 0x01, 0x00, 0x03, 0x03, 0x00, 0x02, 0x01 };
	struct strbuf b = STRBUF_INIT;

	(void)state;
	key_is(EVP_RSA_gen(2048), "RSA 2048", false);
	key_is(EVP_RSA_gen(1024), "RSA 1024", true);
	key_is(EVP_EC_gen("P-256"), "EC P-256", false);
	key_is(EVP_EC_gen("P-384"), "EC P-384", false);
	key_is(EVP_EC_gen("P-224"), "EC P-224", true);
	key_is(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "Ed25519", false);
	key_describe((struct slice){ (const uint8_t *)SPKI, sizeof(SPKI) - 1 }, &b);
	assert_string_equal(b.buf, "unknown 1.2");
	assert_null(key_load((struct slice){ (const uint8_t *)SPKI, sizeof(SPKI) - 1 }));
	strbuf_reset(&b);
	key_describe((struct slice){ dsa, sizeof(dsa) }, &b);
	assert_string_equal(b.buf, "DSA 8");
	strbuf_reset(&b);
	key_describe((struct slice){ (const uint8_t *)"\x30\x00", 2 }, &b);
	assert_string_equal(b.buf, "unreadable");
	strbuf_release(&b);
}

static int use_pss(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING);
}

static void signature_case(const char *type, const char *md, bool pss, const char *want, bool weak)
{
	struct made m = { .key = strcmp(type, "RSA") == 0  ? EVP_RSA_gen(2048)
				 : strcmp(type, "EC") == 0 ? EVP_EC_gen("P-384")
							   : EVP_PKEY_Q_keygen(NULL, NULL, type) };
	EVP_PKEY *other = EVP_EC_gen("P-256");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	struct strbuf b = STRBUF_INIT;
	X509 *x = draft(m.key, "s");

	assert_int_equal(EVP_DigestSignInit_ex(ctx, &pctx, md, NULL, NULL, m.key, NULL), 1);
	assert_true(!pss || use_pss(pctx) > 0);
	assert_true(X509_sign_ctx(x, ctx) > 0);
	finish(x, &m);
	sig_alg_text(m.c.sig_alg, &b);
	assert_string_equal(b.buf, want);
	assert_int_equal(m.c.weak_sig, weak);
	assert_int_equal(x509_verify(&m.c, m.key), 1);
	assert_int_equal(x509_verify(&m.c, other), 0);
	m.der[m.c.subject.p - m.der + 20] ^= 1;
	assert_int_equal(x509_verify(&m.c, m.key), 0);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(other);
	strbuf_release(&b);
	made_release(&m);
}

static void signatures_of_every_kind_are_verified(void **state)
{
	(void)state;
	signature_case("RSA", "SHA256", false, "sha256WithRSAEncryption", false);
	signature_case("RSA", "SHA384", false, "sha384WithRSAEncryption", false);
	signature_case("RSA", "SHA512", false, "sha512WithRSAEncryption", false);
	signature_case("RSA", "SHA1", false, "sha1WithRSAEncryption", true);
	signature_case("RSA", "MD5", false, "md5WithRSAEncryption", true);
	signature_case("RSA", "SHA256", true, "rsassaPss", false);
	signature_case("RSA", "SHA1", true, "rsassaPss", true);
	signature_case("EC", "SHA384", false, "ecdsa-with-SHA384", false);
	signature_case("EC", "SHA1", false, "ecdsa-with-SHA1", true);
	signature_case("ED25519", NULL, false, "ED25519", false);
}

static void an_unknown_algorithm_is_neither_good_nor_bad(void **state)
{
	struct made m = { .key = EVP_RSA_gen(2048) };
	X509 *x = draft(m.key, "s");

	(void)state;
	X509_sign(x, m.key, EVP_md5());
	finish(x, &m);
	/* md5WithRSAEncryption becomes md2WithRSAEncryption, inside and outside. */
	m.der[m.c.sig_alg.p - m.der + 12] = 2;
	assert_int_equal(x509_verify(&m.c, m.key), 0);
	m.der[m.c.tbs_sig_alg.p - m.der + 12] = 2;
	assert_int_equal(x509_verify(&m.c, m.key), -1);
	made_release(&m);
}

/* ---- PEM ---- */

struct heard {
	size_t blocks, lines[8], lens[8], problems, problem_lines[8];
	enum pem_kind kinds[8];
};

static int hear_block(void *ctx, const struct pem_block *b)
{
	struct heard *h = ctx;

	h->kinds[h->blocks] = b->kind;
	h->lens[h->blocks] = b->len;
	h->lines[h->blocks++] = b->line;
	return 0;
}

static void hear_problem(void *ctx, size_t line, const char *what)
{
	struct heard *h = ctx;

	(void)what;
	h->problem_lines[h->problems++] = line;
}

static struct heard hear(const char *text)
{
	struct heard h = { 0 };

	pem_each(text, strlen(text), &(struct pem_handler){ &h, hear_block, hear_problem });
	return h;
}

static void pem_blocks_are_found_among_other_text(void **state)
{
	struct heard h = hear("# a comment\r\n\r\n'-----BEGIN CERTIFICATE-----\r\nMAMC\r\n AQE=\r\n"
			      "-----END CERTIFICATE-----'\n"
			      "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"
			      "-----BEGIN TRUSTED CERTIFICATE-----\nMAMCAQEwAA==\n-----END TRUSTED CERTIFICATE-----\n"
			      "x -----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMAA=\n"
			      "-----END RSA PRIVATE KEY-----");

	(void)state;
	assert_int_equal(h.problems, 0);
	assert_int_equal(h.blocks, 4);
	assert_int_equal(h.lines[0], 3);
	assert_int_equal(h.lens[0], 5);
	assert_int_equal(h.kinds[1], PEM_CRL);
	assert_int_equal(h.kinds[2], PEM_CERTIFICATE);
	assert_int_equal(h.lens[2], 5); /* without the trust settings */
	assert_int_equal(h.kinds[3], PEM_OTHER);
	assert_int_equal(h.lines[3], 13);
}

static void a_broken_pem_block_does_not_hide_the_next(void **state)
{
	struct heard h = hear("-----BEGIN CERTIFICATE-----\nMA!A\n-----END CERTIFICATE-----\n"
			      "-----BEGIN CERTIFICATE-----\nMAA=\n"
			      "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
			      "-----BEGIN CERTIFICATE\n"
			      "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
			      "-----BEGIN CERTIFICATE-----\nMAA=\n");

	(void)state;
	assert_int_equal(h.blocks, 1);
	assert_int_equal(h.lines[0], 6);
	assert_int_equal(h.problems, 5);
	assert_int_equal(h.problem_lines[0], 1);
	assert_int_equal(h.problem_lines[1], 4);
	assert_int_equal(h.problem_lines[2], 9);
	assert_int_equal(h.problem_lines[3], 10);
	assert_int_equal(h.problem_lines[4], 12);
}

/* ---- damage ---- */

static void damage_x509(const uint8_t *p, size_t n)
{
	survive_x509(p, n);
}

static void damaged_certificates_are_survived(void **state)
{
	struct made m = make_plain("damaged");

	(void)state;
	survive_damage(m.der, m.len, 3000, damage_x509);
	made_release(&m);
}

/* ---- real data ---- */

struct real {
	VEC(struct slice) der;
	struct map seen;
};

static int keep_real(void *ctx, const struct pem_block *b)
{
	struct real *r = ctx;
	bool is_new;

	map_at(&r->seen, b->der, b->len, &is_new);
	if (is_new)
		vec_push(&r->der, (struct slice){ xmemdup(b->der, b->len), b->len });
	return 0;
}

static int read_real(void *ctx, const char *path, struct err *err)
{
	uint8_t *data;
	size_t n;

	if (!strstr(path, "AllCertificatePEMs"))
		return 0;
	if (path_read(path, SIZE_MAX / 2, &data, &n, err) < 0)
		return -1;
	pem_each((const char *)data, n, &(struct pem_handler){ .ctx = ctx, .block = keep_real });
	free(data);
	return 0;
}

static void real_release(struct real *r)
{
	for (size_t i = 0; i < r->der.n; i++)
		free((void *)r->der.v[i].p);
	vec_release(&r->der);
	map_release(&r->seen);
}

/* NULL when there is none. */
static struct real *open_real(struct real *r)
{
	char *dir = real_data("ccadb");
	struct err err = { 0 };

	memset(r, 0, sizeof(*r));
	if (!dir)
		return NULL;
	if (path_walk(dir, read_real, r, &err) < 0)
		fail_msg("%s", err.msg);
	free(dir);
	return r;
}

static bool octets_are(struct slice s, const ASN1_STRING *want)
{
	if (!want)
		return s.p == NULL;
	return slice_equal(s, (struct slice){ ASN1_STRING_get0_data(want), (size_t)ASN1_STRING_length(want) });
}

static bool name_is(struct slice s, const X509_NAME *want)
{
	unsigned char *der = NULL;
	int n = i2d_X509_NAME(want, &der);
	bool equal = n > 0 && slice_equal(s, (struct slice){ der, (size_t)n });

	OPENSSL_free(der);
	return equal;
}

static bool time_is(int64_t t, const ASN1_TIME *want)
{
	struct tm tm;

	return ASN1_TIME_to_tm(want, &tm) && timegm(&tm) == t;
}

static bool serial_is(struct slice s, const ASN1_INTEGER *want)
{
	unsigned char *der = NULL;
	int n = i2d_ASN1_INTEGER(want, &der);
	bool equal = n > 2 && slice_equal(s, (struct slice){ der + 2, (size_t)n - 2 });

	OPENSSL_free(der);
	return equal;
}

static bool eku_is(uint8_t eku, X509 *x)
{
	static const struct {
		uint8_t ours;
		uint32_t theirs;
	} bits[] = { { EKU_TLS, XKU_SSL_SERVER }, { EKU_EMAIL, XKU_SMIME }, { EKU_ANY, XKU_ANYEKU },
		{ EKU_OCSP, XKU_OCSP_SIGN } };
	uint32_t theirs = X509_get_extended_key_usage(x);

	if (!(X509_get_extension_flags(x) & EXFLAG_XKUSAGE))
		return eku == 0;
	for (size_t i = 0; i < LENGTH(bits); i++) {
		if (!(eku & bits[i].ours) != !(theirs & bits[i].theirs))
			return false;
	}
	return eku != 0;
}

static bool extensions_are(const struct x509_cert *c, X509 *x)
{
	uint32_t flags = X509_get_extension_flags(x);

	/* OpenSSL gives up all extensions of a certificate where one is broken. */
	if (flags & EXFLAG_INVALID)
		return c->bad_extensions;
	return c->has_bc == !!(flags & EXFLAG_BCONS) && c->bc_ca == !!(flags & EXFLAG_CA) &&
	       (c->bc_ca ? c->path_len : -1) == X509_get_pathlen(x) && c->has_ku == !!(flags & EXFLAG_KUSAGE) &&
	       (!c->has_ku || c->key_usage == X509_get_key_usage(x)) && eku_is(c->eku, x) &&
	       octets_are(c->ski, X509_get0_subject_key_id(x)) &&
	       octets_are(c->aki_keyid, X509_get0_authority_key_id(x)) && !c->bad_extensions;
}

static void real_certificates_read_as_openssl_reads_them(void **state)
{
	struct real r;

	(void)state;
	if (skipped_without(open_real(&r)))
		return;
	for (size_t i = 0; i < r.der.n; i++) {
		const unsigned char *p = r.der.v[i].p;
		X509 *x = d2i_X509(NULL, &p, (long)r.der.v[i].n);
		struct x509_cert c;
		struct err err = { 0 };

		if (x509_parse(r.der.v[i].p, r.der.v[i].n, &c, &err) < 0)
			fail_msg("certificate %zu: %s", i, err.msg);
		assert_non_null(x);
		if (!name_is(c.subject, X509_get_subject_name(x)) || !name_is(c.issuer, X509_get_issuer_name(x)) ||
			!serial_is(c.serial, X509_get0_serialNumber(x)) ||
			!time_is(c.not_before, X509_get0_notBefore(x)) ||
			!time_is(c.not_after, X509_get0_notAfter(x)) || c.version != X509_get_version(x) + 1 ||
			!extensions_are(&c, x))
			fail_msg("certificate %zu differs", i);
		X509_free(x);
	}
	ERR_clear_error();
	printf("# %zu certificates\n", r.der.n);
	real_release(&r);
}

/* Chains of certificates with the same subject: first[subject] - 1, then next[i] - 1. */
static void link_subjects(const struct real *r, struct map *first, size_t *next)
{
	for (size_t i = 0; i < r->der.n; i++) {
		struct x509_cert c;
		uint64_t *at;

		assert_int_equal(x509_parse(r->der.v[i].p, r->der.v[i].n, &c, NULL), 0);
		at = map_at(first, c.subject.p, c.subject.n, NULL);
		next[i] = *at;
		*at = i + 1;
	}
}

struct both {
	X509 *theirs;
	EVP_PKEY *key; /* ours */
	struct x509_cert c;
};

static struct both *load_both(struct both *all, const struct real *r, size_t i)
{
	const unsigned char *p = r->der.v[i].p;

	if (all[i].theirs)
		return &all[i];
	all[i].theirs = d2i_X509(NULL, &p, (long)r->der.v[i].n);
	assert_int_equal(x509_parse(r->der.v[i].p, r->der.v[i].n, &all[i].c, NULL), 0);
	all[i].key = key_load(all[i].c.spki);
	assert_int_equal(all[i].key == NULL, X509_get0_pubkey(all[i].theirs) == NULL);
	return &all[i];
}

static void free_both(struct both *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		X509_free(all[i].theirs);
		EVP_PKEY_free(all[i].key);
	}
	free(all);
	ERR_clear_error();
}

/* 0 not supported, 1 bad, 2 good */
static int verify_both(const struct both *child, const struct both *parent)
{
	int ours;

	if (!parent->key)
		return 0;
	ours = x509_verify(&child->c, parent->key);
	assert_int_equal(ours == 1, X509_verify(child->theirs, X509_get0_pubkey(parent->theirs)) == 1);
	return ours + 1;
}

/* All children with all their candidates would take half a minute under sanitizers. */
#define VERIFY_ONE_IN 4

static void real_signatures_verify_as_openssl_says(void **state)
{
	struct real r;
	struct map first = { 0 };
	struct both *all;
	size_t *next, counts[3] = { 0 };

	(void)state;
	if (skipped_without(open_real(&r)))
		return;
	next = xcalloc(r.der.n + 1, sizeof(*next));
	link_subjects(&r, &first, next);
	all = xcalloc(r.der.n + 1, sizeof(*all));
	for (size_t i = 0; i < r.der.n; i += VERIFY_ONE_IN) {
		const struct both *child = load_both(all, &r, i);
		const uint64_t *at = map_get(&first, child->c.issuer.p, child->c.issuer.n);

		for (size_t k = at ? *at : 0; k; k = next[k - 1])
			counts[verify_both(child, load_both(all, &r, k - 1))]++;
	}
	printf("# %zu good, %zu bad, %zu not supported\n", counts[2], counts[1], counts[0]);
	assert_true(counts[2] > 9000 / VERIFY_ONE_IN);
	free_both(all, r.der.n);
	free(next);
	map_release(&first);
	real_release(&r);
}

static int survive_file(void *ctx, const char *path, struct err *err)
{
	size_t *counts = ctx;
	uint8_t *data;
	size_t n;

	if (path_read(path, SIZE_MAX / 2, &data, &n, err) < 0)
		return -1;
	counts[survive_x509(data, n)]++;
	survive_pem(data, n);
	survive_ccadb(data, n);
	survive_certdata(data, n);
	free(data);
	return 0;
}

static void hostile_files_are_survived(void **state)
{
	char *dir = real_data("hostile");
	size_t counts[2] = { 0 };
	struct err err = { 0 };

	(void)state;
	if (skipped_without(dir))
		return;
	if (path_walk(dir, survive_file, counts, &err) < 0)
		fail_msg("%s", err.msg);
	printf("# %zu refused, %zu read\n", counts[0], counts[1]);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ca_certificate_tells_its_fields),
		cmocka_unit_test(serial_numbers_are_kept_as_they_stand),
		cmocka_unit_test(a_version_1_certificate_is_read),
		cmocka_unit_test(times_are_read_in_every_form),
		cmocka_unit_test(an_unreadable_time_does_not_refuse_the_certificate),
		cmocka_unit_test(the_first_of_two_equal_extensions_counts),
		cmocka_unit_test(unreadable_extensions_are_flagged),
		cmocka_unit_test(the_earliest_embedded_sct_is_found),
		cmocka_unit_test(indefinite_lengths_are_read),
		cmocka_unit_test(bytes_behind_the_certificate_are_told_or_refused),
		cmocka_unit_test(a_refusal_names_field_and_byte),
		cmocka_unit_test(a_tbs_alone_is_read),
		cmocka_unit_test(names_are_shown_as_rfc_2253_says),
		cmocka_unit_test(a_very_long_name_is_shown_whole),
		cmocka_unit_test(equal_names_are_found_across_types_case_and_blanks),
		cmocka_unit_test(what_is_no_name_still_has_bytes_of_its_own),
		cmocka_unit_test(keys_are_described),
		cmocka_unit_test(signatures_of_every_kind_are_verified),
		cmocka_unit_test(an_unknown_algorithm_is_neither_good_nor_bad),
		cmocka_unit_test(pem_blocks_are_found_among_other_text),
		cmocka_unit_test(a_broken_pem_block_does_not_hide_the_next),
		cmocka_unit_test(damaged_certificates_are_survived),
		cmocka_unit_test(real_certificates_read_as_openssl_reads_them),
		cmocka_unit_test(real_signatures_verify_as_openssl_says),
		cmocka_unit_test(hostile_files_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
