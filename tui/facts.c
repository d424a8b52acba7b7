#include "tui/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

static int by_severity(const void *a, const void *b)
{
	const struct found *x = *(const struct found *const *)a, *y = *(const struct found *const *)b;

	if (x->finding->severity != y->finding->severity)
		return x->finding->severity > y->finding->severity ? -1 : 1;
	return x < y ? -1 : x > y;
}

size_t facts_findings(const struct checked *c, const uint8_t ca[32], const struct found ***ret)
{
	VEC(const struct found *) found = { 0 };

	for (size_t i = 0; i < c->check.n; i++)
		if (c->v[i].has_ca && memcmp(c->v[i].ca_id, ca, 32) == 0)
			vec_push(&found, &c->v[i]);
	if (found.n)
		qsort(found.v, found.n, sizeof(*found.v), by_severity);
	*ret = found.v;
	return found.n;
}

size_t facts_sites(const struct sited *s, const uint8_t ca[32], const struct site_use **ret, enum coverage *coverage)
{
	const uint64_t *at = map_get(&s->ca, ca, 32);

	*ret = NULL;
	*coverage = COVERAGE_NONE;
	if (!at)
		return 0;
	*coverage = (enum coverage)s->uses.coverage[*at];
	*ret = &s->uses.v[s->uses.first[*at]];
	return s->uses.first[*at + 1] - s->uses.first[*at];
}
