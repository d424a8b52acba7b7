#include "index/ctknown.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/text.h"
#include "fetch/url.h"
#include "index/import.h"

/* ---- the logs that lists name ---- */

static int take_known(void *ctx, const struct db_ct_known *k)
{
	struct ct_known *all = ctx;
	struct arena *a = &all->list.strings;
	struct log_info log = {
		.name = arena_strdup(a, k->name),
		.operator = arena_strdup(a, k->operator),
		.url = arena_strdup(a, k->url),
		.submission = arena_strdup(a, k->submission),
		.tiled = k->tiled,
		.test = k->test,
		.key = { arena_dup(a, k->key.p, k->key.n), k->key.n },
		.state = k->state >= 0 && k->state < LOG_STATES ? (enum log_state)k->state : LOG_UNKNOWN,
		.state_since = TIME_UNKNOWN,
		.start = k->starts.set ? k->starts.v : TIME_UNKNOWN,
		.end = k->ends.set ? k->ends.v : TIME_UNKNOWN,
		.has_final = k->final_size.set && k->final_root,
		.final_size = k->final_size.set ? (uint64_t)k->final_size.v : 0,
	};
	bool is_new;

	if (!k->log_id)
		return 0;
	memcpy(log.id, k->log_id, 32);
	if (log.has_final)
		memcpy(log.final_root, k->final_root, 32);
	map_at(&all->ids, log.id, 32, &is_new);
	if (is_new) /* the newest list comes first */
		vec_push(&all->list.log, log);
	return 0;
}

int ct_known_load(struct db *db, struct ct_known *ret, struct err *err)
{
	return db_each_ct_known(db, take_known, ret, err);
}

void ct_known_release(struct ct_known *k)
{
	log_list_release(&k->list);
	map_release(&k->ids);
}

/* ---- a log that no list names ---- */

static void no_problem(void *ctx, const char *place, const char *what)
{
	(void)ctx;
	(void)place;
	(void)what;
}

int ct_known_describe(struct ct_known *all, const char *url, const char *json, size_t n, struct log_info *ret)
{
	struct log_list own = { 0 };
	struct err why = { 0 };
	struct arena *a = &all->list.strings;
	int rc = log_list_read(&own, json, n, no_problem, NULL, &why);

	if (rc == 0 && own.log.n == 1) {
		*ret = own.log.v[0];
		ret->name = arena_strdup(a, ret->name);
		ret->operator = arena_strdup(a, ret->operator);
		/* the origin of the checkpoint that an RFC 6962 log is archived with */
		ret->submission = arena_strdup(a, *ret->submission ? ret->submission : ret->url);
		ret->url = url;
		ret->key.p = arena_dup(a, ret->key.p, ret->key.n);
		ret->tiled |= url_is_file(url);
	}
	rc = rc == 0 && own.log.n == 1 ? 0 : -1;
	log_list_release(&own);
	return rc;
}

void ct_known_nameless(struct ct_known *all, const char *url, bool tiled, struct log_info *ret)
{
	struct strbuf name = STRBUF_INIT;

	text_clean(&name, url, strlen(url));
	*ret = (struct log_info){ .name = arena_strdup(&all->list.strings, name.buf), .operator = "", .url = url, .submission = "",
		                  .tiled = tiled, .state_since = TIME_UNKNOWN, .start = TIME_UNKNOWN, .end = TIME_UNKNOWN };
	sha256_of(url, strlen(url), ret->id);
	strbuf_release(&name);
}

char *ct_file_url(const char *path)
{
	char *real = realpath(path, NULL), *url;
	struct strbuf b = STRBUF_INIT;

	strbuf_addstr(&b, "file://");
	for (const char *p = real ? real : path; *p; p++)
		strbuf_addf(&b, strchr("%?#\\\"<> ", *p) || (unsigned char)*p < 0x21 ? "%%%02X" : "%c", (unsigned char)*p);
	free(real);
	strbuf_addstr(&b, "/");
	url = strbuf_detach(&b);
	return url;
}
