#include "index/telemetry.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"

#define METRIC "cert_validation_success_by_ca"
#define BIN_MAX 65535
/* A sum of all numbers stays below INT64_MAX. */
#define VALIDATIONS_MAX ((uint64_t)1 << 62)

struct reader {
	const struct telemetry_handler *h;
	char place[64];
	uint64_t *sum;    /* by number */
	uint8_t *counted; /* by number: some version counts it */
	uint64_t total;
	size_t versions;
	struct map version; /* those that were read */
};

static void problem(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void problem(struct reader *r, const char *fmt, ...)
{
	struct strbuf clean = STRBUF_INIT;
	va_list ap;

	if (!r->h->problem)
		return;
	va_start(ap, fmt);
	text_clean_vf(&clean, fmt, ap);
	va_end(ap);
	r->h->problem(r->h->ctx, r->place, clean.buf);
	strbuf_release(&clean);
}

/* A whole number of 0 up to max. */
static bool whole(const json_t *v, uint64_t max, uint64_t *ret)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0 || (uint64_t)json_integer_value(v) > max)
		return false;
	*ret = (uint64_t)json_integer_value(v);
	return true;
}

/* ---- counts ---- */

static bool is_all(const json_t *entry, const char *key)
{
	const json_t *v = json_object_get(entry, key);

	return !v || json_is_null(v) || (json_is_string(v) && strcmp(json_string_value(v), "*") == 0);
}

static bool seen_version(struct reader *r, json_int_t version)
{
	bool is_new;

	map_at(&r->version, &version, sizeof(version), &is_new);
	return !is_new;
}

/* Does the entry count what no other entry counts? Told when it does not. */
static bool counts_alone(struct reader *r, const json_t *entry)
{
	static const char *const parts[] = { "os", "build_id", "ping_type" };
	const json_t *version = json_object_get(entry, "version");

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (is_all(entry, parts[i]))
			continue;
		problem(r, "counts of one %s, not used: they may be in others", parts[i]);
		return false;
	}
	if (!json_is_integer(version)) {
		problem(r, "version is no number, not used");
		return false;
	}
	if (seen_version(r, json_integer_value(version))) {
		problem(r, "version %lld once more, not used", (long long)json_integer_value(version));
		return false;
	}
	return true;
}

static void read_bins(struct reader *r, const json_t *bins)
{
	uint64_t bin, n;

	for (size_t i = 0; i < json_array_size(bins); i++) {
		const json_t *b = json_array_get(bins, i);

		if (!whole(json_object_get(b, "bin"), BIN_MAX, &bin) ||
		    !whole(json_object_get(b, "value"), VALIDATIONS_MAX, &n)) {
			problem(r, "item %zu of non_norm_histogram is no number with a count", i + 1);
			continue;
		}
		if (n > VALIDATIONS_MAX - r->total) {
			problem(r, "more validations than can be counted");
			return;
		}
		r->total += n;
		r->sum[bin] += n;
		r->counted[bin] = 1;
	}
}

static int read_entry(struct reader *r, const json_t *entry, struct err *err)
{
	const char *metric = json_string_value(json_object_get(entry, "metric"));
	const json_t *bins = json_object_get(entry, "non_norm_histogram");

	if (metric && strcmp(metric, METRIC) != 0)
		return err_set(err, ERR_INPUT, "telemetry: %s: the metric is '%s', whose numbers of roots are not known", r->place,
		               metric);
	if (!metric || !json_is_array(bins)) {
		problem(r, "no metric with counts, not used");
		return 0;
	}
	if (!counts_alone(r, entry))
		return 0;
	r->versions++;
	read_bins(r, bins);
	return 0;
}

static int give_bins(struct reader *r)
{
	for (uint32_t i = 0; i <= BIN_MAX; i++)
		if (r->counted[i] && r->h->bin && r->h->bin(r->h->ctx, i, r->sum[i]) < 0)
			return -1;
	return 0;
}

static int read_entries(struct reader *r, const json_t *entries, struct err *err)
{
	for (size_t i = 0; i < json_array_size(entries); i++) {
		snprintf(r->place, sizeof(r->place), "entry %zu", i + 1);
		if (read_entry(r, json_array_get(entries, i), err) < 0)
			return -1;
	}
	if (!r->versions)
		return err_set(err, ERR_INPUT, "telemetry: no entry with counts over all users");
	return give_bins(r);
}

