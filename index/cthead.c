#include "index/cthead.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

/* A note with a key's signature and those of witnesses, ML-DSA's among them. */
#define NOTE_MAX 65536
#define STATIC_KEY_TYPE 0x05

void ct_log_id(struct slice spki, uint8_t ret[32])
{
	EVP_Digest(spki.p, spki.n, ret, NULL, EVP_sha256(), NULL);
}

/* DigitallySigned of RFC 5246 4.7. */
static int take_signature(struct ct_head *h, const uint8_t *p, size_t n, struct err *err)
{
	size_t len = n >= 4 ? (size_t)p[2] << 8 | p[3] : 0;

	if (n < 4 || len != n - 4 || len > sizeof(h->signature))
		return err_set(err, ERR_INPUT, "a signature of a wrong length");
	h->hash_alg = p[0];
	h->sig_alg = p[1];
	h->signature_n = len;
	memcpy(h->signature, p + 4, len);
	return 0;
}

static int take_root(struct ct_head *h, const char *text, size_t n, struct err *err)
{
	uint8_t *root = NULL;
	size_t len = 0;
	int rc = base64_decode(text, n, &root, &len);

	if (rc == 0 && len == 32)
		memcpy(h->root, root, 32);
	else
		rc = err_set(err, ERR_INPUT, "the root hash is no base64 of 32 bytes");
	free(root);
	return rc;
}

static int read_sth(struct ct_head *h, const json_t *root, struct err *err)
{
	const json_t *size = json_object_get(root, "tree_size"), *time = json_object_get(root, "timestamp");
	const json_t *hash = json_object_get(root, "sha256_root_hash"), *sig = json_object_get(root, "tree_head_signature");
	uint8_t *bytes = NULL;
	size_t n = 0;

	if (!json_is_integer(size) || json_integer_value(size) < 0)
		return err_set(err, ERR_INPUT, "no tree_size");
	if (!json_is_integer(time) || json_integer_value(time) < 0)
		return err_set(err, ERR_INPUT, "no timestamp");
	if (!json_is_string(hash) || !json_is_string(sig))
		return err_set(err, ERR_INPUT, "no sha256_root_hash or no tree_head_signature");
	h->size = (uint64_t)json_integer_value(size);
	h->timestamp = json_integer_value(time);
	if (take_root(h, json_string_value(hash), json_string_length(hash), err) < 0)
		return -1;
	int rc = base64_decode(json_string_value(sig), json_string_length(sig), &bytes, &n);
	rc = rc < 0 ? err_set(err, ERR_INPUT, "tree_head_signature is no base64") : take_signature(h, bytes, n, err);
	free(bytes);
	return rc;
}

int ct_head_sth(struct ct_head *ret, const char *json, size_t n, struct err *err)
{
	json_error_t why;
	json_t *root = json_loadb(json, n, 0, &why);

	*ret = (struct ct_head){ 0 };
	if (!root)
		return err_set(err, ERR_INPUT, "no JSON: line %d: %s", why.line, why.text);
	int rc = read_sth(ret, root, err);
	json_decref(root);
	return rc;
}

/* The next line without its end; false when none ends. */
static bool take_line(struct slice *rest, struct slice *ret)
{
	const uint8_t *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;

	if (!end)
		return false;
	*ret = (struct slice){ rest->p, (size_t)(end - rest->p) };
	rest->n -= ret->n + 1;
	rest->p = end + 1;
	return true;
}

static int read_size(struct slice line, uint64_t *ret)
{
	char text[24];

	if (line.n == 0 || line.n >= sizeof(text) || (line.p[0] == '0' && line.n > 1))
		return -1;
	memcpy(text, line.p, line.n);
	text[line.n] = '\0';
	return text[strspn(text, "0123456789")] ? -1 : num_parse_u64(text, ret);
}

/* Origin, size, root and the empty line; *rest is left at the signatures. */
static int read_note(struct ct_head *h, struct slice *rest, struct slice *origin, struct err *err)
{
	struct slice size, root, empty;

	if (rest->n > NOTE_MAX)
		return err_set(err, ERR_INPUT, "a checkpoint of %zu bytes", rest->n);
	if (!take_line(rest, origin) || !take_line(rest, &size) || !take_line(rest, &root) || !take_line(rest, &empty))
		return err_set(err, ERR_INPUT, "no checkpoint: fewer than four lines");
	if (origin->n == 0)
		return err_set(err, ERR_INPUT, "a checkpoint without origin");
	if (read_size(size, &h->size) < 0)
		return err_set(err, ERR_INPUT, "a checkpoint whose second line is no size");
	if (take_root(h, (const char *)root.p, root.n, err) < 0)
		return -1;
	if (empty.n)
		return err_set(err, ERR_INPUT, "a checkpoint with further lines, which logs must not write");
	return 0;
}

