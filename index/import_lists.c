/* Readers that give stores and lists: Chrome's root store, OneCRL, Chrome's CRLSet, CRLs, figures, rank lists of sites. */
#include "index/import.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/date.h"
#include "base/path.h"
#include "base/text.h"
#include "db/figure.h"
#include "fetch/zips.h"
#include "index/chromestore.h"
#include "index/countscsv.h"
#include "index/crl.h"
#include "index/crlset.h"
#include "index/crtsh.h"
#include "index/key.h"
#include "index/onecrl.h"
#include "index/sites.h"
#include "index/spkilist.h"

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

	import_record(r->im, r->d);
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

void import_part_chromestore(const struct import *im, struct document *d, char part[256])
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
	/* what is fetched is the whole store: without roots it is in a format that nobody knows yet */
	if (im->o->source && strcmp(im->o->source, "chrome") == 0 && !memmem(d->data, d->n, "trust_anchors", 13))
		return err_set(err, ERR_INPUT, "a Chrome root store without a field 'trust_anchors'");
	return chromestore_read(d->data, d->n, &h, err);
}

/* ---- rank lists ---- */

static int take_rank(void *ctx, uint64_t rank, const char *domain)
{
	struct reading *r = ctx;

	int64_t n = r->d->records;

	import_record(r->im, r->d);
	return db_add_site_rank(r->im->db, r->d->id, n, (int64_t)rank, domain, r->im->err);
}

int import_ranks(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };
	struct ranks_handler h = { take_rank, store_problem, &r, &d->at };

	(void)err;
	im->new_ranks = true;
	return ranks_read(d->data, d->n, &h);
}

struct zip_names {
	size_t n;
	char csv[256];
};

static int note_name(void *ctx, const char *name)
{
	struct zip_names *z = ctx;
	size_t n = strlen(name);

	z->n++;
	if (n > 4 && n < sizeof(z->csv) && strcasecmp(name + n - 4, ".csv") == 0)
		snprintf(z->csv, sizeof(z->csv), "%s", name);
	return z->n > 1 ? -1 : 0;
}

int import_zipped_list(struct import *im, const char *path, bool named)
{
	struct zip_names names = { 0 };
	struct strbuf b = STRBUF_INIT;
	struct err why = { 0 };
	struct zips *z = !im->o->store && zips_is_zip(path) && !zips_is_part(path) ? zips_open(path) : NULL;
	int rc = 0;

	if (z && zips_each(z, note_name, &names, NULL) >= 0 && names.n == 1 && names.csv[0]) {
		rc = zips_read(z, names.csv, ZIPS_FILE_MAX, &b, &why);
		if (rc < 0)
			import_refuse(im, why.msg);
		else if (import_bytes(im, path, path, b.buf, b.len, named) < 0)
			rc = -2;
		rc = rc == -2 ? -1 : 1;
	}
	strbuf_release(&b);
	zips_free(z);
	return rc;
}

/* ---- OneCRL ---- */

static int take_onecrl(void *ctx, const struct onecrl_record *rec)
{
	struct reading *r = ctx;
	uint8_t name[32];
	bool by_serial = rec->form == ONECRL_ISSUER_SERIAL;
	struct slice hashed = by_serial ? rec->issuer : rec->subject;
	struct strbuf note = STRBUF_INIT;

	sha256_of(hashed.p, hashed.n, name);
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
	import_record(r->im, r->d);
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

/* ---- CRLSet ---- */

static int add_statement(struct reading *r, struct db_statement *s)
{
	s->source = REVOKED_CRLSET;
	s->enabled = true;
	import_record(r->im, r->d);
	return db_add_statement(r->im->db, r->d->id, r->d->rules++, s, r->im->err);
}

static int crlset_key(void *ctx, enum crlset_list list, const uint8_t spki_sha256[32])
{
	/* Chrome tells its user of known interception, it does not reject it */
	if (list == CRLSET_KNOWN_INTERCEPTION)
		return 0;
	return add_statement(ctx, &(struct db_statement){ .spki_sha256 = spki_sha256, .note = crlset_list_names[list] });
}

static int crlset_serial(void *ctx, const uint8_t parent_spki_sha256[32], struct slice serial)
{
	return add_statement(ctx, &(struct db_statement){ .issuer_spki_sha256 = parent_spki_sha256,
	                                                  .serial = { serial.p, serial.n } });
}

static void crlset_problem(void *ctx, const char *what)
{
	struct reading *r = ctx;

	import_problem(r->im, r->d, "", what);
}

int import_crlset(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };
	struct crlset_handler h = { .ctx = &r, .key = crlset_key, .serial = crlset_serial, .problem = crlset_problem };

	return crlset_read((const uint8_t *)d->data, d->n, &h, err);
}

