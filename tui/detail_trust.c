/* Why the CA is trusted, or not: for each program the paths up, drawn as a tree that begins with the CA's own
 * certificates and grows towards the anchors. Paths that share their first links share their first lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/detail.h"

#define WALKED 512     /* paths looked at, a program */
#define DRAWN_CHOSEN 6 /* of them drawn, for the chosen program, for each other, and where more is asked for */
#define DRAWN_OTHER 2
#define DRAWN_MORE 48
#define ANCHORS_LISTED 6
#define UNTIL 17   /* columns of " until 2030-01-01" */
#define DEEPEST 12 /* indents; deeper ones stand below each other */

/* ---- programs in a line ---- */

static const struct {
	enum glyph glyph;
	enum role role;
	const char *text;
} look[] = {
	[STANDS_ALL] = { G_ALL, R_GOOD, "trusted" },
	[STANDS_SOME] = { G_SOME, R_SOME, "trusted with a date rule" },
	[STANDS_NOT] = { G_NONE, R_DIM, "not trusted" },
	[STANDS_REVOKED] = { G_REVOKED, R_BAD, "removed, revoked or blocked" },
	[STANDS_ASSUMED] = { G_ASSUMED, R_SOME, "trusted as is assumed" },
	[STANDS_UNKNOWN] = { G_ELLIPSIS, R_DIM, "being computed" },
};

static void add_purpose(const struct detail *x, enum purpose purpose)
{
	struct model *m = &x->t->model;
	char label[24];
	int at = 18;

	snprintf(label, sizeof(label), "%s", purpose_names[purpose]);
	doc_line(x->d);
	doc_at(x->d, 2, R_LABEL, label);
	for (size_t i = 0; i < m->column.n; i++) {
		enum standing s = model_standing_for(m, i, purpose, x->ca);
		int w = 2 + text_width(m->column.v[i].program) + 2;
		if (at + w > x->d->width && at > 18) {
			doc_line(x->d);
			at = 18;
		}
		doc_at(x->d, at, look[s].role, glyph(look[s].glyph));
		doc_at(x->d, at + 2, s == STANDS_NOT ? R_DIM : R_TEXT, m->column.v[i].program);
		at += w;
	}
	if (!m->column.n)
		doc_at(x->d, at, R_DIM, "no store of a root program in this index");
}

void detail_add_standings(const struct detail *x)
{
	enum purpose chosen = x->t->model.purpose;
	struct strbuf b = STRBUF_INIT;

	add_purpose(x, chosen);
	for (int p = 0; p < PURPOSE_COUNT && x->t->model.column.n; p++)
		if (p != (int)chosen)
			add_purpose(x, (enum purpose)p);
	if (x->t->model.marks.now.n && x->t->model.store) {
		strbuf_addf(&b, "%s for %s with the marks; all else as before them", x->t->model.program, purpose_names[chosen]);
		doc_wrap(x->d, R_LABEL, 18, b.buf);
	}
	strbuf_release(&b);
}

/* ---- the paths ---- */

struct way {
	uint32_t *certs; /* from the CA's own up; in the arena */
	size_t n, at, order;
	enum path_reason reason;
	bool cut; /* good but for the marks */
	bool assumed; /* its anchor is one only because that is assumed */
	bool refused; /* its first certificate is revoked or distrusted, and the program's clients enforce that */
	struct box box;
};
/* One certificate in the drawing; its children are those of its issuers. */
struct node {
	uint32_t cert, parent; /* parent: a node, NO_INDEX for the CA's own */
	bool on_good;
};
struct ways {
	const struct detail *x;
	size_t column;
	struct arena arena;
	VEC(struct way) way;
	size_t drawn, good;
	VEC(struct node) node;
	VEC(uint32_t) end; /* node that way number i ends in */
};

static bool is_good(const struct way *y)
{
	return y->reason == PATH_OK && !y->cut;
}

/* An assumed anchor has no rule; one of the store's own has a path beside it, with its rule. */
static bool is_assumed(const struct ways *w, const struct path_report *r)
{
	const struct model *m = &w->x->t->model;
	uint32_t top = r->certs[r->n - 1];
	const struct anchor_rule *own;

	if (w->column != m->chosen || r->reason == PATH_NO_ANCHOR || !marks_assume_cert(&m->marks, m->g, top))
		return false;
	own = store_anchor(m->store, top, m->purpose);
	return !own || (box_is_all(&r->before) && !box_is_all(&own->box));
}

