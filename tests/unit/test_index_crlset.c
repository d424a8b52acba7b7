#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <cmocka.h>

#include "tests/unit/real_data.h"
#include "tests/unit/survive.h"

#define KEY "\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\""
#define HEADER                                                                                                         \
	"{\"Version\":0,\"ContentType\":\"CRLSet\",\"Sequence\":42,\"DeltaFrom\":0,\"NumParents\":2,"                  \
	"\"BlockedSPKIs\":[" KEY "],\"KnownInterceptionSPKIs\":[" KEY "," KEY "],"                                     \
	"\"BlockedInterceptionSPKIs\":[\"AQ==\",7,\"!\"],\"LimitedSubjects\":{\"x\":[]},\"NotAfter\":"                 \
	"1790000000}"

/* ---- making ---- */

static void put_number(struct strbuf *b, uint32_t value, int octets)
{
	for (; octets; octets--, value >>= 8)
		strbuf_addch(b, (char)(value & 0xFF));
}

static void put_parent(struct strbuf *b, char hash, uint32_t serials)
{
	for (int i = 0; i < 32; i++)
		strbuf_addch(b, hash);
	put_number(b, serials, 4);
}

/* Two parents: the first with 7F and 80 01, the second without any. */
static struct strbuf raw_with(const char *header)
{
	struct strbuf b = STRBUF_INIT;

	put_number(&b, (uint32_t)strlen(header), 2);
	strbuf_addstr(&b, header);
	put_parent(&b, 'a', 2);
	strbuf_add(&b, "\1\x7F\2\x80\1", 5);
	put_parent(&b, 'b', 0);
	return b;
}

struct zipped {
	uint32_t method;
	const char *data;
	size_t n;
	uint32_t crc, unpacked;
};

/* The fields that the local header and the directory share. */
static void put_shared(struct strbuf *b, const struct zipped *z, const char *name)
{
	put_number(b, 20, 2);
	put_number(b, 0, 2);
	put_number(b, z->method, 2);
	put_number(b, 0, 4);
	put_number(b, z->crc, 4);
	put_number(b, (uint32_t)z->n, 4);
	put_number(b, z->unpacked, 4);
	put_number(b, (uint32_t)strlen(name), 2);
	put_number(b, 0, 2);
}

static struct strbuf zip_of(const struct zipped *z, const char *name)
{
	struct strbuf b = STRBUF_INIT;
	uint32_t directory, size;

	strbuf_addstr(&b, "PK\3\4");
	put_shared(&b, z, name);
	strbuf_addstr(&b, name);
	strbuf_add(&b, z->data, z->n);
	directory = (uint32_t)b.len;
	strbuf_add(&b, "PK\1\2\24", 5);
	put_number(&b, 0, 1);
	put_shared(&b, z, name);
	put_number(&b, 0, 10); /* comment, disk, attributes */
	put_number(&b, 0, 4);  /* offset */
	strbuf_addstr(&b, name);
	size = (uint32_t)b.len - directory;
	strbuf_add(&b, "PK\5\6", 4);
	put_number(&b, 0, 4);
	put_number(&b, 1, 2);
	put_number(&b, 1, 2);
	put_number(&b, size, 4);
	put_number(&b, directory, 4);
	put_number(&b, 0, 2);
	return b;
}

static struct strbuf crx_of(const struct strbuf *zip, uint32_t version)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_addstr(&b, "Cr24");
	put_number(&b, version, 4);
	put_number(&b, 5, 4);
	strbuf_addstr(&b, "proof");
	strbuf_add(&b, zip->buf, zip->len);
	return b;
}

static struct zipped deflated(const struct strbuf *raw, struct strbuf *room)
{
	struct zipped z = { .method = 8,
		.crc = (uint32_t)crc32(0, (const Bytef *)raw->buf, (uInt)raw->len),
		.unpacked = (uint32_t)raw->len };
	z_stream s = { .next_in = (Bytef *)raw->buf, .avail_in = (uInt)raw->len };
	char out[4096];

