#include "index/key.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "index/name.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define OID(bytes)                                                                                                     \
	{                                                                                                              \
		(const uint8_t *)(bytes), sizeof(bytes) - 1                                                            \
	}

/* ---- keys ---- */

struct spki {
	struct slice oid, params; /* params: whatever follows the OID */
	struct slice key;         /* what the BIT STRING holds */
};

static bool open_spki(struct slice in, struct spki *ret)
{
	struct der whole, alg, oid, bits;

	if (!der_take(&in, DER_SEQUENCE, &whole) || !der_take(&whole.body, DER_SEQUENCE, &alg) ||
		!der_take(&alg.body, DER_OID, &oid))
		return false;
	ret->oid = oid.body;
	ret->params = alg.body;
	ret->key = (struct slice){ NULL, 0 };
	if (!der_take(&whole.body, DER_BIT_STRING, &bits) || !bits.body.n)
		return false;
	ret->key = (struct slice){ bits.body.p + 1, bits.body.n - 1 };
	return true;
}

static int integer_bits(struct slice n)
{
	int bits = 8;

	while (n.n && !n.p[0]) {
		n.p++;
		n.n--;
	}
	if (!n.n || n.n > INT32_MAX / 8)
		return 0;
	while (!(n.p[0] & 1u << (bits - 1)))
		bits--;
	return (int)(n.n - 1) * 8 + bits;
}

static void rsa_info(const struct spki *k, struct key_info *ret)
{
	struct slice rest = k->key;
	struct der d, n, e;
	bool bad_exponent;

	if (!der_take(&rest, DER_SEQUENCE, &d) || !der_take(&d.body, DER_INTEGER, &n))
		return;
	ret->bits = integer_bits(n.body);
	bad_exponent = !der_take(&d.body, DER_INTEGER, &e) || !e.body.n || !(e.body.p[e.body.n - 1] & 1) ||
		       integer_bits(e.body) < 2;
	ret->weak = ret->bits < 2048 || bad_exponent;
}

static const struct curve {
	struct slice oid;
	const char *name;
	int bits;
} curves[] = {
	{ OID("\x2A\x86\x48\xCE\x3D\x03\x01\x07"), "P-256", 256 },
	{ OID("\x2B\x81\x04\x00\x22"), "P-384", 384 },
	{ OID("\x2B\x81\x04\x00\x23"), "P-521", 521 },
	{ OID("\x2B\x81\x04\x00\x21"), "P-224", 224 },
	{ OID("\x2A\x86\x48\xCE\x3D\x03\x01\x01"), "P-192", 192 },
	{ OID("\x2B\x81\x04\x00\x0A"), "secp256k1", 256 },
	{ OID("\x2B\x24\x03\x03\x02\x08\x01\x01\x07"), "brainpoolP256r1", 256 },
	{ OID("\x2B\x24\x03\x03\x02\x08\x01\x01\x0B"), "brainpoolP384r1", 384 },
	{ OID("\x2B\x24\x03\x03\x02\x08\x01\x01\x0D"), "brainpoolP512r1", 512 },
	{ OID("\x2A\x81\x1C\xCF\x55\x01\x82\x2D"), "SM2", 256 },
};

static const struct curve *curve_of(struct slice params)
{
	struct der oid;

	if (!der_take(&params, DER_OID, &oid))
		return NULL;
	for (size_t i = 0; i < LENGTH(curves); i++) {
		if (slice_equal(oid.body, curves[i].oid))
			return &curves[i];
	}
	return NULL;
}

/* ECParameters: version, fieldID { type, p }, … */
static int explicit_curve_bits(struct slice params)
{
	struct der d, version, field, type, p;

	if (!der_take(&params, DER_SEQUENCE, &d) || !der_take(&d.body, DER_INTEGER, &version) ||
		!der_take(&d.body, DER_SEQUENCE, &field) || !der_take(&field.body, DER_OID, &type) ||
		!der_take(&field.body, DER_INTEGER, &p))
		return 0;
	return integer_bits(p.body);
}

static void ec_info(const struct spki *k, struct key_info *ret)
{
	const struct curve *curve = curve_of(k->params);

	ret->bits = curve ? curve->bits : explicit_curve_bits(k->params);
	ret->weak = ret->bits && ret->bits < 256;
}

static void dsa_info(const struct spki *k, struct key_info *ret)
{
	struct slice params = k->params;
	struct der d, p;

	if (der_take(&params, DER_SEQUENCE, &d) && der_take(&d.body, DER_INTEGER, &p))
		ret->bits = integer_bits(p.body);
	ret->weak = true;
}

