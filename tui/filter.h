/* The language of the filter: words, all of which must fit.
 *
 *	struct filter f = {0};
 *	filter_parse(&f, "owner:\"Alder Trust\" issued>1000 expired", &err);
 *	filter_match(&f, &model, ca);
 *	filter_release(&f); */
#ifndef TUI_FILTER_H
#define TUI_FILTER_H

#include "tui/model.h"

struct filter_term;
struct filter {
	VEC(struct filter_term) term; /* none: everything fits */
	char *text;                   /* as it was typed */
};
/* On an error *f stays as it was. */
int filter_parse(struct filter *f, const char *text, struct err *err);
bool filter_match(const struct filter *f, const struct model *m, uint32_t ca);
void filter_release(struct filter *f);
/* The words of the language with their meaning, for the help; NULL after the last. */
const char *filter_help(size_t i, const char **word);
/* Cuts the next blank-separated word, quotes taken away; false at the end. */
bool filter_next_word(const char **s, struct strbuf *word);

#endif
