#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/help.h"

/* Of the manual's words, not of the build, so that every build gives the same page. */
#define MANUAL_DATE "November 23, 2026"
#define LINE_WIDTH 76
#define EXAMPLE_INDENT 4 /* of an example in a command's text */

/* roff's own characters made plain; what is beyond ASCII by its number. */
static void escape(struct strbuf *out, const char *s, size_t len)
{
	uint32_t cp;
	int n;

	for (; (n = text_decode(s, len, &cp)) > 0; s += n, len -= (size_t)n) {
		if (cp == '\\')
			strbuf_addstr(out, "\\e");
		else if (cp == '-')
			strbuf_addstr(out, "\\-");
		else if (cp == '"')
			strbuf_addstr(out, "\\(dq");
		else if (cp == '\'')
			strbuf_addstr(out, "\\(aq");
		else if (cp < 0x80)
			strbuf_addch(out, (char)cp);
		else
			strbuf_addf(out, "\\[u%04X]", (unsigned)cp);
	}
}

static void add_word(struct strbuf *out, const char *word, int *column)
{
	struct strbuf w = STRBUF_INIT;

	escape(&w, word, strlen(word));
	if (*column && *column + 1 + (int)w.len > LINE_WIDTH) {
		strbuf_addch(out, '\n');
		*column = 0;
	} else if (*column) {
		strbuf_addch(out, ' ');
		(*column)++;
	}
	if (!*column && (*w.buf == '.' || *w.buf == '\''))
		strbuf_addstr(out, "\\&");
	strbuf_add(out, w.buf, w.len);
	*column += (int)w.len;
	strbuf_release(&w);
}

/* A new sentence begins a new line, as roff wants it. */
static void fill(struct strbuf *out, const char *s, size_t n)
{
	char *copy = xstrndup(s, n), *rest = copy, *word;
	int column = 0;

	while ((word = strsep(&rest, " \n"))) {
		size_t len = strlen(word);

		if (!len)
			continue;
		add_word(out, word, &column);
		if (strchr(".?!", word[len - 1]) && rest) {
			strbuf_addch(out, '\n');
			column = 0;
		}
	}
	if (column)
		strbuf_addch(out, '\n');
	free(copy);
}

static void add_example(struct strbuf *out, const char *s, size_t n)
{
	const char *end = s + n;

	strbuf_addstr(out, ".Bd -literal -offset indent\n");
	while (s < end) {
		size_t len = strcspn(s, "\n");

		if (len > (size_t)(end - s))
			len = (size_t)(end - s);
		for (int i = 0; i < EXAMPLE_INDENT && len && *s == ' '; i++) {
			s++;
			len--;
		}
		if (len && *s == '.')
			strbuf_addstr(out, "\\&");
		escape(out, s, len);
		strbuf_addch(out, '\n');
		s += len + (s + len < end);
	}
	strbuf_addstr(out, ".Ed\n");
}

struct page {
	struct strbuf *out;
	bool begun; /* something stands before the paragraph */
};

static void add_paragraph(void *ctx, const char *s, size_t n, bool example)
{
	struct page *p = ctx;

	if (!example && p->begun)
		strbuf_addstr(p->out, ".Pp\n");
	p->begun = true;
	if (example)
		add_example(p->out, s, n);
	else
		fill(p->out, s, n);
}

static void add_text(struct strbuf *out, const char *text, bool begun)
{
	struct page p = { out, begun };

	help_paragraphs(text, add_paragraph, &p);
}

static void add_option(struct strbuf *out, const struct opt *o)
{
	strbuf_addstr(out, ".It");
	if (o->letter)
		strbuf_addf(out, " Fl %c", o->letter);
	if (o->name) {
		strbuf_addstr(out, o->letter ? " , Fl \\-" : " Fl \\-");
		escape(out, o->name, strlen(o->name));
	}
	if (o->arg) {
		strbuf_addstr(out, " Ar ");
		escape(out, o->arg, strlen(o->arg));
	}
	strbuf_addch(out, '\n');
	fill(out, o->help, strlen(o->help));
}

static void add_options(struct strbuf *out, const struct command *c)
{
	strbuf_addstr(out, ".Bl -tag -width Ds\n");
	for (const struct opt *o = c->options; o->name || o->letter; o++)
		add_option(out, o);
	strbuf_addstr(out, ".El\n");
}

static void add_columns(struct strbuf *out, const struct command *c)
{
	if (!c->columns)
		return;
	strbuf_addstr(out, ".Pp\nColumns:\n.Bl -tag -width unexpired_high\n");
	for (const struct column *k = c->columns; k->name; k++) {
		strbuf_addf(out, ".It Cm %s\n", k->name);
		fill(out, k->help, strlen(k->help));
	}
	strbuf_addstr(out, ".El\n");
}

