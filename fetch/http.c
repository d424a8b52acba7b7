#include "fetch/http.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "fetch/cachefile.h"
#include "fetch/httpcurl.h"
#include "fetch/url.h"

#ifndef CANOPY_VERSION
#define CANOPY_VERSION "dev"
#endif

#define REDIRECTS_MAX 5
#define VALIDATOR_MAX 512   /* bytes of an ETag worth keeping */
#define DROPPED_MAX 1048576 /* of an error page, read to keep the connection */
#define POLL_MS 100
#define CONTACT_MAX 200

/* Generous before the first byte: the CCADB builds its reports while one waits. */
const struct http_limits http_limits_default = {
	.connect_ms = 20000,
	.stall_ms = 120000,
	.min_rate = 100,
	.retries = 4,
	.backoff_ms = 1000,
	.backoff_max_ms = 30000,
	.wait_max_ms = 120000,
	.hosts = 16,
};

struct http_client {
	struct http_limits limits;
	char *agent;
	CURLM *multi; /* owns the connections */
	VEC(struct http_transfer *) running; /* in the order in which they were begun */
};

enum verdict { DONE, UNCHANGED, AGAIN, FAILED, CANCELLED };
enum body { BODY_NEW, BODY_KEEP, BODY_DROP };
enum phase {
	READY,   /* wants to ask its host */
	ASKING,  /* has an answer coming */
	WAITING, /* for the next attempt, and its host is left alone meanwhile */
	THROUGH, /* the verdict is final */
};

/* One document over all its attempts. */
struct http_transfer {
	struct http_client *c;
	CURL *easy;
	struct curl_slist *headers; /* of the request under way */
	char curl_error[CURL_ERROR_SIZE];
	struct http_request rq;
	struct http_result result;
	struct cache_file *file;
	enum phase phase;
	uint64_t until_ns; /* while WAITING */
	char *url;         /* of this hop; changes with redirects */
	char *host;        /* of it */
	int hops;
	struct url_info info;
	/* of this attempt */
	bool identity;    /* do not offer compression */
	uint64_t resume;  /* asked from here; 0 = whole */
	bool conditional; /* asked whether it changed */
	enum body body;
	enum verdict verdict; /* DONE, unless a callback decided otherwise */
	struct meta meta;     /* of the answer */
	uint64_t total, dropped;
	int64_t retry_after; /* seconds, or 0 */
	/* the stall watch */
	uint64_t mark_ns, fresh_ns; /* … and when something came last */
	curl_off_t fresh_bytes;
	curl_off_t mark_bytes;
	struct err why;
};

__attribute__((format(printf, 3, 4))) static enum verdict decide(
	struct http_transfer *t, enum verdict v, const char *fmt, ...)
{
	char text[sizeof(t->why.msg)];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&t->why, ERR_NETWORK, "%s", text);
	return t->verdict = v;
}

/* What cachefile.c put into t->why stands. */
static enum verdict decide_disk(struct http_transfer *t)
{
	return t->verdict = FAILED;
}

static const char *header(const struct http_transfer *t, const char *name)
{
	struct curl_header *h;
	return curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value : NULL;
}

