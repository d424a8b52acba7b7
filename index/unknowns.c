#include "index/unknowns.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "index/ctknown.h"
#include "index/judge.h"
#include "index/state.h"

/* ---- the index ---- */

struct reading {
	struct index_gaps *gaps;
	struct ct_known known;
};

static int take_unread(void *ctx, const uint8_t log_id[32])
{
	struct reading *r = ctx;

	for (size_t i = 0; i < r->known.list.log.n; i++)
		if (memcmp(r->known.list.log.v[i].id, log_id, 32) == 0)
			vec_push(&r->gaps->unread, arena_strdup(&r->gaps->strings, r->known.list.log.v[i].name));
	return 0;
}

static int count_missing(void *ctx, const uint8_t sha256[32])
{
	(void)sha256;
	((struct reading *)ctx)->gaps->missing_issuers++;
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A list that adds to another one is none by itself: its part names that one's day and itself. */
static uint8_t revocations_of(const struct index_source *s)
{
	if (strcmp(s->kind, "crl") == 0)
		return 1U << REVOKED_CRL;
	if (strstr(s->part, " + "))
		return 0;
	if (strcmp(s->kind, "onecrl") == 0)
		return 1U << REVOKED_ONECRL;
	return strcmp(s->kind, "crlset") == 0 || strcmp(s->kind, "spki-list") == 0 ? 1U << REVOKED_CRLSET : 0;
}

static int find_sources(struct index_gaps *g, struct err *err)
{
	bool told = false;

	if (index_sources(g->ix, &g->source, &g->n_sources, err) < 0 || db_has_ccadb_revocable(g->ix->db, &told, err) < 0)
		return -1;
	if (told)
		g->revocations |= 1U << REVOKED_CCADB;
	for (size_t i = 0; i < g->n_sources; i++) {
		g->ccadb |= strcmp(g->source[i].kind, "ccadb-report") == 0;
		g->revocations |= revocations_of(&g->source[i]);
	}
	return 0;
}

int index_gaps(struct index *ix, int32_t day, int32_t today, const char *const *program, size_t n, struct index_gaps *ret,
	struct err *err)
{
	struct reading r = { .gaps = ret };

	*ret = (struct index_gaps){ .ix = ix, .today = today };
	if (index_stats(ix, &ret->stats, err) < 0 || find_sources(ret, err) < 0)
		return -1;
	int rc = ct_known_load(ix->db, &r.known, err);
	if (rc == 0)
		rc = db_each_ct_unread(ix->db, day, &ret->log_list, take_unread, &r, err);
	if (rc == 0)
		rc = db_each_missing_issuer(ix->db, count_missing, &r, err);
	if (rc == 0)
		rc = index_store_doubts_of(ix, day, program, n, &ret->doubts, err);
	if (ret->unread.n)
		qsort(ret->unread.v, ret->unread.n, sizeof(*ret->unread.v), by_text);
	ct_known_release(&r.known);
	return rc;
}

void index_gaps_release(struct index_gaps *g)
{
	vec_release(&g->unread);
	store_doubts_release(&g->doubts);
	free(g->source);
	arena_release(&g->strings);
	*g = (struct index_gaps){ 0 };
}

/* ---- old sources ---- */

/* What an answer rests on, and how its age is judged. Of stores it is that of the snapshot used. Files of certificates do
 * not age; the counts that they give do (unknowns.old_count_cas). */
static const struct aging {
	const char *kind;
	enum { ALWAYS, WITH_ONECRL, WITH_CRLSET, WITH_ALL } when;
	bool kept; /* lists of earlier days are kept beside it: the one that holds on the day counts */
} agings[] = {
	{ "ccadb-report", ALWAYS, false },
	{ "log-list", ALWAYS, true },
	{ "onecrl", WITH_ONECRL, true },
	{ "crlset", WITH_CRLSET, true },
	{ "spki-list", WITH_CRLSET, true },
	{ "crl", WITH_ALL, false },
};

static bool matters(const struct aging *a, const struct trust_query *q)
{
	uint8_t enforced = program_find(q->store->program)->enforced[q->purpose];

	if (a->when == ALWAYS)
		return true;
	if (q->revocation != REVOCATION_ENFORCED)
		return q->revocation == REVOCATION_ALL;
	return (a->when == WITH_ONECRL && enforced & 1U << REVOKED_ONECRL) ||
	       (a->when == WITH_CRLSET && enforced & 1U << REVOKED_CRLSET);
}

static int32_t reference_day(const struct index_gaps *gaps, const struct trust_query *q)
{
	return q->day < gaps->today ? q->day : gaps->today;
}

static bool is_stale(int32_t day, int32_t reference)
{
	return day != INT32_MIN && day < reference - STALE_DAYS;
}

static void add_stale(struct unknowns *u, const struct index_source *s)
{
	vec_push(&u->stale, (struct stale_source){ s->source, s->kind, s->part, s->source_day });
}

/* The list that holds on the day: the newest not later than it, else the oldest, which is not old then. */
static void add_kept(const struct index_gaps *gaps, const struct aging *a, int32_t day, int32_t reference, struct unknowns *u)
{
	const struct index_source *best = NULL;

	for (size_t i = 0; i < gaps->n_sources; i++) {
		const struct index_source *s = &gaps->source[i];
		if (strcmp(s->kind, a->kind) == 0 && strncmp(s->part, "log ", 4) != 0 && s->source_day <= day &&
		    (!best || s->source_day > best->source_day))
			best = s;
	}
	if (best && is_stale(best->source_day, reference))
		add_stale(u, best);
}

static int by_age(const void *a, const void *b)
{
	const struct stale_source *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return strcmp(x->kind, y->kind) ? strcmp(x->kind, y->kind) : strcmp(x->part, y->part);
}

static void find_stale(const struct index_gaps *gaps, const struct trust_query *q, struct unknowns *u)
{
	int32_t reference = reference_day(gaps, q);

	if (is_stale(q->store->day, reference))
		vec_push(&u->stale, (struct stale_source){ "", "store", q->store->program, q->store->day });
	for (size_t k = 0; k < sizeof(agings) / sizeof(*agings); k++) {
		if (!matters(&agings[k], q))
			continue;
		if (agings[k].kept)
			add_kept(gaps, &agings[k], q->day, reference, u);
		for (size_t i = 0; !agings[k].kept && i < gaps->n_sources; i++)
			if (strcmp(gaps->source[i].kind, agings[k].kind) == 0 && is_stale(gaps->source[i].source_day, reference))
				add_stale(u, &gaps->source[i]);
	}
	if (u->stale.n)
		qsort(u->stale.v, u->stale.n, sizeof(*u->stale.v), by_age);
}

void stale_source_text(const struct stale_source *s, struct strbuf *out)
{
	char date[DATE_BUF];
	const char *day = date_format(date, s->day);
	/* a part that is a day or a hash names nothing */
	bool named = strcmp(s->part, day) != 0 && strcmp(s->kind, "crl") != 0;

	strbuf_addf(out, "%s%s%s of %s", s->kind, named ? " " : "", named ? s->part : "", day);
}

/* ---- revocations that are not there ---- */

uint8_t revocation_missing(const struct index_gaps *gaps, const struct trust_query *q)
{
	return judge_sources(q) & (uint8_t)~gaps->revocations;
}

/* "By it", for what the store itself distrusts is known. */
void revocation_missing_text(uint8_t missing, const struct trust_query *q, struct strbuf *out)
{
	static const char *const names[REVOCATION_SOURCES] = {
		[REVOKED_CCADB] = "revocation status of CCADB",
		[REVOKED_CRL] = "CRL",
		[REVOKED_ONECRL] = "OneCRL",
		[REVOKED_CRLSET] = "CRLSet",
	};
	bool first = true;

	if (!missing)
		return;
	for (int s = REVOCATION_SOURCES - 1; s >= 0; s--) {
		if (!(missing >> s & 1))
			continue;
		strbuf_addf(out, "%sno %s", first ? "" : ", ", names[s]);
		first = false;
	}
	if (q->revocation == REVOCATION_ENFORCED)
		strbuf_addf(out, " is indexed: what the clients of %s enforce as revoked by it is not known", q->store->program);
	else
		strbuf_addstr(out, " is indexed: what is revoked there is not known");
}

/* ---- the CAs that change ---- */

static void count_partial(struct unknowns *u, const char *source)
{
	u->partial_cas++;
	for (size_t i = 0; i < u->partial.n; i++)
		if (strcmp(u->partial.v[i].source, source) == 0) {
			u->partial.v[i].cas++;
			return;
		}
	vec_push(&u->partial, (struct partial_source){ source, 1 });
}

static void look_at_counts(struct unknowns *u, uint32_t i, const struct ca *ca, int32_t reference)
{
	if (ca->coverage == COVERAGE_NONE) {
		vec_push(&u->uncounted, i);
		return;
	}
	if (ca->coverage != COVERAGE_COMPLETE)
		count_partial(u, ca->count_source);
	u->unproven_leaves += ca->unproven;
	u->unproven_cas += ca->unproven > 0;
	if (!is_stale(ca->source_day, reference))
		return;
	if (!u->old_count_cas++ || ca->source_day < u->oldest_count)
		u->oldest_count = ca->source_day;
}

static void look_at_certs(struct unknowns *u, const struct graph *g, const struct ca *ca)
{
	size_t before = u->undisclosed.n;

	for (uint32_t i = 0; i < ca->n_certs; i++) {
		uint32_t cert = g->ca_certs[ca->first_cert + i];
		if (!(g->cert.v[cert].flags & CERT_DISCLOSED))
			vec_push(&u->undisclosed, cert);
	}
	u->undisclosed_cas += u->undisclosed.n > before;
}

static int by_children(const void *a, const void *b, void *ctx)
{
	const struct graph *g = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint32_t n = ca_child_count(g, x), m = ca_child_count(g, y);

	if (n != m)
		return n > m ? -1 : 1;
	return memcmp(g->ca.v[x].id, g->ca.v[y].id, sizeof(g->ca.v[x].id));
}

void unknowns_find(const struct index_gaps *gaps, const struct trust_query *q, const struct impact *im, struct unknowns *ret)
{
	const struct graph *g = q->graph;

	*ret = (struct unknowns){
		.smime_unlogged = q->purpose == PURPOSE_EMAIL,
		.revocation_not_modelled =
			q->revocation != REVOCATION_NONE && !program_find(q->store->program)->revocation_modelled,
		.revocation_missing = revocation_missing(gaps, q),
	};
	for (size_t i = 0; i < im->n_rows; i++) {
		const struct impact_row *r = &im->row[i];
		ret->inexact_cas += !r->exact;
		ret->unevaluated_cas += r->unevaluated;
		if (!r->changed)
			continue;
		look_at_counts(ret, r->ca, &g->ca.v[r->ca], reference_day(gaps, q));
		if (gaps->ccadb)
			look_at_certs(ret, g, &g->ca.v[r->ca]);
	}
	if (ret->uncounted.n)
		qsort_r(ret->uncounted.v, ret->uncounted.n, sizeof(*ret->uncounted.v), by_children, (void *)g);
	find_stale(gaps, q, ret);
	for (size_t i = 0; i < gaps->doubts.doubt.n; i++)
		if (strcmp(gaps->doubts.doubt.v[i].program, q->store->program) == 0)
			vec_push(&ret->doubt, &gaps->doubts.doubt.v[i]);
}

void unknowns_release(struct unknowns *u)
{
	vec_release(&u->uncounted);
	vec_release(&u->partial);
	vec_release(&u->stale);
	vec_release(&u->undisclosed);
	vec_release(&u->doubt);
	*u = (struct unknowns){ 0 };
}
