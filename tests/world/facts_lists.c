#include <string.h>

#include "emit.h"
#include "lists.h"
#include "out.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* ---- Chrome ---- */

static const unsigned majors[] = { 119, 120, 130, 131, 139, 140, 4294967295 };

static unsigned major_of(const char *version)
{
	unsigned n = 0;

	for (; *version >= '0' && *version <= '9'; version++)
		n = n * 10 + (unsigned)(*version - '0');
	return n;
}

static int applies(const struct chrome_set *s, unsigned major)
{
	return (!s->min || major >= major_of(s->min)) && (!s->max || major < major_of(s->max));
}

static void put_end(FILE *f, const char *when, int add)
{
	if (when)
		fprintf(f, "%lld", epoch_of(when) + add);
	else
		fputc('-', f);
}

/* "NB_LO..NB_HI SCT_LO..SCT_HI", - for an open end. */
static void put_box(FILE *f, const struct chrome_set *s)
{
	static const struct chrome_set open;

	s = s->unknown ? &open : s;
	put_end(f, s->starts_after, 1);
	fputs("..", f);
	put_end(f, s->starts_not_after, 0);
	fputc(' ', f);
	put_end(f, s->sct_all_after, 1);
	fputs("..", f);
	put_end(f, s->sct_not_after, 0);
}

static void fact_chrome_anchor(FILE *f, const struct chrome_def *d, const char *day, unsigned major)
{
	static const struct chrome_set open;
	const char *between = "";

	fprintf(f, "chrome.%s.%u.%s\t", day, major, d->cert);
	if (!d->sets)
		put_box(f, &open);
	for (size_t i = 0; i < d->sets; i++) {
		if (!applies(&d->set[i], major))
			continue;
		fputs(between, f);
		put_box(f, &d->set[i]);
		between = "; ";
	}
	fputc('\n', f);
}

static void fact_chrome(FILE *f, const char *day, int in)
{
	for (size_t i = 0; i < chrome_count; i++) {
		const struct chrome_def *d = &chrome_defs[i];

		if (!(d->in & in) || !d->cert || (d->additional && !d->tls))
			continue;
		for (size_t m = 0; m < COUNT(majors); m++)
			fact_chrome_anchor(f, d, day, majors[m]);
		if (d->expiry || d->constraints)
			fprintf(f, "chrome_enforced.%s.%s\t%s%s\n", day, d->cert, d->expiry ? "expiry " : "",
				d->constraints ? "constraints" : "");
		for (size_t k = 0; k < d->sets; k++)
			if (d->set[k].unknown)
				fprintf(f, "chrome_unevaluated.%s.%s\tyes\n", day, d->cert);
	}
}

/* ---- Apple, Microsoft, and what stands in for Mozilla's and Chrome's own files ---- */

static const char *const programs[] = { "apple", "microsoft", "mozilla", "chrome" };
enum { APPLE, MICROSOFT, MOZILLA, CHROME, PROGRAMS };
static const char *const report_days[] = { "2024-01-15", INCLUDED_DAY, "2025-07-01", "2026-05-30" };
enum { V4, INCLUDED, MOZILLAS, V5 };

static const struct included_def *included(const char *cert)
{
	for (size_t i = 0; i < included_count; i++)
		if (strcmp(included_defs[i].cert, cert) == 0)
			return &included_defs[i];
	die("no row of AllIncludedRootCerts for '%s'", cert);
}

static const char *status_on(const struct root_def *r, int program, int report)
{
	const struct included_def *d = included(r->cert);
	const char *in_records[] = { r->apple, r->microsoft, r->mozilla, r->chrome };
	const char *in_2025[] = { d->apple, d->microsoft, d->mozilla, d->chrome };

	if (report == V4 && program == MOZILLA && strcmp(r->mozilla, "Removed") == 0)
		return "Included";
	return report == V4 || report == V5 ? in_records[program] : in_2025[program];
}

static const char *bits_on(const struct root_def *r, int program, int report)
{
	const struct included_def *d = included(r->cert);
	const char *bits[] = { d->apple_bits, d->microsoft_ekus, d->mozilla_bits, "Websites" };

	return report == V4 && program != CHROME ? "" : bits[program];
}

