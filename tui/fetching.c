#include "tui/fetching.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/fmt.h"
#include "tui/screen.h"
#include "tui/tui.h"

#define LINES_KEPT 100
#define LINE_MAX_BYTES 2000
#define READ_MAX ((size_t)1 << 16) /* at a step: keys come first */
#define ARGS_MAX 32
#define NOT_RUN 127
/* From being asked to end until it is asked once more, which ends it without indexing what came, and until it is
 * killed. */
#define AGAIN_NS 15000000000u
#define KILL_NS 30000000000u

/* ---- lines ---- */

struct field {
	const char *name;
	char *text; /* of `size` bytes, or a number: */
	size_t size;
	uint64_t *number;
};

static void take_field(struct fetch_step *s, const char *name, const char *value)
{
	const struct field fields[] = {
		{ "source", s->source, sizeof(s->source), NULL },
		{ "step", s->step, sizeof(s->step), NULL },
		{ "unit", s->unit, sizeof(s->unit), NULL },
		{ "what", s->what, sizeof(s->what), NULL },
		{ "done", NULL, 0, &s->done },
		{ "total", NULL, 0, &s->total },
		{ "rows", NULL, 0, &s->rows },
		{ "documents", NULL, 0, &s->documents },
		{ "documents_total", NULL, 0, &s->documents_total },
		{ "seconds_left", NULL, 0, &s->seconds_left },
		{ "sources", NULL, 0, &s->sources },
		{ "sources_total", NULL, 0, &s->sources_total },
	};
	struct strbuf clean = STRBUF_INIT;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		const struct field *f = &fields[i];
		if (strcmp(f->name, name) != 0)
			continue;
		if (f->number && num_parse_u64(value, f->number) < 0)
			*f->number = UINT64_MAX;
		if (f->number)
			break;
		text_clean(&clean, value, strlen(value));
		/* never in the middle of a character: bytes are at least as many as columns, but for combining ones */
		snprintf(f->text, f->size, "%.*s", (int)text_clip(clean.buf, (int)f->size / 4, NULL), clean.buf);
	}
	strbuf_release(&clean);
}

static const struct fetch_step unknown = {
	.done = UINT64_MAX,
	.total = UINT64_MAX,
	.rows = UINT64_MAX,
	.documents = UINT64_MAX,
	.documents_total = UINT64_MAX,
	.seconds_left = UINT64_MAX,
	.sources = UINT64_MAX,
	.sources_total = UINT64_MAX,
};

bool fetch_step_parse(const char *line, struct fetch_step *ret)
{
	static const char start[] = "progress\t";
	char *copy, *rest, *word;

	if (strncmp(line, start, sizeof(start) - 1) != 0)
		return false;
	*ret = unknown;
	rest = copy = xstrdup(line + sizeof(start) - 1);
	while ((word = strsep(&rest, "\t"))) {
		char *value = strchr(word, '=');
		if (!value)
			continue;
		*value = '\0';
		take_field(ret, word, value + 1);
	}
	free(copy);
	return true;
}

int fetch_step_share(const struct fetch_step *s)
{
	bool bytes = s->total != UINT64_MAX && s->done != UINT64_MAX && s->total;
	uint64_t n = bytes ? s->done : s->documents, of = bytes ? s->total : s->documents_total;

	if (n == UINT64_MAX || of == UINT64_MAX || !of)
		return -1;
	return n >= of ? 1000 : (int)((double)n / (double)of * 1000);
}

static void take_step(struct fetching *f, const struct fetch_step *s)
{
	uint64_t sources = f->now.sources, total = f->now.sources_total;

	f->ended += strcmp(s->step, "end") == 0;
	f->now = *s;
	if (s->sources_total == UINT64_MAX) {
		f->now.sources = sources;
		f->now.sources_total = total;
	}
}

static void keep_line(struct fetching *f, const char *text)
{
	struct strbuf clean = STRBUF_INIT;

	if (strncmp(text, "canopy: ", 8) == 0)
		text += 8;
	text_clean(&clean, text, strlen(text));
	if (f->line.n == LINES_KEPT) {
		free(f->line.v[0]);
		memmove(&f->line.v[0], &f->line.v[1], --f->line.n * sizeof(*f->line.v));
	}
	vec_push(&f->line, xstrdup(clean.buf));
	f->lines++;
	strbuf_release(&clean);
}

