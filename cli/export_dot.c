#include "cli/export.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"

#define NAME_COLUMNS 44 /* of a CA's name on a node */
#define RED "#b3261e"

/* What a CA looks like; a word goes with each colour. */
static const struct look {
	const char *word, *fill;
	const char *of; /* behind the number of leaves */
} looks[] = {
	[AFFECTED_NOT] = { "", "white", "" },
	[AFFECTED_BESIDE] = { "", "white", "" },
	[AFFECTED_KEPT] = { "kept by another path", "#dcedc8", "leaves" },
	[AFFECTED_SOME] = { "accepts fewer leaves", "#ffe9b3", "lost" },
	[AFFECTED_LOST] = { "lost", "#f6c9c5", "leaves" },
};

struct picture {
	struct cli *c;
	const struct graph *g;
	const struct trust_query *q;
	struct affected a;
	struct strbuf *out;
};

/* Between the quotes of a label: clean, nothing that Graphviz takes for a quote, an escape or an entity. */
static void put_text(struct strbuf *out, const char *text, int columns)
{
	struct strbuf clean = STRBUF_INIT;
	size_t n;
	int took;

	text_clean(&clean, text, strlen(text));
	n = columns ? text_clip(clean.buf, columns, &took) : clean.len;
	for (size_t i = 0; i < n; i++) {
		if (clean.buf[i] == '&')
			strbuf_addstr(out, "&amp;");
		else if (strchr("\"\\", clean.buf[i]))
			strbuf_addf(out, "\\%c", clean.buf[i]);
		else
			strbuf_addch(out, clean.buf[i]);
	}
	if (n < clean.len)
		strbuf_addstr(out, "…");
	strbuf_release(&clean);
}

/* ---- CAs ---- */

/* An arrow would lead from the CA to itself, or from nowhere: what is marked stands on the node. */
static bool on_node(const struct picture *p, uint32_t cert)
{
	const struct ca_cert *c = &p->g->cert.v[cert];

	for (uint32_t i = 0; i < c->n_issuers; i++) {
		uint32_t issuer = p->g->issuers[c->first_issuer + i];

		if (issuer != c->ca && p->a.ca[issuer] != AFFECTED_NOT)
			return false;
	}
	return true;
}

static bool is_blocked(const struct picture *p, uint32_t ca)
{
	for (size_t i = 0; i < p->q->n_marks; i++) {
		const struct mark *m = &p->q->marks[i];

		if (m->action == MARK_BLOCK && m->target == p->g->ca.v[ca].key && mark_in_force(m, p->q->day))
			return true;
	}
	return false;
}

/* Actions on the key or on certificates without an arrow; each once. */
static void put_actions(const struct picture *p, uint32_t ca, struct strbuf *actions)
{
	const struct ca *k = &p->g->ca.v[ca];

	if (is_blocked(p, ca))
		strbuf_addstr(actions, "block");
	for (uint32_t i = 0; i < k->n_certs; i++) {
		uint32_t cert = p->g->ca_certs[k->first_cert + i];
		struct strbuf one = STRBUF_INIT;

		if (on_node(p, cert))
			affected_actions(p->q, cert, &one);
		if (one.len && !strstr(actions->buf, one.buf))
			strbuf_addf(actions, "%s%s", actions->len ? ", " : "", one.buf);
		strbuf_release(&one);
	}
}

static bool has_anchor(const struct picture *p, uint32_t ca)
{
	const struct ca *k = &p->g->ca.v[ca];

	for (uint32_t i = 0; i < k->n_certs; i++) {
		if (p->a.cert[p->g->ca_certs[k->first_cert + i]] & AFFECTED_ANCHOR)
			return true;
	}
	return false;
}

static void put_numbers(const struct picture *p, uint32_t ca)
{
	struct leaf_tally t = { 0 };
	char lost[32], trusted[32];

	if (trust_before(p->a.trust, ca) == ACCEPT_NONE)
		strbuf_addstr(p->out, "\\nnot trusted before");
	if (p->a.ca[ca] < AFFECTED_KEPT)
		return;
	strbuf_addf(p->out, "\\n%s", looks[p->a.ca[ca]].word);
	if (!ca_counted(&p->g->ca.v[ca]))
		return;
	trust_tally(p->a.trust, ca, p->q->day, &t);
	num_group(lost, p->a.ca[ca] == AFFECTED_KEPT ? t.kept : t.lost);
	num_group(trusted, t.trusted);
	const char *bound = p->g->ca.v[ca].coverage == COVERAGE_COMPLETE ? "" : "≥ ";
	strbuf_addf(p->out, ": %s%s of %s%s %s", bound, lost, bound, trusted, looks[p->a.ca[ca]].of);
}

static void put_ca(struct picture *p, uint32_t ca)
{
	const struct ca *k = &p->g->ca.v[ca];
	struct strbuf actions = STRBUF_INIT;
	bool anchor = has_anchor(p, ca);

	put_actions(p, ca, &actions);
	strbuf_addf(p->out, "  c%u [label=\"", ca);
	put_text(p->out, k->name, NAME_COLUMNS);
	strbuf_addstr(p->out, "\\n");
	strbuf_addhex(p->out, k->id, 6);
	if (anchor)
		strbuf_addstr(p->out, ", anchor");
	if (actions.len)
		strbuf_addf(p->out, "\\nmarked: %s", actions.buf);
	put_numbers(p, ca);
	if (!trust_exact(p->a.trust, ca))
		strbuf_addstr(p->out, "\\ntoo many paths: not exact");
	if (trust_unevaluated(p->a.trust, ca))
		strbuf_addstr(p->out, "\\na rule is not evaluated");
	strbuf_addf(p->out, "\", fillcolor=\"%s\"%s%s, tooltip=\"", looks[p->a.ca[ca]].fill,
		anchor ? ", peripheries=2" : "", actions.len ? ", color=\"" RED "\", penwidth=3" : "");
	put_text(p->out, k->subject, 0);
	strbuf_addstr(p->out, "\"];\n");
	strbuf_release(&actions);
}

