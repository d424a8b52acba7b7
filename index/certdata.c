#include "index/certdata.h"

#include <stdarg.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct line {
	const char *p;
	size_t n;
};

enum object_class { CLASS_OTHER, CLASS_CERT, CLASS_TRUST };

struct object {
	enum object_class class;
	size_t line;
	struct strbuf label, value, issuer, serial;
	struct certdata_cert cert;
	struct certdata_trust trust;
};

struct reader {
	const struct certdata_handler *h;
	const char *p, *end;
	size_t number; /* of the line taken last */
	struct object o;
	struct strbuf bytes; /* of the MULTILINE_OCTAL at hand */
	size_t certs;
	bool stopped;
};

static void problem(struct reader *r, size_t line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void problem(struct reader *r, size_t line, const char *fmt, ...)
{
	struct strbuf clean = STRBUF_INIT;
	va_list ap;

	if (!r->h->problem)
		return;
	va_start(ap, fmt);
	text_clean_vf(&clean, fmt, ap);
	va_end(ap);
	r->h->problem(r->h->ctx, line, clean.buf);
	strbuf_release(&clean);
}

/* ---- lines and words ---- */

static bool next_line(struct reader *r, struct line *ret)
{
	const char *nl;

	if (r->p == r->end)
		return false;
	nl = memchr(r->p, '\n', (size_t)(r->end - r->p));
	ret->p = r->p;
	ret->n = (size_t)((nl ? nl : r->end) - r->p);
	r->p = nl ? nl + 1 : r->end;
	r->number++;
	while (ret->n && strchr(" \t\r", ret->p[ret->n - 1]) && ret->p[ret->n - 1])
		ret->n--;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct line take_word(struct line *rest)
{
	struct line word;

	while (rest->n && is_blank(*rest->p)) {
		rest->p++;
		rest->n--;
	}
	word.p = rest->p;
	while (rest->n && !is_blank(*rest->p)) {
		rest->p++;
		rest->n--;
	}
	word.n = (size_t)(rest->p - word.p);
	return word;
}

static bool is(struct line word, const char *what)
{
	return word.n == strlen(what) && memcmp(word.p, what, word.n) == 0;
}

static bool starts(struct line l, const char *what)
{
	return l.n >= strlen(what) && memcmp(l.p, what, strlen(what)) == 0;
}

static bool octal_line(struct line l, struct strbuf *out)
{
	for (; l.n; l.p += 4, l.n -= 4) {
		int value = 0;

		if (l.n < 4 || l.p[0] != '\\')
			return false;
		for (int i = 1; i < 4; i++) {
			if (l.p[i] < '0' || l.p[i] > '7')
				return false;
			value = value * 8 + (l.p[i] - '0');
		}
		if (value > 255)
			return false;
		strbuf_addch(out, (char)value);
	}
	return true;
}

/* The lines up to END into r->bytes; the rest of a broken block is skipped. */
static bool read_octal(struct reader *r, struct line name)
{
	size_t begin = r->number, broken = 0;
	struct line l;

	strbuf_reset(&r->bytes);
	for (const char *before = r->p; next_line(r, &l); before = r->p) {
		if (is(l, "END")) {
			if (broken)
				problem(r, broken, "broken octal in %.*s", (int)name.n, name.p);
			return !broken;
		}
		if (starts(l, "CKA_")) {
			r->p = before;
			r->number--;
			break;
		}
		if (!broken && !octal_line(l, &r->bytes))
			broken = r->number;
	}
	problem(r, begin, "no END behind %.*s", (int)name.n, name.p);
	return false;
}

/* ---- values ---- */

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) % 16) : -1;
}

/* "AC Ra\xC3\xADz" between its quotes, cleaned. */
static void read_label(struct line l, struct strbuf *out)
{
	struct strbuf raw = STRBUF_INIT;

	while (l.n && is_blank(*l.p)) {
		l.p++;
		l.n--;
	}
	if (l.n >= 2 && l.p[0] == '"' && l.p[l.n - 1] == '"') {
		l.p++;
		l.n -= 2;
	}
	for (size_t i = 0; i < l.n; i++) {
		if (l.p[i] == '\\' && i + 3 < l.n && l.p[i + 1] == 'x' && hex_digit(l.p[i + 2]) >= 0 &&
			hex_digit(l.p[i + 3]) >= 0) {
			strbuf_addch(&raw, (char)(hex_digit(l.p[i + 2]) * 16 + hex_digit(l.p[i + 3])));
			i += 3;
		} else if (l.p[i] != '\\' || i + 1 == l.n || !strchr("\\\"", l.p[i + 1])) {
			strbuf_addch(&raw, l.p[i]);
		} else {
			strbuf_addch(&raw, l.p[++i]);
		}
	}
	strbuf_reset(out);
	text_clean(out, raw.buf, raw.len);
	strbuf_release(&raw);
}

