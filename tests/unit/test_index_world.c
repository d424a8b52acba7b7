/* The index over the fictional world, judged by what the world's maker says of it in facts.tsv: which anchors each store
 * has on which day, what each Chrome accepts, what is revoked and by whom, and what check finds. OneCRL is joined with
 * the certificates anew, by OpenSSL. Then what an import must never do: lose to an older report, depend on the order of
 * its files, or leave half of itself behind. Usage: test_index_world WORLD */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/date.h"
#include "base/map.h"
#include "base/path.h"
#include "base/text.h"
#include "base/vec.h"
#include "index/check.h"
#include "index/cover.h"
#include "index/urls.h"

#define TODAY "2026-06-01"
#define IMPORT_DAY "2026-05-29" /* of what has no date in its name */
#define FACT_MAX 200

static const char *const parts[] = { "ccadb", "older", "mozilla", "leaves", "undisclosed", "single", "chrome", "onecrl",
	"crlset", "crl" };
enum { N_PARTS = sizeof(parts) / sizeof(*parts) };

struct fact {
	char *key, *value;
};
struct book { /* an index and who is who in it */
	char path[96];
	struct index *ix;
	const struct graph *g;
	struct map nick; /* SHA-256 of a CA certificate to its number */
};

static struct {
	char *folder;
	char dir[64];
	struct arena arena;
	VEC(struct fact) fact;
	struct import_result first;
	struct book all; /* every part, imported at once */
} w;

/* ---- facts ---- */

static void read_facts(void)
{
	char *path = path_join(w.folder, "facts.tsv");
	uint8_t *data;
	size_t n;
	struct err err = { 0 };

	if (path_read(path, (size_t)1 << 24, &data, &n, &err) < 0)
		fail_msg("%s", err.msg);
	for (char *line = (char *)data, *end; (end = strchr(line, '\n')); line = end + 1) {
		char *tab;
		*end = '\0';
		tab = strchr(line, '\t');
		assert_non_null(tab);
		*tab = '\0';
		vec_push(&w.fact, (struct fact){ arena_strdup(&w.arena, line), arena_strdup(&w.arena, tab + 1) });
	}
	free(data);
	free(path);
}

