#include "index/storedoubt.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "index/import.h"
#include "index/inclusion.h"
#include "index/state.h"

/* A word of a report about one certificate. */
struct word {
	uint8_t sha256[32];
	int64_t file;
	int32_t day;
	const char *status[INCLUSION_PROGRAMS], *bits[INCLUSION_PROGRAMS]; /* NULL: the report has no such column */
};
struct report {
	int64_t file;
	const char *name;
	bool includes[INCLUSION_PROGRAMS];
	bool whole; /* Mozilla's own list: what is not in it is not included */
};
struct doubting {
	struct index *ix;
	struct store_doubts *ret;
	struct err *err;
	struct arena arena;
	int32_t about;         /* the day of the store that the words are about */
	VEC(struct word) word; /* by certificate, newest first */
	VEC(struct report) report;
	bool read;
};

/* ---- the stores ---- */

/* Purposes by fingerprint, of all its versions: what stands in the file, known certificates or not. */
struct anchors {
	struct map purposes;
};

static int take_anchor(void *ctx, const struct db_anchor *a)
{
	struct anchors *to = ctx;

	if (a->purpose >= 0 && a->purpose < PURPOSE_COUNT)
		*map_at(&to->purposes, a->sha256, 32, NULL) |= 1U << a->purpose;
	return 0;
}

static int read_anchors(struct doubting *d, const struct snapshot *s, struct anchors *to)
{
	return db_each_anchor(d->ix->db, s->id, take_anchor, to, d->err);
}

struct counting {
	const struct anchors *newer;
	struct map seen;
	uint64_t gone;
};

static int count_gone(void *ctx, const struct db_anchor *a)
{
	struct counting *c = ctx;
	bool is_new;

	map_at(&c->seen, a->sha256, 32, &is_new);
	c->gone += is_new && !map_get(&c->newer->purposes, a->sha256, 32);
	return 0;
}

/* More than a fifth, and more than a few. */
static bool is_much(uint64_t n, uint64_t of)
{
	return n > DOUBT_FEW && n > of / 5;
}

/* Programs take roots for roots: only where the store as a whole is smaller it may be an excerpt. */
bool store_has_shrunk(uint64_t before, uint64_t now)
{
	return before > now && is_much(before - now, before);
}

static int compare_stores(
	struct doubting *d, const struct snapshot *used, const struct snapshot *before, const struct anchors *a)
{
	struct counting c = { .newer = a };
	int rc = db_each_anchor(d->ix->db, before->id, count_gone, &c, d->err);

	if (rc == 0 && store_has_shrunk(c.seen.n, a->purposes.n))
		vec_push(&d->ret->doubt, (struct store_doubt){
						 .kind = DOUBT_SHRANK,
						 .program = arena_strdup(&d->ret->strings, used->program),
						 .day = used->day,
						 .other_day = before->day,
						 .version = used->version > 0 ? used->version : 0,
						 .other_version = before->version > 0 ? before->version : 0,
						 .anchors = a->purposes.n,
						 .others = c.seen.n,
						 .gone = c.gone,
						 .store_source = "",
						 .source = "stores",
					 });
	map_release(&c.seen);
	return rc;
}

/* ---- CCADB's words ---- */

static const char *kept(struct doubting *d, const struct db_ccadb_row *row, enum db_ccadb_field field)
{
	const char *text = field < DB_CCADB_FIELDS ? row->field[field] : NULL;

	return text ? arena_strdup(&d->arena, text) : NULL;
}

static struct report *report_of(struct doubting *d, int64_t file)
{
	for (size_t i = 0; i < d->report.n; i++)
		if (d->report.v[i].file == file)
			return &d->report.v[i];
	vec_push(&d->report, (struct report){ .file = file, .name = "" });
	return &d->report.v[d->report.n - 1];
}

static int take_word(void *ctx, const struct db_ccadb_row *row)
{
	struct doubting *d = ctx;
	struct word w = { .file = row->file, .day = row->day };
	bool says = false;

	memcpy(w.sha256, row->sha256, 32);
	for (int p = 0; p < INCLUSION_PROGRAMS; p++) {
		w.status[p] = kept(d, row, inclusion_programs[p].status);
		w.bits[p] = kept(d, row, inclusion_programs[p].bits);
		if (!w.status[p] || !*w.status[p])
			continue;
		says = true;
		struct report *r = report_of(d, row->file);
		r->includes[p] |= inclusion_holds(w.status[p]);
		r->whole |= strcmp(w.status[p], CCADB_OWN_LIST) == 0;
	}
	if (says)
		vec_push(&d->word, w);
	return 0;
}

