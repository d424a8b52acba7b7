/* Scenarios that the index keeps or that lie in files, in a thread: whoever else writes the index may keep it waiting for
 * long, and what marks are called is looked for among all CAs.
 *
 *	struct kept *k = kept_begin(KEPT_SAVE, &model, &asked, options, "cut");
 *	work_wait(k->work, screen_input(), 50);
 *	if (work_made(k->work) && k->rc == 0) …  // what it gave may be looked at, and moved away
 *	kept_free(k);                            // waits for it
 *
 * As long as kept_reads(k), nothing of the model may be replaced. */
#ifndef TUI_KEPT_H
#define TUI_KEPT_H

#include <stdatomic.h>

#include "index/scenario.h"
#include "tui/model.h"
#include "tui/work.h"

enum kept_what {
	KEPT_SAVE,     /* the marks of the model under a name */
	KEPT_READ,     /* what is kept under a name, or else lies in a file of that name, or else the only one that begins with it */
	KEPT_DELETE,   /* what is kept */
	KEPT_LIST,     /* all, the files last */
	KEPT_SCENARIO, /* nothing: the marks as a scenario of the command line, where a REF must name the same without more */
};
struct kept_scenario {
	char *name;
	char *file; /* its name, without a folder; NULL: the index keeps it */
	char *line; /* what stands in the list: "cut   index  mozilla tls 2026-05-01  2 marks" */
	char *note; /* its first comment, up to an empty line, else all that it marks; empty: nothing of either */
};
struct kept {
	enum kept_what what;
	char *name;
	bool replace; /* saving: one of this name … */
	bool hide;    /* … or comes before a file of this name */
	char *program; /* of the question that the marks are asked with */
	uint64_t since;
	struct work *work;
	/* the thread's until it is made */
	bool there;  /* one of this name */
	char *hides; /* saving: nothing is saved, for a file has this name, which the one saved would come before; its name, or NULL */
	char *whole; /* reading: the name of the only one that begins with the name, and nothing has that; or NULL */
	int rc;
	struct err err;
	struct scenario scenario;    /* as it was read, or is to be written */
	VEC(struct user_mark) mark;  /* those that were saved, or read: their numbers may mean nothing any more */
	struct strbuf text;          /* as it is, or would be, saved */
	bool has_day;                /* of a command in the comments of what was read … */
	int32_t day;                 /* … its --as-of */
	VEC(struct kept_scenario) list;
	/* nobody else's */
	struct model model; /* a copy of the one shown, which owns all of it */
	const struct index *shown;
	const struct tui_options *opt;
	const char *ref; /* of the scenario, looked up last */
	atomic_bool reads;
};

/* Never NULL. Saved or written is the scenario of `asked`, whatever the model is of. */
struct kept *kept_begin(enum kept_what what, const struct model *m, const struct wanted *asked, const struct tui_options *opt,
	const char *name);
/* The same text once more, now in the place of what there is: the one that is saved already, or before the file. */
struct kept *kept_replace(const struct kept *refused);
bool kept_reads(const struct kept *k);
void kept_free(struct kept *k);

#endif
