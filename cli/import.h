/* What import, fetch and demo say of what was read. */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include "cli/cli.h"

/* On stderr: what was read, after `lead` when given. Frees r->notes, which it tells first. */
void import_note(const struct cli *c, const char *lead, struct import_result *r);

#endif
