/* A mark in the words of a report. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/impact_out.h"

#define NAME_COLUMNS 64
#define DIGITS_SHOWN 12
#define DIGITS_MANY 32 /* nobody reads so many */

static void add_name(struct strbuf *out, const struct ca *ca)
{
	const char *name = *ca->name ? ca->name : ca->subject;
	int took;
	size_t len = text_clip(name, NAME_COLUMNS, &took);

	strbuf_addf(out, " (%.*s%s)", (int)len, name, name[len] ? "..." : "");
}

/* The CA that a part of the mark is of; NULL: it names nothing. */
static const struct ca *ca_of(const struct answer *a, size_t mark)
{
	const struct trust_query *q = a->query;
	const struct graph *g = a->g;
	size_t k = 0;

	while (k < q->n_marks && q->marks[k].from != mark)
		k++;
	if (k == q->n_marks)
		return NULL;
	return &g->ca.v[q->marks[k].action == MARK_BLOCK ? g->key_cas[g->key_first[q->marks[k].target]] : g->cert.v[q->marks[k].target].ca];
}

/* Where the digits of a REF begin, of which it has nothing else; NULL: it is in words. */
static const char *digits_of(const char *ref)
{
	const char *at = strchr(ref, ':');

	at = at ? at + 1 : ref;
	return strlen(at) >= DIGITS_MANY && !at[strspn(at, "0123456789abcdefABCDEF")] ? at : NULL;
}

void answer_mark_text(const struct answer *a, size_t mark, bool brief, struct strbuf *out)
{
	const struct scenario_mark *m = &a->scenario->mark.v[mark];
	const struct ca *ca = ca_of(a, mark);
	const char *digits = digits_of(m->ref);
	char *text = scenario_mark_text(m);

	if (brief && ca && digits) {
		strbuf_add(out, text, (size_t)(digits - m->ref) + DIGITS_SHOWN);
		strbuf_addstr(out, text + strlen(m->ref));
	} else {
		strbuf_addstr(out, text);
	}
	free(text);
	if (!ca)
		answer_ref_name(a, m->ref, out); /* an earlier mark may have all that it names */
	else if (strncmp(m->ref, "owner:", 6) != 0 && !strstr(m->ref, *ca->name ? ca->name : ca->subject))
		add_name(out, ca);
}

void answer_ref_name(const struct answer *a, const char *ref, struct strbuf *out)
{
	uint8_t sha256[32];
	uint32_t cert;

	if (strlen(ref) != 64 || hex_decode(ref, 64, sha256) < 0)
		return;
	cert = graph_find_cert(a->g, sha256);
	if (cert != NO_INDEX)
		add_name(out, &a->g->ca.v[a->g->cert.v[cert].ca]);
}
