#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/progress.h"
#include "base/strbuf.h"

/* Draws on whatever stderr is. */
static void draw(bool quiet)
{
	struct progress p;

	progress_start(&p, PROGRESS_READ, "cert\x1b[2Jdata", 2000, quiet);
	for (uint64_t i = 1; i <= 1000; i++)
		progress_at(&p, i);
	progress_end(&p);
	progress_at(&p, 1001);
}

/* What a child that draws on a terminal sends there. */
static void on_terminal(void (*what)(bool quiet), bool quiet, struct strbuf *seen)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char chunk[512];
	int terminal, status;
	ssize_t n;
	pid_t pid = forkpty(&terminal, NULL, NULL, &size);

	assert_true(pid >= 0);
	if (pid == 0) {
		what(quiet);
		_exit(0);
	}
	while ((n = read(terminal, chunk, sizeof(chunk))) > 0)
		strbuf_add(seen, chunk, (size_t)n);
	close(terminal);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_terminal_sees_a_line_that_goes_away(void **state)
{
	static const char first[] = "\rcert\xEF\xBF\xBD[2Jdata  [----------] 0 %  1 of 2,000 bytes\x1b[K";
	struct strbuf seen = STRBUF_INIT;
	int lines = 0;

	(void)state;
	on_terminal(draw, false, &seen);
	assert_memory_equal(seen.buf, first, strlen(first));
	assert_string_equal(seen.buf + seen.len - 4, "\r\x1b[K");
	for (const char *s = seen.buf; (s = strstr(s, "cert")); s++)
		lines++;
	assert_in_range(lines, 1, 50); /* a thousand steps, ten lines a second */
	strbuf_release(&seen);
}

/* One line for programs, of a second ago. */
static void say_after_a_second(struct progress *p, uint64_t done, struct strbuf *seen)
{
	char chunk[512];
	int ends[2], old = dup(STDERR_FILENO);

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	p->started_ns -= 10000000000;
	progress_at(p, done);
	dup2(old, STDERR_FILENO);
	close(old);
	close(ends[1]);
	strbuf_add(seen, chunk, (size_t)read(ends[0], chunk, sizeof(chunk)));
	close(ends[0]);
}

static void what_is_left_follows_from_documents_where_bytes_have_no_end(void **state)
{
	struct strbuf seen = STRBUF_INIT;
	struct progress p;

	(void)state;
	progress_set_mode(PROGRESS_LINES);
	progress_start(&p, PROGRESS_DOWNLOAD, "lists", 0, true);
	p.documents = 50;
	p.documents_total = 200;
	say_after_a_second(&p, 1000, &seen);
	assert_non_null(strstr(seen.buf, "\tdone=1000\tdocuments=50\tdocuments_total=200\tseconds_left=3"));
	strbuf_reset(&seen);
	progress_start(&p, PROGRESS_DOWNLOAD, "list", 4000, true);
	p.documents_total = 1;
	say_after_a_second(&p, 1000, &seen);
	assert_non_null(strstr(seen.buf, "\tdone=1000\ttotal=4000\tseconds_left=3"));
	progress_set_mode(PROGRESS_AUTO);
	strbuf_release(&seen);
}

/* Two that go on, then one, then none: each has its line, and no line stays behind. */
static void draw_two(bool quiet)
{
	struct progress a, b, *both[] = { &a, &b };
	struct progress_group g = { 0 };

	progress_start(&a, PROGRESS_DOWNLOAD, "lists", 0, quiet);
	progress_start(&b, PROGRESS_DOWNLOAD, "store", 0, quiet);
	a.source = "alder";
	b.source = "birch";
	progress_group_at(&g, both, 2);
	a.documents_total = b.documents_total = 1;
	a.done = 10;
	progress_group_at(&g, both, 2);
	a.documents = 1;
	b.done = 20;
	progress_group_at(&g, both, 2);
	progress_group_end(&g, both, 2);
}

static void several_have_a_line_each(void **state)
{
	struct strbuf seen = STRBUF_INIT;

	(void)state;
	on_terminal(draw_two, false, &seen);
	assert_string_equal(seen.buf, "\ralder: lists  10 bytes\x1b[K\r\nbirch: store  0 bytes\x1b[K\x1b[J"
				      "\r\x1b[1Abirch: store  20 bytes\x1b[K\x1b[J"
				      "\r\x1b[J");
	strbuf_reset(&seen);
	on_terminal(draw_two, true, &seen);
	assert_int_equal(seen.len, 0);
	strbuf_release(&seen);
}

static void quiet_draws_nothing(void **state)
{
	struct strbuf seen = STRBUF_INIT;

	(void)state;
	on_terminal(draw, true, &seen);
	assert_int_equal(seen.len, 0);
	strbuf_release(&seen);
}

static void a_pipe_sees_nothing(void **state)
{
	int ends[2], old = dup(STDERR_FILENO);
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	draw(false);
	fflush(stderr);
	dup2(old, STDERR_FILENO);
	close(old);
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_sees_a_line_that_goes_away),
		cmocka_unit_test(what_is_left_follows_from_documents_where_bytes_have_no_end),
		cmocka_unit_test(several_have_a_line_each),
		cmocka_unit_test(quiet_draws_nothing),
		cmocka_unit_test(a_pipe_sees_nothing),
	};

	return cmocka_run_group_tests_name("base_progress", tests, NULL, NULL);
}
