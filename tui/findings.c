#include "tui/findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/date.h"
#include "base/map.h"
#include "base/opt.h"
#include "base/text.h"

struct finding_word {
	const char *name; /* ends in ':' when a value follows */
	bool (*match)(const struct finding_term *t, const struct found *f);
	int (*value)(struct finding_term *t, struct err *err); /* reads t->text */
	const char *help;
};
struct finding_term {
	const struct finding_word *word; /* NULL: one of the tree's, which asks the CA */
	struct filter ca;
	char *text;
	bool not; /* '!' before it */
	struct filter_place place;
	size_t asked, had; /* findings, since they were sorted out */
	int number;
	int32_t day;
};

/* ---- the filter ---- */

static bool finding_has(const struct found *f, const char *text)
{
	const struct finding *x = f->finding;
	char hex[65] = "";

	if (f->has_cert)
		hex_encode(f->sha256, 32, hex);
	return text_contains(f->name, text) || text_contains(f->owner, text) || text_contains(x->detail, text) ||
	       text_contains(x->kind, text) || text_contains(x->source, text) ||
	       text_contains(severity_names[x->severity], text) || text_contains(hex, text);
}

static bool match_text(const struct finding_term *t, const struct found *f)
{
	return finding_has(f, t->text);
}

static bool match_kind(const struct finding_term *t, const struct found *f)
{
	return f->finding->kind == check_kinds[t->number].name;
}

static bool match_severity(const struct finding_term *t, const struct found *f)
{
	return (int)f->finding->severity == t->number;
}

static bool match_detail(const struct finding_term *t, const struct found *f)
{
	return text_contains(f->finding->detail, t->text);
}

static bool match_source(const struct finding_term *t, const struct found *f)
{
	return text_contains(f->finding->source, t->text);
}

static bool match_since(const struct finding_term *t, const struct found *f)
{
	return f->finding->day != INT32_MIN && f->finding->day >= t->day;
}

static int some_value(struct finding_term *t, struct err *err)
{
	return *t->text ? 0 : err_set(err, ERR_USAGE, "'%s' needs a text behind it", t->word->name);
}

/* False: no kind begins so. */
static bool say_beginnings(const char *text, struct err *err)
{
	struct strbuf kinds = STRBUF_INIT;
	bool any;

	for (size_t i = 0; *text && check_kinds[i].name; i++)
		if (strncasecmp(check_kinds[i].name, text, strlen(text)) == 0)
			strbuf_addf(&kinds, "%s'kind:%s'", kinds.len ? ", " : "", check_kinds[i].name);
	any = kinds.len > 0;
	if (any)
		err_set(err, ERR_USAGE, "'kind:%s' is no kind; did you mean %s?", text, kinds.buf);
	strbuf_release(&kinds);
	return any;
}

static int kind_value(struct finding_term *t, struct err *err)
{
	const char *names[FINDING_GROUPS] = { NULL }, *near;
	size_t n = 0;

	for (; check_kinds[n].name && n < FINDING_GROUPS; n++) {
		names[n] = check_kinds[n].name;
		if (strcasecmp(names[n], t->text) != 0)
			continue;
		t->number = (int)n;
		return 0;
	}
	if (say_beginnings(t->text, err))
		return -1;
	near = opt_nearest(t->text, names, n);
	if (near)
		return err_set(err, ERR_USAGE, "'kind:%s' is no kind; did you mean '%s'?", t->text, near);
	return err_set(err, ERR_USAGE, "'kind:%s' is no kind; the kinds are the headings of the list", t->text);
}

static int severity_value(struct finding_term *t, struct err *err)
{
	for (t->number = 0; t->number < 3; t->number++)
		if (strcasecmp(severity_names[t->number], t->text) == 0)
			return 0;
	return err_set(err, ERR_USAGE, "'severity:%s' is not high, medium or low", t->text);
}

static int since_value(struct finding_term *t, struct err *err)
{
	if (date_parse(t->text, &t->day) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "'since:%s' needs a date, YYYY-MM-DD", t->text);
}

static const struct finding_word words[] = {
	{ "kind:", match_kind, kind_value, "KIND  of this kind" },
	{ "severity:", match_severity, severity_value, "high, medium or low" },
	{ "detail:", match_detail, some_value, "TEXT  the evidence has it" },
	{ "program:", match_detail, some_value, "P  the evidence names that program" },
	{ "source:", match_source, some_value, "TEXT  where the evidence stands" },
	{ "since:", match_since, since_value, "DATE  a change since that day" },
};
#define N_WORDS (sizeof(words) / sizeof(words[0]))
static const struct finding_word plain_word = { "", match_text, NULL, "" };

