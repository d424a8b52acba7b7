/* `canopy fetch crtsh`. */
#ifndef CLI_FETCH_CRTSH_H
#define CLI_FETCH_CRTSH_H

#include "cli/cli.h"
#include "fetch/config.h"
#include "fetch/sources.h"

/* Asks crt.sh for the counters of all CAs of the index and indexes them. A failure of the source is told and counted. */
int fetch_crtsh(struct cli *c, const struct source *s, const struct config *config, const char *cache, size_t *failed,
                struct err *err);

#endif
