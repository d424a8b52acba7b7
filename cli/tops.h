/* Where the hierarchy begins: the roots of a store, or every CA with nobody above it.
 *
 *	uint32_t *top;
 *	size_t n = tops_of_store(g, store, PURPOSE_TLS, &top);
 *	free(top); */
#ifndef CLI_TOPS_H
#define CLI_TOPS_H

#include "index/program.h"

/* CAs that own an anchor of the store for the purpose, each once. */
size_t tops_of_store(const struct graph *g, const struct store *s, enum purpose purpose, uint32_t **ret);
/* CAs without a parent. Of CAs that certify each other and have nobody above them, the one with most unexpired
 * leaves below it stands for all. */
size_t tops_of_all(const struct graph *g, const uint64_t *subtree_unexpired, uint32_t **ret);

#endif