static void end_line(struct fetching *f)
{
	struct fetch_step s;

	if (fetch_step_parse(f->part.buf, &s)) {
		take_step(f, &s);
		f->failed += strcmp(s.step, "end") == 0 && strstr(f->part.buf, "\tresult=failed") != NULL;
	} else if (f->part.len) {
		keep_line(f, f->part.buf);
	}
	strbuf_reset(&f->part);
	f->cut = false;
}

static void take_bytes(struct fetching *f, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n' || p[i] == '\r')
			end_line(f);
		else if (f->part.len < LINE_MAX_BYTES)
			strbuf_addch(&f->part, p[i] ? p[i] : '?');
		else
			f->cut = true;
	}
}

/* ---- the child ---- */

static void close_pipe(struct fetching *f)
{
	if (f->err_fd < 0)
		return;
	screen_watch(f->err_fd, false);
	close(f->err_fd);
	f->err_fd = -1;
}

/* Between fork and exec, beside threads: nothing but what a signal handler may do. */
static void become(const struct tui_fetch *how, char *const *argv, int err_fd, pid_t browser)
{
	static const int usual[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGQUIT };
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		signal(usual[i], SIG_DFL);
	setpgid(0, 0); /* the terminal's keys are not for it */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (getppid() != browser || null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
		dup2(err_fd, STDERR_FILENO) < 0)
		_exit(NOT_RUN);
	execv(how->exe, argv);
	_exit(NOT_RUN);
}

static void forget(struct fetching *f)
{
	for (size_t i = 0; i < f->line.n; i++)
		free(f->line.v[i]);
	vec_release(&f->line);
	strbuf_release(&f->outcome);
	strbuf_release(&f->part);
	*f = (struct fetching)FETCHING_INIT;
}

