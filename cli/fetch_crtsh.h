/* `canopy fetch crtsh`. */
#ifndef CLI_FETCH_CRTSH_H
#define CLI_FETCH_CRTSH_H

#include "cli/fetch_run.h"

/* Asks crt.sh for the counters of all CAs of the index and indexes them. What goes wrong with the source is told and counted. */
int fetch_crtsh(struct fetching *f, const struct source *s, struct err *err);

#endif
