/* What the files of the browser share: the browser itself and its views. One
 * view is one file with one struct view_ops; the tree lies at the bottom of
 * the stack, Enter and the view keys put others over it, q takes them off. */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "tui/answer.h"
#include "tui/asking.h"
#include "tui/doc.h"
#include "tui/doubting.h"
#include "tui/facts.h"
#include "tui/fetching.h"
#include "tui/filling.h"
#include "tui/findings.h"
#include "tui/history.h"
#include "tui/kept.h"
#include "tui/keys.h"
#include "tui/lookup.h"
#include "tui/rows.h"
#include "tui/sourcetable.h"

/* What a mark or Enter would act on. */
struct target {
	uint32_t ca;   /* NO_INDEX: nothing, or an owner */
	uint32_t cert; /* NO_INDEX: the CA with all it has */
	uint32_t parent;
	const char *owner; /* the roots of whom; or NULL */
	bool all;          /* … also those that the program does not have, where it has some */
};
#define TARGET_NONE { NO_INDEX, NO_INDEX, NO_INDEX, NULL, false }

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
	/* Optional: nothing here can be marked. */
	void (*target)(struct tui *t, struct view *v, struct target *ret);
	/* What the line of keys says of one of the view's own, NULL: nothing; optional, else its label. */
	const char *(*label)(const struct tui *t, const struct view *v, const struct binding *b);
	/* Optional: what it is about is not shown yet, or not all of it. */
	bool (*lacks)(struct tui *t, struct view *v);
	/* The row or line at y inside the area; optional. */
	void (*click)(struct tui *t, struct view *v, int y, int x);
	/* The next place (by: +1 or -1; `here`: from the cursor's on) that has the text; optional, else in the doc. */
	bool (*find)(struct tui *t, struct view *v, const char *text, bool here, int by);
	/* Optional: is the text in what the page leaves out until more is asked for? */
	bool (*folds)(struct tui *t, struct view *v, const char *text);
	/* What tells the row of the cursor from others, heap or NULL, and the cursor back on it; optional, else the doc's line. */
	char *(*row)(struct tui *t, struct view *v);
	void (*go)(struct tui *t, struct view *v, const char *row);
};

struct view {
	const struct view_ops *ops;
	struct doc doc;
	uint8_t id[32]; /* the CA it is about */
	bool has_id, stale;
	bool more; /* detail: leaves nothing out */
	const struct view *about; /* help: of which view */
	char source[64];          /* source: its name */
	struct {
		struct strbuf line;
		uint32_t cursor, top, left; /* left: the cursor on the page without it */
		bool on;
	} held; /* impact: the place on the page, of which most is being computed */
	struct area area;         /* where it was drawn last */
};

struct choice {
	char *word; /* what Enter takes */
	char *text; /* what is shown */
	char *more; /* stands below all where there is no room for it in the text */
};
/* A line of input over the status line. */
struct prompt {
	bool on, confirm, date;
	bool filled; /* nothing of it was typed or edited: what is typed replaces it */
	const char *label;
	struct strbuf text, note; /* note: stands right, or above where it has no room there */
	struct strbuf why;        /* … instead of the note: why the text was not taken, until it is edited */
	size_t at;                /* the cursor in text, in bytes */
	int x;                    /* where it was drawn */
	size_t bad, bad_len;      /* what of text is wrong; 0 0: nothing */
	VEC(struct choice) choice; /* stand above */
	size_t chosen;            /* NO_CHOICE: what is typed */
	void (*changed)(struct tui *t, const char *text);
	void (*done)(struct tui *t, const char *text);
	void (*cancelled)(struct tui *t);
	bool (*complete)(const char *text, struct strbuf *out); /* by Tab at its end, where there are no choices */
	void (*remove)(struct tui *t, const char *text); /* C-d on a choice */
	int or_key; /* of a confirmation: a small letter that answers it another way, or 0 */
	void (*or_done)(struct tui *t, const char *text);
};
#define NO_CHOICE SIZE_MAX
#define MENU_ITEMS 12
struct menu_item {
	char letter, count[16]; /* count: stands right */
	const char *name;
	char *help;
};
struct menu {
	bool on;
	char *title;
	const char *right; /* heading of the counts */
	const char *foot;  /* what stands below; NULL: how to choose */
	struct menu_item item[MENU_ITEMS];
	int n, cursor, y; /* y: where the cursor stands */
	struct area area;
	void (*choose)(struct tui *t, int item);
	bool (*other)(struct tui *t, int item, int key); /* keys of its own; NULL: none */
	struct target target; /* of the mark */
	int action;
	int32_t day; /* of the action, while its stage is asked */
};
struct search {
	struct strbuf text, page; /* in the tree; in a text */
	uint32_t *found, *sorted; /* by number */
	size_t n, at;
	bool on_owner;      /* the place is the row of the owner before the first of them */
	bool owner_asked;   /* … if it has one among the rows that are made */
	bool of_leaf;       /* they issued the leaf whose fingerprint it is */
	struct nearest near; /* what may have been meant where there are none */
	bool asked;         /* the text is not looked up yet … */
	bool entering;      /* … and then goes there */
	bool from_page;     /* … and then leaves the page where it was not found */
	int step;           /* … and one on, or -1 back */
	bool renewed;       /* … of another index than before, where the place was on the CA of … */
	uint8_t id[32];     /* … this id */
	uint64_t since;     /* when it was asked */
	struct lookup *job; /* NULL: nobody works on it */
	bool stopped;       /* it is of another text */
	struct rows_open was; /* as it was before */
	uint32_t cursor, top;
	bool all_roots;
	bool widened; /* a search shows all roots, which nobody asked for otherwise */
	bool vain;        /* the text that was entered was not found: Enter on this row is still meant for it */
	uint32_t vain_at;
};

