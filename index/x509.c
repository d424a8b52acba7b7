#include "index/x509.h"

#include <ctype.h>
#include <limits.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/date.h"
#include "index/key.h"
#include "index/name.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define OPENSSL_ERROR 0x80
#define OPENSSL_INDEFINITE 0x01

/* Most slices compared here are OIDs, which differ in the last byte. */
bool slice_equal(struct slice a, struct slice b)
{
	return a.n == b.n && (!a.n || (a.p[a.n - 1] == b.p[a.n - 1] && memcmp(a.p, b.p, a.n) == 0));
}

/* ---- elements ---- */

struct header {
	int tag;
	bool indefinite;
	size_t header, body;
};

static bool read_header(struct slice in, struct header *ret)
{
	const unsigned char *p = in.p;
	long len;
	int number, class, r;

	if (in.n >= 2 && (in.p[0] & DER_LONG_TAG) != DER_LONG_TAG && in.p[1] < 0x80) {
		*ret = (struct header){ .tag = in.p[0], .header = 2, .body = in.p[1] };
		return ret->body <= in.n - 2;
	}
	if (!in.n || in.n > LONG_MAX)
		return false;
	r = ASN1_get_object(&p, &len, &number, &class, (long)in.n);
	if (r & OPENSSL_ERROR) {
		ERR_clear_error();
		return false;
	}
	ret->tag = number > 30 ? -1 : class | (r & DER_CONSTRUCTED) | number;
	ret->indefinite = r & OPENSSL_INDEFINITE;
	ret->header = (size_t)(p - in.p);
	ret->body = (size_t)len;
	return true;
}

