#include "index/name.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ---- object identifiers ---- */

/* Longer ones are not worth OpenSSL's arithmetic, whose time grows with the square. */
#define OID_MAX 128

static ASN1_OBJECT *oid_object(struct slice oid)
{
	if (!oid.n || oid.n > OID_MAX || oid.p[oid.n - 1] & 0x80)
		return NULL;
	return ASN1_OBJECT_create(NID_undef, (unsigned char *)oid.p, (int)oid.n, NULL, NULL);
}

int oid_nid(struct slice oid)
{
	ASN1_OBJECT *object = oid_object(oid);
	int nid = object ? OBJ_obj2nid(object) : NID_undef;

	ASN1_OBJECT_free(object);
	return nid;
}

void oid_dotted(struct slice oid, struct strbuf *out)
{
	char dotted[OID_MAX * 4];
	ASN1_OBJECT *object = oid_object(oid);
	int n = object ? OBJ_obj2txt(dotted, sizeof(dotted), object, 1) : 0;

	ASN1_OBJECT_free(object);
	if (n > 0 && n < (int)sizeof(dotted)) {
		strbuf_addstr(out, dotted);
		return;
	}
	ERR_clear_error();
	strbuf_addstr(out, "OID#");
	strbuf_addhex(out, oid.p, oid.n > OID_MAX ? OID_MAX : oid.n);
}

/* The long name where it reads as one word (sha256WithRSAEncryption), else the short one (serverAuth). */
void oid_text(struct slice oid, struct strbuf *out)
{
	int nid = oid_nid(oid);
	const char *name = nid == NID_undef ? NULL : OBJ_nid2ln(nid);

	if (name && strchr(name, ' '))
		name = OBJ_nid2sn(nid);
	if (name)
		strbuf_addstr(out, name);
	else
		oid_dotted(oid, out);
}

/* ---- strings ---- */

static void add_wide(struct slice s, size_t width, struct strbuf *utf8)
{
	uint32_t high = 0;

	for (size_t i = 0; i + width <= s.n; i += width) {
		uint32_t cp = 0;

		for (size_t k = 0; k < width; k++)
			cp = cp << 8 | s.p[i + k];
		if (width == 2 && high && (cp & 0xFC00) == 0xDC00)
			cp = 0x10000 + ((high & 0x3FF) << 10 | (cp & 0x3FF));
		else if (high)
			text_encode(utf8, high);
		high = width == 2 && (cp & ~0x3FFu) == 0xD800 ? cp : 0;
		if (!high)
			text_encode(utf8, cp);
	}
	if (high || s.n % width)
		text_encode(utf8, UINT32_MAX);
}

/* Bytes of a character by the string's tag, 0 for UTF-8, -1 for what is no string. One-byte types are read as Latin-1,
 * T61 too, as OpenSSL and the CAs that used it do. */
static int char_width(int tag)
{
	static const struct {
		int tag, width;
	} types[] = {
		{ V_ASN1_UTF8STRING, 0 },
		{ V_ASN1_PRINTABLESTRING, 1 },
		{ V_ASN1_IA5STRING, 1 },
		{ V_ASN1_T61STRING, 1 },
		{ V_ASN1_BMPSTRING, 2 },
		{ V_ASN1_UNIVERSALSTRING, 4 },
		{ V_ASN1_NUMERICSTRING, 1 },
		{ V_ASN1_VISIBLESTRING, 1 },
		{ V_ASN1_UTCTIME, 1 },
		{ V_ASN1_GENERALIZEDTIME, 1 },
	};

	for (size_t i = 0; i < LENGTH(types); i++) {
		if (tag == types[i].tag)
			return types[i].width;
	}
	return -1;
}

/* The value of an attribute as UTF-8, not cleaned, not checked. False when it is no string. */
static bool string_utf8(const struct der *value, struct strbuf *utf8)
{
	int width = char_width(value->tag);

	if (width < 0)
		return false;
	if (width == 0)
		strbuf_add(utf8, value->body.p, value->body.n);
	else
		add_wide(value->body, (size_t)width, utf8);
	return true;
}

/* ---- walking: a Name is RDNs, an RDN is a SET of attributes ---- */

struct attribute {
	struct slice oid;
	struct der value;
};

static bool next_attribute(struct slice *set, struct attribute *ret)
{
	struct der d, oid;

	if (!der_take(set, DER_SEQUENCE, &d))
		return false;
	if (!der_take(&d.body, DER_OID, &oid) || !der_next(&d.body, &ret->value)) {
		/* Whatever is left of the set cannot be trusted either. */
		*set = d.all;
		return false;
	}
	ret->oid = oid.body;
	return true;
}

