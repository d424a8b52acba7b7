#include "tui/filter.h"

#include <string.h>
#include <strings.h>

#include "base/date.h"
#include "base/num.h"
#include "base/opt.h"
#include "base/text.h"
#include "index/key.h"

struct filter_word {
	const char *name; /* ends in ':', '>' or '<' when a value follows */
	enum fit (*match)(const struct filter_term *t, const struct model *m, uint32_t ca);
	int (*value)(struct filter_term *t, struct err *err); /* reads t->text */
	const char *help;
};
struct filter_term {
	const struct filter_word *word;
	char *text;
	bool not; /* '!' before it */
	bool quoted;
	struct filter_place place;
	uint64_t number;
	int32_t day;
	enum key_type key;
	char compare; /* of the key's bits with number: '<', '>', '=', 0: any */
};

static const struct ca_cert *ca_cert(const struct model *m, uint32_t ca, uint32_t i)
{
	return &m->g->cert.v[m->g->ca_certs[m->g->ca.v[ca].first_cert + i]];
}

static enum fit match_text(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	const struct ca *c = &m->g->ca.v[ca];

	return text_contains(c->name, t->text) || text_contains(c->owner, t->text) ||
	       text_contains(c->subject, t->text);
}

static enum fit match_owner(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	return text_contains(m->g->ca.v[ca].owner, t->text);
}

static enum fit match_name(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	return text_contains(m->g->ca.v[ca].name, t->text);
}

static enum fit match_expired(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	return model_expired(m, ca);
}

static enum fit match_revoked(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	for (uint32_t i = 0; i < m->g->ca.v[ca].n_certs; i++)
		for (int s = 0; s < REVOCATION_SOURCES; s++)
			if (cert_revoked_by(m->g, m->g->ca_certs[m->g->ca.v[ca].first_cert + i],
				    (enum revocation_source)s, m->day))
				return true;
	return false;
}

static enum fit match_undisclosed(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	for (uint32_t i = 0; i < m->g->ca.v[ca].n_certs; i++)
		if (!(ca_cert(m, ca, i)->flags & CERT_DISCLOSED))
			return true;
	return false;
}

static enum fit match_constrained(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	for (uint32_t i = 0; i < m->g->ca.v[ca].n_certs; i++)
		if (ca_cert(m, ca, i)->flags & (CERT_NAME_CONSTRAINTS | CERT_CONSTRAINED_OUTSIDE))
			return true;
	return false;
}

static enum fit match_sunset(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	return model_accepts(m, ca) == ACCEPT_SOME;
}

static enum fit match_trusted(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	return model_accepts(m, ca) != ACCEPT_NONE;
}

static enum fit match_lost(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	return model_lost(m, ca);
}

/* Rounded, it may be less by one of the digit to which it is rounded. */
static uint64_t least_of(int64_t n, bool about)
{
	uint64_t v = n > 0 ? (uint64_t)n : 0, unit = 1;

	while (about && v && v % (unit * 10) == 0)
		unit *= 10;
	return about && v ? v - unit : v;
}

/* So many leaves it has issued for certain: a figure's unexpired ones are issued, too. */
static uint64_t issued_least(const struct model *m, uint32_t ca)
{
	const struct figure *f = ca_own_figure(m->g, ca);
	uint64_t n = m->g->ca.v[ca].issued, issued = f ? least_of(f->issued, f->about) : 0, low = f ? least_of(f->low, f->about) : 0;

	n = issued > n ? issued : n;
	return low > n ? low : n;
}

/* Nothing that it issued is missing in the index. */
static bool issued_wholly(const struct model *m, uint32_t ca)
{
	return ca_coverage(m->g, ca) == COVERAGE_COMPLETE && !model_is_old(m, ca);
}

static enum fit match_issued(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	if (issued_least(m, ca) > t->number)
		return FITS;
	return issued_wholly(m, ca) ? FITS_NOT : FIT_UNKNOWN;
}

