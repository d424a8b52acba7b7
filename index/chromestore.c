#include "index/chromestore.h"

#include <ctype.h>
#include <openssl/sha.h>
#include <stdarg.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "base/vec.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define NAME_MAX_SHOWN 80

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_PUNCT, TOKEN_BROKEN };

struct token {
	enum token_kind kind;
	const char *p; /* as it stands in the text */
	size_t n;
	size_t line;
};

struct value {
	struct strbuf text; /* decoded */
	bool bare;          /* no string */
	size_t line;
};

struct anchor {
	struct chromestore_anchor a;
	bool has_hash;
	VEC(struct chromestore_set) sets;
	struct strbuf ev_policies, unevaluated;
	struct strbuf set_names, set_unevaluated; /* of the set at hand */
	struct arena arena;
};

struct reader {
	const struct chromestore_handler *h;
	const char *p, *end;
	size_t line; /* of p */
	struct token t;
	struct value v;
	struct anchor a;
	size_t anchors;
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

/* ---- tokens ---- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-' || c == '+';
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static void skip_blanks(struct reader *r)
{
	for (; r->p < r->end; r->p++) {
		if (*r->p == '#') {
			const char *nl = memchr(r->p, '\n', (size_t)(r->end - r->p));

			r->p = nl ? nl : r->end;
			if (!nl)
				return;
		}
		if (*r->p == '\n')
			r->line++;
		else if (!is_one_of(*r->p, " \t\r\f\v"))
			return;
	}
}

/* Up to the closing quote, which must be on the same line. */
static void lex_string(struct reader *r)
{
	char quote = *r->p++;

	r->t.kind = TOKEN_BROKEN;
	for (; r->p < r->end && *r->p != '\n'; r->p++) {
		if (*r->p == quote) {
			r->p++;
			r->t.kind = TOKEN_STRING;
			return;
		}
		if (*r->p == '\\' && r->p + 1 < r->end && r->p[1] != '\n')
			r->p++;
	}
}

static void next(struct reader *r)
{
	skip_blanks(r);
	r->t = (struct token){ .kind = TOKEN_END, .p = r->p, .line = r->line };
	if (r->p == r->end)
		return;
	if (*r->p == '"' || *r->p == '\'') {
		lex_string(r);
	} else if (is_word(*r->p)) {
		r->t.kind = TOKEN_WORD;
		while (r->p < r->end && is_word(*r->p))
			r->p++;
	} else {
		r->t.kind = is_one_of(*r->p, "{}<>[]:,;/") ? TOKEN_PUNCT : TOKEN_BROKEN;
		r->p++;
	}
	r->t.n = (size_t)(r->p - r->t.p);
}

static bool at(const struct reader *r, char c)
{
	return r->t.kind == TOKEN_PUNCT && *r->t.p == c;
}

static bool at_word(const struct reader *r, const char *word)
{
	return r->t.kind == TOKEN_WORD && r->t.n == strlen(word) && memcmp(r->t.p, word, r->t.n) == 0;
}

static bool accept(struct reader *r, char c)
{
	if (!at(r, c))
		return false;
	next(r);
	return true;
}

static bool broken(struct reader *r, const char *wanted)
{
	if (r->t.kind == TOKEN_END)
		problem(r, r->t.line, "the text ends where %s should stand", wanted);
	else
		problem(r, r->t.line, "'%.*s' where %s should stand",
			(int)(r->t.n < NAME_MAX_SHOWN ? r->t.n : NAME_MAX_SHOWN), r->t.p, wanted);
	return false;
}

static bool opens(struct reader *r, char *ret_close)
{
	*ret_close = at(r, '<') ? '>' : '}';
	return accept(r, '{') || accept(r, '<');
}

/* ---- strings ---- */

/* Digits of a base at *p, at most `most`, as a number. */
static uint32_t digits(const char **p, const char *end, unsigned base, int most)
{
	uint32_t n = 0;

	for (; most > 0 && *p < end && isxdigit((unsigned char)**p); most--, (*p)++) {
		unsigned char c = (unsigned char)**p;
		unsigned d = (unsigned)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);

		if (d >= base)
			break;
		n = n * base + d;
	}
	return n;
}