static int spkilist_key(void *ctx, const uint8_t spki_sha256[32], const char *name)
{
	return add_statement(ctx, &(struct db_statement){ .spki_sha256 = spki_sha256, .note = name });
}

int import_spkilist(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };
	struct spkilist_handler h = { &r, spkilist_key, store_problem };

	return spkilist_read(d->data, d->n, &h, err);
}

/* ---- lists that add to another one ---- */

static void part_beside(struct document *d, int32_t day, char part[256])
{
	char date[DATE_BUF], hex[17];

	d->day = day;
	d->time = date_start(day);
	hex_encode(d->sha256, 8, hex);
	snprintf(part, 256, "%s + %s", date_format(date, day), hex);
}

void import_part_onecrl(const struct import *im, struct document *d, char part[256])
{
	int32_t day;

	if (onecrl_adds_to(d->data, d->n, &day))
		part_beside(d, day, part);
	else
		import_part_of_day(im, d, part);
}

void import_part_spkilist(const struct import *im, struct document *d, char part[256])
{
	int32_t day;

	if (spkilist_adds_to(d->data, d->n, &day))
		part_beside(d, day, part);
	else
		import_part_of_day(im, d, part);
}

/* ---- CRLs ---- */

/* Entries that wait to be stored together: in the order of the table, for a list comes in none, and to look for the place of
 * each by itself would read and write the whole table again and again once it is larger than what is held of it. */
#define BATCH_ENTRIES 131072

struct waiting {
	uint8_t *serial; /* in the arena */
	size_t n;
	int64_t since;
	int reason;
	size_t at; /* in the list */
};
struct crl_reading {
	struct reading r; /* first: the other callbacks know no more */
	bool told;
	int64_t list;             /* of which they are */
	VEC(struct waiting) batch;
	struct arena arena;
};