static const char *fact(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *fact(const char *fmt, ...)
{
	char key[FACT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(key, sizeof(key), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < w.fact.n; i++)
		if (strcmp(w.fact.v[i].key, key) == 0)
			return w.fact.v[i].value;
	return NULL;
}

/* Steps through the facts whose key begins so; *nick is what follows. NULL at the end; begin with *at = 0. */
static const char *each_fact(const char *prefix, size_t *at, const char **nick)
{
	size_t n = strlen(prefix);

	while (*at < w.fact.n) {
		const struct fact *f = &w.fact.v[(*at)++];
		if (strncmp(f->key, prefix, n) == 0) {
			*nick = f->key + n;
			return f->value;
		}
	}
	return NULL;
}

static size_t count_facts(const char *prefix)
{
	const char *nick;
	size_t at = 0, n = 0;

	while (each_fact(prefix, &at, &nick))
		n++;
	return n;
}

static int32_t day_of(const char *text)
{
	int32_t day;

	assert_int_equal(date_parse(text, &day), 0);
	return day;
}

/* ---- an index ---- */

static void open_book(struct book *b)
{
	struct err err = { 0 };

	if (index_open(b->path, INDEX_READ, &b->ix, &err) < 0)
		fail_msg("%s", err.msg);
	b->g = index_graph(b->ix);
	for (uint32_t i = 0; i < b->g->cert.n; i++)
		*map_at(&b->nick, b->g->cert.v[i].sha256, 32, NULL) = i;
}

static void close_book(struct book *b)
{
	index_close(b->ix);
	map_release(&b->nick);
	b->ix = NULL;
}

static struct book new_book(const char *name)
{
	struct book b = { .ix = NULL };

	snprintf(b.path, sizeof(b.path), "%s/%s.db", w.dir, name);
	return b;
}

static struct import_result import_paths(const struct book *b, char *const *path, size_t n)
{
	struct import_options o = { .has_day = true, .day = day_of(IMPORT_DAY), .quiet = true };
	struct import_result r;
	struct err err = { 0 };

	if (index_import(b->path, path, n, &o, &r, &err) < 0)
		fail_msg("%s", err.msg);
	free(r.notes);
	r.notes = NULL;
	return r;
}

static struct import_result import_one(const struct book *b, const char *path)
{
	char *copy = xstrdup(path);
	struct import_result r = import_paths(b, &copy, 1);

	free(copy);
	return r;
}

static struct import_result import_part(const struct book *b, const char *name)
{
	char *path = path_join(w.folder, name);
	struct import_result r = import_paths(b, &path, 1);

	free(path);
	return r;
}

static struct import_result import_world(const struct book *b, bool reversed)
{
	char *path[N_PARTS + 1] = { path_join(w.folder, "crl/birch-root.older.crl") };
	struct import_result r;

	for (size_t i = 0; i < N_PARTS; i++)
		path[i + 1] = path_join(w.folder, parts[reversed ? N_PARTS - 1 - i : i]);
	r = import_paths(b, path + !reversed, N_PARTS + reversed);
	for (size_t i = 0; i <= N_PARTS; i++)
		free(path[i]);
	return r;
}

static uint32_t cert_of(const struct book *b, const char *nick)
{
	const char *hex = fact("cert.%s", nick);
	const uint64_t *i;
	uint8_t sha256[32];

	if (!hex)
		fail_msg("facts.tsv has no certificate '%s'", nick);
	assert_int_equal(hex_decode(hex, 64, sha256), 0);
	i = map_get(&b->nick, sha256, 32);
	if (!i)
		fail_msg("the index has no certificate '%s'", nick);
	return (uint32_t)*i;
}

static uint32_t ca_of(const struct book *b, const char *nick)
{
	const char *hex = fact("ca.%s", nick);
	uint8_t id[32];

	if (!hex)
		fail_msg("facts.tsv has no CA '%s'", nick);
	hex_decode(hex, 64, id);
	for (uint32_t i = 0; i < b->g->ca.n; i++)
		if (memcmp(b->g->ca.v[i].id, id, 32) == 0)
			return i;
	fail_msg("the index has no CA '%s'", nick);
	return NO_INDEX;
}

/* The nickname of what has this SHA-256 below a prefix, "" when none has. */
static const char *nick_of(const char *prefix, const uint8_t id[32])
{
	const char *nick, *value;
	char hex[65];
	size_t at = 0;

	hex_encode(id, 32, hex);
	while ((value = each_fact(prefix, &at, &nick)))
		if (strcmp(value, hex) == 0)
			return nick;
	return "";
}

static const char *cert_nick(const struct book *b, uint32_t cert)
{
	return cert == NO_INDEX ? "" : nick_of("cert.", b->g->cert.v[cert].sha256);
}

static struct cert_detail detail_of(const struct book *b, const char *nick)
{
	struct cert_detail d;
	struct err err = { 0 };

	if (index_cert_detail(b->ix, cert_of(b, nick), &d, &err) < 0)
		fail_msg("%s", err.msg);
	return d;
}

/* ---- stores ---- */

static void assert_days(struct book *b, const char *program, const char *const *wanted, size_t n)
{
	const int32_t *days;

	assert_int_equal(index_store_days(b->ix, program, &days), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(days[i], day_of(wanted[i]));
}
#define ASSERT_DAYS(b, program, ...)                                                                                   \
	do {                                                                                                           \
		static const char *const wanted_[] = { __VA_ARGS__ };                                                  \
		assert_days(b, program, wanted_, sizeof(wanted_) / sizeof(*wanted_));                                  \
	} while (0)

/* "plain", "unevaluated", or the UTCTime of a distrust-after date. */
static void assert_rule(const struct anchor_rule *r, const char *says, const char *nick)
{
	struct box box = r ? r->box : BOX_ALL;
	char time[TIME_BUF], wanted[TIME_BUF];

	if (!r)
		fail_msg("'%s' is no anchor", nick);
	assert_int_equal(r->unevaluated, strcmp(says, "unevaluated") == 0);
	if (says[0] >= '0' && says[0] <= '9') {
		snprintf(wanted, sizeof(wanted), "20%.2s-%.2s-%.2sT%.2s:%.2s:%.2sZ", says, says + 2, says + 4, says + 6,
			says + 8, says + 10);
		assert_string_equal(time_format(time, box.nb_hi), wanted);
		box.nb_hi = INT64_MAX;
	}
	assert_true(box_is_all(&box));
}

/* The store used on `day` is that of `snapshot` and has exactly the anchors of the facts. */
static void assert_store(struct book *b, const char *facts, const char *program, const char *day, const char *snapshot)
{
	const struct store *s = index_store(b->ix, program, day_of(day));

	assert_non_null(s);
	assert_int_equal(s->day, day_of(snapshot));
	for (int p = 0; p < PURPOSE_COUNT; p++) {
		char prefix[FACT_MAX];
		const char *nick, *says;
		size_t at = 0, rules = 0;

		snprintf(prefix, sizeof(prefix), "%s.%s.%s.%s.", facts, program, snapshot, purpose_names[p]);
		while ((says = each_fact(prefix, &at, &nick)))
			assert_rule(store_anchor(s, cert_of(b, nick), (enum purpose)p), says, nick);
		for (size_t i = 0; i < s->n_rules; i++)
			rules += s->rule[i].purpose == p;
		assert_int_equal(rules, count_facts(prefix));
	}
}

static void test_mozilla_has_the_anchors_of_each_snapshot(void **state)
{
	(void)state;
	assert_true(count_facts("anchor.mozilla.2026-05-15.tls.") > 5);
	ASSERT_DAYS(&w.all, "mozilla", "2024-06-30", "2026-05-15");
	assert_store(&w.all, "anchor", "mozilla", TODAY, "2026-05-15");
	assert_store(&w.all, "anchor", "mozilla", "2026-05-15", "2026-05-15");
	assert_store(&w.all, "anchor", "mozilla", "2026-05-14", "2024-06-30");
	assert_store(&w.all, "anchor", "mozilla", "2019-01-01", "2024-06-30");
}

static void test_mozilla_distrusts_what_its_file_says(void **state)
{
	const struct store *s = index_store(w.all.ix, "mozilla", day_of(TODAY));
	const char *nick;
	size_t at = 0, n = 0;

	(void)state;
	while (each_fact("distrusted.mozilla.2026-05-15.", &at, &nick)) {
		assert_true(store_distrusts(s, cert_of(&w.all, nick), PURPOSE_TLS));
		assert_true(store_distrusts(s, cert_of(&w.all, nick), PURPOSE_EMAIL));
		n++;
	}
	assert_true(n >= 2);
	assert_int_equal(s->n_distrusts, 2 * n);
}

static void test_apple_and_microsoft_are_derived_from_ccadb_report_by_report(void **state)
{
	static const char *const programs[] = { "apple", "microsoft" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		ASSERT_DAYS(&w.all, programs[i], "2024-01-15", "2025-06-01", "2026-05-30");
		assert_store(&w.all, "anchor", programs[i], TODAY, "2026-05-30");
		assert_store(&w.all, "anchor", programs[i], "2025-12-31", "2025-06-01");
		assert_store(&w.all, "anchor", programs[i], "2025-05-31", "2024-01-15");
		assert_store(&w.all, "anchor", programs[i], "2020-01-01", "2024-01-15");
	}
}

static void test_statuses_other_than_included_are_no_anchors(void **state)
{
	static const char *const days[] = { TODAY, "2025-06-01" };
	const struct store *s;

	(void)state;
	s = index_store(w.all.ix, "microsoft", day_of(days[0]));
	/* NotBefore: an anchor whose date CCADB does not tell */
	assert_true(store_anchor(s, cert_of(&w.all, "cedar-root"), PURPOSE_TLS)->unevaluated);
	assert_null(store_anchor(s, cert_of(&w.all, "elm-root"), PURPOSE_TLS));  /* Disabled */
	assert_null(store_anchor(s, cert_of(&w.all, "yew-root"), PURPOSE_TLS));  /* Pending */
	assert_null(store_anchor(s, cert_of(&w.all, "birch-inter"), PURPOSE_TLS)); /* Provided by CA */
	s = index_store(w.all.ix, "microsoft", day_of(days[1]));
	assert_non_null(store_anchor(s, cert_of(&w.all, "elm-root"), PURPOSE_TLS));
	s = index_store(w.all.ix, "apple", day_of(days[0]));
	assert_null(store_anchor(s, cert_of(&w.all, "thorn-root"), PURPOSE_TLS)); /* Blocked */
	assert_null(store_anchor(s, cert_of(&w.all, "birch-root"), PURPOSE_TLS)); /* TLS Client is not for servers */
	s = index_store(w.all.ix, "apple", day_of(days[1]));
	assert_non_null(store_anchor(s, cert_of(&w.all, "thorn-root"), PURPOSE_TLS));
}

static void test_ccadb_stands_in_for_mozilla_and_chrome_until_their_files_come(void **state)
{
	struct book b = new_book("standin");

	(void)state;
	import_part(&b, "ccadb");
	import_part(&b, "older");
	open_book(&b);
	ASSERT_DAYS(&b, "mozilla", "2024-01-15", "2025-06-01", "2025-07-01", "2026-05-30");
	ASSERT_DAYS(&b, "chrome", "2024-01-15", "2025-06-01", "2026-05-30");
	assert_store(&b, "standin", "mozilla", TODAY, "2026-05-30");
	assert_store(&b, "standin", "mozilla", "2025-08-01", "2025-07-01");
	assert_store(&b, "standin", "mozilla", "2025-06-30", "2025-06-01");
	assert_store(&b, "standin", "mozilla", "2024-02-01", "2024-01-15");
	assert_store(&b, "standin", "chrome", TODAY, "2026-05-30");
	assert_store(&b, "standin", "chrome", "2025-06-01", "2025-06-01");
	close_book(&b);
	import_part(&b, "mozilla");
	import_part(&b, "chrome");
	open_book(&b);
	ASSERT_DAYS(&b, "mozilla", "2024-06-30", "2026-05-15");
	ASSERT_DAYS(&b, "chrome", "2024-10-01", "2026-05-20");
	assert_store(&b, "anchor", "mozilla", TODAY, "2026-05-15");
	close_book(&b);
}

/* ---- Chrome ---- */

static void add_end(struct strbuf *out, int64_t v, int64_t open)
{
	if (v == open)
		strbuf_addch(out, '-');
	else
		strbuf_addf(out, "%lld", (long long)v);
}

static void box_text(const struct box *b, struct strbuf *out)
{
	strbuf_reset(out);
	add_end(out, b->nb_lo, INT64_MIN);
	strbuf_addstr(out, "..");
	add_end(out, b->nb_hi, INT64_MAX);
	strbuf_addch(out, ' ');
	add_end(out, b->sct_lo, INT64_MIN);
	strbuf_addstr(out, "..");
	add_end(out, b->sct_hi, INT64_MAX);
}

/* Every box of the certificate stands among those of the fact, "a; b". Returns how many there are. */
static size_t assert_boxes(const struct store *s, uint32_t cert, const char *wanted, const char *nick)
{
	struct strbuf text = STRBUF_INIT;
	size_t rules = 0, boxes = *wanted != '\0';

	for (const char *p = wanted; (p = strchr(p, ';')); p++)
		boxes++;
	for (size_t i = 0; i < s->n_rules; i++) {
		if (s->rule[i].cert != cert)
			continue;
		assert_int_equal(s->rule[i].purpose, PURPOSE_TLS);
		box_text(&s->rule[i].box, &text);
		if (!strstr(wanted, text.buf))
			fail_msg("'%s' has the rule %s, not %s", nick, text.buf, wanted);
		rules++;
	}
	assert_int_equal(rules, boxes);
	strbuf_release(&text);
	return rules;
}

static void assert_chrome(const char *day, const char *snapshot, uint32_t major)
{
	const struct store *s;
	const char *nick, *wanted;
	char prefix[FACT_MAX];
	size_t at = 0, rules = 0;

	index_set_chrome_version(w.all.ix, major);
	s = index_store(w.all.ix, "chrome", day_of(day));
	assert_int_equal(s->day, day_of(snapshot));
	snprintf(prefix, sizeof(prefix), "chrome.%s.%u.", snapshot, (unsigned)major);
	assert_true(count_facts(prefix) >= 5);
	while ((wanted = each_fact(prefix, &at, &nick)))
		rules += assert_boxes(s, cert_of(&w.all, nick), wanted, nick);
	assert_int_equal(s->n_rules, rules);
}

static void test_chrome_has_the_rules_of_each_version(void **state)
{
	static const uint32_t majors[] = { 119, 120, 130, 131, 139, 140, UINT32_MAX };

	(void)state;
	ASSERT_DAYS(&w.all, "chrome", "2024-10-01", "2026-05-20");
	for (size_t i = 0; i < sizeof(majors) / sizeof(*majors); i++) {
		assert_chrome(TODAY, "2026-05-20", majors[i]);
		assert_chrome("2026-05-19", "2024-10-01", majors[i]);
		assert_chrome("2020-01-01", "2024-10-01", majors[i]);
	}
	index_set_chrome_version(w.all.ix, UINT32_MAX);
}

static void test_chrome_judges_its_anchors_only_where_the_store_says_so(void **state)
{
	const struct store *s = index_store(w.all.ix, "chrome", day_of(TODAY));
	size_t enforced = 0;

	(void)state;
	for (size_t i = 0; i < s->n_rules; i++) {
		const struct anchor_rule *r = &s->rule[i];
		const char *nick = cert_nick(&w.all, r->cert);
		const char *says = fact("chrome_enforced.2026-05-20.%s", nick);
		assert_int_equal(r->judge_validity, says && strstr(says, "expiry"));
		assert_int_equal(r->judge_constraints, says && strstr(says, "constraints"));
		assert_int_equal(r->unevaluated, fact("chrome_unevaluated.2026-05-20.%s", nick) != NULL);
		enforced += says != NULL;
	}
	assert_int_equal(enforced, count_facts("chrome_enforced.2026-05-20."));
}

static struct trust *trust_on(struct book *b, const char *program, const char *day, enum revocation_mode revocation)
{
	struct trust_query q = { .graph = b->g,
		.store = index_store(b->ix, program, day_of(day)),
		.purpose = PURPOSE_TLS,
		.day = day_of(day),
		.revocation = revocation };

	assert_non_null(q.store);
	return trust_compute(&q);
}

static void test_chrome_accepts_the_cas_of_the_facts(void **state)
{
	struct trust *t = trust_on(&w.all, "chrome", TODAY, REVOCATION_ENFORCED);
	const char *nick, *wanted;
	size_t at = 0;

	(void)state;
	assert_true(count_facts("chrome_ca.") >= 10);
	while ((wanted = each_fact("chrome_ca.", &at, &nick))) {
		const char *got = acceptance_names[trust_before(t, ca_of(&w.all, nick))];
		if (strcmp(got, wanted) != 0)
			fail_msg("'%s': %s, not %s", nick, got, wanted);
	}
	assert_true(trust_unevaluated(t, ca_of(&w.all, "fir-tls")));
	assert_false(trust_unevaluated(t, ca_of(&w.all, "alder-tls-1")));
	trust_free(t);
}

struct leaf_times {
	const char *serial;
	bool found;
	int64_t nb, sct;
};

static bool note_leaf(void *ctx, const struct leaf_info *l)
{
	struct leaf_times *t = ctx;

	if (strcmp(l->serial, t->serial) == 0) {
		t->found = true;
		t->nb = l->not_before;
		t->sct = l->sct;
	}
	return !t->found;
}

/* The CA that has the leaf of this nickname, and the leaf's times. */
static uint32_t find_leaf(struct book *b, const char *nick, struct leaf_times *t)
{
	t->serial = fact("serial.%s", nick);
	assert_non_null(t->serial);
	for (uint32_t i = 0; i < b->g->ca.n; i++) {
		assert_int_equal(index_leaves(b->ix, i, &(struct leaf_query){ .each = note_leaf, .ctx = t }, NULL), 0);
		if (t->found)
			return i;
	}
	fail_msg("the index has no leaf '%s'", nick);
	return NO_INDEX;
}

static void test_chrome_accepts_the_leaves_of_the_facts_before_and_after_each_version(void **state)
{
	const char *rest, *wanted;
	size_t at = 0;

	(void)state;
	assert_true(count_facts("chrome_leaf.") >= 10);
	while ((wanted = each_fact("chrome_leaf.", &at, &rest))) {
		const char *nick = strchr(rest, '.') + 1;
		struct leaf_times times = { 0 };
		uint32_t ca = find_leaf(&w.all, nick, &times);
		index_set_chrome_version(w.all.ix, (uint32_t)strtoul(rest, NULL, 10));
		struct trust *t = trust_on(&w.all, "chrome", TODAY, REVOCATION_ENFORCED);
		bool got = trust_leaf(t, ca, times.nb, times.sct).before;
		if (got != (strcmp(wanted, "yes") == 0))
			fail_msg("Chrome %s: accepted %d, not %s", rest, got, wanted);
		trust_free(t);
	}
	index_set_chrome_version(w.all.ix, UINT32_MAX);
}

/* ---- revocations ---- */

static bool revoked(const struct book *b, const char *nick, enum revocation_source source, const char *day)
{
	return cert_revoked_by(b->g, cert_of(b, nick), source, day_of(day));
}

static X509 *openssl_cert(struct book *b, uint32_t cert)
{
	uint8_t *der;
	size_t n;
	X509 *x;

	assert_int_equal(index_cert_der(b->ix, cert, &der, &n, NULL), 0);
	const uint8_t *p = der;
	x = d2i_X509(NULL, &p, (long)n);
	assert_non_null(x);
	free(der);
	return x;
}

/* Is the base64 of the record the bytes? False where the record has no such field. */
static bool field_is(const json_t *record, const char *name, const uint8_t *p, int n)
{
	const char *text = json_string_value(json_object_get(record, name));
	char *wanted = xcalloc((size_t)n * 2 + 8, 1);
	bool same;

	EVP_EncodeBlock((unsigned char *)wanted, p, n);
	same = text && strcmp(text, wanted) == 0;
	free(wanted);
	return same;
}

static bool record_fits(const json_t *record, const X509 *x)
{
	uint8_t *issuer = NULL, *subject = NULL, *serial = NULL, hash[32];
	int n_issuer = i2d_X509_NAME(X509_get_issuer_name(x), &issuer);
	int n_subject = i2d_X509_NAME(X509_get_subject_name(x), &subject);
	int n_serial = i2d_ASN1_INTEGER(X509_get0_serialNumber(x), &serial);
	uint8_t *spki = NULL;
	int n_spki = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &spki);

	EVP_Digest(spki, (size_t)n_spki, hash, NULL, EVP_sha256(), NULL);
	/* the serial numbers of this world have one octet of length */
	bool fits = (field_is(record, "issuerName", issuer, n_issuer) &&
			    field_is(record, "serialNumber", serial + 2, n_serial - 2)) ||
		    (field_is(record, "subject", subject, n_subject) && field_is(record, "pubKeyHash", hash, 32));
	OPENSSL_free(issuer);
	OPENSSL_free(subject);
	OPENSSL_free(serial);
	OPENSSL_free(spki);
	return fits;
}

/* What the list revokes by a plain join is what the index says on the day, and what the facts say. */
static void assert_onecrl(const char *list, const char *day)
{
	char name[FACT_MAX], prefix[FACT_MAX];
	char *folder = path_join(w.folder, "onecrl"), *path;
	size_t hits = 0, records = 0;

	snprintf(name, sizeof(name), "onecrl.%s.json", list);
	snprintf(prefix, sizeof(prefix), "onecrl.%s.", list);
	path = path_join(folder, name);
	json_t *root = json_load_file(path, 0, NULL);
	const json_t *data = json_object_get(root, "data");
	records = json_array_size(data);
	assert_true(records > 4);
	for (uint32_t i = 0; i < w.all.g->cert.n; i++) {
		X509 *x = openssl_cert(&w.all, i);
		bool hit = false;
		for (size_t k = 0; k < records; k++)
			hit |= record_fits(json_array_get(data, k), x);
		X509_free(x);
		if (hit != cert_revoked_by(w.all.g, i, REVOKED_ONECRL, day_of(day)) ||
			hit != (fact("%s%s", prefix, cert_nick(&w.all, i)) != NULL))
			fail_msg("'%s' by the list of %s: the join says %d", cert_nick(&w.all, i), list, hit);
		hits += hit;
	}
	assert_int_equal(hits, count_facts(prefix));
	json_decref(root);
	free(path);
	free(folder);
}

static void test_onecrl_revokes_what_a_plain_join_says(void **state)
{
	(void)state;
	assert_onecrl("2026-05-25", TODAY);
	assert_onecrl("2026-05-25", "2026-05-25");
	assert_onecrl("2025-01-10", "2026-05-24");
	assert_onecrl("2025-01-10", "2025-01-10");
	assert_onecrl("2025-01-10", "2020-01-01"); /* the oldest, where there is none so old */
}

static void test_onecrl_compares_names_by_octets_and_ignores_enabled(void **state)
{
	(void)state;
	assert_non_null(fact("onecrl_misses.2026-05-25.elm-city"));
	assert_false(revoked(&w.all, "elm-city", REVOKED_ONECRL, TODAY));
	assert_string_equal(fact("onecrl.2026-05-25.pine-weak"), "serial disabled");
	assert_true(revoked(&w.all, "pine-weak", REVOKED_ONECRL, TODAY));
	/* of two CAs with one key the named one */
	assert_true(revoked(&w.all, "cedar-key-a", REVOKED_ONECRL, TODAY));
	assert_false(revoked(&w.all, "cedar-key-b", REVOKED_ONECRL, TODAY));
}

static void test_crlset_revokes_by_key_and_by_issuer_and_serial(void **state)
{
	static const struct {
		const char *which, *day;
	} lists[] = { { "newer", TODAY }, { "newer", IMPORT_DAY }, { "older", "2026-05-28" }, { "older", "2024-01-01" } };

	(void)state;
	for (size_t k = 0; k < sizeof(lists) / sizeof(*lists); k++) {
		for (uint32_t i = 0; i < w.all.g->cert.n; i++) {
			const char *nick = cert_nick(&w.all, i);
			bool says = fact("crlset.%s.%s", lists[k].which, nick) != NULL;
			if (says != cert_revoked_by(w.all.g, i, REVOKED_CRLSET, day_of(lists[k].day)))
				fail_msg("'%s' by the %s CRLSet on %s: not %d", nick, lists[k].which, lists[k].day, says);
		}
	}
	assert_non_null(fact("crlset_misses.newer.birch-issuing-2")); /* known interception is told, not refused */
}

static void test_crls_revoke_from_the_revocation_date_on(void **state)
{
	const char *nick, *when;
	size_t at = 0, n = 0;

	(void)state;
	while ((when = each_fact("crl_revokes.", &at, &nick))) {
		int32_t day = date_of_time(strtoll(when, NULL, 10));
		uint32_t cert = cert_of(&w.all, nick);
		if (!cert_revoked_by(w.all.g, cert, REVOKED_CRL, day) || cert_revoked_by(w.all.g, cert, REVOKED_CRL, day - 1))
			fail_msg("'%s' is not revoked from %s on", nick, when);
		n++;
	}
	assert_true(n >= 6);
	for (size_t i = 0; i < w.all.g->revocation.n; i++)
		if (w.all.g->revocation.v[i].source == REVOKED_CRL &&
			!fact("crl_revokes.%s", cert_nick(&w.all, w.all.g->revocation.v[i].cert)))
			fail_msg("a CRL revokes '%s'", cert_nick(&w.all, w.all.g->revocation.v[i].cert));
}

static void test_what_forged_older_delta_and_indirect_crls_list_is_not_revoked(void **state)
{
	const char *nick;
	size_t at = 0, n = 0;

	(void)state;
	for (; each_fact("crl_misses.", &at, &nick); n++)
		if (!fact("crl_revokes.%s", nick) && revoked(&w.all, nick, REVOKED_CRL, TODAY))
			fail_msg("'%s' is revoked by a CRL", nick);
	assert_true(n >= 8);
	assert_true(revoked(&w.all, "cedar-key-a", REVOKED_CRL, TODAY)); /* on hold: the delta's removal is not applied */
}

static void test_revoked_leaves_are_counted_where_a_crl_of_their_ca_is_held(void **state)
{
	int64_t *n = xcalloc(w.all.g->ca.n + 1, sizeof(*n));
	struct err err = { 0 };

	(void)state;
	if (index_revoked_leaves(w.all.ix, day_of(TODAY), n, &err) < 0)
		fail_msg("%s", err.msg);
	assert_true(count_facts("revoked_leaves.") >= 8);
	for (uint32_t i = 0; i < w.all.g->ca.n; i++) {
		const char *nick = nick_of("ca.", w.all.g->ca.v[i].id), *wanted = fact("revoked_leaves.%s", nick);
		if (n[i] != (wanted ? strtoll(wanted, NULL, 10) : -1))
			fail_msg("'%s': %lld leaves revoked, not %s", nick, (long long)n[i], wanted ? wanted : "unknown");
	}
	free(n);
}

static const struct index_source *source_of(const struct index_source *v, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++) {
		const char *tail = strstr(v[i].from, path);
		if (tail && !tail[strlen(path)])
			return &v[i];
	}
	return NULL;
}

static void test_each_crl_is_kept_refused_or_left_out(void **state)
{
	struct index_source *v;
	const char *path, *fate;
	size_t n, at = 0;

	(void)state;
	assert_int_equal(index_sources(w.all.ix, &v, &n, NULL), 0);
	while ((fate = each_fact("crl_file.", &at, &path))) {
		const struct index_source *s = source_of(v, n, path);
		if (strcmp(fate, "older") == 0)
			assert_null(s);
		else if (!s)
			fail_msg("'%s' is not told by the sources", path);
		else if (strcmp(fate, "refused") == 0)
			assert_string_equal(s->kind, "refused");
		else
			assert_string_equal(s->kind, "crl");
	}
	free(v);
}

static void test_ccadb_revokes_only_by_its_word_revoked(void **state)
{
	size_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < w.all.g->cert.n; i++) {
		bool says = fact("ccadb_revokes.%s", cert_nick(&w.all, i)) != NULL;
		assert_int_equal(cert_revoked_by(w.all.g, i, REVOKED_CCADB, day_of(TODAY)), says);
		n += says;
	}
	assert_int_equal(n, count_facts("ccadb_revokes."));
	assert_false(revoked(&w.all, "elm-tax-child", REVOKED_CCADB, TODAY)); /* Parent Cert Revoked */
}

