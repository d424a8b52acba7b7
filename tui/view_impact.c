#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "index/breakdown.h"
#include "index/counted.h"
#include "index/until.h"
#include "tui/view.h"

#define MAX_VIA 16
#define MARKED 32 /* column of what is marked */
#define MARKED_NARROW 13

/* Narrow ones go without what was accepted before and after. */
static bool is_narrow(const struct doc *d)
{
	return d->width < 76;
}

static int name_column(const struct doc *d)
{
	return is_narrow(d) ? 35 : 49;
}

static void add_question(struct tui *t, struct doc *d)
{
	const struct model *m = &t->model;
	char day[DATE_BUF], store[STORE_DAY_BUF];

	doc_line(d);
	doc_addf(d, R_SECTION, "Impact on %s", m->program);
	doc_addf(d, R_LABEL, "  %s", purpose_names[m->purpose]);
	/* the top line has it as well */
	if (!is_narrow(d))
		doc_addf(d, R_LABEL, ", as of %s", date_format(day, m->day));
	doc_addf(d, R_LABEL, ", store of %s", is_narrow(d) ? date_format(store, m->store->day) : store_day(store, m->store));
	if (model_store_doubtful(m, m->chosen))
		doc_addf(d, R_SOME, ", %s " DOUBTFUL_SIGN, model_store_note(m, m->chosen));
	if (m->revocation != REVOCATION_ENFORCED)
		doc_addf(d, R_SOME, ", revocation %s", revocation_mode_names[m->revocation]);
}

/* ---- marks ---- */

static bool is_in_store(const struct model *m, const struct user_mark *u)
{
	return u->is_cert ? store_anchor(m->store, u->at, m->purpose) != NULL
			  : model_anchor(m->store, m->g, u->at, m->purpose) != NULL;
}

#define LOOKED_THROUGH 100000 /* CAs; with more it takes too long to see whether a name is one CA's alone */

/* Which of those called so is marked, its name does not tell. */
static bool has_namesake(const struct model *m, uint32_t ca)
{
	const char *name = model_name(m, ca);

	if (m->g->ca.n > LOOKED_THROUGH)
		return true;
	for (uint32_t i = 0; i < m->g->ca.n; i++)
		if (i != ca && !strcmp(model_name(m, i), name))
			return true;
	return false;
}

#define EXTENT_WHOLE 100 /* columns of the page: below them the name needs the room of a word */

/* Behind the name, which gives way to it. */
static void say_extent(const struct tui *t, const struct user_mark *m, int width, struct strbuf *out)
{
	size_t hits = mark_hits(m, &t->model.marks, t->model.g, t->model.store, t->model.purpose);
	char hex[9];

	hex_encode(m->id, 4, hex);
	if (m->is_cert)
		strbuf_addf(out, "  %s%s%s", width < EXTENT_WHOLE ? "" : "certificate ", hex, glyph(G_ELLIPSIS));
	else if (has_namesake(&t->model, m->at))
		strbuf_addf(out, "  %s%s%s", width < EXTENT_WHOLE ? "" : "CA ", hex, glyph(G_ELLIPSIS));
	if (m->action == ACTION_ASSUME && is_in_store(&t->model, m))
		strbuf_addstr(out, "  in the store, too");
	if (m->action == ACTION_EXEMPT || (m->is_cert && hits == 1))
		return;
	strbuf_addstr(out, "  ");
	if (hits)
		fmt_plural(out, hits, "certificate", "certificates");
	else
		strbuf_addstr(out, "changes nothing here");
}

