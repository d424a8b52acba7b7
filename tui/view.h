/* What the files of the browser share: the browser itself and its views. One
 * view is one file with one struct view_ops; the tree lies at the bottom of
 * the stack, Enter and the view keys put others over it, q takes them off. */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "tui/answer.h"
#include "tui/doc.h"
#include "tui/fetching.h"
#include "tui/findings.h"
#include "tui/keys.h"
#include "tui/rows.h"
#include "tui/sourcetable.h"

/* What a mark or Enter would act on. */
struct target {
	uint32_t ca;   /* NO_INDEX: nothing */
	uint32_t cert; /* NO_INDEX: the CA with all it has */
	uint32_t parent;
};

struct view_ops {
	const char *name;
	const struct binding *keymap;
	/* Makes what is shown; again after the model or the width changed. */
	void (*open)(struct tui *t, struct view *v);
	void (*close)(struct tui *t, struct view *v);
	void (*draw)(struct tui *t, struct view *v, const struct area *a, bool focused);
	void (*act)(struct tui *t, struct view *v, enum motion move);
	/* What stands right on the status line. */
	void (*status)(struct tui *t, struct view *v, struct strbuf *out);
	void (*target)(struct tui *t, struct view *v, struct target *ret);
	/* The row or line at y inside the area; optional. */
	void (*click)(struct tui *t, struct view *v, int y, int x);
	/* The next place (by: +1 or -1; `here`: from the cursor's on) that has the text; optional, else in the doc. */
	bool (*find)(struct tui *t, struct view *v, const char *text, bool here, int by);
};

struct view {
	const struct view_ops *ops;
	struct doc doc;
	uint8_t id[32]; /* the CA it is about */
	bool has_id, stale;
	const struct view *about; /* help: of which view */
	char source[64];          /* source: its name */
	struct area area;         /* where it was drawn last */
};

/* A line of input over the status line. */
struct prompt {
	bool on, confirm;
	const char *label;
	struct strbuf text, note; /* note: stands right */
	void (*changed)(struct tui *t, const char *text);
	void (*done)(struct tui *t, const char *text);
	void (*cancelled)(struct tui *t);
};
struct menu {
	bool on;
	int cursor, y; /* y: where the cursor stands */
	struct target target;
};
struct search {
	struct strbuf text;
	uint32_t *found;
	size_t n, at;
	struct idset open; /* as it was before */
	uint32_t cursor, top;
	bool all_roots;
};

enum drawn { DRAWN_BOTH, DRAWN_PERCENT, DRAWN_BAR, DRAWN };

struct tui {
	const struct tui_options *opt;
	struct model model;
	struct rows rows;
	VEC(struct view *) stack;
	struct view *pane; /* a detail beside the tree, or NULL */
	bool pane_focus;
	struct prompt prompt;
	struct menu menu;
	struct search search;
	enum drawn share;
	bool only_flipped; /* the column `only here` is shown on narrow screens and not on wide ones */
	bool only_shown;   /* … as drawn last */
	struct strbuf message; /* until the next key */
	struct strbuf scenario; /* the name last saved or loaded */
	bool error, fresh, quit;
	int cursor_y; /* row of the cursor on the screen */
	unsigned version; /* of the index: how often it was read anew */
	struct checking checking;
	struct findings findings;
	char *findings_before; /* the filter, while another one is typed */
	struct source_table *sources; /* of the index as it was read; NULL: not asked for yet */
	struct fetching fetching;
	bool fetched; /* a fetch has ended, and what it brought is not taken up yet */
};

extern const struct view_ops view_tree, view_detail, view_impact, view_help;
extern const struct view_ops view_findings, view_sources, view_source;
extern const struct view_ops *const views[];
extern const struct binding general_keys[];

/* ---- the stack (tui.c) ---- */
struct view *tui_view(struct tui *t); /* that gets the keys */
struct view *tui_push(struct tui *t, const struct view_ops *ops, uint32_t ca);
struct view *view_new(const struct view_ops *ops);
void view_free(struct tui *t, struct view *v);
void tui_pop(struct tui *t);
/* Everything that is shown is made anew before the next frame. */
void tui_stale(struct tui *t);
/* Only views of that kind. */
void tui_stale_views(struct tui *t, const struct view_ops *ops);
/* The index, where another process changed it; cursor, marks and what is open stay. False: it could not be, which is said. */
bool tui_reload(struct tui *t, bool *changed);
void tui_say(struct tui *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tui_complain(struct tui *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tui_target(struct tui *t, struct target *ret);

/* ---- frame.c: what surrounds a view ---- */
void frame_draw(struct tui *t);
/* The scenario in a sentence of at most so many columns, if that can be. */
void frame_scenario(struct tui *t, struct strbuf *out, int columns);

/* ---- prompt.c ---- */
void prompt_open(struct tui *t, const char *label, const char *text, void (*done)(struct tui *t, const char *text));
void prompt_confirm(struct tui *t, const char *question, void (*done)(struct tui *t, const char *text));
void prompt_key(struct tui *t, int key);
/* The whole sentence of a confirmation is the label. */
void prompt_draw(struct tui *t, int y, int w);

/* ---- impact_parts.c: sections of the impact view ---- */
/* Each says that it is being computed until it is made. */
void impact_add_programs(struct tui *t, struct doc *d);
void impact_add_decay(struct tui *t, struct doc *d);
void impact_add_sites(struct tui *t, struct doc *d);
void impact_add_keepers(struct tui *t, struct doc *d);
void impact_add_operators(struct tui *t, struct doc *d);
void impact_add_unknowns(struct tui *t, struct doc *d);

/* ---- search.c ---- */
void search_open(struct tui *t, struct view *v);
void search_next(struct tui *t, struct view *v);
void search_previous(struct tui *t, struct view *v);
void search_release(struct search *s);

/* ---- marking.c: keys that change the marks ---- */
void marking_usual(struct tui *t, struct view *v);
void marking_menu(struct tui *t, struct view *v);
void marking_clear(struct tui *t, struct view *v);
void marking_undo(struct tui *t, struct view *v);
void menu_key(struct tui *t, int key);
void menu_draw(struct tui *t, const struct area *a);

/* ---- keeping.c: scenarios in the index ---- */
void keeping_save(struct tui *t, struct view *v);
void keeping_load(struct tui *t, struct view *v);

/* ---- view_findings.c, view_sources.c ---- */
void show_findings(struct tui *t, struct view *v);
void show_sources(struct tui *t, struct view *v);
const struct source_table *sources_of(struct tui *t);
/* In the background; NULL: all that are enabled. */
void sources_fetch(struct tui *t, const char *source);

/* ---- beside.c ---- */
/* Takes up what goes on while keys are answered; wait: until it is through. */
void beside_step(struct tui *t, bool wait);

/* ---- the event loop (tui.c) ---- */
int tui_open(struct tui *t, const struct tui_options *o, struct err *err);
void tui_key(struct tui *t, int key);
void tui_close(struct tui *t);
/* A motion for views that are a doc. */
void view_move_doc(struct view *v, enum motion move);

#endif
