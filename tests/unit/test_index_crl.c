#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/date.h"
#include "tests/unit/real_data.h"
#include "tests/unit/survive.h"

/* ---- lists made with OpenSSL ---- */

static EVP_PKEY *new_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	assert_non_null(key);
	return key;
}

static X509_NAME *new_name(const char *cn)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	return name;
}

static ASN1_TIME *new_time(const char *text)
{
	ASN1_TIME *t = ASN1_TIME_new();

	assert_int_equal(ASN1_TIME_set_string_X509(t, text), 1);
	return t;
}

static X509_CRL *draft(void)
{
	X509_CRL *crl = X509_CRL_new();
	X509_NAME *name = new_name("Fictional CA");
	ASN1_TIME *this_update = new_time("20260601000000Z"), *next_update = new_time("20600701000000Z");

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, name);
	X509_CRL_set1_lastUpdate(crl, this_update);
	X509_CRL_set1_nextUpdate(crl, next_update);
	X509_NAME_free(name);
	ASN1_TIME_free(this_update);
	ASN1_TIME_free(next_update);
	return crl;
}

static X509_REVOKED *add_entry(X509_CRL *crl, int serial, int reason)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	ASN1_TIME *when = new_time("20260501000000Z");
	ASN1_ENUMERATED *why = ASN1_ENUMERATED_new();

	ASN1_INTEGER_set(number, serial);
	X509_REVOKED_set_serialNumber(entry, number);
	X509_REVOKED_set_revocationDate(entry, when);
	ASN1_ENUMERATED_set(why, reason);
	if (reason >= 0)
		X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, why, 0, 0);
	X509_CRL_add0_revoked(crl, entry);
	ASN1_INTEGER_free(number);
	ASN1_TIME_free(when);
	ASN1_ENUMERATED_free(why);
	return entry;
}

static void set_certificate_issuer(X509_REVOKED *entry, const char *cn)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *name = GENERAL_NAME_new();

	GENERAL_NAME_set0_value(name, GEN_DIRNAME, new_name(cn));
	sk_GENERAL_NAME_push(names, name);
	X509_REVOKED_add1_ext_i2d(entry, NID_certificate_issuer, names, 1, 0);
	GENERAL_NAMES_free(names);
}

static void extend(X509_CRL *crl, const char *oid, bool critical, const char *bytes, size_t n)
{
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	X509_EXTENSION *e;

	ASN1_OCTET_STRING_set(value, (const unsigned char *)bytes, (int)n);
	e = X509_EXTENSION_create_by_OBJ(NULL, object, critical, value);
	X509_CRL_add_ext(crl, e, -1);
	X509_EXTENSION_free(e);
	ASN1_OBJECT_free(object);
	ASN1_OCTET_STRING_free(value);
}

struct bytes {
	uint8_t *p;
	size_t n;
};

static struct bytes sign(X509_CRL *crl, EVP_PKEY *key)
{
	uint8_t *der = NULL;
	struct bytes b;
	int n;

	assert_true(X509_CRL_sign(crl, key, EVP_sha256()) > 0);
	n = i2d_X509_CRL(crl, &der);
	assert_true(n > 0);
	b.n = (size_t)n;
	b.p = xmemdup(der, b.n);
	OPENSSL_free(der);
	X509_CRL_free(crl);
	return b;
}

/* ---- listening ---- */

struct heard {
	EVP_PKEY *key; /* lists that it did not sign give no entries */
	struct crl crl;
	size_t lists, entries, problems, applied;
	struct crl_entry last;
	struct strbuf text, what;
	int r;
	struct err err;
};

static int hear_header(void *ctx, const struct crl *crl)
{
	struct heard *h = ctx;

	h->lists++;
	h->crl = *crl;
	return !h->key || crl_verify(crl, h->key) == 1 ? 0 : CRL_SKIP;
}

static int hear_entry(void *ctx, const struct crl *crl, const struct crl_entry *e)
{
	struct heard *h = ctx;
	char day[DATE_BUF];

	(void)crl;
	if (h->entries++ < 16) {
		strbuf_addf(&h->text, "%zu ", e->number);
		strbuf_addhex(&h->text, e->serial.p, e->serial.n);
		strbuf_addf(&h->text, " %s ",
			e->revoked == TIME_UNKNOWN ? "?" : date_format(day, date_of_time(e->revoked)));
		x509_name_text(e->issuer, &h->text);
		strbuf_addf(&h->text, " %s\n", crl_reason_name(e->reason));
	}
	h->applied += crl_entry_applies(e);
	h->last = *e;
	return 0;
}