static int name_report(void *ctx, const struct db_file *f)
{
	struct doubting *d = ctx;
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < d->report.n; i++) {
		if (d->report.v[i].file != f->id)
			continue;
		strbuf_addf(&b, "ccadb, %s", f->part);
		d->report.v[i].name = arena_strdup(&d->ret->strings, b.buf);
	}
	strbuf_release(&b);
	return 0;
}

/* What reports of about the day say. A derived file is not asked: its words are no word of CCADB, and may be put
 * together from the very store. */
static int read_words(struct doubting *d, int32_t day)
{
	if (d->read && d->about == day)
		return 0;
	d->read = true;
	d->about = day;
	d->word.n = d->report.n = 0;
	if (db_each_ccadb_own_root_record(d->ix->db, day - DOUBT_DAYS, day + DOUBT_DAYS, take_word, d, d->err) < 0)
		return -1;
	return db_each_file(d->ix->db, name_report, d, d->err);
}

/* ---- one against the other ---- */

struct comparison {
	struct doubting *d;
	const struct snapshot *used;
	const struct anchors *anchors;
	int p;
	struct map told; /* certificates that a report speaks of */
	VEC(struct store_contradiction) one;
	uint64_t included, gone;
	const struct word *newest;  /* of those that include */
	const struct report *whole; /* an own list that stands for all */
	int32_t whole_day;
};

/* The newest words about one certificate that may be asked of the program. */
struct said {
	const struct word *status, *bits; /* NULL: none; reports need not have both columns */
};

static struct said said_of(struct comparison *c, size_t i, size_t end)
{
	struct said s = { 0 };

	for (; i < end; i++) {
		const struct word *w = &c->d->word.v[i];
		if (!report_of(c->d, w->file)->includes[c->p])
			continue;
		if (!s.status && w->status[c->p] && *w->status[c->p])
			s.status = w;
		if (!s.bits && w->bits[c->p])
			s.bits = w;
	}
	return s;
}

static void contradict(struct comparison *c, enum contradiction_kind kind, const uint8_t sha256[32],
	const struct said *s, uint8_t purposes)
{
	struct arena *a = &c->d->ret->strings;
	const struct word *w = kind == OTHER_PURPOSES ? s->bits : s->status;
	struct store_contradiction x = {
		.kind = kind, .program = arena_strdup(a, c->used->program), .purposes = purposes, .day = c->used->day
	};

	memcpy(x.sha256, sha256, 32);
	x.status = arena_strdup(a, s->status ? s->status->status[c->p] : "");
	x.bits = arena_strdup(a, s->bits ? s->bits->bits[c->p] : "");
	x.report_day = w ? w->day : c->whole_day;
	x.source = w ? report_of(c->d, w->file)->name : c->whole->name;
	c->gone += kind == NOT_AN_ANCHOR;
	vec_push(&c->one, x);
}

static void compare_said(struct comparison *c, const uint8_t sha256[32], const struct said *s)
{
	const struct inclusion_program *p = &inclusion_programs[c->p];
	const uint64_t *anchor = map_get(&c->anchors->purposes, sha256, 32);
	const char *bits = s->bits ? s->bits->bits[c->p] : NULL;
	uint8_t has = anchor ? (uint8_t)*anchor : 0, want = 0;
	bool off = bits && !*bits; /* all its trust bits: no anchor, or a report that does not tell them */

	for (int k = 0; k < PURPOSE_COUNT; k++)
		want |= (uint8_t)(inclusion_allows(p, bits, k) << k);
	if (!inclusion_holds(s->status->status[c->p])) {
		if (has)
			contradict(c, NOT_INCLUDED, sha256, s, has);
		return;
	}
	if (off || !want)
		return;
	c->included++;
	if (!c->newest || s->status->day > c->newest->day)
		c->newest = s->status;
	if (!has)
		contradict(c, NOT_AN_ANCHOR, sha256, s, 0);
	else if (bits && has != want)
		contradict(c, OTHER_PURPOSES, sha256, s, has);
}

static void find_whole(struct comparison *c)
{
	for (size_t i = 0; strcmp(c->used->program, "mozilla") == 0 && i < c->d->word.n; i++) {
		const struct word *w = &c->d->word.v[i];
		if (!report_of(c->d, w->file)->whole || (c->whole && w->day <= c->whole_day))
			continue;
		c->whole = report_of(c->d, w->file);
		c->whole_day = w->day;
	}
}

