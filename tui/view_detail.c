#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/detail.h"

/* ---- who ---- */

static void add_key(const struct detail *x)
{
	const struct ca *c = detail_ca(x);
	struct cert_detail t;
	struct err err = { 0 };

	if (!c->n_certs || index_cert_detail(x->t->model.index, x->t->model.g->ca_certs[c->first_cert], &t, &err) < 0)
		return;
	doc_field(x->d, "key", t.key_alg);
	doc_field(x->d, "SKI", t.ski);
	cert_detail_release(&t);
}

#define FINGERPRINTS_SHOWN 2

/* What people came by: theirs is to be seen at once. All else of the certificates stands below. */
static void add_fingerprints(const struct detail *x)
{
	const struct ca *c = detail_ca(x);
	const struct graph *g = x->t->model.g;
	size_t n = c->n_certs > FINGERPRINTS_SHOWN ? FINGERPRINTS_SHOWN : c->n_certs;
	char hex[65];

	for (size_t i = 0; i < n; i++) {
		hex_encode(g->cert.v[g->ca_certs[c->first_cert + i]].sha256, 32, hex);
		doc_field(x->d, i ? "" : n > 1 ? "certificates" : "certificate", hex);
	}
	if (c->n_certs > n)
		doc_fieldf(x->d, "", "and %zu more, below under Certificates", c->n_certs - n);
}

static void add_identity(const struct detail *x)
{
	const struct ca *c = detail_ca(x);
	char hex[65];

	doc_field(x->d, "subject", c->subject);
	doc_field(x->d, "owner", *c->owner ? c->owner : "not known (no CCADB report here names one)");
	if (*c->ca_owner && strcmp(c->ca_owner, c->owner) != 0)
		doc_field(x->d, "CA owner", c->ca_owner);
	detail_add_standings(x);
	detail_add_findings_line(x);
	add_key(x);
	hex_encode(c->spki_sha256, 32, hex);
	doc_field(x->d, "SPKI SHA-256", hex);
	hex_encode(c->id, 32, hex);
	doc_field(x->d, "ca_id", hex);
	add_fingerprints(x);
}

/* ---- the view ---- */

static void fill(const struct detail *x, bool pane)
{
	if (pane) {
		doc_line(x->d);
		doc_add(x->d, R_SECTION, model_name(&x->t->model, x->ca));
		doc_link(x->d, LINK_CA, x->ca);
	}
	add_identity(x);
	detail_add_counts(x);
	detail_add_trust(x);
	detail_add_findings(x);
	detail_add_sites(x);
	detail_add_kin(x);
	detail_add_certs(x);
}

static void open(struct tui *t, struct view *v)
{
	uint32_t ca = v->has_id ? model_find_ca(&t->model, v->id) : NO_INDEX;
	struct doc *d = &v->doc;
	struct detail x = { t, d, ca, v->more };
	struct strbuf was = STRBUF_INIT;

	/* what comes later must not move what is read */
	doc_keep(d, &was);
	doc_begin(d, v->area.w);
	v->stale = false;
	if (ca == NO_INDEX) {
		strbuf_release(&was);
		doc_wrap(d, R_LABEL, 2, "this CA is no longer in the index");
		return;
	}
	fill(&x, v == t->pane);
	if (was.len)
		doc_seek(d, &was);
	strbuf_release(&was);
}

static bool folds(struct tui *t, struct view *v, const char *text)
{
	struct doc whole = { 0 };
	struct detail x = { t, &whole, v->has_id ? model_find_ca(&t->model, v->id) : NO_INDEX, true };
	bool found = false;

	if (!v->more && x.ca != NO_INDEX && v->doc.width) { /* it was drawn */
		doc_begin(&whole, v->doc.width);
		fill(&x, v == t->pane);
		found = doc_find(&whole, text, 0, 1);
	}
	doc_release(&whole);
	return found;
}

static void draw(struct tui *t, struct view *v, const struct area *a, bool focused)
{
	int title = v == t->pane ? 0 : 1;
	struct area inner = { a->y + title, a->x + 1, a->h - title, a->w - 1 };

	if (title)
		frame_way(t, a);
	if (v->stale || v->doc.width != a->w)
		open(t, v);
	v->area.y = inner.y;
	v->area.h = inner.h;
	doc_draw(&v->doc, &inner, focused);
	if (focused)
		t->cursor_y = inner.y + (int)(v->doc.cursor - v->doc.top);
}