/* What the terminal pastes, between its beginning and its end: a text, never keys. */
struct paste {
	bool on;
	struct strbuf text;
};

/* Keys that came before what they mean was shown, from `first` on. */
struct ahead {
	VEC(int) key; /* n is 0 when all are played */
	size_t first;
	uint64_t played; /* when the last one was; 0: never */
};

enum drawn { DRAWN_BOTH, DRAWN_PERCENT, DRAWN_BAR, DRAWN };

struct tui {
	const struct tui_options *opt;
	struct model model;
	struct rows rows;
	struct asking asking; /* what is to come of both */
	struct answering *answering; /* a part of the impact, or NULL */
	struct filling *filling;     /* what the screen does without at first, or NULL */
	VEC(struct view *) stack;
	struct view *pane; /* a detail beside the tree, or NULL */
	bool pane_focus;
	struct prompt prompt;
	struct menu menu;
	struct search search;
	struct paste paste;
	struct ahead ahead;
	struct history history;
	enum drawn share;
	uint64_t until; /* the impact view says from when on fewer leaves are lost; 0: it does not */
	bool says_until; /* … also in a line, when that is known … */
	bool shows_until; /* … and where it is on the page comes to be seen */
	uint32_t until_line, until_lines; /* there; 0 lines: it is not known yet */
	bool only_flipped; /* the column `only here` is shown on narrow screens and not on wide ones */
	bool only_shown;   /* … as drawn last */
	struct strbuf message; /* until the next key */
	struct strbuf scenario; /* the name last saved or loaded */
	struct strbuf filter_before; /* the filter when the prompt for another one opened */
	bool fits_later; /* how many CAs fit it is said when the keys are read that it asks for */
	struct strbuf filter_left;   /* that of the tree which Esc took away, until there is another one */
	struct {
		uint8_t ca[32], parent[32];
		bool has_parent;
	} filter_at; /* where the cursor was then */
	struct {
		bool on;
		uint64_t path;  /* of an owner's row, which O left … */
		uint8_t ca[32]; /* … for this root */
	} owner_left;
	struct strbuf doomed;   /* the name of what would be deleted */
	struct writing *writing; /* what is being written, or NULL */
	struct kept *kept;       /* of the scenarios in the index, or NULL */
	struct kept *refused;    /* what would replace another one of its name, or NULL */
	struct kept *listing, *listed; /* all of them: being read, and as they were read last; or NULL */
	bool leaving;            /* when it is saved */
	bool loads_at_once;      /* what is read is loaded, and no key came since it was asked for */
	bool loads_open;         /* the line where it was asked for is still there; another key in it means something else */
	bool error, fresh, quit;
	int cursor_y; /* row of the cursor on the screen */
	unsigned version; /* of the index: how often it was read anew */
	struct checking checking;
	struct doubting doubting;
	struct findings findings;
	struct source_table *sources; /* of the index as it was read, or being read; NULL: not asked for yet */
	bool wants_sources;           /* … and asked for now */
	uint64_t sources_since;       /* when it was begun */
	struct fetching fetching;
	bool fetched; /* a fetch has ended, and what it brought is not taken up yet … */
	bool fetch_read; /* … but for some of it, which was noticed before … */
	bool telling; /* … and how it went is told when that is read … */
	bool read, read_changed; /* … as it is, and the sources are known */
};