static enum fit match_last(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	const struct ca *c = &m->g->ca.v[ca];

	if (c->issued && c->last_nb_day >= t->day)
		return FITS_NOT;
	return issued_wholly(m, ca) ? FITS : FIT_UNKNOWN;
}

static enum fit match_key(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	const struct key_info *k = model_key(m, ca);
	uint64_t bits = (uint64_t)(k && k->bits > 0 ? k->bits : 0);

	if (!k || k->type != t->key || (t->compare && !bits))
		return false;
	return t->compare == '<'   ? bits < t->number
	       : t->compare == '>' ? bits > t->number
	       : t->compare == '=' ? bits == t->number
				   : true;
}

static int any_value(struct filter_term *t, struct err *err)
{
	return *t->text ? 0 : err_set(err, ERR_USAGE, "'%s' needs a text behind it", t->word->name);
}

static int number_value(struct filter_term *t, struct err *err)
{
	if (num_parse_u64(t->text, &t->number) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "'%s%s' needs a number", t->word->name, t->text);
}

static int date_value(struct filter_term *t, struct err *err)
{
	if (date_parse(t->text, &t->day) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "'%s%s' needs a date, YYYY-MM-DD", t->word->name, t->text);
}

static const struct {
	const char *name;
	enum key_type type;
} key_types[] = { { "rsa", KEY_RSA }, { "ec", KEY_EC }, { "ed25519", KEY_ED25519 }, { "ed448", KEY_ED448 }, { "dsa", KEY_DSA } };
#define N_KEY_TYPES (sizeof(key_types) / sizeof(key_types[0]))

/* "rsa", "rsa<2048", "ec=256" */
static int key_value(struct filter_term *t, struct err *err)
{
	size_t len = strcspn(t->text, "<>=");

	for (size_t i = 0; i < N_KEY_TYPES; i++) {
		if (strlen(key_types[i].name) != len || strncasecmp(t->text, key_types[i].name, len) != 0)
			continue;
		t->key = key_types[i].type;
		t->compare = t->text[len];
		if (!t->compare || num_parse_u64(t->text + len + 1, &t->number) == 0)
			return 0;
		return err_set(err, ERR_USAGE, "'key:%s' needs a number of bits", t->text);
	}
	return err_set(err, ERR_USAGE, "'key:%s' needs rsa, ec, ed25519, ed448 or dsa, and may say <2048, >2048 or =2048", t->text);
}

static const struct filter_word words[] = {
	{ "owner:", match_owner, any_value, "TEXT  the owner has it, as CCADB tells who that is" },
	{ "name:", match_name, any_value, "TEXT  the name has it" },
	{ "key:", match_key, key_value, "TYPE<BITS  rsa<2048, ec=256, rsa>4096, dsa: its public key" },
	{ "issued>", match_issued, number_value, "N  has itself issued more than N leaves" },
	{ "last<", match_last, date_value, "DATE  has itself issued nothing since" },
	{ "expired", match_expired, NULL, "no certificate is valid" },
	{ "revoked", match_revoked, NULL, "a certificate is revoked, by any source" },
	{ "undisclosed", match_undisclosed, NULL, "a certificate is not in CCADB" },
	{ "constrained", match_constrained, NULL, "has name constraints, or is constrained by a program" },
	{ "sunset", match_sunset, NULL, "a date rule stands on it" },
	{ "trusted", match_trusted, NULL, "the program trusts it, before the marks and without what is assumed" },
	{ "lost", match_lost, NULL, "loses trust under the marks" },
};
#define N_WORDS (sizeof(words) / sizeof(words[0]))
static const struct filter_word plain_word = { "", match_text, NULL, "in the name, owner or subject" };

const char *filter_help(size_t i, const char **word)
{
	if (i >= N_WORDS)
		return NULL;
	*word = words[i].name;
	return words[i].help;
}

/* "ownr:x" is no name: the part up to the sign, of what is written like a word with a value. */
static size_t sign_at(const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return len && s[len] && strchr(":<>", s[len]) ? len + 1 : 0;
}