/* What stands behind a backslash. */
static bool unescape(const char **p, const char *end, struct strbuf *out)
{
	static const char names[] = "abfnrtv\\'\"?", means[] = "\a\b\f\n\r\t\v\\'\"?";
	const char *start;
	char c = **p;

	if (c >= '0' && c <= '7') {
		strbuf_addch(out, (char)digits(p, end, 8, 3));
		return true;
	}
	start = ++*p;
	if (c == 'x' || c == 'X') {
		strbuf_addch(out, (char)digits(p, end, 16, 2));
		return *p > start;
	}
	if (c == 'u' || c == 'U') {
		uint32_t cp = digits(p, end, 16, c == 'u' ? 4 : 8);

		text_encode(out, cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000) ? 0xFFFD : cp);
		return *p - start == (c == 'u' ? 4 : 8);
	}
	if (!is_one_of(c, names))
		return false;
	strbuf_addch(out, means[strchr(names, c) - names]);
	return true;
}

static bool decode_string(const struct token *t, struct strbuf *out)
{
	const char *p = t->p + 1, *end = t->p + t->n - 1;

	while (p < end) {
		if (*p != '\\')
			strbuf_addch(out, *p++);
		else if (p++, p == end || !unescape(&p, end, out))
			return false;
	}
	return true;
}

/* Strings that stand one behind the other are one. */
static bool read_scalar(struct reader *r)
{
	strbuf_reset(&r->v.text);
	r->v.line = r->t.line;
	r->v.bare = r->t.kind == TOKEN_WORD;
	if (r->v.bare) {
		strbuf_add(&r->v.text, r->t.p, r->t.n);
		next(r);
		return true;
	}
	if (r->t.kind != TOKEN_STRING)
		return broken(r, "a value");
	for (; r->t.kind == TOKEN_STRING; next(r)) {
		if (!decode_string(&r->t, &r->v.text)) {
			problem(r, r->t.line, "an escape that is none in a string");
			return false;
		}
	}
	return true;
}

/* ---- fields: what reads one is false when the value is not of its type ---- */

struct field {
	const char *name;
	bool (*read)(struct reader *r, void *to); /* NULL: a field that says nothing about trust */
	size_t offset;                            /* of `to` in the anchor or the set */
	bool repeated, message;
};

static bool read_limit(struct reader *r, void *to)
{
	struct chromestore_limit *limit = to;

	limit->set = r->v.bare && num_parse_i64(r->v.text.buf, &limit->sec) == 0;
	return limit->set;
}

static bool read_bool(struct reader *r, void *to)
{
	static const char *const words[] = { "false", "true", "False", "True", "f", "t", "0", "1" };

	for (size_t i = 0; r->v.bare && i < LENGTH(words); i++) {
		if (strcmp(r->v.text.buf, words[i]) == 0) {
			*(bool *)to = i & 1;
			return true;
		}
	}
	return false;
}

static bool read_text(struct reader *r, void *to)
{
	if (r->v.bare)
		return false;
	*(const char **)to = text_clean_dup(&r->a.arena, r->v.text.buf, r->v.text.len);
	return true;
}

static bool first_component(const char *version, uint64_t *ret)
{
	char buf[16];
	size_t n = strcspn(version, ".");

	if (version[strspn(version, "0123456789.")] || n == 0 || n >= sizeof(buf))
		return false;
	memcpy(buf, version, n);
	buf[n] = '\0';
	return num_parse_u64(buf, ret) == 0;
}

static bool read_version(struct reader *r, void *to)
{
	uint64_t major;

	return read_text(r, to) && first_component(*(const char **)to, &major);
}

static void add_to_list(struct strbuf *list, const char *s, size_t n)
{
	if (list->len)
		strbuf_addstr(list, ", ");
	text_clean(list, s, n);
}

static bool read_dns_name(struct reader *r, void *to)
{
	(void)to;
	if (!r->v.bare)
		add_to_list(&r->a.set_names, r->v.text.buf, r->v.text.len);
	return !r->v.bare;
}

static bool read_policy(struct reader *r, void *to)
{
	(void)to;
	if (!r->v.bare)
		add_to_list(&r->a.ev_policies, r->v.text.buf, r->v.text.len);
	return !r->v.bare;
}

