#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/sha.h>

#include "keys.h"
#include "out.h"
#include "world.h"

/* Everything needed to sign one leaf, from a table row or from a batch. */
struct leaf_in {
	const char *nick;
	const struct leaf_def *def;
	struct ca *issuer; /* NULL: self-signed */
	uint8_t serial[40];
	size_t serial_len;
	size_t key;
};

/* A leaf counts from its earliest notBefore to its latest notAfter. */
struct span {
	char nb[16], na[16];
};

static void stamp(char out[16], time_t t)
{
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 16, "%Y%m%d%H%M%S", &tm);
}

static unsigned digits(const char *p, int n)
{
	unsigned v = 0;

	while (n-- > 0)
		v = v * 10 + (unsigned)(*p++ - '0');
	return v;
}

static uint64_t epoch_ms(const char *s)
{
	struct tm tm = {
		.tm_year = (int)digits(s, 4) - 1900,
		.tm_mon = (int)digits(s + 4, 2) - 1,
		.tm_mday = (int)digits(s + 6, 2),
		.tm_hour = (int)digits(s + 8, 2),
		.tm_min = (int)digits(s + 10, 2),
		.tm_sec = (int)digits(s + 12, 2),
	};
	uint64_t ms = strlen(s) > 14 ? digits(s + 14, 3) : 0;

	return (uint64_t)timegm(&tm) * 1000 + ms;
}

static void leaf_scts(const struct leaf_in *in, struct der *d)
{
	uint64_t when[2];

	for (unsigned i = 0; i < 2; i++)
		when[i] = in->def->sct[i] ? epoch_ms(in->def->sct[i]) : epoch_ms(in->def->nb) + 3600000 + i * 4711;
	rng_seed("scts", in->nick, strlen(in->nick));
	ext_scts(d, when);
}

static void leaf_names(const struct leaf_in *in, struct der *d)
{
	char san[128];

	snprintf(san, sizeof(san), "dns:%s.example", in->nick);
	ext_san(d, in->def->san ? in->def->san : san);
}

static void leaf_issuer_urls(const struct leaf_in *in, struct der *d)
{
	char url[256];

	if (!in->issuer)
		return;
	ext_aki(d, &in->issuer->spki);
	snprintf(url, sizeof(url), "http://crl.%s/%s.crl", in->issuer->owner->host, in->issuer->def->nick);
	ext_crl(d, url);
	snprintf(url, sizeof(url), "http://aia.%s/%s.cer", in->issuer->owner->host, in->issuer->def->nick);
	ext_ca_issuers(d, url);
}

static void leaf_exts(const struct leaf_in *in, int precert, struct der *d)
{
	const struct leaf_def *def = in->def;

	ext_key_usage(d, 0x80);
	if (def->flags & LEAF_BC)
		ext_basic(d, 0, 0);
	if (def->eku)
		ext_eku(d, def->eku);
	leaf_issuer_urls(in, d);
	if (def->policy)
		ext_policy(d, def->policy);
	leaf_names(in, d);
	if (precert)
		ext_poison(d);
	else if (def->flags & LEAF_SCTS)
		leaf_scts(in, d);
}

static void leaf_issuer_name(const struct leaf_in *in, const struct der *subject, struct der *out)
{
	const struct ca *ca = in->issuer;
	struct name_in name;

	if (!ca) {
		der_bytes(out, subject->p, subject->n);
		return;
	}
	name = (struct name_in){
		.org = ca->owner->org,
		.ou = ca->def->ou,
		.cn = ca->def->cn,
		.cn_tag = ca->def->cn_tag,
		.cn_pad = ca->def->cn_pad,
		.folded = (in->def->flags & LEAF_FOLDED) != 0,
	};
	name_der(&name, out);
}

static void leaf_sign(const struct world *w, const struct leaf_in *in, int precert, struct der *out)
{
	const struct leaf_def *def = in->def;
	struct name_in subject = { .cn = def->cn, .cn_tag = def->cn_tag, .cn_pad = def->cn_pad };
	struct cert_in c = {
		.serial = { (const char *)in->serial, in->serial_len },
		.spki = w->leaf_spki[in->key],
		.nb = def->nb,
		.na = def->na,
		.v1 = (def->flags & LEAF_V1) != 0,
	};

	name_der(&subject, &c.subject);
	leaf_issuer_name(in, &c.subject, &c.issuer);
	leaf_exts(in, precert, &c.exts);
	cert_sign(&c, in->issuer ? in->issuer->key : w->leaf_key[in->key], SIG_OWN, (def->flags & LEAF_CORRUPT) != 0,
		out);
	der_release(&c.subject);
	der_release(&c.issuer);
	der_release(&c.exts);
}

static void leaf_add(struct world *w, const struct leaf_in *in, int precert, int named)
{
	struct leaf_cert *l;

	if (w->leaf_n == w->leaf_cap) {
		w->leaf_cap = w->leaf_cap * 2 + 256;
		w->leaves = realloc(w->leaves, w->leaf_cap * sizeof(*w->leaves));
		if (!w->leaves)
			die("out of memory");
	}
	l = &w->leaves[w->leaf_n++];
	*l = (struct leaf_cert){ .def = named ? in->def : NULL, .precert = precert };
	snprintf(l->nick, sizeof(l->nick), "%s", in->nick);
	memcpy(l->serial, in->serial, in->serial_len);
	l->serial_len = in->serial_len;
	leaf_sign(w, in, precert, &l->der);
	SHA256(l->der.p, l->der.n, l->sha256);
}

static int unexpired(const char *nb, const char *na)
{
	return strcmp(nb, TOMORROW) < 0 && strcmp(na, TODAY_FIRST) >= 0;
}

