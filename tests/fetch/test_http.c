#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/date.h"
#include "base/path.h"
#include "fetch/cachefile.h"
#include "fetch/http.h"
#include "fetch/url.h"

#define OLD_TIME 1672628645 /* Mon, 02 Jan 2023 03:04:05 GMT, the server's Last-Modified */

static const struct http_limits quick = {
	.connect_ms = 5000,
	.stall_ms = 20000, /* a busy machine is no stall */
	.min_rate = 1,
	.retries = 3,
	.backoff_ms = 1000,
	.backoff_max_ms = 3000,
	.wait_max_ms = 60000,
};

/* One download and all that it told. */
static struct {
	struct http_result res;
	struct err err;
	uint64_t waits[8];
	size_t n_waits;
	uint64_t done, total;
	bool cancel;
	bool once;
	uint32_t stall;
	uint64_t max;
	int (*check)(void *ctx, const char *path, struct err *err);
} last;

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx;
	last.done = done;
	last.total = total;
}

static bool on_cancelled(void *ctx)
{
	(void)ctx;
	return last.cancel;
}

static void on_wait(void *ctx, uint64_t ms)
{
	(void)ctx;
	if (last.n_waits < sizeof(last.waits) / sizeof(last.waits[0]))
		last.waits[last.n_waits++] = ms;
}

static int download_with(const char *contact, const char *url, const char *path)
{
	const struct http_hooks hooks = { on_progress, on_cancelled, on_wait, last.check, NULL };
	struct http_request rq = { .url = url, .path = path, .hooks = &hooks };
	struct http_client *c;
	rq.once = last.once;
	rq.max_bytes = last.max ? last.max : 100000;
	struct http_limits limits = quick;
	limits.stall_ms = last.stall ? last.stall : quick.stall_ms;
	last.n_waits = 0;
	last.err = (struct err){ 0 };
	assert_int_equal(http_client_new(contact, &limits, &c, &last.err), 0);
	int rc = http_download(c, &rq, &last.res, &last.err);
	http_client_free(c);
	return rc;
}

static int download(const char *url, const char *name)
{
	return download_with(NULL, url, temp(name));
}

static int forget(void **state)
{
	(void)state;
	memset(&last, 0, sizeof(last));
	return 0;
}

static bool leftover(const char *name, const char *suffix)
{
	char path[256];
	snprintf(path, sizeof(path), "%s%s", temp(name), suffix);
	return path_exists(path);
}

/* The download fails, says `why` on one clean line that names the URL, and the older copy stays. */
static void refuse(const char *url, const char *name, const char *why)
{
	write_text(temp(name), "the older copy");
	assert_int_equal(download(url, name), -1);
	assert_int_equal(last.err.kind, ERR_NETWORK);
	if (!has(last.err.msg, why))
		print_error("'%s' lacks '%s'\n", last.err.msg, why);
	assert_true(has(last.err.msg, why));
	assert_true(has(last.err.msg, url));
	assert_null(strchr(last.err.msg, '\n'));
	assert_string_equal(text_of(temp(name)), "the older copy");
}

static void refuse_path(const char *path, const char *why)
{
	refuse(url_of(path), path, why);
}

static void succeed(const char *path, int version)
{
	int rc = download(url_of(path), path);
	if (rc < 0)
		print_error("%s\n", last.err.msg);
	assert_int_equal(rc, 0);
	assert_string_equal(text_of(temp(path)), served(path, version));
	assert_false(leftover(path, ".part"));
	assert_false(leftover(path, ".part.meta"));
}

static void a_document_is_stored_with_what_is_known_of_it(void **state)
{
	(void)state;
	succeed("doc/a", 1);
	assert_false(last.res.unchanged);
	assert_int_equal(last.res.status, 200);
	assert_int_equal(last.res.attempts, 1);
	assert_int_equal(last.res.bytes, 5000);
	assert_int_equal(last.res.last_modified, OLD_TIME);
	assert_int_equal(path_mtime(temp("doc/a")), OLD_TIME);
	assert_true(time_now() - last.res.fetched_at < 60);
	assert_true(has(text_of(temp("doc/a.meta")), "etag: \"v1\"\n"));
	assert_int_equal(last.done, 5000);
	assert_int_equal(last.total, 5000);
}

