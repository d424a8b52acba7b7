#include "base/num.h"
#include "cli/cli.h"
#include "cli/stop.h"

static const struct opt options[] = {
	OPTION_DB,
	{ 0, "compact", OPT_FLAG, NULL, "merge the leaf runs and give back the room that is not used", ARG(compact), NULL },
	{ 0, "rebuild", OPT_FLAG, NULL, "derive everything again from what was fetched", ARG(rebuild), NULL },
	OPTION_FORMAT(ROW_FORMATS),
	OPTION_NO_COLOR,
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

static const struct column columns[] = {
	{ "bytes", COL_COUNT, "bytes", "size of the file", 0, NULL },
	{ "sources", COL_COUNT, "sources", "indexed files and documents", 0, NULL },
	{ "ca_certs", COL_COUNT, "CA certificates", "those linked to the hierarchy", 0, NULL },
	{ "cas", COL_COUNT, "CAs", "distinct pairs of name and key", 0, NULL },
	{ "leaves", COL_COUNT, "leaves", "each once", 0, NULL },
	{ "leaf_rows", COL_COUNT, "leaf rows", "what is stored of entries in logs; a leaf may have several", 0, NULL },
	{ "leaf_runs", COL_COUNT, "runs", "in which they stand", 0, NULL },
	{ "sha256", COL_TEXT, NULL, "of what was indexed: equal contents, equal hash", 0, NULL },
	COLUMN_END,
};

static int state(struct cli *c, struct err *err)
{
	struct index_size size;
	struct out *o;

	if (cli_open(c, err) < 0 || index_measure(c->index, &size, err) < 0)
		return -1;
	o = out_begin(stdout, c->format, columns, &c->style);
	out_count(o, size.bytes);
	out_count(o, c->stats.files);
	out_count(o, c->stats.ca_certs);
	out_count(o, c->stats.cas);
	out_count(o, c->stats.leaves);
	out_count(o, size.rows);
	out_count(o, size.runs);
	out_text(o, c->stats.sha256);
	out_row(o);
	out_end(o);
	return 0;
}

static int compact(const struct cli *c, struct err *err)
{
	struct index_size before, after;
	char n[6][32];

	stop_on_interrupt();
	int rc = index_compact(c->db_path, stop_asked, NULL, &before, &after, err);
	stop_end();
	if (rc < 0)
		return -1;
	cli_note(c, "%s leaf rows in %s runs are %s in %s now; %s bytes are %s", num_group(n[0], before.rows),
		num_group(n[1], before.runs), num_group(n[2], after.rows), num_group(n[3], after.runs),
		num_group(n[4], before.bytes), num_group(n[5], after.bytes));
	return 0;
}

static int rebuild(const struct cli *c, struct err *err)
{
	struct index_rebuilt r;
	char n[2][32];

	if (index_rebuild(c->db_path, c->args.quiet, &r, err) < 0)
		return -1;
	cli_note(c, "%s CA certificates linked, %s signatures checked", num_group(n[0], r.ca_certs),
		num_group(n[1], r.signatures));
	return 0;
}

static int run(struct cli *c, struct err *err)
{
	if (c->args.rebuild && rebuild(c, err) < 0)
		return -1;
	if (c->args.compact && compact(c, err) < 0)
		return -1;
	return c->args.rebuild || c->args.compact ? 0 : state(c, err);
}

const struct command command_index = {
	.name = "index",
	.operands = "",
	.summary = "how large the index is; merge its leaf runs, derive everything again",
	.options = options,
	.columns = columns,
	.text = "Without options writes one row about the index.\n\n"
		"--compact merges what was read from logs: each fetch adds runs of leaf rows, and a leaf that is in several logs "
		"has a row in each. Counts stay as they are; they become quicker to make and the file smaller. It may be "
		"interrupted, and what is merged then stays so. While logs are read by another canopy it says so and ends; "
		"browsing goes on. For a while it needs as much room again as the file has.\n\n"
		"--rebuild derives CAs, the certificates between them, revocations, stores, sites and counts again from the "
		"documents, certificates and leaf rows that the index holds, and checks all signatures anew. The answers are "
		"the same unless canopy itself became wiser.\n\n"
		"Examples:\n\n"
		"    canopy index\n"
		"    canopy index --compact",
	.run = run,
};