static bool open_name(struct slice name, struct slice *rdns)
{
	struct der d;

	if (!der_take(&name, DER_SEQUENCE, &d) || name.n)
		return false;
	*rdns = d.body;
	return true;
}

/* ---- comparing ---- */

static void add_length(struct strbuf *out, size_t n)
{
	const unsigned char be[4] = { (unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n };

	strbuf_add(out, be, sizeof(be));
}

static void add_counted(struct strbuf *out, const void *p, size_t n)
{
	add_length(out, n);
	strbuf_add(out, p, n);
}

static bool is_blank(uint32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r');
}

/* Lower case, no blanks at the ends, one between words. */
static void fold(const struct strbuf *utf8, struct strbuf *out)
{
	bool blank = false, begun = false;
	uint32_t cp;
	int n;

	for (size_t at = 0; (n = text_decode(utf8->buf + at, utf8->len - at, &cp)) > 0; at += (size_t)n) {
		if (is_blank(cp)) {
			blank = begun;
			continue;
		}
		if (blank)
			strbuf_addch(out, ' ');
		blank = false;
		begun = true;
		text_encode(out, text_lower(cp));
	}
}

static void canon_attribute(const struct attribute *a, struct strbuf *out)
{
	struct strbuf utf8 = STRBUF_INIT, folded = STRBUF_INIT;

	add_counted(out, a->oid.p, a->oid.n);
	if (string_utf8(&a->value, &utf8)) {
		fold(&utf8, &folded);
		strbuf_addch(out, 's');
		add_counted(out, folded.buf, folded.len);
	} else {
		strbuf_addch(out, 'x');
		add_counted(out, a->value.all.p, a->value.all.n);
	}
	strbuf_release(&utf8);
	strbuf_release(&folded);
}

static int by_bytes(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	int r = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

	return r ? r : (x->n > y->n) - (x->n < y->n);
}

/* ends[i] is where attribute i ends in bytes; appends them in order of their bytes. */
static void add_sorted(const struct strbuf *bytes, const size_t *ends, size_t n, struct strbuf *out)
{
	struct slice *parts = xcalloc(n + 1, sizeof(*parts));
	size_t from = 0;

	for (size_t i = 0; i < n; from = ends[i++])
		parts[i] = (struct slice){ (const uint8_t *)bytes->buf + from, ends[i] - from };
	qsort(parts, n, sizeof(*parts), by_bytes);
	add_length(out, n);
	for (size_t i = 0; i < n; i++)
		strbuf_add(out, parts[i].p, parts[i].n);
	free(parts);
}

static bool canon_rdn(struct slice set, struct strbuf *out)
{
	struct strbuf bytes = STRBUF_INIT;
	VEC(size_t) ends = { 0 };
	struct attribute a;

	while (next_attribute(&set, &a)) {
		canon_attribute(&a, &bytes);
		vec_push(&ends, bytes.len);
	}
	add_sorted(&bytes, ends.v, ends.n, out);
	vec_release(&ends);
	strbuf_release(&bytes);
	return set.n == 0;
}

int x509_name_canon(struct slice name, struct strbuf *out)
{
	struct slice rdns;
	struct der rdn;
	size_t start = out->len;
	bool ok;

	strbuf_addch(out, 'N');
	ok = open_name(name, &rdns);
	while (ok && der_take(&rdns, DER_SET, &rdn))
		ok = canon_rdn(rdn.body, out);
	if (ok && !rdns.n)
		return 0;
	strbuf_setlen(out, start);
	strbuf_addch(out, 'X');
	strbuf_add(out, name.p, name.n);
	return -1;
}

static bool rdn_equal(struct slice a, struct slice b)
{
	struct strbuf x = STRBUF_INIT, y = STRBUF_INIT;
	bool equal = canon_rdn(a, &x) && canon_rdn(b, &y) && x.len == y.len && memcmp(x.buf, y.buf, x.len) == 0;

	strbuf_release(&x);
	strbuf_release(&y);
	return equal;
}

struct folding {
	const uint8_t *p, *end;
	bool begun;
};

/* The next byte of what fold() would give for ASCII; 0 at the end, 0x80 and more when it is not ASCII. */
static unsigned next_folded(struct folding *f)
{
	const uint8_t *at = f->p;

	while (f->p < f->end && is_blank(*f->p))
		f->p++;
	if (f->p == f->end)
		return 0;
	if (f->begun && f->p > at)
		return ' ';
	f->begun = true;
	if (!*f->p)
		return 0x80;
	f->p++;
	return f->p[-1] >= 'A' && f->p[-1] <= 'Z' ? f->p[-1] + 32u : f->p[-1];
}

static bool ascii_differs(const struct der *a, const struct der *b)
{
	struct folding x = { a->body.p, a->body.p + a->body.n, false };
	struct folding y = { b->body.p, b->body.p + b->body.n, false };
	unsigned cx, cy;

	do {
		cx = next_folded(&x);
		cy = next_folded(&y);
	} while (cx && cx == cy && cx < 0x80);
	return cx != cy && cx < 0x80 && cy < 0x80;
}

static bool narrow(const struct der *value)
{
	int width = char_width(value->tag);

	return width == 0 || width == 1;
}

/* Spares the buffers for most pairs of names; "may be" is never wrong. */
static bool may_be_equal(struct slice a, struct slice b)
{
	struct attribute x, y;
	bool single = next_attribute(&a, &x) && next_attribute(&b, &y) && !a.n && !b.n;

	if (!single)
		return true;
	return slice_equal(x.oid, y.oid) &&
	       !(narrow(&x.value) && narrow(&y.value) && ascii_differs(&x.value, &y.value));
}

bool x509_name_equal(struct slice a, struct slice b)
{
	struct der x, y;

	if (slice_equal(a, b))
		return true;
	if (!open_name(a, &a) || !open_name(b, &b))
		return false;
	while (a.n && b.n) {
		if (!der_take(&a, DER_SET, &x) || !der_take(&b, DER_SET, &y))
			return false;
		if (slice_equal(x.body, y.body))
			continue;
		if (!may_be_equal(x.body, y.body) || !rdn_equal(x.body, y.body))
			return false;
	}
	return a.n == 0 && b.n == 0;
}

/* ---- showing ---- */

#define HEX_MAX 256

static void add_hash_hex(struct slice s, struct strbuf *out)
{
	strbuf_addch(out, '#');
	for (size_t i = 0; i < s.n && i < HEX_MAX; i++)
		strbuf_addf(out, "%02X", s.p[i]);
	if (s.n > HEX_MAX)
		strbuf_addstr(out, "…");
}

static void add_escaped(const struct strbuf *clean, struct strbuf *out)
{
	for (size_t i = 0; i < clean->len; i++) {
		char ch = clean->buf[i];

		if (strchr(",+\"\\<>;", ch) || (i == 0 && (ch == ' ' || ch == '#')) ||
			(i + 1 == clean->len && ch == ' '))
			strbuf_addch(out, '\\');
		strbuf_addch(out, ch);
	}
}

/* False when it is no string. */
static bool clean_value(const struct der *value, struct strbuf *out)
{
	struct strbuf utf8 = STRBUF_INIT;
	bool ok = string_utf8(value, &utf8);

	if (ok)
		text_clean(out, utf8.buf, utf8.len);
	strbuf_release(&utf8);
	return ok;
}

static void attribute_text(const struct attribute *a, struct strbuf *out)
{
	struct strbuf clean = STRBUF_INIT;
	int nid = oid_nid(a->oid);

	if (nid == NID_undef)
		oid_dotted(a->oid, out);
	else
		strbuf_addstr(out, OBJ_nid2sn(nid));
	strbuf_addch(out, '=');
	if (nid != NID_undef && clean_value(&a->value, &clean))
		add_escaped(&clean, out);
	else
		add_hash_hex(a->value.all, out);
	strbuf_release(&clean);
}

struct placed {
	struct attribute a;
	bool joined; /* to the one before it, by '+' */
};
struct attributes {
	VEC(struct placed) list;
};

/* All attributes in the order of the bytes; false when some cannot be read. */
static bool collect(struct slice name, struct attributes *ret)
{
	struct slice rdns;
	struct der rdn;
	struct attribute a;

	if (!open_name(name, &rdns))
		return false;
	while (der_take(&rdns, DER_SET, &rdn)) {
		bool joined = false;

		while (next_attribute(&rdn.body, &a)) {
			vec_push(&ret->list, (struct placed){ a, joined });
			joined = true;
		}
		if (rdn.body.n)
			return false;
	}
	return rdns.n == 0;
}

void x509_name_text(struct slice name, struct strbuf *out)
{
	struct attributes all = { { NULL, 0, 0 } };

	if (!name.n)
		return;
	if (collect(name, &all)) {
		for (size_t i = all.list.n; i-- > 0;) {
			attribute_text(&all.list.v[i].a, out);
			if (i)
				strbuf_addch(out, all.list.v[i].joined ? '+' : ',');
		}
	} else {
		add_hash_hex(name, out);
	}
	vec_release(&all.list);
}

static bool has_text(const struct strbuf *b)
{
	return b->len > strspn(b->buf, " ");
}

/* Cleaned, into `clean`: the last attribute of that kind that holds text. */
static bool find_text(const struct attributes *all, struct slice oid, struct strbuf *clean)
{
	for (size_t i = all->list.n; i-- > 0;) {
		strbuf_reset(clean);
		if (slice_equal(all->list.v[i].a.oid, oid) && clean_value(&all->list.v[i].a.value, clean) && has_text(clean))
			return true;
	}
	return false;
}

static const struct slice labels[] = {
	{ (const uint8_t *)"\x55\x04\x03", 3 }, /* CN */
	{ (const uint8_t *)"\x55\x04\x0B", 3 }, /* OU */
	{ (const uint8_t *)"\x55\x04\x0A", 3 }, /* O */
};

static bool add_text(struct slice name, const struct slice *wanted, size_t n, struct strbuf *out)
{
	struct attributes all = { { NULL, 0, 0 } };
	struct strbuf clean = STRBUF_INIT;
	bool found = false;

	collect(name, &all);
	for (size_t w = 0; w < n && !found; w++)
		found = find_text(&all, wanted[w], &clean);
	if (found)
		strbuf_add(out, clean.buf, clean.len);
	strbuf_release(&clean);
	vec_release(&all.list);
	return found;
}

bool x509_name_label(struct slice name, struct strbuf *out)
{
	return add_text(name, labels, LENGTH(labels), out);
}

bool x509_name_organization(struct slice name, struct strbuf *out)
{
	return add_text(name, &labels[LENGTH(labels) - 1], 1, out);
}

/* ---- general names ---- */

static bool is_general_name(int tag)
{
	return tag >= 0 && (tag & 0xC0) == DER_CONTEXT && (tag & 0x1F) < NAME_KINDS;
}

bool general_names_each(struct slice body, x509_name_fn *fn, void *ctx)
{
	struct der d;
	bool all = true;

	while (der_next(&body, &d)) {
		if (is_general_name(d.tag))
			fn(ctx, d.tag & 0x1F, d.body);
		else
			all = false;
	}
	return all && body.n == 0;
}

/* The bits of a mask when they are contiguous, else -1. */
static int prefix_length(const uint8_t *mask, size_t n)
{
	size_t bits = 0;

	while (bits < n * 8 && mask[bits / 8] & 0x80u >> bits % 8)
		bits++;
	for (size_t i = bits; i < n * 8; i++) {
		if (mask[i / 8] & 0x80u >> i % 8)
			return -1;
	}
	return (int)bits;
}

static void ip_text(struct slice ip, struct strbuf *out)
{
	char text[INET6_ADDRSTRLEN];
	size_t n = ip.n == 4 || ip.n == 8 ? 4 : 16;
	int family = n == 4 ? AF_INET : AF_INET6, prefix;

	if ((ip.n != n && ip.n != 2 * n) || !inet_ntop(family, ip.p, text, sizeof(text))) {
		add_hash_hex(ip, out);
		return;
	}
	strbuf_addstr(out, text);
	if (ip.n == n)
		return;
	prefix = prefix_length(ip.p + n, n);
	if (prefix >= 0)
		strbuf_addf(out, "/%d", prefix);
	else if (inet_ntop(family, ip.p + n, text, sizeof(text)))
		strbuf_addf(out, "/%s", text);
}

static void other_name_text(struct slice value, struct strbuf *out)
{
	struct der oid;

	if (der_take(&value, DER_OID, &oid))
		oid_text(oid.body, out);
	else
		add_hash_hex(value, out);
}

static void plain_text(struct slice value, struct strbuf *out)
{
	text_clean(out, (const char *)value.p, value.n);
}

static const struct {
	const char *title;
	void (*text)(struct slice value, struct strbuf *out);
	bool may_be_bare;
} kinds[NAME_KINDS] = {
	[NAME_OTHER] = { "otherName:", other_name_text, false },
	[NAME_EMAIL] = { "email:", plain_text, true },
	[NAME_DNS] = { "DNS:", plain_text, true },
	[NAME_X400] = { "X400:", add_hash_hex, false },
	[NAME_DIRECTORY] = { "dirName:", x509_name_text, false },
	[NAME_EDI] = { "EDI:", add_hash_hex, false },
	[NAME_URI] = { "URI:", plain_text, true },
	[NAME_IP] = { "IP:", ip_text, true },
	[NAME_RID] = { "RID:", oid_dotted, false },
};

void general_name_text(int type, struct slice value, bool bare, struct strbuf *out)
{
	if (type < 0 || type >= NAME_KINDS)
		return;
	if (!bare || !kinds[type].may_be_bare)
		strbuf_addstr(out, kinds[type].title);
	kinds[type].text(value, out);
}