static long status_of(const struct http_transfer *t)
{
	long status = 0;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static bool cancelled(const struct http_transfer *t)
{
	const struct http_hooks *h = t->rq.hooks;
	return h && h->cancelled && h->cancelled(h->ctx);
}

/* ---- what the answer's headers say ---- */

static char *validator(const struct http_transfer *t, const char *name)
{
	const char *s = header(t, name);
	size_t n = s ? strlen(s) : 0;
	if (n == 0 || n > VALIDATOR_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (!isprint((unsigned char)s[i]))
			return NULL;
	return xstrdup(s);
}

static void read_validators(struct http_transfer *t)
{
	curl_off_t modified = -1;
	curl_easy_getinfo(t->easy, CURLINFO_FILETIME_T, &modified);
	meta_release(&t->meta);
	t->meta.url = xstrdup(t->rq.url);
	t->meta.etag = validator(t, "ETag");
	t->meta.last_modified = validator(t, "Last-Modified");
	t->meta.modified_at = modified;
	t->meta.fetched_at = time_now();
}

static bool is_encoded(const struct http_transfer *t)
{
	const char *encoding = header(t, "Content-Encoding");
	return encoding && strcasecmp(encoding, "identity") != 0;
}

/* RFC 9110 13.1.5: a weak ETag or a Last-Modified in the answer's own second
 * does not promise the same bytes. A decoded body cannot be resumed at all. */
static struct meta strong_validators(const struct http_transfer *t)
{
	struct meta m = t->meta;
	const char *date = header(t, "Date");
	time_t sent = date ? curl_getdate(date, NULL) : -1;
	if (m.etag && strncmp(m.etag, "W/", 2) == 0)
		m.etag = NULL;
	if (m.etag || (sent >= 0 && m.modified_at >= sent))
		m.last_modified = NULL;
	if (is_encoded(t))
		m.etag = m.last_modified = NULL;
	return m;
}

/* "bytes 100-199/200"; the total is 0 when it is not told. */
static int read_range(const struct http_transfer *t, uint64_t *ret_from, uint64_t *ret_total)
{
	const char *s = header(t, "Content-Range");
	if (!s || strncasecmp(s, "bytes ", 6) != 0)
		return -1;
	char *text = xstrdup(s + 6), *rest = text;
	const char *from = strsep(&rest, "-"), *total = rest ? strchr(rest, '/') : NULL;
	int rc = num_parse_u64(from, ret_from);
	*ret_total = 0;
	if (total && strcmp(total, "/*") != 0 && num_parse_u64(total + 1, ret_total) < 0)
		rc = -1;
	free(text);
	return rc;
}

/* ---- the body ---- */

static int too_large(struct http_transfer *t)
{
	cache_discard(t->file);
	decide(t, FAILED, "larger than the maximum of %llu bytes", (unsigned long long)t->rq.max_bytes);
	return -1;
}

static int begin_whole(struct http_transfer *t)
{
	curl_off_t length = -1;
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	t->total = length > 0 && !is_encoded(t) ? (uint64_t)length : 0;
	if (t->total > t->rq.max_bytes)
		return too_large(t);
	const char *type = header(t, "Content-Type");
	/* servers of CRLs say all sorts of things about them; looks_like_html() looks */
	if (type && !t->rq.is_signed && strncasecmp(type, "text/html", 9) == 0) {
		decide(t, FAILED, "answered with a web page instead of the document");
		return -1;
	}
	struct meta strong = strong_validators(t);
	if (cache_begin(t->file, &strong, &t->why) < 0) {
		decide_disk(t);
		return -1;
	}
	return 0;
}

static int begin_rest(struct http_transfer *t)
{
	const struct meta *part = cache_part_meta(t->file);
	uint64_t from = 0, total = 0;
	bool fits = t->resume > 0 && read_range(t, &from, &total) == 0 && from == t->resume && !is_encoded(t);
	if (fits && part->etag && t->meta.etag && strcmp(part->etag, t->meta.etag) != 0)
		fits = false;
	if (!fits) {
		cache_discard(t->file);
		decide(t, AGAIN, "answered with another range than asked for");
		return -1;
	}
	t->total = total;
	return total > t->rq.max_bytes ? too_large(t) : 0;
}

static int begin_body(struct http_transfer *t)
{
	long status = status_of(t);
	t->body = BODY_DROP;
	if (t->info.scheme != URL_FILE && status != 200 && status != 206)
		return 0;
	t->body = BODY_KEEP;
	read_validators(t);
	return status == 206 ? begin_rest(t) : begin_whole(t);
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct http_transfer *t = ctx;
	size_t len = size * n;
	if (t->body == BODY_NEW && begin_body(t) < 0)
		return 0;
	if (t->body == BODY_DROP) {
		t->dropped += len;
		return t->dropped > DROPPED_MAX ? 0 : len;
	}
	if (len > t->rq.max_bytes - cache_part_size(t->file)) {
		too_large(t);
		return 0;
	}
	if (cache_append(t->file, data, len, &t->why) < 0) {
		decide_disk(t);
		return 0;
	}
	return len;
}

/* Some sites answer a missing document with 200 and a page; a type of text/plain on it has been seen too. */
static bool looks_like_html(const struct http_transfer *t)
{
	static const char *const openings[] = { "<!doctype html", "<html" };
	char head[512];
	size_t n = cache_head(t->file, head, sizeof(head) - 1);
	head[n] = '\0';
	const char *s = strncmp(head, "\xEF\xBB\xBF", 3) == 0 ? head + 3 : head;
	s += strspn(s, " \t\r\n");
	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++)
		if (strncasecmp(s, openings[i], strlen(openings[i])) == 0)
			return true;
	return false;
}

/* ---- one request ---- */

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
	struct strbuf b = STRBUF_INIT;
	strbuf_addf(&b, "%s: %s", name, value);
	struct curl_slist *longer = curl_slist_append(list, b.buf);
	strbuf_release(&b);
	return longer ? longer : list;
}

