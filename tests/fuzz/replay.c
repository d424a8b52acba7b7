/* Runs a fuzz target over the files and folders given: replay PATH... */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "tests/fuzz/fuzz.h"

static int replay(void *ctx, const char *path, struct err *err)
{
	size_t *files = ctx, n;
	uint8_t *data, *exact;

	if (path_read(path, SIZE_MAX / 2, &data, &n, err) < 0)
		return -1;
	/* without the NUL behind it, so that a sanitizer sees the first byte too far */
	exact = xmemdup(data, n);
	free(data);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	++*files;
	return 0;
}

int main(int argc, char **argv)
{
	struct err err = { 0 };
	size_t files = 0;

	for (int i = 1; i < argc; i++) {
		if (path_walk(argv[i], replay, &files, &err) < 0) {
			fprintf(stderr, "replay: %s\n", err.msg);
			return 1;
		}
	}
	printf("%zu inputs\n", files);
	return files ? 0 : 1;
}
