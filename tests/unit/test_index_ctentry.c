#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <zlib.h>

#include "base/date.h"
#include "base/map.h"
#include "base/strbuf.h"
#include "index/ctentry.h"
#include "tests/unit/real_data.h"
#include "tests/unit/survive.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define EXT_MAX 10
#define MS 1735689600123 /* 2025-01-01 */

/* ---- certificates by hand ---- */

static void number(struct strbuf *out, size_t octets, uint64_t n)
{
	while (octets--)
		strbuf_addch(out, (char)(n >> (8 * octets)));
}

static void tlv(struct strbuf *out, int tag, const void *p, size_t n)
{
	strbuf_addch(out, (char)tag);
	if (n >= 0x80)
		strbuf_addch(out, (char)(n < 0x100 ? 0x81 : 0x82));
	number(out, n < 0x100 ? 1 : 2, n);
	strbuf_add(out, p, n);
}

/* Puts what stands from `at` on into one element. */
static void wrap(struct strbuf *b, size_t at, int tag)
{
	const size_t n = b->len - at;
	char *body = xmemdup(b->buf + at, n ? n : 1);

	strbuf_setlen(b, at);
	tlv(b, tag, body, n);
	free(body);
}

static void add_name_of(struct strbuf *b, const char *cn)
{
	const size_t at = b->len;

	strbuf_add(b, "\x06\x03\x55\x04\x03", 5);
	tlv(b, 0x0C, cn, strlen(cn));
	wrap(b, at, DER_SEQUENCE);
	wrap(b, at, DER_SET);
	wrap(b, at, DER_SEQUENCE);
}

#define SCT_OID "\x2B\x06\x01\x04\x01\xD6\x79\x02\x04\x02"
#define POISON_OID "\x2B\x06\x01\x04\x01\xD6\x79\x02\x04\x03"
#define SAN_OID "\x55\x1D\x11"
#define BASIC_OID "\x55\x1D\x13"

struct extension {
	const char *oid;
	const char *value;
	size_t n;
};
#define EXT(oid, value)                                                                                                \
	{                                                                                                              \
		oid, value, sizeof(value) - 1                                                                          \
	}
static const struct extension san = EXT(SAN_OID, "\x30\x0B\x82\x09*.example"),
			      one_name = EXT(SAN_OID, "\x30\x0B\x82\x09w.example"), no_ca = EXT(BASIC_OID, "\x30\x00"),
			      ca_true = EXT(BASIC_OID, "\x30\x03\x01\x01\xFF"), poison = EXT(POISON_OID, "\x05\x00"),
			      odd_poison = EXT(POISON_OID, "\x04\x03odd"),
			      scts = EXT(SCT_OID, "\x04\x33\x00\x31\x00\x2F\x00"
						  "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii\x00\x00\x01\x94\x1F\x29\x7C\x00"
						  "\x00\x00\x04\x03\x00\x00");

struct draft {
	const char *serial;
	size_t serial_n;
	int time_tag;
	const char *from, *to, *issuer;
	const struct extension *ext[EXT_MAX];
	bool v1;
};

static struct draft plain(void)
{
	return (struct draft){ "\x12\x34", 2, DER_UTC_TIME, "250101000000Z", "250401000000Z", "Example Issuer",
		{ &san }, false };
}

static void add_extensions(struct strbuf *b, const struct extension *const *ext)
{
	const size_t start = b->len;

	for (size_t i = 0; i < EXT_MAX && ext[i]; i++) {
		const size_t at = b->len;

		tlv(b, DER_OID, ext[i]->oid, strlen(ext[i]->oid));
		tlv(b, DER_OCTET_STRING, ext[i]->value, ext[i]->n);
		wrap(b, at, DER_SEQUENCE);
	}
	wrap(b, start, DER_SEQUENCE);
	wrap(b, start, DER_CONTEXT | DER_CONSTRUCTED | 3);
}

static void add_tbs_body(struct strbuf *b, const struct draft *d)
{
	size_t at;

	if (!d->v1)
		strbuf_add(b, "\xA0\x03\x02\x01\x02", 5);
	tlv(b, DER_INTEGER, d->serial, d->serial_n);
	strbuf_add(b, "\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02", 12);
	add_name_of(b, d->issuer);
	at = b->len;
	tlv(b, d->time_tag, d->from, strlen(d->from));
	tlv(b, d->time_tag, d->to, strlen(d->to));
	wrap(b, at, DER_SEQUENCE);
	add_name_of(b, "a.example");
	strbuf_add(b, "\x30\x0F\x30\x09\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x03\x02\x00\x04", 17);
	if (d->ext[0])
		add_extensions(b, d->ext);
}

static struct strbuf tbs_of(const struct draft *d)
{
	struct strbuf b = STRBUF_INIT;

	add_tbs_body(&b, d);
	wrap(&b, 0, DER_SEQUENCE);
	return b;
}

static struct strbuf cert_of(const struct draft *d)
{
	struct strbuf b = tbs_of(d);

	strbuf_add(&b, "\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02\x03\x03\x00sg", 17);
	wrap(&b, 0, DER_SEQUENCE);
	return b;
}

/* ---- entries by hand ---- */

#define HASH "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
#define INDEX_7 "\x00\x00\x05\x00\x00\x00\x00\x07"

static void vector(struct strbuf *out, size_t octets, const void *p, size_t n)
{
	number(out, octets, n);
	strbuf_add(out, p, n);
}

static void add_timestamped(struct strbuf *out, enum ct_type type, const struct strbuf *cert, const void *ext, size_t n)
{
	number(out, 8, MS);
	number(out, 2, type);
	if (type == CT_PRECERT)
		strbuf_add(out, HASH, 32);
	vector(out, 3, cert->buf, cert->len);
	vector(out, 2, ext, n);
}

static void add_tile_leaf(struct strbuf *out, enum ct_type type, const struct strbuf *cert,
	const struct strbuf *precert, const void *ext, size_t n)
{
	add_timestamped(out, type, cert, ext, n);
	if (type == CT_PRECERT)
		vector(out, 3, precert->buf, precert->len);
	vector(out, 2, HASH HASH, 64);
}