static struct curl_slist *request_headers(struct http_transfer *t)
{
	const struct meta *have = cache_meta(t->file), *part = cache_part_meta(t->file);
	struct curl_slist *list = NULL;
	t->conditional = have->url && strcmp(have->url, t->rq.url) == 0 && (have->etag || have->last_modified);
	if (t->conditional && have->etag)
		list = add_header(list, "If-None-Match", have->etag);
	if (t->conditional && have->last_modified)
		list = add_header(list, "If-Modified-Since", have->last_modified);
	t->resume = 0;
	if (!part->url || strcmp(part->url, t->rq.url) != 0 || cache_part_size(t->file) >= t->rq.max_bytes)
		return list;
	t->resume = cache_part_size(t->file);
	return add_header(list, "If-Range", part->etag ? part->etag : part->last_modified);
}

static void set_range(const struct http_transfer *t)
{
	CURL *e = t->easy;
	char range[32];
	/* Positions count the bytes as stored, so a resumed transfer must not be compressed. */
	if (t->resume == 0 && !t->identity)
		curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
	if (t->resume == 0)
		return;
	/* Not CURLOPT_RESUME_FROM: with it curl refuses the whole document that If-Range may bring. */
	snprintf(range, sizeof(range), "%llu-", (unsigned long long)t->resume);
	curl_easy_setopt(e, CURLOPT_RANGE, range);
}

void http_curl_trust(CURL *e)
{
	static const struct {
		const char *variable;
		CURLoption option;
	} named[] = { { "SSL_CERT_FILE", CURLOPT_CAINFO }, { "SSL_CERT_DIR", CURLOPT_CAPATH } };

	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* the library, unlike its tool, does not look at them */
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		const char *path = getenv(named[i].variable);
		if (path && *path)
			curl_easy_setopt(e, named[i].option, path);
	}
}

static void set_options(struct http_transfer *t, struct curl_slist *headers)
{
	static const char *const protocols[] = { "https", "http", "file" };
	CURL *e = t->easy;
	curl_easy_reset(e);
	t->curl_error[0] = '\0';
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->curl_error);
	curl_easy_setopt(e, CURLOPT_URL, t->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, protocols[t->info.scheme]);
	/* Redirects are followed by hop(): curl cannot tell this machine's http from another's. */
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	http_curl_trust(e);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)t->c->limits.connect_ms);
	curl_easy_setopt(e, CURLOPT_USERAGENT, t->c->agent);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(e, CURLOPT_FILETIME, 1L);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	if (t->info.loopback)
		curl_easy_setopt(e, CURLOPT_PROXY, "");
	set_range(t);
}

static void tell_progress(const struct http_transfer *t)
{
	const struct http_hooks *h = t->rq.hooks;
	if (h && h->progress && t->body == BODY_KEEP)
		h->progress(h->ctx, cache_part_size(t->file), t->total);
}

static bool stalled(struct http_transfer *t)
{
	const struct http_limits *l = &t->c->limits;
	uint64_t now = clock_ns();
	curl_off_t bytes = 0;
	if (now - t->mark_ns < (uint64_t)l->stall_ms * 1000000)
		return false;
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
	curl_off_t least = (curl_off_t)((uint64_t)l->min_rate * l->stall_ms / 1000);
	bool slow = bytes - t->mark_bytes < (least > 0 ? least : 1);
	t->mark_ns = now;
	t->mark_bytes = bytes;
	return slow;
}

static bool interrupted(struct http_transfer *t)
{
	if (cancelled(t))
		decide(t, CANCELLED, "cancelled");
	else if (stalled(t))
		decide(t, AGAIN, "no data for %.3g s", t->c->limits.stall_ms / 1000.0);
	return t->verdict != DONE;
}