static int by_serial(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;
	int order = memcmp(x->serial, y->serial, x->n < y->n ? x->n : y->n);

	if (order == 0)
		order = (x->n > y->n) - (x->n < y->n);
	/* of one that comes twice the later one stays, as without a batch */
	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static int store_batch(struct crl_reading *cr)
{
	struct import *im = cr->r.im;
	int rc = 0;

	if (cr->batch.n)
		qsort(cr->batch.v, cr->batch.n, sizeof(*cr->batch.v), by_serial);
	for (size_t i = 0; rc == 0 && i < cr->batch.n; i++) {
		const struct waiting *w = &cr->batch.v[i];
		rc = db_add_crl_entry(im->db, cr->r.d->id, cr->list, (struct db_blob){ w->serial, w->n },
		                      time_or_null(w->since), w->reason, im->err);
	}
	cr->batch.n = 0;
	arena_release(&cr->arena);
	return rc;
}

static int add_entry(struct crl_reading *cr, const struct crl_entry *e)
{
	uint8_t *serial = arena_dup(&cr->arena, e->serial.p, e->serial.n);

	vec_push(&cr->batch, (struct waiting){ serial, e->serial.n, e->revoked, e->reason, e->number });
	return cr->batch.n < BATCH_ENTRIES ? 0 : store_batch(cr);
}

/* Of a mapped file nothing is kept that was read. */
static void import_passed(void *ctx, const uint8_t *from, const uint8_t *upto)
{
	const struct document *d = ctx;

	if (d->mapped)
		path_map_passed(from, upto);
}

static void crl_passed(void *ctx, const uint8_t *from, const uint8_t *upto)
{
	struct reading *r = ctx;

	import_passed(r->d, from, upto);
	if (r->d->mapped)
		r->d->at = (size_t)(upto - (const uint8_t *)r->d->data);
}

/* Its entries have rows of their own: of the list itself is kept what its signature needs. */
static int add_list(struct reading *r, const struct crl *c, struct db_crl *row)
{
	struct strbuf der = STRBUF_INIT;
	uint8_t digest[CRL_DIGEST_MAX];

	row->digest = (struct db_blob){ digest, crl_digest(c, import_passed, r->d, digest) };
	row->der = (struct db_blob){ c->der.p, c->der.n };
	if (row->digest.n) {
		crl_without_entries(c, &der);
		row->der = (struct db_blob){ (const uint8_t *)der.buf, der.len };
	}
	int rc = db_add_crl(r->im->db, row, r->im->err);
	strbuf_release(&der);
	return rc;
}

/* Clocks differ, but not by more. */
#define AHEAD_MOST ((int64_t)86400)

static bool is_ahead(const struct crl *c)
{
	return c->this_update != TIME_UNKNOWN && c->this_update > time_now() + AHEAD_MOST;
}

static const char *why_not_applied(const struct crl *c)
{
	const char *why = crl_not_applied(c);

	return !why && is_ahead(c) ? "thisUpdate lies in the future" : why;
}

static int crl_header(void *ctx, const struct crl *c)
{
	struct crl_reading *cr = ctx;
	struct reading *r = &cr->r;
	const char *why = why_not_applied(c);
	enum db_crl_scope scope = c->only & CRL_ONLY_CA ? DB_CRL_CAS : DB_CRL_ALL;
	struct db_crl row = {
		.file = r->d->id,
		.n = r->d->rules++,
		.this_update = time_or_null(c->this_update),
		.next_update = time_or_null(c->next_update),
		.applies = why ? DB_CRL_NOTHING : scope,
	};
	char what[128];

	if (why) {
		r->d->records++; /* it was read, so it is not refused */
		snprintf(what, sizeof(what), "%s: recognised, not applied", why);
		import_problem(r->im, r->d, "", what);
	}
	if (r->im->failed || store_batch(cr) < 0 || add_list(r, c, &row) < 0)
		return -1;
	cr->list = row.n;
	return why ? CRL_SKIP : 0;
}

/* An entry of another issuer must not hit a serial number of this one; told once, a list may have a million of them. */
static int crl_entry(void *ctx, const struct crl *c, const struct crl_entry *e)
{
	struct crl_reading *cr = ctx;
	struct import *im = cr->r.im;
	struct document *d = cr->r.d;
	char place[48];

	(void)c;
	import_record(im, d);
	if (crl_entry_applies(e))
		return add_entry(cr, e);
	if (e->reason == CRL_REMOVE || cr->told)
		return 0;
	cr->told = true;
	snprintf(place, sizeof(place), "entry %zu", e->number);
	import_problem(im, d, place,
	               e->foreign_issuer ? "an entry of another issuer: recognised, not applied"
	                                 : "unknown critical extension: recognised, not applied");
	return im->failed ? -1 : 0;
}

static void crl_problem(void *ctx, size_t entry, const char *what)
{
	struct reading *r = ctx;
	char place[48];

	snprintf(place, sizeof(place), "entry %zu", entry);
	import_problem(r->im, r->d, entry ? place : "", what);
}

int import_crl_bytes(struct import *im, struct document *d, const uint8_t *data, size_t n, struct err *err)
{
	struct crl_reading cr = { .r = { im, d } };
	struct crl_handler h = { &cr, crl_header, crl_entry, crl_problem, crl_passed };

	int rc = crl_read(data, n, &h, err);
	if (store_batch(&cr) < 0)
		rc = -1;
	vec_release(&cr.batch);
	return rc;
}

int import_crl(struct import *im, struct document *d, struct err *err)
{
	return import_crl_bytes(im, d, (const uint8_t *)d->data, d->n, err);
}

#define PART_AHEAD " ahead"

struct crl_part {
	size_t lists;
	uint8_t hash[32]; /* issuer and distribution point */
	int64_t this_update;
	bool ahead; /* one of them is from the future */
};

static int crl_part_header(void *ctx, const struct crl *c)
{
	struct crl_part *p = ctx;
	struct strbuf key = STRBUF_INIT;

	strbuf_add(&key, c->issuer.p, c->issuer.n);
	strbuf_add(&key, c->aki_keyid.p, c->aki_keyid.n);
	strbuf_add(&key, c->idp_name.p, c->idp_name.n);
	strbuf_addf(&key, "%d %d", c->only, c->is_delta);
	if (p->lists++ == 0)
		sha256_of(key.buf, key.len, p->hash);
	p->this_update = c->this_update;
	p->ahead |= is_ahead(c);
	strbuf_release(&key);
	return CRL_SKIP;
}

void import_part_crl(const struct import *im, struct document *d, char part[256])
{
	struct crl_part p = { 0 };
	struct crl_handler h = { .ctx = &p, .header = crl_part_header };

	(void)im;
	crl_read((const uint8_t *)d->data, d->n, &h, NULL);
	/* several lists in one file are no part of anything: they stand for themselves */
	hex_encode(p.lists == 1 ? p.hash : d->sha256, 32, part);
	if (p.lists == 1 && p.this_update != TIME_UNKNOWN) {
		d->time = p.this_update;
		d->day = p.ahead ? date_today() : date_of_time(p.this_update);
	}
	/* it stands beside those that are applied, and is read anew when its time has come */
	if (p.ahead)
		snprintf(part + strlen(part), 256 - strlen(part), "%s", PART_AHEAD);
}

int import_crl_has_come(struct import *im, const struct document *d, const char *part)
{
	char ahead[256];
	int64_t time;
	bool found;

	if (strlen(part) + sizeof(PART_AHEAD) > sizeof(ahead) || strstr(part, PART_AHEAD))
		return 0;
	snprintf(ahead, sizeof(ahead), "%s%s", part, PART_AHEAD);
	if (db_file_time(im->db, "crl", ahead, &found, &time, im->err) < 0)
		return -1;
	return found && time <= d->time ? db_drop_file(im->db, "crl", ahead, im->err) : 0;
}

/* Whose key verifies a list. */
struct crl_signer {
	const struct crl *c;
	size_t tried;
	bool found;
	uint8_t spki_sha256[32];
};

static int try_signer(void *ctx, struct db_blob der)
{
	struct crl_signer *s = ctx;
	struct x509_cert cert;

	s->tried++;
	if (s->found || x509_parse(der.p, der.n, &cert, NULL) < 0)
		return 0;
	EVP_PKEY *key = key_load(cert.spki);
	s->found = key && crl_verify(s->c, key) == 1;
	if (s->found)
		sha256_of(cert.spki.p, cert.spki.n, s->spki_sha256);
	EVP_PKEY_free(key);
	return 0;
}

static int try_if_named(void *ctx, const struct db_certificate *c)
{
	struct crl_signer *s = ctx;

	return memmem(c->der.p, c->der.n, s->c->issuer.p, s->c->issuer.n) ? try_signer(s, c->der) : 0;
}

/* Those of this import are not linked yet, so each certificate is looked at that may be one of the issuer. */
static int find_signer(struct import *im, struct crl_signer *s)
{
	return db_each_unsettled(im->db, try_if_named, s, im->err);
}

struct crl_held {
	struct import *im;
	struct crl_signer signer;
};

static int find_signer_of_held(void *ctx, const struct db_crl *row)
{
	struct crl_held *held = ctx;
	struct crl c;

	if (crl_parse(row->der.p, row->der.n, &c, NULL) < 0)
		return 0;
	c.digest = (struct slice){ row->digest.p, row->digest.n };
	held->signer.c = &c;
	return find_signer(held->im, &held->signer);
}

struct crl_placing {
	struct import *im;
	const struct document *d;
	char *part;
	enum crl_place place;
	int rc;
};

static void place_beside(struct crl_placing *p, const uint8_t spki_sha256[32])
{
	size_t n = strlen(p->part);

	if (n > 128) /* it is its own already */
		return;
	p->place = CRL_BESIDE;
	snprintf(p->part + n, 256 - n, " + ");
	hex_encode(spki_sha256, 32, p->part + n + 3);
}

static int place_list(void *ctx, const struct crl *list)
{
	struct crl_placing *p = ctx;
	struct crl crl = *list, *c = &crl;
	struct crl_signer linked = { .c = c }, own = { .c = c };
	uint8_t digest[CRL_DIGEST_MAX];

	crl.digest = (struct slice){ digest, crl_digest(list, import_passed, (void *)(uintptr_t)p->d, digest) };
	struct crl_held held = { .im = p->im };

	p->rc = db_crl_signer(p->im->db, p->part, try_signer, &linked, p->im->err);
	if (p->rc < 0 || linked.found)
		return CRL_SKIP;
	p->rc = find_signer(p->im, &own);
	if (p->rc == 0 && !linked.tried)
		p->rc = db_crl_held(p->im->db, p->part, find_signer_of_held, &held, p->im->err);
	bool held_is_good = linked.tried || held.signer.found;
	if (!own.found)
		p->place = held_is_good ? CRL_FORGED : CRL_IN_TURN;
	else if (!held_is_good)
		p->place = CRL_FIRST;
	else if (linked.tried || memcmp(own.spki_sha256, held.signer.spki_sha256, 32) != 0)
		place_beside(p, own.spki_sha256);
	return CRL_SKIP;
}

int import_crl_place(struct import *im, const struct document *d, char part[256], enum crl_place *ret)
{
	struct crl_placing p = { im, d, part, CRL_IN_TURN, 0 };
	struct crl_handler h = { .ctx = &p, .header = place_list };

	crl_read((const uint8_t *)d->data, d->n, &h, NULL);
	*ret = p.place;
	return p.rc;
}

/* ---- figures ---- */

void import_part_figures(const struct import *im, struct document *d, char part[256])
{
	(void)im;
	snprintf(part, 256, "%.255s", path_base(d->origin));
}

static struct db_int count_or_null(int64_t n)
{
	return n == COUNT_UNKNOWN ? DB_NULL : DB_INT(n);
}

static int add_figure_refs(struct reading *r, const struct countscsv_figure *f)
{
	struct strbuf ref = STRBUF_INIT;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < f->n_refs; i++) {
		strbuf_reset(&ref);
		text_clean(&ref, f->ref[i], strlen(f->ref[i]));
		rc = db_add_figure_ref(r->im->db, r->d->id, (int64_t)f->line, (int64_t)i, ref.buf, r->im->err);
	}
	strbuf_release(&ref);
	return rc;
}

