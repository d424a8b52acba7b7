#include "tui/sourcetable.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "base/num.h"
#include "base/text.h"
#include "index/unknowns.h"
#include "tui/model.h"

const struct source_row *source_table_find(const struct source_table *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	return NULL;
}

static struct source_row *row_of(struct source_table *s, const char *name)
{
	const struct source_row *there = source_table_find(s, name);

	if (there)
		return &s->v[there - s->v];
	s->v = xreallocarray(s->v, s->n + 1, sizeof(*s->v));
	s->v[s->n] = (struct source_row){
		.name = name,
		.known = source_find(name),
		.oldest = INT32_MIN,
		.newest = INT32_MIN,
		.fetched_at = TIME_UNKNOWN,
		.tried_at = TIME_UNKNOWN,
		.confirmed_at = TIME_UNKNOWN,
	};
	return &s->v[s->n++];
}

static void add_held(struct source_row *r, const struct index_source *d)
{
	r->held++;
	r->records += d->records;
	r->problems += d->problems;
	if (r->fetched_at == TIME_UNKNOWN || d->fetched_at > r->fetched_at)
		r->fetched_at = d->fetched_at;
	if (d->source_day == INT32_MIN)
		return;
	if (r->oldest == INT32_MIN || d->source_day < r->oldest)
		r->oldest = d->source_day;
	if (d->source_day > r->newest)
		r->newest = d->source_day;
}

static void add_try(struct source_row *r, const struct tried *t)
{
	bool later = r->tried_at == TIME_UNKNOWN || t->tried_at > r->tried_at;

	if (*t->error) {
		r->failed++;
		/* one that was not asked for tells of another's failure */
		if (!r->error || (later && !strstr(t->error, "': not asked for, ")) || strstr(r->error, "': not asked for, "))
			r->error = t->error;
	}
	if (later)
		r->tried_at = t->tried_at;
	if (t->confirmed_at != TIME_UNKNOWN && (r->confirmed_at == TIME_UNKNOWN || t->confirmed_at > r->confirmed_at))
		r->confirmed_at = t->confirmed_at;
}

/* 1 + its place among the tries, by source and address. */
static uint64_t *place_of(struct map *m, const char *source, const char *url)
{
	struct strbuf key = STRBUF_INIT;

	strbuf_addf(&key, "%s %s", source, url);
	uint64_t *place = map_at(m, key.buf, key.len, NULL);
	strbuf_release(&key);
	return place;
}

static void fill(struct source_table *s)
{
	const struct tried *tried = s->tries.v.v;
	bool *shown = xcalloc(s->tries.v.n + 1, sizeof(*shown));
	struct map place = { 0 };

	for (size_t i = 0; i < s->tries.v.n; i++)
		*place_of(&place, tried[i].source, tried[i].url) = i + 1;
	for (size_t i = 0; i < s->n_sources; i++) {
		struct source_row *r = row_of(s, s->source[i].source);
		size_t at = (size_t)*place_of(&place, s->source[i].source, s->source[i].from);
		vec_push(&r->doc, (struct source_doc){ &s->source[i], at ? &tried[at - 1] : NULL });
		add_held(r, &s->source[i]);
		if (at && !shown[at - 1])
			add_try(r, &tried[at - 1]);
		shown[at ? at - 1 : s->tries.v.n] = true;
	}
	for (size_t i = 0; i < s->tries.v.n; i++) {
		struct source_row *r = row_of(s, tried[i].source);
		if (shown[i])
			continue;
		if (*tried[i].error)
			vec_push(&r->doc, (struct source_doc){ NULL, &tried[i] });
		add_try(r, &tried[i]);
	}
	map_release(&place);
	free(shown);
}

static int by_kind(const void *a, const void *b)
{
	const struct index_source *x = ((const struct source_doc *)a)->held, *y = ((const struct source_doc *)b)->held;
	int c;

	if (!x || !y)
		return (x == NULL) - (y == NULL);
	c = strcmp(x->kind, y->kind);
	if (!c)
		c = (x->source_day < y->source_day) - (x->source_day > y->source_day);
	if (!c)
		c = text_order(x->part, y->part);
	return c ? c : text_order(x->from, y->from);
}

/* ---- in the thread ---- */

