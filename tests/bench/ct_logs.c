#include "ct_logs.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "index/cthead.h"
#include "index/merkle.h"

#define SERIAL_MARK 0x7a
#define NAME_MARK "nnnnnnnnnn"
#define ORIGIN "bench.fictional.example"
/* What CTFE gives at once unless it is told otherwise. */
#define RFC_MOST 1000

struct template final_one, precert_one;
struct bytes tile[TILES];
char rfc_id[64], rfc_key[256];
static struct bytes zipped[TILES], issuer;
static char *checkpoint, *description, *sth;
static char issuer_path[80];
/* The entries as JSON, a comma behind each; entry i is pages[page_at[i] .. page_at[i + 1]). */
static struct strbuf pages = STRBUF_INIT;
static size_t page_at[ENTRIES + 1];

void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_ct: %s\n", what);
	exit(1);
}

/* ---- the log ---- */

static void extend(X509 *x, X509 *ca, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, ca, x, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	must(e && X509_add_ext(x, e, -1) == 1, value);
	X509_EXTENSION_free(e);
}

static void extend_raw(X509 *x, const char *oid, bool critical, const uint8_t *p, size_t n)
{
	ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *s = ASN1_OCTET_STRING_new();

	ASN1_OCTET_STRING_set(s, p, (int)n);
	X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, o, critical, s);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(s);
	ASN1_OBJECT_free(o);
}

static X509 *blank(X509 *ca, EVP_PKEY *key, const char *name)
{
	X509 *x = X509_new();
	uint8_t serial[16];
	BIGNUM *bn;

	memset(serial, SERIAL_MARK, sizeof(serial));
	bn = BN_bin2bn(serial, sizeof(serial), NULL);
	X509_set_version(x, 2);
	BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x));
	BN_free(bn);
	ASN1_TIME_set_string(X509_getm_notBefore(x), "20260501000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(x), "20260730235959Z");
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const uint8_t *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(ca ? ca : x));
	X509_set_pubkey(x, key);
	return x;
}

/* sct: an SCT list stands in it; poison: it is a precertificate. */
static X509 *leaf(X509 *ca, EVP_PKEY *ca_key, EVP_PKEY *key, bool sct, bool poison)
{
	X509 *x = blank(ca, key, NAME_MARK ".fictional.example");
	uint8_t list[2 + 2 + 2 + 2 * (2 + 118)] = { 4, 245, 0, 0 };

	extend(x, ca, NID_key_usage, "critical,digitalSignature");
	extend(x, ca, NID_ext_key_usage, "serverAuth,clientAuth");
	extend(x, ca, NID_basic_constraints, "critical,CA:FALSE");
	extend(x, ca, NID_subject_key_identifier, "hash");
	extend(x, ca, NID_info_access, "OCSP;URI:http://ocsp.fictional.example,caIssuers;URI:http://ca.fictional.example/ca.der");
	extend(x, ca, NID_crl_distribution_points, "URI:http://crl.fictional.example/0123.crl");
	extend_raw(x, "2.5.29.32", false, (const uint8_t *)"\x30\x0a\x30\x08\x06\x06\x67\x81\x0c\x01\x02\x01", 12);
	extend(x, ca, NID_subject_alt_name, "DNS:" NAME_MARK ".fictional.example,DNS:www.fictional.example");
	if (sct) {
		size_t at = 5;
		list[1] = 0x82;
		list[2] = 0;
		list[3] = 2 + 2 * 120;
		list[4] = 0;
		list[at++] = 2 * 120;
		for (int i = 0; i < 2; i++) {
			list[at] = 0;
			list[at + 1] = 118;
			memset(list + at + 2, 0, 118);
			memcpy(list + at + 2 + 33, "\0\0\x01\x9d\xf0\0\0\0", 8);
			list[at + 2 + 1] = (uint8_t)i;
			at += 120;
		}
		extend_raw(x, "1.3.6.1.4.1.11129.2.4.2", false, list, at);
	}
	if (poison)
		extend_raw(x, "1.3.6.1.4.1.11129.2.4.3", true, (const uint8_t *)"\5\0", 2);
	must(X509_sign(x, ca_key, EVP_sha256()) > 0, "signing");
	return x;
}

static struct bytes der_of(X509 *x, bool tbs)
{
	uint8_t *p = NULL;
	int n = tbs ? i2d_re_X509_tbs(x, &p) : i2d_X509(x, &p);

	return (struct bytes){ p, (size_t)n };
}

