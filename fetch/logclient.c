#include "fetch/logclient.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "fetch/fetch.h"
#include "fetch/httpcurl.h"
#include "fetch/url.h"
#include "fetch/zips.h"

#define WINDOW_DEFAULT 8
#define POLL_MS 100
#define ERROR_TEXT_MAX 200
#define DROPPED_MAX 1048576 /* of an error page, read to keep the connection */
#define RANGE_TRIES 2
#define RECEIVE_BYTES 262144L

enum state { FREE, WAITING, RUNNING, ANSWERED, FAILED };

struct slot { /* one request */
	enum state state;
	CURL *easy; /* kept for the next request */
	char *url;
	size_t max;
	uint64_t tag;
	unsigned attempts;
	uint64_t not_before_ns; /* of the next attempt */
	size_t dropped;
	struct strbuf body;
	struct log_client *client;
	bool too_large;
	char curl_error[CURL_ERROR_SIZE];
	struct log_body answer;
	struct err why;
};

struct log_client {
	struct log_client_options o;
	struct http_limits limits;
	char *agent;
	struct curl_slist *ask_gzip;
	char *root; /* path of a log in files */
	struct zips *zips;
	CURLM *multi;
	struct slot *slot; /* a ring in the order of submission */
	size_t n_slots, head, used;
	struct slot single;   /* of log_client_get */
	unsigned running, most; /* under way now, and allowed: fewer while the log complains */
	uint64_t complaints;
	uint64_t resume_ns;   /* nothing is asked before */
	double tokens;
	uint64_t tokens_ns;
};

void log_body_release(struct log_body *b)
{
	free(b->data);
	*b = (struct log_body){ 0 };
}

bool log_client_cancelled(const struct log_client *c)
{
	return c->o.cancelled && c->o.cancelled(c->o.ctx);
}

/* ---- one request ---- */

/* Room for all of the body at once where the server tells its length. */
static void expect_size(struct slot *s)
{
	curl_off_t n = -1;

	curl_easy_getinfo(s->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &n);
	if (n > 0 && (uint64_t)n <= s->max)
		strbuf_reserve(&s->body, (size_t)n);
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct slot *s = ctx;
	long status = 0;

	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) { /* the beginning of what it says is enough */
		size_t room = s->body.len < ERROR_TEXT_MAX ? ERROR_TEXT_MAX - s->body.len : 0;
		strbuf_add(&s->body, data, size * n < room ? size * n : room);
		s->dropped += size * n;
		return s->dropped > DROPPED_MAX ? 0 : size * n;
	}
	if (size * n > s->max - s->body.len) {
		s->too_large = true;
		return 0;
	}
	if (!s->body.len)
		expect_size(s);
	strbuf_add(&s->body, data, size * n);
	return size * n;
}

static void set_options(struct log_client *c, struct slot *s, const struct url_info *info)
{
	CURL *e = s->easy;

	curl_easy_reset(e);
	s->curl_error[0] = '\0';
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, s->curl_error);
	curl_easy_setopt(e, CURLOPT_URL, s->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, info->scheme == URL_HTTP ? "http" : "https");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	http_curl_trust(e);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
	/* some logs compress whatever they are asked for */
	if (c->o.keeps_gzip && s != &c->single)
		curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->ask_gzip);
	else
		curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, RECEIVE_BYTES);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)c->limits.connect_ms);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, (long)c->limits.min_rate);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, (long)(c->limits.stall_ms + 999) / 1000);
	curl_easy_setopt(e, CURLOPT_USERAGENT, c->agent);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, s);
	curl_easy_setopt(e, CURLOPT_PRIVATE, s);
	if (info->loopback)
		curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
}

static void answer(struct slot *s, long status)
{
	s->state = ANSWERED;
	s->answer = (struct log_body){ .tag = s->tag, .n = s->body.len, .status = status };
	s->answer.data = strbuf_detach(&s->body);
}