extern const struct view_ops view_tree, view_detail, view_impact, view_help;
extern const struct view_ops view_findings, view_sources, view_source;
extern const struct view_ops *const views[];
extern const struct binding general_keys[];

/* What the row of an owner counts, in a sentence or two. */
#define OWNER_COUNTS \
	"An owner's row counts all CAs at and below its roots, each once, whoever operates them: at least as much as any of the " \
	"roots, and less than their sum where these share CAs. What the owner operates below roots of others is not in it: " \
	"& owner:NAME finds that, and on the command line canopy counts --by owner counts it."

/* ---- the stack (tui.c) ---- */
struct view *tui_view(struct tui *t); /* that gets the keys */
struct view *tui_push(struct tui *t, const struct view_ops *ops, uint32_t ca);
struct view *view_new(const struct view_ops *ops);
void view_free(struct tui *t, struct view *v);
void tui_pop(struct tui *t);
/* What Esc does in every view: stops writing a file, or goes back. */
void tui_escape(struct tui *t, struct view *v);
/* What the line of keys says of a key of everywhere in that view; NULL: nothing, for it does nothing there. */
const char *tui_general_label(const struct tui *t, const struct view *v, const struct binding *b);
/* Everything that is shown is made anew before the next frame. */
void tui_stale(struct tui *t);
/* Only views of that kind. */
void tui_stale_views(struct tui *t, const struct view_ops *ops);
/* Forgets what was read of the index as it was. */
void tui_index_taken(struct tui *t);
void tui_say(struct tui *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tui_complain(struct tui *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tui_target(struct tui *t, struct target *ret);
/* A fingerprint into the clipboard, which is said. */
void tui_copy(struct tui *t, const uint8_t sha256[32]);

/* ---- frame.c: what surrounds a view ---- */
void frame_draw(struct tui *t);
/* The scenario in a sentence of at most so many columns, if that can be. */
void frame_scenario(struct tui *t, struct strbuf *out, int columns);
/* The way to the view, in the area's first row: it stays above what scrolls. */
void frame_way(struct tui *t, const struct area *a);
/* A line between two parts of the screen; an empty one where nothing is drawn. */
void frame_rule(const struct tui *t, int y, int x, int w);

/* ---- prompt.c ---- */
/* A text that stands there is as if it were selected; prompt_mend(): it is the user's own, to go on with. */
void prompt_open(struct tui *t, const char *label, const char *text, void (*done)(struct tui *t, const char *text));
void prompt_mend(struct prompt *p);
/* The same for a day: keys move it by days and months. */
void prompt_date(struct tui *t, const char *label, const char *text, void (*done)(struct tui *t, const char *text));
/* The whole sentence of a confirmation is the label, which is copied. */
void prompt_confirm(struct tui *t, const char *question, void (*done)(struct tui *t, const char *text));
/* … another key than y, which the sentence names in its last (brackets), does this. */
void prompt_or(struct prompt *p, int key, void (*done)(struct tui *t, const char *text));
/* For `changed`: what may be chosen instead of typing on. */
void prompt_choices_clear(struct tui *t);
void prompt_choice(struct tui *t, const char *word, const char *text, const char *more);
void prompt_key(struct tui *t, int key);
/* As if it were typed at once. */
void prompt_paste(struct tui *t, const char *text);
/* Is the key of what is pasted? It goes into the line that is open, else into a search. */
bool paste_key(struct tui *t, int key);
/* The same of a fingerprint that a terminal sends as keys, which has no signs of what is pasted: so many hex digits at once as
 * nobody types. Takes those behind the key, too. */
bool paste_run(struct tui *t, int key);
/* In the last row, y; the choices above it. */
void prompt_draw(struct tui *t, int y, int w);
/* For `done`, which cannot take the text: the line stays open as it was, with the cause beside it. */
void prompt_refuse(struct tui *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The day of the text; false: it is none, and refused. */
bool prompt_day(struct tui *t, const char *text, int32_t *ret);
/* The same, and what of the text is wrong stands out. */
void prompt_refuse_part(struct tui *t, const struct filter_place *place, const char *why);
/* What of the text is wrong stands out, and why beside it; what may still become right is no mistake yet. */
void prompt_wrong(struct prompt *p, const struct filter_place *place, const char *why);
void prompt_release(struct prompt *p);
/* The same day of the month before or after, or the month's last. */
int32_t month_step(int32_t day, int by);

/* ---- menu.c ---- */
/* An open menu gets the keys; items are added behind menu_open(), which copies the title. */
void menu_open(struct tui *t, const char *title, const char *right, void (*choose)(struct tui *t, int item));
void menu_add(struct tui *t, char letter, const char *name, const char *help, const char *count);
/* For an item to come: the first letter of its name that is free. */
char menu_letter(const struct tui *t, const char *name);
void menu_shut(struct tui *t);
void menu_key(struct tui *t, int key);
void menu_click(struct tui *t, int y, int x);
void menu_draw(struct tui *t, const struct area *a);
/* Of its frame on this screen. */
int menu_columns(void);

/* ---- view_impact.c ---- */
/* What was asked of the days to come, when it is known. */
void impact_say_until(struct tui *t);

/* ---- impact_parts.c: sections of the impact view ---- */
/* ", by a later store !" behind an answer, where the program's store is later than the day or suspect. */
/* Nothing lost by a store that is later than the day and has none of what is marked: until_unanswered(). */
bool impact_unanswered(const struct model *m);
void impact_add_doubt(const struct model *m, struct strbuf *out);
/* Each says that it is being computed until it is made. */
void impact_add_programs(struct tui *t, struct doc *d);
void impact_add_notes(struct tui *t, struct doc *d); /* on the programs */
void impact_add_decay(struct tui *t, struct doc *d);
void impact_add_sites(struct tui *t, struct doc *d);
void impact_add_keepers(struct tui *t, struct doc *d);
void impact_add_operators(struct tui *t, struct doc *d);
void impact_add_unknowns(struct tui *t, struct doc *d);

/* ---- view_tree.c ---- */
/* How many CAs fit the filter that was entered. */
void filter_taken(struct tui *t);
/* Back to the tree and its line of input, from a page: what is typed for a filter is no keys there. */
void filter_of_tree(struct tui *t, struct view *v);

/* ---- search.c ---- */
void search_open(struct tui *t, struct view *v);
void search_next(struct tui *t, struct view *v);
void search_previous(struct tui *t, struct view *v);
/* The rows that a search or a place wanted are shown. */
void search_sought(struct tui *t, const struct seek *k);
/* Back to the program's roots where a search showed all of them. */
bool search_narrow(struct tui *t);
/* Was a search entered on this row that found nothing? Said once: another Enter is not to open what was not found. */
bool search_vain(struct tui *t);
void search_release(struct search *s);
/* What is looked up for it by a thread, as asking_step() and asking_beside() take what is asked. */
bool search_step(struct tui *t, bool wait);
bool search_beside(struct tui *t);
void search_halt(struct tui *t);
/* What was asked, and is not looked up yet, is not wanted any more; back: the tree is as before it was typed. */
void search_give_up(struct tui *t, bool back);
/* What was found has other numbers from now on, and is looked up anew. */
void search_forget(struct tui *t);

/* ---- ahead.c: keys typed ahead ---- */
/* Is the key kept for later? Or it gave up what is kept, or was a click on a picture that is about to go. */
bool ahead_keeps(struct tui *t, int key);
void ahead_forget(struct tui *t);
/* Can the next one be played? */
bool ahead_ready(struct tui *t);
/* Plays it; false: none can be. */
bool ahead_step(struct tui *t);
/* So shortly before that a key may have been meant to prevent it. */
bool ahead_just_played(const struct tui *t);
/* The nth from the next one on, of those kept and then of the terminal's; 0: it is not there. */
int ahead_peek(const struct tui *t, size_t n);
int ahead_next(struct tui *t);

/* ---- marking.c: keys that change the marks ---- */
void marking_usual(struct tui *t, struct view *v);
void marking_menu(struct tui *t, struct view *v);
void marking_clear(struct tui *t, struct view *v);
void marking_undo(struct tui *t, struct view *v);
void marking_redo(struct tui *t, struct view *v);
/* Of the mark on the row; on an owner's where all of its roots have the same; or 0. */
char marking_letter(const struct tui *t, const struct row *row);

/* ---- keeping.c: scenarios in the index ---- */
/* The marks as a scenario of the command line for writing_scenario(); false: it cannot be begun now, which is said. */
bool keeping_scenario(struct tui *t, const char *path);
void keeping_save(struct tui *t, struct view *v);
/* The name that the next one saved is given, unless another is typed. */
void keeping_remember(struct tui *t, const char *name);
/* Reads what is kept or lies in a file under a name, or deletes it from the index; loading_…() tell what came of it. */
bool keeping_begin(struct tui *t, enum kept_what what, const char *name);
/* Takes what a thread saved, read or deleted; wait: until it has. True when it did. */
bool keeping_step(struct tui *t, bool wait);
bool keeping_works(const struct tui *t);
/* A thread reads the model for it. */
bool keeping_reads(const struct tui *t);
bool keeping_saves(const struct tui *t);
/* What it works on. */
void keeping_tell(const struct tui *t, struct strbuf *out);
/* Waits for it, and says on stderr what nobody sees any more on the screen. */
void keeping_release(struct tui *t);

/* ---- loading.c: scenarios of the index and of files, by name ---- */
void loading_ask(struct tui *t, struct view *v);
void loading_loaded(struct tui *t, struct kept *k);
/* The line that is open waits for what is read, or does not want it any more. */
bool loading_waits(const struct tui *t);
void loading_deleted(struct tui *t, struct kept *k);
/* What is asked becomes what it was on the other side of a load, and the other way round; *said: what of it changes. */
void loading_exchange(struct tui *t, struct marks_asked *a, struct strbuf *said);
/* Takes the list when it is there; wait: until it is. */
void loading_step(struct tui *t, bool wait);
void loading_release(struct tui *t);

/* ---- writing.c: files for others ---- */
void writing_report(struct tui *t, struct view *v);
void writing_export(struct tui *t, struct view *v);
/* Those of the findings view, as its filter has them. */
void writing_findings(struct tui *t, struct view *v);
/* Writes the report or the export of it. */
void writing_scenario(struct tui *t, struct kept *k);
/* Says how it went when what was being written is; wait: until it is. */
void writing_step(struct tui *t, bool wait);
/* Ends what is being written; false when nothing was. */
bool writing_cancel(struct tui *t);
bool writing_runs(const struct tui *t);
/* A thread that reads what was found last. */
bool writing_findings_run(const struct tui *t);
void writing_release(struct tui *t);
/* ---- view_findings.c, view_sources.c ---- */
void show_findings(struct tui *t, struct view *v);
void show_sources(struct tui *t, struct view *v);
/* NULL: not read yet, which is now wanted; or what speaks against the stores of the day is to come (doubting.h). */
const struct source_table *sources_of(struct tui *t);
/* When it is there: what of it could not be read, or NULL. */
const char *sources_failed(const struct tui *t);
/* Takes what is read; wait: until it is. True when it was. */
bool sources_step(struct tui *t, bool wait);
/* A thread reads the model for it. */
bool sources_read(const struct tui *t);
void sources_forget(struct tui *t);
/* Why not, or NULL: they can. */
const char *sources_refusal(const struct tui *t);
/* In the background; NULL: all that are enabled. */
void sources_fetch(struct tui *t, const char *source);

/* ---- beside.c ---- */
/* Takes up what goes on while keys are answered; wait: until it is through. */
void beside_step(struct tui *t, bool wait);
/* Only what speaks against the stores; true: it came. */
bool beside_doubts(struct tui *t, bool wait);
/* Only what the findings and details show of the check. */
void beside_check(struct tui *t, bool wait);
/* Says what came of asking_index(). */
void beside_read(struct tui *t, bool changed, const char *why_not);
/* The parts of the impact that the view on top shows; false: all are there. */
bool beside_impact(struct tui *t);
/* The thread that makes one has stopped, and reads nothing any more. */
void beside_halt(struct tui *t);

/* ---- the event loop (tui.c) ---- */
int tui_open(struct tui *t, const struct tui_options *o, struct err *err);
/* Does what the key does, or keeps it until what it means is shown (ahead.c). */
void tui_key(struct tui *t, int key);
/* … whatever is kept. */
void tui_act(struct tui *t, int key);
/* What goes on where no key waits: a little of it, or waits a little for what a thread works on. False: all is there. */
bool tui_work_beside(struct tui *t);
/* Takes what the screen did without; wait: what is begun. True when something came. */
bool tui_fill_step(struct tui *t, bool wait);
void tui_close(struct tui *t);
/* A motion for views that are a doc. */
/* For views of a doc: .act, .status and two keys. */
void view_doc_act(struct tui *t, struct view *v, enum motion move);
void view_doc_status(struct tui *t, struct view *v, struct strbuf *out);
void view_next_section(struct tui *t, struct view *v);
void view_previous_section(struct tui *t, struct view *v);

#endif