static void patch(uint8_t *p, size_t n, uint32_t i)
{
	uint8_t mark[16], digits[11];

	memset(mark, SERIAL_MARK, sizeof(mark));
	uint8_t *at = memmem(p, n, mark, sizeof(mark));
	must(at != NULL, "no serial number to patch");
	/* as a counter through a mixer, so that serial numbers look like random ones */
	for (int k = 0; k < 12; k++)
		at[k + 1] = (uint8_t)((i * 2654435761u + 977u * (unsigned)k) >> (k % 4 * 8));
	memcpy(at + 12, &i, 4);
	snprintf((char *)digits, sizeof(digits), "%010u", i);
	while ((at = memmem(p, n, NAME_MARK, 10)) != NULL)
		memcpy(at, digits, 10);
}

static void put(struct strbuf *b, uint64_t v, int n)
{
	while (n-- > 0)
		strbuf_addch(b, (char)(v >> (8 * n)));
}

static void put_patched(struct strbuf *b, const struct bytes *t, uint32_t i)
{
	size_t at = b->len;

	strbuf_add(b, t->p, t->n);
	patch((uint8_t *)b->buf + at, t->n, i);
}

static void make_tile(size_t t, const uint8_t key_hash[32], const uint8_t fingerprint[32], struct merkle_hasher *h,
                      struct merkle *tree)
{
	struct strbuf b = STRBUF_INIT;
	uint8_t(*hash)[32] = xcalloc(256, 32), root[32];

	for (uint32_t k = 0; k < 256; k++) {
		uint32_t i = (uint32_t)t * 256 + k;
		bool pre = i & 1;
		size_t from = b.len;
		put(&b, 1779000000000 + i, 8);
		put(&b, pre, 2);
		if (pre)
			strbuf_add(&b, key_hash, 32);
		put(&b, pre ? precert_one.tbs.n : final_one.cert.n, 3);
		put_patched(&b, pre ? &precert_one.tbs : &final_one.cert, i);
		put(&b, 8, 2);
		put(&b, 0, 1);
		put(&b, 5, 2);
		put(&b, i, 5);
		merkle_leaf_hash(h, "\0\0", 2, b.buf + from, b.len - from, hash[k]);
		if (pre) {
			put(&b, precert_one.cert.n, 3);
			put_patched(&b, &precert_one.cert, i);
		}
		put(&b, 32, 2);
		strbuf_add(&b, fingerprint, 32);
	}
	merkle_root_of(h, (const uint8_t(*)[32])hash, 256, root);
	merkle_append_subtree(h, tree, 8, root);
	free(hash);
	tile[t].n = b.len;
	tile[t].p = (uint8_t *)strbuf_detach(&b);
}

