#include "cli/help.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

#define WIDTH 79
#define NAME_COLUMN 12
#define COLUMN_COLUMN 20
#define VALUE_COLUMN 26
#define OVERVIEW                                                                                                       \
	"Options come after the command. 'canopy COMMAND --help' lists them, 'canopy help COMMAND' opens its manual, " \
	"'canopy --version' tells the version. 'canopy help TOPIC' opens a part of this page or of the manual: ref, "  \
	"output, sql, environment, files, configuration, status, examples."

const char help_tagline[] = "browse the CAs of the Web PKI and see what depends on them";

const struct help_section help_sections[] = {
	{
		.title = "REF",
		.text = "A REF names a CA or a certificate. It is a certificate's SHA-256 or SHA-1 fingerprint, a "
			"ca_id, or an unambiguous prefix of one with at least 8 digits; spki:HEX, the SHA-256 of a "
			"public key; ski:HEX; crtsh:ID; owner:NAME, all CAs of that owner (its exact name, or text found in exactly one "
			"owner's); a CA's exact name; or text that is found in exactly one CA's name. Text in lower case is found in capitals, "
			"too; text with a capital in it only as it is written. An ambiguous REF lists the candidates.",
	},
	{
		.title = "Output",
		.text = "The answer goes to stdout, progress and messages to stderr. The format table is for people; "
			"csv, json, ndjson and md are stable: columns are only added at the end, JSON keys and CSV "
			"columns have the same names. html, where a command has it, is one page to read, print or "
			"attach. Days are YYYY-MM-DD and times RFC 3339, both UTC; fingerprints "
			"and hashes are lower-case hex.",
	},
	{
		.title = "SQL",
		.apart = true,
		.text = "The index is one SQLite file that other programs may read, also while canopy writes it. These "
			"views are a stable interface: columns are only added at the end. Hashes, fingerprints and "
			"serial numbers are lower-case hex, days YYYY-MM-DD; what is not known is NULL.\n\n"
			"v_ca has one row a CA:\n\n"
			"    ca_id        SHA-256 of subject Name and SubjectPublicKeyInfo, both DER\n"
			"    name         its CN, else OU, else O\n"
			"    subject      the whole Name (RFC 2253, UTF-8)\n"
			"    spki_sha256  SHA-256 of its SubjectPublicKeyInfo\n"
			"    owner        CCADB's subordinate CA owner, else CA owner\n"
			"    ca_owner     CCADB's CA owner, where another runs the CA too\n\n"
			"v_ca_certificate has one row an edge whose signature verifies, so that a certificate with two "
			"issuers that verify has two:\n\n"
			"    sha256        of the CA certificate\n"
			"    ca_id         the CA that it is of\n"
			"    issuer_ca_id  the CA that signed it\n"
			"    serial        content octets of the serial number\n"
			"    not_before    first day\n"
			"    not_after     last day\n"
			"    path_len      pathLenConstraint\n"
			"    eku           of tls, email, any, ocsp, other, with blanks between; NULL without\n"
			"    source        kinds of the documents that gave it, commas between\n\n"
			"v_ca_count has the columns of 'canopy counts', as of today (UTC):\n\n"
			"    ca_id             the CA\n"
			"    name              as above\n"
			"    subject           as above\n"
			"    spki_sha256       as above\n"
			"    owner             as above\n"
			"    issued            all leaves in the index\n"
			"    unexpired         those of today\n"
			"    unexpired_high    upper bound\n"
			"    revoked           unexpired leaves on a fetched CRL of the CA\n"
			"    valid             unexpired less revoked\n"
			"    ca_certs          its CA certificates\n"
			"    children          other CAs with a certificate that verifies under this one\n"
			"    first_not_before  earliest notBefore of a leaf\n"
			"    last_not_before   latest notBefore of a leaf\n"
			"    last_not_after    latest notAfter of a leaf\n"
			"    source            where the counts come from\n"
			"    source_as_of      the day of that source\n"
			"    coverage          complete, partial or none\n"
			"    unproven          of issued: only logs without a verified head show them\n"
			"    figure_cas        CAs that the figure is for which names this one\n"
			"    figure_unexpired  its lower bound for all of them\n"
			"    figure_unexpired_high  its upper bound\n"
			"    figure_source     who counted\n"
			"    figure_as_of      when\n"
			"    approximate       1: the figure is rounded\n"
			"    stale_figure_as_of  of a figure that is too old, or too new, to count\n\n"
			"v_source has one row a document that the index was made from:\n\n"
			"    source       ccadb, mozilla, import and so on\n"
			"    kind         what the document is\n"
			"    part         which of its kind\n"
			"    from         path or URL (a word of SQL: write \"from\")\n"
			"    sha256       of its bytes\n"
			"    source_date  the day of the contents\n"
			"    fetched_at   when it was fetched or imported (RFC 3339, UTC)\n"
			"    bytes        its size\n"
			"    records      what it holds\n"
			"    problems     what of it could not be read\n"
			"    tried_at     when fetch last asked for it\n"
			"    confirmed_at when the source last gave it or said that it is unchanged\n"
			"    http_status  of the last try\n"
			"    error        of the last try; documents that were never had have no kind\n\n"
			"v_problem has one row for each thing that could not be read:\n\n"
			"    from   path or URL of the document\n"
			"    place  row, line or byte\n"
			"    what   what is wrong with it\n\n"
			"Examples:\n\n"
			"    sqlite3 -csv \"$CANOPY_DB\" 'SELECT name, unexpired FROM v_ca_count ORDER BY 2 DESC LIMIT "
			"5'\n\n"
			"    sqlite3 \"$CANOPY_DB\" 'SELECT s.name, i.name FROM v_ca_certificate c\n"
			"      JOIN v_ca s ON s.ca_id = c.ca_id JOIN v_ca i ON i.ca_id = c.issuer_ca_id\n"
			"      WHERE c.ca_id <> c.issuer_ca_id'\n\n"
			"    sqlite3 \"$CANOPY_DB\" 'SELECT \"from\", place, what FROM v_problem'",
	},
	{
		.title = "Environment",
		.text = "CANOPY_DB is the index when --db is not given. XDG_DATA_HOME, XDG_CACHE_HOME, "
			"XDG_CONFIG_HOME and XDG_STATE_HOME move the folders below. NO_COLOR turns emphasis and colours off, "
			"CANOPY_THEME is the browser's theme when --theme is not given. LC_ALL, "
			"LC_CTYPE and LANG tell whether the terminal shows UTF-8, TERM whether the browser's signs are ASCII there all the same. CANOPY_DEMO is the folder of the "
			"demo's files, CANOPY_SCENARIOS that of the scenarios that come with canopy. SSL_CERT_FILE is "
			"the bundle that "
			"'import --store system' reads; it and SSL_CERT_DIR name the authorities that 'fetch' trusts, "
			"as with a proxy "
			"that has one of its own.",
	},
	{
		.title = "Files",
		.text = "$XDG_DATA_HOME/canopy/canopy.db is the index, one SQLite file. Other programs may read it at "
			"any time; its views whose names begin with v_ are stable. $XDG_CACHE_HOME/canopy holds what "
			"was downloaded and the demo's index, demo.db; $XDG_CONFIG_HOME/canopy/config the "
			"configuration; $XDG_STATE_HOME/canopy/browsed is an empty file that says that the browser's first start "
			"is over, and with it the line of keys to begin with. Scenarios that come with canopy are in share/canopy/scenarios below where it "
			"is "
			"installed. /etc/ssl/certs/ca-certificates.crt is this machine's bundle.",
	},
	{
		.title = "Configuration",
		.text = "$XDG_CONFIG_HOME/canopy/config has lines of 'key = value', empty lines, and lines that begin "
			"with #. "
			"A later line wins.\n\n"
			"    contact = ops@example.org  told to every server in the User-Agent\n"
			"    url.SOURCE = URL           where a source is fetched from; see 'canopy help fetch'\n"
			"    enabled.crtsh = no         'canopy fetch' leaves that source alone unless it is named\n"
			"    crtsh-batch = 100          keys that one statement asks crt.sh's database for\n"
			"    crtsh-timeout = 30         seconds that it has for it\n"
			"    timeout = 120              seconds without data, or a connection (20), until a server is "
			"given up\n"
			"    retries = 4                further attempts after a failure that may pass\n"
			"    hosts = 16                 asked at once for crl and aia, each for one document at a time\n"
			"    names-limit = 20000        CAs with more leaves in logs keep neither serial numbers nor names\n"
			"    log-window = 16            requests under way at once at one log at most, 1 to 256\n"
			"    log-rate = 2.5             requests a second at most at one log; not set: no limit\n"
			"    log-window.TEXT, log-rate.TEXT\n"
			"                               likewise for logs with TEXT in their name or URL, above the "
			"lines for all\n\n"
			"A log that answers 429 or 503 is left alone for as long as it says, then asked for fewer "
			"things at once.",
	},
	{
		.title = "Exit status",
		.text = "0: done. 1: the answer is no, or there are findings. 2: bad usage, also an unknown or "
			"ambiguous REF and a program without a store. 3: a file was rejected. 4: a source failed. 5: "
			"the index cannot be read or written, or the answer cannot be written.",
	},
	{
		.title = "Examples",
		.apart = true,
		.text = "The names are those of the fictional world that 'canopy demo' puts into "
			"$XDG_CACHE_HOME/canopy/demo.db; with CANOPY_DB naming that file they can be tried as they "
			"stand.\n\n"
			"The ten CAs with most unexpired certificates, and the owners likewise:\n\n"
			"    canopy counts --format csv | head -n 11\n"
			"    canopy counts --by owner --format csv > owners.csv\n\n"
			"One JSON object a line, for programs that read line by line:\n\n"
			"    canopy counts --format ndjson | grep '\"coverage\":\"none\"' | wc -l\n\n"
			"What a cut would break, as a report for a mail, and its two totals in a script:\n\n"
			"    canopy impact --program mozilla --mark 'Alder Root CA=remove' --format md > report.md\n\n"
			"    canopy impact --program mozilla --mark 'Alder Root CA=remove' --format json > "
			"impact.json\n"
			"    sqlite3 :memory: \"SELECT json_extract(readfile('impact.json'), '$.total.lost'),\n"
			"      json_extract(readfile('impact.json'), '$.total.unknown_cas')\"\n\n"
			"The CAs that would lose all trust, from the same file:\n\n"
			"    canopy impact --mark 'Alder Root CA=remove' --format json > impact.json\n"
			"    sqlite3 :memory: \"SELECT value ->> 'name' FROM json_each(readfile('impact.json'), "
			"'$.cas')\n"
			"      WHERE value ->> 'after' = 'none'\"\n\n"
			"Which leaves those are:\n\n"
			"    canopy leaves --mark 'Alder Root CA=remove' --quiet --format csv > lost.csv\n\n"
			"A scenario that is kept in a file, asked of two programs:\n\n"
			"    echo \"mark Alder Root CA=distrust-after@2026-01-01\" > cut.txt\n"
			"    canopy impact --scenario cut.txt --program mozilla --format csv > mozilla.csv\n"
			"    canopy impact --scenario cut.txt --program microsoft --format csv > microsoft.csv\n\n"
			"One that is kept in the index, and its text:\n\n"
			"    canopy scenario save alder --mark 'Alder Root CA=block' --exempt 'Alder Policy CA'\n"
			"    canopy impact --scenario alder --format csv > alder.csv\n"
			"    canopy scenario show alder > alder.txt\n\n"
			"A line for a nightly job that speaks up only when something is found:\n\n"
			"    canopy check --kind undisclosed --format csv > findings.csv || cat findings.csv\n\n"
			"SQL over the index, joined with its own numbers ('canopy help sql' has the columns):\n\n"
			"    sqlite3 -header -csv \"$CANOPY_DB\" 'SELECT owner, sum(unexpired) FROM v_ca_count\n"
			"      GROUP BY owner HAVING sum(unexpired) > 0 ORDER BY 2 DESC'\n\n"
			"    sqlite3 \"$CANOPY_DB\" 'SELECT kind, count(*), sum(problems) FROM v_source GROUP BY kind'",
	},
	{ NULL, NULL, false },
};