static bool read_hash(struct reader *r, void *to)
{
	r->a.has_hash = !r->v.bare && r->v.text.len == 64 && hex_decode(r->v.text.buf, 64, to) == 0;
	return r->a.has_hash;
}

static bool read_der(struct reader *r, void *to)
{
	r->a.has_hash = !r->v.bare && r->v.text.len;
	if (r->a.has_hash)
		SHA256((const uint8_t *)r->v.text.buf, r->v.text.len, to);
	return r->a.has_hash;
}

#define IN_ANCHOR(member) offsetof(struct chromestore_anchor, member)
#define IN_SET(member) offsetof(struct chromestore_set, member)

static const struct field anchor_fields[] = {
	{ "sha256_hex", read_hash, IN_ANCHOR(sha256), false, false },
	{ "der", read_der, IN_ANCHOR(sha256), false, false },
	{ "constraints", NULL, 0, true, true },
	{ "eutl", read_bool, IN_ANCHOR(eutl), false, false },
	{ "tls_trust_anchor", read_bool, IN_ANCHOR(tls_trust_anchor), false, false },
	{ "enforce_anchor_expiry", read_bool, IN_ANCHOR(enforce_anchor_expiry), false, false },
	{ "enforce_anchor_constraints", read_bool, IN_ANCHOR(enforce_anchor_constraints), false, false },
	{ "display_name", read_text, IN_ANCHOR(name), false, false },
	{ "ev_policy_oids", read_policy, 0, true, false },
	{ "crs_root_id", NULL, 0, false, false },
	{ "trust_anchor_id", NULL, 0, false, false },
};
static const struct field set_fields[] = {
	{ "sct_not_after_sec", read_limit, IN_SET(sct_not_after), false, false },
	{ "sct_all_after_sec", read_limit, IN_SET(sct_all_after), false, false },
	{ "validity_starts_not_after_sec", read_limit, IN_SET(starts_not_after), false, false },
	{ "validity_starts_after_sec", read_limit, IN_SET(starts_after), false, false },
	{ "min_version", read_version, IN_SET(min_version), false, false },
	{ "max_version_exclusive", read_version, IN_SET(max_version), false, false },
	{ "permitted_dns_names", read_dns_name, 0, true, false },
};

/* ---- messages ---- */

/* What the fields at hand belong to. */
struct message {
	const struct field *fields;
	size_t n;
	void *into;
	uint32_t *seen; /* fields, by their place in the table */
	struct strbuf *unevaluated;
	char close;
};

static bool at_top_field(const struct reader *r)
{
	return at_word(r, "trust_anchors") || at_word(r, "additional_certs");
}

/* A field of an anchor's list where none can be: a bracket before it was not closed. */
static bool lost(struct reader *r, const char *wanted)
{
	return (r->t.kind == TOKEN_END || r->t.kind == TOKEN_BROKEN || at_top_field(r)) && !broken(r, wanted);
}

/* A value of any type, nested ones without recursion. */
static bool skip_value(struct reader *r)
{
	size_t open = 0;

	if (!at(r, '{') && !at(r, '<') && !at(r, '['))
		return read_scalar(r);
	do {
		if (lost(r, "a closing bracket"))
			return false;
		if (at(r, '{') || at(r, '<') || at(r, '['))
			open++;
		else if (at(r, '}') || at(r, '>') || at(r, ']'))
			open--;
		next(r);
	} while (open);
	return true;
}

static void read_one(struct reader *r, struct message *m, const struct field *f)
{
	if (!f->read || f->read(r, (char *)m->into + f->offset))
		return;
	problem(r, r->v.line, "%s cannot be read: '%.*s'", f->name, NAME_MAX_SHOWN, r->v.text.buf);
	add_to_list(m->unevaluated, f->name, strlen(f->name));
}

/* VALUE or [VALUE, VALUE] */
static bool read_values(struct reader *r, struct message *m, const struct field *f)
{
	bool list = accept(r, '[');

	if (list && accept(r, ']'))
		return true;
	do {
		if (!read_scalar(r))
			return false;
		read_one(r, m, f);
	} while (list && accept(r, ','));
	return !list || accept(r, ']') || broken(r, "']'");
}

