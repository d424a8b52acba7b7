/* Importing as import, fetch and demo do it: into the run's index, and told on stderr. */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include "cli/cli.h"

/* index_import, then its notes on stderr. */
int import_into(const struct cli *c, char *const *paths, size_t n, const struct import_options *o, struct import_result *ret,
	struct err *err);
/* index_import, then its notes and what was read, after `lead` when given. */
int import_paths(const struct cli *c, const char *lead, char *const *paths, size_t n, const struct import_options *o,
	struct import_result *ret, struct err *err);

#endif
