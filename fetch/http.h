/* Downloads documents, each into one cache file, whatever the day is like. The
 * cached file is replaced in one rename by a complete document or left as it
 * was; a broken transfer stays as PATH.part and is resumed when the server can
 * prove that the document is still the same. PATH.meta holds what conditional
 * requests need. A client keeps its connections between downloads.
 *
 *	struct http_client *c;
 *	if (http_client_new("ops@example.org", NULL, &c, err) < 0)
 *		return -1;
 *	struct http_request rq = { .url = url, .path = path, .max_bytes = 1 << 30 };
 *	struct http_result r;
 *	int rc = http_download(c, &rq, &r, err);
 *	http_client_free(c);
 *
 * Several at once go the same way, each through when it is; a host gets one
 * request at a time, and none while one of its documents waits for a retry:
 *
 *	for (size_t i = 0; i < n; i++)
 *		http_begin(c, &rq[i]);
 *	while (http_running(c))
 *		if ((t = http_turn(c)))
 *			rc = http_end(t, &r, err);
 *
 * A client belongs to one thread at a time. All errors are ERR_NETWORK. */
#ifndef FETCH_HTTP_H
#define FETCH_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

struct http_client;

struct http_limits {
	uint32_t connect_ms;     /* until the connection stands */
	uint32_t stall_ms;       /* a span in which fewer bytes than … */
	uint32_t min_rate;       /* … this many a second came ends the attempt */
	uint32_t retries;        /* further attempts after a failure that may pass */
	uint32_t backoff_ms;     /* before the first retry, doubled each time … */
	uint32_t backoff_max_ms; /* … up to this */
	uint32_t wait_max_ms;    /* a longer Retry-After is not waited for */
	uint32_t hosts;          /* that fetch_source asks at once; 0 = the default */
};
extern const struct http_limits http_limits_default;

struct http_hooks {
	void (*progress)(void *ctx, uint64_t done, uint64_t total); /* total 0 = unknown */
	bool (*cancelled)(void *ctx);                               /* asked about every 100 ms */
	void (*wait)(void *ctx, uint64_t ms);                       /* instead of sleeping between attempts */
	/* Is the complete document at path what it should be? < 0 refuses it, and the cached file stays. */
	int (*check)(void *ctx, const char *path, struct err *err);
	void *ctx;
};

struct http_request {
	const char *url;
	const char *path;               /* its folder is made */
	uint64_t max_bytes;             /* decoded */
	bool once;                      /* no retries: the host is known to be in trouble */
	bool is_signed;                 /* what comes is verified by its signature: http is allowed anywhere */
	const struct http_hooks *hooks; /* NULL = none; so may be each of them */
};

struct http_result {
	bool unchanged;        /* the cached file already was this document */
	bool cancelled;        /* the error is that the caller wanted it so */
	bool transient;        /* the error may pass: no connection, 429, 5xx … */
	long status;           /* of the last answer; 0 when there was none, or a file */
	unsigned attempts;     /* requests beyond redirects */
	int64_t retry_after;   /* seconds that the last answer asked to wait for; 0 = it did not */
	uint64_t bytes;        /* size of the cached file */
	int64_t fetched_at;    /* when the server confirmed it */
	int64_t last_modified; /* as the server says; -1 unknown */
};

/* Printable ASCII without brackets, of sensible length. */
bool http_contact_fits(const char *contact);
/* The User-Agent (heap): program, version and the contact, which may be NULL. */
char *http_agent(const char *contact);
/* contact may be NULL; limits NULL = the defaults. */
int http_client_new(const char *contact, const struct http_limits *limits, struct http_client **ret, struct err *err);
void http_client_free(struct http_client *c);
/* The request's strings and hooks live until http_end. Never NULL: what cannot be begun is through with its error. */
struct http_transfer;
struct http_transfer *http_begin(struct http_client *c, const struct http_request *rq);
/* Does what can be done now, or waits up to 100 ms for it; one that is through, or NULL. The caller ends it. */
struct http_transfer *http_turn(struct http_client *c);
/* As http_download; t is gone. */
int http_end(struct http_transfer *t, struct http_result *ret, struct err *err);
/* Begun, not yet given by http_turn. */
size_t http_running(const struct http_client *c);
/* Of these, the ones to which something came within the last ms, or that asked since. */
size_t http_busy(const struct http_client *c, uint32_t ms);

/* 0 when the cached file is the document, -1 when it is what it was before.
 * *ret is filled in both cases. */
int http_download(struct http_client *c, const struct http_request *rq, struct http_result *ret, struct err *err);

#endif
