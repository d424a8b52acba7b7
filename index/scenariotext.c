/* A scenario as text: one setting a line, read and written. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/text.h"
#include "index/index.h"

#define BOM "\xef\xbb\xbf"

/* ---- one setting ---- */

static int set_mark(struct scenario *s, const char *value, struct err *err)
{
	return scenario_add_mark(s, value, err);
}

/* "DATE REF=ACTION[@DATE]": on the command line a colon stands for the blanks. */
static int set_stage(struct scenario *s, const char *value, struct err *err)
{
	size_t n = strcspn(value, " \t");
	const char *mark = value + n + strspn(value + n, " \t");
	struct strbuf b = STRBUF_INIT;
	int rc;

	if (!*mark)
		return err_set(err, ERR_INPUT, "'%s' is not of the form DATE REF=ACTION[@DATE]", value);
	strbuf_addf(&b, "%.*s:%s", (int)n, value, mark);
	rc = scenario_add_stage(s, b.buf, err);
	strbuf_release(&b);
	return rc;
}

static int set_exempt(struct scenario *s, const char *value, struct err *err)
{
	(void)err;
	vec_push(&s->exempt, xstrdup(value));
	return 0;
}

static int set_assume(struct scenario *s, const char *value, struct err *err)
{
	(void)err;
	vec_push(&s->assume, xstrdup(value));
	return 0;
}

static int set_program(struct scenario *s, const char *value, struct err *err)
{
	(void)err;
	free(s->program);
	s->program = xstrdup(value);
	return 0;
}

/* The number of value among n names, or n. */
static size_t name_index(const char *const *names, size_t n, const char *value)
{
	size_t i = 0;

	while (i < n && strcmp(names[i], value) != 0)
		i++;
	return i;
}

static int set_purpose(struct scenario *s, const char *value, struct err *err)
{
	size_t i = name_index(purpose_names, PURPOSE_COUNT, value);

	if (i == PURPOSE_COUNT)
		return err_set(err, ERR_INPUT, "'%s' is no purpose (tls, email)", value);
	s->purpose = (enum purpose)i;
	return 0;
}

static int set_revocation(struct scenario *s, const char *value, struct err *err)
{
	size_t i = name_index(revocation_mode_names, 3, value);

	if (i == 3)
		return err_set(err, ERR_INPUT, "'%s' is none of enforced, all, none", value);
	s->revocation = (enum revocation_mode)i;
	return 0;
}

/* Digits of a whole SHA-256 into id, in lower case. */
static bool read_id(const char *text, size_t n, char id[65])
{
	uint8_t hash[32];

	if (n != 64 || hex_decode(text, n, hash) < 0)
		return false;
	hex_encode(hash, sizeof(hash), id);
	return true;
}

/* Blanks at the ends of a line are lost in the text, so they cannot tell REFs apart. */
static bool same_ref(const char *a, const char *b)
{
	size_t n;

	a += strspn(a, " \t");
	b += strspn(b, " \t");
	n = strlen(a);
	while (n && strchr(" \t", a[n - 1]))
		n--;
	return strncmp(a, b, n) == 0 && b[n + strspn(b + n, " \t")] == '\0';
}

static const struct scenario_name *find_name(const struct scenario *s, const char *ref)
{
	for (size_t i = 0; i < s->name.n; i++) {
		if (same_ref(s->name.v[i].ref, ref))
			return &s->name.v[i];
	}
	return NULL;
}

int scenario_add_name(struct scenario *s, const char *ref, const char id[65], struct err *err)
{
	const struct scenario_name *old = find_name(s, ref);
	struct scenario_name name;

	if (old && strcmp(old->id, id) != 0)
		return err_set(err, ERR_INPUT, "'%s' names %s already", ref, old->id);
	if (old)
		return 0;
	memcpy(name.id, id, sizeof(name.id));
	name.ref = xstrdup(ref);
	vec_push(&s->name, name);
	return 0;
}

static int set_ref(struct scenario *s, const char *value, struct err *err)
{
	size_t n = strcspn(value, " \t");
	const char *ref = value + n + strspn(value + n, " \t");
	char id[65];

	if (!read_id(value, n, id) || !*ref)
		return err_set(err, ERR_INPUT, "'%s' is not of the form HEX REF, HEX a certificate's SHA-256 or a ca_id", value);
	return scenario_add_name(s, ref, id, err);
}