static bool skip_unknown(struct reader *r, struct message *m, const struct token *name)
{
	size_t n = name->n < NAME_MAX_SHOWN ? name->n : NAME_MAX_SHOWN;

	problem(r, name->line, "a rule that is not evaluated: %.*s", (int)n, name->p);
	add_to_list(m->unevaluated, name->p, n);
	return skip_value(r);
}

static const struct field *field_at(struct reader *r, struct message *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct field *f = &m->fields[i];

		if (!at_word(r, f->name))
			continue;
		if (*m->seen & 1u << i && !f->repeated)
			problem(r, r->t.line, "%s stands there twice: the last one counts", f->name);
		*m->seen |= 1u << i;
		return f;
	}
	return NULL;
}

/* name, or an extension's [a.b] */
static bool take_name(struct reader *r, struct token *ret)
{
	const char *bracket;

	*ret = r->t;
	if (lost(r, "a field"))
		return false;
	if (!at(r, '[')) {
		if (r->t.kind != TOKEN_WORD)
			return broken(r, "a field");
		next(r);
		return true;
	}
	if (!skip_value(r))
		return false;
	bracket = memchr(ret->p, ']', (size_t)(r->p - ret->p));
	ret->n = bracket ? (size_t)(bracket + 1 - ret->p) : 1;
	return true;
}

static bool read_sets(struct reader *r);

static bool read_field(struct reader *r, struct message *m)
{
	const struct field *f = field_at(r, m);
	struct token name;
	bool good;

	if (!take_name(r, &name))
		return false;
	accept(r, ':');
	if (!f)
		good = skip_unknown(r, m, &name);
	else
		good = f->message ? read_sets(r) : read_values(r, m, f);
	if (!accept(r, ','))
		accept(r, ';');
	return good;
}

static bool read_message(struct reader *r, struct message *m)
{
	if (!opens(r, &m->close))
		return broken(r, "'{'");
	while (!at(r, m->close)) {
		if (!read_field(r, m))
			return false;
	}
	next(r);
	return true;
}

/* An element, or a list of them in brackets. */
static bool read_messages(struct reader *r, bool (*one)(struct reader *r))
{
	bool list = accept(r, '[');

	if (list && accept(r, ']'))
		return true;
	do {
		if (!one(r))
			return false;
	} while (list && accept(r, ','));
	return !list || accept(r, ']') || broken(r, "']'");
}

static const char *kept(struct reader *r, const struct strbuf *b)
{
	return b->len ? arena_strdup(&r->a.arena, b->buf) : NULL;
}

static bool read_set(struct reader *r)
{
	struct chromestore_set set = { .line = r->t.line };
	struct message m = { .fields = set_fields,
		.n = LENGTH(set_fields),
		.into = &set,
		.seen = &(uint32_t){ 0 },
		.unevaluated = &r->a.set_unevaluated };

	strbuf_reset(&r->a.set_names);
	strbuf_reset(&r->a.set_unevaluated);
	if (!read_message(r, &m))
		return false;
	set.dns_names = kept(r, &r->a.set_names);
	set.unevaluated = kept(r, &r->a.set_unevaluated);
	vec_push(&r->a.sets, set);
	return true;
}

static bool read_sets(struct reader *r)
{
	return read_messages(r, read_set);
}

/* ---- the file ---- */

static void begin_anchor(struct reader *r, bool additional)
{
	struct anchor *a = &r->a;

	a->a = (struct chromestore_anchor){ .additional = additional, .line = r->t.line };
	a->has_hash = false;
	a->sets.n = 0;
	strbuf_reset(&a->ev_policies);
	strbuf_reset(&a->unevaluated);
	arena_release(&a->arena);
}

static void give_anchor(struct reader *r)
{
	struct anchor *a = &r->a;

	if (!a->has_hash) {
		problem(r, a->a.line, "an anchor without a readable sha256_hex");
		return;
	}
	a->a.sets = a->sets.v;
	a->a.n_sets = a->sets.n;
	a->a.ev_policies = kept(r, &a->ev_policies);
	a->a.unevaluated = kept(r, &a->unevaluated);
	r->anchors++;
	if (r->h->anchor && r->h->anchor(r->h->ctx, &a->a) < 0)
		r->stopped = true;
}