static void count(struct world *w, struct ca *ca, int known, const char *nb, const char *na)
{
	size_t live = (size_t)unexpired(nb, na);

	if (!known) {
		w->unknown++;
		w->unknown_unexpired += live;
		return;
	}
	if (!ca->issued || strcmp(nb, ca->first_nb) < 0)
		snprintf(ca->first_nb, sizeof(ca->first_nb), "%s", nb);
	if (strcmp(nb, ca->last_nb) > 0)
		snprintf(ca->last_nb, sizeof(ca->last_nb), "%s", nb);
	if (strcmp(na, ca->last_na) > 0)
		snprintf(ca->last_na, sizeof(ca->last_na), "%s", na);
	ca->issued++;
	ca->unexpired += live;
	w->issued++;
	w->unexpired += live;
}

/* Two rows with one issuer and one serial are one leaf: the first of them
 * counts, over the time of both. */
static int same_leaf(const struct leaf_def *a, const struct leaf_def *b)
{
	return a->serial && b->serial && a->issuer && b->issuer && strcmp(a->serial, b->serial) == 0 &&
	       strcmp(a->issuer, b->issuer) == 0;
}

static void count_row(struct world *w, size_t row, struct ca *ca)
{
	const struct leaf_def *def = &leaf_defs[row];
	const char *nb = def->nb, *na = def->na;

	if (def->flags & LEAF_BROKEN)
		return;
	for (size_t i = 0; i < leaf_count; i++) {
		if (i == row || !same_leaf(def, &leaf_defs[i]))
			continue;
		if (i < row)
			return;
		nb = strcmp(leaf_defs[i].nb, nb) < 0 ? leaf_defs[i].nb : nb;
		na = strcmp(leaf_defs[i].na, na) > 0 ? leaf_defs[i].na : na;
	}
	count(w, ca, !(def->flags & LEAF_UNKNOWN), nb, na);
}

static void make_row(struct world *w, size_t row)
{
	const struct leaf_def *def = &leaf_defs[row];
	struct leaf_in in = {
		.nick = def->nick,
		.def = def,
		.issuer = def->issuer ? world_ca(w, def->issuer) : NULL,
		.key = def->flags & LEAF_RSA ? 3 : row % 3,
	};

	in.serial_len = serial_make(def->serial, def->nick, in.serial);
	if (def->flags & LEAF_PRECERT)
		leaf_add(w, &in, 1, 1);
	if (!(def->flags & LEAF_FINAL_MISSING))
		leaf_add(w, &in, 0, 1);
	count_row(w, row, in.issuer);
}

/* Issuance is spread over the last 430 days, some of it expired. */
static void batch_span(const struct batch_def *b, unsigned i, struct span *s)
{
	time_t nb = TODAY_EPOCH - (time_t)((i * 37 + 11) % 430) * 86400 - (time_t)(i * 613 % 80000);

	stamp(s->nb, nb);
	stamp(s->na, nb + (time_t)b->days * 86400 - 1);
}

static void batch_in(
	const struct batch_def *b, const struct span *s, const char *nick, struct leaf_def *def, char san[160])
{
	if (b->eku & EKU_EMAIL)
		snprintf(san, 160, "mail:%s@mail.example", nick);
	else
		snprintf(san, 160, "dns:%s.example,dns:www.%s.example", nick, nick);
	*def = (struct leaf_def){
		.nick = nick,
		.issuer = b->issuer,
		.cn = { nick, strlen(nick) },
		.san = san,
		.nb = s->nb,
		.na = s->na,
		.eku = b->eku,
		.flags = b->flags,
		.policy = b->policy,
	};
}

static void make_batch(struct world *w, const struct batch_def *b)
{
	for (unsigned i = 0; i < b->count; i++) {
		char nick[64], san[160];
		struct leaf_def def;
		struct span s;
		struct leaf_in in = { .nick = nick, .def = &def, .issuer = world_ca(w, b->issuer), .key = i % 3 };

		snprintf(nick, sizeof(nick), "%s-%03u", b->issuer, i);
		batch_span(b, i, &s);
		batch_in(b, &s, nick, &def, san);
		in.serial_len = serial_make(NULL, nick, in.serial);
		if ((def.flags & LEAF_SCTS) && i % 7 == 0)
			leaf_add(w, &in, 1, 0);
		leaf_add(w, &in, 0, 0);
		count(w, in.issuer, 1, def.nb, def.na);
	}
}

void leaves_make(struct world *w)
{
	for (size_t i = 0; i < leaf_count; i++)
		make_row(w, i);
	for (size_t i = 0; i < batch_count; i++)
		make_batch(w, &batch_defs[i]);
}

void leaves_scale(struct world *w, unsigned long n, FILE *f)
{
	for (unsigned long i = 0; i < n; i++) {
		const struct batch_def *b = &batch_defs[i % batch_count];
		char nick[64], san[160];
		struct leaf_def def;
		struct span s;
		struct der der = { 0 };
		struct leaf_in in = { .nick = nick, .def = &def, .issuer = world_ca(w, b->issuer), .key = i % 3 };

		snprintf(nick, sizeof(nick), "scale-%07lu", i);
		batch_span(b, (unsigned)(i / batch_count), &s);
		batch_in(b, &s, nick, &def, san);
		in.serial_len = serial_make(NULL, nick, in.serial);
		leaf_sign(w, &in, 0, &der);
		out_pem(f, der.p, der.n, "\n");
		fputc('\n', f);
		der_release(&der);
		count(w, in.issuer, 1, def.nb, def.na);
	}
}
