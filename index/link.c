/* From certificates to the hierarchy: which are CA certificates, which CA each belongs to, whose key signed
 * it. Candidates come by issuer name (RFC 5280 7.1); only a signature that verifies makes an edge. */
#include "index/import.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/map.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/vec.h"
#include "db/leafrun.h"
#include "index/crl.h"
#include "index/crtsh.h"
#include "index/figures.h"
#include "index/key.h"
#include "index/name.h"
#include "index/sites.h"
#include "index/x509.h"

enum { SIG_UNKNOWN = -2, SIG_UNSUPPORTED = -1, SIG_BAD = 0, SIG_GOOD = 1 };

struct link_cert {
	int64_t id;
	uint8_t sha256[32];
	enum db_class class;
	bool disclosed;
	struct x509_cert x;
	uint32_t issuer_name; /* number of the canonical issuer name */
	uint32_t node;        /* of a CA certificate */
	uint32_t next_signing; /* of its CA, NO_INDEX ends */
};

struct node { /* a CA */
	uint8_t ca_id[32];
	uint32_t key;        /* into linker.key */
	uint32_t next_same_name; /* further node with the same canonical name, NO_INDEX ends */
	uint32_t cert;       /* one of its certificates */
	uint32_t signing;    /* the first of them that is for signing precertificates of others, NO_INDEX none */
	bool plain;          /* one of them is not: it signs its own */
	int64_t db_id;
	struct named { /* by the record of that certificate which tells it best: name_owner() */
		const char *name; /* "" unknown */
		int rank;
		int64_t until, from; /* that certificate's validity */
		int32_t said;        /* day of CCADB's report, INT32_MIN of a derived one */
		const uint8_t *sha256;
	} owner, ca_owner, own; /* own: CA owner where no other runs it */
};

struct link_key {
	uint8_t sha256[32];
	struct slice spki;
};

struct check { /* does key verify cert? */
	uint32_t cert, key;
	int good;
};

struct ccadb_says { /* newest statement of each field */
	const char *owner, *sub_owner, *revocation;
	int32_t owner_said, sub_owner_said; /* days of the reports, INT32_MIN of derived ones */
};

/* Keys of one name tried for one certificate beyond the likely ones; real names have a dozen at most. */
#define CANDIDATES_MAX 64

struct linker {
	struct db *db;
	struct err *err;
	struct arena arena;
	VEC(struct link_cert) cert;
	VEC(struct node) node;
	VEC(struct link_key) key;
	VEC(uint32_t) first_of_name; /* by canonical name: first node */
	VEC(struct check) check;
	VEC(struct ccadb_says) says;
	struct map nodes, keys, names, known, records;
	struct sites *sites; /* that leaves are compared with, or NULL */
	struct site_ids ids;
	size_t checked; /* signatures */
	size_t capped;  /* certificates with more candidates than were tried */
};

/* ---- reading ---- */

static uint32_t name_number(struct linker *l, struct slice name)
{
	struct strbuf canon = STRBUF_INIT;
	bool is_new;

	x509_name_canon(name, &canon);
	uint64_t *v = map_at(&l->names, canon.buf, canon.len, &is_new);
	if (is_new) {
		*v = l->first_of_name.n;
		vec_push(&l->first_of_name, NO_INDEX);
	}
	strbuf_release(&canon);
	return (uint32_t)*v;
}

static int take_certificate(void *ctx, const struct db_certificate *row)
{
	struct linker *l = ctx;
	struct link_cert c = { .id = row->id, .class = row->class, .disclosed = row->disclosed, .node = NO_INDEX, .next_signing = NO_INDEX };

	memcpy(c.sha256, row->sha256, 32);
	/* it was parsed before it was stored; a byte that changed on disk since must not stop the rest */
	if (x509_parse(arena_dup(&l->arena, row->der.p, row->der.n), row->der.n, &c.x, NULL) < 0)
		return 0;
	c.issuer_name = name_number(l, c.x.issuer);
	vec_push(&l->cert, c);
	return 0;
}

