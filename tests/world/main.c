#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "keys.h"
#include "lists.h"
#include "out.h"

struct options {
	unsigned long seed, scale;
	const char *out;
	int ct;
};

static const char usage[] = "usage: canopy-world [--seed N] [--scale small|N] [--ct] --out DIR";

static unsigned long number(const char *option, const char *s)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(s, &end, 10);
	if (errno || end == s || *end || *s == '-')
		die("%s needs a number, not '%s'", option, s);
	return n;
}

static void parse(int argc, char **argv, struct options *o)
{
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (strcmp(name, "--ct") == 0) {
			o->ct = 1;
			continue;
		}
		if (!value)
			die("%s", usage);
		i++;
		if (strcmp(name, "--seed") == 0)
			o->seed = number(name, value);
		else if (strcmp(name, "--scale") == 0)
			o->scale = strcmp(value, "small") ? number(name, value) : 0;
		else if (strcmp(name, "--out") == 0)
			o->out = value;
		else
			die("unknown option '%s'", name);
	}
	if (!o->out)
		die("%s", usage);
}

static void scale(struct world *w, unsigned long n)
{
	FILE *f;

	if (!n)
		return;
	f = out_open("leaves/scale.pem");
	leaves_scale(w, n, f);
	out_close(f);
}

int main(int argc, char **argv)
{
	struct options o = { .seed = 1 };
	struct world *w;

	parse(argc, argv, &o);
	out_dir(o.out);
	rng_init(o.seed);
	w = world_make();
	leaves_make(w);
	scale(w, o.scale);
	emit_ccadb(w);
	emit_certdata(w);
	emit_chrome(w);
	emit_onecrl(w);
	emit_crlset(w);
	emit_crls(w);
	emit_old_reports(w);
	emit_files(w);
	emit_facts(w);
	if (o.ct)
		emit_ct(w);
	world_free(w);
	return 0;
}