static bool take_path(void *ctx, const struct path_report *r)
{
	struct ways *w = ctx;
	struct way y = { .n = r->n, .at = r->at, .order = w->way.n, .reason = r->reason };

	if (!r->n)
		return true;
	y.cut = r->reason == PATH_OK && !r->has_after && !box_empty(&r->before);
	y.box = r->reason == PATH_OK && r->has_after ? r->after : r->before;
	y.assumed = is_assumed(w, r);
	y.refused = model_refuses(&w->x->t->model, w->column, r->certs[0]);
	y.certs = arena_dup(&w->arena, r->certs, r->n * sizeof(*r->certs));
	w->good += is_good(&y);
	vec_push(&w->way, y);
	return true;
}

/* Accepted before the marks, and not any more. */
static bool is_cut(const struct way *y)
{
	return y->cut || y->reason == PATH_BLOCKED || y->reason == PATH_REVOKED_BY_MARK || y->reason == PATH_REMOVED;
}

/* Good ones first, then what the marks did, which is what was asked, then those that tell why the CA is not trusted,
 * shortest first. */
static int by_worth(const void *a, const void *b)
{
	const struct way *x = a, *y = b;

	if (is_good(x) != is_good(y))
		return is_good(x) ? -1 : 1;
	if (is_cut(x) != is_cut(y))
		return is_cut(x) ? -1 : 1;
	if (x->refused != y->refused)
		return x->refused ? -1 : 1;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* However many are good, one that the marks cut is among those drawn. */
static void choose_drawn(struct ways *w, size_t most)
{
	const size_t last = most - 1;
	struct way cut;

	w->drawn = w->way.n < most ? w->way.n : most;
	if (most < 2 || w->good < most || w->good == w->way.n || !is_cut(&w->way.v[w->good]))
		return;
	cut = w->way.v[w->good];
	memmove(&w->way.v[last + 1], &w->way.v[last], (w->good - last) * sizeof(cut));
	w->way.v[last] = cut;
}

static uint32_t node_of(struct ways *w, uint32_t parent, uint32_t cert)
{
	for (uint32_t i = 0; i < w->node.n; i++)
		if (w->node.v[i].parent == parent && w->node.v[i].cert == cert)
			return i;
	vec_push(&w->node, (struct node){ .cert = cert, .parent = parent });
	return (uint32_t)w->node.n - 1;
}

static void plant(struct ways *w)
{
	for (size_t i = 0; i < w->drawn; i++) {
		const struct way *y = &w->way.v[i];
		uint32_t at = NO_INDEX;
		for (size_t k = 0; k < y->n; k++) {
			at = node_of(w, at, y->certs[k]);
			w->node.v[at].on_good |= is_good(y);
		}
		vec_push(&w->end, at);
	}
}

static void short_hex(char buf[24], const uint8_t *bytes)
{
	hex_encode(bytes, 4, buf);
	snprintf(buf + 8, 16, "%s", glyph(G_ELLIPSIS));
}

/* ---- what is said at a link ---- */

static void say_limits(struct strbuf *out, const struct box *b)
{
	char day[DATE_BUF];

	if (b->nb_hi != INT64_MAX)
		strbuf_addf(out, ", leaves issued until %s", date_format(day, date_of_time(b->nb_hi)));
	if (b->nb_lo != INT64_MIN)
		strbuf_addf(out, ", leaves issued from %s", date_format(day, date_of_time(b->nb_lo)));
	if (b->sct_hi != INT64_MAX)
		strbuf_addf(out, ", SCTs until %s", date_format(day, date_of_time(b->sct_hi)));
	if (b->sct_lo != INT64_MIN)
		strbuf_addf(out, ", SCTs from %s", date_format(day, date_of_time(b->sct_lo)));
}

struct saying {
	bool good, bad;
	struct strbuf text;
	struct strbuf mild; /* what decides nothing here */
};

static void join(struct saying *s, const char *text)
{
	if (strstr(s->text.buf, text))
		return;
	strbuf_addf(&s->text, "%s%s", s->text.len ? "; " : "", text);
}

/* Do the marks, which are drawn for the chosen program alone, take away that it is an anchor? */
static bool is_marked_off(const struct ways *w, uint32_t cert)
{
	const struct model *m = &w->x->t->model;

	for (size_t i = 0; w->column == m->chosen && i < m->asked.mark.n; i++) {
		const struct mark *k = &m->asked.mark.v[i];

		if (mark_in_force(k, m->day) && (k->action == MARK_BLOCK ? k->target == m->g->ca.v[m->g->cert.v[cert].ca].key
			: (k->action == MARK_REMOVE || k->action == MARK_REVOKE) && k->target == cert))
			return true;
	}
	return false;
}

/* A way ends here. */
static void say_end(const struct ways *w, const struct way *y, uint32_t node, struct saying *s)
{
	struct strbuf b = STRBUF_INIT;
	char hex[24];

	if (is_good(y)) {
		s->good = true;
		strbuf_addstr(&b, y->assumed ? "assumed anchor" : "anchor");
		say_limits(&b, &y->box);
	} else if (y->cut) {
		s->bad = true;
		strbuf_addstr(&b, y->assumed ? "assumed anchor, cut by the marks" : "anchor, cut by the marks");
	} else if (y->at + 1 < y->n) {
		uint32_t fails = node;
		for (size_t k = y->n - 1; k > y->at; k--)
			fails = w->node.v[fails].parent;
		if (w->node.v[fails].on_good) {
			s->bad = true;
			short_hex(hex, w->x->t->model.g->cert.v[y->certs[y->at]].sha256);
			strbuf_addf(&b, "%s at %s", path_reason_names[y->reason], hex);
		} else if (y->reason != PATH_DISTRUSTED) {
			strbuf_addf(&b, "%s%s, not reached", y->assumed ? "assumed anchor" : "anchor",
				is_marked_off(w, w->node.v[node].cert) ? " before the marks" : "");
		}
	}
	if (b.len)
		join(s, b.buf);
	strbuf_release(&b);
}

/* A way fails at this link, whatever is above it. */
static void say_fault(const struct ways *w, const struct way *y, uint32_t end, uint32_t node, struct saying *s)
{
	uint32_t at = end;

	if (y->reason == PATH_OK)
		return;
	for (size_t k = y->n - 1; k > y->at; k--)
		at = w->node.v[at].parent;
	if (at != node || (w->node.v[at].on_good && at != end))
		return;
	s->bad = true;
	join(s, path_reason_names[y->reason]);
}

/* ", from DATE" behind the judge's reason where that is it; else a remark: another fault comes first, or validity is not
 * judged here. True: it is over. */
static bool say_validity(const struct ways *w, uint32_t node, struct saying *s)
{
	const struct model *m = &w->x->t->model;
	const struct ca_cert *c = &m->g->cert.v[w->node.v[node].cert];
	const bool known = c->not_before != TIME_UNKNOWN && c->not_after != TIME_UNKNOWN;
	const bool over = known && c->not_after < date_start(m->day);
	const char *reason = path_reason_names[over ? PATH_EXPIRED : PATH_NOT_YET_VALID];
	const char *at = s->text.len ? strstr(s->text.buf, reason) : NULL;
	struct strbuf all = STRBUF_INIT, told = STRBUF_INIT;
	char day[DATE_BUF];

	if (!known || cert_valid_on(c, m->day))
		return false;
	strbuf_addf(&told, "%s%s %s", reason, over ? "" : ", from", date_format(day, date_of_time(over ? c->not_after : c->not_before)));
	if (at && strncmp(at + strlen(reason), " at ", 4) != 0) { /* else that of another certificate */
		strbuf_add(&all, s->text.buf, (size_t)(at - s->text.buf));
		strbuf_addf(&all, "%s%s", told.buf, at + strlen(reason));
		strbuf_reset(&s->text);
		strbuf_addstr(&s->text, all.buf);
	} else {
		strbuf_addf(&s->mild, "%s%s", told.buf, s->good ? ", not judged" : "");
	}
	strbuf_release(&all);
	strbuf_release(&told);
	return over;
}

/* "revoked by onecrl, crlset": those of these sources. */
static bool add_revokers(const struct model *m, uint32_t cert, unsigned sources, struct strbuf *out)
{
	bool any = false;

	for (unsigned by = 0; by < REVOCATION_SOURCES; by++) {
		if (!(sources & 1U << by) || !cert_revoked_by(m->g, cert, (enum revocation_source)by, m->day))
			continue;
		strbuf_addf(out, "%s%s", any ? ", " : out->len ? "; revoked by " : "revoked by ", revocation_names[by]);
		any = true;
	}
	return any;
}

/* By whom, and also where the path fails for another reason before: it is what the CA's state comes from. */
static void say_enforced(const struct ways *w, uint32_t cert, struct saying *s)
{
	const struct model *m = &w->x->t->model;
	struct strbuf b = STRBUF_INIT;

	if (add_revokers(m, cert, model_revokers(m, m->column.v[w->column].program), &b)) {
		s->bad = true;
		join(s, b.buf);
	}
	strbuf_release(&b);
}

static void say_unenforced(const struct ways *w, uint32_t cert, struct strbuf *out)
{
	const struct model *m = &w->x->t->model;

	if (add_revokers(m, cert, ~model_revokers(m, m->column.v[w->column].program), out))
		strbuf_addf(out, ", not %s", m->revocation == REVOCATION_ENFORCED ? "enforced" : "counted");
}

/* ---- drawing ---- */

/* What is said of a certificate, with what decides nothing behind it. */
static void add_said(struct doc *d, const struct saying *s)
{
	if (s->text.len)
		doc_addf(d, s->good ? R_GOOD : s->bad ? R_BAD : R_DIM, "  %s", s->text.buf);
	if (s->mild.len)
		doc_addf(d, R_SOME, "%s%s", s->text.len ? "; " : "  ", s->mild.buf);
}

/* A part of what is said below a name, from where the part before it ended; what has no room begins the next line. */
struct below {
	struct doc *d;
	const char *guides;
	int room, left; /* columns of a line, and what is free of this one; no line yet: below 0 */
};

static void add_word(struct below *b, enum role role, const char *word, size_t len)
{
	char *copy = xstrndup(word, len);
	const char *rest = copy;

	for (int took; *rest;) {
		bool fresh = b->left < 0 || text_width(rest) + 1 > b->left;

		if (fresh) {
			doc_line(b->d);
			doc_at(b->d, 4, R_GUIDE, b->guides);
			b->left = b->room;
		}
		len = text_clip(rest, b->left - 1, &took);
		if (!len)
			break;
		doc_addf(b->d, role, "%s%.*s", fresh ? "  " : " ", (int)len, rest);
		b->left -= took + 1;
		rest += len;
	}
	free(copy);
}

static void add_words(struct below *b, enum role role, const char *text)
{
	for (size_t len; *(text += strspn(text, " ")); text += len)
		add_word(b, role, text, len = strcspn(text, " "));
}

/* The same below the name, in as many lines as it needs, between the guides of the drawing. */
static void add_said_below(struct doc *d, const struct saying *s, const char *guides)
{
	struct below b = { d, guides, d->width - 5 - text_width(guides), -1 };
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "%s%s", s->text.len ? s->text.buf : "", s->text.len && s->mild.len ? ";" : "");
	add_words(&b, s->good ? R_GOOD : s->bad ? R_BAD : R_DIM, text.buf);
	if (s->mild.len)
		add_words(&b, R_SOME, s->mild.buf);
	strbuf_release(&text);
}

