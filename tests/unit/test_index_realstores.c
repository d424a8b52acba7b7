/* The stores and revocation lists of the real data, judged by others. All folders but that of logs go in with one call
 * and every file is accounted for; the anchors of Chrome, Apple, Microsoft and Mozilla are told again by plain scans of
 * the same files; X509_verify_cert confirms what each program trusts and asks why others are not trusted; OneCRL,
 * CRLSet and CRLs are joined with the certificates here once more; and OpenSSL counts some of the findings. Without the
 * folder of real data all of it is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/date.h"
#include "base/path.h"
#include "db/db.h"
#include "index/check.h"
#include "tests/unit/real_data.h"
#include "tests/unit/real_judge.h"

enum {
	SOURCE_DAY = 20544,   /* 2026-04-01: for files that have no date in their name */
	ASKED_DAY = 20574,    /* 2026-05-01 */
	OLD_LIST_DAY = 19723, /* 2024-01-01 */
	ALL_FOLDERS = 13,
	CSV_MAX = 96,
	NEWEST = -1, /* version of Chrome */
};
static const char *const folders[ALL_FOLDERS] = { "apple", "ccadb", "chrome", "crl", "crtsh", "derived", "hostile",
	"leaves", "mozilla", "mozilla-history", "onecrl", "sites", "telemetry" };

/* An index of its own: what another has, and some more files. */
struct indexed {
	char db[96];
	struct import_result result;
	struct index *ix;
	const struct graph *g;
};
static struct {
	char *folder[ALL_FOLDERS];
	char dir[64];
	struct real r;
	struct indexed base; /* ccadb alone */
} w;

static char *data_file(const char *name)
{
	char *path = real_data(name);

	if (!path)
		fail_msg("'%s' is not there", name);
	return path;
}

static char *read_text(const char *path, size_t *n)
{
	struct err err = { 0 };
	uint8_t *data;

	if (path_read(path, (size_t)1 << 28, &data, n, &err) < 0)
		fail_msg("%s", err.msg);
	return (char *)data;
}

/* ---- indexes ---- */

static void import_into(struct indexed *x, char *const *paths, size_t n)
{
	struct import_options o = { .source = "import", .has_day = true, .day = SOURCE_DAY, .quiet = true };
	struct err err = { 0 };

	free(x->result.notes);
	if (index_import(x->db, paths, n, &o, &x->result, &err) < 0)
		fail_msg("%s", err.msg);
	assert_false(x->result.refused);
}

static void open_index(struct indexed *x)
{
	struct err err = { 0 };

	if (index_open(x->db, INDEX_READ, &x->ix, &err) < 0)
		fail_msg("%s", err.msg);
	x->g = index_graph(x->ix);
}

static void name_index(struct indexed *x, const char *name)
{
	memset(x, 0, sizeof(*x));
	snprintf(x->db, sizeof(x->db), "%s/%s.db", w.dir, name);
}

/* ccadb and these files of the data. Its certificates are matched with those that OpenSSL read. */
static void start_from_base(struct indexed *x, const char *name, const char *const *files)
{
	struct err err = { 0 };
	char *paths[8];
	size_t n = 0, len;
	char *bytes = read_text(w.base.db, &len);

	name_index(x, name);
	if (path_write_atomic(x->db, bytes, len, &err) < 0)
		fail_msg("%s", err.msg);
	free(bytes);
	for (; files[n]; n++)
		paths[n] = data_file(files[n]);
	import_into(x, paths, n);
	assert_int_equal(x->result.files, n);
	assert_string_equal(x->result.notes, "");
	while (n)
		free(paths[--n]);
	open_index(x);
	real_match(&w.r, x->g);
}

static void forget(struct indexed *x)
{
	index_close(x->ix);
	free(x->result.notes);
	real_remove_db(x->db);
}

static int read_one(void *ctx, const char *path, struct err *err)
{
	bool *disclosed = ctx;
	size_t n;
	char *text = read_text(path, &n);

	(void)err;
	real_put_pems(&w.r, text, n, *disclosed);
	free(text);
	return 0;
}

static int setup(void **state)
{
	bool disclosed = true;
	char *certs = data_file("chrome/root_store.derived.certs");

	(void)state;
	snprintf(w.dir, sizeof(w.dir), "/tmp/canopy_realstores_XXXXXX");
	if (!mkdtemp(w.dir))
		return -1;
	path_walk(w.folder[1], read_one, &disclosed, NULL);
	disclosed = false;
	read_one(&disclosed, certs, NULL);
	free(certs);
	real_sort(&w.r);
	name_index(&w.base, "base");
	import_into(&w.base, w.folder + 1, 1);
	open_index(&w.base);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	forget(&w.base);
	rmdir(w.dir);
	real_release(&w.r);
	for (int i = 0; i < ALL_FOLDERS; i++)
		free(w.folder[i]);
	return 0;
}

/* ---- one import of everything ---- */

struct account { /* what became of the files of a folder */
	struct index_source *source;
	size_t n_sources;
	struct index_problem *problem;
	size_t n_problems;
	struct map indexed, refused, hashes;
	const char *notes;
	uint64_t files, read, told, noted, same, unexplained;
};

static bool is_read(const struct index_source *s)
{
	return strcmp(s->kind, "unknown") != 0 && strcmp(s->kind, "refused") != 0;
}

static void open_account(struct account *a, const struct indexed *x)
{
	struct err err = { 0 };

	memset(a, 0, sizeof(*a));
	a->notes = x->result.notes;
	assert_int_equal(index_sources(x->ix, &a->source, &a->n_sources, &err), 0);
	assert_int_equal(index_problems(x->ix, &a->problem, &a->n_problems, &err), 0);
	for (size_t i = 0; i < a->n_sources; i++) {
		const struct index_source *s = &a->source[i];
		if (is_read(s))
			*map_at(&a->indexed, s->from, strlen(s->from), NULL) = 1;
		*map_at(&a->hashes, s->sha256, 64, NULL) = 1;
	}
	for (size_t i = 0; i < a->n_problems; i++) {
		const struct index_problem *p = &a->problem[i];
		assert_string_not_equal(p->what, "");
		*map_at(&a->refused, p->from, strlen(p->from), NULL) = 1;
	}
}

static void close_account(struct account *a)
{
	free(a->source);
	free(a->problem);
	map_release(&a->indexed);
	map_release(&a->refused);
	map_release(&a->hashes);
}

static int account_for(void *ctx, const char *path, struct err *err)
{
	struct account *a = ctx;
	uint8_t sha256[32];
	char hex[65];
	size_t n;
	char *bytes = read_text(path, &n);

	(void)err;
	a->files++;
	EVP_Digest(bytes, n, sha256, NULL, EVP_sha256(), NULL);
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", sha256[i]);
	free(bytes);
	if (map_get(&a->indexed, path, strlen(path))) {
		a->read++;
	} else if (map_get(&a->refused, path, strlen(path))) {
		a->told++;
	} else if (strstr(a->notes, path)) {
		a->noted++;
	} else if (map_get(&a->hashes, hex, 64)) {
		a->same++; /* another file has the same bytes */
	} else {
		a->unexplained++;
		printf("# nothing is said of %s\n", path);
	}
	return 0;
}

/* Problems of the folders that are not made to be refused: few enough to be told. */
static void tell_problems(const struct account *a)
{
	for (size_t i = 0; i < a->n_problems; i++)
		if (strncmp(a->problem[i].from, w.folder[6], strlen(w.folder[6])) != 0)
			printf("# %s: %s: %s\n", path_base(a->problem[i].from), a->problem[i].place,
				a->problem[i].what);
}

static void account_for_all(const struct indexed *x)
{
	struct account a;
	struct err err = { 0 };

	open_account(&a, x);
	for (int i = 0; i < ALL_FOLDERS; i++) {
		uint64_t files = a.files, read = a.read, told = a.told, noted = a.noted, same = a.same;
		assert_int_equal(path_walk(w.folder[i], account_for, &a, &err), 0);
		printf("# %s: %llu files, %llu indexed, %llu with a problem instead, %llu in a note, %llu known by its "
		       "bytes\n",
			folders[i], (unsigned long long)(a.files - files), (unsigned long long)(a.read - read),
			(unsigned long long)(a.told - told), (unsigned long long)(a.noted - noted),
			(unsigned long long)(a.same - same));
	}
	tell_problems(&a);
	printf("# notes: %s\n", *x->result.notes ? x->result.notes : "none");
	assert_int_equal(a.unexplained, 0);
	assert_int_equal(x->result.files + x->result.unchanged + x->result.skipped, a.files);
	assert_int_equal(x->result.unchanged, a.same);
	close_account(&a);
}

