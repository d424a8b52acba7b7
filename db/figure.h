/* Figures: what others counted, of one CA or of several together.
 *
 *	db_add_figure(db, &f, err);                     // inside the caller's transaction
 *	db_add_figure_ref(db, f.file, f.n, 0, "…", err);
 *	db_each_figure_ref(db, fn, ctx, err);           // then db_name_figure_ca or db_set_figure_ref for each
 *	db_each_figure(db, fn, ctx, err); */
#ifndef DB_FIGURE_H
#define DB_FIGURE_H

#include "db/db.h"

struct db_figure {
	int64_t file, n;
	const char *kind; /* "figure", "crtsh" */
	struct db_int issued, low, high;
	bool about;
	const char *source;
	int32_t as_of;
	bool whole; /* when read: all its REFs name CAs of the index */
};
int db_add_figure(struct db *db, const struct db_figure *f, struct err *err);
int db_add_figure_ref(struct db *db, int64_t file, int64_t n, int64_t k, const char *ref, struct err *err);
int db_has_figures(struct db *db, bool *ret, struct err *err);
int db_each_figure_ref(struct db *db, int (*fn)(void *ctx, int64_t file, int64_t n, int64_t k, const char *ref), void *ctx,
                       struct err *err);
/* Why a REF names no CA, "" where it does. */
int db_set_figure_ref(struct db *db, int64_t file, int64_t n, int64_t k, const char *why, struct err *err);
int db_clear_figure_cas(struct db *db, struct err *err);
int db_add_figure_ca(struct db *db, int64_t file, int64_t n, int64_t ca, struct err *err);
int db_each_figure(struct db *db, int (*fn)(void *ctx, const struct db_figure *f), void *ctx, struct err *err);
int db_each_ca_of_figure(struct db *db, int64_t file, int64_t n, int (*fn)(void *ctx, int64_t ca), void *ctx, struct err *err);

/* ---- crt.sh's counters ---- */
struct db_crtsh {
	int64_t file, n, id;
	const uint8_t *spki_sha256;
	const char *name;
	int64_t issued[2], expired[2]; /* certificates, precertificates */
	struct db_int last_not_after, next_not_after;
	int64_t asked_at;
};
int db_add_crtsh(struct db *db, const struct db_crtsh *c, struct err *err);
int db_has_crtsh(struct db *db, bool *ret, struct err *err);
int db_each_crtsh(struct db *db, int (*fn)(void *ctx, const struct db_crtsh *c), void *ctx, struct err *err);
struct db_crtsh_exact {
	int64_t file, id;
	const uint8_t *spki_sha256;
	const char *name;
	int64_t leaves, asked_at;
};
int db_add_crtsh_exact(struct db *db, const struct db_crtsh_exact *c, struct err *err);
int db_each_crtsh_exact(struct db *db, int (*fn)(void *ctx, const struct db_crtsh_exact *c), void *ctx, struct err *err);
int db_clear_crtsh_figures(struct db *db, struct err *err);
/* The CAs with a key, each with one of its certificates. */
int db_each_ca_of_key(struct db *db, const uint8_t spki_sha256[32], int (*fn)(void *ctx, int64_t ca, struct db_blob der),
                      void *ctx, struct err *err);
/* The CA certificates that a CA issued: notAfter, and CERT_… of index/graph.h. */
int db_each_ca_cert_issued(struct db *db, int64_t ca, int (*fn)(void *ctx, struct db_int not_after, int64_t flags), void *ctx,
                           struct err *err);

#endif