/* What ends or fails there, and what is remarked. True: its time is over, which is said. */
static bool say_all(const struct ways *w, uint32_t node, struct saying *s)
{
	bool over;

	say_enforced(w, w->node.v[node].cert, s); /* first: join() drops the mere "revoked" then */
	for (size_t i = 0; i < w->drawn; i++) {
		say_fault(w, &w->way.v[i], w->end.v[i], node, s);
		if (w->end.v[i] == node)
			say_end(w, &w->way.v[i], node, s);
	}
	over = say_validity(w, node, s);
	say_unenforced(w, w->node.v[node].cert, &s->mild);
	return over;
}

/* below: guides of the lines under it, where what is said has no room beside the name. */
static void add_node(const struct ways *w, uint32_t node, const char *guides, const char *below)
{
	const struct model *m = &w->x->t->model;
	const struct ca_cert *c = &m->g->cert.v[w->node.v[node].cert];
	struct saying s = { .text = STRBUF_INIT, .mild = STRBUF_INIT };
	struct strbuf name = STRBUF_INIT;
	struct doc *d = w->x->d;
	char hex[24], day[DATE_BUF];
	bool over = say_all(w, node, &s), dated, apart;
	int room, sign, said;

	short_hex(hex, c->sha256);
	sign = s.good || s.bad ? 1 + text_width(glyph(s.good ? G_OK : G_BAD)) : 0;
	said = (s.text.len ? 2 + text_width(s.text.buf) : 0) + (s.mild.len ? 2 + text_width(s.mild.buf) : 0);
	room = d->width - 5 - text_width(guides) - sign - 2 - text_width(hex);
	apart = said && room - said < 12;
	room -= apart ? 0 : said;
	/* the date gives way to the name, what is said to neither */
	dated = !over && c->not_after != TIME_UNKNOWN &&
		room - UNTIL >= (text_width(model_name(m, c->ca)) < 24 ? text_width(model_name(m, c->ca)) : 24);
	room -= dated ? UNTIL : 0;
	fmt_name(&name, model_name(m, c->ca), room < 12 ? 12 : room);
	doc_line(d);
	doc_at(d, 4, R_GUIDE, guides);
	if (s.good || s.bad)
		doc_addf(d, s.good ? R_GOOD : R_BAD, "%s ", glyph(s.good ? G_OK : G_BAD));
	doc_add(d, s.good ? R_GOOD : s.bad ? R_BAD : w->node.v[node].on_good ? R_TEXT : R_DIM, name.buf);
	doc_addf(d, R_DIM, "  %s", hex);
	if (dated)
		doc_addf(d, R_DIM, " until %s", date_format(day, date_of_time(c->not_after)));
	if (!apart)
		add_said(d, &s);
	doc_link(d, LINK_CERT, w->node.v[node].cert);
	if (apart)
		add_said_below(d, &s, below);
	strbuf_release(&s.text);
	strbuf_release(&s.mild);
	strbuf_release(&name);
}

