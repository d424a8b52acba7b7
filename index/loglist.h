/* The list of Certificate Transparency logs: Google's v3 (operators[].logs and .tiled_logs) and Apple's shape of
 * it, and a single log's own log.v3.json. A log that cannot be used is told as a problem and does not stop the others.
 *
 *	struct log_list list = {0};
 *	if (log_list_read(&list, json, n, problem, ctx, err) < 0) …
 *	for (size_t i = 0; i < list.log.n; i++) …
 *	log_list_release(&list); */
#ifndef INDEX_LOGLIST_H
#define INDEX_LOGLIST_H

#include "base/err.h"
#include "base/mem.h"
#include "base/vec.h"
#include "index/x509.h"

enum log_state {
	LOG_UNKNOWN, /* the list gives none */
	LOG_PENDING,
	LOG_QUALIFIED,
	LOG_USABLE,
	LOG_READONLY,
	LOG_RETIRED,
	LOG_REJECTED,
	LOG_STATES
};
extern const char *const log_state_names[LOG_STATES]; /* "", "pending", … */

struct log_info { /* strings and bytes in the list's arena; strings cleaned, "" when absent */
	const char *name;        /* the description */
	const char *operator;    /* "Let's Encrypt" */
	const char *url;         /* RFC 6962: the base, static: the monitoring prefix; ends in "/" */
	const char *submission;  /* static: the submission prefix, else "" */
	bool tiled;              /* static-ct-api */
	bool test;               /* log_type test, monitoring or other than prod */
	struct slice key;        /* SubjectPublicKeyInfo DER */
	uint8_t id[32];          /* SHA-256 of it; a log_id that says otherwise is a problem and the log is left out */
	enum log_state state;
	int64_t state_since;     /* TIME_UNKNOWN without */
	int64_t start, end;      /* temporal interval [start, end) of notAfter; TIME_UNKNOWN: open */
	int32_t mmd;             /* seconds */
	bool has_final;          /* readonly: final_tree_head */
	uint64_t final_size;
	uint8_t final_root[32];
};
struct log_list {
	VEC(struct log_info) log;
	int64_t timestamp; /* of the list (log_list_timestamp), TIME_UNKNOWN without */
	struct arena strings;
};
bool log_list_recognise(const char *data, size_t n);
typedef void log_list_problem_fn(void *ctx, const char *place, const char *what);
int log_list_read(struct log_list *ret, const char *json, size_t n, log_list_problem_fn *problem, void *ctx,
                  struct err *err);
void log_list_release(struct log_list *list);
/* By URL (either prefix, with or without the slash), by exact name, log id in hex, else by text that exactly
 * one name contains; NULL: none or several (*n_found says how many). */
const struct log_info *log_list_find(const struct log_list *list, const char *text, size_t *n_found);
/* Can it hold leaves that are unexpired on the day: its interval's end is later, it is not rejected, no test log. */
bool log_is_wanted(const struct log_info *log, int32_t day);

#endif