static struct indexed everything;

static void test_one_import_of_everything_accounts_for_each_file(void **state)
{
	struct index_stats stats;
	struct err err = { 0 };

	(void)state;
	name_index(&everything, "everything");
	import_into(&everything, w.folder, ALL_FOLDERS);
	open_index(&everything);
	assert_int_equal(index_stats(everything.ix, &stats, &err), 0);
	printf("# %llu files, %llu CA certificates of %llu CAs, %llu leaves, %llu of unknown issuers, %llu problems\n",
		(unsigned long long)stats.files, (unsigned long long)stats.ca_certs, (unsigned long long)stats.cas,
		(unsigned long long)stats.leaf_certs, (unsigned long long)stats.unknown_issuer_leaves,
		(unsigned long long)stats.problems);
	account_for_all(&everything);
}

static void test_everything_again_changes_nothing(void **state)
{
	struct index_stats before, after;
	uint64_t files = everything.result.files, unchanged = everything.result.unchanged,
		 skipped = everything.result.skipped;
	char *notes = xstrdup(everything.result.notes);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(index_stats(everything.ix, &before, &err), 0);
	index_close(everything.ix);
	import_into(&everything, w.folder, ALL_FOLDERS);
	open_index(&everything);
	assert_int_equal(index_stats(everything.ix, &after, &err), 0);
	printf("# again: %llu read, %llu unchanged, %llu skipped, %llu signatures checked\n",
		(unsigned long long)everything.result.files, (unsigned long long)everything.result.unchanged,
		(unsigned long long)everything.result.skipped, (unsigned long long)everything.result.edges_checked);
	assert_int_equal(everything.result.files, 0);
	assert_int_equal(everything.result.unchanged + everything.result.skipped, files + unchanged + skipped);
	assert_int_equal(everything.result.edges_checked, 0);
	assert_int_equal(everything.result.ca_certs_new + everything.result.leaves_new + everything.result.gone, 0);
	assert_string_equal(everything.result.notes, notes);
	assert_string_equal(after.sha256, before.sha256);
	assert_int_equal(after.indexed_at, before.indexed_at);
	assert_int_equal(after.problems, before.problems);
	free(notes);
}

/* ---- what a program says, by certificate of the graph ---- */

struct said {
	uint8_t *anchor;      /* bits 1 << purpose */
	uint8_t *unevaluated; /* the same */
	uint8_t *refused;     /* revoked for the program */
	uint8_t *judged;      /* JUDGES_ bits of an anchor */
};

static void said_init(struct said *s)
{
	size_t n = w.r.g->cert.n + 1;

	*s = (struct said){ xcalloc(n, 1), xcalloc(n, 1), xcalloc(n, 1), xcalloc(n, 1) };
}

static void said_release(struct said *s)
{
	free(s->anchor);
	free(s->unevaluated);
	free(s->refused);
	free(s->judged);
}

/* The certificate of that fingerprint, NO_INDEX none. */
static uint32_t cert_of(const uint8_t sha256[32])
{
	const uint64_t *at = map_get(&w.r.seen_at, sha256, 32);

	return at ? w.r.seen.v[*at].cert : NO_INDEX;
}

