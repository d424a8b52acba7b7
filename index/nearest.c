#include "index/nearest.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "index/pasted.h"

#define LETTERS_LEAST 4
#define LETTERS_MAX 24 /* of a word that is compared */
#define WORDS_MAX 8    /* of a text */
#define NAME_WORDS 32  /* … and of a name, whose further ones are not looked at */
#define TRIED 3        /* words of a text that are looked for alone */
#define LOOKED_A_LOOK 1024 /* CAs between two looks whether it is cancelled */
#define PREFIX_DIGITS 8

struct word {
	const char *at; /* in the text, with apostrophes */
	size_t len;
	uint32_t letter[LETTERS_MAX]; /* in lower case, without */
	size_t n;
	uint32_t seen; /* a bit for each letter; some share one */
};
/* One walk over all names. */
struct hunt {
	const struct word *word;
	size_t n;
	const struct word *run; /* all of these as one, which is looked for instead; or NULL */
	size_t best;
	struct nearest *ret;
	bool (*cancelled)(void *ctx);
	void *ctx;
};

static bool is_apostrophe(uint32_t cp)
{
	return cp == '\'' || cp == 0x2019;
}

static bool is_letter(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z');
	return cp >= 0xc0 && (cp < 0x2000 || cp >= 0x2070) && cp != 0xfffd;
}

/* The code point at *s, which is not at the end. */
static uint32_t decode(const char *s, size_t *took)
{
	uint32_t cp = (unsigned char)*s;

	*took = 1;
	if (cp >= 0x80) /* most of a million names is not */
		*took = (size_t)text_decode(s, strnlen(s, 4), &cp);
	return cp;
}

static void add_letter(struct word *w, uint32_t cp)
{
	if (cp >= 'A' && cp <= 'Z')
		cp += 'a' - 'A';
	else if (cp >= 0x80)
		cp = text_lower(cp);
	if (w->n < LETTERS_MAX)
		w->letter[w->n] = cp;
	w->n++;
	w->seen |= 1U << cp % 32;
}

/* Cuts the next one. False at the end. One that is too long has no letters and is like none. */
static bool next_word(const char **s, struct word *w)
{
	const char *at = *s;
	size_t took;

	w->at = NULL;
	w->n = 0;
	w->seen = 0;
	for (; *at; at += took) {
		uint32_t cp = decode(at, &took);

		if (is_letter(cp)) {
			if (!w->at)
				w->at = at;
			add_letter(w, cp);
			w->len = (size_t)(at + took - w->at);
		} else if (w->at && !is_apostrophe(cp)) {
			break;
		}
	}
	if (w->n > LETTERS_MAX)
		w->n = 0;
	*s = at;
	return w->at;
}

/* At most so many letters of a word may be wrong. */
static size_t leeway(const struct word *w)
{
	return w->n < LETTERS_LEAST ? 0 : w->n < 8 ? 1 : 2;
}

static unsigned bits(uint32_t x)
{
	return (unsigned)__builtin_popcount(x);
}

/* Like Levenshtein's, and swapped neighbours cost 1; as soon as it is more than `most`, some such number. */
static size_t distance(const struct word *a, const struct word *b, size_t most)
{
	size_t rows[3][LETTERS_MAX + 1], *two = rows[0], *one = rows[1], *now = rows[2];

	for (size_t j = 0; j <= b->n; j++)
		one[j] = j;
	for (size_t i = 1; i <= a->n; i++) {
		size_t *spare = two, least = now[0] = i;

		for (size_t j = 1; j <= b->n; j++) {
			size_t d = one[j - 1] + (a->letter[i - 1] != b->letter[j - 1]);

			d = one[j] + 1 < d ? one[j] + 1 : d;
			d = now[j - 1] + 1 < d ? now[j - 1] + 1 : d;
			if (i > 1 && j > 1 && a->letter[i - 1] == b->letter[j - 2] && a->letter[i - 2] == b->letter[j - 1] && two[j - 2] + 1 < d)
				d = two[j - 2] + 1;
			now[j] = d;
			least = d < least ? d : least;
		}
		if (least > most + 1) /* swapped neighbours reach back over one row */
			return least;
		two = one;
		one = now;
		now = spare;
	}
	return one[b->n];
}

/* False: they are not near each other. */
static bool is_near(const struct word *a, const struct word *b, size_t *ret)
{
	const size_t most = leeway(a);

	if (!b->n || a->n > b->n + most || b->n > a->n + most || bits(a->seen ^ b->seen) > 2 * most)
		return false;
	*ret = distance(a, b, most);
	return *ret <= most;
}

static bool same_but_case(const char *a, const char *b, size_t n_b)
{
	const char *end_a = a + strlen(a), *end_b = b + n_b;
	uint32_t x, y;

	while (a < end_a && b < end_b) {
		a += text_decode(a, (size_t)(end_a - a), &x);
		b += text_decode(b, (size_t)(end_b - b), &y);
		if (text_lower(x) != text_lower(y))
			return false;
	}
	return a == end_a && b == end_b;
}

static void offer(struct hunt *h, const char *at, size_t len, size_t far)
{
	struct nearest *r = h->ret;

	if (far > h->best)
		return;
	if (far < h->best)
		nearest_release(r);
	h->best = far;
	for (size_t i = 0; i < r->n; i++)
		if (same_but_case(r->name[i], at, len))
			return;
	if (r->n == NEAREST_MAX)
		r->more = true;
	else
		r->name[r->n++] = xstrndup(at, len);
}

