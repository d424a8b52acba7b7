#include <string.h>

#include "lists.h"
#include "out.h"

static void put_part(FILE *f, const char *name, const uint8_t *p, size_t n)
{
	fprintf(f, "      \"%s\": \"", name);
	out_base64(f, p, n);
	fputs("\",\n", f);
}

/* Firefox compares octets: a name that is only equal by RFC 5280 7.1 does not fit. */
static void put_by_serial(FILE *f, const struct cert *c)
{
	put_part(f, "issuerName", c->issuer->name.p, c->issuer->name.n);
	put_part(f, "serialNumber", c->serial, c->serial_len);
}

static void put_by_key(FILE *f, const struct cert *c)
{
	uint8_t hash[32];

	EVP_Digest(c->subject->spki.p, c->subject->spki.n, hash, NULL, EVP_sha256(), NULL);
	put_part(f, "subject", c->subject->name.p, c->subject->name.n);
	put_part(f, "pubKeyHash", hash, sizeof(hash));
}

static void put_record(FILE *f, const struct world *w, const struct onecrl_def *d, size_t number)
{
	fprintf(f, "    {\n      \"schema\": %zu,\n", 1700000000000 + number);
	fprintf(f,
		"      \"details\": {\n        \"bug\": \"https://bugs.example/%zu\",\n        \"who\": \"\",\n"
		"        \"why\": \"fictional \\u2014 \\\"%s\\\"\",\n        \"name\": \"\",\n        \"created\": \"\"\n"
		"      },\n",
		number, d->form == AS_IT_STANDS ? "broken" : d->cert);
	fprintf(f, "      \"enabled\": %s,\n", d->disabled ? "false" : "true");
	if (d->form == AS_IT_STANDS)
		fprintf(f, "      %s,\n", d->cert);
	else if (d->form == BY_KEY)
		put_by_key(f, world_cert(w, d->cert));
	else
		put_by_serial(f, world_cert(w, d->cert));
	fprintf(f, "      \"id\": \"00000000-0000-4000-8000-%012zu\",\n", number);
	fprintf(f, "      \"last_modified\": %zu\n    }", 1735000000000 + number * 1000);
}

static void emit_list(const struct world *w, const char *day, int in)
{
	FILE *f = out_open("onecrl/onecrl.%s.json", day);
	const char *between = "\n";

	fputs("{\n  \"data\": [", f);
	for (size_t i = 0; i < onecrl_count; i++) {
		if (!(onecrl_defs[i].in & in))
			continue;
		fputs(between, f);
		put_record(f, w, &onecrl_defs[i], i + 1);
		between = ",\n";
	}
	fputs("\n  ]\n}\n", f);
	out_close(f);
}

void emit_onecrl(const struct world *w)
{
	emit_list(w, ONECRL_NEW, NEWER);
	emit_list(w, ONECRL_OLD, OLDER);
}
