#include <string.h>

#include "lists.h"
#include "out.h"

enum { TAG_ENUM = 0x0a };

/* An extension around a value of one element. */
static void put_ext(struct der *d, const char *oid, int critical, const struct der *value)
{
	size_t at = der_open(d);

	der_oid(d, oid);
	if (critical)
		der_true(d);
	der_tlv(d, TAG_OCTETS, value->p, value->n);
	der_close(d, at, TAG_SEQ);
}

static void put_number(struct der *d, const char *oid, unsigned number, int critical)
{
	struct der value = { 0 };

	der_small(&value, number);
	put_ext(d, oid, critical, &value);
	der_release(&value);
}

static void put_reason(struct der *d, unsigned reason)
{
	uint8_t code = (uint8_t)reason;
	struct der value = { 0 };

	der_tlv(&value, TAG_ENUM, &code, 1);
	put_ext(d, "2.5.29.21", 0, &value);
	der_release(&value);
}

static void put_issuer(struct der *d, const struct der *name)
{
	struct der value = { 0 };
	size_t names = der_open(&value), directory = der_open(&value);

	der_bytes(&value, name->p, name->n);
	der_close(&value, directory, 0xa4);
	der_close(&value, names, TAG_SEQ);
	put_ext(d, "2.5.29.29", 1, &value);
	der_release(&value);
}

/* issuingDistributionPoint with a name of its own, that lists do not stand for one another. */
static void put_point(struct der *d, const struct crl_def *def)
{
	struct der value = { 0 };
	size_t at = der_open(&value), point = der_open(&value), full = der_open(&value);
	char url[160];

	snprintf(url, sizeof(url), "http://crl.example/%s", def->path);
	der_tlv(&value, 0x86, url, strlen(url));
	der_close(&value, full, 0xa0);
	der_close(&value, point, 0xa0);
	if (def->flags & CRL_USERS)
		der_tlv(&value, 0x81, "\xff", 1);
	if (def->flags & CRL_INDIRECT)
		der_tlv(&value, 0x84, "\xff", 1);
	der_close(&value, at, TAG_SEQ);
	put_ext(d, "2.5.29.28", 1, &value);
	der_release(&value);
}

static void put_extensions(struct der *d, const struct crl_def *def, const struct ca *issuer)
{
	size_t outer = der_open(d), at = der_open(d);

	ext_aki(d, &issuer->spki);
	put_number(d, "2.5.29.20", def->number, 0);
	if (def->flags & CRL_DELTA)
		put_number(d, "2.5.29.27", def->number - 1, 1);
	if (def->flags & (CRL_USERS | CRL_INDIRECT))
		put_point(d, def);
	der_close(d, at, TAG_SEQ);
	der_close(d, outer, 0xa0);
}

static void find_serial(const struct world *w, const char *nick, const uint8_t **p, size_t *n)
{
	for (size_t i = 0; i < cert_count; i++) {
		if (strcmp(w->certs[i].nick, nick) == 0) {
			*p = w->certs[i].serial;
			*n = w->certs[i].serial_len;
			return;
		}
	}
	for (size_t i = 0; i < w->leaf_n; i++) {
		if (strcmp(w->leaves[i].nick, nick) == 0) {
			*p = w->leaves[i].serial;
			*n = w->leaves[i].serial_len;
			return;
		}
	}
	die("a CRL names '%s', which is not in the world", nick);
}

static void put_entry(struct der *d, const struct world *w, const struct crl_entry_def *e)
{
	size_t at = der_open(d), exts;
	const uint8_t *serial;
	size_t n;

	find_serial(w, e->nick, &serial, &n);
	der_tlv(d, TAG_INT, serial, n);
	der_time(d, e->when, 0);
	exts = der_open(d);
	if (e->reason)
		put_reason(d, e->reason);
	if (e->issuer)
		put_issuer(d, &world_ca(w, e->issuer)->name);
	if (d->n > exts)
		der_close(d, exts, TAG_SEQ);
	der_close(d, at, TAG_SEQ);
}

static void put_entries(struct der *d, const struct world *w, const struct crl_def *def)
{
	size_t at = der_open(d);

	for (size_t i = 0; i < crl_entry_count; i++)
		if (strcmp(crl_entry_defs[i].path, def->path) == 0)
			put_entry(d, w, &crl_entry_defs[i]);
	if (d->n > at)
		der_close(d, at, TAG_SEQ);
}

static void make_crl(const struct world *w, const struct crl_def *def, struct der *out)
{
	const struct ca *issuer = world_ca(w, def->issuer), *signer = def->signer ? world_ca(w, def->signer) : issuer;
	size_t at = der_open(out);

	der_small(out, 1);
	alg_der(out, signer->key);
	der_bytes(out, issuer->name.p, issuer->name.n);
	der_time(out, def->from, 0);
	der_time(out, def->until, 0);
	put_entries(out, w, def);
	put_extensions(out, def, issuer);
	der_close(out, at, TAG_SEQ);
	if (def->flags & CRL_UNSIGNED)
		alg_der(out, signer->key);
	else
		signature_der(out, at, signer->key, (def->flags & CRL_CORRUPT) != 0);
	der_close(out, at, TAG_SEQ);
}

void emit_crls(const struct world *w)
{
	for (size_t i = 0; i < crl_count; i++) {
		const struct crl_def *def = &crl_defs[i];
		struct der d = { 0 };
		FILE *f = out_open("%s", def->path);

		make_crl(w, def, &d);
		if (def->flags & CRL_PEM) {
			fprintf(f, "Issuer: %s (fictional)\n", def->issuer);
			out_block(f, "X509 CRL", d.p, d.n, "\n");
			fputc('\n', f);
		} else {
			fwrite(d.p, 1, def->flags & CRL_CUT ? d.n * 2 / 3 : d.n, f);
		}
		der_release(&d);
		out_close(f);
	}
}