static void add_mark(struct tui *t, struct doc *d, const struct user_mark *m)
{
	const struct action *a = &actions[m->action];
	char letter[2] = { mark_letter(m, t->model.day), 0 }, day[DATE_BUF];
	struct strbuf extent = STRBUF_INIT, stage = STRBUF_INIT;
	int room, column = is_narrow(d) && !a->dated ? MARKED_NARROW : MARKED;
	uint32_t ca;

	doc_line(d);
	doc_at(d, 2, R_MARK, letter);
	doc_at(d, 5, R_TEXT, a->name);
	if (a->dated)
		doc_addf(d, R_SOME, " %s", date_format(day, m->day));
	if (m->at == NO_INDEX) {
		doc_at(d, column, R_DIM, "no longer in the index");
		return;
	}
	ca = m->is_cert ? t->model.g->cert.v[m->at].ca : m->at;
	say_extent(t, m, d->width, &extent);
	if (m->since != MARK_ALWAYS)
		strbuf_addf(&stage, "  from %s", date_format(day, m->since));
	room = d->width - 1 - column - text_width(extent.buf) - text_width(stage.buf);
	doc_name(d, column, R_LINK, model_name(&t->model, ca), room > 10 ? room : 10);
	doc_add(d, R_SOME, stage.buf);
	doc_add(d, strstr(extent.buf, "changes nothing") ? R_SOME : R_DIM, extent.buf);
	doc_link(d, LINK_CA, ca);
	strbuf_release(&extent);
	strbuf_release(&stage);
}

/* Why it changes nothing; of a mark whose effect is asked already. */
static void add_effect(const struct model *m, struct doc *d, size_t i)
{
	const struct scenario_mark *e;
	struct strbuf b = STRBUF_INIT;

	if (!answer_made(m, ANSWER_EFFECTS) || m->marks.now.v[i].action >= MARK_ACTIONS)
		return;
	e = &m->answer->marks.mark.v[i];
	if (e->no_effect && e->why) {
		strbuf_addf(&b, "no effect%s: %s", impact_unanswered(m) ? " by that store" : "", e->why);
		doc_wrap(d, R_SOME, 5, b.buf);
	}
	strbuf_release(&b);
}

static void add_marks(struct tui *t, struct doc *d)
{
	const struct marks *k = &t->model.marks;

	doc_section(d, "Marks");
	for (size_t i = 0; i < k->now.n; i++) {
		if (k->now.v[i].action == ACTION_ASSUME)
			continue;
		add_mark(t, d, &k->now.v[i]);
		add_effect(&t->model, d, i);
	}
	if (k->now.n == marks_assumed(k))
		doc_wrap(d, R_LABEL, 2,
			"None yet. In the tree or a CA's details, Space marks with the usual action of the "
			"program and m offers all; then this page says what stops validating.");
}

static int by_name(const void *a, const void *b, void *ctx)
{
	const uint32_t *x = a, *y = b;
	int c = text_order(model_name(ctx, *x), model_name(ctx, *y));

	return c ? c : (*x > *y) - (*x < *y);
}

#define GAINED_SHOWN 20

/* What an inclusion would bring: CAs of which the program accepts nothing by its own store. */
static void add_gained(struct tui *t, struct doc *d)
{
	struct model *m = &t->model;
	VEC(uint32_t) gained = { 0 };
	struct strbuf b = STRBUF_INIT;

	for (uint32_t ca = 0; ca < m->g->ca.n; ca++)
		if (model_accepts(m, ca) == ACCEPT_NONE && trust_before(m->impact->trust, ca) != ACCEPT_NONE)
			vec_push(&gained, ca);
	if (gained.n)
		qsort_r(gained.v, gained.n, sizeof(*gained.v), by_name, m);
	fmt_plural(&b, gained.n, "CA is", "CAs are");
	strbuf_addf(&b, " trusted by that alone, before the marks%s", gained.n ? ":" : "");
	doc_wrap(d, R_TEXT, 2, b.buf);
	for (size_t i = 0; i < gained.n && i < GAINED_SHOWN; i++) {
		doc_line(d);
		doc_name(d, 4, R_NAME, model_name(m, gained.v[i]), INT_MAX);
		if (*m->g->ca.v[gained.v[i]].owner)
			doc_addf(d, R_DIM, "  %s", m->g->ca.v[gained.v[i]].owner);
		doc_link(d, LINK_CA, gained.v[i]);
	}
	doc_more(d, 4, gained.n > GAINED_SHOWN ? gained.n - GAINED_SHOWN : 0, "the tree has them, with a sign of their own");
	strbuf_release(&b);
	vec_release(&gained);
}