static void from_hex(const char *hex, uint8_t sha256[32])
{
	for (int i = 0; i < 32; i++) {
		char byte[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
		sha256[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
}

static bool is_anchor(const struct judging *j, uint32_t cert)
{
	const struct said *s = j->rules->ctx;

	return s->anchor[cert] >> j->q.purpose & 1;
}

static enum path_reason refused(const struct judging *j, uint32_t cert)
{
	const struct said *s = j->rules->ctx;

	return s->refused[cert] ? PATH_REVOKED : PATH_OK;
}

static int judges_anchor(const struct judging *j, uint32_t cert)
{
	const struct said *s = j->rules->ctx;

	return s->judged[cert];
}

/* Both directions; the numbers are told under the title. Returns how many CAs are accepted. */
static size_t judge(const struct said *s, const struct trust_query *q, const char *title)
{
	struct judging_rules rules = { .is_anchor = is_anchor, .refused = refused, .ctx = s };
	struct judging j;

	rules.any_eku = strcmp(q->store->program, "mozilla") != 0;
	if (strcmp(q->store->program, "chrome") == 0)
		rules.judges_anchor = judges_anchor;
	judging_start(&j, &w.r, &rules, q);
	judge_all(&j, title);
	judging_end(&j);
	assert_int_equal(j.confirmed, j.accepted);
	assert_int_equal(j.not_confirmed, 0);
	assert_int_equal(j.overlooked, 0);
	return j.accepted;
}

static size_t judge_program(struct index *ix, const struct said *s, const char *program, int32_t day,
	enum purpose purpose, enum revocation_mode mode)
{
	struct trust_query q = { .graph = w.r.g,
		.store = index_store(ix, program, day),
		.purpose = purpose,
		.day = day,
		.revocation = mode };
	char title[64], text[DATE_BUF];
	bool any = false;

	snprintf(title, sizeof(title), "%s %s %s", program, date_format(text, day), purpose_names[purpose]);
	for (uint32_t i = 0; i < w.r.g->cert.n; i++)
		any |= s->anchor[i] >> purpose & 1;
	if (any)
		return judge(s, &q, title);
	struct trust *t = trust_compute(&q);
	for (uint32_t ca = 0; ca < w.r.g->ca.n; ca++)
		assert_int_equal(trust_before(t, ca), ACCEPT_NONE);
	trust_free(t);
	printf("# %s: no anchor, no CA accepted\n", title);
	return 0;
}

/* ---- Chrome's root store, scanned line by line ---- */

struct scanned {
	uint8_t sha256[32];
	bool tls, expiry, constraints;
	size_t n_sets;
	struct scanned_set {
		int64_t sct_hi;
		long min, max; /* -1 without */
	} set[4];
};
struct scan {
	VEC(struct scanned) anchor;
	size_t entries;
};

/* Of "name: value", also in quotes. */
static bool value_of(const char *line, const char *name, char value[80])
{
	size_t n = strlen(name), len = 0;

	while (*line == ' ')
		line++;
	if (strncmp(line, name, n) != 0 || line[n] != ':')
		return false;
	for (line += n + 1; *line == ' ' || *line == '"';)
		line++;
	for (; *line && *line != '"' && *line != '\n' && len < 79; line++)
		value[len++] = *line;
	value[len] = '\0';
	return true;
}

static void scan_line(struct scan *s, const char *line, bool *in_set)
{
	struct scanned *a = s->anchor.n ? &s->anchor.v[s->anchor.n - 1] : NULL;
	char value[80];

	if (strncmp(line, "trust_anchors {", 15) == 0 || strncmp(line, "additional_certs {", 18) == 0) {
		vec_push(&s->anchor, (struct scanned){ .tls = *line == 't' });
		s->entries++;
	} else if (a && strncmp(line, "  constraints: {", 16) == 0) {
		assert_true(a->n_sets < 4);
		a->set[a->n_sets++] = (struct scanned_set){ INT64_MAX, -1, -1 };
		*in_set = true;
	} else if (*in_set && strncmp(line, "  }", 3) == 0) {
		*in_set = false;
	} else if (*in_set) {
		struct scanned_set *set = &a->set[a->n_sets - 1];
		if (value_of(line, "sct_not_after_sec", value))
			set->sct_hi = strtoll(value, NULL, 10);
		else if (value_of(line, "min_version", value))
			set->min = strtol(value, NULL, 10);
		else if (value_of(line, "max_version_exclusive", value))
			set->max = strtol(value, NULL, 10);
		else
			fail_msg("a constraint that the test does not know: %.60s", line);
	} else if (a && value_of(line, "sha256_hex", value)) {
		from_hex(value, a->sha256);
	} else if (a && value_of(line, "tls_trust_anchor", value)) {
		a->tls = strcmp(value, "true") == 0;
	} else if (a && value_of(line, "enforce_anchor_expiry", value)) {
		a->expiry = strcmp(value, "true") == 0;
	} else if (a && value_of(line, "enforce_anchor_constraints", value)) {
		a->constraints = strcmp(value, "true") == 0;
	}
}

static void scan_chrome(struct scan *s, const char *file)
{
	size_t n;
	char *path = data_file(file), *text = read_text(path, &n);
	bool in_set = false;

	memset(s, 0, sizeof(*s));
	for (const char *p = text; *p;) {
		char line[160];
		size_t len = 0;
		for (; *p && *p != '\n'; p++)
			if (len < sizeof(line) - 1)
				line[len++] = *p;
		line[len] = '\0';
		p += *p == '\n';
		scan_line(s, line, &in_set);
	}
	free(text);
	free(path);
}

static bool set_applies(const struct scanned_set *s, int version)
{
	if (version == NEWEST)
		return s->max < 0;
	return (s->min < 0 || version >= s->min) && (s->max < 0 || version < s->max);
}

/* The rules that the store has for the certificate are the sets for that version, each once. */
static size_t compare_sets(const struct store *store, uint32_t cert, const struct scanned *a, int version)
{
	size_t expected = 0, found = 0, matched = 0;

	for (size_t i = 0; i < store->n_rules; i++) {
		const struct anchor_rule *r = &store->rule[i];
		if (r->cert != cert)
			continue;
		found++;
		assert_int_equal(r->purpose, PURPOSE_TLS);
		assert_int_equal(r->judge_validity, a->expiry);
		assert_int_equal(r->judge_constraints, a->constraints);
		assert_false(r->unevaluated);
		assert_true(r->box.nb_lo == INT64_MIN && r->box.nb_hi == INT64_MAX && r->box.sct_lo == INT64_MIN);
		bool any = a->n_sets == 0 && r->box.sct_hi == INT64_MAX;
		for (size_t k = 0; k < a->n_sets; k++)
			any |= set_applies(&a->set[k], version) && a->set[k].sct_hi == r->box.sct_hi;
		matched += any;
	}
	for (size_t k = 0; k < a->n_sets; k++)
		expected += set_applies(&a->set[k], version);
	if (a->n_sets == 0)
		expected = 1;
	assert_int_equal(found, expected);
	assert_int_equal(matched, expected);
	return expected;
}

/* The store for that version of the browser against the scan; *said is filled from the scan. */
static void compare_chrome(struct indexed *x, const struct scan *s, int version, struct said *said, size_t anchors)
{
	size_t n = 0, rules = 0, constrained = 0;

	index_set_chrome_version(x->ix, version == NEWEST ? UINT32_MAX : (uint32_t)version);
	const struct store *store = index_store(x->ix, "chrome", ASKED_DAY);
	assert_non_null(store);
	assert_int_equal(store->day, SOURCE_DAY);
	said_init(said);
	for (size_t i = 0; i < s->anchor.n; i++) {
		const struct scanned *a = &s->anchor.v[i];
		uint32_t cert = cert_of(a->sha256);
		assert_int_not_equal(cert, NO_INDEX);
		if (!a->tls) {
			assert_null(store_anchor(store, cert, PURPOSE_TLS));
			continue;
		}
		size_t sets = compare_sets(store, cert, a, version);
		said->anchor[cert] = sets > 0;
		said->judged[cert] =
			(uint8_t)((a->expiry ? JUDGES_VALIDITY : 0) | (a->constraints ? JUDGES_CONSTRAINTS : 0));
		n += sets > 0;
		rules += sets;
		constrained += a->n_sets > 0;
	}
	printf("# chrome, version %d (-1: newest): %zu entries, %zu anchors, %zu rules, %zu with constraints\n",
		version, s->entries, n, rules, constrained);
	assert_int_equal(n, anchors);
	assert_int_equal(store->n_rules, rules); /* so none for email, and none of another certificate */
	assert_int_equal(store->n_distrusts, 0);
}

/* A hash over every CA's acceptance and path. */
static void hash_answers(struct indexed *x, uint8_t hash[32])
{
	struct trust_query q = { .graph = x->g,
		.store = index_store(x->ix, "chrome", ASKED_DAY),
		.purpose = PURPOSE_TLS,
		.day = ASKED_DAY };
	struct trust *t = trust_compute(&q);
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	EVP_DigestInit_ex(md, EVP_sha256(), NULL);
	for (uint32_t ca = 0; ca < x->g->ca.n; ca++) {
		uint32_t path[PATH_MAX_LINKS + 1];
		size_t n = trust_via(t, ca, false, path, PATH_MAX_LINKS);
		path[n] = (uint32_t)trust_before(t, ca);
		EVP_DigestUpdate(md, path, (n + 1) * sizeof(*path));
	}
	EVP_DigestFinal_ex(md, hash, NULL);
	EVP_MD_CTX_free(md);
	trust_free(t);
}

static void test_chrome_trusts_what_its_whole_store_says(void **state)
{
	static const char *const files[] = { "chrome/root_store.derived.textproto", "chrome/root_store.derived.certs",
		NULL };
	static const int versions[] = { 120, 130, 131 };
	struct indexed x;
	struct scan s;
	struct said said;
	uint8_t newest[32], older[32];

	(void)state;
	start_from_base(&x, "chrome", files);
	scan_chrome(&s, files[0]);
	compare_chrome(&x, &s, NEWEST, &said, 112);
	assert_true(judge_program(x.ix, &said, "chrome", ASKED_DAY, PURPOSE_TLS, REVOCATION_NONE) > 1000);
	judge_program(x.ix, &said, "chrome", ASKED_DAY, PURPOSE_EMAIL, REVOCATION_NONE);
	said_release(&said);
	hash_answers(&x, newest);
	/* no set of this file is for some versions only: what was confirmed of the newest holds for all */
	for (int i = 0; i < 3; i++) {
		compare_chrome(&x, &s, versions[i], &said, 112);
		hash_answers(&x, older);
		assert_memory_equal(older, newest, 32);
		said_release(&said);
	}
	vec_release(&s.anchor);
	forget(&x);
}

static void test_chrome_trusts_what_the_excerpt_says_of_its_version(void **state)
{
	static const char *const files[] = { "chrome/root_store.v36.excerpt.textproto", NULL };
	static const int versions[] = { NEWEST, 120, 130, 131, 138, 139 };
	struct indexed x;
	struct scan s;

	(void)state;
	start_from_base(&x, "excerpt", files);
	scan_chrome(&s, files[0]);
	assert_int_equal(s.entries, 7);
	for (int i = 0; i < 6; i++) {
		struct said said;
		compare_chrome(&x, &s, versions[i], &said, 6);
		if (versions[i] < 138)
			judge_program(x.ix, &said, "chrome", ASKED_DAY, PURPOSE_TLS, REVOCATION_NONE);
		said_release(&said);
	}
	vec_release(&s.anchor);
	forget(&x);
}

/* ---- CCADB's reports, scanned ---- */

/* One field of a CSV in which quotes are doubled; *end: it was the row's last. */
static const char *csv_field(const char *p, struct strbuf *out, bool *end)
{
	bool quoted = *p == '"';

	strbuf_reset(out);
	for (p += quoted; *p; p++) {
		if (quoted && *p == '"' && p[1] != '"') {
			p++;
			break;
		}
		if (!quoted && (*p == ',' || *p == '\n'))
			break;
		p += *p == '"';
		strbuf_addch(out, *p);
	}
	*end = *p != ',';
	return *p ? p + 1 : p;
}

/* The columns of these names, NULL-terminated, of every row. Returns the number of rows. */
static size_t scan_csv(
	const char *file, const char *const *names, void (*row)(void *ctx, const char *const *values), void *ctx)
{
	struct strbuf field[CSV_MAX];
	int column[8] = { 0 }, n_names = 0;
	size_t n, rows = 0;
	char *path = data_file(file), *text = read_text(path, &n);

	for (int i = 0; i < CSV_MAX; i++)
		strbuf_init(&field[i], 0);
	for (const char *p = text; *p; rows++) {
		const char *values[8];
		int fields = 0;
		for (bool end = false; !end;) {
			assert_true(fields < CSV_MAX);
			p = csv_field(p, &field[fields++], &end);
		}
		for (n_names = 0; names[n_names]; n_names++) {
			int *c = &column[n_names];
			for (int k = 0; rows == 0 && k < fields; k++)
				if (strcmp(field[k].buf, names[n_names]) == 0)
					*c = k;
			values[n_names] = field[*c].buf;
			if (rows == 0)
				assert_string_equal(field[*c].buf, names[n_names]);
		}
		if (rows)
			row(ctx, values);
	}
	for (int i = 0; i < CSV_MAX; i++)
		strbuf_release(&field[i]);
	free(text);
	free(path);
	return rows - 1;
}

struct program_scan {
	const char *program, *status, *bits; /* columns; status NULL: every row is included */
	const char *word[PURPOSE_COUNT];     /* in `bits`; NULL: never for that purpose */
	struct said said;
	size_t anchors[PURPOSE_COUNT], unevaluated[PURPOSE_COUNT];
	size_t missing[PURPOSE_COUNT]; /* of the anchors: no file has the certificate */
};

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (; *list; list++) {
		if (strncmp(list, word, n) == 0 && (list[n] == ';' || !list[n]))
			return true;
		while (*list && *list != ';')
			list++;
		if (!*list)
			break;
	}
	return false;
}

/* Values: fingerprint, bits, status. */
static void scan_root(void *ctx, const char *const *values)
{
	struct program_scan *s = ctx;
	uint8_t sha256[32];
	bool dated = s->status && strcmp(values[2], "NotBefore") == 0;

	if (s->status && strcmp(values[2], "Included") != 0 && !dated)
		return;
	from_hex(values[0], sha256);
	uint32_t cert = cert_of(sha256);
	bool unknown = s->bits && !*values[1];
	for (int p = 0; p < PURPOSE_COUNT; p++) {
		if (!s->word[p] || (s->bits && !unknown && !has_word(values[1], s->word[p])))
			continue;
		s->anchors[p]++;
		s->missing[p] += cert == NO_INDEX;
		if (cert == NO_INDEX)
			continue;
		s->unevaluated[p] += dated || unknown;
		s->said.anchor[cert] |= (uint8_t)(1U << p);
		s->said.unevaluated[cert] |= (uint8_t)((dated || unknown) << p);
	}
}

static void scan_report(struct program_scan *s, const char *file)
{
	const char *names[4] = { "SHA-256 Fingerprint", s->bits ? s->bits : "SHA-256 Fingerprint", s->status, NULL };

	said_init(&s->said);
	scan_csv(file, names, scan_root, s);
}

static void compare_anchors(const struct store *store, struct program_scan *s, int purpose)
{
	size_t found = 0, differences = 0, unevaluated = 0;

	for (uint32_t i = 0; i < w.r.g->cert.n; i++) {
		const struct anchor_rule *r = store_anchor(store, i, (enum purpose)purpose);
		bool expected = s->said.anchor[i] >> purpose & 1;
		found += r != NULL;
		unevaluated += r && r->unevaluated;
		if (expected == (r != NULL) &&
			(!r || (r->unevaluated == (s->said.unevaluated[i] >> purpose & 1) && box_is_all(&r->box))))
			continue;
		if (differences++ < SHOWN_MAX)
			printf("# %s: %02x%02x%02x%02x (%s) is %s anchor in the index, in the report it is %s\n",
				s->program, w.r.g->cert.v[i].sha256[0], w.r.g->cert.v[i].sha256[1],
				w.r.g->cert.v[i].sha256[2], w.r.g->cert.v[i].sha256[3],
				w.r.g->ca.v[w.r.g->cert.v[i].ca].name, r ? "an" : "no", expected ? "one" : "none");
	}
	printf("# %s %s: %zu anchors in the index, %zu in the report, %zu of them not evaluated, %zu without "
	       "certificate\n",
		s->program, purpose_names[purpose], found, s->anchors[purpose], s->unevaluated[purpose],
		s->missing[purpose]);
	assert_int_equal(differences, 0);
	assert_int_equal(found + s->missing[purpose], s->anchors[purpose]);
	assert_int_equal(unevaluated, s->unevaluated[purpose]);
}

/* The store of the day is that of the report, and so is what it trusts. */
static void judge_report(struct program_scan *s, const char *file, int32_t report_day, int32_t day)
{
	const struct store *store;

	real_match(&w.r, w.base.g);
	scan_report(s, file);
	store = index_store(w.base.ix, s->program, day);
	assert_non_null(store);
	assert_int_equal(store->day, report_day);
	for (int p = 0; p < PURPOSE_COUNT; p++)
		compare_anchors(store, s, p);
	for (int p = 0; p < PURPOSE_COUNT; p++)
		judge_program(w.base.ix, &s->said, s->program, day, (enum purpose)p, REVOCATION_ENFORCED);
	said_release(&s->said);
}

static void test_included_roots_make_the_stores_of_2023(void **state)
{
	static const char file[] = "ccadb/AllIncludedRootCertsCSV.2023-06.csv";
	struct program_scan s[] = {
		{ .program = "apple",
			.status = "Apple Status",
			.bits = "Apple Trust Bits",
			.word = { "TLS Server", "Email" } },
		{ .program = "microsoft",
			.status = "Microsoft Status",
			.bits = "Microsoft EKUs For DTBs",
			.word = { "Server Authentication", "Secure Email" } },
		{ .program = "mozilla",
			.status = "Mozilla Status",
			.bits = "Mozilla Trust Bits",
			.word = { "Websites", "Email" } },
		{ .program = "chrome", .status = "Google Chrome Status", .word = { "", NULL } },
	};
	int which = (int)(intptr_t)*state;
	int32_t report, day;

	date_parse("2023-06-01", &report);
	date_parse("2023-06-15", &day);
	judge_report(&s[which], file, report, day);
}

static void test_mozillas_report_makes_its_store_of_2024(void **state)
{
	struct program_scan s = { .program = "mozilla", .bits = "Trust Bits", .word = { "Websites", "Email" } };
	int32_t report, day;

	(void)state;
	date_parse("2024-01-01", &report);
	date_parse("2024-01-15", &day);
	judge_report(&s, "ccadb/IncludedCACertificateReport.2024-01.csv", report, day);
}

/* ---- revocation lists, joined with the certificates once more ---- */

/* Contents of the serial number as they stand in the certificate: OpenSSL would write them anew. */
static size_t raw_serial(const uint8_t *der, size_t len, const uint8_t **ret)
{
	const uint8_t *p = der;
	long n;
	int tag, class;

	for (int i = 0; i < 4; i++) { /* certificate, tbsCertificate, version, serial number */
		const uint8_t *at = p;
		assert_int_equal(ASN1_get_object(&p, &n, &tag, &class, (long)(len - (size_t)(p - der))) & 0x80, 0);
		if (i == 2 && class != V_ASN1_CONTEXT_SPECIFIC)
			p = at;
		else if (i == 2)
			p += n;
	}
	assert_int_equal(tag, V_ASN1_INTEGER);
	*ret = p;
	return (size_t)n;
}

struct told {               /* what a list says */
	struct map serials; /* name or key hash of the issuer, then serial number; value: enabled */
	struct map keys;    /* of OneCRL: subject, then key hash; of a CRLSet: key hash */
	struct map disabled;
	size_t records, n_keys, n_serials, n_disabled;
};

static void told_release(struct told *t)
{
	map_release(&t->serials);
	map_release(&t->keys);
	map_release(&t->disabled);
}

static void add_base64(struct strbuf *out, const char *text)
{
	size_t n = strlen(text), padding = 0;
	uint8_t *bytes = xmalloc(n + 4);
	int len = EVP_DecodeBlock(bytes, (const uint8_t *)text, (int)n);

	while (padding < 2 && n > padding && text[n - 1 - padding] == '=')
		padding++;
	assert_true(len >= 0);
	strbuf_add(out, bytes, (size_t)len - padding);
	free(bytes);
}

static void tell_onecrl(struct told *t, const json_t *list)
{
	size_t i;
	json_t *record;

	memset(t, 0, sizeof(*t));
	json_array_foreach(list, i, record)
	{
		const char *issuer = json_string_value(json_object_get(record, "issuerName"));
		const char *serial = json_string_value(json_object_get(record, "serialNumber"));
		const char *subject = json_string_value(json_object_get(record, "subject"));
		const char *key = json_string_value(json_object_get(record, "pubKeyHash"));
		bool enabled = json_is_true(json_object_get(record, "enabled"));
		struct strbuf b = STRBUF_INIT;
		assert_true((issuer && serial) != (subject && key));
		add_base64(&b, issuer ? issuer : subject);
		add_base64(&b, issuer ? serial : key);
		*map_at(issuer ? &t->serials : &t->keys, b.buf, b.len, NULL) |= enabled;
		strbuf_release(&b);
		t->records++;
		t->n_keys += !issuer;
		t->n_disabled += !enabled;
	}
}

static json_t *load_onecrl(void)
{
	size_t n;
	char *path = data_file("onecrl/onecrl.json"), *text = read_text(path, &n);
	json_error_t error;
	json_t *root = json_loadb(text, n, 0, &error);

	assert_non_null(root);
	free(text);
	free(path);
	return root;
}

static void key_hash(X509 *x, uint8_t hash[32])
{
	uint8_t *spki = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &spki);

	EVP_Digest(spki, (size_t)n, hash, NULL, EVP_sha256(), NULL);
	OPENSSL_free(spki);
}

static void add_name(struct strbuf *b, const X509_NAME *name)
{
	uint8_t *der = NULL;
	int n = i2d_X509_NAME(name, &der);

	strbuf_add(b, der, (size_t)n);
	OPENSSL_free(der);
}

static void add_serial(struct strbuf *b, X509 *x, bool without_zeros)
{
	uint8_t *der = NULL;
	const uint8_t *serial;
	size_t len = (size_t)i2d_X509(x, &der), n = raw_serial(der, len, &serial);

	while (without_zeros && n > 1 && !*serial)
		serial++, n--;
	strbuf_add(b, serial, n);
	OPENSSL_free(der);
}

/* 0 no, 1 by a record, 2 only by records that are not enabled. */
static int in_onecrl(const struct told *t, X509 *x)
{
	struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;
	uint8_t hash[32];

	add_name(&a, X509_get_issuer_name(x));
	add_serial(&a, x, false);
	add_name(&b, X509_get_subject_name(x));
	key_hash(x, hash);
	strbuf_add(&b, hash, 32);
	const uint64_t *serial = map_get(&t->serials, a.buf, a.len), *key = map_get(&t->keys, b.buf, b.len);
	strbuf_release(&a);
	strbuf_release(&b);
	if (!serial && !key)
		return 0;
	return (serial && *serial) || (key && *key) ? 1 : 2;
}

struct joined {
	size_t n, disabled;
};

/* The set of certificates that the index has as revoked by OneCRL on that day is that of the list. */
static struct joined compare_onecrl(const struct told *t, int32_t day, uint8_t *revoked)
{
	struct joined found = { 0, 0 };
	size_t differences = 0;

	for (uint32_t i = 0; i < w.r.g->cert.n; i++) {
		int expected = in_onecrl(t, w.r.x[i]);
		if (revoked)
			revoked[i] = expected != 0;
		found.n += expected != 0;
		found.disabled += expected == 2;
		if (cert_revoked_by(w.r.g, i, REVOKED_ONECRL, day) == (expected != 0))
			continue;
		if (differences++ < SHOWN_MAX)
			printf("# OneCRL: %02x%02x%02x%02x is %srevoked by the list, not so in the index\n",
				w.r.g->cert.v[i].sha256[0], w.r.g->cert.v[i].sha256[1], w.r.g->cert.v[i].sha256[2],
				w.r.g->cert.v[i].sha256[3], expected ? "" : "not ");
	}
	assert_int_equal(differences, 0);
	return found;
}

/* Mozilla's anchors as the index has them: test_index_realdata compares those with certdata.txt. */
static void anchors_of_index(struct indexed *x, const char *program, struct said *said)
{
	const struct store *store = index_store(x->ix, program, ASKED_DAY);

	said_init(said);
	for (size_t i = 0; i < store->n_rules; i++)
		said->anchor[store->rule[i].cert] |= (uint8_t)(1U << store->rule[i].purpose);
	assert_int_equal(store->n_distrusts, 0);
}

/* Of those that are accepted without revocation, how many are not with it. */
static size_t lost_by_revocation(struct indexed *x, const char *program, enum purpose purpose)
{
	struct trust_query q = { .graph = x->g,
		.store = index_store(x->ix, program, ASKED_DAY),
		.purpose = purpose,
		.day = ASKED_DAY,
		.revocation = REVOCATION_NONE };
	struct trust *none = trust_compute(&q);
	size_t lost = 0;

	q.revocation = REVOCATION_ENFORCED;
	struct trust *enforced = trust_compute(&q);
	for (uint32_t ca = 0; ca < x->g->ca.n; ca++) {
		assert_true(trust_before(none, ca) >= trust_before(enforced, ca));
		lost += trust_before(none, ca) != trust_before(enforced, ca);
	}
	trust_free(none);
	trust_free(enforced);
	return lost;
}

static void test_onecrl_revokes_what_its_records_name(void **state)
{
	static const char *const files[] = { "mozilla/certdata.txt", "onecrl/onecrl.json", NULL };
	json_t *root = load_onecrl();
	struct indexed x;
	struct said said;
	struct told told;

	(void)state;
	start_from_base(&x, "onecrl", files);
	tell_onecrl(&told, json_object_get(root, "data"));
	assert_int_equal(told.records, 1918);
	assert_int_equal(told.n_keys, 9);
	assert_int_equal(told.n_disabled, 656);
	anchors_of_index(&x, "mozilla", &said);
	struct joined j = compare_onecrl(&told, ASKED_DAY, said.refused);
	printf("# OneCRL: %zu records revoke %zu CA certificates, %zu of them by disabled records alone\n",
		told.records, j.n, j.disabled);
	assert_true(j.n > 1000 && j.disabled > 100);
	size_t with = judge_program(x.ix, &said, "mozilla", ASKED_DAY, PURPOSE_TLS, REVOCATION_ENFORCED);
	size_t lost = lost_by_revocation(&x, "mozilla", PURPOSE_TLS);
	memset(said.refused, 0, x.g->cert.n);
	size_t without = judge_program(x.ix, &said, "mozilla", ASKED_DAY, PURPOSE_TLS, REVOCATION_NONE);
	printf("# mozilla tls: %zu CAs accepted with OneCRL, %zu without, %zu differ\n", with, without, lost);
	assert_int_equal(without - with, lost);
	assert_true(lost > 0);
	assert_int_equal(lost_by_revocation(&x, "mozilla", PURPOSE_EMAIL), 0);
	judge_program(x.ix, &said, "mozilla", ASKED_DAY, PURPOSE_EMAIL, REVOCATION_ENFORCED);
	said_release(&said);
	told_release(&told);
	json_decref(root);
	forget(&x);
}

/* Every third record is missing in the older list, every fifth in the newer one. */
static void write_part(const json_t *all, size_t without, const char *path, struct told *told)
{
	json_t *root = json_object(), *list = json_array(), *record;
	struct err err = { 0 };
	size_t i;

	json_array_foreach(all, i, record) if (i % without) json_array_append(list, record);
	tell_onecrl(told, list);
	json_object_set_new(root, "data", list);
	char *text = json_dumps(root, JSON_COMPACT);
	if (path_write_atomic(path, text, strlen(text), &err) < 0)
		fail_msg("%s", err.msg);
	free(text);
	json_decref(root);
}

static size_t count_findings(const struct check_result *r, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += strcmp(r->finding[i].kind, kind) == 0;
	return n;
}

static void test_each_onecrl_holds_from_its_day(void **state)
{
	static const char *const none[] = { NULL };
	json_t *root = load_onecrl();
	struct indexed x;
	struct told older, newer;
	struct check_result findings;
	struct err err = { 0 };
	char path[2][96], *one[] = { path[0] }, *two[] = { path[1] };
	size_t lifted = 0;

	(void)state;
	snprintf(path[0], sizeof(path[0]), "%s/onecrl.2024-01-01.json", w.dir);
	snprintf(path[1], sizeof(path[1]), "%s/onecrl.2025-01-01.json", w.dir);
	write_part(json_object_get(root, "data"), 3, path[0], &older);
	write_part(json_object_get(root, "data"), 5, path[1], &newer);
	start_from_base(&x, "dated", none);
	index_close(x.ix);
	import_into(&x, one, 1);
	import_into(&x, two, 1);
	open_index(&x);
	real_match(&w.r, x.g);
	size_t before = compare_onecrl(&older, OLD_LIST_DAY - 100, NULL).n;
	size_t then = compare_onecrl(&older, OLD_LIST_DAY + 365, NULL).n; /* 2024 has 366 days */
	size_t after = compare_onecrl(&newer, OLD_LIST_DAY + 366, NULL).n;
	compare_onecrl(&newer, ASKED_DAY, NULL);
	for (uint32_t i = 0; i < x.g->cert.n; i++)
		lifted += in_onecrl(&older, w.r.x[i]) && !in_onecrl(&newer, w.r.x[i]);
	assert_int_equal(index_check(x.ix, ASKED_DAY, &findings, &err), 0);
	printf("# OneCRL: %zu revoked until the newer list, %zu since it; %zu lifted by it\n", then, after, lifted);
	assert_int_equal(before, then);
	assert_true(lifted > 0);
	assert_int_equal(count_findings(&findings, "unrevoked"), lifted);
	check_release(&findings);
	told_release(&older);
	told_release(&newer);
	json_decref(root);
	unlink(path[0]);
	unlink(path[1]);
	forget(&x);
}

/* ---- CRLSet ---- */

static void tell_keys(struct told *t, const json_t *header, const char *list)
{
	size_t i;
	json_t *key;

	json_array_foreach(json_object_get(header, list), i, key)
	{
		struct strbuf b = STRBUF_INIT;
		add_base64(&b, json_string_value(key));
		assert_int_equal(b.len, 32);
		*map_at(&t->keys, b.buf, b.len, NULL) = 1;
		t->n_keys++;
		strbuf_release(&b);
	}
}

/* Two bytes of length, the header, then each parent's key hash, a count of four bytes, and its serial numbers. */
static void tell_crlset(struct told *t)
{
	size_t n;
	char *path = data_file("onecrl/crl-set"), *text = read_text(path, &n);
	const uint8_t *p = (const uint8_t *)text, *end = p + n;
	size_t header_len = (size_t)p[0] | (size_t)p[1] << 8;
	json_error_t error;
	json_t *header = json_loadb(text + 2, header_len, 0, &error);

	memset(t, 0, sizeof(*t));
	assert_non_null(header);
	assert_int_equal(json_integer_value(json_object_get(header, "Sequence")), 9941);
	tell_keys(t, header, "BlockedSPKIs");
	tell_keys(t, header, "BlockedInterceptionSPKIs");
	for (p += 2 + header_len; p < end; t->records++) {
		const uint8_t *parent = p;
		uint32_t serials =
			(uint32_t)p[32] | (uint32_t)p[33] << 8 | (uint32_t)p[34] << 16 | (uint32_t)p[35] << 24;
		for (p += 36; serials; serials--, p += 1 + *p) {
			struct strbuf b = STRBUF_INIT;
			strbuf_add(&b, parent, 32);
			strbuf_add(&b, p + 1, *p);
			*map_at(&t->serials, b.buf, b.len, NULL) = 1;
			t->n_serials++;
			strbuf_release(&b);
		}
	}
	assert_ptr_equal(p, end);
	json_decref(header);
	free(text);
	free(path);
}

static bool in_crlset(const struct told *t, uint32_t cert)
{
	const struct ca_cert *c = &w.r.g->cert.v[cert];
	X509 *x = w.r.x[cert];
	uint8_t hash[32];
	bool found;

	key_hash(x, hash);
	found = map_get(&t->keys, hash, 32) != NULL;
	/* a number below zero is in no set */
	for (uint32_t i = 0; i < c->n_issuers && ASN1_STRING_type(X509_get0_serialNumber(x)) == V_ASN1_INTEGER; i++) {
		struct strbuf b = STRBUF_INIT;
		strbuf_add(&b, w.r.g->ca.v[w.r.g->issuers[c->first_issuer + i]].spki_sha256, 32);
		add_serial(&b, x, true);
		found |= map_get(&t->serials, b.buf, b.len) != NULL;
		strbuf_release(&b);
	}
	return found;
}

static void test_chromes_crlset_revokes_what_it_names(void **state)
{
	static const char *const files[] = { "chrome/root_store.derived.textproto", "chrome/root_store.derived.certs",
		"onecrl/crl-set", NULL };
	struct indexed x;
	struct said said;
	struct told told;
	size_t n = 0, by_key = 0, differences = 0;

	(void)state;
	start_from_base(&x, "crlset", files);
	tell_crlset(&told);
	assert_int_equal(told.records, 184);
	assert_int_equal(told.n_serials, 850);
	anchors_of_index(&x, "chrome", &said);
	for (uint32_t i = 0; i < x.g->cert.n; i++) {
		uint8_t hash[32];
		key_hash(w.r.x[i], hash);
		said.refused[i] = in_crlset(&told, i);
		n += said.refused[i];
		by_key += map_get(&told.keys, hash, 32) != NULL;
		differences += said.refused[i] != cert_revoked_by(x.g, i, REVOKED_CRLSET, ASKED_DAY);
	}
	printf("# CRLSet: %zu parents, %zu serial numbers, %zu keys; %zu CA certificates revoked, %zu of them by key\n",
		told.records, told.n_serials, told.n_keys, n, by_key);
	assert_int_equal(differences, 0);
	assert_true(by_key > 0 && n > by_key);
	size_t with = judge_program(x.ix, &said, "chrome", ASKED_DAY, PURPOSE_TLS, REVOCATION_ENFORCED);
	printf("# chrome tls: %zu CAs accepted with the CRLSet, %zu other answers than without\n", with,
		lost_by_revocation(&x, "chrome", PURPOSE_TLS));
	said_release(&said);
	told_release(&told);
	forget(&x);
}

/* ---- CRLs ---- */

struct list_seen {
	const char *name;
	uint64_t entries;
	bool verified; /* by OpenSSL, with the key of a CA of the list's issuer name */
	X509_CRL *crl;
};

static X509_CRL *load_crl(const char *path)
{
	size_t n;
	char *bytes = read_text(path, &n);
	const uint8_t *p = (const uint8_t *)bytes;
	X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)n);

	ERR_clear_error();
	free(bytes);
	return crl;
}