/* ---- paragraphs ---- */

void help_paragraphs(const char *text, void (*each)(void *ctx, const char *s, size_t n, bool example), void *ctx)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t n = end ? (size_t)(end - text) : strlen(text);

		each(ctx, text, n, *text == ' ');
		text += n + (end ? 2 : 0);
	}
}

struct filler {
	struct strbuf *out;
	int indent, column;
};

static void put_word(struct filler *f, const char *word)
{
	int width = text_width(word);

	if (f->column > f->indent && f->column + 1 + width > WIDTH) {
		strbuf_addf(f->out, "\n%*s", f->indent, "");
		f->column = f->indent;
	} else if (f->column > f->indent) {
		strbuf_addch(f->out, ' ');
		f->column++;
	}
	strbuf_addstr(f->out, word);
	f->column += width;
}

/* Words of s from the column `indent` on, where the line already stands. */
static void fill(struct strbuf *out, const char *s, size_t n, int indent)
{
	struct filler f = { out, indent, indent };
	char *copy = xstrndup(s, n), *rest = copy, *word;

	while ((word = strsep(&rest, " \n"))) {
		if (*word)
			put_word(&f, word);
	}
	strbuf_addch(out, '\n');
	free(copy);
}

static void add_paragraph(void *ctx, const char *s, size_t n, bool example)
{
	struct strbuf *out = ctx;

	strbuf_addch(out, '\n');
	if (!example) {
		fill(out, s, n, 0);
		return;
	}
	strbuf_add(out, s, n);
	strbuf_addch(out, '\n');
}