static const char *nearest(const char *text)
{
	const char *names[N_WORDS];

	for (size_t i = 0; i < N_WORDS; i++)
		names[i] = words[i].name;
	return opt_nearest(text, names, N_WORDS);
}

static int no_word(const char *s, size_t len, struct err *err)
{
	char *part = xstrndup(s, len);
	const char *near = nearest(part);

	err_set(err, ERR_USAGE, near ? "'%s' is no word; did you mean '%s'?"
				     : "'%s' is no word (? lists them); \"quotes\" make it text%s",
		part, near ? near : "");
	free(part);
	return -1;
}

/* quoted: it is text, whatever it looks like. */
static int make_term(const char *s, bool quoted, struct filter_term *t, struct err *err)
{
	*t = (struct filter_term){ .word = &plain_word, .not = !quoted && s[0] == '!' && s[1], .quoted = quoted };
	s += t->not;
	for (size_t i = 0; !quoted && i < N_WORDS; i++) {
		size_t len = strlen(words[i].name);
		if (strncasecmp(s, words[i].name, len) != 0 || (!words[i].value && s[len]))
			continue;
		t->word = &words[i];
		s += len;
		break;
	}
	t->text = xstrdup(s);
	if (t->word == &plain_word && !quoted && sign_at(s))
		return no_word(s, sign_at(s), err);
	return t->word->value ? t->word->value(t, err) : 0;
}

bool filter_next_word(const char **s, struct strbuf *word, bool *quoted)
{
	bool inside = false;

	strbuf_reset(word);
	*s += strspn(*s, " ");
	if (!**s)
		return false;
	*quoted = **s == '"';
	for (; **s && (inside || **s != ' '); (*s)++) {
		if (**s == '"')
			inside = !inside;
		else
			strbuf_addch(word, **s);
	}
	return true;
}

/* May what is typed so far become a value? */
static bool unfinished(const struct filter_term *t)
{
	size_t len = strlen(t->text);

	if (t->word->value == date_value)
		return len < 10 && strspn(t->text, "0123456789-") == len;
	for (size_t i = 0; t->word->value == key_value && i < N_KEY_TYPES; i++) {
		size_t whole = strlen(key_types[i].name);

		if (strncasecmp(t->text, key_types[i].name, len < whole ? len : whole) == 0 &&
			(len <= whole || (len == whole + 1 && strchr("<>=", t->text[whole]))))
			return true;
	}
	return t->word->value && !len;
}

int filter_parse(struct filter *f, const char *text, struct filter_place *place, struct err *err)
{
	struct filter fresh = { .text = xstrdup(text) };
	struct strbuf word = STRBUF_INIT;
	const char *s = text, *begin = text + strspn(text, " ");
	bool quoted;
	int r = 0;

	for (; r == 0 && filter_next_word(&s, &word, &quoted); begin = s + strspn(s, " ")) {
		struct filter_term t;

		r = make_term(word.buf, quoted, &t, err);
		t.place = (struct filter_place){ (size_t)(begin - text), (size_t)(s - begin), r < 0 && !*s && unfinished(&t) };
		vec_push(&fresh.term, t);
		if (r < 0 && place)
			*place = t.place;
	}
	strbuf_release(&word);
	if (r < 0) {
		filter_release(&fresh);
		return -1;
	}
	filter_release(f);
	*f = fresh;
	return 0;
}

/* Of one word, with its '!'. */
static enum fit term_fit(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	enum fit fit = t->word->match(t, m, ca);

	if (!t->not || fit == FIT_UNKNOWN)
		return fit;
	return fit == FITS ? FITS_NOT : FITS;
}

enum fit filter_fit(const struct filter *f, const struct model *m, uint32_t ca)
{
	enum fit all = FITS;

	for (size_t i = 0; i < f->term.n; i++) {
		enum fit fit = term_fit(&f->term.v[i], m, ca);

		if (fit == FITS_NOT)
			return FITS_NOT;
		if (fit == FIT_UNKNOWN)
			all = FIT_UNKNOWN;
	}
	return all;
}

