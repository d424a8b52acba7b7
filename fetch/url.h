/* The rules for addresses: https anywhere, http on loopback only (its answers
 * are not authenticated) unless what comes is signed itself, file:// for local
 * copies, nothing else.
 *
 *	struct url_info info;
 *	const char *why = url_refusal("http://example.org/", &info);
 *	if (why)
 *		return err_set(err, ERR_USAGE, "'%s': %s", url, why); */
#ifndef FETCH_URL_H
#define FETCH_URL_H

#include <stdbool.h>

enum url_scheme { URL_HTTPS, URL_HTTP, URL_FILE };
struct url_info {
	enum url_scheme scheme;
	bool loopback;  /* 127.0.0.0/8, ::1 or localhost; false for file:// */
	bool is_signed; /* judged by url_refusal_signed */
};
/* NULL when the address may be fetched, else why not (static text). */
const char *url_refusal(const char *url, struct url_info *ret);
/* The same for CRLs and certificates, whose signature is verified: http from anywhere. */
const char *url_refusal_signed(const char *url, struct url_info *ret);
/* The same for a redirect from one address to another: never to a file, and to
 * this machine only from this machine. */
const char *url_redirect_refusal(const struct url_info *from, const char *to, struct url_info *ret);
bool url_is_file(const char *url);
/* The decoded path of a file:// URL (heap), or NULL. */
char *url_file_path(const char *url);
/* folder (a "/" is added when missing) + name as it stands (heap). */
char *url_join(const char *folder, const char *name);
/* HOST/PATH?QUERY of url below folder (heap), as wget lays out a mirror; NULL for what is no URL. */
char *url_below(const char *folder, const char *url);
/* "HOST:PORT" as far as the address says it (heap); "" for a file. */
char *url_host(const char *url);
/* As it may be shown (heap): the password of an address, or of a connection string of PostgreSQL, is "***". */
char *url_shown(const char *url);
/* The same as url_join with name percent-encoded, for a file's name. */
char *url_join_escaped(const char *folder, const char *name);

#endif
