#include "cli/export.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "index/pem.h"

/* OpenSSL reads a long line in pieces of 254 bytes, each of which could begin a block. */
#define COMMENT_MAX 200

/* A line of comment in which no reader finds a block: no two dashes in a row, and short. */
static void put_comment(struct strbuf *out, const char *what, const char *text)
{
	struct strbuf clean = STRBUF_INIT;
	size_t used = strlen(what);
	const char *p;
	uint32_t cp;
	int n;

	text_clean(&clean, text, strlen(text));
	strbuf_addf(out, "# %s: ", what);
	for (p = clean.buf; (n = text_decode(p, strlen(p), &cp)) > 0 && used + (size_t)n < COMMENT_MAX; p += n) {
		if (*p == '-' && p[1] == '-')
			continue;
		strbuf_add(out, p, (size_t)n);
		used += (size_t)n;
	}
	strbuf_addstr(out, *p ? "…\n" : "\n");
	strbuf_release(&clean);
}

static void put_why(const struct affected *a, const struct trust_query *q, uint32_t cert, struct strbuf *out)
{
	static const char *const fates[] = {
		[AFFECTED_NOT] = NULL,
		[AFFECTED_BESIDE] = NULL,
		[AFFECTED_KEPT] = "kept by another path",
		[AFFECTED_SOME] = "accepts fewer leaves",
		[AFFECTED_LOST] = "lost",
	};
	uint32_t ca = q->graph->cert.v[cert].ca;
	struct strbuf why = STRBUF_INIT, actions = STRBUF_INIT;

	affected_actions(q, cert, &actions);
	if (actions.len)
		strbuf_addf(&why, "marked (%s)", actions.buf);
	if (fates[a->ca[ca]])
		strbuf_addf(&why, "%s%s (before %s, after %s)", why.len ? "; " : "", fates[a->ca[ca]],
			acceptance_names[trust_before(a->trust, ca)], acceptance_names[trust_after(a->trust, ca)]);
	put_comment(out, "why", why.buf);
	strbuf_release(&why);
	strbuf_release(&actions);
}

static void put_hex(struct strbuf *out, const char *what, const uint8_t hash[32])
{
	strbuf_addf(out, "# %s: ", what);
	strbuf_addhex(out, hash, 32);
	strbuf_addch(out, '\n');
}

static int put_cert(struct cli *c, const struct affected *a, const struct trust_query *q, uint32_t cert,
	struct strbuf *out, struct err *err)
{
	const struct ca_cert *g = &q->graph->cert.v[cert];
	const struct ca *ca = &q->graph->ca.v[g->ca];
	uint8_t *der;
	size_t n;

	if (index_cert_der(c->index, cert, &der, &n, err) < 0)
		return -1;
	strbuf_addch(out, '\n');
	put_comment(out, "subject", ca->subject);
	put_hex(out, "ca_id", ca->id);
	put_hex(out, "sha256", g->sha256);
	put_why(a, q, cert, out);
	pem_write(out, "CERTIFICATE", der, n);
	free(der);
	return 0;
}

/* Marked ones come first, then those of lost CAs and so on. */
static int rank_of(const struct affected *a, const struct trust_query *q, uint32_t cert)
{
	int fate = a->ca[q->graph->cert.v[cert].ca];

	if (a->cert[cert] & AFFECTED_MARKED)
		return AFFECTED_LOST + 1;
	return fate >= AFFECTED_KEPT && (a->cert[cert] & (AFFECTED_LINK | AFFECTED_ANCHOR)) ? fate : AFFECTED_NOT;
}

int export_certs(struct cli *c, const struct scenario *s, const struct trust_query *q, struct strbuf *out, size_t *n,
	struct err *err)
{
	struct affected a;
	char date[DATE_BUF];
	int rc = 0;

	*n = 0;
	affected_find(q, &a);
	strbuf_addf(out, "# CA certificates that marks touch, written by 'canopy export certs'; on %s\n",
		date_format(date, q->day));
	put_comment(out, "program", q->store->program);
	put_comment(out, "purpose", purpose_names[q->purpose]);
	for (size_t i = 0; i < s->mark.n; i++) {
		char *text = scenario_mark_line(&s->mark.v[i]), *value = strchr(text, ' ');

		*value++ = '\0';
		put_comment(out, text, value);
		free(text);
	}
	for (int rank = AFFECTED_LOST + 1; rank >= AFFECTED_KEPT; rank--) {
		for (uint32_t i = 0; rc == 0 && i < q->graph->cert.n; i++) {
			if (rank_of(&a, q, i) != rank)
				continue;
			rc = put_cert(c, &a, q, i, out, err);
			++*n;
		}
	}
	affected_release(&a);
	return rc;
}