const char *findings_help(size_t i, const char **word)
{
	if (i >= N_WORDS)
		return NULL;
	*word = words[i].name;
	return words[i].help;
}

/* Is it of the tree's language? Those asks about a CA hold for its findings, too. */
static bool asks_ca(const char *s)
{
	const char *word;

	for (size_t i = 0; filter_help(i, &word); i++) {
		size_t len = strlen(word);
		bool valued = strchr(":<>", word[len - 1]) != NULL;
		if (strncasecmp(s, word, len) == 0 && (valued || !s[len]))
			return true;
	}
	return false;
}

/* Is it written like a word with a value, "ownr:x"? Then the tree's language says what is wrong with it. */
static bool looks_valued(const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return len && s[len] && strchr(":<>", s[len]);
}

static int make_ca_term(const char *s, struct finding_term *t, struct filter_place *place, struct err *err)
{
	struct strbuf quoted = STRBUF_INIT;
	size_t name = strcspn(s, ":<>");
	int rc;

	if (s[name])
		strbuf_addf(&quoted, "%.*s\"%s\"", (int)name + 1, s, s + name + 1);
	else
		strbuf_addstr(&quoted, s);
	rc = filter_parse(&t->ca, quoted.buf, place, err);
	strbuf_release(&quoted);
	return rc;
}

/* May what is typed so far become a value? */
static bool unfinished(const struct finding_term *t)
{
	size_t len = strlen(t->text);

	for (size_t i = 0; t->word->value == kind_value && check_kinds[i].name; i++)
		if (strncasecmp(check_kinds[i].name, t->text, len) == 0)
			return true;
	for (int i = 0; t->word->value == severity_value && i < 3; i++)
		if (strncasecmp(severity_names[i], t->text, len) == 0)
			return true;
	if (t->word->value == since_value)
		return len < 10 && strspn(t->text, "0123456789-") == len;
	return !len;
}

/* quoted: it is text, whatever it looks like. place->unfinished is told, no more. */
static int make_term(const char *s, bool quoted, struct finding_term *t, struct filter_place *place, struct err *err)
{
	*t = (struct finding_term){ .word = &plain_word, .not = !quoted && s[0] == '!' && s[1] };
	s += t->not;
	for (size_t i = 0; !quoted && i < N_WORDS; i++) {
		size_t len = strlen(words[i].name);
		int rc;
		if (strncasecmp(s, words[i].name, len) != 0)
			continue;
		t->word = &words[i];
		t->text = xstrdup(s + len);
		rc = t->word->value(t, err);
		place->unfinished = rc < 0 && unfinished(t);
		return rc;
	}
	t->text = xstrdup(s);
	if (quoted || (!asks_ca(s) && !looks_valued(s)))
		return 0;
	t->word = NULL;
	return make_ca_term(s, t, place, err);
}

static void drop_terms(struct findings *f)
{
	for (size_t i = 0; i < f->term.n; i++) {
		free(f->term.v[i].text);
		filter_release(&f->term.v[i].ca);
	}
	vec_release(&f->term);
	free(f->text);
	f->text = NULL;
}

int findings_filter(struct findings *f, const char *text, struct filter_place *place, struct err *err)
{
	struct findings fresh = { .text = xstrdup(text) };
	struct strbuf word = STRBUF_INIT;
	const char *s = text, *begin = text + strspn(text, " ");
	bool quoted;
	int rc = 0;

	for (; rc == 0 && filter_next_word(&s, &word, &quoted); begin = s + strspn(s, " ")) {
		struct filter_place in = { 0 };
		struct finding_term t;
		rc = make_term(word.buf, quoted, &t, &in, err);
		t.place = (struct filter_place){ (size_t)(begin - text), (size_t)(s - begin), rc < 0 && !*s && in.unfinished };
		vec_push(&fresh.term, t);
		if (rc < 0 && place)
			*place = t.place;
	}
	strbuf_release(&word);
	if (rc < 0) {
		drop_terms(&fresh);
		return -1;
	}
	drop_terms(f);
	f->term.v = fresh.term.v;
	f->term.n = fresh.term.n;
	f->term.cap = fresh.term.cap;
	f->text = fresh.text;
	memset(f->shut, 0, sizeof(f->shut));
	return 0;
}

