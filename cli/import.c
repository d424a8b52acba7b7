#include "cli/import.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/path.h"

#define STORE_NAME_MAX 32
#define SYSTEM_STORE "system"
#define SYSTEM_BUNDLE "/etc/ssl/certs/ca-certificates.crt"

static const struct opt options[] = {
	OPTION_DB,
	{ 0, "store", OPT_STR, "NAME", "the CA certificates are the anchors of a store of your own of this name",
		ARG(store), NULL },
	{ 0, "source-date", OPT_DATE, "YYYY-MM-DD",
		"the day of the contents where no file's name tells it (otherwise "
		"its modification time)",
		ARG(source_date), NULL },
	{ 0, "unverified", OPT_FLAG, NULL,
		"count also entries of logs that no signed head proves; 'canopy sources ct' says so ever after",
		ARG(unverified), NULL },
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

static bool is_store_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return n > 0 && n <= STORE_NAME_MAX && !s[n] && isalnum((unsigned char)*s);
}

static void add_new(struct strbuf *b, const char *what, uint64_t fresh, uint64_t all)
{
	char n[32];

	if (all)
		strbuf_addf(b, ", %s %s", num_group(n, all), what);
	if (all && fresh)
		strbuf_addf(b, " (%s new)", num_group(n, fresh));
}

/* Two messages are the same but for their quotes. */
static bool same_words(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "'");
		b += strspn(b, "'");
		if (*a != *b || !*a)
			return *a == *b;
	}
}

/* Without the first refusal, which is the error that ends the run. */
static void tell_notes(const struct cli *c, struct import_result *r)
{
	char *rest = r->notes, *line;

	while (rest && (line = strsep(&rest, "\n"))) {
		if (*line && !(r->refused && same_words(line, r->first_refusal.msg)))
			cli_note(c, "%s", line);
	}
}

static void add_problems(struct strbuf *b, const struct import_result *r)
{
	char n[32];

	if (r->skipped)
		strbuf_addf(b, ", %s skipped", num_group(n, r->skipped));
	if (r->problems)
		strbuf_addf(b, ", %s problem%s ('canopy sources --problems' lists them)", num_group(n, r->problems),
			r->problems == 1 ? "" : "s");
}

static void tell_sum(const struct cli *c, const char *lead, const struct import_result *r)
{
	struct strbuf b = STRBUF_INIT;
	char n[32];

	if (r->refused && r->files + r->unchanged == 0)
		return;
	strbuf_addf(&b, "%s%s%s file%s", lead ? lead : "", lead ? ": " : "", num_group(n, r->files + r->unchanged),
		r->files + r->unchanged == 1 ? "" : "s");
	if (r->unchanged)
		strbuf_addf(&b, ", %s unchanged", num_group(n, r->unchanged));
	if (r->files) {
		strbuf_addf(&b, ", %s records", num_group(n, r->records));
		add_new(&b, "CA certificates", r->ca_certs_new, r->ca_certs);
		add_new(&b, "leaves", r->leaves_new, r->leaves);
	} else if (r->unchanged) {
		strbuf_addstr(&b, ": nothing changed");
	}
	add_problems(&b, r);
	cli_note(c, "%s", b.buf);
	strbuf_release(&b);
}

int import_into(const struct cli *c, char *const *paths, size_t n, const struct import_options *o, struct import_result *ret,
	struct err *err)
{
	int rc = index_import(c->db_path, paths, n, o, ret, err);

	if (rc == 0)
		tell_notes(c, ret);
	free(ret->notes);
	ret->notes = NULL;
	return rc;
}

int import_paths(const struct cli *c, const char *lead, char *const *paths, size_t n, const struct import_options *o,
	struct import_result *ret, struct err *err)
{
	int rc = import_into(c, paths, n, o, ret, err);

	if (rc == 0)
		tell_sum(c, lead, ret);
	return rc;
}

/* Where nothing can be read no index is made. */
static int check_paths(const struct cli *c, struct err *err)
{
	for (size_t i = 0; i < c->operands.n; i++) {
		if (access(c->operands.v[i], R_OK) == 0)
			return 0;
	}
	for (size_t i = 0; i < c->operands.n; i++) {
		if (i)
			cli_warn("%s", err->msg);
		if (access(c->operands.v[i], R_OK) < 0)
			err_errno(err, ERR_INPUT, "cannot read '%s'", c->operands.v[i]);
	}
	return -1;
}