static void ask(struct http_transfer *t)
{
	t->headers = request_headers(t);
	t->body = BODY_NEW;
	t->dropped = t->total = 0;
	set_options(t, t->headers);
	t->mark_ns = t->fresh_ns = clock_ns();
	t->mark_bytes = t->fresh_bytes = 0;
	curl_multi_add_handle(t->c->multi, t->easy);
	t->phase = ASKING;
}

static void hang_up(struct http_transfer *t)
{
	if (t->phase != ASKING)
		return;
	curl_multi_remove_handle(t->c->multi, t->easy);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(t->headers);
	t->headers = NULL;
}

static void set_address(struct http_transfer *t, const char *url)
{
	char *copy = xstrdup(url); /* it may be curl's, or the one that goes */
	free(t->url);
	free(t->host);
	t->url = copy;
	t->host = url_host(copy);
}

/* True when the answer was a redirect and the next address is in t->url. */
static bool hop(struct http_transfer *t)
{
	char *to = NULL;
	struct url_info next;
	if (t->verdict != DONE || curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to) != CURLE_OK || !to)
		return false;
	const char *why = url_redirect_refusal(&t->info, to, &next);
	if (why) {
		decide(t, FAILED, "redirected to '%s': %s", to, why);
		return false;
	}
	if (t->hops++ == REDIRECTS_MAX) {
		decide(t, FAILED, "more than %d redirects", REDIRECTS_MAX);
		return false;
	}
	set_address(t, to);
	t->info = next;
	return true;
}

/* ---- what came of it ---- */

bool http_status_may_pass(long status)
{
	static const long passing[] = { 408, 425, 429, 500, 502, 503, 504 };
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (status == passing[i])
			return true;
	return false;
}

/* Seconds, or 0. A date is understood by the server's own clock; ours may be wrong. */
static int64_t retry_after(const struct http_transfer *t)
{
	const char *until = header(t, "Retry-After"), *date = header(t, "Date");
	time_t end = until && !isdigit((unsigned char)*until) ? curl_getdate(until, NULL) : -1;
	time_t sent = date ? curl_getdate(date, NULL) : -1;
	curl_off_t after = 0;
	if (end >= 0 && sent >= 0)
		return end > sent ? end - sent : 0;
	curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
	return after > 0 ? after : 0;
}

static enum verdict judge_status(struct http_transfer *t, long status)
{
	if (status == 416 && t->resume > 0) {
		cache_discard(t->file);
		return decide(t, AGAIN, "HTTP status 416 to the rest of the document");
	}
	if (!http_status_may_pass(status))
		return decide(t, FAILED, "HTTP status %ld", status);
	t->retry_after = t->result.retry_after = retry_after(t);
	if (t->retry_after > 0)
		return decide(t, AGAIN, "HTTP status %ld, try again in %lld s", status, (long long)t->retry_after);
	return decide(t, AGAIN, "HTTP status %ld", status);
}

bool http_curl_may_pass(CURLcode code)
{
	static const CURLcode lasting[] = { CURLE_PEER_FAILED_VERIFICATION, CURLE_UNSUPPORTED_PROTOCOL,
		CURLE_URL_MALFORMAT, CURLE_FILE_COULDNT_READ_FILE, CURLE_SSL_CACERT_BADFILE, CURLE_OUT_OF_MEMORY,
		CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_LOGIN_DENIED, CURLE_REMOTE_ACCESS_DENIED };
	for (size_t i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i++)
		if (code == lasting[i])
			return false;
	return true;
}

/* They begin with a capital and may end in a full stop. */
void http_curl_text(const char *told, CURLcode code, char *text, size_t size)
{
	snprintf(text, size, "%s", told && *told ? told : curl_easy_strerror(code));
	size_t n = strlen(text);
	while (n > 0 && (text[n - 1] == '.' || isspace((unsigned char)text[n - 1])))
		text[--n] = '\0';
	if (n > 1 && !isupper((unsigned char)text[1]))
		text[0] = (char)tolower((unsigned char)text[0]);
}