static enum fit term_fit(struct finding_term *t, const struct found *x, const struct model *m)
{
	enum fit fit = t->word ? t->word->match(t, x) ? FITS : FITS_NOT : x->ca == NO_INDEX ? FITS_NOT : filter_fit(&t->ca, m, x->ca);

	t->asked++;
	t->had += fit == FITS;
	if (!t->not || fit == FIT_UNKNOWN)
		return fit;
	return fit == FITS ? FITS_NOT : FITS;
}

static enum fit fit_of(const struct findings *f, const struct found *x, const struct model *m)
{
	enum fit all = FITS;

	for (size_t i = 0; i < f->term.n; i++) {
		enum fit fit = term_fit(&f->term.v[i], x, m);

		if (fit == FITS_NOT)
			return FITS_NOT;
		if (fit == FIT_UNKNOWN)
			all = FIT_UNKNOWN;
	}
	return all;
}

/* What it nearly is: a program, or a word by which findings are found. */
static char *nearly(const struct finding_term *t, const struct model *m)
{
	struct filter_nearly n = { 0 };
	bool program = t->word != &plain_word;

	for (size_t i = 0; i < m->column.n; i++)
		filter_nearly_offer(&n, m->column.v[i].program);
	for (int i = 0; !program && i < 3; i++)
		filter_nearly_offer(&n, severity_names[i]);
	for (size_t i = 0; !program && check_kinds[i].name; i++)
		filter_nearly_offer(&n, check_kinds[i].name);
	for (size_t i = 0; !program && i < N_WORDS; i++)
		filter_nearly_offer(&n, words[i].name);
	if (!program)
		filter_nearly_offer_words(&n);
	return filter_nearly_take(&n, t->text);
}

/* Of a word that looks for a text. False: something has it. What sorting out has asked already is not asked again. */
static bool is_vain(const struct finding_term *t, const struct checked *c, const struct model *m, struct filter_vain *ret)
{
	struct strbuf word = STRBUF_INIT;

	if (t->had)
		return false;
	if (!t->word) {
		filter_vain(&t->ca, m, ret);
		ret->place = t->place;
		return ret->word != NULL;
	}
	if (t->word->match == match_kind || t->word->match == match_severity || t->word->match == match_since)
		return false;
	for (size_t i = 0; t->asked < c->check.n && i < c->check.n; i++)
		if (t->word->match(t, &c->v[i]))
			return false;
	strbuf_addf(&word, "%s%s", t->word->name, t->text);
	*ret = (struct filter_vain){ "finding", xstrdup(word.buf), t->word->match == match_source ? NULL : nearly(t, m), t->place };
	strbuf_release(&word);
	return true;
}

/* Where all that is said leaves something, only what is turned round can be vain. */
static void find_vain(struct findings *f, const struct checked *c, const struct model *m)
{
	filter_vain_release(&f->vain);
	for (size_t i = 0; i < f->term.n; i++)
		if ((!f->fit || f->term.v[i].not) && is_vain(&f->term.v[i], c, m, &f->vain))
			return;
}

void findings_claim(const char *text, const struct filter_place *place, struct err *err)
{
	const char *s = text + place->at;

	s += *s == '!';
	for (size_t i = 0; i < N_WORDS; i++)
		if (strncasecmp(s, words[i].name, strlen(words[i].name)) == 0)
			err_set(err, ERR_USAGE, "'%s' belongs to the findings (f)", words[i].name);
}

bool findings_begins(const char *text)
{
	const char *last = filter_last_word(text);
	bool begins = false;

	for (size_t i = 0; *last && i < N_WORDS; i++)
		begins |= strncasecmp(words[i].name, last, strlen(last)) == 0 && strcasecmp(words[i].name, last) != 0;
	return begins || filter_begins(text);
}

/* The kinds, or severities, that begin so. */
static void suggest_values(const struct finding_word *w, const char *value, struct strbuf *out)
{
	size_t len = strlen(value);

	for (size_t i = 0; w->value == kind_value && check_kinds[i].name; i++)
		if (strncasecmp(check_kinds[i].name, value, len) == 0)
			strbuf_addf(out, "%s%s", out->len ? " " : "", check_kinds[i].name);
	for (int i = SEVERITY_HIGH; w->value == severity_value && i >= SEVERITY_LOW; i--)
		if (strncasecmp(severity_names[i], value, len) == 0)
			strbuf_addf(out, "%s%s", out->len ? " " : "", severity_names[i]);
}