static uint32_t next_child(const struct ways *w, uint32_t parent, uint32_t from)
{
	for (uint32_t i = from; i < w->node.n; i++)
		if (w->node.v[i].parent == parent)
			return i;
	return NO_INDEX;
}

static void add_branch(const struct ways *w, uint32_t parent, const struct strbuf *above, int depth)
{
	const bool plain = w->x->t->opt->plain;
	struct strbuf own = STRBUF_INIT, below = STRBUF_INIT;

	for (uint32_t i = next_child(w, parent, 0); i != NO_INDEX;) {
		uint32_t next = next_child(w, parent, i + 1);
		strbuf_reset(&own);
		strbuf_reset(&below);
		strbuf_addstr(&below, above->buf);
		/* what is read out aloud has levels, no lines */
		if (plain)
			strbuf_addf(&own, "%d ", depth + 1);
		else
			strbuf_addf(&own, "%s%s ", above->buf, glyph(next == NO_INDEX ? G_ELBOW : G_TEE));
		if (depth < DEEPEST && !plain)
			strbuf_addf(&below, "%s ", next == NO_INDEX ? "  " : glyph(G_PIPE));
		add_node(w, i, own.buf, below.buf);
		add_branch(w, i, &below, depth + 1);
		i = next;
	}
	strbuf_release(&own);
	strbuf_release(&below);
}

