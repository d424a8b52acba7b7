#include "cli/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/path.h"
#include "cli/json.h"

#define NO_INDEX_AT "there is no index at '%s'"
#define BOM "\xef\xbb\xbf" /* some editors put it before UTF-8 */

static const struct opt options[] = {
	OPTION_DB,
	OPTION_PROGRAM("whose store and rules it asks (default: mozilla)"),
	OPTION_PURPOSE,
	OPTIONS_SCENARIO,
	{ 0, "force", OPT_FLAG, NULL, "replace the one of this name", ARG(force), NULL },
	{ 0, "all", OPT_FLAG, NULL, "list also those that come with canopy", ARG(all), NULL },
	OPTION_FORMAT(ROW_FORMATS),
	OPTION_NO_COLOR,
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

static const struct column columns[] = {
	{ "name", COL_TEXT, "name", "what --scenario calls it", 0, NULL },
	{ "program", COL_TEXT, "program", "whose store and rules it asks", 0, NULL },
	{ "purpose", COL_TEXT, "purpose", "tls or email", 0, NULL },
	{ "marks", COL_COUNT, "marks", "its actions", 0, NULL },
	{ "exempts", COL_COUNT, "exempts", "CAs left out of them", 0, NULL },
	{ "saved_at", COL_TIME, "saved", "when it was saved or loaded; empty when it comes with canopy", 0, NULL },
	{ "assumes", COL_COUNT, "assumes", "anchors that it assumes", 0, NULL },
	{ "revocation", COL_TEXT, NULL, "enforced, all or none", 0, NULL },
	{ "place", COL_TEXT, "place", "index, or shipped when it comes with canopy", 0, NULL },
	COLUMN_END,
};

/* ---- list ---- */

struct listing {
	struct out *out;
	const struct saved_scenarios *kept;
};

static void put_row(struct out *o, const char *name, const char *text, const struct saved_scenario *kept)
{
	struct strbuf from = STRBUF_INIT;
	struct scenario s;
	struct err err = { 0 };
	bool known;

	scenario_init(&s);
	strbuf_addf(&from, "scenario '%s'", name);
	known = scenario_read(&s, from.buf, text, strlen(text), &err) == 0;
	if (!known)
		cli_warn("%s", err.msg);
	strbuf_release(&from);
	out_text(o, name);
	out_text(o, known ? s.program : NULL);
	out_text(o, known ? purpose_names[s.purpose] : NULL);
	out_count_if(o, known, s.mark.n);
	out_count_if(o, known, s.exempt.n);
	if (kept)
		out_time(o, kept->saved_at);
	else
		out_null(o);
	out_count_if(o, known, s.assume.n);
	out_text(o, known ? revocation_mode_names[s.revocation] : NULL);
	out_text(o, kept ? "index" : "shipped");
	out_row(o);
	scenario_release(&s);
}

static int put_shipped(void *ctx, const char *name, const char *path, struct err *err)
{
	const struct listing *l = ctx;
	uint8_t *text;
	size_t len;

	for (size_t i = 0; i < l->kept->v.n; i++) {
		if (strcmp(l->kept->v.v[i].name, name) == 0)
			return 0;
	}
	if (path_read(path, SCENARIO_MAX, &text, &len, err) < 0)
		return -1;
	put_row(l->out, name, (char *)text, NULL);
	free(text);
	return 0;
}

static int run_list(struct cli *c, struct err *err)
{
	struct saved_scenarios kept = { 0 };
	int rc = c->index ? index_scenarios(c->index, &kept, err) : 0;

	if (rc == 0) {
		struct out *o = out_begin(stdout, c->format, columns, &c->style);
		struct listing l = { o, &kept };

		for (size_t i = 0; i < kept.v.n; i++)
			put_row(o, kept.v.v[i].name, kept.v.v[i].text, &kept.v.v[i]);
		if (c->args.all)
			rc = scenario_each_shipped(put_shipped, &l, err);
		out_end(o);
		if (!kept.v.n && !c->args.all)
			cli_note(c, "no scenario is kept in this index; '--all' lists those that come with canopy");
	}
	saved_scenarios_release(&kept);
	return rc;
}

/* ---- show ---- */

static void show_text(const struct cli *c, const struct scenario_text *t)
{
	struct strbuf b = STRBUF_INIT;

	for (const char *line = t->text, *end = t->text + t->len; line < end;) {
		size_t n = strcspn(line, "\r\n");
		char *one = xstrndup(line, n);

		for (char *tab = strchr(one, '\t'); tab; tab = strchr(tab, '\t'))
			*tab = ' ';
		style_text(&c->style, &b, one, 0);
		strbuf_addch(&b, '\n');
		free(one);
		line += n;
		line += *line == '\r';
		line += *line == '\n';
	}
	fwrite(b.buf, 1, b.len, stdout);
	strbuf_release(&b);
}

static void json_list(struct json *j, const char *key, char *const *v, size_t n)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < n; i++)
		json_str(j, NULL, v[i]);
	json_close(j, ']');
}

