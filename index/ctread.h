/* Inside index/: one log from its position to a head, in windows. ct.h has the public calls. */
#ifndef INDEX_CTREAD_H
#define INDEX_CTREAD_H

#include "db/leafrun.h"
#include "index/ct.h"
#include "index/loglist.h"

/* Reads log->url as far as o says. inside: the caller has a transaction open, nothing is committed here. *entries counts
 * what was stored. ERR_NETWORK when the log failed or lies (its row says so too), ERR_INDEX when the index did. */
int ct_read_log(struct db *db, const struct log_info *log, const struct ct_options *o, bool inside, struct ct_result *ret,
                uint64_t *entries, uint64_t *verified, struct err *err);

/* Data tiles that lie about without a signed head, as files: read unproven, inside the caller's transaction. */
struct ct_loose_tile {
	char *name; /* below the log's URL */
	uint64_t number;
};
/* The same ones again cost little and ret->entries stay as they are. */
int ct_read_loose(struct db *db, const struct log_info *log, const struct ct_loose_tile *tile, size_t n, struct ct_result *ret,
                  struct err *err);

/* Saved answers of get-entries together with that of get-sth which signs them all. */
struct ct_saved_page {
	char *path;
	bool has_start; /* its name tells its first entry; else it goes on where the page before it ends */
	uint64_t start;
};
struct ct_saved_log {
	const char *head;
	size_t head_n;
	const struct ct_saved_page *page; /* in the order of their entries */
	size_t n;
	bool unverified; /* what the head does not prove counts all the same */
};
/* Inside the caller's transaction. *more: pages hold entries behind the head's tree, which are not read. Errors as
 * those of ct_read_log; ERR_INPUT when pages are missing or cannot be read. */
int ct_read_saved(struct db *db, const struct log_info *log, const struct ct_saved_log *s, bool *more, struct ct_result *ret,
                  struct err *err);

/* A saved answer of get-entries alone, of which nobody knows the log: unproven, inside the caller's transaction. */
int ct_read_page(struct db *db, const char *origin, const char *json, size_t n, struct ct_result *ret, struct err *err);

#endif
