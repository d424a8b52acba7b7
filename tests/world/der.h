/* A growing buffer that DER is written into, innermost element first closed:
 *
 *   struct der d = {0};
 *   size_t at = der_open(&d);
 *   der_oid(&d, "2.5.4.3");
 *   der_tlv(&d, TAG_UTF8, "x", 1);
 *   der_close(&d, at, TAG_SEQ);
 *   der_release(&d);
 *
 * Tags are whole identifier octets (0x30, 0xa3, ...). Running out of memory
 * ends the program. */
#ifndef WORLD_DER_H
#define WORLD_DER_H

#include <stddef.h>
#include <stdint.h>

enum {
	TAG_BOOL = 0x01,
	TAG_INT = 0x02,
	TAG_BITS = 0x03,
	TAG_OCTETS = 0x04,
	TAG_NULL = 0x05,
	TAG_UTF8 = 0x0c,
	TAG_PRINTABLE = 0x13,
	TAG_T61 = 0x14,
	TAG_IA5 = 0x16,
	TAG_UTCTIME = 0x17,
	TAG_GENTIME = 0x18,
	TAG_BMP = 0x1e,
	TAG_SEQ = 0x30,
	TAG_SET = 0x31,
};

struct der {
	uint8_t *p;
	size_t n, cap;
};

void der_bytes(struct der *d, const void *p, size_t n);
void der_text(struct der *d, const char *s);
size_t der_open(const struct der *d);
void der_close(struct der *d, size_t at, int tag);
void der_tlv(struct der *d, int tag, const void *p, size_t n);
void der_oid(struct der *d, const char *dotted);
void der_small(struct der *d, unsigned value);
void der_true(struct der *d);
/* when is YYYYMMDDHHMMSS; UTCTime before 2050 unless generalized. */
void der_time(struct der *d, const char *when, int generalized);
void der_release(struct der *d);

#endif