static void join(struct word *w, const struct word *next)
{
	for (size_t i = 0; i < next->n; i++)
		add_letter(w, next->letter[i]);
	w->len = (size_t)(next->at + next->len - w->at);
}

/* Words beside each other in the name which, without what is between them, are the text without it. A slip is let pass only
 * where the text has nothing between: else its short words could be others. */
static void look_at_run(struct hunt *h, const struct word *word, size_t n)
{
	const size_t most = leeway(h->run);

	for (size_t i = 0; i < n; i++) {
		struct word run = word[i];

		for (size_t k = i, far; run.n && run.n <= h->run->n + most && run.n <= LETTERS_MAX; join(&run, &word[k])) {
			if (is_near(h->run, &run, &far) && (!far || h->n == 1))
				offer(h, run.at, run.len, far);
			if (++k == n || !word[k].n)
				break;
		}
	}
}

/* Words beside each other in the name, one for each of the text. */
static void look_at(struct hunt *h, const char *name)
{
	struct word word[NAME_WORDS];
	size_t n = 0, far, one, k;

	while (n < NAME_WORDS && next_word(&name, &word[n]))
		n++;
	if (h->run) {
		look_at_run(h, word, n);
		return;
	}
	for (size_t i = 0; i + h->n <= n; i++) {
		far = 0;
		for (k = 0; k < h->n && is_near(&h->word[k], &word[i + k], &one); k++)
			far += one;
		if (k == h->n)
			offer(h, word[i].at, (size_t)(word[i + k - 1].at + word[i + k - 1].len - word[i].at), far);
	}
}

/* False: cancelled. */
static bool look_at_all(const struct graph *g, struct hunt *h)
{
	const char *owner = "";

	h->best = SIZE_MAX;
	for (uint32_t i = 0; i < g->ca.n; i++) {
		const struct ca *ca = &g->ca.v[i];

		if (i % LOOKED_A_LOOK == 0 && h->cancelled && h->cancelled(h->ctx))
			return false;
		look_at(h, ca->name);
		if (strcmp(ca->owner, owner) != 0)
			look_at(h, owner = ca->owner);
	}
	return true;
}

/* Has some name or owner it? False: cancelled. */
static bool look_for(const struct graph *g, const struct hunt *h, const char *text, bool *ret)
{
	*ret = false;
	for (uint32_t i = 0; i < g->ca.n && !*ret; i++) {
		if (i % LOOKED_A_LOOK == 0 && h->cancelled && h->cancelled(h->ctx))
			return false;
		*ret = text_contains(g->ca.v[i].name, text) || text_contains(g->ca.v[i].owner, text);
	}
	return true;
}

/* Where the words are not all together anywhere: the longest one that something has, or what is near the longest. */
static bool look_for_one(const struct graph *g, struct hunt *h, const struct word *words, size_t n)
{
	bool tried[WORDS_MAX] = { false }, there = false;

	for (size_t times = 0; times < TRIED; times++) {
		size_t at = n;
		char *text;

		for (size_t i = 0; i < n; i++)
			if (!tried[i] && leeway(&words[i]) && (at == n || words[i].n > words[at].n))
				at = i;
		if (at == n)
			return true;
		tried[at] = true;
		text = xstrndup(words[at].at, words[at].len);
		if (!look_for(g, h, text, &there) || there) {
			h->ret->word = text;
			return there;
		}
		free(text);
		h->word = &words[at];
		h->n = 1;
		if (!times && !look_at_all(g, h))
			return false;
		if (h->ret->n)
			return true;
	}
	return true;
}

static bool is_fingerprint(const char *text)
{
	struct strbuf hex = STRBUF_INIT;
	size_t digits = strspn(text, "0123456789abcdefABCDEF");
	bool is = pasted_hex(text, &hex) || (digits >= PREFIX_DIGITS && !text[digits]);

	strbuf_release(&hex);
	return is;
}

/* "letsencrypt" for "Let's Encrypt". False: cancelled. */
static bool look_for_run(const struct graph *g, struct hunt *h)
{
	struct word run = h->word[0];
	bool whole;

	for (size_t i = 1; i < h->n; i++)
		join(&run, &h->word[i]);
	if (run.n > LETTERS_MAX)
		return true;
	h->run = &run;
	whole = look_at_all(g, h);
	h->run = NULL;
	return whole;
}

bool nearest_find(const struct graph *g, const char *text, bool (*cancelled)(void *ctx), void *ctx, struct nearest *ret)
{
	struct word word[WORDS_MAX], rest;
	struct hunt h = { .word = word, .ret = ret, .cancelled = cancelled, .ctx = ctx };
	size_t letters = 0;
	bool whole;

	*ret = (struct nearest){ .n = 0 };
	if (is_fingerprint(text) || pasted_crtsh_number(text))
		return true;
	while (h.n < WORDS_MAX && next_word(&text, &word[h.n]))
		letters += word[h.n++].n;
	if (letters < LETTERS_LEAST || next_word(&text, &rest))
		return true;
	whole = look_at_all(g, &h);
	if (whole && !ret->n)
		whole = look_for_run(g, &h);
	if (whole && !ret->n && h.n > 1)
		whole = look_for_one(g, &h, word, h.n);
	if (!whole)
		nearest_release(ret);
	return whole;
}

void nearest_release(struct nearest *n)
{
	for (size_t i = 0; i < n->n; i++)
		free(n->name[i]);
	free(n->word);
	*n = (struct nearest){ .n = 0 };
}
