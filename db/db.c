#include "db/db.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "db/query.h"
#include "db/schema_sql.h"
#include "db/user_sql.h"

#define APPLICATION_ID 0x63616e6f
#define SCHEMA_VERSION 6
/* How long a second writer waits for the first. */
#define BUSY_MS 30000

static const char *const query_sql[QUERIES] = {
#define QUERY(id, text) [id] = text,
#include "db/queries.inc"
#undef QUERY
};

/* "disk I/O error" alone does not tell a full disk from a broken one. SQLite does not keep the reason when a commit
 * fails; then errno still says it, which each_row() sets to 0 before. Others may be those of an attempt to go on. */
static int disk_reason(struct db *db)
{
	static const int reasons[] = { ENOSPC, EDQUOT, EFBIG, EROFS, EIO, EACCES, EMFILE };
	int now = errno, kept = sqlite3_system_errno(db->handle);

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i] == (kept ? kept : now))
			return reasons[i];
	return 0;
}

int query_error(struct db *db, struct err *err)
{
	int code = sqlite3_errcode(db->handle) & 0xff, reason = disk_reason(db);

	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return err_set(err, ERR_INDEX, "index '%s' is being written by another process", db->path);
	if ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && reason) {
		errno = reason;
		return err_errno(err, ERR_INDEX, "index '%s': %s", db->path, sqlite3_errmsg(db->handle));
	}
	/* on a file system that is mounted so, the last thing that failed was only to find the log */
	if (code == SQLITE_READONLY || (code == SQLITE_CANTOPEN && sqlite3_db_readonly(db->handle, "main") == 1))
		return err_set(err, ERR_INDEX, "index '%s' cannot be written: the file or its folder is read-only", db->path);
	return err_set(err, ERR_INDEX, "index '%s': %s", db->path, sqlite3_errmsg(db->handle));
}

static int prepare(struct db *db, enum query id, struct err *err)
{
	if (db->stmt[id])
		return 0;
	if (sqlite3_prepare_v3(db->handle, query_sql[id], -1, SQLITE_PREPARE_PERSISTENT, &db->stmt[id], NULL) != SQLITE_OK)
		return query_error(db, err);
	return 0;
}

static int bind_one(sqlite3_stmt *s, int i, char type, va_list *ap)
{
	const void *p;
	size_t n;
	struct db_int o;

	switch (type) {
	case 'i':
		return sqlite3_bind_int64(s, i, va_arg(*ap, int64_t));
	case 't':
		return sqlite3_bind_text(s, i, va_arg(*ap, const char *), -1, SQLITE_STATIC);
	case 'b':
		p = va_arg(*ap, const void *);
		n = va_arg(*ap, size_t);
		return n ? sqlite3_bind_blob64(s, i, p, n, SQLITE_STATIC) : sqlite3_bind_zeroblob(s, i, 0);
	case 'h':
		p = va_arg(*ap, const void *);
		return p ? sqlite3_bind_blob(s, i, p, 32, SQLITE_STATIC) : sqlite3_bind_null(s, i);
	default:
		o = va_arg(*ap, struct db_int);
		return o.set ? sqlite3_bind_int64(s, i, o.v) : sqlite3_bind_null(s, i);
	}
}

static int start(struct db *db, enum query id, const char *types, va_list *ap, struct err *err)
{
	if (prepare(db, id, err) < 0)
		return -1;
	for (int i = 0; types[i]; i++)
		if (bind_one(db->stmt[id], i + 1, types[i], ap) != SQLITE_OK)
			return query_error(db, err);
	return 0;
}

static int each_row(struct db *db, sqlite3_stmt *s, query_row_fn *fn, void *ctx, struct err *err)
{
	int code, rc = 0;

	errno = 0;
	while ((code = sqlite3_step(s)) == SQLITE_ROW && rc == 0)
		rc = fn ? fn(ctx, s) : 0;
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		rc = query_error(db, err);
	sqlite3_reset(s);
	return rc < 0 ? -1 : 0;
}

int query_run(struct db *db, enum query id, struct err *err, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	int rc = start(db, id, types, &ap, err);
	va_end(ap);
	return rc < 0 ? -1 : each_row(db, db->stmt[id], NULL, NULL, err);
}

int query_each(struct db *db, enum query id, query_row_fn *fn, void *ctx, struct err *err, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	int rc = start(db, id, types, &ap, err);
	va_end(ap);
	return rc < 0 ? -1 : each_row(db, db->stmt[id], fn, ctx, err);
}

