/* Each function runs everything that its reader offers over bytes of any
 * kind and only has to come back. The unit tests call them on the hostile
 * corpora; a fuzz target is one of them inside LLVMFuzzerTestOneInput. */
#ifndef TESTS_UNIT_SURVIVE_H
#define TESTS_UNIT_SURVIVE_H

#include <string.h>

#include "base/strbuf.h"
#include "fetch/url.h"
#include "index/ccadb.h"
#include "index/certdata.h"
#include "index/chromestore.h"
#include "index/countscsv.h"
#include "index/crl.h"
#include "index/crlset.h"
#include "index/crtsh.h"
#include "index/crxupdate.h"
#include "index/ctentry.h"
#include "index/cthead.h"
#include "index/hostname.h"
#include "index/key.h"
#include "index/loglist.h"
#include "index/name.h"
#include "index/onecrl.h"
#include "index/outreach.h"
#include "index/pem.h"
#include "index/pkcs7.h"
#include "index/scenario.h"
#include "index/spkilist.h"
#include "index/telemetry.h"
#include "index/x509.h"

static inline void survive_texts(const struct x509_cert *c)
{
	struct strbuf b = STRBUF_INIT;

	x509_name_text(c->subject, &b);
	x509_name_text(c->issuer, &b);
	x509_name_label(c->subject, &b);
	x509_name_canon(c->subject, &b);
	x509_name_equal(c->subject, c->issuer);
	x509_key_usage_text(c, &b);
	x509_eku_text(c, &b);
	x509_policies_text(c, &b);
	x509_names_text(c, &b);
	x509_name_constraints_text(c, &b);
	x509_ca_issuers_text(c, &b);
	x509_crl_urls_text(c, &b);
	sig_alg_text(c->sig_alg, &b);
	key_describe(c->spki, &b);
	x509_flags(c);
	strbuf_release(&b);
}

/* True when it was read. */
static inline bool survive_x509(const uint8_t *data, size_t n)
{
	struct x509_cert c;
	struct err err = { 0 };
	EVP_PKEY *key;

	x509_recognise(data, n);
	if (x509_parse_tbs(data, n, &c, &err) == 0)
		survive_texts(&c);
	if (x509_parse(data, n, &c, &err) < 0)
		return false;
	survive_texts(&c);
	key = key_load(c.spki);
	if (key)
		x509_verify(&c, key);
	EVP_PKEY_free(key);
	return true;
}

static inline int survive_block(void *ctx, const struct pem_block *b)
{
	(void)ctx;
	survive_x509(b->der, b->len);
	return 0;
}

static inline void survive_pem(const uint8_t *data, size_t n)
{
	pem_recognise((const char *)data, n);
	pem_each((const char *)data, n, &(struct pem_handler){ .block = survive_block });
}

static inline int survive_record(void *ctx, const struct ccadb_record *r)
{
	(void)ctx;
	if (r->der)
		survive_x509(r->der, r->der_len);
	return 0;
}

static inline void survive_ccadb(const uint8_t *data, size_t n)
{
	struct err err = { 0 };

	ccadb_recognise((const char *)data, n);
	ccadb_read((const char *)data, n, &(struct ccadb_handler){ .record = survive_record }, &err);
}

static inline int survive_root(void *ctx, const struct certdata_cert *c)
{
	(void)ctx;
	survive_x509(c->der.p, c->der.n);
	return 0;
}

static inline void survive_certdata(const uint8_t *data, size_t n)
{
	struct err err = { 0 };

	certdata_recognise((const char *)data, n);
	certdata_read((const char *)data, n, &(struct certdata_handler){ .cert = survive_root }, &err);
}

static inline void survive_name(const uint8_t *data, size_t n)
{
	const struct slice name = { data, n }, half = { data, n / 2 };
	struct strbuf b = STRBUF_INIT;

	x509_name_canon(name, &b);
	x509_name_equal(name, half);
	x509_name_text(name, &b);
	x509_name_label(name, &b);
	oid_text(name, &b);
	oid_dotted(name, &b);
	oid_nid(name);
	for (int type = 0; type < NAME_KINDS; type++)
		general_name_text(type, name, false, &b);
	strbuf_release(&b);
}

static inline void survive_problem(void *ctx, size_t place, const char *what)
{
	(void)ctx, (void)place, (void)what;
}

