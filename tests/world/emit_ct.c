#include <string.h>

#include <openssl/sha.h>

#include "ct.h"
#include "emit.h"
#include "out.h"

#define DIR_A "ct/fictional-log-a"
#define DIR_B "ct/fictional-log-b"

static void hex32(const struct der *d, char out[65])
{
	uint8_t digest[32];

	SHA256(d->p, d->n, digest);
	for (int i = 0; i < 32; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static void write_all(FILE *f, struct der *d)
{
	fwrite(d->p, 1, d->n, f);
	out_close(f);
	der_release(d);
}

/* ---- signed heads, and those that a log at fault would sign ---- */

struct head {
	const char *suffix;
	uint64_t ms;
	size_t n;
	uint8_t root[32];
};

static void heads_of(const struct ct_log *log, struct head out[3])
{
	out[0] = (struct head){ .suffix = "", .n = log->n };
	out[1] = (struct head){ .suffix = ".small", .n = log->small };
	out[2] = (struct head){ .suffix = ".wrong", .n = log->n };
	for (int i = 0; i < 3; i++) {
		out[i].ms = out[i].n < log->n ? log->entry[out[i].n - 1].ms + 60000 : log->ms;
		ct_root(log, out[i].n, out[i].root);
	}
	out[2].root[31] ^= 1;
}

static void write_checkpoint(const struct ct_log *log, const struct head *h)
{
	FILE *f = out_open(DIR_A "/checkpoint%s", h->suffix);
	struct der id = { 0 }, sig = { 0 };
	uint8_t digest[32];

	der_text(&id, log->origin);
	der_text(&id, "\n\x05");
	der_bytes(&id, log->id, 32);
	SHA256(id.p, id.n, digest);
	der_bytes(&sig, digest, 4);
	put_be(&sig, h->ms, 8);
	ct_sign(log, h->ms, h->n, h->root, &sig);
	fprintf(f, "%s\n%zu\n", log->origin, h->n);
	out_base64(f, h->root, 32);
	fprintf(f, "\n\n\u2014 %s ", log->origin);
	out_base64(f, sig.p, sig.n);
	fputc('\n', f);
	out_close(f);
	der_release(&id);
	der_release(&sig);
}

static void write_sth(const struct ct_log *log, const struct head *h)
{
	FILE *f = out_open(DIR_B "/get-sth%s.json", h->suffix);
	struct der sig = { 0 };

	ct_sign(log, h->ms, h->n, h->root, &sig);
	fprintf(f, "{\"tree_size\":%zu,\"timestamp\":%llu,\"sha256_root_hash\":\"", h->n, (unsigned long long)h->ms);
	out_base64(f, h->root, 32);
	fputs("\",\"tree_head_signature\":\"", f);
	out_base64(f, sig.p, sig.n);
	fputs("\"}\n", f);
	out_close(f);
	der_release(&sig);
}

/* ---- log a, as tiles ---- */

static FILE *open_tile(const char *level, size_t tile, size_t width)
{
	if (width == CT_TILE)
		return out_open(DIR_A "/tile/%s/%03zu", level, tile);
	return out_open(DIR_A "/tile/%s/%03zu.p/%zu", level, tile, width);
}

static void put_tile_leaf(const struct ct_log *log, size_t i, struct der *d)
{
	const struct ct_entry *e = &log->entry[i];
	uint8_t digest[32];

	ct_timestamped(log, i, d);
	if (e->precert) {
		put_be(d, e->precert->n, 3);
		der_bytes(d, e->precert->p, e->precert->n);
	}
	put_be(d, e->chain_n * 32, 2);
	for (size_t k = 0; k < e->chain_n; k++) {
		SHA256(e->chain[k]->p, e->chain[k]->n, digest);
		der_bytes(d, digest, 32);
	}
}

static void write_tiles(const struct ct_log *log)
{
	for (size_t at = 0; at < log->n; at += CT_TILE) {
		size_t width = log->n - at < CT_TILE ? log->n - at : CT_TILE;
		struct der data = { 0 }, hashes = { 0 };

		for (size_t i = at; i < at + width; i++)
			put_tile_leaf(log, i, &data);
		der_bytes(&hashes, log->hash[at], width * 32);
		write_all(open_tile("data", at / CT_TILE, width), &data);
		write_all(open_tile("0", at / CT_TILE, width), &hashes);
	}
}

/* Two levels are enough for 65,536 entries. */
static void write_upper_tile(const struct ct_log *log)
{
	struct der upper = { 0 };
	uint8_t root[32];

	for (size_t at = 0; at + CT_TILE <= log->n; at += CT_TILE) {
		ct_range_root((const uint8_t(*)[32])(log->hash + at), CT_TILE, root);
		der_bytes(&upper, root, 32);
	}
	write_all(open_tile("1", 0, upper.n / 32), &upper);
}

static void write_issuers(const struct ct_log *log)
{
	for (size_t i = 0; i < log->n; i++) {
		for (size_t k = 0; k < log->entry[i].chain_n; k++) {
			const struct der *c = log->entry[i].chain[k];
			char name[65];
			FILE *f;

			hex32(c, name);
			f = out_open(DIR_A "/issuer/%s", name);
			fwrite(c->p, 1, c->n, f);
			out_close(f);
		}
	}
}

/* ---- log b, as answers ---- */

static void put_answer(FILE *f, const struct ct_log *log, size_t i)
{
	const struct ct_entry *e = &log->entry[i];
	struct der leaf = { 0 }, extra = { 0 }, chain = { 0 };

	put_be(&leaf, 0, 2);
	ct_timestamped(log, i, &leaf);
	if (e->precert) {
		put_be(&extra, e->precert->n, 3);
		der_bytes(&extra, e->precert->p, e->precert->n);
	}
	for (size_t k = 0; k < e->chain_n; k++) {
		put_be(&chain, e->chain[k]->n, 3);
		der_bytes(&chain, e->chain[k]->p, e->chain[k]->n);
	}
	put_be(&extra, chain.n, 3);
	der_bytes(&extra, chain.p, chain.n);
	fputs("{\"leaf_input\":\"", f);
	out_base64(f, leaf.p, leaf.n);
	fputs("\",\"extra_data\":\"", f);
	out_base64(f, extra.p, extra.n);
	fputs("\"}", f);
	der_release(&leaf);
	der_release(&extra);
	der_release(&chain);
}

static void write_pages(const struct ct_log *log)
{
	for (size_t at = 0; at < log->n; at += CT_PAGE) {
		size_t end = log->n - at < CT_PAGE ? log->n : at + CT_PAGE;
		FILE *f = out_open(DIR_B "/get-entries-%zu-%zu.json", at, end - 1);

		fputs("{\"entries\":[", f);
		for (size_t i = at; i < end; i++) {
			if (i > at)
				fputc(',', f);
			put_answer(f, log, i);
		}
		fputs("]}\n", f);
		out_close(f);
	}
}

static void write_roots(const struct world *w)
{
	static const char *const roots[] = { "alder-root", "birch-root", "cedar-root" };
	FILE *f = out_open(DIR_B "/get-roots.json");

	fputs("{\"certificates\":[", f);
	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		const struct cert *c = world_cert(w, roots[i]);

		fputs(i ? ",\"" : "\"", f);
		out_base64(f, c->der.p, c->der.n);
		fputc('"', f);
	}
	fputs("]}\n", f);
	out_close(f);
}

/* ---- what tells of the logs ---- */

static void put_identity(FILE *f, const struct ct_log *log)
{
	fprintf(f, "\"description\": \"%s\",\n", log->description);
	fputs("\"log_id\": \"", f);
	out_base64(f, log->id, 32);
	fputs("\",\n\"key\": \"", f);
	out_base64(f, log->spki.p, log->spki.n);
	fputs("\",\n\"mmd\": 86400,\n\"temporal_interval\": {\"start_inclusive\": \"2026-01-01T00:00:00Z\", "
	      "\"end_exclusive\": \"2031-01-01T00:00:00Z\"},\n",
		f);
	if (log->tiled)
		fprintf(f, "\"submission_url\": \"https://%s/\",\n\"monitoring_url\": \"https://%s/\"", log->origin,
			log->origin);
	else
		fprintf(f, "\"url\": \"https://%s/\"", log->origin);
}

static void write_own(const struct ct_log *log)
{
	FILE *f = out_open(DIR_A "/log.v3.json");

	fputs("{\n", f);
	put_identity(f, log);
	fputs(",\n\"friendly_name\": \"fictional-a\",\n\"intended_use\": \"prod\",\n\"log_spec\": \"static-ct-api\",\n"
	      "\"log_software\": {\"name\": \"fictional\", \"version\": \"1\"},\n\"mmd_seconds\": 86400,\n"
	      "\"status\": \"usable\",\n\"status_timestamp\": \"2026-01-01T00:00:00Z\",\n\"tls_only\": true\n}\n",
		f);
	out_close(f);
}

static void write_list(const struct ct *ct)
{
	static const char state[] = ",\n\"state\": {\"usable\": {\"timestamp\": \"2026-01-01T00:00:00Z\"}}\n}";
	FILE *f = out_open("ct/log_list.json");

	fputs("{\"version\": \"1.0\", \"log_list_timestamp\": \"2026-05-30T00:00:00Z\", \"operators\": [\n"
	      "{\"name\": \"Fictional Operator\", \"email\": [\"ct@fictional.example\"],\n\"logs\": [{\n",
		f);
	put_identity(f, &ct->log[CT_B]);
	fprintf(f, "%s],\n\"tiled_logs\": [{\n", state);
	put_identity(f, &ct->log[CT_A]);
	fprintf(f, "%s]}\n]}\n", state);
	out_close(f);
}

static void write_ranks(const struct ct *ct)
{
	FILE *f = out_open("sites/fictional_ranks.csv");

	fputs("rank,domain\n", f);
	for (size_t i = 0; i < 24; i++)
		fprintf(f, "%zu,%s\n", i + 1, ct->leaf[i * 7 % ct->leaf_n].name);
	fputs("25,never-issued.example\n", f);
	out_close(f);
}

void emit_ct(const struct world *w)
{
	struct ct *ct = ct_make(w);
	struct head heads[3];

	heads_of(&ct->log[CT_A], heads);
	for (int i = 0; i < 3; i++)
		write_checkpoint(&ct->log[CT_A], &heads[i]);
	heads_of(&ct->log[CT_B], heads);
	for (int i = 0; i < 3; i++)
		write_sth(&ct->log[CT_B], &heads[i]);
	write_tiles(&ct->log[CT_A]);
	write_upper_tile(&ct->log[CT_A]);
	write_issuers(&ct->log[CT_A]);
	write_own(&ct->log[CT_A]);
	write_pages(&ct->log[CT_B]);
	write_roots(w);
	write_list(ct);
	write_ranks(ct);
	ct_facts(ct);
	ct_free(ct);
}
