/* The language of the filter: words, all of which must fit.
 *
 *	struct filter f = {0};
 *	filter_parse(&f, "owner:\"Alder Trust\" issued>1000 expired", &err);
 *	filter_fit(&f, &model, ca) == FITS
 *	filter_release(&f); */
#ifndef TUI_FILTER_H
#define TUI_FILTER_H

#include "tui/model.h"

struct filter_term;
struct filter {
	VEC(struct filter_term) term; /* none: everything fits */
	char *text;                   /* as it was typed */
};
/* Where in the text something is wrong, in bytes. */
struct filter_place {
	size_t at, len;
	bool unfinished; /* a value is still to come */
};
/* On an error *f stays as it was, and *place (or NULL) says where. */
int filter_parse(struct filter *f, const char *text, struct filter_place *place, struct err *err);
/* What the index does not tell is no answer: neither the word nor its negation fits then. */
enum fit { FITS_NOT, FITS, FIT_UNKNOWN };
enum fit filter_fit(const struct filter *f, const struct model *m, uint32_t ca);
/* Nothing fits it without marks. */
bool filter_asks_marks(const struct filter *f);
/* A CA whose owner nobody tells, and which would fit if what its name and subject have were its owner: it may be that one's. */
bool filter_may_own(const struct filter *f, const struct model *m, uint32_t ca);
/* A word of it that nothing has, and so leaves nothing, or with '!' everything.
 *
 *	filter_vain(&f, &model, &v);
 *	filter_vain_say(&v, false, &text);    // "no CA has 'expird'; did you mean 'expired'?"
 *	filter_vain_release(&v); */
struct filter_vain {
	const char *what; /* has it not: "CA", "owner" */
	char *word;       /* NULL: there is none */
	char *near;       /* what it nearly is, or NULL */
	struct filter_place place;
};
/* The first one that looks for a text, and that no CA has. */
void filter_vain(const struct filter *f, const struct model *m, struct filter_vain *ret);
/* first: a sentence begins. */
void filter_vain_say(const struct filter_vain *v, bool first, struct strbuf *out);
void filter_vain_release(struct filter_vain *v);
/* Words of which one may nearly be a text, whatever letters are small; the last call releases them. */
struct filter_nearly {
	VEC(char *) small;
	VEC(char *) word;
};
void filter_nearly_offer(struct filter_nearly *n, const char *word);
void filter_nearly_offer_words(struct filter_nearly *n); /* those of this language */
/* Heap, or NULL. */
char *filter_nearly_take(struct filter_nearly *n, const char *text);
/* The words that begin as the last one of the text does, "owner: expired"; nothing when it is empty or complete. */
void filter_suggest(const char *text, struct strbuf *out);
/* What the last word of a text may go on as: words are offered one by one, and the part that all have is appended. */
struct filter_ends {
	const char *typed; /* the end of the text that is completed */
	const char *first;
	size_t len; /* bytes of first that all have which were offered and begin so */
};
/* False: nothing is completed here, as in quotes. */
bool filter_ends_begin(struct filter_ends *e, const char *text);
void filter_ends_offer(struct filter_ends *e, const char *word);
/* Those of this language. */
void filter_ends_words(struct filter_ends *e);
/* The text as far as it can be completed; true when it is another then. */
bool filter_ends_take(const struct filter_ends *e, const char *text, struct strbuf *out);
/* The four of them. */
bool filter_complete(const char *text, struct strbuf *out);
/* Is the last word only the beginning of one of the language? */
bool filter_begins(const char *text);
/* What of a wrong text was right before its wrong word, heap; NULL: nothing. */
char *filter_right_part(const char *text, const struct filter_place *wrong);
void filter_release(struct filter *f);
/* The words of the language with their meaning, for the help; NULL after the last. */
const char *filter_help(size_t i, const char **word);
/* Cuts the next blank-separated word, quotes taken away; false at the end. *quoted: it begins with one. */
bool filter_next_word(const char **s, struct strbuf *word, bool *quoted);
/* The one that is being typed, without a '!'. */
const char *filter_last_word(const char *text);

#endif
