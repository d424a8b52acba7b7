#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/path.h"
#include "base/vec.h"

static char *old_cwd;

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

/* Every test runs in a folder of its own, which is its current one. */
static int enter(void **state)
{
	char template[] = "/tmp/canopy-path-XXXXXX";

	old_cwd = getcwd(NULL, 0);
	if (!old_cwd || !mkdtemp(template) || chdir(template) < 0)
		return -1;
	*state = strdup(template);
	return 0;
}

static int leave(void **state)
{
	int rc = chdir(old_cwd);

	rc |= nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(*state);
	free(old_cwd);
	return rc;
}

static void put(const char *path, const char *text)
{
	FILE *f;

	assert_int_equal(path_mkdirs_for(path, NULL), 0);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void assert_xdg(enum xdg which, const char *name, const char *want)
{
	char *path = path_xdg(which, name);

	assert_string_equal(path, want);
	free(path);
}

static void xdg_places_follow_the_specification(void **state)
{
	(void)state;
	setenv("HOME", "/h", 1);
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
	assert_xdg(XDG_DATA, "canopy.db", "/h/.local/share/canopy/canopy.db");
	assert_xdg(XDG_CACHE, "", "/h/.cache/canopy");
	assert_xdg(XDG_CONFIG, "config", "/h/.config/canopy/config");
	assert_xdg(XDG_STATE, "browsed", "/h/.local/state/canopy/browsed");
	setenv("XDG_DATA_HOME", "/d", 1);
	assert_xdg(XDG_DATA, "canopy.db", "/d/canopy/canopy.db");
	setenv("XDG_DATA_HOME", "relative", 1);
	assert_xdg(XDG_DATA, NULL, "/h/.local/share/canopy");
	setenv("XDG_DATA_HOME", "", 1);
	assert_xdg(XDG_DATA, NULL, "/h/.local/share/canopy");
}

static void assert_join(const char *dir, const char *name, const char *want)
{
	char *path = path_join(dir, name);

	assert_string_equal(path, want);
	free(path);
}

static void paths_join_and_part(void **state)
{
	(void)state;
	assert_join("a", "b", "a/b");
	assert_join("a/", "b", "a/b");
	assert_join("", "b", "b");
	assert_join("/", "b", "/b");
	assert_join("a", "/b", "/b");
	assert_string_equal(path_base("a/b.pem"), "b.pem");
	assert_string_equal(path_base("b.pem"), "b.pem");
	assert_string_equal(path_base("/a/b/"), "b/");
	assert_string_equal(path_base("/"), "/");
	assert_string_equal(path_base(""), "");
}

static void folders_are_made_with_their_parents(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(path_mkdirs("a/b/c/", &err), 0);
	assert_true(path_is_dir("a/b/c"));
	assert_int_equal(path_mkdirs("a/b/c", &err), 0);
	assert_int_equal(path_mkdirs("", &err), 0);
	assert_int_equal(path_mkdirs_for("x/y/file", &err), 0);
	assert_true(path_is_dir("x/y"));
	assert_false(path_exists("x/y/file"));
	assert_int_equal(path_mkdirs_for("file", &err), 0);
	put("plain", "");
	assert_int_equal(path_mkdirs("plain/sub", &err), -1);
	assert_int_equal(err.kind, ERR_INDEX);
	assert_string_equal(err.msg, "cannot make folder 'plain': file exists");
}

static void reading_keeps_every_byte_and_adds_a_nul(void **state)
{
	struct err err = { 0 };
	uint8_t *data = NULL;
	size_t len = 0;
	char *big = malloc(200001);

	(void)state;
	memset(big, 'x', 200000);
	big[200000] = '\0';
	put("big", big);
	assert_int_equal(path_read("big", 199999, &data, &len, &err), -1);
	assert_int_equal(path_read("big", 200000, &data, &len, &err), 0);
	assert_int_equal(len, 200000);
	assert_memory_equal(data, big, 200001);
	free(data);
	free(big);
	put("empty", "");
	assert_int_equal(path_read("empty", 0, &data, &len, &err), 0);
	assert_int_equal(len, 0);
	assert_int_equal(data[0], 0);
	free(data);
}

static void reading_refuses(const char *path, size_t max, const char *want)
{
	struct err err = { 0 };
	uint8_t *data = NULL;
	size_t len = 7;

	assert_int_equal(path_read(path, max, &data, &len, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_string_equal(err.msg, want);
	assert_null(data);
	assert_int_equal(len, 7);
}

static void reading_says_why_not(void **state)
{
	(void)state;
	put("six", "123456");
	reading_refuses("six", 5, "cannot read 'six': larger than 5 bytes");
	reading_refuses("none", 5, "cannot read 'none': no such file or directory");
	reading_refuses(".", 5, "cannot read '.': is a folder");
	assert_int_equal(mkfifo("pipe", 0600), 0);
	reading_refuses("pipe", 5, "cannot read 'pipe': not a regular file");
}

static int count_entry(void *ctx, const char *path, struct err *err)
{
	(void)path;
	(void)err;
	++*(int *)ctx;
	return 0;
}

static void writing_replaces_the_whole_file(void **state)
{
	struct err err = { 0 };
	uint8_t *data;
	size_t len;
	int files = 0;

	(void)state;
	put("dir/f", "old, and longer than the new");
	assert_int_equal(path_write_atomic("dir/f", "new\0", 4, &err), 0);
	assert_int_equal(path_read("dir/f", 100, &data, &len, &err), 0);
	assert_int_equal(len, 4);
	assert_memory_equal(data, "new\0", 4);
	free(data);
	assert_int_equal(path_write_atomic("dir/empty", NULL, 0, &err), 0);
	assert_int_equal(path_write_atomic("here", "x", 1, &err), 0);
	assert_true(path_exists("here"));
	assert_int_equal(path_walk("dir", count_entry, &files, &err), 0);
	assert_int_equal(files, 2); /* no temporary stays */
}

static void writing_obeys_the_umask(void **state)
{
	struct stat st;
	mode_t old = umask(027);

	(void)state;
	assert_int_equal(path_write_atomic("f", "x", 1, NULL), 0);
	umask(old);
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void a_failed_write_leaves_the_old_file(void **state)
{
	struct err err = { 0 };
	int files = 0;

	(void)state;
	assert_int_equal(path_mkdirs("dir/target/inside", NULL), 0);
	assert_int_equal(path_write_atomic("dir/target", "x", 1, &err), -1);
	assert_int_equal(err.kind, ERR_INDEX);
	assert_string_equal(err.msg, "cannot write 'dir/target': is a directory");
	assert_true(path_is_dir("dir/target/inside"));
	assert_int_equal(path_walk("dir", count_entry, &files, &err), 0);
	assert_int_equal(files, 0);
	assert_int_equal(path_write_atomic("none/f", "x", 1, &err), -1);
	assert_string_equal(err.msg, "cannot write 'none/f': no such file or directory");
}

static void times_of_files_are_seconds(void **state)
{
	struct timespec times[2] = { { 1234567890, 5 }, { 1234567890, 5 } };

	(void)state;
	put("f", "");
	assert_int_equal(utimensat(AT_FDCWD, "f", times, 0), 0);
	assert_int_equal(path_mtime("f"), 1234567890);
	assert_int_equal(path_mtime("none"), -1);
}

static int note(void *ctx, const char *path, struct err *err)
{
	struct strbuf *seen = ctx;

	if (strstr(path, "stop"))
		return err_set(err, ERR_INPUT, "stopped");
	strbuf_addf(seen, "%s\n", path);
	return 0;
}

static void assert_walk(const char *path, const char *want)
{
	struct strbuf seen = STRBUF_INIT;
	struct err err = { 0 };

	assert_int_equal(path_walk(path, note, &seen, &err), 0);
	assert_string_equal(seen.buf, want);
	strbuf_release(&seen);
}

static void a_walk_goes_in_the_order_of_full_paths(void **state)
{
	(void)state;
	put("w/a/z", "");
	put("w/a-x", "");
	put("w/a0", "");
	put("w/a.b/c", "");
	put("w/\xC3\xBC", "");
	put("w/Z", "");
	put("w/.hidden", "");
	assert_int_equal(path_mkdirs("w/empty", NULL), 0);
	/* '-' and '.' sort before the '/' behind a folder's name */
	assert_walk("w", "w/.hidden\nw/Z\nw/a-x\nw/a.b/c\nw/a/z\nw/a0\nw/\xC3\xBC\n");
	assert_walk("w/", "w/.hidden\nw/Z\nw/a-x\nw/a.b/c\nw/a/z\nw/a0\nw/\xC3\xBC\n");
	assert_walk("w/a0", "w/a0\n");
	assert_walk("w/empty", "");
}

static void a_walk_follows_only_the_first_link(void **state)
{
	(void)state;
	put("real/f", "");
	assert_int_equal(symlink("f", "real/to-file"), 0);
	assert_int_equal(symlink("..", "real/to-folder"), 0);
	assert_int_equal(symlink("real", "link"), 0);
	assert_int_equal(mkfifo("real/pipe", 0600), 0);
	assert_walk("link", "link/f\n");
}

static void a_walk_stops_at_the_first_error(void **state)
{
	struct strbuf seen = STRBUF_INIT;
	struct err err = { 0 };

	(void)state;
	put("w/1", "");
	put("w/2/stop", "");
	put("w/3", "");
	assert_int_equal(path_walk("w", note, &seen, &err), -1);
	assert_string_equal(err.msg, "stopped");
	assert_string_equal(seen.buf, "w/1\n");
	assert_int_equal(path_walk("none", note, &seen, &err), -1);
	assert_string_equal(err.msg, "cannot read 'none': no such file or directory");
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_equal(path_walk("pipe", note, &seen, &err), -1);
	assert_string_equal(err.msg, "cannot read 'pipe': neither a file nor a folder");
	strbuf_release(&seen);
}

/* w/d/d/…/d/f with 64 and with 65 folders below w */
static void a_walk_does_not_go_deeper_than_64(void **state)
{
	struct strbuf path = STRBUF_INIT;
	int files = 0;

	(void)state;
	strbuf_addstr(&path, "w");
	for (int i = 0; i < 64; i++)
		strbuf_addstr(&path, "/d");
	strbuf_addstr(&path, "/f");
	put(path.buf, "");
	assert_int_equal(path_walk("w", count_entry, &files, NULL), 0);
	assert_int_equal(files, 1);
	strbuf_setlen(&path, path.len - 2);
	strbuf_addstr(&path, "/d/f");
	put(path.buf, "");
	assert_int_equal(path_walk("w", count_entry, &files, NULL), 0);
	assert_int_equal(files, 2);
	strbuf_release(&path);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xdg_places_follow_the_specification),
		cmocka_unit_test(paths_join_and_part),
		IN_FOLDER(folders_are_made_with_their_parents),
		IN_FOLDER(reading_keeps_every_byte_and_adds_a_nul),
		IN_FOLDER(reading_says_why_not),
		IN_FOLDER(writing_replaces_the_whole_file),
		IN_FOLDER(writing_obeys_the_umask),
		IN_FOLDER(a_failed_write_leaves_the_old_file),
		IN_FOLDER(times_of_files_are_seconds),
		IN_FOLDER(a_walk_goes_in_the_order_of_full_paths),
		IN_FOLDER(a_walk_follows_only_the_first_link),
		IN_FOLDER(a_walk_stops_at_the_first_error),
		IN_FOLDER(a_walk_does_not_go_deeper_than_64),
	};

	return cmocka_run_group_tests_name("base_path", tests, NULL, NULL);
}