static const struct word {
	const char *name;
	int (*set)(struct scenario *s, const char *value, struct err *err);
} words[] = {
	{ "mark", set_mark },
	{ "stage", set_stage },
	{ "exempt", set_exempt },
	{ "assume", set_assume },
	{ "program", set_program },
	{ "purpose", set_purpose },
	{ "revocation", set_revocation },
	{ "ref", set_ref },
};

/* ---- lines ---- */

/* One line without its end: "WORD VALUE", a comment, or blank. */
static int read_line(struct scenario *s, char *line, struct err *err)
{
	char *value, *end = line + strlen(line);

	while (end > line && strchr(" \t\r", end[-1]))
		*--end = '\0';
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	value = line + strcspn(line, " \t");
	if (*value)
		*value++ = '\0';
	value += strspn(value, " \t");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(words[i].name, line) != 0)
			continue;
		if (!*value)
			return err_set(err, ERR_INPUT, "'%s' needs a value", line);
		return words[i].set(s, value, err);
	}
	return err_set(err, ERR_INPUT, "unknown word '%s'", line);
}

/* Calls fn for each line, a copy without its end; the line's number goes before what is wrong. */
static int each_line(const char *from, const char *text, size_t len, int (*fn)(struct scenario *s, char *line, struct err *err),
                     struct scenario *s, struct err *err)
{
	struct err why = { 0 };
	int rc = 0;

	if (len && memchr(text, '\0', len))
		return err_set(err, ERR_INPUT, "%s is no scenario: it holds NUL bytes", from);
	if (len >= strlen(BOM) && memcmp(text, BOM, strlen(BOM)) == 0) {
		text += strlen(BOM);
		len -= strlen(BOM);
	}
	for (size_t at = 0, number = 1; rc == 0 && at < len; number++) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t n = end ? (size_t)(end - text) - at : len - at;
		char *line = xstrndup(text + at, n);

		if (fn(s, line, &why) < 0)
			rc = err_set(err, ERR_INPUT, "%s line %zu: %s", from, number, why.msg);
		free(line);
		at += n + 1;
	}
	return rc;
}

int scenario_read(struct scenario *s, const char *from, const char *text, size_t len, struct err *err)
{
	return each_line(from, text, len, read_line, s, err);
}

static int check_line(struct scenario *s, char *line, struct err *err)
{
	size_t n = strlen(line);

	(void)s;
	if (n && line[n - 1] == '\r')
		line[--n] = '\0';
	for (char *tab = strchr(line, '\t'); tab; tab = strchr(tab, '\t'))
		*tab = ' ';
	return text_is_clean(line, n) ? 0 : err_set(err, ERR_INPUT, "it holds what cannot be printed, or is no UTF-8");
}

int scenario_check_text(const char *from, const char *text, size_t len, struct err *err)
{
	return each_line(from, text, len, check_line, NULL, err);
}

/* ---- REFs ---- */

int scenario_ref(struct index *ix, const struct scenario *s, const char *text, struct ref *ret, struct strbuf *candidates,
                 struct err *err)
{
	const struct scenario_name *name = find_name(s, text);

	if (!name)
		return index_resolve(ix, text, ret, candidates, err);
	if (index_resolve(ix, name->id, ret, candidates, err) < 0)
		return err_context(err, "'%s'", text);
	return 0;
}

struct naming {
	struct index *ix;
	const struct scenario *s;
	const char *have;
	struct strbuf *out;
	VEC(const char *) done;
};

static void add_ca(struct naming *w, uint32_t ca)
{
	const struct graph *g = index_graph(w->ix);

	strbuf_addstr(w->out, *g->ca.v[ca].name ? g->ca.v[ca].name : "a CA without a name");
	if (*g->ca.v[ca].owner)
		strbuf_addf(w->out, ", %s", g->ca.v[ca].owner);
}

static bool names_a_group(const char *ref)
{
	static const char *const groups[] = { "owner:", "spki:" };

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		if (strncmp(ref, groups[i], strlen(groups[i])) == 0)
			return true;
	}
	return false;
}