int telemetry_read(const char *data, size_t n, const struct telemetry_handler *h, struct err *err)
{
	struct reader r = { .h = h };
	json_error_t why;
	json_t *root = json_loadb(data, n, JSON_REJECT_DUPLICATES, &why);
	const json_t *entries = json_object_get(root, "data");
	int rc;

	if (!root) {
		rc = err_set(err, ERR_INPUT, "telemetry: line %d: %s", why.line, why.text);
	} else if (!json_is_array(entries)) {
		rc = err_set(err, ERR_INPUT, "telemetry: no list of entries under \"data\"");
	} else {
		r.sum = xcalloc(BIN_MAX + 1, sizeof(*r.sum));
		r.counted = xcalloc(BIN_MAX + 1, 1);
		rc = read_entries(&r, entries, err);
	}
	free(r.sum);
	free(r.counted);
	map_release(&r.version);
	json_decref(root);
	return rc;
}

/* ---- roots ---- */

struct known {
	uint64_t bin;
	uint8_t sha256[32];
};
struct roots {
	struct reader r;
	struct map taken; /* numbers and fingerprints: their lengths differ */
};

static bool read_sha256(const json_t *v, uint8_t ret[32])
{
	uint8_t *bytes;
	size_t n;

	if (!json_is_string(v) || base64_decode(json_string_value(v), json_string_length(v), &bytes, &n) < 0)
		return false;
	if (n == 32)
		memcpy(ret, bytes, 32);
	free(bytes);
	return n == 32;
}

/* Which of two roots has the number, nobody says: the later one is told and not taken. */
static bool is_taken(const struct roots *rs, const struct known *k)
{
	return map_get(&rs->taken, &k->bin, sizeof(k->bin)) || map_get(&rs->taken, k->sha256, sizeof(k->sha256));
}

static int read_root(struct roots *rs, const json_t *root)
{
	const struct telemetry_handler *h = rs->r.h;
	struct known k;

	if (!whole(json_object_get(root, "binNumber"), BIN_MAX, &k.bin) ||
	    !read_sha256(json_object_get(root, "sha256Fingerprint"), k.sha256)) {
		problem(&rs->r, "no number with a SHA-256 fingerprint");
		return 0;
	}
	if (k.bin < TELEMETRY_FIRST_ROOT) {
		problem(&rs->r, "number %u stands for what ends in no root of Firefox's: not used", (unsigned)k.bin);
		return 0;
	}
	if (is_taken(rs, &k)) {
		problem(&rs->r, "number %u or its fingerprint once more, not used", (unsigned)k.bin);
		return 0;
	}
	map_at(&rs->taken, &k.bin, sizeof(k.bin), NULL);
	map_at(&rs->taken, k.sha256, sizeof(k.sha256), NULL);
	return h->root ? h->root(h->ctx, (uint32_t)k.bin, k.sha256) : 0;
}

/* Firefox's own copy begins with its licence in lines of "//". */
static size_t comment_length(const char *data, size_t n)
{
	size_t at = 0;

	for (;;) {
		size_t line = at;
		while (line < n && strchr(" \t\r\n", data[line]) && data[line])
			line++;
		if (n - line < 2 || memcmp(data + line, "//", 2) != 0)
			return line;
		const char *end = memchr(data + line, '\n', n - line);
		if (!end)
			return n;
		at = (size_t)(end - data) + 1;
	}
}

int telemetry_roots_read(const char *data, size_t n, const struct telemetry_handler *h, struct err *err)
{
	struct roots rs = { .r = { .h = h } };
	size_t skip = comment_length(data, n);
	json_error_t why;
	json_t *root = json_loadb(data + skip, n - skip, JSON_REJECT_DUPLICATES, &why);
	const json_t *list = json_object_get(root, "roots");
	int rc = 0;

	if (!root)
		rc = err_set(err, ERR_INPUT, "table of roots: line %d: %s", why.line, why.text);
	else if (!json_is_array(list))
		rc = err_set(err, ERR_INPUT, "table of roots: no list under \"roots\"");
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		snprintf(rs.r.place, sizeof(rs.r.place), "root %zu", i + 1);
		rc = read_root(&rs, json_array_get(list, i));
	}
	map_release(&rs.taken);
	json_decref(root);
	return rc;
}

/* ---- recognition ---- */

static bool has(const char *data, size_t n, const char *word)
{
	return memmem(data, n, word, strlen(word)) != NULL;
}

bool telemetry_recognise(const char *data, size_t n)
{
	size_t at = comment_length(data, n);

	return at < n && data[at] == '{' && has(data, n, "\"" METRIC) && has(data, n, "\"non_norm_histogram\"");
}

bool telemetry_roots_recognise(const char *data, size_t n)
{
	size_t at = comment_length(data, n);

	return at < n && data[at] == '{' && has(data, n, "\"binNumber\"") && has(data, n, "\"sha256Fingerprint\"");
}
