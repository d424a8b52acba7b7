/* Everything that is said about commands, made from their rows: the text of
 * `--help` and `help`, and the manual pages (mdoc). */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

void help_overview(struct strbuf *out);
void help_command(const struct command *c, struct strbuf *out);
/* The page of one command, or canopy(1) with NULL. */
void help_roff(const struct command *c, struct strbuf *out);
/* A script for bash that completes commands, options and their values. */
void help_completion(struct strbuf *out);

/* Prose that belongs to no single command. */
struct help_section {
	const char *title;
	const char *text;
	bool apart; /* not in the overview: asked for by its title */
};
extern const struct help_section help_sections[]; /* ends with a NULL title */
extern const char help_tagline[];

/* Calls each() for every paragraph of a command's text; lines of an example stay as they are. */
void help_paragraphs(const char *text, void (*each)(void *ctx, const char *s, size_t n, bool example), void *ctx);

#endif
