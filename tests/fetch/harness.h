/* What the tests of fetch/ share: the server of server.py, a folder of their
 * own that goes at the end, small files in it.
 *
 *	int main(int argc, char **argv)
 *	{
 *		harness_args(argc, argv); // the python program, server.py
 *		return cmocka_run_group_tests(tests, harness_start, harness_stop);
 *	} */
#ifndef TESTS_FETCH_HARNESS_H
#define TESTS_FETCH_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

void harness_args(int argc, char **argv);
int harness_start(void **state);
int harness_stop(void **state);

/* All strings below live until harness_stop. */
const char *url_of(const char *path);        /* http://127.0.0.1:PORT/path */
const char *url_at(unsigned host, const char *path); /* http://127.0.0.HOST:PORT/path, of hosts 1 to 6 */
const char *secure_url_of(const char *path); /* https, with a certificate nobody trusts */
const char *refused_url(void);               /* where nobody listens */
const char *file_url(const char *name);      /* file:// of temp(name) */
const char *temp(const char *name);          /* a path in the folder of this run */
const char *text_of(const char *path);       /* a file as text, NULL when there is none */
void write_text(const char *path, const char *text);
/* The document that the server gives for path. */
const char *served(const char *path, int version);
/* The server's log of requests that begin so, and how many they are. */
const char *log_of(const char *prefix);
size_t requests(const char *prefix);
bool has(const char *hay, const char *needle);

#endif
