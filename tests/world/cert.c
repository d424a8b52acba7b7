#include "cert.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "keys.h"
#include "out.h"

static void add_rdn(struct der *d, const char *oid, int tag, const char *p, size_t n)
{
	size_t set = der_open(d), seq = der_open(d);

	der_oid(d, oid);
	der_tlv(d, tag, p, n);
	der_close(d, seq, TAG_SEQ);
	der_close(d, set, TAG_SET);
}

/* " aLDER  rOOT " for "Alder Root": equal by RFC 5280 7.1, not by octets. */
static void fold(const char *p, size_t n, struct der *out)
{
	der_text(out, " ");
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		char swapped = (char)(isupper(c) ? tolower(c) : islower(c) ? toupper(c) : c);

		der_bytes(out, &swapped, 1);
		if (c == ' ')
			der_text(out, " ");
	}
	der_text(out, " ");
}

static void add_text(struct der *d, const struct name_in *in, const char *oid, int tag, const char *p, size_t n)
{
	struct der folded = { 0 };

	if (!in->folded) {
		add_rdn(d, oid, tag, p, n);
		return;
	}
	fold(p, n, &folded);
	add_rdn(d, oid, tag == TAG_PRINTABLE ? TAG_UTF8 : TAG_PRINTABLE, (char *)folded.p, folded.n);
	der_release(&folded);
}

static void add_cn(struct der *d, const struct name_in *in)
{
	int tag = in->cn_tag ? in->cn_tag : TAG_UTF8;
	struct der cn = { 0 };

	if (!in->cn.p)
		return;
	do
		der_bytes(&cn, in->cn.p, in->cn.n);
	while (cn.n < in->cn_pad);
	add_text(d, in, "2.5.4.3", tag, cn.n ? (char *)cn.p : "", cn.n);
	der_release(&cn);
}

void name_der(const struct name_in *in, struct der *out)
{
	size_t at = der_open(out);

	if (in->org) {
		add_rdn(out, "2.5.4.6", TAG_PRINTABLE, "ZZ", 2);
		add_text(out, in, "2.5.4.10", TAG_UTF8, in->org, strlen(in->org));
	}
	if (in->ou)
		add_text(out, in, "2.5.4.11", TAG_UTF8, in->ou, strlen(in->ou));
	add_cn(out, in);
	der_close(out, at, TAG_SEQ);
}

/* An extension is opened, its value written, then closed with its OID. */
struct ext {
	size_t seq, value;
};

static struct ext ext_open(struct der *d, const char *oid, int critical)
{
	struct ext e = { .seq = der_open(d) };

	der_oid(d, oid);
	if (critical)
		der_true(d);
	e.value = der_open(d);
	return e;
}

static void ext_close(struct der *d, struct ext e)
{
	der_close(d, e.value, TAG_OCTETS);
	der_close(d, e.seq, TAG_SEQ);
}

void ext_basic(struct der *d, int ca, int path_len)
{
	struct ext e = ext_open(d, "2.5.29.19", 1);
	size_t at = der_open(d);

	if (ca)
		der_true(d);
	if (path_len)
		der_small(d, (unsigned)path_len - 1);
	der_close(d, at, TAG_SEQ);
	ext_close(d, e);
}

void ext_key_usage(struct der *d, unsigned bits)
{
	struct ext e = ext_open(d, "2.5.29.15", 1);
	uint8_t b[2] = { 0, (uint8_t)bits };

	while (b[0] < 7 && !(bits >> b[0] & 1))
		b[0]++;
	der_tlv(d, TAG_BITS, b, 2);
	ext_close(d, e);
}

static const char *const eku_oids[] = {
	"1.3.6.1.5.5.7.3.1",
	"1.3.6.1.5.5.7.3.2",
	"1.3.6.1.5.5.7.3.4",
	"1.3.6.1.5.5.7.3.9",
	"2.5.29.37.0",
	"1.3.6.1.5.5.7.3.3",
};

void ext_eku(struct der *d, unsigned eku)
{
	struct ext e = ext_open(d, "2.5.29.37", 0);
	size_t at = der_open(d);

	for (size_t i = 0; i < sizeof(eku_oids) / sizeof(*eku_oids); i++)
		if (eku >> i & 1)
			der_oid(d, eku_oids[i]);
	der_close(d, at, TAG_SEQ);
	ext_close(d, e);
}

void key_id(const struct der *spki, uint8_t out[20])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	SHA256(spki->p, spki->n, digest);
	memcpy(out, digest, 20);
}

void ext_ski(struct der *d, const struct der *spki)
{
	struct ext e = ext_open(d, "2.5.29.14", 0);
	uint8_t id[20];

	key_id(spki, id);
	der_tlv(d, TAG_OCTETS, id, sizeof(id));
	ext_close(d, e);
}

