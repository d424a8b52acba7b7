#include "tui/filter.h"

#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"

struct filter_word {
	const char *name; /* ends in ':', '>' or '<' when a value follows */
	bool (*match)(const struct filter_term *t, const struct model *m, uint32_t ca);
	int (*value)(struct filter_term *t, struct err *err); /* reads t->text */
	const char *help;
};
struct filter_term {
	const struct filter_word *word;
	char *text;
	uint64_t number;
	int32_t day;
};

static const struct ca_cert *ca_cert(const struct model *m, uint32_t ca, uint32_t i)
{
	return &m->g->cert.v[m->g->ca_certs[m->g->ca.v[ca].first_cert + i]];
}

static bool match_text(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	const struct ca *c = &m->g->ca.v[ca];

	return text_contains(c->name, t->text) || text_contains(c->owner, t->text) ||
	       text_contains(c->subject, t->text);
}

static bool match_owner(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	return text_contains(m->g->ca.v[ca].owner, t->text);
}

static bool match_name(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	return text_contains(m->g->ca.v[ca].name, t->text);
}

static bool match_expired(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	return !model_alive(m, ca);
}

static bool match_revoked(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	for (uint32_t i = 0; i < m->g->ca.v[ca].n_certs; i++)
		for (int s = 0; s < REVOCATION_SOURCES; s++)
			if (cert_revoked_by(m->g, m->g->ca_certs[m->g->ca.v[ca].first_cert + i],
				    (enum revocation_source)s, m->day))
				return true;
	return false;
}

static bool match_undisclosed(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	for (uint32_t i = 0; i < m->g->ca.v[ca].n_certs; i++)
		if (!(ca_cert(m, ca, i)->flags & CERT_DISCLOSED))
			return true;
	return false;
}

static bool match_constrained(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	for (uint32_t i = 0; i < m->g->ca.v[ca].n_certs; i++)
		if (ca_cert(m, ca, i)->flags & (CERT_NAME_CONSTRAINTS | CERT_CONSTRAINED_OUTSIDE))
			return true;
	return false;
}

static bool match_sunset(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	return m->impact && trust_before(m->impact->trust, ca) == ACCEPT_SOME;
}

static bool match_trusted(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	return m->impact && trust_before(m->impact->trust, ca) != ACCEPT_NONE;
}

static bool match_lost(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	(void)t;
	return model_lost(m, ca);
}

static bool match_issued(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	return m->g->ca.v[ca].issued > t->number;
}

static bool match_last(const struct filter_term *t, const struct model *m, uint32_t ca)
{
	return m->g->ca.v[ca].issued && m->g->ca.v[ca].last_nb_day < t->day;
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

static const struct filter_word words[] = {
	{ "owner:", match_owner, any_value, "TEXT  the owner has it" },
	{ "name:", match_name, any_value, "TEXT  the name has it" },
	{ "issued>", match_issued, number_value, "N  more than N leaves issued" },
	{ "last<", match_last, date_value, "DATE  nothing issued since" },
	{ "expired", match_expired, NULL, "no certificate is valid" },
	{ "revoked", match_revoked, NULL, "a certificate is revoked, by any source" },
	{ "undisclosed", match_undisclosed, NULL, "a certificate is not in CCADB" },
	{ "constrained", match_constrained, NULL, "has name constraints" },
	{ "sunset", match_sunset, NULL, "a date rule stands on it" },
	{ "trusted", match_trusted, NULL, "the program trusts it" },
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

static int make_term(const char *s, struct filter_term *t, struct err *err)
{
	*t = (struct filter_term){ .word = &plain_word };
	for (size_t i = 0; i < N_WORDS; i++) {
		size_t len = strlen(words[i].name);
		if (strncmp(s, words[i].name, len) != 0 || (!words[i].value && s[len]))
			continue;
		t->word = &words[i];
		s += len;
		break;
	}
	t->text = xstrdup(s);
	return t->word->value ? t->word->value(t, err) : 0;
}

bool filter_next_word(const char **s, struct strbuf *word)
{
	bool quoted = false;

	strbuf_reset(word);
	*s += strspn(*s, " ");
	if (!**s)
		return false;
	for (; **s && (quoted || **s != ' '); (*s)++) {
		if (**s == '"')
			quoted = !quoted;
		else
			strbuf_addch(word, **s);
	}
	return true;
}

int filter_parse(struct filter *f, const char *text, struct err *err)
{
	struct filter fresh = { .text = xstrdup(text) };
	struct strbuf word = STRBUF_INIT;
	int r = 0;

	while (r == 0 && filter_next_word(&text, &word)) {
		struct filter_term t;
		r = make_term(word.buf, &t, err);
		vec_push(&fresh.term, t);
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

bool filter_match(const struct filter *f, const struct model *m, uint32_t ca)
{
	for (size_t i = 0; i < f->term.n; i++)
		if (!f->term.v[i].word->match(&f->term.v[i], m, ca))
			return false;
	return true;
}

void filter_release(struct filter *f)
{
	for (size_t i = 0; i < f->term.n; i++)
		free(f->term.v[i].text);
	vec_release(&f->term);
	free(f->text);
	f->text = NULL;
}
