#include "tui/names.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"
#include "tui/alike.h"

enum role cell_fade(const struct cell *c, enum role role)
{
	return c->row->usable && c->row->fits ? role : R_DIM;
}

/* The day until which a rule trusts what is issued; false: it says something else. */
static bool rule_day(const struct anchor_rule *r, int32_t *day)
{
	int64_t until = r->box.nb_hi != INT64_MAX ? r->box.nb_hi : r->box.sct_hi;

	if (until == INT64_MAX)
		return false;
	*day = date_of_time(until);
	return true;
}

static void add_rule(struct strbuf *out, const char *title, const struct anchor_rule *r)
{
	char text[DATE_BUF];
	int32_t day;

	if (rule_day(r, &day))
		strbuf_addf(out, "%s%s%s", title, glyph(G_TO), date_format(text, day));
	else
		strbuf_addf(out, "%s: rules", title);
}

/* The programs' rules on an anchor, so many of them with their dates, "Mz→2025-04-15 Ch→…". Returns how many there are. */
static int add_rules(struct tui *t, uint32_t ca, int whole, struct strbuf *out)
{
	int n = 0;

	for (size_t i = 0; i < t->model.column.n; i++) {
		const struct column *c = &t->model.column.v[i];
		const struct anchor_rule *r = model_anchor(c->store, t->model.g, ca, t->model.purpose);

		if (!r || box_is_all(&r->box))
			continue;
		if (n)
			strbuf_addch(out, ' ');
		if (n++ < whole)
			add_rule(out, c->title, r);
		else
			strbuf_addf(out, "%s%s%s", c->title, glyph(G_TO), glyph(G_ELLIPSIS));
	}
	return n;
}

/* As many dates as have room. Without any only in what the name leaves: the programs' columns say that there are rules. */
static void say_rules(struct tui *t, uint32_t ca, int room, int left, struct strbuf *out)
{
	for (int whole = add_rules(t, ca, INT_MAX, out); whole && text_width(out->buf) > room; whole--) {
		strbuf_reset(out);
		add_rules(t, ca, whole - 1, out);
		room = whole > 1 ? room : left;
	}
	if (text_width(out->buf) > room)
		strbuf_reset(out);
}

static bool revoked_anywhere(const struct model *m, uint32_t ca)
{
	const struct ca *c = &m->g->ca.v[ca];

	for (uint32_t i = 0; i < c->n_certs; i++)
		for (int s = 0; s < REVOCATION_SOURCES; s++)
			if (cert_revoked_by(m->g, m->g->ca_certs[c->first_cert + i], (enum revocation_source)s, m->day))
				return true;
	return false;
}

/* What became of the CA, before what its rules say; nothing of an owner. */
static void say_state(struct tui *t, const struct row *r, struct strbuf *out, enum role *role)
{
	*role = R_DIM;
	if (r->ca == NO_INDEX)
		return;
	if (model_scoring(&t->model) && t->model.impact && trust_before(t->model.impact->trust, r->ca) != ACCEPT_NONE) {
		strbuf_addstr(out, glyph(G_ELLIPSIS));
	} else if (model_lost(&t->model, r->ca)) {
		strbuf_addstr(out, "lost");
		*role = R_LOST;
	} else if (model_touched(&t->model, r->ca)) {
		strbuf_addstr(out, trust_changed(t->model.impact->trust, r->ca) ? "limited" : "kept");
		*role = R_SOME;
	} else if (!r->usable) {
		strbuf_addstr(out, model_expired(&t->model, r->ca)      ? "expired"
				   : !model_alive(&t->model, r->ca)      ? "not yet valid"
				   : revoked_anywhere(&t->model, r->ca) ? "revoked"
									: "not usable here");
	} else if (r->revoked_elsewhere) {
		strbuf_addstr(out, "revoked elsewhere");
	}
}

#define MOST_GUIDES 6 /* levels to which lines lead, where the column is narrow */
#define GUIDE 2       /* columns of a level, and of the sign for those left out */

static int guides_width(const struct row *r, int deepest)
{
	return r->depth > deepest ? GUIDE + deepest * GUIDE : r->depth * GUIDE;
}

