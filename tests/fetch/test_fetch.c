#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/date.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/vec.h"
#include "fetch/fetch.h"

#define TOLD_MAX 64
#define RECORDS "AllCertificateRecordsCSVFormatV5.csv"

static const struct http_limits quick = {
	.connect_ms = 5000, .stall_ms = 20000, .min_rate = 1, .retries = 2, .backoff_ms = 10, .backoff_max_ms = 10
};

/* What one run told. */
static struct {
	struct {
		char name[80];
		char url[200], origin[200];
		struct err err;
		enum fetch_state state;
		bool cached;
		uint64_t bytes;
		long status;
	} docs[TOLD_MAX];
	size_t n, waits, cancel_after, fail_after;
	struct fetch_progress progress;
	struct fetch_summary sum;
	struct err err;
} told;

static int on_document(void *ctx, const struct fetched_document *d, struct err *err)
{
	(void)ctx;
	assert_true(told.n < TOLD_MAX);
	assert_int_equal(d->state == FETCH_FAILED, d->err != NULL);
	assert_int_equal(d->cached, path_exists(d->path));
	snprintf(told.docs[told.n].name, sizeof(told.docs[0].name), "%s", d->document);
	snprintf(told.docs[told.n].url, sizeof(told.docs[0].url), "%s", d->url ? d->url : "");
	snprintf(told.docs[told.n].origin, sizeof(told.docs[0].origin), "%s", d->origin ? d->origin : "");
	told.docs[told.n].err = d->err ? *d->err : (struct err){ 0 };
	told.docs[told.n].state = d->state;
	told.docs[told.n].cached = d->cached;
	told.docs[told.n].bytes = d->bytes;
	told.docs[told.n].status = d->status;
	told.n++;
	if (told.fail_after && told.n == told.fail_after)
		return err_set(err, ERR_INDEX, "the index is full");
	return 0;
}

static void on_progress(void *ctx, const struct fetch_progress *p)
{
	(void)ctx;
	told.progress = *p;
}

static bool on_cancelled(void *ctx)
{
	(void)ctx;
	return told.cancel_after && told.n >= told.cancel_after;
}

static void on_wait(void *ctx, uint64_t ms)
{
	(void)ctx, (void)ms;
	told.waits++;
}

static struct fetch_request request(const char *source, const char *url, const char *cache)
{
	return (struct fetch_request){
		.source = source_find(source),
		.url = url,
		.cache = temp(cache),
		.limits = &quick,
		.progress = on_progress,
		.cancelled = on_cancelled,
		.wait = on_wait,
		.document = on_document,
	};
}

static int run(struct fetch_request rq)
{
	told.n = told.waits = 0;
	told.err = (struct err){ 0 };
	return fetch_source(&rq, &told.sum, &told.err);
}

static void run_well(struct fetch_request rq)
{
	if (run(rq) < 0)
		fail_msg("%s", told.err.msg);
}

static int forget(void **state)
{
	(void)state;
	memset(&told, 0, sizeof(told));
	return 0;
}

static size_t years(void)
{
	int year, month, day;
	date_to_civil(date_today(), &year, &month, &day);
	return (size_t)(year - 1994 + 1);
}

static size_t connections(const char *log)
{
	size_t n = 0;
	const char *before = "";
	for (const char *line = log; *line; line = strchr(line, '\n') + 1) {
		n += strncmp(line, before, strcspn(line, " ") + 1) != 0;
		before = line;
	}
	return n;
}

static void all_documents_come_over_one_connection_and_one_failure_stops_none(void **state)
{
	(void)state;
	run_well(request("ccadb", url_of("ccadb/one/"), "c1"));
	assert_int_equal(told.sum.documents, years() + 1);
	assert_int_equal(told.n, years() + 1);
	assert_int_equal(told.sum.failed, 1);
	assert_int_equal(told.sum.changed, years());
	assert_int_equal(told.sum.bytes, 5000 * years());
	assert_string_equal(told.docs[0].name, RECORDS);
	assert_string_equal(told.docs[8].name, "AllCertificatePEMsCSVFormat_NotBeforeYear_2001.csv");
	assert_int_equal(told.docs[8].state, FETCH_FAILED);
	assert_int_equal(told.docs[8].status, 404);
	assert_true(has(told.docs[8].err.msg, "NotBeforeYear=2001': HTTP status 404"));
	assert_string_equal(
		text_of(temp("c1/ccadb/" RECORDS)), served("ccadb/one/AllCertificateRecordsCSVFormatV5", 1));
	assert_int_equal(connections(log_of("ccadb/one/")), 1);
	assert_int_equal(told.progress.count, years() + 1);
	assert_int_equal(told.progress.through, years() + 1);
	assert_int_equal(told.progress.done, 5000 * years());
}

