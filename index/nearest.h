/* What somebody may have meant by a text that no CA's name or owner has: parts of these, as they stand there, whose words
 * differ from those of the text by a letter or two, or are the same but for blanks and signs. A search finds each of them.
 *
 *	struct nearest near;
 *	if (nearest_find(g, "camerfrima", NULL, NULL, &near) && near.n)
 *		puts(near.name[0]);   // "Camerfirma"
 *	nearest_release(&near); */
#ifndef INDEX_NEAREST_H
#define INDEX_NEAREST_H

#include "index/graph.h"

#define NEAREST_MAX 3
struct nearest {
	char *name[NEAREST_MAX]; /* all equally near; where none is near the text, none is but to its longest words */
	size_t n;
	bool more; /* as near ones */
	char *word; /* where none is near either, of the text, or NULL: the longest word that some name or owner has */
};
/* Words of less than four letters have to be the same, and fingerprints have nothing near. In a thread: reads all names.
 * False, and nothing is given: it was cancelled, which is asked now and then (NULL: nobody does). */
bool nearest_find(const struct graph *g, const char *text, bool (*cancelled)(void *ctx), void *ctx, struct nearest *ret);
void nearest_release(struct nearest *n);

#endif
