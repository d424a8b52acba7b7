#include <string.h>

#include "base/text.h"
#include "tui/questions.h"
#include "tui/view.h"

static bool add_name(void *ctx, const char *name, size_t len)
{
	struct strbuf *b = ctx;

	if (b->len)
		strbuf_addstr(b, ", ");
	strbuf_add(b, name, len);
	return false;
}

static bool is_not_of(void *ctx, const char *name, size_t len)
{
	return !keys_find(ctx, key_parse(name, len));
}

/* before: a table whose keys go before these; of those that are all in it, nothing is told. */
static void add_keys(struct doc *d, const char *title, const struct binding *table, const struct binding *before)
{
	doc_section(d, title);
	for (const struct binding *b = table; b->keys; b++) {
		struct strbuf names = STRBUF_INIT;

		if (before && !keys_each(b->keys, is_not_of, (void *)before))
			continue;
		keys_each(b->keys, add_name, &names);
		doc_line(d);
		doc_at(d, 2, R_KEY, names.buf);
		if (text_width(names.buf) > 15)
			doc_line(d);
		doc_on(d, 18, R_TEXT, b->help);
		strbuf_release(&names);
	}
}

static bool answered_in(const struct question *q, const struct view_ops *ops)
{
	for (int i = 0; i < QUESTION_STEPS; i++)
		if (ops != &view_tree && q->step[i].in == ops)
			return true;
	return false;
}

static void add_question(struct doc *d, const struct question *q)
{
	doc_wrap(d, R_LABEL, 2, q->text);
	for (int i = 0; i < QUESTION_STEPS && q->step[i].key; i++) {
		doc_line(d);
		doc_at(d, 4, R_KEY, q->step[i].key);
		doc_on(d, 11, R_TEXT, q->step[i].does);
	}
}

static void add_questions(struct doc *d, const struct view_ops *ops, bool here, const char *title)
{
	const struct question *q;
	bool any = false;

	for (size_t i = 0; (q = question_at(i)); i++) {
		if (answered_in(q, ops) != here)
			continue;
		if (!any)
			doc_section(d, title);
		any = true;
		add_question(d, q);
	}
}

/* Names are short; what they stand for is told once, as narrow screens have no room beside the headings. */
static void add_kinds(struct doc *d)
{
	doc_section(d, "Kinds of findings");
	for (const struct check_kind *k = check_kinds; k->name; k++) {
		doc_line(d);
		doc_at(d, 2, R_KEY, k->name);
		doc_on(d, 26, R_TEXT, k->help);
	}
}

static void add_actions(struct doc *d)
{
	doc_section(d, "Marks: the letter before a row");
	for (int i = 0; i < ACTIONS; i++) {
		char letter[2] = { actions[i].letter, 0 };
		doc_line(d);
		doc_at(d, 2, R_MARK, letter);
		doc_at(d, 5, R_KEY, actions[i].name);
		doc_on(d, 22, R_TEXT, actions[i].help);
	}
	doc_wrap(d, R_TEXT, 2,
		"Space takes the program's usual action: chrome blocks; the others remove their anchors and revoke other CAs. It then "
		"moves to the next row.");
	doc_wrap(d, R_TEXT, 2, "A small letter: a stage, in force from a later day on; f in the menu (m) sets the day.");
	doc_wrap(d, R_TEXT, 2,
		"What is assumed (A in the menu, or by a scenario) is an anchor beforehand, beside the program's own: to judge an inclusion "
		"request, or to ask of a day whose store is not there. All numbers are with it; (assumed), or its sign, stands behind its name, and the "
		"line of the marks says how many are.");
}