static void an_unchanged_document_costs_a_304(void **state)
{
	(void)state;
	succeed("doc/b", 1);
	succeed("doc/b", 1);
	assert_true(last.res.unchanged);
	assert_int_equal(last.res.status, 304);
	assert_int_equal(last.res.bytes, 5000);
	assert_int_equal(last.res.last_modified, OLD_TIME);
	assert_true(has(log_of("doc/b"), "If-None-Match: \"v1\""));
}

static void last_modified_serves_where_there_is_no_etag(void **state)
{
	(void)state;
	succeed("modified/a", 1);
	succeed("modified/a", 1);
	assert_true(last.res.unchanged);
	assert_int_equal(last.res.status, 304);
}

static void the_same_bytes_again_are_unchanged(void **state)
{
	(void)state;
	succeed("same/a", 1);
	assert_false(last.res.unchanged);
	succeed("same/a", 1);
	assert_true(last.res.unchanged);
	assert_int_equal(last.res.status, 200);
}

static void other_bytes_replace_the_document(void **state)
{
	(void)state;
	succeed("grown/a", 1);
	succeed("grown/a", 2);
	assert_false(last.res.unchanged);
	assert_true(has(text_of(temp("grown/a.meta")), "etag: \"v2\""));
}

static void a_file_changed_by_hand_is_fetched_whole(void **state)
{
	(void)state;
	succeed("doc/c", 1);
	write_text(temp("doc/c"), "short");
	succeed("doc/c", 1);
	assert_int_equal(last.res.status, 200);
}

static void a_damaged_meta_is_ignored(void **state)
{
	(void)state;
	succeed("doc/d", 1);
	write_text(temp("doc/d.meta"), "etag\nbytes: x\n: \nurl: \n");
	succeed("doc/d", 1);
	assert_int_equal(last.res.status, 200);
	assert_false(has(log_of("doc/d"), "If-None-Match"));
}

static void the_user_agent_names_version_and_contact(void **state)
{
	(void)state;
	assert_int_equal(download_with("ops@example.org", url_of("doc/agent"), temp("agent")), 0);
	assert_true(has(log_of("doc/agent"), "User-Agent: canopy/" CANOPY_VERSION " (ops@example.org)"));
	struct http_client *c;
	assert_int_equal(http_client_new("a\r\nX: y", NULL, &c, &last.err), -1);
	assert_int_equal(last.err.kind, ERR_USAGE);
}

static void gzip_is_offered_and_unpacked(void **state)
{
	(void)state;
	succeed("gzip/a", 1);
	assert_int_equal(last.res.bytes, 5000);
	assert_true(has(log_of("gzip/a"), "Accept-Encoding: gzip, deflate"));
}

static void statuses_of_400_and_more_are_named(void **state)
{
	(void)state;
	refuse_path("status/404/a", "HTTP status 404");
	assert_int_equal(last.res.status, 404);
	assert_false(last.res.transient);
	assert_int_equal(requests("status/404/a"), 1);
	refuse_path("status/403/a", "HTTP status 403");
}

static void odd_successes_are_refused(void **state)
{
	(void)state;
	refuse_path("status/204/a", "HTTP status 204");
	refuse_path("unasked-304/a", "HTTP status 304");
	refuse_path("not-asked/a", "another range than asked for");
	refuse_path("empty/a", "the document is empty");
}

static void server_errors_are_tried_again_with_growing_waits(void **state)
{
	(void)state;
	succeed("flaky/2/a", 1);
	assert_int_equal(last.res.attempts, 3);
	assert_int_equal(last.n_waits, 2);
	assert_in_range(last.waits[0], 500, 1000);
	assert_in_range(last.waits[1], 1000, 2000);
}

static void a_storm_of_503_ends(void **state)
{
	(void)state;
	refuse_path("storm/a", "in 4 attempts: HTTP status 503");
	assert_true(last.res.transient);
	assert_int_equal(requests("storm/a"), 4);
	assert_in_range(last.waits[2], 1500, 3000);
}

