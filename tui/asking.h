/* What is asked of the hierarchy and takes longer than a key may: other marks, another program, purpose, day, filter,
 * order, or the index as another process left it. A thread makes the model and its rows anew while the loop shows the old ones,
 * which keys go on moving in and opening but where the cursor's row may be another then (ahead.c). What is made is taken
 * between two frames; the cursor stays on its CA, and what was opened meanwhile is open. Whoever asks again before that asks for both, and the older question is given up.
 *
 *	asking_question(t)->purpose = PURPOSE_EMAIL;   // what is wanted, as it was asked last
 *	asking_rows(t)->reverse = true;
 *	asking_send(t, ASK_MODEL, NULL);
 *	asking_step(t, false);                         // between two frames
 *
 * The thread reads what is shown, of which nothing is replaced meanwhile. When another process has numbered the CAs of the
 * index anew (index_renumbered()), it is read anew as if F5 had been pressed, and nothing else is taken before. */
#ifndef TUI_ASKING_H
#define TUI_ASKING_H

#include "tui/model.h"
#include "tui/rows.h"
#include "tui/seek.h"

struct tui;
enum ask { ASK_NOTHING, ASK_ROWS, ASK_MODEL };
enum ask_open { OPEN_AS_IS, OPEN_ALL, OPEN_NONE };
struct question;
struct work;
struct asking {
	enum ask what; /* asked, and not shown yet */
	bool marks;    /* what they break is asked; that of other ones is not shown meanwhile */
	bool index;    /* … of the index as it is now … */
	bool again;    /* … and may be another one already */
	bool noticed;  /* … and nobody asked for it: another process has made it of other numbers, which what is asked reads by … */
	bool gave_up;  /* … and it could not be read */
	struct index *fresh; /* opened for it by a thread that was stopped, or NULL */
	/* as it is wanted, meaningful while something is asked */
	char *program;
	struct wanted wanted;
	struct rows how; /* nothing else of it */
	enum ask_open open;
	bool loaded; /* … as a scenario has it: nothing shown is meant until then */
	bool unshut; /* nothing stays shut that a filter opens */
	bool live;   /* the rows may change while a line of input is open */
	struct seek seek; /* where the cursor goes then */
	void (*then)(struct tui *t);
	uint64_t since;       /* when the oldest of it was asked */
	struct question *job; /* NULL: nobody works on it */
	VEC(struct work *) sweep; /* free what was shown before */
};

/* The question and the way to show the rows as they are wanted, to be changed before asking_send(). */
struct wanted *asking_question(struct tui *t);
struct rows *asking_rows(struct tui *t);
/* What is asked already, else what is shown; borrowed until more is asked or it is taken. */
struct wanted asking_wanted(const struct tui *t);
/* then: called when it is taken, or NULL: the one that waits already. */
void asking_send(struct tui *t, enum ask what, void (*then)(struct tui *t));
/* The rows as asking_rows() has them, and the cursor in them there; also while a line of input is open. What `s` has is
 * taken. */
void asking_seek(struct tui *t, struct seek *s);
/* The marks have changed: what they break, and the rows where a filter may depend on it. */
void asking_marks(struct tui *t);
/* The index as it is now; what comes of it is said (beside_read). */
void asking_index(struct tui *t);
/* The way to show the rows that is wanted, or that is shown: only to look at. */
const struct rows *asking_how(const struct tui *t);
/* Takes what is made; wait: until nothing is asked that can be taken. True when something was. */
bool asking_step(struct tui *t, bool wait);
/* Waits a little for it or a key, for those who have nothing else to do; false: there is nothing to wait for. */
bool asking_beside(struct tui *t);
/* Works somebody on it who is not done, and reads the model shown? */
bool asking_works(const struct tui *t);
/* So short that nobody sees it: what is answered at once is never shown half, nor gets the next key on the old picture.
 */
void asking_pause(struct tui *t);
/* Says what is being asked when it takes long; else nothing. */
void asking_tell(const struct tui *t, struct strbuf *out);
void asking_release(struct tui *t);

#endif
