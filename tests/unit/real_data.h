/* The folder with real data, where there is one: $CANOPY_DATA, else
 * ../shared/data beside the source. Tests that need it say "skipped" without. */
#ifndef TESTS_UNIT_REAL_DATA_H
#define TESTS_UNIT_REAL_DATA_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/path.h"

/* Heap, or NULL. */
static inline char *real_data(const char *name)
{
	const char *const places[] = { getenv("CANOPY_DATA"), "../shared/data", "../../shared/data" };
	char *path;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!places[i])
			continue;
		path = path_join(places[i], name);
		if (path_exists(path))
			return path;
		free(path);
	}
	return NULL;
}

/* Says so when the data is not there. Not cmocka's skip(), whose TAP line "not ok … # SKIP" counts as a failure. */
static inline bool skipped_without(const void *data)
{
	if (!data)
		printf("# skipped: the folder with real data is missing\n");
	return !data;
}

#endif
