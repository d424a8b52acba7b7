/* The files of the world; each function writes one kind of source. */
#ifndef WORLD_EMIT_H
#define WORLD_EMIT_H

#include "world.h"

void emit_ccadb(const struct world *w);    /* ccadb/, older/, the CSV of broken/ */
void emit_certdata(const struct world *w); /* mozilla/ */
void emit_files(const struct world *w);    /* undisclosed/, store/, single/, leaves/, broken/, README.txt */
void emit_facts(const struct world *w);    /* facts.tsv */
void emit_ct(const struct world *w);       /* ct/ and sites/, only when asked for */

/* CCADB's owners of a certificate: of its root, and its own where another. */
const struct owner_def *owner_of(const struct cert *c);
const struct owner_def *sub_owner_of(const struct cert *c);

#endif