static int take_untold(void *ctx, const struct db_anchor *a)
{
	struct comparison *c = ctx;
	const uint64_t *purposes = map_get(&c->anchors->purposes, a->sha256, 32);
	bool is_new;

	map_at(&c->told, a->sha256, 32, &is_new);
	if (is_new && purposes)
		contradict(c, NOT_INCLUDED, a->sha256, &(struct said){ 0 }, (uint8_t)*purposes);
	return 0;
}

static void add_results(struct comparison *c)
{
	uint64_t all = c->included > c->anchors->purposes.n ? c->included : c->anchors->purposes.n;

	if (!is_much(c->one.n, all)) {
		for (size_t i = 0; i < c->one.n; i++)
			vec_push(&c->d->ret->one, c->one.v[i]);
		return;
	}
	vec_push(&c->d->ret->doubt,
		(struct store_doubt){
			.kind = DOUBT_CCADB,
			.program = arena_strdup(&c->d->ret->strings, c->used->program),
			.day = c->used->day,
			.other_day = c->newest ? c->newest->day : c->whole_day,
			.version = c->used->version > 0 ? c->used->version : 0,
			.anchors = c->anchors->purposes.n,
			.others = c->included,
			.gone = c->gone,
			.extra = c->one.n - c->gone,
			.store_source = "",
			.source = c->newest ? report_of(c->d, c->newest->file)->name : c->whole->name,
		});
}

static int compare_words(struct doubting *d, const struct snapshot *used, int p, const struct anchors *a)
{
	struct comparison c = { .d = d, .used = used, .anchors = a, .p = p };
	int rc = read_words(d, used->day);

	for (size_t i = 0, end; rc == 0 && i < d->word.n; i = end) {
		for (end = i + 1; end < d->word.n && memcmp(d->word.v[end].sha256, d->word.v[i].sha256, 32) == 0;)
			end++;
		struct said s = said_of(&c, i, end);
		if (!s.status)
			continue;
		map_at(&c.told, s.status->sha256, 32, NULL);
		compare_said(&c, s.status->sha256, &s);
	}
	find_whole(&c);
	if (rc == 0 && c.whole)
		rc = db_each_anchor(d->ix->db, used->id, take_untold, &c, d->err);
	if (rc == 0)
		add_results(&c);
	map_release(&c.told);
	vec_release(&c.one);
	return rc;
}

/* ---- all programs ---- */

static int inclusion_of(const char *program)
{
	for (int p = 0; p < INCLUSION_PROGRAMS; p++)
		if (strcmp(inclusion_programs[p].program, program) == 0)
			return p;
	return -1;
}

static int name_source(void *ctx, const char *source)
{
	struct store_doubts *d = ctx;

	d->given.v[d->given.n - 1].source = arena_strdup(&d->strings, source);
	return 0;
}

/* Who gave the store, of which doubt.v[from] and the further ones are. */
static int add_given(struct doubting *d, const struct snapshot *used, size_t from)
{
	struct store_doubts *ret = d->ret;
	int rc;

	vec_push(&ret->given, (struct store_given){ arena_strdup(&ret->strings, used->program), "" });
	rc = db_source_of_snapshot(d->ix->db, used->id, name_source, ret, d->err);
	for (size_t i = from; i < ret->doubt.n; i++)
		ret->doubt.v[i].store_source = ret->given.v[ret->given.n - 1].source;
	return rc;
}

static int doubt_program(struct doubting *d, const char *program, int32_t day)
{
	struct snapshot *before, *used = index_snapshot(d->ix, program, day, &before);
	struct anchors a = { 0 };
	const size_t from = d->ret->doubt.n;
	int p = inclusion_of(program), rc;

	if (!used)
		return 0;
	rc = read_anchors(d, used, &a);
	if (rc == 0 && before)
		rc = compare_stores(d, used, before, &a);
	if (rc == 0 && p >= 0 && used->version != INCLUSION_VERSION)
		rc = compare_words(d, used, p, &a);
	if (rc == 0)
		rc = add_given(d, used, from);
	map_release(&a.purposes);
	return rc;
}