static int take_signature(void *ctx, int64_t certificate, const uint8_t *spki_sha256, int good)
{
	struct linker *l = ctx;
	uint8_t key[40];

	memcpy(key, &certificate, 8);
	memcpy(key + 8, spki_sha256, 32);
	*map_at(&l->known, key, sizeof(key), NULL) = (uint64_t)(good + 2);
	return 0;
}

/* Field by field the newest report that has the column decides; an empty field is a statement too. */
static int take_record(void *ctx, const struct db_ccadb_row *row)
{
	struct linker *l = ctx;
	bool is_new;
	const char *const *field = row->field;
	uint64_t *v = map_at(&l->records, row->sha256, 32, &is_new);

	if (is_new) {
		*v = l->says.n;
		vec_push(&l->says, (struct ccadb_says){ 0 });
	}
	struct ccadb_says *s = &l->says.v[*v];
	int32_t said = row->derived ? INT32_MIN : row->day;
	if (!s->owner && field[DB_CCADB_OWNER]) {
		s->owner = arena_strdup(&l->arena, field[DB_CCADB_OWNER]);
		s->owner_said = said;
	}
	if (!s->sub_owner && field[DB_CCADB_SUB_OWNER]) {
		s->sub_owner = arena_strdup(&l->arena, field[DB_CCADB_SUB_OWNER]);
		s->sub_owner_said = said;
	}
	if (!s->revocation && field[DB_CCADB_REVOCATION])
		s->revocation = arena_strdup(&l->arena, field[DB_CCADB_REVOCATION]);
	return 0;
}

static const struct ccadb_says *record_of(const struct linker *l, const struct link_cert *c)
{
	const uint64_t *v = map_get(&l->records, c->sha256, 32);

	return v ? &l->says.v[*v] : NULL;
}

/* ---- CAs ---- */

static bool is_ca_certificate(const struct link_cert *c)
{
	if (c->disclosed || (c->x.has_bc && c->x.bc_ca))
		return true;
	return c->x.self_issued && !c->x.has_bc;
}

static uint32_t key_number(struct linker *l, struct slice spki)
{
	struct link_key k = { .spki = spki };
	bool is_new;

	sha256_of(spki.p, spki.n, k.sha256);
	uint64_t *v = map_at(&l->keys, k.sha256, 32, &is_new);
	if (is_new) {
		*v = l->key.n;
		vec_push(&l->key, k);
	}
	return (uint32_t)*v;
}

static void add_to_node(struct linker *l, uint32_t cert)
{
	struct link_cert *c = &l->cert.v[cert];
	struct node n = { .cert = cert, .signing = NO_INDEX, .owner = { .name = "" }, .ca_owner = { .name = "" }, .own = { .name = "" } };
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool is_new;

	EVP_DigestInit_ex(md, EVP_sha256(), NULL);
	EVP_DigestUpdate(md, c->x.subject.p, c->x.subject.n);
	EVP_DigestUpdate(md, c->x.spki.p, c->x.spki.n);
	EVP_DigestFinal_ex(md, n.ca_id, NULL);
	EVP_MD_CTX_free(md);
	uint64_t *v = map_at(&l->nodes, n.ca_id, 32, &is_new);
	if (is_new) {
		uint32_t name = name_number(l, c->x.subject);
		*v = l->node.n;
		n.key = key_number(l, c->x.spki);
		n.next_same_name = l->first_of_name.v[name];
		l->first_of_name.v[name] = (uint32_t)l->node.n;
		vec_push(&l->node, n);
	}
	c->node = (uint32_t)*v;
	if (c->x.signs_precerts) {
		c->next_signing = l->node.v[c->node].signing;
		l->node.v[c->node].signing = cert;
	} else {
		l->node.v[c->node].plain = true;
	}
}

/* Of certificates of one validity CCADB's own newest report decides, never which was imported first. */
static bool tells_better(const struct named *than, const struct named *by)
{
	if (!*than->name || by->rank != than->rank)
		return !*than->name || by->rank > than->rank;
	if (by->until != than->until)
		return by->until > than->until;
	if (by->from != than->from)
		return by->from > than->from;
	if (by->said != than->said)
		return by->said > than->said;
	return memcmp(by->sha256, than->sha256, 32) < 0;
}