static void test_each_program_enforces_its_own_list_alone(void **state)
{
	struct trust *mozilla = trust_on(&w.all, "mozilla", TODAY, REVOCATION_ENFORCED);
	struct trust *all = trust_on(&w.all, "mozilla", TODAY, REVOCATION_ALL);
	struct trust *none = trust_on(&w.all, "mozilla", TODAY, REVOCATION_NONE);
	struct trust *apple = trust_on(&w.all, "apple", TODAY, REVOCATION_ENFORCED);

	(void)state;
	/* elm-tax: OneCRL and CCADB; elm-aki: its CRL; fir-blocked: CKT_NSS_NOT_TRUSTED */
	assert_int_equal(trust_before(mozilla, ca_of(&w.all, "elm-tax")), ACCEPT_NONE);
	assert_int_equal(trust_before(none, ca_of(&w.all, "elm-tax")), ACCEPT_ALL);
	assert_int_equal(trust_before(mozilla, ca_of(&w.all, "elm-aki")), ACCEPT_ALL);
	assert_int_equal(trust_before(all, ca_of(&w.all, "elm-aki")), ACCEPT_NONE);
	assert_int_equal(trust_before(mozilla, ca_of(&w.all, "fir-blocked")), ACCEPT_NONE);
	assert_int_equal(trust_before(none, ca_of(&w.all, "fir-blocked")), ACCEPT_ALL);
	assert_int_equal(trust_before(apple, ca_of(&w.all, "fir-aki-serial")), ACCEPT_ALL); /* OneCRL is not Apple's */
	trust_free(mozilla);
	trust_free(all);
	trust_free(none);
	trust_free(apple);
}