static void young_copies_are_not_asked_for_again(void **state)
{
	(void)state;
	struct fetch_request rq = request("ccadb", url_of("ccadb/two"), "c2");
	run_well(rq);
	size_t before = requests("ccadb/two/");
	run_well(rq);
	assert_int_equal(told.sum.skipped, years());
	assert_int_equal(told.sum.failed, 1); /* it is not there, so it is asked for */
	assert_int_equal(requests("ccadb/two/"), before + 1);
	assert_int_equal(told.docs[0].state, FETCH_SKIPPED);
	assert_int_equal(told.docs[0].bytes, 5000);
	rq.force = true;
	run_well(rq);
	assert_int_equal(told.sum.unchanged, years());
	assert_int_equal(told.docs[0].status, 304);
}

static void a_copy_from_the_future_is_asked_for(void **state)
{
	(void)state;
	char meta[400];
	struct fetch_request rq = request("mozilla", url_of("doc/future"), "c13");
	run_well(rq);
	snprintf(meta, sizeof(meta), "url: %s\nfetched-at: 99999999999\nbytes: 5000\n", rq.url);
	write_text(temp("c13/mozilla/certdata.txt.meta"), meta);
	run_well(rq);
	assert_int_equal(told.sum.unchanged, 1);
	snprintf(meta, sizeof(meta), "url: %s\nfetched-at: -9223372036854775808\nbytes: 5000\n", rq.url);
	write_text(temp("c13/mozilla/certdata.txt.meta"), meta);
	run_well(rq);
	assert_int_equal(told.sum.unchanged, 1);
}

static void another_address_is_asked_at_once(void **state)
{
	(void)state;
	run_well(request("mozilla", url_of("doc/certdata.txt"), "c3"));
	assert_int_equal(told.sum.changed, 1);
	run_well(request("mozilla", url_of("doc/other.txt"), "c3"));
	assert_int_equal(told.sum.changed, 1);
	assert_string_equal(text_of(temp("c3/mozilla/certdata.txt")), served("doc/other.txt", 1));
}

static void a_failed_document_keeps_its_older_copy(void **state)
{
	(void)state;
	run_well(request("mozilla", url_of("doc/certdata.txt"), "c4"));
	run_well(request("mozilla", url_of("status/404/certdata.txt"), "c4"));
	assert_int_equal(told.sum.failed, 1);
	assert_true(told.docs[0].cached);
	assert_int_equal(told.docs[0].bytes, 5000);
	assert_string_equal(text_of(temp("c4/mozilla/certdata.txt")), served("doc/certdata.txt", 1));
}

static void a_broken_host_is_not_asked_to_the_bitter_end(void **state)
{
	(void)state;
	run_well(request("ccadb", url_of("storm/"), "c5"));
	assert_int_equal(told.sum.failed, years() + 1);
	assert_int_equal(told.waits, quick.retries);
	assert_int_equal(requests("storm/"), years() + 1 + quick.retries);
}

static void a_host_that_gives_no_answer_is_not_asked_again(void **state)
{
	(void)state;
	run_well(request("ccadb", refused_url(), "c14"));
	assert_int_equal(told.sum.failed, years() + 1);
	assert_int_equal(told.waits, quick.retries);
	assert_true(has(told.docs[0].err.msg, "attempts"));
	assert_true(has(told.docs[1].err.msg, "not asked for, because the host gave no answer before"));
}

static void a_host_that_wants_to_be_left_alone_is(void **state)
{
	(void)state;
	run_well(request("ccadb", url_of("busy-date/9999/"), "c15"));
	assert_int_equal(told.sum.failed, years() + 1);
	assert_int_equal(told.waits, 0);
	assert_int_equal(requests("busy-date/9999/"), 1);
	run_well(request("ccadb", url_of("busy-seconds/9999/"), "c16"));
	assert_int_equal(requests("busy-seconds/9999/"), 1);
}

