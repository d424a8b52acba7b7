/* `x` and `X`: the report and the exports, written to a file by a process beside the browser. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "base/num.h"
#include "base/path.h"
#include "base/text.h"
#include "tui/screen.h"
#include "tui/view.h"
#include "tui/work.h"

/* What is asked about, then written. */
struct writing {
	bool making;  /* the scenario for it */
	bool running;
	bool replace; /* a file that is there */
	bool findings;                   /* instead of either */
	const struct tui_export *export; /* NULL: the report */
	const char *format;
	char *path;
	uint64_t until; /* of the report: as it was asked of the days to come, 0: it was not */
	/* of the findings, which a thread writes: a disk may be slow */
	struct work *work; /* NULL: it does not */
	struct tui_writer *writer;
	struct finding_cells *cells; /* of what was found last, which stays until then */
	struct finding_list list;
	char *filter;
	uint64_t bytes;
	int rc;
	struct err err;
};

static const struct {
	const char *suffix, *format;
} suffixes[] = {
	{ ".md", "md" },
	{ ".html", "html" },
	{ ".csv", "csv" },
	{ ".json", "json" },
	{ ".ndjson", "ndjson" },
	{ ".txt", "table" },
};
#define N_SUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))

static const char *format_of(const char *path)
{
	size_t n = strlen(path);

	for (size_t i = 0; i < N_SUFFIXES; i++) {
		size_t len = strlen(suffixes[i].suffix);

		if (n > len && strcasecmp(path + n - len, suffixes[i].suffix) == 0)
			return suffixes[i].format;
	}
	return NULL;
}

/* "~/" is what a shell would make of it. */
static char *expand(const char *text)
{
	const char *home = getenv("HOME");

	return text[0] == '~' && text[1] == '/' && home && *home ? path_join(home, text + 2) : xstrdup(text);
}

/* ---- writing ---- */

/* csv and ndjson are rows of CAs and nothing beside them. */
static void order_sections(struct tui_order *o, uint64_t until)
{
	bool rows = strcmp(o->format, "csv") == 0 || strcmp(o->format, "ndjson") == 0;

	o->beside = !rows;
	o->until = rows ? 0 : until;
	o->whole = o->until && (strcmp(o->format, "md") == 0 || strcmp(o->format, "table") == 0);
}

/* What writes the same report, but for the marks and the question. */
static void add_command(const char *format, uint64_t until, struct strbuf *out)
{
	struct tui_order o = { .format = format };

	order_sections(&o, until);
	strbuf_addf(out, "as canopy impact --format %s", format);
	if (o.until)
		strbuf_addf(out, " --until %llu%s", (unsigned long long)o.until, o.whole ? " --report" : "");
	strbuf_addstr(out, o.beside ? " --beside all" : until ? ", which is rows of CAs: without the answer of t" : "");
}

static void begin(struct tui *t, bool replace)
{
	struct writing *w = t->writing;

	w->replace = replace;
	w->until = t->until;
	w->making = keeping_scenario(t, w->path);
}

void writing_scenario(struct tui *t, struct kept *k)
{
	struct writing *w = t->writing;
	struct err err = { 0 };

	if (!w || !w->making)
		return;
	w->making = false;
	if (k->rc < 0) {
		tui_complain(t, "%s", k->err.msg);
		return;
	}
	struct tui_order o = { .export = w->export, .format = w->format, .path = w->path, .replace = w->replace, .scenario = &k->scenario,
		.day = k->model.day };
	if (!o.export)
		order_sections(&o, w->until);
	w->running = t->opt->writer->begin(t->opt->writer, &o, &err) == 0;
	if (w->running)
		tui_say(t, "writing '%s'%s Esc stops it", w->path, glyph(G_ELLIPSIS));
	else
		tui_complain(t, "%s", err.msg);
}

/* As the filter leaves them. */
static struct finding_cells *cells_of(const struct found *const *v, size_t n)
{
	struct finding_cells *cells = xcalloc(n + 1, sizeof(*cells));

