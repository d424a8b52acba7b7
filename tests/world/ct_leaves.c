#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/sha.h>

#include "ct.h"
#include "keys.h"
#include "out.h"

enum { IN_A = 240, ONLY_B = 30, BY_SIGNER = 6, LEAVES = IN_A + ONLY_B + BY_SIGNER };
enum { HOUR = 3600, DAY = 86400 };

static const struct {
	const char *nick;
	int days;
} issuers[] = { { "alder-tls-1", 6 }, { "birch-issuing-1", 45 }, { "cedar-tls", 90 } };

static const char signer_name[] = "Birch Precertificate Signing (fictional)";

static void stamp(char out[16], time_t t)
{
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 16, "%Y%m%d%H%M%S", &tm);
}

/* ---- one leaf in its forms ---- */

enum form { FORM_BARE, FORM_FINAL, FORM_PRECERT };

static void leaf_exts(const struct ct *ct, const struct ct_leaf *l, enum form form, struct der *d)
{
	const uint64_t when[2] = { l->ms, l->ms + 4711 };
	struct der signer = { 0 };
	char text[128];

	ext_key_usage(d, 0x80);
	ext_eku(d, EKU_SERVER);
	if (form == FORM_PRECERT && l->by_signer) {
		key_spki(ct->signer_key, &signer);
		ext_aki(d, &signer);
		der_release(&signer);
	} else {
		ext_aki(d, &l->ca->spki);
	}
	ext_policy(d, POLICY_DV);
	snprintf(text, sizeof(text), "dns:%s,dns:www.%s", l->name, l->name);
	ext_san(d, text);
	if (form == FORM_PRECERT)
		ext_poison(d);
	if (form == FORM_FINAL) {
		rng_seed("scts", l->name, strlen(l->name));
		ext_scts(d, when);
	}
}

static void signer_subject(const struct ca *ca, struct der *out)
{
	struct name_in in = { .org = ca->owner->org, .cn = B(signer_name) };

	name_der(&in, out);
}

static void leaf_sign(const struct ct *ct, const struct ct_leaf *l, enum form form, struct der *out)
{
	int by_signer = form == FORM_PRECERT && l->by_signer;
	struct name_in subject = { .cn = { l->name, strlen(l->name) } };
	struct cert_in in = {
		.serial = { (const char *)l->serial, l->serial_len },
		.spki = ct->w->leaf_spki[l->serial[1] % 3],
		.nb = l->nb,
		.na = l->na,
	};

	name_der(&subject, &in.subject);
	if (by_signer)
		signer_subject(l->ca, &in.issuer);
	else
		der_bytes(&in.issuer, l->ca->name.p, l->ca->name.n);
	leaf_exts(ct, l, form, &in.exts);
	cert_sign(&in, by_signer ? ct->signer_key : l->ca->key, SIG_OWN, 0, out);
	der_release(&in.subject);
	der_release(&in.issuer);
	der_release(&in.exts);
}

/* What a log signs of a precertificate: its TBSCertificate without poison, as the final issuer names it. */
static void leaf_tbs(const struct ct *ct, struct ct_leaf *l)
{
	struct der bare = { 0 };
	const unsigned char *p, *start;
	long n;
	int tag, class;

	leaf_sign(ct, l, FORM_BARE, &bare);
	p = bare.p;
	ASN1_get_object(&p, &n, &tag, &class, (long)bare.n);
	start = p;
	ASN1_get_object(&p, &n, &tag, &class, n);
	der_bytes(&l->tbs, start, (size_t)(p - start) + (size_t)n);
	der_release(&bare);
}