static bool verified_by_openssl(X509_CRL *crl, size_t *candidates)
{
	bool good = false;

	for (size_t i = 0; i < w.r.seen.n; i++) {
		X509 *x = w.r.seen.v[i].x;
		if (!w.r.seen.v[i].is_ca || X509_NAME_cmp(X509_get_subject_name(x), X509_CRL_get_issuer(crl)) != 0)
			continue;
		++*candidates;
		good |= X509_CRL_verify(crl, X509_get0_pubkey(x)) == 1;
	}
	ERR_clear_error();
	return good;
}

struct crl_rows {
	const char *name;
	size_t found;
	bool verified, applies;
};

static int note_crl(void *ctx, const struct db_crl *c)
{
	struct crl_rows *r = ctx;

	if (strcmp(path_base(c->origin), r->name) == 0) {
		r->found++;
		r->verified = c->ca.set;
		r->applies = c->applies;
	}
	return 0;
}

/* CA certificates that the list of OpenSSL revokes: issued by the list's signer, with a serial number in it. */
static size_t compare_crl(X509_CRL *crl, bool verified, bool *revoked)
{
	size_t n = 0;

	for (uint32_t i = 0; verified && i < w.r.g->cert.n; i++) {
		X509 *x = w.r.x[i];
		X509_REVOKED *entry;
		if (X509_NAME_cmp(X509_get_issuer_name(x), X509_CRL_get_issuer(crl)) != 0 ||
			X509_CRL_get0_by_cert(crl, &entry, x) != 1)
			continue;
		revoked[i] = true;
		n++;
	}
	return n;
}

