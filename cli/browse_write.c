#include "cli/browse_write.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/date.h"
#include "base/path.h"
#include "base/text.h"
#include "base/vec.h"
#include "cli/check.h"
#include "cli/cli.h"

#define NOTES_MAX 65536
#define EXEC_FAILED 127

/* In the order of the names that `canopy export` knows. */
static const struct tui_export exports[] = {
	{ "onecrl", ".onecrl.json", "records for OneCRL" },
	{ "blocklist", ".blocklist.txt", "key hashes for Chrome" },
	{ "certdata", ".certdata.txt", "NSS's certdata.txt, whole" },
	{ "constraints", ".textproto", "Chrome's root store, whole" },
	{ "dot", ".dot", "what changes, for Graphviz" },
	{ "certs", ".pem", "the affected certificates" },
	{ NULL, NULL, NULL },
};

/* ---- the command line ---- */

struct line {
	VEC(char *) v;
};

static void add(struct line *l, const char *text)
{
	vec_push(&l->v, xstrdup(text));
}

static void add_option(struct line *l, const char *option, const char *value)
{
	add(l, option);
	add(l, value);
}

static void add_mark(struct line *l, const struct scenario_mark *m)
{
	char day[DATE_BUF], *text = scenario_mark_text(m);
	struct strbuf stage = STRBUF_INIT;

	if (m->since == MARK_ALWAYS) {
		add_option(l, "--mark", text);
	} else {
		strbuf_addf(&stage, "%s:%s", date_format(day, m->since), text);
		add_option(l, "--stage", stage.buf);
	}
	strbuf_release(&stage);
	free(text);
}

static void add_sections(struct line *l, const struct tui_order *o)
{
	char n[32];

	add_option(l, "--format", o->format);
	if (o->until) {
		snprintf(n, sizeof(n), "%llu", (unsigned long long)o->until);
		add_option(l, "--until", n);
	}
	if (o->whole)
		add(l, "--report");
	if (o->beside)
		add_option(l, "--beside", "all");
}

static void make_line(const struct browse_writer *w, const struct tui_order *o, struct line *l)
{
	const struct scenario *s = o->scenario;
	char day[DATE_BUF];

	add(l, "canopy");
	add(l, o->export ? "export" : "impact");
	if (o->export)
		add(l, o->export->name);
	if (w->db_path)
		add_option(l, "--db", w->db_path);
	/* An export without --program is asked of the program whose format it is. */
	add_option(l, "--program", s->program);
	add_option(l, "--purpose", purpose_names[s->purpose]);
	if (s->revocation != REVOCATION_ENFORCED)
		add_option(l, "--revocation", revocation_mode_names[s->revocation]);
	if (w->chrome_version)
		add_option(l, "--chrome-version", w->chrome_version);
	for (size_t i = 0; i < s->mark.n; i++)
		add_mark(l, &s->mark.v[i]);
	for (size_t i = 0; i < s->exempt.n; i++)
		add_option(l, "--exempt", s->exempt.v[i]);
	for (size_t i = 0; i < s->assume.n; i++)
		add_option(l, "--assume", s->assume.v[i]);
	add_option(l, "--as-of", date_format(day, o->day));
	if (!o->export)
		add_sections(l, o);
	vec_push(&l->v, NULL);
}

static void release_line(struct line *l)
{
	for (size_t i = 0; i < l->v.n; i++)
		free(l->v.v[i]);
	vec_release(&l->v);
}

/* ---- the process ---- */

static void forget(struct browse_writer *w)
{
	if (w->out >= 0)
		close(w->out);
	if (w->notes >= 0)
		close(w->notes);
	if (w->named)
		unlink(w->temporary);
	free(w->temporary);
	free(w->path);
	w->temporary = w->path = NULL;
	w->named = false;
	w->out = w->notes = -1;
	w->pid = 0;
}

/* Beside the file, so that it can take its place; without a name where the file system can, so that nothing is left of it
 * whatever ends the browser. */
static int open_beside(struct browse_writer *w)
{
	struct strbuf dir = STRBUF_INIT;

	strbuf_add(&dir, w->path, (size_t)(path_base(w->path) - w->path));
	strbuf_addch(&dir, '.');
	/* a nameless file gets its name through there alone */
	if (access("/proc/self/fd", X_OK) == 0)
		w->out = open(dir.buf, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	strbuf_release(&dir);
	if (w->out >= 0)
		return 0;
	w->out = open(w->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	w->named = w->out >= 0;
	return w->named ? 0 : -1;
}

/* The file's own permissions when there is one. */
static int open_files(struct browse_writer *w, struct err *err)
{
	struct strbuf name = STRBUF_INIT;
	char *resolved = realpath(w->path, NULL);
	struct stat st;

	if (resolved) {
		free(w->path);
		w->path = resolved;
	}
	strbuf_addf(&name, "%s.%ld.part", w->path, (long)getpid());
	w->temporary = strbuf_detach(&name);
	if (open_beside(w) < 0)
		return err_errno(err, ERR_INDEX, "cannot write '%s'", w->path);
	if (resolved && stat(w->path, &st) == 0)
		(void)!fchmod(w->out, st.st_mode & 0777);
	w->notes = memfd_create("notes", MFD_CLOEXEC);
	return w->notes < 0 ? err_errno(err, ERR_INDEX, "cannot write '%s'", w->path) : 0;
}

/* Never comes back. */
static void become(const struct browse_writer *w, char *const *argv)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, STDIN_FILENO);
	dup2(w->out, STDOUT_FILENO);
	dup2(w->notes, STDERR_FILENO);
	execv(w->program ? w->program : "/proc/self/exe", argv);
	if (!w->program)
		execvp("canopy", argv);
	_exit(EXEC_FAILED);
}

