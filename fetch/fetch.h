/* Fetches the documents of one source into CACHE/SOURCE/ and tells of each. A
 * document that fails keeps its older copy and does not stop the others. A host
 * is asked for one after another over one connection, several hosts at once; one
 * that gives nothing for some seconds takes no other's place. A host that gave
 * no connection, or wants to be left alone for longer than one waits, is not
 * asked again by the same run. Whatever comes first, documents are told of in
 * their order.
 *
 *	struct fetch_request rq = { .source = source_find("ccadb"), .url = config_url(c, "ccadb"),
 *		.cache = cache, .contact = config_contact(c), .document = index_it, .ctx = &job };
 *	struct fetch_summary sum;
 *	if (fetch_source(&rq, &sum, err) < 0)
 *		return -1;
 *	if (sum.failed > 0)
 *		exit code 4
 *
 * The process calls fetch_global_init() once, before it starts threads. */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "fetch/http.h"
#include "fetch/sources.h"

/* May be called again; cleanup does nothing without it. */
int fetch_global_init(struct err *err);
void fetch_global_cleanup(void);

enum fetch_state {
	FETCH_CHANGED,   /* new bytes are in the cache */
	FETCH_UNCHANGED, /* the source confirmed the cached bytes */
	FETCH_SKIPPED,   /* the cached copy is young enough, or offline: not asked for */
	FETCH_PLANNED,   /* dry run: would be asked for */
	FETCH_FAILED,    /* err says why; an older copy may be in the cache */
};
const char *fetch_state_name(enum fetch_state state);

struct fetched_document {
	const struct source *source;
	const char *document; /* its name in the cache */
	const char *url;      /* offline: where it came from, or NULL */
	const char *origin;   /* the address that it stands for: url, unless that is a mirror's */
	const char *path;     /* of the cached file … */
	bool cached;          /* … which exists */
	enum fetch_state state;
	uint64_t bytes;        /* of the cached file */
	int64_t fetched_at;    /* when the source last confirmed it; -1 unknown */
	int64_t last_modified; /* -1 unknown */
	long status;           /* HTTP status; 0 = none */
	const struct err *err; /* of FETCH_FAILED, else NULL */
};

struct fetch_progress {
	const struct source *source;
	const char *document;   /* of which something came last */
	size_t through, count;  /* documents */
	uint64_t done, total;   /* bytes that came of all; total 0 = unknown, as it is of several */
};

struct fetch_request {
	const struct source *source;
	const char *url;                  /* NULL = the source's default */
	const struct source_list *items;  /* these instead of the source's own documents, or NULL */
	const char *cache;                /* the cache folder, without the source's name */
	const char *contact;              /* NULL = none */
	bool offline;                     /* only tell what the cache holds */
	bool dry_run;                     /* only tell what would be done */
	bool force;                       /* ask however young the cached copy is */
	const struct http_limits *limits; /* NULL = defaults */
	void (*progress)(void *ctx, const struct fetch_progress *p);
	bool (*cancelled)(void *ctx);
	void (*wait)(void *ctx, uint64_t ms); /* instead of sleeping before a retry */
	/* A complete download before it becomes the cached file; < 0 refuses it. May be NULL. */
	int (*check)(void *ctx, const char *document, const char *path, struct err *err);
	/* The strings live until it returns; < 0 ends the run with its error. */
	int (*document)(void *ctx, const struct fetched_document *d, struct err *err);
	void *ctx;
};

struct fetch_summary {
	size_t documents; /* that the source has */
	size_t changed, unchanged, skipped, planned, failed;
	uint64_t bytes; /* of all cached files told of */
	bool cancelled; /* the rest was not asked for, and is not told of */
};

/* 0 when every document was tried (failed ones are counted, see also
 * sum.cancelled); -1 when the source cannot be asked at all or `document` said so. */
int fetch_source(const struct fetch_request *rq, struct fetch_summary *ret, struct err *err);

#endif
