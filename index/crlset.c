#include "index/crlset.h"

#include <jansson.h>
#include <stdarg.h>
#include <string.h>
#include <zlib.h>

#include "base/text.h"

#define MEMBER "crl-set"
#define HASH_SIZE 32
#define CRX_HEADER 12 /* magic, version, length of the signed header */

const char *const crlset_list_names[CRLSET_LISTS] = { "BlockedSPKIs", "KnownInterceptionSPKIs",
	"BlockedInterceptionSPKIs" };

struct reader {
	const struct crlset_handler *h;
	struct crlset_header header;
	bool stopped;
};

static void problem(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void problem(struct reader *r, const char *fmt, ...)
{
	struct strbuf what = STRBUF_INIT;
	va_list ap;

	if (!r->h->problem)
		return;
	va_start(ap, fmt);
	strbuf_vaddf(&what, fmt, ap);
	va_end(ap);
	r->h->problem(r->h->ctx, what.buf);
	strbuf_release(&what);
}

static bool stop(struct reader *r, int answer)
{
	r->stopped = answer < 0;
	return r->stopped;
}

/* ---- bytes ---- */

static bool cut(struct slice in, size_t at, size_t n, struct slice *ret)
{
	if (at > in.n || n > in.n - at)
		return false;
	*ret = (struct slice){ in.p + at, n };
	return true;
}

static bool take(struct slice *rest, size_t n, struct slice *ret)
{
	if (!cut(*rest, 0, n, ret))
		return false;
	rest->p += n;
	rest->n -= n;
	return true;
}

static uint32_t little_endian(const uint8_t *p, size_t n)
{
	uint32_t value = 0;

	while (n--)
		value = value << 8 | p[n];
	return value;
}

static bool take_number(struct slice *rest, size_t n, uint32_t *ret)
{
	struct slice s;

	if (!take(rest, n, &s))
		return false;
	*ret = little_endian(s.p, n);
	return true;
}

static bool begins(struct slice s, const char *magic)
{
	return s.n >= strlen(magic) && memcmp(s.p, magic, strlen(magic)) == 0;
}

/* ---- the raw file: header ---- */

static bool give_key(struct reader *r, enum crlset_list list, const json_t *value)
{
	uint8_t *hash;
	size_t n;
	bool good = true;

	if (!json_is_string(value) ||
		base64_decode(json_string_value(value), json_string_length(value), &hash, &n) < 0) {
		problem(r, "%s: a key hash that is no base64", crlset_list_names[list]);
		return true;
	}
	if (n != HASH_SIZE)
		problem(r, "%s: a key hash of %zu bytes", crlset_list_names[list], n);
	else if (r->h->key)
		good = !stop(r, r->h->key(r->h->ctx, list, hash));
	free(hash);
	return good;
}

static bool give_keys(struct reader *r, const json_t *root, enum crlset_list list)
{
	const json_t *keys = json_object_get(root, crlset_list_names[list]);

	if (keys && !json_is_null(keys) && !json_is_array(keys))
		problem(r, "%s is no list", crlset_list_names[list]);
	for (size_t i = 0; i < json_array_size(keys); i++) {
		if (!give_key(r, list, json_array_get(keys, i)))
			return false;
	}
	return true;
}

static int64_t number_of(const json_t *root, const char *name)
{
	const json_t *value = json_object_get(root, name);

	return json_is_integer(value) ? json_integer_value(value) : 0;
}

static int use_header(struct reader *r, const json_t *root, struct err *err)
{
	const json_t *type = json_object_get(root, "ContentType");

	if (!json_is_string(type) || strcmp(json_string_value(type), "CRLSet") != 0)
		return err_set(err, ERR_INPUT, "CRLSet: its header is of another type");
	if (number_of(root, "DeltaFrom"))
		return err_set(err, ERR_INPUT, "CRLSet: a delta, which says nothing without its base");
	r->header = (struct crlset_header){ .sequence = number_of(root, "Sequence"),
		.parents = number_of(root, "NumParents"),
		.not_after = number_of(root, "NotAfter"),
		.limited = (int64_t)json_object_size(json_object_get(root, "LimitedSubjects")) };
	if (r->h->header && stop(r, r->h->header(r->h->ctx, &r->header)))
		return -1;
	for (enum crlset_list list = 0; list < CRLSET_LISTS; list++) {
		if (!give_keys(r, root, list))
			return -1;
	}
	return 0;
}

static int read_header(struct reader *r, struct slice *rest, struct err *err)
{
	struct slice json;
	json_error_t why;
	json_t *root;
	uint32_t n;
	int ret;

	if (!take_number(rest, 2, &n) || !take(rest, n, &json))
		return err_set(err, ERR_INPUT, "CRLSet: cut off in its header");
	root = json_loadb((const char *)json.p, json.n, 0, &why);
	if (!root)
		return err_set(err, ERR_INPUT, "CRLSet: its header is no JSON: %s", why.text);
	ret = use_header(r, root, err);
	json_decref(root);
	return ret;
}

/* ---- the raw file: body ---- */

/* The file leaves out the octets in front that a positive INTEGER needs not to be a negative one. */
static int give_serial(struct reader *r, const uint8_t *parent, struct slice serial)
{
	uint8_t octets[1 + UINT8_MAX] = { 0 };
	size_t sign;

	if (!serial.n) {
		problem(r, "a serial number without octets");
		return 0;
	}
	sign = serial.p[0] >> 7;
	memcpy(octets + sign, serial.p, serial.n);
	return r->h->serial ? r->h->serial(r->h->ctx, parent, (struct slice){ octets, sign + serial.n }) : 0;
}

/* False when it is cut off or was stopped. */
static bool read_parent(struct reader *r, struct slice *rest)
{
	struct slice hash, serial;
	uint32_t serials, n;

	if (!take(rest, HASH_SIZE, &hash) || !take_number(rest, 4, &serials))
		return false;
	if (r->h->parent && stop(r, r->h->parent(r->h->ctx, hash.p, serials)))
		return false;
	for (; serials; serials--) {
		if (!take_number(rest, 1, &n) || !take(rest, n, &serial))
			return false;
		if (stop(r, give_serial(r, hash.p, serial)))
			return false;
	}
	return true;
}

static int read_raw(struct reader *r, struct slice rest, struct err *err)
{
	int64_t parents = 0;

	if (read_header(r, &rest, err) < 0)
		return -1;
	for (; rest.n; parents++) {
		if (read_parent(r, &rest))
			continue;
		return r->stopped ? -1
				  : err_set(err, ERR_INPUT, "CRLSet: cut off in parent %lld", (long long)parents + 1);
	}
	if (parents != r->header.parents)
		problem(r, "%lld parents, where the header says %lld", (long long)parents,
			(long long)r->header.parents);
	return 0;
}

/* ---- zip ---- */

struct member {
	uint32_t method, crc, packed, unpacked, flags;
	struct slice data;
};
enum { END_SIZE = 22, ENTRY_SIZE = 46, LOCAL_SIZE = 30, COMMENT_MAX = 65535, STORED = 0, DEFLATED = 8, ENCRYPTED = 1 };

/* The record at the end of a zip, which a comment may follow. */
static bool find_end(struct slice zip, size_t *ret)
{
	struct slice end;

	for (size_t back = END_SIZE; back <= zip.n && back <= END_SIZE + COMMENT_MAX; back++) {
		if (cut(zip, zip.n - back, END_SIZE, &end) && begins(end, "PK\5\6")) {
			*ret = zip.n - back;
			return true;
		}
	}
	return false;
}

static bool is_member(struct slice name)
{
	size_t n = strlen(MEMBER);

	return name.n >= n && memcmp(name.p + name.n - n, MEMBER, n) == 0 &&
	       (name.n == n || name.p[name.n - n - 1] == '/');
}

static bool locate(struct slice zip, const uint8_t *entry, struct member *ret)
{
	struct slice local;
	size_t at = little_endian(entry + 42, 4);

	if (!cut(zip, at, LOCAL_SIZE, &local) || !begins(local, "PK\3\4"))
		return false;
	ret->flags = little_endian(entry + 8, 2);
	ret->method = little_endian(entry + 10, 2);
	ret->crc = little_endian(entry + 16, 4);
	ret->packed = little_endian(entry + 20, 4);
	ret->unpacked = little_endian(entry + 24, 4);
	at += LOCAL_SIZE + little_endian(local.p + 26, 2) + little_endian(local.p + 28, 2);
	return cut(zip, at, ret->packed, &ret->data);
}

/* Its offsets count from its first byte, wherever that lies: in front of the directory they speak of. */
static bool find_member(struct slice zip, struct member *ret)
{
	struct slice rest, entry, name, skipped;
	size_t end, directory, size;

	if (!find_end(zip, &end))
		return false;
	size = little_endian(zip.p + end + 12, 4);
	directory = little_endian(zip.p + end + 16, 4);
	if (size > end || directory > end - size || !cut(zip, end - size, size, &rest))
		return false;
	zip.p += end - size - directory;
	zip.n -= end - size - directory;
	while (take(&rest, ENTRY_SIZE, &entry) && begins(entry, "PK\1\2")) {
		size = little_endian(entry.p + 30, 2) + little_endian(entry.p + 32, 2);
		if (!take(&rest, little_endian(entry.p + 28, 2), &name) || !take(&rest, size, &skipped))
			return false;
		if (is_member(name))
			return locate(zip, entry.p, ret);
	}
	return false;
}

static bool inflate_into(struct strbuf *out, struct slice in)
{
	z_stream z = { .next_in = (Bytef *)in.p, .avail_in = (uInt)in.n };
	char chunk[16384];
	int r;

	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return false;
	do {
		z.next_out = (Bytef *)chunk;
		z.avail_out = sizeof(chunk);
		r = inflate(&z, Z_NO_FLUSH);
		strbuf_add(out, chunk, sizeof(chunk) - z.avail_out);
	} while (r == Z_OK && !out->overflow);
	inflateEnd(&z);
	return r == Z_STREAM_END && !out->overflow;
}

static bool unpack(const struct member *m, struct strbuf *out)
{
	strbuf_init(out, m->unpacked);
	if (m->flags & ENCRYPTED || m->unpacked > CRLSET_MAX || !m->unpacked)
		return false;
	if (m->method == STORED)
		strbuf_add(out, m->data.p, m->data.n);
	else if (m->method != DEFLATED || !inflate_into(out, m->data))
		return false;
	return out->len == m->unpacked && crc32(0, (const Bytef *)out->buf, (uInt)out->len) == m->crc;
}

/* ---- the file ---- */

/* What a CRX wraps; everything else as it is. */
static int unwrap(struct slice *data, struct err *err)
{
	struct slice header;
	uint32_t version;

	if (!begins(*data, "Cr24"))
		return 0;
	if (!take(data, CRX_HEADER, &header))
		return err_set(err, ERR_INPUT, "CRX: cut off in its header");
	version = little_endian(header.p + 4, 4);
	if (version != 3)
		return err_set(err, ERR_INPUT, "CRX: version %u, where 3 is known", version);
	if (!take(data, little_endian(header.p + 8, 4), &header) || !begins(*data, "PK"))
		return err_set(err, ERR_INPUT, "CRX: no zip in it");
	return 0;
}

static int read_zip(struct reader *r, struct slice zip, struct err *err)
{
	struct strbuf raw = STRBUF_INIT;
	struct member m;
	int ret;

	if (!find_member(zip, &m))
		return err_set(err, ERR_INPUT, "CRLSet: no member '%s' in the zip", MEMBER);
	if (unpack(&m, &raw))
		ret = read_raw(r, (struct slice){ (const uint8_t *)raw.buf, raw.len }, err);
	else
		ret = err_set(err, ERR_INPUT, "CRLSet: the zip's member '%s' cannot be unpacked", MEMBER);
	strbuf_release(&raw);
	return ret;
}

int crlset_read(const uint8_t *data, size_t n, const struct crlset_handler *h, struct err *err)
{
	struct slice in = { data, n };
	struct reader r = { .h = h };

	if (unwrap(&in, err) < 0)
		return -1;
	return begins(in, "PK") ? read_zip(&r, in, err) : read_raw(&r, in, err);
}

bool crlset_recognise(const uint8_t *data, size_t n)
{
	static const char mark[] = "\"CRLSet\"";
	struct slice in = { data, n }, json;
	struct member m;
	uint32_t length;

	if (unwrap(&in, NULL) < 0)
		return false;
	if (begins(in, "PK"))
		return find_member(in, &m);
	return take_number(&in, 2, &length) && take(&in, length, &json) && begins(json, "{") &&
	       memmem(json.p, json.n, mark, sizeof(mark) - 1);
}