void ext_aki(struct der *d, const struct der *spki)
{
	struct ext e = ext_open(d, "2.5.29.35", 0);
	size_t at = der_open(d);
	uint8_t id[20];

	key_id(spki, id);
	der_tlv(d, 0x80, id, sizeof(id));
	der_close(d, at, TAG_SEQ);
	ext_close(d, e);
}

void ext_aki_serial(struct der *d, const struct der *issuer, struct bytes serial)
{
	struct ext e = ext_open(d, "2.5.29.35", 0);
	size_t at = der_open(d), names = der_open(d), name = der_open(d);

	der_bytes(d, issuer->p, issuer->n);
	der_close(d, name, 0xa4);
	der_close(d, names, 0xa1);
	der_tlv(d, 0x82, serial.p, serial.n);
	der_close(d, at, TAG_SEQ);
	ext_close(d, e);
}

void ext_policy(struct der *d, const char *oid)
{
	struct ext e = ext_open(d, "2.5.29.32", 0);
	size_t at = der_open(d), info = der_open(d);

	der_oid(d, oid);
	der_close(d, info, TAG_SEQ);
	der_close(d, at, TAG_SEQ);
	ext_close(d, e);
}

static const struct {
	const char *prefix;
	int tag, hex;
} san_kinds[] = {
	{ "mail:", 0x81, 0 },
	{ "dns:", 0x82, 0 },
	{ "uri:", 0x86, 0 },
	{ "ip:", 0x87, 1 },
};

static void san_hex(struct der *d, int tag, const char *p, size_t n)
{
	size_t at = der_open(d);

	for (size_t i = 0; i + 1 < n; i += 2) {
		char pair[3] = { p[i], p[i + 1], '\0' };
		uint8_t b = (uint8_t)strtoul(pair, NULL, 16);

		der_bytes(d, &b, 1);
	}
	der_close(d, at, tag);
}

static void san_one(struct der *d, const char *p, size_t n)
{
	for (size_t i = 0; i < sizeof(san_kinds) / sizeof(*san_kinds); i++) {
		size_t skip = strlen(san_kinds[i].prefix);

		if (n < skip || memcmp(p, san_kinds[i].prefix, skip) != 0)
			continue;
		if (san_kinds[i].hex)
			san_hex(d, san_kinds[i].tag, p + skip, n - skip);
		else
			der_tlv(d, san_kinds[i].tag, p + skip, n - skip);
		return;
	}
	die("subjectAltName of no known kind: '%s'", p);
}

void ext_san(struct der *d, const char *san)
{
	struct ext e = ext_open(d, "2.5.29.17", 0);
	size_t at = der_open(d);

	while (*san) {
		size_t n = strcspn(san, ",");

		san_one(d, san, n);
		san += n + (san[n] == ',');
	}
	der_close(d, at, TAG_SEQ);
	ext_close(d, e);
}

void ext_crl(struct der *d, const char *url)
{
	struct ext e = ext_open(d, "2.5.29.31", 0);
	size_t all = der_open(d), point = der_open(d);
	size_t name = der_open(d), full = der_open(d);

	der_tlv(d, 0x86, url, strlen(url));
	der_close(d, full, 0xa0);
	der_close(d, name, 0xa0);
	der_close(d, point, TAG_SEQ);
	der_close(d, all, TAG_SEQ);
	ext_close(d, e);
}

void ext_ca_issuers(struct der *d, const char *url)
{
	struct ext e = ext_open(d, "1.3.6.1.5.5.7.1.1", 0);
	size_t all = der_open(d), one = der_open(d);

	der_oid(d, "1.3.6.1.5.5.7.48.2");
	der_tlv(d, 0x86, url, strlen(url));
	der_close(d, one, TAG_SEQ);
	der_close(d, all, TAG_SEQ);
	ext_close(d, e);
}

void ext_poison(struct der *d)
{
	struct ext e = ext_open(d, "1.3.6.1.4.1.11129.2.4.3", 1);

	der_tlv(d, TAG_NULL, NULL, 0);
	ext_close(d, e);
}

enum { SCT_SIG = 71, SCT_LEN = 1 + 32 + 8 + 2 + 4 + SCT_SIG };

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* The signature is random: no log of this world exists. */
static void sct_one(uint8_t *p, int log, uint64_t ms)
{
	static const char *const logs[2] = { "fictional log 0", "fictional log 1" };

	memset(p, 0, SCT_LEN);
	SHA256((const uint8_t *)logs[log], strlen(logs[log]), p + 1);
	for (int i = 0; i < 8; i++)
		p[33 + i] = (uint8_t)(ms >> (56 - 8 * i));
	p[43] = 4;
	p[44] = 3;
	put16(p + 45, SCT_SIG);
	rng_bytes(p + 47, SCT_SIG);
}