static void hear_problem(void *ctx, size_t entry, const char *what)
{
	struct heard *h = ctx;

	h->problems++;
	strbuf_addf(&h->what, "%zu: %s\n", entry, what);
}

static struct heard hear(const void *data, size_t n, EVP_PKEY *key)
{
	struct heard h = { .key = key, .text = STRBUF_INIT, .what = STRBUF_INIT };

	h.r = crl_read(data, n, &(struct crl_handler){ &h, hear_header, hear_entry, hear_problem, NULL }, &h.err);
	return h;
}

static void forget(struct heard *h)
{
	strbuf_release(&h->text);
	strbuf_release(&h->what);
}

/* ---- tests ---- */

static void lists_are_read_and_verified(void **state)
{
	EVP_PKEY *key = new_key(), *other = new_key();
	X509_CRL *crl = draft();
	struct bytes der;
	struct heard h;

	(void)state;
	add_entry(crl, 0x1234, 1);
	add_entry(crl, 0xFF, -1);
	add_entry(crl, 7, 6);
	add_entry(crl, 8, 8);
	extend(crl, "2.5.29.20", false, "\2\2\x12\x34", 4);
	extend(crl, "2.5.29.35", false, "\x30\4\x80\2\xAB\xCD", 6);
	der = sign(crl, key);
	assert_true(crl_recognise(der.p, der.n));
	h = hear(der.p, der.n, key);
	assert_string_equal(h.err.msg, "");
	assert_string_equal(h.what.buf, "");
	assert_string_equal(h.text.buf, "1 1234 2026-05-01 CN=Fictional CA keyCompromise\n"
					"2 00ff 2026-05-01 CN=Fictional CA unspecified\n"
					"3 07 2026-05-01 CN=Fictional CA certificateHold\n"
					"4 08 2026-05-01 CN=Fictional CA removeFromCRL\n");
	assert_int_equal(h.applied, 3);
	assert_int_equal(h.crl.version, 2);
	assert_int_equal(h.crl.this_update, 1780272000);
	assert_int_equal(h.crl.next_update, 2855865600);
	assert_memory_equal(h.crl.number.p, "\x12\x34", 2);
	assert_int_equal(h.crl.aki_keyid.n, 2);
	assert_memory_equal(h.crl.aki_keyid.p, "\xAB\xCD", 2);
	assert_null(crl_not_applied(&h.crl));
	forget(&h);
	h = hear(der.p, der.n, other);
	assert_int_equal(h.r, 0);
	assert_int_equal(h.lists, 1);
	assert_int_equal(h.entries, 0);
	forget(&h);
	der.p[der.n / 2] ^= 1;
	h = hear(der.p, der.n, key);
	assert_int_equal(h.entries, 0);
	forget(&h);
	free(der.p);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

/* What crl_without_entries and crl_digest make of a list, which the caller frees. */
static void shorten(const struct crl *crl, struct strbuf *der, uint8_t digest[CRL_DIGEST_MAX], struct crl *ret)
{
	size_t n = crl_digest(crl, NULL, NULL, digest);

	crl_without_entries(crl, der);
	assert_int_equal(crl_parse((const uint8_t *)der->buf, der->len, ret, NULL), 0);
	ret->digest = (struct slice){ digest, n };
}

static bool same(struct slice a, struct slice b)
{
	return a.n == b.n && (!a.n || memcmp(a.p, b.p, a.n) == 0);
}

/* mask: the hash of RSASSA-PSS's mask, NULL: another algorithm. */
static void sign_by(X509_CRL *draught, EVP_PKEY *key, const EVP_MD *md, const EVP_MD *mask, int salt)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;

	assert_int_equal(EVP_DigestSignInit(ctx, &pctx, md, NULL, key), 1);
	if (mask) {
		assert_true(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) > 0);
		assert_true(EVP_PKEY_CTX_set_rsa_mgf1_md(pctx, mask) > 0);
		assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, salt) > 0);
	}
	assert_true(X509_CRL_sign_ctx(draught, ctx) > 0);
	EVP_MD_CTX_free(ctx);
}