static void named_documents_stand_for_their_own_addresses(void **state)
{
	(void)state;
	const char *const urls[] = { "http://crl.example/a.crl", "http://crl.example/b/c?d=e" };
	struct source_list items = { 0 };
	struct fetch_request rq = request("crl", url_of("doc/mirror/"), "c17");
	source_items(urls, 2, rq.url, &items);
	rq.items = &items;
	run_well(rq);
	assert_int_equal(told.sum.changed, 2);
	assert_string_equal(told.docs[0].url, url_of("doc/mirror/crl.example/a.crl"));
	assert_string_equal(told.docs[1].url, url_of("doc/mirror/crl.example/b/c?d=e"));
	assert_string_equal(told.docs[1].origin, urls[1]);
	source_list_release(&items);
	const char *const mine[] = { url_of("doc/mine.crl") };
	source_items(mine, 1, NULL, &items);
	rq.url = NULL;
	run_well(rq);
	assert_int_equal(told.sum.failed, 1);
	assert_true(has(told.docs[0].err.msg, "a certificate may not point at this machine"));
	assert_int_equal(requests("doc/mine.crl"), 0);
	source_list_release(&items);
}

/* As if certificates named them and a mirror of each host stood here. */
static void add_item(struct source_list *items, unsigned host, const char *path)
{
	char name[32];
	snprintf(name, sizeof(name), "item-%03zu", items->n);
	vec_push(items, (struct source_item){ xstrdup(name), xstrdup(url_at(host, path)), xstrdup("http://crl.example/") });
}

static void run_items(struct source_list *items, const char *cache, const struct http_limits *limits)
{
	struct fetch_request rq = request("crl", NULL, cache);
	rq.items = items;
	rq.limits = limits;
	run_well(rq);
	for (size_t i = 0; i < told.n; i++) {
		char name[32];
		snprintf(name, sizeof(name), "item-%03zu", i);
		assert_string_equal(told.docs[i].name, name);
	}
	source_list_release(items);
}

static void several_hosts_are_asked_at_once(void **state)
{
	(void)state;
	struct source_list items = { 0 };
	for (unsigned host = 1; host <= 6; host++)
		add_item(&items, host, "meet/all/6");
	run_items(&items, "c20", &quick);
	assert_int_equal(told.sum.changed, 6);
	assert_int_equal(told.sum.failed, 0);
	assert_int_equal(told.progress.through, 6);
	assert_int_equal(told.progress.done, 6 * 5000);
}

static void a_host_is_never_asked_for_two_at_once(void **state)
{
	(void)state;
	struct source_list items = { 0 };
	for (unsigned i = 0; i < 24; i++) {
		char path[32];
		snprintf(path, sizeof(path), "alone/%u", i);
		add_item(&items, 1 + i % 3, path);
	}
	run_items(&items, "c21", &quick);
	assert_int_equal(told.sum.changed, 24);
	/* over the connection that each of them has */
	const char *log = log_of("alone/");
	char ports[3][8] = { "" };
	for (size_t i = 0; *log; log = strchr(log, '\n') + 1, i++) {
		unsigned number;
		char port[8];
		assert_int_equal(sscanf(log, "%7s /alone/%u", port, &number), 2);
		if (*ports[number % 3])
			assert_string_equal(port, ports[number % 3]);
		memcpy(ports[number % 3], port, sizeof(port));
	}
}

static void a_redirect_waits_for_its_host(void **state)
{
	(void)state;
	char path[96];
	struct source_list items = { 0 };
	for (unsigned i = 0; i < 12; i++) {
		snprintf(path, sizeof(path), i % 2 ? "alone/%u" : "to-host/2/alone/%u", 100 + i);
		add_item(&items, 1 + i % 2, path);
	}
	run_items(&items, "c22", &quick);
	assert_int_equal(told.sum.changed, 12);
}

