/* The browser's rows and questions, against what is made at once:
 *
 *	asked rows INDEX DATE SEED
 *	asked keys INDEX DATE SEED
 *	asked search INDEX DATE SEED
 *	asked ahead INDEX DATE SEED
 *	asked marks INDEX DATE SEED
 *	asked index INDEX DATE SEED BEFORE AFTER
 *
 * rows: opens, shuts, sorts and filters at random; what was put in its place is what is laid out, and the way to a CA is one
 * that is usable wherever there is one.
 * keys: presses keys at random without waiting for what they ask; what is shown in the end is what one sees who waits.
 * search: types searches and filters, enters them and goes on in what they show, the same way.
 * ahead: gives up what was typed ahead, and what waits for what.
 * marks: marks, undoes and asks, the same way; and no frame tells of other marks than there are.
 * index: asks while another process makes of INDEX, which is BEFORE, what AFTER is, and reads it anew; in the end it is
 * as if AFTER had been there from the start. One that cannot be read changes nothing, and is said. Where nobody asks for it,
 * it is noticed.
 * Prints how often they were compared; 1 where they differ. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/strbuf.h"
#include "tui/screen.h"
#include "tui/view.h"

#define ROUNDS 400

static uint32_t state;

static uint32_t below(uint32_t n)
{
	state = state * 1664525 + 1013904223;
	return n ? (state >> 8) % n : 0;
}

/* ---- rows ---- */

static bool same_rows(const struct rows *a, const struct rows *b)
{
	bool same = a->row.n == b->row.n;

	for (size_t i = 0; same && i < a->row.n; i++) {
		const struct row *x = &a->row.v[i], *y = &b->row.v[i];

		same = x->path == y->path && x->parent == y->parent && x->depth == y->depth && x->last == y->last &&
		       x->open == y->open && x->openable == y->openable && x->ca == y->ca && x->whole == y->whole &&
		       x->largest == y->largest;
	}
	return same;
}

static bool as_laid_out(const struct rows *r, const struct model *m)
{
	struct rows fresh = { 0 };
	bool same;

	rows_copy_how(&fresh, r);
	idset_copy(&fresh.open, &r->open);
	idset_copy(&fresh.shut, &r->shut);
	rows_build(&fresh, m);
	same = same_rows(r, &fresh);
	rows_release(&fresh);
	return same;
}

static void change(struct rows *r, struct model *m, const struct rows_open *before)
{
	static const char *const filters[] = { "", "alder", "expired", "!revoked", "trusted owner:birch" };
	uint32_t at = below((uint32_t)r->row.n);

	switch (below(12)) {
	case 0:
		rows_open_all(r, m);
		break;
	case 1:
		rows_shut_all(r, m);
		break;
	case 2:
		r->sort = (enum sort)below(SORTS);
		r->reverse = below(2);
		rows_layout(r, m);
		break;
	case 3:
		filter_parse(&r->filter, filters[below(5)], NULL, NULL);
		rows_build(r, m);
		break;
	case 4:
		r->by_owner = below(2);
		r->all_roots = below(2);
		rows_build(r, m);
		break;
	case 5:
		rows_reveal(r, m, below((uint32_t)m->g->ca.n), NO_INDEX);
		break;
	case 6:
		rows_set_open(r, m, before);
		break;
	default:
		if (!r->row.n)
			break;
		if (r->row.v[at].open)
			rows_shut(r, m, at);
		else
			rows_open(r, m, at);
	}
}

/* Downwards from the roots: which CAs have a place whose rows are all usable? Heap. */
static bool *stand_usable(const struct rows *r, const struct model *m)
{
	bool *stands = xcalloc(m->g->ca.n + 1, sizeof(*stands)), more = true;

	for (uint32_t i = 0; i < m->g->cert.n; i++)
		stands[m->g->cert.v[i].ca] |= r->is_root[m->g->cert.v[i].ca] && m->usable[i];
	while (more) {
		more = false;
		for (uint32_t i = 0; i < m->g->cert.n; i++) {
			const struct ca_cert *c = &m->g->cert.v[i];

			for (uint32_t k = 0; m->usable[i] && k < c->n_issuers && !stands[c->ca]; k++)
				more |= stands[c->ca] = stands[m->g->issuers[c->first_issuer + k]];
		}
	}
	return stands;
}

