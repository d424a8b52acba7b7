#include "lists.h"

#include <string.h>
#include <time.h>

#include "out.h"

long long epoch_of(const char *when)
{
	struct tm tm = { 0 };

	if (!strptime(when, "%Y%m%d%H%M%S", &tm))
		die("not a time: '%s'", when);
	return timegm(&tm);
}

static void put_limit(FILE *f, const char *name, const char *when)
{
	if (when)
		fprintf(f, "    %s: %lld\n", name, epoch_of(when));
}

static void put_text(FILE *f, const char *name, const char *text)
{
	if (text)
		fprintf(f, "    %s: \"%s\"\n", name, text);
}

/* One name as a field of its own, several as a list. */
static void put_names(FILE *f, const char *names)
{
	if (!names)
		return;
	fputs("    permitted_dns_names: ", f);
	if (!strchr(names, ',')) {
		fprintf(f, "\"%s\"\n", names);
		return;
	}
	for (const char *p = names, *open = "["; *p; open = ", ") {
		size_t n = strcspn(p, ",");

		fprintf(f, "%s\"%.*s\"", open, (int)n, p);
		p += n + (p[n] == ',');
	}
	fputs("]\n", f);
}

static void put_set(FILE *f, const struct chrome_set *s, size_t i)
{
	fprintf(f, "  constraints%s {\n", i ? "" : ":"); /* the colon is optional */
	put_limit(f, "sct_not_after_sec", s->sct_not_after);
	put_limit(f, "sct_all_after_sec", s->sct_all_after);
	put_limit(f, "validity_starts_not_after_sec", s->starts_not_after);
	put_limit(f, "validity_starts_after_sec", s->starts_after);
	put_text(f, "min_version", s->min);
	put_text(f, "max_version_exclusive", s->max);
	put_names(f, s->dns);
	if (s->unknown)
		fprintf(f, "    %s\n", s->unknown);
	fputs("  }\n", f);
}

static void put_flag(FILE *f, const char *name, int value)
{
	if (value)
		fprintf(f, "  %s: true\n", name);
}

static void put_anchor(FILE *f, const struct world *w, const struct chrome_def *d, size_t number)
{
	static const uint8_t nowhere[32] = "a certificate that is nowhere.";
	const struct cert *c = d->cert ? world_cert(w, d->cert) : NULL;

	fprintf(f, "\n# CN=%s, fictional\n%s {\n  sha256_hex: \"", c ? c->subject->def->cn.p : "Nowhere Root",
		d->additional ? "additional_certs" : "trust_anchors");
	out_hex(f, c ? c->sha256 : nowhere, 32, 0);
	fprintf(f, "\"\n  crs_root_id: %zu # \"not\" read: { }\n", number);
	if (d->extra)
		fprintf(f, "%s\n", d->extra);
	put_flag(f, "eutl", d->eutl);
	put_flag(f, "tls_trust_anchor", d->tls);
	put_flag(f, "enforce_anchor_expiry", d->expiry);
	put_flag(f, "enforce_anchor_constraints", d->constraints);
	for (size_t i = 0; i < d->sets; i++)
		put_set(f, &d->set[i], i);
	fputs("}\n", f);
}

static void emit_store(const struct world *w, const char *day, int version, int in)
{
	FILE *f = out_open("chrome/root_store.%s.textproto", day);

	fputs("# Fictional data for tests, in the format of Chrome's root_store.textproto.\n", f);
	fprintf(f, "version_major: %d\n", version);
	for (size_t i = 0; i < chrome_count; i++)
		if (chrome_defs[i].in & in)
			put_anchor(f, w, &chrome_defs[i], i + 1);
	out_close(f);
}

static void emit_store_certs(const struct world *w, const char *day, int in)
{
	FILE *f = out_open("chrome/root_store.%s.certs", day);

	fputs("# Fictional data for tests. Comments stand between the blocks.\n", f);
	for (size_t i = 0; i < chrome_count; i++) {
		const struct cert *c;

		if (!(chrome_defs[i].in & in) || !chrome_defs[i].cert)
			continue;
		c = world_cert(w, chrome_defs[i].cert);
		fprintf(f, "\n# CN=%s\n", c->subject->def->cn.p);
		out_pem(f, c->der.p, c->der.n, "\n");
		fputc('\n', f);
	}
	out_close(f);
}

void emit_chrome(const struct world *w)
{
	emit_store(w, CHROME_NEW, 36, NEWER);
	emit_store_certs(w, CHROME_NEW, NEWER);
	emit_store(w, CHROME_OLD, 28, OLDER);
}