bool filter_asks_marks(const struct filter *f)
{
	for (size_t i = 0; i < f->term.n; i++)
		if (f->term.v[i].word->match == match_lost && !f->term.v[i].not)
			return true;
	return false;
}

bool filter_may_own(const struct filter *f, const struct model *m, uint32_t ca)
{
	const struct ca *c = &m->g->ca.v[ca];
	bool asked = false;

	for (size_t i = 0; i < f->term.n && !*c->owner; i++) {
		const struct filter_term *t = &f->term.v[i];
		bool owner = t->word->match == match_owner && !t->not;

		if (owner ? !index_may_own(c, t->text) : term_fit(t, m, ca) == FITS_NOT)
			return false;
		asked |= owner;
	}
	return asked;
}

/* ---- words that nothing has ---- */

#define NEARLY_LEAST 4 /* letters: shorter words are near to too much */

void filter_nearly_offer(struct filter_nearly *n, const char *word)
{
	struct strbuf small = STRBUF_INIT;
	size_t len = strlen(word);
	uint32_t cp;

	for (int k; len && (k = text_decode(word + strlen(word) - len, len, &cp)) > 0; len -= (size_t)k)
		text_encode(&small, text_lower(cp));
	vec_push(&n->small, xstrdup(small.len ? small.buf : ""));
	vec_push(&n->word, xstrdup(word));
	strbuf_release(&small);
}

void filter_nearly_offer_words(struct filter_nearly *n)
{
	for (size_t i = 0; i < N_WORDS; i++)
		filter_nearly_offer(n, words[i].name);
}

char *filter_nearly_take(struct filter_nearly *n, const char *text)
{
	const char *near;
	char *ret = NULL;

	filter_nearly_offer(n, text);
	n->small.n--; /* it is not near to itself */
	near = strlen(text) < NEARLY_LEAST ? NULL : opt_nearest(n->small.v[n->small.n], (const char *const *)n->small.v, n->small.n);
	for (size_t i = 0; near && i < n->small.n && !ret; i++)
		if (n->small.v[i] == near && strcmp(near, n->small.v[n->small.n]) != 0)
			ret = xstrdup(n->word.v[i]);
	for (size_t i = 0; i < n->word.n; i++) {
		free(n->small.v[i]);
		free(n->word.v[i]);
	}
	vec_release(&n->small);
	vec_release(&n->word);
	return ret;
}

/* Each owner and the words of its name. */
static void offer_owners(struct filter_nearly *n, const struct graph *g)
{
	static const char between[] = " ,.;()/\"";
	struct map seen = { 0 };

	for (size_t i = 0; i < g->ca.n; i++) {
		const char *owner = g->ca.v[i].owner, *s = owner;
		bool is_new = false;

		if (*owner)
			map_at(&seen, owner, strlen(owner), &is_new);
		if (!is_new)
			continue;
		filter_nearly_offer(n, owner);
		while (*(s += strspn(s, between))) {
			size_t len = strcspn(s, between);
			char *word = xstrndup(s, len);

			filter_nearly_offer(n, word);
			free(word);
			s += len;
		}
	}
	map_release(&seen);
}

static char *nearly(const struct filter_term *t, const struct model *m)
{
	struct filter_nearly n = { 0 };

	if (t->word->match == match_text && !t->quoted)
		filter_nearly_offer_words(&n);
	else if (t->word->match == match_owner)
		offer_owners(&n, m->g);
	return filter_nearly_take(&n, t->text);
}

void filter_vain(const struct filter *f, const struct model *m, struct filter_vain *ret)
{
	filter_vain_release(ret);
	for (size_t i = 0; i < f->term.n; i++) {
		const struct filter_term *t = &f->term.v[i];
		uint32_t ca = 0;

		if (t->word->match != match_text && t->word->match != match_owner && t->word->match != match_name)
			continue;
		while (ca < m->g->ca.n && t->word->match(t, m, ca) == FITS_NOT)
			ca++;
		if (ca < m->g->ca.n)
			continue;
		const char *what = t->word->match == match_owner ? "owner" : t->word->match == match_name ? "name" : "CA";
		*ret = (struct filter_vain){ what, xstrdup(t->text), nearly(t, m), t->place };
		return;
	}
}