static void test_crls_are_verified_before_they_are_believed(void **state)
{
	static const char *const files[] = { "crl/8e9509839245c313.crl", "crl/ff9aaae1e8c07a04.crl", NULL };
	static const uint64_t entries[] = { 4, 88 };
	struct indexed x;
	struct index_source *source;
	struct db *db;
	struct err err = { 0 };
	size_t n, revoked_n = 0, differences = 0;

	(void)state;
	start_from_base(&x, "crl", files);
	bool *revoked = xcalloc(x.g->cert.n + 1, sizeof(*revoked));
	assert_int_equal(index_sources(x.ix, &source, &n, &err), 0);
	assert_int_equal(db_open(x.db, DB_READ, &db, &err), 0);
	for (int i = 0; i < 2; i++) {
		char *path = data_file(files[i]);
		X509_CRL *crl = load_crl(path);
		struct crl_rows row = { .name = path_base(path) };
		size_t candidates = 0;
		bool good = verified_by_openssl(crl, &candidates);
		assert_int_equal(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)), entries[i]);
		for (size_t k = 0; k < n; k++)
			if (strcmp(source[k].from, path) == 0) {
				assert_int_equal(source[k].records, entries[i]);
				assert_int_equal(source[k].source_day,
					date_of_time(real_seconds(X509_CRL_get0_lastUpdate(crl))));
			}
		assert_int_equal(db_each_crl(db, note_crl, &row, &err), 0);
		assert_int_equal(row.found, 1);
		assert_true(row.applies);
		assert_int_equal(row.verified, good);
		revoked_n += compare_crl(crl, good, revoked);
		printf("# %s: %d entries, %zu candidates, signature %s\n", row.name, (int)entries[i], candidates,
			good ? "verified" : "not verified");
		X509_CRL_free(crl);
		free(path);
	}
	for (uint32_t i = 0; i < x.g->cert.n; i++)
		differences += revoked[i] != cert_revoked_by(x.g, i, REVOKED_CRL, ASKED_DAY);
	printf("# CRLs: %zu CA certificates revoked\n", revoked_n);
	assert_int_equal(differences, 0);
	db_close(db);
	free(source);
	free(revoked);
	forget(&x);
}