static inline int survive_anchor(void *ctx, const struct chromestore_anchor *a)
{
	struct box *boxes = xcalloc(a->n_sets + 1, sizeof(*boxes));
	bool unevaluated;

	(void)ctx;
	chromestore_is_tls_anchor(a);
	chromestore_boxes(a, 140, boxes, &unevaluated);
	free(boxes);
	return 0;
}

static inline void survive_chromestore(const uint8_t *data, size_t n)
{
	const struct chromestore_handler h = { .anchor = survive_anchor, .problem = survive_problem };
	struct err err = { 0 };

	chromestore_recognise((const char *)data, n);
	chromestore_read((const char *)data, n, &h, &err);
}

static inline int survive_onecrl_record(void *ctx, const struct onecrl_record *r)
{
	struct strbuf b = STRBUF_INIT;

	(void)ctx;
	x509_name_text(r->form == ONECRL_ISSUER_SERIAL ? r->issuer : r->subject, &b);
	strbuf_addhex(&b, r->serial.p, r->serial.n);
	strbuf_release(&b);
	return 0;
}

static inline void survive_onecrl(const uint8_t *data, size_t n)
{
	const struct onecrl_handler h = { .record = survive_onecrl_record, .problem = survive_problem };
	struct err err = { 0 };

	int32_t day;

	onecrl_recognise((const char *)data, n);
	onecrl_adds_to((const char *)data, n, &day);
	onecrl_read((const char *)data, n, &h, &err);
}

static inline void survive_place(void *ctx, const char *place, const char *what)
{
	(void)ctx;
	if (!*place || !*what)
		abort();
}

/* Numbers ascend or are the roots' own, whatever is read. */
static inline int survive_bin(void *ctx, uint32_t bin, uint64_t validations)
{
	int64_t *last = ctx;

	if ((int64_t)bin <= *last || validations > INT64_MAX)
		abort();
	*last = bin;
	return 0;
}

static inline int survive_known_root(void *ctx, uint32_t bin, const uint8_t sha256[32])
{
	(void)ctx;
	(void)sha256;
	if (bin < TELEMETRY_FIRST_ROOT)
		abort();
	return 0;
}

static inline void survive_telemetry(const uint8_t *data, size_t n)
{
	int64_t last = -1;
	const struct telemetry_handler h = { &last, survive_bin, survive_known_root, survive_place };
	struct err err = { 0 };

	telemetry_recognise((const char *)data, n);
	telemetry_roots_recognise((const char *)data, n);
	telemetry_read((const char *)data, n, &h, &err);
	telemetry_roots_read((const char *)data, n, &h, &err);
}

static inline int survive_spki(void *ctx, const uint8_t hash[32], const char *name)
{
	struct strbuf b = STRBUF_INIT;

	(void)ctx;
	spkilist_write_key(&b, hash, name);
	strbuf_release(&b);
	return 0;
}

static inline void survive_spkilist(const uint8_t *data, size_t n)
{
	const struct spkilist_handler h = { .key = survive_spki, .problem = survive_problem };
	struct err err = { 0 };
	int32_t day;

	spkilist_recognise((const char *)data, n);
	spkilist_adds_to((const char *)data, n, &day);
	spkilist_read((const char *)data, n, &h, &err);
}

static inline int survive_counter(void *ctx, size_t line, const struct crtsh_row *row)
{
	(void)ctx;
	(void)line;
	return row->id == 13 ? -1 : (int)(strlen(row->name) & 0);
}

static inline void survive_crtsh(const uint8_t *data, size_t n)
{
	const struct crtsh_handler h = { .row = survive_counter, .problem = survive_problem };
	struct err err = { 0 };

	if (crtsh_recognise((const char *)data, n))
		crtsh_read((const char *)data, n, &h, &err);
	struct crtsh_exact exact;
	if (crtsh_days_recognise((const char *)data, n) && crtsh_days_read((const char *)data, n, &exact, &err) == 0)
		free(exact.name);
	free(crtsh_name(data, n));
}

static inline int survive_figure(void *ctx, const struct countscsv_figure *f)
{
	size_t n = strlen(f->source);

	(void)ctx;
	for (size_t i = 0; i < f->n_refs; i++)
		n += strlen(f->ref[i]);
	return n ? 0 : -1;
}

static inline void survive_countscsv(const uint8_t *data, size_t n)
{
	const struct countscsv_handler h = { .figure = survive_figure, .problem = survive_problem };
	struct err err = { 0 };

	countscsv_recognise((const char *)data, n);
	countscsv_read((const char *)data, n, &h, &err);
}

