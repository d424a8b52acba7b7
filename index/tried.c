#include "index/tried.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/path.h"
#include "base/text.h"
#include "db/tried.h"
#include "index/state.h"

static const char *keep(struct tries *t, const char *text)
{
	struct strbuf clean = STRBUF_INIT;

	text_clean(&clean, text ? text : "", text ? strlen(text) : 0);
	const char *kept = arena_strdup(&t->strings, clean.buf);
	strbuf_release(&clean);
	return kept;
}

void tries_add(struct tries *t, struct tried one)
{
	one.source = keep(t, one.source ? one.source : t->source);
	one.document = keep(t, one.document);
	one.url = keep(t, one.url);
	one.error = keep(t, one.error);
	vec_push(&t->v, one);
}

void tries_release(struct tries *t)
{
	vec_release(&t->v);
	arena_release(&t->strings);
}

static int note(struct db *db, const struct tried *t, int64_t run, struct err *err)
{
	struct db_tried row = {
		.source = t->source,
		.document = t->document,
		.url = t->url,
		.tried_at = t->tried_at,
		.status = t->status ? DB_INT(t->status) : DB_NULL,
		.confirmed_at = t->confirmed_at == TIME_UNKNOWN ? DB_NULL : DB_INT(t->confirmed_at),
		.error = t->error,
	};

	if (t->tried_at == TIME_UNKNOWN)
		return db_know_tried(db, t->source, t->document, run, err);
	return db_put_tried(db, &row, run, err);
}

int index_note_tries(const char *db_path, const struct tries *t, struct err *err)
{
	struct db *db;
	int64_t run;

	if (!path_exists(db_path))
		return 0;
	if (db_open(db_path, DB_WRITE, &db, err) < 0)
		return -1;
	int rc = db_begin(db, err);
	if (rc == 0)
		rc = db_start_tried(db, &run, err);
	for (size_t i = 0; rc == 0 && i < t->v.n; i++)
		rc = note(db, &t->v.v[i], run, err);
	if (rc == 0 && t->whole)
		rc = db_drop_unknown_tried(db, t->source, run, err);
	if (rc == 0)
		rc = db_commit(db, err);
	else
		db_rollback(db);
	db_close(db);
	return rc;
}

static int take(void *ctx, const struct db_tried *t)
{
	tries_add(ctx, (struct tried){
	                       .source = t->source,
	                       .document = t->document,
	                       .url = t->url,
	                       .error = t->error,
	                       .tried_at = t->tried_at,
	                       .confirmed_at = t->confirmed_at.set ? t->confirmed_at.v : TIME_UNKNOWN,
	                       .status = t->status.set ? (long)t->status.v : 0,
	               });
	return 0;
}

int index_tries(struct index *ix, struct tries *ret, struct err *err)
{
	*ret = (struct tries){ 0 };
	return db_each_tried(ix->db, take, ret, err);
}