static void expect_the_same_without_entries(
	EVP_PKEY *key, EVP_PKEY *other, const EVP_MD *md, const EVP_MD *mask, int salt)
{
	X509_CRL *draught = draft();
	struct strbuf der = STRBUF_INIT;
	uint8_t digest[CRL_DIGEST_MAX], *whole = NULL;
	struct crl crl, rest;

	for (int i = 0; i < 300; i++)
		add_entry(draught, 0x1234 + i, 1);
	extend(draught, "2.5.29.20", false, "\2\2\x12\x34", 4);
	extend(draught, "2.5.29.28", true, "\x30\3\x82\1\xFF", 5);
	sign_by(draught, key, md, mask, salt);
	int n = i2d_X509_CRL(draught, &whole);
	assert_int_equal(crl_parse(whole, (size_t)n, &crl, NULL), 0);
	shorten(&crl, &der, digest, &rest);
	assert_int_equal(rest.digest.n, EVP_MD_get_size(md));
	assert_true(der.len < 512 && !rest.entries.n);
	assert_true(
		same(crl.issuer, rest.issuer) && same(crl.signature, rest.signature) && same(crl.number, rest.number));
	assert_true(
		rest.only == CRL_ONLY_CA && rest.this_update == crl.this_update && rest.next_update == crl.next_update);
	assert_int_equal(crl_verify(&crl, key), 1);
	assert_int_equal(crl_verify(&rest, key), 1);
	assert_int_equal(crl_verify(&rest, other), 0);
	digest[3] ^= 1;
	assert_int_equal(crl_verify(&rest, key), 0);
	strbuf_release(&der);
	OPENSSL_free(whole);
	X509_CRL_free(draught);
}

static EVP_PKEY *new_pss_key(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA_PSS, NULL);
	EVP_PKEY *key = NULL;

	assert_true(EVP_PKEY_keygen_init(ctx) > 0 && EVP_PKEY_keygen(ctx, &key) > 0);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void a_list_is_verified_by_its_hash_alone(void **state)
{
	EVP_PKEY *ec = new_key(), *p521 = EVP_EC_gen("P-521"), *rsa = EVP_RSA_gen(2048), *other = EVP_RSA_gen(1024);
	EVP_PKEY *pss = new_pss_key();

	(void)state;
	expect_the_same_without_entries(ec, p521, EVP_sha256(), NULL, 0);
	expect_the_same_without_entries(p521, ec, EVP_sha512(), NULL, 0);
	expect_the_same_without_entries(rsa, other, EVP_sha256(), NULL, 0);
	expect_the_same_without_entries(rsa, ec, EVP_sha384(), NULL, 0);
	expect_the_same_without_entries(rsa, other, EVP_sha1(), NULL, 0);
	expect_the_same_without_entries(rsa, other, EVP_sha256(), EVP_sha256(), 32);
	expect_the_same_without_entries(rsa, ec, EVP_sha384(), EVP_sha512(), 17);
	expect_the_same_without_entries(rsa, other, EVP_sha1(), EVP_sha1(), 20);
	expect_the_same_without_entries(pss, rsa, EVP_sha512(), EVP_sha1(), 0);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(p521);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(pss);
	EVP_PKEY_free(other);
}

static void a_signature_of_no_hash_needs_the_whole_list(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	X509_CRL *draught = draft();
	uint8_t digest[CRL_DIGEST_MAX], *der = NULL;
	struct crl crl;

	(void)state;
	add_entry(draught, 7, 1);
	assert_true(X509_CRL_sign(draught, key, NULL) > 0);
	int n = i2d_X509_CRL(draught, &der);
	assert_int_equal(crl_parse(der, (size_t)n, &crl, NULL), 0);
	assert_int_equal(crl_digest(&crl, NULL, NULL, digest), 0);
	assert_int_equal(crl_verify(&crl, key), 1);
	OPENSSL_free(der);
	X509_CRL_free(draught);
	EVP_PKEY_free(key);
}