static void ed25519_info(const struct spki *k, struct key_info *ret)
{
	(void)k;
	ret->bits = 255;
}

static void ed448_info(const struct spki *k, struct key_info *ret)
{
	(void)k;
	ret->bits = 448;
}

static const struct algorithm {
	struct slice oid;
	enum key_type type;
	const char *name;
	void (*info)(const struct spki *k, struct key_info *ret);
} algorithms[] = {
	{ OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"), KEY_RSA, "RSA", rsa_info },
	{ OID("\x2A\x86\x48\xCE\x3D\x02\x01"), KEY_EC, "EC", ec_info },
	{ OID("\x2B\x65\x70"), KEY_ED25519, "Ed25519", ed25519_info },
	{ OID("\x2B\x65\x71"), KEY_ED448, "Ed448", ed448_info },
	{ OID("\x2A\x86\x48\xCE\x38\x04\x01"), KEY_DSA, "DSA", dsa_info },
	{ OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0A"), KEY_RSA, "RSA-PSS", rsa_info },
	{ OID("\x55\x08\x01\x01"), KEY_RSA, "RSA", rsa_info },
	{ OID("\x2B\x0E\x03\x02\x0C"), KEY_DSA, "DSA", dsa_info },
};

static const struct algorithm *algorithm_of(struct slice oid)
{
	for (size_t i = 0; i < LENGTH(algorithms); i++) {
		if (slice_equal(oid, algorithms[i].oid))
			return &algorithms[i];
	}
	return NULL;
}

int key_info(struct slice in, struct key_info *ret)
{
	const struct algorithm *a;
	struct spki k;

	*ret = (struct key_info){ KEY_UNKNOWN, 0, false };
	if (!open_spki(in, &k))
		return -1;
	a = algorithm_of(k.oid);
	if (a) {
		ret->type = a->type;
		a->info(&k, ret);
	}
	return 0;
}

static void ec_text(const struct spki *k, int bits, struct strbuf *out)
{
	const struct curve *curve = curve_of(k->params);
	struct slice params = k->params;
	struct der oid;

	if (curve)
		strbuf_addf(out, " %s", curve->name);
	else if (der_take(&params, DER_OID, &oid)) {
		strbuf_addch(out, ' ');
		oid_text(oid.body, out);
	} else if (bits)
		strbuf_addf(out, " explicit %d", bits);
}

void key_describe(struct slice in, struct strbuf *out)
{
	const struct algorithm *a;
	struct key_info info;
	struct spki k;

	if (!open_spki(in, &k)) {
		strbuf_addstr(out, "unreadable");
		return;
	}
	a = algorithm_of(k.oid);
	if (!a) {
		strbuf_addstr(out, "unknown ");
		oid_dotted(k.oid, out);
		return;
	}
	strbuf_addstr(out, a->name);
	key_info(in, &info);
	if (info.type == KEY_EC)
		ec_text(&k, info.bits, out);
	else if (info.bits && (info.type == KEY_RSA || info.type == KEY_DSA))
		strbuf_addf(out, " %d", info.bits);
}

EVP_PKEY *key_load(struct slice spki)
{
	const unsigned char *p = spki.p;
	EVP_PKEY *key;

	if (!spki.n || spki.n > INT32_MAX)
		return NULL;
	key = d2i_PUBKEY(NULL, &p, (long)spki.n);
	if (!key)
		ERR_clear_error();
	return key;
}

/* ---- signatures ---- */

static bool open_algorithm(struct slice in, struct slice *oid, struct slice *params)
{
	struct der alg, d;

	if (!der_take(&in, DER_SEQUENCE, &alg) || !der_take(&alg.body, DER_OID, &d))
		return false;
	*oid = d.body;
	*params = alg.body;
	return true;
}

void sig_alg_text(struct slice sig_alg, struct strbuf *out)
{
	struct slice oid, params;

	if (open_algorithm(sig_alg, &oid, &params))
		oid_text(oid, out);
	else
		strbuf_addstr(out, "unreadable");
}

/* RSASSA-PSS-params: [0] names the hash; without it, it is SHA-1. */
static bool weak_pss(struct slice params)
{
	static const struct slice weak[] = {
		OID("\x2B\x0E\x03\x02\x1A"),             /* SHA-1 */
		OID("\x2A\x86\x48\x86\xF7\x0D\x02\x05"), /* MD5 */
	};
	struct slice oid, rest;
	struct der d, hash;

	if (!der_take(&params, DER_SEQUENCE, &d) || !der_take(&d.body, DER_CONTEXT | DER_CONSTRUCTED | 0, &hash) ||
		!open_algorithm(hash.body, &oid, &rest))
		return true;
	for (size_t i = 0; i < LENGTH(weak); i++) {
		if (slice_equal(oid, weak[i]))
			return true;
	}
	return false;
}

bool sig_alg_weak(struct slice sig_alg)
{
	static const struct slice pss = OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0A");
	static const struct slice weak[] = {
		OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x05"), /* sha1WithRSAEncryption */
		OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x04"), /* md5 */
		OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x02"), /* md2 */
		OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x03"), /* md4 */
		OID("\x2A\x86\x48\xCE\x3D\x04\x01"),         /* ecdsa-with-SHA1 */
		OID("\x2A\x86\x48\xCE\x38\x04\x03"),         /* dsa-with-sha1 */
		OID("\x2B\x0E\x03\x02\x1D"),                 /* sha1WithRSA, of OIW like those below */
		OID("\x2B\x0E\x03\x02\x0F"),                 /* shaWithRSAEncryption */
		OID("\x2B\x0E\x03\x02\x03"),                 /* md5WithRSA */
		OID("\x2B\x0E\x03\x02\x19"),                 /* md5WithRSASignature */
		OID("\x2B\x0E\x03\x02\x1B"),                 /* dsaWithSHA1 */
		OID("\x2B\x0E\x03\x02\x0D"),                 /* dsaWithSHA */
	};
	struct slice oid, params;

	if (!open_algorithm(sig_alg, &oid, &params))
		return false;
	if (slice_equal(oid, pss))
		return weak_pss(params);
	for (size_t i = 0; i < LENGTH(weak); i++) {
		if (slice_equal(oid, weak[i]))
			return true;
	}
	return false;
}

/* OpenSSL says "no" alike to a wrong signature and to a hash that it has not (MD2, MD4); so ask beforehand. */
static bool supported(const X509_ALGOR *alg)
{
	const ASN1_OBJECT *object;
	EVP_MD *md;
	int hash, key;

	X509_ALGOR_get0(&object, NULL, NULL, alg);
	if (!OBJ_find_sigid_algs(OBJ_obj2nid(object), &hash, &key))
		return false;
	if (hash == NID_undef)
		return true;
	md = EVP_MD_fetch(NULL, OBJ_nid2sn(hash), NULL);
	EVP_MD_free(md);
	return md != NULL;
}

/* A SEQUENCE held in an ASN1_STRING is encoded as the bytes it holds: so the signed bytes are verified as they stand.
 */
static int verify(EVP_PKEY *key, const X509_ALGOR *alg, struct slice signed_bytes, struct slice signature)
{
	const ASN1_STRING data = {
		.length = (int)signed_bytes.n, .type = V_ASN1_SEQUENCE, .data = (unsigned char *)signed_bytes.p
	};
	const ASN1_STRING sig = {
		.length = (int)signature.n, .type = V_ASN1_BIT_STRING, .data = (unsigned char *)signature.p
	};

	return ASN1_item_verify(ASN1_ITEM_rptr(ASN1_SEQUENCE), alg, &sig, &data, key) == 1;
}

int key_verify(EVP_PKEY *key, struct slice sig_alg, struct slice signed_bytes, struct slice signature)
{
	const unsigned char *p = sig_alg.p;
	X509_ALGOR *alg;
	int r = -1;

	if (signed_bytes.n > INT32_MAX || signature.n > INT32_MAX || sig_alg.n > INT32_MAX || !sig_alg.n)
		return -1;
	alg = d2i_X509_ALGOR(NULL, &p, (long)sig_alg.n);
	if (alg && supported(alg))
		r = verify(key, alg, signed_bytes, signature);
	X509_ALGOR_free(alg);
	ERR_clear_error();
	return r;
}

/* How an algorithm signs a hash that was made beforehand. */
struct hash_signing {
	EVP_MD *md;      /* NULL: it does not, or OpenSSL has not the hash */
	EVP_MD *mask_md; /* of RSASSA-PSS (RFC 8017 8.1, RFC 4055 3.1), else NULL */
	int key_type, salt_len;
};

/* What the parameters leave out is SHA-1. */
static EVP_MD *pss_md(const X509_ALGOR *hash)
{
	return EVP_MD_fetch(NULL, hash ? OBJ_nid2sn(OBJ_obj2nid(hash->algorithm)) : "SHA1", NULL);
}

static EVP_MD *pss_mask_md(const X509_ALGOR *mask)
{
	X509_ALGOR *hash;
	EVP_MD *md;

	if (!mask)
		return pss_md(NULL);
	if (OBJ_obj2nid(mask->algorithm) != NID_mgf1)
		return NULL;
	hash = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(X509_ALGOR), mask->parameter);
	md = hash ? pss_md(hash) : NULL;
	X509_ALGOR_free(hash);
	return md;
}

static void read_pss(const X509_ALGOR *alg, struct hash_signing *ret)
{
	RSA_PSS_PARAMS *pss = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(RSA_PSS_PARAMS), alg->parameter);
	long salt = pss && pss->saltLength ? ASN1_INTEGER_get(pss->saltLength) : 20;

	if (pss && salt >= 0 && salt <= INT16_MAX && (!pss->trailerField || ASN1_INTEGER_get(pss->trailerField) == 1)) {
		ret->key_type = EVP_PKEY_RSA;
		ret->salt_len = (int)salt;
		ret->mask_md = pss_mask_md(pss->maskGenAlgorithm);
		ret->md = ret->mask_md ? pss_md(pss->hashAlgorithm) : NULL;
	}
	RSA_PSS_PARAMS_free(pss);
}