static struct slice slice_of(const struct strbuf *b)
{
	return (struct slice){ b->len ? (const uint8_t *)b->buf : NULL, b->len };
}

/* The text of a UTCTime or GeneralizedTime, which the number of its digits tells apart. */
static int64_t read_time(const struct strbuf *b)
{
	size_t digits = strspn(b->buf, "0123456789");

	return x509_time(digits >= 14 ? DER_GENERALIZED_TIME : DER_UTC_TIME, slice_of(b));
}

static enum certdata_trust_level read_trust(struct reader *r, struct line value)
{
	static const char *const prefixes[] = { "CKT_NSS_", "CKT_NETSCAPE_", "CKT_" };
	static const struct {
		const char *name;
		enum certdata_trust_level level;
	} levels[] = {
		{ "TRUSTED_DELEGATOR", TRUST_ANCHOR },
		{ "TRUST_ANCHOR", TRUST_ANCHOR },
		{ "MUST_VERIFY_TRUST", TRUST_MUST_VERIFY },
		{ "TRUST_MUST_VERIFY_TRUST", TRUST_MUST_VERIFY },
		{ "MUST_VERIFY", TRUST_MUST_VERIFY },
		{ "VALID_DELEGATOR", TRUST_MUST_VERIFY },
		{ "VALID", TRUST_MUST_VERIFY },
		{ "TRUSTED", TRUST_MUST_VERIFY }, /* as a peer, not as a CA */
		{ "NOT_TRUSTED", TRUST_NOT_TRUSTED },
		{ "UNTRUSTED", TRUST_NOT_TRUSTED },
		{ "TRUST_UNKNOWN", TRUST_UNKNOWN },
	};
	struct line rest = value;

	for (size_t i = 0; i < LENGTH(prefixes); i++) {
		if (starts(rest, prefixes[i])) {
			rest.p += strlen(prefixes[i]);
			rest.n -= strlen(prefixes[i]);
			break;
		}
	}
	for (size_t i = 0; i < LENGTH(levels); i++) {
		if (rest.n < value.n && is(rest, levels[i].name))
			return levels[i].level;
	}
	problem(r, r->number, "unknown trust '%.*s'", (int)(value.n < 80 ? value.n : 80), value.p);
	return TRUST_UNKNOWN;
}

/* ---- attributes: octal ones have their bytes in r->bytes, others their value in `value` ---- */

static void set_bytes(struct reader *r, struct strbuf *to)
{
	strbuf_reset(to);
	strbuf_add(to, r->bytes.buf, r->bytes.len);
}

static void on_value(struct reader *r, struct line value)
{
	(void)value;
	set_bytes(r, &r->o.value);
}

static void on_issuer(struct reader *r, struct line value)
{
	(void)value;
	set_bytes(r, &r->o.issuer);
}

static void on_serial(struct reader *r, struct line value)
{
	struct slice in = slice_of(&r->bytes);
	struct der d;

	(void)value;
	strbuf_reset(&r->o.serial);
	if (der_take(&in, DER_INTEGER, &d) && !in.n)
		strbuf_add(&r->o.serial, d.body.p, d.body.n);
	else
		problem(r, r->number, "the serial number is no INTEGER");
}

static void on_hash(struct reader *r, struct line value)
{
	struct certdata_trust *t = &r->o.trust;

	(void)value;
	if (r->bytes.len == sizeof(t->sha1)) {
		memcpy(t->sha1, r->bytes.buf, sizeof(t->sha1));
		t->has_sha1 = true;
	} else if (r->bytes.len == sizeof(t->sha256)) {
		memcpy(t->sha256, r->bytes.buf, sizeof(t->sha256));
		t->has_sha256 = true;
	} else {
		problem(r, r->number, "a certificate's hash of %zu bytes", r->bytes.len);
	}
}

static void on_server_trust(struct reader *r, struct line value)
{
	r->o.trust.server = read_trust(r, value);
}

static void on_email_trust(struct reader *r, struct line value)
{
	r->o.trust.email = read_trust(r, value);
}

static void on_policy(struct reader *r, struct line value)
{
	r->o.cert.mozilla_policy = is(value, "CK_TRUE");
}