struct number {
	bool found;
	int64_t v;
};

static int take_number(void *ctx, sqlite3_stmt *row)
{
	struct number *n = ctx;

	n->found = true;
	n->v = sqlite3_column_int64(row, 0);
	return 1;
}

int query_number(struct db *db, enum query id, bool *found, int64_t *ret, struct err *err, const char *types, ...)
{
	struct number n = { false, 0 };
	va_list ap;

	va_start(ap, types);
	int rc = start(db, id, types, &ap, err);
	va_end(ap);
	if (rc < 0 || each_row(db, db->stmt[id], take_number, &n, err) < 0)
		return -1;
	*found = n.found;
	*ret = n.v;
	return 0;
}

struct pair {
	bool found;
	int64_t a, b;
};

static int take_pair(void *ctx, sqlite3_stmt *row)
{
	struct pair *p = ctx;

	*p = (struct pair){ true, sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1) };
	return 1;
}

int query_pair(struct db *db, enum query id, bool *found, int64_t *a, int64_t *b, struct err *err, const char *types, ...)
{
	struct pair p = { 0 };
	va_list ap;

	va_start(ap, types);
	int rc = start(db, id, types, &ap, err);
	va_end(ap);
	if (rc < 0 || each_row(db, db->stmt[id], take_pair, &p, err) < 0)
		return -1;
	*found = p.found;
	*a = p.a;
	*b = p.b;
	return 0;
}

struct text {
	char *to;
	size_t n;
};

static int take_text(void *ctx, sqlite3_stmt *row)
{
	struct text *t = ctx;

	snprintf(t->to, t->n, "%s", column_text(row, 0));
	return 1;
}

int query_text(struct db *db, enum query id, char *ret, size_t n, struct err *err, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	int rc = start(db, id, types, &ap, err);
	va_end(ap);
	return rc < 0 ? -1 : each_row(db, db->stmt[id], take_text, &(struct text){ ret, n }, err);
}

int take_id(void *ctx, sqlite3_stmt *row)
{
	struct id_list *to = ctx;

	vec_push(&to->id, sqlite3_column_int64(row, 0));
	return 0;
}

sqlite3_stmt *query_fresh(struct db *db, enum query id, struct err *err)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(db->handle, query_sql[id], -1, &s, NULL) != SQLITE_OK)
		query_error(db, err);
	return s;
}

const char *column_text(sqlite3_stmt *row, int i)
{
	const unsigned char *t = sqlite3_column_text(row, i);

	return t ? (const char *)t : "";
}

struct db_blob column_blob(sqlite3_stmt *row, int i)
{
	const void *p = sqlite3_column_blob(row, i);

	return (struct db_blob){ p, (size_t)sqlite3_column_bytes(row, i) };
}

const uint8_t *column_hash(sqlite3_stmt *row, int i, size_t n)
{
	struct db_blob b = column_blob(row, i);

	return b.n == n ? b.p : NULL;
}

struct db_int column_int(sqlite3_stmt *row, int i)
{
	if (sqlite3_column_type(row, i) == SQLITE_NULL)
		return DB_NULL;
	return DB_INT(sqlite3_column_int64(row, i));
}

static int exec(struct db *db, const char *sql, struct err *err)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : query_error(db, err);
}

static int pragma_number(struct db *db, const char *sql, int64_t *ret, struct err *err)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db->handle, sql, -1, &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW) {
		query_error(db, err);
		sqlite3_finalize(s);
		return -1;
	}
	*ret = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return 0;
}

int db_make_user_tables(struct db *db, struct err *err)
{
	return exec(db, user_sql, err);
}

/* How to drop the views that the schema has, where one of them has another text: the index was made by another canopy. */
static int read_drops(struct db *db, struct strbuf *drops, struct err *err)
{
	static const char sql[] =
		"WITH ours AS (SELECT name, sql FROM sqlite_schema WHERE type = 'view' AND instr(?1, 'CREATE VIEW ' || name || ' AS') > 0)"
		"SELECT 'DROP VIEW ' || name FROM ours WHERE EXISTS (SELECT 1 FROM ours WHERE instr(?1, sql) = 0)";
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db->handle, sql, -1, &s, NULL) != SQLITE_OK)
		return query_error(db, err);
	sqlite3_bind_text(s, 1, schema_sql, -1, SQLITE_STATIC);
	while (sqlite3_step(s) == SQLITE_ROW)
		strbuf_addf(drops, "%s;", column_text(s, 0));
	return sqlite3_finalize(s) == SQLITE_OK ? 0 : query_error(db, err);
}

