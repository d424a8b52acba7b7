#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "fetch/logclient.h"

static const struct http_limits quick = {
	.connect_ms = 5000,
	.stall_ms = 20000,
	.min_rate = 1,
	.retries = 3,
	.backoff_ms = 1,
	.backoff_max_ms = 4,
	.wait_max_ms = 60000,
};

static struct {
	struct log_body body;
	struct err err;
	int cancel_after; /* questions; -1 never */
} last;

static bool on_cancelled(void *ctx)
{
	(void)ctx;
	return last.cancel_after >= 0 && last.cancel_after-- == 0;
}

static struct log_client *client(unsigned window, double per_second)
{
	struct log_client_options o = { .limits = &quick, .window = window, .per_second = per_second, .cancelled = on_cancelled };
	struct log_client *c;

	last.cancel_after = -1;
	last.err = (struct err){ 0 };
	assert_int_equal(log_client_new(&o, &c, &last.err), 0);
	return c;
}

static int get(const char *url, size_t max)
{
	struct log_client *c = client(4, 0);

	log_body_release(&last.body);
	int rc = log_client_get(c, url, max, &last.body, &last.err);
	log_client_free(c);
	return rc;
}

static void gives(const char *path, long status)
{
	assert_int_equal(get(url_of(path), 100000), 0);
	assert_int_equal(last.body.status, status);
}

static void fails(const char *path, size_t max, const char *says)
{
	assert_int_equal(get(url_of(path), max), -1);
	assert_int_equal(last.err.kind, ERR_NETWORK);
	assert_true(has(last.err.msg, says));
	assert_true(has(last.err.msg, path));
}

static void document_comes_whole(void **state)
{
	(void)state;
	gives("doc/log-one", 200);
	assert_string_equal(last.body.data, served("doc/log-one", 1));
	gives("gzip/log-one", 200);
	assert_string_equal(last.body.data, served("gzip/log-one", 1));
}

static void answers_come_in_the_order_of_the_questions(void **state)
{
	struct log_client *c = client(4, 0);
	static const char *const paths[] = { "flaky/2/log-a", "doc/log-b", "status/404/log-c", "flaky/1/log-d" };
	struct log_body b;

	(void)state;
	for (uint64_t i = 0; i < 4; i++)
		log_client_submit(c, url_of(paths[i]), 100000, i);
	assert_int_equal(log_client_room(c), 0);
	for (uint64_t i = 0; i < 4; i++) {
		assert_int_equal(log_client_next(c, &b, &last.err), 1);
		assert_int_equal(b.tag, i);
		assert_int_equal(b.status, i == 2 ? 404 : 200);
		log_body_release(&b);
	}
	assert_int_equal(log_client_next(c, &b, &last.err), 0);
	assert_int_equal(log_client_room(c), 4);
	log_client_free(c);
}

static void what_is_not_there_is_an_answer(void **state)
{
	(void)state;
	gives("status/404/log-e", 404);
	assert_string_equal(last.body.data, "the reason\n");
	assert_int_equal(requests("status/404/log-e"), 1);
	assert_int_equal(get(url_of("status/404/log-f"), 3), 0); /* the maximum is for documents */
	assert_int_equal(last.body.status, 404);
}

static void error_page_that_says_it_is_gzip_is_judged_by_its_status(void **state)
{
	(void)state;
	gives("false-gzip/404/log", 404);
	assert_int_equal(requests("false-gzip/404/log"), 1);
	gives("false-gzip-once/log", 200);
}

static void log_that_asks_for_quiet_gets_it(void **state)
{
	(void)state;
	gives("busy-seconds/0/log", 200);
	gives("busy-date/-5/log", 200);
	assert_int_equal(requests("busy-date/-5/log"), 2);
	fails("busy-seconds/3600/log", 100000, "later than canopy waits");
}

static void storm_ends_after_the_last_try(void **state)
{
	(void)state;
	fails("storm/log", 100000, "HTTP status 503");
	assert_int_equal(requests("storm/log"), 4);
	fails("status/501/log", 100000, "HTTP status 501");
	assert_int_equal(requests("status/501/log"), 1);
}

static void broken_answers_are_asked_for_again(void **state)
{
	(void)state;
	gives("broken-plain/log", 200);
	assert_string_equal(last.body.data, served("broken-plain/log", 1));
	gives("broken-chunks/log", 200);
	fails("wrong-length/log", 100000, "wrong-length");
	fails("hang-up/log", 100000, "hang-up");
	assert_int_equal(get(refused_url(), 100), -1);
}

static void redirects_are_refused(void **state)
{
	(void)state;
	fails("hops/1/log", 100000, "redirected");
	assert_int_equal(requests("hops/"), 1);
}

static void untrusted_server_is_not_asked_twice(void **state)
{
	(void)state;
	assert_int_equal(get(secure_url_of("doc/log-secure"), 100000), -1);
	assert_int_equal(requests("doc/log-secure"), 0);
	assert_int_equal(get("http://log.fictional.example/", 100), -1);
}