static enum verdict judge_curl(struct http_transfer *t, CURLcode code)
{
	char text[CURL_ERROR_SIZE];
	http_curl_text(t->curl_error, code, text, sizeof(text));
	if (is_encoded(t))
		t->identity = true; /* so that the next break can be resumed */
	return decide(t, http_curl_may_pass(code) ? AGAIN : FAILED, "%s", text);
}

static enum verdict confirm(struct http_transfer *t)
{
	struct meta m = *cache_meta(t->file);
	m.fetched_at = time_now();
	t->result.bytes = (uint64_t)m.bytes;
	t->result.fetched_at = m.fetched_at;
	t->result.last_modified = m.modified_at;
	if (cache_confirm(t->file, &m, &t->why) < 0)
		return decide_disk(t);
	return UNCHANGED;
}

/* By the caller, whose reason is in t->why. */
static bool refused(struct http_transfer *t)
{
	const struct http_hooks *h = t->rq.hooks;
	if (!h || !h->check || h->check(h->ctx, cache_part_path(t->file), &t->why) == 0)
		return false;
	cache_discard(t->file);
	return true;
}

static enum verdict complete(struct http_transfer *t)
{
	bool unchanged = false;
	uint64_t size = cache_part_size(t->file);
	if (t->total > 0 && size != t->total) {
		cache_discard(t->file);
		return decide(
			t, AGAIN, "%llu bytes came of %llu", (unsigned long long)size, (unsigned long long)t->total);
	}
	if (looks_like_html(t)) {
		cache_discard(t->file);
		return decide(t, FAILED, "answered with a web page instead of the document");
	}
	if (refused(t))
		return decide_disk(t);
	if (cache_commit(t->file, &t->meta, &unchanged, &t->why) < 0)
		return decide_disk(t);
	t->result.bytes = size;
	t->result.fetched_at = t->meta.fetched_at;
	t->result.last_modified = t->meta.modified_at;
	return unchanged ? UNCHANGED : DONE;
}

static enum verdict judge(struct http_transfer *t, CURLcode code)
{
	long status = t->result.status = status_of(t);
	bool file = t->info.scheme == URL_FILE;
	if (t->verdict != DONE)
		return t->verdict;
	if (status >= 400)
		return judge_status(t, status);
	if (code != CURLE_OK)
		return judge_curl(t, code);
	if (status == 304 && t->conditional)
		return confirm(t);
	if (!file && status != 200 && status != 206)
		return decide(t, FAILED, "HTTP status %ld", status);
	if (t->body != BODY_KEEP && t->resume > 0) {
		cache_discard(t->file);
		return decide(t, AGAIN, "the rest of the document is empty");
	}
	if (t->body != BODY_KEEP)
		return decide(t, FAILED, "the document is empty");
	return complete(t);
}

/* curl would take a folder for an empty document and wait for a pipe. */
static int check_local(struct http_transfer *t)
{
	struct stat st;
	char *path = url_file_path(t->url);
	int rc = path ? stat(path, &st) : -1;
	free(path);
	if (rc < 0)
		err_errno(&t->why, ERR_NETWORK, "cannot open it");
	else if (!S_ISREG(st.st_mode))
		rc = err_set(&t->why, ERR_NETWORK, "is no regular file");
	return rc;
}

/* ---- all attempts ---- */

/* Doubling, capped, and half of it by chance, so that many clients of one
 * broken server do not come back together. */
static uint64_t backoff(const struct http_limits *l, unsigned failed)
{
	uint64_t ms = l->backoff_ms;
	uint32_t chance = 0;
	for (unsigned i = 1; i < failed && ms < l->backoff_max_ms; i++)
		ms *= 2;
	if (ms > l->backoff_max_ms)
		ms = l->backoff_max_ms;
	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
		chance = (uint32_t)clock_ns();
	return ms / 2 + chance % (ms / 2 + 1);
}

static void wait_ms(struct http_transfer *t, uint64_t ms)
{
	const struct http_hooks *h = t->rq.hooks;
	t->phase = WAITING;
	t->until_ns = clock_ns();
	if (h && h->wait)
		h->wait(h->ctx, ms);
	else
		t->until_ns += ms * 1000000;
}

