#include "cli/help.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

#define WIDTH 79
#define NAME_COLUMN 12
#define COLUMN_COLUMN 20
#define OVERVIEW                                                                                                       \
	"Options come after the command. 'canopy COMMAND --help' lists them, 'canopy help COMMAND' opens its manual, " \
	"'canopy --version' tells the version."

const char help_tagline[] = "browse the CAs of the Web PKI and see what depends on them";

const struct help_section help_sections[] = {
	{
		.title = "REF",
		.text = "A REF names a CA or a certificate. It is a certificate's SHA-256 or SHA-1 fingerprint, a "
			"ca_id, or an unambiguous prefix of one with at least 8 digits; spki:HEX, the SHA-256 of a "
			"public key; ski:HEX; crtsh:ID; owner:NAME, all CAs of that owner; a CA's exact name; or text "
			"that is found in exactly one CA's name. An ambiguous REF lists the candidates.",
	},
	{
		.title = "Output",
		.text = "The answer goes to stdout, progress and messages to stderr. The format table is for people; "
			"csv, json, ndjson and md are stable: columns are only added at the end, JSON keys and CSV "
			"columns have the same names. Days are YYYY-MM-DD and times RFC 3339, both UTC; fingerprints "
			"and hashes are lower-case hex.",
	},
	{
		.title = "Environment",
		.text = "CANOPY_DB is the index when --db is not given. XDG_DATA_HOME, XDG_CACHE_HOME and "
			"XDG_CONFIG_HOME move the folders below. NO_COLOR turns emphasis and colours off. LC_ALL, "
			"LC_CTYPE and LANG tell whether the terminal shows UTF-8. CANOPY_DEMO is the folder of the "
			"demo's files.",
	},
	{
		.title = "Files",
		.text = "$XDG_DATA_HOME/canopy/canopy.db is the index, one SQLite file. Other programs may read it at "
			"any time; its views whose names begin with v_ are stable. $XDG_CACHE_HOME/canopy holds what "
			"was downloaded, $XDG_CONFIG_HOME/canopy/config the sources' addresses.",
	},
	{
		.title = "Exit status",
		.text = "0: done. 1: the answer is no, or there are findings. 2: bad usage, also an unknown or "
			"ambiguous REF and a program without a store. 3: a file was rejected. 4: a source failed. 5: "
			"the index cannot be read or written, or the answer cannot be written.",
	},
	{ NULL, NULL },
};

/* ---- paragraphs ---- */

void help_paragraphs(const char *text, void (*each)(void *ctx, const char *s, size_t n, bool example), void *ctx)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t n = end ? (size_t)(end - text) : strlen(text);

		each(ctx, text, n, *text == ' ');
		text += n + (end ? 2 : 0);
	}
}

struct filler {
	struct strbuf *out;
	int indent, column;
};

static void put_word(struct filler *f, const char *word)
{
	int width = text_width(word);

	if (f->column > f->indent && f->column + 1 + width > WIDTH) {
		strbuf_addf(f->out, "\n%*s", f->indent, "");
		f->column = f->indent;
	} else if (f->column > f->indent) {
		strbuf_addch(f->out, ' ');
		f->column++;
	}
	strbuf_addstr(f->out, word);
	f->column += width;
}

/* Words of s from the column `indent` on, where the line already stands. */
static void fill(struct strbuf *out, const char *s, size_t n, int indent)
{
	struct filler f = { out, indent, indent };
	char *copy = xstrndup(s, n), *rest = copy, *word;

	while ((word = strsep(&rest, " \n"))) {
		if (*word)
			put_word(&f, word);
	}
	strbuf_addch(out, '\n');
	free(copy);
}

static void add_paragraph(void *ctx, const char *s, size_t n, bool example)
{
	struct strbuf *out = ctx;

	strbuf_addch(out, '\n');
	if (!example) {
		fill(out, s, n, 0);
		return;
	}
	strbuf_add(out, s, n);
	strbuf_addch(out, '\n');
}

