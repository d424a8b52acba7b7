#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fetch/config.h"
#include "fetch/http.h"
#include "fetch/sources.h"
#include "fetch/url.h"

static struct err err;

static struct config *load(const char *text)
{
	struct config *c;
	write_text(temp("config"), text);
	if (config_load(temp("config"), &c, &err) < 0)
		fail_msg("%s", err.msg);
	return c;
}

static void reject(const char *text, unsigned line, const char *why)
{
	char where[300];
	struct config *c = NULL;
	write_text(temp("config"), text);
	assert_int_equal(config_load(temp("config"), &c, &err), -1);
	assert_null(c);
	assert_int_equal(err.kind, ERR_INPUT);
	snprintf(where, sizeof(where), "%s:%u: %s", temp("config"), line, why);
	assert_string_equal(err.msg, where);
}

static void without_a_file_the_defaults_hold(void **state)
{
	(void)state;
	struct config *c;
	assert_int_equal(config_load(temp("no-such-config"), &c, &err), 0);
	assert_null(config_contact(c));
	assert_string_equal(config_url(c, "ccadb"), source_find("ccadb")->url);
	assert_null(config_url(c, "nowhere"));
	config_free(c);
}

static void keys_are_read(void **state)
{
	(void)state;
	struct config *c = load("# mine\r\n\n  contact =  ops@example.org \r\n"
				"url.ccadb=file:///srv/ccadb/\n\turl.mozilla = https://example.org/a?b=c#d");
	assert_string_equal(config_contact(c), "ops@example.org");
	assert_string_equal(config_url(c, "ccadb"), "file:///srv/ccadb/");
	assert_string_equal(config_url(c, "mozilla"), "https://example.org/a?b=c#d");
	config_free(c);
}

static void patience_is_read(void **state)
{
	(void)state;
	struct config *c = load("contact = ops@example.org\n");
	assert_null(config_limits(c));
	config_free(c);
	c = load("timeout = 0.25\nretries = 0\nhosts = 3\n");
	assert_int_equal(config_limits(c)->connect_ms, 250);
	assert_int_equal(config_limits(c)->stall_ms, 250);
	assert_int_equal(config_limits(c)->retries, 0);
	assert_int_equal(config_limits(c)->hosts, 3);
	assert_int_equal(config_limits(c)->backoff_ms, http_limits_default.backoff_ms);
	config_free(c);
	reject("timeout = 0\n", 1, "'timeout' takes seconds from 0.01 to 3600, not '0'");
	reject("hosts = 0\n", 1, "'hosts' takes a number from 1 to 64, not '0'");
	reject("\nretries = 21\n", 2, "'retries' takes a number up to 20, not '21'");
}

static void each_log_has_its_manners(void **state)
{
	(void)state;
	struct config *c = load("log-window.slow = 2\nlog-window = 8\nlog-rate = 10\n"
				"log-rate.Ct.Example.org/b = 2.5\nlog-rate.example = 0.125\n");
	struct config_log m = config_log(c, "Quick 2026", "https://ct.example.com/");
	assert_int_equal(m.window, 8);
	assert_true(m.per_second == 0.125);
	m = config_log(c, "Slow 2026", "https://ct.other.org/");
	assert_int_equal(m.window, 2);
	assert_true(m.per_second == 10);
	m = config_log(c, "B", "https://ct.example.org/b2026/");
	assert_int_equal(m.window, 8);
	assert_true(m.per_second == 0.125); /* the last line that fits */
	config_free(c);
	c = load("log-rate.example = 0.125\nlog-rate.Ct.Example.org/b = 2.5\n");
	m = config_log(c, "B", "https://ct.example.org/b2026/");
	assert_int_equal(m.window, 0);
	assert_true(m.per_second == 2.5);
	config_free(c);
}

static void a_later_line_wins(void **state)
{
	(void)state;
	struct config *c = load("contact = a\ncontact = b\nurl.ccadb = file:///a/\nurl.ccadb = file:///b/\n");
	assert_string_equal(config_contact(c), "b");
	assert_string_equal(config_url(c, "ccadb"), "file:///b/");
	config_free(c);
}

