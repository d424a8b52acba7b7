/* Inside index/: one log that is being read, from wherever its entries come. ctrun.c keeps what was read and stores it window
 * by window, ctprove.c holds it against signed heads, ctread.c asks a log for its entries, ctfiles.c reads files that
 * somebody kept.
 *
 *	run_load(&r);                 // what the index has of the log
 *	run_take_head(&r, NULL, &h);  // r.target: how far to read
 *	run_take_batch(&r, b);        // in order; run_commit(&r) now and then
 *	run_settle(&r);               // counts what is proven, forgets what is refuted
 *	run_note_end(&r, rc, started);
 *	run_release(&r); */
#ifndef INDEX_CTRUN_H
#define INDEX_CTRUN_H

#include "base/map.h"
#include "base/vec.h"
#include "fetch/logclient.h"
#include "index/ctbatch.h"
#include "index/cthead.h"
#include "index/ctread.h"

#define TILE_ENTRIES 256
#define PAGE_MOST 1024
/* Entries stored in one transaction: what a killed run reads again. */
#define WINDOW_ENTRIES 131072
#define BODY_MAX ((size_t)64 << 20)

struct pending_name {
	struct leaf_key key;
	struct slice serial;
	const char *names;
};
struct pending_site {
	struct leaf_key key;
	int64_t site;
};
struct log_issuer {
	int64_t id, named; /* 0: not in the index yet */
	bool keeps_names;  /* however many they are */
	bool by_cert;      /* hash is that of the issuer's certificate, which is not known; else that of its key */
	uint8_t hash[32];
	struct slice name;
	VEC(struct leaf_row) row;
	VEC(struct pending_name) names;
	bool names_skipped; /* more than are ever kept */
	VEC(struct pending_site) sites;
	unsigned runs; /* stored since the last merge */
};
struct pending_cert {
	uint8_t sha256[32];
	struct slice der;
};
struct pending_note {
	uint64_t index;
	const char *why;
};

struct run {
	struct db *db;
	const struct ct_options *o;
	const struct log_info *log;
	struct ct_result *sum;
	struct err *err;
	struct log_client *client;
	struct ct_pool *pool;
	struct merkle_hasher *hasher;
	struct db_ct_log row;
	char *name, *error; /* of the row */
	uint8_t head_root[32];
	struct {
		int64_t size;
		struct db_int time;
		uint8_t root[32];
	} before; /* the head that was held when the run began */
	bool inside, tiled, proven; /* proven: a head with a good signature, or the list's final one */
	uint64_t target;            /* read up to here … */
	uint64_t asked;             /* … and asked for up to here */
	uint64_t page, page_most;   /* entries asked for at once, and while nothing fails */
	uint64_t log_most;          /* entries that the log gives at once, as far as is known */
	uint64_t complaints;        /* of the log, when `page_most` was set */
	uint64_t last_short;        /* entries of the answer before, if it was short */
	unsigned calm;              /* pages that came in full since `page` was set */
	size_t width;               /* requests that may be under way: more when the network is what one waits for */
	unsigned starved;
	size_t flying; /* requests whose answers were not handed out yet */
	unsigned tries;
	struct merkle m, verified;
	uint64_t seed[2];
	struct map issuers, keys, certs; /* keys: fingerprint to place in `spki`, certs: fingerprints stored */
	struct sites *sites;             /* that names are compared with, or NULL */
	struct map names_of;             /* SPKI hashes whose names are kept however many they are */
	VEC(struct log_issuer) issuer;
	VEC(uint8_t *) spki;
	/* of the window */
	struct arena arena;
	VEC(struct pending_cert) cert;
	VEC(struct pending_note) note;
	uint64_t in_window, malformed, problems;
	uint64_t entries;
	struct ct_progress progress;
	char *head_text;
	size_t head_n;
};

/* ---- ctrun.c ---- */
/* The transaction of what is read; inside an import that is the import's. rc < 0 rolls back. */
int run_begin(struct run *r);
int run_end(struct run *r, int rc);
int run_touch_file(struct run *r);
/* Fills r->row, m and verified from the index, and adds the log where it is new. */
int run_load(struct run *r);
/* heap */
char *run_url(const struct run *r, const char *what);
/* Something small beside the queue; a missing one is *status 404. */
int run_get(struct run *r, const char *what, struct log_body *ret, struct err *err);
bool run_is_file(const struct run *r);
bool run_answered(const struct log_body *b);
/* Stores of objects say 403 of what they do not have, where nobody may list them. */
bool run_is_gone(long status);
/* Hashes, rows, names and chains of what came next. */
int run_take_batch(struct run *r, const struct ct_batch *b);
int run_put_row(struct run *r);
/* What was taken since the last call goes into the index, with the position behind it. */
int run_commit(struct run *r);
/* Certificates of issuers that no log gave so far. */
int run_ask_missing(struct run *r);
int run_open_client(struct run *r);
void run_release(struct run *r);
/* How the run ended is kept beside the log; the answer is rc, or -1 where that fails. */
int run_note_end(struct run *r, int rc, uint64_t started_ns);

/* ---- ctprove.c ---- */
/* text: that of a saved head, which becomes the run's; without one the log is asked. */
int run_take_head(struct run *r, struct log_body *text, struct ct_head *h);
int run_prove(struct run *r);
/* What was read is counted when a head proves it, and dropped, with the head kept as evidence, when it refutes it. */
int run_settle(struct run *r);
/* --from: the compact range of what is left of it. */
int run_take_edge(struct run *r);

#endif