static void so_many_hosts_and_no_more(void **state)
{
	(void)state;
	struct http_limits two = quick;
	struct source_list items = { 0 };
	two.hosts = 2;
	for (unsigned host = 1; host <= 6; host++)
		add_item(&items, host, "at-most/2");
	run_items(&items, "c23", &two);
	assert_int_equal(told.sum.changed, 6);
}

/* The first answers when all others were asked, and is told of first. */
static void a_slow_host_holds_up_nobody(void **state)
{
	(void)state;
	struct http_limits one = quick;
	struct source_list items = { 0 };
	one.hosts = 1;
	add_item(&items, 1, "after/3/doc/slow");
	for (unsigned host = 2; host <= 4; host++)
		add_item(&items, host, "doc/slow");
	run_items(&items, "c24", &one);
	assert_int_equal(told.sum.changed, 4);
}

static void a_host_that_wants_a_pause_gets_it_and_others_go_on(void **state)
{
	(void)state;
	struct source_list items = { 0 };
	struct fetch_request rq = request("crl", NULL, "c25");
	add_item(&items, 1, "busy-seconds/1/pause");
	add_item(&items, 1, "doc/pause/same");
	add_item(&items, 2, "doc/pause/other");
	rq.items = &items;
	rq.wait = NULL;
	rq.limits = &(struct http_limits){ .connect_ms = 5000, .stall_ms = 20000, .min_rate = 1, .retries = 2, .backoff_ms = 10,
		.backoff_max_ms = 10, .wait_max_ms = 5000 };
	run_well(rq);
	assert_int_equal(told.sum.changed, 3);
	source_list_release(&items);
	const char *log = log_of("");
	const char *first = strstr(log, "/busy-seconds/1/pause"), *second = strstr(first + 1, "/busy-seconds/1/pause");
	const char *same = strstr(log, "/doc/pause/same"), *other = strstr(log, "/doc/pause/other");
	assert_true(first && second && same && other);
	assert_true(same > second);
	assert_true(other < second);
}

/* What is through stays, and what was not is not told of. */
static void a_cancelled_run_keeps_what_is_through(void **state)
{
	(void)state;
	struct source_list items = { 0 };
	struct fetch_request rq = request("crl", NULL, "c26");
	told.cancel_after = 2;
	add_item(&items, 1, "doc/kept/1");
	add_item(&items, 1, "doc/kept/2");
	add_item(&items, 2, "silent/kept");
	add_item(&items, 1, "doc/kept/3");
	rq.items = &items;
	run_well(rq);
	assert_true(told.sum.cancelled);
	assert_int_equal(told.n, 2);
	assert_string_equal(text_of(temp("c26/crl/item-001")), served("doc/kept/2", 1));
	assert_false(path_exists(temp("c26/crl/item-002")));
	source_list_release(&items);
}

static void a_local_folder_gives_whatever_reports_it_holds(void **state)
{
	(void)state;
	write_text(temp("reports/" RECORDS), "records\n");
	write_text(temp("reports/AllCertificatePEMsCSVFormat_NotBeforeYear_2020 (1).csv"), "pems\n");
	write_text(temp("reports/notes.txt"), "no report\n");
	write_text(temp("reports/.hidden.csv"), "no report\n");
	struct fetch_request rq = request("ccadb", file_url("reports/"), "c6");
	run_well(rq);
	assert_int_equal(told.sum.changed, 2);
	assert_string_equal(text_of(temp("c6/ccadb/" RECORDS)), "records\n");
	write_text(temp("reports/" RECORDS), "new records\n");
	run_well(rq);
	assert_int_equal(told.sum.changed, 1);
	assert_int_equal(told.sum.unchanged, 1);
	assert_string_equal(text_of(temp("c6/ccadb/" RECORDS)), "new records\n");
}

static void a_missing_or_empty_local_folder_is_told(void **state)
{
	(void)state;
	assert_int_equal(run(request("ccadb", file_url("no-reports/"), "c7")), -1);
	assert_int_equal(told.err.kind, ERR_NETWORK);
	assert_true(has(told.err.msg, "no-reports/': no such file"));
	write_text(temp("empty/notes.txt"), "x");
	assert_int_equal(run(request("ccadb", file_url("empty/"), "c7")), -1);
	assert_true(has(told.err.msg, "holds no *.csv"));
	assert_false(path_exists(temp("c7/ccadb")));
}