static void take_name(struct named *to, const char *name, int rank, int32_t said, const struct link_cert *c)
{
	struct named by = { name, rank, c->x.not_after, c->x.not_before, said, c->sha256 };

	if (name && *name && tells_better(to, &by))
		*to = by;
}

/* CCADB lists a cross-certificate under whose root it is below, often without who runs its subject: ISRG Root X1 stands
 * under IdenTrust, too. So a CA's own root record tells its owner, else one that names a subordinate CA owner, else the
 * certificate that lasts longest: one that others gave for the time being ends before. */
static void name_owner(struct linker *l, const struct link_cert *c)
{
	const struct ccadb_says *s = record_of(l, c);
	struct node *n = &l->node.v[c->node];

	if (!s)
		return;
	bool by_other = s->sub_owner && *s->sub_owner;
	int rank = c->x.self_issued ? 2 : 0;
	take_name(&n->owner, by_other ? s->sub_owner : s->owner, rank ? rank : by_other, by_other ? s->sub_owner_said : s->owner_said, c);
	take_name(&n->ca_owner, s->owner, rank, s->owner_said, c);
	/* a cross-certificate makes its subject nobody else's */
	if (!by_other)
		take_name(&n->own, s->owner, rank, s->owner_said, c);
}

/* ---- signatures ---- */

static int known_signature(const struct linker *l, int64_t cert, const uint8_t *spki_sha256)
{
	uint8_t key[40];

	memcpy(key, &cert, 8);
	memcpy(key + 8, spki_sha256, 32);
	const uint64_t *v = map_get(&l->known, key, sizeof(key));
	return v ? (int)*v - 2 : SIG_UNKNOWN;
}

static int by_key(const void *a, const void *b)
{
	const struct check *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->cert < y->cert ? -1 : x->cert > y->cert;
}

/* Each thread takes one key with all that it may have signed: a key is loaded once, and by one thread. */
struct verifier {
	struct linker *l;
	VEC(size_t) group; /* first check of each key, and the end */
	atomic_size_t next;
	atomic_size_t done;
};

static void verify_group(struct linker *l, size_t from, size_t end)
{
	EVP_PKEY *key = key_load(l->key.v[l->check.v[from].key].spki);

	for (size_t i = from; i < end; i++) {
		struct check *c = &l->check.v[i];
		c->good = key ? x509_verify(&l->cert.v[c->cert].x, key) : SIG_UNSUPPORTED;
	}
	EVP_PKEY_free(key);
}

static void *verify_some(void *arg)
{
	struct verifier *v = arg;
	size_t i;

	while ((i = atomic_fetch_add(&v->next, 1)) + 1 < v->group.n) {
		verify_group(v->l, v->group.v[i], v->group.v[i + 1]);
		atomic_fetch_add(&v->done, v->group.v[i + 1] - v->group.v[i]);
	}
	return NULL;
}

static void verify_all(struct linker *l)
{
	struct verifier v = { .l = l };
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	VEC(pthread_t) thread = { 0 };

	if (l->check.n)
		qsort(l->check.v, l->check.n, sizeof(*l->check.v), by_key);
	for (size_t i = 0; i < l->check.n; i++)
		if (i == 0 || l->check.v[i].key != l->check.v[i - 1].key)
			vec_push(&v.group, i);
	vec_push(&v.group, l->check.n);
	for (long i = 1; i < cores && (size_t)i + 1 < v.group.n; i++) {
		pthread_t t;
		if (pthread_create(&t, NULL, verify_some, &v) == 0)
			vec_push(&thread, t);
	}
	verify_some(&v);
	for (size_t i = 0; i < thread.n; i++)
		pthread_join(thread.v[i], NULL);
	vec_release(&thread);
	vec_release(&v.group);
}

/* Does the AKI speak of this CA's key, or is the certificate self-issued with that very key? */
static bool preferred(const struct linker *l, const struct link_cert *c, uint32_t node)
{
	const struct node *n = &l->node.v[node];

	if (c->node != NO_INDEX && l->node.v[c->node].key == n->key)
		return true;
	return c->x.aki_keyid.n && slice_equal(c->x.aki_keyid, l->cert.v[n->cert].x.ski);
}

/* Asks for the checks of one certificate: of the preferred candidates, or of the others. Candidates with the same
 * key (names that are the same by RFC 5280 7.1 only) are asked once. */
