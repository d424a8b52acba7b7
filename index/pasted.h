/* What people paste to name a certificate, a key or a serial number: as
 * OpenSSL, browsers, crt.sh and pinning write them. All of them come down to
 * the hex digits that they begin with.
 *
 *	pasted_hex("SHA256 Fingerprint=AA:BB:CC:DD", &hex);       // "aabbccdd"
 *	pasted_hex("https://crt.sh/?spkisha256=aabbccdd", &hex);  // "aabbccdd"
 *	pasted_hex("sha256/qrvM3Q…=", &hex);                      // 64 digits */
#ifndef INDEX_PASTED_H
#define INDEX_PASTED_H

#include <stdbool.h>
#include "base/strbuf.h"

#define PASTED_MIN 8   /* digits */
#define PASTED_MAX 128

/* Appends them in lower case; false, and nothing, where the text is nothing of the kind. */
bool pasted_hex(const char *text, struct strbuf *ret);
/* An address that has but crt.sh's own number, which no index has. */
bool pasted_crtsh_number(const char *text);

#endif