	for (size_t i = 0; i < n; i++)
		cells[i] = (struct finding_cells){
			.kind = v[i]->finding->kind,
			.severity = v[i]->finding->severity,
			.ca_id = v[i]->has_ca ? v[i]->ca_id : NULL,
			.sha256 = v[i]->has_cert ? v[i]->sha256 : NULL,
			.name = v[i]->name,
			.owner = v[i]->owner,
			.subject = v[i]->subject,
			.detail = v[i]->finding->detail,
			.source = v[i]->finding->source,
		};
	return cells;
}

static void run(void *ctx, struct work *unused)
{
	struct writing *w = ctx;
	struct tui_order o = { .format = w->format, .path = w->path, .replace = w->replace };

	(void)unused;
	w->rc = w->writer->findings(w->writer, &o, &w->list, &w->bytes, &w->err);
}

static bool are_findings_there(struct tui *t)
{
	bool there = t->findings.of && checking_current(&t->checking, &t->model, t->version);

	if (!there)
		tui_complain(t, "the findings are still being computed");
	return there;
}

static void write_findings(struct tui *t, bool replace)
{
	struct writing *w = t->writing;
	const struct found **found;

	if (!are_findings_there(t))
		return;
	w->writer = t->opt->writer;
	w->replace = replace;
	size_t n = findings_fitting(&t->findings, &t->model, &found);
	w->cells = cells_of(found, n);
	free(w->filter);
	w->filter = xstrdup(t->findings.term.n ? t->findings.text : "");
	w->list = (struct finding_list){ w->cells, n, w->filter, t->findings.of->day, &t->findings.of->check };
	free(found);
	w->work = work_begin(run, w);
	screen_watch(work_fd(w->work), true);
	tui_say(t, "writing '%s'", w->path);
}

static void end_findings(struct writing *w)
{
	screen_watch(work_fd(w->work), false);
	work_end(w->work);
	w->work = NULL;
	free(w->cells);
	w->cells = NULL;
}

static void findings_step(struct tui *t, bool wait)
{
	struct writing *w = t->writing;
	char a[32], b[32];

	if (!work_ready(w->work, wait))
		return;
	end_findings(w);
	if (w->rc < 0)
		tui_complain(t, "'%s' is not written: %s", w->path, w->err.msg);
	else
		tui_say(t, "'%s' is written: %s finding%s, %s bytes%s", w->path, num_group(a, w->list.n), w->list.n == 1 ? "" : "s",
			num_group(b, w->bytes), *w->filter ? ", as the filter has them" : "");
}

bool writing_findings_run(const struct tui *t)
{
	return t->writing && t->writing->work;
}

static void go_on(struct tui *t, bool replace)
{
	if (t->writing->findings)
		write_findings(t, replace);
	else
		begin(t, replace);
}

static void replace(struct tui *t, const char *yes)
{
	(void)yes;
	go_on(t, true);
}

/* Refuses a name in a folder that takes no files: while the prompt is open it can be mended. */
static bool folder_takes(struct tui *t, const char *path)
{
	struct strbuf dir = STRBUF_INIT;
	struct err err = { 0 };
	size_t len = (size_t)(path_base(path) - path);

	if (len)
		strbuf_add(&dir, path, len);
	else
		strbuf_addstr(&dir, "./");
	bool takes = access(dir.buf, W_OK | X_OK) == 0;
	if (!takes) {
		err_errno(&err, ERR_INPUT, "cannot write into '%s'", dir.buf);
		prompt_refuse(t, "%s", err.msg);
	}
	strbuf_release(&dir);
	return takes;
}

static void check_path(struct tui *t)
{
	struct writing *w = t->writing;
	struct strbuf question = STRBUF_INIT;
	struct stat st;

	if (stat(w->path, &st) < 0) {
		if (folder_takes(t, w->path))
			go_on(t, false);
		return;
	}
	if (S_ISDIR(st.st_mode))
		prompt_refuse(t, "that is a folder: name a file in it");
	else if (!S_ISREG(st.st_mode))
		prompt_refuse(t, "that is not a regular file");
	else {
		strbuf_addf(&question, "'%s' is there; replace it? (y; any other key: no)", path_base(w->path));
		prompt_confirm(t, question.buf, replace);
		strbuf_release(&question);
	}
}