static void want_checks(struct linker *l, uint32_t cert, bool preferred_only)
{
	const struct link_cert *c = &l->cert.v[cert];
	size_t first = l->check.n;

	for (uint32_t n = l->first_of_name.v[c->issuer_name]; n != NO_INDEX; n = l->node.v[n].next_same_name) {
		uint32_t key = l->node.v[n].key;
		if (preferred_only != preferred(l, c, n) || known_signature(l, c->id, l->key.v[key].sha256) != SIG_UNKNOWN)
			continue;
		if (l->check.n - first >= CANDIDATES_MAX) {
			l->capped++;
			return;
		}
		bool asked = false;
		for (size_t i = first; i < l->check.n && !asked; i++)
			asked = l->check.v[i].key == key;
		if (!asked)
			vec_push(&l->check, (struct check){ cert, key, SIG_UNKNOWN });
	}
}

static bool has_issuer(const struct linker *l, const struct link_cert *c)
{
	for (uint32_t n = l->first_of_name.v[c->issuer_name]; n != NO_INDEX; n = l->node.v[n].next_same_name)
		if (known_signature(l, c->id, l->key.v[l->node.v[n].key].sha256) == SIG_GOOD)
			return true;
	return false;
}

static int remember_checks(struct linker *l)
{
	for (size_t i = 0; i < l->check.n; i++) {
		const struct check *c = &l->check.v[i];
		const struct link_cert *cert = &l->cert.v[c->cert];
		const uint8_t *spki = l->key.v[c->key].sha256;
		if (db_add_signature(l->db, cert->id, spki, c->good, l->err) < 0)
			return -1;
		take_signature(l, cert->id, spki, c->good);
	}
	l->checked += l->check.n;
	l->check.n = 0;
	return 0;
}

/* A signature verifies under one key, so the others of the name are only tried where the likely ones failed. */
static int check_signatures(struct linker *l)
{
	for (uint32_t i = 0; i < l->cert.n; i++)
		want_checks(l, i, true);
	verify_all(l);
	if (remember_checks(l) < 0)
		return -1;
	for (uint32_t i = 0; i < l->cert.n; i++)
		if (!has_issuer(l, &l->cert.v[i]))
			want_checks(l, i, false);
	verify_all(l);
	return remember_checks(l);
}

/* ---- writing ---- */

static int put_node(struct linker *l, struct node *n)
{
	const struct link_cert *c = &l->cert.v[n->cert];
	struct strbuf name = STRBUF_INIT, subject = STRBUF_INIT;
	uint8_t subject_sha256[32];

	sha256_of(c->x.subject.p, c->x.subject.n, subject_sha256);
	x509_name_label(c->x.subject, &name);
	x509_name_text(c->x.subject, &subject);
	struct db_ca ca = {
		.ca_id = n->ca_id,
		.spki_sha256 = l->key.v[n->key].sha256,
		.subject_sha256 = subject_sha256,
		.name = name.buf,
		.subject = subject.buf,
		.owner = n->owner.name,
		.ca_owner = *n->own.name ? n->own.name : n->ca_owner.name,
	};
	int rc = db_put_ca(l->db, &ca, &n->db_id, l->err);
	strbuf_release(&name);
	strbuf_release(&subject);
	return rc;
}

static bool signed_by(const struct linker *l, const struct link_cert *c, uint32_t node)
{
	return known_signature(l, c->id, l->key.v[l->node.v[node].key].sha256) == SIG_GOOD;
}

static int put_edges(struct linker *l, const struct link_cert *c)
{
	for (uint32_t n = l->first_of_name.v[c->issuer_name]; n != NO_INDEX; n = l->node.v[n].next_same_name)
		if (signed_by(l, c, n) && db_add_edge(l->db, c->id, l->node.v[n].db_id, l->err) < 0)
			return -1;
	return 0;
}

static uint32_t flags_of(const struct linker *l, const struct link_cert *c)
{
	uint32_t flags = x509_flags(&c->x);

	if (c->disclosed)
		flags |= CERT_DISCLOSED;
	if (c->x.self_issued && signed_by(l, c, c->node))
		flags |= CERT_SELF_SIGNED;
	return flags;
}