	assert_int_equal(deflateInit2(&s, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	s.next_out = (Bytef *)out;
	s.avail_out = sizeof(out);
	assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
	strbuf_add(room, out, sizeof(out) - s.avail_out);
	deflateEnd(&s);
	z.data = room->buf;
	z.n = room->len;
	return z;
}

/* ---- listening ---- */

struct heard {
	struct crlset_header header;
	size_t keys[CRLSET_LISTS], parents, serials, problems;
	struct strbuf text, what;
	int r;
	struct err err;
};

static int hear_header(void *ctx, const struct crlset_header *header)
{
	((struct heard *)ctx)->header = *header;
	return 0;
}

static int hear_key(void *ctx, enum crlset_list list, const uint8_t spki_sha256[32])
{
	(void)spki_sha256;
	((struct heard *)ctx)->keys[list]++;
	return 0;
}

static int hear_parent(void *ctx, const uint8_t spki_sha256[32], uint32_t serials)
{
	struct heard *h = ctx;

	h->parents++;
	strbuf_addf(&h->text, " %c%u", spki_sha256[31], serials);
	return 0;
}

static int hear_serial(void *ctx, const uint8_t parent[32], struct slice serial)
{
	struct heard *h = ctx;

	h->serials++;
	strbuf_addf(&h->text, " %c:", parent[0]);
	strbuf_addhex(&h->text, serial.p, serial.n);
	return 0;
}

static void hear_problem(void *ctx, const char *what)
{
	struct heard *h = ctx;

	h->problems++;
	strbuf_addf(&h->what, "%s\n", what);
}

static struct heard hear(const void *data, size_t n)
{
	struct heard h = { .text = STRBUF_INIT, .what = STRBUF_INIT };
	/* a copy without slack, so that a sanitizer sees the first byte too far */
	uint8_t *exact = xmemdup(data, n);

	h.r = crlset_read(exact, n,
		&(struct crlset_handler){ &h, hear_header, hear_key, hear_parent, hear_serial, hear_problem }, &h.err);
	free(exact);
	return h;
}

static void forget(struct heard *h)
{
	strbuf_release(&h->text);
	strbuf_release(&h->what);
}

static void is_whole(struct strbuf *file)
{
	struct heard h = hear(file->buf, file->len);

	assert_string_equal(h.err.msg, "");
	assert_true(crlset_recognise((const uint8_t *)file->buf, file->len));
	assert_int_equal(h.header.sequence, 42);
	assert_int_equal(h.header.not_after, 1790000000);
	assert_int_equal(h.header.limited, 1);
	assert_int_equal(h.keys[CRLSET_BLOCKED], 1);
	assert_int_equal(h.keys[CRLSET_KNOWN_INTERCEPTION], 2);
	assert_int_equal(h.keys[CRLSET_BLOCKED_INTERCEPTION], 0);
	assert_string_equal(h.text.buf, " a2 a:7f a:008001 b0");
	assert_string_equal(h.what.buf, "BlockedInterceptionSPKIs: a key hash of 1 bytes\n"
					"BlockedInterceptionSPKIs: a key hash that is no base64\n"
					"BlockedInterceptionSPKIs: a key hash that is no base64\n");
	forget(&h);
	strbuf_release(file);
}

static void is_refused(struct strbuf *file, const char *why)
{
	struct heard h = hear(file->buf, file->len);

	assert_int_equal(h.r, -1);
	assert_int_equal(h.err.kind, ERR_INPUT);
	assert_string_equal(h.err.msg, why);
	forget(&h);
	strbuf_release(file);
}

/* ---- tests ---- */

static void raw_files_are_read(void **state)
{
	struct strbuf raw = raw_with(HEADER);

	(void)state;
	is_whole(&raw);
}

static void zips_and_crx_files_are_unwrapped(void **state)
{
	struct strbuf raw = raw_with(HEADER), room = STRBUF_INIT, zip, crx;
	struct zipped packed = deflated(&raw, &room), stored = packed;

	(void)state;
	stored.method = 0;
	stored.data = raw.buf;
	stored.n = raw.len;
	zip = zip_of(&packed, "crl-set");
	crx = crx_of(&zip, 3);
	is_whole(&zip);
	is_whole(&crx);
	zip = zip_of(&stored, "some/crl-set");
	crx = crx_of(&zip, 3);
	strbuf_addstr(&crx, "a comment behind");
	is_whole(&crx);
	strbuf_release(&zip);
	strbuf_release(&raw);
	strbuf_release(&room);
}

static void what_cannot_be_unpacked_is_refused(void **state)
{
	static const char *const whys[] = { "CRLSet: no member 'crl-set' in the zip",
		"CRLSet: the zip's member 'crl-set' cannot be unpacked" };
	struct strbuf raw = raw_with(HEADER), room = STRBUF_INIT, zip;
	struct zipped z = deflated(&raw, &room), bad;

	(void)state;
	zip = zip_of(&z, "my-crl-set");
	is_refused(&zip, whys[0]);
	bad = z;
	bad.crc++;
	zip = zip_of(&bad, "crl-set");
	is_refused(&zip, whys[1]);
	bad = z;
	bad.unpacked--;
	zip = zip_of(&bad, "crl-set");
	is_refused(&zip, whys[1]);
	bad.unpacked = (uint32_t)CRLSET_MAX + 1;
	zip = zip_of(&bad, "crl-set");
	is_refused(&zip, whys[1]);
	bad = z;
	bad.method = 12;
	zip = zip_of(&bad, "crl-set");
	is_refused(&zip, whys[1]);
	bad = z;
	bad.n--;
	zip = zip_of(&bad, "crl-set");
	is_refused(&zip, whys[1]);
	strbuf_release(&raw);
	strbuf_release(&room);
}

static void what_is_no_crlset_is_refused(void **state)
{
	struct strbuf raw = raw_with("{\"ContentType\":\"Other\"}"), crx;

	(void)state;
	assert_false(crlset_recognise((const uint8_t *)raw.buf, raw.len));
	is_refused(&raw, "CRLSet: its header is of another type");
	raw = raw_with("{\"ContentType\":\"CRLSet\",\"DeltaFrom\":41}");
	is_refused(&raw, "CRLSet: a delta, which says nothing without its base");
	raw = raw_with("{\"ContentType\"");
	is_refused(&raw, "CRLSet: its header is no JSON: ':' expected near end of file");
	raw = raw_with("");
	raw.len = 1;
	is_refused(&raw, "CRLSet: cut off in its header");
	raw = (struct strbuf)STRBUF_INIT;
	strbuf_addstr(&raw, "PK no zip");
	crx = crx_of(&raw, 2);
	is_refused(&crx, "CRX: version 2, where 3 is known");
	crx = crx_of(&raw, 3);
	is_refused(&crx, "CRLSet: no member 'crl-set' in the zip");
	strbuf_reset(&raw);
	crx = crx_of(&raw, 3);
	is_refused(&crx, "CRX: no zip in it");
	strbuf_addstr(&crx, "Cr24\3");
	is_refused(&crx, "CRX: cut off in its header");
	strbuf_release(&raw);
}

static void lists_may_be_null_and_nothing_else(void **state)
{
	struct strbuf raw = raw_with("{\"ContentType\":\"CRLSet\",\"NumParents\":2,\"BlockedSPKIs\":null,"
				     "\"KnownInterceptionSPKIs\":{}}");
	struct heard h = hear(raw.buf, raw.len);

	(void)state;
	assert_int_equal(h.r, 0);
	assert_string_equal(h.what.buf, "KnownInterceptionSPKIs is no list\n");
	forget(&h);
	strbuf_release(&raw);
}

static void a_body_that_is_cut_off_is_refused(void **state)
{
	struct strbuf raw = raw_with(HEADER);
	size_t header = 2 + strlen(HEADER), second = header + 32 + 4 + 5;

	(void)state;
	for (size_t n = header + 1; n < raw.len; n++) {
		struct heard h = hear(raw.buf, n);

		if (n == second) {
			assert_int_equal(h.r, 0);
			assert_non_null(strstr(h.what.buf, "1 parents, where the header says 2"));
		} else {
			assert_int_equal(h.r, -1);
			assert_string_equal(
				h.err.msg, n < second ? "CRLSet: cut off in parent 1" : "CRLSet: cut off in parent 2");
		}
		forget(&h);
	}
	strbuf_release(&raw);
}

static int stop_at_serial(void *ctx, const uint8_t parent[32], struct slice serial)
{
	(void)parent, (void)serial;
	++*(size_t *)ctx;
	return -1;
}

static void a_callback_can_stop(void **state)
{
	struct strbuf raw = raw_with(HEADER);
	struct err err = { 0 };
	size_t calls = 0;

	(void)state;
	assert_int_equal(crlset_read((const uint8_t *)raw.buf, raw.len,
				 &(struct crlset_handler){ .ctx = &calls, .serial = stop_at_serial }, &err),
		-1);
	assert_int_equal(calls, 1);
	assert_int_equal(err.kind, ERR_NONE);
	strbuf_release(&raw);
}

static void damaged_files_are_survived(void **state)
{
	struct strbuf raw = raw_with(HEADER), room = STRBUF_INIT, zip, crx;
	struct zipped z = deflated(&raw, &room);

	(void)state;
	zip = zip_of(&z, "crl-set");
	crx = crx_of(&zip, 3);
	survive_damage((const uint8_t *)raw.buf, raw.len, 10000, survive_crlset);
	survive_damage((const uint8_t *)crx.buf, crx.len, 10000, survive_crlset);
	strbuf_release(&raw);
	strbuf_release(&room);
	strbuf_release(&zip);
	strbuf_release(&crx);
}

/* ---- real data ---- */

static void the_real_set_is_read(void **state)
{
	static const char *const names[] = { "onecrl/crl-set", "onecrl/crlset.crx" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *path = real_data(names[i]);
		struct err err = { 0 };
		uint8_t *data;
		size_t n;
		struct heard h;

		if (skipped_without(path))
			return;
		if (path_read(path, SIZE_MAX / 2, &data, &n, &err) < 0)
			fail_msg("%s", err.msg);
		assert_true(crlset_recognise(data, n));
		h = hear(data, n);
		if (h.r < 0 || h.problems)
			fail_msg("%s: %s %s", path, h.err.msg, h.what.buf);
		assert_int_equal(h.header.sequence, 9941);
		assert_int_equal(h.header.parents, 184);
		assert_int_equal(h.parents, 184);
		assert_int_equal(h.serials, 850);
		forget(&h);
		free(data);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_files_are_read),
		cmocka_unit_test(zips_and_crx_files_are_unwrapped),
		cmocka_unit_test(what_cannot_be_unpacked_is_refused),
		cmocka_unit_test(what_is_no_crlset_is_refused),
		cmocka_unit_test(lists_may_be_null_and_nothing_else),
		cmocka_unit_test(a_body_that_is_cut_off_is_refused),
		cmocka_unit_test(a_callback_can_stop),
		cmocka_unit_test(damaged_files_are_survived),
		cmocka_unit_test(the_real_set_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