static void add_named(struct strbuf *out, const char *name, const char *text, int column)
{
	strbuf_addf(out, "  %-*s ", column - 3, name);
	if ((int)strlen(name) > column - 3)
		strbuf_addf(out, "\n%*s", column, "");
	fill(out, text, strlen(text), column);
}

/* ---- texts ---- */

static void add_section(const struct help_section *s, struct strbuf *out)
{
	strbuf_addf(out, "%s%s\n", out->len ? "\n" : "", s->title);
	help_paragraphs(s->text, add_paragraph, out);
}

void help_overview(struct strbuf *out)
{
	size_t n;
	const struct command *const *all = command_all(&n);

	strbuf_addf(out, "canopy: %s\n\nusage: canopy [COMMAND] [options] [operands]\n\n", help_tagline);
	for (size_t i = 0; i < n; i++)
		add_named(out, all[i]->name, all[i]->summary, NAME_COLUMN);
	strbuf_addch(out, '\n');
	fill(out, OVERVIEW, strlen(OVERVIEW), 0);
	for (const struct help_section *s = help_sections; s->title; s++) {
		if (!s->apart)
			add_section(s, out);
	}
}

static void add_option_values(const struct command *c, struct strbuf *out)
{
	const char *name, *help;

	if (!c->values_of)
		return;
	strbuf_addf(out, "\nValues of --%s\n\n", c->values_of);
	for (size_t i = 0; c->value(i, &name, &help); i++)
		add_named(out, name, help, VALUE_COLUMN);
}

