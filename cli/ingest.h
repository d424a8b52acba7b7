/* What import, fetch and demo say of what was read. */
#ifndef CLI_INGEST_H
#define CLI_INGEST_H

#include "cli/cli.h"

/* On stderr: what was read, after `lead` when given. Frees r->notes, which it tells first. */
void ingest_note(const struct cli *c, const char *lead, struct import_result *r);

#endif
