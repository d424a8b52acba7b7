#include "world.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "keys.h"
#include "out.h"

enum { KU_SIGN = 0x80, KU_CERT = 0x04, KU_CRL = 0x02 };

struct ca *world_ca(const struct world *w, const char *nick)
{
	for (size_t i = 0; i < ca_count; i++)
		if (strcmp(w->cas[i].def->nick, nick) == 0)
			return &w->cas[i];
	die("the tables have no CA '%s'", nick);
}

const struct cert *world_cert(const struct world *w, const char *nick)
{
	for (size_t i = 0; i < cert_count; i++)
		if (strcmp(w->certs[i].nick, nick) == 0)
			return &w->certs[i];
	die("the tables have no certificate '%s'", nick);
}

const struct cert *top_of(const struct cert *c)
{
	while (c->parent && c->parent != c)
		c = c->parent;
	return c;
}

const struct root_def *root_of(const struct cert *c)
{
	const char *nick = top_of(c)->nick;

	for (size_t i = 0; i < root_count; i++)
		if (root_defs[i].mozilla && strcmp(root_defs[i].cert, nick) == 0)
			return &root_defs[i];
	return NULL;
}

size_t serial_make(const char *hex, const char *nick, uint8_t out[40])
{
	size_t n = 0;

	if (!hex) {
		rng_seed("serial", nick, strlen(nick));
		rng_bytes(out, 16);
		out[0] = (uint8_t)((out[0] & 0x3f) | 0x40);
		return 16;
	}
	for (; hex[0] && n < 40; hex += 2) {
		char pair[3] = { hex[0], hex[1], '\0' };

		out[n++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

static const struct owner_def *find_owner(const char *nick)
{
	for (size_t i = 0; i < owner_count; i++)
		if (strcmp(owner_defs[i].nick, nick) == 0)
			return &owner_defs[i];
	die("the tables have no owner '%s'", nick);
}

static void ca_name(const struct ca *ca, int folded, struct der *out)
{
	struct name_in in = {
		.org = ca->owner->org,
		.ou = ca->def->ou,
		.cn = ca->def->cn,
		.cn_tag = ca->def->cn_tag,
		.cn_pad = ca->def->cn_pad,
		.folded = folded,
	};

	name_der(&in, out);
}

static void make_ca(struct world *w, size_t i)
{
	struct ca *ca = &w->cas[i];
	struct der id = { 0 };

	ca->def = &ca_defs[i];
	ca->owner = find_owner(ca->def->owner);
	if (ca->def->key) {
		ca->key = world_ca(w, ca->def->key)->key;
		EVP_PKEY_up_ref(ca->key);
	} else {
		ca->key = key_make(ca->def->nick, ca->def->kind);
	}
	ca_name(ca, 0, &ca->name);
	key_spki(ca->key, &ca->spki);
	der_bytes(&id, ca->name.p, ca->name.n);
	der_bytes(&id, ca->spki.p, ca->spki.n);
	SHA256(id.p, id.n, ca->id);
	der_release(&id);
}

static const struct cert *find_parent(const struct world *w, const struct cert *c)
{
	for (size_t i = 0; i < cert_count; i++)
		if (w->certs[i].subject == c->issuer)
			return &w->certs[i];
	return NULL;
}

static void cert_exts_aki(const struct cert *c, struct der *d)
{
	unsigned flags = c->def->flags;

	if (flags & CERT_WRONG_AKI)
		ext_aki(d, &c->subject->name);
	else if ((flags & CERT_AKI_SERIAL) && c->parent)
		ext_aki_serial(d, &c->parent->issuer->name,
			(struct bytes){ (const char *)c->parent->serial, c->parent->serial_len });
	else if (c->issuer != c->subject)
		ext_aki(d, &c->issuer->spki);
}

static void cert_exts_urls(const struct cert *c, struct der *d)
{
	char url[256];

	if (c->issuer == c->subject)
		return;
	snprintf(url, sizeof(url), "http://crl.%s/%s.crl", c->issuer->owner->host, c->issuer->def->nick);
	ext_crl(d, url);
	snprintf(url, sizeof(url), "http://aia.%s/%s.cer", c->issuer->owner->host,
		c->parent ? c->parent->nick : c->issuer->def->nick);
	ext_ca_issuers(d, url);
}

static void cert_exts(const struct cert *c, struct der *d)
{
	const struct cert_def *def = c->def;

	if (!(def->flags & CERT_NO_BC))
		ext_basic(d, 1, def->path_len);
	ext_key_usage(d, def->flags & CERT_NO_CERTSIGN ? KU_SIGN | KU_CRL : KU_CERT | KU_CRL);
	ext_ski(d, &c->subject->spki);
	cert_exts_aki(c, d);
	if (def->eku)
		ext_eku(d, def->eku);
	if (c->issuer != c->subject)
		ext_policy(d, "2.5.29.32.0");
	cert_exts_urls(c, d);
}

static void sign_cert(struct cert *c)
{
	const struct cert_def *def = c->def;
	struct cert_in in = {
		.serial = { (const char *)c->serial, c->serial_len },
		.subject = c->subject->name,
		.spki = c->subject->spki,
		.nb = def->nb,
		.na = def->na,
		.v1 = (def->flags & CERT_V1) != 0,
		.gentime = (def->flags & CERT_GENTIME) != 0,
	};

	ca_name(c->issuer, (def->flags & CERT_FOLDED) != 0, &in.issuer);
	cert_exts(c, &in.exts);
	cert_sign(&in, c->issuer->key, def->flags & CERT_SHA1 ? SIG_SHA1 : SIG_OWN, (def->flags & CERT_CORRUPT) != 0,
		&c->der);
	der_release(&in.issuer);
	der_release(&in.exts);
	SHA256(c->der.p, c->der.n, c->sha256);
	SHA1(c->der.p, c->der.n, c->sha1);
}

static void start_cert(struct world *w, size_t i)
{
	struct cert *c = &w->certs[i];

	c->def = &cert_defs[i];
	c->nick = c->def->nick ? c->def->nick : c->def->ca;
	c->subject = world_ca(w, c->def->ca);
	c->issuer = world_ca(w, c->def->issuer);
	c->subject->certs++;
	c->serial_len = serial_make(c->def->serial, c->nick, c->serial);
}

static void make_leaf_keys(struct world *w)
{
	static const struct {
		const char *label;
		enum key_kind kind;
	} pool[4] = {
		{ "leaf 0", KEY_P256 },
		{ "leaf 1", KEY_P256 },
		{ "leaf 2", KEY_P256 },
		{ "leaf rsa", KEY_RSA2048 },
	};

	for (size_t i = 0; i < 4; i++) {
		w->leaf_key[i] = key_make(pool[i].label, pool[i].kind);
		key_spki(w->leaf_key[i], &w->leaf_spki[i]);
	}
}

struct world *world_make(void)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w || !(w->cas = calloc(ca_count, sizeof(*w->cas))) || !(w->certs = calloc(cert_count, sizeof(*w->certs))))
		die("out of memory");
	for (size_t i = 0; i < ca_count; i++)
		w->cas[i].def = &ca_defs[i];
	for (size_t i = 0; i < ca_count; i++)
		make_ca(w, i);
	for (size_t i = 0; i < cert_count; i++)
		start_cert(w, i);
	for (size_t i = 0; i < cert_count; i++) {
		w->certs[i].parent = find_parent(w, &w->certs[i]);
		sign_cert(&w->certs[i]);
	}
	make_leaf_keys(w);
	return w;
}

void world_free(struct world *w)
{
	for (size_t i = 0; i < ca_count; i++) {
		EVP_PKEY_free(w->cas[i].key);
		der_release(&w->cas[i].name);
		der_release(&w->cas[i].spki);
	}
	for (size_t i = 0; i < cert_count; i++)
		der_release(&w->certs[i].der);
	for (size_t i = 0; i < w->leaf_n; i++)
		der_release(&w->leaves[i].der);
	for (size_t i = 0; i < 4; i++) {
		EVP_PKEY_free(w->leaf_key[i]);
		der_release(&w->leaf_spki[i]);
	}
	free(w->cas);
	free(w->certs);
	free(w->leaves);
	free(w);
}