static void once_means_no_retries(void **state)
{
	(void)state;
	last.once = true;
	refuse_path("storm/b", ": HTTP status 503");
	assert_int_equal(requests("storm/b"), 1);
	assert_int_equal(last.n_waits, 0);
}

static void retry_after_seconds_is_obeyed(void **state)
{
	(void)state;
	succeed("busy-seconds/7/a", 1);
	assert_int_equal(last.n_waits, 1);
	assert_int_equal(last.waits[0], 7000);
}

static void retry_after_a_date_is_obeyed(void **state)
{
	(void)state;
	succeed("busy-date/40/a", 1);
	assert_int_equal(last.n_waits, 1);
	assert_in_range(last.waits[0], 30000, 41000);
}

static void a_long_retry_after_is_told_not_waited_for(void **state)
{
	(void)state;
	refuse_path("busy-seconds/3600/a", "HTTP status 429, try again in 3600 s");
	assert_int_equal(last.n_waits, 0);
	assert_true(last.res.transient);
}

static void redirects_are_followed_up_to_a_limit(void **state)
{
	(void)state;
	assert_int_equal(download(url_of("hops/5/a"), "hops-5"), 0);
	assert_string_equal(text_of(temp("hops-5")), served("hops/0/a", 1));
	refuse(url_of("hops/6/b"), "hops-6", "more than 5 redirects");
	refuse_path("loop/a", "more than 5 redirects");
	assert_int_equal(requests("loop/a"), 6);
}

static void redirects_to_forbidden_places_are_refused(void **state)
{
	(void)state;
	refuse_path("away/a", "redirected to 'http://elsewhere.invalid/doc': only https");
	refuse_path("to-file/a", "redirected to 'file:///etc/hostname': a server may not");
}

static void web_pages_are_no_documents(void **state)
{
	(void)state;
	refuse_path("html/a", "a web page instead of the document");
	refuse_path("html-body/a", "a web page instead of the document");
	assert_false(leftover("html-body/a", ".part"));
}

static void a_broken_transfer_is_resumed(void **state)
{
	(void)state;
	succeed("broken/a", 1);
	assert_int_equal(last.res.attempts, 2);
	assert_int_equal(last.res.status, 206);
	assert_true(has(log_of("broken/a"), "Range: bytes=2500- | If-Range: \"v1\""));
	succeed("broken-modified/a", 1);
	assert_true(has(log_of("broken-modified/a"), "If-Range: Mon, 02 Jan 2023"));
	succeed("broken-chunks/a", 1);
	assert_true(has(log_of("broken-chunks/a"), "Range: bytes=100-"));
}

static void a_broken_transfer_is_resumed_by_the_next_run(void **state)
{
	(void)state;
	last.once = true;
	refuse_path("broken/b", "2500 bytes");
	assert_true(leftover("broken/b", ".part"));
	succeed("broken/b", 1);
	assert_int_equal(last.res.status, 206);
}

static void a_part_of_another_version_is_thrown_away(void **state)
{
	(void)state;
	succeed("broken-changed/a", 2);
	assert_int_equal(last.res.status, 200);
}

static void without_a_strong_validator_nothing_is_resumed(void **state)
{
	(void)state;
	succeed("broken-weak/a", 1);
	succeed("broken-fresh/a", 1);
	succeed("broken-plain/a", 1);
	assert_false(has(log_of("broken-weak/a"), "Range"));
	assert_false(has(log_of("broken-fresh/a"), "Range"));
	assert_false(has(log_of("broken-plain/a"), "Range"));
	last.once = true;
	refuse_path("broken-plain/b", "2500 bytes");
	assert_false(leftover("broken-plain/b", ".part"));
}

static void a_part_of_unknown_origin_is_thrown_away(void **state)
{
	(void)state;
	char longer[8001];
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	write_text(temp("doc/stray.part"), longer);
	succeed("doc/stray", 1);
	assert_false(has(log_of("doc/stray"), "Range"));
}

