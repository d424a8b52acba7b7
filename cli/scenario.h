/* Scenarios by name: a file, one that the index keeps, or one that comes with canopy.
 *
 *	struct scenario_text t;
 *	if (scenario_find(c, "cut", &t, err) < 0) …
 *	scenario_read(&s, t.from, t.text, t.len, err);
 *	scenario_text_release(&t); */
#ifndef CLI_SCENARIO_H
#define CLI_SCENARIO_H

#include "cli/cli.h"
#include "cli/shipped.h"

enum scenario_place { SCENARIO_FILE, SCENARIO_INDEX, SCENARIO_SHIPPED };
struct scenario_text {
	enum scenario_place place;
	char *from; /* as errors name it: "'cut.txt'", "scenario 'cut'" */
	char *text;
	size_t len;
	int64_t saved_at; /* of the index's */
};
/* A file where there is one, else kept in the index, else shipped; ERR_INPUT names all three when there is none. */
int scenario_find(struct cli *c, const char *text, struct scenario_text *ret, struct err *err);
/* The same without files; false without an error when there is none. */
int scenario_find_named(struct cli *c, const char *name, struct scenario_text *ret, bool *found, struct err *err);
void scenario_text_release(struct scenario_text *t);

#endif