static void zip(size_t t)
{
	z_stream z = { 0 };

	must(deflateInit2(&z, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflate");
	size_t most = deflateBound(&z, tile[t].n);
	zipped[t].p = xmalloc(most);
	z.next_in = tile[t].p;
	z.avail_in = (uInt)tile[t].n;
	z.next_out = zipped[t].p;
	z.avail_out = (uInt)most;
	deflate(&z, Z_FINISH);
	zipped[t].n = z.total_out;
	deflateEnd(&z);
}

static void base64(struct strbuf *b, const void *p, size_t n)
{
	uint8_t text[8192];

	must(n < 6000, "too long for base64");
	EVP_EncodeBlock(text, p, (int)n);
	strbuf_addstr(b, (const char *)text);
}

/* A DigitallySigned over the tree head (RFC 6962 3.5); its length. */
static size_t sign(EVP_PKEY *key, const uint8_t root[32], uint64_t when, uint8_t ret[300])
{
	uint8_t head[50] = { 0, 1 };
	uint64_t size = ENTRIES;
	size_t n = 256;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	for (int i = 0; i < 8; i++) {
		head[2 + i] = (uint8_t)(when >> (56 - 8 * i));
		head[10 + i] = (uint8_t)(size >> (56 - 8 * i));
	}
	memcpy(head + 18, root, 32);
	EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key);
	must(EVP_DigestSign(ctx, ret + 4, &n, head, sizeof(head)) == 1, "signing the head");
	memcpy(ret, "\4\3\0", 3);
	ret[3] = (uint8_t)n;
	EVP_MD_CTX_free(ctx);
	return 4 + n;
}

#define WHEN 1780000000000

static void sign_static(EVP_PKEY *key, const uint8_t root[32])
{
	uint8_t sig[12 + 300], id[32], hash[32], *spki = NULL;
	struct strbuf note = STRBUF_INIT, own = STRBUF_INIT, kid = STRBUF_INIT;
	int spki_n = i2d_PUBKEY(key, &spki);

	ct_log_id((struct slice){ spki, (size_t)spki_n }, id);
	strbuf_addstr(&kid, ORIGIN "\n\x05");
	strbuf_add(&kid, id, 32);
	EVP_Digest(kid.buf, kid.len, hash, NULL, EVP_sha256(), NULL);
	memcpy(sig, hash, 4);
	for (int i = 0; i < 8; i++)
		sig[4 + i] = (uint8_t)(WHEN >> (56 - 8 * i));
	size_t n = sign(key, root, WHEN, sig + 12);
	strbuf_addf(&note, ORIGIN "\n%d\n", ENTRIES);
	base64(&note, root, 32);
	strbuf_addstr(&note, "\n\n\u2014 " ORIGIN " ");
	base64(&note, sig, 12 + n);
	strbuf_addstr(&note, "\n");
	checkpoint = strbuf_detach(&note);
	strbuf_addstr(&own, "{\"description\":\"Fictional bench log\",\"monitoring_url\":\"https://" ORIGIN "/\","
	                    "\"submission_url\":\"https://" ORIGIN "/\",\"key\":\"");
	base64(&own, spki, (size_t)spki_n);
	strbuf_addstr(&own, "\"}");
	description = strbuf_detach(&own);
}

static void sign_rfc(EVP_PKEY *key, const uint8_t root[32])
{
	uint8_t sig[300], id[32], *spki = NULL;
	struct strbuf b = STRBUF_INIT, text = STRBUF_INIT;
	int spki_n = i2d_PUBKEY(key, &spki);
	size_t n = sign(key, root, WHEN, sig);

	ct_log_id((struct slice){ spki, (size_t)spki_n }, id);
	base64(&text, id, 32);
	snprintf(rfc_id, sizeof(rfc_id), "%s", text.buf);
	strbuf_reset(&text);
	base64(&text, spki, (size_t)spki_n);
	snprintf(rfc_key, sizeof(rfc_key), "%s", text.buf);
	strbuf_addf(&b, "{\"tree_size\":%d,\"timestamp\":%llu,\"sha256_root_hash\":\"", ENTRIES, (unsigned long long)WHEN);
	base64(&b, root, 32);
	strbuf_addstr(&b, "\",\"tree_head_signature\":\"");
	base64(&b, sig, n);
	strbuf_addstr(&b, "\"}");
	sth = strbuf_detach(&b);
	strbuf_release(&text);
}

/* Entry i as get-entries gives it, its leaf hash into the tree. */
static void make_rfc_entry(uint32_t i, const uint8_t key_hash[32], struct merkle_hasher *h, struct merkle *tree)
{
	struct strbuf leaf_input = STRBUF_INIT, extra = STRBUF_INIT;
	uint8_t hash[32];
	bool pre = i & 1;

	put(&leaf_input, 0, 2);
	put(&leaf_input, 1779000000000 + i, 8);
	put(&leaf_input, pre, 2);
	if (pre)
		strbuf_add(&leaf_input, key_hash, 32);
	put(&leaf_input, pre ? precert_one.tbs.n : final_one.cert.n, 3);
	put_patched(&leaf_input, pre ? &precert_one.tbs : &final_one.cert, i);
	put(&leaf_input, 0, 2);
	merkle_leaf_hash(h, "", 0, leaf_input.buf, leaf_input.len, hash);
	merkle_append(h, tree, hash);
	if (pre) {
		put(&extra, precert_one.cert.n, 3);
		put_patched(&extra, &precert_one.cert, i);
	}
	put(&extra, issuer.n + 3, 3);
	put(&extra, issuer.n, 3);
	strbuf_add(&extra, issuer.p, issuer.n);
	page_at[i] = pages.len;
	strbuf_addstr(&pages, "{\"leaf_input\":\"");
	base64(&pages, leaf_input.buf, leaf_input.len);
	strbuf_addstr(&pages, "\",\"extra_data\":\"");
	base64(&pages, extra.buf, extra.len);
	strbuf_addstr(&pages, "\"},");
	page_at[i + 1] = pages.len;
	strbuf_release(&leaf_input);
	strbuf_release(&extra);
}

void make_logs(void)
{
	EVP_PKEY *ca_key = EVP_RSA_gen(2048), *key = EVP_RSA_gen(2048), *log_key = EVP_EC_gen("P-256"), *rfc_log_key = EVP_EC_gen("P-256");
	X509 *ca = blank(NULL, ca_key, "Fictional Bench CA");
	struct merkle_hasher *h = merkle_hasher_new();
	struct merkle tree = MERKLE_INIT, rfc = MERKLE_INIT;
	uint8_t key_hash[32], fingerprint[32], root[32], *spki = NULL;
	char hex[65];

	extend(ca, ca, NID_basic_constraints, "critical,CA:TRUE");
	X509_sign(ca, ca_key, EVP_sha256());
	issuer = der_of(ca, false);
	int spki_n = i2d_PUBKEY(ca_key, &spki);
	merkle_sha256(h, spki, (size_t)spki_n, key_hash);
	merkle_sha256(h, issuer.p, issuer.n, fingerprint);
	hex_encode(fingerprint, 32, hex);
	snprintf(issuer_path, sizeof(issuer_path), "/static/issuer/%s", hex);
	final_one.cert = der_of(leaf(ca, ca_key, key, true, false), false);
	precert_one.cert = der_of(leaf(ca, ca_key, key, false, true), false);
	precert_one.tbs = der_of(leaf(ca, ca_key, key, false, false), true);
	for (size_t t = 0; t < TILES; t++) {
		make_tile(t, key_hash, fingerprint, h, &tree);
		zip(t);
	}
	merkle_root(h, &tree, root);
	sign_static(log_key, root);
	for (uint32_t i = 0; i < ENTRIES; i++)
		make_rfc_entry(i, key_hash, h, &rfc);
	merkle_root(h, &rfc, root);
	sign_rfc(rfc_log_key, root);
	merkle_hasher_free(h);
}

/* ---- the server ---- */

static bool send_all(int fd, const void *p, size_t n)
{
	const uint8_t *at = p;

	while (n) {
		ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		at += sent;
		n -= (size_t)sent;
	}
	return true;
}

static struct bytes find_static(const char *path, bool *gzip)
{
	unsigned a, b;
	int end = 0;

	*gzip = false;
	if (strcmp(path, "/static/checkpoint") == 0)
		return (struct bytes){ (uint8_t *)checkpoint, strlen(checkpoint) };
	if (strcmp(path, "/static/log.v3.json") == 0)
		return (struct bytes){ (uint8_t *)description, strlen(description) };
	if (strcmp(path, issuer_path) == 0)
		return issuer;
	if (sscanf(path, "/static/tile/data/x%u/%u%n", &a, &b, &end) == 2 && !path[end])
		b += a * 1000;
	else if (sscanf(path, "/static/tile/data/%u%n", &b, &end) != 1 || path[end])
		return (struct bytes){ 0 };
	*gzip = b < TILES;
	return b < TILES ? zipped[b] : (struct bytes){ 0 };
}

static bool answer_static(int fd, const char *path)
{
	bool gzip;
	struct bytes body = find_static(path, &gzip);
	char head[256];

	snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", body.p ? "200 OK" : "404 none", body.n,
	         gzip ? "Content-Encoding: gzip\r\n" : "");
	return send_all(fd, head, strlen(head)) && send_all(fd, body.p, body.n);
}