void findings_suggest(const char *text, struct strbuf *out)
{
	const char *last = filter_last_word(text);
	size_t len = strlen(last);

	for (size_t i = 0; len && i < N_WORDS; i++) {
		size_t whole = strlen(words[i].name);
		bool valued = words[i].value == kind_value || words[i].value == severity_value;
		if (strncasecmp(last, words[i].name, len < whole ? len : whole) != 0)
			continue;
		if (len >= whole && valued)
			suggest_values(&words[i], last + whole, out);
		else
			strbuf_addf(
				out, "%s%s%s", out->len ? " " : "", words[i].name, len >= whole ? words[i].help : "");
	}
	if (len)
		filter_suggest(text, out);
}

/* The values of one of the words, or else the words of both languages. */
bool findings_complete(const char *text, struct strbuf *out)
{
	const struct finding_word *w = NULL;
	struct filter_ends e;

	if (!filter_ends_begin(&e, text))
		return false;
	for (size_t i = 0; i < N_WORDS && !w; i++)
		if (strncasecmp(e.typed, words[i].name, strlen(words[i].name)) == 0)
			w = &words[i];
	e.typed += w ? strlen(w->name) : 0;
	for (size_t i = 0; w && w->value == kind_value && check_kinds[i].name; i++)
		filter_ends_offer(&e, check_kinds[i].name);
	for (int i = SEVERITY_HIGH; w && w->value == severity_value && i >= SEVERITY_LOW; i--)
		filter_ends_offer(&e, severity_names[i]);
	for (size_t i = 0; !w && i < N_WORDS; i++)
		filter_ends_offer(&e, words[i].name);
	if (!w)
		filter_ends_words(&e);
	return filter_ends_take(&e, text, out);
}

/* ---- groups ---- */

static bool *group_flag(struct findings *f, int group)
{
	return f->by_severity ? &f->severity_open[group] : &f->kind_open[group];
}

static int group_of(const struct findings *f, const struct finding *x)
{
	int kind = 0;

	if (f->by_severity)
		return SEVERITY_HIGH - (int)x->severity;
	while (check_kinds[kind].name != x->kind)
		kind++;
	return kind;
}

static void name_groups(struct findings *f)
{
	f->n_groups = 0;
	if (f->by_severity) {
		for (int s = SEVERITY_HIGH; s >= SEVERITY_LOW; s--)
			f->group[f->n_groups++] = (struct finding_group){ .name = severity_names[s], .help = "" };
		return;
	}
	for (size_t i = 0; check_kinds[i].name && f->n_groups < FINDING_GROUPS; i++)
		f->group[f->n_groups++] =
			(struct finding_group){ .name = check_kinds[i].name, .help = check_kinds[i].help };
}

/* What fits a filter is shown, until it is shut by hand. */
static bool is_open(struct findings *f, int group)
{
	return f->term.n ? !f->shut[group] : *group_flag(f, group);
}

void findings_open(struct findings *f, int group, bool open)
{
	if (f->term.n)
		f->shut[group] = !open;
	else
		*group_flag(f, group) = open;
}

/* ---- the cursor ---- */

static void identify(const struct findings *f, const struct checked *c, const struct finding_row *r, struct strbuf *out)
{
	strbuf_reset(out);
	if (r->at == NO_INDEX) {
		strbuf_addf(out, "%s", f->group[r->group].name);
		return;
	}
	const struct found *x = &c->v[r->at];
	strbuf_addf(out, "%s %s ", x->finding->kind, x->finding->detail);
	strbuf_addhex(out, x->ca_id, 32);
	strbuf_addhex(out, x->sha256, 32);
}

void findings_keep(struct findings *f)
{
	struct strbuf id = STRBUF_INIT;

	if (f->of && f->cursor < f->row.n) {
		identify(f, f->of, &f->row.v[f->cursor], &id);
		free(f->kept);
		f->kept = xstrdup(id.buf);
	}
	strbuf_release(&id);
}

static void seek_cursor(struct findings *f, const struct checked *c, int group)
{
	struct strbuf id = STRBUF_INIT;
	uint32_t heading = NO_INDEX;

	for (uint32_t i = 0; f->kept && i < f->row.n; i++) {
		identify(f, c, &f->row.v[i], &id);
		if (strcmp(id.buf, f->kept) == 0) {
			f->cursor = i;
			strbuf_release(&id);
			return;
		}
		if (f->row.v[i].at == NO_INDEX && f->row.v[i].group == group)
			heading = i;
	}
	if (heading != NO_INDEX)
		f->cursor = heading;
	if (f->cursor >= f->row.n)
		f->cursor = f->row.n ? (uint32_t)f->row.n - 1 : 0;
	strbuf_release(&id);
}