static void a_wrong_range_starts_from_the_beginning(void **state)
{
	(void)state;
	succeed("bad-range/a", 1);
	assert_int_equal(last.res.attempts, 3);
	succeed("bad-total/a", 1);
	assert_int_equal(last.res.attempts, 3);
	succeed("bad-version/a", 2);
	assert_int_equal(last.res.attempts, 3);
	succeed("range-416/a", 1);
	assert_int_equal(last.res.attempts, 3);
}

static void a_broken_compressed_transfer_is_not_mixed_with_plain_bytes(void **state)
{
	(void)state;
	succeed("broken-gzip/a", 1);
	assert_int_equal(last.res.attempts, 3);
	const char *log = log_of("broken-gzip/a"), *offer = "Accept-Encoding: gzip";
	assert_false(has(log, "\"g1\""));
	assert_true(has(log, offer));
	assert_false(has(strstr(log, offer) + 1, offer));
	assert_true(has(log, "Range: bytes=2500- | If-Range: \"v1\""));
}

static void a_short_body_is_an_error(void **state)
{
	(void)state;
	refuse_path("wrong-length/a", "2500 bytes");
	assert_int_equal(requests("wrong-length/a"), 4);
}

static void more_than_the_maximum_is_refused(void **state)
{
	(void)state;
	refuse_path("big/a", "larger than the maximum of 100000 bytes");
	refuse_path("big-chunks/a", "larger than the maximum of 100000 bytes");
	refuse_path("bomb/a", "larger than the maximum of 100000 bytes");
	assert_false(leftover("bomb/a", ".part"));
	assert_int_equal(requests("big/a"), 1);
	last.max = 5000;
	succeed("doc/exact", 1);
}

static void a_stalled_transfer_ends(void **state)
{
	(void)state;
	last.once = true;
	last.stall = 250;
	refuse_path("stall/a", "no data for 0.25 s");
	assert_true(last.res.transient);
	assert_true(leftover("stall/a", ".part"));
	refuse_path("silent/a", "no data for 0.25 s");
}

static void no_connection_is_told(void **state)
{
	(void)state;
	refuse(refused_url(), "refused", "in 4 attempts: failed to connect to 127.0.0.1");
	assert_true(last.res.transient);
	refuse_path("hang-up/a", "empty reply");
}

/* A label of more than 63 bytes fails in the resolver before any question is sent. */
static void an_unknown_host_is_told(void **state)
{
	(void)state;
	const char *url = "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid/x";
	refuse(url, "unknown-host", "could not resolve host");
}

static void a_certificate_nobody_trusts_is_refused(void **state)
{
	(void)state;
	refuse(secure_url_of("doc/tls"), "tls", "certificate");
	assert_int_equal(last.res.attempts, 1);
	assert_int_equal(requests("doc/tls"), 0);
}

static void proxies_come_from_the_environment_but_not_for_this_machine(void **state)
{
	(void)state;
	setenv("http_proxy", refused_url(), 1);
	setenv("https_proxy", url_of(""), 1);
	succeed("doc/proxy", 1);
	last.once = true;
	/* The test's server is no proxy and says so. */
	refuse("https://elsewhere.invalid/x", "proxy", "501");
	unsetenv("http_proxy");
	unsetenv("https_proxy");
}

static void http_is_for_this_machine_only(void **state)
{
	(void)state;
	refuse("http://192.0.2.1/x", "far", "only https");
	refuse("http://127.0.0.1@192.0.2.1/x", "far", "only https");
	refuse("ftp://127.0.0.1/x", "far", "only https");
	refuse("certdata.txt", "far", "is no URL");
}