static void target(struct tui *t, struct view *v, struct target *ret)
{
	const struct doc_line *l = doc_at_cursor(&v->doc);

	ret->ca = v->has_id ? model_find_ca(&t->model, v->id) : NO_INDEX;
	if (l && l->kind == LINK_CA)
		ret->ca = l->target;
	if (l && l->kind == LINK_CERT) {
		ret->cert = l->target;
		ret->ca = t->model.g->cert.v[l->target].ca;
	}
}

static void status(struct tui *t, struct view *v, struct strbuf *out)
{
	const struct doc_line *l = doc_at_cursor(&v->doc);

	(void)t;
	if (l && l->kind == LINK_CERT)
		strbuf_addstr(out, "one certificate  ");
	strbuf_addf(out, "%u/%zu", v->doc.cursor + 1, v->doc.line.n);
}

static void enter(struct tui *t, struct view *v)
{
	const struct doc_line *l = doc_at_cursor(&v->doc);
	uint32_t ca = model_find_ca(&t->model, v->id);

	uint32_t to = !l                     ? NO_INDEX
		      : l->kind == LINK_CA   ? l->target
		      : l->kind == LINK_CERT ? t->model.g->cert.v[l->target].ca
					     : NO_INDEX;

	if (to != NO_INDEX && (to != ca || (v == t->pane && l->kind == LINK_CA)))
		tui_push(t, &view_detail, to);
	else if (l && l->kind == LINK_CERT)
		tui_say(t, "m marks this one certificate, y copies its fingerprint");
	else
		tui_say(t, "nothing to open on this line; Tab goes to the next link");
}

static void in_tree(struct tui *t, struct view *v)
{
	struct target x = TARGET_NONE;

	target(t, v, &x);
	history_mark(t);
	while (t->stack.n > 1)
		tui_pop(t);
	t->pane_focus = false;
	if (x.ca != NO_INDEX && !rows_reveal(&t->rows, &t->model, x.ca, NO_INDEX))
		tui_say(t, "not below the roots shown; A shows all roots");
}

static void next_link(struct doc *d, int by)
{
	size_t n = d->line.n;

	for (size_t i = 1; i <= n; i++) {
		size_t at = (d->cursor + (by > 0 ? i : n - i)) % n;
		if (d->line.v[at].kind != LINK_NONE) {
			d->cursor = (uint32_t)at;
			return;
		}
	}
}

static void forward(struct tui *t, struct view *v)
{
	if (v == t->pane)
		t->pane_focus = false;
	else
		next_link(&v->doc, 1);
}

static void backward(struct tui *t, struct view *v)
{
	if (v == t->pane)
		t->pane_focus = false;
	else
		next_link(&v->doc, -1);
}

/* The line with a certificate's number. */
static bool is_cert_title(const struct doc *d, const struct doc_line *l)
{
	return l->kind == LINK_CERT && l->n && d->span.v[l->first].role == R_LABEL;
}

/* The tree below follows to the parent that signed it, where it stands on this CA. */
static void follow_in_tree(struct tui *t, const struct view *v, const struct ca_cert *c)
{
	const struct row *row = rows_at(&t->rows);
	uint32_t parent = NO_INDEX;

	if (t->stack.n != 2 || t->stack.v[1] != v || !row || row->ca != c->ca)
		return;
	for (uint32_t i = 0; i < c->n_issuers && parent == NO_INDEX; i++)
		if (t->model.g->issuers[c->first_issuer + i] != c->ca)
			parent = t->model.g->issuers[c->first_issuer + i];
	if (parent != NO_INDEX || t->rows.is_root[c->ca])
		rows_reveal(&t->rows, &t->model, c->ca, parent);
}

static void next_cert(struct tui *t, struct view *v)
{
	struct doc *d = &v->doc;
	const struct graph *g = t->model.g;
	size_t n = d->line.n, at = 1;

	while (at <= n && !is_cert_title(d, &d->line.v[(d->cursor + at) % n]))
		at++;
	if (at > n) {
		tui_say(t, "the index has no certificate of this CA");
		return;
	}
	d->cursor = (uint32_t)((d->cursor + at) % n);
	d->top = d->cursor;
	const struct ca_cert *c = &g->cert.v[d->line.v[d->cursor].target];
	follow_in_tree(t, v, c);
	tui_say(t, "one of %u certificate%s, signed by %s", g->ca.v[c->ca].n_certs,
		g->ca.v[c->ca].n_certs == 1 ? "" : "s",
		!c->n_issuers                          ? "nobody in the index"
		: g->issuers[c->first_issuer] == c->ca ? "itself"
						       : model_name(&t->model, g->issuers[c->first_issuer]));
}

/* The lines of a page, which is made anew. */
struct lines {
	char **v;
	uint32_t n;
};

