#include "index/loglist.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "index/graph.h"

const char *const log_state_names[LOG_STATES] = { "", "pending", "qualified", "usable", "readonly", "retired", "rejected" };

struct reader {
	struct log_list *list;
	log_list_problem_fn *problem;
	void *ctx;
	const char *operator;
	char place[96];
};

static void problem(struct reader *r, const char *what)
{
	if (r->problem)
		r->problem(r->ctx, r->place, what);
}

bool log_list_recognise(const char *data, size_t n)
{
	size_t head = n < 65536 ? n : 65536, i = 0;

	while (i < n && (data[i] == ' ' || data[i] == '\t' || data[i] == '\r' || data[i] == '\n'))
		i++;
	if (i >= n || data[i] != '{')
		return false;
	bool list = memmem(data, head, "\"operators\"", 11) && memmem(data, head, "\"logs\"", 6);
	bool url = memmem(data, head, "\"monitoring_url\"", 16) || memmem(data, head, "\"url\"", 5);
	return list || (url && memmem(data, head, "\"log_id\"", 8) && memmem(data, head, "\"key\"", 5));
}

static const char *text_of(struct reader *r, const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);
	struct strbuf b = STRBUF_INIT;

	if (json_is_string(v))
		text_clean(&b, json_string_value(v), json_string_length(v));
	const char *s = arena_strdup(&r->list->strings, b.buf);
	strbuf_release(&b);
	return s;
}

/* With a slash behind it; "" when there is none. */
static const char *url_of(struct reader *r, const json_t *o, const char *name)
{
	const char *url = text_of(r, o, name);
	struct strbuf b = STRBUF_INIT;

	if (!*url)
		return url;
	/* version 2 of the list left the scheme out */
	strbuf_addf(&b, "%s%s%s", strstr(url, "://") ? "" : "https://", url, url[strlen(url) - 1] == '/' ? "" : "/");
	url = arena_strdup(&r->list->strings, b.buf);
	strbuf_release(&b);
	return url;
}

/* "2026-01-01T00:00:00Z", with or without fractions. */
static int64_t time_of(const json_t *v)
{
	const char *s = json_is_string(v) ? json_string_value(v) : "";
	int y, mon, d, h, min, sec, n = 0;
	int32_t day;
	char date[16];

	if (sscanf(s, "%4d-%2d-%2dT%2d:%2d:%2d%n", &y, &mon, &d, &h, &min, &sec, &n) != 6 || n != 19)
		return TIME_UNKNOWN;
	snprintf(date, sizeof(date), "%.10s", s);
	if (date_parse(date, &day) < 0 || h < 0 || h > 23 || min < 0 || min > 59 || sec < 0 || sec > 60)
		return TIME_UNKNOWN;
	return date_start(day) + h * 3600 + min * 60 + sec;
}

static bool read_key(struct reader *r, const json_t *o, struct log_info *log)
{
	const json_t *key = json_object_get(o, "key"), *id = json_object_get(o, "log_id");
	uint8_t *der = NULL, *told = NULL;
	size_t n = 0, told_n = 0;
	bool good = json_is_string(key) && base64_decode(json_string_value(key), json_string_length(key), &der, &n) == 0 && n;

	if (!good) {
		problem(r, "a log without readable key");
	} else {
		log->key = (struct slice){ arena_dup(&r->list->strings, der, n), n };
		EVP_Digest(der, n, log->id, NULL, EVP_sha256(), NULL);
		if (json_is_string(id) && (base64_decode(json_string_value(id), json_string_length(id), &told, &told_n) < 0 ||
		                           told_n != 32 || memcmp(told, log->id, 32) != 0)) {
			problem(r, "the log_id is not the SHA-256 of the key");
			good = false;
		}
	}
	free(der);
	free(told);
	return good;
}

static void read_final(const json_t *head, struct log_info *log)
{
	const json_t *size = json_object_get(head, "tree_size"), *root = json_object_get(head, "sha256_root_hash");
	uint8_t *bytes = NULL;
	size_t n = 0;

	if (json_is_integer(size) && json_integer_value(size) >= 0 && json_is_string(root) &&
	    base64_decode(json_string_value(root), json_string_length(root), &bytes, &n) == 0 && n == 32) {
		log->has_final = true;
		log->final_size = (uint64_t)json_integer_value(size);
		memcpy(log->final_root, bytes, 32);
	}
	free(bytes);
}

/* {"usable":{"timestamp":…}} in Google's list; a word in "state" of some, "status" of a log's own description. */
static void read_state(const json_t *o, struct log_info *log)
{
	const json_t *state = json_object_get(o, "state"), *own = json_object_get(o, "status");
	const char *word = json_is_string(state) ? json_string_value(state) : json_is_string(own) ? json_string_value(own) : NULL;

	log->state_since = time_of(json_object_get(o, "status_timestamp"));
	for (int i = 1; i < LOG_STATES; i++) {
		const json_t *inner = json_object_get(state, log_state_names[i]);
		if (inner) {
			log->state = (enum log_state)i;
			log->state_since = time_of(json_object_get(inner, "timestamp"));
			read_final(json_object_get(inner, "final_tree_head"), log);
		} else if (word && strcasecmp(word, log_state_names[i]) == 0) {
			log->state = (enum log_state)i;
		}
	}
	read_final(json_object_get(o, "final_tree_head"), log);
}