static struct hash_signing hash_signing(struct slice sig_alg)
{
	struct hash_signing ret = { 0 };
	const unsigned char *p = sig_alg.p;
	const ASN1_OBJECT *object;
	int hash;

	if (!sig_alg.n || sig_alg.n > INT32_MAX)
		return ret;
	X509_ALGOR *alg = d2i_X509_ALGOR(NULL, &p, (long)sig_alg.n);
	if (alg) {
		X509_ALGOR_get0(&object, NULL, NULL, alg);
		if (OBJ_obj2nid(object) == NID_rsassaPss)
			read_pss(alg, &ret);
		else if (OBJ_find_sigid_algs(OBJ_obj2nid(object), &hash, &ret.key_type) && hash != NID_undef &&
			 (ret.key_type == NID_rsaEncryption || ret.key_type == NID_X9_62_id_ecPublicKey ||
				 ret.key_type == NID_dsa))
			ret.md = EVP_MD_fetch(NULL, OBJ_nid2sn(hash), NULL);
	}
	X509_ALGOR_free(alg);
	ERR_clear_error();
	return ret;
}

static void hash_signing_release(struct hash_signing *s)
{
	EVP_MD_free(s->md);
	EVP_MD_free(s->mask_md);
}

EVP_MD *sig_alg_hash(struct slice sig_alg)
{
	struct hash_signing s = hash_signing(sig_alg);

	EVP_MD_free(s.mask_md);
	return s.md;
}