static void errors_name_file_and_line(void **state)
{
	(void)state;
	reject("\nnonsense\n", 2, "'nonsense' is no 'key = value'");
	reject("colour = red\n", 1, "unknown key 'colour'");
	reject("#\n#\nurl.nowhere = file:///x\n", 3, "unknown source 'nowhere'");
	reject("contact =\n", 1, "'contact' has no value");
	reject("contact = a\x1b[31m\n", 1, "the contact 'a\xEF\xBF\xBD[31m' is no plain mail address or URL");
	reject("log-window = 0\n", 1, "'log-window' takes a number from 1 to 256, not '0'");
	reject("log-window = 257\n", 1, "'log-window' takes a number from 1 to 256, not '257'");
	reject("log-window. = 1\n", 1, "unknown key 'log-window.'");
	reject("log-windows = 1\n", 1, "unknown key 'log-windows'");
	static const char *const rates[] = { "0", "0.0", "-1", ".5", "5.", "1e3", "1,5", "1.5.5", "1 5", "1234567", "inf", "nan" };
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		char line[64], why[100];
		snprintf(line, sizeof(line), "log-rate.x = %s\n", rates[i]);
		snprintf(why, sizeof(why), "'log-rate' takes requests a second above 0, not '%s'", rates[i]);
		reject(line, 1, why);
	}
	reject("url.mozilla = http://example.org/x\n", 1,
		"'http://example.org/x' for mozilla: only https, file and http on this machine are fetched");
	reject("url.mozilla = file:///x/\n", 1, "'file:///x/' for mozilla: is a folder, not a file");
	reject("url.ccadb = file:///x?y\n", 1, "'file:///x?y' for ccadb: is no folder");
	reject("url.ccadb = certs\n", 1, "'certs' for ccadb: is no URL");
}

static void a_database_is_asked_as_told(void **state)
{
	(void)state;
	struct config *c = load("");
	assert_int_equal(config_crtsh(c).batch, 0);
	assert_int_equal(config_crtsh(c).seconds, 0);
	config_free(c);
	c = load("crtsh-batch = 40\ncrtsh-timeout = 7\nurl.crtsh = host=127.0.0.1 dbname=x\n");
	assert_int_equal(config_crtsh(c).batch, 40);
	assert_int_equal(config_crtsh(c).seconds, 7);
	assert_string_equal(config_url(c, "crtsh"), "host=127.0.0.1 dbname=x");
	config_free(c);
	reject("#\ncrtsh-batch = 0\n", 2, "'crtsh-batch' takes a number from 1 to 1000, not '0'");
	reject("crtsh-batch = 1001\n", 1, "'crtsh-batch' takes a number from 1 to 1000, not '1001'");
	reject("crtsh-timeout = 1.5\n", 1, "'crtsh-timeout' takes a number from 1 to 3600, not '1.5'");
	reject("crtsh-timeout = 3601\n", 1, "'crtsh-timeout' takes a number from 1 to 3600, not '3601'");
	reject("crtsh-window = 1\n", 1, "unknown key 'crtsh-window'");
}

static void a_source_is_switched_on_and_off(void **state)
{
	(void)state;
	const struct source *aia = source_find("aia"), *ccadb = source_find("ccadb");
	struct config *c = load("");
	assert_int_equal(config_enabled(c, aia), aia->enabled);
	assert_int_equal(config_enabled(c, ccadb), ccadb->enabled);
	config_free(c);
	c = load("enabled.aia = yes\nenabled.ccadb = yes\nenabled.ccadb = no\n");
	assert_true(config_enabled(c, aia));
	assert_false(config_enabled(c, ccadb));
	assert_true(config_enabled(c, source_find("mozilla")));
	config_free(c);
	reject("\nenabled.aia = true\n", 2, "'enabled.aia' takes yes or no, not 'true'");
	reject("enabled.nowhere = yes\n", 1, "unknown source 'nowhere'");
	reject("enabled = yes\n", 1, "unknown key 'enabled'");
}

static void an_unreadable_file_is_told(void **state)
{
	(void)state;
	struct config *c = NULL;
	assert_int_equal(config_load(temp(""), &c, &err), -1);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_true(has(err.msg, temp("")));
}

