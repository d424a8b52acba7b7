#include "cli/shipped.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "cli/place.h"

#define SUFFIX ".txt"

struct shipped {
	int (*fn)(void *ctx, const char *name, const char *path, struct err *err);
	void *ctx;
};

static int shipped_file(void *ctx, const char *path, struct err *err)
{
	struct shipped *s = ctx;
	const char *base = path_base(path);
	size_t n = strlen(base), cut = strlen(SUFFIX);
	char *name;
	int rc;

	if (n <= cut || strcmp(base + n - cut, SUFFIX) != 0)
		return 0;
	name = xstrndup(base, n - cut);
	rc = s->fn(s->ctx, name, path, err);
	free(name);
	return rc;
}

int scenario_each_shipped(
	int (*fn)(void *ctx, const char *name, const char *path, struct err *err), void *ctx, struct err *err)
{
	struct shipped s = { fn, ctx };
	char *folder = place_find("CANOPY_SCENARIOS", "cli/scenarios", CANOPY_SCENARIO_DIR);
	int rc = path_is_dir(folder) ? path_walk(folder, shipped_file, &s, err) : 0;

	free(folder);
	return rc;
}