/* What is trusted with them is no answer of the program's. */
static void add_assumed(struct tui *t, struct doc *d)
{
	const struct marks *k = &t->model.marks;
	struct strbuf b = STRBUF_INIT;
	size_t n = marks_assumed(k);

	if (!n)
		return;
	strbuf_addf(&b, "Assumed to be %s (%zu)", n == 1 ? "an anchor" : "anchors", n);
	doc_section(d, b.buf);
	doc_addf(d, R_LABEL, "  beside the store's own, without a date rule");
	for (size_t i = 0; i < k->now.n; i++)
		if (k->now.v[i].action == ACTION_ASSUME)
			add_mark(t, d, &k->now.v[i]);
	if (model_assumes(&t->model) && !model_assumes_others(&t->model) && t->model.impact)
		add_gained(t, d);
	strbuf_release(&b);
}

/* ---- totals ---- */

static void total(struct doc *d, const char *label, const struct number *n, const char *what)
{
	char buf[NUMBER_BUF];

	doc_line(d);
	doc_at(d, 2, R_LABEL, label);
	/* "at least 0" would say nothing */
	doc_right(d, 34, R_NUMBER, n->low && !n->n ? "not known" : fmt_number(buf, n));
	doc_at(d, 36, R_DIM, what);
}

bool impact_unanswered(const struct model *m)
{
	return m->impact && !model_scoring(m) && until_unanswered(m->impact);
}

/* Of leaves that are told of, but not bounded, the number above is a lower bound alone. */
static void add_range(struct doc *d, const struct impact *im)
{
	struct strbuf b = STRBUF_INIT;

	if (im->unbounded_cas)
		counted_range(im, &b);
	if (b.len)
		doc_wrap(d, R_TEXT, 2, b.buf);
	strbuf_release(&b);
}

static const struct number unknown = { .low = true };

/* "5,850 of 5,850" would read as all there is, where nothing but what is lost is counted. */
static void add_open_share(struct doc *d, const struct model *m)
{
	struct strbuf b = STRBUF_INIT;

	if (!model_share_open(m))
		return;
	strbuf_addstr(&b, "share: ");
	share_text(&m->score.share, m->program, &b);
	doc_wrap(d, R_TEXT, 2, b.buf);
	strbuf_release(&b);
}

static void add_leaf_totals(struct tui *t, struct doc *d, const struct impact *im)
{
	const struct model *m = &t->model;
	const bool open = impact_unanswered(m);
	const struct number touched = fmt_old(fmt_span(&m->score.touched, m->score.unbounded_touched), m->score.old_touched);
	const struct number lost = fmt_old(fmt_span(&im->span.lost, m->score.unbounded), m->score.old);
	const struct number kept = fmt_old(fmt_span(&im->span.kept, impact_kept_unbounded(im, m->g)), m->score.old_touched);

	if (!m->counted_cas) {
		doc_field(d, "leaves", "not counted in this index, so only CAs can be told");
		return;
	}
	total(d, "trusted leaves", &m->trusted, model_assumes(m) ? "in the whole program, with what is assumed" : "in the whole program");
	total(d, "of CAs touched", open ? &unknown : &touched, "trusted before, with a path that is cut");
	total(d, "lost", open ? &unknown : &lost, "no path is left");
	total(d, "kept", open ? &unknown : &kept, "another path accepts them");
	add_range(d, im);
	add_open_share(d, m);
	if (im->total.no_sct)
		total(d, "without SCT", &(struct number){ .n = im->total.no_sct },
			"judged by an SCT rule, have none");
}

/* Nothing lost by such a store is no answer. */
static void add_later(struct doc *d, const struct model *m)
{
	struct strbuf b = STRBUF_INIT;
	char store[DATE_BUF], day[DATE_BUF];

	if (!model_store_later(m, m->chosen) && !impact_unanswered(m))
		return;
	if (impact_unanswered(m)) {
		strbuf_addstr(&b, DOUBTFUL_SIGN " ");
		until_unanswered_text(m->impact, &b);
		strbuf_addstr(&b, "; m A assumes it as an anchor, of the other programs, too");
	} else {
		strbuf_addf(&b, DOUBTFUL_SIGN " by a store of %s, later than %s: that day's is not known", date_format(store, m->store->day),
			date_format(day, m->day));
	}
	doc_wrap(d, R_SOME, 2, b.buf);
	strbuf_release(&b);
}