static void lists_that_are_not_to_be_applied_say_why(void **state)
{
	static const struct {
		const char *oid;
		bool critical;
		const char *bytes;
		size_t n;
		const char *why;
		uint8_t only;
	} cases[] = {
		{ "2.5.29.27", true, "\2\1\5", 3, "delta CRL", 0 },
		{ "2.5.29.28", true, "\x30\3\x84\1\xFF", 5, "indirect CRL", 0 },
		{ "2.5.29.28", true, "\x30\3\x85\1\xFF", 5, "attribute certificates only", CRL_ONLY_ATTRIBUTE },
		{ "2.5.29.28", true, "\x30\3\x81\1\xFF", 5, NULL, CRL_ONLY_USER },
		{ "2.5.29.28", true, "\x30\6\x82\1\xFF\x84\1\0", 8, NULL, CRL_ONLY_CA },
		{ "2.5.29.28", true, "\x30\4\x83\2\1\6", 6, NULL, CRL_ONLY_SOME_REASONS },
		{ "2.5.29.28", true, "\x31\0", 2, "indirect CRL", 0 },
		{ "2.5.29.28", true, "\x30\3\x86\1\xFF", 5, "indirect CRL", 0 },
		{ "1.2.3.4", true, "x", 1, "unknown critical extension", 0 },
		{ "1.2.3.4", false, "x", 1, NULL, 0 },
		{ "2.5.29.46", false, "x", 1, NULL, 0 },
	};
	EVP_PKEY *key = new_key();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		X509_CRL *crl = draft();
		struct bytes der;
		struct heard h;

		extend(crl, cases[i].oid, cases[i].critical, cases[i].bytes, cases[i].n);
		der = sign(crl, key);
		h = hear(der.p, der.n, key);
		assert_int_equal(h.lists, 1);
		if (cases[i].why)
			assert_string_equal(crl_not_applied(&h.crl), cases[i].why);
		else
			assert_null(crl_not_applied(&h.crl));
		assert_int_equal(h.crl.only, cases[i].only);
		forget(&h);
		free(der.p);
	}
	EVP_PKEY_free(key);
}

static void the_issuer_of_an_indirect_lists_entry_holds_for_the_next_ones(void **state)
{
	EVP_PKEY *key = new_key();
	X509_CRL *crl = draft();
	struct bytes der;
	struct heard h;

	(void)state;
	add_entry(crl, 1, -1);
	set_certificate_issuer(add_entry(crl, 2, 8), "Other");
	add_entry(crl, 3, 4);
	set_certificate_issuer(add_entry(crl, 4, 99), "Third");
	der = sign(crl, key);
	h = hear(der.p, der.n, key);
	assert_string_equal(h.text.buf, "1 01 2026-05-01 CN=Fictional CA unspecified\n"
					"2 02 2026-05-01 CN=Other removeFromCRL\n"
					"3 03 2026-05-01 CN=Other superseded\n"
					"4 04 2026-05-01 CN=Third unknown\n");
	assert_true(h.last.foreign_issuer);
	assert_int_equal(h.last.reason, 99);
	assert_int_equal(h.applied, 1);
	forget(&h);
	free(der.p);
	EVP_PKEY_free(key);
}

static void pem_texts_hold_several(void **state)
{
	EVP_PKEY *key = new_key();
	BIO *bio = BIO_new(BIO_s_mem());
	struct heard h;
	char *text;
	long n;

	(void)state;
	BIO_puts(bio, "two of them\n");
	for (int i = 0; i < 2; i++) {
		X509_CRL *crl = draft();

		add_entry(crl, 9, -1);
		X509_CRL_sign(crl, key, EVP_sha256());
		PEM_write_bio_X509_CRL(bio, crl);
		X509_CRL_free(crl);
	}
	BIO_puts(bio, "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n-----BEGIN X509 CRL-----\n!\n");
	n = BIO_get_mem_data(bio, &text);
	assert_true(crl_recognise((const uint8_t *)text, (size_t)n));
	h = hear(text, (size_t)n, key);
	assert_int_equal(h.r, 0);
	assert_int_equal(h.lists, 2);
	assert_int_equal(h.entries, 2);
	assert_int_equal(h.problems, 2);
	forget(&h);
	BIO_free(bio);
	EVP_PKEY_free(key);
}

#define HEAD                                                                                                           \
	"\x30\0\x30\0\x17\x0D"                                                                                         \
	"260601000000Z"