static void fail(struct slot *s, const char *what)
{
	s->state = FAILED;
	err_set(&s->why, ERR_NETWORK, "'%s': %s", s->url, what);
}

/* What is no file of its own may be in the log's zips. */
static void read_zipped(struct log_client *c, struct slot *s, const char *path)
{
	size_t n = c->zips ? strlen(c->root) : 0;
	int rc = 0;

	if (c->zips && path && strncmp(path, c->root, n) == 0 && path[n])
		rc = zips_read(c->zips, path + n, s->max, &s->body, &s->why);
	if (rc < 0) {
		s->state = FAILED;
		s->why.kind = ERR_NETWORK;
	} else {
		answer(s, rc == 1 ? 0 : 404);
	}
}

/* Files are read as they lie. */
static void read_file(struct log_client *c, struct slot *s)
{
	char *path = url_file_path(s->url), chunk[65536];
	/* opening a pipe would wait for its other end */
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : (errno = ENOENT, -1);
	struct stat st;
	ssize_t n = 0;

	if (fd < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			read_zipped(c, s, path);
		else
			fail(s, "cannot be opened");
		free(path);
		return;
	}
	free(path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		fail(s, "no regular file");
		return;
	}
	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		if ((size_t)n > s->max - s->body.len) {
			close(fd);
			fail(s, "larger than the maximum");
			return;
		}
		strbuf_add(&s->body, chunk, (size_t)n);
	}
	if (n < 0)
		fail(s, "cannot be read");
	else
		answer(s, 0);
	close(fd);
}

static void start(struct log_client *c, struct slot *s)
{
	struct url_info info;
	const char *why = url_refusal(s->url, &info);

	s->attempts++;
	strbuf_reset(&s->body);
	s->too_large = false;
	s->dropped = 0;
	if (why) {
		fail(s, why);
	} else if (info.scheme == URL_FILE) {
		read_file(c, s);
	} else {
		if (!s->easy)
			s->easy = curl_easy_init();
		if (!s->easy) {
			fail(s, "cannot start the http client");
			return;
		}
		set_options(c, s, &info);
		curl_multi_add_handle(c->multi, s->easy);
		s->state = RUNNING;
		c->running++;
	}
}

/* ---- manners ---- */

static uint64_t jitter(uint64_t ms)
{
	uint64_t r = 0;

	if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != (ssize_t)sizeof(r))
		r = clock_ns();
	return ms / 2 + (ms ? r % (ms / 2 + 1) : 0);
}

/* The log asked for quiet: nobody asks it anything for so long, and then fewer at once. */
static void pause_all(struct log_client *c, uint64_t until_ns)
{
	c->complaints++;
	/* the answers of one window complain of the same moment */
	if (clock_ns() >= c->resume_ns && c->most > 1)
		c->most /= 2;
	if (until_ns > c->resume_ns)
		c->resume_ns = until_ns;
}

static uint64_t backoff(const struct log_client *c, unsigned attempts)
{
	uint64_t ms = c->limits.backoff_ms;

	for (unsigned i = 1; i < attempts && ms < c->limits.backoff_max_ms; i++)
		ms *= 2;
	return jitter(ms < c->limits.backoff_max_ms ? ms : c->limits.backoff_max_ms);
}

static void retry(struct log_client *c, struct slot *s, const char *what, uint64_t asked_ms, bool overload)
{
	if (s->attempts > c->limits.retries) {
		fail(s, what);
		return;
	}
	if (asked_ms > c->limits.wait_max_ms) {
		fail(s, "the log asks to come back later than canopy waits");
		return;
	}
	s->state = WAITING;
	s->not_before_ns = clock_ns() + (asked_ms ? asked_ms : backoff(c, s->attempts)) * 1000000;
	if (overload)
		pause_all(c, s->not_before_ns);
}

static bool is_final(long status)
{
	return status == 200 || status == 400 || status == 403 || status == 404 || status == 410 || status == 413;
}

