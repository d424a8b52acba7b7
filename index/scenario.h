/* Scenarios: marks as people write them, what they hit in an index, their text, and those that the index keeps.
 *
 *	struct scenario s;
 *	scenario_init(&s);
 *	scenario_read(&s, "'cut.txt'", text, len, &err);        // "mark REF=ACTION", one setting a line
 *	scenario_resolve(ix, &s, day, &arena, &query, &err);    // for trust_compute and impact_compute
 *	scenario_write(ix, &s, NULL, &text, &err);              // with what every REF names in ix
 *	index_save_scenario(ix, "cut", text.buf, false, &there, &err);
 *	scenario_release(&s); */
#ifndef INDEX_SCENARIO_H
#define INDEX_SCENARIO_H

#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "index/trust.h"

struct index;
struct ref;

/* A mark as written: "REF=ACTION[@DATE]", and from which day on it is in force. */
struct scenario_mark {
	char *ref;
	enum mark_action action;
	int32_t day;         /* for the two date actions */
	int32_t since;       /* MARK_ALWAYS, or the stage's day */
	size_t certs;        /* how many certificates (block: certificates with the key) it hits */
	bool effect_known;   /* false where the marks are too many to ask each */
	bool no_effect;      /* neither alone nor beside the others it changes what a CA has accepted; of a later stage: nor will it on its day */
	char *why;           /* … because of this, one line, cleaned; heap, NULL otherwise */
};
/* In this scenario `ref` names this certificate (SHA-256) or CA (ca_id), whatever else fits it. */
struct scenario_name {
	char *ref;
	char id[65]; /* lower-case hex */
};
struct scenario {
	char *program;
	enum purpose purpose;
	enum revocation_mode revocation;
	VEC(struct scenario_mark) mark;
	VEC(char *) exempt; /* REFs */
	VEC(char *) assume;
	VEC(struct scenario_name) name;
};
void scenario_init(struct scenario *s);
void scenario_release(struct scenario *s);
/* The same asked of another program and purpose; *ret need not be initialised. */
void scenario_copy(const struct scenario *from, const char *program, enum purpose purpose, struct scenario *ret);
int scenario_add_mark(struct scenario *s, const char *text, struct err *err); /* syntax only */
/* "DATE:REF=ACTION[@DATE]", a mark in force from DATE on; syntax only. */
int scenario_add_stage(struct scenario *s, const char *text, struct err *err);
/* Here ref names id, the lower-case hex of a certificate's SHA-256 or of a ca_id. ERR_INPUT when it names another already. */
int scenario_add_name(struct scenario *s, const char *ref, const char id[65], struct err *err);
/* "REF=ACTION[@DATE]" of one mark, heap. */
char *scenario_mark_text(const struct scenario_mark *m);
/* As a line of a scenario file: "mark REF=ACTION[@DATE]", or "stage DATE REF=ACTION[@DATE]"; heap. */
char *scenario_mark_line(const struct scenario_mark *m);
/* A REF as the scenario means it: by its names first. As index_resolve. */
int scenario_ref(struct index *ix, const struct scenario *s, const char *text, struct ref *ret, struct strbuf *candidates,
                 struct err *err);
/* Resolves every REF into a query over ix. The arrays of *q live in `arena`. Fills `certs` and what is said of the
 * effect of the marks. */
int scenario_resolve(struct index *ix, struct scenario *s, int32_t day, struct arena *arena, struct trust_query *q, struct err *err);
/* Its two halves, for several programs: what the REFs name, in the order of the scenario, and the query of its program
 * and purpose. Release also after a failure. */
struct scenario_refs {
	struct ref *mark, *exempt, *assume;
	size_t n_marks, n_exempt, n_assume;
};
/* The candidates of an ambiguous one are listed in *candidates; with NULL they are in the message. */
int scenario_find_refs(struct index *ix, const struct scenario *s, struct strbuf *candidates, struct scenario_refs *ret,
                       struct err *err);
void scenario_refs_release(struct scenario_refs *r);
/* refs are of *s, or of what it was copied from. */
int scenario_query(struct index *ix, struct scenario *s, const struct scenario_refs *refs, int32_t day, struct arena *arena,
                   struct trust_query *q, struct err *err);

/* What each mark of a resolved scenario does (effect.c); scenario_resolve() calls it. */
void scenario_effects(struct scenario *s, const struct trust_query *q);

/* ---- as text (scenariotext.c) ---- */
#define SCENARIO_MAX (1u << 20) /* bytes of a text */
/* Adds what the text says to *s. ERR_INPUT, with `from` and the line before what is wrong. */
int scenario_read(struct scenario *s, const char *from, const char *text, size_t len, struct err *err);
/* ERR_INPUT with `from` and the line when it holds control characters, or is no UTF-8. */
int scenario_check_text(const char *from, const char *text, size_t len, struct err *err);
/* The scenario as text that scenario_read reads, with scenario_write_names. comment: a line before the marks, or NULL. */
int scenario_write(struct index *ix, const struct scenario *s, const char *comment, struct strbuf *out, struct err *err);
/* Adds what each REF names in ix: a comment, and where it names one thing and is no whole fingerprint a line "ref", so
 * that it keeps its meaning when other things are indexed that fit it too. ERR_USAGE when it names nothing, or several
 * things. What *s, or the text `have` that it was read from, says already is not said again. */
int scenario_write_names(struct index *ix, const struct scenario *s, const char *have, struct strbuf *out, struct err *err);

/* ---- kept in the index (saved.c) ---- */
#define SCENARIO_NAME_MAX 100 /* bytes */
/* A name is printable, without '/', with no blank at its ends. ERR_USAGE. */
int scenario_check_name(const char *name, struct err *err);
struct saved_scenario {
	const char *name, *text;
	int64_t saved_at;
};
struct saved_scenarios {
	VEC(struct saved_scenario) v; /* by name */
	struct arena strings;
};
int index_scenarios(struct index *ix, struct saved_scenarios *ret, struct err *err);
void saved_scenarios_release(struct saved_scenarios *l);
/* *text is on the heap, NULL when none of this name is kept. */
int index_find_scenario(struct index *ix, const char *name, char **text, int64_t *saved_at, struct err *err);
/* These open the file of ix for writing by themselves. One that is there is replaced only if asked for; *there says that
 * it was. */
int index_save_scenario(const struct index *ix, const char *name, const char *text, bool replace, bool *there, struct err *err);
int index_delete_scenario(const struct index *ix, const char *name, bool *there, struct err *err);

#endif