/* ---- what is not drawn ---- */

static bool ends_at(const struct ways *w, size_t from, size_t to, uint32_t ca)
{
	const struct graph *g = w->x->t->model.g;

	for (size_t i = from; i < to; i++)
		if (is_good(&w->way.v[i]) && g->cert.v[w->way.v[i].certs[w->way.v[i].n - 1]].ca == ca)
			return true;
	return false;
}

/* Anchors that only paths not drawn lead to. */
static void say_further_anchors(const struct ways *w, struct strbuf *out)
{
	const struct model *m = &w->x->t->model;
	size_t n = 0;

	for (size_t i = w->drawn; i < w->way.n; i++) {
		uint32_t ca = m->g->cert.v[w->way.v[i].certs[w->way.v[i].n - 1]].ca;
		if (!is_good(&w->way.v[i]) || ends_at(w, 0, i, ca))
			continue;
		if (n++ < ANCHORS_LISTED)
			strbuf_addf(out, "%s%s", n == 1 ? "; further anchors: " : ", ", model_name(m, ca));
	}
	if (n > ANCHORS_LISTED)
		strbuf_addf(out, " and %zu more", n - ANCHORS_LISTED);
}

static void add_rest(const struct ways *w)
{
	size_t all = w->way.n, good = 0, bad;
	struct strbuf b = STRBUF_INIT;
	const char *least = all >= WALKED ? "at least " : "";

	if (all <= w->drawn)
		return;
	for (size_t i = w->drawn; i < all; i++)
		good += is_good(&w->way.v[i]);
	bad = all - w->drawn - good;
	strbuf_addf(&b, "and %s%zu more path%s: ", least, good + bad, good + bad == 1 ? "" : "s");
	if (good)
		strbuf_addf(&b, "%zu trusted%s", good, bad ? ", " : "");
	if (bad)
		strbuf_addf(&b, "%zu that fail%s", bad, bad == 1 ? "s" : "");
	say_further_anchors(w, &b);
	if (w->drawn < DRAWN_MORE)
		strbuf_addstr(&b, "; v draws more");
	doc_wrap(w->x->d, R_DIM, 5, b.buf);
	strbuf_release(&b);
}

