#include "cli/browse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "cli/browse_write.h"
#include "cli/shipped.h"

static const struct opt options[] = {
	OPTION_DB,
	OPTION_AS_OF,
	OPTION_PROGRAM("begin with this program (default: mozilla if it has a store)"),
	OPTION_PURPOSE,
	OPTION_CHROME_VERSION,
	OPTION_THEME,
	OPTION_NO_COLOR,
	{ 0, "ascii", OPT_FLAG, NULL, "draw with ASCII only", ARG(ascii), NULL },
	{ 0, "utf8", OPT_FLAG, NULL, "draw with all signs, whatever the terminal", ARG(utf8), NULL },
	{ 0, "plain", OPT_FLAG, NULL, "no drawing, for screen readers", ARG(plain), NULL },
	{ 0, "mouse", OPT_FLAG, NULL, "wheel scrolls, click selects, second click opens", ARG(mouse), NULL },
	OPTION_HELP,
	OPT_END,
};

static const char *refusal(const struct cli *c)
{
	if (c->command == &command_demo)
		return "the demo is fictional: 'canopy fetch' fills an index of your own, 'canopy' browses it";
	if (path_exists(c->db_path) && access(c->db_path, W_OK) < 0)
		return "this index is read-only for you, so nothing can be fetched into it";
	return NULL;
}

#define BROWSED "browsed" /* an empty file: somebody has pressed a key in the browser */

/* Where it cannot be kept the keys to begin with are shown again; nobody has to be told. */
static void remember_browsed(void)
{
	char *path = path_xdg(XDG_STATE, BROWSED);

	if (path_mkdirs_for(path, NULL) == 0)
		path_write_atomic(path, "", 0, NULL);
	free(path);
}

static bool has_browsed(void)
{
	char *path = path_xdg(XDG_STATE, BROWSED);
	bool is = path_exists(path);

	free(path);
	return is;
}

int browse_run(struct cli *c, const char *notice, struct err *err)
{
	const struct args *a = &c->args;
	const char *argv[] = { "canopy", "fetch", "--quiet", "--db", c->db_path, "--progress=lines", NULL };
	const struct tui_fetch fetch = { .exe = "/proc/self/exe", .argv = argv, .refusal = refusal(c) };
	struct browse_writer writer = { .db_path = c->db_path };
	char version[24], *usual = index_default_path();
	struct tui_options o = {
		.db_path = c->db_path,
		.index = c->index,
		.program = a->program,
		.purpose = cli_purpose(c),
		.day = c->day,
		.ascii = a->ascii,
		.utf8 = a->utf8,
		.plain = a->plain,
		.no_color = a->no_color,
		.mouse = a->mouse,
		.theme = a->theme,
		.notice = notice,
		.fetch = &fetch,
		.scenario_files = scenario_each_shipped,
		.writer = &writer.ops,
		.first = !has_browsed(),
		.begun = remember_browsed,
		.command_line = c->command->options,
	};

	if (strcmp(usual, c->db_path) == 0)
		writer.db_path = NULL;
	free(usual);
	if (a->chrome_version.set) {
		snprintf(version, sizeof(version), "%llu", (unsigned long long)a->chrome_version.n);
		writer.chrome_version = version;
	}
	browse_writer_init(&writer);
	return tui_run(&o, err);
}

static int run(struct cli *c, struct err *err)
{
	const struct store *s;

	if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
		return err_set(err, ERR_USAGE, "the browser needs a terminal; 'canopy tree' and 'canopy help' do not");
	if (index_open(c->db_path, INDEX_READ, &c->index, err) < 0 || cli_chrome_version(c, err) < 0)
		return -1;
	if (c->args.program && cli_store(c, c->args.program, &s, err) < 0)
		return -1;
	return browse_run(c, NULL, err);
}

