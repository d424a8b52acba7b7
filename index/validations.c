/* Firefox's validations by root: what import keeps of them, and what they say of the graph. */
#include <stdlib.h>

#include "db/validation.h"
#include "index/import.h"
#include "index/state.h"
#include "index/telemetry.h"

static int take_bin(void *ctx, uint32_t bin, uint64_t validations)
{
	struct reading *r = ctx;

	return db_add_validations(r->im->db, r->d->id, r->d->records++, bin, (int64_t)validations, r->im->err);
}

static int take_root(void *ctx, uint32_t bin, const uint8_t sha256[32])
{
	struct reading *r = ctx;

	return db_add_validation_root(r->im->db, r->d->id, r->d->records++, bin, sha256, r->im->err);
}

static void take_problem(void *ctx, const char *place, const char *what)
{
	struct reading *r = ctx;

	import_problem(r->im, r->d, place, what);
}

int import_validations(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };

	return telemetry_read(d->data, d->n, &(struct telemetry_handler){ &r, take_bin, NULL, take_problem }, err);
}

int import_validation_roots(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };

	return telemetry_roots_read(d->data, d->n, &(struct telemetry_handler){ &r, NULL, take_root, take_problem }, err);
}

/* ---- asked ---- */

struct asking {
	struct index *ix;
	struct validations *v;
};

static int add_root(void *ctx, int64_t certificate, int64_t validations)
{
	struct asking *a = ctx;
	uint32_t cert = index_cert_of(a->ix, certificate);

	if (cert != NO_INDEX) {
		a->v->known[cert] = 1;
		a->v->of_cert[cert] = (uint64_t)validations;
	}
	return 0;
}

int index_validations(struct index *ix, struct validations *ret, struct err *err)
{
	const struct graph *g = index_graph(ix);
	int64_t total = 0, day = 0;

	*ret = (struct validations){ .of_cert = xcalloc(g->cert.n + 1, sizeof(*ret->of_cert)),
		                     .known = xcalloc(g->cert.n + 1, 1) };
	if (db_validations(ix->db, &ret->indexed, &total, &day, err) < 0 ||
	    db_each_validated_root(ix->db, add_root, &(struct asking){ ix, ret }, err) < 0 || index_check_ids(ix, ix->db, err) < 0) {
		validations_release(ret);
		return -1;
	}
	ret->total = (uint64_t)total;
	ret->day = (int32_t)day;
	return 0;
}

bool validations_of_ca(const struct validations *v, const struct graph *g, uint32_t ca, uint64_t *ret)
{
	bool known = false;

	*ret = 0;
	for (uint32_t i = 0; i < g->ca.v[ca].n_certs; i++) {
		uint32_t cert = g->ca_certs[g->ca.v[ca].first_cert + i];

		known |= v->known[cert];
		*ret += v->known[cert] ? v->of_cert[cert] : 0;
	}
	return known;
}

void validations_release(struct validations *v)
{
	free(v->of_cert);
	free(v->known);
	*v = (struct validations){ 0 };
}