/* ---- the same for two programs ---- */

static bool same_box(const struct box *a, const struct box *b)
{
	return a->nb_lo == b->nb_lo && a->nb_hi == b->nb_hi && a->sct_lo == b->sct_lo && a->sct_hi == b->sct_hi;
}

static bool same_way(const struct way *a, const struct way *b)
{
	return a->n == b->n && a->at == b->at && a->reason == b->reason && a->cut == b->cut && a->assumed == b->assumed &&
	       same_box(&a->box, &b->box) && memcmp(a->certs, b->certs, a->n * sizeof(*a->certs)) == 0;
}

/* Would both be drawn alike, line by line? */
static bool same_ways(const struct ways *a, const struct ways *b)
{
	const struct model *m = &a->x->t->model;
	bool alike = a->way.n == b->way.n;

	for (size_t i = 0; alike && i < a->way.n; i++)
		alike = same_way(&a->way.v[i], &b->way.v[i]);
	for (size_t i = 0; alike && i < a->way.n; i++) {
		for (size_t k = 0; alike && k < a->way.v[i].n; k++) {
			size_t n;
			cert_revocations(m->g, a->way.v[i].certs[k], &n);
			alike = n == 0 || model_revokers(m, m->column.v[a->column].program) ==
						  model_revokers(m, m->column.v[b->column].program);
		}
	}
	return alike;
}

/* ---- a program ---- */

static void add_standing(const struct detail *x, size_t column)
{
	const struct column *c = &x->t->model.column.v[column];
	enum standing s = model_standing(&x->t->model, column, x->ca);
	struct strbuf b = STRBUF_INIT;
	char day[STORE_DAY_BUF];

	doc_line(x->d);
	doc_at(x->d, 2, look[s].role, glyph(look[s].glyph));
	doc_at(x->d, 4, R_NAME, c->program);
	doc_at(x->d, 16, look[s].role, look[s].text);
	if (c->store) {
		strbuf_addf(&b, "store of %s", store_day(day, c->store));
		detail_add_age(&x->t->model, &b, c->store->day);
		enum store_state state = model_store_state(&x->t->model, column);
		if (state != STORE_FITS && state != STORE_OLD) /* for how long it is old is said */
			strbuf_addf(&b, ", %s", model_store_note(&x->t->model, column));
		if (state != STORE_FITS)
			strbuf_addstr(&b, " " DOUBTFUL_SIGN);
	}
	if (!program_find(c->program)->revocation_modelled)
		strbuf_addf(&b, "%srevocation not modelled", b.len ? "; " : "");
	if (b.len && 16 + text_width(look[s].text) + 3 + text_width(b.buf) < x->d->width)
		doc_addf(x->d, R_DIM, "   %s", b.buf);
	else if (b.len)
		doc_wrap(x->d, R_DIM, 5, b.buf);
	strbuf_release(&b);
}

/* What the marks made of it. */
static void add_before(const struct detail *x)
{
	static const enum standing stands[] = {
		[ACCEPT_NONE] = STANDS_NOT, [ACCEPT_SOME] = STANDS_SOME, [ACCEPT_ALL] = STANDS_ALL
	};
	const struct model *m = &x->t->model;
	struct strbuf b = STRBUF_INIT;

	if (m->impact && m->marks.now.n && !model_scoring(m) && trust_changed(m->impact->trust, x->ca)) {
		strbuf_addf(&b, "before the marks: %s", look[stands[trust_before(m->impact->trust, x->ca)]].text);
		doc_wrap(x->d, R_SOME, 5, b.buf);
	}
	strbuf_release(&b);
}

