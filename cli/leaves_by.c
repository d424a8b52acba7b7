#include "cli/leaves.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "cli/counts.h"

static const struct column domain_columns[] = {
	{ "domain", COL_TEXT, "domain", NULL, 48, NULL },
	COLUMN_END,
};
static const struct column tld_columns[] = {
	{ "tld", COL_TEXT, "TLD", NULL, 24, NULL },
	{ "country_code", COL_BOOL, "country code", NULL, 0, NULL },
	COLUMN_END,
};
static const struct column organization_columns[] = {
	{ "organization", COL_TEXT, "organization", NULL, 48, NULL },
	COLUMN_END,
};
static const struct column group_columns[] = {
	{ "leaves", COL_COUNT, "leaves", NULL, 0, NULL },
	{ "names", COL_COUNT, "names", NULL, 0, NULL },
	{ "some_names", COL_LIST, "some names", NULL, 48, ", " },
	{ "first_not_after", COL_DATE, "first expiry", NULL, 0, NULL },
	{ "last_not_after", COL_DATE, "last expiry", NULL, 0, NULL },
	{ "covered", COL_COUNT, "covered", NULL, 0, NULL },
	{ "uncovered", COL_COUNT, "uncovered", NULL, 0, NULL },
	{ "ca_ids", COL_LIST, NULL, NULL, 0, " " },
	{ "ca_names", COL_LIST, "CAs", NULL, 32, "; " },
	{ "owners", COL_LIST, "owners", NULL, 32, "; " },
	{ "rank", COL_COUNT, "rank", NULL, 0, NULL },
	{ "program", COL_TEXT, NULL, NULL, 0, NULL },
	{ "purpose", COL_TEXT, NULL, NULL, 0, NULL },
	COLUMN_END,
};

static const struct {
	const char *name;
	const struct column *columns;
} kinds[] = {
	[OUTREACH_DOMAIN] = { "domain", domain_columns },
	[OUTREACH_TLD] = { "tld", tld_columns },
	[OUTREACH_ORGANIZATION] = { "organization", organization_columns },
};

enum outreach_by leaves_by(const char *text)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].name, text) == 0)
			return (enum outreach_by)i;
	return OUTREACH_DOMAIN;
}

static void country_cell(struct out *o, const char *tld)
{
	bool known = false, country = tld && *tld && tld_is_country(tld, &known);

	if (known)
		out_bool(o, country);
	else
		out_null(o);
}

static void ca_cells(struct out *o, const struct graph *g, const uint32_t *ca, size_t n)
{
	const char **text = xcalloc(n + 1, sizeof(*text));
	struct hex_list ids = { 0 };
	struct map seen = { 0 };
	size_t owners = 0;
	bool is_new;

	hex_list_cas(&ids, g, ca, n);
	out_list(o, ids.v, ids.n);
	hex_list_release(&ids);
	for (size_t i = 0; i < n; i++)
		text[i] = g->ca.v[ca[i]].name;
	out_list(o, text, n);
	for (size_t i = 0; i < n; i++) {
		const char *owner = g->ca.v[ca[i]].owner;
		map_at(&seen, owner, strlen(owner), &is_new);
		if (is_new && *owner)
			text[owners++] = owner;
	}
	out_list(o, text, owners);
	map_release(&seen);
	free(text);
}

static void put_group(struct out *o, const struct cli *c, const struct outreach_group *g, const struct trust *trust, bool complete)
{
	uint64_t some = g->names < OUTREACH_NAMES ? g->names : OUTREACH_NAMES;

	out_count(o, g->leaves);
	out_count_if(o, g->name || g->names, g->names);
	out_list(o, g->some, some);
	out_day_if(o, g->dated, g->dated ? date_of_time(g->first_na) : 0);
	out_day_if(o, g->dated, g->dated ? date_of_time(g->last_na) : 0);
	out_count_least(o, trust, complete && g->unknown == 0, g->covered);
	out_count_if(o, trust && g->unknown == 0, g->leaves - g->covered - g->unknown);
	ca_cells(o, c->graph, g->ca.v, g->ca.n);
	out_count_if(o, g->rank, g->rank);
	out_text(o, trust ? trust_query(trust)->store->program : NULL);
	out_text(o, trust ? purpose_names[trust_query(trust)->purpose] : NULL);
	out_row(o);
}

void leaves_by_rows(const struct cli *c, struct outreach *o, enum outreach_by by, const struct trust *trust, bool complete)
{
	const struct column *const part[] = { kinds[by].columns, group_columns };
	const struct outreach_group *g;
	size_t n = outreach_groups(o, &g);
	struct out *out = out_begin(stdout, c->format, columns_joined(part, 2), &c->style);

	for (size_t i = 0; i < n; i++) {
		out_text(out, g[i].name);
		if (by == OUTREACH_TLD)
			country_cell(out, g[i].name);
		put_group(out, c, &g[i], trust, complete);
	}
	out_end(out);
}