static void add_values(struct strbuf *out, const struct command *c)
{
	const char *name, *help;

	if (!c->values_of)
		return;
	strbuf_addf(out, ".Pp\nValues of\n.Fl \\-%s :\n.Bl -tag -width Ds\n", c->values_of);
	for (size_t i = 0; c->value(i, &name, &help); i++) {
		strbuf_addstr(out, ".It Cm ");
		escape(out, name, strlen(name));
		strbuf_addch(out, '\n');
		fill(out, help, strlen(help));
	}
	strbuf_addstr(out, ".El\n");
}

static void add_synopsis(struct strbuf *out, const struct command *c)
{
	strbuf_addf(out, ".Nm canopy\n.Cm %s\n.Op Ar options\n", c->name);
	if (*c->operands) {
		strbuf_addstr(out, ".Ar ");
		escape(out, c->operands, strlen(c->operands));
		strbuf_addch(out, '\n');
	}
}

static void add_parts(struct strbuf *out, const struct command *c)
{
	for (const struct help_part *p = c->parts; p && p->title; p++) {
		strbuf_addstr(out, ".Pp\n.Sy ");
		escape(out, p->title, strlen(p->title));
		strbuf_addch(out, '\n');
		add_text(out, p->text, true);
	}
}

/* Each name shielded: a bracket or a comma alone is mdoc's own. */
static void add_key_names(struct strbuf *out, const char *keys)
{
	const char *before = ".It";

	while (*keys) {
		size_t len = strcspn(keys, " ");

		strbuf_addf(out, "%s Ic \\&", before);
		escape(out, keys, len);
		before = " ,";
		keys += len + strspn(keys + len, " ");
	}
	strbuf_addch(out, '\n');
}

static void add_keys(struct strbuf *out, const struct command *c)
{
	struct tui_key k;
	const char *view = NULL;

	for (size_t i = 0; c->key && c->key(i, &k); i++) {
		if (!i || k.view != view) {
			strbuf_addstr(out, i ? ".El\n" : "");
			strbuf_addstr(out, k.view ? ".Pp\n.Sy Keys in the view " : ".Pp\n.Sy Keys everywhere");
			strbuf_addf(out, "%s\n.Bl -tag -width Ds\n", k.view ? k.view : "");
			view = k.view;
		}
		add_key_names(out, k.keys);
		fill(out, k.help, strlen(k.help));
	}
	if (c->key)
		strbuf_addstr(out, ".El\n");
}

static void add_command(struct strbuf *out, const struct command *c)
{
	strbuf_addf(out, ".Ss %s\n", c->name);
	add_synopsis(out, c);
	strbuf_addstr(out, ".Pp\n");
	fill(out, c->summary, strlen(c->summary));
	add_text(out, c->text, true);
	add_parts(out, c);
	add_keys(out, c);
	strbuf_addstr(out, ".Pp\nOptions:\n");
	add_options(out, c);
	add_values(out, c);
	add_columns(out, c);
}

static void add_sections(struct strbuf *out)
{
	for (const struct help_section *s = help_sections; s->title; s++) {
		strbuf_addstr(out, ".Sh ");
		for (const char *p = s->title; *p; p++)
			strbuf_addch(out, (char)toupper((unsigned char)*p));
		strbuf_addch(out, '\n');
		add_text(out, s->text, false);
	}
}

static void command_page(const struct command *c, struct strbuf *out)
{
	strbuf_addstr(out, ".Dd " MANUAL_DATE "\n.Dt CANOPY-");
	for (const char *p = c->name; *p; p++)
		strbuf_addch(out, (char)toupper((unsigned char)*p));
	strbuf_addf(out, " 1\n.Os\n.Sh NAME\n.Nm canopy-%s\n.Nd ", c->name);
	escape(out, c->summary, strlen(c->summary));
	strbuf_addstr(out, "\n.Sh SYNOPSIS\n");
	add_synopsis(out, c);
	strbuf_addstr(out, ".Sh DESCRIPTION\n");
	add_text(out, c->text, false);
	add_parts(out, c);
	add_keys(out, c);
	strbuf_addstr(out, ".Pp\nOptions:\n");
	add_options(out, c);
	add_values(out, c);
	add_columns(out, c);
	strbuf_addstr(out, ".Sh SEE ALSO\n.Xr canopy 1\n");
}

static void main_page(struct strbuf *out)
{
	size_t n;
	const struct command *const *all = command_all(&n);

	strbuf_addf(out,
		".Dd " MANUAL_DATE "\n.Dt CANOPY 1\n.Os\n.Sh NAME\n.Nm canopy\n.Nd %s\n.Sh SYNOPSIS\n.Nm\n"
		".Op Ar command\n.Op Ar options\n.Op Ar operands\n.Nm\n.Fl \\-version\n.Sh DESCRIPTION\n",
		help_tagline);
	fill(out, "Without a command the browser opens. Options come after the command.",
		strlen("Without a command the browser opens. Options come after the command."));
	strbuf_addstr(out, ".Sh COMMANDS\n");
	for (size_t i = 0; i < n; i++)
		add_command(out, all[i]);
	add_sections(out);
}

void help_roff(const struct command *c, struct strbuf *out)
{
	if (c)
		command_page(c, out);
	else
		main_page(out);
}