struct not_applied {
	size_t lists, delta_or_indirect, told;
};

/* Every list that OpenSSL reads and calls a delta or indirect is told to be so. */
static int ask_of_crl(void *ctx, const char *path, struct err *err)
{
	struct not_applied *n = ctx;
	X509_CRL *crl = load_crl(path);

	(void)err;
	if (!crl)
		return 0;
	ISSUING_DIST_POINT *idp = X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, NULL, NULL);
	n->lists++;
	n->delta_or_indirect += X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0 || (idp && idp->indirectCRL > 0);
	ISSUING_DIST_POINT_free(idp);
	X509_CRL_free(crl);
	return 0;
}

static void test_delta_and_indirect_crls_are_told(void **state)
{
	struct not_applied n = { 0, 0, 0 };
	struct account a;
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < ALL_FOLDERS; i++)
		if (strcmp(folders[i], "crl") == 0 || strcmp(folders[i], "hostile") == 0)
			assert_int_equal(path_walk(w.folder[i], ask_of_crl, &n, &err), 0);
	open_account(&a, &everything);
	for (size_t i = 0; i < a.n_problems; i++)
		n.told += strstr(a.problem[i].what, "delta CRL") || strstr(a.problem[i].what, "indirect CRL");
	close_account(&a);
	printf("# %zu lists that OpenSSL reads, %zu delta or indirect, %zu told\n", n.lists, n.delta_or_indirect,
		n.told);
	assert_int_equal(n.told, n.delta_or_indirect);
}