/* ---- rows ---- */

/* Each CA once, by severity and in all; what is about none counts for none. */
struct ca_sets {
	struct map of[4];
};

static void count_ca(struct findings *f, struct ca_sets *s, const struct found *x)
{
	bool is_new;

	if (!x->has_ca)
		return;
	map_at(&s->of[x->finding->severity], x->ca_id, 32, &is_new);
	f->cas[x->finding->severity] += is_new;
	map_at(&s->of[3], x->ca_id, 32, &is_new);
	f->fit_cas += is_new;
}

static void ca_sets_release(struct ca_sets *s)
{
	for (int i = 0; i < 4; i++)
		map_release(&s->of[i]);
}

/* Numbers of those that fit, by group and, within one, in the order of `check`. */
static uint32_t *sort_out(
	struct findings *f, const struct checked *c, const struct model *m, size_t first[FINDING_GROUPS + 1])
{
	size_t n = c->check.n, at[FINDING_GROUPS];
	uint32_t *order = xcalloc(n + 1, sizeof(*order));
	int *of = xcalloc(n + 1, sizeof(*of));
	struct ca_sets cas = { 0 };

	memset(f->n, 0, sizeof(f->n));
	memset(f->cas, 0, sizeof(f->cas));
	f->fit = f->fit_cas = f->undecided = 0;
	for (size_t i = 0; i < f->term.n; i++)
		f->term.v[i].asked = f->term.v[i].had = 0;
	for (size_t i = 0; i < n; i++) {
		const struct finding *x = c->v[i].finding;
		enum fit fit = fit_of(f, &c->v[i], m);

		of[i] = fit == FITS ? group_of(f, x) : -1;
		f->undecided += fit == FIT_UNKNOWN;
		if (of[i] < 0)
			continue;
		f->n[x->severity]++;
		count_ca(f, &cas, &c->v[i]);
		f->group[of[i]].n[x->severity]++;
		f->fit++;
	}
	first[0] = 0;
	for (int g = 0; g < f->n_groups; g++) {
		const size_t *k = f->group[g].n;
		at[g] = first[g];
		first[g + 1] = first[g] + k[0] + k[1] + k[2];
	}
	for (size_t i = 0; i < n; i++)
		if (of[i] >= 0)
			order[at[of[i]]++] = (uint32_t)i;
	free(of);
	ca_sets_release(&cas);
	return order;
}

static void lay_rows(struct findings *f, const struct checked *c, const struct model *m)
{
	size_t first[FINDING_GROUPS + 1];
	uint32_t *order;

	name_groups(f);
	order = sort_out(f, c, m, first);
	f->row.n = 0;
	for (int g = 0; g < f->n_groups; g++) {
		struct finding_group *k = &f->group[g];
		k->open = is_open(f, g);
		if (f->term.n && first[g] == first[g + 1])
			continue;
		vec_push(&f->row, (struct finding_row){ g, NO_INDEX });
		for (size_t i = first[g]; k->open && i < first[g + 1]; i++)
			vec_push(&f->row, (struct finding_row){ g, order[i] });
	}
	free(order);
}

/* True when the group of what is kept was shut. */
static bool open_kept(struct findings *f, const struct checked *c)
{
	struct strbuf id = STRBUF_INIT;
	bool opened = false;

	for (uint32_t i = 0; f->kept && !opened && i < c->check.n; i++) {
		int group = group_of(f, c->v[i].finding);
		if (is_open(f, group))
			continue;
		identify(f, c, &(struct finding_row){ group, i }, &id);
		opened = strcmp(id.buf, f->kept) == 0;
		if (opened)
			findings_open(f, group, true);
	}
	strbuf_release(&id);
	return opened;
}

void findings_build(struct findings *f, const struct checked *c, const struct model *m)
{
	int group = f->of && f->cursor < f->row.n ? f->row.v[f->cursor].group : -1;

	findings_keep(f);
	f->of = c;
	lay_rows(f, c, m);
	if (f->going && open_kept(f, c))
		lay_rows(f, c, m);
	f->going = false;
	find_vain(f, c, m);
	seek_cursor(f, c, group);
	findings_keep(f);
}

void findings_go(struct findings *f, const char *row)
{
	free(f->kept);
	f->kept = xstrdup(row);
	f->of = NULL;
	f->row.n = 0;
	f->going = true;
}

