#include "index/diff.h"

#include <string.h>
#include <sys/stat.h>

#include "base/date.h"
#include "cli/cli.h"

static const struct opt options[] = {
	OPTION_DB,
	{ 0, "store", OPT_STR, "P", "compare two snapshots of this program's store in one index", ARG(store), NULL },
	{ 0, "kind", OPT_LIST, "KIND", "only changes of this kind; may be repeated", ARG(kind), NULL },
	OPTION_PROGRAM("only what is about this program"),
	{ 0, "purpose", OPT_CHOICE, "tls|email", "only what is about this purpose", ARG(purpose), "tls|email" },
	{ 0, "exit-code", OPT_FLAG, NULL, "exit with 1 when rows are written", ARG(exit_code), NULL },
	{ 0, "as-of", OPT_DATE, "YYYY-MM-DD", "judge both for this UTC day (default: today)", ARG(as_of), NULL },
	OPTION_CHROME_VERSION,
	OPTION_FORMAT(ROW_FORMATS),
	OPTION_NO_COLOR,
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

static const struct column columns[] = {
	{ "kind", COL_TEXT, "kind", "what changed: one of the kinds above", 0, NULL },
	{ "ca_id", COL_HASH, NULL, "the CA, empty where it is about none", 0, NULL },
	{ "cert_sha256", COL_HASH, "certificate", "the CA certificate, empty where it is about none", 0, NULL },
	{ "name", COL_TEXT, "name", "the CA's name; of a document its part", 48, NULL },
	{ "program", COL_TEXT, "program", "whose store, empty where it is about none", 0, NULL },
	{ "before", COL_TEXT, "before", "how it was; empty: not there, not known", 44, NULL },
	{ "after", COL_TEXT, "after", "how it is; empty: not there, not known", 44, NULL },
	{ "purpose", COL_TEXT, "purpose", "tls or email, empty where it is about neither", 0, NULL },
	{ "what", COL_TEXT, "what", "which part of it, as told above", 0, NULL },
	COLUMN_END,
};

static bool kind_value(size_t i, const char **name, const char **help)
{
	if (i >= DIFF_KINDS)
		return false;
	*name = diff_kinds[i].name;
	*help = diff_kinds[i].help;
	return true;
}

/* ---- rows ---- */

static bool is_wanted(const struct cli *c, const struct change *x)
{
	if (!cli_kind_wanted(c, diff_kinds[x->kind].name))
		return false;
	if (c->args.program && (!x->program || strcmp(x->program, c->args.program) != 0))
		return false;
	return !c->args.purpose || (x->purpose && strcmp(x->purpose, c->args.purpose) == 0);
}

static void put_changes(struct cli *c, const struct diff *d)
{
	struct out *o = out_begin(stdout, c->format, columns, &c->style);

	for (size_t i = 0; i < d->n; i++) {
		const struct change *x = &d->v[i];
		if (!is_wanted(c, x))
			continue;
		out_text(o, diff_kinds[x->kind].name);
		out_hash_or_null(o, x->ca_id);
		out_hash_or_null(o, x->cert_sha256);
		out_text(o, x->name);
		out_text(o, x->program);
		out_text(o, x->before);
		out_text(o, x->after);
		out_text(o, x->purpose);
		out_text(o, x->what);
		out_row(o);
		if (c->args.exit_code)
			c->status = ERR_ANSWER_NO;
	}
	out_end(o);
}

/* ---- two indexes ---- */

static int check_files(const char *const path[2], struct err *err)
{
	struct stat st[2];

	for (int i = 0; i < 2; i++)
		if (stat(path[i], &st[i]) < 0)
			return err_errno(err, ERR_INDEX, "cannot open index '%s'", path[i]);
	if (st[0].st_dev == st[1].st_dev && st[0].st_ino == st[1].st_ino)
		return err_set(err, ERR_USAGE, "'%s' and '%s' are the same file", path[0], path[1]);
	return 0;
}

static int check_program(struct cli *c, struct index *before, struct err *err)
{
	if (!c->args.program || index_store(before, c->args.program, c->day) ||
		index_store(c->index, c->args.program, c->day))
		return 0;
	return err_set(err, ERR_USAGE, "program '%s' has no store in either index", c->args.program);
}

static int compare_opened(struct cli *c, struct index *before, struct err *err)
{
	struct diff d = { 0 };

	if (cli_chrome_version(c, err) < 0)
		return -1;
	if (c->args.chrome_version.set)
		index_set_chrome_version(before, (uint32_t)c->args.chrome_version.n);
	if (check_program(c, before, err) < 0 || index_diff(before, c->index, c->day, &d, err) < 0)
		return -1;
	put_changes(c, &d);
	diff_release(&d);
	return 0;
}

static int compare_indexes(struct cli *c, struct err *err)
{
	const char *const path[2] = { c->operands.v[0], c->operands.v[1] };
	struct index *before = NULL;

	if (c->args.db)
		return err_set(err, ERR_USAGE, "'--db' goes with '--store' only: two indexes are named as operands");
	if (check_files(path, err) < 0 || index_open(path[0], INDEX_READ, &before, err) < 0)
		return -1;
	int rc = index_open(path[1], INDEX_READ, &c->index, err);
	if (rc == 0)
		rc = compare_opened(c, before, err);
	index_close(before);
	return rc;
}

/* ---- two snapshots ---- */

static int read_day(const char *text, int32_t *day, struct err *err)
{
	if (date_parse(text, day) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "'%s' is no date (YYYY-MM-DD) of a snapshot for '--store'", text);
}

/* The same rule as everywhere says which snapshot a day means; what it did not mean is said. */
static void note_snapshots(const struct cli *c, const int32_t day[2])
{
	char asked[DATE_BUF], held[DATE_BUF];
	int32_t used[2];

	for (int i = 0; i < 2; i++) {
		used[i] = index_store(c->index, c->args.store, day[i])->day;
		if (used[i] > day[i])
			cli_note(c, "no store of %s as old as %s is indexed; the oldest, of %s, is used", c->args.store,
				date_format(asked, day[i]), date_format(held, used[i]));
	}
	if (used[0] == used[1])
		cli_note(c, "both days have the same store of %s, that of %s", c->args.store,
			date_format(held, used[0]));
}

static int compare_snapshots(struct cli *c, struct err *err)
{
	const struct store *store;
	struct diff d = { 0 };
	int32_t day[2];

	if (c->args.program)
		return err_set(err, ERR_USAGE, "'--program' does not go with '--store', which names the program");
	for (int i = 0; i < 2; i++)
		if (read_day(c->operands.v[i], &day[i], err) < 0)
			return -1;
	if (cli_open(c, err) < 0 || cli_store(c, c->args.store, &store, err) < 0 ||
		index_diff_stores(c->index, c->args.store, day[0], day[1], &d, err) < 0)
		return -1;
	note_snapshots(c, day);
	put_changes(c, &d);
	diff_release(&d);
	return 0;
}

static int run(struct cli *c, struct err *err)
{
	if (c->operands.n < 2)
		return err_set(err, ERR_USAGE, "'diff' needs %s",
			c->args.store ? "two dates with '--store'" : "OLD.db and NEW.db");
	if (cli_kinds(c, "change", err) < 0)
		return -1;
	return c->args.store ? compare_snapshots(c, err) : compare_indexes(c, err);
}

const struct command command_diff = {
	.name = "diff",
	.operands = "OLD.db NEW.db|DATE1 DATE2",
	.summary = "what changed between two indexes, or two snapshots of a store",
	.max_operands = 2,
	.options = options,
	.columns = columns,
	.values_of = "kind",
	.value = kind_value,
	.text = "Writes one row for each change from the first index to the second, by kind as listed here, then by "
		"program, name and fingerprints. Both are judged for one day (--as-of), and neither is changed. New "
		"and gone "
		"are meant of the indexes: a CA that was found only now is new, however old it is.\n\n"
		"With --store both are the same index (--db), and what is compared is the program's store of two days: "
		"each the newest "
		"snapshot not later than its date, else the oldest. The kinds are then store-changed, anchor-new, "
		"anchor-gone, "
		"rule-changed, distrust-new and distrust-gone, and --as-of decides nothing.\n\n"
		"What stands in before and after, and in what:\n\n"
		"    source-changed    days of the contents; of two of one day their SHA-256; of a log read further\n"
		"                      how many records. what: the kind of document\n"
		"    ca-…              the CA's Name (RFC 2253)\n"
		"    certificate-…     first and last day of validity\n"
		"    owner-changed     the owners\n"
		"    store-changed     the days of the two snapshots\n"
		"    anchor-…          the anchor's rules. what: root where the certificate is an anchor for no\n"
		"                      purpose on the other side, bit where it is one for the other purpose\n"
		"    rule-changed      the anchor's rules: limits are inclusive, alternatives have 'or' between\n"
		"    distrust-…        not trusted\n"
		"    revocation-…      since when, or undated. what: ccadb, crl, onecrl or crlset\n"
		"    trust-changed     all, some or none of the CA's leaves are accepted\n"
		"    count-changed     one row for each that differs, of these columns of 'canopy counts'. what: issued,\n"
		"                      unexpired, coverage; unexpired_high where a side has bounds that differ;\n"
		"                      figure_unexpired, figure_unexpired_high of a figure for several CAs\n\n"
		"An anchor has a row for each purpose: a root that loses its e-mail bit is an anchor-gone with the "
		"purpose email "
		"and the word bit. Trust is compared by all, some and none: another date limit of what is accepted in "
		"part is a "
		"rule-changed of the anchor and no trust-changed below it. A CA or a store that only one index has is "
		"told with "
		"one side empty, unless nothing of the CA is accepted. Counts are compared of CAs that both indexes "
		"have; a side "
		"that does not count the CA is empty.\n\n"
		"With --program or --purpose only rows about that program or purpose are written; changes of "
		"documents, CAs, "
		"certificates, owners, revocations and counts are about none.\n\n"
		"The exit status is 0 whether or not there are changes; with --exit-code it is 1 when there are, of "
		"those asked for.\n\n"
		"Examples:\n\n"
		"    canopy diff old.db canopy.db --as-of 2026-06-01\n"
		"    canopy diff old.db canopy.db --kind trust-changed --program mozilla\n"
		"    canopy diff old.db canopy.db --kind ca-new --exit-code > /dev/null || echo 'new CAs'\n\n"
		"    canopy diff --store mozilla 2024-06-30 2026-05-15",
	.run = run,
};
