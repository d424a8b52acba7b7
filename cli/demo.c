#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/path.h"
#include "cli/browse.h"
#include "cli/import.h"
#include "cli/place.h"

#define DEMO_TODAY "2026-06-01"
#define DEMO_MARK "Alder Root CA=remove"
#define NOTICE "Everything in this demo is fictional: no such company, authority or certificate exists."

static const struct opt options[] = {
	OPTION_AS_OF,
	OPTION_PROGRAM("begin with this program (default: mozilla)"),
	OPTION_PURPOSE,
	OPTION_THEME,
	OPTION_NO_COLOR,
	{ 0, "ascii", OPT_FLAG, NULL, "draw with ASCII only", ARG(ascii), NULL },
	{ 0, "utf8", OPT_FLAG, NULL, "draw with all signs, whatever the terminal", ARG(utf8), NULL },
	{ 0, "plain", OPT_FLAG, NULL, "no drawing, for screen readers", ARG(plain), NULL },
	{ 0, "mouse", OPT_FLAG, NULL, "wheel scrolls, click selects, second click opens", ARG(mouse), NULL },
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

/* An index of an older demo would keep what the new one no longer has. */
static void remove_old(const char *db_path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		struct strbuf path = STRBUF_INIT;

		strbuf_addf(&path, "%s%s", db_path, suffixes[i]);
		unlink(path.buf);
		strbuf_release(&path);
	}
}

/* The rest of the folder is for tests. */
static int import_folder(struct cli *c, const char *folder, struct err *err)
{
	static const char *const parts[] = { "ccadb", "older", "mozilla", "chrome", "onecrl", "crlset", "leaves",
		"undisclosed", "crl/alder-root.pem", "crl/alder-tls-1.crl", "crl/birch-issuing-1.crl",
		"crl/birch-root.crl", "crl/cedar-root.crl", "crl/elm-root.crl" };
	struct import_options o = { .source = "import", .quiet = c->args.quiet };
	struct import_result r = { 0 };
	char *path[sizeof(parts) / sizeof(*parts)];
	size_t n = sizeof(parts) / sizeof(*parts);
	int rc;

	for (size_t i = 0; i < n; i++)
		path[i] = path_join(folder, parts[i]);
	rc = import_paths(c, "demo", path, n, &o, &r, err);
	for (size_t i = 0; i < n; i++)
		free(path[i]);
	return rc;
}

static int build(struct cli *c, struct err *err)
{
	char *folder = place_find("CANOPY_DEMO", "demo", CANOPY_DEMO_DIR);
	int rc;

	if (!path_is_dir(folder))
		rc = err_set(
			err, ERR_INPUT, "the demo's files are not in '%s' (CANOPY_DEMO names another folder)", folder);
	else
		rc = path_mkdirs_for(c->db_path, err);
	if (rc == 0) {
		remove_old(c->db_path);
		rc = import_folder(c, folder, err);
	}
	free(folder);
	return rc;
}

/* The hierarchy, and what a cut would do. */
static int tell(struct cli *c, struct err *err)
{
	char date[DATE_BUF];

	cli_note(c, "%s", NOTICE);
	if (command_tree.run(c, err) < 0)
		return -1;
	putchar('\n');
	vec_push(&c->args.mark, DEMO_MARK);
	strbuf_reset(&c->line);
	strbuf_addf(&c->line, "canopy impact --db '%s' --mark '%s' --as-of %s", c->db_path, DEMO_MARK,
		date_format(date, c->day));
	if (c->args.program)
		strbuf_addf(&c->line, " --program %s", c->args.program);
	if (c->args.purpose)
		strbuf_addf(&c->line, " --purpose %s", c->args.purpose);
	return command_impact.run(c, err);
}

static int run(struct cli *c, struct err *err)
{
	free(c->db_path);
	c->db_path = path_xdg(XDG_CACHE, "demo.db");
	if (!c->args.as_of.set)
		date_parse(DEMO_TODAY, &c->day);
	if (build(c, err) < 0 || cli_open(c, err) < 0)
		return -1;
	if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
		return tell(c, err);
	return browse_run(c, NOTICE, err);
}

const struct command command_demo = {
	.name = "demo",
	.operands = "",
	.summary = "build a small fictional hierarchy through the whole pipeline, then browse it",
	.options = options,
	.text = "The files of an invented world are imported into $XDG_CACHE_HOME/canopy/demo.db, and the browser "
		"opens on it as of 2026-06-01. Your own index is not touched. Where there is no terminal the "
		"hierarchy and the impact of a scenario are written instead.",
	.run = run,
};