static bool may_retry(struct http_transfer *t)
{
	const struct http_limits *l = &t->c->limits;
	uint64_t ms = backoff(l, t->result.attempts);
	if (t->rq.once || t->result.attempts > l->retries)
		return false;
	if (t->retry_after > (int64_t)(l->wait_max_ms / 1000))
		return false;
	if ((uint64_t)t->retry_after * 1000 > ms)
		ms = (uint64_t)t->retry_after * 1000;
	wait_ms(t, ms);
	return true;
}

static void conclude(struct http_transfer *t, enum verdict v)
{
	t->verdict = v;
	if (v != AGAIN || !may_retry(t))
		t->phase = THROUGH;
}

static void begin_attempt(struct http_transfer *t)
{
	const char *why = t->rq.is_signed ? url_refusal_signed(t->rq.url, &t->info) : url_refusal(t->rq.url, &t->info);
	t->result.attempts++;
	t->verdict = DONE;
	t->retry_after = t->result.retry_after = 0;
	t->hops = 0;
	set_address(t, t->rq.url);
	t->phase = READY;
	t->fresh_ns = clock_ns();
	if (why)
		conclude(t, decide(t, FAILED, "%s", why));
	else if (t->info.scheme == URL_FILE && check_local(t) < 0)
		conclude(t, decide_disk(t));
}

static void end_request(struct http_transfer *t, CURLcode code)
{
	tell_progress(t);
	hang_up(t);
	if (hop(t))
		t->phase = READY;
	else
		conclude(t, judge(t, code));
}

static void cancel(struct http_transfer *t)
{
	hang_up(t);
	conclude(t, decide(t, CANCELLED, "cancelled"));
}

/* ---- several at once ---- */

/* A host has one request at a time, and none while one of its documents waits for another attempt. */
static bool host_is_free(const struct http_client *c, const struct http_transfer *t)
{
	for (size_t i = 0; i < c->running.n; i++) {
		const struct http_transfer *other = c->running.v[i];
		if ((other->phase == ASKING || other->phase == WAITING) && strcmp(other->host, t->host) == 0)
			return false;
	}
	return true;
}

static void ask_those_that_may(struct http_client *c)
{
	for (size_t i = 0; i < c->running.n; i++) {
		struct http_transfer *t = c->running.v[i];
		if (t->phase != THROUGH && t->phase != ASKING && cancelled(t))
			cancel(t);
		if (t->phase == WAITING && clock_ns() >= t->until_ns)
			begin_attempt(t);
		if (t->phase == READY && host_is_free(c, t))
			ask(t);
	}
}

static void take_answers(struct http_client *c)
{
	CURLMsg *msg;
	int queued;
	while ((msg = curl_multi_info_read(c->multi, &queued))) {
		struct http_transfer *t = NULL;
		CURLcode code = msg->data.result;
		if (msg->msg != CURLMSG_DONE || curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t) != CURLE_OK || !t)
			continue;
		end_request(t, code);
	}
}

static void watch(struct http_client *c)
{
	for (size_t i = 0; i < c->running.n; i++) {
		struct http_transfer *t = c->running.v[i];
		curl_off_t bytes = 0;
		if (t->phase != ASKING)
			continue;
		curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
		if (bytes > t->fresh_bytes) {
			t->fresh_bytes = bytes;
			t->fresh_ns = clock_ns();
		}
		tell_progress(t);
		if (interrupted(t))
			end_request(t, CURLE_ABORTED_BY_CALLBACK);
	}
}

/* Until something comes, a wait is over, or it is time to ask whether to go on. */
static void sleep_a_while(struct http_client *c)
{
	uint64_t now = clock_ns(), ms = POLL_MS;
	for (size_t i = 0; i < c->running.n; i++) {
		const struct http_transfer *t = c->running.v[i];
		if (t->phase == WAITING && t->until_ns < now + ms * 1000000)
			ms = t->until_ns > now ? (t->until_ns - now) / 1000000 + 1 : 0;
	}
	curl_multi_poll(c->multi, NULL, 0, (int)ms, NULL);
}

static struct http_transfer *take_through(struct http_client *c)
{
	for (size_t i = 0; i < c->running.n; i++) {
		struct http_transfer *t = c->running.v[i];
		if (t->phase != THROUGH)
			continue;
		memmove(&c->running.v[i], &c->running.v[i + 1], (c->running.n - i - 1) * sizeof(c->running.v[0]));
		c->running.n--;
		return t;
	}
	return NULL;
}

