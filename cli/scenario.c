#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "cli/cli.h"

#define SCENARIO_MAX (1u << 20) /* bytes of a scenario file */

static void replace(char **into, const char *value)
{
	free(*into);
	*into = xstrdup(value);
}

/* The number of value among n names, or n. */
static size_t name_index(const char *const *names, size_t n, const char *value)
{
	size_t i = 0;

	while (i < n && strcmp(names[i], value) != 0)
		i++;
	return i;
}

/* ---- lines of a file ---- */

static int set_mark(struct scenario *s, const char *value, struct err *err)
{
	return scenario_add_mark(s, value, err);
}

static int set_exempt(struct scenario *s, const char *value, struct err *err)
{
	(void)err;
	vec_push(&s->exempt, xstrdup(value));
	return 0;
}

static int set_assume(struct scenario *s, const char *value, struct err *err)
{
	(void)err;
	vec_push(&s->assume, xstrdup(value));
	return 0;
}

static int set_program(struct scenario *s, const char *value, struct err *err)
{
	(void)err;
	replace(&s->program, value);
	return 0;
}

static int set_purpose(struct scenario *s, const char *value, struct err *err)
{
	size_t i = name_index(purpose_names, PURPOSE_COUNT, value);

	if (i == PURPOSE_COUNT)
		return err_set(err, ERR_INPUT, "'%s' is no purpose (tls, email)", value);
	s->purpose = (enum purpose)i;
	return 0;
}

static int set_revocation(struct scenario *s, const char *value, struct err *err)
{
	size_t i = name_index(revocation_mode_names, 3, value);

	if (i == 3)
		return err_set(err, ERR_INPUT, "'%s' is none of enforced, all, none", value);
	s->revocation = (enum revocation_mode)i;
	return 0;
}

static const struct word {
	const char *name;
	int (*set)(struct scenario *s, const char *value, struct err *err);
} words[] = {
	{ "mark", set_mark },
	{ "exempt", set_exempt },
	{ "assume", set_assume },
	{ "program", set_program },
	{ "purpose", set_purpose },
	{ "revocation", set_revocation },
};

/* One line without its end: "WORD VALUE", a comment, or blank. */
static int read_line(struct scenario *s, char *line, struct err *err)
{
	char *value, *end = line + strlen(line);

	while (end > line && strchr(" \t\r", end[-1]))
		*--end = '\0';
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	value = line + strcspn(line, " \t");
	if (*value)
		*value++ = '\0';
	value += strspn(value, " \t");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(words[i].name, line) != 0)
			continue;
		if (!*value)
			return err_set(err, ERR_INPUT, "'%s' needs a value", line);
		return words[i].set(s, value, err);
	}
	return err_set(err, ERR_INPUT, "unknown word '%s'", line);
}

static int scenario_read(const char *path, struct scenario *s, struct err *err)
{
	uint8_t *data;
	char *text, *line, *end;
	size_t len, number = 0;
	int rc = 0;

	if (path_read(path, SCENARIO_MAX, &data, &len, err) < 0)
		return -1;
	text = (char *)data;
	if (strlen(text) != len)
		rc = err_set(err, ERR_INPUT, "'%s' is no scenario: it holds NUL bytes", path);
	for (line = text; rc == 0 && line; line = end) {
		number++;
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		if (read_line(s, line, err) < 0) {
			rc = err_context(err, "'%s' line %zu", path, number);
			err->kind = ERR_INPUT;
		}
	}
	free(data);
	return rc;
}

/* ---- file, options, REFs ---- */

static int take_options(const struct cli *c, struct scenario *s, struct err *err)
{
	const struct args *a = &c->args;

	if (a->program)
		replace(&s->program, a->program);
	if (!s->program)
		s->program = xstrdup("mozilla");
	if (a->purpose)
		s->purpose = cli_purpose(c);
	if (a->revocation && set_revocation(s, a->revocation, err) < 0)
		return -1;
	for (size_t i = 0; i < a->mark.n; i++) {
		if (scenario_add_mark(s, a->mark.v[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < a->exempt.n; i++)
		vec_push(&s->exempt, xstrdup(a->exempt.v[i]));
	for (size_t i = 0; i < a->assume.n; i++)
		vec_push(&s->assume, xstrdup(a->assume.v[i]));
	return 0;
}

static int try_ref(struct cli *c, const char *text, struct err *err)
{
	struct ref r = { 0 };

	if (cli_resolve(c, text, &r, err) < 0)
		return -1;
	ref_release(&r);
	return 0;
}

/* Beforehand, because here the candidates of an ambiguous one have a line each. */
static int try_refs(struct cli *c, const struct scenario *s, struct err *err)
{
	for (size_t i = 0; i < s->mark.n; i++) {
		if (try_ref(c, s->mark.v[i].ref, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < s->exempt.n; i++) {
		if (try_ref(c, s->exempt.v[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < s->assume.n; i++) {
		if (try_ref(c, s->assume.v[i], err) < 0)
			return -1;
	}
	return 0;
}

int cli_scenario_read(struct cli *c, struct scenario *s, struct err *err)
{
	scenario_init(s);
	if (c->args.scenario && scenario_read(c->args.scenario, s, err) < 0)
		return -1;
	return take_options(c, s, err);
}

int cli_scenario_resolve(struct cli *c, struct scenario *s, struct arena *arena, struct trust_query *q, struct err *err)
{
	if (try_refs(c, s, err) < 0)
		return -1;
	return scenario_resolve(c->index, s, c->day, arena, q, err);
}

int cli_scenario(struct cli *c, struct scenario *s, struct arena *arena, struct trust_query *q, struct err *err)
{
	return cli_scenario_read(c, s, err) < 0 ? -1 : cli_scenario_resolve(c, s, arena, q, err);
}