/* Of all CAs; how many are shown where they are dead though they stand elsewhere, too. */
static int reveal_all(const struct model *m, bool all_roots, bool by_owner, int *alive)
{
	struct rows r = { .all_roots = all_roots, .by_owner = by_owner };
	bool *stands, usable;
	int dead = 0;

	rows_build(&r, m);
	stands = stand_usable(&r, m);
	for (uint32_t ca = 0; ca < m->g->ca.n; ca++) {
		usable = rows_reveal(&r, m, ca, NO_INDEX);
		for (uint32_t at = r.cursor; usable && at != NO_INDEX; at = r.row.v[at].parent)
			usable = r.row.v[at].usable;
		dead += stands[ca] && !usable;
		*alive += stands[ca] && usable;
	}
	free(stands);
	rows_release(&r);
	return dead;
}

/* The cursor's row is where its path is after what moves rows above it. */
static int play_rows(const struct tui_options *o, struct err *err)
{
	struct rows_open before = { 0 };
	struct rows r = { 0 };
	struct model m;
	int differ = 0, dead = 0, alive = 0;

	if (model_open(&m, o, err) < 0)
		return -1;
	for (int how = 0; how < 4; how++)
		dead += reveal_all(&m, how & 1, how & 2, &alive);
	rows_build(&r, &m);
	for (int i = 0; i < ROUNDS; i++) {
		if (!below(5)) {
			idset_copy(&before.open, &r.open);
			idset_copy(&before.shut, &r.shut);
		}
		r.cursor = below((uint32_t)r.row.n);
		change(&r, &m, &before);
		differ += !as_laid_out(&r, &m) || r.cursor > r.row.n;
	}
	printf("%d times, %d differ; %d of %d shown where they are dead\n", ROUNDS, differ, dead, dead + alive);
	idset_release(&before.open);
	idset_release(&before.shut);
	rows_release(&r);
	model_close(&m);
	return differ > 0 || dead > 0 || !alive;
}

/* ---- keys ---- */

static bool reads_keys(struct tui *t)
{
	uint32_t read, all;

	model_keys_progress(&t->model, &read, &all);
	return all && tui_work_beside(t);
}

static void wait_for_all(struct tui *t)
{
	while (search_step(t, true) || asking_step(t, true) || ahead_step(t) || reads_keys(t))
		frame_draw(t);
}

static void dump(struct tui *t, char **ret, size_t *len)
{
	FILE *f = open_memstream(ret, len);

	do {
		beside_step(t, false);
		frame_draw(t);
	} while (tui_work_beside(t));
	frame_draw(t);
	screen_dump(f, DUMP_TEXT);
	fclose(f);
}

/* Keys that ask; none moves, as moving on the old picture is another thing. The last one only at the end: it opens what
 * is shown then. */
static const char *const keys[] = { "p", "P", "]", "[", "{", "}", "a", "o", "R", "A", "O", "e", "E", "*" };
#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

/* Of the marks there are, computed at once. */
static bool scored(const struct model *m)
{
	struct mark_query marks;
	struct trust_query q;
	struct impact *im;
	bool same;

	if (!m->impact)
		return true;
	marks_query(&m->marks, m->g, &marks);
	q = model_query(m, m->chosen, &marks);
	im = impact_compute(&q, false);
	same = im->n_rows == m->impact->n_rows && im->changed_cas == m->impact->changed_cas &&
	       im->span.trusted.known == m->impact->span.trusted.known &&
	       im->span.lost.known == m->impact->span.lost.known;
	for (size_t i = 0; same && i < im->n_rows; i++)
		same = im->row[i].ca == m->impact->row[i].ca && im->row[i].after == m->impact->row[i].after;
	impact_free(im);
	mark_query_release(&marks);
	return same;
}

/* A frame tells of the marks there are, or that what they break is computed. */
static bool told_right(struct tui *t)
{
	struct strbuf says = STRBUF_INIT;
	bool computing;

	frame_draw(t);
	frame_scenario(t, &says, 120);
	computing = strstr(says.buf, "computing");
	strbuf_release(&says);
	/* without marks "before" stands in the tree, which has what is assumed */
	return computing == model_scoring(&t->model) &&
	       (computing || (t->model.marks.now.n ? scored(&t->model) : !model_assumes_others(&t->model)));
}

static int untrue; /* frames that told of other marks */

/* The first frame waits for no program but the chosen one; what it does without is there when nothing is left to do. */
static bool knows_columns(const struct model *m, bool all)
{
	bool as_wanted = true;

	for (size_t i = 0; i < m->column.n; i++)
		if (m->column.v[i].store && (i != m->chosen || !m->impact))
			as_wanted &= (m->column.v[i].trust != NULL) == all;
	return as_wanted;
}

