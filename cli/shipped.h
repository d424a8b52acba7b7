/* Scenarios in files: those that come with canopy, or lie in the folder that CANOPY_SCENARIOS names instead. */
#ifndef CLI_SHIPPED_H
#define CLI_SHIPPED_H

#include "base/err.h"

/* By name: fn gets name and path; less than 0 from it ends that. */
int scenario_each_shipped(
	int (*fn)(void *ctx, const char *name, const char *path, struct err *err), void *ctx, struct err *err);

#endif
