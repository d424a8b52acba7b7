#include "fetch/meta.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/strbuf.h"

#define META_MAX 16384

static const struct meta_key {
	const char *name;
	bool number;
	size_t offset;
} keys[] = {
	{ "url", false, offsetof(struct meta, url) },
	{ "etag", false, offsetof(struct meta, etag) },
	{ "last-modified", false, offsetof(struct meta, last_modified) },
	{ "fetched-at", true, offsetof(struct meta, fetched_at) },
	{ "modified-at", true, offsetof(struct meta, modified_at) },
	{ "bytes", true, offsetof(struct meta, bytes) },
};
#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

static void *field(const struct meta *m, const struct meta_key *k)
{
	return (char *)m + k->offset;
}

static void set(struct meta *m, const struct meta_key *k, const char *value)
{
	if (k->number) {
		int64_t n;
		if (num_parse_i64(value, &n) == 0 && n >= 0)
			*(int64_t *)field(m, k) = n;
		return;
	}
	char **s = field(m, k);
	free(*s);
	*s = xstrdup(value);
}

static void read_line(struct meta *m, char *line)
{
	char *value = strstr(line, ": ");
	if (!value)
		return;
	*value = '\0';
	for (size_t i = 0; i < N_KEYS; i++)
		if (strcmp(line, keys[i].name) == 0)
			set(m, &keys[i], value + 2);
}

void meta_load(const char *path, struct meta *m)
{
	uint8_t *data = NULL;
	size_t len;
	if (path_read(path, META_MAX, &data, &len, NULL) < 0)
		return;
	char *rest = (char *)data, *line;
	while ((line = strsep(&rest, "\n")))
		read_line(m, line);
	free(data);
}

int meta_save(const char *path, const struct meta *m, struct err *err)
{
	struct strbuf b = STRBUF_INIT;
	for (size_t i = 0; i < N_KEYS; i++) {
		if (keys[i].number) {
			strbuf_addf(&b, "%s: %lld\n", keys[i].name, (long long)*(int64_t *)field(m, &keys[i]));
			continue;
		}
		const char *s = *(char **)field(m, &keys[i]);
		if (s)
			strbuf_addf(&b, "%s: %s\n", keys[i].name, s);
	}
	int rc = path_write_atomic(path, b.buf, b.len, err);
	strbuf_release(&b);
	return rc;
}

void meta_release(struct meta *m)
{
	free(m->url);
	free(m->etag);
	free(m->last_modified);
	*m = (struct meta)META_INIT;
}