static struct lines take_lines(const struct doc *d)
{
	struct lines l = { xcalloc(d->line.n + 1, sizeof(*l.v)), (uint32_t)d->line.n };
	struct strbuf b = STRBUF_INIT;

	for (uint32_t i = 0; i < l.n; i++) {
		doc_line_text(d, i, &b);
		l.v[i] = xstrdup(b.buf);
	}
	strbuf_release(&b);
	return l;
}

static void release_lines(struct lines *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
}

/* Lines of the longer page that the shorter one leaves out, and its line that says so. */
struct gap {
	uint32_t first, end, said;
};

static uint32_t far_off(uint32_t line, uint32_t first, uint32_t end)
{
	return line < first ? first - line : line < end ? 0 : line - end + 1;
}

/* The one nearest to a line of either page; false: they have the same. */
static bool find_gap(const struct lines *brief, const struct lines *full, uint32_t at, bool at_full, struct gap *ret)
{
	uint32_t next = 0, said = 0, least = UINT32_MAX;

	for (uint32_t i = 0; i <= brief->n; i++) {
		uint32_t k = next, far;
		while (k < full->n && (i == brief->n || strcmp(brief->v[i], full->v[k]) != 0))
			k++;
		if (i < brief->n && k == full->n)
			continue;
		far = at_full ? far_off(at, next, k) : far_off(at, said, i > said ? i : said + 1);
		if (k > next && far < least) {
			*ret = (struct gap){ next, k, said };
			least = far;
		}
		next = k + 1;
		said = i + 1;
	}
	return least != UINT32_MAX;
}

#define ABOVE_MORE 2 /* lines that are seen above what came */

/* What came or went is seen: nobody knows otherwise that it did. */
static void show_gap(struct doc *d, const struct gap *g, bool came, uint32_t was, uint32_t was_top)
{
	if (came && (g->first >= d->top + (uint32_t)d->rows || g->end <= d->top)) {
		d->cursor = g->first;
		d->top = g->first > ABOVE_MORE ? g->first - ABOVE_MORE : 0;
	} else if (!came && was >= g->first && was < g->end) {
		d->cursor = g->said;
		d->top = g->said + was_top > was ? g->said + was_top - was : 0;
	}
}

static void more(struct tui *t, struct view *v)
{
	struct doc *d = &v->doc;
	struct lines before = take_lines(d), after;
	uint32_t was = d->cursor, top = d->top;
	struct gap g;
	bool found;

	v->more = !v->more;
	if (v->area.w) /* else it is made when it is drawn first */
		open(t, v);
	after = take_lines(d);
	found = v->more ? find_gap(&before, &after, was, false, &g) : find_gap(&after, &before, was, true, &g);
	if (found)
		show_gap(d, &g, v->more, was, top);
	if (v->more && !found)
		tui_say(t, "all is shown already: no list leaves anything out");
	else
		tui_say(t, "%s", v->more ? "all that can be shown" : "the first of each list");
	release_lines(&before);
	release_lines(&after);
}

static void next_section(struct tui *t, struct view *v)
{
	if (!doc_next_section(&v->doc, 1))
		tui_say(t, "the last section");
}

static void previous_section(struct tui *t, struct view *v)
{
	(void)t;
	if (!doc_next_section(&v->doc, -1))
		v->doc.cursor = 0;
}

static void click(struct tui *t, struct view *v, int y, int x)
{
	uint32_t at = v->doc.top + (uint32_t)y;

	(void)x;
	if (at == v->doc.cursor)
		enter(t, v);
	else if (at < v->doc.line.n)
		v->doc.cursor = at;
}

static const char *label(const struct tui *t, const struct view *v, const struct binding *b)
{
	return b->act == forward && v == t->pane ? "to the tree" : b->label;
}

static const struct binding keymap[] = {
	{ "Enter l Right", enter, "go to", "to the CA on this line" },
	{ "h Left", in_tree, "in tree", "the CA of this line in the tree" },
	{ "Tab", forward, "next link", "next CA or certificate; from the pane back to the tree" },
	{ "S-Tab", backward, NULL, "the one before; from the pane back to the tree" },
	{ ".", next_section, "section", "next section" },
	{ ",", previous_section, NULL, "the section before" },
	{ ">", next_cert, NULL, "next certificate of this CA; the way above follows to the parent that signed it" },
	{ "v", more, NULL, "all paths, children, findings, or the first of them" },
	{ NULL, NULL, NULL, NULL },
};

const struct view_ops view_detail = {
	.name = "detail",
	.keymap = keymap,
	.label = label,
	.open = open,
	.draw = draw,
	.act = view_doc_act,
	.status = status,
	.target = target,
	.click = click,
	.folds = folds,
};