static void add_base64(struct strbuf *out, const struct strbuf *bytes)
{
	unsigned char *text = xmalloc(bytes->len / 3 * 4 + 5);

	strbuf_add(out, text, (size_t)EVP_EncodeBlock(text, (const unsigned char *)bytes->buf, (int)bytes->len));
	free(text);
}

/* leaf_input and extra_data in base64, the chain is "one", "three". */
static void add_page_values(
	struct strbuf *leaf, struct strbuf *extra, enum ct_type type, const struct strbuf *cert, const char *behind)
{
	struct strbuf b = STRBUF_INIT;

	number(&b, 2, 0);
	add_timestamped(&b, type, cert, "", 0);
	strbuf_addstr(&b, behind);
	add_base64(leaf, &b);
	strbuf_reset(&b);
	if (type == CT_PRECERT)
		vector(&b, 3, "submitted", 9);
	strbuf_add(&b, "\x00\x00\x0E\x00\x00\x03one\x00\x00\x05three", 17);
	add_base64(extra, &b);
	strbuf_release(&b);
}

static struct strbuf page_of(const char *format)
{
	struct draft d = plain();
	struct strbuf cert = cert_of(&d), tbs = tbs_of(&d), out = STRBUF_INIT, leaf[2] = { STRBUF_INIT, STRBUF_INIT },
		      extra[2] = { STRBUF_INIT, STRBUF_INIT };

	add_page_values(&leaf[0], &extra[0], CT_X509, &cert, "");
	add_page_values(&leaf[1], &extra[1], CT_PRECERT, &tbs, "behind");
	for (const char *p = format; *p; p++) {
		if (*p == 'L' || *p == 'E')
			strbuf_addstr(&out, (*p == 'L' ? leaf : extra)[p[1] - '0'].buf), p++;
		else
			strbuf_addch(&out, *p == '\'' ? '"' : *p);
	}
	for (int i = 0; i < 2; i++) {
		strbuf_release(&leaf[i]);
		strbuf_release(&extra[i]);
	}
	strbuf_release(&cert);
	strbuf_release(&tbs);
	return out;
}

static const char usual_page[] =
	"{'entries':[{'leaf_input':'L0','extra_data':'E0'},{'leaf_input':'L1','extra_data':'E1'}]}";

static struct ct_entry entry_of(enum ct_type type, const struct strbuf *cert)
{
	return (struct ct_entry){ .type = type, .cert = { (const uint8_t *)cert->buf, cert->len } };
}

static struct ct_leaf read_leaf(enum ct_type type, const struct strbuf *cert)
{
	struct ct_entry e = entry_of(type, cert);
	struct ct_leaf leaf;
	struct err err = { 0 };

	if (ct_leaf_read(&e, &leaf, &err) != CT_LEAF_OK)
		fail_msg("%s", err.msg);
	return leaf;
}

static const uint64_t seed[2] = { 0x0123456789abcdef, 0xfedcba9876543210 };

static uint32_t content_in(enum ct_type type, const struct strbuf *cert)
{
	struct ct_leaf leaf = read_leaf(type, cert);

	return ct_leaf_content(&leaf, seed);
}

static void slice_is(struct slice s, const void *want, size_t n)
{
	assert_int_equal(s.n, n);
	assert_memory_equal(s.p, want, n);
}

/* ---- tiles ---- */

static struct strbuf two_leaves(void)
{
	struct draft d = plain();
	struct strbuf cert = cert_of(&d), tbs = tbs_of(&d), tile = STRBUF_INIT;

	add_tile_leaf(&tile, CT_PRECERT, &tbs, &cert, INDEX_7, 8);
	add_tile_leaf(&tile, CT_X509, &cert, NULL, "\x09\x00\x02hi" INDEX_7, 13);
	strbuf_release(&cert);
	strbuf_release(&tbs);
	return tile;
}

static void a_tile_is_cut_into_its_entries(void **state)
{
	struct draft d = plain();
	struct strbuf cert = cert_of(&d), tbs = tbs_of(&d), tile = two_leaves();
	struct ct_tile t;
	struct ct_entry e;
	struct err err = { 0 };

	(void)state;
	ct_tile_init(&t, (const uint8_t *)tile.buf, tile.len);
	assert_int_equal(ct_tile_next(&t, &e, &err), 1);
	assert_int_equal(e.type, CT_PRECERT);
	assert_true(e.timestamp == MS);
	assert_int_equal(e.leaf_index, 7);
	slice_is(e.issuer_key_hash, HASH, 32);
	slice_is(e.cert, tbs.buf, tbs.len);
	slice_is(e.precert, cert.buf, cert.len);
	slice_is(e.fingerprints, HASH HASH, 64);
	slice_is(e.timestamped, tile.buf, 10 + 32 + 3 + tbs.len + 2 + 8);
	assert_int_equal(ct_tile_next(&t, &e, &err), 1);
	assert_int_equal(e.type, CT_X509);
	assert_int_equal(e.leaf_index, 7); /* behind an extension that nobody knows */
	assert_int_equal(e.issuer_key_hash.n, 0);
	assert_int_equal(e.precert.n, 0);
	assert_int_equal(e.chain.n, 0);
	slice_is(e.cert, cert.buf, cert.len);
	assert_int_equal(ct_tile_next(&t, &e, &err), 0);
	assert_int_equal(ct_tile_next(&t, &e, &err), 0);
	assert_int_equal(t.n, 2);
	ct_tile_init(&t, NULL, 0);
	assert_int_equal(ct_tile_next(&t, &e, &err), 0);
	strbuf_release(&cert);
	strbuf_release(&tbs);
	strbuf_release(&tile);
}