static void json_marks(struct json *j, const struct scenario *s)
{
	json_open(j, "marks", '[');
	for (size_t i = 0; i < s->mark.n; i++) {
		const struct scenario_mark *m = &s->mark.v[i];

		json_open(j, NULL, '{');
		json_str(j, "ref", m->ref);
		json_str(j, "action", mark_action_names[m->action]);
		if (m->action == MARK_DISTRUST_AFTER || m->action == MARK_SCT_NOT_AFTER)
			json_day(j, "date", m->day);
		else
			json_null(j, "date");
		json_day_if(j, "since", m->since != MARK_ALWAYS, m->since);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void show_json(const char *name, const struct scenario_text *t, const struct scenario *s)
{
	struct strbuf b = STRBUF_INIT;
	struct json j = { .out = &b, .lines = true };

	json_open(&j, NULL, '{');
	json_str(&j, "name", name);
	json_str(&j, "program", s->program);
	json_str(&j, "purpose", purpose_names[s->purpose]);
	json_str(&j, "revocation", revocation_mode_names[s->revocation]);
	json_marks(&j, s);
	json_list(&j, "exempt", s->exempt.v, s->exempt.n);
	json_list(&j, "assume", s->assume.v, s->assume.n);
	json_open(&j, "refs", '{');
	for (size_t i = 0; i < s->name.n; i++)
		json_str(&j, s->name.v[i].ref, s->name.v[i].id);
	json_close(&j, '}');
	if (t->place == SCENARIO_INDEX)
		json_time(&j, "saved_at", t->saved_at);
	else
		json_null(&j, "saved_at");
	json_str(&j, "place", t->place == SCENARIO_INDEX ? "index" : "shipped");
	json_str(&j, "text", t->text);
	json_close(&j, '}');
	strbuf_addch(&b, '\n');
	fwrite(b.buf, 1, b.len, stdout);
	strbuf_release(&b);
}

static int unknown(const struct cli *c, const char *name, struct err *err)
{
	if (!c->index)
		return err_set(err, ERR_INDEX, "no scenario that comes with canopy is named '%s', and " NO_INDEX_AT,
			name, c->db_path);
	return err_set(err, ERR_USAGE, "no scenario is named '%s' ('canopy scenario list --all' lists them)", name);
}

static int run_show(struct cli *c, struct err *err)
{
	const char *name = c->operands.v[1];
	struct scenario_text t;
	struct scenario s;
	bool found;

	if (c->format != FORMAT_TABLE && c->format != FORMAT_JSON)
		return err_set(err, ERR_USAGE, "'scenario show' writes text or json, not %s", c->args.format);
	if (scenario_find_named(c, name, &t, &found, err) < 0)
		return -1;
	if (!found)
		return unknown(c, name, err);
	scenario_init(&s);
	int rc = c->format == FORMAT_JSON ? scenario_read(&s, t.from, t.text, t.len, err) : 0;
	if (rc == 0 && c->format == FORMAT_JSON)
		show_json(name, &t, &s);
	else if (rc == 0)
		show_text(c, &t);
	scenario_release(&s);
	scenario_text_release(&t);
	return rc;
}

/* ---- save, load ---- */

static int keep(
	const struct cli *c, const char *name, const struct scenario *s, const struct strbuf *text, struct err *err)
{
	char n[3][32];
	bool there;

	if (text->len > SCENARIO_MAX)
		return err_set(err, ERR_INPUT, "scenario '%s' is too large to be kept", name);
	if (index_save_scenario(c->index, name, text->buf, c->args.force, &there, err) < 0)
		return -1;
	if (there && !c->args.force)
		return err_set(err, ERR_USAGE, "a scenario '%s' is kept already; '--force' replaces it", name);
	cli_note(c, "scenario '%s' is %s: %s mark%s, %s exempt, %s assumed", name, there ? "replaced" : "saved",
		num_group(n[0], s->mark.n), s->mark.n == 1 ? "" : "s", num_group(n[1], s->exempt.n),
		num_group(n[2], s->assume.n));
	return 0;
}

static int need_marks(const struct scenario *s, const char *name, struct err *err)
{
	if (s->mark.n || s->exempt.n || s->assume.n)
		return 0;
	return err_set(err, ERR_USAGE, "nothing to save as '%s': no mark, exemption or assumption is given", name);
}

static int run_save(struct cli *c, struct err *err)
{
	const char *name = c->operands.v[1];
	struct strbuf text = STRBUF_INIT;
	struct arena arena = { 0 };
	struct trust_query q;
	struct scenario s;
	int rc;

	if (scenario_check_name(name, err) < 0)
		return -1;
	rc = cli_scenario(c, &s, &arena, &q, err);
	if (rc == 0)
		rc = need_marks(&s, name, err);
	if (rc == 0)
		rc = scenario_write(c->index, &s, NULL, &text, err);
	if (rc == 0)
		rc = scenario_check_text("the scenario", text.buf, text.len, err);
	if (rc == 0)
		rc = keep(c, name, &s, &text, err);
	strbuf_release(&text);
	scenario_release(&s);
	arena_release(&arena);
	return rc;
}

/* The name of the file without its folder and suffix. Heap. */
static char *name_of(const char *path)
{
	static const char *const suffixes[] = { ".txt", ".scenario" };
	char *name = xstrdup(path_base(path));
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		size_t cut = strlen(suffixes[i]);

		if (n > cut && strcmp(name + n - cut, suffixes[i]) == 0) {
			name[n - cut] = '\0';
			break;
		}
	}
	return name;
}

/* The text as it is, comments too, and below it what its REFs name here. */
static int add_text(
	struct cli *c, const struct scenario_text *t, const struct scenario *s, struct strbuf *out, struct err *err)
{
	struct strbuf names = STRBUF_INIT;
	int rc = scenario_write_names(c->index, s, t->text, &names, err);

	strbuf_addstr(out, t->text + (strncmp(t->text, BOM, strlen(BOM)) == 0 ? strlen(BOM) : 0));
	if (out->len && out->buf[out->len - 1] != '\n')
		strbuf_addch(out, '\n');
	if (names.len)
		strbuf_addf(out, "\n%s", names.buf);
	strbuf_release(&names);
	return rc;
}

static int load_text(struct cli *c, const struct scenario_text *t, const char *name, struct err *err)
{
	struct strbuf text = STRBUF_INIT;
	struct arena arena = { 0 };
	struct trust_query q;
	struct scenario s;
	int rc;

	c->args.scenario = c->operands.v[1];
	rc = cli_scenario(c, &s, &arena, &q, err);
	if (rc == 0)
		rc = need_marks(&s, name, err);
	if (rc == 0)
		rc = scenario_check_text(t->from, t->text, t->len, err);
	if (rc == 0)
		rc = add_text(c, t, &s, &text, err);
	if (rc == 0 && t->place == SCENARIO_INDEX && strcmp(name, c->operands.v[1]) == 0)
		cli_note(c, "scenario '%s' is kept already, and all that it names is in this index", name);
	else if (rc == 0)
		rc = keep(c, name, &s, &text, err);
	strbuf_release(&text);
	scenario_release(&s);
	arena_release(&arena);
	return rc;
}

static int run_load(struct cli *c, struct err *err)
{
	struct scenario_text t;
	char *name;
	int rc;

	if (scenario_find(c, c->operands.v[1], &t, err) < 0)
		return -1;
	if (c->operands.n > 2)
		name = xstrdup(c->operands.v[2]);
	else
		name = t.place == SCENARIO_FILE ? name_of(c->operands.v[1]) : xstrdup(c->operands.v[1]);
	rc = scenario_check_name(name, err);
	if (rc == 0)
		rc = load_text(c, &t, name, err);
	free(name);
	scenario_text_release(&t);
	return rc;
}

/* ---- delete ---- */

static int run_delete(struct cli *c, struct err *err)
{
	const char *name = c->operands.v[1];
	struct scenario_text t;
	bool there, found;

	if (index_delete_scenario(c->index, name, &there, err) < 0)
		return -1;
	if (there) {
		cli_note(c, "scenario '%s' is deleted", name);
		return 0;
	}
	if (scenario_find_named(c, name, &t, &found, err) < 0)
		return -1;
	scenario_text_release(&t);
	if (found)
		return err_set(err, ERR_USAGE, "scenario '%s' comes with canopy and is not in this index", name);
	return unknown(c, name, err);
}

/* ---- the command ---- */

enum { TAKES_MARKS = 1, TAKES_FORCE = 2, TAKES_ALL = 4, TAKES_FORMAT = 8, NEEDS_NO_INDEX = 16 };
static const struct part {
	const char *name, *operands;
	size_t min, max;
	unsigned takes;
	int (*run)(struct cli *c, struct err *err);
} parts[] = {
	{ "list", "no operand", 0, 0, TAKES_ALL | TAKES_FORMAT | NEEDS_NO_INDEX, run_list },
	{ "show", "one NAME", 1, 1, TAKES_FORMAT | NEEDS_NO_INDEX, run_show },
	{ "save", "one NAME", 1, 1, TAKES_MARKS | TAKES_FORCE, run_save },
	{ "load", "NAME|FILE [NAME]", 1, 2, TAKES_FORCE, run_load },
	{ "delete", "one NAME", 1, 1, 0, run_delete },
};
#define PARTS (sizeof(parts) / sizeof(*parts))

static const struct part *find_part(const char *name, struct err *err)
{
	const char *names[PARTS], *near;

	for (size_t i = 0; i < PARTS; i++) {
		names[i] = parts[i].name;
		if (strcmp(parts[i].name, name) == 0)
			return &parts[i];
	}
	near = opt_nearest(name, names, PARTS);
	err_set(err, ERR_USAGE, "'scenario %s' is not known%s%s%s (list, show, save, load, delete)", name,
		near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	return NULL;
}

static int check_options(const struct part *p, const struct args *a, struct err *err)
{
	const struct {
		const char *name;
		bool given;
		unsigned bit;
	} given[] = {
		{ "program", a->program != NULL, TAKES_MARKS },
		{ "purpose", a->purpose != NULL, TAKES_MARKS },
		{ "mark", a->mark.n != 0, TAKES_MARKS },
		{ "stage", a->stage.n != 0, TAKES_MARKS },
		{ "exempt", a->exempt.n != 0, TAKES_MARKS },
		{ "assume", a->assume.n != 0, TAKES_MARKS },
		{ "revocation", a->revocation != NULL, TAKES_MARKS },
		{ "scenario", a->scenario != NULL, TAKES_MARKS },
		{ "force", a->force, TAKES_FORCE },
		{ "all", a->all, TAKES_ALL },
		{ "format", a->format != NULL, TAKES_FORMAT },
	};

	for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++) {
		if (given[i].given && !(p->takes & given[i].bit))
			return err_set(err, ERR_USAGE, "'scenario %s' takes no '--%s'", p->name, given[i].name);
	}
	return 0;
}

/* What comes with canopy is read before there is any index. */
static int open_for(struct cli *c, const struct part *p, struct err *err)
{
	bool needed = !(p->takes & NEEDS_NO_INDEX) || (p->takes & TAKES_ALL && !c->args.all);

	if (needed || path_exists(c->db_path))
		return cli_open(c, err);
	cli_note(c, NO_INDEX_AT ": only what comes with canopy is known", c->db_path);
	return 0;
}

static int run(struct cli *c, struct err *err)
{
	const struct part *p = find_part(c->operands.v[0], err);
	size_t n = c->operands.n - 1;

	if (!p)
		return -1;
	if (n < p->min || n > p->max)
		return err_set(err, ERR_USAGE, "'scenario %s' takes %s", p->name, p->operands);
	if (check_options(p, &c->args, err) < 0 || open_for(c, p, err) < 0)
		return -1;
	return p->run(c, err);
}

const struct command command_scenario = {
	.name = "scenario",
	.operands = "list|show|save|load|delete [NAME|FILE [NAME]]",
	.summary = "scenarios kept in the index",
	.min_operands = 1,
	.max_operands = 3,
	.options = options,
	.columns = columns,
	.text = "A scenario is a set of marks asked of one program and purpose. The index keeps scenarios under names; "
		"they stay whatever is imported, fetched or rebuilt. 'impact' and 'leaves' take one with "
		"--scenario.\n\n"
		"    list              one row a scenario; with --all also those that come with canopy\n"
		"    show NAME         its text, which is a scenario file; json has its parts\n"
		"    save NAME         keeps what the options say, on top of --scenario where it is given\n"
		"    load FILE [NAME]  keeps a scenario file as it is, its comments too, under NAME, else under the\n"
		"                      file's name without folder and .txt; instead of a FILE also a scenario's\n"
		"                      name, so that load NAME NAME copies\n"
		"    delete NAME       forgets it\n\n"
		"save and load refuse a name that is taken, unless --force is given; what a scenario names must be in "
		"the "
		"index, and its program have a store. A NAME is printable text of at most 100 bytes without '/'. "
		"Where NAME|FILE is taken, a file of that name comes first, then what the index keeps, then what comes "
		"with canopy.\n\n"
		"A scenario file is text with one setting a line: a word, blanks, and all the rest of the line. Empty "
		"lines and lines that begin with # are skipped; blanks around a line do not count.\n\n"
		"    program P              whose store and rules (without: mozilla)\n"
		"    purpose tls|email      what the certificates are for (without: tls)\n"
		"    revocation M           enforced, all or none (without: enforced)\n"
		"    mark REF=ACTION        remove, block, revoke; split at its last '='\n"
		"    mark REF=ACTION@DATE   distrust-after, sct-not-after, with a day YYYY-MM-DD\n"
		"    stage DAY REF=ACTION[@DATE]\n"
		"                           a mark that is in force from DAY on (see 'canopy help impact')\n"
		"    exempt REF             paths through that CA are left out of the actions\n"
		"    assume REF             that certificate is an anchor beforehand\n"
		"    ref HEX REF            in this file REF names this certificate (HEX is its SHA-256) or this CA\n"
		"                           (HEX is its ca_id), whatever else fits it\n\n"
		"Marks, stages, exemptions and assumptions add up. Of program, purpose and revocation the last line holds, and "
		"an "
		"option on the command line stands above it. save and load add a line 'ref' for each REF that names "
		"one "
		"thing and is no whole fingerprint, so that a scenario keeps its meaning when certificates are indexed "
		"that fit the REF too. owner:NAME and spki:HEX always mean what the index has of them; a comment tells "
		"what that was.\n\n"
		"Those that come with canopy say what root programs did, each with the sources of its dates and the "
		"day to "
		"ask it of. 'list --all' and 'show' tell of them before there is any index; to be asked, they need the "
		"data that they name. The scenarios that 'canopy browse' saves have the day that was asked of in a comment, too: "
		"loaded there, they are asked of it again; commands take it with --as-of.\n\n"
		"Examples:\n\n"
		"    canopy scenario save cut --mark 'Alder Root CA=distrust-after@2026-01-01' --exempt 'Alder Policy "
		"CA'\n"
		"    canopy scenario save plan --mark 'Alder Root CA=distrust-after@2026-06-30' --stage "
		"'2026-09-01:Alder Root CA=remove'\n"
		"    canopy scenario show cut > alder.txt\n"
		"    canopy scenario load alder.txt\n"
		"    canopy scenario list --format csv\n"
		"    canopy impact --scenario alder --program microsoft --format csv > microsoft.csv\n"
		"    canopy scenario delete cut",
	.run = run,
};