static void named(struct tui *t, const char *text)
{
	struct writing *w = t->writing;

	free(w->path);
	w->path = expand(text);
	w->format = w->export ? NULL : format_of(w->path);
	if (!*text)
		tui_say(t, "nothing is written");
	else if (w->findings && (!w->format || strcmp(w->format, "html") == 0))
		prompt_refuse(t, "end it in .csv, .json, .ndjson, .md or .txt: that says what to write");
	else if (!w->export && !w->format)
		prompt_refuse(t, "end it in .md, .html, .csv, .json, .ndjson or .txt: that says what to write");
	else
		check_path(t);
}

/* ---- asking ---- */

static bool can_write(struct tui *t)
{
	if (!t->opt->writer || !t->opt->writer->begin)
		tui_complain(t, "this program writes no files");
	else if (writing_runs(t))
		tui_complain(t, "'%s' is still being written%s", t->writing->path, writing_findings_run(t) ? "" : "; Esc stops it");
	else {
		writing_release(t);
		t->writing = xcalloc(1, sizeof(*t->writing));
		return true;
	}
	return false;
}

/* Where x is pressed on a page that was opened from the findings, these are what is wanted. */
static bool over_findings(const struct tui *t)
{
	return t->stack.n > 1 && t->stack.v[t->stack.n - 2]->ops == &view_findings;
}

static bool ready(struct tui *t)
{
	if (t->opt->writer && t->opt->writer->begin && (!t->model.store || !t->model.marks.now.n)) {
		tui_complain(t, "no marks to write of; %s", over_findings(t) ? "q, then x writes the findings" : "Space and m make some");
		return false;
	}
	return can_write(t);
}

/* A file's name of a scenario's, or of what is asked. */
static void default_name(const struct tui *t, const char *what, const char *suffix, struct strbuf *out)
{
	char day[DATE_BUF];

	if (t->scenario.len)
		strbuf_addstr(out, t->scenario.buf);
	else
		strbuf_addf(out, "%s-%s-%s-%s", what, t->model.program, purpose_names[t->model.purpose],
			date_format(day, t->model.day));
	for (size_t i = 0; i < out->len; i++)
		if (isspace((unsigned char)out->buf[i]))
			out->buf[i] = '-';
	strbuf_addstr(out, suffix);
}

/* Beside the name, what it would be. */
static void say_format(struct tui *t, const char *text)
{
	const char *format = format_of(text);

	strbuf_reset(&t->prompt.note);
	if (format)
		add_command(format, t->until, &t->prompt.note);
	else
		strbuf_addstr(&t->prompt.note, ".md .html .csv .json .ndjson .txt");
}

void writing_report(struct tui *t, struct view *v)
{
	struct strbuf name = STRBUF_INIT;

	(void)v;
	if (!ready(t))
		return;
	default_name(t, "impact", ".md", &name);
	prompt_open(t, "write the report to:", name.buf, named);
	t->prompt.changed = say_format;
	say_format(t, name.buf);
	strbuf_release(&name);
}

static void say_findings_format(struct tui *t, const char *text)
{
	const char *format = format_of(text);

	strbuf_reset(&t->prompt.note);
	if (format && strcmp(format, "html") != 0)
		strbuf_addf(&t->prompt.note, "as canopy check --format %s", format);
	else
		strbuf_addstr(&t->prompt.note, ".csv .json .ndjson .md .txt");
}

void writing_findings(struct tui *t, struct view *v)
{
	struct strbuf name = STRBUF_INIT;
	char day[DATE_BUF];

	(void)v;
	if (!are_findings_there(t) || !can_write(t))
		return;
	t->writing->findings = true;
	strbuf_addf(&name, "findings-%s.md", date_format(day, t->model.day));
	prompt_open(t, "write the findings to:", name.buf, named);
	t->prompt.changed = say_findings_format;
	say_findings_format(t, name.buf);
	strbuf_release(&name);
}

