#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>
#include "fetch/zips.h"

#define FOLDER_ZIPS 12
#define FILES_EACH 40

/* A zip with files named "PREFIX/K" whose text is "PREFIX:K", and one called "shared". */
static void make_zip(const char *path, const char *prefix, int from, int to)
{
	zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
	char name[64], text[64];

	assert_non_null(z);
	for (int i = from - 1; i < to; i++) {
		snprintf(name, sizeof(name), i < from ? "shared" : "%s/%d", prefix, i);
		int n = snprintf(text, sizeof(text), "%s:%d", prefix, i);
		void *kept = malloc((size_t)n);
		memcpy(kept, text, (size_t)n);
		zip_int64_t at = zip_file_add(z, name, zip_source_buffer(z, kept, (zip_uint64_t)n, 1), 0);
		assert_true(at >= 0);
		zip_set_file_compression(z, (zip_uint64_t)at, i % 2 ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0);
	}
	assert_int_equal(zip_close(z), 0);
}

/* Names 0 … 479, cut to twelve zips. */
static const char *folder_of_zips(const char *name)
{
	const char *folder = temp(name);
	char path[512];

	mkdir(folder, 0777);
	for (int i = 0; i < FOLDER_ZIPS; i++) {
		snprintf(path, sizeof(path), "%s/%03d.zip", folder, i);
		make_zip(path, "n", i * FILES_EACH, (i + 1) * FILES_EACH);
	}
	return folder;
}

static int reads(struct zips *z, const char *name, const char *want)
{
	struct strbuf b = STRBUF_INIT;
	struct err err = { 0 };
	int rc = zips_read(z, name, 1000, &b, &err);

	assert_int_equal(err.kind, rc < 0 ? ERR_INPUT : ERR_NONE);
	if (rc == 1)
		assert_string_equal(b.buf, want);
	strbuf_release(&b);
	return rc;
}

static size_t open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void every_file_of_many_zips_is_found_in_any_order(void **state)
{
	struct zips *z = zips_open(folder_of_zips("many"));
	size_t before = open_files();
	char name[32], want[32];

	(void)state;
	assert_non_null(z);
	for (int step = 1; step < 600; step += 100) { /* in order, and across the zips */
		for (int k = 0; k < FOLDER_ZIPS * FILES_EACH; k++) {
			int i = k * step % (FOLDER_ZIPS * FILES_EACH);
			snprintf(name, sizeof(name), "n/%d", i);
			snprintf(want, sizeof(want), "n:%d", i);
			assert_int_equal(reads(z, name, want), 1);
			assert_true(open_files() <= before + 3);
		}
	}
	assert_int_equal(reads(z, "n/480", NULL), 0);
	assert_int_equal(reads(z, "n/", NULL), 0);
	assert_int_equal(reads(z, "", NULL), 0);
	zips_free(z);
}

static int count_name(void *ctx, const char *name)
{
	int *n = ctx;

	n[strcmp(name, "shared") == 0]++;
	return n[0] < 100 ? 0 : -7;
}

static void every_name_is_told_until_somebody_has_enough(void **state)
{
	const char *folder = folder_of_zips("each");
	struct zips *z = zips_open(folder);
	int n[2] = { -1000000, 0 }, few[2] = { 0, 0 };

	(void)state;
	assert_int_equal(zips_each(z, count_name, n, NULL), 0);
	assert_int_equal(n[0], FOLDER_ZIPS * FILES_EACH - 1000000);
	assert_int_equal(n[1], FOLDER_ZIPS);
	assert_int_equal(zips_each(z, count_name, few, NULL), -7);
	assert_int_equal(few[0], 100);
	zips_free(z);
}

static int read_others(void *ctx, const char *name)
{
	char kept[64], want[64];

	if (strcmp(name, "shared") == 0)
		return 0;
	snprintf(kept, sizeof(kept), "%s", name);
	for (int i = 0; i < FOLDER_ZIPS * FILES_EACH; i += FILES_EACH) { /* of each zip one, so that all others are closed */
		char other[64];
		snprintf(other, sizeof(other), "n/%d", i);
		snprintf(want, sizeof(want), "n:%d", i);
		assert_int_equal(reads(ctx, other, want), 1);
	}
	snprintf(want, sizeof(want), "n:%s", kept + 2);
	assert_int_equal(reads(ctx, kept, want), 1);
	return 0;
}

static void names_may_be_read_while_they_are_told(void **state)
{
	struct zips *z = zips_open(folder_of_zips("told"));

	(void)state;
	assert_int_equal(zips_each(z, read_others, z, NULL), 0);
	zips_free(z);
}

static void only_zips_named_by_digits_are_of_the_folder(void **state)
{
	const char *folder = temp("names");
	char path[512];
	struct zips *z;

	(void)state;
	mkdir(folder, 0777);
	assert_null(zips_open(folder));
	snprintf(path, sizeof(path), "%s/letters.zip", folder);
	make_zip(path, "letters", 0, 3);
	assert_true(zips_is_zip(path));
	assert_false(zips_is_part(path));
	assert_null(zips_open(folder));
	z = zips_open(path);
	assert_int_equal(reads(z, "letters/2", "letters:2"), 1);
	zips_free(z);
	snprintf(path, sizeof(path), "%s/7.zip", folder);
	make_zip(path, "seven", 0, 3);
	assert_true(zips_is_part(path));
	z = zips_open(folder);
	assert_int_equal(reads(z, "seven/2", "seven:2"), 1);
	assert_int_equal(reads(z, "letters/2", NULL), 0);
	zips_free(z);
	assert_null(zips_open(temp("nowhere")));
	assert_false(zips_is_zip(temp("nowhere")));
	assert_false(zips_is_zip(folder));
}

static void a_maximum_is_kept_to_the_byte(void **state)
{
	struct strbuf b = STRBUF_INIT;
	struct err err = { 0 };
	const char *path = temp("max.zip");

	(void)state;
	make_zip(path, "m", 10, 12); /* "m:10", "m:11" */
	struct zips *z = zips_open(path);
	assert_int_equal(zips_read(z, "m/10", 4, &b, &err), 1);
	assert_string_equal(b.buf, "m:10");
	assert_int_equal(zips_read(z, "m/11", 3, &b, &err), -1);
	assert_true(has(err.msg, "max.zip") && has(err.msg, "m/11") && has(err.msg, "4 bytes"));
	strbuf_release(&b);
	zips_free(z);
}

/* A tool that fetches a damaged zip anew must not need a new start. */
static void a_zip_that_was_refused_may_be_replaced(void **state)
{
	const char *path = temp("later.zip");
	struct zips *z;

	(void)state;
	write_text(path, "PK\3\4 and nothing behind it");
	assert_true(zips_is_zip(path));
	z = zips_open(path);
	assert_int_equal(reads(z, "l/1", NULL), -1);
	make_zip(path, "l", 0, 3);
	assert_int_equal(reads(z, "l/1", "l:1"), 1);
	zips_free(z);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_of_many_zips_is_found_in_any_order),
		cmocka_unit_test(every_name_is_told_until_somebody_has_enough),
		cmocka_unit_test(names_may_be_read_while_they_are_told),
		cmocka_unit_test(only_zips_named_by_digits_are_of_the_folder),
		cmocka_unit_test(a_maximum_is_kept_to_the_byte),
		cmocka_unit_test(a_zip_that_was_refused_may_be_replaced),
	};

	harness_args(argc, argv);
	return cmocka_run_group_tests(tests, harness_start, harness_stop);
}