int ct_head_unsigned(struct ct_head *ret, const char *text, size_t n, struct err *err)
{
	struct slice rest = { (const uint8_t *)text, n }, origin;

	*ret = (struct ct_head){ 0 };
	return read_note(ret, &rest, &origin, err);
}

/* "— NAME BASE64" of the right name and key: 1 with its bytes. */
static int is_ours(struct slice line, struct slice origin, const uint8_t key_id[4], uint8_t **ret, size_t *n)
{
	static const char dash[] = "\xe2\x80\x94 ";
	size_t before = sizeof(dash) - 1 + origin.n + 1;

	if (line.n <= before || memcmp(line.p, dash, sizeof(dash) - 1) != 0 ||
	    memcmp(line.p + sizeof(dash) - 1, origin.p, origin.n) != 0 || line.p[before - 1] != ' ')
		return 0;
	if (base64_decode((const char *)line.p + before, line.n - before, ret, n) < 0)
		return 0;
	if (*n > 12 && memcmp(*ret, key_id, 4) == 0)
		return 1;
	free(*ret);
	*ret = NULL;
	return 0;
}

static void key_id_of(struct slice origin, const uint8_t log_id[32], uint8_t ret[4])
{
	uint8_t hash[32];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	EVP_DigestUpdate(ctx, origin.p, origin.n);
	EVP_DigestUpdate(ctx, "\n\x05", 2);
	EVP_DigestUpdate(ctx, log_id, 32);
	EVP_DigestFinal_ex(ctx, hash, NULL);
	EVP_MD_CTX_free(ctx);
	memcpy(ret, hash, 4);
}

int ct_head_checkpoint(struct ct_head *ret, const char *origin, const uint8_t log_id[32], const char *text, size_t n,
                       struct err *err)
{
	struct slice rest = { (const uint8_t *)text, n }, name, line;
	uint8_t key_id[4], *sig = NULL;
	size_t sig_n;

	*ret = (struct ct_head){ 0 };
	if (read_note(ret, &rest, &name, err) < 0)
		return -1;
	if (origin && (strlen(origin) != name.n || memcmp(origin, name.p, name.n) != 0))
		return err_set(err, ERR_INPUT, "a checkpoint of '%.*s', not of '%s'", (int)(name.n < 200 ? name.n : 200),
		               (const char *)name.p, origin);
	key_id_of(name, log_id, key_id);
	while (take_line(&rest, &line))
		if (is_ours(line, name, key_id, &sig, &sig_n))
			break;
	if (!sig)
		return err_set(err, ERR_INPUT, "a checkpoint without signature by the log's key");
	for (int i = 0; i < 8; i++)
		ret->timestamp = (int64_t)((uint64_t)ret->timestamp << 8 | sig[4 + i]);
	int rc = take_signature(ret, sig + 12, sig_n - 12, err);
	free(sig);
	if (rc == 0 && ret->timestamp < 0)
		rc = err_set(err, ERR_INPUT, "a checkpoint from before 1970");
	return rc;
}

static void put_u64(uint8_t *to, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		to[i] = (uint8_t)(v >> (56 - 8 * i));
}

int ct_head_verify(const struct ct_head *h, EVP_PKEY *key, struct err *err)
{
	/* version 1, tree_hash, timestamp, size, root: TreeHeadSignature of RFC 6962 3.5 */
	uint8_t bytes[50] = { 0, 1 };
	int want = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? 1 : 3;

	put_u64(bytes + 2, (uint64_t)h->timestamp);
	put_u64(bytes + 10, h->size);
	memcpy(bytes + 18, h->root, 32);
	if (h->hash_alg != 4 || h->sig_alg != want)
		return err_set(err, ERR_INPUT, "a tree head signed in a way that does not fit the log's key");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	            EVP_DigestVerify(ctx, h->signature, h->signature_n, bytes, sizeof(bytes)) == 1;
	EVP_MD_CTX_free(ctx);
	return good ? 0 : err_set(err, ERR_INPUT, "a tree head whose signature does not verify with the log's key");
}
