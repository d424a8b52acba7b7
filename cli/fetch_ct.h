/* `canopy fetch ct`: what comes after the log list. */
#ifndef CLI_FETCH_CT_H
#define CLI_FETCH_CT_H

#include "cli/cli.h"
#include "fetch/config.h"

/* Are all logs that --log names given by their URL, so that no list is needed? */
bool fetch_ct_needs_list(const struct cli *c);
/* Do the options that are for logs go together? ERR_USAGE. */
int fetch_ct_check(const struct cli *c, struct err *err);
/* Reads the logs; *failed counts the source when one of them failed. */
int fetch_ct(struct cli *c, const struct config *config, size_t *failed, struct err *err);

#endif
