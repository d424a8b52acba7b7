#include "base/opt.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/text.h"

#define HELP_COLUMN 25
#define HELP_WIDTH 79
#define NEAR 2
#define START_LEAST 4 /* letters of the beginning of a name that a word may be near to */
#define WORD_MAX 64

/* What is being parsed. */
struct parse {
	const struct opt *table;
	char *base; /* the caller's struct */
	int argc, at;
	char *const *argv;
	struct err *err;
};

static bool is_end(const struct opt *o)
{
	return !o->name && !o->letter;
}

static const struct opt *find_name(const struct opt *table, const char *name, size_t len)
{
	for (const struct opt *o = table; !is_end(o); o++) {
		if (o->name && strlen(o->name) == len && memcmp(o->name, name, len) == 0)
			return o;
	}
	return NULL;
}

static const struct opt *find_letter(const struct opt *table, char letter)
{
	for (const struct opt *o = table; !is_end(o); o++) {
		if (o->letter == letter)
			return o;
	}
	return NULL;
}

static const char *nearest_in(const struct opt *table, const char *name)
{
	VEC(const char *) names = { 0 };
	const char *near;

	for (const struct opt *o = table; !is_end(o); o++) {
		if (o->name)
			vec_push(&names, o->name);
	}
	near = opt_nearest(name, names.v, names.n);
	vec_release(&names);
	return near;
}

static int unknown(const struct parse *p, const char *arg, size_t len)
{
	char *name = xstrndup(arg, len);
	const char *near = len > 2 && name[1] == '-' ? nearest_in(p->table, name + 2) : NULL;

	if (near)
		err_set(p->err, ERR_USAGE, "unknown option '%s'; did you mean '--%s'?", name, near);
	else
		err_set(p->err, ERR_USAGE, "unknown option '%s'", name);
	free(name);
	return -1;
}

/* Whether value is one of the words of choices. */
static bool is_choice(const char *choices, const char *value)
{
	size_t len = strlen(value), n;

	for (const char *c = choices; *c; c += n + (c[n] == '|')) {
		n = strcspn(c, "|");
		if (len && n == len && memcmp(c, value, n) == 0)
			return true;
	}
	return false;
}

static int store(const struct parse *p, const struct opt *o, const char *shown, const char *value)
{
	void *into = p->base + o->offset;
	struct opt_date *date = into;
	struct opt_number *number = into;

	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)into = true;
		return 0;
	case OPT_LIST:
		vec_push((struct str_list *)into, value);
		return 0;
	case OPT_DATE:
		if (date_parse(value, &date->day) < 0)
			return err_set(p->err, ERR_USAGE, "'%s' is no date (YYYY-MM-DD) for '%s'", value, shown);
		date->set = true;
		return 0;
	case OPT_NUMBER:
		if (num_parse_u64(value, &number->n) < 0)
			return err_set(p->err, ERR_USAGE, "'%s' is no number for '%s'", value, shown);
		number->set = true;
		return 0;
	case OPT_CHOICE:
		if (!is_choice(o->choices, value))
			return err_set(p->err, ERR_USAGE, "'%s' is none of %s for '%s'", value, o->choices, shown);
		break;
	case OPT_STR:
		break;
	}
	*(const char **)into = value;
	return 0;
}

/* shown is how the user wrote the option; value is NULL unless it came with '='. */
static int take(struct parse *p, const struct opt *o, const char *shown, const char *value)
{
	if (o->kind == OPT_FLAG && value)
		return err_set(p->err, ERR_USAGE, "option '%s' takes no value", shown);
	if (o->kind != OPT_FLAG && !value) {
		if (p->at + 1 >= p->argc)
			return err_set(p->err, ERR_USAGE, "option '%s' needs a value", shown);
		value = p->argv[++p->at];
	}
	return store(p, o, shown, value);
}

static int take_long(struct parse *p, const char *arg)
{
	size_t len = strcspn(arg, "=");
	const struct opt *o = find_name(p->table, arg + 2, len - 2);
	char *shown;
	int rc;

	if (!o)
		return unknown(p, arg, len);
	shown = xstrndup(arg, len);
	rc = take(p, o, shown, arg[len] ? arg + len + 1 : NULL);
	free(shown);
	return rc;
}