static void the_command_line_is_above_the_file(void **state)
{
	(void)state;
	struct config *c = load("url.ccadb = file:///a/\n");
	assert_int_equal(config_set_url(c, "ccadb=file:///b=c/", &err), 0);
	assert_string_equal(config_url(c, "ccadb"), "file:///b=c/");
	assert_int_equal(config_set_url(c, "nowhere=file:///b/", &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.msg, "unknown source 'nowhere'");
	assert_int_equal(config_set_url(c, "file:///b/", &err), -1);
	assert_string_equal(err.msg, "'file:///b/' is no SOURCE=URL");
	assert_int_equal(config_set_url(c, "ccadb=", &err), -1);
	assert_int_equal(config_set_url(c, "=x", &err), -1);
	assert_string_equal(config_url(c, "ccadb"), "file:///b=c/");
	config_free(c);
}

static void every_source_has_a_sound_row(void **state)
{
	(void)state;
	size_t n = 0;
	for (const struct source *s; (s = source_at(n)); n++) {
		assert_ptr_equal(source_find(s->name), s);
		assert_true(strlen(s->help) > 0 && s->min_interval > 0);
		if (s->shape == SOURCE_DATABASE) { /* it has rows, no documents */
			assert_true(s->url && !s->n_documents && !s->documents && !s->local && !s->is_signed);
			assert_null(source_url_refusal(s, s->url));
			assert_non_null(source_url_refusal(s, ""));
			continue;
		}
		assert_true(s->max_bytes > 0);
		assert_int_equal(s->n_documents > 0, s->url != NULL);
		assert_true(s->shape == SOURCE_FILE || s->local);
		if (!s->url)
			continue;
		assert_null(source_url_refusal(s, s->url));
		assert_int_equal(strncmp(s->url, "https://", 8), 0);
		for (size_t i = 0; i < s->n_documents; i++)
			assert_null(strpbrk(s->documents[i].name, "/?"));
	}
	assert_true(n >= 2);
	assert_null(source_find("nowhere"));
}

static void passwords_are_not_shown(void **state)
{
	static const char *const shown[][2] = {
		{ "", "" },
		{ "host=crt.sh port=5432 user=guest dbname=certwatch", "host=crt.sh port=5432 user=guest dbname=certwatch" },
		{ "host=x password=secret user=me", "host=x password=*** user=me" },
		{ "password = 'se\\'cr et' host=x", "password = *** host=x" },
		{ "password=se\\ cret host=x", "password=*** host=x" },
		{ "PASSWORD=secret", "PASSWORD=***" },
		{ "host=x password='secret", "host=x password=***" },
		{ "host=x password=", "host=x password=" },
		{ "host=x sslpassword=secret=more@x", "host=x sslpassword=***" },
		{ "passfile=/x password=a://b c=d", "passfile=/x password=*** c=d" },
		{ "postgresql://me:secret@host:5432/db?password=secret&x=y", "postgresql://me:***@host:5432/db?password=***&x=y" },
		{ "postgresql:///db?host=/tmp&password", "postgresql:///db?host=/tmp&password" },
		{ "https://me:sec:ret@example.org:8443/a:b@c", "https://me:***@example.org:8443/a:b@c" },
		{ "https://me@example.org/", "https://me@example.org/" },
		{ "https://example.org:8443/?a=b:c@d", "https://example.org:8443/?a=b:c@d" },
		{ "  =  == x", "  =  == x" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		char *got = url_shown(shown[i][0]);
		assert_string_equal(got, shown[i][1]);
		free(got);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_file_the_defaults_hold),
		cmocka_unit_test(keys_are_read),
		cmocka_unit_test(patience_is_read),
		cmocka_unit_test(each_log_has_its_manners),
		cmocka_unit_test(a_later_line_wins),
		cmocka_unit_test(errors_name_file_and_line),
		cmocka_unit_test(a_database_is_asked_as_told),
		cmocka_unit_test(a_source_is_switched_on_and_off),
		cmocka_unit_test(an_unreadable_file_is_told),
		cmocka_unit_test(the_command_line_is_above_the_file),
		cmocka_unit_test(every_source_has_a_sound_row),
		cmocka_unit_test(passwords_are_not_shown),
	};
	harness_args(argc, argv);
	return cmocka_run_group_tests(tests, harness_start, harness_stop);
}
