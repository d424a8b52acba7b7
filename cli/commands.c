#include "cli/command.h"

#include <string.h>

/* In the order in which they are listed. */
static const struct command *const commands[] = {
	&command_browse,
	&command_fetch,
	&command_import,
	&command_tree,
	&command_show,
	&command_counts,
	&command_impact,
	&command_leaves,
	&command_scenario,
	&command_export,
	&command_check,
	&command_diff,
	&command_index,
	&command_sources,
	&command_demo,
	&command_help,
};
#define COMMANDS (sizeof(commands) / sizeof(*commands))

const struct command *const *command_all(size_t *n)
{
	*n = COMMANDS;
	return commands;
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

int command_unknown(const char *name, struct err *err)
{
	const char *names[COMMANDS], *near;

	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i]->name;
	near = opt_nearest(name, names, COMMANDS);
	if (near)
		return err_set(err, ERR_USAGE, "unknown command '%s'; did you mean '%s'?", name, near);
	return err_set(err, ERR_USAGE, "unknown command '%s'; 'canopy help' lists them", name);
}