/* ---- findings, counted again ---- */

static struct {
	struct check_result r;
	X509 **x; /* by certificate; NULL: OpenSSL does not read it */
	const struct graph *g;
	size_t unread;
} c;

static void start_counting(void)
{
	struct err err = { 0 };

	if (c.x)
		return;
	c.g = everything.g;
	c.x = xcalloc(c.g->cert.n + 1, sizeof(X509 *));
	for (uint32_t i = 0; i < c.g->cert.n; i++) {
		uint8_t *der;
		size_t n;
		assert_int_equal(index_cert_der(everything.ix, i, &der, &n, &err), 0);
		const uint8_t *p = der;
		c.x[i] = d2i_X509(NULL, &p, (long)n);
		c.unread += !c.x[i];
		free(der);
	}
	ERR_clear_error();
	assert_int_equal(index_check(everything.ix, ASKED_DAY, &c.r, &err), 0);
	for (size_t k = 0; check_kinds[k].name; k++)
		printf("# check: %s %zu\n", check_kinds[k].name, count_findings(&c.r, check_kinds[k].name));
	printf("# check: %zu CA certificates, %zu of them not read by OpenSSL\n", c.g->cert.n, c.unread);
}

static void stop_counting(void)
{
	for (uint32_t i = 0; c.x && i < c.g->cert.n; i++)
		X509_free(c.x[i]);
	free(c.x);
	check_release(&c.r);
}

static bool is_readable(uint32_t cert)
{
	return c.x[cert] != NULL;
}

static bool key_is_readable(uint32_t cert)
{
	bool yes = c.x[cert] && X509_get0_pubkey(c.x[cert]);

	ERR_clear_error();
	return yes;
}

/* The findings of the kind are exactly the certificates for which the test holds, among those that OpenSSL can judge:
 * all real ones are. */
static void compare_findings(const char *kind, bool (*holds)(uint32_t cert), bool (*can_judge)(uint32_t cert))
{
	struct rows ours = { .size = 32 }, theirs = { .size = 32 };
	size_t not_judged = 0;

	start_counting();
	for (size_t i = 0; i < c.r.n; i++) {
		const struct finding *f = &c.r.finding[i];
		if (strcmp(f->kind, kind) != 0 || f->cert == NO_INDEX)
			continue;
		if (can_judge(f->cert))
			rows_add(&ours, c.g->cert.v[f->cert].sha256, NULL);
		else
			not_judged++;
	}
	for (uint32_t i = 0; i < c.g->cert.n; i++)
		if (can_judge(i) && holds(i))
			rows_add(&theirs, c.g->cert.v[i].sha256, NULL);
	for (uint32_t i = 0; i < c.g->cert.n; i++)
		assert_true(can_judge(i) || !(c.g->cert.v[i].flags & CERT_DISCLOSED));
	printf("# %s: %zu findings, %zu counted by OpenSSL; %zu more that it cannot read\n", kind, ours.v.n / 32,
		theirs.v.n / 32, not_judged);
	assert_int_equal(rows_compare(&ours, &theirs, "by OpenSSL"), 0);
}

static bool can_sign_ocsp(uint32_t cert)
{
	uint32_t eku = X509_get_extended_key_usage(c.x[cert]);

	return eku != UINT32_MAX && (eku & XKU_OCSP_SIGN);
}

static bool is_self_signed(X509 *x)
{
	bool good = X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0 &&
		    X509_verify(x, X509_get0_pubkey(x)) == 1;

	ERR_clear_error();
	return good;
}

/* What is no signature algorithm says nothing of a hash, neither does EdDSA; RSASSA-PSS does so in its parameters, and
 * where they cannot be read it may be SHA-1. */
static bool signed_with_sha1(uint32_t cert)
{
	X509 *x = c.x[cert];
	int md = NID_undef, algorithm = X509_get_signature_nid(x);

	if (!OBJ_find_sigid_algs(algorithm, &md, NULL) || (md == NID_undef && algorithm != NID_rsassaPss))
		return false;
	if (md == NID_undef)
		X509_get_signature_info(x, &md, NULL, NULL, NULL);
	switch (md) {
	case NID_undef:
	case NID_sha:
	case NID_sha1:
	case NID_md5:
	case NID_md4:
	case NID_md2:
		return !is_self_signed(x);
	default:
		return false;
	}
}

static bool has_weak_key(uint32_t cert)
{
	EVP_PKEY *key = X509_get0_pubkey(c.x[cert]);
	BIGNUM *e = NULL;
	bool weak = false;

	ERR_clear_error();
	if (!key)
		return false;
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e);
		weak = EVP_PKEY_get_bits(key) < 2048 || !e || !BN_is_odd(e) || BN_is_one(e);
		BN_free(e);
		return weak;
	case EVP_PKEY_EC:
		return EVP_PKEY_get_bits(key) < 256;
	case EVP_PKEY_DSA:
		return true;
	default:
		return false;
	}
}

static bool ca_expired(uint32_t ca)
{
	const struct ca *a = &c.g->ca.v[ca];

	for (uint32_t i = 0; i < a->n_certs; i++) {
		X509 *x = c.x[c.g->ca_certs[a->first_cert + i]];
		if (!x || real_seconds(X509_get0_notAfter(x)) >= date_start(ASKED_DAY))
			return false;
	}
	return true;
}

static bool ca_has_path_len_0(uint32_t ca)
{
	const struct ca *a = &c.g->ca.v[ca];

	for (uint32_t i = 0; i < a->n_certs; i++) {
		X509 *x = c.x[c.g->ca_certs[a->first_cert + i]];
		if (!x || X509_get_pathlen(x) != 0)
			return false;
	}
	return true;
}

/* For every issuer that is another CA, and there is one. */
static bool for_issuers(uint32_t cert, bool (*holds)(uint32_t ca))
{
	const struct ca_cert *e = &c.g->cert.v[cert];
	size_t others = 0;

	for (uint32_t i = 0; i < e->n_issuers; i++) {
		uint32_t issuer = c.g->issuers[e->first_issuer + i];
		if (issuer == e->ca)
			continue;
		if (!holds(issuer))
			return false;
		others++;
	}
	return others > 0;
}

/* A root is among its own issuers. */
static bool outlives_its_issuers(uint32_t cert)
{
	X509 *x = c.x[cert];

	if (X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0 && X509_verify(x, X509_get0_pubkey(x)) == 1)
		return false;
	return real_seconds(X509_get0_notAfter(c.x[cert])) >= date_start(ASKED_DAY) && for_issuers(cert, ca_expired);
}