static inline int survive_serial(void *ctx, const uint8_t parent[32], struct slice serial)
{
	struct strbuf b = STRBUF_INIT;

	(void)ctx;
	strbuf_addhex(&b, parent, 32);
	strbuf_addhex(&b, serial.p, serial.n);
	strbuf_release(&b);
	return 0;
}

static inline void survive_crlset(const uint8_t *data, size_t n)
{
	struct err err = { 0 };

	crlset_recognise(data, n);
	crlset_read(data, n, &(struct crlset_handler){ .serial = survive_serial }, &err);
}

static inline int survive_crl_entry(void *ctx, const struct crl *crl, const struct crl_entry *e)
{
	struct strbuf b = STRBUF_INIT;

	(void)ctx, (void)crl;
	strbuf_addhex(&b, e->serial.p, e->serial.n);
	if (e->foreign_issuer)
		x509_name_canon(e->issuer, &b);
	strbuf_addstr(&b, crl_reason_name(e->reason));
	strbuf_release(&b);
	return 0;
}

/* What is kept of a list must be read as the list was. */
static inline void survive_crl_without_entries(const struct crl *c)
{
	struct strbuf der = STRBUF_INIT;
	uint8_t digest[CRL_DIGEST_MAX];
	struct crl rest;

	crl_digest(c, NULL, NULL, digest);
	crl_without_entries(c, &der);
	if (crl_parse((const uint8_t *)der.buf, der.len, &rest, NULL) < 0 || !slice_equal(c->issuer, rest.issuer) ||
	    !slice_equal(c->signature, rest.signature) || !slice_equal(c->aki_keyid, rest.aki_keyid) || c->only != rest.only ||
	    c->this_update != rest.this_update || c->next_update != rest.next_update || rest.entries_der.n)
		abort();
	strbuf_release(&der);
}

static inline int survive_crl_header(void *ctx, const struct crl *c)
{
	struct strbuf b = STRBUF_INIT;

	(void)ctx;
	survive_crl_without_entries(c);
	crl_not_applied(c);
	x509_name_text(c->issuer, &b);
	sig_alg_text(c->sig_alg, &b);
	strbuf_addhex(&b, c->aki_keyid.p, c->aki_keyid.n);
	strbuf_addhex(&b, c->number.p, c->number.n);
	strbuf_addhex(&b, c->idp_name.p, c->idp_name.n);
	strbuf_release(&b);
	return 0;
}

static inline void survive_ct_entry(struct ct_entry *e)
{
	struct ct_leaf leaf;
	struct slice der;
	struct err err = { 0 };

	while (ct_chain_next(&e->chain, &der))
		x509_recognise(der.p, der.n);
	ct_leaf_read(e, &leaf, &err);
	e->type = e->type == CT_X509 ? CT_PRECERT : CT_X509;
	ct_leaf_read(e, &leaf, &err);
}

static inline void survive_cttile(const uint8_t *data, size_t n)
{
	struct ct_tile t;
	struct ct_entry e;
	struct err err = { 0 };

	ct_tile_init(&t, data, n);
	while (ct_tile_next(&t, &e, &err) == 1)
		survive_ct_entry(&e);
}

static inline void survive_ctpage(const uint8_t *data, size_t n)
{
	for (int some = 0; some < 2; some++) {
		struct ct_page pg;
		struct ct_entry e;
		struct err err = { 0 };

		if (ct_page_init(&pg, (const char *)data, n, &err) < 0)
			return;
		pg.chains_only = some;
		while (ct_page_next(&pg, &e, &err) == 1)
			survive_ct_entry(&e);
		ct_page_release(&pg);
	}
}

/* True when it was read. */
static inline bool survive_crl(const uint8_t *data, size_t n)
{
	const struct crl_handler h = { NULL, survive_crl_header, survive_crl_entry, survive_problem, NULL };
	struct err err = { 0 };

	crl_recognise(data, n);
	return crl_read(data, n, &h, &err) == 0;
}

/* Every beginning of the bytes, then copies with some bytes changed, always the same ones. */
static inline void survive_damage(const uint8_t *data, size_t n, int rounds, void (*fn)(const uint8_t *, size_t))
{
	uint32_t random = 1;

	for (size_t len = 0; len < n; len += 1 + len / 64) {
		uint8_t *cut = xmemdup(data, len ? len : 1);

		fn(cut, len);
		free(cut);
	}
	for (int i = 0; i < rounds; i++) {
		uint8_t *copy = xmemdup(data, n);

		for (int k = 0; k <= i % 4; k++) {
			random = random * 1664525u + 1013904223u;
			copy[(random >> 8) % n] = (uint8_t)(random >> 24);
		}
		fn(copy, n);
		free(copy);
	}
}

