#include "db/figure.h"

#include "db/query.h"

int db_add_figure(struct db *db, const struct db_figure *f, struct err *err)
{
	return query_run(db, Q_ADD_FIGURE, err, "iitoooiti", f->file, f->n, f->kind, f->issued, f->low, f->high, (int64_t)f->about,
	                 f->source, (int64_t)f->as_of);
}

int db_add_figure_ref(struct db *db, int64_t file, int64_t n, int64_t k, const char *ref, struct err *err)
{
	return query_run(db, Q_ADD_FIGURE_REF, err, "iiit", file, n, k, ref);
}

int db_has_figures(struct db *db, bool *ret, struct err *err)
{
	int64_t one;

	return query_number(db, Q_HAS_FIGURES, ret, &one, err, "");
}

struct ref_reader {
	int (*fn)(void *ctx, int64_t file, int64_t n, int64_t k, const char *ref);
	void *ctx;
};

static int ref_row(void *ctx, sqlite3_stmt *r)
{
	struct ref_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), sqlite3_column_int64(r, 1), sqlite3_column_int64(r, 2), column_text(r, 3));
}

int db_each_figure_ref(struct db *db, int (*fn)(void *ctx, int64_t file, int64_t n, int64_t k, const char *ref), void *ctx,
                       struct err *err)
{
	return query_each(db, Q_EACH_FIGURE_REF, ref_row, &(struct ref_reader){ fn, ctx }, err, "");
}

int db_set_figure_ref(struct db *db, int64_t file, int64_t n, int64_t k, const char *why, struct err *err)
{
	return query_run(db, Q_SET_FIGURE_REF, err, "iiit", file, n, k, why);
}

int db_clear_figure_cas(struct db *db, struct err *err)
{
	return query_run(db, Q_CLEAR_FIGURE_CA, err, "");
}

int db_add_figure_ca(struct db *db, int64_t file, int64_t n, int64_t ca, struct err *err)
{
	return query_run(db, Q_ADD_FIGURE_CA, err, "iii", file, n, ca);
}

struct figure_reader {
	int (*fn)(void *ctx, const struct db_figure *f);
	void *ctx;
};

static int figure_row(void *ctx, sqlite3_stmt *r)
{
	struct figure_reader *to = ctx;
	struct db_figure f = {
		.file = sqlite3_column_int64(r, 0),
		.n = sqlite3_column_int64(r, 1),
		.kind = column_text(r, 2),
		.issued = column_int(r, 3),
		.low = column_int(r, 4),
		.high = column_int(r, 5),
		.about = sqlite3_column_int(r, 6),
		.source = column_text(r, 7),
		.as_of = sqlite3_column_int(r, 8),
		.whole = sqlite3_column_int(r, 9),
	};

	return to->fn(to->ctx, &f);
}

int db_each_figure(struct db *db, int (*fn)(void *ctx, const struct db_figure *f), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_FIGURE, figure_row, &(struct figure_reader){ fn, ctx }, err, "");
}

struct ca_reader {
	int (*fn)(void *ctx, int64_t ca);
	void *ctx;
};

static int ca_row(void *ctx, sqlite3_stmt *r)
{
	struct ca_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0));
}

int db_each_ca_of_figure(struct db *db, int64_t file, int64_t n, int (*fn)(void *ctx, int64_t ca), void *ctx, struct err *err)
{
	return query_each(db, Q_CAS_OF_FIGURE, ca_row, &(struct ca_reader){ fn, ctx }, err, "ii", file, n);
}

/* ---- crt.sh's counters ---- */

int db_add_crtsh(struct db *db, const struct db_crtsh *c, struct err *err)
{
	struct db_blob key = { c->spki_sha256, 32 };

	return query_run(db, Q_ADD_CRTSH, err, "iiibtiiiiooi", c->file, c->n, c->id, key, c->name, c->issued[0], c->expired[0],
	                 c->issued[1], c->expired[1], c->last_not_after, c->next_not_after, c->asked_at);
}

int db_has_crtsh(struct db *db, bool *ret, struct err *err)
{
	int64_t one;

	return query_number(db, Q_HAS_CRTSH, ret, &one, err, "");
}

