#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "cli/scenario.h"

static char *quoted(const char *lead, const char *name)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b, "%s'%s'", lead, name);
	return strbuf_detach(&b);
}

static int read_file(const char *path, struct scenario_text *ret, struct err *err)
{
	uint8_t *data;

	if (path_read(path, SCENARIO_MAX, &data, &ret->len, err) < 0)
		return -1;
	ret->text = (char *)data;
	ret->from = quoted("", path);
	return 0;
}

struct wanted {
	const char *name;
	struct scenario_text *ret;
};

static int take_shipped(void *ctx, const char *name, const char *path, struct err *err)
{
	struct wanted *w = ctx;

	if (strcmp(name, w->name) != 0 || w->ret->text)
		return 0;
	w->ret->place = SCENARIO_SHIPPED;
	return read_file(path, w->ret, err);
}

int scenario_find_named(struct cli *c, const char *name, struct scenario_text *ret, bool *found, struct err *err)
{
	struct wanted w = { name, ret };

	*ret = (struct scenario_text){ .place = SCENARIO_INDEX };
	if (c->index && index_find_scenario(c->index, name, &ret->text, &ret->saved_at, err) < 0)
		return -1;
	if (ret->text) {
		ret->len = strlen(ret->text);
		ret->from = quoted("scenario ", name);
	} else if (scenario_each_shipped(take_shipped, &w, err) < 0) {
		return -1;
	}
	*found = ret->text != NULL;
	return 0;
}

int scenario_find(struct cli *c, const char *text, struct scenario_text *ret, struct err *err)
{
	bool found;

	*ret = (struct scenario_text){ .place = SCENARIO_FILE };
	if (path_exists(text) && !path_is_dir(text))
		return read_file(text, ret, err);
	if (scenario_find_named(c, text, ret, &found, err) < 0)
		return -1;
	if (found)
		return 0;
	return err_set(err, ERR_INPUT,
		"'%s' is neither a file nor the name of a scenario ('canopy scenario list --all' lists them)", text);
}

void scenario_text_release(struct scenario_text *t)
{
	free(t->from);
	free(t->text);
}

/* ---- file, options, REFs ---- */

static int take_options(const struct cli *c, struct scenario *s, struct err *err)
{
	const struct args *a = &c->args;

	if (a->program) {
		free(s->program);
		s->program = xstrdup(a->program);
	}
	if (a->purpose)
		s->purpose = cli_purpose(c);
	for (int i = 0; a->revocation && i < 3; i++) {
		if (strcmp(revocation_mode_names[i], a->revocation) == 0)
			s->revocation = (enum revocation_mode)i;
	}
	for (size_t i = 0; i < a->mark.n; i++) {
		if (scenario_add_mark(s, a->mark.v[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < a->stage.n; i++) {
		if (scenario_add_stage(s, a->stage.v[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < a->exempt.n; i++)
		vec_push(&s->exempt, xstrdup(a->exempt.v[i]));
	for (size_t i = 0; i < a->assume.n; i++)
		vec_push(&s->assume, xstrdup(a->assume.v[i]));
	return 0;
}

static int read_base(struct cli *c, struct scenario *s, struct err *err)
{
	struct scenario_text t;
	int rc = scenario_find(c, c->args.scenario, &t, err);

	if (rc == 0)
		rc = scenario_read(s, t.from, t.text, t.len, err);
	scenario_text_release(&t);
	return rc;
}

int cli_scenario_read(struct cli *c, struct scenario *s, struct err *err)
{
	scenario_init(s);
	if (c->args.scenario && read_base(c, s, err) < 0)
		return -1;
	return take_options(c, s, err);
}

int cli_scenario_resolve(struct cli *c, struct scenario *s, struct arena *arena, struct trust_query *q, struct err *err)
{
	struct scenario_refs refs;
	int rc = scenario_find_refs(c->index, s, &c->candidates, &refs, err);

	if (rc == 0)
		rc = scenario_query(c->index, s, &refs, c->day, arena, q, err);
	scenario_refs_release(&refs);
	return rc;
}

int cli_scenario(struct cli *c, struct scenario *s, struct arena *arena, struct trust_query *q, struct err *err)
{
	return cli_scenario_read(c, s, err) < 0 ? -1 : cli_scenario_resolve(c, s, arena, q, err);
}