static int columns_wrong;

/* ---- another process ---- */

static const char *index_path, *before, *after;

static void sqlite(const char *command)
{
	struct strbuf line = STRBUF_INIT;

	strbuf_addf(&line, "sqlite3 '%s' \"%s\"", index_path, command);
	if (system(line.buf) != 0) {
		fprintf(stderr, "asked: cannot %s\n", line.buf);
		exit(2);
	}
	strbuf_release(&line);
}

static void become(const char *index)
{
	struct strbuf command = STRBUF_INIT;

	strbuf_addf(&command, ".restore '%s'", index);
	sqlite(command.buf);
	strbuf_release(&command);
}

static int open_index(struct tui_options *o, struct err *err)
{
	index_close(o->index);
	o->index = NULL;
	return index_open(index_path, INDEX_READ, &o->index, err);
}

static int play(
	const struct tui_options *o, const char *const *key, size_t n, bool patient, char **ret, struct err *err)
{
	struct screen_options s = { .rows = 40, .cols = 120, .theme = theme_off() };
	struct tui t;
	size_t len;
	int rc = -1;

	if (tui_open(&t, o, err) == 0 && screen_open(&s, err) == 0) {
		frame_draw(&t);
		columns_wrong += !knows_columns(&t.model, false);
		for (size_t i = 0; i < n; i++) {
			if (below(2))
				untrue += !told_right(&t);
			frame_draw(&t); /* lays out a page that was opened */
			if (!strcmp(key[i], "g") || !strcmp(key[i], "wait"))
				wait_for_all(&t); /* it moves */
			if (!strcmp(key[i], "!"))
				become(after);
			else if (strcmp(key[i], "wait") != 0)
				tui_key(&t, key_parse(key[i], strlen(key[i])));
			if (patient)
				wait_for_all(&t);
		}
		wait_for_all(&t);
		untrue += t.model.scoring || !told_right(&t);
		dump(&t, ret, &len);
		columns_wrong += !knows_columns(&t.model, true);
		screen_close();
		rc = 0;
	}
	tui_close(&t);
	return rc;
}

static void press(struct tui *t, const char *script)
{
	for (const char *k = script; *k; k += strcspn(k, " "), k += *k == ' ')
		tui_key(t, key_parse(k, strcspn(k, " ")));
}

/* Fills key; the number. */
static size_t some_questions(const char **key)
{
	size_t n = 1 + below(8);

	for (size_t k = 0; k < n; k++)
		key[k] = keys[below(k + 1 == n ? N_KEYS : N_KEYS - 1)];
	key[n] = "g";
	return n + 1;
}

static size_t a_search(const char **key)
{
	static const char *const typed[] = { "/ a l d e r", "/ c a Backspace e", "/ t l s", "/ r o o t x", "/ a 0",
		"/ o r p h a n" /* not below the roots of the program */, "& r e v o k e d", "& n a m e : a l d e r", "o", "O",
		"/ z wait z", "& k e y : r s a < 3 0 7 2", "O / b i r c h" /* goes to an owner */, "O / y e w" /* of other roots */ };
	static const char *const ahead[] = { "n", "n", "Enter", "Space", "j", "o", "l", "(" };
	static char text[32];
	size_t n = 0;

	snprintf(text, sizeof(text), "%s", typed[below(14)]);
	for (char *s = text; s; n++) {
		key[n] = s;
		s = strchr(s, ' ');
		if (s)
			*s++ = '\0';
	}
	key[n++] = below(4) ? "Enter" : "Esc";
	for (uint32_t k = below(6); k; k--)
		key[n++] = ahead[below(8)];
	return n;
}

/* Marks on the first rows, which stand still; then what changes them and what asks, at last the tree or the impact. */
static size_t some_marks(const char **key)
{
	static const char *const more[] = { "u", "u", "C-r", "p", "P", "]", "[", "a", "o", "U" };
	size_t n = 0, asks;

	for (uint32_t k = 1 + below(3); k; k--)
		key[n++] = "Space";
	if (below(2)) { /* assumes the CA under the cursor, the second to the fourth: one of them has a date rule */
		key[n++] = "m";
		key[n++] = "a";
		if (below(2)) { /* known, and gone again */
			key[n++] = "wait";
			key[n++] = "U";
			key[n++] = "y";
		}
	}
	for (asks = 2 + below(7); asks; asks--) {
		key[n] = more[below(sizeof(more) / sizeof(more[0]))];
		n++;
		if (!strcmp(key[n - 1], "U"))
			key[n++] = "y";
	}
	key[n++] = "g";
	if (below(2))
		key[n++] = "i";
	return n;
}