/* What was visited, not what is lost: the report has it, too. Asked of Firefox, so of Mozilla's roots alone. */
static void add_use(struct tui *t, struct doc *d, const struct impact *im)
{
	const struct validations *use;
	uint64_t sum = 0, known = 0, one;
	uint32_t *root;
	size_t n;
	struct strbuf share = STRBUF_INIT;
	char percent[16], day[DATE_SOURCE_BUF];

	if (strcmp(t->model.program, "mozilla") != 0 || t->model.purpose != PURPOSE_TLS)
		return;
	use = model_use(&t->model);
	n = impact_marked_roots(im, &root);
	for (size_t i = 0; i < n; i++, sum += one)
		known += validations_of_ca(use, t->model.g, root[i], &one);
	free(root);
	if (!use->total || !known)
		return;
	/* a root without a number may have been used, too */
	strbuf_addf(&share, "%s%s", known < n ? glyph(G_GE) : "", num_percent(percent, sum, use->total));
	doc_line(d);
	doc_at(d, 2, R_LABEL, "use in Firefox");
	doc_right(d, 34, R_NUMBER, share.buf);
	doc_at(d, 36, R_DIM, "of its validations ended here, by any path");
	strbuf_reset(&share);
	strbuf_addf(&share, "telemetry of %s", date_source(day, use->day, t->model.day));
	if (use->day > t->model.day)
		doc_wrap(d, R_SOME, is_narrow(d) ? 4 : 36, share.buf);
	else if (d->width >= EXTENT_WHOLE)
		doc_addf(d, R_DIM, " (%s)", share.buf);
	strbuf_release(&share);
}

static void add_totals(struct tui *t, struct doc *d, const struct impact *im)
{
	const struct model *m = &t->model;
	const bool open = impact_unanswered(m);

	doc_section(d, "Totals");
	add_later(d, m);
	add_leaf_totals(t, d, im);
	total(d, "CAs that lose trust", open ? &unknown : &(struct number){ .n = m->score.lost_cas }, "nothing they issue validates");
	total(d, "CAs limited", open ? &unknown : &(struct number){ .n = m->score.less_cas }, "accept less than before");
	total(d, "CAs kept", open ? &unknown : &(struct number){ .n = m->score.kept_cas }, "another path stands in");
	if (m->score.unknown_cas)
		total(d, "not fully counted", &(struct number){ .n = m->score.unknown_cas },
			"of the changed CAs: a lower bound");
	add_use(t, d, im);
}

/* ---- the CAs ---- */

static void add_via(struct tui *t, struct doc *d, const struct impact *im, uint32_t ca)
{
	uint32_t via[MAX_VIA];
	size_t n = trust_via(im->trust, ca, true, via, MAX_VIA);
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 1; i < n; i++)
		strbuf_addf(&b, " %s %s", glyph(G_LEFT), model_name(&t->model, t->model.g->cert.v[via[i]].ca));
	if (n) {
		doc_line(d);
		doc_at(d, name_column(d), R_DIM, "via");
		doc_add(d, R_DIM, n > 1 ? b.buf : " its own anchor certificate");
		doc_link(d, LINK_CA, ca);
	}
	strbuf_release(&b);
}

static const char *outcome(const struct impact_row *r)
{
	if (!r->changed)
		return "kept";
	return r->after == ACCEPT_NONE ? "lost" : "limited";
}

static void add_row(struct tui *t, struct doc *d, const struct impact *im, const struct impact_row *r)
{
	const struct ca *c = &t->model.g->ca.v[r->ca];
	bool old = model_is_old(&t->model, r->ca);
	static const struct span nothing = { .known = true }; /* of what is kept, counted or not */
	struct number lost = fmt_old(fmt_span(r->changed ? &r->alone.lost : &nothing, r->unbounded && r->changed), old && r->changed);
	struct number trusted = fmt_old(fmt_span(&r->alone.trusted, r->unbounded), old);
	enum role role = r->after == ACCEPT_NONE ? R_LOST : R_SOME;
	char buf[NUMBER_BUF];

	doc_line(d);
	doc_right(d, 12, role, fmt_number(buf, &lost));
	doc_right(d, 25, R_NUMBER, fmt_number(buf, &trusted));
	doc_at(d, 27, role, outcome(r));
	if (!is_narrow(d)) {
		doc_at(d, 35, R_DIM, acceptance_names[r->before]);
		doc_addf(d, R_DIM, "%s%s", glyph(G_TO), acceptance_names[r->after]);
	}
	doc_name(d, name_column(d), R_NAME, model_name(&t->model, r->ca), INT_MAX);
	if (*c->owner)
		doc_addf(d, R_DIM, "  %s", c->owner);
	if (!r->exact)
		doc_add(d, R_SOME, "  not exact");
	if (r->unevaluated)
		doc_add(d, R_SOME, "  a rule of the program is not evaluated");
	doc_link(d, LINK_CA, r->ca);
	if (r->after != ACCEPT_NONE)
		add_via(t, d, im, r->ca);
}

