#include <string.h>

#include "emit.h"
#include "out.h"

static void bundle_certs(const struct world *w, const char *path, unsigned flags)
{
	FILE *f = out_open("%s", path);

	for (size_t i = 0; i < cert_count; i++) {
		const struct cert *c = &w->certs[i];

		if (!(c->def->flags & flags))
			continue;
		fprintf(f, "# %s (fictional)\n", c->nick);
		out_pem(f, c->der.p, c->der.n, "\n");
		fputc('\n', f);
	}
	out_close(f);
}

static void write_der(const char *folder, const char *name, const char *suffix, const struct der *d)
{
	FILE *f = out_open("%s/%s%s.der", folder, name, suffix);

	fwrite(d->p, 1, d->n, f);
	out_close(f);
}

static int in_bundle(const struct leaf_cert *l)
{
	return !l->def || (l->def->flags & LEAF_COPY);
}

static void leaf_bundle(const struct world *w)
{
	FILE *f = out_open("leaves/more-leaves.pem");

	for (size_t i = 0; i < w->leaf_n; i++) {
		const struct leaf_cert *l = &w->leaves[i];

		if (!in_bundle(l))
			continue;
		out_pem(f, l->der.p, l->der.n, "\n");
		fputc('\n', f);
	}
	out_close(f);
}

static void leaf_files(const struct world *w)
{
	for (size_t i = 0; i < w->leaf_n; i++) {
		const struct leaf_cert *l = &w->leaves[i];

		if (l->def)
			write_der(l->def->flags & LEAF_BROKEN ? "broken" : "leaves", l->nick,
				l->precert ? ".precert" : "", &l->der);
	}
}

static void single_files(const struct world *w)
{
	for (size_t i = 0; i < cert_count; i++)
		if (w->certs[i].def->flags & CERT_SINGLE)
			write_der("single", "one-ca", "", &w->certs[i].der);
}

static const char *const readme[] = {
	"A fictional Web PKI\n",
	"===================\n\n",
	"Everything here is invented: no company, government or certification\n",
	"authority of these names exists, and no certificate was ever used. Each\n",
	"organisation says (fictional), each country is ZZ, each domain lies below\n",
	".example or .test. The signatures are real, the private keys are gone.\n",
	"The world's today is 2026-06-01.\n\n",
	"ccadb/        reports in the form of the Common CA Database\n",
	"older/        older reports: other owner names, a record and CRL addresses that\n",
	"              the newer one lacks, and which purposes Apple and Microsoft allow\n",
	"mozilla/      two snapshots in the form of NSS's certdata.txt\n",
	"chrome/       two snapshots in the form of Chrome's root_store.textproto\n",
	"onecrl/       two states of Mozilla's list of revoked CA certificates\n",
	"crlset/       Chrome's list: raw, and an older one as it travels (CRX3)\n",
	"crl/          lists of the CAs themselves: good, old, forged, delta, indirect\n",
	"undisclosed/  a CA certificate that no report names\n",
	"leaves/       end-entity certificates and precertificates\n",
	"store/        a bundle of two trust anchors\n",
	"single/       one CA certificate, DER\n",
	"broken/       what a reader must refuse, or report, and survive\n",
	"facts.tsv     what is true of this world, for tests\n\n",
	"Odd on purpose: a certificate listed twice (NotBeforeYear 2010), CRLF inside\n",
	"the PEM (2016), PEM in single quotes (2019), odd years without a last newline.\n",
};

static void write_readme(void)
{
	FILE *f = out_open("README.txt");

	for (size_t i = 0; i < sizeof(readme) / sizeof(*readme); i++)
		fputs(readme[i], f);
	out_close(f);
}

void emit_files(const struct world *w)
{
	bundle_certs(w, "undisclosed/undisclosed.pem", CERT_UNDISCLOSED);
	bundle_certs(w, "store/own-store.pem", CERT_STORE | CERT_ALSO_STORE);
	single_files(w);
	leaf_bundle(w);
	leaf_files(w);
	write_readme();
}