static int purpose_in(const char *bits, const char *purpose)
{
	if (strcmp(purpose, "email") == 0)
		return strstr(bits, "Email") != NULL;
	return strstr(bits, "Websites") || strstr(bits, "TLS Server") || strstr(bits, "Server Auth");
}

static void fact_anchor(FILE *f, const struct root_def *r, int program, int report, const char *purpose)
{
	const char *status = status_on(r, program, report), *bits = bits_on(r, program, report);
	int dated = strcmp(status, "NotBefore") == 0;

	if (!dated && strcmp(status, "Included") != 0)
		return;
	if (!*bits || purpose_in(bits, purpose))
		fprintf(f, "%s.%s.%s.%s.%s\t%s\n", program < MOZILLA ? "anchor" : "standin", programs[program],
			report_days[report], purpose, r->cert, dated || !*bits ? "unevaluated" : "plain");
}

static void fact_derived(FILE *f)
{
	for (int program = 0; program < PROGRAMS; program++) {
		for (int report = 0; report <= V5; report++) {
			if (report == MOZILLAS && program != MOZILLA)
				continue;
			for (size_t i = 0; i < root_count; i++) {
				if (!root_defs[i].mozilla)
					continue;
				fact_anchor(f, &root_defs[i], program, report, "tls");
				fact_anchor(f, &root_defs[i], program, report, "email");
			}
		}
	}
}

/* Mozilla's own files, by nickname. */
static void fact_mozilla(FILE *f, const char *day, int old)
{
	for (size_t i = 0; i < root_count; i++) {
		const struct root_def *r = &root_defs[i];
		const char *after[] = { old ? r->tls_after_old : r->tls_after, old ? r->email_after_old : r->email_after };

		if (!(old ? r->in_old : r->in_new))
			continue;
		if (r->tls == TRUST_DELEGATOR)
			fprintf(f, "anchor.mozilla.%s.tls.%s\t%s\n", day, r->cert, after[0] ? after[0] : "plain");
		if (r->email == TRUST_DELEGATOR)
			fprintf(f, "anchor.mozilla.%s.email.%s\t%s\n", day, r->cert, after[1] ? after[1] : "plain");
		if (r->tls == TRUST_NOT_TRUSTED)
			fprintf(f, "distrusted.mozilla.%s.%s\tyes\n", day, r->cert);
	}
}

/* ---- revocations ---- */

static void fact_onecrl(FILE *f, const char *day, int in)
{
	for (size_t i = 0; i < onecrl_count; i++) {
		const struct onecrl_def *d = &onecrl_defs[i];

		if (!(d->in & in) || d->form == AS_IT_STANDS)
			continue;
		fprintf(f, "%s.%s.%s\t%s%s\n", d->form == BY_PLAIN_NAME ? "onecrl_misses" : "onecrl", day, d->cert,
			d->form == BY_KEY ? "key" : "serial", d->disabled ? " disabled" : "");
	}
}

static void fact_crlset(FILE *f, const struct world *w, const char *which, int in)
{
	for (size_t i = 0; i < crlset_count; i++) {
		const struct crlset_def *d = &crlset_defs[i];

		if (!(d->in & in))
			continue;
		if (d->what == SET_SERIAL) {
			fprintf(f, "crlset.%s.%s\tserial\n", which, d->nick);
			continue;
		}
		for (size_t k = 0; k < cert_count; k++)
			if (w->certs[k].subject == world_ca(w, d->nick))
				fprintf(f, "%s.%s.%s\tkey\n", d->what == SET_KNOWN ? "crlset_misses" : "crlset", which,
					w->certs[k].nick);
	}
}

static const char *fate(const struct crl_def *d)
{
	if (d->flags & (CRL_CUT | CRL_UNSIGNED))
		return "refused";
	if (d->flags & CRL_AGAIN)
		return "older";
	if (d->flags & (CRL_DELTA | CRL_INDIRECT))
		return "not applied";
	return d->signer || (d->flags & CRL_CORRUPT) || strcmp(d->issuer, "vanished-root") == 0 ? "not verified" : "applied";
}

static int is_cert(const char *nick)
{
	for (size_t i = 0; i < cert_count; i++)
		if (strcmp(cert_defs[i].nick ? cert_defs[i].nick : cert_defs[i].ca, nick) == 0)
			return 1;
	return 0;
}