static void addresses_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		bool fine, loopback;
	} rows[] = {
		{ "https://example.org/", true, false },
		{ "http://127.8.9.1:80/", true, true },
		{ "http://[::1]/", true, true },
		{ "http://localhost/", true, true },
		{ "http://LOCALHOST/", true, true },
		{ "https://localhost/", true, true },
		{ "file:///etc/hostname", true, false },
		{ "http://localhost.example.org/", false, false },
		{ "http://127.0.0.1.example.org/", false, false },
		{ "http://128.0.0.1/", false, false },
		{ "http://[::2]/", false, false },
		{ "gopher://localhost/", false, false },
		{ "", false, false },
		{ "https://", false, false },
		{ "https://exa mple.org/", false, false },
		{ "https://example.org/\n", false, false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct url_info info = { 0 };
		const char *why = url_refusal(rows[i].url, &info);
		if (!why != rows[i].fine || info.loopback != rows[i].loopback)
			fail_msg("'%s': %s", rows[i].url, why ? why : "accepted");
	}
}

static void a_server_may_not_send_us_to_this_machine(void **state)
{
	(void)state;
	struct url_info outside, inside, next;
	assert_null(url_refusal("https://example.org/", &outside));
	assert_null(url_refusal("http://127.0.0.1/", &inside));
	assert_null(url_redirect_refusal(&inside, "http://127.0.0.1/x", &next));
	assert_null(url_redirect_refusal(&outside, "https://example.net/x", &next));
	assert_non_null(url_redirect_refusal(&outside, "http://127.0.0.1/x", &next));
	assert_non_null(url_redirect_refusal(&outside, "file:///etc/hostname", &next));
}

static void what_is_signed_may_come_over_http(void **state)
{
	(void)state;
	struct url_info info, next;
	assert_non_null(url_refusal("http://example.org/x.crl", &info));
	assert_null(url_refusal_signed("http://example.org/x.crl", &info));
	assert_false(info.loopback);
	assert_null(url_redirect_refusal(&info, "http://example.net/x.crl", &next));
	assert_non_null(url_redirect_refusal(&info, "http://127.0.0.1/x.crl", &next));
	assert_non_null(url_redirect_refusal(&info, "file:///etc/hostname", &next));
	assert_non_null(url_refusal_signed("ldap://example.org/", &info));
	assert_null(url_refusal("https://example.org/", &info));
	assert_non_null(url_redirect_refusal(&info, "http://example.org/", &next));
}

static int not_wanted(void *ctx, const char *path, struct err *why)
{
	(void)ctx;
	assert_string_equal(text_of(path), served("doc/unwanted", 1));
	return err_set(why, ERR_INPUT, "not what was announced");
}

static void a_document_that_is_not_wanted_leaves_the_cached_one(void **state)
{
	(void)state;
	write_text(temp("unwanted"), "older");
	last.check = not_wanted;
	assert_int_equal(download(url_of("doc/unwanted"), "unwanted"), -1);
	assert_true(has(last.err.msg, "doc/unwanted': not what was announced"));
	assert_string_equal(text_of(temp("unwanted")), "older");
	assert_false(path_exists(temp("unwanted.part")));
}

static void local_files_are_copied(void **state)
{
	(void)state;
	write_text(temp("local/a b#%.csv"), "local\n");
	char *url = url_join_escaped(file_url("local"), "a b#%.csv");
	assert_int_equal(download(url, "copy"), 0);
	assert_false(last.res.unchanged);
	assert_int_equal(last.res.last_modified, path_mtime(temp("local/a b#%.csv")));
	assert_string_equal(text_of(temp("copy")), "local\n");
	assert_int_equal(download(url, "copy"), 0);
	assert_true(last.res.unchanged);
	free(url);
}

static void local_things_that_are_no_files_are_refused(void **state)
{
	(void)state;
	refuse(file_url("nothing-there"), "local-1", "no such file");
	refuse(file_url(""), "local-2", "is no regular file");
	assert_int_equal(mkfifo(temp("pipe"), 0600), 0);
	refuse(file_url("pipe"), "local-3", "is no regular file");
	write_text(temp("nothing"), "");
	refuse(file_url("nothing"), "local-4", "the document is empty");
}

static void a_cancelled_download_leaves_all_as_it_was(void **state)
{
	(void)state;
	last.cancel = true;
	refuse_path("doc/cancelled", "cancelled");
	assert_true(last.res.cancelled);
	assert_int_equal(requests("doc/cancelled"), 0);
}

static bool cancel_once_begun(void *ctx)
{
	(void)ctx;
	return last.done > 0;
}