static const struct help_part parts[] = {
	{ "Searching",
		"'/' in the tree finds names, owners, where none has it subjects, and hex of fingerprints, keys and serial numbers as it is pasted from OpenSSL, browsers "
		"and crt.sh, its addresses and key pins too, also that of a leaf, of which it shows the issuer. Where nothing is found it says which names are nearest. What is pasted is looked for at once, a fingerprint also where the terminal sends it as keys, or goes into the line that is open; on other pages it searches the page (in the findings kinds and CAs of that "
		"name first, then what is said of them, then what explains a kind), and what is such hex and not on it in the index. What the program does not have is shown among the roots of all CAs, from which Esc goes back." },
	{ "Files that it writes",
		"'x' writes the report on the marks to a file, byte for byte what 'canopy impact' writes: Markdown, HTML, CSV, JSON, "
		"NDJSON or a table, by the suffix .md, .html, .csv, .json, .ndjson or .txt. But for csv and ndjson, which are rows of CAs, it has "
		"what all programs say ('--beside all') and the answer of 't' ('--until'), as the impact view; the last line says which command "
		"it was. 'X' does the same with the formats of "
		"'canopy export'. A file that is there is asked about; it is replaced only when the new one is whole. Writing goes on "
		"beside the browser, Esc stops it." },
	{ "Colours and signs",
		"Themes: dark and light use the terminal's background, contrast is white and pure colours on black, off (NO_COLOR too) uses "
		"bold, underline and reverse alone. Whatever a colour says a sign or a word says too. Signs are ASCII where the locale is not "
		"UTF-8, and on terminals whose fonts usually lack the others, by TERM: linux (the console), vt100 and its like, ansi, cons25, sun, wyse; "
		"--utf8 has all of them there, --ascii none anywhere. --plain draws nothing, says the level of "
		"a row, or of a certificate in a path, and whether it is open before its name and the owner behind it, and parks the cursor on the line it is about. "
		"With --mouse a click on a title sorts, a second one reverses." },
	{ NULL, NULL },
};

const struct command command_browse = {
	.name = "browse",
	.operands = "",
	.summary = "the terminal browser (what canopy does without a command)",
	.options = options,
	.text = "Walk the hierarchy, see who issues how much, mark what you would cut, and watch what breaks. '?' "
		"inside shows all keys, those of the view first, and which of them answer what, '/' finds in it; below, under Keys, is "
		"each of them too.\n\n"
		"Space marks with the program's usual action, 'm' chooses one of all actions and its date, 'f' there the day from which it "
		"is in force (a stage). 'O' groups by owner and keeps the cursor on its CA; '/' then finds owners, too. On an owner's row both mean "
		"his roots: those that the program has, or, where 'A' shows others too, all with 'a' as the answer and 'o' in the menu; all where it has none. "
		"The row counts all CAs at and below these "
		"roots, each once, whoever operates them; 'canopy counts --by owner' counts what it operates itself. 'i' shows "
		"what breaks, 't' in it from which day on fewer than so many leaves are lost; 'u' "
		"undoes and C-r redoes a change of the marks, or a load with program, purpose, day and revocations. "
		"'w' saves marks, program, purpose, revocation and day as a scenario in the index. 'L' lists those kept and, behind them, the "
		"scenario files that come with canopy or lie in the folder of CANOPY_SCENARIOS; it loads one by its name, or the beginning that no "
		"other has, on the day of the command in its comments (--as-of), and deletes one of the index with C-d, for good. 'A' in 'm' assumes an anchor, as --assume does: all "
		"numbers are with it, and what is trusted only so says it. 'V' chooses which revocations count; 'canopy help scenario' tells of "
		"both. 'q' and C-c ask when marks are not saved, 'Q' does not. While another process writes the index, saving waits beside, and "
		"leaving waits for it.\n\n"
		"'f' shows what 'canopy check' finds on the day, for every program and purpose, kind by kind, to be filtered, searched "
		"and marked; 'x' there writes those that the filter leaves, as 'canopy check' does. 's' shows how old and complete each "
		"source is, why one failed, and which gave a store that is suspect: one that shrank or contradicts CCADB; Enter lists all its documents. "
		"There 'r' fetches the source under the cursor and 'F' all that are enabled, as 'canopy fetch' "
		"does, beside the browser: the tree takes up what came and keeps cursor, marks and what is open. "
		"Esc in that view stops the fetch, and so does leaving; what came is kept, and the next fetch goes on there.\n\n"
		"What takes long is computed beside: the top line says what is being asked, and until the answer is there keys move, open "
		"and search in what is shown. So is an index read anew: on F5, or by itself after an import.\n\n"
		"'&' filters: words of names, owners and subjects, all of which must fit, and these:\n\n"
		"    owner:TEXT name:TEXT   CCADB's owner, or the name, has it; unknown owners counted\n"
		"    issued>N last<DATE     has itself issued more than N leaves; none since DATE:\n"
		"                           where leaves are not all counted it is not known, and\n"
		"                           neither the word nor !word has the CA\n"
		"    key:TYPE<BITS          rsa, ec, ed25519, ed448 or dsa, alone or with <, > or = and bits\n"
		"    expired revoked undisclosed constrained sunset trusted lost\n\n"
		"'!' before a word turns it round, quotes hold blanks and make text of what looks like one. Tab completes. "
		"The first character typed replaces a prompt's text; End, arrows and Backspace keep it. What is "
		"refused stays to be mended.\n\n"
		"Without an index it opens on a page that says which commands make one; 'canopy demo' has a "
		"fictional one.",
	.parts = parts,
	.key = tui_key_row,
	.run = run,
};