static void make_leaf(struct ct *ct, unsigned i)
{
	struct ct_leaf *l = &ct->leaf[i];
	unsigned kind = i < IN_A ? i % 3 : i < IN_A + ONLY_B ? 2 : 1;
	time_t nb = TODAY_EPOCH - (time_t)((i * 37 + 11) % 40 + 2) * DAY + (time_t)(i * 613 % 80000);

	l->ca = world_ca(ct->w, issuers[kind].nick);
	l->by_signer = i >= IN_A + ONLY_B;
	l->ms = ((uint64_t)nb + HOUR) * 1000 + i;
	snprintf(l->name, sizeof(l->name), "site-%03u.example", i);
	stamp(l->nb, nb);
	stamp(l->na, nb + (time_t)issuers[kind].days * DAY - 1);
	l->serial_len = serial_make(NULL, l->name, l->serial);
	leaf_tbs(ct, l);
	leaf_sign(ct, l, FORM_PRECERT, &l->precert);
	leaf_sign(ct, l, FORM_FINAL, &l->final);
}

/* The signing certificate's EKU is no bit of ext_eku: nothing else of the world has it. */
static void make_signer(struct ct *ct)
{
	const struct ca *ca = world_ca(ct->w, "birch-issuing-1");
	struct cert_in in = { .nb = "20260101000000", .na = "20281231235959", .issuer = ca->name };
	uint8_t serial[40];
	size_t seq, list;

	in.serial = (struct bytes){ (const char *)serial, serial_make(NULL, signer_name, serial) };
	ct->signer_key = key_make(signer_name, KEY_P256);
	key_spki(ct->signer_key, &in.spki);
	signer_subject(ca, &in.subject);
	ext_basic(&in.exts, 1, PL(0));
	ext_aki(&in.exts, &ca->spki);
	ext_ski(&in.exts, &in.spki);
	seq = der_open(&in.exts);
	der_oid(&in.exts, "2.5.29.37");
	list = der_open(&in.exts);
	der_oid(&in.exts, "1.3.6.1.4.1.11129.2.4.4");
	der_close(&in.exts, list, TAG_SEQ);
	der_close(&in.exts, list, TAG_OCTETS);
	der_close(&in.exts, seq, TAG_SEQ);
	cert_sign(&in, ca->key, SIG_OWN, 0, &ct->signer);
	der_release(&in.spki);
	der_release(&in.subject);
	der_release(&in.exts);
}

/* ---- entries ---- */

static struct ct_entry *add_entry(struct ct_log *log, unsigned form, uint64_t ms)
{
	struct ct_entry *e;

	if (log->n == log->cap) {
		log->cap = log->cap * 2 + 128;
		log->entry = realloc(log->entry, log->cap * sizeof(*log->entry));
		if (!log->entry)
			die("out of memory");
	}
	e = &log->entry[log->n];
	*e = (struct ct_entry){ .ms = ms, .form = form, .order = (unsigned)log->n++ };
	return e;
}

/* From the issuer on to the root. */
static void add_chain(struct ct_entry *e, const struct cert *c)
{
	while (c && e->chain_n < CT_CHAIN) {
		e->chain[e->chain_n++] = &c->der;
		c = c->parent == c ? NULL : c->parent;
	}
}

static void add_leaf(struct ct *ct, int which, unsigned i, unsigned form, uint64_t late)
{
	struct ct_leaf *l = &ct->leaf[i];
	struct ct_entry *e = add_entry(&ct->log[which], form, l->ms + late);

	l->forms[which] |= form;
	e->ca = l->ca;
	e->cert = form == CT_PRECERT ? &l->tbs : &l->final;
	e->precert = form == CT_PRECERT ? &l->precert : NULL;
	if (form == CT_PRECERT && l->by_signer)
		e->chain[e->chain_n++] = &ct->signer;
	add_chain(e, world_cert(ct->w, l->ca->def->nick));
}