static int take_figure(void *ctx, const struct countscsv_figure *f)
{
	struct reading *r = ctx;
	struct strbuf source = STRBUF_INIT;

	text_clean(&source, f->source, strlen(f->source));
	struct db_figure row = {
		.file = r->d->id,
		.n = (int64_t)f->line,
		.kind = "figure",
		.issued = count_or_null(f->issued),
		.low = count_or_null(f->low),
		.high = count_or_null(f->high),
		.about = f->about,
		.source = source.buf,
		.as_of = f->as_of,
	};
	int rc = db_add_figure(r->im->db, &row, r->im->err);
	strbuf_release(&source);
	if (rc < 0 || add_figure_refs(r, f) < 0)
		return -1;
	import_record(r->im, r->d);
	return 0;
}

int import_figures(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };

	return countscsv_read(d->data, d->n, &(struct countscsv_handler){ &r, take_figure, store_problem }, err);
}

/* ---- crt.sh's counters ---- */

void import_part_crtsh(const struct import *im, struct document *d, char part[256])
{
	(void)im;
	(void)d;
	snprintf(part, 256, "counters");
}

static struct db_int crtsh_time(int64_t t)
{
	return t == CRTSH_NONE ? DB_NULL : DB_INT(t);
}

/* A counter that crt.sh never counted up is none: nothing was issued. */
static int64_t crtsh_count(int64_t n)
{
	return n == CRTSH_NONE ? 0 : n;
}