static void entries_without_a_readable_index_have_none(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		int64_t want;
	} forms[] = {
		{ "", 0, -1 },
		{ "\x00\x00\x04\x00\x00\x00\x07", 7, -1 },
		{ "\x00\x00\x05\x00\x00\x00\x07", 7, -1 },
		{ "\x00\x00\x06\x00\x00\x00\x00\x00\x07", 9, -1 },
		{ "\x01\x00\x00", 3, -1 },
		{ "\x00", 1, -1 },
		{ "\x00\x00\x05\xFF\xFF\xFF\xFF\xFF", 8, 0xFFFFFFFFFF },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(forms); i++) {
		struct draft d = plain();
		struct strbuf cert = cert_of(&d), tile = STRBUF_INIT;
		struct ct_tile t;
		struct ct_entry e;

		add_tile_leaf(&tile, CT_X509, &cert, NULL, forms[i].bytes, forms[i].n);
		ct_tile_init(&t, (const uint8_t *)tile.buf, tile.len);
		assert_int_equal(ct_tile_next(&t, &e, NULL), 1);
		assert_true(e.leaf_index == forms[i].want);
		assert_int_equal(ct_tile_next(&t, &e, NULL), 0);
		strbuf_release(&cert);
		strbuf_release(&tile);
	}
}

static size_t entries_of_tile(const void *data, size_t n, struct err *err)
{
	struct ct_tile t;
	struct ct_entry e;
	int rc;

	ct_tile_init(&t, data, n);
	while ((rc = ct_tile_next(&t, &e, err)) == 1)
		survive_ct_entry(&e);
	if (rc < 0)
		assert_int_equal(ct_tile_next(&t, &e, NULL), -1); /* and it stays so */
	return t.n;
}

static void a_tile_cut_at_any_byte_says_where_it_ends(void **state)
{
	struct strbuf tile = two_leaves();
	struct ct_tile t;
	struct ct_entry e;
	size_t first;

	(void)state;
	ct_tile_init(&t, (const uint8_t *)tile.buf, tile.len);
	ct_tile_next(&t, &e, NULL);
	first = tile.len - t.rest.n;
	for (size_t n = 0; n < tile.len; n++) {
		uint8_t *cut = xmemdup(tile.buf, n ? n : 1);
		struct err err = { 0 };

		assert_int_equal(entries_of_tile(cut, n, &err), n >= first);
		assert_int_equal(err.kind, n == 0 || n == first ? ERR_NONE : ERR_INPUT);
		free(cut);
	}
	strbuf_release(&tile);
}

static void a_cut_tile_tells_the_field_that_is_not_whole(void **state)
{
	struct strbuf tile = two_leaves();
	struct err err = { 0 };

	(void)state;
	assert_int_equal(entries_of_tile(tile.buf, 60, &err), 0);
	assert_string_equal(err.msg, "entry 0 at byte 42: no complete certificate");
	strbuf_release(&tile);
}

static void an_entry_of_an_unknown_type_ends_a_tile(void **state)
{
	struct strbuf tile = two_leaves();
	struct err err = { 0 };

	(void)state;
	tile.buf[9] = 2;
	assert_int_equal(entries_of_tile(tile.buf, tile.len, &err), 0);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_string_equal(err.msg, "entry 0 at byte 10: unknown entry type 2");
	strbuf_release(&tile);
}

static void a_chain_is_a_list_of_whole_fingerprints(void **state)
{
	struct draft d = plain();
	struct strbuf cert = cert_of(&d), tile = STRBUF_INIT;
	struct err err = { 0 };

	(void)state;
	add_timestamped(&tile, CT_X509, &cert, "", 0);
	vector(&tile, 2, HASH, 31);
	assert_int_equal(entries_of_tile(tile.buf, tile.len, &err), 0);
	assert_non_null(strstr(err.msg, "a chain of 31 bytes"));
	strbuf_release(&cert);
	strbuf_release(&tile);
}

/* ---- pages ---- */

static void same(struct slice a, struct slice b)
{
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.p ? (const void *)a.p : "", b.p ? (const void *)b.p : "", a.n);
}

/* Only the chains decoded, or all: the entries are the same. */
static void both_ways_agree(const char *json, size_t n)
{
	struct ct_page all, some;
	struct ct_entry a, b;
	struct err err = { 0 }, other = { 0 };
	int rc = ct_page_init(&all, json, n, &err);

	assert_int_equal(ct_page_init(&some, json, n, &other), rc);
	some.chains_only = true;
	while (rc == 0 && (rc = ct_page_next(&all, &a, &err)) == 1) {
		if (ct_page_next(&some, &b, &other) != 1)
			fail_msg("%s: %s", json, other.msg);
		assert_int_equal(a.type, b.type);
		assert_true(a.timestamp == b.timestamp);
		same(a.timestamped, b.timestamped);
		same(a.cert, b.cert);
		same(a.chain, b.chain);
		assert_int_equal(b.precert.n == a.precert.n || b.precert.n == 0, 1);
		rc = 0;
	}
	if (all.p || some.p)
		assert_int_equal(ct_page_next(&some, &b, &other), rc);
	assert_string_equal(err.msg, other.msg);
	ct_page_release(&all);
	ct_page_release(&some);
}

static void check_usual_page(const struct strbuf *page)
{
	struct draft d = plain();
	struct strbuf cert = cert_of(&d), tbs = tbs_of(&d);
	struct ct_page pg;
	struct ct_entry e;
	struct slice der;
	struct err err = { 0 };

	if (ct_page_init(&pg, page->buf, page->len, &err) < 0 || ct_page_next(&pg, &e, &err) != 1)
		fail_msg("%s: %s", page->buf, err.msg);
	assert_int_equal(e.type, CT_X509);
	assert_true(e.timestamp == MS);
	assert_int_equal(e.leaf_index, -1);
	slice_is(e.cert, cert.buf, cert.len);
	assert_int_equal(e.timestamped.n, 10 + 3 + cert.len + 2);
	assert_true(ct_chain_next(&e.chain, &der));
	slice_is(der, "one", 3);
	assert_true(ct_chain_next(&e.chain, &der));
	slice_is(der, "three", 5);
	assert_false(ct_chain_next(&e.chain, &der));
	assert_int_equal(ct_page_next(&pg, &e, &err), 1);
	assert_int_equal(e.type, CT_PRECERT);
	slice_is(e.issuer_key_hash, HASH, 32);
	slice_is(e.cert, tbs.buf, tbs.len);
	slice_is(e.precert, "submitted", 9);
	assert_int_equal(e.chain.n, 14);
	assert_int_equal(e.timestamped.n, 10 + 32 + 3 + tbs.len + 2 + 6); /* what stands behind is hashed too */
	if (ct_page_next(&pg, &e, &err) != 0)
		fail_msg("%s: %s", page->buf, err.msg);
	assert_int_equal(ct_page_next(&pg, &e, &err), 0);
	assert_int_equal(pg.n, 2);
	ct_page_release(&pg);
	strbuf_release(&cert);
	strbuf_release(&tbs);
}