/* Of four leaves two in both forms, one without its certificate, one without its precertificate. */
static void fill_a(struct ct *ct)
{
	const struct cert *ca = world_cert(ct->w, "alder-tls-1");
	struct ct_log *log = &ct->log[CT_A];
	struct ct_entry *e;

	for (unsigned i = 0; i < IN_A; i++) {
		if (i % 4 != 3)
			add_leaf(ct, CT_A, i, CT_PRECERT, 0);
		if (i % 4 != 2)
			add_leaf(ct, CT_A, i, CT_FINAL, 90 * 60000);
		if (i % 20 == 5)
			add_leaf(ct, CT_A, i, CT_FINAL, 5 * HOUR * 1000);
		if (i % 40 == 6)
			add_leaf(ct, CT_A, i, CT_PRECERT, 2 * HOUR * 1000);
	}
	e = add_entry(log, CT_FINAL, ct->leaf[7].ms + 17);
	e->cert = &ca->der;
	log->ca_certs++;
	add_chain(e, ca->parent);
	der_bytes(&ct->broken, ct->leaf[0].final.p, ct->leaf[0].final.n * 2 / 3);
	e = add_entry(log, CT_FINAL, ct->leaf[8].ms + 19);
	e->cert = &ct->broken;
	log->broken++;
	add_chain(e, ca);
}

/* A third of log a's leaves, some in the form that log a lacks, and leaves of its own. */
static void fill_b(struct ct *ct)
{
	for (unsigned i = 0; i < LEAVES; i++) {
		if (i < IN_A && i % 3 == 1)
			continue;
		if (i >= IN_A + ONLY_B || i % 2 == 0)
			add_leaf(ct, CT_B, i, CT_PRECERT, 911);
		if (i < IN_A ? i % 6 == 3 || i % 8 == 2 : i % 3 != 0)
			add_leaf(ct, CT_B, i, CT_FINAL, 3 * HOUR * 1000);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct ct_entry *x = a, *y = b;

	if (x->ms != y->ms)
		return x->ms < y->ms ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void finish_log(struct ct_log *log)
{
	qsort(log->entry, log->n, sizeof(*log->entry), by_time);
	log->key = key_make(log->origin, KEY_P256);
	key_spki(log->key, &log->spki);
	SHA256(log->spki.p, log->spki.n, log->id);
	log->ms = (uint64_t)(TODAY_EPOCH + 12 * HOUR) * 1000;
	log->hash = calloc(log->n, sizeof(*log->hash));
	if (!log->hash)
		die("out of memory");
	for (size_t i = 0; i < log->n; i++) {
		struct der d = { 0 };

		put_be(&d, 0, 3); /* a leaf of the tree, version 1, TimestampedEntry */
		ct_timestamped(log, i, &d);
		SHA256(d.p, d.n, log->hash[i]);
		der_release(&d);
	}
}

struct ct *ct_make(const struct world *w)
{
	struct ct *ct = calloc(1, sizeof(*ct));

	if (!ct || !(ct->leaf = calloc(LEAVES, sizeof(*ct->leaf))))
		die("out of memory");
	ct->w = w;
	ct->leaf_n = LEAVES;
	ct->log[CT_A] = (struct ct_log){
		.description = "Fictional log A", .origin = "fictional-a.example/log", .tiled = 1, .small = 300
	};
	ct->log[CT_B] =
		(struct ct_log){ .description = "Fictional log B", .origin = "fictional-b.example/log", .small = 100 };
	make_signer(ct);
	for (unsigned i = 0; i < LEAVES; i++)
		make_leaf(ct, i);
	fill_a(ct);
	fill_b(ct);
	for (int i = 0; i < CT_LOGS; i++)
		finish_log(&ct->log[i]);
	return ct;
}

void ct_free(struct ct *ct)
{
	for (size_t i = 0; i < ct->leaf_n; i++) {
		der_release(&ct->leaf[i].tbs);
		der_release(&ct->leaf[i].precert);
		der_release(&ct->leaf[i].final);
	}
	for (int i = 0; i < CT_LOGS; i++) {
		EVP_PKEY_free(ct->log[i].key);
		der_release(&ct->log[i].spki);
		free(ct->log[i].entry);
		free(ct->log[i].hash);
	}
	EVP_PKEY_free(ct->signer_key);
	der_release(&ct->signer);
	der_release(&ct->broken);
	free(ct->leaf);
	free(ct);
}
