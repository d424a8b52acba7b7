/* Output files and the one way to fail.
 *
 *   out_dir("world");                  every later name is below it
 *   FILE *f = out_open("ccadb/x.csv"); folders are made
 *   out_close(f);                      dies when not everything was written */
#ifndef WORLD_OUT_H
#define WORLD_OUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void out_dir(const char *dir);
FILE *out_open(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void out_close(FILE *f);

/* eol is "\n" or "\r\n"; the last line has no end of line. */
void out_pem(FILE *f, const uint8_t *der, size_t n, const char *eol);
/* The same for another label than CERTIFICATE. */
void out_block(FILE *f, const char *label, const uint8_t *der, size_t n, const char *eol);
void out_base64(FILE *f, const uint8_t *p, size_t n);
void out_hex(FILE *f, const uint8_t *p, size_t n, int upper);
/* One quoted CSV field, quotes doubled. */
void out_csv(FILE *f, const char *text);

#endif