static void write_group(struct naming *w, const char *text, const struct ref *ref)
{
	const struct graph *g = index_graph(w->ix);
	size_t start = w->out->len;

	strbuf_addf(w->out, "# %s named:\n", text);
	if (strstr(w->have, w->out->buf + start)) {
		strbuf_setlen(w->out, start);
		return;
	}
	for (size_t i = 0; i < ref->n_cas; i++) {
		strbuf_addstr(w->out, "#   ");
		strbuf_addhex(w->out, g->ca.v[ref->ca[i]].id, 32);
		strbuf_addch(w->out, ' ');
		add_ca(w, ref->ca[i]);
		strbuf_addch(w->out, '\n');
	}
}

static void write_one(struct naming *w, const char *text, const struct ref *ref)
{
	const struct graph *g = index_graph(w->ix);
	size_t start = w->out->len;
	char id[65], given[65];

	if (ref->is_cert) {
		strbuf_addstr(w->out, "# a certificate of ");
		add_ca(w, g->cert.v[ref->cert].ca);
		hex_encode(g->cert.v[ref->cert].sha256, 32, id);
	} else {
		strbuf_addstr(w->out, "# the CA ");
		add_ca(w, ref->ca[0]);
		hex_encode(g->ca.v[ref->ca[0]].id, 32, id);
	}
	if (!read_id(text, strlen(text), given) || strcmp(id, given) != 0) {
		strbuf_addf(w->out, "\nref %s %s\n", id, text);
		return;
	}
	strbuf_addf(w->out, ": %s\n", given);
	if (strstr(w->have, w->out->buf + start))
		strbuf_setlen(w->out, start);
}

static int write_name(struct naming *w, const char *text, struct err *err)
{
	struct strbuf candidates = STRBUF_INIT;
	struct ref ref = { 0 };
	int rc;

	for (size_t i = 0; i < w->done.n; i++) {
		if (strcmp(w->done.v[i], text) == 0)
			return 0;
	}
	vec_push(&w->done, text);
	rc = scenario_ref(w->ix, w->s, text, &ref, &candidates, err);
	strbuf_release(&candidates);
	if (rc < 0)
		return -1;
	if (find_name(w->s, text)) {
		/* said by the text already */
	} else if (ref.is_cert || (ref.n_cas == 1 && !names_a_group(text))) {
		write_one(w, text, &ref);
	} else {
		write_group(w, text, &ref);
	}
	ref_release(&ref);
	return 0;
}

int scenario_write_names(struct index *ix, const struct scenario *s, const char *have, struct strbuf *out, struct err *err)
{
	struct naming w = { .ix = ix, .s = s, .have = have, .out = out };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->mark.n; i++)
		rc = write_name(&w, s->mark.v[i].ref, err);
	for (size_t i = 0; rc == 0 && i < s->exempt.n; i++)
		rc = write_name(&w, s->exempt.v[i], err);
	for (size_t i = 0; rc == 0 && i < s->assume.n; i++)
		rc = write_name(&w, s->assume.v[i], err);
	vec_release(&w.done);
	return rc;
}

int scenario_write(struct index *ix, const struct scenario *s, const char *comment, struct strbuf *out, struct err *err)
{
	struct strbuf names = STRBUF_INIT;
	int rc = scenario_write_names(ix, s, "", &names, err);

	strbuf_addf(out, "program %s\npurpose %s\nrevocation %s\n", s->program, purpose_names[s->purpose],
	            revocation_mode_names[s->revocation]);
	if (comment)
		strbuf_addf(out, "# %s\n", comment);
	for (size_t i = 0; i < s->mark.n; i++) {
		char *text = scenario_mark_line(&s->mark.v[i]);

		strbuf_addf(out, "%s\n", text);
		free(text);
	}
	for (size_t i = 0; i < s->exempt.n; i++)
		strbuf_addf(out, "exempt %s\n", s->exempt.v[i]);
	for (size_t i = 0; i < s->assume.n; i++)
		strbuf_addf(out, "assume %s\n", s->assume.v[i]);
	for (size_t i = 0; i < s->name.n; i++)
		strbuf_addf(out, "ref %s %s\n", s->name.v[i].id, s->name.v[i].ref);
	strbuf_addf(out, "%s%s", names.len ? "\n" : "", names.buf);
	strbuf_release(&names);
	return rc;
}
