/* Readers that give stores and revocation lists: Chrome's root store, OneCRL. */
#include "index/import.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "index/chromestore.h"
#include "index/onecrl.h"

static struct db_int lower_limit(int64_t v)
{
	return v == INT64_MIN ? DB_NULL : DB_INT(v);
}

static struct db_int upper_limit(int64_t v)
{
	return v == INT64_MAX ? DB_NULL : DB_INT(v);
}

/* "permitted DNS names: a.example; not evaluated: index_after" */
static void note_rules(const struct chromestore_anchor *a, const struct chromestore_set *s, struct strbuf *note)
{
	const struct {
		const char *what, *text;
	} notes[] = {
		{ "permitted DNS names", s ? s->dns_names : NULL },
		{ "not evaluated", s ? s->unevaluated : NULL },
		{ "not evaluated on the anchor", a->unevaluated },
	};

	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes); i++)
		if (notes[i].text)
			strbuf_addf(note, "%s%s: %s", note->len ? "; " : "", notes[i].what, notes[i].text);
}

static int add_rule(struct reading *r, const struct chromestore_anchor *a, const struct chromestore_set *s)
{
	struct box box = s ? chromestore_box(s) : BOX_ALL;
	struct strbuf note = STRBUF_INIT;

	note_rules(a, s, &note);
	struct db_anchor rule = {
		.sha256 = a->sha256,
		.purpose = PURPOSE_TLS,
		.nb_lo = lower_limit(box.nb_lo),
		.nb_hi = upper_limit(box.nb_hi),
		.sct_lo = lower_limit(box.sct_lo),
		.sct_hi = upper_limit(box.sct_hi),
		.judge_validity = a->enforce_anchor_expiry,
		.judge_constraints = a->enforce_anchor_constraints,
		.unevaluated = a->unevaluated || (s && s->unevaluated),
		.min_version = s ? s->min_version : NULL,
		.max_version = s ? s->max_version : NULL,
		.note = note.buf,
	};
	int rc = db_add_anchor(r->im->db, r->d->snapshot, r->d->id, r->d->rules++, &rule, r->im->err);
	strbuf_release(&note);
	return rc;
}

static int take_anchor(void *ctx, const struct chromestore_anchor *a)
{
	struct reading *r = ctx;

	r->d->records++;
	if (!chromestore_is_tls_anchor(a))
		return 0;
	if (a->n_sets == 0)
		return add_rule(r, a, NULL);
	for (size_t i = 0; i < a->n_sets; i++)
		if (add_rule(r, a, &a->sets[i]) < 0)
			return -1;
	return 0;
}

static void store_problem(void *ctx, size_t line, const char *what)
{
	struct reading *r = ctx;

	import_line_problem(r->im, r->d, line, what);
}

/* version_major, 0 when it is not told: of two stores of one day the higher one is the newer. */
static int64_t store_version(const struct document *d)
{
	static const char name[] = "version_major:";
	const char *p = memmem(d->data, d->n, name, sizeof(name) - 1);
	int64_t v = 0;

	if (!p)
		return 0;
	p += sizeof(name) - 1;
	while (p < d->data + d->n && *p == ' ')
		p++;
	for (; p < d->data + d->n && *p >= '0' && *p <= '9' && v < INT32_MAX; p++)
		v = v * 10 + (*p - '0');
	return v;
}

void import_part_chromestore(const struct import *im, const struct document *d, char part[256])
{
	char day[DATE_BUF];

	(void)im;
	snprintf(part, 256, "%s v%lld", date_format(day, d->day), (long long)store_version(d));
}

int import_chromestore(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };
	struct chromestore_handler h = { .ctx = &r, .anchor = take_anchor, .problem = store_problem };

	if (db_store_snapshot(im->db, "chrome", d->day, store_version(d), DB_NULL, &d->snapshot, im->err) < 0)
		return -1;
	return chromestore_read(d->data, d->n, &h, err);
}

/* ---- OneCRL ---- */

static int take_onecrl(void *ctx, const struct onecrl_record *rec)
{
	struct reading *r = ctx;
	uint8_t name[32];
	bool by_serial = rec->form == ONECRL_ISSUER_SERIAL;
	struct slice hashed = by_serial ? rec->issuer : rec->subject;
	struct strbuf note = STRBUF_INIT;

	EVP_Digest(hashed.p, hashed.n, name, NULL, EVP_sha256(), NULL);
	strbuf_addf(&note, "%s%s%s", rec->bug, *rec->bug && *rec->why ? " " : "", rec->why);
	struct db_statement s = {
		.source = REVOKED_ONECRL,
		.issuer_sha256 = by_serial ? name : NULL,
		.serial = { by_serial ? rec->serial.p : NULL, by_serial ? rec->serial.n : 0 },
		.subject_sha256 = by_serial ? NULL : name,
		.spki_sha256 = by_serial ? NULL : rec->spki_sha256,
		.enabled = rec->enabled,
		.note = note.buf,
	};
	int rc = db_add_statement(r->im->db, r->d->id, r->d->rules++, &s, r->im->err);
	strbuf_release(&note);
	r->d->records++;
	return rc;
}

static void onecrl_problem(void *ctx, size_t number, const char *what)
{
	struct reading *r = ctx;
	char place[48];

	snprintf(place, sizeof(place), "record %zu", number);
	import_problem(r->im, r->d, number ? place : "", what);
}

int import_onecrl(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };
	struct onecrl_handler h = { &r, take_onecrl, onecrl_problem };

	return onecrl_read(d->data, d->n, &h, err);
}