static void add_signs(struct doc *d, bool plain)
{
	static const struct {
		enum glyph glyph;
		enum role role;
		const char *text;
	} signs[] = {
		{ G_SHUT, R_LABEL, "before a name: CAs below it, which l shows" },
		{ G_OPEN, R_LABEL, "before a name: they are shown, h closes it" },
		{ G_ALL, R_GOOD, "the program trusts it" },
		{ G_SOME, R_SOME, "trusts it with a date rule" },
		{ G_NONE, R_DIM, "does not trust it" },
		{ G_REVOKED, R_BAD, "revoked, blocked or cut by the marks" },
		{ G_ASSUMED, R_SOME, "trusted with what is assumed; the program alone has another answer" },
		{ G_OK, R_GOOD, "in a path: this certificate counts there" },
		{ G_LEFT, R_OWNER, "after via: the next certificate on the way up to the anchor" },
		{ G_SEVERAL, R_OWNER, "in so many places: below its issuers, and as a root; > goes to the next" },
		{ G_CYCLE, R_OWNER, "stands above itself already: a ring, not followed" },
		{ G_ELLIPSIS, R_DIM, "being computed; in a name: what has no room there" },
		{ G_GE, R_NUMBER, "a lower bound: some CA in it is not counted completely" },
		{ G_FALLING, R_TEXT, "in a title: sorted by it, the largest first (o, R, a click)" },
		{ G_RISING, R_TEXT, "the smallest first, or by the alphabet" },
	};

	doc_section(d, "Signs");
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		const char *word = !plain ? NULL : signs[i].glyph == G_SHUT ? "shut" : signs[i].glyph == G_OPEN ? "open" : NULL;

		doc_line(d);
		doc_at(d, 2, signs[i].role, word ? word : glyph(signs[i].glyph));
		doc_on(d, plain ? 7 : 6, R_TEXT, signs[i].text);
	}
	static const struct {
		const char *sign, *text;
		enum { ALWAYS, IN_ASCII, IN_PLAIN } when;
	} more[] = {
		{ "?", "unknown: no source counts it", ALWAYS },
		{ "?", "in a name: a character that ASCII does not have", IN_ASCII },
		{ "1 2", "before a name: its level, roots have 1", IN_PLAIN },
		{ "/", "between a name and its owner", IN_PLAIN },
		{ DOUBTFUL_SIGN, "behind a program, marks, an answer: the store is later, old, suspect (s)", ALWAYS },
		{ "~", "about: rounded, or counted over 7 days before the newest source", ALWAYS },
	};
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		if ((more[i].when == IN_ASCII && !fmt_is_ascii()) || (more[i].when == IN_PLAIN && !plain))
			continue;
		doc_line(d);
		doc_at(d, 2, R_NUMBER, more[i].sign);
		doc_on(d, plain ? 7 : 6, R_TEXT, more[i].text);
	}
	doc_line(d);
	doc_addf(d, R_NUMBER, fmt_is_ascii() ? "  200-3,499  <=900" : "  200–3,499  ≤900");
	doc_on(d, 20, R_TEXT, "bounds: by figures of others between these, at most so many");
}

static void add_columns(struct doc *d)
{
	static const struct {
		const char *title, *text;
	} columns[] = {
		{ "trusted", "unexpired leaves of the row and all below it that the program trusts, with what is assumed and before the marks; unexpired: all (a). Where none is "
			     "known the title of names says so instead" },
		{ "share", "of the row above it, and a bar beside its largest sibling; %CAs: where no leaf is counted, of the CAs of the row above "
				   "it, each row counted in its own (%)" },
		{ "CAs", "how many CAs are below it, without itself, by certificates that are valid on the day and that the program does not reject, nor anybody "
			 "where all leaves are counted (a); canopy counts --by root goes by those that no CRL, CCADB or OneCRL revokes. CAs here (H): how many would be lost, "
			 "with itself, if exactly that row went" },
		{ "only here", "leaves lost if exactly that row went and all other paths stood: a root as an anchor, another CA with all its certificates (H)" },
		{ "issued", "all leaves, expired ones too, of the row and all below it" },
		{ "newest", "day of the newest that is known, also after the day asked; of another year only the month" },
		{ "Mz Ch Ap Ms", "Mozilla, Chrome, Apple, Microsoft: whether each trusts it, by the signs below; under marks the program shown by what they leave, as "
				 "the title of names says, the others as before them: i has what each loses" },
		{ "owner", "whose CA it is; on narrow screens right of a name that does not tell it, once for all below" },
		{ "right of a name", "what the marks do to it (lost, limited, kept); why no certificate of it counts here, so that it "
				     "is in no number above it and has no share: expired, not yet valid, revoked, or not usable here (not by this "
				     "parent, others may have it), in short not yet, unusable; revoked elsewhere: by others than the program, which it "
				     "counts for; or a date rule of a program" },
		{ "in brackets", "behind a name that a CA beside it has, too: its organizational unit, else the first digits of its ca_id" },
	};

	doc_section(d, "Columns of the tree");
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		doc_field(d, columns[i].title, columns[i].text);
}

static void add_input(struct doc *d)
{
	static const struct {
		const char *keys, *text;
	} lines[] = {
		{ "Enter, Esc or C-c", "take it, leave it" },
		{ "arrows, Home, End", "move in it; also C-a C-e C-b C-f" },
		{ "text that is there", "the first character typed replaces it, those keys keep it" },
		{ "C-u C-w C-k Del", "delete to the start, a word, to the end, a character" },
		{ "dates", "Up Down a day, [ ] a month" },
		{ "capital letters", "in / and & only those are found; small ones find both" },
		{ "/ in the findings", "kinds and CAs of that name first, then all else" },
		{ "lists above it", "Up Down choose, Tab completes, C-d deletes after a question" },
		{ "filters", "Tab completes their words, kinds and key types" },
		{ "what is refused", "stays in the line with the reason, until it is changed" },
	};

	doc_section(d, "Where text is typed");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		doc_line(d);
		doc_at(d, 2, R_KEY, lines[i].keys);
		doc_on(d, 22, R_TEXT, lines[i].text);
	}
}

