#include <string.h>

#include "ct.h"
#include "out.h"

struct tally {
	size_t distinct, precert, final, both, unexpired;
};

/* logs: a mask of 1 << CT_A and 1 << CT_B. */
static struct tally count(const struct ct *ct, const struct ca *ca, unsigned logs)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < ct->leaf_n; i++) {
		const struct ct_leaf *l = &ct->leaf[i];
		unsigned forms = 0;

		for (unsigned k = 0; k < CT_LOGS; k++)
			forms |= logs >> k & 1 ? l->forms[k] : 0;
		if (l->ca != ca || !forms)
			continue;
		t.distinct++;
		t.precert += (forms & CT_PRECERT) != 0;
		t.final += (forms & CT_FINAL) != 0;
		t.both += forms == (CT_PRECERT | CT_FINAL);
		t.unexpired += strcmp(l->nb, TOMORROW) < 0 && strcmp(l->na, TODAY_FIRST) >= 0;
	}
	return t;
}

static void put_counts(FILE *f, const struct ct *ct, const char *name, unsigned logs)
{
	const char *between = "";

	fprintf(f, "\"%s\": {", name);
	for (size_t i = 0; i < ca_count; i++) {
		const struct ca *ca = &ct->w->cas[i];
		struct tally t = count(ct, ca, logs);

		if (!t.distinct)
			continue;
		fprintf(f, "%s\n\"", between);
		out_hex(f, ca->id, 32, 0);
		fprintf(f,
			"\": {\"ca\": \"%s\", \"distinct\": %zu, \"precert\": %zu, \"final\": %zu, \"both_forms\": "
			"%zu, "
			"\"unexpired\": %zu}",
			ca->def->nick, t.distinct, t.precert, t.final, t.both, t.unexpired);
		between = ",";
	}
	fputs("\n}", f);
}

static void put_log(FILE *f, const struct ct_log *log, const char *name)
{
	uint8_t root[32];

	ct_root(log, log->n, root);
	fprintf(f, "\"%s\": {\"description\": \"%s\", \"tree_size\": %zu, \"root_hash\": \"", name, log->description,
		log->n);
	out_hex(f, root, 32, 0);
	ct_root(log, log->small, root);
	fprintf(f, "\", \"timestamp\": %llu,\n\"small_tree_size\": %zu, \"small_root_hash\": \"",
		(unsigned long long)log->ms, log->small);
	out_hex(f, root, 32, 0);
	fprintf(f, "\", \"ca_certificates\": %zu, \"unparsable\": %zu}", log->ca_certs, log->broken);
}

void ct_facts(const struct ct *ct)
{
	FILE *f = out_open("ct/facts.json");

	fputs("{\"fictional\": true,\n\"logs\": {\n", f);
	put_log(f, &ct->log[CT_A], "a");
	fputs(",\n", f);
	put_log(f, &ct->log[CT_B], "b");
	fputs("\n},\n\"leaves\": {\n", f);
	put_counts(f, ct, "a", 1U << CT_A);
	fputs(",\n", f);
	put_counts(f, ct, "b", 1U << CT_B);
	fputs(",\n", f);
	put_counts(f, ct, "both", 1U << CT_A | 1U << CT_B);
	fputs("\n}}\n", f);
	out_close(f);
}