static void finished(struct log_client *c, struct slot *s, CURLcode code)
{
	char what[CURL_ERROR_SIZE];
	curl_off_t after = 0;
	long status = 0;

	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(s->easy, CURLINFO_RETRY_AFTER, &after);
	curl_multi_remove_handle(c->multi, s->easy);
	c->running--;
	http_curl_text(s->curl_error, code, what, sizeof(what));
	/* what an error's page is like says less than its status */
	if (status >= 300)
		snprintf(what, sizeof(what), "HTTP status %ld", status);
	if (s->too_large) {
		fail(s, "larger than the maximum");
	} else if (status < 300 && code != CURLE_OK) {
		if (http_curl_may_pass(code))
			retry(c, s, what, 0, false);
		else
			fail(s, what);
	} else if (is_final(status)) {
		if (c->most < c->n_slots)
			c->most++;
		answer(s, status);
	} else if (status >= 300 && status < 400) {
		fail(s, "redirected, which logs may not");
	} else if (!http_status_may_pass(status)) {
		fail(s, what);
	} else if (c->o.ranges && s != &c->single && s->attempts >= RANGE_TRIES && status >= 500 && status != 503) {
		answer(s, status);
	} else {
		retry(c, s, what, after > 0 ? (uint64_t)after * 1000 : 0, status == 429 || status == 503);
	}
}

static bool take_token(struct log_client *c)
{
	uint64_t now = clock_ns();

	if (c->o.per_second <= 0)
		return true;
	c->tokens += (double)(now - c->tokens_ns) / 1e9 * c->o.per_second;
	c->tokens_ns = now;
	double most = c->o.per_second > 1 ? c->o.per_second : 1;
	if (c->tokens > most)
		c->tokens = most;
	if (c->tokens < 1)
		return false;
	c->tokens -= 1;
	return true;
}

static bool may_start(struct log_client *c)
{
	return c->running < c->most && clock_ns() >= c->resume_ns && take_token(c);
}

static struct slot *slot_at(struct log_client *c, size_t i)
{
	return &c->slot[(c->head + i) % c->n_slots];
}

static void start_waiting(struct log_client *c)
{
	uint64_t now = clock_ns();

	if (c->single.state == WAITING && now >= c->single.not_before_ns && may_start(c))
		start(c, &c->single);
	for (size_t i = 0; i < c->used; i++) {
		struct slot *s = slot_at(c, i);
		if (s->state != WAITING || now < s->not_before_ns)
			continue;
		if (!may_start(c))
			return;
		start(c, s);
	}
}

/* Works until the slot is answered; -1 when cancelled. */
static int wait_for(struct log_client *c, struct slot *s, struct err *err)
{
	CURLMsg *m;
	int left;

	for (;;) {
		if (log_client_cancelled(c))
			return err_set(err, ERR_NETWORK, "stopped");
		start_waiting(c);
		if (s->state == ANSWERED || s->state == FAILED)
			return 0;
		curl_multi_perform(c->multi, &left);
		bool some = false;
		while ((m = curl_multi_info_read(c->multi, &left)) != NULL) {
			struct slot *done = NULL;
			if (m->msg != CURLMSG_DONE)
				continue;
			CURLcode code = m->data.result;
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&done);
			finished(c, done, code);
			some = true;
		}
		if (!some)
			curl_multi_poll(c->multi, NULL, 0, c->running ? POLL_MS : POLL_MS / 4, NULL);
	}
}

/* ---- the public part ---- */

/* The folder or zip of a log in files, with a "/" behind it. */
static void open_root(struct log_client *c)
{
	char *path = c->o.root ? url_file_path(c->o.root) : NULL;

	c->o.root = NULL; /* the caller's */
	if (!path)
		return;
	c->root = url_join(path, "");
	c->zips = zips_open(path);
	free(path);
}