/* From the command's own table. */
static void add_command_line(struct doc *d, const struct opt *options)
{
	doc_section(d, "Options on the command line, when it is started");
	for (const struct opt *o = options; o->name || o->letter; o++) {
		const char *arg = o->arg ? o->arg : o->choices;
		struct strbuf name = STRBUF_INIT;

		if (!o->name || strcmp(o->name, "help") == 0)
			continue;
		strbuf_addf(&name, "--%s%s%s", o->name, arg ? " " : "", arg ? arg : "");
		doc_line(d);
		doc_at(d, 2, R_KEY, name.buf);
		if (text_width(name.buf) > 23)
			doc_line(d);
		doc_on(d, 26, R_TEXT, o->help);
		strbuf_release(&name);
	}
}

static void add_findings_filter(struct doc *d)
{
	const char *word, *help;

	doc_section(d, "Filter words (&) of findings, besides those of CAs");
	for (size_t i = 0; (help = findings_help(i, &word)); i++) {
		doc_line(d);
		doc_at(d, 2, R_KEY, word);
		doc_on(d, 18, R_TEXT, help);
	}
}

static void add_filter(struct doc *d)
{
	const char *word, *help;

	doc_section(d, "Filter words (&), all of them must fit");
	for (size_t i = 0; (help = filter_help(i, &word)); i++) {
		doc_line(d);
		doc_at(d, 2, R_KEY, word);
		doc_on(d, 18, R_TEXT, help);
	}
	doc_line(d);
	doc_at(d, 2, R_KEY, "!word");
	doc_on(d, 18, R_TEXT, "that word must not fit");
	doc_line(d);
	doc_at(d, 2, R_KEY, "anything else");
	doc_on(d, 18, R_TEXT, "in the name, owner or subject; \"…\" holds blanks");
}

static void add_numbers(struct doc *d)
{
	doc_section(d, "Numbers");
	doc_wrap(d, R_TEXT, 2,
		"A row counts the unexpired leaves of its CA and of all CAs below it through certificates usable on "
		"the day, "
		"each CA once whatever the number of paths. A CA under several parents counts under each of them, so "
		"percentages below one parent can add up to more than 100. The bar compares with the largest row "
		"beside it. "
		"The top line has all CAs and unexpired leaves of the index, trusted or not, and how old the newest source is that it was filled from (0d: of today). Totals never count a leaf twice. Where no leaf is counted, shares are shares of CAs. Rows beside "
		"each other of which no leaves are known come by the CAs below them; the titles and the line above the keys say so.");
	doc_wrap(d, R_TEXT, 2, OWNER_COUNTS);
}

static void open(struct tui *t, struct view *v)
{
	struct doc *d = &v->doc;

	doc_begin(d, v->area.w);
	v->stale = false;
	doc_wrap(d, R_LABEL, 1, "Keys, questions, columns, marks, signs, filters, options: Tab steps on, / finds.");
	add_keys(d, v->about->ops->name, v->about->ops->keymap, NULL);
	add_questions(d, v->about->ops, true, "Questions that are answered here");
	if (v->about->ops == &view_findings)
		add_kinds(d);
	add_keys(d, "everywhere", general_keys, v->about->ops->keymap);
	add_questions(d, v->about->ops, false, "Questions, and where they are answered");
	add_columns(d);
	add_actions(d);
	add_signs(d, t->opt->plain);
	if (v->about->ops == &view_findings)
		add_findings_filter(d);
	add_filter(d);
	add_input(d);
	add_numbers(d);
	if (t->opt->command_line)
		add_command_line(d, t->opt->command_line);
}

static void draw(struct tui *t, struct view *v, const struct area *a, bool focused)
{
	struct area inner = { a->y, a->x + 1, a->h, a->w - 1 };

	if (v->stale || v->doc.width != a->w)
		open(t, v);
	doc_draw(&v->doc, &inner, focused);
	t->cursor_y = a->y + (int)(v->doc.cursor - v->doc.top);
}

static const struct binding keymap[] = {
	{ "Tab .", view_next_section, "next part", "to the next section" },
	{ "S-Tab ,", view_previous_section, NULL, "to the section before" },
	{ NULL, NULL, NULL, NULL },
};

const struct view_ops view_help = {
	.name = "help",
	.keymap = keymap,
	.open = open,
	.draw = draw,
	.act = view_doc_act,
	.status = view_doc_status,
};