/* ---- check ---- */

/* "NICK" of the certificate, else of the CA, else the file's name. */
static const char *about(const struct book *b, const struct finding *f)
{
	if (f->cert != NO_INDEX)
		return cert_nick(b, f->cert);
	return f->ca != NO_INDEX ? nick_of("ca.", b->g->ca.v[f->ca].id) : path_base(f->source);
}

/* "check.KIND.NICK" TAB "SEVERITY: part of the detail" */
static bool is_said(const struct fact *f, const struct finding *x, const char *nick)
{
	const char *colon = strchr(f->value, ':');
	char key[FACT_MAX];

	snprintf(key, sizeof(key), "check.%s.%s", x->kind, nick);
	return strcmp(f->key, key) == 0 && colon &&
	       strncmp(f->value, severity_names[x->severity], (size_t)(colon - f->value)) == 0 &&
	       strstr(x->detail, colon + 2) != NULL;
}

static struct check_result check_on(struct book *b, const char *day)
{
	struct check_result r;
	struct err err = { 0 };

	if (index_check(b->ix, day_of(day), &r, &err) < 0)
		fail_msg("%s", err.msg);
	return r;
}

static void test_check_finds_exactly_the_facts(void **state)
{
	struct check_result r = check_on(&w.all, TODAY);
	char *used = xcalloc(w.fact.n + 1, 1);

	(void)state;
	for (size_t i = 0; i < r.n; i++) {
		const char *nick = about(&w.all, &r.finding[i]);
		size_t k = 0;
		while (k < w.fact.n && (used[k] || !is_said(&w.fact.v[k], &r.finding[i], nick)))
			k++;
		if (k == w.fact.n)
			fail_msg("no fact: %s %s '%s': %s", r.finding[i].kind, severity_names[r.finding[i].severity], nick,
				r.finding[i].detail);
		used[k] = 1;
	}
	for (size_t k = 0; k < w.fact.n; k++)
		if (!used[k] && strncmp(w.fact.v[k].key, "check.", 6) == 0)
			fail_msg("not found: %s: %s", w.fact.v[k].key, w.fact.v[k].value);
	free(used);
	check_release(&r);
}

