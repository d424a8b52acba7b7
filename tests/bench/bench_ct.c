/* Reading a static log of 262,144 fictional entries, half precertificates, from a server on 127.0.0.1: bench_ct TMP.
 * Side by side: SHA-256 of the same bytes (the floor), OpenSSL's parser, ours, and the whole of fetching, proving, storing
 * and counting. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/vec.h"
#include "bench.h"
#include "index/ct.h"
#include "index/cthead.h"
#include "index/ctproof.h"
#include "index/index.h"
#include "index/ctentry.h"
#include "index/merkle.h"

#define ENTRIES 262144
#define TILES (ENTRIES / 256)
#define ROUNDS 3
#define D2I_ENTRIES 4096
#define SERIAL_MARK 0x7a
#define NAME_MARK "nnnnnnnnnn"
#define ORIGIN "bench.fictional.example"

struct bytes {
	uint8_t *p;
	size_t n;
};
/* A signed certificate whose serial number and first name are patched for each entry. */
struct template {
	struct bytes cert, tbs;
};
static struct template final_one, precert_one;
static struct bytes tile[TILES], zipped[TILES], level0[TILES], level1[4], issuer;
static char *checkpoint, *description;
static char issuer_path[80];

static void must(bool good, const char *what)
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
	memcpy(level1[t / 256].p + t % 256 * 32, root, 32);
	level0[t] = (struct bytes){ (uint8_t *)hash, 8192 };
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

static void base64(struct strbuf *b, const uint8_t *p, size_t n)
{
	uint8_t text[2048];

	EVP_EncodeBlock(text, p, (int)n);
	strbuf_addstr(b, (const char *)text);
}

static void sign_head(EVP_PKEY *key, const uint8_t root[32])
{
	uint8_t head[50] = { 0, 1 }, sig[300], id[32], hash[32], *spki = NULL;
	uint64_t when = 1780000000000, size = ENTRIES;
	size_t n = 256;
	struct strbuf note = STRBUF_INIT, own = STRBUF_INIT, kid = STRBUF_INIT;
	int spki_n = i2d_PUBKEY(key, &spki);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	ct_log_id((struct slice){ spki, (size_t)spki_n }, id);
	strbuf_addstr(&kid, ORIGIN "\n\x05");
	strbuf_add(&kid, id, 32);
	EVP_Digest(kid.buf, kid.len, hash, NULL, EVP_sha256(), NULL);
	memcpy(sig, hash, 4);
	for (int i = 0; i < 8; i++) {
		head[2 + i] = sig[4 + i] = (uint8_t)(when >> (56 - 8 * i));
		head[10 + i] = (uint8_t)(size >> (56 - 8 * i));
	}
	memcpy(head + 18, root, 32);
	EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key);
	must(EVP_DigestSign(ctx, sig + 16, &n, head, sizeof(head)) == 1, "signing the head");
	memcpy(sig + 12, "\4\3\0", 3);
	sig[15] = (uint8_t)n;
	strbuf_addf(&note, ORIGIN "\n%d\n", ENTRIES);
	base64(&note, root, 32);
	strbuf_addstr(&note, "\n\n\u2014 " ORIGIN " ");
	base64(&note, sig, 16 + n);
	strbuf_addstr(&note, "\n");
	checkpoint = strbuf_detach(&note);
	strbuf_addstr(&own, "{\"description\":\"Fictional bench log\",\"monitoring_url\":\"https://" ORIGIN "/\","
	                    "\"submission_url\":\"https://" ORIGIN "/\",\"key\":\"");
	base64(&own, spki, (size_t)spki_n);
	strbuf_addstr(&own, "\"}");
	description = strbuf_detach(&own);
	EVP_MD_CTX_free(ctx);
}

