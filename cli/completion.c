#include <stdlib.h>
#include <string.h>

#include "cli/export.h"
#include "cli/help.h"
#include "fetch/sources.h"

/* The values that an option or an operand takes, by what its help calls them. */
enum words { WORDS_NONE, WORDS_FILES, WORDS_COMMANDS, WORDS_SOURCES, WORDS_PROGRAMS, WORDS_PARTS, WORDS_EXPORTS };
static const struct meaning {
	const char *arg;
	enum words words;
} meanings[] = {
	{ "FILE", WORDS_FILES },
	{ "[PATH…]", WORDS_FILES },
	{ "[SOURCE…]", WORDS_SOURCES },
	{ "[COMMAND|TOPIC]", WORDS_COMMANDS },
	{ "P", WORDS_PROGRAMS },
	{ "NAME|FILE", WORDS_FILES },
	{ "OLD.db NEW.db|DATE1 DATE2", WORDS_FILES },
	{ "list|show|save|load|delete [NAME|FILE [NAME]]", WORDS_PARTS },
	{ EXPORT_OPERAND, WORDS_EXPORTS },
};

static enum words words_of(const char *arg)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++) {
		if (arg && strcmp(meanings[i].arg, arg) == 0)
			return meanings[i].words;
	}
	return WORDS_NONE;
}

static const char head[] =
	"# bash completion for canopy(1), made by 'canopy help --completion'\n"
	"_canopy_files()\n"
	"{\n"
	"\tlocal word\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"\twhile IFS= read -r word; do\n"
	"\t\tCOMPREPLY+=(\"$word\")\n"
	"\tdone < <(compgen -f -- \"$1\")\n"
	"}\n\n"
	"# _canopy_value COMMAND OPTION WORD: false when the option takes no value\n"
	"_canopy_value()\n"
	"{\n"
	"\tlocal words=\n\n"
	"\tcase \"$1 $2\" in\n";

static const char middle[] =
	"\t*) return 1 ;;\n"
	"\tesac\n"
	"\tCOMPREPLY=($(compgen -W \"$words\" -- \"$3\"))\n"
	"\treturn 0\n"
	"}\n\n"
	"# _canopy_words COMMAND WORD\n"
	"_canopy_words()\n"
	"{\n"
	"\tlocal options= operands=\n\n"
	"\tcase $1 in\n";

static const char tail[] =
	"\tesac\n"
	"\tif [[ $2 == -* ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$2\"))\n"
	"\telif [[ $operands == FILES ]]; then\n"
	"\t\t_canopy_files \"$2\"\n"
	"\telse\n"
	"\t\tCOMPREPLY=($(compgen -W \"$operands\" -- \"$2\"))\n"
	"\tfi\n"
	"}\n\n"
	"_canopy()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} at=$((COMP_CWORD - 1)) command=${COMP_WORDS[1]}\n\n"
	"\tCOMPREPLY=()\n"
	"\t# --option=value comes as three words\n"
	"\tif [[ $cur == = ]]; then\n"
	"\t\tcur=\n"
	"\telif [[ ${COMP_WORDS[at]} == = ]]; then\n"
	"\t\tat=$((at - 1))\n"
	"\tfi\n"
	"\tif [[ $COMP_CWORD -eq 1 && $cur != -* ]]; then\n"
	"\t\tcommand=\n"
	"\telif [[ $command == -* ]]; then\n"
	"\t\tcommand=browse\n"
	"\tfi\n"
	"\tif [[ ${COMP_WORDS[at]} == -* && $at -ge 1 ]]; then\n"
	"\t\t_canopy_value \"$command\" \"${COMP_WORDS[at]}\" \"$cur\" && return\n"
	"\tfi\n"
	"\t_canopy_words \"$command\" \"$cur\"\n"
	"}\n"
	"complete -F _canopy canopy\n";

/* ---- lists of words, a blank before each but the first ---- */

static void add_word(struct strbuf *out, const char *word)
{
	if (out->len)
		strbuf_addch(out, ' ');
	strbuf_addstr(out, word);
}

