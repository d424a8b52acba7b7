/* Commands as a table. A command is one row: its name, what it takes, its
 * options, the columns that it writes and the words of its manual. From the row
 * come the parser, `--help`, `canopy help COMMAND` and the manual page, so they
 * cannot drift apart. The rows are gathered in commands.c:
 *
 *	const struct command *c = command_find("counts");
 *	opt_parse(c->options, &cli.args, argc, argv, &cli.operands, &err);
 *	c->run(&cli, &err);                // 0, or -1 with the exit code in err */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stddef.h>

#include "base/err.h"
#include "base/opt.h"
#include "cli/out.h"
#include "index/index.h"
#include "tui/tui.h"

/* What the options of all commands fill in; a command reads those of its own table. */
struct args {
	const char *db, *format, *program, *purpose, *store, *revocation, *scenario, *theme, *by, *progress, *basis, *beside;
	struct opt_date as_of, source_date, since;
	struct str_list mark, stage, exempt, assume, url, kind, log, names, ca, exact;
	struct opt_number chrome_version, until, to, max_entries, jobs, from, broken_from;
	bool help, quiet, no_color, subtree, problems, force, list, all, unexpired, ascii, utf8, plain, mouse, roff, offline,
		completion, unverified, sites, only_here, use, rebuild, compact, exit_code, why_kept, suggest, days, dry_run, lost, report;
};

/* One run of the program. */
struct cli {
	const struct command *command;
	struct args args;
	struct str_list operands;
	enum format format;
	struct style style;
	int32_t day;
	char *db_path;
	struct index *index; /* opened by cli_open */
	const struct graph *graph;
	struct index_stats stats;
	struct strbuf line;       /* the command line, for reports */
	struct strbuf candidates; /* of an ambiguous REF, shown below the error */
	int status;               /* exit code of a run that did its work: 0, or 1 for an answer of "no" */
};

/* A part of a long manual, under a heading of its own. */
struct help_part {
	const char *title; /* NULL ends a table */
	const char *text;  /* as the manual's */
};

struct command {
	const char *name;
	const char *operands; /* as the synopsis writes them, "" for none */
	const char *summary;  /* one line, lower case, no full stop */
	size_t min_operands, max_operands;
	const struct opt *options;
	const struct column *columns; /* NULL when it writes no rows */
	const char *text; /* the manual: paragraphs, an empty line between; indented lines stay as they are */
	const struct help_part *parts; /* what follows it, NULL without */
	/* The values of one option, where another folder has the table of them: name and help of the i-th, false past
	 * the end. */
	const char *values_of; /* name of the option, NULL without */
	bool (*value)(size_t i, const char **name, const char **help);
	/* The keys of a command that has any, as tui_key_row() gives them, those of a view together; NULL without. */
	bool (*key)(size_t i, struct tui_key *ret);
	int (*run)(struct cli *c, struct err *err);
};
const struct command *const *command_all(size_t *n);
const struct command *command_find(const char *name);
/* "unknown command 'x'; did you mean 'y'?", ERR_USAGE */
int command_unknown(const char *name, struct err *err);

#define ANY_OPERANDS ((size_t)-1)

extern const struct command command_browse, command_check, command_counts, command_demo, command_diff, command_export, command_fetch,
	command_help, command_impact, command_import, command_index, command_leaves, command_scenario, command_show, command_sources,
	command_tree;

/* Options that several commands share. */
#define ARG(field) offsetof(struct args, field)
#define OPTION_DB                                                                                                      \
	{                                                                                                              \
		0, "db", OPT_STR, "FILE", "the index; otherwise $CANOPY_DB, else $XDG_DATA_HOME/canopy/canopy.db",     \
			ARG(db), NULL                                                                                  \
	}
#define OPTION_AS_OF                                                                                                   \
	{                                                                                                              \
		0, "as-of", OPT_DATE, "YYYY-MM-DD", "answer for this UTC day (default: today)", ARG(as_of), NULL       \
	}
#define OPTION_FORMAT(choices)                                                                                         \
	{                                                                                                              \
		0, "format", OPT_CHOICE, choices, "how the answer is written (default: table)", ARG(format), choices   \
	}
#define OPTION_PROGRAM(help)                                                                                           \
	{                                                                                                              \
		0, "program", OPT_STR, "P", help, ARG(program), NULL                                                   \
	}
#define OPTION_PURPOSE                                                                                                 \
	{                                                                                                              \
		0, "purpose", OPT_CHOICE, "tls|email", "what the certificates are for (default: tls)", ARG(purpose),   \
			"tls|email"                                                                                    \
	}
#define OPTION_CHROME_VERSION                                                                                          \
	{                                                                                                              \
		0, "chrome-version", OPT_NUMBER, "N", "Chrome's rules are those for this major version (default: the " \
			"newest)", ARG(chrome_version), NULL                                                           \
	}
#define OPTION_THEME                                                                                                   \
	{                                                                                                              \
		0, "theme", OPT_CHOICE, "off|dark|light|contrast", "colours (default: CANOPY_THEME, else dark)",      \
			ARG(theme), "off|dark|light|contrast"                                                         \
	}
#define OPTION_NO_COLOR                                                                                                \
	{                                                                                                              \
		0, "no-color", OPT_FLAG, NULL, "no emphasis on a terminal, as NO_COLOR in the environment",            \
			ARG(no_color), NULL                                                                            \
	}
#define OPTION_QUIET                                                                                                   \
	{                                                                                                              \
		'q', "quiet", OPT_FLAG, NULL, "nothing on stderr but errors", ARG(quiet), NULL                         \
	}
#define OPTION_HELP                                                                                                    \
	{                                                                                                              \
		'h', "help", OPT_FLAG, NULL, "this text", ARG(help), NULL                                              \
	}
/* clang-format off */
#define OPTIONS_SCENARIO                                                                                               \
	{ 0, "mark", OPT_LIST, "REF=ACTION[@DATE]", "remove, block, revoke, distrust-after@DATE or "                   \
		"sct-not-after@DATE; may be repeated", ARG(mark), NULL },                                              \
	{ 0, "stage", OPT_LIST, "DATE:REF=ACTION[@DATE]", "a mark that is in force from DATE on; may be repeated",           \
		ARG(stage), NULL },                                                                                    \
	{ 0, "exempt", OPT_LIST, "REF", "paths through that CA are left out of the actions; may be repeated",          \
		ARG(exempt), NULL },                                                                                   \
	{ 0, "assume", OPT_LIST, "REF", "that certificate is an anchor beforehand; may be repeated",                   \
		ARG(assume), NULL },                                                                                   \
	{ 0, "revocation", OPT_CHOICE, "enforced|all|none", "which revocations count (default: enforced)",             \
		ARG(revocation), "enforced|all|none" },                                                                \
	{ 0, "scenario", OPT_STR, "NAME|FILE", "take marks and the rest from this file, or this scenario that is "      \
		"kept, first", ARG(scenario), NULL }
/* clang-format on */

#define ROW_FORMATS "table|csv|json|ndjson|md"

#endif
