/* The scenario under the user's hands: actions on CAs or certificates, kept
 * by their stable ids so that they survive a reload, with undo.
 *
 *	marks_set(&k, &(struct user_mark){ .action = MARK_REMOVE, .id = … }, 1);
 *	marks_bind(&k, g);                    // after each load
 *	marks_query(&k, g, &list, &exempt);   // for trust_compute
 *	marks_undo(&k); marks_redo(&k);
 *	marks_release(&k); */
#ifndef TUI_MARKS_H
#define TUI_MARKS_H

#include "base/map.h"
#include "index/impact.h"

/* Beside what can be done to a CA what a scenario says besides; these hold on every day. */
#define ACTION_EXEMPT MARK_ACTIONS
#define ACTION_ASSUME (MARK_ACTIONS + 1) /* an anchor in "before", too: no mark, and not counted as one */
#define ACTIONS (MARK_ACTIONS + 2)

struct action {
	char letter;      /* beside a marked row, and its key in the menu */
	const char *name; /* as the command line spells it */
	const char *help;
	bool dated;
};
extern const struct action actions[ACTIONS];

struct user_mark {
	int action;
	bool is_cert;   /* one certificate; else a CA with all it has */
	uint8_t id[32]; /* SHA-256 of the certificate, or the CA's id */
	int32_t day;    /* of the dated actions */
	int32_t since;  /* first day in force, or MARK_ALWAYS */
	uint32_t at;    /* index in this load; NO_INDEX: not in the index */
};
/* What loading a scenario changes besides the marks, as it is on the other side of that step. */
struct marks_asked {
	char *name;    /* of the scenario */
	char *former;  /* the name last saved or loaded there */
	char *program; /* NULL: the same on both sides, … */
	int purpose, revocation; /* … as where these are negative, … */
	bool has_day;            /* … or this is false */
	int32_t day;
};
struct mark_list {
	struct user_mark *v;
	size_t n;
	struct marks_asked *asked; /* NULL: the step to or from these marks changed nothing else */
};
struct marks {
	VEC(struct user_mark) now;
	VEC(struct mark_list) past, future;
	struct mark_list kept; /* as last saved or loaded */
};
/* What a scenario is for trust_compute(); each mark is `from` its place in `now`. */
struct mark_query {
	VEC(struct mark) mark;
	VEC(uint32_t) exempt;
	VEC(uint32_t) assume; /* certificates */
};

/* Each of these changes n marks in one step, which one undo takes back. */
/* Adds each; a dated one replaces the date of an earlier one, which stays in force from the day it had. */
void marks_set(struct marks *k, const struct user_mark *m, size_t n);
/* Adds each as a stage; an earlier one is in force from that day on and keeps its own date. */
void marks_stage(struct marks *k, const struct user_mark *m, size_t n);
/* Takes each away, where the same action is on the same target. */
void marks_take(struct marks *k, const struct user_mark *m, size_t n);
void marks_clear(struct marks *k);
/* These n instead of all that there are. */
void marks_replace(struct marks *k, const struct user_mark *m, size_t n);
/* The same for a scenario that is loaded; `asked`, which is taken, is as it was before. */
void marks_load(struct marks *k, const struct user_mark *m, size_t n, struct marks_asked *asked);
bool marks_undo(struct marks *k);
/* Takes back the last undo; any other change forgets them. */
bool marks_redo(struct marks *k);
/* What the step that was undone or redone last changed besides, as it was before that, to be exchanged; or NULL. */
struct marks_asked *marks_undone(struct marks *k);
struct marks_asked *marks_redone(struct marks *k);
/* Those there are, borrowed. */
struct mark_list marks_listed(const struct marks *k);
/* How many of a's marks b has not, or with another date; the first of them in *ret, which is else left. */
size_t marks_lacking(const struct mark_list *a, const struct mark_list *b, const struct user_mark **ret);
/* The mark of this action on this target, or NULL. */
const struct user_mark *marks_find(const struct marks *k, const struct user_mark *m);
/* These are saved. */
void marks_keep(struct marks *k, const struct user_mark *m, size_t n);
/* Would leaving lose some that are saved nowhere? */
bool marks_unsaved(const struct marks *k);
/* Finds every mark's target again. */
void marks_bind(struct marks *k, const struct graph *g);
void marks_query(const struct marks *k, const struct graph *g, struct mark_query *ret);
void mark_query_release(struct mark_query *q);
/* How many anchors are assumed; all else are marks and exemptions, which are called marks here. */
size_t marks_assumed(const struct marks *k);
/* What else there is: "2 marks", "1 mark, 1 exempt", "no marks". */
void marks_count(const struct marks *k, struct strbuf *out);
/* All: "2 marks", "1 mark, 3 assumed" */
void marks_tell(const struct marks *k, struct strbuf *out);
/* Is the certificate, or one of the CA, assumed to be an anchor? */
bool marks_assume_cert(const struct marks *k, const struct graph *g, uint32_t cert);
bool marks_assume_ca(const struct marks *k, const struct graph *g, uint32_t ca);
/* How many certificates the mark hits (block: that carry the key; remove: anchors of the store, and those that `k` assumes). */
size_t mark_hits(const struct user_mark *m, const struct marks *k, const struct graph *g, const struct store *store,
	enum purpose purpose);
/* The same of n marks of one action on different CAs, each certificate once. */
size_t marks_hits(const struct user_mark *m, size_t n, const struct marks *k, const struct graph *g, const struct store *store,
	enum purpose purpose);
/* Its action's letter, small where it is in force from a later day on only. */
char mark_letter(const struct user_mark *m, int32_t day);
/* The letter of the first mark that hits the CA and is in force on the day; else of the first one of a later day, as a
 * small letter; or 0. That it is assumed is said where nothing else is. */
char marks_letter(const struct marks *k, const struct graph *g, uint32_t ca, int32_t day);
/* The day after `day` on which a mark comes into force first, or MARK_ALWAYS: none is to come. */
int32_t marks_next_stage(const struct marks *k, int32_t day);
void marks_release(struct marks *k);

#endif