static bool is_test(const json_t *o)
{
	const json_t *type = json_object_get(o, "log_type"), *use = json_object_get(o, "intended_use");
	const char *t = json_is_string(type) ? json_string_value(type) : "prod";
	const char *u = json_is_string(use) ? json_string_value(use) : "prod";

	return strncmp(t, "prod", 4) != 0 || strncmp(u, "prod", 4) != 0;
}

static void read_log(struct reader *r, const json_t *o)
{
	const json_t *interval = json_object_get(o, "temporal_interval"), *mmd = json_object_get(o, "mmd");
	struct log_info log = { .operator = r->operator };

	if (!json_is_object(o)) {
		problem(r, "a log that is no object");
		return;
	}
	const char *monitoring = url_of(r, o, "monitoring_url");
	log.tiled = *monitoring != '\0';
	log.url = log.tiled ? monitoring : url_of(r, o, "url");
	log.submission = log.tiled ? url_of(r, o, "submission_url") : "";
	log.name = text_of(r, o, "description");
	if (!*log.name)
		log.name = log.url;
	if (!*log.url) {
		problem(r, "a log without URL");
		return;
	}
	if (!read_key(r, o, &log))
		return;
	log.start = time_of(json_object_get(interval, "start_inclusive"));
	log.end = time_of(json_object_get(interval, "end_exclusive"));
	log.mmd = json_is_integer(mmd) ? (int32_t)json_integer_value(mmd) : 86400;
	log.test = is_test(o);
	read_state(o, &log);
	vec_push(&r->list->log, log);
}

static void read_logs(struct reader *r, const json_t *logs, const char *kind)
{
	size_t i;
	json_t *o;

	json_array_foreach(logs, i, o)
	{
		snprintf(r->place, sizeof(r->place), "operator '%.30s', %s %zu", r->operator, kind, i + 1);
		read_log(r, o);
	}
}

/* Google's and Apple's lists have operators with logs; a log's own description is one log. */
static int read_root(struct reader *r, const json_t *root, struct err *err)
{
	const json_t *operators = json_object_get(root, "operators");
	size_t i;
	json_t *o;

	r->list->timestamp = time_of(json_object_get(root, "log_list_timestamp"));
	r->operator = "";
	/* one that became an archive may have an RFC 6962 log's URL only */
	if (json_object_get(root, "monitoring_url") || (json_object_get(root, "url") && json_object_get(root, "key"))) {
		read_log(r, root);
		return 0;
	}
	if (!json_is_array(operators))
		return err_set(err, ERR_INPUT, "no list of logs: it has no operators");
	json_array_foreach(operators, i, o)
	{
		r->operator = text_of(r, o, "name");
		read_logs(r, json_object_get(o, "logs"), "log");
		read_logs(r, json_object_get(o, "tiled_logs"), "tiled log");
	}
	return 0;
}

int log_list_read(struct log_list *ret, const char *json, size_t n, log_list_problem_fn *fn, void *ctx, struct err *err)
{
	struct reader r = { .list = ret, .problem = fn, .ctx = ctx };
	json_error_t why;
	json_t *root = json_loadb(json, n, 0, &why);

	ret->timestamp = TIME_UNKNOWN;
	if (!root)
		return err_set(err, ERR_INPUT, "no JSON: line %d: %s", why.line, why.text);
	int rc = read_root(&r, root, err);
	json_decref(root);
	return rc;
}

void log_list_release(struct log_list *list)
{
	vec_release(&list->log);
	arena_release(&list->strings);
}

static bool same_url(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	while (n && a[n - 1] == '/')
		n--;
	while (m && b[m - 1] == '/')
		m--;
	return n && n == m && memcmp(a, b, n) == 0;
}

static bool is_exactly(const struct log_info *log, const char *text)
{
	char hex[65];

	hex_encode(log->id, 32, hex);
	return same_url(text, log->url) || same_url(text, log->submission) || strcmp(text, log->name) == 0 ||
	       strcasecmp(text, hex) == 0;
}

const struct log_info *log_list_find(const struct log_list *list, const char *text, size_t *n_found)
{
	const struct log_info *found = NULL;

	*n_found = 0;
	for (size_t i = 0; i < list->log.n; i++) {
		if (is_exactly(&list->log.v[i], text)) {
			*n_found = 1;
			return &list->log.v[i];
		}
	}
	for (size_t i = 0; *text && i < list->log.n; i++) {
		if (!strcasestr(list->log.v[i].name, text))
			continue;
		found = &list->log.v[i];
		++*n_found;
	}
	return *n_found == 1 ? found : NULL;
}

bool log_is_wanted(const struct log_info *log, int32_t day)
{
	if (log->test || log->state == LOG_REJECTED || log->state == LOG_PENDING)
		return false;
	return log->end == TIME_UNKNOWN || log->end > date_start(day);
}