static int play_keys(const struct tui_options *o, size_t (*choose)(const char **key), struct err *err)
{
	int differ = 0, rounds = ROUNDS / 20;

	for (int i = 0; i < rounds; i++) {
		char *quick = NULL, *patient = NULL;
		const char *key[64];
		size_t n = choose(key);

		if (play(o, key, n, false, &quick, err) < 0 || play(o, key, n, true, &patient, err) < 0)
			return -1;
		if (strcmp(quick, patient) != 0) {
			differ++;
			for (size_t k = 0; k < n; k++)
				printf("%s ", key[k]);
			printf("\n%s\n%s\n", quick, patient);
		}
		free(quick);
		free(patient);
	}
	printf("%d times, %d differ, %d frames told of other marks, %d too early or too late of other programs\n",
		rounds, differ, untrue, columns_wrong);
	return differ > 0 || untrue > 0 || columns_wrong > 0;
}

static bool says(const struct tui *t, const char *what)
{
	return strstr(t->message.buf, what) != NULL;
}

/* C-c gives up what was entered with what was typed ahead, once; what is typed then is heard. */
static bool given_up_wrong(struct tui *t)
{
	bool wrong;

	press(t, "/ c e d a r Enter Enter Space");
	wrong = t->ahead.key.n != 2 || t->stack.n != 1 || t->model.marks.now.n;
	press(t, "C-c");
	wrong |= t->ahead.key.n || t->quit || !says(t, "the search for 'cedar' and what was typed ahead is given up");
	wait_for_all(t);
	wrong |= t->stack.n != 1 || t->model.marks.now.n || t->rows.cursor;
	press(t, "n"); /* nothing was looked up that could not be found */
	wrong |= !says(t, "no search yet");
	press(t, "/ o r p h a n");
	wait_for_all(t); /* shown while it is typed, among all roots */
	wrong |= !t->rows.all_roots;
	press(t, "Space c Enter Esc"); /* as Esc in the line */
	wait_for_all(t);
	wrong |= t->rows.all_roots || t->rows.cursor || !says(t, "the search for 'orphan c' is given up");
	return wrong;
}

/* What is pasted is a text, whatever is in it; what leaves is not kept; a question is not answered by a key that came before it. */
static bool kept_wrong(struct tui *t)
{
	bool wrong;

	press(t, "/ c e d a r Enter Paste f C-c Space Q i r PasteEnd");
	wrong = t->quit || t->ahead.key.n != 8;
	wait_for_all(t);
	wrong |= t->quit || !t->prompt.on || strcmp(t->prompt.text.buf, "f Qir") != 0;
	press(t, "Esc");
	wait_for_all(t);
	press(t, "g Space");
	wait_for_all(t);
	press(t, "w o n e Enter");
	beside_step(t, true);
	press(t, "g j Space");
	wait_for_all(t);
	press(t, "w C-u o n e Enter o y");
	beside_step(t, true);
	wrong |= t->prompt.on || t->ahead.key.n != 1;
	wait_for_all(t);
	beside_step(t, true);
	wrong |= !t->prompt.on || !t->prompt.confirm;
	press(t, "n L o n e Enter Space"); /* the load takes both marks, then there is one more */
	beside_step(t, true);
	wait_for_all(t);
	wrong |= t->model.marks.now.n != 2 || t->prompt.on;
	press(t, "p");
	wait_for_all(t);
	press(t, "w C-u t w o Enter");
	beside_step(t, true);
	press(t, "L o n e Enter");
	beside_step(t, true);
	wait_for_all(t);
	press(t, "L t w o Enter");
	keeping_step(t, true);
	press(t, "G"); /* of the program that it asks, which is on its way */
	wrong |= t->ahead.key.n != 1;
	wait_for_all(t);
	wrong |= t->rows.cursor + 1 != t->rows.row.n || strcmp(t->model.program, "chrome") != 0;
	press(t, "p k Space"); /* one may move meanwhile, but what a mark does depends on the program */
	wrong |= t->ahead.key.n != 1 || t->rows.cursor + 2 != t->rows.row.n;
	wait_for_all(t);
	press(t, "o q"); /* nobody waits to leave */
	wrong |= t->ahead.key.n || !(t->quit || t->prompt.on);
	return wrong;
}

static void finish(struct tui *t)
{
	do {
		frame_draw(t);
		beside_step(t, true);
		frame_draw(t);
	} while (tui_work_beside(t));
}

