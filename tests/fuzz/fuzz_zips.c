#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fetch/zips.h"
#include "tests/fuzz/fuzz.h"

/* What may be read of one input: a bomb within the rules takes its time. */
#define READ_MOST ((size_t)1 << 20)

struct reading {
	struct zips *zips;
	size_t left;
};

static int read_one(void *ctx, const char *name)
{
	struct reading *r = ctx;
	struct strbuf b = STRBUF_INIT;

	zips_read(r->zips, name, r->left, &b, NULL);
	r->left -= b.len < r->left ? b.len : r->left;
	strbuf_release(&b);
	return r->left ? 0 : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char path[64];
	int fd = memfd_create("zip", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, n) != (ssize_t)n) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	zips_is_zip(path);
	struct reading r = { zips_open(path), READ_MOST };
	if (r.zips)
		zips_each(r.zips, read_one, &r, NULL);
	zips_free(r.zips);
	close(fd);
	return 0;
}