#define TAIL "\x30\0\3\2\0\0"

/* A list around the contents of revokedCertificates; TBS and all stay below 128 bytes. */
static struct heard hear_entries(const char *entries, size_t n)
{
	struct strbuf b = STRBUF_INIT;
	size_t head = sizeof(HEAD) - 1, tail = sizeof(TAIL) - 1;
	struct heard h;

	strbuf_addch(&b, 0x30);
	strbuf_addch(&b, (char)(2 + head + 2 + n + tail));
	strbuf_addch(&b, 0x30);
	strbuf_addch(&b, (char)(head + 2 + n));
	strbuf_add(&b, HEAD, head);
	strbuf_addch(&b, 0x30);
	strbuf_addch(&b, (char)n);
	strbuf_add(&b, entries, n);
	strbuf_add(&b, TAIL, tail);
	h = hear(b.buf, b.len, NULL);
	strbuf_release(&b);
	return h;
}

static void broken_entries_are_told_and_the_others_go_on(void **state)
{
	static const char entries[] = "\x30\3\2\1\5"       /* no date */
				      "\x30\3\4\1\5"       /* no serial number */
				      "\x30\2\2\0"         /* an empty one */
				      "\x30\5\2\1\6\x17\0" /* an empty date */
				      "\x30\x12\2\1\7\x17\x0D"
				      "260501000000Z"
				      "\x30\x09";
	struct heard h = hear_entries(entries, sizeof(entries) - 1);

	(void)state;
	assert_int_equal(h.r, 0);
	assert_string_equal(h.text.buf, "1 05 ?  unspecified\n4 06 ?  unspecified\n5 07 2026-05-01  unspecified\n");
	assert_string_equal(h.what.buf, "1: the revocation date cannot be read\n2: an entry without serial number\n"
					"3: an entry without serial number\n4: the revocation date cannot be read\n"
					"6: the entries break off\n");
	forget(&h);
}

static void what_is_no_list_is_refused(void **state)
{
	static const struct bytes bad[] = { { (uint8_t *)"", 0 }, { (uint8_t *)"0", 1 }, { (uint8_t *)"x", 1 },
		{ (uint8_t *)"\x30\0", 2 }, { (uint8_t *)"\x30\x80\0\0", 4 }, { (uint8_t *)"\x30\2\x30\0", 4 },
		{ (uint8_t *)"\x30\x08\x30\0" TAIL, 10 } };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct heard h = hear(bad[i].p, bad[i].n, NULL);

		assert_int_equal(h.r, -1);
		assert_int_equal(h.err.kind, ERR_INPUT);
		assert_false(crl_recognise(bad[i].p, bad[i].n));
		forget(&h);
	}
}

static int stop_at_entry(void *ctx, const struct crl *crl, const struct crl_entry *e)
{
	(void)crl, (void)e;
	return ++*(size_t *)ctx < 2 ? 0 : -1;
}

/* 30 82 LL LL …: the lengths of what has more than 127 bytes. */
static void put_sequence(struct strbuf *out, const struct strbuf *body)
{
	const char head[] = { 0x30, (char)0x84, (char)(body->len >> 24), (char)(body->len >> 16),
		(char)(body->len >> 8), (char)body->len };

	strbuf_add(out, head, sizeof(head));
	strbuf_add(out, body->buf, body->len);
}

static struct strbuf long_list(uint32_t entries)
{
	struct strbuf list = STRBUF_INIT, tbs = STRBUF_INIT, body = STRBUF_INIT, all = STRBUF_INIT;

	for (uint32_t i = 0; i < entries; i++) {
		const char serial[] = { 0x30, 0x15, 2, 4, 1, (char)(i >> 16), (char)(i >> 8), (char)i };

		strbuf_add(&list, serial, sizeof(serial));
		strbuf_add(&list,
			"\x17\x0D"
			"260501000000Z",
			15);
	}
	strbuf_add(&tbs, HEAD, sizeof(HEAD) - 1);
	put_sequence(&tbs, &list);
	put_sequence(&body, &tbs);
	strbuf_add(&body, TAIL, sizeof(TAIL) - 1);
	put_sequence(&all, &body);
	strbuf_release(&list);
	strbuf_release(&tbs);
	strbuf_release(&body);
	return all;
}

