/* Stores out of CCADB's status columns (sources.md "CCADB"). A snapshot is made for each report that has a
 * program's column; within it the newest statement about a certificate, not newer than the report, decides.
 * Snapshots of reports that were replaced since stay as they were (db_end_past). */
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "index/import.h"
#include "index/inclusion.h"

struct statement {
	uint8_t sha256[32];
	int64_t file;
	int32_t day;
	const char *status[INCLUSION_PROGRAMS], *bits[INCLUSION_PROGRAMS]; /* NULL: the report does not say */
};

struct report {
	int64_t file;
	int32_t day;
	bool has[INCLUSION_PROGRAMS];
	bool full_list; /* Mozilla's own: what is not in it is not included */
};

struct deriving {
	struct db *db;
	struct err *err;
	struct arena arena;
	VEC(struct statement) row; /* by certificate, newest first */
	VEC(struct report) report;
	int64_t n; /* anchors written, numbers them */
};

static struct report *report_of(struct deriving *d, int64_t file, int32_t day)
{
	for (size_t i = 0; i < d->report.n; i++)
		if (d->report.v[i].day == day)
			return &d->report.v[i];
	vec_push(&d->report, (struct report){ .file = file, .day = day });
	return &d->report.v[d->report.n - 1];
}

static const char *kept(struct deriving *d, const struct db_ccadb_row *row, enum db_ccadb_field field)
{
	const char *text = field < DB_CCADB_FIELDS ? row->field[field] : NULL;

	return text ? arena_strdup(&d->arena, text) : NULL;
}

static int take_row(void *ctx, const struct db_ccadb_row *row)
{
	struct deriving *d = ctx;
	struct statement s = { .file = row->file, .day = row->day };
	bool says = false;

	memcpy(s.sha256, row->sha256, 32);
	for (int p = 0; p < INCLUSION_PROGRAMS; p++) {
		s.status[p] = kept(d, row, inclusion_programs[p].status);
		s.bits[p] = kept(d, row, inclusion_programs[p].bits);
		if (s.status[p])
			report_of(d, row->file, row->day)->has[p] = true;
		if (s.status[p] && strcmp(s.status[p], CCADB_OWN_LIST) == 0)
			report_of(d, row->file, row->day)->full_list = true;
		says |= s.status[p] || s.bits[p];
	}
	if (says)
		vec_push(&d->row, s);
	return 0;
}

static int add_anchor(struct deriving *d, const struct report *r, int p, int64_t snapshot, const uint8_t *sha256,
	const char *status, const char *bits)
{
	bool dated = strcmp(status, "NotBefore") == 0;
	bool purposes_unknown = inclusion_programs[p].bits != DB_CCADB_FIELDS && (!bits || !*bits);
	struct db_anchor a = {
		.sha256 = sha256,
		.unevaluated = dated || purposes_unknown,
		.note = dated              ? "a notBefore rule whose date CCADB does not tell"
			: purposes_unknown ? "purposes not told by the reports indexed"
					   : "",
	};

	for (a.purpose = 0; a.purpose < PURPOSE_COUNT; a.purpose++)
		if (inclusion_allows(&inclusion_programs[p], bits, a.purpose) &&
			db_add_anchor(d->db, snapshot, r->file, d->n++, &a, d->err) < 0)
			return -1;
	return 0;
}

/* The day of the newest full list of the program not later than the day, INT32_MIN without: absence from it outweighs
 * what older reports say. */
static int32_t full_list_day(const struct deriving *d, int p, int32_t day)
{
	int32_t newest = INT32_MIN;

	for (size_t i = 0; strcmp(inclusion_programs[p].program, "mozilla") == 0 && i < d->report.n; i++) {
		const struct report *r = &d->report.v[i];
		if (r->full_list && r->day <= day && r->day > newest)
			newest = r->day;
	}
	return newest;
}

/* The newest statements about the certificate of rows i … end that are not newer than the report. */
static int derive_one(struct deriving *d, const struct report *r, int p, int64_t snapshot, size_t i, size_t end)
{
	const char *status = NULL, *bits = NULL;
	int32_t since = full_list_day(d, p, r->day);

	for (size_t k = i; k < end; k++) {
		const struct statement *s = &d->row.v[k];
		if (s->day > r->day || s->day < since)
			continue;
		if (!status)
			status = s->status[p];
		if (!bits)
			bits = s->bits[p];
	}
	if (!status || !inclusion_holds(status))
		return 0;
	return add_anchor(d, r, p, snapshot, d->row.v[i].sha256, status, bits);
}

static int derive_report(struct deriving *d, const struct report *r, int p)
{
	int64_t snapshot;
	bool past;

	/* one that was kept from when all reports of that day were there */
	if (db_has_snapshot(d->db, inclusion_programs[p].program, r->day, INCLUSION_VERSION, &past, d->err) < 0)
		return -1;
	if (past)
		return 0;
	if (db_store_snapshot(d->db, inclusion_programs[p].program, r->day, INCLUSION_VERSION, DB_INT(r->file),
		    &snapshot, d->err) < 0)
		return -1;
	for (size_t i = 0, end; i < d->row.n; i = end) {
		for (end = i + 1; end < d->row.n && memcmp(d->row.v[end].sha256, d->row.v[i].sha256, 32) == 0;)
			end++;
		if (derive_one(d, r, p, snapshot, i, end) < 0)
			return -1;
	}
	return 0;
}

static int derive_program(struct deriving *d, int p)
{
	bool own = false;

	if (inclusion_programs[p].own_file_first &&
		db_has_own_store(d->db, inclusion_programs[p].program, &own, d->err) < 0)
		return -1;
	if (own && db_drop_derived_store(d->db, inclusion_programs[p].program, d->err) < 0)
		return -1;
	for (size_t i = 0; !own && i < d->report.n; i++)
		if (d->report.v[i].has[p] && derive_report(d, &d->report.v[i], p) < 0)
			return -1;
	return 0;
}

int derive_stores(struct db *db, struct err *err)
{
	struct deriving d = { .db = db, .err = err };
	int rc = db_drop_derived_stores(db, err);

	if (rc == 0)
		rc = db_each_ccadb_root_record(db, take_row, &d, err);
	for (int p = 0; rc == 0 && p < INCLUSION_PROGRAMS; p++)
		rc = derive_program(&d, p);
	if (rc == 0)
		rc = db_drop_empty_snapshots(db, err);
	vec_release(&d.row);
	vec_release(&d.report);
	arena_release(&d.arena);
	return rc;
}