void ext_scts(struct der *d, const uint64_t when[2])
{
	struct ext e = ext_open(d, "1.3.6.1.4.1.11129.2.4.2", 0);
	uint8_t list[2 + 2 * (2 + SCT_LEN)];

	put16(list, sizeof(list) - 2);
	for (int i = 0; i < 2; i++) {
		uint8_t *p = list + 2 + i * (2 + SCT_LEN);

		put16(p, SCT_LEN);
		sct_one(p + 2, i, when[i]);
	}
	der_tlv(d, TAG_OCTETS, list, sizeof(list));
	ext_close(d, e);
}

struct sig_alg {
	int key; /* EVP_PKEY base id */
	int bits;
	enum sig sig;
	const char *oid, *digest;
	int null_params;
};

static const struct sig_alg algs[] = {
	{ EVP_PKEY_EC, 256, SIG_OWN, "1.2.840.10045.4.3.2", "SHA256", 0 },
	{ EVP_PKEY_EC, 384, SIG_OWN, "1.2.840.10045.4.3.3", "SHA384", 0 },
	{ EVP_PKEY_RSA, 0, SIG_OWN, "1.2.840.113549.1.1.11", "SHA256", 1 },
	{ EVP_PKEY_RSA, 0, SIG_SHA1, "1.2.840.113549.1.1.5", "SHA1", 1 },
};

static const struct sig_alg *find_alg(EVP_PKEY *key, enum sig sig)
{
	for (size_t i = 0; i < sizeof(algs) / sizeof(*algs); i++)
		if (algs[i].key == EVP_PKEY_get_base_id(key) && algs[i].sig == sig &&
			(!algs[i].bits || algs[i].bits == EVP_PKEY_get_bits(key)))
			return &algs[i];
	die("no signature algorithm for this key");
}

static void put_alg(struct der *d, const struct sig_alg *alg)
{
	size_t at = der_open(d);

	der_oid(d, alg->oid);
	if (alg->null_params)
		der_tlv(d, TAG_NULL, NULL, 0);
	der_close(d, at, TAG_SEQ);
}

static void put_validity(struct der *d, const struct cert_in *in)
{
	size_t at = der_open(d);

	der_time(d, in->nb, in->gentime);
	der_time(d, in->na, 0);
	der_close(d, at, TAG_SEQ);
}

static void put_extensions(struct der *d, const struct der *exts)
{
	size_t outer = der_open(d), at = der_open(d);

	der_bytes(d, exts->p, exts->n);
	der_close(d, at, TAG_SEQ);
	der_close(d, outer, 0xa3);
}

static void put_tbs(struct der *d, const struct cert_in *in, const struct sig_alg *alg)
{
	size_t at = der_open(d), version = der_open(d);

	if (!in->v1) {
		der_small(d, 2);
		der_close(d, version, 0xa0);
	}
	der_tlv(d, TAG_INT, in->serial.p, in->serial.n);
	put_alg(d, alg);
	der_bytes(d, in->issuer.p, in->issuer.n);
	put_validity(d, in);
	der_bytes(d, in->subject.p, in->subject.n);
	der_bytes(d, in->spki.p, in->spki.n);
	if (!in->v1 && in->exts.n)
		put_extensions(d, &in->exts);
	der_close(d, at, TAG_SEQ);
}

static void put_signature(struct der *d, size_t tbs, EVP_PKEY *key, const struct sig_alg *alg, int corrupt)
{
	uint8_t sig[1 + 512] = { 0 };
	size_t n = sizeof(sig) - 1;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	rng_seed("signature", d->p + tbs, d->n - tbs);
	if (!ctx || EVP_DigestSignInit_ex(ctx, NULL, alg->digest, NULL, NULL, key, NULL) <= 0 ||
		EVP_DigestSign(ctx, sig + 1, &n, d->p + tbs, d->n - tbs) <= 0)
		die("cannot sign a certificate");
	EVP_MD_CTX_free(ctx);
	if (corrupt)
		sig[n] ^= 1;
	put_alg(d, alg);
	der_tlv(d, TAG_BITS, sig, n + 1);
}

void alg_der(struct der *d, EVP_PKEY *key)
{
	put_alg(d, find_alg(key, SIG_OWN));
}

void signature_der(struct der *d, size_t tbs, EVP_PKEY *key, int corrupt)
{
	put_signature(d, tbs, key, find_alg(key, SIG_OWN), corrupt);
}

void cert_sign(const struct cert_in *in, EVP_PKEY *key, enum sig sig, int corrupt, struct der *out)
{
	const struct sig_alg *alg = find_alg(key, sig);
	size_t at = der_open(out);

	put_tbs(out, in, alg);
	put_signature(out, at, key, alg, corrupt);
	der_close(out, at, TAG_SEQ);
}