static int put_revocation(struct linker *l, const struct link_cert *c)
{
	const struct ccadb_says *s = record_of(l, c);

	if (!s || !s->revocation || strcmp(s->revocation, "Revoked") != 0)
		return 0;
	return db_add_revocation(l->db, c->id, REVOKED_CCADB, DB_NULL, DB_NULL, l->err);
}

static int put_ca_certificate(struct linker *l, const struct link_cert *c)
{
	uint8_t sha1[20], issuer[32];
	struct db_ca_certificate row = {
		.certificate = c->id,
		.ca = l->node.v[c->node].db_id,
		.sha256 = c->sha256,
		.sha1 = sha1,
		.flags = flags_of(l, c),
		.not_before = time_or_null(c->x.not_before),
		.not_after = time_or_null(c->x.not_after),
		.path_len = c->x.path_len,
		.eku = c->x.eku,
		.serial = { c->x.serial.p, c->x.serial.n },
		.issuer_sha256 = { issuer, 32 },
		.ski = { c->x.ski.p, c->x.ski.n },
	};

	EVP_Digest(c->x.der.p, c->x.der.n, sha1, NULL, EVP_sha1(), NULL);
	sha256_of(c->x.issuer.p, c->x.issuer.n, issuer);
	if (db_set_class(l->db, c->id, DB_CLASS_CA, l->err) < 0 || db_add_ca_certificate(l->db, &row, l->err) < 0)
		return -1;
	return put_edges(l, c) < 0 ? -1 : put_revocation(l, c);
}

static bool is_named(const struct linker *l, uint32_t node, struct slice name)
{
	return slice_equal(l->cert.v[l->node.v[node].cert].x.subject, name);
}

/* Of two CAs of one key whose names are the same by RFC 5280 7.1: the one of that very name, else the first ca_id. */
static bool fits_better(const struct linker *l, uint32_t node, uint32_t found, struct slice name)
{
	if (found == NO_INDEX || is_named(l, node, name) != is_named(l, found, name))
		return found == NO_INDEX || is_named(l, node, name);
	return memcmp(l->node.v[node].ca_id, l->node.v[found].ca_id, 32) < 0;
}

/* The CA whose name the certificate names, byte for byte before only by RFC 5280 7.1, and whose key signed it. */
static uint32_t issuer_of(const struct linker *l, const struct link_cert *c)
{
	uint32_t found = NO_INDEX;

	for (uint32_t n = l->first_of_name.v[c->issuer_name]; n != NO_INDEX; n = l->node.v[n].next_same_name)
		if (signed_by(l, c, n) && fits_better(l, n, found, c->x.issuer))
			found = n;
	return found;
}

/* The one CA that certified a key for signing precertificates at `when`, by the certificates whose signature verifies. */
static uint32_t signing_issuer(const struct linker *l, uint32_t node, int64_t when, bool *several)
{
	uint32_t found = NO_INDEX;

	*several = false;
	for (uint32_t i = l->node.v[node].signing; i != NO_INDEX; i = l->cert.v[i].next_signing) {
		const struct link_cert *c = &l->cert.v[i];
		uint32_t issuer = issuer_of(l, c);
		if (issuer == NO_INDEX || when < c->x.not_before || when > c->x.not_after)
			continue;
		*several |= found != NO_INDEX && found != issuer;
		found = issuer;
	}
	return found;
}

/* Is the key for signing the precertificates of others, and for nothing else? Anybody can certify any CA's name and key for that;
 * a CA that any of its certificates lets sign for itself keeps what it signed. */
static bool only_signs_precerts(const struct node *n)
{
	return n->signing != NO_INDEX && !n->plain;
}

/* A precertificate that was signed for a CA by a key that is for that alone (RFC 6962 3.1) is that CA's leaf, as the final
 * certificate is: of the CA that certified the key for the time when the leaf begins. Whose it is among several of them nobody
 * knows, and none is guessed; where none did, it is the signer's own. */