/* On a page of which nothing is there C-c asks first. */
static bool quit_wrong(struct tui *t)
{
	bool wrong;

	t->ahead.played = 0;
	press(t, "C-c");
	wrong = t->quit || !t->prompt.on || !t->prompt.confirm;
	press(t, "n");
	return wrong || t->quit || t->prompt.on;
}

/* Pages of which nothing, or not what is looked for, is there. */
static bool page_wrong(struct tui *t)
{
	bool wrong;

	press(t, "f");
	wrong = quit_wrong(t);
	press(t, "j");
	wrong |= t->ahead.key.n != 1;
	finish(t);
	wrong |= t->ahead.key.n || !t->findings.cursor;
	t->ahead.played = 0;
	press(t, "C-c"); /* all is there, and nothing is lost */
	wrong |= !t->quit;
	t->quit = false;
	press(t, "q s j");
	wrong |= t->ahead.key.n != 1;
	press(t, "q"); /* behind what is kept it is kept, too */
	wrong |= t->ahead.key.n != 2;
	finish(t);
	wrong |= t->ahead.key.n || t->stack.n != 1 || t->quit;
	press(t, "g Space");
	wait_for_all(t);
	press(t, "i j /");
	wrong |= t->ahead.key.n != 1;
	finish(t);
	wrong |= t->ahead.key.n || !t->prompt.on;
	press(t, "Esc q u");
	wait_for_all(t);
	return wrong || t->stack.n != 1 || t->model.marks.now.n;
}

/* O opens the row of an owner: of whom is known when the rows of another program are there, which lacks the CA of the cursor. */
static int play_regrouped(const struct tui_options *o, bool *differs, struct err *err)
{
	static const char *const key[] = { "G", "wait", "p", "O", "wait", "%" };
	const size_t n = sizeof(key) / sizeof(key[0]);
	char *quick = NULL, *patient = NULL;

	if (play(o, key, n, false, &quick, err) < 0 || play(o, key, n, true, &patient, err) < 0)
		return -1;
	*differs |= strcmp(quick, patient) != 0;
	if (*differs)
		printf("%s\n%s\n", quick, patient);
	free(quick);
	free(patient);
	return 0;
}