/* What the store says of the CA's own certificates beyond dates. */
static void add_notes(const struct detail *x, size_t column)
{
	const struct model *m = &x->t->model;
	const struct store *store = m->column.v[column].store;
	const struct trust *trust = column == m->chosen && m->impact ? m->impact->trust : m->column.v[column].trust;
	struct strbuf b = STRBUF_INIT, line = STRBUF_INIT;
	char hex[24];

	for (uint32_t i = 0; i < detail_ca(x)->n_certs; i++) {
		uint32_t cert = m->g->ca_certs[detail_ca(x)->first_cert + i];
		if (!store_anchor(store, cert, m->purpose))
			continue;
		strbuf_reset(&b);
		index_anchor_notes(m->index, store, cert, m->purpose, &b);
		if (!b.len)
			continue;
		short_hex(hex, m->g->cert.v[cert].sha256);
		strbuf_addf(&line, "anchor %s, shown and not judged: %s", hex, b.buf);
		doc_wrap(x->d, R_SOME, 5, line.buf);
		strbuf_reset(&line);
	}
	if (column == m->chosen && model_scoring(m))
		trust = NULL; /* the paths are of the marks that there are, this is not */
	if (trust && trust_unevaluated(trust, x->ca))
		doc_wrap(x->d, R_SOME, 5, "a rule on an anchor above is not evaluated and was taken as met");
	strbuf_release(&line);
	strbuf_release(&b);
}

static void release_ways(struct ways *w)
{
	arena_release(&w->arena);
	vec_release(&w->way);
	vec_release(&w->node);
	vec_release(&w->end);
}

static void find_ways(struct ways *w)
{
	const struct model *m = &w->x->t->model;
	struct mark_query marks = { 0 };
	struct trust_query q;

	if (w->column == m->chosen)
		marks_query(&m->marks, m->g, &marks);
	q = model_query(m, w->column, &marks);
	trust_explain(&q, w->x->ca, WALKED, take_path, w);
	if (w->way.n)
		qsort(w->way.v, w->way.n, sizeof(*w->way.v), by_worth);
	mark_query_release(&marks);
}

/* The first program before this one whose paths are the same; NULL: none. */
static const struct ways *drawn_alike(const struct ways *w, const struct ways *before, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (before[i].way.n && same_ways(w, &before[i]))
			return &before[i];
	return NULL;
}

/* Finds its ways in *w, and draws them where they are not those of a program before it. */
static void add_program(struct ways *w, const struct ways *before, size_t n)
{
	const struct detail *x = w->x;
	const struct model *m = &x->t->model;
	size_t most = x->more ? DRAWN_MORE : w->column == m->chosen ? DRAWN_CHOSEN : DRAWN_OTHER;
	struct strbuf none = STRBUF_INIT;

	add_standing(x, w->column);
	if (w->column == m->chosen)
		add_before(x);
	if (!m->column.v[w->column].store)
		return;
	add_notes(x, w->column);
	find_ways(w);
	const struct ways *alike = w->way.n ? drawn_alike(w, before, n) : NULL;
	if (alike) {
		doc_line(x->d);
		doc_at(x->d, 5, R_DIM, "the same paths as for ");
		doc_add(x->d, R_DIM, m->column.v[alike->column].program);
		return;
	}
	choose_drawn(w, most);
	plant(w);
	add_branch(w, NO_INDEX, &none, 0);
	add_rest(w);
}

void detail_add_trust(const struct detail *x)
{
	const struct model *m = &x->t->model;
	struct ways *ways = xcalloc(m->column.n + 1, sizeof(*ways));
	char title[96], day[DATE_BUF];

	snprintf(title, sizeof(title), "Trust for %s on %s", purpose_names[m->purpose], date_format(day, m->day));
	doc_section(x->d, title);
	if (m->column.n && detail_ca(x)->n_certs && x->d->width >= 72)
		doc_add(x->d, R_LABEL, "  issuers hang below what they issued");
	if (m->marks.now.n && m->column.n > 1) {
		snprintf(title, sizeof(title), "The marks are drawn for %s alone; p changes which.", m->program);
		doc_wrap(x->d, R_LABEL, 2, title);
	}
	for (size_t i = 0; i < m->column.n; i++) {
		ways[i].x = x;
		ways[i].column = (m->chosen + i) % m->column.n;
		add_program(&ways[i], ways, i);
	}
	for (size_t i = 0; i < m->column.n; i++)
		release_ways(&ways[i]);
	free(ways);
	if (!m->column.n)
		doc_wrap(x->d, R_LABEL, 2, "no store of a root program in this index");
}
