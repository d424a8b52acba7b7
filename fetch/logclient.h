/* Reads the many small objects of one Certificate Transparency log, in order, with a window of requests under way:
 * HTTP/2 where the server has it, gzip (also where it was not asked for), Retry-After in both forms, back-off with
 * jitter, a token bucket, redirects refused. file:// is read as it lies, or out of zips (zips.h). Every answer has a maximum.
 *
 *	struct log_client_options o = { .contact = contact, .window = 16 };
 *	if (log_client_new(&o, &c, err) < 0) …
 *	if (log_client_get(c, url, max, &body, err) < 0) …          // one document: checkpoint, get-sth, issuer
 *	log_client_submit(c, url, max, tag);                          // as many as log_client_room() says
 *	while (log_client_next(c, &body, err) == 1) { … log_body_release(&body); submit more … }
 *	log_client_free(c);
 *
 * Belongs to one thread. */
#ifndef FETCH_LOGCLIENT_H
#define FETCH_LOGCLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "fetch/http.h"

struct log_client;
struct log_client_options {
	const char *contact;              /* as for http_client_new */
	const struct http_limits *limits; /* NULL = defaults */
	unsigned window;                  /* requests under way at once; 0 = 8 */
	double per_second;                /* requests a second at most; 0 = no limit */
	bool ranges;                      /* what is submitted asks for ranges: a server's error that comes twice may be
	                                     one of size, and comes as an answer with its status, to be asked for in pieces */
	const char *root;                 /* the log's own URL, or NULL: below a file:// that is a zip, or a folder with zips named
	                                     by digits, what does not lie there as a file comes out of the zips */
	bool keeps_gzip;                  /* a submitted request's body comes as it went over the wire, gzip or not */
	bool (*cancelled)(void *ctx);     /* may be NULL; asked at least every 100 ms */
	void *ctx;
};
struct log_body {
	uint64_t tag;
	char *data; /* decoded; heap; a NUL stands behind it */
	size_t n;
	long status; /* 200; 0 for files. 4xx answers that no retry mends (400, 403, 404, 410, 413) come with their
	                status and the beginning of their text instead of an error */
};
void log_body_release(struct log_body *b);

int log_client_new(const struct log_client_options *o, struct log_client **ret, struct err *err);
void log_client_free(struct log_client *c);
/* How many more may be submitted now: window less what is submitted and was not handed out by log_client_next. */
size_t log_client_room(const struct log_client *c);
/* url is copied. */
void log_client_submit(struct log_client *c, const char *url, size_t max_bytes, uint64_t tag);
/* The next answer in the order of submission: 1; 0 when nothing is submitted; -1 ERR_NETWORK after all retries (the
 * message names the URL, ret->tag the request), or cancelled. A file:// that does not exist is an answer with status 404;
 * what is wrong with a zip is said with its name instead of the URL's. */
int log_client_next(struct log_client *c, struct log_body *ret, struct err *err);
/* One document beside the queue. */
int log_client_get(struct log_client *c, const char *url, size_t max_bytes, struct log_body *ret, struct err *err);
/* Forgets what is submitted; manners and connections stay. */
void log_client_drop(struct log_client *c);
/* How often the log said that it is asked too much (429, 503). */
uint64_t log_client_complaints(const struct log_client *c);
bool log_client_cancelled(const struct log_client *c);

#endif