static void pages_are_read_in_either_order_of_keys_and_with_white_space(void **state)
{
	static const char *const forms[] = {
		usual_page,
		"{'entries':[{'extra_data':'E0','leaf_input':'L0'},{'extra_data':'E1','leaf_input':'L1'}]}",
		" {\n'entries'\t: [ { 'leaf_input' : 'L0' , 'extra_data' :\r\n'E0' } "
		",\n{'extra_data':'E1','leaf_input':'L1'} ] } \n",
		"{'a':'','entries':[{'more':'x\\'y','leaf_input':'L0','extra_data':'E0','':'\\\\'},"
		"{'extra_data':'E1','x':'','leaf_input':'L1'}],'b':'}'}",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(forms); i++) {
		struct strbuf page = page_of(forms[i]);

		check_usual_page(&page);
		both_ways_agree(page.buf, page.len);
		strbuf_release(&page);
	}
}

/* Entries, or -1. */
static int entries_of_page(const char *json, size_t n, struct err *err)
{
	struct ct_page pg;
	struct ct_entry e;
	int rc, count;

	if (ct_page_init(&pg, json, n, err) < 0)
		return -1;
	while ((rc = ct_page_next(&pg, &e, err)) == 1)
		survive_ct_entry(&e);
	if (rc < 0)
		assert_int_equal(ct_page_next(&pg, &e, NULL), -1);
	count = rc < 0 ? -1 : (int)pg.n;
	ct_page_release(&pg);
	return count;
}

static void a_page_cut_at_any_byte_is_refused(void **state)
{
	struct strbuf page = page_of(usual_page);

	(void)state;
	for (size_t n = 0; n < page.len; n++) {
		char *cut = xmemdup(page.buf, n ? n : 1);
		struct err err = { 0 };

		assert_int_equal(entries_of_page(cut, n, &err), -1);
		assert_int_equal(err.kind, ERR_INPUT);
		both_ways_agree(cut, n);
		free(cut);
	}
	assert_int_equal(entries_of_page(page.buf, page.len, NULL), 2);
	strbuf_release(&page);
}

static void what_is_no_page_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *form, *say;
	} bad[] = {
		{ "<html><body>busy</body></html>", "no JSON object at byte 0" },
		{ "{'success':false}", "no list of entries at byte 11" },
		{ "{'entries':null}", "no list of entries" },
		{ "{'entries':[{'leaf_input':'L0','extra_data':'E0'}<html>", "entry 1 at byte" },
		{ "{'entries':[{'leaf_input':'L0','extra_data':'E0'},]}", "entry 1 at byte" },
		{ "{'entries':[{'leaf_input':'L0','extra_data':'E0'}]}x", "no end of the answer" },
		{ "{'entries':[,{'leaf_input':'L0','extra_data':'E0'}]}", "entry 0 at byte 12: no entry at byte 12" },
		{ "{'entries':[{'leaf_input':'L0'}]}", "no extra_data" },
		{ "{'entries':[{'extra_data':'E0'}]}", "no leaf_input" },
		{ "{'entries':[{}]}", "no key with a string" },
		{ "{'entries':[{'leaf_input':'L0','extra_data':7}]}", "no key with a string" },
		{ "{'entries':[{'leaf_input':'A','extra_data':''}]}",
			"entry 0 at byte 12: leaf_input at byte 27 is no base64" },
		{ "{'entries':[{'leaf_input':'AA-_','extra_data':''}]}", "is no base64" },
		{ "{'entries':[{'leaf_input':'AAA\xC3','extra_data':''}]}", "is no base64" },
		{ "{'entries':[{'leaf_input':'AA==AAAA','extra_data':''}]}", "is no base64" },
		{ "{'entries':[{'leaf_input':'A===','extra_data':''}]}", "is no base64" },
		{ "{'entries':[{'leaf_input':'AA=A','extra_data':''}]}", "is no base64" },
		{ "{'entries':[{'leaf_input':'L0','extra_data':'A==='}]}", "extra_data at byte" },
		{ "{'entries':[{'leaf_input':'','extra_data':'E0'}]}", "no complete leaf_input" },
		{ "{'entries':[{'leaf_input':'AQAA','extra_data':'E0'}]}", "unknown version and type 0100" },
		{ "{'entries':[{'leaf_input':'AAAAAAAAAAAAAAAC','extra_data':'E0'}]}", "unknown entry type 2" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct strbuf page = page_of(bad[i].form);
		struct err err = { 0 };

		assert_int_equal(entries_of_page(page.buf, page.len, &err), -1);
		assert_int_equal(err.kind, ERR_INPUT);
		if (!strstr(err.msg, bad[i].say))
			fail_msg("%s: %s", bad[i].form, err.msg);
		both_ways_agree(page.buf, page.len);
		strbuf_release(&page);
	}
	assert_int_equal(entries_of_page("{\"entries\":[ ]}", 15, NULL), 0);
}

/* It is not what a log signs. */
static void extra_data_that_does_not_fit_costs_only_the_chain(void **state)
{
	static const char *const forms[] = { "", "AAAA", "AAAB", "////" };

	(void)state;
	for (size_t i = 0; i < LENGTH(forms); i++) {
		struct strbuf format = STRBUF_INIT, page;
		struct ct_page pg;
		struct ct_entry e;

		strbuf_addf(&format, "{'entries':[{'leaf_input':'L1','extra_data':'%s'}]}", forms[i]);
		page = page_of(format.buf);
		assert_int_equal(ct_page_init(&pg, page.buf, page.len, NULL), 0);
		assert_int_equal(ct_page_next(&pg, &e, NULL), 1);
		assert_int_equal(e.precert.n, 0);
		assert_int_equal(e.chain.n, 0);
		both_ways_agree(page.buf, page.len);
		ct_page_release(&pg);
		strbuf_release(&page);
		strbuf_release(&format);
	}
}

