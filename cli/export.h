/* The formats of `canopy export`. Those with readers are written by
 * index/export.c; pictures and certificates are written here. */
#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H

#include "cli/cli.h"
#include "index/export.h"

#define EXPORT_OPERAND "FORMAT"

/* The i-th, NULL past the end. */
const char *export_name(size_t i);

/* The affected graph in Graphviz's language, appended. */
void export_dot(struct cli *c, const struct scenario *s, const struct trust_query *q, struct strbuf *out);
/* The affected certificates in PEM, appended; *n counts them. */
int export_certs(struct cli *c, const struct scenario *s, const struct trust_query *q, struct strbuf *out, size_t *n,
	struct err *err);

#endif