/* This machine's own bundle is known without its name. */
static int take_bundle(struct cli *c, struct err *err)
{
	const char *named = getenv("SSL_CERT_FILE");

	if (c->operands.n)
		return 0;
	if (!c->args.store || strcmp(c->args.store, SYSTEM_STORE) != 0)
		return err_set(err, ERR_USAGE, "'import' needs PATH… (only '--store " SYSTEM_STORE "' does without)");
	vec_push(&c->operands, named && *named ? named : SYSTEM_BUNDLE);
	return 0;
}

static int run(struct cli *c, struct err *err)
{
	struct import_options o = {
		.store = c->args.store,
		.has_day = c->args.source_date.set,
		.day = c->args.source_date.day,
		.source = "import",
		.quiet = c->args.quiet,
		.unverified = c->args.unverified,
	};
	struct import_result r = { 0 };

	if (o.store && !is_store_name(o.store))
		return err_set(err, ERR_USAGE,
			"'%s' is no name for a store (letters, digits, '.', '_', '-'; at most %d)", o.store,
			STORE_NAME_MAX);
	if (take_bundle(c, err) < 0 || check_paths(c, err) < 0 || path_mkdirs_for(c->db_path, err) < 0)
		return -1;
	if (import_paths(c, NULL, (char *const *)(uintptr_t)c->operands.v, c->operands.n, &o, &r, err) < 0)
		return -1;
	if (r.refused) {
		*err = r.first_refusal;
		err->kind = ERR_INPUT;
		return -1;
	}
	return 0;
}

const struct command command_import = {
	.name = "import",
	.operands = "[PATH…]",
	.summary = "index local files and folders; the kind is recognised from the content",
	.max_operands = ANY_OPERANDS,
	.options = options,
	.text = "Takes any mixture of files and folders: CCADB reports (CSV), Mozilla's certdata.txt, "
		"Chrome's root_store.textproto with its certificates, OneCRL (JSON), CRLSets, lists of blocked keys, CRLs, CA certificates "
		"and leaves as PEM or DER; lists of sites by rank, Firefox's telemetry of validations with its table of roots, figures (CSV, "
		"below), lists of logs, and logs themselves (below). In a folder, "
		"files of no known kind are skipped and "
		"listed by 'canopy sources --problems'. All is done in one transaction: another program that "
		"reads the index sees the old or the new.\n\n"
		"A file that replaces an earlier one of the same kind and part takes its place; a file that was "
		"read before changes nothing.\n\n"
		"A file named on the command line that cannot be read or is of no known kind is said and exits 3, "
		"after the others were imported.\n\n"
		"Of Certificate Transparency logs three forms are read. A folder with a static log's files: checkpoint, log.v3.json, "
		"tile/data, issuer, and where only a part of the log is there its hash tiles. The same files in zips, as archives keep "
		"them: one zip, or a folder of zips that are named by digits (000.zip, 001.zip …), which are one log; nothing is "
		"unpacked to the disk. And answers of an RFC 6962 log in one folder: pages of get-entries, named by their first and last "
		"entry (get-entries-0-255.json) or numbered in their order, beside the answer of get-sth that signs them all; a page "
		"without one beside it is of a log that nobody knows. The key is that of log.v3.json or of an imported list "
		"of logs. What no signed head proves is counted only with --unverified.\n\n"
		"Figures are what others counted, one a line, under the header\n\n"
		"    ca,issued,unexpired,unexpired_high,source,as_of\n\n"
		"in any order of columns, of which two of the three numbers may be missing; lines that begin with '#' are comments. ca "
		"is a REF, or several with ';' between: then the numbers are those of all these CAs together. unexpired is a lower "
		"bound, unexpired_high an upper one, an empty cell is not known ('under 3,500': unexpired empty, unexpired_high 3499); "
		"'~2200' says that who counted rounded it. source says in words who counted, as_of on which day. A figure never lowers "
		"what the index counts by itself. Of several figures that name a CA the newest that is not later than the day asked for (of one day that of fewer CAs, then that of the last file by name and the last line) "
		"counts, whole, and those that share a CA with it do not. A figure counts on the 398 days before and after its own as it "
		"stands: on a day farther off nothing is known by it, for its leaves may have ended and others been issued. What a REF names is looked up anew with each import; one that "
		"names no CA is listed by 'canopy sources --problems', and the figure is then an upper bound only.\n\n"
		"With --store the CA certificates of the files become the anchors of a store of that name, which is "
		"then a program for every command. '--store system' without a PATH reads this machine's bundle: the "
		"file that SSL_CERT_FILE names, else /etc/ssl/certs/ca-certificates.crt.\n\n"
		"Examples:\n\n"
		"    canopy import AllCertificatePEMsCSVFormat_NotBeforeYear_2020.csv certdata.txt\n"
		"    canopy import log_list.json ct_fictional_log/\n"
		"    canopy import --store system",
	.run = run,
};