size_t findings_fitting(const struct findings *f, const struct model *m, const struct found ***ret)
{
	size_t n = f->of ? f->of->check.n : 0, fit = 0;

	*ret = xcalloc(n + 1, sizeof(**ret));
	for (size_t i = 0; i < n; i++)
		if (fit_of(f, &f->of->v[i], m) == FITS)
			(*ret)[fit++] = &f->of->v[i];
	return fit;
}

const struct found *findings_at(const struct findings *f)
{
	if (!f->of || f->cursor >= f->row.n || f->row.v[f->cursor].at == NO_INDEX)
		return NULL;
	return &f->of->v[f->row.v[f->cursor].at];
}

/* ---- search ---- */

/* Where the text is: what is called so comes before what is told of it, and that before what explains a kind. */
enum rank { HAS_NOT, EXPLAINED, TOLD, CALLED };

static enum rank row_rank(const struct findings *f, const struct finding_row *r, const char *text)
{
	const struct finding_group *g = &f->group[r->group];
	const struct found *x = r->at == NO_INDEX ? NULL : &f->of->v[r->at];

	if (!x && text_contains(g->name, text))
		return CALLED;
	if (!x)
		return text_contains(g->help, text) ? EXPLAINED : HAS_NOT;
	if (!finding_has(x, text))
		return HAS_NOT;
	return text_contains(x->name, text) || text_contains(x->finding->kind, text) ? CALLED : TOLD;
}

/* The next row of that rank, not beyond the ends; n: none. */
static size_t of_rank(const uint8_t *rank, size_t n, size_t from, int by, uint8_t want)
{
	for (; from < n; from += (size_t)by)
		if (rank[from] == want)
			return from;
	return n;
}

/* The best rank that is there, from `from` on and around. */
static size_t best_row(const uint8_t *rank, size_t n, size_t from, int by)
{
	uint8_t best = HAS_NOT;
	size_t at;

	for (size_t i = 0; i < n; i++)
		best = rank[i] > best ? rank[i] : best;
	if (best == HAS_NOT)
		return n;
	at = of_rank(rank, n, from, by, best);
	return at < n ? at : of_rank(rank, n, by > 0 ? 0 : n - 1, by, best);
}

/* Behind the last of a rank comes the first of the next, behind the very last the very first. */
static size_t next_row(const uint8_t *rank, size_t n, size_t from, int by)
{
	uint8_t want = rank[from];
	size_t at;

	if (want == HAS_NOT)
		return best_row(rank, n, from + (size_t)by, by);
	at = of_rank(rank, n, from + (size_t)by, by, want);
	while (at == n) {
		want = (uint8_t)(by > 0 ? (want == EXPLAINED ? CALLED : want - 1) : (want == CALLED ? EXPLAINED : want + 1));
		at = of_rank(rank, n, by > 0 ? 0 : n - 1, by, want);
	}
	return at;
}

static void open_all(struct findings *f, const struct model *m, const bool *flags)
{
	for (int g = 0; g < f->n_groups; g++)
		findings_open(f, g, !flags || flags[g]);
	findings_build(f, f->of, m);
}

bool findings_find(struct findings *f, const struct model *m, const char *text, bool here, int by)
{
	bool flags[FINDING_GROUPS], found;
	uint8_t *rank;
	size_t n, at;

	if (!f->of || !f->row.n || !*text)
		return false;
	for (int g = 0; g < f->n_groups; g++)
		flags[g] = is_open(f, g) && !(here && f->searched == g + 1);
	f->searched = 0;
	open_all(f, m, NULL);
	n = f->row.n;
	rank = xcalloc(n, sizeof(*rank));
	for (size_t i = 0; i < n; i++)
		rank[i] = (uint8_t)row_rank(f, &f->row.v[i], text);
	at = here ? best_row(rank, n, f->cursor, by) : next_row(rank, n, f->cursor, by);
	free(rank);
	found = at < n;
	if (found) {
		f->cursor = (uint32_t)at;
		int g = f->row.v[at].group;
		f->searched = here && !flags[g] && f->row.v[at].at != NO_INDEX ? g + 1 : 0;
		flags[g] |= f->row.v[at].at != NO_INDEX;
	}
	open_all(f, m, flags);
	return found;
}

void findings_release(struct findings *f)
{
	drop_terms(f);
	filter_vain_release(&f->vain);
	vec_release(&f->row);
	free(f->kept);
	*f = (struct findings){ 0 };
}