static void add_shared(struct doc *d, const struct impact *im)
{
	struct strbuf b = STRBUF_INIT;

	counted_shared(counted_shared_cas(im), &b);
	if (b.len)
		doc_wrap(d, R_LABEL, 2, b.buf);
	strbuf_release(&b);
}

static void add_rows(struct tui *t, struct doc *d, const struct impact *im)
{
	char title[64];

	snprintf(title, sizeof(title), impact_unanswered(&t->model) ? "CAs touched" : "CAs touched (%zu)", im->n_rows);
	doc_section(d, title);
	if (!im->n_rows) {
		doc_wrap(d, R_LABEL, 2, impact_unanswered(&t->model) ? "not known, as the totals say" : "none: every path stands as before");
		return;
	}
	add_shared(d, im);
	doc_line(d);
	doc_right(d, 12, R_HEADER, "lost");
	doc_right(d, 25, R_HEADER, "trusted");
	if (!is_narrow(d)) {
		doc_at(d, 35, R_HEADER, "before");
		doc_addf(d, R_HEADER, "%safter", glyph(G_TO));
	}
	doc_at(d, name_column(d), R_HEADER, "CA");
	for (size_t i = 0; i < t->model.n_by_loss; i++)
		add_row(t, d, im, &im->row[t->model.by_loss[i]]);
	if (im->n_rows > t->model.n_by_loss)
		doc_wrap(d, R_DIM, 2, "and more: canopy impact --format csv has them all");
}

/* ---- the view ---- */

static void add_broken(struct tui *t, struct doc *d, const struct impact *im)
{
	add_totals(t, d, im);
	impact_add_programs(t, d);
	impact_add_decay(t, d);
	impact_add_sites(t, d);
	impact_add_keepers(t, d);
	impact_add_operators(t, d);
	impact_add_unknowns(t, d);
	impact_add_notes(t, d);
	add_rows(t, d, im);
}

/* The place on the page is kept while most of it is being computed. */
static void hold(struct view *v)
{
	if (v->held.on)
		return;
	v->held.on = true;
	v->held.cursor = v->doc.cursor;
	v->held.top = v->doc.top;
	doc_keep(&v->doc, &v->held.line);
}

/* Unless somebody moved meanwhile. */
static void seek_held(struct view *v)
{
	if (v->doc.cursor == v->held.left) {
		v->doc.cursor = v->held.cursor;
		v->doc.top = v->held.top;
		doc_seek(&v->doc, &v->held.line);
	}
	v->held.on = false;
}

/* The answer of t comes to be seen, with as much of what is above it as there is room for. */
static void show_until(struct tui *t, struct view *v)
{
	uint32_t last = t->until_line + t->until_lines, rows = v->doc.rows > 0 ? (uint32_t)v->doc.rows : 1;

	if (!t->shows_until || !t->until_lines)
		return;
	t->shows_until = false;
	v->held.on = false;
	v->doc.cursor = t->until_line;
	if (v->doc.top + rows < last)
		v->doc.top = last - rows;
	if (v->doc.top > t->until_line)
		v->doc.top = t->until_line;
}

static void open(struct tui *t, struct view *v)
{
	const struct impact *im = t->model.impact;
	struct doc *d = &v->doc;
	struct strbuf at = STRBUF_INIT;

	if (model_scoring(&t->model))
		hold(v);
	doc_keep(d, &at);
	doc_begin(d, v->area.w);
	v->stale = false;
	if (!im) {
		doc_wrap(d, R_LABEL, 2, "no store of a root program in this index");
	} else {
		add_question(t, d);
		add_assumed(t, d);
		add_marks(t, d);
	}
	if (im && model_scoring(&t->model)) {
		doc_section(d, "Totals");
		doc_wrap(d, R_DIM, 2, "being computed");
	} else if (im && t->model.marks.now.n) {
		add_broken(t, d, im);
	}
	if (v->held.on && !model_scoring(&t->model))
		seek_held(v);
	else
		doc_seek(d, &at);
	show_until(t, v);
	strbuf_release(&at);
}