void filter_vain_say(const struct filter_vain *v, bool first, struct strbuf *out)
{
	strbuf_addf(out, "%s %s has '%s'", first ? "No" : "no", v->what, v->word);
	if (v->near)
		strbuf_addf(out, "; did you mean '%s'?", v->near);
}

void filter_vain_release(struct filter_vain *v)
{
	free(v->word);
	free(v->near);
	*v = (struct filter_vain){ 0 };
}

/* ---- completion ---- */

const char *filter_last_word(const char *text)
{
	const char *last = strrchr(text, ' ');

	last = last ? last + 1 : text;
	return last + (*last == '!');
}

char *filter_right_part(const char *text, const struct filter_place *wrong)
{
	size_t n = wrong->at;

	while (n && text[n - 1] == ' ')
		n--;
	return n ? xstrndup(text, n) : NULL;
}

bool filter_begins(const char *text)
{
	const char *last = filter_last_word(text);
	size_t len = strlen(last);
	bool begins = false;

	for (size_t i = 0; len && i < N_WORDS; i++) {
		if (strcasecmp(last, words[i].name) == 0)
			return false;
		begins |= strncasecmp(last, words[i].name, len) == 0;
	}
	return begins;
}

void filter_suggest(const char *text, struct strbuf *out)
{
	const char *last = filter_last_word(text);
	size_t len = strlen(last);

	for (size_t i = 0; len && i < N_WORDS; i++) {
		size_t whole = strlen(words[i].name);

		if (strncasecmp(last, words[i].name, len < whole ? len : whole) != 0 || (len > whole && !words[i].value))
			continue;
		strbuf_addf(out, "%s%s", out->len ? " " : "", words[i].name);
		if (len >= whole)
			strbuf_addf(out, "%s%s", words[i].value ? "" : "  ", words[i].help);
	}
}

bool filter_ends_begin(struct filter_ends *e, const char *text)
{
	bool inside = false;

	for (const char *s = text; *s; s++)
		inside ^= *s == '"';
	*e = (struct filter_ends){ .typed = filter_last_word(text) };
	return !inside && *e->typed;
}

void filter_ends_offer(struct filter_ends *e, const char *word)
{
	size_t same = 0;

	if (strncasecmp(word, e->typed, strlen(e->typed)) != 0)
		return;
	if (!e->first) {
		e->first = word;
		e->len = strlen(word);
	}
	while (same < e->len && word[same] == e->first[same])
		same++;
	e->len = same;
}

void filter_ends_words(struct filter_ends *e)
{
	static const char key[] = "key:";

	if (strncasecmp(e->typed, key, strlen(key)) == 0) {
		e->typed += strlen(key);
		for (size_t i = 0; i < N_KEY_TYPES; i++)
			filter_ends_offer(e, key_types[i].name);
		return;
	}
	for (size_t i = 0; i < N_WORDS; i++)
		filter_ends_offer(e, words[i].name);
}

bool filter_ends_take(const struct filter_ends *e, const char *text, struct strbuf *out)
{
	if (!e->first || e->len <= strlen(e->typed))
		return false;
	strbuf_add(out, text, (size_t)(e->typed - text));
	strbuf_add(out, e->first, e->len);
	return true;
}

bool filter_complete(const char *text, struct strbuf *out)
{
	struct filter_ends e;

	if (!filter_ends_begin(&e, text))
		return false;
	filter_ends_words(&e);
	return filter_ends_take(&e, text, out);
}

void filter_release(struct filter *f)
{
	for (size_t i = 0; i < f->term.n; i++)
		free(f->term.v[i].text);
	vec_release(&f->term);
	free(f->text);
	f->text = NULL;
}
