/* What `canopy check` writes, for the browser, which writes the same of what its filter leaves:
 *
 *	check_write(f, FORMAT_CSV, &style, &list); */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/out.h"
#include "index/check.h"

void check_write(FILE *f, enum format format, const struct style *style, const struct finding_list *l);

#endif