int fetching_start(struct fetching *f, const struct tui_fetch *how, const char *source, struct err *err)
{
	char *argv[ARGS_MAX];
	pid_t browser = getpid();
	size_t n = 0;
	int ends[2];

	if (fetching_runs(f))
		return err_set(err, ERR_USAGE, "a fetch is running already; s shows it, and Esc there stops it");
	if (!how || how->refusal)
		return err_set(err, ERR_USAGE, "%s", how ? how->refusal : "nothing can be fetched from here");
	while (how->argv[n] && n < ARGS_MAX - 2) {
		argv[n] = (char *)(uintptr_t)how->argv[n];
		n++;
	}
	argv[n] = (char *)(uintptr_t)source;
	argv[n + 1] = NULL;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(err, ERR_NETWORK, "cannot fetch");
	forget(f);
	f->pid = fork();
	if (f->pid == 0)
		become(how, argv, ends[1], browser);
	close(ends[1]);
	if (f->pid < 0) {
		close(ends[0]);
		return err_errno(err, ERR_NETWORK, "cannot fetch");
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	f->err_fd = ends[0];
	f->now = unknown;
	f->state = FETCH_RUNS;
	snprintf(f->asked, sizeof(f->asked), "%s", source ? source : "");
	screen_watch(f->err_fd, true);
	screen_tick(true); /* stderr may be closed before the child has ended */
	return 0;
}

bool fetching_runs(const struct fetching *f)
{
	return f->state == FETCH_RUNS || f->state == FETCH_STOPPING;
}

static void send_end(struct fetching *f, int sig)
{
	f->asked_to_end++;
	kill(f->pid, sig);
}

void fetching_stop(struct fetching *f)
{
	if (f->state != FETCH_RUNS)
		return;
	f->state = FETCH_STOPPING;
	f->stop_ns = clock_ns();
	send_end(f, SIGTERM);
}

/* One that does not hear. */
static void insist(struct fetching *f)
{
	uint64_t since = clock_ns() - f->stop_ns;

	if (f->state != FETCH_STOPPING)
		return;
	if (f->asked_to_end == 1 && since > AGAIN_NS)
		send_end(f, SIGTERM);
	else if (f->asked_to_end == 2 && since > KILL_NS)
		send_end(f, SIGKILL);
}

/* ---- how it went ---- */

/* What it said last but one, or first, tells more than "1 of 1 source failed" alone. */
static void add_reason(const struct fetching *f, struct strbuf *out)
{
	if (!f->line.n)
		return;
	strbuf_addf(out, ": %s", f->line.v[f->line.n - 1]);
	if (f->status == ERR_NETWORK && f->line.n > 1)
		strbuf_addf(out, ": %s%s", f->line.v[0], f->lines > 2 ? "; s shows more" : "");
}

static void sum_up(struct fetching *f)
{
	struct strbuf *out = &f->outcome;
	const char *what = *f->asked ? f->asked : "all sources";
	bool ended_by_us =
		f->stopped && (f->status == ERR_NETWORK || f->status == 128 + SIGTERM || f->status == 128 + SIGKILL);

	f->good = f->status == 0;
	strbuf_reset(out);
	if (f->status == 0) {
		strbuf_addf(out, "fetched %s", what);
		f->stopped = false; /* it was through before */
	} else if (ended_by_us) {
		strbuf_addf(out, "fetching %s stopped; what came is kept, the next one goes on there", what);
	} else if (f->status == NOT_RUN) {
		strbuf_addstr(out, "canopy itself cannot be started for the fetch");
	} else if (f->status > 128) {
		strbuf_addf(out, "fetching %s was ended by signal %d", what, f->status - 128);
		add_reason(f, out);
	} else {
		strbuf_addf(out, f->status == ERR_NETWORK ? "fetching %s failed in part" : "fetching %s failed", what);
		if (!f->line.n)
			strbuf_addf(out, " (exit status %d)", f->status);
		add_reason(f, out);
	}
}

static bool reap(struct fetching *f, bool wait)
{
	int status;
	pid_t got;

	do
		got = waitpid(f->pid, &status, wait ? 0 : WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return false;
	screen_tick(false);
	if (f->part.len)
		end_line(f);
	f->stopped = f->state == FETCH_STOPPING;
	f->state = FETCH_ENDED;
	f->status = got < 0 ? ERR_NETWORK : WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	sum_up(f);
	return true;
}

/* True while more may come. */
static bool read_some(struct fetching *f, bool *changed)
{
	char buf[4096];

	for (size_t all = 0; all < READ_MAX;) {
		ssize_t n = read(f->err_fd, buf, sizeof(buf));
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n == 0)
			return false;
		take_bytes(f, buf, (size_t)n);
		all += (size_t)n;
		*changed = true;
	}
	return true;
}

bool fetching_step(struct fetching *f, bool wait)
{
	bool changed = false;

	while (fetching_runs(f)) {
		struct pollfd in = { .fd = f->err_fd, .events = POLLIN };

		insist(f);
		if (wait && f->err_fd >= 0)
			poll(&in, 1, 1000);
		if (f->err_fd >= 0 && !read_some(f, &changed))
			close_pipe(f);
		/* Whoever closed stderr has ended, or is about to. */
		if (f->err_fd < 0)
			changed |= reap(f, wait);
		if (!wait)
			break;
	}
	return changed;
}

void fetching_brief(const struct fetching *f, struct strbuf *out)
{
	int share = fetch_step_share(&f->now);
	const char *source = *f->now.source ? f->now.source : *f->asked ? f->asked : "all";

	if (!fetching_runs(f))
		return;
	if (f->state == FETCH_STOPPING)
		strbuf_addf(out, "stopping the fetch%s", glyph(G_ELLIPSIS));
	else if (share < 0)
		strbuf_addf(out, "fetching %s%s", source, glyph(G_ELLIPSIS));
	else
		strbuf_addf(out, "fetching %s %d %%", source, share / 10);
}

void fetching_release(struct fetching *f)
{
	uint64_t start = clock_ns();
	bool told = false;

	fetching_stop(f);
	while (fetching_runs(f)) {
		struct pollfd in = { .fd = f->err_fd, .events = POLLIN };

		poll(&in, f->err_fd >= 0 ? 1 : 0, 100);
		fetching_step(f, false);
		if (!told && clock_ns() - start > 1000000000u) {
			fprintf(stderr, "canopy: waiting for the fetch to end\n");
			told = true;
		}
	}
	close_pipe(f);
	forget(f);
}