static int64_t distrust_after(struct reader *r, struct line value)
{
	int64_t t;

	if (is(value, "CK_FALSE"))
		return DISTRUST_NEVER;
	t = read_time(&r->bytes);
	if (t != TIME_UNKNOWN)
		return t;
	problem(r, r->number, "a distrust-after time that cannot be read");
	return DISTRUST_NEVER;
}

static void on_server_distrust(struct reader *r, struct line value)
{
	r->o.cert.server_distrust_after = r->o.trust.server_distrust_after = distrust_after(r, value);
}

static void on_email_distrust(struct reader *r, struct line value)
{
	r->o.cert.email_distrust_after = r->o.trust.email_distrust_after = distrust_after(r, value);
}

static const struct attribute {
	const char *name;
	void (*read)(struct reader *r, struct line value);
	bool octal; /* must be MULTILINE_OCTAL */
} attributes[] = {
	{ "CKA_VALUE", on_value, true },
	{ "CKA_ISSUER", on_issuer, true },
	{ "CKA_SERIAL_NUMBER", on_serial, true },
	{ "CKA_CERT_SHA1_HASH", on_hash, true },
	{ "CKA_NSS_CERT_SHA1_HASH", on_hash, true },
	{ "CKA_HASH_OF_CERTIFICATE", on_hash, true },
	{ "CKA_TRUST_SERVER_AUTH", on_server_trust, false },
	{ "CKA_NSS_TRUST_SERVER_AUTH", on_server_trust, false },
	{ "CKA_PKCS_TRUST_SERVER_AUTH", on_server_trust, false },
	{ "CKA_TRUST_EMAIL_PROTECTION", on_email_trust, false },
	{ "CKA_NSS_TRUST_EMAIL_PROTECTION", on_email_trust, false },
	{ "CKA_PKCS_TRUST_EMAIL_PROTECTION", on_email_trust, false },
	{ "CKA_NSS_MOZILLA_CA_POLICY", on_policy, false },
	{ "CKA_NSS_SERVER_DISTRUST_AFTER", on_server_distrust, false },
	{ "CKA_NSS_EMAIL_DISTRUST_AFTER", on_email_distrust, false },
};

static const struct attribute *attribute_named(struct line name)
{
	for (size_t i = 0; i < LENGTH(attributes); i++) {
		if (is(name, attributes[i].name))
			return &attributes[i];
	}
	return NULL;
}

/* ---- objects ---- */

static void begin_object(struct reader *r, struct line value)
{
	static const struct {
		const char *name;
		enum object_class class;
	} classes[] = {
		{ "CKO_CERTIFICATE", CLASS_CERT },
		{ "CKO_NSS_TRUST", CLASS_TRUST },
		{ "CKO_TRUST", CLASS_TRUST },
		{ "CKO_NETSCAPE_TRUST", CLASS_TRUST },
	};
	struct object *o = &r->o;

	o->class = CLASS_OTHER;
	for (size_t i = 0; i < LENGTH(classes); i++) {
		if (is(value, classes[i].name))
			o->class = classes[i].class;
	}
	o->line = r->number;
	strbuf_reset(&o->label);
	strbuf_reset(&o->value);
	strbuf_reset(&o->issuer);
	strbuf_reset(&o->serial);
	o->cert = (struct certdata_cert){ .server_distrust_after = DISTRUST_NEVER,
		.email_distrust_after = DISTRUST_NEVER };
	o->trust = (struct certdata_trust){ .server = TRUST_UNKNOWN,
		.email = TRUST_UNKNOWN,
		.server_distrust_after = DISTRUST_NEVER,
		.email_distrust_after = DISTRUST_NEVER };
}

static int give_cert(struct reader *r)
{
	struct certdata_cert *c = &r->o.cert;

	c->der = slice_of(&r->o.value);
	c->label = r->o.label.buf;
	c->line = r->o.line;
	if (!c->der.n) {
		problem(r, c->line, "certificate '%s' without a readable CKA_VALUE", c->label);
		return 0;
	}
	r->certs++;
	return r->h->cert ? r->h->cert(r->h->ctx, c) : 0;
}

static int give_trust(struct reader *r)
{
	struct certdata_trust *t = &r->o.trust;

	t->issuer = slice_of(&r->o.issuer);
	t->serial = slice_of(&r->o.serial);
	t->label = r->o.label.buf;
	t->line = r->o.line;
	if (!(t->issuer.n && t->serial.n) && !t->has_sha1 && !t->has_sha256) {
		problem(r, t->line, "trust for '%s' names no certificate", t->label);
		return 0;
	}
	return r->h->trust ? r->h->trust(r->h->ctx, t) : 0;
}