static void a_running_download_can_be_cancelled(void **state)
{
	(void)state;
	const struct http_hooks hooks = { on_progress, cancel_once_begun, on_wait, NULL, NULL };
	struct http_request rq = { .max_bytes = 100000, .hooks = &hooks };
	struct http_client *c;
	rq.url = url_of("stall/cancelled");
	rq.path = temp("stall/cancelled");
	assert_int_equal(http_client_new(NULL, NULL, &c, &last.err), 0);
	assert_int_equal(http_download(c, &rq, &last.res, &last.err), -1);
	http_client_free(c);
	assert_true(last.res.cancelled);
	assert_true(leftover("stall/cancelled", ".part"));
	assert_false(path_exists(rq.path));
}

static void a_second_download_of_one_document_is_refused(void **state)
{
	(void)state;
	struct cache_file *f;
	assert_int_equal(cache_open(temp("doc/locked"), &f, &last.err), 0);
	refuse_path("doc/locked", "is being downloaded by another program");
	cache_close(f);
	succeed("doc/locked", 1);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
	(void)state;
	write_text(temp("plain-file"), "x");
	assert_int_equal(download(url_of("doc/x"), "plain-file/x"), -1);
	assert_int_equal(last.err.kind, ERR_NETWORK);
}

#define TEST(name) cmocka_unit_test_setup(name, forget)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_document_is_stored_with_what_is_known_of_it),
		TEST(an_unchanged_document_costs_a_304),
		TEST(last_modified_serves_where_there_is_no_etag),
		TEST(the_same_bytes_again_are_unchanged),
		TEST(other_bytes_replace_the_document),
		TEST(a_file_changed_by_hand_is_fetched_whole),
		TEST(a_damaged_meta_is_ignored),
		TEST(the_user_agent_names_version_and_contact),
		TEST(gzip_is_offered_and_unpacked),
		TEST(statuses_of_400_and_more_are_named),
		TEST(odd_successes_are_refused),
		TEST(server_errors_are_tried_again_with_growing_waits),
		TEST(a_storm_of_503_ends),
		TEST(once_means_no_retries),
		TEST(retry_after_seconds_is_obeyed),
		TEST(retry_after_a_date_is_obeyed),
		TEST(a_long_retry_after_is_told_not_waited_for),
		TEST(redirects_are_followed_up_to_a_limit),
		TEST(redirects_to_forbidden_places_are_refused),
		TEST(web_pages_are_no_documents),
		TEST(a_broken_transfer_is_resumed),
		TEST(a_broken_transfer_is_resumed_by_the_next_run),
		TEST(a_part_of_another_version_is_thrown_away),
		TEST(without_a_strong_validator_nothing_is_resumed),
		TEST(a_part_of_unknown_origin_is_thrown_away),
		TEST(a_wrong_range_starts_from_the_beginning),
		TEST(a_broken_compressed_transfer_is_not_mixed_with_plain_bytes),
		TEST(a_short_body_is_an_error),
		TEST(more_than_the_maximum_is_refused),
		TEST(a_stalled_transfer_ends),
		TEST(no_connection_is_told),
		TEST(an_unknown_host_is_told),
		TEST(a_certificate_nobody_trusts_is_refused),
		TEST(proxies_come_from_the_environment_but_not_for_this_machine),
		TEST(http_is_for_this_machine_only),
		TEST(addresses_are_told_apart),
		TEST(a_server_may_not_send_us_to_this_machine),
		TEST(local_files_are_copied),
		TEST(local_things_that_are_no_files_are_refused),
		TEST(what_is_signed_may_come_over_http),
		TEST(a_document_that_is_not_wanted_leaves_the_cached_one),
		TEST(a_cancelled_download_leaves_all_as_it_was),
		TEST(a_running_download_can_be_cancelled),
		TEST(a_second_download_of_one_document_is_refused),
		TEST(a_folder_that_cannot_be_made_is_told),
	};
	harness_args(argc, argv);
	return cmocka_run_group_tests(tests, harness_start, harness_stop);
}
