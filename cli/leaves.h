/* Rows of `leaves --by`. */
#ifndef CLI_LEAVES_H
#define CLI_LEAVES_H

#include "cli/cli.h"
#include "index/outreach.h"

#define LEAVES_BY "domain|tld|organization"
enum outreach_by leaves_by(const char *text);
/* trust: NULL without a scenario. complete: what covers names was looked for among all that may. */
void leaves_by_rows(const struct cli *c, struct outreach *o, enum outreach_by by, const struct trust *trust, bool complete);

#endif
