/* Two fictional logs with the same 262,144 entries, half of them precertificates, out of patched signed templates, and a server
 * for them on 127.0.0.1: a static one in gzip tiles and an RFC 6962 one. Everything is made before the server starts, which is a
 * process of its own, so that its time is not ours. */
#ifndef TESTS_CT_LOGS_H
#define TESTS_CT_LOGS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ENTRIES 262144
#define TILES (ENTRIES / 256)

struct bytes {
	uint8_t *p;
	size_t n;
};
/* A signed certificate whose serial number and first name are patched for each entry. */
struct template {
	struct bytes cert, tbs;
};
extern struct template final_one, precert_one;
extern struct bytes tile[TILES];
/* base64 of the RFC 6962 log's id and key */
extern char rfc_id[64], rfc_key[256];

/* Ends the program with the message where it is not good. */
void must(bool good, const char *what);
void make_logs(void);
/* The static log is below /static/, the other below /rfc/. kill() ends it. */
pid_t start_server(unsigned *port);

#endif