static bool answer_rfc(int fd, const char *path)
{
	char head[256];
	unsigned first, last;

	if (strcmp(path, "/rfc/ct/v1/get-sth") == 0) {
		snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", strlen(sth));
		return send_all(fd, head, strlen(head)) && send_all(fd, sth, strlen(sth));
	}
	if (sscanf(path, "/rfc/ct/v1/get-entries?start=%u&end=%u", &first, &last) != 2 || first >= ENTRIES || last < first) {
		snprintf(head, sizeof(head), "HTTP/1.1 404 none\r\nContent-Length: 0\r\n\r\n");
		return send_all(fd, head, strlen(head));
	}
	if (last >= first + RFC_MOST)
		last = first + RFC_MOST - 1;
	if (last >= ENTRIES)
		last = ENTRIES - 1;
	size_t n = page_at[last + 1] - page_at[first] - 1;
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n{\"entries\":[", n + 14);
	return send_all(fd, head, strlen(head)) && send_all(fd, pages.buf + page_at[first], n) && send_all(fd, "]}", 2);
}

static void *serve(void *arg)
{
	int fd = (int)(intptr_t)arg, one = 1;
	char in[16384], path[256];
	size_t n = 0;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	for (;;) {
		char *end;
		while (!(end = memmem(in, n, "\r\n\r\n", 4))) {
			ssize_t got = n < sizeof(in) ? recv(fd, in + n, sizeof(in) - n, 0) : 0;
			if (got <= 0) {
				close(fd);
				return NULL;
			}
			n += (size_t)got;
		}
		bool good = sscanf(in, "GET %255s", path) == 1;
		if (!good || !(strncmp(path, "/rfc/", 5) == 0 ? answer_rfc(fd, path) : answer_static(fd, path))) {
			close(fd);
			return NULL;
		}
		size_t used = (size_t)(end + 4 - in);
		memmove(in, in + used, n - used);
		n -= used;
	}
}

pid_t start_server(unsigned *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	pthread_t thread;

	must(bind(listener, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(listener, 64) == 0, "cannot listen");
	getsockname(listener, (struct sockaddr *)&a, &len);
	*port = ntohs(a.sin_port);
	pid_t child = fork();
	if (child == 0) {
		for (;;) {
			int fd = accept(listener, NULL, NULL);
			if (fd < 0 || pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) != 0)
				_exit(1);
			pthread_detach(thread);
		}
	}
	close(listener);
	return child;
}
