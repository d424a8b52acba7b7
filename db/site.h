/* Rank lists of sites, and which leaves name them.
 *
 *	db_add_site_rank(db, file, n, rank, "example.org", err);       // inside the caller's transaction
 *	db_each_ranked_site(db, fn, ctx, err);                          // what names are compared with
 *	db_each_site_use(db, day, fn, ctx, err);                        // after db_count_leaves */
#ifndef DB_SITE_H
#define DB_SITE_H

#include "db/leafrun.h"

/* domain: lower case, A-labels. One that a list has twice counts by its best rank. */
int db_add_site_rank(struct db *db, int64_t file, int64_t n, int64_t rank, const char *domain, struct err *err);
int db_has_ranks(struct db *db, bool *ret, struct err *err);
int db_each_ranked_site(struct db *db, int (*fn)(void *ctx, int64_t site, const char *domain), void *ctx, struct err *err);

int db_add_leaf_site(struct db *db, int64_t certificate, int64_t site, struct err *err);
int db_clear_leaf_sites(struct db *db, struct err *err);
int db_each_leaf_der(struct db *db, int (*fn)(void *ctx, int64_t certificate, struct db_blob der), void *ctx, struct err *err);
int db_add_ct_site(struct db *db, int64_t issuer, struct leaf_key key, int64_t site, struct err *err);
/* What is kept of leaves in logs: names as x509_names_text writes them. */
int db_each_ct_name(struct db *db, int (*fn)(void *ctx, int64_t issuer, struct leaf_key key, const char *names), void *ctx,
                    struct err *err);
/* A new list came: issuers of which not all names are kept cannot be compared with it. */
int db_mark_siteless(struct db *db, struct err *err);

/* One CA and site, with unexpired leaves of the day; by CA, then rank. */
struct db_site_use {
	int64_t ca, site, rank, leaves, last_na_day;
	const char *domain;
};
int db_each_site_use(struct db *db, int32_t day, int (*fn)(void *ctx, const struct db_site_use *u), void *ctx, struct err *err);
/* The buckets of one CA that hold unexpired leaves of the day and name the site; in no order. */
int db_each_site_bucket(struct db *db, int64_t ca, int32_t day, int (*fn)(void *ctx, int64_t site, const struct db_bucket *b),
                        void *ctx, struct err *err);
/* Every counted leaf of a CA that names ranked sites, each of these once: to the second, which costs a walk of all its rows. */
int db_each_site_leaf(struct db *db, int64_t ca, int (*fn)(void *ctx, const struct leaf_row *row, const int64_t *site, size_t n),
                      void *ctx, struct err *err);
/* Best rank and name of a ranked site. */
int db_site_of(struct db *db, int64_t site, void (*fn)(void *ctx, int64_t rank, const char *domain), void *ctx, struct err *err);
/* The best rank of exactly that domain. */
int db_rank_of(struct db *db, const char *domain, bool *found, int64_t *rank, struct err *err);
/* The day of the newest list. */
int db_ranks_day(struct db *db, bool *found, int64_t *day, struct err *err);
/* CAs of which some leaves were never compared with the list. */
int db_each_siteless(struct db *db, int (*fn)(void *ctx, int64_t ca), void *ctx, struct err *err);

#endif