static int take_counter(void *ctx, size_t line, const struct crtsh_row *row)
{
	struct reading *r = ctx;
	struct db_crtsh c = {
		.file = r->d->id,
		.n = (int64_t)line,
		.id = row->id,
		.spki_sha256 = row->spki_sha256,
		.name = row->name,
		.last_not_after = crtsh_time(row->last_not_after),
		.next_not_after = crtsh_time(row->next_not_after),
		.asked_at = row->asked_at,
	};

	if (row->id == CRTSH_NONE)
		return 0;
	for (int i = 0; i < 2; i++) {
		c.issued[i] = crtsh_count(row->issued[i]);
		c.expired[i] = crtsh_count(row->expired[i]);
		if (c.expired[i] > c.issued[i]) {
			store_problem(r, line, "more certificates expired than were issued: not counted");
			return 0;
		}
	}
	int rc = db_add_crtsh(r->im->db, &c, r->im->err);
	if (rc == 0)
		import_record(r->im, r->d);
	return rc;
}

int import_crtsh(struct import *im, struct document *d, struct err *err)
{
	struct reading r = { im, d };

	return crtsh_read(d->data, d->n, &(struct crtsh_handler){ &r, take_counter, store_problem }, err);
}

void import_part_crtsh_days(const struct import *im, struct document *d, char part[256])
{
	struct crtsh_exact e;

	(void)im;
	if (crtsh_days_read(d->data, d->n, &e, NULL) < 0) { /* told when it is read */
		snprintf(part, 256, "broken");
		return;
	}
	snprintf(part, 256, "CA %lld", (long long)e.id);
	free(e.name);
}

int import_crtsh_days(struct import *im, struct document *d, struct err *err)
{
	struct crtsh_exact e;

	if (crtsh_days_read(d->data, d->n, &e, err) < 0)
		return -1;
	struct db_crtsh_exact row = { d->id, e.id, e.spki_sha256, e.name, e.leaves, e.asked_at };
	int rc = db_add_crtsh_exact(im->db, &row, im->err);
	im->failed |= rc < 0;
	free(e.name);
	d->records = 1;
	return rc;
}