static void a_million_entries_are_walked_in_place(void **state)
{
	struct strbuf all = long_list(1000000);
	struct heard h = hear(all.buf, all.len, NULL);
	struct err err = { 0 };
	size_t calls = 0;

	(void)state;
	assert_int_equal(h.entries, 1000000);
	assert_int_equal(h.problems, 0);
	assert_true((const char *)h.last.serial.p > all.buf && (const char *)h.last.serial.p < all.buf + all.len);
	assert_int_equal(crl_read((const uint8_t *)all.buf, all.len,
				 &(struct crl_handler){ .ctx = &calls, .entry = stop_at_entry }, &err),
		-1);
	assert_int_equal(calls, 2);
	forget(&h);
	strbuf_release(&all);
}

static void damage(const uint8_t *p, size_t n)
{
	survive_crl(p, n);
}

static void damaged_lists_are_survived(void **state)
{
	EVP_PKEY *key = new_key();
	X509_CRL *crl = draft();
	struct bytes der;

	(void)state;
	set_certificate_issuer(add_entry(crl, 2, 8), "Other");
	extend(crl, "2.5.29.28", true, "\x30\6\x82\1\xFF\x84\1\0", 8);
	extend(crl, "2.5.29.20", false, "\2\2\x12\x34", 4);
	der = sign(crl, key);
	survive_damage(der.p, der.n, 20000, damage);
	free(der.p);
	EVP_PKEY_free(key);
}

/* ---- real data ---- */

static size_t entries_of(const char *name)
{
	char *path = real_data(name);
	struct err err = { 0 };
	uint8_t *data;
	size_t n, entries;
	struct heard h;

	if (path_read(path, SIZE_MAX / 2, &data, &n, &err) < 0)
		fail_msg("%s", err.msg);
	assert_true(crl_recognise(data, n));
	h = hear(data, n, NULL);
	if (h.r < 0 || h.problems)
		fail_msg("%s: %s %s", path, h.err.msg, h.what.buf);
	assert_null(crl_not_applied(&h.crl));
	entries = h.entries;
	forget(&h);
	free(data);
	free(path);
	return entries;
}

static void real_lists_are_read(void **state)
{
	char *dir = real_data("crl");

	(void)state;
	if (skipped_without(dir))
		return;
	assert_int_equal(entries_of("crl/8e9509839245c313.crl"), 4);
	assert_int_equal(entries_of("crl/ff9aaae1e8c07a04.crl"), 88);
	free(dir);
}

struct counts {
	size_t files, read;
};

static int survive_file(void *ctx, const char *path, struct err *err)
{
	struct counts *c = ctx;
	uint8_t *data;
	size_t n;

	if (path_read(path, SIZE_MAX / 2, &data, &n, err) < 0)
		return -1;
	c->files++;
	c->read += survive_crl(data, n);
	free(data);
	return 0;
}

static void hostile_files_are_survived(void **state)
{
	static const char *const folders[] = { "hostile/crl", "hostile/cert", "hostile/pem" };

	(void)state;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char *dir = real_data(folders[i]);
		struct counts c = { 0, 0 };
		struct err err = { 0 };

		if (skipped_without(dir))
			return;
		if (path_walk(dir, survive_file, &c, &err) < 0)
			fail_msg("%s", err.msg);
		assert_int_not_equal(c.files, 0);
		assert_int_equal(c.read, 0); /* those of the first folder are parts of lists */
		free(dir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_and_verified),
		cmocka_unit_test(a_list_is_verified_by_its_hash_alone),
		cmocka_unit_test(a_signature_of_no_hash_needs_the_whole_list),
		cmocka_unit_test(lists_that_are_not_to_be_applied_say_why),
		cmocka_unit_test(the_issuer_of_an_indirect_lists_entry_holds_for_the_next_ones),
		cmocka_unit_test(pem_texts_hold_several),
		cmocka_unit_test(broken_entries_are_told_and_the_others_go_on),
		cmocka_unit_test(what_is_no_list_is_refused),
		cmocka_unit_test(a_million_entries_are_walked_in_place),
		cmocka_unit_test(damaged_lists_are_survived),
		cmocka_unit_test(real_lists_are_read),
		cmocka_unit_test(hostile_files_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
