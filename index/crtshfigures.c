#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/vec.h"
#include "db/figure.h"
#include "index/crtsh.h"
#include "index/graph.h"
#include "index/x509.h"

struct derivation {
	struct db *db;
	struct err *err;
	const struct db_crtsh *row; /* of exact counts its counters are 0 */
	VEC(int64_t) ca; /* that the row is of: several where they differ in the encoding of their Name */
	/* CA certificates that these issued, and how many of them are in CCADB. */
	int64_t known, known_unexpired, disclosed, disclosed_unexpired;
	size_t same_key;
};

/* ---- whom a row is of ---- */

static int take_ca(void *ctx, int64_t ca, struct db_blob der)
{
	struct derivation *d = ctx;
	struct x509_cert c;
	char *name;

	d->same_key++;
	if (!der.p || x509_parse(der.p, der.n, &c, NULL) < 0)
		return 0;
	name = crtsh_name(c.subject.p, c.subject.n);
	if (name && strcmp(name, d->row->name) == 0)
		vec_push(&d->ca, ca);
	free(name);
	return 0;
}

static int take_issued(void *ctx, struct db_int not_after, int64_t flags)
{
	struct derivation *d = ctx;
	/* crt.sh counts as expired what is not later than this */
	bool unexpired = !not_after.set || !d->row->last_not_after.set || not_after.v > d->row->last_not_after.v;
	bool disclosed = flags & CERT_DISCLOSED;

	d->known++;
	d->known_unexpired += unexpired;
	d->disclosed += disclosed;
	d->disclosed_unexpired += disclosed && unexpired;
	return 0;
}

/* ---- the figure ---- */

static int64_t less(int64_t n, int64_t m)
{
	return n > m ? n - m : 0;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static bool lags(const struct db_crtsh *c)
{
	return c->last_not_after.set && c->next_not_after.set && c->next_not_after.v < c->asked_at;
}

static int put_figure(struct derivation *d, const struct db_figure *f)
{
	int rc = db_add_figure(d->db, f, d->err);

	for (size_t i = 0; rc == 0 && i < d->ca.n; i++)
		rc = db_add_figure_ca(d->db, f->file, f->n, d->ca.v[i], d->err);
	return rc;
}

static int add_figure(struct derivation *d)
{
	const struct db_crtsh *c = d->row;
	int64_t certs = c->issued[0] - c->expired[0], precerts = c->issued[1] - c->expired[1];
	struct strbuf source = STRBUF_INIT;

	strbuf_addf(&source, "crt.sh, CA %" PRId64 "%s", c->id, lags(c) ? ", where newer expiries are not counted yet" : "");
	struct db_figure f = {
		.file = c->file,
		.n = c->n,
		.kind = "crtsh",
		.issued = DB_INT(larger(less(c->issued[0], d->known), c->issued[1])),
		.low = DB_INT(larger(less(certs, d->known_unexpired), precerts)),
		.high = DB_INT(less(certs, d->disclosed_unexpired) + precerts),
		.about = lags(c),
		.source = source.buf,
		.as_of = date_of_time(lags(c) ? c->last_not_after.v : c->asked_at),
	};
	int rc = put_figure(d, &f);
	strbuf_release(&source);
	return rc;
}

static int add_unmatched(struct derivation *d)
{
	struct strbuf ref = STRBUF_INIT;
	const struct db_crtsh *c = d->row;
	struct db_figure f = { .file = c->file, .n = c->n, .kind = "crtsh", .source = "", .as_of = date_of_time(c->asked_at) };
	int rc;

	strbuf_addf(&ref, "crtsh:%" PRId64, c->id);
	rc = db_add_figure(d->db, &f, d->err);
	if (rc == 0)
		rc = db_add_figure_ref(d->db, c->file, c->n, 0, ref.buf, d->err);
	strbuf_reset(&ref);
	strbuf_addf(&ref, "crt.sh has a CA %" PRId64 " with %s and the name '%s', which is not in the index", c->id,
		d->same_key ? "a key of the index" : "a key that was asked for", c->name);
	if (rc == 0)
		rc = db_set_figure_ref(d->db, c->file, c->n, 0, ref.buf, d->err);
	strbuf_release(&ref);
	return rc;
}

static int find_cas(struct derivation *d, const struct db_crtsh *c)
{
	d->row = c;
	d->ca.n = d->same_key = 0;
	d->known = d->known_unexpired = d->disclosed = d->disclosed_unexpired = 0;
	return db_each_ca_of_key(d->db, c->spki_sha256, take_ca, d, d->err);
}

static int derive_row(void *ctx, const struct db_crtsh *c)
{
	struct derivation *d = ctx;
	int rc = find_cas(d, c);

	for (size_t i = 0; rc == 0 && i < d->ca.n; i++)
		rc = db_each_ca_cert_issued(d->db, d->ca.v[i], take_issued, d, d->err);
	if (rc < 0)
		return -1;
	return d->ca.n ? add_figure(d) : add_unmatched(d);
}

static int derive_exact(void *ctx, const struct db_crtsh_exact *e)
{
	struct derivation *d = ctx;
	struct db_crtsh c = { .file = e->file, .n = 1, .id = e->id, .spki_sha256 = e->spki_sha256, .name = e->name, .asked_at = e->asked_at };
	struct strbuf source = STRBUF_INIT;

	if (find_cas(d, &c) < 0)
		return -1;
	if (!d->ca.n)
		return add_unmatched(d);
	strbuf_addf(&source, "crt.sh, CA %" PRId64 ", each leaf counted", e->id);
	struct db_figure f = {
		.file = e->file,
		.n = 1,
		.kind = "crtsh",
		.issued = DB_NULL,
		.low = DB_INT(e->leaves),
		.high = DB_INT(e->leaves),
		.source = source.buf,
		.as_of = date_of_time(e->asked_at),
	};
	int rc = put_figure(d, &f);
	strbuf_release(&source);
	return rc;
}

int crtsh_derive(struct db *db, struct err *err)
{
	struct derivation d = { .db = db, .err = err };
	bool some;

	if (db_has_crtsh(db, &some, err) < 0)
		return -1;
	if (!some)
		return 0;
	int rc = db_clear_crtsh_figures(db, err);
	if (rc == 0)
		rc = db_each_crtsh(db, derive_row, &d, err);
	if (rc == 0)
		rc = db_each_crtsh_exact(db, derive_exact, &d, err);
	vec_release(&d.ca);
	return rc;
}