static void end_object(struct reader *r)
{
	int ret = 0;

	if (r->o.class == CLASS_CERT)
		ret = give_cert(r);
	else if (r->o.class == CLASS_TRUST)
		ret = give_trust(r);
	r->o.class = CLASS_OTHER;
	r->stopped = ret < 0;
}

/* CKA_… TYPE VALUE */
static void read_attribute(struct reader *r, struct line l)
{
	struct line name = take_word(&l), type = take_word(&l), rest = l, value = take_word(&l);
	const struct attribute *a = attribute_named(name);
	bool octal = is(type, "MULTILINE_OCTAL");

	strbuf_reset(&r->bytes);
	if (octal && !read_octal(r, name))
		return;
	if (is(name, "CKA_CLASS")) {
		end_object(r);
		begin_object(r, value);
	} else if (is(name, "CKA_LABEL")) {
		read_label(rest, &r->o.label);
	} else if (a && (octal || !a->octal)) {
		a->read(r, value);
	} else if (a && r->o.class != CLASS_OTHER) {
		problem(r, r->number, "%s is no MULTILINE_OCTAL", a->name);
	}
}

static bool find_begin(struct reader *r)
{
	struct line l;

	while (next_line(r, &l)) {
		if (is(l, "BEGINDATA"))
			return true;
	}
	return false;
}

static void read_objects(struct reader *r)
{
	struct line l;

	while (!r->stopped && next_line(r, &l)) {
		if (starts(l, "CKA_"))
			read_attribute(r, l);
		else if (l.n && l.p[0] != '#')
			problem(r, r->number, "a line that is no attribute");
	}
	if (!r->stopped)
		end_object(r);
}

static void reader_release(struct reader *r)
{
	strbuf_release(&r->o.label);
	strbuf_release(&r->o.value);
	strbuf_release(&r->o.issuer);
	strbuf_release(&r->o.serial);
	strbuf_release(&r->bytes);
}

int certdata_read(const char *data, size_t n, const struct certdata_handler *h, struct err *err)
{
	struct reader r = { .h = h,
		.p = data,
		.end = data + n,
		.bytes = STRBUF_INIT,
		.o = { .label = STRBUF_INIT, .value = STRBUF_INIT, .issuer = STRBUF_INIT, .serial = STRBUF_INIT } };
	int ret = 0;

	if (find_begin(&r))
		read_objects(&r);
	else
		ret = err_set(err, ERR_INPUT, "not a certdata.txt: no BEGINDATA line");
	if (r.stopped)
		ret = -1;
	else if (!ret && !r.certs)
		ret = err_set(err, ERR_INPUT, "certdata.txt without any certificate");
	reader_release(&r);
	return ret;
}

bool certdata_recognise(const char *data, size_t n)
{
	static const char mark[] = "CKA_CLASS CK_OBJECT_CLASS";

	return memmem(data, n, mark, sizeof(mark) - 1) != NULL;
}

/* ---- writing ---- */

void certdata_write_head(struct strbuf *out)
{
	strbuf_addstr(out, "BEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_NSS_BUILTIN_ROOT_LIST\n"
			   "CKA_TOKEN CK_BBOOL CK_TRUE\nCKA_PRIVATE CK_BBOOL CK_FALSE\n"
			   "CKA_MODIFIABLE CK_BBOOL CK_FALSE\nCKA_LABEL UTF8 \"Mozilla Builtin Roots\"\n");
}

static void put_octal(struct strbuf *out, const char *name, const uint8_t *p, size_t n)
{
	strbuf_addf(out, "%s MULTILINE_OCTAL\n", name);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(out, "\\%03o%s", p[i], i % 16 == 15 || i + 1 == n ? "\n" : "");
	strbuf_addstr(out, "END\n");
}

/* The INTEGER of these content octets. */
static void put_serial(struct strbuf *out, struct slice serial)
{
	struct strbuf der = STRBUF_INIT;
	int octets = 1; /* of the length */

	while (octets < 4 && serial.n >> (8 * octets))
		octets++;
	strbuf_addch(&der, DER_INTEGER);
	if (serial.n > 127)
		strbuf_addch(&der, (char)(0x80 | octets));
	while (octets--)
		strbuf_addch(&der, (char)(serial.n >> (8 * octets)));
	strbuf_add(&der, serial.p, serial.n);
	put_octal(out, "CKA_SERIAL_NUMBER", (const uint8_t *)der.buf, der.len);
	strbuf_release(&der);
}

