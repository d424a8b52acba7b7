#include "index/program.h"

#include <stdio.h>
#include <string.h>

#define ENFORCES(source) (uint8_t)(1U << (source))

/* EKU: Mozilla's pkixcheck.cpp MatchEKU takes anyExtendedKeyUsage for no purpose and refuses leaves
 * with OCSPSigning. Stores of one's own follow RFC 5280 4.2.1.12, where anyExtendedKeyUsage allows all. */
static const struct program programs[] = {
	{ .name = "mozilla",
	  .ocsp_leaf_refused = true,
	  .judge_anchor = true,
	  .enforced = { ENFORCES(REVOKED_ONECRL), 0 },
	  .revocation_modelled = true,
	  .usual_action = "remove" },
	{ .name = "chrome",
	  .any_eku = true,
	  .enforced = { ENFORCES(REVOKED_CRLSET), ENFORCES(REVOKED_CRLSET) },
	  .revocation_modelled = true,
	  .usual_action = "block" },
	{ .name = "apple", .any_eku = true, .judge_anchor = true, .usual_action = "remove" },
	{ .name = "microsoft", .any_eku = true, .judge_anchor = true, .usual_action = "remove" },
	{ .name = NULL, .any_eku = true, .judge_anchor = true, .usual_action = "remove" },
};

const struct program *program_find(const char *name)
{
	const struct program *p = programs;

	while (p->name && strcmp(p->name, name) != 0)
		p++;
	return p;
}

const char *store_day(char buf[STORE_DAY_BUF], const struct store *s)
{
	size_t n;

	date_format(buf, s->day);
	n = strlen(buf);
	if (s->version)
		snprintf(buf + n, STORE_DAY_BUF - n, " (version %lld)", (long long)s->version);
	return buf;
}

bool box_empty(const struct box *b)
{
	return b->nb_lo > b->nb_hi || b->sct_lo > b->sct_hi;
}

bool box_is_all(const struct box *b)
{
	return b->nb_lo == INT64_MIN && b->nb_hi == INT64_MAX && b->sct_lo == INT64_MIN && b->sct_hi == INT64_MAX;
}

struct box box_and(const struct box *a, const struct box *b)
{
	return (struct box){
		.nb_lo = a->nb_lo > b->nb_lo ? a->nb_lo : b->nb_lo,
		.nb_hi = a->nb_hi < b->nb_hi ? a->nb_hi : b->nb_hi,
		.sct_lo = a->sct_lo > b->sct_lo ? a->sct_lo : b->sct_lo,
		.sct_hi = a->sct_hi < b->sct_hi ? a->sct_hi : b->sct_hi,
	};
}

bool box_inside(const struct box *inner, const struct box *outer)
{
	if (box_empty(inner))
		return true;
	return inner->nb_lo >= outer->nb_lo && inner->nb_hi <= outer->nb_hi && inner->sct_lo >= outer->sct_lo &&
	       inner->sct_hi <= outer->sct_hi;
}

bool box_has(const struct box *b, int64_t nb, int64_t sct)
{
	if (nb < b->nb_lo || nb > b->nb_hi)
		return false;
	if (sct == SCT_NONE)
		return b->sct_lo == INT64_MIN && b->sct_hi == INT64_MAX;
	return sct >= b->sct_lo && sct <= b->sct_hi;
}

static bool box_open_sct(const struct box *b)
{
	return b->sct_lo == INT64_MIN && b->sct_hi == INT64_MAX;
}

/* Is nb_lo … nb_hi of b, at the SCT range of b, covered? What the first box that meets it leaves over is
 * asked of the boxes behind. Leaves without SCT are asked for apart: `none` looks only at boxes open to them. */
static bool rest_covered(struct box b, const struct box *boxes, size_t n, bool none)
{
	for (size_t i = 0; i < n; i++) {
		struct box both = box_and(&b, &boxes[i]);
		if (box_empty(&both) || (none && !box_open_sct(&boxes[i])))
			continue;
		struct box rest[4] = { b, b, b, b };
		bool left[4] = { both.nb_lo > b.nb_lo, both.nb_hi < b.nb_hi, both.sct_lo > b.sct_lo, both.sct_hi < b.sct_hi };
		if (left[0])
			rest[0].nb_hi = both.nb_lo - 1;
		if (left[1])
			rest[1].nb_lo = both.nb_hi + 1;
		rest[2].nb_lo = rest[3].nb_lo = both.nb_lo;
		rest[2].nb_hi = rest[3].nb_hi = both.nb_hi;
		if (left[2])
			rest[2].sct_hi = both.sct_lo - 1;
		if (left[3])
			rest[3].sct_lo = both.sct_hi + 1;
		for (int k = 0; k < 4; k++)
			if (left[k] && !rest_covered(rest[k], boxes + i + 1, n - i - 1, none))
				return false;
		return true;
	}
	return false;
}

bool box_covered(const struct box *inner, const struct box *boxes, size_t n)
{
	if (box_empty(inner))
		return true;
	for (size_t i = 0; i < n; i++)
		if (box_inside(inner, &boxes[i]))
			return true;
	if (box_open_sct(inner) && !rest_covered(*inner, boxes, n, true))
		return false;
	return rest_covered(*inner, boxes, n, false);
}

const struct anchor_rule *store_anchor(const struct store *s, uint32_t cert, enum purpose purpose)
{
	size_t lo = 0, hi = s->n_rules;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (s->rule[mid].cert < cert)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < s->n_rules && s->rule[lo].cert == cert; lo++)
		if (s->rule[lo].purpose == purpose)
			return &s->rule[lo];
	return NULL;
}

bool store_distrusts(const struct store *s, uint32_t cert, enum purpose purpose)
{
	for (size_t i = 0; i < s->n_distrusts; i++)
		if (s->distrust[i].cert == cert && s->distrust[i].purpose == purpose)
			return true;
	return false;
}

static bool eku_allows(const struct program *p, uint8_t eku, enum purpose purpose)
{
	if (!eku || (p->any_eku && (eku & EKU_ANY)))
		return true;
	return (eku & (purpose == PURPOSE_TLS ? EKU_TLS : EKU_EMAIL)) != 0;
}

bool eku_allows_ca(const struct program *p, uint8_t eku, enum purpose purpose)
{
	return eku_allows(p, eku, purpose);
}

bool eku_allows_leaf(const struct program *p, uint8_t eku, enum purpose purpose)
{
	if (p->ocsp_leaf_refused && (eku & EKU_OCSP))
		return false;
	return eku_allows(p, eku, purpose);
}