static void add_named(struct strbuf *out, const char *name, const char *text, int column)
{
	strbuf_addf(out, "  %-*s ", column - 3, name);
	if ((int)strlen(name) > column - 3)
		strbuf_addf(out, "\n%*s", column, "");
	fill(out, text, strlen(text), column);
}

/* ---- texts ---- */

void help_overview(struct strbuf *out)
{
	size_t n;
	const struct command *const *all = command_all(&n);

	strbuf_addf(out, "canopy: %s\n\nusage: canopy [COMMAND] [options] [operands]\n\n", help_tagline);
	for (size_t i = 0; i < n; i++)
		add_named(out, all[i]->name, all[i]->summary, NAME_COLUMN);
	strbuf_addch(out, '\n');
	fill(out, OVERVIEW, strlen(OVERVIEW), 0);
	for (const struct help_section *s = help_sections; s->title; s++) {
		strbuf_addf(out, "\n%s\n\n", s->title);
		fill(out, s->text, strlen(s->text), 0);
	}
}

void help_command(const struct command *c, struct strbuf *out)
{
	strbuf_addf(out, "usage: canopy %s [options]%s%s\n\n", c->name, *c->operands ? " " : "", c->operands);
	fill(out, c->summary, strlen(c->summary), 0);
	help_paragraphs(c->text, add_paragraph, out);
	strbuf_addstr(out, "\nOptions\n\n");
	opt_help(c->options, out);
	if (!c->columns)
		return;
	strbuf_addstr(out, "\nColumns\n\n");
	for (const struct column *k = c->columns; k->name; k++)
		add_named(out, k->name, k->help, COLUMN_COLUMN);
}

/* ---- the command ---- */

static const struct opt options[] = {
	{ 0, "roff", OPT_FLAG, NULL, "the source of the manual page (mdoc)", ARG(roff), NULL },
	OPTION_HELP,
	OPT_END,
};

static void write_all(int fd, const struct strbuf *b)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = write(fd, b->buf + done, b->len - done);

		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

static void exec_man(const int pipe_fd[2])
{
	dup2(pipe_fd[0], STDIN_FILENO);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	execlp("man", "man", "-l", "-", (char *)NULL);
	_exit(127);
}

/* A man that does not want to read it all is no reason to die. */
static void feed(int fd, const struct command *c)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	struct strbuf page = STRBUF_INIT;

	help_roff(c, &page);
	write_all(fd, &page);
	strbuf_release(&page);
	signal(SIGPIPE, before);
}

/* The page through man, which brings the user's pager. False where there is no man. */
static bool open_man(const struct command *c)
{
	int fd[2], status = -1;
	pid_t child;

	if (pipe(fd) < 0)
		return false;
	child = fork();
	if (child == 0)
		exec_man(fd);
	close(fd[0]);
	if (child > 0)
		feed(fd[1], c);
	close(fd[1]);
	if (child > 0)
		waitpid(child, &status, 0);
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int run(struct cli *c, struct err *err)
{
	const struct command *about = NULL;
	struct strbuf text = STRBUF_INIT;

	if (c->operands.n) {
		about = command_find(c->operands.v[0]);
		if (!about)
			return command_unknown(c->operands.v[0], err);
	}
	if (!c->args.roff && about && isatty(STDOUT_FILENO) && open_man(about))
		return 0;
	if (c->args.roff)
		help_roff(about, &text);
	else if (about)
		help_command(about, &text);
	else
		help_overview(&text);
	fputs(text.buf, stdout);
	strbuf_release(&text);
	return 0;
}

const struct command command_help = {
	.name = "help",
	.operands = "[COMMAND]",
	.summary = "what canopy can do; with a COMMAND its manual",
	.max_operands = 1,
	.options = options,
	.text = "On a terminal the manual of a command opens in man(1) where there is one, else it is written as "
		"text.",
	.run = run,
};