static int take_short(struct parse *p, const char *arg)
{
	const struct opt *o = arg[2] ? NULL : find_letter(p->table, arg[1]);

	return o ? take(p, o, arg, NULL) : unknown(p, arg, strlen(arg));
}

int opt_parse(
	const struct opt *table, void *into, int argc, char *const *argv, struct str_list *operands, struct err *err)
{
	struct parse p = { table, into, argc, 0, argv, err };
	bool ended = false;

	for (; p.at < argc; p.at++) {
		const char *arg = argv[p.at];
		int rc = 0;

		if (ended || arg[0] != '-' || !arg[1])
			vec_push(operands, arg);
		else if (arg[1] != '-')
			rc = take_short(&p, arg);
		else if (arg[2])
			rc = take_long(&p, arg);
		else
			ended = true;
		if (rc < 0)
			return -1;
	}
	return 0;
}

static void indent(struct strbuf *out, int columns)
{
	strbuf_addf(out, "%*s", columns, "");
}

/* Words of s from HELP_COLUMN on; the first line is already indented. */
static void add_wrapped(struct strbuf *out, const char *s)
{
	int column = HELP_COLUMN;
	size_t n;

	for (s += strspn(s, " "); *s; s += n, s += strspn(s, " ")) {
		char *word;
		int width;

		n = strcspn(s, " ");
		word = xstrndup(s, n);
		width = text_width(word);
		if (column > HELP_COLUMN && column + 1 + width > HELP_WIDTH) {
			strbuf_addch(out, '\n');
			indent(out, HELP_COLUMN);
			column = HELP_COLUMN;
		} else if (column > HELP_COLUMN) {
			strbuf_addch(out, ' ');
			column++;
		}
		strbuf_addstr(out, word);
		column += width;
		free(word);
	}
	strbuf_addch(out, '\n');
}

static void add_left(struct strbuf *out, const struct opt *o)
{
	const char *arg = o->arg ? o->arg : o->kind == OPT_CHOICE ? o->choices : NULL;

	if (o->letter)
		strbuf_addf(out, "  -%c%s", o->letter, o->name ? ", " : "");
	else
		strbuf_addstr(out, "      ");
	if (o->name)
		strbuf_addf(out, "--%s", o->name);
	if (arg)
		strbuf_addf(out, " %s", arg);
}

void opt_help(const struct opt *table, struct strbuf *out)
{
	for (const struct opt *o = table; !is_end(o); o++) {
		size_t start = out->len;
		int width;

		add_left(out, o);
		width = text_width(out->buf + start);
		if (width > HELP_COLUMN - 2) {
			strbuf_addch(out, '\n');
			width = 0;
		}
		indent(out, HELP_COLUMN - width);
		add_wrapped(out, o->help);
	}
}

/* Optimal string alignment: like Levenshtein, and swapped neighbours cost 1. */
static size_t distance(const char *a, const char *b, size_t lb)
{
	size_t rows[3][WORD_MAX + 1], *two = rows[0], *one = rows[1], *now = rows[2];
	size_t la = strlen(a);

	for (size_t j = 0; j <= lb; j++)
		one[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *spare = two;

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = one[j - 1] + (a[i - 1] != b[j - 1]);

			if (one[j] + 1 < best)
				best = one[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && two[j - 2] + 1 < best)
				best = two[j - 2] + 1;
			now[j] = best;
		}
		two = one;
		one = now;
		now = spare;
	}
	return one[lb];
}

/* Of the names, or of what stands before the first '-' of each. */
static const char *nearest_by(const char *word, const char *const *names, size_t n, bool start)
{
	size_t best = NEAR + 1;
	const char *near = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t d, len = start ? strcspn(names[i], "-") : strlen(names[i]);

		if (len > WORD_MAX || (start && (len < START_LEAST || !names[i][len])))
			continue;
		d = distance(word, names[i], len);
		/* Short words are near to everything; at least half must be right. */
		if (d < best && 2 * d <= len) {
			best = d;
			near = names[i];
		}
	}
	return near;
}

const char *opt_nearest(const char *word, const char *const *names, size_t n)
{
	const char *near = strlen(word) > WORD_MAX ? NULL : nearest_by(word, names, n, false);

	return near || strlen(word) > WORD_MAX ? near : nearest_by(word, names, n, true);
}
