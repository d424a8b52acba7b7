/* What the index knows of each source: what `canopy sources` tells document by document, summed up. A thread reads it, of
 * whose graph nothing may be replaced until it has.
 *
 *	struct source_table *s = source_table_begin(index);
 *	work_wait(s->work, screen_input(), 50);
 *	if (work_made(s->work))
 *		for (size_t i = 0; i < s->n; i++) use(&s->v[i]);
 *	source_table_free(s); */
#ifndef TUI_SOURCETABLE_H
#define TUI_SOURCETABLE_H

#include "fetch/sources.h"
#include "index/ct.h"
#include "index/storedoubt.h"
#include "index/tried.h"
#include "tui/work.h"

struct model;

struct source_doc {
	const struct index_source *held; /* NULL: was never had */
	const struct tried *tried;       /* the last try, NULL: nobody asked */
};
struct source_row {
	const char *name;
	const struct source *known;                 /* to fetch; NULL: comes from files alone */
	VEC(struct source_doc) doc;                 /* those that are held first, by kind, the newest contents first */
	size_t held, failed;                        /* documents; failed: in their last try */
	int32_t oldest, newest;                     /* day of the contents, INT32_MIN unknown */
	int64_t fetched_at, tried_at, confirmed_at; /* the last ones, TIME_UNKNOWN never */
	uint64_t records, problems;
	const char *error; /* of the last try that failed, NULL: all are fine */
};
struct source_table {
	struct work *work;
	/* the thread's until it is made */
	struct source_row *v; /* those to fetch in their order, then others */
	size_t n;
	struct err err; /* with a message: what could not be read */
	struct index_problem *problem; /* all of the index */
	size_t n_problems;
	struct ct_logs logs;
	struct err logs_err;
	bool taken; /* for the loop: it knows that it is made */
	/* inside */
	struct index_source *source;
	size_t n_sources;
	struct tries tries;
	const struct index *shown;
	struct index *index; /* what all of it is read from */
};
/* Never NULL. */
struct source_table *source_table_begin(const struct index *shown);
/* Waits for it. */
void source_table_free(struct source_table *s);
const struct source_row *source_table_find(const struct source_table *s, const char *name);
/* The next one from *at on that is about a store which the row gave; NULL: none is left. */
const struct store_doubt *source_doubt(const struct store_doubts *d, const struct source_row *r, size_t *at);
/* "apple, microsoft: store of 2023-06-01, old: 1,271 days before 2026-11-23": the stores which the source gave that are later than
 * the day or old, those of one day at once. From the column *at on; false: none is left. */
bool source_store_text(const struct model *m, const char *source, size_t *at, struct strbuf *out);
/* The error of a try, in the order in which it is read: the reason, then what was asked for. */
void source_reason(const char *error, struct strbuf *out);
/* More days older than the question, or than today, than impact lets pass. */
bool source_is_old(const struct source_row *r, int32_t day, int32_t today);

#endif