int log_client_new(const struct log_client_options *o, struct log_client **ret, struct err *err)
{
	if (o->contact && !http_contact_fits(o->contact))
		return err_set(err, ERR_USAGE, "the contact '%s' is no plain mail address or URL", o->contact);
	if (fetch_global_init(err) < 0)
		return -1;
	struct log_client *c = xcalloc(1, sizeof(*c));
	c->o = *o;
	c->limits = o->limits ? *o->limits : http_limits_default;
	c->agent = http_agent(o->contact);
	c->ask_gzip = curl_slist_append(NULL, "Accept-Encoding: gzip");
	c->n_slots = o->window ? o->window : WINDOW_DEFAULT;
	c->slot = xcalloc(c->n_slots, sizeof(*c->slot));
	for (size_t i = 0; i < c->n_slots; i++)
		strbuf_init(&c->slot[i].body, 0);
	strbuf_init(&c->single.body, 0);
	c->most = (unsigned)c->n_slots;
	c->tokens = 1;
	c->tokens_ns = clock_ns();
	open_root(c);
	c->multi = curl_multi_init();
	if (!c->multi) {
		log_client_free(c);
		return err_set(err, ERR_NETWORK, "cannot start the http client");
	}
	curl_multi_setopt(c->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	curl_multi_setopt(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)c->n_slots);
	*ret = c;
	return 0;
}

static void slot_clear(struct log_client *c, struct slot *s)
{
	if (s->state == RUNNING) {
		curl_multi_remove_handle(c->multi, s->easy);
		c->running--;
	}
	log_body_release(&s->answer);
	free(s->url);
	s->url = NULL;
	s->attempts = 0;
	s->not_before_ns = 0;
	s->why.kind = ERR_NONE;
	s->state = FREE;
}

void log_client_free(struct log_client *c)
{
	if (!c)
		return;
	for (size_t i = 0; i <= c->n_slots; i++) {
		struct slot *s = i < c->n_slots ? &c->slot[i] : &c->single;
		slot_clear(c, s);
		strbuf_release(&s->body);
		curl_easy_cleanup(s->easy);
	}
	curl_multi_cleanup(c->multi);
	curl_slist_free_all(c->ask_gzip);
	zips_free(c->zips);
	free(c->root);
	free(c->slot);
	free(c->agent);
	free(c);
}

size_t log_client_room(const struct log_client *c)
{
	return c->n_slots - c->used;
}

static void fill(struct log_client *c, struct slot *s, const char *url, size_t max, uint64_t tag)
{
	s->client = c;
	s->url = xstrdup(url);
	s->max = max;
	s->tag = tag;
	s->state = WAITING;
}

void log_client_submit(struct log_client *c, const char *url, size_t max_bytes, uint64_t tag)
{
	fill(c, slot_at(c, c->used++), url, max_bytes, tag);
	start_waiting(c);
}

static int hand_out(struct log_client *c, struct slot *s, struct log_body *ret, struct err *err)
{
	int rc = wait_for(c, s, err);

	if (rc == 0 && s->state == FAILED)
		rc = err_set(err, ERR_NETWORK, "%s", s->why.msg);
	ret->tag = s->tag;
	if (rc == 0) {
		*ret = s->answer;
		s->answer.data = NULL;
	}
	slot_clear(c, s);
	return rc;
}

int log_client_next(struct log_client *c, struct log_body *ret, struct err *err)
{
	if (!c->used)
		return 0;
	int rc = hand_out(c, slot_at(c, 0), ret, err);
	c->head = (c->head + 1) % c->n_slots;
	c->used--;
	return rc < 0 ? -1 : 1;
}

void log_client_drop(struct log_client *c)
{
	for (size_t i = 0; i < c->used; i++)
		slot_clear(c, slot_at(c, i));
	c->used = 0;
}

uint64_t log_client_complaints(const struct log_client *c)
{
	return c->complaints;
}

int log_client_get(struct log_client *c, const char *url, size_t max_bytes, struct log_body *ret, struct err *err)
{
	fill(c, &c->single, url, max_bytes, 0);
	return hand_out(c, &c->single, ret, err);
}