/* Of these a first import has none: tests/cli/test_history.py; nor has the world a store that is an excerpt:
 * tests/cli/test_check.py. */
static bool is_made_elsewhere(const char *kind)
{
	return strcmp(kind, "new-ca") == 0 || strcmp(kind, "status-changed") == 0 || strcmp(kind, "store-shrank") == 0;
}

static void test_every_kind_of_finding_is_there(void **state)
{
	(void)state;
	for (const struct check_kind *kind = check_kinds; kind->name; kind++) {
		char prefix[FACT_MAX];
		if (is_made_elsewhere(kind->name))
			continue;
		snprintf(prefix, sizeof(prefix), "check.%s.", kind->name);
		if (!count_facts(prefix))
			fail_msg("the world has nothing of the kind '%s'", kind->name);
	}
}

static size_t count_kind(const struct check_result *r, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += strcmp(r->finding[i].kind, kind) == 0;
	return n;
}

static void test_check_of_an_earlier_day_knows_no_later_state(void **state)
{
	struct check_result r = check_on(&w.all, "2025-06-01");

	(void)state;
	assert_int_equal(count_kind(&r, "unrevoked"), 0);
	for (size_t i = 0; i < r.n; i++)
		if (strcmp(r.finding[i].kind, "revoked-not-everywhere") == 0)
			assert_null(strstr("cedar-shared-by-alder elm-aki cedar-key-a", about(&w.all, &r.finding[i])));
	check_release(&r);
}

/* ---- CCADB: field by field, the newest report that says it ---- */

static void assert_precedence(const struct book *b)
{
	struct cert_detail d = detail_of(b, "alder-root");

	assert_string_equal(d.owner, "Alder Trust Services (fictional)"); /* neither V4's nor that of 2025 */
	cert_detail_release(&d);
	d = detail_of(b, "elm-tax");
	assert_string_equal(d.revocation_status, "Revoked"); /* V4: Not Revoked */
	cert_detail_release(&d);
	d = detail_of(b, "thorn-root");
	assert_string_equal(d.status[0], "Removed"); /* V4: Included */
	assert_string_equal(d.status[2], "Blocked"); /* the report of 2025: Included */
	cert_detail_release(&d);
	d = detail_of(b, "hemlock-old"); /* only V4 has it */
	assert_non_null(strstr(d.owner, "Hemlock"));
	assert_string_equal(d.ccadb_name, "Hemlock Old CA");
	cert_detail_release(&d);
	assert_string_equal(b->g->ca.v[ca_of(b, "birch-issuing-2")].owner, "Hazel Hosting (fictional)");
}

