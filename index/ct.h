/* Reads Certificate Transparency logs into the index: entries are hashed into the Merkle tree as they come, stored
 * a window at a time together with the log's position, and counted once a signed head proves them. A run that is killed
 * loses at most its unfinished window; the next one goes on where the last window ended.
 *
 *	struct ct_options o = { .contact = contact, .jobs = 2 };
 *	ct_fetch(db_path, &o, &result, &err);
 *
 * RFC 6962 and static-ct-api; formats and manners as in ctentry.h and logclient.h. */
#ifndef INDEX_CT_H
#define INDEX_CT_H

#include "base/err.h"
#include "base/opt.h"
#include "base/strbuf.h"

struct db;
struct index;
struct http_limits;
struct config;

#define CT_NAMES_DEFAULT 20000

struct ct_progress {
	const char *log;
	uint64_t done, total; /* entries of this run */
	uint64_t started_ns;
};
struct ct_options {
	const char *contact;              /* as for http_client_new */
	const struct http_limits *limits; /* NULL = defaults */
	const struct str_list *logs;      /* names or URLs; NULL or empty: those that can hold unexpired leaves */
	uint64_t from;                    /* a log that was never read is read from this entry on */
	uint64_t to;                      /* entries before it are read; UINT64_MAX: all */
	uint64_t most;                    /* entries a run reads of each log; UINT64_MAX: all */
	unsigned jobs;                    /* threads that read entries; 0 = 1 */
	const struct config *config;      /* how each log may be asked; NULL = as usual */
	bool unverified;                  /* read also what no signed head proves, and say so ever after */
	bool broken;                      /* the one log named is known to be broken: */
	uint64_t broken_from;             /* its entries from here on are taken without proof, and it is said ever after */
	const uint8_t (*names_of)[32];    /* keys (SHA-256 of SPKI) whose leaves' names are kept however many they are */
	size_t n_names_of;
	uint64_t names_limit;             /* names are kept for issuers with at most so many leaves; 0 = CT_NAMES_DEFAULT */
	bool (*cancelled)(void *ctx);
	void (*progress)(void *ctx, const struct ct_progress *p);
	void (*log_done)(void *ctx, const char *log, uint64_t entries, uint64_t verified, const struct err *err);
	void *ctx;
};
struct ct_result {
	size_t logs, failed;
	uint64_t entries, malformed; /* of this run */
	uint64_t issuers;            /* certificates that were missing before */
	bool cancelled;
};
/* 0 when every log was tried. ERR_USAGE for a log that nobody knows, ERR_INDEX when the index cannot be written or
 * another canopy reads logs into it. */
int ct_fetch(const char *db_path, const struct ct_options *o, struct ct_result *ret, struct err *err);

/* One row a log: of the lists, and those that were read. Strings live until ct_logs_release. */
struct ct_log_row {
	const char *name, *operator, *url, *kind, *state;
	bool wanted; /* can hold leaves that are unexpired today */
	int64_t starts, ends; /* of notAfter; INT64_MIN open */
	uint64_t size, from, position, verified, malformed; /* from, position: first entry read, and first not read yet */
	uint64_t broken_from; /* UINT64_MAX: nowhere */
	bool has_size, unverified;
	int64_t head_time, read_at; /* seconds; INT64_MIN none */
	double per_second; /* of the last run, 0 unknown */
	const char *error;
};
struct ct_logs {
	struct ct_log_row *v;
	size_t n;
	struct arena *arena;
};
int index_ct_logs(struct index *ix, struct ct_logs *ret, struct err *err);
void ct_logs_release(struct ct_logs *l);

/* A folder laid out as a static-ct-api log, one zip of such files or a folder of zips (fetch/zips.h), read inside the
 * caller's transaction. Its key: log.v3.json beside the tiles, else the indexed lists. Without a checkpoint, or without a key, it needs `unverified`. */
int ct_import_folder(struct db *db, const char *path, bool unverified, struct ct_result *ret, struct err *err);

/* Files of one folder: answers of an RFC 6962 log to get-entries, and one or more to get-sth, of which that of the largest
 * tree counts. The log is the one that log.v3.json in the folder describes, else the one of the indexed lists whose key
 * signed the head. */
struct ct_saved_files {
	const char *folder;
	char *const *head, *const *page; /* paths */
	size_t n_heads, n_pages;
	bool unverified;
};
/* Inside the caller's transaction. A head that no known key signed, or whose tree the pages do not fill, needs
 * `unverified`. *more: the pages hold entries behind the head's tree, which are not read. */
int ct_import_saved(struct db *db, const struct ct_saved_files *f, bool *more, struct ct_result *ret, struct err *err);

#endif
