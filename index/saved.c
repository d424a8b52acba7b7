/* Scenarios that the index keeps: texts by name, which nothing but the user changes. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "db/scenario.h"
#include "index/state.h"

int scenario_check_name(const char *name, struct err *err)
{
	size_t n = strlen(name);

	if (!n)
		return err_set(err, ERR_USAGE, "a scenario's name cannot be empty");
	if (n > SCENARIO_NAME_MAX)
		return err_set(err, ERR_USAGE, "'%.40s…' is too long for a scenario's name (at most %d bytes)", name,
		               SCENARIO_NAME_MAX);
	if (!text_is_clean(name, n))
		return err_set(err, ERR_USAGE, "'%s' is no name for a scenario: it holds what cannot be printed", name);
	if (strchr(name, '/'))
		return err_set(err, ERR_USAGE, "'%s' is no name for a scenario: it holds a '/'", name);
	if (name[0] == ' ' || name[n - 1] == ' ')
		return err_set(err, ERR_USAGE, "'%s' is no name for a scenario: it has a blank at its end", name);
	return 0;
}

static int list_one(void *ctx, const char *name, int64_t saved_at, const char *body)
{
	struct saved_scenarios *l = ctx;

	vec_push(&l->v, (struct saved_scenario){ arena_strdup(&l->strings, name), arena_strdup(&l->strings, body), saved_at });
	return 0;
}

int index_scenarios(struct index *ix, struct saved_scenarios *ret, struct err *err)
{
	*ret = (struct saved_scenarios){ 0 };
	return db_each_scenario(ix->db, list_one, ret, err);
}

void saved_scenarios_release(struct saved_scenarios *l)
{
	vec_release(&l->v);
	arena_release(&l->strings);
}

struct found {
	char *text;
	int64_t saved_at;
};

static int take_one(void *ctx, const char *name, int64_t saved_at, const char *body)
{
	(void)name;
	*(struct found *)ctx = (struct found){ xstrdup(body), saved_at };
	return 0;
}

int index_find_scenario(struct index *ix, const char *name, char **text, int64_t *saved_at, struct err *err)
{
	struct found f = { 0 };

	if (db_find_scenario(ix->db, name, take_one, &f, err) < 0) {
		free(f.text);
		return -1;
	}
	*text = f.text;
	*saved_at = f.saved_at;
	return 0;
}

/* An index that is there, in a transaction of its own: between looking and writing nobody else writes. */
static int begin(const struct index *ix, struct db **ret, struct err *err)
{
	*ret = NULL;
	if (!path_exists(ix->path))
		return err_set(err, ERR_INDEX, "there is no index at '%s'", ix->path);
	if (db_open(ix->path, DB_WRITE, ret, err) == 0 && db_begin(*ret, err) == 0)
		return 0;
	db_close(*ret);
	return -1;
}

static int end(struct db *db, int rc, struct err *err)
{
	if (rc == 0)
		rc = db_commit(db, err);
	if (rc < 0)
		db_rollback(db);
	db_close(db);
	return rc;
}

int index_save_scenario(const struct index *ix, const char *name, const char *text, bool replace, bool *there, struct err *err)
{
	struct found old = { 0 };
	struct db *db;

	*there = false;
	if (scenario_check_name(name, err) < 0 || begin(ix, &db, err) < 0)
		return -1;
	int rc = db_find_scenario(db, name, take_one, &old, err);
	*there = old.text != NULL;
	free(old.text);
	if (rc == 0 && (replace || !*there))
		rc = db_put_scenario(db, name, time_now(), text, err);
	return end(db, rc, err);
}

int index_delete_scenario(const struct index *ix, const char *name, bool *there, struct err *err)
{
	struct db *db;

	*there = false;
	if (begin(ix, &db, err) < 0)
		return -1;
	return end(db, db_drop_scenario(db, name, there, err), err);
}