static void test_the_newest_report_wins_field_by_field(void **state)
{
	(void)state;
	assert_precedence(&w.all);
}

/* Everything that a user could be told, as one text. */
static char *answers(struct book *b)
{
	struct strbuf s = STRBUF_INIT;
	const char *const *program;
	struct check_result r = check_on(b, TODAY);

	for (size_t i = 0; i < r.n; i++)
		strbuf_addf(&s, "%s %s %s\n", r.finding[i].kind, about(b, &r.finding[i]), r.finding[i].detail);
	check_release(&r);
	for (uint32_t i = 0; i < b->g->ca.n; i++) {
		strbuf_addhex(&s, b->g->ca.v[i].id, 32);
		strbuf_addf(&s, " %s %s %llu\n", b->g->ca.v[i].name, b->g->ca.v[i].owner, (unsigned long long)b->g->ca.v[i].issued);
	}
	for (size_t p = 0, n = index_programs(b->ix, &program); p < n; p++) {
		struct trust *t = trust_on(b, program[p], TODAY, REVOCATION_ENFORCED);
		for (uint32_t i = 0; i < b->g->ca.n; i++)
			strbuf_addf(&s, "%s %u %s\n", program[p], i, acceptance_names[trust_before(t, i)]);
		trust_free(t);
	}
	for (size_t at = 0; at < w.fact.n; at++) {
		if (strncmp(w.fact.v[at].key, "cert.", 5) != 0 || strncmp(w.fact.v[at].key + 5, "sequoia-root", 12) == 0)
			continue;
		struct cert_detail d = detail_of(b, w.fact.v[at].key + 5);
		strbuf_addf(&s, "%s %s %s %s %s %s %s %s %s\n", d.owner, d.sub_owner, d.ccadb_name, d.revocation_status,
			d.status[0], d.status[1], d.status[2], d.status[3], d.crl_urls);
		cert_detail_release(&d);
	}
	return strbuf_detach(&s);
}

static void assert_same_index(struct book *a, struct book *b)
{
	struct index_stats x, y;
	char *said, *other;

	assert_int_equal(index_stats(a->ix, &x, NULL), 0);
	assert_int_equal(index_stats(b->ix, &y, NULL), 0);
	assert_string_equal(x.sha256, y.sha256);
	assert_int_equal(x.ca_certs, y.ca_certs);
	assert_int_equal(x.leaves, y.leaves);
	assert_int_equal(x.unknown_issuer_leaves, y.unknown_issuer_leaves);
	assert_int_equal(x.problems, y.problems);
	said = answers(a);
	other = answers(b);
	assert_string_equal(said, other);
	free(said);
	free(other);
}

static void test_everything_is_found_by_its_hash(void **state)
{
	const struct graph *g = w.all.g;
	uint8_t none[32] = { 0 };

	(void)state;
	for (uint32_t i = 0; i < g->ca.n; i++)
		assert_int_equal(graph_find_ca(g, g->ca.v[i].id), i);
	for (uint32_t i = 0; i < g->cert.n; i++)
		assert_int_equal(graph_find_cert(g, g->cert.v[i].sha256), i);
	assert_int_equal(graph_find_ca(g, none), NO_INDEX);
	assert_int_equal(graph_find_cert(g, none), NO_INDEX);
}

static void test_a_certificate_has_its_revocations_and_no_others(void **state)
{
	const struct graph *g = w.all.g;
	size_t all = 0, n;

	(void)state;
	for (uint32_t i = 0; i < g->cert.n; i++) {
		const struct revocation *r = cert_revocations(g, i, &n);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(r[k].cert, i);
		all += n;
	}
	assert_true(all > 0);
	assert_int_equal(all, g->revocation.n);
}

static void test_the_newest_day_is_that_of_the_stats(void **state)
{
	struct index_stats s;
	int32_t day;

	(void)state;
	assert_int_equal(index_stats(w.all.ix, &s, NULL), 0);
	assert_int_equal(index_newest_day(w.all.ix, &day, NULL), 0);
	assert_int_equal(day, s.newest_day);
}

static void test_the_order_of_import_changes_no_answer(void **state)
{
	struct book b = new_book("reversed");

	(void)state;
	/* the newest report before the older ones, and the list that is replaced before the one that replaces it */
	import_part(&b, "onecrl/onecrl.2026-05-25.json");
	import_part(&b, "ccadb");
	import_world(&b, true);
	open_book(&b);
	assert_precedence(&b);
	assert_same_index(&w.all, &b);
	close_book(&b);
}

/* ---- imports that follow ---- */

static void copy_index(const struct book *from, const struct book *to)
{
	uint8_t *data;
	size_t n;

	assert_int_equal(path_read(from->path, (size_t)1 << 30, &data, &n, NULL), 0);
	assert_int_equal(path_write_atomic(to->path, data, n, NULL), 0);
	free(data);
}

static void test_a_second_import_changes_nothing(void **state)
{
	struct book b = new_book("second");
	struct import_result r;

	(void)state;
	copy_index(&w.all, &b);
	r = import_world(&b, false);
	assert_int_equal(r.files, 0);
	assert_int_equal(r.records, 0);
	assert_int_equal(r.ca_certs_new, 0);
	assert_int_equal(r.edges_checked, 0);
	assert_true(r.unchanged >= w.first.files);
	assert_false(r.refused);
	open_book(&b);
	assert_same_index(&w.all, &b);
	close_book(&b);
}

/* A copy of a file of the world, below `name` in the test's folder: with one text in place of another, or (to NULL) cut
 * off behind it. Heap. */
static char *edited(const char *file, const char *name, const char *from, const char *to)
{
	char *source = path_join(w.folder, file), *target = path_join(w.dir, name), *at;
	struct strbuf out = STRBUF_INIT;
	uint8_t *data;
	size_t n;

	assert_int_equal(path_read(source, (size_t)1 << 28, &data, &n, NULL), 0);
	at = memmem(data, n, from, strlen(from));
	assert_non_null(at);
	strbuf_add(&out, data, (size_t)(at - (char *)data));
	strbuf_addstr(&out, to ? to : from);
	at += strlen(from);
	if (to)
		strbuf_add(&out, at, n - (size_t)(at - (char *)data));
	assert_int_equal(path_write_atomic(target, out.buf, out.len, NULL), 0);
	strbuf_release(&out);
	free(data);
	free(source);
	return target;
}

static void test_a_newer_report_replaces_the_older_one_for_good(void **state)
{
	struct book b = new_book("newer");
	char *path = edited("ccadb/AllCertificateRecordsCSVFormatV5.2026-05-30.csv",
		"AllCertificateRecordsCSVFormatV5.2026-05-31.csv", "\"Revoked\"", "\"Not Revoked\"");
	struct check_result r;
	size_t told = 0;

	(void)state;
	copy_index(&w.all, &b);
	assert_int_equal(import_one(&b, path).files, 1);
	assert_int_equal(import_part(&b, "ccadb/AllCertificateRecordsCSVFormatV5.2026-05-30.csv").skipped, 1);
	open_book(&b);
	assert_false(revoked(&b, "elm-tax", REVOKED_CCADB, TODAY));
	ASSERT_DAYS(&b, "apple", "2024-01-15", "2025-06-01", "2026-05-30", "2026-05-31");
	r = check_on(&b, TODAY);
	assert_int_equal(count_kind(&r, "new-ca"), 0);
	assert_true(count_kind(&r, "status-changed") > 0);
	for (size_t i = 0; i < r.n; i++)
		told += strcmp(r.finding[i].kind, "unrevoked") == 0 && strcmp(about(&b, &r.finding[i]), "elm-tax") == 0 &&
			strcmp(r.finding[i].source, "ccadb") == 0;
	assert_int_equal(told, 1);
	check_release(&r);
	close_book(&b);
	free(path);
}