static inline void survive_cthead(const uint8_t *data, size_t n)
{
	static const uint8_t id[32] = { 0 };
	struct ct_head h;
	struct err err = { 0 };

	ct_head_sth(&h, (const char *)data, n, &err);
	ct_head_unsigned(&h, (const char *)data, n, &err);
	ct_head_checkpoint(&h, NULL, id, (const char *)data, n, &err);
}

static inline void survive_loglist(const uint8_t *data, size_t n)
{
	struct log_list list = { 0 };
	struct err err = { 0 };
	const char *text = (const char *)data;
	size_t found;

	if (log_list_recognise(text, n) && log_list_read(&list, text, n, NULL, NULL, &err) == 0)
		log_list_find(&list, "fictional", &found);
	log_list_release(&list);
}

static inline int survive_bag(void *ctx, size_t number, const uint8_t *der, size_t n)
{
	size_t *last = ctx;

	if (number <= *last)
		abort();
	*last = number;
	survive_x509(der, n);
	return 0;
}

static inline void survive_pkcs7(const uint8_t *data, size_t n)
{
	size_t last = 0;
	struct err err = { 0 };

	if (pkcs7_recognise((const char *)data, n))
		pkcs7_each((const char *)data, n, &(struct pkcs7_handler){ &last, survive_bag, NULL }, &err);
}

/* What is taken is an address to fetch, and a hash in hex or none. */
static inline void survive_crxupdate(const uint8_t *data, size_t n)
{
	struct crx_update u;
	struct url_info info;
	struct err err = { 0 };

	crx_update_recognise((const char *)data, n);
	if (crx_update_read((const char *)data, n, &u, &err) < 0) {
		if (err.kind != ERR_INPUT || *u.url || *u.sha256 || u.bytes)
			abort();
		return;
	}
	if (url_refusal(u.url, &info) || info.scheme == URL_FILE || (*u.sha256 && strspn(u.sha256, "0123456789abcdef") != 64))
		abort();
}

/* Groups are made of hosts and addresses alone, whatever the names hold, and folding twice is folding once. */
static inline void survive_one_name(const char *name, size_t n)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEF0123456789-_.:";
	struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;
	char buf[HOST_MAX + 1];
	const char *text = name_domain(name, n, buf);
	bool known;

	if (text && (!*text || text[strspn(text, allowed)]))
		abort();
	text = name_tld(name, n, buf);
	if (text && (!*text || text[strspn(text, allowed)]))
		abort();
	if (text)
		tld_is_country(text, &known);
	name_fold(name, n, &once);
	name_fold(once.buf, once.len, &twice);
	if (once.len > n || (once.len && once.buf[once.len - 1] != '.' && strcmp(once.buf, twice.buf) != 0))
		abort();
	strbuf_release(&once);
	strbuf_release(&twice);
}

/* The bytes as the names of a leaf, and as one name. */
static inline void survive_hostname(const uint8_t *data, size_t n)
{
	char *text = xstrndup((const char *)data, n), buf[HOST_MAX + 1];
	const char *p = text, *name;
	size_t len, left = strlen(text);

	while (names_next(&p, &name, &len)) {
		if (len > left || name < text || p > text + strlen(text))
			abort();
		survive_one_name(name, len);
	}
	if (*p)
		abort();
	survive_one_name((const char *)data, n);
	if (hostname_read((const char *)data, n, buf) && hostname_registrable(buf) &&
	    !strstr(buf, hostname_registrable(buf)))
		abort();
	free(text);
}

static inline void survive_scenario(const uint8_t *data, size_t n)
{
	struct scenario s, again;
	struct err err = { 0 };

	scenario_check_text("a text", (const char *)data, n, &err);
	scenario_init(&s);
	scenario_init(&again);
	scenario_read(&s, "a text", (const char *)data, n, &err);
	for (size_t i = 0; i < s.mark.n; i++) {
		const struct scenario_mark *m = &s.mark.v[i], *read;
		char *line = scenario_mark_line(m);

		if (scenario_read(&again, "a line", line, strlen(line), NULL) < 0)
			abort();
		read = &again.mark.v[i];
		if (strcmp(read->ref, m->ref) != 0 || read->action != m->action || read->day != m->day || read->since != m->since)
			abort();
		free(line);
	}
	scenario_release(&again);
	scenario_release(&s);
}

#endif
