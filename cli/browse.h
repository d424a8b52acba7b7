/* Opens the browser on c->index; `notice` is shown at its start or NULL. */
#ifndef CLI_BROWSE_H
#define CLI_BROWSE_H

#include "cli/cli.h"

int browse_run(struct cli *c, const char *notice, struct err *err);

#endif