static bool key_fits(EVP_PKEY *key, const struct hash_signing *s)
{
	int type = EVP_PKEY_get_base_id(key);

	return type == EVP_PKEY_type(s->key_type) || (s->mask_md && type == EVP_PKEY_RSA_PSS);
}

static bool verify_hash(EVP_PKEY_CTX *ctx, const struct hash_signing *s, struct slice digest, struct slice signature)
{
	if (EVP_PKEY_verify_init(ctx) <= 0)
		return false;
	if (s->mask_md && (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) <= 0 ||
				  EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, s->mask_md) <= 0 ||
				  EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, s->salt_len) <= 0))
		return false;
	return EVP_PKEY_CTX_set_signature_md(ctx, s->md) > 0 &&
	       EVP_PKEY_verify(ctx, signature.p, signature.n, digest.p, digest.n) == 1;
}

int key_verify_digest(EVP_PKEY *key, struct slice sig_alg, struct slice digest, struct slice signature)
{
	struct hash_signing s = hash_signing(sig_alg);
	EVP_PKEY_CTX *ctx = s.md && key_fits(key, &s) ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
	int r = s.md ? ctx && verify_hash(ctx, &s, digest, signature) : -1;

	EVP_PKEY_CTX_free(ctx);
	hash_signing_release(&s);
	ERR_clear_error();
	return r;
}

int x509_verify(const struct x509_cert *c, EVP_PKEY *key)
{
	struct der outer, inner;
	struct slice a = c->sig_alg, b = c->tbs_sig_alg;

	if (!der_next(&a, &outer) || !der_next(&b, &inner))
		return -1;
	if (!slice_equal(outer.body, inner.body) || c->sig_unused_bits)
		return 0;
	return key_verify(key, c->sig_alg, c->tbs, c->signature);
}