/* ---- certificates ---- */

static void put_arrow(struct picture *p, uint32_t cert, uint32_t issuer)
{
	const struct ca_cert *c = &p->g->cert.v[cert];
	struct strbuf actions = STRBUF_INIT;
	char date[DATE_BUF];

	affected_actions(p->q, cert, &actions);
	strbuf_addf(p->out, "  c%u -> c%u [", issuer, c->ca);
	if (p->a.cert[cert] & AFFECTED_MARKED)
		strbuf_addf(p->out, "style=dashed, color=\"" RED "\", fontcolor=\"" RED "\", penwidth=2, label=\"%s\"",
			actions.buf);
	else if (p->a.cert[cert] & AFFECTED_SURVIVES)
		strbuf_addstr(
			p->out, "style=bold, color=\"#2e7d32\", fontcolor=\"#2e7d32\", penwidth=2.5, label=\"stays\"");
	else
		strbuf_addstr(p->out, "color=\"#757575\"");
	strbuf_addstr(p->out, ", tooltip=\"");
	strbuf_addhex(p->out, c->sha256, sizeof(c->sha256));
	if (c->not_after != TIME_UNKNOWN)
		strbuf_addf(p->out, " to %s", date_format(date, date_of_time(c->not_after)));
	strbuf_addstr(p->out, "\"];\n");
	strbuf_release(&actions);
}

static void put_arrows(struct picture *p)
{
	for (uint32_t cert = 0; cert < p->g->cert.n; cert++) {
		const struct ca_cert *c = &p->g->cert.v[cert];

		if (p->a.ca[c->ca] == AFFECTED_NOT || !(p->a.cert[cert] & (AFFECTED_MARKED | AFFECTED_LINK)))
			continue;
		for (uint32_t i = 0; i < c->n_issuers; i++) {
			uint32_t issuer = p->g->issuers[c->first_issuer + i];

			if (issuer != c->ca && p->a.ca[issuer] != AFFECTED_NOT)
				put_arrow(p, cert, issuer);
		}
	}
}

/* ---- the whole ---- */

static void put_legend(struct picture *p)
{
	strbuf_addstr(p->out, "  subgraph cluster_legend {\n    label=\"legend\";\n    color=\"#757575\";\n"
			      "    l0 [label=\"anchor of the program\", peripheries=2];\n"
			      "    l1 [label=\"marked\", color=\"" RED "\", penwidth=3];\n");
	for (int i = AFFECTED_KEPT; i <= AFFECTED_LOST; i++)
		strbuf_addf(p->out, "    l%d [label=\"%s\", fillcolor=\"%s\"];\n", i, looks[i].word, looks[i].fill);
	strbuf_addstr(p->out, "    l0 -> l1 [style=dashed, color=\"" RED "\", fontcolor=\"" RED
			      "\", penwidth=2, label=\"marked certificate\"];\n"
			      "    l2 -> l3 [style=bold, color=\"#2e7d32\", fontcolor=\"#2e7d32\", penwidth=2.5, "
			      "label=\"stays: path that is left\"];\n"
			      "    l3 -> l4 [color=\"#757575\", label=\"certificate\"];\n  }\n");
}

static void put_title(struct picture *p, const struct scenario *s)
{
	char date[DATE_BUF];

	strbuf_addstr(p->out, "  label=\"");
	put_text(p->out, s->program, NAME_COLUMNS);
	strbuf_addf(p->out, ", %s, on %s", purpose_names[s->purpose], date_format(date, p->q->day));
	for (size_t i = 0; i < s->mark.n; i++) {
		const struct scenario_mark *m = &s->mark.v[i];
		char *text = m->since == MARK_ALWAYS ? scenario_mark_text(m) : scenario_mark_line(m);

		strbuf_addstr(p->out, "\\n");
		put_text(p->out, text, 2 * NAME_COLUMNS);
		free(text);
	}
	strbuf_addstr(p->out, "\";\n  labelloc=t;\n");
}

void export_dot(struct cli *c, const struct scenario *s, const struct trust_query *q, struct strbuf *out)
{
	struct picture p = { .c = c, .g = q->graph, .q = q, .out = out };

	affected_find(q, &p.a);
	strbuf_addstr(out, "// written by 'canopy export dot'; dot -Tsvg draws it\ndigraph canopy {\n  rankdir=LR;\n"
			   "  fontname=\"sans-serif\";\n  charset=\"UTF-8\";\n"
			   "  node [shape=box, style=filled, fillcolor=white, fontname=\"sans-serif\", fontsize=11];\n"
			   "  edge [fontname=\"sans-serif\", fontsize=10];\n");
	put_title(&p, s);
	for (uint32_t ca = 0; ca < p.g->ca.n; ca++) {
		if (p.a.ca[ca] != AFFECTED_NOT)
			put_ca(&p, ca);
	}
	put_arrows(&p);
	put_legend(&p);
	strbuf_addstr(out, "}\n");
	affected_release(&p.a);
}