static void add_choices(struct strbuf *out, const char *choices)
{
	for (; *choices; choices += strspn(choices, "|")) {
		size_t n = strcspn(choices, "|");

		if (out->len)
			strbuf_addch(out, ' ');
		strbuf_add(out, choices, n);
		choices += n;
	}
}

/* What stands before the first blank. */
static void add_parts(struct strbuf *out, const char *operands)
{
	char *parts = xstrndup(operands, strcspn(operands, " "));

	add_choices(out, parts);
	free(parts);
}

static void add_commands(struct strbuf *out)
{
	size_t n;
	const struct command *const *all = command_all(&n);

	for (size_t i = 0; i < n; i++)
		add_word(out, all[i]->name);
}

static void add_words(struct strbuf *out, enum words words)
{
	static const char *const programs[] = { "mozilla", "chrome", "apple", "microsoft" };

	if (words == WORDS_COMMANDS)
		add_commands(out);
	for (size_t i = 0; words == WORDS_SOURCES && source_at(i); i++)
		add_word(out, source_at(i)->name);
	for (size_t i = 0; words == WORDS_PROGRAMS && i < sizeof(programs) / sizeof(*programs); i++)
		add_word(out, programs[i]);
	for (size_t i = 0; words == WORDS_EXPORTS && export_name(i); i++)
		add_word(out, export_name(i));
}

static void add_values(struct strbuf *out, const struct command *c, const struct opt *o)
{
	const char *name, *help;

	if (o->choices)
		add_choices(out, o->choices);
	else
		add_words(out, words_of(o->arg));
	if (!c->values_of || strcmp(c->values_of, o->name) != 0)
		return;
	for (size_t i = 0; c->value(i, &name, &help); i++)
		add_word(out, name);
}

/* ---- cases ---- */

static void value_case(struct strbuf *out, const struct command *c, const struct opt *o)
{
	struct strbuf words = STRBUF_INIT;

	if (!o->arg)
		return;
	add_values(&words, c, o);
	strbuf_addf(out, "\t'%s --%s') ", c->name, o->name);
	if (words_of(o->arg) == WORDS_FILES)
		strbuf_addstr(out, "_canopy_files \"$3\"; return 0 ;;\n");
	else
		strbuf_addf(out, "words='%s' ;;\n", words.buf);
	strbuf_release(&words);
}

static void command_case(struct strbuf *out, const struct command *c)
{
	struct strbuf words = STRBUF_INIT;
	enum words operands = words_of(c->operands);

	strbuf_addf(out, "\t%s)\n\t\toptions='", c->name);
	for (const struct opt *o = c->options; o->name || o->letter; o++) {
		if (o->name)
			strbuf_addf(out, "%s--%s", o == c->options ? "" : " ", o->name);
	}
	strbuf_addstr(out, "'\n");
	add_words(&words, operands);
	if (operands == WORDS_PARTS)
		add_parts(&words, c->operands);
	if (operands == WORDS_FILES)
		strbuf_addstr(out, "\t\toperands=FILES\n");
	else if (words.len)
		strbuf_addf(out, "\t\toperands='%s'\n", words.buf);
	if (operands == WORDS_PARTS)
		strbuf_addstr(out, "\t\t[[ $COMP_CWORD -le 2 ]] || operands=FILES\n");
	strbuf_addstr(out, "\t\t;;\n");
	strbuf_release(&words);
}

void help_completion(struct strbuf *out)
{
	size_t n;
	const struct command *const *all = command_all(&n);
	struct strbuf commands = STRBUF_INIT;

	strbuf_addstr(out, head);
	for (size_t i = 0; i < n; i++) {
		for (const struct opt *o = all[i]->options; o->name || o->letter; o++)
			value_case(out, all[i], o);
	}
	strbuf_addstr(out, middle);
	add_commands(&commands);
	strbuf_addf(out, "\t'') operands='%s' ;;\n", commands.buf);
	for (size_t i = 0; i < n; i++)
		command_case(out, all[i]);
	strbuf_addstr(out, tail);
	strbuf_release(&commands);
}
