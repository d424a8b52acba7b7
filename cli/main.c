#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "cli/cli.h"
#include "cli/help.h"

/* ---- the command line, as a report repeats it ---- */

static void add_argument(struct strbuf *out, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/=:@,+%";

	if (*s && strspn(s, plain) == strlen(s)) {
		strbuf_addstr(out, s);
		return;
	}
	strbuf_addch(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			strbuf_addstr(out, "'\\'");
		strbuf_addch(out, *s);
	}
	strbuf_addch(out, '\'');
}

/* The day is written out: today's answer must be reproducible tomorrow. */
static void make_line(struct cli *c, int argc, char *const *argv)
{
	char date[DATE_BUF];

	strbuf_addf(&c->line, "canopy %s", c->command->name);
	for (int i = 0; i < argc; i++) {
		strbuf_addch(&c->line, ' ');
		add_argument(&c->line, argv[i]);
	}
	if (!c->args.as_of.set)
		strbuf_addf(&c->line, " --as-of %s", date_format(date, c->day));
}

/* ---- how it looks ---- */

static bool env_given(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static void make_style(struct cli *c)
{
	const char *term = getenv("TERM");
	bool tty = isatty(STDOUT_FILENO);

	if (env_given("NO_COLOR"))
		c->args.no_color = true;
	c->style.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	c->style.ascii_only = tty && !c->style.utf8;
	c->style.bold = tty && !c->args.no_color && term && strcmp(term, "dumb") != 0;
}

static void make_format(struct cli *c)
{
	c->format = FORMAT_TABLE;
	for (int i = 0; c->args.format && i < FORMATS; i++) {
		if (strcmp(format_names[i], c->args.format) == 0)
			c->format = (enum format)i;
	}
}

/* ---- one run ---- */

static int check_operands(const struct cli *c, struct err *err)
{
	const struct command *cmd = c->command;

	if (c->operands.n > cmd->max_operands) {
		const char *extra = c->operands.v[cmd->max_operands];

		if (cmd == &command_browse && command_find(extra))
			return err_set(err, ERR_USAGE, "options come after the command: 'canopy %s …'", extra);
		return err_set(err, ERR_USAGE, "'%s' takes no operand '%s'", cmd->name, extra);
	}
	if (c->operands.n < cmd->min_operands)
		return err_set(err, ERR_USAGE, "'%s' needs %s", cmd->name, cmd->operands);
	return 0;
}

/* "canopy --db FILE counts --format csv": the browser has no --format, but that is not what is wrong. */
static int misplaced(const struct cli *c, int argc, char *const *argv, struct err *err)
{
	for (int i = 0; c->command == &command_browse && i < argc; i++)
		if (command_find(argv[i]))
			return err_set(err, ERR_USAGE, "options come after the command: 'canopy %s …'", argv[i]);
	return -1;
}

static int run_command(struct cli *c, int argc, char *const *argv, struct err *err)
{
	struct strbuf text = STRBUF_INIT;

	if (opt_parse(c->command->options, &c->args, argc, argv, &c->operands, err) < 0)
		return misplaced(c, argc, argv, err);
	if (c->args.help) {
		help_command(c->command, &text);
		fputs(text.buf, stdout);
		strbuf_release(&text);
		return 0;
	}
	if (check_operands(c, err) < 0)
		return -1;
	make_style(c);
	make_format(c);
	c->day = c->args.as_of.set ? c->args.as_of.day : date_today();
	c->db_path = c->args.db ? xstrdup(c->args.db) : index_default_path();
	if (!*c->db_path)
		return err_set(err, ERR_USAGE, "'--db' needs the name of a file");
	make_line(c, argc, argv);
	if (c->command->run(c, err) < 0)
		return -1;
	/* stores are read when they are asked for: an answer without one that could not be read is none */
	return c->graph ? index_read_error(c->index, err) : 0;
}

/* A full disk is an error like any other; a reader that went away has seen what it wanted. */
static int finish_stdout(struct err *err)
{
	bool failed = ferror(stdout);

	errno = 0;
	if (fflush(stdout) == 0 && !failed)
		return 0;
	if (errno == EPIPE)
		return err_set(err, ERR_INDEX, "%s", "");
	if (!errno)
		return err_set(err, ERR_INDEX, "cannot write to stdout");
	return err_errno(err, ERR_INDEX, "cannot write to stdout");
}

static int run_program(struct cli *c, int argc, char *const *argv, struct err *err)
{
	const char *first = argc > 1 ? argv[1] : "";

	if (strcmp(first, "--version") == 0) {
		puts("canopy " CANOPY_VERSION);
		return 0;
	}
	if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
		c->command = &command_help;
		return run_command(c, 0, argv, err);
	}
	if (!*first || *first == '-') {
		c->command = &command_browse;
		return run_command(c, argc > 1 ? argc - 1 : 0, argv + 1, err);
	}
	c->command = command_find(first);
	if (!c->command)
		return command_unknown(first, err);
	return run_command(c, argc - 2, argv + 2, err);
}

int main(int argc, char **argv)
{
	struct cli c = { .line = STRBUF_INIT, .candidates = STRBUF_INIT };
	struct err err = { 0 };
	int status = 0;

	setlocale(LC_CTYPE, "");
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
	if (run_program(&c, argc, argv, &err) < 0)
		status = cli_fail(&c, &err);
	else
		status = c.status;
	if (finish_stdout(&err) < 0 && status <= ERR_ANSWER_NO)
		status = *err.msg ? cli_fail(&c, &err) : (int)err.kind;
	cli_release(&c);
	return status;
}