static void draw(struct tui *t, struct view *v, const struct area *a, bool focused)
{
	struct area inner = { a->y, a->x + 1, a->h, a->w - 1 };

	bool opened = v->stale || v->doc.width != a->w;

	if (opened)
		open(t, v);
	doc_draw(&v->doc, &inner, focused);
	if (opened)
		v->held.left = v->doc.cursor;
	t->cursor_y = a->y + (int)(v->doc.cursor - v->doc.top);
}

static void target(struct tui *t, struct view *v, struct target *ret)
{
	const struct doc_line *l = doc_at_cursor(&v->doc);

	if (l && l->kind == LINK_CA)
		ret->ca = l->target;
	if (l && l->kind == LINK_CERT) {
		ret->cert = l->target;
		ret->ca = t->model.g->cert.v[l->target].ca;
	}
}

static void enter(struct tui *t, struct view *v)
{
	struct target x = TARGET_NONE;

	target(t, v, &x);
	if (x.ca != NO_INDEX)
		tui_push(t, &view_detail, x.ca);
	else
		tui_say(t, "no CA on this line to open");
}

void impact_say_until(struct tui *t)
{
	struct strbuf by = STRBUF_INIT, why = STRBUF_INIT;
	char day[DATE_BUF], num[32];
	struct until u;
	int rows, cols;

	if (!t->says_until || !answer_made(&t->model, ANSWER_DECAY))
		return;
	t->says_until = false;
	u = until_find(t->model.impact, t->until);
	/* All of it is said in the section Decay. */
	bool least = u.least && !(u.sure && u.surely == u.from), known = u.known && !impact_unanswered(&t->model);
	impact_add_doubt(&t->model, &by);
	until_why_unknown(t->model.impact, &why);
	if (known)
		tui_say(t, "fewer than %s are lost: %s %s%s%s", num_group(num, t->until), least ? "not before" : "from",
			date_format(day, u.from), least ? "" : " on", by.buf);
	else
		tui_say(t, "unknown: %s%s", why.buf, by.buf);
	screen_size(&rows, &cols);
	if (text_width(t->message.buf) > cols - 2)
		tui_say(t, "%s%s: the section Decay says all of it", known ? date_format(day, u.from) : "unknown", by.buf);
	strbuf_release(&by);
	strbuf_release(&why);
}

static void until_entered(struct tui *t, const char *text)
{
	uint64_t n;

	if (num_parse_grouped(text, &n) < 0 || !n) {
		prompt_refuse(t, "no number of leaves from 1 on");
		return;
	}
	t->until = n;
	t->says_until = t->shows_until = true;
	tui_stale(t);
	if (!answer_made(&t->model, ANSWER_DECAY))
		tui_say(t, "what is lost on later days is being computed");
	impact_say_until(t);
}

static void ask_until(struct tui *t, struct view *v)
{
	(void)v;
	if (!t->model.impact || t->model.marks.now.n == marks_assumed(&t->model.marks))
		tui_complain(t, "no marks, so nothing is lost on any day");
	else
		prompt_open(t, "from which day on are fewer leaves lost than:", "100", until_entered);
}

static const struct binding keymap[] = {
	{ "Enter l Right", enter, "the CA", "the details of the CA on this line" },
	{ "Tab", view_next_section, "section", "to the next section" },
	{ "S-Tab", view_previous_section, NULL, "to the section before" },
	{ "t", ask_until, NULL, "from which day on fewer than so many leaves are lost" },
	{ NULL, NULL, NULL, NULL },
};

static bool lacks(struct tui *t, struct view *v)
{
	(void)v;
	return answer_lacks(&t->model);
}

const struct view_ops view_impact = {
	.name = "impact",
	.keymap = keymap,
	.lacks = lacks,
	.open = open,
	.draw = draw,
	.act = view_doc_act,
	.status = view_doc_status,
	.target = target,
};