static void test_a_changed_list_of_the_same_day_replaces_it(void **state)
{
	struct book b = new_book("changed");
	char *path = edited("onecrl/onecrl.2026-05-25.json", "onecrl.2026-05-25.json", "\"pubKeyHash\": \"", "\"pubKeyHash\": \"A");
	struct check_result r;

	(void)state;
	copy_index(&w.all, &b);
	assert_int_equal(import_one(&b, path).files, 1);
	open_book(&b);
	assert_false(revoked(&b, "birch-sha1", REVOKED_ONECRL, TODAY));
	assert_true(revoked(&b, "cedar-key-a", REVOKED_ONECRL, TODAY));
	r = check_on(&b, TODAY);
	assert_int_equal(count_kind(&r, "unrevoked"), count_facts("check.unrevoked.") + 1);
	check_release(&r);
	close_book(&b);
	import_part(&b, "onecrl");
	open_book(&b);
	assert_true(revoked(&b, "birch-sha1", REVOKED_ONECRL, TODAY));
	close_book(&b);
	free(path);
}

static void test_a_newer_crl_replaces_an_older_one_which_is_not_forgotten(void **state)
{
	struct book b = new_book("newer-crl");
	struct check_result r;
	size_t told = 0;

	(void)state;
	import_part(&b, "ccadb");
	import_part(&b, "crl/birch-root.older.crl");
	open_book(&b);
	assert_true(revoked(&b, "birch-inter", REVOKED_CRL, TODAY)); /* on hold */
	assert_false(revoked(&b, "birch-renew-2012", REVOKED_CRL, TODAY));
	close_book(&b);
	assert_int_equal(import_part(&b, "crl/birch-root.crl").files, 1);
	assert_int_equal(import_part(&b, "crl/birch-root.older.crl").skipped, 1);
	open_book(&b);
	assert_false(revoked(&b, "birch-inter", REVOKED_CRL, TODAY));
	assert_true(revoked(&b, "birch-renew-2012", REVOKED_CRL, TODAY));
	r = check_on(&b, TODAY);
	for (size_t i = 0; i < r.n; i++)
		told += strcmp(r.finding[i].kind, "unrevoked") == 0 && strcmp(about(&b, &r.finding[i]), "birch-inter") == 0;
	assert_int_equal(told, 1);
	assert_int_equal(count_kind(&r, "unrevoked"), 1);
	check_release(&r);
	close_book(&b);
}

/* A CRL revokes from the moment its issuer's key is known, and no longer when it is not. */
static void test_a_crl_waits_for_its_issuer(void **state)
{
	struct book b = new_book("waits");

	(void)state;
	import_part(&b, "crl");
	open_book(&b);
	assert_int_equal(b.g->revocation.n, 0);
	close_book(&b);
	import_part(&b, "ccadb");
	open_book(&b);
	assert_true(revoked(&b, "birch-sha1", REVOKED_CRL, TODAY));
	assert_false(revoked(&b, "ginkgo-ring-a-by-root", REVOKED_CRL, TODAY));
	close_book(&b);
}

static bool reads_bytes(struct index *ix, struct err *err)
{
	uint8_t *der;
	size_t n;

	if (index_cert_der(ix, 0, &der, &n, err) < 0)
		return false;
	free(der);
	return true;
}

/* What is kept beside and what is imported once more numbers nothing anew; what changes it does, at once for all. */
static void test_what_row_ids_mean_is_the_same_or_is_said(void **state)
{
	struct book b = new_book("numbered");
	struct index *shared = NULL;
	struct err err = { 0 };
	bool there;

	(void)state;
	import_part(&b, "crl");
	import_part(&b, "ccadb");
	open_book(&b);
	assert_int_equal(index_save_scenario(b.ix, "cut", "program mozilla\n", false, &there, &err), 0);
	import_part(&b, "ccadb");
	assert_false(index_renumbered(b.ix));
	assert_true(reads_bytes(b.ix, &err));
	assert_int_equal(index_share(b.ix, &shared, &err), 0);
	import_part(&b, "mozilla");
	assert_true(index_renumbered(b.ix));
	assert_false(reads_bytes(b.ix, &err));
	assert_non_null(strstr(err.msg, "has changed since it was read"));
	assert_false(reads_bytes(shared, &err));
	index_close(shared);
	assert_int_equal(index_share(b.ix, &shared, &err), -1);
	assert_non_null(index_store(b.ix, "mozilla", day_of(TODAY)));
	assert_int_equal(index_read_error(b.ix, &err), -1);
	close_book(&b);
}

static size_t issuers_found(struct index *ix, const char *fingerprint)
{
	uint32_t *found;
	bool of_leaf;
	size_t n;

	assert_true(index_search(ix, fingerprint, NULL, NULL, &found, &n, &of_leaf));
	assert_int_equal(of_leaf, n > 0);
	free(found);
	return n;
}

/* A leaf is found with the id of its CA, which is another's in another numbering. */
static void test_a_leaf_is_no_other_cas_after_an_import(void **state)
{
	struct book b = new_book("renumbered");
	char *path = path_join(w.folder, "leaves/cedar-before.der");
	uint8_t digest[32], *der;
	char hex[65];
	struct err err = { 0 };
	size_t n;

	(void)state;
	assert_int_equal(path_read(path, 1 << 16, &der, &n, &err), 0);
	assert_int_equal(EVP_Digest(der, n, digest, NULL, EVP_sha256(), NULL), 1);
	hex_encode(digest, sizeof(digest), hex);
	free(der);
	import_part(&b, "ccadb");
	import_one(&b, path);
	open_book(&b);
	assert_int_equal(issuers_found(b.ix, hex), 1);
	import_part(&b, "mozilla");
	assert_int_equal(issuers_found(b.ix, hex), 0);
	close_book(&b);
	free(path);
}

/* Who else names what was lost, and where a CA's lists are, is read by ids, too. */
static void test_no_other_cas_leaves_are_read_after_an_import(void **state)
{
	struct book b = new_book("renumbered-leaves");
	struct urls u = { 0 };
	struct err err = { 0 };

	(void)state;
	import_part(&b, "ccadb");
	import_part(&b, "mozilla");
	import_part(&b, "leaves");
	open_book(&b);
	const struct graph *g = index_graph(b.ix);
	struct trust *t = trust_compute(&(struct trust_query){ .graph = g, .store = index_store(b.ix, "mozilla", day_of(TODAY)),
	                                                       .day = day_of(TODAY) });
	uint32_t *cas = xcalloc(g->ca.n, sizeof(*cas)), n = 0;
	for (uint32_t i = 0; i < g->ca.n; i++)
		if (!g->ca.v[i].n_children) /* bytes of children are refused one by one */
			cas[n++] = i;
	for (int renumbered = 0; renumbered < 2; renumbered++) {
		struct cover *c = cover_new(b.ix, t);
		cover_add(c, "www.cedar.example");
		assert_int_equal(cover_find(c, &err), -renumbered);
		assert_int_equal(index_crl_urls(b.ix, cas, n, day_of(TODAY), &u, &err), -renumbered);
		cover_free(c);
		urls_release(&u);
		u = (struct urls){ 0 };
		assert_int_equal(strstr(err.msg, "has changed since it was read") != NULL, renumbered);
		if (!renumbered)
			import_part(&b, "older");
	}
	free(cas);
	trust_free(t);
	close_book(&b);
}