static void a_bad_address_is_bad_usage(void **state)
{
	(void)state;
	assert_int_equal(run(request("ccadb", "http://192.0.2.1/ccadb/", "c8")), -1);
	assert_int_equal(told.err.kind, ERR_USAGE);
	assert_int_equal(run(request("mozilla", "file:///x/", "c8")), -1);
	assert_int_equal(told.err.kind, ERR_USAGE);
}

static void offline_tells_what_the_cache_holds(void **state)
{
	(void)state;
	struct fetch_request rq = request("mozilla", url_of("doc/offline"), "c9");
	rq.offline = true;
	assert_int_equal(run(rq), -1);
	assert_true(has(told.err.msg, "nothing of 'mozilla' is in the cache"));
	rq.offline = false;
	run_well(rq);
	write_text(temp("c9/mozilla/other.part"), "x");
	write_text(temp("c9/mozilla/other.part.meta"), "x");
	rq.offline = true;
	run_well(rq);
	assert_int_equal(told.sum.documents, 1);
	assert_int_equal(told.sum.skipped, 1);
	assert_int_equal(told.docs[0].bytes, 5000);
	assert_int_equal(requests("doc/offline"), 1);
}

static void a_dry_run_asks_and_writes_nothing(void **state)
{
	(void)state;
	struct fetch_request rq = request("ccadb", url_of("ccadb/dry/"), "c10");
	rq.dry_run = true;
	run_well(rq);
	assert_int_equal(told.sum.planned, years() + 1);
	assert_int_equal(requests("ccadb/dry/"), 0);
	assert_false(path_exists(temp("c10")));
}

static void a_cancelled_run_stops(void **state)
{
	(void)state;
	told.cancel_after = 3;
	run_well(request("ccadb", url_of("ccadb/cancelled/"), "c11"));
	assert_true(told.sum.cancelled);
	assert_int_equal(told.n, 3);
	assert_int_equal(requests("ccadb/cancelled/"), 3);
}

static void the_callers_error_stops_the_run(void **state)
{
	(void)state;
	told.fail_after = 2;
	assert_int_equal(run(request("ccadb", url_of("ccadb/full/"), "c12")), -1);
	assert_int_equal(told.err.kind, ERR_INDEX);
	assert_string_equal(told.err.msg, "the index is full");
	assert_int_equal(told.n, 2);
}

static void states_have_names(void **state)
{
	(void)state;
	for (int s = FETCH_CHANGED; s <= FETCH_FAILED; s++)
		assert_non_null(fetch_state_name((enum fetch_state)s));
}

#define TEST(name) cmocka_unit_test_setup(name, forget)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(all_documents_come_over_one_connection_and_one_failure_stops_none),
		TEST(young_copies_are_not_asked_for_again),
		TEST(a_copy_from_the_future_is_asked_for),
		TEST(another_address_is_asked_at_once),
		TEST(a_failed_document_keeps_its_older_copy),
		TEST(a_broken_host_is_not_asked_to_the_bitter_end),
		TEST(a_host_that_gives_no_answer_is_not_asked_again),
		TEST(a_host_that_wants_to_be_left_alone_is),
		TEST(named_documents_stand_for_their_own_addresses),
		TEST(several_hosts_are_asked_at_once),
		TEST(a_host_is_never_asked_for_two_at_once),
		TEST(a_redirect_waits_for_its_host),
		TEST(so_many_hosts_and_no_more),
		TEST(a_slow_host_holds_up_nobody),
		TEST(a_host_that_wants_a_pause_gets_it_and_others_go_on),
		TEST(a_cancelled_run_keeps_what_is_through),
		TEST(a_local_folder_gives_whatever_reports_it_holds),
		TEST(a_missing_or_empty_local_folder_is_told),
		TEST(a_bad_address_is_bad_usage),
		TEST(offline_tells_what_the_cache_holds),
		TEST(a_dry_run_asks_and_writes_nothing),
		TEST(a_cancelled_run_stops),
		TEST(the_callers_error_stops_the_run),
		TEST(states_have_names),
	};
	harness_args(argc, argv);
	return cmocka_run_group_tests(tests, harness_start, harness_stop);
}
