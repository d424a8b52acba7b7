#include "cli/export.h"

#include <stdlib.h>
#include <string.h>

static const struct opt options[] = {
	OPTION_DB,
	OPTION_PROGRAM("whose store and rules, for dot and certs (default: mozilla)"),
	OPTION_PURPOSE,
	OPTION_CHROME_VERSION,
	OPTION_AS_OF,
	OPTIONS_SCENARIO,
	OPTION_NO_COLOR,
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

enum { DOT = EXPORT_FORMATS, CERTS, NAMES };

const char *export_name(size_t i)
{
	static const char *const own[] = { "dot", "certs" };

	if (i < EXPORT_FORMATS)
		return export_kinds[i].name;
	return i < NAMES ? own[i - EXPORT_FORMATS] : NULL;
}

static int find_format(const char *name, size_t *ret, struct err *err)
{
	struct strbuf all = STRBUF_INIT;

	for (*ret = 0; *ret < NAMES; ++*ret) {
		if (strcmp(export_name(*ret), name) == 0)
			return 0;
	}
	for (size_t i = 0; i < NAMES; i++)
		strbuf_addf(&all, "%s%s", i ? ", " : "", export_name(i));
	err_set(err, ERR_USAGE, "'%s' is no format of 'export' (%s)", name, all.buf);
	strbuf_release(&all);
	return -1;
}

/* A format of one program is asked of that program, whichever the scenario names. */
static int ask_its_program(struct cli *c, struct scenario *s, const struct export_kind *kind, struct err *err)
{
	bool given = c->args.program || strcmp(s->program, "mozilla") != 0;

	if (kind->tls_only && s->purpose != PURPOSE_TLS)
		return err_set(err, ERR_USAGE, "%s is asked for tls alone, so that '%s' cannot be exported to it",
			kind->what, purpose_names[s->purpose]);
	if (given && strcmp(s->program, kind->program) != 0)
		cli_note(c, "%s is of %s, which is asked instead of %s", kind->what, kind->program, s->program);
	free(s->program);
	s->program = xstrdup(kind->program);
	return 0;
}

static int write_read_back(
	struct cli *c, const struct scenario *s, const struct trust_query *q, enum export_format f, struct err *err)
{
	struct export x;
	int rc = export_write(c->index, s, q, f, &x, err);

	for (size_t i = 0; i < x.note.n; i++)
		cli_note(c, "%s", x.note.v[i]);
	if (rc == 0 && !x.text.len) {
		cli_note(c, "there is nothing to say in %s", export_kinds[f].what);
		c->status = 1;
	}
	if (rc == 0)
		fwrite(x.text.buf, 1, x.text.len, stdout);
	export_release(&x);
	return rc;
}

static int write_own(
	struct cli *c, const struct scenario *s, const struct trust_query *q, size_t format, struct err *err)
{
	struct strbuf out = STRBUF_INIT;
	size_t n = 0;
	int rc = 0;

	if (format == DOT) {
		export_dot(c, s, q, &out);
	} else {
		rc = export_certs(c, s, q, &out, &n, err);
		if (rc == 0 && !n) {
			cli_note(c, "no CA certificate is affected");
			strbuf_reset(&out);
			c->status = 1;
		}
	}
	if (rc == 0)
		fwrite(out.buf, 1, out.len, stdout);
	strbuf_release(&out);
	return rc;
}

static int run(struct cli *c, struct err *err)
{
	struct arena arena = { 0 };
	struct trust_query q = { 0 };
	struct scenario s = { 0 };
	size_t format;
	int rc;

	if (find_format(c->operands.v[0], &format, err) < 0 || cli_open(c, err) < 0)
		return -1;
	rc = cli_scenario_read(c, &s, err);
	if (rc == 0 && format < EXPORT_FORMATS)
		rc = ask_its_program(c, &s, &export_kinds[format], err);
	if (rc == 0)
		rc = cli_scenario_resolve(c, &s, &arena, &q, err);
	if (rc == 0 && format < EXPORT_FORMATS)
		rc = write_read_back(c, &s, &q, (enum export_format)format, err);
	else if (rc == 0)
		rc = write_own(c, &s, &q, format, err);
	scenario_release(&s);
	arena_release(&arena);
	return rc;
}

const struct command command_export = {
	.name = "export",
	.operands = EXPORT_OPERAND,
	.summary = "what the marks mean in the formats of others",
	.min_operands = 1,
	.max_operands = 1,
	.options = options,
	.text = "Writes what the marks of a scenario mean elsewhere to stdout. The scenario is given as for "
		"'canopy help impact'. FORMAT is one of these:\n\n"
		"    onecrl       records for OneCRL: revoke and remove by issuer and serial,\n"
		"                 block by subject and key\n"
		"    blocklist    SHA-256 of the keys that Chrome would block, one a line\n"
		"    certdata     the whole certdata.txt of NSS as it would be, what changes first\n"
		"    constraints  Chrome's whole root store as it would be\n"
		"    dot          the affected CAs and certificates as a graph for Graphviz\n"
		"    certs        the affected CA certificates in PEM, each with its subject,\n"
		"                 ca_id, SHA-256 and why\n\n"
		"The first four are read back by 'canopy import', and then mean the same: accepted is what impact "
		"says is accepted afterwards. They belong to one program each, which is asked whatever program "
		"the scenario names: onecrl and certdata to mozilla, blocklist and constraints to chrome. All but "
		"certdata are for tls alone.\n\n"
		"onecrl and blocklist hold what is to be added to the program's list, and name the day of the "
		"indexed list that they add to; an import puts them beside it. certdata and constraints stand for "
		"the whole store on the day of their file (see --source-date of 'canopy help import'), --assume "
		"included. certdata also has the certificates of that file that are trusted for neither purpose, and the distrusted "
		"ones. What the index does not keep is not in them: distrust by the name of an issuer of which no certificate is "
		"indexed, labels, trust for code signing, a distrust-after date for what the root is not trusted for, MD5 hashes, "
		"EV policies, rules that canopy does not evaluate (they stand as comments).\n\n"
		"All of them say what is in force on the day of --as-of: a stage that begins later is left out, and "
		"that is said.\n\n"
		"What a format cannot say is told on stderr, one line each: marks that are left out and why "
		"(OneCRL knows no dates, certdata.txt no keys and no SCTs, the root store nothing below an "
		"anchor, none an exempt path), and how many CAs would come out otherwise than under the marks. "
		"The exit code is 0 as long as something can be said; else nothing is written, and it is 1.\n\n"
		"In the graph an arrow is a certificate, from its issuer to its subject. Words stand beside every "
		"colour: what is marked and how, lost, accepts fewer leaves, kept by another path, and stays on "
		"the certificates of the paths that are left.\n\n"
		"Examples:\n\n"
		"    canopy export onecrl --mark 'Alder Root CA=remove' > add.json\n"
		"    canopy export certdata --mark 'Alder Root CA=distrust-after@2026-06-30' > certdata.txt\n"
		"    canopy export dot --mark 'Alder Root CA=remove' > cut.dot\n"
		"    canopy export certs --mark 'Alder Root CA=remove' > cut.pem",
	.run = run,
};