/* Lengths say where a value ends; where they do not, its quote does. */
static void values_of_unexpected_lengths_are_read(void **state)
{
	static const struct {
		const char *ext, *behind, *behind_chain;
		size_t n;
	} odd[] = { { "", "", "", 0 }, { INDEX_7, "", "", 8 }, { "", "behind", "", 0 }, { INDEX_7, "x", "xy", 8 }, { "", "", "behind the chain", 0 } };

	(void)state;
	for (size_t i = 0; i < LENGTH(odd); i++) {
		for (int type = CT_X509; type <= CT_PRECERT; type++) {
			struct draft d = plain();
			struct strbuf cert = cert_of(&d), b = STRBUF_INIT, page = STRBUF_INIT;
			number(&b, 2, 0);
			add_timestamped(&b, (enum ct_type)type, &cert, odd[i].ext, odd[i].n);
			strbuf_addstr(&b, odd[i].behind);
			strbuf_addstr(&page, "{\"entries\":[");
			for (int twice = 0; twice < 2; twice++) {
				struct strbuf extra = STRBUF_INIT;
				strbuf_addstr(&page, twice ? ",{\"leaf_input\":\"" : "{\"leaf_input\":\"");
				add_base64(&page, &b);
				if (type == CT_PRECERT)
					vector(&extra, 3, "submitted", 9);
				strbuf_add(&extra, "\x00\x00\x06\x00\x00\x03one", 9);
				strbuf_addstr(&extra, odd[i].behind_chain);
				strbuf_addstr(&page, "\",\"extra_data\":\"");
				add_base64(&page, &extra);
				strbuf_addstr(&page, "\"}");
				strbuf_release(&extra);
			}
			strbuf_addstr(&page, "]}");
			assert_int_equal(entries_of_page(page.buf, page.len, NULL), 2);
			both_ways_agree(page.buf, page.len);
			strbuf_release(&cert);
			strbuf_release(&b);
			strbuf_release(&page);
		}
	}
}

/* The same text, once from a byte's beginning on and once from behind the submitted precertificate's last byte. */
static void equal_text_of_another_beginning_is_another_chain(void **state)
{
	static const char format[] = "{'entries':[{'leaf_input':'L0','extra_data':'%s'},{'leaf_input':'L1','extra_data':'%s'},"
				     "{'leaf_input':'L0','extra_data':'%s'}]}";
	struct strbuf one = STRBUF_INIT, two = STRBUF_INIT, bytes = STRBUF_INIT, form = STRBUF_INIT, page;

	(void)state;
	strbuf_add(&bytes, "\0\0\0\6\0\0\3one", 10);
	add_base64(&one, &bytes);
	strbuf_addstr(&two, "AAAB");
	strbuf_add(&two, one.buf, one.len);
	strbuf_addf(&form, format, one.buf, two.buf, one.buf);
	page = page_of(form.buf);
	assert_int_equal(entries_of_page(page.buf, page.len, NULL), 3);
	both_ways_agree(page.buf, page.len);
	strbuf_release(&one);
	strbuf_release(&two);
	strbuf_release(&bytes);
	strbuf_release(&form);
	strbuf_release(&page);
}

static void base64_of_any_length_and_all_bytes_is_decoded(void **state)
{
	(void)state;
	for (size_t behind = 0; behind < 9; behind++) {
		struct draft d = plain();
		struct strbuf cert = cert_of(&d), leaf = STRBUF_INIT, page = STRBUF_INIT;
		struct ct_page pg;
		struct ct_entry e;

		strbuf_setlen(&cert, 0);
		for (int i = 0; i < 256 + (int)behind; i++)
			strbuf_addch(&cert, (char)(i * 7 + i / 64));
		number(&leaf, 2, 0);
		add_timestamped(&leaf, CT_X509, &cert, "", 0);
		strbuf_addstr(&page, "{\"entries\":[{\"leaf_input\":\"");
		add_base64(&page, &leaf);
		strbuf_addstr(&page, "\",\"extra_data\":\"AAAA\"}]}");
		assert_int_equal(ct_page_init(&pg, page.buf, page.len, NULL), 0);
		assert_int_equal(ct_page_next(&pg, &e, NULL), 1);
		slice_is(e.cert, cert.buf, cert.len);
		slice_is(e.timestamped, leaf.buf + 2, leaf.len - 2);
		both_ways_agree(page.buf, page.len);
		ct_page_release(&pg);
		strbuf_release(&cert);
		strbuf_release(&leaf);
		strbuf_release(&page);
	}
}

/* ---- what is counted ---- */

static void a_leaf_tells_what_is_counted(void **state)
{
	struct draft d = plain();
	struct strbuf cert, issuer = STRBUF_INIT;
	struct ct_leaf leaf;

	(void)state;
	d.ext[1] = &scts;
	cert = cert_of(&d);
	leaf = read_leaf(CT_X509, &cert);
	add_name_of(&issuer, "Example Issuer");
	slice_is(leaf.issuer, issuer.buf, issuer.len);
	slice_is(leaf.serial, "\x12\x34", 2);
	assert_int_equal(leaf.not_before, 1735689600);
	assert_int_equal(leaf.not_after, 1743465600);
	assert_int_equal(leaf.sct, 1735689600);
	assert_true(leaf.wildcard);
	assert_false(leaf.is_ca || leaf.cert.bad_extensions);
	strbuf_release(&cert);

	d.ext[0] = &ca_true;
	d.ext[1] = NULL;
	cert = cert_of(&d);
	leaf = read_leaf(CT_X509, &cert);
	assert_true(leaf.is_ca && !leaf.wildcard && leaf.sct == SCT_NONE);
	strbuf_release(&cert);

	d.ext[0] = &no_ca;
	d.ext[1] = &one_name;
	cert = cert_of(&d);
	leaf = read_leaf(CT_X509, &cert);
	assert_true(leaf.cert.has_bc && !leaf.is_ca);
	assert_false(leaf.wildcard);
	strbuf_release(&cert);
	strbuf_release(&issuer);
}