static void add_parts(const struct command *c, struct strbuf *out)
{
	for (const struct help_part *p = c->parts; p && p->title; p++) {
		strbuf_addf(out, "\n%s\n", p->title);
		help_paragraphs(p->text, add_paragraph, out);
	}
}

static void add_keys(const struct command *c, struct strbuf *out)
{
	struct tui_key k;
	const char *view = NULL;

	for (size_t i = 0; c->key && c->key(i, &k); i++) {
		if (!i || k.view != view)
			strbuf_addf(out, "\nKeys %s%s\n\n", k.view ? "in the view " : "everywhere", k.view ? k.view : "");
		view = k.view;
		add_named(out, k.keys, k.help, VALUE_COLUMN);
	}
}

void help_command(const struct command *c, struct strbuf *out)
{
	strbuf_addf(out, "usage: canopy %s [options]%s%s\n\n", c->name, *c->operands ? " " : "", c->operands);
	fill(out, c->summary, strlen(c->summary), 0);
	/* First what one looks up most, then what one reads once. */
	strbuf_addstr(out, "\nOptions\n\n");
	opt_help(c->options, out);
	add_option_values(c, out);
	strbuf_addstr(out, "\nDescription\n");
	help_paragraphs(c->text, add_paragraph, out);
	add_parts(c, out);
	add_keys(c, out);
	if (!c->columns)
		return;
	strbuf_addstr(out, "\nColumns\n\n");
	for (const struct column *k = c->columns; k->name; k++)
		add_named(out, k->name, k->help, COLUMN_COLUMN);
}

