/* Questions that a reader comes with, and the keys that answer them: a section
 * of the help. Each key is one of the tables, which a test holds.
 *
 *	for (size_t i = 0; (q = question_at(i)); i++)
 *		…q->text, q->step[0].key… */
#ifndef TUI_QUESTIONS_H
#define TUI_QUESTIONS_H

#include <stddef.h>

#define QUESTION_STEPS 4

struct view_ops;
struct question_step {
	const struct view_ops *in; /* whose key it is; NULL: everybody's */
	const char *key;           /* NULL: there are fewer steps */
	const char *does;
};
struct question {
	const char *text;
	struct question_step step[QUESTION_STEPS];
};
/* NULL behind the last. */
const struct question *question_at(size_t i);

#endif