static void make_log(void)
{
	EVP_PKEY *ca_key = EVP_RSA_gen(2048), *key = EVP_RSA_gen(2048), *log_key = EVP_EC_gen("P-256");
	X509 *ca = blank(NULL, ca_key, "Fictional Bench CA");
	struct merkle_hasher *h = merkle_hasher_new();
	struct merkle tree = MERKLE_INIT;
	uint8_t key_hash[32], fingerprint[32], root[32], *spki = NULL;
	char hex[65];

	extend(ca, ca, NID_basic_constraints, "critical,CA:TRUE");
	X509_sign(ca, ca_key, EVP_sha256());
	issuer = der_of(ca, false);
	int spki_n = i2d_PUBKEY(ca_key, &spki);
	merkle_sha256(h, spki, (size_t)spki_n, key_hash);
	merkle_sha256(h, issuer.p, issuer.n, fingerprint);
	hex_encode(fingerprint, 32, hex);
	snprintf(issuer_path, sizeof(issuer_path), "/issuer/%s", hex);
	final_one.cert = der_of(leaf(ca, ca_key, key, true, false), false);
	precert_one.cert = der_of(leaf(ca, ca_key, key, false, true), false);
	precert_one.tbs = der_of(leaf(ca, ca_key, key, false, false), true);
	for (int i = 0; i < 4; i++)
		level1[i] = (struct bytes){ xcalloc(256, 32), 8192 };
	for (size_t t = 0; t < TILES; t++) {
		make_tile(t, key_hash, fingerprint, h, &tree);
		zip(t);
	}
	merkle_root(h, &tree, root);
	sign_head(log_key, root);
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

static struct bytes find(const char *path, bool *gzip)
{
	unsigned a, b;
	int end = 0;

	*gzip = false;
	if (strcmp(path, "/checkpoint") == 0)
		return (struct bytes){ (uint8_t *)checkpoint, strlen(checkpoint) };
	if (strcmp(path, "/log.v3.json") == 0)
		return (struct bytes){ (uint8_t *)description, strlen(description) };
	if (strcmp(path, issuer_path) == 0)
		return issuer;
	if (sscanf(path, "/tile/data/x%u/%u%n", &a, &b, &end) == 2 && !path[end])
		b += a * 1000;
	else if (sscanf(path, "/tile/data/%u%n", &b, &end) != 1 || path[end])
		return (struct bytes){ 0 };
	*gzip = b < TILES;
	return b < TILES ? zipped[b] : (struct bytes){ 0 };
}

static void *serve(void *arg)
{
	int fd = (int)(intptr_t)arg, one = 1;
	char in[16384], path[256], head[256];
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
		bool gzip = false;
		struct bytes body = { 0 };
		if (sscanf(in, "GET %255s", path) == 1)
			body = find(path, &gzip);
		snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", body.p ? "200 OK" : "404 none", body.n,
		         gzip ? "Content-Encoding: gzip\r\n" : "");
		if (!send_all(fd, head, strlen(head)) || !send_all(fd, body.p, body.n)) {
			close(fd);
			return NULL;
		}
		size_t used = (size_t)(end + 4 - in);
		memmove(in, in + used, n - used);
		n -= used;
	}
}

/* In a process of its own, so that its time is not ours. */
static pid_t start_server(unsigned *port)
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

/* ---- what is measured ---- */

struct share {
	size_t from, to;
	bool parse;
};

static void *hash_share(void *arg)
{
	const struct share *s = arg;
	struct merkle_hasher *h = merkle_hasher_new();
	struct ct_tile cut;
	struct ct_entry e;
	struct ct_leaf read;
	static const uint64_t seed[2] = { 1234567891011, 1213141516171819 };
	uint8_t hash[32];

	for (size_t t = s->from; t < s->to; t++) {
		ct_tile_init(&cut, tile[t].p, tile[t].n);
		while (ct_tile_next(&cut, &e, NULL) == 1) {
			if (s->parse)
				must(ct_leaf_read(&e, &read, NULL) == CT_LEAF_OK && ct_leaf_content(&read, seed), "an entry is not read");
			else
				merkle_leaf_hash(h, "\0\0", 2, e.timestamped.p, e.timestamped.n, hash);
		}
	}
	merkle_hasher_free(h);
	return NULL;
}