struct crtsh_reader {
	int (*fn)(void *ctx, const struct db_crtsh *c);
	void *ctx;
};

static int crtsh_row(void *ctx, sqlite3_stmt *r)
{
	struct crtsh_reader *to = ctx;
	struct db_crtsh c = {
		.file = sqlite3_column_int64(r, 0),
		.n = sqlite3_column_int64(r, 1),
		.id = sqlite3_column_int64(r, 2),
		.spki_sha256 = column_blob(r, 3).p,
		.name = column_text(r, 4),
		.issued = { sqlite3_column_int64(r, 5), sqlite3_column_int64(r, 7) },
		.expired = { sqlite3_column_int64(r, 6), sqlite3_column_int64(r, 8) },
		.last_not_after = column_int(r, 9),
		.next_not_after = column_int(r, 10),
		.asked_at = sqlite3_column_int64(r, 11),
	};

	return to->fn(to->ctx, &c);
}

int db_each_crtsh(struct db *db, int (*fn)(void *ctx, const struct db_crtsh *c), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CRTSH, crtsh_row, &(struct crtsh_reader){ fn, ctx }, err, "");
}

int db_add_crtsh_exact(struct db *db, const struct db_crtsh_exact *c, struct err *err)
{
	struct db_blob key = { c->spki_sha256, 32 };

	return query_run(db, Q_ADD_CRTSH_EXACT, err, "iibtii", c->file, c->id, key, c->name, c->leaves, c->asked_at);
}

struct exact_reader {
	int (*fn)(void *ctx, const struct db_crtsh_exact *c);
	void *ctx;
};

static int exact_row(void *ctx, sqlite3_stmt *r)
{
	struct exact_reader *to = ctx;
	struct db_crtsh_exact c = {
		.file = sqlite3_column_int64(r, 0),
		.id = sqlite3_column_int64(r, 1),
		.spki_sha256 = column_blob(r, 2).p,
		.name = column_text(r, 3),
		.leaves = sqlite3_column_int64(r, 4),
		.asked_at = sqlite3_column_int64(r, 5),
	};

	return to->fn(to->ctx, &c);
}

int db_each_crtsh_exact(struct db *db, int (*fn)(void *ctx, const struct db_crtsh_exact *c), void *ctx, struct err *err)
{
	return query_each(db, Q_EACH_CRTSH_EXACT, exact_row, &(struct exact_reader){ fn, ctx }, err, "");
}

int db_clear_crtsh_figures(struct db *db, struct err *err)
{
	return query_run(db, Q_CLEAR_CRTSH_FIGURES, err, "");
}

struct keyed_reader {
	int (*fn)(void *ctx, int64_t ca, struct db_blob der);
	void *ctx;
};

static int keyed_row(void *ctx, sqlite3_stmt *r)
{
	struct keyed_reader *to = ctx;

	return to->fn(to->ctx, sqlite3_column_int64(r, 0), column_blob(r, 1));
}

int db_each_ca_of_key(struct db *db, const uint8_t spki_sha256[32], int (*fn)(void *ctx, int64_t ca, struct db_blob der),
                      void *ctx, struct err *err)
{
	struct db_blob key = { spki_sha256, 32 };

	return query_each(db, Q_CAS_OF_KEY, keyed_row, &(struct keyed_reader){ fn, ctx }, err, "b", key);
}

struct issued_reader {
	int (*fn)(void *ctx, struct db_int not_after, int64_t flags);
	void *ctx;
};

static int issued_row(void *ctx, sqlite3_stmt *r)
{
	struct issued_reader *to = ctx;

	return to->fn(to->ctx, column_int(r, 0), sqlite3_column_int64(r, 1));
}

int db_each_ca_cert_issued(struct db *db, int64_t ca, int (*fn)(void *ctx, struct db_int not_after, int64_t flags), void *ctx,
                           struct err *err)
{
	return query_each(db, Q_ISSUED_CA_CERTS, issued_row, &(struct issued_reader){ fn, ctx }, err, "i", ca);
}