/* Bytes outside ASCII as \xHH, as NSS does. */
static void put_label(struct strbuf *out, const char *label)
{
	strbuf_addstr(out, "CKA_LABEL UTF8 \"");
	for (const char *p = label; *p; p++) {
		if ((unsigned char)*p >= 0x80)
			strbuf_addf(out, "\\x%02X", (unsigned char)*p);
		else
			strbuf_addf(out, "%s%c", strchr("\\\"", *p) ? "\\" : "", *p);
	}
	strbuf_addstr(out, "\"\n");
}

static void put_object(struct strbuf *out, const char *class, const char *label)
{
	strbuf_addf(out, "\nCKA_CLASS CK_OBJECT_CLASS %s\nCKA_TOKEN CK_BBOOL CK_TRUE\nCKA_PRIVATE CK_BBOOL CK_FALSE\n"
			 "CKA_MODIFIABLE CK_BBOOL CK_FALSE\n", class);
	put_label(out, label);
}

/* The text of a UTCTime, outside of its 100 years of a GeneralizedTime. */
static void put_distrust(struct strbuf *out, const char *name, int64_t after)
{
	char time[TIME_BUF], digits[TIME_BUF] = "";
	size_t n = 0;

	if (after == DISTRUST_NEVER) {
		strbuf_addf(out, "%s CK_BBOOL CK_FALSE\n", name);
		return;
	}
	time_format(time, after);
	for (const char *p = time; *p; p++) {
		if (!strchr("-:T", *p))
			digits[n++] = *p;
	}
	size_t skip = strncmp(digits, "1950", 4) >= 0 && strncmp(digits, "2050", 4) < 0 ? 2 : 0;
	put_octal(out, name, (const uint8_t *)digits + skip, n - skip);
}

int certdata_write_cert(struct strbuf *out, const struct certdata_cert *c, struct err *err)
{
	struct x509_cert x;

	if (x509_parse(c->der.p, c->der.n, &x, err) < 0)
		return -1;
	put_object(out, "CKO_CERTIFICATE", c->label);
	strbuf_addstr(out, "CKA_CERTIFICATE_TYPE CK_CERTIFICATE_TYPE CKC_X_509\n");
	put_octal(out, "CKA_SUBJECT", x.subject.p, x.subject.n);
	strbuf_addstr(out, "CKA_ID UTF8 \"0\"\n");
	put_octal(out, "CKA_ISSUER", x.issuer.p, x.issuer.n);
	put_serial(out, x.serial);
	put_octal(out, "CKA_VALUE", x.der.p, x.der.n);
	strbuf_addf(out, "CKA_NSS_MOZILLA_CA_POLICY CK_BBOOL %s\n", c->mozilla_policy ? "CK_TRUE" : "CK_FALSE");
	put_distrust(out, "CKA_NSS_SERVER_DISTRUST_AFTER", c->server_distrust_after);
	put_distrust(out, "CKA_NSS_EMAIL_DISTRUST_AFTER", c->email_distrust_after);
	return 0;
}

static void put_trust(struct strbuf *out, const char *name, enum certdata_trust_level level)
{
	static const char *const levels[] = {
		[TRUST_UNKNOWN] = NULL,
		[TRUST_ANCHOR] = "CKT_NSS_TRUSTED_DELEGATOR",
		[TRUST_MUST_VERIFY] = "CKT_NSS_MUST_VERIFY_TRUST",
		[TRUST_NOT_TRUSTED] = "CKT_NSS_NOT_TRUSTED",
	};

	if (levels[level])
		strbuf_addf(out, "%s CK_TRUST %s\n", name, levels[level]);
}

void certdata_write_trust(struct strbuf *out, const struct certdata_trust *t)
{
	put_object(out, "CKO_NSS_TRUST", t->label);
	if (t->has_sha1)
		put_octal(out, "CKA_CERT_SHA1_HASH", t->sha1, sizeof(t->sha1));
	put_octal(out, "CKA_ISSUER", t->issuer.p, t->issuer.n);
	put_serial(out, t->serial);
	put_trust(out, "CKA_TRUST_SERVER_AUTH", t->server);
	put_trust(out, "CKA_TRUST_EMAIL_PROTECTION", t->email);
	strbuf_addstr(out, "CKA_TRUST_CODE_SIGNING CK_TRUST CKT_NSS_MUST_VERIFY_TRUST\n"
			   "CKA_TRUST_STEP_UP_APPROVED CK_BBOOL CK_FALSE\n");
}