struct http_transfer *http_begin(struct http_client *c, const struct http_request *rq)
{
	struct http_transfer *t = xcalloc(1, sizeof(*t));
	t->c = c;
	t->rq = *rq;
	t->result = (struct http_result){ .fetched_at = -1, .last_modified = -1 };
	t->meta = (struct meta)META_INIT;
	t->verdict = FAILED;
	t->phase = THROUGH;
	t->easy = curl_easy_init();
	vec_push(&c->running, t);
	if (!t->easy)
		decide(t, FAILED, "cannot start a request");
	else if (cache_open(rq->path, &t->file, &t->why) == 0 && cancelled(t))
		cancel(t);
	else if (t->file)
		begin_attempt(t);
	return t;
}

struct http_transfer *http_turn(struct http_client *c)
{
	int running;
	ask_those_that_may(c);
	struct http_transfer *t = take_through(c);
	if (t || !c->running.n)
		return t;
	curl_multi_perform(c->multi, &running);
	take_answers(c);
	watch(c);
	t = take_through(c);
	if (!t)
		sleep_a_while(c);
	return t;
}

size_t http_running(const struct http_client *c)
{
	return c->running.n;
}

size_t http_busy(const struct http_client *c, uint32_t ms)
{
	uint64_t now = clock_ns();
	size_t n = 0;
	for (size_t i = 0; i < c->running.n; i++) {
		const struct http_transfer *t = c->running.v[i];
		n += (t->phase == READY || t->phase == ASKING) && now - t->fresh_ns < (uint64_t)ms * 1000000;
	}
	return n;
}

static void drop(struct http_transfer *t)
{
	hang_up(t);
	curl_easy_cleanup(t->easy);
	cache_close(t->file);
	meta_release(&t->meta);
	free(t->url);
	free(t->host);
	free(t);
}

int http_end(struct http_transfer *t, struct http_result *ret, struct err *err)
{
	enum verdict v = t->verdict;
	t->result.unchanged = v == UNCHANGED;
	t->result.cancelled = v == CANCELLED;
	t->result.transient = v == AGAIN;
	*ret = t->result;
	int rc = v == DONE || v == UNCHANGED ? 0 : -1;
	char *url = url_shown(t->rq.url);
	if (rc < 0 && ret->attempts > 1)
		err_set(err, ERR_NETWORK, "cannot fetch '%s' in %u attempts: %s", url, ret->attempts, t->why.msg);
	else if (rc < 0)
		err_set(err, ERR_NETWORK, "cannot fetch '%s': %s", url, t->why.msg);
	free(url);
	drop(t);
	return rc;
}

int http_download(struct http_client *c, const struct http_request *rq, struct http_result *ret, struct err *err)
{
	struct http_transfer *mine = http_begin(c, rq), *t;
	do
		t = http_turn(c);
	while (!t);
	return http_end(mine, ret, err);
}

/* ---- the client ---- */

/* It becomes part of a header line. */
bool http_contact_fits(const char *contact)
{
	size_t n = strlen(contact);
	for (size_t i = 0; i < n; i++)
		if (!isprint((unsigned char)contact[i]) || strchr("()\\", contact[i]))
			return false;
	return n <= CONTACT_MAX;
}

char *http_agent(const char *contact)
{
	struct strbuf b = STRBUF_INIT;
	strbuf_addstr(&b, "canopy/" CANOPY_VERSION);
	if (contact && *contact)
		strbuf_addf(&b, " (%s)", contact);
	return strbuf_detach(&b);
}

int http_client_new(const char *contact, const struct http_limits *limits, struct http_client **ret, struct err *err)
{
	if (contact && !http_contact_fits(contact))
		return err_set(err, ERR_USAGE, "the contact '%s' is no plain mail address or URL", contact);
	struct http_client *c = xcalloc(1, sizeof(*c));
	c->limits = limits ? *limits : http_limits_default;
	c->agent = http_agent(contact);
	c->multi = curl_multi_init();
	if (!c->multi) {
		http_client_free(c);
		return err_set(err, ERR_NETWORK, "cannot start the http client");
	}
	*ret = c;
	return 0;
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->running.n; i++)
		drop(c->running.v[i]);
	vec_release(&c->running);
	curl_multi_cleanup(c->multi);
	free(c->agent);
	free(c);
}