static uint32_t issuer_of_leaf(const struct linker *l, const struct link_cert *c)
{
	uint32_t signer = issuer_of(l, c);
	bool several;

	if (signer == NO_INDEX || !c->x.poison || !only_signs_precerts(&l->node.v[signer]))
		return signer;
	uint32_t found = signing_issuer(l, signer, c->x.not_before, &several);
	if (several)
		return NO_INDEX;
	return found == NO_INDEX ? signer : found;
}

static int put_leaf_sites(struct linker *l, const struct link_cert *c)
{
	l->ids.v.n = 0;
	sites_of(l->sites, &c->x, &l->ids);
	for (size_t i = 0; i < l->ids.v.n; i++)
		if (db_add_leaf_site(l->db, c->id, l->ids.v.v[i], l->err) < 0)
			return -1;
	return 0;
}

static int put_leaf(struct linker *l, const struct link_cert *c)
{
	uint32_t issuer = issuer_of_leaf(l, c);

	if (issuer == NO_INDEX)
		return db_set_class(l->db, c->id, DB_CLASS_LEAF_ORPHAN, l->err);
	struct db_leaf_certificate row = {
		.certificate = c->id,
		.ca = l->node.v[issuer].db_id,
		.serial = { c->x.serial.p, c->x.serial.n },
		.not_before = time_or_null(c->x.not_before),
		.not_after = time_or_null(c->x.not_after),
		.sct = c->x.sct_first == SCT_NONE ? DB_NULL : DB_INT(c->x.sct_first),
		.eku = c->x.eku,
		.kind = c->x.kind,
		.precert = c->x.poison,
	};
	if (db_set_class(l->db, c->id, DB_CLASS_LEAF, l->err) < 0 || db_add_leaf_certificate(l->db, &row, l->err) < 0)
		return -1;
	return l->sites ? put_leaf_sites(l, c) : 0;
}

/* ---- CRLs ---- */

/* The CA whose name the list names, byte for byte before only by RFC 5280 7.1, and whose key signed it; NO_INDEX without. */
static uint32_t signer_of(struct linker *l, const struct crl *c)
{
	uint32_t name = name_number(l, c->issuer), found = NO_INDEX;

	for (uint32_t n = l->first_of_name.v[name]; n != NO_INDEX; n = l->node.v[n].next_same_name) {
		EVP_PKEY *key = key_load(l->key.v[l->node.v[n].key].spki);
		bool good = key && crl_verify(c, key) == 1;
		EVP_PKEY_free(key);
		if (good && fits_better(l, n, found, c->issuer))
			found = n;
	}
	return found;
}

struct crl_signer {
	int64_t file, n, ca;
};
struct crl_list {
	struct linker *l;
	VEC(struct crl_signer) signer;
};

static int verify_crl(void *ctx, const struct db_crl *row)
{
	struct crl_list *list = ctx;
	struct crl c;

	if (crl_parse(row->der.p, row->der.n, &c, NULL) < 0)
		return 0;
	c.digest = (struct slice){ row->digest.p, row->digest.n };
	uint32_t n = signer_of(list->l, &c);
	if (n != NO_INDEX)
		vec_push(&list->signer, (struct crl_signer){ row->file, row->n, list->l->node.v[n].db_id });
	return 0;
}

/* A list is believed once a key that is indexed verifies it; what no key verified before is asked anew. */
static int verify_crls(struct linker *l)
{
	struct crl_list list = { .l = l };
	int rc = db_each_unverified_crl(l->db, verify_crl, &list, l->err);

	for (size_t i = 0; rc == 0 && i < list.signer.n; i++)
		rc = db_set_crl_ca(l->db, list.signer.v[i].file, list.signer.v[i].n, DB_INT(list.signer.v[i].ca), l->err);
	vec_release(&list.signer);
	return rc;
}

/* ---- issuers that log entries name ---- */

struct ct_issuer_ca {
	int64_t issuer;
	struct db_int ca;
};
struct ct_issuers {
	struct linker *l;
	VEC(struct ct_issuer_ca) v;
};

/* The key hash of a CA certificate; NULL when it is none, or not there. Such issuers are few. */
static const uint8_t *key_of_certificate(const struct linker *l, const uint8_t sha256[32])
{
	for (size_t n = 0; n < l->cert.n; n++)
		if (l->cert.v[n].node != NO_INDEX && memcmp(l->cert.v[n].sha256, sha256, 32) == 0)
			return l->key.v[l->node.v[l->cert.v[n].node].key].sha256;
	return NULL;
}