static bool is_among(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

int index_store_doubts_of(
	struct index *ix, int32_t day, const char *const *program, size_t n, struct store_doubts *ret, struct err *err)
{
	struct doubting d = { .ix = ix, .ret = ret, .err = err };
	int rc = 0;

	*ret = (struct store_doubts){ 0 };
	index_graph(ix);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (!is_among(program[i], program, i))
			rc = doubt_program(&d, program[i], day);
	if (rc == 0)
		rc = index_check_ids(ix, ix->db, err);
	vec_release(&d.word);
	vec_release(&d.report);
	arena_release(&d.arena);
	return rc;
}

int index_store_doubts(struct index *ix, int32_t day, struct store_doubts *ret, struct err *err)
{
	const char *const *name;
	size_t n = index_programs(ix, &name);

	return index_store_doubts_of(ix, day, name, n, ret, err);
}

void store_later_text(const struct store *s, int32_t day, struct strbuf *out)
{
	char store[DATE_BUF], asked[DATE_BUF];

	if (s->day > day)
		strbuf_addf(out, "the store that is asked is of %s, which is later than %s: what it had then is not known",
			date_format(store, s->day), date_format(asked, day));
}

void store_doubts_release(struct store_doubts *d)
{
	vec_release(&d->doubt);
	vec_release(&d->one);
	vec_release(&d->given);
	arena_release(&d->strings);
	*d = (struct store_doubts){ 0 };
}

/* ---- in words ---- */

/* "2026-11-29, version 36" */
static void add_day(struct strbuf *b, int32_t day, int64_t version)
{
	char text[DATE_BUF];

	strbuf_addstr(b, date_format(text, day));
	if (version)
		strbuf_addf(b, " (version %lld)", (long long)version);
}

void store_doubt_text(const struct store_doubt *d, struct strbuf *out)
{
	char n[32], m[32], k[32];

	if (d->kind == DOUBT_SHRANK) {
		strbuf_addf(out, "%s's store of ", d->program);
		add_day(out, d->day, d->version);
		strbuf_addf(out, " has %s anchors, the one before it, of ", num_group(n, d->anchors));
		add_day(out, d->other_day, d->other_version);
		strbuf_addf(out, ", has %s: %s of these are gone", num_group(m, d->others), num_group(k, d->gone));
		return;
	}
	strbuf_addf(out, "%s of the %s roots that CCADB's report of ", num_group(k, d->gone), num_group(m, d->others));
	add_day(out, d->other_day, 0);
	strbuf_addf(out, " includes for %s are no anchors in its store of ", d->program);
	add_day(out, d->day, d->version);
	strbuf_addf(out, ", which has %s", num_group(n, d->anchors));
	if (d->extra)
		strbuf_addf(out, "; for %s of these the report says otherwise", num_group(k, d->extra));
}

void store_doubt_short(const struct store_doubt *d, struct strbuf *out)
{
	char n[32], m[32], day[DATE_BUF];

	strbuf_addf(out, "%s's store may not be whole: %s anchors, ", d->program, num_group(n, d->anchors));
	if (d->kind == DOUBT_SHRANK)
		strbuf_addf(out, "%s in the one before it", num_group(m, d->others));
	else
		strbuf_addf(out, "CCADB's report of %s includes %s", date_format(day, d->other_day),
			num_group(m, d->others));
}

static void add_purposes(struct strbuf *b, uint8_t purposes)
{
	const char *between = "";

	for (int k = 0; k < PURPOSE_COUNT; k++) {
		if (!(purposes & 1U << k))
			continue;
		strbuf_addf(b, "%s%s", between, purpose_names[k]);
		between = " and ";
	}
}

void store_contradiction_text(const struct store_contradiction *c, struct strbuf *out)
{
	char day[DATE_BUF], report[DATE_BUF];

	date_format(day, c->day);
	date_format(report, c->report_day);
	if (c->kind == NOT_AN_ANCHOR) {
		strbuf_addf(out, "included in %s by CCADB's report of %s%s%s%s, no anchor in its store of %s",
			c->program, report, *c->bits ? " ('" : "", c->bits, *c->bits ? "')" : "", day);
		return;
	}
	strbuf_addf(out, "an anchor of %s for ", c->program);
	add_purposes(out, c->purposes);
	strbuf_addf(out, " in its store of %s, ", day);
	if (c->kind == OTHER_PURPOSES)
		strbuf_addf(out, "'%s' by the trust bits in CCADB's report of %s", c->bits, report);
	else if (*c->status)
		strbuf_addf(out, "'%s' by CCADB's report of %s", c->status, report);
	else
		strbuf_addf(out, "not in CCADB's list of %s's roots of %s", c->program, report);
}