static void odd_times_are_read_and_unreadable_ones_are_unknown(void **state)
{
	static const struct {
		int tag;
		const char *text;
		int64_t want;
	} times[] = {
		{ DER_UTC_TIME, "250101000000Z", 1735689600 },
		{ DER_UTC_TIME, "250101000000", 1735689600 },
		{ DER_UTC_TIME, "2501010000Z", 1735689600 },
		{ DER_UTC_TIME, "250101020000+0200", 1735689600 },
		{ DER_UTC_TIME, "650101000000Z", -157766400 },
		{ DER_GENERALIZED_TIME, "20250101000000Z", 1735689600 },
		{ DER_GENERALIZED_TIME, "20250101000000.5Z", 1735689600 },
		{ DER_GENERALIZED_TIME, "19650101000000Z", -157766400 },
		{ DER_GENERALIZED_TIME, "99991231235959Z", 253402300799 },
		{ DER_UTC_TIME, "251301000000Z", TIME_UNKNOWN },
		{ DER_UTC_TIME, "", TIME_UNKNOWN },
		{ DER_OCTET_STRING, "250101000000Z", TIME_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(times); i++) {
		struct draft d = plain();
		struct strbuf tbs;
		struct ct_leaf leaf;

		d.time_tag = times[i].tag;
		d.from = d.to = times[i].text;
		tbs = tbs_of(&d);
		leaf = read_leaf(CT_PRECERT, &tbs);
		assert_true(leaf.not_before == times[i].want);
		assert_true(leaf.not_after == times[i].want);
		strbuf_release(&tbs);
	}
}

static void odd_serials_stay_as_they_are(void **state)
{
	static const struct {
		const char *octets;
		size_t n;
	} serials[] = {
		{ "\xFF\x01", 2 },
		{ "\x00", 1 },
		{ "", 0 },
		{ "\x00\x00\x01", 3 },
		{ "123456789012345678901234567890", 30 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(serials); i++) {
		struct draft d = plain();
		struct strbuf cert;
		struct ct_leaf leaf;

		d.serial = serials[i].octets;
		d.serial_n = serials[i].n;
		cert = cert_of(&d);
		leaf = read_leaf(CT_X509, &cert);
		assert_int_equal(leaf.serial.n, serials[i].n);
		assert_memory_equal(leaf.serial.p, serials[i].octets, serials[i].n);
		strbuf_release(&cert);
	}
}

static void bytes_behind_a_certificate_are_tolerated(void **state)
{
	struct draft d = plain();
	struct strbuf cert = cert_of(&d), tbs = tbs_of(&d);
	const uint32_t want = content_in(CT_X509, &cert);
	struct ct_leaf leaf;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		strbuf_addch(&cert, 'x');
		strbuf_addch(&tbs, 'x');
	}
	leaf = read_leaf(CT_X509, &cert);
	assert_int_equal(leaf.cert.trailing, 3000);
	assert_int_equal(ct_leaf_content(&leaf, seed), want);
	assert_int_equal(content_in(CT_PRECERT, &tbs), want);
	strbuf_release(&cert);
	strbuf_release(&tbs);
}

static void lengths_of_ber_and_version_1_are_read(void **state)
{
	struct draft d = plain();
	struct strbuf body = STRBUF_INIT, ber = STRBUF_INIT, tbs = tbs_of(&d), v1;
	struct ct_leaf leaf;
	uint32_t want;

	(void)state;
	add_tbs_body(&body, &d);
	strbuf_add(&ber, "\x30\x80", 2);
	strbuf_add(&ber, body.buf, body.len);
	strbuf_add(&ber, "\x00\x00", 2);
	leaf = read_leaf(CT_PRECERT, &ber);
	want = ct_leaf_content(&leaf, seed);
	slice_is(leaf.serial, "\x12\x34", 2);
	assert_int_equal(want, content_in(CT_PRECERT, &tbs));
	strbuf_reset(&ber);
	strbuf_add(&ber, "\x30\x84", 2);
	vector(&ber, 4, body.buf, body.len);
	assert_int_equal(content_in(CT_PRECERT, &ber), want);
	d.v1 = true;
	d.ext[0] = NULL;
	v1 = cert_of(&d);
	leaf = read_leaf(CT_X509, &v1);
	assert_int_equal(leaf.cert.version, 1);
	strbuf_release(&v1);
	strbuf_release(&tbs);
	strbuf_release(&ber);
	strbuf_release(&body);
}

static void an_entry_that_holds_the_other_form_is_read(void **state)
{
	struct draft d = plain();
	struct strbuf cert = cert_of(&d), tbs = tbs_of(&d);

	(void)state;
	assert_int_equal(content_in(CT_PRECERT, &cert), content_in(CT_X509, &tbs));
	strbuf_release(&cert);
	strbuf_release(&tbs);
}

static void what_is_no_certificate_says_why(void **state)
{
	static const char *const bad[] = { "", "x", "\x30\x02\x05", "\x30\x02\x05\x01", "\x02\x01\x07" };

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		const struct ct_entry e = { .type = CT_X509, .cert = { (const uint8_t *)bad[i], strlen(bad[i]) } };
		struct ct_leaf leaf;
		struct err err = { 0 };

		assert_int_equal(ct_leaf_read(&e, &leaf, &err), CT_LEAF_UNPARSABLE);
		assert_int_equal(err.kind, ERR_INPUT);
		assert_non_null(strstr(err.msg, "not a certificate"));
		assert_int_equal(ct_leaf_read(&e, &leaf, NULL), CT_LEAF_UNPARSABLE);
	}
}

static void the_issuer_is_that_of_the_signed_entry_not_of_the_submitted_precertificate(void **state)
{
	struct draft final = plain(), submitted = plain();
	struct strbuf tbs = tbs_of(&final), precert, tile = STRBUF_INIT, issuer = STRBUF_INIT;
	struct ct_tile t;
	struct ct_entry e;
	struct ct_leaf leaf;

	(void)state;
	submitted.issuer = "Example Precertificate Signing";
	submitted.serial = "\x55\x55";
	submitted.ext[1] = &poison;
	precert = cert_of(&submitted);
	add_tile_leaf(&tile, CT_PRECERT, &tbs, &precert, "", 0);
	add_name_of(&issuer, "Example Issuer");
	ct_tile_init(&t, (const uint8_t *)tile.buf, tile.len);
	assert_int_equal(ct_tile_next(&t, &e, NULL), 1);
	assert_int_equal(ct_leaf_read(&e, &leaf, NULL), CT_LEAF_OK);
	slice_is(leaf.issuer, issuer.buf, issuer.len);
	slice_is(leaf.serial, "\x12\x34", 2);
	assert_false(leaf.cert.poison);
	strbuf_release(&tbs);
	strbuf_release(&precert);
	strbuf_release(&tile);
	strbuf_release(&issuer);
}