static bool read_anchor(struct reader *r, bool additional)
{
	struct message m = { .fields = anchor_fields,
		.n = LENGTH(anchor_fields),
		.into = &r->a.a,
		.seen = &(uint32_t){ 0 },
		.unevaluated = &r->a.unevaluated };

	begin_anchor(r, additional);
	if (!read_message(r, &m))
		return false;
	give_anchor(r);
	return true;
}

static bool read_root(struct reader *r)
{
	return r->stopped || read_anchor(r, false);
}

static bool read_additional(struct reader *r)
{
	return r->stopped || read_anchor(r, true);
}

static bool read_version_major(struct reader *r)
{
	struct chromestore_limit version = { false, 0 };

	if (!read_scalar(r))
		return false;
	if (!read_limit(r, &version))
		problem(r, r->v.line, "version_major is no number");
	else if (r->h->version)
		r->h->version(r->h->ctx, version.sec);
	return true;
}

static bool read_top_field(struct reader *r)
{
	bool root = at_word(r, "trust_anchors"), additional = at_word(r, "additional_certs");
	bool version = at_word(r, "version_major");
	struct token name = r->t;

	if (name.kind != TOKEN_WORD)
		return broken(r, "a field");
	next(r);
	accept(r, ':');
	if (root || additional)
		return read_messages(r, root ? read_root : read_additional);
	if (version)
		return read_version_major(r);
	problem(r, name.line, "unknown %s %.*s", at(r, '{') || at(r, '<') ? "message" : "field", (int)(name.n < NAME_MAX_SHOWN ? name.n : NAME_MAX_SHOWN), name.p);
	return skip_value(r);
}

static void read_file(struct reader *r)
{
	next(r);
	while (!r->stopped && r->t.kind != TOKEN_END) {
		if (accept(r, ',') || accept(r, ';') || read_top_field(r))
			continue;
		while (r->t.kind != TOKEN_END && !at_top_field(r))
			next(r);
	}
}

static void reader_release(struct reader *r)
{
	strbuf_release(&r->v.text);
	strbuf_release(&r->a.ev_policies);
	strbuf_release(&r->a.unevaluated);
	strbuf_release(&r->a.set_names);
	strbuf_release(&r->a.set_unevaluated);
	vec_release(&r->a.sets);
	arena_release(&r->a.arena);
}

int chromestore_read(const char *data, size_t n, const struct chromestore_handler *h, struct err *err)
{
	struct reader r = { .h = h,
		.p = data,
		.end = data + n,
		.line = 1,
		.v = { .text = STRBUF_INIT },
		.a = { .ev_policies = STRBUF_INIT,
			.unevaluated = STRBUF_INIT,
			.set_names = STRBUF_INIT,
			.set_unevaluated = STRBUF_INIT } };
	int ret = 0;

	read_file(&r);
	if (r.stopped)
		ret = -1;
	else if (!r.anchors)
		ret = err_set(err, ERR_INPUT, "a Chrome root store without any anchor");
	reader_release(&r);
	return ret;
}

bool chromestore_recognise(const char *data, size_t n)
{
	return memmem(data, n, "sha256_hex", 10) &&
	       (memmem(data, n, "trust_anchors", 13) || memmem(data, n, "additional_certs", 16));
}

/* ---- what the rules mean ---- */

bool chromestore_is_tls_anchor(const struct chromestore_anchor *a)
{
	return !a->additional || a->tls_trust_anchor;
}

bool chromestore_versions_apply(const char *min_version, const char *max_version, uint32_t major)
{
	uint64_t limit;

	if (min_version && first_component(min_version, &limit) && major < limit)
		return false;
	return !max_version || !first_component(max_version, &limit) || major < limit;
}

bool chromestore_applies(const struct chromestore_set *s, uint32_t major)
{
	return chromestore_versions_apply(s->min_version, s->max_version, major);
}

/* The first second after it. */
static int64_t lower_bound(const struct chromestore_limit *after)
{
	return after->sec < INT64_MAX ? after->sec + 1 : INT64_MAX;
}

