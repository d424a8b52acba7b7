/* Options of a command as a table. From one row come the parser, --help, the
 * manual page and the shell completion:
 *
 *	struct args { const char *db; bool quiet; };
 *	static const struct opt opts[] = {
 *		{ 0, "db", OPT_STR, "FILE", "the index", offsetof(struct args, db), NULL },
 *		{ 'q', "quiet", OPT_FLAG, NULL, "no messages", offsetof(struct args, quiet), NULL },
 *		OPT_END };
 *
 * Understands --name VALUE, --name=VALUE, -x VALUE, --no-name only where the table has it, "--"
 * ends options; options and operands may be mixed. Unambiguous prefixes are not accepted. argv holds the arguments
 * alone, without the names of program and command; where an option is repeated the last one holds (but OPT_LIST). */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"

enum opt_kind {
	OPT_FLAG,   /* bool */
	OPT_STR,    /* const char * (borrowed from argv) */
	OPT_LIST,   /* struct str_list, may be repeated */
	OPT_DATE,   /* struct opt_date */
	OPT_NUMBER, /* struct opt_number */
	OPT_CHOICE, /* const char *, one of `choices` separated by '|' */
};
struct str_list {
	const char **v;
	size_t n, cap;
};
struct opt_date {
	bool set;
	int32_t day;
};
struct opt_number {
	bool set;
	uint64_t n;
};
struct opt {
	char letter; /* 0 = none */
	const char *name;
	enum opt_kind kind;
	const char *arg; /* what the help calls the value; NULL for flags */
	const char *help;
	size_t offset; /* in the caller's struct */
	const char *choices;
};
#define OPT_END                                                                                                        \
	{                                                                                                              \
		0, NULL, OPT_FLAG, NULL, NULL, 0, NULL                                                                 \
	}

/* Fills *into and collects operands. Errors are ERR_USAGE and name the argument:
 * "unknown option '--foo'", "option '--as-of' needs a value",
 * "'2026-13-01' is no date (YYYY-MM-DD) for '--as-of'". A misspelt option gets "; did you mean '--…'?". */
int opt_parse(
	const struct opt *table, void *into, int argc, char *const *argv, struct str_list *operands, struct err *err);
/* "  -q, --quiet            no messages\n" lines, wrapped at 79 columns. */
void opt_help(const struct opt *table, struct strbuf *out);
/* Smallest edit distance among the table's names (<= 2), or NULL; for commands too. Where none is near, among the words that
 * names with a '-' begin with. */
const char *opt_nearest(const char *word, const char *const *names, size_t n);

#endif