static int leaf_of(const char *nick, const char *issuer)
{
	for (size_t i = 0; i < leaf_count; i++)
		if (leaf_defs[i].issuer && strcmp(leaf_defs[i].nick, nick) == 0 && strcmp(leaf_defs[i].issuer, issuer) == 0)
			return 1;
	return 0;
}

static void fact_crl_entries(FILE *f, const struct crl_def *d)
{
	for (size_t i = 0; i < crl_entry_count; i++) {
		const struct crl_entry_def *e = &crl_entry_defs[i];
		int holds = strcmp(fate(d), "applied") == 0 && e->reason != REASON_REMOVE && !e->issuer;

		if (strcmp(e->path, d->path) != 0)
			continue;
		if (is_cert(e->nick))
			fprintf(f, "%s.%s\t%lld\n", holds ? "crl_revokes" : "crl_misses", e->nick, epoch_of(e->when));
		else if (leaf_of(e->nick, d->issuer))
			fprintf(f, "%s.%s\t%lld\n", holds ? "crl_revokes_leaf" : "crl_misses_leaf", e->nick, epoch_of(e->when));
	}
}

static int unexpired(const char *nick)
{
	for (size_t i = 0; i < leaf_count; i++)
		if (strcmp(leaf_defs[i].nick, nick) == 0)
			return strcmp(leaf_defs[i].nb, TOMORROW) < 0 && strcmp(leaf_defs[i].na, TODAY_FIRST) >= 0;
	return 0;
}

/* How many unexpired leaves a CA's own list revokes, also none. */
static void fact_revoked_leaves(FILE *f, const struct crl_def *d)
{
	size_t n = 0;

	if (strcmp(fate(d), "applied") != 0)
		return;
	for (size_t i = 0; i < crl_entry_count; i++) {
		const struct crl_entry_def *e = &crl_entry_defs[i];

		n += strcmp(e->path, d->path) == 0 && e->reason != REASON_REMOVE && !e->issuer &&
		     leaf_of(e->nick, d->issuer) && unexpired(e->nick);
	}
	fprintf(f, "revoked_leaves.%s\t%zu\n", d->issuer, n);
}

static void fact_crls(FILE *f)
{
	for (size_t i = 0; i < crl_count; i++) {
		fprintf(f, "crl_file.%s\t%s\n", crl_defs[i].path, fate(&crl_defs[i]));
		fact_crl_entries(f, &crl_defs[i]);
		fact_revoked_leaves(f, &crl_defs[i]);
	}
}

static void fact_ccadb_revoked(FILE *f)
{
	for (size_t i = 0; i < cert_count; i++)
		if (cert_defs[i].revocation && strcmp(cert_defs[i].revocation, "Revoked") == 0)
			fprintf(f, "ccadb_revokes.%s\tRevoked\n", cert_defs[i].nick ? cert_defs[i].nick : cert_defs[i].ca);
}

void facts_lists(FILE *f, const struct world *w)
{
	fact_mozilla(f, "2026-05-15", 0);
	fact_mozilla(f, "2024-06-30", 1);
	fact_derived(f);
	fact_chrome(f, CHROME_NEW, NEWER);
	fact_chrome(f, CHROME_OLD, OLDER);
	for (size_t i = 0; i < chrome_leaf_count; i++)
		fprintf(f, "chrome_leaf.%u.%s\t%s\n", chrome_leaf_facts[i].major, chrome_leaf_facts[i].leaf,
			chrome_leaf_facts[i].accepted ? "yes" : "no");
	for (size_t i = 0; i < chrome_ca_count; i++)
		fprintf(f, "chrome_ca.%s\t%s\n", chrome_ca_facts[i].ca, chrome_ca_facts[i].accepted);
	fact_ccadb_revoked(f);
	fact_onecrl(f, ONECRL_NEW, NEWER);
	fact_onecrl(f, ONECRL_OLD, OLDER);
	fact_crlset(f, w, "newer", NEWER);
	fact_crlset(f, w, "older", OLDER);
	fact_crls(f);
	for (size_t i = 0; i < finding_count; i++)
		fprintf(f, "check.%s.%s\t%s: %s\n", finding_defs[i].kind, finding_defs[i].nick, finding_defs[i].severity,
			finding_defs[i].detail);
}