static void advance(struct slice *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

/* Bytes before the end mark that belongs to the element in front of `in`. Levels are counted, so nothing recurses. */
static bool indefinite_body(struct slice in, size_t *ret)
{
	const uint8_t *start = in.p;
	size_t open = 1;

	for (struct header h; read_header(in, &h);) {
		if (h.tag == 0 && h.body == 0 && --open == 0) {
			*ret = (size_t)(in.p - start);
			return true;
		}
		open += h.indefinite;
		advance(&in, h.header + (h.indefinite ? 0 : h.body));
	}
	return false;
}

bool der_next_odd(struct slice *rest, struct der *ret)
{
	struct header h;
	size_t end_mark = 0;

	if (!read_header(*rest, &h))
		return false;
	ret->all.p = rest->p;
	ret->body.p = rest->p + h.header;
	if (h.indefinite) {
		if (!indefinite_body((struct slice){ ret->body.p, rest->n - h.header }, &h.body))
			return false;
		end_mark = 2;
	}
	ret->tag = h.tag;
	ret->body.n = h.body;
	ret->all.n = h.header + h.body + end_mark;
	advance(rest, ret->all.n);
	return true;
}

/* ---- times ---- */

/* Two digits off *s, or -1. */
static int two(const char **s)
{
	int n;

	if (!isdigit((unsigned char)(*s)[0]) || !isdigit((unsigned char)(*s)[1]))
		return -1;
	n = ((*s)[0] - '0') * 10 + ((*s)[1] - '0');
	*s += 2;
	return n;
}

/* "", "Z", "+hhmm" and "-hh" as seconds east of UTC. */
static bool zone(const char *s, int *ret)
{
	int sign = *s == '-' ? -1 : 1, hours, minutes;

	*ret = 0;
	if (*s != '+' && *s != '-')
		return *s == '\0' || strcmp(s, "Z") == 0;
	s++;
	hours = two(&s);
	minutes = *s ? two(&s) : 0;
	*ret = sign * (hours * 60 + minutes) * 60;
	return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && !*s;
}

static bool read_year(int tag, const char **s, int *ret)
{
	int high = -1, low;

	if (tag == DER_GENERALIZED_TIME) {
		high = two(s);
		if (high < 0)
			return false;
	}
	low = two(s);
	*ret = high >= 0 ? high * 100 + low : low + (low < 50 ? 2000 : 1900);
	return low >= 0;
}

/* hh[mm[ss]] and a fraction, which is cut off. */
static bool read_clock(const char **s, int *ret)
{
	int hour = two(s), minute = 0, second = 0;

	if (isdigit((unsigned char)**s))
		minute = two(s);
	if (isdigit((unsigned char)**s))
		second = two(s);
	if (**s == '.' || **s == ',') {
		(*s)++;
		*s += strspn(*s, "0123456789");
	}
	*ret = (hour * 60 + minute) * 60 + second;
	return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
}

int64_t x509_time(int tag, struct slice body)
{
	char text[48];
	const char *s = text;
	int year, month, mday, of_day, east, y, m, d;
	int32_t day;

	if ((tag != DER_UTC_TIME && tag != DER_GENERALIZED_TIME) || body.n >= sizeof(text) ||
		(body.n && memchr(body.p, '\0', body.n)))
		return TIME_UNKNOWN;
	if (body.n)
		memcpy(text, body.p, body.n);
	text[body.n] = '\0';
	if (!read_year(tag, &s, &year))
		return TIME_UNKNOWN;
	month = two(&s);
	mday = month >= 1 && month <= 12 ? two(&s) : -1;
	if (mday < 1 || !read_clock(&s, &of_day) || !zone(s, &east))
		return TIME_UNKNOWN;
	day = date_from_civil(year, month, mday);
	date_to_civil(day, &y, &m, &d);
	return d == mday ? date_start(day) + of_day - east : TIME_UNKNOWN;
}

/* ---- extensions: each reader gets what the OCTET STRING holds, false = cannot be read ---- */

static bool only_sequence(struct slice value, struct slice *body)
{
	struct der d;

	if (!der_take(&value, DER_SEQUENCE, &d) || value.n)
		return false;
	*body = d.body;
	return true;
}

static bool small_integer(struct slice body, int32_t *ret)
{
	int64_t n;

	if (!body.n)
		return false;
	if (body.p[0] & 0x80) {
		*ret = 0;
		return false;
	}
	n = 0;
	for (size_t i = 0; i < body.n && n < INT32_MAX; i++)
		n = n << 8 | body.p[i];
	*ret = n > INT32_MAX ? INT32_MAX : (int32_t)n;
	return true;
}

static bool read_basic_constraints(struct slice value, struct x509_cert *c)
{
	struct slice body;
	struct der d;

	c->has_bc = true;
	if (!only_sequence(value, &body))
		return false;
	if (der_take(&body, DER_BOOLEAN, &d)) {
		if (d.body.n != 1)
			return false;
		c->bc_ca = d.body.p[0] != 0;
	}
	if (der_take(&body, DER_INTEGER, &d) && !small_integer(d.body, &c->path_len))
		return false;
	return body.n == 0;
}

static bool read_key_usage(struct slice value, struct x509_cert *c)
{
	struct der d;
	uint8_t bits[2] = { 0, 0 };

	c->has_ku = true;
	if (!der_take(&value, DER_BIT_STRING, &d) || !d.body.n || d.body.p[0] > 7)
		return false;
	for (size_t i = 1; i < d.body.n && i <= 2; i++)
		bits[i - 1] = d.body.p[i];
	if (d.body.n == 2 || d.body.n == 3)
		bits[d.body.n - 2] &= (uint8_t)(0xFFu << d.body.p[0]);
	c->key_usage = (uint16_t)(bits[0] | bits[1] << 8);
	return true;
}

/* An OID's content octets against a string literal of them. */
#define OID(bytes)                                                                                                     \
	{                                                                                                              \
		(const uint8_t *)(bytes), sizeof(bytes) - 1                                                            \
	}

static uint8_t eku_bit(struct slice oid)
{
	static const struct {
		struct slice oid;
		uint8_t bit;
	} known[] = {
		{ OID("\x2B\x06\x01\x05\x05\x07\x03\x01"), EKU_TLS },
		{ OID("\x2B\x06\x01\x05\x05\x07\x03\x04"), EKU_EMAIL },
		{ OID("\x55\x1D\x25\x00"), EKU_ANY },
		{ OID("\x2B\x06\x01\x05\x05\x07\x03\x09"), EKU_OCSP },
	};

	for (size_t i = 0; i < LENGTH(known); i++) {
		if (slice_equal(oid, known[i].oid))
			return known[i].bit;
	}
	return EKU_OTHER;
}

static bool read_eku(struct slice value, struct x509_cert *c)
{
	static const struct slice ct_signing = OID("\x2B\x06\x01\x04\x01\xD6\x79\x02\x04\x04");
	struct slice body;
	struct der d;

	c->eku_ext = value;
	if (only_sequence(value, &body) && body.n) {
		while (der_take(&body, DER_OID, &d)) {
			c->eku |= eku_bit(d.body);
			c->signs_precerts |= slice_equal(d.body, ct_signing);
		}
		if (!body.n)
			return true;
	}
	c->eku |= EKU_OTHER;
	return false;
}

/* Individual-validated counts as organisation-validated: somebody was identified. */
static uint8_t kind_of_policy(struct slice oid)
{
	static const struct {
		struct slice oid;
		uint8_t kind;
	} known[] = {
		{ OID("\x67\x81\x0C\x01\x02\x01"), LEAF_DV },
		{ OID("\x67\x81\x0C\x01\x02\x02"), LEAF_OV },
		{ OID("\x67\x81\x0C\x01\x02\x03"), LEAF_OV },
		{ OID("\x67\x81\x0C\x01\x01"), LEAF_EV },
	};

	for (size_t i = 0; i < LENGTH(known); i++) {
		if (slice_equal(oid, known[i].oid))
			return known[i].kind;
	}
	return LEAF_OTHER;
}

static bool read_policies(struct slice value, struct x509_cert *c)
{
	struct slice body;
	struct der policy, oid;

	c->policies_ext = value;
	if (!only_sequence(value, &body))
		return false;
	while (der_take(&body, DER_SEQUENCE, &policy)) {
		uint8_t kind;

		if (!der_take(&policy.body, DER_OID, &oid))
			return false;
		kind = kind_of_policy(oid.body);
		if (kind > c->kind)
			c->kind = kind;
	}
	return body.n == 0;
}

static bool read_ski(struct slice value, struct x509_cert *c)
{
	struct der d;

	if (!der_take(&value, DER_OCTET_STRING, &d))
		return false;
	c->ski = d.body;
	return value.n == 0;
}

static bool read_aki(struct slice value, struct x509_cert *c)
{
	struct slice body;
	struct der d;

	if (!only_sequence(value, &body))
		return false;
	while (der_next(&body, &d)) {
		if (d.tag == (DER_CONTEXT | 0))
			c->aki_keyid = d.body;
		else if (d.tag == (DER_CONTEXT | DER_CONSTRUCTED | 1) || d.tag == (DER_CONTEXT | 2))
			c->aki_has_issuer = true;
	}
	return body.n == 0;
}

/* ---- the SCT list is TLS's presentation language, not DER ---- */

static bool take_u16_vector(struct slice *rest, struct slice *ret)
{
	size_t n;

	if (rest->n < 2)
		return false;
	n = (size_t)rest->p[0] << 8 | rest->p[1];
	if (n > rest->n - 2)
		return false;
	*ret = (struct slice){ rest->p + 2, n };
	advance(rest, n + 2);
	return true;
}

#define SCT_TIMESTAMP_AT 33 /* behind version and log id */

static bool read_scts(struct slice value, struct x509_cert *c)
{
	struct der d;
	struct slice list, sct;

	if (!der_take(&value, DER_OCTET_STRING, &d) || !take_u16_vector(&d.body, &list))
		return false;
	while (take_u16_vector(&list, &sct)) {
		uint64_t ms = 0;

		if (sct.n < SCT_TIMESTAMP_AT + 8)
			return false;
		if (sct.p[0] != 0) /* a version that is not known to us */
			continue;
		for (int i = 0; i < 8; i++)
			ms = ms << 8 | sct.p[SCT_TIMESTAMP_AT + i];
		if ((int64_t)(ms / 1000) < c->sct_first)
			c->sct_first = (int64_t)(ms / 1000);
	}
	return list.n == 0;
}

static bool read_poison(struct slice value, struct x509_cert *c)
{
	(void)value; /* not always NULL, and the logs do not mind */
	c->poison = true;
	return true;
}

static bool keep_san(struct slice value, struct x509_cert *c)
{
	c->san_ext = value;
	return true;
}

static bool keep_name_constraints(struct slice value, struct x509_cert *c)
{
	c->name_constraints_ext = value;
	return true;
}

static bool keep_aia(struct slice value, struct x509_cert *c)
{
	c->aia_ext = value;
	return true;
}

static bool keep_crldp(struct slice value, struct x509_cert *c)
{
	c->crldp_ext = value;
	return true;
}

static const struct extension {
	struct slice oid;
	bool (*read)(struct slice value, struct x509_cert *c);
} extensions[] = {
	{ OID("\x55\x1D\x0E"), read_ski },
	{ OID("\x55\x1D\x0F"), read_key_usage },
	{ OID("\x55\x1D\x11"), keep_san },
	{ OID("\x55\x1D\x13"), read_basic_constraints },
	{ OID("\x55\x1D\x1E"), keep_name_constraints },
	{ OID("\x55\x1D\x1F"), keep_crldp },
	{ OID("\x55\x1D\x20"), read_policies },
	{ OID("\x55\x1D\x23"), read_aki },
	{ OID("\x55\x1D\x25"), read_eku },
	{ OID("\x2B\x06\x01\x05\x05\x07\x01\x01"), keep_aia },
	{ OID("\x2B\x06\x01\x04\x01\xD6\x79\x02\x04\x02"), read_scts },
	{ OID("\x2B\x06\x01\x04\x01\xD6\x79\x02\x04\x03"), read_poison },
};

static void read_extension(struct slice body, struct x509_cert *c, uint32_t *seen)
{
	struct der oid, critical, value;

	if (!der_take(&body, DER_OID, &oid)) {
		c->bad_extensions = true;
		return;
	}
	der_take(&body, DER_BOOLEAN, &critical);
	if (!der_take(&body, DER_OCTET_STRING, &value)) {
		c->bad_extensions = true;
		value.body = (struct slice){ oid.all.p, 0 };
	}
	for (size_t i = 0; i < LENGTH(extensions); i++) {
		if (!slice_equal(oid.body, extensions[i].oid))
			continue;
		if (*seen & 1u << i)
			c->duplicate_extensions = true;
		else if (!extensions[i].read(value.body, c))
			c->bad_extensions = true;
		*seen |= 1u << i;
		return;
	}
}

static void read_extensions(struct slice explicit_body, struct x509_cert *c)
{
	struct slice list;
	struct der d;
	uint32_t seen = 0;

	if (!only_sequence(explicit_body, &list)) {
		c->bad_extensions = true;
		return;
	}
	while (der_take(&list, DER_SEQUENCE, &d))
		read_extension(d.body, c, &seen);
	if (list.n)
		c->bad_extensions = true;
}

/* ---- the certificate ---- */

#define VERSION_TAG (DER_CONTEXT | DER_CONSTRUCTED | 0)
#define EXTENSIONS_TAG (DER_CONTEXT | DER_CONSTRUCTED | 3)

static int read_version(struct slice body)
{
	struct der d;

	if (!der_take(&body, DER_INTEGER, &d) || d.body.n != 1 || d.body.p[0] > 2)
		return 0;
	return d.body.p[0] + 1;
}

static bool read_validity(struct slice body, struct x509_cert *c)
{
	struct der from, to;

	if (!der_next(&body, &from) || !der_next(&body, &to))
		return false;
	c->not_before = x509_time(from.tag, from.body);
	c->not_after = x509_time(to.tag, to.body);
	return true;
}

struct needed {
	bool has_version;
	struct der version, serial, sig_alg, issuer, validity, subject, spki;
};

/* The fields up to the key; NULL, or the name of the one that is not there. */
static const char *read_fields(struct slice *rest, struct needed *n)
{
	const struct {
		int tag;
		struct der *at;
		const char *what;
	} fields[] = {
		{ DER_INTEGER, &n->serial, "serial number" },
		{ DER_SEQUENCE, &n->sig_alg, "signature algorithm" },
		{ DER_SEQUENCE, &n->issuer, "issuer" },
		{ DER_SEQUENCE, &n->validity, "validity" },
		{ DER_SEQUENCE, &n->subject, "subject" },
		{ DER_SEQUENCE, &n->spki, "public key" },
	};

	n->has_version = der_take(rest, VERSION_TAG, &n->version);
	for (size_t i = 0; i < LENGTH(fields); i++) {
		if (!der_take(rest, fields[i].tag, fields[i].at))
			return fields[i].what;
	}
	return NULL;
}

static void read_rest(struct slice rest, struct x509_cert *c)
{
	struct der d;

	while (der_next(&rest, &d)) {
		if (d.tag == EXTENSIONS_TAG)
			read_extensions(d.body, c);
	}
	if (rest.n)
		c->bad_extensions = true;
}

/* NULL, or what is not there; *at gets the byte where it was looked for. */
static const char *read_tbs(struct der tbs, struct x509_cert *c, const uint8_t **at)
{
	struct slice rest = tbs.body;
	struct needed n;
	const char *missing = read_fields(&rest, &n);

	*at = rest.p;
	if (missing)
		return missing;
	c->tbs = tbs.all;
	c->version = n.has_version ? read_version(n.version.body) : 1;
	c->serial = n.serial.body;
	c->sig_alg = c->tbs_sig_alg = n.sig_alg.all;
	c->issuer = n.issuer.all;
	c->subject = n.subject.all;
	c->spki = n.spki.all;
	*at = n.validity.body.p;
	if (!read_validity(n.validity.body, c))
		return "validity";
	read_rest(rest, c);
	return NULL;
}

static void set_defaults(struct x509_cert *c)
{
	*c = (struct x509_cert){ .not_before = TIME_UNKNOWN,
		.not_after = TIME_UNKNOWN,
		.path_len = -1,
		.sct_first = SCT_NONE,
		.kind = LEAF_OTHER };
}

static const char *read_signature(struct slice rest, struct x509_cert *c, const uint8_t **at)
{
	struct der alg, bits;

	*at = rest.p;
	if (!der_take(&rest, DER_SEQUENCE, &alg))
		return "signature algorithm";
	*at = rest.p;
	if (!der_take(&rest, DER_BIT_STRING, &bits) || !bits.body.n)
		return "signature";
	c->sig_alg = alg.all;
	c->sig_unused_bits = bits.body.p[0];
	c->signature = (struct slice){ bits.body.p + 1, bits.body.n - 1 };
	return NULL;
}

static int no_field(struct err *err, const char *what, const uint8_t *start, const uint8_t *at)
{
	return err_set(err, ERR_INPUT, "not a certificate: no %s at byte %zu", what, (size_t)(at - start));
}

static void conclude(struct x509_cert *c)
{
	c->weak_sig = sig_alg_weak(c->sig_alg);
	c->self_issued = x509_name_equal(c->issuer, c->subject);
}

static int too_much(struct err *err, const uint8_t *der, struct slice rest)
{
	return err_set(err, ERR_INPUT, "not a certificate: %zu bytes follow it at byte %zu", rest.n, (size_t)(rest.p - der));
}

static int read_certificate(const uint8_t *der, size_t len, struct x509_cert *ret, struct err *err)
{
	struct slice rest = { der, len };
	struct der cert, tbs;
	const uint8_t *at = der;
	const char *missing;

	if (!der_take(&rest, DER_SEQUENCE, &cert))
		return no_field(err, len ? "complete SEQUENCE" : "content", der, at);
	if (rest.n > X509_TRAILING_MAX)
		return too_much(err, der, rest);
	ret->der = cert.all;
	ret->trailing = rest.n;
	rest = cert.body;
	if (!der_take(&rest, DER_SEQUENCE, &tbs))
		return no_field(err, "contents", der, rest.p);
	missing = read_tbs(tbs, ret, &at);
	if (!missing)
		missing = read_signature(rest, ret, &at);
	return missing ? no_field(err, missing, der, at) : 0;
}

static int read_tbs_alone(const uint8_t *der, size_t len, struct x509_cert *ret, struct err *err)
{
	struct slice rest = { der, len };
	struct der tbs;
	const uint8_t *at = der;
	const char *missing;

	if (!der_take(&rest, DER_SEQUENCE, &tbs))
		return no_field(err, "complete SEQUENCE", der, at);
	if (rest.n > X509_TRAILING_MAX)
		return too_much(err, der, rest);
	ret->trailing = rest.n;
	missing = read_tbs(tbs, ret, &at);
	return missing ? no_field(err, missing, der, at) : 0;
}

int x509_read(const uint8_t *der, size_t len, bool tbs_alone, struct x509_cert *ret, struct err *err)
{
	set_defaults(ret);
	return tbs_alone ? read_tbs_alone(der, len, ret, err) : read_certificate(der, len, ret, err);
}

int x509_parse(const uint8_t *der, size_t len, struct x509_cert *ret, struct err *err)
{
	if (x509_read(der, len, false, ret, err) < 0)
		return -1;
	conclude(ret);
	return 0;
}

int x509_parse_tbs(const uint8_t *der, size_t len, struct x509_cert *ret, struct err *err)
{
	if (x509_read(der, len, true, ret, err) < 0)
		return -1;
	conclude(ret);
	return 0;
}

/* SEQUENCE { SEQUENCE { [0] or INTEGER … */
bool x509_recognise(const uint8_t *der, size_t len)
{
	struct slice rest = { der, len };
	struct header h;

	for (int i = 0; i < 2; i++) {
		if (!read_header(rest, &h) || h.tag != DER_SEQUENCE)
			return false;
		advance(&rest, h.header);
	}
	return read_header(rest, &h) && (h.tag == VERSION_TAG || h.tag == DER_INTEGER);
}

uint32_t x509_flags(const struct x509_cert *c)
{
	const struct {
		bool on;
		uint32_t flag;
	} flags[] = {
		{ c->has_bc && c->bc_ca, CERT_CA_TRUE },
		{ !c->has_bc, CERT_NO_BC },
		{ c->self_issued, CERT_SELF_ISSUED },
		{ c->has_ku, CERT_KU },
		{ c->has_ku && c->key_usage & KU_KEY_CERT_SIGN, CERT_KU_CERTSIGN },
		{ c->weak_sig, CERT_WEAK_SIG },
		{ c->name_constraints_ext.p != NULL, CERT_NAME_CONSTRAINTS },
		{ c->version == 1 || c->version == 2, CERT_V1 },
	};
	uint32_t ret = 0;

	for (size_t i = 0; i < LENGTH(flags); i++)
		ret |= flags[i].on ? flags[i].flag : 0;
	return ret;
}

/* ---- lists inside extensions ---- */

void x509_names_each(const struct x509_cert *c, x509_name_fn *fn, void *ctx)
{
	struct slice body;

	if (only_sequence(c->san_ext, &body))
		general_names_each(body, fn, ctx);
}

void x509_ca_issuers_each(const struct x509_cert *c, x509_name_fn *fn, void *ctx)
{
	static const struct slice ca_issuers = OID("\x2B\x06\x01\x05\x05\x07\x30\x02");
	struct slice body;
	struct der access, method;

	if (!only_sequence(c->aia_ext, &body))
		return;
	while (der_take(&body, DER_SEQUENCE, &access)) {
		if (der_take(&access.body, DER_OID, &method) && slice_equal(method.body, ca_issuers))
			general_names_each(access.body, fn, ctx);
	}
}

void x509_crl_urls_each(const struct x509_cert *c, x509_name_fn *fn, void *ctx)
{
	struct slice body;
	struct der point, name, full;

	if (!only_sequence(c->crldp_ext, &body))
		return;
	while (der_take(&body, DER_SEQUENCE, &point)) {
		if (der_take(&point.body, DER_CONTEXT | DER_CONSTRUCTED | 0, &name) &&
			der_take(&name.body, DER_CONTEXT | DER_CONSTRUCTED | 0, &full))
			general_names_each(full.body, fn, ctx);
	}
}

/* ---- texts ---- */

struct list {
	struct strbuf *out;
	const char *between;
	size_t start; /* where the list began in out */
	bool bare;
};

static struct strbuf *list_item(struct list *l)
{
	if (l->out->len > l->start)
		strbuf_addstr(l->out, l->between);
	return l->out;
}

static void add_name(void *ctx, int type, struct slice value)
{
	struct list *l = ctx;

	general_name_text(type, value, l->bare, list_item(l));
}

static void add_url(void *ctx, int type, struct slice value)
{
	if (type == NAME_URI)
		add_name(ctx, type, value);
}

void x509_names_text(const struct x509_cert *c, struct strbuf *out)
{
	x509_names_each(c, add_name, &(struct list){ out, ", ", out->len, true });
}

void x509_ca_issuers_text(const struct x509_cert *c, struct strbuf *out)
{
	x509_ca_issuers_each(c, add_url, &(struct list){ out, "; ", out->len, true });
}

void x509_crl_urls_text(const struct x509_cert *c, struct strbuf *out)
{
	x509_crl_urls_each(c, add_url, &(struct list){ out, "; ", out->len, true });
}

void x509_key_usage_text(const struct x509_cert *c, struct strbuf *out)
{
	static const struct {
		uint16_t bit;
		const char *name;
	} usages[] = {
		{ KU_DIGITAL_SIGNATURE, "digitalSignature" },
		{ KU_NON_REPUDIATION, "nonRepudiation" },
		{ KU_KEY_ENCIPHERMENT, "keyEncipherment" },
		{ KU_DATA_ENCIPHERMENT, "dataEncipherment" },
		{ KU_KEY_AGREEMENT, "keyAgreement" },
		{ KU_KEY_CERT_SIGN, "keyCertSign" },
		{ KU_CRL_SIGN, "cRLSign" },
		{ KU_ENCIPHER_ONLY, "encipherOnly" },
		{ KU_DECIPHER_ONLY, "decipherOnly" },
	};
	struct list l = { out, ", ", out->len, false };

	if (c->has_ku && !c->key_usage)
		strbuf_addstr(out, "none");
	for (size_t i = 0; i < LENGTH(usages); i++) {
		if (c->key_usage & usages[i].bit)
			strbuf_addstr(list_item(&l), usages[i].name);
	}
}

void x509_eku_text(const struct x509_cert *c, struct strbuf *out)
{
	struct list l = { out, ", ", out->len, false };
	struct slice body;
	struct der d;

	if (only_sequence(c->eku_ext, &body)) {
		while (der_take(&body, DER_OID, &d))
			oid_text(d.body, list_item(&l));
	}
	if (c->eku && out->len == l.start)
		strbuf_addstr(out, "unreadable");
}

void x509_policies_text(const struct x509_cert *c, struct strbuf *out)
{
	struct list l = { out, ", ", out->len, false };
	struct slice body;
	struct der policy, oid;

	if (!only_sequence(c->policies_ext, &body))
		return;
	while (der_take(&body, DER_SEQUENCE, &policy)) {
		if (der_take(&policy.body, DER_OID, &oid))
			oid_text(oid.body, list_item(&l));
	}
}

static void add_first(void *ctx, int type, struct slice value)
{
	struct list *l = ctx;

	/* The subtree's minimum and maximum follow with numbers of their own; only its base is a name. */
	if (l->between) {
		general_name_text(type, value, false, list_item(l));
		l->between = NULL;
	}
}

static void subtrees_text(struct slice body, const char *title, struct list *outer)
{
	struct list l = { list_item(outer), ", ", 0, false };
	struct der tree;

	strbuf_addstr(l.out, title);
	l.start = l.out->len;
	while (der_take(&body, DER_SEQUENCE, &tree)) {
		struct list first = l;

		general_names_each(tree.body, add_first, &first);
	}
	if (l.out->len == l.start)
		strbuf_addstr(l.out, "nothing readable");
}

void x509_name_constraints_text(const struct x509_cert *c, struct strbuf *out)
{
	struct list l = { out, "; ", out->len, false };
	struct slice body;
	struct der d;

	if (!c->name_constraints_ext.p)
		return;
	if (!only_sequence(c->name_constraints_ext, &body)) {
		strbuf_addstr(out, "unreadable");
		return;
	}
	while (der_next(&body, &d)) {
		if (d.tag == (DER_CONTEXT | DER_CONSTRUCTED | 0))
			subtrees_text(d.body, "permitted ", &l);
		else if (d.tag == (DER_CONTEXT | DER_CONSTRUCTED | 1))
			subtrees_text(d.body, "excluded ", &l);
	}
}