/* The CA of that key whose name is the same byte for byte, else by RFC 5280 7.1. */
static int place_ct_issuer(void *ctx, const struct db_ct_issuer *i)
{
	struct ct_issuers *list = ctx;
	struct linker *l = list->l;
	struct slice name = { i->name.p, i->name.n };
	uint32_t found = NO_INDEX, number = name_number(l, name);
	const uint8_t *key = i->by_cert ? key_of_certificate(l, i->hash) : i->hash;

	for (uint32_t n = l->first_of_name.v[number]; n != NO_INDEX; n = l->node.v[n].next_same_name) {
		const struct node *node = &l->node.v[n];
		if (!key || memcmp(l->key.v[node->key].sha256, key, 32) != 0)
			continue;
		if (fits_better(l, n, found, name))
			found = n;
	}
	struct db_int ca = found == NO_INDEX ? DB_NULL : DB_INT(l->node.v[found].db_id);
	vec_push(&list->v, (struct ct_issuer_ca){ i->id, ca });
	return 0;
}

static int place_ct_issuers(struct linker *l)
{
	struct ct_issuers list = { .l = l };
	int rc = db_each_ct_issuer(l->db, place_ct_issuer, &list, l->err);

	for (size_t i = 0; rc == 0 && i < list.v.n; i++)
		rc = db_set_ct_issuer_ca(l->db, list.v.v[i].issuer, list.v.v[i].ca, l->err);
	vec_release(&list.v);
	return rc;
}

static int write_links(struct linker *l, struct link_result *ret)
{
	if (db_clear_links(l->db, l->err) < 0)
		return -1;
	for (size_t i = 0; i < l->node.n; i++)
		if (put_node(l, &l->node.v[i]) < 0)
			return -1;
	for (size_t i = 0; i < l->cert.n; i++) {
		const struct link_cert *c = &l->cert.v[i];
		bool ca = c->node != NO_INDEX;
		if ((ca ? put_ca_certificate(l, c) : put_leaf(l, c)) < 0)
			return -1;
		ret->ca_certs += ca;
		ret->leaves += !ca;
	}
	if (db_drop_empty_cas(l->db, l->err) < 0 || verify_crls(l) < 0 ||
	    db_apply_revocations(l->db, REVOKED_CRL, l->err) < 0 ||
	    db_remember_revoked(l->db, date_today(), l->err) < 0 || place_ct_issuers(l) < 0)
		return -1;
	return db_count_leaves(l->db, l->err);
}

static void release(struct linker *l)
{
	struct map *maps[] = { &l->nodes, &l->keys, &l->names, &l->known, &l->records };

	for (size_t i = 0; i < sizeof(maps) / sizeof(*maps); i++)
		map_release(maps[i]);
	vec_release(&l->cert);
	vec_release(&l->node);
	vec_release(&l->key);
	vec_release(&l->first_of_name);
	vec_release(&l->check);
	vec_release(&l->says);
	vec_release(&l->ids.v);
	sites_free(l->sites);
	arena_release(&l->arena);
}

static int read_certificates(struct linker *l)
{
	if (db_each_unsettled(l->db, take_certificate, l, l->err) < 0 || db_each_signature(l->db, take_signature, l, l->err) < 0 ||
	    db_each_ccadb_record(l->db, take_record, l, l->err) < 0)
		return -1;
	for (uint32_t i = 0; i < l->cert.n; i++)
		if (is_ca_certificate(&l->cert.v[i]))
			add_to_node(l, i);
	return 0;
}

/* ---- what was placed before and is to be placed anew ---- */

struct gone_cas {
	struct linker *l;
	VEC(int64_t) v;
};

static int take_gone(void *ctx, const struct db_ca *ca)
{
	struct gone_cas *gone = ctx;

	if (!map_get(&gone->l->nodes, ca->ca_id, 32))
		vec_push(&gone->v, ca->id);
	return 0;
}