struct box chromestore_box(const struct chromestore_set *s)
{
	struct box b = BOX_ALL;

	if (s->unevaluated)
		return b;
	if (s->sct_not_after.set)
		b.sct_hi = s->sct_not_after.sec;
	if (s->sct_all_after.set)
		b.sct_lo = lower_bound(&s->sct_all_after);
	if (s->starts_not_after.set)
		b.nb_hi = s->starts_not_after.sec;
	if (s->starts_after.set)
		b.nb_lo = lower_bound(&s->starts_after);
	return b;
}

size_t chromestore_boxes(const struct chromestore_anchor *a, uint32_t major, struct box *ret, bool *unevaluated)
{
	bool not_all = a->unevaluated != NULL;
	size_t n = 0;

	for (size_t i = 0; i < a->n_sets; i++) {
		if (!chromestore_applies(&a->sets[i], major))
			continue;
		not_all |= a->sets[i].unevaluated != NULL;
		ret[n++] = chromestore_box(&a->sets[i]);
	}
	if (!a->n_sets)
		ret[n++] = BOX_ALL;
	if (unevaluated)
		*unevaluated = not_all;
	return n;
}

/* ---- writing ---- */

static void put_limit(struct strbuf *out, const char *name, const struct chromestore_limit *l)
{
	if (l->set)
		strbuf_addf(out, "    %s: %lld\n", name, (long long)l->sec);
}

/* name: "text" */
static void put_string(struct strbuf *out, const char *name, const char *text, size_t n)
{
	strbuf_addf(out, "%s: \"", name);
	for (size_t i = 0; i < n; i++) {
		if (strchr("\"\\", text[i]))
			strbuf_addch(out, '\\');
		strbuf_addch(out, text[i]);
	}
	strbuf_addstr(out, "\"\n");
}

static void put_text(struct strbuf *out, const char *name, const char *text)
{
	if (text)
		put_string(out, name, text, strlen(text));
}

static void put_comment(struct strbuf *out, const char *indent, const char *unevaluated)
{
	if (unevaluated)
		strbuf_addf(out, "%s# not evaluated, left out: %s\n", indent, unevaluated);
}

static void put_set(struct strbuf *out, const struct chromestore_set *s)
{
	const char *name = s->dns_names;

	strbuf_addstr(out, "  constraints {\n");
	put_limit(out, "sct_not_after_sec", &s->sct_not_after);
	put_limit(out, "sct_all_after_sec", &s->sct_all_after);
	put_limit(out, "validity_starts_not_after_sec", &s->starts_not_after);
	put_limit(out, "validity_starts_after_sec", &s->starts_after);
	put_text(out, "    min_version", s->min_version);
	put_text(out, "    max_version_exclusive", s->max_version);
	while (name && *name) {
		size_t n = strcspn(name, ",");

		put_string(out, "    permitted_dns_names", name, n);
		name += n + strspn(name + n, ", ");
	}
	put_comment(out, "    ", s->unevaluated);
	strbuf_addstr(out, "  }\n");
}

static void put_flag(struct strbuf *out, const char *name, bool set)
{
	if (set)
		strbuf_addf(out, "  %s: true\n", name);
}

void chromestore_write_anchor(struct strbuf *out, const struct chromestore_anchor *a)
{
	strbuf_addf(out, "%s {\n  sha256_hex: \"", a->additional ? "additional_certs" : "trust_anchors");
	strbuf_addhex(out, a->sha256, sizeof(a->sha256));
	strbuf_addstr(out, "\"\n");
	put_text(out, "  display_name", a->name);
	put_flag(out, "eutl", a->eutl);
	put_flag(out, "tls_trust_anchor", a->tls_trust_anchor);
	put_flag(out, "enforce_anchor_expiry", a->enforce_anchor_expiry);
	put_flag(out, "enforce_anchor_constraints", a->enforce_anchor_constraints);
	for (size_t i = 0; i < a->n_sets; i++)
		put_set(out, &a->sets[i]);
	put_comment(out, "  ", a->unevaluated);
	strbuf_addstr(out, "}\n");
}