static int play_ahead(const struct tui_options *o, bool *wrong, struct err *err)
{
	static const struct {
		const char *what;
		bool (*wrong)(struct tui *t);
	} part[] = { { "given up", given_up_wrong }, { "pages", page_wrong }, { "kept", kept_wrong } };
	struct screen_options s = { .rows = 40, .cols = 120, .theme = theme_off() };
	struct tui t;

	*wrong = false;
	if (tui_open(&t, o, err) < 0 || screen_open(&s, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (part[i].wrong(&t)) {
			printf("%s: %s\n", part[i].what, t.message.buf);
			*wrong = true;
		}
	}
	screen_close();
	tui_close(&t);
	return play_regrouped(o, wrong, err);
}

/* ---- an index that changes ---- */

/* Keys with and without the change among them; the number of the first. */
static size_t some_changes(const char **key, const char **without, size_t *n_without)
{
	size_t n = below(3) ? some_questions(without) : a_search(without), at = below((uint32_t)n), k = 0;
	bool typed = strchr("/&", without[0][0]) || (n > 1 && without[1][0] == '/');

	for (size_t i = at; typed && i < n; i++)
		if (!strcmp(without[i], "Enter") || !strcmp(without[i], "Esc"))
			at = 0; /* not in the midst of what is typed */
	for (size_t i = 0; i < n; i++) {
		if (i == at) {
			key[k++] = "!";
			key[k++] = "F5";
			if (typed)
				key[k++] = "wait";
		}
		key[k++] = without[i];
	}
	without[n++] = key[k++] = "wait";
	without[n++] = key[k++] = "%"; /* takes away what is said */
	*n_without = n;
	return k;
}

static int play_change(struct tui_options *o, bool *differs, struct err *err)
{
	const char *key[64], *without[64];
	char *seen[3] = { NULL };
	size_t n_without, n = some_changes(key, without, &n_without);
	int rc = 0;

	for (int i = 0; rc == 0 && i < 3; i++) {
		become(i < 2 ? before : after);
		rc = open_index(o, err);
		if (rc == 0)
			rc = play(o, i < 2 ? key : without, i < 2 ? n : n_without, i == 1, &seen[i], err);
	}
	*differs = rc == 0 && (strcmp(seen[0], seen[1]) != 0 || strcmp(seen[1], seen[2]) != 0);
	for (size_t k = 0; *differs && k < n; k++)
		printf("%s ", key[k]);
	for (int i = 0; i < 3; i++) {
		if (*differs)
			printf("\n%s\n", seen[i]);
		free(seen[i]);
	}
	return rc;
}

/* What is shown stays, with one line that says why, and the next time it is read. */
static int play_unreadable(struct tui_options *o, bool *wrong, struct err *err)
{
	struct screen_options s = { .rows = 40, .cols = 120, .theme = theme_off() };
	const int f5 = key_parse("F5", 2), p = key_parse("p", 1);
	struct tui t;
	size_t rows;

	become(before);
	if (open_index(o, err) < 0 || tui_open(&t, o, err) < 0)
		return -1;
	if (screen_open(&s, err) < 0)
		return -1;
	rows = t.rows.row.n;
	sqlite("PRAGMA user_version = 99");
	tui_key(&t, f5);
	wait_for_all(&t);
	frame_draw(&t);
	*wrong = !t.error || !strstr(t.message.buf, "version 99") || t.version || t.rows.row.n != rows;
	tui_key(&t, f5);
	tui_key(&t, p); /* what else is asked then is answered of what is shown */
	wait_for_all(&t);
	frame_draw(&t);
	*wrong |= t.version || t.model.chosen != 1;
	become(after);
	sqlite("PRAGMA user_version = 99");
	press(&t, "/ o r p h a n Enter j j"); /* nothing is sought afterwards in what could not be read */
	wait_for_all(&t);
	*wrong |= !t.error || !strstr(t.message.buf, "version 99") || t.asking.seek.on || t.ahead.key.n;
	become(after);
	tui_key(&t, f5);
	wait_for_all(&t);
	frame_draw(&t);
	*wrong |= t.error || strcmp(t.message.buf, "read anew") != 0 || t.version != 1;
	screen_close();
	tui_close(&t);
	return 0;
}

/* A question that is not answered yet, and a scenario saved meanwhile: of what was asked, and of the marks that there were. */
static bool kept_has(struct tui *t, const char *what)
{
	int64_t at;
	char *text = NULL;
	bool has = index_find_scenario(t->model.index, "new", &text, &at, NULL) == 0 && text && strstr(text, what);

	free(text);
	return has;
}

static bool line_is(const struct tui *t, const char *text, const char *why)
{
	return t->prompt.on && strcmp(t->prompt.text.buf, text) == 0 && (*why ? strstr(t->prompt.why.buf, why) != NULL : !t->prompt.why.len);
}

/* The beginning of the only name that has it loads that one, as if it had been typed whole; not where another one has just it. */
static bool begun_wrong(struct tui *t)
{
	const size_t marks = t->model.marks.past.n;
	bool wrong;

	wait_for_all(t); /* of the load before */
	press(t, "L n e Enter");
	wrong = t->prompt.on;
	beside_step(t, true);
	wait_for_all(t);
	wrong |= t->model.marks.past.n != marks + 1 || strcmp(t->scenario.buf, "new") != 0 || !strstr(t->message.buf, "'new' asks");
	press(t, "L n e");
	sqlite("INSERT INTO scenario SELECT 'ne', saved_at, body FROM scenario WHERE name = 'new'");
	press(t, "Enter");
	beside_step(t, true);
	wait_for_all(t);
	wrong |= t->model.marks.past.n != marks + 2 || strcmp(t->scenario.buf, "ne") != 0;
	sqlite("INSERT INTO scenario SELECT 'news', saved_at, body FROM scenario WHERE name = 'new'; DELETE FROM scenario WHERE name = 'ne'");
	press(t, "L n e Enter");
	beside_step(t, true);
	wait_for_all(t);
	wrong |= t->model.marks.past.n != marks + 2 || !line_is(t, "ne", "2 names begin so");
	press(t, "Esc");
	return wrong;
}

/* The line of an unknown name stays until it is answered, and is not refused for a text that was not asked. */
static bool load_wrong(struct tui *t)
{
	const size_t marks = t->model.marks.past.n;
	bool wrong;

	press(t, "L n o n e Enter");
	wrong = !line_is(t, "none", "");
	beside_step(t, true);
	wrong |= !line_is(t, "none", "no scenario 'none'");
	press(t, "Enter Enter");
	wrong |= !line_is(t, "none", "");
	beside_step(t, true);
	wrong |= !line_is(t, "none", "no scenario 'none'");
	press(t, "Enter j");
	beside_step(t, true);
	wrong |= !line_is(t, "nonej", "") || t->kept;
	press(t, "Enter Esc");
	beside_step(t, true);
	wrong |= t->prompt.on || t->message.len || t->kept;
	press(t, "L n e w s Enter");
	beside_step(t, true);
	wrong |= !line_is(t, "news", "did you mean 'new'?") || t->model.marks.past.n != marks;
	press(t, "Backspace Enter");
	wrong |= t->prompt.on; /* listed: what is typed on is meant for what is below */
	beside_step(t, true);
	return wrong || t->model.marks.past.n != marks + 1 || begun_wrong(t);
}

static int play_saved(struct tui_options *o, bool *wrong, struct err *err)
{
	struct screen_options s = { .rows = 40, .cols = 120, .theme = theme_off() };
	struct tui t;

	become(before);
	if (open_index(o, err) < 0 || tui_open(&t, o, err) < 0 || screen_open(&s, err) < 0)
		return -1;
	press(&t, "Space");
	wait_for_all(&t);
	press(&t, "V");
	*wrong = t.asking.what != ASK_MODEL;
	press(&t, "w n e w Enter");
	beside_step(&t, true);
	*wrong |= !kept_has(&t, "revocation all") || !kept_has(&t, "remove");
	wait_for_all(&t);
	press(&t, "w Enter u");
	beside_step(&t, true);
	*wrong |= !t.prompt.on || t.model.marks.now.n;
	press(&t, "y");
	beside_step(&t, true);
	*wrong |= !strstr(t.message.buf, "replaced") || !kept_has(&t, "remove");
	*wrong |= load_wrong(&t);
	screen_close();
	tui_close(&t);
	return 0;
}

static void other_file(const char *index)
{
	struct strbuf command = STRBUF_INIT;

	strbuf_addf(&command, "cp '%s' '%s.new' && rm -f '%s-wal' '%s-shm' && mv '%s.new' '%s'", index, index_path, index_path,
		index_path, index_path, index_path);
	if (system(command.buf) != 0)
		exit(2);
	strbuf_release(&command);
}

/* Gone, the file stays shown; another one in its place is read, and nothing of it told before as if it were the same. */
static int play_moved(struct tui_options *o, bool *wrong, struct err *err)
{
	struct screen_options s = { .rows = 40, .cols = 120, .theme = theme_off() };
	struct strbuf away = STRBUF_INIT;
	struct index *shared = NULL;
	struct tui t;
	size_t rows, len;
	char *text;

	become(before);
	if (open_index(o, err) < 0 || tui_open(&t, o, err) < 0 || screen_open(&s, err) < 0)
		return -1;
	rows = t.rows.row.n;
	strbuf_addf(&away, "%s.away", index_path);
	rename(index_path, away.buf);
	press(&t, "F5");
	wait_for_all(&t);
	*wrong = !t.error || !strstr(t.message.buf, index_path) || t.version || t.rows.row.n != rows;
	rename(away.buf, index_path);
	other_file(after);
	*wrong |= index_share(t.model.index, &shared, NULL) == 0;
	press(&t, "s");
	frame_draw(&t);
	beside_step(&t, true);
	dump(&t, &text, &len); /* not that there are no sources */
	*wrong |= !strstr(text, "is another file since it was read") || strstr(text, "never fetched");
	free(text);
	press(&t, "q F5");
	wait_for_all(&t);
	*wrong |= t.error || t.version != 1 || index_share(t.model.index, &shared, err) < 0;
	index_close(shared);
	strbuf_release(&away);
	screen_close();
	tui_close(&t);
	return 0;
}

/* What the sources show is of the day, and read once: the table of no day at all, what speaks against the stores for the sign
 * as well. */
static bool sources_of_the_day(struct tui *t)
{
	const struct source_table *s;
	int32_t day = t->model.day;
	bool right;

	press(t, "s");
	frame_draw(t);
	beside_step(t, true);
	s = sources_of(t);
	right = s && t->model.doubts == &t->doubting.last && t->model.doubts_day == day;
	press(t, "]");
	wait_for_all(t);
	right &= t->model.day != day && !sources_of(t); /* of another day is not of this one */
	beside_step(t, true);
	right &= sources_of(t) == s && t->model.doubts == &t->doubting.last && t->model.doubts_day == t->model.day;
	press(t, "[ q");
	beside_step(t, true);
	return right;
}

static bool reads_its_own(struct index *ix)
{
	struct cert_detail d;
	struct err why = { 0 };
	uint8_t *der;
	size_t n;

	if (index_cert_detail(ix, 0, &d, &why) < 0)
		return strstr(why.msg, "has changed since it was read") == NULL;
	cert_detail_release(&d);
	if (index_cert_der(ix, 0, &der, &n, NULL) < 0)
		return false;
	free(der);
	return true;
}

/* Nobody asks for it: the other rows behind the numbers are read anew, not under somebody's hands, and read as those that
 * they were by nobody. */
static int play_noticed(struct tui_options *o, bool *wrong, struct err *err)
{
	struct screen_options s = { .rows = 40, .cols = 120, .theme = theme_off() };
	struct index *shared = NULL;
	struct tui t;

	become(before);
	if (open_index(o, err) < 0 || tui_open(&t, o, err) < 0 || screen_open(&s, err) < 0)
		return -1;
	press(&t, "Space w k e p t Enter");
	beside_step(&t, true);
	*wrong = !strstr(t.message.buf, "is saved") || t.version || !reads_its_own(t.model.index) || !sources_of_the_day(&t);
	become(after);
	*wrong |= reads_its_own(t.model.index) || index_share(t.model.index, &shared, NULL) == 0;
	press(&t, "]");
	beside_step(&t, true);
	*wrong |= t.version != 1 || strcmp(t.message.buf, "the index has changed: read anew") != 0;
	*wrong |= !reads_its_own(t.model.index) || t.model.day == o->day;
	press(&t, "D");
	become(before);
	beside_step(&t, true);
	*wrong |= t.version != 1 || !t.prompt.on;
	press(&t, "Esc");
	beside_step(&t, true);
	*wrong |= t.version != 2;
	become(after);
	sqlite("PRAGMA user_version = 99");
	for (int i = 0; i < 2; i++) {
		press(&t, "[");
		beside_step(&t, true);
		*wrong |= t.version != 2 || !t.error || !strstr(t.message.buf, "version 99") || t.model.day == o->day;
	}
	become(after);
	press(&t, "F5");
	beside_step(&t, true);
	*wrong |= t.version != 3 || t.error || !reads_its_own(t.model.index);
	screen_close();
	tui_close(&t);
	return 0;
}

static int play_index(struct tui_options *o, struct err *err)
{
	int differ = 0, rounds = ROUNDS / 40;
	bool wrong, unsaved, mixed, unnoticed;

	for (int i = 0; i < rounds; i++) {
		bool differs;

		if (play_change(o, &differs, err) < 0)
			return -1;
		differ += differs;
	}
	if (play_unreadable(o, &wrong, err) < 0 || play_saved(o, &unsaved, err) < 0 || play_moved(o, &mixed, err) < 0 ||
		play_noticed(o, &unnoticed, err) < 0)
		return -1;
	printf("%d times, %d differ, one that cannot be read: %s; saved meanwhile: %s; another file: %s; changed in place: %s\n", rounds, differ,
		wrong ? "wrong" : "said", unsaved ? "wrong" : "right", mixed ? "mixed" : "told apart",
		unnoticed ? "mixed" : "noticed");
	return differ > 0 || wrong || unsaved || mixed || unnoticed || untrue > 0 || columns_wrong > 0;
}

int main(int argc, char **argv)
{
	struct tui_options o = { .purpose = PURPOSE_TLS };
	struct err err = { 0 };
	uint64_t seed = 0;
	bool wrong = false;
	int rc = -1;

	setlocale(LC_ALL, "C.UTF-8");
	if (argc == 7 && !strcmp(argv[1], "index")) {
		before = argv[5];
		after = argv[6];
		argc = 5;
	}
	if (argc != 5 || date_parse(argv[3], &o.day) < 0 || num_parse_u64(argv[4], &seed) < 0) {
		fprintf(stderr, "usage: asked rows|keys|search|ahead|marks|index INDEX DATE SEED [BEFORE AFTER]\n");
		return 2;
	}
	state = (uint32_t)seed;
	o.today = o.day;
	index_path = argv[2];
	if (after)
		rc = play_index(&o, &err);
	else if (index_open(argv[2], INDEX_READ, &o.index, &err) == 0)
		rc = !strcmp(argv[1], "rows") ? play_rows(&o, &err)
			: !strcmp(argv[1], "ahead") ? play_ahead(&o, &wrong, &err)
					      : play_keys(&o,
							!strcmp(argv[1], "keys")    ? some_questions
							: !strcmp(argv[1], "marks") ? some_marks
										    : a_search,
							&err);
	if (rc < 0)
		fprintf(stderr, "asked: %s\n", err.msg);
	index_close(o.index);
	return rc < 0 ? 2 : rc | wrong;
}