static uint32_t content_with(enum ct_type type, const struct extension *const ext[EXT_MAX])
{
	struct draft d = plain();
	struct strbuf b;
	uint32_t ret;

	memcpy(d.ext, ext, sizeof(d.ext));
	b = type == CT_X509 ? cert_of(&d) : tbs_of(&d);
	ret = content_in(type, &b);
	strbuf_release(&b);
	return ret;
}

#define CONTENT(type, ...) content_with(type, (const struct extension *const[EXT_MAX]){ __VA_ARGS__ })

static void precertificate_and_certificate_have_equal_content(void **state)
{
	const uint32_t both = CONTENT(CT_PRECERT, &san, &ca_true), none = CONTENT(CT_PRECERT, NULL);

	(void)state;
	assert_int_equal(CONTENT(CT_X509, &san, &ca_true), both);
	assert_int_equal(CONTENT(CT_X509, &san, &ca_true, &scts), both);
	assert_int_equal(CONTENT(CT_X509, &san, &scts, &ca_true), both);
	assert_int_equal(CONTENT(CT_X509, &scts, &san, &ca_true), both);
	assert_int_equal(CONTENT(CT_X509, &san, &poison, &ca_true), both);
	assert_int_equal(CONTENT(CT_X509, &odd_poison, &san, &scts, &ca_true), both);
	assert_int_equal(CONTENT(CT_X509, &scts), none);
	assert_int_equal(CONTENT(CT_X509, &poison), none);
	assert_true(CONTENT(CT_X509, &ca_true, &san) != both);
	assert_true(CONTENT(CT_X509, &san) != both);
	assert_true(none != both);
}

static uint32_t hash_of(const struct strbuf *b)
{
	struct content_hash h;

	content_hash_init(&h, seed);
	content_hash_add(&h, b->buf, b->len);
	return content_hash_end(&h);
}

static void content_is_the_hash_of_what_a_log_holds(void **state)
{
	struct draft d = plain();
	struct strbuf tbs = tbs_of(&d), behind = STRBUF_INIT;

	(void)state;
	assert_int_equal(CONTENT(CT_X509, &san, &scts), hash_of(&tbs));
	strbuf_release(&tbs);
	add_tbs_body(&behind, &d);
	strbuf_add(&behind, "\x81\x02\x00u", 4); /* an element behind the extensions */
	wrap(&behind, 0, DER_SEQUENCE);
	assert_int_equal(content_in(CT_PRECERT, &behind), hash_of(&behind));
	strbuf_release(&behind);
	for (size_t i = 0; i < EXT_MAX; i++) /* more lists than anybody has: as it is */
		d.ext[i] = i % 2 ? &scts : &san;
	tbs = tbs_of(&d);
	assert_int_equal(content_in(CT_PRECERT, &tbs), hash_of(&tbs));
	strbuf_release(&tbs);
	d.ext[0] = NULL;
	tbs = tbs_of(&d);
	assert_int_equal(CONTENT(CT_X509, &scts), hash_of(&tbs));
	assert_int_equal(CONTENT(CT_PRECERT, NULL), hash_of(&tbs));
	strbuf_release(&tbs);
}

static void *read_often(void *tbs)
{
	const uint32_t want = content_in(CT_PRECERT, tbs);
	bool same = true;

	for (int i = 0; i < 1000; i++)
		same &= content_in(CT_PRECERT, tbs) == want;
	return same ? tbs : NULL;
}

static void threads_read_beside_each_other(void **state)
{
	struct draft d = plain();
	struct strbuf tbs = tbs_of(&d);
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < LENGTH(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_often, &tbs), 0);
	for (size_t i = 0; i < LENGTH(threads); i++) {
		void *ret;

		pthread_join(threads[i], &ret);
		assert_ptr_equal(ret, &tbs);
	}
	strbuf_release(&tbs);
}

static void unreadable_extensions_are_hashed_as_they_are(void **state)
{
	struct draft d = plain();
	struct strbuf tbs = tbs_of(&d);
	uint8_t *oid;
	struct ct_leaf leaf;

	(void)state;
	oid = memmem(tbs.buf, tbs.len, SAN_OID, 3);
	oid[-4] = 0x31; /* no SEQUENCE */
	leaf = read_leaf(CT_PRECERT, &tbs);
	assert_true(leaf.cert.bad_extensions);
	assert_int_equal(ct_leaf_content(&leaf, seed), hash_of(&tbs));
	strbuf_release(&tbs);
}

static void damage_is_survived(void **state)
{
	struct strbuf tile = two_leaves(), page = page_of(usual_page);

	(void)state;
	survive_damage((const uint8_t *)tile.buf, tile.len, 20000, survive_cttile);
	survive_damage((const uint8_t *)page.buf, page.len, 5000, survive_ctpage);
	strbuf_release(&tile);
	strbuf_release(&page);
}

/* ---- real data ---- */

/* A file of the folder, also when it is packed; heap, NULL without the folder. */
static uint8_t *real_file(const char *name, size_t *n)
{
	char *path = real_data(name);
	const size_t max = 8 << 20;
	uint8_t *ret;
	gzFile f;

	if (!path)
		return NULL;
	f = gzopen(path, "rb");
	assert_non_null(f);
	ret = xmalloc(max);
	*n = (size_t)gzread(f, ret, (unsigned)max);
	gzclose(f);
	free(path);
	return ret;
}