/* ---- the command ---- */

static const struct opt options[] = {
	{ 0, "roff", OPT_FLAG, NULL, "the source of the manual page (mdoc)", ARG(roff), NULL },
	{ 0, "completion", OPT_FLAG, NULL, "a script for bash that completes commands, options and their values",
		ARG(completion), NULL },
	OPTION_HELP,
	OPT_END,
};

static void write_all(int fd, const struct strbuf *b)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = write(fd, b->buf + done, b->len - done);

		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

static void exec_man(const int pipe_fd[2])
{
	dup2(pipe_fd[0], STDIN_FILENO);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	execlp("man", "man", "-l", "-", (char *)NULL);
	_exit(127);
}

/* A man that does not want to read it all is no reason to die. */
static void feed(int fd, const struct command *c)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	struct strbuf page = STRBUF_INIT;

	help_roff(c, &page);
	write_all(fd, &page);
	strbuf_release(&page);
	signal(SIGPIPE, before);
}

/* The page through man, which brings the user's pager. False where there is no man. */
static bool open_man(const struct command *c)
{
	int fd[2], status = -1;
	pid_t child;

	if (pipe(fd) < 0)
		return false;
	child = fork();
	if (child == 0)
		exec_man(fd);
	close(fd[0]);
	if (child > 0)
		feed(fd[1], c);
	close(fd[1]);
	if (child > 0)
		waitpid(child, &status, 0);
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* By the title's last word, so that "Exit status" is the topic status. */
static const struct help_section *find_topic(const char *name)
{
	for (const struct help_section *s = help_sections; s->title; s++) {
		const char *blank = strrchr(s->title, ' ');

		if (strcasecmp(blank ? blank + 1 : s->title, name) == 0)
			return s;
	}
	return NULL;
}

static int run(struct cli *c, struct err *err)
{
	const struct command *about = NULL;
	const struct help_section *topic = NULL;
	struct strbuf text = STRBUF_INIT;

	if (c->args.completion && (c->operands.n || c->args.roff))
		return err_set(err, ERR_USAGE, "'--completion' stands alone");
	if (c->operands.n) {
		topic = find_topic(c->operands.v[0]);
		about = command_find(c->operands.v[0]);
		if (!about && (!topic || c->args.roff))
			return command_unknown(c->operands.v[0], err);
	}
	if (!c->args.roff && about && isatty(STDOUT_FILENO) && open_man(about))
		return 0;
	if (c->args.roff)
		help_roff(about, &text);
	else if (c->args.completion)
		help_completion(&text);
	else if (topic)
		add_section(topic, &text);
	else if (about)
		help_command(about, &text);
	else
		help_overview(&text);
	fputs(text.buf, stdout);
	strbuf_release(&text);
	return 0;
}

const struct command command_help = {
	.name = "help",
	.operands = "[COMMAND|TOPIC]",
	.summary = "what canopy can do; with a COMMAND its manual, with a TOPIC that part",
	.max_operands = 1,
	.options = options,
	.text = "On a terminal the manual of a command opens in man(1) where there is one, else it is written as "
		"text. Topics are ref, output, sql, environment, files, configuration, status and examples.\n\n"
		"Examples:\n\n"
		"    canopy help impact\n"
		"    canopy help sql\n"
		"    canopy help --completion > canopy.bash",
	.run = run,
};
