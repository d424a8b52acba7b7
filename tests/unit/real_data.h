/* The folder with real data, where there is one: $CANOPY_DATA, else
 * ../shared/data beside the source. Tests that need it are skipped without. */
#ifndef TESTS_UNIT_REAL_DATA_H
#define TESTS_UNIT_REAL_DATA_H

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

#endif
