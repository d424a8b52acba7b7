#include "index/index.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/date.h"
#include "base/path.h"
#include "base/text.h"
#include "db/leafrun.h"
#include "index/chromestore.h"
#include "index/state.h"

char *index_default_path(void)
{
	const char *env = getenv("CANOPY_DB");

	return env && *env ? xstrdup(env) : path_xdg(XDG_DATA, "canopy.db");
}

int file_id_of(const char *path, struct file_id *ret, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(err, ERR_INDEX, "cannot read index '%s'", path);
	*ret = (struct file_id){ st.st_dev, st.st_ino };
	return 0;
}

bool file_id_same(const struct file_id *a, const struct file_id *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

int index_open(const char *path, enum index_mode mode, struct index **ret, struct err *err)
{
	struct index *ix = xcalloc(1, sizeof(*ix));

	ix->path = xstrdup(path);
	ix->absent = mode == INDEX_READ && !path_exists(path);
	ix->chrome_version = UINT32_MAX;
	if (db_open(path, mode == INDEX_WRITE ? DB_WRITE : DB_READ, &ix->db, err) < 0 ||
	    (!ix->absent && file_id_of(path, &ix->file, err) < 0) || index_load(ix, err) < 0) {
		index_close(ix);
		return -1;
	}
	*ret = ix;
	return 0;
}

int index_open_beside(const struct index *of, struct index **ret, struct err *err)
{
	if (index_open(of->path, INDEX_READ, ret, err) < 0)
		return -1;
	if ((*ret)->absent && !of->absent) {
		index_close(*ret);
		*ret = NULL;
		return err_set(err, ERR_INDEX, "index '%s' is gone", of->path);
	}
	index_set_chrome_version(*ret, of->chrome_version);
	return 0;
}

void index_close(struct index *ix)
{
	if (!ix)
		return;
	if (ix->shares) {
		ix->graph = (struct graph){ 0 };
		ix->cert_of_id = NULL;
	}
	index_unload(ix);
	db_close(ix->db);
	arena_release(&ix->strings);
	free(ix->path);
	free(ix);
}

const struct graph *index_graph(struct index *ix)
{
	if (!ix->loaded)
		index_load(ix, &ix->load_error);
	return &ix->graph;
}

int index_read_error(const struct index *ix, struct err *err)
{
	return ix->load_error.kind == ERR_NONE ? 0 : err_set(err, ix->load_error.kind, "%s", ix->load_error.msg);
}

void index_set_chrome_version(struct index *ix, uint32_t major)
{
	ix->chrome_version = major;
	for (size_t i = 0; i < ix->snapshot.n; i++)
		index_forget_store(&ix->snapshot.v[i]);
}

struct anchor_notes {
	struct index *ix;
	const uint8_t *sha256;
	int purpose;
	struct strbuf *out;
};

static int add_note(void *ctx, const struct db_anchor *a)
{
	struct anchor_notes *n = ctx;

	if (!a->note || !*a->note || a->purpose != n->purpose || memcmp(a->sha256, n->sha256, 32) != 0)
		return 0;
	if (!chromestore_versions_apply(a->min_version, a->max_version, n->ix->chrome_version))
		return 0;
	if (!strstr(n->out->buf, a->note)) /* alternatives often say the same */
		strbuf_addf(n->out, "%s%s", n->out->len ? "; " : "", a->note);
	return 0;
}

void index_anchor_notes(struct index *ix, const struct store *s, uint32_t cert, enum purpose purpose, struct strbuf *out)
{
	struct anchor_notes n = { ix, ix->graph.cert.v[cert].sha256, (int)purpose, out };
	size_t len = out->len;

	for (size_t i = 0; i < ix->snapshot.n; i++)
		if (ix->snapshot.v[i].store == s)
			db_each_anchor(ix->db, ix->snapshot.v[i].id, add_note, &n, &ix->load_error);
	if (index_check_ids(ix, ix->db, NULL) < 0)
		strbuf_setlen(out, len);
}

int index_changed(struct index *ix, bool *changed, struct err *err)
{
	struct file_id now;
	int64_t version;

	*changed = false;
	if (ix->absent) { /* what was read as empty may be there now */
		*changed = path_exists(ix->path);
		return 0;
	}
	if (file_id_of(ix->path, &now, err) < 0 || db_data_version(ix->db, &version, err) < 0)
		return -1;
	*changed = version != ix->data_version || !file_id_same(&now, &ix->file);
	return 0;
}

bool index_renumbered(struct index *ix)
{
	index_check_ids(ix, ix->db, NULL);
	return ix->renumbered;
}

#define SWAP(field)                                     \
	do {                                            \
		__typeof__(ix->field) kept = ix->field; \
		ix->field = fresh->field;               \
		fresh->field = kept;                    \
	} while (0)

void index_take(struct index *ix, struct index *fresh, struct graph *g)
{
	SWAP(db);
	SWAP(absent);
	SWAP(file);
	SWAP(graph);
	SWAP(loaded);
	SWAP(data_version);
	SWAP(seen_version);
	SWAP(renumbered);
	for (size_t i = 0; i < sizeof(ix->numbering); i++)
		SWAP(numbering[i]);
	SWAP(ct_complete_from);
	SWAP(cert_of_id);
	SWAP(n_ids);
	SWAP(snapshot);
	SWAP(program);
	SWAP(days);
	SWAP(strings);
	SWAP(load_error);
	ix->graph.leaf_ctx = g->leaf_ctx = ix;
	fresh->graph.leaf_ctx = fresh;
}

/* ---- what is in it ---- */

struct summary {
	struct index_stats *s;
	EVP_MD_CTX *md;
};

static int add_file(void *ctx, const struct db_file *f)
{
	struct summary *s = ctx;

	s->s->files++;
	if (f->fetched_at > s->s->indexed_at)
		s->s->indexed_at = f->fetched_at;
	if (f->source_day > s->s->newest_day && strcmp(f->kind, "unknown") != 0)
		s->s->newest_day = f->source_day;
	EVP_DigestUpdate(s->md, f->kind, strlen(f->kind) + 1);
	EVP_DigestUpdate(s->md, f->part, strlen(f->part) + 1);
	EVP_DigestUpdate(s->md, f->sha256, 32);
	EVP_DigestUpdate(s->md, &f->source_day, sizeof(f->source_day));
	if (strcmp(f->kind, "ct-log") == 0) /* one head, read further */
		EVP_DigestUpdate(s->md, &f->records, sizeof(f->records));
	return 0;
}

int index_stats(struct index *ix, struct index_stats *ret, struct err *err)
{
	const struct graph *g = index_graph(ix);
	int64_t total[DB_TOTALS] = { 0 }, in_logs = 0;
	uint8_t hash[32];
	struct summary s = { ret, EVP_MD_CTX_new() };

	memset(ret, 0, sizeof(*ret));
	ret->newest_day = INT32_MIN;
	EVP_DigestInit_ex(s.md, EVP_sha256(), NULL);
	int rc = db_each_file(ix->db, add_file, &s, err);
	if (rc == 0)
		rc = db_totals(ix->db, total, err);
	if (rc == 0)
		rc = db_ct_orphans(ix->db, &in_logs, err);
	EVP_DigestFinal_ex(s.md, hash, NULL);
	EVP_MD_CTX_free(s.md);
	hex_encode(hash, 32, ret->sha256);
	ret->ca_certs = g->cert.n;
	ret->cas = g->ca.n;
	ret->leaves = (uint64_t)total[DB_TOTAL_LEAVES];
	ret->leaf_certs = (uint64_t)total[DB_TOTAL_LEAF_CERTS];
	ret->unknown_issuer_leaves = (uint64_t)(total[DB_TOTAL_ORPHANS] + in_logs);
	ret->problems = (uint64_t)total[DB_TOTAL_PROBLEMS];
	return rc;
}

int index_newest_day(struct index *ix, int32_t *ret, struct err *err)
{
	struct db_int day = DB_NULL;
	int rc = db_newest_day(ix->db, &day, err);

	*ret = day.set ? (int32_t)day.v : INT32_MIN;
	return rc;
}

struct source_list {
	struct index *ix;
	VEC(struct index_source) v;
};

static int list_source(void *ctx, const struct db_file *f)
{
	struct source_list *l = ctx;
	struct arena *a = &l->ix->strings;
	char hex[65];

	hex_encode(f->sha256, 32, hex);
	vec_push(&l->v, (struct index_source){
	                        .source = arena_strdup(a, f->source),
	                        .kind = arena_strdup(a, f->kind),
	                        .part = arena_strdup(a, f->part),
	                        .from = arena_strdup(a, f->origin),
	                        .sha256 = arena_strdup(a, hex),
	                        .source_day = f->source_day,
	                        .fetched_at = f->fetched_at,
	                        .bytes = (uint64_t)f->bytes,
	                        .records = (uint64_t)f->records,
	                        .problems = (uint64_t)f->problems,
	                        .compared = f->added.set,
	                        .added = (uint64_t)f->added.v,
	                        .changed = (uint64_t)f->changed.v,
	                        .gone = (uint64_t)f->gone.v,
	                });
	return 0;
}

int index_sources(struct index *ix, struct index_source **ret, size_t *n, struct err *err)
{
	struct source_list l = { .ix = ix };
	int rc = db_each_file(ix->db, list_source, &l, err);

	*ret = l.v.v;
	*n = l.v.n;
	return rc;
}

struct problem_list {
	struct index *ix;
	VEC(struct index_problem) v;
};

static int list_problem(void *ctx, const char *origin, const char *place, const char *what)
{
	struct problem_list *l = ctx;
	struct arena *a = &l->ix->strings;

	vec_push(&l->v, (struct index_problem){ arena_strdup(a, origin), arena_strdup(a, place), arena_strdup(a, what) });
	return 0;
}

int index_problems(struct index *ix, struct index_problem **ret, size_t *n, struct err *err)
{
	struct problem_list l = { .ix = ix };
	int rc = db_each_problem(ix->db, list_problem, &l, err);

	*ret = l.v.v;
	*n = l.v.n;
	return rc;
}
