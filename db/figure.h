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

#endif