static void run(void *ctx, struct work *w)
{
	struct source_table *s = ctx;

	(void)w;
	/* without them there is no row: one that is not filled would say that nothing is there */
	if (index_share(s->shown, &s->index, &s->err) < 0 || index_sources(s->index, &s->source, &s->n_sources, &s->err) < 0 ||
	    index_tries(s->index, &s->tries, &s->err) < 0)
		return;
	for (size_t i = 0; source_at(i); i++)
		row_of(s, source_at(i)->name);
	fill(s);
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].doc.n)
			qsort(s->v[i].doc.v, s->v[i].doc.n, sizeof(*s->v[i].doc.v), by_kind);
	if (index_problems(s->index, &s->problem, &s->n_problems, &s->err) < 0)
		s->n_problems = 0;
	index_ct_logs(s->index, &s->logs, &s->logs_err);
}

/* ---- in the loop ---- */

struct source_table *source_table_begin(const struct index *shown)
{
	struct source_table *s = xcalloc(1, sizeof(*s));

	s->shown = shown;
	s->work = work_begin(run, s);
	return s;
}

void source_table_free(struct source_table *s)
{
	if (!s)
		return;
	work_end(s->work);
	for (size_t i = 0; i < s->n; i++)
		vec_release(&s->v[i].doc);
	free(s->v);
	free(s->source);
	free(s->problem);
	tries_release(&s->tries);
	ct_logs_release(&s->logs);
	index_close(s->index);
	free(s);
}

const struct store_doubt *source_doubt(const struct store_doubts *d, const struct source_row *r, size_t *at)
{
	while (*at < d->doubt.n) {
		const struct store_doubt *x = &d->doubt.v[(*at)++];
		if (strcmp(x->store_source, r->name) == 0)
			return x;
	}
	return NULL;
}

static bool is_given_by(const struct model *m, size_t column, const char *source)
{
	for (size_t i = 0; m->doubts && i < m->doubts->given.n; i++)
		if (strcmp(m->doubts->given.v[i].program, m->column.v[column].program) == 0)
			return strcmp(m->doubts->given.v[i].source, source) == 0;
	return false;
}

/* Is there something to tell of it? */
static bool is_told(const struct model *m, size_t column, const char *source)
{
	return (model_store_later(m, column) || model_store_old(m, column)) && is_given_by(m, column, source);
}

static void add_distance(const struct model *m, int32_t day, struct strbuf *out)
{
	const int32_t asked = day > m->day || m->day < m->today ? m->day : m->today;
	char a[32], store[DATE_BUF], text[DATE_BUF];
	const int32_t days = day > asked ? day - asked : asked - day;

	strbuf_addf(out, ": store of %s, %s: %s day%s %s %s", date_format(store, day), day > asked ? "later" : "old",
		num_group(a, (uint64_t)days), days == 1 ? "" : "s", day > asked ? "after" : "before",
		asked == m->today ? "today" : date_format(text, asked));
}

bool source_store_text(const struct model *m, const char *source, size_t *at, struct strbuf *out)
{
	const struct column *c = m->column.v;

	for (size_t i; (i = *at) < m->column.n;) {
		bool before = false;

		++*at;
		if (!is_told(m, i, source))
			continue;
		for (size_t k = 0; k < i; k++)
			before |= c[k].store && c[k].store->day == c[i].store->day && is_told(m, k, source);
		if (before)
			continue;
		strbuf_addstr(out, c[i].program);
		for (size_t k = i + 1; k < m->column.n; k++)
			if (c[k].store && c[k].store->day == c[i].store->day && is_told(m, k, source))
				strbuf_addf(out, ", %s", c[k].program);
		add_distance(m, c[i].store->day, out);
		return true;
	}
	return false;
}

/* "cannot fetch 'URL' in 5 attempts: reason" */
void source_reason(const char *error, struct strbuf *out)
{
	static const char begin[] = "cannot fetch '";
	const char *url = error + strlen(begin), *end, *colon;

	if (strncmp(error, begin, strlen(begin)) != 0 || !(end = strchr(url, '\'')) || !(colon = strstr(end, ": "))) {
		strbuf_addstr(out, error);
		return;
	}
	strbuf_addf(out, "%s%s%.*s; %.*s", colon + 2, colon > end + 1 ? "," : "", (int)(colon - end - 1), end + 1, (int)(end - url), url);
}

bool source_is_old(const struct source_row *r, int32_t day, int32_t today)
{
	return r->newest != INT32_MIN && (day < today ? day : today) - r->newest > STALE_DAYS;
}
