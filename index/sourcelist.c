#include "index/sourcelist.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void sources_hash(const struct index_source *source, size_t n, char ret[65])
{
	const char **hex = xcalloc(n + 1, sizeof(*hex));
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t hash[32];

	for (size_t i = 0; i < n; i++)
		hex[i] = source[i].sha256;
	qsort(hex, n, sizeof(*hex), by_text);
	EVP_DigestInit_ex(md, EVP_sha256(), NULL);
	for (size_t i = 0; i < n; i++) {
		EVP_DigestUpdate(md, hex[i], strlen(hex[i]));
		EVP_DigestUpdate(md, "\n", 1);
	}
	EVP_DigestFinal_ex(md, hash, NULL);
	EVP_MD_CTX_free(md);
	hex_encode(hash, sizeof(hash), ret);
	free(hex);
}

static void add_day(struct source_group *g, int32_t day)
{
	if (day == INT32_MIN)
		return;
	if (g->oldest_day == INT32_MIN || day < g->oldest_day)
		g->oldest_day = day;
	if (day > g->newest_day)
		g->newest_day = day;
}

struct source_group source_group_of(const struct index_source *source, size_t n)
{
	struct source_group g = { source->source, source->kind, "", source, n, INT32_MIN, INT32_MIN, 0, 0, "" };

	for (size_t i = 0; i < n; i++) {
		add_day(&g, source[i].source_day);
		g.records += source[i].records;
		g.problems += source[i].problems;
	}
	if (n > 1) {
		sources_hash(source, n, g.sha256);
		return g;
	}
	memcpy(g.sha256, source->sha256, sizeof(g.sha256));
	if (strcmp(source->part, source->sha256) != 0) /* a file that replaces no other is a part by its hash */
		g.part = source->part;
	return g;
}

static bool same_kind(const struct index_source *a, const struct index_source *b)
{
	return strcmp(a->source, b->source) == 0 && strcmp(a->kind, b->kind) == 0;
}

size_t source_groups(const struct index_source *source, size_t n, struct source_group **ret)
{
	VEC(struct source_group) groups = { 0 };

	for (size_t i = 0, run; i < n; i += run) {
		for (run = 1; i + run < n && same_kind(&source[i], &source[i + run]); run++)
			;
		vec_push(&groups, source_group_of(&source[i], run));
	}
	*ret = groups.v;
	return groups.n;
}