static void assert_unchanged(struct book *b)
{
	open_book(b);
	assert_same_index(&w.all, b);
	close_book(b);
}

static void test_a_refused_document_leaves_the_index_as_it_was(void **state)
{
	static const struct {
		const char *file, *from, *to;
	} broken[] = {
		{ "mozilla/certdata.2026-05-15.txt", "CKA_LABEL UTF8 \"Mozilla Builtin Roots\"\n", NULL },
		{ "ccadb/AllCertificateRecordsCSVFormatV5.2026-05-30.csv", "\"SHA-256 Fingerprint\"", "\"Fingerprint\"" },
		{ "onecrl/onecrl.2026-05-25.json", "\"serialNumber\"", NULL },
		{ "chrome/root_store.2026-05-20.textproto", "sha256_hex", NULL },
		{ "crl/birch-root.crl", "Birch Root R1", NULL },
	};
	struct book b = new_book("refused");

	(void)state;
	copy_index(&w.all, &b);
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		char *path = edited(broken[i].file, path_base(broken[i].file), broken[i].from, broken[i].to);
		struct import_result r = import_one(&b, path);
		if (!r.refused)
			fail_msg("'%s' was not refused", broken[i].file);
		assert_int_equal(r.files, 0);
		assert_unchanged(&b);
		free(path);
	}
}

/* The child's files may not grow: by default that kills it, else its writes fail. */
static int import_with_little_room(const struct book *b, bool killed)
{
	struct rlimit room = { 60000, 60000 }, none = { 0, 0 };
	struct import_options o = { .has_day = true, .day = day_of(IMPORT_DAY), .quiet = true };
	struct import_result r;
	struct err err = { 0 };
	char *path[] = { path_join(w.folder, "leaves"), path_join(w.folder, "chrome"), path_join(w.folder, "crl") };
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		signal(SIGXFSZ, killed ? SIG_DFL : SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &room);
		_exit(index_import(b->path, path, 3, &o, &r, &err) < 0 ? 5 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	for (size_t i = 0; i < 3; i++)
		free(path[i]);
	return status;
}

static void test_a_killed_or_failed_import_leaves_the_index_as_it_was(void **state)
{
	struct book b = new_book("killed");
	struct index_stats before, after;
	int status;

	(void)state;
	import_part(&b, "ccadb");
	open_book(&b);
	assert_int_equal(index_stats(b.ix, &before, NULL), 0);
	close_book(&b);
	for (int killed = 0; killed < 2; killed++) {
		status = import_with_little_room(&b, killed);
		if (killed)
			assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
		else
			assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 5);
		open_book(&b);
		assert_int_equal(index_stats(b.ix, &after, NULL), 0);
		assert_string_equal(after.sha256, before.sha256);
		assert_int_equal(after.leaves, 0);
		assert_int_equal(after.ca_certs, before.ca_certs);
		close_book(&b);
	}
	import_world(&b, false);
	open_book(&b);
	assert_same_index(&w.all, &b);
	close_book(&b);
}

/* ---- */

static int setup(void **state)
{
	(void)state;
	snprintf(w.dir, sizeof(w.dir), "/tmp/canopy-world-XXXXXX");
	if (!mkdtemp(w.dir))
		return -1;
	read_facts();
	w.all = new_book("all");
	w.first = import_world(&w.all, false);
	open_book(&w.all);
	return 0;
}

static int remove_file(void *ctx, const char *path, struct err *err)
{
	(void)ctx;
	(void)err;
	return unlink(path);
}

static int teardown(void **state)
{
	(void)state;
	close_book(&w.all);
	path_walk(w.dir, remove_file, NULL, NULL);
	rmdir(w.dir);
	vec_release(&w.fact);
	arena_release(&w.arena);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_is_found_by_its_hash),
		cmocka_unit_test(test_a_certificate_has_its_revocations_and_no_others),
		cmocka_unit_test(test_the_newest_day_is_that_of_the_stats),
		cmocka_unit_test(test_mozilla_has_the_anchors_of_each_snapshot),
		cmocka_unit_test(test_mozilla_distrusts_what_its_file_says),
		cmocka_unit_test(test_apple_and_microsoft_are_derived_from_ccadb_report_by_report),
		cmocka_unit_test(test_statuses_other_than_included_are_no_anchors),
		cmocka_unit_test(test_ccadb_stands_in_for_mozilla_and_chrome_until_their_files_come),
		cmocka_unit_test(test_chrome_has_the_rules_of_each_version),
		cmocka_unit_test(test_chrome_judges_its_anchors_only_where_the_store_says_so),
		cmocka_unit_test(test_chrome_accepts_the_cas_of_the_facts),
		cmocka_unit_test(test_chrome_accepts_the_leaves_of_the_facts_before_and_after_each_version),
		cmocka_unit_test(test_onecrl_revokes_what_a_plain_join_says),
		cmocka_unit_test(test_onecrl_compares_names_by_octets_and_ignores_enabled),
		cmocka_unit_test(test_crlset_revokes_by_key_and_by_issuer_and_serial),
		cmocka_unit_test(test_crls_revoke_from_the_revocation_date_on),
		cmocka_unit_test(test_what_forged_older_delta_and_indirect_crls_list_is_not_revoked),
		cmocka_unit_test(test_revoked_leaves_are_counted_where_a_crl_of_their_ca_is_held),
		cmocka_unit_test(test_each_crl_is_kept_refused_or_left_out),
		cmocka_unit_test(test_ccadb_revokes_only_by_its_word_revoked),
		cmocka_unit_test(test_each_program_enforces_its_own_list_alone),
		cmocka_unit_test(test_check_finds_exactly_the_facts),
		cmocka_unit_test(test_every_kind_of_finding_is_there),
		cmocka_unit_test(test_check_of_an_earlier_day_knows_no_later_state),
		cmocka_unit_test(test_the_newest_report_wins_field_by_field),
		cmocka_unit_test(test_the_order_of_import_changes_no_answer),
		cmocka_unit_test(test_a_second_import_changes_nothing),
		cmocka_unit_test(test_a_newer_report_replaces_the_older_one_for_good),
		cmocka_unit_test(test_a_changed_list_of_the_same_day_replaces_it),
		cmocka_unit_test(test_a_newer_crl_replaces_an_older_one_which_is_not_forgotten),
		cmocka_unit_test(test_a_crl_waits_for_its_issuer),
		cmocka_unit_test(test_what_row_ids_mean_is_the_same_or_is_said),
		cmocka_unit_test(test_a_leaf_is_no_other_cas_after_an_import),
		cmocka_unit_test(test_no_other_cas_leaves_are_read_after_an_import),
		cmocka_unit_test(test_a_refused_document_leaves_the_index_as_it_was),
		cmocka_unit_test(test_a_killed_or_failed_import_leaves_the_index_as_it_was),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: test_index_world WORLD\n");
		return 2;
	}
	w.folder = argv[1];
	return cmocka_run_group_tests(tests, setup, teardown);
}