static void in_threads(unsigned n, bool parse, struct series *into)
{
	pthread_t thread[2];
	struct share s[2] = { { 0, TILES / n, parse }, { TILES / 2, TILES, parse } };
	uint64_t started = clock_ns();

	for (unsigned i = 0; i < n; i++)
		pthread_create(&thread[i], NULL, hash_share, &s[i]);
	for (unsigned i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	series_add(into, started);
}

static void with_openssl(struct series *into)
{
	struct series one = { .n = 0 };
	uint64_t started = clock_ns();

	for (uint32_t i = 0; i < D2I_ENTRIES; i++) {
		const uint8_t *p = final_one.cert.p;
		X509_free(d2i_X509(NULL, &p, (long)final_one.cert.n));
	}
	series_add(&one, started);
	/* told for as many entries as the others */
	into->ms[into->n++] = one.ms[0] * (ENTRIES / D2I_ENTRIES);
}

static uint64_t issued(const char *db)
{
	struct index *ix;
	struct index_stats s;

	must(index_open(db, INDEX_READ, &ix, NULL) == 0, "the index cannot be opened");
	uint64_t n = index_graph(ix)->ca.n ? index_graph(ix)->ca.v[0].issued : 0;
	must(index_stats(ix, &s, NULL) == 0, "no statistics");
	index_close(ix);
	return n;
}

static void ingest(const char *db, const char *url, unsigned jobs, struct series *into)
{
	struct str_list logs = { 0 };
	struct ct_options o = { .logs = &logs, .to = UINT64_MAX, .most = UINT64_MAX, .jobs = jobs };
	struct ct_result r;
	struct err err = { 0 };
	char other[512];

	for (int i = 0; i < 3; i++) {
		snprintf(other, sizeof(other), "%s%s", db, i == 0 ? "" : i == 1 ? "-wal" : "-shm");
		unlink(other);
	}
	vec_push(&logs, url);
	uint64_t started = clock_ns();
	int rc = ct_fetch(db, &o, &r, &err);
	series_add(into, started);
	must(rc == 0 && r.failed == 0 && r.entries == ENTRIES, err.msg);
	must(issued(db) == ENTRIES, "a wrong count");
	vec_release(&logs);
}

int main(int argc, char **argv)
{
	struct series floor1 = { .n = 0 }, floor2 = { .n = 0 }, d2i = { .n = 0 }, parse = { .n = 0 }, one = { .n = 0 }, two = { .n = 0 };
	char url[64];
	unsigned port;

	must(argc == 2, "usage: bench_ct TMP.db");
	make_log();
	pid_t server = start_server(&port);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
	for (int i = 0; i < ROUNDS; i++) {
		in_threads(1, false, &floor1);
		in_threads(2, false, &floor2);
		with_openssl(&d2i);
		in_threads(1, true, &parse);
		ingest(argv[1], url, 1, &one);
		ingest(argv[1], url, 2, &two);
	}
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	printf("%d entries, %zu and %zu bytes of certificate\n", ENTRIES, final_one.cert.n, precert_one.tbs.n);
	bench_line("SHA-256 of the entries, 1 thread", &floor1, NULL, NULL);
	bench_line("SHA-256 of the entries, 2 threads", &floor2, "one thread", &floor1);
	bench_line("d2i_X509 (extrapolated)", &d2i, "SHA-256, 1 thread", &floor1);
	bench_line("parsed by canopy, 1 thread", &parse, "SHA-256, 1 thread", &floor1);
	bench_line("fetched, proven, stored, counted, 1 job", &one, "SHA-256, 1 thread", &floor1);
	bench_line("fetched, proven, stored, counted, 2 jobs", &two, "SHA-256, 2 threads", &floor2);
	printf("entries a second: %.0f with 1 job, %.0f with 2\n", ENTRIES / series_median(&one) * 1e3,
	       ENTRIES / series_median(&two) * 1e3);
	return 0;
}
