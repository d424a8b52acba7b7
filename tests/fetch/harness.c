#include "harness.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "fetch/fetch.h"

#define SERVED_BYTES 5000
#define TEXT_MAX ((size_t)64 << 20)

static struct {
	char **argv;
	pid_t pid;
	int to, from; /* the server's stdin and stdout */
	unsigned http, https;
	char folder[64];
	struct arena strings;
} run;

void harness_args(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: %s PYTHON SERVER.PY\n", argv[0]);
		exit(2);
	}
	run.argv = argv;
}

static const char *keep(struct strbuf *b)
{
	const char *s = arena_strdup(&run.strings, b->buf);
	strbuf_release(b);
	return s;
}

__attribute__((format(printf, 1, 2))) static const char *kept(const char *fmt, ...)
{
	struct strbuf b = STRBUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	return keep(&b);
}

static void spawn(void)
{
	int in[2], out[2];
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	run.pid = fork();
	assert_true(run.pid >= 0);
	if (run.pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		for (int fd = 3; fd < 16; fd++)
			close(fd);
		execlp(run.argv[1], run.argv[1], run.argv[2], (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	run.to = in[1];
	run.from = out[0];
}

int harness_start(void **state)
{
	(void)state;
	struct err err = { 0 };
	char line[64];
	size_t n = 0;
	/* The machine's own proxy must not come between the test and its server. */
	static const char *const proxies[] = { "http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY" };
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++)
		unsetenv(proxies[i]);
	snprintf(run.folder, sizeof(run.folder), "%s", "/tmp/canopy-fetch-XXXXXX");
	assert_non_null(mkdtemp(run.folder));
	assert_int_equal(fetch_global_init(&err), 0);
	spawn();
	while (n < sizeof(line) - 1 && read(run.from, line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	assert_int_equal(sscanf(line, "ports %u %u", &run.http, &run.https), 2);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int harness_stop(void **state)
{
	(void)state;
	close(run.to);
	waitpid(run.pid, NULL, 0);
	close(run.from);
	nftw(run.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	fetch_global_cleanup();
	arena_release(&run.strings);
	return 0;
}

const char *url_of(const char *path)
{
	return kept("http://127.0.0.1:%u/%s", run.http, path);
}

const char *url_at(unsigned host, const char *path)
{
	return kept("http://127.0.0.%u:%u/%s", host, run.http, path);
}

const char *secure_url_of(const char *path)
{
	return kept("https://127.0.0.1:%u/%s", run.https, path);
}

const char *refused_url(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	close(fd);
	return kept("http://127.0.0.1:%u/doc/refused", ntohs(a.sin_port));
}

const char *temp(const char *name)
{
	return kept("%s/%s", run.folder, name);
}

const char *file_url(const char *name)
{
	return kept("file://%s/%s", run.folder, name);
}

const char *text_of(const char *path)
{
	uint8_t *data = NULL;
	size_t n;
	if (path_read(path, TEXT_MAX, &data, &n, NULL) < 0)
		return NULL;
	const char *s = arena_strdup(&run.strings, (char *)data);
	free(data);
	return s;
}

void write_text(const char *path, const char *text)
{
	struct err err = { 0 };
	assert_int_equal(path_mkdirs_for(path, &err), 0);
	assert_int_equal(path_write_atomic(path, text, strlen(text), &err), 0);
}

const char *served(const char *path, int version)
{
	struct strbuf b = STRBUF_INIT;
	while (b.len < SERVED_BYTES)
		strbuf_addf(&b, "/%s version %d\n", path, version);
	strbuf_setlen(&b, SERVED_BYTES);
	return keep(&b);
}

const char *log_of(const char *prefix)
{
	static unsigned number;
	struct http_client *c;
	struct http_result res;
	struct err err = { 0 };
	struct http_request rq = { .max_bytes = TEXT_MAX };
	rq.url = url_of(kept("log/%s", prefix));
	rq.path = temp(kept("log-%u", number++));
	assert_int_equal(http_client_new(NULL, NULL, &c, &err), 0);
	assert_int_equal(http_download(c, &rq, &res, &err), 0);
	http_client_free(c);
	return text_of(rq.path);
}

size_t requests(const char *prefix)
{
	size_t n = 0;
	for (const char *s = log_of(prefix); (s = strstr(s, prefix)); s++)
		n++;
	return n;
}

bool has(const char *hay, const char *needle)
{
	return hay && strstr(hay, needle);
}