/* The way to the row in at most so many levels, the last ones. */
static int draw_guides(struct tui *t, const struct cell *c, int deepest)
{
	const struct row *chain[64];
	int n = 0, x = 0, skip = 0;

	for (const struct row *r = c->row; r->parent != NO_INDEX && n < 64; r = &t->rows.row.v[r->parent])
		chain[n++] = r;
	if (n > deepest)
		skip = n - deepest;
	if (skip)
		x += screen_text(c->y, c->x, GUIDE, R_GUIDE, c->selected, fmt_is_ascii() ? ".." : "… ");
	for (int i = n - 1 - skip; i >= 0; i--) {
		const char *piece =
			i ? (chain[i]->last ? "  " : glyph(G_PIPE)) : glyph(chain[i]->last ? G_ELBOW : G_TEE);
		x += screen_text(c->y, c->x + x, c->w - x, R_GUIDE, c->selected, piece);
	}
	return x;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static bool found_by_search(const struct tui *t, uint32_t ca)
{
	return t->search.n && bsearch(&ca, t->search.sorted, t->search.n, sizeof(ca), by_number);
}

static enum role name_role(struct tui *t, const struct row *r)
{
	enum standing s;

	if (r->ca == NO_INDEX)
		return R_SECTION;
	if (model_lost(&t->model, r->ca))
		return R_LOST;
	if (found_by_search(t, r->ca))
		return R_MATCH;
	if (!r->usable || !r->fits)
		return R_DIM;
	if (!t->model.store)
		return R_NAME;
	s = model_standing(&t->model, t->model.chosen, r->ca);
	return s == STANDS_NOT || s == STANDS_REVOKED ? R_OWNER : R_NAME;
}

/* behind: what is not cut off with a long name. */
static void say_name(struct tui *t, const struct row *r, struct strbuf *out, struct strbuf *behind)
{
	char n[32];

	if (r->ca == NO_INDEX) {
		strbuf_addstr(out, *r->owner ? r->owner : "owner unknown");
		strbuf_addstr(behind, "  (");
		if (r->n_all > r->n_roots)
			strbuf_addf(behind, "%s of ", num_group(n, r->n_roots));
		fmt_plural(behind, r->n_all, "root)", "roots)");
		return;
	}
	strbuf_addstr(out, model_name(&t->model, r->ca));
	if (r->cycle)
		strbuf_addf(behind, " %s", glyph(G_CYCLE));
	if (r->places > 1)
		strbuf_addf(behind, " %s %u", glyph(G_SEVERAL), r->places);
}

/* What became of a CA in fewer columns, where its name would be cut: that says more. */
static void shorten_state(struct strbuf *note)
{
	if (!strcmp(note->buf, "revoked elsewhere")) {
		strbuf_reset(note);
		strbuf_addf(note, "%s elsewhere", glyph(G_REVOKED));
	} else if (!strcmp(note->buf, "not yet valid")) {
		strbuf_setlen(note, strlen("not yet"));
	} else if (!strcmp(note->buf, "not usable here")) {
		strbuf_reset(note);
		strbuf_addstr(note, "unusable");
	}
}

/* Of an owner whose name would be cut: how many roots, where there are several. */
static void shorten_roots(const struct row *r, struct strbuf *behind)
{
	char n[32];

	strbuf_reset(behind);
	if (r->n_all == 1)
		return;
	strbuf_addf(behind, " (%s", num_group(n, r->n_roots));
	if (r->n_all > r->n_roots)
		strbuf_addf(behind, "/%s", num_group(n, r->n_all));
	strbuf_addch(behind, ')');
}

/* The word in so many columns, else its sign. */
static void say_assumed(const struct tui *t, const struct row *r, int columns, struct strbuf *behind)
{
	static const char word[] = " (assumed)";

	if (r->ca == NO_INDEX || !model_is_assumed(&t->model, r->ca))
		return;
	if (t->opt->plain || text_width(word) <= columns)
		strbuf_addstr(behind, word);
	else
		strbuf_addf(behind, " %s", glyph(G_ASSUMED));
}

/* "Sectigo" of "Sectigo Limited" */
static bool name_tells_owner(const char *name, const char *owner)
{
	struct strbuf word = STRBUF_INIT;
	uint32_t cp;
	bool tells;

	for (int n; (n = text_decode(owner, strlen(owner), &cp)) > 0 && cp != ' ' && cp != ','; owner += n)
		text_encode(&word, text_lower(cp));
	tells = text_contains(name, word.buf);
	strbuf_release(&word);
	return tells;
}

/* Of the row above, which has it already. */
static const char *owner_above(const struct tui *t, const struct row *r)
{
	const struct row *up = r->parent == NO_INDEX ? NULL : &t->rows.row.v[r->parent];

	return !up ? "" : up->ca == NO_INDEX ? up->owner : t->model.g->ca.v[up->ca].owner;
}

#define NAME_BESIDE_OWNER 16 /* columns that a name keeps */
#define NAME_BESIDE_STATE 10 /* with the signs behind it */
#define NAME_BESIDE_RULES 12
#define NAMES_BESIDE_RULES 24 /* the CA's and its owner's */
#define NOTE_LEAST 4

/* Right in the column of names, where it says more than the name and the row above. Returns the columns that it takes. */
static int draw_owner_beside(struct tui *t, const struct cell *c, int x, const char *name)
{
	const char *owner = t->model.g->ca.v[c->row->ca].owner;
	int room = c->w / 3 > OWNER_BESIDE_NAME ? c->w / 3 : OWNER_BESIDE_NAME, left = c->w - x - text_width(name) - 3;

	if (!*owner || !strcmp(owner, owner_above(t, c->row)) || name_tells_owner(name, owner))
		return 0;
	room = left > room ? left : room;
	room = text_width(owner) < room ? text_width(owner) : room;
	if (c->w - x - room - 3 < NAME_BESIDE_OWNER && left < room)
		return 0;
	screen_right(c->y, c->x + c->w - 1 - room, room, cell_fade(c, R_OWNER), c->selected, owner);
	return room + 2;
}

/* Right below the row of its owner. */
static bool below_owner(const struct tui *t, const struct row *r)
{
	return r->parent != NO_INDEX && t->rows.row.v[r->parent].ca == NO_INDEX;
}

static const char *owner_of(const struct tui *t, const struct row *r)
{
	const char *owner = t->model.g->ca.v[r->ca].owner;

	return *owner ? owner : "?";
}

/* Read in one go: behind each name its owner, whatever the name and the row above tell. Part of `behind`, which keeps its room. */
static void say_owner_behind(const char *owner, const char *name, int room, struct strbuf *behind)
{
	int left = room - text_width(name) - text_width(behind->buf) - 3, took, least = room / 3;
	size_t len;

	left = left > least ? left : least;
	strbuf_addstr(behind, " / ");
	len = text_clip(owner, left, &took);
	if (owner[len])
		len = text_clip(owner, left - text_width(glyph(G_ELLIPSIS)), &took);
	strbuf_add(behind, owner, len);
	if (owner[len])
		strbuf_addstr(behind, glyph(G_ELLIPSIS));
}

/* Before a name: the way to it and whether it is open. A note of so many columns is not pushed out by it. */
static int draw_way(struct tui *t, const struct cell *c, int note)
{
	enum glyph g = !c->row->openable ? G_LEAF : c->row->open ? G_OPEN : G_SHUT;
	int deepest = c->w > 60 ? 2 * MOST_GUIDES : MOST_GUIDES, x;
	struct strbuf b = STRBUF_INIT;

	if (t->opt->plain) { /* what is read out aloud has levels, no lines */
		strbuf_addf(&b, "%d %s", c->row->depth + 1, !c->row->openable ? "" : c->row->open ? "open, " : "shut, ");
		x = screen_text(c->y, c->x, c->w, R_GUIDE, c->selected, b.buf);
		strbuf_release(&b);
		return x;
	}
	while (deepest > 1 && note && c->w - guides_width(c->row, deepest) - 2 - note - 2 < NAME_BESIDE_RULES)
		deepest--;
	x = draw_guides(t, c, deepest);
	return x + screen_text(c->y, c->x + x, 1, R_LABEL, c->selected, glyph(g)) + 1;
}

/* Right in the column, cut where a name of so many columns would not be known any more. Returns the columns that it takes. */
static int draw_note(struct tui *t, const struct cell *c, int x, int name, struct strbuf *note, enum role role)
{
	int room = c->w - x - 2 - (note->len ? NAME_BESIDE_STATE : t->opt->plain ? NAMES_BESIDE_RULES : NAME_BESIDE_RULES), w;

	if (!note->len && c->row->ca != NO_INDEX && (c->row->depth == 0 || t->rows.by_owner) && room >= NOTE_LEAST) {
		role = R_SOME;
		say_rules(t, c->row->ca, room, c->w - x - 2 - name, note);
	}
	w = text_width(note->buf);
	if (!w || room < NOTE_LEAST)
		return 0;
	w = w < room ? w : room;
	screen_right(c->y, c->x + c->w - 1 - w, w, role, c->selected, note->buf);
	return w + 2;
}

#define NAME_BESIDE_ID 8

/* What tells a name from a sibling's: digits are kept whole, where so many columns have room for the name. */
static void add_alike(const struct row *r, const struct strbuf *alike, int room, struct strbuf *name, struct strbuf *behind)
{
	char *signs;

	if (r->alike != ALIKE_IN_ALL || room - text_width(alike->buf) - text_width(behind->buf) < NAME_BESIDE_ID) {
		strbuf_addstr(name, alike->buf);
		return;
	}
	signs = xstrdup(behind->buf);
	strbuf_reset(behind);
	strbuf_addf(behind, "%s%s", alike->buf, signs);
	free(signs);
}

/* The name gives way to what stands behind and right of it: a sign that is not seen would be taken for none. */
void name_draw(struct tui *t, const struct cell *c)
{
	struct strbuf name = STRBUF_INIT, behind = STRBUF_INIT, note = STRBUF_INIT, whole = STRBUF_INIT, cut = STRBUF_INIT;
	struct strbuf alike = STRBUF_INIT;
	enum role role, note_role;
	int x, room = c->w - 1, took;
	bool with_owner = c->with_owner && c->row->ca != NO_INDEX && !below_owner(t, c->row), behind_it = with_owner && t->opt->plain;

	say_name(t, c->row, &name, &behind);
	if (t->opt->plain)
		say_assumed(t, c->row, 0, &behind);
	if (c->row->ca != NO_INDEX)
		alike_tell(&t->model, c->row->ca, (enum alike)c->row->alike, &alike);
	strbuf_addf(&whole, "%s%s%s", name.buf, alike.buf, behind.buf);
	if (behind_it)
		strbuf_addf(&whole, " / %s", owner_of(t, c->row));
	say_state(t, c->row, &note, &note_role);
	x = draw_way(t, c, text_width(note.buf));
	if (x + text_width(whole.buf) + text_width(note.buf) + 3 > c->w)
		shorten_state(&note);
	took = draw_note(t, c, x, text_width(whole.buf), &note, note_role);
	if (behind_it) {
		strbuf_addstr(&name, alike.buf);
		strbuf_reset(&alike);
		say_owner_behind(owner_of(t, c->row), name.buf, room - took - x, &behind);
	} else if (with_owner && !took)
		took = draw_owner_beside(t, c, x, whole.buf);
	room -= took;
	if (!t->opt->plain)
		say_assumed(t, c->row, room - x - text_width(whole.buf), &behind);
	if (c->row->ca == NO_INDEX && !t->opt->plain && x + text_width(whole.buf) > room)
		shorten_roots(c->row, &behind);
	role = name_role(t, c->row);
	add_alike(c->row, &alike, room - x, &name, &behind);
	fmt_name(&cut, name.buf, room - x - text_width(behind.buf));
	x += screen_text(c->y, c->x + x, room - x - text_width(behind.buf), role, c->selected, c->row->ca == NO_INDEX ? name.buf : cut.buf);
	screen_text(c->y, c->x + x, room - x, role, c->selected, behind.buf);
	strbuf_release(&name);
	strbuf_release(&behind);
	strbuf_release(&note);
	strbuf_release(&whole);
	strbuf_release(&cut);
	strbuf_release(&alike);
}

void name_draw_owner(struct tui *t, const struct cell *c)
{
	if (c->row->ca != NO_INDEX)
		screen_text(c->y, c->x, c->w, cell_fade(c, R_OWNER), c->selected, t->model.g->ca.v[c->row->ca].owner);
}
