/* Inside index/: the opened index. */
#ifndef INDEX_STATE_H
#define INDEX_STATE_H

#include <sys/types.h>

#include "base/map.h"
#include "db/db.h"
#include "index/index.h"

struct snapshot {
	int64_t id;
	char *program;
	int32_t day;
	int64_t version;     /* of the store's own counting, 0 without */
	struct store *store; /* loaded on first use */
};

/* A path may lead to another file later. */
struct file_id {
	dev_t dev;
	ino_t ino;
};

struct index {
	struct db *db;
	char *path;
	bool absent; /* there was no such file to read */
	struct file_id file; /* as the path led to it */
	struct graph graph;
	bool loaded;
	bool shares; /* graph and cert_of_id are another index's, see index_share() */
	int64_t data_version;
	char numbering[DB_NUMBERING];  /* of the graph: what row ids mean */
	int64_t seen_version;          /* data_version of db at which that was so last */
	bool renumbered;               /* … and is so no longer */
	int32_t ct_complete_from;      /* as db_ct_complete_from */
	uint32_t *cert_of_id; /* graph certificate by row id, NO_INDEX none */
	size_t n_ids;
	VEC(struct snapshot) snapshot; /* by program, then day */
	VEC(const char *) program;     /* known ones first */
	VEC(int32_t) days;             /* of the program last asked for */
	struct arena strings;          /* of index_sources and index_problems */
	uint32_t chrome_version;       /* UINT32_MAX: the newest */
	struct err load_error;
};

struct bytes {
	uint8_t *p;
	size_t n;
};
/* detail.c: bytes of a certificate by row id (heap). */
int index_read_der(struct index *ix, int64_t id, struct bytes *b, struct err *err);
/* For db_each_origin: adds to a struct strbuf, "; " between. */
int index_add_origin(void *ctx, const char *origin);

/* maintain.c: a descriptor that holds the lock of those who write leaf runs, until it is closed; -1 ERR_INDEX names the
 * process that has it. */
int index_lock(const char *db_path, struct err *err);

/* load.c: after rows were read by ids of the graph, with ix->db or index_db_here(): they were of the same certificates, CAs
 * and stores. -1 ERR_INDEX: they may have been others'. */
int index_check_ids(struct index *ix, struct db *db, struct err *err);
/* load.c: the connection of this thread, see index_rows_beside(); NULL: there is none to be had. */
struct db *index_db_here(const struct index *ix);
/* index.c: ERR_INDEX: there is none. */
int file_id_of(const char *path, struct file_id *ret, struct err *err);
bool file_id_same(const struct file_id *a, const struct file_id *b);
/* load.c: fills graph and snapshots from db. */
int index_load(struct index *ix, struct err *err);
/* Only what REFs are resolved by, inside the caller's transaction: no certificate is found by its fingerprint there
 * (graph_find_cert). index_unload. */
int index_load_names(struct index *ix, struct err *err);
void index_unload(struct index *ix);
/* The snapshot that index_store() has, without its store being loaded, and the one before it in *before (may be NULL);
 * NULL: none. */
struct snapshot *index_snapshot(const struct index *ix, const char *program, int32_t day, struct snapshot **before);
/* The store is loaded anew when it is asked for again. */
void index_forget_store(struct snapshot *s);
uint32_t index_cert_of(const struct index *ix, int64_t db_id);

#endif