static void real_tiles_are_read(void **state)
{
	static const char *const tiles[] = { "000", "001", "002", "003", "003.p/10" };
	struct map keys = { 0 };
	size_t total = 0, distinct = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(tiles); i++) {
		char name[64];
		uint8_t *data, key[512];
		size_t n;
		struct ct_tile t;
		struct ct_entry e;
		struct ct_leaf leaf;
		struct err err = { 0 };
		bool is_new;
		int rc;

		snprintf(name, sizeof(name), "ct/navigli2025h2/tile/data/%s", tiles[i]);
		data = real_file(name, &n);
		if (skipped_without(data))
			return;
		ct_tile_init(&t, data, n);
		while ((rc = ct_tile_next(&t, &e, &err)) == 1) {
			assert_int_equal(e.leaf_index, i == 4 ? 768 + t.n - 1 : 256 * i + t.n - 1);
			if (ct_leaf_read(&e, &leaf, &err) != CT_LEAF_OK)
				fail_msg("%s", err.msg);
			assert_true(leaf.not_before != TIME_UNKNOWN && leaf.not_after > leaf.not_before);
			assert_true(leaf.serial.n > 0 && leaf.serial.n <= 21 && e.fingerprints.n);
			if (e.type == CT_PRECERT) {
				memcpy(key, e.issuer_key_hash.p, 32);
				memcpy(key + 32, leaf.serial.p, leaf.serial.n);
				map_at(&keys, key, 32 + leaf.serial.n, &is_new);
				distinct += is_new;
				/* the submitted precertificate differs by its poison alone */
				struct ct_entry submitted = { .type = CT_X509, .cert = e.precert };
				struct ct_leaf other;
				assert_int_equal(ct_leaf_read(&submitted, &other, &err), CT_LEAF_OK);
				assert_true(other.cert.poison);
				assert_int_equal(ct_leaf_content(&other, seed), ct_leaf_content(&leaf, seed));
			}
			total++;
		}
		if (rc < 0)
			fail_msg("%s", err.msg);
		assert_int_equal(t.n, i == 4 ? 10 : 256);
		free(data);
	}
	assert_int_equal(total, 1034); /* the partial tile begins the last full one */
	assert_int_equal(distinct, 1024);
	map_release(&keys);
}

static void real_tiles_that_hold_no_entries_are_refused(void **state)
{
	static const char *const tiles[] = { "000", "001.p/44" };

	(void)state;
	for (size_t i = 0; i < LENGTH(tiles); i++) {
		char name[64];
		uint8_t *data;
		size_t n;
		struct err err = { 0 };

		snprintf(name, sizeof(name), "ct/skylight-tree/tile/data/%s", tiles[i]);
		data = real_file(name, &n);
		if (skipped_without(data))
			return;
		assert_int_equal(entries_of_tile(data, n, &err), 0); /* the collection holds a text in their place */
		assert_int_equal(err.kind, ERR_INPUT);
		free(data);
	}
}

static void a_real_page_is_read(void **state)
{
	size_t n;
	uint8_t *data = real_file("ct/FourEntries.json", &n);
	struct ct_page pg;
	struct ct_entry e;
	struct ct_leaf leaf;
	struct slice der;
	struct err err = { 0 };
	int rc;

	(void)state;
	if (skipped_without(data))
		return;
	assert_int_equal(ct_page_init(&pg, (const char *)data, n, &err), 0);
	while ((rc = ct_page_next(&pg, &e, &err)) == 1) {
		struct x509_cert issuer;

		assert_int_equal(ct_leaf_read(&e, &leaf, &err), CT_LEAF_OK);
		assert_true(ct_chain_next(&e.chain, &der));
		assert_int_equal(x509_parse(der.p, der.n, &issuer, &err), 0);
		assert_true(slice_equal(issuer.subject, leaf.issuer));
		while (ct_chain_next(&e.chain, &der))
			assert_int_equal(x509_parse(der.p, der.n, &issuer, &err), 0);
		assert_int_equal(e.chain.n, 0);
	}
	if (rc < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(pg.n, 4);
	both_ways_agree((const char *)data, n);
	ct_page_release(&pg);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tile_is_cut_into_its_entries),
		cmocka_unit_test(entries_without_a_readable_index_have_none),
		cmocka_unit_test(a_tile_cut_at_any_byte_says_where_it_ends),
		cmocka_unit_test(a_cut_tile_tells_the_field_that_is_not_whole),
		cmocka_unit_test(an_entry_of_an_unknown_type_ends_a_tile),
		cmocka_unit_test(a_chain_is_a_list_of_whole_fingerprints),
		cmocka_unit_test(pages_are_read_in_either_order_of_keys_and_with_white_space),
		cmocka_unit_test(a_page_cut_at_any_byte_is_refused),
		cmocka_unit_test(what_is_no_page_is_refused_with_its_place),
		cmocka_unit_test(extra_data_that_does_not_fit_costs_only_the_chain),
		cmocka_unit_test(values_of_unexpected_lengths_are_read),
		cmocka_unit_test(equal_text_of_another_beginning_is_another_chain),
		cmocka_unit_test(base64_of_any_length_and_all_bytes_is_decoded),
		cmocka_unit_test(a_leaf_tells_what_is_counted),
		cmocka_unit_test(odd_times_are_read_and_unreadable_ones_are_unknown),
		cmocka_unit_test(odd_serials_stay_as_they_are),
		cmocka_unit_test(bytes_behind_a_certificate_are_tolerated),
		cmocka_unit_test(lengths_of_ber_and_version_1_are_read),
		cmocka_unit_test(an_entry_that_holds_the_other_form_is_read),
		cmocka_unit_test(what_is_no_certificate_says_why),
		cmocka_unit_test(the_issuer_is_that_of_the_signed_entry_not_of_the_submitted_precertificate),
		cmocka_unit_test(precertificate_and_certificate_have_equal_content),
		cmocka_unit_test(content_is_the_hash_of_what_a_log_holds),
		cmocka_unit_test(threads_read_beside_each_other),
		cmocka_unit_test(unreadable_extensions_are_hashed_as_they_are),
		cmocka_unit_test(damage_is_survived),
		cmocka_unit_test(real_tiles_are_read),
		cmocka_unit_test(real_tiles_that_hold_no_entries_are_refused),
		cmocka_unit_test(a_real_page_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
