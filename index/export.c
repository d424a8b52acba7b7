#include "index/export.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "index/exporting.h"
#include "index/import.h"
#include "index/onecrl.h"
#include "index/spkilist.h"

#define NAMES_TOLD 3 /* of the CAs that come out otherwise */

const struct export_kind export_kinds[EXPORT_FORMATS] = {
	[EXPORT_ONECRL] = { "onecrl", "OneCRL", "mozilla", true },
	[EXPORT_BLOCKLIST] = { "blocklist", "a list of blocked keys", "chrome", true },
	[EXPORT_CERTDATA] = { "certdata", "certdata.txt", "mozilla", false },
	[EXPORT_CONSTRAINTS] = { "constraints", "Chrome's root store", "chrome", true },
};

static void note(struct exporting *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void note(struct exporting *w, const char *fmt, ...)
{
	struct strbuf b = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	vec_push(&w->x->note, strbuf_detach(&b));
}

/* ---- what a mark hits ---- */

bool export_is_anchor(const struct exporting *w, uint32_t cert)
{
	if (store_anchor(w->q->store, cert, w->q->purpose))
		return true;
	for (size_t i = 0; i < w->q->n_assume; i++) {
		if (w->q->assume[i] == cert)
			return true;
	}
	return false;
}

bool export_only_as_anchor(const struct exporting *w, uint32_t cert)
{
	const struct ca_cert *c = &w->g->cert.v[cert];

	for (uint32_t i = 0; i < c->n_issuers; i++) {
		if (w->g->issuers[c->first_issuer + i] != c->ca)
			return false;
	}
	return true;
}

static void key_hits(const struct graph *g, uint32_t key, void (*each)(void *ctx, uint32_t cert), void *ctx)
{
	for (uint32_t i = g->key_first[key]; i < g->key_first[key + 1]; i++) {
		const struct ca *ca = &g->ca.v[g->key_cas[i]];

		for (uint32_t k = 0; k < ca->n_certs; k++)
			each(ctx, g->ca_certs[ca->first_cert + k]);
	}
}

void export_hits(const struct exporting *w, const struct mark *m, void (*each)(void *ctx, uint32_t cert), void *ctx)
{
	if (m->action == MARK_BLOCK)
		key_hits(w->g, m->target, each, ctx);
	else
		each(ctx, m->target);
}

static void set_cut(void *ctx, uint32_t cert)
{
	struct exporting *w = ctx;

	w->cut[cert] = 1;
}

static void find_cut(struct exporting *w)
{
	w->cut = xcalloc(w->g->cert.n + 1, 1);
	for (size_t i = 0; i < w->q->n_marks; i++) {
		const struct mark *m = &w->q->marks[i];

		if (m->action == MARK_BLOCK || m->action == MARK_REVOKE ||
			(m->action == MARK_REMOVE && export_is_anchor(w, m->target) &&
				export_only_as_anchor(w, m->target)))
			export_hits(w, m, set_cut, w);
	}
}

struct key_asked {
	const struct exporting *w;
	bool spared;
};

static void ask_spared(void *ctx, uint32_t cert)
{
	struct key_asked *k = ctx;

	k->spared |= !k->w->cut[cert] && cert_valid_on(&k->w->g->cert.v[cert], k->w->q->day);
}

static bool is_dated(const struct mark *m)
{
	return m->action == MARK_DISTRUST_AFTER || m->action == MARK_SCT_NOT_AFTER;
}

/* ---- why a list cannot say a mark ---- */

static const char *onecrl_cannot(const struct exporting *w, const struct mark *m)
{
	if (is_dated(m))
		return "OneCRL knows no dates";
	if (m->action == MARK_REMOVE && !export_only_as_anchor(w, m->target))
		return "OneCRL would reject it below other anchors, too";
	return NULL;
}

static const char *blocklist_cannot(const struct exporting *w, const struct mark *m)
{
	struct key_asked k = { w, false };

	if (is_dated(m))
		return "a list of keys knows no dates";
	if (m->action == MARK_BLOCK)
		return NULL;
	key_hits(w->g, w->g->ca.v[w->g->cert.v[m->target].ca].key, ask_spared, &k);
	return k.spared ? "its key stands in a certificate that is not marked, too" : NULL;
}

/* ---- OneCRL ---- */

/* The day of the list of the source that holds on the query's day: the newest not later, else the oldest. */
struct list_day {
	int32_t asked, day;
	bool found;
};

static int take_list_day(void *ctx, int64_t day)
{
	struct list_day *l = ctx;

	if (!l->found || day <= l->asked)
		l->day = (int32_t)day;
	l->found = true;
	return 0;
}

static int find_list_day(struct exporting *w, enum revocation_source source, struct list_day *l, struct err *err)
{
	*l = (struct list_day){ .asked = w->q->day };
	return db_each_list_day(w->ix->db, (int)source, take_list_day, l, err);
}

static int reject_one(void *ctx, int64_t id)
{
	struct exporting *w = ctx;
	uint32_t cert = index_cert_of(w->ix, id);

	if (cert != NO_INDEX)
		vec_push(&w->effect, (struct mark){ .action = MARK_REVOKE, .target = cert, .since = MARK_ALWAYS });
	return 0;
}

static const char *why_of(const struct mark *m)
{
	return m->action == MARK_BLOCK ? "block" : m->action == MARK_REVOKE ? "revoke" : "remove";
}

/* By issuer and serial number: whatever else has both is rejected with it. */
static int write_by_serial(struct exporting *w, const struct mark *m, const struct x509_cert *x, struct err *err)
{
	struct onecrl_record r = { .form = ONECRL_ISSUER_SERIAL,
		.issuer = x->issuer,
		.serial = x->serial,
		.enabled = true,
		.why = why_of(m) };
	uint8_t issuer[32];

	onecrl_write_record(&w->x->text, &r, w->g->ca.v[w->g->cert.v[m->target].ca].name);
	sha256_of(x->issuer.p, x->issuer.n, issuer);
	return db_each_ca_cert_named(
		w->ix->db, issuer, (struct db_blob){ x->serial.p, x->serial.n }, reject_one, w, err);
}

static int write_revoked(struct exporting *w, const struct mark *m, struct err *err)
{
	struct x509_cert x;
	uint8_t *der;
	size_t n;
	int rc;

	if (index_cert_der(w->ix, m->target, &der, &n, err) < 0)
		return -1;
	rc = x509_parse(der, n, &x, err);
	if (rc == 0)
		rc = write_by_serial(w, m, &x, err);
	free(der);
	return rc;
}

/* By subject and key: one record for each name of the key. */
static int write_name(struct exporting *w, const struct mark *m, const struct ca *ca, struct err *err)
{
	struct onecrl_record r = { .form = ONECRL_SUBJECT_KEY, .enabled = true, .why = why_of(m) };
	struct x509_cert x;
	uint8_t *der;
	size_t n;
	int rc;

	if (index_cert_der(w->ix, w->g->ca_certs[ca->first_cert], &der, &n, err) < 0)
		return -1;
	rc = x509_parse(der, n, &x, err);
	if (rc == 0) {
		r.subject = x.subject;
		memcpy(r.spki_sha256, ca->spki_sha256, sizeof(r.spki_sha256));
		onecrl_write_record(&w->x->text, &r, ca->name);
	}
	free(der);
	return rc;
}

static int write_blocked(struct exporting *w, const struct mark *m, struct err *err)
{
	const struct graph *g = w->g;

	for (uint32_t i = g->key_first[m->target]; i < g->key_first[m->target + 1]; i++) {
		const struct ca *ca = &g->ca.v[g->key_cas[i]];

		if (ca->n_certs && write_name(w, m, ca, err) < 0)
			return -1;
	}
	vec_push(&w->effect, *m);
	return 0;
}

static bool does_nothing(const struct exporting *w, const struct mark *m)
{
	return m->action == MARK_REMOVE && !export_is_anchor(w, m->target);
}

static int export_onecrl(struct exporting *w, struct err *err)
{
	uint8_t *done = xcalloc(w->g->cert.n + 1, 1);
	struct list_day list;
	int rc = find_list_day(w, REVOKED_ONECRL, &list, err);

	onecrl_write_begin(&w->x->text, list.found ? &list.day : NULL);
	for (size_t i = 0; rc == 0 && i < w->q->n_marks; i++) {
		const struct mark *m = &w->q->marks[i];

		if (does_nothing(w, m) || onecrl_cannot(w, m))
			continue;
		if (m->action == MARK_BLOCK)
			rc = write_blocked(w, m, err);
		else if (!done[m->target])
			rc = write_revoked(w, m, err);
		if (m->action != MARK_BLOCK)
			done[m->target] = 1;
	}
	onecrl_write_end(&w->x->text);
	free(done);
	return rc;
}

/* ---- blocked keys ---- */

static int export_blocklist(struct exporting *w, struct err *err)
{
	uint8_t *done = xcalloc(w->g->n_keys + 1, 1);
	struct list_day list;
	int rc = find_list_day(w, REVOKED_CRLSET, &list, err);

	spkilist_write_head(&w->x->text, list.found ? &list.day : NULL);
	export_head(w, "keys that Chrome would block");
	for (size_t i = 0; rc == 0 && i < w->q->n_marks; i++) {
		const struct mark *m = &w->q->marks[i];
		uint32_t key = m->target;

		if (does_nothing(w, m) || blocklist_cannot(w, m))
			continue;
		if (m->action != MARK_BLOCK)
			key = w->g->ca.v[w->g->cert.v[m->target].ca].key;
		if (done[key])
			continue;
		done[key] = 1;
		const struct ca *ca = &w->g->ca.v[w->g->key_cas[w->g->key_first[key]]];
		spkilist_write_key(&w->x->text, ca->spki_sha256, ca->name);
		vec_push(&w->effect, (struct mark){ .action = MARK_BLOCK, .target = key, .since = MARK_ALWAYS });
	}
	free(done);
	return rc;
}

/* ---- what all have ---- */

void export_clean(struct strbuf *out, const char *text)
{
	text_clean(out, text, strlen(text));
}

void export_head(struct exporting *w, const char *what)
{
	char date[DATE_BUF];

	strbuf_addf(&w->x->text, "# %s, written by 'canopy export %s'; %s, %s, on %s\n", what, w->kind->name,
		w->q->store->program, purpose_names[w->q->purpose], date_format(date, w->q->day));
	for (size_t i = 0; i < w->s->mark.n; i++) {
		char *text = scenario_mark_line(&w->s->mark.v[i]);

		strbuf_addstr(&w->x->text, "# ");
		export_clean(&w->x->text, text);
		strbuf_addch(&w->x->text, '\n');
		free(text);
	}
}

static const struct writer {
	const char *(*cannot)(const struct exporting *w, const struct mark *m);
	int (*write)(struct exporting *w, struct err *err);
	const char *block_is; /* what stands for a blocked key */
	bool is_store;
} writers[EXPORT_FORMATS] = {
	[EXPORT_ONECRL] = { onecrl_cannot, export_onecrl, "the names of that key that are indexed", false },
	[EXPORT_BLOCKLIST] = { blocklist_cannot, export_blocklist, NULL, false },
	[EXPORT_CERTDATA] = { certdata_cannot, export_certdata, "the certificates of that key that are indexed", true },
	[EXPORT_CONSTRAINTS] = { constraints_cannot, export_constraints, "the anchors of that key that are indexed",
		true },
};

/* Of one mark as written: how many of its hits can be said. */
static void judge_mark(struct exporting *w, const struct writer *f, uint32_t number)
{
	const struct scenario_mark *sm = &w->s->mark.v[number];
	size_t said = 0, unsaid = 0;
	const char *why = NULL;
	char *text = scenario_mark_text(sm), date[DATE_BUF];

	if (sm->since > w->q->day) {
		note(w, "'%s' is left out: it is in force only from %s on", text, date_format(date, sm->since));
		free(text);
		return;
	}
	for (size_t i = 0; i < w->q->n_marks; i++) {
		const struct mark *m = &w->q->marks[i];
		const char *cannot;

		if (m->from != number || does_nothing(w, m))
			continue;
		cannot = f->cannot(w, m);
		said += !cannot;
		unsaid += cannot != NULL;
		why = cannot ? cannot : why;
	}
	w->x->marks += said + unsaid > 0;
	w->x->said += said > 0;
	if (!said && !unsaid)
		note(w, "'%s' adds nothing", text);
	else if (!said)
		note(w, "'%s' is not said in %s: %s", text, w->kind->what, why);
	else if (unsaid)
		note(w, "'%s' is said of %zu of its %zu certificates: %s", text, said, said + unsaid, why);
	else if (sm->action == MARK_BLOCK && f->block_is)
		note(w, "'%s' is said of %s, not of the key", text, f->block_is);
	free(text);
}

/* What the notes on the marks do not say already. */
static const char *why_otherwise(const struct exporting *w, const struct writer *f)
{
	if (!f->is_store && w->q->revocation == REVOCATION_NONE)
		return ", for revocations are not looked at";
	return w->q->n_exempt ? ", for no path can be exempt in this format" : "";
}

/* What was written is judged as if it were read back. */
static void judge_written(struct exporting *w, const struct writer *f)
{
	struct trust_query back = *w->q;
	struct trust *marked = trust_compute(w->q), *written;
	struct strbuf names = STRBUF_INIT;

	back.n_exempt = 0;
	back.marks = w->effect.v;
	/* where no revocation is looked at, that a list revokes changes nothing */
	back.n_marks = w->q->revocation == REVOCATION_NONE ? 0 : w->effect.n;
	if (f->is_store) {
		back.store = &w->store;
		back.n_marks = back.n_assume = 0;
	}
	written = trust_compute(&back);
	for (uint32_t ca = 0; ca < w->g->ca.n; ca++) {
		if (trust_same_after(marked, written, ca))
			continue;
		if (w->x->differ++ < NAMES_TOLD)
			strbuf_addf(&names, "%s'%s'", names.len ? ", " : "", w->g->ca.v[ca].name);
	}
	if (w->x->differ)
		note(w, "read back, %zu CA%s accepted otherwise than under the marks%s: %s%s", w->x->differ,
			w->x->differ == 1 ? " is" : "s are", why_otherwise(w, f), names.buf,
			w->x->differ > NAMES_TOLD ? " …" : "");
	strbuf_release(&names);
	trust_free(marked);
	trust_free(written);
}

/* The marks that are in force on the query's day; caller frees. */
static struct mark *in_force(const struct trust_query *q, size_t *n)
{
	struct mark *own = xcalloc(q->n_marks + 1, sizeof(*own));

	*n = 0;
	for (size_t i = 0; i < q->n_marks; i++)
		if (mark_in_force(&q->marks[i], q->day))
			own[(*n)++] = q->marks[i];
	return own;
}

int export_write(struct index *ix, const struct scenario *s, const struct trust_query *asked, enum export_format f,
	struct export *ret, struct err *err)
{
	struct trust_query q = *asked;
	struct exporting w = { .ix = ix, .g = q.graph, .s = s, .q = &q, .kind = &export_kinds[f], .x = ret };
	struct mark *marks = in_force(asked, &q.n_marks);
	int rc;

	q.marks = marks;

	*ret = (struct export){ .text = STRBUF_INIT };
	find_cut(&w);
	for (uint32_t i = 0; i < s->mark.n; i++)
		judge_mark(&w, &writers[f], i);
	rc = ret->said || (writers[f].is_store && !ret->marks) ? writers[f].write(&w, err) : 0;
	if (rc == 0 && ret->text.len)
		judge_written(&w, &writers[f]);
	free(w.cut);
	free(marks);
	vec_release(&w.effect);
	arena_release(&w.arena);
	return rc;
}

void export_release(struct export *x)
{
	for (size_t i = 0; i < x->note.n; i++)
		free(x->note.v[i]);
	vec_release(&x->note);
	strbuf_release(&x->text);
}
