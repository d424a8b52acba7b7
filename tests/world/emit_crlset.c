#include <string.h>

#include "lists.h"
#include "out.h"

static const char *const list_names[] = { "BlockedSPKIs", "KnownInterceptionSPKIs", "BlockedInterceptionSPKIs" };

static void put_little(struct der *d, uint32_t value, size_t n)
{
	for (; n; n--, value >>= 8) {
		uint8_t b = (uint8_t)value;

		der_bytes(d, &b, 1);
	}
}

static void hash_of(const struct der *spki, uint8_t out[32])
{
	EVP_Digest(spki->p, spki->n, out, NULL, EVP_sha256(), NULL);
}

static void put_keys(struct der *d, const struct world *w, enum crlset_what list, int in)
{
	const char *between = "";

	der_text(d, ",\"");
	der_text(d, list_names[list]);
	der_text(d, "\":[");
	for (size_t i = 0; i < crlset_count; i++) {
		uint8_t hash[32];
		unsigned char text[48];

		if (crlset_defs[i].what != list || !(crlset_defs[i].in & in))
			continue;
		hash_of(&world_ca(w, crlset_defs[i].nick)->spki, hash);
		EVP_EncodeBlock(text, hash, sizeof(hash));
		der_text(d, between);
		der_text(d, "\"");
		der_text(d, (char *)text);
		der_text(d, "\"");
		between = ",";
	}
	der_text(d, "]");
}

static int is_serial(size_t i, int in)
{
	return crlset_defs[i].what == SET_SERIAL && (crlset_defs[i].in & in);
}

static const struct ca *parent_of(const struct world *w, size_t i)
{
	return world_cert(w, crlset_defs[i].nick)->issuer;
}

/* The sign octet of a serial number is left out. */
static void put_serial(struct der *d, const struct cert *c)
{
	size_t sign = c->serial_len > 1 && !c->serial[0];

	put_little(d, (uint32_t)(c->serial_len - sign), 1);
	der_bytes(d, c->serial + sign, c->serial_len - sign);
}

/* A parent with all its serial numbers, where its first row stands. */
static uint32_t put_parents(struct der *d, const struct world *w, int in)
{
	uint32_t parents = 0;

	for (size_t i = 0; i < crlset_count; i++) {
		uint8_t hash[32];
		uint32_t n = 0;
		size_t before = 0;

		if (!is_serial(i, in))
			continue;
		while (before < i && !(is_serial(before, in) && parent_of(w, before) == parent_of(w, i)))
			before++;
		if (before < i)
			continue;
		for (size_t k = i; k < crlset_count; k++)
			n += is_serial(k, in) && parent_of(w, k) == parent_of(w, i);
		hash_of(&parent_of(w, i)->spki, hash);
		der_bytes(d, hash, sizeof(hash));
		put_little(d, n, 4);
		for (size_t k = i; k < crlset_count; k++)
			if (is_serial(k, in) && parent_of(w, k) == parent_of(w, i))
				put_serial(d, world_cert(w, crlset_defs[k].nick));
		parents++;
	}
	return parents;
}

static void make_set(const struct world *w, unsigned sequence, int in, struct der *out)
{
	struct der json = { 0 }, body = { 0 };
	uint32_t parents = put_parents(&body, w, in);
	char text[160];

	snprintf(text, sizeof(text),
		"{\"Version\":0,\"ContentType\":\"CRLSet\",\"Sequence\":%u,\"DeltaFrom\":0,\"NumParents\":%u", sequence,
		(unsigned)parents);
	der_text(&json, text);
	for (enum crlset_what list = SET_BLOCKED; list < SET_SERIAL; list++)
		put_keys(&json, w, list, in);
	der_text(&json, ",\"NotAfter\":1790000000,\"LimitedSubjects\":{}}");
	put_little(out, (uint32_t)json.n, 2);
	der_bytes(out, json.p, json.n);
	der_bytes(out, body.p, body.n);
	der_release(&json);
	der_release(&body);
}

static uint32_t crc_of(const struct der *d)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < d->n; i++) {
		crc ^= d->p[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* What a member's local header and its entry of the directory share, then its name. */
static void put_member(struct der *d, const char *name, const struct der *data, int directory, uint32_t at)
{
	put_little(d, 10, 2);
	put_little(d, 0, 2);
	put_little(d, 0, 2);          /* stored */
	put_little(d, 0x5c2f0000, 4); /* 2026-01-15 */
	put_little(d, crc_of(data), 4);
	put_little(d, (uint32_t)data->n, 4);
	put_little(d, (uint32_t)data->n, 4);
	put_little(d, (uint32_t)strlen(name), 2);
	put_little(d, 0, 2);
	if (directory) {
		put_little(d, 0, 6);
		put_little(d, 0, 4);
		put_little(d, at, 4);
	}
	der_text(d, name);
}

static void make_crx(const struct der *set, struct der *out)
{
	struct der manifest = { 0 }, zip = { 0 }, directory = { 0 };
	const struct {
		const char *name;
		const struct der *data;
	} members[] = { { "manifest.json", &manifest }, { "crl-set", set } };

	der_text(&manifest, "{\"name\":\"crl-set\",\"version\":\"1\",\"description\":\"fictional\"}");
	for (size_t i = 0; i < 2; i++) {
		uint32_t at = (uint32_t)zip.n;

		der_text(&zip, "PK\3\4");
		put_member(&zip, members[i].name, members[i].data, 0, 0);
		der_bytes(&zip, members[i].data->p, members[i].data->n);
		der_text(&directory, "PK\1\2");
		put_little(&directory, 10, 2);
		put_member(&directory, members[i].name, members[i].data, 1, at);
	}
	der_text(out, "Cr24");
	put_little(out, 3, 4);
	put_little(out, 16, 4);
	der_text(out, "no one's header.");
	der_bytes(out, zip.p, zip.n);
	der_bytes(out, directory.p, directory.n);
	der_text(out, "PK\5\6");
	put_little(out, 0, 4);
	put_little(out, 2, 2);
	put_little(out, 2, 2);
	put_little(out, (uint32_t)directory.n, 4);
	put_little(out, (uint32_t)zip.n, 4);
	put_little(out, 0, 2);
	der_release(&manifest);
	der_release(&zip);
	der_release(&directory);
}

static void write_bytes(const char *path, const struct der *d, size_t n)
{
	FILE *f = out_open("%s", path);

	fwrite(d->p, 1, n, f);
	out_close(f);
}

void emit_crlset(const struct world *w)
{
	struct der set = { 0 }, older = { 0 }, crx = { 0 };

	make_set(w, 9941, NEWER, &set);
	make_set(w, 9000, OLDER, &older);
	make_crx(&older, &crx);
	write_bytes("crlset/crl-set", &set, set.n);
	write_bytes("crlset/crlset." CRLSET_OLD ".crx", &crx, crx.n);
	write_bytes("broken/crl-set.2026-05-29", &set, set.n - 5);
	write_bytes("broken/crlset.2026-05-30.crx", &crx, crx.n / 2);
	der_release(&set);
	der_release(&older);
	der_release(&crx);
}