static void chosen(struct tui *t, int item)
{
	const struct tui_export *x = &t->opt->writer->exports[item];
	struct strbuf name = STRBUF_INIT;

	t->writing->export = x;
	default_name(t, x->name, x->suffix, &name);
	prompt_open(t, "write it to:", name.buf, named);
	strbuf_addf(&t->prompt.note, "as canopy export %s", x->name);
	strbuf_release(&name);
}

void writing_export(struct tui *t, struct view *v)
{
	(void)v;
	if (!ready(t))
		return;
	menu_open(t, "export what the marks mean to others", "", chosen);
	for (const struct tui_export *x = t->opt->writer->exports; x->name; x++)
		menu_add(t, menu_letter(t, x->name), x->name, x->help, "");
}

/* ---- the end ---- */

#define HEX_SEEN 8

/* A whole SHA-256 by its first digits: what is said of it has no room behind all of them. */
static void add_short(struct strbuf *out, const char *s, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0, n; i < len; i += n) {
		n = strspn(s + i, digits);
		if (n == 64) {
			strbuf_addf(out, "%.*s%s", HEX_SEEN, s + i, glyph(G_ELLIPSIS));
			continue;
		}
		n = n ? n : 1;
		strbuf_add(out, s + i, n);
	}
}

/* The first line of it, and how many more. */
static void add_notes(struct strbuf *out, const struct strbuf *notes)
{
	size_t len = strcspn(notes->buf, "\n"), lines = 0;

	for (const char *s = notes->buf; *s; s++)
		lines += *s == '\n';
	if (!notes->len)
		return;
	strbuf_addstr(out, "; ");
	add_short(out, notes->buf, len);
	if (lines > 1)
		strbuf_addf(out, " (and %zu more)", lines - 1);
}

/* The prompt said it, and the name of the file must not give way to it. */
static void add_command_if_room(const struct writing *w, struct strbuf *text)
{
	struct strbuf command = STRBUF_INIT;
	int rows, cols;

	screen_size(&rows, &cols);
	strbuf_addstr(&command, "; ");
	add_command(w->format, w->until, &command);
	if (text_width(text->buf) + text_width(command.buf) + 2 < cols)
		strbuf_addstr(text, command.buf);
	strbuf_release(&command);
}

void writing_step(struct tui *t, bool wait)
{
	struct strbuf notes = STRBUF_INIT, text = STRBUF_INIT;
	struct writing *w = t->writing;
	struct err err = { 0 };
	uint64_t bytes = 0;
	char size[32];
	int rc;

	if (w && w->work)
		findings_step(t, wait);
	if (!w || !w->running)
		return;
	rc = t->opt->writer->poll(t->opt->writer, wait, &bytes, &notes, &err);
	if (rc > 0) {
		strbuf_addf(&text, "'%s' is written, %s bytes", w->path, num_group(size, bytes));
		add_notes(&text, &notes);
		if (!w->export)
			add_command_if_room(w, &text);
		tui_say(t, "%s", text.buf);
	} else if (rc < 0) {
		tui_complain(t, "'%s' is not written: %s", w->path, err.msg);
	}
	w->running = rc == 0;
	strbuf_release(&notes);
	strbuf_release(&text);
}

bool writing_runs(const struct tui *t)
{
	return t->writing && (t->writing->making || t->writing->running || t->writing->work);
}

bool writing_cancel(struct tui *t)
{
	struct writing *w = t->writing;

	if (!writing_runs(t) || w->work)
		return false;
	if (w->running)
		t->opt->writer->cancel(t->opt->writer);
	w->making = w->running = false;
	return true;
}

void writing_release(struct tui *t)
{
	writing_cancel(t);
	if (writing_findings_run(t))
		end_findings(t->writing);
	if (t->writing) {
		free(t->writing->path);
		free(t->writing->filter);
	}
	free(t->writing);
	t->writing = NULL;
}
