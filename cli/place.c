#include "cli/place.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"

char *place_find(const char *variable, const char *built, const char *installed)
{
	const char *given = getenv(variable);
	char exe[4096], *end, *beside;
	ssize_t n;

	if (given && *given)
		return xstrdup(given);
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	exe[n > 0 ? n : 0] = '\0';
	end = strrchr(exe, '/');
	if (end) {
		*end = '\0';
		beside = path_join(exe, built);
		if (path_is_dir(beside))
			return beside;
		free(beside);
	}
	return xstrdup(installed);
}