static void answers_have_a_maximum(void **state)
{
	(void)state;
	fails("big/log", 100000, "larger than the maximum");
	fails("bomb/log", 100000, "larger than the maximum");
	assert_int_equal(requests("bomb/log"), 1);
}

static void dropped_questions_are_not_answered(void **state)
{
	struct log_client *c = client(4, 0);
	struct log_body b;

	(void)state;
	log_client_submit(c, url_of("silent/log-dropped"), 100, 0);
	log_client_submit(c, url_of("doc/log-dropped"), 100000, 1);
	log_client_drop(c);
	assert_int_equal(log_client_room(c), 4);
	assert_int_equal(log_client_next(c, &b, &last.err), 0);
	log_client_submit(c, url_of("doc/log-dropped-2"), 100000, 2);
	assert_int_equal(log_client_next(c, &b, &last.err), 1);
	assert_int_equal(b.tag, 2);
	assert_string_equal(b.data, served("doc/log-dropped-2", 1));
	log_body_release(&b);
	log_client_free(c);
}

static void complaints_are_counted(void **state)
{
	struct log_client *c = client(4, 0);
	struct log_body b;

	(void)state;
	assert_int_equal(log_client_get(c, url_of("status/404/log-quiet"), 1000, &b, &last.err), 0);
	log_body_release(&b);
	assert_int_equal(log_client_complaints(c), 0);
	assert_int_equal(log_client_get(c, url_of("busy-seconds/0/log-complaint"), 100000, &b, &last.err), 0);
	log_body_release(&b);
	assert_int_equal(log_client_complaints(c), 1);
	log_client_free(c);
}

static void cancelling_ends_the_wait(void **state)
{
	struct log_client *c = client(2, 0);

	(void)state;
	last.cancel_after = 3;
	log_client_submit(c, url_of("silent/log"), 100, 0);
	assert_int_equal(log_client_next(c, &last.body, &last.err), -1);
	assert_int_equal(last.cancel_after, -1);
	log_client_free(c);
}

static void tokens_hold_back(void **state)
{
	/* one at once, the next in eleven days */
	struct log_client *c = client(4, 0.000001);
	struct log_body b;

	(void)state;
	log_client_submit(c, url_of("doc/log-tokens"), 100000, 0);
	log_client_submit(c, url_of("doc/log-tokens"), 100000, 1);
	assert_int_equal(log_client_next(c, &b, &last.err), 1);
	log_body_release(&b);
	last.cancel_after = 20;
	assert_int_equal(log_client_next(c, &b, &last.err), -1);
	assert_int_equal(requests("doc/log-tokens"), 1);
	log_client_free(c);
}

static void files_are_read_as_they_lie(void **state)
{
	char fifo[512];

	(void)state;
	write_text(temp("tile"), "some bytes");
	assert_int_equal(get(file_url("tile"), 100), 0);
	assert_string_equal(last.body.data, "some bytes");
	assert_int_equal(last.body.status, 0);
	assert_int_equal(get(file_url("tile"), 9), -1);
	assert_int_equal(get(file_url("missing"), 100), 0);
	assert_int_equal(last.body.status, 404);
	snprintf(fifo, sizeof(fifo), "%s", temp("fifo"));
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(get(file_url("fifo"), 100), -1);
	assert_true(has(last.err.msg, "no regular file"));
}

static void contact_cannot_carry_a_header(void **state)
{
	struct log_client_options o = { .contact = "ops@fictional.example\r\nX-Evil: 1" };
	struct log_client *c;

	(void)state;
	assert_int_equal(log_client_new(&o, &c, &last.err), -1);
	assert_int_equal(last.err.kind, ERR_USAGE);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(document_comes_whole),
		cmocka_unit_test(answers_come_in_the_order_of_the_questions),
		cmocka_unit_test(what_is_not_there_is_an_answer),
		cmocka_unit_test(error_page_that_says_it_is_gzip_is_judged_by_its_status),
		cmocka_unit_test(log_that_asks_for_quiet_gets_it),
		cmocka_unit_test(storm_ends_after_the_last_try),
		cmocka_unit_test(broken_answers_are_asked_for_again),
		cmocka_unit_test(redirects_are_refused),
		cmocka_unit_test(untrusted_server_is_not_asked_twice),
		cmocka_unit_test(answers_have_a_maximum),
		cmocka_unit_test(dropped_questions_are_not_answered),
		cmocka_unit_test(complaints_are_counted),
		cmocka_unit_test(cancelling_ends_the_wait),
		cmocka_unit_test(tokens_hold_back),
		cmocka_unit_test(files_are_read_as_they_lie),
		cmocka_unit_test(contact_cannot_carry_a_header),
	};

	harness_args(argc, argv);
	int rc = cmocka_run_group_tests(tests, harness_start, harness_stop);
	log_body_release(&last.body);
	return rc;
}
