#include "der.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "out.h"

static void der_grow(struct der *d, size_t more)
{
	if (d->n + more <= d->cap)
		return;
	d->cap = (d->n + more) * 2 + 64;
	d->p = realloc(d->p, d->cap);
	if (!d->p)
		die("out of memory");
}

void der_bytes(struct der *d, const void *p, size_t n)
{
	der_grow(d, n);
	if (n)
		memcpy(d->p + d->n, p, n);
	d->n += n;
}

void der_text(struct der *d, const char *s)
{
	der_bytes(d, s, strlen(s));
}

size_t der_open(const struct der *d)
{
	return d->n;
}

void der_close(struct der *d, size_t at, int tag)
{
	size_t len = d->n - at, head;
	unsigned char buf[16], *p = buf;

	ASN1_put_object(
		&p, (tag & V_ASN1_CONSTRUCTED) != 0, (int)len, tag & V_ASN1_PRIMITIVE_TAG, tag & V_ASN1_PRIVATE);
	head = (size_t)(p - buf);
	der_grow(d, head);
	if (len)
		memmove(d->p + at + head, d->p + at, len);
	memcpy(d->p + at, buf, head);
	d->n += head;
}

void der_tlv(struct der *d, int tag, const void *p, size_t n)
{
	size_t at = der_open(d);

	der_bytes(d, p, n);
	der_close(d, at, tag);
}

void der_oid(struct der *d, const char *dotted)
{
	ASN1_OBJECT *o = OBJ_txt2obj(dotted, 1);

	if (!o)
		die("not an object identifier: '%s'", dotted);
	der_tlv(d, V_ASN1_OBJECT, OBJ_get0_data(o), OBJ_length(o));
	ASN1_OBJECT_free(o);
}

void der_small(struct der *d, unsigned value)
{
	uint8_t b = (uint8_t)(value & 0x7f);

	der_tlv(d, TAG_INT, &b, 1);
}

void der_true(struct der *d)
{
	der_tlv(d, TAG_BOOL, "\xff", 1);
}

void der_time(struct der *d, const char *when, int generalized)
{
	size_t at = der_open(d);
	int gen = generalized || strcmp(when, "2050") >= 0;

	der_text(d, gen ? when : when + 2);
	der_text(d, "Z");
	der_close(d, at, gen ? TAG_GENTIME : TAG_UTCTIME);
}

void der_release(struct der *d)
{
	free(d->p);
	*d = (struct der){ 0 };
}