/* Leaves of CAs that are none any more: their certificates went, or CCADB's word that they are CA certificates. */
static int unsettle_gone(struct linker *l, bool *ret_any)
{
	struct gone_cas gone = { .l = l };
	int rc = db_each_ca(l->db, take_gone, &gone, l->err);

	for (size_t i = 0; rc == 0 && i < gone.v.n; i++) {
		bool any;
		rc = db_unsettle_ca(l->db, gone.v.v[i], &any, l->err);
		*ret_any |= rc == 0 && any;
	}
	vec_release(&gone.v);
	return rc;
}

/* A name can be written in several ways: what was placed by RFC 5280 7.1 may name a CA byte for byte that came only now. */
static int unsettle_keys(struct linker *l, bool *ret_any)
{
	for (size_t i = 0; i < l->node.n; i++) {
		const struct node *n = &l->node.v[i];
		bool any;
		if (db_unsettle_key(l->db, n->ca_id, l->key.v[n->key].sha256, &any, l->err) < 0)
			return -1;
		*ret_any |= any;
	}
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 64);
}

/* Who signs precertificates for whom, and for nobody else: what placed theirs. */
static void signers_digest(const struct linker *l, struct strbuf *ret)
{
	struct pair {
		uint8_t cert[32], issuer[32];
	};
	VEC(struct pair) v = { 0 };
	uint8_t digest[32];

	for (size_t i = 0; i < l->cert.n; i++) {
		const struct link_cert *c = &l->cert.v[i];
		uint32_t issuer = c->node == NO_INDEX || !only_signs_precerts(&l->node.v[c->node]) ? NO_INDEX : issuer_of(l, c);
		if (issuer == NO_INDEX)
			continue;
		struct pair p;
		memcpy(p.cert, c->sha256, 32);
		memcpy(p.issuer, l->node.v[issuer].ca_id, 32);
		vec_push(&v, p);
	}
	if (v.n) {
		qsort(v.v, v.n, sizeof(*v.v), by_bytes);
		sha256_of(v.v, v.n * sizeof(*v.v), digest);
		strbuf_addhex(ret, digest, 32);
	}
	vec_release(&v);
}

static int read_again(struct linker *l)
{
	struct linker again = { .db = l->db, .err = l->err, .checked = l->checked };

	release(l);
	*l = again;
	return read_certificates(l);
}

/* Reads what is to be placed and checks its signatures; ends with every certificate read whose CA may be another one now. */
static int read_and_check(struct linker *l)
{
	struct strbuf signers = STRBUF_INIT;
	bool again = false;
	int rc = read_certificates(l);

	if (rc == 0)
		rc = unsettle_gone(l, &again);
	if (rc == 0)
		rc = unsettle_keys(l, &again);
	if (rc == 0 && again)
		rc = read_again(l);
	if (rc == 0)
		rc = check_signatures(l);
	if (rc == 0) {
		signers_digest(l, &signers);
		rc = db_unsettle_precerts(l->db, signers.buf, &again, l->err);
	}
	if (rc == 0 && again) {
		rc = read_again(l);
		if (rc == 0)
			rc = check_signatures(l);
	}
	strbuf_release(&signers);
	return rc;
}

int link_certificates(struct db *db, bool quiet, struct link_result *ret, struct err *err)
{
	struct linker l = { .db = db, .err = err };
	struct progress p;
	int rc = db_renew_views(db, err);

	memset(ret, 0, sizeof(*ret));
	progress_start(&p, PROGRESS_LINK, "linking", l.cert.n, quiet);
	if (rc == 0)
		rc = read_and_check(&l);
	for (uint32_t i = 0; rc == 0 && i < l.cert.n; i++)
		if (l.cert.v[i].node != NO_INDEX)
			name_owner(&l, &l.cert.v[i]);
	ret->signatures = l.checked;
	ret->capped = l.capped;
	if (rc == 0)
		rc = sites_load(db, &l.sites, err);
	if (rc == 0)
		rc = write_links(&l, ret);
	if (rc == 0)
		rc = derive_stores(db, err);
	if (rc == 0)
		rc = figures_resolve(db, err);
	if (rc == 0)
		rc = crtsh_derive(db, err);
	if (rc == 0)
		rc = db_renumber(db, err);
	progress_end(&p);
	release(&l);
	return rc;
}
