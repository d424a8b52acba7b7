/* What keeps an index in order: one writer of leaf runs at a time, merging them, deriving everything anew. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "db/leafrun.h"
#include "index/import.h"
#include "index/index.h"
#include "index/sites.h"
#include "index/state.h"

/* ---- one at a time ---- */

int index_lock(const char *db_path, struct err *err)
{
	struct strbuf path = STRBUF_INIT;
	char who[32] = "";

	strbuf_addf(&path, "%s-ct.lock", db_path);
	int fd = open(path.buf, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0) {
		err_errno(err, ERR_INDEX, "cannot open '%s'", path.buf);
	} else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		ssize_t n = pread(fd, who, sizeof(who) - 1, 0);
		err_set(err, ERR_INDEX, "index '%s': it is being written by another canopy%s%.*s", db_path,
		        n > 0 ? ", process " : "", n > 0 ? (int)strcspn(who, "\n") : 0, who);
		close(fd);
		fd = -1;
	} else if (ftruncate(fd, 0) == 0) {
		dprintf(fd, "%ld\n", (long)getpid());
	}
	strbuf_release(&path);
	return fd;
}

/* ---- how large ---- */

static int measure(struct db *db, struct index_size *ret, struct err *err)
{
	int64_t bytes, runs, rows;

	if (db_file_bytes(db, &bytes, err) < 0 || db_run_totals(db, &runs, &rows, err) < 0)
		return -1;
	*ret = (struct index_size){ (uint64_t)bytes, (uint64_t)runs, (uint64_t)rows };
	return 0;
}

int index_measure(struct index *ix, struct index_size *ret, struct err *err)
{
	return measure(ix->db, ret, err);
}

/* ---- merging, rebuilding ---- */

/* An index that is there; the lock's descriptor, -1. */
static int open_for_work(const char *db_path, struct db **ret, struct err *err)
{
	if (!path_exists(db_path))
		return err_set(err, ERR_INDEX, "there is no index at '%s'", db_path);
	int lock = index_lock(db_path, err);
	if (lock >= 0 && db_open(db_path, DB_WRITE, ret, err) < 0) {
		db_close(*ret);
		close(lock);
		return -1;
	}
	return lock;
}

int index_compact(const char *db_path, bool (*cancelled)(void *ctx), void *ctx, struct index_size *before,
                  struct index_size *after, struct err *err)
{
	struct db *db = NULL;
	int lock = open_for_work(db_path, &db, err);

	if (lock < 0)
		return -1;
	int rc = measure(db, before, err);
	if (rc == 0)
		rc = db_compact(db, true, cancelled, ctx, err);
	if (rc == 0 && !(cancelled && cancelled(ctx)))
		rc = db_vacuum(db, err);
	if (rc == 0)
		rc = measure(db, after, err);
	db_close(db);
	close(lock);
	return rc;
}

static int rebuild(struct db *db, bool quiet, struct index_rebuilt *ret, struct err *err)
{
	struct link_result linked;

	if (db_forget_signatures(db, err) < 0 || sites_compare(db, err) < 0 || link_certificates(db, quiet, &linked, err) < 0)
		return -1;
	*ret = (struct index_rebuilt){ linked.ca_certs, linked.signatures };
	return 0;
}

int index_rebuild(const char *db_path, bool quiet, struct index_rebuilt *ret, struct err *err)
{
	struct db *db = NULL;
	int lock = open_for_work(db_path, &db, err);

	if (lock < 0)
		return -1;
	int rc = db_begin(db, err);
	if (rc == 0 && (rc = rebuild(db, quiet, ret, err)) == 0)
		rc = db_commit(db, err);
	if (rc < 0)
		db_rollback(db);
	db_close(db);
	close(lock);
	return rc;
}