int db_renew_views(struct db *db, struct err *err)
{
	struct strbuf drops = STRBUF_INIT;
	int rc = read_drops(db, &drops, err);

	if (rc == 0 && drops.len) {
		rc = exec(db, drops.buf, err);
		if (rc == 0)
			rc = exec(db, strstr(schema_sql, "CREATE VIEW "), err); /* views are the end of the schema */
	}
	strbuf_release(&drops);
	return rc;
}

static int create_schema(struct db *db, struct err *err)
{
	if (!db->in_memory && exec(db, "PRAGMA journal_mode = WAL", err) < 0)
		return -1;
	if (exec(db, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	/* another process may have been quicker */
	int64_t version;
	if (pragma_number(db, "PRAGMA user_version", &version, err) < 0)
		return -1;
	if (version == 0 && (exec(db, schema_sql, err) < 0 || db_make_user_tables(db, err) < 0))
		return -1;
	return exec(db, "COMMIT", err);
}

/* Is this file ours, of a version that we know? An empty one gets the schema. */
static int check_schema(struct db *db, enum db_mode mode, struct err *err)
{
	int64_t id, version, tables;

	if (pragma_number(db, "PRAGMA application_id", &id, err) < 0 ||
	    pragma_number(db, "PRAGMA user_version", &version, err) < 0 ||
	    pragma_number(db, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0)
		return -1;
	if (id == 0 && version == 0 && tables == 0 && (mode == DB_WRITE || db->in_memory))
		return create_schema(db, err);
	if (id == 0 && version == 0 && tables == 0) /* as the very first run leaves it that is killed at once */
		return err_set(err, ERR_INDEX, "index '%s' is empty: fetch or import into it", db->path);
	if (id != APPLICATION_ID)
		return err_set(err, ERR_INDEX, "'%s' is no canopy index", db->path);
	if (version != SCHEMA_VERSION)
		return err_set(err, ERR_INDEX, "index '%s' has version %d, this canopy reads version %d%s", db->path,
		               (int)version, SCHEMA_VERSION,
		               version < SCHEMA_VERSION ? ": move it away and fetch or import anew" : "");
	return 0;
}

static int cannot_open(struct db *db, struct err *err)
{
	int reason = db->handle ? disk_reason(db) : ENOMEM;

	if (!reason)
		return err_set(err, ERR_INDEX, "cannot open index '%s': %s", db->path, sqlite3_errmsg(db->handle));
	errno = reason;
	return err_errno(err, ERR_INDEX, "cannot open index '%s'", db->path);
}

static int open_handle(struct db *db, enum db_mode mode, struct err *err)
{
	/* one thread at a time uses a connection: no lock is taken for each column that is read */
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | (mode == DB_WRITE ? SQLITE_OPEN_CREATE : 0);
	const char *name = db->in_memory ? ":memory:" : db->path;

	if (db->in_memory)
		flags |= SQLITE_OPEN_CREATE;
	int code = sqlite3_open_v2(name, &db->handle, flags, NULL);
	/* a reader may have no right to write, neither on the file nor on its folder */
	if (code != SQLITE_OK && mode == DB_READ) {
		sqlite3_close(db->handle);
		code = sqlite3_open_v2(name, &db->handle, SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY, NULL);
	}
	if (code != SQLITE_OK)
		return cannot_open(db, err);
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	/* who writes goes through all of large lists, and would map all of them */
	if (mode != DB_WRITE && exec(db, "PRAGMA mmap_size = 268435456", err) < 0)
		return -1;
	return exec(db, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
	                "PRAGMA cache_size = -65536",
	            err);
}

/* A file in WAL mode wants to write beside itself even to be read. Where that is not allowed, it can be read as it
 * lies as long as no log stands beside it that holds more. */
static int reopen_immutable(struct db *db, struct err *err)
{
	struct strbuf uri = STRBUF_INIT;
	char *wal = NULL;
	struct stat st;

	strbuf_addf(&uri, "%s-wal", db->path);
	wal = strbuf_detach(&uri);
	bool logged = stat(wal, &st) == 0 && st.st_size > 0;
	free(wal);
	if (logged)
		return -1;
	strbuf_addstr(&uri, "file:");
	for (const char *p = db->path; *p; p++)
		strbuf_addf(&uri, strchr("%?#", *p) ? "%%%02x" : "%c", (unsigned char)*p);
	strbuf_addstr(&uri, "?immutable=1");
	for (int i = 0; i < QUERIES; i++) {
		sqlite3_finalize(db->stmt[i]);
		db->stmt[i] = NULL;
	}
	sqlite3_close(db->handle);
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
	int code = sqlite3_open_v2(uri.buf, &db->handle, flags, NULL);
	strbuf_release(&uri);
	if (code != SQLITE_OK)
		return cannot_open(db, err);
	if (err)
		err->kind = ERR_NONE;
	return check_schema(db, DB_READ, err);
}

/* On a full disk there is no room for what a reader puts beside the file. */
static bool needs_writing(const struct db *db)
{
	int code = sqlite3_errcode(db->handle) & 0xff, why = sqlite3_extended_errcode(db->handle);

	return code == SQLITE_READONLY || code == SQLITE_CANTOPEN || why == SQLITE_IOERR_SHMOPEN || why == SQLITE_IOERR_SHMSIZE;
}

static int open_checked(struct db *db, enum db_mode mode, struct err *err)
{
	if (open_handle(db, mode, err) == 0 && check_schema(db, mode, err) == 0)
		return 0;
	if (mode != DB_READ || !db->handle || !needs_writing(db))
		return -1;
	return reopen_immutable(db, err);
}

/* SQLite would call a folder an I/O error, and wait for whoever writes to a pipe. */
static int check_place(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0 || S_ISREG(st.st_mode)) /* where nothing is, or may be looked at, opening it says so */
		return 0;
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_INDEX, "'%s' is a folder, not an index", path);
	return err_set(err, ERR_INDEX, "cannot open index '%s': it is no regular file", path);
}

int db_open(const char *path, enum db_mode mode, struct db **ret, struct err *err)
{
	if (check_place(path, err) < 0)
		return -1;

	struct db *db = xcalloc(1, sizeof(*db));

	db->path = xstrdup(path);
	db->in_memory = mode == DB_READ && !path_exists(path);
	if (mode == DB_WRITE && path_mkdirs_for(path, err) < 0) {
		if (err)
			err->kind = ERR_INDEX;
		db_close(db);
		return -1;
	}
	if (open_checked(db, mode, err) < 0) {
		db_close(db);
		return -1;
	}
	*ret = db;
	return 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	for (int i = 0; i < QUERIES; i++)
		sqlite3_finalize(db->stmt[i]);
	sqlite3_close(db->handle);
	free(db->path);
	free(db);
}

int db_begin(struct db *db, struct err *err)
{
	return query_run(db, Q_BEGIN, err, "");
}

int db_begin_read(struct db *db, struct err *err)
{
	return query_run(db, Q_BEGIN_READ, err, "");
}

int db_commit(struct db *db, struct err *err)
{
	return query_run(db, Q_COMMIT, err, "");
}

int db_savepoint(struct db *db, struct err *err)
{
	return query_run(db, Q_SAVEPOINT, err, "");
}

int db_undo(struct db *db, struct err *err)
{
	return query_run(db, Q_UNDO, err, "") < 0 ? -1 : db_keep(db, err);
}

int db_keep(struct db *db, struct err *err)
{
	return query_run(db, Q_KEEP, err, "");
}

int db_vacuum(struct db *db, struct err *err)
{
	if (exec(db, "VACUUM", err) < 0)
		return -1;
	/* a reader of the old pages keeps the log as long as it is there */
	return exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", err);
}

int db_file_bytes(struct db *db, int64_t *ret, struct err *err)
{
	int64_t pages, size;

	if (pragma_number(db, "PRAGMA page_count", &pages, err) < 0 || pragma_number(db, "PRAGMA page_size", &size, err) < 0)
		return -1;
	*ret = pages * size;
	return 0;
}

void db_rollback(struct db *db)
{
	query_run(db, Q_ROLLBACK, NULL, "");
}

int db_data_version(struct db *db, int64_t *ret, struct err *err)
{
	bool found;

	return query_number(db, Q_DATA_VERSION, &found, ret, err, "");
}

int db_numbering(struct db *db, char ret[DB_NUMBERING], struct err *err)
{
	return query_text(db, Q_NUMBERING, ret, DB_NUMBERING, err, "");
}

int db_renumber(struct db *db, struct err *err)
{
	return query_run(db, Q_RENUMBER, err, "");
}
