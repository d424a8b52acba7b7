/* What a certdata.txt holds besides anchors: certificates that are trusted for nothing, and those that it distrusts,
 * also by name alone. */
#include <openssl/evp.h>
#include <string.h>

#include "index/certdata.h"
#include "index/exporting.h"
#include "index/import.h"
#include "index/name.h"

static int64_t snapshot_of(const struct exporting *w)
{
	for (size_t i = 0; i < w->ix->snapshot.n; i++)
		if (w->ix->snapshot.v[i].store == w->q->store)
			return w->ix->snapshot.v[i].id;
	return -1;
}

struct held_reading {
	struct exporting *w;
	void (*held)(void *ctx, uint32_t cert);
	void *ctx;
	struct held_others *to;
};

static struct slice kept(struct exporting *w, struct slice s)
{
	return (struct slice){ arena_dup(&w->arena, s.p, s.n), s.n };
}

static int take_held(void *ctx, const struct db_certificate *c)
{
	struct held_reading *r = ctx;
	uint32_t cert = index_cert_of(r->w->ix, c->id);
	struct held_other o = { 0 };
	struct x509_cert x;

	if (cert != NO_INDEX) {
		r->held(r->ctx, cert);
		return 0;
	}
	o.der = kept(r->w, (struct slice){ c->der.p, c->der.n });
	if (x509_parse(o.der.p, o.der.n, &x, NULL) < 0)
		return 0; /* as when it was read */
	o.issuer = x.issuer;
	o.serial = x.serial;
	sha256_of(x.issuer.p, x.issuer.n, o.issuer_sha256);
	vec_push(r->to, o);
	return 0;
}

static bool is_named(const struct held_other *o, const struct db_distrust *d)
{
	return o->serial.n == d->serial.n && memcmp(o->issuer_sha256, d->issuer_sha256, 32) == 0 &&
	       (!d->serial.n || memcmp(o->serial.p, d->serial.p, d->serial.n) == 0);
}

static int take_distrust(void *ctx, const struct db_distrust *d)
{
	struct held_reading *r = ctx;
	struct held_other o = { 0 };
	struct x509_cert x;
	size_t i = 0;

	while (i < r->to->n && !is_named(&r->to->v[i], d))
		i++;
	if (i == r->to->n) {
		/* the name, which distrust is kept by the hash of, as another certificate of that issuer has it */
		if (!d->of_issuer.n || x509_parse(d->of_issuer.p, d->of_issuer.n, &x, NULL) < 0)
			return 0;
		memcpy(o.issuer_sha256, d->issuer_sha256, 32);
		o.issuer = kept(r->w, x.issuer);
		o.serial = kept(r->w, (struct slice){ d->serial.p, d->serial.n });
		vec_push(r->to, o);
	}
	if (d->purpose >= 0 && d->purpose < PURPOSE_COUNT)
		r->to->v[i].distrusted[d->purpose] = true;
	return 0;
}

int export_held(struct exporting *w, void (*held)(void *ctx, uint32_t cert), void *ctx, struct held_others *ret,
	struct err *err)
{
	struct held_reading r = { w, held, ctx, ret };
	int64_t id = snapshot_of(w);

	if (db_each_certdata_certificate(w->ix->db, id, take_held, &r, err) < 0)
		return -1;
	return db_each_other_distrust(w->ix->db, id, take_distrust, &r, err);
}

static void add_label(const struct held_other *o, struct strbuf *out)
{
	struct x509_cert x;

	if (o->der.n && x509_parse(o->der.p, o->der.n, &x, NULL) == 0) {
		if (!x509_name_label(x.subject, out))
			x509_name_text(x.subject, out);
		return;
	}
	strbuf_addstr(out, "serial number ");
	strbuf_addhex(out, o->serial.p, o->serial.n);
	strbuf_addstr(out, " of ");
	if (!x509_name_label(o->issuer, out))
		x509_name_text(o->issuer, out);
}

int export_held_write(const struct held_other *o, struct strbuf *out, struct err *err)
{
	struct strbuf label = STRBUF_INIT;
	struct certdata_cert object = { .der = o->der,
		.server_distrust_after = DISTRUST_NEVER,
		.email_distrust_after = DISTRUST_NEVER,
		.mozilla_policy = !o->distrusted[PURPOSE_TLS] };
	struct certdata_trust trust = { .issuer = o->issuer,
		.serial = o->serial,
		.has_sha1 = o->der.n > 0,
		.server = o->distrusted[PURPOSE_TLS] ? TRUST_NOT_TRUSTED : TRUST_MUST_VERIFY,
		.email = o->distrusted[PURPOSE_EMAIL] ? TRUST_NOT_TRUSTED : TRUST_MUST_VERIFY };
	int rc = 0;

	add_label(o, &label);
	object.label = trust.label = label.buf;
	strbuf_addf(out, "\n# %s", label.buf);
	if (o->der.n) {
		EVP_Digest(o->der.p, o->der.n, trust.sha1, NULL, EVP_sha1(), NULL);
		rc = certdata_write_cert(out, &object, err);
	}
	certdata_write_trust(out, &trust);
	strbuf_release(&label);
	return rc;
}