static int begin(struct tui_writer *ops, const struct tui_order *o, struct err *err)
{
	struct browse_writer *w = (struct browse_writer *)ops;
	struct line l = { 0 };

	w->path = xstrdup(o->path);
	w->replace = o->replace;
	w->may_say_no = o->until > 0;
	if (open_files(w, err) < 0) {
		forget(w);
		return -1;
	}
	make_line(w, o, &l);
	w->pid = fork();
	if (w->pid == 0)
		become(w, l.v.v);
	release_line(&l);
	if (w->pid < 0) {
		err_errno(err, ERR_INDEX, "cannot write '%s'", o->path);
		forget(w);
		return -1;
	}
	return 0;
}

/* What it said on stderr, a line each, without "canopy: ". */
static void read_notes(const struct browse_writer *w, struct strbuf *out)
{
	char buf[4096], *line, *rest;
	struct strbuf raw = STRBUF_INIT;
	ssize_t n;

	lseek(w->notes, 0, SEEK_SET);
	while (raw.len < NOTES_MAX && (n = read(w->notes, buf, sizeof(buf))) > 0)
		strbuf_add(&raw, buf, (size_t)n);
	for (rest = raw.buf; raw.len && (line = strsep(&rest, "\n"));) {
		if (strncmp(line, "canopy: ", 8) == 0)
			line += 8;
		if (!*line)
			continue;
		text_clean(out, line, strlen(line));
		strbuf_addch(out, '\n');
	}
	strbuf_release(&raw);
}

/* One that came in between is not replaced unasked. */
static int take_name(struct browse_writer *w, struct err *err)
{
	char held[48];
	struct stat st;

	if (!w->replace && lstat(w->path, &st) == 0)
		return err_set(err, ERR_INDEX, "a file of this name has come in between");
	snprintf(held, sizeof(held), "/proc/self/fd/%d", w->out);
	if (!w->named && linkat(AT_FDCWD, held, AT_FDCWD, w->temporary, AT_SYMLINK_FOLLOW) < 0)
		return err_errno(err, ERR_INDEX, "it cannot take its name");
	w->named = true;
	if (rename(w->temporary, w->path) < 0)
		return err_errno(err, ERR_INDEX, "it cannot take its name");
	return 0;
}

/* It takes the name asked for once all of it is on the disk. */
static int keep_file(struct browse_writer *w, uint64_t *bytes, struct err *err)
{
	struct stat st = { 0 };

	if (fstat(w->out, &st) < 0 || fsync(w->out) < 0)
		return err_errno(err, ERR_INDEX, "cannot write");
	*bytes = (uint64_t)st.st_size;
	return take_name(w, err);
}

static int finish(struct browse_writer *w, int status, uint64_t *bytes, struct strbuf *notes, struct err *err)
{
	/* "no" is the answer where no day is known from which on fewer are lost, and stands in the report */
	bool good = WIFEXITED(status) && (WEXITSTATUS(status) == 0 || (w->may_say_no && WEXITSTATUS(status) == ERR_ANSWER_NO));

	read_notes(w, notes);
	if (!good) {
		notes->buf[strcspn(notes->buf, "\n")] = '\0';
		return err_set(err, ERR_INDEX, "%s",
			notes->len                                                ? notes->buf
			: WIFEXITED(status) && WEXITSTATUS(status) == EXEC_FAILED ? "this program cannot be run again"
										  : "it ended early");
	}
	return keep_file(w, bytes, err);
}

static int poll(struct tui_writer *ops, bool wait, uint64_t *bytes, struct strbuf *notes, struct err *err)
{
	struct browse_writer *w = (struct browse_writer *)ops;
	int status = 0, rc;
	pid_t pid;

	do
		pid = waitpid(w->pid, &status, wait ? 0 : WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (!pid)
		return 0;
	rc = pid < 0 ? err_errno(err, ERR_INDEX, "it was lost") : finish(w, status, bytes, notes, err);
	forget(w);
	return rc < 0 ? -1 : 1;
}

static void cancel(struct tui_writer *ops)
{
	struct browse_writer *w = (struct browse_writer *)ops;

	kill(w->pid, SIGKILL);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	forget(w);
}

/* ---- findings ---- */

static int write_findings(const struct browse_writer *w, enum format format, const struct finding_list *l, struct err *err)
{
	struct style style = { .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 };
	int fd = fcntl(w->out, F_DUPFD_CLOEXEC, 0);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool bad;

	if (!f) {
		err_errno(err, ERR_INDEX, "cannot write");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	check_write(f, format, &style, l);
	bad = fflush(f) != 0 || ferror(f);
	if (bad)
		err_errno(err, ERR_INDEX, "cannot write");
	fclose(f);
	return bad ? -1 : 0;
}

static int findings(struct tui_writer *ops, const struct tui_order *o, const struct finding_list *l, uint64_t *bytes,
	struct err *err)
{
	struct browse_writer *w = (struct browse_writer *)ops;
	size_t format = 0;
	int rc;

	while (format + 1 < FORMATS && strcmp(format_names[format], o->format) != 0)
		format++;
	w->path = xstrdup(o->path);
	w->replace = o->replace;
	rc = open_files(w, err);
	if (rc == 0)
		rc = write_findings(w, (enum format)format, l, err);
	if (rc == 0)
		rc = keep_file(w, bytes, err);
	forget(w);
	return rc;
}

void browse_writer_init(struct browse_writer *w)
{
	w->ops = (struct tui_writer){ .exports = exports, .begin = begin, .poll = poll, .cancel = cancel, .findings = findings };
	w->out = w->notes = -1;
}