static bool violates_path_len(uint32_t cert)
{
	X509 *x = c.x[cert];

	return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) != 0 &&
	       for_issuers(cert, ca_has_path_len_0);
}

static void test_findings_are_those_that_openssl_counts(void **state)
{
	(void)state;
	compare_findings("ocsp-signing-eku", can_sign_ocsp, is_readable);
	compare_findings("sha1-signature", signed_with_sha1, is_readable);
	compare_findings("weak-key", has_weak_key, key_is_readable);
	compare_findings("expired-parent", outlives_its_issuers, is_readable);
	compare_findings("path-len-violated", violates_path_len, is_readable);
}

/* Another certificate, earlier in the index, has an issuer and the serial number of this one. */
static void test_duplicate_serials_are_those_of_a_plain_join(void **state)
{
	struct map first = { 0 };
	size_t expected = 0, found = 0;
	uint8_t *twice;

	(void)state;
	start_counting();
	twice = xcalloc(c.g->cert.n + 1, 1);
	for (uint32_t i = 0; i < c.g->cert.n; i++) {
		const struct ca_cert *e = &c.g->cert.v[i];
		for (uint32_t k = 0; c.x[i] && k < e->n_issuers; k++) {
			struct strbuf key = STRBUF_INIT;
			bool is_new;
			strbuf_add(&key, c.g->ca.v[c.g->issuers[e->first_issuer + k]].id, 32);
			add_serial(&key, c.x[i], false);
			map_at(&first, key.buf, key.len, &is_new);
			twice[i] |= !is_new;
			expected += !is_new;
			strbuf_release(&key);
		}
	}
	for (size_t i = 0; i < c.r.n; i++) {
		const struct finding *f = &c.r.finding[i];
		if (strcmp(f->kind, "duplicate-serial") != 0 || f->cert == NO_INDEX || !c.x[f->cert])
			continue;
		assert_true(twice[f->cert]);
		found++;
	}
	printf("# duplicate-serial: %zu findings, %zu by a join\n", found, expected);
	assert_int_equal(found, expected);
	map_release(&first);
	free(twice);
}

/* CAs that are left when those above or below which nothing is left go, again and again: on cycles, or between two. */
static size_t trim_to_cycles(uint8_t *left)
{
	size_t n = 0;

	memset(left, 1, c.g->ca.n);
	for (bool again = true; again;) {
		uint8_t *above = xcalloc(c.g->ca.n + 1, 1), *below = xcalloc(c.g->ca.n + 1, 1);
		for (uint32_t i = 0; i < c.g->cert.n; i++)
			for (uint32_t k = 0; k < c.g->cert.v[i].n_issuers; k++) {
				uint32_t from = c.g->issuers[c.g->cert.v[i].first_issuer + k], to = c.g->cert.v[i].ca;
				if (from == to || !left[from] || !left[to])
					continue;
				below[from] = above[to] = 1;
			}
		again = false;
		for (size_t i = 0; i < c.g->ca.n; i++) {
			again |= left[i] && !(above[i] && below[i]);
			left[i] &= above[i] & below[i];
		}
		free(above);
		free(below);
	}
	for (size_t i = 0; i < c.g->ca.n; i++)
		n += left[i];
	return n;
}

enum { CYCLES_MAX = 64 };
struct ring { /* what trimming leaves, and which certifies which */
	uint32_t member[CYCLES_MAX];
	bool certifies[CYCLES_MAX][CYCLES_MAX], reaches[CYCLES_MAX][CYCLES_MAX];
	size_t n;
	bool on_way[CYCLES_MAX];
};

static void find_ring(struct ring *r)
{
	uint8_t *left = xcalloc(c.g->ca.n + 1, 1);
	uint32_t *at = xcalloc(c.g->ca.n + 1, sizeof(*at));

	memset(r, 0, sizeof(*r));
	assert_true(trim_to_cycles(left) <= CYCLES_MAX);
	for (uint32_t i = 0; i < c.g->ca.n; i++)
		if (left[i]) {
			at[i] = (uint32_t)r->n;
			r->member[r->n++] = i;
		}
	for (uint32_t i = 0; i < c.g->cert.n; i++)
		for (uint32_t k = 0; k < c.g->cert.v[i].n_issuers; k++) {
			uint32_t from = c.g->issuers[c.g->cert.v[i].first_issuer + k], to = c.g->cert.v[i].ca;
			if (from != to && left[from] && left[to])
				r->certifies[at[from]][at[to]] = true;
		}
	memcpy(r->reaches, r->certifies, sizeof(r->reaches));
	for (size_t k = 0; k < r->n; k++)
		for (size_t i = 0; i < r->n; i++)
			for (size_t m = 0; m < r->n; m++)
				r->reaches[i][m] |= r->reaches[i][k] && r->reaches[k][m];
	free(left);
	free(at);
}

/* Ways from `at` back to `start` that visit no CA twice and none before `start`: each cycle once. */
static size_t ways_back(struct ring *r, size_t start, size_t at)
{
	size_t n = 0;

	r->on_way[at] = true;
	for (size_t to = start; to < r->n; to++)
		if (r->certifies[at][to])
			n += to == start ? 1 : r->on_way[to] ? 0 : ways_back(r, start, to);
	r->on_way[at] = false;
	return n;
}

static void test_cycles_are_those_that_trimming_leaves(void **state)
{
	struct ring r;
	size_t groups = 0, cycles = 0;

	(void)state;
	start_counting();
	find_ring(&r);
	for (size_t i = 0; i < r.n; i++) {
		bool first = r.reaches[i][i];
		for (size_t m = 0; m < r.n; m++) {
			bool together = r.reaches[i][m] && r.reaches[m][i];
			first &= !(together && m < i);
			assert_int_equal(i == m || together,
				c.g->ca.v[r.member[i]].component == c.g->ca.v[r.member[m]].component);
		}
		groups += first;
		cycles += ways_back(&r, i, i);
	}
	printf("# cycle: %zu findings, %zu groups with %zu cycles among the %zu CAs that trimming leaves\n",
		count_findings(&c.r, "cycle"), groups, cycles, r.n);
	assert_int_equal(cycles, 7);
	assert_int_equal(groups, 5); /* some share a CA */
	assert_int_equal(count_findings(&c.r, "cycle"), groups);
}

static int forget_everything(void **state)
{
	(void)state;
	stop_counting();
	forget(&everything);
	return 0;
}

/* ---- */

static bool have_data(void)
{
	bool all = true;

	for (int i = 0; i < ALL_FOLDERS; i++) {
		w.folder[i] = real_data(folders[i]);
		all &= w.folder[i] != NULL;
	}
	return all;
}

#define OF_PROGRAM(name, which)                                                                                        \
	{                                                                                                              \
		"test_included_roots_make_the_store_of_" name, test_included_roots_make_the_stores_of_2023, NULL,      \
			NULL, (void *)(intptr_t)(which)                                                                \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chrome_trusts_what_its_whole_store_says),
		cmocka_unit_test(test_chrome_trusts_what_the_excerpt_says_of_its_version),
		OF_PROGRAM("apple", 0),
		OF_PROGRAM("microsoft", 1),
		OF_PROGRAM("mozilla", 2),
		OF_PROGRAM("chrome", 3),
		cmocka_unit_test(test_mozillas_report_makes_its_store_of_2024),
		cmocka_unit_test(test_onecrl_revokes_what_its_records_name),
		cmocka_unit_test(test_each_onecrl_holds_from_its_day),
		cmocka_unit_test(test_chromes_crlset_revokes_what_it_names),
		cmocka_unit_test(test_crls_are_verified_before_they_are_believed),
		cmocka_unit_test(test_one_import_of_everything_accounts_for_each_file),
		cmocka_unit_test(test_everything_again_changes_nothing),
		cmocka_unit_test(test_delta_and_indirect_crls_are_told),
		cmocka_unit_test(test_findings_are_those_that_openssl_counts),
		cmocka_unit_test(test_duplicate_serials_are_those_of_a_plain_join),
		cmocka_unit_test_teardown(test_cycles_are_those_that_trimming_leaves, forget_everything),
	};

	/* not by cmocka's skip(), whose "not ok … # SKIP" is a failure to meson */
	if (!have_data()) {
		printf("1..1\nok 1 - the real stores # SKIP the folder with real data is missing\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
